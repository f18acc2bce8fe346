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
    /// Known and deliberately not read: status messages, past participants, call log, inline contacts.
    pub(in super::super) const NOT_INTERPRETED: [u32; 4] = [3, 12, 13, 20];
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

/// A message that is nothing but a wrapper around another one.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Wrapper {
    #[prost(bytes = "vec", optional, tag = "1")]
    pub message: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Context {
    #[prost(string, optional, tag = "1")]
    pub quoted_id: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub quoted_participant: Option<String>,
    #[prost(bytes = "vec", optional, tag = "3")]
    pub quoted_message: Option<Vec<u8>>,
    #[prost(string, optional, tag = "4")]
    pub quoted_chat: Option<String>,
    #[prost(string, repeated, tag = "15")]
    pub mentioned: Vec<String>,
    #[prost(uint32, optional, tag = "21")]
    pub forwarding_score: Option<u32>,
    #[prost(bool, tag = "22")]
    pub is_forwarded: bool,
    /// Seconds.
    #[prost(uint32, optional, tag = "25")]
    pub expiration: Option<u32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct MessageContext {
    #[prost(message, optional, tag = "10")]
    pub association: Option<Association>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Association {
    /// 1 album.
    #[prost(int32, optional, tag = "1")]
    pub kind: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub parent: Option<Key>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ExtendedText {
    #[prost(string, optional, tag = "1")]
    pub text: Option<String>,
    #[prost(string, optional, tag = "2")]
    pub matched: Option<String>,
    #[prost(string, optional, tag = "6")]
    pub title: Option<String>,
    #[prost(message, optional, tag = "17")]
    pub context: Option<Context>,
    #[prost(bool, tag = "30")]
    pub view_once: bool,
}

/// The five media kinds have the same things under different numbers; each is decoded by its own struct.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Image {
    #[prost(string, optional, tag = "2")]
    pub media_type: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub caption: Option<String>,
    #[prost(bytes = "vec", optional, tag = "4")]
    pub sha256: Option<Vec<u8>>,
    #[prost(uint64, optional, tag = "5")]
    pub bytes: Option<u64>,
    #[prost(uint32, optional, tag = "6")]
    pub height: Option<u32>,
    #[prost(uint32, optional, tag = "7")]
    pub width: Option<u32>,
    #[prost(message, optional, tag = "17")]
    pub context: Option<Context>,
    #[prost(bool, tag = "25")]
    pub view_once: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Video {
    #[prost(string, optional, tag = "2")]
    pub media_type: Option<String>,
    #[prost(bytes = "vec", optional, tag = "3")]
    pub sha256: Option<Vec<u8>>,
    #[prost(uint64, optional, tag = "4")]
    pub bytes: Option<u64>,
    #[prost(uint32, optional, tag = "5")]
    pub seconds: Option<u32>,
    #[prost(string, optional, tag = "7")]
    pub caption: Option<String>,
    #[prost(bool, tag = "8")]
    pub gif: bool,
    #[prost(uint32, optional, tag = "9")]
    pub height: Option<u32>,
    #[prost(uint32, optional, tag = "10")]
    pub width: Option<u32>,
    #[prost(message, optional, tag = "17")]
    pub context: Option<Context>,
    #[prost(bool, tag = "20")]
    pub view_once: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Audio {
    #[prost(string, optional, tag = "2")]
    pub media_type: Option<String>,
    #[prost(bytes = "vec", optional, tag = "3")]
    pub sha256: Option<Vec<u8>>,
    #[prost(uint64, optional, tag = "4")]
    pub bytes: Option<u64>,
    #[prost(uint32, optional, tag = "5")]
    pub seconds: Option<u32>,
    #[prost(bool, tag = "6")]
    pub voice_note: bool,
    #[prost(message, optional, tag = "17")]
    pub context: Option<Context>,
    #[prost(bool, tag = "21")]
    pub view_once: bool,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Document {
    #[prost(string, optional, tag = "2")]
    pub media_type: Option<String>,
    #[prost(string, optional, tag = "3")]
    pub title: Option<String>,
    #[prost(bytes = "vec", optional, tag = "4")]
    pub sha256: Option<Vec<u8>>,
    #[prost(uint64, optional, tag = "5")]
    pub bytes: Option<u64>,
    #[prost(string, optional, tag = "8")]
    pub file_name: Option<String>,
    #[prost(message, optional, tag = "17")]
    pub context: Option<Context>,
    #[prost(string, optional, tag = "20")]
    pub caption: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Sticker {
    #[prost(bytes = "vec", optional, tag = "2")]
    pub sha256: Option<Vec<u8>>,
    #[prost(string, optional, tag = "5")]
    pub media_type: Option<String>,
    #[prost(uint32, optional, tag = "6")]
    pub height: Option<u32>,
    #[prost(uint32, optional, tag = "7")]
    pub width: Option<u32>,
    #[prost(uint64, optional, tag = "9")]
    pub bytes: Option<u64>,
    #[prost(message, optional, tag = "17")]
    pub context: Option<Context>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Contact {
    #[prost(string, optional, tag = "16")]
    pub vcard: Option<String>,
    #[prost(message, optional, tag = "17")]
    pub context: Option<Context>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Contacts {
    #[prost(message, repeated, tag = "2")]
    pub contacts: Vec<Contact>,
    #[prost(message, optional, tag = "17")]
    pub context: Option<Context>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Location {
    #[prost(double, optional, tag = "1")]
    pub latitude: Option<f64>,
    #[prost(double, optional, tag = "2")]
    pub longitude: Option<f64>,
    #[prost(string, optional, tag = "3")]
    pub name: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub address: Option<String>,
    #[prost(string, optional, tag = "5")]
    pub url: Option<String>,
    #[prost(string, optional, tag = "11")]
    pub comment: Option<String>,
    #[prost(message, optional, tag = "17")]
    pub context: Option<Context>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct LiveLocation {
    #[prost(double, optional, tag = "1")]
    pub latitude: Option<f64>,
    #[prost(double, optional, tag = "2")]
    pub longitude: Option<f64>,
    #[prost(string, optional, tag = "6")]
    pub caption: Option<String>,
    #[prost(message, optional, tag = "17")]
    pub context: Option<Context>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Protocol {
    #[prost(message, optional, tag = "1")]
    pub key: Option<Key>,
    /// 0 revoke, 3 timer, 14 edit.
    #[prost(int32, optional, tag = "2")]
    pub kind: Option<i32>,
    #[prost(uint32, optional, tag = "4")]
    pub ephemeral_expiration: Option<u32>,
    #[prost(int64, optional, tag = "5")]
    pub ephemeral_setting_timestamp: Option<i64>,
    #[prost(bytes = "vec", optional, tag = "14")]
    pub edited: Option<Vec<u8>>,
    /// Milliseconds.
    #[prost(int64, optional, tag = "15")]
    pub at: Option<i64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct PollCreation {
    #[prost(string, optional, tag = "2")]
    pub name: Option<String>,
    #[prost(message, repeated, tag = "3")]
    pub options: Vec<PollOption>,
    #[prost(uint32, optional, tag = "4")]
    pub selectable: Option<u32>,
    #[prost(message, optional, tag = "5")]
    pub context: Option<Context>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct PollOption {
    #[prost(string, optional, tag = "1")]
    pub name: Option<String>,
}

/// Poll vote (50), keep (51) and pin (63): which message they are about, and a code.
#[derive(Clone, PartialEq, Message)]
pub(super) struct About {
    #[prost(message, optional, tag = "1")]
    pub key: Option<Key>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct KeepOrPin {
    #[prost(message, optional, tag = "1")]
    pub key: Option<Key>,
    /// 1 on, 2 off.
    #[prost(int32, optional, tag = "2")]
    pub kind: Option<i32>,
    /// Milliseconds.
    #[prost(int64, optional, tag = "3")]
    pub at: Option<i64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct CallLog {
    #[prost(bool, tag = "1")]
    pub video: bool,
    #[prost(int32, optional, tag = "2")]
    pub outcome: Option<i32>,
    #[prost(int64, optional, tag = "3")]
    pub seconds: Option<i64>,
    #[prost(message, repeated, tag = "5")]
    pub participants: Vec<CallParticipant>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct CallParticipant {
    #[prost(string, optional, tag = "1")]
    pub jid: Option<String>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct GroupInvite {
    /// Seconds.
    #[prost(int64, optional, tag = "3")]
    pub expires: Option<i64>,
    #[prost(string, optional, tag = "4")]
    pub group: Option<String>,
    #[prost(message, optional, tag = "7")]
    pub context: Option<Context>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Event {
    #[prost(message, optional, tag = "1")]
    pub context: Option<Context>,
    #[prost(bool, tag = "2")]
    pub cancelled: bool,
    #[prost(string, optional, tag = "3")]
    pub name: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub description: Option<String>,
    #[prost(message, optional, tag = "5")]
    pub place: Option<Location>,
    /// Seconds.
    #[prost(int64, optional, tag = "7")]
    pub starts: Option<i64>,
    #[prost(int64, optional, tag = "8")]
    pub ends: Option<i64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Album {
    #[prost(uint32, optional, tag = "2")]
    pub images: Option<u32>,
    #[prost(uint32, optional, tag = "3")]
    pub videos: Option<u32>,
    #[prost(message, optional, tag = "17")]
    pub context: Option<Context>,
}
