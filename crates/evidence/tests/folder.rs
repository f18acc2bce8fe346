//! A folder from outside must not lead out of itself.
#![allow(clippy::unwrap_used)]

use std::{
    ffi::OsStr,
    fs,
    os::unix::{ffi::OsStrExt, fs::symlink},
};
use uitlezen_evidence::{Evidence, EvidenceError, FolderError, FolderEvidence, ItemName, ReadAtExt, SkipReason};

fn name(of: &str) -> ItemName {
    ItemName::new(of).unwrap()
}

#[test]
fn regular_files_are_listed_in_order_and_read() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("Media/.Private")).unwrap();
    fs::write(dir.path().join("b.db"), b"second").unwrap();
    fs::write(dir.path().join("Media/.Private/é n.jpg"), b"first").unwrap();
    fs::write(dir.path().join("empty"), b"").unwrap();
    let folder = FolderEvidence::open(dir.path()).unwrap();
    let listed: Vec<(&str, u64)> = folder.items().iter().map(|i| (i.name.as_str(), i.bytes)).collect();
    assert_eq!(listed, [("Media/.Private/é n.jpg", 5), ("b.db", 6), ("empty", 0)]);
    assert!(folder.items().iter().all(|i| i.modified.is_some_and(|at| at > 1_700_000_000)));
    assert_eq!(folder.open(&name("Media/.Private/é n.jpg")).unwrap().read_all(10).unwrap(), b"first");
    assert!(folder.open(&name("empty")).unwrap().is_empty());
    assert!(matches!(folder.open(&name("absent")), Err(EvidenceError::Absent)));
    assert!(matches!(folder.open(&name("Media")), Err(EvidenceError::Absent)), "a folder is no item");
    assert_eq!(folder.skipped().total(), 0);
}

#[test]
fn links_are_counted_and_never_followed() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), b"secret").unwrap();
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("here"), b"here").unwrap();
    symlink(outside.path().join("secret"), dir.path().join("file-link")).unwrap();
    symlink(outside.path(), dir.path().join("folder-link")).unwrap();
    symlink("here", dir.path().join("inner-link")).unwrap();
    symlink(".", dir.path().join("loop")).unwrap();
    let folder = FolderEvidence::open(dir.path()).unwrap();
    assert_eq!(folder.items().len(), 1);
    assert_eq!(folder.skipped().count(SkipReason::Symlink), 4);
    assert_eq!(folder.skipped().listed().len(), 4);
    for closed in ["file-link", "folder-link/secret", "inner-link", "loop/here"] {
        assert!(matches!(folder.open(&name(closed)), Err(EvidenceError::Absent)), "{closed}");
    }
    // Swapped after the listing.
    fs::remove_file(dir.path().join("here")).unwrap();
    symlink(outside.path().join("secret"), dir.path().join("here")).unwrap();
    assert!(matches!(folder.open(&name("here")), Err(EvidenceError::Absent)));
}

#[test]
fn hostile_names_pipes_and_closed_folders_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    for bad in [&b"new\nline"[..], b"back\\slash", b"\xff\xfe"] {
        fs::write(dir.path().join(OsStr::from_bytes(bad)), b"x").unwrap();
    }
    let _listener = std::os::unix::net::UnixListener::bind(dir.path().join("socket")).unwrap();
    let mut deep = dir.path().to_path_buf();
    for _ in 0..70 {
        deep.push("d");
    }
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("too deep"), b"x").unwrap();
    fs::write(dir.path().join("fine"), b"x").unwrap();
    let folder = FolderEvidence::open(dir.path()).unwrap();
    assert_eq!(folder.items().len(), 1);
    assert_eq!(folder.skipped().count(SkipReason::Name), 4, "three names, and the folder at which it becomes too deep");
    assert_eq!(folder.skipped().count(SkipReason::Special), 1);
    assert!(matches!(folder.open(&name("socket")), Err(EvidenceError::Absent)));
}

#[test]
fn a_file_is_not_a_folder() {
    let file = tempfile::NamedTempFile::new().unwrap();
    assert!(matches!(FolderEvidence::open(file.path()), Err(FolderError::NotAFolder)));
    assert!(matches!(FolderEvidence::open(file.path().with_extension("absent")), Err(FolderError::Io(_))));
}
