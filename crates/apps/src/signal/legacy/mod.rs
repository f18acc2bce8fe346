//! The backup file: its statements into tables of our own in memory, and from there into records.
//!
//! No statement of the file is ever run. `sql` takes two forms of them apart; `intake` puts the values of known columns of known
//! tables into tables that this reader makes; everything else is counted. A group's master key is turned into its mark before
//! it gets there, and columns that hold keys are not known columns.
//!
//! What is not interpreted: the descriptions of what happened to a group and to a profile (`message_extras`, and texts of such
//! notices, which hold keys), the state of a group as bytes (`decrypted_group`), reactions of old databases. What this kind of
//! backup never holds: messages whose timer runs and ends within a day of making it (`reference/android.md §3.1`).
//!
//! | file | what |
//! |---|---|
//! | `sql`, `tables`, `intake` | statements to values to tables; attachments checked beside |
//! | `people`, `book` | recipients and groups; threads |
//! | `kinds`, `row`, `beside`, `compose`, `scan` | a message put together; the passes |

mod beside;
mod book;
mod compose;
mod intake;
mod kinds;
mod people;
mod row;
mod scan;
mod sql;
mod tables;

pub use intake::{Intake, Refused, Store, take_in};

use super::settings::Settings;
use crate::{Parted, ReadError, RecordSink, Separation, Summary, note, reading::schema::Schema, reading::value::Repairs};
use book::Book;
use people::People;
use uitlezen_chat::EvidenceId;

/// Everything one reading works from.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    pub store: &'a Store,
    pub item: EvidenceId,
    /// The holder's own number (`+31612345678`), when the plan or the phone told it.
    pub holder_number: Option<&'a str>,
    /// What stays behind, if anything may.
    pub separation: Option<&'a dyn Separation>,
}

impl std::fmt::Debug for Reading<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading").field("item", &self.item).finish_non_exhaustive()
    }
}

/// What a reading answers beside the records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    pub summary: Summary,
    pub settings: Settings,
}

/// Reads everything into `sink` and says what was read and what was not.
pub fn read<S: RecordSink + Send>(reading: &Reading<'_>, sink: &mut S) -> Result<Read, ReadError> {
    let store = reading.store;
    let mut answer = Read { summary: Summary::default(), settings: store.settings() };
    let summary = &mut answer.summary;
    store.account(summary);
    let repairs = Repairs::default();
    let schema = Schema::probe(store.connection(), u64::MAX)?;
    if !["message", "mms", "sms"].iter().any(|table| schema.has(table)) || !schema.has("thread") {
        return Err(ReadError::NotAMessageStore);
    }
    let mut people = People::load(&schema, &repairs, reading.holder_number)?;
    let order = row::order(&schema, summary)?;
    people.find_holder(&schema, summary)?;
    let mut book = Book::load(&schema, &repairs)?;
    let sides = row::Sides::load(&schema)?;
    let scan = scan::Scan {
        schema: &schema,
        repairs: &repairs,
        store,
        item: reading.item,
        people: &people,
        order: &order,
        sides: &sides,
    };
    let mut surveyed = scan::Surveyed::default();
    let done = scan.survey(&mut book, &mut surveyed);
    note(summary, "message", done)?;
    summary.oddities.duplicate_keys += surveyed.duplicates;
    summary.oddities.dropped_messages += surveyed.unplaced;
    let conversations = book.records(&people, reading.item, summary);
    let mut parted = None;
    match reading.separation {
        Some(by) => {
            let judged = parted.insert(Parted::judge(by, &conversations));
            if !judged.nothing_to_hear() {
                scan.hear(&book, &surveyed.keys, judged)?;
            }
            judged.heard();
            judged.give(conversations, summary, sink)?;
        }
        None => {
            for conversation in &conversations {
                sink.conversation(conversation).map_err(ReadError::Sink)?;
            }
        }
    }
    scan.run(&book, &surveyed.keys, parted.as_ref(), summary, sink)?;
    (summary.tables_missing, summary.columns_missing) = schema.missing();
    summary.oddities.invalid_utf8_texts += repairs.invalid_utf8.get();
    summary.oddities.cut_texts += repairs.cut.get();
    Ok(answer)
}

#[cfg(test)]
mod tests;
