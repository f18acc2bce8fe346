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

/// How a record names a part that is a file: as its item is called.
pub fn part(user: u32, id: i64) -> Result<ItemName, NameError> {
    item(user, Held::Part(id))
}

/// The item that a record means.
pub fn media(path: &str) -> Result<ItemName, NameError> {
    let name = ItemName::new(path)?;
    if matches!(of_item(&name), Some((_, Held::Part(_)))) { Ok(name) } else { Err(NameError::Climbs) }
}
