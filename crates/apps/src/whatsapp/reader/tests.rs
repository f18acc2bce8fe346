//! What a whole reading gives: the published databases, every kind of record, hostile databases, and size.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

mod archive;
mod bench;
mod beside;
mod generations;
mod hostile;
mod increments;
mod kinds;
mod published;
mod scale;

use super::*;
use crate::{Stopped, ViewOnceCounts};
use rusqlite::Connection;
use std::{collections::HashMap, io, sync::Arc};
use uitlezen_chat::*;
use uitlezen_evidence::Database;

/// Keeps what it is given.
#[derive(Debug, Default)]
struct Kept {
    conversations: Vec<Conversation>,
    messages: Vec<(ConversationNumber, Message)>,
}

impl RecordSink for Kept {
    type Run = Vec<(ConversationNumber, Message)>;

    fn conversation(&mut self, conversation: &Conversation) -> io::Result<()> {
        self.conversations.push(conversation.clone());
        Ok(())
    }

    fn hand_over(&mut self, run: &mut Self::Run) -> io::Result<()> {
        self.messages.append(run);
        Ok(())
    }
}

impl Kept {
    fn of(&self, number: u32) -> Vec<&Message> {
        self.messages.iter().filter(|(n, _)| n.0 == number).map(|(_, m)| m).collect()
    }

    fn message(&self, id: &str) -> &Message {
        &self.messages.iter().find(|(_, m)| m.id.0 == id).unwrap_or_else(|| panic!("no message {id}")).1
    }

    fn conversation(&self, id: &str) -> &Conversation {
        self.conversations.iter().find(|c| c.id.0 == id).unwrap_or_else(|| panic!("no conversation {id}"))
    }
}

fn database(mut conn: Connection) -> Database {
    let image = conn.serialize("main").unwrap().to_vec();
    Database::open(Arc::new(image), None, None).unwrap()
}

fn built(sql: &str) -> Database {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(sql).unwrap();
    database(conn)
}

const MSGSTORE: EvidenceId = EvidenceId(1);
const WA: EvidenceId = EvidenceId(2);

fn reading<'a>(msgstore: &'a Database, wa: Option<&'a Database>) -> Reading<'a> {
    Reading {
        edition: Edition::WhatsApp,
        msgstore: Evidenced { database: msgstore, item: MSGSTORE },
        wa: wa.map(|database| Evidenced { database, item: WA }),
        increments: None,
        phone_contacts: None,
        holder_number: None,
        scope: Scope::default(),
        separation: None,
    }
}

fn read_all(reading: &Reading<'_>) -> (Kept, Summary) {
    let mut kept = Kept::default();
    let summary = read(reading, &mut kept).unwrap();
    assert_eq!(summary.messages, kept.messages.len() as u64);
    assert_eq!(summary.conversations, kept.conversations.len() as u64);
    // Whoever a record names stands among the participants of its conversation.
    for (number, message) in &kept.messages {
        let conversation = kept.conversations.iter().find(|c| c.number == *number).unwrap();
        let mut named: Vec<&Sender> = vec![&message.sender];
        named.extend(message.reactions.iter().map(|r| &r.by));
        if let Body::System(event) = &message.body {
            named.extend(event.affected.iter().chain(&event.actor));
        }
        if let Body::Poll(poll) = &message.body {
            named.extend(poll.options.iter().flat_map(|o| &o.voters));
        }
        for who in named {
            if let Sender::Participant(id) = who {
                assert!(conversation.participants.iter().any(|p| p.id == *id), "a sender is no participant");
            }
        }
    }
    (kept, summary)
}

fn person(number: &str) -> Sender {
    Sender::Participant(ParticipantId(format!("{number}@s.whatsapp.net")))
}
