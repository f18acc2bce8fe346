//! The builder of backups: what it makes holds together by the published layout, without the house's own reader.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::{collections::BTreeMap, io::Read, sync::Arc};
use uitlezen_property_list::{Limits, parse};
use uitlezen_twin::{
    Patterned,
    backup::{BackupError, BackupFacts, BackupFile, BackupImage, Kind, Layout, file_id},
};

fn files() -> Vec<BackupFile> {
    let mut files: Vec<BackupFile> = (1..=11)
        .map(|class| {
            BackupFile::of("HomeDomain", format!("Library/klasse {class}"), vec![class; usize::from(class)], 1_700_000_000)
                .class(class)
        })
        .collect();
    files.push(BackupFile::of("HomeDomain", "leeg", Vec::new(), 0));
    files
        .push(BackupFile::new("MediaDomain", "Library/SMS/groot.mov", Arc::new(Patterned { len: 300_001, seed: 1 }), 0).class(1));
    files.push(BackupFile {
        kind: Kind::Symlink("/var/mobile/x".to_owned()),
        ..BackupFile::of("HomeDomain", "link", Vec::new(), 0)
    });
    files
}

fn build(password: Option<&str>) -> BackupImage {
    BackupImage::build(files(), &BackupFacts::default(), password, 7).unwrap()
}

#[test]
fn ids_are_those_that_are_known() {
    // reference/ios.md §3.7
    assert_eq!(file_id("HomeDomain", "Library/SMS/sms.db"), "3d0d7e5fb2ce288813306e4d4636395e047a3d28");
    assert_eq!(
        file_id("AppDomainGroup-group.net.whatsapp.WhatsApp.shared", "ChatStorage.sqlite"),
        "7c7fba66680ef796b916b067077cc246adacf01d"
    );
}

#[test]
fn one_seed_gives_one_backup_and_another_seed_another() {
    let (a, b) = (build(Some("geheim")), build(Some("geheim")));
    assert!(a.manifest_db() == b.manifest_db() && a.manifest_plist() == b.manifest_plist());
    let c = BackupImage::build(files(), &BackupFacts::default(), Some("geheim"), 8).unwrap();
    assert!(a.manifest_db() != c.manifest_db());
}

#[test]
fn sizes_are_as_stored() {
    for (password, padded) in [(None, false), (Some("geheim"), true)] {
        for entry in build(password).entries() {
            let mut bytes = Vec::new();
            entry.open().read_to_end(&mut bytes).unwrap();
            assert_eq!(bytes.len() as u64, entry.size);
            assert!(!padded || entry.size % 16 == 0 && entry.size > 0);
        }
    }
}

#[test]
fn rows_name_folders_files_and_links() {
    let image = build(None);
    let dir = tempfile::tempdir().unwrap();
    image.write_folder(dir.path(), Layout::Split).unwrap();
    let root = dir.path().join(image.udid());
    let db = rusqlite::Connection::open(root.join("Manifest.db")).unwrap();
    let mut kinds = BTreeMap::new();
    let mut statement = db.prepare("SELECT fileID, domain, relativePath, flags, file FROM Files").unwrap();
    let mut rows = statement.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let (id, domain, path): (String, String, String) = (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
        let flags: u8 = row.get(3).unwrap();
        assert_eq!(id, file_id(&domain, &path));
        let archive = parse(&row.get::<_, Vec<u8>>(4).unwrap(), &Limits::default()).unwrap();
        let objects = archive.get("$objects").unwrap().array().unwrap();
        let object = |uid: u64| &objects[usize::try_from(uid).unwrap()];
        let file = object(archive.get("$top").unwrap().get("root").unwrap().uid().unwrap());
        assert_eq!(object(file.get("RelativePath").unwrap().uid().unwrap()).str(), Some(path.as_str()));
        assert_eq!(object(file.get("$class").unwrap().uid().unwrap()).get("$classname").unwrap().str(), Some("MBFile"));
        let stored = root.join(&id[..2]).join(&id);
        assert_eq!(stored.exists(), flags == 1);
        if flags == 1 {
            assert_eq!(std::fs::metadata(stored).unwrap().len(), file.get("Size").unwrap().unsigned().unwrap());
        }
        *kinds.entry(flags).or_insert(0) += 1;
    }
    // HomeDomain and its Library; MediaDomain, its Library and SMS.
    assert_eq!(kinds, BTreeMap::from([(1, 13), (2, 5), (4, 1)]));
}

#[test]
fn an_encrypted_manifest_is_no_database_and_holds_no_name() {
    let image = build(Some("geheim"));
    let holds = |haystack: &[u8], needle: &[u8]| haystack.windows(needle.len()).any(|window| window == needle);
    assert!(!holds(image.manifest_db(), b"SQLite format 3") && !holds(image.manifest_db(), b"groot.mov"));
    assert_eq!(image.manifest_db().len() % 4096, 16, "whole pages and one block of padding");
    assert!(build(None).manifest_db().starts_with(b"SQLite format 3"));
}

#[test]
fn what_no_phone_has_is_refused() {
    let build = |files| BackupImage::build(files, &BackupFacts::default(), Some("x"), 1).unwrap_err();
    let twice = vec![BackupFile::of("A", "b", vec![], 0), BackupFile::of("A", "b", vec![1], 0)];
    assert!(matches!(build(twice), BackupError::TwoOfOneName));
    assert!(matches!(build(vec![BackupFile::of("A", "b", vec![], 0).class(12)]), BackupError::Class(12)));
}
