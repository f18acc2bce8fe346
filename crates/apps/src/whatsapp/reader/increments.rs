//! What the increments say about people and conversations, taken in before the conversations are given out.

use super::{DefaultTimerHint, members::role, survey::Survey, timer::timer};
use crate::whatsapp::backup::{ConversationFacts, FromIncrement, IncrementSet};
use crate::whatsapp::parties::{
    book::{ChatRow, source},
    jids::Jids,
};
use uitlezen_chat::{EvidenceId, MembershipChange, Moment, NameOrigin, Sender, Source, TimeUnit, TimerChange, TimerState};

const CONVERSATIONS: &str = "HistorySync.conversations";

fn item<T>(set: &IncrementSet, from: &FromIncrement<T>) -> EvidenceId {
    set.added().get(from.increment).map_or(EvidenceId(0), |added| added.item)
}

/// Milliseconds, whatever unit the moment came in.
fn millis(at: &Moment) -> i64 {
    if at.unit == TimeUnit::Seconds { at.raw.saturating_mul(1000) } else { at.raw }
}

/// Hidden ids first: they decide which chats are one conversation.
pub(super) fn addresses(set: &IncrementSet, jids: &mut Jids) {
    for (lid, number) in set.lids() {
        jids.map_addresses(lid, &number.what);
    }
    for facts in set.conversations().values().filter_map(|all| all.last()) {
        if let (Some(number), Some(lid)) = (&facts.what.pn_jid, &facts.what.lid_jid) {
            jids.map_addresses(lid, number);
        }
    }
}

impl Survey<'_, '_> {
    /// Names, conversations that the full backup does not have, who occurs in them, and newer timers.
    pub(crate) fn increments(&mut self, set: &IncrementSet) {
        for (jid, name) in set.push_names() {
            let row = self.jids.row_of(jid);
            if let Some(person) = self.jids.resolved_row(row) {
                self.people.add(person, &name.what, NameOrigin::PushName);
            }
        }
        for (jid, facts) in set.conversations() {
            let Some(newest) = facts.last() else { continue };
            let described = facts.iter().rev().find_map(|f| f.what.description.as_ref());
            let from = source(item(set, newest), CONVERSATIONS, 0);
            let index = self.conversation(jid, Some(&newest.what), from.clone());
            self.newer_timer(index, facts, set);
            if let (Some(group), Some(description)) = (self.book.get(index).and_then(|e| e.jid), described) {
                self.people.describe(group, description);
            }
            for (member, rank) in &newest.what.participants {
                let row = self.jids.row_of(member);
                self.book.meet(self.jids, index, row);
                if let Some(who) = self.people.sender(self.jids, row) {
                    self.book.member_now(index, &who, true, role(Some(*rank)));
                }
            }
        }
        self.departures(set);
        for found in set.messages() {
            let m = found.message;
            let index = self.conversation(&m.chat, None, source(found.item, CONVERSATIONS, m.position.row));
            let said = match &m.content {
                crate::whatsapp::backup::Content::Said(said) | crate::whatsapp::backup::Content::Edits { said, .. } => Some(said),
                _ => None,
            };
            let parameters = m.stub.iter().flat_map(|s| &s.parameters).filter(|p| p.contains('@'));
            let spoken_of = said.iter().filter(|_| !self.sparing);
            let people: Vec<&String> = m
                .sender
                .iter()
                .chain(m.reactions.iter().filter_map(|r| r.by.as_ref()))
                .chain(said.iter().flat_map(|s| &s.call_participants))
                .chain(spoken_of.clone().flat_map(|s| &s.mentions))
                .chain(spoken_of.filter_map(|s| s.quote.as_ref()?.participant.as_ref()))
                .chain(parameters)
                .collect();
            for jid in people {
                let row = self.jids.row_of(jid);
                self.book.meet(self.jids, index, row);
            }
            if let (Some(name), Some(sender)) = (&m.push_name, &m.sender) {
                let row = self.jids.row_of(sender);
                if let Some(person) = self.jids.resolved_row(row) {
                    self.people.add(person, name, NameOrigin::PushName);
                }
            }
        }
        if let Some(hint) = set.default_timers().iter().rev().find(|t| t.what.seconds.is_some()) {
            self.summary.default_timer_hint = Some(DefaultTimerHint {
                seconds: hint.what.seconds.and_then(|s| u64::try_from(s).ok()).unwrap_or(0),
                since: hint.what.set.clone(),
                source: source(item(set, hint), "HistorySync.globalSettings", 0),
            });
        }
    }

    /// Who left which group. Whom a later list of members still names came back.
    fn departures(&mut self, set: &IncrementSet) {
        for left in set.departures() {
            let from = source(item(set, left), "HistorySync.pastParticipants", 0);
            let departure = &left.what;
            let index = self.conversation(&departure.group, None, from.clone());
            let row = self.jids.row_of(&departure.person);
            self.book.meet(self.jids, index, row);
            let Some(who) = self.people.sender(self.jids, row) else { continue };
            let person = self.jids.resolved_row(row);
            let newest = set.conversations().get(&departure.group).and_then(|facts| facts.last());
            let present = newest.is_some_and(|f| {
                f.what
                    .participants
                    .iter()
                    .any(|(jid, _)| self.jids.find(jid).and_then(|row| self.jids.resolved_row(row)) == person)
            });
            if !present {
                self.book.member_gone(index, &who);
            }
            let change = MembershipChange { joined: false, at: departure.at.clone(), by: None, source: from };
            self.book.member_changed(index, &who, change);
        }
    }

    /// The conversation of an address, added when the full backup has none.
    fn conversation(&mut self, jid: &str, facts: Option<&ConversationFacts>, from: Source) -> usize {
        let row = self.jids.row_of(jid);
        if let Some(known) = self.book.of_jid(self.jids, row) {
            return known;
        }
        self.summary.increments.conversations_new += 1;
        let mut timer = timer(Some(None), None, None, None, from.clone());
        timer.state = TimerState::NotDeterminable { reason: "not-in-increment".to_owned() };
        let row = ChatRow {
            chat: None,
            jid: Some(row),
            subject: facts.and_then(|f| f.name.clone()).filter(|_| jid.ends_with("@g.us")),
            created: facts.and_then(|f| f.created.as_ref()).map(|at| Moment::from_millis(millis(at))),
            archived: false,
            locked: false,
            group_type: None,
            community: false,
            uninterpreted: Default::default(),
            timer,
            source: from,
        };
        self.book.add_chat(self.jids, self.scope, row)
    }

    /// What the increments say about a timer, oldest first. One that was set later than the database knows replaces it, and the
    /// change stands in the history.
    fn newer_timer(&mut self, index: usize, facts: &[FromIncrement<ConversationFacts>], set: &IncrementSet) {
        for fact in facts {
            let Some(entry) = self.book.entries.get_mut(index) else { return };
            let f = &fact.what;
            let from = source(item(set, fact), CONVERSATIONS, 0);
            let after_read = f.after_read_seconds.is_some_and(|s| s > 0);
            let state = match f.timer_seconds {
                Some(0) if after_read => TimerState::NotDeterminable { reason: "after-read-timer-not-interpreted".to_owned() },
                Some(0) => TimerState::Off,
                Some(seconds) => TimerState::On { seconds },
                None => continue,
            };
            let older =
                entry.timer.since.as_ref().zip(f.timer_set.as_ref()).is_some_and(|(known, new)| millis(new) < millis(known));
            if older || state == entry.timer.state {
                continue;
            }
            let seconds = |s: &TimerState| match s {
                TimerState::Off => Some(0),
                TimerState::On { seconds } => Some(*seconds),
                TimerState::OfAccount | TimerState::NotDeterminable { .. } => None,
            };
            if let Some(at) = &f.timer_set {
                entry.timer.changes.push(TimerChange {
                    at: at.clone(),
                    by: if f.timer_initiated_by_me == Some(true) { Sender::Holder } else { Sender::Unknown },
                    from_seconds: seconds(&entry.timer.state),
                    to_seconds: seconds(&state),
                    source: from.clone(),
                });
            }
            entry.timer.state = state;
            entry.timer.since = f.timer_set.clone();
            entry.timer.initiator_raw = f.timer_initiator_raw;
            entry.timer.source = Some(from);
        }
    }
}
