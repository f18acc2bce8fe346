//! What the office decided to leave out is nowhere; what repeats it is withheld and says so; what is undecided waits.
//!
//! The rules are given to the engine itself here, with the real children; the register's own way to them is another story.

use super::{
    desk::Desk,
    phone::{Phone, usual},
    search::{Word, find},
};
use jiff::Timestamp;
use std::{collections::BTreeMap, fs, path::Path};
use uitlezen_apps::App;
use uitlezen_chat::{Body, ConversationFile, UndecidedFile};
use uitlezen_check::{
    Finding, Status,
    separation::{Class, Decided, Decision, Known, Past, Policy, Rules, Span, ThreadKey},
};
use uitlezen_phone::android::AdbKey;
use uitlezen_readout::{
    Admission, Cancel, Event, Plan,
    child::Program,
    link::{Credentials, Reach},
    reader::KeyRing,
    run::{self, Claim, Ended, Job, Previous, RunError, RunKeeper, SealedBy, Shown},
};
use uitlezen_seal::{
    header::Origin,
    station::{Kind, Station, Subject},
    store::RunKey,
};
use uitlezen_twin::content::{ApartExpected, Options};
use zeroize::Zeroizing;

const WORD: &str = "KANARIE-5e1a";

fn phone() -> Phone {
    Phone::with(&Options { apart: Some(WORD.into()), timers: false, ..usual() })
}

fn apart(phone: &Phone) -> ApartExpected {
    phone.content.apart.clone().unwrap()
}

/// Keeps in memory what a vault would keep.
#[derive(Default)]
struct Keeper {
    past: Option<Past>,
}

impl RunKeeper for Keeper {
    fn claim(&mut self, _: &str) -> Result<Claim, RunError> {
        Ok(Claim::none())
    }

    fn keep(&mut self, _: &str, _: &RunKey, _: &Path, _: &str) -> Result<(), RunError> {
        Ok(())
    }

    fn forget(&mut self, _: &str) -> Result<(), RunError> {
        Ok(())
    }

    fn sealed(&mut self, _: &str, _: &str, _: [u8; 32]) -> Result<(), RunError> {
        Ok(())
    }

    fn previous(&self, _: &str) -> Previous {
        Previous::default()
    }

    fn thread_key(&mut self, _: &str) -> Result<Option<Zeroizing<[u8; 32]>>, RunError> {
        Ok(Some(Zeroizing::new(ThreadKey::derive(&[9; 32]))))
    }

    fn past(&mut self, _: &str) -> Result<Option<Past>, RunError> {
        Ok(self.past.clone())
    }

    fn keep_past(&mut self, _: &str, past: &Past) -> Result<(), RunError> {
        self.past = Some(past.clone());
        Ok(())
    }
}

/// Puts rules into an admission, as the register does.
fn admitted(plan: &Plan, rules: &Rules) -> Admission {
    let mut admission = serde_json::to_value(Admission::demo(plan)).unwrap();
    admission["rules"] = serde_json::to_value(rules).unwrap();
    serde_json::from_value(admission).unwrap()
}

/// One run of the engine with its real children; what it told, in JSON, and how it ended.
fn reads_out(desk: &Desk, phone: &Phone, rules: &Rules, keeper: &mut Keeper) -> (String, Result<Ended, RunError>) {
    let plan = Plan::parse(&fs::read_to_string(desk.at("plan.toml")).unwrap()).unwrap();
    let now = Timestamp::now();
    let subject = Subject {
        organisation: "Gemeente Vlietmonde".into(),
        organisation_code: "gm0000".into(),
        station_name: "proef".into(),
        kind: Kind::Normal,
    };
    let station = Station::generate(&subject, 1, now).unwrap();
    fs::write(desk.at("proef.pem"), station.certificate().to_pem().unwrap()).unwrap();
    fs::create_dir_all(desk.out()).unwrap();
    let digits = phone.content.secrets.hex64.clone();
    let job = Job {
        plan: &plan,
        admission: admitted(&plan, rules),
        reach: Reach::Tcp { address: phone.address().parse().unwrap(), lab: false },
        program: Program(env!("CARGO_BIN_EXE_uitlezen").into()),
        keys: BTreeMap::from([(App::WhatsApp, KeyRing { digits: Some(digits.into()), ..KeyRing::default() })]),
        credentials: Credentials { adb_key: Some(AdbKey::generate().unwrap().to_pem().unwrap()), ..Credentials::default() },
        shown: Shown { default_timer_off: Some(true) },
        wait_for_backup: None,
        out: desk.out(),
        keeper,
        weekly: None,
        seal: Some(SealedBy { station: &station, origin: Origin::Files }),
        titles: None,
    };
    let mut told = String::new();
    let ended = run::run(job, &mut |event: Event| told += &serde_json::to_string(&event).unwrap(), &Cancel::default());
    (told, ended)
}

fn opens(desk: &Desk, role: &str, into: &str) {
    let seal = desk.seal();
    let call = desk.says(["unseal"]).with(&seal).with("--signer").with(desk.at("proef.pem"));
    call.with("--role")
        .with(role)
        .with("--identity")
        .with(desk.at("div.txt"))
        .with("--out")
        .with(desk.at(into))
        .go()
        .ends_with(0);
}

fn words(all: &[String]) -> Vec<Word> {
    all.iter().map(|word| Word::new(word)).collect()
}

/// In which of these folders a word stands, in whatever form.
fn stands_in(words: &[Word], folders: &[&Path]) -> Option<String> {
    folders.iter().flat_map(|folder| super::files_below(folder)).find_map(|file| {
        let name = file.to_string_lossy().into_owned();
        let found = find(words, name.as_bytes()).or_else(|| find(words, &fs::read(&file).unwrap()));
        found.map(|(word, how)| format!("{word} ({how}) in {name}"))
    })
}

fn decided(identifier: &str, rule: u64, class: Class, span: Span) -> Decided {
    Decided { identifiers: vec![identifier.to_owned()], decisions: vec![Decision { rule, class, span }] }
}

fn exclusions(apart: &ApartExpected) -> Vec<Decided> {
    let at = |ms| Some(Timestamp::from_millisecond(ms).unwrap());
    let while_private = Span { from: at(apart.part_from_ms), to: at(apart.part_to_ms) };
    vec![
        decided(&apart.private_group, 11, Class::Prive, Span::default()),
        // As somebody at an office writes a number.
        decided(&apart.private_number.replacen("+31", "0", 1), 12, Class::Partijpolitiek, Span::default()),
        decided(&apart.part_group, 13, Class::Prive, while_private),
    ]
}

fn conversations(desk: &Desk, into: &str) -> Vec<ConversationFile> {
    let files = super::files_below(&desk.at(into).join("whatsapp"));
    let of_conversations = files.iter().filter(|f| f.file_name().unwrap().to_string_lossy().starts_with("gesprek-"));
    of_conversations.map(|f| serde_json::from_slice(&fs::read(f).unwrap()).unwrap()).collect()
}

#[test]
fn what_is_left_out_is_nowhere_and_without_the_decision_it_is_there() {
    let phone = phone();
    let apart = apart(&phone);
    let private = words(&apart.private);

    let desk = Desk::ready();
    let rules = Rules { decided: exclusions(&apart), phone_of_official: true, ..Rules::default() };
    let (told, ended) = reads_out(&desk, &phone, &rules, &mut Keeper::default());
    let ended = ended.unwrap();
    assert_eq!(ended.standing.status(), Status::Volledig, "a decision is no gap: {:?}", ended.standing.gaps);
    opens(&desk, "gesprekken", "g");
    opens(&desk, "verantwoording", "v");
    assert_eq!(find(&private, told.as_bytes()), None, "in the events");
    assert_eq!(stands_in(&private, &[&desk.out(), &desk.at("g"), &desk.at("v")]), None);
    let numbers = words(&["31609900002", "31609900003", "31609900004", "31609900005", "120363990000000001"].map(str::to_owned));
    assert_eq!(stands_in(&numbers, &[&desk.at("g"), &desk.at("v"), &desk.out()]), None);
    for word in words(&apart.business) {
        assert!(stands_in(&[word], &[&desk.at("g")]).is_some(), "what is not left out is read out");
    }
    let tally = ended.report.apps[0].separation.as_ref().unwrap();
    let left: Vec<(u64, Class)> = tally.left_out.iter().map(|l| (l.rule, l.class)).collect();
    assert_eq!(left, [(11, Class::Prive), (12, Class::Partijpolitiek), (13, Class::Prive)]);
    assert!(told.contains(r#""event":"separation""#) && tally.threads.len() == 3);
    let withheld = conversations(&desk, "g").iter().flat_map(|c| &c.messages).filter(|m| m.body == Body::Withheld).count();
    assert_eq!(withheld, 7, "five forwards, an invitation, and one message that was changed in the private time");

    // The same phone without the decisions.
    let desk = Desk::ready();
    reads_out(&desk, &phone, &Rules::default(), &mut Keeper::default()).1.unwrap();
    opens(&desk, "gesprekken", "g");
    for word in words(&apart.private) {
        assert!(stands_in(&[word], &[&desk.at("g")]).is_some());
    }
}

#[test]
fn what_is_undecided_waits_in_a_role_of_its_own() {
    let phone = phone();
    let apart = apart(&phone);
    let desk = Desk::ready();
    let mut all = exclusions(&apart);
    all.push(decided(&apart.business_group, 21, Class::Zakelijk, Span::default()));
    let rules = Rules { policy: Policy::AlleenZakelijk, decided: all, phone_of_official: true, ..Rules::default() };
    // Somebody must be able to decide.
    let refused = reads_out(&desk, &phone, &rules, &mut Keeper::default()).1;
    assert!(matches!(refused, Err(RunError::NobodyDecides)), "{refused:?}");
    desk.nothing_sealed();
    for _ in 0..2 {
        desk.plan_says(r#""gesprekken", "bronnen""#, r#""gesprekken", "scheiding""#);
    }
    reads_out(&desk, &phone, &rules, &mut Keeper::default()).1.unwrap();
    for (role, into) in [("gesprekken", "g"), ("verantwoording", "v"), ("scheiding", "s")] {
        opens(&desk, role, into);
    }
    assert_eq!(stands_in(&words(&apart.private), &[&desk.out(), &desk.at("g"), &desk.at("v"), &desk.at("s")]), None);
    let of_council = words(&[apart.council.clone(), vec![format!("{WORD}-raad-na")]].concat());
    assert_eq!(stands_in(&of_council, &[&desk.at("g"), &desk.at("v"), &desk.at("s")]), None, "no content of what is undecided");
    let named = words(&["Fractieoverleg".to_owned(), "Wethouder Bakker".to_owned()]);
    assert_eq!(stands_in(&named, &[&desk.at("g"), &desk.at("v")]), None);
    let list: UndecidedFile = serde_json::from_slice(&fs::read(desk.at("s").join("scheiding.json")).unwrap()).unwrap();
    let council = list.conversations.iter().find(|u| u.title.as_deref() == Some("Fractieoverleg")).unwrap();
    assert_eq!((council.messages, council.participants.len()), (3, 4));
    let text = fs::read_to_string(desk.at("s").join("scheiding.txt")).unwrap();
    assert!(text.contains("Fractieoverleg (whatsapp, groep)") && text.contains("Wethouder Bakker (+31609900008)"));
    assert_eq!(conversations(&desk, "g").len(), 1);
}

#[test]
fn council_members_among_themselves_are_left_out_until_the_alderman_joins() {
    let phone = phone();
    let apart = apart(&phone);
    let desk = Desk::ready();
    let known = |number: &String| Known { identifiers: vec![number.clone()], span: Span::default() };
    let councillors = apart.councillors.iter().map(known).collect();
    let rules = Rules { councillors, officials: vec![known(&apart.alderman)], ..Rules::default() };
    reads_out(&desk, &phone, &rules, &mut Keeper::default()).1.unwrap();
    opens(&desk, "gesprekken", "g");
    assert_eq!(stands_in(&words(&apart.council), &[&desk.at("g"), &desk.out()]), None);
    assert!(stands_in(&words(&[format!("{WORD}-raad-na")]), &[&desk.at("g")]).is_some());
}

#[test]
fn a_class_that_is_changed_afterwards_is_a_finding() {
    let phone = phone();
    let apart = apart(&phone);
    let mut keeper = Keeper::default();
    let changed = |rules: &Rules, keeper: &mut Keeper| {
        let ended = reads_out(&Desk::ready(), &phone, rules, keeper).1.unwrap();
        ended.report.findings.iter().find_map(|f| match f {
            Finding::SeparationChanged { count } => Some(*count),
            _ => None,
        })
    };
    let business = decided(&apart.business_group, 1, Class::Zakelijk, Span::default());
    let first = Rules { decided: vec![business.clone()], phone_of_official: true, ..Rules::default() };
    assert_eq!(changed(&first, &mut keeper), None);
    // A first decision to keep is none, and one that begins now is none.
    let later = Span { from: Some(Timestamp::now()), to: None };
    let kept = decided(&apart.council_group, 2, Class::Gemengd, Span::default());
    let from_now = decided(&apart.part_group, 3, Class::Prive, later);
    let second = Rules { decided: vec![business, kept.clone(), from_now.clone()], ..first };
    assert_eq!(changed(&second, &mut keeper), None);
    let called_private = decided(&apart.business_group, 4, Class::Prive, Span::default());
    let third = Rules { decided: vec![called_private, kept, from_now], ..second };
    assert_eq!(changed(&third, &mut keeper), Some(1));
    assert_eq!(changed(&third, &mut keeper), None, "said once");
}

#[test]
fn raw_databases_are_not_kept_beside_what_is_left_out() {
    let phone = phone();
    let desk = Desk::ready();
    desk.plan_says("keep_sources = false", "keep_sources = true");
    let rules = Rules { decided: exclusions(&apart(&phone)), ..Rules::default() };
    let refused = reads_out(&desk, &phone, &rules, &mut Keeper::default()).1;
    assert!(matches!(refused, Err(RunError::SourcesBesideExclusions)), "{refused:?}");
    desk.nothing_sealed();
    assert!(desk.unfinished().is_empty(), "refused before anything was read");
}

#[test]
fn of_a_phone_that_is_private_throughout_only_counts_are_left() {
    let phone = phone();
    let desk = Desk::ready();
    let expected = &phone.content.expected.whatsapp;
    let apart = apart(&phone);
    let groups = [apart.private_group, apart.part_group, apart.business_group, apart.council_group, apart.private_number];
    let identifiers = expected.per_conversation.keys().cloned().chain(groups).collect();
    let decisions = vec![Decision { rule: 1, class: Class::Prive, span: Span::default() }];
    let rules = Rules { decided: vec![Decided { identifiers, decisions }], ..Rules::default() };
    let ended = reads_out(&desk, &phone, &rules, &mut Keeper::default()).1.unwrap();
    opens(&desk, "gesprekken", "g");
    opens(&desk, "verantwoording", "v");
    // What only the increments know was decided about by nobody.
    let left = conversations(&desk, "g");
    let known = |c: &ConversationFile| c.conversation.native.iter().any(|n| expected.per_conversation.contains_key(&n.value));
    assert!(!left.iter().any(known), "{} conversations", left.len());
    let app = &ended.report.apps[0];
    let records = app.records.as_ref().unwrap();
    let of_files: u64 = left.iter().map(|c| c.messages.len() as u64).sum();
    assert_eq!((records.messages, app.attachments.wanted), (of_files, 0));
    assert!(app.separation.as_ref().unwrap().left_out[0].amount.messages >= expected.messages);
    let mut all: Vec<Word> = Vec::new();
    for person in
        expected.names.iter().filter(|p| !left.iter().any(|c| c.conversation.participants.iter().any(|q| q.id.0 == p.jid)))
    {
        all.extend(person.name.iter().filter(|n| n.len() > 9).map(|n| Word::new(n)));
    }
    all.extend(expected.per_conversation.values().filter_map(|c| c.subject.as_deref()).filter(|s| s.len() > 9).map(Word::new));
    assert!(all.len() > 20);
    assert_eq!(stands_in(&all, &[&desk.at("g"), &desk.at("v"), &desk.out()]), None);
}

/// Decides in the register, by the commands that an office has.
fn decides(desk: &Desk, group: &str, class: &str, days: &[&str]) {
    let separate = desk.registers(["separate", "--group", group, "--class", class, "--decider", "DIV", "--second", "secretaris"]);
    days.iter().fold(separate, |call, day| call.with(*day)).go().ends_with(0);
}

#[test]
fn the_register_decides_and_whoever_reads_out_sees_counts_only() {
    let phone = phone();
    let apart = apart(&phone);
    let zone = jiff::tz::TimeZone::get("Europe/Amsterdam").unwrap();
    let day = |ms| Timestamp::from_millisecond(ms).unwrap().to_zoned(zone.clone()).date().to_string();
    let (first, last) = (day(apart.part_from_ms), day(apart.part_to_ms));
    for json in [false, true] {
        let desk = Desk::ready();
        for (id, identifier) in [("g1", &apart.private_group), ("g2", &apart.part_group), ("g3", &apart.business_group)] {
            let fields = [format!("name={id}"), format!("identifiers={identifier}")];
            desk.registers(["set", "group", id, &fields[0], &fields[1]]).go().ends_with(0);
        }
        let number = format!("identifiers={}", apart.private_number);
        desk.registers(["set", "contact", "c1", "name=c1", &number]).go().ends_with(0);
        decides(&desk, "g1", "prive", &[]);
        decides(&desk, "g2", "prive", &["--first-day", &first, "--last-day", &last]);
        let partij = ["separate", "--contact", "c1", "--class", "partijpolitiek", "--decider", "DIV", "--second", "secretaris"];
        desk.registers(partij).go().ends_with(0).says("kan zakelijk worden");
        let call = desk.reads(&phone);
        let mut told = if json { call.json() } else { call }.go().ends_with(3);
        if !json {
            told = told.says("prive").says("partijpolitiek").says("herhalingen");
        }
        let private = words(&apart.private);
        assert_eq!(find(&private, told.out.as_bytes()), None, "on standard output");
        assert_eq!(find(&private, told.err.as_bytes()), None, "on standard error");
        for (role, into) in [("gesprekken", "g"), ("verantwoording", "v")] {
            desk.unseals(&desk.seal(), role, "div.txt", into).go().ends_with(0);
        }
        assert_eq!(stands_in(&private, &[&desk.out(), &desk.state(), &desk.at("g"), &desk.at("v")]), None);
        // A day is the smallest time that the register knows: what was said on its first and last day goes too.
        for word in apart.business.iter().filter(|w| !w.ends_with("laatste-voor") && !w.ends_with("eerste-na")) {
            assert!(stands_in(&words(std::slice::from_ref(word)), &[&desk.at("g")]).is_some(), "{word}");
        }
        let report = desk.report();
        let left: Vec<Class> = report.apps[0].separation.as_ref().unwrap().left_out.iter().map(|l| l.class).collect();
        assert_eq!(left.len(), 3, "{left:?}");
        assert!(!report.findings.iter().any(|f| matches!(f, Finding::SeparationChanged { .. })));
        // Called private afterwards: the next readout says so.
        decides(&desk, "g3", "prive", &[]);
        fs::remove_dir_all(desk.out()).unwrap();
        let again = desk.reads(&phone).go().ends_with(3).says("klasse gewijzigd");
        assert_eq!(find(&words(&apart.private), again.err.as_bytes()), None);
    }
}
