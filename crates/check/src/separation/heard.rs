//! What is remembered of the parts that are left out, while a phone is read: enough to know again what repeats them, and
//! nothing that says what they were. Digests are made with a random key of this process and never leave it.

use jiff::Timestamp;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    hash::{BuildHasher, RandomState},
};
use uitlezen_chat::{
    Attachment, Body, Card, ConversationNumber, Message, MessageId, ParticipantId, Place, Poll, SystemEventKind,
};

/// What a digest was made of; equal bytes of different natures are not equal.
#[derive(Clone, Copy, Debug, Hash)]
enum Nature {
    Words,
    Card,
    Place,
    File,
    Path,
    FileName,
    Title,
    Address,
    Id,
}

/// A title that contains a shorter one says little.
const TELLING_TITLE: usize = 6;

/// One change of a title: when, from what, to what.
pub(super) type Retitled = (Timestamp, Option<String>, Option<String>);

/// Everything that was heard in one reading.
#[derive(Debug, Default)]
pub(super) struct Heard {
    key: RandomState,
    digests: HashSet<u64>,
    /// Titles of what is left out, in lower case, for texts that contain one.
    titles: Vec<String>,
    /// Who occurs in the part of a conversation that is read out.
    pub(super) people: HashMap<ConversationNumber, HashSet<ParticipantId>>,
    pub(super) retitled: BTreeMap<ConversationNumber, Vec<Retitled>>,
}

impl Heard {
    fn digest(&self, nature: Nature, of: impl std::hash::Hash) -> u64 {
        self.key.hash_one((nature, of))
    }

    fn note(&mut self, nature: Nature, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            let digest = self.digest(nature, text);
            self.digests.insert(digest);
        }
    }

    fn knows(&self, nature: Nature, text: &str) -> bool {
        let text = text.trim();
        !text.is_empty() && self.digests.contains(&self.digest(nature, text))
    }

    /// A message that is left out.
    pub(super) fn message(&mut self, conversation: ConversationNumber, message: &Message) {
        let id = self.digest(Nature::Id, (conversation, &message.id));
        self.digests.insert(id);
        for text in words(&message.body) {
            self.note(Nature::Words, text);
        }
        match &message.body {
            Body::Cards { cards } => cards.iter().for_each(|card| self.note(Nature::Card, &card.vcard)),
            Body::Place(place) => self.note(Nature::Place, &coordinates(place)),
            _ => {}
        }
        for file in &message.attachments {
            for (nature, text) in [
                (Nature::File, &file.sha256),
                (Nature::Path, &file.path),
                (Nature::FileName, &file.name),
                (Nature::Words, &file.transcription),
            ] {
                if let Some(text) = text {
                    self.note(nature, text);
                }
            }
        }
        for version in &message.earlier {
            self.message(conversation, version);
        }
    }

    /// A notice of the app about the title.
    pub(super) fn title_changed(&mut self, conversation: ConversationNumber, message: &Message) {
        if let Body::System(event) = &message.body
            && matches!(event.event, SystemEventKind::SubjectChanged | SystemEventKind::GroupCreated)
            && let Some(at) = message.sent.utc
        {
            self.retitled.entry(conversation).or_default().push((at, event.old.clone(), event.new.clone()));
        }
    }

    /// A title of something that is left out.
    pub(super) fn title(&mut self, title: &str) {
        let title = title.trim().to_lowercase();
        if !title.is_empty() && !self.is_title(&title) {
            self.note(Nature::Title, &title);
            self.titles.push(title);
        }
    }

    /// An address of something that is left out.
    pub(super) fn address(&mut self, address: &str) {
        self.note(Nature::Address, address);
    }

    pub(super) fn is_title(&self, text: &str) -> bool {
        !self.titles.is_empty() && self.knows(Nature::Title, &text.to_lowercase())
    }

    /// Whether a notice of the app names a title.
    pub(super) fn names_title(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.is_title(&text) || self.titles.iter().any(|title| title.len() >= TELLING_TITLE && text.contains(title.as_str()))
    }

    pub(super) fn is_message(&self, conversation: ConversationNumber, id: &MessageId) -> bool {
        self.digests.contains(&self.digest(Nature::Id, (conversation, id)))
    }

    pub(super) fn is_file(&self, file: &Attachment) -> bool {
        file.sha256.as_ref().is_some_and(|sha256| self.knows(Nature::File, sha256))
            || file.path.as_ref().is_some_and(|path| self.knows(Nature::Path, path))
    }

    /// Whether what was said is what was said there.
    pub(super) fn is_said(&self, body: &Body) -> bool {
        words(body).any(|text| self.knows(Nature::Words, text))
            || match body {
                Body::Cards { cards } => self.has_card(cards),
                Body::Place(place) => self.is_place(place),
                _ => false,
            }
    }

    pub(super) fn is_words(&self, text: &str) -> bool {
        self.knows(Nature::Words, text)
    }

    pub(super) fn is_file_name(&self, name: &str) -> bool {
        self.knows(Nature::FileName, name)
    }

    pub(super) fn has_card(&self, cards: &[Card]) -> bool {
        cards.iter().any(|card| self.knows(Nature::Card, &card.vcard))
    }

    pub(super) fn is_place(&self, place: &Place) -> bool {
        self.knows(Nature::Place, &coordinates(place))
    }

    /// Whether a value of a row that is kept raw repeats words or an address.
    pub(super) fn is_in_raw(&self, value: &str) -> bool {
        self.knows(Nature::Words, value) || self.knows(Nature::Address, value) || self.is_title(value)
    }
}

/// About a metre.
fn coordinates(place: &Place) -> String {
    format!("{:.5} {:.5}", place.latitude, place.longitude)
}

/// Everything in words that a body says.
fn words(body: &Body) -> impl Iterator<Item = &str> {
    let (one, two): (Option<&String>, Option<&String>) = match body {
        Body::Text { text, .. } => (Some(text), None),
        Body::Image { caption } | Body::Video { caption } | Body::Gif { caption } | Body::Document { caption } => {
            (caption.as_ref(), None)
        }
        Body::Poll(Poll { question, .. }) => (Some(question), None),
        Body::Event { name, description, .. } => (Some(name), description.as_ref()),
        Body::Place(place) => (place.text.as_ref(), None),
        Body::Unknown { text, .. } => (text.as_ref(), None),
        _ => (None, None),
    };
    one.into_iter().chain(two).map(String::as_str)
}
