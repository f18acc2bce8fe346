//! One table of a content provider, asked for in pages, and every answer written down as it was received
//! (`reference/android.md §4.3`).
//!
//! First the ids of all rows, then the columns that there are, then pages by ranges of ids: a message that arrives meanwhile is
//! outside of them, one that is deleted shows as a page that does not fit its ids. Where a page can be cut in more than one way
//! its rows are asked for in smaller pages, and at last value by value.

use super::{
    link::AndroidLink,
    shell::{Output, quote},
};
use crate::error::{Fault, PhoneError, Refusal};
use std::io::Write;
use uitlezen_provider::{ADDRESSES, Asked, Cut, End, MMS, MOST_ROWS, PAGE, Question, Table, Writer};

/// The answer to one question.
const LIMIT: usize = 64 << 20;
/// Values asked one by one of one table, at most.
const MOST_VALUES: u32 = 4_000;
/// Times that a page is asked for while its rows come and go.
const ATTEMPTS: u32 = 3;
/// One command line: what the oldest way through an adb server takes, and room to spare.
const LINE: usize = 24 * 1024;

/// What came of a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// Its answers are written.
    Here(End),
    Refused(Refusal),
    /// It is not there.
    Absent,
    Unreadable,
}

/// Asks, and writes down.
pub(super) struct Asking<'a, W> {
    link: &'a mut dyn AndroidLink,
    user: u32,
    table: Table,
    to: Writer<W>,
    /// What may be asked for, from everything to the least.
    columns: Vec<Vec<String>>,
    values: u32,
    end: End,
}

enum Said {
    Text(String),
    Refused(Refusal),
}

/// Whether these are the words of a refusal. Text of a message stands behind the first row only.
pub(super) fn refused(output: &Output) -> Option<Refusal> {
    let begins = |bytes: &[u8], words: &str| bytes.trim_ascii_start().starts_with(words.as_bytes());
    let says = |bytes: &[u8]| {
        ["Error while accessing provider", "java.lang.", "Security exception", "Exception occurred while", "Error: java.lang."]
            .iter()
            .any(|words| begins(bytes, words))
    };
    let complains = output.stderr.split(|b| *b == b'\n').any(says);
    if says(&output.stdout) {
        return Some(Refusal::from_text(output.stdout.get(..4096).unwrap_or(&output.stdout)));
    }
    let failed = output.code.is_some_and(|code| code != 0) && !begins(&output.stdout, "Row: 0 ");
    (complains || failed).then(|| Refusal::from_text(if output.stderr.is_empty() { &output.stdout } else { &output.stderr }))
}

impl<'a, W: Write> Asking<'a, W> {
    pub(super) fn new(link: &'a mut dyn AndroidLink, user: u32, table: Table, to: W) -> Result<Self, PhoneError> {
        let to = Writer::new(to).map_err(PhoneError::Sink)?;
        Ok(Self { link, user, table, to, columns: Vec::new(), values: 0, end: End::default() })
    }

    fn ask(&mut self, question: &Question, filter: Option<&str>) -> Result<Said, PhoneError> {
        let mut command = format!("content query --user {} --uri {}", self.user, quote(self.table.uri));
        if !question.columns.is_empty() {
            command.push_str(&format!(" --projection {}", quote(&question.columns.join(":"))));
        }
        if let Some(filter) = filter {
            command.push_str(&format!(" --where {}", quote(filter)));
        }
        if matches!(question.asked, Asked::Ids | Asked::Page) {
            command.push_str(&format!(" --sort {}", quote(&self.table.sort())));
        }
        let output = match self.link.run(&command, LIMIT) {
            Ok(output) => output,
            Err(error) if error.ends_the_link() => return Err(error),
            Err(PhoneError::Refused(why)) => return Ok(Said::Refused(why)),
            Err(_) => return Ok(Said::Refused(Refusal::Other)),
        };
        self.to.answer(question, output.code, &output.stdout, &output.stderr).map_err(PhoneError::Sink)?;
        Ok(match refused(&output) {
            Some(why) => Said::Refused(why),
            None => Said::Text(String::from_utf8_lossy(&output.stdout).into_owned()),
        })
    }

    fn id_columns(&self) -> Vec<String> {
        let mut columns = vec!["_id".to_owned()];
        columns.extend(self.table.group.map(str::to_owned));
        columns
    }

    fn within(&self, (first, last): (i64, i64)) -> String {
        let bound = self.table.bound();
        format!("{bound}>={first} AND {bound}<={last}")
    }

    /// The whole table.
    pub(super) fn run(mut self) -> Result<Came, PhoneError> {
        let question = Question::new(Asked::Ids, self.id_columns());
        let text = match self.ask(&question, None)? {
            Said::Text(text) => text,
            Said::Refused(Refusal::NotOffered) => return Ok(Came::Absent),
            Said::Refused(why) => return Ok(Came::Refused(why)),
        };
        let Some(mut ids) = uitlezen_provider::ids(&text, self.table.bound()) else { return Ok(Came::Unreadable) };
        self.end.rows = ids.len() as u64;
        if ids.len() > MOST_ROWS {
            ids.truncate(MOST_ROWS);
            self.end.cut_off = true;
        }
        if let Some((_, first)) = ids.first().copied() {
            self.learn(first)?;
            for page in uitlezen_provider::pages(&ids, PAGE) {
                let rows = ids.get(page.at).unwrap_or_default().to_vec();
                if self.end.refused {
                    self.end.unread += rows.len() as u64;
                } else {
                    self.page(rows)?;
                }
            }
        }
        let end = self.end;
        self.to.end(end).and_then(|mut to| to.flush()).map_err(PhoneError::Sink)?;
        Ok(Came::Here(end))
    }

    /// Which columns there are, and in which rows a text is the word `NULL`.
    fn learn(&mut self, first: i64) -> Result<(), PhoneError> {
        let question = Question { of: vec![first], ..Question::new(Asked::Columns, Vec::new()) };
        let names = match self.ask(&question, Some(&format!("_id={first}")))? {
            Said::Text(text) => uitlezen_provider::names(&text, &self.table),
            Said::Refused(_) => None,
        };
        let owned = |columns: Vec<&str>| columns.into_iter().map(str::to_owned).collect::<Vec<String>>();
        let mut choices: Vec<Vec<String>> = Vec::new();
        if let Some(names) = names {
            choices.push(owned(self.table.columns(&names)));
            choices.push(owned(self.table.explained(&names)));
        }
        choices.push(owned(self.table.least()));
        choices.dedup();
        choices.reverse();
        self.columns = choices;
        let texts: Vec<&str> = self.table.texts.iter().copied().filter(|text| self.now().iter().any(|c| c == text)).collect();
        for text in texts {
            let question = Question { about: Some(text.to_owned()), ..Question::new(Asked::WordNull, vec!["_id".to_owned()]) };
            self.ask(&question, Some(&format!("{text}='NULL'")))?;
        }
        Ok(())
    }

    /// The columns that are asked for now.
    fn now(&self) -> Vec<String> {
        self.columns.last().cloned().unwrap_or_default()
    }

    /// Rows that lie together: `(bound, id)`.
    fn page(&mut self, mut rows: Vec<(i64, i64)>) -> Result<(), PhoneError> {
        for _ in 0..ATTEMPTS {
            let (Some((first, _)), Some((last, _))) = (rows.first(), rows.last()) else { return Ok(()) };
            let range = (*first, *last);
            let columns = self.now();
            let question = Question { range: Some(range), ..Question::new(Asked::Page, columns.clone()) };
            let text = match self.ask(&question, Some(&self.within(range)))? {
                Said::Text(text) => text,
                // A column that is none, or one that the phone gives only to others.
                Said::Refused(_) if self.columns.len() > 1 => {
                    self.columns.pop();
                    continue;
                }
                Said::Refused(_) => {
                    self.end.refused = true;
                    self.end.unread += rows.len() as u64;
                    return Ok(());
                }
            };
            let names: Vec<&str> = columns.iter().map(String::as_str).collect();
            let ids: Vec<i64> = rows.iter().map(|(_, id)| *id).collect();
            if let Some(cut) = uitlezen_provider::cut(&text, &names, &ids) {
                return self.look_again(&rows, &cut);
            }
            let question = Question { range: Some(range), ..Question::new(Asked::Ids, self.id_columns()) };
            let now = match self.ask(&question, Some(&self.within(range)))? {
                Said::Text(text) => uitlezen_provider::ids(&text, self.table.bound()),
                Said::Refused(_) => None,
            };
            let Some(now) = now else {
                self.end.unread += rows.len() as u64;
                return Ok(());
            };
            self.end.gone += rows.len().saturating_sub(now.len()) as u64;
            rows = now;
        }
        self.smaller(rows)
    }

    /// What goes on changing, or is unclear as a whole.
    fn smaller(&mut self, rows: Vec<(i64, i64)>) -> Result<(), PhoneError> {
        let pages = uitlezen_provider::pages(&rows, rows.len() / 2);
        if pages.len() < 2 {
            self.end.unread += rows.len() as u64;
            return Ok(());
        }
        for page in pages {
            self.page(rows.get(page.at).unwrap_or_default().to_vec())?;
        }
        Ok(())
    }

    /// What of a page was unclear.
    fn look_again(&mut self, rows: &[(i64, i64)], cut: &[Cut]) -> Result<(), PhoneError> {
        let mut n = 0;
        while let Some(one) = cut.get(n) {
            let start = n;
            n += 1;
            if matches!(one, Cut::Row(_)) {
                continue;
            }
            while matches!(cut.get(n), Some(Cut::Unclear)) {
                n += 1;
            }
            let run = rows.get(start..n).unwrap_or_default();
            let (Some((first, _)), Some((last, _))) = (run.first(), run.last()) else { continue };
            let around: Vec<(i64, i64)> = rows.iter().filter(|(bound, _)| (first..=last).contains(&bound)).copied().collect();
            if around.len() < rows.len() {
                self.page(around)?;
            } else if uitlezen_provider::pages(&around, around.len() / 2).len() > 1 {
                self.smaller(around)?;
            } else {
                for (_, id) in run {
                    self.by_value(*id)?;
                }
            }
        }
        Ok(())
    }

    /// One row, its numbers together and every text alone.
    fn by_value(&mut self, id: i64) -> Result<(), PhoneError> {
        let columns = self.now();
        let (numbers, texts): (Vec<String>, Vec<String>) =
            columns.into_iter().partition(|column| column == "_id" || self.table.numbers.contains(&column.as_str()));
        let questions = texts.len() as u32 + 1;
        if self.values + questions > MOST_VALUES {
            self.end.unclear += 1;
            return Ok(());
        }
        self.values += questions;
        let filter = format!("_id={id}");
        let mut clear = true;
        let question = Question { of: vec![id], ..Question::new(Asked::Value, numbers.clone()) };
        let names: Vec<&str> = numbers.iter().map(String::as_str).collect();
        clear &= match self.ask(&question, Some(&filter))? {
            Said::Text(text) => matches!(uitlezen_provider::cut(&text, &names, &[id]).as_deref(), Some([Cut::Row(_)])),
            Said::Refused(_) => false,
        };
        for column in texts {
            let question = Question { of: vec![id], ..Question::new(Asked::Value, vec![column.clone()]) };
            clear &= match self.ask(&question, Some(&filter))? {
                Said::Text(text) => uitlezen_provider::one_value(&text, &column).is_some(),
                Said::Refused(_) => false,
            };
        }
        self.end.unclear += u64::from(!clear);
        Ok(())
    }

    /// From whom and to whom, message by message: the provider has no other way, so many questions go in one command.
    pub(super) fn addresses(mut self) -> Result<Came, PhoneError> {
        let question = Question::new(Asked::Ids, self.id_columns());
        let text = match self.ask(&question, None)? {
            Said::Text(text) => text,
            Said::Refused(Refusal::NotOffered) => return Ok(Came::Absent),
            Said::Refused(why) => return Ok(Came::Refused(why)),
        };
        let Some(mut ids) = uitlezen_provider::ids(&text, MMS.bound()) else { return Ok(Came::Unreadable) };
        self.end.cut_off = ids.len() > MOST_ROWS;
        ids.truncate(MOST_ROWS);
        let (mut at, mut line) = (0, LINE);
        while at < ids.len() {
            let (mut command, mut of) = (String::new(), Vec::new());
            for (_, id) in ids.get(at..).unwrap_or_default() {
                let one = format!(
                    "content query --user {} --uri content://mms/{id}/addr --projection {} 2>&1;echo ={id}=$?;",
                    self.user,
                    ADDRESSES.join(":")
                );
                if !of.is_empty() && command.len() + one.len() > line {
                    break;
                }
                command.push_str(&one);
                of.push(*id);
            }
            let output = match self.link.run(&command, LIMIT) {
                Ok(output) => output,
                // An old phone that takes only short lines.
                Err(PhoneError::Protocol(Fault::TooLong { .. })) if of.len() > 1 => {
                    line /= 2;
                    continue;
                }
                Err(error) if error.ends_the_link() => return Err(error),
                Err(_) => {
                    self.end.unread += of.len() as u64;
                    at += of.len();
                    continue;
                }
            };
            at += of.len();
            let question = Question { of: of.clone(), ..Question::new(Asked::Addresses, ADDRESSES.map(str::to_owned).to_vec()) };
            self.to.answer(&question, output.code, &output.stdout, &output.stderr).map_err(PhoneError::Sink)?;
            let text = String::from_utf8_lossy(&output.stdout);
            for segment in uitlezen_provider::segments(&text, &of) {
                match segment.and_then(uitlezen_provider::addresses) {
                    Some(rows) => self.end.rows += rows.len() as u64,
                    None => self.end.unread += 1,
                }
            }
        }
        let end = self.end;
        self.to.end(end).and_then(|mut to| to.flush()).map_err(PhoneError::Sink)?;
        Ok(Came::Here(end))
    }
}
