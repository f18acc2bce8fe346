//! Damage and malice, each with its own answer.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use rusqlite::{Connection, params};
use std::{fs, ops::ControlFlow, sync::Arc};
use support::*;
use uitlezen_backup::{Backup, BackupError, Counts, KeyBag, KeyBagError, Keys, Place, Refusal, Rounds, Trouble, UnlockError};
use uitlezen_evidence::{Evidence, EvidenceError, FolderEvidence, ReadAtExt};
use uitlezen_property_list::{Limits, Value, parse, to_binary};
use uitlezen_twin::backup::{BackupFacts, BackupFile, BackupImage, Layout};

fn at(disk: &OnDisk) -> Result<Backup, BackupError> {
    let inner: Arc<dyn Evidence> = Arc::new(FolderEvidence::open(&disk.root).unwrap());
    Backup::at(inner, Place::top())
}

/// Manifest.plist with a change.
fn relisted(disk: &OnDisk, change: impl FnOnce(&mut Value)) {
    let path = disk.root.join("Manifest.plist");
    let mut list = parse(&fs::read(&path).unwrap(), &Limits::default()).unwrap();
    change(&mut list);
    fs::write(&path, to_binary(&list).unwrap()).unwrap();
}

fn bag(disk: &OnDisk) -> Vec<u8> {
    let list = parse(&fs::read(disk.root.join("Manifest.plist")).unwrap(), &Limits::default()).unwrap();
    list.get("BackupKeyBag").unwrap().data().unwrap().to_vec()
}

/// The value of the first tag of this name in a bag.
fn value<'a>(bag: &'a mut [u8], tag: &[u8; 4]) -> &'a mut [u8] {
    let at = bag.windows(4).position(|window| window == tag).unwrap();
    let length = usize::try_from(u32::from_be_bytes(bag[at + 4..at + 8].try_into().unwrap())).unwrap();
    &mut bag[at + 8..at + 8 + length]
}

#[test]
fn a_file_that_is_gone_is_missing_and_counted() {
    for password in [None, Some(PASSWORD)] {
        let disk = OnDisk::new(password);
        fs::remove_file(disk.stored("HomeDomain", "klasse/3")).unwrap();
        let evidence = disk.evidence(password);
        assert_eq!(evidence.counts().trouble(Trouble::Missing), 1);
        assert!(!evidence.counts().whole());
        let [missing] = evidence.missing() else { panic!("one is missing") };
        assert_eq!((missing.item.name.as_str(), missing.item.bytes), ("HomeDomain/klasse/3", 40));
        assert_eq!(missing.id, uitlezen_backup::file_id("HomeDomain", "klasse/3"));
        assert!(missing.digest.is_some());
        assert!(matches!(evidence.open(&name("HomeDomain/klasse/3")), Err(EvidenceError::Absent)));
        assert_eq!(read(&evidence).len(), 23);
    }
}

#[test]
fn a_file_of_another_size_is_told() {
    for password in [None, Some(PASSWORD)] {
        for change in [-16_i64, -1, 1, 16] {
            let disk = OnDisk::new(password);
            let path = disk.stored("HomeDomain", "klasse/3");
            let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
            file.set_len(fs::metadata(&path).unwrap().len().checked_add_signed(change).unwrap()).unwrap();
            let evidence = disk.evidence(password);
            assert_eq!(evidence.counts().trouble(Trouble::Size), 1, "{password:?} {change}");
            assert_eq!(evidence.troubles().collect::<Vec<_>>(), [(&name("HomeDomain/klasse/3"), Trouble::Size)]);
            let opened = evidence.open(&name("HomeDomain/klasse/3"));
            match password {
                Some(_) => assert!(matches!(opened, Err(EvidenceError::Damaged(_)))),
                // As it is; which of the two sizes is right cannot be told.
                None => assert_eq!(opened.unwrap().len(), 40_u64.checked_add_signed(change).unwrap()),
            }
        }
    }
}

#[test]
fn content_of_another_length_than_the_row_says_is_damaged_even_if_it_pads() {
    let of = |len: usize| {
        let files = vec![BackupFile::of("D", "f", vec![1; len], 0)];
        OnDisk::of(&BackupImage::build(files, &BackupFacts::default(), Some("x"), 1).unwrap(), Layout::Split)
    };
    // One key, both lengths in one block: the stored size does not tell them apart, the padding does.
    let (short, long) = (of(3), of(9));
    fs::copy(long.stored("D", "f"), short.stored("D", "f")).unwrap();
    let evidence = short.evidence(Some("x"));
    assert!(evidence.counts().whole());
    assert!(matches!(evidence.open(&name("D/f")), Err(EvidenceError::Damaged(_))));
}

#[test]
fn a_flipped_byte_in_the_last_block_is_found_and_elsewhere_stays_in_two_blocks() {
    let disk = OnDisk::new(Some(PASSWORD));
    let path = disk.stored("AppDomainGroup-group.voorbeeld", "lengte/4097");
    let (good, whole) = (fs::read(&path).unwrap(), contents(&files()));
    let item = name("AppDomainGroup-group.voorbeeld/lengte/4097");
    let content = &whole.iter().find(|(name, _)| name == item.as_str()).unwrap().1;
    let evidence = disk.evidence(Some(PASSWORD));
    for at in (0..good.len()).step_by(13) {
        let mut bytes = good.clone();
        bytes[at] ^= 0x40;
        fs::write(&path, bytes).unwrap();
        let opened = evidence.open(&item);
        if at >= good.len() - 32 {
            assert!(matches!(opened, Err(EvidenceError::Damaged(_))), "{at}");
            continue;
        }
        let read = opened.unwrap().read_all(1 << 20).unwrap();
        let block = at / 16 * 16;
        assert!(read[..block] == content[..block] && read[block + 32..] == content[block + 32..], "{at}");
        assert!(read[block..block + 16] != content[block..block + 16]);
    }
}

#[test]
fn every_flipped_byte_of_the_bag_is_an_answer() {
    let disk = OnDisk::new(Some(PASSWORD));
    let good = bag(&disk);
    let few = Rounds { first: 1000, second: 100 };
    for at in 0..good.len() {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        let Ok(bag) = KeyBag::parse(&bytes) else { continue };
        match Keys::open(&bag, PASSWORD.as_bytes(), few, &mut |_| ControlFlow::Continue(())) {
            Ok(keys) => assert!(keys.classes() <= 11),
            Err(error) => assert!(matches!(error, UnlockError::WrongPassword | UnlockError::KeyBag(KeyBagError::Rounds(_)))),
        }
    }
    for cut in 0..good.len() {
        if let Ok(bag) = KeyBag::parse(&good[..cut]) {
            assert!(bag.classes() < 11);
        }
    }
}

#[test]
fn a_class_that_does_not_open_locks_its_files_and_no_others() {
    let disk = OnDisk::new(Some(PASSWORD));
    let mut bytes = bag(&disk);
    // The first group is that of class 11.
    value(&mut bytes, b"WPKY")[0] ^= 1;
    relisted(&disk, |list| {
        list.set("BackupKeyBag", bytes);
    });
    let evidence = disk.evidence(Some(PASSWORD));
    assert_eq!(evidence.counts().trouble(Trouble::Locked), 1);
    assert!(matches!(evidence.open(&name("HomeDomain/klasse/11")), Err(EvidenceError::Damaged(_))));
    assert!(evidence.open(&name("HomeDomain/klasse/10")).is_ok());
}

#[test]
fn a_class_that_only_the_phone_opens_is_left_out() {
    let disk = OnDisk::new(Some(PASSWORD));
    let mut bytes = bag(&disk);
    let group = bytes.windows(4).enumerate().filter(|(_, window)| *window == b"WRAP").nth(1).unwrap().0;
    bytes[group + 11] = 1;
    let bag = KeyBag::parse(&bytes).unwrap();
    assert_eq!(bag.classes(), 10);
}

#[test]
fn absurd_rounds_are_refused_before_any_work() {
    let good = bag(&OnDisk::new(Some(PASSWORD)));
    for tag in [b"DPIC", b"ITER"] {
        for rounds in [0_u32, u32::MAX, 1 << 31, 200_000_000] {
            let mut bytes = good.clone();
            value(&mut bytes, tag).copy_from_slice(&rounds.to_be_bytes());
            let bag = KeyBag::parse(&bytes).unwrap();
            let mut asked = 0;
            let opened = Keys::open(&bag, b"x", Rounds::default(), &mut |_| {
                asked += 1;
                ControlFlow::Continue(())
            });
            assert_eq!(opened.unwrap_err(), UnlockError::KeyBag(KeyBagError::Rounds(rounds)));
            assert_eq!(asked, 0);
        }
    }
}

#[test]
fn the_derivation_can_be_stopped() {
    let facts = BackupFacts { rounds: uitlezen_twin::backup::Rounds { first: 200_000, second: 1 }, ..BackupFacts::default() };
    let disk = OnDisk::of(&BackupImage::build(files(), &facts, Some("x"), 1).unwrap(), Layout::Split);
    let stopped = disk.backup().unlock(b"x", Rounds::default(), &mut |_| ControlFlow::Break(()));
    assert_eq!(stopped.unwrap_err(), UnlockError::Cancelled);
}

#[test]
fn bags_of_another_kind_are_named() {
    let good = bag(&OnDisk::new(Some(PASSWORD)));
    let altered = |tag: &[u8; 4], to: &[u8]| {
        let mut bytes = good.clone();
        value(&mut bytes, tag).copy_from_slice(to);
        KeyBag::parse(&bytes).map(|_| ())
    };
    assert_eq!(altered(b"TYPE", &2_u32.to_be_bytes()), Err(KeyBagError::Kind(2)));
    let without = |tag: &[u8; 4]| {
        let at = good.windows(4).position(|window| window == tag).unwrap();
        let length = usize::try_from(u32::from_be_bytes(good[at + 4..at + 8].try_into().unwrap())).unwrap();
        KeyBag::parse(&[&good[..at], &good[at + 8 + length..]].concat()).map(|_| ())
    };
    assert_eq!(without(b"DPSL"), Err(KeyBagError::TooOld));
    assert_eq!(without(b"DPIC"), Err(KeyBagError::TooOld));
    for tag in [b"SALT", b"ITER", b"TYPE", b"CLAS", b"WPKY"] {
        assert_eq!(without(tag), Err(KeyBagError::Structure));
    }
    assert_eq!(without(b"HMCK"), Ok(()), "nothing depends on it");
    assert_eq!(KeyBag::parse(&good[..100]).map(|_| ()), Err(KeyBagError::Structure));
    assert_eq!(KeyBag::parse(&vec![0; 100_000]).map(|_| ()), Err(KeyBagError::TooLarge));
    let huge = [b"UUID".as_slice(), &u32::MAX.to_be_bytes()].concat();
    assert_eq!(KeyBag::parse(&huge).map(|_| ()), Err(KeyBagError::Structure));
    let twice = [&good[..], &good[good.len() - 120..]].concat();
    assert_eq!(KeyBag::parse(&twice).map(|_| ()), Err(KeyBagError::Structure));
}

#[test]
fn what_is_no_backup_says_why() {
    let disk = OnDisk::new(Some(PASSWORD));
    fs::remove_file(disk.root.join("Manifest.plist")).unwrap();
    assert!(matches!(at(&disk), Err(BackupError::NoKeyBag)));
    let disk = OnDisk::new(Some(PASSWORD));
    relisted(&disk, |list| {
        list.set("ManifestKey", vec![0_u8; 43]);
    });
    assert!(matches!(at(&disk), Err(BackupError::Incomplete)));
    let disk = OnDisk::new(Some(PASSWORD));
    relisted(&disk, |list| {
        list.set("ManifestKey", [&4_u32.to_le_bytes()[..], &[0; 40]].concat());
    });
    assert_eq!(unlocked(&at(&disk).unwrap(), PASSWORD).unwrap_err(), UnlockError::Damaged);
    let disk = OnDisk::new(Some(PASSWORD));
    fs::write(disk.root.join("Manifest.plist"), b"").unwrap();
    assert!(matches!(at(&disk), Err(BackupError::List(_))));
    let disk = OnDisk::new(None);
    fs::write(disk.root.join("Manifest.db"), b"no database").unwrap();
    assert!(matches!(at(&disk), Err(BackupError::DamagedManifest)));
    fs::remove_file(disk.root.join("Manifest.db")).unwrap();
    assert!(matches!(at(&disk), Err(BackupError::NoManifest)));
    fs::write(disk.root.join("Manifest.mbdb"), b"mbdb\x05\x00").unwrap();
    assert!(matches!(at(&disk), Err(BackupError::TooOld)));
}

#[test]
fn a_damaged_encrypted_manifest_is_not_a_wrong_password() {
    let good = image(Some(PASSWORD));
    for (at, cut) in [(None, 16), (None, 1), (Some(0), 0), (Some(good.manifest_db().len() - 1), 0)] {
        let disk = OnDisk::of(&good, Layout::Split);
        let mut bytes = good.manifest_db().to_vec();
        bytes.truncate(bytes.len() - cut);
        if let Some(at) = at {
            bytes[at] ^= 1;
        }
        fs::write(disk.root.join("Manifest.db"), bytes).unwrap();
        let backup = disk.backup();
        let keys = unlocked(&backup, PASSWORD).unwrap();
        assert!(matches!(backup.manifest(Some(&keys)), Err(BackupError::DamagedManifest)), "{at:?} {cut}");
    }
}

/// An unencrypted backup whose list has these rows beside its own.
fn with_rows(rows: &[(&str, &str, &str, i64)]) -> Counts {
    let disk = OnDisk::new(None);
    let db = Connection::open(disk.root.join("Manifest.db")).unwrap();
    let archive: Vec<u8> = db.query_row("SELECT file FROM Files WHERE relativePath = 'klasse/1'", [], |row| row.get(0)).unwrap();
    for (id, domain, path, flags) in rows {
        db.execute("INSERT INTO Files VALUES (?, ?, ?, ?, ?)", params![id, domain, path, flags, archive]).unwrap();
    }
    drop(db);
    let evidence = disk.evidence(None);
    for item in evidence.items() {
        assert!(item.name.components().all(|part| !matches!(part, "" | "." | "..")));
    }
    evidence.counts().clone()
}

#[test]
fn rows_that_point_outside_are_refused_and_counted() {
    let id = |n: u8| format!("{n:040x}");
    let ids: Vec<String> = (0..8).map(id).collect();
    let counts = with_rows(&[
        (&ids[0], "HomeDomain", "../../etc/passwd", 1),
        (&ids[1], "HomeDomain", "/etc/passwd", 1),
        (&ids[2], "HomeDomain", "a/./b", 1),
        (&ids[3], "..", "x", 1),
        (&ids[4], "Home/../..", "x", 1),
        (&ids[5], "", "x", 1),
        (&ids[6], "HomeDomain", "a\nb", 1),
        (&ids[7], "HomeDomain", "", 1),
        ("../../../../../../../../etc/passwd", "HomeDomain", "y", 1),
        ("ABCDEF0123456789ABCDEF0123456789ABCDEF01", "HomeDomain", "y", 1),
        ("00000000000000000000000000000000000000", "HomeDomain", "y", 1),
        ("", "HomeDomain", "y", 1),
    ]);
    assert_eq!((counts.refused(Refusal::Name), counts.refused(Refusal::Id)), (8, 4));
    assert_eq!((counts.wanted, counts.trouble(Trouble::Missing)), (24, 0));
}

#[test]
fn odd_rows_are_counted_by_kind() {
    let ids: Vec<String> = (0..4).map(|n| format!("{n:040x}")).collect();
    let counts = with_rows(&[
        (&ids[0], "HomeDomain", "klasse/1", 1),
        (&ids[1], "HomeDomain", "andere", 16),
        (&ids[2], "HomeDomain", "weg", 1),
    ]);
    assert_eq!(counts.refused(Refusal::Twice), 1);
    assert_eq!((counts.other_rows, counts.odd_ids, counts.trouble(Trouble::Missing)), (1, 2, 1));
}

#[test]
fn values_of_another_kind_and_broken_archives_are_counted() {
    let disk = OnDisk::new(None);
    let db = Connection::open(disk.root.join("Manifest.db")).unwrap();
    for (path, change) in [
        ("klasse/1", "file = NULL"),
        ("klasse/2", "file = 'text'"),
        ("klasse/3", "file = x'62706c697374303000'"),
        ("klasse/4", "flags = 'x'"),
        ("klasse/5", "domain = NULL"),
        ("klasse/6", "fileID = NULL"),
        ("klasse/7", "relativePath = x'ff'"),
    ] {
        assert_eq!(db.execute(&format!("UPDATE Files SET {change} WHERE relativePath = ?"), [path]).unwrap(), 1);
    }
    drop(db);
    let counts = disk.evidence(None).counts().clone();
    assert_eq!(
        (counts.refused(Refusal::Archive), counts.refused(Refusal::Kind), counts.refused(Refusal::Id), counts.wanted),
        (2, 4, 1, 17)
    );
    assert_eq!(counts.without_row, 5, "those whose rows do not say that they are files");
}

#[test]
fn a_list_without_its_table_or_columns_is_told() {
    for change in [
        "DROP TABLE Files",
        "ALTER TABLE Files DROP COLUMN file",
        "ALTER TABLE Files RENAME TO F; CREATE VIEW Files AS SELECT * FROM F",
    ] {
        let disk = OnDisk::new(None);
        Connection::open(disk.root.join("Manifest.db")).unwrap().execute_batch(change).unwrap();
        assert!(matches!(disk.backup().manifest(None), Err(BackupError::NoList)), "{change}");
    }
}
