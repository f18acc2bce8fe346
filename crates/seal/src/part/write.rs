//! A part written in order on the caller's thread: for role indexes and tests. The work store has its own pipeline.

use super::{ChunkSealer, ChunkSize, HEADER_BYTES, PartError, PartHeader, PartKey, TAG_BYTES};
use sha2::{Digest, Sha256};
use std::{fmt, io};
use zeroize::Zeroizing;

/// What a finished part amounts to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartSummary {
    /// Plaintext bytes.
    pub plain: u64,
    /// Bytes of the whole part, header included.
    pub sealed: u64,
    /// SHA-256 of the whole part.
    pub sha256: [u8; 32],
    /// CRC-32 (that of ZIP) of the whole part.
    pub crc32: u32,
}

/// Encrypts what is written to it. Call [`PartWriter::finish`]: without it the part has no end and does not open.
pub struct PartWriter<W> {
    to: W,
    sealer: ChunkSealer,
    /// One chunk with room for its tag; `filled` of it are plaintext. A full chunk waits here until it is known whether
    /// another follows.
    slot: Zeroizing<Vec<u8>>,
    filled: usize,
    plain: u64,
    sealed: u64,
    sha256: Sha256,
    crc32: crc32fast::Hasher,
}

impl<W: io::Write> PartWriter<W> {
    /// Begins part `number` under `key`, which must be fresh, and writes its header.
    pub fn new(to: W, key: &PartKey, number: u32, chunk: ChunkSize) -> Result<Self, PartError> {
        Self::with_header(to, key, &PartHeader::random(number, chunk)?)
    }

    pub(super) fn with_header(to: W, key: &PartKey, header: &PartHeader) -> Result<Self, PartError> {
        let sealer = ChunkSealer::new(key, header)?;
        let mut writer = Self {
            to,
            slot: Zeroizing::new(vec![0; header.chunk.bytes() + TAG_BYTES]),
            sealer,
            filled: 0,
            plain: 0,
            sealed: 0,
            sha256: Sha256::new(),
            crc32: crc32fast::Hasher::new(),
        };
        let header: [u8; HEADER_BYTES] = *writer.sealer.header();
        writer.put(&header)?;
        Ok(writer)
    }

    /// Seals the last chunk and hands back the writer below, not yet flushed.
    pub fn finish(mut self) -> Result<(W, PartSummary), PartError> {
        self.seal_slot(true)?;
        let summary = PartSummary {
            plain: self.plain,
            sealed: self.sealed,
            sha256: self.sha256.finalize().into(),
            crc32: self.crc32.finalize(),
        };
        Ok((self.to, summary))
    }

    fn seal_slot(&mut self, last: bool) -> Result<(), PartError> {
        let Self { to, sealer, slot, filled, sha256, crc32, .. } = self;
        let used = slot.get_mut(..*filled + TAG_BYTES).ok_or(PartError::Length)?;
        sealer.seal(used, last)?;
        sha256.update(&*used);
        crc32.update(used);
        to.write_all(used)?;
        self.sealed += used.len() as u64;
        *filled = 0;
        Ok(())
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), PartError> {
        self.to.write_all(bytes)?;
        self.sha256.update(bytes);
        self.crc32.update(bytes);
        self.sealed += bytes.len() as u64;
        Ok(())
    }
}

impl<W: io::Write> io::Write for PartWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let room = self.slot.len().saturating_sub(TAG_BYTES);
        if self.filled == room {
            self.seal_slot(false)?;
        }
        let n = bytes.len().min(room - self.filled);
        if let (Some(to), Some(from)) = (self.slot.get_mut(self.filled..self.filled + n), bytes.get(..n)) {
            to.copy_from_slice(from);
        }
        self.filled += n;
        self.plain += n as u64;
        Ok(n)
    }

    /// Does not seal the waiting chunk: only a whole chunk or the end of the part is sealed.
    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl<W> fmt::Debug for PartWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartWriter").field("plain", &self.plain).finish_non_exhaustive()
    }
}
