//! The container while it is being written: the staging file `<run>.partial/zegel`.
//!
//! The work store writes kept parts straight into it, so no kept byte is written twice: [`Staging::begin`] puts a
//! placeholder header down and says where the content begins, the store writes the content there from its own thread
//! ([`Staging::file`], `pwrite`), and [`Staging::finish_entry`] patches the header. Closing appends the small entries and
//! the directory. Nothing here syncs on its own but [`Staging::close`]: the store knows what its journal promised.

use super::{EntryName, EntryRecord, LARGEST_ENTRY, MIMETYPE, MOST_ENTRIES, wire};
use sha2::{Digest, Sha256};
use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::Path,
    sync::Arc,
};

/// Why the staging file could not be written on.
#[derive(Debug, thiserror::Error)]
pub enum StagingError {
    #[error("the staging file could not be written or read: {0}")]
    Io(#[from] io::Error),
    #[error("entry {0} comes too late: entries have a fixed order")]
    OutOfOrder(EntryName),
    #[error("a container holds at most {MOST_ENTRIES} entries")]
    TooManyEntries,
    #[error("an entry holds at most {LARGEST_ENTRY} bytes")]
    EntryTooLarge,
    #[error("an entry is still open")]
    EntryOpen,
    #[error("no entry is open")]
    NoEntryOpen,
    #[error("the container cannot be closed without {0}")]
    Missing(EntryName),
    /// What the journal says stands in the file does not stand there: the disk lost it.
    #[error("the staging file differs from its journal at offset {0}")]
    JournalDiffers(u64),
}

/// The staging file. One entry is open at a time.
#[derive(Debug)]
pub struct Staging {
    file: Arc<File>,
    entries: Vec<EntryRecord>,
    /// Where the next entry begins.
    end: u64,
    open: Option<EntryName>,
}

impl Staging {
    /// Makes a new file (mode 0600; refuses an existing one) that begins with the entry `mimetype`.
    pub fn create(path: &Path) -> Result<Self, StagingError> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
        let mut staging = Self { file: Arc::new(file), entries: Vec::new(), end: 0, open: None };
        staging.append_whole(EntryName::Mimetype, MIMETYPE)?;
        Ok(staging)
    }

    /// Takes an interrupted file up again. `entries` are those that the journal holds (`mimetype` included or left out),
    /// `keep_until` is where the last of them ends; what stands behind it is cut off. The headers are compared with the
    /// file; the contents are not, that is the journal's business.
    pub fn reopen(path: &Path, keep_until: u64, entries: Vec<EntryRecord>) -> Result<Self, StagingError> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let mut all = entries;
        if all.first().is_none_or(|first| first.name != EntryName::Mimetype) {
            all.insert(0, mimetype_record());
        }
        if all.len() > MOST_ENTRIES {
            return Err(StagingError::TooManyEntries);
        }
        let (mut end, mut last) = (0, None);
        for entry in &all {
            if entry.offset != end || last >= Some(entry.name) || entry.size > LARGEST_ENTRY {
                return Err(StagingError::JournalDiffers(entry.offset));
            }
            let size = u32::try_from(entry.size).map_err(|_| StagingError::EntryTooLarge)?;
            let wanted = wire::local_header(entry.name, Some((entry.crc32, size)));
            let mut found = vec![0; wanted.len()];
            file.read_exact_at(&mut found, end).map_err(|e| match e.kind() {
                io::ErrorKind::UnexpectedEof => StagingError::JournalDiffers(end),
                _ => e.into(),
            })?;
            if found != wanted {
                return Err(StagingError::JournalDiffers(end));
            }
            (end, last) = (entry.end(), Some(entry.name));
        }
        if end != keep_until || file.metadata()?.len() < end {
            return Err(StagingError::JournalDiffers(end));
        }
        file.set_len(end)?;
        Ok(Self { file: Arc::new(file), entries: all, end, open: None })
    }

    /// Begins an entry and says where its content begins. Order and number are checked here.
    pub fn begin(&mut self, name: EntryName) -> Result<u64, StagingError> {
        if self.open.is_some() {
            return Err(StagingError::EntryOpen);
        }
        if self.entries.last().is_some_and(|last| last.name >= name) {
            return Err(StagingError::OutOfOrder(name));
        }
        if self.entries.len() >= MOST_ENTRIES {
            return Err(StagingError::TooManyEntries);
        }
        let header = wire::local_header(name, None);
        self.file.write_all_at(&header, self.end)?;
        self.open = Some(name);
        Ok(self.end + header.len() as u64)
    }

    /// The file, for positioned writes of the open entry's content from another thread. Nothing else may be written.
    #[must_use]
    pub fn file(&self) -> &Arc<File> {
        &self.file
    }

    /// Finishes the open entry, whose content (`size` bytes) stands in the file, and patches its header.
    pub fn finish_entry(&mut self, size: u64, crc32: u32, sha256: [u8; 32]) -> Result<EntryRecord, StagingError> {
        let name = self.open.ok_or(StagingError::NoEntryOpen)?;
        let short = u32::try_from(size).ok().filter(|_| size <= LARGEST_ENTRY).ok_or(StagingError::EntryTooLarge)?;
        self.file.write_all_at(&wire::local_header(name, Some((crc32, short))), self.end)?;
        let entry = EntryRecord { name, offset: self.end, size, crc32, sha256 };
        self.end = entry.end();
        self.open = None;
        self.entries.push(entry.clone());
        Ok(entry)
    }

    /// Throws the open entry away, content and all.
    pub fn abandon_entry(&mut self) -> Result<(), StagingError> {
        self.open.take().ok_or(StagingError::NoEntryOpen)?;
        Ok(self.file.set_len(self.end)?)
    }

    /// Writes an entry whose content is at hand.
    pub fn append_whole(&mut self, name: EntryName, content: &[u8]) -> Result<EntryRecord, StagingError> {
        let at = self.begin(name)?;
        self.file.write_all_at(content, at)?;
        self.finish_entry(content.len() as u64, crc32fast::hash(content), Sha256::digest(content).into())
    }

    /// Finished entries in order, `mimetype` first.
    #[must_use]
    pub fn entries(&self) -> &[EntryRecord] {
        &self.entries
    }

    /// Where the next entry begins, which is also how much of the file is finished.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.end
    }

    /// `fdatasync`.
    pub fn sync_data(&self) -> Result<(), StagingError> {
        Ok(self.file.sync_data()?)
    }

    /// Writes the central directory and syncs. Returns the length of the container in bytes.
    ///
    /// The caller renames the file into place and syncs the folder.
    pub fn close(self) -> Result<u64, StagingError> {
        if self.open.is_some() {
            return Err(StagingError::EntryOpen);
        }
        for name in [EntryName::Header, EntryName::ReadMe, EntryName::Manifest, EntryName::Signature] {
            if !self.entries.iter().any(|entry| entry.name == name) {
                return Err(StagingError::Missing(name));
            }
        }
        let directory = wire::directory(&self.entries);
        let end = self.end + directory.len() as u64;
        self.file.write_all_at(&directory, self.end)?;
        // Something may have been written behind the last entry before it was finished.
        self.file.set_len(end)?;
        self.file.sync_all()?;
        Ok(end)
    }
}

fn mimetype_record() -> EntryRecord {
    EntryRecord {
        name: EntryName::Mimetype,
        offset: 0,
        size: MIMETYPE.len() as u64,
        crc32: crc32fast::hash(MIMETYPE),
        sha256: Sha256::digest(MIMETYPE).into(),
    }
}
