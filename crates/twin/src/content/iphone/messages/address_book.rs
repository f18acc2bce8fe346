//! The phone's address book: people of conversations, and some who are in none.

use super::{MessagesExpected, MessagesOptions, room::Contact};
use crate::content::{ContentError, database, dice::Dice};
use rusqlite::params;

/// Kinds of `ABMultiValue.property`.
const PHONE: i64 = 3;
const EMAIL: i64 = 4;

/// How a Dutch person writes a number that begins with +31.
fn written(address: &str, way: usize) -> String {
    let Some(home) = address.strip_prefix("+31") else { return address.to_owned() };
    match way % 4 {
        0 => address.to_owned(),
        1 => format!("0{home}"),
        2 => format!("+31 {} {}", home.get(..1).unwrap_or_default(), home.get(1..).unwrap_or_default()),
        _ => format!("0{}-{}", home.get(..1).unwrap_or_default(), home.get(1..).unwrap_or_default()),
    }
}

pub(super) fn build(
    options: &MessagesOptions,
    people: &[Contact],
    expected: &mut MessagesExpected,
) -> Result<Vec<u8>, ContentError> {
    let db = database::create(include_str!("schema_address_book.sql"))?;
    let mut dice = Dice::new(options.seed, "address book");
    db.execute("INSERT INTO ABMultiValueLabel (value) VALUES ('_$!<Mobile>!$_'), ('_$!<Work>!$_')", [])?;
    let mut guid = || dice.hex(32);
    for (at, person) in people.iter().enumerate().skip(1).filter(|(_, person)| person.known) {
        let added = options.now - 978_307_200 - i64::try_from(at).unwrap_or(0) * 3_600;
        db.prepare_cached(
            "INSERT INTO ABPerson (First, Last, Note, CreationDate, ModificationDate, guid) VALUES (?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            person.given,
            person.family,
            (at % 7 == 0).then_some("kent van het congres"),
            added,
            added,
            guid()
        ])?;
        let row = db.last_insert_rowid();
        let email = person.address.contains('@');
        db.prepare_cached(
            "INSERT INTO ABMultiValue (record_id, property, identifier, label, value, guid) VALUES (?, ?, 0, 1, ?, ?)",
        )?
        .execute(params![row, if email { EMAIL } else { PHONE }, written(&person.address, at), guid()])?;
        if at % 5 == 0 && !email {
            let work = format!("{}@gemeente.example", person.given.to_lowercase());
            db.prepare_cached(
                "INSERT INTO ABMultiValue (record_id, property, identifier, label, value, guid) VALUES (?, ?, 1, 2, ?, ?)",
            )?
            .execute(params![row, EMAIL, work, guid()])?;
        }
        expected.contacts += 1;
        if person.writes() {
            expected.names.insert(person.address.clone(), format!("{} {}", person.given, person.family));
        }
    }
    Ok(database::finish(db)?.to_vec())
}
