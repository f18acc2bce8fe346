//! The first pass over the messages: how many each conversation has, who sent in it, which keys repeat.
//!
//! Nothing can be given out before it has ended, so it is made on several threads where that can be: WhatsApp's own index over
//! the keys begins with the conversation and holds all that is asked here, so each thread walks stretches of conversations of
//! it. What a thread meets is counted, put by row id, or sorted, so it does not matter where a stretch ends or who walks it.
//! Where anything is out of the ordinary (no such index, a message of no known conversation, damage, too many of anything)
//! all of that is dropped, and one thread makes the whole pass in the order of the file.

use super::{
    MessageTable, ReadError,
    places::Places,
    runs::{self, Order},
    scan::RUN,
    survey::Survey,
    value::{self, Repairs},
};
use crate::whatsapp::parties::book::{Book, key_hash, source};
use foldhash::HashMap;
use rusqlite::{Row, params_from_iter};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use uitlezen_chat::ConversationKind;
use uitlezen_evidence::Database;

/// Message keys compared for repetition: 8 bytes each while the pass runs.
const MOST_KEYS: usize = 16_000_000;
/// Senders by conversation that are put in the order of their first messages; more of them stand in the order of the pass.
const MOST_MET: usize = 1_000_000;
/// Messages of the holder that are looked at for what they say of the author.
const ENOUGH: usize = 20_000;
/// Of a database with higher row ids one thread makes the pass.
const MOST_DIVIDED: i64 = 4_000_000;
/// Messages that are asked for their conversation, to know where the index divides into stretches of like length.
const SAMPLES: usize = 64;
/// Of so many samples a stretch is made.
const SAMPLES_A_STRETCH: usize = 4;

/// What the pass, or one thread of it, has met.
#[derive(Debug, Default)]
pub(super) struct Met {
    /// Rows, placeholders among them.
    pub passed: u64,
    /// The app's own placeholders.
    pub dummies: u64,
    pub places: Places,
    /// Messages by entry.
    pub messages: Vec<u64>,
    pub hashes: Vec<u64>,
    /// Entry and sender, by the row id of the first message: an index has an order of its own.
    pub first: HashMap<(usize, i64), i64>,
    /// Messages of the holder in groups that name a sender: row id and sender.
    pub own: Vec<(i64, i64)>,
}

/// One message as the pass sees it.
#[derive(Debug)]
struct Passing {
    id: i64,
    entry: usize,
    from_me: bool,
    hash: u64,
    sender: Option<i64>,
}

/// What of a message did not fit.
#[derive(Debug, Default, PartialEq, Eq)]
struct Spilt {
    /// Another message stood at its row id.
    place: bool,
    hash: bool,
    sender: bool,
}

impl Met {
    fn take(&mut self, book: &Book, message: &Passing) -> Spilt {
        let &Passing { id, entry, from_me, hash, sender } = message;
        let mut spilt = Spilt { place: !self.places.put(id, entry), ..Spilt::default() };
        if entry >= self.messages.len() {
            self.messages.resize(entry + 1, 0);
        }
        if let Some(count) = self.messages.get_mut(entry) {
            *count += 1;
        }
        if self.hashes.len() < MOST_KEYS {
            self.hashes.push(hash);
        } else {
            spilt.hash = true;
        }
        let Some(sender) = sender else { return spilt };
        if self.first.len() < MOST_MET {
            let first = self.first.entry((entry, sender)).or_insert(id);
            *first = id.min(*first);
        } else {
            spilt.sender = true;
        }
        // In a list of recipients the field names the list, so only groups count.
        if from_me
            && self.own.len() < ENOUGH
            && book.get(entry).is_some_and(|e| matches!(e.kind, ConversationKind::Group | ConversationKind::Community))
        {
            self.own.push((id, sender));
        }
        spilt
    }

    /// Adds what another thread met, but for the holder's own messages. `false` when the two together are not what one
    /// thread would have met.
    fn join(&mut self, other: Self) -> bool {
        self.passed += other.passed;
        self.dummies += other.dummies;
        if other.messages.len() > self.messages.len() {
            self.messages.resize(other.messages.len(), 0);
        }
        for (count, more) in self.messages.iter_mut().zip(other.messages) {
            *count += more;
        }
        self.hashes.extend(other.hashes);
        for (who, id) in other.first {
            let first = self.first.entry(who).or_insert(id);
            *first = id.min(*first);
        }
        self.places.join(&other.places) && self.hashes.len() <= MOST_KEYS && self.first.len() < MOST_MET
    }
}

/// Conversations that stand beside each other in the index.
#[derive(Debug)]
struct Stretch {
    /// Its place in the index.
    number: usize,
    sql: String,
    bounds: Vec<i64>,
    /// Samples in it.
    weight: usize,
}

/// What the threads of the pass share.
struct Walk<'w> {
    stretches: &'w [Stretch],
    next: AtomicUsize,
    /// One thread has met what only the pass of one thread can tell.
    odd: AtomicBool,
    book: &'w Book,
    most_rows: u64,
}

/// What one thread brings back.
struct Walked {
    met: Met,
    /// Of each stretch.
    own: Vec<(usize, Vec<(i64, i64)>)>,
    repairs: Repairs,
}

impl Walk<'_> {
    /// Walks stretches until there are no more. `None`: something is odd here or elsewhere.
    fn all(&self, database: &Database) -> Result<Option<Walked>, ReadError> {
        let mut walked = Walked { met: Met::default(), own: Vec::new(), repairs: Repairs::default() };
        while let Some(stretch) = self.stretches.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            match self.one(database, stretch, &mut walked) {
                Ok(true) => {}
                stopped => {
                    self.odd.store(true, Ordering::Relaxed);
                    return stopped.map(|_| None);
                }
            }
            walked.own.push((stretch.number, std::mem::take(&mut walked.met.own)));
        }
        // Here, so that the threads share the sorting too.
        walked.met.hashes.sort_unstable();
        Ok(Some(walked))
    }

    fn one(&self, database: &Database, stretch: &Stretch, walked: &mut Walked) -> Result<bool, ReadError> {
        database.restart_clock();
        let mut all = database.connection().prepare(&stretch.sql)?;
        let mut rows = all.query(params_from_iter(&stretch.bounds))?;
        let mut near: Option<(i64, usize)> = None;
        let met = &mut walked.met;
        while let Some(row) = rows.next()? {
            met.passed += 1;
            if met.passed > self.most_rows || self.odd.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let key = walked.repairs.shown(row, 2).unwrap_or_default();
            let chat = value::int(row, 0).unwrap_or(-1);
            if key == "-1" && chat <= 0 {
                met.dummies += 1;
                continue;
            }
            let known = near.filter(|(last, _)| *last == chat).map(|(_, entry)| entry);
            let Some(entry) = known.or_else(|| self.book.of_chat(chat)) else { return Ok(false) };
            near = Some((chat, entry));
            let from_me = value::flag(row, 1);
            let hash = key_hash(entry, from_me, &key);
            let passing = Passing { id: id(row), entry, from_me, hash, sender: modern_sender(row) };
            if met.take(self.book, &passing) != Spilt::default() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

fn id(row: &Row<'_>) -> i64 {
    value::int(row, 4).unwrap_or(-1)
}

fn modern_sender(row: &Row<'_>) -> Option<i64> {
    value::int(row, 3).filter(|&s| s > 0)
}

impl Survey<'_, '_> {
    /// Who sent in which conversation, how many messages each has, and which message keys repeat.
    pub(crate) fn senders(&mut self, table: MessageTable) -> Result<(), ReadError> {
        // No more columns than WhatsApp's own index over the keys has: SQLite then walks that, a third of the table's size.
        let wanted = [table.chat(), table.sent_by_holder(), "key_id", table.sender(), "_id"];
        let Some(columns) = self.schema.columns(table.name(), "m", &wanted) else { return Ok(()) };
        let all = format!("SELECT {columns} FROM {} m", table.name());
        let (mut met, ended) = match self.walk_beside(table, &all) {
            Some(met) => (met, Ok(())),
            None => {
                self.database.restart_clock();
                let mut met = Met::default();
                let ended = self.walk(table, &all, &mut met);
                (met, ended)
            }
        };
        self.summary.oddities.dummies += met.dummies;
        self.places = std::mem::take(&mut met.places);
        for (entry, count) in self.book.entries.iter_mut().zip(&met.messages) {
            entry.messages += count;
        }
        ended?;
        self.book.rows_surveyed = Some(met.passed);
        let mut first: Vec<(i64, usize, i64)> = met.first.drain().map(|((entry, sender), id)| (id, entry, sender)).collect();
        first.sort_unstable();
        for (_, entry, sender) in first {
            self.book.meet(self.jids, entry, sender);
        }
        met.own.sort_unstable();
        self.own_messages(table, &met.own)?;
        self.places.whole = self.schema.has_column(table.name(), "_id");
        met.hashes.sort_unstable();
        self.book.repeated_keys =
            met.hashes.windows(2).filter_map(|w| (w.first() == w.last()).then(|| w.first().copied()).flatten()).collect();
        self.summary.oddities.duplicate_keys = self.book.repeated_keys.len() as u64;
        self.summary.oddities.without_conversation =
            self.book.entries.iter().filter(|e| e.source.table == table.name()).map(|e| e.messages).sum();
        Ok(())
    }

    /// The whole pass on this thread, in the order of the file. Also what it met before an error counts.
    fn walk(&mut self, table: MessageTable, all: &str, met: &mut Met) -> Result<(), ReadError> {
        let mut near: Option<(i64, usize)> = None;
        let mut all = self.schema.prepare(all)?;
        let mut rows = self.schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            met.passed += 1;
            let key = self.repairs.shown(row, 2).unwrap_or_default();
            let entry = match table {
                MessageTable::Modern => {
                    let chat = value::int(row, 0).unwrap_or(-1);
                    if key == "-1" && chat <= 0 {
                        met.dummies += 1;
                        continue;
                    }
                    let known = near.filter(|(last, _)| *last == chat).map(|(_, entry)| entry);
                    let entry = known.or_else(|| self.book.of_chat(chat)).or_else(|| {
                        let from = source(self.item, table.name(), value::int(row, 4).unwrap_or_default());
                        self.book.invent(self.jids, self.scope, Some(chat), None, from)
                    });
                    near = entry.map(|entry| (chat, entry));
                    entry
                }
                MessageTable::Legacy => {
                    let address = self.repairs.any_text(row, 0).unwrap_or_default();
                    if key == "-1" && address == "-1" {
                        met.dummies += 1;
                        continue;
                    }
                    let jid = self.jids.row_of(&address);
                    self.book.of_jid(self.jids, jid).or_else(|| {
                        let from = source(self.item, table.name(), value::int(row, 4).unwrap_or_default());
                        self.book.invent(self.jids, self.scope, None, Some(jid), from)
                    })
                }
            };
            // Counted as dropped when the pass over the messages meets it.
            let Some(entry) = entry else { continue };
            let from_me = value::flag(row, 1);
            let hash = key_hash(entry, from_me, &key);
            let sender = match table {
                MessageTable::Modern => modern_sender(row),
                MessageTable::Legacy => self.repairs.text(row, 3).map(|address| self.jids.row_of(&address)),
            };
            let spilt = met.take(self.book, &Passing { id: id(row), entry, from_me, hash, sender });
            if let Some(sender) = sender.filter(|_| spilt.sender) {
                self.book.meet(self.jids, entry, sender);
            }
        }
        Ok(())
    }

    /// The pass on several threads. `None`: this is for one thread.
    fn walk_beside(&self, table: MessageTable, all: &str) -> Option<Met> {
        if table != MessageTable::Modern {
            return None;
        }
        let (low, high) = self.ends(table).ok()??;
        let rows = usize::try_from(high.checked_sub(low)?).ok()?;
        let helpers = runs::helpers(rows / RUN);
        // Each thread remembers the places of what it meets, which takes memory by the highest row id.
        if helpers == 0 || low < 0 || high >= MOST_DIVIDED || !self.is_divided(table, all) {
            return None;
        }
        let stretches = self.stretches(table, all, low, high).ok()?;
        let helpers: Vec<Database> = (0..helpers).map_while(|_| self.database.another().ok()).collect();
        let walk = Walk {
            stretches: &stretches,
            next: AtomicUsize::new(0),
            odd: AtomicBool::new(false),
            book: self.book,
            most_rows: self.database.most_rows(),
        };
        let here = || walk.all(self.database);
        let order = Order::new(());
        // What stopped one of them stops the pass of one thread too, which tells it.
        let walked = runs::beside(&order, helpers, here, |database| walk.all(&database)).ok()?;
        let mut walked = walked.into_iter().collect::<Option<Vec<Walked>>>()?.into_iter();
        let Walked { mut met, mut own, repairs } = walked.next()?;
        for one in walked {
            own.extend(one.own);
            repairs.add(&one.repairs);
            if !met.join(one.met) {
                return None;
            }
        }
        // A tree that is out of order gives less to who seeks in it than to who walks it.
        if self.rows(table).ok()? != met.passed {
            return None;
        }
        // Which of them were first where there are too many, only one thread knows.
        if own.iter().map(|(_, own)| own.len()).sum::<usize>() > ENOUGH {
            return None;
        }
        self.repairs.add(&repairs);
        // Each thread's are sorted: this sort finds that, and only merges.
        met.hashes.sort();
        own.sort_unstable_by_key(|(number, _)| *number);
        met.own = own.into_iter().flat_map(|(_, own)| own).collect();
        Some(met)
    }

    fn rows(&self, table: MessageTable) -> Result<u64, ReadError> {
        let sql = format!("SELECT count(*) FROM {} m", table.name());
        Ok(self.schema.conn.query_row(&sql, [], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    /// Lowest and highest row id.
    fn ends(&self, table: MessageTable) -> Result<Option<(i64, i64)>, ReadError> {
        if !self.schema.has_column(table.name(), "_id") {
            return Ok(None);
        }
        let end = |which: &str| -> rusqlite::Result<Option<i64>> {
            self.schema.conn.query_row(&format!("SELECT {which}(m._id) FROM {} m", table.name()), [], |row| row.get(0))
        };
        Ok(end("min")?.zip(end("max")?))
    }

    /// Whether the pass walks an index whose first column is the conversation, as a number, and nothing besides.
    fn is_divided(&self, table: MessageTable, all: &str) -> bool {
        let Ok(Some(columns)) = self.database.columns(table.name()) else { return false };
        // Only such a column compares as its bounds do.
        let is_number = |name: &str| name.to_ascii_uppercase().contains("INT");
        if !columns.iter().any(|c| c.name.eq_ignore_ascii_case(table.chat()) && is_number(&c.declared_type)) {
            return false;
        }
        let whole = self.schema.plan(all);
        let [whole] = whole.as_slice() else { return false };
        let Some(index) = whole.strip_prefix("SCAN m ").filter(|way| way.starts_with("USING COVERING INDEX ")) else {
            return false;
        };
        let chat = table.chat();
        let part = self.schema.plan(&format!("{all} WHERE m.{chat} > ?1 AND m.{chat} <= ?2"));
        matches!(part.as_slice(), [step] if step.starts_with(&format!("SEARCH m {index} ({chat}")))
    }

    /// The index in stretches, the longest first: none of them should be the last to be begun.
    fn stretches(&self, table: MessageTable, all: &str, low: i64, high: i64) -> Result<Vec<Stretch>, ReadError> {
        let chat = table.chat();
        let sql = format!("SELECT m.{chat} FROM {} m WHERE m._id >= ?1 ORDER BY m._id LIMIT 1", table.name());
        let mut one = self.schema.prepare(&sql)?;
        let step = high.saturating_sub(low) / i64::try_from(SAMPLES).unwrap_or(i64::MAX);
        let mut samples = Vec::with_capacity(SAMPLES);
        for at in 0..SAMPLES {
            let from = low.saturating_add(step.saturating_mul(i64::try_from(at).unwrap_or(0)));
            let mut rows = one.query([from])?;
            samples.extend(rows.next()?.and_then(|row| value::int(row, 0)));
        }
        samples.sort_unstable();
        let mut bounds: Vec<i64> = samples.chunks(SAMPLES_A_STRETCH).filter_map(|chunk| chunk.last().copied()).collect();
        bounds.dedup();
        let up_to = |bound: i64| samples.partition_point(|&sample| sample <= bound);
        let mut stretches = Vec::with_capacity(bounds.len() + 2);
        let mut add = |condition: String, bounds: Vec<i64>, weight: usize| {
            stretches.push(Stretch { number: stretches.len(), sql: format!("{all} WHERE {condition}"), bounds, weight });
        };
        add(format!("m.{chat} IS NULL"), Vec::new(), 0);
        if let (Some(&first), Some(&last)) = (bounds.first(), bounds.last()) {
            add(format!("m.{chat} <= ?1"), vec![first], up_to(first));
            for pair in bounds.windows(2) {
                if let &[after, to] = pair {
                    add(format!("m.{chat} > ?1 AND m.{chat} <= ?2"), vec![after, to], up_to(to) - up_to(after));
                }
            }
            add(format!("m.{chat} > ?1"), vec![last], 0);
        } else {
            add(format!("m.{chat} IS NOT NULL"), Vec::new(), 0);
        }
        stretches.sort_by_key(|stretch| std::cmp::Reverse(stretch.weight));
        Ok(stretches)
    }
}
