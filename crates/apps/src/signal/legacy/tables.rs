//! The tables and columns that are taken over, under all the names that they ever had (`reference/android.md §3.2`). Columns
//! that hold keys or tokens are not among them.

/// A table and its columns. `_id` is there in all.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [&'static str],
    /// Columns by which its rows are asked for.
    pub(super) asked_by: &'static [&'static str],
}

const MESSAGE: &[&str] = &[
    "_id",
    "date",
    "date_sent",
    "date_received",
    "thread_id",
    "address",
    "recipient_id",
    "from_recipient_id",
    "to_recipient_id",
    "type",
    "msg_box",
    "body",
    "read",
    "expires_in",
    "expire_started",
    "quote_id",
    "quote_author",
    "quote_body",
    "quote_type",
    "view_once",
    "reveal_duration",
    "remote_deleted",
    "deleted_by",
    "story_type",
    "parent_story_id",
    "scheduled_date",
    "latest_revision_id",
    "revision_number",
    "link_previews",
    "shared_contacts",
    "receipt_timestamp",
    "has_delivery_receipt",
    "has_read_receipt",
    "viewed",
    "pinned_at",
    "pinned_until",
    "previews",
];

const FILE: &[&str] = &[
    "_id",
    "message_id",
    "mid",
    "content_type",
    "ct",
    "file_name",
    "data_size",
    "voice_note",
    "borderless",
    "video_gif",
    "quote",
    "width",
    "height",
    "caption",
    "display_order",
    "transfer_state",
    "pending_push",
    "sticker_id",
    "sticker_emoji",
];

/// All of them.
pub(super) const TABLES: &[Table] = &[
    Table { name: "message", columns: MESSAGE, asked_by: &["latest_revision_id"] },
    Table { name: "mms", columns: MESSAGE, asked_by: &["latest_revision_id"] },
    Table { name: "sms", columns: MESSAGE, asked_by: &[] },
    Table {
        name: "thread",
        columns: &["_id", "recipient_id", "recipient_ids", "thread_recipient_id", "archived", "expires_in"],
        asked_by: &[],
    },
    Table {
        name: "recipient",
        columns: &[
            "_id",
            "type",
            "e164",
            "phone",
            "aci",
            "uuid",
            "pni",
            "username",
            "group_id",
            "blocked",
            "profile_given_name",
            "signal_profile_name",
            "profile_family_name",
            "profile_joined_name",
            "system_given_name",
            "system_family_name",
            "system_joined_name",
            "system_display_name",
            "nickname_given_name",
            "nickname_family_name",
            "nickname_joined_name",
            "message_expiration_time",
        ],
        asked_by: &[],
    },
    Table {
        name: "groups",
        columns: &["_id", "group_id", "recipient_id", "title", "master_key", "active", "timestamp"],
        asked_by: &[],
    },
    Table { name: "group_membership", columns: &["_id", "group_id", "recipient_id"], asked_by: &["group_id"] },
    Table { name: "attachment", columns: FILE, asked_by: &["message_id"] },
    Table { name: "part", columns: FILE, asked_by: &["mid"] },
    Table {
        name: "reaction",
        columns: &["_id", "message_id", "author_id", "emoji", "date_sent", "is_mms"],
        asked_by: &["message_id"],
    },
    Table {
        name: "mention",
        columns: &["_id", "message_id", "recipient_id", "range_start", "range_length"],
        asked_by: &["message_id"],
    },
    Table {
        name: "call",
        columns: &["_id", "call_id", "message_id", "peer", "type", "direction", "event", "timestamp", "ringer"],
        asked_by: &["message_id"],
    },
    Table {
        name: "poll",
        columns: &["_id", "author_id", "message_id", "question", "allow_multiple_votes", "end_message_id"],
        asked_by: &["message_id"],
    },
    Table { name: "poll_option", columns: &["_id", "poll_id", "option_text", "option_order"], asked_by: &["poll_id"] },
    Table { name: "poll_vote", columns: &["_id", "poll_id", "poll_option_id", "voter_id"], asked_by: &["poll_id"] },
];

/// The column of which only a mark is taken over.
pub(super) const MASTER_KEY: (&str, &str) = ("groups", "master_key");

/// Tables that hold keys, queues and the like, whatever a name says: nothing that somebody said.
pub(super) fn is_technical(table: &str) -> bool {
    const PARTS: [&str; 22] = [
        "key",
        "session",
        "identit",
        "sticker",
        "search",
        "fts",
        "emoji",
        "job",
        "receipt",
        "payload",
        "avatar",
        "color",
        "profile",
        "storage",
        "draft_",
        "megaphone",
        "sender",
        "cds",
        "remapped",
        "log",
        "chat_folder",
        "donation",
    ];
    PARTS.iter().any(|part| table.contains(part))
}

pub(super) fn known(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}
