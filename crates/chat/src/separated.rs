//! What separation left of a conversation, and conversations of which only a name is given so that somebody can decide.

use crate::{ConversationId, ConversationKind, NativeId, Participant};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What happened to a stretch of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Treatment {
    ReadOut,
    /// Left out by a decision.
    LeftOut,
    /// Nobody decided yet; left out until somebody does.
    Undecided,
    /// Council members among themselves: outside the duty to keep.
    CouncillorsOnly,
}

/// A stretch of a conversation, from a moment (included) to a moment (not included); open where absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Separated {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub from: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub to: Option<Timestamp>,
    pub treatment: Treatment,
    /// `zakelijk`, `gemengd`, `onbekend`, `prive`, `partijpolitiek`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// The register's number of the decision, where one left it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<u64>,
}

/// A conversation about which nobody decided: enough for the records department to decide, and nothing of what was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Undecided {
    pub id: ConversationId,
    /// `whatsapp`, `whatsapp-business`.
    pub app: String,
    pub kind: ConversationKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The ids under which the register can name it.
    pub native: Vec<NativeId>,
    pub participants: Vec<Participant>,
    /// The stretches that wait for a decision, and the others.
    pub separation: Vec<Separated>,
    /// Messages that wait for it.
    pub messages: u64,
}

/// The JSON file of the undecided conversations as unsealing writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UndecidedFile {
    /// Version of this form, 1.
    pub format: u32,
    pub conversations: Vec<Undecided>,
}
