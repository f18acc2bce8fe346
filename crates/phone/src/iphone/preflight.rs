//! Before anything is asked of the backup service: power, room, encryption, policy, apps (reference/ios.md §1.8). Nothing here
//! changes anything.

use super::{
    apps::{AppInstall, installed},
    error::{IphoneError, fact},
    identity::{Identity, value},
    line::limit,
    lockdown::Lockdown,
    management::Management,
    message::{Form, SMALL, receive, send},
    phone::{Escrow, Iphone},
};
use crate::Fact;
use serde::{Deserialize, Serialize};
use uitlezen_property_list::Value;

const BACKUP: Option<&str> = Some("com.apple.mobile.backup");
const DISK: Option<&str> = Some("com.apple.disk_usage");
const BATTERY: Option<&str> = Some("com.apple.mobile.battery");
const DIAGNOSTICS: &str = "com.apple.mobile.diagnostics_relay";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Battery {
    pub percent: u8,
    /// `Unreadable` where the phone does not say.
    pub charging: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preflight {
    pub battery: Fact<Battery>,
    /// Bytes for apps and their data, and how many of them are free. Used ones bound what a full backup can bring.
    pub data_bytes: Fact<u64>,
    pub free_bytes: Fact<u64>,
    /// The next backup will be encrypted: a backup password is set. A phone that does not name it has none.
    pub will_encrypt: Fact<bool>,
    /// An administrator demands it.
    pub encryption_forced: Fact<bool>,
    /// When a computer last made a backup, Unix seconds by the phone's clock. `Unreadable`: never, or it does not say.
    pub last_backup: Fact<i64>,
    /// A passcode is set on the phone, so someone must type it for every backup.
    pub passcode_set: Fact<bool>,
    /// The lock screen holds data back now.
    pub locked: Fact<bool>,
    pub management: Management,
    pub apps: Vec<AppInstall>,
}

impl Preflight {
    /// Seconds since the last backup to a computer, both by the phone's clock; never negative.
    #[must_use]
    pub fn since_last_backup(&self, identity: &Identity, now: i64) -> Option<i64> {
        let phone = now.saturating_add(identity.clock_offset.known().copied().unwrap_or(0));
        self.last_backup.known().map(|last| phone.saturating_sub(*last).max(0))
    }
}

impl Iphone<'_> {
    /// Asks all of it, in one session. Fails only when the link does.
    pub fn preflight(&self, bundles: &[&str]) -> Result<Preflight, IphoneError> {
        let mut lockdown = self.session()?;
        let preflight = preflight(self, &mut lockdown, bundles);
        lockdown.end();
        preflight
    }

    /// Only whether a backup password is set: settles what became of a request that was never answered.
    pub fn will_encrypt(&self) -> Result<Fact<bool>, IphoneError> {
        let mut lockdown = self.session()?;
        let answer = will_encrypt(&mut lockdown);
        lockdown.end();
        answer
    }
}

fn preflight(phone: &Iphone<'_>, lockdown: &mut Lockdown, bundles: &[&str]) -> Result<Preflight, IphoneError> {
    let percent = value(lockdown, BATTERY, "BatteryCurrentCapacity")?.and_read(|value| value.unsigned());
    let charging = value(lockdown, BATTERY, "BatteryIsCharging")?.known().and_then(Value::switch);
    Ok(Preflight {
        battery: percent.and_read(|percent| {
            let percent = u8::try_from(percent).ok().filter(|percent| *percent <= 100)?;
            Some(Battery { percent, charging })
        }),
        data_bytes: value(lockdown, DISK, "TotalDataCapacity")?.and_read(|value| value.unsigned()),
        free_bytes: free_bytes(lockdown)?,
        will_encrypt: will_encrypt(lockdown)?,
        encryption_forced: absent_is_no(fact(
            lockdown.value(BACKUP, "RequiresEncryption").map(|v| Some(v.map_or(Some(false), |v| v.switch()))),
        )?),
        last_backup: value(lockdown, BACKUP, "LastiTunesBackupDate")?.and_read(|value| moment(&value)),
        passcode_set: passcode_set(phone, lockdown)?,
        locked: value(lockdown, None, "PasswordProtected")?.and_read(|value| value.switch()),
        management: Management::ask(phone, lockdown)?,
        apps: installed(phone, lockdown, bundles)?,
    })
}

/// "Absent" means "no" for these two switches, and only for them (reference/ios.md §1.2).
fn absent_is_no(answer: Fact<Option<bool>>) -> Fact<bool> {
    answer.and_read(|answer| answer)
}

fn will_encrypt(lockdown: &mut Lockdown) -> Result<Fact<bool>, IphoneError> {
    let answer = lockdown.value(BACKUP, "WillEncrypt").map(|v| Some(v.map_or(Some(false), |v| v.switch())));
    Ok(absent_is_no(fact(answer)?))
}

fn free_bytes(lockdown: &mut Lockdown) -> Result<Fact<u64>, IphoneError> {
    let answer = value(lockdown, DISK, "TotalDataAvailable")?.and_read(|value| value.unsigned());
    if answer.known().is_some() {
        return Ok(answer);
    }
    Ok(value(lockdown, DISK, "AmountDataAvailable")?.and_read(|value| value.unsigned()))
}

/// A date, or seconds since 2001: which of the two, no source says.
fn moment(value: &Value) -> Option<i64> {
    value.unix().or_else(|| Value::Date(value.real()?).unix()).filter(|unix| *unix > 0)
}

fn passcode_set(phone: &Iphone<'_>, lockdown: &mut Lockdown) -> Result<Fact<bool>, IphoneError> {
    let line = fact(phone.service_in(lockdown, DIAGNOSTICS, Escrow::Without).map(Some))?;
    let mut line = match line {
        Fact::Known(line) => line,
        Fact::Refused(why) => return Ok(Fact::Refused(why)),
        Fact::Unreadable => return Ok(Fact::Unreadable),
    };
    let mut request = Value::of([("Request", "MobileGestalt")]);
    request.set("MobileGestaltKeys", vec![Value::from("PasswordConfigured")]);
    send(&mut line, &request, Form::Xml)?;
    let mut tick = limit(line.patience().connect);
    let answer = receive(&mut line, SMALL, &mut tick)?;
    let told = answer.get("Diagnostics").and_then(|all| all.get("MobileGestalt")?.get("PasswordConfigured")?.switch());
    Ok(told.map_or(Fact::Unreadable, Fact::Known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_in_either_form_and_never_made_up() {
        assert_eq!(moment(&Value::Date(0.0)), Some(978_307_200));
        assert_eq!(moment(&Value::Real(1.5)), Some(978_307_201));
        for none in [Value::Date(f64::NAN), Value::from("yesterday"), Value::from(-2_000_000_000_i64)] {
            assert_eq!(moment(&none), None);
        }
    }
}
