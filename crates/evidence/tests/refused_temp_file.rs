//! SQLite opens temporary files through the file layer of the main database; this one refuses and counts. A test program of
//! its own, since the count is one for the process.
#![allow(clippy::unwrap_used)]

use rusqlite::Connection;
use std::sync::Arc;
use uitlezen_evidence::{Database, Limits};

#[test]
fn a_sorter_that_wants_a_file_is_refused_and_counted_and_with_memory_it_wants_none() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.db");
    let c = Connection::open(&path).unwrap();
    c.execute_batch("CREATE TABLE message (_id INTEGER PRIMARY KEY, body TEXT);").unwrap();
    let tx = c.unchecked_transaction().unwrap();
    for n in 0..6000 {
        tx.execute("INSERT INTO message VALUES (?1, ?2)", (n, format!("{:05} {}", (n * 7919) % 6000, "x".repeat(900)))).unwrap();
    }
    tx.commit().unwrap();
    drop(c);
    let before: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    let source = Arc::new(std::fs::read(&path).unwrap());
    let sort = "SELECT length(body) FROM message ORDER BY body";

    let open = Database::open_with(source.clone(), None, None, Limits::default()).unwrap();
    let in_memory: i64 = open.connection().query_row(sort, [], |r| r.get(0)).unwrap();
    assert_eq!((in_memory, open.temp_opens_refused()), (906, 0));

    // Without the settings: the file layer alone must hold.
    let bare = uitlezen_evidence::bare_connection_for_tests(source).unwrap();
    bare.execute_batch("PRAGMA temp_store = FILE; PRAGMA cache_size = -64;").unwrap();
    let error = bare.query_row(sort, [], |_| Ok(())).unwrap_err();
    assert_eq!(error.sqlite_error().unwrap().extended_code & 0xff, 14);
    assert_eq!(open.temp_opens_refused(), 1);
    for write in ["DELETE FROM message", "VACUUM", "CREATE TABLE t (x)"] {
        assert!(bare.execute_batch(write).is_err(), "{write}");
    }
    let out = dir.path().join("out.db");
    assert!(bare.execute_batch(&format!("VACUUM INTO '{}'", out.display())).is_err());
    assert!(bare.execute_batch(&format!("ATTACH '{}' AS other", out.display())).is_err());
    assert!(open.temp_opens_refused() >= 3);
    let after: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(before, after, "no file appeared");
}
