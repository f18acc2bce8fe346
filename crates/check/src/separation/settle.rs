//! What remains of one message of a conversation that is read out in part: what was said and done in the part that is.

use super::Ruling;
use std::collections::HashSet;
use uitlezen_chat::{Body, Message, Moment, ParticipantId, Revocation, Sender};

/// The message as it was within the part that is read out; nothing when it was sent outside it.
///
/// A message that was written anew outside stands as it was before; where that is not known, its content is withheld. What
/// others added (reactions, marks, answers, votes) remains when it was added within.
pub(super) fn settle(ruling: &Ruling, mut message: Message) -> Option<Message> {
    if !ruling.of(&message.sent).is_in() {
        return None;
    }
    if ruling.is_whole() {
        return Some(message);
    }
    // What has no time of its own counts as outside.
    let within = |at: Option<&Moment>| at.is_some_and(|at| ruling.of(at).is_in());
    message.earlier.retain(|version| within(written(version)));
    if !within(written(&message)) {
        message = before(message);
    }
    keep_additions(&mut message, ruling);
    for version in &mut message.earlier {
        keep_additions(version, ruling);
    }
    Some(message)
}

/// When this version was written.
pub(super) fn written(message: &Message) -> Option<&Moment> {
    match (&message.body, &message.edited) {
        (Body::Revoked(revocation), _) => revocation.at.as_ref(),
        (_, Some(edit)) => edit.at.as_ref(),
        (_, None) => Some(&message.sent),
    }
}

/// The newest version that is left takes the place of the message.
fn before(mut message: Message) -> Message {
    message.edited = None;
    message.mentions.clear();
    message.uninterpreted.clear();
    if message.earlier.is_empty() {
        message.body = match message.body {
            // That it was deleted shows where there is nothing; when, and by whom, was outside.
            Body::Revoked(_) => Body::Revoked(Revocation { at: None, by_admin: None, original_id: None }),
            _ => Body::Withheld,
        };
        return message;
    }
    let version = message.earlier.remove(0);
    message.body = version.body;
    message.edited = version.edited;
    message.mentions = version.mentions;
    message.uninterpreted = version.uninterpreted;
    message.source = version.source;
    if !version.attachments.is_empty() {
        message.attachments = version.attachments;
    }
    message
}

fn keep_additions(message: &mut Message, ruling: &Ruling) {
    let within = |at: Option<&Moment>| at.is_some_and(|at| ruling.of(at).is_in());
    message.reactions.retain(|r| within(r.at.as_ref()));
    message.pins.retain(|m| within(m.at.as_ref()));
    message.kept.retain(|m| within(m.at.as_ref()));
    message.additions.retain(|a| within(a.at.as_ref()));
    match &mut message.body {
        Body::Event { answers, .. } => answers.retain(|a| within(a.at.as_ref())),
        Body::Place(place) if place.last.as_ref().is_some_and(|last| !within(last.at.as_ref())) => place.last = None,
        // When somebody voted is not in the record.
        Body::Poll(poll) if is_left_later(ruling, &message.sent) => {
            for option in &mut poll.options {
                option.voters.clear();
                option.total = None;
            }
        }
        _ => {}
    }
}

/// Whether any time after this one lies outside the part that is read out.
fn is_left_later(ruling: &Ruling, at: &Moment) -> bool {
    let ends_later = |to: Option<jiff::Timestamp>| to.is_none_or(|to| at.utc.is_none_or(|at| to > at));
    ruling.placings().stretches().any(|(span, placing)| !placing.is_in() && ends_later(span.to))
}

/// Everybody who said or did something in a message or was named in it, the one who is quoted excepted.
pub(super) fn people(message: &Message, into: &mut HashSet<ParticipantId>) {
    let mut add = |who: &Sender| {
        if let Sender::Participant(id) = who
            && !into.contains(id)
        {
            into.insert(id.clone());
        }
    };
    add(&message.sender);
    message.reactions.iter().for_each(|r| add(&r.by));
    message.pins.iter().chain(&message.kept).for_each(|m| add(&m.by));
    message.additions.iter().for_each(|a| add(&a.by));
    match &message.body {
        Body::Poll(poll) => poll.options.iter().flat_map(|o| &o.voters).for_each(&mut add),
        Body::Call(call) => call.participants.iter().for_each(&mut add),
        Body::System(event) => event.actor.iter().chain(&event.affected).for_each(&mut add),
        Body::Event { answers, .. } => answers.iter().for_each(|a| add(&a.by)),
        Body::Revoked(revocation) => revocation.by_admin.iter().for_each(&mut add),
        _ => {}
    }
    into.extend(message.mentions.iter().filter_map(|m| m.participant.clone()));
    for version in &message.earlier {
        people(version, into);
    }
}
