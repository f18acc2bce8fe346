//! Which of the items at hand are backups of Signal, wherever the holder put them and whatever they are called.
//!
//! A backup file is known by its head, a snapshot of the folder by `metadata` and `main` beside each other. Of several the
//! newest counts; how old it is must be said. The readable export of the app is found too, and never as good as either: every
//! message that has a timer is missing from it (`reference/exports.md §7`). Which files are looked into is decided in
//! [`crate::holder_backup`].

use crate::{holder_backup::Looks, signal::folder::Files};
use jiff::{civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Serialize};
use uitlezen_chat::ZONE;
use uitlezen_evidence::{Bytes, Evidence, Item, ItemName, ReadAtExt};
use uitlezen_signal_backup::folder::Metadata;
pub(crate) use uitlezen_signal_backup::legacy::recognise;

/// `metadata` is some tens of bytes.
const LONGEST_METADATA: u64 = 4096;
/// How the first line of the readable export begins.
const EXPORT_HEAD: usize = 1024;
/// Snapshots that are looked at, and readable exports.
const MOST_SNAPSHOTS: usize = 100;

/// A backup file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupFile {
    pub name: ItemName,
    pub bytes: u64,
    /// Unix seconds: by its name, in the time of the Netherlands, or else by the file system.
    pub made: Option<i64>,
}

/// One snapshot of a backup folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The folder that holds `metadata`, `main` and `files`; none when the listing itself is that folder.
    pub folder: Option<ItemName>,
    pub bytes: u64,
    /// Unix seconds: by its name, in UTC, or else by the file system.
    pub made: Option<i64>,
}

/// What was found, the newest of each kind first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub files: Vec<BackupFile>,
    pub snapshots: Vec<Snapshot>,
    /// Snapshots that the app had not finished.
    pub unfinished: u64,
    /// Readable exports.
    pub exports: Vec<ItemName>,
}

/// Which one is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Best<'f> {
    File(&'f BackupFile),
    Snapshot(&'f Snapshot),
}

/// The numbers in a name, where there are six of them: a date and a time.
fn stamp(name: &str) -> Option<DateTime> {
    let mut numbers = name.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let mut next = || numbers.next()?.parse::<i16>().ok();
    let (year, month, day) = (next()?, next()?, next()?);
    let (hour, minute, second) = (next()?, next()?, next()?);
    let small = |n: i16| i8::try_from(n).ok();
    DateTime::new(year, small(month)?, small(day)?, small(hour)?, small(minute)?, small(second)?, 0).ok()
}

fn seconds(at: DateTime, zone: TimeZone) -> Option<i64> {
    at.to_zoned(zone).ok().map(|at| at.timestamp().as_second())
}

fn parent(name: &ItemName) -> Option<ItemName> {
    let (folder, _) = name.as_str().rsplit_once('/')?;
    ItemName::new(folder).ok()
}

fn below(folder: Option<&ItemName>, name: &str) -> Option<ItemName> {
    match folder {
        Some(folder) => folder.join(name).ok(),
        None => ItemName::new(name).ok(),
    }
}

impl Snapshot {
    #[must_use]
    pub fn metadata(&self) -> Option<ItemName> {
        below(self.folder.as_ref(), "metadata")
    }

    #[must_use]
    pub fn main(&self) -> Option<ItemName> {
        below(self.folder.as_ref(), "main")
    }

    /// The folder that snapshots share, with `files` in it.
    #[must_use]
    pub fn root(&self) -> Option<ItemName> {
        parent(self.folder.as_ref()?)
    }

    /// The item of a file in the shared folder, by the name that records have for it.
    #[must_use]
    pub fn shared_item(root: Option<&ItemName>, path: &str) -> Option<ItemName> {
        below(root, path)
    }

    /// The shared media.
    #[must_use]
    pub fn shared<'e>(&self, evidence: &'e dyn Evidence) -> SharedFiles<'e> {
        SharedFiles { evidence, root: self.root() }
    }
}

/// Media in the shared folder of a backup folder.
#[derive(Clone, Debug)]
pub struct SharedFiles<'e> {
    evidence: &'e dyn Evidence,
    root: Option<ItemName>,
}

impl Files for SharedFiles<'_> {
    fn file(&self, name: &str) -> Option<Bytes> {
        let plain = name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit());
        let item = below(self.root.as_ref(), &crate::signal::folder::path(name)).filter(|_| plain)?;
        self.evidence.open(&item).ok()
    }
}

impl Found {
    pub(crate) fn parts(&self) -> impl Iterator<Item = ItemName> + use<'_> {
        let of_snapshots = self.snapshots.iter().flat_map(|snapshot| [snapshot.metadata(), snapshot.main()]).flatten();
        self.files.iter().map(|file| file.name.clone()).chain(of_snapshots)
    }

    /// A file that begins as a backup does.
    pub(crate) fn take(&mut self, item: &Item) {
        let name = item.name.file_name();
        let named = name.starts_with("signal-").then(|| stamp(name)).flatten();
        let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
        let made = named.and_then(|at| seconds(at, zone)).or(item.modified);
        self.files.push(BackupFile { name: item.name.clone(), bytes: item.bytes, made });
    }

    pub(crate) fn newest_first(&mut self) {
        self.files.sort_by(|a, b| b.made.cmp(&a.made).then_with(|| a.name.cmp(&b.name)));
        self.snapshots.sort_by(|a, b| b.made.cmp(&a.made).then_with(|| a.folder.cmp(&b.folder)));
    }

    /// The one to read: the newest, and of two that are equally old the file, which says more of the app's settings.
    #[must_use]
    pub fn best(&self) -> Option<Best<'_>> {
        match (self.files.first(), self.snapshots.first()) {
            (Some(file), Some(snapshot)) if snapshot.made > file.made => Some(Best::Snapshot(snapshot)),
            (Some(file), _) => Some(Best::File(file)),
            (None, Some(snapshot)) => Some(Best::Snapshot(snapshot)),
            (None, None) => None,
        }
    }
}

impl Best<'_> {
    /// How long before `now` (Unix seconds) it was made; none when nothing says so.
    #[must_use]
    pub fn age_seconds(&self, now: i64) -> Option<i64> {
        let made = match self {
            Self::File(file) => file.made,
            Self::Snapshot(snapshot) => snapshot.made,
        };
        Some(now.saturating_sub(made?).max(0))
    }
}

/// Whether a file of this name may be a part of a snapshot, or a readable export.
pub(crate) fn is_part(name: &str) -> bool {
    matches!(name, "metadata" | "main" | "main.jsonl")
}

/// Named as the app names its backup files.
pub(crate) fn is_named(name: &str) -> bool {
    let ends = |ending: &str| name.len() >= ending.len() && name.as_bytes().ends_with(ending.as_bytes());
    name.starts_with("signal-") || ends(".backup")
}

/// What is known by the names that its parts have beside each other: snapshots and readable exports.
pub(crate) fn by_parts(looks: &mut Looks<'_>) -> Found {
    let mut found = Found::default();
    let (items, mut folders, mut exports) = (looks.evidence.items(), 0, 0);
    for item in items {
        match item.name.file_name() {
            "metadata" if folders >= MOST_SNAPSHOTS => looks.not_looked += 1,
            "metadata" => {
                folders += 1;
                snapshot(looks, item, items, &mut found);
            }
            "main.jsonl" if exports >= MOST_SNAPSHOTS => looks.not_looked += 1,
            "main.jsonl" => {
                exports += 1;
                if item.bytes > 0 && looks.begins(item, EXPORT_HEAD).is_some_and(|head| is_export(&head)) {
                    found.exports.push(item.name.clone());
                }
            }
            _ => {}
        }
    }
    found
}

fn is_export(head: &[u8]) -> bool {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.starts_with(b"{") && String::from_utf8_lossy(line).contains("\"backupTimeMs\"")
}

fn snapshot(looks: &mut Looks<'_>, item: &Item, items: &[Item], found: &mut Found) {
    let folder = parent(&item.name);
    let Some(main) = below(folder.as_ref(), "main") else { return };
    let Ok(main) = items.binary_search_by(|other| other.name.cmp(&main)) else { return };
    let Some(main) = items.get(main) else { return };
    match looks.evidence.open(&item.name).map(|source| source.read_all(LONGEST_METADATA)) {
        Ok(Ok(bytes)) if Metadata::read(&bytes).is_ok() => {}
        Ok(Ok(_)) => return,
        _ => {
            looks.unreadable += 1;
            return;
        }
    }
    let name = folder.as_ref().map_or("", |folder| folder.file_name()).to_owned();
    if name.ends_with("-tmp") {
        found.unfinished += 1;
        return;
    }
    let made = stamp(&name).and_then(|at| seconds(at, TimeZone::UTC)).or(main.modified);
    found.snapshots.push(Snapshot { folder, bytes: main.bytes, made });
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
mod tests {
    use super::*;
    use crate::{App, holder_backup};
    use std::collections::BTreeMap;
    use uitlezen_evidence::MemoryEvidence;
    use uitlezen_twin::content::signal::{FolderKeys, LegacyKeys, LegacyWriter};

    fn evidence(files: &[(&str, Vec<u8>)]) -> MemoryEvidence {
        let named = files.iter().map(|(name, bytes)| (ItemName::new(*name).unwrap(), bytes.clone()));
        MemoryEvidence::new(named.collect::<BTreeMap<_, _>>())
    }

    fn find(evidence: &dyn Evidence) -> Found {
        let found = holder_backup::find(&[App::Signal], evidence);
        assert_eq!((found.unreadable, found.not_looked), (0, 0));
        found.signal
    }

    fn legacy() -> Vec<u8> {
        let keys = LegacyKeys::new("123456789012345678901234567890", [1; 32]);
        let mut file = LegacyWriter::new(Vec::new(), &keys, [2; 16], true).unwrap();
        file.version(300).unwrap();
        file.end().unwrap()
    }

    #[test]
    fn backups_are_found_by_what_they_are_and_the_newest_is_taken() {
        let keys = FolderKeys::new(&"m".repeat(64), [3; 16]);
        let (metadata, main) = (keys.metadata([1; 12]), keys.seal(b"x", [1; 16]));
        let file = legacy();
        let old = "Documents/Mijn map/signal-backup-2025-11-01-10-00-00";
        let new = "Documents/Mijn map/signal-backup-2025-11-20-10-00-00";
        let items = evidence(&[
            ("Download/vakantie.bin", file.clone()),
            ("Signal/signal-2025-11-19-23-30-00.backup", file.clone()),
            ("Signal/signal-2025-11-18-23-30-00.backup", b"something else that only bears the name".repeat(3)),
            (&format!("{old}/main"), main.clone()),
            (&format!("{old}/metadata"), metadata.clone()),
            (&format!("{new}/main"), main.clone()),
            (&format!("{new}/metadata"), metadata.clone()),
            (&format!("{new}-tmp/main"), main.clone()),
            (&format!("{new}-tmp/metadata"), metadata.clone()),
            ("Other/metadata", metadata.clone()),
            ("Third/main", main.clone()),
            ("Third/metadata", b"{}".to_vec()),
            ("Export/main.jsonl", [br#"{"version":"1","backupTimeMs":"1"}"#, &b"\n{}".repeat(20)[..]].concat()),
            ("Export2/main.jsonl", b"{}\n".repeat(40)),
            (&format!("Documents/Mijn map/files/ab/{}", "ab".repeat(32)), b"medium".to_vec()),
        ]);
        let found = find(&items);
        let names: Vec<&str> = found.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["Signal/signal-2025-11-19-23-30-00.backup", "Download/vakantie.bin"]);
        let folders: Vec<&str> = found.snapshots.iter().map(|s| s.folder.as_ref().unwrap().as_str()).collect();
        assert_eq!(folders, [new, old]);
        assert_eq!((found.unfinished, found.exports.len()), (1, 1));
        // 20 November 2025, 10:00 in UTC; the file was made at half past eleven the evening before, Dutch time.
        let Some(Best::Snapshot(snapshot)) = found.best() else { panic!() };
        assert_eq!((snapshot.made, found.files[0].made), (Some(1_763_632_800), Some(1_763_591_400)));
        assert_eq!(found.best().unwrap().age_seconds(1_763_632_800 + 60), Some(60));
        assert_eq!(snapshot.main().unwrap().as_str(), format!("{new}/main"));
        let shared = snapshot.shared(&items);
        assert!(shared.file(&"ab".repeat(32)).is_some());
        for name in ["../../Signal/x", &"AB".repeat(32)[..10], "", &"cd".repeat(32)] {
            assert!(shared.file(name).is_none());
        }
    }

    #[test]
    fn a_folder_may_be_the_snapshot_itself_and_names_need_not_be_dates() {
        let keys = FolderKeys::new(&"m".repeat(64), [3; 16]);
        let items = evidence(&[("main", keys.seal(b"x", [1; 16])), ("metadata", keys.metadata([1; 12]))]);
        let found = find(&items);
        assert_eq!((found.snapshots.len(), &found.snapshots[0].folder, found.snapshots[0].made), (1, &None, None));
        assert_eq!(found.best().unwrap().age_seconds(9), None);
        assert!(find(&evidence(&[])).best().is_none());
        for name in ["signal-2025-13-01-10-00-00", "signal-2025-11-01", "99999-1-1-1-1-1", "x"] {
            assert_eq!(stamp(name), None, "{name}");
        }
    }
}
