//! Names from the phone's address book, for participants only: the caller hands in the numbers that take part in
//! conversations, everything else is dropped here and never leaves this process.

use super::{
    content::{Query, Rows, ids},
    link::AndroidLink,
};
use crate::error::{PhoneError, Refusal};
use std::collections::{BTreeMap, BTreeSet};

/// Largest address book taken in, as the phone prints it.
const LIMIT: usize = 64 << 20;
/// Rows asked for one by one after an answer that could not be cut with certainty.
const ONE_BY_ONE: usize = 1000;
const URI: &str = "content://com.android.contacts/data/phones";

/// One name for one number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Contact {
    /// As the caller gave it: digits with country code.
    pub number: String,
    pub name: String,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contact(..)")
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Contacts {
    /// The contacts among the numbers asked for; `unclear` rows could not be read with certainty and were left out.
    Read {
        contacts: Vec<Contact>,
        unclear: u64,
    },
    /// The provider answered that it has no rows: an empty address book (or a provider that says so instead of refusing).
    Empty,
    Refused {
        why: Refusal,
    },
    Unreadable,
}

/// Names for `numbers` (digits with country code, no `+`) from one user's address book. `country`: the calling code that a
/// number written with a leading 0 belongs to, `31` for the Netherlands.
pub fn contacts(
    link: &mut dyn AndroidLink,
    user: u32,
    numbers: &BTreeSet<String>,
    country: Option<&str>,
) -> Result<Contacts, PhoneError> {
    // The free text last: a name may hold anything. data4 is the number in E.164 where the phone worked it out.
    let columns = ["_id", "data4", "data1", "display_name"];
    fn query<'a>(user: u32, columns: &'a [&'a str], filter: Option<&'a str>) -> Query<'a> {
        Query { user, uri: URI, columns, filter, sort: Some("_id") }
    }
    let rows = match query(user, &columns, None).run(link, LIMIT)? {
        Rows::Some(rows) => Some(rows),
        Rows::None => return Ok(Contacts::Empty),
        Rows::Refused(why) => return Ok(Contacts::Refused { why }),
        Rows::Unreadable => None,
    };
    // A second reading of the ids alone: a name made to look like a row shows here.
    let all = match query(user, &["_id"], None).run(link, LIMIT)? {
        Rows::Some(rows) => ids(&rows),
        _ => None,
    };
    let Some(all) = all else { return Ok(Contacts::Unreadable) };
    let mut found = BTreeMap::new();
    let mut unclear = 0;
    match rows.filter(|rows| ids(rows).as_ref() == Some(&all)) {
        Some(rows) => rows.iter().for_each(|row| keep(row, numbers, country, &mut found)),
        None => {
            unclear = all.len().saturating_sub(ONE_BY_ONE) as u64;
            for id in all.iter().take(ONE_BY_ONE) {
                let filter = format!("_id={id}");
                match query(user, &columns, Some(&filter)).run(link, 1 << 20)? {
                    Rows::Some(rows) if rows.len() == 1 => rows.iter().for_each(|row| keep(row, numbers, country, &mut found)),
                    _ => unclear += 1,
                }
            }
        }
    }
    let contacts = found.into_iter().map(|(number, name)| Contact { number, name }).collect();
    Ok(Contacts::Read { contacts, unclear })
}

/// Keeps a row whose number is asked for. The first name of a number stands.
fn keep(row: &[String], numbers: &BTreeSet<String>, country: Option<&str>, found: &mut BTreeMap<String, String>) {
    let [_, e164, written, name] = row else { return };
    let number = [e164, written].into_iter().filter_map(|text| normalise(text, country)).find(|n| numbers.contains(n));
    if let Some(number) = number
        && !name.trim().is_empty()
        && name != "NULL"
    {
        found.entry(number).or_insert_with(|| name.clone());
    }
}

/// Digits with country code, or `None` where that cannot be told.
fn normalise(text: &str, country: Option<&str>) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if text.chars().any(|c| c.is_alphabetic() || c == '*' || c == '#') {
        return None; // `NULL`, service codes
    }
    let plus = text.trim_start().starts_with('+');
    let number = match (plus, digits.strip_prefix("00"), digits.strip_prefix('0')) {
        // "+31 (0)6 ...": the zero in brackets is not dialled.
        (true, ..) if text.contains("(0)") => digits.replacen('0', "", 1),
        (true, ..) => digits,
        (false, Some(international), _) => international.to_owned(),
        (false, None, Some(national)) => format!("{}{national}", country?),
        (false, None, None) => digits,
    };
    (5..=15).contains(&number.len()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_brought_to_one_form() {
        for (text, want) in [
            ("+31 6 1234 5678", Some("31612345678")),
            ("0031612345678", Some("31612345678")),
            ("06-12345678", Some("31612345678")),
            ("+31 (0)6 12345678", Some("31612345678")),
            ("31612345678", Some("31612345678")),
            ("NULL", None),
            ("*100#", None),
            ("112", None),
        ] {
            assert_eq!(normalise(text, Some("31")).as_deref(), want, "{text}");
        }
        assert_eq!(normalise("0612345678", None), None);
    }
}
