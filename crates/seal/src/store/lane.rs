//! Lanes: rows of parts of one home and chunk size. Items of one kind share parts, so ten thousand photos do not make ten
//! thousand parts; two items written at once never share a lane.
//!
//! One lane at a time writes straight into the staging file; a kept part that is begun while another stands open there
//! goes into a file of its own and is copied at closing.

use super::{
    Shared,
    book::{Numbering, PartRecord, Place},
    error::{Doing, StoreError},
    item::{Extent, Home, extend},
    pipeline::{Batch, Begin},
};
use crate::{
    container::{EntryName, LARGEST_ENTRY},
    part::{ChunkSealer, ChunkSize, PartHeader, PartKey},
};
use std::{
    fs::{File, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Lanes at most: items written at once, plus kinds that rest with an open part.
pub(super) const MOST_LANES: usize = 16;
/// Kept parts that may be cut short so that another kind gets the staging file. Each costs an entry of the container.
const FREE_SWITCHES: usize = 256;
/// After so many kept parts the next ones are made twice as large, so that no run outgrows a container.
const PARTS_BEFORE_DOUBLING: usize = 192;

/// What the items of a lane have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class {
    pub home: Home,
    pub chunk: ChunkSize,
}

#[derive(Debug)]
pub(super) struct Lane {
    /// Tells lanes apart as owner of the staging file.
    pub number: usize,
    pub class: Class,
    /// An item is being written.
    pub busy: bool,
    part: Option<OpenPart>,
}

struct OpenPart {
    number: u32,
    key: PartKey,
    /// Its own file; none where it stands in the staging file.
    klad: Option<Arc<File>>,
    batch: Batch,
    plain: u64,
    /// Plaintext bytes at which it is closed.
    limit: u64,
}

impl std::fmt::Debug for OpenPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OpenPart({}, {} bytes)", self.number, self.plain)
    }
}

pub(super) fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lane {
    pub(super) fn new(number: usize, class: Class) -> Self {
        Self { number, class, busy: false, part: None }
    }

    /// Number of the part that is open here.
    pub(super) fn open_part(&self) -> Option<u32> {
        self.part.as_ref().map(|part| part.number)
    }

    /// Stores bytes and says where they went. Bytes behind the call's return are in the pipeline, not yet on the disk.
    pub(super) fn put(&mut self, shared: &Shared, mut bytes: &[u8], extents: &mut Vec<Extent>) -> Result<(), StoreError> {
        while !bytes.is_empty() {
            if self.part.as_ref().is_some_and(|part| part.plain >= part.limit) {
                self.close_part(shared)?;
            }
            if self.part.is_none() {
                self.part = Some(self.begin_part(shared)?);
            }
            let Some(part) = self.part.as_mut() else { break };
            if part.batch.is_full() {
                let full = std::mem::replace(&mut part.batch, shared.pipeline.batch(self.class.chunk));
                shared.pipeline.put(part.number, full)?;
            }
            let room = usize::try_from(part.limit - part.plain).unwrap_or(usize::MAX);
            let taken = part.batch.fill(bytes.get(..room).unwrap_or(bytes));
            extend(extents, Extent { part: part.number, offset: part.plain, bytes: taken as u64 });
            part.plain += taken as u64;
            bytes = bytes.get(taken..).unwrap_or_default();
        }
        Ok(())
    }

    fn begin_part(&self, shared: &Shared) -> Result<OpenPart, StoreError> {
        let (number, klad, file, at) = match self.class.home {
            Home::Scratch(_) => shared.klad(Numbering::Scratch)?,
            Home::Kept(_) => match self.begin_staged(shared)? {
                Some(staged) => staged,
                None => shared.klad(Numbering::Aside)?,
            },
        };
        let making = |e: std::io::Error| shared.fault.fatal(StoreError::disk(Doing::Making, &e));
        let key = PartKey::random().map_err(making)?;
        let header = PartHeader::random(number, self.class.chunk).map_err(making)?;
        let sealer = ChunkSealer::new(&key, &header).map_err(|e| StoreError::part(Doing::Making, e))?;
        let kept = self.class.home.is_kept();
        shared.pipeline.begin(Begin { number, sealer, file, at, kept })?;
        let limit = part_limit(shared.part_bytes, self.class, lock(&shared.book).kept_parts());
        Ok(OpenPart { number, key, klad, batch: shared.pipeline.batch(self.class.chunk), plain: 0, limit })
    }

    /// A place in the staging file, unless another lane has an open part there.
    fn begin_staged(&self, shared: &Shared) -> Result<Option<NewPart>, StoreError> {
        let mut desk = lock(&shared.desk);
        if desk.owner.is_some() {
            return Ok(None);
        }
        let number = lock(&shared.book).part_number(Numbering::Staged)?;
        let staging = desk.staging.as_mut().ok_or(StoreError::NoStaging)?;
        let at =
            staging.begin(EntryName::Part(number)).map_err(|e| shared.fault.fatal(StoreError::staging(Doing::Writing, e)))?;
        let file = Arc::clone(staging.file());
        desk.owner = Some(self.number);
        Ok(Some((number, None, file, at)))
    }

    /// Closes the open part, if there is one, and hands it to the keeper. It is whole on return; durable when the keeper
    /// says so.
    pub(super) fn close_part(&mut self, shared: &Shared) -> Result<(), StoreError> {
        let Some(OpenPart { number, key, klad, batch, .. }) = self.part.take() else { return Ok(()) };
        let made = shared.pipeline.finish(number, batch)?;
        let (place, file, named) = match klad {
            Some(file) => (Place::Klad, file, true),
            None => {
                let mut desk = lock(&shared.desk);
                desk.owner = None;
                let staging = desk.staging.as_mut().ok_or(StoreError::NoStaging)?;
                let sha256 = made.sha256.ok_or(StoreError::NoRole)?;
                let entry = staging
                    .finish_entry(made.sealed, made.crc32, sha256)
                    .map_err(|e| shared.fault.fatal(StoreError::staging(Doing::Writing, e)))?;
                (Place::Entry(entry), Arc::clone(staging.file()), false)
            }
        };
        let record = PartRecord {
            number,
            home: self.class.home,
            chunk: self.class.chunk,
            place,
            plain: made.plain,
            sealed: made.sealed,
            sha256: made.sha256,
            crc32: made.crc32,
            key,
        };
        lock(&shared.book).add_part(record.clone());
        shared.keeper.part(file, named, record)
    }
}

/// Number, own file (if any), file to write in, offset of the part.
type NewPart = (u32, Option<Arc<File>>, Arc<File>, u64);

impl Shared {
    fn klad(&self, numbering: Numbering) -> Result<NewPart, StoreError> {
        let number = lock(&self.book).part_number(numbering)?;
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(self.klad_path(number))
            .map_err(|e| self.fault.fatal(StoreError::disk(Doing::Making, &e)))?;
        let file = Arc::new(file);
        Ok((number, Some(Arc::clone(&file)), file, 0))
    }

    /// A lane for an item of this class, marked busy. An idle lane is used again; the staging file changes hands where that
    /// is worth an entry.
    pub(super) fn take_lane(&self, class: Class) -> Result<Arc<Mutex<Lane>>, StoreError> {
        let mut lanes = lock(&self.lanes);
        let found = lanes.iter().find(|lane| {
            let lane = lock(lane);
            !lane.busy && lane.class == class
        });
        let lane = match found {
            Some(lane) => Arc::clone(lane),
            None => {
                if lanes.len() >= MOST_LANES {
                    let idle = lanes.iter().position(|lane| !lock(lane).busy).ok_or(StoreError::TooManyOpen(MOST_LANES))?;
                    lock(&lanes.swap_remove(idle)).close_part(self)?;
                }
                let mut numbers = 0..=MOST_LANES;
                let free = numbers.find(|n| lanes.iter().all(|lane| lock(lane).number != *n));
                let lane = Arc::new(Mutex::new(Lane::new(free.ok_or(StoreError::TooManyOpen(MOST_LANES))?, class)));
                lanes.push(Arc::clone(&lane));
                lane
            }
        };
        if class.home.is_kept() && lock(&lane).part.is_none() {
            self.free_staging(&lanes)?;
        }
        lock(&lane).busy = true;
        Ok(lane)
    }

    /// Closes the part in the staging file if its lane rests and the container can spare an entry.
    fn free_staging(&self, lanes: &[Arc<Mutex<Lane>>]) -> Result<(), StoreError> {
        let Some(owner) = lock(&self.desk).owner else { return Ok(()) };
        let spare = lock(&self.book).kept_parts() < FREE_SWITCHES;
        for lane in lanes {
            let mut lane = lock(lane);
            let nearly_full = lane.part.as_ref().is_some_and(|part| part.plain >= part.limit / 2);
            if lane.number == owner && !lane.busy && (spare || nearly_full) {
                lane.close_part(self)?;
            }
        }
        Ok(())
    }
}

/// Plaintext bytes of the next part: the wanted size, doubled with every [`PARTS_BEFORE_DOUBLING`] kept parts, and never
/// more than an entry holds.
fn part_limit(wanted: u64, class: Class, kept_parts: usize) -> u64 {
    let doublings = if class.home.is_kept() { (kept_parts / PARTS_BEFORE_DOUBLING).min(32) } else { 0 };
    // An eighth less than an entry holds leaves room for header and tags of the smallest chunks (1/256).
    let most = LARGEST_ENTRY / 8 * 7;
    (0..doublings).fold(wanted.min(most), |size, _| (size * 2).min(most)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::{Role, RoleSet};

    #[test]
    fn parts_grow_so_that_no_run_outgrows_a_container() {
        let class = Class { home: Home::Kept(RoleSet::only(Role::Gesprekken)), chunk: ChunkSize::MEDIA };
        let held: u64 = (0..800).map(|n| part_limit(64 << 20, class, n)).sum();
        assert!(held > 128 << 30, "800 parts hold {held} bytes");
        assert_eq!(part_limit(64 << 20, class, 0), 64 << 20);
        for chunk in 12..=20 {
            let chunk = ChunkSize::from_log2(chunk).unwrap_or(ChunkSize::MEDIA);
            let largest = part_limit(u64::MAX, class, 100_000);
            assert!(chunk.sealed_len(largest).is_some_and(|len| len <= LARGEST_ENTRY));
        }
    }
}
