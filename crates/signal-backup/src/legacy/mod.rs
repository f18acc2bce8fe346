//! The file `signal-….backup`, both versions of its header.
//!
//! [`Backup::open`] reads the head in the clear, [`Backup::unlock`] tells a wrong passphrase from damage, and
//! [`Unlocked::frames`] streams the rest: memory stays as large as the largest frame. A blob (an attachment) is not read on
//! the way; [`Unlocked::blob`] checks it as a whole and then gives any stretch of it.
//!
//! Version 1 of the header encrypts the lengths of frames; beyond the published vector it was tried on files of our own
//! generator only.

mod blob;
mod error;
mod frame;
mod frames;
mod head;
mod keys;
mod passphrase;

pub use blob::{Blob, BlobSource};
pub use error::{BlobError, LegacyError};
pub use frame::{Frame, Parameter, Preference, Setting, SettingValue, Statement};
pub use frames::Frames;
pub use head::{Backup, Version, recognise};
pub use keys::Unlocked;
pub use passphrase::{FileKeys, Passphrase, PassphraseError};

#[cfg(test)]
mod tests;
