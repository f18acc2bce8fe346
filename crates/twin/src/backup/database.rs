//! Manifest.db with the schema of a real one.

use super::BackupError;
use rusqlite::{Connection, params};

pub(super) struct Manifest(Connection);

impl Manifest {
    pub(super) fn new() -> Result<Self, BackupError> {
        let db = Connection::open_in_memory()?;
        db.execute_batch(
            "PRAGMA page_size = 4096;
             PRAGMA user_version = 2;
             CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB);
             CREATE INDEX FilesDomainIdx ON Files(domain);
             CREATE INDEX FilesRelativePathIdx ON Files(relativePath);
             CREATE INDEX FilesFlagsIdx ON Files(flags);
             CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB);
             BEGIN;",
        )?;
        Ok(Self(db))
    }

    pub(super) fn add(&self, id: &str, domain: &str, path: &str, flags: u8, file: &[u8]) -> Result<(), BackupError> {
        self.0.prepare_cached("INSERT INTO Files VALUES (?, ?, ?, ?, ?)")?.execute(params![id, domain, path, flags, file])?;
        Ok(())
    }

    pub(super) fn bytes(mut self) -> Result<Vec<u8>, BackupError> {
        self.0.execute_batch("COMMIT")?;
        Ok(self.0.serialize("main")?.to_vec())
    }
}
