//! WhatsApp and WhatsApp Business on an iPhone: `ChatStorage.sqlite` and the databases beside it, as a backup holds them.
//!
//! [`wanted`] says which files of a backup are needed; [`settings`] who the holder is; [`read`] turns the databases into
//! records, in one pass over the messages. What the columns mean:
//! `reference/ios.md §5`. Whoever takes part has the same id as on Android, so that one conversation is one conversation on
//! both kinds of phone.
//!
//! What the reference calls unverified is not interpreted: where an edit is marked, who was added by whom, the receipts.
//! Message types and events without a known meaning stand raw in their record and are counted.
//!
//! | file | what |
//! |---|---|
//! | `blobs` | the formats within a row |
//! | `lids`, `contacts`, `chats`, `survey` | hidden ids, names, conversations and their members; who occurs where |
//! | `timer` | what the data say about disappearing messages |
//! | `row`, `sides` | a row of `ZWAMESSAGE`; the other tables for a run of rows |
//! | `compose`, `content`, `notices` | a message put together |
//! | `calls` | the call log |
//! | `tables` | what was not read |

mod blobs;
mod calls;
mod chats;
mod compose;
mod contacts;
mod content;
mod lids;
mod notices;
mod row;
pub mod settings;
mod sides;
mod survey;
mod tables;
mod timer;
pub mod wanted;

pub use crate::whatsapp::Edition;
pub use crate::whatsapp::reader::{HOLDER, PhoneContacts, Scope};
pub use blobs::{Metadata, Receipts};
pub use settings::Owner;

use crate::{
    Evidenced, HolderKnown, Parted, ReadError, RecordSink, Separation, Summary, note,
    reading::{pass::Pass, schema::Schema, value::Repairs},
    whatsapp::parties::{book::Book, jids::Jids, people::People},
};
use contacts::Contacts;
use survey::Survey;

/// Everything one reading works from.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    pub edition: Edition,
    pub chat_storage: Evidenced<'a>,
    /// `ContactsV2.sqlite`; some backups have none.
    pub contacts: Option<Evidenced<'a>>,
    /// `LID.sqlite`: which number hides behind which id.
    pub lid: Option<Evidenced<'a>>,
    /// `CallHistory.sqlite`.
    pub calls: Option<Evidenced<'a>>,
    /// The phone's address book, asked for participants only.
    pub phone_contacts: Option<&'a dyn PhoneContacts>,
    /// Who the app's settings say the holder is.
    pub owner: Option<&'a Owner>,
    /// The holder's own number (`+31612345678`), when the plan or the phone told it.
    pub holder_number: Option<&'a str>,
    /// When the backup was made, in Unix seconds: a message older than 90 days by then is a sign that nothing expires.
    pub made_at: Option<i64>,
    pub scope: Scope,
    /// What stays behind, if anything may.
    pub separation: Option<&'a dyn Separation>,
}

impl std::fmt::Debug for Reading<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading").field("edition", &self.edition).field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// One pass before the messages.
type Stage = fn(&mut Survey<'_, '_>) -> Result<(), ReadError>;

/// Reads everything in scope into `sink` and says what was read and what was not.
pub fn read<S: RecordSink + Send>(reading: &Reading<'_>, sink: &mut S) -> Result<Summary, ReadError> {
    let mut summary = Summary::default();
    let repairs = Repairs::default();
    let database = reading.chat_storage.database;
    database.restart_clock();
    let schema = Schema::probe(database.connection(), database.most_rows())?;
    if !schema.has_column("zwamessage", "zchatsession") || !schema.has("zwachatsession") {
        return Err(ReadError::NotAMessageStore);
    }
    let mut beside = Vec::new();
    let contacts_schema = probe("ContactsV2", reading.contacts, &mut summary)?;
    let lids_schema = probe("LID", reading.lid, &mut summary)?;
    let calls_schema = probe("CallHistory", reading.calls, &mut summary)?;

    let (mut jids, mut people, mut book) = (Jids::default(), People::default(), Book::default());
    // In this order: what one has already said is not said again by another.
    for (name, from) in [("LID", lids_schema.as_ref()), ("", Some(&schema))] {
        if let Some(from) = from {
            let done = lids::pairs(name, from, &repairs, &mut jids, &mut summary);
            note(&mut summary, lids::TABLE, done)?;
        }
    }
    if let Some(contacts) = &contacts_schema {
        let done = lids::contacts(contacts, &repairs, &mut jids, &mut summary);
        note(&mut summary, contacts::TABLE, done)?;
    }
    let told = reading.holder_number.map(|number| {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        format!("{digits}@s.whatsapp.net")
    });
    if let Some(address) = told.as_deref().or_else(|| reading.owner?.address.as_deref()) {
        let row = jids.row_of(address);
        people.set_holder(jids.resolved_row(row), None);
        summary.holder = HolderKnown::Told;
    }
    people.set_holder(None, reading.owner.and_then(|owner| owner.name.clone()));

    let mut survey = Survey {
        schema: &schema,
        item: reading.chat_storage.item,
        scope: &reading.scope,
        repairs: &repairs,
        jids: &mut jids,
        people: &mut people,
        book: &mut book,
        summary: &mut summary,
        met: survey::Met::default(),
        sparing: reading.separation.is_some(),
    };
    let stages: [(&str, Stage); 6] = [
        ("ZWACHATSESSION", |s| s.chats()),
        ("ZWAGROUPMEMBER", |s| s.members()),
        ("ZWAMESSAGE", |s| s.messages()),
        ("ZWAMEDIAITEM", |s| s.quoted()),
        ("ZWAMESSAGEINFO", |s| s.reactors()),
        ("ZWAPROFILEPUSHNAME", |s| s.names()),
    ];
    for (name, stage) in stages {
        database.restart_clock();
        let done = stage(&mut survey);
        note(survey.summary, name, done)?;
    }
    let mut log = calls::Log::default();
    if let (Some(calls), Some(evidenced)) = (&calls_schema, reading.calls) {
        let done = log.load(calls, evidenced.item, &mut survey);
        note(survey.summary, "ZWACDCALLEVENT", done)?;
        beside.push(("CallHistory", calls));
    }
    let mut met = std::mem::take(&mut survey.met);
    let mut contacts = Contacts::default();
    if let (Some(from), Some(evidenced)) = (&contacts_schema, reading.contacts) {
        let done = contacts.load(from, evidenced.item, &repairs, &jids, &mut people);
        note(&mut summary, contacts::TABLE, done)?;
        summary.contacts_read = contacts.rows;
        beside.push(("ContactsV2", from));
    }
    if let Some(lids) = &lids_schema {
        beside.push(("LID", lids));
    }
    timer::judge(&mut book, &mut met, &contacts, reading.made_at);
    summary.oddities.dropped_side_rows += met.refused + log.refused;

    book.number(&mut summary);
    let mut conversations = Vec::new();
    for index in book.order() {
        conversations.extend(book.conversation(index, reading.edition, &jids, &people, reading.phone_contacts, &mut summary));
    }
    let cx = compose::Context {
        item: reading.chat_storage.item,
        jids: &jids,
        people: &people,
        book: &book,
        members: &met.members,
        statement: row::statement(&schema).unwrap_or_default(),
        sides: sides::Sides::prepare(&schema, &mut summary)?,
    };
    let parted = reading.separation.map(|by| Parted::judge(by, &conversations));
    let pass = Pass { database, repairs: &repairs, composer: &cx, rows: met.rows, parted: parted.as_ref() };
    match &parted {
        Some(parted) => {
            if !parted.nothing_to_hear() {
                pass.hear()?;
                pass.more(true, log.records(&cx), &mut Summary::default(), sink)?;
            }
            parted.heard();
            parted.give(conversations, &mut summary, sink)?;
        }
        None => {
            for conversation in &conversations {
                sink.conversation(conversation).map_err(ReadError::Sink)?;
            }
        }
    }
    let gaps = pass.run(&mut summary, sink)?;
    let last = gaps.last();
    summary.row_gaps = gaps.finish(&schema, "ZWAMESSAGE");
    summary.row_gaps.after_last = survey::given_out(&schema, "WAMessage", last);
    pass.more(false, log.records(&cx), &mut summary, sink)?;

    database.restart_clock();
    let unread = tables::unread(&schema, &beside, &reading.scope, &mut summary);
    note(&mut summary, "sqlite_schema", unread)?;
    (summary.tables_missing, summary.columns_missing) = schema.missing();
    for (name, schema) in &beside {
        let (tables, columns) = schema.missing();
        summary.tables_missing.extend(tables.into_iter().map(|t| format!("{name}.{t}")));
        summary.columns_missing.extend(columns.into_iter().map(|c| format!("{name}.{c}")));
    }
    summary.oddities.invalid_utf8_texts = repairs.invalid_utf8.get();
    summary.oddities.cut_texts = repairs.cut.get();
    summary.oddities.dropped_side_rows += jids.refused + book.refused_people;
    Ok(summary)
}

/// What a database beside the messages holds; one that cannot be read is noted and read no further.
fn probe<'a>(name: &str, evidenced: Option<Evidenced<'a>>, summary: &mut Summary) -> Result<Option<Schema<'a>>, ReadError> {
    let Some(evidenced) = evidenced else { return Ok(None) };
    evidenced.database.restart_clock();
    let mut found = None;
    let probed = Schema::probe(evidenced.database.connection(), evidenced.database.most_rows());
    note(summary, name, probed.map(|schema| found = Some(schema)))?;
    Ok(found)
}

#[cfg(test)]
mod tests;
