//! Answers as received, one frame after the other.

use serde::{Deserialize, Serialize};
use std::io::{self, BufRead, Read, Write};

const HEAD: &str = "uitlezen-provider-answers 1\n";
/// A frame's line: the longest names the messages of one call.
const LONGEST_LINE: u64 = 64 << 10;
/// One answer.
const LONGEST_ANSWER: u64 = 64 << 20;

/// What a question is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    /// The ids of all rows, or of a range.
    Ids,
    /// The first row with every column.
    Columns,
    /// Ids of the rows whose text in one column is the word `NULL`.
    WordNull,
    Page,
    /// One value of one row.
    Value,
    /// Addresses of several messages, each behind a line that names it.
    Addresses,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub asked: Asked,
    /// First and last value of the column that bounds a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<(i64, i64)>,
    /// Of one row, or of several messages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<i64>,
    /// In the order asked for; none: whatever there is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Which text is the word `NULL`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}

impl Question {
    #[must_use]
    pub fn new(asked: Asked, columns: Vec<String>) -> Self {
        Self { asked, range: None, of: Vec::new(), columns, about: None }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    question: Option<Question>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<End>,
    #[serde(default)]
    exit: Option<u8>,
    #[serde(default)]
    output: u64,
    #[serde(default)]
    errors: u64,
}

/// What the asking came to, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Rows that the provider said there are.
    pub rows: u64,
    /// Rows of which something stays unclear.
    pub unclear: u64,
    /// Rows that were gone before they were read.
    pub gone: u64,
    /// Rows or messages for which the phone gave no readable answer.
    pub unread: u64,
    /// The phone began to refuse.
    pub refused: bool,
    /// There were more rows than are read.
    pub cut_off: bool,
}

/// One question and what the phone said.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    pub question: Question,
    /// `None` where it could not be told.
    pub exit: Option<u8>,
    pub output: Vec<u8>,
    pub errors: Vec<u8>,
}

/// Output is content.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer").field("asked", &self.question.asked).field("bytes", &self.output.len()).finish_non_exhaustive()
    }
}

/// Writes frames as they come.
#[derive(Debug)]
pub struct Writer<W> {
    to: W,
}

impl<W: Write> Writer<W> {
    pub fn new(mut to: W) -> io::Result<Self> {
        to.write_all(HEAD.as_bytes())?;
        Ok(Self { to })
    }

    pub fn answer(&mut self, question: &Question, exit: Option<u8>, output: &[u8], errors: &[u8]) -> io::Result<()> {
        let (output_bytes, error_bytes) = (output.len() as u64, errors.len() as u64);
        let line = Line { question: Some(question.clone()), end: None, exit, output: output_bytes, errors: error_bytes };
        self.line(&line)?;
        self.to.write_all(output)?;
        self.to.write_all(errors)?;
        self.to.write_all(b"\n")
    }

    pub fn end(mut self, end: End) -> io::Result<W> {
        self.line(&Line { question: None, end: Some(end), exit: None, output: 0, errors: 0 })?;
        self.to.write_all(b"\n")?;
        Ok(self.to)
    }

    fn line(&mut self, line: &Line) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line).map_err(io::Error::other)?;
        bytes.push(b'\n');
        self.to.write_all(&bytes)
    }
}

/// Why an item of answers cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum AnswersError {
    #[error("not an item of answers")]
    NotAnswers,
    #[error("the item of answers is damaged, or ends too early")]
    Damaged,
    #[error("the item of answers could not be read")]
    Unreadable(#[source] io::Error),
}

impl From<io::Error> for AnswersError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => Self::Damaged,
            _ => Self::Unreadable(error),
        }
    }
}

/// What stands next in an item.
#[derive(Debug)]
pub enum Ended {
    No(Box<Answer>),
    Yes(End),
}

/// Reads frames one by one; memory is one frame.
#[derive(Debug)]
pub struct Answers<R> {
    from: R,
}

impl<R: BufRead> Answers<R> {
    pub fn open(mut from: R) -> Result<Self, AnswersError> {
        let mut head = [0; HEAD.len()];
        match from.read_exact(&mut head) {
            Ok(()) if head == HEAD.as_bytes() => Ok(Self { from }),
            Ok(()) => Err(AnswersError::NotAnswers),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(AnswersError::NotAnswers),
            Err(error) => Err(error.into()),
        }
    }

    /// The next answer, or the end.
    pub fn next_answer(&mut self) -> Result<Ended, AnswersError> {
        let mut line = Vec::new();
        (&mut self.from).take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            return Err(AnswersError::Damaged);
        }
        let line: Line = serde_json::from_slice(&line).map_err(|_| AnswersError::Damaged)?;
        if line.output > LONGEST_ANSWER || line.errors > LONGEST_ANSWER {
            return Err(AnswersError::Damaged);
        }
        let (output, errors) = (self.bytes(line.output)?, self.bytes(line.errors)?);
        let mut after = [0];
        self.from.read_exact(&mut after)?;
        match (line.question, line.end) {
            (Some(question), None) if after == *b"\n" => {
                Ok(Ended::No(Box::new(Answer { question, exit: line.exit, output, errors })))
            }
            (None, Some(end)) if after == *b"\n" => Ok(Ended::Yes(end)),
            _ => Err(AnswersError::Damaged),
        }
    }

    /// As many as came, and no more room than for those.
    fn bytes(&mut self, count: u64) -> Result<Vec<u8>, AnswersError> {
        let mut bytes = Vec::new();
        (&mut self.from).take(count).read_to_end(&mut bytes)?;
        if bytes.len() as u64 == count { Ok(bytes) } else { Err(AnswersError::Damaged) }
    }
}
