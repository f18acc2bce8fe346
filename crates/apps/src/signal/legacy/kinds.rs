//! The bit field `type` of a message.

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Something that somebody said.
    Said,
    /// A change of the timer; the new value stands in `expires_in`.
    Timer,
    Call {
        video: bool,
        group: bool,
        missed: bool,
        outgoing: bool,
    },
    /// The number of the other one changed.
    NumberChanged,
    /// The safety number changed.
    SecurityCode,
    Left,
    /// What is said is a gift or a payment.
    Badge,
    Payment,
    Draft,
    /// Known, and of no kind that records have.
    Notice(&'static str),
    Unknown,
}

const BASE: i64 = 0x1f;
const KEY_EXCHANGE: i64 = 0x8000;
const VERIFIED: i64 = 0x4000;
const DEFAULT: i64 = 0x2000;
const IDENTITY: i64 = 0x200;
const GROUP_UPDATE: i64 = 0x1_0000;
const GROUP_LEAVE: i64 = 0x2_0000;
const TIMER: i64 = 0x4_0000;
const END_SESSION: i64 = 0x40_0000;
const SPECIAL: i64 = 0xf_0000_0000;

/// Whether the holder sent it.
pub(super) fn is_outgoing(kind: i64) -> bool {
    matches!(kind & BASE, 2 | 11 | 21..=26)
}

pub(super) fn kind(kind: i64) -> Kind {
    if kind & TIMER != 0 {
        return Kind::Timer;
    }
    let call = |video, missed, outgoing| Kind::Call { video, group: false, missed, outgoing };
    match kind & BASE {
        1 => return call(false, false, false),
        2 => return call(false, false, true),
        3 => return call(false, true, false),
        8 => return call(true, true, false),
        10 => return call(true, false, false),
        11 => return call(true, false, true),
        12 => return Kind::Call { video: true, group: true, missed: false, outgoing: false },
        4 => return Kind::Notice("joined-signal"),
        5 => return Kind::Notice("unsupported"),
        6 => return Kind::Notice("invalid"),
        7 => return Kind::Notice("profile-changed"),
        9 => return Kind::Notice("group-upgraded"),
        13 => return Kind::Notice("bad-decrypt"),
        14 => return Kind::NumberChanged,
        15 => return Kind::Notice("release-channel-donation-request"),
        16 => return Kind::Notice("chats-merged"),
        17 => return Kind::Notice("sms-export"),
        18 => return Kind::Notice("session-switched"),
        27 => return Kind::Draft,
        20..=26 => {}
        _ => return Kind::Unknown,
    }
    if kind & GROUP_LEAVE != 0 {
        return Kind::Left;
    }
    if kind & GROUP_UPDATE != 0 {
        return Kind::Notice("group-changed");
    }
    if kind & IDENTITY != 0 {
        return Kind::SecurityCode;
    }
    for (bit, word) in [
        (VERIFIED, "identity-verified"),
        (DEFAULT, "identity-no-longer-verified"),
        (END_SESSION, "end-session"),
        (KEY_EXCHANGE, "key-exchange"),
    ] {
        if kind & bit != 0 {
            return Kind::Notice(word);
        }
    }
    match (kind & SPECIAL) >> 32 {
        0 | 1 => Kind::Said,
        2 => Kind::Badge,
        3 => Kind::Payment,
        4 => Kind::Notice("payment-activation-request"),
        5 => Kind::Notice("reported-spam"),
        6 => Kind::Notice("message-request-accepted"),
        8 => Kind::Notice("payments-activated"),
        9 => Kind::Notice("tombstone"),
        _ => Kind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_its_bits() {
        assert_eq!((kind(20 | 0x20_0000), kind(23 | 0x80_0000)), (Kind::Said, Kind::Said));
        assert_eq!(kind(23 | TIMER), Kind::Timer);
        assert_eq!(kind(20 | GROUP_UPDATE | 0x8_0000), Kind::Notice("group-changed"));
        assert_eq!(kind(20 | GROUP_LEAVE), Kind::Left);
        assert_eq!(kind(3), Kind::Call { video: false, group: false, missed: true, outgoing: false });
        assert_eq!(kind(20 | 3 << 32), Kind::Payment);
        assert_eq!(
            (kind(19), kind(28), kind(0), kind(20 | 7 << 32)),
            (Kind::Unknown, Kind::Unknown, Kind::Unknown, Kind::Unknown)
        );
        for base in 0..32 {
            assert_eq!(is_outgoing(base | 0x20_0000), [2, 11, 21, 22, 23, 24, 25, 26].contains(&base), "{base}");
        }
    }
}
