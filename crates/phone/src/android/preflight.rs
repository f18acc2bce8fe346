//! Before anything is pulled: is there power, how much will come, which versions, how old is the backup.

use super::{
    identity::text_of,
    link::AndroidLink,
    listing::{Listing, ListingLimits, Wanted, list},
    shell::Channel,
    users::User,
};
use crate::{
    Fact,
    error::{PhoneError, Refusal},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    time::{SystemTime, UNIX_EPOCH},
};
use uitlezen_evidence::{Item, Pattern};

/// What `apps` and the plan want to know.
#[derive(Clone, Debug)]
pub struct PreflightQuery<'a> {
    /// Android package names, `com.whatsapp`.
    pub packages: &'a [&'a str],
    pub users: &'a [User],
    /// Everything that would be pulled.
    pub wanted: &'a [Pattern],
    /// The main backups among them, whose age matters.
    pub backups: &'a [Pattern],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Battery {
    pub percent: u8,
    /// Taking power from the cable or a charger.
    pub powered: bool,
}

/// One app for one user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppInstall {
    pub package: String,
    pub user: u32,
    /// `Known(false)`: not installed. A profile that is closed to adb is `Refused`, not absent.
    pub installed: Fact<bool>,
    /// `versionName`; asked once where the package is installed for anyone.
    pub version: Fact<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preflight {
    pub battery: Fact<Battery>,
    /// Free bytes on the phone: WhatsApp needs room to make a backup.
    pub free_bytes: Fact<u64>,
    pub apps: Vec<AppInstall>,
    pub listing: Listing,
    /// Sum of the listed sizes; a prediction, no promise.
    pub predicted_bytes: u64,
    /// The newest file that fits [`PreflightQuery::backups`].
    pub newest_backup: Option<Item>,
    /// Its age by this machine's clock, seconds; negative when the phone's clock runs ahead.
    pub newest_backup_age: Option<i64>,
}

/// Asks all of it. Fails only when the link does.
pub fn preflight(link: &mut dyn AndroidLink, query: &PreflightQuery<'_>) -> Result<Preflight, PhoneError> {
    let listing = list(link, &Wanted { patterns: query.wanted, users: query.users }, &ListingLimits::default())?;
    let newest_backup = newest(&listing, query);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64);
    Ok(Preflight {
        battery: text_of(link, "dumpsys battery", 64 * 1024)?.and_read(|text| battery(&text)),
        free_bytes: text_of(link, "df -k /sdcard", 64 * 1024)?.and_read(|text| free(&text)),
        apps: apps(link, query)?,
        predicted_bytes: listing.bytes(),
        newest_backup_age: newest_backup.as_ref().and_then(|item| item.modified).map(|modified| now.saturating_sub(modified)),
        newest_backup,
        listing,
    })
}

/// Patterns are relative to a user's storage; another user's items carry its prefix.
fn newest(listing: &Listing, query: &PreflightQuery<'_>) -> Option<Item> {
    let relative = |item: &Item| {
        let name = item.name.as_str();
        let rest = name.strip_prefix("storage/emulated/").and_then(|rest| rest.split_once('/')).map_or(name, |(_, rest)| rest);
        uitlezen_evidence::ItemName::new(rest).ok()
    };
    let fits = |item: &&Item| relative(item).is_some_and(|name| query.backups.iter().any(|p| p.matches(&name)));
    listing.items.iter().filter(fits).max_by_key(|item| item.modified).cloned()
}

/// Package names are the caller's, but they go into a command line.
fn is_package(name: &str) -> bool {
    !name.is_empty() && name.len() < 256 && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_'))
}

fn apps(link: &mut dyn AndroidLink, query: &PreflightQuery<'_>) -> Result<Vec<AppInstall>, PhoneError> {
    let packages: Vec<&str> = query.packages.iter().copied().filter(|name| is_package(name)).collect();
    let mut all = Vec::new();
    for user in query.users {
        all.push((user.id, installed(link, &packages, user.id)?));
    }
    let mut apps = Vec::new();
    for package in packages {
        let mut version: Option<Fact<String>> = None;
        for (user, there) in &all {
            let installed = there.clone().map(|there| there.contains(package));
            let version = if installed == Fact::Known(true) {
                if version.is_none() {
                    version = Some(version_of(link, package)?);
                }
                version.clone().unwrap_or(Fact::Unreadable)
            } else {
                Fact::Unreadable
            };
            apps.push(AppInstall { package: package.to_owned(), user: *user, installed, version });
        }
    }
    Ok(apps)
}

/// Which of these one user has: the phone lists all of that user's once, and no other name is kept. Always with `--user`: a bare
/// listing fails on phones with a profile (reference/android.md §1.4).
pub(crate) fn installed(link: &mut dyn AndroidLink, packages: &[&str], user: u32) -> Result<Fact<BTreeSet<String>>, PhoneError> {
    let text = text_of(link, &format!("pm list packages --user {user}"), 1 << 20)?;
    let asked = |line: &str| line.trim().strip_prefix("package:").filter(|name| packages.contains(name)).map(str::to_owned);
    Ok(text.map(|text| text.lines().filter_map(asked).collect()))
}

/// The first `versionName=` of `dumpsys package`, line by line: the dump may be long and nothing else of it is kept.
pub(crate) fn version_of(link: &mut dyn AndroidLink, package: &str) -> Result<Fact<String>, PhoneError> {
    let (mut line, mut version, mut errors) = (Vec::new(), None, Vec::new());
    let silence = link.patience().silence;
    let result = link.shell(&format!("dumpsys package {package}"), silence, &mut |channel, bytes| {
        if channel == Channel::Stderr {
            errors.extend_from_slice(bytes.get(..bytes.len().min(4096usize.saturating_sub(errors.len()))).unwrap_or_default());
            return Ok(());
        }
        for &byte in bytes {
            if byte == b'\n' {
                version = version.take().or_else(|| version_in(&line));
                line.clear();
            } else if line.len() < 1024 {
                line.push(byte);
            }
        }
        Ok(())
    });
    match (result, version) {
        (Ok(_), Some(version)) => Ok(Fact::Known(version)),
        (Ok(Some(0)), None) => Ok(Fact::Unreadable),
        (Ok(_), None) => Ok(Fact::Refused(Refusal::from_text(&errors))),
        (Err(PhoneError::Refused(why)), _) => Ok(Fact::Refused(why)),
        (Err(error), _) => Err(error),
    }
}

/// `    versionName=2.26.1.3`.
fn version_in(line: &[u8]) -> Option<String> {
    let version = std::str::from_utf8(line).ok()?.trim().strip_prefix("versionName=")?;
    (!version.is_empty() && version.len() <= 64 && !version.chars().any(char::is_control)).then(|| version.to_owned())
}

/// `level: 85` of `scale: 100`, and any of `... powered: true`.
fn battery(text: &str) -> Option<Battery> {
    let value = |key: &str| text.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix(':').map(str::trim));
    let level: u32 = value("level")?.parse().ok()?;
    let scale: u32 = value("scale").and_then(|scale| scale.parse().ok()).unwrap_or(100);
    let percent = u8::try_from(level.checked_mul(100)?.checked_div(scale)?).ok().filter(|&p| p <= 100)?;
    let powered = text.lines().any(|line| line.trim().ends_with("powered: true"));
    Some(Battery { percent, powered })
}

/// The `Available` column of `df -k`, found by its heading; values in KiB. A long device name may put the values on a line
/// of their own.
fn free(text: &str) -> Option<u64> {
    let mut lines = text.lines();
    let heading: Vec<&str> = lines.next()?.split_whitespace().collect();
    let column = heading.iter().position(|&word| word == "Available" || word == "Avail")?;
    let values: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    values.get(column)?.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_the_phone_prints_is_read() {
        let text = "Current Battery Service state:\n  AC powered: false\n  USB powered: true\n  level: 43\n  scale: 50\n";
        assert_eq!(battery(text), Some(Battery { percent: 86, powered: true }));
        assert_eq!(battery("level: 900"), None);
        assert_eq!(battery("level: 1\nscale: 0"), None);
        let df = "Filesystem     1K-blocks    Used Available Use% Mounted on\n/dev/fuse      115249236 4096 1000 5% /storage/emulated\n";
        assert_eq!(free(df), Some(1_024_000));
        assert_eq!(free("nonsense"), None);
        assert!(is_package("com.whatsapp.w4b") && !is_package("x; reboot"));
    }
}
