//! The list of everything in a backup, read row by row: a heavy phone has 1.3 million.

use crate::{ArchiveError, BackupError, FileId, MbFile};
use rusqlite::types::ValueRef;
use std::{fmt, ops::ControlFlow};
use uitlezen_evidence::{Bytes, Database, DatabaseError};

/// Rows between two restarts of the statement's clock.
const BATCH: u64 = 1 << 14;

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    File,
    Folder,
    Symlink,
    /// Not interpreted.
    Other(i64),
}

/// One row, as long as it is looked at.
pub struct Row<'a> {
    pub id: FileId,
    pub domain: &'a str,
    /// Within the domain; empty for the domain itself. Hostile: it may climb.
    pub path: &'a str,
    pub kind: RowKind,
    archive: &'a [u8],
}

impl Row<'_> {
    /// The archive as it stands in the row; empty where there is none.
    #[must_use]
    pub fn archive(&self) -> &[u8] {
        self.archive
    }

    /// What the phone says of the file.
    ///
    /// # Errors
    /// See [`ArchiveError`].
    pub fn file(&self) -> Result<MbFile, ArchiveError> {
        MbFile::parse(self.archive)
    }
}

impl fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Why a row was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Refusal {
    /// The id is not 40 lower-case hexadecimal digits: it would become part of a path.
    Id,
    /// A value is of another kind than its column has.
    Kind,
    /// The name climbs, is absolute, or is no name at all.
    Name,
    /// The archive that describes the file cannot be read.
    Archive,
    /// Another row has the same domain and path.
    Twice,
}

/// An open Manifest.db.
#[derive(Debug)]
pub struct Manifest {
    database: Database,
}

impl Manifest {
    /// # Errors
    /// [`BackupError::NoList`] and what the database says.
    pub fn open(plain: Bytes, wal: Option<Bytes>) -> Result<Self, BackupError> {
        let database = Database::open(plain, wal, None)?;
        let columns = database.columns("Files")?.ok_or(BackupError::NoList)?;
        let has = |name: &str| columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
        if !["fileID", "domain", "relativePath", "flags", "file"].into_iter().all(has) {
            return Err(BackupError::NoList);
        }
        Ok(Self { database })
    }

    /// Shows every row once, those that cannot be taken as why. Memory does not grow with their number.
    ///
    /// # Errors
    /// What the database says: the list is then incomplete. [`BackupError::Stopped`] when the viewer broke off.
    pub fn each(&self, view: &mut dyn FnMut(Result<Row<'_>, Refusal>) -> ControlFlow<()>) -> Result<(), BackupError> {
        let mut statement = self.database.prepare("SELECT fileID, domain, relativePath, flags, file FROM Files")?;
        let mut rows = statement.raw_query();
        let mut seen = 0_u64;
        while let Some(row) = rows.next().map_err(DatabaseError::from)? {
            seen += 1;
            if seen > self.database.most_rows() {
                return Err(BackupError::TooManyRows);
            }
            if seen.is_multiple_of(BATCH) {
                self.database.restart_clock();
            }
            if view(taken(row)?).is_break() {
                return Err(BackupError::Stopped);
            }
        }
        Ok(())
    }
}

fn taken<'a>(row: &'a rusqlite::Row<'_>) -> Result<Result<Row<'a>, Refusal>, DatabaseError> {
    let text = |column| {
        Ok::<_, DatabaseError>(match row.get_ref(column)? {
            ValueRef::Text(text) => std::str::from_utf8(text).ok(),
            _ => None,
        })
    };
    let Some(id) = text(0)? else { return Ok(Err(Refusal::Id)) };
    let Some(id) = FileId::from_digits(id) else { return Ok(Err(Refusal::Id)) };
    let (Some(domain), Some(path)) = (text(1)?, text(2)?) else { return Ok(Err(Refusal::Kind)) };
    let ValueRef::Integer(flags) = row.get_ref(3)? else { return Ok(Err(Refusal::Kind)) };
    let archive = match row.get_ref(4)? {
        ValueRef::Blob(archive) => archive,
        ValueRef::Null => &[],
        _ => return Ok(Err(Refusal::Kind)),
    };
    let kind = match flags {
        1 => RowKind::File,
        2 => RowKind::Folder,
        4 => RowKind::Symlink,
        other => RowKind::Other(other),
    };
    Ok(Ok(Row { id, domain, path, kind, archive }))
}
