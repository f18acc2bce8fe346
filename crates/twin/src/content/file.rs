//! A file on the virtual phone: bytes that exist only while somebody reads them.

use super::dice::noise_at;
use super::media::Media;
use std::fmt;
use std::sync::Arc;

/// A file as the phone lists and serves it.
#[derive(Clone)]
pub struct VirtualFile {
    len: u64,
    /// Unix seconds.
    mtime: i64,
    body: Body,
}

#[derive(Clone)]
enum Body {
    Memory(Arc<[u8]>),
    Media(Arc<Media>),
    Noise([u8; 32]),
}

impl VirtualFile {
    /// A file whose bytes are held in memory; for databases.
    pub fn from_bytes(bytes: impl Into<Arc<[u8]>>, mtime: i64) -> Self {
        let bytes = bytes.into();
        Self { len: bytes.len() as u64, mtime, body: Body::Memory(bytes) }
    }

    pub(crate) fn from_media(media: Arc<Media>, mtime: i64) -> Self {
        Self { len: media.len(), mtime, body: Body::Media(media) }
    }

    /// A file of any length (also beyond 4 GiB) filled with the keystream of `key`. Costs no memory.
    #[must_use]
    pub fn noise(key: [u8; 32], len: u64, mtime: i64) -> Self {
        Self { len, mtime, body: Body::Noise(key) }
    }

    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Unix seconds.
    #[must_use]
    pub fn mtime(&self) -> i64 {
        self.mtime
    }

    /// Bytes from `pos` on into `buf`; returns how many, 0 at or beyond the end. Fewer than `buf.len()` only at the end.
    pub fn read_at(&self, pos: u64, buf: &mut [u8]) -> usize {
        let left = usize::try_from(self.len.saturating_sub(pos)).unwrap_or(usize::MAX);
        let n = left.min(buf.len());
        let Some(out) = buf.get_mut(..n) else { return 0 };
        match &self.body {
            Body::Memory(bytes) => {
                let start = usize::try_from(pos).unwrap_or(usize::MAX);
                if let Some(from) = bytes.get(start..start.saturating_add(n)) {
                    out.copy_from_slice(from);
                }
            }
            Body::Media(media) => media.read_at(pos, out),
            Body::Noise(key) => noise_at(*key, pos, out),
        }
        n
    }

    /// The whole in memory; for small files in tests.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = vec![0; usize::try_from(self.len).unwrap_or(0)];
        self.read_at(0, &mut out);
        out
    }
}

impl fmt::Debug for VirtualFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualFile").field("len", &self.len).field("mtime", &self.mtime).finish_non_exhaustive()
    }
}

impl crate::FileBytes for VirtualFile {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, pos: u64, buf: &mut [u8]) -> std::io::Result<()> {
        if Self::read_at(self, pos, buf) == buf.len() { Ok(()) } else { Err(std::io::ErrorKind::UnexpectedEof.into()) }
    }
}

/// As the content of a file in a backup.
impl uitlezen_evidence::ReadAt for VirtualFile {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], _: &mut uitlezen_evidence::Hint) -> std::io::Result<()> {
        crate::FileBytes::read_at(self, pos, buf)
    }
}
