//! The log overlay against SQLite itself: SQLite recovers a scratch copy, the overlay recovers the same bytes in memory, and
//! both must show the same schema, rows, integrity and image, byte for byte.
//!
//! 300 cases each; `UITLEZEN_CASES` sets another number (10,000 for a night), `UITLEZEN_SEED` repeats a run.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

mod journal;
mod scribe;
mod wal;

use rusqlite::{Connection, types::Value};
use std::{
    env,
    time::{SystemTime, UNIX_EPOCH},
};

/// SplitMix64: small, seeded, good enough to choose with.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn between(&mut self, from: usize, to: usize) -> usize {
        from + self.below(to - from + 1)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// A folder for files that live for one case: in memory where there is such a place, since SQLite waits for every sync.
fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// Runs `case` with its own dice as often as asked; a failure names what to repeat.
fn each_case(what: &str, mut case: impl FnMut(&mut Dice)) {
    let number = |key: &str| env::var(key).ok().and_then(|v| v.parse::<u64>().ok());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let seed = number("UITLEZEN_SEED").unwrap_or(now);
    let cases = number("UITLEZEN_CASES").unwrap_or(300);
    eprintln!("{what}: UITLEZEN_SEED={seed} UITLEZEN_CASES={cases}");
    for n in 0..cases {
        let own = Dice(seed.wrapping_add(n)).next();
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| case(&mut Dice(own))));
        if let Err(panic) = done {
            eprintln!("{what}: case {n}; repeat with UITLEZEN_SEED={} UITLEZEN_CASES=1", seed.wrapping_add(n));
            std::panic::resume_unwind(panic);
        }
    }
}

/// Everything that can be read: schema, rows, integrity; or the code where reading failed.
fn everything(c: &Connection) -> Vec<String> {
    let mut all = Vec::new();
    let schema = rows(c, "SELECT type, name, sql FROM sqlite_schema ORDER BY rowid", &mut all);
    for row in schema {
        if let [Value::Text(kind), Value::Text(name), ..] = row.as_slice()
            && kind == "table"
        {
            rows(c, &format!("SELECT * FROM \"{name}\""), &mut all);
        }
    }
    rows(c, "PRAGMA integrity_check", &mut all);
    all
}

fn rows(c: &Connection, sql: &str, into: &mut Vec<String>) -> Vec<Vec<Value>> {
    let mut read = Vec::new();
    let mut run = || -> rusqlite::Result<()> {
        let mut statement = c.prepare(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            read.push((0..columns).map(|i| row.get(i)).collect::<rusqlite::Result<Vec<Value>>>()?);
        }
        Ok(())
    };
    let end = run().map_err(|e| e.sqlite_error().map(|e| e.extended_code));
    into.extend(read.iter().map(|row| format!("{row:?}")));
    into.push(format!("{sql}: {end:?}"));
    read
}

fn assert_same(ours: &[String], sqlites: &[String]) {
    let differs = ours.iter().zip(sqlites).find(|(a, b)| a != b);
    assert!(differs.is_none(), "ours and SQLite's: {differs:?}");
    assert_eq!(ours.len(), sqlites.len());
}

fn assert_same_image(ours: &[u8], sqlites: &[u8]) {
    let differs = ours.iter().zip(sqlites).position(|(a, b)| a != b);
    assert_eq!((differs, ours.len()), (None, sqlites.len()), "the first byte that differs, and the length");
}
