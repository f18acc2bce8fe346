//! What a whole reading gives: databases that others published, every kind of record, hostile databases.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

mod hostile;
mod kinds;
mod parties;
mod published;
mod timers;

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
    fn message(&self, row: i64) -> &Message {
        let found = self.messages.iter().find(|(_, m)| m.source.row == row && m.source.table == "ZWAMESSAGE");
        &found.unwrap_or_else(|| panic!("no message {row}")).1
    }

    fn conversation(&self, id: &str) -> &Conversation {
        self.conversations.iter().find(|c| c.id.0 == format!("whatsapp:{id}")).unwrap_or_else(|| panic!("no conversation {id}"))
    }
}

fn database(mut conn: Connection) -> Database {
    let image = conn.serialize("main").unwrap().to_vec();
    Database::open(Arc::new(image), None, None).unwrap()
}

fn evidenced(database: &Database, item: u32) -> Evidenced<'_> {
    Evidenced { database, item: EvidenceId(item) }
}

fn reading(chat_storage: &Database) -> Reading<'_> {
    Reading {
        edition: Edition::WhatsApp,
        chat_storage: evidenced(chat_storage, 1),
        contacts: None,
        lid: None,
        calls: None,
        phone_contacts: None,
        owner: None,
        holder_number: None,
        made_at: None,
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
        named.extend(message.quote.iter().map(|q| &q.sender));
        match &message.body {
            Body::System(event) => named.extend(event.affected.iter().chain(&event.actor)),
            Body::Call(call) => named.extend(&call.participants),
            _ => {}
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

fn text(body: &Body) -> &str {
    match body {
        Body::Text { text, .. } => text,
        other => panic!("no text: {other:?}"),
    }
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

/// The columns that matter here; conversation 1 with one person, 2 a group of the holder and two others, 3 a list, 4 statuses,
/// 5 a channel.
fn today() -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(
        "CREATE TABLE ZWACHATSESSION (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, ZARCHIVED INTEGER, ZHIDDEN INTEGER, ZREMOVED INTEGER,
           ZSESSIONTYPE INTEGER, ZGROUPINFO INTEGER, ZLOCATIONSHARINGENDDATE TIMESTAMP, ZCONTACTIDENTIFIER VARCHAR,
           ZCONTACTJID VARCHAR, ZPARTNERNAME VARCHAR, ZSAVEDINPUT VARCHAR);
         CREATE TABLE ZWAGROUPINFO (Z_PK INTEGER PRIMARY KEY, ZCHATSESSION INTEGER, ZCREATIONDATE TIMESTAMP, ZCREATORJID VARCHAR,
           ZOWNERJID VARCHAR, ZSOURCEJID VARCHAR);
         CREATE TABLE ZWAGROUPMEMBER (Z_PK INTEGER PRIMARY KEY, ZISACTIVE INTEGER, ZISADMIN INTEGER, ZCHATSESSION INTEGER,
           ZCONTACTNAME VARCHAR, ZFIRSTNAME VARCHAR, ZMEMBERJID VARCHAR);
         CREATE TABLE ZWAMESSAGE (Z_PK INTEGER PRIMARY KEY, ZGROUPEVENTTYPE INTEGER, ZISFROMME INTEGER, ZMESSAGEERRORSTATUS INTEGER,
           ZMESSAGESTATUS INTEGER, ZMESSAGETYPE INTEGER, ZSTARRED INTEGER, ZCHATSESSION INTEGER, ZGROUPMEMBER INTEGER,
           ZMEDIAITEM INTEGER, ZPARENTMESSAGE INTEGER, ZMESSAGEDATE TIMESTAMP, ZSENTDATE TIMESTAMP, ZFROMJID VARCHAR,
           ZPUSHNAME VARCHAR, ZSTANZAID VARCHAR, ZTEXT VARCHAR, ZTOJID VARCHAR);
         CREATE INDEX ZWAMESSAGE_ZPARENTMESSAGE_INDEX ON ZWAMESSAGE (ZPARENTMESSAGE);
         CREATE TABLE ZWAMEDIAITEM (Z_PK INTEGER PRIMARY KEY, ZFILESIZE INTEGER, ZMOVIEDURATION INTEGER, ZMESSAGE INTEGER,
           ZHACCURACY FLOAT, ZLATITUDE FLOAT, ZLONGITUDE FLOAT, ZMEDIALOCALPATH VARCHAR, ZTITLE VARCHAR, ZVCARDNAME VARCHAR,
           ZVCARDSTRING VARCHAR, ZMETADATA BLOB);
         CREATE INDEX ZWAMEDIAITEM_ZMESSAGE_INDEX ON ZWAMEDIAITEM (ZMESSAGE);
         CREATE TABLE ZWAMESSAGEINFO (Z_PK INTEGER PRIMARY KEY, ZMESSAGE INTEGER, ZRECEIPTINFO BLOB);
         CREATE INDEX ZWAMESSAGEINFO_ZMESSAGE_INDEX ON ZWAMESSAGEINFO (ZMESSAGE);
         CREATE TABLE ZWAMESSAGEDATAITEM (Z_PK INTEGER PRIMARY KEY, ZTYPE INTEGER, ZMESSAGE INTEGER, ZCONTENT1 VARCHAR,
           ZCONTENT2 VARCHAR, ZMATCHEDTEXT VARCHAR, ZSUMMARY VARCHAR, ZTITLE VARCHAR);
         CREATE INDEX ZWAMESSAGEDATAITEM_ZMESSAGE_INDEX ON ZWAMESSAGEDATAITEM (ZMESSAGE);
         CREATE TABLE ZWAPROFILEPUSHNAME (Z_PK INTEGER PRIMARY KEY, ZJID VARCHAR, ZPUSHNAME VARCHAR);
         CREATE TABLE Z_PRIMARYKEY (Z_ENT INTEGER PRIMARY KEY, Z_NAME VARCHAR, Z_SUPER INTEGER, Z_MAX INTEGER);
         INSERT INTO ZWACHATSESSION(Z_PK, ZSESSIONTYPE, ZCONTACTJID, ZPARTNERNAME) VALUES
           (1, 0, '31611111111@s.whatsapp.net', 'Anja'), (2, 1, '120363000000000001@g.us', 'Overleg'),
           (3, 2, '1@broadcast', 'Lijst'), (4, 3, 'status@broadcast', NULL), (5, 5, '120363000000000009@newsletter', 'Nieuws');
         UPDATE ZWACHATSESSION SET ZGROUPINFO = 1 WHERE Z_PK = 2;
         INSERT INTO ZWAGROUPINFO VALUES (1, 2, 700000000.0, '31622222222@s.whatsapp.net', NULL, NULL);
         INSERT INTO ZWAGROUPMEMBER(Z_PK, ZISACTIVE, ZISADMIN, ZCHATSESSION, ZCONTACTNAME, ZMEMBERJID) VALUES
           (1, 1, 0, 2, 'Anja', '31611111111@s.whatsapp.net'), (2, 1, 1, 2, '+31 6 22222222', '31622222222@s.whatsapp.net'),
           (3, 0, 0, 2, NULL, '31633333333@s.whatsapp.net'), (4, 1, 0, 2, NULL, '31600000001@s.whatsapp.net');
         INSERT INTO ZWAPROFILEPUSHNAME VALUES (1, '31622222222@s.whatsapp.net', 'Bas');
         INSERT INTO Z_PRIMARYKEY VALUES (9, 'WAMessage', 0, 40);",
    )
    .unwrap();
    conn
}

/// 22 November 2025, 10:00 in the Netherlands, and so many seconds later.
const TEN: i64 = 785_494_800;

/// Puts a message in; `more` sets other columns.
fn say(conn: &Connection, row: i64, chat: i64, kind: i64, text: Option<&str>, more: &str) {
    let from = if chat == 2 { "120363000000000001@g.us" } else { "31611111111@s.whatsapp.net" };
    conn.execute(
        "INSERT INTO ZWAMESSAGE(Z_PK, ZCHATSESSION, ZMESSAGETYPE, ZTEXT, ZISFROMME, ZMESSAGEDATE, ZFROMJID, ZSTANZAID)
         VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, 'K' || ?1)",
        rusqlite::params![row, chat, kind, text, TEN + row, from],
    )
    .unwrap();
    if !more.is_empty() {
        conn.execute_batch(&format!("UPDATE ZWAMESSAGE SET {more} WHERE Z_PK = {row}")).unwrap();
    }
}

/// A media row of a message; `columns` as `A = 1, B = 'x'`.
fn media(conn: &Connection, message: i64, columns: &str, metadata: Option<Vec<u8>>) {
    conn.execute("INSERT INTO ZWAMEDIAITEM(Z_PK, ZMESSAGE, ZMETADATA) VALUES (?1, ?1, ?2)", rusqlite::params![message, metadata])
        .unwrap();
    if !columns.is_empty() {
        conn.execute_batch(&format!("UPDATE ZWAMEDIAITEM SET {columns} WHERE Z_PK = {message}")).unwrap();
    }
}

/// Protobuf by hand: a number, and bytes.
fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [varint(field << 3 | 2), varint(value.len() as u64), value.to_vec()].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}
