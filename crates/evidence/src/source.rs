//! Random access to bytes, whoever keeps them.

use crate::{Item, ItemName};
use std::{any::Any, fmt, io, sync::Arc};

/// What a source wants remembered between two reads of one opener, so that the next page of the same chunk needs no lock
/// and no second decryption. One per open file; a source puts in it what it likes.
#[derive(Default)]
pub struct Hint(Option<Box<dyn Any + Send>>);

impl Hint {
    pub fn get<T: Any + Send>(&self) -> Option<&T> {
        self.0.as_deref().and_then(|any| any.downcast_ref())
    }

    /// Takes the remembered `T` out, leaving the hint unset: for a source that lies over others and keeps a hint for each.
    pub fn take<T: Any + Send>(&mut self) -> Option<Box<T>> {
        self.0.take().and_then(|any| any.downcast().ok())
    }

    /// Puts back what [`Self::take`] gave.
    pub fn put<T: Any + Send>(&mut self, value: Box<T>) {
        self.0 = Some(value);
    }

    pub fn set<T: Any + Send>(&mut self, value: T) {
        self.0 = Some(Box::new(value));
    }
}

impl fmt::Debug for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Hint(set)" } else { "Hint(unset)" })
    }
}

/// A byte source of fixed length.
///
/// Errors: [`io::ErrorKind::InvalidData`] says that the bytes are there but damaged or forged (a failed authentication
/// tag); every other kind says that they could not be had.
pub trait ReadAt: Send + Sync + fmt::Debug {
    /// Length in bytes.
    fn len(&self) -> u64;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fills all of `buf` from `pos`, or fails; reading beyond the end is [`io::ErrorKind::UnexpectedEof`].
    fn read_at(&self, pos: u64, buf: &mut [u8], hint: &mut Hint) -> io::Result<()>;
}

/// A shared byte source.
pub type Bytes = Arc<dyn ReadAt>;

impl ReadAt for Vec<u8> {
    fn len(&self) -> u64 {
        self.as_slice().len() as u64
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], _: &mut Hint) -> io::Result<()> {
        let start = usize::try_from(pos).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        let from = start.checked_add(buf.len()).and_then(|end| self.get(start..end)).ok_or(io::ErrorKind::UnexpectedEof)?;
        buf.copy_from_slice(from);
        Ok(())
    }
}

/// Conveniences over any [`ReadAt`].
pub trait ReadAtExt {
    /// Reads at most `limit` bytes whole; longer sources are refused before anything is allocated.
    fn read_all(&self, limit: u64) -> io::Result<Vec<u8>>;
}

impl<T: ReadAt + ?Sized> ReadAtExt for T {
    fn read_all(&self, limit: u64) -> io::Result<Vec<u8>> {
        let len = self.len();
        if len > limit {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than its reader allows"));
        }
        let mut all = vec![0; usize::try_from(len).map_err(|_| io::ErrorKind::FileTooLarge)?];
        self.read_at(0, &mut all, &mut Hint::default())?;
        Ok(all)
    }
}

/// A [`ReadAt`] as a sequential [`io::Read`] and [`io::Seek`].
#[derive(Debug)]
pub struct Reader {
    source: Bytes,
    pos: u64,
    hint: Hint,
}

impl Reader {
    #[must_use]
    pub fn new(source: Bytes) -> Self {
        Self { source, pos: 0, hint: Hint::default() }
    }
}

impl io::Read for Reader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = self.source.len().saturating_sub(self.pos);
        let n = buf.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let Some(part) = buf.get_mut(..n).filter(|p| !p.is_empty()) else { return Ok(0) };
        self.source.read_at(self.pos, part, &mut self.hint)?;
        self.pos += n as u64;
        Ok(n)
    }
}

impl io::Seek for Reader {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        let at = match to {
            io::SeekFrom::Start(at) => Some(at),
            io::SeekFrom::End(by) => self.source.len().checked_add_signed(by),
            io::SeekFrom::Current(by) => self.pos.checked_add_signed(by),
        };
        self.pos = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.pos)
    }
}

/// Why an item could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    #[error("no such item")]
    Absent,
    #[error("the item could not be read: {0}")]
    Io(#[from] io::Error),
    #[error("the item is damaged: {0}")]
    Damaged(String),
}

/// A keeper of items.
pub trait Evidence: Send + Sync + fmt::Debug {
    /// Every item, sorted by name.
    fn items(&self) -> &[Item];

    fn open(&self, name: &ItemName) -> Result<Bytes, EvidenceError>;
}
