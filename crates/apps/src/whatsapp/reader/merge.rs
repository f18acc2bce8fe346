//! The increments laid over the full backup.
//!
//! A message that the increments say something new about is given out in its newest version, with the older ones in
//! [`Message::earlier`], each with its own source; what both hold alike stays as the database has it; what only an increment
//! holds follows after the database's messages. An increment carries less than the database (no paths, coarser times), so a
//! newer version keeps what the older one knows and the newer does not contradict.

use super::{
    IncrementCounts, Scope, Summary,
    compose::Context,
    told::{fill, fresh, partner, person, sender_of},
};
use crate::whatsapp::backup::{Content, Found, IncrementReading, IncrementSet};
use crate::whatsapp::parties::book::{Book, source};
use std::collections::HashMap;
use uitlezen_chat::{
    Attachment, AttachmentState, Body, Edit, Mark, Message, Moment, Place, Reaction, Revocation, Sender, Source,
};

/// The native name of the place in an increment.
const TABLE: &str = "HistorySync.conversations.messages";
/// Older versions kept of one message.
const MOST_EARLIER: usize = 64;

/// One pass over the increments beside the pass over the database.
#[derive(Debug)]
pub(crate) struct Merge<'a> {
    set: &'a IncrementSet,
    reading: IncrementReading<'a>,
    /// Addresses under which each conversation may stand, by entry.
    addresses: Vec<Vec<String>>,
}

impl<'a> Merge<'a> {
    pub(crate) fn new(set: &'a IncrementSet, book: &Book) -> Self {
        let addresses = book.entries.iter().map(|e| e.native.iter().map(|n| n.value.clone()).collect()).collect();
        Self { set, reading: set.reading(), addresses }
    }

    pub(crate) fn set(&self) -> &'a IncrementSet {
        self.set
    }

    /// The newest version of a message of the database.
    pub(crate) fn over(
        &mut self,
        cx: &Context<'_>,
        entry: usize,
        from_me: bool,
        key: &str,
        base: Message,
        summary: &mut Summary,
    ) -> Message {
        if !self.set.has(key) {
            return base;
        }
        let chats: Vec<&str> = self.addresses.get(entry).into_iter().flatten().map(String::as_str).collect();
        let mut found = self.reading.take(&chats, from_me, key);
        if found.is_empty() {
            return base;
        }
        found.reverse();
        let mut changed = false;
        let mut message = base;
        for version in found {
            let applied = apply(cx, entry, message, &version, summary);
            message = applied.0;
            changed |= applied.1;
        }
        if changed {
            summary.increments.changed += 1;
        } else {
            summary.increments.same += 1;
        }
        message
    }

    /// What no message of the database took: new messages in the order of the increments, what acts upon them applied.
    pub(crate) fn rest(&self, cx: &Context<'_>, summary: &mut Summary) -> Vec<(usize, Message)> {
        let mut new: Vec<(usize, Message)> = Vec::new();
        let mut place: HashMap<(usize, bool, String), usize> = HashMap::new();
        for found in self.reading.rest() {
            let m = found.message;
            let Some(entry) = cx.jids.find(&m.chat).and_then(|jid| cx.book.of_jid(cx.jids, jid)) else {
                summary.increments.not_interpreted += 1;
                continue;
            };
            let target = m.content.target();
            let (from_me, id) = target.map_or((m.key.from_me, &m.key.id), |t| (t.from_me, &t.id));
            let known = place.get(&(entry, from_me, id.clone())).or_else(|| {
                // Whose view the key of an act was written from is not known: the other direction will do.
                target.and_then(|_| place.get(&(entry, !from_me, id.clone())))
            });
            if let Some((_, message)) = known.and_then(|&at| new.get_mut(at)) {
                let old = std::mem::replace(message, blank(message));
                *message = apply(cx, entry, old, &found, summary).0;
                continue;
            }
            let Some(message) = fresh(cx, entry, &found) else {
                // An act upon a message that nobody has is not shown as anything; an empty row says nothing.
                summary.increments.not_interpreted += u64::from(target.is_some());
                continue;
            };
            place.insert((entry, from_me, id.clone()), new.len());
            new.push((entry, message));
        }
        summary.increments.new += new.len() as u64;
        new
    }
}

/// What the increments amount to before any message is looked at. What the plan did not ask for is counted as such; the same
/// part asked for is not interpreted.
pub(crate) fn counts(set: &IncrementSet, scope: &Scope, summary: &mut Summary) {
    let mut counts = IncrementCounts {
        files: set.added().len() as u64,
        messages: set.messages().count() as u64,
        ..IncrementCounts::default()
    };
    for added in set.added() {
        counts.not_interpreted += added.not_kept;
        let Ok(report) = &added.outcome else {
            counts.not_interpreted += 1;
            continue;
        };
        if !report.is_complete() {
            let entries: u64 = report.other_entries.values().map(|c| c.entries).sum();
            // At least one: a missing messages.bin or a name listed twice has no count of its own.
            counts.not_interpreted += (entries + report.malformed + report.too_large + u64::from(report.unread_tail)).max(1);
        }
        let beside = &report.not_read;
        let asked = &mut summary.not_asked;
        for (count, wanted, not_asked) in [
            (beside.status_messages, scope.status_broadcast, &mut asked.status_messages),
            (beside.calls, scope.call_log, &mut asked.calls),
            (beside.contacts, false, &mut asked.contacts),
        ] {
            *if wanted { &mut counts.not_interpreted } else { not_asked } += count;
        }
    }
    summary.increments = counts;
}

/// A stand-in while a message is being replaced.
fn blank(message: &Message) -> Message {
    Message { body: Body::Waiting, attachments: Vec::new(), earlier: Vec::new(), reactions: Vec::new(), ..message.clone() }
}

pub(super) fn place_of(found: &Found<'_>) -> Source {
    source(found.item, TABLE, found.message.position.row)
}

/// One version laid over another: the result, and whether it differs.
fn apply(cx: &Context<'_>, entry: usize, mut now: Message, found: &Found<'_>, summary: &mut Summary) -> (Message, bool) {
    let m = found.message;
    match &m.content {
        Content::Said(said) => {
            let mut changed = false;
            if !same(&now.body, &said.body) {
                let mut newer = now.clone();
                fill(cx, entry, &mut newer, m, said);
                newer.attachments = carried(&said.attachments, &now.attachments);
                newer.source = place_of(found);
                if said.edited && newer.edited.is_none() {
                    newer.edited =
                        Some(Box::new(Edit { at: None, original_id: None, unsent_parts: Vec::new(), source: place_of(found) }));
                }
                now = over(newer, now);
                changed = true;
            }
            for reaction in reactions(cx, entry, found) {
                changed |= react(&mut now, reaction);
            }
            (now, changed)
        }
        Content::Edits { said, at, .. } => {
            if same(&now.body, &said.body) && now.edited.is_some() {
                return (now, false);
            }
            let mut newer = now.clone();
            fill(cx, entry, &mut newer, m, said);
            newer.attachments = carried(&said.attachments, &now.attachments);
            let at = at.clone().or_else(|| m.sent.clone());
            newer.edited = Some(Box::new(Edit { at, original_id: None, unsent_parts: Vec::new(), source: place_of(found) }));
            newer.source = place_of(found);
            (over(newer, now), true)
        }
        Content::Revokes { at, .. } => {
            if matches!(now.body, Body::Revoked(_)) {
                return (now, false);
            }
            let mut newer = now.clone();
            let actor = sender_of(cx, entry, m);
            let by_admin = (actor != now.sender && actor != Sender::Unknown).then_some(actor);
            newer.body = Body::Revoked(Revocation { at: at.clone().or_else(|| m.sent.clone()), by_admin, original_id: None });
            newer.attachments = Vec::new();
            newer.source = place_of(found);
            (over(newer, now), true)
        }
        Content::Reacts { emoji, at, .. } => {
            let reaction = Reaction {
                by: sender_of(cx, entry, m),
                emoji: emoji.clone(),
                removed: emoji.is_empty(),
                at: at.clone().or_else(|| m.sent.clone()),
                kind_raw: None,
                part: None,
                source: place_of(found),
            };
            let changed = react(&mut now, reaction);
            (now, changed)
        }
        Content::Keeps { on, at, .. } => {
            summary.keeps += 1;
            let mark = mark(cx, entry, found, *on, at.as_ref());
            let new = set_mark(&mut now.kept, mark);
            let changed = now.expiry.as_mut().zip(*on).is_some_and(|(expiry, on)| {
                let before = std::mem::replace(&mut expiry.kept, on);
                before != on
            });
            (now, changed || new)
        }
        Content::Pins { on, at, .. } => {
            summary.pins += 1;
            let mark = mark(cx, entry, found, *on, at.as_ref());
            let new = set_mark(&mut now.pins, mark);
            (now, new)
        }
        Content::Votes { .. } => {
            *summary.unknown_additions.entry(46).or_default() += 1;
            (now, false)
        }
        Content::SetsTimer { .. } | Content::Nothing => (now, false),
    }
}

fn mark(cx: &Context<'_>, entry: usize, found: &Found<'_>, on: Option<bool>, at: Option<&Moment>) -> Mark {
    Mark {
        by: sender_of(cx, entry, found.message),
        at: at.or(found.message.sent.as_ref()).cloned(),
        on,
        state_raw: None,
        expires: None,
        source: place_of(found),
    }
}

/// Adds a mark unless the database has the same one. True when it was new.
fn set_mark(marks: &mut Vec<Mark>, mark: Mark) -> bool {
    let instant = |m: &Mark| m.at.as_ref().and_then(|at| at.utc).map(|utc| utc.as_second());
    let new = !marks.iter().any(|m| m.by == mark.by && m.on == mark.on && instant(m) == instant(&mark));
    if new {
        marks.push(mark);
    }
    new
}

/// Puts the older version behind the newer one.
fn over(mut newer: Message, mut older: Message) -> Message {
    newer.earlier = std::mem::take(&mut older.earlier);
    newer.reactions = older.reactions.clone();
    newer.earlier.insert(0, older);
    newer.earlier.truncate(MOST_EARLIER);
    newer
}

/// Adds a reaction unless the same one stands there. True when it was new.
fn react(message: &mut Message, reaction: Reaction) -> bool {
    let last = message.reactions.iter().rev().find(|r| r.by == reaction.by);
    if last.is_some_and(|r| r.emoji == reaction.emoji) {
        return false;
    }
    message.reactions.push(reaction);
    true
}

pub(super) fn reactions(cx: &Context<'_>, entry: usize, found: &Found<'_>) -> Vec<Reaction> {
    let one = |r: &crate::whatsapp::backup::IncrementReaction| Reaction {
        by: if r.from_me {
            Sender::Holder
        } else {
            person(cx, r.by.as_deref()).or_else(|| partner(cx, entry)).unwrap_or(Sender::Unknown)
        },
        emoji: r.emoji.clone(),
        removed: r.emoji.is_empty(),
        at: r.at.clone(),
        kind_raw: None,
        part: None,
        source: place_of(found),
    };
    found.message.reactions.iter().map(one).collect()
}

/// The newer attachments; where one has the digest of an older one it is that file, with the path that the database knows.
pub(super) fn carried(newer: &[Attachment], older: &[Attachment]) -> Vec<Attachment> {
    let one = |a: &Attachment| {
        let known = older.iter().find(|o| a.sha256.is_some() && a.sha256 == o.sha256);
        let mut a = known.unwrap_or(a).clone();
        if known.is_none() && a.path.is_none() && a.state == AttachmentState::Wanted {
            a.state = AttachmentState::NotOnPhone { reason: "no-path-in-increment".to_owned() };
        }
        a
    };
    if newer.is_empty() { older.to_vec() } else { newer.iter().map(one).collect() }
}

/// Whether two bodies say the same, as far as an increment can say it.
fn same(base: &Body, newer: &Body) -> bool {
    let near = |a: &Place, b: &Place| (a.latitude - b.latitude).abs() < 1e-6 && (a.longitude - b.longitude).abs() < 1e-6;
    match (base, newer) {
        // What the increment does not say or is not understood does not replace anything.
        (_, Body::Unknown { .. } | Body::Waiting) => true,
        (Body::Unknown { .. } | Body::Waiting, _) => false,
        (Body::Text { text: a, .. }, Body::Text { text: b, .. }) => a == b,
        (Body::Image { caption: a }, Body::Image { caption: b })
        | (Body::Video { caption: a }, Body::Video { caption: b })
        | (Body::Gif { caption: a }, Body::Gif { caption: b })
        | (Body::Document { caption: a }, Body::Document { caption: b }) => a == b,
        (Body::Audio | Body::VoiceNote, Body::Audio | Body::VoiceNote) => true,
        (Body::Place(a), Body::Place(b)) => near(a, b),
        (Body::Cards { cards: a }, Body::Cards { cards: b }) => a == b,
        (Body::Poll(a), Body::Poll(b)) => {
            a.question == b.question && a.options.iter().map(|o| &o.text).eq(b.options.iter().map(|o| &o.text))
        }
        (
            Body::Event { name: a, description: x, cancelled: p, .. },
            Body::Event { name: b, description: y, cancelled: q, .. },
        ) => a == b && x == y && p == q,
        // A business text with a place, read from another table, is the text all the same.
        (Body::Place(Place { text: Some(a), .. }), Body::Text { text: b, .. }) => a == b,
        // Revoked in the database and told once more as it was: the deletion is newer.
        (Body::Revoked(_), _) => true,
        (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
    }
}
