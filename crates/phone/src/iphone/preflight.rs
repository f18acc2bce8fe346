//! What is known of a phone before its backup is asked for (`reference/ios.md` §1.2, §1.7, §1.8). Read only.
//!
//! The management service that lists profiles can also erase a phone. Two of its requests are in this file and no other.

use super::{
    error::{Breach, IphoneError},
    line::idle,
    list::{Form, SMALL, ask, receive, send},
    lockdown::{Escrow, Session},
};
use crate::{Fact, Refusal};
use serde::{Deserialize, Serialize};
use std::time::{SystemTime, UNIX_EPOCH};
use uitlezen_property_list::Value;

/// Longest text of the phone that is kept.
const LONGEST: usize = 256;
/// Batches of installed apps, and profiles, that are looked at.
const MOST: usize = 10_000;

/// A phone's own account of itself. What it did not answer is told apart from an answer. `Option` is a value the phone lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preflight {
    pub product: Fact<Option<String>>,
    pub ios: Fact<Option<String>>,
    pub build: Fact<Option<String>>,
    /// Of the hardware; goes into the origin.
    pub serial: Fact<Option<String>>,
    /// IANA name.
    pub timezone: Fact<Option<String>>,
    /// Locked now.
    pub locked: Fact<Option<bool>>,
    /// The phone's clock minus ours, in seconds.
    pub clock_offset: Fact<Option<i64>>,
    /// Per cent.
    pub battery: Fact<Option<u8>>,
    pub charging: Fact<Option<bool>>,
    /// Bytes for data on the phone, and how many of them are free.
    pub capacity: Fact<Option<u64>>,
    pub free: Fact<Option<u64>>,
    /// Backups of this phone are encrypted. The phone says nothing when they are not.
    pub will_encrypt: Fact<bool>,
    /// A profile demands it.
    pub requires_encryption: Fact<bool>,
    /// Unix seconds of the last backup over a cable, by anyone.
    pub last_backup: Fact<Option<i64>>,
    pub policy: Fact<Policy>,
    pub apps: Fact<Vec<App>>,
}

/// What an organisation has laid down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub supervised: Option<bool>,
    /// `false`: only hosts with the supervision identity may pair.
    pub pairing_allowed: Option<bool>,
    /// How many configuration profiles are installed. With any, the data of managed apps may be left out of backups.
    pub profiles: usize,
}

/// An installed app that was asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct App {
    pub bundle: String,
    pub version: Option<String>,
}

/// Asks everything. `bundles` are the apps of interest; others are not remembered.
pub fn preflight(session: &mut Session<'_>, bundles: &[&str]) -> Result<Preflight, IphoneError> {
    let disk = Some("com.apple.disk_usage");
    let power = Some("com.apple.mobile.battery");
    let backup = Some("com.apple.mobile.backup");
    let switch = |value: &Value| value.switch();
    Ok(Preflight {
        product: text(session, "ProductType")?,
        ios: text(session, "ProductVersion")?,
        build: text(session, "BuildVersion")?,
        serial: text(session, "SerialNumber")?,
        timezone: text(session, "TimeZone")?,
        locked: value(session, None, "PasswordProtected", switch)?,
        clock_offset: value(session, None, "TimeIntervalSince1970", offset)?,
        battery: value(session, power, "BatteryCurrentCapacity", |value| {
            value.unsigned().and_then(|percent| u8::try_from(percent).ok()).filter(|&percent| percent <= 100)
        })?,
        charging: value(session, power, "BatteryIsCharging", switch)?,
        capacity: value(session, disk, "TotalDataCapacity", Value::unsigned)?,
        free: value(session, disk, "TotalDataAvailable", Value::unsigned)?,
        will_encrypt: value(session, backup, "WillEncrypt", switch)?.map(|on| on.unwrap_or(false)),
        requires_encryption: value(session, backup, "RequiresEncryption", switch)?.map(|on| on.unwrap_or(false)),
        last_backup: value(session, backup, "LastiTunesBackupDate", |value| value.unix().or_else(|| value.int()))?,
        policy: or_refused(policy(session))?,
        apps: or_refused(apps(session, bundles))?,
    })
}

/// A value, read.
fn value<T>(
    session: &mut Session<'_>,
    domain: Option<&str>,
    key: &str,
    read: impl FnOnce(&Value) -> Option<T>,
) -> Result<Fact<Option<T>>, IphoneError> {
    match session.lockdown().value(domain, key) {
        Ok(None) => Ok(Fact::Known(None)),
        Ok(Some(value)) => Ok(read(&value).map_or(Fact::Unreadable, |value| Fact::Known(Some(value)))),
        Err(error) => or_refused(Err(error)),
    }
}

fn text(session: &mut Session<'_>, key: &str) -> Result<Fact<Option<String>>, IphoneError> {
    value(session, None, key, short)
}

fn short(value: &Value) -> Option<String> {
    value.str().filter(|text| text.len() <= LONGEST && !text.chars().any(char::is_control)).map(str::to_owned)
}

/// A refusal is an answer; everything else ends the preflight.
fn or_refused<T>(result: Result<T, IphoneError>) -> Result<Fact<T>, IphoneError> {
    match result {
        Ok(value) => Ok(Fact::Known(value)),
        Err(IphoneError::Lockdown(why)) => Ok(Fact::Refused(why.into())),
        Err(IphoneError::Usbmuxd(_)) => Ok(Fact::Refused(Refusal::NotOffered)),
        Err(IphoneError::Protocol(_) | IphoneError::List(_)) => Ok(Fact::Unreadable),
        Err(error) => Err(error),
    }
}

impl From<super::LockdownRefusal> for Refusal {
    fn from(why: super::LockdownRefusal) -> Self {
        use super::LockdownRefusal as Why;
        match why {
            Why::InvalidService | Why::MissingService => Self::NotOffered,
            Why::GetProhibited | Why::ServiceProhibited | Why::MCProtected | Why::PasswordProtected | Why::EscrowLocked => {
                Self::NotPermitted
            }
            _ => Self::Other,
        }
    }
}

#[allow(clippy::cast_possible_truncation)]
fn offset(value: &Value) -> Option<i64> {
    let phone = value.real().filter(|seconds| seconds.is_finite() && seconds.abs() < 1.0e12)?;
    let own = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs_f64();
    Some((phone - own).round() as i64)
}

fn policy(session: &mut Session<'_>) -> Result<Policy, IphoneError> {
    let wait = session.patience().silence;
    let mut line = session.service("com.apple.mobile.MCInstall", Escrow::Without)?;
    let mut ask = |what: &str| {
        let answer = ask(&mut line, &Value::of([("RequestType", what)]), wait)?;
        match answer.get("Status").and_then(Value::str) {
            Some("Acknowledged") => Ok(answer),
            _ => Err(IphoneError::from(Breach::Unexpected("the management service did not acknowledge"))),
        }
    };
    let list = ask("GetProfileList")?;
    let order = list.get("OrderedIdentifiers").and_then(Value::array).map(<[_]>::len);
    let profiles = order.or_else(|| list.get("ProfileMetadata").and_then(Value::dict).map(|all| all.len()));
    let profiles = profiles.ok_or(Breach::Unexpected("a profile list without profiles"))?;
    let cloud = ask("GetCloudConfiguration")?;
    let cloud = cloud.get("CloudConfiguration");
    let of = |key: &str| cloud.and_then(|cloud| cloud.get(key)).and_then(Value::switch);
    Ok(Policy { supervised: of("IsSupervised"), pairing_allowed: of("AllowPairing"), profiles })
}

fn apps(session: &mut Session<'_>, bundles: &[&str]) -> Result<Vec<App>, IphoneError> {
    let wait = session.patience().silence;
    let mut line = session.service("com.apple.mobile.installation_proxy", Escrow::Without)?;
    let wanted: Vec<Value> = ["CFBundleIdentifier", "CFBundleShortVersionString"].into_iter().map(Value::from).collect();
    let mut options = Value::of([("ApplicationType", "User")]);
    options.set("ReturnAttributes", wanted);
    let mut request = Value::of([("Command", "Browse")]);
    request.set("ClientOptions", options);
    send(&mut line, &request, Form::Xml, wait)?;
    let (mut found, mut seen) = (Vec::new(), 0_usize);
    for _ in 0..MOST {
        let answer = receive(&mut line, SMALL, wait, &mut idle)?;
        if answer.get("Error").is_some() {
            return Err(Breach::Unexpected("the list of apps was refused").into());
        }
        for app in answer.get("CurrentList").and_then(Value::array).unwrap_or_default() {
            seen = seen.saturating_add(1);
            let bundle = app.get("CFBundleIdentifier").and_then(Value::str);
            if let Some(bundle) = bundle.filter(|bundle| bundles.contains(bundle)) {
                let version = app.get("CFBundleShortVersionString").and_then(short);
                found.push(App { bundle: bundle.to_owned(), version });
            }
        }
        if seen > MOST {
            break;
        }
        if answer.get("Status").and_then(Value::str) == Some("Complete") {
            return Ok(found);
        }
    }
    Err(Breach::Flood.into())
}
