//! Something that a person must be told: which text, with which values, and which exit code.
//!
//! Every error of the rooms below becomes a [`Problem`] in `advice`; printing it prints what happened and what to do now.

use crate::text::{Texts, Value};
use uitlezen_check::ExitCode;

/// A message of the texts (`error-…`), its values, and the exit code that goes with it.
#[derive(Debug)]
pub(crate) struct Problem {
    pub key: &'static str,
    pub values: Vec<(&'static str, String)>,
    pub exit: ExitCode,
}

impl Problem {
    #[must_use]
    pub(crate) fn new(key: &'static str, exit: ExitCode) -> Self {
        Self { key, values: Vec::new(), exit }
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, value.to_string()));
        self
    }

    /// What happened, and what to do now.
    #[must_use]
    pub(crate) fn say(&self, texts: &Texts) -> (String, String) {
        let values: Vec<(&str, Value<'_>)> = self.values.iter().map(|(n, v)| (*n, Value::from(v.as_str()))).collect();
        let what = texts.get(self.key, &values);
        let now = texts.get(&format!("{}.do", self.key), &values);
        (texts.get("say-error", &[("what", what.into())]), texts.get("say-do", &[("what", now.into())]))
    }
}
