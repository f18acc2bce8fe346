//! Names: from wa.db, the app's own tables, the phone's address book and the increments, each with its origin.
//!
//! wa.db in a backup is often nearly empty (`reference/android.md §2.7`), so no name is ever required. The phone's address
//! book is asked only for people who take part in a conversation.

use super::{
    ReadError,
    jids::{JidKind, Jids},
};
use crate::reading::{
    schema::Schema,
    value::{self, Repairs},
};
use foldhash::HashMap;
use uitlezen_chat::{NameOrigin, NativeId, Participant, ParticipantId, ParticipantName, Sender};

/// Most rows taken from the contact tables.
const MOST_CONTACTS: u64 = 500_000;

/// The holder's [`ParticipantId`] in every conversation.
pub const HOLDER: &str = "holder";

/// Kind of the native id of a number that somebody had before.
const FORMER: &str = "former phone-number jid";

/// The phone's address book, asked by number. Only participants are ever asked for.
pub trait PhoneContacts {
    /// The name stored with `number` (international form, `+` and digits), if any.
    fn name(&self, number: &str) -> Option<String>;
}

/// An address book as a map from international number (`+31612345678`) to name.
impl PhoneContacts for std::collections::HashMap<String, String> {
    fn name(&self, number: &str) -> Option<String> {
        self.get(number).cloned()
    }
}

/// Names by resolved jid row, and who the holder is.
#[derive(Debug, Default)]
pub(crate) struct People {
    names: HashMap<i64, Vec<ParticipantName>>,
    /// The other's default timer in seconds, by resolved jid row.
    pub default_timers: HashMap<i64, u64>,
    holder_row: Option<i64>,
    holder_name: Option<String>,
    /// Numbers that a person had before, by the resolved row of the later one.
    former: HashMap<i64, Vec<String>>,
    /// Descriptions of groups, by resolved row of the group.
    pub descriptions: HashMap<i64, String>,
    pub contacts: Option<u64>,
}

/// A name that only hides one ("+91∙∙∙∙57") is no name.
fn masked(name: &str) -> bool {
    name.contains('\u{2219}') || name.contains('\u{2022}') || !name.chars().any(char::is_alphanumeric)
}

impl People {
    pub(crate) fn add(&mut self, row: i64, name: &str, origin: NameOrigin) {
        let name = name.trim();
        if name.is_empty() || (origin != NameOrigin::AppContacts && masked(name)) {
            return;
        }
        let names = self.names.entry(row).or_default();
        if names.len() < 16 && !names.iter().any(|n| n.name == name) {
            names.push(ParticipantName { name: name.to_owned(), origin });
        } else if let Some(same) = names.iter_mut().find(|n| n.name == name) {
            same.origin = same.origin.min(origin);
        }
    }

    pub(crate) fn set_holder(&mut self, row: Option<i64>, push_name: Option<String>) {
        self.holder_row = row.or(self.holder_row);
        self.holder_name = push_name.or_else(|| self.holder_name.take());
    }

    pub(crate) fn holder_is_known(&self) -> bool {
        self.holder_row.is_some()
    }

    /// Notes that a person had another number before. It stays visible with them, and is nobody of its own.
    pub(crate) fn had(&mut self, jids: &Jids, old: i64, new: i64) {
        let (Some(before), Some(after)) = (jids.resolve(old), jids.resolved_row(new)) else { return };
        let former = self.former.entry(after).or_default();
        if jids.resolved_row(old) != Some(after) && former.len() < 64 && !former.contains(&before.address) {
            former.push(before.address.clone());
        }
    }

    /// A group's description; what was noted first stays.
    pub(crate) fn describe(&mut self, group: i64, description: &str) {
        if !description.trim().is_empty() {
            self.descriptions.entry(group).or_insert_with(|| description.to_owned());
        }
    }

    pub(crate) fn load_own(&mut self, schema: &Schema<'_>, jids: &Jids, repairs: &Repairs) -> Result<(), ReadError> {
        if let Some(columns) = schema.columns("props", "p", &["key", "value"]) {
            let mut all = schema.prepare(&format!("SELECT {columns} FROM props p"))?;
            let mut rows = schema.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                if repairs.text(row, 0).as_deref() == Some("user_push_name") {
                    self.set_holder(None, repairs.text(row, 1));
                }
            }
        }
        if let Some(columns) = schema.columns("lid_display_name", "d", &["lid_row_id", "display_name", "username"]) {
            let mut all = schema.prepare(&format!("SELECT {columns} FROM lid_display_name d LIMIT {MOST_CONTACTS}"))?;
            let mut rows = schema.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                let Some(person) = value::int(row, 0).and_then(|lid| jids.resolved_row(lid)) else { continue };
                for name in [repairs.text(row, 1), repairs.text(row, 2)].into_iter().flatten() {
                    self.add(person, &name, NameOrigin::AppDirectory);
                }
            }
        }
        Ok(())
    }

    pub(crate) fn load_contacts(&mut self, wa: &Schema<'_>, jids: &Jids, repairs: &Repairs) -> Result<(), ReadError> {
        let wanted = [
            "jid",
            "display_name",
            "given_name",
            "family_name",
            "wa_name",
            "nickname",
            "disappearing_mode_duration",
            "verified_name",
        ];
        if let Some(columns) = wa.columns("wa_contacts", "c", &wanted) {
            let mut count = 0;
            let mut all = wa.prepare(&format!("SELECT {columns} FROM wa_contacts c LIMIT {MOST_CONTACTS}"))?;
            let mut rows = wa.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                count += 1;
                let Some(person) = repairs.text(row, 0).and_then(|jid| jids.find(&jid)).and_then(|r| jids.resolved_row(r)) else {
                    continue;
                };
                let full = match (repairs.text(row, 2), repairs.text(row, 3)) {
                    (Some(given), Some(family)) => Some(format!("{given} {family}")),
                    (given, family) => given.or(family),
                };
                for name in [repairs.text(row, 1).or(full), repairs.text(row, 5)].into_iter().flatten() {
                    self.add(person, &name, NameOrigin::AppContacts);
                }
                if let Some(name) = repairs.text(row, 7) {
                    self.add(person, &name, NameOrigin::Verified);
                }
                if let Some(name) = repairs.text(row, 4) {
                    self.add(person, &name, NameOrigin::PushName);
                }
                if let Some(seconds) = value::unsigned(row, 6) {
                    self.default_timers.insert(person, seconds);
                }
            }
            self.contacts = Some(count);
        }
        if let Some(columns) = wa.columns("wa_group_descriptions", "d", &["jid", "description"]) {
            let mut all = wa.prepare(&format!("SELECT {columns} FROM wa_group_descriptions d LIMIT {MOST_CONTACTS}"))?;
            let mut rows = wa.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                let group = repairs.text(row, 0).and_then(|jid| jids.find(&jid)).and_then(|r| jids.resolved_row(r));
                if let (Some(group), Some(description)) = (group, repairs.text(row, 1)) {
                    self.describe(group, &description);
                }
            }
        }
        if let Some(columns) = wa.columns("wa_vnames", "v", &["jid", "verified_name"]) {
            let mut all = wa.prepare(&format!("SELECT {columns} FROM wa_vnames v LIMIT {MOST_CONTACTS}"))?;
            let mut rows = wa.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                let person = repairs.text(row, 0).and_then(|jid| jids.find(&jid)).and_then(|r| jids.resolved_row(r));
                if let (Some(person), Some(name)) = (person, repairs.text(row, 1)) {
                    self.add(person, &name, NameOrigin::Verified);
                }
            }
        }
        Ok(())
    }

    /// The sender behind a jid row of any table; `None` when the row points nowhere.
    pub(crate) fn sender(&self, jids: &Jids, row: i64) -> Option<Sender> {
        let jid = jids.resolve(row)?;
        // Old databases write the holder among the participants of a group as an empty jid.
        if self.holder_row == Some(jid.first) || jid.user.is_empty() {
            return Some(Sender::Holder);
        }
        if jid.user == "0" && jid.kind() == JidKind::Person {
            return Some(Sender::App);
        }
        Some(Sender::Participant(ParticipantId(jid.address.clone())))
    }

    /// The name best suited to stand for a conversation or a card.
    #[cfg(test)]
    pub(crate) fn names(&self, row: i64) -> &[ParticipantName] {
        self.names.get(&row).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn participant(&self, jids: &Jids, row: i64, contacts: Option<&dyn PhoneContacts>) -> Option<Participant> {
        let person = jids.resolved_row(row)?;
        let jid = jids.get(person)?;
        let number = jid.number();
        let mut names = self.names.get(&person).cloned().unwrap_or_default();
        if let (Some(book), Some(number)) = (contacts, &number)
            && let Some(name) = book.name(number)
            && !name.trim().is_empty()
        {
            names.push(ParticipantName { name: name.trim().to_owned(), origin: NameOrigin::PhoneContacts });
        }
        names.sort_by_key(|n| n.origin);
        names.dedup_by(|later, first| later.name == first.name);
        let mut native = vec![NativeId { kind: jid.kind_name().to_owned(), value: jid.address.clone() }];
        if let Some(lid) = jids.lid_of(person) {
            native.push(NativeId { kind: lid.kind_name().to_owned(), value: lid.address.clone() });
        }
        let former = self.former.get(&person).into_iter().flatten();
        native.extend(former.map(|address| NativeId { kind: FORMER.to_owned(), value: address.clone() }));
        Some(Participant { id: ParticipantId(jid.address.clone()), is_holder: false, number, names, native })
    }

    pub(crate) fn holder(&self, jids: &Jids) -> Participant {
        let jid = self.holder_row.and_then(|row| jids.get(row));
        let names = self.holder_name.iter().map(|n| ParticipantName { name: n.clone(), origin: NameOrigin::PushName }).collect();
        let lid = self.holder_row.and_then(|row| jids.lid_of(row));
        let native =
            jid.iter().chain(&lid).map(|j| NativeId { kind: j.kind_name().to_owned(), value: j.address.clone() }).collect();
        Participant { id: ParticipantId(HOLDER.to_owned()), is_holder: true, number: jid.and_then(|j| j.number()), names, native }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masked_names_are_no_names_and_the_most_trusted_origin_wins() {
        let mut people = People::default();
        people.add(1, "+91\u{2219}\u{2219}\u{2219}57", NameOrigin::AppDirectory);
        people.add(1, "Jan", NameOrigin::PushName);
        people.add(1, "Jan", NameOrigin::AppContacts);
        people.add(1, "  ", NameOrigin::AppContacts);
        assert_eq!(people.names(1), [ParticipantName { name: "Jan".into(), origin: NameOrigin::AppContacts }]);
    }
}
