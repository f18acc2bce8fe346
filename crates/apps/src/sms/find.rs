//! Which of the files at hand are files of adb backup, whatever they are called. What is in one, and when it was made, shows only
//! when it is opened, or not at all.

use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use uitlezen_evidence::{Item, ItemName};

pub(crate) use uitlezen_android_backup::recognise;

/// A file of adb backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupFile {
    pub name: ItemName,
    pub bytes: u64,
    /// Unix seconds, by the file system: perhaps no more than when it was copied.
    pub written: Option<i64>,
    /// It asks for a password.
    pub encrypted: bool,
}

/// What was found, the file that was written last first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub files: Vec<BackupFile>,
}

impl Found {
    #[must_use]
    pub fn newest(&self) -> Option<&BackupFile> {
        self.files.first()
    }

    /// Every file that was found.
    pub fn parts(&self) -> impl Iterator<Item = ItemName> + use<'_> {
        self.files.iter().map(|file| file.name.clone())
    }

    /// Takes a file that begins as one does.
    pub(crate) fn take(&mut self, item: &Item, encrypted: bool) {
        self.files.push(BackupFile { name: item.name.clone(), bytes: item.bytes, written: item.modified, encrypted });
    }

    pub(crate) fn newest_first(&mut self) {
        self.files.sort_by(|a, b| Reverse(a.written).cmp(&Reverse(b.written)).then_with(|| a.name.cmp(&b.name)));
    }
}

/// Named as whoever makes one is told to.
pub(crate) fn is_named(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("ab"))
}
