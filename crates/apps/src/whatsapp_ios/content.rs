//! What a message says, by its type and the tables that hold its parts (`reference/ios.md §5.3`).

use super::{
    Edition,
    blobs::{Asked, Metadata},
    notices,
    row::MessageRow,
    sides::{Link, Media, Window},
    wanted,
};
use crate::Summary;
use std::collections::BTreeMap;
use uitlezen_chat::{Attachment, AttachmentState, Body, Card, GroupInvite, Message, Place, Poll, PollOption, Revocation};

/// `ZMESSAGETYPE` of the message that groups others.
pub(super) const ALBUM: i64 = 66;
/// Cards of one message.
const MOST_CARDS: usize = 1_024;

/// Builds the body, and puts the file (if any) among the message's attachments.
pub(super) fn body(
    row: MessageRow,
    media: Option<Media>,
    metadata: &Metadata<'_>,
    poll: Option<Asked<'_>>,
    window: &mut Window,
    message: &mut Message,
    summary: &mut Summary,
) -> Body {
    let MessageRow { id, kind, event, text, .. } = row;
    if let Some(call) = notices::call(kind, event) {
        return call;
    }
    let is_file = matches!(kind, 1..=3 | 8 | 11 | 15 | 38 | 39 | 53 | 54);
    let view_once = matches!(kind, 38 | 39 | 53);
    let title = media.as_ref().and_then(|media| media.title.clone());
    let links = window.links.take_all(id);
    if is_file {
        if let Some(media) = &media {
            message.attachments.push(attachment(media, kind, view_once, summary));
        } else if row.media.is_some() {
            summary.attachments_not_on_phone += 1;
            let state = AttachmentState::NotOnPhone { reason: "media-row-missing".to_owned() };
            message.attachments.push(Attachment { state, ..empty() });
        }
    }
    match kind {
        0 | 7 => said(text, links, message),
        1 => Body::Image { caption: title.or(text) },
        2 => Body::Video { caption: title.or(text) },
        // A voice note and another sound are of one type.
        3 => Body::Audio,
        4 => cards(text, media, message, summary),
        5 => place(text, media, message, summary),
        8 => Body::Document { caption: text },
        11 => Body::Gif { caption: title.or(text) },
        12 => {
            summary.undecoded_by_app += 1;
            Body::Waiting
        }
        14 => revoked(text, message, summary),
        15 => Body::Sticker,
        25 | 31 | 34 if text.is_some() => said(text, links, message),
        27 => {
            if let Some(text) = text {
                message.uninterpreted.insert("ZWAMESSAGE.ZTEXT".to_owned(), text);
            }
            Body::GroupInvite(GroupInvite { group: None, expires: None })
        }
        38 => view_once_body("image", summary),
        39 => view_once_body("video", summary),
        53 => view_once_body("voice", summary),
        46 => match poll {
            Some(poll) => asked(poll, text),
            None => unknown(kind, text, metadata, summary),
        },
        54 => Body::VideoNote,
        ALBUM => {
            let of = |wanted: i64| {
                let children = window.children.get(&id).into_iter().flatten();
                children.filter(|kind| **kind == wanted).count() as u64
            };
            Body::Album { images: of(1), videos: of(2) }
        }
        _ => unknown(kind, text.or(title), metadata, summary),
    }
}

/// A text with the preview of a link. What else the preview holds is kept as it is.
fn said(text: Option<String>, links: Vec<Link>, message: &mut Message) -> Body {
    let (mut link, mut link_title) = (None, None);
    for (n, found) in links.into_iter().enumerate() {
        let [first, second] = found.contents;
        if n == 0 {
            link = found.matched.or_else(|| first.clone());
            link_title = found.title.or_else(|| found.summary.clone());
        }
        let rest = [("ZTYPE", found.kind), ("ZSUMMARY", found.summary), ("ZCONTENT1", first), ("ZCONTENT2", second)];
        for (name, value) in rest {
            let shown = |value: &String| Some(value) == link.as_ref() || Some(value) == link_title.as_ref();
            if let Some(value) = value.filter(|value| !shown(value)) {
                let which = if n == 0 { String::new() } else { format!(" {}", n + 1) };
                message.uninterpreted.insert(format!("ZWAMESSAGEDATAITEM.{name}{which}"), value);
            }
        }
    }
    Body::Text { text: text.unwrap_or_default(), link, link_title }
}

fn empty() -> Attachment {
    Attachment {
        path: None,
        name: None,
        media_type: None,
        bytes: None,
        sha256: None,
        duration_seconds: None,
        width: None,
        height: None,
        transcription: None,
        state: AttachmentState::Missing,
    }
}

/// The file of a message. The path is the app's own and hostile; it is a name to look for, never a place.
fn attachment(media: &Media, kind: i64, view_once: bool, summary: &mut Summary) -> Attachment {
    let not_here = |reason: &str| AttachmentState::NotOnPhone { reason: reason.to_owned() };
    let state = match &media.path {
        // The rules for a path are the same for both editions.
        Some(path) if wanted::media(Edition::WhatsApp, path).is_ok() => AttachmentState::Wanted,
        Some(_) => AttachmentState::NotRead { reason: "path-outside-media".to_owned() },
        None if view_once => not_here("view-once"),
        None => not_here("never-downloaded"),
    };
    summary.names_file(&state);
    let is_type = |text: &&String| text.len() < 256 && text.contains('/') && !text.contains(['\n', ' ', ':']);
    Attachment {
        path: media.path.clone(),
        name: media.title.clone().filter(|_| kind == 8),
        media_type: media.card.as_ref().filter(is_type).cloned(),
        bytes: media.bytes,
        duration_seconds: media.seconds,
        state,
        ..empty()
    }
}

fn view_once_body(media: &str, summary: &mut Summary) -> Body {
    summary.view_once.unknown += 1;
    Body::ViewOnce { media: media.to_owned(), state: None }
}

fn revoked(text: Option<String>, message: &mut Message, summary: &mut Summary) -> Body {
    summary.revoked += 1;
    // The app empties the text; if one stands there all the same it is kept, as what the message was.
    if let Some(text) = text {
        let earlier = Message {
            body: Body::Text { text, link: None, link_title: None },
            attachments: Vec::new(),
            quote: None,
            reactions: Vec::new(),
            uninterpreted: BTreeMap::new(),
            ..message.clone()
        };
        message.earlier.push(earlier);
    }
    Body::Revoked(Revocation { at: None, by_admin: None, original_id: None })
}

/// Contact cards: one or several in one text.
fn cards(text: Option<String>, media: Option<Media>, message: &mut Message, summary: &mut Summary) -> Body {
    let Media { card, card_name, .. } = media.unwrap_or_default();
    let whole = card.or_else(|| text.clone()).unwrap_or_default();
    let upper = whole.to_ascii_uppercase();
    let starts: Vec<usize> = upper.match_indices("BEGIN:VCARD").map(|(at, _)| at).take(MOST_CARDS).collect();
    let ends = starts.iter().skip(1).copied().chain([whole.len()]);
    let cards: Vec<Card> = starts
        .iter()
        .zip(ends)
        .filter_map(|(from, to)| {
            // Between two cards the app puts a mark of its own.
            let end = upper.get(*from..to)?.find("END:VCARD").map_or(to, |at| from + at + "END:VCARD".len());
            Some(Card { vcard: whole.get(*from..end)?.trim_end().to_owned() })
        })
        .collect();
    if let Some(name) = card_name {
        message.uninterpreted.insert("ZWAMEDIAITEM.ZVCARDNAME".to_owned(), name);
    }
    if cards.is_empty() {
        return unknown(4, text.or(Some(whole)).filter(|text| !text.is_empty()), &Metadata::default(), summary);
    }
    Body::Cards { cards }
}

fn place(text: Option<String>, media: Option<Media>, message: &mut Message, summary: &mut Summary) -> Body {
    let Media { latitude, longitude, accuracy, title, .. } = media.unwrap_or_default();
    if let Some(accuracy) = accuracy {
        message.uninterpreted.insert("ZWAMEDIAITEM.ZHACCURACY".to_owned(), accuracy);
    }
    match latitude.zip(longitude) {
        Some((latitude, longitude)) => Body::Place(Place { latitude, longitude, name: title, text, ..Place::default() }),
        None => unknown(5, text.or(title), &Metadata::default(), summary),
    }
}

fn asked(poll: Asked<'_>, text: Option<String>) -> Body {
    let option = |text: &&str| PollOption { text: (*text).to_owned(), voters: Vec::new(), total: None };
    Body::Poll(Poll {
        question: poll.question.map(str::to_owned).or(text).unwrap_or_default(),
        selectable: None,
        options: poll.options.iter().map(option).collect(),
    })
}

fn unknown(code: i64, text: Option<String>, metadata: &Metadata<'_>, summary: &mut Summary) -> Body {
    *summary.unknown_types.entry(code).or_default() += 1;
    let seconds = metadata.call_seconds.map(|s| ("ZWAMEDIAITEM.ZMETADATA.87.1.3".to_owned(), s.to_string()));
    Body::Unknown { code, text, raw: seconds.into_iter().collect() }
}
