//! What goes into a work store comes out again: whole, at random, through grants, and never in the clear on the disk.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::expect_used)]

mod store_support;

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, fs, io::Write, os::unix::fs::PermissionsExt, sync::Arc, thread};
use store_support::*;
use uitlezen_evidence::{ChunkCache, Evidence, EvidenceError, Hint, ItemName, ReadAtExt};
use uitlezen_seal::{
    part::ChunkSize,
    role::{Role, RoleSet},
    store::{Digest, Doing, Home, ItemSpec, RunKey, ScratchKind, StoreError, StoreOptions, StoredEvidence, WorkStore},
};

/// Random items, several written at once in random pieces.
#[derive(Clone, Debug)]
struct Plan {
    part_bytes: u64,
    items: Vec<(Home, u8, usize, bool)>,
    order: Vec<(prop::sample::Index, usize)>,
}

fn a_home() -> impl Strategy<Value = Home> {
    prop_oneof![
        Just(Home::Scratch(ScratchKind::Received)),
        Just(Home::Scratch(ScratchKind::Derived)),
        Just(Home::Kept(RoleSet::only(Role::Gesprekken))),
        Just(Home::Kept(RoleSet::only(Role::Verantwoording).with(Role::Gesprekken))),
        Just(Home::Kept(RoleSet::only(Role::Bronnen))),
    ]
}

fn a_plan() -> impl Strategy<Value = Plan> {
    let size = prop_oneof![Just(0), 1_usize..3_000, 3_000_usize..60_000];
    let item = (a_home(), 12_u8..=14, size, proptest::bool::weighted(0.15));
    let step = (any::<prop::sample::Index>(), 1_usize..20_000);
    (1_u64..100_000, proptest::collection::vec(item, 1..14), proptest::collection::vec(step, 0..60))
        .prop_map(|(part_bytes, items, order)| Plan { part_bytes: part_bytes.max(2_000), items, order })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(40) })]

    #[test]
    fn items_written_at_once_read_back_at_random(plan in a_plan(), ranges in proptest::collection::vec(any::<(u32, u16)>(), 8)) {
        let dir = tempfile::tempdir().unwrap();
        let store = WorkStore::create(&dir.path().join("r.partial"), "r", &RunKey::random().unwrap(), StoreOptions { part_bytes: plan.part_bytes }).unwrap();
        let mut writers = Vec::new();
        for (n, (home, log2, size, _)) in plan.items.iter().enumerate() {
            let spec = ItemSpec {
                name: ItemName::new(format!("item/{n}")).unwrap(),
                home: *home,
                chunk: ChunkSize::from_log2(*log2).unwrap(),
                digest: if n % 2 == 0 { Digest::Compute } else { Digest::None },
                modified: Some(n as i64),
            };
            writers.push((store.begin(spec).unwrap(), content(n as u64, *size), 0_usize));
        }
        for (which, n) in &plan.order {
            let (writer, bytes, at) = which.get_mut(&mut writers);
            let end = (*at + n).min(bytes.len());
            writer.write_all(&bytes[*at..end]).unwrap();
            *at = end;
        }
        let mut expected = BTreeMap::new();
        for (n, (mut writer, bytes, at)) in writers.into_iter().enumerate() {
            writer.write_all(&bytes[at..]).unwrap();
            if plan.items[n].3 {
                continue; // abandoned
            }
            let stored = writer.finish().unwrap();
            prop_assert_eq!(stored.bytes, bytes.len() as u64);
            prop_assert_eq!(stored.sha256, (n % 2 == 0).then(|| Sha256::digest(&bytes).into()));
            expected.insert(stored.name.clone(), (stored.id, bytes));
        }
        let evidence = store.evidence(|_| true).unwrap();
        let ids: Vec<_> = expected.values().map(|(id, _)| *id).collect();
        let sent = serde_json::to_vec(&store.grants(&ids).unwrap()).unwrap();
        let granted = StoredEvidence::from_grants(serde_json::from_slice(&sent).unwrap(), Arc::new(ChunkCache::new(1 << 16))).unwrap();
        for view in [&evidence, &granted] {
            prop_assert_eq!(view.items().len(), expected.len());
            for (item, (name, (_, bytes))) in view.items().iter().zip(&expected) {
                prop_assert_eq!((&item.name, item.bytes), (name, bytes.len() as u64));
                let opened = view.open(name).unwrap();
                prop_assert!(opened.read_all(1 << 20).unwrap() == *bytes);
                let mut hint = Hint::default();
                for (at, n) in &ranges {
                    let at = *at as usize % (bytes.len() + 1);
                    let mut buf = vec![0; (*n as usize).min(bytes.len() - at)];
                    opened.read_at(at as u64, &mut buf, &mut hint).unwrap();
                    prop_assert!(buf == bytes[at..at + buf.len()]);
                }
                prop_assert!(opened.read_at(bytes.len() as u64, &mut [0], &mut hint).is_err());
            }
            let stranger = ItemName::new("item/none").unwrap();
            prop_assert!(matches!(view.open(&stranger), Err(EvidenceError::Absent)));
        }
    }
}

#[test]
fn nothing_readable_reaches_the_disk() {
    let (dir, store, _) = a_store(200_000);
    let canary = b"KANARIE-wethouder-06-12345678";
    for (n, home) in [Home::Scratch(ScratchKind::Received), kept(), Home::Scratch(ScratchKind::Derived)].into_iter().enumerate() {
        let mut writer = store.begin(spec(&format!("KANARIE-naam-{n}"), home)).unwrap();
        for _ in 0..20_000 {
            writer.write_all(canary).unwrap();
        }
        writer.finish().unwrap();
    }
    store.note(b"KANARIE in a note").unwrap();
    store.checkpoint().unwrap();
    let mut files = 0;
    for entry in fs::read_dir(dir.path().join("run.partial")).unwrap() {
        let entry = entry.unwrap();
        let bytes = fs::read(entry.path()).unwrap();
        assert!(!contains(&bytes, b"KANARIE"), "{:?}", entry.file_name());
        assert!(!contains(&bytes, b"wethouder"));
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
        files += 1;
    }
    assert!(files > 5, "parts, staging and journal: {files}");
    assert_eq!(fs::metadata(dir.path().join("run.partial")).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn ten_thousand_small_items_share_parts() {
    let (dir, store, _) = a_store(1 << 20);
    for n in 0..10_000_u32 {
        put(&store, &format!("photo/{n}"), kept(), &n.to_be_bytes().repeat(20));
    }
    store.checkpoint().unwrap();
    let staged = fs::metadata(dir.path().join("run.partial/zegel")).unwrap().len();
    assert!(staged < 900_000, "800 kB in one part: {staged}");
    assert_eq!(fs::read_dir(dir.path().join("run.partial")).unwrap().count(), 2, "no part in a file of its own");
    let view = store.evidence(|_| true).unwrap();
    let one = view.open(&ItemName::new("photo/7777").unwrap()).unwrap().read_all(100).unwrap();
    assert_eq!(one, 7_777_u32.to_be_bytes().repeat(20));
}

#[test]
fn a_reader_derives_scratch_while_records_stream_to_the_seal() {
    let (_dir, store, _) = a_store(50_000);
    put(&store, "msgstore.db", Home::Scratch(ScratchKind::Received), &content(1, 300_000));
    let view = store.evidence(|item| !item.home.is_kept()).unwrap();
    let source = view.open(&ItemName::new("msgstore.db").unwrap()).unwrap();
    let mut records = store.begin(spec("records", kept())).unwrap();
    let mut separation = store.begin(spec("titles", Home::Kept(RoleSet::only(Role::Scheiding)))).unwrap();
    let mut derived = store.begin(spec("inflated", Home::Scratch(ScratchKind::Derived))).unwrap();
    let mut hint = Hint::default();
    let mut page = vec![0; 4_096];
    for n in 0..73_u64 {
        source.read_at(n * 4_096, &mut page, &mut hint).unwrap();
        records.write_all(&page).unwrap();
        separation.write_all(&page[..9]).unwrap();
        derived.write_all(&page).unwrap();
    }
    let ids = [records.finish().unwrap().id, separation.finish().unwrap().id, derived.finish().unwrap().id];
    let whole = StoredEvidence::from_grants(store.grants(&ids).unwrap(), ChunkCache::of_this_process()).unwrap();
    let expected = content(1, 300_000)[..73 * 4_096].to_vec();
    for name in ["records", "inflated"] {
        assert!(whole.open(&ItemName::new(name).unwrap()).unwrap().read_all(1 << 20).unwrap() == expected);
    }
}

#[test]
fn threads_write_at_once() {
    let (_dir, store, _) = a_store(30_000);
    thread::scope(|scope| {
        for t in 0..6_u64 {
            let store = &store;
            scope.spawn(move || {
                for n in 0..15 {
                    let home = if t % 2 == 0 { kept() } else { Home::Scratch(ScratchKind::Received) };
                    put(store, &format!("{t}/{n}"), home, &content(t * 100 + n, 9_000));
                    if n == 7 {
                        store.checkpoint().unwrap();
                    }
                }
            });
        }
    });
    let view = store.evidence(|_| true).unwrap();
    assert_eq!(view.items().len(), 90);
    for item in view.items() {
        let mut numbers = item.name.components().map(|c| c.parse::<u64>().unwrap());
        let seed = numbers.next().unwrap() * 100 + numbers.next().unwrap();
        assert!(view.open(&item.name).unwrap().read_all(1 << 20).unwrap() == content(seed, 9_000));
    }
}

#[test]
fn names_are_unique_and_a_dropped_or_abandoned_name_is_free_again() {
    let (_dir, store, _) = a_store(1 << 20);
    let item = put(&store, "a", kept(), b"one");
    assert!(matches!(store.begin(spec("a", kept())), Err(StoreError::NameTaken)));
    put(&store, "a", Home::Scratch(ScratchKind::Received), b"scratch has names of its own");
    assert!(matches!(store.evidence(|_| true), Err(StoreError::NameTwice)));
    store.drop_item(item.id).unwrap();
    assert!(matches!(store.drop_item(item.id), Err(StoreError::UnknownItem)));
    assert!(matches!(store.grants(&[item.id]), Err(StoreError::UnknownItem)));
    drop(store.begin(spec("a", kept())).unwrap());
    put(&store, "a", kept(), b"two");
    let view = store.evidence(|i| i.home.is_kept()).unwrap();
    assert_eq!(view.open(&ItemName::new("a").unwrap()).unwrap().read_all(10).unwrap(), b"two");
    assert!(matches!(store.begin(spec("b", Home::Kept(RoleSet::EMPTY))), Err(StoreError::NoRole)));
}

#[test]
fn scratch_that_nobody_needs_leaves_the_disk_at_once() {
    let (dir, store, _) = a_store(10_000);
    let klads = || fs::read_dir(dir.path().join("run.partial")).unwrap().count() - 2;
    let big = put(&store, "big", Home::Scratch(ScratchKind::Undecided), &content(1, 95_000));
    let next = put(&store, "next", Home::Scratch(ScratchKind::Undecided), &content(2, 3_000));
    store.checkpoint().unwrap();
    assert_eq!(klads(), 10);
    store.drop_item(big.id).unwrap();
    assert_eq!(klads(), 1, "the part that both share stays");
    let view = store.evidence(|_| true).unwrap();
    assert!(view.open(&next.name).unwrap().read_all(1 << 20).unwrap() == content(2, 3_000));
}

#[test]
fn a_flipped_byte_on_the_disk_is_told_and_nothing_handed_out() {
    let (dir, store, _) = a_store(1 << 20);
    put(&store, "db", Home::Scratch(ScratchKind::Received), &content(3, 50_000));
    store.checkpoint().unwrap();
    let klad = fs::read_dir(dir.path().join("run.partial"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.file_name().unwrap().to_str().unwrap().starts_with("klad"))
        .unwrap();
    let mut bytes = fs::read(&klad).unwrap();
    bytes[20_000] ^= 4;
    fs::write(&klad, bytes).unwrap();
    let view = store.evidence(|_| true).unwrap();
    let opened = view.open(&ItemName::new("db").unwrap()).unwrap();
    let mut page = [0xAA; 100];
    let e = opened.read_at(19_950, &mut page, &mut Hint::default()).unwrap_err();
    assert_eq!(e.kind(), std::io::ErrorKind::InvalidData);
    assert!(page.iter().all(|&b| b == 0xAA));
    opened.read_at(0, &mut page, &mut Hint::default()).unwrap();
}

#[test]
fn a_second_process_or_a_second_run_is_refused() {
    let (dir, store, key) = a_store(1 << 20);
    let at = dir.path().join("run.partial");
    assert!(matches!(WorkStore::create(&at, "x", &key, StoreOptions::default()), Err(StoreError::Exists)));
    assert!(matches!(WorkStore::resume(&at, &key, uitlezen_seal::store::Check::Sizes), Err(StoreError::InUse)));
    drop(store);
    WorkStore::resume(&at, &key, uitlezen_seal::store::Check::Sizes).unwrap();
    let no_parent = WorkStore::create(&dir.path().join("none/run.partial"), "x", &key, StoreOptions::default());
    assert!(matches!(no_parent, Err(StoreError::Disk { doing: Doing::Making, .. })));
}

#[test]
fn more_items_at_once_than_lanes_are_refused_not_mixed() {
    let (_dir, store, _) = a_store(1 << 20);
    let open: Vec<_> = (0..16).map(|n| store.begin(spec(&format!("{n}"), kept())).unwrap()).collect();
    assert!(matches!(store.begin(spec("one too many", kept())), Err(StoreError::TooManyOpen(16))));
    drop(open);
    put(&store, "one too many", kept(), b"now there is room");
}

#[test]
fn discarding_leaves_nothing_and_counts_what_went() {
    let (dir, store, _) = a_store(10_000);
    put(&store, "a", Home::Scratch(ScratchKind::Received), &[1; 30_000]);
    put(&store, "b", Home::Scratch(ScratchKind::Derived), &[1; 7]);
    put(&store, "c", kept(), &[1; 11]);
    let mut half = store.begin(spec("half", kept())).unwrap();
    half.write_all(&[1; 100]).unwrap();
    drop(half);
    store.checkpoint().unwrap();
    let report = store.discard().unwrap();
    let tally = |t: uitlezen_seal::store::Tally| (t.items, t.bytes);
    assert_eq!(tally(report.received), (1, 30_000));
    assert_eq!(tally(report.derived), (1, 7));
    assert_eq!(tally(report.kept), (1, 11));
    assert_eq!(tally(report.abandoned), (1, 100));
    assert_eq!(report.files.items, 6, "journal, staging, four scratch parts");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}
