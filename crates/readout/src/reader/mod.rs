//! The reader: everything that parses what came from a phone, behind a child process.

mod client;
mod holder_backup;
mod lines;
mod message;
mod reading;
mod separating;
mod serve;
mod signal;
mod sms;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
mod tests;
mod threema;

pub(crate) use client::Takes;
pub use client::{KeyRing, Reader, ReaderError, Records};
pub(crate) use message::{Given, HolderBackup, SHARED, Separating, Sources};
pub use message::{ReadFailure, Reading, WantedFile};
pub(crate) use serve::serve;
