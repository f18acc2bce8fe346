//! A part as a byte source with random access.

use super::{ChunkSize, HEADER_BYTES, PartError, PartHeader, PartKey, TAG_BYTES, ahead, seal::ChunkCipher};
use std::{
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use uitlezen_evidence::{Bytes, Chunk, ChunkCache, Hint, ReadAt, SourceId};

/// The plaintext of one part over its ciphertext, a chunk at a time through the process' [`ChunkCache`].
pub struct PartReader {
    chunks: Arc<Chunks>,
    /// The chunk that was read last: the next one in order is a sign that the one after it is wanted too.
    last: AtomicU64,
}

/// The chunks of one part.
pub(super) struct Chunks {
    sealed: Bytes,
    with: ChunkCipher,
    chunk: ChunkSize,
    count: u64,
    plain: u64,
    cache: Arc<ChunkCache>,
    id: SourceId,
}

impl Chunks {
    /// Chunks that are read ahead together; 0 where the cache has no room for that.
    fn stride(&self) -> u64 {
        let stride = (ahead::BYTES >> self.chunk.log2()).max(1);
        if stride * self.chunk.bytes() * 8 <= self.cache.budget() { stride as u64 } else { 0 }
    }

    /// Puts some chunks into the cache, as far as they exist. A chunk that does not open is left to whoever asks for it.
    pub(super) fn prepare(&self, from: u64, count: u64) {
        for number in from..from.saturating_add(count).min(self.count) {
            if self.cache.get_or_fill((self.id, number), || self.decrypt(number)).is_err() {
                return;
            }
        }
    }

    fn at(&self, number: u64, hint: &mut Hint) -> io::Result<Arc<Chunk>> {
        self.cache.get_or_fill_with_hint((self.id, number), hint, || self.decrypt(number))
    }

    fn decrypt(&self, number: u64) -> io::Result<Chunk> {
        let last = number + 1 == self.count;
        let start = number << self.chunk.log2();
        let plain = self.plain.saturating_sub(start).min(self.chunk.bytes() as u64);
        let at = HEADER_BYTES as u64 + number * (self.chunk.bytes() + TAG_BYTES) as u64;
        let mut bytes = self.cache.buffer(usize::try_from(plain).unwrap_or(0) + TAG_BYTES);
        self.sealed.read_at(at, &mut bytes, &mut Hint::default())?;
        let counter = u32::try_from(number).map_err(|_| PartError::TooLong)?;
        self.with.open(counter, last, &mut bytes)?;
        let body = bytes.len().saturating_sub(TAG_BYTES);
        bytes.truncate(body);
        Ok(Chunk::from(bytes))
    }
}

impl Drop for Chunks {
    fn drop(&mut self) {
        self.cache.forget(self.id);
    }
}

impl PartReader {
    /// Opens part `number` whose bytes, all of them, are `sealed`.
    ///
    /// The last chunk is opened at once: it alone vouches for the length, which a reader would otherwise believe.
    pub fn open(sealed: Bytes, key: &PartKey, number: u32, cache: Arc<ChunkCache>) -> Result<Self, PartError> {
        let mut header = [0; HEADER_BYTES];
        if sealed.len() < (HEADER_BYTES + TAG_BYTES) as u64 {
            return Err(PartError::Length);
        }
        sealed.read_at(0, &mut header, &mut Hint::default())?;
        let header = PartHeader::decode(&header)?;
        if header.number != number {
            return Err(PartError::Number { expected: number, found: header.number });
        }
        let (plain, count) = header.chunk.plain_len(sealed.len()).ok_or(PartError::Length)?;
        let with = ChunkCipher::new(key, &header)?;
        let chunks = Chunks { sealed, with, chunk: header.chunk, count, plain, cache, id: SourceId::fresh() };
        match chunks.at(count - 1, &mut Hint::default()) {
            Ok(_) => Ok(Self { chunks: Arc::new(chunks), last: AtomicU64::new(u64::MAX) }),
            Err(e) if e.kind() == io::ErrorKind::InvalidData => Err(PartError::Forged),
            Err(e) => Err(PartError::Io(e)),
        }
    }

    #[must_use]
    pub fn chunk_size(&self) -> ChunkSize {
        self.chunks.chunk
    }

    /// The chunk; one that follows on the last has others prepared in time.
    fn chunk_at(&self, number: u64, hint: &mut Hint) -> io::Result<Arc<Chunk>> {
        let last = self.last.load(Ordering::Relaxed);
        if number != last {
            self.last.store(number, Ordering::Relaxed);
            let stride = self.chunks.stride();
            if number == last.wrapping_add(1) && stride > 0 && number.is_multiple_of(stride) {
                ahead::ask(&self.chunks, number + stride, stride);
            }
        }
        self.chunks.at(number, hint)
    }
}

impl ReadAt for PartReader {
    fn len(&self) -> u64 {
        self.chunks.plain
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], hint: &mut Hint) -> io::Result<()> {
        if pos.checked_add(buf.len() as u64).is_none_or(|end| end > self.chunks.plain) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (mut pos, mut rest) = (pos, buf);
        while !rest.is_empty() {
            let chunk = self.chunk_at(pos >> self.chunks.chunk.log2(), hint)?;
            let within = usize::try_from(pos % self.chunks.chunk.bytes() as u64).map_err(|_| io::ErrorKind::InvalidInput)?;
            let have = chunk.get(within..).unwrap_or_default();
            let n = have.len().min(rest.len());
            // `pos` is before the end, so its chunk reaches beyond it; no progress would mean a wrong length.
            if n == 0 {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let (now, later) = rest.split_at_mut(n);
            now.copy_from_slice(have.get(..n).unwrap_or_default());
            rest = later;
            pos += n as u64;
        }
        Ok(())
    }
}

impl fmt::Debug for PartReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartReader").field("plain", &self.chunks.plain).field("chunk", &self.chunks.chunk).finish_non_exhaustive()
    }
}
