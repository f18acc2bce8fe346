//! One row of `ZMESSAGE`, with the columns that are read, and what the entities are called.

use crate::{
    ReadError,
    reading::{
        cocoa,
        schema::Schema,
        value::{self, Repairs},
    },
};
use foldhash::HashMap;
use rusqlite::{Row, types::ValueRef};
use uitlezen_chat::Moment;

const COLUMNS: [&str; 16] = [
    "rowid",
    "z_ent",
    "zisown",
    "zconversation",
    "zsender",
    "zaudio",
    "zimage",
    "zvideo",
    "zdate",
    "zaccuracy",
    "zlatitude",
    "zlongitude",
    "zcaption",
    "zfilename",
    "zmimetype",
    "ztext",
];
/// Columns that the reference does not explain: they stand in the record as they are. A version may lack any of them.
const KEPT: [(&str, &str); 5] = [
    ("zid", "ZMESSAGE.ZID"),
    ("zquotedmessageid", "ZMESSAGE.ZQUOTEDMESSAGEID"),
    ("zremotesentdate", "ZMESSAGE.ZREMOTESENTDATE"),
    ("zlasteditedat", "ZMESSAGE.ZLASTEDITEDAT"),
    ("zdeletedat", "ZMESSAGE.ZDELETEDAT"),
];
/// Bytes of a blob that are kept.
const OPAQUE: usize = 64;
/// More entities than any model has.
const MOST_ENTITIES: usize = 10_000;

/// Names of entities by number.
pub(super) type Entities = HashMap<i64, String>;

pub(super) fn entities(schema: &Schema<'_>, repairs: &Repairs) -> Result<Entities, ReadError> {
    let mut found = Entities::default();
    let Some(columns) = schema.columns("z_primarykey", "k", &["z_ent", "z_name"]) else { return Ok(found) };
    let mut all = schema.prepare(&format!("SELECT {columns} FROM z_primarykey k"))?;
    let mut rows = schema.bounded(all.query([])?);
    while let Some(row) = rows.next()? {
        if let (Some(number), Some(name)) = (value::int(row, 0), repairs.text(row, 1))
            && found.len() < MOST_ENTITIES
        {
            found.insert(number, name);
        }
    }
    Ok(found)
}

/// How many row ids the app gave out behind the last row, by its own count.
pub(super) fn given_out(schema: &Schema<'_>, last: Option<i64>) -> Option<u64> {
    if !schema.has_column("z_primarykey", "z_max") {
        return None;
    }
    let sql = "SELECT z_max FROM z_primarykey WHERE z_name = 'Message' LIMIT 1";
    let given = schema.conn.query_row(sql, [], |row| Ok(value::int(row, 0))).ok().flatten()?;
    u64::try_from(given.saturating_sub(last.unwrap_or(0))).ok()
}

/// A text, or bytes where a text should stand: then the app has encrypted it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Said {
    #[default]
    Nothing,
    Text(String),
    Unreadable,
}

impl Said {
    pub(super) fn of(row: &Row<'_>, column: usize, repairs: &Repairs) -> Self {
        match row.get_ref(column) {
            Ok(ValueRef::Blob(bytes)) if !bytes.is_empty() => Self::Unreadable,
            _ => repairs.text(row, column).map_or(Self::Nothing, Self::Text),
        }
    }

    pub(super) fn text(self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text),
            Self::Nothing | Self::Unreadable => None,
        }
    }
}

/// A row as it stands.
#[derive(Debug, Default)]
pub(super) struct MessageRow {
    pub(super) id: i64,
    pub(super) entity: i64,
    pub(super) own: bool,
    pub(super) conversation: i64,
    pub(super) sender: Option<i64>,
    /// Rows of the tables of sounds, pictures and films.
    pub(super) media: [Option<i64>; 3],
    pub(super) date: Option<Moment>,
    pub(super) accuracy: Option<String>,
    pub(super) place: Option<(f64, f64)>,
    pub(super) caption: Said,
    pub(super) name: Said,
    pub(super) media_type: Said,
    pub(super) text: Said,
    /// What is kept as it stands, by column.
    pub(super) kept: Vec<(&'static str, String)>,
}

/// A value that nothing explains: a number or text as it stands, bytes in hex.
pub(super) fn opaque(row: &Row<'_>, column: usize) -> Option<String> {
    match row.get_ref(column).ok()? {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) if bytes.is_empty() => None,
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) if bytes.len() > OPAQUE => Some(format!("{} bytes", bytes.len())),
        ValueRef::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Some(hex::encode(bytes)),
    }
}

/// The statement that reads rows behind `?1`, at most `?2`.
pub(super) fn statement(schema: &Schema<'_>) -> Option<String> {
    let columns = schema.columns("zmessage", "m", &COLUMNS)?;
    let kept = KEPT.map(|(column, _)| if schema.has_column("zmessage", column) { format!("m.{column}") } else { "NULL".into() });
    let kept = kept.join(", ");
    Some(format!("SELECT {columns}, {kept} FROM zmessage m WHERE m.rowid > ?1 ORDER BY m.rowid LIMIT ?2"))
}

/// The conversation that a row names; rows that name none stand together.
pub(super) fn conversation(row: &Row<'_>, column: usize) -> i64 {
    value::int(row, column).unwrap_or(i64::MIN)
}

impl MessageRow {
    /// Nothing for a row without a row id.
    pub(super) fn read(row: &Row<'_>, repairs: &Repairs) -> Option<Self> {
        Some(Self {
            id: value::int(row, 0)?,
            entity: value::int(row, 1).unwrap_or(-1),
            own: value::flag(row, 2),
            conversation: conversation(row, 3),
            sender: value::positive(row, 4),
            media: [5, 6, 7].map(|column| value::positive(row, column)),
            date: cocoa::at(row, 8),
            accuracy: value::raw(repairs, row, 9).filter(|raw| raw != "0"),
            place: value::real(row, 10).zip(value::real(row, 11)),
            caption: Said::of(row, 12, repairs),
            name: Said::of(row, 13, repairs),
            media_type: Said::of(row, 14, repairs),
            text: Said::of(row, 15, repairs),
            kept: (COLUMNS.len()..).zip(KEPT).filter_map(|(at, (_, name))| Some((name, opaque(row, at)?))).collect(),
        })
    }

    /// Bytes that it holds.
    pub(super) fn weight(&self) -> usize {
        let texts = [&self.caption, &self.name, &self.media_type, &self.text];
        let length = |said: &Said| if let Said::Text(text) = said { text.len() } else { 0 };
        let kept = self.kept.iter().map(|(_, value)| size_of::<(&str, String)>() + value.len()).sum::<usize>();
        size_of::<Self>() + kept + texts.into_iter().map(length).sum::<usize>()
    }
}
