//! People by their Threema ids, and which of them is the holder.

use crate::{HolderKnown, threema::HOLDER};
use foldhash::HashMap;
use std::collections::BTreeMap;
use uitlezen_chat::{NameOrigin, NativeId, Participant, ParticipantId, ParticipantName, Sender};

/// Far more than anybody knows.
const MOST: usize = 1_000_000;

/// Number of a person within this reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Who(u32);

/// Everybody that some table names.
#[derive(Debug, Default)]
pub(super) struct People {
    all: Vec<Person>,
    by_identity: HashMap<String, Who>,
    told: Option<String>,
    /// Own rows that name this id as their author, by id.
    own_rows: BTreeMap<String, BTreeMap<&'static str, u64>>,
    holder: Option<Who>,
    /// Beyond what is kept track of.
    pub(super) refused: u64,
}

#[derive(Debug)]
struct Person {
    identity: String,
    names: Vec<ParticipantName>,
}

impl People {
    pub(super) fn new(told: Option<&str>) -> Self {
        Self { told: told.map(str::to_owned), ..Self::default() }
    }

    /// The person of this id, new if nobody named it before.
    pub(super) fn of(&mut self, identity: &str) -> Option<Who> {
        let identity = identity.trim();
        if identity.is_empty() {
            return None;
        }
        if let Some(who) = self.by_identity.get(identity) {
            return Some(*who);
        }
        let who = u32::try_from(self.all.len()).ok().filter(|_| self.all.len() < MOST).map(Who);
        let Some(who) = who else {
            self.refused += 1;
            return None;
        };
        self.by_identity.insert(identity.to_owned(), who);
        self.all.push(Person { identity: identity.to_owned(), names: Vec::new() });
        Some(who)
    }

    pub(super) fn known(&self, identity: &str) -> Option<Who> {
        self.by_identity.get(identity.trim()).copied()
    }

    /// The names of a contact, most trusted first.
    pub(super) fn name(&mut self, who: Who, full: &str, nickname: &str) {
        let Some(person) = self.all.get_mut(who.0 as usize) else { return };
        for (name, origin) in [(full, NameOrigin::AppContacts), (nickname, NameOrigin::PushName)] {
            let name = name.trim();
            if !name.is_empty() && person.names.iter().all(|known| known.origin != origin) {
                person.names.push(ParticipantName { name: name.to_owned(), origin });
            }
        }
    }

    pub(super) fn identity(&self, who: Who) -> &str {
        self.all.get(who.0 as usize).map_or("", |person| person.identity.as_str())
    }

    /// A row that the holder wrote names its author.
    pub(super) fn own_row(&mut self, identity: &str, table: &'static str) {
        if self.own_rows.len() < 100 || self.own_rows.contains_key(identity) {
            *self.own_rows.entry(identity.to_owned()).or_default().entry(table).or_default() += 1;
        }
    }

    /// When all rows were seen: who the holder is, and how that is known.
    pub(super) fn find_holder(&mut self) -> HolderKnown {
        if let Some(told) = self.told.clone() {
            self.holder = self.of(&told);
            return HolderKnown::Told;
        }
        let mut found = self.own_rows.iter();
        match (found.next(), found.next()) {
            (None, _) => HolderKnown::No,
            (Some((identity, rows)), None) => {
                let rows = rows.iter().map(|(table, rows)| ((*table).to_owned(), *rows)).collect();
                let identity = identity.clone();
                self.holder = self.of(&identity);
                HolderKnown::ByOwnRows { rows }
            }
            _ => HolderKnown::Contradictory { addresses: self.own_rows.len() as u64 },
        }
    }

    pub(super) fn is_holder(&self, who: Who) -> bool {
        self.holder == Some(who)
    }

    pub(super) fn sender(&self, who: Who) -> Sender {
        if self.is_holder(who) { Sender::Holder } else { Sender::Participant(self.id(who)) }
    }

    pub(super) fn id(&self, who: Who) -> ParticipantId {
        ParticipantId(if self.is_holder(who) { HOLDER.to_owned() } else { self.identity(who).to_owned() })
    }

    /// The record of somebody who is not the holder.
    pub(super) fn participant(&self, who: Who) -> Participant {
        let names = self.all.get(who.0 as usize).map(|person| person.names.clone()).unwrap_or_default();
        Participant { id: self.id(who), is_holder: false, number: None, names, native: vec![self.native(who)] }
    }

    pub(super) fn native(&self, who: Who) -> NativeId {
        NativeId { kind: "threema id".to_owned(), value: self.identity(who).to_owned() }
    }

    pub(super) fn holder(&self) -> Participant {
        let native = self.holder.iter().map(|who| self.native(*who)).collect();
        Participant { id: ParticipantId(HOLDER.to_owned()), is_holder: true, number: None, names: Vec::new(), native }
    }
}
