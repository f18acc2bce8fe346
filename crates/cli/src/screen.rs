//! Where words go: prose on standard output on a terminal or in a script's log, on standard error when `--json` has standard
//! output for itself.

use crate::{problem::Problem, text::Texts};
use serde::Serialize;
use std::io::{self, Write};

/// The operator's screen.
#[derive(Debug)]
pub(crate) struct Screen {
    pub texts: Texts,
    pub json: bool,
}

impl Screen {
    /// One line of prose.
    pub(crate) fn say(&self, line: &str) {
        // A closed pipe (`uitlezen … | head`) is no reason to stop a readout.
        let _ = if self.json { writeln!(io::stderr(), "{line}") } else { writeln!(io::stdout(), "{line}") };
    }

    /// A text without values.
    pub(crate) fn tell(&self, key: &str) {
        self.say(&self.texts.plain(key));
    }

    /// One event, when events are asked for.
    pub(crate) fn event<T: Serialize>(&self, event: &T) {
        if self.json
            && let Ok(line) = serde_json::to_string(event)
        {
            let _ = writeln!(io::stdout(), "{line}");
        }
    }

    /// What went wrong and what to do now.
    pub(crate) fn problem(&self, problem: &Problem) {
        let (what, now) = problem.say(&self.texts);
        let _ = writeln!(io::stderr(), "{what}\n{now}");
        self.event(&serde_json::json!({
            "event": "error",
            "error": problem.key.trim_start_matches("error-"),
            "exit": problem.exit.number(),
        }));
    }
}
