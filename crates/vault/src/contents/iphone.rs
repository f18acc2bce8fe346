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
