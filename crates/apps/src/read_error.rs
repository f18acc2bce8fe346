//! Why a database could not be read, and where reading it stopped.

use crate::{Stopped, Summary};
use std::io;

/// Why a reading gave no summary. Errors of the database after the first record do not end here but in [`Summary::stopped`].
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// SQLite's extended result code, -1 when it has none. No text of SQLite: it may quote the schema.
    #[error("the database could not be read (SQLite code {code})")]
    Database { code: i32 },
    /// A table delivers more rows than its file can hold, or rows out of order.
    #[error("the database runs in circles")]
    Circular,
    /// What verified and came before stands in the records; then it ends, or is no such thing.
    #[error("the backup is damaged")]
    Damaged,
    /// The table of messages does not exist: another file under that name.
    #[error("this is not the message database of the app")]
    NotAMessageStore,
    #[error("the records could not be passed on")]
    Sink(#[source] io::Error),
}

impl From<rusqlite::Error> for ReadError {
    fn from(error: rusqlite::Error) -> Self {
        let code = match error {
            rusqlite::Error::SqliteFailure(failure, _) => failure.extended_code,
            rusqlite::Error::SqlInputError { error, .. } => error.extended_code,
            _ => -1,
        };
        Self::Database { code }
    }
}

impl ReadError {
    pub(crate) fn code(&self) -> i32 {
        match self {
            Self::Database { code } => *code,
            Self::Circular | Self::Damaged => rusqlite::ffi::SQLITE_CORRUPT,
            Self::NotAMessageStore | Self::Sink(_) => -1,
        }
    }
}

/// Notes where a stage stopped, and lets the next one go on with what there is.
pub(crate) fn note(summary: &mut Summary, table: &str, result: Result<(), ReadError>) -> Result<(), ReadError> {
    match result {
        Err(ReadError::Sink(error)) => Err(ReadError::Sink(error)),
        Err(error) => {
            let stopped = Stopped { table: table.to_owned(), code: error.code() };
            if !summary.stopped.contains(&stopped) {
                summary.stopped.push(stopped);
            }
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}
