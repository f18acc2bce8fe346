//! The canonical ZIP of `FORMAT.md` section 2: which entries there are, in which order, and the bytes around them.
//!
//! [`writer`] is used by the work store (kept parts go straight into the staging file) and by whoever closes a seal;
//! [`reader`] by verifying and opening. Both render headers with [`wire`], so there is one place that knows their bytes.

mod diagnose;
mod name;
pub mod reader;
mod wire;
pub mod writer;

pub use name::{EntryName, Half};

use serde::{Deserialize, Serialize};

/// Content of the entry `mimetype` (ETSI EN 319 162-1), 31 bytes, no line end.
pub const MIMETYPE: &[u8] = b"application/vnd.etsi.asic-e+zip";

/// Most entries of a container, all of them counted. Validators stop at 1,000 (`reference/seal.md` §1).
pub const MOST_ENTRIES: usize = 899;

/// Largest content of one entry in bytes: sizes stand in 32 bits and `FFFFFFFF` would announce ZIP64.
pub const LARGEST_ENTRY: u64 = 0xFFFF_FFFE;

/// More than the directory and end records of [`MOST_ENTRIES`] entries can take: what a reader looks at behind the entries.
const CENTRAL_LIMIT: usize = MOST_ENTRIES * 128 + 256;

/// One finished entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRecord {
    pub name: EntryName,
    /// Of the local header, in bytes from the beginning of the container.
    pub offset: u64,
    /// Of the content, in bytes.
    pub size: u64,
    pub crc32: u32,
    #[serde(with = "hex")]
    pub sha256: [u8; 32],
}

impl EntryRecord {
    /// Where the content begins.
    #[must_use]
    pub fn data_offset(&self) -> u64 {
        self.offset.saturating_add(wire::local_len(self.name))
    }

    /// Where the content ends; the next entry begins here.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.data_offset().saturating_add(self.size)
    }
}
