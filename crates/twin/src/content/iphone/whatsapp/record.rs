//! What a reader must find in the WhatsApp that was made.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Numbers of everything that was made, as the records of a reading have them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhatsAppExpected {
    pub messages: u64,
    pub conversations: u64,
    pub direct: u64,
    pub groups: u64,
    pub broadcasts: u64,
    /// By kind of body, as JSON names it.
    pub by_kind: BTreeMap<String, u64>,
    /// Texts and captions by row of `ZWAMESSAGE`.
    pub texts: BTreeMap<i64, String>,
    pub links: u64,
    pub replies: u64,
    /// Answers of which the original is still there, by row: the row that they answer.
    pub answered: BTreeMap<i64, i64>,
    pub forwarded: u64,
    pub starred: u64,
    pub failed: u64,
    /// Reactions of all, and those of the holder among them.
    pub reactions: u64,
    pub own_reactions: u64,
    pub poll_options: u64,
    pub cards: u64,
    pub album_members: u64,
    /// Files that messages name: all, those in the backup, and those of which the app never got one.
    pub files_named: u64,
    pub files_present: u64,
    pub files_not_named: u64,
    /// By conversation (address): `off`, `on 604800`, with `contact-record` behind it where that alone says it, `none`.
    pub timers: BTreeMap<String, String>,
    pub timer_notices: u64,
    pub joins: u64,
    pub leaves: u64,
    /// People who are shown under a hidden id because nothing tells their number.
    pub lids_unresolved: u64,
    /// Pairs of hidden id and number in `LID.sqlite`.
    pub lid_pairs: u64,
    /// Row ids that were given out and are gone: before the last row, and behind it.
    pub absent: u64,
    pub absent_after: u64,
    pub unknown_types: BTreeMap<i64, u64>,
    /// Out of scope.
    pub status_messages: u64,
    pub newsletter_messages: u64,
    pub drafts: u64,
    pub calls: u64,
    /// Names by address: of people in conversations, the one to show.
    pub names: BTreeMap<String, String>,
    /// The address of the holder.
    pub holder: String,
    pub canary_texts: u64,
}
