//! The messages in a file of adb backup (`reference/android.md §4.5`): lists of at most a thousand, deflated JSON, in a tar.
//!
//! Every number in them is a string. Only MMS with text are there, without their files, and the oldest rows fall out where there
//! are too many, so that such a file never takes the place of asking the phone.

use super::{entry::Entry, mms::Whole, table::Cells};
use crate::Summary;
use flate2::read::ZlibDecoder;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use std::{
    collections::VecDeque,
    io::{BufReader, Read},
};
use uitlezen_android_backup::{BackupError, Entries, Header};
use uitlezen_chat::EvidenceId;
use uitlezen_evidence::{Bytes, Reader};
use uitlezen_provider::Address;

const FOLDER: &str = "apps/com.android.providers.telephony/d_f/";
/// One list, inflated: a thousand messages.
const LARGEST_LIST: u64 = 256 << 20;
const BUFFER: usize = 256 * 1024;

/// A file of adb backup.
#[derive(Clone, Debug)]
pub struct Backup {
    pub bytes: Bytes,
    pub item: EvidenceId,
    pub password: Option<SecretString>,
}

/// Which of its lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sms,
    Mms,
}

impl Backup {
    fn open(&self) -> Result<Entries<'static>, BackupError> {
        let mut from = BufReader::with_capacity(BUFFER, Reader::new(Bytes::clone(&self.bytes)));
        let header = Header::read(&mut from)?;
        header.open(from, self.password.as_ref().map(|password| password.expose_secret()))
    }

    /// Whether it holds messages at all: a phone may give a file with nothing but a header.
    ///
    /// # Errors
    /// A password that is missing or wrong, or damage before the first list.
    pub fn holds_messages(&self) -> Result<bool, BackupError> {
        let mut entries = self.open()?;
        while let Some(entry) = entries.next_entry()? {
            if kind(&entry.path).is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn kind(path: &str) -> Option<Kind> {
    let (number, kind) = path.strip_prefix(FOLDER)?.split_once('_')?;
    let is_number = number.len() == 6 && number.bytes().all(|b| b.is_ascii_digit());
    match kind {
        "sms_backup" if is_number => Some(Kind::Sms),
        "mms_backup" if is_number => Some(Kind::Mms),
        _ => None,
    }
}

/// The messages of one kind, list by list.
pub(super) struct Lists {
    of: Kind,
    item: EvidenceId,
    entries: Option<Entries<'static>>,
    ready: VecDeque<Map<String, Value>>,
    /// How many came before: the lists give them no numbers.
    count: i64,
}

impl Lists {
    pub(super) fn open(backup: &Backup, of: Kind, summary: &mut Summary) -> Self {
        let entries = backup.open();
        if entries.is_err() {
            super::answers::stopped(table(of), summary);
        }
        Self { of, item: backup.item, entries: entries.ok(), ready: VecDeque::new(), count: 0 }
    }

    pub(super) fn next(&mut self, summary: &mut Summary) -> Option<Entry> {
        loop {
            if let Some(message) = self.ready.pop_front() {
                self.count += 1;
                return Some(match self.of {
                    Kind::Sms => sms(message, self.count, self.item),
                    Kind::Mms => mms(message, self.count, self.item),
                });
            }
            let entries = self.entries.as_mut()?;
            match list(entries, self.of) {
                Ok(Some(found)) => {
                    let messages =
                        found.into_iter().filter_map(|one| if let Value::Object(one) = one { Some(one) } else { None });
                    self.ready.extend(messages);
                }
                Ok(None) => self.entries = None,
                Err(_) => {
                    self.entries = None;
                    super::answers::stopped(table(self.of), summary);
                }
            }
        }
    }
}

impl std::fmt::Debug for Lists {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lists").field("of", &self.of).finish_non_exhaustive()
    }
}

fn table(of: Kind) -> &'static str {
    match of {
        Kind::Sms => "sms_backup",
        Kind::Mms => "mms_backup",
    }
}

/// The next list of this kind.
fn list(entries: &mut Entries<'static>, of: Kind) -> Result<Option<Vec<Value>>, BackupError> {
    while let Some(entry) = entries.next_entry()? {
        if kind(&entry.path) != Some(of) {
            continue;
        }
        let mut text = Vec::new();
        ZlibDecoder::new(entries).take(LARGEST_LIST + 1).read_to_end(&mut text)?;
        if text.len() as u64 > LARGEST_LIST {
            return Err(BackupError::TooLarge);
        }
        return serde_json::from_slice(&text).map(Some).map_err(|_| BackupError::Damaged);
    }
    Ok(None)
}

/// Strings as they are, numbers as they are written; lists are looked at by name.
fn cells(message: &Map<String, Value>, row: i64) -> Cells {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(true) => Some("true".to_owned()),
        _ => None,
    };
    let values = message.iter().filter_map(|(key, value)| Some((key.clone(), text(value)?))).collect();
    Cells { id: row, values }
}

fn recipients(message: &Map<String, Value>) -> Option<Vec<String>> {
    let all = message.get("recipients")?.as_array()?;
    Some(all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect())
}

fn sms(message: Map<String, Value>, row: i64, item: EvidenceId) -> Entry {
    let mut cells = cells(&message, row);
    let own = cells.take("self_phone");
    let mut entry = Entry::of_sms(cells, 0, item);
    entry.is_of_backup(table(Kind::Sms), recipients(&message), own);
    entry
}

fn mms(message: Map<String, Value>, row: i64, item: EvidenceId) -> Entry {
    let mut cells = cells(&message, row);
    let own = cells.take("self_phone");
    cells.values.remove("mms_charset");
    let part = cells
        .take("mms_body")
        .map(|text| Cells { id: row, values: [("ct".to_owned(), "text/plain".to_owned()), ("text".to_owned(), text)].into() });
    let number = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok());
    let one = |(n, one): (usize, &Value)| {
        Some(Address {
            id: i64::try_from(n).ok()?,
            kind: number(one.get("type")?)?,
            charset: one.get("charset").and_then(number),
            address: one.get("address")?.as_str()?.to_owned(),
        })
    };
    let addresses = message.get("mms_addresses").and_then(Value::as_array);
    let addresses = addresses.into_iter().flatten().enumerate().filter_map(one).collect();
    let mut entry = Entry::of_mms(Whole { row: cells, parts: part.into_iter().collect(), addresses }, 0, item);
    entry.is_of_backup(table(Kind::Mms), recipients(&message), own);
    entry
}
