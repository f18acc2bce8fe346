//! Changes to the cells of a good database, in which SQLite itself finds nothing wrong.

use crate::framing::Script;
use rusqlite::{Connection, types::Value};

fn loaded(image: &[u8]) -> Connection {
    let mut db = Connection::open_in_memory().unwrap();
    db.deserialize_read_exact("main", image, image.len(), false).unwrap();
    db
}

/// Every table and column of a good database.
pub(crate) fn columns(image: &[u8]) -> Vec<(String, String)> {
    let db = loaded(image);
    let sql = "SELECT s.name, c.name FROM sqlite_schema s JOIN pragma_table_info(s.name) c WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite_%' ORDER BY 1, 2";
    let mut found = db.prepare(sql).unwrap();
    let rows = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Runs a script of changes; `cell` makes each value.
pub(crate) fn changed(
    image: &[u8],
    columns: &[(String, String)],
    data: &[u8],
    cell: impl Fn(&mut Script<'_>) -> Value,
) -> Vec<u8> {
    let mut db = loaded(image);
    let mut script = Script(data);
    for _ in 0..24 {
        if script.0.is_empty() {
            break;
        }
        let (table, column) = &columns[usize::from(u16::from_le_bytes(script.bytes())) % columns.len()];
        let row = script.byte();
        let value = cell(&mut script);
        let sql = format!(
            "UPDATE OR REPLACE \"{table}\" SET \"{column}\" = ?1 WHERE rowid IN (SELECT rowid FROM \"{table}\" LIMIT 1 OFFSET ?2 % (SELECT count(*) FROM \"{table}\"))"
        );
        // What the schema refuses leaves the cell as it was.
        let _ = db.execute(&sql, (value, row));
    }
    db.serialize("main").unwrap().to_vec()
}

/// Each seed changes every column once, in another way.
pub(crate) fn seeds(columns: usize) -> Vec<Vec<u8>> {
    let one = |n: usize, kind: u8| [&u16::try_from(n).unwrap().to_le_bytes()[..], &[(n * 31) as u8, kind, 9, 0, 0, 0]].concat();
    let mut seeds = Vec::new();
    for kind in (0..24).map(|kind| kind * 11) {
        let changes: Vec<Vec<u8>> = (0..columns).map(|n| one(n, kind)).collect();
        seeds.extend(changes.chunks(20).map(<[Vec<u8>]>::concat));
    }
    seeds
}
