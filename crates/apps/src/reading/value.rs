//! Column values as they come: SQLite columns have no fixed type, and a hostile database uses that.
//!
//! A number may stand in a column as text, a text as a blob with invalid UTF-8, a time as a float. What can be understood
//! is; what cannot is absent, and what was changed to be understood (invalid UTF-8) is counted.

use rusqlite::{Row, types::ValueRef};
use std::{borrow::Cow, cell::Cell};

/// Longest text that is taken from one column, in bytes. WhatsApp's own limit is 65,536 characters; a longer text is cut and
/// counted, so that one row cannot fill the memory.
pub(crate) const LONGEST_TEXT: usize = 1 << 20;

/// What had to be done to texts while reading.
#[derive(Debug, Default)]
pub(crate) struct Repairs {
    pub invalid_utf8: Cell<u64>,
    pub cut: Cell<u64>,
}

fn bump(counter: &Cell<u64>) {
    counter.set(counter.get().saturating_add(1));
}

/// An integer, also one that stands there as a float or as decimal text.
pub(crate) fn int(row: &Row<'_>, column: usize) -> Option<i64> {
    match row.get_ref(column).ok()? {
        ValueRef::Integer(i) => Some(i),
        #[allow(clippy::cast_possible_truncation)]
        ValueRef::Real(f) if f.is_finite() && f.abs() < 9e18 => Some(f as i64),
        ValueRef::Text(t) => std::str::from_utf8(t).ok()?.trim().parse().ok(),
        _ => None,
    }
}

/// An integer other than 0: several columns use 0 and NULL alike for "none".
pub(crate) fn nonzero(row: &Row<'_>, column: usize) -> Option<i64> {
    int(row, column).filter(|&i| i != 0)
}

/// A time, a size or a count: absent when 0 or negative (WhatsApp writes -1 and 0 for "none").
pub(crate) fn positive(row: &Row<'_>, column: usize) -> Option<i64> {
    int(row, column).filter(|&i| i > 0)
}

pub(crate) fn unsigned(row: &Row<'_>, column: usize) -> Option<u64> {
    positive(row, column).and_then(|i| u64::try_from(i).ok())
}

pub(crate) fn flag(row: &Row<'_>, column: usize) -> bool {
    int(row, column).is_some_and(|i| i != 0)
}

/// A finite floating point number.
pub(crate) fn real(row: &Row<'_>, column: usize) -> Option<f64> {
    match row.get_ref(column).ok()? {
        #[allow(clippy::cast_precision_loss)]
        ValueRef::Integer(i) => Some(i as f64),
        ValueRef::Real(f) => Some(f),
        ValueRef::Text(t) => std::str::from_utf8(t).ok()?.trim().parse().ok(),
        _ => None,
    }
    .filter(|f| f.is_finite())
}

impl Repairs {
    /// Counts what another thread of the same reading did.
    pub(crate) fn add(&self, other: &Self) {
        self.invalid_utf8.set(self.invalid_utf8.get().saturating_add(other.invalid_utf8.get()));
        self.cut.set(self.cut.get().saturating_add(other.cut.get()));
    }

    /// A text that is not empty.
    pub(crate) fn text(&self, row: &Row<'_>, column: usize) -> Option<String> {
        self.any_text(row, column).filter(|t| !t.is_empty())
    }

    /// A text, also an empty one; NULL is absent.
    pub(crate) fn any_text(&self, row: &Row<'_>, column: usize) -> Option<String> {
        self.shown(row, column).map(Cow::into_owned)
    }

    /// As [`Self::any_text`], where it lies if that will do.
    pub(crate) fn shown<'r>(&self, row: &'r Row<'_>, column: usize) -> Option<Cow<'r, str>> {
        match row.get_ref(column).ok()? {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(self.decode(bytes)),
            ValueRef::Integer(i) => Some(i.to_string().into()),
            ValueRef::Real(f) => Some(f.to_string().into()),
            ValueRef::Null => None,
        }
    }

    fn decode<'b>(&self, bytes: &'b [u8]) -> Cow<'b, str> {
        let kept = bytes.get(..LONGEST_TEXT).map_or(bytes, |_| {
            bump(&self.cut);
            // Never in the middle of a character: continuation bytes are 0b10xx_xxxx.
            let end = (LONGEST_TEXT.saturating_sub(3)..=LONGEST_TEXT)
                .rev()
                .find(|&at| bytes.get(at).is_none_or(|b| b & 0xC0 != 0x80))
                .unwrap_or(LONGEST_TEXT);
            bytes.get(..end).unwrap_or(bytes)
        });
        // Nearly every text is sound, and that is found out sooner by asking than by repairing it.
        std::str::from_utf8(kept).map_or_else(
            |_| {
                bump(&self.invalid_utf8);
                Cow::Owned(String::from_utf8_lossy(kept).into_owned())
            },
            Cow::Borrowed,
        )
    }
}

/// Any value as text for the raw columns of a message that is not interpreted; blobs only by their size.
pub(crate) fn raw(repairs: &Repairs, row: &Row<'_>, column: usize) -> Option<String> {
    match row.get_ref(column).ok()? {
        ValueRef::Null => None,
        ValueRef::Blob(b) => Some(format!("blob of {} bytes", b.len())),
        _ => repairs.text(row, column),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    #[test]
    fn columns_of_any_type_are_read_or_absent_and_never_a_panic() {
        let db = Connection::open_in_memory().unwrap();
        let repairs = Repairs::default();
        let got = db
            .query_row("SELECT '17', 17.0, x'ff41', NULL, 'x', 9e99, -1, x'3137'", [], |r| {
                Ok((
                    (int(r, 0), int(r, 1), int(r, 2), int(r, 3), int(r, 4), int(r, 5)),
                    (positive(r, 6), repairs.text(r, 2), repairs.text(r, 7), real(r, 5), int(r, 99)),
                ))
            })
            .unwrap();
        assert_eq!(got.0, (Some(17), Some(17), None, None, None, None));
        assert_eq!(got.1, (None, Some("\u{fffd}A".to_owned()), Some("17".to_owned()), Some(9e99), None));
        assert_eq!(repairs.invalid_utf8.get(), 1);
    }

    #[test]
    fn a_giant_text_is_cut_at_a_character_and_counted() {
        let db = Connection::open_in_memory().unwrap();
        let repairs = Repairs::default();
        let long = "é".repeat(LONGEST_TEXT);
        let cut = db.query_row("SELECT ?1", [&long], |r| Ok(repairs.text(r, 0))).unwrap().unwrap();
        assert!(cut.len() <= LONGEST_TEXT && cut.chars().all(|c| c == 'é'));
        assert_eq!((repairs.cut.get(), repairs.invalid_utf8.get()), (1, 0));
    }
}
