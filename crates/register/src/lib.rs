//! The register of an office: key officials with their terms, their phones and accounts, contacts and groups with a kind, and
//! the decisions about what is left out. `readout` asks it whether a phone may be read; `cli` fills it.

mod entry;
mod fault;

pub use entry::{
    Account, AccountKind, Appraisal, Contact, ContactKind, Decision, Entry, FULL_RUN_WEEKS, Form, Group, GroupKind,
    IdentifierFault, Kind, LONGEST_LIST, LONGEST_TEXT, ORGANISATION, Official, Organisation, Phone, Platform, Rubricering,
    folded, identifier,
};
pub use fault::{Fault, What};
