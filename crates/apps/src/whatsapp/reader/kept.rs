//! Rows that no reader understands and that say which message they belong to: kept with it, raw.
//!
//! WhatsApp adds tables with every release. What such a row says beside a message is content that an archive may not lose, so it
//! goes into the record under the name of its table and column (`Message::uninterpreted`, `Addition::raw`), as text. Rows of
//! addresses are written as the address. A row with a value that cannot be written as text (a blob, a text that was cut) does
//! not count as kept.

use super::{
    ReadError, Scope, Summary, TableNature, UnreadTable,
    schema::{Schema, Side},
    tables,
    value::{self, Repairs},
};
use crate::whatsapp::parties::jids::Jids;
use rusqlite::{Row, types::ValueRef};
use std::collections::BTreeMap;

/// Most tables that are kept raw; real files have some twenty with rows.
const MOST_TABLES: usize = 96;
/// Rows of all tables without an index together: each costs 16 bytes for as long as the reading lasts.
const MOST_UNINDEXED: u64 = 1_000_000;
/// Bytes kept of the rows beside one message.
const MOST_BYTES: usize = 64 << 10;

/// The column by which such a table names its message, or its addition to a message.
const BY_MESSAGE: [&str; 2] = ["message_row_id", "creation_message_row_id"];
const BY_ADDITION: [&str; 1] = ["message_add_on_row_id"];

/// One table that is kept raw.
#[derive(Debug)]
pub(crate) struct KeptTable {
    pub side: Side,
    columns: Vec<String>,
}

/// One row: its table (by its place in the list), and its values.
#[derive(Debug)]
pub(crate) struct KeptRow {
    table: usize,
    whole: bool,
    cells: Vec<(usize, String)>,
}

/// The tables beside messages and those beside additions.
#[derive(Debug, Default)]
pub(crate) struct KeptTables {
    pub by_message: Vec<KeptTable>,
    pub by_addition: Vec<KeptTable>,
}

/// Whether a name may stand in a statement as it is.
fn plain(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

impl KeptTables {
    /// The tables of this file that hold rows, are not interpreted, and name a message or an addition.
    pub(crate) fn prepare(schema: &Schema<'_>, scope: &Scope) -> Result<Self, ReadError> {
        let mut found = Self::default();
        let mut unindexed = MOST_UNINDEXED;
        for table in schema.tables() {
            if tables::nature(table, scope).0 != Some(TableNature::NotInterpreted) || !plain(table) {
                continue;
            }
            if found.by_message.len() + found.by_addition.len() >= MOST_TABLES {
                break;
            }
            let key_among = |keys: &[&'static str]| keys.iter().copied().find(|key| schema.has_column(table, key));
            // An addition's own table names the addition; a message row beside it would be its parent.
            let addition = key_among(&BY_ADDITION);
            let Some(key) = addition.or_else(|| key_among(&BY_MESSAGE)) else { continue };
            let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT {})", UnreadTable::COUNT_LIMIT);
            let rows = schema.conn.query_row(&sql, [], |r| r.get::<_, i64>(0)).map_or(0, i64::unsigned_abs);
            if rows == 0 {
                continue;
            }
            if !schema.is_keyed(table, key) {
                if rows >= UnreadTable::COUNT_LIMIT || rows > unindexed {
                    continue;
                }
                unindexed -= rows;
            }
            let columns: Vec<String> = schema.column_names(table).filter(|c| *c != key && plain(c)).map(str::to_owned).collect();
            let list: Vec<String> = columns.iter().map(|c| format!("s.\"{c}\"")).collect();
            let list = if list.is_empty() { "NULL".to_owned() } else { list.join(", ") };
            let Some(side) = Side::new(schema, table, key, &list, "")? else { continue };
            if schema.conn.prepare(side.statement()).is_ok() {
                let into = if addition.is_some() { &mut found.by_addition } else { &mut found.by_message };
                into.push(KeptTable { side, columns });
            }
        }
        Ok(found)
    }
}

impl KeptTable {
    /// Reads one row; column 0 is the key. `left` is what the window may still hold.
    pub(crate) fn row(&self, table: usize, row: &Row<'_>, repairs: &Repairs) -> KeptRow {
        let (mut whole, mut cells, mut bytes) = (true, Vec::new(), 0);
        let cut = repairs.cut.get();
        for at in 0..self.columns.len() {
            let blob = matches!(row.get_ref(at + 1), Ok(ValueRef::Blob(b)) if !b.is_empty());
            let Some(text) = value::raw(repairs, row, at + 1) else { continue };
            bytes += text.len();
            if blob || bytes > MOST_BYTES {
                whole = false;
            }
            if bytes <= MOST_BYTES {
                cells.push((at, text));
            }
        }
        KeptRow { table, whole: whole && cut == repairs.cut.get(), cells }
    }
}

impl KeptRow {
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + self.cells.iter().map(|(_, text)| 40 + text.len()).sum::<usize>()
    }
}

/// The rows of one message or addition as the record has them, and counts them as kept.
pub(crate) fn record(rows: Vec<KeptRow>, tables: &[KeptTable], jids: &Jids, summary: &mut Summary) -> BTreeMap<String, String> {
    let mut record = BTreeMap::new();
    let mut seen: BTreeMap<usize, u32> = BTreeMap::new();
    for row in rows {
        let Some(table) = tables.get(row.table) else { continue };
        let name = &table.side.table;
        if row.whole {
            *summary.kept_raw.entry(name.clone()).or_default() += 1;
        }
        let number = seen.entry(row.table).and_modify(|n| *n += 1).or_insert(1);
        for (at, text) in row.cells {
            let Some(column) = table.columns.get(at) else { continue };
            let address = (column.ends_with("jid_row_id") || column.ends_with("lid_row_id"))
                .then(|| text.parse().ok().and_then(|row| jids.get(row)))
                .flatten();
            let place = if *number == 1 { format!("{name}.{column}") } else { format!("{name}[{number}].{column}") };
            record.insert(place, address.map_or(text, |jid| jid.address.clone()));
        }
    }
    record
}
