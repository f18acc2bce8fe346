//! The register on disk: opened where it lies to be read, taken into memory whole to be changed.
//!
//! A change holds the lock file, reads the register again, makes all its edits in one transaction, checks the whole of them
//! and replaces the file. So two desks that change at once lose nothing of each other, and a change that is refused, broken
//! off or short of disk leaves the register as it was. The database is never on disk but encrypted: SQLite has it in memory.

use crate::{
    Contact, ContactKind, Entry, Fault, Kind, LONGEST_TEXT, Refused, RegisterError, State, View, What, coherence,
    file::{self, LARGEST, RegisterKey},
    folded,
    schema::{SCHEMA, SCHEMA_VERSION},
};
use jiff::Timestamp;
use rusqlite::{Connection, MAIN_DB, OptionalExtension, params, serialize::Data};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};
use uitlezen_evidence::{Database, Reader};

/// Name of the register in the state folder.
pub const FILE: &str = "register.uitlezen";
/// Most edits of one change.
pub const MOST_EDITS: usize = 1_000_000;

/// Where the register lies, and its key.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    key: RegisterKey,
}

/// An opened register.
#[derive(Debug)]
pub struct Register {
    database: Database,
}

impl Register {
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View(self.database.connection())
    }
}

/// Who changes the register, why, and when.
#[derive(Clone, Debug)]
pub struct Stamp {
    pub who: String,
    pub why: String,
    pub at: Timestamp,
}

/// One thing to be changed, and the line that it came from.
#[derive(Clone, Debug)]
pub struct Edit {
    pub line: Option<usize>,
    pub action: Action,
}

#[derive(Clone, Debug)]
pub enum Action {
    /// A new entry, or a new form of one. An ended one counts again.
    Put(Box<Entry>),
    /// An entry that counts no longer, as it came in a table.
    PutEnded(Box<Entry>),
    /// The entry counts no longer. It stays in the history.
    End(Kind, String),
}

impl Edit {
    #[must_use]
    pub fn put(entry: Entry) -> Self {
        Self { line: None, action: Action::Put(Box::new(entry)) }
    }

    #[must_use]
    pub fn end(kind: Kind, id: impl Into<String>) -> Self {
        Self { line: None, action: Action::End(kind, id.into()) }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Write,
    /// Everything but the writing.
    Preview,
}

/// What a change did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// After it; `None` when nothing changed in a register without changes.
    pub state: Option<State>,
    pub added: BTreeMap<Kind, u64>,
    pub changed: BTreeMap<Kind, u64>,
    pub ended: BTreeMap<Kind, u64>,
    pub unchanged: u64,
    /// The time of the change before, when this one is earlier: the clock went back.
    pub clock_back: Option<Timestamp>,
}

impl Applied {
    /// Whether anything is different now.
    #[must_use]
    pub fn is_change(&self) -> bool {
        !(self.added.is_empty() && self.changed.is_empty() && self.ended.is_empty())
    }
}

impl Store {
    /// The register in a state folder; nothing is read yet.
    #[must_use]
    pub fn at(folder: &Path, key: RegisterKey) -> Self {
        Self { path: folder.join(FILE), key }
    }

    /// Whether there is a register, readable or not.
    #[must_use]
    pub fn is_there(folder: &Path) -> bool {
        folder.join(FILE).exists()
    }

    /// Opens it where it lies: only what is looked up is decrypted.
    pub fn open(&self) -> Result<Register, RegisterError> {
        let database = Database::plain(file::open(&self.path, &self.key)?)?;
        Ok(Register { database })
    }

    /// Makes the edits that `edits` wants after seeing the register as it now is, all or none. Makes the register if there is
    /// none.
    ///
    /// Errors: [`RegisterError::Refused`] with everything that is wrong; the register stands as it was then.
    pub fn change(
        &self,
        stamp: &Stamp,
        mode: Mode,
        edits: impl FnOnce(View<'_>) -> Result<Vec<Edit>, RegisterError>,
    ) -> Result<Applied, RegisterError> {
        let _lock = self.lock()?;
        let mut connection = self.in_memory()?;
        let edits = edits(View(&connection))?;
        if edits.len() > MOST_EDITS {
            return Err(RegisterError::TooLarge);
        }
        let applied = apply(&mut connection, stamp, edits)?;
        if mode == Mode::Write && applied.is_change() {
            // The image is SQLite's own memory; nothing is copied out of it but ciphertext.
            match connection.serialize(MAIN_DB)? {
                Data::Shared(image) => file::write(&self.path, &self.key, &image)?,
                Data::Owned(image) => file::write(&self.path, &self.key, &image)?,
            }
        }
        Ok(applied)
    }

    /// Held until dropped. Its file stays: removing it would let two processes hold two locks.
    fn lock(&self) -> Result<File, RegisterError> {
        let file =
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(self.path.with_extension("lock"))?;
        file.lock()?;
        Ok(file)
    }

    fn in_memory(&self) -> Result<Connection, RegisterError> {
        let mut connection = Connection::open_in_memory()?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        match file::open(&self.path, &self.key) {
            Ok(image) => {
                if image.is_empty() || image.len() > LARGEST {
                    return Err(RegisterError::Damaged("contents"));
                }
                let size = usize::try_from(image.len()).map_err(|_| RegisterError::TooLarge)?;
                connection
                    .deserialize_read_exact(MAIN_DB, Reader::new(image), size, false)
                    .map_err(|_| RegisterError::Damaged("contents"))?;
                let version: i32 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
                if version != SCHEMA_VERSION {
                    return Err(RegisterError::Damaged("tables"));
                }
            }
            Err(RegisterError::Absent) => {
                connection.execute_batch(SCHEMA)?;
                connection.pragma_update(None, "user_version", SCHEMA_VERSION)?;
            }
            Err(other) => return Err(other),
        }
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        Ok(connection)
    }
}

/// Who and why must be there, whatever is changed.
fn stamp_faults(stamp: &Stamp) -> Vec<Refused> {
    let mut refused = Vec::new();
    for (field, text) in [("by", &stamp.who), ("why", &stamp.why)] {
        let what = match text.trim() {
            "" => What::Empty,
            text if text.len() > LONGEST_TEXT => What::TooLong,
            text if text.chars().any(char::is_control) => What::Control,
            _ => continue,
        };
        refused.push(Refused { line: None, kind: None, id: String::new(), fault: Fault { field, what } });
    }
    refused
}

fn apply(connection: &mut Connection, stamp: &Stamp, edits: Vec<Edit>) -> Result<Applied, RegisterError> {
    let mut refused = stamp_faults(stamp);
    let transaction = connection.transaction()?;
    let before = View(&transaction).state()?;
    let mut applied = Applied {
        clock_back: before.as_ref().map(|state| state.changed).filter(|changed| stamp.at < *changed),
        ..Applied::default()
    };
    let number = i64::try_from(before.as_ref().map_or(0, |state| state.change)).unwrap_or(i64::MAX).saturating_add(1);
    let mut digest = Sha256::new();
    let clock_back = applied.clock_back.is_some();
    let at = stamp.at.to_string();
    // One JSON line: what is digested can be read one way only.
    let head = serde_json::json!([before.as_ref().map(|s| &s.digest), number, at, stamp.who, stamp.why, clock_back]);
    digest.update(head.to_string());
    // The digest is known when everything was put: foreign keys wait until then.
    transaction.pragma_update(None, "defer_foreign_keys", true)?;
    let mut touched: BTreeMap<(Kind, String), Option<usize>> = BTreeMap::new();
    for Edit { line, action } in edits {
        let ends = !matches!(action, Action::Put(_));
        let (kind, id, entry) = match action {
            Action::Put(mut entry) | Action::PutEnded(mut entry) => {
                entry.normalise();
                (entry.kind(), entry.id(), Some(entry))
            }
            Action::End(kind, id) => (kind, id, None),
        };
        let mut refuse = |fault| refused.push(Refused { line, kind: Some(kind), id: id.clone(), fault });
        if touched.insert((kind, id.clone()), line).is_some() {
            refuse(Fault { field: kind.id_field(), what: What::Twice });
            continue;
        }
        let standing = View(&transaction).standing(kind, &id)?;
        let (body, ended) = match (&entry, &standing) {
            (Some(entry), _) => {
                entry.faults().into_iter().for_each(&mut refuse);
                (entry.as_ref(), ends)
            }
            (None, Some(standing)) if !standing.ended => (&standing.entry, true),
            (None, _) => {
                refuse(Fault { field: kind.id_field(), what: What::Absent });
                continue;
            }
        };
        if standing.as_ref().is_some_and(|s| s.entry == *body && s.ended == ended) {
            applied.unchanged += 1;
            continue;
        }
        let counter = match (&standing, ended) {
            (_, true) => &mut applied.ended,
            (None, _) => &mut applied.added,
            (Some(_), _) => &mut applied.changed,
        };
        *counter.entry(kind).or_default() += 1;
        let text = body.to_value().map_err(|_| RegisterError::Damaged("entry"))?.to_string();
        digest.update(serde_json::json!([kind.as_str(), id, ended, text]).to_string());
        put(&transaction, number, kind, &id, ended, &text)?;
        transaction.prepare_cached("DELETE FROM lookup WHERE kind = ?1 AND id = ?2")?.execute([kind.as_str(), &id])?;
        if !ended {
            let mut statement = transaction.prepare_cached("INSERT OR IGNORE INTO lookup VALUES (?1, ?2, ?3, ?4)")?;
            for (name, value) in body.keys() {
                statement.execute([name, &value, kind.as_str(), &id])?;
            }
        }
    }
    coherence::check(View(&transaction), &touched, &mut refused)?;
    if !refused.is_empty() {
        refused.sort_by_key(|r| r.line);
        return Err(RegisterError::Refused(refused));
    }
    applied.state = before;
    if applied.is_change() {
        let digest = hex::encode(digest.finalize());
        transaction.execute(
            "INSERT INTO change (number, at, who, why, clock_back, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![number, at, stamp.who, stamp.why, clock_back, digest],
        )?;
        applied.state = Some(State { change: number.unsigned_abs(), digest, changed: stamp.at });
        transaction.commit()?;
    }
    Ok(applied)
}

fn put(connection: &Connection, change: i64, kind: Kind, id: &str, ended: bool, body: &str) -> Result<(), RegisterError> {
    connection
        .prepare_cached("INSERT INTO version (change, kind, id, ended, body) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![change, kind.as_str(), id, ended, body])?;
    connection
        .prepare_cached("INSERT OR REPLACE INTO current (kind, id, version, ended) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![kind.as_str(), id, connection.last_insert_rowid(), ended])?;
    Ok(())
}

impl View<'_> {
    /// Whether every change still has the digest that it was given: the history is as it was written.
    pub fn history_holds(&self) -> Result<bool, RegisterError> {
        let mut changes = self.0.prepare("SELECT number, at, who, why, clock_back, digest FROM change ORDER BY number")?;
        let mut versions = self.0.prepare("SELECT kind, id, ended, body FROM version WHERE change = ?1 ORDER BY number")?;
        let mut rows = changes.query([])?;
        let mut before: Option<String> = None;
        while let Some(row) = rows.next()? {
            let (number, at, who, why): (i64, String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            let (back, said): (bool, String) = (row.get(4)?, row.get(5)?);
            let mut digest = Sha256::new();
            digest.update(serde_json::json!([before, number, at, who, why, back]).to_string());
            let mut of = versions.query([number])?;
            while let Some(row) = of.next()? {
                let (kind, id, ended, body): (String, String, bool, String) =
                    (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
                digest.update(serde_json::json!([kind, id, ended, body]).to_string());
            }
            if hex::encode(digest.finalize()) != said {
                return Ok(false);
            }
            before = Some(said);
        }
        Ok(true)
    }

    /// Council members of this name.
    pub fn councillors_named(&self, name: &str) -> Result<Vec<Contact>, RegisterError> {
        let entries = self.entries_named(Kind::Contact, "name", &folded(name))?;
        Ok(entries
            .into_iter()
            .filter_map(|entry| match entry {
                Entry::Contact(contact) if contact.kind == ContactKind::Raadslid => Some(contact),
                _ => None,
            })
            .collect())
    }

    /// The serial number of the phone with this business number.
    pub fn phone_with_number(&self, number: &str) -> Result<Option<String>, RegisterError> {
        let mut statement =
            self.0.prepare_cached("SELECT id FROM lookup WHERE name = 'identifier' AND value = ?1 AND kind = 'phone' LIMIT 1")?;
        Ok(statement.query_row([number], |row| row.get(0)).optional()?)
    }
}
