//! The boxes of a folder backup: `metadata`, `main` and the files of its media.

use super::Fields;
use aes::{Aes256, Block, cipher::KeyIvInit};
use cbc::{Encryptor, cipher::BlockModeEncrypt};
use ctr::{Ctr128BE, cipher::StreamCipher};
use flate2::{Compression, write::GzEncoder};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::io::{self, Write};

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    Hmac::new(&block.into())
}

/// HKDF-SHA-256 without a salt, up to 64 bytes.
fn expand(key: &[u8], info: &[&[u8]]) -> [u8; 64] {
    let prk: [u8; 32] = keyed(&[0; 32]).chain_update(key).finalize().into_bytes().into();
    let info = info.concat();
    let first: [u8; 32] = keyed(&prk).chain_update(&info).chain_update([1]).finalize().into_bytes().into();
    let second: [u8; 32] = keyed(&prk).chain_update(first).chain_update(&info).chain_update([2]).finalize().into_bytes().into();
    let mut out = [0; 64];
    out[..32].copy_from_slice(&first);
    out[32..].copy_from_slice(&second);
    out
}

fn half(keys: &[u8; 64], second: bool) -> [u8; 32] {
    let mut key = [0; 32];
    key.copy_from_slice(if second { &keys[32..] } else { &keys[..32] });
    key
}

/// Vector, ciphertext, tag.
fn seal(hmac: &[u8; 32], aes: &[u8; 32], iv: [u8; 16], content: &[u8]) -> Vec<u8> {
    let padding = 16 - content.len() % 16;
    let mut ciphertext = content.to_vec();
    ciphertext.resize(content.len() + padding, padding as u8);
    Encryptor::<Aes256>::new(&(*aes).into(), &iv.into()).encrypt_blocks(Block::slice_as_chunks_mut(&mut ciphertext).0);
    let mut sealed = [&iv[..], &ciphertext].concat();
    let tag = keyed(hmac).chain_update(&sealed).finalize().into_bytes();
    sealed.extend_from_slice(&tag);
    sealed
}

/// How long content of this length becomes, so that its length says little.
#[must_use]
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub fn padded(bytes: usize) -> usize {
    let exponent = (bytes.max(1) as f64).log(1.05).ceil();
    (1.05_f64.powf(exponent).floor() as usize).max(541).max(bytes)
}

/// The name of the file of a medium with this key.
#[must_use]
pub fn media_name(content: &[u8], local_key: &[u8; 64]) -> String {
    hex::encode(Sha256::new().chain_update(Sha256::digest(content)).chain_update(local_key).finalize())
}

/// A medium as its file holds it.
#[must_use]
pub fn seal_media(content: &[u8], local_key: &[u8; 64], iv: [u8; 16]) -> Vec<u8> {
    let mut filled = content.to_vec();
    filled.resize(padded(content.len()), 0);
    seal(&half(local_key, true), &half(local_key, false), iv, &filled)
}

/// What a recovery key and the id of a backup give.
#[derive(Clone, Debug)]
pub struct FolderKeys {
    metadata: [u8; 32],
    id: [u8; 16],
    message: [u8; 64],
}

impl FolderKeys {
    /// `recovery_key` is 64 characters, lower case.
    #[must_use]
    pub fn new(recovery_key: &str, id: [u8; 16]) -> Self {
        let backup = half(&expand(recovery_key.as_bytes(), &[b"20240801_SIGNAL_BACKUP_KEY"]), false);
        let metadata = half(&expand(&backup, &[b"20241011_SIGNAL_LOCAL_BACKUP_METADATA_KEY"]), false);
        let message = expand(&backup, &[b"20241007_SIGNAL_BACKUP_ENCRYPT_MESSAGE_BACKUP:", &id]);
        Self { metadata, id, message }
    }

    #[must_use]
    pub fn metadata(&self, iv: [u8; 12]) -> Vec<u8> {
        let (mut block, mut id) = ([0; 16], self.id);
        block[..12].copy_from_slice(&iv);
        Ctr128BE::<Aes256>::new(&self.metadata.into(), &block.into()).apply_keystream(&mut id);
        Fields::new().number(1, 1).message(2, &Fields::new().bytes(1, &iv).bytes(2, &id)).0
    }

    /// `frames` one behind the other, each with its length before it.
    ///
    /// # Errors
    /// When it does not compress.
    pub fn main(&self, frames: &[u8], iv: [u8; 16]) -> io::Result<Vec<u8>> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::new(6));
        gzip.write_all(frames)?;
        let mut content = gzip.finish()?;
        content.resize(padded(content.len()), 0);
        Ok(self.seal(&content, iv))
    }

    /// Content that is no compressed frames, for readers to refuse.
    #[must_use]
    pub fn seal(&self, content: &[u8], iv: [u8; 16]) -> Vec<u8> {
        seal(&half(&self.message, false), &half(&self.message, true), iv, content)
    }
}
