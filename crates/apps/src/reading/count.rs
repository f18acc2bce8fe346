//! Counting the records that go out.

use crate::Summary;
use std::collections::BTreeMap;
use uitlezen_chat::{Body, Message};

/// The name under which a body is counted; the same word as in its JSON.
pub(crate) fn kind_of(body: &Body) -> &'static str {
    match body {
        Body::Text { .. } => "text",
        Body::Image { .. } => "image",
        Body::Video { .. } => "video",
        Body::VideoNote => "video-note",
        Body::Gif { .. } => "gif",
        Body::Audio => "audio",
        Body::VoiceNote => "voice-note",
        Body::Document { .. } => "document",
        Body::Sticker => "sticker",
        Body::ViewOnce { .. } => "view-once",
        Body::Place(_) => "place",
        Body::Cards { .. } => "cards",
        Body::Poll(_) => "poll",
        Body::Call(_) => "call",
        Body::GroupInvite(_) => "group-invite",
        Body::Event { .. } => "event",
        Body::Album { .. } => "album",
        Body::Revoked(_) => "revoked",
        Body::System(_) => "system",
        Body::Waiting => "waiting",
        Body::Withheld => "withheld",
        Body::Unknown { .. } => "unknown",
    }
}

fn add(counts: &mut BTreeMap<String, u64>, key: &str) {
    if let Some(count) = counts.get_mut(key) {
        *count += 1;
    } else {
        counts.insert(key.to_owned(), 1);
    }
}

/// Counts one message that goes to the sink.
pub(crate) fn count(summary: &mut Summary, message: &Message) {
    summary.messages += 1;
    add(&mut summary.by_kind, kind_of(&message.body));
    // The local time begins with year and month.
    let local = message.sent.local.as_ref().filter(|_| message.sent.raw > 0);
    add(&mut summary.by_month, local.and_then(|l| l.get(..7)).unwrap_or(""));
    summary.edited += u64::from(message.edited.is_some());
    summary.saw(&message.sent);
}
