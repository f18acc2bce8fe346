//! Where words go: prose on standard output on a terminal or in a script's log, on standard error when `--json` has standard
//! output for itself.

use crate::{problem::Problem, text::Texts};
use dialoguer::console::Term;
use serde::Serialize;
use std::{
    borrow::Cow,
    io::{self, Write},
};

/// The operator's screen.
#[derive(Debug)]
pub(crate) struct Screen {
    pub texts: Texts,
    pub json: bool,
}

impl Screen {
    /// One line of prose.
    pub(crate) fn say(&self, line: &str) {
        let term = if self.json { Term::stderr() } else { Term::stdout() };
        self.put(&for_screen(line, &term));
    }

    /// Something to copy or to pipe on: exactly as it is.
    pub(crate) fn hand_out(&self, text: &str) {
        self.put(text);
    }

    fn put(&self, text: &str) {
        // A closed pipe (`uitlezen … | head`) is no reason to stop a readout.
        let _ = if self.json { writeln!(io::stderr(), "{text}") } else { writeln!(io::stdout(), "{text}") };
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
        let term = Term::stderr();
        let _ = writeln!(io::stderr(), "{}\n{}", for_screen(&what, &term), for_screen(&now, &term));
        self.event(&serde_json::json!({
            "event": "error",
            "error": problem.key.trim_start_matches("error-"),
            "exit": problem.exit.number(),
        }));
    }
}

/// Something to know beside the answer, whoever reads standard output.
pub(crate) fn aside(line: &str) {
    let _ = writeln!(io::stderr(), "{}", for_screen(line, &Term::stderr()));
}

/// A line as a screen may show it: no control characters, whoever they come from, and on a terminal broken where words end.
pub(crate) fn for_screen(line: &str, term: &Term) -> String {
    let clean = clean(line);
    match term.size_checked() {
        Some((_, columns)) if term.is_term() => wrap(&clean, usize::from(columns)),
        _ => clean.into_owned(),
    }
}

/// Without what would steer a terminal or turn the direction of writing. Line ends of our own texts stay.
fn clean(line: &str) -> Cow<'_, str> {
    let steers = |c: char| c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if line.contains(steers) { Cow::Owned(line.replace(steers, " ")) } else { Cow::Borrowed(line) }
}

/// Breaks at spaces; a word that is longer than a line (a path, a digest) stays whole, so that it can be copied.
fn wrap(text: &str, columns: usize) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for (n, line) in text.split('\n').enumerate() {
        if n > 0 {
            out.push('\n');
        }
        let mut used = 0;
        for word in line.split_inclusive(' ') {
            let width = word.trim_end_matches(' ').chars().count();
            if used > 0 && used + width > columns {
                out.truncate(out.trim_end_matches(' ').len());
                out.push('\n');
                used = 0;
            }
            out.push_str(word);
            used += word.chars().count();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_where_words_end() {
        assert_eq!(wrap("een twee drie", 8), "een twee\ndrie");
        assert_eq!(wrap("een twee drie", 80), "een twee drie");
        assert_eq!(wrap("kort /een/heel/lang/pad kort", 10), "kort\n/een/heel/lang/pad\nkort");
        assert_eq!(wrap("   | inspringing\n\nen lege regels", 80), "   | inspringing\n\nen lege regels");
        assert_eq!(wrap("é é é", 3), "é é\né");
    }

    #[test]
    fn nothing_that_a_phone_says_steers_the_screen() {
        assert_eq!(clean("Pixel\u{1b}[2J\u{202e}9"), "Pixel [2J 9");
        assert_eq!(clean("regel\nregel"), "regel\nregel");
    }
}
