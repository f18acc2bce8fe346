//! One `Message` protobuf of WhatsApp to what it says.
//!
//! A message has one content field among some hundred; the walker finds it, its number is its kind, and the struct of that
//! kind decodes it. A number without a struct becomes [`Body::Unknown`] with that number as its code.

use super::{
    history_sync::{Key, Reaction},
    message::{Content, MessageKey, QuotedMessage, Said},
    message_kinds::{self as wa, Context},
};
use crate::reading::wire::{self, Fields, Malformed, Value};
use prost::Message;
use std::collections::BTreeMap;
use uitlezen_chat::{
    Attachment, AttachmentState, Body, Call, CallOutcome, Card, Forward, GroupInvite, Moment, Place, Poll, PollOption,
};

/// Deepest nesting of wrappers (ephemeral, view once, edited) and quotes. Real messages reach 3.
pub(super) const DEEPEST: u32 = 8;
/// Most fields of one message part. Real ones have under 50.
pub(super) const MOST_FIELDS: usize = 10_000;
/// Fields that accompany a content without being one: key distribution and message context.
const ACCOMPANYING: [u32; 3] = [2, 15, 35];
const MESSAGE_CONTEXT: u32 = 35;
/// Wrappers that change nothing of what they hold: ephemeral, document with caption, group mention, bot, lottie sticker,
/// associated child, poll version 4.
const PLAIN_WRAPPERS: [u32; 7] = [40, 53, 62, 67, 74, 91, 93];
const VIEW_ONCE_WRAPPERS: [u32; 3] = [37, 55, 59];
const EDITED_WRAPPER: u32 = 58;
/// Kinds of which only the text is taken, with the path to it: template, order, list, buttons, interactive and their answers.
const TEXT_ONLY: [(u32, &[u32]); 9] =
    [(25, &[4, 6]), (29, &[2]), (36, &[2]), (38, &[6]), (39, &[1]), (42, &[6]), (43, &[2]), (45, &[2, 1]), (48, &[1, 1])];

/// What decoding one message gave, with what was not understood.
#[derive(Debug)]
pub(super) struct Decoded {
    pub content: Content,
    pub unknown_fields: u32,
    pub malformed: bool,
}

/// Decodes a `Message`. Never fails: what cannot be decoded is said to be so, and keeps its kind.
pub(super) fn decode(message: &[u8]) -> Decoded {
    let mut decoder = Decoder { unknown_fields: 0, malformed: false };
    let content = decoder.message(message, 0, Wrapped::default());
    Decoded { content, unknown_fields: decoder.unknown_fields, malformed: decoder.malformed }
}

/// What the wrappers around a message said.
#[derive(Clone, Copy, Default)]
struct Wrapped {
    view_once: bool,
    edited: bool,
}

struct Decoder {
    unknown_fields: u32,
    malformed: bool,
}

fn parse<T: Message + Default>(bytes: &[u8]) -> Result<T, Malformed> {
    wire::bounded(bytes, MOST_FIELDS)?;
    T::decode(bytes).map_err(|_| Malformed)
}

impl Decoder {
    fn message(&mut self, message: &[u8], depth: u32, wrapped: Wrapped) -> Content {
        if depth > DEEPEST || wire::bounded(message, MOST_FIELDS).is_err() {
            self.malformed = true;
            return unknown(0, None, [("not decoded", "malformed or nested too deep")]);
        }
        let fields = || Fields::of(message).map_while(Result::ok);
        let Some(field) = fields().find(|f| !ACCOMPANYING.contains(&f.number)) else { return Content::Nothing };
        // More contents than one: the first is read, the others are counted.
        let others = fields().filter(|f| !ACCOMPANYING.contains(&f.number) && f.number != field.number).count();
        self.unknown_fields = self.unknown_fields.saturating_add(u32::try_from(others).unwrap_or(u32::MAX));
        let album = fields().find(|f| f.number == MESSAGE_CONTEXT).and_then(|f| match f.value {
            Value::Bytes(bytes) => album_of(bytes),
            _ => None,
        });
        let Value::Bytes(bytes) = field.value else {
            self.malformed = true;
            return unknown(field.number, None, [("not decoded", "not a message")]);
        };
        match self.content(field.number, bytes, depth, wrapped) {
            Ok(Content::Said(mut said)) => {
                said.album = said.album.take().or(album);
                said.edited |= wrapped.edited;
                Content::Said(said)
            }
            Ok(content) => content,
            Err(Malformed) => {
                self.malformed = true;
                unknown(field.number, None, [("not decoded", "malformed")])
            }
        }
    }

    fn content(&mut self, number: u32, bytes: &[u8], depth: u32, wrapped: Wrapped) -> Result<Content, Malformed> {
        let said = |body| Ok(Content::Said(Box::new(Said::of(body))));
        match number {
            n if PLAIN_WRAPPERS.contains(&n) => self.unwrap(bytes, depth, wrapped),
            n if VIEW_ONCE_WRAPPERS.contains(&n) => self.unwrap(bytes, depth, Wrapped { view_once: true, ..wrapped }),
            EDITED_WRAPPER => self.unwrap(bytes, depth, Wrapped { edited: true, ..wrapped }),
            1 => {
                let text = str::from_utf8(bytes).map_err(|_| Malformed)?.to_owned();
                said(Body::Text { text, link: None, link_title: None })
            }
            6 => {
                let it: wa::ExtendedText = parse(bytes)?;
                let text = it.text.unwrap_or_default();
                if it.view_once || wrapped.view_once {
                    let mut once = Said::of(Body::ViewOnce { media: "text".to_owned(), state: None });
                    once.view_once_caption = Some(text).filter(|t| !t.is_empty());
                    return Ok(self.with_context(once, it.context, depth));
                }
                let body = Body::Text { text, link: it.matched, link_title: it.title };
                Ok(self.with_context(Said::of(body), it.context, depth))
            }
            3 => {
                let it: wa::Image = parse(bytes)?;
                let file = Media {
                    media_type: it.media_type,
                    bytes: it.bytes,
                    sha256: it.sha256,
                    width: it.width,
                    height: it.height,
                    ..Media::default()
                };
                let once = wrapped.view_once || it.view_once;
                Ok(self.with_context(
                    media(Body::Image { caption: it.caption.clone() }, "image", it.caption, file, once),
                    it.context,
                    depth,
                ))
            }
            9 | 66 => {
                let it: wa::Video = parse(bytes)?;
                let file = Media {
                    media_type: it.media_type,
                    bytes: it.bytes,
                    sha256: it.sha256,
                    width: it.width,
                    height: it.height,
                    seconds: it.seconds,
                    ..Media::default()
                };
                let body = match (number, it.gif) {
                    (66, _) => Body::VideoNote,
                    (_, true) => Body::Gif { caption: it.caption.clone() },
                    _ => Body::Video { caption: it.caption.clone() },
                };
                let once = wrapped.view_once || it.view_once;
                Ok(self.with_context(media(body, "video", it.caption, file, once), it.context, depth))
            }
            8 => {
                let it: wa::Audio = parse(bytes)?;
                let file = Media {
                    media_type: it.media_type,
                    bytes: it.bytes,
                    sha256: it.sha256,
                    seconds: it.seconds,
                    ..Media::default()
                };
                let body = if it.voice_note { Body::VoiceNote } else { Body::Audio };
                let once = wrapped.view_once || it.view_once;
                Ok(self.with_context(media(body, "audio", None, file, once), it.context, depth))
            }
            7 => {
                let it: wa::Document = parse(bytes)?;
                let name = it.file_name.or(it.title);
                let file = Media { name, media_type: it.media_type, bytes: it.bytes, sha256: it.sha256, ..Media::default() };
                let body = Body::Document { caption: it.caption.clone() };
                Ok(self.with_context(media(body, "document", it.caption, file, wrapped.view_once), it.context, depth))
            }
            26 => {
                let it: wa::Sticker = parse(bytes)?;
                let file = Media {
                    media_type: it.media_type,
                    bytes: it.bytes,
                    sha256: it.sha256,
                    width: it.width,
                    height: it.height,
                    ..Media::default()
                };
                Ok(self.with_context(media(Body::Sticker, "sticker", None, file, wrapped.view_once), it.context, depth))
            }
            4 => {
                let it: wa::Contact = parse(bytes)?;
                let cards = it.vcard.into_iter().map(|vcard| Card { vcard }).collect();
                Ok(self.with_context(Said::of(Body::Cards { cards }), it.context, depth))
            }
            13 => {
                let it: wa::Contacts = parse(bytes)?;
                let cards = it.contacts.into_iter().filter_map(|c| c.vcard).map(|vcard| Card { vcard }).collect();
                Ok(self.with_context(Said::of(Body::Cards { cards }), it.context, depth))
            }
            5 => {
                let it: wa::Location = parse(bytes)?;
                let context = it.context.clone();
                Ok(self.with_context(Said::of(Body::Place(place(it))), context, depth))
            }
            18 => {
                let it: wa::LiveLocation = parse(bytes)?;
                let place = Place {
                    latitude: it.latitude.unwrap_or_default(),
                    longitude: it.longitude.unwrap_or_default(),
                    text: it.caption,
                    ..Place::default()
                };
                Ok(self.with_context(Said::of(Body::Place(place)), it.context, depth))
            }
            49 | 60 | 64 | 111 | 119 => {
                let it: wa::PollCreation = parse(bytes)?;
                let options = it.options.into_iter().map(|o| PollOption {
                    text: o.name.unwrap_or_default(),
                    voters: Vec::new(),
                    total: None,
                });
                let poll = Poll {
                    question: it.name.unwrap_or_default(),
                    selectable: it.selectable.filter(|&n| n > 0).map(u64::from),
                    options: options.collect(),
                };
                Ok(self.with_context(Said::of(Body::Poll(poll)), it.context, depth))
            }
            69 => {
                let it: wa::CallLog = parse(bytes)?;
                let call = Call {
                    video: it.video,
                    group: it.participants.len() > 1,
                    duration_seconds: it.seconds.and_then(|s| u64::try_from(s).ok()).unwrap_or(0),
                    outcome: call_outcome(it.outcome),
                    participants: Vec::new(),
                };
                let mut said = Said::of(Body::Call(call));
                said.call_participants = it.participants.into_iter().filter_map(|p| p.jid).collect();
                Ok(Content::Said(Box::new(said)))
            }
            28 => {
                let it: wa::GroupInvite = parse(bytes)?;
                let invite = GroupInvite { group: it.group, expires: it.expires.filter(|&s| s > 0).map(Moment::from_seconds) };
                Ok(self.with_context(Said::of(Body::GroupInvite(invite)), it.context, depth))
            }
            75 => {
                let it: wa::Event = parse(bytes)?;
                let body = Body::Event {
                    name: it.name.unwrap_or_default(),
                    description: it.description,
                    starts: it.starts.map(Moment::from_seconds),
                    ends: it.ends.map(Moment::from_seconds),
                    place: it.place.map(|at| Box::new(place(at))),
                    cancelled: it.cancelled,
                    answers: Vec::new(),
                };
                Ok(self.with_context(Said::of(body), it.context, depth))
            }
            83 => {
                let it: wa::Album = parse(bytes)?;
                let body = Body::Album { images: it.images.unwrap_or(0).into(), videos: it.videos.unwrap_or(0).into() };
                Ok(self.with_context(Said::of(body), it.context, depth))
            }
            // A placeholder for content that another device holds.
            80 => said(Body::Waiting),
            12 => self.protocol(bytes, depth),
            46 => {
                let it: Reaction = parse(bytes)?;
                let at = it.sent.map(Moment::from_millis);
                Ok(Content::Reacts { target: key(it.key), emoji: it.text.unwrap_or_default(), at })
            }
            50 => Ok(Content::Votes { target: key(parse::<wa::About>(bytes)?.key) }),
            51 | 63 => {
                let it: wa::KeepOrPin = parse(bytes)?;
                let on = it.kind.and_then(|k| match k {
                    1 => Some(true),
                    2 => Some(false),
                    _ => None,
                });
                let (target, at) = (key(it.key), it.at.map(Moment::from_millis));
                Ok(if number == 51 { Content::Keeps { target, on, at } } else { Content::Pins { target, on, at } })
            }
            other => {
                let text = TEXT_ONLY.iter().find(|(n, _)| *n == other).and_then(|(_, path)| wire::text_at(bytes, path));
                Ok(unknown(other, text, []))
            }
        }
    }

    fn unwrap(&mut self, bytes: &[u8], depth: u32, wrapped: Wrapped) -> Result<Content, Malformed> {
        let wrapper: wa::Wrapper = parse(bytes)?;
        Ok(wrapper.message.map_or(Content::Nothing, |inner| self.message(&inner, depth + 1, wrapped)))
    }

    fn protocol(&mut self, bytes: &[u8], depth: u32) -> Result<Content, Malformed> {
        let it: wa::Protocol = parse(bytes)?;
        let at = it.at.map(Moment::from_millis);
        // An absent type is the first one of the schema.
        Ok(match (it.kind.unwrap_or(0), it.edited) {
            (0, _) => Content::Revokes { target: key(it.key), at },
            (3, _) => Content::SetsTimer {
                seconds: it.ephemeral_expiration.map(u64::from),
                set: it.ephemeral_setting_timestamp.map(Moment::from_seconds),
            },
            (14, Some(edited)) => match self.message(&edited, depth + 1, Wrapped { edited: true, view_once: false }) {
                Content::Said(said) => Content::Edits { target: key(it.key), said, at },
                _ => unknown(12, None, [("type", "14")]),
            },
            (kind, _) => unknown(12, None, [("type", kind.to_string().as_str())]),
        })
    }

    fn with_context(&mut self, mut said: Said, context: Option<Context>, depth: u32) -> Content {
        let Some(context) = context else { return Content::Said(Box::new(said)) };
        if context.quoted_id.is_some() || context.quoted_message.is_some() {
            said.quote = Some(self.quote(&context, depth));
        }
        if context.is_forwarded || context.forwarding_score.is_some_and(|n| n > 0) {
            said.forwarded = Some(Forward { score: context.forwarding_score.map(i64::from) });
        }
        said.mentions = context.mentioned;
        said.timer_seconds = context.expiration.map(u64::from);
        Content::Said(Box::new(said))
    }

    fn quote(&mut self, context: &Context, depth: u32) -> QuotedMessage {
        let quoted = context.quoted_message.as_deref();
        let kind = quoted.and_then(|q| Fields::of(q).map_while(Result::ok).find(|f| !ACCOMPANYING.contains(&f.number)));
        let text = quoted.and_then(|q| match self.message(q, depth + 1, Wrapped::default()) {
            Content::Said(said) => text_of(&said),
            _ => None,
        });
        QuotedMessage {
            id: context.quoted_id.clone(),
            participant: context.quoted_participant.clone(),
            chat: context.quoted_chat.clone(),
            text,
            kind_raw: kind.map(|f| i64::from(f.number)),
        }
    }
}

fn unknown<const N: usize>(code: u32, text: Option<String>, raw: [(&str, &str); N]) -> Content {
    let raw: BTreeMap<_, _> = raw.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
    Content::Said(Box::new(Said::of(Body::Unknown { code: code.into(), text, raw })))
}

pub(super) fn key(key: Option<Key>) -> MessageKey {
    let key = key.unwrap_or_default();
    MessageKey { chat: key.remote_jid, from_me: key.from_me, id: key.id, participant: key.participant }
}

fn album_of(context: &[u8]) -> Option<String> {
    let association = parse::<wa::MessageContext>(context).ok()?.association?;
    (association.kind == Some(1)).then(|| association.parent.map(|p| p.id)).flatten().filter(|id| !id.is_empty())
}

#[derive(Default)]
struct Media {
    name: Option<String>,
    media_type: Option<String>,
    bytes: Option<u64>,
    sha256: Option<Vec<u8>>,
    width: Option<u32>,
    height: Option<u32>,
    seconds: Option<u32>,
}

/// A message with one file. Media that may be opened once never reach a backup.
fn media(body: Body, kind: &str, caption: Option<String>, file: Media, once: bool) -> Said {
    let state = if once { AttachmentState::NotOnPhone { reason: "view once".to_owned() } } else { AttachmentState::Wanted };
    let attachment = Attachment {
        path: None,
        name: file.name,
        media_type: file.media_type,
        bytes: file.bytes,
        sha256: file.sha256.filter(|h| h.len() == 32).map(hex::encode),
        duration_seconds: file.seconds.map(u64::from),
        width: file.width,
        height: file.height,
        transcription: None,
        state,
    };
    let mut said = Said::of(if once { Body::ViewOnce { media: kind.to_owned(), state: None } } else { body });
    said.attachments.push(attachment);
    said.view_once_caption = caption.filter(|_| once);
    said
}

fn place(it: wa::Location) -> Place {
    Place {
        latitude: it.latitude.unwrap_or_default(),
        longitude: it.longitude.unwrap_or_default(),
        name: it.name,
        address: it.address,
        url: it.url,
        live_seconds: None,
        last: None,
        text: it.comment,
    }
}

/// Codes of the published schema; only those with the same meaning as ours are interpreted.
fn call_outcome(code: Option<i32>) -> CallOutcome {
    match code {
        Some(0) => CallOutcome::Answered,
        Some(1) => CallOutcome::Missed,
        Some(3) => CallOutcome::Rejected,
        Some(other) => CallOutcome::Unknown(other.into()),
        None => CallOutcome::Unknown(-1),
    }
}

fn text_of(said: &Said) -> Option<String> {
    match &said.body {
        Body::Text { text, .. } => Some(text.clone()),
        Body::Image { caption } | Body::Video { caption } | Body::Gif { caption } | Body::Document { caption } => caption.clone(),
        Body::Poll(poll) => Some(poll.question.clone()),
        Body::Event { name, .. } => Some(name.clone()),
        Body::Place(place) => place.name.clone().or_else(|| place.text.clone()),
        Body::Unknown { text, .. } => text.clone(),
        _ => None,
    }
}
