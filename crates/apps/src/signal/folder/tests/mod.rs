//! Whole readings: every published permutation, one chat with everything in it, what stays behind, secrets, damage.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

mod everything;
mod published;
mod secrets;
mod stays;

use super::*;
use crate::reading::count::kind_of;
use std::{collections::BTreeMap, io, sync::Arc};
use uitlezen_chat::*;
use uitlezen_evidence::Bytes;
use uitlezen_signal_backup::folder::{Keys, Metadata, RecoveryKey};
use uitlezen_twin::content::signal::{Fields, FolderKeys};

const RECOVERY: &str = "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqr";

/// Keeps what it is given.
#[derive(Debug, Default)]
pub(super) struct Kept {
    conversations: Vec<Conversation>,
    messages: Vec<(ConversationNumber, Message)>,
}

impl RecordSink for Kept {
    type Run = Vec<(ConversationNumber, Message)>;

    fn conversation(&mut self, conversation: &Conversation) -> io::Result<()> {
        assert!(self.messages.is_empty(), "conversations come first");
        self.conversations.push(conversation.clone());
        Ok(())
    }

    fn hand_over(&mut self, run: &mut Self::Run) -> io::Result<()> {
        self.messages.append(run);
        Ok(())
    }
}

impl Kept {
    fn conversation(&self, id: &str) -> &Conversation {
        self.conversations.iter().find(|c| c.id.0 == format!("signal:{id}")).unwrap_or_else(|| panic!("no conversation {id}"))
    }

    fn message(&self, id: &str) -> &Message {
        &self.messages.iter().find(|(_, m)| m.id.0 == id).unwrap_or_else(|| panic!("no message {id}")).1
    }

    fn json(&self) -> String {
        serde_json::to_string(&(&self.conversations, &self.messages)).unwrap()
    }
}

fn keys() -> (FolderKeys, Keys) {
    let made = FolderKeys::new(RECOVERY, [6; 16]);
    let keys = Metadata::read(&made.metadata([2; 12])).unwrap().keys(&RecoveryKey::parse(RECOVERY.as_bytes()).unwrap());
    (made, keys)
}

/// Seals frames that stand one behind the other.
fn main_of(frames: &[u8]) -> Main {
    let (made, keys) = keys();
    keys.main(Arc::new(made.main(frames, [1; 16]).unwrap())).unwrap()
}

fn reading<'a>(main: &'a Main, files: &'a dyn Files) -> Reading<'a> {
    Reading { main, item: EvidenceId(1), files, holder_number: None, separation: None }
}

fn read_all(main: &Main, files: &dyn Files) -> (Kept, Read) {
    let mut kept = Kept::default();
    let read = read(&reading(main, files), &mut kept).unwrap();
    holds(&kept, &read);
    (kept, read)
}

/// What is true of every reading.
fn holds(kept: &Kept, read: &Read) {
    assert_eq!(read.summary.messages, kept.messages.len() as u64);
    assert_eq!(read.summary.conversations, kept.conversations.len() as u64);
    let mut ids = std::collections::BTreeSet::new();
    for (number, message) in &kept.messages {
        let conversation = kept.conversations.iter().find(|c| c.number == *number).unwrap();
        assert!(ids.insert((*number, message.id.clone())), "{} twice", message.id.0);
        let mut named: Vec<&Sender> = vec![&message.sender];
        named.extend(message.reactions.iter().map(|r| &r.by));
        named.extend(message.quote.iter().map(|q| &q.sender));
        match &message.body {
            Body::System(event) => named.extend(event.affected.iter().chain(&event.actor)),
            Body::Poll(poll) => named.extend(poll.options.iter().flat_map(|o| &o.voters)),
            _ => {}
        }
        let mentioned = message.mentions.iter().filter_map(|m| m.participant.as_ref());
        let named = named.into_iter().filter_map(|who| match who {
            Sender::Participant(id) => Some(id),
            _ => None,
        });
        for id in named.chain(mentioned) {
            assert!(conversation.participants.iter().any(|p| p.id == *id), "{} is no participant", id.0);
        }
    }
    for conversation in &kept.conversations {
        assert_eq!(conversation.participants.iter().filter(|p| p.is_holder).count(), 1);
        for member in &conversation.membership {
            assert!(conversation.participants.iter().any(|p| p.id == member.participant), "a member is no participant");
        }
    }
}

/// Frames in the making.
struct Frames(Vec<u8>);

impl Frames {
    /// About the backup, and an account whose new chats have this timer.
    fn begin(universal_timer: u64) -> Self {
        let mut frames = Self(Vec::new());
        Fields::new().number(1, 1).number(2, 1_760_000_000_000).bytes(3, &[0xe1; 32]).append_to(&mut frames.0);
        let settings = Fields::new().number(1, 1).number(7, universal_timer);
        let account = Fields::new().bytes(1, &[0xe2; 32]).text(2, "wethouder.12").text(4, "Wil").text(5, "Houder");
        frames.frame(1, &account.message(9, &settings).text(11, "geheime-pin-9731"));
        frames
    }

    fn frame(&mut self, kind: u32, inner: &Fields) {
        Fields::new().message(kind, inner).append_to(&mut self.0);
    }

    fn recipient(&mut self, id: u64, kind: u32, of: &Fields) {
        self.frame(2, &Fields::new().number(1, id).message(kind, of));
    }

    fn chat(&mut self, id: u64, recipient: u64, timer_ms: u64) {
        self.frame(3, &Fields::new().number(1, id).number(2, recipient).number(5, timer_ms));
    }

    fn item(&mut self, item: Fields) {
        self.frame(4, &item);
    }
}

fn aci(n: u8) -> [u8; 16] {
    [n; 16]
}

fn aci_id(n: u8) -> String {
    format!("aci:{}", crate::signal::person::uuid(&aci(n)))
}

/// Head of an item: chat, author, time.
fn head(chat: u64, author: u64, sent: u64) -> Fields {
    Fields::new().number(1, chat).number(2, author).number(3, sent)
}

fn incoming(at: u64) -> Fields {
    Fields::new().number(1, at).number(3, 1)
}

fn text(body: &str) -> Fields {
    Fields::new().message(2, &Fields::new().text(1, body))
}
