//! Reading a container: a strict walk from the first byte to the last.
//!
//! The walk believes no length before it lies inside the file and renders each header to compare it, so two containers with
//! the same entries are the same bytes; nothing can hide before, between or behind them.

use super::{CENTRAL_LIMIT, EntryName, MIMETYPE, MOST_ENTRIES, diagnose, wire};
use crate::{cades::LARGEST_SIGNATURE, header::LARGEST_HEADER, index::LARGEST_INDEX, manifest::LARGEST_MANIFEST};
use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
};
use uitlezen_evidence::{Hint, ReadAt};

/// Largest key file and reading help in bytes.
const LARGEST_SMALL: u64 = 64 << 10;
/// Longest name of an entry in bytes.
const LONGEST_NAME: usize = 64;

/// Where and how the layout of a container departs from the format. Offsets are in the container.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutFault {
    #[error("this is not a sealed extraction")]
    NotAContainer,
    #[error("{count} bytes stand before the container")]
    Prepended { count: u64 },
    #[error("the first entry is not `mimetype` with the content that the format says")]
    Mimetype,
    #[error("the file ends within what begins at offset {offset}")]
    Truncated { offset: u64 },
    #[error("neither an entry nor the directory begins at offset {offset}")]
    NoEntryAt { offset: u64 },
    #[error("the header at offset {offset} is not in the form of this format")]
    HeaderForm { offset: u64 },
    #[error("the entry at offset {offset} has a name that this format does not have")]
    UnknownName { offset: u64 },
    #[error("entry {name} stands twice, again at offset {offset}")]
    NameTwice { name: EntryName, offset: u64 },
    #[error("entry {name} at offset {offset} is out of order")]
    OutOfOrder { name: EntryName, offset: u64 },
    #[error("entry {name} at offset {offset} is larger than it may be")]
    TooLarge { name: EntryName, offset: u64 },
    #[error("more than {MOST_ENTRIES} entries; the one too many begins at offset {offset}")]
    TooManyEntries { offset: u64 },
    #[error("there is no entry {name}")]
    Missing { name: EntryName },
    #[error("the directory (offset {offset}) names an entry that is not there")]
    DirectoryNamesMore { offset: u64 },
    #[error("the directory does not name entry {name}")]
    DirectoryOmits { name: EntryName },
    #[error("the directory at offset {offset} differs from entry {name}")]
    DirectoryDiffers { name: EntryName, offset: u64 },
    #[error("the end record differs from the format at offset {offset}")]
    EndDiffers { offset: u64 },
    #[error("bytes stand behind the end of the container, from offset {offset}")]
    Appended { offset: u64 },
}

/// Why a container could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the file could not be read: {0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Layout(#[from] LayoutFault),
}

/// One entry as its headers describe it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: EntryName,
    /// Of the local header.
    pub offset: u64,
    /// Of the content.
    pub data_offset: u64,
    pub size: u64,
    pub crc32: u32,
}

/// An open container whose layout is right. What its contents say is not known yet.
#[derive(Debug)]
pub struct Container {
    file: Arc<File>,
    path: PathBuf,
    len: u64,
    entries: Vec<Entry>,
}

impl Container {
    /// Opens a file and walks over it. Contents are not read, but for `mimetype`.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(LayoutFault::NotAContainer.into());
        }
        let mut container =
            Self { file: Arc::new(file), path: std::path::absolute(path)?, len: metadata.len(), entries: Vec::new() };
        let directory = container.walk()?;
        container.check_directory(directory)?;
        Ok(container)
    }

    /// In their order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    #[must_use]
    pub fn entry(&self, name: EntryName) -> Option<&Entry> {
        // Names ascend: the walk saw to it.
        self.entries.binary_search_by_key(&name, |entry| entry.name).ok().and_then(|n| self.entries.get(n))
    }

    /// Length of the file in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.len
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// The content of an entry as a byte source.
    #[must_use]
    pub fn source(&self, entry: &Entry) -> EntrySource {
        EntrySource { file: Arc::clone(&self.file), at: entry.data_offset, len: entry.size }
    }

    /// The whole content of a small entry; the walk bounded its size.
    pub fn content(&self, entry: &Entry) -> io::Result<Vec<u8>> {
        let mut content = vec![0; usize::try_from(entry.size).map_err(|_| io::ErrorKind::FileTooLarge)?];
        self.file.read_exact_at(&mut content, entry.data_offset)?;
        Ok(content)
    }

    /// Reads up to `most` bytes at `at`; fewer at the end of the file.
    fn peek(&self, at: u64, most: usize) -> io::Result<Vec<u8>> {
        let len = usize::try_from(self.len.saturating_sub(at)).unwrap_or(usize::MAX).min(most);
        let mut bytes = vec![0; len];
        self.file.read_exact_at(&mut bytes, at)?;
        Ok(bytes)
    }

    /// Walks over the local headers; says where the directory begins.
    fn walk(&mut self) -> Result<u64, OpenError> {
        let mut offset = 0;
        loop {
            let head = self.peek(offset, wire::LOCAL_FIXED + LONGEST_NAME)?;
            if offset > 0 && head.starts_with(&wire::CENTRAL_SIGNATURE) {
                break;
            }
            if offset == 0 && !head.starts_with(&wire::LOCAL_SIGNATURE) {
                return Err(self.not_at_the_beginning()?.into());
            }
            if head.len() < wire::LOCAL_FIXED {
                return Err(LayoutFault::Truncated { offset }.into());
            }
            let entry = self.entry_at(offset, &head)?;
            offset = entry.data_offset + entry.size;
            self.entries.push(entry);
        }
        let first = self.entries.first();
        let is_mimetype = |entry: &&Entry| entry.name == EntryName::Mimetype && entry.size == MIMETYPE.len() as u64;
        let Some(first) = first.filter(is_mimetype) else { return Err(LayoutFault::Mimetype.into()) };
        if self.content(first)? != MIMETYPE {
            return Err(LayoutFault::Mimetype.into());
        }
        for name in [EntryName::Header, EntryName::ReadMe, EntryName::Manifest, EntryName::Signature] {
            if self.entry(name).is_none() {
                return Err(LayoutFault::Missing { name }.into());
            }
        }
        Ok(offset)
    }

    fn entry_at(&self, offset: u64, head: &[u8]) -> Result<Entry, LayoutFault> {
        if !head.starts_with(&wire::LOCAL_SIGNATURE) {
            return Err(LayoutFault::NoEntryAt { offset });
        }
        if self.entries.len() >= MOST_ENTRIES {
            return Err(LayoutFault::TooManyEntries { offset });
        }
        let found = wire::LocalFields::read(head).ok_or(LayoutFault::Truncated { offset })?;
        let name = head
            .get(wire::LOCAL_FIXED..wire::LOCAL_FIXED + usize::from(found.name_len).min(LONGEST_NAME + 1))
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .and_then(EntryName::parse)
            .ok_or(LayoutFault::UnknownName { offset })?;
        let wanted = wire::local_header(name, Some((found.crc32, found.size)));
        if !head.starts_with(&wanted) || found.size == u32::MAX {
            // `mimetype` with an extra field or compressed deserves its own word: others read it first.
            return Err(if offset == 0 { LayoutFault::Mimetype } else { LayoutFault::HeaderForm { offset } });
        }
        if offset == 0 && name != EntryName::Mimetype {
            return Err(LayoutFault::Mimetype);
        }
        if self.entries.iter().any(|entry| entry.name == name) {
            return Err(LayoutFault::NameTwice { name, offset });
        }
        if self.entries.last().is_some_and(|last| last.name > name) {
            return Err(LayoutFault::OutOfOrder { name, offset });
        }
        let size = u64::from(found.size);
        if size > largest(name) {
            return Err(LayoutFault::TooLarge { name, offset });
        }
        let data_offset = offset + wanted.len() as u64;
        if data_offset.checked_add(size).is_none_or(|end| end > self.len) {
            return Err(LayoutFault::Truncated { offset });
        }
        Ok(Entry { name, offset, data_offset, size, crc32: found.crc32 })
    }

    fn not_at_the_beginning(&self) -> io::Result<LayoutFault> {
        let begin = self.peek(0, 1 << 16)?;
        let mimetype = wire::local_header(EntryName::Mimetype, Some((crc32fast::hash(MIMETYPE), MIMETYPE.len() as u32)));
        let at = begin.windows(mimetype.len()).position(|window| window == mimetype);
        Ok(at.map_or(LayoutFault::NotAContainer, |at| LayoutFault::Prepended { count: at as u64 }))
    }

    /// The directory and all behind it must be what the entries say, to the last byte of the file.
    fn check_directory(&self, at: u64) -> Result<(), OpenError> {
        let wanted = wire::directory(&self.entries);
        let found = self.peek(at, CENTRAL_LIMIT)?;
        if found == wanted { Ok(()) } else { Err(diagnose::directory(&self.entries, &wanted, &found, at).into()) }
    }
}

fn largest(name: EntryName) -> u64 {
    match name {
        EntryName::Mimetype | EntryName::Key { .. } | EntryName::ReadMe => LARGEST_SMALL,
        EntryName::Part(_) => super::LARGEST_ENTRY,
        // An index is a part: header, and a tag a chunk of at least 4 KiB.
        EntryName::Index(_) => LARGEST_INDEX + LARGEST_INDEX / 128,
        EntryName::Header => LARGEST_HEADER,
        EntryName::Manifest => LARGEST_MANIFEST,
        EntryName::Signature => LARGEST_SIGNATURE,
    }
}

/// The content of one entry, by positioned reads.
#[derive(Clone, Debug)]
pub struct EntrySource {
    file: Arc<File>,
    at: u64,
    len: u64,
}

impl ReadAt for EntrySource {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], _: &mut Hint) -> io::Result<()> {
        if pos.checked_add(buf.len() as u64).is_none_or(|end| end > self.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.file.read_exact_at(buf, self.at + pos)
    }
}
