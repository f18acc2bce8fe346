//! Reading `content query`, which escapes nothing: by the columns we asked for, never by guessing at commas
//! (reference/android.md §1.3, §4.3).

use super::{link::AndroidLink, shell::quote};
use crate::error::{PhoneError, Refusal};
use std::collections::BTreeSet;

/// What one provider query came to.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Rows {
    /// Values in the order of the columns asked for. SQL NULL reads as the text `NULL`.
    Some(Vec<Vec<String>>),
    /// "No result found.": no rows, or a provider that answers so when it does not like the question.
    None,
    Refused(Refusal),
    /// Not in the form of a query's output.
    Unreadable,
}

/// Output may be content.
impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Some(rows) => write!(f, "Some({} rows)", rows.len()),
            Self::None => f.write_str("None"),
            Self::Refused(why) => write!(f, "Refused({why:?})"),
            Self::Unreadable => f.write_str("Unreadable"),
        }
    }
}

/// A provider query: always an explicit user and projection, the free-text column last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query<'a> {
    pub user: u32,
    pub uri: &'a str,
    pub columns: &'a [&'a str],
    pub filter: Option<&'a str>,
    pub sort: Option<&'a str>,
}

impl Query<'_> {
    pub(crate) fn command(&self) -> String {
        let mut command = format!(
            "content query --user {} --uri {} --projection {}",
            self.user,
            quote(self.uri),
            quote(&self.columns.join(":"))
        );
        for (flag, value) in [("--where", self.filter), ("--sort", self.sort)] {
            if let Some(value) = value {
                command.push_str(&format!(" {flag} {}", quote(value)));
            }
        }
        command
    }

    pub(crate) fn run(&self, link: &mut dyn AndroidLink, limit: usize) -> Result<Rows, PhoneError> {
        let output = match link.run(&self.command(), limit) {
            Ok(output) => output,
            Err(error) if error.ends_the_link() => return Err(error),
            Err(PhoneError::Refused(why)) => return Ok(Rows::Refused(why)),
            Err(_) => return Ok(Rows::Unreadable),
        };
        // The exit status of `content` is not reliable, in either direction.
        if output.looks_refused() || output.code != Some(0) {
            let words = if output.stderr.is_empty() { &output.stdout } else { &output.stderr };
            return Ok(Rows::Refused(Refusal::from_text(words)));
        }
        let Ok(text) = String::from_utf8(output.stdout) else { return Ok(Rows::Unreadable) };
        if text.trim() == "No result found." {
            return Ok(Rows::None);
        }
        Ok(parse(&text, self.columns).map_or(Rows::Unreadable, Rows::Some))
    }
}

/// Rows must begin `Row: <n> ` at the start of a line with n counting up; a value ends at `, <next column>=`; the last value
/// ends where the next row begins and that row parses whole.
pub(crate) fn parse(text: &str, columns: &[&str]) -> Option<Vec<Vec<String>>> {
    let mut rows = Vec::new();
    let mut rest = text.strip_suffix('\n').unwrap_or(text);
    while !rest.is_empty() {
        let body = rest.strip_prefix(&format!("Row: {} ", rows.len()))?;
        let marker = format!("\nRow: {} {}=", rows.len() + 1, columns.first()?);
        let (body, after) = match body.split_once(&marker) {
            // Keep the marker's row for the next turn, without its line break.
            Some((body, tail)) => (body, rest.get(rest.len() - tail.len() - marker.len() + 1..)?),
            None => (body, ""),
        };
        rows.push(row(body, columns)?);
        rest = after;
    }
    Some(rows)
}

fn row(body: &str, columns: &[&str]) -> Option<Vec<String>> {
    let (first, others) = columns.split_first()?;
    let mut rest = body.strip_prefix(&format!("{first}="))?;
    let mut values = Vec::with_capacity(columns.len());
    for column in others {
        let (value, tail) = rest.split_once(&format!(", {column}="))?;
        values.push(value.to_owned());
        rest = tail;
    }
    values.push(rest.to_owned());
    Some(values)
}

/// The set of `_id`s of a parsed answer whose first column is `_id`; `None` when one is no number or comes twice.
pub(crate) fn ids(rows: &[Vec<String>]) -> Option<BTreeSet<i64>> {
    let mut ids = BTreeSet::new();
    for row in rows {
        if !ids.insert(row.first()?.parse().ok()?) {
            return None;
        }
    }
    Some(ids)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn commas_line_breaks_and_look_alikes_stay_in_their_value() {
        let text = "Row: 0 _id=1, n=+31, name=Jansen, Jan\nRow: 9 x\nRow: 1 _id=7, n=NULL, name=a=b, n=c\n";
        let rows = parse(text, &["_id", "n", "name"]).unwrap();
        assert_eq!(rows, [["1", "+31", "Jansen, Jan\nRow: 9 x"], ["7", "NULL", "a=b, n=c"]]);
        assert_eq!(ids(&rows), Some(BTreeSet::from([1, 7])));
        assert!(parse("Row: 1 _id=1\n", &["_id"]).is_none(), "must count from 0");
        assert!(parse("something else", &["_id"]).is_none());
    }

    proptest! {
        #[test]
        fn what_content_prints_is_read_back(names in prop::collection::vec("[a-z ,=\\n]{0,12}", 0..6)) {
            let mut text = String::new();
            for (n, name) in names.iter().enumerate() {
                text.push_str(&format!("Row: {n} _id={n}, name={name}\n"));
            }
            let rows = parse(&text, &["_id", "name"]).unwrap();
            prop_assert_eq!(rows.len(), names.len());
            for (row, name) in rows.iter().zip(&names) {
                prop_assert_eq!(&row[1], name);
            }
        }

        #[test]
        fn any_text_is_survived(text in "\\PC{0,80}") {
            let _ = parse(&text, &["_id", "name"]);
        }
    }

    #[test]
    fn arguments_are_quoted_for_the_phone_s_shell() {
        let query = Query { user: 10, uri: "content://sms", columns: &["_id"], filter: Some("a='x'"), sort: None };
        assert_eq!(query.command(), r"content query --user 10 --uri 'content://sms' --projection '_id' --where 'a='\''x'\'''");
    }
}
