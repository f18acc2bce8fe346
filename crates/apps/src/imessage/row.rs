//! One row of `message`, with the columns that are read.

use crate::reading::{
    schema::Schema,
    value::{self, Repairs},
};
use rusqlite::{Row, types::ValueRef};
use std::borrow::Cow;

/// Blobs longer than this are not taken along; no message has one.
const LONGEST_BLOB: usize = 16 << 20;

/// The columns, in the order in which the newest schema has them: SQLite finds each behind the one before.
const COLUMNS: [&str; 34] = [
    "rowid",
    "guid",
    "text",
    "handle_id",
    "subject",
    "attributedbody",
    "service",
    "error",
    "date",
    "date_read",
    "date_delivered",
    "is_from_me",
    "is_audio_message",
    "date_played",
    "item_type",
    "other_handle",
    "group_title",
    "group_action_type",
    "share_status",
    "is_expirable",
    "expire_state",
    "associated_message_guid",
    "associated_message_type",
    "balloon_bundle_id",
    "payload_data",
    "expressive_send_style_id",
    "message_summary_info",
    "destination_caller_id",
    "is_spam",
    "thread_originator_guid",
    "thread_originator_part",
    "date_retracted",
    "date_edited",
    "associated_message_emoji",
];

/// Columns that are kept as they are, by their place: what they mean is not established, or nothing here asks for it.
const KEPT: [(usize, &str); 9] = [
    (4, "message.subject"),
    (18, "message.share_status"),
    (20, "message.expire_state"),
    (23, "message.balloon_bundle_id"),
    (24, "message.payload_data"),
    (25, "message.expressive_send_style_id"),
    (28, "message.is_spam"),
    (30, "message.thread_originator_part"),
    (31, "message.date_retracted"),
];

/// A row as it stands.
#[derive(Debug, Default)]
pub(super) struct MessageRow {
    pub(super) id: i64,
    pub(super) guid: Option<String>,
    pub(super) text: Option<String>,
    pub(super) handle: i64,
    pub(super) body: Option<Vec<u8>>,
    pub(super) service: Option<Cow<'static, str>>,
    pub(super) error: Option<i64>,
    pub(super) date: i64,
    pub(super) date_read: Option<i64>,
    pub(super) date_delivered: Option<i64>,
    pub(super) from_me: bool,
    pub(super) audio: bool,
    pub(super) date_played: Option<i64>,
    pub(super) item_type: i64,
    pub(super) other_handle: i64,
    pub(super) group_title: Option<String>,
    pub(super) group_action: i64,
    pub(super) expirable: bool,
    pub(super) associated: Option<String>,
    pub(super) associated_type: i64,
    pub(super) summary_info: Option<Vec<u8>>,
    pub(super) own_address: Option<String>,
    pub(super) originator: Option<String>,
    pub(super) date_edited: Option<i64>,
    pub(super) emoji: Option<String>,
    /// See [`KEPT`].
    pub(super) kept: Vec<(&'static str, String)>,
}

/// The statement that reads rows behind `?1`, at most `?2`, and the one that reads a single row.
pub(super) fn statements(schema: &Schema<'_>) -> Option<(String, String)> {
    let columns = schema.columns("message", "m", &COLUMNS)?;
    Some((
        format!("SELECT {columns} FROM message m WHERE m.rowid > ?1 ORDER BY m.rowid LIMIT ?2"),
        format!("SELECT {columns} FROM message m WHERE m.rowid = ?1"),
    ))
}

fn blob(row: &Row<'_>, column: usize) -> Option<Vec<u8>> {
    match row.get_ref(column).ok()? {
        ValueRef::Blob(bytes) | ValueRef::Text(bytes) if !bytes.is_empty() && bytes.len() <= LONGEST_BLOB => Some(bytes.to_vec()),
        _ => None,
    }
}

fn service(row: &Row<'_>, column: usize, repairs: &Repairs) -> Option<Cow<'static, str>> {
    match row.get_ref(column).ok()? {
        ValueRef::Text(b"iMessage") => Some(Cow::Borrowed("iMessage")),
        ValueRef::Text(b"SMS") => Some(Cow::Borrowed("SMS")),
        ValueRef::Text(b"RCS") => Some(Cow::Borrowed("RCS")),
        _ => repairs.text(row, column).map(Cow::Owned),
    }
}

impl MessageRow {
    /// Nothing for a row without a row id.
    pub(super) fn read(row: &Row<'_>, repairs: &Repairs) -> Option<Self> {
        let mut kept = Vec::new();
        for (column, name) in KEPT {
            // Nearly every one is 0 or nothing: no text is made of it to see that.
            if matches!(row.get_ref(column), Ok(ValueRef::Null | ValueRef::Integer(0))) {
                continue;
            }
            if let Some(raw) = value::raw(repairs, row, column).filter(|raw| raw != "0") {
                kept.push((name, raw));
            }
        }
        Some(Self {
            id: value::int(row, 0)?,
            guid: repairs.text(row, 1),
            text: repairs.text(row, 2),
            handle: value::int(row, 3).unwrap_or(0),
            body: blob(row, 5),
            service: service(row, 6, repairs),
            error: value::nonzero(row, 7),
            date: value::int(row, 8).unwrap_or(0),
            date_read: value::nonzero(row, 9),
            date_delivered: value::nonzero(row, 10),
            from_me: value::flag(row, 11),
            audio: value::flag(row, 12),
            date_played: value::nonzero(row, 13),
            item_type: value::int(row, 14).unwrap_or(0),
            other_handle: value::int(row, 15).unwrap_or(0),
            group_title: repairs.text(row, 16),
            group_action: value::int(row, 17).unwrap_or(0),
            expirable: value::flag(row, 19),
            associated: repairs.text(row, 21),
            associated_type: value::int(row, 22).unwrap_or(0),
            summary_info: blob(row, 26),
            own_address: repairs.text(row, 27),
            originator: repairs.text(row, 29),
            date_edited: value::nonzero(row, 32),
            emoji: repairs.text(row, 33),
            kept,
        })
    }

    /// Bytes that it holds.
    pub(super) fn weight(&self) -> usize {
        let texts = [&self.text, &self.guid, &self.group_title, &self.associated, &self.own_address, &self.originator];
        let texts: usize = texts.into_iter().flatten().map(String::len).sum();
        let blobs: usize = [&self.body, &self.summary_info].into_iter().flatten().map(Vec::len).sum();
        let kept: usize = self.kept.iter().map(|(_, raw)| raw.len()).sum();
        size_of::<Self>() + texts + blobs + kept
    }
}
