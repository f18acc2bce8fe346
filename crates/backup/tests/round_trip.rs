//! What the twin's builder puts in a backup comes out of it, encrypted or not, in both layouts, at any place and length.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod support;

use proptest::prelude::*;
use std::{io::Read, sync::Arc, sync::OnceLock};
use support::*;
use uitlezen_backup::{Backup, BackupError, BackupEvidence, Snapshot, UnlockError, find};
use uitlezen_evidence::{Evidence, FolderEvidence, Hint, Reader, ZipEvidence};
use uitlezen_twin::backup::{App, BackupFacts, BackupFile, BackupImage, Layout};

#[test]
fn every_class_and_every_length_comes_out_as_it_went_in() {
    for layout in [Layout::Split, Layout::Flat] {
        for password in [None, Some(PASSWORD), Some("")] {
            let disk = OnDisk::of(&image(password), layout);
            let evidence = disk.evidence(password);
            assert!(read(&evidence) == contents(&files()), "{layout:?} {password:?}");
            let counts = evidence.counts();
            assert!(counts.whole());
            assert_eq!((counts.wanted, counts.unwanted, counts.symlinks, counts.without_row), (24, 0, 1, 0));
            // HomeDomain with `klasse` and `Library`, the group with `lengte`.
            assert_eq!((counts.rows, counts.folders, counts.odd_ids), (30, 5, 0));
            assert_eq!(counts.wanted_bytes, contents(&files()).iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>());
            assert!(evidence.items().is_sorted_by_key(|item| item.name.clone()));
            assert_eq!(evidence.items().first().unwrap().modified, Some(1_700_000_001));
        }
    }
}

#[test]
fn it_reads_the_same_from_a_zip() {
    let disk = OnDisk::new(Some(PASSWORD));
    let path = disk.dir.path().join("reservekopie.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let folder = FolderEvidence::open(&disk.root).unwrap();
    for item in folder.items() {
        zip.start_file(format!("map/{}", item.name.as_str()), zip::write::SimpleFileOptions::default()).unwrap();
        std::io::copy(&mut Reader::new(folder.open(&item.name).unwrap()), &mut zip).unwrap();
    }
    zip.finish().unwrap();
    let inner: Arc<dyn Evidence> = Arc::new(ZipEvidence::open(&path).unwrap());
    let backup = Backup::at(inner.clone(), find(&*inner)[0].clone()).unwrap();
    let keys = unlocked(&backup, PASSWORD).unwrap();
    assert!(read(&backup.evidence(Some(keys), &|_, _| true).unwrap()) == contents(&files()));
}

#[test]
fn only_what_is_wanted_is_listed_and_the_rest_is_counted() {
    let disk = OnDisk::new(Some(PASSWORD));
    let backup = disk.backup();
    let keys = unlocked(&backup, PASSWORD).unwrap();
    let evidence = backup.evidence(Some(keys), &|domain, path| domain == "HomeDomain" && path.starts_with("klasse/1")).unwrap();
    let names: Vec<&str> = evidence.items().iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["HomeDomain/klasse/1", "HomeDomain/klasse/10", "HomeDomain/klasse/11"]);
    assert_eq!((evidence.counts().wanted, evidence.counts().unwanted), (3, 21));
    assert!(evidence.open(&name("HomeDomain/klasse/2")).is_err());
}

#[test]
fn facts_come_from_the_lists() {
    let facts = BackupFacts {
        apps: vec![App { bundle: "net.whatsapp.WhatsApp".to_owned(), version: "26.1".to_owned() }],
        full: false,
        snapshot_state: "uploading".to_owned(),
        ..BackupFacts::default()
    };
    for password in [None, Some(PASSWORD)] {
        let disk = OnDisk::of(&BackupImage::build(files(), &facts, password, 3).unwrap(), Layout::Split);
        let backup = disk.backup();
        let told = backup.facts();
        assert_eq!(told.encrypted, password.is_some());
        assert_eq!(told.udid.as_deref(), Some(facts.udid.as_str()));
        assert_eq!((told.ios.as_deref(), told.product.as_deref()), (Some("26.1"), Some("iPhone17,1")));
        assert_eq!((told.date, told.full, told.snapshot), (Some(facts.date), Some(false), Snapshot::Unfinished));
        assert_eq!(told.apps, ["net.whatsapp.WhatsApp"]);
        assert!(!format!("{told:?} {backup:?}").contains(&facts.name));
        std::fs::remove_file(disk.root.join("Status.plist")).unwrap();
        assert_eq!(disk.backup().facts().snapshot, Snapshot::NotSaid);
    }
    assert_eq!(OnDisk::new(None).backup().facts().snapshot, Snapshot::Finished);
}

#[test]
fn a_wrong_password_is_told_at_once_and_a_right_one_where_none_is_needed() {
    let disk = OnDisk::new(Some(PASSWORD));
    let backup = disk.backup();
    for wrong in ["", "Proef-wachtwoord e 1", "proef-wachtwoord é 1"] {
        assert_eq!(unlocked(&backup, wrong).unwrap_err(), UnlockError::WrongPassword);
    }
    assert!(matches!(backup.manifest(None), Err(BackupError::Locked)));
    assert!(matches!(backup.evidence(None, &|_, _| true), Err(BackupError::Locked)));
    assert_eq!(unlocked(&OnDisk::new(None).backup(), PASSWORD).unwrap_err(), UnlockError::NotEncrypted);
}

#[test]
fn a_manifest_that_somebody_decrypted_is_read_as_it_is() {
    let disk = OnDisk::new(Some(PASSWORD));
    std::fs::write(disk.root.join("Manifest.db"), image(None).manifest_db()).unwrap();
    // Its rows have no keys, so no file can be opened; none goes missing either.
    let evidence = disk.evidence(Some(PASSWORD));
    assert_eq!(evidence.counts().trouble(uitlezen_backup::Trouble::NoKey), 24);
    assert!(matches!(disk.backup().evidence(None, &|_, _| true), Err(BackupError::Locked)));
}

#[test]
fn digests_hold_where_rows_have_them() {
    let disk = OnDisk::new(Some(PASSWORD));
    let evidence = disk.evidence(Some(PASSWORD));
    assert_eq!(evidence.digest_holds(&name("HomeDomain/klasse/4")).unwrap(), Some(true));
    assert_eq!(evidence.digest_holds(&name("AppDomainGroup-group.voorbeeld/lengte/300001")).unwrap(), None);
    let path = disk.stored("HomeDomain", "klasse/4");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[20] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert_eq!(evidence.digest_holds(&name("HomeDomain/klasse/4")).unwrap(), Some(false));
}

/// One file of two pages and a bit, encrypted.
fn large() -> &'static (OnDisk, BackupEvidence, Vec<u8>) {
    static LARGE: OnceLock<(OnDisk, BackupEvidence, Vec<u8>)> = OnceLock::new();
    LARGE.get_or_init(|| {
        let content: Vec<u8> = (0..9001_u32).map(|n| u8::try_from(n * 7 % 251).unwrap()).collect();
        let files = vec![BackupFile::of("D", "f", content.clone(), 0)];
        let disk = OnDisk::of(&BackupImage::build(files, &BackupFacts::default(), Some("x"), 1).unwrap(), Layout::Split);
        let evidence = disk.evidence(Some("x"));
        (disk, evidence, content)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    /// Any stretches in any order, with one memory between them.
    #[test]
    fn random_access_is_access(stretches in proptest::collection::vec((0_usize..9100, 0_usize..600), 1..30)) {
        let (_, evidence, content) = large();
        let source = evidence.open(&name("D/f")).unwrap();
        let mut hint = Hint::default();
        for (from, len) in stretches {
            let mut part = vec![0; len];
            let read = source.read_at(from as u64, &mut part, &mut hint);
            match content.get(from..from + len) {
                Some(expected) => {
                    read.unwrap();
                    prop_assert_eq!(part.as_slice(), expected);
                }
                None => prop_assert_eq!(read.unwrap_err().kind(), std::io::ErrorKind::UnexpectedEof),
            }
        }
    }

    #[test]
    fn streaming_in_any_pieces_is_the_same(pieces in proptest::collection::vec(1_usize..5000, 1..12)) {
        let (_, evidence, content) = large();
        let mut reader = Reader::new(evidence.open(&name("D/f")).unwrap());
        let mut all = Vec::new();
        for piece in pieces.iter().cycle() {
            let mut part = vec![0; *piece];
            let n = reader.read(&mut part).unwrap();
            if n == 0 {
                break;
            }
            all.extend_from_slice(&part[..n]);
        }
        prop_assert!(&all == content);
    }
}

#[test]
fn an_unfinished_run_beside_a_backup_is_not_taken_for_one() {
    let disk = OnDisk::new(None);
    std::fs::create_dir(disk.root.join("Snapshot")).unwrap();
    std::fs::write(disk.root.join("Snapshot/Manifest.db"), b"half").unwrap();
    let inner = FolderEvidence::open(&disk.root).unwrap();
    assert_eq!(find(&inner).len(), 1);
    assert_eq!(find(&FolderEvidence::open(tempfile::tempdir().unwrap().path()).unwrap()), []);
}
