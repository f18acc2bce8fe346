//! Threads, and what is known of each.

use super::people::{People, Recipient, either};
use crate::{
    ReadError, Summary,
    reading::{
        schema::Schema,
        value::{self, Repairs},
    },
    signal::{APP, HOLDER},
};
use foldhash::{HashMap, HashSet};
use std::collections::BTreeMap;
use uitlezen_chat::{
    Conversation, ConversationId, ConversationKind, ConversationNumber, EvidenceId, Membership, MembershipChange, Moment,
    NativeId, ParticipantId, Sender, Source, Timer, TimerChange, TimerState,
};

const MOST: usize = 1_000_000;
const MOST_INVENTED: usize = 10_000;
const MOST_MET: usize = 4_000_000;
const MOST_CHANGES: usize = 10_000;

/// One thread.
#[derive(Debug, Default)]
struct Entry {
    /// Row of `thread`; none for an invented one.
    thread: Option<i64>,
    recipient: Option<i64>,
    archived: bool,
    people: Vec<ParticipantId>,
    timer_changes: Vec<TimerChange>,
    changes: BTreeMap<ParticipantId, Vec<MembershipChange>>,
    changes_left: usize,
}

/// All threads.
#[derive(Debug, Default)]
pub(super) struct Book {
    entries: Vec<Entry>,
    by_thread: HashMap<i64, u32>,
    invented: usize,
    met: HashSet<(u32, ParticipantId)>,
    refused: u64,
}

/// Where a row stands in the evidence.
pub(super) fn source(item: EvidenceId, table: &'static str, row: i64) -> Source {
    Source { item, table: table.into(), row }
}

fn at(index: u32) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

fn native(kind: &str, value: &str) -> NativeId {
    NativeId { kind: kind.to_owned(), value: value.to_owned() }
}

impl Book {
    pub(super) fn load(schema: &Schema<'_>, repairs: &Repairs) -> Result<Self, ReadError> {
        let mut book = Self::default();
        let recipient = either(schema, "thread", &["recipient_id", "thread_recipient_id", "recipient_ids"]);
        let Some(columns) = schema.columns("thread", "t", &["_id", recipient, "archived"]) else { return Ok(book) };
        let mut all = schema.prepare(&format!("SELECT {columns} FROM thread t ORDER BY t._id"))?;
        let mut rows = schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let Some(thread) = value::int(row, 0) else { continue };
            if book.entries.len() >= MOST {
                book.refused += 1;
                continue;
            }
            let recipient = value::int(row, 1).or_else(|| repairs.text(row, 1)?.trim().parse().ok());
            let entry = Entry { thread: Some(thread), recipient, archived: value::flag(row, 2), ..Entry::empty() };
            let Ok(index) = u32::try_from(book.entries.len()) else { break };
            book.entries.push(entry);
            book.by_thread.insert(thread, index);
        }
        Ok(book)
    }

    pub(super) fn of_thread(&self, thread: i64) -> Option<u32> {
        self.by_thread.get(&thread).copied()
    }

    /// The thread of a message; made when it is not there.
    pub(super) fn of_message(&mut self, thread: i64) -> Option<u32> {
        if let Some(known) = self.of_thread(thread) {
            return Some(known);
        }
        if self.invented >= MOST_INVENTED {
            return None;
        }
        self.invented += 1;
        let index = u32::try_from(self.entries.len()).ok()?;
        self.entries.push(Entry::empty());
        self.by_thread.insert(thread, index);
        Some(index)
    }

    pub(super) fn number(index: u32) -> ConversationNumber {
        ConversationNumber(index.saturating_add(1))
    }

    pub(super) fn meet(&mut self, index: u32, who: &Sender) {
        let Sender::Participant(id) = who else { return };
        if self.met.len() >= MOST_MET {
            self.refused += 1;
            return;
        }
        if self.met.insert((index, id.clone()))
            && let Some(entry) = self.entries.get_mut(at(index))
        {
            entry.people.push(id.clone());
        }
    }

    pub(super) fn timer_changed(&mut self, index: u32, change: TimerChange) {
        let Some(entry) = self.entries.get_mut(at(index)) else { return };
        let Some(left) = entry.changes_left.checked_sub(1) else {
            self.refused += 1;
            return;
        };
        entry.changes_left = left;
        let from_seconds = entry.timer_changes.last().and_then(|last| last.to_seconds);
        entry.timer_changes.push(TimerChange { from_seconds, ..change });
    }

    pub(super) fn left(&mut self, index: u32, who: ParticipantId, change: MembershipChange) {
        let Some(entry) = self.entries.get_mut(at(index)) else { return };
        let Some(left) = entry.changes_left.checked_sub(1) else {
            self.refused += 1;
            return;
        };
        entry.changes_left = left;
        entry.changes.entry(who).or_default().push(change);
    }

    /// The records of all threads, in the order of their rows.
    pub(super) fn records(&mut self, people: &People, item: EvidenceId, summary: &mut Summary) -> Vec<Conversation> {
        summary.oddities.dropped_side_rows += self.refused + people.refused;
        let (mut records, mut seen) = (Vec::with_capacity(self.entries.len()), HashMap::<String, u32>::default());
        for (index, entry) in self.entries.iter_mut().enumerate() {
            let Ok(index) = u32::try_from(index) else { break };
            let mut record = entry.record(Self::number(index), people, item);
            let times = seen.entry(record.id.0.clone()).or_default();
            *times += 1;
            if *times > 1 {
                record.id.0.push_str(&format!("#{times}"));
            }
            records.push(record);
        }
        summary.conversations = records.len() as u64;
        records
    }
}

impl Entry {
    fn empty() -> Self {
        Self { changes_left: MOST_CHANGES, ..Self::default() }
    }

    fn record(&mut self, number: ConversationNumber, people: &People, item: EvidenceId) -> Conversation {
        let row = self.recipient;
        let place = source(item, "thread", self.thread.unwrap_or(0));
        let mut record = Conversation {
            id: ConversationId(format!("{APP}:unknown:{}", number.0)),
            number,
            app: APP.to_owned(),
            kind: ConversationKind::Other,
            kind_raw: None,
            title: None,
            description: None,
            labels: Vec::new(),
            created: None,
            archived: self.archived,
            locked: false,
            uninterpreted: BTreeMap::new(),
            native: Vec::new(),
            participants: Vec::new(),
            membership: Vec::new(),
            timer: self.timer(row.and_then(|row| people.timer(row)), item),
            separation: Vec::new(),
            source: place,
        };
        let mut met = std::mem::take(&mut self.people);
        match row.and_then(|row| people.recipient(row)) {
            _ if row.is_some_and(|row| people.is_own(row)) => {
                record.id = ConversationId(format!("{APP}:{HOLDER}"));
                record.native = vec![native("note to self", HOLDER)];
            }
            Some(Recipient::Person(id)) => {
                record.kind = ConversationKind::Direct;
                record.id = ConversationId(format!("{APP}:{}", id.0));
                record.native = people.native(id);
                met.retain(|other| other != id);
                met.insert(0, id.clone());
            }
            Some(Recipient::Group(id)) => self.group(id, people, &mut record, &mut met),
            Some(Recipient::Nobody) | None => {}
        }
        if record.native.is_empty() {
            record.native = vec![native("thread", &self.thread.unwrap_or(i64::from(number.0)).to_string())];
        }
        record.participants = met.iter().map(|id| people.participant(id)).collect();
        record.participants.push(people.participant(&ParticipantId(HOLDER.to_owned())));
        record
    }

    fn timer(&mut self, seconds: Option<Option<u64>>, item: EvidenceId) -> Timer {
        let changes = std::mem::take(&mut self.timer_changes);
        let state = match seconds {
            Some(Some(0)) => TimerState::Off,
            Some(Some(seconds)) => TimerState::On { seconds },
            Some(None) => TimerState::NotDeterminable { reason: "recipient.message_expiration_time is not there".to_owned() },
            None => TimerState::NotDeterminable { reason: "the recipient is not in the backup".to_owned() },
        };
        let last = changes.last().filter(|last| seconds == Some(last.to_seconds) && last.to_seconds.is_some());
        let since: Option<Moment> = last.map(|last| last.at.clone());
        let source = self.recipient.map(|row| source(item, "recipient", row));
        Timer { state, since, basis: None, initiator_raw: None, changes, source }
    }

    fn group(&mut self, id: &str, people: &People, record: &mut Conversation, met: &mut Vec<ParticipantId>) {
        record.kind = ConversationKind::Group;
        let group = people.group(id);
        // Groups of the old kind have no key; their id is no secret, and nothing else names them.
        let mark = group.and_then(|group| group.mark.clone()).unwrap_or_else(|| id.to_owned());
        record.id = ConversationId(format!("{APP}:group:{mark}"));
        record.native = vec![native("group", &mark)];
        let Some(group) = group else { return };
        record.title.clone_from(&group.title);
        record.created = group.created.map(Moment::from_millis);
        if !group.active {
            record.uninterpreted.insert("groups.active".to_owned(), "0".to_owned());
        }
        let mut changes = std::mem::take(&mut self.changes);
        let mut placed = HashSet::default();
        for row in &group.members {
            let Some(id) = people.id(*row) else { continue };
            if !placed.insert(id.clone()) {
                continue;
            }
            if id.0 != HOLDER && !met.contains(&id) {
                met.push(id.clone());
            }
            let changes = changes.remove(&id).unwrap_or_default();
            record.membership.push(Membership { participant: id, current: true, role: None, changes });
        }
        for (participant, changes) in changes {
            record.membership.push(Membership { participant, current: false, role: None, changes });
        }
    }
}
