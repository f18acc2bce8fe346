//! A lock that a smartcard or HSM opens, over PKCS#11.
//!
//! A random 32-byte secret wraps the vault's key and is itself encrypted to an RSA key (2048 bits or more) whose private half
//! never leaves the token: RSA-OAEP, because nearly every card and HSM can decrypt so, where a key agreement or an AES key on
//! the token is what only some can. OAEP with SHA-256 where the token can, else with SHA-1, which OAEP's safety does not rest
//! on. The module is a library that is loaded into this process when a token is asked for, and then only; it is named on
//! the command line or in the station's settings, never by the vault file. The house rule that a process with keys opens no
//! socket is the module's to keep: use a token that is plugged in, not one behind a network.

mod session;
mod uri;

pub use uri::TokenKey;

use super::{LockKind, VaultKey, closed, opened, random};
use crate::VaultError;
use aes_gcm::{Aes256Gcm, KeyInit};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use session::Session;
use zeroize::Zeroizing;

/// What a token or its module said; each asks something else of the person at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenTrouble {
    #[error("the place of the key is not understood (pkcs11:token=…;object=…?module-path=…)")]
    Uri,
    #[error("the PKCS#11 module cannot be loaded")]
    Module,
    #[error("the token is not there")]
    Absent,
    #[error("there is no RSA key of at least 2048 bits by that name on the token, or more than one")]
    NoKey,
    #[error("the PIN is wrong")]
    WrongPin,
    #[error("the token has locked its PIN")]
    PinLocked,
    #[error("the token refused to decrypt")]
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Scheme {
    RsaOaepSha256,
    RsaOaepSha1,
}

/// A lock of a token, as it stands in the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Held {
    /// The token's label and serial number, and the key's id on it.
    token: String,
    serial: String,
    #[serde(with = "hex::serde")]
    key: Vec<u8>,
    scheme: Scheme,
    /// The lock's own secret, encrypted to the key.
    #[serde(with = "hex::serde")]
    secret: Vec<u8>,
    #[serde(with = "hex::serde")]
    nonce: [u8; 12],
    #[serde(with = "hex::serde")]
    wrapped: Vec<u8>,
}

impl Held {
    pub(super) fn close(key: &VaultKey, at: &TokenKey, pin: Option<&SecretString>) -> Result<Self, VaultError> {
        let secret = Zeroizing::new(random::<32>()?);
        let session = Session::open(at, pin)?;
        let private = session.private_key(at.label(), at.id())?;
        let mut last = TokenTrouble::Refused;
        for scheme in [Scheme::RsaOaepSha256, Scheme::RsaOaepSha1] {
            let sealed = private.encrypt(scheme, secret.as_slice())?;
            match session.decrypt(&private, scheme, &sealed) {
                Ok(back) if *back == *secret => {
                    let nonce = random()?;
                    let cipher = Aes256Gcm::new(&(*secret).into());
                    let wrapped = closed(&cipher, nonce, key)?;
                    let (token, serial) = session.token();
                    return Ok(Self { token, serial, key: private.id, scheme, secret: sealed, nonce, wrapped });
                }
                Ok(_) => {}
                Err(trouble) => last = trouble,
            }
        }
        Err(last.into())
    }

    /// Whether this lock can be of the token that was named: what was not named may be anything.
    pub(super) fn is_of(&self, at: &TokenKey) -> bool {
        at.token().is_none_or(|token| token == self.token)
            && at.serial().is_none_or(|serial| serial == self.serial)
            && at.id().is_none_or(|id| id == self.key)
    }

    pub(super) fn open(&self, at: &TokenKey, pin: Option<&SecretString>) -> Result<VaultKey, VaultError> {
        // The very token that closed it, whatever else is plugged in.
        let session = Session::open(&at.on(&self.token, &self.serial), pin)?;
        let private = session.private_key(None, Some(&self.key))?;
        let secret = session.decrypt(&private, self.scheme, &self.secret)?;
        opened(&Aes256Gcm::new(&(*secret).into()), self.nonce, &self.wrapped)
    }

    pub(super) fn kind(&self) -> LockKind {
        LockKind::Token { label: self.token.clone(), serial: self.serial.clone() }
    }
}
