//! The frames of one item, as far as they can be read.

use crate::{Stopped, Summary};
use std::io::BufReader;
use uitlezen_evidence::{Bytes, Reader};
use uitlezen_provider::{Answer, Answers, AnswersError, End, Ended};

const BUFFER: usize = 256 * 1024;

/// What stands next.
pub(super) enum Next {
    Answer(Box<Answer>),
    /// The end, or where it broke off.
    Over(Option<End>),
}

/// The frames of one item.
pub(super) struct Frames(Option<Answers<BufReader<Reader>>>);

impl Frames {
    pub(super) fn open(bytes: &Bytes, table: &'static str, summary: &mut Summary) -> Self {
        let opened = Answers::open(BufReader::with_capacity(BUFFER, Reader::new(Bytes::clone(bytes))));
        if opened.is_err() {
            stopped(table, summary);
        }
        Self(opened.ok())
    }

    pub(super) fn next(&mut self, table: &'static str, summary: &mut Summary) -> Next {
        let next = match &mut self.0 {
            Some(answers) => answers.next_answer(),
            None => return Next::Over(None),
        };
        match next {
            Ok(Ended::No(answer)) => Next::Answer(answer),
            Ok(Ended::Yes(end)) => {
                self.0 = None;
                Next::Over(Some(end))
            }
            Err(AnswersError::NotAnswers | AnswersError::Damaged | AnswersError::Unreadable(_)) => {
                self.0 = None;
                stopped(table, summary);
                Next::Over(None)
            }
        }
    }
}

/// What came before stands in the records.
pub(super) fn stopped(table: &'static str, summary: &mut Summary) {
    let stopped = Stopped { table: table.to_owned(), code: -1 };
    if !summary.stopped.contains(&stopped) {
        summary.stopped.push(stopped);
    }
}
