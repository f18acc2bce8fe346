//! Why a backup could not be unlocked, by what the person at the desk can do about it.

use super::prefix::{HeadError, KeyMode, Kind};
use std::io;

/// Whatever reached `out` before one of these is to be thrown away.
#[derive(Debug, thiserror::Error)]
pub enum UnlockError {
    /// No backup of WhatsApp, or one whose first bytes are destroyed.
    #[error("this is no WhatsApp backup ({0:?})")]
    NotABackup(NotABackup),
    /// A backup of a form that this version does not know.
    #[error("this backup has a form that is not supported ({0:?})")]
    Unsupported(Unsupported),
    /// The file needs another kind of key than was given.
    #[error("this {kind:?} backup needs another key ({mismatch:?})")]
    NotForThisKey { kind: Kind, mismatch: KeyMismatch },
    /// The key does not belong to this file.
    #[error("the key does not belong to this {kind:?} backup (certain: {certain})")]
    WrongKey {
        kind: Kind,
        /// How the holder keeps the key, as the file says: with a password or passkey other steps are needed.
        mode: Option<KeyMode>,
        /// The file's checksum shows that its bytes are whole. Without it (increments have none) heavy damage would look
        /// the same.
        certain: bool,
    },
    /// The file is shorter than what was written; the key fits as far as could be seen.
    #[error("the backup is cut short at {bytes} bytes")]
    Truncated { bytes: u64 },
    /// The file is not as it was written; the key fits as far as could be seen.
    #[error("the backup was altered ({part:?})")]
    Altered { part: AlteredPart },
    #[error("the backup is larger than the limit ({0:?})")]
    TooLarge(TooLarge),
    /// Genuine, but its content cannot be unpacked.
    #[error("the content of the backup cannot be unpacked ({0:?})")]
    Content(ContentError),
    #[error("the backup could not be read: {0}")]
    Source(#[source] io::Error),
    #[error("the content of the backup could not be passed on: {0}")]
    Output(#[source] io::Error),
}

/// What a file that is no backup looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotABackup {
    Empty,
    /// An unencrypted database.
    PlainDatabase,
    PlainZip,
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsupported {
    /// A crypt14 head with another cipher version than `0001`.
    CipherVersion,
    /// A head with neither or both of the two cipher parts.
    HeadForm,
    /// More ciphertext than the cipher's counter allows (64 GiB).
    Length,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyMismatch {
    /// crypt15 without a 64-digit key; crypt12/14 without a key file. For the latter there is no way for an owner without
    /// root: end-to-end backup with a 64-digit key must be switched on and a new backup made (reference/android.md §2.2).
    NotGiven,
    /// The key file is of another version or salt than the head of the backup names.
    OtherKeyFile,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlteredPart {
    Head,
    /// The ciphertext or its tag.
    Content,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooLarge {
    /// The content unpacks to more bytes than allowed.
    Bytes { limit: u64 },
    /// The content unpacks to more bytes per packed byte than any real backup does.
    Ratio { limit: u64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentError {
    /// The zlib stream is broken.
    Broken,
    /// The zlib stream ends before its end mark.
    Incomplete,
}

impl From<HeadError> for UnlockError {
    fn from(error: HeadError) -> Self {
        match error {
            HeadError::NotABackup => Self::NotABackup(NotABackup::Unknown),
            HeadError::Damaged => Self::Altered { part: AlteredPart::Head },
            HeadError::Truncated => Self::Truncated { bytes: 0 },
            HeadError::UnknownCipher => Self::Unsupported(Unsupported::CipherVersion),
            HeadError::UnknownForm => Self::Unsupported(Unsupported::HeadForm),
        }
    }
}
