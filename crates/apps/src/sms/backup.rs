//! The messages in a file of adb backup (`reference/android.md §4.5`): lists of at most a thousand, deflated JSON, in a tar.
//!
//! Every number in them is a string. Only MMS with text are there, without their files, and the oldest rows fall out where there
//! are too many, so that such a file never takes the place of asking the phone. Messages have no number of their own there: what
//! one says, and when, makes its id, so that it has the same in the next backup.

use super::{elements::Elements, entry::Entry, mms::Whole, table::Cells};
use crate::Summary;
use flate2::read::ZlibDecoder;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    io::{BufReader, Seek, SeekFrom},
};
use uitlezen_android_backup::{BackupError, Entries, Header, Key};
use uitlezen_chat::EvidenceId;
use uitlezen_evidence::{Bytes, Reader};
use uitlezen_provider::Address;

const FOLDER: &str = "apps/com.android.providers.telephony/d_f/";
const BUFFER: usize = 256 * 1024;

/// A file of adb backup, opened: what it takes to open it was done once.
#[derive(Clone)]
pub struct AdbBackup {
    bytes: Bytes,
    header: Header,
    key: Key,
    /// Where the content begins.
    content: u64,
}

impl std::fmt::Debug for AdbBackup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AdbBackup").field("header", &self.header).finish_non_exhaustive()
    }
}

/// One that is read, and how the extraction lists it.
#[derive(Clone, Debug)]
pub struct Backup {
    pub file: AdbBackup,
    pub item: EvidenceId,
}

/// Which of its lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sms,
    Mms,
}

impl AdbBackup {
    /// Opens it with the password that the holder gave it, if any. How it begins is enough for that
    /// ([`uitlezen_android_backup::LONGEST_HEADER`]).
    ///
    /// # Errors
    /// Another file, one of an unknown form, a password that is missing or wrong, or damage of the header.
    pub fn open(bytes: Bytes, password: Option<&SecretString>) -> Result<Self, BackupError> {
        let mut from = BufReader::new(Reader::new(Bytes::clone(&bytes)));
        let header = Header::read(&mut from)?;
        let content = from.stream_position()?;
        let key = header.unlock(password.map(|password| password.expose_secret()))?;
        Ok(Self { bytes, header, key, content })
    }

    /// Whether a password opened it.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.header.encryption.is_some()
    }

    /// Whether it holds messages at all: a phone may give a file with nothing but a header, and a file may be of other apps.
    ///
    /// # Errors
    /// Damage before the first list.
    pub fn holds_messages(&self) -> Result<bool, BackupError> {
        let mut entries = self.entries()?;
        while let Some(entry) = entries.next_entry()? {
            if kind(&entry.path).is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn entries(&self) -> Result<Entries<'static>, BackupError> {
        let mut from = Reader::new(Bytes::clone(&self.bytes));
        from.seek(SeekFrom::Start(self.content))?;
        Ok(self.header.entries(&self.key, BufReader::with_capacity(BUFFER, from)))
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

enum At {
    Between(Entries<'static>),
    Within(Box<Elements<ZlibDecoder<Entries<'static>>>>),
    Over,
}

/// The messages of one kind, list by list.
pub(super) struct Lists {
    of: Kind,
    item: EvidenceId,
    at: At,
    /// How many came before: the lists give them no numbers.
    count: i64,
    /// How many of the same words at the same moment.
    alike: HashMap<[u8; 16], u32>,
}

impl Lists {
    pub(super) fn open(backup: &Backup, of: Kind, summary: &mut Summary) -> Self {
        let at = backup.file.entries().map_or(At::Over, At::Between);
        if matches!(at, At::Over) {
            super::answers::stopped(table(of), summary);
        }
        Self { of, item: backup.item, at, count: 0, alike: HashMap::new() }
    }

    pub(super) fn next(&mut self, summary: &mut Summary) -> Option<Entry> {
        loop {
            self.at = match std::mem::replace(&mut self.at, At::Over) {
                At::Over => return None,
                At::Between(mut entries) => match entries.next_entry() {
                    Ok(Some(entry)) if kind(&entry.path) == Some(self.of) => {
                        At::Within(Box::new(Elements::new(ZlibDecoder::new(entries))))
                    }
                    Ok(Some(_)) => At::Between(entries),
                    Ok(None) if entries.has_ended() => At::Over,
                    // It was cut: perhaps there were more lists.
                    Ok(None) | Err(_) => {
                        super::answers::stopped(table(self.of), summary);
                        At::Over
                    }
                },
                At::Within(mut elements) => match elements.next_element() {
                    Ok(Some(text)) => {
                        self.at = At::Within(elements);
                        match serde_json::from_slice(&text) {
                            Ok(message) => return Some(self.entry(message)),
                            Err(_) => summary.oddities.dropped_messages += 1,
                        }
                        continue;
                    }
                    Ok(None) => At::Between(elements.into_inner().into_inner()),
                    // The rest of this list is lost; the next may be whole.
                    Err(_) => {
                        super::answers::stopped(table(self.of), summary);
                        At::Between(elements.into_inner().into_inner())
                    }
                },
            };
        }
    }

    fn entry(&mut self, message: Map<String, Value>) -> Entry {
        self.count += 1;
        let said = what_stays(&message);
        let before = self.alike.entry(said).or_default();
        *before += 1;
        let again = if *before > 1 { format!(".{before}") } else { String::new() };
        let id = format!("{}:{}{again}", table(self.of), hex::encode(said));
        match self.of {
            Kind::Sms => sms(message, id, self.count, self.item),
            Kind::Mms => mms(message, id, self.count, self.item),
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

/// What of a message is the same in every backup: not that it was read since, went out after all or was received.
fn what_stays(message: &Map<String, Value>) -> [u8; 16] {
    const STAYS: [&str; 7] = ["address", "body", "date", "mms_addresses", "mms_body", "sub", "subject"];
    let mut digest = Sha256::new();
    for (n, key) in (0_u8..).zip(STAYS) {
        let Some(value) = message.get(key) else { continue };
        let text = value.to_string();
        digest.update([n]);
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    }
    let mut id = [0; 16];
    id.iter_mut().zip(digest.finalize()).for_each(|(to, from)| *to = from);
    id
}

/// Strings as they are, everything else as it is written; who is named in lists is looked at apart.
fn cells(message: &Map<String, Value>, row: i64) -> Cells {
    const APART: [&str; 2] = ["recipients", "mms_addresses"];
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Null | Value::Bool(false) => None,
        other => Some(other.to_string()),
    };
    let asked = message.iter().filter(|(key, _)| !APART.contains(&key.as_str()));
    Cells { id: row, values: asked.filter_map(|(key, value)| Some((key.clone(), text(value)?))).collect() }
}

fn recipients(message: &Map<String, Value>) -> Option<Vec<String>> {
    let all = message.get("recipients")?.as_array()?;
    // Of a list without anybody the address of the message tells more.
    Some(all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()).filter(|all: &Vec<String>| !all.is_empty())
}

fn sms(message: Map<String, Value>, id: String, row: i64, item: EvidenceId) -> Entry {
    let mut cells = cells(&message, row);
    let own = cells.take("self_phone");
    let mut entry = Entry::of_sms(cells, 0, item);
    entry.is_of_backup(table(Kind::Sms), id, recipients(&message), own);
    entry
}

fn mms(message: Map<String, Value>, id: String, row: i64, item: EvidenceId) -> Entry {
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
    entry.is_of_backup(table(Kind::Mms), id, recipients(&message), own);
    entry
}
