//! One item being written.

use super::{
    Shared,
    book::Entry,
    error::StoreError,
    item::{Digest, Extent, ItemId, ItemRecord, ItemSpec, StoredItem},
    keeper,
    lane::{Lane, lock},
};
use sha2::{Digest as _, Sha256};
use std::{
    fmt, io,
    sync::{Arc, Mutex},
};

/// Takes the bytes of one item. [`ItemWriter::finish`] makes it an item; dropped before that, its bytes are dead space that
/// no index will ever open.
///
/// An error of `write` holds a [`StoreError`] inside.
pub struct ItemWriter {
    shared: Arc<Shared>,
    lane: Arc<Mutex<Lane>>,
    id: ItemId,
    spec: ItemSpec,
    bytes: u64,
    sha256: Option<Sha256>,
    extents: Vec<Extent>,
    finished: bool,
}

impl ItemWriter {
    pub(super) fn new(shared: Arc<Shared>, lane: Arc<Mutex<Lane>>, id: ItemId, spec: ItemSpec) -> Self {
        let sha256 = (spec.digest == Digest::Compute).then(Sha256::new);
        Self { shared, lane, id, spec, bytes: 0, sha256, extents: Vec::new(), finished: false }
    }

    #[must_use]
    pub fn id(&self) -> ItemId {
        self.id
    }

    /// Bytes taken so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// As [`Self::finish`], for bytes whose SHA-256 whoever wrote them knows already: it is believed, not made again.
    pub fn finish_with(mut self, sha256: [u8; 32]) -> Result<StoredItem, StoreError> {
        self.sha256 = None;
        self.finish_as(Some(sha256))
    }

    /// Makes what was written an item. It can be read back at once; it survives a crash when its parts are closed.
    pub fn finish(mut self) -> Result<StoredItem, StoreError> {
        let sha256 = self.sha256.take().map(|sha256| sha256.finalize().into());
        self.finish_as(sha256)
    }

    fn finish_as(mut self, sha256: Option<[u8; 32]>) -> Result<StoredItem, StoreError> {
        self.shared.fault.check()?;
        let item = ItemRecord {
            id: self.id,
            name: self.spec.name.clone(),
            bytes: self.bytes,
            sha256,
            modified: self.spec.modified,
            home: self.spec.home,
            chunk: self.spec.chunk,
            extents: std::mem::take(&mut self.extents),
        };
        keeper::lock(&self.shared.journal).append(&Entry::Item(&item)).map_err(|e| self.shared.fault.fatal(e))?;
        let stored = item.stored();
        lock(&self.shared.book).add_item(item);
        self.finished = true;
        Ok(stored)
    }
}

impl io::Write for ItemWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(bytes);
        }
        lock(&self.lane).put(&self.shared, bytes, &mut self.extents)?;
        self.bytes += bytes.len() as u64;
        Ok(bytes.len())
    }

    /// Does nothing: see [`super::WorkStore::checkpoint`].
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for ItemWriter {
    fn drop(&mut self) {
        lock(&self.lane).busy = false;
        if !self.finished {
            lock(&self.shared.book).release(self.spec.home, &self.spec.name, self.bytes);
        }
    }
}

impl fmt::Debug for ItemWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemWriter").field("id", &self.id).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}
