//! The kinds of content of WhatsApp's `Message` protobuf, one struct a kind; the number of each kind stands where it is
//! decoded (module `content`). For the source of the field numbers see module `history_sync`.

use super::history_sync::Key;
use prost::Message;

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
