//! What can go wrong in the work store, and the fault that ends a run.

use crate::{container::writer::StagingError, part::PartError};
use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// Why the work store could not do what was asked.
///
/// [`StoreError::DiskFull`] and [`StoreError::Disk`] end the run: after a failed write or sync nobody knows what stands on
/// the disk, so every later call gives the same answer. What the journal holds can be resumed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the disk is full")]
    DiskFull,
    #[error("the disk failed while {doing}: {kind}")]
    Disk { doing: Doing, kind: io::ErrorKind },
    #[error("a work store or seal of this name already stands there")]
    Exists,
    #[error("another process works in this store")]
    InUse,
    #[error("this is not a work store, or its first record is damaged or of another run key")]
    NotThisStore,
    #[error("nothing was ever written into this store")]
    NeverBegun,
    #[error("the store has no staging file: it was sealed, or never begun")]
    NoStaging,
    #[error("an item of this name is there already")]
    NameTaken,
    #[error("two of the chosen items have the same name")]
    NameTwice,
    #[error("no such item")]
    UnknownItem,
    #[error("items are still being written")]
    ItemsOpen,
    #[error("no more than {0} items can be written at once")]
    TooManyOpen(usize),
    #[error("the container would hold too many parts")]
    TooManyParts,
    #[error("a note or record holds at most {0} bytes")]
    RecordTooLong(usize),
    #[error("a run id is 1 to 64 letters, digits, `-`, `_` or `.`, not beginning with a dot")]
    RunId,
    #[error("a kept item needs at least one role")]
    NoRole,
    #[error("staging: {0}")]
    Staging(StagingError),
    #[error("part: {0}")]
    Part(PartError),
    #[error("a thread of the work store ended early")]
    ThreadGone,
}

/// What the store was doing when the disk failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    Making,
    Writing,
    Syncing,
    Journaling,
    Reading,
    Closing,
    Wiping,
}

impl std::fmt::Display for Doing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Making => "making files",
            Self::Writing => "writing a part",
            Self::Syncing => "syncing",
            Self::Journaling => "writing the journal",
            Self::Reading => "reading back",
            Self::Closing => "closing the seal",
            Self::Wiping => "removing the store",
        })
    }
}

impl StoreError {
    /// Sorts an I/O error: a full disk is told apart, since the person at the desk can do something about it.
    pub(crate) fn disk(doing: Doing, e: &io::Error) -> Self {
        match e.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            kind => Self::Disk { doing, kind },
        }
    }

    pub(super) fn staging(doing: Doing, e: StagingError) -> Self {
        match e {
            StagingError::Io(e) => Self::disk(doing, &e),
            StagingError::TooManyEntries => Self::TooManyParts,
            e => Self::Staging(e),
        }
    }

    pub(super) fn part(doing: Doing, e: PartError) -> Self {
        match e {
            PartError::Io(e) => Self::disk(doing, &e),
            e => Self::Part(e),
        }
    }

    /// The same answer again, for the sticky ones.
    fn again(&self) -> Option<Self> {
        match self {
            Self::DiskFull => Some(Self::DiskFull),
            Self::Disk { doing, kind } => Some(Self::Disk { doing: *doing, kind: *kind }),
            Self::ThreadGone => Some(Self::ThreadGone),
            Self::TooManyParts => Some(Self::TooManyParts),
            Self::NoStaging => Some(Self::NoStaging),
            _ => None,
        }
    }
}

impl From<StoreError> for io::Error {
    fn from(e: StoreError) -> Self {
        let kind = match &e {
            StoreError::DiskFull => io::ErrorKind::StorageFull,
            StoreError::Disk { kind, .. } => *kind,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, e)
    }
}

/// The first fault of the run, seen by every thread of the store.
#[derive(Clone, Debug, Default)]
pub(super) struct Fault(Arc<Told>);

#[derive(Debug, Default)]
struct Told {
    any: AtomicBool,
    first: Mutex<Option<StoreError>>,
}

impl Fault {
    pub(super) fn check(&self) -> Result<(), StoreError> {
        if !self.0.any.load(Ordering::Acquire) {
            return Ok(());
        }
        let first = self.0.first.lock().unwrap_or_else(PoisonError::into_inner);
        Err(first.as_ref().and_then(StoreError::again).unwrap_or(StoreError::ThreadGone))
    }

    /// Notes a fault that ends the run, and hands it on. Only the first is kept.
    pub(super) fn fatal(&self, e: StoreError) -> StoreError {
        let mut first = self.0.first.lock().unwrap_or_else(PoisonError::into_inner);
        if first.is_none() {
            *first = e.again().or(Some(StoreError::ThreadGone));
            self.0.any.store(true, Ordering::Release);
        }
        e
    }

    /// Why a channel to a thread of the store is closed.
    pub(super) fn why_gone(&self) -> StoreError {
        match self.check() {
            Err(e) => e,
            Ok(()) => self.fatal(StoreError::ThreadGone),
        }
    }
}
