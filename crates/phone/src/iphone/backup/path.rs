//! Names that a phone gives to files of the backup: below its root, whatever the phone says.

use std::fmt;

/// Longest name (reference/ios.md §2.4).
pub(crate) const LONGEST: usize = 4096;
/// Folders within folders. Three are met: UDID, Snapshot, first two digits.
const DEEPEST: usize = 16;

/// A name relative to the root of backups: `<UDID>/Status.plist`, `<UDID>/Snapshot/3d/3d0d7e5f…`. No part of it is `.`, `..` or
/// empty, and none holds a byte zero, a backslash or a control character: it may be joined to a folder.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BackupPath(String);

impl BackupPath {
    /// Takes a phone's name. A slash at its head and `.` in it lead nowhere and are dropped; what leads outside is refused.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        if name.len() > LONGEST || name.chars().any(|c| c.is_control() || c == '\\') {
            return None;
        }
        let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        let fine = !parts.is_empty() && parts.len() <= DEEPEST && !parts.contains(&"..");
        fine.then(|| Self(parts.join("/")))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder it lies in and the name there.
    pub(crate) fn split(&self) -> (&str, &str) {
        self.0.rsplit_once('/').unwrap_or(("", &self.0))
    }
}

/// The length only: names of a phone go into no log.
impl fmt::Debug for BackupPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BackupPath({} bytes)", self.0.len())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::{Component, Path};

    #[test]
    fn what_leads_outside_is_refused() {
        for bad in
            ["", "/", ".", "..", "../x", "a/../../x", "a/..", "a\0b", "a\\..\\b", "a\nb", &"a/".repeat(17), &"a".repeat(4097)]
        {
            assert_eq!(BackupPath::new(bad), None, "{bad:?}");
        }
        for (name, is) in [("/.b/6/x", ".b/6/x"), ("U/./Status.plist", "U/Status.plist"), ("U//a", "U/a"), ("..a/b..", "..a/b..")]
        {
            assert_eq!(BackupPath::new(name).unwrap().as_str(), is);
        }
    }

    proptest! {
        #[test]
        fn a_name_that_is_taken_stays_below_its_folder(name in "[a./\\\\\\x00é-]{0,40}") {
            if let Some(path) = BackupPath::new(&name) {
                prop_assert!(Path::new(path.as_str()).components().all(|part| matches!(part, Component::Normal(_))));
                prop_assert_eq!(BackupPath::new(path.as_str()), Some(path));
            }
        }
    }
}
