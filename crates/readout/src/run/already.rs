//! Files that an earlier process of this run had got whole: they are not pulled again.

use super::{RunError, receive::Arrived};
use std::collections::{BTreeMap, HashMap, HashSet};
use uitlezen_evidence::{Item, ItemName};
use uitlezen_seal::store::{Home, StoredItem, WorkStore};

/// What the work store holds of files from the phone, by the phone's name for them.
pub(super) struct Already(HashMap<ItemName, StoredItem>);

impl Already {
    /// `listed` says for the store's name of an item which file of the phone it is.
    pub(super) fn of(store: &WorkStore, home: Home, listed: HashMap<ItemName, ItemName>) -> Self {
        let here = store.items().into_iter().filter(|item| item.home == home);
        Self(here.filter_map(|item| Some((listed.get(&item.name)?.clone(), item))).collect())
    }

    /// The files of which this holds all, though a listing no longer does: they were there when the run began.
    pub(super) fn gone_since(&self, listed: &[Item]) -> Vec<Item> {
        let still: HashSet<&ItemName> = listed.iter().map(|item| &item.name).collect();
        let gone = self.0.iter().filter(|(name, stored)| stored.sha256.is_some() && !still.contains(name));
        gone.map(|(name, stored)| Item { name: name.clone(), bytes: stored.bytes, modified: stored.modified }).collect()
    }

    /// Whether some of this file is here, of now or of before it changed.
    pub(super) fn has(&self, listed: &ItemName) -> bool {
        self.0.contains_key(listed)
    }

    /// Parts the files of a listing into those that are here as they are listed and those to pull. What is here of a file that
    /// has changed since is dropped.
    pub(super) fn apart(
        mut self,
        listed: Vec<Item>,
        store: &WorkStore,
    ) -> Result<(BTreeMap<ItemName, Arrived>, Vec<Item>), RunError> {
        let (mut here, mut pull) = (BTreeMap::new(), Vec::new());
        for item in listed {
            let stored = self.0.remove(&item.name);
            match stored.as_ref().map(|stored| (stored, stored.sha256)) {
                // A time that nobody knows proves nothing.
                Some((stored, Some(sha256)))
                    if stored.bytes == item.bytes && stored.modified.is_some() && stored.modified == item.modified =>
                {
                    let arrived =
                        Arrived { id: stored.id, name: stored.name.clone(), bytes: stored.bytes, sha256: hex::encode(sha256) };
                    here.insert(item.name, arrived);
                }
                Some((stored, _)) => {
                    store.drop_item(stored.id)?;
                    pull.push(item);
                }
                None => pull.push(item),
            }
        }
        Ok((here, pull))
    }
}
