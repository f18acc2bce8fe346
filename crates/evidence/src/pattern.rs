//! Patterns over item names: what an app wants from a phone, said without knowing any phone.

use crate::ItemName;
use serde::{Deserialize, Serialize};

/// A pattern of `/`-separated components, matched without regard to ASCII case.
///
/// In a component `*` stands for any run of characters without `/`; a component `**` stands for any number of folders,
/// also none. `Android/media/com.whatsapp/WhatsApp/Databases/msgstore*.crypt*`,
/// `Android/media/com.whatsapp/WhatsApp/Media/**/*`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern(Vec<String>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a pattern has an empty, `.` or `..` component, or starts with `*`")]
pub struct PatternError;

impl Pattern {
    pub fn new(pattern: &str) -> Result<Self, PatternError> {
        let parts: Vec<String> = pattern.split('/').map(str::to_owned).collect();
        if parts.iter().any(|p| matches!(p.as_str(), "" | "." | "..")) || pattern.starts_with('*') {
            return Err(PatternError);
        }
        Ok(Self(parts))
    }

    #[must_use]
    pub fn matches(&self, name: &ItemName) -> bool {
        let components: Vec<&str> = name.components().collect();
        path(&self.0, &components)
    }

    /// The folder to walk: the components before the first `*`, without the last component.
    #[must_use]
    pub fn root(&self) -> String {
        let fixed = self.0.iter().take_while(|p| !p.contains('*')).count();
        let fixed = fixed.min(self.0.len().saturating_sub(1));
        self.0.iter().take(fixed).map(String::as_str).collect::<Vec<_>>().join("/")
    }

    /// The one name that it fits but for case, when it has no `*`.
    #[must_use]
    pub fn literal(&self) -> Option<String> {
        (!self.0.iter().any(|part| part.contains('*'))).then(|| self.0.join("/"))
    }

    /// Whether a name somewhere below `folder` could match: tells a walker which folders to enter.
    #[must_use]
    pub fn may_match_below(&self, folder: &ItemName) -> bool {
        let components: Vec<&str> = folder.components().collect();
        below(&self.0, &components)
    }
}

/// Greedy, with one point of return at the last `**`, as [`component`] is within a component: patterns with many of them
/// take no longer than their length times that of the name.
fn path(pattern: &[String], name: &[&str]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        match (pattern.get(p), name.get(n)) {
            (None, None) => return true,
            (Some(any), _) if any == "**" => {
                p += 1;
                retry = Some((p, n));
            }
            (Some(part), Some(text)) if component(part.as_bytes(), text.as_bytes()) => {
                p += 1;
                n += 1;
            }
            // A name that is used up fits no better further on.
            (_, None) => return false,
            _ => match retry {
                Some((after, from)) => {
                    (p, n) = (after, from + 1);
                    retry = Some((after, from + 1));
                }
                None => return false,
            },
        }
    }
}

fn below(pattern: &[String], folder: &[&str]) -> bool {
    match (pattern.split_first(), folder.split_first()) {
        (Some(_), None) => true,
        (Some((p, _)), Some(_)) if p == "**" => true,
        (Some((p, rest)), Some((n, tail))) => component(p.as_bytes(), n.as_bytes()) && below(rest, tail),
        (None, _) => false,
    }
}

/// Greedy matching with one point of return: linear in practice, at worst pattern length times name length.
fn component(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while n < name.len() {
        match (pattern.get(p), name.get(n)) {
            (Some(b'*'), _) => {
                retry = Some((p + 1, n));
                p += 1;
            }
            (Some(a), Some(b)) if a.eq_ignore_ascii_case(b) => {
                p += 1;
                n += 1;
            }
            _ => match retry {
                Some((after_star, from)) => {
                    p = after_star;
                    n = from + 1;
                    retry = Some((after_star, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|&c| c == b'*'))
}

impl TryFrom<String> for Pattern {
    type Error = PatternError;
    fn try_from(pattern: String) -> Result<Self, PatternError> {
        Self::new(&pattern)
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.0.join("/")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        Pattern::new(pattern).unwrap().matches(&ItemName::new(name).unwrap())
    }

    #[test]
    fn stars_stay_within_a_component_and_double_stars_do_not() {
        assert!(matches("A/Databases/msgstore*.crypt*", "a/databases/msgstore-2026-01-01.1.db.crypt15"));
        assert!(!matches("A/Databases/msgstore*.crypt*", "A/Databases/x/msgstore.db.crypt15"));
        assert!(matches("A/Media/**/*", "A/Media/x.jpg"));
        assert!(matches("A/Media/**/*", "A/Media/.Statuses/Private/x.jpg"));
        assert!(!matches("A/Media/**/*", "A/Other/x.jpg"));
        assert!(matches("A/*a*b", "A/xxaxxaxb"));
        assert!(!matches("A/*a*b", "A/xxaxxaxbc"));
        assert!(matches("A/**/b/**/c", "A/x/b/y/b/c"));
        assert!(matches("A/**/b/**", "A/b"));
        assert!(!matches("A/**/b/**/c", "A/x/y/c"));
    }

    #[test]
    fn many_double_stars_take_no_time() {
        let begun = std::time::Instant::now();
        let pattern = "a/".to_owned() + &"**/a/".repeat(24) + "b";
        assert!(!matches(&pattern, &("a/".repeat(62) + "c")));
        assert!(begun.elapsed() < std::time::Duration::from_secs(1));
    }

    #[test]
    fn a_walker_enters_only_folders_that_can_lead_somewhere() {
        let p = Pattern::new("A/Databases/msgstore*").unwrap();
        assert_eq!(p.root(), "A/Databases");
        assert!(p.may_match_below(&ItemName::new("a").unwrap()));
        assert!(!p.may_match_below(&ItemName::new("A/Media").unwrap()));
        let all = Pattern::new("A/Media/**/*").unwrap();
        assert_eq!(all.root(), "A/Media");
        assert!(all.may_match_below(&ItemName::new("A/Media/x/y").unwrap()));
        assert_eq!(Pattern::new("A/one.txt").unwrap().root(), "A");
    }

    #[test]
    fn patterns_that_climb_are_refused() {
        for p in ["", "../x", "a//b", "*/x", "a/./b"] {
            assert_eq!(Pattern::new(p), Err(PatternError), "{p}");
        }
    }
}
