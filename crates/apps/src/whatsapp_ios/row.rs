//! One row of `ZWAMESSAGE`, with the columns that are read.

use super::survey;
use crate::reading::{
    cocoa,
    schema::Schema,
    value::{self, Repairs},
};
use rusqlite::Row;
use uitlezen_chat::Moment;

/// The columns, in the order in which the schema has them: SQLite finds each behind the one before.
const COLUMNS: [&str; 16] = [
    "rowid",
    "zgroupeventtype",
    "zisfromme",
    "zmessageerrorstatus",
    "zmessagestatus",
    "zmessagetype",
    "zstarred",
    "zchatsession",
    "zgroupmember",
    "zmediaitem",
    "zparentmessage",
    "zmessagedate",
    "zsentdate",
    "zfromjid",
    "zstanzaid",
    "ztext",
];

/// A row as it stands.
#[derive(Debug, Default)]
pub(super) struct MessageRow {
    pub(super) id: i64,
    pub(super) event: i64,
    pub(super) from_me: bool,
    pub(super) error: Option<i64>,
    pub(super) status: Option<i64>,
    pub(super) kind: i64,
    pub(super) starred: bool,
    pub(super) chat: i64,
    pub(super) member: Option<i64>,
    pub(super) media: Option<i64>,
    pub(super) parent: Option<i64>,
    /// When it was shown, and when it was sent; see [`super::compose`].
    pub(super) shown: Option<Moment>,
    pub(super) sent: Option<Moment>,
    /// Only where no member is named.
    pub(super) from: Option<String>,
    pub(super) key: String,
    pub(super) text: Option<String>,
}

/// The statement that reads rows behind `?1`, at most `?2`.
pub(super) fn statement(schema: &Schema<'_>) -> Option<String> {
    let columns = schema.columns("zwamessage", "m", &COLUMNS)?;
    Some(format!("SELECT {columns} FROM zwamessage m WHERE m.rowid > ?1 ORDER BY m.rowid LIMIT ?2"))
}

impl MessageRow {
    /// Nothing for a row without a row id.
    pub(super) fn read(row: &Row<'_>, repairs: &Repairs) -> Option<Self> {
        let from_me = value::flag(row, 2);
        let member = value::positive(row, 8);
        Some(Self {
            id: value::int(row, 0)?,
            event: value::int(row, 1).unwrap_or(0),
            from_me,
            error: value::nonzero(row, 3),
            status: value::int(row, 4),
            kind: value::int(row, 5).unwrap_or(-1),
            starred: value::flag(row, 6),
            chat: survey::chat(row, 7),
            member,
            media: value::positive(row, 9),
            parent: value::positive(row, 10),
            shown: cocoa::at(row, 11),
            sent: cocoa::at(row, 12),
            from: if from_me || member.is_some() { None } else { repairs.text(row, 13) },
            key: repairs.text(row, 14).unwrap_or_default(),
            text: repairs.text(row, 15),
        })
    }

    /// Bytes that it holds.
    pub(super) fn weight(&self) -> usize {
        let texts = [&self.from, &self.text];
        size_of::<Self>() + self.key.len() + texts.into_iter().flatten().map(String::len).sum::<usize>()
    }
}
