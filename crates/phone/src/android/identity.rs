//! Who the phone is. Every fact is asked for on its own, and says on its own whether it is known, refused or unreadable.

use super::{
    link::AndroidLink,
    users::{User, users},
};
use crate::{Fact, error::PhoneError};
use serde::{Deserialize, Serialize};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Identity of one phone at one moment. Holds no telephone number, account or person's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// `ro.serialno`; the gate compares it with the plan.
    pub serial: Fact<String>,
    pub maker: Fact<String>,
    pub model: Fact<String>,
    /// Android version as shown, "16".
    pub android: Fact<String>,
    /// API level.
    pub sdk: Fact<u32>,
    /// Security patch level, `YYYY-MM-DD`.
    pub patch: Fact<String>,
    pub users: Fact<Vec<User>>,
    pub clock: Fact<Clock>,
    /// IANA zone the phone shows times in.
    pub timezone: Fact<String>,
    /// Wireless debugging switched on.
    pub adb_wifi: Fact<bool>,
    pub warnings: Vec<Warning>,
}

/// The phone's clock against ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Phone minus host, milliseconds.
    pub offset_ms: i64,
    /// Either way: half the time the question took, and a second where the phone tells whole seconds only.
    pub uncertainty_ms: u64,
}

/// What the helpdesk should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Warning {
    /// CVE-2026-0073: wireless debugging can be entered without pairing on Android 14 to 16 before patch level 2026-05-01
    /// (or the mainline train of 2026-05, which the patch level does not show). Switch wireless debugging off.
    WirelessDebuggingOpen,
    /// The same phone, and whether wireless debugging is on could not be told.
    WirelessDebuggingUnknown,
    /// The clock is more than two minutes off: times in the records will be.
    ClockOff,
}

/// Patch level that closes CVE-2026-0073 [reference/android.md §1.1].
const WIFI_FIX: &str = "2026-05-01";

/// Asks for everything; fails only when the link itself does.
pub fn identity(link: &mut dyn AndroidLink) -> Result<Identity, PhoneError> {
    let mut identity = Identity {
        serial: property(link, "ro.serialno")?,
        maker: property(link, "ro.product.manufacturer")?,
        model: property(link, "ro.product.model")?,
        android: property(link, "ro.build.version.release")?,
        sdk: property(link, "ro.build.version.sdk")?.and_read(|sdk| sdk.parse().ok()),
        patch: property(link, "ro.build.version.security_patch")?.and_read(|patch| is_date(&patch).then_some(patch)),
        users: users(link)?,
        clock: clock(link)?,
        timezone: property(link, "persist.sys.timezone")?,
        adb_wifi: answer(link, "settings --user 0 get global adb_wifi_enabled")?.and_read(|text| match text.as_str() {
            "1" => Some(true),
            "0" | "null" => Some(false),
            _ => None,
        }),
        warnings: Vec::new(),
    };
    identity.warnings = warnings(&identity);
    Ok(identity)
}

fn warnings(identity: &Identity) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let exposed = identity.sdk.known().is_none_or(|sdk| (34..=36).contains(sdk))
        && identity.patch.known().is_none_or(|patch| patch.as_str() < WIFI_FIX);
    match (exposed, &identity.adb_wifi) {
        (true, Fact::Known(true)) => warnings.push(Warning::WirelessDebuggingOpen),
        (true, Fact::Refused(_) | Fact::Unreadable) => warnings.push(Warning::WirelessDebuggingUnknown),
        _ => {}
    }
    if identity.clock.known().is_some_and(|clock| clock.offset_ms.unsigned_abs() > 120_000 + clock.uncertainty_ms) {
        warnings.push(Warning::ClockOff);
    }
    warnings
}

fn is_date(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
    shape == "9999-99-99"
}

/// One property; an unset one is unreadable, not empty.
fn property(link: &mut dyn AndroidLink, name: &str) -> Result<Fact<String>, PhoneError> {
    answer(link, &format!("getprop {name}"))
}

/// One short line of text from a command: at most 256 characters, no control characters.
pub(crate) fn answer(link: &mut dyn AndroidLink, command: &str) -> Result<Fact<String>, PhoneError> {
    Ok(text_of(link, command, 4096)?.and_read(|text| {
        let text = text.trim();
        let fit = !text.is_empty() && text.chars().count() <= 256 && !text.chars().any(char::is_control);
        fit.then(|| text.to_owned())
    }))
}

/// A command's output as a fact; only a dead link is an error.
pub(crate) fn text_of(link: &mut dyn AndroidLink, command: &str, limit: usize) -> Result<Fact<String>, PhoneError> {
    match link.run(command, limit) {
        Ok(output) => Ok(output.text().map_or_else(Fact::Refused, Fact::Known)),
        Err(error) if error.ends_the_link() => Err(error),
        Err(PhoneError::Refused(why)) => Ok(Fact::Refused(why)),
        Err(_) => Ok(Fact::Unreadable),
    }
}

fn clock(link: &mut dyn AndroidLink) -> Result<Fact<Clock>, PhoneError> {
    let (before, started) = (SystemTime::now(), Instant::now());
    let answer = answer(link, "date +%s.%N")?;
    let took = started.elapsed().as_millis() as u64;
    let middle = before.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_millis() as i64) + (took / 2) as i64;
    Ok(answer.and_read(|text| {
        let (phone_ms, coarse) = epoch_ms(&text)?;
        // A clock that shows whole seconds is on average half a second further.
        let offset_ms = phone_ms.checked_add(if coarse { 500 } else { 0 })?.checked_sub(middle)?;
        Some(Clock { offset_ms, uncertainty_ms: took.div_ceil(2) + if coarse { 500 } else { 1 } })
    }))
}

/// `1763781234.123456789`, or `1763781234.N` where the phone's `date` knows no nanoseconds. Milliseconds, and whether coarse.
fn epoch_ms(text: &str) -> Option<(i64, bool)> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let seconds: i64 = seconds.parse().ok()?;
    let digits = fraction.get(..3).filter(|f| f.bytes().all(|b| b.is_ascii_digit()));
    let ms = digits.and_then(|d| d.parse::<i64>().ok());
    Some((seconds.checked_mul(1000)?.checked_add(ms.unwrap_or(0))?, ms.is_none()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::Refusal;

    fn phone(sdk: u32, patch: &str, wifi: Fact<bool>) -> Identity {
        let none = || Fact::Unreadable;
        Identity {
            serial: none(),
            maker: none(),
            model: none(),
            android: none(),
            sdk: Fact::Known(sdk),
            patch: Fact::Known(patch.into()),
            users: Fact::Unreadable,
            clock: Fact::Known(Clock { offset_ms: 1000, uncertainty_ms: 10 }),
            timezone: none(),
            adb_wifi: wifi,
            warnings: vec![],
        }
    }

    #[test]
    fn the_wireless_hole_is_warned_of_where_it_is_and_where_it_may_be() {
        assert_eq!(warnings(&phone(35, "2026-04-05", Fact::Known(true))), [Warning::WirelessDebuggingOpen]);
        assert_eq!(warnings(&phone(35, "2026-05-01", Fact::Known(true))), []);
        assert_eq!(warnings(&phone(33, "2023-01-01", Fact::Known(true))), []);
        assert_eq!(warnings(&phone(36, "2026-01-01", Fact::Known(false))), []);
        assert_eq!(warnings(&phone(36, "2026-01-01", Fact::Refused(Refusal::NotPermitted))), [Warning::WirelessDebuggingUnknown]);
        let mut unknown = phone(35, "2026-04-05", Fact::Known(true));
        unknown.patch = Fact::Unreadable;
        assert_eq!(warnings(&unknown), [Warning::WirelessDebuggingOpen]);
    }

    #[test]
    fn clocks_with_and_without_fractions() {
        assert_eq!(epoch_ms("1763781234.123456789"), Some((1_763_781_234_123, false)));
        assert_eq!(epoch_ms("1763781234.N"), Some((1_763_781_234_000, true)));
        assert_eq!(epoch_ms("1763781234"), Some((1_763_781_234_000, true)));
        assert_eq!(epoch_ms("soon"), None);
        assert_eq!(epoch_ms("9223372036854775807.1"), None);
    }
}
