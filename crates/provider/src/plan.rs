//! Which rows are asked for together.

use crate::Table;
use std::ops::RangeInclusive;

/// Rows of one page: two of them a shell call that a phone may spend on five hundred.
pub const PAGE: usize = 1000;
/// A table with more rows is not read to its end.
pub const MOST_ROWS: usize = 4_000_000;

/// A page by the column that bounds it, and where its ids stand among all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    pub bounds: RangeInclusive<i64>,
    pub at: std::ops::Range<usize>,
}

/// Cuts the ids of a table (`(bound, id)`, sorted) into pages; rows of one message stay together.
#[must_use]
pub fn pages(ids: &[(i64, i64)], page: usize) -> Vec<Range> {
    let (mut all, mut start) = (Vec::new(), 0);
    while let Some((first, _)) = ids.get(start) {
        let mut end = start.saturating_add(page.max(1)).min(ids.len());
        let bound = |at: usize| ids.get(at).map(|(bound, _)| *bound);
        // Not in the middle of a message, unless it fills more than a page.
        if end < ids.len() {
            let mut back = end;
            while back > start && bound(back) == bound(back - 1) {
                back -= 1;
            }
            if back > start {
                end = back;
            } else {
                while end < ids.len() && bound(end) == bound(end - 1) {
                    end += 1;
                }
            }
        }
        let last = end.checked_sub(1).and_then(bound).unwrap_or(*first);
        all.push(Range { bounds: *first..=last, at: start..end });
        start = end;
    }
    all
}

/// Puts the ids that a range has now in the place of those that it had.
pub fn replace(ids: &mut Vec<(i64, i64)>, bounds: &RangeInclusive<i64>, now: &[(i64, i64)]) {
    let start = ids.partition_point(|(bound, _)| bound < bounds.start());
    let end = ids.partition_point(|(bound, _)| bound <= bounds.end());
    ids.splice(start..end.max(start), now.iter().copied());
}

/// Names of columns in a first row that was asked for without naming any. What looks like a name inside a text is taken for one:
/// then the phone says that it has no such column, and the caller asks for less.
#[must_use]
pub fn names(row: &str, table: &Table) -> Option<Vec<String>> {
    let body = row.strip_prefix("Row: 0 ")?;
    let mut found: Vec<String> = Vec::new();
    for piece in body.split(", ") {
        let Some((name, _)) = piece.split_once('=') else { continue };
        let is_name = !name.is_empty() && name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !is_name {
            continue;
        }
        // Two columns of one name both print the first one's value.
        if found.iter().any(|known| known == name) {
            continue;
        }
        found.push(name.to_owned());
        if found.len() > 200 {
            return None;
        }
    }
    let has = |name: &str| found.iter().any(|known| known == name);
    (has("_id") && table.least.iter().all(|name| has(name))).then_some(found)
}
