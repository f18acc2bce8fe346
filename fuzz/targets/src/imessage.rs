//! Messages of an iPhone: archived texts, histories of edits, settings, and `sms.db` with pages and cells that lie.

use crate::{
    framing::Script,
    made,
    whatsapp::{Counting, in_order, opened},
};
use rusqlite::types::Value;
use std::{io, sync::OnceLock};
use uitlezen_apps::{
    Evidenced, ReadError,
    imessage::{
        History, Reading, read,
        settings::{KeepMessages, Settings},
        typedstream::{Attribute, Decoder},
        wanted,
    },
};
use uitlezen_chat::EvidenceId;
use uitlezen_evidence::Database;
use uitlezen_property_list as lists;
use uitlezen_twin::content::{
    MediaScale,
    iphone::messages::{Messages, MessagesOptions, generate},
};

/// A small phone with a message of every kind, made once.
fn phone() -> &'static Messages {
    static PHONE: OnceLock<Messages> = OnceLock::new();
    PHONE.get_or_init(|| {
        let options = MessagesOptions { seed: 7, messages: 110, media: MediaScale::None, ..MessagesOptions::default() };
        generate(&options).expect("the generator")
    })
}

/// Its databases with small pages.
fn databases() -> &'static (Vec<u8>, Vec<u8>) {
    static SMALL: OnceLock<(Vec<u8>, Vec<u8>)> = OnceLock::new();
    SMALL.get_or_init(|| (made::shrunk(&phone().sms), made::shrunk(&phone().address_book)))
}

/// Blobs of a column of the good database.
fn blobs(column: &str) -> Vec<Vec<u8>> {
    let mut db = rusqlite::Connection::open_in_memory().unwrap();
    let image = &phone().sms;
    db.deserialize_read_exact("main", image.as_slice(), image.len(), true).unwrap();
    let mut found = db.prepare(&format!("SELECT {column} FROM message WHERE {column} NOT NULL")).unwrap();
    found.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// The input is a typedstream. What it says lies in it, and what was decoded before does not matter.
pub fn typedstream(data: &[u8]) {
    let mut decoder = Decoder::default();
    let once = decoder.decode(data).map(|said| (said.text.to_owned(), said.pieces().count()));
    if let Ok(said) = decoder.decode(data) {
        let mut together = 0;
        for piece in said.pieces() {
            together += piece.text.len();
            for attribute in piece.attributes() {
                match attribute {
                    Attribute::File(text) | Attribute::Mention(text) | Attribute::Link(text) | Attribute::Transcription(text) => {
                        assert!(text.len() <= data.len());
                        let _ = wanted::attachment(text);
                    }
                    Attribute::Part(_) => {}
                }
            }
        }
        assert!(together <= said.text.len() && said.text.len() <= data.len());
    }
    assert_eq!(decoder.decode(data).map(|said| (said.text.to_owned(), said.pieces().count())), once);
}

pub fn typedstream_seeds() -> Vec<Vec<u8>> {
    let mut all = blobs("attributedBody");
    all.sort_unstable_by_key(Vec::len);
    all.dedup();
    all
}

/// The input is `message_summary_info`.
pub fn message_history(data: &[u8]) {
    let mut decoder = Decoder::default();
    let once = History::read(data, &mut decoder);
    assert_eq!(once, History::read(data, &mut decoder));
}

pub fn message_history_seeds() -> Vec<Vec<u8>> {
    blobs("message_summary_info")
}

/// The input is `com.apple.MobileSMS.plist`: no version of a phone makes "for ever" of what does not say so.
pub fn message_settings(data: &[u8]) {
    for ios in [None, Some("16.7"), Some("17.0"), Some("26.5.2")] {
        let Ok(settings) = Settings::read(data, ios) else { continue };
        let list = lists::parse(data, &lists::Limits::default()).expect("it was read before");
        let says = ["SSKeepMessages", "KeepMessageForDays"].map(|key| list.get(key).and_then(lists::Value::int));
        assert!(settings.messages != KeepMessages::Forever || says.contains(&Some(0)));
    }
}

pub fn message_settings_seeds() -> Vec<Vec<u8>> {
    let list = lists::Value::of([("SSKeepMessages", 0), ("KeepMessageForDays", 30), ("KeepAudioMessages", 1)]);
    vec![lists::to_binary(&list).unwrap(), lists::to_xml(&list).unwrap()]
}

fn read_both(sms: &Database, address_book: &Database) {
    let reading = Reading {
        sms: Evidenced { database: sms, item: EvidenceId(1) },
        address_book: Some(Evidenced { database: address_book, item: EvidenceId(2) }),
        holder_number: None,
        separation: None,
    };
    let mut sink = Counting::none_within(None);
    match read(&reading, &mut sink) {
        Ok(summary) => {
            assert_eq!((summary.conversations, summary.messages), (sink.conversations, sink.messages), "counted and not given");
            assert_eq!(summary.by_kind.values().sum::<u64>(), summary.messages);
            // People are collected before the messages are read: where the pages are damaged the two may differ.
            if sink.strangers > 0 && summary.is_whole() {
                assert!(!in_order(sms), "whole, and {} people are no participants", sink.strangers);
            }
            serde_json::to_writer(io::sink(), &summary).expect("a summary that cannot be written");
        }
        Err(ReadError::Sink(error)) => panic!("the sink never fails: {error}"),
        Err(_) => {}
    }
    assert_eq!(sms.temp_opens_refused(), 0, "a statement wanted a file");
}

/// The input is `sms.db`, beside a good address book.
pub fn sms_database(data: &[u8]) {
    let Some(database) = opened(data) else { return };
    read_both(&database, &opened(&databases().1).expect("a good database"));
}

pub fn sms_seeds() -> Vec<Vec<u8>> {
    vec![databases().0.clone()]
}

/// The input is the address book, beside a good `sms.db`.
pub fn address_book(data: &[u8]) {
    let Some(database) = opened(data) else { return };
    read_both(&opened(&databases().0).expect("a good database"), &database);
}

pub fn address_book_seeds() -> Vec<Vec<u8>> {
    vec![databases().1.clone()]
}

/// Every table and column of the good database.
fn columns() -> &'static [(String, String)] {
    static COLUMNS: OnceLock<Vec<(String, String)>> = OnceLock::new();
    COLUMNS.get_or_init(|| {
        let mut db = rusqlite::Connection::open_in_memory().unwrap();
        let image = &databases().0;
        db.deserialize_read_exact("main", image.as_slice(), image.len(), true).unwrap();
        let sql = "SELECT s.name, c.name FROM sqlite_schema s JOIN pragma_table_info(s.name) c WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite_%' ORDER BY 1, 2";
        let mut found = db.prepare(sql).unwrap();
        let rows = found.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    })
}

/// The input is a script of changes to the cells of a good `sms.db`, in a database that SQLite itself finds nothing wrong with.
pub fn sms_cells(data: &[u8]) {
    let columns = columns();
    let mut db = rusqlite::Connection::open_in_memory().unwrap();
    let image = &databases().0;
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
        // What the schema refuses leaves the cell as it was.
        let _ = db.execute(&sql, (value, row));
    }
    let sms = opened(&db.serialize("main").unwrap()).expect("a database that SQLite wrote");
    read_both(&sms, &opened(&databases().1).expect("a good database"));
}

fn cell(script: &mut Script<'_>) -> Value {
    let kind = script.byte();
    match kind % 12 {
        0 => Value::Null,
        // Another row's number, and codes of every kind of message.
        1..=3 => Value::Integer((kind >> 4 | script.byte()).into()),
        4 => Value::Integer([1000, 2000, 2006, 2007, 3001, 3006, 4000, 43][usize::from(kind >> 5)]),
        5 => Value::Integer(i64::from_le_bytes(script.bytes())),
        6 => Value::Integer([0, -1, i64::MAX, i64::MIN, 1 << 31, 1_000_000_000_000_000, 45, 3][usize::from(kind >> 5)]),
        7 => Value::Real([f64::INFINITY, f64::NEG_INFINITY, -0.0, 1e300][usize::from(kind >> 6)]),
        8 => Value::Blob(b"\x04\x0bstreamtyped\x81\xe8\x03".iter().chain(script.piece()).copied().take(400).collect()),
        9 => Value::Blob(script.piece().iter().copied().take(300).collect()),
        10 => Value::Text(String::from_utf8_lossy(script.piece()).chars().take(300).collect()),
        _ => Value::Text(
            [
                "",
                "p:0/",
                "bp:",
                "p:1/x",
                "~/",
                "~/Library/SMS/Attachments/../x",
                "+31612345678",
                "\u{fffc}",
                "\u{202e}\u{0}",
                "+",
                "@",
                "0:0:0",
                "RCS",
                "image/",
                "1e9",
                "../../x",
            ][usize::from(kind >> 4)]
            .to_owned(),
        ),
    }
}

/// Each seed changes every column once, in another way.
pub fn sms_cell_seeds() -> Vec<Vec<u8>> {
    let one = |n: usize, kind: u8| [&u16::try_from(n).unwrap().to_le_bytes()[..], &[(n * 31) as u8, kind, 9, 0, 0, 0]].concat();
    let mut seeds = Vec::new();
    for kind in (0..24).map(|kind| kind * 11) {
        let changes: Vec<Vec<u8>> = (0..columns().len()).map(|n| one(n, kind)).collect();
        seeds.extend(changes.chunks(20).map(<[Vec<u8>]>::concat));
    }
    seeds
}
