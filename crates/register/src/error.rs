//! Why a register cannot be read or changed, by what the person at the desk can do.

use crate::{Fault, Kind};
use std::io;
use uitlezen_evidence::DatabaseError;
use uitlezen_seal::part::PartError;

/// One entry that is refused. Ids and fields only: no names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Line of the file that it came from.
    pub line: Option<usize>,
    pub kind: Option<Kind>,
    pub id: String,
    pub fault: Fault,
}

#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    #[error("there is no register here yet")]
    Absent,
    #[error("the register was made by a newer version ({0})")]
    Newer(u32),
    /// The file is whole, but its key is not the one of this vault.
    #[error("the register belongs to another vault")]
    OtherKey,
    #[error("the register is damaged: {0}")]
    Damaged(&'static str),
    #[error("the register is larger than this version handles")]
    TooLarge,
    #[error("{} entries are refused", .0.len())]
    Refused(Vec<Refused>),
    #[error("the register cannot be read or written: {0}")]
    Io(#[from] io::Error),
    #[error("the system gave no random numbers")]
    Random,
    /// A fault of ours: SQLite's result code.
    #[error("the register's database failed ({0})")]
    Database(i32),
}

impl From<rusqlite::Error> for RegisterError {
    fn from(error: rusqlite::Error) -> Self {
        match DatabaseError::from(error) {
            DatabaseError::Statement(code) => Self::Database(code.unwrap_or(-1)),
            DatabaseError::Refused(code) => Self::Database(code),
            other => other.into(),
        }
    }
}

impl From<DatabaseError> for RegisterError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::TooLarge | DatabaseError::TimeLimit | DatabaseError::Memory => Self::TooLarge,
            DatabaseError::Unreadable(kind) => Self::Io(kind.unwrap_or(io::ErrorKind::Other).into()),
            DatabaseError::Statement(code) => Self::Database(code.unwrap_or(-1)),
            DatabaseError::Refused(code) => Self::Database(code),
            _ => Self::Damaged("contents"),
        }
    }
}

impl From<PartError> for RegisterError {
    fn from(error: PartError) -> Self {
        match error {
            PartError::Io(error) => Self::Io(error),
            PartError::TooLong => Self::TooLarge,
            _ => Self::Damaged("contents"),
        }
    }
}

impl RegisterError {
    /// A stable word, for events.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Newer(_) => "newer",
            Self::OtherKey => "other-key",
            Self::Damaged(_) => "damaged",
            Self::TooLarge => "too-large",
            Self::Refused(_) => "refused",
            Self::Io(_) => "disk",
            Self::Random | Self::Database(_) => "internal",
        }
    }
}
