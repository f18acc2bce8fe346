//! A point in time as the phone wrote it and as a person in the Netherlands reads it.

use arrayvec::ArrayString;
use jiff::{
    Timestamp,
    civil::DateTime,
    tz::{Offset, TimeZone},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use std::{cell::Cell, fmt::Write, sync::OnceLock};

/// The zone in which every local time is shown. Dutch public bodies work in this zone; the raw value and UTC stand beside it.
pub const ZONE: &str = "Europe/Amsterdam";

/// The unit in which an app wrote a raw time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum TimeUnit {
    #[serde(rename = "s")]
    Seconds,
    #[serde(rename = "ms")]
    Milliseconds,
    /// Since the beginning of 2001 in UTC, as Apple counts.
    #[serde(rename = "s-2001")]
    SecondsOf2001,
    /// As [`TimeUnit::SecondsOf2001`], in billionths.
    #[serde(rename = "ns-2001")]
    NanosecondsOf2001,
}

/// Unix seconds at the beginning of 2001 in UTC.
const BEGIN_2001: i64 = 978_307_200;

impl TimeUnit {
    fn instant(self, raw: i64) -> Option<Timestamp> {
        match self {
            Self::Seconds => Timestamp::from_second(raw).ok(),
            Self::Milliseconds => Timestamp::from_millisecond(raw).ok(),
            Self::SecondsOf2001 => Timestamp::from_second(raw.checked_add(BEGIN_2001)?).ok(),
            Self::NanosecondsOf2001 => Timestamp::from_nanosecond(i128::from(raw) + i128::from(BEGIN_2001) * 1_000_000_000).ok(),
        }
    }

    /// Whether there is more than whole seconds.
    fn is_fine(self) -> bool {
        matches!(self, Self::Milliseconds | Self::NanosecondsOf2001)
    }
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
    #[serde(default, skip_serializing_if = "Option::is_none", serialize_with = "utc_text")]
    pub utc: Option<Timestamp>,
    /// RFC 3339 with the offset of Europe/Amsterdam at that moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub local: Option<LocalText>,
}

/// A local time as text. Every message has two moments, so it is held in place and not on the heap; the longest there is, in a
/// year of six digits with an offset of seconds, takes 36 bytes.
pub type LocalText = ArrayString<40>;

fn zone() -> &'static TimeZone {
    static AMSTERDAM: OnceLock<TimeZone> = OnceLock::new();
    // The zone database is compiled in, so the lookup cannot fail; UTC would still be a true, labelled offset.
    AMSTERDAM.get_or_init(|| TimeZone::get(ZONE).unwrap_or(TimeZone::UTC))
}

/// A stretch of time in which the clocks in [`ZONE`] were not changed: from, until (not included), and the offset.
type Stretch = (Timestamp, Timestamp, Offset);

/// The offset in force at `utc`. A million messages in order cross a change of the clocks a few times, and looking one up in
/// the zone database costs more than all else of a [`Moment`]; so the last stretch is kept.
fn offset(utc: Timestamp) -> Offset {
    thread_local! {
        static LAST: Cell<Option<Stretch>> = const { Cell::new(None) };
    }
    if let Some((from, until, offset)) = LAST.get()
        && (from..until).contains(&utc)
    {
        return offset;
    }
    let zone = zone();
    let offset = zone.to_offset(utc);
    let until = zone.following(utc).next().map_or(Timestamp::MAX, |change| change.timestamp());
    LAST.set(Some((utc, until, offset)));
    offset
}

/// The numbers from 00 to 99. Every message has two moments and each is written twice: digit by digit that takes a tenth of
/// the time of a record.
const PAIRS: &[u8; 200] = b"\
    0001020304050607080910111213141516171819\
    2021222324252627282930313233343536373839\
    4041424344454647484950515253545556575859\
    6061626364656667686970717273747576777879\
    8081828384858687888990919293949596979899";

/// A text of digits and signs in the making. A [`LocalText`] has room for all that is written below.
struct Digits {
    text: [u8; 40],
    length: usize,
}

impl Digits {
    fn put<const N: usize>(&mut self, bytes: [u8; N]) {
        if let Some(place) = self.text.get_mut(self.length..self.length + N) {
            place.copy_from_slice(&bytes);
            self.length += N;
        }
    }

    /// The last two digits of a number.
    fn pair(&mut self, number: u32) {
        let at = usize::try_from(number % 100).unwrap_or_default() * 2;
        self.put(PAIRS.get(at..).and_then(|rest| rest.first_chunk::<2>()).copied().unwrap_or(*b"??"));
    }

    fn digit(&mut self, number: u32) {
        self.put([b'0' + u8::try_from(number % 10).unwrap_or_default()]);
    }

    /// A thousandth of a second.
    fn three(&mut self, number: u32) {
        self.digit(number / 100);
        self.pair(number);
    }

    fn text(&self) -> &str {
        self.text.get(..self.length).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default()
    }
}

/// `2025-10-26T02:30:00`; none for a year that has not four digits.
fn civil_text(at: DateTime) -> Option<Digits> {
    let year = u16::try_from(at.year()).ok()?;
    let mut text = Digits { text: [0; 40], length: 0 };
    text.pair(u32::from(year) / 100);
    let parts = [(u32::from(year), b'-'), (at.month().unsigned_abs().into(), b'-'), (at.day().unsigned_abs().into(), b'T')];
    for (number, then) in parts {
        text.pair(number);
        text.put([then]);
    }
    for (number, then) in [(at.hour(), b':'), (at.minute(), b':')] {
        text.pair(number.unsigned_abs().into());
        text.put([then]);
    }
    text.pair(at.second().unsigned_abs().into());
    Some(text)
}

/// RFC 3339 for a year of four digits and an offset of whole minutes; none for what lies outside.
fn plain(at: DateTime, offset: Offset, unit: TimeUnit) -> Option<LocalText> {
    let shift = offset.seconds();
    if shift % 60 != 0 {
        return None;
    }
    let mut text = civil_text(at)?;
    if unit.is_fine() {
        text.put(*b".");
        text.three(at.millisecond().unsigned_abs().into());
    }
    let minutes = shift.unsigned_abs() / 60;
    text.put(if shift < 0 { *b"-" } else { *b"+" });
    text.pair(minutes / 60);
    text.put(*b":");
    text.pair(minutes % 60);
    LocalText::from(text.text()).ok()
}

/// As jiff writes it: no more digits of a second than there are.
fn utc_text<S: Serializer>(utc: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
    let Some(utc) = utc else { return to.serialize_none() };
    let at = Offset::UTC.to_datetime(*utc);
    let nanoseconds = at.subsec_nanosecond().unsigned_abs();
    let Some(mut text) = civil_text(at).filter(|_| nanoseconds.is_multiple_of(1_000_000)) else { return utc.serialize(to) };
    let millis = nanoseconds / 1_000_000;
    if millis > 0 {
        text.put(*b".");
        text.three(millis);
        text.length -= if millis.is_multiple_of(100) { 2 } else { usize::from(millis.is_multiple_of(10)) };
    }
    text.put(*b"Z");
    to.serialize_str(text.text())
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
        let utc = unit.instant(raw);
        let local = utc.map(|utc| {
            let offset = offset(utc);
            plain(offset.to_datetime(utc), offset, unit).unwrap_or_else(|| {
                let at = utc.to_zoned(zone().clone());
                let precision = if unit.is_fine() { "%Y-%m-%dT%H:%M:%S%.3f%:z" } else { "%Y-%m-%dT%H:%M:%S%:z" };
                let mut text = LocalText::new();
                let _ = write!(text, "{}", at.strftime(precision));
                text
            })
        });
        Self { raw, unit, utc, local }
    }

    /// The instant, or an error that names the raw value.
    pub fn instant(&self) -> Result<Timestamp, MomentError> {
        self.utc.ok_or(MomentError { raw: self.raw })
    }

    /// The wall clock in the Netherlands, for grouping by day.
    #[must_use]
    pub fn civil(&self) -> Option<DateTime> {
        self.utc.map(|utc| offset(utc).to_datetime(utc))
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
        assert_eq!((m.raw, m.utc, m.local), (i64::MAX, None, None));
        assert!(m.instant().is_err());
        let json = serde_json::to_string(&m).unwrap();
        assert_eq!(serde_json::from_str::<Moment>(&json).unwrap(), m);
    }

    #[test]
    fn milliseconds_survive() {
        assert_eq!(Moment::from_millis(1_763_802_000_007).local.as_deref(), Some("2025-11-22T10:00:00.007+01:00"));
    }

    #[test]
    fn times_counted_from_2001_are_the_same_instants() {
        let (s, ns) = (TimeUnit::SecondsOf2001, TimeUnit::NanosecondsOf2001);
        assert_eq!(Moment::new(785_494_800, s).local.as_deref(), Some("2025-11-22T10:00:00+01:00"));
        let fine = Moment::new(785_494_800_007_000_001, ns);
        assert_eq!(fine.local.as_deref(), Some("2025-11-22T10:00:00.007+01:00"));
        let json = serde_json::to_string(&fine).unwrap();
        assert!(json.contains(r#""utc":"2025-11-22T09:00:00.007000001Z""#), "{json}");
        assert_eq!(serde_json::from_str::<Moment>(&json).unwrap(), fine);
        assert_eq!((Moment::new(i64::MAX, s).utc, Moment::new(i64::MIN, s).utc), (None, None));
        assert!(Moment::new(i64::MIN, ns).utc.is_some());
    }

    /// Against the zone database, one by one and in an order that the kept stretch must survive.
    #[test]
    fn every_local_time_is_what_the_zone_database_says() {
        let slow = |raw, unit| {
            let utc = if unit == TimeUnit::Seconds { Timestamp::from_second(raw) } else { Timestamp::from_millisecond(raw) };
            let at = utc.unwrap().to_zoned(TimeZone::get(ZONE).unwrap());
            at.strftime(if unit == TimeUnit::Seconds { "%Y-%m-%dT%H:%M:%S%:z" } else { "%Y-%m-%dT%H:%M:%S%.3f%:z" }).to_string()
        };
        let change = 1_761_440_400; // 26 October 2025, 01:00 UTC
        let mut raws: Vec<i64> = vec![0, -1, change, change - 1, change + 1, change, change - 1, 4_102_444_800, 253_402_207_199];
        // Local mean time with odd seconds, wartime, and years before the first.
        raws.extend([-2_000_000_000, -1_025_740_000, -935_100_000, -935_000_000, -62_167_219_201, -62_135_596_800]);
        let mut seed = 1_u64;
        for _ in 0..4_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = i64::try_from(seed >> 33).unwrap() - (1 << 30);
            raws.extend([at, at + 40]);
        }
        for raw in raws {
            let millis = raw * 1000 + raw.rem_euclid(1000);
            for (raw, unit) in [(raw, TimeUnit::Seconds), (millis, TimeUnit::Milliseconds)] {
                let moment = Moment::new(raw, unit);
                assert_eq!(moment.local.unwrap().as_str(), slow(raw, unit), "{raw} {unit:?}");
                let json = serde_json::to_value(&moment).unwrap();
                assert_eq!(json.get("utc").unwrap(), &moment.utc.unwrap().to_string(), "{raw} {unit:?}");
            }
            let civil = Timestamp::from_second(raw).unwrap().to_zoned(TimeZone::get(ZONE).unwrap()).datetime();
            assert_eq!(Moment::from_seconds(raw).civil(), Some(civil));
        }
    }
}
