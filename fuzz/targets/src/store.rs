//! The work store of a run after a crash, or on a disk that somebody wrote to: journal, staging file, and what a reader
//! child is granted.

use crate::{made, seal::sealed_part};
use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};
use uitlezen_evidence::{ChunkCache, Evidence, Hint, ItemName, ReadAtExt};
use uitlezen_seal::{
    part::{ChunkSize, PartKey},
    role::Role,
    store::{Check, Digest, Grant, Home, ItemSpec, Resumed, RunKey, ScratchKind, StoreOptions, StoredEvidence, WorkStore},
};

/// Names of the store's files (module docs of `store`).
const JOURNAL: &str = "journaal";
const STAGING: &str = "zegel";

fn key() -> RunKey {
    RunKey::from_bytes(&mut [0x77; 32])
}

/// The files of a store that a crash left, and what its items hold.
struct Left {
    files: Vec<(PathBuf, Vec<u8>)>,
    items: Vec<(ItemName, Vec<u8>)>,
}

fn left() -> &'static Left {
    static LEFT: OnceLock<Left> = OnceLock::new();
    LEFT.get_or_init(|| {
        let dir = made::folder();
        let path = dir.path().join("run.partial");
        let store = WorkStore::create(&path, "run", &key(), StoreOptions { part_bytes: 6000 }).unwrap();
        let kept =
            Home::Kept([Role::Gesprekken].into_iter().fold(uitlezen_seal::role::RoleSet::EMPTY, |set, role| set.with(role)));
        let mut items = Vec::new();
        for (n, (name, home)) in [
            ("gesprekken/1.json", kept),
            ("b.jpg", kept),
            ("Databases/msgstore.db", Home::Scratch(ScratchKind::Received)),
            ("leeg", kept),
        ]
        .into_iter()
        .enumerate()
        {
            let name = ItemName::new(name).unwrap();
            let content: Vec<u8> = (0..[50_u32, 9000, 7000, 0][n]).map(|i| (i * 3 + n as u32) as u8).collect();
            let chunk = ChunkSize::from_log2(12).unwrap();
            let spec = ItemSpec { name: name.clone(), home, chunk, digest: Digest::Compute, modified: Some(5) };
            let mut writer = store.begin(spec).unwrap();
            writer.write_all(&content).unwrap();
            writer.finish().unwrap();
            items.push((name, content));
        }
        store.note(b"een aantekening").unwrap();
        store.checkpoint().unwrap();
        let file = |entry: std::io::Result<std::fs::DirEntry>| {
            let entry = entry.unwrap();
            (PathBuf::from(entry.file_name()), std::fs::read(entry.path()).unwrap())
        };
        let files = std::fs::read_dir(&path).unwrap().map(file).collect();
        Left { files, items }
    })
}

/// Resumes with `data` in the place of one file. What is resumed is what was stored; what is gone is counted.
fn resumed(replaced: &str, data: &[u8], check: Check) {
    let dir = made::folder();
    let path = dir.path().join("run.partial");
    std::fs::create_dir(&path).unwrap();
    for (name, bytes) in &left().files {
        std::fs::write(path.join(name), if name == Path::new(replaced) { data } else { bytes.as_slice() }).unwrap();
    }
    let Ok((store, found)) = WorkStore::resume(&path, &key(), check) else { return };
    whole(&store, &found, check);
    drop(store);
    // A second resume finds the same and nothing torn.
    let (store, again) = WorkStore::resume(&path, &key(), check).expect("a store that was resumed");
    assert_eq!((again.items, again.notes), (found.items, found.notes));
    assert_eq!((again.journal_cut, again.parts_torn, again.items_lost, again.parts_damaged), (0, 0, 0, 0));
    drop(store);
}

fn whole(store: &WorkStore, found: &Resumed, check: Check) {
    assert!(found.items.len() <= left().items.len() && found.run_id == "run");
    assert!(found.notes.iter().all(|note| note == b"een aantekening"));
    let evidence = store.evidence(|_| true).expect("items that were resumed");
    for item in &found.items {
        let (_, content) = left().items.iter().find(|(name, _)| *name == item.name).expect("an item that nobody stored");
        match evidence.open(&item.name).unwrap().read_all(1 << 20) {
            Ok(read) => assert!(read == *content, "other content than was stored"),
            Err(_) => assert!(check == Check::Sizes, "resumed after a look at every byte, and not to be read"),
        }
    }
}

pub fn store_journal(data: &[u8]) {
    resumed(JOURNAL, data, Check::Sizes);
}

pub fn store_staging(data: &[u8]) {
    resumed(STAGING, data, if data.len().is_multiple_of(2) { Check::Digests } else { Check::Sizes });
}

fn file(name: &str) -> Vec<Vec<u8>> {
    left().files.iter().filter(|(file, _)| file == Path::new(name)).map(|(_, bytes)| bytes.clone()).collect()
}

pub fn journal_seeds() -> Vec<Vec<u8>> {
    file(JOURNAL)
}

pub fn staging_seeds() -> Vec<Vec<u8>> {
    file(STAGING)
}

/// What the reader child gets over its pipe: JSON of grants. Their file is replaced by one of ours. Lengths that lie are
/// errors, and what can be read is what was sealed.
pub fn store_grants(data: &[u8]) {
    let Ok(mut grants) = serde_json::from_slice::<Vec<Grant>>(data) else { return };
    let dir = made::folder();
    let path = dir.path().join("deel");
    let plain: Vec<u8> = (0..10_000_u32).map(|n| (n * 11) as u8).collect();
    std::fs::write(&path, sealed_part(&PartKey::from_bytes(&mut [9; 32]), 4, &plain)).unwrap();
    grants.truncate(50);
    grants.iter_mut().flat_map(|grant| &mut grant.extents).for_each(|extent| extent.file.clone_from(&path));
    let Ok(evidence) = StoredEvidence::from_grants(grants.clone(), Arc::new(ChunkCache::new(1 << 20))) else { return };
    for grant in &grants {
        let Ok(bytes) = evidence.open(&grant.name) else { continue };
        assert_eq!(bytes.len(), grant.bytes);
        let mut one = [0; 1];
        let _ = bytes.read_at(grant.bytes / 2, &mut one, &mut Hint::default());
        assert!(bytes.read_at(grant.bytes, &mut one, &mut Hint::default()).is_err(), "bytes beyond the end");
        if let Ok(read) = bytes.read_all(1 << 20) {
            let wanted = |extent: &uitlezen_seal::store::GrantedExtent| {
                let from = usize::try_from(extent.offset).unwrap();
                plain[from..from + usize::try_from(extent.bytes).unwrap()].to_vec()
            };
            let wanted: Vec<u8> = grant.extents.iter().filter(|extent| extent.bytes > 0).flat_map(wanted).collect();
            assert!(read == wanted, "other bytes than were sealed there");
        }
    }
}

pub fn grant_seeds() -> Vec<Vec<u8>> {
    let part = 64 + 10_000 + 3 * 16;
    let extent = |offset: u64, bytes: u64| serde_json::json!({ "file": "deel", "at": 0, "sealed": part, "number": 4, "key": hex::encode([9; 32]), "offset": offset, "bytes": bytes });
    let grants = serde_json::json!([
        { "name": "a", "bytes": 5000, "modified": 7, "extents": [extent(0, 4000), extent(9000, 1000)] },
        { "name": "b/c", "bytes": 0, "modified": null, "extents": [] },
        { "name": "d", "bytes": 10_000, "modified": null, "extents": [extent(0, 10_000)] },
    ]);
    vec![grants.to_string().into_bytes()]
}
