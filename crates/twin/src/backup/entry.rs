//! A file as the backup stores it: encrypted while it is read, never held whole.

use super::BackupError;
use aes::{Aes256, Block};
use cbc::{
    Encryptor,
    cipher::{BlockModeEncrypt, KeyIvInit},
};
use sha1::{Digest, Sha1};
use std::{fmt, io};
use uitlezen_evidence::{Bytes, Reader};

const BLOCK: u64 = 16;
const PIECE: usize = 64 << 10;

/// One stored file.
#[derive(Clone)]
pub struct Entry {
    /// 40 lower-case hexadecimal digits.
    pub file_id: String,
    /// The name under which a phone speaks of it while sending; it ends in the path within the domain.
    pub device_name: String,
    /// Bytes as stored.
    pub size: u64,
    pub(super) content: Bytes,
    pub(super) key: Option<[u8; 32]>,
}

impl Entry {
    /// The bytes as stored, from their start.
    #[must_use]
    pub fn open(&self) -> EntryReader {
        let plain = Reader::new(self.content.clone());
        let cipher = self.key.map(|key| Encryptor::<Aes256>::new(&key.into(), &[0; 16].into()));
        EntryReader { plain, cipher, left: self.content.len(), piece: Vec::new(), at: 0, ended: false }
    }

    pub(super) fn digest(&self) -> Result<[u8; 20], BackupError> {
        let (mut bytes, mut hash) = (Vec::new(), Sha1::new());
        io::Read::read_to_end(&mut self.open(), &mut bytes)?;
        hash.update(&bytes);
        Ok(hash.finalize().into())
    }

    /// Where it lies in today's layout: below a folder of its first two digits.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}/{}", self.file_id.get(..2).unwrap_or_default(), self.file_id)
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("file_id", &self.file_id).field("size", &self.size).finish_non_exhaustive()
    }
}

/// Bytes that a content of this length takes when stored: always some padding.
pub(super) fn stored(len: u64, encrypted: bool) -> u64 {
    if encrypted { len / BLOCK * BLOCK + BLOCK } else { len }
}

/// Encrypts all of a small thing.
pub(super) fn encrypted(plain: Vec<u8>, key: [u8; 32]) -> Result<Vec<u8>, BackupError> {
    let len = plain.len() as u64;
    let content: Bytes = std::sync::Arc::new(plain);
    let entry = Entry { file_id: String::new(), device_name: String::new(), size: stored(len, true), content, key: Some(key) };
    let mut out = Vec::with_capacity(usize::try_from(entry.size).unwrap_or(0));
    io::Read::read_to_end(&mut entry.open(), &mut out)?;
    Ok(out)
}

/// AES-256-CBC from a zero vector, padded as PKCS #7 wants it.
pub struct EntryReader {
    plain: Reader,
    cipher: Option<Encryptor<Aes256>>,
    left: u64,
    piece: Vec<u8>,
    at: usize,
    ended: bool,
}

impl EntryReader {
    fn fill(&mut self, cipher: &mut Encryptor<Aes256>) -> io::Result<()> {
        let take = usize::try_from(self.left).unwrap_or(PIECE).min(PIECE);
        self.piece.resize(take, 0);
        io::Read::read_exact(&mut self.plain, &mut self.piece)?;
        self.left -= take as u64;
        if self.left == 0 {
            self.ended = true;
            let padding = 16 - take % 16;
            self.piece.resize(take + padding, u8::try_from(padding).unwrap_or(16));
        }
        cipher.encrypt_blocks(Block::slice_as_chunks_mut(&mut self.piece).0);
        self.at = 0;
        Ok(())
    }
}

impl io::Read for EntryReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let Some(mut cipher) = self.cipher.take() else { return self.plain.read(buf) };
        let filled = if self.at == self.piece.len() && !self.ended { self.fill(&mut cipher) } else { Ok(()) };
        self.cipher = Some(cipher);
        filled?;
        let ready = self.piece.get(self.at..).unwrap_or_default();
        let n = ready.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..n), ready.get(..n)) {
            to.copy_from_slice(from);
        }
        self.at += n;
        Ok(n)
    }
}

impl fmt::Debug for EntryReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntryReader").field("left", &self.left).finish_non_exhaustive()
    }
}
