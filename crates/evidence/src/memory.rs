//! Evidence that is in memory: for tests and for small things that a reader derives, such as one decrypted backup database.

use crate::{Bytes, Evidence, EvidenceError, Item, ItemName};
use std::{collections::BTreeMap, fmt, sync::Arc};

/// Named byte strings. Not wiped on drop: what is secret belongs in a sealed source.
#[derive(Clone, Default)]
pub struct MemoryEvidence {
    items: Vec<Item>,
    bytes: BTreeMap<ItemName, Arc<Vec<u8>>>,
}

impl MemoryEvidence {
    #[must_use]
    pub fn new(of: BTreeMap<ItemName, Vec<u8>>) -> Self {
        of.into_iter().collect()
    }
}

impl FromIterator<(ItemName, Vec<u8>)> for MemoryEvidence {
    /// Of two items of one name the later counts.
    fn from_iter<I: IntoIterator<Item = (ItemName, Vec<u8>)>>(of: I) -> Self {
        let bytes: BTreeMap<ItemName, Arc<Vec<u8>>> = of.into_iter().map(|(name, bytes)| (name, Arc::new(bytes))).collect();
        let items = bytes.iter().map(|(name, b)| Item { name: name.clone(), bytes: b.len() as u64, modified: None }).collect();
        Self { items, bytes }
    }
}

impl Evidence for MemoryEvidence {
    fn items(&self) -> &[Item] {
        &self.items
    }

    fn open(&self, name: &ItemName) -> Result<Bytes, EvidenceError> {
        let bytes: Bytes = Arc::<Vec<u8>>::clone(self.bytes.get(name).ok_or(EvidenceError::Absent)?);
        Ok(bytes)
    }
}

impl fmt::Debug for MemoryEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryEvidence").field("items", &self.items.len()).finish_non_exhaustive()
    }
}
