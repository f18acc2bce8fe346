//! The people and conversations of Messages.

use super::MessagesOptions;
use crate::content::{
    ContentError,
    dice::Dice,
    options::Options,
    people::{self, Person},
    texts::{GROUPS, TOPICS},
};
use rusqlite::{Connection, params};
use std::collections::VecDeque;

/// A message that may still be answered or reacted to.
#[derive(Clone, Debug)]
pub(super) struct Recent {
    pub(super) guid: String,
    pub(super) text: String,
}

#[derive(Clone, Debug)]
pub(super) struct Room {
    pub(super) row: i64,
    pub(super) service: &'static str,
    pub(super) group: bool,
    /// Indexes of people; one for a direct conversation.
    pub(super) members: Vec<usize>,
    /// Those who left or were removed.
    pub(super) past: Vec<usize>,
    pub(super) topic: usize,
    pub(super) line: usize,
    pub(super) recent: VecDeque<Recent>,
}

impl Room {
    pub(super) fn remember(&mut self, guid: &str, text: &str) {
        if self.recent.len() == 12 {
            self.recent.pop_front();
        }
        self.recent.push_back(Recent { guid: guid.to_owned(), text: text.to_owned() });
    }
}

/// Somebody with the address under which they write.
#[derive(Clone, Debug)]
pub(super) struct Contact {
    pub(super) address: String,
    pub(super) given: String,
    pub(super) family: String,
    /// In the phone's address book.
    pub(super) known: bool,
    /// Row of `handle` for each service; 0 until it is made.
    rows: [i64; 3],
}

impl Contact {
    /// Whether they occur in a conversation.
    pub(super) fn writes(&self) -> bool {
        self.rows.iter().any(|row| *row != 0)
    }
}

pub(super) const SERVICES: [&str; 3] = ["iMessage", "SMS", "RCS"];

/// The holder first.
pub(super) fn cast(options: &MessagesOptions) -> Vec<Contact> {
    let count = usize::try_from(options.messages / 40).unwrap_or(0).clamp(40, 1_500);
    let of_all = Options { seed: options.seed, canary: options.canary.clone(), ..Options::default() };
    let all = people::cast(&of_all, "com.apple.MobileSMS", count);
    let one = |(at, person): (usize, Person)| {
        let address = match at % 9 {
            5 => format!("persoon{at}@voorbeeld.example"),
            _ => format!("+{}", person.number),
        };
        let known = person.in_address_book();
        let family = if at == 1 {
            person.name.strip_prefix(&format!("{} ", person.given)).unwrap_or(&person.family).to_owned()
        } else {
            person.family
        };
        Contact { address, given: person.given, family, known, rows: [0; 3] }
    };
    all.into_iter().filter(Person::has_number).enumerate().map(one).collect()
}

/// The row of somebody's address over a service, made when there is none.
pub(super) fn handle(db: &Connection, contact: &mut Contact, service: &str) -> Result<i64, ContentError> {
    let at = SERVICES.iter().position(|s| *s == service).unwrap_or(0);
    if contact.rows[at] == 0 {
        db.prepare_cached("INSERT INTO handle (id, country, service, uncanonicalized_id) VALUES (?, 'nl', ?, ?)")?.execute(
            params![
                contact.address,
                service,
                contact.address.strip_prefix("+31").filter(|_| at == 1).map(|rest| format!("0{rest}")),
            ],
        )?;
        contact.rows[at] = db.last_insert_rowid();
    }
    Ok(contact.rows[at])
}

/// Make the conversations. The first are of every kind, so that small databases have them too.
pub(super) fn build(db: &Connection, options: &MessagesOptions, people: &mut [Contact]) -> Result<Vec<Room>, ContentError> {
    let mut dice = Dice::new(options.seed, "imessage rooms");
    let count = usize::try_from(options.messages / 250).unwrap_or(0).clamp(8, 400).min(people.len() - 1);
    let mut rooms = Vec::with_capacity(count);
    let (mut groups, mut next) = (0, 0);
    for i in 0..count {
        let group = matches!(i, 1 | 3) || i > 8 && i % 3 == 0;
        let service = match i {
            2 | 7 => "SMS",
            4 => "RCS",
            _ => SERVICES[usize::from(i > 8 && i % 7 == 0)],
        };
        let members = if group {
            let mut all: Vec<usize> = (1..people.len().min(40)).collect();
            dice.shuffle(&mut all);
            all.truncate(3 + dice.index(6));
            all
        } else if i == 7 {
            // Somebody with whom there is a conversation over another service already.
            vec![1]
        } else {
            next += 1;
            vec![next]
        };
        let (identifier, title) = if group {
            groups += 1;
            let base = GROUPS[(groups - 1) % GROUPS.len()];
            let title = if groups > GROUPS.len() { format!("{base} {groups}") } else { base.to_owned() };
            (format!("chat{:018}", 100_000_000_000 + dice.below(900_000_000_000)), Some(title))
        } else {
            (people[members[0]].address.clone(), None)
        };
        let mark = if group { '+' } else { '-' };
        db.execute(
            "INSERT INTO chat (guid, style, state, chat_identifier, service_name, room_name, is_archived, display_name, is_filtered)
             VALUES (?, ?, 3, ?, ?, ?, ?, ?, ?)",
            params![
                format!("{service};{mark};{identifier}"),
                if group { 43 } else { 45 },
                identifier,
                service,
                group.then_some(&identifier),
                i == 6,
                title,
                i64::from(i == 5),
            ],
        )?;
        let row = db.last_insert_rowid();
        for member in &members {
            let handle = handle(db, &mut people[*member], service)?;
            db.execute("INSERT INTO chat_handle_join (chat_id, handle_id) VALUES (?, ?)", [row, handle])?;
        }
        rooms.push(Room {
            row,
            service,
            group,
            members,
            past: Vec::new(),
            topic: dice.index(TOPICS.len()),
            line: 0,
            recent: VecDeque::new(),
        });
    }
    Ok(rooms)
}
