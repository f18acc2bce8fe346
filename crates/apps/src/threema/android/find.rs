//! Which of the items at hand are data backups, wherever the holder put them and whatever they are called.
//!
//! The app calls one `threema-backup_<milliseconds>_1.zip`, and `INCOMPLETE-…` until it is whole. All are known by how they begin;
//! which files are looked into is decided in [`crate::holder_backup`]. Which of the three apps made one, nothing in it says.

use serde::{Deserialize, Serialize};
use uitlezen_evidence::{Item, ItemName};

const PREFIX: &str = "threema-backup_";
const UNFINISHED: &str = "INCOMPLETE-";

/// A data backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupFile {
    pub name: ItemName,
    pub bytes: u64,
    /// Unix seconds: by its name, or else by the file system.
    pub made: Option<i64>,
}

/// What was found, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub files: Vec<BackupFile>,
    /// Backups that the app never finished.
    pub unfinished: u64,
}

impl Found {
    #[must_use]
    pub fn newest(&self) -> Option<&BackupFile> {
        self.files.first()
    }

    pub(crate) fn parts(&self) -> impl Iterator<Item = ItemName> + use<'_> {
        self.files.iter().map(|file| file.name.clone())
    }

    /// A file that begins as a backup does.
    pub(crate) fn take(&mut self, item: &Item) {
        let name = item.name.file_name();
        if is_unfinished(name) {
            self.unfinished += 1;
        } else {
            let made = made_by_name(name).or(item.modified);
            self.files.push(BackupFile { name: item.name.clone(), bytes: item.bytes, made });
        }
    }

    pub(crate) fn newest_first(&mut self) {
        self.files.sort_by(|a, b| b.made.cmp(&a.made).then_with(|| a.name.cmp(&b.name)));
    }
}

/// Named as the app names its backups.
pub(crate) fn is_named(file_name: &str) -> bool {
    file_name.starts_with(PREFIX)
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
