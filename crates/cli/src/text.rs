//! The texts that people read, in Dutch and English, out of `texts/*.ftl`.
//!
//! Every error has a message and an attribute `.do` with what to do now. A text that is missing shows its key, and a test
//! keeps that from happening.

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use uitlezen_readout::words::Words;
use unic_langid::langid;

const NL: &str = concat!(include_str!("../texts/nl.ftl"), "\n", include_str!("../texts/register.nl.ftl"));
const EN: &str = concat!(include_str!("../texts/en.ftl"), "\n", include_str!("../texts/register.en.ftl"));

pub(crate) use uitlezen_readout::words::Language;

/// `--lang`, else the configuration, else the locale if it is English, else Dutch.
#[must_use]
pub(crate) fn choose_language(asked: Option<&str>, configured: Option<&str>, locale: Option<&str>) -> Language {
    let named = |l: &str| if l.to_ascii_lowercase().starts_with("en") { Language::English } else { Language::Dutch };
    match (asked, configured) {
        (Some(l), _) | (None, Some(l)) => named(l),
        (None, None) => locale.map_or(Language::Dutch, named),
    }
}

/// The locale as the environment gives it, in POSIX' order. `C` and `POSIX` name no language.
#[must_use]
pub(crate) fn locale() -> Option<String> {
    ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|v| std::env::var(v).ok().filter(|l| !l.is_empty()))
}

/// A value to fill in.
pub(crate) type Value<'a> = FluentValue<'a>;

/// The texts of one language.
pub(crate) struct Texts {
    bundle: FluentBundle<FluentResource>,
    /// What the engine's own pages say too: findings, gaps, standing.
    words: Words,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Texts").field("words", &self.words).finish_non_exhaustive()
    }
}

impl Texts {
    #[must_use]
    pub(crate) fn new(language: Language) -> Self {
        let (id, source) = match language {
            Language::Dutch => (langid!("nl"), NL),
            Language::English => (langid!("en"), EN),
        };
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Isolation marks are for mixed writing directions; on a terminal and in files they are noise.
        bundle.set_use_isolating(false);
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, _)| partial);
        bundle.add_resource_overriding(resource);
        Self { bundle, words: Words::new(language) }
    }

    #[must_use]
    pub(crate) fn language(&self) -> Language {
        self.words.language()
    }

    #[must_use]
    pub(crate) fn words(&self) -> &Words {
        &self.words
    }

    /// The text of `key` with its values.
    #[must_use]
    pub(crate) fn get(&self, key: &str, values: &[(&str, Value<'_>)]) -> String {
        self.find(key, values).unwrap_or_else(|| key.to_owned())
    }

    /// A text without values.
    #[must_use]
    pub(crate) fn plain(&self, key: &str) -> String {
        self.get(key, &[])
    }

    /// The text of `key` or of `key.attribute`; `None` when there is none.
    #[must_use]
    pub(crate) fn find(&self, key: &str, values: &[(&str, Value<'_>)]) -> Option<String> {
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set(*name, value.clone());
        }
        let (id, attribute) = key.split_once('.').map_or((key, None), |(id, a)| (id, Some(a)));
        let Some(message) = self.bundle.get_message(id) else { return self.words.find(key, values) };
        let pattern = match attribute {
            None => message.value()?,
            Some(a) => message.get_attribute(a)?.value(),
        };
        let mut errors = Vec::new();
        Some(self.bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned())
    }

    /// "12,3 GB" and "12.3 GB": decimal units, as phone makers use them.
    #[must_use]
    pub(crate) fn bytes(&self, bytes: u64) -> String {
        let mut unit = "B";
        let mut scaled = bytes as f64;
        for larger in ["kB", "MB", "GB", "TB"] {
            if scaled < 1000.0 {
                break;
            }
            scaled /= 1000.0;
            unit = larger;
        }
        let text = if unit == "B" { format!("{bytes} B") } else { format!("{scaled:.1} {unit}") };
        if self.language() == Language::Dutch { text.replace('.', ",") } else { text }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn keys(source: &str) -> BTreeSet<String> {
        let mut current = String::new();
        let mut out = BTreeSet::new();
        for line in source.lines() {
            if let Some((id, _)) = line.split_once(" =").filter(|(id, _)| !id.starts_with([' ', '#', '-']) && !id.contains(' ')) {
                current = id.to_owned();
                out.insert(current.clone());
            } else if let Some((a, _)) = line.trim_start().strip_prefix('.').and_then(|l| l.split_once(" =")) {
                out.insert(format!("{current}.{a}"));
            }
        }
        out
    }

    #[test]
    fn both_languages_say_the_same_things_and_parse() {
        assert_eq!(keys(NL), keys(EN));
        for source in [NL, EN] {
            assert!(FluentResource::try_new(source.to_owned()).is_ok());
        }
    }

    #[test]
    fn every_error_says_what_to_do_now() {
        let all = keys(NL);
        for key in all.iter().filter(|k| k.starts_with("error-") && !k.contains('.')) {
            assert!(all.contains(&format!("{key}.do")), "{key} has no .do");
        }
    }

    #[test]
    fn dutch_unless_somebody_says_english() {
        assert_eq!(choose_language(None, None, None), Language::Dutch);
        assert_eq!(choose_language(None, None, Some("C.UTF-8")), Language::Dutch);
        assert_eq!(choose_language(None, None, Some("de_DE.UTF-8")), Language::Dutch);
        assert_eq!(choose_language(None, None, Some("en_GB.UTF-8")), Language::English);
        assert_eq!(choose_language(None, Some("nl"), Some("en_GB")), Language::Dutch);
        assert_eq!(choose_language(Some("en"), Some("nl"), None), Language::English);
    }

    #[test]
    fn sizes_read_as_people_write_them() {
        assert_eq!(Texts::new(Language::Dutch).bytes(12_345_678), "12,3 MB");
        assert_eq!(Texts::new(Language::English).bytes(999), "999 B");
    }
}
