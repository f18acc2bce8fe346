//! Why a backup could not be opened. Nothing here repeats a name, a path or a password.

use crate::KeyBagError;
use std::io;
use uitlezen_evidence::{DatabaseError, EvidenceError};
use uitlezen_property_list::PlistError;

/// Why a folder is no backup that can be read.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("there is no backup here")]
    Absent,
    /// A `Manifest.mbdb`.
    #[error("the backup was made by an iOS before 10, whose backups are not read")]
    TooOld,
    #[error("the backup has no Manifest.db")]
    NoManifest,
    /// Manifest.db is no database, and no Manifest.plist has the keys to it.
    #[error("the backup is encrypted, and its Manifest.plist is missing")]
    NoKeyBag,
    #[error("Manifest.plist could not be read: {0}")]
    List(#[from] PlistError),
    /// It says that the backup is encrypted and has no key bag, or no key for the manifest.
    #[error("Manifest.plist lacks what an encrypted backup needs")]
    Incomplete,
    #[error("{0}")]
    KeyBag(#[from] KeyBagError),
    #[error("the backup is encrypted, and no password was given")]
    Locked,
    /// The password is right, the bytes are not.
    #[error("the encrypted Manifest.db is damaged")]
    DamagedManifest,
    /// `Files` or one of its columns is not there.
    #[error("Manifest.db has no list of files")]
    NoList,
    #[error("Manifest.db could not be read: {0}")]
    Database(#[from] DatabaseError),
    /// More rows than the file has room for: its pages point at each other.
    #[error("Manifest.db has more rows than fit in it")]
    TooManyRows,
    #[error("the list of files was not read to its end")]
    Stopped,
    #[error("the backup could not be read: {0}")]
    Io(#[from] io::Error),
}

impl From<EvidenceError> for BackupError {
    fn from(error: EvidenceError) -> Self {
        match error {
            EvidenceError::Absent => Self::Io(io::ErrorKind::NotFound.into()),
            EvidenceError::Io(error) => Self::Io(error),
            EvidenceError::Damaged(_) => Self::Io(io::ErrorKind::InvalidData.into()),
        }
    }
}

/// Why a password opened nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnlockError {
    /// It opens no class key at all.
    #[error("the password is not that of this backup")]
    WrongPassword,
    #[error("the derivation was stopped")]
    Cancelled,
    /// The password opens class keys, but not with them the key of the manifest.
    #[error("the keys of the backup are damaged")]
    Damaged,
    #[error("the backup is not encrypted")]
    NotEncrypted,
    #[error("{0}")]
    KeyBag(#[from] KeyBagError),
}
