//! The words of findings, gaps and standing in Dutch and English, out of `texts/*.ftl`: the screen and the pages of the
//! completeness statement say the same thing in the same words.
//!
//! They lie here and not with the other texts because the statement goes into the seal in both languages, whoever sits at
//! the station and whatever language they chose.

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use uitlezen_check::{EarlierSealFault, EarlierUnknown, Finding, Gap, GapReason, Status, Subject};
use unic_langid::langid;

const NL: [&str; 2] = [include_str!("../texts/nl.ftl"), include_str!("../texts/statement.nl.ftl")];
const EN: [&str; 2] = [include_str!("../texts/en.ftl"), include_str!("../texts/statement.en.ftl")];

/// What a phone says of itself is shown no longer than this, in characters.
const LONGEST: usize = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    Dutch,
    English,
}

impl Language {
    pub const BOTH: [Self; 2] = [Self::Dutch, Self::English];

    /// `nl`, `en`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Dutch => "nl",
            Self::English => "en",
        }
    }
}

/// A value to fill in.
pub type Value<'a> = FluentValue<'a>;

/// The words of one language.
pub struct Words {
    bundle: FluentBundle<FluentResource>,
    language: Language,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Words").field("language", &self.language).finish_non_exhaustive()
    }
}

impl Words {
    #[must_use]
    pub fn new(language: Language) -> Self {
        let (id, sources) = match language {
            Language::Dutch => (langid!("nl"), NL),
            Language::English => (langid!("en"), EN),
        };
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Isolation marks are for mixed writing directions; on a terminal and in files they are noise.
        bundle.set_use_isolating(false);
        for source in sources {
            let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, _)| partial);
            bundle.add_resource_overriding(resource);
        }
        Self { bundle, language }
    }

    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// The text of `key` with its values; the key itself when there is none, which a test keeps from happening.
    #[must_use]
    pub fn get(&self, key: &str, values: &[(&str, Value<'_>)]) -> String {
        self.find(key, values).unwrap_or_else(|| key.to_owned())
    }

    /// A text without values.
    #[must_use]
    pub fn plain(&self, key: &str) -> String {
        self.get(key, &[])
    }

    /// The text of `key` or of `key.attribute`; `None` when there is none.
    #[must_use]
    pub fn find(&self, key: &str, values: &[(&str, Value<'_>)]) -> Option<String> {
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set(*name, value.clone());
        }
        let (id, attribute) = key.split_once('.').map_or((key, None), |(id, a)| (id, Some(a)));
        let message = self.bundle.get_message(id)?;
        let pattern = match attribute {
            None => message.value()?,
            Some(a) => message.get_attribute(a)?.value(),
        };
        let mut errors = Vec::new();
        Some(self.bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned())
    }

    /// A stable word in the reader's language. What has no text is a name from the phone, a table's say: on one line.
    #[must_use]
    pub fn word(&self, of: &str, word: &str) -> String {
        let known = word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        let text = if known { self.find(&format!("{of}-{word}"), &[]) } else { None };
        text.unwrap_or_else(|| one_line(word))
    }

    /// "7 days".
    #[must_use]
    pub fn duration(&self, seconds: u64) -> String {
        let (key, n) = match seconds {
            s if s > 0 && s % 86_400 == 0 => ("duration-days", s / 86_400),
            s if s > 0 && s % 3_600 == 0 => ("duration-hours", s / 3_600),
            s => ("duration-seconds", s),
        };
        self.get(key, &[("n", n.into())])
    }

    /// The line that `verify` prints too: "Uitlezing: volledig volgens plan".
    #[must_use]
    pub fn standing(&self, status: Status) -> String {
        self.plain(match status {
            Status::Volledig => "verify-complete",
            Status::Onvolledig => "verify-incomplete",
            Status::OnderdelenGeweigerd => "verify-refused",
        })
    }

    #[must_use]
    pub fn subject(&self, subject: &Subject) -> String {
        match subject {
            Subject::Phone => self.plain("subject-phone"),
            Subject::App(name) => one_line(name),
            Subject::Evidence(name) => self.word("subject", name),
        }
    }

    #[must_use]
    pub fn reason(&self, reason: GapReason) -> String {
        self.plain(match reason {
            GapReason::Refused => "gap-refused",
            GapReason::Absent => "gap-absent",
            GapReason::NotInterpreted => "gap-not-interpreted",
            GapReason::Locked => "gap-locked",
            GapReason::Damaged => "gap-damaged",
            GapReason::Changing => "gap-changing",
            GapReason::Broken => "gap-broken",
        })
    }

    #[must_use]
    pub fn gap(&self, gap: &Gap) -> String {
        self.get(
            "gap",
            &[
                ("subject", self.subject(&gap.subject).into()),
                ("count", gap.count.into()),
                ("reason", self.reason(gap.reason).into()),
                ("detail", self.word("detail", &gap.detail).into()),
            ],
        )
    }

    #[must_use]
    pub fn earlier_fault(&self, why: EarlierSealFault) -> String {
        self.plain(match why {
            EarlierSealFault::Missing => "earlier-missing",
            EarlierSealFault::Changed => "earlier-changed",
            EarlierSealFault::Damaged => "earlier-damaged",
        })
    }

    /// What was found.
    #[must_use]
    pub fn finding(&self, finding: &Finding) -> String {
        let (key, values) = self.about(finding);
        self.get(key, &values)
    }

    /// What to do about it now.
    #[must_use]
    pub fn finding_do(&self, finding: &Finding) -> String {
        let (key, values) = self.about(finding);
        self.get(&format!("{key}.do"), &values)
    }

    /// The text of a finding and its values.
    fn about<'f>(&self, finding: &'f Finding) -> (&'static str, Vec<(&'static str, Value<'f>)>) {
        match finding {
            Finding::BackupOld { app, hours } => {
                ("finding-backup-old", vec![("app", app.as_str().into()), ("hours", (*hours).into())])
            }
            Finding::ClockOff { seconds } => ("finding-clock-off", vec![("seconds", (*seconds).into())]),
            Finding::WrittenWhileRead { pages_rolled_back } => {
                ("finding-written-while-read", vec![("pages", (*pages_rolled_back).into())])
            }
            Finding::AttachmentDiffers { count } => ("finding-attachment-differs", vec![("count", (*count).into())]),
            Finding::AttachmentMissing { count } => ("finding-attachment-missing", vec![("count", (*count).into())]),
            Finding::AttachmentGone { count } => ("finding-attachment-gone", vec![("count", (*count).into())]),
            Finding::EarlierSeal { why, seals, attachments } => {
                let why = self.earlier_fault(*why);
                let values = vec![("why", why.into()), ("seals", (*seals).into()), ("count", (*attachments).into())];
                ("finding-earlier-seal", values)
            }
            Finding::EarlierUnknown { why } => {
                let why = self.plain(match why {
                    EarlierUnknown::Damaged => "earlier-list-damaged",
                    EarlierUnknown::OtherKey => "earlier-list-other-key",
                    EarlierUnknown::Newer => "earlier-list-newer",
                });
                ("finding-earlier-unknown", vec![("why", why.into())])
            }
            Finding::UnknownKinds { app, count } => {
                ("finding-unknown-kinds", vec![("app", app.as_str().into()), ("count", (*count).into())])
            }
            Finding::NotDecodedByApp { app, count } => {
                ("finding-not-decoded", vec![("app", app.as_str().into()), ("count", (*count).into())])
            }
            Finding::BatteryLow { percent } => ("finding-battery-low", vec![("percent", (*percent).into())]),
            Finding::WirelessDebugging => ("finding-wireless-debugging", vec![]),
            Finding::OtherProfile { count } => ("finding-other-profile", vec![("count", (*count).into())]),
            Finding::SeparationChanged { count } => ("finding-separation-changed", vec![("count", (*count).into())]),
        }
    }
}

/// Control characters, line separators, and marks that turn the direction of writing.
#[must_use]
pub(crate) fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What a phone says of itself stays within its line, and within bounds: no control characters, no marks that turn the
/// direction of writing.
#[must_use]
pub fn one_line(text: &str) -> String {
    let steers =
        |c: char| c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut line: String = text.chars().take(LONGEST).map(|c| if steers(c) { ' ' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn keys(sources: [&str; 2]) -> BTreeSet<String> {
        let mut current = String::new();
        let mut out = BTreeSet::new();
        for line in sources.iter().flat_map(|source| source.lines()) {
            if let Some((id, _)) = line.split_once(" =").filter(|(id, _)| !id.starts_with([' ', '#', '-']) && !id.contains(' ')) {
                current = id.to_owned();
                assert!(out.insert(current.clone()), "{current} twice");
            } else if let Some((a, _)) = line.trim_start().strip_prefix('.').and_then(|l| l.split_once(" =")) {
                out.insert(format!("{current}.{a}"));
            }
        }
        out
    }

    #[test]
    fn both_languages_say_the_same_things_and_parse() {
        assert_eq!(keys(NL), keys(EN));
        for source in NL.iter().chain(&EN) {
            assert!(FluentResource::try_new((*source).to_owned()).is_ok());
        }
    }

    /// `reference/governance.md §4`: words that say more than was done.
    #[test]
    fn no_text_promises_more_than_sealing() {
        let never =
            ["gearchiveerd", "forensisch", "alles is binnen", "archived", "forensic", "everything is in", "pdf/a", "toestemming"];
        for source in NL.iter().chain(&EN) {
            for line in source.lines().filter(|line| !line.starts_with('#')) {
                let line = line.to_lowercase();
                assert!(never.iter().all(|word| !line.contains(word)), "{line}");
            }
        }
    }

    #[test]
    fn every_finding_says_what_to_do() {
        let all = keys(NL);
        for key in all.iter().filter(|key| key.starts_with("finding-") && !key.contains('.')) {
            assert!(all.contains(&format!("{key}.do")), "{key} has no .do");
        }
        let finding = Finding::BackupOld { app: "whatsapp".into(), hours: 30 };
        assert!(Words::new(Language::English).finding_do(&finding).starts_with("Have the holder"));
    }

    #[test]
    fn a_word_without_a_text_is_shown_within_its_line() {
        let words = Words::new(Language::Dutch);
        assert_eq!(words.word("detail", "no-backup"), "geen reservekopie");
        assert_eq!(words.word("detail", "message_\u{1b}[2J\u{202e}x"), "message_ [2J x");
        let long = words.word("detail", &"é".repeat(10_000));
        assert_eq!(long.chars().count(), LONGEST + 1);
    }
}
