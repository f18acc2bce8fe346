//! Frames into tables of our own, in memory: known columns of known tables, bound value by value.

use super::{
    sql::{Sql, parse},
    tables::{MASTER_KEY, TABLES, Table, is_technical, known},
};
use crate::{
    ReadError, Stopped, Summary, TableNature, UnreadTable,
    signal::{
        person::group_mark,
        settings::{Keep, Known, Settings},
    },
};
use foldhash::{HashMap, HashSet};
use rusqlite::{Connection, ToSql, types::ToSqlOutput};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::mpsc, thread};
use uitlezen_signal_backup::legacy::{
    Blob, Frame, LegacyError, Parameter, Preference, Setting, SettingValue, Statement, Unlocked,
};

/// Pages of 4 KiB that the tables may take: 1 GiB.
const MOST_PAGES: i64 = 1 << 18;
/// Attachments that are kept track of.
const MOST_BLOBS: usize = 4_000_000;
/// Names of tables that are not known.
const MOST_NAMES: usize = 1_000;
/// Statements remembered, so that each form is taken apart once.
const MOST_FORMS: usize = 2_000;

/// Statements that were not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Indexes, triggers and the like: every backup has some.
    pub objects: u64,
    /// Neither a table nor a row, or one that is not plainly so.
    pub statements: u64,
    /// Rows whose values do not fit their table.
    pub rows: u64,
}

/// What the pass over the frames met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Intake {
    pub frames: u64,
    /// Version of the database.
    pub version: Option<u64>,
    pub refused: Refused,
    pub unknown_fields: u64,
    pub attachments: u64,
    /// Of those, how many are not what the app wrote.
    pub damaged: u64,
    /// How the file ended, if not at its end: at which frame.
    pub ended: Option<u64>,
}

/// What a table is to be filled with.
struct Way {
    sql: String,
    /// For each value that comes, where it goes.
    places: Vec<Option<usize>>,
    columns: usize,
    key: Option<usize>,
}

/// The tables, in memory.
pub struct Store {
    connection: Connection,
    unlocked: Unlocked,
    blobs: HashMap<i64, Blob>,
    damaged: HashSet<i64>,
    settings: Settings,
    intake: Intake,
    unread: BTreeMap<String, u64>,
    stopped: Vec<Stopped>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("intake", &self.intake).finish_non_exhaustive()
    }
}

/// A value on its way into a table.
enum Bound<'a> {
    Parameter(Parameter<'a>),
    Mark(String),
}

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        use rusqlite::types::{Value, ValueRef};
        Ok(match self {
            Self::Mark(mark) => ToSqlOutput::Borrowed(ValueRef::Text(mark.as_bytes())),
            Self::Parameter(Parameter::Integer(number)) => ToSqlOutput::Owned(Value::Integer(*number)),
            Self::Parameter(Parameter::Real(number)) => ToSqlOutput::Owned(Value::Real(*number)),
            Self::Parameter(Parameter::Text(text)) => ToSqlOutput::Borrowed(ValueRef::Text(text)),
            Self::Parameter(Parameter::Blob(blob)) => ToSqlOutput::Borrowed(ValueRef::Blob(blob)),
            Self::Parameter(Parameter::Null | Parameter::Unknown) => ToSqlOutput::Owned(Value::Null),
        })
    }
}

/// Takes a whole backup in. What is wrong with its end is said in the [`Intake`]; what came before stays. `progress` is told
/// how many bytes of the file were gone through.
///
/// # Errors
/// When the tables cannot be made, or the bytes cannot be read.
pub fn take_in(unlocked: Unlocked, progress: &mut dyn FnMut(u64)) -> Result<Store, ReadError> {
    let connection = Connection::open_in_memory()?;
    for pragma in ["journal_mode", "synchronous", "locking_mode"] {
        let to = if pragma == "locking_mode" { "EXCLUSIVE" } else { "OFF" };
        connection.pragma_update(None, pragma, to)?;
    }
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "max_page_count", MOST_PAGES)?;
    connection.set_prepared_statement_cache_capacity(64);
    let mut store = Store {
        connection,
        unlocked: unlocked.clone(),
        blobs: HashMap::default(),
        damaged: HashSet::default(),
        settings: Settings { universal_timer: Known::NeverSet, keep: Known::NeverSet, trim: Known::NeverSet },
        intake: Intake::default(),
        unread: BTreeMap::new(),
        stopped: Vec::new(),
    };
    // Attachments are checked beside: the frames need the processor for themselves.
    let (found, damaged) = thread::scope(|scope| {
        let (to_check, checked) = mpsc::sync_channel::<(i64, Blob)>(64);
        let beside = unlocked.clone();
        let checker = scope.spawn(move || {
            let mut damaged = Vec::new();
            for (row, blob) in checked {
                if beside.verify(&blob).is_err() {
                    damaged.push(row);
                }
            }
            damaged
        });
        let found = store.frames(&unlocked, &to_check, progress);
        drop(to_check);
        (found, checker.join())
    });
    found?;
    // What nobody checked is nothing to give out.
    let damaged = damaged.map_err(|_| ReadError::Damaged)?;
    store.intake.damaged = damaged.len() as u64;
    store.damaged = damaged.into_iter().collect();
    store.index()?;
    Ok(store)
}

/// Trimming of chats, put together of two settings.
#[derive(Default)]
struct Trim {
    on: Option<bool>,
    length: Option<i64>,
}

impl Store {
    fn frames(
        &mut self,
        unlocked: &Unlocked,
        to_check: &mpsc::SyncSender<(i64, Blob)>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), ReadError> {
        let mut frames = unlocked.frames();
        let (mut ways, mut layouts) = (HashMap::default(), HashMap::default());
        let mut trim = Trim::default();
        self.connection.execute_batch("BEGIN")?;
        let ended = loop {
            progress(frames.position());
            match frames.next() {
                Ok(None) => break None,
                Err(LegacyError::Io(_)) => return Err(ReadError::Damaged),
                Err(_) => break Some(frames.number()),
                Ok(Some(frame)) => {
                    self.intake.frames += 1;
                    match frame {
                        Frame::Version(version) => self.intake.version = Some(version),
                        Frame::Statement(statement) => self.statement(&statement, &mut ways, &mut layouts)?,
                        Frame::Setting(setting) => self.setting(&setting, &mut trim),
                        Frame::Preference(preference) => prefer(&preference, &mut trim),
                        Frame::Attachment { row, blob } => {
                            self.intake.attachments += 1;
                            // The checker is there as long as this is.
                            let _ = to_check.send((row, blob.clone()));
                            if self.blobs.len() < MOST_BLOBS {
                                self.blobs.insert(row, blob);
                            }
                        }
                        Frame::Avatar(_) | Frame::Sticker { .. } => {}
                        Frame::Unknown => *self.unread.entry("BackupFrame".to_owned()).or_default() += 1,
                    }
                }
            }
        };
        self.connection.execute_batch("COMMIT")?;
        self.intake.unknown_fields = frames.unknown_fields();
        self.intake.ended = ended;
        self.settings.trim = match (trim.on, trim.length) {
            (Some(true), length) => Known::Set { value: Some(u64::try_from(length.unwrap_or(500)).unwrap_or(500)) },
            (Some(false), _) => Known::Set { value: None },
            (None, _) => Known::NeverSet,
        };
        if ended.is_some() {
            // Settings stand at the end: of a file that was cut they may be missing.
            let cut = |known: bool| !known;
            if cut(self.settings.universal_timer != Known::NeverSet) {
                self.settings.universal_timer = Known::NotUnderstood;
            }
            if cut(self.settings.keep != Known::NeverSet) {
                self.settings.keep = Known::NotUnderstood;
            }
            if cut(self.settings.trim != Known::NeverSet) {
                self.settings.trim = Known::NotUnderstood;
            }
        }
        Ok(())
    }

    fn statement(
        &mut self,
        statement: &Statement<'_>,
        ways: &mut HashMap<String, Option<Way>>,
        layouts: &mut HashMap<String, Vec<String>>,
    ) -> Result<(), ReadError> {
        let Some(sql) = statement.sql else {
            self.intake.refused.statements += 1;
            return Ok(());
        };
        if !ways.contains_key(sql) {
            match parse(sql) {
                Sql::Table { table, columns } => {
                    if let Some(known) = known(&table).filter(|_| !layouts.contains_key(&table)) {
                        self.table(known, &columns)?;
                    }
                    if layouts.len() < MOST_NAMES {
                        layouts.entry(table).or_insert(columns);
                    }
                    return Ok(());
                }
                Sql::Object => {
                    self.intake.refused.objects += 1;
                    return Ok(());
                }
                Sql::Refused => {
                    self.intake.refused.statements += 1;
                    return Ok(());
                }
                Sql::Insert { table, columns, values } => {
                    let Some(known) = known(&table) else {
                        if self.unread.len() < MOST_NAMES || self.unread.contains_key(&table) {
                            *self.unread.entry(table).or_default() += 1;
                        }
                        return Ok(());
                    };
                    let layout = layouts.get(&table);
                    let way = layout.and_then(|layout| way(known, layout, columns.as_ref().unwrap_or(layout), values));
                    if ways.len() >= MOST_FORMS {
                        ways.clear();
                    }
                    ways.insert(sql.to_owned(), way);
                }
            }
        }
        let Some(Some(way)) = ways.get(sql) else {
            self.intake.refused.rows += 1;
            return Ok(());
        };
        let mut values: Vec<Bound<'_>> = (0..way.columns).map(|_| Bound::Parameter(Parameter::Null)).collect();
        let mut n = 0;
        for (at, parameter) in statement.parameters().enumerate() {
            n += 1;
            if let Some(Some(place)) = way.places.get(at)
                && let Some(to) = values.get_mut(*place)
            {
                *to = match parameter {
                    Parameter::Blob(key) if way.key == Some(at) => Bound::Mark(group_mark(key)),
                    _ if way.key == Some(at) => Bound::Parameter(Parameter::Null),
                    other => Bound::Parameter(other),
                };
            }
        }
        if n != way.places.len() {
            self.intake.refused.rows += 1;
            return Ok(());
        }
        match self.connection.prepare_cached(&way.sql)?.execute(rusqlite::params_from_iter(values)) {
            Ok(_) => {}
            Err(rusqlite::Error::SqliteFailure(error, _)) if error.code == rusqlite::ErrorCode::DiskFull => {
                let stop = Stopped { table: "tables-in-memory".to_owned(), code: error.extended_code };
                if !self.stopped.contains(&stop) {
                    self.stopped.push(stop);
                }
                self.intake.refused.rows += 1;
            }
            // A row whose number is there already, or is none.
            Err(_) => self.intake.refused.rows += 1,
        }
        Ok(())
    }

    /// Makes our own table of the columns that are known and there.
    fn table(&self, table: &Table, columns: &[String]) -> Result<(), ReadError> {
        let of = |column: &&&str| columns.iter().any(|there| there == **column);
        let list: Vec<String> = table
            .columns
            .iter()
            .filter(of)
            .map(|&column| if column == "_id" { "_id INTEGER PRIMARY KEY".to_owned() } else { format!("\"{column}\"") })
            .collect();
        if list.is_empty() {
            return Ok(());
        }
        self.connection.execute_batch(&format!("CREATE TABLE IF NOT EXISTS \"{}\" ({})", table.name, list.join(", ")))?;
        Ok(())
    }

    /// Ways to ask for rows.
    fn index(&self) -> Result<(), ReadError> {
        for table in TABLES {
            for column in table.asked_by {
                let there = self.connection.prepare(&format!("SELECT \"{column}\" FROM \"{}\" LIMIT 0", table.name)).is_ok();
                // A name in quotes that is no column would be a text.
                let there = there
                    && self.connection.query_row(
                        "SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2",
                        [table.name, column],
                        |row| row.get::<_, i64>(0),
                    )? == 1;
                if there {
                    let name = format!("by_{}_{column}", table.name);
                    let part = if *column == "latest_revision_id" { " WHERE latest_revision_id IS NOT NULL" } else { "" };
                    self.connection.execute_batch(&format!("CREATE INDEX {name} ON \"{}\"(\"{column}\"){part}", table.name))?;
                }
            }
        }
        Ok(())
    }

    fn setting(&mut self, setting: &Setting<'_>, trim: &mut Trim) {
        let number = match setting.value {
            SettingValue::Integer(number) => Some(number),
            SettingValue::Flag(_) | SettingValue::Real(_) | SettingValue::NotGiven => None,
        };
        match setting.key {
            "settings.universal.expire.timer" => {
                self.settings.universal_timer = match number.and_then(|n| u64::try_from(n).ok()) {
                    Some(value) => Known::Set { value },
                    None => Known::NotUnderstood,
                };
            }
            "settings.keep_messages_duration" => {
                const DAY: u64 = 86_400;
                self.settings.keep = match number {
                    Some(0) => Known::Set { value: Keep::Forever },
                    Some(1) => Known::Set { value: Keep::For { seconds: 365 * DAY } },
                    Some(2) => Known::Set { value: Keep::For { seconds: 183 * DAY } },
                    Some(3) => Known::Set { value: Keep::For { seconds: 30 * DAY } },
                    _ => Known::NotUnderstood,
                };
            }
            "pref_trim_threads" => {
                if let SettingValue::Flag(flag) = setting.value {
                    trim.on = Some(flag);
                }
            }
            "pref_trim_length" => trim.length = number,
            _ => {}
        }
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The tables as the bytes of a database.
    #[cfg(test)]
    pub(super) fn image(&mut self) -> Vec<u8> {
        self.connection.serialize("main").map(|image| image.to_vec()).unwrap_or_default()
    }

    #[must_use]
    pub fn settings(&self) -> Settings {
        self.settings
    }

    #[must_use]
    pub fn intake(&self) -> &Intake {
        &self.intake
    }

    /// The bytes of the attachment of a row: where they lie, and whether they are what the app wrote.
    #[must_use]
    pub fn blob(&self, row: i64) -> Option<(&Blob, bool)> {
        self.blobs.get(&row).map(|blob| (blob, !self.damaged.contains(&row)))
    }

    #[must_use]
    pub fn unlocked(&self) -> &Unlocked {
        &self.unlocked
    }

    /// What was not taken over, and how it ended.
    pub(super) fn account(&self, summary: &mut Summary) {
        for (table, rows) in &self.unread {
            let technical = is_technical(table);
            summary.tables_unread.push(UnreadTable {
                table: table.clone(),
                rows: (*rows).min(UnreadTable::COUNT_LIMIT),
                nature: if technical { TableNature::Technical } else { TableNature::NotInterpreted },
                reason: if technical { "keys, queues and the like" } else { "a table that this reader does not know" }.to_owned(),
            });
        }
        summary.stopped.extend(self.stopped.iter().cloned());
        if let Some(frame) = self.intake.ended {
            let code = rusqlite::ffi::SQLITE_CORRUPT;
            summary.stopped.push(Stopped { table: format!("frame {frame}"), code });
        }
        summary.oddities.dropped_side_rows += self.intake.refused.rows;
    }
}

fn prefer(preference: &Preference<'_>, trim: &mut Trim) {
    match preference.key {
        "pref_trim_threads" => trim.on = preference.flag.or(trim.on),
        "pref_trim_length" => trim.length = preference.number.or(trim.length),
        _ => {}
    }
}

/// Where the values of a statement go. None when they cannot.
fn way(table: &Table, layout: &[String], columns: &[String], values: usize) -> Option<Way> {
    if columns.len() != values || columns.iter().any(|column| !layout.contains(column)) {
        return None;
    }
    let (mut places, mut names, mut key) = (Vec::with_capacity(values), Vec::new(), None);
    for (at, column) in columns.iter().enumerate() {
        if !table.columns.contains(&column.as_str()) {
            places.push(None);
            continue;
        }
        if names.contains(&format!("\"{column}\"")) {
            return None;
        }
        if (table.name, column.as_str()) == MASTER_KEY {
            key = Some(at);
        }
        places.push(Some(names.len()));
        names.push(format!("\"{column}\""));
    }
    if names.is_empty() {
        return None;
    }
    let holders = vec!["?"; names.len()].join(", ");
    let sql = format!("INSERT INTO \"{}\" ({}) VALUES ({holders})", table.name, names.join(", "));
    Some(Way { sql, places, columns: names.len(), key })
}
