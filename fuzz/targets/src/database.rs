//! Databases from outside with their logs.
//!
//! An input is the database, the write-ahead log and the rollback journal, framed; an empty log stands for none.

use crate::framing::{Script, cut, joined};
use rusqlite::types::ValueRef;
use std::{
    path::Path,
    sync::{Arc, OnceLock},
    time::Duration,
};
use uitlezen_evidence::{Bytes, Database, Hint, Limits, overlay};

/// The page size of the databases made here: small, so that a few kilobytes have trees of some depth.
const PAGE: usize = 512;

fn source(bytes: &[u8]) -> Bytes {
    Arc::new(bytes.to_vec())
}

fn log(bytes: &[u8]) -> Option<Bytes> {
    (!bytes.is_empty()).then(|| source(bytes))
}

/// Opens, and reads every table; whatever the schema says, SQLite opens nothing beside it.
pub fn database_open(data: &[u8]) {
    let (db, rest) = cut(data);
    let (wal, journal) = cut(rest);
    scan(source(db), log(wal), log(journal));
}

fn scan(db: Bytes, wal: Option<Bytes>, journal: Option<Bytes>) {
    let limits = Limits { statement_time: Duration::from_secs(2), longest_value: 1 << 20 };
    let Ok(database) = Database::open_with(db, wal, journal, limits) else { return };
    assert_eq!(database.report().bytes, database.image().len());
    assert_eq!(database.is_empty(), database.image().is_empty());
    let Ok(tables) = database.tables() else { return };
    for table in tables.iter().take(20) {
        let columns = database.columns(table).ok().flatten().unwrap_or_default();
        let name = table.replace('"', "\"\"");
        let Ok(mut statement) = database.prepare(&format!("SELECT * FROM \"{name}\"")) else { continue };
        assert!(statement.column_count() <= columns.len().max(2000));
        let mut rows = statement.raw_query();
        let mut seen = 0;
        while let Ok(Some(row)) = rows.next() {
            for column in 0..row.as_ref().column_count() {
                if let Ok(ValueRef::Text(value) | ValueRef::Blob(value)) = row.get_ref(column) {
                    assert!(value.len() <= 1 << 20);
                }
            }
            seen += 1;
            if seen > 2000 || seen > database.most_rows() {
                break;
            }
        }
    }
    assert_eq!(database.temp_opens_refused(), 0, "a statement wanted a file");
}

/// The database with a log laid over it: nothing beyond what the report says, and every place readable in any pieces.
fn laid(db: &[u8], wal: Option<Bytes>, journal: Option<Bytes>) {
    let Ok((image, report)) = overlay(source(db), wal, journal) else { return };
    assert_eq!((report.bytes, report.bytes_in_file), (image.len(), db.len() as u64));
    if let Some(wal) = &report.wal {
        assert!(wal.frames_used <= wal.frames_valid && wal.frames_valid <= wal.frames_seen, "{wal:?}");
        assert!(wal.bytes_after <= wal.bytes && wal.pages <= wal.frames_used, "{wal:?}");
    }
    if let Some(journal) = &report.journal {
        assert!(journal.pages_rolled_back * u64::from(journal.page_size) <= journal.bytes, "{journal:?}");
    }
    let mut hint = Hint::default();
    for at in [0, 100, 511, 512, 4095, db.len() as u64, image.len().saturating_sub(1500)] {
        let n = usize::try_from(image.len().saturating_sub(at).min(1500)).unwrap();
        let (mut whole, mut pieces) = (vec![0; n], vec![0; n]);
        if image.read_at(at, &mut whole, &mut hint).is_err() {
            continue;
        }
        for (n, piece) in pieces.chunks_mut(700).enumerate() {
            image.read_at(at + n as u64 * 700, piece, &mut hint).expect("a part of what could be read");
        }
        assert_eq!(whole, pieces);
    }
    assert!(image.read_at(image.len(), &mut [0], &mut hint).is_err(), "bytes beyond the end");
}

/// The input is a write-ahead log over a good database.
pub fn wal_overlay(data: &[u8]) {
    laid(&made().db, log(data), None);
    scan(source(&made().db), log(data), None);
}

/// The input is a hot journal over the database that it was written beside.
pub fn journal_overlay(data: &[u8]) {
    laid(&made().torn, None, log(data));
    scan(source(&made().torn), None, log(data));
}

/// A log whose checksums are right and whose frames say what the input wants: page numbers and sizes of any kind.
pub fn wal_forged(data: &[u8]) {
    let mut script = Script(data);
    let page_size = 1_u32 << (script.byte() % 18);
    let big_endian = script.byte() & 1 == 1;
    let mut wal = Forged::new(page_size, big_endian);
    let size = usize::try_from(page_size).unwrap();
    while !script.0.is_empty() && wal.bytes.len() < 1 << 20 {
        let (page, commit, piece) = (script.word(), script.word(), script.piece());
        let mut content = vec![0; size];
        let from = usize::try_from(page.wrapping_sub(1)).unwrap().wrapping_mul(size);
        if let Some(old) = made().db.get(from..from.wrapping_add(size)) {
            content.copy_from_slice(old);
        }
        content.iter_mut().zip(piece).for_each(|(to, from)| *to = *from);
        wal.frame(page, commit, &content);
    }
    laid(&made().db, log(&wal.bytes), None);
    scan(source(&made().db), log(&wal.bytes), None);
}

/// Writes a log from the published layout (reference/sqlite-vfs.md §3), apart from the code that reads it.
struct Forged {
    bytes: Vec<u8>,
    sum: (u32, u32),
    big_endian: bool,
}

impl Forged {
    fn new(page_size: u32, big_endian: bool) -> Self {
        let mut wal = Self { bytes: Vec::new(), sum: (0, 0), big_endian };
        for word in [0x377f_0682 | u32::from(big_endian), 3_007_000, page_size, 0, 0x1234_5678, 0x9abc_def0] {
            wal.bytes.extend(word.to_be_bytes());
        }
        wal.add(&wal.bytes.clone());
        wal.put_sum();
        wal
    }

    fn frame(&mut self, page: u32, commit: u32, content: &[u8]) {
        let head = [page.to_be_bytes(), commit.to_be_bytes()].concat();
        self.add(&head);
        self.add(content);
        self.bytes.extend(head);
        self.bytes.extend([0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0]);
        self.put_sum();
        self.bytes.extend(content);
    }

    fn add(&mut self, bytes: &[u8]) {
        let read = if self.big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
        for pair in bytes.chunks_exact(8) {
            let (x, y) = (read(pair[..4].try_into().unwrap()), read(pair[4..].try_into().unwrap()));
            self.sum.0 = self.sum.0.wrapping_add(x).wrapping_add(self.sum.1);
            self.sum.1 = self.sum.1.wrapping_add(y).wrapping_add(self.sum.0);
        }
    }

    fn put_sum(&mut self) {
        self.bytes.extend(self.sum.0.to_be_bytes());
        self.bytes.extend(self.sum.1.to_be_bytes());
    }
}

/// A database, a log over it; and the same database caught in a transaction, with its journal.
struct Made {
    db: Vec<u8>,
    wal: Vec<u8>,
    torn: Vec<u8>,
    journal: Vec<u8>,
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let (db, wal) = logged(&dir.path().join("wal.db"));
        let (torn, journal) = torn(&dir.path().join("torn.db"));
        Made { db, wal, torn, journal }
    })
}

fn filled(path: &Path) -> rusqlite::Connection {
    let db = rusqlite::Connection::open(path).unwrap();
    db.execute_batch(&format!(
        "PRAGMA page_size = {PAGE};
         CREATE TABLE message(_id INTEGER PRIMARY KEY, key_id TEXT NOT NULL, text_data TEXT, sort REAL);
         CREATE INDEX by_key ON message(key_id);
         CREATE TABLE pairs(a TEXT, b BLOB, PRIMARY KEY(a)) WITHOUT ROWID;
         CREATE VIEW shown AS SELECT text_data FROM message;
         CREATE TRIGGER t AFTER INSERT ON pairs BEGIN DELETE FROM message; END;
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
           INSERT INTO message SELECT i, 'K' || i, 'bericht ' || i, i / 7.0 FROM n;
         INSERT INTO message VALUES (1000, 'lang', hex(zeroblob(900)), -1);
         DROP TRIGGER t;
         INSERT INTO pairs VALUES ('x', x'00ff'), ('y', zeroblob(700)), ('z', NULL);"
    ))
    .unwrap();
    db
}

fn logged(path: &Path) -> (Vec<u8>, Vec<u8>) {
    let db = filled(path);
    db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0").unwrap();
    db.execute_batch("UPDATE message SET text_data = 'nieuw' WHERE _id < 9; DELETE FROM pairs WHERE a = 'y';").unwrap();
    db.execute_batch("CREATE TABLE later(t); INSERT INTO later VALUES (1), ('twee'), (3.5);").unwrap();
    let beside = path.with_extension("db-wal");
    (std::fs::read(path).unwrap(), std::fs::read(beside).unwrap())
}

fn torn(path: &Path) -> (Vec<u8>, Vec<u8>) {
    let db = filled(path);
    db.execute_batch(
        "PRAGMA cache_size = 5; PRAGMA cache_spill = 1; BEGIN; UPDATE message SET text_data = 'half', key_id = 'H' || _id;",
    )
    .unwrap();
    let journal = std::fs::read(path.with_extension("db-journal")).unwrap();
    let torn = std::fs::read(path).unwrap();
    db.execute_batch("ROLLBACK").unwrap();
    (torn, journal)
}

pub fn database_seeds() -> Vec<Vec<u8>> {
    let Made { db, wal, torn, journal } = made();
    vec![joined([db.as_slice(), &[], &[]]), joined([db, wal, &vec![]]), joined([torn, &vec![], journal])]
}

pub fn wal_seeds() -> Vec<Vec<u8>> {
    vec![made().wal.clone()]
}

pub fn journal_seeds() -> Vec<Vec<u8>> {
    vec![made().journal.clone()]
}

pub fn wal_forged_seeds() -> Vec<Vec<u8>> {
    let frame = |page: u32, commit: u32, content: &[u8]| {
        [page.to_le_bytes().to_vec(), commit.to_le_bytes().to_vec(), joined([content])].concat()
    };
    let pages = u32::try_from(made().db.len() / PAGE).unwrap();
    let one = [vec![9, 0], frame(1, 0, &[]), frame(2, pages, &[])].concat();
    let grown = [vec![9, 1], frame(3, 0, b"overschreven"), frame(pages + 7, pages + 8, &[13; 512]), frame(4, 0, &[])].concat();
    let huge = [vec![9, 0], frame(1, u32::MAX, &[])].concat();
    vec![one, grown, huge]
}
