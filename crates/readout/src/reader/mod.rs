//! The reader: everything that parses what came from a phone, behind a child process.

mod client;
mod lines;
mod message;
mod separating;
mod serve;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
mod tests;

pub use client::{KeyRing, Reader, ReaderError, Records};
pub use message::{ReadFailure, Reading, WantedFile};
pub(crate) use message::{Separating, Sources};
pub(crate) use serve::serve;
