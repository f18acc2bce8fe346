//! What a vault holds.

use crate::{VaultError, lock::random};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{collections::BTreeMap, fmt, path::PathBuf};
use zeroize::Zeroizing;

/// Everything that the station remembers, in plain form only in memory.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Contents {
    /// Signs the seals. Absent until `keys new station`.
    pub station: Option<StationSecret>,
    /// Identifies this station to Android phones; made at first use.
    pub adb_key: Option<AdbKeySecret>,
    /// Secrets of apps on phones, each kept by the holder's recorded choice.
    #[serde(with = "pairs")]
    pub app_secrets: BTreeMap<AppSecretId, AppSecret>,
    /// Seal digest (hex) of the last seal of each phone, by serial number or UDID: the next one refers to it.
    pub last_seals: BTreeMap<String, String>,
    /// Seal digest of the last seal that this station signed.
    pub last_seal_of_station: Option<String>,
    /// Runs that were begun and not yet sealed or destroyed, by run id.
    pub open_runs: BTreeMap<String, OpenRun>,
    /// Under which the register stands; [`crate::Vault::register_key`] makes it.
    pub register_key: Option<Key32>,
    /// Under which the fingerprints of a phone's attachments stand, by serial number or UDID;
    /// [`crate::Vault::fingerprint_key`] makes them.
    pub fingerprint_keys: BTreeMap<String, Key32>,
    /// What was decided about the conversations of each phone when it was last sealed, in JSON: keyed hashes and classes, for
    /// the next readout to compare with.
    pub separations: BTreeMap<String, String>,
}

/// JSON has no structured map keys: a map becomes a list of pairs.
mod pairs {
    use super::{AppSecret, AppSecretId, BTreeMap};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(map: &BTreeMap<AppSecretId, AppSecret>, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(map)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<BTreeMap<AppSecretId, AppSecret>, D::Error> {
        Ok(Vec::<(AppSecretId, AppSecret)>::deserialize(d)?.into_iter().collect())
    }
}

/// Which secret of which phone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AppSecretId {
    /// Serial number or UDID.
    pub phone: String,
    /// `whatsapp`, `whatsapp-business`.
    pub app: String,
}

#[derive(Clone)]
struct Hidden(SecretString);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

impl Serialize for Hidden {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.0.expose_secret())
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Self(SecretString::from(String::deserialize(d)?)))
    }
}

/// The station's signing key and certificate chain.
#[derive(Clone, Debug, Serialize, Deserialize)]
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

/// The RSA key that phones ask about ("Allow USB debugging?").
#[derive(Clone, Debug, Serialize, Deserialize)]
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

/// A secret that unlocks an app's backups, and who chose that it be kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AppSecret {
    secret: Hidden,
    /// Who chose, as the operator recorded it.
    pub chosen_by: String,
    /// Unix seconds.
    pub chosen_at: i64,
}

impl AppSecret {
    #[must_use]
    pub fn new(secret: SecretString, chosen_by: impl Into<String>, chosen_at: i64) -> Self {
        Self { secret: Hidden(secret), chosen_by: chosen_by.into(), chosen_at }
    }

    #[must_use]
    pub fn expose(&self) -> &str {
        self.secret.0.expose_secret()
    }

    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.secret.0
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
