//! What this database holds: its tables and columns, probed and never assumed.
//!
//! The schema of an app's database drifts with every release. Every SELECT is made here: a column that does not exist is read as NULL and noted, a table that does not exist gives no statement and is noted. A table is asked by
//! the row id of the message; how that is done without a temporary b-tree depends on its key and indexes ([`Access`]).

use super::value;
use crate::ReadError;
use rusqlite::{Connection, Row, Rows, params};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

/// Most row ids that a lookup of our own may hold (16 bytes each): 128 MiB would be the end of the memory bound, so half.
const LARGEST_LOOKUP: usize = 4_000_000;
/// Two wanted rows nearer than this are read in one sweep.
const SWEEP: i64 = 256;

/// The tables of one database file, with their columns.
#[derive(Debug)]
pub(crate) struct Schema<'a> {
    pub conn: &'a Connection,
    /// No table of this file can have more rows; one that delivers more runs in circles.
    most_rows: u64,
    tables: BTreeMap<String, Vec<String>>,
    missing_tables: RefCell<BTreeSet<String>>,
    missing_columns: RefCell<BTreeSet<(String, String)>>,
}

#[cfg(test)]
thread_local! {
    /// Every statement that a pass prepared on this thread, so that a test can ask for its plan.
    pub(crate) static PREPARED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl<'a> Schema<'a> {
    /// Lists the ordinary tables. Views and virtual tables of the file are never read.
    pub(crate) fn probe(conn: &'a Connection, most_rows: u64) -> Result<Self, ReadError> {
        conn.set_prepared_statement_cache_capacity(96);
        let mut tables = BTreeMap::new();
        let mut list = conn
            .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'create virtual%' AND rootpage > 0")?;
        let mut rows = list.query([])?;
        let mut names = Vec::new();
        while let Some(row) = rows.next()? {
            if let Ok(rusqlite::types::ValueRef::Text(name)) = row.get_ref(0)
                && let Ok(name) = std::str::from_utf8(name)
            {
                names.push(name.to_owned());
            }
        }
        drop(rows);
        for name in names {
            // A table that cannot be prepared (a hostile definition) is as good as absent, and is listed as such.
            if let Ok(all) = conn.prepare(&format!("SELECT * FROM {} LIMIT 0", quoted(&name))) {
                let columns = all.column_names().map(str::to_ascii_lowercase).collect();
                tables.insert(name.to_ascii_lowercase(), columns);
            }
        }
        Ok(Self { conn, most_rows, tables, missing_tables: RefCell::default(), missing_columns: RefCell::default() })
    }

    /// Prepares a statement of one of the passes over whole tables.
    pub(crate) fn prepare(&self, sql: &str) -> Result<rusqlite::Statement<'a>, ReadError> {
        #[cfg(test)]
        PREPARED.with_borrow_mut(|seen| seen.push(sql.to_owned()));
        Ok(self.conn.prepare(sql)?)
    }

    /// Rows of a whole table, no more than the file can hold.
    pub(crate) fn bounded<'s>(&self, rows: Rows<'s>) -> Bounded<'s> {
        Bounded { rows, left: self.most_rows }
    }

    pub(crate) fn has(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    pub(crate) fn has_column(&self, table: &str, column: &str) -> bool {
        self.tables.get(table).is_some_and(|c| c.iter().any(|c| c == column))
    }

    pub(crate) fn column_names(&self, table: &str) -> impl Iterator<Item = &str> {
        self.tables.get(table).into_iter().flatten().map(String::as_str)
    }

    /// Whether rows of `table` are found by `key` without walking the table.
    pub(crate) fn is_keyed(&self, table: &str, key: &str) -> bool {
        let plan = self.plan(&format!("SELECT {key} FROM {table} WHERE {key} BETWEEN ?1 AND ?2"));
        plan.iter().all(|step| step.starts_with("SEARCH")) && !plan.is_empty()
    }

    pub(crate) fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.keys().map(String::as_str)
    }

    pub(crate) fn missing(&self) -> (Vec<String>, Vec<String>) {
        (
            self.missing_tables.borrow().iter().cloned().collect(),
            self.missing_columns.borrow().iter().map(|(t, c)| format!("{t}.{c}")).collect(),
        )
    }

    /// `alias.column` for each column, NULL where the table has none. `None` when the table is missing.
    pub(crate) fn columns(&self, table: &str, alias: &str, wanted: &[&str]) -> Option<String> {
        let Some(present) = self.tables.get(table) else {
            self.missing_tables.borrow_mut().insert(table.to_owned());
            return None;
        };
        let list: Vec<String> = wanted
            .iter()
            .map(|&column| {
                // `rowid` and arithmetic are the reader's own and not probed.
                if column == "rowid" || present.iter().any(|c| c == column) {
                    format!("{alias}.{column}")
                } else {
                    self.missing_columns.borrow_mut().insert((table.to_owned(), column.to_owned()));
                    "NULL".to_owned()
                }
            })
            .collect();
        Some(list.join(", "))
    }

    /// Like [`Schema::columns`] for a joined table: all NULL when it is missing, so that the join may be left out.
    pub(crate) fn joined(&self, table: &str, alias: &str, wanted: &[&str]) -> String {
        self.columns(table, alias, wanted).unwrap_or_else(|| vec!["NULL"; wanted.len()].join(", "))
    }

    /// The steps of SQLite's plan for a statement.
    pub(crate) fn plan(&self, sql: &str) -> Vec<String> {
        let steps = || -> rusqlite::Result<Vec<String>> {
            let mut plan = self.conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let held: Vec<i64> = vec![0; plan.parameter_count()];
            plan.query_map(rusqlite::params_from_iter(held), |r| r.get::<_, String>(3))?.collect()
        };
        steps().unwrap_or_default()
    }

    /// How to ask `table` by `key` without a scan for every window.
    pub(crate) fn access(&self, table: &str, key: &str) -> Result<Option<Access>, ReadError> {
        if !self.has(table) {
            self.missing_tables.borrow_mut().insert(table.to_owned());
            return Ok(None);
        }
        if !self.has_column(table, key) {
            self.missing_columns.borrow_mut().insert((table.to_owned(), key.to_owned()));
            return Ok(None);
        }
        if self.is_keyed(table, key) {
            return Ok(Some(Access::Key(key.to_owned())));
        }
        let mut pairs = Vec::new();
        let mut refused = 0;
        let mut all = self.conn.prepare(&format!("SELECT {key}, rowid FROM {table}"))?;
        let mut rows = self.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let (Some(parent), Some(rowid)) = (value::int(row, 0), value::int(row, 1)) else { continue };
            if pairs.len() < LARGEST_LOOKUP {
                pairs.push((parent, rowid));
            } else {
                refused += 1;
            }
        }
        pairs.sort_unstable();
        Ok(Some(Access::Lookup { pairs, refused }))
    }
}

/// Rows that end: a damaged b-tree whose pages point at each other can deliver rows without end.
#[allow(missing_debug_implementations, reason = "rusqlite's rows have none")]
pub(crate) struct Bounded<'s> {
    rows: Rows<'s>,
    left: u64,
}

impl Bounded<'_> {
    pub(crate) fn next(&mut self) -> Result<Option<&Row<'_>>, ReadError> {
        let row = self.rows.next()?;
        if row.is_some() {
            self.left = self.left.checked_sub(1).ok_or(ReadError::Circular)?;
        }
        Ok(row)
    }
}

/// The way to the rows of a table that belong to a run of messages.
#[derive(Debug)]
pub(crate) enum Access {
    /// The key is the primary key or has an index.
    Key(String),
    /// No index in the file: row ids sorted by key, held here. `refused` rows did not fit.
    Lookup { pairs: Vec<(i64, i64)>, refused: u64 },
}

/// One prepared way to read the rows of a side table for a run of messages.
#[derive(Debug)]
pub(crate) struct Side {
    pub table: String,
    access: Access,
    sql: String,
}

impl Side {
    /// `columns` and `tail` (joins) use the alias `s` for the table; column 0 of the result is the key, the last one the
    /// row id of `table`.
    pub(crate) fn new(
        schema: &Schema<'_>,
        table: &str,
        key: &str,
        columns: &str,
        joins: &str,
    ) -> Result<Option<Self>, ReadError> {
        let Some(access) = schema.access(table, key)? else { return Ok(None) };
        let by = match &access {
            Access::Key(key) => format!("s.{key}"),
            Access::Lookup { .. } => "s.rowid".to_owned(),
        };
        let sql = format!("SELECT s.{key}, {columns}, s.rowid FROM {table} s {joins} WHERE {by} BETWEEN ?1 AND ?2");
        Ok(Some(Self { table: table.to_owned(), access, sql }))
    }

    pub(crate) fn statement(&self) -> &str {
        &self.sql
    }

    /// Rows that could not be reached because the lookup was full.
    pub(crate) fn refused(&self) -> u64 {
        match &self.access {
            Access::Key(_) => 0,
            Access::Lookup { refused, .. } => *refused,
        }
    }

    /// Every row whose key lies in `from..=to`. `each` answers whether to go on.
    pub(crate) fn between(
        &self,
        conn: &Connection,
        from: i64,
        to: i64,
        mut each: impl FnMut(i64, &Row<'_>) -> bool,
    ) -> Result<(), ReadError> {
        let mut statement = conn.prepare_cached(&self.sql)?;
        match &self.access {
            Access::Key(_) => {
                let mut rows = statement.query(params![from, to])?;
                while let Some(row) = rows.next()? {
                    if let Some(key) = value::int(row, 0)
                        && !each(key, row)
                    {
                        break;
                    }
                }
            }
            Access::Lookup { pairs, .. } => {
                let start = pairs.partition_point(|&(key, _)| key < from);
                let end = pairs.partition_point(|&(key, _)| key <= to);
                let mut rowids: Vec<i64> = pairs.get(start..end).unwrap_or_default().iter().map(|&(_, rowid)| rowid).collect();
                rowids.sort_unstable();
                for (low, high) in sweeps(&rowids) {
                    let mut rows = statement.query(params![low, high])?;
                    while let Some(row) = rows.next()? {
                        if let Some(key) = value::int(row, 0)
                            && (from..=to).contains(&key)
                            && !each(key, row)
                        {
                            return Ok(());
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Every row whose key is among `keys`, which are sorted.
    pub(crate) fn among(
        &self,
        conn: &Connection,
        keys: &[i64],
        mut each: impl FnMut(i64, &Row<'_>) -> bool,
    ) -> Result<(), ReadError> {
        for (low, high) in sweeps(keys) {
            let mut more = true;
            self.between(conn, low, high, |key, row| {
                more = keys.binary_search(&key).is_err() || each(key, row);
                more
            })?;
            if !more {
                break;
            }
        }
        Ok(())
    }
}

/// Sorted ids as few ranges in which neighbours are at most [`SWEEP`] apart.
fn sweeps(sorted: &[i64]) -> Vec<(i64, i64)> {
    let mut ranges: Vec<(i64, i64)> = Vec::new();
    for &id in sorted {
        match ranges.last_mut() {
            Some((_, high)) if id.saturating_sub(*high) <= SWEEP => *high = id,
            _ => ranges.push((id, id)),
        }
    }
    ranges
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn db(sql: &str) -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(sql).unwrap();
        db
    }

    #[test]
    fn missing_tables_and_columns_are_noted_and_read_as_null() {
        let db = db("CREATE TABLE chat(_id INTEGER PRIMARY KEY, Subject TEXT); CREATE VIEW v AS SELECT 1;");
        let schema = Schema::probe(&db, 10_000).unwrap();
        assert_eq!(schema.columns("chat", "c", &["_id", "subject", "chat_lock"]).unwrap(), "c._id, c.subject, NULL");
        assert_eq!(schema.columns("jid", "j", &["_id"]), None);
        assert_eq!(schema.missing(), (vec!["jid".to_owned()], vec!["chat.chat_lock".to_owned()]));
        assert!(!schema.has("v"));
    }

    #[test]
    fn a_table_with_and_without_an_index_gives_the_same_rows() {
        let rows: String = (1..=600).map(|i| format!("INSERT INTO t(m, x) VALUES ({}, {i});", (i * 37) % 101)).collect();
        let plain = db(&format!("CREATE TABLE t(_id INTEGER PRIMARY KEY, m INTEGER, x INTEGER); {rows}"));
        let indexed =
            db(&format!("CREATE TABLE t(_id INTEGER PRIMARY KEY, m INTEGER, x INTEGER); CREATE INDEX i ON t(m); {rows}"));
        let mut answers = Vec::new();
        for db in [&plain, &indexed] {
            let schema = Schema::probe(db, 10_000).unwrap();
            let side = Side::new(&schema, "t", "m", "s.x", "").unwrap().unwrap();
            let mut got = Vec::new();
            side.between(db, 10, 20, |m, row| {
                got.push((m, value::int(row, 1).unwrap()));
                true
            })
            .unwrap();
            side.among(db, &[3, 99], |m, row| {
                got.push((m, value::int(row, 1).unwrap()));
                true
            })
            .unwrap();
            got.sort_unstable();
            assert!(got.len() > 60);
            answers.push((matches!(side.access, Access::Key(_)), got));
        }
        assert_eq!((answers[0].0, answers[1].0), (false, true));
        assert_eq!(answers[0].1, answers[1].1);
    }

    #[test]
    fn neighbours_are_swept_together() {
        assert_eq!(sweeps(&[1, 2, 100, 5000, 5001]), [(1, 100), (5000, 5001)]);
        assert_eq!(sweeps(&[i64::MIN, i64::MAX]), [(i64::MIN, i64::MIN), (i64::MAX, i64::MAX)]);
    }
}
