//! Files of `adb backup` (`.ab`), plain and with AES-256 (`reference/android.md §4.5`).
//!
//! A header of lines, then a tar, perhaps deflated, perhaps encrypted. Everything streams: memory is a few buffers, however large
//! the file. What the header asks for is bounded before any work is done, and so is everything that the tar claims.
//!
//! * [`Header::read`]: versions 1 to 5.
//! * [`Header::unlock`]: the password through PBKDF2, the master key and its checksum; the lines of the header suffice.
//! * [`Header::entries`]: the files of the tar.
//!
//! A wrong password is told from damage by what it opens: bytes that are no master key are a wrong password; a master key whose
//! checksum does not fit is damage. That the checksum of version 1 may be taken over other bytes than that of later versions is
//! allowed for, and was never seen. Nothing authenticates the content.

mod cipher;
mod error;
mod header;
mod keys;
mod tar;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]
mod tests;

pub use error::BackupError;
pub use header::{Encryption, Header, Key, LONGEST_HEADER, recognise};
pub use tar::{Entries, Entry};
