//! Conversations (`chat`), who is in them, and in which of them each message stands.

use super::{
    contacts::Names,
    people::{self, People, kind},
};
use crate::{
    ReadError, Summary,
    reading::{
        schema::Schema,
        value::{self, Repairs},
    },
};
use foldhash::{HashMap, HashSet};
use std::collections::BTreeMap;
use uitlezen_chat::{
    Conversation, ConversationId, ConversationKind, ConversationNumber, EvidenceId, Membership, MembershipChange, NativeId,
    Source, Timer, TimerState,
};

/// The name of the app in records.
pub const APP: &str = "imessage";

/// Conversations made for messages that stand in none.
const MOST_INVENTED: usize = 10_000;
/// People by conversation.
const MOST_MET: usize = 4_000_000;
const MOST_CHANGES: usize = 1_000;

/// `chat.style`, where it says something.
const GROUP: i64 = 43;
const DIRECT: i64 = 45;

/// One conversation.
#[derive(Debug)]
pub(super) struct Entry {
    /// Row of `chat`; none for an invented one.
    pub(super) chat: Option<i64>,
    guid: String,
    identifier: Option<String>,
    room: bool,
    title: Option<String>,
    style: Option<i64>,
    archived: bool,
    uninterpreted: BTreeMap<String, String>,
    /// In the order in which they were met.
    people: Vec<u32>,
    /// Of those, how many stand in the list of members.
    members: HashSet<u32>,
    changes: BTreeMap<u32, Vec<MembershipChange>>,
    pub(super) messages: u64,
    source: Source,
}

impl Entry {
    /// Two or more people make a group whatever the style says; what it says is not established.
    fn kind(&self) -> ConversationKind {
        let many = self.members.len() > 1 || self.room;
        match (self.chat, self.style) {
            (None, _) => ConversationKind::Other,
            (_, Some(GROUP)) => ConversationKind::Group,
            _ if many => ConversationKind::Group,
            (_, Some(DIRECT)) => ConversationKind::Direct,
            _ if self.members.len() == 1 => ConversationKind::Direct,
            _ => ConversationKind::Other,
        }
    }

    /// The other side of a conversation between two.
    pub(super) fn partner(&self) -> Option<u32> {
        (self.kind() == ConversationKind::Direct).then(|| self.people.first().copied()).flatten()
    }
}

/// All conversations.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) entries: Vec<Entry>,
    by_chat: HashMap<i64, u32>,
    invented: HashMap<String, u32>,
    met: HashSet<(u32, u32)>,
    pub(super) refused: u64,
}

fn at(index: u32) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

/// Where a record stands in the evidence.
pub(super) fn source(item: EvidenceId, table: &'static str, row: i64) -> Source {
    Source { item, table: table.into(), row }
}

impl Book {
    pub(super) fn load(schema: &Schema<'_>, repairs: &Repairs, item: EvidenceId, people: &mut People) -> Result<Self, ReadError> {
        let mut book = Self::default();
        let wanted = [
            "rowid",
            "guid",
            "style",
            "chat_identifier",
            "service_name",
            "room_name",
            "is_archived",
            "display_name",
            "is_filtered",
            "properties",
        ];
        if let Some(columns) = schema.columns("chat", "c", &wanted) {
            let mut all = schema.prepare(&format!("SELECT {columns} FROM chat c ORDER BY c.rowid"))?;
            let mut rows = schema.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                let Some(chat) = value::int(row, 0) else { continue };
                let identifier = repairs.text(row, 3);
                let mut uninterpreted = BTreeMap::new();
                for (column, name) in [(4, "chat.service_name"), (8, "chat.is_filtered"), (9, "chat.properties")] {
                    if let Some(raw) = value::raw(repairs, row, column).filter(|raw| raw != "0") {
                        uninterpreted.insert(name.to_owned(), raw);
                    }
                }
                let entry = Entry {
                    chat: Some(chat),
                    guid: repairs.text(row, 1).unwrap_or_else(|| format!("row:{chat}")),
                    room: repairs.text(row, 5).is_some(),
                    title: repairs.text(row, 7),
                    style: value::int(row, 2),
                    archived: value::flag(row, 6),
                    identifier,
                    uninterpreted,
                    ..Entry::empty(source(item, "chat", chat))
                };
                if let Some(index) = book.add(entry) {
                    book.by_chat.insert(chat, index);
                }
            }
        }
        book.members(schema, people)?;
        // A conversation between two of which the list of members is empty still says with whom it is.
        for index in 0..u32::try_from(book.entries.len()).unwrap_or(u32::MAX) {
            let lonely = book.get(index).filter(|e| e.style == Some(DIRECT) && !e.room && e.members.is_empty());
            if let Some(identifier) = lonely.and_then(|e| e.identifier.clone())
                && let Some(person) = people.person(&identifier)
            {
                book.meet(index, person);
                if let Some(entry) = book.entries.get_mut(at(index)) {
                    entry.members.insert(person);
                }
            }
        }
        Ok(book)
    }

    fn members(&mut self, schema: &Schema<'_>, people: &People) -> Result<(), ReadError> {
        let Some(columns) = schema.columns("chat_handle_join", "j", &["chat_id", "handle_id"]) else { return Ok(()) };
        let mut all = schema.prepare(&format!("SELECT {columns} FROM chat_handle_join j"))?;
        let mut rows = schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let index = value::int(row, 0).and_then(|chat| self.of_chat(chat));
            let person = value::int(row, 1).and_then(|handle| people.of_handle(handle));
            if let (Some(index), Some(person)) = (index, person) {
                self.meet(index, person);
                if let Some(entry) = self.entries.get_mut(at(index)) {
                    entry.members.insert(person);
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, entry: Entry) -> Option<u32> {
        let index = u32::try_from(self.entries.len()).ok()?;
        self.entries.push(entry);
        Some(index)
    }

    pub(super) fn of_chat(&self, chat: i64) -> Option<u32> {
        self.by_chat.get(&chat).copied()
    }

    /// A conversation for messages whose own has no row. `None` when there are more of those than is believable.
    pub(super) fn invent(&mut self, name: &str, source: Source) -> Option<u32> {
        if let Some(known) = self.invented.get(name) {
            return Some(*known);
        }
        if self.invented.len() >= MOST_INVENTED {
            return None;
        }
        let index = self.add(Entry { guid: name.to_owned(), ..Entry::empty(source) })?;
        self.invented.insert(name.to_owned(), index);
        Some(index)
    }

    pub(super) fn get(&self, index: u32) -> Option<&Entry> {
        self.entries.get(at(index))
    }

    /// The number of a conversation within this reading.
    pub(super) fn number(index: u32) -> ConversationNumber {
        ConversationNumber(index.saturating_add(1))
    }

    /// Notes that somebody occurs in a conversation.
    pub(super) fn meet(&mut self, index: u32, person: u32) {
        if self.met.contains(&(index, person)) {
            return;
        }
        if self.met.len() >= MOST_MET {
            self.refused += 1;
            return;
        }
        self.met.insert((index, person));
        if let Some(entry) = self.entries.get_mut(at(index)) {
            entry.people.push(person);
        }
    }

    pub(super) fn occurs(&self, index: u32, person: u32) -> bool {
        self.met.contains(&(index, person))
    }

    /// A join or a leave.
    pub(super) fn changed(&mut self, index: u32, person: u32, change: MembershipChange) {
        self.meet(index, person);
        let Some(entry) = self.entries.get_mut(at(index)) else { return };
        let changes = entry.changes.entry(person).or_default();
        if changes.len() < MOST_CHANGES {
            changes.push(change);
        } else {
            self.refused += 1;
        }
    }

    /// The records of all conversations, in the order of their rows.
    pub(super) fn records(
        &mut self,
        people: &People,
        names: &Names,
        holder: Option<&str>,
        summary: &mut Summary,
    ) -> Vec<Conversation> {
        let mut records = Vec::with_capacity(self.entries.len());
        for (index, entry) in self.entries.iter_mut().enumerate() {
            let Ok(index) = u32::try_from(index) else { break };
            let kind = entry.kind();
            let mut participants: Vec<_> = entry.people.iter().filter_map(|&p| people.participant(p, names)).collect();
            participants.push(people::holder(holder));
            let group = kind == ConversationKind::Group;
            let membership = if group {
                entry.people.iter().copied().filter_map(|p| entry.membership(p, people)).collect()
            } else {
                Vec::new()
            };
            let guid = NativeId {
                kind: if entry.chat.is_some() { "chat guid" } else { "address without a chat" }.to_owned(),
                value: entry.guid.clone(),
            };
            let mut native = vec![guid];
            if let Some(identifier) = entry.identifier.take() {
                let kind = if group { "group" } else { self::kind(&identifier) };
                native.push(NativeId { kind: kind.to_owned(), value: identifier });
            }
            records.push(Conversation {
                id: ConversationId(format!("{APP}:{}", entry.guid)),
                number: Self::number(index),
                app: APP.to_owned(),
                kind,
                kind_raw: entry.style,
                title: entry.title.take(),
                description: None,
                labels: Vec::new(),
                created: None,
                archived: entry.archived,
                locked: false,
                uninterpreted: std::mem::take(&mut entry.uninterpreted),
                native,
                participants,
                membership,
                timer: Timer {
                    state: TimerState::OfAccount,
                    since: None,
                    basis: None,
                    initiator_raw: None,
                    changes: Vec::new(),
                    source: None,
                },
                separation: Vec::new(),
                source: entry.source.clone(),
            });
        }
        summary.conversations = records.len() as u64;
        records
    }
}

impl Entry {
    fn empty(source: Source) -> Self {
        Self {
            chat: None,
            guid: String::new(),
            identifier: None,
            room: false,
            title: None,
            style: None,
            archived: false,
            uninterpreted: BTreeMap::new(),
            people: Vec::new(),
            members: HashSet::default(),
            changes: BTreeMap::new(),
            messages: 0,
            source,
        }
    }

    /// Somebody who wrote and is in no list was a member once: nobody knows when.
    fn membership(&self, person: u32, people: &People) -> Option<Membership> {
        let mut changes = self.changes.get(&person).cloned().unwrap_or_default();
        changes.sort_by_key(|change| change.at.as_ref().and_then(|at| at.utc));
        let participant = people.id(person)?;
        Some(Membership { participant, current: self.members.contains(&person), role: None, changes })
    }
}
