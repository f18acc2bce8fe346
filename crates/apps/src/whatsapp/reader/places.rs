//! In which conversation each message stands.
//!
//! The survey's pass over the messages fills it, its later passes ask it. Other tables name messages in any order; asking
//! the message table for each of them would read, and decrypt, most of its pages once more for every table.

/// Row ids of messages whose conversation is remembered: 4 bytes each until the conversations are known.
const MOST_PLACES: usize = 16_000_000;

/// Conversations by the row ids of their messages.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Index of the conversation plus one; 0: none.
    by_row: Vec<u32>,
    /// The pass came to its end, so a row id within bounds that is not here is nowhere.
    pub(super) whole: bool,
}

impl Places {
    /// `false` when another message stood there, which this one replaces.
    pub(super) fn put(&mut self, row: i64, index: usize) -> bool {
        let (Ok(row), Ok(index)) = (usize::try_from(row), u32::try_from(index + 1)) else { return true };
        if row >= MOST_PLACES {
            return true;
        }
        if row >= self.by_row.len() {
            self.by_row.resize(row + 1, 0);
        }
        self.by_row.get_mut(row).is_none_or(|place| std::mem::replace(place, index) == 0)
    }

    /// Adds what another thread put. `false` when both know one message.
    pub(super) fn join(&mut self, other: &Self) -> bool {
        if other.by_row.len() > self.by_row.len() {
            self.by_row.resize(other.by_row.len(), 0);
        }
        let mut apart = true;
        for (place, more) in self.by_row.iter_mut().zip(&other.by_row).filter(|(_, more)| **more != 0) {
            apart &= std::mem::replace(place, *more) == 0;
        }
        apart
    }

    /// The conversation's index, if it has one. `None`: not known here, so the table must be asked.
    pub(super) fn get(&self, row: i64) -> Option<Option<usize>> {
        let row = usize::try_from(row).ok().filter(|row| *row < MOST_PLACES)?;
        match self.by_row.get(row) {
            Some(&place) if place > 0 => Some(usize::try_from(place - 1).ok()),
            _ if self.whole => Some(None),
            _ => None,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn two_threads_together_know_what_one_would_and_tell_where_they_differ() {
        let (mut one, mut other) = (Places::default(), Places::default());
        assert!(one.put(2, 7) && other.put(5, 8) && one.join(&other));
        one.whole = true;
        assert_eq!((one.get(2), one.get(5), one.get(4)), (Some(Some(7)), Some(Some(8)), Some(None)));
        assert!(!one.put(2, 9), "the same row once more");
        assert!(!one.join(&other));
    }

    #[test]
    fn what_is_not_remembered_is_asked_and_what_is_nowhere_is_not() {
        let mut places = Places::default();
        places.put(3, 0);
        places.put(-1, 5);
        let far = i64::try_from(MOST_PLACES).unwrap();
        places.put(far, 5);
        assert_eq!((places.get(3), places.get(2), places.get(far), places.get(-1)), (Some(Some(0)), None, None, None));
        places.whole = true;
        assert_eq!((places.get(2), places.get(1000)), (Some(None), Some(None)));
        assert_eq!((places.get(far), places.get(-1)), (None, None), "never remembered, so always asked");
        assert!(places.by_row.len() < 10);
    }
}
