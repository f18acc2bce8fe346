//! Row ids that no message has: the ground on which a later readout can tell what vanished.
//!
//! WhatsApp's message tables are `AUTOINCREMENT`: an id is never given out twice, so a deleted row leaves a hole for good
//! (`reference/android.md §2.6`). What a hole was cannot be told from one file; it is counted and not judged.

use super::{schema::Schema, value};
use crate::RowGaps;

/// Counts holes while the pass goes by in row order.
#[derive(Debug, Default)]
pub(crate) struct Gaps {
    first: Option<i64>,
    last: Option<i64>,
    found: RowGaps,
}

impl Gaps {
    /// The next row. Ids rise.
    pub(crate) fn meet(&mut self, id: i64) {
        if let Some(last) = self.last {
            let absent = id.abs_diff(last).saturating_sub(1);
            self.found.gaps += u64::from(absent > 0);
            self.found.absent = self.found.absent.saturating_add(absent);
            self.found.longest = self.found.longest.max(absent);
        }
        self.first = self.first.or(Some(id));
        self.last = Some(id);
    }

    /// The last row that was met.
    pub(crate) fn last(&self) -> Option<i64> {
        self.last
    }

    /// With what SQLite and the app noted about rows that are gone.
    pub(crate) fn finish(self, schema: &Schema<'_>, table: &str) -> RowGaps {
        let number = |sql: &str| {
            schema.conn.query_row(sql, [], |row| Ok(value::int(row, 0))).ok().flatten().and_then(|n| u64::try_from(n).ok())
        };
        let unsigned = |id: Option<i64>| id.and_then(|id| u64::try_from(id).ok());
        let given = schema
            .has_column("sqlite_sequence", "seq")
            .then(|| number(&format!("SELECT seq FROM sqlite_sequence WHERE name = '{table}' LIMIT 1")))
            .flatten();
        let pending = schema.has("deleted_chat_job").then(|| number("SELECT count(*) FROM deleted_chat_job")).flatten();
        RowGaps {
            before_first: unsigned(self.first).map_or(0, |first| first.saturating_sub(1)),
            after_last: given.map(|given| given.saturating_sub(unsigned(self.last).unwrap_or(0))),
            deletions_pending: pending.unwrap_or(0),
            ..self.found
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Gaps;

    #[test]
    fn holes_are_counted_with_the_longest_and_extreme_ids_do_not_overflow() {
        let mut gaps = Gaps::default();
        for id in [3, 4, 7, 8, 20] {
            gaps.meet(id);
        }
        assert_eq!((gaps.found.gaps, gaps.found.absent, gaps.found.longest), (2, 13, 11));
        let mut extreme = Gaps::default();
        extreme.meet(i64::MIN);
        extreme.meet(0);
        extreme.meet(i64::MAX);
        assert_eq!(extreme.found.absent, u64::MAX - 2);
    }
}
