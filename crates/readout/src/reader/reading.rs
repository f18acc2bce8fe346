//! What every reading of an app in the reader child has around it: what is left out, the lines that records become, the
//! judgement of timers, what is undecided. An app's own file says what is read and how its verdict is closed.

use super::{
    holder_backup::Opened,
    lines::Lines,
    message::{ReadFailure, Reading, Reply, Sources},
    separating::Asked,
    serve::{Serving, Stop, read_failure},
};
use std::collections::HashMap;
use uitlezen_apps::{App, ReadError, Separation, Summary};
use uitlezen_check::{AppVerdict, TimerCheck};
use uitlezen_evidence::{Bytes, ItemName};

/// What a reading has at hand.
pub(super) struct AtHand<'f> {
    pub(super) evidence: &'f HashMap<ItemName, Bytes>,
    pub(super) opened: &'f HashMap<App, Opened>,
    /// Of the phone's address book, by number.
    pub(super) names: &'f HashMap<String, String>,
}

impl Serving {
    /// Writes the records that `read` gives. `T` is what `verdict` needs beside the timers.
    pub(super) fn records<T>(
        &mut self,
        sources: &Sources,
        read: impl FnOnce(
            &AtHand<'_>,
            Option<&dyn Separation>,
            &mut Lines<'_>,
        ) -> Result<Result<(Summary, T), ReadError>, ReadFailure>,
        verdict: impl FnOnce(TimerCheck, T) -> AppVerdict,
    ) -> Result<Reply, Stop> {
        let separator = sources.separation.separator()?;
        let asked = Asked(&separator);
        let separation = separator.excludes().then_some(&asked as &dyn Separation);
        let judge = (!separator.excludes()).then_some(&separator);
        let Self { to, evidence, opened, names, .. } = self;
        let mut lines = Lines::new(to, TimerCheck::new(sources.app.word()), judge);
        let read = read(&AtHand { evidence, opened, names }, separation, &mut lines)?;
        let check = lines.finish()?;
        let (summary, beside) = read.map_err(|error| read_failure(&error))?;
        self.undecided(&separator.undecided())?;
        Ok(Reply::Read(Box::new(Reading {
            summary,
            verdict: verdict(check, beside),
            pages_rolled_back: 0,
            temporary_files_refused: 0,
            separation: separator.finish(),
        })))
    }
}
