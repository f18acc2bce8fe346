//! The pass over the messages, in runs on several threads; then the reactions whose message is not there.

use super::{
    book::Book,
    compose::Context,
    guid::Guid,
    row::{self, MessageRow},
    sides::Sides,
    tapbacks::{self, Kind},
    typedstream::Decoder,
};
use crate::{
    Goes, Nobody, Parted, ReadError, RecordSink, RunSink, Summary, note,
    reading::{
        count::count,
        gaps::Gaps,
        runs::{self, Order, Turn},
        schema::Schema,
        value::{self, Repairs},
    },
};
use rusqlite::params;
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};
use uitlezen_chat::{Body, ConversationNumber, Message};
use uitlezen_evidence::Database;

/// Messages in one run.
pub(super) const RUN: usize = 4_096;
/// Bytes of message rows in one run; a run of giant texts is shorter.
const RUN_BYTES: usize = 16 << 20;
/// Bytes of raw columns kept for one message.
const RAW_BYTES: usize = 64 << 10;
const STATEMENTS: usize = 16;

/// The pass over the messages of one database.
#[derive(Debug)]
pub(super) struct Scan<'s, 'a> {
    pub(super) database: &'s Database,
    pub(super) schema: &'s Schema<'a>,
    pub(super) repairs: &'s Repairs,
    /// Messages that the survey counted, in conversations and all together.
    pub(super) messages: u64,
    pub(super) rows: Option<u64>,
}

/// What every thread of the pass reads by.
#[derive(Debug)]
struct Way<'w> {
    run: String,
    one: String,
    sides: Sides,
    cx: &'w Context<'w>,
    parted: Option<&'w Parted<'w>>,
    /// Only what stays behind is read, and goes nowhere.
    hears: bool,
}

/// Where the pass is. Runs are numbered as they are taken.
#[derive(Debug)]
struct Place {
    last: i64,
    number: u64,
    gaps: Gaps,
    rows: u64,
    over: bool,
}

/// Rows of one run, and why there are no more behind them, if that is an error.
#[derive(Debug)]
struct Run {
    number: u64,
    rows: Vec<MessageRow>,
    stopped: Result<(), ReadError>,
}

/// What runs are given out to.
struct Out<'o, S> {
    sink: &'o mut S,
    summary: &'o mut Summary,
}

impl Scan<'_, '_> {
    /// Gives out every message.
    pub(super) fn run<S: RecordSink + Send>(
        &self,
        cx: &Context<'_>,
        parted: Option<&Parted<'_>>,
        summary: &mut Summary,
        sink: &mut S,
    ) -> Result<(), ReadError> {
        self.pass(cx, parted, false, summary, sink)
    }

    /// Lets what stays behind be heard.
    pub(super) fn hear(&self, cx: &Context<'_>, parted: &Parted<'_>) -> Result<(), ReadError> {
        // What is counted here is counted again when it goes out, and what is in the way now is in the way then.
        self.pass(cx, Some(parted), true, &mut Summary::default(), &mut Nobody)
    }

    fn pass<S: RecordSink + Send>(
        &self,
        cx: &Context<'_>,
        parted: Option<&Parted<'_>>,
        hears: bool,
        summary: &mut Summary,
        sink: &mut S,
    ) -> Result<(), ReadError> {
        let Some((run, one)) = row::statements(self.schema) else { return Ok(()) };
        let sides = match Sides::prepare(self.schema) {
            Ok(sides) => sides,
            Err(error) => {
                note(summary, "attachment", Err(error))?;
                Sides::default()
            }
        };
        summary.oddities.dropped_side_rows += sides.refused();
        let way = Way { run, one, sides, cx, parted, hears };
        let place = Mutex::new(Place { last: i64::MIN, number: 0, gaps: Gaps::default(), rows: 0, over: false });
        let runs = usize::try_from(self.messages).unwrap_or(usize::MAX).div_ceil(RUN);
        let helpers = (0..runs::helpers(runs)).map_while(|_| self.database.another().ok()).collect();
        let order = Order::new(Out { sink, summary });
        let here = || Hand::new(&way, self.database).all(&place, &order);
        let repaired = runs::beside(&order, helpers, here, |database| Hand::new(&way, &database).all(&place, &order))?;
        for repairs in repaired.iter().filter(|_| !hears) {
            self.repairs.add(repairs);
        }
        let place = place.into_inner().unwrap_or_else(PoisonError::into_inner);
        let order = Order::new(order.into_inner());
        let hand = Hand::new(&way, self.database);
        hand.rest(&order)?;
        if !hears {
            self.repairs.add(&hand.repairs);
        }
        let summary = order.into_inner().summary;
        summary.row_gaps = place.gaps.finish(self.schema, "message");
        // The survey may have walked an index. Where that does not hold the rows that the table holds, the file contradicts
        // itself, and nobody can say that every conversation was met.
        if summary.stopped.is_empty() && self.rows.is_some_and(|surveyed| surveyed != place.rows) {
            note(summary, "message", Err(ReadError::Circular))?;
        }
        Ok(())
    }
}

/// One thread of the pass, with its connection.
struct Hand<'h> {
    way: &'h Way<'h>,
    database: &'h Database,
    repairs: Repairs,
}

/// A run on its way out.
struct Giving<'g, 'o, S: RecordSink> {
    order: &'g Order<Out<'o, S>>,
    number: u64,
    turn: Option<Turn<'g, Out<'o, S>>>,
    summary: Summary,
}

impl<S: RecordSink> Giving<'_, '_, S> {
    fn hand_over(&mut self, gathered: &mut S::Run) -> Result<(), ReadError> {
        self.order.wait(self.number, &mut self.turn)?.to.sink.hand_over(gathered).map_err(ReadError::Sink)
    }

    fn end(mut self, gathered: &mut S::Run) -> Result<(), ReadError> {
        self.hand_over(gathered)?;
        let summary = std::mem::take(&mut self.summary);
        self.order.wait(self.number, &mut self.turn)?.to.summary.absorb(summary);
        if let Some(turn) = self.turn {
            self.order.next(turn);
        }
        Ok(())
    }
}

impl<'h> Hand<'h> {
    fn new(way: &'h Way<'h>, database: &'h Database) -> Self {
        database.connection().set_prepared_statement_cache_capacity(STATEMENTS);
        Self { way, database, repairs: Repairs::default() }
    }

    /// Takes runs until there are no more.
    fn all<S: RecordSink>(self, place: &Mutex<Place>, order: &Order<Out<'_, S>>) -> Result<Repairs, ReadError> {
        let (mut gathered, mut decoder) = (S::Run::default(), Decoder::default());
        while let Some(run) = self.take(place) {
            let mut giving = Giving { order, number: run.number, turn: None, summary: Summary::default() };
            note(&mut giving.summary, "message", run.stopped)?;
            self.give(run.rows, false, &mut giving, &mut gathered, &mut decoder)?;
            giving.end(&mut gathered)?;
        }
        Ok(self.repairs)
    }

    /// The next run of rows.
    fn take(&self, place: &Mutex<Place>) -> Option<Run> {
        let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
        if place.over {
            return None;
        }
        self.database.restart_clock();
        let mut rows = Vec::new();
        let stopped = self.collect(place.last, &mut rows);
        match rows.last() {
            Some(end) => place.last = end.id,
            None => place.over = true,
        }
        place.over |= stopped.is_err();
        place.rows += rows.len() as u64;
        for row in &rows {
            place.gaps.meet(row.id);
        }
        if rows.is_empty() && stopped.is_ok() {
            return None;
        }
        let number = place.number;
        place.number += 1;
        Some(Run { number, rows, stopped })
    }

    /// The rows after `last`.
    fn collect(&self, last: i64, into: &mut Vec<MessageRow>) -> Result<(), ReadError> {
        let mut statement = self.database.connection().prepare_cached(&self.way.run)?;
        let mut rows = statement.query(params![last, i64::try_from(RUN).unwrap_or(i64::MAX)])?;
        let (mut weight, mut previous) = (0, last);
        while let Some(row) = rows.next()? {
            let Some(row) = MessageRow::read(row, &self.repairs) else { continue };
            // Row ids rise; a damaged tree may lead back to where the pass has been.
            if row.id <= previous {
                return Err(ReadError::Circular);
            }
            previous = row.id;
            weight += row.weight();
            into.push(row);
            if weight >= RUN_BYTES {
                break;
            }
        }
        Ok(())
    }

    /// What goes out of a conversation.
    fn goes(&self, index: u32) -> Goes {
        self.way.parted.map_or(Goes::Whole, |parted| parted.goes(Book::number(index)))
    }

    /// Puts the messages of one run together and gives them out when it is their turn. `alone` are reactions of which the
    /// message is not there; among others a reaction stands with its message.
    fn give<S: RecordSink>(
        &self,
        rows: Vec<MessageRow>,
        alone: bool,
        giving: &mut Giving<'_, '_, S>,
        gathered: &mut S::Run,
        decoder: &mut Decoder,
    ) -> Result<(), ReadError> {
        let cx = self.way.cx;
        self.database.restart_clock();
        let conn = self.database.connection();
        let (mut window, read) = self.way.sides.window(conn, &rows, &self.repairs, cx.people, cx.places);
        note(&mut giving.summary, "attachment", read)?;
        giving.summary.oddities.dropped_side_rows += window.dropped;
        for row in rows {
            let Some(index) = cx.places.first(row.id) else {
                // Deleted by the holder and not yet wiped: nothing of it is told.
                if !cx.places.is_deleted(row.id) {
                    giving.summary.oddities.dropped_messages += 1;
                }
                continue;
            };
            if !alone
                && let Some(guid) = row.guid.as_deref()
                && !cx.tapbacks.is_empty()
            {
                let guid = Guid::of(guid);
                cx.places.all(row.id).for_each(|index| cx.tapbacks.meet(&guid, index));
            }
            let reaction = matches!(tapbacks::kind(row.associated_type), Kind::Reaction { .. } | Kind::Addition);
            if reaction && !alone && row.associated.is_some() {
                continue;
            }
            if self.way.hears && cx.places.all(row.id).all(|index| self.goes(index) == Goes::Whole) {
                continue;
            }
            let others: Vec<u32> = cx.places.all(row.id).skip(1).collect();
            let guid = (!others.is_empty()).then(|| row.guid.clone()).flatten();
            // Counted for itself where it may stay behind.
            let mut own = Summary::default();
            let whole = self.goes(index) == Goes::Whole && others.is_empty();
            let counts = if whole { &mut giving.summary } else { &mut own };
            let mut message = cx.compose(row, index, &mut window, decoder, counts);
            if matches!(message.body, Body::Unknown { .. }) {
                self.keep_raw(&mut message);
            }
            for other in others {
                let also = cx.also(&message, guid.as_deref(), other);
                self.one(also, other, Summary::default(), giving, gathered)?;
            }
            if whole && !self.way.hears {
                self.out(Book::number(index), message, giving, gathered)?;
            } else {
                self.one(message, index, own, giving, gathered)?;
            }
        }
        Ok(())
    }

    /// A message of a conversation that may stay behind.
    fn one<S: RecordSink>(
        &self,
        message: Box<Message>,
        index: u32,
        mut own: Summary,
        giving: &mut Giving<'_, '_, S>,
        gathered: &mut S::Run,
    ) -> Result<(), ReadError> {
        let number = Book::number(index);
        let goes = self.goes(index);
        if self.way.hears {
            if let Some(parted) = self.way.parted.filter(|_| goes != Goes::Whole) {
                parted.hear(number, &message);
            }
            return Ok(());
        }
        let (number, message) = match self.way.parted {
            _ if goes == Goes::Not => return Ok(()),
            None => (number, message),
            Some(parted) => match parted.message(number, message, &mut own) {
                Some(out) => out,
                None => return Ok(()),
            },
        };
        giving.summary.absorb(own);
        self.give_out(number, message, giving, gathered)
    }

    /// A message of a conversation of which all goes out.
    fn out<S: RecordSink>(
        &self,
        number: ConversationNumber,
        message: Box<Message>,
        giving: &mut Giving<'_, '_, S>,
        gathered: &mut S::Run,
    ) -> Result<(), ReadError> {
        match self.way.parted {
            None => self.give_out(number, message, giving, gathered),
            Some(parted) => match parted.message(number, message, &mut giving.summary) {
                Some((number, message)) => self.give_out(number, message, giving, gathered),
                None => Ok(()),
            },
        }
    }

    fn give_out<S: RecordSink>(
        &self,
        number: ConversationNumber,
        message: Box<Message>,
        giving: &mut Giving<'_, '_, S>,
        gathered: &mut S::Run,
    ) -> Result<(), ReadError> {
        count(&mut giving.summary, &message);
        gathered.message(number, message).map_err(ReadError::Sink)?;
        if gathered.is_full() { giving.hand_over(gathered) } else { Ok(()) }
    }

    /// Reactions whose message was not met.
    fn rest<S: RecordSink>(&self, order: &Order<Out<'_, S>>) -> Result<(), ReadError> {
        let alone = self.way.cx.tapbacks.alone();
        let (mut gathered, mut decoder) = (S::Run::default(), Decoder::default());
        for (number, some) in (0..).zip(alone.chunks(RUN)) {
            let mut giving = Giving { order, number, turn: None, summary: Summary::default() };
            let mut rows = Vec::with_capacity(some.len());
            let read = self.some(some, &mut rows);
            note(&mut giving.summary, "message", read)?;
            self.give(rows, true, &mut giving, &mut gathered, &mut decoder)?;
            giving.end(&mut gathered)?;
        }
        Ok(())
    }

    fn some(&self, ids: &[i64], into: &mut Vec<MessageRow>) -> Result<(), ReadError> {
        self.database.restart_clock();
        let mut one = self.database.connection().prepare_cached(&self.way.one)?;
        for id in ids {
            let mut rows = one.query([id])?;
            if let Some(row) = rows.next()? {
                into.extend(MessageRow::read(row, &self.repairs));
            }
        }
        Ok(())
    }

    /// Keeps the whole row of a message that is not interpreted.
    fn keep_raw(&self, message: &mut Message) {
        let Body::Unknown { raw, .. } = &mut message.body else { return };
        let read = || -> Result<BTreeMap<String, String>, ReadError> {
            let mut statement = self.database.connection().prepare_cached("SELECT * FROM message WHERE rowid = ?1")?;
            let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
            let mut found = BTreeMap::new();
            let mut rows = statement.query(params![message.source.row])?;
            if let Some(row) = rows.next()? {
                let mut left = RAW_BYTES;
                for (column, name) in names.into_iter().enumerate() {
                    let Some(text) = value::raw(&self.repairs, row, column).filter(|t| t.len() <= left && t != "0") else {
                        continue;
                    };
                    left -= text.len();
                    found.insert(name, text);
                }
            }
            Ok(found)
        };
        if let Ok(found) = read() {
            raw.extend(found);
        }
    }
}
