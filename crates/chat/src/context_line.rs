//! The line of context that the guidance asks for (requirement R1):
//! "conversatie over [onderwerp] met [deelnemer 1], [deelnemer 2] en [deelnemer 3] op [datum] gedurende [tijdsframe]".
//!
//! One line is made for every day of a conversation and one for the whole. The subject is never invented: when nobody
//! named it the line says "onderwerp onbekend".

use crate::{Moment, ZONE};
use jiff::{Timestamp, Zoned, civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the subject came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectOrigin {
    /// The name of the group.
    Groepsnaam,
    Agenda,
    Handmatig,
    Onbekend,
}

/// What a conversation is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// Absent when unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    pub origin: SubjectOrigin,
}

impl Subject {
    #[must_use]
    pub fn unknown() -> Self {
        Self { text: None, origin: SubjectOrigin::Onbekend }
    }

    #[must_use]
    pub fn group_name(name: impl Into<String>) -> Self {
        Self { text: Some(name.into()), origin: SubjectOrigin::Groepsnaam }
    }
}

/// One line of context, with the facts behind its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContextLine {
    /// The day in the Netherlands, `YYYY-MM-DD`; absent for the line over the whole conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub day: Option<Date>,
    pub text: String,
    pub subject: Subject,
    /// First and last message, RFC 3339 with the offset in force.
    pub from: String,
    pub until: String,
    pub messages: u64,
}

impl ContextLine {
    /// Makes a line. `others` are the names of the participants other than the holder, in the order to show.
    ///
    /// `first` and `last` are the times of the first and last message that the line covers, in any order; `None` when
    /// either has no calendar time.
    #[must_use]
    pub fn new(
        day: Option<Date>,
        subject: Subject,
        others: &[&str],
        first: &Moment,
        last: &Moment,
        messages: u64,
    ) -> Option<Self> {
        let (mut from, mut until) = (dutch(first.utc?), dutch(last.utc?));
        if until < from {
            std::mem::swap(&mut from, &mut until);
        }
        let about = subject.text.as_deref().map_or_else(|| "onderwerp onbekend".to_owned(), |s| format!("over {}", one_line(s)));
        let with = match others {
            [] => String::new(),
            names => format!(" met {}", list(names)),
        };
        let text = format!("conversatie {about}{with} {}", period_in_dutch(&from, &until));
        Some(Self { day, text, subject, from: offset_time(&from), until: offset_time(&until), messages })
    }
}

fn dutch(at: Timestamp) -> Zoned {
    at.to_zoned(TimeZone::get(ZONE).unwrap_or(TimeZone::UTC))
}

fn offset_time(at: &Zoned) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// A name or subject on one line: control characters and line breaks would break the line of context.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

fn list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|n| one_line(n)).collect();
    match names.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} en {last}", most.join(", ")),
    }
}

const MONTHS: [&str; 12] =
    ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"];

fn date(at: &Zoned) -> String {
    let month = usize::try_from(at.month()).ok().and_then(|m| MONTHS.get(m.saturating_sub(1))).copied().unwrap_or("?");
    format!("{} {month} {}", at.day(), at.year())
}

/// The clock in minutes; where the clocks go back within the period the offset is added, so that 02:30 is not ambiguous.
fn clock(at: &Zoned, offsets_differ: bool) -> String {
    let time = at.strftime("%H.%M");
    if offsets_differ { format!("{time} uur ({})", at.strftime("UTC%:z")) } else { format!("{time} uur") }
}

/// "op 3 maart 2026 gedurende 09.00 uur tot 09.41 uur", or over several days "op 3 maart 2026 tot en met 5 maart 2026
/// gedurende 3 maart 2026 09.00 uur tot 5 maart 2026 10.12 uur". A period of one minute is "om 09.00 uur".
#[must_use]
pub fn period_in_dutch(from: &Zoned, until: &Zoned) -> String {
    let differ = from.offset() != until.offset() && from.duration_until(until) < jiff::SignedDuration::from_hours(48);
    let (a, b) = (clock(from, differ), clock(until, differ));
    match (from.date() == until.date(), a == b) {
        (true, true) => format!("op {} om {a}", date(from)),
        (true, false) => format!("op {} gedurende {a} tot {b}", date(from)),
        (false, _) => format!("op {d1} tot en met {d2} gedurende {d1} {a} tot {d2} {b}", d1 = date(from), d2 = date(until)),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn line(subject: Subject, others: &[&str], from: &str, until: &str) -> String {
        let at = |s: &str| Moment::from_seconds(s.parse::<Timestamp>().unwrap().as_second());
        ContextLine::new(None, subject, others, &at(from), &at(until), 2).unwrap().text
    }

    #[test]
    fn one_participant() {
        assert_eq!(
            line(Subject::group_name("begroting 2027"), &["Anja de Wit"], "2026-03-03T08:00:00Z", "2026-03-03T08:41:00Z"),
            "conversatie over begroting 2027 met Anja de Wit op 3 maart 2026 gedurende 09.00 uur tot 09.41 uur"
        );
    }

    #[test]
    fn two_participants() {
        assert_eq!(
            line(Subject::group_name("begroting"), &["Anja", "Bram"], "2026-03-03T08:00:00Z", "2026-03-03T08:41:00Z"),
            "conversatie over begroting met Anja en Bram op 3 maart 2026 gedurende 09.00 uur tot 09.41 uur"
        );
    }

    #[test]
    fn three_participants() {
        assert_eq!(
            line(Subject::group_name("begroting"), &["Anja", "Bram", "Cor"], "2026-03-03T08:00:00Z", "2026-03-03T08:41:00Z"),
            "conversatie over begroting met Anja, Bram en Cor op 3 maart 2026 gedurende 09.00 uur tot 09.41 uur"
        );
    }

    #[test]
    fn twelve_participants() {
        let names = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L"];
        assert_eq!(
            line(Subject::group_name("crisis"), &names, "2026-03-03T08:00:00Z", "2026-03-03T08:41:00Z"),
            "conversatie over crisis met A, B, C, D, E, F, G, H, I, J, K en L op 3 maart 2026 gedurende 09.00 uur tot 09.41 uur"
        );
    }

    #[test]
    fn unknown_subject_is_said() {
        assert_eq!(
            line(Subject::unknown(), &["Anja"], "2026-03-03T08:00:00Z", "2026-03-03T08:41:00Z"),
            "conversatie onderwerp onbekend met Anja op 3 maart 2026 gedurende 09.00 uur tot 09.41 uur"
        );
    }

    #[test]
    fn one_minute() {
        assert_eq!(
            line(Subject::unknown(), &["Anja"], "2026-03-03T08:00:05Z", "2026-03-03T08:00:55Z"),
            "conversatie onderwerp onbekend met Anja op 3 maart 2026 om 09.00 uur"
        );
    }

    #[test]
    fn across_midnight_in_the_netherlands() {
        assert_eq!(
            line(Subject::unknown(), &["Anja"], "2026-03-03T22:50:00Z", "2026-03-03T23:10:00Z"),
            "conversatie onderwerp onbekend met Anja op 3 maart 2026 tot en met 4 maart 2026 gedurende 3 maart 2026 23.50 uur tot 4 maart 2026 00.10 uur"
        );
    }

    #[test]
    fn the_night_the_clocks_go_back() {
        assert_eq!(
            line(Subject::unknown(), &["Anja"], "2025-10-26T00:30:00Z", "2025-10-26T01:30:00Z"),
            "conversatie onderwerp onbekend met Anja op 26 oktober 2025 gedurende 02.30 uur (UTC+02:00) tot 02.30 uur (UTC+01:00)"
        );
    }

    #[test]
    fn a_name_with_a_line_break_stays_on_the_line() {
        assert!(!line(Subject::unknown(), &["An\nja"], "2026-03-03T08:00:00Z", "2026-03-03T08:41:00Z").contains('\n'));
    }
}
