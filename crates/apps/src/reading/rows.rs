//! Rows of another table for one run of messages, each taken when its message is put together.

/// Rows by message and, within a message, by their own row id; each taken once. Messages ask in the order of their rows, so
/// the place of the last question is where the next one looks first.
#[derive(Debug)]
pub(crate) struct Rows<T> {
    pub(crate) rows: Vec<(i64, i64, Option<T>)>,
    /// Rows before this one are of lower keys than the one asked for last.
    at: usize,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), at: 0 }
    }
}

impl<T> Rows<T> {
    /// `rows` sorted by key and row id.
    pub(crate) fn of(rows: Vec<(i64, i64, Option<T>)>) -> Self {
        Self { rows, at: 0 }
    }

    /// Place of the first row whose key is not lower.
    fn seek(&mut self, key: i64) -> usize {
        // How far it pays to walk: behind it, halving finds the place in fewer steps.
        const STEPS: usize = 4;
        let lower = |row: &(i64, i64, Option<T>)| row.0 < key;
        if self.at > 0 && self.rows.get(self.at - 1).is_some_and(|row| !lower(row)) {
            self.at = self.rows.partition_point(lower);
        }
        for _ in 0..STEPS {
            if !self.rows.get(self.at).is_some_and(lower) {
                return self.at;
            }
            self.at += 1;
        }
        self.at += self.rows.get(self.at..).unwrap_or_default().partition_point(lower);
        self.at
    }

    /// Takes the (first) row of a key.
    pub(crate) fn take(&mut self, key: i64) -> Option<T> {
        let at = self.seek(key);
        self.rows.get_mut(at).filter(|(k, ..)| *k == key).and_then(|(.., row)| row.take())
    }

    /// Takes all rows of a key, in the order of the table.
    pub(crate) fn take_all(&mut self, key: i64) -> Vec<T> {
        let at = self.seek(key);
        let run = self.rows.get_mut(at..).unwrap_or_default().iter_mut().take_while(|(k, ..)| *k == key);
        run.filter_map(|(.., row)| row.take()).collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (i64, &T)> {
        self.rows.iter().filter_map(|(key, _, row)| row.as_ref().map(|row| (*key, row)))
    }
}
