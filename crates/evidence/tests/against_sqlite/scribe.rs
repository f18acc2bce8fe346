//! Writes random databases: what apps do to theirs, crowded together.

use super::Dice;
use rusqlite::{Connection, functions::FunctionFlags};
use std::path::Path;

pub(crate) fn open(path: &Path, dice: &mut Dice) -> Connection {
    let c = Connection::open(path).unwrap();
    // rusqlite waits 5 s on every lock otherwise.
    c.busy_timeout(std::time::Duration::ZERO).unwrap();
    // SQLite's own random functions cannot be seeded.
    c.create_scalar_function("noise", 2, FunctionFlags::SQLITE_DETERMINISTIC, |ctx| {
        let (seed, len) = (ctx.get::<i64>(0)?, ctx.get::<u32>(1)?);
        let mut dice = Dice(seed.cast_unsigned());
        Ok((0..len).map(|_| dice.next() as u8).collect::<Vec<u8>>())
    })
    .unwrap();
    let page = 512 << dice.below(8);
    let vacuum = dice.of(&["NONE", "FULL", "INCREMENTAL"]);
    // A small cache spills uncommitted pages into the log and the file.
    let cache = dice.between(2, 30);
    c.execute_batch(&format!("PRAGMA page_size={page}; PRAGMA auto_vacuum={vacuum}; PRAGMA cache_size={cache};")).unwrap();
    c
}

pub(crate) fn schema(c: &Connection, dice: &mut Dice) {
    for t in 0..dice.between(1, 3) {
        let rowid = if dice.one_in(4) { "WITHOUT ROWID" } else { "" };
        c.execute_batch(&format!("CREATE TABLE t{t} (id INTEGER PRIMARY KEY, a, b TEXT, c BLOB) {rowid};")).unwrap();
        if dice.one_in(2) {
            c.execute_batch(&format!("CREATE INDEX i{t} ON t{t} (a);")).unwrap();
        }
    }
}

fn table(c: &Connection, dice: &mut Dice) -> Option<String> {
    let mut names = c.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 't*'").unwrap();
    let names: Vec<String> = names.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect();
    (!names.is_empty()).then(|| names[dice.below(names.len())].clone())
}

/// One change; may fail (a lock, a key that is there), as an app's may.
pub(crate) fn change(c: &Connection, dice: &mut Dice) {
    let Some(t) = table(c, dice) else {
        let _ = c.execute_batch("CREATE TABLE IF NOT EXISTS t9 (id INTEGER PRIMARY KEY, a, b TEXT, c BLOB);");
        return;
    };
    let (n, len, id) = (dice.between(1, 40), dice.of(&[5, 50, 300, 3000]), dice.below(400));
    let seed = dice.next() >> 12;
    let sql = match dice.below(10) {
        0..=4 => format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {n})
             INSERT OR REPLACE INTO {t} SELECT ({seed} + i * 37) % 400, i % 100, hex(noise({seed} + i, {len} / 2)), noise({seed} - i, i) FROM n"
        ),
        5 | 6 => format!("UPDATE {t} SET b = hex(noise({seed} + id, {len} / 2)), a = a + 1 WHERE id % 7 = {}", id % 7),
        7 => format!("DELETE FROM {t} WHERE id BETWEEN {id} AND {id} + {n}"),
        8 => format!("CREATE INDEX IF NOT EXISTS x{} ON {t} (b)", dice.below(3)),
        _ if dice.one_in(4) => format!("DROP TABLE {t}"),
        _ => format!("CREATE TABLE IF NOT EXISTS t{} (id INTEGER PRIMARY KEY, a, b TEXT, c BLOB)", dice.between(3, 6)),
    };
    let _ = c.execute_batch(&sql);
}

/// A transaction, perhaps rolled back, perhaps with savepoints.
pub(crate) fn transaction(c: &Connection, dice: &mut Dice) {
    if c.execute_batch("BEGIN").is_err() {
        return;
    }
    for _ in 0..dice.between(1, 5) {
        if dice.one_in(4) {
            let _ = c.execute_batch("SAVEPOINT s");
            change(c, dice);
            let _ = c.execute_batch(if dice.one_in(2) { "ROLLBACK TO s; RELEASE s" } else { "RELEASE s" });
        } else {
            change(c, dice);
        }
    }
    if dice.one_in(4) || c.execute_batch("COMMIT").is_err() {
        let _ = c.execute_batch("ROLLBACK");
    }
}
