//! Apple's times: whole seconds since 2001 on old rows, billionths on new ones.

use uitlezen_chat::{Moment, TimeUnit};

/// Beyond this a number cannot be seconds, and cannot be so early in 2001 that anybody wrote it.
const LAST_SECONDS: i64 = 1_000_000_000_000_000;

/// The moment of a column; also one that says nothing (0).
pub(super) fn moment(raw: i64) -> Moment {
    let unit =
        if raw.unsigned_abs() > LAST_SECONDS.unsigned_abs() { TimeUnit::NanosecondsOf2001 } else { TimeUnit::SecondsOf2001 };
    Moment::new(raw, unit)
}

/// The moment of a column in which 0 stands for none.
pub(super) fn known(raw: Option<i64>) -> Option<Moment> {
    raw.filter(|&raw| raw != 0).map(moment)
}

/// A time that is written as a fraction of seconds, to the billionth.
pub(super) fn fraction(seconds: f64) -> Option<Moment> {
    let billionths = (seconds * 1e9).round();
    #[allow(clippy::cast_possible_truncation, reason = "held against the bounds")]
    (billionths.abs() < 9.2e18).then(|| Moment::new(billionths as i64, TimeUnit::NanosecondsOf2001))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_new_rows_tell_one_time() {
        let (old, new) = (moment(743_907_435), moment(743_907_435_000_000_000));
        assert_eq!((old.unit, new.unit), (TimeUnit::SecondsOf2001, TimeUnit::NanosecondsOf2001));
        assert!(old.utc.is_some() && old.utc == new.utc);
        assert_eq!(known(Some(0)), None);
        assert_eq!(moment(i64::MIN).unit, TimeUnit::NanosecondsOf2001);
        let written = fraction(743_907_435.5).map(|at| at.raw);
        assert_eq!(written, Some(743_907_435_500_000_000));
        assert_eq!((fraction(f64::NAN), fraction(1e30)), (None, None));
    }
}
