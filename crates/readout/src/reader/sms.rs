//! SMS in the reader child: answers of content providers, read as they stand in the evidence, or a file of adb backup.

use super::{
    holder_backup::Opened,
    message::{KeyTexts, ReadFailure, Reply, Sources},
    serve::{Serving, Stop},
};
use secrecy::SecretString;
use std::collections::HashMap;
use uitlezen_apps::{
    App, ReadError, RecordSink, Separation, Summary,
    sms::{self, AdbBackup, Backup, BackupError, Item, Reading},
};
use uitlezen_check::{AccountDefault, AppVerdict, TimerCheck};
use uitlezen_evidence::{Bytes, ItemName};
use uitlezen_provider::of_item;

fn items(evidence: &HashMap<ItemName, Bytes>, sources: &Sources) -> Result<Vec<Item>, ReadFailure> {
    let one = |(listed, stored, item): &(ItemName, ItemName, _)| {
        let (user, held) = of_item(listed).ok_or(ReadFailure::NotAMessageStore)?;
        let bytes = evidence.get(stored).cloned().ok_or(ReadFailure::EvidenceUnreadable)?;
        Ok(Item { user, held, bytes, item: *item })
    };
    sources.answers.iter().map(one).collect()
}

/// A file of adb backup that was opened, as the extraction lists it.
fn backups(opened: &HashMap<App, Opened>, sources: &Sources) -> Vec<Backup> {
    match opened.get(&App::Sms) {
        Some(Opened::AdbBackup(file)) => vec![Backup { file: file.clone(), item: sources.messages.1 }],
        _ => Vec::new(),
    }
}

/// Opens a file of adb backup, or how one begins.
pub(super) fn unlock(bytes: Bytes, keys: &KeyTexts) -> Result<AdbBackup, ReadFailure> {
    let password = keys.password.as_ref().map(|password| SecretString::from(password.0.clone()));
    AdbBackup::open(bytes, password.as_ref()).map_err(|error| of_backup(&error))
}

/// Opens the whole of one, in which messages must be.
pub(super) fn open(bytes: Bytes, keys: &KeyTexts) -> Result<AdbBackup, ReadFailure> {
    let file = unlock(bytes, keys)?;
    match file.holds_messages() {
        Ok(true) => Ok(file),
        Ok(false) => Err(ReadFailure::NoMessages),
        Err(error) => Err(of_backup(&error)),
    }
}

fn of_backup(error: &BackupError) -> ReadFailure {
    match error {
        BackupError::NotABackup => ReadFailure::NotABackup,
        BackupError::Version(_) => ReadFailure::Unsupported,
        BackupError::PasswordMissing => ReadFailure::BackupPasswordMissing,
        BackupError::WrongPassword => ReadFailure::WrongBackupPassword,
        BackupError::Header | BackupError::Damaged => ReadFailure::Altered,
        BackupError::TooLarge => ReadFailure::TooLarge,
        BackupError::Unreadable(_) => ReadFailure::EvidenceUnreadable,
    }
}

impl Serving {
    /// Reads into any sink; with `names` participants get those of the phone's address book.
    pub(super) fn sms<S: RecordSink>(
        &self,
        sources: &Sources,
        separation: Option<&dyn Separation>,
        names: Option<&HashMap<String, String>>,
        sink: &mut S,
    ) -> Result<Result<Summary, ReadError>, ReadFailure> {
        let (items, backups) = (items(&self.evidence, sources)?, backups(&self.opened, sources));
        let holder_number = sources.holder_number.as_ref().map(|number| number.0.as_str());
        let phone_contacts = names.map(|names| names as &dyn uitlezen_apps::whatsapp::reader::PhoneContacts);
        Ok(sms::read(&Reading { items: &items, backups: &backups, holder_number, phone_contacts, separation }, sink))
    }

    pub(super) fn read_sms(&mut self, sources: &Sources) -> Result<Reply, Stop> {
        self.records(
            sources,
            |from, separation, lines| {
                let (items, backups) = (items(from.evidence, sources)?, backups(from.opened, sources));
                let holder_number = sources.holder_number.as_ref().map(|number| number.0.as_str());
                let reading =
                    Reading { items: &items, backups: &backups, holder_number, phone_contacts: Some(from.names), separation };
                Ok(sms::read(&reading, lines).map(|summary| (summary, ())))
            },
            |check, ()| keeping(check),
        )
    }
}

/// How long messages are kept, whether codes are deleted by themselves and what lies in the bin are settings of whichever app shows
/// the messages, and no route reaches them (`reference/android.md §6`): the holder must show them.
fn keeping(check: TimerCheck) -> AppVerdict {
    let mut verdict = check.finish(AccountDefault::HolderMustShow);
    for word in ["one-time-codes", "bin"] {
        verdict.others.insert(word.into(), AccountDefault::HolderMustShow);
    }
    verdict
}
