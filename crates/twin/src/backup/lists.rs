//! The three property lists beside the manifest (`reference/ios.md` §2.5, §3.3).

use super::{BackupError, BackupFacts};
use crate::content::Dice;
use uitlezen_property_list::{COCOA_EPOCH, Value, to_binary, to_xml};

#[allow(clippy::cast_precision_loss)]
fn date(facts: &BackupFacts) -> Value {
    Value::Date(facts.date as f64 - COCOA_EPOCH)
}

fn uuid(seed: u64, purpose: &str) -> String {
    let digits = Dice::new(seed, purpose).hex(32);
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default().to_owned();
    [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-")
}

/// `bag` and `key`: the key bag, and the manifest's key where the backup is encrypted.
pub(super) fn manifest(facts: &BackupFacts, bag: &[u8], key: Option<&[u8]>) -> Result<Vec<u8>, BackupError> {
    let apps = facts.apps.iter().map(|app| {
        let path = format!("/var/containers/Bundle/Application/{}/{}.app", uuid(0, &app.bundle), app.bundle);
        let entry = Value::of([
            ("CFBundleIdentifier", Value::from(app.bundle.as_str())),
            ("CFBundleVersion", app.version.as_str().into()),
            ("ContainerContentClass", "Data/Application".into()),
            ("Path", path.into()),
        ]);
        (app.bundle.as_str(), entry)
    });
    let lockdown = Value::of([
        ("BuildVersion", Value::from(facts.build.as_str())),
        ("DeviceName", facts.name.as_str().into()),
        ("ProductType", facts.product.as_str().into()),
        ("ProductVersion", facts.ios.as_str().into()),
        ("SerialNumber", facts.serial.as_str().into()),
        ("UniqueDeviceID", facts.udid.as_str().into()),
    ]);
    let mut list = Value::of([
        ("Version", Value::from("10.0")),
        ("Date", date(facts)),
        ("SystemDomainsVersion", "24.0".into()),
        ("WasPasscodeSet", true.into()),
        ("IsEncrypted", key.is_some().into()),
        ("BackupKeyBag", bag.into()),
        ("Lockdown", lockdown),
        ("Applications", Value::of(apps)),
    ]);
    if let Some(key) = key {
        list.set("ManifestKey", key);
    }
    Ok(to_binary(&list)?)
}

pub(super) fn status(facts: &BackupFacts, seed: u64) -> Result<Vec<u8>, BackupError> {
    Ok(to_binary(&Value::of([
        ("BackupState", Value::from("new")),
        ("Date", date(facts)),
        ("IsFullBackup", facts.full.into()),
        ("SnapshotState", facts.snapshot_state.as_str().into()),
        ("UUID", uuid(seed, "status").into()),
        ("Version", "3.3".into()),
    ]))?)
}

/// What a host writes of its own before it asks for a backup.
pub(super) fn info(facts: &BackupFacts, seed: u64) -> Result<Vec<u8>, BackupError> {
    let apps: Vec<Value> = facts.apps.iter().map(|app| app.bundle.as_str().into()).collect();
    Ok(to_xml(&Value::of([
        ("Build Version", Value::from(facts.build.as_str())),
        ("Device Name", facts.name.as_str().into()),
        ("Display Name", facts.name.as_str().into()),
        ("GUID", uuid(seed, "info").replace('-', "").into()),
        ("Installed Applications", apps.into()),
        ("Last Backup Date", date(facts)),
        ("Product Type", facts.product.as_str().into()),
        ("Product Version", facts.ios.as_str().into()),
        ("Serial Number", facts.serial.as_str().into()),
        ("Target Identifier", facts.udid.as_str().into()),
        ("Target Type", "Device".into()),
        ("Unique Identifier", facts.udid.to_uppercase().into()),
        ("iTunes Version", "10.0.1".into()),
    ]))?)
}
