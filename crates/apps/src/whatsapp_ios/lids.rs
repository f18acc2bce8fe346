//! Hidden ids (LIDs) and the numbers behind them, from every table that tells: `LID.sqlite`, `ChatStorage.sqlite`, contacts.

use super::contacts;
use crate::{
    ReadError, Summary,
    reading::{schema::Schema, value::Repairs},
    whatsapp::parties::jids::{JidKind, Jids},
};

pub(super) const TABLE: &str = "ZWAPHONENUMBERLIDPAIR";

/// Reads the table of pairs of one database.
pub(super) fn pairs(
    file: &str,
    schema: &Schema<'_>,
    repairs: &Repairs,
    jids: &mut Jids,
    summary: &mut Summary,
) -> Result<(), ReadError> {
    // Most versions keep it in a file of its own.
    if !schema.has("zwaphonenumberlidpair") {
        return Ok(());
    }
    let Some(columns) = schema.columns("zwaphonenumberlidpair", "p", &["zlid", "zphonenumber"]) else { return Ok(()) };
    let mut all = schema.prepare(&format!("SELECT {columns} FROM zwaphonenumberlidpair p"))?;
    let mut rows = schema.bounded(all.query([])?);
    let name = if file.is_empty() { TABLE.to_owned() } else { format!("{file}.{TABLE}") };
    while let Some(row) = rows.next()? {
        pair(&name, repairs.text(row, 0), repairs.text(row, 1), jids, summary);
    }
    Ok(())
}

/// Reads the pairs that contacts name.
pub(super) fn contacts(schema: &Schema<'_>, repairs: &Repairs, jids: &mut Jids, summary: &mut Summary) -> Result<(), ReadError> {
    if !schema.has_column("zwaaddressbookcontact", "zlid") {
        return Ok(());
    }
    let Some(columns) = schema.columns("zwaaddressbookcontact", "c", &["zlid", "zwhatsappid", "zphonenumber"]) else {
        return Ok(());
    };
    let mut all = schema.prepare(&format!("SELECT {columns} FROM zwaaddressbookcontact c"))?;
    let mut rows = schema.bounded(all.query([])?);
    let name = format!("ContactsV2.{}", contacts::TABLE);
    while let Some(row) = rows.next()? {
        let number = repairs.text(row, 1).or_else(|| repairs.text(row, 2));
        pair(&name, repairs.text(row, 0), number, jids, summary);
    }
    Ok(())
}

/// The address of a hidden id, with its server or without.
fn lid_address(lid: &str) -> Option<String> {
    let lid = lid.trim();
    match lid.split_once('@') {
        Some((user, "lid")) if !user.is_empty() => Some(lid.to_owned()),
        None if !lid.is_empty() => Some(format!("{lid}@lid")),
        _ => None,
    }
}

/// The address of a number, however it is written.
pub(super) fn number_address(number: &str) -> Option<String> {
    let number = number.trim();
    match number.split_once('@') {
        Some((user, "s.whatsapp.net")) if !user.is_empty() => Some(number.to_owned()),
        Some(_) => None,
        None => {
            let digits: String = number.chars().filter(char::is_ascii_digit).collect();
            (!digits.is_empty()).then(|| format!("{digits}@s.whatsapp.net"))
        }
    }
}

fn pair(name: &str, lid: Option<String>, number: Option<String>, jids: &mut Jids, summary: &mut Summary) {
    let (Some(lid), Some(number)) = (lid.as_deref().and_then(lid_address), number.as_deref().and_then(number_address)) else {
        return;
    };
    let row = jids.row_of(&lid);
    let known = jids.resolve(row).filter(|jid| jid.kind() == JidKind::Person).map(|jid| jid.row);
    if known.is_some_and(|known| Some(known) != jids.find(&number)) {
        summary.oddities.contradictory_lids += 1;
        return;
    }
    jids.map_addresses(&lid, &number);
    match summary.lid_pairs.get_mut(name) {
        Some(count) => *count += 1,
        None => {
            summary.lid_pairs.insert(name.to_owned(), 1);
        }
    }
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_numbers_in_every_writing_are_one_address() {
        for lid in ["100000000000001", "100000000000001@lid", " 100000000000001 "] {
            assert_eq!(lid_address(lid).as_deref(), Some("100000000000001@lid"));
        }
        for number in ["14155550100", "+1 415-555-0100", "14155550100@s.whatsapp.net"] {
            assert_eq!(number_address(number).as_deref(), Some("14155550100@s.whatsapp.net"));
        }
        for nothing in ["", "@lid", "1@g.us"] {
            assert_eq!((lid_address(nothing), number_address(nothing)), (None, None), "{nothing}");
        }
    }

    #[test]
    fn two_tables_that_disagree_are_counted_and_the_first_stays() {
        let (mut jids, mut summary) = (Jids::default(), Summary::default());
        let mut tell = |name: &str, number: &str| pair(name, Some("7".into()), Some(number.into()), &mut jids, &mut summary);
        tell("a", "31611111111");
        tell("b", "+31611111111");
        tell("b", "31622222222");
        let resolved = jids.find("7@lid").and_then(|row| jids.resolve(row)).and_then(|jid| jid.number());
        assert_eq!(resolved.as_deref(), Some("+31611111111"));
        assert_eq!((summary.lid_pairs["a"], summary.lid_pairs["b"], summary.oddities.contradictory_lids), (1, 1, 1));
    }
}
