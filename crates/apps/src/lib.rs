//! Messaging apps: where their data lies, how to unlock it, how to read it.
//!
//! One folder an app. `readout` asks an app what it wants from a phone (patterns over item names), hands the items it got
//! to the app as evidence, and receives `chat` records in order. Nothing here knows a phone, a seal or a screen, nothing is
//! written anywhere, and no text from a phone stands in an error.

mod app;
mod evidenced;
pub mod holder_backup;
pub mod imessage;
mod media_refused;
mod read_error;
mod reading;
mod separation;
pub mod signal;
mod sink;
pub mod sms;
mod summary;
pub mod threema;
pub mod whatsapp;
pub mod whatsapp_ios;

pub use app::App;
pub use evidenced::Evidenced;
pub use media_refused::MediaRefused;
pub use read_error::ReadError;
pub use separation::{Goes, Separation};
pub use sink::{RecordSink, RunSink};
pub use summary::{
    DefaultTimerHint, HolderKnown, IncrementCounts, MessageTable, NotAsked, Oddities, OthersDefaultTimer, RecentlyDeleted,
    RowGaps, Stopped, Summary, TableNature, Undecoded, UnreadTable, ViewOnceCounts,
};

pub(crate) use read_error::note;
pub(crate) use separation::Parted;
pub(crate) use sink::Nobody;
