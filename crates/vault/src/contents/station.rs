//! The station's own secrets: what it signs with, what phones know it by, what it is busy with.

use super::Hidden;
use crate::{VaultError, lock::random};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// The station's signing key and certificate chain.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StationSecret {
    /// PKCS#8, PEM.
    key: Hidden,
    /// The station's certificate first, then its issuers; PEM, one after another.
    pub certificates: String,
}

impl StationSecret {
    #[must_use]
    pub fn new(pkcs8_pem: SecretString, certificates: String) -> Self {
        Self { key: Hidden(pkcs8_pem), certificates }
    }

    #[must_use]
    pub fn key(&self) -> &SecretString {
        &self.key.0
    }
}

/// A certificate under which this station signed before; its key is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormerCertificate {
    /// As [`StationSecret::certificates`].
    pub certificates: String,
    /// Unix seconds.
    pub until: i64,
}

/// The RSA key that phones ask about ("Allow USB debugging?").
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdbKeySecret {
    key: Hidden,
}

impl AdbKeySecret {
    /// PKCS#8, PEM.
    #[must_use]
    pub fn new(pkcs8_pem: SecretString) -> Self {
        Self { key: Hidden(pkcs8_pem) }
    }

    #[must_use]
    pub fn key(&self) -> &SecretString {
        &self.key.0
    }
}

/// A run whose work store still stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OpenRun {
    /// 32 bytes, hex.
    key: Hidden,
    /// The work store, `<run>.partial`.
    pub store: PathBuf,
    /// Serial number or UDID.
    pub phone: String,
    /// Unix seconds.
    pub started: i64,
}

impl OpenRun {
    #[must_use]
    pub fn new(key_hex: SecretString, store: PathBuf, phone: impl Into<String>, started: i64) -> Self {
        Self { key: Hidden(key_hex), store, phone: phone.into(), started }
    }

    #[must_use]
    pub fn key(&self) -> &SecretString {
        &self.key.0
    }
}

/// A random key of 32 bytes, 64 hex digits in the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key32(Hidden);

impl Key32 {
    pub(crate) fn random() -> Result<Self, VaultError> {
        let bytes = Zeroizing::new(random::<32>()?);
        Ok(Self(Hidden(SecretString::from(hex::encode(bytes.as_slice())))))
    }

    pub(crate) fn open(&self) -> Result<SecretBox<[u8; 32]>, VaultError> {
        let mut read = Ok(());
        let key = SecretBox::init_with_mut(|to: &mut [u8; 32]| read = hex::decode_to_slice(self.0.0.expose_secret(), to));
        read.map(|()| key).map_err(|_| VaultError::Damaged("a key has another length"))
    }
}
