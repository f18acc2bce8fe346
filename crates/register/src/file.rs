//! The register file: a header in the clear and one encrypted part.
//!
//! | bytes | |
//! |---|---|
//! | 0–7 | `UITLREG1` |
//! | 8–11 | version, big-endian: 1 |
//! | 12–15 | zero |
//! | 16–47 | salt, fresh at every writing |
//! | 48–63 | key check: HKDF-SHA256 of the register key over the salt, info `uitlezen register 1 check` and bytes 0–47 |
//! | 64–95 | SHA-256 of bytes 0–63 |
//! | 96– | a part ([`uitlezen_seal::part`], number 0) with the SQLite database; its key is the HKDF with info `uitlezen register 1 part` and bytes 0–47 |
//!
//! Versions after this one keep magic, version and the digest where they are. So three answers are told apart: a digest that
//! does not hold is damage, a version above 1 is newer and left alone, a check that does not hold is another vault's key.
//! Both derivations cover the header, so a version or salt that was changed opens nothing.

use crate::RegisterError;
use hkdf::Hkdf;
use secrecy::{ExposeSecret, SecretBox};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File, OpenOptions},
    io::{BufWriter, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::Arc,
};
use uitlezen_evidence::{Bytes, ChunkCache, FileSource, Hint, ReadAt};
use uitlezen_seal::part::{ChunkSize, PartKey, PartReader, PartWriter};
use zeroize::Zeroizing;

const MAGIC: &[u8; 8] = b"UITLREG1";
const VERSION: u32 = 1;
/// Header bytes that the keys are derived over.
const BOUND: usize = 48;
/// Header bytes that the digest covers.
const DIGESTED: usize = 64;
const HEADER: usize = 96;
/// Four database pages: a lookup opens few chunks, and each is small.
const CHUNK_LOG2: u8 = 14;
/// A register of more is not one.
pub(crate) const LARGEST: u64 = 1 << 30;

/// The key of the register, out of the vault.
pub struct RegisterKey(SecretBox<[u8; 32]>);

impl RegisterKey {
    #[must_use]
    pub fn new(key: SecretBox<[u8; 32]>) -> Self {
        Self(key)
    }

    fn derive(&self, bound: &[u8], what: &str, out: &mut [u8]) -> Result<(), RegisterError> {
        let salt = bound.get(16..BOUND).ok_or(RegisterError::Damaged("header"))?;
        Hkdf::<Sha256>::new(Some(salt), self.0.expose_secret())
            .expand_multi_info(&[b"uitlezen register 1 ", what.as_bytes(), bound], out)
            .map_err(|_| RegisterError::Random)
    }

    fn part_key(&self, bound: &[u8]) -> Result<PartKey, RegisterError> {
        let mut key = Zeroizing::new([0; 32]);
        self.derive(bound, "part", key.as_mut())?;
        Ok(PartKey::from_bytes(&mut key))
    }

    fn check(&self, bound: &[u8]) -> Result<[u8; 16], RegisterError> {
        let mut check = [0; 16];
        self.derive(bound, "check", &mut check)?;
        Ok(check)
    }
}

impl std::fmt::Debug for RegisterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RegisterKey(secret)")
    }
}

/// A register file seen from behind its header.
#[derive(Debug)]
struct Behind(FileSource);

impl ReadAt for Behind {
    fn len(&self) -> u64 {
        self.0.len().saturating_sub(HEADER as u64)
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], hint: &mut Hint) -> std::io::Result<()> {
        self.0.read_at(pos.saturating_add(HEADER as u64), buf, hint)
    }
}

/// The database in the file, decrypted where it is read.
pub(crate) fn open(path: &Path, key: &RegisterKey) -> Result<Bytes, RegisterError> {
    let mut file = File::open(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => RegisterError::Absent,
        _ => RegisterError::Io(e),
    })?;
    let mut header = [0; HEADER];
    file.read_exact(&mut header).map_err(|e| match e.kind() {
        std::io::ErrorKind::UnexpectedEof => RegisterError::Damaged("shorter than a register"),
        _ => RegisterError::Io(e),
    })?;
    let (digested, digest) = header.split_at(DIGESTED);
    let (bound, check) = digested.split_at(BOUND);
    if bound.get(..8) != Some(MAGIC.as_slice()) {
        return Err(RegisterError::Damaged("not a register"));
    }
    if Sha256::digest(digested).as_slice() != digest {
        return Err(RegisterError::Damaged("header"));
    }
    let version = bound.get(8..12).and_then(|b| b.try_into().ok()).map_or(0, u32::from_be_bytes);
    if version != VERSION {
        return Err(if version > VERSION { RegisterError::Newer(version) } else { RegisterError::Damaged("header") });
    }
    if key.check(bound)? != check {
        return Err(RegisterError::OtherKey);
    }
    // The same handle: a file that is replaced meanwhile changes nothing for this reader.
    let sealed: Bytes = Arc::new(Behind(FileSource::over(file)?));
    let part = PartReader::open(sealed, &key.part_key(bound)?, 0, ChunkCache::of_this_process())?;
    if part.len() > LARGEST {
        return Err(RegisterError::TooLarge);
    }
    Ok(Arc::new(part))
}

/// Replaces the file: written beside, synced, renamed, the folder synced.
pub(crate) fn write(path: &Path, key: &RegisterKey, database: &[u8]) -> Result<(), RegisterError> {
    let folder = path.parent().ok_or(RegisterError::Damaged("no folder"))?;
    if database.len() as u64 > LARGEST {
        return Err(RegisterError::TooLarge);
    }
    let mut header = Vec::with_capacity(HEADER);
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(&VERSION.to_be_bytes());
    header.extend_from_slice(&[0; 4]);
    let mut salt = [0; 32];
    getrandom::fill(&mut salt).map_err(|_| RegisterError::Random)?;
    header.extend_from_slice(&salt);
    let part_key = key.part_key(&header)?;
    let check = key.check(&header)?;
    header.extend_from_slice(&check);
    let digest = Sha256::digest(&header);
    header.extend_from_slice(&digest);

    let beside = path.with_extension("new");
    match fs::remove_file(&beside) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.into()),
        _ => {}
    }
    let mut file = BufWriter::new(OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?);
    file.write_all(&header)?;
    let mut part = PartWriter::new(file, &part_key, 0, ChunkSize::from_log2(CHUNK_LOG2)?)?;
    part.write_all(database)?;
    let (file, _) = part.finish()?;
    let file = file.into_inner().map_err(|e| RegisterError::Io(e.into_error()))?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    File::open(folder)?.sync_all()?;
    Ok(())
}
