//! The passes over all messages: several stores, merged by time, each in its own order.

use super::{
    Backup, Item, Rcs,
    answers::Frames,
    backup::{Kind, Lists},
    book::Book,
    compose::compose,
    entry::{Entry, Way},
    mms::Messages,
    table::Rows,
};
use crate::{Goes, Parted, ReadError, RecordSink, RunSink, Summary, reading::count::count};
use foldhash::{HashMap, HashSet};
use uitlezen_chat::EvidenceId;
use uitlezen_provider::{Held, IM, MMS, SMS, Table};

/// Messages handed over at once.
const RUN: usize = 4_096;

/// One store of one user.
enum Store {
    Rows(Box<Rows>),
    Messages(Box<Messages>),
    Lists(Box<Lists>),
}

struct Stream {
    user: u32,
    table: Table,
    item: EvidenceId,
    store: Store,
    next: Option<Entry>,
}

impl Stream {
    fn advance(&mut self, summary: &mut Summary) -> Result<(), ReadError> {
        self.next = match &mut self.store {
            Store::Lists(lists) => lists.next(summary),
            Store::Messages(messages) => messages.next(summary)?.map(|whole| Entry::of_mms(whole, self.user, self.item)),
            Store::Rows(rows) => rows.next(summary)?.map(|row| {
                if self.table == SMS { Entry::of_sms(row, self.user, self.item) } else { Entry::of_im(row, self.user, self.item) }
            }),
        };
        Ok(())
    }
}

/// The passes.
pub(super) struct Scan<'s> {
    pub(super) items: &'s [Item],
    pub(super) backups: &'s [Backup],
}

impl Scan<'_> {
    /// Every message once, by time; drafts are counted and left out. Two users of a phone share one store, so that a message may
    /// be in the answers of both.
    fn each(
        &self,
        summary: &mut Summary,
        mut with: impl FnMut(Entry, &mut Summary) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let mut streams = Vec::new();
        let mut users: HashMap<&str, u32> = HashMap::default();
        for item in self.items {
            let Held::Table(table) = item.held else { continue };
            let store = if table == MMS {
                Store::Messages(Box::new(Messages::open(item, self.items, summary)))
            } else if table == SMS || table == IM {
                Store::Rows(Box::new(Rows::open(table, Frames::open(&item.bytes, table.name, summary))))
            } else {
                continue;
            };
            *users.entry(table.name).or_default() += 1;
            let mut stream = Stream { user: item.user, table, item: item.item, store, next: None };
            stream.advance(summary)?;
            streams.push(stream);
        }
        for backup in self.backups {
            for kind in [Kind::Sms, Kind::Mms] {
                let store = Store::Lists(Box::new(Lists::open(backup, kind, summary)));
                let mut stream = Stream { user: 0, table: SMS, item: backup.item, store, next: None };
                stream.advance(summary)?;
                streams.push(stream);
            }
        }
        let mut met: HashSet<(&str, i64)> = HashSet::default();
        loop {
            let waiting = streams.iter().enumerate().filter_map(|(n, stream)| Some((n, stream.next.as_ref()?.at.utc)));
            let Some((n, _)) = waiting.min_by_key(|(n, at)| (*at, *n)) else { return Ok(()) };
            let Some(stream) = streams.get_mut(n) else { return Ok(()) };
            let Some(entry) = stream.next.take() else { return Ok(()) };
            stream.advance(summary)?;
            let shared = users.get(entry.table.name).is_some_and(|users| *users > 1);
            if shared && !met.insert((entry.table.name, entry.row)) {
                continue;
            }
            if entry.way == Way::Draft {
                summary.not_asked.drafts += 1;
                continue;
            }
            with(entry, summary)?;
        }
    }

    /// Who is in which conversation.
    pub(super) fn survey(&self, book: &mut Book, summary: &mut Summary) -> Result<(), ReadError> {
        let here = self.items.iter().any(|item| matches!(item.held, Held::Table(table) if table == SMS || table == MMS));
        let backed_up = self.backups.iter().any(|backup| !matches!(backup.file.holds_messages(), Ok(false)));
        if !here && !backed_up {
            return Err(ReadError::NotAMessageStore);
        }
        // What is in the way is counted when the messages go out.
        self.each(&mut Summary::default(), |entry, _| {
            book.meet(&entry);
            Ok(())
        })?;
        summary.table = crate::MessageTable::Modern;
        Ok(())
    }

    /// Lets what stays behind be heard.
    pub(super) fn hear(&self, book: &Book, parted: &Parted<'_>) -> Result<(), ReadError> {
        self.each(&mut Summary::default(), |entry, summary| {
            let Some(number) = book.number(&entry.thread) else { return Ok(()) };
            if parted.goes(number) != Goes::Whole {
                parted.hear(number, &compose(entry, book, summary));
            }
            Ok(())
        })
    }

    /// Gives out every message.
    pub(super) fn run<S: RecordSink>(
        &self,
        book: &Book,
        parted: Option<&Parted<'_>>,
        summary: &mut Summary,
        sink: &mut S,
    ) -> Result<(), ReadError> {
        let (mut gathered, mut n) = (S::Run::default(), 0);
        self.each(summary, |entry, summary| {
            let Some(number) = book.number(&entry.thread) else {
                summary.oddities.dropped_messages += 1;
                return Ok(());
            };
            let mut of_row = Summary::default();
            let mut out = Some((number, compose(entry, book, &mut of_row)));
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
        })?;
        sink.hand_over(&mut gathered).map_err(ReadError::Sink)?;
        // In a file of adb backup only what has text is left of the messages among which RCS may be.
        let whole = self.backups.is_empty() && summary.stopped.is_empty() && summary.oddities.dropped_messages == 0;
        summary.rcs = Some(if whole { Rcs::Unknown } else { Rcs::No });
        Ok(())
    }
}
