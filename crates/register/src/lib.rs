//! The register of an office: key officials with their terms, their phones and accounts, contacts and groups with a kind, and
//! the decisions about what is left out. `readout` asks it whether a phone may be read; `cli` fills it.
//!
//! It is one SQLite database in one encrypted file (`src/file.rs` says how), read where it lies and replaced whole by
//! every change. Nothing in it is ever deleted: an entry gets a new form or ends, and every form stays with who changed it,
//! when and why.

mod coherence;
mod entry;
mod error;
mod fault;
mod file;
mod rules;
mod schema;
mod store;
pub mod table;
mod view;

pub use entry::{
    Account, AccountKind, Appraisal, Contact, ContactKind, Decision, Entry, FULL_RUN_WEEKS, Field, Form, Group, GroupKind,
    IdentifierFault, Kind, LONGEST_LIST, LONGEST_TEXT, ORGANISATION, Official, Organisation, Phone, Platform, Rubricering,
    folded, identifier, is_of_the_council, normal,
};
pub use error::{Refused, RegisterError};
pub use fault::{Fault, What};
pub use file::RegisterKey;
pub use store::{Action, Applied, Edit, FILE, MOST_EDITS, Mode, Register, Stamp, Store};
pub use view::{Change, Standing, State, Version, View};
