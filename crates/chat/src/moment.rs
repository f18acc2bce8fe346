//! A point in time as the phone wrote it and as a person in the Netherlands reads it.

use jiff::{Timestamp, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// The zone in which every local time is shown. Dutch public bodies work in this zone; the raw value and UTC stand beside it.
pub const ZONE: &str = "Europe/Amsterdam";

/// The unit in which an app wrote a raw time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum TimeUnit {
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "ms")]
    Milliseconds,
}

/// A raw time that does not fit in years -9999..9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the raw time {raw} is outside the calendar")]
pub struct MomentError {
    pub raw: i64,
}

/// A time with its raw value, in UTC, and in [`ZONE`] with the offset that was in force.
///
/// A raw value outside the calendar keeps its raw value and has neither UTC nor local time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Moment {
    /// The number as it stood in the app's database or file.
    pub raw: i64,
    pub unit: TimeUnit,
    /// RFC 3339, always with `Z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub utc: Option<Timestamp>,
    /// RFC 3339 with the offset of Europe/Amsterdam at that moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<String>,
}

fn zone() -> &'static TimeZone {
    static AMSTERDAM: OnceLock<TimeZone> = OnceLock::new();
    // The zone database is compiled in, so the lookup cannot fail; UTC would still be a true, labelled offset.
    AMSTERDAM.get_or_init(|| TimeZone::get(ZONE).unwrap_or(TimeZone::UTC))
}

impl Moment {
    /// Unix time in milliseconds.
    #[must_use]
    pub fn from_millis(raw: i64) -> Self {
        Self::new(raw, TimeUnit::Milliseconds)
    }

    /// Unix time in seconds.
    #[must_use]
    pub fn from_seconds(raw: i64) -> Self {
        Self::new(raw, TimeUnit::Seconds)
    }

    #[must_use]
    pub fn new(raw: i64, unit: TimeUnit) -> Self {
        let utc = match unit {
            TimeUnit::Seconds => Timestamp::from_second(raw),
            TimeUnit::Milliseconds => Timestamp::from_millisecond(raw),
        }
        .ok();
        let local = utc.map(|utc| {
            let at = utc.to_zoned(zone().clone());
            let precision = if unit == TimeUnit::Milliseconds { "%Y-%m-%dT%H:%M:%S%.3f%:z" } else { "%Y-%m-%dT%H:%M:%S%:z" };
            at.strftime(precision).to_string()
        });
        Self { raw, unit, utc, local }
    }

    /// The instant, or an error that names the raw value.
    pub fn instant(&self) -> Result<Timestamp, MomentError> {
        self.utc.ok_or(MomentError { raw: self.raw })
    }

    /// The wall clock in the Netherlands, for grouping by day.
    #[must_use]
    pub fn civil(&self) -> Option<jiff::civil::DateTime> {
        self.utc.map(|utc| utc.to_zoned(zone().clone()).datetime())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_hour_that_happens_twice_keeps_two_offsets() {
        // 26 October 2025: clocks went back at 01:00 UTC.
        let before = Moment::from_seconds(1_761_438_600);
        let after = Moment::from_seconds(1_761_438_600 + 3600);
        assert_eq!(before.local.as_deref(), Some("2025-10-26T02:30:00+02:00"));
        assert_eq!(after.local.as_deref(), Some("2025-10-26T02:30:00+01:00"));
    }

    #[test]
    fn a_raw_time_outside_the_calendar_is_kept_raw() {
        let m = Moment::from_millis(i64::MAX);
        assert_eq!((m.raw, m.utc, m.local.clone()), (i64::MAX, None, None));
        assert!(m.instant().is_err());
        let json = serde_json::to_string(&m).unwrap();
        assert_eq!(serde_json::from_str::<Moment>(&json).unwrap(), m);
    }

    #[test]
    fn milliseconds_survive() {
        assert_eq!(Moment::from_millis(1_763_802_000_007).local.as_deref(), Some("2025-11-22T10:00:00.007+01:00"));
    }
}
