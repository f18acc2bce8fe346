//! Recipients and groups, by their row.

use crate::{
    HolderKnown, ReadError, Summary,
    reading::{
        schema::Schema,
        value::{self, Repairs},
    },
    signal::{
        HOLDER,
        person::{self, Person},
    },
};
use foldhash::HashMap;
use std::collections::BTreeMap;
use uitlezen_chat::{NameOrigin, NativeId, Participant, ParticipantId, Sender};

/// More recipients than anybody has.
const MOST: usize = 1_000_000;

/// A row of `recipient`.
#[derive(Debug)]
pub(super) enum Recipient {
    Person(ParticipantId),
    /// By its `group_id`.
    Group(String),
    /// No id at all.
    Nobody,
}

/// A row of `groups`.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) mark: Option<String>,
    pub(super) title: Option<String>,
    pub(super) active: bool,
    pub(super) created: Option<i64>,
    pub(super) members: Vec<i64>,
}

/// Everybody.
#[derive(Debug, Default)]
pub(super) struct People {
    recipients: HashMap<i64, Recipient>,
    timers: HashMap<i64, Option<u64>>,
    persons: HashMap<ParticipantId, Person>,
    groups: HashMap<String, Group>,
    holder: Person,
    /// The holder's own row.
    own: Option<i64>,
    pub(super) refused: u64,
}

/// Sixteen bytes of a uuid, with whatever stands before it.
fn uuid(text: &str) -> Option<[u8; 16]> {
    let text = text.strip_prefix("PNI:").unwrap_or(text);
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let mut bytes = [0; 16];
    hex::decode_to_slice(digits, &mut bytes).ok()?;
    Some(bytes)
}

/// The first of several names of a column that is there.
pub(super) fn either<'n>(schema: &Schema<'_>, table: &str, names: &[&'n str]) -> &'n str {
    let there = names.iter().find(|name| schema.has_column(table, name));
    there.or(names.first()).copied().unwrap_or_default()
}

impl People {
    pub(super) fn load(schema: &Schema<'_>, repairs: &Repairs, told: Option<&str>) -> Result<Self, ReadError> {
        let mut people = Self { holder: Person { number: told.map(str::to_owned), ..Person::default() }, ..Self::default() };
        let of = |names: &[&'static str]| either(schema, "recipient", names);
        let wanted = [
            "_id",
            of(&["aci", "uuid"]),
            "pni",
            of(&["e164", "phone"]),
            "username",
            "group_id",
            "message_expiration_time",
            of(&["nickname_joined_name"]),
            of(&["system_joined_name", "system_display_name"]),
            of(&["profile_joined_name"]),
            of(&["profile_given_name", "signal_profile_name"]),
            "profile_family_name",
        ];
        if let Some(columns) = schema.columns("recipient", "r", &wanted) {
            let timers = schema.has_column("recipient", "message_expiration_time");
            let mut all = schema.prepare(&format!("SELECT {columns} FROM recipient r ORDER BY r._id"))?;
            let mut rows = schema.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                let Some(id) = value::int(row, 0) else { continue };
                if people.recipients.len() >= MOST {
                    people.refused += 1;
                    continue;
                }
                let timer = value::int(row, 6).map_or(Some(0), |seconds| u64::try_from(seconds).ok());
                people.timers.insert(id, timer.filter(|_| timers));
                if let Some(group) = repairs.text(row, 5) {
                    people.recipients.insert(id, Recipient::Group(group));
                    continue;
                }
                let mut found = Person {
                    aci: repairs.text(row, 1).as_deref().and_then(uuid),
                    pni: repairs.text(row, 2).as_deref().and_then(uuid),
                    number: repairs.text(row, 3).filter(|number| number.starts_with('+')),
                    username: repairs.text(row, 4),
                    names: Vec::new(),
                };
                found.name(repairs.text(row, 7).unwrap_or_default(), NameOrigin::AppContacts);
                found.name(repairs.text(row, 8).unwrap_or_default(), NameOrigin::PhoneContacts);
                let joined = repairs.text(row, 9);
                let parts = || person::full(repairs.text(row, 10).as_deref(), repairs.text(row, 11).as_deref());
                found.name(joined.unwrap_or_else(parts), NameOrigin::PushName);
                let kind = match found.id() {
                    Some(known) => {
                        people.persons.entry(known.clone()).or_insert(found);
                        Recipient::Person(known)
                    }
                    None => Recipient::Nobody,
                };
                people.recipients.insert(id, kind);
            }
        }
        people.groups(schema, repairs)?;
        Ok(people)
    }

    fn groups(&mut self, schema: &Schema<'_>, repairs: &Repairs) -> Result<(), ReadError> {
        // What stands in `master_key` here is its mark: see `intake`.
        let wanted = ["group_id", "title", "master_key", "active", "timestamp"];
        if let Some(columns) = schema.columns("groups", "g", &wanted) {
            let mut all = schema.prepare(&format!("SELECT {columns} FROM groups g"))?;
            let mut rows = schema.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                let Some(id) = repairs.text(row, 0) else { continue };
                let group = Group {
                    title: repairs.text(row, 1),
                    mark: repairs.text(row, 2),
                    active: value::int(row, 3) != Some(0),
                    created: value::positive(row, 4),
                    members: Vec::new(),
                };
                self.groups.insert(id, group);
            }
        }
        let Some(columns) = schema.columns("group_membership", "m", &["group_id", "recipient_id"]) else { return Ok(()) };
        let mut all = schema.prepare(&format!("SELECT {columns} FROM group_membership m"))?;
        let mut rows = schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let (Some(group), Some(member)) = (repairs.text(row, 0), value::int(row, 1)) else { continue };
            if let Some(group) = self.groups.get_mut(&group) {
                group.members.push(member);
            }
        }
        Ok(())
    }

    /// Newer databases name the sender of each row, also of those that the holder sent: whoever sent all of them is the holder.
    pub(super) fn find_holder(&mut self, schema: &Schema<'_>, summary: &mut Summary) -> Result<(), ReadError> {
        let told = self.holder.number.is_some();
        if told {
            summary.holder = HolderKnown::Told;
        }
        if schema.columns("message", "m", &["from_recipient_id", "type"]).is_none()
            || !schema.has_column("message", "from_recipient_id")
        {
            return Ok(());
        }
        let mut senders: BTreeMap<i64, u64> = BTreeMap::new();
        let mut all = schema.prepare("SELECT m.from_recipient_id, m.type FROM message m")?;
        let mut rows = schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let (Some(from), Some(kind)) = (value::int(row, 0), value::int(row, 1)) else { continue };
            if super::kinds::is_outgoing(kind) && (senders.len() < 100 || senders.contains_key(&from)) {
                *senders.entry(from).or_default() += 1;
            }
        }
        let found = match (senders.len(), senders.first_key_value()) {
            (1, Some((own, rows))) => {
                self.own = Some(*own);
                HolderKnown::ByOwnRows { rows: BTreeMap::from([("message".to_owned(), *rows)]) }
            }
            (0, _) => HolderKnown::No,
            (n, _) => HolderKnown::Contradictory { addresses: n as u64 },
        };
        if let Some(Recipient::Person(id)) = self.own.and_then(|own| self.recipients.get(&own))
            && let Some(known) = self.persons.get(id)
        {
            let number = self.holder.number.take();
            self.holder = known.clone();
            self.holder.number = number.or(self.holder.number.take());
        }
        if !told {
            summary.holder = found;
        }
        Ok(())
    }

    pub(super) fn is_own(&self, row: i64) -> bool {
        self.own == Some(row)
    }

    pub(super) fn recipient(&self, row: i64) -> Option<&Recipient> {
        self.recipients.get(&row)
    }

    /// Seconds of the timer of whoever or whatever has this row. The outer: the row is there; the inner: it says so.
    pub(super) fn timer(&self, row: i64) -> Option<Option<u64>> {
        self.timers.get(&row).copied()
    }

    pub(super) fn group(&self, id: &str) -> Option<&Group> {
        self.groups.get(id)
    }

    pub(super) fn id(&self, row: i64) -> Option<ParticipantId> {
        if self.is_own(row) {
            return Some(ParticipantId(HOLDER.to_owned()));
        }
        match self.recipients.get(&row)? {
            Recipient::Person(id) => Some(id.clone()),
            Recipient::Nobody => Some(ParticipantId(format!("recipient:{row}"))),
            Recipient::Group(_) => None,
        }
    }

    pub(super) fn sender(&self, row: Option<i64>) -> Sender {
        row.and_then(|row| self.id(row)).map_or(Sender::Unknown, person::sender)
    }

    pub(super) fn participant(&self, id: &ParticipantId) -> Participant {
        if id.0 == HOLDER {
            return self.holder.participant(id.clone());
        }
        match self.persons.get(id) {
            Some(person) => person.participant(id.clone()),
            None => person::stranger(id),
        }
    }

    pub(super) fn native(&self, id: &ParticipantId) -> Vec<NativeId> {
        self.persons.get(id).map(Person::native).unwrap_or_default()
    }
}
