//! SMS and MMS of an Android phone, and what of RCS stands beside them, out of the answers of its content providers.
//!
//! [`wanted`] says which items are needed; [`read`] turns the answers into records. What the columns mean:
//! `reference/android.md §4`. The answers are read in the form in which the phone gave them ([`uitlezen_provider`]), one frame at
//! a time, in two passes: who is in which conversation, and then the messages, merged by their time. Memory is one page of each
//! table and the list of ids.
//!
//! Only what the shell may see is in the answers: received and sent messages. Drafts, what did not go out and messages that were
//! announced and never fetched are not (`§4.1`). Of RCS the provider holds what the messaging app chose to put there, so that
//! all of it is here is never said ([`Rcs`]). A subject has no place of its own in a record and stands beside its message, as do
//! the number of the SIM and every column that nobody explained.
//!
//! The literal that stands for this phone among the addresses of a message that it sent is not verified, and no person is made of
//! it: it stays with its message.

mod answers;
mod backup;
mod book;
mod compose;
mod elements;
mod entry;
pub mod find;
mod mms;
mod number;
mod scan;
mod table;
pub mod wanted;

pub use backup::{AdbBackup, Backup};
pub use uitlezen_android_backup::BackupError;

use crate::{Parted, ReadError, RecordSink, Separation, Summary, whatsapp::reader::PhoneContacts};
use serde::{Deserialize, Serialize};
use uitlezen_chat::EvidenceId;
use uitlezen_evidence::Bytes;
use uitlezen_provider::Held;

/// The name of the app in records.
pub const APP: &str = "sms";
/// The holder's participant id in every conversation.
pub const HOLDER: &str = "holder";

/// One item of answers.
#[derive(Clone, Debug)]
pub struct Item {
    pub user: u32,
    pub held: Held,
    pub bytes: Bytes,
    pub item: EvidenceId,
}

/// Everything one reading works from.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    pub items: &'a [Item],
    /// Files of adb backup, of a phone that is not asked itself.
    pub backups: &'a [Backup],
    /// The holder's own number (`+31612345678`), when the plan told it.
    pub holder_number: Option<&'a str>,
    pub phone_contacts: Option<&'a dyn PhoneContacts>,
    /// What stays behind, if anything may.
    pub separation: Option<&'a dyn Separation>,
}

impl std::fmt::Debug for Reading<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading").field("items", &self.items.len()).field("backups", &self.backups.len()).finish_non_exhaustive()
    }
}

/// Whether all of the phone's RCS is in the records. "Yes" is never said by the data: only the holder sees what the app shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rcs {
    /// A store that may hold some of it was not read to its end, or is not whole where it was read.
    No,
    Unknown,
}

/// Reads everything into `sink` and says what was read and what was not.
pub fn read<S: RecordSink>(reading: &Reading<'_>, sink: &mut S) -> Result<Summary, ReadError> {
    let mut summary = Summary::default();
    let scan = scan::Scan { items: reading.items, backups: reading.backups };
    let mut book = book::Book::new(reading.holder_number);
    scan.survey(&mut book, &mut summary)?;
    let conversations = book.records(reading.phone_contacts, &mut summary);
    let mut parted = None;
    match reading.separation {
        Some(by) => {
            let judged = parted.insert(Parted::judge(by, &conversations));
            if !judged.nothing_to_hear() {
                scan.hear(&book, judged)?;
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
    scan.run(&book, parted.as_ref(), &mut summary, sink)?;
    Ok(summary)
}

#[cfg(test)]
mod tests;
