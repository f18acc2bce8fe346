//! A message as an increment tells it, as a record: addresses turned into people, its parts into theirs.

use super::{
    compose::Context,
    merge::{carried, place_of, reactions},
};
use crate::whatsapp::backup::{Content, Found, IncrementMessage, QuotedMessage, Said};
use crate::whatsapp::parties::{book::message_id, people::HOLDER};
use std::collections::BTreeMap;
use uitlezen_chat::{
    Body, Direction, Edit, ExpiryMark, Mention, Message, Moment, ParticipantId, Quote, Sender, Source, SystemEvent,
    SystemEventKind,
};

pub(super) fn person(cx: &Context<'_>, address: Option<&str>) -> Option<Sender> {
    cx.people.sender(cx.jids, cx.jids.find(address?)?)
}

pub(super) fn partner(cx: &Context<'_>, entry: usize) -> Option<Sender> {
    cx.people.sender(cx.jids, cx.book.get(entry)?.partner()?)
}

pub(super) fn sender_of(cx: &Context<'_>, entry: usize, m: &IncrementMessage) -> Sender {
    if m.key.from_me {
        return Sender::Holder;
    }
    person(cx, m.sender.as_deref()).or_else(|| partner(cx, entry)).unwrap_or(Sender::Unknown)
}

/// A message that only the increments hold.
pub(super) fn fresh(cx: &Context<'_>, entry: usize, found: &Found<'_>) -> Option<Message> {
    let m = found.message;
    let timer;
    let said = match &m.content {
        Content::Said(said) => said,
        Content::SetsTimer { seconds, .. } => {
            timer = Box::new(Said::of(Body::System(SystemEvent {
                event: SystemEventKind::TimerChanged,
                // HistorySync's own code for a changed timer (reference/android.md §2.5).
                code: 72,
                actor: None,
                affected: Vec::new(),
                old: None,
                new: seconds.map(|s| s.to_string()),
                holder_joined: None,
                about: None,
            })));
            &timer
        }
        _ => return None,
    };
    let sender = sender_of(cx, entry, m);
    let notice = matches!(said.body, Body::System(_));
    let direction = match (notice, m.key.from_me) {
        (true, _) => Direction::Notice,
        (false, true) => Direction::Sent,
        (false, false) => Direction::Received,
    };
    let sender = if notice && m.sender.is_none() && sender == Sender::Unknown { Sender::App } else { sender };
    let mut message = Message {
        id: message_id(cx.book, entry, m.key.from_me, &m.key.id, m.position.row, &sender),
        direction,
        sender,
        sent: m.sent.clone().unwrap_or_else(|| Moment::from_seconds(0)),
        received: None,
        body: Body::Waiting,
        attachments: carried(&said.attachments, &[]),
        quote: None,
        mentions: Vec::new(),
        reactions: reactions(cx, entry, found),
        forwarded: said.forwarded.clone(),
        pins: Vec::new(),
        kept: Vec::new(),
        additions: Vec::new(),
        edited: said
            .edited
            .then(|| Box::new(Edit { at: None, original_id: None, unsent_parts: Vec::new(), source: place_of(found) })),
        expiry: m
            .expiry
            .as_ref()
            .map(|e| Box::new(ExpiryMark { seconds: e.seconds.unwrap_or(0), expires: e.expires.clone(), kept: e.kept })),
        starred: m.starred,
        album: said.album.as_ref().map(|key| message_id(cx.book, entry, m.key.from_me, key, 0, &Sender::Unknown)),
        comment_on: None,
        uninterpreted: BTreeMap::new(),
        status_raw: m.status,
        delivery: None,
        earlier: Vec::new(),
        source: place_of(found),
    };
    fill(cx, entry, &mut message, m, said);
    Some(message)
}

/// What was said, with its addresses turned into people.
pub(super) fn fill(cx: &Context<'_>, entry: usize, message: &mut Message, m: &IncrementMessage, said: &Said) {
    message.body = said.body.clone();
    let address = |jid: &String| person(cx, Some(jid));
    match &mut message.body {
        Body::Call(call) => call.participants = said.call_participants.iter().filter_map(address).collect(),
        Body::System(event) => {
            event.actor = Some(message.sender.clone()).filter(|s| !matches!(s, Sender::Unknown | Sender::App));
            let parameters = m.stub.iter().flat_map(|s| &s.parameters);
            event.affected = parameters.filter(|p| p.contains('@')).filter_map(address).collect();
        }
        _ => {}
    }
    if !said.mentions.is_empty() {
        message.mentions = said.mentions.iter().map(|jid| mention(person(cx, Some(jid)), jid)).collect();
    }
    if let Some(quote) = &said.quote {
        message.quote = Some(Box::new(quoted(cx, entry, quote, message.source.clone())));
    }
}

fn mention(who: Option<Sender>, address: &str) -> Mention {
    let participant = match who {
        Some(Sender::Participant(id)) => Some(id),
        Some(Sender::Holder) => Some(ParticipantId(HOLDER.to_owned())),
        _ => None,
    };
    let shown = participant.is_none().then(|| address.to_owned());
    Mention { participant, shown, kind_raw: None }
}

fn quoted(cx: &Context<'_>, entry: usize, q: &QuotedMessage, from: Source) -> Quote {
    let elsewhere =
        q.chat.as_deref().and_then(|c| cx.jids.find(c)).and_then(|j| cx.book.of_jid(cx.jids, j)).filter(|&at| at != entry);
    let home = elsewhere.unwrap_or(entry);
    let other = partner(cx, home);
    // Between two, whoever is not the other is the holder, also when the holder's own address is not known.
    let sender = match (person(cx, q.participant.as_deref()), &other) {
        (Some(who), Some(other)) if who != *other => Sender::Holder,
        (Some(who), _) => who,
        (None, Some(_)) if q.participant.is_some() => Sender::Holder,
        (None, _) => Sender::Unknown,
    };
    let from_me = sender == Sender::Holder;
    Quote {
        // The key of a quote has no direction; it follows from the sender, and without one there is no id.
        id: q.id.as_deref().filter(|_| sender != Sender::Unknown).map(|key| message_id(cx.book, home, from_me, key, 0, &sender)),
        conversation: elsewhere.and_then(|at| cx.book.get(at)?.number),
        sender,
        sent: None,
        text: q.text.clone(),
        media_name: None,
        media_type: None,
        place: None,
        cards: Vec::new(),
        kind_raw: q.kind_raw,
        withheld: false,
        source: from,
    }
}
