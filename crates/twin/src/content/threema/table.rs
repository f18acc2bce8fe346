//! A table of the backup as the app writes it: every field in quotes, backslashes doubled, a column only in versions that have it.

/// A column and the versions that have it.
pub(super) type Column = (&'static str, u32, u32);

/// The newest version counts as no end.
pub(super) const NOW: u32 = u32::MAX;

/// A table while it grows.
pub(super) struct Table {
    columns: Vec<&'static str>,
    text: String,
    rows: u64,
}

fn quoted(field: &str) -> String {
    format!("\"{}\"", field.replace('\\', "\\\\").replace('"', "\"\""))
}

impl Table {
    pub(super) fn new(columns: &[Column], version: u32) -> Self {
        let there = columns.iter().filter(|(_, from, to)| (*from..=*to).contains(&version));
        let columns: Vec<&'static str> = there.map(|(name, ..)| *name).collect();
        let mut table = Self { text: String::new(), columns, rows: 0 };
        let names: Vec<String> = table.columns.iter().map(|name| quoted(name)).collect();
        table.text.push_str(&names.join(","));
        table.text.push('\n');
        table
    }

    /// A row of what is given; a column that this version lacks is left out, one that is not given is empty.
    pub(super) fn row(&mut self, fields: &[(&str, String)]) {
        let said = |name: &&str| fields.iter().find(|(given, _)| given == name).map_or("", |(_, field)| field.as_str());
        let fields: Vec<String> = self.columns.iter().map(|name| quoted(said(name))).collect();
        self.text.push_str(&fields.join(","));
        self.text.push('\n');
        self.rows += 1;
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.columns.contains(&name)
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}

pub(super) const CONTACTS: [Column; 12] = [
    ("identity", 1, NOW),
    ("publickey", 1, NOW),
    ("verification", 1, NOW),
    ("acid", 1, NOW),
    ("tacid", 1, 18),
    ("firstname", 1, NOW),
    ("lastname", 1, NOW),
    ("nick_name", 1, NOW),
    ("last_update", 22, NOW),
    ("hidden", 13, NOW),
    ("archived", 14, NOW),
    ("identity_id", 19, NOW),
];

pub(super) const GROUPS: [Column; 12] = [
    ("id", 1, NOW),
    ("creator", 1, NOW),
    ("groupname", 1, NOW),
    ("created_at", 1, NOW),
    ("last_update", 22, NOW),
    ("members", 1, NOW),
    ("deleted", 1, 26),
    ("archived", 14, NOW),
    ("groupDesc", 17, NOW),
    ("groupDescTimestamp", 17, NOW),
    ("group_uid", 19, NOW),
    ("user_state", 25, NOW),
];

pub(super) const LISTS: [Column; 6] = [
    ("id", 1, NOW),
    ("distribution_list_name", 1, NOW),
    ("created_at", 1, NOW),
    ("last_update", 22, NOW),
    ("distribution_members", 1, NOW),
    ("archived", 14, NOW),
];

/// Of all three kinds of messages; `identity` stands in two of them.
pub(super) const MESSAGES: [Column; 21] = [
    ("apiid", 1, NOW),
    ("uid", 1, NOW),
    ("identity", 1, NOW),
    ("isoutbox", 1, NOW),
    ("isread", 1, NOW),
    ("issaved", 1, NOW),
    ("messagestae", 1, NOW),
    ("posted_at", 1, NOW),
    ("created_at", 1, NOW),
    ("modified_at", 1, NOW),
    ("type", 1, NOW),
    ("body", 1, NOW),
    ("isstatusmessage", 1, NOW),
    ("caption", 10, NOW),
    ("quoted_message_apiid", 15, NOW),
    ("delivered_at", 16, NOW),
    ("read_at", 16, NOW),
    ("g_msg_states", 17, NOW),
    ("display_tags", 20, NOW),
    ("edited_at", 23, NOW),
    ("deleted_at", 24, NOW),
];

pub(super) const BALLOTS: [Column; 13] = [
    ("id", 1, NOW),
    ("aid", 1, NOW),
    ("creator", 1, NOW),
    ("ref", 1, NOW),
    ("ref_id", 1, NOW),
    ("name", 1, NOW),
    ("state", 1, NOW),
    ("assessment", 1, NOW),
    ("type", 1, NOW),
    ("choice_type", 1, NOW),
    ("last_viewed_at", 1, NOW),
    ("created_at", 1, NOW),
    ("modified_at", 1, NOW),
];

pub(super) const CHOICES: [Column; 9] = [
    ("id", 1, NOW),
    ("ballot", 1, NOW),
    ("aid", 1, NOW),
    ("type", 1, NOW),
    ("name", 1, NOW),
    ("vote_count", 1, NOW),
    ("order", 1, NOW),
    ("created_at", 1, NOW),
    ("modified_at", 1, NOW),
];

pub(super) const VOTES: [Column; 7] = [
    ("id", 1, NOW),
    ("ballot_uid", 1, NOW),
    ("choice_uid", 1, NOW),
    ("identity", 1, NOW),
    ("choice", 1, NOW),
    ("created_at", 1, NOW),
    ("modified_at", 1, NOW),
];

pub(super) const CONTACT_REACTIONS: [Column; 5] = [
    ("identity", 26, NOW),
    ("api_message_id", 26, NOW),
    ("sender_identity", 26, NOW),
    ("emoji_sequence", 26, NOW),
    ("reacted_at", 26, NOW),
];

pub(super) const GROUP_REACTIONS: [Column; 6] = [
    ("api_group_id", 26, NOW),
    ("group_creator_identity", 26, NOW),
    ("api_message_id", 26, NOW),
    ("sender_identity", 26, NOW),
    ("emoji_sequence", 26, NOW),
    ("reacted_at", 26, NOW),
];
