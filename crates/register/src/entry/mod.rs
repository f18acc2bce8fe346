//! What stands in the register: one type a kind, each with the rules that it must keep by itself. Rules between entries are
//! in [`crate::coherence`].
//!
//! Fields are English, values of closed lists Dutch, as in plans. An entry is stored, imported and exported by its serde form;
//! unknown fields are refused.

mod contact;
mod decision;
mod form;
mod official;
mod organisation;
mod phone;

pub use contact::{Contact, ContactKind, Group, GroupKind};
pub use decision::Decision;
pub(crate) use decision::EVERY_PHONE;
pub use form::{IdentifierFault, LONGEST_LIST, LONGEST_TEXT, identifier, normal};
pub use official::{Appraisal, Official, is_of_the_council};
pub use organisation::{FULL_RUN_WEEKS, ORGANISATION, Organisation, Rubricering};
pub use phone::{Account, AccountKind, Phone, Platform};

use crate::Fault;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// The kinds of entries, in the order in which they refer to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Organisation,
    Official,
    Phone,
    Account,
    Contact,
    Group,
    Decision,
}

/// How a field stands in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Text,
    /// Several texts, in a table divided by `|`.
    List,
    Number,
    /// `2026-11-28`.
    Date,
    /// One of a closed list.
    One(&'static [&'static str]),
}

/// A field of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub form: Form,
    pub needed: bool,
}

const fn needed(name: &'static str, form: Form) -> Field {
    Field { name, form, needed: true }
}

const fn optional(name: &'static str, form: Form) -> Field {
    Field { name, form, needed: false }
}

impl Kind {
    pub const ALL: [Self; 7] =
        [Self::Organisation, Self::Official, Self::Phone, Self::Account, Self::Contact, Self::Group, Self::Decision];

    /// As it is stored, and named in a ledger line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Official => "official",
            Self::Phone => "phone",
            Self::Account => "account",
            Self::Contact => "contact",
            Self::Group => "group",
            Self::Decision => "decision",
        }
    }

    /// The name of its table in TOML and on the command line.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Official => "officials",
            Self::Phone => "phones",
            Self::Account => "accounts",
            Self::Contact => "contacts",
            Self::Group => "groups",
            Self::Decision => "decisions",
        }
    }

    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word || kind.plural() == word)
    }

    /// The field that names an entry of this kind; the organisation is one and has none.
    #[must_use]
    pub fn id_field(self) -> &'static str {
        match self {
            Self::Organisation => "name",
            Self::Phone => "serial",
            Self::Decision => "number",
            _ => "id",
        }
    }

    /// The fields, in the order of the columns of a table.
    #[must_use]
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::Organisation => organisation::FIELDS,
            Self::Official => official::FIELDS,
            Self::Phone => phone::FIELDS,
            Self::Account => phone::ACCOUNT_FIELDS,
            Self::Contact => contact::FIELDS,
            Self::Group => contact::GROUP_FIELDS,
            Self::Decision => decision::FIELDS,
        }
    }
}

/// One entry of any kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    Organisation(Organisation),
    Official(Official),
    Phone(Phone),
    Account(Account),
    Contact(Contact),
    Group(Group),
    Decision(Decision),
}

/// Under which names an entry is looked up: what kind of name, and the name.
pub(crate) type Key = (&'static str, String);

impl Entry {
    /// From the imported form.
    ///
    /// Errors: the first field that is missing, unknown or of a wrong value, in the words of serde.
    pub fn from_value(kind: Kind, value: Value) -> Result<Self, serde_json::Error> {
        Self::from(kind, value)
    }

    /// From the stored form.
    pub(crate) fn from_text(kind: Kind, text: &str) -> Result<Self, serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(text);
        let entry = Self::from(kind, &mut json)?;
        json.end()?;
        Ok(entry)
    }

    fn from<'de, D: Deserializer<'de>>(kind: Kind, form: D) -> Result<Self, D::Error> {
        Ok(match kind {
            Kind::Organisation => Self::Organisation(Organisation::deserialize(form)?),
            Kind::Official => Self::Official(Official::deserialize(form)?),
            Kind::Phone => Self::Phone(Phone::deserialize(form)?),
            Kind::Account => Self::Account(Account::deserialize(form)?),
            Kind::Contact => Self::Contact(Contact::deserialize(form)?),
            Kind::Group => Self::Group(Group::deserialize(form)?),
            Kind::Decision => Self::Decision(Decision::deserialize(form)?),
        })
    }

    pub fn to_value(&self) -> Result<Value, serde_json::Error> {
        match self {
            Self::Organisation(e) => serde_json::to_value(e),
            Self::Official(e) => serde_json::to_value(e),
            Self::Phone(e) => serde_json::to_value(e),
            Self::Account(e) => serde_json::to_value(e),
            Self::Contact(e) => serde_json::to_value(e),
            Self::Group(e) => serde_json::to_value(e),
            Self::Decision(e) => serde_json::to_value(e),
        }
    }

    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Organisation(_) => Kind::Organisation,
            Self::Official(_) => Kind::Official,
            Self::Phone(_) => Kind::Phone,
            Self::Account(_) => Kind::Account,
            Self::Contact(_) => Kind::Contact,
            Self::Group(_) => Kind::Group,
            Self::Decision(_) => Kind::Decision,
        }
    }

    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Organisation(_) => ORGANISATION.to_owned(),
            Self::Official(e) => e.id.clone(),
            Self::Phone(e) => e.serial.clone(),
            Self::Account(e) => e.id.clone(),
            Self::Contact(e) => e.id.clone(),
            Self::Group(e) => e.id.clone(),
            Self::Decision(e) => e.number.to_string(),
        }
    }

    /// Puts numbers and texts into the one form in which they are compared.
    pub fn normalise(&mut self) {
        match self {
            Self::Phone(e) => e.number = e.number.take().map(|n| normal(&n)),
            Self::Account(e) => e.handle = normal(&e.handle),
            Self::Contact(e) => form::normal_list(&mut e.identifiers),
            Self::Group(e) => form::normal_list(&mut e.identifiers),
            Self::Organisation(_) | Self::Official(_) | Self::Decision(_) => {}
        }
    }

    /// Everything that is wrong with it by itself.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        match self {
            Self::Organisation(e) => e.check(&mut faults),
            Self::Official(e) => e.check(&mut faults),
            Self::Phone(e) => e.check(&mut faults),
            Self::Account(e) => e.check(&mut faults),
            Self::Contact(e) => e.check(&mut faults),
            Self::Group(e) => e.check(&mut faults),
            Self::Decision(e) => e.check(&mut faults),
        }
        faults
    }

    pub(crate) fn keys(&self) -> Vec<Key> {
        match self {
            Self::Organisation(_) => Vec::new(),
            Self::Official(e) => vec![("name", folded(&e.name))],
            Self::Phone(e) => e.keys(),
            Self::Account(e) => vec![("phone", e.phone.clone()), ("identifier", e.handle.clone())],
            Self::Contact(e) => e.keys(),
            Self::Group(e) => e.keys(),
            Self::Decision(e) => e.keys(),
        }
    }
}

pub use form::folded;
