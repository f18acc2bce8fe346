//! One message.

use crate::{Attachment, Body, Card, ConversationNumber, MessageId, Moment, ParticipantId, Place, Source};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeMap};

/// Who a record came from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sender {
    /// The holder of the phone.
    Holder,
    Participant(ParticipantId),
    /// The app itself (notices without an actor).
    App,
    /// The data do not say.
    Unknown,
}

/// Direction as seen from the phone that was read out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    Sent,
    Received,
    /// A notice of the app in the conversation.
    Notice,
}

/// The message that a reply repeats. The text is what the reply carried along, which may differ from the original.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Quote {
    /// Id of the quoted message in this or the named conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<MessageId>,
    /// Set when the quoted message stands in another conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationNumber>,
    pub sender: Sender,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The name under which the quoted file was sent, and its media type. The file itself belongs to the original.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<Card>,
    /// The app's raw code for the kind of the quoted message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind_raw: Option<i64>,
    /// Left out by a decision: what was quoted stands in what was left out. Nothing of it is kept here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withheld: bool,
    pub source: Source,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reaction {
    pub by: Sender,
    /// The emoji. An empty one in the app means "removed" and is recorded as `removed`.
    pub emoji: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    /// The app's raw code for the kind of reaction, where it has kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind_raw: Option<i64>,
    /// To which part of the message, from 0, where the app counts parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<u32>,
    pub source: Source,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mention {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participant: Option<ParticipantId>,
    /// The name that was shown in the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<String>,
    /// The app's raw code for the kind of mention (person, group, everyone).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind_raw: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Forward {
    /// How often the app counted it as forwarded, when it keeps such a score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<i64>,
}

/// The message was edited. WhatsApp keeps only the newest text, Apple's Messages keep all; earlier texts stand in
/// [`Message::earlier`] when found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Edit {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_id: Option<String>,
    /// Parts of the message, from 0, that were taken back since; the others are still there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsent_parts: Vec<u32>,
    pub source: Source,
}

/// How a message travelled, where the app says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    /// The service, as the app writes it: `iMessage`, `SMS`, `RCS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Cow<'static, str>>,
    /// The holder's own number or address that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub played: Option<Moment>,
    /// The app's raw error code, when there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_raw: Option<i64>,
}

/// The message was deleted for everyone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Revocation {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    /// The administrator who revoked it, when it was not the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_admin: Option<Sender>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_id: Option<String>,
}

/// This one message disappears at a moment that the app recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExpiryMark {
    pub seconds: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Moment>,
    /// Somebody chose "keep in chat".
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub kept: bool,
}

/// Somebody set a mark on a message for everyone (a pin, "keep in chat"), or took it off again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mark {
    pub by: Sender,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    /// Set (`true`) or taken off; absent when the app's code is neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<bool>,
    /// The app's raw code for the state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_raw: Option<i64>,
    /// When the mark ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Moment>,
    pub source: Source,
}

/// Something that was added to a message and is not interpreted: who, when, the app's code, and what its row held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Addition {
    pub by: Sender,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind_raw: Option<i64>,
    /// `table.column` to value as text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub raw: BTreeMap<String, String>,
    pub source: Source,
}

// What few messages have lies behind a pointer: a million of them are made and dropped one after the other, and a small one
// costs half as much.
/// One message of a conversation, in the order in which the phone stored it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    pub id: MessageId,
    pub direction: Direction,
    pub sender: Sender,
    pub sent: Moment,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<Moment>,
    pub body: Body,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Box<Quote>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<Mention>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forwarded: Option<Forward>,
    /// Pins in the conversation and their removals, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<Mark>,
    /// "Keep in chat" and its removals, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Mark>,
    /// Not interpreted; see [`Addition`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub additions: Vec<Addition>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited: Option<Box<Edit>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Box<ExpiryMark>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub starred: bool,
    /// Id of the album message that groups this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album: Option<MessageId>,
    /// Id of the message on which the app lists this one as a comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment_on: Option<MessageId>,
    /// What tables that are not interpreted hold about this message: `table.column` to value as text, addresses for rows of
    /// addresses.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub uninterpreted: BTreeMap<String, String>,
    /// The app's raw status code, uninterpreted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_raw: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Box<Delivery>>,
    /// The same message as older evidence holds it, newest first; the record itself is the newest version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Message>,
    pub source: Source,
}
