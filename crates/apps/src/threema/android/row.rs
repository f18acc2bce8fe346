//! One row of a table of messages, by the names of its columns.

use super::{
    backup::Backup,
    csv::{Csv, CsvError, Repairs, Row},
};
use crate::ReadError;
use serde_json::Value;
use uitlezen_chat::Moment;
use uitlezen_evidence::{EvidenceError, Reader};

/// The columns of the three kinds of tables; a version may lack any.
const NAMES: [&str; 20] = [
    "apiid",
    "uid",
    "identity",
    "isoutbox",
    // As the app spells it.
    "messagestae",
    "posted_at",
    "created_at",
    "modified_at",
    "type",
    "body",
    "isstatusmessage",
    "caption",
    "quoted_message_apiid",
    "delivered_at",
    "read_at",
    "g_msg_states",
    "display_tags",
    "edited_at",
    "deleted_at",
    "isqueued",
];
const API_ID: usize = 0;
const UID: usize = 1;
const IDENTITY: usize = 2;
const OWN: usize = 3;
const STATE: usize = 4;
const POSTED: usize = 5;
const CREATED: usize = 6;
const MODIFIED: usize = 7;
const TYPE: usize = 8;
const BODY: usize = 9;
const STATUS: usize = 10;
const CAPTION: usize = 11;
const QUOTED: usize = 12;
const DELIVERED: usize = 13;
const READ: usize = 14;
const STATES: usize = 15;
const TAGS: usize = 16;
const EDITED: usize = 17;
const DELETED: usize = 18;

/// A table of messages while it is read.
#[derive(Debug)]
pub(super) struct Table {
    csv: Csv<Reader>,
    at: [Option<usize>; NAMES.len()],
}

/// A row of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct MessageRow<'r> {
    row: &'r Row,
    at: &'r [Option<usize>; NAMES.len()],
}

impl From<CsvError> for ReadError {
    fn from(error: CsvError) -> Self {
        match error {
            CsvError::Io(error) if error.kind() != std::io::ErrorKind::InvalidData => unreadable(),
            CsvError::Io(_) | CsvError::Cut | CsvError::NoNames => Self::Damaged,
        }
    }
}

/// The bytes could not be had, which says nothing of what they are.
fn unreadable() -> ReadError {
    ReadError::Database { code: rusqlite::ffi::SQLITE_IOERR }
}

/// Begins to read a table.
pub(super) fn csv(backup: &Backup, name: &str) -> Result<Csv<Reader>, ReadError> {
    let reader = backup.table(name).map_err(|error| match error {
        EvidenceError::Io(error) if error.kind() != std::io::ErrorKind::InvalidData => unreadable(),
        _ => ReadError::Damaged,
    })?;
    Ok(Csv::open(reader)?)
}

impl Table {
    pub(super) fn open(backup: &Backup, name: &str) -> Result<Self, ReadError> {
        let csv = csv(backup, name)?;
        let at = csv.columns(NAMES);
        Ok(Self { csv, at })
    }

    /// Columns without which a row says nothing.
    pub(super) fn lacks(&self) -> impl Iterator<Item = &'static str> {
        [API_ID, UID, OWN, POSTED, TYPE, BODY]
            .into_iter()
            .filter(|at| self.at.get(*at).copied().flatten().is_none())
            .filter_map(|at| NAMES.get(at).copied())
    }

    /// Each row, up to the end or to where the table is damaged.
    pub(super) fn each(&mut self, mut with: impl FnMut(MessageRow<'_>) -> Result<(), ReadError>) -> Result<(), ReadError> {
        while let Some(row) = self.csv.next()? {
            with(MessageRow { row: &row, at: &self.at })?;
        }
        Ok(())
    }

    pub(super) fn repairs(&self) -> Repairs {
        self.csv.repairs()
    }
}

impl<'r> MessageRow<'r> {
    fn text(self, column: usize) -> Option<&'r str> {
        self.row.text(self.at.get(column).copied().flatten())
    }

    fn moment(self, column: usize) -> Option<Moment> {
        let raw = self.row.number(self.at.get(column).copied().flatten()).filter(|raw| *raw != 0)?;
        Some(Moment::from_millis(raw))
    }

    fn flag(self, column: usize) -> bool {
        self.row.flag(self.at.get(column).copied().flatten())
    }

    /// Its place in the table, from 0.
    pub(super) fn place(self) -> i64 {
        i64::try_from(self.row.number).unwrap_or(i64::MAX)
    }

    pub(super) fn api_id(self) -> Option<&'r str> {
        self.text(API_ID)
    }

    pub(super) fn uid(self) -> Option<&'r str> {
        self.text(UID)
    }

    pub(super) fn identity(self) -> Option<&'r str> {
        self.text(IDENTITY)
    }

    pub(super) fn own(self) -> bool {
        self.flag(OWN)
    }

    pub(super) fn state(self) -> Option<&'r str> {
        self.text(STATE)
    }

    /// When the sender sent it.
    pub(super) fn posted(self) -> Option<Moment> {
        self.moment(POSTED)
    }

    /// When this phone made the row.
    pub(super) fn created(self) -> Option<Moment> {
        self.moment(CREATED)
    }

    pub(super) fn modified(self) -> Option<&'r str> {
        self.text(MODIFIED)
    }

    pub(super) fn kind(self) -> &'r str {
        self.text(TYPE).unwrap_or_default()
    }

    pub(super) fn body(self) -> Option<&'r str> {
        self.text(BODY)
    }

    pub(super) fn is_status(self) -> bool {
        self.flag(STATUS)
    }

    pub(super) fn caption(self) -> Option<String> {
        self.text(CAPTION).map(str::to_owned)
    }

    pub(super) fn quoted(self) -> Option<&'r str> {
        self.text(QUOTED)
    }

    pub(super) fn delivered(self) -> Option<Moment> {
        self.moment(DELIVERED)
    }

    pub(super) fn read(self) -> Option<Moment> {
        self.moment(READ)
    }

    pub(super) fn states(self) -> Option<&'r str> {
        self.text(STATES)
    }

    pub(super) fn tags(self) -> Option<&'r str> {
        self.text(TAGS).filter(|tags| *tags != "0")
    }

    pub(super) fn edited(self) -> Option<Moment> {
        self.moment(EDITED)
    }

    pub(super) fn deleted(self) -> Option<Moment> {
        self.moment(DELETED)
    }

    /// A body that is a list in JSON, as the app writes all but texts.
    pub(super) fn list(self) -> Option<Vec<Value>> {
        match serde_json::from_str(self.body()?) {
            Ok(Value::Array(list)) => Some(list),
            _ => None,
        }
    }

    /// A status: its kind and what belongs to it.
    pub(super) fn status(self) -> Option<Status> {
        let mut list = self.list()?.into_iter();
        let kind = list.next()?.as_i64()?;
        let Value::Object(said) = list.next()? else { return None };
        Some(Status { kind, said })
    }
}

/// What a status says.
#[derive(Debug)]
pub(super) struct Status {
    pub(super) kind: i64,
    said: serde_json::Map<String, Value>,
}

impl Status {
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.said.get(name)?.as_i64()
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.said.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// One number for what happened, of the kind and its own.
    pub(super) fn code(&self) -> i64 {
        self.kind.saturating_mul(1000).saturating_add(self.number("status").unwrap_or(-1))
    }
}
