//! What a reader must find: counted while the databases are written, never read back from them.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything expected of one phone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    pub whatsapp: AppExpected,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business: Option<AppExpected>,
}

/// Numbers of one app's full backup. Unless said otherwise only conversations in scope are counted, that is without
/// `status@broadcast` and `@newsletter`, and without what increments add.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppExpected {
    pub package: String,
    /// SHA-256 of the databases in the clear, hexadecimal.
    pub msgstore_sha256: String,
    pub wa_sha256: String,
    pub msgstore_bytes: u64,
    /// Whether the newest full backup opens with the key that the holder has.
    pub readable: bool,
    pub conversations: u64,
    pub direct: u64,
    pub groups: u64,
    pub communities: u64,
    /// Rows of `message` in scope, notices included.
    pub messages: u64,
    /// Rows of `message` in chats out of scope; the table also has one sentinel row without a chat.
    pub messages_out_of_scope: u64,
    pub status_messages: u64,
    pub newsletter_messages: u64,
    /// Rows per raw `message_type`.
    pub by_type: BTreeMap<i64, u64>,
    /// By resolved jid: the number's where a hidden id maps to one.
    pub per_conversation: BTreeMap<String, ConversationExpected>,
    pub system: u64,
    pub quoted: u64,
    /// Of those quoted: messages that were taken back; the quote alone still has the words.
    pub quotes_of_revoked: u64,
    pub edited: u64,
    pub revoked_by_sender: u64,
    pub revoked_by_admin: u64,
    /// Reactions that stand, and those withdrawn (an empty reaction).
    pub reactions: u64,
    pub reactions_withdrawn: u64,
    pub polls: u64,
    /// (person, option) pairs.
    pub poll_votes: u64,
    pub forwarded: u64,
    pub mentions: u64,
    pub starred: u64,
    pub links: u64,
    pub captions: u64,
    pub attachments: AttachmentsExpected,
    pub view_once: u64,
    pub albums: u64,
    pub album_items: u64,
    pub places: u64,
    pub live_places: u64,
    /// Messages with cards, and cards in them.
    pub card_messages: u64,
    pub cards: u64,
    pub calls_in_conversation: u64,
    /// Rows of `call_log`, those in conversations included.
    pub call_log_rows: u64,
    pub events: u64,
    pub group_invites: u64,
    /// Rows of types that no reference explains.
    pub unknown_types: u64,
    /// Rows of `message_future`: newer than the app could show.
    pub future: u64,
    /// Messages that carry an expiry.
    pub expiring: u64,
    /// Messages that had expired and are gone: nothing on the phone shows them but a gap in the row ids.
    pub vanished: u64,
    pub drafts: u64,
    pub receipts: u64,
    pub joins: u64,
    pub leaves: u64,
    pub lids_mapped: u64,
    pub lids_unresolved: u64,
    /// Of the people in conversations: what a reader should call them and where that name stands.
    pub names: Vec<NameExpected>,
    pub canary: CanaryExpected,
    pub increments: Vec<IncrementExpected>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationExpected {
    /// `direct`, `group` or `community`.
    pub kind: String,
    /// As `chat.jid_row_id` points to; differs from the key for a mapped hidden id.
    pub stored_jid: String,
    pub subject: Option<String>,
    pub messages: u64,
    /// Seconds; 0 is off.
    pub timer_seconds: u32,
    /// Rows of `message_ephemeral_setting`.
    pub timer_changes: u64,
    /// Members on the phone now, the holder included; 0 for direct conversations.
    pub members: u64,
    pub past_members: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentsExpected {
    /// Rows of `message_media` in scope, view-once rows included.
    pub rows: u64,
    /// With a file on the phone.
    pub present: u64,
    pub present_bytes: u64,
    /// The row names a file that is not there.
    pub missing: u64,
    /// The row names no file: never downloaded, or view once.
    pub not_downloaded: u64,
    /// Of those present: the file's digest differs from the row's.
    pub mismatched: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameExpected {
    pub jid: String,
    /// Nothing when no name is known anywhere; a masked number is no name.
    pub name: Option<String>,
    /// `NameOrigin` of the record, as JSON writes it.
    pub origin: Option<String>,
}

/// How often the canary was planted, by place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CanaryExpected {
    pub texts: u64,
    pub names: u64,
    pub captions: u64,
    pub file_names: u64,
    /// Media files that hold it in their bytes.
    pub media_files: u64,
    pub subjects: u64,
    pub drafts: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncrementExpected {
    /// Path on the phone.
    pub path: String,
    /// Messages that the full backup does not have.
    pub new: u64,
    /// Messages of the full backup with another text, and those revoked since.
    pub changed: u64,
    pub revoked: u64,
    /// Timer changes as stub messages (counted in `new` too).
    pub timer_changes: u64,
    pub conversations: u64,
    /// ZIP entries beside `messages.bin`, for which a run is incomplete.
    pub unread_entries: u64,
    pub zip_sha256: String,
}
