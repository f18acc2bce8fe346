//! The reader of `msgstore.db`: from a database to records, in one pass over the messages.
//!
//! Called by `readout` in a child process that may open nothing but this evidence. The order is: chats and who occurs in
//! them ([`survey`]), the conversations to the sink, then the messages in the order in which the phone stored them
//! ([`scan`]), then what only the increments hold. Memory is flat in the number of messages.
//!
//! | file | what |
//! |---|---|
//! | `survey`, `keys`, `places`, `members`, `timer` | conversations, who is in them, members, timers |
//! | `row`, `parts`, `sides`, `window` | a message row; the other tables for a run of messages |
//! | `compose`, `content`, `interactive` | a message put together |
//! | `holder` | who the holder is, when nobody told |
//! | `separation` | what stays behind by the rules of whoever called |
//! | `increments`, `told`, `merge` | the increments laid over the full backup |
//! | `scan`, `kept`, `tables` | the pass, on several threads; rows kept raw; what was not read |
//!
//! Addresses, names and conversations stand in `parties`; what other readers need too stands in `crate::reading`.

mod compose;
mod content;
mod holder;
mod increments;
mod interactive;
mod kept;
mod keys;
mod members;
mod merge;
mod parts;
mod places;
mod row;
mod scan;
mod separation;
mod sides;
mod survey;
mod tables;
mod timer;
mod told;
mod window;

pub use super::parties::{
    Scope,
    people::{HOLDER, PhoneContacts},
};

use super::{
    Edition,
    backup::IncrementSet,
    parties::{book::Book, jids::Jids, people::People},
};
use crate::reading::{gaps, runs, schema, value};
use crate::{
    DefaultTimerHint, Evidenced, Goes, HolderKnown, IncrementCounts, MessageTable, Nobody, Parted, ReadError, RecordSink,
    RunSink, Separation, Summary, TableNature, UnreadTable, note,
};
use schema::Schema;
use survey::Survey;
use value::Repairs;

/// Everything one reading works from.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    pub edition: Edition,
    pub msgstore: Evidenced<'a>,
    /// Contacts; absent when the backup has none.
    pub wa: Option<Evidenced<'a>>,
    /// The increments beside the full backup, in the order of their making.
    pub increments: Option<&'a IncrementSet>,
    /// The phone's address book, asked for participants only.
    pub phone_contacts: Option<&'a dyn PhoneContacts>,
    /// The holder's own number (`+31612345678`), when the plan or the phone told it: then the holder is recognised where the
    /// database names them as a member or a sender.
    pub holder_number: Option<&'a str>,
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
type Stage = fn(&mut Survey<'_, '_>, MessageTable) -> Result<(), ReadError>;

/// Reads everything in scope into `sink` and says what was read and what was not.
pub fn read<S: RecordSink + Send>(reading: &Reading<'_>, sink: &mut S) -> Result<Summary, ReadError> {
    let mut summary = Summary::default();
    let repairs = Repairs::default();
    reading.msgstore.database.restart_clock();
    let schema = Schema::probe(reading.msgstore.database.connection(), reading.msgstore.database.most_rows())?;
    let mut jids = Jids::default();
    let loaded = Jids::load(&schema, &repairs).map(|found| jids = found);
    note(&mut summary, "jid", loaded)?;
    if let Some(set) = reading.increments {
        increments::addresses(set, &mut jids);
        merge::counts(set, &reading.scope, &mut summary);
    }
    let mut people = People::default();
    let mut book = Book::default();
    let holder = reading.holder_number.map(|number| {
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        jids.row_of(&format!("{digits}@s.whatsapp.net"))
    });
    people.set_holder(holder, None);

    let mut survey = Survey {
        database: reading.msgstore.database,
        schema: &schema,
        item: reading.msgstore.item,
        scope: &reading.scope,
        repairs: &repairs,
        jids: &mut jids,
        people: &mut people,
        book: &mut book,
        summary: &mut summary,
        own: holder::OwnRows::default(),
        places: places::Places::default(),
        sparing: reading.separation.is_some(),
    };
    if let Some(set) = reading.increments {
        survey.own_in_increments(set);
    }
    let table = survey.choose()?.ok_or(ReadError::NotAMessageStore)?;
    survey.summary.table = table;
    let stages: [(&str, Stage); 10] = [
        ("chat", |s, _| s.chats()),
        ("chat_list", |s, table| if table == MessageTable::Legacy { s.legacy_chats() } else { Ok(()) }),
        (table.name(), |s, t| s.senders(t)),
        ("message_details", |s, t| s.find_holder(t)),
        ("lid_display_name", |s, _| s.people.load_own(s.schema, s.jids, s.repairs)),
        ("message_add_on", |s, t| s.others(t)),
        ("group_participant_user", |s, t| s.members(t)),
        ("message_ephemeral_setting", |s, t| s.timer_history(t)),
        ("labels", |s, _| s.labels()),
        ("call_log", |s, _| s.count_not_asked()),
    ];
    for (name, stage) in stages {
        reading.msgstore.database.restart_clock();
        let done = stage(&mut survey, table);
        note(survey.summary, name, done)?;
    }
    if let Some(set) = reading.increments {
        survey.increments(set);
    }
    survey.partners();
    let mut wa_missing = None;
    let mut wa_unread = Vec::new();
    if let Some(wa) = &reading.wa {
        wa.database.restart_clock();
        let contacts = Schema::probe(wa.database.connection(), wa.database.most_rows()).and_then(|wa| {
            let done = people.load_contacts(&wa, &jids, &repairs);
            wa_missing = Some(wa.missing());
            wa_unread = tables::unread_contacts(&wa);
            done
        });
        note(&mut summary, "wa_contacts", contacts)?;
    }
    summary.contacts_read = people.contacts;
    book.number(&mut summary);
    let mut judged = Vec::new();
    for index in book.order() {
        let Some(record) = book.conversation(index, reading.edition, &jids, &people, reading.phone_contacts, &mut summary) else {
            continue;
        };
        if reading.separation.is_some() {
            judged.push(record);
        } else {
            sink.conversation(&record).map_err(ReadError::Sink)?;
        }
    }
    let parted = reading.separation.map(|by| Parted::judge(by, &judged));

    let scan =
        scan::Scan { database: reading.msgstore.database, schema: &schema, repairs: &repairs, table, scope: &reading.scope };
    let cx = compose::Context { item: reading.msgstore.item, table, jids: &jids, people: &people, book: &book };
    if let Some(parted) = &parted {
        separation::hear_all(parted, &scan, &cx, reading.increments)?;
        parted.give(judged, &mut summary, sink)?;
    }
    let mut over = reading.increments.map(|set| merge::Merge::new(set, &book));
    scan.run(&cx, over.as_mut(), parted.as_ref(), &mut summary, sink)?;
    if let Some(over) = over {
        scan::give_rest(&over, &cx, parted.as_ref(), &mut summary, sink)?;
    }

    reading.msgstore.database.restart_clock();
    let unread = tables::unread(&schema, &reading.scope, table, &summary);
    let noted = unread.map(|unread| summary.tables_unread = unread);
    summary.tables_unread.append(&mut wa_unread);
    note(&mut summary, "sqlite_schema", noted)?;
    (summary.tables_missing, summary.columns_missing) = schema.missing();
    if let Some((tables, columns)) = wa_missing {
        summary.tables_missing.extend(tables.into_iter().map(|t| format!("wa.{t}")));
        summary.columns_missing.extend(columns.into_iter().map(|c| format!("wa.{c}")));
    }
    summary.oddities.invalid_utf8_texts = repairs.invalid_utf8.get();
    summary.oddities.cut_texts = repairs.cut.get();
    summary.oddities.dropped_side_rows += jids.refused + book.refused_people;
    Ok(summary)
}

#[cfg(test)]
mod tests;
