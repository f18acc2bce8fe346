//! What a message says, by its type code and the tables that hold its parts.

use super::{
    Summary,
    compose::Context,
    parts::{CallRow, Location},
    row::{Media, MessageRow, flags},
    window::Window,
};
use crate::whatsapp::parties::book::source;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::collections::BTreeMap;
use uitlezen_chat::{
    Attachment, AttachmentState, Body, Call, CallOutcome, Card, GroupInvite, LastPlace, Message, Moment, Place, Poll, PollOption,
    Revocation, Sender, ViewOnceState,
};

/// Builds the body, and puts the file (if any) among the message's attachments.
pub(crate) fn body(
    cx: &Context<'_>,
    mut row: MessageRow,
    window: &mut Window,
    message: &mut Message,
    votes: Vec<(Sender, Vec<i64>)>,
    summary: &mut Summary,
) -> Body {
    let id = row.id;
    let legacy = row.legacy.take();
    let deleted = legacy.as_ref().is_some_and(|l| l.deleted);
    let code = row.code.unwrap_or(-1);
    let media = window.media.take(id).or_else(|| {
        let l = legacy.as_ref().filter(|_| matches!(code, 1..=3 | 9 | 13 | 20 | 42 | 43 | 81 | 82))?;
        Some(l.media.clone())
    });
    if deleted || matches!(code, 15 | 64) {
        return revoked(cx, id, row.text, window, message, summary);
    }
    keep_first_text(cx, id, row.text.as_deref(), window, message);
    for (at, question) in window.former_questions.take_all(id) {
        // Of a poll that was edited the app keeps the former question, not the options it had.
        let former = Body::Poll(Poll { question, selectable: None, options: Vec::new() });
        message.earlier.push(earlier(message, former, source(cx.item, "poll_edit_snapshot", at)));
    }
    let view_once = matches!(code, 42 | 43 | 82);
    let caption = media.as_ref().and_then(|m| m.caption.clone());
    if let Some(media) = media {
        message.attachments.push(attachment(media, view_once, summary));
    }
    let caption = caption.or_else(|| row.text.clone());
    match code {
        0 => text(row.text, id, window),
        1 => Body::Image { caption },
        2 if row.flags & flags::VOICE_NOTE != 0 => Body::VoiceNote,
        2 => Body::Audio,
        3 => Body::Video { caption },
        9 => Body::Document { caption },
        13 => Body::Gif { caption },
        20 => Body::Sticker,
        81 => Body::VideoNote,
        42 | 43 | 82 => view_once_body(code, id, window, summary),
        4 | 14 => cards(row, window, summary),
        5 | 16 => place(row, legacy.and_then(|l| l.place), window, summary),
        10 | 90 => call(cx, row, window, summary),
        11 => Body::Waiting,
        23 | 24 | 32 => {
            let invite = window.invite.take(id);
            Body::GroupInvite(GroupInvite {
                group: invite.as_ref().and_then(|i| i.group.clone()),
                expires: invite.and_then(|i| i.expires).map(moment),
            })
        }
        66 => poll(row, window, votes),
        92 => event(row, window, summary),
        99 => {
            let (images, videos) = window.album.take(id).unwrap_or_default();
            Body::Album { images, videos }
        }
        _ => interactive(row, code, window, summary),
    }
}

/// A time whose unit the reference does not give: seconds until the year 5138 are smaller than milliseconds since 1973.
fn moment(raw: i64) -> Moment {
    if raw.unsigned_abs() < 100_000_000_000 { Moment::from_seconds(raw) } else { Moment::from_millis(raw) }
}

fn text(text: Option<String>, id: i64, window: &mut Window) -> Body {
    let link = window.link.take(id);
    let (link, link_title) = link.map_or((None, None), |l| (l.url, l.title.or(l.description)));
    Body::Text { text: text.unwrap_or_default(), link, link_title }
}

fn revoked(
    cx: &Context<'_>,
    id: i64,
    text: Option<String>,
    window: &mut Window,
    message: &mut Message,
    summary: &mut Summary,
) -> Body {
    summary.revoked += 1;
    let row = window.revoked.take(id);
    let revocation = Revocation {
        at: row.as_ref().and_then(|r| r.at).map(Moment::from_millis),
        by_admin: row.as_ref().and_then(|r| r.admin).and_then(|jid| cx.people.sender(cx.jids, jid)),
        original_id: row.and_then(|r| r.original),
    };
    // The app empties the text; if one stands there all the same it is kept, as what the message was.
    if let Some(text) = text {
        let from = message.source.clone();
        message.earlier.push(earlier(message, said(text), from));
    }
    Body::Revoked(revocation)
}

/// The first text of an edited message may survive in the search index (`reference/android.md §2.6`).
fn keep_first_text(cx: &Context<'_>, id: i64, now: Option<&str>, window: &mut Window, message: &mut Message) {
    let Some(first) = window.first_text.take(id).filter(|_| message.edited.is_some()) else { return };
    // The index may hold the present text in another form; only other words are an earlier text.
    let plain = |t: &str| t.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    if now.is_none_or(|now| plain(now) != plain(&first)) {
        let from = source(cx.item, "message_ftsv2_content", id);
        message.earlier.push(earlier(message, said(first), from));
    }
}

fn said(text: String) -> Body {
    Body::Text { text, link: None, link_title: None }
}

fn earlier(message: &Message, body: Body, from: uitlezen_chat::Source) -> Message {
    Message {
        body,
        attachments: Vec::new(),
        quote: None,
        mentions: Vec::new(),
        reactions: Vec::new(),
        pins: Vec::new(),
        kept: Vec::new(),
        additions: Vec::new(),
        edited: None,
        uninterpreted: BTreeMap::new(),
        earlier: Vec::new(),
        source: from,
        ..message.clone()
    }
}

/// The file of a message. The path is the app's own and hostile; it is a name to look for, never a place.
pub(crate) fn attachment(media: Media, view_once: bool, summary: &mut Summary) -> Attachment {
    let sha256 = media.hash.as_deref().and_then(|h| STANDARD.decode(h.trim()).ok()).filter(|h| h.len() == 32).map(hex::encode);
    let state = if view_once {
        AttachmentState::NotOnPhone { reason: "view-once".to_owned() }
    } else if media.path.is_some() {
        AttachmentState::Wanted
    } else {
        AttachmentState::NotOnPhone { reason: "never-downloaded".to_owned() }
    };
    summary.names_file(&state);
    let small = |n: Option<u64>| n.and_then(|n| u32::try_from(n).ok());
    Attachment {
        path: media.path,
        name: media.name,
        media_type: media.mime,
        bytes: media.size,
        sha256,
        duration_seconds: media.duration,
        width: small(media.width),
        height: small(media.height),
        transcription: media.transcription,
        state,
    }
}

fn view_once_body(code: i64, id: i64, window: &mut Window, summary: &mut Summary) -> Body {
    let media = match code {
        42 => "image",
        43 => "video",
        _ => "voice",
    };
    let state = match window.view_once.take(id).flatten() {
        Some(0) => Some(ViewOnceState::Unseen),
        Some(1) => Some(ViewOnceState::Seen),
        Some(2) => Some(ViewOnceState::Expired),
        _ => None,
    };
    let count = match state {
        Some(ViewOnceState::Unseen) => &mut summary.view_once.unseen,
        Some(ViewOnceState::Seen) => &mut summary.view_once.seen,
        Some(ViewOnceState::Expired) => &mut summary.view_once.expired,
        None => &mut summary.view_once.unknown,
    };
    *count += 1;
    Body::ViewOnce { media: media.to_owned(), state }
}

fn cards(mut row: MessageRow, window: &mut Window, summary: &mut Summary) -> Body {
    let mut cards: Vec<Card> = window.cards.take_all(row.id).into_iter().map(|vcard| Card { vcard }).collect();
    if cards.is_empty()
        && let Some(vcard) = row.text.take_if(|t| t.trim_start().to_ascii_uppercase().starts_with("BEGIN:VCARD"))
    {
        cards.push(Card { vcard });
    }
    if cards.is_empty() {
        return unknown(row.code.unwrap_or(4), row.text, summary);
    }
    Body::Cards { cards }
}

pub(crate) fn place_of(l: Location, text: Option<String>) -> Option<Place> {
    let (latitude, longitude) = l.latitude.zip(l.longitude)?;
    let last = l.last.map(|(latitude, longitude, at)| Box::new(LastPlace { latitude, longitude, at: at.map(moment) }));
    Some(Place { latitude, longitude, name: l.name, address: l.address, url: l.url, live_seconds: l.live_seconds, last, text })
}

fn place(row: MessageRow, legacy: Option<(f64, f64)>, window: &mut Window, summary: &mut Summary) -> Body {
    let text = row.text.clone();
    let found = window.location.take(row.id).and_then(|l| place_of(l, text.clone())).or_else(|| {
        let (latitude, longitude) = legacy?;
        Some(Place { latitude, longitude, text, ..Place::default() })
    });
    found.map_or_else(|| unknown(row.code.unwrap_or(5), row.text, summary), Body::Place)
}

/// `reference/android.md §2.6`: results of a call.
fn outcome(result: Option<i64>) -> CallOutcome {
    match result {
        Some(2) => CallOutcome::Missed,
        Some(3) => CallOutcome::Unavailable,
        Some(4) => CallOutcome::Rejected,
        Some(5) => CallOutcome::Answered,
        Some(7) => CallOutcome::Busy,
        other => CallOutcome::Unknown(other.unwrap_or(-1)),
    }
}

fn call(cx: &Context<'_>, row: MessageRow, window: &mut Window, summary: &mut Summary) -> Body {
    let Some(CallRow { call, missed, video, seconds, result, group }) =
        window.call.take(row.id).or_else(|| window.missed.take(row.id))
    else {
        return unknown(row.code.unwrap_or(90), row.text, summary);
    };
    let logged = call.map(|call| window.callers.take_all(call)).unwrap_or_default();
    let missed = missed.map(|missed| window.missed_callers.take_all(missed)).unwrap_or_default();
    let participants: Vec<Sender> = logged
        .into_iter()
        .chain(missed.iter().filter_map(|address| cx.jids.find(address)))
        .filter_map(|jid| cx.people.sender(cx.jids, jid))
        .collect();
    Body::Call(Call { video, group, duration_seconds: seconds, outcome: outcome(result), participants })
}

fn poll(row: MessageRow, window: &mut Window, votes: Vec<(Sender, Vec<i64>)>) -> Body {
    let selectable = window.poll.take(row.id).and_then(|p| p.selectable);
    let mut options = Vec::new();
    let mut place: BTreeMap<i64, usize> = BTreeMap::new();
    for option in window.options.take_all(row.id) {
        place.insert(option.id, options.len());
        options.push(PollOption { text: option.text, voters: Vec::new(), total: option.total });
    }
    for (voter, chosen) in votes {
        for id in chosen {
            if let Some(option) = place.get(&id).and_then(|&at| options.get_mut(at))
                && !option.voters.contains(&voter)
            {
                option.voters.push(voter.clone());
            }
        }
    }
    Body::Poll(Poll { question: row.text.unwrap_or_default(), selectable, options })
}

fn event(row: MessageRow, window: &mut Window, summary: &mut Summary) -> Body {
    let Some(e) = window.event.take(row.id) else { return unknown(92, row.text, summary) };
    let at = e.latitude.zip(e.longitude).filter(|&(a, b)| a != 0.0 || b != 0.0);
    // A place without coordinates is told in words: no coordinates are made up for it.
    let words =
        [e.description, at.is_none().then(|| e.place.clone()).flatten(), at.is_none().then(|| e.address.clone()).flatten()];
    let words: Vec<String> = words.into_iter().chain([at.is_none().then(|| e.link.clone()).flatten()]).flatten().collect();
    let place = at.map(|(latitude, longitude)| {
        Box::new(Place { latitude, longitude, name: e.place, address: e.address, url: e.link, ..Place::default() })
    });
    Body::Event {
        name: e.name,
        description: (!words.is_empty()).then(|| words.join("\n")),
        starts: e.starts.map(moment),
        ends: e.ends.map(moment),
        place,
        cancelled: e.cancelled,
        answers: Vec::new(),
    }
}

/// Business messages and whatever else keeps its text in a table of its own. With a place beside the text (a template with a
/// map) the place carries the text.
fn interactive(row: MessageRow, code: i64, window: &mut Window, summary: &mut Summary) -> Body {
    let id = row.id;
    let mut lines: Vec<String> = row.text.clone().into_iter().collect();
    lines.extend(window.template.take(id));
    lines.extend(window.elements.take_all(id));
    lines.extend(window.reply.take(id));
    lines.extend(window.order.take(id));
    lines.extend(window.product.take(id));
    lines.extend(window.buttons.take_all(id));
    let own = usize::from(row.text.is_some());
    let found = lines.len() > own;
    lines.dedup();
    let location = window.location.take(id).and_then(|l| place_of(l, found.then(|| lines.join("\n"))));
    match (found, location) {
        (_, Some(mut place)) => {
            place.text = place.text.or(row.text);
            Body::Place(place)
        }
        (true, None) => text(Some(lines.join("\n")), id, window),
        (false, None) => unknown(code, row.text, summary),
    }
}

fn unknown(code: i64, text: Option<String>, summary: &mut Summary) -> Body {
    *summary.unknown_types.entry(code).or_default() += 1;
    Body::Unknown { code, text, raw: BTreeMap::new() }
}
