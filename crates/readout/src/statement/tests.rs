//! The statement of a made-up run, held against files that people looked at.
//!
//! `UITLEZEN_WRITE_GOLDEN=1` writes those files anew.

use super::*;
use crate::{
    admission::Admission,
    link::{OtherProfile, Package, Preflight},
    report::{AppReport, AttachmentCounts, BackupReport, LatestFile},
};
use proptest::prelude::*;
use std::path::PathBuf;
use uitlezen_apps::{HolderKnown, IncrementCounts, Summary, TableNature, UnreadTable, ViewOnceCounts};
use uitlezen_chat::{ConversationNumber, Moment};
use uitlezen_check::{
    AccountDefault, AppVerdict, ConversationVerdict, GapReason, Subject, Verdict,
    separation::{Amount, Class, LeftOut, Repeats, Tally},
};

const PLAN: &str = include_str!("../../../../fixtures/plan.voorbeeld.toml");
/// 28 November 2026, 10:00 in the Netherlands.
const STARTED: i64 = 1_795_856_400;

fn plan(change: impl FnOnce(&mut Plan)) -> Plan {
    let mut plan = Plan::parse(PLAN).unwrap();
    change(&mut plan);
    plan
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn package(name: &str, version: &str) -> Package {
    Package { name: name.into(), version: Said::Known(version.into()) }
}

fn backup(purpose: &str, modified: i64, failure: Option<GapReason>) -> BackupReport {
    BackupReport {
        purpose: purpose.into(),
        kind: "crypt15".into(),
        app_version: Some("2.26.31.76".into()),
        key: Some("0102".into()),
        bytes: 113_041,
        sha256: "a7".repeat(32),
        modified: Some(modified),
        unlocked: failure.is_none(),
        failure,
    }
}

fn conversation(number: u32, verdict: Verdict, was_on_before: bool) -> ConversationVerdict {
    ConversationVerdict {
        conversation: ConversationNumber(number),
        verdict,
        basis: None,
        changes: 0,
        was_on_before,
        expiring_messages: 0,
        view_once: 0,
    }
}

fn tally() -> Tally {
    let amount = |conversations, messages, attachments| Amount { conversations, messages, attachments };
    Tally {
        read_out: [(Class::Zakelijk, 8), (Class::Onbekend, 4)].into(),
        left_out: vec![LeftOut { rule: 7, class: Class::Prive, amount: amount(2, 31, 5) }],
        undecided: amount(1, 9, 0),
        repeats: Repeats { quotes: 2, messages: 1, ..Repeats::default() },
        ..Tally::default()
    }
}

/// A run with one of everything.
fn report(plan: &Plan) -> Report {
    let mut report = Report::new("20261128T090000Z-0badcafe", plan, &Admission::demo(plan), at(STARTED));
    report.tool = "uitlezen 0.0.0".into();
    report.acquired = Some(at(STARTED + 95));
    report.phone = Some(Identity {
        serial: Said::Known("TWIN0001".into()),
        maker: Said::Known("Twin".into()),
        model: Said::Known("One".into()),
        android: Said::Known("14".into()),
        ios: Said::NotAsked,
        backup_made: None,
        patch_level: Said::Known("2026-05-01".into()),
        clock_offset_ms: Said::Known((-75_000, 3)),
        time_zone: Said::Known("Europe/Amsterdam".into()),
        other_users: Said::Known(1),
        wireless_debugging_open: Said::Known(false),
        route: "usb".into(),
    });
    report.confined = Some(Confined::Fully);
    let packages = vec![
        package("com.whatsapp", "2.26.31.76"),
        package("org.thoughtcrime.securesms", "7.1"),
        package("com.microsoft.teams", "1416"),
    ];
    report.preflight = Some(Preflight {
        battery_percent: Said::Known(81),
        free_bytes: Said::Known(1 << 30),
        packages: Said::Known(packages),
        profiles: Vec::new(),
        iphone: None,
    });
    let months = [("2024-12", 7), ("2026-10", 80), ("2026-11", 394), ("", 1)];
    let mut records = Summary {
        conversations: 12,
        messages: 482,
        by_month: months.into_iter().map(|(month, n)| (month.to_owned(), n)).collect(),
        newest: Some(Moment::from_millis((STARTED - 7200) * 1000)),
        oldest: Some(Moment::from_millis(1_733_216_400_000)),
        holder: HolderKnown::Told,
        view_once: ViewOnceCounts { unseen: 1, seen: 2, expired: 3, unknown: 0 },
        revoked: 8,
        edited: 7,
        attachments_not_on_phone: 9,
        contacts_read: Some(20),
        increments: IncrementCounts { files: 2, new: 74, not_interpreted: 1, ..IncrementCounts::default() },
        undecoded_by_app: 4,
        ..Summary::default()
    };
    records.unknown_types.insert(250, 8);
    records.tables_unread.push(UnreadTable {
        table: "message_future_thing".into(),
        rows: 3,
        nature: TableNature::NotInterpreted,
        reason: String::new(),
    });
    report.apps.push(AppReport {
        app: "whatsapp".into(),
        backups: vec![
            backup("msgstore", STARTED - 3 * 86_400, None),
            backup("wa", STARTED - 3 * 86_400, None),
            backup("increment", STARTED - 86_400, None),
            backup("increment", STARTED - 3_600, Some(GapReason::Damaged)),
        ],
        records: Some(records),
        attachments: AttachmentCounts {
            wanted: 62,
            present: 40,
            held: 18,
            missing: 4,
            confirmed: 40,
            bytes: 1 << 20,
            ..AttachmentCounts::default()
        },
        separation: Some(tally()),
        latest_file: Some(LatestFile { modified: STARTED - 7_200, after_newest: 3 }),
        others: None,
    });
    report.verdicts.push(AppVerdict {
        app: "whatsapp".into(),
        conversations: vec![
            conversation(1, Verdict::On { seconds: 86_400, since: Some(Moment::from_millis((STARTED - 86_400) * 1000)) }, true),
            conversation(2, Verdict::Off, true),
            conversation(3, Verdict::Off, false),
            conversation(4, Verdict::NoEvidence { reason: "column-missing".into() }, false),
        ],
        account_default: AccountDefault::HolderMustShow,
        others: BTreeMap::new(),
        view_once: BTreeMap::new(),
    });
    let gap = |subject: &str, reason, count, detail: &str| Gap {
        subject: Subject::Evidence(subject.into()),
        reason,
        count,
        detail: detail.into(),
    };
    report.gaps = vec![
        gap("increment", GapReason::Damaged, 1, "altered"),
        gap("increment", GapReason::NotInterpreted, 1, "entries"),
        gap("folders", GapReason::Refused, 0, "refused-folders"),
        Gap {
            subject: Subject::App("whatsapp-business".into()),
            reason: GapReason::Absent,
            count: 1,
            detail: "no-backup".into(),
        },
        Gap {
            subject: Subject::App("whatsapp".into()),
            reason: GapReason::NotInterpreted,
            count: 3,
            detail: "message_future_thing".into(),
        },
    ];
    report.findings = vec![
        Finding::ClockOff { seconds: -75 },
        Finding::OtherProfile { count: 1 },
        Finding::BackupOld { app: "whatsapp".into(), hours: 72 },
        Finding::UnknownKinds { app: "whatsapp".into(), count: 8 },
        Finding::NotDecodedByApp { app: "whatsapp".into(), count: 4 },
        Finding::AttachmentMissing { count: 4 },
    ];
    report
}

fn both_asked() -> Plan {
    plan(|plan| plan.apps.whatsapp_business = true)
}

fn statement(report: &Report, plan: &Plan) -> Statement {
    let previous = Previous { of_phone: Some([0x11; 32]), of_station: None };
    Statement::of(report, plan, Status::Onvolledig, Origin::Usb, previous, at(STARTED + 120))
}

fn closed() -> Closed {
    Closed { file: "20261128T090000Z-0badcafe.uitlezing".into(), digest: "5e".repeat(32), bytes: 1_424_500 }
}

#[track_caller]
fn is_golden(name: &str, made: &str) {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/statement")).join(name);
    if std::env::var_os("UITLEZEN_WRITE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, made).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap();
    let differs = golden.lines().zip(made.lines()).position(|(a, b)| a != b);
    assert!(golden == made, "{name} differs, first in line {differs:?}");
}

#[test]
fn the_statement_and_its_pages_are_as_people_looked_at_them() {
    let plan = both_asked();
    let statement = statement(&report(&plan), &plan);
    is_golden("verklaring.json", &(serde_json::to_string_pretty(&statement).unwrap() + "\n"));
    for language in Language::BOTH {
        let code = language.code();
        is_golden(&format!("verklaring.{code}.html"), &page(&statement, language, Some(&closed())));
        is_golden(&format!("verklaring-in-zegel.{code}.html"), &page(&statement, language, None));
        is_golden(&format!("ontvangstbewijs.{code}.html"), &receipt(&statement, language, &closed()));
    }
}

#[test]
fn a_statement_that_was_written_is_read_again() {
    let plan = both_asked();
    let statement = statement(&report(&plan), &plan);
    let json = serde_json::to_string(&statement).unwrap();
    assert_eq!(serde_json::from_str::<Statement>(&json).unwrap(), statement);
}

/// What the statement answers of WhatsApp Business, which is asked and of which nothing was found.
fn business(change: impl FnOnce(&mut Report)) -> Answer {
    let plan = both_asked();
    let mut report = report(&plan);
    change(&mut report);
    statement(&report, &plan).apps.into_iter().find(|a| a.app == "whatsapp-business").unwrap().answer
}

fn packages(said: Said<Vec<Package>>) -> impl FnOnce(&mut Report) {
    move |report| {
        if let Some(preflight) = &mut report.preflight {
            preflight.packages = said;
        }
    }
}

#[test]
fn refused_not_installed_without_data_and_could_not_tell_are_different_answers() {
    assert_eq!(business(|_| {}), Answer::NotInstalled);
    assert_eq!(business(packages(Said::Known(vec![package("com.whatsapp.w4b", "2")]))), Answer::NoData);
    assert_eq!(business(packages(Said::Refused)), Answer::Refused);
    assert_eq!(business(packages(Said::Unreadable)), Answer::NotKnown);
    assert_eq!(business(packages(Said::NotAsked)), Answer::NotKnown);
    assert_eq!(business(|report| report.preflight = None), Answer::NotKnown);
    // What a walk could not see may be what was looked for.
    assert_eq!(business(|report| report.blind.refused_folders = 1), Answer::Refused);
    assert_eq!(business(|report| report.blind.cut_off = true), Answer::NotKnown);
    assert_eq!(business(|report| report.blind.hostile_names = 1), Answer::NotKnown);
}

#[test]
fn an_app_that_was_found_and_not_read_says_why() {
    let found = |backups: Vec<BackupReport>, records| AppReport {
        app: "whatsapp-business".into(),
        backups,
        records,
        attachments: AttachmentCounts::default(),
        separation: None,
        latest_file: None,
        others: None,
    };
    let locked = found(vec![backup("msgstore", STARTED, Some(GapReason::Locked))], None);
    assert_eq!(business(|r| r.apps.push(locked)), Answer::NotRead { why: GapReason::Locked });
    let subject = Subject::Evidence("msgstore".into());
    let refused = Gap { subject, reason: GapReason::Refused, count: 1, detail: "whatsapp-business".into() };
    let not_pulled = found(Vec::new(), None);
    let answer = business(|r| {
        r.apps.push(not_pulled);
        r.gaps.push(refused);
    });
    assert_eq!(answer, Answer::NotRead { why: GapReason::Refused });
    let empty = found(vec![backup("msgstore", STARTED, None)], Some(Summary::default()));
    assert_eq!(business(|r| r.apps.push(empty)), Answer::Empty);
    let some = Summary { messages: 1, ..Summary::default() };
    let read = found(vec![backup("msgstore", STARTED, None)], Some(some));
    assert_eq!(business(|r| r.apps.push(read)), Answer::Read);
}

#[test]
fn the_age_of_a_backup_is_by_the_phones_own_clock() {
    let plan = both_asked();
    let made = statement(&report(&plan), &plan);
    // The phone is 75 seconds behind, so by its clock the run began 75 seconds earlier.
    assert_eq!(made.apps[0].backup.as_ref().unwrap().age_seconds, Some(3 * 86_400 - 75));
    let beside = &made.apps[0].beside;
    assert_eq!((beside.increments_found, beside.increments_read, beside.parts_not_interpreted), (2, 1, 1));
}

#[test]
fn installed_chat_apps_that_are_not_read_are_named_with_what_can_be_had() {
    let plan = plan(|_| {});
    let made = statement(&report(&plan), &plan);
    let others: Vec<(&str, Reachable)> = made.not_read().map(|app| (app.app.as_str(), app.reach)).collect();
    assert_eq!(others, [("signal", Reachable::FromHolder), ("teams", Reachable::Administered)]);
    let mut refused = report(&plan);
    packages(Said::Refused)(&mut refused);
    assert_eq!(statement(&refused, &plan).other_apps, Said::Refused);
}

#[test]
fn apps_in_another_profile_are_named_and_a_closed_profile_is_not_an_empty_one() {
    let plan = plan(|_| {});
    let mut report = report(&plan);
    report.preflight.as_mut().unwrap().profiles = vec![
        OtherProfile {
            user: 10,
            packages: Said::Known(vec![
                package("com.microsoft.teams", "1"),
                package("com.whatsapp", "2"),
                package("org.example", "3"),
            ]),
        },
        OtherProfile { user: 150, packages: Said::Refused },
    ];
    let made = statement(&report, &plan);
    let there: Vec<(&str, Option<u32>, Reachable)> =
        made.not_read().filter(|app| app.profile.is_some()).map(|app| (app.app.as_str(), app.profile, app.reach)).collect();
    // WhatsApp was asked, and of the main profile only.
    assert_eq!(there, [("whatsapp", Some(10), Reachable::Administered), ("teams", Some(10), Reachable::Administered)]);
    assert_eq!(made.closed_profiles, [150]);
    for (language, words) in [
        (Language::Dutch, ["WhatsApp (profiel 10)", "Profiel 150"]),
        (Language::English, ["WhatsApp (profile 10)", "Profile 150"]),
    ] {
        let page = page(&made, language, None);
        assert!(words.iter().all(|word| page.contains(word)), "{language:?}");
    }
}

#[test]
fn the_blind_spots_are_those_of_the_routes_used() {
    let plan = plan(|_| {});
    let ids =
        |report: &Report| -> Vec<String> { statement(report, &plan).blind_spots.spots.into_iter().map(|spot| spot.id).collect() };
    let phone = ids(&report(&plan));
    assert!(phone.iter().any(|id| id == "private-storage-of-apps") && phone.iter().any(|id| id == "messages-after-the-backup"));
    let mut files = report(&plan);
    files.phone.as_mut().unwrap().route = crate::link::FROM_FILES.into();
    files.apps[0].backups[0].kind = "sqlite".into();
    let files = ids(&files);
    assert!(files.iter().any(|id| id == "what-was-not-copied"));
    assert!(files.iter().all(|id| id != "private-storage-of-apps" && id != "messages-after-the-backup"), "{files:?}");
}

/// The tags of a page, without what stands between them.
fn skeleton(page: &str) -> Vec<&str> {
    let body = page.split_once("</style>").map_or("", |(_, body)| body);
    body.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default()).collect()
}

/// What a phone says, wherever it gets into a page.
fn said_by_the_phone(text: &str) -> (Report, Plan) {
    let plan = plan(|plan| {
        plan.apps.whatsapp_business = true;
        plan.person.name = text.into();
        plan.run.operator = text.into();
        plan.organisation.name = text.into();
        plan.phone.serial = text.into();
    });
    let mut report = report(&plan);
    let phone = report.phone.as_mut().unwrap();
    for said in [&mut phone.maker, &mut phone.model, &mut phone.android, &mut phone.patch_level, &mut phone.time_zone] {
        *said = Said::Known(text.into());
    }
    phone.route = text.into();
    report.tool = text.into();
    let packages = ["com.whatsapp", "org.thoughtcrime.securesms"].map(|name| package(name, text));
    report.preflight.as_mut().unwrap().packages = Said::Known(packages.to_vec());
    let app = &mut report.apps[0];
    app.backups[0].kind = text.into();
    app.backups[0].app_version = Some(text.into());
    app.backups[0].sha256 = text.into();
    for table in &mut app.records.as_mut().unwrap().tables_unread {
        table.table = text.into();
    }
    report.gaps.push(Gap { subject: Subject::App(text.into()), reason: GapReason::Broken, count: 1, detail: text.into() });
    report.gaps.push(Gap { subject: Subject::Evidence(text.into()), reason: GapReason::Broken, count: 1, detail: text.into() });
    report.findings.push(Finding::UnknownKinds { app: text.into(), count: 1 });
    report.verdicts[0].account_default = AccountDefault::Shown { off: false, by: text.into() };
    (report, plan)
}

fn pages(text: &str) -> Vec<String> {
    let (report, plan) = said_by_the_phone(text);
    let statement = statement(&report, &plan);
    let closed = Closed { file: text.into(), digest: text.into(), bytes: 1 };
    let both = Language::BOTH.into_iter();
    both.flat_map(|language| [page(&statement, language, Some(&closed)), receipt(&statement, language, &closed)]).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever a phone says, a page keeps its form.
    #[test]
    fn nothing_breaks_out_of_a_page(
        text in prop_oneof![
            any::<String>(),
            "[<>\"'&/= a-z\u{202a}-\u{202e}\u{0}-\u{1f}]{0,60}",
            Just("</td></tr></table><script>alert(1)</script>".to_owned()),
            Just("\" onload=\"alert(1)".to_owned()),
            Just("</style><style>@import url(//x)".to_owned()),
            Just("<!--".to_owned()),
            Just("]]><![CDATA[".to_owned()),
            "<{1,3}[a-z]{1,6}( [a-z]{1,4}=[\"']?[a-z:]{0,9}[\"']?)?>{0,3}",
        ]
    ) {
        // An app whose data come from a database shows other rows: the kind is kept apart from that one word.
        prop_assume!(text != "sqlite");
        for (hostile, plain) in pages(&text).iter().zip(pages("x")) {
            prop_assert_eq!(skeleton(hostile), skeleton(&plain));
            prop_assert!(hostile.chars().all(|c| c == '\n' || !crate::words::steers(c)));
        }
    }
}

#[test]
fn a_page_never_says_more_than_was_done_and_loads_nothing() {
    let plan = both_asked();
    let statement = statement(&report(&plan), &plan);
    for language in Language::BOTH {
        for page in [page(&statement, language, None), receipt(&statement, language, &closed())] {
            let text = page.to_lowercase();
            for word in [
                "gearchiveerd",
                "forensisch",
                "alles is binnen",
                "archived",
                "forensic",
                "toestemming",
                "<script",
                "http://",
                "https://",
                "url(",
            ] {
                assert!(!text.contains(word), "{word}");
            }
        }
    }
    assert!(page(&statement, Language::Dutch, None).contains("Verzegeld, niet openbaar, niet ingezien"));
}
