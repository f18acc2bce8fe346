//! Who the phone is, and its clock against ours (reference/ios.md §1.2).

use super::{
    error::{IphoneError, KeyFault, fact},
    lockdown::Lockdown,
    phone::Iphone,
    record::uuid,
};
use crate::Fact;
use serde::{Deserialize, Serialize};
use std::time::{SystemTime, UNIX_EPOCH};
use uitlezen_property_list::{COCOA_EPOCH, Value, to_xml};

/// Longest text taken from a value.
const LONGEST: usize = 256;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// As the daemon gave it; what the phone says of itself is compared with it.
    pub udid: String,
    pub serial: Fact<String>,
    /// The name that its holder gave it: often a person's.
    pub name: Fact<String>,
    /// `iPhone15,3`.
    pub product: Fact<String>,
    pub ios: Fact<String>,
    pub build: Fact<String>,
    /// The zone that the phone shows its times in.
    pub time_zone: Fact<String>,
    /// The phone's clock less ours, seconds.
    pub clock_offset: Fact<i64>,
}

impl Iphone<'_> {
    /// Asks all of it. Fails when the link does, or when another phone answers than the daemon said.
    pub fn identity(&self) -> Result<Identity, IphoneError> {
        let mut lockdown = self.session()?;
        let identity = identity(&mut lockdown, self.udid());
        lockdown.end();
        identity
    }
}

fn identity(lockdown: &mut Lockdown, udid: &str) -> Result<Identity, IphoneError> {
    let told = text(lockdown, None, "UniqueDeviceID")?;
    if told.known().is_some_and(|told| told != udid) {
        return Err(IphoneError::NotFound);
    }
    Ok(Identity {
        udid: udid.to_owned(),
        serial: text(lockdown, None, "SerialNumber")?,
        name: text(lockdown, None, "DeviceName")?,
        product: text(lockdown, None, "ProductType")?,
        ios: text(lockdown, None, "ProductVersion")?,
        build: text(lockdown, None, "BuildVersion")?,
        time_zone: text(lockdown, None, "TimeZone")?,
        clock_offset: value(lockdown, None, "TimeIntervalSince1970")?.and_read(|value| offset(value.real()?)),
    })
}

/// One value, and the three ways it can go.
pub(crate) fn value(lockdown: &mut Lockdown, domain: Option<&str>, key: &str) -> Result<Fact<Value>, IphoneError> {
    fact(lockdown.value(domain, key))
}

pub(crate) fn text(lockdown: &mut Lockdown, domain: Option<&str>, key: &str) -> Result<Fact<String>, IphoneError> {
    Ok(value(lockdown, domain, key)?.and_read(|value| clean(value.str()?)))
}

/// A text fit for a screen.
pub(crate) fn clean(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.len() <= LONGEST && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

#[allow(clippy::cast_possible_truncation)] // bounded right before
fn offset(phone: f64) -> Option<i64> {
    let here = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs_f64();
    let offset = (phone - here).round();
    (offset.abs() < 1e11).then_some(offset as i64)
}

/// Info.plist of a backup, which the host makes (reference/ios.md §2.5): the keys of identity only. What a restore would want
/// beside them (receipts, icons, the list of apps) is left out.
pub fn info_plist(identity: &Identity, now: SystemTime) -> Result<Vec<u8>, IphoneError> {
    let making = |_| IphoneError::Key(KeyFault::Making);
    let since = now.duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64()).floor();
    let mut info = Value::of([
        ("GUID", Value::from(uuid()?.replace('-', ""))),
        ("Last Backup Date", Value::Date(since - COCOA_EPOCH)),
        ("Target Identifier", identity.udid.as_str().into()),
        ("Target Type", "Device".into()),
        ("Unique Identifier", identity.udid.to_uppercase().into()),
    ]);
    for (key, fact) in [
        ("Build Version", &identity.build),
        ("Device Name", &identity.name),
        ("Display Name", &identity.name),
        ("Product Type", &identity.product),
        ("Product Version", &identity.ios),
        ("Serial Number", &identity.serial),
    ] {
        if let Some(text) = fact.known() {
            info.set(key, text.as_str());
        }
    }
    to_xml(&info).map_err(making)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_no_one_has_are_unreadable() {
        let here = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
        assert!((-1..=1).contains(&offset(here).unwrap()));
        assert!((3599..=3601).contains(&offset(here + 3600.0).unwrap()));
        assert_eq!(offset(f64::NAN), None);
        assert_eq!(offset(f64::INFINITY), None);
    }

    #[test]
    fn texts_of_a_phone_are_fit_for_a_screen_or_not_taken() {
        assert_eq!(clean(" iPhone van Jan \n").as_deref(), Some("iPhone van Jan"));
        for bad in ["", " ", "a\u{1b}[2J", &"x".repeat(257)] {
            assert_eq!(clean(bad), None);
        }
    }
}
