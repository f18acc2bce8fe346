//! The app's own contacts (`ContactsV2.sqlite`): names of participants, and the timer that stands with a contact.

use super::lids::number_address;
use crate::{
    ReadError,
    reading::{
        cocoa,
        schema::Schema,
        value::{self, Repairs},
    },
    whatsapp::parties::{book::source, jids::Jids, people::People},
};
use foldhash::HashMap;
use rusqlite::types::ValueRef;
use uitlezen_chat::{EvidenceId, Moment, NameOrigin, Source};

pub(super) const TABLE: &str = "ZWAADDRESSBOOKCONTACT";

/// What a contact's record says of disappearing messages.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ContactTimer {
    /// As it stands; absent for NULL.
    pub(super) raw: Option<String>,
    /// None when it is no number of seconds.
    pub(super) seconds: Option<u64>,
    pub(super) at: Option<Moment>,
    pub(super) source: Source,
}

/// Contacts that are people of conversations.
#[derive(Debug, Default)]
pub(super) struct Contacts {
    timers: HashMap<i64, ContactTimer>,
    /// All rows, of other people too.
    pub(super) rows: Option<u64>,
}

impl Contacts {
    /// Reads names and timers of the people that are known already.
    pub(super) fn load(
        &mut self,
        schema: &Schema<'_>,
        item: EvidenceId,
        repairs: &Repairs,
        jids: &Jids,
        people: &mut People,
    ) -> Result<(), ReadError> {
        let wanted = [
            "zwhatsappid",
            "zlid",
            "zphonenumber",
            "zfullname",
            "zgivenname",
            "zdisappearingmodeduration",
            "zdisappearingmodetimestamp",
            "rowid",
        ];
        let Some(columns) = schema.columns("zwaaddressbookcontact", "c", &wanted) else { return Ok(()) };
        let says = schema.has_column("zwaaddressbookcontact", "zdisappearingmodeduration");
        let mut all = schema.prepare(&format!("SELECT {columns} FROM zwaaddressbookcontact c"))?;
        let mut rows = schema.bounded(all.query([])?);
        let mut count = 0;
        while let Some(row) = rows.next()? {
            count += 1;
            let number = [0, 2].into_iter().find_map(|column| number_address(&repairs.text(row, column)?));
            let lid = || repairs.text(row, 1).map(|lid| if lid.contains('@') { lid } else { format!("{lid}@lid") });
            let known = number.and_then(|address| jids.find(&address)).or_else(|| jids.find(&lid()?));
            let Some(person) = known.and_then(|found| jids.resolved_row(found)) else { continue };
            if let Some(name) = repairs.text(row, 3).or_else(|| repairs.text(row, 4)) {
                people.add(person, &name, NameOrigin::AppContacts);
            }
            if !says {
                continue;
            }
            let seconds = match row.get_ref(5) {
                Ok(ValueRef::Null) => Some(0),
                _ => value::int(row, 5).and_then(|seconds| u64::try_from(seconds).ok()),
            };
            let timer = ContactTimer {
                raw: value::raw(repairs, row, 5),
                seconds,
                at: cocoa::at(row, 6),
                source: source(item, TABLE, value::int(row, 7).unwrap_or_default()),
            };
            // Of two records of one person the one that says more is kept: what is on is never hidden.
            let rank = |timer: &ContactTimer| match timer.seconds {
                Some(0) => 0,
                None => 1,
                Some(_) => 2,
            };
            if self.timers.get(&person).is_none_or(|known| rank(known) < rank(&timer)) {
                self.timers.insert(person, timer);
            }
        }
        self.rows = Some(count);
        Ok(())
    }

    pub(super) fn timer(&self, person: i64) -> Option<&ContactTimer> {
        self.timers.get(&person)
    }
}
