//! Threema, Threema Work and Threema OnPrem on an iPhone: `ThreemaData.sqlite`, as a backup holds it.
//!
//! [`wanted`] says which files of a backup are needed; [`super::settings`] how long messages are kept; [`read`] turns the database into
//! records, in one pass over the messages. What the columns mean: `reference/ios.md §6b`.
//!
//! The kind of a message is the name of its entity in `Z_PRIMARYKEY`; numbers of entities differ from version to version. What
//! the reference does not explain stands raw in its record and is counted: notices, polls, who is in a group, and the app's own
//! ids, so that a message is known by its row and a group by its row. Of a conversation that has a group id that much is taken
//! from the model that the app's makers publish: it is a group. With Threema's "remote secret" texts and names are
//! encrypted: then there are bytes where a text should stand, and the answer is "present and unreadable", never an empty text.

mod compose;
mod parties;
mod row;
mod tables;
pub mod wanted;

use super::Edition;
use crate::{
    Evidenced, HolderKnown, Parted, ReadError, RecordSink, Separation, Summary, note,
    reading::{pass::Pass, schema::Schema, value::Repairs},
};
use parties::Parties;

/// Everything one reading works from.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    pub edition: Edition,
    pub threema: Evidenced<'a>,
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

/// One pass before the messages.
type Stage = fn(&mut Parties, &Schema<'_>, &Repairs, &mut Summary) -> Result<(), ReadError>;

/// Reads everything into `sink` and says what was read and what was not.
pub fn read<S: RecordSink + Send>(reading: &Reading<'_>, sink: &mut S) -> Result<Summary, ReadError> {
    let mut summary = Summary::default();
    let repairs = Repairs::default();
    let Evidenced { database, item } = reading.threema;
    database.restart_clock();
    let schema = Schema::probe(database.connection(), database.most_rows())?;
    if !schema.has_column("zmessage", "zconversation") || !schema.has("zconversation") {
        return Err(ReadError::NotAMessageStore);
    }
    if reading.holder_identity.is_some() {
        summary.holder = HolderKnown::Told;
    }
    let mut parties = Parties::new(item, reading.edition, reading.holder_identity);
    let entities = row::entities(&schema, &repairs);
    let mut kinds = row::Entities::default();
    note(&mut summary, "Z_PRIMARYKEY", entities.map(|found| kinds = found))?;
    let stages: [(&str, Stage); 3] =
        [("ZCONTACT", Parties::contacts), ("ZCONVERSATION", Parties::conversations), ("ZMESSAGE", Parties::senders)];
    for (name, stage) in stages {
        database.restart_clock();
        let done = stage(&mut parties, &schema, &repairs, &mut summary);
        note(&mut summary, name, done)?;
    }
    summary.contacts_read = parties.contacts;
    summary.oddities.dropped_side_rows += parties.refused;
    let conversations = parties.records(&mut summary);
    let cx = compose::Context {
        item,
        parties: &parties,
        kinds: &kinds,
        statement: row::statement(&schema).unwrap_or_default(),
        files: compose::Files::prepare(&schema, &mut summary)?,
    };
    let parted = reading.separation.map(|by| Parted::judge(by, &conversations));
    let pass = Pass { database, repairs: &repairs, composer: &cx, rows: parties.rows, parted: parted.as_ref() };
    match &parted {
        Some(parted) => {
            if !parted.nothing_to_hear() {
                pass.hear()?;
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
    summary.row_gaps = gaps.finish(&schema, "ZMESSAGE");
    summary.row_gaps.after_last = row::given_out(&schema, last);
    database.restart_clock();
    let unread = tables::unread(&schema).map(|unread| summary.tables_unread = unread);
    note(&mut summary, "sqlite_schema", unread)?;
    (summary.tables_missing, summary.columns_missing) = schema.missing();
    summary.oddities.invalid_utf8_texts = repairs.invalid_utf8.get();
    summary.oddities.cut_texts = repairs.cut.get();
    Ok(summary)
}

#[cfg(test)]
mod tests;
