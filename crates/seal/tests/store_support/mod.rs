//! What the tests of the work store have in common.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, dead_code, unreachable_pub)]

use std::io::Write;
use tempfile::TempDir;
use uitlezen_evidence::ItemName;
use uitlezen_seal::{
    part::ChunkSize,
    role::{Role, RoleSet},
    store::{Digest, Home, ItemSpec, RunKey, StoreOptions, StoredItem, WorkStore},
};

/// Bytes that differ by seed and repeat nowhere near.
pub fn content(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut out = Vec::with_capacity(len + 8);
    while out.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.extend_from_slice(&state.to_le_bytes());
    }
    out.truncate(len);
    out
}

pub fn kept() -> Home {
    Home::Kept(RoleSet::only(Role::Gesprekken))
}

pub fn spec(name: &str, home: Home) -> ItemSpec {
    let name = ItemName::new(name).unwrap();
    ItemSpec { name, home, chunk: ChunkSize::RANDOM_ACCESS, digest: Digest::Compute, modified: None }
}

pub fn put(store: &WorkStore, name: &str, home: Home, bytes: &[u8]) -> StoredItem {
    let mut writer = store.begin(spec(name, home)).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

/// A store in `<dir>/run.partial`.
pub fn a_store(part_bytes: u64) -> (TempDir, WorkStore, RunKey) {
    let dir = tempfile::tempdir().unwrap();
    let key = RunKey::random().unwrap();
    let store = WorkStore::create(&dir.path().join("run.partial"), "run", &key, StoreOptions { part_bytes }).unwrap();
    (dir, store, key)
}

pub fn contains(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|w| w == needle)
}
