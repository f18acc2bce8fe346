//! The backup folder: frames of `main` into records, in a stream.
//!
//! Frames stand in an order that the format promises: whoever a frame names was there before it. This reader does not lean on
//! it: it goes over the frames once for people and chats, once for who and what occurs in which chat, and once to give
//! records out (and once before that to hear what stays behind, where anything does).
//!
//! What this kind of backup never holds: messages whose timer would have ended within a day of making it, view-once media
//! that were seen, calls outside of chats, stories, and how long the app keeps messages (`reference/android.md §3.3`).
//!
//! Codes of notices: the number of the field in the schema times 1000, and the type or the field within it. Texts that are
//! longer than a frame holds lie in a file of their own; they are read from there when the files are at hand.
//!
//! | file | what |
//! |---|---|
//! | `people`, `book` | recipients; chats and groups |
//! | `survey` | who occurs where, timers and members over time, which message is which |
//! | `item`, `content`, `files`, `updates` | a message put together: head, kinds, files, notices |
//! | `scan` | the passes |

mod book;
mod content;
mod files;
mod item;
mod people;
mod scan;
mod survey;
mod updates;

pub(super) use files::path;
pub use files::{Files, NoFiles};

use super::settings::{Known, Settings};
use crate::{HolderKnown, Parted, ReadError, RecordSink, Separation, Summary, TableNature, UnreadTable, note};
use book::Book;
use people::People;
use survey::Survey;
use uitlezen_chat::{EvidenceId, Moment};
use uitlezen_signal_backup::folder::{FolderError, Main};

/// Everything one reading works from.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// Verified as a whole.
    pub main: &'a Main,
    pub item: EvidenceId,
    /// The shared folder of media, for texts that lie in a file.
    pub files: &'a dyn Files,
    /// The holder's own number (`+31612345678`), when the plan or the phone told it.
    pub holder_number: Option<&'a str>,
    /// What stays behind, if anything may.
    pub separation: Option<&'a dyn Separation>,
}

impl std::fmt::Debug for Reading<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading").field("main", &self.item).finish_non_exhaustive()
    }
}

/// What a reading answers beside the records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    pub summary: Summary,
    pub settings: Settings,
    /// When the app made the backup.
    pub made: Option<Moment>,
}

/// The name under which frames stand in [`Stopped`] and in sources.
pub(super) const MAIN: &str = "main";

impl From<FolderError> for ReadError {
    fn from(_: FolderError) -> Self {
        Self::Damaged
    }
}

/// Reads everything into `sink` and says what was read and what was not.
pub fn read<S: RecordSink>(reading: &Reading<'_>, sink: &mut S) -> Result<Read, ReadError> {
    let mut answer = Read::default();
    let summary = &mut answer.summary;
    if reading.holder_number.is_some() {
        summary.holder = HolderKnown::Told;
    }
    let (mut people, mut book) = (People::new(reading.holder_number), Book::default());
    let first = scan::Heads { people: &mut people, book: &mut book, settings: &mut answer.settings, made: &mut answer.made };
    let heads = first.run(reading, summary);
    if heads.is_err() && book.is_empty() && answer.made.is_none() {
        return Err(ReadError::NotAMessageStore);
    }
    note(summary, MAIN, heads)?;
    let found = people.find_holder();
    if summary.holder == HolderKnown::No {
        summary.holder = found;
    }
    let mut survey = Survey::new(&mut book);
    let surveyed = scan::survey(reading, &people, &mut survey);
    let keys = survey.finish(summary);
    note(summary, MAIN, surveyed)?;
    let conversations = book.records(&people, reading.item, summary);
    let cx = item::Context { item: reading.item, files: reading.files, people: &people, keys: &keys };
    let mut parted = None;
    match reading.separation {
        Some(by) => {
            let judged = parted.insert(Parted::judge(by, &conversations));
            if !judged.nothing_to_hear() {
                scan::hear(reading, &cx, &book, judged)?;
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
    scan::run(reading, &cx, &book, parted.as_ref(), summary, sink)?;
    Ok(answer)
}

/// Says that an account has settings, or none.
fn settings(account: &uitlezen_protobuf::Record<'_>) -> Settings {
    let universal_timer = match account.message("accountSettings") {
        Some(settings) => Known::Set { value: settings.uint("universalExpireTimerSeconds") },
        None => Known::NotUnderstood,
    };
    Settings { universal_timer, ..Settings::default() }
}

/// Counts fields that nobody described, as rows of tables that are not read.
fn unknown_fields(census: &uitlezen_protobuf::Census, summary: &mut Summary) {
    for ((message, number), rows) in &census.unknown {
        summary.tables_unread.push(UnreadTable {
            table: format!("{message}.{number}"),
            rows: (*rows).min(UnreadTable::COUNT_LIMIT),
            nature: TableNature::NotInterpreted,
            reason: "a field that this version of the format does not describe".to_owned(),
        });
    }
    summary.oddities.invalid_utf8_texts += census.invalid_texts;
}

/// Frames of a kind that is no part of a conversation.
fn aside(table: &str, rows: u64, nature: TableNature, reason: &str, summary: &mut Summary) {
    if rows > 0 {
        let rows = rows.min(UnreadTable::COUNT_LIMIT);
        summary.tables_unread.push(UnreadTable { table: table.to_owned(), rows, nature, reason: reason.to_owned() });
    }
}

#[cfg(test)]
mod tests;
