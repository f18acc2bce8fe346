//! The files that records name, out of the backup: decrypted as they are read, checked before a byte is given.
//!
//! A record names a file by where it lies in the backup: `files/ab/ab…` in the shared folder, `attachment/12` in a backup file.
//! Whoever wants the bytes asks here by that name. Keys of files stay in this index and are wiped with it.

use super::{folder::Files, legacy::Store};
use crate::{MediaRefused, ReadError};
use foldhash::HashMap;
use std::sync::Arc;
use uitlezen_evidence::Bytes;
use uitlezen_protobuf::{Kind, Record, Value};
use uitlezen_signal_backup::folder::{
    Limits, Main,
    media::{Locator, MediaError},
};

/// Files that are kept track of: some 200 bytes each.
const MOST: usize = 400_000;

/// Files of a backup folder, by the names that records have for them.
#[derive(Debug, Default)]
pub struct FolderMedia {
    by_path: HashMap<String, Locator>,
    /// Of those, the ones that hold a text.
    texts: Vec<String>,
    /// Beyond what is kept track of.
    pub refused: u64,
}

impl FolderMedia {
    /// Goes over all frames once. View-once media are not among them: they are never read out.
    ///
    /// # Errors
    /// When the frames end in damage: what came before is in the index all the same, so it comes along.
    pub fn collect(main: &Main) -> (Self, Result<(), ReadError>) {
        let mut media = Self::default();
        let mut frames = main.frames(Limits::default());
        let mut gone = frames.info().map(|_| ()).map_err(ReadError::from);
        while gone.is_ok() {
            match frames.next() {
                Ok(Some(frame)) => {
                    if let Some(item) = frame.message("chatItem") {
                        media.of(&item, 0);
                    }
                }
                Ok(None) => break,
                Err(error) => gone = Err(error.into()),
            }
        }
        (media, gone)
    }

    fn of(&mut self, record: &Record<'_>, depth: u32) {
        match record.schema().name {
            "ViewOnceMessage" => return,
            "FilePointer" => {
                let Some(locator) = Locator::of(record) else { return };
                if self.by_path.len() < MOST {
                    self.by_path.insert(super::folder::path(&locator.name()), locator);
                } else {
                    self.refused += 1;
                }
                return;
            }
            _ => {}
        }
        if depth > 16 {
            return;
        }
        for (entry, value) in record.fields() {
            if let (Kind::Message(schema), Value::Bytes(inner)) = (entry.kind, value) {
                let inner = Record::new(schema, inner);
                if entry.name == "longText"
                    && let Some(locator) = Locator::of(&inner).filter(|_| self.texts.len() < MOST)
                {
                    self.texts.push(super::folder::path(&locator.name()));
                }
                self.of(&inner, depth + 1);
            }
        }
    }

    /// Files that hold the text of a message: they belong to a reading, not to its media.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// Files that messages name.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_path.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }

    /// The content of the file that a record names so.
    ///
    /// # Errors
    /// Why there is none.
    pub fn open(&self, path: &str, files: &dyn Files) -> Result<Bytes, MediaRefused> {
        let locator = self.by_path.get(path).ok_or(MediaRefused::Unknown)?;
        let stored = files.file(&locator.name()).ok_or(MediaRefused::Missing)?;
        match locator.open(stored) {
            Ok(content) => Ok(Arc::new(content)),
            Err(MediaError::Io(_)) => Err(MediaRefused::Unreadable),
            Err(_) => Err(MediaRefused::Damaged),
        }
    }
}

/// The content of the attachment that a record of a backup file names so.
///
/// # Errors
/// Why there is none.
pub fn of_file(store: &Store, path: &str) -> Result<Bytes, MediaRefused> {
    let row = path.split_once('/').filter(|(table, _)| matches!(*table, "attachment" | "part"));
    let row = row.and_then(|(_, row)| row.parse().ok()).ok_or(MediaRefused::Unknown)?;
    let (blob, whole) = store.blob(row).ok_or(MediaRefused::Missing)?;
    // It was checked when the backup was taken in, and the store has read from nothing else since.
    if whole { Ok(Arc::new(store.unlocked().checked_blob(blob))) } else { Err(MediaRefused::Damaged) }
}
