//! Before closing: every kept byte that is listed, and no other, under keys that may be handed out, in the staging file.

use super::{
    Shared,
    book::{PartRecord, Place},
    error::{Doing, StoreError},
    evidence::read_extent,
    item::{Extent, ItemId, ItemRecord, extend},
    lane::{Class, lock},
};
use crate::container::{EntryName, EntryRecord, writer::Staging};
use sha2::{Digest, Sha256};
use std::{collections::HashSet, fs::File, io::Read, os::unix::fs::FileExt, sync::Arc};
use uitlezen_evidence::ChunkCache;

/// What goes into the seal.
#[derive(Debug)]
pub(super) struct Gathered {
    /// Kept items, in the order in which they were begun. Their extents lie in `parts` only.
    pub items: Vec<ItemRecord>,
    /// The parts that hold a byte of them, by number.
    pub parts: Vec<PartRecord>,
}

impl Shared {
    /// Closes what is open, moves what must move, and brings the kept parts together. Nothing may be written meanwhile.
    pub(super) fn gather(&self) -> Result<Gathered, StoreError> {
        self.fault.check()?;
        if lock(&self.lanes).iter().any(|lane| lock(lane).busy) {
            return Err(StoreError::ItemsOpen);
        }
        self.close_parts(|_| true)?;
        self.move_out_of_mixed_parts()?;
        self.keeper.barrier()?;
        self.bring_in_parts_aside()?;
        let book = lock(&self.book);
        let items: Vec<ItemRecord> = book.items.values().filter(|item| item.home.is_kept()).cloned().collect();
        let live: HashSet<u32> = items.iter().flat_map(|item| &item.extents).map(|extent| extent.part).collect();
        let parts = book.parts.values().filter(|part| live.contains(&part.number)).cloned().collect();
        Ok(Gathered { items, parts })
    }

    /// A part with bytes of no listed item (dropped, abandoned) may not hand out its key: whoever holds it could read them.
    /// What is listed there is sealed anew in another part; the old one stays behind as ciphertext without a key.
    fn move_out_of_mixed_parts(&self) -> Result<(), StoreError> {
        let (mixed, moving) = {
            let book = lock(&self.book);
            let live = book.live_bytes();
            let is_mixed =
                |part: &&PartRecord| part.home.is_kept() && live.get(&part.number).is_some_and(|bytes| *bytes < part.plain);
            let mixed: HashSet<u32> = book.parts.values().filter(is_mixed).map(|part| part.number).collect();
            let touches = |item: &&ItemRecord| item.extents.iter().any(|extent| mixed.contains(&extent.part));
            let moving: Vec<ItemId> = book.items.values().filter(touches).map(|item| item.id).collect();
            (mixed, moving)
        };
        let cache = ChunkCache::of_this_process();
        for id in moving {
            let Some(item) = lock(&self.book).items.get(&id).cloned() else { continue };
            let grant = self.grant(&item)?;
            let lane = self.take_lane(Class { home: item.home, chunk: item.chunk })?;
            let mut moved: Vec<Extent> = Vec::new();
            let mut outcome = Ok(());
            for (extent, granted) in item.extents.iter().zip(&grant.extents) {
                if !mixed.contains(&extent.part) {
                    extend(&mut moved, *extent);
                    continue;
                }
                outcome = read_extent(granted, &cache, |bytes| lock(&lane).put(self, bytes, &mut moved));
                if outcome.is_err() {
                    break;
                }
            }
            lock(&lane).busy = false;
            outcome?;
            if let Some(item) = lock(&self.book).items.get_mut(&id) {
                item.extents = moved;
            }
        }
        self.close_parts(|_| true)
    }

    /// Copies kept parts from files of their own behind the others.
    fn bring_in_parts_aside(&self) -> Result<(), StoreError> {
        let aside: Vec<PartRecord> = {
            let book = lock(&self.book);
            let live = book.live_bytes();
            let wanted = |part: &&PartRecord| part.home.is_kept() && part.place == Place::Klad && live.contains_key(&part.number);
            book.parts.values().filter(wanted).cloned().collect()
        };
        for part in aside {
            let mut desk = lock(&self.desk);
            let staging = desk.staging.as_mut().ok_or(StoreError::NoStaging)?;
            let entry = copy_in(&part, &self.klad_path(part.number), staging).map_err(|e| self.fault.fatal(e))?;
            drop(desk);
            if let Some(part) = lock(&self.book).parts.get_mut(&part.number) {
                part.place = Place::Entry(entry);
            }
        }
        Ok(())
    }
}

/// Copies a part as it is; its digest is taken on the way, so a disk that lost a bit is found before the seal is closed.
fn copy_in(part: &PartRecord, from: &std::path::Path, staging: &mut Staging) -> Result<EntryRecord, StoreError> {
    let closing = |e: std::io::Error| StoreError::disk(Doing::Closing, &e);
    let staged = |e| StoreError::staging(Doing::Closing, e);
    let mut from = File::open(from).map_err(closing)?;
    let mut at = staging.begin(EntryName::Part(part.number)).map_err(staged)?;
    let to = Arc::clone(staging.file());
    let (mut buffer, mut sha256) = (vec![0; 1 << 18], Sha256::new());
    loop {
        let n = from.read(&mut buffer).map_err(closing)?;
        let Some(piece) = buffer.get(..n).filter(|piece| !piece.is_empty()) else { break };
        sha256.update(piece);
        to.write_all_at(piece, at).map_err(closing)?;
        at += n as u64;
    }
    let sha256 = sha256.finalize().into();
    if part.sha256 != Some(sha256) {
        return Err(StoreError::Disk { doing: Doing::Closing, kind: std::io::ErrorKind::InvalidData });
    }
    staging.finish_entry(part.sealed, part.crc32, sha256).map_err(staged)
}
