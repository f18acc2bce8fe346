//! A lock that a text opens, stretched by Argon2id: a passphrase, or a systemd credential.

use super::{VaultKey, closed, opened, random};
use crate::VaultError;
use aes_gcm::{Aes256Gcm, KeyInit};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Argon2id cost for new locks: RFC 9106's second recommended choice (64 MiB, 3 passes, 4 lanes).
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
/// The most that a lock read from a file may ask of this machine.
const MOST_MEMORY_KIB: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 32;
const MOST_LANES: u32 = 64;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stretched {
    #[serde(with = "hex::serde")]
    salt: [u8; 16],
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    #[serde(with = "hex::serde")]
    nonce: [u8; 12],
    #[serde(with = "hex::serde")]
    wrapped: Vec<u8>,
}

impl Stretched {
    pub(super) fn close(key: &VaultKey, secret: &SecretString) -> Result<Self, VaultError> {
        let mut lock =
            Self { salt: random()?, memory_kib: MEMORY_KIB, passes: PASSES, lanes: LANES, nonce: random()?, wrapped: Vec::new() };
        lock.wrapped = closed(&lock.cipher(secret)?, lock.nonce, key)?;
        Ok(lock)
    }

    pub(super) fn open(&self, secret: &SecretString) -> Result<VaultKey, VaultError> {
        opened(&self.cipher(secret)?, self.nonce, &self.wrapped)
    }

    fn cipher(&self, secret: &SecretString) -> Result<Aes256Gcm, VaultError> {
        if self.memory_kib > MOST_MEMORY_KIB || self.passes > MOST_PASSES || self.lanes > MOST_LANES {
            return Err(VaultError::Damaged("a lock asks for more work than allowed"));
        }
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32))
            .map_err(|_| VaultError::Damaged("a lock has impossible parameters"))?;
        let mut key = Zeroizing::new([0_u8; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(secret.expose_secret().as_bytes(), &self.salt, key.as_mut())
            .map_err(|_| VaultError::Damaged("a lock has impossible parameters"))?;
        Ok(Aes256Gcm::new(&(*key).into()))
    }
}
