#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::{
    book::Numbering,
    journal::{Journal, LONGEST_RECORD},
    *,
};
use crate::{
    part::{ChunkSealer, ChunkSize, PartHeader, PartKey},
    role::{Role, RoleSet},
};
use proptest::prelude::*;
use std::{
    collections::HashSet,
    fs::{self, OpenOptions},
    io::Write,
};
use uitlezen_evidence::{ChunkCache, Evidence, ItemName, ReadAtExt};

fn kept() -> Home {
    Home::Kept(RoleSet::only(Role::Gesprekken))
}

fn spec(name: &str, home: Home) -> ItemSpec {
    let name = ItemName::new(name).unwrap();
    ItemSpec { name, home, chunk: ChunkSize::from_log2(12).unwrap(), digest: Digest::None, modified: None }
}

fn put(store: &WorkStore, name: &str, home: Home, bytes: &[u8]) -> ItemId {
    let mut writer = store.begin(spec(name, home)).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap().id
}

fn content(seed: u8, len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 31 + i / 251) as u8 ^ seed).collect()
}

fn a_store(part_bytes: u64) -> (tempfile::TempDir, WorkStore, RunKey) {
    let dir = tempfile::tempdir().unwrap();
    let key = RunKey::random().unwrap();
    let store = WorkStore::create(&dir.path().join("r.partial"), "r", &key, StoreOptions { part_bytes }).unwrap();
    (dir, store, key)
}

#[test]
fn a_full_disk_ends_the_run_and_is_told_as_such() {
    let (_dir, store, _) = a_store(1 << 30);
    // A part that writes to a device that is always full, as a disk may become in the middle of a part.
    let full = Arc::new(OpenOptions::new().write(true).open("/dev/full").unwrap());
    let header = PartHeader::random(7, ChunkSize::MEDIA).unwrap();
    let sealer = ChunkSealer::new(&PartKey::random().unwrap(), &header).unwrap();
    store.0.pipeline.begin(pipeline::Begin { number: 7, sealer, file: full, at: 0, kept: true }).unwrap();
    let mut batch = store.0.pipeline.batch(ChunkSize::MEDIA);
    batch.fill(b"x");
    assert!(matches!(store.0.pipeline.finish(7, batch), Err(StoreError::DiskFull)));
    // From then on every call gives the same answer.
    assert!(matches!(store.begin(spec("a", kept())), Err(StoreError::DiskFull)));
    assert!(matches!(store.checkpoint(), Err(StoreError::DiskFull)));
    assert!(matches!(store.note(b"x"), Err(StoreError::DiskFull)));
    assert_eq!(io::Error::from(store.checkpoint().unwrap_err()).kind(), io::ErrorKind::StorageFull);
    store.discard().unwrap();
}

#[test]
fn a_writer_in_the_middle_of_an_item_hears_of_the_fault() {
    let (_dir, store, _) = a_store(1 << 30);
    let mut writer = store.begin(spec("a", kept())).unwrap();
    writer.write_all(&content(1, 1 << 20)).unwrap();
    let _ = store.0.fault.fatal(StoreError::Disk { doing: Doing::Syncing, kind: io::ErrorKind::Other });
    let failed = (0..100).find_map(|_| writer.write_all(&content(1, 1 << 18)).err());
    let inner = failed.unwrap().into_inner().unwrap();
    assert!(matches!(inner.downcast_ref(), Some(StoreError::Disk { doing: Doing::Syncing, .. })));
    assert!(writer.finish().is_err());
    assert!(store.items().is_empty());
}

#[test]
fn a_journal_cannot_be_changed_reordered_or_mixed() {
    let dir = tempfile::tempdir().unwrap();
    let (path, key) = (dir.path().join("journaal"), RunKey::random().unwrap());
    let read = |path: &Path| -> Vec<u32> {
        let mut all = Vec::new();
        let _ = Journal::open(path, &key, |n: u32| {
            all.push(n);
            Ok(())
        });
        all
    };
    let mut journal = Journal::create(&path, &key).unwrap();
    let mut ends = vec![16];
    for n in 0..5_u32 {
        journal.append(&n).unwrap();
        journal.sync().unwrap();
        ends.push(fs::metadata(&path).unwrap().len() as usize);
    }
    drop(journal);
    let whole = fs::read(&path).unwrap();
    assert_eq!(read(&path), [0, 1, 2, 3, 4]);
    let frame = |n: usize| whole[ends[n]..ends[n + 1]].to_vec();
    let with = |frames: &[usize]| {
        let mut bytes = whole[..16].to_vec();
        frames.iter().for_each(|n| bytes.extend(frame(*n)));
        let other = dir.path().join("other");
        fs::write(&other, bytes).unwrap();
        read(&other)
    };
    assert_eq!(with(&[0, 1, 2]), [0, 1, 2]);
    assert_eq!(with(&[0, 2, 1]), [0]);
    assert_eq!(with(&[0, 0]), [0]);
    assert_eq!(with(&[1, 2]), [0; 0]);
    assert_eq!(with(&[0, 1, 3, 4]), [0, 1]);
    for at in ends[2]..ends[3] {
        let mut bad = whole.clone();
        bad[at] ^= 1;
        let other = dir.path().join("flipped");
        fs::write(&other, bad).unwrap();
        assert_eq!(read(&other), [0, 1], "byte {at}");
    }
}

#[test]
fn no_nonce_of_the_journal_comes_twice_over_reopenings() {
    let dir = tempfile::tempdir().unwrap();
    let (path, key) = (dir.path().join("journaal"), RunKey::random().unwrap());
    drop(Journal::create(&path, &key).map(|mut j| j.append(&0_u32)));
    for n in 1..6_u32 {
        let (mut journal, _) = Journal::open(&path, &key, |_: u32| Ok(())).unwrap();
        journal.append(&n).unwrap();
        journal.append(&n).unwrap();
        drop(journal);
        // A torn tail: what is written there next must not be under the nonce that stood there.
        let len = fs::metadata(&path).unwrap().len();
        OpenOptions::new().write(true).open(&path).unwrap().set_len(len - 1).unwrap();
    }
    let bytes = fs::read(&path).unwrap();
    let (mut at, mut nonces) = (16, HashSet::new());
    while at + 16 <= bytes.len() {
        let length = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        assert!(nonces.insert(bytes[at + 4..at + 16].to_vec()));
        at += 16 + length;
    }
    assert_eq!(nonces.len(), 7);
}

#[test]
fn records_and_notes_are_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = Journal::create(&dir.path().join("j"), &RunKey::random().unwrap()).unwrap();
    assert!(matches!(journal.append(&"x".repeat(LONGEST_RECORD)), Err(StoreError::RecordTooLong(_))));
    journal.append(&"x".repeat(LONGEST_RECORD - 2)).unwrap();
    let (_dir, store, _) = a_store(1 << 20);
    assert!(matches!(store.note(&vec![0; LONGEST_NOTE + 1]), Err(StoreError::RecordTooLong(_))));
    store.note(&vec![0; LONGEST_NOTE]).unwrap();
    put(&store, "the run goes on", kept(), b"x");
}

#[test]
fn numbers_of_parts_keep_their_ranges() {
    let mut book = Book::default();
    assert_eq!(book.part_number(Numbering::Staged).unwrap(), 1);
    assert_eq!(book.part_number(Numbering::Aside).unwrap(), 500_001);
    assert_eq!(book.part_number(Numbering::Scratch).unwrap(), 1_000_000);
    assert_eq!(book.part_number(Numbering::Staged).unwrap(), 2);
    assert_eq!(book.part_number(Numbering::Scratch).unwrap(), 1_000_001);
}

/// All bytes of all gathered parts belong to listed items, and the items are unchanged.
fn gathered_is_right(store: &WorkStore, expected: &[(&str, Vec<u8>)]) {
    let made = store.0.gather().unwrap();
    let mut names: Vec<_> = made.items.iter().map(|item| item.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, expected.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for part in &made.parts {
        assert!(part.home.is_kept());
        assert!(matches!(part.place, Place::Entry(_)), "part {} stands aside", part.number);
        let of_part = made.items.iter().flat_map(|item| &item.extents).filter(|extent| extent.part == part.number);
        assert_eq!(of_part.map(|extent| extent.bytes).sum::<u64>(), part.plain, "dead bytes in part {}", part.number);
    }
    let ids: Vec<_> = made.items.iter().map(|item| item.id).collect();
    let view = StoredEvidence::from_grants(store.grants(&ids).unwrap(), Arc::new(ChunkCache::new(1 << 20))).unwrap();
    for (name, bytes) in expected {
        assert!(view.open(&ItemName::new(*name).unwrap()).unwrap().read_all(1 << 30).unwrap() == *bytes, "{name}");
    }
}

#[test]
fn dropped_bytes_lie_only_in_parts_whose_keys_nobody_gets() {
    let (_dir, store, _) = a_store(20_000);
    put(&store, "a", kept(), &content(1, 9_000));
    let secret = put(&store, "excluded", kept(), &content(2, 15_000));
    put(&store, "b", kept(), &content(3, 50_000));
    let mut abandoned = store.begin(spec("c", kept())).unwrap();
    abandoned.write_all(&content(4, 3_000)).unwrap();
    drop(abandoned);
    put(&store, "c", kept(), &content(5, 1_000));
    put(&store, "scratch", Home::Scratch(ScratchKind::Received), &content(6, 5_000));
    store.drop_item(secret).unwrap();
    gathered_is_right(&store, &[("a", content(1, 9_000)), ("b", content(3, 50_000)), ("c", content(5, 1_000))]);
}

#[test]
fn parts_aside_come_in_behind_the_others() {
    let (_dir, store, _) = a_store(10_000);
    let mut first = store.begin(spec("first", kept())).unwrap();
    let mut second = store.begin(spec("second", Home::Kept(RoleSet::only(Role::Scheiding)))).unwrap();
    for piece in content(1, 60_000).chunks(700) {
        first.write_all(piece).unwrap();
        second.write_all(piece).unwrap();
    }
    first.finish().unwrap();
    second.finish().unwrap();
    gathered_is_right(&store, &[("first", content(1, 60_000)), ("second", content(1, 60_000))]);
    let desk = lock(&store.0.desk);
    let names: Vec<_> = desk.staging.as_ref().unwrap().entries().iter().map(|entry| entry.name).collect();
    assert!(names.is_sorted_by(|a, b| a < b));
    assert!(names.len() >= 13);
}

#[test]
fn an_open_item_stops_the_closing() {
    let (_dir, store, _) = a_store(10_000);
    let writer = store.begin(spec("a", kept())).unwrap();
    assert!(matches!(store.0.gather(), Err(StoreError::ItemsOpen)));
    drop(writer);
    store.0.gather().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn whatever_was_dropped_gathering_is_clean(
        part_bytes in 5_000_u64..50_000,
        items in proptest::collection::vec((0_usize..20_000, 0_u8..3, any::<bool>()), 1..12),
        resumed in any::<bool>(),
    ) {
        let (dir, mut store, key) = a_store(part_bytes);
        let names: Vec<String> = (0..items.len()).map(|n| format!("{n:02}")).collect();
        let mut expected = Vec::new();
        for (n, (len, roles, dropped)) in items.iter().enumerate() {
            let home = match roles {
                0 => kept(),
                1 => Home::Kept(RoleSet::only(Role::Verantwoording)),
                _ => Home::Scratch(ScratchKind::Undecided),
            };
            let id = put(&store, &names[n], home, &content(n as u8, *len));
            if *dropped {
                store.drop_item(id).unwrap();
            } else if home.is_kept() {
                expected.push((names[n].as_str(), content(n as u8, *len)));
            }
        }
        if resumed {
            store.checkpoint().unwrap();
            drop(store);
            store = WorkStore::resume(&dir.path().join("r.partial"), &key, Check::Digests).unwrap().0;
        }
        gathered_is_right(&store, &expected);
    }
}

#[test]
fn what_is_done_again_leaves_nothing_of_its_first_try() {
    let (dir, store, key) = a_store(1 << 20);
    put(&store, "blijft", kept(), &content(1, 3 << 20));
    store.checkpoint().unwrap();
    let before = fs::metadata(store.dir().join(STAGING)).unwrap().len();
    let again = put(&store, "opnieuw", kept(), &content(2, 5 << 20));
    store.checkpoint().unwrap();
    store.drop_item(again).unwrap();
    store.trim().unwrap();
    assert_eq!(fs::metadata(store.dir().join(STAGING)).unwrap().len(), before);
    // New parts stand where the dead ones stood, and a crash in between changes nothing.
    drop(store);
    let (store, found) = WorkStore::resume(&dir.path().join("r.partial"), &key, Check::Digests).unwrap();
    assert_eq!((found.items.len(), found.parts_damaged, found.parts_torn), (1, 0, 0));
    put(&store, "opnieuw", kept(), &content(3, 2 << 20));
    store.checkpoint().unwrap();
    drop(store);
    let (store, found) = WorkStore::resume(&dir.path().join("r.partial"), &key, Check::Digests).unwrap();
    assert_eq!((found.items.len(), found.parts_damaged, found.parts_torn), (2, 0, 0));
    let evidence = store.evidence(|_| true).unwrap();
    for (name, bytes) in [("blijft", content(1, 3 << 20)), ("opnieuw", content(3, 2 << 20))] {
        let item = evidence.open(&ItemName::new(name).unwrap()).unwrap();
        let mut found = vec![0; bytes.len()];
        item.read_at(0, &mut found, &mut uitlezen_evidence::Hint::default()).unwrap();
        assert_eq!(found, bytes);
    }
}

#[test]
fn parts_that_were_exchanged_are_not_taken_for_whole() {
    let (dir, store, key) = a_store(1 << 20);
    for (name, seed) in [("een", 1), ("twee", 2), ("drie", 3)] {
        put(&store, name, Home::Scratch(ScratchKind::Received), &content(seed, 1 << 20));
        put(&store, &format!("bewaard-{name}"), kept(), &content(seed, 1 << 20));
    }
    store.checkpoint().unwrap();
    let folder = dir.path().join("r.partial");
    let klads: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(KLAD))
        .collect();
    assert!(klads.len() >= 2);
    let places: Vec<(u64, u64)> = lock(&store.0.book)
        .parts
        .values()
        .filter_map(|part| match &part.place {
            Place::Entry(entry) => Some((entry.data_offset(), entry.size)),
            Place::Klad => None,
        })
        .collect();
    assert!(places.len() >= 2 && places[0].1 == places[1].1, "{places:?}");
    drop(store);
    let [a, b] = [&klads[0], &klads[1]].map(|path| fs::read(path).unwrap());
    fs::write(&klads[0], b).unwrap();
    fs::write(&klads[1], a).unwrap();
    let mut staged = fs::read(folder.join(STAGING)).unwrap();
    let (first, second) = staged.split_at_mut(places[1].0 as usize);
    first[places[0].0 as usize..][..places[0].1 as usize].swap_with_slice(&mut second[..places[1].1 as usize]);
    fs::write(folder.join(STAGING), staged).unwrap();
    let (_, found) = WorkStore::resume(&folder, &key, Check::Checksums).unwrap();
    assert!(found.parts_damaged >= 4, "{found:?}");
    let names: Vec<&str> = found.items.iter().map(|item| item.name.as_str()).collect();
    assert!(!names.iter().any(|name| ["bewaard-een", "bewaard-twee"].contains(name)), "{names:?}");
}
