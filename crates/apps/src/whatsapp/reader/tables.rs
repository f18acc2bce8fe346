//! What the file holds beyond what is read: tables with rows that stand in no record. Table names are schema, not content.

use super::{
    ReadError, Scope,
    schema::Schema,
    sides::INTERPRETED,
    summary::{MessageTable, TableNature, UnreadTable},
};

/// Parts of names of tables that hold keys, queues, caches, receipts and settings: nothing that somebody said or did.
const TECHNICAL: &[&str] = &[
    "android_metadata",
    "audio_data",
    "away_message",
    "backup_changes",
    "conversion_tuples",
    "device",
    "favorite",
    "frequent",
    "fts",
    "group_notification_version",
    "jid_user_metadata",
    "joinable_call_log",
    "keywords",
    "lid_chat_state",
    "media_hash",
    "media_job",
    "media_refs",
    "media_processed",
    "message_details",
    "message_link",
    "message_media_map",
    "message_media_vcard_count",
    "message_secret",
    "message_send_count",
    "message_span_indices",
    "message_streaming_sidecar",
    "message_vcard_jid",
    "messages_links",
    "messages_vcards_jids",
    "mms_",
    "payment_background",
    "played_self_receipt",
    "receipt",
    "thumbnail",
    "transcription_segment",
    "sqlite_",
    "chat_ephemeral",
];

/// Tables outside what a reading asks for.
const NOT_ASKED: &[&str] = &[
    "composition",
    "newsletter",
    "status",
    "call_link",
    "call_unknown_caller",
    "scheduled_calls",
    "missed_call_log_participant",
];

fn nature(table: &str, scope: &Scope) -> TableNature {
    let part_of = |list: &[&str]| list.iter().any(|part| table.contains(part));
    if part_of(NOT_ASKED)
        && !(table.contains("newsletter") && scope.newsletters)
        && !(table.contains("status") && scope.status_broadcast)
    {
        TableNature::NotAsked
    } else if part_of(TECHNICAL) {
        TableNature::Technical
    } else {
        TableNature::NotInterpreted
    }
}

/// Every table with rows that is not interpreted.
pub(crate) fn unread(schema: &Schema<'_>, scope: &Scope, read: MessageTable) -> Result<Vec<UnreadTable>, ReadError> {
    let mut unread = Vec::new();
    for table in schema.tables() {
        let other = match read {
            MessageTable::Modern => MessageTable::Legacy.name(),
            MessageTable::Legacy => MessageTable::Modern.name(),
        };
        if INTERPRETED.contains(&table) && table != other {
            continue;
        }
        // Counting stops early: how many thumbnails there are is worth no full scan.
        let name = format!("\"{}\"", table.replace('"', "\"\""));
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT {})", UnreadTable::COUNT_LIMIT);
        let rows = schema.conn.query_row(&sql, [], |r| r.get::<_, i64>(0)).map_or(0, i64::unsigned_abs);
        // The message table that was not chosen may hold the app's own placeholder row and nothing else.
        if rows > u64::from(table == other) {
            unread.push(UnreadTable { table: table.to_owned(), rows, nature: nature(table, scope) });
        }
    }
    Ok(unread)
}
