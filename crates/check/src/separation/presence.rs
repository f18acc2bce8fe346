//! Who is in a conversation when, and when nobody but council members is in it (R27, R28).

use super::{
    Known, Span,
    identifier::normal,
    timeline::{self, Timeline},
};
use jiff::Timestamp;
use std::collections::HashMap;
use uitlezen_chat::{Conversation, ConversationKind, Membership, Participant, ParticipantId};

/// When somebody is in a conversation, as far as the phone recorded it. Unknown moments count as presence: what keeps a
/// conversation in scope is not lost for want of a date.
pub(super) fn presence(membership: &Membership) -> Timeline<bool> {
    let mut known: Vec<(Timestamp, bool)> =
        membership.changes.iter().filter_map(|c| Some((c.at.as_ref()?.utc?, c.joined))).collect();
    known.sort_by_key(|(at, _)| *at);
    // Who first came was not there before; who first went was.
    let mut line = Timeline::always(known.first().is_none_or(|(_, joined)| !joined));
    for (at, joined) in &known {
        line.change(*at, *joined);
    }
    // They are there now, and the last that is recorded is that they went: they came back, nobody knows when.
    if membership.current
        && let Some((at, false)) = known.last()
    {
        let back = *at;
        return Timeline::of(line.moments(), |at| at.is_some_and(|at| at >= back) || *line.at(at));
    }
    line
}

/// Every participant but the holder with the time of their presence.
pub(super) fn present(conversation: &Conversation) -> Vec<(&Participant, Timeline<bool>)> {
    let members: HashMap<&ParticipantId, &Membership> = conversation.membership.iter().map(|m| (&m.participant, m)).collect();
    let others = conversation.participants.iter().filter(|p| !p.is_holder);
    others
        .filter_map(|p| match members.get(&p.id) {
            Some(member) => Some((p, presence(member))),
            // Between two, whoever is named besides the partner was only spoken of; where a list of members exists, so was
            // whoever does not stand in it.
            None if conversation.kind == ConversationKind::Direct => {
                is_partner(conversation, p).then(|| (p, Timeline::always(true)))
            }
            None => members.is_empty().then(|| (p, Timeline::always(true))),
        })
        .collect()
}

/// Whether somebody is the other side of a conversation between two.
pub(super) fn is_partner(conversation: &Conversation, participant: &Participant) -> bool {
    participant.native.iter().any(|own| conversation.native.iter().any(|n| normal(&n.value) == normal(&own.value)))
}

/// People whom the register knows, by every number and id.
#[derive(Debug, Default)]
pub(super) struct Roll(HashMap<String, Vec<Span>>);

impl Roll {
    pub(super) fn of(known: &[Known]) -> Self {
        let mut roll: HashMap<String, Vec<Span>> = HashMap::new();
        for person in known {
            for identifier in &person.identifiers {
                roll.entry(normal(identifier)).or_default().push(person.span);
            }
        }
        roll.remove("");
        Self(roll)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When somebody is on the roll.
    fn spans(&self, participant: &Participant) -> Vec<&Span> {
        let names = participant.native.iter().map(|n| &n.value).chain(&participant.number);
        names.filter_map(|name| self.0.get(&normal(name))).flatten().collect()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Presence {
    Absent,
    Councillor,
    Other,
}

/// When the conversation is one of council members only: somebody besides the holder is in it, all who are in it are council
/// members at that time, and none of them is a key official at that time.
pub(super) fn councillors_only(conversation: &Conversation, councillors: &Roll, officials: &Roll) -> Timeline<bool> {
    if councillors.is_empty() {
        return Timeline::always(false);
    }
    let people: Vec<Timeline<Presence>> = present(conversation)
        .into_iter()
        .map(|(who, there)| {
            let (councillor, official) = (councillors.spans(who), officials.spans(who));
            let moments = timeline::ends(councillor.iter().chain(&official).copied()).chain(there.moments());
            Timeline::of(moments, |at| match there.at(at) {
                false => Presence::Absent,
                true if official.iter().any(|span| span.holds(at)) => Presence::Other,
                true if councillor.iter().any(|span| span.holds(at)) => Presence::Councillor,
                true => Presence::Other,
            })
        })
        .collect();
    // One walk over everybody's comings and goings with how many of each are there.
    let mut events: Vec<(Timestamp, Presence, Presence)> = Vec::new();
    let (mut here, mut others) = (0_u64, 0_u64);
    for person in &people {
        let mut before = *person.at(None);
        here += u64::from(before == Presence::Councillor);
        others += u64::from(before == Presence::Other);
        for (at, now) in person.moments().zip(person.values().skip(1)) {
            events.push((at, before, *now));
            before = *now;
        }
    }
    events.sort_by_key(|(at, ..)| *at);
    let mut line = Timeline::always(here > 0 && others == 0);
    let mut events = events.into_iter().peekable();
    while let Some((at, before, now)) = events.next() {
        here = here + u64::from(now == Presence::Councillor) - u64::from(before == Presence::Councillor);
        others = others + u64::from(now == Presence::Other) - u64::from(before == Presence::Other);
        if events.peek().is_none_or(|(next, ..)| *next != at) {
            line.change(at, here > 0 && others == 0);
        }
    }
    line
}
