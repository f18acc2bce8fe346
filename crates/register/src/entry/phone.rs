//! Phones and the accounts on them.

use super::{Field, Form, Key, Rubricering, form::Check, needed, optional};
use crate::Fault;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    Android,
    Iphone,
}

/// A business phone of a key official.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phone {
    /// Serial number or UDID, as the phone gives it over USB.
    pub serial: String,
    /// The id of the official who holds it.
    pub official: String,
    /// The business number in international form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    pub platform: Platform,
    /// How it is managed (MDM), in the office's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mdm: Option<String>,
    #[serde(default)]
    pub rubricering: Rubricering,
}

pub(super) const FIELDS: &[Field] = &[
    needed("serial", Form::Text),
    needed("official", Form::Text),
    optional("number", Form::Text),
    needed("platform", Form::One(&["android", "iphone"])),
    optional("mdm", Form::Text),
    optional("rubricering", Form::One(super::organisation::RUBRICERING)),
];

impl Phone {
    pub(super) fn keys(&self) -> Vec<Key> {
        let mut keys = vec![("official", self.official.clone())];
        keys.extend(self.number.iter().map(|number| ("identifier", number.clone())));
        keys
    }

    pub(super) fn check(&self, faults: &mut Vec<Fault>) {
        let mut check = Check(faults);
        check.id("serial", &self.serial);
        check.id("official", &self.official);
        if let Some(number) = &self.number {
            check.identifier("number", number);
        }
        check.optional("mdm", self.mdm.as_deref());
    }
}

/// Whose account it is: the office's own, or the person's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountKind {
    Zakelijk,
    Persoonlijk,
}

/// An account of an app on a phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    pub id: String,
    /// Serial number of the phone.
    pub phone: String,
    pub app: String,
    /// Number, address or native id.
    pub handle: String,
    pub kind: AccountKind,
}

pub(super) const ACCOUNT_FIELDS: &[Field] = &[
    needed("id", Form::Text),
    needed("phone", Form::Text),
    needed("app", Form::Text),
    needed("handle", Form::Text),
    needed("kind", Form::One(&["zakelijk", "persoonlijk"])),
];

impl Account {
    pub(super) fn check(&self, faults: &mut Vec<Fault>) {
        let mut check = Check(faults);
        check.id("id", &self.id);
        check.id("phone", &self.phone);
        check.id("app", &self.app);
        check.identifier("handle", &self.handle);
    }
}
