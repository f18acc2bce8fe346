//! Who and what occurs in which chat, and which message is which: everything that a record about a chat says before its first
//! message, and what a message says about another.

use super::{
    book::Book,
    item::{Parts, Told},
    people::People,
};
use crate::{
    Summary,
    signal::keys::{Keys, participant},
};
use uitlezen_chat::{Body, MembershipChange, Message, Sender, SystemEventKind};

/// The pass before the records.
#[derive(Debug)]
pub(super) struct Survey<'s> {
    book: &'s mut Book,
    keys: Keys,
    unplaced: u64,
    duplicates: u64,
}

impl<'s> Survey<'s> {
    pub(super) fn new(book: &'s mut Book) -> Self {
        Self { book, keys: Keys::new(), unplaced: 0, duplicates: 0 }
    }

    /// The chat of a message.
    pub(super) fn place(&mut self, chat: u64, frame: i64) -> Option<u32> {
        self.book.of_message(chat, frame)
    }

    pub(super) fn unplaced(&mut self) {
        self.unplaced += 1;
    }

    /// One message, as it will go out.
    pub(super) fn met(&mut self, index: u32, parts: &Parts, people: &People) {
        self.duplicates += u64::from(self.keys.add(index, &parts.author, parts.named, &parts.versions));
        for message in &parts.messages {
            if let Some(entry) = self.book.get_mut(index) {
                entry.saw();
            }
            self.people_of(index, message);
            self.changes_of(index, message, &parts.told, people);
        }
    }

    fn people_of(&mut self, index: u32, message: &Message) {
        let book = &mut *self.book;
        let mut meet = |who: &Sender| book.meet(index, who);
        meet(&message.sender);
        message.reactions.iter().for_each(|reaction| meet(&reaction.by));
        message.quote.iter().for_each(|quote| meet(&quote.sender));
        message.pins.iter().for_each(|pin| meet(&pin.by));
        for mention in message.mentions.iter().filter_map(|mention| mention.participant.clone()) {
            meet(&crate::signal::person::sender(mention));
        }
        match &message.body {
            Body::System(event) => event.affected.iter().chain(&event.actor).for_each(meet),
            Body::Poll(poll) => poll.options.iter().flat_map(|option| &option.voters).for_each(meet),
            Body::Call(call) => call.participants.iter().for_each(meet),
            Body::Revoked(revocation) => revocation.by_admin.iter().for_each(meet),
            _ => {}
        }
        for version in &message.earlier {
            self.people_of(index, version);
        }
    }

    fn changes_of(&mut self, index: u32, message: &Message, told: &Told, people: &People) {
        let Body::System(event) = &message.body else { return };
        let joined = match event.event {
            SystemEventKind::Added | SystemEventKind::JoinedByLink => Some(true),
            SystemEventKind::Left | SystemEventKind::Removed => Some(false),
            SystemEventKind::TimerChanged => {
                let by = event.actor.clone().unwrap_or(Sender::Unknown);
                let to = told.timers.get(&event.code).copied();
                let Some(entry) = self.book.get_mut(index) else { return };
                let placed = to.is_none_or(|to| entry.timer_changed(message.sent.clone(), by, to, message.source.clone()));
                self.book.refused += u64::from(!placed);
                None
            }
            _ => None,
        };
        let Some(joined) = joined else { return };
        for who in event.affected.iter().filter_map(participant) {
            let change = MembershipChange {
                joined,
                at: Some(message.sent.clone()),
                by: event.actor.clone(),
                source: message.source.clone(),
            };
            let Some(entry) = self.book.get_mut(index) else { return };
            let placed = entry.member_changed(people.member(&who), change);
            self.book.refused += u64::from(!placed);
        }
    }

    pub(super) fn finish(self, summary: &mut Summary) -> Keys {
        summary.oddities.dropped_messages += self.unplaced;
        summary.oddities.duplicate_keys += self.duplicates;
        self.keys
    }
}
