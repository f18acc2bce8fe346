//! WhatsApp and WhatsApp Business on an iPhone.
//!
//! [`wanted`] says which files of a backup are needed; [`read`] turns `ChatStorage.sqlite` into records, with names from
//! `ContactsV2.sqlite` and the numbers behind hidden ids from `LID.sqlite`. What the columns mean: `reference/ios.md §5`.
//!
//! Two passes over the messages: one meets everybody whom a message names, one makes the records. What the reference does not
//! establish stays raw in the record and is counted. Where an edit is noted is not known, so none is told.
//!
//! | file | what |
//! |---|---|
//! | `people`, `book`, `timer` | addresses and names; conversations; their timers |
//! | `row`, `blobs` | a row with its media; the protobuf blobs beside it |
//! | `events`, `content`, `compose` | a message put together |
//! | `scan`, `tables` | the passes; what was not read |

mod blobs;
mod book;
mod compose;
mod content;
mod events;
mod people;
mod row;
mod scan;
mod tables;
mod time;
mod timer;
pub mod wanted;

use crate::{
    Evidenced, HolderKnown, Parted, ReadError, RecordSink, Separation, Summary, note,
    reading::{schema::Schema, value, value::Repairs},
    whatsapp::{Edition, reader::Scope},
};
use book::Book;
use foldhash::HashSet;
use people::People;

/// Everything one reading works from.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    pub edition: Edition,
    pub chat_storage: Evidenced<'a>,
    /// The app's contacts; absent from some backups.
    pub contacts: Option<Evidenced<'a>>,
    /// The numbers behind hidden ids; only newer versions have it.
    pub lid: Option<Evidenced<'a>>,
    /// The call log. Not read yet: only counted.
    pub calls: Option<Evidenced<'a>>,
    /// The holder's own number (`+31612345678`), when the plan or the phone told it.
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

/// A database beside the conversations: probed, read by `each`, and what it lacks noted under `prefix`.
fn beside(
    from: Option<&Evidenced<'_>>,
    prefix: &str,
    summary: &mut Summary,
    each: impl FnOnce(&Schema<'_>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let Some(from) = from else { return Ok(()) };
    from.database.restart_clock();
    let mut missing = Default::default();
    let read = Schema::probe(from.database.connection(), from.database.most_rows()).and_then(|schema| {
        let read = each(&schema);
        missing = schema.missing();
        read
    });
    let (tables, columns): (Vec<String>, Vec<String>) = missing;
    summary.tables_missing.extend(tables.into_iter().map(|table| format!("{prefix}.{table}")));
    summary.columns_missing.extend(columns.into_iter().map(|column| format!("{prefix}.{column}")));
    note(summary, prefix, read)
}

/// Reads everything in scope into `sink` and says what was read and what was not.
pub fn read<S: RecordSink + Send>(reading: &Reading<'_>, sink: &mut S) -> Result<Summary, ReadError> {
    let (mut summary, repairs) = (Summary::default(), Repairs::default());
    let database = reading.chat_storage.database;
    let item = reading.chat_storage.item;
    database.restart_clock();
    let schema = Schema::probe(database.connection(), database.most_rows())?;
    if !schema.has_column("zwamessage", "zchatsession") || !schema.has("zwachatsession") {
        return Err(ReadError::NotAMessageStore);
    }
    let mut people = People::default();
    beside(reading.lid.as_ref(), "LID", &mut summary, |schema| people.pairs(schema, &repairs))?;
    if schema.has("zwaphonenumberlidpair") {
        let read = people.pairs(&schema, &repairs);
        note(&mut summary, "ZWAPHONENUMBERLIDPAIR", read)?;
    }
    if let Some(contacts) = &reading.contacts {
        let read = |schema: &Schema<'_>| people.contacts(contacts, schema, &repairs);
        beside(Some(contacts), "ContactsV2", &mut summary, read)?;
    }
    summary.contacts_read = people.contacts;
    if let Some(number) = reading.holder_number {
        people.set_holder(number);
        summary.holder = HolderKnown::Told;
    }
    beside(reading.calls.as_ref(), "CallHistory", &mut Summary::default(), |schema| {
        summary.not_asked.calls = if schema.has("zwacdcallevent") { tables::rows(schema, "zwacdcallevent") } else { 0 };
        Ok(())
    })?;
    let read = people.push_names(&schema, &repairs);
    note(&mut summary, "ZWAPROFILEPUSHNAME", read)?;
    let mut book = Book::default();
    let read = Book::load(&schema, &repairs, item, &mut people, &mut summary).map(|found| book = found);
    note(&mut summary, "ZWACHATSESSION", read)?;
    let read = book.members(&schema, &repairs, &mut people);
    note(&mut summary, "ZWAGROUPMEMBER", read)?;

    let scan = scan::Scan { database, schema: &schema, repairs: &repairs, item };
    let twice: HashSet<i64> = scan.survey(&mut book, &mut people, &mut summary)?;
    summary.oddities.dropped_side_rows += people.refused + book.refused;
    let conversations = book.records(reading.edition, reading.scope, &people, &mut summary);
    // What was changed to be understood was counted by now, and is met again.
    let again = Repairs::default();
    let scan = scan::Scan { repairs: &again, ..scan };
    let cx = compose::Context { item, people: &people, book: &book, twice: &twice };
    let mut parted = None;
    match reading.separation {
        Some(by) => {
            let judged = parted.insert(Parted::judge(by, &conversations));
            if !judged.nothing_to_hear() {
                scan.hear(&cx, judged)?;
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
    scan.give(&cx, parted.as_ref(), &mut summary, sink)?;

    // A table that cannot be joined by its key was left out, and what it holds stands nowhere.
    for (table, by) in [("zwamediaitem", "zmediaitem"), ("zwamessageinfo", "zmessageinfo")] {
        if schema.has(table) && !row::joinable(&schema, table, by) {
            summary.oddities.dropped_side_rows += tables::rows(&schema, table);
        }
    }
    database.restart_clock();
    // Core Data counts what it gave out; rows behind the last one are gone.
    if schema.has_column("z_primarykey", "z_max") && schema.has_column("z_primarykey", "z_name") {
        let sql = "SELECT z_max, (SELECT max(rowid) FROM zwamessage) FROM z_primarykey WHERE z_name = 'WAMessage' LIMIT 1";
        let given = schema.conn.query_row(sql, [], |row| Ok((value::int(row, 0), value::int(row, 1).unwrap_or(0))));
        if let Ok((Some(given), last)) = given {
            summary.row_gaps.after_last = Some(u64::try_from(given.saturating_sub(last)).unwrap_or(0));
        }
    }
    let unread = tables::unread(&schema).map(|unread| summary.tables_unread = unread);
    note(&mut summary, "sqlite_schema", unread)?;
    let (tables, columns) = schema.missing();
    summary.tables_missing.extend(tables);
    summary.columns_missing.extend(columns);
    summary.oddities.invalid_utf8_texts = repairs.invalid_utf8.get();
    summary.oddities.cut_texts = repairs.cut.get();
    Ok(summary)
}

#[cfg(test)]
mod tests;
