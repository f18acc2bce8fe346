//! Backups of the twin's builder, in a folder.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, clippy::print_stderr)]

use std::{ops::ControlFlow, path::PathBuf, sync::Arc};
use tempfile::TempDir;
use uitlezen_backup::{Backup, BackupEvidence, Keys, Rounds, UnlockError, find};
use uitlezen_evidence::{Evidence, FolderEvidence, ItemName, ReadAtExt};
use uitlezen_twin::{
    Patterned,
    backup::{BackupFacts, BackupFile, BackupImage, Kind, Layout},
};

pub const PASSWORD: &str = "Proef-wachtwoord é 1";

/// Some of every class, of every length around a block, and things that are no files.
pub fn files() -> Vec<BackupFile> {
    let mut files: Vec<BackupFile> = (1..=11)
        .map(|class| BackupFile::of("HomeDomain", format!("klasse/{class}"), vec![class; 40], 1_700_000_000).class(class))
        .collect();
    for len in [0_u64, 1, 15, 16, 17, 31, 32, 33, 4095, 4096, 4097, 300_001] {
        let bytes = Arc::new(Patterned { len, seed: len });
        files.push(BackupFile::new("AppDomainGroup-group.voorbeeld", format!("lengte/{len}"), bytes, 1_700_000_001));
    }
    files.push(BackupFile::of("HomeDomain", "Library/één – bestand.txt", b"inhoud".to_vec(), 1_700_000_002));
    files.push(BackupFile { kind: Kind::Symlink("/var".to_owned()), ..BackupFile::of("HomeDomain", "link", vec![], 0) });
    files
}

pub fn image(password: Option<&str>) -> BackupImage {
    BackupImage::build(files(), &BackupFacts::default(), password, 3).unwrap()
}

/// A backup on disk, for as long as it is looked at.
pub struct OnDisk {
    pub dir: TempDir,
    pub root: PathBuf,
}

impl OnDisk {
    pub fn of(image: &BackupImage, layout: Layout) -> Self {
        let dir = tempfile::tempdir().unwrap();
        image.write_folder(dir.path(), layout).unwrap();
        let root = dir.path().join(image.udid());
        Self { dir, root }
    }

    pub fn new(password: Option<&str>) -> Self {
        Self::of(&image(password), Layout::Split)
    }

    pub fn backup(&self) -> Backup {
        let inner: Arc<dyn Evidence> = Arc::new(FolderEvidence::open(self.dir.path()).unwrap());
        let places = find(&*inner);
        assert_eq!(places.len(), 1);
        Backup::at(inner, places.first().unwrap().clone()).unwrap()
    }

    pub fn evidence(&self, password: Option<&str>) -> BackupEvidence {
        let backup = self.backup();
        let keys = password.map(|password| unlocked(&backup, password).unwrap());
        backup.evidence(keys, &|_, _| true).unwrap()
    }

    /// The stored file of an entry.
    pub fn stored(&self, domain: &str, path: &str) -> PathBuf {
        let digits = uitlezen_twin::backup::file_id(domain, path);
        self.root.join(digits.get(..2).unwrap()).join(&digits)
    }
}

pub fn unlocked(backup: &Backup, password: &str) -> Result<Keys, UnlockError> {
    backup.unlock(password.as_bytes(), Rounds::default(), &mut |_| ControlFlow::Continue(()))
}

pub fn name(name: &str) -> ItemName {
    ItemName::new(name).unwrap()
}

/// Domain and path to content, of the files among these.
pub fn contents(files: &[BackupFile]) -> Vec<(String, Vec<u8>)> {
    let mut contents: Vec<(String, Vec<u8>)> = files
        .iter()
        .filter_map(|file| match &file.kind {
            Kind::File(bytes) => Some((format!("{}/{}", file.domain, file.path), bytes.read_all(1 << 30).unwrap())),
            _ => None,
        })
        .collect();
    contents.sort();
    contents
}

/// All items, opened and read.
pub fn read(evidence: &BackupEvidence) -> Vec<(String, Vec<u8>)> {
    let all = evidence.items().iter();
    all.map(|item| (item.name.as_str().to_owned(), evidence.open(&item.name).unwrap().read_all(1 << 30).unwrap())).collect()
}
