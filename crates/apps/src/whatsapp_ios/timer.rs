//! The timer of a conversation, by the conservative rule of `reference/ios.md §5.7`.
//!
//! No column holds it. Notices do (A: kind 6 with event 26; B: kind 28), and they can be gone; the contact record (C) may be
//! the other person's own default. So no notice is no evidence: nothing is off because nothing was found, and a contact record
//! that says nothing turns nothing off.

use super::people::ContactTimer;
use std::collections::BTreeMap;
use uitlezen_chat::{ConversationKind, Moment, Sender, Source, Timer, TimerChange, TimerState};

/// Changes of one conversation that are kept.
const MOST: usize = 10_000;

/// The notices of a conversation, in the order of their rows.
#[derive(Debug, Default)]
pub(super) struct Seen {
    changes: Vec<TimerChange>,
}

/// Seconds as a notice writes them. Nothing is off; what is no number says nothing.
pub(super) fn seconds(text: Option<&str>) -> Option<u64> {
    match text.map(str::trim) {
        None | Some("") => Some(0),
        Some(text) => text.parse().ok(),
    }
}

impl Seen {
    /// Answers whether there was room.
    pub(super) fn add(&mut self, at: Option<Moment>, by: Sender, seconds: Option<u64>, source: Source) -> bool {
        let room = self.changes.len() < MOST;
        if room {
            let at = at.unwrap_or_else(|| Moment::from_seconds(0));
            self.changes.push(TimerChange { at, by, from_seconds: None, to_seconds: seconds, source });
        }
        room
    }
}

/// The verdict, with the raw values of the contact in `raw`.
pub(super) fn of(
    kind: ConversationKind,
    seen: Seen,
    contact: Option<&ContactTimer>,
    raw: &mut BTreeMap<String, String>,
) -> Timer {
    let mut changes = seen.changes;
    changes.sort_by_key(|change| change.at.utc);
    let contact = contact.filter(|_| kind == ConversationKind::Direct);
    if let Some(contact) = contact {
        raw.insert("ZWAADDRESSBOOKCONTACT.ZDISAPPEARINGMODEDURATION".to_owned(), contact.seconds.to_string());
        if let Some(since) = contact.since.as_ref().and_then(|at| at.utc) {
            raw.insert("ZWAADDRESSBOOKCONTACT.ZDISAPPEARINGMODETIMESTAMP".to_owned(), since.to_string());
        }
    }
    let newest = changes.last();
    let on = contact.and_then(|c| Some((c, u64::try_from(c.seconds).ok().filter(|s| *s > 0)?)));
    // A contact record counts against a notice only when it is younger.
    let younger = on.filter(|(c, _)| match newest {
        None => true,
        Some(notice) => c.since.as_ref().is_some_and(|since| since.utc > notice.at.utc),
    });
    let (state, since, source) = match (younger, newest) {
        (Some((contact, seconds)), _) => (TimerState::On { seconds }, contact.since.clone(), Some(contact.source.clone())),
        (None, Some(notice)) => {
            let state = match notice.to_seconds {
                None => TimerState::NotDeterminable { reason: "the newest notice about the timer is not understood".to_owned() },
                // §5.7: off only where the contact record does not say otherwise.
                Some(0) if on.is_some() => TimerState::NotDeterminable {
                    reason: "the newest notice says off and an older contact record says on".to_owned(),
                },
                Some(0) => TimerState::Off,
                Some(seconds) => TimerState::On { seconds },
            };
            (state, Some(notice.at.clone()), Some(notice.source.clone()))
        }
        (None, None) => {
            let reason = if contact.is_some() {
                "no notice about the timer; the contact record alone is no evidence that it is off"
            } else {
                "no notice about the timer, and the database holds it nowhere else"
            };
            (TimerState::NotDeterminable { reason: reason.to_owned() }, None, None)
        }
    };
    Timer { state, since, initiator_raw: None, changes, source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uitlezen_chat::EvidenceId;

    fn place() -> Source {
        Source { item: EvidenceId(1), table: "ZWAMESSAGE".into(), row: 1 }
    }

    fn state(kind: ConversationKind, notices: &[(i64, u64)], contact: Option<(i64, i64)>) -> TimerState {
        let mut seen = Seen::default();
        for &(at, seconds) in notices {
            seen.add(Some(Moment::from_seconds(at)), Sender::Unknown, Some(seconds), place());
        }
        let contact = contact.map(|(seconds, since)| ContactTimer {
            seconds,
            since: (since > 0).then(|| Moment::from_seconds(since)),
            source: place(),
        });
        of(kind, seen, contact.as_ref(), &mut BTreeMap::new()).state
    }

    #[test]
    fn the_rule_row_by_row() {
        use ConversationKind::{Direct, Group};
        let unknown = |state| matches!(state, TimerState::NotDeterminable { .. });
        assert_eq!(state(Group, &[(100, 86_400)], None), TimerState::On { seconds: 86_400 });
        assert_eq!(state(Group, &[(200, 0), (100, 86_400)], None), TimerState::Off);
        assert!(unknown(state(Group, &[], None)), "no notice is no evidence");
        assert!(unknown(state(Group, &[], Some((86_400, 100)))), "a contact says nothing of a group");
        assert_eq!(state(Direct, &[], Some((86_400, 100))), TimerState::On { seconds: 86_400 });
        assert_eq!(state(Direct, &[(100, 0)], Some((604_800, 200))), TimerState::On { seconds: 604_800 });
        assert!(unknown(state(Direct, &[(200, 0)], Some((604_800, 100)))));
        assert!(unknown(state(Direct, &[(200, 0)], Some((604_800, 0)))));
        assert_eq!(state(Direct, &[(200, 0)], Some((0, 0))), TimerState::Off);
        assert_eq!(state(Direct, &[(200, 90)], Some((0, 300))), TimerState::On { seconds: 90 });
        assert!(unknown(state(Direct, &[], Some((0, 0)))), "the contact record alone turns nothing off");
        assert!(unknown(state(Direct, &[], None)));
    }

    #[test]
    fn a_notice_that_says_nothing_is_off_and_one_that_is_not_understood_is_no_evidence() {
        assert_eq!(
            [seconds(Some("604800")), seconds(Some("0")), seconds(Some(" ")), seconds(None)],
            [Some(604_800), Some(0), Some(0), Some(0)]
        );
        assert_eq!([seconds(Some("uit")), seconds(Some("-1"))], [None, None]);
        let mut seen = Seen::default();
        seen.add(Some(Moment::from_seconds(1)), Sender::Unknown, Some(0), place());
        seen.add(Some(Moment::from_seconds(2)), Sender::Unknown, None, place());
        let timer = of(ConversationKind::Group, seen, None, &mut BTreeMap::new());
        assert!(matches!(timer.state, TimerState::NotDeterminable { .. }), "{:?}", timer.state);
    }
}
