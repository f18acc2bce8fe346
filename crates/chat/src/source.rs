//! Provenance: where in the evidence a record was read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Number of an evidence item in the list at the head of the extraction's index, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct EvidenceId(pub u32);

/// One place in the evidence. A record read from several tables names the one that holds its row.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// The evidence item, listed under `evidence` in the conversation file.
    pub item: EvidenceId,
    /// Table, or another native name of a place ("HistorySync.conversations.messages").
    pub table: Cow<'static, str>,
    /// Row id in that table; for a sequence of messages its position from 0.
    pub row: i64,
}
