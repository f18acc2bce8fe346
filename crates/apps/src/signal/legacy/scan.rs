//! The passes over the messages, in the order in which the phone got them.

use super::{
    book::{Book, source},
    compose::Context,
    intake::Store,
    kinds::{Kind, kind},
    people::People,
    row::{Extent, MessageRow, Ordered, Place, Sides, TABLES, statement},
};
use crate::{
    Goes, Parted, ReadError, RecordSink, RunSink, Summary, note,
    reading::{count::count, schema::Schema, value::Repairs},
    signal::keys::{Keys, Twice, participant},
};
use std::{io, sync::mpsc, thread};
use uitlezen_chat::{ConversationNumber, EvidenceId, MembershipChange, Message, Moment, Sender, Source, TimerChange};

/// Messages handed over at once.
const RUN: usize = 4_096;

/// What the pass before the records found.
#[derive(Debug)]
pub(super) struct Surveyed {
    pub(super) keys: Keys,
    pub(super) duplicates: u64,
    pub(super) unplaced: u64,
}

impl Default for Surveyed {
    fn default() -> Self {
        Self { keys: Keys::new(), duplicates: 0, unplaced: 0 }
    }
}

/// The passes.
pub(super) struct Scan<'s> {
    pub(super) schema: &'s Schema<'s>,
    pub(super) repairs: &'s Repairs,
    pub(super) store: &'s Store,
    pub(super) item: EvidenceId,
    pub(super) people: &'s People,
    pub(super) order: &'s Ordered,
    pub(super) sides: &'s Sides,
}

/// What is left aside of rows: not asked for.
#[derive(Default)]
struct Aside {
    stories: u64,
    drafts: u64,
}

impl Scan<'_> {
    fn context<'c>(&'c self, keys: &'c Keys) -> Context<'c> {
        Context {
            schema: self.schema,
            repairs: self.repairs,
            store: self.store,
            item: self.item,
            people: self.people,
            sides: self.sides,
            keys,
        }
    }

    /// Every message with its versions; stories and drafts are counted.
    fn each(
        &self,
        extent: Extent,
        mut with: impl FnMut(Place, MessageRow, Vec<MessageRow>) -> Result<(), ReadError>,
    ) -> Result<Aside, ReadError> {
        let statements: Vec<Option<String>> =
            TABLES.iter().map(|name| if self.schema.has(name) { statement(self.schema, name, extent) } else { None }).collect();
        let mut aside = Aside::default();
        let row = |table: u8, id: i64| -> Result<Option<MessageRow>, ReadError> {
            let Some(Some(sql)) = statements.get(usize::from(table)) else { return Ok(None) };
            let mut one = self.schema.conn.prepare_cached(sql)?;
            let mut rows = one.query([id])?;
            Ok(rows.next()?.map(|row| MessageRow::read(row, self.repairs)))
        };
        for place in &self.order.places {
            let Some(message) = row(place.table, place.row)? else { continue };
            if message.story {
                aside.stories += 1;
                continue;
            }
            if kind(message.kind) == Kind::Draft {
                aside.drafts += 1;
                continue;
            }
            let mut versions = Vec::new();
            for id in self.order.versions.get(&(place.table, place.row)).into_iter().flatten() {
                versions.extend(row(place.table, *id)?);
            }
            with(*place, message, versions)?;
        }
        Ok(aside)
    }

    /// Who and what occurs in which thread. What is said is not read yet.
    pub(super) fn survey(&self, book: &mut Book, surveyed: &mut Surveyed) -> Result<(), ReadError> {
        let empty = Keys::new();
        let cx = self.context(&empty);
        self.each(Extent::Brief, |place, row, versions| {
            let Some(index) = book.of_message(row.thread.unwrap_or(-1)) else {
                surveyed.unplaced += 1;
                return Ok(());
            };
            let author = cx.author(&row);
            let times: Vec<u64> = versions.iter().chain([&row]).filter_map(|version| u64::try_from(version.sent).ok()).collect();
            let named = times.first().copied().unwrap_or_default();
            surveyed.duplicates += u64::from(surveyed.keys.add(index, &author, named, &times));
            for version in [&row].into_iter().chain(versions.iter().rev()) {
                cx.meet(version, place, &mut |who| book.meet(index, who))?;
            }
            let at = Moment::from_millis(versions.first().map_or(row.sent, |first| first.sent));
            changes_of(book, index, &author, at, &row, source(self.item, place.name(), row.id));
            Ok(())
        })?;
        Ok(())
    }

    fn pass(
        &self,
        book: &Book,
        keys: &Keys,
        counted: &mut Summary,
        mut give: impl FnMut(ConversationNumber, Message, &mut Summary) -> Result<(), ReadError>,
    ) -> Result<Aside, ReadError> {
        let cx = self.context(keys);
        let mut twice = Twice::default();
        self.each(Extent::Whole, |place, row, versions| {
            let Some(index) = book.of_thread(row.thread.unwrap_or(-1)) else { return Ok(()) };
            let mut message = cx.compose(&row, &versions, place, index, counted)?;
            let named = versions.first().map_or(row.sent, |first| first.sent);
            let named = u64::try_from(named).unwrap_or_default();
            twice.name(std::slice::from_mut(&mut message), index, &cx.author(&row), named, keys);
            give(Book::number(index), message, counted)
        })
    }

    /// Lets what stays behind be heard.
    pub(super) fn hear(&self, book: &Book, keys: &Keys, parted: &Parted<'_>) -> Result<(), ReadError> {
        let heard = self.pass(book, keys, &mut Summary::default(), |number, message, _| {
            if parted.goes(number) != Goes::Whole {
                parted.hear(number, &message);
            }
            Ok(())
        });
        note(&mut Summary::default(), "message", heard.map(|_| ()))
    }

    /// Gives out every message. What is put together here is written out beside it: each takes about as long.
    pub(super) fn run<S: RecordSink + Send>(
        &self,
        book: &Book,
        keys: &Keys,
        parted: Option<&Parted<'_>>,
        summary: &mut Summary,
        sink: &mut S,
    ) -> Result<(), ReadError> {
        let mut counted = Summary::default();
        let (given, out) = thread::scope(|scope| {
            let (to, made) = mpsc::sync_channel(AHEAD);
            let out = scope.spawn(move || give_out(&made, parted, sink));
            let gone = |_| ReadError::Sink(io::ErrorKind::BrokenPipe.into());
            let mut batch = Vec::with_capacity(BATCH);
            let given = self.pass(book, keys, &mut counted, |number, message, of_row| {
                // What stays behind is not counted, so each row is counted apart where anything may.
                let of_row = parted.map(|_| std::mem::take(of_row));
                batch.push(Made { number, message: Box::new(message), of_row });
                if batch.len() < BATCH { Ok(()) } else { to.send(std::mem::take(&mut batch)).map_err(gone) }
            });
            let given = to.send(batch).map_err(gone).and(given);
            drop(to);
            (given, out.join())
        });
        let gave = out.map_err(|_| ReadError::Sink(io::Error::other("a thread of the reading stopped")))?;
        summary.absorb(gave?);
        summary.absorb(counted);
        match given {
            Ok(aside) => {
                summary.not_asked.status_messages += aside.stories;
                summary.not_asked.drafts += aside.drafts;
            }
            Err(error) => note(summary, "message", Err(error))?,
        }
        Ok(())
    }
}

/// A message on its way out.
struct Made {
    number: ConversationNumber,
    message: Box<Message>,
    of_row: Option<Summary>,
}

/// Messages on their way at once, and how many of such batches may wait.
const BATCH: usize = 256;
const AHEAD: usize = 4;

/// Writes out what was put together, in its order; counts what went.
fn give_out<S: RecordSink>(
    made: &mpsc::Receiver<Vec<Made>>,
    parted: Option<&Parted<'_>>,
    sink: &mut S,
) -> Result<Summary, ReadError> {
    let (mut gathered, mut n, mut counted) = (S::Run::default(), 0, Summary::default());
    for Made { number, message, of_row } in made.iter().flatten() {
        let (number, message) = match parted {
            None => {
                count(&mut counted, &message);
                (number, message)
            }
            Some(parted) if parted.goes(number) == Goes::Not => continue,
            Some(parted) => {
                let mut of_row = of_row.unwrap_or_default();
                let Some((number, message)) = parted.message(number, message, &mut of_row) else { continue };
                count(&mut of_row, &message);
                counted.absorb(of_row);
                (number, message)
            }
        };
        gathered.message(number, message).map_err(ReadError::Sink)?;
        n += 1;
        if n >= RUN || gathered.is_full() {
            sink.hand_over(&mut gathered).map_err(ReadError::Sink)?;
            n = 0;
        }
    }
    sink.hand_over(&mut gathered).map_err(ReadError::Sink)?;
    Ok(counted)
}

/// What a notice changes of its thread.
fn changes_of(book: &mut Book, index: u32, author: &Sender, at: Moment, row: &MessageRow, source: Source) {
    let by = participant(author);
    match kind(row.kind) {
        Kind::Timer => {
            let to_seconds = Some(row.expires_in.unwrap_or(0).div_ceil(1000));
            let by = by.map_or(Sender::Unknown, |_| author.clone());
            book.timer_changed(index, TimerChange { at, by, from_seconds: None, to_seconds, source });
        }
        Kind::Left => {
            if let Some(who) = by {
                book.left(index, who, MembershipChange { joined: false, at: Some(at), by: None, source });
            }
        }
        _ => {}
    }
}
