//! A database from outside, opened so that it can be read and nothing else can happen.
//!
//! Readers (`apps`) call. They scan in rowid order, treat any error as "incomplete", and assert with
//! [`Database::explain_uses_temp_btree`] that no statement over messages wants a sorter: with temporary files refused and
//! kept in memory, a sort of all messages would hold them all.

use crate::{
    Bytes, Damage, DatabaseError, Limits, OpenError, OverlayReport,
    hardening::{Clock, Permit, harden},
    overlay::overlay,
    vfs,
};
use rusqlite::{Connection, Statement, types::ValueRef};
use std::{fmt, sync::Arc};

/// More tables or columns than this is no app's schema.
const MOST_TABLES: usize = 10_000;

/// A read-only connection over byte sources. `Send`, not `Sync`: for another thread take [`Database::another`].
pub struct Database {
    connection: Connection,
    image: Bytes,
    report: OverlayReport,
    limits: Limits,
    clock: Arc<Clock>,
    permit: Arc<Permit>,
}

/// A column as the schema declares it. Names are content of the evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// As declared, not what is stored; may be empty.
    pub declared_type: String,
    pub not_null: bool,
    /// Place in the primary key from 1, or 0.
    pub primary_key: u32,
}

impl Database {
    /// Opens `db` with what its rollback `journal` undoes and its `wal` adds: what the app itself would see. Reads each log
    /// once from end to end.
    pub fn open(db: Bytes, wal: Option<Bytes>, journal: Option<Bytes>) -> Result<Self, OpenError> {
        Self::open_with(db, wal, journal, Limits::default())
    }

    /// [`Self::open`] with other limits than the usual.
    pub fn open_with(db: Bytes, wal: Option<Bytes>, journal: Option<Bytes>, limits: Limits) -> Result<Self, OpenError> {
        let (image, report) = overlay(db, wal, journal)?;
        Self::over(image, report, limits)
    }

    /// Opens the database file alone, as if no log lay beside it: the difference with [`Self::open`] is what the logs changed.
    /// A database caught in a transaction may then be half new, half old.
    pub fn plain(db: Bytes) -> Result<Self, OpenError> {
        let bytes = db.len();
        let report = OverlayReport { bytes_in_file: bytes, bytes, ..OverlayReport::default() };
        Self::over(db, report, Limits::default())
    }

    /// A second connection over the same image, for another thread; the logs are not read again.
    pub fn another(&self) -> Result<Self, OpenError> {
        Self::over(Arc::clone(&self.image), self.report.clone(), self.limits)
    }

    fn over(image: Bytes, report: OverlayReport, limits: Limits) -> Result<Self, OpenError> {
        let mut connection = vfs::connect(Arc::clone(&image))?;
        let (clock, permit) = (Arc::new(Clock::default()), Arc::new(Permit::default()));
        harden(&mut connection, limits, &clock, &permit)?;
        let database = Self { connection, image, report, limits, clock, permit };
        // Reads page 1 and the whole schema: what is no database shows here.
        database.connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        database.check_names()?;
        Ok(database)
    }

    /// SQLite takes any bytes for a name, while rusqlite's authorizer panics (and catches it) over one that is no UTF-8, at
    /// every statement that touches it. No app makes such a schema: it is damage.
    fn check_names(&self) -> Result<(), OpenError> {
        let mut statement = self.connection.prepare("SELECT name, tbl_name, sql FROM sqlite_schema")?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            for column in 0..3 {
                if let ValueRef::Text(name) = row.get_ref(column)?
                    && std::str::from_utf8(name).is_err()
                {
                    return Err(OpenError::Damaged(Damage::Structure));
                }
            }
        }
        Ok(())
    }

    /// For the reader's statements. Preparing one through it starts the clock; a cached statement needs
    /// [`Self::restart_clock`].
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Prepares a statement with a full clock.
    pub fn prepare(&self, sql: &str) -> Result<Statement<'_>, DatabaseError> {
        self.restart_clock();
        Ok(self.connection.prepare(sql)?)
    }

    /// Gives the statement that runs next, or runs now, the whole of [`Limits::statement_time`] again. Call it for every batch
    /// of rows: the limit then is on work without a row.
    pub fn restart_clock(&self) {
        self.clock.restart();
    }

    /// What the logs changed.
    #[must_use]
    pub fn report(&self) -> &OverlayReport {
        &self.report
    }

    /// The database as one byte source, logs applied.
    #[must_use]
    pub fn image(&self) -> &Bytes {
        &self.image
    }

    /// A database of no bytes: SQLite reads it as one without tables. "Empty" is another answer than "no such table".
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.image.is_empty()
    }

    /// No table has more rows than this, since a row takes at least 4 bytes (a cell pointer and a cell). A b-tree whose pages
    /// point at each other can deliver more without end; a reader that counts beyond this is reading a damaged database.
    #[must_use]
    pub fn most_rows(&self) -> u64 {
        // Pages beyond the end of both files are zeros and hold no rows, but bound by what is claimed nevertheless.
        self.image.len() / 4
    }

    /// How many opens were refused **in this process**: temporary files, attached databases. Must be 0 at the end of a run; if
    /// not, a statement wanted a temporary file. SQLite does not say for which connection it opens one, so this is one count
    /// for all.
    #[must_use]
    pub fn temp_opens_refused(&self) -> u64 {
        vfs::refused_opens()
    }

    /// Names of the real tables, sorted. Views, virtual tables and SQLite's own tables are none.
    pub fn tables(&self) -> Result<Vec<String>, DatabaseError> {
        let mut statement = self.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0")?;
        let mut rows = statement.query([])?;
        let mut tables = Vec::new();
        while let Some(row) = rows.next()? {
            let name: String = row.get(0)?;
            if name.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("sqlite_")) {
                continue;
            }
            if tables.len() >= MOST_TABLES {
                return Err(DatabaseError::TooLarge);
            }
            tables.push(name);
        }
        tables.sort();
        Ok(tables)
    }

    /// The columns of a real table in their order, generated ones included; `None` if there is no such table, also if a view
    /// or a virtual table stands in its place.
    pub fn columns(&self, table: &str) -> Result<Option<Vec<Column>>, DatabaseError> {
        // A virtual table has no root page. The name is compared as SQLite compares it.
        let real = {
            let mut statement = self.prepare(
                "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name = ?1 COLLATE NOCASE",
            )?;
            statement.query_row([table], |row| row.get::<_, i64>(0))?
        };
        if real != 1 {
            return Ok(None);
        }
        self.permit.during(|| {
            let mut columns = Vec::new();
            self.connection.pragma(None, "table_xinfo", table, |row| {
                columns.push(Column {
                    name: row.get("name")?,
                    declared_type: row.get::<_, Option<String>>("type")?.unwrap_or_default(),
                    not_null: row.get("notnull")?,
                    primary_key: row.get("pk")?,
                });
                Ok(())
            })?;
            Ok(Some(columns))
        })
    }

    /// Whether a statement would build a b-tree of its own: a sort, a grouping, a DISTINCT without an index, an index made on the
    /// spot, a subquery laid down. Over messages that means memory in the size of the evidence. Parameters need not be bound.
    pub fn explain_uses_temp_btree(&self, sql: &str) -> Result<bool, DatabaseError> {
        let mut statement = self.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
        let mut rows = statement.raw_query();
        let mut uses = false;
        while let Some(row) = rows.next()? {
            let detail: String = row.get(3)?;
            uses |= ["TEMP B-TREE", "AUTOMATIC ", "MATERIALIZE ", "LIST SUBQUERY "].iter().any(|sign| detail.contains(sign));
        }
        Ok(uses)
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("report", &self.report).finish_non_exhaustive()
    }
}
