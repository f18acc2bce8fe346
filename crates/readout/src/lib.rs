//! The run: gate → preflight → acquire → read → check → seal. Emits events; draws nothing, asks nothing.
//!
//! `cli` (and later a kiosk page) builds a [`Job`] from a [`Plan`] and listens. The closing process, which this crate is the
//! heart of, holds the keys and parses nothing that came from a phone: it talks to two [`child`] processes over pipes, the
//! [`link`] (which speaks to the phone) and the [`reader`] (which opens backups and databases), and treats what they send as
//! bytes and as small messages of closed types.

mod admission;
mod cancel;
pub mod child;
pub mod earlier;
mod event;
pub mod ledger;
pub mod link;
pub mod pipe;
mod plan;
pub mod reader;
pub mod records;
pub mod report;
pub mod run;
pub mod statement;
pub mod unsealing;
pub mod words;

pub use admission::{
    Admission, Admitted, Basis, Denied, How, Objection, Presented, RegisterState, Retention, Term, Unregistered,
};
pub use cancel::Cancel;
pub use event::{Event, HolderTask, Listener, PhoneFacts, Stage};
pub use plan::{LARGEST_PLAN, Plan, PlanError, Platform, Purpose};
pub use report::Report;
