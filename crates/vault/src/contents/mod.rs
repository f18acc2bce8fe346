//! What a vault holds.

mod hidden;
mod holder;
mod iphone;
mod station;

pub use holder::{AppSecret, AppSecretId, BackupPassword, PasswordOrigin};
pub use iphone::{IphoneHost, PairRecord, Supervision};
pub use station::{AdbKeySecret, FormerCertificate, Key32, OpenRun, StationSecret};

use hidden::Hidden;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything that the station remembers, in plain form only in memory. Phones are named by serial number or UDID.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Contents {
    /// Signs the seals. Absent until `keys new station`.
    pub station: Option<StationSecret>,
    /// What this station signed under before, oldest first: its earlier seals are verified with these.
    pub former_certificates: Vec<FormerCertificate>,
    /// Identifies this station to Android phones; made at first use.
    pub adb_key: Option<AdbKeySecret>,
    /// Identifies this station to iPhones.
    pub iphone_host: Option<IphoneHost>,
    /// Opens supervised iPhones to pairing.
    pub supervision: Option<Supervision>,
    /// iPhones that trust this station.
    pub pair_records: BTreeMap<String, PairRecord>,
    /// Secrets of apps on phones, each kept by the holder's recorded choice.
    #[serde(with = "pairs")]
    pub app_secrets: BTreeMap<AppSecretId, AppSecret>,
    /// Passwords of iPhone backups, each kept by the holder's recorded choice.
    pub backup_passwords: BTreeMap<String, BackupPassword>,
    /// Seal digest (hex) of the last seal of each phone: the next one refers to it.
    pub last_seals: BTreeMap<String, String>,
    /// Seal digest of the last seal that this station signed.
    pub last_seal_of_station: Option<String>,
    /// Runs that were begun and not yet sealed or destroyed, by run id.
    pub open_runs: BTreeMap<String, OpenRun>,
    /// Under which the register stands; [`crate::Vault::register_key`] makes it.
    pub register_key: Option<Key32>,
    /// Under which the fingerprints of a phone's attachments stand; [`crate::Vault::fingerprint_key`] makes them.
    pub fingerprint_keys: BTreeMap<String, Key32>,
    /// What was decided about the conversations of each phone when it was last sealed, in JSON: keyed hashes and classes, for
    /// the next readout to compare with.
    pub separations: BTreeMap<String, String>,
    /// For whom the vault's key is wrapped (`age1…`). Only the vault itself changes it. Empty in a vault of version 1.
    pub recovery: Vec<String>,
    /// When this was last written, by this machine's clock; Unix seconds. Only the vault itself changes it.
    pub changed: i64,
}

impl Contents {
    /// How many secrets of each kind there are, by a stable word; no names.
    #[must_use]
    pub fn counts(&self) -> [(&'static str, usize); 10] {
        [
            ("station-key", usize::from(self.station.is_some())),
            ("adb-key", usize::from(self.adb_key.is_some())),
            ("iphone-host", usize::from(self.iphone_host.is_some())),
            ("supervision", usize::from(self.supervision.is_some())),
            ("pair-records", self.pair_records.len()),
            ("app-secrets", self.app_secrets.len()),
            ("backup-passwords", self.backup_passwords.len()),
            ("open-runs", self.open_runs.len()),
            ("register-key", usize::from(self.register_key.is_some())),
            ("fingerprint-keys", self.fingerprint_keys.len()),
        ]
    }
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
