//! The passes over the messages, in the order in which the phone got them.

use super::{
    book::Book,
    compose::Context,
    intake::Store,
    kinds::{Kind, kind},
    people::People,
    row::{MessageRow, Ordered, Place, Sides, TABLES, statement},
};
use crate::{
    Goes, Parted, ReadError, RecordSink, RunSink, Summary, note,
    reading::{count::count, schema::Schema, value::Repairs},
    signal::keys::{Keys, Twice, participant},
};
use uitlezen_chat::{Body, ConversationNumber, EvidenceId, MembershipChange, Message, Sender, SystemEventKind, TimerChange};

/// Messages handed over at once.
const RUN: usize = 4_096;

/// What the pass before the records found.
#[derive(Debug)]
pub(super) struct Surveyed {
    pub(super) keys: Keys,
    pub(super) duplicates: u64,
    pub(super) unplaced: u64,
}

impl Default for Surveyed {
    fn default() -> Self {
        Self { keys: Keys::new(), duplicates: 0, unplaced: 0 }
    }
}

/// The passes.
pub(super) struct Scan<'s> {
    pub(super) schema: &'s Schema<'s>,
    pub(super) repairs: &'s Repairs,
    pub(super) store: &'s Store,
    pub(super) item: EvidenceId,
    pub(super) people: &'s People,
    pub(super) order: &'s Ordered,
    pub(super) sides: &'s Sides,
}

/// What is left aside of rows: not asked for.
#[derive(Default)]
struct Aside {
    stories: u64,
    drafts: u64,
}

impl Scan<'_> {
    fn context<'c>(&'c self, keys: &'c Keys) -> Context<'c> {
        Context {
            schema: self.schema,
            repairs: self.repairs,
            store: self.store,
            item: self.item,
            people: self.people,
            sides: self.sides,
            keys,
        }
    }

    /// Every message with its versions; stories and drafts are counted.
    fn each(
        &self,
        mut with: impl FnMut(Place, MessageRow, Vec<MessageRow>) -> Result<(), ReadError>,
    ) -> Result<Aside, ReadError> {
        let statements: Vec<Option<String>> =
            TABLES.iter().map(|name| if self.schema.has(name) { statement(self.schema, name) } else { None }).collect();
        let mut aside = Aside::default();
        let row = |table: u8, id: i64| -> Result<Option<MessageRow>, ReadError> {
            let Some(Some(sql)) = statements.get(usize::from(table)) else { return Ok(None) };
            let mut one = self.schema.conn.prepare_cached(sql)?;
            let mut rows = one.query([id])?;
            Ok(rows.next()?.map(|row| MessageRow::read(row, self.repairs)))
        };
        for place in &self.order.places {
            let Some(message) = row(place.table, place.row)? else { continue };
            if message.story {
                aside.stories += 1;
                continue;
            }
            if kind(message.kind) == Kind::Draft {
                aside.drafts += 1;
                continue;
            }
            let mut versions = Vec::new();
            for id in self.order.versions.get(&(place.table, place.row)).into_iter().flatten() {
                versions.extend(row(place.table, *id)?);
            }
            with(*place, message, versions)?;
        }
        Ok(aside)
    }

    /// Who and what occurs in which thread.
    pub(super) fn survey(&self, book: &mut Book, surveyed: &mut Surveyed) -> Result<(), ReadError> {
        let empty = Keys::new();
        let cx = self.context(&empty);
        let mut of_row = Summary::default();
        self.each(|place, row, versions| {
            let Some(index) = book.of_message(row.thread.unwrap_or(-1)) else {
                surveyed.unplaced += 1;
                return Ok(());
            };
            let author = cx.author(&row);
            let times: Vec<u64> = versions.iter().chain([&row]).filter_map(|version| u64::try_from(version.sent).ok()).collect();
            let named = times.first().copied().unwrap_or_default();
            surveyed.duplicates += u64::from(surveyed.keys.add(index, &author, named, &times));
            let message = cx.compose(&row, &versions, place, index, &mut of_row)?;
            people_of(book, index, &message);
            changes_of(book, index, &message, &row);
            Ok(())
        })?;
        Ok(())
    }

    fn pass(
        &self,
        book: &Book,
        keys: &Keys,
        mut give: impl FnMut(ConversationNumber, Message, Summary) -> Result<(), ReadError>,
    ) -> Result<Aside, ReadError> {
        let cx = self.context(keys);
        let mut twice = Twice::default();
        self.each(|place, row, versions| {
            let Some(index) = book.of_thread(row.thread.unwrap_or(-1)) else { return Ok(()) };
            let mut of_row = Summary::default();
            let mut message = cx.compose(&row, &versions, place, index, &mut of_row)?;
            let named = versions.first().map_or(row.sent, |first| first.sent);
            let named = u64::try_from(named).unwrap_or_default();
            twice.name(std::slice::from_mut(&mut message), index, &cx.author(&row), named, keys);
            give(Book::number(index), message, of_row)
        })
    }

    /// Lets what stays behind be heard.
    pub(super) fn hear(&self, book: &Book, keys: &Keys, parted: &Parted<'_>) -> Result<(), ReadError> {
        let heard = self.pass(book, keys, |number, message, _| {
            if parted.goes(number) != Goes::Whole {
                parted.hear(number, &message);
            }
            Ok(())
        });
        note(&mut Summary::default(), "message", heard.map(|_| ()))
    }

    /// Gives out every message.
    pub(super) fn run<S: RecordSink>(
        &self,
        book: &Book,
        keys: &Keys,
        parted: Option<&Parted<'_>>,
        summary: &mut Summary,
        sink: &mut S,
    ) -> Result<(), ReadError> {
        let (mut gathered, mut n) = (S::Run::default(), 0);
        let given = self.pass(book, keys, |number, message, mut of_row| {
            let mut out = Some((number, Box::new(message)));
            if let Some(parted) = parted {
                if parted.goes(number) == Goes::Not {
                    return Ok(());
                }
                out = out.and_then(|(number, message)| parted.message(number, message, &mut of_row));
            }
            let Some((number, message)) = out else { return Ok(()) };
            count(&mut of_row, &message);
            summary.absorb(of_row);
            gathered.message(number, message).map_err(ReadError::Sink)?;
            n += 1;
            if n >= RUN || gathered.is_full() {
                sink.hand_over(&mut gathered).map_err(ReadError::Sink)?;
                n = 0;
            }
            Ok(())
        });
        match given {
            Ok(aside) => {
                summary.not_asked.status_messages += aside.stories;
                summary.not_asked.drafts += aside.drafts;
            }
            Err(error) => note(summary, "message", Err(error))?,
        }
        sink.hand_over(&mut gathered).map_err(ReadError::Sink)
    }
}

fn people_of(book: &mut Book, index: u32, message: &Message) {
    let mut meet = |who: &Sender| book.meet(index, who);
    meet(&message.sender);
    message.reactions.iter().for_each(|reaction| meet(&reaction.by));
    message.quote.iter().for_each(|quote| meet(&quote.sender));
    for mention in message.mentions.iter().filter_map(|mention| mention.participant.clone()) {
        meet(&crate::signal::person::sender(mention));
    }
    match &message.body {
        Body::System(event) => event.affected.iter().chain(&event.actor).for_each(meet),
        Body::Poll(poll) => poll.options.iter().flat_map(|option| &option.voters).for_each(meet),
        Body::Revoked(revocation) => revocation.by_admin.iter().for_each(meet),
        _ => {}
    }
    for version in &message.earlier {
        people_of(book, index, version);
    }
}

fn changes_of(book: &mut Book, index: u32, message: &Message, row: &MessageRow) {
    let Body::System(event) = &message.body else { return };
    match event.event {
        SystemEventKind::TimerChanged => {
            let change = TimerChange {
                at: message.sent.clone(),
                by: event.actor.clone().unwrap_or(Sender::Unknown),
                from_seconds: None,
                to_seconds: Some(row.expires_in.unwrap_or(0).div_ceil(1000)),
                source: message.source.clone(),
            };
            book.timer_changed(index, change);
        }
        SystemEventKind::Left => {
            for who in event.affected.iter().filter_map(participant) {
                let change =
                    MembershipChange { joined: false, at: Some(message.sent.clone()), by: None, source: message.source.clone() };
                book.left(index, who, change);
            }
        }
        _ => {}
    }
}
