//! A part as a byte source with random access.

use super::{ChunkSize, HEADER_BYTES, PartError, PartHeader, PartKey, TAG_BYTES, seal::ChunkCipher};
use std::{fmt, io, sync::Arc};
use uitlezen_evidence::{Bytes, Chunk, ChunkCache, Hint, ReadAt, SourceId};

/// The plaintext of one part over its ciphertext, a chunk at a time through the process' [`ChunkCache`].
pub struct PartReader {
    sealed: Bytes,
    with: ChunkCipher,
    chunk: ChunkSize,
    chunks: u64,
    plain: u64,
    cache: Arc<ChunkCache>,
    id: SourceId,
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
        let (plain, chunks) = header.chunk.plain_len(sealed.len()).ok_or(PartError::Length)?;
        let with = ChunkCipher::new(key, &header)?;
        let reader = Self { sealed, with, chunk: header.chunk, chunks, plain, cache, id: SourceId::fresh() };
        match reader.chunk_at(chunks - 1, &mut Hint::default()) {
            Ok(_) => Ok(reader),
            Err(e) if e.kind() == io::ErrorKind::InvalidData => Err(PartError::Forged),
            Err(e) => Err(PartError::Io(e)),
        }
    }

    #[must_use]
    pub fn chunk_size(&self) -> ChunkSize {
        self.chunk
    }

    fn chunk_at(&self, number: u64, hint: &mut Hint) -> io::Result<Arc<Chunk>> {
        self.cache.get_or_fill_with_hint((self.id, number), hint, || self.decrypt(number))
    }

    fn decrypt(&self, number: u64) -> io::Result<Chunk> {
        let last = number + 1 == self.chunks;
        let start = number << self.chunk.log2();
        let plain = self.plain.saturating_sub(start).min(self.chunk.bytes() as u64);
        let at = HEADER_BYTES as u64 + number * (self.chunk.bytes() + TAG_BYTES) as u64;
        let mut bytes = zeroize::Zeroizing::new(vec![0; usize::try_from(plain).unwrap_or(0) + TAG_BYTES]);
        self.sealed.read_at(at, &mut bytes, &mut Hint::default())?;
        let counter = u32::try_from(number).map_err(|_| PartError::TooLong)?;
        self.with.open(counter, last, &mut bytes)?;
        let body = bytes.len().saturating_sub(TAG_BYTES);
        bytes.truncate(body);
        Ok(Chunk::from(bytes))
    }
}

impl ReadAt for PartReader {
    fn len(&self) -> u64 {
        self.plain
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], hint: &mut Hint) -> io::Result<()> {
        if pos.checked_add(buf.len() as u64).is_none_or(|end| end > self.plain) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (mut pos, mut rest) = (pos, buf);
        while !rest.is_empty() {
            let chunk = self.chunk_at(pos >> self.chunk.log2(), hint)?;
            let within = usize::try_from(pos % self.chunk.bytes() as u64).map_err(|_| io::ErrorKind::InvalidInput)?;
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

impl Drop for PartReader {
    fn drop(&mut self) {
        self.cache.forget(self.id);
    }
}

impl fmt::Debug for PartReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartReader").field("plain", &self.plain).field("chunk", &self.chunk).finish_non_exhaustive()
    }
}
