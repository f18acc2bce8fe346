//! Disappearing messages: what the data say about a conversation's timer, and who changed it when.

use crate::{Moment, Sender, Source};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the data show. "Not determinable" is never folded into "off".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum TimerState {
    /// Seen in the data: no timer.
    Off,
    /// Seen in the data: messages disappear after this many seconds.
    On { seconds: u64 },
    /// The app has no timer for one conversation: what holds for the account holds here.
    OfAccount,
    /// The data cannot tell (missing column, failed query, a field that this route does not carry).
    NotDeterminable { reason: String },
}

/// The timer of one conversation and its history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Timer {
    #[serde(flatten)]
    pub state: TimerState,
    /// Since when, as the app recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Moment>,
    /// What the state rests on, by a stable word, where it is weaker than the app's own setting of this conversation:
    /// `contact-record`, what the app noted with the other person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// The app's raw code for who set it, uninterpreted where its meaning is not established.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initiator_raw: Option<i64>,
    /// Oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<TimerChange>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
}

/// One change of a timer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TimerChange {
    pub at: Moment,
    pub by: Sender,
    /// Seconds before the change; absent when the app did not record it. 0 is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_seconds: Option<u64>,
    /// Seconds after the change; absent when not readable. 0 is off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_seconds: Option<u64>,
    pub source: Source,
}
