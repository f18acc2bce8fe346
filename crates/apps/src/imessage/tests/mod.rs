//! What a whole reading gives: every schema that was published, every kind of record, hostile databases.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

mod history;
mod hostile;
mod kinds;
mod schemas;

use super::*;
use rusqlite::Connection;
use std::{io, path::PathBuf, sync::Arc};
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
    fn message(&self, id: &str) -> &Message {
        &self.messages.iter().find(|(_, m)| m.id.0 == id).unwrap_or_else(|| panic!("no message {id}")).1
    }

    fn has(&self, id: &str) -> bool {
        self.messages.iter().any(|(_, m)| m.id.0 == id)
    }

    fn conversation(&self, id: &str) -> &Conversation {
        self.conversations.iter().find(|c| c.id.0 == format!("imessage:{id}")).unwrap_or_else(|| panic!("no conversation {id}"))
    }
}

fn database(mut conn: Connection) -> Database {
    let image = conn.serialize("main").unwrap().to_vec();
    Database::open(Arc::new(image), None, None).unwrap()
}

const SMS: EvidenceId = EvidenceId(1);
const BOOK: EvidenceId = EvidenceId(2);

fn reading<'a>(sms: &'a Database, address_book: Option<&'a Database>) -> Reading<'a> {
    Reading {
        sms: Evidenced { database: sms, item: SMS },
        address_book: address_book.map(|database| Evidenced { database, item: BOOK }),
        holder_number: None,
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
        named.extend(message.quote.iter().map(|q| &q.sender));
        if let Body::System(event) = &message.body {
            named.extend(event.affected.iter().chain(&event.actor));
        }
        for who in named {
            if let Sender::Participant(id) = who {
                assert!(conversation.participants.iter().any(|p| p.id == *id), "a sender is no participant");
            }
        }
    }
    (kept, summary)
}

/// Beside the checkout; see its INDEX.md.
fn published(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata").join(name);
    if !path.exists() {
        assert!(std::env::var_os("UITLEZEN_REQUIRE_TESTDATA").is_none(), "{name} of the published fixtures is not here");
        eprintln!("SKIPPED: {name} of the published fixtures is not here");
        return None;
    }
    Some(path)
}

/// A small schema with the columns of today that matter here.
fn today() -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(
        "CREATE TABLE handle (ROWID INTEGER PRIMARY KEY AUTOINCREMENT UNIQUE, id TEXT NOT NULL, service TEXT NOT NULL,
           uncanonicalized_id TEXT, UNIQUE (id, service));
         CREATE TABLE chat (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, style INTEGER, properties BLOB,
           chat_identifier TEXT, service_name TEXT, room_name TEXT, is_archived INTEGER DEFAULT 0, display_name TEXT,
           is_filtered INTEGER DEFAULT 0);
         CREATE TABLE attachment (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, filename TEXT, uti TEXT,
           mime_type TEXT, transfer_state INTEGER DEFAULT 0, transfer_name TEXT, total_bytes INTEGER DEFAULT 0,
           is_sticker INTEGER DEFAULT 0, hide_attachment INTEGER DEFAULT 0);
         CREATE TABLE chat_handle_join (chat_id INTEGER, handle_id INTEGER, UNIQUE(chat_id, handle_id));
         CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER, message_date INTEGER DEFAULT 0,
           PRIMARY KEY (chat_id, message_id));
         CREATE TABLE message_attachment_join (message_id INTEGER, attachment_id INTEGER, UNIQUE(message_id, attachment_id));
         CREATE TABLE chat_recoverable_message_join (chat_id INTEGER, message_id INTEGER, delete_date INTEGER,
           PRIMARY KEY (chat_id, message_id), CHECK (delete_date != 0));
         CREATE TABLE recoverable_message_part (chat_id INTEGER, message_id INTEGER, part_index INTEGER, delete_date INTEGER,
           part_text BLOB NOT NULL, PRIMARY KEY (chat_id, message_id, part_index));
         CREATE TABLE message (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, text TEXT,
           handle_id INTEGER DEFAULT 0, subject TEXT, attributedBody BLOB, service TEXT, error INTEGER DEFAULT 0, date INTEGER,
           date_read INTEGER, date_delivered INTEGER, is_from_me INTEGER DEFAULT 0, is_audio_message INTEGER DEFAULT 0,
           date_played INTEGER, item_type INTEGER DEFAULT 0, other_handle INTEGER DEFAULT 0, group_title TEXT,
           group_action_type INTEGER DEFAULT 0, share_status INTEGER DEFAULT 0, is_expirable INTEGER DEFAULT 0,
           expire_state INTEGER DEFAULT 0, associated_message_guid TEXT, associated_message_type INTEGER DEFAULT 0,
           balloon_bundle_id TEXT, payload_data BLOB, expressive_send_style_id TEXT, message_summary_info BLOB,
           destination_caller_id TEXT, is_spam INTEGER DEFAULT 0, thread_originator_guid TEXT, thread_originator_part TEXT,
           date_retracted INTEGER DEFAULT 0, date_edited INTEGER DEFAULT 0, associated_message_emoji TEXT DEFAULT NULL);
         CREATE INDEX message_idx_associated_message ON message(associated_message_guid);
         CREATE INDEX message_idx_handle_id ON message(handle_id);
         CREATE INDEX message_idx_other_handle ON message(other_handle);
         CREATE INDEX message_attachment_join_idx_message_id ON message_attachment_join(message_id);
         INSERT INTO handle(ROWID, id, service, uncanonicalized_id) VALUES (1, '+31611111111', 'iMessage', '06-11111111'),
           (2, '+31611111111', 'SMS', NULL), (3, 'piet@example.nl', 'iMessage', NULL), (4, '+31622222222', 'iMessage', NULL),
           (5, '+31633333333', 'iMessage', NULL);
         INSERT INTO chat(ROWID, guid, style, chat_identifier, service_name, display_name, is_filtered) VALUES
           (1, 'iMessage;-;+31611111111', 45, '+31611111111', 'iMessage', NULL, 0),
           (2, 'SMS;-;+31611111111', 45, '+31611111111', 'SMS', NULL, 1),
           (3, 'iMessage;+;chat7', 43, 'chat7', 'iMessage', 'Team Haven', 0);
         INSERT INTO chat_handle_join VALUES (1, 1), (2, 2), (3, 1), (3, 3);",
    )
    .unwrap();
    conn
}

/// Nanoseconds since 2001 of so many seconds after 22 November 2025, 10:00 in the Netherlands.
fn at(seconds: i64) -> i64 {
    (785_494_800 + seconds) * 1_000_000_000
}

/// Adds a message to conversation `chat`; `more` are assignments of further columns.
fn say(conn: &Connection, chat: i64, row: i64, guid: &str, handle: i64, text: Option<&str>, more: &str) {
    conn.execute(
        "INSERT INTO message(ROWID, guid, handle_id, text, date, is_from_me, service) VALUES (?1, ?2, ?3, ?4, ?5, ?3 = 0, 'iMessage')",
        rusqlite::params![row, guid, handle, text, at(row)],
    )
    .unwrap();
    if chat > 0 {
        conn.execute("INSERT INTO chat_message_join(chat_id, message_id) VALUES (?1, ?2)", [chat, row]).unwrap();
    }
    if !more.is_empty() {
        conn.execute(&format!("UPDATE message SET {more} WHERE ROWID = ?1"), [row]).unwrap();
    }
}

fn person(address: &str) -> Sender {
    Sender::Participant(ParticipantId(address.to_owned()))
}

fn text(body: &Body) -> &str {
    match body {
        Body::Text { text, .. } => text,
        other => panic!("no text: {other:?}"),
    }
}
