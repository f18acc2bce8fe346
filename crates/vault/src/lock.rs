//! The ways to the vault's key: a passphrase, a systemd credential, and the recovery recipients.

use crate::VaultError;
use aes_gcm::{Aes256Gcm, KeyInit, Nonce, aead::Aead, aead::Payload};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};
use zeroize::Zeroizing;

/// Argon2id cost for new locks: RFC 9106's second recommended choice (64 MiB, 3 passes, 4 lanes).
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;
/// The most that a lock read from a file may ask of this machine.
const MOST_MEMORY_KIB: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 32;
const MOST_LANES: u32 = 64;
/// A credential is machine-made: shorter ones are refused rather than stretched.
const SHORTEST_CREDENTIAL: usize = 16;

/// What unlocks a vault.
#[derive(Clone, Debug)]
pub enum Unlock {
    Passphrase(SecretString),
    /// A systemd credential, at least 16 bytes of machine-made secret.
    Credential(SecretString),
}

impl Unlock {
    fn kind(&self) -> LockKind {
        match self {
            Self::Passphrase(_) => LockKind::Passphrase,
            Self::Credential(_) => LockKind::Credential,
        }
    }

    fn secret(&self) -> &SecretString {
        match self {
            Self::Passphrase(s) | Self::Credential(s) => s,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum LockKind {
    Passphrase,
    Credential,
}

/// A recovery recipient: an age X25519 public key of the organisation.
#[derive(Clone)]
pub struct Recovery(age::x25519::Recipient);

impl std::fmt::Debug for Recovery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recovery({})", self.0)
    }
}

impl Recovery {
    /// Reads `age1…`.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        text.trim().parse().map(Self).map_err(|_| VaultError::BadRecipient)
    }
}

/// The random key under which the contents stand.
pub(crate) struct VaultKey(Zeroizing<[u8; 32]>);

impl VaultKey {
    pub(crate) fn random() -> Result<Self, VaultError> {
        Ok(Self(Zeroizing::new(random()?)))
    }

    pub(crate) fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(&(*self.0).into())
    }

    fn from_slice(bytes: &[u8]) -> Result<Self, VaultError> {
        let key = <[u8; 32]>::try_from(bytes).map_err(|_| VaultError::Damaged("the vault key has another length"))?;
        Ok(Self(Zeroizing::new(key)))
    }
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| VaultError::Random)?;
    Ok(bytes)
}

/// One way to the vault key, as it stands in the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lock {
    kind: LockKind,
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

impl Lock {
    pub(crate) fn close(key: &VaultKey, unlock: &Unlock) -> Result<Self, VaultError> {
        if matches!(unlock, Unlock::Credential(c) if c.expose_secret().len() < SHORTEST_CREDENTIAL) {
            return Err(VaultError::WrongSecret);
        }
        let mut lock = Self {
            kind: unlock.kind(),
            salt: random()?,
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            nonce: random()?,
            wrapped: Vec::new(),
        };
        let cipher = lock.cipher(unlock)?;
        let payload = Payload { msg: key.0.as_slice(), aad: b"uitlezen vault lock 1" };
        lock.wrapped = cipher.encrypt(&Nonce::from(lock.nonce), payload).map_err(|_| VaultError::Damaged("wrapping failed"))?;
        Ok(lock)
    }

    /// `None`: this lock is of another kind. An error: of this kind, and it did not open.
    pub(crate) fn open(&self, unlock: &Unlock) -> Result<Option<VaultKey>, VaultError> {
        if self.kind != unlock.kind() {
            return Ok(None);
        }
        let payload = Payload { msg: &self.wrapped, aad: b"uitlezen vault lock 1" };
        let key = self.cipher(unlock)?.decrypt(&Nonce::from(self.nonce), payload).map_err(|_| VaultError::WrongSecret)?;
        VaultKey::from_slice(&Zeroizing::new(key)).map(Some)
    }

    fn cipher(&self, unlock: &Unlock) -> Result<Aes256Gcm, VaultError> {
        if self.memory_kib > MOST_MEMORY_KIB || self.passes > MOST_PASSES || self.lanes > MOST_LANES {
            return Err(VaultError::Damaged("a lock asks for more work than allowed"));
        }
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32))
            .map_err(|_| VaultError::Damaged("a lock has impossible parameters"))?;
        let mut key = Zeroizing::new([0_u8; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(unlock.secret().expose_secret().as_bytes(), &self.salt, key.as_mut())
            .map_err(|_| VaultError::Damaged("a lock has impossible parameters"))?;
        Ok(Aes256Gcm::new(&(*key).into()))
    }
}

/// The vault key as a standard age file for the recovery recipients: one line of hex inside.
pub(crate) fn wrap_for_recovery(key: &VaultKey, recipients: &[Recovery]) -> Result<Vec<u8>, VaultError> {
    let encryptor = age::Encryptor::with_recipients(recipients.iter().map(|r| &r.0 as &dyn age::Recipient))
        .map_err(|_| VaultError::NoRecovery)?;
    let mut file = Vec::new();
    let mut writer = encryptor.wrap_output(&mut file)?;
    let line = Zeroizing::new(format!("uitlezen/1 vault-key {}\n", hex::encode(key.0.as_slice())));
    writer.write_all(line.as_bytes())?;
    writer.finish()?;
    Ok(file)
}

pub(crate) fn unwrap_by_recovery(file: &[u8], identity: &SecretString) -> Result<VaultKey, VaultError> {
    let identity: age::x25519::Identity = identity.expose_secret().trim().parse().map_err(|_| VaultError::BadIdentity)?;
    let decryptor = age::Decryptor::new(file).map_err(|_| VaultError::Damaged("the recovery envelope is not an age file"))?;
    let reader =
        decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)).map_err(|_| VaultError::NotForThisIdentity)?;
    let mut line = Zeroizing::new(String::new());
    reader.take(200).read_to_string(&mut line).map_err(|_| VaultError::Damaged("the recovery envelope"))?;
    let digits = line.trim_end().strip_prefix("uitlezen/1 vault-key ").ok_or(VaultError::Damaged("the recovery envelope"))?;
    let key = Zeroizing::new(hex::decode(digits).map_err(|_| VaultError::Damaged("the recovery envelope"))?);
    VaultKey::from_slice(&key)
}
