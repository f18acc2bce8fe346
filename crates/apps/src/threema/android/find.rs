//! Which of the items at hand are data backups, wherever the holder put them and whatever they are called.
//!
//! The app calls one `threema-backup_<milliseconds>_1.zip`, and `INCOMPLETE-…` until it is whole. One that was renamed is known by
//! how it begins.

use super::backup::{head_bytes, recognise};
use uitlezen_evidence::{Evidence, Hint, Item, ItemName};

const PREFIX: &str = "threema-backup_";
const UNFINISHED: &str = "INCOMPLETE-";

/// A data backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupFile {
    pub name: ItemName,
    pub bytes: u64,
    /// Unix seconds: by its name, or else by the file system.
    pub made: Option<i64>,
}

/// What was found, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub files: Vec<BackupFile>,
    /// Backups that the app never finished.
    pub unfinished: u64,
    /// Items that could not be looked into.
    pub unreadable: u64,
}

impl Found {
    #[must_use]
    pub fn newest(&self) -> Option<&BackupFile> {
        self.files.first()
    }
}

/// When a backup of this name was made, in Unix seconds, if it is a name that the app gives.
#[must_use]
pub fn made_by_name(file_name: &str) -> Option<i64> {
    let digits = file_name.strip_prefix(PREFIX)?.split(['_', '.']).next()?;
    let milliseconds: i64 = digits.parse().ok().filter(|ms| *ms > 0)?;
    Some(milliseconds / 1000)
}

/// Whether the app was still writing it, or had stopped to.
#[must_use]
pub fn is_unfinished(file_name: &str) -> bool {
    file_name.strip_prefix(UNFINISHED).is_some_and(|rest| rest.starts_with(PREFIX))
}

/// Looks at the name of every item, and at how those begin that end in `.zip`.
#[must_use]
pub fn find(evidence: &dyn Evidence) -> Found {
    let mut found = Found::default();
    for item in evidence.items() {
        let name = item.name.file_name();
        if is_unfinished(name) {
            found.unfinished += 1;
        } else if name.to_ascii_lowercase().ends_with(".zip") {
            match begins(evidence, item) {
                Some(true) => {
                    let made = made_by_name(name).or(item.modified);
                    found.files.push(BackupFile { name: item.name.clone(), bytes: item.bytes, made });
                }
                Some(false) => {}
                None => found.unreadable += 1,
            }
        }
    }
    found.files.sort_by(|a, b| b.made.cmp(&a.made).then_with(|| a.name.cmp(&b.name)));
    found
}

fn begins(evidence: &dyn Evidence, item: &Item) -> Option<bool> {
    let source = evidence.open(&item.name).ok()?;
    let length = usize::try_from(source.len()).unwrap_or(usize::MAX).min(head_bytes());
    let mut head = vec![0; length];
    source.read_at(0, &mut head, &mut Hint::default()).ok()?;
    Some(recognise(&head))
}
