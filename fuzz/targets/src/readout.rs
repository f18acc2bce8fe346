//! What the closing process itself reads: frames and replies from its children, the plan, the ledger.
//!
//! A child is hostile as soon as a phone or a file has turned it; the plan and the ledger lie on a disk that others write to.

use crate::made;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path};
use uitlezen_apps::{Summary, whatsapp::backup};
use uitlezen_check::{AccountDefault, AppVerdict, separation::Tally};
use uitlezen_evidence::{Item, ItemName};
use uitlezen_readout::{
    Plan, PlanError,
    ledger::{Chain, Entry, Ledger},
    link::{
        AddressBook, BackedUp, Blind, Identity, IphoneFacts, LinkFailure, Outcome, Package, PasswordSaid, Preflight, Said,
        reply_for_tests,
    },
    pipe::{self, Kind, PipeError, read_frame, read_message, write_bytes, write_message},
    reader::{ReadFailure, Reading, WantedFile},
};

/// A frame is no longer than its kind may be, takes what its head says and not a byte more, and is itself when written again.
pub fn pipe_frames(data: &[u8]) {
    let (mut from, mut buffer) = (data, Vec::new());
    loop {
        let begun = from;
        match read_frame(&mut from, &mut buffer) {
            Ok(kind) => {
                let used = begun.len() - from.len();
                let most = if kind == Kind::Message { pipe::LARGEST_MESSAGE } else { pipe::LARGEST_BYTES };
                assert!(buffer.len() <= most && used == buffer.len() + 5, "{kind:?} of {} took {used}", buffer.len());
                if kind == Kind::Message {
                    let _ = pipe::parse::<Value>(&buffer);
                } else if !buffer.is_empty() {
                    let mut again = Vec::new();
                    write_bytes(&mut again, kind, &buffer).unwrap();
                    assert!(again == begun[..used], "another frame");
                }
            }
            Err(PipeError::Gone | PipeError::Rules(_)) => break,
            Err(PipeError::Io(error)) => panic!("{error}"),
        }
    }
    assert!(buffer.capacity() <= 2 * pipe::LARGEST_MESSAGE, "room for more than a frame may hold");
    if let Ok(message) = read_message::<Value>(&mut &*data) {
        let mut again = Vec::new();
        write_message(&mut again, &message).unwrap();
        assert_eq!(read_message::<Value>(&mut again.as_slice()).unwrap(), message);
    }
}

pub fn frame_seeds() -> Vec<Vec<u8>> {
    let mut wire = Vec::new();
    write_message(&mut wire, &json!({"begin": {"name": "a/b"}})).unwrap();
    write_bytes(&mut wire, Kind::Bytes, &[7; 300]).unwrap();
    write_bytes(&mut wire, Kind::MoreBytes, b"{}\n").unwrap();
    write_message(&mut wire, &json!("pulled")).unwrap();
    vec![wire, [&[2][..], &(pipe::LARGEST_BYTES as u32 + 1).to_le_bytes()].concat()]
}

/// What the link child says is one of its replies, and the same reply when written again.
pub fn link_reply(data: &[u8]) {
    let Some(again) = reply_for_tests(data) else { return };
    assert_eq!(reply_for_tests(&again).as_deref(), Some(again.as_slice()), "another reply after a round trip");
}

fn name() -> ItemName {
    ItemName::new("Android/media/com.whatsapp/WhatsApp/Databases/msgstore.db.crypt15").unwrap()
}

pub fn link_reply_seeds() -> Vec<Vec<u8>> {
    let identity = Identity {
        serial: Said::Known("TWIN0001".into()),
        maker: Said::Refused,
        model: Said::Unreadable,
        android: Said::Known("14".into()),
        ios: Said::NotAsked,
        backup_made: Some(1),
        patch_level: Said::NotAsked,
        clock_offset_ms: Said::Known((-261, 1)),
        time_zone: Said::Known("Europe/Amsterdam".into()),
        other_users: Said::Known(1),
        wireless_debugging_open: Said::Known(false),
        route: "usb".into(),
    };
    let package = Package { name: "com.whatsapp".into(), version: Said::Known("2.26.31.76".into()) };
    let preflight = Preflight {
        battery_percent: Said::Known(80),
        free_bytes: Said::Known(71_335_755_776),
        packages: Said::Known(vec![package]),
        profiles: Vec::new(),
        iphone: Some(IphoneFacts {
            will_encrypt: Said::Known(true),
            encryption_forced: Said::Refused,
            last_backup: Said::Known(1_795_590_983),
            passcode_set: Said::Known(true),
            used_bytes: Said::Known(71_335_755_776),
            supervised: Said::Known(false),
            profiles: Said::Known(1),
            pairing_allowed: Said::Unreadable,
            may_leave_apps_out: true,
        }),
    };
    let item = Item { name: name(), bytes: 113_047, modified: Some(1_795_590_983) };
    let book = AddressBook::Read { found: vec![("+31612345678".into(), "een naam".into())], unclear: 2 };
    let whole = Outcome::Whole { sha256: "00".repeat(32), digest_on_phone: true };
    let blind =
        Blind { refused_folders: 1, hostile_names: 2, unreadable_names: 3, cut_off: true, broken_files: 4, unfinished: true };
    let replies = [
        json!({"ask-holder": {"task": "passcode"}}),
        json!({"paired": {"record": "3c3f786d6c"}}),
        json!("granted"),
        json!("opened"),
        json!({"encryption": Said::Known(true)}),
        json!({"password": PasswordSaid::AsItWas(LinkFailure::CancelledOnPhone)}),
        json!({"file": {"path": "00008110-0/Snapshot/3d/3d0d7e5fb2ce288813306e4d4636395e047a3d28"}}),
        json!("file-end"),
        json!({"moved": {"from": "00008110-0/Snapshot/3d", "to": "00008110-0/3d"}}),
        json!({"copied": {"from": "00008110-0/a", "to": "00008110-0/b"}}),
        json!({"removed": {"path": "00008110-0/Snapshot"}}),
        json!({"percent": 55}),
        json!({"backed-up": BackedUp { counts: Default::default(), date: Some(1_795_590_983), full: Some(false) }}),
        json!({"not-here": [item]}),
        json!({"connected": uitlezen_readout::child::Confined::Fully}),
        json!({"identity": identity}),
        json!({"preflight": preflight}),
        json!({"items": [item]}),
        json!({"listed": blind}),
        json!({"holder-backups": {"found": uitlezen_apps::holder_backup::Found::default(), "blind": blind}}),
        json!({"begin": {"name": name()}}),
        json!({"end": {"name": name(), "outcome": whole}}),
        json!("pulled"),
        json!({"contacts": book}),
        json!({"probe": {"vraag": [1, 2.5, null, "antwoord"]}}),
        json!({"failed": LinkFailure::HostileFiles}),
    ];
    let all: Vec<Vec<u8>> = replies.iter().map(|reply| serde_json::to_vec(reply).unwrap()).collect();
    assert!(all.iter().all(|reply| reply_for_tests(reply).is_some()), "a good reply that is none");
    all
}

/// What a reader child sends is taken as it was meant or not at all.
pub fn reader_reply(data: &[u8]) {
    again::<backup::Facts>(data);
    again::<backup::Unlocked>(data);
    again::<Vec<WantedFile>>(data);
    again::<Reading>(data);
    again::<ReadFailure>(data);
}

fn again<T: Serialize + DeserializeOwned>(data: &[u8]) {
    let Ok(read) = pipe::parse::<T>(data) else { return };
    let json = serde_json::to_value(&read).expect("a reply that was read and cannot be written");
    let second: T = pipe::parse(&serde_json::to_vec(&json).unwrap()).expect("our own JSON");
    assert_eq!(serde_json::to_value(&second).unwrap(), json, "another reply after a round trip");
}

pub fn reader_reply_seeds() -> Vec<Vec<u8>> {
    let facts = json!({
        "kind": backup::Kind::Crypt15, "key_mode": null, "app_version": "2.26.31.76", "jid_suffix": "78",
        "backup_version": 1, "features": [1, 5, 37], "cleaned": false, "export_bytes": 113_047,
    });
    let verdict = AppVerdict {
        app: "whatsapp".into(),
        conversations: Vec::new(),
        account_default: AccountDefault::SeenIndirectly { seconds: 86_400, since: None },
        others: BTreeMap::new(),
        view_once: BTreeMap::from([("opened".to_owned(), 6)]),
    };
    let reading = Reading {
        summary: Summary { conversations: 12, messages: 474, ..Summary::default() },
        verdict,
        pages_rolled_back: 3,
        temporary_files_refused: 0,
        separation: Tally::default(),
    };
    let wanted =
        WantedFile { path: "Media/WhatsApp Images/IMG-1.jpg".into(), sha256: Some("00".repeat(32)), ending: None, bytes: None };
    let write = |value: Value| serde_json::to_vec(&value).unwrap();
    vec![write(facts), write(json!(reading)), write(json!([wanted])), write(json!(ReadFailure::WrongKey))]
}

/// A plan that was taken is complete; one that was refused is refused at a line that it has.
pub fn plan(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let lines = text.matches('\n').count() + 1;
    match Plan::parse(text) {
        Ok(plan) => {
            for said in [&plan.person.name, &plan.phone.serial, &plan.run.operator, &plan.organisation.code] {
                assert!(!said.trim().is_empty(), "empty and taken");
            }
            assert!(plan.apps.whatsapp || plan.apps.whatsapp_business, "a plan for nothing");
            for role in plan.roles() {
                let recipients = plan.recipients.iter().find(|(r, _)| *r == role).map(|(_, keys)| keys);
                assert!(recipients.is_some_and(|r| r.check().is_ok()), "{} without recovery", role.as_str());
            }
        }
        Err(
            PlanError::Toml { line, .. }
            | PlanError::Empty { line, .. }
            | PlanError::NotARecipient { line }
            | PlanError::NotARole { line, .. }
            | PlanError::HalfAndWhole { line, .. }
            | PlanError::Twice { line, .. },
        ) => assert!((1..=lines).contains(&line), "line {line} of {lines}"),
        Err(PlanError::Format(_) | PlanError::Recipients { .. } | PlanError::HalfRecipients { .. } | PlanError::NoApp) => {}
    }
}

pub fn plan_seeds() -> Vec<Vec<u8>> {
    let example = include_str!("../../../fixtures/plan.voorbeeld.toml");
    let bare: String = example.lines().filter(|line| !line.starts_with('#')).map(|line| format!("{line}\n")).collect();
    let halves = bare.replacen("label =", "half = \"a\"\nlabel =", 1);
    let seeds = vec![
        example.into(),
        halves.into_bytes(),
        bare.replace("keep_sources = false", "keep_sources = true").into_bytes(),
        bare.into_bytes(),
    ];
    seeds
}

/// Checking comes back with an answer and changes nothing; a new entry mends no broken chain and breaks no whole one.
pub fn ledger(data: &[u8]) {
    let dir = made::folder();
    let path = dir.path().join("ledger.jsonl");
    std::fs::write(&path, data).unwrap();
    let ledger = Ledger::at(dir.path());
    let before = ledger.check().unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), data, "checking changed the file");
    ledger.add(entry("nieuw")).unwrap();
    assert!(std::fs::read(&path).unwrap().starts_with(data), "what stood there has changed");
    match (before, ledger.check().unwrap()) {
        (Chain::Whole { lines: before }, Chain::Whole { lines }) => assert_eq!(lines, before + 1),
        (Chain::BrokenAt(before), Chain::BrokenAt(at)) => assert_eq!(at, before),
        (before, after) => panic!("{before:?} became {after:?}"),
    }
}

fn entry(result: &str) -> Entry {
    Entry {
        at: jiff::Timestamp::from_second(1_795_590_983).unwrap(),
        action: "readout".into(),
        object: "20261128T131623Z-8a1e143d.uitlezing".into(),
        result: result.into(),
        origin: "balie-1".into(),
        actor: "secretariaat".into(),
        counts: vec![("whatsapp-messages".into(), 474)],
    }
}

pub fn ledger_seeds() -> Vec<Vec<u8>> {
    let dir = made::folder();
    let read = |at: &Path| std::fs::read(at.join("ledger.jsonl")).unwrap();
    let ledger = Ledger::at(dir.path());
    ledger.add(entry("volledig")).unwrap();
    let one = read(dir.path());
    ledger.add(entry("onvolledig")).unwrap();
    ledger.add(entry("volledig")).unwrap();
    vec![read(dir.path()), one, Vec::new()]
}
