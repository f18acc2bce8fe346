//! Records counted by hand, to hold against what the generator says it made.

use std::collections::BTreeMap;
use uitlezen_chat::{
    AttachmentState, Body, Conversation, ConversationFile, ConversationKind, Direction, Message, NameOrigin, TimerState,
};
use uitlezen_twin::content::{AppExpected, IncrementExpected};

/// A named number; equal lists of these are equal phones.
pub type Tally = BTreeMap<&'static str, u64>;

pub fn messages(files: &[ConversationFile]) -> impl Iterator<Item = &Message> {
    files.iter().flat_map(|file| &file.messages)
}

fn count(files: &[ConversationFile], is: impl Fn(&Message) -> bool) -> u64 {
    messages(files).filter(|m| is(m)).count() as u64
}

fn sum(files: &[ConversationFile], of: impl Fn(&Message) -> usize) -> u64 {
    messages(files).map(|m| of(m) as u64).sum()
}

/// What stands in the records.
pub fn found(files: &[ConversationFile]) -> Tally {
    let kind = |kind| files.iter().filter(|f| f.conversation.kind == kind).count() as u64;
    let attachments =
        |is: &dyn Fn(&AttachmentState) -> bool| sum(files, |m| m.attachments.iter().filter(|a| is(&a.state)).count());
    BTreeMap::from([
        ("conversations", files.len() as u64),
        ("direct", kind(ConversationKind::Direct)),
        ("groups", kind(ConversationKind::Group)),
        ("communities", kind(ConversationKind::Community)),
        ("messages", sum(files, |_| 1)),
        ("notices", count(files, |m| m.direction == Direction::Notice && matches!(m.body, Body::System(_)))),
        ("quoted", count(files, |m| m.quote.is_some())),
        ("edited", count(files, |m| m.edited.is_some())),
        ("revoked by sender", count(files, |m| matches!(&m.body, Body::Revoked(r) if r.by_admin.is_none()))),
        ("revoked by admin", count(files, |m| matches!(&m.body, Body::Revoked(r) if r.by_admin.is_some()))),
        ("reactions", sum(files, |m| m.reactions.iter().filter(|r| !r.removed).count())),
        ("polls", count(files, |m| matches!(m.body, Body::Poll(_)))),
        (
            "votes",
            sum(files, |m| match &m.body {
                Body::Poll(poll) => poll.options.iter().map(|o| o.voters.len()).sum(),
                _ => 0,
            }),
        ),
        ("forwarded", count(files, |m| m.forwarded.is_some())),
        ("mentions", sum(files, |m| m.mentions.len())),
        ("starred", count(files, |m| m.starred)),
        ("links", count(files, |m| matches!(&m.body, Body::Text { link: Some(_), .. }))),
        ("view once", count(files, |m| matches!(m.body, Body::ViewOnce { .. }))),
        ("albums", count(files, |m| matches!(m.body, Body::Album { .. }))),
        ("album items", count(files, |m| m.album.is_some())),
        ("places", count(files, |m| matches!(&m.body, Body::Place(p) if p.live_seconds.is_none()))),
        ("live places", count(files, |m| matches!(&m.body, Body::Place(p) if p.live_seconds.is_some()))),
        ("messages with cards", count(files, |m| matches!(m.body, Body::Cards { .. }))),
        (
            "cards",
            sum(files, |m| match &m.body {
                Body::Cards { cards } => cards.len(),
                _ => 0,
            }),
        ),
        ("calls", count(files, |m| matches!(m.body, Body::Call(_)))),
        ("events", count(files, |m| matches!(m.body, Body::Event { .. }))),
        ("invites", count(files, |m| matches!(m.body, Body::GroupInvite(_)))),
        ("unknown", count(files, |m| matches!(m.body, Body::Unknown { .. }))),
        ("expiring", count(files, |m| m.expiry.is_some())),
        ("attachments present", attachments(&|s| matches!(s, AttachmentState::Present { .. } | AttachmentState::Differs { .. }))),
        ("attachments that differ", attachments(&|s| matches!(s, AttachmentState::Differs { .. }))),
        ("attachments missing", attachments(&|s| matches!(s, AttachmentState::Missing))),
        ("attachments never there", attachments(&|s| matches!(s, AttachmentState::NotOnPhone { .. }))),
        (
            "attachments otherwise",
            attachments(&|s| {
                matches!(
                    s,
                    AttachmentState::Wanted
                        | AttachmentState::Refused { .. }
                        | AttachmentState::NotRead { .. }
                        | AttachmentState::NotAsked
                )
            }),
        ),
        ("changed since", count(files, |m| !m.earlier.is_empty())),
    ])
}

/// What the generator made, without what increments add.
pub fn made(expected: &AppExpected) -> Tally {
    BTreeMap::from([
        ("conversations", expected.conversations),
        ("direct", expected.direct),
        ("groups", expected.groups),
        ("communities", expected.communities),
        ("messages", expected.messages),
        ("notices", expected.system),
        ("quoted", expected.quoted),
        ("edited", expected.edited),
        ("revoked by sender", expected.revoked_by_sender),
        ("revoked by admin", expected.revoked_by_admin),
        ("reactions", expected.reactions),
        ("polls", expected.polls),
        ("votes", expected.poll_votes),
        ("forwarded", expected.forwarded),
        ("mentions", expected.mentions),
        ("starred", expected.starred),
        ("links", expected.links),
        ("view once", expected.view_once),
        ("albums", expected.albums),
        ("album items", expected.album_items),
        ("places", expected.places),
        ("live places", expected.live_places),
        ("messages with cards", expected.card_messages),
        ("cards", expected.cards),
        ("calls", expected.calls_in_conversation),
        ("events", expected.events),
        ("invites", expected.group_invites),
        // A row that the app itself could not decode is of no known kind either.
        ("unknown", expected.unknown_types + expected.future),
        ("expiring", expected.expiring),
        ("attachments present", expected.attachments.present),
        ("attachments that differ", expected.attachments.mismatched),
        ("attachments missing", expected.attachments.missing),
        ("attachments never there", expected.attachments.not_downloaded),
        ("attachments otherwise", 0),
        ("changed since", 0),
    ])
}

/// Over all increments.
pub fn added(increments: &[IncrementExpected], of: impl Fn(&IncrementExpected) -> u64) -> u64 {
    increments.iter().map(of).sum()
}

#[track_caller]
pub fn assert_same(found: &Tally, made: &Tally) {
    let differing: Vec<String> = made
        .iter()
        .filter(|(what, n)| found.get(*what) != Some(*n))
        .map(|(what, n)| format!("{what}: made {n}, found {:?}", found.get(what)))
        .collect();
    assert!(differing.is_empty(), "{differing:#?}");
}

/// The conversation that the generator knows under this jid.
pub fn is_under(conversation: &Conversation, jid: &str) -> bool {
    conversation.native.iter().any(|native| native.value == jid)
}

pub fn timer_seconds(conversation: &Conversation) -> Option<u64> {
    match conversation.timer.state {
        TimerState::Off => Some(0),
        TimerState::On { seconds } => Some(seconds),
        TimerState::OfAccount | TimerState::NotDeterminable { .. } => None,
    }
}

/// A name's origin as JSON writes it.
pub fn origin(origin: NameOrigin) -> String {
    serde_json::to_value(origin).unwrap().as_str().unwrap().to_owned()
}
