//! How records lie in a seal, under role *gesprekken*: lines of JSON in the order in which the phone stored them.
//!
//! Grouping by conversation would mean reading the phone's database once per conversation or holding everything in memory;
//! so the seal holds one stream and unsealing sorts it into one file a conversation. Names of items:
//!
//! | item | lines |
//! |---|---|
//! | `gesprekken/<app>/evidence.jsonl` | [`EvidenceLine`] |
//! | `gesprekken/<app>/conversations.jsonl` | [`uitlezen_chat::Conversation`] |
//! | `gesprekken/<app>/messages.jsonl` | [`MessageLine`] |
//! | `gesprekken/<app>/attachments.jsonl` | [`AttachmentLine`] |
//! | `gesprekken/<app>/bijlagen/<number>` | the bytes of one attachment |
//! | `scheiding/<app>/undecided.jsonl` | [`uitlezen_chat::Undecided`], under role *scheiding* |

use serde::{Deserialize, Serialize};
use uitlezen_chat::{AttachmentState, ConversationNumber, EvidenceId, Message};

/// Longest line that is read back; the reader child writes no longer ones.
pub const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// One message and the conversation it belongs to. Borrowed when written, owned when read.
#[derive(Debug, Serialize, Deserialize)]
pub struct MessageLine<M = Message> {
    pub c: ConversationNumber,
    pub m: M,
}

/// What became of a file that messages name. Files that no line mentions were not on the phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentLine {
    /// As the app wrote it in the message.
    pub path: String,
    #[serde(flatten)]
    pub state: AttachmentState,
}

/// An evidence item that records name as their source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceLine {
    pub id: EvidenceId,
    pub name: String,
    pub bytes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// What stands in a seal for every app that was read.
pub const OF_AN_APP: [&str; 4] = ["evidence.jsonl", "conversations.jsonl", "messages.jsonl", "attachments.jsonl"];

/// `gesprekken/<app>/<what>`.
#[must_use]
pub fn item(app: &str, what: &str) -> String {
    format!("gesprekken/{app}/{what}")
}

/// Under role *scheiding*: lines of [`uitlezen_chat::Undecided`].
#[must_use]
pub fn undecided_item(app: &str) -> String {
    format!("scheiding/{app}/undecided.jsonl")
}

/// Name of the `n`th attachment, from 1, with an extension that is nothing but letters and digits.
#[must_use]
pub fn attachment_file(number: u64, path: &str) -> String {
    let extension = path
        .rsplit_once('.')
        .map(|(_, e)| e.to_ascii_lowercase())
        .filter(|e| (1..=8).contains(&e.len()) && e.bytes().all(|b| b.is_ascii_alphanumeric()));
    match extension {
        Some(extension) => format!("{number:06}.{extension}"),
        None => format!("{number:06}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attachment_keeps_its_extension_and_nothing_else_of_its_name() {
        assert_eq!(attachment_file(7, "Media/WhatsApp Images/Jan de Vries.JPG"), "000007.jpg");
        assert_eq!(attachment_file(7, "Media/geen extensie/../x"), "000007");
        assert_eq!(attachment_file(7, "a.p/df"), "000007");
    }
}
