//! Content providers as in-memory SQLite tables, so that `--where`, `--sort` and `--projection` mean what they mean on a
//! phone (`reference/android.md §1.3, §4.1`).

use super::{Contact, Device, Fault, lock};
use crate::FileBytes;
use rusqlite::{Connection, params_from_iter, types::Value as Sql};
use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

/// One field of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

/// A provider's table under one URI.
#[derive(Debug, Clone, Default)]
pub struct Provider {
    /// `content://sms`; with `#` in it (`content://mms/#/addr`) the rows of which `of` has the number in its place.
    pub uri: String,
    pub columns: Vec<String>,
    /// Each as long as `columns`; missing fields are NULL.
    pub rows: Vec<Vec<Value>>,
    /// The text of a SecurityException with which the provider refuses the shell.
    pub refused: Option<String>,
    /// The column of the number in a URI with `#`.
    pub of: Option<String>,
    /// Which rows the shell sees, in SQL: providers show it less than they have (`reference/android.md §4.1`).
    pub seen: Option<String>,
    /// Which SIMs (`sub_id`) a user sees the rows of; whoever is not listed sees all.
    pub sims: BTreeMap<u32, Vec<i64>>,
    /// What `content read` gives for a row.
    pub files: BTreeMap<i64, Arc<dyn FileBytes>>,
    /// A subselect gets no cursor, which prints as no rows, instead of an exception.
    pub mute: bool,
}

/// Something that happens to a provider while it is asked.
#[derive(Debug, Clone)]
pub enum Happening {
    /// Its table (`t`) is changed.
    Sql(String),
    /// It refuses with this text.
    Refuses(String),
}

/// Why a query gives no rows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum QueryError {
    /// The class and text of the exception.
    Exception(&'static str, String),
}

fn exception(class: &'static str, why: impl Into<String>) -> QueryError {
    QueryError::Exception(class, why.into())
}

/// What a query wants; `where_` and `sort` are SQL, as on the phone.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pub(crate) user: u32,
    pub(crate) projection: Option<Vec<String>>,
    pub(crate) where_: Option<String>,
    pub(crate) sort: Option<String>,
}

/// A provider's table, made when it is first asked, and how often it was.
#[derive(Debug)]
pub(crate) struct Opened {
    db: Connection,
    asked: u64,
}

impl Device {
    /// Calls `row` with the columns' names and each row's values, in order; returns how many there were.
    pub(crate) fn query(
        &self,
        provider: &Provider,
        query: &Query,
        mut row: impl FnMut(&[String], Vec<Value>),
    ) -> Result<u64, QueryError> {
        let sqlite = |e: rusqlite::Error| exception("android.database.sqlite.SQLiteException", e.to_string());
        let columns = match &query.projection {
            None => provider.columns.clone(),
            Some(wanted) => wanted.clone(),
        };
        for column in &columns {
            // a strict projection map: known names only, no expressions
            if !provider.columns.contains(column) {
                return Err(exception("java.lang.IllegalArgumentException", format!("Invalid column {column}")));
            }
        }
        // providers refuse a subselect anywhere (reference/android.md §4.1)
        for part in [&query.where_, &query.sort].into_iter().flatten() {
            if part.to_ascii_lowercase().split(|c: char| !c.is_ascii_alphanumeric()).any(|token| token == "select") {
                if provider.mute {
                    return Ok(0);
                }
                return Err(exception("java.lang.IllegalArgumentException", "Invalid token select"));
            }
        }
        let mut tables = lock(&self.tables);
        let opened = match tables.entry(provider.uri.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => free.insert(Opened { db: provider.table().map_err(sqlite)?, asked: 0 }),
        };
        opened.asked += 1;
        let happens = self.fire(|fault| match fault {
            Fault::Provider { uri, query, what } if *uri == provider.uri && opened.asked >= *query => Some(what.clone()),
            _ => None,
        });
        match happens {
            Some(Happening::Sql(sql)) => opened.db.execute_batch(&sql).map_err(sqlite)?,
            Some(Happening::Refuses(why)) => return Err(exception("java.lang.SecurityException", why)),
            None => {}
        }
        let mut filter: Vec<String> = provider.seen.iter().chain(&query.where_).map(|part| format!("({part})")).collect();
        if let Some(sims) = provider.sims.get(&query.user) {
            let sims: Vec<String> = sims.iter().map(i64::to_string).collect();
            filter.push(format!("sub_id IN ({})", sims.join(", ")));
        }
        let mut sql = format!("SELECT {} FROM t", columns.iter().map(|c| quoted(c)).collect::<Vec<_>>().join(", "));
        if !filter.is_empty() {
            sql.push_str(&format!(" WHERE {}", filter.join(" AND ")));
        }
        if let Some(part) = &query.sort {
            sql.push_str(&format!(" ORDER BY {part}"));
        }
        let mut statement = opened.db.prepare_cached(&sql).map_err(sqlite)?;
        let mut rows = statement.query([]).map_err(sqlite)?;
        let mut count = 0;
        while let Some(found) = rows.next().map_err(sqlite)? {
            let mut values = Vec::with_capacity(columns.len());
            for at in 0..columns.len() {
                values.push(match found.get::<_, Sql>(at).map_err(sqlite)? {
                    Sql::Null => Value::Null,
                    Sql::Integer(n) => Value::Integer(n),
                    Sql::Real(n) => Value::Real(n),
                    Sql::Text(text) => Value::Text(text),
                    Sql::Blob(bytes) => Value::Blob(bytes),
                });
            }
            row(&columns, values);
            count += 1;
        }
        Ok(count)
    }
}

impl Provider {
    fn table(&self) -> rusqlite::Result<Connection> {
        let db = Connection::open_in_memory()?;
        let names = self.columns.iter().map(|c| quoted(c)).collect::<Vec<_>>().join(", ");
        db.execute_batch(&format!("CREATE TABLE t ({names}); BEGIN"))?;
        {
            let marks = vec!["?"; self.columns.len()].join(", ");
            let mut insert = db.prepare(&format!("INSERT INTO t VALUES ({marks})"))?;
            for row in &self.rows {
                let padded = row.iter().map(to_sql).chain(std::iter::repeat(Sql::Null)).take(self.columns.len());
                insert.execute(params_from_iter(padded))?;
            }
        }
        db.execute_batch("COMMIT")?;
        for (n, key) in ["_id"].into_iter().chain(self.of.as_deref()).enumerate() {
            if self.columns.iter().any(|column| column == key) {
                db.execute_batch(&format!("CREATE INDEX i{n} ON t ({})", quoted(key)))?;
            }
        }
        Ok(db)
    }
}

fn to_sql(value: &Value) -> Sql {
    match value {
        Value::Null => Sql::Null,
        Value::Integer(n) => Sql::Integer(*n),
        Value::Real(n) => Sql::Real(*n),
        Value::Text(text) => Sql::Text(text.clone()),
        Value::Blob(bytes) => Sql::Blob(bytes.clone()),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The tables of the contacts provider that a readout may ask for.
pub(super) fn address_book(contacts: &[Contact]) -> Vec<Provider> {
    const PHONE: &str = "vnd.android.cursor.item/phone_v2";
    const EMAIL: &str = "vnd.android.cursor.item/email_v2";
    let text = |text: &str| Value::Text(text.into());
    let name_of = |contact: &Contact| contact.name.as_deref().map_or(Value::Null, text);
    let (mut data, mut people) = (Vec::new(), Vec::new());
    let mut id = 0;
    for (contact, at) in contacts.iter().zip(1i64..) {
        let lookup = format!("0r{at}-2A2C2E30");
        let has_phone = i64::from(!contact.phones.is_empty());
        people.push(vec![Value::Integer(at), name_of(contact), text(&lookup), Value::Integer(has_phone), Value::Integer(0)]);
        let phones = contact
            .phones
            .iter()
            .map(|p| (PHONE, text(&p.number), i64::from(p.kind), p.normalized.as_deref().map_or(Value::Null, text)));
        let emails = contact.emails.iter().map(|mail| (EMAIL, text(mail), 1, Value::Null));
        for (kind, data1, data2, data4) in phones.chain(emails) {
            id += 1;
            data.push(vec![
                Value::Integer(id),
                Value::Integer(at),
                Value::Integer(at),
                text(kind),
                name_of(contact),
                data1,
                Value::Integer(data2),
                Value::Null,
                data4,
                text(&lookup),
            ]);
        }
    }
    let columns =
        ["_id", "contact_id", "raw_contact_id", "mimetype", "display_name", "data1", "data2", "data3", "data4", "lookup"];
    let data_columns: Vec<String> = columns.map(String::from).into();
    let only = |kind: &str| data.iter().filter(|row: &&Vec<Value>| row.get(3) == Some(&text(kind))).cloned().collect();
    let provider = |path: &str, columns: Vec<String>, rows| Provider {
        uri: format!("content://com.android.contacts/{path}"),
        columns,
        rows,
        ..Provider::default()
    };
    vec![
        provider("data/phones", data_columns.clone(), only(PHONE)),
        provider("data/emails", data_columns.clone(), only(EMAIL)),
        provider("data", data_columns, data.clone()),
        provider("contacts", ["_id", "display_name", "lookup", "has_phone_number", "starred"].map(String::from).into(), people),
    ]
}
