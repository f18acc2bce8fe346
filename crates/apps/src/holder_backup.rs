//! Backups that a phone's holder made in an app and put anywhere in the shared storage: which of the items at hand they are.
//!
//! Every app knows its own by how they begin; here it is decided which files are looked into at all, and each is looked into
//! once, however many apps are asked. Nothing is taken by its name alone. What was not looked into is counted: it may be a
//! backup of any app.

use crate::{App, signal, sms, threema::android as threema};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use uitlezen_evidence::{Evidence, Hint, Item, ItemName};

/// Apps of which such backups are known. Of SMS they are files of adb backup, which a computer wrote.
pub const APPS: [App; 5] = [App::Signal, App::Sms, App::Threema, App::ThreemaWork, App::ThreemaOnPrem];
/// No file is looked into beyond this: what lies behind it does not arrive.
pub const LOOKED_AT: u32 = 4096;
/// By so many bytes every app knows its own.
const HEAD: usize = 516;
/// Smaller than any backup.
const SMALLEST: u64 = 64;
/// Files of no known kind that are looked into, those named like a backup first, and then the newest.
const MOST_LOOKS: usize = 300;
/// Files of a kind that no app mistakes for a backup: they are not looked into.
const OTHER_KINDS: [&str; 63] = [
    "jpg", "jpeg", "png", "gif", "webp", "heic", "heif", "avif", "bmp", "dng", "tif", "tiff", "svg", "mp4", "m4v", "mov", "mkv",
    "webm", "3gp", "avi", "ts", "mp3", "m4a", "aac", "ogg", "oga", "opus", "wav", "flac", "amr", "mid", "pdf", "doc", "docx",
    "xls", "xlsx", "ppt", "pptx", "odt", "ods", "odp", "txt", "rtf", "htm", "html", "xml", "json", "csv", "vcf", "ics", "epub",
    "apk", "rar", "7z", "gz", "tar", "db", "db-wal", "db-shm", "log", "crypt12", "crypt14", "crypt15",
];

/// What was found, by app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub signal: signal::find::Found,
    pub sms: sms::find::Found,
    /// Of whichever of the three apps made them.
    pub threema: threema::find::Found,
    /// Items that could not be looked into.
    pub unreadable: u64,
    /// Items that could be backups and were too many to look into.
    pub not_looked: u64,
}

impl Found {
    /// Every file that makes up a backup that was found.
    pub fn parts(&self) -> impl Iterator<Item = ItemName> + use<'_> {
        self.signal.parts().chain(self.sms.parts()).chain(self.threema.parts())
    }
}

/// Whether a look at how a file begins could make a backup of it, of any of these apps: by its name and its size.
#[must_use]
pub fn may_be(asked: &[App], name: &ItemName, bytes: u64) -> bool {
    (asked.contains(&App::Signal) && signal::find::is_part(name.file_name())) || could_be(asked, name.file_name(), bytes)
}

fn of_threema(asked: &[App]) -> bool {
    asked.iter().any(|app| app.threema().is_some())
}

/// Whether it could be a backup that is one file.
fn could_be(asked: &[App], name: &str, bytes: u64) -> bool {
    let ending = name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase());
    let other_kind = if ending == "zip" { !of_threema(asked) } else { OTHER_KINDS.contains(&ending.as_str()) };
    // The shared media of Signal's backup folder have such names.
    let is_digest = name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit());
    bytes >= SMALLEST && !is_digest && !signal::find::is_part(name) && !other_kind
}

/// Whether a file begins as a backup does that is one file, of whatever app.
#[must_use]
pub fn begins_as_one(evidence: &dyn Evidence, item: &Item) -> bool {
    let head = Looks::into(evidence).begins(item, HEAD);
    head.is_some_and(|head| signal::find::recognise(&head) || sms::find::recognise(&head).is_some() || threema::recognise(&head))
}

/// Looks for backups of these apps among all items: at the name first, and then at how each begins.
#[must_use]
pub fn find(asked: &[App], evidence: &dyn Evidence) -> Found {
    let (mut found, mut looks) = (Found::default(), Looks::into(evidence));
    let (asks_signal, asks_threema, asks_sms) = (asked.contains(&App::Signal), of_threema(asked), asked.contains(&App::Sms));
    if asks_signal {
        found.signal = signal::find::by_parts(&mut looks);
    }
    // The only one there is was handed over as a backup, whatever its name.
    let only = evidence.items().len() == 1;
    let one_file = |item: &&Item| only || could_be(asked, item.name.file_name(), item.bytes);
    let mut others: Vec<&Item> = evidence.items().iter().filter(one_file).collect();
    others.sort_by_key(|item| (!is_named(item.name.file_name()), Reverse(item.modified)));
    looks.not_looked += others.len().saturating_sub(MOST_LOOKS) as u64;
    for item in others.into_iter().take(MOST_LOOKS) {
        let Some(head) = looks.begins(item, HEAD) else { continue };
        if asks_signal && signal::find::recognise(&head) {
            found.signal.take(item);
        } else if asks_threema && threema::recognise(&head) {
            found.threema.take(item);
        } else if asks_sms && let Some(encrypted) = sms::find::recognise(&head) {
            found.sms.take(item, encrypted);
        }
    }
    found.signal.newest_first();
    found.sms.newest_first();
    found.threema.newest_first();
    Found { unreadable: looks.unreadable, not_looked: looks.not_looked, ..found }
}

/// Named as any of the apps names its backups.
fn is_named(name: &str) -> bool {
    signal::find::is_named(name) || threema::find::is_named(name) || sms::find::is_named(name)
}

/// Looks into files, and counts those that it could not look into.
pub(crate) struct Looks<'e> {
    pub(crate) evidence: &'e dyn Evidence,
    pub(crate) unreadable: u64,
    pub(crate) not_looked: u64,
}

impl<'e> Looks<'e> {
    fn into(evidence: &'e dyn Evidence) -> Self {
        Self { evidence, unreadable: 0, not_looked: 0 }
    }

    /// How a file begins.
    pub(crate) fn begins(&mut self, item: &Item, most: usize) -> Option<Vec<u8>> {
        let read = self.evidence.open(&item.name).ok().and_then(|source| {
            let mut head = vec![0; usize::try_from(source.len()).unwrap_or(most).min(most)];
            source.read_at(0, &mut head, &mut Hint::default()).ok().map(|()| head)
        });
        self.unreadable += u64::from(read.is_none());
        read
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use uitlezen_evidence::{Bytes, EvidenceError, MemoryEvidence};
    use uitlezen_twin::content::{
        signal::{LegacyKeys, LegacyWriter},
        threema::{ThreemaBackupOptions, generate},
    };

    fn signal_file() -> Vec<u8> {
        let keys = LegacyKeys::new("123456789012345678901234567890", [1; 32]);
        let mut file = LegacyWriter::new(Vec::new(), &keys, [2; 16], true).unwrap();
        file.version(300).unwrap();
        file.end().unwrap()
    }

    fn evidence(files: &[(String, Vec<u8>)]) -> MemoryEvidence {
        files.iter().map(|(name, bytes)| (ItemName::new(name.clone()).unwrap(), bytes.clone())).collect()
    }

    #[test]
    fn of_many_files_those_named_like_a_backup_and_the_newest_are_looked_into_and_no_photo_is() {
        let file = signal_file();
        let mut files: Vec<(String, Vec<u8>)> =
            (0..MOST_LOOKS + 5).map(|n| (format!("Download/{n:04}.bin"), vec![7; 100])).collect();
        files.push(("Z/signal-2025-11-19-23-30-00.backup".to_owned(), file.clone()));
        files.push(("DCIM/signal.jpg".to_owned(), file.clone()));
        files.push((format!("Z/files/ab/{}", "ab".repeat(32)), file));
        let found = find(&APPS, &evidence(&files));
        assert_eq!((found.signal.files.len(), found.not_looked, found.unreadable), (1, 6, 0));
        let parts: Vec<ItemName> = found.parts().collect();
        assert!(parts.len() == 1 && parts.iter().all(|name| name.as_str().starts_with("Z/signal-")));
    }

    #[test]
    fn one_look_serves_all_apps_and_a_zip_is_looked_into_only_for_the_one_that_makes_them() {
        let threema = generate(&ThreemaBackupOptions { messages: 5, ..ThreemaBackupOptions::default() }).unwrap();
        let files = [
            ("Download/kopie.zip".to_owned(), threema.bytes.clone()),
            ("Download/kopie".to_owned(), threema.bytes),
            ("Download/kopie.backup".to_owned(), signal_file()),
        ];
        let counted = |asked: &[App]| {
            let seen = Counting { evidence: evidence(&files), opened: AtomicUsize::new(0) };
            let found = find(asked, &seen);
            (found.signal.files.len(), found.threema.files.len(), seen.opened.into_inner())
        };
        assert_eq!(counted(&[App::Signal]), (1, 0, 2));
        assert_eq!(counted(&[App::ThreemaWork]), (0, 2, 3));
        assert_eq!(counted(&APPS), (1, 2, 3));
    }

    /// Counts how often something is opened.
    #[derive(Debug)]
    struct Counting {
        evidence: MemoryEvidence,
        opened: AtomicUsize,
    }

    impl Evidence for Counting {
        fn items(&self) -> &[Item] {
            self.evidence.items()
        }

        fn open(&self, name: &ItemName) -> Result<Bytes, EvidenceError> {
            self.opened.fetch_add(1, Ordering::Relaxed);
            self.evidence.open(name)
        }
    }

    #[test]
    fn what_nobody_asks_for_is_not_found_and_one_file_is_known_alone() {
        let adb = [b"ANDROID BACKUP\n5\n0\nnone\n".to_vec(), vec![0; 1024]].concat();
        let locked = [b"ANDROID BACKUP\n5\n1\nAES-256\n".to_vec(), vec![b'A'; 1024]].concat();
        let files = [("a".to_owned(), signal_file()), ("b".to_owned(), vec![7; 4096]), ("c".to_owned(), Vec::new())];
        let files =
            [&files[..], &[("d.ab".to_owned(), adb), ("e.dat".to_owned(), locked), ("f.ab".to_owned(), vec![7; 99])]].concat();
        let at_hand = evidence(&files);
        assert_eq!(find(&[App::WhatsApp], &at_hand), Found::default());
        let known: Vec<bool> = at_hand.items().iter().map(|item| begins_as_one(&at_hand, item)).collect();
        assert_eq!(known, [true, false, false, true, true, false]);
        let found = find(&[App::Sms], &at_hand);
        let files: Vec<(&str, bool)> = found.sms.files.iter().map(|file| (file.name.as_str(), file.encrypted)).collect();
        assert_eq!((files, found.signal.files.len()), (vec![("d.ab", false), ("e.dat", true)], 0));
        assert_eq!(find(&[App::Signal], &at_hand).sms.files.len(), 0);
    }
}
