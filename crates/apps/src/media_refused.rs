//! Why a file that lies within a backup is not given.

/// No name in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MediaRefused {
    /// No record can have named it.
    #[error("no message names such a file")]
    Unknown,
    /// A message names it, and it is not in the backup, or beside it.
    #[error("the file is not in the backup")]
    Missing,
    #[error("the file is not what the app wrote")]
    Damaged,
    #[error("the file could not be read")]
    Unreadable,
}
