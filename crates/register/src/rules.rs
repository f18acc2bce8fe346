//! What of a phone is left out, as the reader applies it: the register's decisions in `check`'s form.

use crate::{ContactKind, Decision, Entry, Kind, RegisterError, View};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};
use uitlezen_check::separation::{self, Decided, Known, Rules};

/// Days in the register are days in the Netherlands.
static ZONE: LazyLock<Option<TimeZone>> = LazyLock::new(|| TimeZone::get("Europe/Amsterdam").ok());

const DAMAGED: RegisterError = RegisterError::Damaged("a date");

fn begin(day: Date) -> Result<Timestamp, RegisterError> {
    let zone = ZONE.clone().ok_or(DAMAGED)?;
    Ok(day.to_zoned(zone).map_err(|_| DAMAGED)?.timestamp())
}

/// From the first moment of the first day to the first moment after the last.
fn span(from: Option<Date>, to: Option<Date>) -> Result<separation::Span, RegisterError> {
    // The last day that there is has no day after it: it is open.
    let after = to.and_then(|day| day.tomorrow().ok());
    Ok(separation::Span { from: from.map(begin).transpose()?, to: after.map(begin).transpose()? })
}

impl View<'_> {
    /// The rules for one phone. Council members and officials matter only on a phone of neither (R28); for a registered
    /// phone they are left away.
    pub fn rules(&self, serial: &str) -> Result<Rules, RegisterError> {
        let registered = self.get(Kind::Phone, serial)?.is_some();
        let mut rules = Rules {
            policy: self.organisation()?.map(|o| o.policy).unwrap_or_default(),
            decided: self.decided(serial)?,
            phone_of_official: registered,
            ..Rules::default()
        };
        if !registered {
            rules.councillors = self.councillors()?;
            rules.officials = self.officials()?;
        }
        Ok(rules)
    }

    fn decided(&self, serial: &str) -> Result<Vec<Decided>, RegisterError> {
        let mut by_subject: BTreeMap<(Kind, String), Vec<Decision>> = BTreeMap::new();
        for entry in self.decisions_on(serial)? {
            let Entry::Decision(decision) = entry else { continue };
            let subject = match (&decision.contact, &decision.group) {
                (Some(contact), _) => (Kind::Contact, contact.clone()),
                (None, Some(group)) => (Kind::Group, group.clone()),
                (None, None) => continue,
            };
            by_subject.entry(subject).or_default().push(decision);
        }
        let mut decided = Vec::with_capacity(by_subject.len());
        for ((kind, id), mut decisions) in by_subject {
            let identifiers = match self.get(kind, &id)? {
                Some(Entry::Contact(contact)) => contact.identifiers,
                Some(Entry::Group(group)) => group.identifiers,
                _ => continue,
            };
            // The later decision wins; one about this phone wins from one of the same day about every phone.
            decisions.sort_by_key(|d| (d.date, d.phone.is_some(), d.number));
            let decisions = decisions
                .into_iter()
                .map(|d| Ok(separation::Decision { rule: d.number, class: d.class, span: span(d.from, d.to)? }))
                .collect::<Result<_, RegisterError>>()?;
            decided.push(Decided { identifiers, decisions });
        }
        Ok(decided)
    }

    fn councillors(&self) -> Result<Vec<Known>, RegisterError> {
        let contacts = self.entries_named(Kind::Contact, "raadslid", "")?;
        contacts
            .into_iter()
            .filter_map(|entry| match entry {
                Entry::Contact(contact) if contact.kind == ContactKind::Raadslid => Some(contact),
                _ => None,
            })
            .map(|contact| Ok(Known { identifiers: contact.identifiers, span: span(contact.from, contact.to)? }))
            .collect()
    }

    /// Whoever has a phone, under its number and its accounts. Each table is gone through once: a question for every phone
    /// took twice as long.
    fn officials(&self) -> Result<Vec<Known>, RegisterError> {
        let mut officials = HashMap::new();
        self.each_current(Kind::Official, |entry| {
            if let Entry::Official(official) = entry {
                let span = span(Some(official.from), official.to)?;
                officials.insert(official.id, span);
            }
            Ok(())
        })?;
        let mut handles: HashMap<String, Vec<String>> = HashMap::new();
        self.each_current(Kind::Account, |entry| {
            if let Entry::Account(account) = entry {
                handles.entry(account.phone).or_default().push(account.handle);
            }
            Ok(())
        })?;
        let mut known = Vec::new();
        self.each_current(Kind::Phone, |entry| {
            if let Entry::Phone(phone) = entry
                && let Some(span) = officials.get(&phone.official)
            {
                let mut identifiers: Vec<String> = phone.number.into_iter().collect();
                identifiers.extend(handles.remove(&phone.serial).unwrap_or_default());
                if !identifiers.is_empty() {
                    known.push(Known { identifiers, span: *span });
                }
            }
            Ok(())
        })?;
        Ok(known)
    }

    fn each_current(&self, kind: Kind, mut each: impl FnMut(Entry) -> Result<(), RegisterError>) -> Result<(), RegisterError> {
        self.each(kind, |standing| if standing.ended { Ok(()) } else { each(standing.entry) })
    }
}
