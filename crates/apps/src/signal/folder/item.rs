//! One chat item put together: its head, its versions, and what was added to it.

use super::{book::source, content, files::Files, people::People, updates};
use crate::{
    Summary,
    reading::blank::blank,
    signal::keys::{Keys, id, moment, participant, some_moment},
};
use std::collections::BTreeMap;
use uitlezen_chat::{
    Delivery, Direction, Edit, EvidenceId, ExpiryMark, Mark, Mention, Message, MessageId, Quote, Reaction, Sender,
};
use uitlezen_protobuf::Record;

/// Most versions, reactions, mentions and the like of one message.
const MOST: usize = 10_000;

/// What every item needs to know of the whole.
pub(super) struct Context<'c> {
    pub(super) item: EvidenceId,
    pub(super) files: &'c dyn Files,
    pub(super) people: &'c People,
    pub(super) keys: &'c Keys,
}

/// What an update says in numbers.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Seconds of a timer by the code of the notice that set it.
    pub(super) timers: BTreeMap<i64, u64>,
}

/// An item as it goes out: one message, or one a notice.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) author: Sender,
    /// The time that names it: that of its first version.
    pub(super) named: u64,
    /// The times of all its versions.
    pub(super) versions: Vec<u64>,
    pub(super) messages: Vec<Message>,
    pub(super) told: Told,
}

impl Context<'_> {
    /// Puts an item together, as it stands in the chat `index`.
    pub(super) fn compose(&self, item: &Record<'_>, index: u32, frame: i64, summary: &mut Summary) -> Parts {
        let revisions: Vec<Record<'_>> = item.messages("revisions").take(MOST).collect();
        let sent = item.uint("dateSent");
        let named = revisions.first().map_or(sent, |first| first.uint("dateSent"));
        let author = self.people.sender(item.uint("authorId"));
        let mut parts = Parts {
            author: author.clone(),
            named,
            versions: revisions.iter().map(|version| version.uint("dateSent")).chain([sent]).collect(),
            messages: Vec::new(),
            told: Told::default(),
        };
        let mut message = self.one(item, id(&author, named), index, frame, summary);
        if let Some(update) = item.message("updateMessage") {
            parts.messages = updates::notices(self, &update, &message, index, &mut parts.told, summary);
            if parts.messages.is_empty() {
                parts.messages.push(message);
            }
            return parts;
        }
        // Oldest first in the backup, newest first in a record.
        for version in revisions.iter().rev() {
            message.earlier.push(self.one(version, id(&author, named), index, frame, summary));
        }
        if !revisions.is_empty() {
            message.edited = Some(Box::new(Edit {
                at: some_moment(Some(sent)),
                original_id: None,
                unsent_parts: Vec::new(),
                source: source(self.item, frame),
            }));
            // It was said when it was first said.
            message.sent = moment(named);
        }
        parts.messages.push(message);
        parts
    }

    fn one(&self, item: &Record<'_>, id: MessageId, index: u32, frame: i64, summary: &mut Summary) -> Message {
        let author = self.people.sender(item.uint("authorId"));
        let mut message = blank(id, author, moment(item.uint("dateSent")), source(self.item, frame));
        if message.sent.raw == 0 || message.sent.utc.is_none() {
            summary.oddities.bad_times += 1;
        }
        if let Some(incoming) = item.message("incoming") {
            message.direction = Direction::Received;
            message.received = some_moment(incoming.number("dateReceived"));
            if !incoming.flag("read") {
                message.uninterpreted.insert("IncomingMessageDetails.read".to_owned(), "0".to_owned());
            }
        } else if let Some(outgoing) = item.message("outgoing") {
            message.direction = Direction::Sent;
            if message.sender == Sender::Unknown {
                message.sender = Sender::Holder;
            }
            self.delivery(&outgoing, &mut message);
        }
        if message.sender == Sender::Unknown {
            if message.direction == Direction::Notice {
                message.sender = Sender::App;
            } else {
                summary.oddities.unresolved_senders += 1;
            }
        }
        if item.flag("sms") {
            message.delivery.get_or_insert_default().service = Some("SMS".into());
        }
        message.expiry = self.expiry(item).map(Box::new);
        if let Some(pin) = item.message("pinDetails") {
            message.pins.push(Mark {
                by: Sender::Unknown,
                at: some_moment(pin.number("pinnedAtTimestamp")),
                on: Some(true),
                state_raw: None,
                expires: some_moment(pin.number("pinExpiresAtTimestamp")),
                source: source(self.item, frame),
            });
            summary.pins += 1;
        }
        content::fill(self, item, index, frame, &mut message, summary);
        message
    }

    fn expiry(&self, item: &Record<'_>) -> Option<ExpiryMark> {
        let runs = item.number("expiresInMs").filter(|runs| *runs > 0)?;
        let began = item.number("expireStartDate").filter(|at| *at > 0);
        let expires = began.and_then(|began| began.checked_add(runs)).map(moment);
        Some(ExpiryMark { seconds: super::book::seconds(runs), expires, kept: false })
    }

    /// How it arrived. In a group only how many have it.
    fn delivery(&self, outgoing: &Record<'_>, message: &mut Message) {
        const KINDS: [&str; 7] = ["pending", "sent", "delivered", "read", "viewed", "skipped", "failed"];
        let all: Vec<(&str, Record<'_>, u64)> = outgoing
            .messages("sendStatus")
            .take(MOST)
            .filter_map(|status| status.one_of(&KINDS).map(|(kind, inner)| (kind, inner, status.uint("timestamp"))))
            .collect();
        if let [(kind, inner, at)] = all.as_slice() {
            let at = some_moment(Some(*at));
            let mut delivery = Delivery::default();
            match *kind {
                "delivered" => delivery.delivered = at,
                "read" => delivery.read = at,
                "viewed" => delivery.played = at,
                "failed" => delivery.error_raw = Some(i64::try_from(inner.uint("reason")).unwrap_or(i64::MAX)),
                _ => {}
            }
            if delivery != Delivery::default() {
                message.delivery = Some(Box::new(delivery));
            } else {
                message.uninterpreted.insert(format!("SendStatus.{kind}"), "1".to_owned());
            }
            return;
        }
        for kind in KINDS {
            let n = all.iter().filter(|(other, ..)| *other == kind).count();
            if n > 0 {
                message.uninterpreted.insert(format!("SendStatus.{kind}"), n.to_string());
            }
        }
    }

    /// Reactions, oldest first by the order that the app gives them.
    pub(super) fn reactions(&self, of: &Record<'_>, frame: i64) -> Vec<Reaction> {
        let mut all: Vec<(u64, Reaction)> = of
            .messages("reactions")
            .take(MOST)
            .map(|reaction| {
                let emoji = reaction.text("emoji").unwrap_or_default().into_owned();
                let record = Reaction {
                    by: self.people.sender(reaction.uint("authorId")),
                    removed: emoji.is_empty(),
                    emoji,
                    at: some_moment(reaction.number("sentTimestamp")),
                    kind_raw: None,
                    part: None,
                    source: source(self.item, frame),
                };
                (reaction.uint("sortOrder"), record)
            })
            .collect();
        all.sort_by_key(|(order, _)| *order);
        all.into_iter().map(|(_, reaction)| reaction).collect()
    }

    /// The text of a message, with who is mentioned in it. In the text stands U+FFFC where a mention is.
    pub(super) fn text(&self, text: &Record<'_>, message: &mut Message) -> String {
        let mut styles = Vec::new();
        let mut mentions = Vec::new();
        for range in text.messages("bodyRanges").take(MOST) {
            let (start, length) = (range.uint("start"), range.uint("length"));
            match range.blob("mentionAci") {
                Some(aci) => mentions.push((start, aci)),
                None => styles.push(format!("{}@{start}+{length}", range.uint("style"))),
            }
        }
        mentions.sort_by_key(|(start, _)| *start);
        for (_, aci) in mentions {
            let participant = self.people.by_service(Some(aci)).as_ref().and_then(participant);
            message.mentions.push(Mention { participant, shown: None, kind_raw: None });
        }
        if !styles.is_empty() {
            message.uninterpreted.insert("BodyRange.style".to_owned(), styles.join(" "));
        }
        text.text("body").unwrap_or_default().into_owned()
    }

    pub(super) fn quote(&self, quote: &Record<'_>, index: u32, frame: i64) -> Quote {
        let sender = self.people.sender(quote.uint("authorId"));
        let target = quote.number("targetSentTimestamp").filter(|at| *at > 0);
        let named = target.and_then(|at| self.keys.named(index, &sender, at));
        let first = quote.messages("attachments").next();
        let of_file =
            |field: &str| first.and_then(|file| file.text(field)).map(|text| text.into_owned()).filter(|t| !t.is_empty());
        let text = quote.message("text").and_then(|text| text.text("body")).map(|text| text.into_owned());
        Quote {
            id: named.map(|named| id(&sender, named)),
            conversation: None,
            sender,
            sent: some_moment(target),
            text: text.filter(|text| !text.is_empty()),
            media_name: of_file("fileName"),
            media_type: of_file("contentType"),
            place: None,
            cards: Vec::new(),
            kind_raw: quote.number("type").and_then(|kind| i64::try_from(kind).ok()),
            withheld: false,
            source: source(self.item, frame),
        }
    }

    /// What the message of this author and time is called in the records, if it is there.
    pub(super) fn about(&self, index: u32, author: &Sender, sent: u64) -> Option<MessageId> {
        self.keys.named(index, author, sent).map(|named| id(author, named))
    }
}

/// Whether somebody in records is a person.
pub(super) fn is_somebody(who: &Sender) -> bool {
    matches!(who, Sender::Holder | Sender::Participant(_))
}
