//! One file on this machine as evidence: a backup that somebody handed over as it is.

use crate::{Bytes, Evidence, EvidenceError, FileSource, Item, ItemName};
use std::{fmt, fs::File, io, os::unix::fs::MetadataExt, path::Path, sync::Arc};

/// A file, under its own name.
pub struct OneFile {
    item: Item,
    source: Bytes,
}

impl OneFile {
    /// Errors: those of the system; [`io::ErrorKind::InvalidInput`] if it is not a regular file, or if its name cannot be that of
    /// an item.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let file = File::open(&path)?;
        let modified = Some(file.metadata()?.mtime());
        let name = path.as_ref().file_name().and_then(|name| name.to_str()).and_then(|name| ItemName::new(name).ok());
        let name = name.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a file name that is refused"))?;
        let source: Bytes = Arc::new(FileSource::over(file)?);
        Ok(Self { item: Item { name, bytes: source.len(), modified }, source })
    }

    #[must_use]
    pub fn item(&self) -> &Item {
        &self.item
    }
}

impl Evidence for OneFile {
    fn items(&self) -> &[Item] {
        std::slice::from_ref(&self.item)
    }

    fn open(&self, name: &ItemName) -> Result<Bytes, EvidenceError> {
        if *name == self.item.name { Ok(Arc::clone(&self.source)) } else { Err(EvidenceError::Absent) }
    }
}

impl fmt::Debug for OneFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneFile").field("bytes", &self.item.bytes).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ReadAtExt;

    #[test]
    fn a_file_is_the_only_item_under_its_own_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kopie.dat");
        std::fs::write(&path, b"0123").unwrap();
        let one = OneFile::open(&path).unwrap();
        assert_eq!((one.items().len(), one.item().name.as_str(), one.item().bytes), (1, "kopie.dat", 4));
        assert!(one.item().modified.is_some());
        assert_eq!(Evidence::open(&one, &one.item().name).unwrap().read_all(9).unwrap(), b"0123");
        let other = Evidence::open(&one, &ItemName::new("kopie").unwrap());
        assert!(matches!(other, Err(EvidenceError::Absent)));
        assert!(OneFile::open(dir.path()).is_err() && OneFile::open(dir.path().join("weg")).is_err());
    }
}
