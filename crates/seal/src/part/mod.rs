//! A part: one encrypted stream, the unit of the work store and one entry of a container (FORMAT.md, "Part").
//!
//! A part is a 64-byte header and a row of chunks, each AES-256-GCM sealed under a key that no other part has. Every chunk
//! but the last holds exactly [`ChunkSize::bytes`] of plaintext, so a byte's place follows from its offset, and any chunk
//! opens alone. The header is the associated data of every chunk; the last chunk says in its nonce that it is the last
//! (the STREAM construction; byte for byte `StreamBE32` of the `aead-stream` crate), so a cut, swapped, doubled or
//! lengthened part fails to open.
//!
//! What must never be repeated is a pair of key and nonce. It cannot be: a [`PartKey`] is drawn fresh for each part, the
//! counter only grows, and a part that a crash left torn is thrown away, never continued.
//!
//! Called by `store` (through its pipeline), by `index` (role indexes are parts too) and by `open`.

mod ahead;
mod read;
mod seal;
pub(crate) mod secret_hex;
mod write;

pub use read::PartReader;
pub(crate) use seal::ChunkSealer;
pub use write::{PartSummary, PartWriter};

use aes_gcm::{Aes256Gcm, KeyInit};
use hkdf::Hkdf;
use secrecy::{ExposeSecret, SecretBox};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::{fmt, io};
use zeroize::{Zeroize, Zeroizing};

/// Bytes of the header, and so where the first chunk begins.
pub const HEADER_BYTES: usize = 64;
/// Bytes of the authentication tag behind each chunk.
pub const TAG_BYTES: usize = 16;
/// Longest plaintext of one part: 2^32 chunks are counted, the smallest of them 4 KiB.
const MOST_CHUNKS: u64 = 1 << 32;
const MAGIC: &[u8; 8] = b"UITLSEG1";
const VERSION: u8 = 1;
const SEGMENT_INFO: &[u8] = b"uitlezing/1 segment";

/// Why a part could not be written or opened.
#[derive(Debug, thiserror::Error)]
pub enum PartError {
    #[error("this is not a part")]
    NotAPart,
    #[error("version {0} of the part format is not known here")]
    Version(u8),
    #[error("2^{0} is no chunk size: 2^12 to 2^20 are")]
    ChunkSize(u8),
    #[error("reserved bytes of the part header are not zero")]
    Reserved,
    #[error("part {found} stands where part {expected} belongs")]
    Number { expected: u32, found: u32 },
    #[error("no part has this length")]
    Length,
    #[error("a chunk does not open: damaged, forged, or another key")]
    Forged,
    #[error("a part holds no more than 2^32 chunks")]
    TooLong,
    #[error("the part could not be read or written: {0}")]
    Io(#[from] io::Error),
}

impl From<PartError> for io::Error {
    /// Damage is [`io::ErrorKind::InvalidData`], as [`uitlezen_evidence::ReadAt`] wants it.
    fn from(e: PartError) -> Self {
        match e {
            PartError::Io(e) => e,
            PartError::TooLong => Self::new(io::ErrorKind::FileTooLarge, e),
            e => Self::new(io::ErrorKind::InvalidData, e),
        }
    }
}

/// The secret of one part: 32 random bytes, from which the AES key and the nonce prefix follow.
pub struct PartKey(SecretBox<[u8; 32]>);

impl PartKey {
    /// A fresh key from the system's generator; fails only where the system has none.
    pub fn random() -> io::Result<Self> {
        random_secret().map(Self)
    }

    /// Takes the key over; the caller's copy is wiped.
    #[must_use]
    pub fn from_bytes(bytes: &mut [u8; 32]) -> Self {
        let key = SecretBox::init_with_mut(|k: &mut [u8; 32]| k.copy_from_slice(bytes));
        bytes.zeroize();
        Self(key)
    }

    /// For the two places where a key may go: a role's encrypted index and a grant to a reader child.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }

    /// AES-256 key (32 bytes) and nonce prefix (7 bytes) for a part with this salt.
    fn derive(&self, salt: &[u8; 32]) -> Result<(Aes256Gcm, [u8; 7]), PartError> {
        let mut okm = Zeroizing::new([0; 39]);
        // 39 bytes are well under HKDF's limit and 32 are AES-256's key length: neither can fail, and neither may panic.
        Hkdf::<Sha256>::new(Some(salt), self.expose()).expand(SEGMENT_INFO, okm.as_mut()).map_err(|_| PartError::Length)?;
        let (key, prefix) = okm.split_first_chunk::<32>().ok_or(PartError::Length)?;
        let cipher = Aes256Gcm::new_from_slice(key).map_err(|_| PartError::Length)?;
        Ok((cipher, prefix.try_into().map_err(|_| PartError::Length)?))
    }
}

impl Clone for PartKey {
    fn clone(&self) -> Self {
        Self(SecretBox::init_with_mut(|k: &mut [u8; 32]| k.copy_from_slice(self.expose())))
    }
}

impl fmt::Debug for PartKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PartKey(secret)")
    }
}

/// 32 random bytes that never stand anywhere else in memory.
pub(crate) fn random_secret() -> io::Result<SecretBox<[u8; 32]>> {
    let mut outcome = Ok(());
    let secret = SecretBox::init_with_mut(|k: &mut [u8; 32]| outcome = getrandom::fill(k));
    outcome.map_err(|e| io::Error::other(format!("no random bytes from the system: {e}")))?;
    Ok(secret)
}

/// Plaintext bytes in a chunk: a power of two from 4 KiB to 1 MiB.
///
/// Small chunks serve random access (a database page), large ones cost less for media.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct ChunkSize(u8);

impl TryFrom<u8> for ChunkSize {
    type Error = PartError;
    fn try_from(log2: u8) -> Result<Self, PartError> {
        Self::from_log2(log2)
    }
}

impl From<ChunkSize> for u8 {
    fn from(chunk: ChunkSize) -> Self {
        chunk.log2()
    }
}

impl ChunkSize {
    /// 16 KiB: for databases that are read a page at a time.
    pub const RANDOM_ACCESS: Self = Self(14);
    /// 64 KiB: for what is read once, in order.
    pub const STREAM: Self = Self(16);
    /// 256 KiB: for media.
    pub const MEDIA: Self = Self(18);

    /// `log2` from 12 to 20.
    pub fn from_log2(log2: u8) -> Result<Self, PartError> {
        if (12..=20).contains(&log2) { Ok(Self(log2)) } else { Err(PartError::ChunkSize(log2)) }
    }

    #[must_use]
    pub const fn log2(self) -> u8 {
        self.0
    }

    #[must_use]
    pub const fn bytes(self) -> usize {
        1 << self.0
    }

    /// Length of the whole part for so much plaintext; none above 2^32 chunks.
    #[must_use]
    pub fn sealed_len(self, plain: u64) -> Option<u64> {
        let chunks = plain.div_ceil(self.bytes() as u64).max(1);
        if chunks > MOST_CHUNKS {
            return None;
        }
        Some(HEADER_BYTES as u64 + plain + chunks * TAG_BYTES as u64)
    }

    /// Plaintext bytes and chunks in a part of this length; none where no part has it.
    #[must_use]
    pub fn plain_len(self, sealed: u64) -> Option<(u64, u64)> {
        let body = sealed.checked_sub(HEADER_BYTES as u64)?;
        let chunks = body.div_ceil(self.bytes() as u64 + TAG_BYTES as u64).max(1);
        let plain = body.checked_sub(chunks.checked_mul(TAG_BYTES as u64)?)?;
        // An empty last chunk stands only in an empty part.
        (self.sealed_len(plain) == Some(sealed)).then_some((plain, chunks))
    }
}

/// What stands in the clear before the chunks, and is authenticated with each of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartHeader {
    pub chunk: ChunkSize,
    pub number: u32,
    pub salt: [u8; 32],
}

impl PartHeader {
    /// A header with a fresh salt.
    pub fn random(number: u32, chunk: ChunkSize) -> io::Result<Self> {
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).map_err(|e| io::Error::other(format!("no random bytes from the system: {e}")))?;
        Ok(Self { chunk, number, salt })
    }

    #[must_use]
    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut header = [0; HEADER_BYTES];
        let fields: [(usize, &[u8]); 4] =
            [(0, MAGIC), (8, &[VERSION, self.chunk.log2(), 0, 0]), (12, &self.number.to_be_bytes()), (16, &self.salt)];
        for (at, field) in fields {
            for (to, from) in header.iter_mut().skip(at).zip(field) {
                *to = *from;
            }
        }
        header
    }

    /// Reads a header of untrusted origin; every byte has one lawful meaning.
    pub fn decode(header: &[u8; HEADER_BYTES]) -> Result<Self, PartError> {
        let (magic, rest) = header.split_first_chunk::<8>().ok_or(PartError::NotAPart)?;
        let ([version, log2, zero_a, zero_b], rest) = rest.split_first_chunk::<4>().ok_or(PartError::NotAPart)?;
        let (number, rest) = rest.split_first_chunk::<4>().ok_or(PartError::NotAPart)?;
        let (salt, reserved) = rest.split_first_chunk::<32>().ok_or(PartError::NotAPart)?;
        if magic != MAGIC {
            return Err(PartError::NotAPart);
        }
        if *version != VERSION {
            return Err(PartError::Version(*version));
        }
        if *zero_a != 0 || *zero_b != 0 || reserved.iter().any(|&b| b != 0) {
            return Err(PartError::Reserved);
        }
        Ok(Self { chunk: ChunkSize::from_log2(*log2)?, number: u32::from_be_bytes(*number), salt: *salt })
    }
}

#[cfg(test)]
mod tests;
