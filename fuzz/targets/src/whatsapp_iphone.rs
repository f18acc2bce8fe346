//! WhatsApp of an iPhone: blobs within rows, and `ChatStorage.sqlite` and the databases beside it with pages and cells that lie.

use crate::{
    cells,
    framing::Script,
    made,
    whatsapp::{Counting, in_order, opened},
};
use rusqlite::types::Value;
use std::{io, sync::OnceLock};
use uitlezen_apps::{
    Evidenced, ReadError,
    whatsapp_ios::{Edition, Metadata, Owner, Reading, Receipts, Scope, read},
};
use uitlezen_chat::EvidenceId;
use uitlezen_evidence::Database;
use uitlezen_twin::content::{
    MediaScale,
    iphone::whatsapp::{WhatsApp, WhatsAppOptions, generate},
};

/// A small phone with a message of every kind, made once.
fn phone() -> &'static WhatsApp {
    static PHONE: OnceLock<WhatsApp> = OnceLock::new();
    PHONE.get_or_init(|| {
        let options = WhatsAppOptions { seed: 7, messages: 130, media: MediaScale::None, ..WhatsAppOptions::default() };
        generate(&options).expect("the generator")
    })
}

/// Its databases with small pages: messages, contacts, hidden ids, calls.
fn databases() -> &'static [Vec<u8>; 4] {
    static SMALL: OnceLock<[Vec<u8>; 4]> = OnceLock::new();
    SMALL.get_or_init(|| {
        let phone = phone();
        [&phone.chat_storage, &phone.contacts, &phone.lids, &phone.calls].map(|image| made::shrunk(image))
    })
}

fn columns() -> &'static [(String, String)] {
    static COLUMNS: OnceLock<Vec<(String, String)>> = OnceLock::new();
    COLUMNS.get_or_init(|| cells::columns(&databases()[0]))
}

fn good(at: usize) -> Database {
    opened(&databases()[at]).expect("a good database")
}

fn column(sql: &str) -> Vec<Vec<u8>> {
    let mut db = rusqlite::Connection::open_in_memory().unwrap();
    let image = &phone().chat_storage;
    db.deserialize_read_exact("main", image.as_slice(), image.len(), true).unwrap();
    let mut found = db.prepare(sql).unwrap();
    found.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// The input is one of the two blobs of a message. What they say lies in them.
pub fn chat_blobs(data: &[u8]) {
    let mut fields = 0_usize;
    if let Ok(metadata) = Metadata::read(data, |_| fields += 1) {
        let texts = [metadata.quoted_id, metadata.quoted_author, metadata.quoted_text, metadata.forwarder];
        assert!(texts.into_iter().flatten().all(|text| text.len() <= data.len()));
        assert_eq!(Metadata::read(data, |_| {}), Ok(metadata));
    }
    if let Ok(receipts) = Receipts::read(data, |_| fields += 1) {
        assert!(receipts.reactions.len() as u64 + receipts.dropped <= data.len() as u64);
        assert!(receipts.reactions.iter().all(|reaction| reaction.emoji.len() <= data.len()));
    }
    assert!(fields <= 2 * data.len(), "more fields than bytes");
}

pub fn chat_blob_seeds() -> Vec<Vec<u8>> {
    let mut all = column("SELECT ZMETADATA FROM ZWAMEDIAITEM WHERE ZMETADATA NOT NULL");
    all.extend(column("SELECT ZRECEIPTINFO FROM ZWAMESSAGEINFO WHERE ZRECEIPTINFO NOT NULL"));
    all.sort_unstable_by_key(Vec::len);
    all.dedup();
    all
}

fn read_all(storage: &Database, contacts: &Database, lid: &Database, calls: &Database, choice: u8) {
    let of = |database, item| Evidenced { database, item: EvidenceId(item) };
    let owner = Owner::read(&phone().settings).expect("good settings");
    let reading = Reading {
        edition: Edition::WhatsApp,
        chat_storage: of(storage, 1),
        contacts: Some(of(contacts, 2)),
        lid: Some(of(lid, 3)),
        calls: Some(of(calls, 4)),
        phone_contacts: None,
        owner: Some(&owner).filter(|_| choice & 1 == 0),
        holder_number: None,
        made_at: None,
        scope: Scope { call_log: choice & 2 == 0, newsletters: choice & 4 == 0, ..Scope::default() },
        separation: None,
    };
    let mut sink = Counting::none_within(None);
    match read(&reading, &mut sink) {
        Ok(summary) => {
            assert_eq!((summary.conversations, summary.messages), (sink.conversations, sink.messages), "counted and not given");
            assert_eq!(summary.by_kind.values().sum::<u64>(), summary.messages);
            // People are collected before the messages are read: where the pages are damaged the two may differ.
            if sink.strangers > 0 && summary.is_whole() {
                assert!(!in_order(storage), "whole, and {} people are no participants", sink.strangers);
            }
            serde_json::to_writer(io::sink(), &summary).expect("a summary that cannot be written");
        }
        Err(ReadError::Sink(error)) => panic!("the sink never fails: {error}"),
        Err(_) => {}
    }
    for database in [storage, contacts, lid, calls] {
        assert_eq!(database.temp_opens_refused(), 0, "a statement wanted a file");
    }
}

/// The input is `ChatStorage.sqlite`, beside good ones.
pub fn chat_storage(data: &[u8]) {
    let Some(storage) = opened(data) else { return };
    read_all(&storage, &good(1), &good(2), &good(3), 0);
}

pub fn chat_storage_seeds() -> Vec<Vec<u8>> {
    vec![databases()[0].clone()]
}

/// The input is, after a byte that says which, one of the databases beside a good `ChatStorage.sqlite`.
pub fn beside_chats(data: &[u8]) {
    let Some((which, image)) = data.split_first() else { return };
    let Some(database) = opened(image) else { return };
    let (one, two, three) = (good(1), good(2), good(3));
    match which % 3 {
        0 => read_all(&good(0), &database, &two, &three, which >> 5),
        1 => read_all(&good(0), &one, &database, &three, which >> 5),
        _ => read_all(&good(0), &one, &two, &database, which >> 5),
    }
}

pub fn beside_seeds() -> Vec<Vec<u8>> {
    (1..4_u8).map(|at| [&[at - 1], databases()[usize::from(at)].as_slice()].concat()).collect()
}

/// The input is a script of changes to the cells of a good `ChatStorage.sqlite`.
pub fn chat_cells(data: &[u8]) {
    let image = cells::changed(&databases()[0], columns(), data, cell);
    let storage = opened(&image).expect("a database that SQLite wrote");
    read_all(&storage, &good(1), &good(2), &good(3), data.first().copied().unwrap_or(0));
}

fn cell(script: &mut Script<'_>) -> Value {
    let kind = script.byte();
    match kind % 11 {
        0 => Value::Null,
        // Another row's number, and codes of every kind of message.
        1..=3 => Value::Integer((kind >> 4 | script.byte()).into()),
        4 => Value::Integer([6, 10, 14, 26, 28, 46, 66, 4][usize::from(kind >> 5)]),
        5 => Value::Integer(i64::from_le_bytes(script.bytes())),
        6 => Value::Integer([0, -1, i64::MAX, i64::MIN, 1 << 31, 604_800, 47, 3][usize::from(kind >> 5)]),
        7 => Value::Real([f64::INFINITY, f64::NEG_INFINITY, -0.0, 1e300][usize::from(kind >> 6)]),
        8 => Value::Blob(script.piece().iter().copied().take(300).collect()),
        9 => Value::Text(String::from_utf8_lossy(script.piece()).chars().take(300).collect()),
        _ => Value::Text(
            [
                "",
                "@",
                "@lid",
                "x@g.us",
                "status@broadcast",
                "1@newsletter",
                "31612345678@s.whatsapp.net",
                "31612345678:3@s.whatsapp.net",
                "0@s.whatsapp.net",
                "Media/../x",
                "Media/",
                "\u{202e}\u{0}",
                "BEGIN:VCARD",
                "604800",
                "image/",
                "CgA=",
            ][usize::from(kind >> 4)]
            .to_owned(),
        ),
    }
}

pub fn chat_cell_seeds() -> Vec<Vec<u8>> {
    cells::seeds(columns().len())
}
