//! The people of `handle`, by the address under which they wrote, and their names.

use super::contacts::Names;
use crate::{
    ReadError,
    reading::{schema::Schema, value, value::Repairs},
};
use foldhash::HashMap;
use uitlezen_chat::{NativeId, Participant, ParticipantId, ParticipantName, Sender};

/// More addresses than anybody writes with.
const MOST_PEOPLE: usize = 1_000_000;

/// The holder's [`ParticipantId`] in every conversation.
pub const HOLDER: &str = "holder";

/// One address. The same address over two services is one person.
#[derive(Debug)]
struct Person {
    address: String,
    /// As it was written before it was brought into one form.
    written: Vec<String>,
}

/// Everybody, by place in one list.
#[derive(Debug, Default)]
pub(super) struct People {
    all: Vec<Person>,
    by_handle: HashMap<i64, u32>,
    by_address: HashMap<String, u32>,
    pub(super) refused: u64,
}

/// What kind of address it is, by its look.
pub(super) fn kind(address: &str) -> &'static str {
    if address.contains('@') {
        "e-mail address"
    } else if number(address).is_some() {
        "phone number"
    } else {
        "address"
    }
}

fn number(address: &str) -> Option<String> {
    let digits = address.strip_prefix('+')?;
    (digits.len() >= 6 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| address.to_owned())
}

impl People {
    pub(super) fn load(schema: &Schema<'_>, repairs: &Repairs) -> Result<Self, ReadError> {
        let mut people = Self::default();
        let Some(columns) = schema.columns("handle", "h", &["rowid", "id", "uncanonicalized_id"]) else { return Ok(people) };
        let mut all = schema.prepare(&format!("SELECT {columns} FROM handle h"))?;
        let mut rows = schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let Some(handle) = value::int(row, 0) else { continue };
            let Some(address) = repairs.text(row, 1) else { continue };
            let Some(person) = people.person(&address) else { continue };
            people.by_handle.insert(handle, person);
            if let Some(written) = repairs.text(row, 2).filter(|written| *written != address)
                && let Some(known) = people.all.get_mut(place(person))
                && known.written.len() < 8
                && !known.written.contains(&written)
            {
                known.written.push(written);
            }
        }
        Ok(people)
    }

    /// The person of an address, made when there is none.
    pub(super) fn person(&mut self, address: &str) -> Option<u32> {
        if let Some(known) = self.by_address.get(address) {
            return Some(*known);
        }
        if self.all.len() >= MOST_PEOPLE {
            self.refused += 1;
            return None;
        }
        let person = u32::try_from(self.all.len()).ok()?;
        self.all.push(Person { address: address.to_owned(), written: Vec::new() });
        self.by_address.insert(address.to_owned(), person);
        Some(person)
    }

    pub(super) fn of_handle(&self, handle: i64) -> Option<u32> {
        self.by_handle.get(&handle).copied()
    }

    pub(super) fn of_address(&self, address: &str) -> Option<u32> {
        self.by_address.get(address).copied()
    }

    pub(super) fn address(&self, person: u32) -> Option<&str> {
        self.all.get(place(person)).map(|known| known.address.as_str())
    }

    pub(super) fn addresses(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|person| person.address.as_str())
    }

    pub(super) fn id(&self, person: u32) -> Option<ParticipantId> {
        self.address(person).map(|address| ParticipantId(address.to_owned()))
    }

    pub(super) fn sender(&self, person: u32) -> Option<Sender> {
        self.id(person).map(Sender::Participant)
    }

    pub(super) fn participant(&self, person: u32, names: &Names) -> Option<Participant> {
        let known = self.all.get(place(person))?;
        let kind = kind(&known.address);
        let mut native = vec![NativeId { kind: kind.to_owned(), value: known.address.clone() }];
        native.extend(known.written.iter().map(|w| NativeId { kind: format!("{kind} as written"), value: w.clone() }));
        Some(Participant {
            id: ParticipantId(known.address.clone()),
            is_holder: false,
            number: number(&known.address),
            names: names.of(&known.address),
            native,
        })
    }
}

fn place(person: u32) -> usize {
    usize::try_from(person).unwrap_or(usize::MAX)
}

/// The holder, with the number that the plan or the phone told.
pub(super) fn holder(told: Option<&str>) -> Participant {
    let names: Vec<ParticipantName> = Vec::new();
    let native = told.map(|value| NativeId { kind: kind(value).to_owned(), value: value.to_owned() });
    Participant {
        id: ParticipantId(HOLDER.to_owned()),
        is_holder: true,
        number: told.and_then(number),
        names,
        native: native.into_iter().collect(),
    }
}
