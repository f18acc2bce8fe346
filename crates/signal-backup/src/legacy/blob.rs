//! What lies behind a frame that announces it: an attachment, an avatar, a sticker.

use super::{
    BlobError, Unlocked,
    keys::{Nonce, TAG},
};
use std::io;
use uitlezen_evidence::{Hint, ReadAt};

/// Where it lies. Reading it needs the backup that it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    pub(super) pos: u64,
    pub(super) len: u64,
    pub(super) nonce: Nonce,
}

impl Blob {
    /// Bytes of the content.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn verify(&self, unlocked: &Unlocked) -> Result<(), BlobError> {
        let (source, mut hint) = (&unlocked.backup.source, Hint::default());
        let mut tag = unlocked.keys.tag();
        tag.update(&self.nonce);
        tag.update_from(source, self.pos, self.len, &mut hint)?;
        let mut written = [0; TAG];
        source.read_at(self.pos.saturating_add(self.len), &mut written, &mut hint)?;
        if tag.is(&written) { Ok(()) } else { Err(BlobError::Damaged) }
    }
}

/// The content of a blob that verified, by random access.
pub struct BlobSource {
    unlocked: Unlocked,
    blob: Blob,
}

impl BlobSource {
    pub(super) fn new(unlocked: Unlocked, blob: Blob) -> Self {
        Self { unlocked, blob }
    }
}

impl std::fmt::Debug for BlobSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BlobSource").field("bytes", &self.blob.len).finish_non_exhaustive()
    }
}

impl ReadAt for BlobSource {
    fn len(&self) -> u64 {
        self.blob.len
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], hint: &mut Hint) -> io::Result<()> {
        let end = pos.checked_add(buf.len() as u64).ok_or(io::ErrorKind::UnexpectedEof)?;
        if end > self.blob.len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.unlocked.backup.source.read_at(self.blob.pos + pos, buf, hint)?;
        self.unlocked.keys.decrypt(&self.blob.nonce, pos, buf);
        Ok(())
    }
}
