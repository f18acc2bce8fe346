//! Databases from outside: what opens, what is refused, and how the failures are told apart.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use rusqlite::Connection;
use std::{
    io,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use uitlezen_evidence::{
    Bytes, Chunk, ChunkCache, Damage, Database, DatabaseError, Hint, Limits, OpenError, ReadAt, SourceId, WalEnd,
};

/// The files of a database that `fill` made: the database, its log.
fn made(page_size: u32, wal: bool, fill: impl FnOnce(&Connection)) -> (Vec<u8>, Option<Vec<u8>>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.db");
    let c = Connection::open(&path).unwrap();
    c.busy_timeout(Duration::ZERO).unwrap();
    c.execute_batch(&format!("PRAGMA page_size = {page_size}; PRAGMA wal_autocheckpoint = 0;")).unwrap();
    if wal {
        c.execute_batch("PRAGMA journal_mode = WAL;").unwrap();
    }
    fill(&c);
    let read = |suffix: &str| std::fs::read(dir.path().join(format!("m.db{suffix}"))).ok();
    (read("").unwrap(), read("-wal"))
}

fn messages(rows: u32) -> impl FnOnce(&Connection) {
    move |c| {
        c.execute_batch("CREATE TABLE message (_id INTEGER PRIMARY KEY, chat INTEGER NOT NULL, body TEXT, at INTEGER);").unwrap();
        c.execute_batch("CREATE INDEX by_chat ON message (chat);").unwrap();
        let tx = c.unchecked_transaction().unwrap();
        for n in 0..rows {
            tx.execute(
                "INSERT INTO message VALUES (?1, ?2, ?3, ?4)",
                (n + 1, n % 7, format!("message {n} {}", "x".repeat(60)), n),
            )
            .unwrap();
        }
        tx.commit().unwrap();
    }
}

fn bytes(of: Vec<u8>) -> Bytes {
    Arc::new(of)
}

fn count(db: &Database) -> i64 {
    db.connection().query_row("SELECT count(*) FROM message", [], |r| r.get(0)).unwrap()
}

/// Hands its bytes out in cached chunks, and refuses one chunk as forged.
#[derive(Debug)]
struct Chunked {
    of: Vec<u8>,
    size: usize,
    forged: Option<u64>,
    id: SourceId,
    cache: Arc<ChunkCache>,
}

impl Chunked {
    fn new(of: Vec<u8>, size: usize, forged: Option<u64>, cache: Arc<ChunkCache>) -> Self {
        Self { of, size, forged, id: SourceId::fresh(), cache }
    }
}

impl ReadAt for Chunked {
    fn len(&self) -> u64 {
        self.of.len() as u64
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], hint: &mut Hint) -> io::Result<()> {
        for (i, byte) in buf.iter_mut().enumerate() {
            let at = pos as usize + i;
            let n = (at / self.size) as u64;
            let chunk = self.cache.get_or_fill_with_hint((self.id, n), hint, || {
                if self.forged == Some(n) {
                    return Err(io::ErrorKind::InvalidData.into());
                }
                let end = self.of.len().min((n as usize + 1) * self.size);
                Ok(Chunk::new(self.of[n as usize * self.size..end].to_vec()))
            })?;
            *byte = chunk[at % self.size];
        }
        Ok(())
    }
}

#[test]
fn a_log_counts_and_the_report_says_what_it_changed() {
    let (db, wal) = made(4096, true, |c| {
        messages(50)(c);
        c.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); INSERT INTO message VALUES (100, 1, 'only in the log', 0);").unwrap();
    });
    let open = Database::open(bytes(db.clone()), wal.map(bytes), None).unwrap();
    assert_eq!(count(&open), 51);
    let told = open.report().wal.clone().unwrap();
    assert_eq!((told.end, told.commits, told.frames_used, told.cut), (WalEnd::EndOfLog, 1, told.frames_valid, false));
    assert_eq!(count(&Database::plain(bytes(db)).unwrap()), 50);
    let mode: String = {
        // A database whose header says WAL opens without shared memory and without patching.
        let c = open.connection();
        c.query_row("SELECT typeof(body) FROM message WHERE _id = 100", [], |r| r.get(0)).unwrap()
    };
    assert_eq!(mode, "text");
}

#[test]
fn the_log_of_another_database_is_refused() {
    for (ours, theirs) in [(4096, 1024), (1024, 4096)] {
        let (db, _) = made(ours, false, messages(20));
        let (_, wal) = made(theirs, true, messages(5));
        let refused = Database::open(bytes(db), wal.map(bytes), None).unwrap_err();
        assert!(matches!(refused, OpenError::ForeignLog { log, database } if (log, database) == (theirs, ours)), "{refused:?}");
    }
}

#[test]
fn what_is_no_database_is_told_from_what_is_damaged_and_from_what_is_empty() {
    assert!(matches!(Database::plain(bytes(vec![7; 8192])).unwrap_err(), OpenError::NotADatabase));
    assert!(matches!(Database::plain(bytes(b"SQLite format 3\0".to_vec())).unwrap_err(), OpenError::NotADatabase));
    let (db, _) = made(4096, false, messages(500));
    let mut torn = db.clone();
    torn[100..4096].fill(0xff);
    assert!(matches!(Database::plain(bytes(torn)).unwrap_err(), OpenError::Damaged(Damage::Structure)));
    let cut = Database::open(bytes(db[..db.len() / 2].to_vec()), None, None);
    let whole =
        cut.and_then(|d| Ok(d.connection().query_row("SELECT sum(length(body)) FROM message", [], |r| r.get::<_, i64>(0))?));
    assert!(matches!(whole, Err(DatabaseError::Damaged(Damage::Structure))), "{whole:?}");
    let empty = Database::open(bytes(Vec::new()), Some(bytes(vec![1; 9000])), Some(bytes(vec![1; 900]))).unwrap();
    assert!(empty.is_empty());
    assert_eq!(empty.tables().unwrap(), Vec::<String>::new());
    assert_eq!(empty.report().wal.as_ref().unwrap().end, WalEnd::EmptyDatabase);
}

#[test]
fn a_schema_with_a_name_that_is_no_text_is_damaged_and_nothing_panics() {
    let (mut db, _) = made(512, false, messages(1));
    let at = db.windows(4).position(|w| w == b"body").unwrap();
    db[at] = 0xe9;
    let refused = Database::open(bytes(db), None, None);
    assert!(matches!(refused, Err(OpenError::Damaged(Damage::Structure))), "{refused:?}");
}

#[test]
fn a_broken_tag_shows_as_damaged_bytes_after_the_rows_before_it() {
    let (db, _) = made(1024, false, messages(500));
    let chunks = db.len() as u64 / 4096;
    for forged in [0, chunks / 2] {
        let cache = Arc::new(ChunkCache::new(1 << 20));
        let source = Arc::new(Chunked::new(db.clone(), 4096, Some(forged), cache));
        let open = Database::open(source, None, None);
        if forged == 0 {
            assert!(matches!(open.unwrap_err(), OpenError::Damaged(Damage::Bytes)));
            continue;
        }
        let open = open.unwrap();
        let mut statement = open.prepare("SELECT body FROM message").unwrap();
        let mut rows = statement.query([]).unwrap();
        let mut before = 0;
        let error = loop {
            match rows.next() {
                Ok(Some(_)) => before += 1,
                Ok(None) => panic!("the damage passed in silence"),
                Err(error) => break error,
            }
        };
        assert!(before > 0 && before < 500);
        assert_eq!(error.sqlite_error().unwrap().extended_code, 8202);
        assert!(matches!(DatabaseError::from(error), DatabaseError::Damaged(Damage::Bytes)));
    }
}

#[test]
fn nothing_but_reading_is_authorized() {
    let (db, _) = made(4096, false, |c| {
        messages(5)(c);
        c.execute_batch("CREATE VIEW v AS SELECT * FROM message; CREATE VIRTUAL TABLE f USING fts5(body);").unwrap();
    });
    let open = Database::plain(bytes(db)).unwrap();
    for sql in [
        "DELETE FROM message",
        "INSERT INTO message VALUES (9, 1, 'x', 0)",
        "CREATE TABLE t (x)",
        "CREATE TEMP TABLE t (x)",
        "ATTACH 'e1' AS other",
        "ATTACH ':memory:' AS other",
        "VACUUM",
        "VACUUM INTO 'out.db'",
        "PRAGMA writable_schema = 1",
        "PRAGMA table_xinfo(message)",
        "PRAGMA temp_store = FILE",
        "BEGIN",
        "REINDEX",
        "SELECT printf('%d', 1)",
        "SELECT randomblob(10)",
        "SELECT load_extension('x')",
        "SELECT replace(body, 'm', 'n') FROM message",
        "SELECT * FROM v",
        "SELECT * FROM f",
        "SELECT * FROM pragma_table_info('message')",
        "SELECT * FROM f_data, f",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    ] {
        let refused = open.connection().prepare(sql).and_then(|mut s| s.raw_query().next().map(|_| ()));
        assert!(refused.is_err(), "{sql}");
    }
    let virtual_table = open.connection().prepare("SELECT * FROM f").unwrap_err();
    assert!(virtual_table.to_string().contains("no such module"), "no code of the module ran: {virtual_table}");
    assert_eq!(count(&open), 5);
    let allowed =
        "SELECT coalesce(max(length(body)), 0), hex(substr(lower(body), 1, 2)), typeof(at), instr(body, 'm'), round(total(at))
        FROM message WHERE body LIKE '%mess%'";
    open.connection().query_row(allowed, [], |_| Ok(())).unwrap();
}

#[test]
fn a_view_or_a_virtual_table_is_not_a_table() {
    let (db, _) = made(4096, false, |c| {
        messages(5)(c);
        c.execute_batch("CREATE VIEW jid AS SELECT 1 AS _id; CREATE VIRTUAL TABLE chat USING fts5(body);").unwrap();
    });
    let open = Database::plain(bytes(db)).unwrap();
    assert!(open.tables().unwrap().contains(&"message".to_owned()));
    assert!(!open.tables().unwrap().iter().any(|t| t == "jid" || t == "chat" || t.starts_with("sqlite_")));
    for none in ["jid", "chat", "absent", "message'); DROP TABLE message; --", ""] {
        assert_eq!(open.columns(none).unwrap(), None, "{none}");
    }
    let columns = open.columns("Message").unwrap().unwrap();
    let names: Vec<&str> = columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["_id", "chat", "body", "at"]);
    assert_eq!((columns[0].primary_key, columns[1].not_null, columns[1].declared_type.as_str()), (1, true, "INTEGER"));
    assert!(open.connection().prepare("PRAGMA table_xinfo(message)").is_err(), "the permit is closed again");
}

#[test]
fn statements_that_would_sort_all_messages_are_seen_beforehand() {
    let (db, _) = made(4096, false, messages(50));
    let open = Database::plain(bytes(db)).unwrap();
    for (sql, sorts) in [
        ("SELECT * FROM message ORDER BY _id", false),
        ("SELECT * FROM message WHERE chat = ?1", false),
        ("SELECT chat, count(*) FROM message GROUP BY chat", false),
        ("SELECT * FROM message ORDER BY at", true),
        ("SELECT at, count(*) FROM message GROUP BY at", true),
        ("SELECT DISTINCT at FROM message", true),
        ("SELECT * FROM message a, message b WHERE a.at = b.at", true),
        ("SELECT * FROM message WHERE at IN (SELECT chat FROM message WHERE at > 3)", true),
    ] {
        assert_eq!(open.explain_uses_temp_btree(sql).unwrap(), sorts, "{sql}");
    }
    assert!(open.explain_uses_temp_btree("DELETE FROM message").is_err());
}

#[test]
fn an_endless_statement_runs_out_of_time_and_the_next_one_does_not() {
    let (db, _) = made(4096, false, messages(2000));
    let limits = Limits { statement_time: Duration::from_secs(1), ..Limits::default() };
    let open = Database::open_with(bytes(db), None, None, limits).unwrap();
    let began = Instant::now();
    let endless = "SELECT count(*) FROM message a, message b, message c, message d WHERE a.at + b.at + c.at + d.at = -1";
    let error = open.connection().query_row(endless, [], |_| Ok(())).unwrap_err();
    assert!(matches!(DatabaseError::from(error), DatabaseError::TimeLimit));
    assert!(began.elapsed() < Duration::from_secs(20));
    assert_eq!(count(&open), 2000);
    // The time between two rows is the caller's.
    let mut statement = open.prepare("SELECT _id FROM message").unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut n = 0;
    while rows.next().unwrap().is_some() {
        n += 1;
        if n % 400 == 0 {
            thread::sleep(Duration::from_millis(300));
            open.restart_clock();
        }
    }
    assert_eq!(n, 2000);
}

#[test]
fn a_giant_value_is_refused_before_it_is_made() {
    let (db, _) = made(4096, false, |c| {
        c.execute_batch(
            "CREATE TABLE message (a INTEGER, body AS (zeroblob(100000000))); INSERT INTO message (a) VALUES (1);
             CREATE TABLE big (b BLOB); INSERT INTO big VALUES (zeroblob(2000000));",
        )
        .unwrap();
    });
    let limits = Limits { longest_value: 1_000_000, ..Limits::default() };
    let open = Database::open_with(bytes(db), None, None, limits).unwrap();
    let value = open.connection().query_row("SELECT body FROM message", [], |r| r.get::<_, Vec<u8>>(0));
    assert!(matches!(value.map_err(DatabaseError::from), Err(DatabaseError::TooLarge | DatabaseError::Refused(_))));
    let stored = open.connection().query_row("SELECT b FROM big", [], |r| r.get::<_, Vec<u8>>(0));
    assert!(matches!(stored.map_err(DatabaseError::from), Err(DatabaseError::TooLarge)));
}

#[test]
fn eight_threads_over_one_image_and_a_tiny_cache_agree() {
    let (db, wal) = made(4096, true, messages(1500));
    let cache = Arc::new(ChunkCache::new(64 << 10));
    let sealed = |of: Vec<u8>| -> Bytes { Arc::new(Chunked::new(of, 4096, None, Arc::clone(&cache))) };
    let first = Database::open(sealed(db), wal.map(sealed), None).unwrap();
    let sum = |d: &Database| -> (i64, i64) {
        d.connection()
            .query_row("SELECT count(*), sum(length(body) * _id) FROM message", [], |r| Ok((r.get(0)?, r.get(1)?)))
            .unwrap()
    };
    let expected = sum(&first);
    assert_eq!(expected.0, 1500);
    let others: Vec<Database> = (0..8).map(|_| first.another().unwrap()).collect();
    thread::scope(|scope| {
        for other in others {
            scope.spawn(move || {
                for _ in 0..2 {
                    assert_eq!(sum(&other), expected);
                }
            });
        }
    });
    assert!(cache.bytes() <= 64 << 10);
}

#[test]
fn a_failing_disk_is_neither_damage_nor_the_end() {
    #[derive(Debug)]
    struct Fails(Vec<u8>, u64);
    impl ReadAt for Fails {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }
        fn read_at(&self, pos: u64, buf: &mut [u8], hint: &mut Hint) -> io::Result<()> {
            if pos >= self.1 { Err(io::ErrorKind::NotConnected.into()) } else { self.0.read_at(pos, buf, hint) }
        }
    }
    let (db, wal) = made(4096, true, messages(500));
    let half = db.len() as u64 / 2;
    let pulled = Database::open(bytes(db.clone()), Some(Arc::new(Fails(wal.unwrap(), 9000))), None).unwrap_err();
    assert!(matches!(pulled, OpenError::Unreadable(Some(io::ErrorKind::NotConnected))), "{pulled:?}");
    let (db, _) = made(4096, false, messages(500));
    let open = Database::plain(Arc::new(Fails(db, half.max(8192)))).unwrap();
    let error = open.connection().query_row("SELECT sum(length(body)) FROM message", [], |_| Ok(())).unwrap_err();
    assert!(matches!(DatabaseError::from(error), DatabaseError::Unreadable(_)));
}
