//! Decisions about what is left out: whole conversations, for a time, never single messages.

use super::{
    Field, Form, Key,
    form::{Check, folded},
    needed, optional,
};
use crate::{Fault, What};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uitlezen_check::separation::Class;

/// What the conversation with one contact, or in one group, is from one day to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Stands in reports in place of a name.
    pub number: u64,
    /// The contact whose direct conversation it is; else `group`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Serial number of the one phone it is about; absent: every phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    pub class: Class,
    /// First day, in the time of the Netherlands; absent: from the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Last day, itself included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    pub decider: String,
    /// Who agreed: needed where a class leaves something out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second: Option<String>,
    pub reason: String,
    pub date: Date,
}

pub(super) const FIELDS: &[Field] = &[
    needed("number", Form::Number),
    optional("contact", Form::Text),
    optional("group", Form::Text),
    optional("phone", Form::Text),
    needed("class", Form::One(&["zakelijk", "prive", "partijpolitiek", "gemengd", "onbekend"])),
    optional("from", Form::Date),
    optional("to", Form::Date),
    needed("decider", Form::Text),
    optional("second", Form::Text),
    needed("reason", Form::Text),
    needed("date", Form::Date),
];

/// The key of decisions about every phone.
pub(crate) const EVERY_PHONE: &str = "*";

impl Decision {
    /// Whether it leaves messages out.
    #[must_use]
    pub fn excludes(&self) -> bool {
        matches!(self.class, Class::Prive | Class::Partijpolitiek)
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        let mut keys = vec![("on", self.phone.clone().unwrap_or_else(|| EVERY_PHONE.to_owned()))];
        keys.extend(self.contact.iter().map(|id| ("contact", id.clone())));
        keys.extend(self.group.iter().map(|id| ("group", id.clone())));
        keys
    }

    pub(super) fn check(&self, faults: &mut Vec<Fault>) {
        let mut check = Check(faults);
        if self.number == 0 || self.number > u64::from(u32::MAX) {
            check.fault("number", What::Id);
        }
        match (&self.contact, &self.group) {
            (Some(id), None) => check.id("contact", id),
            (None, Some(id)) => check.id("group", id),
            _ => check.fault("contact", What::OneSubject),
        }
        if let Some(serial) = &self.phone {
            check.id("phone", serial);
        }
        check.span(self.from, self.to);
        check.needed("decider", &self.decider);
        check.needed("reason", &self.reason);
        check.optional("second", self.second.as_deref());
        let second = self.second.as_deref().map(folded);
        if self.excludes() && second.as_deref().is_none_or(str::is_empty) {
            check.fault("second", What::SecondPerson);
        } else if second.is_some_and(|second| second == folded(&self.decider)) {
            check.fault("second", What::SamePerson);
        }
    }
}
