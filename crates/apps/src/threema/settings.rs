//! How long Threema keeps messages (`reference/ios.md §7`): `KeepMessagesDays` of the app's settings, and an administrator's
//! `th_keep_messages_days`, which wins in the business apps.
//!
//! The app's own default is to keep everything, and it writes no key until somebody sets one: an absent key is "never set", and
//! the holder must show the screen. Where an administrator's value may stand is known from the app's source only, and whether that
//! file comes into a backup is not known: without it nothing says that no administrator deletes.

use super::Edition;
use serde::{Deserialize, Serialize};
use uitlezen_property_list::{Limits, Value, parse};

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

/// What the settings say, and whether an administrator's could be looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    pub keep: Keep,
    /// An administrator may force something that no file of this backup shows: then nobody but the screen can say "off".
    pub administrator_unseen: bool,
}

/// A number of days as the app takes it; none when it is no number.
fn keep(value: &Value, by: SetBy) -> Keep {
    value.int().map_or(Keep::NoEvidence, |days| of_days(days, by))
}

fn of_days(days: i64, by: SetBy) -> Keep {
    match days {
        ..=0 => Keep::Forever { by },
        days => Keep::For { seconds: days.clamp(FEWEST, MOST).unsigned_abs() * DAY, by },
    }
}

impl Settings {
    /// Of a data backup of Android, which holds no setting at all (`reference/android.md §6`): the days that an administrator says
    /// to force, of the business apps, or else nothing, and the holder must show the screen. 0 is off.
    #[must_use]
    pub fn of_data_backup(edition: Edition, administrator_days: Option<i64>) -> Self {
        match administrator_days.filter(|_| edition.is_managed()) {
            Some(days) => Self { keep: of_days(days, SetBy::Administrator), administrator_unseen: false },
            None => Self { keep: Keep::NoEvidence, administrator_unseen: edition.is_managed() },
        }
    }

    /// `shared`: the settings of the app group. `own`: the app's own, where an administrator's may stand. What cannot be parsed
    /// says nothing.
    #[must_use]
    pub fn read(edition: Edition, shared: Option<&[u8]>, own: Option<&[u8]>) -> Self {
        let dictionary = |list: Option<&[u8]>| parse(list?, &LIMITS).ok().filter(|list| list.dict().is_some());
        let (shared, own) = (dictionary(shared), dictionary(own));
        let by_holder = match &shared {
            None => Keep::NoEvidence,
            Some(shared) => shared.get("KeepMessagesDays").map_or(Keep::NeverSet, |days| keep(days, SetBy::Holder)),
        };
        if !edition.is_managed() {
            return Self { keep: by_holder, administrator_unseen: false };
        }
        let of_system = own.as_ref().and_then(|own| own.get("com.apple.configuration.managed"));
        let of_threema = shared.as_ref().and_then(|shared| shared.get("threema_mdm_configuration"));
        let forced = [of_system, of_threema].into_iter().flatten().filter_map(|said| said.get("th_keep_messages_days"));
        // Where both say something it is not established which of them wins: the one that deletes soonest is taken.
        let strictest = forced.map(|days| keep(days, SetBy::Administrator)).min_by_key(|keep| match keep {
            Keep::For { seconds, .. } => (0, *seconds),
            Keep::NoEvidence | Keep::NeverSet => (1, 0),
            Keep::Forever { .. } => (2, 0),
        });
        match strictest {
            Some(keep) => Self { keep, administrator_unseen: keep == Keep::NoEvidence },
            None => Self { keep: by_holder, administrator_unseen: of_system.is_none() || shared.is_none() },
        }
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

    fn read(edition: Edition, shared: Option<&[u8]>, own: Option<&[u8]>) -> (Keep, bool) {
        let Settings { keep, administrator_unseen } = Settings::read(edition, shared, own);
        (keep, administrator_unseen)
    }

    fn of(days: impl Into<Value>) -> Keep {
        Settings::read(Edition::Threema, Some(&list(&Value::of([("KeepMessagesDays", days.into())]))), None).keep
    }

    #[test]
    fn days_are_taken_as_the_app_takes_them() {
        let by = SetBy::Holder;
        let days = |n: u64| Keep::For { seconds: n * DAY, by };
        assert_eq!((of(-1), of(0)), (Keep::Forever { by }, Keep::Forever { by }));
        assert_eq!((of(1), of(7), of(30), of(i64::MAX)), (days(7), days(7), days(30), days(3_650)));
        assert_eq!((of("x"), of(false)), (Keep::NoEvidence, Keep::NoEvidence));
        let none = list(&Value::of([("Other", 1)]));
        assert_eq!(read(Edition::Threema, Some(&none), None), (Keep::NeverSet, false));
        assert_eq!(read(Edition::Threema, None, None), (Keep::NoEvidence, false));
        for nonsense in [b"{ a = 1; }".to_vec(), list(&Value::Array(vec![])), Vec::new()] {
            assert_eq!(read(Edition::Threema, Some(&nonsense), None), (Keep::NoEvidence, false));
        }
    }

    #[test]
    fn an_administrators_value_wins_in_the_business_apps_and_only_there() {
        let forced = |days: i64| Value::of([("th_keep_messages_days", days)]);
        let own = list(&Value::of([("com.apple.configuration.managed", forced(30))]));
        let shared = list(&Value::of([("KeepMessagesDays", Value::from(-1)), ("threema_mdm_configuration", forced(0))]));
        let by = SetBy::Administrator;
        let month = Keep::For { seconds: 30 * DAY, by };
        assert_eq!(read(Edition::Work, Some(&shared), Some(&own)), (month, false));
        assert_eq!(read(Edition::OnPrem, Some(&shared), None), (Keep::Forever { by }, false));
        assert_eq!(read(Edition::Threema, Some(&shared), Some(&own)), (Keep::Forever { by: SetBy::Holder }, false));
        // Without the shared settings the administrator's still counts.
        assert_eq!(read(Edition::Work, None, Some(&own)), (month, false));
        let odd = list(&Value::of([("com.apple.configuration.managed", Value::of([("th_keep_messages_days", "x")]))]));
        assert_eq!(read(Edition::Work, Some(&shared), Some(&odd)), (Keep::NoEvidence, true));
    }

    #[test]
    fn a_data_backup_says_nothing_and_an_administrator_may() {
        let of = |edition, days| {
            let Settings { keep, administrator_unseen } = Settings::of_data_backup(edition, days);
            (keep, administrator_unseen)
        };
        let by = SetBy::Administrator;
        assert_eq!(of(Edition::Threema, None), (Keep::NoEvidence, false));
        assert_eq!(of(Edition::Work, None), (Keep::NoEvidence, true));
        assert_eq!(of(Edition::Work, Some(0)), (Keep::Forever { by }, false));
        assert_eq!(of(Edition::OnPrem, Some(1)), (Keep::For { seconds: 7 * DAY, by }, false));
        assert_eq!(of(Edition::Work, Some(9_999)), (Keep::For { seconds: 3_650 * DAY, by }, false));
        // Nobody administers the plain one.
        assert_eq!(of(Edition::Threema, Some(30)), (Keep::NoEvidence, false));
    }

    #[test]
    fn what_an_administrator_may_have_set_elsewhere_is_not_taken_for_nothing() {
        let shared = list(&Value::of([("KeepMessagesDays", -1)]));
        let nothing = list(&Value::of([("x", 1)]));
        let managed = list(&Value::of([("com.apple.configuration.managed", Value::of([("th_nickname", "x")]))]));
        let forever = Keep::Forever { by: SetBy::Holder };
        assert_eq!(read(Edition::Work, Some(&shared), None), (forever, true));
        assert_eq!(read(Edition::Work, Some(&shared), Some(&nothing)), (forever, true));
        assert_eq!(read(Edition::Work, Some(&shared), Some(&managed)), (forever, false));
        assert_eq!(read(Edition::Work, None, Some(&managed)), (Keep::NoEvidence, true));
        assert_eq!(read(Edition::Work, None, Some(&nothing)), (Keep::NoEvidence, true));
    }
}
