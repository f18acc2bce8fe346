//! One message put together from its row and what other tables hold about it.

use super::{
    blobs::{Metadata, Receipts},
    content, notices,
    row::MessageRow,
    sides::{Sides, Window},
};
use crate::{
    ReadError, Summary,
    reading::{
        pass::{Composer, Place},
        value::Repairs,
    },
    whatsapp::parties::{
        book::{Book, message_id, source},
        jids::{Jid, JidKind, Jids},
        people::People,
    },
};
use base64::{Engine, prelude::BASE64_STANDARD};
use foldhash::HashMap;
use rusqlite::{Connection, Row};
use std::collections::BTreeMap;
use uitlezen_chat::{Body, Delivery, Direction, EvidenceId, Forward, Message, Moment, Quote, Reaction, Sender, TimeUnit};

/// Bytes of a blob that are kept when it could not be decoded.
const RAW_BYTES: usize = 64 << 10;

/// What every message needs to know of the whole.
#[derive(Debug)]
pub(super) struct Context<'c> {
    pub(super) item: EvidenceId,
    pub(super) jids: &'c Jids,
    pub(super) people: &'c People,
    pub(super) book: &'c Book,
    /// Address by row of `ZWAGROUPMEMBER`.
    pub(super) members: &'c HashMap<i64, i64>,
    pub(super) statement: String,
    pub(super) sides: Sides,
}

impl Composer for Context<'_> {
    type Row = MessageRow;
    type Window = Window;

    fn table(&self) -> &'static str {
        "ZWAMESSAGE"
    }

    fn statement(&self) -> &str {
        &self.statement
    }

    fn whole_row(&self) -> &str {
        "SELECT * FROM zwamessage WHERE rowid = ?1"
    }

    fn read(&self, row: &Row<'_>, repairs: &Repairs) -> Option<MessageRow> {
        MessageRow::read(row, repairs)
    }

    fn id(row: &MessageRow) -> i64 {
        row.id
    }

    fn weight(row: &MessageRow) -> usize {
        row.weight()
    }

    fn window(
        &self,
        conn: &Connection,
        rows: &[MessageRow],
        repairs: &Repairs,
        summary: &mut Summary,
    ) -> Result<Window, ReadError> {
        self.sides.window(conn, rows, repairs, summary)
    }

    fn place(&self, row: &MessageRow) -> Place {
        match self.book.of_chat(row.chat).and_then(|index| self.book.get(index)) {
            Some(entry) => entry.number.map_or(Place::NotAsked, Place::In),
            None => Place::Nowhere,
        }
    }

    fn compose(&self, row: MessageRow, window: &mut Window, summary: &mut Summary) -> Box<Message> {
        let index = self.book.of_chat(row.chat).unwrap_or(usize::MAX);
        self.message(row, index, window, summary)
    }
}

/// The two times of a row as sent and received. Of which column is which the tools disagree (`reference/ios.md §5.1` takes
/// `ZSENTDATE` for the sending, others for the receiving); but nothing is received before it is sent.
fn times(row: &mut MessageRow) -> (Moment, Option<Moment>) {
    match (row.sent.take(), row.shown.take()) {
        (None, None) => (Moment::new(0, TimeUnit::SecondsOf2001), None),
        (Some(one), None) | (None, Some(one)) => (one, None),
        (Some(sent), Some(shown)) => {
            let (first, second) = if shown.utc < sent.utc { (shown, sent) } else { (sent, shown) };
            (first, Some(second).filter(|_| !row.from_me))
        }
    }
}

impl Context<'_> {
    pub(super) fn person(&self, jid: i64) -> Option<Sender> {
        self.people.sender(self.jids, jid)
    }

    /// The person of an address that came as text.
    pub(super) fn address(&self, address: &str) -> Option<Sender> {
        let person = matches!(Jid::parse(0, address).kind(), JidKind::Person | JidKind::Lid);
        self.person(self.jids.find(address).filter(|_| person)?)
    }

    pub(super) fn partner(&self, index: usize) -> Option<Sender> {
        self.person(self.book.get(index)?.partner()?)
    }

    /// Whom a row names beside the holder.
    pub(super) fn named(&self, row: &MessageRow, index: usize) -> Option<Sender> {
        let member = row.member.and_then(|member| self.members.get(&member).copied());
        match (member, &row.from) {
            (Some(jid), _) => self.person(jid),
            (None, Some(from)) => self.address(from).or_else(|| self.partner(index)),
            (None, None) if row.from_me => None,
            (None, None) => self.partner(index),
        }
    }

    fn message(&self, mut row: MessageRow, index: usize, window: &mut Window, summary: &mut Summary) -> Box<Message> {
        let notice = notices::is_notice(row.kind, row.event);
        let named = self.named(&row, index);
        let sender = match (notice, row.from_me) {
            (false, true) => Sender::Holder,
            (false, false) => named.unwrap_or(Sender::Unknown),
            (true, true) => named.unwrap_or(Sender::Holder),
            // A notice between two names the other side whoever it is about, so only a row that says more names somebody.
            (true, false) if row.member.is_some() || notices::is_by_somebody(row.kind, row.event) => named.unwrap_or(Sender::App),
            (true, false) => Sender::App,
        };
        if sender == Sender::Unknown {
            summary.oddities.unresolved_senders += 1;
        }
        let direction = match (notice, row.from_me) {
            (true, _) => Direction::Notice,
            (false, true) => Direction::Sent,
            (false, false) => Direction::Received,
        };
        let (sent, received) = times(&mut row);
        if sent.raw <= 0 || sent.utc.is_none() {
            summary.oddities.bad_times += 1;
        }
        let mut media = window.media.take(row.id);
        let blob = media.as_mut().and_then(|media| media.metadata.take());
        let mut uninterpreted = BTreeMap::new();
        let metadata =
            blob.as_deref().map(|blob| (blob, Metadata::read(blob, |n| unknown(summary, "ZWAMEDIAITEM.ZMETADATA", n))));
        let metadata = match metadata {
            Some((_, Ok(metadata))) => metadata,
            Some((blob, Err(_))) => {
                summary.undecoded.attributes += 1;
                uninterpreted.extend(kept("ZWAMEDIAITEM.ZMETADATA", blob));
                Metadata::default()
            }
            None => Metadata::default(),
        };
        if let Some(forwarder) = metadata.forwarder {
            uninterpreted.insert("ZWAMEDIAITEM.ZMETADATA.21".to_owned(), forwarder.to_owned());
        }
        let info = window.info.take(row.id);
        let receipts = match info
            .as_ref()
            .map(|(id, blob)| (*id, blob, Receipts::read(blob, |n| unknown(summary, "ZWAMESSAGEINFO.ZRECEIPTINFO", n))))
        {
            Some((id, _, Ok(receipts))) => Some((id, receipts)),
            Some((_, blob, Err(_))) => {
                summary.undecoded.attributes += 1;
                uninterpreted.extend(kept("ZWAMESSAGEINFO.ZRECEIPTINFO", blob));
                None
            }
            None => None,
        };
        let parent = row.parent.and_then(|parent| Some((parent, window.parents.get(&parent)?)));
        let album = parent.filter(|(_, parent)| parent.kind == Some(content::ALBUM) && parent.chat == row.chat);
        if let (Some(parent), None) = (row.parent, album) {
            uninterpreted.insert("ZWAMESSAGE.ZPARENTMESSAGE".to_owned(), parent.to_string());
        }
        let key_sender = if row.from_me { Sender::Holder } else { sender.clone() };
        let mut message = Box::new(Message {
            id: message_id(self.book, index, row.from_me, &row.key, row.id, &key_sender),
            direction,
            sender,
            sent,
            received,
            body: Body::Waiting,
            attachments: Vec::new(),
            quote: self.quote(&metadata, index, media.as_ref().map_or(row.id, |media| media.row)).map(Box::new),
            mentions: Vec::new(),
            reactions: receipts.as_ref().map(|(id, r)| self.reactions(r, *id, summary)).unwrap_or_default(),
            forwarded: forwarded(&metadata),
            pins: Vec::new(),
            kept: Vec::new(),
            additions: Vec::new(),
            edited: None,
            expiry: None,
            starred: row.starred,
            album: album.map(|(id, p)| message_id(self.book, index, p.from_me, &p.key, id, &Sender::Unknown)),
            comment_on: None,
            uninterpreted,
            status_raw: row.status,
            delivery: row.error.map(|error| Box::new(Delivery { error_raw: Some(error), ..Delivery::default() })),
            earlier: Vec::new(),
            source: source(self.item, "ZWAMESSAGE", row.id),
        });
        message.body = if notice {
            Body::System(notices::event(self, row, index, &metadata, &mut message, summary))
        } else {
            let poll = receipts.and_then(|(_, receipts)| receipts.poll);
            content::body(row, media, &metadata, poll, window, &mut message, summary)
        };
        message
    }

    /// What a message answers.
    fn quote(&self, metadata: &Metadata<'_>, index: usize, row: i64) -> Option<Quote> {
        let key = metadata.quoted_id?;
        let named = metadata.quoted_author.map(|author| self.address(author));
        let partner = self.partner(index);
        let sender = match (named, &partner) {
            // Between two, whoever is not the other is the holder, also when the holder's own address is not known.
            (Some(Some(who)), Some(other)) if who != *other => Sender::Holder,
            (Some(None), Some(_)) => Sender::Holder,
            (Some(Some(who)), _) => who,
            _ => Sender::Unknown,
        };
        let from_me = sender == Sender::Holder;
        // The key of a quote has no direction; it follows from the sender, and without one there is no id.
        let known = sender != Sender::Unknown;
        Some(Quote {
            id: known.then(|| message_id(self.book, index, from_me, key, 0, &sender)),
            conversation: None,
            sender,
            sent: None,
            text: metadata.quoted_text.map(str::to_owned),
            media_name: None,
            media_type: None,
            place: None,
            cards: Vec::new(),
            kind_raw: None,
            withheld: false,
            source: source(self.item, "ZWAMEDIAITEM", row),
        })
    }

    fn reactions(&self, receipts: &Receipts<'_>, row: i64, summary: &mut Summary) -> Vec<Reaction> {
        summary.oddities.dropped_side_rows += receipts.dropped;
        let one = |reacted: &super::blobs::Reacted<'_>| Reaction {
            by: match reacted.by {
                None => Sender::Holder,
                Some(by) => self.address(by).unwrap_or(Sender::Unknown),
            },
            emoji: reacted.emoji.to_owned(),
            removed: reacted.emoji.is_empty(),
            at: reacted.millis.map(Moment::from_millis),
            kind_raw: None,
            part: None,
            source: source(self.item, "ZWAMESSAGEINFO", row),
        };
        receipts.reactions.iter().map(one).collect()
    }
}

fn forwarded(metadata: &Metadata<'_>) -> Option<Forward> {
    let score = metadata.forwards.filter(|count| *count > 0).and_then(|count| i64::try_from(count).ok());
    (score.is_some() || metadata.forwarder.is_some()).then_some(Forward { score })
}

/// Counts a field that nothing explains.
fn unknown(summary: &mut Summary, column: &str, number: u32) {
    // Of numbers that no real blob has there may be millions.
    let name = if number < 2_000 { format!("{column}.{number}") } else { format!("{column}.others") };
    *summary.fields_not_interpreted.entry(name).or_default() += 1;
}

/// A blob that could not be decoded, as the record keeps it.
fn kept(column: &str, blob: &[u8]) -> Option<(String, String)> {
    let blob = Some(blob).filter(|blob| blob.len() <= RAW_BYTES)?;
    Some((format!("{column} (base64)"), BASE64_STANDARD.encode(blob)))
}
