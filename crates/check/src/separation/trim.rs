//! What remains of the head of a conversation that is read out in part: title, people, membership and timer as they were in
//! that part.

use super::{
    Placing, Ruling,
    heard::Retitled,
    presence::{is_partner, present},
    timeline::Timeline,
};
use jiff::Timestamp;
use std::collections::HashSet;
use uitlezen_chat::{Conversation, Moment, ParticipantId, Sender, Separated, TimerState, Treatment};

/// Why a timer's present state is not told: the conversation is left out now.
pub const LEFT_OUT: &str = "left-out";

/// Which moments of a conversation one listing of it may tell of.
pub(super) struct Window<'w> {
    pub(super) ruling: &'w Ruling,
    pub(super) tells: fn(Placing) -> bool,
    /// The moment of the readout.
    pub(super) now: Timestamp,
}

impl Window<'_> {
    fn now(&self) -> bool {
        (self.tells)(self.ruling.at(Some(self.now)))
    }

    fn at(&self, at: Option<&Moment>) -> bool {
        at.is_some_and(|at| (self.tells)(self.ruling.of(at)))
    }

    /// The title now, or the last one that was in force while the conversation was told of.
    fn title(&self, present: Option<&String>, history: &[Retitled]) -> Option<String> {
        if self.now() {
            return present.cloned();
        }
        let titles = titles(present, history);
        let told = self.ruling.placings().with(&titles, |placing, title| ((self.tells)(*placing), title.clone()));
        let last = told.values().filter(|(tells, _)| *tells).last();
        last.and_then(|(_, title)| title.clone())
    }

    /// Who stands in the listing: who was there while it tells, or did something in it.
    fn people(&self, conversation: &Conversation, occurs: &HashSet<ParticipantId>) -> HashSet<ParticipantId> {
        let there = present(conversation).into_iter().filter(|(_, there)| {
            let both = there.with(self.ruling.placings(), |there, placing| *there && (self.tells)(*placing));
            both.values().any(|both| *both)
        });
        let mut kept: HashSet<ParticipantId> = there.map(|(who, _)| who.id.clone()).collect();
        let others = conversation.participants.iter();
        kept.extend(
            others.filter(|p| p.is_holder || occurs.contains(&p.id) || is_partner(conversation, p)).map(|p| p.id.clone()),
        );
        kept
    }

    /// The conversation as it may be told of.
    pub(super) fn trim(
        &self,
        mut conversation: Conversation,
        history: &[Retitled],
        occurs: &HashSet<ParticipantId>,
    ) -> Conversation {
        let now = self.now();
        let kept = self.people(&conversation, occurs);
        let known = |who: &Sender| !matches!(who, Sender::Participant(id) if !kept.contains(id));
        conversation.title = self.title(conversation.title.as_ref(), history);
        conversation.participants.retain(|p| kept.contains(&p.id));
        conversation.membership.retain(|m| kept.contains(&m.participant));
        for member in &mut conversation.membership {
            member.changes.retain(|change| self.at(change.at.as_ref()));
            for change in &mut member.changes {
                change.by.take_if(|by| !known(by));
            }
            if !now {
                member.current = false;
                member.role = None;
            }
        }
        conversation.created.take_if(|at| !self.at(Some(at)));
        let timer = &mut conversation.timer;
        timer.changes.retain(|change| self.at(Some(&change.at)));
        for change in &mut timer.changes {
            if !known(&change.by) {
                change.by = Sender::Unknown;
            }
        }
        timer.since.take_if(|at| !now || !self.at(Some(at)));
        if !now {
            conversation.description = None;
            conversation.labels.clear();
            conversation.uninterpreted.clear();
            (conversation.archived, conversation.locked) = (false, false);
            conversation.timer.state = TimerState::NotDeterminable { reason: LEFT_OUT.to_owned() };
            conversation.timer.basis = None;
            conversation.timer.initiator_raw = None;
        }
        conversation
    }
}

/// What the conversation was called when, as far as the app's notices tell. Before the first of them it had the title that
/// they say it had; the title that it has now holds from the last of them on.
pub(super) fn titles(present: Option<&String>, history: &[Retitled]) -> Timeline<Option<String>> {
    let mut history: Vec<&Retitled> = history.iter().collect();
    history.sort_by_key(|(at, ..)| *at);
    let first = history.first().map_or_else(|| present.cloned(), |(_, old, new)| old.clone().or_else(|| new.clone()));
    let mut line = Timeline::always(first);
    for (n, (at, _, new)) in history.iter().enumerate() {
        let last = n + 1 == history.len();
        line.change(*at, if last { present.cloned() } else { new.clone() });
    }
    line
}

/// A ruling as the record tells it; empty where nothing was decided and everything read out.
pub(super) fn separated(ruling: &Ruling) -> Vec<Separated> {
    if ruling.placings().only() == Some(&Placing::In { class: super::Class::Onbekend }) {
        return Vec::new();
    }
    let stretch = |(span, placing): (super::Span, &Placing)| {
        let (treatment, class, rule) = match placing {
            Placing::In { class } => (Treatment::ReadOut, Some(*class), None),
            Placing::Out { rule, class } => (Treatment::LeftOut, Some(*class), Some(*rule)),
            Placing::Undecided => (Treatment::Undecided, None, None),
            Placing::CouncillorsOnly => (Treatment::CouncillorsOnly, None, None),
        };
        Separated { from: span.from, to: span.to, treatment, class: class.map(|c| c.word().to_owned()), rule }
    };
    ruling.placings().stretches().map(stretch).collect()
}
