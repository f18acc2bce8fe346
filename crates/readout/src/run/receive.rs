//! From the link into the work store: every pulled file becomes an item, encrypted as it arrives.

use crate::link::{Outcome, Receiver};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, io::Write};
use uitlezen_evidence::{Item, ItemName};
use uitlezen_seal::{
    part::ChunkSize,
    store::{Digest, Doing, Home, ItemId, ItemSpec, ItemWriter, StoreError, WorkStore},
};

/// Writes to an item; the store's own error comes out of the I/O error that carries it.
pub(crate) fn put(writer: &mut ItemWriter, bytes: &[u8]) -> Result<(), StoreError> {
    writer.write_all(bytes).map_err(|error| {
        let kind = error.kind();
        error.downcast().unwrap_or(StoreError::Disk { doing: Doing::Writing, kind })
    })
}

/// A file that arrived whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Arrived {
    pub(crate) id: ItemId,
    pub(crate) name: ItemName,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

/// Puts what is pulled into the store, under the name that `naming` gives it.
pub(crate) struct Receive<'a, N, P> {
    store: &'a WorkStore,
    home: Home,
    chunk: ChunkSize,
    /// The store's name for a listed item.
    naming: N,
    progress: P,
    writer: Option<ItemWriter>,
    /// Bytes of items before this one, and of this one since it last began.
    settled: u64,
    current: u64,
    pub(crate) arrived: BTreeMap<ItemName, Arrived>,
    /// What became of the ones that did not arrive whole.
    pub(crate) missed: BTreeMap<ItemName, Outcome>,
    /// Files whose digest the phone itself confirmed.
    pub(crate) confirmed: u64,
}

impl<'a, N, P> Receive<'a, N, P>
where
    N: FnMut(&Item) -> ItemName,
    P: FnMut(u64),
{
    pub(crate) fn new(store: &'a WorkStore, home: Home, chunk: ChunkSize, naming: N, progress: P) -> Self {
        Self {
            store,
            home,
            chunk,
            naming,
            progress,
            writer: None,
            settled: 0,
            current: 0,
            arrived: BTreeMap::new(),
            missed: BTreeMap::new(),
            confirmed: 0,
        }
    }

    /// Files that an earlier process of this run had got: they count as arrived, and as moved.
    pub(crate) fn have(&mut self, here: BTreeMap<ItemName, Arrived>) {
        self.settled += here.values().map(|file| file.bytes).sum::<u64>();
        self.arrived.extend(here);
        if self.settled > 0 {
            (self.progress)(self.settled);
        }
    }
}

impl<N, P> Receiver for Receive<'_, N, P>
where
    N: FnMut(&Item) -> ItemName,
    P: FnMut(u64),
{
    type Error = StoreError;

    fn begin(&mut self, item: &Item) -> Result<(), StoreError> {
        // A second beginning of the same item: dropping the writer abandons what came before.
        self.writer = None;
        self.current = 0;
        let name = (self.naming)(item);
        let spec = ItemSpec { name, home: self.home, chunk: self.chunk, digest: Digest::None, modified: item.modified };
        self.writer = Some(self.store.begin(spec)?);
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        if let Some(writer) = &mut self.writer {
            put(writer, bytes)?;
        }
        self.current += bytes.len() as u64;
        (self.progress)(self.settled + self.current);
        Ok(())
    }

    fn end(&mut self, item: &Item, outcome: &Outcome) -> Result<(), StoreError> {
        self.settled += std::mem::take(&mut self.current);
        match (outcome, self.writer.take()) {
            (Outcome::Whole { sha256, digest_on_phone }, Some(writer)) => {
                let mut digest = [0; 32];
                // The link's word, as everything about these bytes is.
                let stored = match hex::decode_to_slice(sha256, &mut digest) {
                    Ok(()) => writer.finish_with(digest)?,
                    Err(_) => writer.finish()?,
                };
                self.confirmed += u64::from(*digest_on_phone);
                let arrived = Arrived { id: stored.id, name: stored.name, bytes: stored.bytes, sha256: sha256.clone() };
                self.arrived.insert(item.name.clone(), arrived);
            }
            // What came of a file that did not arrive whole is abandoned with its writer.
            (missed, _) => {
                self.missed.insert(item.name.clone(), missed.clone());
            }
        }
        Ok(())
    }
}
