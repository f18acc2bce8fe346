//! The pass over the messages of one table, in runs on several threads: what two readers would otherwise each write.
//!
//! A [`Composer`] knows the table: how to ask for rows, what to fetch beside a run of them, and what record a row is. Rows go by
//! in the order of their ids, each run is put together beside others, and all is given out in order.

use super::{
    count::count,
    gaps::Gaps,
    runs::{self, Order, Turn},
    value::{self, Repairs},
};
use crate::{Goes, Nobody, Parted, ReadError, RecordSink, RunSink, Summary, note};
use rusqlite::{Connection, Row, params};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};
use uitlezen_chat::{Body, ConversationNumber, Message};
use uitlezen_evidence::Database;

/// Messages in one run.
pub(crate) const RUN: usize = 4_096;
/// Bytes of message rows in one run; a run of giant texts is shorter.
const RUN_BYTES: usize = 16 << 20;
/// Bytes of raw columns kept for one message.
const RAW_BYTES: usize = 64 << 10;
const STATEMENTS: usize = 24;

/// Where a row goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    In(ConversationNumber),
    /// Its conversation was not asked for.
    NotAsked,
    /// There is no conversation for it.
    Nowhere,
}

/// One table of messages.
pub(crate) trait Composer: Sync {
    type Row: Send;
    type Window;

    fn table(&self) -> &'static str;
    /// The rows behind `?1`, at most `?2`, in the order of their ids.
    fn statement(&self) -> &str;
    /// The whole row `?1`, for what is not interpreted.
    fn whole_row(&self) -> &str;
    fn read(&self, row: &Row<'_>, repairs: &Repairs) -> Option<Self::Row>;
    fn id(row: &Self::Row) -> i64;
    /// Bytes that it holds.
    fn weight(row: &Self::Row) -> usize;
    /// What other tables hold about these rows.
    fn window(
        &self,
        conn: &Connection,
        rows: &[Self::Row],
        repairs: &Repairs,
        summary: &mut Summary,
    ) -> Result<Self::Window, ReadError>;
    fn place(&self, row: &Self::Row) -> Place;
    fn compose(&self, row: Self::Row, window: &mut Self::Window, summary: &mut Summary) -> Box<Message>;
}

/// The pass over one table.
#[derive(Debug)]
pub(crate) struct Pass<'p, C> {
    pub(crate) database: &'p Database,
    pub(crate) repairs: &'p Repairs,
    pub(crate) composer: &'p C,
    /// Rows that the survey met, if it came to its end.
    pub(crate) rows: Option<u64>,
    pub(crate) parted: Option<&'p Parted<'p>>,
}

/// Where the pass is. Runs are numbered as they are taken.
#[derive(Debug)]
struct Position {
    last: i64,
    number: u64,
    gaps: Gaps,
    rows: u64,
    over: bool,
}

/// Rows of one run, and why there are no more behind them, if that is an error.
#[derive(Debug)]
struct Run<R> {
    number: u64,
    rows: Vec<R>,
    stopped: Result<(), ReadError>,
}

/// What runs are given out to.
struct Out<'o, S> {
    sink: &'o mut S,
    summary: &'o mut Summary,
}

impl<C: Composer> Pass<'_, C> {
    /// Gives out every message; answers which row ids had none.
    pub(crate) fn run<S: RecordSink + Send>(&self, summary: &mut Summary, sink: &mut S) -> Result<Gaps, ReadError> {
        self.pass(false, summary, sink)
    }

    /// Lets what stays behind be heard.
    pub(crate) fn hear(&self) -> Result<(), ReadError> {
        // What is counted here is counted again when it goes out, and what is in the way now is in the way then.
        self.pass(true, &mut Summary::default(), &mut Nobody).map(drop)
    }

    fn pass<S: RecordSink + Send>(&self, hears: bool, summary: &mut Summary, sink: &mut S) -> Result<Gaps, ReadError> {
        let position = Mutex::new(Position { last: i64::MIN, number: 0, gaps: Gaps::default(), rows: 0, over: false });
        let runs = usize::try_from(self.rows.unwrap_or(0)).unwrap_or(usize::MAX).div_ceil(RUN);
        let helpers = (0..runs::helpers(runs)).map_while(|_| self.database.another().ok()).collect();
        let order = Order::new(Out { sink, summary });
        let way = Way { composer: self.composer, parted: self.parted, hears };
        let here = || Hand::new(way, self.database).all(&position, &order);
        let there = |database: Database| Hand::new(way, &database).all(&position, &order);
        let repaired = runs::beside(&order, helpers, here, there)?;
        for repairs in repaired.iter().filter(|_| !hears) {
            self.repairs.add(repairs);
        }
        let position = position.into_inner().unwrap_or_else(PoisonError::into_inner);
        let summary = order.into_inner().summary;
        // The survey may have walked an index. Where that does not hold the rows that the table holds, the file contradicts
        // itself, and nobody can say that every conversation was met.
        if summary.stopped.is_empty() && self.rows.is_some_and(|surveyed| surveyed != position.rows) {
            note(summary, self.composer.table(), Err(ReadError::Circular))?;
        }
        Ok(position.gaps)
    }

    /// Gives out (or lets hear) records that stand in no row of the table.
    pub(crate) fn more<S: RecordSink>(
        &self,
        hears: bool,
        records: impl Iterator<Item = (ConversationNumber, Box<Message>)>,
        summary: &mut Summary,
        sink: &mut S,
    ) -> Result<(), ReadError> {
        let mut gathered = S::Run::default();
        for (number, message) in records {
            if let Some((number, message)) = out(self.parted, hears, number, message, Summary::default(), summary) {
                count(summary, &message);
                gathered.message(number, message).map_err(ReadError::Sink)?;
                if gathered.is_full() {
                    sink.hand_over(&mut gathered).map_err(ReadError::Sink)?;
                }
            }
        }
        sink.hand_over(&mut gathered).map_err(ReadError::Sink)
    }
}

/// What of a message goes out, and under which number. `own` was counted for it alone, and counts when it goes.
fn out(
    parted: Option<&Parted<'_>>,
    hears: bool,
    number: ConversationNumber,
    message: Box<Message>,
    mut own: Summary,
    summary: &mut Summary,
) -> Option<(ConversationNumber, Box<Message>)> {
    let goes = parted.map_or(Goes::Whole, |parted| parted.goes(number));
    if hears {
        if let Some(parted) = parted.filter(|_| goes != Goes::Whole) {
            parted.hear(number, &message);
        }
        return None;
    }
    let given = match parted {
        _ if goes == Goes::Not => return None,
        None => (number, message),
        Some(parted) => parted.message(number, message, &mut own)?,
    };
    summary.absorb(own);
    Some(given)
}

/// What every thread of the pass goes by.
struct Way<'w, C> {
    composer: &'w C,
    parted: Option<&'w Parted<'w>>,
    hears: bool,
}

impl<C> Clone for Way<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Way<'_, C> {}

/// One thread of the pass, with its connection.
struct Hand<'h, C> {
    way: Way<'h, C>,
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

impl<'h, C: Composer> Hand<'h, C> {
    fn new(way: Way<'h, C>, database: &'h Database) -> Self {
        database.connection().set_prepared_statement_cache_capacity(STATEMENTS);
        Self { way, database, repairs: Repairs::default() }
    }

    /// Takes runs until there are no more.
    fn all<S: RecordSink>(self, position: &Mutex<Position>, order: &Order<Out<'_, S>>) -> Result<Repairs, ReadError> {
        let mut gathered = S::Run::default();
        while let Some(run) = self.take(position) {
            let mut giving = Giving { order, number: run.number, turn: None, summary: Summary::default() };
            note(&mut giving.summary, self.way.composer.table(), run.stopped)?;
            self.give(run.rows, &mut giving, &mut gathered)?;
            giving.end(&mut gathered)?;
        }
        Ok(self.repairs)
    }

    /// The next run of rows.
    fn take(&self, position: &Mutex<Position>) -> Option<Run<C::Row>> {
        let mut position = position.lock().unwrap_or_else(PoisonError::into_inner);
        if position.over {
            return None;
        }
        self.database.restart_clock();
        let mut rows = Vec::new();
        let stopped = self.collect(position.last, &mut rows);
        match rows.last() {
            Some(end) => position.last = C::id(end),
            None => position.over = true,
        }
        position.over |= stopped.is_err();
        position.rows += rows.len() as u64;
        for row in &rows {
            position.gaps.meet(C::id(row));
        }
        if rows.is_empty() && stopped.is_ok() {
            return None;
        }
        let number = position.number;
        position.number += 1;
        Some(Run { number, rows, stopped })
    }

    /// The rows after `last`.
    fn collect(&self, last: i64, into: &mut Vec<C::Row>) -> Result<(), ReadError> {
        let mut statement = self.database.connection().prepare_cached(self.way.composer.statement())?;
        let mut rows = statement.query(params![last, i64::try_from(RUN).unwrap_or(i64::MAX)])?;
        let (mut weight, mut previous) = (0, last);
        while let Some(row) = rows.next()? {
            let Some(row) = self.way.composer.read(row, &self.repairs) else { continue };
            // Row ids rise; a damaged tree may lead back to where the pass has been.
            let id = C::id(&row);
            if id <= previous {
                return Err(ReadError::Circular);
            }
            previous = id;
            weight += C::weight(&row);
            into.push(row);
            if weight >= RUN_BYTES {
                break;
            }
        }
        Ok(())
    }

    /// Puts the messages of one run together and gives them out when it is their turn.
    fn give<S: RecordSink>(
        &self,
        rows: Vec<C::Row>,
        giving: &mut Giving<'_, '_, S>,
        gathered: &mut S::Run,
    ) -> Result<(), ReadError> {
        let composer = self.way.composer;
        self.database.restart_clock();
        let mut window = composer.window(self.database.connection(), &rows, &self.repairs, &mut giving.summary)?;
        let parted = self.way.parted;
        for row in rows {
            let number = match composer.place(&row) {
                Place::In(number) => number,
                Place::NotAsked => continue,
                Place::Nowhere => {
                    giving.summary.oddities.dropped_messages += 1;
                    continue;
                }
            };
            let goes = parted.map_or(Goes::Whole, |parted| parted.goes(number));
            if goes == if self.way.hears { Goes::Whole } else { Goes::Not } {
                continue;
            }
            // Counted for itself where it may stay behind.
            let mut own = Summary::default();
            let counts = if goes == Goes::Whole { &mut giving.summary } else { &mut own };
            let mut message = composer.compose(row, &mut window, counts);
            if matches!(message.body, Body::Unknown { .. }) {
                self.keep_raw(&mut message);
            }
            let given = match parted {
                // Also of a conversation that goes whole something may be taken away: what repeats elsewhere what stays behind.
                Some(by) if goes == Goes::Whole => by.message(number, message, &mut giving.summary),
                _ => out(parted, self.way.hears, number, message, own, &mut giving.summary),
            };
            if let Some((number, message)) = given {
                count(&mut giving.summary, &message);
                gathered.message(number, message).map_err(ReadError::Sink)?;
                if gathered.is_full() {
                    giving.hand_over(gathered)?;
                }
            }
        }
        Ok(())
    }

    /// Keeps the whole row of a message that is not interpreted.
    fn keep_raw(&self, message: &mut Message) {
        let Body::Unknown { raw, .. } = &mut message.body else { return };
        let read = || -> Result<BTreeMap<String, String>, ReadError> {
            let mut statement = self.database.connection().prepare_cached(self.way.composer.whole_row())?;
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
