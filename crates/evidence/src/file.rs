//! A file on this machine as a byte source: what an engineer hands in with `--from`, and the sealed container itself.

use crate::{Hint, ReadAt};
use std::{fs::File, io, os::unix::fs::FileExt, path::Path};

/// A regular file, read with `pread`. Its length is the one it had when it was opened: a file that grows afterwards does not
/// grow here, one that shrinks gives [`io::ErrorKind::UnexpectedEof`].
#[derive(Debug)]
pub struct FileSource {
    file: File,
    len: u64,
}

impl FileSource {
    /// Opens `path` for reading. Errors: those of the system; [`io::ErrorKind::InvalidInput`] if it is not a regular file.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::over(File::open(path)?)
    }

    /// Takes an open file, of which nothing but its bytes and its length are used (not its position).
    pub fn over(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        Ok(Self { len: metadata.len(), file })
    }
}

impl ReadAt for FileSource {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], _: &mut Hint) -> io::Result<()> {
        if pos.checked_add(buf.len() as u64).is_none_or(|end| end > self.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.file.read_exact_at(buf, pos)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn the_length_is_that_of_the_opening_and_nothing_beyond_it_is_read() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"0123456789").unwrap();
        let source = FileSource::open(file.path()).unwrap();
        file.write_all(b"more").unwrap();
        let mut buf = [0; 4];
        source.read_at(6, &mut buf, &mut Hint::default()).unwrap();
        assert_eq!((source.len(), &buf), (10, b"6789"));
        let beyond = source.read_at(7, &mut buf, &mut Hint::default()).unwrap_err();
        assert_eq!(beyond.kind(), io::ErrorKind::UnexpectedEof);
        assert!(source.read_at(u64::MAX, &mut buf, &mut Hint::default()).is_err());
        file.as_file().set_len(3).unwrap();
        let shrunk = source.read_at(0, &mut buf, &mut Hint::default()).unwrap_err();
        assert_eq!(shrunk.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_folder_is_not_a_file() {
        assert!(FileSource::open(std::env::temp_dir()).is_err());
    }
}
