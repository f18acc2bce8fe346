//! Evidence: named byte sources with random access, and SQLite read straight out of them.
//!
//! A readout, a folder of files, a zip, an iPhone backup folder and an unsealed role all look the same from here: a list of
//! [`Item`]s, each openable as a [`ReadAt`]. So an app reader works on all of them unchanged, and plaintext never needs a
//! file of its own. `seal` implements [`ReadAt`] over encrypted parts; `apps` consumes it; `phone` only speaks of
//! [`ItemName`]s and [`Pattern`]s. This room lies under them all (it is not in the first drawing of the house: readers
//! need the byte sources, and they may not know the seal).

mod cache;
mod database;
mod database_error;
mod file;
mod folder;
mod hardening;
mod inflated;
mod item;
mod journal;
mod memory;
mod one_file;
mod overlay;
mod pattern;
mod skipped;
mod source;
mod vfs;
mod wal;
mod window;
mod wipe;
mod zip;
mod zip_aes;
mod zip_directory;
mod zip_head;
mod zip_unlock;

pub use cache::{Chunk, ChunkCache, ChunkKey, DEFAULT_BUDGET, SourceId};
pub use database::{Column, Database};
pub use database_error::{Damage, DatabaseError, OpenError};
pub use file::FileSource;
pub use folder::{FolderError, FolderEvidence, MOST_ITEMS};
pub use hardening::Limits;
pub use item::{Item, ItemName, LONGEST_NAME, NameError};
pub use journal::{JournalEnd, JournalReport, SuperJournal};
pub use memory::MemoryEvidence;
pub use one_file::OneFile;
pub use overlay::{OverlayError, OverlayReport, overlay};
pub use pattern::{Pattern, PatternError};
pub use skipped::{SkipReason, Skipped};
pub use source::{Bytes, Evidence, EvidenceError, Hint, ReadAt, ReadAtExt, Reader};
pub use wal::{WalEnd, WalReport};
pub use wipe::wipe;
pub use zip::{ZipError, ZipEvidence, ZipLimits};
pub use zip_head::LockedHead;
pub use zip_unlock::ZipUnlockError;

/// A connection over `source` without any of the settings, so that a test can show that the file layer alone holds.
#[doc(hidden)]
pub fn bare_connection_for_tests(source: Bytes) -> rusqlite::Result<rusqlite::Connection> {
    vfs::connect(source)
}
