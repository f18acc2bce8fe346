//! Why a backup cannot be read.

use std::io;

#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("not a file of adb backup")]
    NotABackup,
    #[error("version {0} of the format is not known")]
    Version(u32),
    /// Every length and the work are bounded before anything is done.
    #[error("the header is damaged, or asks for more work than any real one")]
    Header,
    #[error("the backup is encrypted and no password was given")]
    PasswordMissing,
    #[error("the password is not that of the backup")]
    WrongPassword,
    #[error("the backup is damaged, or ends too early")]
    Damaged,
    /// A name, a list or the whole is larger than any real one.
    #[error("the backup claims more than is read")]
    TooLarge,
    #[error("the backup could not be read")]
    Unreadable(#[source] io::Error),
}

impl From<io::Error> for BackupError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Self::Damaged,
            _ => Self::Unreadable(error),
        }
    }
}
