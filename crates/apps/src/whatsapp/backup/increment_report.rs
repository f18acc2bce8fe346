//! What was read of an increment and what was not, for the sealed report and for the run's status.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Kind of a ZIP entry, told without its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    Binary,
    Json,
    Database,
    Text,
    Folder,
    Other,
}

impl EntryKind {
    pub(super) fn of(name: &str, folder: bool) -> Self {
        if folder {
            return Self::Folder;
        }
        match name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).as_deref() {
            Some("bin" | "pb") => Self::Binary,
            Some("json") => Self::Json,
            Some("db" | "sqlite") => Self::Database,
            Some("txt" | "csv") => Self::Text,
            _ => Self::Other,
        }
    }
}

/// How many entries of a kind and their bytes unpacked, as the ZIP lists them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryCount {
    pub entries: u64,
    pub bytes: u64,
}

/// Parts of HistorySync that are known and not read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotRead {
    pub status_messages: u64,
    /// Records of the call log.
    pub calls: u64,
    /// Contacts of the address book.
    pub contacts: u64,
}

/// What was read of an increment and what was not. Holds no content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncrementReport {
    /// Entries called `messages.bin`: 1 in every known increment.
    pub message_entries: u64,
    /// Entries that were not interpreted.
    pub other_entries: BTreeMap<EntryKind, EntryCount>,
    /// The ZIP lists a name twice; only the last of each was seen.
    pub duplicate_names: bool,
    pub records: u64,
    pub conversations: u64,
    pub messages: u64,
    /// Messages of a kind that is not interpreted; they are handed on with their code.
    pub unknown_messages: u64,
    /// Records, conversations, messages and lesser parts that are no valid protobuf. A message whose *content* alone is
    /// malformed is handed on with its kind and counted here too.
    pub malformed: u64,
    /// Records or messages beyond the limits.
    pub too_large: u64,
    /// `messages.bin` could not be read to its end (cut short, damaged, or longer than allowed).
    pub unread_tail: bool,
    /// Whether these leave a gap depends on what was asked: the reader of the database decides.
    pub not_read: NotRead,
    /// Fields that no schema here names.
    pub unknown_fields: u64,
}

impl IncrementReport {
    pub(super) fn count_entry(&mut self, kind: EntryKind, bytes: u64) {
        let count = self.other_entries.entry(kind).or_default();
        count.entries += 1;
        count.bytes = count.bytes.saturating_add(bytes);
    }

    /// Whether everything that the increment holds was interpreted. Unknown *kinds* of messages do not count against it:
    /// they are in the records, raw.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.message_entries == 1
            && self.other_entries.keys().all(|k| *k == EntryKind::Folder)
            && !self.duplicate_names
            && self.malformed == 0
            && self.too_large == 0
            && !self.unread_tail
    }
}
