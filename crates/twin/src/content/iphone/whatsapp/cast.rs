//! The people: the same kinds as on Android, with the ways in which an iPhone knows them.

use super::WhatsAppOptions;
use crate::content::{
    options::Options,
    people::{self, Known, Person},
};

/// The holder first.
pub(super) fn cast(options: &WhatsAppOptions) -> Vec<Person> {
    let count = usize::try_from(options.messages / 40).unwrap_or(0).clamp(40, 1_500);
    let of_all = Options { seed: options.seed, canary: options.canary.clone(), ..Options::default() };
    people::cast(&of_all, options.package(), count)
}

/// In the app's own contacts.
pub(super) fn is_contact(person: &Person) -> bool {
    person.known == Known::AppContacts
}

/// The name that they chose is in the database.
pub(super) fn chose_name(person: &Person) -> bool {
    matches!(person.known, Known::PushName | Known::Verified | Known::LidDirectory)
}

/// The name that a reader should show, if there is one.
pub(super) fn shown(person: &Person) -> Option<&str> {
    (is_contact(person) || chose_name(person)).then_some(person.name.as_str())
}

/// The number as people write it, for a conversation with somebody without a name.
pub(super) fn written(person: &Person) -> String {
    format!("+{} {} {}", &person.number[..2], &person.number[2..3], &person.number[3..])
}
