//! Threema of an iPhone: `ThreemaData.sqlite` with pages and cells that lie, and its settings.

use crate::{
    cells,
    framing::{Script, cut, joined},
    made,
    whatsapp::{Counting, in_order, opened},
};
use rusqlite::types::Value;
use std::{io, sync::OnceLock};
use uitlezen_apps::{
    Evidenced, ReadError,
    threema::{
        Edition,
        ios::{Reading, read},
        settings::{Keep, Settings},
    },
};
use uitlezen_chat::EvidenceId;
use uitlezen_evidence::Database;
use uitlezen_twin::content::{
    MediaScale,
    iphone::threema::{Threema, ThreemaKind, ThreemaOptions, generate},
};

fn phone() -> &'static Threema {
    static PHONE: OnceLock<Threema> = OnceLock::new();
    PHONE.get_or_init(|| {
        let options = ThreemaOptions {
            seed: 7,
            messages: 90,
            kind: ThreemaKind::Work,
            media: MediaScale::None,
            keep_days: Some(30),
            forced_days: Some(0),
            ..ThreemaOptions::default()
        };
        generate(&options).expect("the generator")
    })
}

fn small() -> &'static Vec<u8> {
    static SMALL: OnceLock<Vec<u8>> = OnceLock::new();
    SMALL.get_or_init(|| made::shrunk(&phone().data))
}

fn columns() -> &'static [(String, String)] {
    static COLUMNS: OnceLock<Vec<(String, String)>> = OnceLock::new();
    COLUMNS.get_or_init(|| cells::columns(small()))
}

fn read_all(database: &Database) {
    let threema = Evidenced { database, item: EvidenceId(1) };
    let mut sink = Counting::none_within(None);
    match read(&Reading { edition: Edition::Work, threema, holder_identity: None, separation: None }, &mut sink) {
        Ok(summary) => {
            assert_eq!((summary.conversations, summary.messages), (sink.conversations, sink.messages), "counted and not given");
            assert_eq!(summary.by_kind.values().sum::<u64>(), summary.messages);
            // People are collected before the messages are read: where the pages are damaged the two may differ.
            if sink.strangers > 0 && summary.is_whole() {
                assert!(!in_order(database), "whole, and {} people are no participants", sink.strangers);
            }
            serde_json::to_writer(io::sink(), &summary).expect("a summary that cannot be written");
        }
        Err(ReadError::Sink(error)) => panic!("the sink never fails: {error}"),
        Err(_) => {}
    }
    assert_eq!(database.temp_opens_refused(), 0, "a statement wanted a file");
}

/// The input is the database.
pub fn threema_database(data: &[u8]) {
    if let Some(database) = opened(data) {
        read_all(&database);
    }
}

pub fn threema_seeds() -> Vec<Vec<u8>> {
    vec![small().clone()]
}

/// The input is a script of changes to the cells of a good database.
pub fn threema_cells(data: &[u8]) {
    let image = cells::changed(small(), columns(), data, cell);
    read_all(&opened(&image).expect("a database that SQLite wrote"));
}

fn cell(script: &mut Script<'_>) -> Value {
    let kind = script.byte();
    match kind % 8 {
        0 => Value::Null,
        1 | 2 => Value::Integer((kind >> 4 | script.byte()).into()),
        3 => Value::Integer(i64::from_le_bytes(script.bytes())),
        4 => Value::Real([f64::INFINITY, f64::NEG_INFINITY, -0.0, 1e300][usize::from(kind >> 6)]),
        5 => Value::Blob(script.piece().iter().copied().take(300).collect()),
        6 => Value::Blob([&[kind >> 6][..], script.piece(), &[0]].concat().into_iter().take(200).collect()),
        _ => Value::Text(String::from_utf8_lossy(script.piece()).chars().take(300).collect()),
    }
}

pub fn threema_cell_seeds() -> Vec<Vec<u8>> {
    cells::seeds(columns().len())
}

/// The input is the app group's settings and the app's own. Nothing is kept for fewer days than the app itself would.
pub fn threema_settings(data: &[u8]) {
    let (shared, own) = cut(data);
    for edition in Edition::ALL {
        let own = Some(own).filter(|own| !own.is_empty());
        if let Keep::For { seconds, .. } = Settings::read(edition, Some(shared), own).keep {
            assert!((7 * 86_400..=3_650 * 86_400).contains(&seconds));
        }
    }
}

pub fn threema_settings_seeds() -> Vec<Vec<u8>> {
    let (shared, own) = (&phone().settings, phone().managed.as_ref().expect("a forced setting"));
    // The second one stands without its length: it is what follows the first.
    vec![[joined([shared]), own.clone()].concat(), joined([shared])]
}
