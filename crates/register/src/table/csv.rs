//! CSV as RFC 4180 and the Dutch Excel write it: comma, semicolon or tab, quotes, a mark before the first line or none.
//!
//! A cell that begins as a formula would be run by a spreadsheet. Written, such a cell gets a `'` before it; read, that `'` is
//! taken away again. A cell that had a `'` of its own before such a character gets one more, so that every text comes back.

use super::{Row, TableError, given::ENDED};
use crate::{Kind, table::Given};

/// Divides cells that are written: what Excel opens in the Netherlands without asking.
const SEMICOLON: char = ';';
const QUOTE: char = '"';
/// Most cells of a line.
const MOST_CELLS: usize = 64;

/// Whether a spreadsheet would take the text for a formula, whatever quotes stand before it.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

fn escaped(text: &str) -> String {
    if is_formula(text) { format!("'{text}") } else { text.to_owned() }
}

fn unescaped(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_formula(rest) => rest,
        _ => text,
    }
}

fn write_line(out: &mut String, cells: impl Iterator<Item = String>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            out.push(SEMICOLON);
        }
        let cell = escaped(&cell);
        if cell.contains([SEMICOLON, ',', '\t', QUOTE, '\n', '\r']) || cell.trim() != cell {
            out.push(QUOTE);
            out.push_str(&cell.replace(QUOTE, "\"\""));
            out.push(QUOTE);
        } else {
            out.push_str(&cell);
        }
    }
    out.push_str("\r\n");
}

pub(super) fn heading(kind: Kind) -> String {
    // The mark tells Excel that it is UTF-8.
    let mut out = String::from('\u{feff}');
    let names = kind.fields().iter().map(|field| field.name).chain([ENDED]);
    write_line(&mut out, names.map(str::to_owned));
    out
}

pub(super) fn add(out: &mut String, cells: &[(&'static str, Given)]) {
    write_line(out, cells.iter().map(|(_, given)| given.text()));
}

pub(super) fn rows(text: &str, kind: Kind) -> Result<Vec<Row>, TableError> {
    let (text, mut line, told) = match text.split_once('\n') {
        // Excel's own way to say it.
        Some((first, rest)) if first.trim_end_matches('\r').len() == 5 && first.starts_with("sep=") => {
            (rest, 2, first.chars().nth(4))
        }
        _ => (text, 1, None),
    };
    let by = told.unwrap_or_else(|| divider(text));
    let mut lines = Lines { rest: text, line: &mut line, by };
    let (_, names) = loop {
        match lines.next_line()? {
            None => return Err(TableError::NoHeader),
            Some((_, cells)) if is_blank(&cells) => {}
            Some(header) => break header,
        }
    };
    let names: Vec<String> = names.iter().map(|name| unescaped(name).trim().to_owned()).collect();
    for (at, name) in names.iter().enumerate() {
        if name != ENDED && !kind.fields().iter().any(|field| field.name == name) {
            return Err(TableError::UnknownColumn { name: name.chars().take(80).collect() });
        }
        if names.iter().take(at).any(|earlier| earlier == name) {
            return Err(TableError::ColumnTwice { name: name.clone() });
        }
    }
    if let Some(field) = kind.fields().iter().find(|field| field.needed && !names.iter().any(|name| name == field.name)) {
        return Err(TableError::MissingColumn { name: field.name });
    }
    let mut rows = Vec::new();
    while let Some((line, cells)) = lines.next_line()? {
        if is_blank(&cells) {
            continue;
        }
        if cells.len() != names.len() {
            return Err(TableError::Cells { line, found: cells.len(), expected: names.len() });
        }
        if rows.len() >= crate::MOST_EDITS {
            return Err(TableError::TooLarge);
        }
        let given = names.iter().cloned().zip(cells.iter().map(|cell| Given::Text(unescaped(cell).to_owned()))).collect();
        rows.push(Row { line, kind, given });
    }
    Ok(rows)
}

fn is_blank(cells: &[String]) -> bool {
    cells.iter().all(|cell| cell.trim().is_empty())
}

/// What divides the cells: what stands most often in the first line that says anything.
fn divider(text: &str) -> char {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    [SEMICOLON, ',', '\t'].into_iter().max_by_key(|by| (first.matches(*by).count(), *by == SEMICOLON)).unwrap_or(SEMICOLON)
}

struct Lines<'t, 'l> {
    rest: &'t str,
    line: &'l mut usize,
    by: char,
}

impl Lines<'_, '_> {
    /// The cells of the next line, and the line on which it begins.
    fn next_line(&mut self) -> Result<Option<(usize, Vec<String>)>, TableError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let began = *self.line;
        let mut cells = Vec::new();
        loop {
            let (cell, ended) = self.cell(began)?;
            if cells.len() >= MOST_CELLS {
                return Err(TableError::Cells { line: began, found: cells.len() + 1, expected: MOST_CELLS });
            }
            cells.push(cell);
            if ended {
                return Ok(Some((began, cells)));
            }
        }
    }

    /// One cell, and whether the line ends behind it.
    fn cell(&mut self, began: usize) -> Result<(String, bool), TableError> {
        let mut cell = String::new();
        if let Some(mut rest) = self.rest.strip_prefix(QUOTE) {
            loop {
                let Some((text, after)) = rest.split_once(QUOTE) else {
                    return Err(TableError::OpenQuote { line: began });
                };
                cell.push_str(text);
                *self.line += text.matches('\n').count();
                match after.strip_prefix(QUOTE) {
                    Some(after) => {
                        cell.push(QUOTE);
                        rest = after;
                    }
                    None => {
                        self.rest = after;
                        break;
                    }
                }
            }
        } else {
            let end = self.rest.find([self.by, '\n', QUOTE]).unwrap_or(self.rest.len());
            let (text, after) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
            if after.starts_with(QUOTE) {
                return Err(TableError::StrayQuote { line: *self.line });
            }
            // What is left of it before the end of a line.
            cell.push_str(if after.starts_with('\n') || after.is_empty() { text.trim_end_matches('\r') } else { text });
            self.rest = after;
        }
        if let Some(after) = self.rest.strip_prefix(self.by) {
            self.rest = after;
            return Ok((cell, false));
        }
        let after = self.rest.strip_prefix('\r').unwrap_or(self.rest);
        match after.strip_prefix('\n') {
            Some(after) => {
                self.rest = after;
                *self.line += 1;
            }
            None if after.is_empty() => self.rest = "",
            None => return Err(TableError::StrayQuote { line: *self.line }),
        }
        Ok((cell, true))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        let kind = Kind::Contact;
        let rows = rows(text, kind).unwrap();
        rows.into_iter().map(|row| row.given.into_iter().map(|(_, given)| given.text()).collect()).collect()
    }

    #[test]
    fn semicolons_commas_and_tabs_are_told_apart() {
        for by in [";", ",", "\t"] {
            let text = format!("id{by}name{by}identifiers\r\nc1{by}\"Jansen{by} J.\"{by}+31612345678\r\n");
            assert_eq!(cells(&text), [["c1".to_owned(), format!("Jansen{by} J."), "+31612345678".to_owned()]]);
        }
        assert_eq!(cells("sep=,\nid,name,identifiers\nc1,x,y")[0][2], "y");
    }

    #[test]
    fn lines_are_counted_through_quoted_line_ends() {
        let text = "id;name;identifiers\n\nc1;\"a\nb\";x\nc2;a;x\n";
        let lines: Vec<usize> = rows(text, Kind::Contact).unwrap().iter().map(|row| row.line).collect();
        assert_eq!(lines, [3, 5]);
        let open = "id;name;identifiers\nc1;\"a;b\nc2;c;d\n";
        assert_eq!(rows(open, Kind::Contact).err(), Some(TableError::OpenQuote { line: 2 }));
        let stray = "id;name;identifiers\nc1;a\"b;x\n";
        assert_eq!(rows(stray, Kind::Contact).err(), Some(TableError::StrayQuote { line: 2 }));
        let short = "id;name;identifiers\nc1;a\n";
        assert_eq!(rows(short, Kind::Contact).err(), Some(TableError::Cells { line: 2, found: 2, expected: 3 }));
    }

    #[test]
    fn columns_are_those_of_the_kind() {
        assert_eq!(rows("", Kind::Contact).err(), Some(TableError::NoHeader));
        assert_eq!(rows("id;naam;identifiers\n", Kind::Contact).err(), Some(TableError::UnknownColumn { name: "naam".into() }));
        assert_eq!(rows("id;name\n", Kind::Contact).err(), Some(TableError::MissingColumn { name: "identifiers" }));
        assert_eq!(rows("id;id\n", Kind::Contact).err(), Some(TableError::ColumnTwice { name: "id".into() }));
    }

    #[test]
    fn a_formula_is_made_harmless_and_comes_back() {
        for text in ["=1+1", "+31612345678", "-2", "@x", "\tx", "\rx", "'=1", "''+1", "'x", "x", "", "'"] {
            let out = escaped(text);
            assert!(!out.starts_with(['=', '+', '-', '@', '\t', '\r']), "{out:?}");
            assert_eq!(unescaped(&out), text, "{out:?}");
        }
    }
}
