//! When things happen: between seven in the morning and ten in the evening, in order, up to the backup.

use crate::content::ContentError;
use crate::content::dice::Dice;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

const DAY_MS: i64 = 86_400_000;
/// 06:00 UTC, 07:00 or 08:00 in the Netherlands.
const MORNING_MS: i64 = 6 * 3_600_000;
const WAKING_MS: i64 = 15 * 3_600_000;

#[derive(Debug)]
pub(crate) struct Calendar {
    first_day_ms: i64,
    days: u64,
    /// The number of the first message of these days, and how many they have.
    from: u64,
    target: u64,
    last_ms: i64,
    /// When the full backup was made.
    pub(crate) end_ms: i64,
}

impl Calendar {
    /// Spread `target` messages over the days before `end` (Unix seconds): forty a day, at least 30 and at most 900 days.
    pub(crate) fn new(end: i64, target: u64) -> Self {
        let days = (target / 40).clamp(30, 900);
        let end_ms = end * 1000;
        let first_day_ms = end_ms.div_euclid(DAY_MS) * DAY_MS - i64::try_from(days).unwrap_or(0) * DAY_MS;
        Self { first_day_ms, days, from: 0, target: target.max(1), last_ms: first_day_ms + MORNING_MS, end_ms }
    }

    pub(crate) fn start_ms(&self) -> i64 {
        self.first_day_ms
    }

    /// From message `from` on, `target` of them are spread over the `days` before another `end` (Unix seconds).
    pub(crate) fn go_on(&mut self, end: i64, days: u64, from: u64, target: u64) {
        (self.days, self.from, self.target) = (days.max(1), from, target.max(1));
        self.end_ms = end * 1000;
        let today = self.end_ms.div_euclid(DAY_MS) * DAY_MS;
        self.first_day_ms = today - i64::try_from(self.days).unwrap_or(0) * DAY_MS;
    }

    /// The time of message number `n`, later than every time before it. Unix milliseconds.
    pub(crate) fn tick(&mut self, n: u64, dice: &mut Dice) -> i64 {
        let share = |n: u64| {
            let at = u128::from(n.saturating_sub(self.from).min(self.target))
                * u128::from(self.days)
                * u128::from(WAKING_MS.unsigned_abs());
            let awake = i64::try_from(at / u128::from(self.target)).unwrap_or(0);
            self.first_day_ms + awake / WAKING_MS * DAY_MS + MORNING_MS + awake % WAKING_MS
        };
        let (from, to) = (share(n), share(n + 1));
        let spread = (to - from).clamp(1, 600_000);
        self.last_ms = (from + dice.between(0, spread * 9 / 10)).max(self.last_ms + dice.between(150, 400));
        self.last_ms
    }
}

/// A moment as the phone's owner sees it.
pub(crate) fn dutch(ms: i64) -> Result<Zoned, ContentError> {
    Ok(Timestamp::from_millisecond(ms)?.to_zoned(TimeZone::get("Europe/Amsterdam")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_only_goes_forward_and_ends_before_the_backup() {
        for target in [1, 7, 400, 20_000] {
            let mut calendar = Calendar::new(1_790_000_000, target);
            let mut dice = Dice::new(1, "x");
            let mut last = 0;
            for n in 0..target {
                let ms = calendar.tick(n, &mut dice);
                assert!(ms > last && ms < calendar.end_ms, "{n} of {target}");
                last = ms;
            }
            calendar.go_on(1_790_000_000 + 7 * 86_400, 7, target, 30);
            for n in target..target + 30 {
                let ms = calendar.tick(n, &mut dice);
                assert!(ms > last && ms < calendar.end_ms, "{n} of {target}, later");
                last = ms;
            }
        }
    }
}
