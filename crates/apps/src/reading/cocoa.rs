//! Core Data's times: seconds since 2001, with or without a fraction.

use crate::reading::value;
use rusqlite::Row;
use uitlezen_chat::{Moment, TimeUnit};

/// The moment of a number of seconds; to the billionth where it has a fraction.
pub(crate) fn moment(seconds: f64) -> Option<Moment> {
    let billionths = (seconds * 1e9).round();
    #[allow(clippy::cast_possible_truncation, reason = "held against the bounds")]
    match seconds {
        _ if !seconds.is_finite() || seconds == 0.0 => None,
        whole if whole.fract() == 0.0 && whole.abs() < 9e15 => Some(Moment::new(whole as i64, TimeUnit::SecondsOf2001)),
        _ if billionths.abs() < 9.2e18 => Some(Moment::new(billionths as i64, TimeUnit::NanosecondsOf2001)),
        // Outside any calendar: kept as far as a number of seconds can be.
        far if far.abs() < 9e18 => Some(Moment::new(far as i64, TimeUnit::SecondsOf2001)),
        _ => None,
    }
}

/// The moment in a column; 0 stands for none.
pub(crate) fn at(row: &Row<'_>, column: usize) -> Option<Moment> {
    value::real(row, column).and_then(moment)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn whole_and_broken_seconds_tell_one_time() {
        let (whole, broken) = (moment(785_494_800.0).unwrap(), moment(785_494_800.5).unwrap());
        assert_eq!((whole.raw, whole.unit), (785_494_800, TimeUnit::SecondsOf2001));
        assert_eq!((broken.raw, broken.unit), (785_494_800_500_000_000, TimeUnit::NanosecondsOf2001));
        assert_eq!(whole.local.as_deref(), Some("2025-11-22T10:00:00+01:00"));
        assert!(whole.utc < broken.utc);
        assert_eq!((moment(0.0), moment(f64::NAN), moment(1e30)), (None, None, None));
        assert!(moment(1e17).unwrap().utc.is_none());
    }
}
