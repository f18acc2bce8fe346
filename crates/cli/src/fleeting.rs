//! What is shown and leaves nothing behind: pages on the terminal's alternate screen, which keeps no lines that scroll away.
//! They are gone when whoever looks presses Enter, and also when the program is stopped.

use crate::{
    problem::Problem,
    screen::{Screen, for_screen},
    secret,
};
use dialoguer::console::{Term, measure_text_width};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    termios::{QueueSelector, tcflush},
};
use std::io::{self, IsTerminal, Write};
use uitlezen_check::ExitCode;
use uitlezen_readout::Cancel;

const ENTER: &[u8] = b"\x1b[?1049h\x1b[H\x1b[J";
const WIPE: &[u8] = b"\x1b[H\x1b[J";
/// Wiped first: a terminal without an alternate screen has it all on its only one.
const LEAVE: &[u8] = b"\x1b[H\x1b[J\x1b[?1049l";
/// Rows below a page: an empty one and the question, which may take two.
const BELOW: usize = 4;
/// How often the wait for Enter looks at the cancel flag.
const GLANCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 200_000_000 };

/// Refuses where somebody cannot look, or where what is shown would stay: in a file, a pipe, or a terminal without a second
/// screen.
pub(crate) fn possible() -> Result<(), Problem> {
    if !secret::can_ask() {
        return Err(Problem::new("error-not-a-terminal", ExitCode::Usage));
    }
    let dumb = std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    if dumb || !io::stdout().is_terminal() {
        return Err(Problem::new("error-to-holder-output", ExitCode::Usage));
    }
    Ok(())
}

/// Shows the lines, a page at a time, until Enter.
pub(crate) fn show(screen: &Screen, lines: &[String], cancel: &Cancel) -> Result<(), Problem> {
    let term = Term::stdout();
    let (rows, columns) = match term.size_checked() {
        Some((rows, columns)) if rows > 0 && columns > 0 => (usize::from(rows), usize::from(columns)),
        _ => (24, 80),
    };
    let lines: Vec<String> = lines.iter().map(|line| for_screen(line, &term)).collect();
    let pages = pages(&lines, rows.saturating_sub(BELOW).max(1), columns);
    let failed = |error: io::Error| Problem::new("error-internal", ExitCode::Internal).with("why", error);
    let mut shown = Shown::on(io::stdout()).map_err(failed)?;
    for (n, page) in pages.iter().enumerate() {
        let question = if n + 1 == pages.len() {
            screen.texts.plain("to-holder-done")
        } else {
            screen.texts.get("to-holder-more", &[("page", (n + 1).into()), ("pages", pages.len().into())])
        };
        shown.page(page, &for_screen(&question, &term)).map_err(failed)?;
        if !entered(cancel).map_err(failed)? {
            return Err(Problem::new("error-cancelled", ExitCode::Cancelled));
        }
    }
    Ok(())
}

/// The lines in pages of at most `rows` rows of the screen.
fn pages(lines: &[String], rows: usize, columns: usize) -> Vec<Vec<&str>> {
    let (mut pages, mut page, mut used) = (Vec::new(), Vec::new(), 0);
    for line in lines {
        // A line was broken where words end; a longer word is broken by the terminal.
        let takes: usize = line.split('\n').map(|row| measure_text_width(row).div_ceil(columns).max(1)).sum();
        if used + takes > rows && !page.is_empty() {
            pages.push(std::mem::take(&mut page));
            used = 0;
        }
        page.push(line.as_str());
        used += takes;
    }
    if !page.is_empty() {
        pages.push(page);
    }
    pages
}

/// Waits for Enter; `false` when the program is to stop. What was typed before counts for nothing, or the names would be gone
/// before anybody saw them.
fn entered(cancel: &Cancel) -> io::Result<bool> {
    let stdin = io::stdin();
    tcflush(&stdin, QueueSelector::IFlush)?;
    let mut typed = [0; 256];
    loop {
        if cancel.is_cancelled() {
            return Ok(false);
        }
        match poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&GLANCE)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            // A whole line, or the end of the input.
            Ok(_) => {
                let n = rustix::io::read(&stdin, &mut typed)?;
                if n == 0 || typed.get(..n).is_some_and(|typed| typed.contains(&b'\n')) {
                    return Ok(true);
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// The alternate screen, for as long as this lives.
struct Shown<W: Write> {
    to: W,
}

impl<W: Write> Shown<W> {
    fn on(to: W) -> io::Result<Self> {
        // Made first, so that also a write that fails halfway is followed by leaving.
        let mut shown = Self { to };
        shown.to.write_all(ENTER)?;
        shown.to.flush()?;
        Ok(shown)
    }

    fn page(&mut self, lines: &[&str], question: &str) -> io::Result<()> {
        self.to.write_all(WIPE)?;
        for line in lines {
            writeln!(self.to, "{line}")?;
        }
        write!(self.to, "\n{question}")?;
        self.to.flush()
    }
}

impl<W: Write> Drop for Shown<W> {
    fn drop(&mut self) {
        let _ = self.to.write_all(LEAVE).and_then(|()| self.to.flush());
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_stands_between_entering_and_leaving() {
        let mut out = Vec::new();
        let mut shown = Shown::on(&mut out).unwrap();
        shown.page(&["gesprek 1: Jansen"], "Enter").unwrap();
        drop(shown);
        let text = String::from_utf8(out).unwrap();
        let inside = text.strip_prefix("\u{1b}[?1049h").and_then(|rest| rest.strip_suffix("\u{1b}[?1049l")).unwrap();
        assert!(inside.contains("gesprek 1: Jansen\n\nEnter") && inside.ends_with("\u{1b}[H\u{1b}[J"), "{inside:?}");
    }

    #[test]
    fn nothing_scrolls_away_from_a_page() {
        let lines: Vec<String> = ["een", "twee\nregels", "drie", "vierendertig"].map(str::to_owned).into();
        assert_eq!(pages(&lines, 3, 80), [vec!["een", "twee\nregels"], vec!["drie", "vierendertig"]]);
        assert_eq!(pages(&lines, 3, 6), [vec!["een", "twee\nregels"], vec!["drie", "vierendertig"]]);
        assert_eq!(pages(&lines, 2, 6), [vec!["een"], vec!["twee\nregels"], vec!["drie"], vec!["vierendertig"]]);
        assert!(pages(&[], 3, 80).is_empty());
    }
}
