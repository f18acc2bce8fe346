//! What iPhones know this station by.

use super::Hidden;
use crate::VaultError;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Who this station is to every iPhone: the same for all of them, made once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IphoneHost {
    /// `SystemBUID`, a UUID.
    pub system_buid: String,
    /// `HostID`, a UUID.
    pub host_id: String,
}

/// The identity by which supervised iPhones know the organisation that owns them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supervision {
    /// DER, hex.
    pub certificate: String,
    /// PKCS#8, DER, hex.
    key: Hidden,
    /// Unix seconds.
    pub imported_at: i64,
}

impl Supervision {
    /// Larger ones are no identities.
    pub const LARGEST: usize = 64 * 1024;

    /// [`VaultError::TooLarge`] for a certificate or key of more than [`Supervision::LARGEST`] bytes.
    pub fn new(certificate: &[u8], key: &[u8], imported_at: i64) -> Result<Self, VaultError> {
        if certificate.len().max(key.len()) > Self::LARGEST {
            return Err(VaultError::TooLarge);
        }
        let key = Hidden(SecretString::from(hex::encode(key)));
        Ok(Self { certificate: hex::encode(certificate), key, imported_at })
    }

    /// PKCS#8, DER, hex.
    #[must_use]
    pub fn key(&self) -> &SecretString {
        &self.key.0
    }
}

/// The pair record of one iPhone: its holder tapped Trust once, and need not again while this is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairRecord {
    /// The property list as bytes, hex.
    record: Hidden,
    /// Unix seconds.
    pub paired_at: i64,
}

impl PairRecord {
    /// Larger ones are no pair records: two certificates, two keys and an escrow bag are some kilobytes.
    pub const LARGEST: usize = 64 * 1024;

    /// [`VaultError::TooLarge`] for more than [`PairRecord::LARGEST`] bytes.
    pub fn new(plist: &[u8], paired_at: i64) -> Result<Self, VaultError> {
        if plist.len() > Self::LARGEST {
            return Err(VaultError::TooLarge);
        }
        Ok(Self { record: Hidden(SecretString::from(hex::encode(plist))), paired_at })
    }

    pub fn plist(&self) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let bytes = hex::decode(self.record.0.expose_secret()).map_err(|_| VaultError::Damaged("a pair record"))?;
        Ok(Zeroizing::new(bytes))
    }
}
