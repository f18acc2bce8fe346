//! What every table of the file is to this reader, and what the file holds beyond what is read. Table names are schema, not
//! content.
//!
//! Every table of the published schemas (2021 to 2026) stands here by its whole name, with a reason. A table that no schema
//! names is not known and therefore not interpreted. Rows of a table that is not interpreted but that names its message are
//! kept with that message, raw (module `kept`), and do not count as missing.

use super::{MessageTable, ReadError, Scope, Summary, TableNature, UnreadTable, schema::Schema};

/// What the plan must ask for before a table matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Status,
    Newsletters,
    CallLog,
    Drafts,
    /// Nothing that a plan can ask for.
    Nothing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Read,
    Technical,
    NotAsked(Part),
    NotInterpreted,
}

/// A class, why, and its tables.
type Group = (Class, &'static str, &'static [&'static str]);

#[rustfmt::skip]
const GROUPS: &[Group] = &[
    (Class::Read, "in the records", &[
        "call_log", "call_log_participant_v2", "chat", "chat_ephemeral", "chat_list", "group_participant_user", "group_participants",
        "group_past_participant_user", "jid", "jid_map", "labeled_jid", "labels", "lid_display_name", "message", "message_add_on",
        "message_add_on_event_response", "message_add_on_keep_in_chat", "message_add_on_pin_in_chat", "message_add_on_poll_vote",
        "message_add_on_poll_vote_selected_option", "message_add_on_reaction", "message_album", "message_association",
        "message_call_log", "message_comment", "message_edit_info", "message_ephemeral", "message_ephemeral_setting", "message_event",
        "message_forwarded", "message_ftsv2_content", "message_group_invite", "message_location", "message_media", "message_mentions",
        "message_order", "message_parent_association", "message_poll", "message_poll_option", "message_product", "message_quoted",
        "message_quoted_location", "message_quoted_media", "message_quoted_vcard", "message_revoked", "message_system",
        "message_system_block_contact", "message_system_chat_participant", "message_system_ephemeral_setting_not_applied",
        "message_system_group", "message_system_number_change", "message_system_photo_change", "message_system_username_change",
        "message_system_value_change", "message_template", "message_template_button", "message_text", "message_ui_elements",
        "message_ui_elements_reply", "message_vcard", "message_view_once_media", "messages", "messages_quotes", "messages_vcards",
        "missed_call_log_participant", "missed_call_logs", "poll_edit_snapshot", "props",
    ]),
    (Class::Read, "counted in the summary", &["deleted_chat_job", "message_future", "sqlite_sequence"]),
    (Class::Technical, "keys, secrets and protocol state", &["message_broadcast_ephemeral", "message_secret"]),
    (Class::Technical, "which devices wrote, have or get something", &[
        "group_participant_device", "message_details", "primary_device_version", "user_device", "user_device_info",
    ]),
    (Class::Technical, "delivery, reading and sending receipts", &[
        "message_add_on_receipt_device", "message_send_count", "played_self_receipt", "receipt_device", "receipt_orphaned",
        "receipt_user", "receipts",
    ]),
    (Class::Technical, "previews, hashes and transfer state of media", &[
        "audio_data", "media_hash_thumbnail", "media_processed_video", "media_refs", "message_media_map", "message_quoted_text",
        "message_streaming_sidecar", "message_thumbnail", "message_thumbnails", "mms_metadata", "mms_thumbnail_metadata",
        "transcription_segment",
    ]),
    (Class::Technical, "indexes and counts of what other tables say", &[
        "community_chat", "frequent", "frequents", "group_notification_version", "jid_user_metadata", "joinable_call_log",
        "lid_chat_state", "message_comment_parent", "message_link", "message_media_vcard_count", "message_span_indices",
        "message_vcard_jid", "messages_links", "messages_vcards_jids",
    ]),
    (Class::Technical, "settings and housekeeping of the app", &[
        "android_metadata", "backup_changes", "broadcast_chat_details", "conversion_tuples", "favorite", "payment_background",
        "payment_background_order", "sqlite_stat1", "sqlite_stat4",
    ]),
    (Class::NotAsked(Part::Drafts), "unsent texts", &["composition"]),
    (Class::NotAsked(Part::Status), "statuses", &["status", "status_list", "message_status_psa_campaign"]),
    (Class::NotAsked(Part::Newsletters), "channels", &["newsletter_message", "newsletter_message_reaction"]),
    (Class::NotAsked(Part::CallLog), "the call log", &["call_link", "call_unknown_caller"]),
    (Class::NotAsked(Part::Nothing), "prepared texts and automatic answers of a business account", &[
        "away_messages", "keywords", "quick_replies", "quick_reply_attachments", "quick_reply_keywords", "quick_reply_usage",
    ]),
    (Class::NotInterpreted, "its codes are not explained", &[
        "group_participants_history", "message_system_business_state", "message_system_community_link_changed",
        "message_system_device_change", "message_system_event_updates", "message_system_group_with_parent",
        "message_system_initial_privacy_provider", "message_system_lid_change", "message_system_linked_group_call",
        "message_system_payment_invite_setup", "message_system_scheduled_call_start", "message_system_sibling_group_link_change",
        "message_system_with_group_nodes", "message_privacy_state", "message_rating",
    ]),
    (Class::NotInterpreted, "its columns are known, their meaning is not", &[
        "ai_rich_response_message_core_info", "bot_message_info", "extended_media_data", "forwarded_newsletter_message_info",
        "message_add_on_question_response", "message_add_on_scheduled_call_edit", "message_event_invite",
        "message_external_ad_content", "message_media_interactive_annotation", "message_media_interactive_annotation_vertex",
        "message_question", "message_scheduled_call", "message_sticker_pack", "message_sticker_pack_stickers", "scheduled_calls",
        "thread_id", "thread_messages", "labeled_messages", "labeled_jids", "messages_hydrated_four_row_template",
    ]),
    (Class::NotInterpreted, "parts of a quotation beyond its text, file, place and cards", &[
        "message_quoted_blank_reply", "message_quoted_call_log", "message_quoted_group_invite", "message_quoted_group_invite_legacy",
        "message_quoted_mentions", "message_quoted_order", "message_quoted_payment_invite", "message_quoted_product",
        "message_quoted_ui_elements", "message_quoted_ui_elements_reply", "message_quoted_ui_elements_reply_legacy",
        "message_quote_invoice", "message_template_quoted", "messages_quotes_payment_invite_legacy", "quoted_message_order",
        "quoted_message_product",
    ]),
    (Class::NotInterpreted, "payments and invoices", &[
        "invoice_transactions", "message_invoice", "message_payment", "message_payment_invite", "message_payment_status_update",
        "message_payment_transaction_reminder", "pay_transaction", "pay_transactions",
    ]),
    (Class::NotInterpreted, "waits for a message that had not arrived", &[
        "message_add_on_orphan", "message_orphan", "message_orphaned_edit",
    ]),
];

/// Ends of the names of SQLite's own tables behind a search index.
const INDEX_PARTS: [&str; 5] = ["_content", "_segments", "_segdir", "_docsize", "_stat"];

/// What a table is, and why; `None` when no published schema names it.
pub(crate) fn class(table: &str) -> Option<(Class, &'static str)> {
    let named = GROUPS.iter().find(|(.., tables)| tables.contains(&table)).map(|&(class, reason, _)| (class, reason));
    let index = || {
        let search = table.contains("_fts") && INDEX_PARTS.iter().any(|end| table.ends_with(end));
        search.then_some((Class::Technical, "a search index"))
    };
    named.or_else(index)
}

/// What a table is to this reading.
pub(crate) fn nature(table: &str, scope: &Scope) -> (Option<TableNature>, &'static str) {
    match class(table) {
        Some((Class::Read, reason)) => (None, reason),
        Some((Class::Technical, reason)) => (Some(TableNature::Technical), reason),
        Some((Class::NotAsked(part), reason)) => {
            let asked = match part {
                Part::Status => scope.status_broadcast,
                Part::Newsletters => scope.newsletters,
                Part::CallLog => scope.call_log,
                Part::Drafts => scope.drafts,
                Part::Nothing => false,
            };
            (Some(if asked { TableNature::NotInterpreted } else { TableNature::NotAsked }), reason)
        }
        Some((Class::NotInterpreted, reason)) => (Some(TableNature::NotInterpreted), reason),
        None => (Some(TableNature::NotInterpreted), "no published schema names it"),
    }
}

/// Every table with rows that stand in no record.
pub(crate) fn unread(
    schema: &Schema<'_>,
    scope: &Scope,
    read: MessageTable,
    summary: &Summary,
) -> Result<Vec<UnreadTable>, ReadError> {
    let mut unread = Vec::new();
    let other = match read {
        MessageTable::Modern => MessageTable::Legacy.name(),
        MessageTable::Legacy => MessageTable::Modern.name(),
    };
    for table in schema.tables() {
        let (nature, reason) = match nature(table, scope) {
            (None, _) if table != other => continue,
            (None, _) => (TableNature::NotInterpreted, "the message table of the other generation"),
            (Some(nature), reason) => (nature, reason),
        };
        let kept = summary.kept_raw.get(table).copied();
        // Counting stops early: how many thumbnails there are is worth no full scan. What was kept must be set against all.
        let limit = if kept.is_some() { -1 } else { i64::try_from(UnreadTable::COUNT_LIMIT).unwrap_or(i64::MAX) };
        let name = format!("\"{}\"", table.replace('"', "\"\""));
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT {limit})");
        let rows = schema.conn.query_row(&sql, [], |r| r.get::<_, i64>(0)).map_or(0, i64::unsigned_abs);
        let left = rows.saturating_sub(kept.unwrap_or(0));
        // The message table that was not chosen may hold the app's own placeholder row and nothing else.
        if left > u64::from(table == other) {
            unread.push(UnreadTable { table: table.to_owned(), rows: left, nature, reason: reason.to_owned() });
        } else if let Some(kept) = kept {
            let nature = TableNature::KeptRaw;
            unread.push(UnreadTable { table: table.to_owned(), rows: kept, nature, reason: reason.to_owned() });
        }
    }
    Ok(unread)
}

/// Tables of the contacts' database that hold rows and are not read: the address book and settings beyond participants.
pub(crate) fn unread_contacts(wa: &Schema<'_>) -> Vec<UnreadTable> {
    const READ: [&str; 3] = ["wa_contacts", "wa_group_descriptions", "wa_vnames"];
    let count = |table: &str| {
        let name = format!("\"{}\"", table.replace('"', "\"\""));
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {name} LIMIT {})", UnreadTable::COUNT_LIMIT);
        wa.conn.query_row(&sql, [], |r| r.get::<_, i64>(0)).map_or(0, i64::unsigned_abs)
    };
    let unread = wa.tables().filter(|table| !READ.contains(table)).filter_map(|table| {
        let rows = Some(count(table)).filter(|&rows| rows > 0)?;
        let technical = table.starts_with("sqlite_") || table == "android_metadata" || table == "system_contacts_version_table";
        let (nature, reason) = if technical {
            (TableNature::Technical, "settings and housekeeping of the app")
        } else {
            (TableNature::NotAsked, "contacts and their settings beyond the people in conversations")
        };
        Some(UnreadTable { table: format!("wa.{table}"), rows, nature, reason: reason.to_owned() })
    });
    unread.collect()
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

    #[test]
    fn a_part_of_a_name_decides_nothing() {
        let scope = Scope::default();
        for (table, expected) in [
            ("forwarded_newsletter_message_info", TableNature::NotInterpreted),
            ("message_payment_status_update", TableNature::NotInterpreted),
            ("message_system_device_change", TableNature::NotInterpreted),
            ("a_table_of_2031", TableNature::NotInterpreted),
            ("labeled_messages_fts_segdir", TableNature::Technical),
            ("newsletter_message", TableNature::NotAsked),
        ] {
            assert_eq!(nature(table, &scope).0, Some(expected), "{table}");
        }
        let asked = Scope { newsletters: true, ..scope };
        assert_eq!(nature("newsletter_message", &asked).0, Some(TableNature::NotInterpreted));
    }
}
