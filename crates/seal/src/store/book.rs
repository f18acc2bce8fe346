//! The book of a run: its whole parts and items, in memory; and the records from which the journal makes it again.

use super::{
    error::StoreError,
    item::{Home, ItemId, ItemRecord},
};
use crate::{
    container::{EntryName, EntryRecord},
    part::{ChunkSize, PartKey},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use uitlezen_evidence::ItemName;

/// Kept parts that stand in the staging file from the start are numbered from 1, kept parts in files of their own from
/// here: at closing they come behind the others, and entries must rise.
const FIRST_ASIDE: u32 = 500_001;
/// Scratch parts are numbered beyond all numbers that a container knows.
const FIRST_SCRATCH: u32 = EntryName::MOST_PARTS + 1;

/// Where a whole part stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Place {
    /// An entry of the staging file.
    Entry(EntryRecord),
    /// A file of its own, `klad<number>`.
    Klad,
}

/// A whole part.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct PartRecord {
    pub number: u32,
    pub home: Home,
    pub chunk: ChunkSize,
    pub place: Place,
    pub plain: u64,
    pub sealed: u64,
    /// Of a kept part, as the container will list it. A scratch part has none: its chunks vouch for themselves.
    pub sha256: Option<[u8; 32]>,
    pub crc32: u32,
    #[serde(with = "crate::part::secret_hex")]
    pub key: PartKey,
}

impl PartRecord {
    /// The digest under which a container lists it; an error for scratch, which none does.
    pub(super) fn listed_digest(&self) -> Result<[u8; 32], StoreError> {
        self.sha256.ok_or(StoreError::NoRole)
    }
}

/// What the journal holds. Borrowed for writing, owned for reading; the two have the same shape.
#[derive(Serialize)]
pub(super) enum Entry<'a> {
    Begun(&'a Begun),
    Part(&'a PartRecord),
    Item(&'a ItemRecord),
    Dropped(ItemId),
    /// A resume found this part damaged: where it stood, another may stand by now.
    Lost(u32),
    Note(&'a str),
}

#[derive(Deserialize)]
pub(super) enum OwnedEntry {
    Begun(Begun),
    Part(PartRecord),
    Item(ItemRecord),
    Dropped(ItemId),
    Lost(u32),
    Note(String),
}

/// The first record of a journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Begun {
    pub run: String,
    pub part_bytes: u64,
}

/// What kind of numbers a new part takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbering {
    Staged,
    Aside,
    Scratch,
}

#[derive(Debug, Default)]
pub(super) struct Book {
    pub parts: BTreeMap<u32, PartRecord>,
    pub items: BTreeMap<ItemId, ItemRecord>,
    names: HashSet<(bool, ItemName)>,
    next_item: u64,
    next_part: [u32; 3],
    /// Items and bytes that were begun and not finished, or dropped: for the wipe report.
    pub gone: Gone,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Gone {
    pub items: u64,
    pub bytes: u64,
}

impl Book {
    pub(super) fn part_number(&mut self, how: Numbering) -> Result<u32, StoreError> {
        let (slot, first, beyond) = match how {
            Numbering::Staged => (0, 1, FIRST_ASIDE),
            Numbering::Aside => (1, FIRST_ASIDE, FIRST_SCRATCH),
            Numbering::Scratch => (2, FIRST_SCRATCH, u32::MAX),
        };
        let next = self.next_part.get_mut(slot).ok_or(StoreError::TooManyParts)?;
        let number = (*next).max(first);
        if number >= beyond {
            return Err(StoreError::TooManyParts);
        }
        *next = number + 1;
        Ok(number)
    }

    /// A number that a record mentions is never given again, even if its part was torn.
    fn mention(&mut self, number: u32) {
        let slot = usize::from(number >= FIRST_ASIDE) + usize::from(number >= FIRST_SCRATCH);
        if let Some(next) = self.next_part.get_mut(slot) {
            *next = (*next).max(number.saturating_add(1));
        }
    }

    pub(super) fn reserve(&mut self, home: Home, name: &ItemName) -> Result<ItemId, StoreError> {
        if !self.names.insert((home.is_kept(), name.clone())) {
            return Err(StoreError::NameTaken);
        }
        let id = ItemId(self.next_item);
        self.next_item += 1;
        Ok(id)
    }

    pub(super) fn release(&mut self, home: Home, name: &ItemName, bytes: u64) {
        self.names.remove(&(home.is_kept(), name.clone()));
        self.gone.items += 1;
        self.gone.bytes += bytes;
    }

    pub(super) fn add_part(&mut self, part: PartRecord) {
        self.mention(part.number);
        self.parts.insert(part.number, part);
    }

    pub(super) fn add_item(&mut self, item: ItemRecord) {
        self.names.insert((item.home.is_kept(), item.name.clone()));
        self.next_item = self.next_item.max(item.id.0.saturating_add(1));
        item.extents.iter().for_each(|extent| self.mention(extent.part));
        self.items.insert(item.id, item);
    }

    pub(super) fn drop_item(&mut self, id: ItemId) -> Option<ItemRecord> {
        let item = self.items.remove(&id)?;
        self.release(item.home, &item.name, item.bytes);
        Some(item)
    }

    /// Kept parts so far.
    pub(super) fn kept_parts(&self) -> usize {
        self.parts.range(..FIRST_SCRATCH).count()
    }

    /// Plaintext bytes of each part that a listed item holds. A part with fewer than its whole plaintext has dead bytes.
    pub(super) fn live_bytes(&self) -> HashMap<u32, u64> {
        let mut live = HashMap::new();
        for extent in self.items.values().flat_map(|item| &item.extents) {
            *live.entry(extent.part).or_insert(0) += extent.bytes;
        }
        live
    }

    /// Forgets the parts in files of their own, among `these`, in which no listed item has a byte, and says which.
    pub(super) fn forget_dead_klads(&mut self, these: impl Fn(u32) -> bool) -> Vec<u32> {
        let live = self.live_bytes();
        let is_dead = |part: &&PartRecord| part.place == Place::Klad && these(part.number) && !live.contains_key(&part.number);
        let dead: Vec<u32> = self.parts.values().filter(is_dead).map(|part| part.number).collect();
        dead.iter().for_each(|number| drop(self.parts.remove(number)));
        dead
    }

    /// Drops the items whose bytes are not all in whole parts (after a crash: those of torn parts) and says which.
    pub(super) fn drop_torn_items(&mut self) -> Vec<ItemId> {
        let whole = |extent: &super::item::Extent| {
            self.parts
                .get(&extent.part)
                .is_some_and(|p| extent.offset.checked_add(extent.bytes).is_some_and(|end| end <= p.plain))
        };
        let torn: Vec<ItemId> = self.items.values().filter(|item| !item.extents.iter().all(whole)).map(|item| item.id).collect();
        torn.iter().for_each(|id| drop(self.drop_item(*id)));
        torn
    }
}
