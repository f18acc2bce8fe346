//! What every table of the file is to this reader. Table names are schema, not content.

use crate::{ReadError, TableNature, UnreadTable, reading::schema::Schema};

/// Nature (none: in the records or counted in the summary), why, and the tables.
type Group = (Option<TableNature>, &'static str, &'static [&'static str]);

#[rustfmt::skip]
const GROUPS: &[Group] = &[
    (None, "in the records", &[
        "attachment", "chat", "chat_handle_join", "chat_message_join", "handle", "message", "message_attachment_join",
    ]),
    (None, "counted in the summary", &["chat_recoverable_message_join", "recoverable_message_part", "sqlite_sequence"]),
    (Some(TableNature::Technical), "ids of what was deleted", &[
        "deleted_messages", "sync_deleted_attachments", "sync_deleted_chats", "sync_deleted_messages",
        "unsynced_removed_recoverable_messages", "scheduled_messages_pending_cloudkit_delete",
    ]),
    (Some(TableNature::Technical), "settings and housekeeping of the app", &[
        "_sqlitedatabaseproperties", "kvtable", "message_processing_task", "sqlite_stat1", "sqlite_stat4",
    ]),
];

fn nature(table: &str) -> (Option<TableNature>, &'static str) {
    let named = GROUPS.iter().find(|(.., tables)| tables.contains(&table)).map(|&(nature, reason, _)| (nature, reason));
    named.unwrap_or((Some(TableNature::NotInterpreted), "no published schema names it"))
}

/// Every table with rows that stand in no record.
pub(super) fn unread(schema: &Schema<'_>) -> Result<Vec<UnreadTable>, ReadError> {
    let mut unread = Vec::new();
    for table in schema.tables() {
        let (Some(nature), reason) = nature(table) else { continue };
        let name = format!("\"{}\"", table.replace('"', "\"\""));
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT {})", UnreadTable::COUNT_LIMIT);
        let rows = schema.conn.query_row(&sql, [], |row| row.get::<_, i64>(0)).map_or(0, i64::unsigned_abs);
        if rows > 0 {
            unread.push(UnreadTable { table: table.to_owned(), rows, nature, reason: reason.to_owned() });
        }
    }
    Ok(unread)
}
