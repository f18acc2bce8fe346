//! Looking things up. The same over a file that is read where it lies and over one that is in memory to be changed.

use crate::{Entry, Kind, ORGANISATION, Organisation, RegisterError, entry::EVERY_PHONE};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

/// Most entries or history lines that one question answers.
pub(crate) const MOST_ROWS: usize = 2_000_000;

/// A state of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Number of the last change.
    pub change: u64,
    /// SHA-256, hex, over all changes up to it.
    pub digest: String,
    pub changed: Timestamp,
}

/// One form that an entry had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    pub change: u64,
    pub at: Timestamp,
    pub who: String,
    pub why: String,
    /// The clock stood before the change before this one.
    pub clock_back: bool,
    pub ended: bool,
    pub entry: Entry,
}

/// A change, without what it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub number: u64,
    pub at: Timestamp,
    pub who: String,
    pub why: String,
    pub clock_back: bool,
    /// How many entries it changed.
    pub entries: u64,
}

/// An entry as it counts now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub entry: Entry,
    /// It counts no longer.
    pub ended: bool,
}

/// A register that can be asked.
#[derive(Clone, Copy, Debug)]
pub struct View<'c>(pub(crate) &'c Connection);

const DAMAGED: RegisterError = RegisterError::Damaged("an entry is not readable");

fn entry(kind: Kind, body: &str) -> Result<Entry, RegisterError> {
    Entry::from_text(kind, body).map_err(|_| DAMAGED)
}

fn moment(text: &str) -> Result<Timestamp, RegisterError> {
    text.parse().map_err(|_| DAMAGED)
}

impl View<'_> {
    /// What stands now; `None` before the first change.
    pub fn state(&self) -> Result<Option<State>, RegisterError> {
        let mut statement =
            self.0.prepare_cached("SELECT number, digest, at FROM change WHERE number = (SELECT max(number) FROM change)")?;
        let row = statement.query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?, row.get::<_, String>(2)?))).optional()?;
        row.map(|(change, digest, at)| Ok(State { change: change.unsigned_abs(), digest, changed: moment(&at)? })).transpose()
    }

    /// The entry of this id, ended or not.
    pub fn standing(&self, kind: Kind, id: &str) -> Result<Option<Standing>, RegisterError> {
        let mut statement = self.0.prepare_cached(
            "SELECT version.body, current.ended FROM current JOIN version ON version.number = current.version
             WHERE current.kind = ?1 AND current.id = ?2",
        )?;
        let row = statement.query_row([kind.as_str(), id], |row| Ok((row.get::<_, String>(0)?, row.get(1)?))).optional()?;
        row.map(|(body, ended)| Ok(Standing { entry: entry(kind, &body)?, ended })).transpose()
    }

    /// The entry of this id, unless it has ended.
    pub fn get(&self, kind: Kind, id: &str) -> Result<Option<Entry>, RegisterError> {
        Ok(self.standing(kind, id)?.filter(|standing| !standing.ended).map(|standing| standing.entry))
    }

    /// The settings of the organisation.
    pub fn organisation(&self) -> Result<Option<Organisation>, RegisterError> {
        Ok(match self.get(Kind::Organisation, ORGANISATION)? {
            Some(Entry::Organisation(organisation)) => Some(organisation),
            _ => None,
        })
    }

    /// Current entries that are known under a name.
    pub(crate) fn named(&self, name: &str, value: &str) -> Result<Vec<(Kind, String)>, RegisterError> {
        let mut statement = self.0.prepare_cached("SELECT kind, id FROM lookup WHERE name = ?1 AND value = ?2")?;
        let mut rows = statement.query([name, value])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            if found.len() >= MOST_ROWS {
                return Err(RegisterError::TooLarge);
            }
            let kind = Kind::parse(&row.get::<_, String>(0)?).ok_or(DAMAGED)?;
            found.push((kind, row.get(1)?));
        }
        Ok(found)
    }

    /// Current entries of one kind that are known under a name, whole.
    pub(crate) fn entries_named(&self, of: Kind, name: &str, value: &str) -> Result<Vec<Entry>, RegisterError> {
        let mut entries = Vec::new();
        for (kind, id) in self.named(name, value)? {
            if kind == of {
                entries.extend(self.get(kind, &id)?);
            }
        }
        Ok(entries)
    }

    /// Whoever has this number or native id, as a contact, a group, a phone or an account.
    pub fn with_identifier(&self, identifier: &str) -> Result<Vec<Entry>, RegisterError> {
        let mut entries = Vec::new();
        for (kind, id) in self.named("identifier", identifier)? {
            entries.extend(self.get(kind, &id)?);
        }
        Ok(entries)
    }

    /// Decisions about one phone, those about every phone included.
    pub(crate) fn decisions_on(&self, serial: &str) -> Result<Vec<Entry>, RegisterError> {
        let mut entries = self.entries_named(Kind::Decision, "on", EVERY_PHONE)?;
        entries.extend(self.entries_named(Kind::Decision, "on", serial)?);
        Ok(entries)
    }

    /// How many entries of a kind count now.
    pub fn count(&self, kind: Kind) -> Result<u64, RegisterError> {
        let mut statement = self.0.prepare_cached("SELECT count(*) FROM current WHERE kind = ?1 AND ended = 0")?;
        Ok(statement.query_row([kind.as_str()], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    /// Calls `each` for every entry of a kind, by id; ended ones too.
    pub fn each(&self, kind: Kind, mut each: impl FnMut(Standing) -> Result<(), RegisterError>) -> Result<(), RegisterError> {
        let mut statement = self.0.prepare_cached(
            "SELECT version.body, current.ended FROM current JOIN version ON version.number = current.version
             WHERE current.kind = ?1 ORDER BY current.id",
        )?;
        let mut rows = statement.query([kind.as_str()])?;
        let mut seen = 0;
        while let Some(row) = rows.next()? {
            seen += 1;
            if seen > MOST_ROWS {
                return Err(RegisterError::TooLarge);
            }
            each(Standing { entry: entry(kind, &row.get::<_, String>(0)?)?, ended: row.get(1)? })?;
        }
        Ok(())
    }

    /// All changes, the first first.
    pub fn changes(&self) -> Result<Vec<Change>, RegisterError> {
        let mut statement = self.0.prepare_cached(
            "SELECT number, at, who, why, clock_back, (SELECT count(*) FROM version WHERE change = change.number)
             FROM change ORDER BY number",
        )?;
        let mut rows = statement.query([])?;
        let mut changes = Vec::new();
        while let Some(row) = rows.next()? {
            if changes.len() >= MOST_ROWS {
                return Err(RegisterError::TooLarge);
            }
            changes.push(Change {
                number: row.get::<_, i64>(0)?.unsigned_abs(),
                at: moment(&row.get::<_, String>(1)?)?,
                who: row.get(2)?,
                why: row.get(3)?,
                clock_back: row.get(4)?,
                entries: row.get::<_, i64>(5)?.unsigned_abs(),
            });
        }
        Ok(changes)
    }

    /// Every form that an entry had, the first first.
    pub fn history(&self, kind: Kind, id: &str) -> Result<Vec<Version>, RegisterError> {
        self.versions(
            "SELECT change.number, at, who, why, clock_back, ended, kind, body FROM version
             JOIN change ON change.number = version.change WHERE kind = ?1 AND id = ?2 ORDER BY version.number",
            [kind.as_str(), id],
        )
    }

    /// Everything that was changed after a change, in order.
    pub fn since(&self, change: u64) -> Result<Vec<Version>, RegisterError> {
        self.versions(
            "SELECT change.number, at, who, why, clock_back, ended, kind, body FROM version
             JOIN change ON change.number = version.change WHERE change.number > ?1 ORDER BY version.number",
            [i64::try_from(change).unwrap_or(i64::MAX)],
        )
    }

    fn versions(&self, sql: &str, with: impl rusqlite::Params) -> Result<Vec<Version>, RegisterError> {
        fn version(row: &Row<'_>) -> Result<Version, RegisterError> {
            let kind = Kind::parse(&row.get::<_, String>(6)?).ok_or(DAMAGED)?;
            Ok(Version {
                change: row.get::<_, i64>(0)?.unsigned_abs(),
                at: moment(&row.get::<_, String>(1)?)?,
                who: row.get(2)?,
                why: row.get(3)?,
                clock_back: row.get(4)?,
                ended: row.get(5)?,
                entry: entry(kind, &row.get::<_, String>(7)?)?,
            })
        }
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query(with)?;
        let mut versions = Vec::new();
        while let Some(row) = rows.next()? {
            if versions.len() >= MOST_ROWS {
                return Err(RegisterError::TooLarge);
            }
            versions.push(version(row)?);
        }
        Ok(versions)
    }

    /// The next free number of a decision.
    pub fn next_decision(&self) -> Result<u64, RegisterError> {
        let most: Option<i64> =
            self.0.query_row("SELECT max(CAST(id AS INTEGER)) FROM current WHERE kind = 'decision'", [], |row| row.get(0))?;
        Ok(most.and_then(|n| u64::try_from(n).ok()).unwrap_or(0) + 1)
    }
}
