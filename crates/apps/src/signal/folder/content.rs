//! What a chat item says, by its kind.

use super::{
    files::{self, LONG_TEXT, attachment},
    item::Context,
};
use crate::{Summary, signal::vcard};
use std::collections::BTreeMap;
use uitlezen_chat::{Attachment, AttachmentState, Body, Card, Message, Poll, PollOption, Revocation, Sender, ViewOnceState};
use uitlezen_protobuf::Record;

/// Most files, options and votes of one message.
const MOST: usize = 10_000;
const KINDS: [&str; 11] = [
    "standardMessage",
    "contactMessage",
    "stickerMessage",
    "remoteDeletedMessage",
    "updateMessage",
    "paymentNotification",
    "giftBadge",
    "viewOnceMessage",
    "directStoryReplyMessage",
    "poll",
    "adminDeletedMessage",
];
const VOICE: u64 = 1;
const GIF: u64 = 3;

/// Fills in what the item says. Updates are notices, and made elsewhere.
pub(super) fn fill(cx: &Context<'_>, item: &Record<'_>, index: u32, frame: i64, message: &mut Message, summary: &mut Summary) {
    let Some((kind, said)) = item.one_of(&KINDS) else {
        *summary.unknown_types.entry(0).or_default() += 1;
        message.body = unknown(0);
        return;
    };
    message.reactions = match kind {
        "remoteDeletedMessage" | "updateMessage" | "paymentNotification" | "giftBadge" | "adminDeletedMessage" => Vec::new(),
        _ => cx.reactions(&said, frame),
    };
    message.body = match kind {
        "standardMessage" => standard(cx, &said, index, frame, message, summary),
        "contactMessage" => contact(&said, message),
        "stickerMessage" => sticker(&said, message),
        "remoteDeletedMessage" => {
            summary.revoked += 1;
            Body::Revoked(Revocation { at: None, by_admin: None, original_id: None })
        }
        "adminDeletedMessage" => {
            summary.revoked += 1;
            let admin = Some(cx.people.sender(said.uint("adminId"))).filter(|who| *who != Sender::Unknown);
            Body::Revoked(Revocation { at: None, by_admin: admin, original_id: None })
        }
        "viewOnceMessage" => view_once(&said, message, summary),
        "directStoryReplyMessage" => story_reply(cx, &said, message),
        "poll" => poll(cx, &said, message),
        "paymentNotification" => {
            let mut raw = BTreeMap::new();
            for field in ["amountMob", "feeMob"] {
                raw.extend(said.text(field).map(|text| (format!("PaymentNotification.{field}"), text.into_owned())));
            }
            let text = said.text("note").map(|note| note.into_owned()).filter(|note| !note.is_empty());
            *summary.unknown_types.entry(16).or_default() += 1;
            Body::Unknown { code: 16, text, raw }
        }
        "giftBadge" => {
            let raw = BTreeMap::from([("GiftBadge.state".to_owned(), said.uint("state").to_string())]);
            *summary.unknown_types.entry(17).or_default() += 1;
            Body::Unknown { code: 17, text: None, raw }
        }
        // Its notices take its place.
        _ => unknown(15),
    };
    for file in &message.attachments {
        summary.names_file(&file.state);
    }
}

fn unknown(code: i64) -> Body {
    Body::Unknown { code, text: None, raw: BTreeMap::new() }
}

fn standard(cx: &Context<'_>, said: &Record<'_>, index: u32, frame: i64, message: &mut Message, summary: &mut Summary) -> Body {
    let mut text = said.message("text").map(|text| cx.text(&text, message));
    if let Some(pointer) = said.message("longText") {
        match files::long_text(&pointer, cx.files) {
            // The frame holds how it begins.
            Some(whole) if text.as_deref().is_none_or(|begun| whole.starts_with(begun)) => text = Some(whole),
            Some(_) | None => {
                let mut file = attachment(&pointer);
                file.media_type.get_or_insert_with(|| LONG_TEXT.to_owned());
                message.attachments.push(file);
                summary.oddities.cut_texts += 1;
                message.uninterpreted.insert("StandardMessage.longText".to_owned(), "not-read".to_owned());
            }
        }
    }
    if let Some(quote) = said.message("quote") {
        message.quote = Some(Box::new(cx.quote(&quote, index, frame)));
    }
    let mut kind = None;
    for file in said.messages("attachments").take(MOST) {
        let Some(pointer) = file.message("pointer") else {
            message.attachments.push(nameless());
            continue;
        };
        let found = attachment(&pointer);
        kind.get_or_insert_with(|| (file.uint("flag"), family(found.media_type.as_deref())));
        if let Some(caption) = pointer.text("caption").filter(|caption| !caption.is_empty()) {
            let place = message.attachments.len();
            message.uninterpreted.insert(format!("FilePointer.caption.{place}"), caption.into_owned());
        }
        message.attachments.push(found);
    }
    let caption = text.clone().filter(|text| !text.is_empty());
    match kind {
        Some((GIF, _)) => Body::Gif { caption },
        Some((_, Family::Image)) => Body::Image { caption },
        Some((_, Family::Video)) => Body::Video { caption },
        Some((VOICE, _)) if caption.is_none() => Body::VoiceNote,
        Some((_, Family::Audio)) if caption.is_none() => Body::Audio,
        Some(_) => Body::Document { caption },
        None => preview(said, text.unwrap_or_default(), message),
    }
}

fn preview(said: &Record<'_>, text: String, message: &mut Message) -> Body {
    let mut link = None;
    for (place, shown) in said.messages("linkPreview").take(MOST).enumerate() {
        if place == 0 {
            link = Some(shown);
        } else if let Some(url) = shown.text("url") {
            message.uninterpreted.insert(format!("LinkPreview.url.{place}"), url.into_owned());
        }
    }
    let of = |field: &str| link.and_then(|link| link.text(field)).map(|text| text.into_owned()).filter(|text| !text.is_empty());
    if let Some(description) = of("description") {
        message.uninterpreted.insert("LinkPreview.description".to_owned(), description);
    }
    Body::Text { text, link: of("url"), link_title: of("title") }
}

enum Family {
    Image,
    Video,
    Audio,
    Other,
}

fn family(media_type: Option<&str>) -> Family {
    match media_type.and_then(|kind| kind.split('/').next()) {
        Some("image") => Family::Image,
        Some("video") => Family::Video,
        Some("audio") => Family::Audio,
        _ => Family::Other,
    }
}

fn nameless() -> Attachment {
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
        state: AttachmentState::NotOnPhone { reason: "no-file-named".to_owned() },
    }
}

fn contact(said: &Record<'_>, message: &mut Message) -> Body {
    let Some(contact) = said.message("contact") else { return Body::Cards { cards: Vec::new() } };
    message.attachments.extend(contact.message("avatar").map(|avatar| attachment(&avatar)));
    Body::Cards { cards: vec![Card { vcard: vcard::of(&contact) }] }
}

fn sticker(said: &Record<'_>, message: &mut Message) -> Body {
    if let Some(sticker) = said.message("sticker") {
        message.attachments.extend(sticker.message("data").map(|data| attachment(&data)));
        if let Some(emoji) = sticker.text("emoji").filter(|emoji| !emoji.is_empty()) {
            message.uninterpreted.insert("Sticker.emoji".to_owned(), emoji.into_owned());
        }
    }
    Body::Sticker
}

/// The file stands in the backup until it was seen; what it shows is never read out.
fn view_once(said: &Record<'_>, message: &mut Message, summary: &mut Summary) -> Body {
    let pointer = said.message("attachment").and_then(|file| file.message("pointer"));
    let state = if pointer.is_some() { ViewOnceState::Unseen } else { ViewOnceState::Seen };
    match state {
        ViewOnceState::Unseen => summary.view_once.unseen += 1,
        _ => summary.view_once.seen += 1,
    }
    let media = match family(pointer.and_then(|pointer| pointer.text("contentType")).as_deref()) {
        Family::Image => "image",
        Family::Video => "video",
        Family::Audio => "audio",
        Family::Other => "unknown",
    };
    if let Some(pointer) = pointer {
        let kept = attachment(&pointer);
        let state = AttachmentState::NotOnPhone { reason: "view-once".to_owned() };
        message.attachments.push(Attachment { path: None, sha256: None, state, ..kept });
    }
    Body::ViewOnce { media: media.to_owned(), state: Some(state) }
}

fn story_reply(cx: &Context<'_>, said: &Record<'_>, message: &mut Message) -> Body {
    message.uninterpreted.insert("ChatItem.item".to_owned(), "directStoryReplyMessage".to_owned());
    let mut text = said.text("emoji").map(|emoji| emoji.into_owned());
    if let Some(reply) = said.message("textReply") {
        text = reply.message("text").map(|text| cx.text(&text, message)).or(text);
        if let Some(pointer) = reply.message("longText") {
            match files::long_text(&pointer, cx.files) {
                Some(whole) => text = Some(whole),
                None => message.attachments.push(attachment(&pointer)),
            }
        }
    }
    Body::Text { text: text.unwrap_or_default(), link: None, link_title: None }
}

fn poll(cx: &Context<'_>, said: &Record<'_>, message: &mut Message) -> Body {
    let mut left = MOST;
    let mut options = Vec::new();
    for option in said.messages("options").take(MOST) {
        let votes: Vec<Sender> = option.messages("votes").take(left).map(|vote| cx.people.sender(vote.uint("voterId"))).collect();
        left -= votes.len().min(left);
        options.push(PollOption { text: option.text("option").unwrap_or_default().into_owned(), voters: votes, total: None });
    }
    if said.flag("hasEnded") {
        message.uninterpreted.insert("Poll.hasEnded".to_owned(), "1".to_owned());
    }
    let selectable = (!said.flag("allowMultiple")).then_some(1);
    Body::Poll(Poll { question: said.text("question").unwrap_or_default().into_owned(), selectable, options })
}
