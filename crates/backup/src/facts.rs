//! What a backup says of itself and its phone: from Manifest.plist, Status.plist and, for what these lack, Info.plist, which
//! the computer wrote.

use crate::{BackupError, Place};
use std::fmt;
use uitlezen_evidence::{Evidence, ReadAtExt};
use uitlezen_property_list::{Limits, Value, parse};

/// Info.plist of a restorable backup carries icons of all apps.
const LARGEST_LIST: u64 = 64 << 20;

/// Whether the phone finished the backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Snapshot {
    Finished,
    /// Status.plist says otherwise: files are missing, or of different times.
    Unfinished,
    /// There is no Status.plist, or it does not say.
    NotSaid,
}

/// Personal data among them (name, numbers): not for logs, and `Debug` does not show it.
#[derive(Clone, PartialEq)]
pub struct Facts {
    pub encrypted: bool,
    pub udid: Option<String>,
    pub serial: Option<String>,
    /// As its holder called it.
    pub device_name: Option<String>,
    /// `26.1`.
    pub ios: Option<String>,
    pub build: Option<String>,
    /// `iPhone17,1`.
    pub product: Option<String>,
    /// When the backup was made, Unix seconds.
    pub date: Option<i64>,
    pub snapshot: Snapshot,
    /// Status.plist's `IsFullBackup`.
    pub full: Option<bool>,
    pub passcode_was_set: Option<bool>,
    /// Bundle ids of the installed apps, sorted.
    pub apps: Vec<String>,
}

impl fmt::Debug for Facts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Facts")
            .field("encrypted", &self.encrypted)
            .field("ios", &self.ios)
            .field("product", &self.product)
            .field("snapshot", &self.snapshot)
            .finish_non_exhaustive()
    }
}

/// A list of the backup's own; `None` if it is not there.
pub(crate) fn list(evidence: &dyn Evidence, place: &Place, name: &str) -> Result<Option<Value>, BackupError> {
    let Some(item) = place.own(evidence, name) else { return Ok(None) };
    let bytes = evidence.open(&item.name)?.read_all(LARGEST_LIST)?;
    Ok(Some(parse(&bytes, &Limits { input: bytes.len(), ..Limits::default() })?))
}

impl Facts {
    /// A Status.plist or Info.plist that cannot be read says nothing; the backup may be read all the same.
    pub(crate) fn gather(evidence: &dyn Evidence, place: &Place, manifest: Option<&Value>) -> Self {
        let other = |name| list(evidence, place, name).ok().flatten();
        let (status, info) = (other("Status.plist"), other("Info.plist"));
        let (status, info) = (status.as_ref(), info.as_ref());
        let lockdown = manifest.and_then(|list| list.get("Lockdown"));
        let text = |key: &str, of_info: &str| {
            let said = lockdown.and_then(|lockdown| lockdown.get(key)).or_else(|| info?.get(of_info));
            said.and_then(Value::str).map(str::to_owned)
        };
        let dates = [
            status.and_then(|list| list.get("Date")),
            manifest.and_then(|list| list.get("Date")),
            info.and_then(|list| list.get("Last Backup Date")),
        ];
        let snapshot = match status.and_then(|list| list.get("SnapshotState")).and_then(Value::str) {
            Some("finished") => Snapshot::Finished,
            Some(_) => Snapshot::Unfinished,
            None => Snapshot::NotSaid,
        };
        let mut apps: Vec<String> = match manifest.and_then(|list| list.get("Applications")).and_then(Value::dict) {
            Some(apps) => apps.keys().cloned().collect(),
            None => {
                let listed = info.and_then(|list| list.get("Installed Applications")).and_then(Value::array);
                listed.unwrap_or_default().iter().filter_map(Value::str).map(str::to_owned).collect()
            }
        };
        apps.sort();
        apps.dedup();
        Self {
            encrypted: manifest.and_then(|list| list.get("IsEncrypted")).and_then(Value::switch).unwrap_or(false),
            udid: text("UniqueDeviceID", "Target Identifier"),
            serial: text("SerialNumber", "Serial Number"),
            device_name: text("DeviceName", "Device Name"),
            ios: text("ProductVersion", "Product Version"),
            build: text("BuildVersion", "Build Version"),
            product: text("ProductType", "Product Type"),
            date: dates.into_iter().flatten().find_map(Value::unix),
            snapshot,
            full: status.and_then(|list| list.get("IsFullBackup")).and_then(Value::switch),
            passcode_was_set: manifest.and_then(|list| list.get("WasPasscodeSet")).and_then(Value::switch),
            apps,
        }
    }
}
