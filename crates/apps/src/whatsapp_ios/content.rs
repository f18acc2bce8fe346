//! What a message says, by its kind (`reference/ios.md §5.3`).

use super::{
    compose::Link,
    row::{Media, MessageRow},
};
use crate::Summary;
use std::collections::BTreeMap;
use uitlezen_chat::{
    Attachment, AttachmentState, Body, Card, ConversationKind, GroupInvite, Message, Place, Poll, PollOption, Revocation,
};

/// A link of a table of its own, where the message itself has none.
pub(super) fn link(row: &mut MessageRow, link: Link) {
    let media = row.media.get_or_insert_default();
    media.url = link.url.or(media.url.take());
    media.title = media.title.take().or(link.title);
}

/// Fills in the body and the files.
pub(super) fn fill(mut row: MessageRow, kind: ConversationKind, message: &mut Message, summary: &mut Summary) {
    let text = row.text.take();
    let mut media = row.media.take().unwrap_or_default();
    let caption = |media: &mut Media, text: Option<String>| text.or_else(|| media.title.take());
    let mut name = None;
    let body = match row.kind {
        0 | 7 | 25 | 31 | 34 if text.is_some() => {
            let linked = row.kind == 7 || media.title.is_some();
            let (link, link_title) = if linked { (media.url.take(), media.title.take()) } else { (None, None) };
            Body::Text { text: text.unwrap_or_default(), link, link_title }
        }
        1 => Body::Image { caption: caption(&mut media, text) },
        2 => Body::Video { caption: caption(&mut media, text) },
        3 => Body::Audio,
        4 => card(&media, text),
        5 => match media.latitude.zip(media.longitude) {
            Some(at) => place(&mut media, at, text),
            None => unknown(5, text, &media, kind, summary),
        },
        8 => {
            name = media.title.take();
            Body::Document { caption: text }
        }
        11 => Body::Gif { caption: caption(&mut media, text) },
        12 => Body::Waiting,
        14 => {
            summary.revoked += 1;
            Body::Revoked(Revocation { at: None, by_admin: None, original_id: None })
        }
        15 => Body::Sticker,
        27 => {
            message.uninterpreted.extend(text.map(|text| ("ZWAMESSAGE.ZTEXT".to_owned(), text)));
            Body::GroupInvite(GroupInvite { group: None, expires: None })
        }
        38 | 39 | 53 => {
            summary.view_once.unknown += 1;
            let kind = match row.kind {
                38 => "image",
                39 => "video",
                _ => "voice",
            };
            message.uninterpreted.extend(text.map(|text| ("ZWAMESSAGE.ZTEXT".to_owned(), text)));
            Body::ViewOnce { media: kind.to_owned(), state: None }
        }
        46 if row.info.question.is_some() => {
            let option = |text| PollOption { text, voters: Vec::new(), total: None };
            Body::Poll(Poll {
                question: row.info.question.take().unwrap_or_default(),
                selectable: None,
                options: std::mem::take(&mut row.info.options).into_iter().map(option).collect(),
            })
        }
        54 => Body::VideoNote,
        code => unknown(code, text, &media, kind, summary),
    };
    let has_file = matches!(row.kind, 1 | 2 | 3 | 8 | 11 | 15 | 38 | 39 | 53 | 54) || media.path.is_some();
    message.body = body;
    if has_file {
        message.attachments.push(file(media, name, row.kind, summary));
    }
}

fn unknown(code: i64, text: Option<String>, media: &Media, kind: ConversationKind, summary: &mut Summary) -> Body {
    *summary.unknown_types.entry(code).or_default() += 1;
    let mut raw = BTreeMap::new();
    let said = [
        ("ZWAMEDIAITEM.ZTITLE", &media.title),
        ("ZWAMEDIAITEM.ZAUTHORNAME", &media.author),
        ("ZWAMEDIAITEM.ZVCARDNAME", &media.card_name),
        ("ZWAMEDIAITEM.ZVCARDSTRING", &media.card),
        ("ZWAMEDIAITEM.ZMEDIAURL", &media.url),
    ];
    for (name, value) in said {
        raw.extend(value.clone().map(|value| (name.to_owned(), value)));
    }
    if kind == ConversationKind::Other {
        raw.insert("conversation".to_owned(), "of a kind that is not interpreted".to_owned());
    }
    Body::Unknown { code, text, raw }
}

fn card(media: &Media, text: Option<String>) -> Body {
    let vcard = media.card.clone().or(text).or_else(|| media.card_name.clone());
    Body::Cards { cards: vcard.map(|vcard| Card { vcard }).into_iter().collect() }
}

fn place(media: &mut Media, (latitude, longitude): (f64, f64), text: Option<String>) -> Body {
    Body::Place(Place {
        latitude,
        longitude,
        name: media.title.take(),
        address: None,
        url: media.url.take(),
        // How a live place differs from a fixed one is not established.
        live_seconds: None,
        last: None,
        text,
    })
}

fn file(media: Media, name: Option<String>, kind: i64, summary: &mut Summary) -> Attachment {
    let state = if media.path.is_some() {
        summary.attachments_wanted += 1;
        AttachmentState::Wanted
    } else {
        summary.attachments_not_on_phone += 1;
        let reason = if matches!(kind, 38 | 39 | 53) { "media to be opened once" } else { "the app names no file for it" };
        AttachmentState::NotOnPhone { reason: reason.to_owned() }
    };
    Attachment {
        path: media.path,
        name,
        // The column of a card holds the media type of a file.
        media_type: media.card.filter(|kind| kind.len() < 128 && kind.contains('/') && !kind.contains('\n')),
        bytes: media.bytes,
        sha256: None,
        duration_seconds: media.seconds,
        width: None,
        height: None,
        transcription: None,
        state,
    }
}
