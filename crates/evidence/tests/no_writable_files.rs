//! While evidence is read nothing is opened for writing. A test program of its own: it looks at the whole process.
#![allow(clippy::unwrap_used)]

use rusqlite::Connection;
use std::fs;
use uitlezen_evidence::{Database, Evidence, FolderEvidence, ItemName};

/// Regular files that this process holds open for writing, standard streams aside.
fn writable() -> Vec<String> {
    let mut found = Vec::new();
    for fd in fs::read_dir("/proc/self/fd").unwrap() {
        let fd = fd.unwrap().file_name().into_string().unwrap();
        let number: u32 = fd.parse().unwrap();
        let (Ok(target), Ok(info)) =
            (fs::read_link(format!("/proc/self/fd/{fd}")), fs::read_to_string(format!("/proc/self/fdinfo/{fd}")))
        else {
            continue;
        };
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap().trim().to_owned();
        // The access mode is the lowest two bits; octal.
        let for_writing = u32::from_str_radix(&flags, 8).unwrap() & 3 != 0;
        if number > 2 && for_writing && fs::metadata(format!("/proc/self/fd/{fd}")).is_ok_and(|m| m.is_file()) {
            found.push(target.display().to_string());
        }
    }
    found
}

#[test]
fn a_read_with_a_log_opens_nothing_for_writing_and_makes_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.db");
    let writer = Connection::open(&path).unwrap();
    writer
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE message (_id INTEGER PRIMARY KEY, body TEXT);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
             INSERT INTO message SELECT i, hex(randomblob(60)) FROM n;",
        )
        .unwrap();
    assert!(!writable().is_empty(), "the test sees what SQLite's own layer opens");
    let evidence = tempfile::tempdir().unwrap();
    for suffix in ["", "-wal"] {
        fs::copy(dir.path().join(format!("m.db{suffix}")), evidence.path().join(format!("m.db{suffix}"))).unwrap();
    }
    drop(writer);
    assert_eq!(writable(), Vec::<String>::new());

    let folder = FolderEvidence::open(evidence.path()).unwrap();
    let open = |name: &str| folder.open(&ItemName::new(name).unwrap()).unwrap();
    let db = Database::open(open("m.db"), Some(open("m.db-wal")), None).unwrap();
    let mut statement = db.prepare("SELECT body FROM message ORDER BY body").unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut seen = 0;
    while rows.next().unwrap().is_some() {
        seen += 1;
        if seen % 1000 == 1 {
            assert_eq!(writable(), Vec::<String>::new());
        }
    }
    assert_eq!((seen, db.temp_opens_refused()), (5000, 0));
    let mut files: Vec<_> = fs::read_dir(evidence.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["m.db", "m.db-wal"], "no -shm, no journal");
}
