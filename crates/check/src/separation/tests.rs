//! The judgement against an oracle that walks over every day.

use super::*;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use uitlezen_chat::{
    Conversation, ConversationId, ConversationKind, ConversationNumber, EvidenceId, Membership, MembershipChange, Moment,
    NativeId, Participant, ParticipantId, Source, Timer, TimerState,
};

/// Days on which anything happens in these tests.
const DAYS: i64 = 24;

fn day(n: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + n * 86_400).unwrap()
}

fn span(from: Option<i64>, to: Option<i64>) -> Span {
    Span { from: from.map(day), to: to.map(day) }
}

fn source() -> Source {
    Source { item: EvidenceId(1), table: "chat".into(), row: 1 }
}

fn number(n: usize) -> String {
    format!("+3161000{n:04}")
}

fn jid(n: usize) -> String {
    format!("3161000{n:04}@s.whatsapp.net")
}

fn person(n: usize) -> Participant {
    Participant {
        id: ParticipantId(jid(n)),
        is_holder: false,
        number: Some(number(n)),
        names: vec![],
        native: vec![NativeId { kind: "phone-number jid".into(), value: jid(n) }],
    }
}

/// A group of these people: for each the days on which they came (true) and went.
fn group(changes: &[Vec<(i64, bool)>]) -> Conversation {
    let change = |(at, joined): &(i64, bool)| MembershipChange {
        joined: *joined,
        at: Some(Moment::from_millis(day(*at).as_millisecond())),
        by: None,
        source: source(),
    };
    let membership = changes.iter().enumerate().map(|(n, all)| Membership {
        participant: ParticipantId(jid(n)),
        current: all.last().is_none_or(|(_, joined)| *joined),
        role: None,
        changes: all.iter().map(change).collect(),
    });
    Conversation {
        id: ConversationId("whatsapp:120363000000000001@g.us".into()),
        number: ConversationNumber(1),
        app: "whatsapp".into(),
        kind: ConversationKind::Group,
        kind_raw: None,
        title: None,
        description: None,
        labels: vec![],
        created: None,
        archived: false,
        locked: false,
        uninterpreted: std::collections::BTreeMap::new(),
        native: vec![NativeId { kind: "group jid".into(), value: "120363000000000001@g.us".into() }],
        participants: (0..changes.len()).map(person).collect(),
        membership: membership.collect(),
        timer: Timer { state: TimerState::Off, since: None, basis: None, initiator_raw: None, changes: vec![], source: None },
        separation: vec![],
        source: source(),
    }
}

/// Between the holder and one other, who stands under a hidden id.
fn direct(n: usize) -> Conversation {
    let lid = NativeId { kind: "lid".into(), value: "77001@lid".into() };
    let mut partner = person(n);
    partner.native.push(lid.clone());
    Conversation {
        kind: ConversationKind::Direct,
        uninterpreted: std::collections::BTreeMap::new(),
        native: vec![lid],
        participants: vec![partner, person(99)],
        membership: vec![],
        ..group(&[])
    }
}

fn decided(identifiers: &[&str], decisions: Vec<Decision>) -> Decided {
    Decided { identifiers: identifiers.iter().map(|i| (*i).to_owned()).collect(), decisions }
}

fn always(rule: u64, class: Class) -> Decision {
    Decision { rule, class, span: Span::default() }
}

fn known(n: usize, span: Span) -> Known {
    Known { identifiers: vec![number(n)], span }
}

const GROUP: &str = "120363000000000001@g.us";

#[test]
fn the_two_policies_do_with_each_class_what_they_say() {
    use Class::{Gemengd, Onbekend, Partijpolitiek, Prive, Zakelijk};
    for (policy, class, expected) in [
        (Policy::TenzijUitgesloten, Some(Zakelijk), Placing::In { class: Zakelijk }),
        (Policy::TenzijUitgesloten, Some(Gemengd), Placing::In { class: Gemengd }),
        (Policy::TenzijUitgesloten, Some(Onbekend), Placing::In { class: Onbekend }),
        (Policy::TenzijUitgesloten, None, Placing::In { class: Onbekend }),
        (Policy::TenzijUitgesloten, Some(Prive), Placing::Out { rule: 7, class: Prive }),
        (Policy::TenzijUitgesloten, Some(Partijpolitiek), Placing::Out { rule: 7, class: Partijpolitiek }),
        (Policy::AlleenZakelijk, Some(Zakelijk), Placing::In { class: Zakelijk }),
        (Policy::AlleenZakelijk, Some(Gemengd), Placing::In { class: Gemengd }),
        (Policy::AlleenZakelijk, Some(Onbekend), Placing::Undecided),
        (Policy::AlleenZakelijk, None, Placing::Undecided),
        (Policy::AlleenZakelijk, Some(Prive), Placing::Out { rule: 7, class: Prive }),
        (Policy::AlleenZakelijk, Some(Partijpolitiek), Placing::Out { rule: 7, class: Partijpolitiek }),
    ] {
        let decided = class.map(|class| decided(&[GROUP], vec![always(7, class)])).into_iter().collect();
        let judge = Judge::new(&Rules { policy, decided, ..Rules::default() });
        assert_eq!(judge.rule(&group(&[vec![]])).at(Some(day(1))), expected, "{policy:?} {class:?}");
    }
}

#[test]
fn a_number_names_the_direct_conversation_in_every_writing_and_never_a_group() {
    for written in ["+31610000004", "0610000004", "0031 6 10000004", "31610000004@s.whatsapp.net", "77001@lid"] {
        let rules = Rules { decided: vec![decided(&[written], vec![always(3, Class::Prive)])], ..Rules::default() };
        let judge = Judge::new(&rules);
        assert_eq!(judge.rule(&direct(4)).at(None), Placing::Out { rule: 3, class: Class::Prive }, "{written}");
        let of_others = judge.rule(&group(&[vec![], vec![], vec![], vec![], vec![]]));
        assert_eq!(of_others.at(None), Placing::In { class: Class::Onbekend }, "{written}");
    }
    // Somebody who was only spoken of in a conversation between two does not decide about it.
    let rules = Rules { decided: vec![decided(&[&number(99)], vec![always(3, Class::Prive)])], ..Rules::default() };
    assert!(Judge::new(&rules).rule(&direct(4)).is_whole());
}

#[test]
fn a_former_number_names_its_owner_unless_the_present_one_is_decided() {
    let mut conversation = direct(4);
    conversation.participants[0].native.push(NativeId { kind: "former phone-number jid".into(), value: jid(5) });
    let former = decided(&[&number(5)], vec![always(1, Class::Prive)]);
    let present = decided(&[&number(4)], vec![always(2, Class::Zakelijk)]);
    let judge = |decided| Judge::new(&Rules { decided, ..Rules::default() });
    assert!(judge(vec![former.clone()]).rule(&conversation).is_none());
    assert!(judge(vec![former, present]).rule(&conversation).is_whole());
}

#[test]
fn what_has_no_time_belongs_to_the_strictest_part() {
    let prive = Decision { rule: 1, class: Class::Prive, span: span(Some(5), Some(9)) };
    let judge = Judge::new(&Rules { decided: vec![decided(&[GROUP], vec![prive])], ..Rules::default() });
    let ruling = judge.rule(&group(&[vec![]]));
    assert_eq!(ruling.at(None), Placing::Out { rule: 1, class: Class::Prive });
    assert_eq!(ruling.of(&Moment::from_millis(0)), Placing::Out { rule: 1, class: Class::Prive });
    assert!(ruling.at(Some(day(4))).is_in() && ruling.at(Some(day(9))).is_in() && !ruling.at(Some(day(5))).is_in());
    assert!(ruling.at(Some(day(9).checked_sub(SignedDuration::from_nanos(1)).unwrap())) == ruling.at(None));
}

#[test]
fn a_group_of_council_members_is_out_of_scope_until_an_alderman_joins_and_after_they_left() {
    let councillors = vec![known(0, Span::default()), known(1, Span::default())];
    let officials = vec![known(2, Span::default())];
    let rules = Rules { councillors: councillors.clone(), officials, ..Rules::default() };
    // Council members only.
    assert_eq!(Judge::new(&rules).rule(&group(&[vec![], vec![]])).at(Some(day(3))), Placing::CouncillorsOnly);
    // An alderman joins on day 5 and leaves on day 8.
    let ruling = Judge::new(&rules).rule(&group(&[vec![], vec![], vec![(5, true), (8, false)]]));
    let placing = |n| ruling.at(Some(day(n)));
    assert_eq!((placing(4), placing(8)), (Placing::CouncillorsOnly, Placing::CouncillorsOnly));
    assert_eq!((placing(5), placing(7)), (Placing::In { class: Class::Onbekend }, Placing::In { class: Class::Onbekend }));
    // On the phone of an official it does not arise, and a decision to keep goes before.
    let of_official = Rules { phone_of_official: true, ..rules.clone() };
    assert!(Judge::new(&of_official).rule(&group(&[vec![], vec![]])).is_whole());
    let kept = Rules { decided: vec![decided(&[GROUP], vec![always(1, Class::Zakelijk)])], ..rules };
    assert!(Judge::new(&kept).rule(&group(&[vec![], vec![]])).is_whole());
    // A group with nobody else recorded in it is not one of council members.
    let nobody = Rules { councillors, ..Rules::default() };
    assert!(Judge::new(&nobody).rule(&group(&[])).is_whole());
}

#[test]
fn rules_that_exclude_nothing_say_so() {
    let zakelijk = Rules { decided: vec![decided(&[GROUP], vec![always(1, Class::Zakelijk)])], ..Rules::default() };
    let councillors = Rules { councillors: vec![known(0, Span::default())], ..Rules::default() };
    assert!(!Judge::new(&Rules::default()).excludes() && !Judge::new(&zakelijk).excludes());
    assert!(!Judge::new(&Rules { phone_of_official: true, ..councillors.clone() }).excludes());
    assert!(Judge::new(&councillors).excludes());
    assert!(Judge::new(&Rules { policy: Policy::AlleenZakelijk, ..Rules::default() }).excludes());
}

fn any_class() -> impl Strategy<Value = Class> {
    use Class::{Gemengd, Onbekend, Partijpolitiek, Prive, Zakelijk};
    prop::sample::select(vec![Zakelijk, Prive, Partijpolitiek, Gemengd, Onbekend])
}

fn any_span() -> impl Strategy<Value = Span> {
    let end = || prop::option::of(0..DAYS);
    (end(), end()).prop_map(|(from, to)| span(from, to))
}

fn any_decided() -> impl Strategy<Value = Vec<Decided>> {
    let decisions = || prop::collection::vec((any_class(), any_span()), 0..4);
    prop::collection::vec((prop::bool::weighted(0.7), decisions()), 0..3).prop_map(|entries| {
        let mut rule = 0;
        let mut next = || {
            rule += 1;
            rule
        };
        let entry = |(meant, decisions): (bool, Vec<(Class, Span)>)| {
            let decisions = decisions.into_iter().map(|(class, span)| Decision { rule: next(), class, span }).collect();
            decided(&[if meant { GROUP } else { "120363000000000002@g.us" }], decisions)
        };
        entries.into_iter().map(entry).collect()
    })
}

/// Comings and goings in order, at most one a day.
fn any_changes() -> impl Strategy<Value = Vec<(i64, bool)>> {
    prop::collection::btree_map(0..DAYS, any::<bool>(), 0..4).prop_map(|changes| changes.into_iter().collect())
}

/// By the letter of the rules, one day at a time.
fn oracle(rules: &Rules, changes: &[Vec<(i64, bool)>], at: i64) -> Placing {
    let holds = |s: &Span| s.from.is_none_or(|f| day(at) >= f) && s.to.is_none_or(|t| day(at) < t);
    let there = |n: usize| {
        let changes = &changes[n];
        let last = changes.iter().rev().find(|(when, _)| *when <= at);
        last.map_or_else(|| changes.first().is_none_or(|(_, joined)| !joined), |(_, joined)| *joined)
    };
    let on = |roll: &[Known], n: usize| roll.iter().any(|k| k.identifiers.contains(&number(n)) && holds(&k.span));
    let mut winner: Option<&Decision> = None;
    for entry in rules.decided.iter().filter(|d| d.identifiers.iter().any(|i| i == GROUP)) {
        let mut of_entry = None;
        for decision in entry.decisions.iter().filter(|d| holds(&d.span)) {
            of_entry = Some(decision);
        }
        if of_entry.is_some_and(|d| winner.is_none_or(|w| d.rule > w.rule)) {
            winner = of_entry;
        }
    }
    let present: Vec<usize> = (0..changes.len()).filter(|n| there(*n)).collect();
    let among = !rules.phone_of_official
        && !present.is_empty()
        && present.iter().all(|n| on(&rules.councillors, *n) && !on(&rules.officials, *n));
    match winner.map(|d| (d.rule, d.class)) {
        Some((rule, class @ (Class::Prive | Class::Partijpolitiek))) => Placing::Out { rule, class },
        Some((_, class @ (Class::Zakelijk | Class::Gemengd))) => Placing::In { class },
        _ if among => Placing::CouncillorsOnly,
        _ if rules.policy == Policy::AlleenZakelijk => Placing::Undecided,
        _ => Placing::In { class: Class::Onbekend },
    }
}

proptest! {
    #[test]
    fn every_day_is_placed_as_the_letter_of_the_rules_has_it(
        strict in any::<bool>(),
        phone_of_official in prop::bool::weighted(0.2),
        decided in any_decided(),
        councillors in prop::collection::vec(any_span(), 0..4),
        officials in prop::collection::vec((0_usize..4, any_span()), 0..3),
        changes in prop::collection::vec(any_changes(), 0..4),
    ) {
        let rules = Rules {
            policy: if strict { Policy::AlleenZakelijk } else { Policy::TenzijUitgesloten },
            decided,
            councillors: councillors.into_iter().enumerate().map(|(n, span)| known(n, span)).collect(),
            officials: officials.into_iter().map(|(n, span)| known(n, span)).collect(),
            phone_of_official,
        };
        let judge = Judge::new(&rules);
        let ruling = judge.rule(&group(&changes));
        let mut all = Vec::new();
        for at in -1..=DAYS {
            let expected = oracle(&rules, &changes, at);
            let placed = *ruling.placings().at(Some(day(at)));
            prop_assert_eq!(placed, expected, "day {}", at);
            // A second before midnight is still the day before.
            prop_assert_eq!(*ruling.placings().at(Some(day(at + 1) - SignedDuration::from_secs(1))), expected);
            all.push(placed);
        }
        prop_assert_eq!(ruling.is_whole(), all.iter().all(|p| p.is_in()));
        prop_assert_eq!(ruling.is_none(), all.iter().all(|p| !p.is_in()));
        prop_assert!(judge.excludes() || ruling.is_whole());
    }
}
