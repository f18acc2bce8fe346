//! The passes before the messages: who occurs in which conversation, which ids occur twice, what was told about timers.

use super::blobs::{Metadata, Receipts};
use crate::{
    HolderKnown, ReadError, Summary,
    reading::{
        cocoa,
        schema::Schema,
        value::{self, Repairs},
        wire,
    },
    whatsapp::parties::{
        Scope,
        book::{Book, key_hash, source},
        jids::{Jid, JidKind, Jids},
        people::People,
    },
};
use base64::{Engine, prelude::BASE64_STANDARD};
use foldhash::{HashMap, HashSet};
use rusqlite::{Row, types::ValueRef};
use std::collections::BTreeMap;
use uitlezen_chat::{EvidenceId, MembershipChange, Moment, NameOrigin, Sender, Source};

pub(super) const MOST_MEMBERS: usize = 4_000_000;
/// Messages whose conversation is remembered by row id.
const MOST_PLACES: usize = 16_000_000;
const MOST_NOTICES: usize = 1_000_000;
/// Own rows that are asked who the holder is.
const ENOUGH: u64 = 2_000;

/// One notice about a timer, as far as it was read.
#[derive(Clone, Debug)]
pub(super) struct TimerNotice {
    pub(super) at: Option<Moment>,
    pub(super) by: Sender,
    /// None when it cannot be understood.
    pub(super) seconds: Option<u64>,
    pub(super) source: Source,
}

/// Whether notices about timers were looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Looked {
    /// Not to the end: the file is damaged.
    #[default]
    Partly,
    /// The table lacks a column that they stand in.
    Nowhere,
    Everywhere,
}

/// The conversation that a row of messages names; rows that name none stand together.
pub(super) fn chat(row: &Row<'_>, column: usize) -> i64 {
    value::int(row, column).unwrap_or(i64::MIN)
}

/// What the survey met.
#[derive(Debug, Default)]
pub(super) struct Met {
    /// Address by row of `ZWAGROUPMEMBER`.
    pub(super) members: HashMap<i64, i64>,
    /// Index of the conversation plus one, by row of the message.
    places: Vec<u32>,
    far: HashMap<i64, usize>,
    /// By conversation.
    pub(super) timers: BTreeMap<usize, Vec<TimerNotice>>,
    /// Conversations with a notice that only a timer brings ("kept in chat").
    pub(super) keeps: HashSet<usize>,
    /// Oldest and newest message of each conversation, in seconds since 2001.
    pub(super) spans: HashMap<usize, (f64, f64)>,
    /// Rows of the table, when the pass came to its end.
    pub(super) rows: Option<u64>,
    /// Notices of timers between two, whose seconds stand elsewhere: message to place in `timers`.
    pending: HashMap<i64, (usize, usize)>,
    /// Every notice was looked for: without that, none is no sign of anything.
    pub(super) looked: Looked,
    pub(super) refused: u64,
}

impl Met {
    fn put(&mut self, message: i64, index: usize) {
        match (usize::try_from(message), u32::try_from(index + 1)) {
            (Ok(row), Ok(place)) if row < MOST_PLACES => {
                if row >= self.places.len() {
                    self.places.resize(row + 1, 0);
                }
                if let Some(known) = self.places.get_mut(row) {
                    *known = place;
                }
            }
            _ if self.far.len() < MOST_NOTICES => {
                self.far.insert(message, index);
            }
            _ => self.refused += 1,
        }
    }

    fn place(&self, message: i64) -> Option<usize> {
        let near = usize::try_from(message).ok().and_then(|row| self.places.get(row)).filter(|place| **place > 0);
        near.and_then(|place| usize::try_from(place - 1).ok()).or_else(|| self.far.get(&message).copied())
    }
}

/// Everything the passes need and fill.
#[derive(Debug)]
pub(super) struct Survey<'s, 'a> {
    pub(super) schema: &'s Schema<'a>,
    pub(super) item: EvidenceId,
    pub(super) scope: &'s Scope,
    pub(super) repairs: &'s Repairs,
    pub(super) jids: &'s mut Jids,
    pub(super) people: &'s mut People,
    pub(super) book: &'s mut Book,
    pub(super) summary: &'s mut Summary,
    pub(super) met: Met,
    /// Something may stay behind: whoever is only quoted may be so in a repetition of it.
    pub(super) sparing: bool,
}

impl Survey<'_, '_> {
    pub(super) fn kind(&self, address: &str) -> JidKind {
        Jid::parse(0, address).kind()
    }

    /// Who wrote where, and the notices about timers. No text of a message is read but that of such a notice.
    pub(super) fn messages(&mut self) -> Result<(), ReadError> {
        let wanted = [
            "rowid",
            "zchatsession",
            "zisfromme",
            "zmessagetype",
            "zgroupeventtype",
            "zgroupmember",
            "zmessagedate",
            "zsentdate",
            "zfromjid",
            "zpushname",
            "zstanzaid",
        ];
        let Some(columns) = self.schema.columns("zwamessage", "m", &wanted) else { return Ok(()) };
        let mut all = self.schema.prepare(&format!("SELECT {columns} FROM zwamessage m"))?;
        let mut rows = self.schema.bounded(all.query([])?);
        let (mut passed, mut asked, mut near) = (0, 0, None);
        let (mut hashes, mut notices) = (Vec::new(), Vec::new());
        let mut own: BTreeMap<i64, u64> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let Some(message) = value::int(row, 0) else { continue };
            passed += 1;
            let chat = chat(row, 1);
            let index = match self.book.of_chat(chat) {
                Some(index) => index,
                None => {
                    let from = source(self.item, "ZWAMESSAGE", message);
                    // Counted as dropped when the pass over the messages meets it.
                    let Some(index) = self.book.invent(self.jids, self.scope, Some(chat), None, from) else { continue };
                    index
                }
            };
            self.met.put(message, index);
            let from_me = value::flag(row, 2);
            if let Some(entry) = self.book.entries.get_mut(index) {
                entry.messages += 1;
            }
            if let Ok(ValueRef::Text(key)) = row.get_ref(10)
                && !key.is_empty()
            {
                hashes.push(key_hash(index, from_me, &String::from_utf8_lossy(key)));
            }
            let seconds = [6, 7].into_iter().filter_map(|column| value::real(row, column)).filter(|at| *at > 0.0);
            if let Some(at) = seconds.reduce(f64::min) {
                let span = self.met.spans.entry(index).or_insert((at, at));
                *span = (span.0.min(at), span.1.max(at));
            }
            match (value::int(row, 3), value::int(row, 4)) {
                (Some(6), Some(26)) | (Some(28), _) | (Some(6), Some(3 | 15)) => notices.push(message),
                (Some(10), Some(47)) => {
                    self.met.keeps.insert(index);
                }
                _ => {}
            }
            if from_me
                && asked < ENOUGH
                && let Some(jid) = self.own_address(row, 9)
            {
                asked += 1;
                *own.entry(jid).or_default() += 1;
            }
            let member = value::int(row, 5).filter(|m| *m > 0).and_then(|m| self.met.members.get(&m).copied());
            let who = match member {
                Some(jid) => Some(jid),
                None if from_me => None,
                None => match row.get_ref(8) {
                    Ok(ValueRef::Text(from)) if !from.is_empty() => {
                        let from = String::from_utf8_lossy(from);
                        let partner = self.book.get(index).and_then(|entry| entry.partner());
                        // Nearly always the address of the conversation itself.
                        let same = partner.and_then(|p| self.jids.get(p)).filter(|p| p.address == from).map(|p| p.row);
                        match same {
                            Some(row) => Some(row),
                            None if matches!(self.kind(&from), JidKind::Person | JidKind::Lid) => Some(self.jids.row_of(&from)),
                            None => None,
                        }
                    }
                    _ => None,
                },
            };
            if let Some(who) = who
                && near != Some((index, who))
            {
                near = Some((index, who));
                self.book.meet(self.jids, index, who);
            }
        }
        self.met.rows = Some(passed);
        self.book.rows_surveyed = Some(passed);
        hashes.sort_unstable();
        self.book.repeated_keys =
            hashes.windows(2).filter_map(|w| (w.first() == w.last()).then(|| w.first().copied()).flatten()).collect();
        self.summary.oddities.duplicate_keys = self.book.repeated_keys.len() as u64;
        self.summary.oddities.without_conversation =
            self.book.entries.iter().filter(|e| e.source.table == "ZWAMESSAGE").map(|e| e.messages).sum();
        self.holder(&own);
        self.notices(notices)?;
        let shows =
            ["zmessagetype", "zgroupeventtype", "ztext"].iter().all(|column| self.schema.has_column("zwamessage", column));
        self.met.looked = if shows { Looked::Everywhere } else { Looked::Nowhere };
        Ok(())
    }

    /// The holder's own address in an own row: `ZPUSHNAME` is no name but base64 of a protobuf whose field 3 it is.
    fn own_address(&mut self, row: &Row<'_>, column: usize) -> Option<i64> {
        let Ok(ValueRef::Text(encoded)) = row.get_ref(column) else { return None };
        let blob = BASE64_STANDARD.decode(encoded.get(..1024.min(encoded.len()))?).ok()?;
        let address = wire::text_at(&blob, &[3])?;
        matches!(self.kind(&address), JidKind::Person | JidKind::Lid).then(|| self.jids.row_of(&address))
    }

    /// Who the holder is, when nobody told: the address that own rows name, if it is one.
    fn holder(&mut self, own: &BTreeMap<i64, u64>) {
        if self.people.holder_is_known() {
            return;
        }
        let mut people: BTreeMap<i64, u64> = BTreeMap::new();
        for (jid, rows) in own {
            if let Some(person) = self.jids.resolved_row(*jid) {
                *people.entry(person).or_default() += rows;
            }
        }
        self.summary.holder = match (people.len(), people.first_key_value()) {
            (1, Some((person, rows))) => {
                self.people.set_holder(Some(*person), None);
                HolderKnown::ByOwnRows { rows: [("ZWAMESSAGE.ZPUSHNAME".to_owned(), *rows)].into() }
            }
            (0, _) | (_, None) => HolderKnown::No,
            (n, _) => HolderKnown::Contradictory { addresses: n as u64 },
        };
    }

    /// Notices about timers, and about people who went or came by themselves.
    fn notices(&mut self, messages: Vec<i64>) -> Result<(), ReadError> {
        let wanted = ["zmessagetype", "zgroupeventtype", "zisfromme", "zgroupmember", "zfromjid", "zmessagedate", "ztext"];
        let Some(columns) = self.schema.columns("zwamessage", "m", &wanted) else { return Ok(()) };
        let mut one = self.schema.prepare(&format!("SELECT {columns} FROM zwamessage m WHERE m.rowid = ?1"))?;
        for message in messages {
            let Some(index) = self.met.place(message) else { continue };
            let mut rows = one.query([message])?;
            let Some(row) = rows.next()? else { continue };
            let by = self.named(index, row, 2, 3, 4);
            let at = cocoa::at(row, 5);
            let from = source(self.item, "ZWAMESSAGE", message);
            let (kind, event) = (value::int(row, 0), value::int(row, 1));
            if kind == Some(6) && event != Some(26) {
                let change = MembershipChange { joined: event == Some(15), at, by: None, source: from };
                self.book.member_changed(index, &by, change);
                continue;
            }
            if self.met.timers.values().map(Vec::len).sum::<usize>() >= MOST_NOTICES {
                self.met.refused += 1;
                continue;
            }
            let seconds = match kind {
                // The seconds of a timer between two stand beside the message; until they are found nothing is known.
                Some(28) => None,
                _ => match self.repairs.text(row, 6) {
                    None => Some(0),
                    Some(text) => text.trim().parse().ok(),
                },
            };
            let list = self.met.timers.entry(index).or_default();
            list.push(TimerNotice { at, by, seconds, source: from });
            if kind == Some(28) {
                self.met.pending.insert(message, (index, list.len() - 1));
            }
        }
        Ok(())
    }

    /// Who a row names: the member, else the address it is from, else the holder where the row is their own.
    fn named(&self, index: usize, row: &Row<'_>, from_me: usize, member: usize, from: usize) -> Sender {
        let person = |jid: i64| self.people.sender(self.jids, jid);
        let member = value::int(row, member).and_then(|m| self.met.members.get(&m).copied()).and_then(person);
        let address = || {
            let address = self.repairs.text(row, from)?;
            let jid = self.jids.find(&address).filter(|_| matches!(self.kind(&address), JidKind::Person | JidKind::Lid))?;
            person(jid)
        };
        let partner = || self.book.get(index)?.partner().and_then(person);
        match member {
            Some(who) => who,
            None if value::flag(row, from_me) => Sender::Holder,
            None => address().or_else(partner).unwrap_or(Sender::Unknown),
        }
    }

    /// Whoever is quoted, and the seconds of timers between two.
    pub(super) fn quoted(&mut self) -> Result<(), ReadError> {
        let Some(columns) = self.schema.columns("zwamediaitem", "s", &["zmessage", "zmetadata", "rowid"]) else { return Ok(()) };
        let knows = self.schema.has_column("zwamediaitem", "zmetadata");
        let mut all = self.schema.prepare(&format!("SELECT {columns} FROM zwamediaitem s"))?;
        let mut rows = self.schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let blob = match row.get_ref(1) {
                Ok(ValueRef::Blob(blob)) => blob,
                // A field that is absent says 0, so nothing at all does too.
                Ok(ValueRef::Null) if knows => &[],
                _ => continue,
            };
            let Some(message) = value::int(row, 0) else { continue };
            let Some(index) = self.met.place(message) else { continue };
            let read = Metadata::read(blob, |_| {});
            if let Some((index, at)) = self.met.pending.get(&message).copied()
                && let Some(notice) = self.met.timers.get_mut(&index).and_then(|all| all.get_mut(at))
            {
                notice.seconds = read.as_ref().ok().map(|metadata| metadata.timer.unwrap_or(0));
                notice.source = source(self.item, "ZWAMEDIAITEM", value::int(row, 2).unwrap_or_default());
            }
            if let Ok(Metadata { quoted_id: Some(_), quoted_author: Some(author), .. }) = read
                && !self.sparing
                && matches!(self.kind(author), JidKind::Person | JidKind::Lid)
            {
                let jid = self.jids.row_of(author);
                self.book.meet(self.jids, index, jid);
            }
        }
        Ok(())
    }

    /// Whoever put a reaction on a message.
    pub(super) fn reactors(&mut self) -> Result<(), ReadError> {
        let Some(columns) = self.schema.columns("zwamessageinfo", "s", &["zmessage", "zreceiptinfo"]) else { return Ok(()) };
        let mut all = self.schema.prepare(&format!("SELECT {columns} FROM zwamessageinfo s"))?;
        let mut rows = self.schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let Ok(ValueRef::Blob(blob)) = row.get_ref(1) else { continue };
            let Some(index) = value::int(row, 0).and_then(|message| self.met.place(message)) else { continue };
            let Ok(receipts) = Receipts::read(blob, |_| {}) else { continue };
            for by in receipts.reactions.iter().filter_map(|reaction| reaction.by) {
                if matches!(self.kind(by), JidKind::Person | JidKind::Lid) {
                    let jid = self.jids.row_of(by);
                    self.book.meet(self.jids, index, jid);
                }
            }
        }
        Ok(())
    }

    /// Names that people chose.
    pub(super) fn names(&mut self) -> Result<(), ReadError> {
        let Some(columns) = self.schema.columns("zwaprofilepushname", "n", &["zjid", "zpushname"]) else { return Ok(()) };
        let mut all = self.schema.prepare(&format!("SELECT {columns} FROM zwaprofilepushname n"))?;
        let mut rows = self.schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let person = self.repairs.text(row, 0).and_then(|address| self.jids.find(&address));
            let person = person.and_then(|jid| self.jids.resolved_row(jid));
            if let (Some(person), Some(name)) = (person, self.repairs.text(row, 1)) {
                self.people.add(person, &name, NameOrigin::PushName);
            }
        }
        Ok(())
    }
}

/// How many row ids the app gave out behind the last row, by its own count of an entity.
pub(super) fn given_out(schema: &Schema<'_>, entity: &str, last: Option<i64>) -> Option<u64> {
    if !schema.has_column("z_primarykey", "z_max") {
        return None;
    }
    let sql = "SELECT z_max FROM z_primarykey WHERE z_name = ?1 LIMIT 1";
    let given = schema.conn.query_row(sql, [entity], |row| Ok(value::int(row, 0))).ok().flatten()?;
    u64::try_from(given.saturating_sub(last.unwrap_or(0))).ok()
}
