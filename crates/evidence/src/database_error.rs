//! What can go wrong with a database from outside, told apart by what it means for the completeness of a readout.

use crate::OverlayError;
use rusqlite::ffi;
use std::io;

/// Which of the two layers found the damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The bytes below SQLite are damaged or forged: an authentication tag, a checksum of a zip (`SQLITE_IOERR_DATA`, 8202).
    Bytes,
    /// The bytes are what was stored, but they do not make a database (`SQLITE_CORRUPT`).
    Structure,
}

/// Why a database, or a statement over it, gave no (further) answer. Rows delivered before an error stand, but **any** error
/// means that the answer is incomplete.
///
/// No variant holds text from SQLite: its messages may quote the schema, which is content.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("not an SQLite database")]
    NotADatabase,
    #[error("the database is damaged ({0:?})")]
    Damaged(Damage),
    /// The bytes could not be had; the kind where it is known.
    #[error("the database could not be read ({})", .0.map_or_else(|| "SQLite".to_owned(), |kind| kind.to_string()))]
    Unreadable(Option<io::ErrorKind>),
    #[error("the statement ran out of its time")]
    TimeLimit,
    /// A statement asked for what no reader of evidence may do: write, attach, call a function that is not allowed, use a
    /// view, open a temporary file. A fault of ours, or a schema that replaces a table by something else.
    #[error("refused (SQLite code {0})")]
    Refused(i32),
    /// A value, a row or the schema is larger than the limits allow, or a log holds more than its bound of pages.
    #[error("larger than its reader allows")]
    TooLarge,
    #[error("out of memory")]
    Memory,
    /// SQLite would refuse the database as well.
    #[error("the write-ahead log is of version {0}, which is unknown")]
    LogVersion(u32),
    /// Page sizes in bytes. The database alone can be read with [`crate::Database::plain`].
    #[error("the write-ahead log has pages of {log} bytes, the database of {database}: they do not belong together")]
    ForeignLog { log: u32, database: u32 },
    /// The statement and the schema do not go together (no such table or column), or a value is of another type than asked
    /// for.
    #[error("the statement does not fit the database (SQLite code {0:?})")]
    Statement(Option<i32>),
}

/// [`DatabaseError`] as [`crate::Database::open`] gives it.
pub type OpenError = DatabaseError;

impl DatabaseError {
    /// From an (extended) result code of SQLite.
    #[must_use]
    pub fn from_code(code: i32) -> Self {
        match (code, code & 0xff) {
            (ffi::SQLITE_IOERR_DATA, _) => Self::Damaged(Damage::Bytes),
            (_, ffi::SQLITE_NOTADB) => Self::NotADatabase,
            (_, ffi::SQLITE_CORRUPT | ffi::SQLITE_FORMAT) => Self::Damaged(Damage::Structure),
            (_, ffi::SQLITE_IOERR) => Self::Unreadable(None),
            (_, ffi::SQLITE_INTERRUPT) => Self::TimeLimit,
            (_, ffi::SQLITE_TOOBIG | ffi::SQLITE_FULL) => Self::TooLarge,
            (_, ffi::SQLITE_NOMEM) => Self::Memory,
            (_, ffi::SQLITE_AUTH | ffi::SQLITE_READONLY | ffi::SQLITE_CANTOPEN | ffi::SQLITE_PERM) => Self::Refused(code),
            _ => Self::Statement(Some(code)),
        }
    }
}

impl From<rusqlite::Error> for DatabaseError {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(failure, _) => Self::from_code(failure.extended_code),
            rusqlite::Error::SqlInputError { error, .. } => Self::from_code(error.extended_code),
            _ => Self::Statement(None),
        }
    }
}

impl From<OverlayError> for DatabaseError {
    fn from(error: OverlayError) -> Self {
        match error {
            OverlayError::LogVersion(version) => Self::LogVersion(version),
            OverlayError::ForeignLog { log, database } => Self::ForeignLog { log, database },
            OverlayError::TooManyPages => Self::TooLarge,
            OverlayError::Io(error) => error.into(),
        }
    }
}

impl From<io::Error> for DatabaseError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidData => Self::Damaged(Damage::Bytes),
            kind => Self::Unreadable(Some(kind)),
        }
    }
}
