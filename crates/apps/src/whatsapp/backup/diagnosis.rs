//! Why the tag of a container is wrong: the key, a missing end, or altered bytes.
//!
//! Three different things go wrong in practice and need three different acts (another key, another copy, a new backup), but
//! a wrong tag looks the same for all. What tells them apart, in this order:
//!
//! 1. The MD5 behind the tag holds: every byte is as written, so the key is wrong.
//! 2. Decrypted with the given key (and thrown away), the content begins as a backup's content does: the key is right.
//!    Whether its own structure then ends early, breaks, or is whole tells a cut from an alteration.
//! 3. GHASH is linear: with the right key the difference between the two tags *is* the altered block times a known power of
//!    the hash key. If dividing by such a power leaves only a byte or a few, exactly that was altered (chance of error below
//!    2^-57). The same test over the nonce finds one altered byte there.
//!
//! Nothing that is decrypted here leaves this module.

use super::{
    container::{Candidate, Container, Trailer},
    error::{AlteredPart, UnlockError},
    gcm::{self, BLOCK, Block},
    prefix::Kind,
};
use aes::cipher::StreamCipher;
use flate2::{Decompress, FlushDecompress, Status};
use md5::{Digest, Md5};
use std::ops::ControlFlow;
use uitlezen_evidence::Hint;

/// Blocks to test for a single alteration, from the end (where structure cannot tell it from a cut) and from the start
/// (where the content's first bytes cannot tell it from a wrong key). 16 MiB and 64 KiB.
const FROM_END: u64 = 1 << 20;
const FROM_START: u64 = 1 << 12;
/// At most so many bytes of a block may differ to call it one alteration.
const FEW_BYTES: usize = 4;
/// Most bytes of a ZIP's end record with its comment.
const ZIP_END: usize = 22 + 65_535;
/// Ciphertexts up to this length may end before the first unpacked byte: the code tables of deflate come first.
const TINY: u64 = 512;

/// What the content looks like under the given key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Structure {
    /// Whole: its last byte stands before this offset of the file.
    Whole { end: u64 },
    /// Right as far as it goes, without an end.
    CutOff,
    /// It began rightly and breaks.
    Broken,
    /// Nothing that a backup holds.
    Foreign,
}

/// Explains the failure of every candidate.
pub(super) fn explain(container: &Container, failed: &[Candidate]) -> UnlockError {
    find_cause(container, failed).unwrap_or_else(|error| error)
}

fn find_cause(container: &Container, failed: &[Candidate]) -> Result<UnlockError, UnlockError> {
    let kind = container.facts().kind;
    let truncated = UnlockError::Truncated { bytes: container.source.len() };
    let altered = UnlockError::Altered { part: AlteredPart::Content };
    let wrong_key = |certain| UnlockError::WrongKey { kind, mode: container.facts().key_mode, certain };
    if failed.is_empty() {
        return Ok(truncated);
    }
    if checksum_holds(container, kind)? {
        return Ok(wrong_key(true));
    }
    Ok(match structure(container)? {
        Structure::Whole { end } => {
            let behind = container.source.len() - end;
            let full = BLOCK as u64 + Trailer::Checksum.bytes(kind);
            let bare = kind != Kind::Crypt12 && behind == BLOCK as u64;
            if behind >= full || bare { altered } else { truncated }
        }
        Structure::Broken => altered,
        Structure::CutOff if few_bytes_altered(container, failed) => altered,
        Structure::CutOff => truncated,
        Structure::Foreign if few_bytes_altered(container, failed) => altered,
        Structure::Foreign if nonce_altered(container, failed) => UnlockError::Altered { part: AlteredPart::Head },
        Structure::Foreign => wrong_key(false),
    })
}

fn checksum_holds(container: &Container, kind: Kind) -> Result<bool, UnlockError> {
    let Some(end) = container.source.len().checked_sub(Trailer::Checksum.bytes(kind)) else { return Ok(false) };
    let mut stored = [0; 16];
    container.source.read_at(end, &mut stored, &mut Hint::default()).map_err(UnlockError::Source)?;
    let mut md5 = Md5::new();
    container.read(0..end, &mut |piece| {
        md5.update(piece);
        Ok(())
    })?;
    Ok(md5.finalize().as_slice() == stored)
}

/// Follows the decrypted content to see where its own structure ends. Everything behind the head is taken as ciphertext,
/// since a cut file has no tag.
fn structure(container: &Container) -> Result<Structure, UnlockError> {
    let start = container.head.bytes as u64;
    let end = container.source.len();
    let mut keystream = container.gcm.keystream();
    let mut follower: Option<Follower> = None;
    let mut result = None;
    container.read(start..end, &mut |piece| {
        // A file near the cipher's limit: the part beyond has no keystream and no meaning.
        if result.is_some() || keystream.try_apply_keystream(piece).is_err() {
            return Ok(());
        }
        let following = follower.get_or_insert_with(|| Follower::of(piece, end - start));
        if let ControlFlow::Break(found) = following.follow(piece) {
            result = Some(found);
        }
        Ok(())
    })?;
    let found = result.unwrap_or_else(|| follower.map_or(Structure::Foreign, Follower::end));
    Ok(match found {
        Structure::Whole { end } => Structure::Whole { end: start + end },
        other => other,
    })
}

/// Offsets in here count from the first byte of the content.
enum Follower {
    Zlib { inflate: Box<Decompress>, first: Vec<u8>, total: u64 },
    Zip { tail: Vec<u8>, seen: u64 },
    Database { bytes: u64, total: u64 },
    Json,
    Foreign,
}

impl Follower {
    fn of(first: &[u8], total: u64) -> Self {
        match super::payload::Packing::of(first) {
            super::payload::Packing::Zlib => Self::Zlib { inflate: Box::new(Decompress::new(true)), first: Vec::new(), total },
            super::payload::Packing::Zip => Self::Zip { tail: Vec::new(), seen: 0 },
            super::payload::Packing::Database => Self::Database { bytes: database_bytes(first), total },
            super::payload::Packing::Json => Self::Json,
            super::payload::Packing::Other => Self::Foreign,
        }
    }

    fn follow(&mut self, piece: &[u8]) -> ControlFlow<Structure> {
        match self {
            Self::Zlib { inflate, first, .. } => follow_zlib(inflate, first, piece),
            Self::Zip { tail, seen } => {
                *seen += piece.len() as u64;
                tail.extend_from_slice(piece);
                let surplus = tail.len().saturating_sub(ZIP_END + 2 * BLOCK);
                tail.drain(..surplus);
                ControlFlow::Continue(())
            }
            Self::Database { bytes, total } if *bytes <= *total => ControlFlow::Break(Structure::Whole { end: *bytes }),
            Self::Database { .. } | Self::Json => ControlFlow::Break(Structure::CutOff),
            Self::Foreign => ControlFlow::Break(Structure::Foreign),
        }
    }

    fn end(self) -> Structure {
        match self {
            Self::Zlib { first, total, .. } if begins_as_content(&first) || (first.is_empty() && total <= TINY) => {
                Structure::CutOff
            }
            Self::Zip { tail, seen } => {
                zip_end(&tail).map_or(Structure::CutOff, |end| Structure::Whole { end: seen - tail.len() as u64 + end })
            }
            _ => Structure::Foreign,
        }
    }
}

fn follow_zlib(inflate: &mut Decompress, first: &mut Vec<u8>, mut piece: &[u8]) -> ControlFlow<Structure> {
    let mut out = [0; 32 * 1024];
    loop {
        let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
        let status = inflate.decompress(piece, &mut out, FlushDecompress::None);
        let made = usize::try_from(inflate.total_out() - before_out).unwrap_or_default();
        if let Some(new) = out.get(..made.min(16_usize.saturating_sub(first.len()))) {
            first.extend_from_slice(new);
        }
        match status {
            Ok(Status::StreamEnd) => return ControlFlow::Break(Structure::Whole { end: inflate.total_in() }),
            Ok(_) => {}
            Err(_) if first.len() >= 4 && begins_as_content(first) => return ControlFlow::Break(Structure::Broken),
            Err(_) => return ControlFlow::Break(Structure::Foreign),
        }
        let used = usize::try_from(inflate.total_in() - before_in).unwrap_or_default();
        piece = piece.get(used..).unwrap_or_default();
        if piece.is_empty() && made < out.len() || (used == 0 && made == 0) {
            return ControlFlow::Continue(());
        }
    }
}

/// Whether unpacked bytes begin as a database or JSON does, as far as they go.
fn begins_as_content(first: &[u8]) -> bool {
    let database = b"SQLite format 3\0";
    match first {
        [] => false,
        [b'{' | b'[', ..] => true,
        _ => first.iter().zip(database).all(|(a, b)| a == b),
    }
}

/// Size that a database's own head claims: page size times page count (SQLite file format §1.3).
fn database_bytes(first: &[u8]) -> u64 {
    let page = first.get(16..18).map_or(0, |b| b.iter().fold(0_u64, |n, &b| n << 8 | u64::from(b)));
    let pages = first.get(28..32).map_or(0, |b| b.iter().fold(0_u64, |n, &b| n << 8 | u64::from(b)));
    let page = if page == 1 { 65_536 } else { page };
    if page * pages == 0 { u64::MAX } else { page * pages }
}

/// Where a ZIP ends, when its end record stands in `tail` and speaks of the bytes before it.
fn zip_end(tail: &[u8]) -> Option<u64> {
    tail.windows(4).enumerate().rev().filter(|(_, w)| *w == b"PK\x05\x06").find_map(|(at, _)| {
        let comment = tail.get(at + 20..at + 22)?;
        let end = at + 22 + comment.iter().rev().fold(0_usize, |n, &b| n << 8 | usize::from(b));
        (end <= tail.len()).then_some(end as u64)
    })
}

/// Point 3 of the module's head, over the ciphertext and the tag.
fn few_bytes_altered(container: &Container, failed: &[Candidate]) -> bool {
    failed.iter().any(|candidate| {
        let difference = gcm::xor(&container.gcm.tag(&candidate.hash), &candidate.tag);
        let blocks = (candidate.end - container.head.bytes as u64).div_ceil(BLOCK as u64);
        few_bytes(&difference) || one_block_altered(container.gcm.hash_key(), &difference, blocks)
    })
}

fn few_bytes(block: &Block) -> bool {
    block.iter().filter(|&&b| b != 0).count() <= FEW_BYTES
}

/// The last ciphertext block entered the hash with H^2 (the length block with H), the one before with H^3, and so on.
fn one_block_altered(h: &Block, difference: &Block, blocks: u64) -> bool {
    let inverse = power(h, u128::MAX - 1);
    let mut quotient = gcm::multiply(difference, &inverse);
    for _ in 0..blocks.min(FROM_END) {
        quotient = gcm::multiply(&quotient, &inverse);
        if few_bytes(&quotient) {
            return true;
        }
    }
    let left = blocks.saturating_sub(FROM_END).min(FROM_START);
    let mut quotient = gcm::multiply(difference, &power(&inverse, u128::from(blocks) + 1));
    for _ in 0..left {
        if few_bytes(&quotient) {
            return true;
        }
        quotient = gcm::multiply(&quotient, h);
    }
    false
}

/// `base` to the power `exponent`. The field has 2^128 - 1 elements beside zero, so `2^128 - 2` inverts.
fn power(base: &Block, mut exponent: u128) -> Block {
    let mut result = [0; BLOCK];
    if let Some(first) = result.first_mut() {
        *first = 0x80;
    }
    let mut square = *base;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = gcm::multiply(&result, &square);
        }
        square = gcm::multiply(&square, &square);
        exponent >>= 1;
    }
    result
}

/// Whether another value of a single byte of the nonce makes a tag right.
fn nonce_altered(container: &Container, failed: &[Candidate]) -> bool {
    let nonce = container.facts().iv;
    (0..BLOCK).any(|at| {
        (1..=u8::MAX).any(|change| {
            let mut other = nonce;
            if let Some(byte) = other.get_mut(at) {
                *byte ^= change;
            }
            let gcm = container.gcm.with_nonce(&other);
            failed.iter().any(|candidate| gcm.tag(&candidate.hash) == candidate.tag)
        })
    })
}
