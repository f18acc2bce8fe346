//! What every table of the file is to this reader. Table names are schema, not content.

use crate::{ReadError, TableNature, UnreadTable, reading::schema::Schema};

/// Nature (none: in the records), why, and the tables.
type Group = (Option<TableNature>, &'static str, &'static [&'static str]);

#[rustfmt::skip]
const GROUPS: &[Group] = &[
    (None, "in the records", &[
        "zwachatsession", "zwagroupinfo", "zwagroupmember", "zwamediaitem", "zwamessage", "zwamessagedataitem",
        "zwamessageinfo", "zwaphonenumberlidpair", "zwaprofilepushname",
    ]),
    (Some(TableNature::Technical), "housekeeping of Core Data", &[
        "z_metadata", "z_modelcache", "z_primarykey", "achange", "atransaction", "atransactionstring", "sqlite_sequence",
        "sqlite_stat1", "sqlite_stat4",
    ]),
    (Some(TableNature::Technical), "pictures, blocked numbers and sounds", &[
        "zwaprofilepictureitem", "zwablacklistitem", "zwachatpushconfig", "zwachatproperties",
    ]),
];

fn nature(table: &str) -> (Option<TableNature>, &'static str) {
    let named = GROUPS.iter().find(|(.., tables)| tables.contains(&table)).map(|&(nature, reason, _)| (nature, reason));
    named.unwrap_or((Some(TableNature::NotInterpreted), "no reader of this table"))
}

pub(super) fn rows(schema: &Schema<'_>, table: &str) -> u64 {
    let name = format!("\"{}\"", table.replace('"', "\"\""));
    let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT {})", UnreadTable::COUNT_LIMIT);
    schema.conn.query_row(&sql, [], |row| row.get::<_, i64>(0)).map_or(0, i64::unsigned_abs)
}

/// Every table with rows that stand in no record.
pub(super) fn unread(schema: &Schema<'_>) -> Result<Vec<UnreadTable>, ReadError> {
    let mut unread = Vec::new();
    for table in schema.tables() {
        let (Some(nature), reason) = nature(table) else { continue };
        let rows = rows(schema, table);
        if rows > 0 {
            unread.push(UnreadTable { table: table.to_owned(), rows, nature, reason: reason.to_owned() });
        }
    }
    Ok(unread)
}
