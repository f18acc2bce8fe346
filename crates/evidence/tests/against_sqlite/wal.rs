//! Write-ahead logs: left by random work, then left as they are, cut, or spoiled.

use super::{Dice, assert_same, assert_same_image, each_case, everything, scratch, scribe};
use rusqlite::Connection;
use std::{fs, sync::Arc};
use uitlezen_evidence::{Bytes, Database, OpenError, OverlayError, OverlayReport, ReadAtExt, bare_connection_for_tests, overlay};

/// The two files of a database in use.
fn written(dice: &mut Dice) -> (Vec<u8>, Vec<u8>) {
    let dir = scratch();
    let path = dir.path().join("m.db");
    let c = scribe::open(&path, dice);
    c.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;").unwrap();
    let every = dice.of(&[0, 0, 3, 40]);
    c.execute_batch(&format!("PRAGMA wal_autocheckpoint={every};")).unwrap();
    scribe::schema(&c, dice);
    let mut pinned = None;
    for _ in 0..dice.between(3, 25) {
        match dice.below(12) {
            0 => {
                let mode = dice.of(&["PASSIVE", "FULL", "RESTART", "TRUNCATE"]);
                let _ = c.execute_batch(&format!("PRAGMA wal_checkpoint({mode});"));
            }
            1 if dice.one_in(3) => {
                let _ = c.execute_batch("VACUUM;");
            }
            2 if pinned.is_none() => {
                // Holds a snapshot, so that a checkpoint cannot finish.
                let reader = Connection::open(&path).unwrap();
                reader.busy_timeout(std::time::Duration::ZERO).unwrap();
                reader.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;").unwrap();
                pinned = Some(reader);
            }
            3 => pinned = None,
            4 => {
                let _ = c.execute_batch("PRAGMA incremental_vacuum(3);");
            }
            _ => scribe::transaction(&c, dice),
        }
    }
    if dice.one_in(3) && c.execute_batch("BEGIN").is_ok() {
        for _ in 0..dice.between(1, 6) {
            scribe::change(&c, dice);
        }
    }
    (fs::read(&path).unwrap(), fs::read(dir.path().join("m.db-wal")).unwrap())
}

fn checksum(bytes: &[u8], big_endian: bool) -> (u32, u32) {
    let (mut s0, mut s1) = (0_u32, 0_u32);
    for pair in bytes.chunks_exact(8) {
        let word = |at: usize| {
            let w = [pair[at], pair[at + 1], pair[at + 2], pair[at + 3]];
            if big_endian { u32::from_be_bytes(w) } else { u32::from_le_bytes(w) }
        };
        s0 = s0.wrapping_add(word(0)).wrapping_add(s1);
        s1 = s1.wrapping_add(word(4)).wrapping_add(s0);
    }
    (s0, s1)
}

fn resum(wal: &mut [u8]) {
    let (s0, s1) = checksum(&wal[..24], wal[3] & 1 == 1);
    wal[24..28].copy_from_slice(&s0.to_be_bytes());
    wal[28..32].copy_from_slice(&s1.to_be_bytes());
}

/// What happens to files on their way; the page size is the log's own.
fn spoil(wal: &mut Vec<u8>, dice: &mut Dice) -> &'static str {
    if wal.len() < 32 {
        return "no log";
    }
    let page = u32::from_be_bytes([wal[8], wal[9], wal[10], wal[11]]) as usize;
    let stride = page + 24;
    let frames = (wal.len() - 32) / stride;
    let frame = 32 + if frames == 0 { 0 } else { dice.below(frames) * stride };
    let flip = |wal: &mut Vec<u8>, at: usize, dice: &mut Dice| {
        if at < wal.len() {
            wal[at] ^= 1 << dice.below(8);
        }
    };
    match dice.below(12) {
        0..=2 => "as is",
        3 => {
            wal.truncate(dice.below(wal.len() + 1));
            "cut anywhere"
        }
        4 => {
            wal.truncate(frame);
            "cut at a frame"
        }
        5 => {
            let at = dice.below(wal.len());
            flip(wal, at, dice);
            "a bit anywhere"
        }
        6 => {
            let at = frame + dice.below(24);
            flip(wal, at, dice);
            "a bit of a frame header"
        }
        7 => {
            let at = dice.below(32);
            flip(wal, at, dice);
            "a bit of the header"
        }
        8 => {
            let tail: Vec<u8> = (0..dice.between(1, 3 * stride)).map(|_| dice.next() as u8).collect();
            wal.extend(tail);
            "garbage behind"
        }
        9 if frames > 0 => {
            let again = wal[frame..frame + stride].to_vec();
            wal.extend(again);
            "a frame again at the end"
        }
        10 if frames > 0 => {
            wal[frame..frame + stride].fill(0);
            "a zeroed frame"
        }
        _ => {
            let (at, to) = dice.of(&[(4, 3_007_001_u32), (8, 1024), (8, 65_536), (8, 100), (12, 7)]);
            wal[at..at + 4].copy_from_slice(&to.to_be_bytes());
            resum(wal);
            "another header with a valid sum"
        }
    }
}

/// What SQLite makes of the files on a scratch copy: all it reads, and the file after its own checkpoint (`None`: refused).
fn sqlites(db: &[u8], wal: &[u8]) -> Result<(Vec<String>, Option<Vec<u8>>), i32> {
    let dir = scratch();
    let path = dir.path().join("m.db");
    fs::write(&path, db).unwrap();
    fs::write(dir.path().join("m.db-wal"), wal).unwrap();
    let c = Connection::open(&path).unwrap();
    c.busy_timeout(std::time::Duration::ZERO).unwrap();
    if let Err(e) = c.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        && e.sqlite_error().is_some_and(|e| e.extended_code == rusqlite::ffi::SQLITE_CANTOPEN)
    {
        return Err(rusqlite::ffi::SQLITE_CANTOPEN);
    }
    let all = everything(&c);
    let checkpointed = c.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).is_ok();
    drop(c);
    Ok((all, checkpointed.then(|| fs::read(&path).unwrap())))
}

fn ours(db: &[u8], wal: &[u8]) -> Result<(Bytes, OverlayReport), OverlayError> {
    overlay(Arc::new(db.to_vec()), Some(Arc::new(wal.to_vec())), None)
}

#[test]
fn a_log_is_read_as_sqlite_reads_it() {
    let (mut applied, mut refused, mut larger) = (0, 0, 0);
    each_case("write-ahead logs", |dice| {
        let (db, mut wal) = written(dice);
        let how = spoil(&mut wal, dice);
        let (image, report) = match (ours(&db, &wal), sqlites(&db, &wal)) {
            (Err(OverlayError::LogVersion(_)), Err(_)) => {
                refused += 1;
                assert!(matches!(
                    Database::open(Arc::new(db.clone()), Some(Arc::new(wal.clone())), None),
                    Err(OpenError::LogVersion(_))
                ));
                return;
            }
            (Ok((image, report)), Ok((all, file))) => {
                assert_same(&everything(&bare_connection_for_tests(image.clone()).unwrap()), &all);
                match file {
                    Some(file) => assert_same_image(&image.read_all(1 << 30).unwrap(), &file),
                    None => {
                        // The size is impossible, or the schema is malformed (a cut log over a database that already has what
                        // was cut off), which the pragma reads first.
                        let malformed = all.iter().any(|row| row.starts_with("SELECT type") && row.contains("Err"));
                        assert!(malformed || report.wal.as_ref().unwrap().cut, "{how}: SQLite refuses to checkpoint: {report:?}");
                    }
                }
                (image, report)
            }
            (ours, sqlites) => panic!("{how}: ours {:?}, SQLite's {:?}", ours.map(|o| o.1), sqlites.map(|s| s.0.len())),
        };
        let told = report.wal.unwrap();
        assert!(told.frames_used <= told.frames_valid && told.frames_valid <= told.frames_seen, "{told:?}");
        assert_eq!(told.bytes, wal.len() as u64);
        assert_eq!(report.bytes, uitlezen_evidence::ReadAt::len(&*image));
        applied += usize::from(told.frames_used > 0);
        larger += usize::from(wal.len() > db.len());
    });
    eprintln!("write-ahead logs: {applied} applied, {larger} larger than their database, {refused} refused");
    assert!(applied > 0, "no case applied a log: the test tests nothing");
}
