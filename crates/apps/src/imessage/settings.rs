//! How long Messages keeps what it has: `com.apple.MobileSMS.plist`.
//!
//! | iOS | key | says |
//! |---|---|---|
//! | 17 and later | `SSKeepMessages` | days; 0 is for ever |
//! | 16 and before | `KeepMessageForDays` | the same |
//!
//! From iOS 17 on the older key may be left over and stale, so it says nothing there. Where the key of the version is absent,
//! the setting was never touched and the default, for ever, should hold: that is reported for later versions and established
//! only for old ones, so the holder must show it (`reference/ios.md §6, §7`). For voice messages, which the app deletes two
//! minutes after they were heard unless told otherwise, no key is established on iOS.

use serde::{Deserialize, Serialize};
use uitlezen_property_list::{Limits, PlistError, Value, parse};

/// A settings file is some kilobytes.
const LIMITS: Limits = Limits { input: 4 << 20, depth: 32, nodes: 100_000, bytes: 4 << 20 };
const DAY: u64 = 86_400;

/// How long messages are kept, for the whole account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "keeps", rename_all = "kebab-case")]
pub enum KeepMessages {
    /// Set to "for ever".
    Forever,
    /// Deleted after so many seconds.
    For { seconds: u64 },
    /// The settings are here and say nothing of it.
    NeverSet,
    /// The settings are not here, or say something that is not understood.
    NoEvidence,
}

/// What the settings say of keeping voice messages. Low confidence: the key is known from another of Apple's systems, so
/// whatever stands there the holder must show the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeepAudio {
    SaysKept,
    SaysExpires,
    SaysNothing,
}

/// The settings that matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    pub messages: KeepMessages,
    pub audio: KeepAudio,
}

impl Settings {
    /// Without a settings file.
    pub const ABSENT: Self = Self { messages: KeepMessages::NoEvidence, audio: KeepAudio::SaysNothing };

    /// Reads the file. `ios` is the version of the phone ("17.4.1"); unknown, only what both rules agree on is said.
    pub fn read(list: &[u8], ios: Option<&str>) -> Result<Self, PlistError> {
        let list = parse(list, &LIMITS)?;
        if list.dict().is_none() {
            return Ok(Self::ABSENT);
        }
        let major = ios.and_then(|version| version.split('.').next()?.trim().parse::<u32>().ok());
        let (newer, older) = (keeps(list.get("SSKeepMessages")), keeps(list.get("KeepMessageForDays")));
        let messages = match major {
            Some(17..) => newer,
            Some(_) => older,
            // Either of them would be the one that counts.
            None if newer == older => newer,
            None if older == KeepMessages::NeverSet => newer,
            None => KeepMessages::NoEvidence,
        };
        let audio = match list.get("KeepAudioMessages").map(Value::switch) {
            Some(Some(true)) => KeepAudio::SaysKept,
            Some(Some(false)) => KeepAudio::SaysExpires,
            _ => KeepAudio::SaysNothing,
        };
        Ok(Self { messages, audio })
    }
}

fn keeps(value: Option<&Value>) -> KeepMessages {
    match value.map(Value::int) {
        None => KeepMessages::NeverSet,
        Some(Some(0)) => KeepMessages::Forever,
        Some(Some(days)) => match u64::try_from(days).ok().and_then(|days| days.checked_mul(DAY)) {
            Some(seconds) => KeepMessages::For { seconds },
            None => KeepMessages::NoEvidence,
        },
        Some(None) => KeepMessages::NoEvidence,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use uitlezen_property_list::{to_binary, to_xml};

    fn read(list: &Value, ios: Option<&str>) -> KeepMessages {
        let binary = Settings::read(&to_binary(list).unwrap(), ios).unwrap();
        assert_eq!(Settings::read(&to_xml(list).unwrap(), ios).unwrap(), binary);
        binary.messages
    }

    #[test]
    fn the_key_of_the_version_counts_and_a_left_over_one_does_not() {
        let (both, old) =
            (Value::of([("SSKeepMessages", 0), ("KeepMessageForDays", 30)]), Value::of([("KeepMessageForDays", 30)]));
        let (new, none) = (Value::of([("SSKeepMessages", 365)]), Value::of([("Other", 1)]));
        let month = KeepMessages::For { seconds: 30 * DAY };
        assert_eq!((read(&both, Some("17.0")), read(&both, Some("16.7.8"))), (KeepMessages::Forever, month));
        assert_eq!((read(&old, Some("26.5.2")), read(&old, Some("12.4"))), (KeepMessages::NeverSet, month));
        assert_eq!(read(&new, Some("18.0")), KeepMessages::For { seconds: 365 * DAY });
        assert_eq!((read(&none, Some("17.1")), read(&none, Some("9.3"))), (KeepMessages::NeverSet, KeepMessages::NeverSet));
    }

    #[test]
    fn without_a_version_only_what_both_rules_say_is_said() {
        let agree = Value::of([("SSKeepMessages", 0), ("KeepMessageForDays", 0)]);
        assert_eq!(read(&agree, None), KeepMessages::Forever);
        assert_eq!(read(&Value::of([("SSKeepMessages", 0), ("KeepMessageForDays", 30)]), None), KeepMessages::NoEvidence);
        assert_eq!(read(&Value::of([("KeepMessageForDays", 30)]), None), KeepMessages::NoEvidence);
        assert_eq!(read(&Value::of([("SSKeepMessages", 30)]), Some("x")), KeepMessages::For { seconds: 30 * DAY });
    }

    #[test]
    fn what_is_no_number_of_days_is_no_evidence_and_never_off() {
        for odd in [Value::from("0"), Value::from(-1), Value::from(i64::MAX), Value::from(false), Value::from(0.5)] {
            let list = Value::of([("SSKeepMessages", odd)]);
            assert_eq!(read(&list, Some("17.0")), KeepMessages::NoEvidence);
        }
        assert_eq!(Settings::read(&to_binary(&Value::Array(vec![])).unwrap(), Some("17")).unwrap(), Settings::ABSENT);
        assert!(Settings::read(b"{ KeepMessageForDays = 0; }", Some("16")).is_err());
        let audio = |on: bool| Settings::read(&to_binary(&Value::of([("KeepAudioMessages", on)])).unwrap(), Some("18")).unwrap();
        assert_eq!((audio(true).audio, audio(false).audio), (KeepAudio::SaysKept, KeepAudio::SaysExpires));
    }
}
