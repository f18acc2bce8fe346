//! The way to the vault's key for the organisation's recovery recipients: a standard age file, so that `age` alone opens it.

use super::VaultKey;
use crate::VaultError;
use secrecy::{ExposeSecret, SecretString};
use std::{
    fmt,
    io::{Read, Write},
};
use zeroize::Zeroizing;

const LINE: &str = "uitlezen/1 vault-key ";

/// A recovery recipient: an age X25519 public key of the organisation.
#[derive(Clone)]
pub struct Recovery(age::x25519::Recipient);

impl Recovery {
    /// Reads `age1…`.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        text.trim().parse().map(Self).map_err(|_| VaultError::BadRecipient)
    }
}

impl fmt::Display for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recovery({self})")
    }
}

/// The vault key as a standard age file for the recovery recipients: one line of hex inside.
pub(crate) fn wrap(key: &VaultKey, recipients: &[Recovery]) -> Result<Vec<u8>, VaultError> {
    let encryptor = age::Encryptor::with_recipients(recipients.iter().map(|r| &r.0 as &dyn age::Recipient))
        .map_err(|_| VaultError::NoRecovery)?;
    let mut file = Vec::new();
    let mut writer = encryptor.wrap_output(&mut file)?;
    let digits = Zeroizing::new(hex::encode(key.as_slice()));
    for piece in [LINE, &digits, "\n"] {
        writer.write_all(piece.as_bytes())?;
    }
    writer.finish()?;
    Ok(file)
}

pub(crate) fn unwrap(file: &[u8], identity: &SecretString) -> Result<VaultKey, VaultError> {
    let identity: age::x25519::Identity = identity.expose_secret().trim().parse().map_err(|_| VaultError::BadIdentity)?;
    let damaged = || VaultError::Damaged("the recovery envelope");
    let decryptor = age::Decryptor::new(file).map_err(|_| VaultError::Damaged("the recovery envelope is not an age file"))?;
    let reader =
        decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)).map_err(|_| VaultError::NotForThisIdentity)?;
    let mut line = Zeroizing::new(String::with_capacity(200));
    reader.take(200).read_to_string(&mut line).map_err(|_| damaged())?;
    let digits = line.strip_suffix('\n').and_then(|line| line.strip_prefix(LINE)).ok_or_else(damaged)?;
    let key = Zeroizing::new(hex::decode(digits).map_err(|_| damaged())?);
    VaultKey::from_slice(&key)
}
