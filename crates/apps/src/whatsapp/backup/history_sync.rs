//! The protobufs of an increment's `messages.bin`: WhatsApp's multi-device **HistorySync** and what it holds.
//!
//! Field numbers from reference/android.md §2.5; those of the innermost parts (caption, file hash, quoted message) from the
//! same published schema that §2.5 cites (whatsmeow `waHistorySync`, `waWeb`, `waE2E`). Nothing here was seen in a real
//! increment by this project.
//!
//! Three rules make the structs differ from a generated set. Only fields that are read are named. A field that may hold
//! another whole message is `bytes`, so that the depth is counted here and not on the stack. And the outer layers
//! (HistorySync, Conversation) have no `repeated` fields at all: they are walked field by field (module `wire`).

use prost::Message;

/// Field numbers of HistorySync that lead somewhere.
pub(super) mod sync {
    pub(in super::super) const CONVERSATIONS: u32 = 2;
    pub(in super::super) const PUSH_NAMES: u32 = 7;
    pub(in super::super) const GLOBAL_SETTINGS: u32 = 8;
    pub(in super::super) const LID_MAPPINGS: u32 = 15;
    pub(in super::super) const PAST_PARTICIPANTS: u32 = 12;
    /// Known and not read here; what the plan asked decides whether that leaves a gap.
    pub(in super::super) const STATUS_MESSAGES: u32 = 3;
    pub(in super::super) const CALL_LOG: u32 = 13;
    pub(in super::super) const CONTACTS: u32 = 20;
    /// Sync type, chunk order, progress and the like: no content.
    pub(in super::super) const WITHOUT_CONTENT: [u32; 9] = [1, 5, 6, 9, 10, 11, 14, 16, 17];
}

/// Field numbers of Conversation that are walked.
pub(super) mod conversation {
    pub(in super::super) const MESSAGES: u32 = 2;
    pub(in super::super) const PARTICIPANTS: u32 = 20;
    /// Highest field number of the published schema (57, after-read duration).
    pub(in super::super) const HIGHEST: u32 = 57;
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Conversation {
    #[prost(string, tag = "1")]
    pub id: String,
    /// Seconds.
    #[prost(uint64, optional, tag = "5")]
    pub last_message: Option<u64>,
    /// Seconds; 0 is off.
    #[prost(uint32, optional, tag = "9")]
    pub ephemeral_expiration: Option<u32>,
    /// Seconds.
    #[prost(int64, optional, tag = "10")]
    pub ephemeral_setting_timestamp: Option<i64>,
    #[prost(string, optional, tag = "13")]
    pub name: Option<String>,
    #[prost(message, optional, tag = "17")]
    pub disappearing_mode: Option<DisappearingMode>,
    /// Seconds.
    #[prost(uint64, optional, tag = "31")]
    pub created_at: Option<u64>,
    #[prost(string, optional, tag = "33")]
    pub description: Option<String>,
    #[prost(string, optional, tag = "38")]
    pub display_name: Option<String>,
    #[prost(string, optional, tag = "39")]
    pub pn_jid: Option<String>,
    #[prost(string, optional, tag = "42")]
    pub lid_jid: Option<String>,
    #[prost(uint32, optional, tag = "57")]
    pub after_read_duration: Option<u32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct DisappearingMode {
    #[prost(int32, optional, tag = "1")]
    pub initiator: Option<i32>,
    #[prost(int32, optional, tag = "2")]
    pub trigger: Option<i32>,
    #[prost(bool, optional, tag = "4")]
    pub initiated_by_me: Option<bool>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct GroupParticipant {
    #[prost(string, tag = "1")]
    pub jid: String,
    /// 0 member, 1 admin, 2 creator.
    #[prost(int32, optional, tag = "2")]
    pub rank: Option<i32>,
}

/// Those who were in one group; `past` is walked field by field.
#[derive(Clone, PartialEq, Message)]
pub(super) struct PastParticipants {
    #[prost(string, tag = "1")]
    pub group: String,
}

/// Field number of a past participant in [`PastParticipants`].
pub(super) const PAST: u32 = 2;

#[derive(Clone, PartialEq, Message)]
pub(super) struct PastParticipant {
    #[prost(string, tag = "1")]
    pub jid: String,
    /// 0 left, 1 removed.
    #[prost(int32, optional, tag = "2")]
    pub reason: Option<i32>,
    /// Seconds.
    #[prost(uint64, optional, tag = "3")]
    pub left: Option<u64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct PushName {
    #[prost(string, tag = "1")]
    pub jid: String,
    #[prost(string, tag = "2")]
    pub name: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct LidMapping {
    #[prost(string, tag = "1")]
    pub pn_jid: String,
    #[prost(string, tag = "2")]
    pub lid_jid: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct GlobalSettings {
    /// Seconds; 0 is off.
    #[prost(int32, optional, tag = "9")]
    pub disappearing_mode_duration: Option<i32>,
    #[prost(int64, optional, tag = "10")]
    pub disappearing_mode_timestamp: Option<i64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct HistorySyncMessage {
    #[prost(bytes = "vec", optional, tag = "1")]
    pub message: Option<Vec<u8>>,
    #[prost(uint64, optional, tag = "2")]
    pub order: Option<u64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Key {
    #[prost(string, optional, tag = "1")]
    pub remote_jid: Option<String>,
    #[prost(bool, tag = "2")]
    pub from_me: bool,
    #[prost(string, tag = "3")]
    pub id: String,
    #[prost(string, optional, tag = "4")]
    pub participant: Option<String>,
}

/// Field numbers of WebMessageInfo that are read.
pub(super) const WEB_MESSAGE_FIELDS: [u32; 19] = [1, 2, 3, 4, 5, 17, 19, 24, 26, 30, 32, 33, 38, 40, 41, 45, 50, 52, 80];

#[derive(Clone, PartialEq, Message)]
pub(super) struct WebMessage {
    #[prost(message, optional, tag = "1")]
    pub key: Option<Key>,
    #[prost(bytes = "vec", optional, tag = "2")]
    pub content: Option<Vec<u8>>,
    /// Seconds.
    #[prost(uint64, optional, tag = "3")]
    pub timestamp: Option<u64>,
    #[prost(int32, optional, tag = "4")]
    pub status: Option<i32>,
    #[prost(string, optional, tag = "5")]
    pub participant: Option<String>,
    #[prost(bool, tag = "17")]
    pub starred: bool,
    #[prost(string, optional, tag = "19")]
    pub push_name: Option<String>,
    #[prost(int32, optional, tag = "24")]
    pub stub_type: Option<i32>,
    #[prost(string, repeated, tag = "26")]
    pub stub_parameters: Vec<String>,
    /// Seconds.
    #[prost(uint64, optional, tag = "32")]
    pub ephemeral_start: Option<u64>,
    #[prost(uint32, optional, tag = "33")]
    pub ephemeral_duration: Option<u32>,
    #[prost(message, optional, tag = "38")]
    pub media: Option<MediaData>,
    #[prost(message, repeated, tag = "41")]
    pub reactions: Vec<Reaction>,
    #[prost(message, optional, tag = "50")]
    pub keep_in_chat: Option<Keep>,
    /// Seconds in the published schema's own clients; its unit is not written down.
    #[prost(uint64, optional, tag = "52")]
    pub revoke_timestamp: Option<u64>,
    /// Seconds.
    #[prost(uint64, optional, tag = "80")]
    pub ephemeral_expires: Option<u64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct MediaData {
    #[prost(string, optional, tag = "1")]
    pub local_path: Option<String>,
}

/// Both the list in WebMessageInfo and the message kind 46 have these fields.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Reaction {
    #[prost(message, optional, tag = "1")]
    pub key: Option<Key>,
    #[prost(string, optional, tag = "2")]
    pub text: Option<String>,
    /// Milliseconds.
    #[prost(int64, optional, tag = "4")]
    pub sent: Option<i64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Keep {
    /// 1 keep for all, 2 undo.
    #[prost(int32, optional, tag = "1")]
    pub kind: Option<i32>,
}
