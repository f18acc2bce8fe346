//! What a message says, by its kind. Keys of files on the app's server stand in some bodies: they are dropped here.

use super::{
    compose::Context,
    entries::Entry,
    row::{MessageRow, Status},
    survey::GROUP_STATUS,
};
use crate::Summary;
use serde_json::Value;
use std::collections::BTreeMap;
use uitlezen_chat::{Attachment, AttachmentState, Body, Call, CallOutcome, Message, Place, Sender, SystemEvent, SystemEventKind};

const VOIP_STATUS: i64 = 1;
const GROUP_CALL_STATUS: i64 = 2;
const FORWARD_SECURITY_STATUS: i64 = 3;

/// The kinds of messages, in the app's own order. A body of another kind is not interpreted.
const KINDS: [&str; 14] = [
    "TEXT",
    "IMAGE",
    "VIDEO",
    "VOICEMESSAGE",
    "LOCATION",
    "CONTACT",
    "STATUS",
    "BALLOT",
    "FILE",
    "VOIP_STATUS",
    "DATE_SEPARATOR",
    "GROUP_CALL_STATUS",
    "FORWARD_SECURITY_STATUS",
    "GROUP_STATUS",
];

fn code(kind: &str) -> i64 {
    KINDS.iter().position(|known| *known == kind).and_then(|at| i64::try_from(at).ok()).unwrap_or(-1)
}

/// Fills in what the row says.
pub(super) fn fill(cx: &Context<'_>, row: MessageRow<'_>, room: u32, message: &mut Message, summary: &mut Summary) -> Body {
    let list = row.list();
    let at = |n: usize| list.as_ref().and_then(|list| list.get(n));
    let caption = row.caption();
    match row.kind() {
        "TEXT" => Body::Text { text: row.body().unwrap_or_default().to_owned(), link: None, link_title: None },
        "IMAGE" => {
            attach(cx, row, room, File::default(), message, summary);
            Body::Image { caption }
        }
        "VIDEO" => {
            let bytes = at(4).and_then(Value::as_u64);
            attach(
                cx,
                row,
                room,
                File { seconds: at(0).and_then(seconds), downloaded: flag(at(1)), bytes, ..File::default() },
                message,
                summary,
            );
            Body::Video { caption }
        }
        "VOICEMESSAGE" => {
            attach(
                cx,
                row,
                room,
                File { seconds: at(0).and_then(seconds), downloaded: flag(at(1)), ..File::default() },
                message,
                summary,
            );
            Body::VoiceNote
        }
        "FILE" if list.is_some() => file(cx, row, room, list.as_deref().unwrap_or_default(), message, summary),
        "LOCATION" => match (at(0).and_then(Value::as_f64), at(1).and_then(Value::as_f64)) {
            (Some(latitude), Some(longitude)) => {
                if let Some(accuracy) = at(2).and_then(Value::as_f64).filter(|accuracy| *accuracy != 0.0) {
                    message.uninterpreted.insert("location.accuracy".to_owned(), accuracy.to_string());
                }
                Body::Place(Place { latitude, longitude, address: text(at(3)), name: text(at(4)), ..Place::default() })
            }
            _ => unknown(row, summary),
        },
        "BALLOT" => match at(1).and_then(Value::as_i64) {
            Some(number) => poll(cx, number, at(0).and_then(Value::as_i64), row, summary),
            None => unknown(row, summary),
        },
        "VOIP_STATUS" => match row.status().filter(|status| status.kind == VOIP_STATUS) {
            Some(status) => call(&status),
            None => unknown(row, summary),
        },
        "GROUP_STATUS" | "GROUP_CALL_STATUS" | "FORWARD_SECURITY_STATUS" => match row.status() {
            Some(status) => event(cx, &status, summary),
            None => unknown(row, summary),
        },
        "STATUS" | "DATE_SEPARATOR" => {
            let kind = code(row.kind());
            *summary.unknown_actions.entry(kind).or_default() += 1;
            system(SystemEventKind::Other, kind, row.body().map(str::to_owned))
        }
        _ => unknown(row, summary),
    }
}

/// A body that is not interpreted. One that is a list or an object may hold a key, and is not kept.
fn unknown(row: MessageRow<'_>, summary: &mut Summary) -> Body {
    let code = code(row.kind());
    *summary.unknown_types.entry(code).or_default() += 1;
    let plain = row.body().filter(|body| !body.trim_start().starts_with(['[', '{']));
    let mut raw = BTreeMap::from([("type".to_owned(), row.kind().to_owned())]);
    if plain.is_none() && row.body().is_some() {
        raw.insert("body".to_owned(), "not kept: it may hold a key".to_owned());
    }
    Body::Unknown { code, text: plain.map(str::to_owned), raw }
}

fn text(value: Option<&Value>) -> Option<String> {
    value?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

fn flag(value: Option<&Value>) -> Option<bool> {
    value?.as_bool().or_else(|| Some(value?.as_i64()? != 0))
}

fn seconds(value: &Value) -> Option<u64> {
    let seconds = value.as_f64().filter(|seconds| (1.0..1e9).contains(seconds))?;
    // In range.
    Some(seconds as u64)
}

/// What a body says of its file.
#[derive(Debug, Default)]
struct File {
    name: Option<String>,
    media_type: Option<String>,
    bytes: Option<u64>,
    seconds: Option<u64>,
    width: Option<u32>,
    height: Option<u32>,
    /// Whether the app had fetched it; none when the body does not say.
    downloaded: Option<bool>,
}

/// `[blobId, key, type, size, name, rendering, downloaded, caption, typeOfThumbnail, {…}]`
fn file(cx: &Context<'_>, row: MessageRow<'_>, room: u32, list: &[Value], message: &mut Message, summary: &mut Summary) -> Body {
    let meta = list.get(9).and_then(Value::as_object);
    let size = |name: &str| u32::try_from(meta?.get(name)?.as_u64()?).ok();
    let media_type = text(list.get(2));
    let family = media_type.as_deref().and_then(|media| media.split('/').next()).unwrap_or_default().to_owned();
    if let Some(rendering) = list.get(5).and_then(Value::as_i64).filter(|rendering| *rendering != 0) {
        message.uninterpreted.insert("file.renderingType".to_owned(), rendering.to_string());
    }
    let caption = row.caption().or_else(|| text(list.get(7)));
    let seconds = meta.and_then(|meta| seconds(meta.get("d")?));
    let said = File {
        name: text(list.get(4)),
        media_type,
        bytes: list.get(3).and_then(Value::as_u64).filter(|bytes| *bytes > 0),
        seconds,
        width: size("w"),
        height: size("h"),
        downloaded: flag(list.get(6)),
    };
    attach(cx, row, room, said, message, summary);
    match family.as_str() {
        "image" => Body::Image { caption },
        "video" => Body::Video { caption },
        "audio" if caption.is_none() => Body::Audio,
        _ => Body::Document { caption },
    }
}

/// The file of a message, if the holder's backup has it.
fn attach(cx: &Context<'_>, row: MessageRow<'_>, room: u32, said: File, message: &mut Message, summary: &mut Summary) {
    let uid = row.uid().unwrap_or_default();
    // By the table that the message stands in: who is in its conversation may be unknown.
    let media = match cx.table(room) {
        Some(Entry::GroupMessages(_)) => "group_message_media_",
        Some(Entry::ListMessages(_)) => "distribution_list_message_media_",
        _ => "message_media_",
    };
    let path = format!("{media}{uid}");
    let here = cx.backup.bytes_of(&path).filter(|_| !uid.is_empty());
    let state = match here {
        Some(_) => AttachmentState::Wanted,
        None if said.downloaded == Some(false) => AttachmentState::NotOnPhone { reason: "never-downloaded".to_owned() },
        None if cx.backup.holds_media() => AttachmentState::Missing,
        // The holder left all media out, and may have them.
        None => AttachmentState::NotRead { reason: "not-in-the-backup".to_owned() },
    };
    summary.names_file(&state);
    message.attachments.push(Attachment {
        path: here.map(|_| path),
        name: said.name,
        media_type: said.media_type,
        // Its sender may have said anything.
        bytes: here.or(said.bytes),
        sha256: None,
        duration_seconds: said.seconds,
        width: said.width,
        height: said.height,
        transcription: None,
        state,
    });
}

/// A poll where it was put; later messages of the same poll say only that it was changed or closed.
fn poll(cx: &Context<'_>, number: i64, what: Option<i64>, row: MessageRow<'_>, summary: &mut Summary) -> Body {
    const CREATED: i64 = 1;
    match what {
        Some(CREATED) => cx.polls.poll(number, cx.people).map_or_else(|| unknown(row, summary), Body::Poll),
        other => {
            let code = (code("BALLOT") * 1000).saturating_add(other.unwrap_or(-1));
            *summary.unknown_actions.entry(code).or_default() += 1;
            system(SystemEventKind::Other, code, cx.polls.question(number).map(str::to_owned))
        }
    }
}

fn call(status: &Status) -> Body {
    let outcome = match status.number("status") {
        Some(1) => CallOutcome::Missed,
        Some(2) => CallOutcome::Answered,
        Some(3) => CallOutcome::Rejected,
        other => CallOutcome::Unknown(other.unwrap_or(-1)),
    };
    let duration_seconds = status.number("duration").and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(0);
    Body::Call(Call { video: false, group: false, duration_seconds, outcome, participants: Vec::new() })
}

fn system(event: SystemEventKind, code: i64, new: Option<String>) -> Body {
    let affected = Vec::new();
    Body::System(SystemEvent { event, code, actor: None, affected, old: None, new, holder_joined: None, about: None })
}

/// A notice. Its code is the kind of status times 1000 and what happened.
fn event(cx: &Context<'_>, status: &Status, summary: &mut Summary) -> Body {
    use SystemEventKind as Kind;
    let who = |name: &str| status.text(name).and_then(|identity| cx.people.known(identity)).map(|who| cx.people.sender(who));
    let (kind, new) = match (status.kind, status.number("status")) {
        (GROUP_STATUS, Some(0)) => (Kind::GroupCreated, None),
        (GROUP_STATUS, Some(1)) => (Kind::SubjectChanged, status.text("newGroupName")),
        (GROUP_STATUS, Some(2)) => (Kind::PictureChanged, None),
        (GROUP_STATUS, Some(3)) => (Kind::Added, None),
        (GROUP_STATUS, Some(4)) => (Kind::Left, None),
        (GROUP_STATUS, Some(5)) => (Kind::Removed, None),
        (GROUP_STATUS, Some(12)) => (Kind::DescriptionChanged, None),
        (GROUP_STATUS, _) => (Kind::Other, status.text("ballotName")),
        _ => (Kind::Other, None),
    };
    let code = status.code();
    let explained = matches!(
        (status.kind, status.number("status")),
        (GROUP_STATUS, Some(0..=13)) | (GROUP_CALL_STATUS, Some(1 | 2)) | (FORWARD_SECURITY_STATUS, Some(_))
    );
    if !explained {
        *summary.unknown_actions.entry(code).or_default() += 1;
    }
    let affected: Vec<Sender> = who("identity").into_iter().collect();
    Body::System(SystemEvent {
        event: kind,
        code,
        actor: who("callerIdentity"),
        affected,
        old: None,
        new: new.map(str::to_owned),
        holder_joined: None,
        about: None,
    })
}
