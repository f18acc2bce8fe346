//! Hot rollback journals: a database caught in a transaction, its journal as it is, cut, or spoiled.

use super::{Dice, assert_same, assert_same_image, each_case, everything, scratch, scribe};
use rusqlite::Connection;
use std::{fs, sync::Arc};
use uitlezen_evidence::{JournalEnd, ReadAtExt, bare_connection_for_tests, overlay};

/// The database and the journal in the middle of a transaction.
fn caught(dice: &mut Dice) -> (Vec<u8>, Vec<u8>) {
    let dir = scratch();
    let path = dir.path().join("m.db");
    let c = scribe::open(&path, dice);
    let (mode, sync) = (dice.of(&["DELETE", "PERSIST", "TRUNCATE"]), dice.of(&["OFF", "OFF", "NORMAL", "FULL"]));
    c.execute_batch(&format!("PRAGMA journal_mode={mode}; PRAGMA synchronous={sync};")).unwrap();
    scribe::schema(&c, dice);
    for _ in 0..dice.between(1, 6) {
        scribe::transaction(&c, dice);
    }
    let vacuums = dice.one_in(8);
    c.execute_batch("BEGIN IMMEDIATE").unwrap();
    for _ in 0..dice.between(1, 12) {
        if vacuums {
            let _ = c.execute_batch("PRAGMA incremental_vacuum(2);");
        }
        scribe::change(&c, dice);
    }
    let journal = fs::read(dir.path().join("m.db-journal")).unwrap_or_default();
    (fs::read(&path).unwrap(), journal)
}

const MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];

/// The tail that names a super-journal.
fn name_super(journal: &mut Vec<u8>, name: &[u8], wrong_sum: bool) {
    let sum = name.iter().fold(u32::from(wrong_sum), |sum, &b| sum.wrapping_add_signed(i32::from(b.cast_signed())));
    journal.extend([0; 4]);
    journal.extend(name);
    journal.extend((name.len() as u32).to_be_bytes());
    journal.extend(sum.to_be_bytes());
    journal.extend(MAGIC);
}

fn spoil(journal: &mut Vec<u8>, dice: &mut Dice) -> &'static str {
    if journal.is_empty() {
        return "no journal";
    }
    // A flipped high bit of the old size would have SQLite write a file of terabytes.
    let flip = |journal: &mut Vec<u8>, at: usize, dice: &mut Dice| {
        if at < journal.len() && !(16..19).contains(&at) {
            journal[at] ^= 1 << dice.below(8);
        }
    };
    match dice.below(12) {
        0..=3 => "as is",
        4 => {
            journal.truncate(dice.below(journal.len() + 1));
            "cut anywhere"
        }
        5 | 6 => {
            let at = dice.below(journal.len());
            flip(journal, at, dice);
            "a bit anywhere"
        }
        7 => {
            let at = dice.below(28);
            flip(journal, at, dice);
            "a bit of the header"
        }
        8 => {
            journal[0] = 0;
            "not hot"
        }
        9 => {
            name_super(journal, b"/data/absent.db-mj0123AB9CD", false);
            "an absent super-journal"
        }
        10 => {
            let name =
                dice.of(&[&b"/data/absent.db-mj0123AB8CD"[..], b"short", b"/data/absent.db-mjXX23AB9CD", b"x\0-mj0123AB9CD"]);
            name_super(journal, name, false);
            "a super-journal with a bad name"
        }
        _ => {
            name_super(journal, b"/data/absent.db-mj0123AB9CD", true);
            "a super-journal with a bad sum"
        }
    }
}

#[test]
fn a_journal_is_undone_as_sqlite_undoes_it() {
    let (mut undone, mut absent, mut larger) = (0, 0, 0);
    each_case("rollback journals", |dice| {
        let (db, mut journal) = caught(dice);
        let how = spoil(&mut journal, dice);
        let dir = scratch();
        let path = dir.path().join("m.db");
        fs::write(&path, &db).unwrap();
        fs::write(dir.path().join("m.db-journal"), &journal).unwrap();
        let c = Connection::open(&path).unwrap();
        c.busy_timeout(std::time::Duration::ZERO).unwrap();
        let sqlites = everything(&c);
        drop(c);

        let (image, report) = overlay(Arc::new(db.clone()), None, Some(Arc::new(journal.clone()))).unwrap();
        let told = report.journal.unwrap();
        assert_same_image(&image.read_all(1 << 30).unwrap(), &fs::read(&path).unwrap());
        assert_same(&everything(&bare_connection_for_tests(image).unwrap()), &sqlites);
        assert_eq!(told.super_journal.is_some(), told.end == JournalEnd::SuperJournalAbsent, "{how}");
        undone += usize::from(told.pages_rolled_back > 0);
        absent += usize::from(told.end == JournalEnd::SuperJournalAbsent);
        larger += usize::from(journal.len() > db.len());
    });
    eprintln!("rollback journals: {undone} undone, {absent} without their super-journal, {larger} larger than their database");
    assert!(undone > 0, "no case undid a page: the test tests nothing");
}

/// A log that an app wrote over `image`, some transactions long.
fn log_over(image: &[u8], dice: &mut Dice) -> Vec<u8> {
    let dir = scratch();
    let path = dir.path().join("m.db");
    fs::write(&path, image).unwrap();
    let c = scribe::open(&path, dice);
    if c.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA wal_autocheckpoint=0;").is_err() {
        return Vec::new();
    }
    for _ in 0..dice.between(1, 4) {
        scribe::transaction(&c, dice);
    }
    fs::read(dir.path().join("m.db-wal")).unwrap_or_default()
}

#[test]
fn a_journal_is_undone_before_a_log_is_laid_over_it() {
    let (mut both, mut refused) = (0, 0);
    each_case("journal and log together", |dice| {
        // A third as many: each writes two databases.
        if !dice.one_in(3) {
            return;
        }
        let (db, journal) = caught(dice);
        let (undone, _) = overlay(Arc::new(db.clone()), None, Some(Arc::new(journal.clone()))).unwrap();
        let wal = log_over(&undone.read_all(1 << 30).unwrap(), dice);

        let dir = scratch();
        let path = dir.path().join("m.db");
        for (suffix, bytes) in [("", &db), ("-journal", &journal), ("-wal", &wal)] {
            fs::write(dir.path().join(format!("m.db{suffix}")), bytes).unwrap();
        }
        let c = Connection::open(&path).unwrap();
        c.busy_timeout(std::time::Duration::ZERO).unwrap();
        let sqlites = everything(&c);
        // The log was written after the switch to WAL mode, which may itself have vacuumed the file; the journal brings back
        // page 1 from before. Such a pair contradicts itself: SQLite calls it damaged and lays no log into it, and so must we.
        let laid = c.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        drop(c);

        let (image, report) = overlay(Arc::new(db), Some(Arc::new(wal)), Some(Arc::new(journal))).unwrap();
        assert_same(&everything(&bare_connection_for_tests(image.clone()).unwrap()), &sqlites);
        match laid {
            Ok(()) => assert_same_image(&image.read_all(1 << 30).unwrap(), &fs::read(&path).unwrap()),
            Err(error) => {
                assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseCorrupt));
                refused += 1;
            }
        }
        both += usize::from(report.wal.unwrap().frames_used > 0 && report.journal.unwrap().pages_rolled_back > 0);
    });
    eprintln!("journal and log together: {both} with both applied, {refused} that SQLite calls damaged too");
    assert!(both > refused, "no case applied both: the test tests nothing");
}
