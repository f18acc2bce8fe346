//! One conversation and the file that holds it after unsealing.

use crate::{
    ContextLine, ConversationId, ConversationNumber, EvidenceId, Message, Moment, NativeId, Participant, ParticipantId, Sender,
    Separated, Source, Timer,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ConversationKind {
    /// Between the holder and one other.
    Direct,
    Group,
    /// A group that unites other groups, or its announcement channel.
    Community,
    /// A list to which the holder sends.
    Broadcast,
    /// Not interpreted.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Member,
    Admin,
    Owner,
}

/// Who is or was in the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Membership {
    pub participant: ParticipantId,
    pub current: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Joins and leaves, oldest first, as far as the phone recorded them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<MembershipChange>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MembershipChange {
    pub joined: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Sender>,
    pub source: Source,
}

/// Everything about a conversation except its messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Conversation {
    pub id: ConversationId,
    pub number: ConversationNumber,
    /// `whatsapp`, `whatsapp-business`, `imessage`.
    pub app: String,
    pub kind: ConversationKind,
    /// The raw code behind `kind`, when the app has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind_raw: Option<i64>,
    /// Group name as last seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The description of the group as last seen; its changes are notices among the messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Labels that the holder gave the conversation (business accounts).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Moment>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub locked: bool,
    /// What the app notes about the conversation and is not interpreted: `table.column` to value as text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub uninterpreted: BTreeMap<String, String>,
    pub native: Vec<NativeId>,
    pub participants: Vec<Participant>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub membership: Vec<Membership>,
    pub timer: Timer,
    /// What the office decided about the conversation, over all of time and in order. Empty: nobody decided anything, and it
    /// was read out whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub separation: Vec<Separated>,
    pub source: Source,
}

/// The JSON file of one conversation as unsealing writes it.
///
/// `messages` stands last so that a writer can stream it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ConversationFile {
    /// Version of this form, 1.
    pub format: u32,
    /// Zone of every `local` time.
    pub zone: String,
    pub conversation: Conversation,
    /// Evidence items that the records name.
    pub evidence: BTreeMap<EvidenceId, String>,
    /// Last in the file: one line for the whole and one per day stand after the messages.
    pub messages: Vec<Message>,
    pub context: Vec<ContextLine>,
}
