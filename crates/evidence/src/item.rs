//! Names of evidence items. A name comes from a phone, a zip or a folder and is hostile until [`ItemName::new`] took it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Longest name in bytes, after Linux' `PATH_MAX`.
pub const LONGEST_NAME: usize = 4096;
const DEEPEST: usize = 64;

/// A relative path with `/` between its components: never empty, never absolute, no `.` or `..`, no NUL or other control
/// character, no backslash, at most [`LONGEST_NAME`] bytes.
///
/// It is a name, not a place: nothing may be written under it on this machine.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ItemName(String);

/// Why a name was refused. The name itself is not repeated: it may be content (a file called after a person).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("the name is empty")]
    Empty,
    #[error("the name is longer than {LONGEST_NAME} bytes or deeper than {DEEPEST} folders")]
    TooLong,
    #[error("the name is absolute")]
    Absolute,
    #[error("the name has an empty, `.` or `..` component")]
    Climbs,
    #[error("the name holds a control character or a backslash")]
    Character,
}

impl ItemName {
    pub fn new(name: impl Into<String>) -> Result<Self, NameError> {
        let name = name.into();
        if name.is_empty() {
            return Err(NameError::Empty);
        }
        if name.len() > LONGEST_NAME || name.split('/').count() > DEEPEST {
            return Err(NameError::TooLong);
        }
        if name.starts_with('/') {
            return Err(NameError::Absolute);
        }
        if name.chars().any(|c| c.is_control() || c == '\\') {
            return Err(NameError::Character);
        }
        if name.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(NameError::Climbs);
        }
        Ok(Self(name))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// The last component.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// `self/child`, under the same rules.
    pub fn join(&self, child: &str) -> Result<Self, NameError> {
        Self::new(format!("{}/{child}", self.0))
    }
}

impl TryFrom<String> for ItemName {
    type Error = NameError;
    fn try_from(name: String) -> Result<Self, NameError> {
        Self::new(name)
    }
}

impl From<ItemName> for String {
    fn from(name: ItemName) -> Self {
        name.0
    }
}

impl AsRef<str> for ItemName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// A name may be content, so `Debug` shows only its length; use [`ItemName::as_str`] where it may be seen.
impl fmt::Debug for ItemName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ItemName({} bytes)", self.0.len())
    }
}

/// One named byte source as its keeper lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub name: ItemName,
    /// Size in bytes as listed; no promise before the bytes arrived.
    pub bytes: u64,
    /// Unix seconds, where the keeper records one.
    pub modified: Option<i64>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn names_that_climb_or_hide_are_refused() {
        for (name, why) in [
            ("", NameError::Empty),
            ("/etc/passwd", NameError::Absolute),
            ("a/../b", NameError::Climbs),
            ("..", NameError::Climbs),
            ("a//b", NameError::Climbs),
            ("a/./b", NameError::Climbs),
            ("a\0b", NameError::Character),
            ("a\nb", NameError::Character),
            ("a\\..\\b", NameError::Character),
        ] {
            assert_eq!(ItemName::new(name), Err(why), "{name:?}");
        }
        assert_eq!(ItemName::new("x".repeat(LONGEST_NAME + 1)), Err(NameError::TooLong));
        assert_eq!(ItemName::new("a/".repeat(80) + "a"), Err(NameError::TooLong));
    }

    #[test]
    fn ordinary_names_pass_and_debug_does_not_tell_them() {
        let name = ItemName::new("Media/WhatsApp Images/.Private/IMG – één.jpg").unwrap();
        assert_eq!(name.file_name(), "IMG – één.jpg");
        assert!(!format!("{name:?}").contains("IMG"));
        assert!(serde_json_free(&name));
    }

    fn serde_json_free(name: &ItemName) -> bool {
        ItemName::try_from(String::from(name.clone())) == Ok(name.clone())
    }
}
