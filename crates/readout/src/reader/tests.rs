//! What leaves the reader child, frame by frame, when something is left out.

use super::{
    message::{Reading, Reply, Request, Separating, Sources},
    serve::Serving,
};
use crate::plan::Platform;
use crate::{
    link::Secret,
    pipe::{self, Kind},
    records::MessageLine,
};
use jiff::Timestamp;
use std::{
    collections::HashMap,
    io::{Read, Seek},
    sync::Arc,
};
use uitlezen_apps::{App, whatsapp::reader::Scope};
use uitlezen_chat::{
    AttachmentState, Body, Conversation, ConversationId, EvidenceId, Message, SystemEventKind, Treatment, Undecided,
};
use uitlezen_check::separation::{Amount, Class, Decided, Decision, Known, Policy, Rules, Span, Tally, ThreadKey};
use uitlezen_evidence::{Bytes, ItemName};
use uitlezen_twin::content::{self, ApartExpected, MediaScale, Options, PhoneContent, WHATSAPP};

const WORD: &str = "KANARIE-5e1a";
const KEY: [u8; 32] = [7; 32];

fn phone() -> PhoneContent {
    let options = Options {
        messages: 400,
        increments: false,
        timers: false,
        media: MediaScale::None,
        keep_plain: true,
        apart: Some(WORD.into()),
        ..Options::default()
    };
    content::generate(&options).unwrap()
}

fn name(text: &str) -> ItemName {
    ItemName::new(text).unwrap()
}

/// Everything that the child said.
struct Told {
    conversations: Vec<Conversation>,
    messages: Vec<(u32, Message)>,
    wanted: Vec<String>,
    numbers: Vec<String>,
    undecided: Vec<Undecided>,
    reading: Reading,
    bytes: Vec<u8>,
}

impl Told {
    fn has(&self, word: &str) -> bool {
        self.bytes.windows(word.len()).any(|w| w == word.as_bytes())
    }

    fn tally(&self) -> &Tally {
        &self.reading.separation
    }

    #[track_caller]
    fn silent(&self, words: &[String]) {
        for word in words {
            assert!(!self.has(word), "{word}");
        }
    }

    #[track_caller]
    fn says(&self, words: &[String]) {
        for word in words {
            assert!(self.has(word), "{word}");
        }
    }

    #[track_caller]
    fn conversation(&self, native: &str) -> &Conversation {
        self.conversations.iter().find(|c| c.native.iter().any(|n| n.value == native)).unwrap()
    }

    fn messages_of(&self, native: &str) -> Vec<&Message> {
        let number = self.conversation(native).number.0;
        self.messages.iter().filter(|(of, _)| *of == number).map(|(_, m)| m).collect()
    }
}

fn read(phone: &PhoneContent, rules: Rules) -> Told {
    let plain = &phone.plain[WHATSAPP];
    let bytes = |bytes: &[u8]| -> Bytes { Arc::new(bytes.to_vec()) };
    let evidence = HashMap::from([(name("msgstore.db"), bytes(&plain.msgstore)), (name("wa.db"), bytes(&plain.wa))]);
    let sources = Sources {
        app: App::WhatsApp,
        platform: Platform::Android,
        ios: None,
        messages: (name("msgstore.db"), EvidenceId(1)),
        log: None,
        journal: None,
        contacts: Some((name("wa.db"), EvidenceId(2))),
        contacts_log: None,
        contacts_journal: None,
        hidden_ids: None,
        calls: None,
        settings: None,
        managed_settings: None,
        increments: Vec::new(),
        answers: Vec::new(),
        threema_keep_days: None,
        holder_number: Some(Secret(phone.number.clone())),
        scope: Scope::default(),
        separation: Separating { rules, key: Some(Secret(hex::encode(KEY))), now: Timestamp::from_second(phone.now).unwrap() },
    };
    let mut file = tempfile::tempfile().unwrap();
    let mut child = Serving::here(file.try_clone().unwrap(), evidence);
    assert!(child.answer(Request::Numbers(sources.clone())).is_ok());
    assert!(child.answer(Request::Read(sources)).is_ok());
    drop(child);
    file.rewind().unwrap();
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    told(bytes)
}

fn told(bytes: Vec<u8>) -> Told {
    let (mut conversations, mut messages) = (Vec::new(), Vec::new());
    let (mut wanted, mut numbers, mut undecided, mut reading) = (Vec::new(), Vec::new(), Vec::new(), None);
    let (mut from, mut frame) = (bytes.as_slice(), Vec::new());
    while let Ok(kind) = pipe::read_frame(&mut from, &mut frame) {
        match kind {
            Kind::Bytes => conversations.extend_from_slice(&frame),
            Kind::MoreBytes => messages.extend_from_slice(&frame),
            Kind::Message => match pipe::parse(&frame).unwrap() {
                Reply::Numbers { numbers: more, .. } => numbers.extend(more),
                Reply::Wanted(files) => wanted.extend(files.into_iter().map(|f| f.path)),
                Reply::Undecided(lines) => {
                    undecided.extend(lines.iter().map(|line| serde_json::from_str::<Undecided>(line).unwrap()));
                }
                Reply::Read(read) => reading = Some(*read),
                other => panic!("{other:?}"),
            },
        }
    }
    let lines = |all: Vec<u8>| String::from_utf8(all).unwrap().lines().map(str::to_owned).collect::<Vec<_>>();
    Told {
        conversations: lines(conversations).iter().map(|line| serde_json::from_str(line).unwrap()).collect(),
        messages: lines(messages)
            .iter()
            .map(|line| serde_json::from_str::<MessageLine>(line).map(|l| (l.c.0, l.m)).unwrap())
            .collect(),
        wanted,
        numbers,
        undecided,
        reading: reading.unwrap(),
        bytes,
    }
}

fn decided(identifier: &str, rule: u64, class: Class, span: Span) -> Decided {
    Decided { identifiers: vec![identifier.to_owned()], decisions: vec![Decision { rule, class, span }] }
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap()
}

fn private_while(apart: &ApartExpected) -> Span {
    Span { from: Some(at(apart.part_from_ms)), to: Some(at(apart.part_to_ms)) }
}

/// Private: a group, a number, and one group for a while.
fn exclusions(apart: &ApartExpected) -> Vec<Decided> {
    vec![
        decided(&apart.private_group, 11, Class::Prive, Span::default()),
        decided(&apart.private_number, 12, Class::Partijpolitiek, Span::default()),
        decided(&apart.part_group, 13, Class::Prive, private_while(apart)),
    ]
}

fn rules(apart: &ApartExpected) -> Rules {
    Rules { decided: exclusions(apart), phone_of_official: true, ..Rules::default() }
}

#[test]
fn without_exclusions_every_word_comes_out() {
    let phone = phone();
    let apart = phone.apart.clone().unwrap();
    let told = read(&phone, Rules::default());
    // The bytes of files are fetched later, if a record names them.
    let in_records: Vec<String> = apart.private.iter().filter(|w| !w.ends_with("bestandsbytes")).cloned().collect();
    told.says(&in_records);
    told.says(&apart.business);
    told.says(&apart.council);
    assert!(told.tally().is_empty() && told.tally().threads.is_empty());
    assert_eq!(told.tally().read_out[&Class::Onbekend], told.conversations.len() as u64);
    assert!(told.conversations.iter().all(|c| c.separation.is_empty()));
}

#[test]
fn nothing_of_what_is_left_out_leaves_the_child() {
    let phone = phone();
    let apart = phone.apart.clone().unwrap();
    let (all, told) = (read(&phone, Rules::default()), read(&phone, rules(&apart)));
    told.silent(&apart.private);
    told.says(&apart.business);
    told.says(&apart.council);
    for address in [&apart.private_group, "31609900003@s.whatsapp.net", "31609900002", "31609900004"] {
        assert!(!told.has(address), "{address}");
    }
    for number in ["+31609900002", "+31609900003", "+31609900004", "+31609900005"] {
        assert!(all.numbers.contains(&number.to_owned()) && !told.numbers.contains(&number.to_owned()), "{number}");
    }
    assert!(told.numbers.contains(&"+31609900001".to_owned()));
    assert!(all.wanted.len() == told.wanted.len() + 2, "the private file and the copy of it");
    // Numbers run on, so that a hole in them tells nothing, and the verdicts know no others.
    let numbers: Vec<u32> = told.conversations.iter().map(|c| c.number.0).collect();
    assert_eq!(numbers, (1..=told.conversations.len() as u32).collect::<Vec<_>>());
    assert_eq!(told.conversations.len() + 2, all.conversations.len());
    assert_eq!(told.reading.verdict.conversations.len(), told.conversations.len());
    assert_eq!(told.reading.summary.conversations, told.conversations.len() as u64);
    assert_eq!(told.reading.summary.messages, told.messages.len() as u64);
    assert_eq!(told.reading.summary.by_kind.values().sum::<u64>(), told.messages.len() as u64);
    assert_eq!(
        told.reading.summary.attachments_wanted,
        told.messages.iter().flat_map(|(_, m)| &m.attachments).filter(|a| a.state == AttachmentState::Wanted).count() as u64
    );
}

#[test]
fn what_is_left_out_is_counted_by_rule_and_class_and_can_be_checked_again() {
    let phone = phone();
    let apart = phone.apart.clone().unwrap();
    let (all, told) = (read(&phone, Rules::default()), read(&phone, rules(&apart)));
    let tally = told.tally();
    let found: Vec<(u64, Class, Amount)> = tally.left_out.iter().map(|l| (l.rule, l.class, l.amount)).collect();
    let amount = |conversations, messages, attachments| Amount { conversations, messages, attachments };
    assert_eq!(
        found,
        [
            (11, Class::Prive, amount(1, all.messages_of(&apart.private_group).len() as u64, 1)),
            (12, Class::Partijpolitiek, amount(1, 1, 0)),
            // Five notices and messages; the one that was changed then was sent before.
            (13, Class::Prive, amount(1, 6, 0)),
        ]
    );
    let left: u64 = tally.left_out.iter().map(|l| l.amount.messages).sum();
    assert_eq!(told.messages.len() as u64 + left, all.messages.len() as u64);
    let key = ThreadKey::new(&KEY);
    let hash = |id: &str| key.hash(&ConversationId(format!("whatsapp:{id}")));
    let mut threads: Vec<(String, Vec<u64>)> = tally.threads.iter().map(|t| (t.thread.clone(), t.rules.clone())).collect();
    threads.sort_by_key(|(_, rules)| rules.clone());
    let expected = [
        (hash(&apart.private_group), vec![11]),
        (hash("31609900003@s.whatsapp.net"), vec![12]),
        (hash(&apart.part_group), vec![13]),
    ];
    assert_eq!(threads, expected);
    assert_eq!(tally.classes.len(), 3);
    let repeats = tally.repeats;
    assert_eq!(
        (repeats.messages, repeats.attachments, repeats.names),
        (6, 1, 3),
        "forwards and the invitation; the copy; notices and a preview"
    );
    assert_eq!(repeats.quotes, 2);
}

#[test]
fn what_repeats_it_elsewhere_says_that_it_was_withheld() {
    let phone = phone();
    let apart = phone.apart.clone().unwrap();
    let told = read(&phone, rules(&apart));
    let messages = told.messages_of(&apart.business_group);
    let says = |text: &str| messages.iter().find(|m| matches!(&m.body, Body::Text { text: t, .. } if t.contains(text)));
    let answer = says("antwoord").unwrap();
    let quote = answer.quote.as_ref().unwrap();
    assert!(quote.withheld && quote.text.is_none() && quote.id.is_none() && quote.conversation.is_none() && quote.sent.is_none());
    assert_eq!(messages.iter().filter(|m| m.body == Body::Withheld && m.forwarded.is_some()).count(), 5);
    assert!(says("ok").is_some(), "an ordinary message that is equal by chance stays");
    let copy = messages.iter().find(|m| matches!(m.body, Body::Document { .. })).unwrap();
    assert_eq!(copy.attachments[0].state, AttachmentState::Withheld);
    let notices =
        messages.iter().filter(|m| matches!(&m.body, Body::System(e) if e.event == SystemEventKind::Other && e.new.is_none()));
    assert_eq!(notices.count(), 2);
}

#[test]
fn a_conversation_that_was_private_for_a_while_is_what_it_was_before_and_after() {
    let phone = phone();
    let apart = phone.apart.clone().unwrap();
    let told = read(&phone, rules(&apart));
    let conversation = told.conversation(&apart.part_group);
    assert_eq!(conversation.title.as_deref(), Some(format!("{WORD}-groepsnaam").as_str()));
    assert!(conversation.participants.iter().all(|p| p.number.as_deref() != Some("+31609900005")));
    assert!(
        conversation.membership.iter().flat_map(|m| &m.changes).all(|c| !private_while(&apart).holds(c.at.as_ref().unwrap().utc))
    );
    let treated: Vec<Treatment> = conversation.separation.iter().map(|s| s.treatment).collect();
    assert_eq!(treated, [Treatment::ReadOut, Treatment::LeftOut, Treatment::ReadOut]);
    assert_eq!(conversation.separation[1].rule, Some(13));
    let messages = told.messages_of(&apart.part_group);
    assert!(messages.iter().all(|m| !private_while(&apart).holds(m.sent.utc)));
    assert!(messages.iter().all(|m| m.reactions.is_empty()), "a reaction of the private time goes too");
    assert_eq!(messages.iter().filter(|m| m.body == Body::Withheld).count(), 1, "what was written anew in the private time");
    assert!(messages.iter().any(|m| m.quote.as_ref().is_some_and(|q| q.withheld)));
}

#[test]
fn a_conversation_that_is_private_now_keeps_the_name_it_had_before() {
    let phone = phone();
    let apart = phone.apart.clone().unwrap();
    // Private since the moment after the new title was given.
    let span = Span { from: Some(at(apart.part_from_ms + 1_500)), to: None };
    let decided = vec![decided(&apart.part_group, 5, Class::Prive, span)];
    let told = read(&phone, Rules { decided, ..Rules::default() });
    let conversation = told.conversation(&apart.part_group);
    assert_eq!(conversation.title.as_deref(), Some(format!("{WORD}-tussentitel").as_str()));
    assert!(
        told.reading.verdict.conversations.iter().all(|v| v.conversation != conversation.number),
        "no timer of what is private now"
    );
    assert_eq!(conversation.description, None);
}

#[test]
fn a_council_group_is_read_out_from_the_moment_the_alderman_joins() {
    let phone = phone();
    let apart = phone.apart.clone().unwrap();
    let known = |number: &String| Known { identifiers: vec![number.clone()], span: Span::default() };
    let rules = Rules {
        councillors: apart.councillors.iter().map(known).collect(),
        officials: vec![known(&apart.alderman)],
        ..Rules::default()
    };
    let told = read(&phone, rules.clone());
    told.silent(&apart.council);
    told.says(&apart.business);
    assert_eq!(told.tally().councillors_only, Amount { conversations: 1, messages: 1, attachments: 0 });
    assert_eq!(told.conversation(&apart.council_group).title.as_deref(), Some("Fractieoverleg"));
    // On an official's own phone the holder is in every conversation.
    let of_official = read(&phone, Rules { phone_of_official: true, ..rules.clone() });
    of_official.says(&apart.council);
    // Without an alderman nothing of it is read out, and no number is asked of the address book.
    let nobody = read(
        &phone,
        Rules {
            officials: Vec::new(),
            councillors: [rules.councillors, vec![known(&apart.alderman)]].concat(),
            ..Rules::default()
        },
    );
    nobody.silent(&[format!("{WORD}-raad-na"), "Fractieoverleg".into(), "+31609900006".into()]);
}

#[test]
fn what_is_undecided_leaves_a_name_for_whoever_decides_and_nothing_else() {
    let phone = phone();
    let apart = phone.apart.clone().unwrap();
    let mut decided_now = exclusions(&apart);
    decided_now.push(decided(&apart.business_group, 21, Class::Zakelijk, Span::default()));
    decided_now.push(decided(&apart.council_group, 22, Class::Onbekend, Span::default()));
    let rules = Rules { policy: Policy::AlleenZakelijk, decided: decided_now, phone_of_official: true, ..Rules::default() };
    let told = read(&phone, rules);
    told.silent(&apart.private);
    assert_eq!(told.conversations.len(), 1, "only what was decided to be business");
    assert_eq!(told.conversations[0].separation[0].class.as_deref(), Some("zakelijk"));
    let council = told.undecided.iter().find(|u| u.id.0.ends_with(&apart.council_group)).unwrap();
    assert_eq!((council.title.as_deref(), council.messages), (Some("Fractieoverleg"), 3));
    assert!(council.participants.iter().any(|p| p.display_name() == "Wethouder Bakker"));
    assert!(told.numbers.contains(&"+31609900008".to_owned()), "whoever decides must know who is in it");
    assert!(told.undecided.iter().all(|u| !u.id.0.ends_with(&apart.private_group)));
    // Undecided but for the time in which it was private.
    let part = told.undecided.iter().find(|u| u.id.0.ends_with(&apart.part_group)).unwrap();
    assert!(part.participants.iter().all(|p| p.number.as_deref() != Some("+31609900005")));
    assert_eq!(told.tally().undecided.conversations, told.undecided.len() as u64);
    assert_eq!(told.tally().undecided.messages, told.undecided.iter().map(|u| u.messages).sum::<u64>());
    told.silent(&[format!("{WORD}-raad-na"), format!("{WORD}-voor"), format!("{WORD}-na")]);
}
