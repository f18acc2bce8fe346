//! Which of the files that an iPhone sends are kept while they arrive.
//!
//! The phone sends everything and names each file twice: where it goes in the backup, under a digest of its domain and path,
//! and where it lies on the phone, which ends in the path without the domain (ios.md §2.4, §2.10). A file is kept when either
//! fits what is wanted: by digest for files with a fixed name, by the end of its path for folders. The second may fit a file
//! of another app too; what the list of the backup then does not know as wanted is never read, and goes with the work store.

use sha1::{Digest, Sha1};
use std::collections::{BTreeSet, HashSet};
use uitlezen_evidence::{ItemName, Pattern};
use uitlezen_phone::iphone::backup::BackupPath;

/// The phone's own files about the backup, beside its folders of two digits.
const ABOUT: [&str; 4] = ["Info.plist", "Manifest.db", "Manifest.plist", "Status.plist"];

/// See the module.
#[derive(Debug)]
pub(super) struct Chooser {
    patterns: Vec<Pattern>,
    /// The first words of the patterns.
    domains: BTreeSet<String>,
    /// Digests of the files with a fixed name.
    ids: HashSet<String>,
}

impl Chooser {
    pub(super) fn new(patterns: Vec<Pattern>) -> Self {
        let domain = |pattern: &Pattern| pattern.root().split('/').next().map(str::to_owned).filter(|d| !d.is_empty());
        let domains = patterns.iter().filter_map(domain).collect();
        let ids = patterns.iter().filter_map(Pattern::literal).filter_map(|name| id(&name)).collect();
        Self { patterns, domains, ids }
    }

    pub(super) fn wants(&self, device_name: &str, path: &BackupPath) -> bool {
        let name = path.as_str().rsplit('/').next().unwrap_or_default();
        ABOUT.contains(&name) || self.ids.contains(name) || self.fits(device_name)
    }

    /// Whether some end of the name is the path of a wanted file in some domain.
    fn fits(&self, device_name: &str) -> bool {
        let ends = device_name.match_indices('/').filter_map(|(at, _)| device_name.get(at + 1..));
        ends.chain([device_name]).filter(|end| !end.is_empty()).any(|end| {
            self.domains.iter().any(|domain| {
                ItemName::new(format!("{domain}/{end}")).is_ok_and(|name| self.patterns.iter().any(|p| p.matches(&name)))
            })
        })
    }
}

/// The name under which a backup keeps a file: SHA-1 of `domain-path` (ios.md §3.2).
fn id(name: &str) -> Option<String> {
    let (domain, path) = name.split_once('/')?;
    Some(hex::encode(Sha1::digest(format!("{domain}-{path}"))))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn chooser() -> Chooser {
        let patterns = ["HomeDomain/Library/SMS/sms.db", "MediaDomain/Library/SMS/Attachments/**/*"];
        Chooser::new(patterns.iter().map(|p| Pattern::new(p).unwrap()).collect())
    }

    fn path(text: &str) -> BackupPath {
        BackupPath::new(text).unwrap()
    }

    #[test]
    fn a_fixed_name_is_known_by_its_digest_wherever_it_lies_on_the_phone() {
        // The digest that every backup has for its messages (ios.md §3.2).
        let sms = path("00008110-0/Snapshot/3d/3d0d7e5fb2ce288813306e4d4636395e047a3d28");
        assert!(chooser().wants("/var/tmp/elsewhere", &sms));
    }

    #[test]
    fn a_file_in_a_wanted_folder_is_known_by_the_end_of_its_name_and_others_are_not() {
        let chooser = chooser();
        let any = path("00008110-0/Snapshot/ab/ab00000000000000000000000000000000000000");
        assert!(chooser.wants("/.ba/mobile/Library/SMS/Attachments/0a/10/x/IMG_1.HEIC", &any));
        assert!(chooser.wants("Library/SMS/Attachments/0a/10/x/IMG_1.HEIC", &any));
        for other in ["/.b/6/Media/DCIM/100APPLE/IMG_1.HEIC", "/.b/6/Library/SMS/Attachments", "", "///", "/../../x"] {
            assert!(!chooser.wants(other, &any), "{other}");
        }
    }

    #[test]
    fn what_the_phone_says_about_the_backup_is_always_kept() {
        for about in ABOUT {
            assert!(chooser().wants("/var/tmp/tmp.x", &path(&format!("00008110-0/{about}"))));
        }
    }
}
