//! Why a backup file could not be read. Holds nothing of it.

use std::io;

/// What ended a reading. Frames are counted from 1.
#[derive(Debug, thiserror::Error)]
pub enum LegacyError {
    #[error("this is no backup file of Signal")]
    NotABackup,
    #[error("the backup file is of version {version}, which is not supported")]
    Version { version: u64 },
    /// No frame verifies and nothing decrypts to what a backup begins with.
    #[error("the passphrase does not open this backup")]
    WrongPassphrase,
    /// The bytes are not those that the app wrote. At frame 1 the passphrase is right nevertheless.
    #[error("frame {frame} of the backup is damaged")]
    Damaged { frame: u64 },
    #[error("frame {frame} of the backup says that it is {bytes} bytes long")]
    Length { frame: u64, bytes: u64 },
    /// The file ends before its last frame.
    #[error("the backup ends at frame {frame}, before its end")]
    Truncated { frame: u64 },
    /// It verifies, and is no frame.
    #[error("frame {frame} of the backup is not understood")]
    Malformed { frame: u64 },
    #[error("the backup could not be read")]
    Io(#[source] io::Error),
}

impl LegacyError {
    /// An error of reading bytes at frame `frame`.
    pub(super) fn reading(error: io::Error, frame: u64) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated { frame },
            _ => Self::Io(error),
        }
    }
}

/// Why a blob is not given.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("the bytes are damaged")]
    Damaged,
    #[error("the bytes could not be read")]
    Io(#[from] io::Error),
}
