//! One message put together from its row and what other tables hold about it.

use super::{
    book::{Book, source},
    files,
    guid::Guid,
    history::{self, Earlier, History},
    notices,
    people::{HOLDER, People},
    places::Places,
    row::MessageRow,
    said::{self, Said},
    sides::Window,
    tapbacks::{self, Kind, Tapbacks},
    time,
    typedstream::Decoder,
};
use crate::Summary;
use base64::{Engine, prelude::BASE64_STANDARD};
use std::collections::BTreeMap;
use uitlezen_chat::{
    Body, Delivery, Direction, Edit, EvidenceId, ExpiryMark, Mention, Message, MessageId, Moment, ParticipantId, Quote,
    Revocation, Sender, SystemEvent, SystemEventKind,
};

/// Bytes of a blob that are kept when it could not be decoded.
const RAW_BYTES: usize = 64 << 10;

/// What every message needs to know of the whole.
#[derive(Debug)]
pub(super) struct Context<'c> {
    pub(super) item: EvidenceId,
    pub(super) people: &'c People,
    pub(super) book: &'c Book,
    pub(super) places: &'c Places,
    pub(super) tapbacks: &'c Tapbacks,
    /// No two messages have one guid.
    pub(super) unique: bool,
}

impl Context<'_> {
    fn id(&self, guid: Option<&str>, row: i64) -> MessageId {
        MessageId(match guid {
            Some(guid) if self.unique => guid.to_owned(),
            Some(guid) => format!("{guid}@row:{row}"),
            None => format!("row:{row}"),
        })
    }

    /// Who a message is from. In a conversation between two, whoever is not the holder is the other.
    fn sender(&self, row: &MessageRow, index: u32) -> Sender {
        if row.from_me {
            return Sender::Holder;
        }
        let named = self.people.of_handle(row.handle).filter(|person| self.book.occurs(index, *person));
        let partner = || self.book.get(index).filter(|_| row.handle == 0)?.partner();
        named.or_else(partner).and_then(|person| self.people.sender(person)).unwrap_or(Sender::Unknown)
    }

    /// Puts one message together, as it stands in the conversation `index`.
    pub(super) fn compose(
        &self,
        mut row: MessageRow,
        index: u32,
        window: &mut Window,
        decoder: &mut Decoder,
        summary: &mut Summary,
    ) -> Box<Message> {
        let notice = row.item_type != 0;
        let sender = self.sender(&row, index);
        if sender == Sender::Unknown && !notice {
            summary.oddities.unresolved_senders += 1;
        }
        let direction = match (notice, row.from_me) {
            (true, _) => Direction::Notice,
            (false, true) => Direction::Sent,
            (false, false) => Direction::Received,
        };
        let mut message = Box::new(Message {
            id: self.id(row.guid.as_deref(), row.id),
            direction,
            sender: if notice && sender == Sender::Unknown { Sender::App } else { sender },
            sent: time::moment(row.date),
            received: None,
            body: Body::Waiting,
            attachments: Vec::new(),
            quote: self.quote(&row, index, window).map(Box::new),
            mentions: Vec::new(),
            reactions: Vec::new(),
            forwarded: None,
            pins: Vec::new(),
            kept: Vec::new(),
            additions: Vec::new(),
            edited: None,
            // For how long a sound is kept is not in the row.
            expiry: row.expirable.then(|| Box::new(ExpiryMark { seconds: 0, expires: None, kept: false })),
            starred: false,
            album: None,
            comment_on: None,
            uninterpreted: row.kept.drain(..).map(|(name, raw)| (name.to_owned(), raw)).collect(),
            status_raw: None,
            delivery: delivery(&mut row),
            earlier: Vec::new(),
            source: source(self.item, "message", row.id),
        });
        if row.date == 0 || message.sent.utc.is_none() {
            summary.oddities.bad_times += 1;
        }
        if let Some(guid) = row.guid.as_deref()
            && !self.tapbacks.is_empty()
        {
            let unknown = self.tapbacks.put(&Guid::of(guid), index, self.item, self.people, &mut message);
            if unknown > 0 {
                *summary.unknown_additions.entry(4000).or_default() += unknown;
            }
        }
        if notice && let Some(event) = self.notice(&row, &mut message, summary) {
            message.body = Body::System(event);
        } else {
            self.content(row, index, window, decoder, &mut message, summary);
        }
        message
    }

    fn notice(&self, row: &MessageRow, message: &mut Message, summary: &mut Summary) -> Option<SystemEvent> {
        let actor = Some(message.sender.clone()).filter(|who| matches!(who, Sender::Holder | Sender::Participant(_)));
        let event = notices::event(self, row, actor)?;
        if row.group_action != 0 || matches!(row.item_type, 1 | 3) {
            message.uninterpreted.insert("message.group_action_type".to_owned(), row.group_action.to_string());
        }
        if event.event == SystemEventKind::Other {
            *summary.unknown_actions.entry(row.item_type).or_default() += 1;
        }
        Some(event)
    }

    /// Text, files, and what became of them.
    fn content(
        &self,
        mut row: MessageRow,
        index: u32,
        window: &mut Window,
        decoder: &mut Decoder,
        message: &mut Message,
        summary: &mut Summary,
    ) {
        let mut history = self.history(&row, decoder, summary);
        let mut parts = BTreeMap::new();
        let mut said = Said::of(&mut row, decoder, history.is_some().then_some(&mut parts), summary);
        message.mentions = self.mentions(&mut said, index);
        let text = said.shown();
        let files = window.files.take_all(row.id);
        let body = files::body(&files, row.audio, text, said.link.take());
        message.attachments = files::records(files, &mut said, summary);
        let kind = tapbacks::kind(row.associated_type);
        if kind == Kind::Message && row.associated_type != 0 {
            message.uninterpreted.insert("message.associated_message_type".to_owned(), row.associated_type.to_string());
            *summary.unknown_additions.entry(row.associated_type).or_default() += 1;
        }
        message.body = match (kind, body) {
            (Kind::Sticker, _) => Body::Sticker,
            // A reaction to a message that is not there.
            (Kind::Reaction { .. } | Kind::Addition, body) => {
                let text = match body {
                    Some(Body::Text { text, .. }) => Some(text),
                    _ => row.emoji.take(),
                };
                Body::Unknown { code: row.associated_type, text, raw: BTreeMap::new() }
            }
            (Kind::Message, Some(body)) if row.item_type == 0 => body,
            (Kind::Message, None) if history.as_ref().is_some_and(History::is_gone) => {
                summary.revoked += 1;
                Body::Revoked(Revocation { at: time::known(row.date_edited), by_admin: None, original_id: None })
            }
            (Kind::Message, body) => {
                let text = match body {
                    Some(Body::Text { text, .. }) => Some(text),
                    _ => None,
                };
                *summary.unknown_types.entry(row.item_type).or_default() += 1;
                let raw = said.undecoded.then(|| kept_blob("message.attributedBody", row.body.as_deref())).flatten();
                Body::Unknown { code: row.item_type, text, raw: raw.into_iter().collect() }
            }
        };
        let gone = matches!(message.body, Body::Revoked(_));
        if row.date_edited.is_some() && !gone || history.as_ref().is_some_and(|h| !h.is_empty() && !gone) {
            let at = time::known(row.date_edited).or_else(|| history.as_ref().and_then(History::last).cloned());
            let unsent_parts = history.as_ref().map(|h| h.unsent.clone()).unwrap_or_default();
            let source = source(self.item, "message", row.id);
            message.edited = Some(Box::new(Edit { at, original_id: None, unsent_parts, source }));
        }
        if let Some(history) = &mut history {
            message.earlier = history.earlier(&parts).into_iter().map(|e| self.version(e, message, summary)).collect();
            summary.oddities.dropped_side_rows += history.dropped;
        }
    }

    fn history(&self, row: &MessageRow, decoder: &mut Decoder, summary: &mut Summary) -> Option<History> {
        let info = row.summary_info.as_deref().filter(|info| history::tells(info))?;
        match History::read(info, decoder) {
            Ok(history) => Some(history),
            Err(_) => {
                summary.undecoded.histories += 1;
                None
            }
        }
    }

    /// The message as it was once.
    fn version(&self, earlier: Earlier, now: &Message, summary: &mut Summary) -> Message {
        let body = match earlier.text {
            Some(text) => said::shown(text).map(|text| Body::Text { text, link: None, link_title: None }),
            None => {
                summary.undecoded.texts += 1;
                None
            }
        };
        let edited = earlier
            .at
            .map(|at| Box::new(Edit { at: Some(at), original_id: None, unsent_parts: Vec::new(), source: now.source.clone() }));
        Message {
            id: now.id.clone(),
            direction: now.direction,
            sender: now.sender.clone(),
            sent: now.sent.clone(),
            received: None,
            body: body.unwrap_or_else(|| Body::Unknown { code: 0, text: None, raw: BTreeMap::new() }),
            attachments: Vec::new(),
            quote: None,
            mentions: Vec::new(),
            reactions: Vec::new(),
            forwarded: None,
            pins: Vec::new(),
            kept: Vec::new(),
            additions: Vec::new(),
            edited,
            expiry: None,
            starred: false,
            album: None,
            comment_on: None,
            uninterpreted: BTreeMap::new(),
            status_raw: None,
            delivery: None,
            earlier: Vec::new(),
            source: now.source.clone(),
        }
    }

    fn mentions(&self, said: &mut Said, index: u32) -> Vec<Mention> {
        let one = |(address, shown): (String, String)| {
            let person = self.people.of_address(&address).filter(|person| self.book.occurs(index, *person));
            let participant = person.and_then(|person| self.people.id(person));
            let shown = if shown.is_empty() && participant.is_none() { address } else { shown };
            Mention { participant, shown: Some(shown).filter(|shown| !shown.is_empty()), kind_raw: None }
        };
        std::mem::take(&mut said.mentions).into_iter().map(one).collect()
    }

    /// The message that this one answers or was put on. It carries nothing of its text.
    fn quote(&self, row: &MessageRow, index: u32, window: &Window) -> Option<Quote> {
        let reaction = matches!(tapbacks::kind(row.associated_type), Kind::Reaction { .. } | Kind::Addition);
        let target = if reaction { super::guid::target(row.associated.as_deref()?).0 } else { row.target()? };
        let original = window.originals.get(&Guid::of(target));
        let elsewhere = original.and_then(|o| o.conversation).filter(|&other| !self.places.all(row.id).any(|own| own == other));
        // Whoever is no participant here is not named here.
        let sender = original.map(|o| o.by.clone()).filter(|who| self.is_here(who, index)).unwrap_or(Sender::Unknown);
        Some(Quote {
            id: Some(self.id(Some(target), original.map_or(0, |o| o.row))),
            conversation: elsewhere.map(Book::number),
            sender,
            sent: original.and_then(|o| time::known(Some(o.date))),
            text: None,
            media_name: None,
            media_type: None,
            place: None,
            cards: Vec::new(),
            kind_raw: None,
            withheld: false,
            source: source(self.item, "message", original.map_or(row.id, |o| o.row)),
        })
    }

    fn is_here(&self, who: &Sender, index: u32) -> bool {
        match who {
            Sender::Participant(ParticipantId(address)) => {
                self.people.of_address(address).is_some_and(|person| self.book.occurs(index, person))
            }
            _ => true,
        }
    }

    /// The message as it stands in another conversation too.
    pub(super) fn also(&self, message: &Message, guid: Option<&str>, index: u32) -> Box<Message> {
        let mut also = Box::new(message.clone());
        also.reactions.clear();
        also.additions.clear();
        if !self.is_here(&also.sender, index) {
            also.sender = Sender::Unknown;
        }
        for mention in &mut also.mentions {
            mention.participant.take_if(|id| id.0 != HOLDER && !self.is_here(&Sender::Participant(id.clone()), index));
        }
        if let Body::System(event) = &mut also.body {
            event.actor.take_if(|who| !self.is_here(who, index));
            event.affected.retain(|who| self.is_here(who, index));
        }
        if let Some(guid) = guid {
            self.tapbacks.put(&Guid::of(guid), index, self.item, self.people, &mut also);
        }
        also
    }
}

fn delivery(row: &mut MessageRow) -> Option<Box<Delivery>> {
    let known = |raw: Option<i64>| -> Option<Moment> { time::known(raw) };
    let delivery = Delivery {
        service: row.service.take(),
        own_address: row.own_address.take(),
        delivered: known(row.date_delivered),
        read: known(row.date_read),
        played: known(row.date_played),
        error_raw: row.error,
    };
    (delivery != Delivery::default()).then(|| Box::new(delivery))
}

/// A blob that could not be decoded, as the record keeps it.
fn kept_blob(column: &str, blob: Option<&[u8]>) -> Option<(String, String)> {
    let blob = blob.filter(|blob| blob.len() <= RAW_BYTES)?;
    Some((format!("{column} (base64)"), BASE64_STANDARD.encode(blob)))
}
