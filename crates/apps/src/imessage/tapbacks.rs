//! Reactions ("tapbacks"): each is a row of `message` of its own that names the message it is about.
//!
//! They are read before the messages, so that a message goes out with all of them. Those whose message is not there go out as
//! messages of their own, after all others: what somebody did is not lost because what they did it to is gone.

use super::{
    guid::{self, Guid},
    people::People,
    places::Places,
    time,
};
use crate::{
    ReadError,
    reading::{
        schema::Schema,
        value::{self, Repairs},
    },
};
use foldhash::HashSet;
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
};
use uitlezen_chat::{Addition, EvidenceId, Message, Moment, Reaction, Sender};

/// Reactions held at once.
const MOST: usize = 2_000_000;

/// What a row with `associated_message_type` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A message like any other; the code may still say something.
    Message,
    /// A reaction, set or taken away.
    Reaction { removed: bool },
    /// A sticker put on a message: has a file, so it is a message of its own.
    Sticker,
    /// Added to a message, and not interpreted (votes).
    Addition,
}

pub(super) fn kind(code: i64) -> Kind {
    match code {
        1000 | 2007 => Kind::Sticker,
        2000..=2006 => Kind::Reaction { removed: false },
        3000..=3007 => Kind::Reaction { removed: true },
        4000 => Kind::Addition,
        _ => Kind::Message,
    }
}

/// The emoji that stands for a reaction of a fixed kind.
fn emoji(code: i64) -> Option<&'static str> {
    Some(match code % 1000 {
        0 => "❤️",
        1 => "👍",
        2 => "👎",
        3 => "😂",
        4 => "‼️",
        5 => "❓",
        _ => return None,
    })
}

/// One row.
#[derive(Debug)]
pub(super) struct Tapback {
    target: Guid,
    pub(super) row: i64,
    conversation: u32,
    by: Option<u32>,
    from_me: bool,
    code: i64,
    emoji: Option<String>,
    part: Option<u32>,
    date: i64,
    /// Bytes of what else the row holds and is not interpreted.
    payload: Option<String>,
    met: AtomicBool,
}

/// All of them, by the message that they are about.
#[derive(Debug, Default)]
pub(super) struct Tapbacks {
    all: Vec<Tapback>,
    pub(super) refused: u64,
    /// About messages that were recently deleted.
    pub(super) of_deleted: u64,
}

impl Tapbacks {
    pub(super) fn load(schema: &Schema<'_>, repairs: &Repairs, people: &People, places: &Places) -> Result<Self, ReadError> {
        let mut found = Self::default();
        if !schema.has_column("message", "associated_message_guid") || !schema.has_column("message", "associated_message_type") {
            return Ok(found);
        }
        let wanted = [
            "rowid",
            "handle_id",
            "date",
            "is_from_me",
            "associated_message_guid",
            "associated_message_type",
            "payload_data",
            "associated_message_emoji",
        ];
        let Some(columns) = schema.columns("message", "m", &wanted) else { return Ok(found) };
        // Through the index over these ids, where the file has one.
        let sql = format!("SELECT {columns} FROM message m WHERE m.associated_message_guid > ''");
        let deleted = deleted_guids(schema, repairs, places)?;
        let mut all = schema.prepare(&sql)?;
        let mut rows = schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let code = value::int(row, 5).unwrap_or(0);
            if !matches!(kind(code), Kind::Reaction { .. } | Kind::Addition) {
                continue;
            }
            let Some(id) = value::int(row, 0) else { continue };
            let Some(conversation) = places.first(id) else { continue };
            let Some(associated) = repairs.text(row, 4) else { continue };
            let (target, part) = guid::target(&associated);
            let target = Guid::of(target);
            // Met already, so that it is not given out for itself: its text repeats what was deleted.
            let of_deleted = deleted.contains(&target);
            found.of_deleted += u64::from(of_deleted);
            if found.all.len() >= MOST {
                found.refused += 1;
                continue;
            }
            found.all.push(Tapback {
                target,
                row: id,
                conversation,
                by: value::int(row, 1).and_then(|handle| people.of_handle(handle)),
                from_me: value::flag(row, 3),
                code,
                emoji: repairs.text(row, 7),
                part,
                date: value::int(row, 2).unwrap_or(0),
                payload: value::raw(repairs, row, 6),
                met: AtomicBool::new(of_deleted),
            });
        }
        found.all.sort_unstable_by(|a, b| (&a.target, a.row).cmp(&(&b.target, b.row)));
        Ok(found)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    fn of(&self, target: &Guid) -> &[Tapback] {
        let from = self.all.partition_point(|t| t.target < *target);
        let rest = self.all.get(from..).unwrap_or_default();
        rest.get(..rest.partition_point(|t| t.target == *target)).unwrap_or_default()
    }

    /// The message with this guid is there, in this conversation.
    pub(super) fn meet(&self, target: &Guid, conversation: u32) {
        for tapback in self.of(target).iter().filter(|t| t.conversation == conversation) {
            tapback.met.store(true, Ordering::Relaxed);
        }
    }

    /// Puts what belongs to a message on it.
    pub(super) fn put(&self, target: &Guid, conversation: u32, item: EvidenceId, people: &People, on: &mut Message) -> u64 {
        let mut unknown = 0;
        for tapback in self.of(target).iter().filter(|t| t.conversation == conversation) {
            let by = tapback.sender(people);
            let source = super::book::source(item, "message", tapback.row);
            match kind(tapback.code) {
                Kind::Reaction { removed } => on.reactions.push(Reaction {
                    by,
                    emoji: emoji(tapback.code).map(str::to_owned).or_else(|| tapback.emoji.clone()).unwrap_or_default(),
                    removed,
                    at: tapback.at(),
                    kind_raw: Some(tapback.code),
                    part: tapback.part,
                    source,
                }),
                _ => {
                    unknown += 1;
                    let raw = tapback.payload.clone().map(|payload| ("message.payload_data".to_owned(), payload));
                    on.additions.push(Addition {
                        by,
                        at: tapback.at(),
                        kind_raw: Some(tapback.code),
                        raw: raw.into_iter().collect::<BTreeMap<_, _>>(),
                        source,
                    });
                }
            }
        }
        unknown
    }

    /// Rows of those whose message was not met, in their order.
    pub(super) fn alone(&self) -> Vec<i64> {
        let mut rows: Vec<i64> = self.all.iter().filter(|t| !t.met.load(Ordering::Relaxed)).map(|t| t.row).collect();
        rows.sort_unstable();
        rows
    }
}

impl Tapback {
    fn at(&self) -> Option<Moment> {
        time::known(Some(self.date))
    }

    fn sender(&self, people: &People) -> Sender {
        if self.from_me {
            return Sender::Holder;
        }
        self.by.and_then(|person| people.sender(person)).unwrap_or(Sender::Unknown)
    }
}

/// Guids of the recently deleted messages.
fn deleted_guids(schema: &Schema<'_>, repairs: &Repairs, places: &Places) -> Result<HashSet<Guid>, ReadError> {
    let mut found = HashSet::default();
    if places.deleted.is_empty() || !schema.has_column("message", "guid") {
        return Ok(found);
    }
    let mut one = schema.prepare("SELECT m.guid FROM message m WHERE m.rowid = ?1")?;
    for row in places.deleted.iter().filter(|row| places.first(**row).is_none()) {
        let mut rows = one.query([row])?;
        if let Some(guid) = rows.next()?.and_then(|row| repairs.text(row, 0)) {
            found.insert(Guid::of(&guid));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_what_the_reference_says() {
        assert_eq!((kind(0), kind(2), kind(3), kind(5000)), (Kind::Message, Kind::Message, Kind::Message, Kind::Message));
        assert_eq!((kind(2006), kind(3001)), (Kind::Reaction { removed: false }, Kind::Reaction { removed: true }));
        assert_eq!(
            (kind(1000), kind(2007), kind(3007), kind(4000)),
            (Kind::Sticker, Kind::Sticker, Kind::Reaction { removed: true }, Kind::Addition)
        );
        assert_eq!((emoji(2003), emoji(3003), emoji(2006), emoji(3007)), (Some("😂"), Some("😂"), None, None));
    }
}
