//! `msgstore.db` and `wa.db` with pages that lie, through the whole reader.

use crate::{framing::Script, made, separation};
use rusqlite::types::Value;
use serde::{Serialize, de::DeserializeOwned};
use std::{
    collections::{HashMap, HashSet},
    io,
    sync::{Arc, OnceLock},
    time::Duration,
};
use uitlezen_apps::{
    Evidenced, ReadError, RecordSink,
    whatsapp::{
        Edition,
        backup::IncrementSet,
        reader::{Reading, Scope, read},
    },
};
use uitlezen_chat::{Body, Conversation, ConversationNumber, EvidenceId, Message, ParticipantId, Sender};
use uitlezen_check::separation::Span;
use uitlezen_evidence::{Database, Limits, ReadAtExt};

/// Counts what it is given, and holds each record against its conversation.
#[derive(Default)]
pub(crate) struct Counting {
    people: HashMap<u32, HashSet<ParticipantId>>,
    pub(crate) conversations: u64,
    pub(crate) messages: u64,
    /// Who is named in a message and is no participant of its conversation.
    pub(crate) strangers: u64,
    /// Addresses of the conversations.
    pub(crate) addresses: Vec<String>,
    /// Conversations that have none, so that nobody can name them.
    pub(crate) unnamed: u64,
    /// No message may be of this time.
    within: Option<Span>,
    /// Of all records together, in JSON.
    bytes: u64,
    /// The JSON of what was given, where it is wanted.
    kept: Option<Vec<Vec<u8>>>,
}

impl Counting {
    pub(crate) fn none_within(within: Option<Span>) -> Self {
        Self { within, ..Self::default() }
    }

    /// Records leave as JSON and must read the same again.
    fn written<T: Serialize + DeserializeOwned + PartialEq>(&mut self, record: &T) {
        let json = serde_json::to_vec(record).expect("a record that cannot be written");
        self.bytes += json.len() as u64;
        let again: T = serde_json::from_slice(&json).expect("a record that cannot be read again");
        assert!(again == *record, "another record after a round trip: {}", String::from_utf8_lossy(&json));
        if let Some(kept) = &mut self.kept {
            kept.push(json);
        }
    }
}

impl RecordSink for Counting {
    type Run = Vec<(ConversationNumber, Message)>;

    fn conversation(&mut self, conversation: &Conversation) -> io::Result<()> {
        self.conversations += 1;
        assert_eq!(u64::from(conversation.number.0), self.conversations, "numbered from 1 without a gap");
        let people = conversation.participants.iter().map(|p| p.id.clone()).collect();
        self.people.insert(conversation.number.0, people);
        self.unnamed += u64::from(conversation.native.iter().all(|n| n.value.trim().is_empty()));
        self.addresses.extend(conversation.native.iter().map(|n| n.value.clone()));
        self.written(conversation);
        Ok(())
    }

    fn hand_over(&mut self, run: &mut Self::Run) -> io::Result<()> {
        for (number, message) in run.drain(..) {
            self.message(number, &message);
        }
        Ok(())
    }
}

impl Counting {
    fn message(&mut self, number: ConversationNumber, message: &Message) {
        self.messages += 1;
        if let Some(span) = self.within {
            assert!(message.sent.raw <= 0 || !span.holds(message.sent.utc), "given, and in the time that is left out");
        }
        let people = self.people.get(&number.0).expect("a message of a conversation that was never given");
        let mut named = vec![&message.sender];
        named.extend(message.reactions.iter().map(|reaction| &reaction.by));
        match &message.body {
            Body::System(event) => named.extend(event.affected.iter().chain(&event.actor)),
            Body::Poll(poll) => named.extend(poll.options.iter().flat_map(|option| &option.voters)),
            _ => {}
        }
        for who in named {
            if let Sender::Participant(id) = who {
                self.strangers += u64::from(!people.contains(id));
            }
        }
        self.written(message);
    }
}

pub(crate) fn opened(image: &[u8]) -> Option<Database> {
    // Longer than a case may take, so that a reading without end shows.
    let limits = Limits { statement_time: Duration::from_secs(30), longest_value: 4 << 20 };
    Database::open_with(Arc::new(image.to_vec()), None, None, limits).ok()
}

fn read_both(
    msgstore: &Database,
    wa: Option<&Database>,
    increments: Option<&IncrementSet>,
    scope: Scope,
    mut sink: Counting,
) -> Counting {
    let reading = Reading {
        edition: Edition::WhatsApp,
        msgstore: Evidenced { database: msgstore, item: EvidenceId(1) },
        wa: wa.map(|database| Evidenced { database, item: EvidenceId(2) }),
        increments,
        phone_contacts: None,
        holder_number: Some("+31612345678"),
        scope,
        separation: None,
    };
    match read(&reading, &mut sink) {
        Ok(summary) => {
            assert_eq!((summary.conversations, summary.messages), (sink.conversations, sink.messages), "counted and not given");
            // People are collected before the messages are read: where the pages are damaged the two may differ.
            if sink.strangers > 0 && summary.is_whole() {
                assert!(!in_order(msgstore), "whole, and {} people are no participants", sink.strangers);
            }
            assert_eq!(summary.by_kind.values().sum::<u64>(), summary.messages);
            serde_json::to_writer(io::sink(), &summary).expect("a summary that cannot be written");
        }
        Err(ReadError::Sink(error)) => panic!("the sink never fails: {error}"),
        Err(_) => {}
    }
    // Now and then once more, with something left out.
    if let choice @ 0..2 = sink.bytes % 4 {
        separation::read_apart(&reading, &sink, msgstore, choice == 0);
    }
    assert_eq!(msgstore.temp_opens_refused(), 0, "a statement wanted a file");
    sink
}

/// JSON of records of every kind, from the good database.
pub(crate) fn some_records() -> Vec<Vec<u8>> {
    let database = opened(&made::small_databases().0).expect("a good database");
    let sink = Counting { kept: Some(Vec::new()), ..Counting::default() };
    read_both(&database, None, None, Scope::default(), sink).kept.unwrap_or_default()
}

/// Whether SQLite itself finds nothing wrong with the database's pages and indexes.
pub(crate) fn in_order(database: &Database) -> bool {
    let Ok(image) = database.image().read_all(64 << 20) else { return false };
    let mut db = rusqlite::Connection::open_in_memory().unwrap();
    db.deserialize_read_exact("main", image.as_slice(), image.len(), true).is_ok()
        && db.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0)).is_ok_and(|said| said == "ok")
}

/// For the increments: the good database with this set over it.
pub(crate) fn read_small(image: &[u8], increments: Option<&IncrementSet>) {
    let database = opened(image).expect("a good database");
    read_both(&database, None, increments, Scope::default(), Counting::default());
}

/// The input is msgstore.db.
pub fn msgstore(data: &[u8]) {
    let Some(database) = opened(data) else { return };
    let everything = Scope { status_broadcast: true, newsletters: true, call_log: true, drafts: true };
    read_both(
        &database,
        None,
        None,
        if data.len().is_multiple_of(2) { Scope::default() } else { everything },
        Counting::default(),
    );
}

/// The input is a script of changes to the cells of a good msgstore.db: values of any type at any place, in a database that
/// SQLite itself finds nothing wrong with. So nothing may be missing that is not counted.
pub fn msgstore_cells(data: &[u8]) {
    let columns = columns();
    let mut db = rusqlite::Connection::open_in_memory().unwrap();
    let image = &made::small_databases().0;
    db.deserialize_read_exact("main", image.as_slice(), image.len(), false).unwrap();
    let mut script = Script(data);
    for _ in 0..24 {
        if script.0.is_empty() {
            break;
        }
        let (table, column) = &columns[usize::from(u16::from_le_bytes(script.bytes())) % columns.len()];
        let row = script.byte();
        let value = cell(&mut script);
        let sql = format!(
            "UPDATE OR REPLACE \"{table}\" SET \"{column}\" = ?1 WHERE rowid IN (SELECT rowid FROM \"{table}\" LIMIT 1 OFFSET ?2 % (SELECT count(*) FROM \"{table}\"))"
        );
        // What the schema refuses (a text for a key, a NULL where none may stand) leaves the cell as it was.
        let _ = db.execute(&sql, (value, row));
    }
    let database = opened(&db.serialize("main").unwrap()).expect("a database that SQLite wrote");
    let everything = Scope { status_broadcast: true, newsletters: true, call_log: true, drafts: true };
    read_both(
        &database,
        None,
        None,
        if data.len().is_multiple_of(2) { Scope::default() } else { everything },
        Counting::default(),
    );
}

fn cell(script: &mut Script<'_>) -> Value {
    let kind = script.byte();
    match kind % 12 {
        0 => Value::Null,
        // Another row's number: links that cross, and links to oneself.
        1..=4 => Value::Integer((kind >> 4 | script.byte()).into()),
        5 => Value::Integer(i64::from_le_bytes(script.bytes())),
        6 => Value::Integer(
            [0, -1, i64::MAX, i64::MIN, 1 << 31, 1 << 32, 253_402_300_800_000, -62_135_596_800_001][usize::from(kind >> 5)],
        ),
        7 => Value::Real([f64::INFINITY, f64::NEG_INFINITY, -0.0, 1e300][usize::from(kind >> 6)]),
        8 => Value::Real(f64::from_le_bytes(script.bytes())),
        9 => Value::Blob(script.piece().iter().copied().take(300).collect()),
        10 => Value::Text(String::from_utf8_lossy(script.piece()).chars().take(300).collect()),
        _ => Value::Text(
            [
                "",
                "-1",
                "@",
                "x@lid",
                "0@s.whatsapp.net",
                "1-2@g.us",
                "status@broadcast",
                "1@newsletter",
                "\u{202e}\u{0}",
                "1e9",
                "BEGIN:VCARD\nN:;;\n",
                "{\"a\":[",
                "../../x",
                "[]",
                "0x10",
                "=1+1",
            ][usize::from(kind >> 4)]
            .to_owned(),
        ),
    }
}

/// Every table and column of the good database that holds something.
fn columns() -> &'static [(String, String)] {
    static COLUMNS: OnceLock<Vec<(String, String)>> = OnceLock::new();
    COLUMNS.get_or_init(|| {
        let mut db = rusqlite::Connection::open_in_memory().unwrap();
        let image = &made::small_databases().0;
        db.deserialize_read_exact("main", image.as_slice(), image.len(), true).unwrap();
        let sql = "SELECT s.name, c.name FROM sqlite_schema s JOIN pragma_table_info(s.name) c WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite_%' ORDER BY 1, 2";
        let mut found = db.prepare(sql).unwrap();
        let rows = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    })
}

/// Each seed changes every column once, in another way.
pub fn cell_seeds() -> Vec<Vec<u8>> {
    let one = |n: usize, kind: u8| [&u16::try_from(n).unwrap().to_le_bytes()[..], &[(n * 31) as u8, kind, 9, 0, 0, 0]].concat();
    let mut seeds = Vec::new();
    for kind in (0..24).map(|kind| kind * 11) {
        let changes: Vec<Vec<u8>> = (0..columns().len()).map(|n| one(n, kind)).collect();
        seeds.extend(changes.chunks(20).map(<[Vec<u8>]>::concat));
    }
    seeds
}

/// The input is wa.db, beside a good msgstore.db.
pub fn contacts_database(data: &[u8]) {
    let Some(wa) = opened(data) else { return };
    let good = opened(&made::small_databases().0).expect("a good database");
    read_both(&good, Some(&wa), None, Scope::default(), Counting::default());
}

pub fn msgstore_seeds() -> Vec<Vec<u8>> {
    static LEGACY: OnceLock<Vec<u8>> = OnceLock::new();
    vec![made::small_databases().0.clone(), LEGACY.get_or_init(legacy).clone()]
}

pub fn contacts_seeds() -> Vec<Vec<u8>> {
    vec![made::small_databases().1.clone()]
}

/// The table of messages as it was until 2021 (reference/android.md §2.6).
fn legacy() -> Vec<u8> {
    let mut db = rusqlite::Connection::open_in_memory().unwrap();
    db.execute_batch(
        "PRAGMA page_size = 512;
         CREATE TABLE jid(_id INTEGER PRIMARY KEY, user TEXT, server TEXT, raw_string TEXT);
         CREATE TABLE chat_list(_id INTEGER PRIMARY KEY, key_remote_jid TEXT, subject TEXT, creation INTEGER, archived INTEGER, ephemeral_expiration INTEGER);
         CREATE TABLE messages(_id INTEGER PRIMARY KEY, key_remote_jid TEXT, key_from_me INTEGER, key_id TEXT, status INTEGER, data TEXT, timestamp INTEGER, media_wa_type TEXT, media_size INTEGER, media_name TEXT, media_caption TEXT, latitude REAL, longitude REAL, remote_resource TEXT, quoted_row_id INTEGER, mentioned_jids TEXT, edit_version INTEGER, forwarded INTEGER);
         CREATE TABLE messages_quotes(_id INTEGER PRIMARY KEY, key_remote_jid TEXT, key_from_me INTEGER, key_id TEXT, data TEXT, timestamp INTEGER, media_wa_type TEXT, remote_resource TEXT);
         CREATE TABLE group_participants(_id INTEGER PRIMARY KEY, gjid TEXT, jid TEXT, admin INTEGER, pending INTEGER);
         INSERT INTO chat_list VALUES (1,'1-2@g.us','Groep',1500000000000,0,0),(2,'31611111111@s.whatsapp.net',NULL,NULL,1,86400);
         INSERT INTO group_participants VALUES (1,'1-2@g.us','31611111111@s.whatsapp.net',2,0),(2,'1-2@g.us','',0,0);
         INSERT INTO messages_quotes VALUES (1,'1-2@g.us',0,'Q','eerder',1400000000000,'0','31611111111@s.whatsapp.net');
         WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
           INSERT INTO messages SELECT i, iif(i % 2, '1-2@g.us', '31611111111@s.whatsapp.net'), i % 3 = 0, 'K' || i, 0, 'tekst ' || i,
             1500000000000 + i * 60000, i % 17, i, NULL, 'bijschrift', 52.5, 5.5, '31611111111@s.whatsapp.net', i % 5 = 0, NULL, iif(i % 11, 0, 7), i % 2 FROM n;",
    )
    .unwrap();
    db.serialize("main").unwrap().to_vec()
}
