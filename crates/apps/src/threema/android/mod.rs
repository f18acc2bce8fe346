//! The data backup that the holder makes in the app (`reference/android.md §5.1`, `exports.md §6.1`): a zip under a password, with
//! tables as text and the files of messages.
//!
//! [`find`] says which items are backups, [`may_open`] and then [`Backup::open`] whether the password is right, [`read`] turns the tables into records,
//! [`media`] gives the files. Tables are read by the names of their columns, versions 19 to 27 and, where they hold the same, older ones.
//! Nothing is read that is not under the password.
//!
//! What such a backup never holds: how long the app keeps messages, removed contacts and what was said with them, messages that
//! never got an id of their sender, earlier texts of edited messages, and media where the holder left them out. The holder's
//! identity lies in it, encrypted once more, with its private key: that entry is never opened.
//!
//! Times: `posted_at` is the sender's, `created_at` that of this phone (the app's own source). Codes of notices: the app's number
//! for the kind of status times 1000, and its number for what happened.
//!
//! | file | what |
//! |---|---|
//! | `find`, `backup`, `entries`, `csv` | which file; the password; what its entries are; a table |
//! | `people`, `book`, `beside` | ids and names; conversations; polls and reactions |
//! | `survey` | the pass before the records |
//! | `row`, `compose`, `body` | a message |
//! | `scan` | the passes that give records out |
//! | `media` | files that records name |

mod backup;
mod beside;
mod body;
mod book;
mod compose;
pub mod csv;
mod entries;
pub mod find;
pub mod media;
mod people;
mod row;
mod scan;
mod survey;

pub use backup::{Backup, OpenError, may_open, recognise};
pub use entries::Entry;

use super::Edition;
use crate::{Parted, ReadError, RecordSink, Separation, Summary, TableNature, UnreadTable};
use std::collections::BTreeMap;
use uitlezen_chat::EvidenceId;

/// The last version of the form that was looked at. A later one is read as far as its columns have the same names.
pub const LATEST_VERSION: u32 = 27;

/// Everything one reading works from.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    pub edition: Edition,
    pub backup: &'a Backup,
    pub item: EvidenceId,
    /// The holder's own Threema id, when the plan told it.
    pub holder_identity: Option<&'a str>,
    /// What stays behind, if anything may.
    pub separation: Option<&'a dyn Separation>,
}

impl std::fmt::Debug for Reading<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading").field("edition", &self.edition).finish_non_exhaustive()
    }
}

/// Reads everything into `sink` and says what was read and what was not.
///
/// # Errors
/// When the contacts cannot be read at all, or the sink fails. What is damaged elsewhere is noted in the summary.
pub fn read<S: RecordSink>(reading: &Reading<'_>, sink: &mut S) -> Result<Summary, ReadError> {
    let mut summary = Summary::default();
    let Reading { backup, item, .. } = *reading;
    let mut people = people::People::new(reading.holder_identity);
    let mut book = book::Book::read(backup, item, &mut people, &mut summary)?;
    let mut polls = beside::Polls::read(backup, &mut people, &mut summary)?;
    let mut reactions = beside::Reactions::read(backup, item, &book, &mut people, &mut summary)?;
    let survey = survey::Survey { item, people: &mut people, book: &mut book, polls: &mut polls, reactions: &mut reactions };
    let keys = survey.run(backup, &mut summary)?;
    if book.rooms.is_empty() && !summary.stopped.is_empty() && summary.contacts_read.is_none() {
        return Err(ReadError::Damaged);
    }
    summary.holder = people.find_holder();
    let numbers = book.settle();
    let conversations = book.records(&numbers, &people, reading.edition, &mut summary);
    summary.oddities.dropped_side_rows += people.refused + book.refused + polls.refused + reactions.refused;
    unread(backup, polls.unseen(), reactions.unseen(), &mut summary);
    let cx = compose::Context { item, backup, people: &people, book: &book, polls: &polls, reactions: &reactions, keys: &keys };
    let mut parted = None;
    match reading.separation {
        Some(by) => {
            let judged = parted.insert(Parted::judge(by, &conversations));
            if !judged.nothing_to_hear() {
                scan::hear(&cx, &numbers, judged)?;
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
    scan::run(&cx, &numbers, parted.as_ref(), &mut summary, sink)?;
    // What is left out names files too, and of what is damaged nobody can say.
    if reading.separation.is_none() && summary.stopped.is_empty() {
        let files = backup.names().filter(|name| matches!(Entry::of(name), Entry::Media(_))).count() as u64;
        let (table, named) = (Entry::Media("").table(), summary.attachments_wanted);
        not_interpreted(&mut summary, table, files.saturating_sub(named), "files that no message names");
    }
    Ok(summary)
}

fn not_interpreted(summary: &mut Summary, table: &str, rows: u64, reason: &str) {
    if rows > 0 {
        let rows = rows.min(UnreadTable::COUNT_LIMIT);
        let (table, reason) = (table.to_owned(), reason.to_owned());
        summary.tables_unread.push(UnreadTable { table, rows, nature: TableNature::NotInterpreted, reason });
    }
}

/// Entries and rows that stand in no record.
fn unread(backup: &Backup, polls: u64, reactions: u64, summary: &mut Summary) {
    let mut add = |table: &str, rows: u64, nature: TableNature, reason: &str| {
        if rows > 0 {
            let rows = rows.min(UnreadTable::COUNT_LIMIT);
            summary.tables_unread.push(UnreadTable { table: table.to_owned(), rows, nature, reason: reason.to_owned() });
        }
    };
    let mut counts: BTreeMap<&'static str, (u64, Entry<'_>)> = BTreeMap::new();
    for entry in backup.names().map(Entry::of) {
        counts.entry(entry.table()).or_insert((0, entry)).0 += 1;
    }
    for (table, (rows, entry)) in counts {
        let (nature, reason) = match entry {
            Entry::Identity => (TableNature::Technical, "the holder's identity with its private key, which is never opened"),
            Entry::Thumbnail => (TableNature::Technical, "small pictures of files"),
            Entry::Picture => (TableNature::NotAsked, "pictures of people and groups"),
            Entry::Technical => (TableNature::Technical, "numbers that were used once, and counts"),
            Entry::Unknown => (TableNature::NotInterpreted, "the reference does not explain it"),
            _ => continue,
        };
        add(table, rows, nature, reason);
    }
    match backup.version() {
        Some(version) if version > LATEST_VERSION => {
            add("settings", 1, TableNature::NotInterpreted, "a form later than the last that was looked at")
        }
        Some(_) => {}
        None => add("settings", 1, TableNature::NotInterpreted, "they do not say of which form the backup is"),
    }
    for (table, list) in [(Entry::GroupMessages(""), "groups.csv"), (Entry::ListMessages(""), "distribution_list.csv")] {
        let there = backup.names().map(Entry::of).filter(|entry| entry.table() == table.table()).count() as u64;
        if !backup.has(list) {
            add(list, there, TableNature::NotInterpreted, "missing, so nobody knows who takes part in these conversations");
        }
    }
    let (clear, other) = backup.skipped();
    add("entries in the clear", clear, TableNature::NotInterpreted, "not under the password: anybody may have put them there");
    add("entries that cannot be read", other, TableNature::NotInterpreted, "by their name, their kind or how they are encrypted");
    add(Entry::Ballots.table(), polls, TableNature::NotInterpreted, "polls that no message shows");
    add("*_reactions.csv", reactions, TableNature::NotInterpreted, "reactions to messages that are not in the backup");
}

#[cfg(test)]
mod tests;
