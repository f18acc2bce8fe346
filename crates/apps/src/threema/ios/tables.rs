//! What every table of the file is to this reader. Table names are schema, not content.

use crate::{ReadError, TableNature, UnreadTable, reading::schema::Schema};

type Group = (Option<TableNature>, &'static str, &'static [&'static str]);

#[rustfmt::skip]
const GROUPS: &[Group] = &[
    (None, "in the records", &[
        "zaudiodata", "zcontact", "zconversation", "zfiledata", "zimagedata", "zmessage", "zvideodata", "z_primarykey",
    ]),
    (Some(TableNature::Technical), "housekeeping of Core Data", &[
        "achange", "atransaction", "atransactionstring", "z_metadata", "z_modelcache", "sqlite_sequence", "sqlite_stat1",
        "sqlite_stat4",
    ]),
];

/// Every table with rows that stand in no record.
pub(super) fn unread(schema: &Schema<'_>) -> Result<Vec<UnreadTable>, ReadError> {
    let mut unread = Vec::new();
    for table in schema.tables() {
        let named = GROUPS.iter().find(|(.., tables)| tables.contains(&table)).map(|&(nature, reason, _)| (nature, reason));
        let (nature, reason) = named.unwrap_or((Some(TableNature::NotInterpreted), "the reference does not explain it"));
        let Some(nature) = nature else { continue };
        let name = format!("\"{}\"", table.replace('"', "\"\""));
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT {})", UnreadTable::COUNT_LIMIT);
        let rows = schema.conn.query_row(&sql, [], |row| row.get::<_, i64>(0)).map_or(0, i64::unsigned_abs);
        if rows > 0 {
            unread.push(UnreadTable { table: table.to_owned(), rows, nature, reason: reason.to_owned() });
        }
    }
    Ok(unread)
}
