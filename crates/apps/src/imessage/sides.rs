//! What other tables hold about a run of messages: their files, and the messages that they answer.

use super::{guid::Guid, people::People, places::Places, row::MessageRow};
use crate::{
    ReadError,
    reading::{
        rows::Rows,
        schema::{Schema, Side},
        value::{self, Repairs},
    },
};
use foldhash::HashMap;
use rusqlite::Connection;
use uitlezen_chat::Sender;

/// Most files of one run, and the bytes that what is written of them may take.
const MOST_ROWS: usize = 1 << 17;
const MOST_BYTES: usize = 32 << 20;

/// A row of `attachment`, as a message names it.
#[derive(Debug, Default)]
pub(super) struct File {
    /// The row is there.
    pub(super) known: bool,
    pub(super) guid: Option<String>,
    pub(super) path: Option<String>,
    pub(super) media_type: Option<String>,
    pub(super) name: Option<String>,
    pub(super) bytes: Option<u64>,
    pub(super) sticker: bool,
    pub(super) hidden: bool,
    pub(super) transfer_state: Option<i64>,
}

/// A message that another one answers.
#[derive(Debug)]
pub(super) struct Original {
    pub(super) row: i64,
    pub(super) conversation: Option<u32>,
    pub(super) by: Sender,
    pub(super) date: i64,
}

/// The statements, made once for all runs.
#[derive(Debug, Default)]
pub(super) struct Sides {
    files: Option<Side>,
    original: Option<String>,
}

/// What was found for one run.
#[derive(Debug, Default)]
pub(super) struct Window {
    pub(super) files: Rows<File>,
    pub(super) originals: HashMap<Guid, Original>,
    pub(super) dropped: u64,
}

impl Sides {
    pub(super) fn prepare(schema: &Schema<'_>) -> Result<Self, ReadError> {
        let wanted = [
            "rowid",
            "guid",
            "filename",
            "mime_type",
            "transfer_name",
            "total_bytes",
            "is_sticker",
            "hide_attachment",
            "transfer_state",
        ];
        let files = if schema.has("attachment") && schema.has_column("message_attachment_join", "attachment_id") {
            let columns = schema.joined("attachment", "a", &wanted);
            let join = "LEFT JOIN attachment a ON a.rowid = s.attachment_id";
            Side::new(schema, "message_attachment_join", "message_id", &columns, join)?
        } else {
            schema.columns("message_attachment_join", "s", &["message_id"]);
            schema.columns("attachment", "a", &wanted);
            None
        };
        // Where no index finds a guid, asking for one would read the whole table.
        let keyed = schema.has_column("message", "guid") && schema.is_keyed("message", "guid");
        let columns = if keyed { schema.columns("message", "m", &["rowid", "handle_id", "is_from_me", "date"]) } else { None };
        let original = columns.map(|columns| format!("SELECT {columns} FROM message m WHERE m.guid = ?1"));
        Ok(Self { files, original })
    }

    pub(super) fn refused(&self) -> u64 {
        self.files.as_ref().map_or(0, Side::refused)
    }

    /// The statements, for a test to look at their plans.
    #[cfg(test)]
    pub(super) fn statements(&self) -> Vec<String> {
        self.files.iter().map(|side| side.statement().to_owned()).chain(self.original.clone()).collect()
    }

    pub(super) fn window(
        &self,
        conn: &Connection,
        rows: &[MessageRow],
        repairs: &Repairs,
        people: &People,
        places: &Places,
    ) -> (Window, Result<(), ReadError>) {
        let mut window = Window::default();
        let files = self.files(conn, rows, repairs, &mut window);
        let originals = self.originals(conn, rows, people, places, &mut window);
        (window, files.and(originals))
    }

    fn files(&self, conn: &Connection, rows: &[MessageRow], repairs: &Repairs, window: &mut Window) -> Result<(), ReadError> {
        let (Some(side), Some(first), Some(last)) = (&self.files, rows.first(), rows.last()) else { return Ok(()) };
        let (mut found, mut left, mut dropped) = (Vec::new(), MOST_BYTES, 0);
        let read = side.between(conn, first.id, last.id, |message, row| {
            if found.len() >= MOST_ROWS || left == 0 {
                dropped += 1;
                return false;
            }
            let mut text = |column| {
                let text = repairs.text(row, column)?;
                left = left.saturating_sub(text.len());
                Some(text)
            };
            let file = File {
                guid: text(2),
                path: text(3),
                media_type: text(4),
                name: text(5),
                known: value::int(row, 1).is_some(),
                bytes: value::unsigned(row, 6),
                sticker: value::flag(row, 7),
                hidden: value::flag(row, 8),
                transfer_state: value::int(row, 9),
            };
            found.push((message, value::int(row, 10).unwrap_or(0), Some(file)));
            true
        });
        found.sort_by_key(|(message, row, _)| (*message, *row));
        window.files = Rows::of(found);
        window.dropped += dropped;
        read
    }

    fn originals(
        &self,
        conn: &Connection,
        rows: &[MessageRow],
        people: &People,
        places: &Places,
        window: &mut Window,
    ) -> Result<(), ReadError> {
        let Some(sql) = &self.original else { return Ok(()) };
        let mut guids: Vec<&str> = rows.iter().filter_map(|row| row.target()).collect();
        if guids.is_empty() {
            return Ok(());
        }
        guids.sort_unstable();
        guids.dedup();
        let mut one = conn.prepare_cached(sql)?;
        for guid in guids {
            let mut found = one.query([guid])?;
            let Some(row) = found.next()? else { continue };
            let Some(id) = value::int(row, 0) else { continue };
            // Nothing is told of what was deleted, also not by whom it was.
            if places.is_deleted(id) {
                continue;
            }
            let by = value::int(row, 1).and_then(|handle| people.of_handle(handle)).and_then(|person| people.sender(person));
            let by = if value::flag(row, 2) { Sender::Holder } else { by.unwrap_or(Sender::Unknown) };
            let original = Original { row: id, conversation: places.first(id), by, date: value::int(row, 3).unwrap_or(0) };
            window.originals.insert(Guid::of(guid), original);
        }
        Ok(())
    }
}

impl MessageRow {
    /// The guid of the message that this one answers, or is put on.
    pub(super) fn target(&self) -> Option<&str> {
        let sticker = super::tapbacks::kind(self.associated_type) == super::tapbacks::Kind::Sticker;
        let put_on = self.associated.as_deref().filter(|_| sticker).map(|associated| super::guid::target(associated).0);
        put_on.or(self.originator.as_deref())
    }
}
