//! Apple's times as WhatsApp writes them: seconds since 2001, with a fraction on what the holder sent.

use uitlezen_chat::{Moment, TimeUnit};

/// The moment of a column, to the thousandth of a second. 0 and less stand for none.
pub(super) fn moment(seconds: f64) -> Option<Moment> {
    if !(seconds > 0.0 && seconds < 9e9) {
        return None;
    }
    #[allow(clippy::cast_possible_truncation, reason = "held against the bounds")]
    let thousandths = (seconds * 1000.0).round() as i64;
    Some(if thousandths % 1000 == 0 {
        Moment::new(thousandths / 1000, TimeUnit::SecondsOf2001)
    } else {
        Moment::new(thousandths.saturating_mul(1_000_000), TimeUnit::NanosecondsOf2001)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_and_fractions_are_times_and_nonsense_is_none() {
        assert_eq!(moment(785_494_800.0).unwrap().local.as_deref(), Some("2025-11-22T10:00:00+01:00"));
        assert_eq!(moment(785_494_800.25).unwrap().local.as_deref(), Some("2025-11-22T10:00:00.250+01:00"));
        for nonsense in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(moment(nonsense), None);
        }
    }
}
