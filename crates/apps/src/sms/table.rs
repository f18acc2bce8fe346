//! The rows of one table, out of its answers: what the phone was asked, in the order in which it was asked.

use super::answers::{Frames, Next};
use crate::{ReadError, Summary};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use uitlezen_provider::{Answer, Asked, Cut, Table, cut, ids, one_value, replace};

/// One row.
#[derive(Debug, Default)]
pub(super) struct Cells {
    pub(super) id: i64,
    /// By column; a column that is NULL is not there.
    pub(super) values: BTreeMap<String, String>,
}

impl Cells {
    pub(super) fn number(&self, column: &str) -> Option<i64> {
        self.values.get(column)?.parse().ok()
    }

    pub(super) fn take(&mut self, column: &str) -> Option<String> {
        self.values.remove(column)
    }
}

/// A row on its way.
enum State {
    Clear(Vec<String>),
    /// What was asked value by value.
    Values(BTreeMap<String, String>),
}

struct Page {
    range: (i64, i64),
    columns: Vec<String>,
    rows: Vec<(i64, State)>,
}

/// Reads a table row by row.
pub(super) struct Rows {
    frames: Frames,
    table: Table,
    /// `(bound, id)`.
    ids: Vec<(i64, i64)>,
    /// By column, the rows in which the text is the word itself.
    words: HashMap<String, HashSet<i64>>,
    page: Option<Page>,
    ready: VecDeque<Cells>,
    over: bool,
}

impl Rows {
    pub(super) fn open(table: Table, frames: Frames) -> Self {
        let (ids, words) = (Vec::new(), HashMap::new());
        Self { frames, table, ids, words, page: None, ready: VecDeque::new(), over: false }
    }

    /// The next row, in the order of the table.
    pub(super) fn next(&mut self, summary: &mut Summary) -> Result<Option<Cells>, ReadError> {
        loop {
            if let Some(row) = self.ready.pop_front() {
                return Ok(Some(row));
            }
            if self.over {
                return Ok(None);
            }
            match self.frames.next(self.table.name, summary) {
                Next::Answer(answer) => self.take(&answer, summary),
                Next::Over(end) => {
                    self.flush(summary);
                    self.over = true;
                    if let Some(end) = end {
                        self.account(&end, summary);
                    }
                }
            }
        }
    }

    fn account(&self, end: &uitlezen_provider::End, summary: &mut Summary) {
        let unread = end.unread + if end.cut_off { 1 } else { 0 };
        // Rows that stayed unclear were counted as they came by.
        match self.table.group {
            Some(_) => summary.oddities.dropped_side_rows += unread,
            None => summary.oddities.dropped_messages += unread,
        }
        if end.refused {
            super::answers::stopped(self.table.name, summary);
        }
    }

    fn take(&mut self, answer: &Answer, summary: &mut Summary) {
        let text = String::from_utf8_lossy(&answer.output);
        let question = &answer.question;
        match question.asked {
            Asked::Ids => {
                let Some(found) = ids(&text, self.table.bound()) else { return };
                match question.range {
                    None => self.ids = found,
                    Some((first, last)) => replace(&mut self.ids, &(first..=last), &found),
                }
            }
            Asked::WordNull => {
                if let (Some(column), Some(found)) = (&question.about, ids(&text, "_id")) {
                    self.words.insert(column.clone(), found.into_iter().map(|(_, id)| id).collect());
                }
            }
            Asked::Page => self.page(question.range, &question.columns, &text, summary),
            Asked::Value => self.value(question.of.first().copied(), &question.columns, &text),
            Asked::Columns | Asked::Addresses => {}
        }
    }

    fn page(&mut self, range: Option<(i64, i64)>, columns: &[String], text: &str, summary: &mut Summary) {
        let Some((first, last)) = range else { return };
        let start = self.ids.partition_point(|(bound, _)| *bound < first);
        let end = self.ids.partition_point(|(bound, _)| *bound <= last);
        let ids: Vec<i64> = self.ids.get(start..end).unwrap_or_default().iter().map(|(_, id)| *id).collect();
        let names: Vec<&str> = columns.iter().map(String::as_str).collect();
        // A page that does not fit was asked while rows came or went, and is asked again.
        let Some(rows) = cut(text, &names, &ids) else { return };
        let state = |row| match row {
            Cut::Row(values) => State::Clear(values),
            Cut::Unclear => State::Values(BTreeMap::new()),
        };
        let rows: Vec<(i64, State)> = ids.iter().copied().zip(rows.into_iter().map(state)).collect();
        match &mut self.page {
            // A smaller page for what was unclear in this one.
            Some(page) if page.range.0 <= first && last <= page.range.1 && page.columns == columns => {
                let mut better: HashMap<i64, State> = rows.into_iter().collect();
                for (id, state) in &mut page.rows {
                    if matches!(state, State::Values(_))
                        && let Some(State::Clear(values)) = better.remove(id)
                    {
                        *state = State::Clear(values);
                    }
                }
            }
            _ => {
                self.flush(summary);
                self.page = Some(Page { range: (first, last), columns: columns.to_vec(), rows });
            }
        }
    }

    fn value(&mut self, id: Option<i64>, columns: &[String], text: &str) {
        let Some(page) = &mut self.page else { return };
        let Some((id, State::Values(values))) = page.rows.iter_mut().find(|(row, _)| Some(*row) == id) else { return };
        match columns {
            [column] if column != "_id" => {
                if let Some(value) = one_value(text, column) {
                    values.insert(column.clone(), value.to_owned());
                }
            }
            columns => {
                let names: Vec<&str> = columns.iter().map(String::as_str).collect();
                if let Some([Cut::Row(found)]) = cut(text, &names, &[*id]).as_deref() {
                    values.extend(columns.iter().cloned().zip(found.iter().cloned()));
                }
            }
        }
    }

    /// The page is as good as it gets.
    fn flush(&mut self, summary: &mut Summary) {
        let Some(Page { columns, rows, .. }) = self.page.take() else { return };
        for (id, state) in rows {
            let values: Vec<(String, String)> = match state {
                State::Clear(values) => columns.iter().cloned().zip(values).collect(),
                State::Values(values) if values.len() == columns.len() => values.into_iter().collect(),
                State::Values(_) => {
                    match self.table.group {
                        Some(_) => summary.oddities.dropped_side_rows += 1,
                        None => summary.oddities.dropped_messages += 1,
                    }
                    continue;
                }
            };
            let is_there = |(column, value): &(String, String)| {
                value != "NULL" || self.words.get(column).is_some_and(|words| words.contains(&id))
            };
            self.ready.push_back(Cells { id, values: values.into_iter().filter(is_there).collect() });
        }
    }
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("table", &self.table.name).field("ids", &self.ids.len()).finish_non_exhaustive()
    }
}
