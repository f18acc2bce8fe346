//! What several rooms break: one small phone of the twin, and a place for files.

use std::{path::Path, sync::OnceLock};
use tempfile::TempDir;
use uitlezen_twin::content::{BackupKind, MediaScale, Options, PhoneContent, WHATSAPP, generate};

/// A phone with a message of nearly every kind, made once.
pub(crate) fn phone() -> &'static PhoneContent {
    static PHONE: OnceLock<PhoneContent> = OnceLock::new();
    PHONE.get_or_init(|| {
        let options = Options {
            seed: 7,
            messages: 120,
            conversations: Some(12),
            media: MediaScale::None,
            kind: BackupKind::Crypt15BesideStale14,
            unread_entry: true,
            cards_in_lid_chats: true,
            keep_plain: true,
            ..Options::default()
        };
        generate(&options).expect("the generator")
    })
}

/// Bytes of the phone's files whose name ends so.
pub(crate) fn files_of_phone(end: &str) -> Vec<Vec<u8>> {
    phone().files.iter().filter(|(name, _)| name.ends_with(end)).map(|(_, file)| file.to_vec()).collect()
}

/// The phone's databases, with small pages and without the many empty tables that only fill them: then a mutation hits
/// something.
pub(crate) fn small_databases() -> &'static (Vec<u8>, Vec<u8>) {
    static SMALL: OnceLock<(Vec<u8>, Vec<u8>)> = OnceLock::new();
    SMALL.get_or_init(|| {
        let plain = &phone().plain[WHATSAPP];
        (shrunk(&plain.msgstore), shrunk(&plain.wa))
    })
}

pub(crate) fn shrunk(image: &[u8]) -> Vec<u8> {
    let dir = folder();
    let path = dir.path().join("db");
    std::fs::write(&path, image).unwrap();
    let db = rusqlite::Connection::open(&path).unwrap();
    let names = |kind: &str| -> Vec<String> {
        let mut found =
            db.prepare("SELECT name FROM sqlite_schema WHERE type = ?1 AND sql NOT NULL AND name NOT LIKE 'sqlite_%'").unwrap();
        found.query_map([kind], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    for (kind, word) in [("trigger", "TRIGGER"), ("view", "VIEW")] {
        names(kind).iter().for_each(|name| db.execute_batch(&format!("DROP {word} \"{name}\"")).unwrap());
    }
    for name in names("table") {
        let empty: bool =
            db.query_row(&format!("SELECT NOT EXISTS (SELECT 1 FROM \"{name}\")"), [], |row| row.get(0)).unwrap_or(false);
        if empty {
            // A virtual table takes its shadow tables along, so one may be gone already.
            let _ = db.execute_batch(&format!("DROP TABLE \"{name}\""));
        }
    }
    db.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA page_size = 512; VACUUM;").unwrap();
    drop(db);
    std::fs::read(&path).unwrap()
}

/// A folder that goes with its holder; in memory where the machine has such a place, since most cases write a file.
pub(crate) fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let builder = tempfile::Builder::new();
    if memory.is_dir() { builder.tempdir_in(memory).or_else(|_| builder.tempdir()) } else { builder.tempdir() }.expect("a folder")
}
