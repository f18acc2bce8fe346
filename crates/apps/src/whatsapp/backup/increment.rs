//! One increment: the ZIP that an incremental backup decrypts to (reference/android.md §2.5).
//!
//! Its `messages.bin` is a sequence of length-delimited HistorySync records and is read record by record, so that memory
//! holds one record at a time. Deletions stand in other entries whose layout nobody has published: those are counted and
//! reported, and an increment that has them is never called completely read.

use super::{
    content,
    history_sync::{self as wa, conversation, sync},
    increment_report::{EntryKind, IncrementReport},
    message::{
        Content, ConversationFacts, DefaultTimer, Departure, Expiry, IncrementMessage, IncrementReaction, Position, Said, Stub,
    },
    notice,
};
use crate::reading::wire::{self, Fields, Malformed, Value};
use prost::Message;
use std::{
    cell::Cell,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    rc::Rc,
};
use uitlezen_chat::Moment;
use uitlezen_evidence::{Bytes, Reader};
use zip::ZipArchive;

/// Bytes that may be read to list the entries of the ZIP. Real lists have a handful of entries.
const DIRECTORY_BUDGET: u64 = 4 << 20;
/// Longest JID or key id that is taken for one.
const LONGEST_ID: usize = 512;
/// Most participants of one conversation; groups have up to 1024 members, communities 5000.
const MOST_PARTICIPANTS: usize = 20_000;

/// How much of an increment is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IncrementLimits {
    /// Most bytes of unpacked `messages.bin`.
    pub bytes: u64,
    /// Most bytes of one record; a longer one is skipped and counted.
    pub record_bytes: u64,
    /// Most bytes of one message, thumbnails included; a longer one is counted and not decoded.
    pub message_bytes: usize,
}

impl Default for IncrementLimits {
    fn default() -> Self {
        Self { bytes: 4 << 30, record_bytes: 64 << 20, message_bytes: 2 << 20 }
    }
}

/// Why an increment could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum IncrementError {
    #[error("the increment is no ZIP that could be read")]
    NotAZip,
    /// The list of entries is longer than any real one.
    #[error("the increment lists too many entries")]
    TooManyEntries,
    #[error("the increment could not be read: {0}")]
    Source(#[source] io::Error),
}

/// One thing that an increment says.
#[derive(Clone, Debug, PartialEq)]
pub enum IncrementRecord {
    /// Comes before the messages of that conversation in the same record.
    Conversation(Box<ConversationFacts>),
    Message(Box<IncrementMessage>),
    PushName {
        jid: String,
        name: String,
    },
    /// A number's JID and its LID.
    Lid {
        pn_jid: String,
        lid_jid: String,
    },
    DefaultTimer(DefaultTimer),
    /// Somebody who was in a group.
    Departure(Departure),
}

/// Reads a decrypted increment and hands over what it says, in its order.
///
/// # Errors
/// Only when nothing could be read; everything else is in the report, which must be asked whether it
/// [is complete](IncrementReport::is_complete).
pub fn read_increment(
    zip: Bytes,
    limits: &IncrementLimits,
    each: &mut dyn FnMut(IncrementRecord),
) -> Result<IncrementReport, IncrementError> {
    let budget = Rc::new(Cell::new(DIRECTORY_BUDGET));
    let source = Budgeted { inner: BufReader::with_capacity(64 * 1024, Reader::new(zip)), left: Rc::clone(&budget) };
    let mut archive = match ZipArchive::new(source) {
        Ok(archive) => archive,
        Err(_) if budget.get() == 0 => return Err(IncrementError::TooManyEntries),
        Err(zip::result::ZipError::Io(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
            return Err(IncrementError::Source(error));
        }
        Err(_) => return Err(IncrementError::NotAZip),
    };
    budget.set(u64::MAX);
    let mut report = IncrementReport { duplicate_names: archive.has_duplicate_names(), ..IncrementReport::default() };
    for index in 0..archive.len() {
        let Ok(entry) = archive.by_index(index) else {
            // Encrypted, or packed by a method that is not built in.
            report.count_entry(EntryKind::Other, 0);
            continue;
        };
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        if name.rsplit('/').next() == Some("messages.bin") {
            report.message_entries += 1;
            let mut walk = Walk { limits, report: &mut report, each, row: 0 };
            walk.records(&mut BufReader::new(entry.take(limits.bytes)));
        } else {
            let (kind, bytes) = (EntryKind::of(&name, entry.is_dir()), entry.size());
            report.count_entry(kind, bytes);
        }
    }
    Ok(report)
}

/// Stops a ZIP whose list of entries is made to fill the memory.
struct Budgeted {
    inner: BufReader<Reader>,
    left: Rc<Cell<u64>>,
}

impl Read for Budgeted {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        match self.left.get() {
            u64::MAX => {}
            left if left < n as u64 => {
                self.left.set(0);
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            left => self.left.set(left - n as u64),
        }
        Ok(n)
    }
}

impl Seek for Budgeted {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

struct Walk<'a> {
    limits: &'a IncrementLimits,
    report: &'a mut IncrementReport,
    each: &'a mut dyn FnMut(IncrementRecord),
    row: i64,
}

impl Walk<'_> {
    fn records(&mut self, source: &mut dyn BufRead) {
        let mut record = Vec::new();
        loop {
            let len = match read_length(source) {
                Ok(Some(len)) => len,
                Ok(None) => return,
                Err(()) => {
                    self.report.unread_tail = true;
                    return;
                }
            };
            self.report.records += 1;
            let wanted = len.min(self.limits.record_bytes);
            record.clear();
            // Grows with what arrives, not with what the length claims.
            let got = source.take(wanted).read_to_end(&mut record).map_or(0, |n| n as u64);
            if got < wanted {
                self.report.unread_tail = true;
                self.report.malformed += 1;
                return;
            }
            if len > wanted {
                self.report.too_large += 1;
                let skipped = io::copy(&mut source.take(len - wanted), &mut io::sink()).unwrap_or(0);
                if skipped < len - wanted {
                    self.report.unread_tail = true;
                    return;
                }
                continue;
            }
            self.record(&record);
        }
    }

    fn record(&mut self, record: &[u8]) {
        for field in Fields::of(record) {
            let Ok(field) = field else {
                self.report.malformed += 1;
                return;
            };
            match (field.number, field.value) {
                (sync::CONVERSATIONS, Value::Bytes(bytes)) => self.conversation(bytes),
                (sync::PUSH_NAMES, Value::Bytes(bytes)) => {
                    if let Some(it) = self.part::<wa::PushName>(bytes)
                        && !it.jid.is_empty()
                    {
                        (self.each)(IncrementRecord::PushName { jid: it.jid, name: it.name });
                    }
                }
                (sync::LID_MAPPINGS, Value::Bytes(bytes)) => {
                    if let Some(it) = self.part::<wa::LidMapping>(bytes)
                        && !it.pn_jid.is_empty()
                        && !it.lid_jid.is_empty()
                    {
                        (self.each)(IncrementRecord::Lid { pn_jid: it.pn_jid, lid_jid: it.lid_jid });
                    }
                }
                (sync::GLOBAL_SETTINGS, Value::Bytes(bytes)) => {
                    let Some(it) = self.part::<wa::GlobalSettings>(bytes) else { continue };
                    if it.disappearing_mode_duration.is_some() || it.disappearing_mode_timestamp.is_some() {
                        (self.each)(IncrementRecord::DefaultTimer(DefaultTimer {
                            seconds: it.disappearing_mode_duration.map(i64::from),
                            set: it.disappearing_mode_timestamp.map(Moment::from_seconds),
                        }));
                    }
                }
                (sync::PAST_PARTICIPANTS, Value::Bytes(bytes)) => self.departures(bytes),
                (sync::STATUS_MESSAGES, _) => self.report.not_read.status_messages += 1,
                (sync::CALL_LOG, _) => self.report.not_read.calls += 1,
                (sync::CONTACTS, _) => self.report.not_read.contacts += 1,
                (number, _) if sync::WITHOUT_CONTENT.contains(&number) => {}
                _ => self.report.unknown_fields += 1,
            }
        }
    }

    fn departures(&mut self, bytes: &[u8]) {
        let Ok(head) = wa::PastParticipants::decode(bytes) else {
            self.report.malformed += 1;
            return;
        };
        let group = head.group;
        if group.is_empty() || group.len() > LONGEST_ID {
            self.report.malformed += 1;
            return;
        }
        for (seen, field) in Fields::of(bytes).map_while(Result::ok).filter(|f| f.number == wa::PAST).enumerate() {
            if seen == MOST_PARTICIPANTS {
                self.report.too_large += 1;
                break;
            }
            let Value::Bytes(bytes) = field.value else { continue };
            if let Some(it) = self.part::<wa::PastParticipant>(bytes)
                && !it.jid.is_empty()
            {
                let removed = match it.reason {
                    Some(1) => Some(true),
                    Some(0) => Some(false),
                    _ => None,
                };
                let departure = Departure { group: group.clone(), person: it.jid, removed, at: it.left.and_then(seconds) };
                (self.each)(IncrementRecord::Departure(departure));
            }
        }
    }

    /// A part that is short by nature.
    fn part<T: Message + Default>(&mut self, bytes: &[u8]) -> Option<T> {
        let decoded = wire::bounded(bytes, content::MOST_FIELDS).ok().and_then(|()| T::decode(bytes).ok());
        if decoded.is_none() {
            self.report.malformed += 1;
        }
        decoded
    }

    fn conversation(&mut self, bytes: &[u8]) {
        self.report.conversations += 1;
        // The scalars first, wherever they stand; prost passes over the messages without keeping them.
        let Ok(head) = wa::Conversation::decode(bytes) else {
            self.report.malformed += 1;
            return;
        };
        if head.id.is_empty() || head.id.len() > LONGEST_ID {
            self.report.malformed += 1;
            return;
        }
        let chat = head.id.clone();
        let participants = self.participants(bytes);
        (self.each)(IncrementRecord::Conversation(Box::new(facts(head, participants))));
        for field in Fields::of(bytes).map_while(Result::ok) {
            match (field.number, field.value) {
                (conversation::MESSAGES, Value::Bytes(message)) => self.history_message(&chat, message),
                (1..=conversation::HIGHEST, _) => {}
                _ => self.report.unknown_fields += 1,
            }
        }
    }

    fn participants(&mut self, bytes: &[u8]) -> Vec<(String, i64)> {
        let mut found = Vec::new();
        for field in Fields::of(bytes).map_while(Result::ok) {
            let (conversation::PARTICIPANTS, Value::Bytes(bytes)) = (field.number, field.value) else { continue };
            if found.len() == MOST_PARTICIPANTS {
                self.report.too_large += 1;
                break;
            }
            if let Some(it) = self.part::<wa::GroupParticipant>(bytes) {
                found.push((it.jid, it.rank.unwrap_or(0).into()));
            }
        }
        found
    }

    fn history_message(&mut self, chat: &str, bytes: &[u8]) {
        let row = self.row;
        self.row += 1;
        self.report.messages += 1;
        if bytes.len() > self.limits.message_bytes {
            self.report.too_large += 1;
            return;
        }
        let position = Position { record: self.report.records.saturating_sub(1), row };
        match message(chat, bytes, position) {
            Ok(message) => {
                if message.malformed {
                    self.report.malformed += 1;
                }
                if matches!(&message.content, Content::Said(said) if matches!(said.body, uitlezen_chat::Body::Unknown { .. })) {
                    self.report.unknown_messages += 1;
                }
                self.report.unknown_fields += u64::from(message.unknown_fields);
                (self.each)(IncrementRecord::Message(Box::new(message)));
            }
            Err(Malformed) => self.report.malformed += 1,
        }
    }
}

/// The length before a record. `None` at the proper end of the entry.
fn read_length(source: &mut dyn BufRead) -> Result<Option<u64>, ()> {
    let mut bytes = Vec::with_capacity(10);
    while bytes.len() < 10 {
        let mut byte = [0];
        match source.read(&mut byte) {
            Ok(0) if bytes.is_empty() => return Ok(None),
            Ok(1) => bytes.extend_from_slice(&byte),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            _ => return Err(()),
        }
        if byte.iter().all(|b| b & 0x80 == 0) {
            break;
        }
    }
    wire::varint(&bytes).map(|(len, _)| Some(len)).ok_or(())
}

fn seconds(raw: u64) -> Option<Moment> {
    i64::try_from(raw).ok().filter(|&s| s > 0).map(Moment::from_seconds)
}

fn facts(head: wa::Conversation, participants: Vec<(String, i64)>) -> ConversationFacts {
    let mode = head.disappearing_mode.unwrap_or_default();
    ConversationFacts {
        jid: head.id,
        name: head.name,
        display_name: head.display_name,
        description: head.description,
        created: head.created_at.and_then(seconds),
        last_message: head.last_message.and_then(seconds),
        pn_jid: head.pn_jid,
        lid_jid: head.lid_jid,
        timer_seconds: head.ephemeral_expiration.map(u64::from),
        timer_set: head.ephemeral_setting_timestamp.filter(|&s| s > 0).map(Moment::from_seconds),
        timer_initiator_raw: mode.initiator.map(i64::from),
        timer_trigger_raw: mode.trigger.map(i64::from),
        timer_initiated_by_me: mode.initiated_by_me,
        after_read_seconds: head.after_read_duration.map(u64::from),
        participants,
    }
}

fn message(chat: &str, bytes: &[u8], position: Position) -> Result<IncrementMessage, Malformed> {
    let outer = wa::HistorySyncMessage::decode(bytes).map_err(|_| Malformed)?;
    let bytes = outer.message.ok_or(Malformed)?;
    wire::bounded(&bytes, content::MOST_FIELDS)?;
    let web = wa::WebMessage::decode(bytes.as_slice()).map_err(|_| Malformed)?;
    let key = content::key(web.key);
    if key.id.is_empty() || key.id.len() > LONGEST_ID {
        return Err(Malformed);
    }
    let decoded = content::decode(web.content.as_deref().unwrap_or_default());
    let stub = web.stub_type.filter(|&code| code != 0).map(|code| Stub { code: code.into(), parameters: web.stub_parameters });
    let mut content = decoded.content;
    if let Some(stub) = &stub
        && (content == Content::Nothing || notice::outranks_content(stub.code))
    {
        content = Content::Said(Box::new(Said::of(notice::body(stub, web.revoke_timestamp.and_then(seconds)))));
    }
    if let (Content::Said(said), Some(path)) = (&mut content, web.media.and_then(|m| m.local_path))
        && let Some(attachment) = said.attachments.first_mut()
    {
        attachment.path = Some(path);
    }
    let kept = web.keep_in_chat.is_some_and(|k| k.kind == Some(1));
    let expiry = Expiry {
        seconds: web.ephemeral_duration.map(u64::from).filter(|&s| s > 0),
        starts: web.ephemeral_start.and_then(seconds),
        expires: web.ephemeral_expires.and_then(seconds),
        kept,
    };
    let expires = kept || expiry.seconds.is_some() || expiry.expires.is_some();
    let poll_votes = Fields::of(&bytes).map_while(Result::ok).filter(|f| f.number == 45).count();
    let unknown = wire::count_unknown(&bytes, |n| wa::WEB_MESSAGE_FIELDS.contains(&n));
    Ok(IncrementMessage {
        chat: chat.to_owned(),
        sender: key.participant.clone().or(web.participant).filter(|_| !key.from_me),
        key,
        sent: web.timestamp.and_then(|t| i64::try_from(t).ok()).map(Moment::from_seconds),
        status: web.status.map(i64::from),
        starred: web.starred,
        push_name: web.push_name.filter(|n| !n.is_empty()),
        content,
        stub,
        reactions: web.reactions.into_iter().map(reaction).collect(),
        expiry: expires.then_some(expiry),
        poll_votes: u32::try_from(poll_votes).unwrap_or(u32::MAX),
        unknown_fields: unknown.saturating_add(decoded.unknown_fields),
        malformed: decoded.malformed,
        position,
    })
}

fn reaction(it: wa::Reaction) -> IncrementReaction {
    let key = content::key(it.key);
    IncrementReaction {
        from_me: key.from_me,
        by: key.participant.or(key.chat),
        emoji: it.text.unwrap_or_default(),
        at: it.sent.map(Moment::from_millis),
    }
}
