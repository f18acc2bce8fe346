//! Why a snapshot could not be read. Holds nothing of it.

use std::io;

/// What ended a reading. Frames are counted from 1; the first is about the backup itself.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// `metadata` is none.
    #[error("this is no backup folder of Signal")]
    NotABackup,
    #[error("the backup is of version {version}, which is not supported")]
    Version { version: u64 },
    /// What Signal keeps on its servers: the recovery key alone does not open it.
    #[error("this is a backup from Signal's servers, which cannot be opened here")]
    FromServer,
    #[error("the recovery key does not open this backup")]
    WrongKey,
    /// The bytes are not those that the app wrote, although the key is right.
    #[error("the backup is damaged")]
    Damaged,
    #[error("frame {frame} of the backup says that it is {bytes} bytes long")]
    Length { frame: u64, bytes: u64 },
    #[error("the backup ends within frame {frame}")]
    Truncated { frame: u64 },
    #[error("frame {frame} of the backup is not understood")]
    Malformed { frame: u64 },
    /// It verifies, and what is compressed in it is not.
    #[error("the backup does not decompress behind frame {frame}")]
    Compression { frame: u64 },
    /// Behind the end stands something.
    #[error("something stands behind the end of the backup")]
    Behind,
    #[error("the backup could not be read")]
    Io(#[source] io::Error),
}
