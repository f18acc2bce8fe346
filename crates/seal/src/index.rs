//! A role's index (FORMAT.md, "Index"): the names, places and part keys that the role may know. It is JSON, encrypted as a
//! part of its own under a key that follows from the role key.
//!
//! Closing makes one per role with [`seal_index`]; `open` reads it back with [`open_index`], which believes nothing: it
//! bounds and checks everything before anybody uses a number of it.

use crate::{
    envelope::RoleKey,
    header::Sha256Digest,
    part::{ChunkSize, PartError, PartKey, PartReader, PartWriter},
    role::Role,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    io::{self, Write},
    sync::Arc,
};
use uitlezen_evidence::{Bytes, ChunkCache, Hint, ItemName, ReadAt};
use zeroize::Zeroizing;

/// Largest plaintext of an index in bytes: about two million items.
pub const LARGEST_INDEX: u64 = 512 << 20;
/// Number that stands in the part header of the first role's index; the next role's is one more.
const FIRST_INDEX_PART: u32 = 0xFFFF_FF00;
const FORMAT: u32 = 1;

/// Why an index could not be made or used. No name is repeated.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    #[error("the index is larger than {LARGEST_INDEX} bytes")]
    TooLarge,
    #[error("the index does not open: {0}")]
    Part(#[from] PartError),
    #[error("the index could not be read: {0}")]
    Io(io::Error),
    #[error("the index is not the JSON of this format")]
    Json,
    #[error("the index is of another format or role")]
    OtherRole,
    #[error("parts of the index are doubled or out of order")]
    Parts,
    #[error("item {0} of the index is doubled or out of order")]
    ItemOrder(usize),
    #[error("item {0} of the index lies outside its parts or has another length than its pieces")]
    Extents(usize),
}

/// A part that the role may open.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexPart {
    /// `deel/<number>`
    pub number: u32,
    #[serde(with = "crate::part::secret_hex")]
    pub key: PartKey,
    /// Of the sealed part, as the manifest lists it.
    pub sha256: Sha256Digest,
    /// Plaintext bytes.
    pub plain: u64,
}

/// A run of an item's bytes in the plaintext of one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexExtent {
    pub part: u32,
    pub offset: u64,
    pub bytes: u64,
}

/// One item of the role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexItem {
    pub name: ItemName,
    pub bytes: u64,
    /// Of the plaintext, where it was computed.
    pub sha256: Option<Sha256Digest>,
    /// Unix seconds, where known.
    pub modified: Option<i64>,
    /// In the order of the item's bytes; empty for an empty item.
    pub extents: Vec<IndexExtent>,
}

/// All that a role may open.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleIndex {
    pub format: u32,
    pub role: Role,
    /// By number.
    pub parts: Vec<IndexPart>,
    /// By name, bytewise.
    pub items: Vec<IndexItem>,
}

impl RoleIndex {
    /// Sorts and checks.
    pub fn new(role: Role, mut parts: Vec<IndexPart>, mut items: Vec<IndexItem>) -> Result<Self, IndexError> {
        parts.sort_by_key(|part| part.number);
        items.sort_by(|a, b| a.name.cmp(&b.name));
        let index = Self { format: FORMAT, role, parts, items };
        index.check()?;
        Ok(index)
    }

    fn check(&self) -> Result<(), IndexError> {
        if !self.parts.is_sorted_by(|a, b| a.number < b.number) {
            return Err(IndexError::Parts);
        }
        let plain: HashMap<u32, u64> = self.parts.iter().map(|part| (part.number, part.plain)).collect();
        let mut last: Option<&ItemName> = None;
        for (n, item) in self.items.iter().enumerate() {
            if last.is_some_and(|last| *last >= item.name) {
                return Err(IndexError::ItemOrder(n));
            }
            last = Some(&item.name);
            let mut sum = 0_u64;
            for extent in &item.extents {
                let end = extent.offset.checked_add(extent.bytes).ok_or(IndexError::Extents(n))?;
                if extent.bytes == 0 || plain.get(&extent.part).is_none_or(|plain| end > *plain) {
                    return Err(IndexError::Extents(n));
                }
                sum = sum.checked_add(extent.bytes).ok_or(IndexError::Extents(n))?;
            }
            if sum != item.bytes {
                return Err(IndexError::Extents(n));
            }
        }
        Ok(())
    }
}

/// The number in the part header of a role's index.
#[must_use]
pub fn index_part_number(role: Role) -> u32 {
    FIRST_INDEX_PART + u32::from(role.ordinal())
}

/// The content of the entry `index/<role>`. The plaintext is encrypted as it is written down, a chunk at a time.
pub fn seal_index(index: &RoleIndex, key: &RoleKey) -> Result<Vec<u8>, IndexError> {
    index.check()?;
    let part = PartWriter::new(Vec::new(), &key.index_key(), index_part_number(index.role), ChunkSize::STREAM)?;
    let mut bounded = Bounded { to: part, left: LARGEST_INDEX };
    match serde_json::to_writer(&mut bounded, index) {
        Ok(()) => Ok(bounded.to.finish()?.0),
        Err(_) if bounded.left == 0 => Err(IndexError::TooLarge),
        Err(e) => Err(IndexError::Io(e.into())),
    }
}

/// Opens and checks the entry `index/<role>`.
pub fn open_index(sealed: Bytes, key: &RoleKey, role: Role) -> Result<RoleIndex, IndexError> {
    // Its own small cache: the index is read once.
    let part = PartReader::open(sealed, &key.index_key(), index_part_number(role), Arc::new(ChunkCache::new(1 << 20)))?;
    if part.len() > LARGEST_INDEX {
        return Err(IndexError::TooLarge);
    }
    let mut text = Zeroizing::new(vec![0; usize::try_from(part.len()).map_err(|_| IndexError::TooLarge)?]);
    part.read_at(0, &mut text, &mut Hint::default()).map_err(IndexError::Io)?;
    let index: RoleIndex = serde_json::from_slice(&text).map_err(|_| IndexError::Json)?;
    if index.format != FORMAT || index.role != role {
        return Err(IndexError::OtherRole);
    }
    index.check()?;
    Ok(index)
}

struct Bounded<W> {
    to: W,
    left: u64,
}

impl<W: Write> Write for Bounded<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(left) = self.left.checked_sub(bytes.len() as u64) else {
            self.left = 0;
            return Err(io::ErrorKind::FileTooLarge.into());
        };
        self.to.write_all(bytes)?;
        self.left = left;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn part(number: u32, plain: u64) -> IndexPart {
        IndexPart { number, key: PartKey::random().unwrap(), sha256: Sha256Digest([3; 32]), plain }
    }

    fn item(name: &str, extents: &[(u32, u64, u64)]) -> IndexItem {
        let extents: Vec<_> = extents.iter().map(|&(part, offset, bytes)| IndexExtent { part, offset, bytes }).collect();
        let bytes = extents.iter().map(|e| e.bytes).sum();
        IndexItem { name: ItemName::new(name).unwrap(), bytes, sha256: None, modified: Some(-1), extents }
    }

    #[test]
    fn an_index_opens_with_its_role_key_only() {
        let key = RoleKey::random().unwrap();
        let items = vec![item("b", &[(1, 0, 10), (2, 5, 5)]), item("a/één", &[])];
        let index = RoleIndex::new(Role::Gesprekken, vec![part(2, 10), part(1, 10)], items).unwrap();
        let sealed = seal_index(&index, &key).unwrap();
        let open = |key: &RoleKey, role| open_index(Arc::new(sealed.clone()), key, role);
        let again = open(&key, Role::Gesprekken).unwrap();
        assert_eq!(again.items, index.items);
        assert_eq!(again.items[0].name.as_str(), "a/één");
        assert_eq!(again.parts[1].key.expose(), index.parts[1].key.expose());
        assert!(matches!(open(&RoleKey::random().unwrap(), Role::Gesprekken), Err(IndexError::Part(PartError::Forged))));
        assert!(matches!(open(&key, Role::Bronnen), Err(IndexError::Part(PartError::Number { .. }))));
        assert!(!String::from_utf8_lossy(&sealed).contains("gesprekken"));
    }

    #[test]
    fn an_index_that_lies_is_refused() {
        let new = |parts: Vec<IndexPart>, items: Vec<IndexItem>| RoleIndex::new(Role::Bronnen, parts, items).map(|_| ());
        assert!(matches!(new(vec![part(1, 5), part(1, 5)], vec![]), Err(IndexError::Parts)));
        assert!(matches!(new(vec![part(1, 5)], vec![item("a", &[(1, 0, 6)])]), Err(IndexError::Extents(0))));
        assert!(matches!(new(vec![part(1, 5)], vec![item("a", &[(2, 0, 1)])]), Err(IndexError::Extents(0))));
        assert!(matches!(new(vec![part(1, 5)], vec![item("a", &[(1, u64::MAX, 1)])]), Err(IndexError::Extents(0))));
        assert!(matches!(new(vec![part(1, 5)], vec![item("a", &[(1, 0, 0)])]), Err(IndexError::Extents(0))));
        assert!(matches!(new(vec![part(1, 5)], vec![item("a", &[]), item("a", &[])]), Err(IndexError::ItemOrder(1))));
        let short = IndexItem { bytes: 9, ..item("a", &[(1, 0, 1)]) };
        assert!(matches!(new(vec![part(1, 5)], vec![short]), Err(IndexError::Extents(0))));
    }
}
