//! The reader: everything that parses what came from a phone, behind a child process.

mod client;
mod lines;
mod message;
mod serve;

pub use client::{KeyRing, Reader, ReaderError, Records};
pub(crate) use message::Sources;
pub use message::{ReadFailure, Reading, WantedFile};
pub(crate) use serve::serve;
