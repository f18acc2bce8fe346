//! Whether an earlier seal can still be relied on: is its file there, and is it the one that was verified?
//!
//! Every time the file's layout, manifest, signature and header are looked at, and its digest is held against the one that the
//! vault's list has; the digest settles who signed it, since the header it covers names the signer. The parts are read, all of
//! them, by the first run that would rely on the seal, when anything about the file changed since, and at the latest every
//! [`VERIFY_EVERY`]. Right after closing that would read what the machine still has in memory, and say nothing of the disk.

use super::known::{KnownSeal, Stamp};
use jiff::{SignedDuration, Timestamp};
use std::{
    fs::Metadata,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};
use uitlezen_check::EarlierSealFault;
use uitlezen_seal::{
    header::Sha256Digest,
    verify::{VerifyOptions, glance, verify},
};

/// How long a verification of a whole file holds for a file that nobody touched.
const VERIFY_EVERY: SignedDuration = SignedDuration::from_hours(28 * 24);

/// A seal that can be relied on, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub path: PathBuf,
    pub verified: Timestamp,
    pub stamp: Stamp,
}

impl Stamp {
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        Self {
            bytes: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// Looks for the seal where it was last seen, then in `places`.
pub fn find(seal: &KnownSeal, places: &[PathBuf], now: Timestamp) -> Result<Found, EarlierSealFault> {
    let mut fault = EarlierSealFault::Missing;
    for (n, folder) in std::iter::once(&seal.folder).chain(places).enumerate() {
        if n > 0 && *folder == seal.folder {
            continue;
        }
        match look(seal, &folder.join(&seal.file), now) {
            Ok(found) => return Ok(found),
            // What is wrong with a file says more than that another place has none.
            Err(EarlierSealFault::Missing) => {}
            Err(worse) => fault = worse,
        }
    }
    Err(fault)
}

fn look(seal: &KnownSeal, path: &Path, now: Timestamp) -> Result<Found, EarlierSealFault> {
    let stamp = std::fs::metadata(path).map(|m| Stamp::of(&m)).map_err(|_| EarlierSealFault::Missing)?;
    let seen = glance(path).map_err(|_| EarlierSealFault::Missing)?.ok_or(EarlierSealFault::Damaged)?;
    if seen.digest != seal.digest {
        return Err(EarlierSealFault::Changed);
    }
    // A clock that went back makes no verification younger.
    if let Some(verified) = seal.verified.filter(|_| stamp == seal.stamp) {
        let age = now.duration_since(verified);
        if age < VERIFY_EVERY && age > -SignedDuration::from_hours(1) {
            return Ok(Found { path: path.to_owned(), verified, stamp });
        }
    }
    whole(path, seal.digest, now).ok_or(EarlierSealFault::Damaged)
}

/// How the file of a seal looks that was just closed; `None` unless its layout, list, signature and header are that seal's.
#[must_use]
pub(super) fn as_closed(path: &Path, digest: Sha256Digest) -> Option<Stamp> {
    let stamp = Stamp::of(&std::fs::metadata(path).ok()?);
    let seen = glance(path).ok()??;
    (seen.digest == digest && seen.bytes == stamp.bytes).then_some(stamp)
}

/// Reads all of the file; `None` unless it is that seal, intact.
#[must_use]
fn whole(path: &Path, digest: Sha256Digest, now: Timestamp) -> Option<Found> {
    // Taken before: a change while it is read shows at the next look.
    let stamp = Stamp::of(&std::fs::metadata(path).ok()?);
    let verdict = verify(path, &VerifyOptions { allow_demo: true, ..VerifyOptions::default() }).ok()?;
    let same = verdict.is_intact() && verdict.digest == Some(digest) && verdict.bytes == stamp.bytes;
    same.then(|| Found { path: path.to_owned(), verified: now, stamp })
}
