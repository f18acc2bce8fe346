//! Questions to whoever sits at the keyboard, in the language of the texts.

use crate::{problem::Problem, screen::Screen};
use uitlezen_check::ExitCode;

/// One of `answers`, by number. The question is prose of its own, so that it is broken where words end.
pub(crate) fn choose(screen: &Screen, question: &str, answers: &[String], first: usize) -> Result<usize, Problem> {
    screen.say(&format!("{question} {}", screen.texts.plain("choose-how")));
    let chosen = dialoguer::Select::new().items(answers).default(first).interact().map_err(|error| unanswered(&error))?;
    // The list is gone now; what was answered stays to be seen.
    if let Some(answer) = answers.get(chosen) {
        screen.say(&format!("> {answer}"));
    }
    Ok(chosen)
}

/// Yes or no, where no is what Enter means.
pub(crate) fn agrees(screen: &Screen, question: &str) -> Result<bool, Problem> {
    let answers = ["no", "yes"].map(|key| screen.texts.plain(key));
    Ok(choose(screen, question, &answers, 0)? == 1)
}

/// A line of text; Enter alone takes `first`.
pub(crate) fn line(screen: &Screen, question: &str, first: &str) -> Result<String, Problem> {
    screen.say(question);
    let asked = dialoguer::Input::<String>::new().with_prompt(">").allow_empty(true).with_initial_text(first);
    let answer = asked.interact_text().map_err(|error| unanswered(&error))?;
    Ok(answer.trim().to_owned())
}

/// Ctrl-C at a question is somebody who stops, not something that went wrong.
pub(crate) fn unanswered(error: &dialoguer::Error) -> Problem {
    let dialoguer::Error::IO(io) = error;
    if io.kind() == std::io::ErrorKind::Interrupted {
        return Problem::new("error-cancelled", ExitCode::Cancelled);
    }
    Problem::new("error-internal", ExitCode::Internal).with("why", io)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Error, ErrorKind};

    #[test]
    fn who_stops_at_a_question_has_cancelled() {
        let exit = |kind| unanswered(&dialoguer::Error::IO(Error::from(kind))).exit;
        assert_eq!(exit(ErrorKind::Interrupted), ExitCode::Cancelled);
        assert_eq!(exit(ErrorKind::NotConnected), ExitCode::Internal);
    }
}
