//! Rules between entries: who names whom, whose number is whose, and that nothing of a council member is registered (R27).
//!
//! Checked over what a change touched, after all of it was put: the order of lines in a file does not matter.

use crate::{Contact, ContactKind, Decision, Entry, Fault, Kind, Official, Refused, RegisterError, View, What, folded};
use jiff::civil::Date;
use std::collections::BTreeMap;

type Period = (Option<Date>, Option<Date>);

fn overlap(a: Period, b: Period) -> bool {
    let before = |end: Option<Date>, begin: Option<Date>| matches!((end, begin), (Some(end), Some(begin)) if end < begin);
    !before(a.1, b.0) && !before(b.1, a.0)
}

fn term(official: &Official) -> Period {
    (Some(official.from), official.to)
}

pub(crate) fn check(
    view: View<'_>,
    touched: &BTreeMap<(Kind, String), Option<usize>>,
    refused: &mut Vec<Refused>,
) -> Result<(), RegisterError> {
    for ((kind, id), line) in touched {
        let mut faults = Vec::new();
        match view.standing(*kind, id)? {
            Some(standing) if standing.ended => still_named(view, *kind, id, &mut faults)?,
            Some(standing) => match &standing.entry {
                Entry::Organisation(_) => {}
                Entry::Official(official) => of_official(view, official, &mut faults)?,
                Entry::Phone(phone) => of_phone(view, phone, &mut faults)?,
                Entry::Account(account) => exists(view, "phone", Kind::Phone, &account.phone, &mut faults)?,
                Entry::Contact(contact) => of_contact(view, contact, &mut faults)?,
                Entry::Group(group) => {
                    let own = (Kind::Group, group.id.as_str(), (group.from, group.to));
                    taken(view, own, &group.identifiers, &mut faults)?;
                }
                Entry::Decision(decision) => of_decision(view, decision, &mut faults)?,
            },
            None => {}
        }
        for fault in faults {
            refused.push(Refused { line: *line, kind: Some(*kind), id: id.clone(), fault });
        }
    }
    Ok(())
}

fn exists(view: View<'_>, field: &'static str, kind: Kind, id: &str, faults: &mut Vec<Fault>) -> Result<(), RegisterError> {
    if view.get(kind, id)?.is_none() {
        faults.push(Fault { field, what: What::Unknown { kind, id: id.to_owned() } });
    }
    Ok(())
}

/// An entry that has ended may not be named by one that counts.
fn still_named(view: View<'_>, kind: Kind, id: &str, faults: &mut Vec<Fault>) -> Result<(), RegisterError> {
    let names: &[&str] = match kind {
        Kind::Official => &["official"],
        Kind::Phone => &["phone", "on"],
        Kind::Contact => &["contact"],
        Kind::Group => &["group"],
        Kind::Organisation | Kind::Account | Kind::Decision => &[],
    };
    for name in names {
        for (kind, by) in view.named(name, id)? {
            faults.push(Fault { field: kind.id_field(), what: What::InUse { kind, id: by } });
        }
    }
    Ok(())
}

fn of_official(view: View<'_>, official: &Official, faults: &mut Vec<Fault>) -> Result<(), RegisterError> {
    for entry in view.entries_named(Kind::Contact, "name", &folded(&official.name))? {
        if let Entry::Contact(contact) = entry
            && is_councillor(&contact, term(official))
        {
            faults.push(Fault { field: "name", what: What::Councillor });
        }
    }
    // A term that grows may meet the time in which somebody with the phone's number sits in the council.
    for entry in view.entries_named(Kind::Phone, "official", &official.id)? {
        if let Entry::Phone(phone) = entry
            && let Some(number) = &phone.number
            && councillor_number(view, number, term(official))?
        {
            faults.push(Fault { field: "id", what: What::Councillor });
        }
    }
    Ok(())
}

fn is_councillor(contact: &Contact, during: Period) -> bool {
    contact.kind == ContactKind::Raadslid && overlap((contact.from, contact.to), during)
}

/// Whether a number is a council member's at some day of a period.
fn councillor_number(view: View<'_>, number: &str, during: Period) -> Result<bool, RegisterError> {
    let contacts = view.entries_named(Kind::Contact, "identifier", number)?;
    Ok(contacts.iter().any(|entry| matches!(entry, Entry::Contact(contact) if is_councillor(contact, during))))
}

fn of_phone(view: View<'_>, phone: &crate::Phone, faults: &mut Vec<Fault>) -> Result<(), RegisterError> {
    exists(view, "official", Kind::Official, &phone.official, faults)?;
    let Some(Entry::Official(official)) = view.get(Kind::Official, &phone.official)? else { return Ok(()) };
    let Some(number) = &phone.number else { return Ok(()) };
    if councillor_number(view, number, term(&official))? {
        faults.push(Fault { field: "number", what: What::Councillor });
    }
    for entry in view.entries_named(Kind::Phone, "identifier", number)? {
        if entry.id() != phone.serial {
            faults.push(Fault { field: "number", what: What::Taken { kind: Kind::Phone, id: entry.id() } });
        }
    }
    Ok(())
}

fn of_contact(view: View<'_>, contact: &Contact, faults: &mut Vec<Fault>) -> Result<(), RegisterError> {
    let own = (Kind::Contact, contact.id.as_str(), (contact.from, contact.to));
    taken(view, own, &contact.identifiers, faults)?;
    if contact.kind != ContactKind::Raadslid {
        return Ok(());
    }
    let period = (contact.from, contact.to);
    for identifier in &contact.identifiers {
        for entry in view.entries_named(Kind::Phone, "identifier", identifier)? {
            if let Entry::Phone(phone) = entry
                && let Some(Entry::Official(official)) = view.get(Kind::Official, &phone.official)?
                && overlap(term(&official), period)
            {
                faults.push(Fault { field: "identifiers", what: What::Councillor });
            }
        }
    }
    for entry in view.entries_named(Kind::Official, "name", &folded(&contact.name))? {
        if let Entry::Official(official) = entry
            && overlap(term(&official), period)
        {
            faults.push(Fault { field: "name", what: What::Councillor });
        }
    }
    Ok(())
}

/// One number names one contact at a time, one native id one group.
fn taken(
    view: View<'_>,
    (kind, id, period): (Kind, &str, Period),
    identifiers: &[String],
    faults: &mut Vec<Fault>,
) -> Result<(), RegisterError> {
    for identifier in identifiers {
        for entry in view.entries_named(kind, "identifier", identifier)? {
            let other = match &entry {
                Entry::Contact(other) if other.id != id => (other.from, other.to),
                Entry::Group(other) if other.id != id => (other.from, other.to),
                _ => continue,
            };
            if overlap(other, period) {
                faults.push(Fault { field: "identifiers", what: What::Taken { kind, id: entry.id() } });
            }
        }
    }
    Ok(())
}

fn of_decision(view: View<'_>, decision: &Decision, faults: &mut Vec<Fault>) -> Result<(), RegisterError> {
    if let Some(contact) = &decision.contact {
        exists(view, "contact", Kind::Contact, contact, faults)?;
    }
    if let Some(group) = &decision.group {
        exists(view, "group", Kind::Group, group, faults)?;
    }
    if let Some(phone) = &decision.phone {
        exists(view, "phone", Kind::Phone, phone, faults)?;
    }
    Ok(())
}
