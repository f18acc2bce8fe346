//! From a password to the master key.

use crate::{BackupError, cipher::Master, header::Encryption};
use aes::{Aes256Dec, Block};
use cbc::{
    Decryptor,
    cipher::{BlockModeDecrypt, InnerIvInit},
};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use zeroize::Zeroizing;

type Key = Zeroizing<[u8; 32]>;

impl Encryption {
    pub(crate) fn unlock(&self, version: u32, password: &str) -> Result<Master, BackupError> {
        let user = derive(password.as_bytes(), &self.user_salt, self.rounds)?;
        let mut blob = Zeroizing::new(self.master_key.clone());
        let cipher = Aes256Dec::new(&(*user).into());
        let vector = Block::from(self.user_vector);
        Decryptor::inner_iv_init(&cipher, &vector).decrypt_blocks(Block::slice_as_chunks_mut(&mut blob).0);
        // Lengths that are right three times over do not come of another key.
        let parts = take_apart(&blob).ok_or(BackupError::WrongPassword)?;
        let (vector, key, checksum) = parts;
        let chars = Zeroizing::new(java_chars(&key));
        let fits = |text: &[u8]| derive(text, &self.checksum_salt, self.rounds).map(|made| *made == checksum);
        if fits(&chars)? || (version < 2 && fits(key.as_slice())?) {
            Ok(Master { key, vector })
        } else {
            Err(BackupError::Damaged)
        }
    }
}

/// Length and vector, length and key, length and checksum, then padding.
fn take_apart(blob: &[u8]) -> Option<([u8; 16], Key, [u8; 32])> {
    let padding = *blob.last()?;
    let length = blob.len().checked_sub(usize::from(padding))?;
    let (blob, padded) = blob.split_at_checked(length)?;
    if !(1..=16).contains(&padding) || padded.iter().any(|byte| *byte != padding) {
        return None;
    }
    let mut rest = blob;
    let mut piece = |length: u8| {
        let (first, after) = rest.split_first()?;
        let (piece, after) = after.split_at_checked(usize::from(length))?;
        rest = after;
        (*first == length).then_some(piece)
    };
    let vector = piece(16)?.try_into().ok()?;
    let key = Zeroizing::new(piece(32)?.try_into().ok()?);
    let checksum = piece(32)?.try_into().ok()?;
    rest.is_empty().then_some((vector, key, checksum))
}

/// The key's bytes as characters of Java, a negative byte becoming U+FFxx, in UTF-8.
fn java_chars(key: &[u8; 32]) -> Vec<u8> {
    let character = |byte: &u8| {
        let extended = i16::from(byte.cast_signed()).cast_unsigned();
        char::from_u32(u32::from(extended)).unwrap_or(char::REPLACEMENT_CHARACTER)
    };
    key.iter().map(character).collect::<String>().into_bytes()
}

/// PBKDF2-HMAC-SHA1 to 32 bytes.
fn derive(password: &[u8], salt: &[u8], rounds: u32) -> Result<Key, BackupError> {
    let keyed = <Hmac<Sha1> as KeyInit>::new_from_slice(password).map_err(|_| BackupError::Header)?;
    let mut out = Key::default();
    for (block, number) in out.chunks_mut(20).zip(1_u32..) {
        let mut mac = keyed.clone();
        mac.update(salt);
        mac.update(&number.to_be_bytes());
        let mut last = mac.finalize().into_bytes();
        let mut sum = Zeroizing::new(<[u8; 20]>::from(last));
        for _ in 1..rounds {
            let mut mac = keyed.clone();
            mac.update(&last);
            last = mac.finalize().into_bytes();
            sum.iter_mut().zip(&last).for_each(|(sum, byte)| *sum ^= byte);
        }
        block.iter_mut().zip(sum.iter()).for_each(|(to, from)| *to = *from);
    }
    Ok(out)
}
