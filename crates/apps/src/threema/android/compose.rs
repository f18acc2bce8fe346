//! One message put together from its row.

use super::{
    backup::Backup,
    beside::{Polls, Reactions},
    body,
    book::Book,
    entries::Entry,
    people::People,
    row::MessageRow,
    survey::{self, Author, Keys, Twice},
};
use crate::{Summary, reading::blank::blank};
use uitlezen_chat::{
    Body, ConversationKind, Delivery, Direction, Edit, EvidenceId, Message, MessageId, Moment, Quote, Revocation, Sender,
};

/// What every message needs to know of the whole.
pub(super) struct Context<'c> {
    pub(super) item: EvidenceId,
    pub(super) backup: &'c Backup,
    pub(super) people: &'c People,
    pub(super) book: &'c Book,
    pub(super) polls: &'c Polls,
    pub(super) reactions: &'c Reactions,
    pub(super) keys: &'c Keys,
}

impl Context<'_> {
    pub(super) fn kind(&self, room: u32) -> ConversationKind {
        self.book.rooms.get(room as usize).map_or(ConversationKind::Other, |room| room.kind)
    }

    /// The kind of table in which the messages of a conversation stand.
    pub(super) fn table(&self, room: u32) -> Option<Entry<'_>> {
        self.book.rooms.get(room as usize)?.entry.as_deref().map(Entry::of)
    }

    fn sender(&self, author: Author) -> Sender {
        match author {
            Author::Holder => Sender::Holder,
            Author::Person(who) => self.people.sender(who),
            Author::App => Sender::App,
            Author::Unknown => Sender::Unknown,
        }
    }

    pub(super) fn compose(
        &self,
        row: MessageRow<'_>,
        room: u32,
        table: &'static str,
        twice: &mut Twice,
        summary: &mut Summary,
    ) -> Message {
        let here = self.book.rooms.get(room as usize);
        let (kind, partner) = (self.kind(room), here.and_then(|room| room.partner));
        let author = survey::author(row, kind, partner, self.people);
        let direction = match author {
            Author::App => Direction::Notice,
            Author::Holder => Direction::Sent,
            Author::Person(_) | Author::Unknown => Direction::Received,
        };
        let sender = self.sender(author);
        summary.oddities.unresolved_senders += u64::from(sender == Sender::Unknown);
        let sent = survey::sent(row);
        summary.oddities.bad_times += u64::from(sent.as_ref().is_none_or(|at| at.utc.is_none()));
        let source = survey::source(self.item, table, row.place());
        let id = twice.name(room, survey::id(row), self.keys);
        let sent = sent.unwrap_or_else(|| Moment::from_millis(0));
        let mut message = blank(id, sender, sent, source);
        message.direction = direction;
        if direction == Direction::Received {
            message.received = row.created();
        }
        self.beside(row, room, &mut message);
        message.body = match row.deleted() {
            Some(at) => {
                summary.revoked += 1;
                Body::Revoked(Revocation { at: Some(at), by_admin: None, original_id: None })
            }
            None => body::fill(self, row, room, &mut message, summary),
        };
        message
    }

    /// What a row says beside the body.
    fn beside(&self, row: MessageRow<'_>, room: u32, message: &mut Message) {
        if let Some(api) = row.api_id() {
            message.reactions = self.reactions.of(room, api, self.people);
        }
        if let Some(quoted) = row.quoted() {
            let author = self.keys.author(room, quoted);
            message.quote = Some(Box::new(Quote {
                id: author.map(|_| MessageId(survey::named(quoted))),
                conversation: None,
                sender: author.map_or(Sender::Unknown, |author| self.sender(author)),
                sent: None,
                text: None,
                media_name: None,
                media_type: None,
                place: None,
                cards: Vec::new(),
                kind_raw: None,
                withheld: false,
                source: message.source.clone(),
            }));
        }
        let edited = row.edited().map(|at| Edit {
            at: Some(at),
            original_id: None,
            unsent_parts: Vec::new(),
            source: message.source.clone(),
        });
        message.edited = edited.map(Box::new);
        let (delivered, read) = (row.delivered(), row.read());
        if delivered.is_some() || read.is_some() {
            message.delivery = Some(Box::new(Delivery { delivered, read, ..Delivery::default() }));
        }
        let created = row.created().filter(|_| message.received.is_none()).map(|at| at.raw.to_string());
        let kept = [
            ("created_at", created.as_deref()),
            ("modified_at", row.modified()),
            ("messagestae", row.state()),
            ("g_msg_states", row.states()),
            ("display_tags", row.tags()),
        ];
        let kept = kept.into_iter().filter_map(|(name, said)| Some((name.to_owned(), said?.to_owned())));
        message.uninterpreted.extend(kept);
    }
}
