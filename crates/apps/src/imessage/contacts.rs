//! Names from the phone's address book (`AddressBook.sqlitedb`): for the people of conversations and nobody else.
//!
//! Of an entry only the name is kept, and only when one of its numbers or addresses is that of a participant; how many entries
//! there are is counted.

use crate::{
    ReadError,
    reading::{schema::Schema, value, value::Repairs},
};
use foldhash::{HashMap, HashSet};
use uitlezen_chat::{NameOrigin, ParticipantName};

/// Kinds of `ABMultiValue.property`.
const PHONE: i64 = 3;
const EMAIL: i64 = 4;
/// The country in which a number with one leading zero is dialled.
const HOME: &str = "31";
const MOST_NAMES: usize = 8;

/// Names by address in [`form`].
#[derive(Debug, Default)]
pub(super) struct Names {
    by_form: HashMap<String, Vec<String>>,
    /// Entries of the address book.
    pub(super) contacts: Option<u64>,
}

/// One form for every way to write a number or an address.
pub(super) fn form(address: &str) -> String {
    let text = address.trim();
    if text.contains('@') {
        return text.to_lowercase();
    }
    // "+31 (0)6": the zero is not dialled from abroad.
    let abroad = text.starts_with('+') || text.starts_with("00");
    let text = if abroad { text.replacen("(0)", "", 1) } else { text.to_owned() };
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if text.starts_with('+') {
        return digits;
    }
    match (digits.strip_prefix("00"), digits.strip_prefix('0')) {
        (Some(abroad), _) => abroad.to_owned(),
        (None, Some(home)) => format!("{HOME}{home}"),
        (None, None) => digits,
    }
}

impl Names {
    /// Reads the names of these addresses.
    pub(super) fn load<'p>(
        schema: &Schema<'_>,
        repairs: &Repairs,
        addresses: impl Iterator<Item = &'p str>,
    ) -> Result<Self, ReadError> {
        let wanted: HashSet<String> = addresses.map(form).filter(|form| !form.is_empty()).collect();
        let mut names = Self::default();
        let person = schema.joined("abperson", "p", &["first", "middle", "last", "organization", "nickname"]);
        let Some(columns) = schema.columns("abmultivalue", "v", &["property", "value", "record_id"]) else { return Ok(names) };
        if schema.has("abperson") {
            let entries = schema.conn.query_row("SELECT count(*) FROM ABPerson", [], |row| row.get::<_, i64>(0))?;
            names.contacts = Some(entries.unsigned_abs());
        }
        let join = if schema.has("abperson") && schema.has_column("abmultivalue", "record_id") {
            "CROSS JOIN ABPerson p ON p.ROWID = v.record_id"
        } else {
            return Ok(names);
        };
        let mut all = schema.prepare(&format!("SELECT {columns}, {person} FROM ABMultiValue v {join}"))?;
        let mut rows = schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            if !matches!(value::int(row, 0), Some(PHONE | EMAIL)) {
                continue;
            }
            let Some(form) = repairs.text(row, 1).map(|value| form(&value)).filter(|form| wanted.contains(form)) else {
                continue;
            };
            let full: Vec<String> = (3..=5).filter_map(|column| repairs.text(row, column)).collect();
            let full = (!full.is_empty()).then(|| full.join(" "));
            let Some(name) = full.or_else(|| repairs.text(row, 6)).or_else(|| repairs.text(row, 7)) else { continue };
            let name = name.trim().to_owned();
            let known = names.by_form.entry(form).or_default();
            if known.len() < MOST_NAMES && !name.is_empty() && !known.contains(&name) {
                known.push(name);
            }
        }
        Ok(names)
    }

    pub(super) fn of(&self, address: &str) -> Vec<ParticipantName> {
        let known = self.by_form.get(&form(address)).into_iter().flatten();
        known.map(|name| ParticipantName { name: name.clone(), origin: NameOrigin::PhoneContacts }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::form;

    #[test]
    fn one_number_in_every_writing_is_one_number() {
        for written in ["+31612345678", "06-12345678", "06 12 34 56 78", "0031 6 12345678", "+31 (0)6 1234 5678", "31612345678"] {
            assert_eq!(form(written), "31612345678", "{written}");
        }
        assert_eq!(form("+32 470 12 34 56"), "32470123456");
        assert_eq!(form(" Jan@Example.NL "), "jan@example.nl");
        assert_eq!(form("KPN"), "", "a word is no number");
        assert_ne!(form("+4930123456"), form("030123456"));
    }
}
