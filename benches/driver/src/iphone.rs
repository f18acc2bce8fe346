//! Apps of an iPhone: their databases made, and read to records in JSON, as a run does it before it seals them.

use crate::{Failure, seconds};
use serde_json::{Value, json};
use std::{
    fs, io,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use uitlezen_apps::{
    Evidenced, ReadError, RecordSink, RunSink, Summary, imessage,
    whatsapp_ios::{self, Owner},
};
use uitlezen_chat::{Conversation, ConversationNumber, EvidenceId, Message};
use uitlezen_evidence::{Bytes, Database, FileSource};
use uitlezen_twin::content::{
    MediaScale,
    iphone::{
        messages::{self, MessagesOptions},
        whatsapp::{self, WhatsAppOptions},
    },
};

/// The four databases of WhatsApp and its settings, with so many messages.
pub(crate) fn whatsapp(dir: &Path, count: &str) -> Result<Value, Failure> {
    let options = WhatsAppOptions { messages: count.parse()?, media: MediaScale::None, ..WhatsAppOptions::default() };
    let made = whatsapp::generate(&options)?;
    fs::create_dir_all(dir)?;
    let files = [
        ("ChatStorage.sqlite", &made.chat_storage),
        ("ContactsV2.sqlite", &made.contacts),
        ("LID.sqlite", &made.lids),
        ("CallHistory.sqlite", &made.calls),
        ("settings.plist", &made.settings),
    ];
    for (name, bytes) in files {
        fs::write(dir.join(name), bytes)?;
    }
    Ok(json!({ "messages": made.expected.messages, "database_bytes": made.chat_storage.len() }))
}

/// `sms.db` and the address book, with so many messages; half of the texts stand only in the attributed form.
pub(crate) fn messages(dir: &Path, count: &str) -> Result<Value, Failure> {
    let options =
        MessagesOptions { messages: count.parse()?, media: MediaScale::None, oddities: false, ..MessagesOptions::default() };
    let made = messages::generate(&options)?;
    fs::create_dir_all(dir)?;
    fs::write(dir.join("sms.db"), &made.sms)?;
    fs::write(dir.join("AddressBook.sqlitedb"), &made.address_book)?;
    let expected = &made.expected;
    Ok(json!({ "messages": expected.messages, "typed_only": expected.typed_only, "database_bytes": made.sms.len() }))
}

fn open(path: &Path) -> Result<Database, Failure> {
    let bytes: Bytes = Arc::new(FileSource::open(path)?);
    Ok(Database::open(bytes, None, None)?)
}

fn of(database: &Database, item: u32) -> Evidenced<'_> {
    Evidenced { database, item: EvidenceId(item) }
}

fn told(began: Instant, sink: &Counting, read: Result<Summary, ReadError>) -> Result<Value, Failure> {
    let took: Duration = began.elapsed();
    let summary = read?;
    Ok(json!({ "seconds": seconds(took), "messages": summary.messages, "bytes": sink.0, "whole": summary.is_whole() }))
}

pub(crate) fn read_whatsapp(dir: &Path) -> Result<Value, Failure> {
    let began = Instant::now();
    let (storage, contacts) = (open(&dir.join("ChatStorage.sqlite"))?, open(&dir.join("ContactsV2.sqlite"))?);
    let (lids, calls) = (open(&dir.join("LID.sqlite"))?, open(&dir.join("CallHistory.sqlite"))?);
    let owner = Owner::read(&fs::read(dir.join("settings.plist"))?)?;
    let reading = whatsapp_ios::Reading {
        edition: whatsapp_ios::Edition::WhatsApp,
        chat_storage: of(&storage, 1),
        contacts: Some(of(&contacts, 2)),
        lid: Some(of(&lids, 3)),
        calls: Some(of(&calls, 4)),
        phone_contacts: None,
        owner: Some(&owner),
        holder_number: None,
        made_at: None,
        scope: whatsapp_ios::Scope::default(),
        separation: None,
    };
    let mut sink = Counting(0);
    let read = whatsapp_ios::read(&reading, &mut sink);
    told(began, &sink, read)
}

pub(crate) fn read_messages(dir: &Path) -> Result<Value, Failure> {
    let began = Instant::now();
    let (sms, address_book) = (open(&dir.join("sms.db"))?, open(&dir.join("AddressBook.sqlitedb"))?);
    let reading =
        imessage::Reading { sms: of(&sms, 1), address_book: Some(of(&address_book, 2)), holder_number: None, separation: None };
    let mut sink = Counting(0);
    let read = imessage::read(&reading, &mut sink);
    told(began, &sink, read)
}

/// Writes records as JSON, as the extraction does, and keeps only their length.
struct Counting(u64);

#[derive(Default)]
struct Json(Vec<u8>);

impl RunSink for Json {
    fn message(&mut self, _: ConversationNumber, message: Box<Message>) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, &message).map_err(io::Error::other)
    }

    fn is_full(&self) -> bool {
        self.0.len() >= 1 << 20
    }
}

impl RecordSink for Counting {
    type Run = Json;

    fn conversation(&mut self, _: &Conversation) -> io::Result<()> {
        Ok(())
    }

    fn hand_over(&mut self, run: &mut Json) -> io::Result<()> {
        self.0 += run.0.len() as u64;
        run.0.clear();
        Ok(())
    }
}
