//! Databases and logs made to hurt: every one is read or refused, in bounded time, and none panics.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use proptest::prelude::*;
use rusqlite::{Connection, types::Value};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use uitlezen_evidence::{Bytes, Database, DatabaseError, Limits, overlay};

fn made(page_size: u32) -> Vec<u8> {
    let mut c = Connection::open_in_memory().unwrap();
    c.execute_batch(&format!(
        "PRAGMA page_size = {page_size};
         CREATE TABLE message (_id INTEGER PRIMARY KEY, chat INTEGER, body TEXT);
         CREATE INDEX by_chat ON message (chat, body);
         CREATE TABLE media (id INTEGER PRIMARY KEY, of INTEGER, b BLOB);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
         INSERT INTO message SELECT i, i % 9, hex(randomblob(40)) FROM n;
         INSERT INTO media SELECT _id, chat, randomblob(_id * 9) FROM message WHERE _id % 5 = 0;"
    ))
    .unwrap();
    c.serialize("main").unwrap().to_vec()
}

/// Reads everything that a reader would, and says how it ended.
fn read(db: Vec<u8>, wal: Option<Vec<u8>>, journal: Option<Vec<u8>>) -> Result<u64, DatabaseError> {
    let shared = |b: Vec<u8>| -> Bytes { Arc::new(b) };
    let limits = Limits { statement_time: Duration::from_secs(2), longest_value: 8 << 20 };
    let db = Database::open_with(shared(db), wal.map(shared), journal.map(shared), limits)?;
    let mut seen = 0;
    for table in db.tables()? {
        let Some(columns) = db.columns(&table)? else { continue };
        if table.contains('"') {
            continue;
        }
        let mut statement = db.prepare(&format!("SELECT * FROM \"{table}\""))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for i in 0..columns.len() {
                let _: Value = row.get(i)?;
            }
            seen += 1;
            if seen > db.most_rows() {
                return Err(DatabaseError::TooLarge);
            }
        }
    }
    Ok(seen)
}

#[derive(Debug, Clone)]
enum Spoil {
    Flips(Vec<(usize, u8)>),
    Header(usize, u8),
    PageCount(u32),
    PageSize(u16),
    Cut(usize),
    Ones(usize, usize),
}

fn spoils() -> impl Strategy<Value = Spoil> {
    prop_oneof![
        prop::collection::vec((any::<usize>(), any::<u8>()), 1..20).prop_map(Spoil::Flips),
        (0..120_usize, any::<u8>()).prop_map(|(at, to)| Spoil::Header(at, to)),
        any::<u32>().prop_map(Spoil::PageCount),
        any::<u16>().prop_map(Spoil::PageSize),
        any::<usize>().prop_map(Spoil::Cut),
        (any::<usize>(), 1..600_usize).prop_map(|(at, n)| Spoil::Ones(at, n)),
    ]
}

fn spoiled(mut db: Vec<u8>, spoil: &Spoil) -> Vec<u8> {
    let len = db.len();
    match spoil {
        Spoil::Flips(flips) => flips.iter().for_each(|(at, to)| db[at % len] = *to),
        Spoil::Header(at, to) => db[*at] = *to,
        Spoil::PageCount(to) => {
            db[28..32].copy_from_slice(&to.to_be_bytes());
            let counter: [u8; 4] = [db[24], db[25], db[26], db[27]];
            db[92..96].copy_from_slice(&counter); // so that the count is believed
        }
        Spoil::PageSize(to) => db[16..18].copy_from_slice(&to.to_be_bytes()),
        Spoil::Cut(at) => db.truncate(at % len),
        Spoil::Ones(at, n) => {
            let at = at % len;
            let end = (at + n).min(len);
            db[at..end].fill(0xff);
        }
    }
    db
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_spoiled_database_is_read_or_refused(page in prop::sample::select(vec![512_u32, 4096, 65_536]), spoil in spoils()) {
        let began = Instant::now();
        let _ = read(spoiled(made(page), &spoil), None, None);
        prop_assert!(began.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn any_bytes_as_database_log_and_journal_are_taken_or_refused(
        db in prop::collection::vec(any::<u8>(), 0..2000),
        mut wal in prop::collection::vec(any::<u8>(), 0..5000),
        mut journal in prop::collection::vec(any::<u8>(), 0..5000),
        believable in any::<bool>(),
        before in any::<u32>(),
    ) {
        if believable && journal.len() > 28 && wal.len() > 12 {
            wal[..12].copy_from_slice(&[0x37, 0x7f, 0x06, 0x82, 0, 0x2d, 0xe2, 0x18, 0, 0, 2, 0]);
            journal[..8].copy_from_slice(&[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]);
            journal[16..20].copy_from_slice(&before.to_be_bytes()); // up to 2^32 pages: virtual, nothing is allocated
            journal[20..28].copy_from_slice(&[0, 0, 2, 0, 0, 0, 2, 0]);
        }
        let _ = read(db.clone(), Some(wal.clone()), Some(journal.clone()));
        let source = |b: Vec<u8>| -> Bytes { Arc::new(b) };
        if let Ok((image, report)) = overlay(source(db), Some(source(wal)), Some(source(journal))) {
            prop_assert_eq!(image.len(), report.bytes);
        }
    }
}

#[test]
fn an_unspoiled_database_is_read_whole() {
    for page in [512, 4096, 65_536] {
        assert_eq!(read(made(page), None, None).unwrap(), 400 + 80);
    }
}

#[test]
fn only_the_file_layer_may_use_unsafe_code() {
    let src = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let allowing: Vec<String> = std::fs::read_dir(src)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| std::fs::read_to_string(path).unwrap().contains("allow(unsafe_code)"))
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(allowing, ["vfs.rs"]);
}
