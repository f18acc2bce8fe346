//! The other tables for one run of messages.
//!
//! Messages are read in runs of some ten thousand rows; for each run every side table is asked once, for the rows of those
//! messages only. So memory stays flat whatever the size of the file, nothing is sorted by SQLite, and no query is made per
//! message. The rows of a run are held sorted by message and taken out when their message is put together.

use super::{
    ReadError,
    parts::{
        AddOn, CallRow, EditRow, EventRow, Expiring, Invite, Link, Location, Mentioned, OptionRow, Parent, PollRow, Quoted,
        RevokedRow, SystemRow, TimerRow,
    },
    row::Media,
    schema::{Schema, Side},
    sides::Sides,
    value::{self, Repairs},
};
use rusqlite::Row;
use std::cell::{Cell, RefCell};

/// Most rows of one side table for one run.
const MOST_ROWS: usize = 1 << 18;
/// Bytes of text that the side tables of one run may hold together.
const MOST_BYTES: usize = 48 << 20;

/// Rows by message and, within a message, by their own row id; each taken once.
#[derive(Debug)]
pub(crate) struct Rows<T>(Vec<(i64, i64, Option<T>)>);

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Rows<T> {
    fn range(&self, key: i64) -> std::ops::Range<usize> {
        if self.0.is_empty() {
            return 0..0;
        }
        let start = self.0.partition_point(|(k, ..)| *k < key);
        let run = self.0.get(start..).unwrap_or_default().iter().take_while(|(k, ..)| *k == key).count();
        start..start + run
    }

    /// Takes the (first) row of a key.
    pub(crate) fn take(&mut self, key: i64) -> Option<T> {
        let at = self.range(key).start;
        self.0.get_mut(at).filter(|(k, ..)| *k == key).and_then(|(.., row)| row.take())
    }

    /// Takes all rows of a key, in the order of the table.
    pub(crate) fn take_all(&mut self, key: i64) -> Vec<T> {
        let range = self.range(key);
        self.0.get_mut(range).map(|rows| rows.iter_mut().filter_map(|(.., row)| row.take()).collect()).unwrap_or_default()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (i64, &T)> {
        self.0.iter().filter_map(|(key, _, row)| row.as_ref().map(|row| (*key, row)))
    }
}

/// Everything that the side tables hold for one run of messages.
#[derive(Debug, Default)]
pub(crate) struct Window {
    pub media: Rows<Media>,
    pub link: Rows<Link>,
    pub location: Rows<Location>,
    pub cards: Rows<String>,
    pub quoted: Rows<Quoted>,
    pub legacy_quotes: Rows<Quoted>,
    pub mentions: Rows<Mentioned>,
    pub forwarded: Rows<Option<i64>>,
    pub edited: Rows<EditRow>,
    pub first_text: Rows<String>,
    pub revoked: Rows<RevokedRow>,
    pub expiring: Rows<Expiring>,
    pub timer: Rows<TimerRow>,
    pub view_once: Rows<Option<i64>>,
    pub album: Rows<(u64, u64)>,
    pub parent: Rows<Parent>,
    pub system: Rows<SystemRow>,
    pub affected: Rows<i64>,
    pub call: Rows<CallRow>,
    pub callers: Rows<i64>,
    pub missed: Rows<CallRow>,
    pub poll: Rows<PollRow>,
    pub options: Rows<OptionRow>,
    pub add_ons: Rows<AddOn>,
    pub votes: Rows<i64>,
    pub invite: Rows<Invite>,
    pub event: Rows<EventRow>,
    pub elements: Rows<String>,
    pub reply: Rows<String>,
    pub template: Rows<String>,
    pub buttons: Rows<String>,
    pub order: Rows<String>,
    pub product: Rows<String>,
    pub future: Rows<()>,
    /// Rows that one run may not hold.
    pub dropped: u64,
    /// Tables that gave an error; their rows up to there are in the window.
    pub failed: Vec<(String, ReadError)>,
}

/// Reads the side tables of one run within its bounds.
struct Loader<'l> {
    schema: &'l Schema<'l>,
    repairs: &'l Repairs,
    from: i64,
    to: i64,
    left: Cell<usize>,
    dropped: Cell<u64>,
    failed: RefCell<Vec<(String, ReadError)>>,
}

impl Loader<'_> {
    fn text(&self, row: &Row<'_>, column: usize) -> Option<String> {
        let text = self.repairs.text(row, column)?;
        self.left.set(self.left.get().saturating_sub(text.len()));
        Some(text)
    }

    /// Several texts under each other; absent when none is there.
    fn lines(&self, row: &Row<'_>, columns: std::ops::RangeInclusive<usize>) -> Option<String> {
        let lines: Vec<String> = columns.filter_map(|c| self.text(row, c)).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    fn collect<T>(
        &self,
        side: Option<&Side>,
        keys: Option<&[i64]>,
        mut make: impl FnMut(&Self, &Row<'_>) -> Option<T>,
    ) -> Rows<T> {
        let mut rows = Vec::new();
        let Some(side) = side else { return Rows(rows) };
        let each = |key: i64, row: &Row<'_>| {
            if rows.len() >= MOST_ROWS || self.left.get() == 0 {
                self.dropped.set(self.dropped.get() + 1);
                return false;
            }
            if let Some(made) = make(self, row) {
                let rowid = value::int(row, row.as_ref().column_count().saturating_sub(1)).unwrap_or(0);
                rows.push((key, rowid, Some(made)));
            }
            true
        };
        let read = match keys {
            Some(keys) => side.among(self.schema.conn, keys, each),
            None => side.between(self.schema.conn, self.from, self.to, each),
        };
        if let Err(error) = read {
            self.failed.borrow_mut().push((side.table.clone(), error));
        }
        // An index gives the rows of a message in its own order, a table in that of its rows: one order for both.
        if !rows.is_sorted_by_key(|(key, rowid, _)| (*key, *rowid)) {
            rows.sort_by_key(|(key, rowid, _)| (*key, *rowid));
        }
        Rows(rows)
    }
}

impl Window {
    /// Loads everything for the messages with row ids `from..=to`. `quotes` are the sorted row ids of legacy quotes.
    #[allow(clippy::too_many_lines, reason = "one table after the other, in the order of the struct")]
    pub(crate) fn load(sides: &Sides, schema: &Schema<'_>, repairs: &Repairs, (from, to): (i64, i64), quotes: &[i64]) -> Self {
        let (left, dropped) = (Cell::new(MOST_BYTES), Cell::new(0));
        let l = Loader { schema, repairs, from, to, left, dropped, failed: RefCell::default() };
        let int = value::int;
        let sorted = |mut keys: Vec<i64>| {
            keys.sort_unstable();
            keys.dedup();
            keys
        };
        let mut w = Self {
            media: l.collect(sides.media.as_ref(), None, |l, r| {
                Some(Media {
                    path: l.text(r, 1),
                    name: l.text(r, 2),
                    mime: l.text(r, 3),
                    size: value::unsigned(r, 4).or_else(|| value::unsigned(r, 5)),
                    hash: l.text(r, 6),
                    duration: value::unsigned(r, 7),
                    width: value::unsigned(r, 8),
                    height: value::unsigned(r, 9),
                    caption: l.text(r, 10),
                    transcription: l.text(r, 11),
                })
            }),
            link: l.collect(sides.link.as_ref(), None, |l, r| {
                let link = Link { description: l.text(r, 1), title: l.text(r, 2), url: l.text(r, 3) };
                (link.url.is_some() || link.title.is_some()).then_some(link)
            }),
            location: l.collect(sides.location.as_ref(), None, |l, r| {
                Some(Location {
                    latitude: value::real(r, 1),
                    longitude: value::real(r, 2),
                    name: l.text(r, 3),
                    address: l.text(r, 4),
                    url: l.text(r, 5),
                    live_seconds: value::unsigned(r, 6),
                })
            }),
            cards: l.collect(sides.cards.as_ref(), None, |l, r| l.text(r, 1)),
            quoted: l.collect(sides.quoted.as_ref(), None, |l, r| {
                Some(Quoted {
                    row: int(r, 0)?,
                    table: "message_quoted",
                    chat: int(r, 1),
                    from_me: value::flag(r, 2),
                    sender: int(r, 3).filter(|&s| s > 0),
                    sender_address: None,
                    key: l.text(r, 4),
                    at: value::positive(r, 5),
                    code: int(r, 6),
                    text: l.text(r, 7).or_else(|| l.text(r, 8)),
                })
            }),
            legacy_quotes: if quotes.is_empty() {
                Rows::default()
            } else {
                l.collect(sides.legacy_quotes.as_ref(), Some(quotes), |l, r| {
                    Some(Quoted {
                        row: int(r, 0)?,
                        table: "messages_quotes",
                        chat: None,
                        from_me: value::flag(r, 1),
                        sender: None,
                        sender_address: l.text(r, 2).or_else(|| l.text(r, 8).filter(|_| !value::flag(r, 1))),
                        key: l.text(r, 3),
                        at: value::positive(r, 4),
                        code: int(r, 5),
                        text: l.text(r, 6).or_else(|| l.text(r, 7)),
                    })
                })
            },
            mentions: l.collect(sides.mentions.as_ref(), None, |l, r| {
                Some(Mentioned { jid: int(r, 1).filter(|&j| j > 0), shown: l.text(r, 2), kind: int(r, 3) })
            }),
            forwarded: l.collect(sides.forwarded.as_ref(), None, |_, r| Some(int(r, 1))),
            edited: l
                .collect(sides.edited.as_ref(), None, |l, r| Some(EditRow { original: l.text(r, 1), at: value::positive(r, 2) })),
            revoked: l.collect(sides.revoked.as_ref(), None, |l, r| {
                Some(RevokedRow { original: l.text(r, 1), admin: int(r, 2).filter(|&j| j > 0), at: value::positive(r, 3) })
            }),
            expiring: l.collect(sides.expiring.as_ref(), None, |_, r| {
                Some(Expiring {
                    seconds: int(r, 1).and_then(|s| u64::try_from(s).ok()),
                    expires: value::positive(r, 2),
                    kept: value::flag(r, 3),
                })
            }),
            timer: l
                .collect(sides.timer.as_ref(), None, |_, r| Some(TimerRow { to: int(r, 1), from: int(r, 2), by_me: int(r, 3) })),
            view_once: l.collect(sides.view_once.as_ref(), None, |_, r| Some(int(r, 1))),
            album: l.collect(sides.album.as_ref(), None, |_, r| {
                let or = |a, b| value::unsigned(r, a).or_else(|| value::unsigned(r, b)).unwrap_or(0);
                Some((or(1, 3), or(2, 4)))
            }),
            parent: l.collect(sides.parent.as_ref(), None, |l, r| {
                Some(Parent { key: l.text(r, 1), from_me: value::flag(r, 2), code: int(r, 3) })
            }),
            system: l.collect(sides.system.as_ref(), None, |l, r| {
                Some(SystemRow {
                    action: int(r, 1).unwrap_or(-1),
                    old: l.text(r, 2),
                    old_jid: int(r, 3),
                    new_jid: int(r, 4),
                    photo: int(r, 5).is_some(),
                    blocked: int(r, 6).map(|b| b != 0),
                    timer_refused: int(r, 7),
                    old_username: l.text(r, 8),
                    new_username: l.text(r, 9),
                })
            }),
            affected: l.collect(sides.affected.as_ref(), None, |_, r| int(r, 1)),
            call: l.collect(sides.call.as_ref(), None, |_, r| {
                let call = int(r, 1)?;
                Some(CallRow {
                    call: Some(call),
                    video: value::flag(r, 2),
                    seconds: value::unsigned(r, 3).unwrap_or(0),
                    result: int(r, 4),
                    group: value::positive(r, 5).is_some(),
                })
            }),
            missed: l.collect(sides.missed.as_ref(), None, |_, r| {
                Some(CallRow {
                    call: None,
                    video: value::flag(r, 2),
                    seconds: 0,
                    result: Some(2),
                    group: value::positive(r, 3).is_some(),
                })
            }),
            poll: l.collect(sides.poll.as_ref(), None, |_, r| Some(PollRow { selectable: value::unsigned(r, 1) })),
            options: l.collect(sides.options.as_ref(), None, |l, r| {
                Some(OptionRow { id: int(r, 1)?, text: l.text(r, 2).unwrap_or_default(), total: int(r, 3) })
            }),
            add_ons: l.collect(sides.add_ons.as_ref(), None, |l, r| {
                Some(AddOn {
                    id: int(r, 1)?,
                    from_me: value::flag(r, 2),
                    sender: int(r, 3).filter(|&s| s > 0),
                    at: value::positive(r, 8).or_else(|| value::positive(r, 10)).or_else(|| value::positive(r, 4)),
                    kind: int(r, 5),
                    reaction: int(r, 6).map(|_| l.text(r, 7).unwrap_or_default()),
                    vote: int(r, 9).is_some(),
                    pin: int(r, 11),
                    keep: int(r, 12),
                    answer: int(r, 13),
                })
            }),
            invite: l.collect(sides.invite.as_ref(), None, |l, r| {
                Some(Invite { group: l.text(r, 1), expires: value::positive(r, 2) })
            }),
            event: l.collect(sides.event.as_ref(), None, |l, r| {
                Some(EventRow {
                    name: l.text(r, 1).unwrap_or_default(),
                    description: l.text(r, 2),
                    latitude: value::real(r, 3),
                    longitude: value::real(r, 4),
                    place: l.text(r, 5),
                    address: l.text(r, 6),
                    link: l.text(r, 7),
                    starts: value::positive(r, 8),
                    ends: value::positive(r, 9),
                    cancelled: value::flag(r, 10),
                })
            }),
            elements: l.collect(sides.elements.as_ref(), None, |l, r| {
                let told = l.text(r, 1).and_then(|json| super::interactive::text(&json));
                let plain = l.lines(r, 2..=4);
                told.or(plain)
            }),
            reply: l.collect(sides.reply.as_ref(), None, |l, r| l.text(r, 1).or_else(|| l.text(r, 2))),
            template: l.collect(sides.template.as_ref(), None, |l, r| l.lines(r, 1..=2)),
            buttons: l.collect(sides.buttons.as_ref(), None, |l, r| l.text(r, 1)),
            order: l.collect(sides.order.as_ref(), None, |l, r| l.lines(r, 1..=2)),
            product: l.collect(sides.product.as_ref(), None, |l, r| l.lines(r, 1..=5)),
            future: l.collect(sides.future.as_ref(), None, |_, _| Some(())),
            ..Self::default()
        };
        if sides.legacy_cards.is_some() && w.cards.0.is_empty() {
            w.cards = l.collect(sides.legacy_cards.as_ref(), None, |l, r| l.text(r, 1));
        }
        let edited: Vec<i64> = w.edited.iter().map(|(id, _)| id).collect();
        if !edited.is_empty() {
            w.first_text = l.collect(sides.first_text.as_ref(), Some(&edited), |l, r| l.text(r, 1));
        }
        let votes = sorted(w.add_ons.iter().filter(|(_, a)| a.vote).map(|(_, a)| a.id).collect());
        if !votes.is_empty() {
            w.votes = l.collect(sides.votes.as_ref(), Some(&votes), |_, r| int(r, 1));
        }
        let calls = sorted(w.call.iter().filter_map(|(_, c)| c.call).collect());
        if !calls.is_empty() {
            w.callers = l.collect(sides.callers.as_ref(), Some(&calls), |_, r| int(r, 1).filter(|&j| j > 0));
        }
        w.dropped = l.dropped.get();
        w.failed = l.failed.into_inner();
        w
    }
}
