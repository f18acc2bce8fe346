//! What a reader must find in the messages that were made.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Numbers of everything that was made, as the records of a reading have them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagesExpected {
    /// Records: messages, stickers, notices, and reactions whose message is gone.
    pub messages: u64,
    /// Texts that stand only in `attributedBody`.
    pub typed_only: u64,
    pub conversations: u64,
    pub direct: u64,
    pub groups: u64,
    /// By kind of body, as JSON names it.
    pub by_kind: BTreeMap<String, u64>,
    /// Reactions on messages, those taken away counted too.
    pub reactions: u64,
    pub reactions_removed: u64,
    /// Additions that nobody reads (votes).
    pub additions: u64,
    pub replies: u64,
    pub mentions: u64,
    pub edited: u64,
    /// Earlier versions of edited messages.
    pub earlier: u64,
    /// Parts that were taken back while the rest stayed.
    pub unsent_parts: u64,
    pub expiring: u64,
    pub transcriptions: u64,
    /// Files that messages name: all, those in the backup, and those of which no file is named.
    pub files_named: u64,
    pub files_present: u64,
    pub files_not_named: u64,
    pub recently_deleted: u64,
    pub recently_deleted_parts: u64,
    /// Reactions to what was deleted.
    pub recently_deleted_reactions: u64,
    pub undecodable: u64,
    pub unknown_types: BTreeMap<i64, u64>,
    pub joins: u64,
    pub leaves: u64,
    /// Services of the messages.
    pub services: BTreeMap<String, u64>,
    /// Message id to text (or caption) as it must be shown, of the newest version.
    #[serde(skip)]
    pub texts: BTreeMap<String, String>,
    /// Message id to earlier texts, newest first.
    #[serde(skip)]
    pub histories: BTreeMap<String, Vec<String>>,
    /// Address to name, of those people of conversations who stand in the address book.
    pub names: BTreeMap<String, String>,
    /// Entries of the address book, of people in no conversation too.
    pub contacts: u64,
    /// How often the canary stands in texts.
    pub canary_texts: u64,
}
