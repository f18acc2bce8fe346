//! The ways to the vault's key: a passphrase, a systemd credential, a token, and the recovery recipients.

pub(crate) mod recovery;
mod stretched;
mod token;

pub use recovery::Recovery;
pub use token::{TokenKey, TokenTrouble};

use crate::VaultError;
use aes_gcm::{Aes256Gcm, KeyInit, Nonce, aead::Aead, aead::Payload};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use stretched::Stretched;
use token::Held;
use zeroize::Zeroizing;

/// A credential is machine-made: shorter ones are refused rather than stretched.
const SHORTEST_CREDENTIAL: usize = 16;
const AAD: &[u8] = b"uitlezen vault lock 1";

/// What unlocks a vault.
#[derive(Clone, Debug)]
pub enum Unlock {
    Passphrase(SecretString),
    /// A systemd credential, at least 16 bytes of machine-made secret.
    Credential(SecretString),
    /// A key on a smartcard or HSM. Without a PIN the token asks for it on its own keypad.
    Token {
        key: TokenKey,
        pin: Option<SecretString>,
    },
}

/// What kind of lock there is, for whoever looks after the station.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockKind {
    Passphrase,
    Credential,
    /// By the token's label and serial number.
    Token {
        label: String,
        serial: String,
    },
}

impl LockKind {
    /// A stable word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Passphrase => "passphrase",
            Self::Credential => "credential",
            Self::Token { .. } => "pkcs11",
        }
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

    pub(crate) fn as_slice(&self) -> &[u8] {
        self.0.as_slice()
    }

    pub(crate) fn from_slice(bytes: &[u8]) -> Result<Self, VaultError> {
        let key = <[u8; 32]>::try_from(bytes).map_err(|_| VaultError::Damaged("the vault key has another length"))?;
        Ok(Self(Zeroizing::new(key)))
    }
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| VaultError::Random)?;
    Ok(bytes)
}

fn closed(cipher: &Aes256Gcm, nonce: [u8; 12], key: &VaultKey) -> Result<Vec<u8>, VaultError> {
    let payload = Payload { msg: key.as_slice(), aad: AAD };
    cipher.encrypt(&Nonce::from(nonce), payload).map_err(|_| VaultError::Damaged("wrapping failed"))
}

fn opened(cipher: &Aes256Gcm, nonce: [u8; 12], wrapped: &[u8]) -> Result<VaultKey, VaultError> {
    let payload = Payload { msg: wrapped, aad: AAD };
    let key = cipher.decrypt(&Nonce::from(nonce), payload).map_err(|_| VaultError::WrongSecret)?;
    VaultKey::from_slice(&Zeroizing::new(key))
}

/// One way to the vault key, as it stands in the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Lock {
    Passphrase(Stretched),
    Credential(Stretched),
    Pkcs11(Held),
}

impl Lock {
    /// A token is asked to open what was just closed: a lock that never opens must not be written.
    pub(crate) fn close(key: &VaultKey, unlock: &Unlock) -> Result<Self, VaultError> {
        match unlock {
            Unlock::Passphrase(secret) => Stretched::close(key, secret).map(Self::Passphrase),
            Unlock::Credential(secret) if secret.expose_secret().len() < SHORTEST_CREDENTIAL => Err(VaultError::WrongSecret),
            Unlock::Credential(secret) => Stretched::close(key, secret).map(Self::Credential),
            Unlock::Token { key: token, pin } => Held::close(key, token, pin.as_ref()).map(Self::Pkcs11),
        }
    }

    /// `None`: this lock is of another kind, or of another token. An error: it is this one, and it did not open.
    fn open(&self, unlock: &Unlock) -> Option<Result<VaultKey, VaultError>> {
        match (self, unlock) {
            (Self::Passphrase(lock), Unlock::Passphrase(secret)) | (Self::Credential(lock), Unlock::Credential(secret)) => {
                Some(lock.open(secret))
            }
            (Self::Pkcs11(lock), Unlock::Token { key, pin }) => lock.is_of(key).then(|| lock.open(key, pin.as_ref())),
            _ => None,
        }
    }

    pub(crate) fn kind(&self) -> LockKind {
        match self {
            Self::Passphrase(_) => LockKind::Passphrase,
            Self::Credential(_) => LockKind::Credential,
            Self::Pkcs11(held) => held.kind(),
        }
    }
}

/// Tries the locks of this kind. A wrong secret for one may be right for the next; a PIN is never tried twice in vain, since
/// each failure counts on the token.
pub(crate) fn open(locks: &[Lock], unlock: &Unlock) -> Result<VaultKey, VaultError> {
    let mut last = VaultError::NoSuchLock;
    for lock in locks {
        match lock.open(unlock) {
            None => {}
            Some(Err(VaultError::WrongSecret)) => last = VaultError::WrongSecret,
            Some(settled) => return settled,
        }
    }
    Err(last)
}
