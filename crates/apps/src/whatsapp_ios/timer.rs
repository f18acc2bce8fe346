//! What the data say about disappearing messages, by the conservative rule of `reference/ios.md §5.7`.
//!
//! No column holds the timer of a conversation. There are notices in it, and for a conversation between two a record beside the
//! contact, of which the tools disagree whether it is the conversation's timer or the contact's own default. So:
//!
//! | | on | off | else |
//! |---|---|---|---|
//! | group | newest notice says seconds | newest notice says 0 | no evidence |
//! | between two | newest notice says seconds, or the contact does and is newer | newest notice says 0 and the contact does not speak against it; weaker: no notice, and the contact says 0 | no evidence |
//!
//! Notices vanish with what they are about, so none of them is no evidence. Where messages of more than 90 days lie in the
//! conversation, that is said beside it. All raw values stand in the record.

use super::{
    contacts::{ContactTimer, Contacts},
    survey::{Looked, Met, TimerNotice},
};
use crate::whatsapp::parties::book::Book;
use uitlezen_chat::{Moment, TimerChange, TimerState};

/// 90 days.
const LONG: f64 = 90.0 * 86_400.0;
const BEGIN_2001: i64 = 978_307_200;
/// The word for what rests on the record of the contact.
const CONTACT: &str = "contact-record";

/// The state, since when, and whether it rests on the contact alone.
#[derive(Clone, Debug, PartialEq)]
struct Judged {
    state: TimerState,
    since: Option<Moment>,
    by_contact: bool,
}

/// Gives every conversation its timer.
pub(super) fn judge(book: &mut Book, met: &mut Met, contacts: &Contacts, made_at: Option<i64>) {
    // Without the time of the backup its newest message stands for it: never later than the backup.
    let newest = met.spans.values().map(|span| span.1).reduce(f64::max);
    #[allow(clippy::cast_precision_loss, reason = "a time in seconds")]
    let now = made_at.map(|at| (at - BEGIN_2001) as f64).or(newest);
    for (index, entry) in book.entries.iter_mut().enumerate() {
        // A conversation that has no row: nothing is known of it.
        if entry.source.table == "ZWAMESSAGE" {
            continue;
        }
        let mut notices = met.timers.remove(&index).unwrap_or_default();
        notices.sort_by_key(order);
        let contact = entry.partner().and_then(|person| contacts.timer(person));
        if let Some(contact) = contact {
            let raw = contact.raw.clone().unwrap_or_else(|| "NULL".to_owned());
            entry.uninterpreted.insert(format!("{}.ZDISAPPEARINGMODEDURATION", super::contacts::TABLE), raw);
            if let Some(at) = &contact.at {
                let name = format!("{}.ZDISAPPEARINGMODETIMESTAMP", super::contacts::TABLE);
                entry.uninterpreted.insert(name, at.utc.map_or_else(|| at.raw.to_string(), |utc| utc.to_string()));
            }
        }
        let old = met.spans.get(&index).zip(now).is_some_and(|((oldest, _), now)| now - oldest > LONG);
        let judged = match met.looked {
            Looked::Everywhere => rule(notices.last(), contact, met.keeps.contains(&index), old),
            looked => without_notices(looked, contact),
        };
        let newest = notices.last().map(|notice| notice.source.clone());
        let timer = &mut entry.timer;
        timer.state = judged.state;
        timer.since = judged.since;
        timer.basis = judged.by_contact.then(|| CONTACT.to_owned());
        timer.source = if judged.by_contact { contact.map(|contact| contact.source.clone()) } else { newest };
        let mut before = None;
        for notice in notices {
            let from_seconds = before;
            before = notice.seconds;
            if let Some(at) = notice.at {
                let (by, to_seconds, source) = (notice.by, notice.seconds, notice.source);
                timer.changes.push(TimerChange { at, by, from_seconds, to_seconds, source });
            }
        }
    }
}

fn order(notice: &TimerNotice) -> (Option<jiff::Timestamp>, i64) {
    (notice.at.as_ref().and_then(|at| at.utc), notice.source.row)
}

fn no_evidence(reason: &str) -> Judged {
    Judged { state: TimerState::NotDeterminable { reason: reason.to_owned() }, since: None, by_contact: false }
}

fn by_contact(seconds: u64, contact: &ContactTimer) -> Judged {
    Judged {
        state: if seconds > 0 { TimerState::On { seconds } } else { TimerState::Off },
        since: contact.at.clone().filter(|_| seconds > 0),
        by_contact: true,
    }
}

/// Where the notices could not be read whole, the newest of them may be missing: then only the contact can say something, and
/// it cannot say "off".
fn without_notices(looked: Looked, contact: Option<&ContactTimer>) -> Judged {
    match contact {
        Some(contact @ ContactTimer { seconds: Some(seconds), .. }) if *seconds > 0 => by_contact(*seconds, contact),
        _ if looked == Looked::Nowhere => no_evidence("column-missing"),
        _ => no_evidence("not-read-whole"),
    }
}

fn rule(notice: Option<&TimerNotice>, contact: Option<&ContactTimer>, keeps: bool, old: bool) -> Judged {
    let Some(notice) = notice else {
        return match contact.map(|contact| (contact, contact.seconds)) {
            Some((contact, Some(seconds))) if seconds > 0 || !keeps => by_contact(seconds, contact),
            Some((_, None)) => no_evidence("value-not-understood"),
            _ if keeps => no_evidence("keep-notice-without-event"),
            _ if old => no_evidence("no-event-consistent-with-off"),
            _ => no_evidence("no-event"),
        };
    };
    let at = |moment: &Option<Moment>| moment.as_ref().and_then(|at| at.utc);
    let against = contact.filter(|contact| contact.seconds != Some(0));
    let newer = against.is_some_and(|contact| at(&contact.at) > at(&notice.at));
    match (notice.seconds, against) {
        (_, Some(contact @ ContactTimer { seconds: Some(seconds), .. })) if newer => by_contact(*seconds, contact),
        (None, _) => no_evidence("value-not-understood"),
        (Some(seconds), _) if seconds > 0 => {
            Judged { state: TimerState::On { seconds }, since: notice.at.clone(), by_contact: false }
        }
        (Some(_), Some(_)) => no_evidence("event-and-contact-disagree"),
        (Some(_), None) => Judged { state: TimerState::Off, since: notice.at.clone(), by_contact: false },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{reading::cocoa::moment, whatsapp::parties::book::source};
    use uitlezen_chat::{EvidenceId, Sender};

    const DAY: u64 = 86_400;

    fn notice(at: f64, seconds: Option<u64>) -> TimerNotice {
        TimerNotice { at: moment(at), by: Sender::Holder, seconds, source: source(EvidenceId(1), "ZWAMESSAGE", 1) }
    }

    fn contact(at: Option<f64>, seconds: Option<u64>) -> ContactTimer {
        ContactTimer { raw: None, seconds, at: at.and_then(moment), source: source(EvidenceId(2), "ZWAADDRESSBOOKCONTACT", 1) }
    }

    fn said(judged: &Judged) -> (String, bool) {
        let state = match &judged.state {
            TimerState::Off => "off".to_owned(),
            TimerState::On { seconds } => format!("on {seconds}"),
            TimerState::OfAccount => "account".to_owned(),
            TimerState::NotDeterminable { reason } => reason.clone(),
        };
        (state, judged.by_contact)
    }

    #[test]
    fn the_rule_of_the_reference_row_by_row() {
        let (early, late) = (7e8, 8e8);
        let cases = [
            // A group or nothing beside the contact.
            (Some(notice(early, Some(DAY))), None, false, "on 86400", false),
            (Some(notice(early, Some(0))), None, true, "off", false),
            (Some(notice(early, None)), None, true, "value-not-understood", false),
            (None, None, false, "no-event", false),
            (None, None, true, "no-event-consistent-with-off", false),
            // Between two.
            (Some(notice(early, Some(0))), Some(contact(Some(late), Some(DAY))), true, "on 86400", true),
            (Some(notice(late, Some(0))), Some(contact(Some(early), Some(DAY))), true, "event-and-contact-disagree", false),
            (Some(notice(late, Some(0))), Some(contact(None, Some(DAY))), true, "event-and-contact-disagree", false),
            (Some(notice(late, Some(0))), Some(contact(None, Some(0))), true, "off", false),
            (Some(notice(late, Some(0))), Some(contact(None, None)), true, "event-and-contact-disagree", false),
            (Some(notice(late, Some(7 * DAY))), Some(contact(None, Some(0))), true, "on 604800", false),
            (Some(notice(early, Some(7 * DAY))), Some(contact(Some(late), Some(DAY))), true, "on 86400", true),
            (Some(notice(early, None)), Some(contact(Some(late), Some(DAY))), true, "on 86400", true),
            (None, Some(contact(None, Some(0))), false, "off", true),
            (None, Some(contact(Some(early), Some(DAY))), false, "on 86400", true),
            (None, Some(contact(None, Some(DAY))), true, "on 86400", true),
            (None, Some(contact(None, None)), true, "value-not-understood", false),
        ];
        for (n, (notice, contact, old, expected, by_contact)) in cases.iter().enumerate() {
            let judged = rule(notice.as_ref(), contact.as_ref(), false, *old);
            assert_eq!(said(&judged), ((*expected).to_owned(), *by_contact), "case {n}");
        }
    }

    #[test]
    fn what_was_not_looked_for_is_never_off() {
        let off = contact(None, Some(0));
        let on = contact(None, Some(DAY));
        for (looked, reason) in [(Looked::Partly, "not-read-whole"), (Looked::Nowhere, "column-missing")] {
            assert_eq!(said(&without_notices(looked, None)), (reason.to_owned(), false));
            assert_eq!(said(&without_notices(looked, Some(&off))), (reason.to_owned(), false));
            assert_eq!(said(&without_notices(looked, Some(&on))), ("on 86400".to_owned(), true));
        }
    }

    #[test]
    fn a_notice_that_only_a_timer_brings_is_no_sign_of_off() {
        assert_eq!(said(&rule(None, None, true, true)).0, "keep-notice-without-event");
        assert_eq!(said(&rule(None, Some(&contact(None, Some(0))), true, true)).0, "keep-notice-without-event");
        assert_eq!(said(&rule(None, Some(&contact(None, Some(DAY))), true, true)).0, "on 86400");
        assert_eq!(said(&rule(Some(&notice(7e8, Some(0))), None, true, true)).0, "off");
    }
}
