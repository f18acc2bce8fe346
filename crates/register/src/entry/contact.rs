//! Contacts and groups: whom a key official writes with, as far as the office knows.

use super::{
    Field, Form, Key,
    form::{Check, folded},
    needed, optional,
};
use crate::{Fault, What};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContactKind {
    Intern,
    AndereOrganisatie,
    Inwoner,
    Raadslid,
    #[default]
    Onbekend,
}

/// A person or body that is written with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub kind: ContactKind,
    /// Numbers in international form and native ids of apps.
    pub identifiers: Vec<String>,
    /// First day on which they are of this kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Last day, itself included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupKind {
    Intern,
    AndereOrganisatie,
    Inwoner,
    Raadslid,
    /// Of a council group, as such outside (R27).
    Fractie,
    #[default]
    Onbekend,
}

/// A group chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub kind: GroupKind,
    /// Native ids of apps (`…@g.us`).
    pub identifiers: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
}

pub(super) const FIELDS: &[Field] = &[
    needed("id", Form::Text),
    needed("name", Form::Text),
    optional("kind", Form::One(&["intern", "andere-organisatie", "inwoner", "raadslid", "onbekend"])),
    needed("identifiers", Form::List),
    optional("from", Form::Date),
    optional("to", Form::Date),
];

pub(super) const GROUP_FIELDS: &[Field] = &[
    needed("id", Form::Text),
    needed("name", Form::Text),
    optional("kind", Form::One(&["intern", "andere-organisatie", "inwoner", "raadslid", "fractie", "onbekend"])),
    needed("identifiers", Form::List),
    optional("from", Form::Date),
    optional("to", Form::Date),
];

fn keys(identifiers: &[String]) -> Vec<Key> {
    identifiers.iter().map(|one| ("identifier", one.clone())).collect()
}

impl Contact {
    pub(super) fn keys(&self) -> Vec<Key> {
        let mut keys = keys(&self.identifiers);
        if self.kind == ContactKind::Raadslid {
            keys.push(("raadslid", String::new()));
            keys.push(("name", folded(&self.name)));
        }
        keys
    }

    pub(super) fn check(&self, faults: &mut Vec<Fault>) {
        let mut check = Check(faults);
        check.id("id", &self.id);
        check.needed("name", &self.name);
        if self.identifiers.is_empty() {
            check.fault("identifiers", What::Empty);
        }
        check.identifiers("identifiers", &self.identifiers);
        check.span(self.from, self.to);
    }
}

impl Group {
    pub(super) fn keys(&self) -> Vec<Key> {
        keys(&self.identifiers)
    }

    pub(super) fn check(&self, faults: &mut Vec<Fault>) {
        let mut check = Check(faults);
        check.id("id", &self.id);
        check.needed("name", &self.name);
        if self.identifiers.is_empty() {
            check.fault("identifiers", What::Empty);
        }
        check.identifiers("identifiers", &self.identifiers);
        // A number names a direct conversation, never a group.
        if self.identifiers.iter().any(|one| one.starts_with('+')) {
            check.fault("identifiers", What::NumberOfGroup);
        }
        check.span(self.from, self.to);
    }
}
