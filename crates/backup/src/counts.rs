//! What a backup holds and does not hold, by number: nothing is left out in silence.

use crate::Refusal;
use std::collections::BTreeMap;

/// Why a file that the list names cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Trouble {
    /// It is not there.
    Missing,
    /// It is stored with another number of bytes than its size asks for. In an encrypted backup it does not open; in another it
    /// is read as it is.
    Size,
    /// The row of an encrypted backup has no key.
    NoKey,
    /// Its key is under a class that the password did not open.
    Locked,
}

/// Counts over all rows, and over the wanted files among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub rows: u64,
    pub folders: u64,
    pub symlinks: u64,
    /// Rows of a kind that is not interpreted.
    pub other_rows: u64,
    /// Rows that could not be taken, whether wanted or not.
    pub refused: BTreeMap<Refusal, u64>,
    /// Files that were not asked for.
    pub unwanted: u64,
    /// Files that were asked for, with or without trouble.
    pub wanted: u64,
    /// Bytes of content of these.
    pub wanted_bytes: u64,
    /// Wanted files that cannot be read.
    pub trouble: BTreeMap<Trouble, u64>,
    /// Rows whose id is not the digest of their name; of 3,721 rows of a real phone none.
    pub odd_ids: u64,
    /// Stored files that no row names.
    pub without_row: u64,
}

impl Counts {
    #[must_use]
    pub fn refused(&self, why: Refusal) -> u64 {
        self.refused.get(&why).copied().unwrap_or_default()
    }

    #[must_use]
    pub fn trouble(&self, what: Trouble) -> u64 {
        self.trouble.get(&what).copied().unwrap_or_default()
    }

    /// Whether every file that was wanted is here, of the right size and with its key, and no row was refused.
    #[must_use]
    pub fn whole(&self) -> bool {
        self.trouble.is_empty() && self.refused.is_empty()
    }
}
