//! A row of `message` (or of `mms` and `sms` before it), the order of all rows, and which of them have rows beside them.

use super::people::either;
use crate::{
    ReadError, Summary,
    reading::{
        schema::Schema,
        value::{self, Repairs},
    },
};
use foldhash::{HashMap, HashSet};
use rusqlite::Row;

/// The tables that ever held messages.
pub(super) const TABLES: [&str; 3] = ["message", "mms", "sms"];
/// Messages that are kept in order: 24 bytes each.
const MOST: usize = 20_000_000;

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    /// When the phone got it: the order in which the app shows them.
    pub(super) at: i64,
    /// In [`TABLES`].
    pub(super) table: u8,
    pub(super) row: i64,
}

impl Place {
    pub(super) fn name(self) -> &'static str {
        TABLES.get(usize::from(self.table)).copied().unwrap_or("message")
    }
}

/// All messages in their order, and the versions of edited ones.
#[derive(Debug, Default)]
pub(super) struct Ordered {
    pub(super) places: Vec<Place>,
    /// By the newest version: earlier ones, oldest first.
    pub(super) versions: HashMap<(u8, i64), Vec<i64>>,
}

/// Lists all messages. Versions of a message that is not there stand for themselves.
pub(super) fn order(schema: &Schema<'_>, summary: &mut Summary) -> Result<Ordered, ReadError> {
    let mut found = Ordered::default();
    for (table, name) in TABLES.iter().enumerate() {
        if !schema.has(name) {
            continue;
        }
        let table = u8::try_from(table).unwrap_or_default();
        // In the oldest tables `date` is when it arrived.
        let received = either(schema, name, &["date_received", "date"]);
        let Some(columns) = schema.columns(name, "m", &["_id", received, "latest_revision_id", "revision_number"]) else {
            continue;
        };
        let mut versions: Vec<(i64, i64, i64)> = Vec::new();
        let mut there = HashSet::default();
        let mut all = schema.prepare(&format!("SELECT {columns} FROM {name} m ORDER BY m._id"))?;
        let mut rows = schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let Some(id) = value::int(row, 0) else { continue };
            if found.places.len() + versions.len() >= MOST {
                summary.oddities.dropped_messages += 1;
                continue;
            }
            match value::positive(row, 2).filter(|newest| *newest != id) {
                Some(newest) => versions.push((newest, value::int(row, 3).unwrap_or(0), id)),
                None => {
                    there.insert(id);
                    found.places.push(Place { at: value::int(row, 1).unwrap_or(0), table, row: id });
                }
            }
        }
        versions.sort_unstable();
        for (newest, _, id) in versions {
            if there.contains(&newest) {
                found.versions.entry((table, newest)).or_default().push(id);
            } else {
                found.places.push(Place { at: 0, table, row: id });
            }
        }
    }
    found.places.sort_unstable();
    Ok(found)
}

/// Messages that have rows in another table, so that the others need not be asked for.
#[derive(Debug, Default)]
pub(super) struct Sides {
    with: HashMap<&'static str, HashSet<i64>>,
}

impl Sides {
    pub(super) fn load(schema: &Schema<'_>) -> Result<Self, ReadError> {
        let mut sides = Self::default();
        let tables = [
            ("attachment", "message_id"),
            ("part", "mid"),
            ("reaction", "message_id"),
            ("mention", "message_id"),
            ("call", "message_id"),
            ("poll", "message_id"),
        ];
        for (table, key) in tables {
            if !schema.has_column(table, key) {
                continue;
            }
            let mut with = HashSet::default();
            let mut all = schema.prepare(&format!("SELECT s.{key} FROM \"{table}\" s"))?;
            let mut rows = schema.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                with.extend(value::int(row, 0));
            }
            sides.with.insert(table, with);
        }
        Ok(sides)
    }

    pub(super) fn has(&self, table: &str, message: i64) -> bool {
        self.with.get(table).is_some_and(|with| with.contains(&message))
    }
}

/// One row.
#[derive(Debug, Default)]
pub(super) struct MessageRow {
    pub(super) id: i64,
    pub(super) sent: i64,
    pub(super) received: Option<i64>,
    pub(super) thread: Option<i64>,
    pub(super) from: Option<i64>,
    pub(super) kind: i64,
    pub(super) body: Option<String>,
    pub(super) read: bool,
    pub(super) expires_in: Option<u64>,
    pub(super) expire_started: Option<u64>,
    pub(super) quote_id: Option<i64>,
    pub(super) quote_author: Option<i64>,
    pub(super) quote_body: Option<String>,
    pub(super) quote_kind: Option<i64>,
    pub(super) view_once: bool,
    pub(super) remote_deleted: bool,
    pub(super) deleted_by: Option<i64>,
    pub(super) story: bool,
    pub(super) scheduled: Option<i64>,
    pub(super) previews: Option<String>,
    pub(super) contacts: Option<String>,
    pub(super) receipt_at: Option<i64>,
    pub(super) delivered: bool,
    pub(super) was_read: bool,
    pub(super) viewed: bool,
    pub(super) pinned_at: Option<i64>,
    pub(super) pinned_until: Option<i64>,
}

/// How much of a row is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    /// Without what is said: who and what it is about.
    Brief,
}

/// The columns that hold what is said, in the order of [`statement`].
const SAID: [usize; 4] = [6, 12, 19, 20];

/// The statement for rows of a table, by row id.
pub(super) fn statement(schema: &Schema<'_>, name: &str, extent: Extent) -> Option<String> {
    let of = |names: &[&'static str]| either(schema, name, names);
    let wanted = [
        "_id",
        of(&["date_sent", "date"]),
        of(&["date_received", "date"]),
        "thread_id",
        of(&["from_recipient_id", "recipient_id", "address"]),
        of(&["type", "msg_box"]),
        "body",
        "read",
        "expires_in",
        "expire_started",
        "quote_id",
        "quote_author",
        "quote_body",
        "quote_type",
        of(&["view_once", "reveal_duration"]),
        "remote_deleted",
        "deleted_by",
        "story_type",
        "scheduled_date",
        of(&["link_previews", "previews"]),
        "shared_contacts",
        "receipt_timestamp",
        "has_delivery_receipt",
        "has_read_receipt",
        "viewed",
        "pinned_at",
        "pinned_until",
    ];
    let whole = schema.columns(name, "m", &wanted)?;
    let columns = whole.split(", ").enumerate();
    let columns = columns.map(|(n, column)| if extent == Extent::Brief && SAID.contains(&n) { "NULL" } else { column });
    let columns: Vec<&str> = columns.collect();
    Some(format!("SELECT {} FROM {name} m WHERE m._id = ?1", columns.join(", ")))
}

impl MessageRow {
    pub(super) fn read(row: &Row<'_>, repairs: &Repairs) -> Self {
        Self {
            id: value::int(row, 0).unwrap_or(0),
            sent: value::int(row, 1).unwrap_or(0),
            received: value::positive(row, 2),
            thread: value::int(row, 3),
            from: value::int(row, 4),
            kind: value::int(row, 5).unwrap_or(0),
            body: repairs.text(row, 6),
            read: value::flag(row, 7),
            expires_in: value::unsigned(row, 8),
            expire_started: value::unsigned(row, 9),
            quote_id: value::positive(row, 10),
            quote_author: value::positive(row, 11),
            quote_body: repairs.text(row, 12),
            quote_kind: value::int(row, 13),
            view_once: value::flag(row, 14),
            remote_deleted: value::flag(row, 15),
            deleted_by: value::positive(row, 16),
            story: value::flag(row, 17),
            scheduled: value::positive(row, 18),
            previews: repairs.text(row, 19),
            contacts: repairs.text(row, 20),
            receipt_at: value::positive(row, 21),
            delivered: value::flag(row, 22),
            was_read: value::flag(row, 23),
            viewed: value::flag(row, 24),
            pinned_at: value::positive(row, 25),
            pinned_until: value::positive(row, 26),
        }
    }
}
