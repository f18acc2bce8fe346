//! A folder on this machine as evidence: what an engineer gives with `--from`, or an unpacked backup.
//!
//! Its makers may be hostile: a link in it must not lead out of it. So the folder is held open, everything in it is opened
//! relative to that handle, and the kernel is told to follow no link on the way (`openat2`).

use crate::{
    Bytes, Evidence, EvidenceError, FileSource, Item, ItemName,
    skipped::{SkipReason, Skipped},
};
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{self, AtFlags, Dir, FileType, Mode, OFlags, ResolveFlags},
    io::Errno,
};
use std::{fmt, fs::File, io, path::Path, sync::Arc};

/// More items than this in one folder is refused: the list is held in memory. A full phone has some 300,000 files.
pub const MOST_ITEMS: usize = 1_000_000;
/// The same for the bytes of all names together.
const MOST_NAME_BYTES: usize = 256 << 20;

/// Why a folder cannot be evidence.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("not a folder")]
    NotAFolder,
    /// More than [`MOST_ITEMS`], or names too long for their number.
    #[error("the folder holds more than {MOST_ITEMS} items")]
    TooManyItems,
    #[error("the folder could not be read: {0}")]
    Io(#[from] io::Error),
}

/// The regular files below one folder, by their relative names. Listed once, when opened.
pub struct FolderEvidence {
    root: OwnedFd,
    items: Vec<Item>,
    skipped: Skipped,
}

impl FolderEvidence {
    /// `path` itself may be a link: the engineer chose it. Nothing below it is followed.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, FolderError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = fs::open(path.as_ref(), flags, Mode::empty()).map_err(|errno| match errno {
            Errno::NOTDIR => FolderError::NotAFolder,
            errno => FolderError::Io(errno.into()),
        })?;
        let mut walk =
            Walk { root: root.as_fd(), items: Vec::new(), skipped: Skipped::default(), folders: Vec::new(), name_bytes: 0 };
        walk.enter(None, Dir::read_from(&root).map_err(io::Error::from)?)?;
        while let Some(folder) = walk.folders.pop() {
            match open_below(walk.root, &folder, OFlags::DIRECTORY).and_then(Dir::new) {
                Ok(dir) => walk.enter(Some(&folder), dir)?,
                Err(_) => walk.skipped.note(SkipReason::Unreadable, Some(folder)),
            }
        }
        let Walk { mut items, skipped, .. } = walk;
        items.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self { root, items, skipped })
    }

    /// What lies in the folder and is not among the items.
    #[must_use]
    pub fn skipped(&self) -> &Skipped {
        &self.skipped
    }
}

struct Walk<'a> {
    root: rustix::fd::BorrowedFd<'a>,
    items: Vec<Item>,
    skipped: Skipped,
    /// Still to be entered.
    folders: Vec<ItemName>,
    name_bytes: usize,
}

impl Walk<'_> {
    fn enter(&mut self, folder: Option<&ItemName>, mut dir: Dir) -> Result<(), FolderError> {
        while let Some(entry) = dir.read() {
            let Ok(entry) = entry else {
                self.skipped.note(SkipReason::Unreadable, folder.cloned());
                // A listing that fails goes on failing.
                return Ok(());
            };
            let raw = entry.file_name();
            if matches!(raw.to_bytes(), b"." | b"..") {
                continue;
            }
            let name = raw.to_str().ok().and_then(|last| match folder {
                Some(folder) => folder.join(last).ok(),
                None => ItemName::new(last).ok(),
            });
            let Some(name) = name else {
                self.skipped.note(SkipReason::Name, None);
                continue;
            };
            let Ok(stat) = dir.fd().and_then(|fd| fs::statat(fd, raw, AtFlags::SYMLINK_NOFOLLOW)) else {
                self.skipped.note(SkipReason::Unreadable, Some(name));
                continue;
            };
            self.name_bytes = self.name_bytes.saturating_add(name.as_str().len());
            match FileType::from_raw_mode(stat.st_mode) {
                FileType::RegularFile => {
                    let bytes = u64::try_from(stat.st_size).unwrap_or(0);
                    self.items.push(Item { name, bytes, modified: Some(stat.st_mtime) });
                }
                FileType::Directory => self.folders.push(name),
                FileType::Symlink => self.skipped.note(SkipReason::Symlink, Some(name)),
                _ => self.skipped.note(SkipReason::Special, Some(name)),
            }
            if self.items.len().saturating_add(self.folders.len()) > MOST_ITEMS || self.name_bytes > MOST_NAME_BYTES {
                return Err(FolderError::TooManyItems);
            }
        }
        Ok(())
    }
}

/// Opens `name` below `root`, following no link anywhere on the way and not waiting for a pipe.
fn open_below(root: impl AsFd, name: &ItemName, also: OFlags) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | also;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    fs::openat2(root, name.as_str(), flags, Mode::empty(), resolve)
}

impl Evidence for FolderEvidence {
    fn items(&self) -> &[Item] {
        &self.items
    }

    /// What is no regular file (any more), or has come to lie behind a link, is [`EvidenceError::Absent`].
    fn open(&self, name: &ItemName) -> Result<Bytes, EvidenceError> {
        let file = open_below(&self.root, name, OFlags::empty()).map_err(|errno| match errno {
            Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::XDEV | Errno::NXIO => EvidenceError::Absent,
            errno => EvidenceError::Io(errno.into()),
        })?;
        let source = FileSource::over(File::from(file)).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput => EvidenceError::Absent,
            _ => EvidenceError::Io(error),
        })?;
        Ok(Arc::new(source))
    }
}

impl fmt::Debug for FolderEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FolderEvidence").field("items", &self.items.len()).finish_non_exhaustive()
    }
}
