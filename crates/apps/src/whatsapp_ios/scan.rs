//! The passes over the messages: who occurs where, what stays behind, and the records.

use super::{
    book::Book,
    compose::{self, Context, Link},
    people::People,
    row::{self, MessageRow},
};
use crate::{
    Goes, Parted, ReadError, RecordSink, RunSink, Summary, note,
    reading::{
        count::count,
        gaps::Gaps,
        rows::Rows,
        schema::{Schema, Side},
        value::{self, Repairs},
    },
};
use foldhash::{HashMap, HashSet};
use rusqlite::params;
use uitlezen_chat::{EvidenceId, Message};
use uitlezen_evidence::Database;

/// Messages in one window, and bytes of their rows.
const WINDOW: usize = 4_096;
const WINDOW_BYTES: usize = 16 << 20;
/// Links of one window.
const MOST_LINKS: usize = 1 << 16;
/// Message ids that are held against each other.
const MOST_IDS: usize = 16_000_000;

/// The passes over the messages of one database.
#[derive(Debug)]
pub(super) struct Scan<'s, 'a> {
    pub(super) database: &'s Database,
    pub(super) schema: &'s Schema<'a>,
    pub(super) repairs: &'s Repairs,
    pub(super) item: EvidenceId,
}

/// Where a pass is.
struct Walk {
    sql: Option<String>,
    last: i64,
    over: bool,
}

impl Scan<'_, '_> {
    fn walk(&self) -> Walk {
        Walk { sql: row::statement(self.schema), last: i64::MIN, over: false }
    }

    /// The next rows; an error after some of them ends the pass behind them.
    fn next(&self, walk: &mut Walk, into: &mut Vec<MessageRow>) -> Result<bool, ReadError> {
        into.clear();
        let Some(sql) = walk.sql.as_deref().filter(|_| !walk.over) else { return Ok(false) };
        self.database.restart_clock();
        let read = self.window(sql, walk.last, into);
        walk.over = read.is_err() || into.is_empty();
        walk.last = into.last().map_or(walk.last, |row| row.id);
        read.map(|()| !into.is_empty())
    }

    fn window(&self, sql: &str, last: i64, into: &mut Vec<MessageRow>) -> Result<(), ReadError> {
        let mut statement = self.schema.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params![last, i64::try_from(WINDOW).unwrap_or(i64::MAX)])?;
        let (mut weight, mut previous) = (0, last);
        while let Some(row) = rows.next()? {
            let Some(row) = MessageRow::read(row, self.repairs) else { continue };
            // Row ids rise; a damaged tree may lead back to where the pass has been.
            if row.id <= previous {
                return Err(ReadError::Circular);
            }
            previous = row.id;
            weight += row.weight();
            into.push(row);
            if weight >= WINDOW_BYTES {
                break;
            }
        }
        Ok(())
    }

    /// Meets everybody; answers which rows have a message id that stands twice in their conversation.
    pub(super) fn survey(&self, book: &mut Book, people: &mut People, summary: &mut Summary) -> Result<HashSet<i64>, ReadError> {
        let (mut walk, mut window) = (self.walk(), Vec::new());
        let (mut ids, mut twice) = (HashMap::<u64, i64>::default(), HashSet::default());
        let hasher = foldhash::fast::RandomState::default();
        loop {
            let more = self.next(&mut walk, &mut window);
            for row in &window {
                let Some(index) = book.place(row, self.item, summary) else { continue };
                if let Some(entry) = book.entries.get_mut(index) {
                    entry.messages += 1;
                }
                if let Some(stanza) = row.stanza.as_deref()
                    && ids.len() < MOST_IDS
                {
                    let key = std::hash::BuildHasher::hash_one(&hasher, (index, stanza));
                    if let Some(first) = ids.insert(key, row.id) {
                        summary.oddities.duplicate_keys += 1;
                        twice.extend([first, row.id]);
                    }
                }
                compose::meet(row, index, self.item, book, people);
            }
            match more {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    note(summary, "ZWAMESSAGE", Err(error))?;
                    break;
                }
            }
        }
        Ok(twice)
    }

    /// Lets what stays behind be heard.
    pub(super) fn hear(&self, cx: &Context<'_>, parted: &Parted<'_>) -> Result<(), ReadError> {
        // What is counted here is counted again when it goes out.
        let mut nothing = Summary::default();
        self.pass(cx, &mut nothing, |number, message, _| {
            if parted.goes(number) != Goes::Whole {
                parted.hear(number, &message);
            }
            Ok(())
        })
    }

    /// Gives out every message.
    pub(super) fn give<S: RecordSink>(
        &self,
        cx: &Context<'_>,
        parted: Option<&Parted<'_>>,
        summary: &mut Summary,
        sink: &mut S,
    ) -> Result<(), ReadError> {
        let mut run = S::Run::default();
        self.pass(cx, summary, |number, message, summary| {
            // Counted for itself where it may stay behind.
            let (number, message) = match parted {
                None => (number, message),
                Some(parted) => match parted.message(number, message, summary) {
                    Some(out) => out,
                    None => {
                        *summary = Summary::default();
                        return Ok(());
                    }
                },
            };
            count(summary, &message);
            run.message(number, message).map_err(ReadError::Sink)?;
            if run.is_full() { sink.hand_over(&mut run).map_err(ReadError::Sink) } else { Ok(()) }
        })?;
        sink.hand_over(&mut run).map_err(ReadError::Sink)
    }

    fn pass(
        &self,
        cx: &Context<'_>,
        summary: &mut Summary,
        mut each: impl FnMut(uitlezen_chat::ConversationNumber, Box<Message>, &mut Summary) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let side = self.links(summary)?;
        let (mut walk, mut window) = (self.walk(), Vec::new());
        let mut gaps = Gaps::default();
        loop {
            let more = self.next(&mut walk, &mut window);
            let mut links = Rows::default();
            if let (Some(side), Some(first), Some(last)) = (&side, window.first(), window.last()) {
                let read = self.linked(side, first.id, last.id, summary).map(|found| links = Rows::of(found));
                note(summary, "ZWAMESSAGEDATAITEM", read)?;
            }
            for row in window.drain(..) {
                gaps.meet(row.id);
                let Some((index, entry)) = cx.book.find(&row).and_then(|i| Some((i, cx.book.entries.get(i)?))) else {
                    summary.oddities.dropped_messages += 1;
                    continue;
                };
                // Not asked for, and counted with its conversation.
                let Some(number) = entry.number else { continue };
                let mut own = Summary::default();
                let message = cx.compose(row, index, entry, &mut links, &mut own);
                each(number, message, &mut own)?;
                summary.absorb(own);
            }
            match more {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    note(summary, "ZWAMESSAGE", Err(error))?;
                    break;
                }
            }
        }
        summary.row_gaps = gaps.finish(self.schema, "zwamessage");
        Ok(())
    }

    fn links(&self, summary: &mut Summary) -> Result<Option<Side>, ReadError> {
        let wanted = ["zmatchedtext", "ztitle", "zcontent1", "zcontent2", "zsummary", "ztype"];
        let Some(columns) = self.schema.columns("zwamessagedataitem", "s", &wanted) else { return Ok(None) };
        match Side::new(self.schema, "zwamessagedataitem", "zmessage", &columns, "") {
            Ok(side) => {
                summary.oddities.dropped_side_rows += side.as_ref().map_or(0, Side::refused);
                Ok(side)
            }
            Err(error) => note(summary, "ZWAMESSAGEDATAITEM", Err(error)).map(|()| None),
        }
    }

    fn linked(&self, side: &Side, from: i64, to: i64, summary: &mut Summary) -> Result<Vec<(i64, i64, Option<Link>)>, ReadError> {
        let mut found = Vec::new();
        side.between(self.schema.conn, from, to, |message, row| {
            if found.len() >= MOST_LINKS {
                summary.oddities.dropped_side_rows += 1;
                return false;
            }
            let names = [
                (3, "ZWAMESSAGEDATAITEM.ZCONTENT1"),
                (4, "ZWAMESSAGEDATAITEM.ZCONTENT2"),
                (5, "ZWAMESSAGEDATAITEM.ZSUMMARY"),
                (6, "ZWAMESSAGEDATAITEM.ZTYPE"),
            ];
            let raw = names.iter().filter_map(|(at, name)| Some((*name, value::raw(self.repairs, row, *at)?))).collect();
            let link = Link { url: self.repairs.text(row, 1), title: self.repairs.text(row, 2), raw };
            found.push((message, value::int(row, 7).unwrap_or(0), Some(link)));
            true
        })?;
        found.sort_by_key(|(message, row, _)| (*message, *row));
        Ok(found)
    }
}
