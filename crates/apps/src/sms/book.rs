//! Who is in which conversation.

use super::{
    APP, HOLDER,
    entry::{Entry, Thread, Way},
    number::{international, person},
};
use crate::{HolderKnown, Summary, whatsapp::reader::PhoneContacts};
use std::collections::{BTreeMap, BTreeSet};
use uitlezen_chat::{
    Conversation, ConversationId, ConversationKind, ConversationNumber, NameOrigin, NativeId, Participant, ParticipantId,
    ParticipantName, Sender, Source, Timer, TimerState,
};

/// One conversation.
#[derive(Debug)]
struct Room {
    people: BTreeSet<String>,
    source: Source,
}

/// All conversations.
#[derive(Debug, Default)]
pub(super) struct Book {
    rooms: BTreeMap<Thread, Room>,
    numbers: BTreeMap<Thread, ConversationNumber>,
    /// The holder's own numbers.
    own: BTreeSet<String>,
    told: bool,
    /// Messages that came to one number only, by that number.
    came_to: BTreeMap<String, u64>,
}

impl Book {
    pub(super) fn new(holder_number: Option<&str>) -> Self {
        let own: BTreeSet<String> = holder_number.map(person).into_iter().collect();
        Self { told: !own.is_empty(), own, ..Self::default() }
    }

    /// Somebody wrote, or was written to.
    pub(super) fn meet(&mut self, entry: &Entry) {
        let source = || Source { item: entry.item, table: entry.table.name.into(), row: entry.row };
        let room = self.rooms.entry(entry.thread.clone()).or_insert_with(|| Room { people: BTreeSet::new(), source: source() });
        room.people.extend(entry.from.iter().chain(&entry.to).cloned());
        self.own.extend(entry.own.clone());
        // What came to one number only came to this phone's.
        if let (Way::In, [only]) = (entry.way, entry.to.as_slice()) {
            *self.came_to.entry(only.clone()).or_default() += 1;
        }
    }

    /// The conversations, numbered.
    pub(super) fn records(&mut self, contacts: Option<&dyn PhoneContacts>, summary: &mut Summary) -> Vec<Conversation> {
        summary.holder = match (self.told, self.came_to.is_empty()) {
            (true, _) => HolderKnown::Told,
            (false, true) => HolderKnown::No,
            (false, false) => HolderKnown::ByOwnRows { rows: [("mms-addr".to_owned(), self.came_to.values().sum())].into() },
        };
        self.own.extend(self.came_to.keys().cloned());
        let mut all = Vec::with_capacity(self.rooms.len());
        for (number, (thread, room)) in (1..).zip(&self.rooms) {
            let number = ConversationNumber(number);
            self.numbers.insert(thread.clone(), number);
            let others: Vec<&String> = room.people.iter().filter(|who| !self.own.contains(*who)).collect();
            let kind = match others.len() {
                0 => ConversationKind::Other,
                1 => ConversationKind::Direct,
                _ => ConversationKind::Group,
            };
            let holder = Participant {
                id: ParticipantId(HOLDER.to_owned()),
                is_holder: true,
                number: None,
                names: Vec::new(),
                native: self.own.iter().filter(|who| room.people.contains(*who)).map(|who| native(who)).collect(),
            };
            let participants = others.iter().map(|who| participant(who, contacts)).chain([holder]).collect();
            let (id, native) = match thread {
                Thread::Number(id) => (format!("{APP}:thread:{id}"), NativeId { kind: "thread".into(), value: id.to_string() }),
                Thread::With(who) => (format!("{APP}:{who}"), NativeId { kind: "address".into(), value: who.clone() }),
            };
            all.push(Conversation {
                id: ConversationId(id),
                number,
                app: APP.to_owned(),
                kind,
                kind_raw: None,
                title: None,
                description: None,
                labels: Vec::new(),
                created: None,
                archived: false,
                locked: false,
                uninterpreted: BTreeMap::new(),
                native: vec![native],
                participants,
                membership: Vec::new(),
                timer: Timer {
                    state: TimerState::OfAccount,
                    since: None,
                    basis: None,
                    initiator_raw: None,
                    changes: Vec::new(),
                    source: None,
                },
                separation: Vec::new(),
                source: room.source.clone(),
            });
        }
        summary.conversations = all.len() as u64;
        all
    }

    pub(super) fn number(&self, thread: &Thread) -> Option<ConversationNumber> {
        self.numbers.get(thread).copied()
    }

    /// Who wrote it.
    pub(super) fn sender(&self, entry: &Entry) -> Sender {
        match (entry.way, &entry.from) {
            (Way::Out | Way::Draft, _) => Sender::Holder,
            (_, Some(who)) if self.own.contains(who) => Sender::Holder,
            (_, Some(who)) => Sender::Participant(ParticipantId(who.clone())),
            (Way::In, None) => self.only_other(&entry.thread),
            (Way::Unknown(_), None) => Sender::Unknown,
        }
    }

    /// Where a conversation is between two, what came in is from the other.
    fn only_other(&self, thread: &Thread) -> Sender {
        let mut others = self.rooms.get(thread).into_iter().flat_map(|room| &room.people).filter(|who| !self.own.contains(*who));
        match (others.next(), others.next()) {
            (Some(who), None) => Sender::Participant(ParticipantId(who.clone())),
            _ => Sender::Unknown,
        }
    }
}

fn native(address: &str) -> NativeId {
    NativeId { kind: "address".into(), value: address.to_owned() }
}

fn participant(address: &str, contacts: Option<&dyn PhoneContacts>) -> Participant {
    let number = international(address);
    let name = number.as_deref().and_then(|number| contacts?.name(number));
    let names = name.map(|name| ParticipantName { name, origin: NameOrigin::PhoneContacts }).into_iter().collect();
    Participant { id: ParticipantId(address.to_owned()), is_holder: false, number, names, native: vec![native(address)] }
}
