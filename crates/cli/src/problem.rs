//! Something that a person must be told: which text, with which values, and which exit code.
//!
//! Every error of the rooms below becomes a [`Problem`] in `advice`; printing it prints what happened and what to do now.

use crate::text::{Texts, Value};
use std::io;
use uitlezen_check::ExitCode;

/// A message of the texts (`error-…`), its values, and the exit code that goes with it.
#[derive(Debug)]
pub(crate) struct Problem {
    pub key: &'static str,
    pub values: Vec<(&'static str, String)>,
    /// Values that are texts themselves.
    pub words: Vec<(&'static str, &'static str)>,
    pub exit: ExitCode,
}

impl Problem {
    #[must_use]
    pub(crate) fn new(key: &'static str, exit: ExitCode) -> Self {
        Self { key, values: Vec::new(), words: Vec::new(), exit }
    }

    #[must_use]
    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, value.to_string()));
        self
    }

    #[must_use]
    pub(crate) fn with_text(mut self, name: &'static str, key: &'static str) -> Self {
        self.words.push((name, key));
        self
    }

    /// Why a file could not be used: in the reader's language for what happens to people, else as the system says it.
    #[must_use]
    pub(crate) fn because(self, error: &io::Error) -> Self {
        let key = match error.kind() {
            io::ErrorKind::NotFound => "why-not-there",
            io::ErrorKind::PermissionDenied => "why-no-permission",
            io::ErrorKind::IsADirectory => "why-a-folder",
            io::ErrorKind::NotADirectory => "why-no-folder",
            io::ErrorKind::AlreadyExists => "why-there-already",
            io::ErrorKind::InvalidData => "why-no-text",
            _ => return self.with("why", error),
        };
        self.with_text("why", key)
    }

    /// What happened, and what to do now.
    #[must_use]
    pub(crate) fn say(&self, texts: &Texts) -> (String, String) {
        let mut values: Vec<(&str, Value<'_>)> = self.values.iter().map(|(n, v)| (*n, Value::from(v.as_str()))).collect();
        values.extend(self.words.iter().map(|(n, key)| (*n, Value::from(texts.plain(key)))));
        let what = texts.get(self.key, &values);
        let now = texts.get(&format!("{}.do", self.key), &values);
        (texts.get("say-error", &[("what", what.into())]), texts.get("say-do", &[("what", now.into())]))
    }
}
