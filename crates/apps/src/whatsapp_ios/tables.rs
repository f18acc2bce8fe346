//! What every table of the files is to this reader. Table names are schema, not content.

use super::Scope;
use crate::{ReadError, Summary, TableNature, UnreadTable, reading::schema::Schema};

/// When a table's rows are in the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Read,
    Calls,
    Is(TableNature),
}

type Group = (Class, &'static str, &'static [&'static str]);

#[rustfmt::skip]
const GROUPS: &[Group] = &[
    (Class::Read, "in the records", &[
        "zwachatsession", "zwagroupinfo", "zwagroupmember", "zwamediaitem", "zwamessage", "zwamessagedataitem", "zwamessageinfo",
        "zwaphonenumberlidpair", "zwaprofilepushname", "z_primarykey",
    ]),
    (Class::Read, "names and timers of people in conversations", &["zwaaddressbookcontact"]),
    (Class::Calls, "the call log", &["zwaaggregatecallevent", "zwacdcallevent", "zwacdcalleventparticipant"]),
    (Class::Is(TableNature::NotAsked), "calls that may be joined or are to come", &[
        "zwajoinablecallevent", "zwajoinablecalleventparticipant", "zwaupcomingcallevent",
    ]),
    (Class::Is(TableNature::NotAsked), "whom the holder blocked", &["zwablacklistitem"]),
    (Class::Is(TableNature::NotInterpreted), "payments", &["zwaz1paymenttransaction"]),
    (Class::Is(TableNature::NotInterpreted), "its codes are not explained", &["zwagroupmemberschange"]),
    (Class::Is(TableNature::Technical), "an index of the cards that stand with their messages", &["zwavcardmention"]),
    (Class::Is(TableNature::Technical), "sounds, pictures of profiles, and the model of the database", &[
        "zwachatproperties", "zwachatpushconfig", "zwaprofilepictureitem", "z_metadata", "z_modelcache", "sqlite_stat1",
        "sqlite_stat4", "sqlite_sequence",
    ]),
];

fn class(table: &str) -> (Class, &'static str) {
    let named = GROUPS.iter().find(|(.., tables)| tables.contains(&table)).map(|&(class, reason, _)| (class, reason));
    named.unwrap_or((Class::Is(TableNature::NotInterpreted), "no published schema names it"))
}

/// Every table with rows that stand in no record.
pub(super) fn unread(
    storage: &Schema<'_>,
    beside: &[(&str, &Schema<'_>)],
    scope: &Scope,
    summary: &mut Summary,
) -> Result<(), ReadError> {
    for (file, schema) in std::iter::once(&("", storage)).chain(beside) {
        for table in schema.tables() {
            let (nature, reason) = match class(table) {
                (Class::Read, _) => continue,
                (Class::Calls, _) if scope.call_log => continue,
                (Class::Calls, reason) => (TableNature::NotAsked, reason),
                (Class::Is(nature), reason) => (nature, reason),
            };
            let name = format!("\"{}\"", table.replace('"', "\"\""));
            let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT {})", UnreadTable::COUNT_LIMIT);
            let rows = schema.conn.query_row(&sql, [], |row| row.get::<_, i64>(0)).map_or(0, i64::unsigned_abs);
            if rows > 0 {
                let table = if file.is_empty() { table.to_owned() } else { format!("{file}.{table}") };
                summary.tables_unread.push(UnreadTable { table, rows, nature, reason: reason.to_owned() });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_table_stands_in_two_groups() {
        let mut names: Vec<&str> = GROUPS.iter().flat_map(|(.., tables)| tables.iter().copied()).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
