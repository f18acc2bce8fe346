//! The keys in use: tags, key streams, and whether they are the right ones.

use super::{Backup, Blob, BlobError, BlobSource, Frame, Frames, LegacyError, head::Version};
use crate::hash::Keyed;
use aes::{Aes256, cipher::KeyInit};
use ctr::{
    Ctr128BE,
    cipher::{InnerIvInit, StreamCipher, StreamCipherSeek},
};
use std::{fmt, sync::Arc};

/// Bytes of a tag: the first ones of the whole.
pub(super) const TAG: usize = 10;
/// Frames looked at to tell a wrong passphrase from a damaged first frame.
const LOOKED_AT: u64 = 3;

pub(super) type Nonce = [u8; 16];

/// Cipher and tags under one passphrase.
pub(super) struct Keys {
    cipher: Aes256,
    tags: Keyed,
}

impl Keys {
    fn new(keys: &[u8; 64]) -> Self {
        let (cipher, tags) = keys.split_first_chunk::<32>().unwrap_or((&[0; 32], &[]));
        let tags = tags.first_chunk().unwrap_or(&[0; 32]);
        Self { cipher: Aes256::new(cipher.into()), tags: Keyed::new(tags) }
    }

    pub(super) fn tag(&self) -> Keyed {
        self.tags.clone()
    }

    /// Decrypts what stands `pos` bytes into the stream of `nonce`.
    pub(super) fn decrypt(&self, nonce: &Nonce, pos: u64, bytes: &mut [u8]) {
        let mut stream: Ctr128BE<&Aes256> = Ctr128BE::from_core(ctr::CtrCore::inner_iv_init(&self.cipher, nonce.into()));
        if pos > 0 {
            stream.seek(pos);
        }
        stream.apply_keystream(bytes);
    }
}

/// A backup with the passphrase that opens it.
#[derive(Clone)]
pub struct Unlocked {
    pub(super) backup: Backup,
    pub(super) keys: Arc<Keys>,
}

impl fmt::Debug for Unlocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unlocked").field("version", &self.backup.version).finish_non_exhaustive()
    }
}

impl Unlocked {
    pub(super) fn new(backup: Backup, keys: &[u8; 64]) -> Result<Self, LegacyError> {
        let unlocked = Self { backup, keys: Arc::new(Keys::new(keys)) };
        let mut frames = unlocked.frames();
        match frames.next() {
            Ok(Some(Frame::Version(_))) => Ok(unlocked),
            // It verifies, so the passphrase is right; it begins with something else than all others do.
            Ok(_) => Err(LegacyError::Malformed { frame: 1 }),
            Err(error) => Err(if unlocked.is_right() { error } else { unlocked.refusal(error) }),
        }
    }

    /// What a first frame that does not verify means, when nothing speaks for the passphrase.
    fn refusal(&self, error: LegacyError) -> LegacyError {
        match (error, self.backup.version) {
            (error @ (LegacyError::Io(_) | LegacyError::Truncated { .. }), Version::Plain) => error,
            (error @ LegacyError::Io(_), Version::Encrypted) => error,
            // Under another passphrase an encrypted length is any number.
            _ => LegacyError::WrongPassphrase,
        }
    }

    /// Looks for a sign that the passphrase is right although the first frame does not verify: a later frame that does, or a
    /// first one that decrypts to how every backup begins.
    fn is_right(&self) -> bool {
        let mut frames = self.frames();
        for frame in 1..=LOOKED_AT {
            match frames.look() {
                Some(looked) if looked.verifies || (frame == 1 && looked.begins_well) => return true,
                Some(_) => {}
                None => return false,
            }
        }
        false
    }

    /// From the first frame on.
    #[must_use]
    pub fn frames(&self) -> Frames {
        Frames::new(self.clone())
    }

    /// The bytes of an attachment, checked as a whole before any is given.
    ///
    /// # Errors
    /// When they are not what the app wrote.
    pub fn blob(&self, blob: &Blob) -> Result<BlobSource, BlobError> {
        self.verify(blob)?;
        Ok(BlobSource::new(self.clone(), blob.clone()))
    }

    /// The bytes of an attachment that verified before, out of the same source.
    #[must_use]
    pub fn checked_blob(&self, blob: &Blob) -> BlobSource {
        BlobSource::new(self.clone(), blob.clone())
    }

    /// Checks the bytes of an attachment without decrypting them.
    ///
    /// # Errors
    /// When they are not what the app wrote.
    pub fn verify(&self, blob: &Blob) -> Result<(), BlobError> {
        blob.verify(self)
    }
}
