//! The register as tables that people keep in a spreadsheet (CSV, one kind a file) or in an editor (TOML, everything).
//!
//! Reading gives [`Edit`]s, or every faulty line; the edits then go through [`crate::Store::change`] like any other. What was
//! written is read back as the same entries.

mod csv;
mod given;
mod toml;

pub use given::{Given, entry_of, given_of};

use crate::{Action, Edit, Fault, Kind, Refused, Standing, What};

/// Largest file that is read.
pub const LARGEST: u64 = 256 << 20;

/// Which form a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv(Kind),
    Toml,
}

/// Why a file is no table at all; what is wrong with its entries is [`TableError::Refused`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    #[error("the file is UTF-16")]
    Utf16,
    #[error("line {line} is not UTF-8")]
    NotUtf8 { line: usize },
    #[error("the file is larger than {LARGEST} bytes")]
    TooLarge,
    #[error("the file has no line with column names")]
    NoHeader,
    #[error("`{name}` is not a column of this table")]
    UnknownColumn { name: String },
    #[error("column `{name}` stands twice")]
    ColumnTwice { name: String },
    #[error("column `{name}` is missing")]
    MissingColumn { name: &'static str },
    #[error("line {line}: a quoted cell does not end")]
    OpenQuote { line: usize },
    #[error("line {line}: a quote stands where none may stand")]
    StrayQuote { line: usize },
    #[error("line {line} has {found} cells, the column names are {expected}")]
    Cells { line: usize, found: usize, expected: usize },
    #[error("line {line}: {what}")]
    Toml { line: usize, what: String },
    #[error("the file says format {0}")]
    Format(i64),
    #[error("{} entries are refused", .0.len())]
    Refused(Vec<Refused>),
}

/// The text of a file: UTF-8, with or without the mark that Excel puts before it.
fn text(bytes: &[u8]) -> Result<&str, TableError> {
    if bytes.len() as u64 > LARGEST {
        return Err(TableError::TooLarge);
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) || bytes.iter().take(4096).any(|b| *b == 0) {
        return Err(TableError::Utf16);
    }
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|e| {
        let before = bytes.get(..e.valid_up_to()).unwrap_or_default();
        TableError::NotUtf8 { line: before.iter().filter(|b| **b == b'\n').count() + 1 }
    })
}

/// Reads a file into edits.
///
/// Errors: what makes it no table, else every faulty entry with its line.
pub fn read(bytes: &[u8], format: Format) -> Result<Vec<Edit>, TableError> {
    let text = text(bytes)?;
    let rows = match format {
        Format::Csv(kind) => csv::rows(text, kind)?,
        Format::Toml => toml::rows(text)?,
    };
    let mut edits = Vec::with_capacity(rows.len());
    let mut refused = Vec::new();
    for Row { line, kind, given } in rows {
        let id = given.iter().find(|(field, _)| field == kind.id_field()).map(|(_, given)| given.text()).unwrap_or_default();
        match given::entry_and_end(kind, given) {
            Ok((entry, ended)) => {
                let action = if ended { Action::PutEnded(Box::new(entry)) } else { Action::Put(Box::new(entry)) };
                edits.push(Edit { line: Some(line), action });
            }
            Err(faults) => {
                refused.extend(faults.into_iter().map(|fault| Refused {
                    line: Some(line),
                    kind: Some(kind),
                    id: id.clone(),
                    fault,
                }));
            }
        }
    }
    if refused.is_empty() {
        return Ok(edits);
    }
    // With the lines that could not be read, the reader wants to know of all that is wrong with the others.
    for edit in &mut edits {
        let Edit { line, action: Action::Put(entry) | Action::PutEnded(entry) } = edit else { continue };
        entry.normalise();
        let (kind, id) = (entry.kind(), entry.id());
        refused.extend(entry.faults().into_iter().map(|fault| Refused { line: *line, kind: Some(kind), id: id.clone(), fault }));
    }
    refused.sort_by_key(|r| r.line);
    Err(TableError::Refused(refused))
}

/// Writes tables.
#[derive(Debug)]
pub struct Writer {
    format: Format,
    out: String,
}

impl Writer {
    #[must_use]
    pub fn new(format: Format) -> Self {
        let out = match format {
            Format::Csv(kind) => csv::heading(kind),
            Format::Toml => toml::HEADING.to_owned(),
        };
        Self { format, out }
    }

    /// Adds an entry; of a kind that the table is not of, nothing.
    pub fn add(&mut self, standing: &Standing) {
        let cells = given::cells_of(standing);
        match self.format {
            Format::Csv(kind) if kind == standing.entry.kind() => csv::add(&mut self.out, &cells),
            Format::Csv(_) => {}
            Format::Toml => toml::add(&mut self.out, standing.entry.kind(), &cells),
        }
    }

    #[must_use]
    pub fn finish(self) -> String {
        self.out
    }
}

/// One entry as it stands in a file.
struct Row {
    line: usize,
    kind: Kind,
    given: Vec<(String, Given)>,
}

fn unknown(name: &str) -> Fault {
    Fault { field: "", what: What::UnknownField(name.to_owned()) }
}
