//! Which items SMS needs, and which of them a message means.

use uitlezen_evidence::{Item, ItemName, NameError, Pattern, PatternError};
use uitlezen_provider::{ADDRESSES_ITEM, Held, ROOT, Table, item, of_item};

/// The tables of every user: the answers that records are read from.
pub fn wanted_databases() -> Result<Vec<Pattern>, PatternError> {
    let tables = Table::ALL.map(|table| table.name);
    tables.iter().chain([&ADDRESSES_ITEM]).map(|name| Pattern::new(&format!("{ROOT}/*/{name}"))).collect()
}

/// The parts of messages that are files.
pub fn wanted_media() -> Result<Vec<Pattern>, PatternError> {
    Ok(vec![Pattern::new(&format!("{ROOT}/*/mms-part/*"))?])
}

/// Whether it is an item of answers.
#[must_use]
pub fn is_answers(name: &ItemName) -> bool {
    of_item(name).is_some_and(|(_, held)| !matches!(held, Held::Part(_)))
}

/// The items of answers among these.
#[must_use]
pub fn answers(items: &[Item]) -> Vec<Item> {
    items.iter().filter(|item| is_answers(&item.name)).cloned().collect()
}

/// Digits of a moment in milliseconds.
const MOMENT: usize = 12;
/// No file system has longer names.
const LONGEST_NAME: usize = 255;

/// How a record names a part that is a file: as its item is called, with the phone's own name of the file behind it where that
/// tells when it was stored. The phone may give the number of a part to another one day, and never that name with it.
pub fn part(user: u32, id: i64, stored_as: Option<&str>) -> Result<ItemName, NameError> {
    let item = item(user, Held::Part(id))?;
    let stored_as = stored_as.and_then(|path| path.rsplit('/').next()).filter(|name| name.len() <= LONGEST_NAME && lasts(name));
    Ok(stored_as.and_then(|name| item.join(name).ok()).unwrap_or(item))
}

/// Whether a name tells a moment.
fn lasts(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() >= MOMENT)
}

/// The item that a record means.
pub fn media(path: &str) -> Result<ItemName, NameError> {
    let name = ItemName::new(path)?;
    let of_part = |name: &ItemName| matches!(of_item(name), Some((_, Held::Part(_))));
    if of_part(&name) {
        return Ok(name);
    }
    let (item, _) = path.rsplit_once('/').ok_or(NameError::Climbs)?;
    ItemName::new(item).and_then(|item| if of_part(&item) { Ok(item) } else { Err(NameError::Climbs) })
}

/// What is known by this name at one readout is the same at the next: a part of which the phone said when it stored it. Its size
/// and its time no provider tells.
#[must_use]
pub fn lasting(path: &str) -> Option<ItemName> {
    let (item, name) = path.rsplit_once('/')?;
    let item = ItemName::new(item).ok()?;
    (lasts(name) && matches!(of_item(&item), Some((_, Held::Part(_))))).then(|| item.join(name).ok()).flatten()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_known_by_its_number_and_by_when_it_was_stored() {
        let bare = "content-providers/user-10/mms-part/17";
        let path = |stored_as| part(10, 17, stored_as).unwrap().as_str().to_owned();
        let stored = path(Some("/data/user_de/0/x/app_parts/PART_1700000000123_IMG.jpg"));
        assert_eq!(stored, format!("{bare}/PART_1700000000123_IMG.jpg"));
        assert_eq!(media(&stored).unwrap().as_str(), bare);
        assert_eq!(lasting(&stored).unwrap().as_str(), stored);
        // A name that says no moment, or that is none, adds nothing.
        let long = format!("/x/1700000000123{}", "y".repeat(LONGEST_NAME));
        for other in
            [None, Some("/x/PART_17"), Some("/x/PART_1700000000123/.."), Some("/x/17000000000\n123"), Some(long.as_str())]
        {
            assert_eq!((path(other).as_str(), lasting(&path(other))), (bare, None), "{other:?}");
        }
        assert_eq!(media(bare).unwrap().as_str(), bare);
        for other in ["Media/1700000000123.jpg", "content-providers/user-10/sms/1700000000123", "1700000000123"] {
            assert!(media(other).is_err() && lasting(other).is_none(), "{other}");
        }
    }
}
