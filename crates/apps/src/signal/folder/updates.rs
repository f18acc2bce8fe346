//! Notices: what happened in a chat. One item may tell of several things; each is a notice of its own.
//!
//! Codes: 1000 and the type of a simple update; 2000 and the field of a change of a group; 1000 times the field of all others.

use super::{
    book::seconds,
    item::{Context, Told},
};
use crate::Summary;
use uitlezen_chat::{Body, Call, CallOutcome, Direction, Message, MessageId, Sender, SystemEvent, SystemEventKind};
use uitlezen_protobuf::{Record, Value};

/// Most notices of one item.
const MOST: usize = 1_000;
const KINDS: [&str; 11] = [
    "simpleUpdate",
    "groupChange",
    "expirationTimerChange",
    "profileChange",
    "threadMerge",
    "sessionSwitchover",
    "individualCall",
    "groupCall",
    "learnedProfileChange",
    "pollTerminate",
    "pinMessage",
];

/// What a simple update is about. The first is the type 1.
const SIMPLE: [(SystemEventKind, &str); 16] = [
    (SystemEventKind::Other, "joined-signal"),
    (SystemEventKind::SecurityCodeChanged, ""),
    (SystemEventKind::Other, "identity-verified"),
    (SystemEventKind::Other, "identity-no-longer-verified"),
    (SystemEventKind::NumberChanged, ""),
    (SystemEventKind::Other, "release-channel-donation-request"),
    (SystemEventKind::Other, "end-session"),
    (SystemEventKind::Other, "chat-session-refresh"),
    (SystemEventKind::Other, "bad-decrypt"),
    (SystemEventKind::Other, "payments-activated"),
    (SystemEventKind::Other, "payment-activation-request"),
    (SystemEventKind::Other, "unsupported-protocol-message"),
    (SystemEventKind::Other, "reported-spam"),
    (SystemEventKind::Blocked, ""),
    (SystemEventKind::Other, "unblocked"),
    (SystemEventKind::Other, "message-request-accepted"),
];

fn event(kind: SystemEventKind, code: i64) -> SystemEvent {
    SystemEvent { event: kind, code, actor: None, affected: Vec::new(), old: None, new: None, holder_joined: None, about: None }
}

fn text(record: &Record<'_>, field: &str) -> Option<String> {
    record.text(field).map(|text| text.into_owned()).filter(|text| !text.is_empty())
}

/// The notices of an update. `head` is the item without them. None for a kind that nobody described.
pub(super) fn notices(
    cx: &Context<'_>,
    update: &Record<'_>,
    head: &Message,
    index: u32,
    told: &mut Told,
    summary: &mut Summary,
) -> Vec<Message> {
    let Some((kind, said)) = update.one_of(&KINDS) else {
        *summary.unknown_types.entry(15).or_default() += 1;
        return Vec::new();
    };
    if kind == "groupChange" {
        return group(cx, &said, head, told, summary);
    }
    let mut message = head.clone();
    message.direction = Direction::Notice;
    let author = Some(head.sender.clone()).filter(super::item::is_somebody);
    let mut word = None;
    message.body = match kind {
        "individualCall" => individual_call(&said, &mut message),
        "groupCall" => group_call(cx, &said, &mut message),
        "simpleUpdate" => {
            let number = said.uint("type");
            let code = 1000 + i64::try_from(number).unwrap_or_default().min(999);
            let known = usize::try_from(number).ok().and_then(|n| SIMPLE.get(n.checked_sub(1)?));
            if known.is_none() {
                *summary.unknown_actions.entry(code).or_default() += 1;
            }
            let (kind, known) = known.copied().unwrap_or((SystemEventKind::Other, ""));
            word = Some(known).filter(|word| !word.is_empty());
            let mut event = event(kind, code);
            event.affected.extend(author);
            Body::System(event)
        }
        "expirationTimerChange" => {
            let after = seconds(said.uint("expiresInMs"));
            told.timers.insert(3000, after);
            Body::System(SystemEvent {
                actor: author,
                new: Some(after.to_string()),
                ..event(SystemEventKind::TimerChanged, 3000)
            })
        }
        "profileChange" => {
            word = Some("profile-name-changed");
            let (old, new) = (text(&said, "previousName"), text(&said, "newName"));
            Body::System(SystemEvent { actor: author, old, new, ..event(SystemEventKind::Other, 4000) })
        }
        "threadMerge" => {
            word = Some("chats-merged");
            let old = said.number("previousE164").and_then(crate::signal::person::number);
            Body::System(SystemEvent { affected: author.into_iter().collect(), old, ..event(SystemEventKind::Other, 5000) })
        }
        "sessionSwitchover" => {
            word = Some("session-switched");
            let old = said.number("e164").and_then(crate::signal::person::number);
            Body::System(SystemEvent { affected: author.into_iter().collect(), old, ..event(SystemEventKind::Other, 6000) })
        }
        "learnedProfileChange" => {
            word = Some("profile-learned");
            let old = text(&said, "username").or_else(|| said.number("e164").and_then(crate::signal::person::number));
            Body::System(SystemEvent { affected: author.into_iter().collect(), old, ..event(SystemEventKind::Other, 9000) })
        }
        "pollTerminate" => {
            word = Some("poll-ended");
            let about = cx.about(index, &head.sender, said.uint("targetSentTimestamp"));
            let new = text(&said, "question");
            Body::System(SystemEvent { actor: author, new, about, ..event(SystemEventKind::Other, 10_000) })
        }
        _ => {
            let of = cx.people.sender(said.uint("authorId"));
            let about = cx.about(index, &of, said.uint("targetSentTimestamp"));
            Body::System(SystemEvent { actor: author, about, ..event(SystemEventKind::Pinned, 11_000) })
        }
    };
    if let Some(word) = word {
        message.uninterpreted.insert(format!("ChatUpdateMessage.{kind}"), word.to_owned());
    }
    vec![message]
}

fn individual_call(said: &Record<'_>, message: &mut Message) -> Body {
    let outgoing = said.uint("direction") == 2;
    message.direction = if outgoing { Direction::Sent } else { Direction::Received };
    if outgoing {
        message.sender = Sender::Holder;
    }
    let state = said.uint("state");
    let outcome = match (state, outgoing) {
        (1, _) => CallOutcome::Answered,
        // The other side did not take it, for whatever reason.
        (2, true) => CallOutcome::Unavailable,
        (2, false) => CallOutcome::Rejected,
        (3 | 4, _) => CallOutcome::Missed,
        _ => CallOutcome::Unknown(i64::try_from(state).unwrap_or(i64::MAX)),
    };
    message.uninterpreted.insert("IndividualCall.state".to_owned(), state.to_string());
    message.uninterpreted.insert("IndividualCall.duration".to_owned(), "not-recorded".to_owned());
    Body::Call(Call { video: said.uint("type") == 2, group: false, duration_seconds: 0, outcome, participants: Vec::new() })
}

fn group_call(cx: &Context<'_>, said: &Record<'_>, message: &mut Message) -> Body {
    let caller = ["ringerRecipientId", "startedCallRecipientId"]
        .into_iter()
        .find_map(|field| said.number(field).map(|id| cx.people.sender(id)).filter(super::item::is_somebody));
    if let Some(caller) = caller {
        message.direction = if caller == Sender::Holder { Direction::Sent } else { Direction::Received };
        message.sender = caller;
    }
    let state = said.uint("state");
    if state == 8 {
        message.direction = Direction::Sent;
        message.sender = Sender::Holder;
    }
    let outcome = match state {
        2 | 4 => CallOutcome::Answered,
        5 => CallOutcome::Rejected,
        6 | 7 => CallOutcome::Missed,
        _ => CallOutcome::Unknown(i64::try_from(state).unwrap_or(i64::MAX)),
    };
    message.uninterpreted.insert("GroupCall.state".to_owned(), state.to_string());
    let (began, ended) = (said.uint("startedCallTimestamp"), said.number("endedCallTimestamp"));
    let lasted = ended.and_then(|ended| ended.checked_sub(began)).filter(|_| began > 0);
    if lasted.is_none() {
        message.uninterpreted.insert("GroupCall.duration".to_owned(), "not-recorded".to_owned());
    }
    let duration_seconds = lasted.unwrap_or_default() / 1000;
    Body::Call(Call { video: true, group: true, duration_seconds, outcome, participants: Vec::new() })
}

/// A change of a group: which field says who did it, and which whom it was done to.
struct Change {
    kind: SystemEventKind,
    by: &'static str,
    to: &'static str,
    word: &'static str,
}

const fn change(kind: SystemEventKind, by: &'static str, to: &'static str, word: &'static str) -> Change {
    Change { kind, by, to, word }
}

/// By the number of the field. The first is 1.
const GROUP: [Change; 36] = {
    use SystemEventKind as K;
    [
        change(K::Other, "updaterAci", "", "changed"),
        change(K::GroupCreated, "updaterAci", "", ""),
        change(K::SubjectChanged, "updaterAci", "", ""),
        change(K::PictureChanged, "updaterAci", "", ""),
        change(K::DescriptionChanged, "updaterAci", "", ""),
        change(K::SettingsChanged, "updaterAci", "", "who-may-add-members"),
        change(K::SettingsChanged, "updaterAci", "", "who-may-edit"),
        change(K::SettingsChanged, "updaterAci", "", "announcements-only"),
        change(K::BecameAdmin, "updaterAci", "memberAci", ""),
        change(K::Left, "", "aci", ""),
        change(K::Removed, "removerAci", "removedAci", ""),
        change(K::Other, "inviterAci", "", "holder-invited"),
        change(K::Other, "", "inviteeServiceId", "holder-invited-somebody"),
        change(K::Other, "inviterAci", "", "somebody-invited"),
        change(K::Added, "inviterAci", "newMemberAci", "invitation-accepted"),
        change(K::Other, "inviterAci", "inviteeAci", "invitation-declined"),
        change(K::Added, "", "newMemberAci", "joined"),
        change(K::Added, "updaterAci", "newMemberAci", ""),
        change(K::Other, "revokerAci", "", "invitation-of-holder-revoked"),
        change(K::Other, "updaterAci", "", "invitations-revoked"),
        change(K::Other, "", "requestorAci", "asked-to-join"),
        change(K::Other, "updaterAci", "requestorAci", "request-decided"),
        change(K::Other, "", "requestorAci", "request-withdrawn"),
        change(K::SettingsChanged, "updaterAci", "", "link-reset"),
        change(K::SettingsChanged, "updaterAci", "", "link-enabled"),
        change(K::SettingsChanged, "updaterAci", "", "link-approval"),
        change(K::SettingsChanged, "updaterAci", "", "link-disabled"),
        change(K::JoinedByLink, "", "newMemberAci", ""),
        change(K::Other, "", "", "group-upgraded"),
        change(K::Other, "", "", "group-upgraded-holder-invited"),
        change(K::Other, "", "", "group-upgraded-members-invited"),
        change(K::Other, "", "", "group-upgraded-members-dropped"),
        change(K::Other, "", "requestorAci", "requests-and-withdrawals"),
        change(K::TimerChanged, "updaterAci", "", ""),
        change(K::SettingsChanged, "updaterAci", "", "who-may-label-members"),
        change(K::Other, "updaterAci", "", "group-terminated"),
    ]
};
const NAME: u32 = 3;
const DESCRIPTION: u32 = 5;
const ADMINISTRATOR: u32 = 9;
const REQUEST: u32 = 22;
const TIMER: u32 = 34;

fn group(cx: &Context<'_>, said: &Record<'_>, head: &Message, told: &mut Told, summary: &mut Summary) -> Vec<Message> {
    let mut messages: Vec<Message> = Vec::new();
    for update in said.messages("updates").take(MOST) {
        let found = update.fields().filter_map(|(entry, value)| match value {
            Value::Bytes(_) => update.message(entry.name).map(|inner| (entry.number, inner)),
            _ => None,
        });
        let mut message = head.clone();
        message.direction = Direction::Notice;
        if !messages.is_empty() {
            message.id = MessageId(format!("{}/{}", head.id.0, messages.len() + 1));
        }
        let (number, inner) = match found.last() {
            Some((number, inner)) => (number, Some(inner)),
            None => (0, None),
        };
        let code = 2000 + i64::from(number);
        let known = usize::try_from(number).ok().and_then(|n| GROUP.get(n.checked_sub(1)?));
        let (Some(known), Some(inner)) = (known, inner) else {
            *summary.unknown_actions.entry(code).or_default() += 1;
            message.body = Body::System(event(SystemEventKind::Other, code));
            messages.push(message);
            continue;
        };
        let who = |field: &str| if field.is_empty() { None } else { cx.people.by_service(inner.blob(field)) };
        let mut event = SystemEvent { actor: who(known.by), ..event(known.kind, code) };
        event.affected.extend(who(known.to));
        match number {
            NAME => event.new = text(&inner, "newGroupName"),
            DESCRIPTION => event.new = text(&inner, "newDescription"),
            ADMINISTRATOR if !inner.flag("wasAdminStatusGranted") => event.event = SystemEventKind::NoLongerAdmin,
            REQUEST if inner.flag("wasApproved") => event.event = SystemEventKind::Added,
            TIMER => {
                let after = seconds(inner.uint("expiresInMs"));
                event.new = Some(after.to_string());
                // Two changes of a timer in one item: each has its own number.
                while told.timers.contains_key(&event.code) {
                    event.code += 1000;
                }
                told.timers.insert(event.code, after);
            }
            // Everything that it says in numbers.
            _ => {
                for (entry, value) in inner.fields() {
                    if let Value::Varint(n) = value {
                        let place = format!("{}.{}", inner.schema().name, entry.name);
                        message.uninterpreted.insert(place, n.to_string());
                    }
                }
                for invitee in inner.schema().fields.iter().filter(|f| f.name == "invitees").flat_map(|f| inner.messages(f.name))
                {
                    event.affected.extend(cx.people.by_service(invitee.blob("inviteeAci")));
                }
            }
        }
        if !known.word.is_empty() {
            message.uninterpreted.insert("GroupChangeChatUpdate".to_owned(), known.word.to_owned());
        }
        if event.actor.is_some() && !super::item::is_somebody(&message.sender) {
            message.sender = event.actor.clone().unwrap_or(Sender::App);
        }
        message.body = Body::System(event);
        messages.push(message);
    }
    messages
}
