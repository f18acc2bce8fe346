//! The work store of one run: everything received or derived, encrypted from the first byte, until the seal closes.
//!
//! `<run>.partial/` (mode 0700) holds
//! - `zegel`, which will be the container: kept parts are written straight into it as entries;
//! - `klad<number>`, parts in files of their own: scratch, and kept parts for which the staging file was taken;
//! - `journaal`, the encrypted journal of what is whole ([`journal`]).
//!
//! The engine calls [`WorkStore::begin`] for each item, reads items back through [`WorkStore::evidence`], gives a reader
//! child [`WorkStore::grants`], and ends with [`WorkStore::seal`] or [`WorkStore::discard`]. After a crash,
//! [`WorkStore::resume`] brings back every item whose parts were journaled; a torn part is thrown away, never continued,
//! so no nonce is used twice. Whoever destroys the run key destroys the store: that is why wiping only unlinks.
//!
//! No method needs `&mut`: a clone of the handle may write on another thread.

mod book;
mod closing;
mod error;
mod evidence;
mod gather;
mod item;
mod journal;
mod keeper;
mod lane;
mod pipeline;
mod resume;
mod trim;
mod wipe;
mod writer;

pub use closing::{Closing, SealError, Sealed};
pub use error::{Doing, StoreError};
pub use evidence::{Grant, GrantedExtent, StoredEvidence};
pub use item::{Digest, Home, ItemId, ItemSpec, ScratchKind, StoredItem};
pub use journal::RunKey;
pub use resume::{Check, Resumed};
pub use wipe::{Tally, WipeReport};
pub use writer::ItemWriter;

use crate::container::writer::Staging;
use book::{Begun, Book, Entry, Place};
use error::Fault;
use item::Extent;
use journal::Journal;
use keeper::Keeper;
use lane::{Class, Lane, lock};
use pipeline::Pipeline;
use std::{
    fs::{DirBuilder, File},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

const STAGING: &str = "zegel";
const JOURNAL: &str = "journaal";
const KLAD: &str = "klad";
/// Longest note in bytes: journal records are bounded, and a note is hex there.
pub const LONGEST_NOTE: usize = 1 << 20;
const LONGEST_RUN_ID: usize = 64;

/// Sizes of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreOptions {
    /// Plaintext bytes at which a part is closed. A crash loses at most this much of what is being written.
    pub part_bytes: u64,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { part_bytes: 64 << 20 }
    }
}

impl StoreOptions {
    /// For a run of about so many kept bytes: parts large enough that they fill about half of a container's entries.
    #[must_use]
    pub fn for_predicted(bytes: u64) -> Self {
        const PARTS: u64 = 400;
        let wanted = bytes.div_ceil(PARTS).max(Self::default().part_bytes);
        Self { part_bytes: wanted.checked_next_power_of_two().unwrap_or(u64::MAX) }
    }
}

/// The staging file and the lane that has an open part in it.
#[derive(Debug)]
struct Desk {
    staging: Option<Staging>,
    owner: Option<usize>,
}

/// What every handle and writer of a store shares. Locks are taken in the order of the fields, never the other way.
#[derive(Debug)]
struct Shared {
    dir: PathBuf,
    run: String,
    part_bytes: u64,
    lanes: Mutex<Vec<Arc<Mutex<Lane>>>>,
    desk: Mutex<Desk>,
    book: Mutex<Book>,
    fault: Fault,
    // Dropped in this order: the pipeline and the keeper end before the journal closes.
    pipeline: Pipeline,
    keeper: Keeper,
    journal: Arc<Mutex<Journal>>,
}

/// The work store of one run.
#[derive(Clone, Debug)]
pub struct WorkStore(Arc<Shared>);

impl WorkStore {
    /// Makes `dir` (mode 0700, must not exist; its parent must) and begins the run `run_id` in it: 1 to 64 of
    /// `A-Z a-z 0-9 - _ .`, no `.` first.
    ///
    /// When this returns, the store is durable: the key must be in the vault before it is called.
    pub fn create(dir: &Path, run_id: &str, key: &RunKey, options: StoreOptions) -> Result<Self, StoreError> {
        let making = |e: io::Error| match e.kind() {
            io::ErrorKind::AlreadyExists => StoreError::Exists,
            _ => StoreError::disk(Doing::Making, &e),
        };
        // As the header of a seal wants it; it is also the seal's file name.
        let lawful = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        if !(1..=LONGEST_RUN_ID).contains(&run_id.len()) || run_id.starts_with('.') || !run_id.bytes().all(lawful) {
            return Err(StoreError::RunId);
        }
        DirBuilder::new().mode(0o700).create(dir).map_err(making)?;
        let mut journal = Journal::create(&dir.join(JOURNAL), key)?;
        let staging = Staging::create(&dir.join(STAGING)).map_err(|e| StoreError::staging(Doing::Making, e))?;
        let begun = Begun { run: run_id.to_owned(), part_bytes: options.part_bytes.max(1) };
        staging.sync_data().map_err(|e| StoreError::staging(Doing::Syncing, e))?;
        journal.append(&Entry::Begun(&begun))?;
        journal.sync()?;
        for folder in [Some(dir), dir.parent().map(|p| if p.as_os_str().is_empty() { Path::new(".") } else { p })] {
            let Some(folder) = folder else { continue };
            File::open(folder).and_then(|f| f.sync_all()).map_err(|e| StoreError::disk(Doing::Syncing, &e))?;
        }
        Self::assemble(dir, begun, staging, journal, Book::default())
    }

    fn assemble(dir: &Path, begun: Begun, staging: Staging, journal: Journal, book: Book) -> Result<Self, StoreError> {
        let (fault, journal) = (Fault::default(), Arc::new(Mutex::new(journal)));
        Ok(Self(Arc::new(Shared {
            dir: dir.to_owned(),
            run: begun.run,
            part_bytes: begun.part_bytes,
            lanes: Mutex::default(),
            desk: Mutex::new(Desk { staging: Some(staging), owner: None }),
            book: Mutex::new(book),
            pipeline: Pipeline::start(&fault)?,
            keeper: Keeper::start(dir.to_owned(), Arc::clone(&journal), &fault)?,
            journal,
            fault,
        })))
    }

    #[must_use]
    pub fn run_id(&self) -> &str {
        &self.0.run
    }

    /// The store's folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.0.dir
    }

    /// Begins an item. Several may be written at once, up to 16, in any mix of homes.
    pub fn begin(&self, spec: ItemSpec) -> Result<ItemWriter, StoreError> {
        self.0.fault.check()?;
        if matches!(spec.home, Home::Kept(roles) if roles.is_empty()) {
            return Err(StoreError::NoRole);
        }
        let lane = self.0.take_lane(Class { home: spec.home, chunk: spec.chunk })?;
        match lock(&self.0.book).reserve(spec.home, &spec.name) {
            Ok(id) => Ok(ItemWriter::new(Arc::clone(&self.0), lane, id, spec)),
            Err(e) => {
                lock(&lane).busy = false;
                Err(e)
            }
        }
    }

    /// Every whole item, in the order in which they were begun.
    #[must_use]
    pub fn items(&self) -> Vec<StoredItem> {
        lock(&self.0.book).items.values().map(item::ItemRecord::stored).collect()
    }

    /// Drops a whole item. Scratch parts that hold nothing else are removed at once. Kept bytes lie in the staging file:
    /// at closing their part's key enters no index (what else the part holds moves to a new part), so they stay behind as
    /// ciphertext without a key.
    pub fn drop_item(&self, id: ItemId) -> Result<(), StoreError> {
        self.0.fault.check()?;
        if !lock(&self.0.book).items.contains_key(&id) {
            return Err(StoreError::UnknownItem);
        }
        // Journaled first: a part must not go while a resume would still list its item.
        self.0.journal_now(&Entry::Dropped(id))?;
        let parts: Vec<u32> =
            lock(&self.0.book).drop_item(id).map(|item| item.extents.iter().map(|e| e.part).collect()).unwrap_or_default();
        self.0.remove_dead_klads(&parts)
    }

    /// Journals opaque bytes of the engine (at most [`LONGEST_NOTE`]), durably. A resume hands them back in order.
    pub fn note(&self, bytes: &[u8]) -> Result<(), StoreError> {
        if bytes.len() > LONGEST_NOTE {
            return Err(StoreError::RecordTooLong(LONGEST_NOTE));
        }
        let text = zeroize::Zeroizing::new(hex::encode(bytes));
        self.0.journal_now(&Entry::Note(&text))
    }

    /// Closes the open parts and waits until all that is whole is durable: a crash from here on loses none of it.
    ///
    /// Each call cuts parts short, so call it at the end of a stage (databases are in), not after each item.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        self.0.close_parts(|_| true)?;
        self.0.keeper.barrier()
    }
}

fn klad_path(dir: &Path, number: u32) -> PathBuf {
    dir.join(format!("{KLAD}{number:07}"))
}

impl Shared {
    fn klad_path(&self, number: u32) -> PathBuf {
        klad_path(&self.dir, number)
    }

    /// Appends a record and waits until it is durable.
    fn journal_now(&self, record: &Entry<'_>) -> Result<(), StoreError> {
        self.fault.check()?;
        let mut journal = keeper::lock(&self.journal);
        let outcome = journal.append(record).and_then(|()| journal.sync());
        outcome.map_err(|e| match e {
            e @ StoreError::RecordTooLong(_) => e,
            e => self.fault.fatal(e),
        })
    }

    /// Closes the open parts that `which` names.
    fn close_parts(&self, which: impl Fn(u32) -> bool) -> Result<(), StoreError> {
        self.fault.check()?;
        let lanes: Vec<_> = lock(&self.lanes).iter().map(Arc::clone).collect();
        for lane in lanes {
            let mut lane = lock(&lane);
            if lane.open_part().is_some_and(&which) {
                lane.close_part(self)?;
            }
        }
        Ok(())
    }

    /// Closes those open parts that these extents lie in, so that they can be read.
    fn close_parts_of<'a>(&self, extents: impl Iterator<Item = &'a Extent>) -> Result<(), StoreError> {
        let wanted: std::collections::HashSet<u32> = extents.map(|extent| extent.part).collect();
        self.close_parts(|number| wanted.contains(&number))
    }
}

#[cfg(test)]
mod tests;
