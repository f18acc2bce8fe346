//! What stays behind is read once before the others, so that what repeats it elsewhere is known when it comes by.

use super::{compose::Context, merge::Merge, scan::Scan};
use crate::{Goes, Parted, ReadError, Summary, whatsapp::backup::IncrementSet};

/// Reads what stays behind, in whole or in part, once.
pub(super) fn hear_all(
    parted: &Parted<'_>,
    scan: &Scan<'_, '_>,
    cx: &Context<'_>,
    set: Option<&IncrementSet>,
) -> Result<(), ReadError> {
    if !parted.nothing_to_hear() {
        // What is counted here is counted again when it goes out, and what is in the way now is in the way then.
        let mut summary = Summary::default();
        let mut over = set.map(|set| Merge::new(set, cx.book));
        scan.hear(cx, over.as_mut(), &mut summary, parted)?;
        if let Some(over) = over {
            for (entry, message) in over.rest(cx, &mut summary) {
                if let Some(number) = cx.book.get(entry).and_then(|e| e.number).filter(|n| parted.goes(*n) != Goes::Whole) {
                    parted.hear(number, &message);
                }
            }
        }
    }
    parted.heard();
    Ok(())
}
