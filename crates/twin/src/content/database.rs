//! SQLite databases built in memory and handed over as bytes.

use super::ContentError;
use rusqlite::Connection;
use rusqlite::serialize::{Data, OwnedData};
use std::ops::Deref;

/// An empty database with this schema, as the app makes it: pages of 4096, `user_version` 1, full auto-vacuum. One
/// transaction is open; [`finish`] ends it.
pub(super) fn create(schema: &str) -> Result<Connection, ContentError> {
    let db = Connection::open_in_memory()?;
    db.set_prepared_statement_cache_capacity(128);
    db.execute_batch(
        "PRAGMA page_size = 4096; PRAGMA auto_vacuum = 1; PRAGMA user_version = 1; PRAGMA journal_mode = OFF; BEGIN;",
    )?;
    db.execute_batch(schema)?;
    Ok(db)
}

/// The bytes of a finished database, in SQLite's own memory where possible: at a million messages a copy is 350 MB.
pub(super) enum Image {
    Owned(OwnedData),
    Copied(Vec<u8>),
}

impl Deref for Image {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Owned(data) => data,
            Self::Copied(data) => data,
        }
    }
}

pub(super) fn finish(mut db: Connection) -> Result<Image, ContentError> {
    db.execute_batch("COMMIT")?;
    db.flush_prepared_statement_cache();
    Ok(match db.serialize(rusqlite::MAIN_DB)? {
        Data::Owned(data) => Image::Owned(data),
        Data::Shared(data) => Image::Copied(data.to_vec()),
    })
}
