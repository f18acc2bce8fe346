//! The end of a store, and the report of what went with it (wisverslag).
//!
//! Files are unlinked, not overwritten: what stands in them is ciphertext, and the keys go with the journal and the run
//! key. Overwriting would promise more than a flash disk keeps.

use super::{
    JOURNAL, KLAD, STAGING, WorkStore,
    book::Book,
    error::{Doing, StoreError},
    item::{Home, ScratchKind},
    lane::lock,
};
use serde::{Deserialize, Serialize};
use std::{fs, io, path::Path};

/// Items and their plaintext bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub items: u64,
    pub bytes: u64,
}

/// What was destroyed with a store. Counts only, no names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WipeReport {
    /// Scratch as it came from the phone.
    pub received: Tally,
    /// Scratch made from that.
    pub derived: Tally,
    /// Media to which no conversation in scope referred.
    pub undecided: Tally,
    /// Items that were meant for the seal: only when a store is discarded unsealed.
    pub kept: Tally,
    /// Begun and never finished, or dropped during the run.
    pub abandoned: Tally,
    /// Files removed, and their bytes.
    pub files: Tally,
}

impl WipeReport {
    /// Counts the items of a book; with `sealed` the kept ones live on.
    pub(super) fn of(book: &Book, sealed: bool) -> Self {
        let mut report = Self { abandoned: Tally { items: book.gone.items, bytes: book.gone.bytes }, ..Self::default() };
        for item in book.items.values() {
            let tally = match item.home {
                Home::Scratch(ScratchKind::Received) => &mut report.received,
                Home::Scratch(ScratchKind::Derived) => &mut report.derived,
                Home::Scratch(ScratchKind::Undecided) => &mut report.undecided,
                Home::Kept(_) if sealed => continue,
                Home::Kept(_) => &mut report.kept,
            };
            tally.items += 1;
            tally.bytes += item.bytes;
        }
        report
    }
}

impl WorkStore {
    /// Ends the run without a seal: every file of the store goes, and the folder. The caller destroys the run key.
    ///
    /// Writers that are still open end with an error.
    pub fn discard(self) -> Result<WipeReport, StoreError> {
        let report = WipeReport::of(&lock(&self.0.book), false);
        let _ = self.0.fault.fatal(StoreError::ThreadGone);
        lock(&self.0.desk).staging = None;
        let files = remove_store(&self.0.dir)?;
        Ok(WipeReport { files, ..report })
    }

    /// Whether a process works in the store in `dir` now. `false` also where there is none.
    #[must_use]
    pub fn is_in_use(dir: &Path) -> bool {
        let journal = fs::OpenOptions::new().read(true).write(true).open(dir.join(JOURNAL));
        journal.is_ok_and(|journal| matches!(journal.try_lock(), Err(fs::TryLockError::WouldBlock)))
    }

    /// Removes a store that nobody can or will open again. It needs no key and believes nothing that stands in it; files
    /// that are not a store's are left alone, and then the folder too.
    pub fn discard_at(dir: &Path) -> Result<Tally, StoreError> {
        remove_store(dir)
    }
}

/// Unlinks the files of a store and then the folder. The journal goes first: without it the rest is noise.
pub(super) fn remove_store(dir: &Path) -> Result<Tally, StoreError> {
    let wiping = |e: io::Error| StoreError::disk(Doing::Wiping, &e);
    let mut names = vec![JOURNAL.to_owned(), STAGING.to_owned()];
    for entry in fs::read_dir(dir).map_err(wiping)? {
        let name = entry.map_err(wiping)?.file_name();
        if let Some(name) = name.to_str()
            && name.strip_prefix(KLAD).is_some_and(|digits| digits.parse::<u32>().is_ok())
        {
            names.push(name.to_owned());
        }
    }
    let mut gone = Tally::default();
    for name in names {
        let path = dir.join(name);
        let bytes = match fs::symlink_metadata(&path) {
            Ok(found) => found.len(),
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(wiping(e)),
        };
        fs::remove_file(&path).map_err(wiping)?;
        gone.items += 1;
        gone.bytes += bytes;
    }
    match fs::remove_dir(dir) {
        Err(e) if e.kind() != io::ErrorKind::DirectoryNotEmpty => return Err(wiping(e)),
        _ => {}
    }
    let parent = dir.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(parent).and_then(|folder| folder.sync_all()).map_err(wiping)?;
    Ok(gone)
}
