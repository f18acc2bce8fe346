//! How items of answers are called.

use crate::Table;
use uitlezen_evidence::{ItemName, NameError};

/// No folder of a phone's storage is looked for under this name.
pub const ROOT: &str = "content-providers";
/// The item of [`crate::ADDRESSES`].
pub const ADDRESSES_ITEM: &str = "mms-addr";

/// What an item of this kind holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    Table(Table),
    Addresses,
    /// The bytes of one part of a message.
    Part(i64),
}

/// `content-providers/user-0/sms`.
pub fn item(user: u32, held: Held) -> Result<ItemName, NameError> {
    ItemName::new(match held {
        Held::Table(table) => format!("{ROOT}/user-{user}/{}", table.name),
        Held::Addresses => format!("{ROOT}/user-{user}/{ADDRESSES_ITEM}"),
        Held::Part(id) => format!("{ROOT}/user-{user}/mms-part/{id}"),
    })
}

/// Whose, and what; `None` of any other item.
#[must_use]
pub fn of_item(name: &ItemName) -> Option<(u32, Held)> {
    let mut parts = name.as_str().strip_prefix(ROOT)?.strip_prefix("/user-")?.split('/');
    let user = parts.next()?.parse().ok()?;
    let held = match (parts.next()?, parts.next(), parts.next()) {
        (ADDRESSES_ITEM, None, None) => Held::Addresses,
        (table, None, None) => Held::Table(Table::called(table)?),
        ("mms-part", Some(id), None) => Held::Part(id.parse().ok().filter(|id| *id >= 0)?),
        _ => return None,
    };
    (item(user, held).ok()? == *name).then_some((user, held))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_as_what_they_stand_for() {
        for held in [Held::Table(crate::SMS), Held::Table(crate::PARTS), Held::Addresses, Held::Part(17)] {
            assert_eq!(of_item(&item(10, held).unwrap()), Some((10, held)));
        }
        for other in
            ["content-providers/user-0/sms/1", "content-providers/user-00/sms", "content-providers/user-0/mms-part/-1", "x/y"]
        {
            assert_eq!(of_item(&ItemName::new(other).unwrap()), None);
        }
    }
}
