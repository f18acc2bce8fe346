//! Notices in a conversation: types 6, 10 and 28 with their events (`reference/ios.md §5.3, §5.4`).

use super::{blobs::Metadata, compose::Context, row::MessageRow};
use crate::Summary;
use uitlezen_chat::{Body, Call, CallOutcome, Message, Sender, SystemEvent, SystemEventKind};

/// Notices of groups, of the app, and about a timer between two.
const GROUP: i64 = 6;
const APP: i64 = 10;
const TIMER: i64 = 28;

/// The events of [`APP`] that are a call nobody answered, and whether it was one with pictures. Of missed calls in groups
/// (21, 22) it is not established which is which.
fn missed(event: i64) -> Option<bool> {
    match event {
        1 | 45 => Some(false),
        4 | 46 => Some(true),
        _ => None,
    }
}

pub(super) fn is_notice(kind: i64, event: i64) -> bool {
    match kind {
        GROUP | TIMER => true,
        APP => missed(event).is_none(),
        _ => false,
    }
}

/// Whether a notice without a member is still something that the other side did.
pub(super) fn is_by_somebody(kind: i64, event: i64) -> bool {
    kind == TIMER || (kind, event) == (GROUP, 26)
}

/// A call that nobody answered, as a message.
pub(super) fn call(kind: i64, event: i64) -> Option<Body> {
    let video = missed(event).filter(|_| kind == APP)?;
    let outcome = CallOutcome::Missed;
    Some(Body::Call(Call { video, group: false, duration_seconds: 0, outcome, participants: Vec::new() }))
}

/// What an event is known to mean; the others stay `Other` and are counted.
fn meaning(kind: i64, event: i64) -> SystemEventKind {
    use SystemEventKind as K;
    match (kind, event) {
        (TIMER, _) | (GROUP, 26) => K::TimerChanged,
        (GROUP, 1) => K::SubjectChanged,
        (GROUP, 2 | 50) => K::Added,
        (GROUP, 3) => K::Left,
        (GROUP, 4 | 5) => K::PictureChanged,
        (GROUP, 7) => K::Removed,
        (GROUP, 9) | (APP, 5 | 6) => K::NumberChanged,
        (GROUP, 10) => K::BecameAdmin,
        (GROUP, 11) => K::NoLongerAdmin,
        (GROUP, 12) => K::GroupCreated,
        (GROUP, 15) => K::JoinedByLink,
        (GROUP, 17 | 22) => K::DescriptionChanged,
        (GROUP, 18..=21 | 42) => K::SettingsChanged,
        (APP, 2) => K::EncryptionNotice,
        (APP, 3 | 36) => K::SecurityCodeChanged,
        (APP, 34 | 35) => K::Blocked,
        _ => K::Other,
    }
}

/// Whether whoever the row names did it. For people who were added, removed or made an administrator it is not established
/// whether the row names them or whoever did that to them.
fn names_the_actor(event: SystemEventKind) -> bool {
    use SystemEventKind as K;
    matches!(
        event,
        K::TimerChanged
            | K::SubjectChanged
            | K::Left
            | K::PictureChanged
            | K::GroupCreated
            | K::JoinedByLink
            | K::DescriptionChanged
            | K::SettingsChanged
    )
}

pub(super) fn event(
    cx: &Context<'_>,
    row: MessageRow,
    index: usize,
    metadata: &Metadata<'_>,
    message: &mut Message,
    summary: &mut Summary,
) -> SystemEvent {
    let kind = meaning(row.kind, row.event);
    if kind == SystemEventKind::Other {
        *summary.unknown_actions.entry(row.event).or_default() += 1;
    }
    let who = Some(message.sender.clone()).filter(|who| matches!(who, Sender::Holder | Sender::Participant(_)));
    let actor = who.clone().filter(|_| names_the_actor(kind));
    let affected = match kind {
        SystemEventKind::Left | SystemEventKind::JoinedByLink => who.clone().into_iter().collect(),
        SystemEventKind::SecurityCodeChanged | SystemEventKind::NumberChanged => {
            let other = who.clone().or_else(|| cx.partner(index));
            other.into_iter().filter(|who| *who != Sender::Holder).collect()
        }
        _ => Vec::new(),
    };
    if actor.is_none() && affected.is_empty() && row.member.is_some() {
        if let Some(Sender::Participant(id)) = &who {
            message.uninterpreted.insert("ZWAMESSAGE.ZGROUPMEMBER".to_owned(), id.0.clone());
        } else if who.is_some() {
            message.uninterpreted.insert("ZWAMESSAGE.ZGROUPMEMBER".to_owned(), crate::whatsapp::reader::HOLDER.to_owned());
        }
    }
    message.uninterpreted.insert("ZWAMESSAGE.ZMESSAGETYPE".to_owned(), row.kind.to_string());
    let new = match (row.kind, kind) {
        (TIMER, _) => Some(metadata.timer.unwrap_or(0).to_string()),
        (_, SystemEventKind::TimerChanged) => Some(row.text.unwrap_or_else(|| "0".to_owned())),
        _ => row.text,
    };
    SystemEvent { event: kind, code: row.event, actor, affected, old: None, new, holder_joined: None, about: None }
}
