//! The encrypted container: which key opens it, where ciphertext and tag lie, and the pass over it.
//!
//! ```text
//! head ‖ ciphertext ‖ tag 16 ‖ MD5 16                 crypt14, crypt15
//! head ‖ ciphertext ‖ tag 16                          multi-file containers (increments)
//! head ‖ ciphertext ‖ tag 16 ‖ MD5 16 ‖ 4 characters  crypt12
//! ```
//!
//! One pass hashes the ciphertext and decrypts it, and compares the tag at its end: whoever takes the content throws it away
//! when the pass ends with an error. Where the content could not even be unpacked, a second pass, which only hashes, tells a
//! wrong key or an altered file from a genuine one with such a content. The MD5 protects nothing (anybody can compute it):
//! it is read only to explain a failure (module `diagnosis`).

use super::{
    diagnosis,
    error::{KeyMismatch, NotABackup, UnlockError, Unsupported},
    gcm::{self, BLOCK, Block, Gcm},
    key::{KeyFingerprint, Keys},
    prefix::{Facts, Head, Kind, LONGEST_HEAD},
};
use aes::cipher::StreamCipher;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use uitlezen_evidence::{Bytes, Hint};
use zeroize::Zeroizing;

/// Bytes per read: large enough that neither the call nor the source's own decryption of parts shows.
const CHUNK: usize = 256 * 1024;

/// What stands behind the tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trailer {
    /// MD5, and for crypt12 four characters more.
    Checksum,
    /// Nothing: a multi-file container.
    Bare,
}

impl Trailer {
    pub(super) fn bytes(self, kind: Kind) -> u64 {
        match (self, kind) {
            (Self::Bare, _) => 0,
            (Self::Checksum, Kind::Crypt12) => 20,
            (Self::Checksum, _) => 16,
        }
    }

    /// The forms to try, the longest trailer first.
    fn of(kind: Kind) -> &'static [Self] {
        if kind == Kind::Crypt12 { &[Self::Checksum] } else { &[Self::Checksum, Self::Bare] }
    }
}

/// A container with the key that should open it.
pub(super) struct Container {
    pub source: Bytes,
    pub head: Head,
    pub gcm: Gcm,
    pub key: KeyFingerprint,
}

/// One way in which the container may be laid out, with what its ciphertext hashes to.
pub(super) struct Candidate {
    /// Where the ciphertext ends and the tag starts.
    pub end: u64,
    pub hash: Block,
    /// The tag that stands in the file.
    pub tag: Block,
}

/// A container whose tag is right.
pub(super) struct Verified {
    pub trailer: Trailer,
    /// Of ciphertext.
    pub bytes: u64,
}

/// Reads the head alone; needs no key.
pub(super) fn read_head(source: &Bytes) -> Result<Head, UnlockError> {
    let len = source.len();
    if len == 0 {
        return Err(UnlockError::NotABackup(NotABackup::Empty));
    }
    let mut start = vec![0; usize::try_from(len).unwrap_or(usize::MAX).min(LONGEST_HEAD)];
    source.read_at(0, &mut start, &mut Hint::default()).map_err(UnlockError::Source)?;
    if start.starts_with(b"SQLite format 3\0") {
        return Err(UnlockError::NotABackup(NotABackup::PlainDatabase));
    }
    if start.starts_with(b"PK\x03\x04") {
        return Err(UnlockError::NotABackup(NotABackup::PlainZip));
    }
    Head::read(&start, len).map_err(|error| match UnlockError::from(error) {
        UnlockError::Truncated { .. } => UnlockError::Truncated { bytes: len },
        other => other,
    })
}

impl Container {
    pub(super) fn open(source: Bytes, keys: &Keys) -> Result<Self, UnlockError> {
        let head = read_head(&source)?;
        let kind = head.facts.kind;
        let refuse = |mismatch| UnlockError::NotForThisKey { kind, mismatch };
        let (aes, key) = match (&head.legacy, &keys.backup, &keys.legacy) {
            (None, Some(key), _) => (key.derive(super::key::KeyPurpose::Backup), key.fingerprint()),
            (Some(names), _, Some(key)) => {
                if !key.is_named_by(names.version, &names.server_salt, &names.google_id) {
                    return Err(refuse(KeyMismatch::OtherKeyFile));
                }
                (key.aes_key(), key.fingerprint())
            }
            _ => return Err(refuse(KeyMismatch::NotGiven)),
        };
        let gcm = Gcm::new(aes, &head.facts.iv);
        if source.len() - head.bytes as u64 > gcm::LONGEST {
            return Err(UnlockError::Unsupported(Unsupported::Length));
        }
        Ok(Self { source, head, gcm, key })
    }

    pub(super) fn facts(&self) -> &Facts {
        &self.head.facts
    }

    /// Looks whether the tag is right, and if it is not, why. `progress` is told how many bytes of ciphertext were read since
    /// it was last told.
    pub(super) fn verify(&self, progress: &mut dyn FnMut(u64)) -> Result<Verified, UnlockError> {
        self.pass(progress, &mut |_| Ok(()))
    }

    /// Hands the plaintext to `sink` in order. Only when this returns is any of it known to be genuine.
    pub(super) fn decrypt(
        &self,
        progress: &mut dyn FnMut(u64),
        sink: &mut dyn FnMut(&[u8]) -> Result<(), UnlockError>,
    ) -> Result<Verified, UnlockError> {
        let mut keystream = self.gcm.keystream();
        self.pass(progress, &mut |piece| {
            keystream.try_apply_keystream(piece).map_err(|_| UnlockError::Unsupported(Unsupported::Length))?;
            sink(piece)
        })
    }

    /// One pass over the ciphertext; `each` gets every piece of it when it has been hashed. What the longest trailer leaves
    /// is ciphertext under every form, so the forms are tried one after the other as the pass goes on.
    fn pass(
        &self,
        progress: &mut dyn FnMut(u64),
        each: &mut dyn FnMut(&mut [u8]) -> Result<(), UnlockError>,
    ) -> Result<Verified, UnlockError> {
        let (start, len) = (self.head.bytes as u64, self.source.len());
        let kind = self.facts().kind;
        let mut hasher = self.gcm.hasher();
        let mut at = start;
        let mut failed = Vec::new();
        for &trailer in Trailer::of(kind) {
            let behind = BLOCK as u64 + trailer.bytes(kind);
            let Some(end) = len.checked_sub(behind).filter(|&end| end >= start) else { continue };
            self.read(at..end, &mut |piece| {
                hasher.update(piece);
                progress(piece.len() as u64);
                each(piece)
            })?;
            at = end;
            let mut tag = [0; BLOCK];
            self.source.read_at(end, &mut tag, &mut Hint::default()).map_err(UnlockError::Source)?;
            let hash = hasher.clone().finish();
            if equal(&self.gcm.tag(&hash), &tag) {
                return Ok(Verified { trailer, bytes: end - start });
            }
            failed.push(Candidate { end, hash, tag });
        }
        Err(diagnosis::explain(self, &failed))
    }

    /// Reads a range in pieces of at most [`CHUNK`] bytes.
    pub(super) fn read(
        &self,
        range: Range<u64>,
        each: &mut dyn FnMut(&mut [u8]) -> Result<(), UnlockError>,
    ) -> Result<(), UnlockError> {
        let mut buffer = Zeroizing::new(vec![0; usize::try_from(range.end - range.start).unwrap_or(usize::MAX).min(CHUNK)]);
        let mut hint = Hint::default();
        let mut at = range.start;
        while at < range.end {
            let left = usize::try_from(range.end - at).unwrap_or(usize::MAX);
            let take = buffer.len().min(left);
            let Some(piece) = buffer.get_mut(..take) else { break };
            self.source.read_at(at, piece, &mut hint).map_err(UnlockError::Source)?;
            at += piece.len() as u64;
            each(piece)?;
        }
        Ok(())
    }
}

/// Compares without a branch per byte, so that the time does not tell how many bytes agree.
fn equal(a: &Block, b: &Block) -> bool {
    std::hint::black_box(u128::from_be_bytes(*a) ^ u128::from_be_bytes(*b)) == 0
}
