//! How long Threema keeps messages (`reference/ios.md §7`): `KeepMessagesDays` of the app's settings, and an administrator's
//! `th_keep_messages_days`, which wins in the business apps.
//!
//! The app's own default is to keep everything, and it writes no key until somebody sets one: an absent key is "never set", and
//! the holder must show the screen. Where an administrator's value may stand is known from the app's source only, so its absence
//! proves nothing.

use super::Edition;
use serde::{Deserialize, Serialize};
use uitlezen_property_list::{Limits, PlistError, Value, parse};

const LIMITS: Limits = Limits { input: 8 << 20, depth: 32, nodes: 200_000, bytes: 8 << 20 };
const DAY: u64 = 86_400;
/// The app takes fewer days for the first, and more for the second.
const FEWEST: i64 = 7;
const MOST: i64 = 3_650;

/// Who set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SetBy {
    Holder,
    Administrator,
}

/// How long messages are kept, for the whole account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "keeps", rename_all = "kebab-case")]
pub enum Keep {
    /// Set to "for ever".
    Forever { by: SetBy },
    /// Deleted after so many seconds.
    For { seconds: u64, by: SetBy },
    /// The settings are here and say nothing of it.
    NeverSet,
    /// The settings are not here, or say something that is not understood.
    NoEvidence,
}

/// A number of days as the app takes it; none when it is no number.
fn keep(value: &Value, by: SetBy) -> Keep {
    match value.int() {
        Some(days) if days <= 0 => Keep::Forever { by },
        Some(days) => Keep::For { seconds: days.clamp(FEWEST, MOST).unsigned_abs() * DAY, by },
        None => Keep::NoEvidence,
    }
}

impl Keep {
    /// `shared`: the settings of the app group. `own`: the app's own, where an administrator's may stand.
    pub fn read(edition: Edition, shared: Option<&[u8]>, own: Option<&[u8]>) -> Result<Self, PlistError> {
        let shared = shared.map(|list| parse(list, &LIMITS)).transpose()?;
        let own = own.map(|list| parse(list, &LIMITS)).transpose()?;
        if edition.is_managed() {
            let managed = [(&own, "com.apple.configuration.managed"), (&shared, "threema_mdm_configuration")];
            let forced = managed.into_iter().find_map(|(list, key)| list.as_ref()?.get(key)?.get("th_keep_messages_days"));
            if let Some(forced) = forced {
                return Ok(keep(forced, SetBy::Administrator));
            }
        }
        let Some(shared) = shared.filter(|list| list.dict().is_some()) else { return Ok(Self::NoEvidence) };
        Ok(shared.get("KeepMessagesDays").map_or(Self::NeverSet, |days| keep(days, SetBy::Holder)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use uitlezen_property_list::to_binary;

    fn list(value: &Value) -> Vec<u8> {
        to_binary(value).unwrap()
    }

    fn of(days: impl Into<Value>) -> Keep {
        Keep::read(Edition::Threema, Some(&list(&Value::of([("KeepMessagesDays", days.into())]))), None).unwrap()
    }

    #[test]
    fn days_are_taken_as_the_app_takes_them() {
        let by = SetBy::Holder;
        let days = |n: u64| Keep::For { seconds: n * DAY, by };
        assert_eq!((of(-1), of(0)), (Keep::Forever { by }, Keep::Forever { by }));
        assert_eq!((of(1), of(7), of(30), of(i64::MAX)), (days(7), days(7), days(30), days(3_650)));
        assert_eq!((of("x"), of(false)), (Keep::NoEvidence, Keep::NoEvidence));
        let none = list(&Value::of([("Other", 1)]));
        assert_eq!(Keep::read(Edition::Threema, Some(&none), None).unwrap(), Keep::NeverSet);
        assert_eq!(Keep::read(Edition::Threema, None, None).unwrap(), Keep::NoEvidence);
        assert!(Keep::read(Edition::Threema, Some(b"{ a = 1; }"), None).is_err());
    }

    #[test]
    fn an_administrators_value_wins_in_the_business_apps_and_only_there() {
        let forced = |days: i64| Value::of([("th_keep_messages_days", days)]);
        let own = list(&Value::of([("com.apple.configuration.managed", forced(30))]));
        let shared = list(&Value::of([("KeepMessagesDays", Value::from(-1)), ("threema_mdm_configuration", forced(0))]));
        let by = SetBy::Administrator;
        assert_eq!(Keep::read(Edition::Work, Some(&shared), Some(&own)).unwrap(), Keep::For { seconds: 30 * DAY, by });
        assert_eq!(Keep::read(Edition::OnPrem, Some(&shared), None).unwrap(), Keep::Forever { by });
        assert_eq!(Keep::read(Edition::Threema, Some(&shared), Some(&own)).unwrap(), Keep::Forever { by: SetBy::Holder });
        // Without the shared settings the administrator's still counts; without both there is no evidence.
        assert_eq!(Keep::read(Edition::Work, None, Some(&own)).unwrap(), Keep::For { seconds: 30 * DAY, by });
        let nothing = list(&Value::of([("x", 1)]));
        assert_eq!(Keep::read(Edition::Work, None, Some(&nothing)).unwrap(), Keep::NoEvidence);
    }
}
