//! One chunk at a time, sealed or opened in place. Only this file makes nonces.

use super::{HEADER_BYTES, PartError, PartHeader, PartKey, TAG_BYTES};
use aes_gcm::{AeadInOut, Aes256Gcm};
use std::fmt;

/// A chunk's nonce: 7-byte prefix of the part, chunk number, last-chunk flag.
#[derive(Clone, Copy)]
struct Nonce([u8; 12]);

impl Nonce {
    fn new(prefix: &[u8; 7], chunk: u32, last: bool) -> Self {
        let [a, b, c, d, e, f, g] = *prefix;
        let [h, i, j, k] = chunk.to_be_bytes();
        Self([a, b, c, d, e, f, g, h, i, j, k, u8::from(last)])
    }
}

/// The cipher of one part, for chunks in any order: opening.
pub(super) struct ChunkCipher {
    cipher: Aes256Gcm,
    prefix: [u8; 7],
    header: [u8; HEADER_BYTES],
}

impl ChunkCipher {
    pub(super) fn new(key: &PartKey, header: &PartHeader) -> Result<Self, PartError> {
        let (cipher, prefix) = key.derive(&header.salt)?;
        Ok(Self { cipher, prefix, header: header.encode() })
    }

    /// Opens `chunk` (body and tag) in place. On failure the bytes are still ciphertext: nothing is decrypted before the
    /// tag held.
    pub(super) fn open(&self, number: u32, last: bool, chunk: &mut [u8]) -> Result<(), PartError> {
        let Some((body, tag)) = chunk.split_last_chunk_mut::<TAG_BYTES>() else { return Err(PartError::Length) };
        let nonce = Nonce::new(&self.prefix, number, last).0.into();
        self.cipher.decrypt_inout_detached(&nonce, &self.header, body.into(), &(*tag).into()).map_err(|_| PartError::Forged)
    }
}

/// Seals the chunks of one part in order. It cannot go back and it ends with the last chunk, so no nonce comes twice.
pub(crate) struct ChunkSealer {
    with: ChunkCipher,
    /// Number of the next chunk; none after the last.
    next: Option<u32>,
}

impl ChunkSealer {
    /// `header` must be of a fresh salt or `key` fresh: use each pair for one part only.
    pub(crate) fn new(key: &PartKey, header: &PartHeader) -> Result<Self, PartError> {
        Ok(Self { with: ChunkCipher::new(key, header)?, next: Some(0) })
    }

    pub(crate) fn header(&self) -> &[u8; HEADER_BYTES] {
        &self.with.header
    }

    /// Seals a chunk in place: `slot` is the plaintext with room for the tag behind it.
    ///
    /// After the chunk with `last`, or after 2^32 chunks, every call fails.
    pub(crate) fn seal(&mut self, slot: &mut [u8], last: bool) -> Result<(), PartError> {
        let number = self.next.take().ok_or(PartError::TooLong)?;
        let Some((body, tag)) = slot.split_last_chunk_mut::<TAG_BYTES>() else { return Err(PartError::Length) };
        let nonce = Nonce::new(&self.with.prefix, number, last).0.into();
        let made =
            self.with.cipher.encrypt_inout_detached(&nonce, &self.with.header, body.into()).map_err(|_| PartError::TooLong)?;
        tag.copy_from_slice(&made);
        self.next = if last { None } else { number.checked_add(1) };
        Ok(())
    }
}

impl fmt::Debug for ChunkSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChunkSealer(next chunk {:?})", self.next)
    }
}

impl fmt::Debug for ChunkCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChunkCipher(secret)")
    }
}
