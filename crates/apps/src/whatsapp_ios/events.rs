//! Notices: kind 6 about groups, kind 10 about calls and security. Each kind counts its events for itself
//! (`reference/ios.md §5.4`).

use uitlezen_chat::SystemEventKind as Event;

/// `ZMESSAGETYPE` of notices.
pub(super) const GROUP: i64 = 6;
pub(super) const OTHER: i64 = 10;
pub(super) const TIMER: i64 = 28;
const ADVANCED_PRIVACY: i64 = 73;

/// Who the member of the row is, where that is established.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Member {
    /// The one who did it.
    Actor,
    /// The one who did it to themselves: who left, or came by a link.
    Self_,
    /// Not established: kept as it is written.
    Unknown,
}

/// What a notice says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    Event(Event, Member),
    MissedCall { video: bool, group: bool },
}

pub(super) fn is_notice(kind: i64) -> bool {
    matches!(kind, GROUP | OTHER | TIMER | ADVANCED_PRIVACY)
}

pub(super) fn of(kind: i64, event: i64) -> Notice {
    use Member::{Actor, Self_, Unknown};
    let (event, member) = match (kind, event) {
        (TIMER, _) | (GROUP, 26) => (Event::TimerChanged, Actor),
        (ADVANCED_PRIVACY, _) | (OTHER, 51) => (Event::SettingsChanged, Unknown),
        (GROUP, 1) => (Event::SubjectChanged, Actor),
        (GROUP, 2 | 50) => (Event::Added, Unknown),
        (GROUP, 3) => (Event::Left, Self_),
        (GROUP, 4 | 5) => (Event::PictureChanged, Actor),
        (GROUP, 7) => (Event::Removed, Unknown),
        (GROUP, 9) | (OTHER, 5 | 6) => (Event::NumberChanged, Unknown),
        (GROUP, 10) => (Event::BecameAdmin, Unknown),
        (GROUP, 11) => (Event::NoLongerAdmin, Unknown),
        (GROUP, 12) => (Event::GroupCreated, Actor),
        (GROUP, 15) => (Event::JoinedByLink, Self_),
        (GROUP, 17 | 22) => (Event::DescriptionChanged, Actor),
        (GROUP, 18..=21 | 42) => (Event::SettingsChanged, Actor),
        (OTHER, 2) => (Event::EncryptionNotice, Unknown),
        (OTHER, 3 | 36) => (Event::SecurityCodeChanged, Unknown),
        (OTHER, 34 | 35) => (Event::Blocked, Unknown),
        (OTHER, 1 | 45) => return Notice::MissedCall { video: false, group: false },
        (OTHER, 4 | 46) => return Notice::MissedCall { video: true, group: false },
        // Of the two numbers of a group's call it is not established which one is video.
        (OTHER, 21 | 22) => return Notice::MissedCall { video: false, group: true },
        _ => (Event::Other, Unknown),
    };
    Notice::Event(event, member)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_kinds_count_their_events_apart() {
        assert_eq!(of(GROUP, 2), Notice::Event(Event::Added, Member::Unknown));
        assert_eq!(of(OTHER, 2), Notice::Event(Event::EncryptionNotice, Member::Unknown));
        assert_eq!(of(OTHER, 46), Notice::MissedCall { video: true, group: false });
        assert_eq!(of(GROUP, 999), Notice::Event(Event::Other, Member::Unknown));
        assert!(!is_notice(0) && is_notice(28));
    }
}
