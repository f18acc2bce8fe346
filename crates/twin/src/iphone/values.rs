//! What lockdownd's GetValue and SetValue know (`reference/ios.md §1.2`).

use super::{Iphone, IphoneError, Lock, tls::device_key, wire::dictionary};
use crate::device::Clock;
use plist::{Date, Dictionary, Value};
use std::time::{Duration, SystemTime};

/// Values that a host may ask before it is trusted.
const WITHOUT_SESSION: &[&str] = &[
    "DeviceName",
    "DeviceClass",
    "ProductName",
    "ProductType",
    "ProductVersion",
    "BuildVersion",
    "UniqueDeviceID",
    "UniqueChipID",
    "DevicePublicKey",
    "WiFiAddress",
    "HardwareModel",
];

/// Answer to GetValue: the value, or the word for why not.
pub(super) fn get(
    phone: &Iphone,
    domain: &str,
    key: Option<&str>,
    session: bool,
) -> Result<Result<Value, &'static str>, IphoneError> {
    if !domain.is_empty() && !session {
        // usbmuxd and hosts that have not paired ask these and take "no" for an answer
        return Ok(Err("GetProhibited"));
    }
    let mut all = match domain {
        "" => identity(phone)?,
        "com.apple.mobile.backup" => backup(phone),
        "com.apple.disk_usage" => disk(phone),
        "com.apple.mobile.battery" => battery(phone),
        "com.apple.mobile.iTunes" | "com.apple.iTunes" => dictionary([("MinITunesVersion", "12.12.0".into())]),
        "com.apple.mobile.wireless_lockdown" => dictionary([("EnableWifiConnections", phone.state().wifi_connections.into())]),
        "com.apple.international" => dictionary([("Language", "nl".into()), ("Locale", "nl_NL".into())]),
        // an unknown domain is an empty one: `ideviceinfo` walks through dozens
        _ => Dictionary::new(),
    };
    Ok(match key {
        None => {
            if !session {
                all = all.into_iter().filter(|(key, _)| WITHOUT_SESSION.contains(&key.as_str())).collect();
            }
            Ok(Value::Dictionary(all))
        }
        Some(key) => match all.remove(key) {
            Some(_) if !session && !WITHOUT_SESSION.contains(&key) => Err("GetProhibited"),
            Some(value) => Ok(value),
            None => Err("MissingValue"),
        },
    })
}

/// Answer to SetValue. Nothing of the phone's content or settings can be set from here but Wi-Fi lockdown.
pub(super) fn set(phone: &Iphone, domain: &str, key: &str, value: Option<&Value>, session: bool) -> Result<(), &'static str> {
    match (domain, key) {
        // the daemon leaves its identity with every phone it sees
        ("", "UntrustedHostBUID") => Ok(()),
        ("com.apple.mobile.wireless_lockdown", "EnableWifiConnections") if session => {
            phone.state().wifi_connections = value.and_then(Value::as_boolean).ok_or("MissingValue")?;
            Ok(())
        }
        _ => Err("SetProhibited"),
    }
}

/// Unix seconds of the phone's clock, with fractions.
pub(super) fn now(clock: &Clock) -> f64 {
    clock.now().as_duration().as_secs_f64()
}

/// A moment as a property list writes it.
pub(super) fn date(unix: i64) -> Value {
    let offset = Duration::from_secs(unix.unsigned_abs());
    let moment = if unix < 0 { SystemTime::UNIX_EPOCH.checked_sub(offset) } else { SystemTime::UNIX_EPOCH.checked_add(offset) };
    Value::Date(Date::from(moment.unwrap_or(SystemTime::UNIX_EPOCH)))
}

fn identity(phone: &Iphone) -> Result<Dictionary, IphoneError> {
    let who = &phone.facts.identity;
    let chip = who.udid.rsplit('-').next().and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or(1);
    let zone = jiff::tz::TimeZone::get(&who.timezone).unwrap_or(jiff::tz::TimeZone::UTC);
    let offset = zone.to_offset(phone.facts.clock.now()).seconds();
    let passcode = phone.state().passcode != super::Passcode::NotAsked;
    let locked = phone.state().lock != Lock::Unlocked;
    let mut all = dictionary([
        ("ActivationState", "Activated".into()),
        ("BuildVersion", who.build.as_str().into()),
        ("CPUArchitecture", "arm64e".into()),
        ("DeviceClass", "iPhone".into()),
        ("DeviceName", who.name.as_str().into()),
        ("DevicePublicKey", Value::Data(device_key()?.public.clone())),
        ("HardwareModel", who.hardware.as_str().into()),
        ("PasswordProtected", (passcode && locked).into()),
        ("ProductName", "iPhone OS".into()),
        ("ProductType", who.product.as_str().into()),
        ("ProductVersion", who.ios.as_str().into()),
        ("SerialNumber", who.serial.as_str().into()),
        ("TimeIntervalSince1970", now(&phone.facts.clock).into()),
        ("TimeZone", who.timezone.as_str().into()),
        ("TimeZoneOffsetFromUTC", f64::from(offset).into()),
        ("UniqueChipID", chip.into()),
        ("UniqueDeviceID", who.udid.as_str().into()),
        ("WiFiAddress", who.wifi_address.as_str().into()),
    ]);
    if let Some(imei) = &who.imei {
        all.insert("InternationalMobileEquipmentIdentity".into(), imei.as_str().into());
    }
    if let Some(number) = &who.phone_number {
        all.insert("PhoneNumber".into(), number.as_str().into());
    }
    Ok(all)
}

/// `WillEncrypt` is absent when off. The form of `LastiTunesBackupDate` is not read in a source; a date here.
fn backup(phone: &Iphone) -> Dictionary {
    let state = phone.state();
    let mut all = dictionary([("CloudBackupEnabled", false.into())]);
    if state.password.is_some() {
        all.insert("WillEncrypt".into(), true.into());
    }
    let forced = phone.facts.supervision.as_ref().is_some_and(|by| by.encryption_forced);
    all.insert("RequiresEncryption".into(), i64::from(forced).into());
    if let Some(at) = state.last_backup {
        all.insert("LastiTunesBackupDate".into(), date(at));
    }
    all
}

fn disk(phone: &Iphone) -> Dictionary {
    let storage = phone.facts.storage;
    dictionary([
        ("TotalDiskCapacity", storage.total.into()),
        ("TotalDataCapacity", storage.total.into()),
        ("TotalDataAvailable", storage.free.into()),
        ("AmountDataAvailable", storage.free.into()),
    ])
}

fn battery(phone: &Iphone) -> Dictionary {
    let battery = phone.state().battery;
    dictionary([
        ("BatteryCurrentCapacity", u64::from(battery.level).into()),
        ("BatteryIsCharging", battery.usb_powered.into()),
        ("ExternalConnected", battery.usb_powered.into()),
    ])
}
