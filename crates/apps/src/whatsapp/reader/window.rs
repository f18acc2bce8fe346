//! The other tables for one run of messages.
//!
//! Messages are read in runs of some ten thousand rows; for each run every side table is asked once, for the rows of those
//! messages only. So memory stays flat whatever the size of the file, nothing is sorted by SQLite, and no query is made per
//! message. The rows of a run are held sorted by message and taken out when their message is put together.

use super::{
    ReadError,
    kept::{KeptRow, KeptTable},
    parts::{
        AddOn, CallRow, EditRow, EventRow, Expiring, Invite, Link, Location, Mentioned, OptionRow, Parent, PollRow, Quoted,
        RevokedRow, SystemRow, TimerRow,
    },
    row::Media,
    schema::Side,
    sides::Sides,
    value::{self, Repairs},
};
use crate::reading::rows::Rows;
use rusqlite::{Connection, Row};
use std::cell::{Cell, RefCell};

/// Most rows of one side table for one run.
const MOST_ROWS: usize = 1 << 18;
/// Bytes of text that the side tables of one run may hold together.
const MOST_BYTES: usize = 48 << 20;

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
    pub quoted_place: Rows<Location>,
    pub quoted_cards: Rows<String>,
    pub comment: Rows<Parent>,
    /// Row id in its own table, and the question.
    pub former_questions: Rows<(i64, String)>,
    pub missed_callers: Rows<String>,
    /// Rows that no reader understands: beside messages, and beside additions.
    pub kept: Rows<KeptRow>,
    pub kept_additions: Rows<KeptRow>,
    /// Rows that one run may not hold.
    pub dropped: u64,
    /// Tables that gave an error; their rows up to there are in the window.
    pub failed: Vec<(String, ReadError)>,
}

/// Reads the side tables of one run within its bounds.
struct Loader<'l> {
    conn: &'l Connection,
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
        let Some(side) = side else { return Rows::of(rows) };
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
            Some(keys) => side.among(self.conn, keys, each),
            None => side.between(self.conn, self.from, self.to, each),
        };
        if let Err(error) = read {
            self.failed.borrow_mut().push((side.table.clone(), error));
        }
        // An index gives the rows of a message in its own order, a table in that of its rows: one order for both.
        if !rows.is_sorted_by_key(|(key, rowid, _)| (*key, *rowid)) {
            rows.sort_by_key(|(key, rowid, _)| (*key, *rowid));
        }
        Rows::of(rows)
    }

    /// Rows of tables that are not interpreted; those of one message stand in the order of the tables.
    fn kept(&self, tables: &[KeptTable], keys: Option<&[i64]>) -> Rows<KeptRow> {
        let mut all = Vec::new();
        for (at, table) in tables.iter().enumerate() {
            let rows = self.collect(Some(&table.side), keys, |l, row| {
                let kept = table.row(at, row, l.repairs);
                l.left.set(l.left.get().saturating_sub(kept.weight()));
                Some(kept)
            });
            all.extend(rows.rows);
        }
        all.sort_by_key(|(key, ..)| *key);
        Rows::of(all)
    }
}

impl Window {
    /// Loads everything for the messages with row ids `from..=to`. `quotes` are the sorted row ids of legacy quotes.
    #[allow(clippy::too_many_lines, reason = "one table after the other, in the order of the struct")]
    pub(crate) fn load(sides: &Sides, conn: &Connection, repairs: &Repairs, (from, to): (i64, i64), quotes: &[i64]) -> Self {
        let (left, dropped) = (Cell::new(MOST_BYTES), Cell::new(0));
        let l = Loader { conn, repairs, from, to, left, dropped, failed: RefCell::default() };
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
                    last: value::real(r, 7).zip(value::real(r, 8)).map(|(lat, long)| (lat, long, value::positive(r, 9))),
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
                    media_name: l.text(r, 9),
                    media_type: l.text(r, 10),
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
                        media_name: l.text(r, 9),
                        media_type: l.text(r, 10),
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
                    holder_joined: int(r, 10).map(|joined| joined != 0),
                })
            }),
            affected: l.collect(sides.affected.as_ref(), None, |_, r| int(r, 1)),
            call: l.collect(sides.call.as_ref(), None, |_, r| {
                let call = int(r, 1)?;
                Some(CallRow {
                    call: Some(call),
                    missed: None,
                    video: value::flag(r, 2),
                    seconds: value::unsigned(r, 3).unwrap_or(0),
                    result: int(r, 4),
                    group: value::positive(r, 5).is_some(),
                })
            }),
            missed: l.collect(sides.missed.as_ref(), None, |_, r| {
                Some(CallRow {
                    call: None,
                    missed: int(r, 1),
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
                    // The sender's own time where the kind has one (reaction, vote, pin, keep, answer), else the row's.
                    at: [9, 11, 13, 15, 17, 4].into_iter().find_map(|column| value::positive(r, column)),
                    kind: int(r, 5),
                    expires: value::positive(r, 6),
                    reaction: int(r, 7).map(|_| l.text(r, 8).unwrap_or_default()),
                    vote: int(r, 10).is_some(),
                    pin: int(r, 12),
                    keep: int(r, 14),
                    answer: int(r, 16),
                    extra_guests: int(r, 18),
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
            quoted_place: l.collect(sides.quoted_place.as_ref(), None, |l, r| {
                Some(Location {
                    latitude: value::real(r, 1),
                    longitude: value::real(r, 2),
                    name: l.text(r, 3),
                    address: l.text(r, 4),
                    url: l.text(r, 5),
                    live_seconds: None,
                    last: None,
                })
            }),
            quoted_cards: l.collect(sides.quoted_cards.as_ref(), None, |l, r| l.text(r, 1)),
            comment: l.collect(sides.comment.as_ref(), None, |l, r| {
                Some(Parent { key: l.text(r, 1), from_me: value::flag(r, 2), code: int(r, 3) })
            }),
            former_questions: l.collect(sides.former_questions.as_ref(), None, |l, r| Some((int(r, 2)?, l.text(r, 1)?))),
            kept: l.kept(&sides.kept.by_message, None),
            ..Self::default()
        };
        if sides.legacy_cards.is_some() && w.cards.rows.is_empty() {
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
        let missed = sorted(w.missed.iter().filter_map(|(_, c)| c.missed).collect());
        if !missed.is_empty() {
            w.missed_callers = l.collect(sides.missed_callers.as_ref(), Some(&missed), |l, r| l.text(r, 1));
        }
        let additions = sorted(w.add_ons.iter().map(|(_, a)| a.id).collect());
        if !additions.is_empty() {
            w.kept_additions = l.kept(&sides.kept.by_addition, Some(&additions));
        }
        w.dropped = l.dropped.get();
        w.failed = l.failed.into_inner();
        w
    }
}
