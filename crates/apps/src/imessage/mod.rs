//! Messages on an iPhone: iMessage, SMS and RCS in one database, from iOS 6 on.
//!
//! [`wanted`] says which files of a backup are needed; [`settings`] how long the app keeps its messages; [`read`] turns
//! `sms.db` into records, in one pass over the messages. What the columns mean: `reference/ios.md §6`.
//!
//! Messages that the holder deleted and that lie in "Recently Deleted" are counted with their dates, and nothing of what they
//! say is read. A text that cannot be decoded stands raw in its record and is counted: it is never an empty text.
//!
//! | file | what |
//! |---|---|
//! | `typedstream`, `history` | the two formats within a row: attributed texts, edits and parts taken back |
//! | `people`, `contacts`, `book`, `places`, `survey` | addresses and names; conversations; which message stands where |
//! | `tapbacks` | reactions |
//! | `row`, `sides` | a row of `message`; files and answered messages beside a run of rows |
//! | `said`, `files`, `notices`, `compose` | a message put together |
//! | `scan`, `tables` | the pass, on several threads; what was not read |

mod book;
mod compose;
mod contacts;
mod files;
mod guid;
mod history;
mod notices;
mod people;
mod places;
mod row;
mod said;
mod scan;
pub mod settings;
mod sides;
mod survey;
mod tables;
mod tapbacks;
mod time;
pub mod typedstream;
pub mod wanted;

pub use book::APP;
pub use history::History;
pub use people::HOLDER;

use crate::{
    Evidenced, HolderKnown, Parted, ReadError, RecordSink, Separation, Summary, note,
    reading::{schema::Schema, value::Repairs},
};
use book::Book;
use contacts::Names;
use people::People;
use places::Places;
use survey::Survey;
use tapbacks::Tapbacks;

/// Everything one reading works from.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    pub sms: Evidenced<'a>,
    /// The phone's address book; asked for participants only.
    pub address_book: Option<Evidenced<'a>>,
    /// The holder's own number (`+31612345678`), when the plan or the phone told it.
    pub holder_number: Option<&'a str>,
    /// What stays behind, if anything may.
    pub separation: Option<&'a dyn Separation>,
}

impl std::fmt::Debug for Reading<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading").field("sms", &self.sms.item).finish_non_exhaustive()
    }
}

/// One pass before the messages.
type Stage = fn(&mut Survey<'_, '_>) -> Result<(), ReadError>;

/// Reads everything into `sink` and says what was read and what was not.
pub fn read<S: RecordSink + Send>(reading: &Reading<'_>, sink: &mut S) -> Result<Summary, ReadError> {
    let mut summary = Summary::default();
    let repairs = Repairs::default();
    let database = reading.sms.database;
    let item = reading.sms.item;
    database.restart_clock();
    let schema = Schema::probe(database.connection(), database.most_rows())?;
    if !schema.has_column("message", "handle_id") || !schema.has("handle") {
        return Err(ReadError::NotAMessageStore);
    }
    if reading.holder_number.is_some() {
        summary.holder = HolderKnown::Told;
    }
    let mut people = People::default();
    let loaded = People::load(&schema, &repairs).map(|found| people = found);
    note(&mut summary, "handle", loaded)?;
    let mut book = Book::default();
    let loaded = Book::load(&schema, &repairs, item, &mut people).map(|found| book = found);
    note(&mut summary, "chat", loaded)?;
    let mut places = Places::default();
    let mut survey = Survey {
        schema: &schema,
        item,
        people: &mut people,
        book: &mut book,
        places: &mut places,
        summary: &mut summary,
        rows: None,
    };
    let stages: [(&str, Stage); 5] = [
        ("chat_message_join", |s| s.places()),
        ("chat_recoverable_message_join", |s| s.deleted()),
        ("message", |s| s.senders()),
        ("message", |s| s.changes()),
        ("message", |s| s.others()),
    ];
    for (name, stage) in stages {
        database.restart_clock();
        let done = stage(&mut survey);
        note(survey.summary, name, done)?;
    }
    let rows = survey.rows;
    database.restart_clock();
    let mut tapbacks = Tapbacks::default();
    let loaded = Tapbacks::load(&schema, &repairs, &people, &places).map(|found| tapbacks = found);
    note(&mut summary, "message", loaded)?;
    summary.recently_deleted.reactions = tapbacks.of_deleted;
    summary.oddities.dropped_side_rows += tapbacks.refused + places.refused + people.refused + book.refused;

    let mut names = Names::default();
    let mut contacts_missing = None;
    if let Some(address_book) = &reading.address_book {
        address_book.database.restart_clock();
        let contacts = Schema::probe(address_book.database.connection(), address_book.database.most_rows()).and_then(|schema| {
            let found = Names::load(&schema, &repairs, people.addresses()).map(|found| names = found);
            contacts_missing = Some(schema.missing());
            found
        });
        note(&mut summary, "ABPerson", contacts)?;
    }
    summary.contacts_read = names.contacts;
    let messages = book.entries.iter().map(|entry| entry.messages).sum();
    let conversations = book.records(&people, &names, reading.holder_number, &mut summary);
    let cx = compose::Context {
        item,
        people: &people,
        book: &book,
        places: &places,
        tapbacks: &tapbacks,
        unique: schema.plan("SELECT rowid FROM message WHERE guid = ?1").iter().any(|step| step.contains("autoindex")),
    };
    let scan = scan::Scan { database, schema: &schema, repairs: &repairs, messages, rows };
    let mut parted = None;
    match reading.separation {
        Some(by) => {
            let judged = parted.insert(Parted::judge(by, &conversations));
            if !judged.nothing_to_hear() {
                scan.hear(&cx, judged)?;
            }
            judged.heard();
            judged.give(conversations, &mut summary, sink)?;
        }
        None => {
            for conversation in &conversations {
                sink.conversation(conversation).map_err(ReadError::Sink)?;
            }
        }
    }
    scan.run(&cx, parted.as_ref(), &mut summary, sink)?;

    database.restart_clock();
    let unread = tables::unread(&schema).map(|unread| summary.tables_unread = unread);
    note(&mut summary, "sqlite_schema", unread)?;
    (summary.tables_missing, summary.columns_missing) = schema.missing();
    if let Some((tables, columns)) = contacts_missing {
        summary.tables_missing.extend(tables.into_iter().map(|table| format!("AddressBook.{table}")));
        summary.columns_missing.extend(columns.into_iter().map(|column| format!("AddressBook.{column}")));
    }
    summary.oddities.invalid_utf8_texts = repairs.invalid_utf8.get();
    summary.oddities.cut_texts = repairs.cut.get();
    Ok(summary)
}

#[cfg(test)]
mod tests;
