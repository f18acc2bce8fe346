//! The pass before the records: how many messages, who wrote where, and which message is which.

use super::{
    backup::Backup,
    beside::{Polls, Reactions},
    book::Book,
    entries::Entry,
    not_interpreted,
    people::{People, Who},
    row::{MessageRow, Table},
};
use crate::{ReadError, Summary, note};
use foldhash::{HashMap, HashSet, fast::RandomState};
use std::hash::BuildHasher;
use uitlezen_chat::{ConversationKind, EvidenceId, MembershipChange, MessageId, Moment, Source};

/// More messages than are told apart.
const MOST: usize = 20_000_000;
pub(super) const GROUP_STATUS: i64 = 4;
const ADDED: i64 = 3;
const LEFT: i64 = 4;
const KICKED: i64 = 5;

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    Holder,
    Person(Who),
    App,
    Unknown,
}

/// Messages by what names them: one number each, there may be a million.
#[derive(Debug, Default)]
pub(super) struct Keys {
    seed: RandomState,
    authors: HashMap<u64, Author>,
    twice: HashSet<u64>,
}

impl Keys {
    fn of(&self, room: u32, id: &str) -> u64 {
        self.seed.hash_one((room, id))
    }

    fn add(&mut self, room: u32, id: &str, author: Author) -> bool {
        let key = self.of(room, id);
        if self.authors.len() >= MOST {
            return false;
        }
        let twice = self.authors.insert(key, author).is_some();
        if twice {
            self.twice.insert(key);
        }
        twice
    }

    /// The author of the message of this id, if it is there.
    pub(super) fn author(&self, room: u32, api_id: &str) -> Option<Author> {
        self.authors.get(&self.of(room, &named(api_id))).copied()
    }
}

/// Names that occur more than once in a conversation get a number behind them.
#[derive(Debug, Default)]
pub(super) struct Twice(HashMap<u64, u32>);

impl Twice {
    pub(super) fn name(&mut self, room: u32, id: String, keys: &Keys) -> MessageId {
        let key = keys.of(room, &id);
        if !keys.twice.contains(&key) {
            return MessageId(id);
        }
        let times = self.0.entry(key).or_default();
        *times += 1;
        MessageId(if *times > 1 { format!("{id}#{times}") } else { id })
    }
}

/// As a message is called by the id that its sender gave it.
pub(super) fn named(api_id: &str) -> String {
    format!("api:{}", api_id.to_ascii_lowercase())
}

/// What a message is called: by its sender's id, or else by the app's own.
pub(super) fn id(row: MessageRow<'_>) -> String {
    match (row.api_id(), row.uid()) {
        (Some(api), _) => named(api),
        (None, Some(uid)) => format!("uid:{uid}"),
        (None, None) => format!("row:{}", row.place()),
    }
}

/// Kinds that are notices of the app, whatever else the row says.
pub(super) fn is_notice(row: MessageRow<'_>) -> bool {
    row.is_status()
        || matches!(row.kind(), "STATUS" | "DATE_SEPARATOR" | "GROUP_CALL_STATUS" | "FORWARD_SECURITY_STATUS" | "GROUP_STATUS")
}

pub(super) fn author(row: MessageRow<'_>, kind: ConversationKind, partner: Option<Who>, people: &People) -> Author {
    if is_notice(row) && row.kind() != "VOIP_STATUS" {
        return Author::App;
    }
    if row.own() || kind == ConversationKind::Broadcast {
        return Author::Holder;
    }
    match row.identity().and_then(|identity| people.known(identity)).or(partner) {
        Some(who) if people.is_holder(who) => Author::Holder,
        Some(who) => Author::Person(who),
        None => Author::Unknown,
    }
}

/// What the pass fills in.
pub(super) struct Survey<'s> {
    pub(super) item: EvidenceId,
    pub(super) people: &'s mut People,
    pub(super) book: &'s mut Book,
    pub(super) polls: &'s mut Polls,
    pub(super) reactions: &'s mut Reactions,
}

impl Survey<'_> {
    pub(super) fn run(mut self, backup: &Backup, summary: &mut Summary) -> Result<Keys, ReadError> {
        let mut keys = Keys::default();
        for at in 0..self.book.rooms.len() {
            let Ok(room) = u32::try_from(at) else { break };
            let Some(name) = self.book.rooms.get(at).and_then(|room| room.entry.clone()) else { continue };
            let read = self.table(backup, &name, room, &mut keys, summary);
            if let (Err(_), Some(room)) = (&read, self.book.rooms.get_mut(at)) {
                room.damaged = true;
            }
            note(summary, Entry::of(&name).table(), read)?;
        }
        Ok(keys)
    }

    fn table(&mut self, backup: &Backup, name: &str, room: u32, keys: &mut Keys, summary: &mut Summary) -> Result<(), ReadError> {
        let mut table = Table::open(backup, name)?;
        let kind_of_table = Entry::of(name).table();
        for column in table.lacks() {
            let missing = format!("{kind_of_table}.{column}");
            if !summary.columns_missing.contains(&missing) {
                not_interpreted(summary, &missing, 1, "a column without which a message says nothing");
                summary.columns_missing.push(missing);
            }
        }
        let read = table.each(|row| {
            self.row(row, room, kind_of_table, keys, summary);
            Ok(())
        });
        let repairs = table.repairs();
        summary.oddities.cut_texts += repairs.cut_fields;
        summary.oddities.invalid_utf8_texts += repairs.invalid_utf8;
        summary.oddities.dropped_side_rows += repairs.nameless_fields;
        read
    }

    fn row(&mut self, row: MessageRow<'_>, room: u32, table: &'static str, keys: &mut Keys, summary: &mut Summary) {
        let Some(here) = self.book.rooms.get_mut(room as usize) else { return };
        here.rows += 1;
        let (kind, partner) = (here.kind, here.partner);
        if let Some(identity) = row.identity() {
            let who = self.people.of(identity);
            if row.own() {
                self.people.own_row(identity, table);
            } else if let Some(who) = who {
                self.book.meet(room, who);
            }
        }
        let author = author(row, kind, partner, self.people);
        summary.oddities.duplicate_keys += u64::from(keys.add(room, &id(row), author));
        if let Some(api) = row.api_id() {
            for who in self.reactions.meet(room, api) {
                self.book.meet(room, who);
            }
        }
        match row.kind() {
            "BALLOT" => {
                let number = row.list().and_then(|list| list.get(1)?.as_i64());
                for who in number.map(|number| self.polls.show(number)).unwrap_or_default() {
                    self.book.meet(room, who);
                }
            }
            "GROUP_STATUS" | "GROUP_CALL_STATUS" | "FORWARD_SECURITY_STATUS" => self.status(row, room, table),
            _ => {}
        }
    }

    /// Whom a notice names, and whether somebody came or went.
    fn status(&mut self, row: MessageRow<'_>, room: u32, table: &'static str) {
        let Some(status) = row.status() else { return };
        let caller = status.text("callerIdentity").and_then(|identity| self.people.of(identity));
        let named = status.text("identity").and_then(|identity| self.people.of(identity));
        caller.into_iter().chain(named).for_each(|who| self.book.meet(room, who));
        let joined = match (status.kind, status.number("status")) {
            (GROUP_STATUS, Some(ADDED)) => true,
            (GROUP_STATUS, Some(LEFT | KICKED)) => false,
            _ => return,
        };
        let Some(who) = named else { return };
        let source = source(self.item, table, row.place());
        self.book.member_changed(room, who, MembershipChange { joined, at: sent(row), by: None, source });
    }
}

/// Where a record stands in the evidence. Rows of one table each; which one, its conversation says.
pub(super) fn source(item: EvidenceId, table: &'static str, row: i64) -> Source {
    Source { item, table: table.into(), row }
}

/// When a message was sent, as well as the row tells.
pub(super) fn sent(row: MessageRow<'_>) -> Option<Moment> {
    row.posted().or_else(|| row.created())
}
