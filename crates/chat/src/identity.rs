//! Who and what: ids that stay equal across readouts, and names with their origin.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `<app>:<native id>`, for instance `whatsapp:31612345678@s.whatsapp.net`. Content: stands only in role *gesprekken*.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ConversationId(pub String);

/// "gesprek 12": the number of a conversation within one readout, from 1. The only name that screens and logs may show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ConversationNumber(pub u32);

/// Unique within its conversation and built from the app's own message id, so equal in every readout.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct MessageId(pub String);

/// A participant within one conversation file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ParticipantId(pub String);

/// An id as the app wrote it, with its kind ("phone-number jid", "lid", "group jid").
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct NativeId {
    pub kind: String,
    pub value: String,
}

/// Where a name was found; the order is the order of trust when one must be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NameOrigin {
    /// The app's own copy of the holder's address book.
    AppContacts,
    /// The phone's address book.
    PhoneContacts,
    /// A name that the app or its maker verified (business accounts).
    Verified,
    /// The app's own mapping of a hidden id to a name.
    AppDirectory,
    /// The name that the person chose and that came with a message.
    PushName,
    /// A name inside the conversation itself (a mention, a group notice).
    InConversation,
}

/// A name and where it came from. Several may exist side by side.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ParticipantName {
    pub name: String,
    pub origin: NameOrigin,
}

/// A person or account in a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Participant {
    pub id: ParticipantId,
    /// The holder of the phone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_holder: bool,
    /// Phone number in international form when the app's id contains one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Most trusted first; empty when no name was found anywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<ParticipantName>,
    /// Every native id under which this participant occurs (a LID stays visible beside the number it maps to).
    pub native: Vec<NativeId>,
}

impl Participant {
    /// The name to show: the most trusted one, else the number, else the native id.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.names
            .first()
            .map(|n| n.name.as_str())
            .or(self.number.as_deref())
            .unwrap_or_else(|| self.native.first().map_or(self.id.0.as_str(), |n| n.value.as_str()))
    }
}
