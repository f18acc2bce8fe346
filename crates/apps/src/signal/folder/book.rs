//! Chats, and what is known of each: who is in it, its timer, and how both changed.

use super::{
    MAIN,
    people::{Group, People, Recipient},
};
use crate::{
    Summary,
    signal::{APP, HOLDER},
};
use foldhash::{HashMap, HashSet};
use std::collections::BTreeMap;
use uitlezen_chat::{
    Conversation, ConversationId, ConversationKind, ConversationNumber, EvidenceId, Membership, MembershipChange, Moment,
    NativeId, ParticipantId, Role, Sender, Source, Timer, TimerChange, TimerState,
};
use uitlezen_protobuf::Record;

/// More chats than anybody has, and more chats for messages of which the chat is not there.
const MOST_CHATS: usize = 1_000_000;
const MOST_INVENTED: usize = 10_000;
/// People by chat.
const MOST_MET: usize = 4_000_000;
/// Changes of timers and members of one chat.
const MOST_CHANGES: usize = 10_000;
const ADMINISTRATOR: u64 = 2;

/// One chat.
#[derive(Debug, Default)]
pub(super) struct Entry {
    recipient: Option<u64>,
    archived: bool,
    timer: u64,
    frame: i64,
    people: Vec<ParticipantId>,
    changes: BTreeMap<ParticipantId, Vec<MembershipChange>>,
    timer_changes: Vec<TimerChange>,
    changes_left: usize,
    pub(super) messages: u64,
}

/// All chats, by place.
#[derive(Debug, Default)]
pub(super) struct Book {
    entries: Vec<Entry>,
    by_chat: HashMap<u64, u32>,
    invented: usize,
    met: HashSet<(u32, ParticipantId)>,
    pub(super) refused: u64,
}

/// Where a frame stands in the evidence: frames are counted from 1, the first is about the backup.
pub(super) fn source(item: EvidenceId, frame: i64) -> Source {
    Source { item, table: MAIN.into(), row: frame }
}

fn at(index: u32) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

/// Milliseconds as the seconds of a timer: never 0 for what is on.
pub(super) fn seconds(milliseconds: u64) -> u64 {
    milliseconds.div_ceil(1000)
}

impl Book {
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn add(&mut self, chat: &Record<'_>, frame: i64) {
        if self.entries.len() >= MOST_CHATS {
            self.refused += 1;
            return;
        }
        let entry = Entry {
            recipient: Some(chat.uint("recipientId")),
            archived: chat.flag("archived"),
            timer: seconds(chat.uint("expirationTimerMs")),
            frame,
            changes_left: MOST_CHANGES,
            ..Entry::default()
        };
        let Ok(index) = u32::try_from(self.entries.len()) else { return };
        self.entries.push(entry);
        // Of two chats of one number the first keeps the messages.
        self.by_chat.entry(chat.uint("id")).or_insert(index);
    }

    pub(super) fn of_chat(&self, chat: u64) -> Option<u32> {
        self.by_chat.get(&chat).copied()
    }

    /// The chat of a message; made when it is not there. `None` when there are more of those than is believable.
    pub(super) fn of_message(&mut self, chat: u64, frame: i64) -> Option<u32> {
        if let Some(known) = self.of_chat(chat) {
            return Some(known);
        }
        if self.invented >= MOST_INVENTED {
            return None;
        }
        self.invented += 1;
        let index = u32::try_from(self.entries.len()).ok()?;
        self.entries.push(Entry { frame, changes_left: MOST_CHANGES, ..Entry::default() });
        self.by_chat.insert(chat, index);
        Some(index)
    }

    pub(super) fn get_mut(&mut self, index: u32) -> Option<&mut Entry> {
        self.entries.get_mut(at(index))
    }

    /// The number of a chat within this reading.
    pub(super) fn number(index: u32) -> ConversationNumber {
        ConversationNumber(index.saturating_add(1))
    }

    /// Notes that somebody occurs in a chat.
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

    /// The records of all chats, in the order of their frames.
    pub(super) fn records(&mut self, people: &People, item: EvidenceId, summary: &mut Summary) -> Vec<Conversation> {
        summary.oddities.dropped_side_rows += self.refused + people.refused;
        let mut records = Vec::with_capacity(self.entries.len());
        for (index, entry) in self.entries.iter_mut().enumerate() {
            let Ok(index) = u32::try_from(index) else { break };
            let number = Self::number(index);
            records.push(entry.record(number, people, item));
        }
        distinct(&mut records);
        summary.conversations = records.len() as u64;
        records
    }
}

/// No two conversations have one id: two chats with one person stay two.
fn distinct(records: &mut [Conversation]) {
    let mut seen: HashMap<String, u32> = HashMap::default();
    for record in records {
        let times = seen.entry(record.id.0.clone()).or_default();
        *times += 1;
        if *times > 1 {
            record.id.0.push_str(&format!("#{times}"));
        }
    }
}

impl Entry {
    /// The first message was then.
    pub(super) fn saw(&mut self) {
        self.messages += 1;
    }

    pub(super) fn timer_changed(&mut self, at: Moment, by: Sender, to: u64, source: Source) -> bool {
        if self.changes_left == 0 {
            return false;
        }
        self.changes_left -= 1;
        let from_seconds = self.timer_changes.last().and_then(|last| last.to_seconds);
        self.timer_changes.push(TimerChange { at, by, from_seconds, to_seconds: Some(to), source });
        true
    }

    pub(super) fn member_changed(&mut self, who: ParticipantId, change: MembershipChange) -> bool {
        if self.changes_left == 0 {
            return false;
        }
        self.changes_left -= 1;
        self.changes.entry(who).or_default().push(change);
        true
    }

    fn record(&mut self, number: ConversationNumber, people: &People, item: EvidenceId) -> Conversation {
        let recipient = self.recipient.and_then(|id| people.recipient(id));
        let source = source(item, self.frame);
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
            timer: self.timer(self.timer, &source),
            separation: Vec::new(),
            source,
        };
        let mut met = std::mem::take(&mut self.people);
        match recipient {
            Some(Recipient::Person(id)) => {
                record.kind = ConversationKind::Direct;
                record.id = ConversationId(format!("{APP}:{}", id.0));
                record.native = people.native(id);
                met.retain(|other| other != id);
                met.insert(0, id.clone());
            }
            Some(Recipient::Holder) => {
                record.id = ConversationId(format!("{APP}:{HOLDER}"));
                record.native = vec![native("note to self", HOLDER)];
            }
            Some(Recipient::ReleaseNotes) => {
                record.kind = ConversationKind::Broadcast;
                record.id = ConversationId(format!("{APP}:release-notes"));
                record.native = vec![native("release notes", "signal")];
            }
            Some(Recipient::Group(group)) => self.group(group, people, &mut record, &mut met),
            Some(Recipient::List(name)) => {
                record.kind = ConversationKind::Broadcast;
                record.title.clone_from(name);
                record.id = ConversationId(format!("{APP}:list:{}", number.0));
            }
            Some(Recipient::CallLink(name)) => {
                record.title.clone_from(name);
                record.id = ConversationId(format!("{APP}:call-link:{}", number.0));
            }
            Some(Recipient::Unknown) | None => {
                if self.recipient.is_none() {
                    record.timer.state = TimerState::NotDeterminable { reason: "the chat is not in the backup".to_owned() };
                }
            }
        }
        if record.native.is_empty() {
            // Of this readout only: nothing else names it.
            record.native = vec![native("chat", &number.0.to_string())];
        }
        record.participants = met.iter().map(|id| people.participant(id)).collect();
        record.participants.push(people.participant(&ParticipantId(HOLDER.to_owned())));
        record
    }

    fn timer(&mut self, seconds: u64, source: &Source) -> Timer {
        let changes = std::mem::take(&mut self.timer_changes);
        // Since when: the last change, where it says what holds now.
        let last = changes.last().filter(|last| last.to_seconds == Some(seconds));
        let since = last.map(|last| last.at.clone());
        let state = if seconds == 0 { TimerState::Off } else { TimerState::On { seconds } };
        Timer { state, since, basis: None, initiator_raw: None, changes, source: Some(source.clone()) }
    }

    fn group(&mut self, group: &Group, people: &People, record: &mut Conversation, met: &mut Vec<ParticipantId>) {
        record.kind = ConversationKind::Group;
        record.title.clone_from(&group.title);
        record.description.clone_from(&group.description);
        if let Some(mark) = &group.mark {
            record.id = ConversationId(format!("{APP}:group:{mark}"));
            record.native = vec![native("group", mark)];
        }
        // The group's own state decides; what the chat says beside it is kept where they differ.
        if group.snapshot && group.timer != self.timer {
            let chat = record.timer.state.clone();
            let state = if group.timer == 0 { TimerState::Off } else { TimerState::On { seconds: group.timer } };
            record.uninterpreted.insert("Chat.expirationTimerMs".to_owned(), format!("{} s", self.timer));
            // A contradiction is never "off".
            record.timer.state = if state == TimerState::Off { chat } else { state };
            record.timer.since = None;
        }
        for (word, on) in [("terminated", group.terminated), ("announcementsOnly", group.announcements_only)] {
            if on {
                record.uninterpreted.insert(format!("GroupSnapshot.{word}"), "1".to_owned());
            }
        }
        for (word, n) in [("pending", group.pending), ("banned", group.banned)] {
            if n > 0 {
                record.uninterpreted.insert(format!("GroupSnapshot.{word}"), n.to_string());
            }
        }
        if group.blocked {
            record.uninterpreted.insert("Group.blocked".to_owned(), "1".to_owned());
        }
        let mut changes = std::mem::take(&mut self.changes);
        let mut placed = HashSet::default();
        for (id, role) in &group.members {
            let id = people.member(id);
            if !placed.insert(id.clone()) {
                continue;
            }
            if id.0 != HOLDER && !met.contains(&id) {
                met.push(id.clone());
            }
            let role = if *role == ADMINISTRATOR { Role::Admin } else { Role::Member };
            let changes = changes.remove(&id).unwrap_or_default();
            record.membership.push(Membership { participant: id, current: true, role: Some(role), changes });
        }
        // Who was there once. Without the group's state nobody knows who is there now.
        for (participant, changes) in changes {
            let current = !group.snapshot && changes.last().is_some_and(|last| last.joined);
            record.membership.push(Membership { participant, current, role: None, changes });
        }
    }
}

fn native(kind: &str, value: &str) -> NativeId {
    NativeId { kind: kind.to_owned(), value: value.to_owned() }
}
