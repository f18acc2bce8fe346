//! The pass over the messages, in runs.

use super::{
    Goes, MessageTable, Nobody, Parted, ReadError, RecordSink, RunSink, Scope, Summary,
    compose::{Composed, Context},
    gaps::Gaps,
    kept,
    merge::Merge,
    note,
    row::{self, MessageRow},
    runs::{self, Order},
    schema::Schema,
    sides::Sides,
    value::{self, Repairs},
    window::Window,
};
use crate::{
    reading::count::count,
    whatsapp::{backup::IncrementSet, parties::book::Asked},
};
use rusqlite::params;
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};
use uitlezen_chat::{Body, Message};
use uitlezen_evidence::Database;

/// Messages in one run.
pub(crate) const RUN: usize = 8_192;
/// Bytes of message rows in one run; a run of giant texts is shorter.
const RUN_BYTES: usize = 16 << 20;
/// Bytes of raw columns kept for one message.
const RAW_BYTES: usize = 64 << 10;

/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 96;

/// The pass over the messages of one database.
#[derive(Debug)]
pub(crate) struct Scan<'s, 'a> {
    pub database: &'s Database,
    pub schema: &'s Schema<'a>,
    pub repairs: &'s Repairs,
    pub table: MessageTable,
    pub scope: &'s Scope,
}

/// What every thread of the pass reads by.
#[derive(Debug)]
struct Way<'w> {
    table: MessageTable,
    sql: String,
    sides: Sides,
    cx: &'w Context<'w>,
    increments: Option<&'w IncrementSet>,
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
struct Out<'o, 'm, S> {
    sink: &'o mut S,
    summary: &'o mut Summary,
    merge: Option<&'o mut Merge<'m>>,
}

impl Scan<'_, '_> {
    /// Gives out every message. Increments, where there are any, are merged in the order of the messages.
    pub(crate) fn run<S: RecordSink + Send>(
        &self,
        cx: &Context<'_>,
        merge: Option<&mut Merge<'_>>,
        parted: Option<&Parted<'_>>,
        summary: &mut Summary,
        sink: &mut S,
    ) -> Result<(), ReadError> {
        self.pass(cx, merge, parted, false, summary, sink)
    }

    /// Lets what stays behind be heard.
    pub(crate) fn hear(
        &self,
        cx: &Context<'_>,
        merge: Option<&mut Merge<'_>>,
        summary: &mut Summary,
        parted: &Parted<'_>,
    ) -> Result<(), ReadError> {
        self.pass(cx, merge, Some(parted), true, summary, &mut Nobody)
    }

    fn pass<S: RecordSink + Send>(
        &self,
        cx: &Context<'_>,
        merge: Option<&mut Merge<'_>>,
        parted: Option<&Parted<'_>>,
        hears: bool,
        summary: &mut Summary,
        sink: &mut S,
    ) -> Result<(), ReadError> {
        let Some(sql) = row::statement(self.schema, self.table) else { return Ok(()) };
        let sides = match Sides::prepare(self.schema, self.table, self.scope) {
            Ok(sides) => sides,
            Err(error) => {
                note(summary, "message_*", Err(error))?;
                Sides::default()
            }
        };
        summary.oddities.dropped_side_rows += sides.refused();
        let way = Way { table: self.table, sql, sides, cx, increments: merge.as_deref().map(Merge::set), parted, hears };
        let place = Mutex::new(Place { last: i64::MIN, number: 0, gaps: Gaps::default(), rows: 0, over: false });
        let runs = usize::try_from(cx.book.messages()).unwrap_or(usize::MAX).div_ceil(RUN);
        let helpers = (0..runs::helpers(runs)).map_while(|_| self.database.another().ok()).collect();
        let order = Order::new(Out { sink, summary, merge });
        let here = || Hand::new(&way, self.database).all(&place, &order);
        let repaired = runs::beside(&order, helpers, here, |database| Hand::new(&way, &database).all(&place, &order))?;
        for repairs in repaired.iter().filter(|_| !hears) {
            self.repairs.add(repairs);
        }
        let place = place.into_inner().unwrap_or_else(PoisonError::into_inner);
        let summary = order.into_inner().summary;
        summary.row_gaps = place.gaps.finish(self.schema, self.table.name());
        // The survey may have walked an index. Where that does not hold the rows that the table holds, the file contradicts
        // itself, and nobody can say that every conversation was met.
        if summary.stopped.is_empty() && cx.book.rows_surveyed.is_some_and(|surveyed| surveyed != place.rows) {
            note(summary, self.table.name(), Err(ReadError::Circular))?;
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

impl<'h> Hand<'h> {
    fn new(way: &'h Way<'h>, database: &'h Database) -> Self {
        database.connection().set_prepared_statement_cache_capacity(STATEMENTS);
        Self { way, database, repairs: Repairs::default() }
    }

    /// Takes runs until there are no more.
    fn all<S: RecordSink>(self, place: &Mutex<Place>, order: &Order<Out<'_, '_, S>>) -> Result<Repairs, ReadError> {
        let mut gathered = S::Run::default();
        while let Some(run) = self.take(place) {
            self.give(run, order, &mut gathered)?;
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
        if self.way.hears {
            rows.retain(|row| self.goes(row).is_some_and(|goes| goes != Goes::Whole));
        }
        let number = place.number;
        place.number += 1;
        Some(Run { number, rows, stopped })
    }

    /// What goes out of the conversation of a row; nothing for a conversation that is not read.
    fn goes(&self, row: &MessageRow) -> Option<Goes> {
        let Some(parted) = self.way.parted else { return Some(Goes::Whole) };
        let cx = self.way.cx;
        cx.entry_of(row).and_then(|at| cx.book.get(at)?.number).map(|number| parted.goes(number))
    }

    /// The rows after `last`.
    fn collect(&self, last: i64, into: &mut Vec<MessageRow>) -> Result<(), ReadError> {
        let mut statement = self.database.connection().prepare_cached(&self.way.sql)?;
        let mut rows = statement.query(params![last, i64::try_from(RUN).unwrap_or(i64::MAX)])?;
        let (mut weight, mut previous) = (0, last);
        while let Some(row) = rows.next()? {
            let Some(row) = MessageRow::read(self.way.table, row, &self.repairs) else { continue };
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

    /// Puts the messages of one run together and gives them out when it is their turn.
    fn give<S: RecordSink>(&self, run: Run, order: &Order<Out<'_, '_, S>>, gathered: &mut S::Run) -> Result<(), ReadError> {
        let (cx, sides) = (self.way.cx, &self.way.sides);
        let mut summary = Summary::default();
        note(&mut summary, self.way.table.name(), run.stopped)?;
        let mut turn = None;
        let mut window = self.window(&run.rows, &mut summary)?;
        for row in run.rows {
            if row.is_dummy() {
                continue;
            }
            let Some(entry) = cx.entry_of(&row) else {
                summary.oddities.dropped_messages += 1;
                continue;
            };
            let goes = self.goes(&row);
            if goes == Some(Goes::Not) && !self.way.hears {
                continue;
            }
            // Counted for itself where it may stay behind.
            let mut own = (goes == Some(Goes::InPart)).then(Summary::default);
            let told = self.way.increments.filter(|set| set.has(&row.key)).map(|_| (row.from_me, row.key.clone()));
            let beside = window.kept.take_all(row.id);
            let counts = own.as_mut().unwrap_or(&mut summary);
            let uninterpreted = kept::record(beside, &sides.kept.by_message, cx.jids, counts);
            let composed = cx.compose(row, &mut window, &sides.kept.by_addition, counts);
            let Some(Composed { mut number, mut message }) = composed else {
                // One that is asked for has no number where the survey met none of its messages: index and table differ.
                if cx.book.get(entry).is_some_and(|entry| entry.asked == Asked::Yes && entry.number.is_none()) {
                    summary.oddities.dropped_messages += 1;
                }
                continue;
            };
            message.uninterpreted = uninterpreted;
            if matches!(message.body, Body::Unknown { .. }) {
                self.keep_raw(&mut message);
            }
            if let Some((from_me, key)) = told
                && let Some(merge) = &mut order.wait(run.number, &mut turn)?.to.merge
            {
                *message = merge.over(cx, entry, from_me, &key, *message, own.as_mut().unwrap_or(&mut summary));
            }
            if let Some(parted) = self.way.parted {
                if self.way.hears {
                    parted.hear(number, &message);
                    continue;
                }
                let Some(out) = parted.message(number, message, own.as_mut().unwrap_or(&mut summary)) else { continue };
                (number, message) = out;
            }
            if let Some(own) = own {
                summary.absorb(own);
            }
            count(&mut summary, &message);
            gathered.message(number, message).map_err(ReadError::Sink)?;
            if gathered.is_full() {
                order.wait(run.number, &mut turn)?.to.sink.hand_over(gathered).map_err(ReadError::Sink)?;
            }
        }
        let out = &mut order.wait(run.number, &mut turn)?.to;
        out.sink.hand_over(gathered).map_err(ReadError::Sink)?;
        out.summary.absorb(summary);
        if let Some(turn) = turn {
            order.next(turn);
        }
        Ok(())
    }

    /// What the other tables hold about these rows.
    fn window(&self, rows: &[MessageRow], summary: &mut Summary) -> Result<Window, ReadError> {
        let (Some(first), Some(end)) = (rows.first(), rows.last()) else { return Ok(Window::default()) };
        let mut quotes: Vec<i64> = rows.iter().filter_map(|r| r.legacy.as_ref()?.quoted_row).collect();
        quotes.sort_unstable();
        quotes.dedup();
        self.database.restart_clock();
        let conn = self.database.connection();
        let mut window = Window::load(&self.way.sides, conn, &self.repairs, (first.id, end.id), &quotes);
        for (table, error) in window.failed.drain(..) {
            note(summary, &table, Err(error))?;
        }
        summary.oddities.dropped_side_rows += window.dropped;
        Ok(window)
    }

    /// Keeps the whole row of a message that is not interpreted.
    fn keep_raw(&self, message: &mut Message) {
        let Body::Unknown { raw, .. } = &mut message.body else { return };
        let read = || -> Result<BTreeMap<String, String>, ReadError> {
            let sql = format!("SELECT * FROM {} WHERE _id = ?1", self.way.table.name());
            let mut statement = self.database.connection().prepare_cached(&sql)?;
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
            *raw = found;
        }
    }
}

/// Gives out what only the increments hold, after everything that the database holds.
pub(crate) fn give_rest<S: RecordSink>(
    merge: &Merge<'_>,
    cx: &Context<'_>,
    parted: Option<&Parted<'_>>,
    summary: &mut Summary,
    sink: &mut S,
) -> Result<(), ReadError> {
    let mut gathered = S::Run::default();
    for (entry, message) in merge.rest(cx, summary) {
        let Some(number) = cx.book.get(entry).and_then(|e| e.number) else {
            // A status or a channel: not asked for, as in the database.
            summary.increments.new -= 1;
            continue;
        };
        let (number, message) = match parted {
            None => (number, Box::new(message)),
            Some(parted) => {
                let Some(out) = parted.message(number, Box::new(message), &mut Summary::default()) else {
                    summary.increments.new -= 1;
                    continue;
                };
                out
            }
        };
        for attachment in &message.attachments {
            summary.names_file(&attachment.state);
        }
        if let Body::Unknown { code, .. } = &message.body {
            *summary.unknown_types.entry(*code).or_default() += 1;
        }
        summary.revoked += u64::from(matches!(message.body, Body::Revoked(_)));
        count(summary, &message);
        gathered.message(number, message).map_err(ReadError::Sink)?;
        if gathered.is_full() {
            sink.hand_over(&mut gathered).map_err(ReadError::Sink)?;
        }
    }
    sink.hand_over(&mut gathered).map_err(ReadError::Sink)
}
