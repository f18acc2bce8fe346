//! In which conversations each message stands.
//!
//! The table that says it is read once and held, four bytes a message: the pass over the messages asks it for every row, and
//! what other tables say of messages needs it before.

use foldhash::{HashMap, HashSet};

/// Row ids that have a place of their own.
const MOST_ROWS: usize = 16_000_000;
/// Messages that stand in several conversations or have ids beyond that, and the conversations of one of them.
const MOST_OTHERS: usize = 500_000;
const MOST_EACH: usize = 8;

/// Conversations by row id of the message.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Index of the conversation plus one; 0: none.
    by_row: Vec<u32>,
    others: HashMap<i64, Vec<u32>>,
    /// Messages that stand among the recently deleted.
    pub(super) deleted: HashSet<i64>,
    pub(super) refused: u64,
}

impl Places {
    pub(super) fn put(&mut self, row: i64, index: u32) {
        if let Ok(place) = usize::try_from(row)
            && place < MOST_ROWS
        {
            if place >= self.by_row.len() {
                self.by_row.resize(place + 1, 0);
            }
            match self.by_row.get_mut(place) {
                Some(free) if *free == 0 => return *free = index.saturating_add(1),
                Some(taken) if *taken == index.saturating_add(1) => return,
                _ => {}
            }
        }
        let full = self.others.len() >= MOST_OTHERS && !self.others.contains_key(&row);
        let others = if full { None } else { Some(self.others.entry(row).or_default()) };
        match others {
            Some(others) if others.contains(&index) => {}
            Some(others) if others.len() < MOST_EACH => others.push(index),
            _ => self.refused += 1,
        }
    }

    /// The first conversation of a message.
    pub(super) fn first(&self, row: i64) -> Option<u32> {
        let place = usize::try_from(row).ok().and_then(|place| self.by_row.get(place)).filter(|&&index| index > 0);
        place.map(|index| index - 1).or_else(|| self.others.get(&row)?.first().copied())
    }

    /// All conversations of a message.
    pub(super) fn all(&self, row: i64) -> impl Iterator<Item = u32> {
        let place = usize::try_from(row).ok().and_then(|place| self.by_row.get(place)).filter(|&&index| index > 0);
        place.map(|index| index - 1).into_iter().chain(self.others.get(&row).into_iter().flatten().copied())
    }

    /// Whether a message stands among the recently deleted and nowhere else.
    pub(super) fn is_deleted(&self, row: i64) -> bool {
        self.deleted.contains(&row) && self.first(row).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_stands_where_it_was_put_and_in_all_of_its_conversations() {
        let mut places = Places::default();
        places.put(3, 0);
        places.put(3, 0);
        places.put(3, 4);
        places.put(i64::MAX, 2);
        places.put(-1, 5);
        assert_eq!(places.all(3).collect::<Vec<_>>(), [0, 4]);
        assert_eq!(
            (places.first(3), places.first(2), places.first(i64::MAX), places.first(-1)),
            (Some(0), None, Some(2), Some(5))
        );
        for index in 0..20 {
            places.put(9, index);
        }
        assert_eq!(places.all(9).count(), 1 + MOST_EACH);
        assert_eq!(places.refused, 11);
        places.deleted.extend([3, 7]);
        assert_eq!((places.is_deleted(3), places.is_deleted(7), places.is_deleted(8)), (false, true, false));
    }
}
