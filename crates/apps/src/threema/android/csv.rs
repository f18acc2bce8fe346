//! The tables of the backup: comma-separated, a first row with names, in a stream and within bounds.
//!
//! Written by the app with `"` around what needs it, `""` for a quote and `\\` for a backslash within quotes
//! (`reference/exports.md §6.1`). Columns are asked for by name: versions add some and drop others, and their order says nothing.

use std::{
    collections::HashMap,
    io::{self, BufRead, BufReader, Read},
};

/// Bytes of one field that are kept. The app's own texts end at some thousands; lists of members and states are longer.
pub const LONGEST_FIELD: usize = 1 << 20;
/// Bytes of one row that are kept.
pub const LONGEST_ROW: usize = 4 << 20;
/// More columns than any version has.
pub const MOST_COLUMNS: usize = 256;

/// Why a table ended early.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    #[error("the table could not be read: {0}")]
    Io(#[from] io::Error),
    /// A quote is open when the bytes end: the last row is not whole, and not given.
    #[error("the table ends within a row")]
    Cut,
    #[error("the table has no row with names")]
    NoNames,
}

/// What had to be left or repaired.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repairs {
    /// Fields of which only the beginning is kept.
    pub cut_fields: u64,
    pub invalid_utf8: u64,
    /// Fields beyond the columns that have a name.
    pub nameless_fields: u64,
}

/// Rows, one after the other.
pub struct Csv<R> {
    reader: BufReader<R>,
    names: HashMap<String, usize>,
    columns: usize,
    rows: u64,
    repairs: Repairs,
    ended: bool,
}

impl<R> std::fmt::Debug for Csv<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Csv").field("columns", &self.columns).field("rows", &self.rows).finish_non_exhaustive()
    }
}

/// One row. Fields by the place of their column.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Row {
    fields: Vec<String>,
    /// Rows before it.
    pub number: u64,
}

impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Row").field("fields", &self.fields.len()).field("number", &self.number).finish()
    }
}

impl Row {
    /// What stands there; an empty field and a missing one are nothing.
    #[must_use]
    pub fn text(&self, column: Option<usize>) -> Option<&str> {
        self.fields.get(column?).map(String::as_str).filter(|text| !text.is_empty())
    }

    #[must_use]
    pub fn number(&self, column: Option<usize>) -> Option<i64> {
        self.text(column)?.trim().parse().ok()
    }

    /// The app writes 1 and 0.
    #[must_use]
    pub fn flag(&self, column: Option<usize>) -> bool {
        self.text(column).is_some_and(|text| text == "1" || text.eq_ignore_ascii_case("true"))
    }

    /// The parts of a list.
    pub fn list(&self, column: Option<usize>) -> impl Iterator<Item = &str> {
        self.text(column).unwrap_or_default().split(';').filter(|part| !part.is_empty())
    }

    /// Bytes that it holds.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.fields.iter().map(|field| size_of::<String>() + field.len()).sum()
    }
}

/// Where in a field the reader stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Begin,
    Plain,
    Quoted,
    /// Behind a quote within quotes: it ends the field or stands for itself.
    Quote,
    Backslash,
}

/// A row while its bytes come.
struct Gathered {
    fields: Vec<Vec<u8>>,
    field: Vec<u8>,
    bytes: usize,
    cut: bool,
    most: usize,
    repairs: Repairs,
    any: bool,
}

impl Gathered {
    fn new(most: usize) -> Self {
        Self {
            fields: Vec::with_capacity(most.min(32)),
            field: Vec::new(),
            bytes: 0,
            cut: false,
            most,
            repairs: Repairs::default(),
            any: false,
        }
    }

    fn put(&mut self, byte: u8) {
        self.any = true;
        if self.field.len() < LONGEST_FIELD && self.bytes < LONGEST_ROW {
            self.field.push(byte);
            self.bytes += 1;
        } else {
            self.cut = true;
        }
    }

    fn end_field(&mut self) {
        let field = std::mem::take(&mut self.field);
        self.repairs.cut_fields += u64::from(std::mem::take(&mut self.cut));
        if self.fields.len() < self.most {
            self.fields.push(field);
        } else {
            self.repairs.nameless_fields += 1;
        }
    }
}

impl<R: Read> Csv<R> {
    /// Reads the names.
    pub fn open(source: R) -> Result<Self, CsvError> {
        let mut csv = Self {
            reader: BufReader::with_capacity(64 << 10, source),
            names: HashMap::new(),
            columns: MOST_COLUMNS,
            rows: 0,
            repairs: Repairs::default(),
            ended: false,
        };
        let names = csv.next()?.ok_or(CsvError::NoNames)?;
        for (at, name) in names.fields.iter().enumerate() {
            let name = name.trim_start_matches('\u{feff}').trim();
            // Of two columns of one name the first counts.
            csv.names.entry(name.to_owned()).or_insert(at);
        }
        csv.columns = names.fields.len();
        csv.rows = 0;
        Ok(csv)
    }

    /// The place of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    #[must_use]
    pub fn columns<const N: usize>(&self, names: [&str; N]) -> [Option<usize>; N] {
        names.map(|name| self.column(name))
    }

    #[must_use]
    pub fn repairs(&self) -> Repairs {
        self.repairs
    }

    /// The next row, whole. Empty lines are none.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<Row>, CsvError> {
        while !self.ended {
            let Some(gathered) = self.gather()? else { continue };
            let fields = gathered.fields.into_iter().map(|field| {
                String::from_utf8(field).unwrap_or_else(|error| {
                    self.repairs.invalid_utf8 += 1;
                    String::from_utf8_lossy(error.as_bytes()).into_owned()
                })
            });
            let row = Row { fields: fields.collect(), number: self.rows };
            self.rows += 1;
            return Ok(Some(row));
        }
        Ok(None)
    }

    /// Up to the end of a row; none when nothing stood before it.
    fn gather(&mut self) -> Result<Option<Gathered>, CsvError> {
        let (mut row, mut at) = (Gathered::new(self.columns), At::Begin);
        let whole = loop {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.ended = true;
                    return Err(error.into());
                }
            };
            if buffer.is_empty() {
                self.ended = true;
                break !matches!(at, At::Quoted | At::Backslash);
            }
            let (taken, ended) = walk(buffer, &mut row, &mut at);
            self.reader.consume(taken);
            if ended {
                break true;
            }
        };
        if !whole {
            return Err(CsvError::Cut);
        }
        if !row.any && row.fields.is_empty() {
            return Ok(None);
        }
        // A line that ends in \r\n.
        if at == At::Plain && row.field.last() == Some(&b'\r') {
            row.field.pop();
        }
        row.end_field();
        self.repairs.cut_fields += row.repairs.cut_fields;
        self.repairs.nameless_fields += row.repairs.nameless_fields;
        Ok(Some(row))
    }
}

/// Takes bytes up to the end of the row, or all. Returns how many, and whether the row has ended.
fn walk(bytes: &[u8], row: &mut Gathered, at: &mut At) -> (usize, bool) {
    for (n, &byte) in bytes.iter().enumerate() {
        *at = match (*at, byte) {
            (At::Begin | At::Plain | At::Quote, b'\n') => return (n + 1, true),
            (At::Begin | At::Plain | At::Quote, b',') => {
                row.end_field();
                At::Begin
            }
            (At::Begin, b'"') => {
                row.any = true;
                At::Quoted
            }
            (At::Begin | At::Plain, byte) => {
                row.put(byte);
                At::Plain
            }
            (At::Quoted, b'"') => At::Quote,
            (At::Quoted, b'\\') => At::Backslash,
            (At::Quote, b'"') => {
                row.put(byte);
                At::Quoted
            }
            (At::Quote, b'\r') => At::Quote,
            // Nothing that the app writes; what stands there is kept.
            (At::Quote, byte) => {
                row.put(byte);
                At::Plain
            }
            (At::Backslash, b'\\' | b'"') | (At::Quoted, _) => {
                row.put(byte);
                At::Quoted
            }
            // A backslash that stands for itself.
            (At::Backslash, byte) => {
                row.put(b'\\');
                row.put(byte);
                At::Quoted
            }
        };
    }
    (bytes.len(), false)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &[u8]) -> (Vec<Vec<String>>, Repairs, Option<CsvError>) {
        let mut csv = Csv::open(text).unwrap();
        let mut all = Vec::new();
        loop {
            match csv.next() {
                Ok(Some(row)) => all.push(row.fields),
                Ok(None) => return (all, csv.repairs(), None),
                Err(error) => return (all, csv.repairs(), Some(error)),
            }
        }
    }

    /// As the app's own writer does it.
    fn quoted(field: &str) -> String {
        format!("\"{}\"", field.replace('\\', "\\\\").replace('"', "\"\""))
    }

    #[test]
    fn rows_are_read_with_and_without_quotes() {
        let text = "\u{feff}a,b,\"c\"\r\n1,\"twee, \"\"drie\"\"\nvier\",\\n\n\n,,\n\"een \\\\ pad\",\"\",x\\\\y\n";
        let (all, repairs, error) = rows(text.as_bytes());
        let expected = [vec!["1", "twee, \"drie\"\nvier", "\\n"], vec!["", "", ""], vec!["een \\ pad", "", "x\\\\y"]];
        assert_eq!(
            (all, repairs),
            (expected.map(|row| row.into_iter().map(str::to_owned).collect()).to_vec(), Repairs::default())
        );
        assert!(error.is_none());
        let csv = Csv::open(text.as_bytes()).unwrap();
        assert_eq!(csv.columns(["a", "c", "z"]), [Some(0), Some(2), None]);
    }

    #[test]
    fn values_are_what_the_columns_hold() {
        let mut csv = Csv::open(&b"n,flag,list,empty\n\" 42 \",1,\"A;B;;C\",\n"[..]).unwrap();
        let row = csv.next().unwrap().unwrap();
        let [n, flag, list, empty, none] = csv.columns(["n", "flag", "list", "empty", "none"]);
        assert_eq!((row.number(n), row.flag(flag), row.text(empty), row.text(none)), (Some(42), true, None, None));
        assert_eq!(row.list(list).collect::<Vec<_>>(), ["A", "B", "C"]);
        assert_eq!((row.number(list), row.flag(list)), (None, false));
    }

    #[test]
    fn a_quote_that_never_closes_ends_the_table_and_gives_no_half_row() {
        let (all, _, error) = rows(b"a,b\n1,2\n3,\"vier\n5,6\n");
        assert_eq!(all, [["1", "2"]]);
        assert!(matches!(error, Some(CsvError::Cut)));
        assert!(matches!(Csv::open(&b""[..]), Err(CsvError::NoNames)));
        // The last line may lack its end.
        assert_eq!(rows(b"a\n1\n2").0, [["1"], ["2"]]);
    }

    #[test]
    fn fields_rows_and_columns_have_bounds_and_what_is_left_is_counted() {
        let long = "x".repeat(LONGEST_FIELD + 5);
        let (all, repairs, _) = rows(format!("a,b\n{},1,2,3\n", quoted(&long)).as_bytes());
        let fields = all.first().unwrap();
        assert_eq!(fields.iter().map(String::len).collect::<Vec<_>>(), [LONGEST_FIELD, 1]);
        assert_eq!(repairs, Repairs { cut_fields: 1, invalid_utf8: 0, nameless_fields: 2 });
        let names = ",".repeat(MOST_COLUMNS + 10);
        assert_eq!(Csv::open(format!("{names}\n").as_bytes()).unwrap().columns, MOST_COLUMNS);
        let (all, repairs, _) = rows(b"a\n\xff\xfe\n");
        assert_eq!((all, repairs.invalid_utf8), (vec![vec!["\u{fffd}\u{fffd}".to_owned()]], 1));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn what_the_app_writes_comes_back(table in proptest::collection::vec(proptest::collection::vec("[\\PC\n\r\"\\\\,;]{0,12}", 3), 0..6)) {
            let mut text = "a,b,c\n".to_owned();
            for row in &table {
                let fields: Vec<String> = row.iter().map(|field| quoted(field)).collect();
                text.push_str(&fields.join(","));
                text.push('\n');
            }
            let (all, repairs, error) = rows(text.as_bytes());
            prop_assert!(error.is_none() && repairs == Repairs::default());
            prop_assert_eq!(all, table);
        }
    }
}
