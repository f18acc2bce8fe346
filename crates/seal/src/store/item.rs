//! Items: what the engine puts into the store, and where their bytes went.

use crate::{part::ChunkSize, role::RoleSet};
use serde::{Deserialize, Serialize};
use uitlezen_evidence::ItemName;

/// An item's number in its store; never given twice, also not after a resume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ItemId(pub u64);

/// Why bytes are only held for the time of the run. The wipe report counts them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ScratchKind {
    /// As it came from the phone: databases, backups.
    Received,
    /// Made from what came: a decrypted and inflated backup.
    Derived,
    /// Media of which it is not known yet whether a conversation in scope refers to it.
    Undecided,
}

impl ScratchKind {
    pub const ALL: [Self; 3] = [Self::Received, Self::Derived, Self::Undecided];
}

/// Where an item lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Home {
    /// Gone when the seal closes.
    Scratch(ScratchKind),
    /// Goes into the seal, for these roles (at least one).
    Kept(RoleSet),
}

impl Home {
    #[must_use]
    pub fn is_kept(self) -> bool {
        matches!(self, Self::Kept(_))
    }
}

/// Whether SHA-256 of the plaintext is wanted. It costs as much time as the sealing itself (`reference/seal.md §6`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digest {
    Compute,
    None,
}

/// What is to be stored.
#[derive(Clone, Debug)]
pub struct ItemSpec {
    /// Unique among the kept items of a run, and unique among the scratch items.
    pub name: ItemName,
    pub home: Home,
    pub chunk: ChunkSize,
    pub digest: Digest,
    /// Unix seconds, where known.
    pub modified: Option<i64>,
}

/// A whole item. It survives a crash once its parts are closed: see [`super::WorkStore::checkpoint`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredItem {
    pub id: ItemId,
    pub name: ItemName,
    pub bytes: u64,
    pub sha256: Option<[u8; 32]>,
    pub modified: Option<i64>,
    pub home: Home,
}

/// A run of an item's bytes in the plaintext of one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Extent {
    pub part: u32,
    pub offset: u64,
    pub bytes: u64,
}

/// An item as book and journal know it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ItemRecord {
    pub id: ItemId,
    pub name: ItemName,
    pub bytes: u64,
    pub sha256: Option<[u8; 32]>,
    pub modified: Option<i64>,
    pub home: Home,
    pub chunk: ChunkSize,
    pub extents: Vec<Extent>,
}

impl ItemRecord {
    pub(super) fn stored(&self) -> StoredItem {
        StoredItem {
            id: self.id,
            name: self.name.clone(),
            bytes: self.bytes,
            sha256: self.sha256,
            modified: self.modified,
            home: self.home,
        }
    }
}

/// Adds a run of bytes; one that continues the last makes that longer.
pub(super) fn extend(extents: &mut Vec<Extent>, more: Extent) {
    match extents.last_mut() {
        Some(last) if last.part == more.part && last.offset + last.bytes == more.offset => last.bytes += more.bytes,
        _ => extents.push(more),
    }
}
