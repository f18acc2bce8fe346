//! The register on disk: kept, refused, damaged, changed by two at once.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use jiff::{Timestamp, civil::date};
use proptest::prelude::*;
use secrecy::SecretBox;
use sha2::{Digest, Sha256};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};
use tempfile::TempDir;
use uitlezen_check::separation::{Class, Policy};
use uitlezen_register::{
    Appraisal, Contact, ContactKind, Decision, Edit, Entry, FILE, Group, GroupKind, Kind, Mode, Official, Organisation, Phone,
    Platform, RegisterError, RegisterKey, Rubricering, Stamp, Store, What,
};

fn at(folder: &Path) -> Store {
    Store::at(folder, RegisterKey::new(SecretBox::new(Box::new([7; 32]))))
}

fn stamp(second: i64) -> Stamp {
    Stamp { who: "archivaris".into(), why: "inrichting".into(), at: Timestamp::from_second(1_795_000_000 + second).unwrap() }
}

fn official(id: &str) -> Official {
    Official {
        id: id.into(),
        name: format!("Kanarie {id}"),
        function: "wethouder".into(),
        from: date(2026, 1, 1),
        to: Some(date(2026, 12, 31)),
        set_by: "directieteam".into(),
        decision: "DT-1".into(),
        decided: date(2025, 12, 1),
        appraisal: Appraisal::B,
        retention: None,
        selection_list: None,
        category_code: None,
        category_title: None,
        hotspots: vec!["Brand".into()],
    }
}

fn phone(serial: &str, official: &str, number: Option<&str>) -> Phone {
    Phone {
        serial: serial.into(),
        official: official.into(),
        number: number.map(Into::into),
        platform: Platform::Android,
        mdm: None,
        rubricering: Rubricering::Geen,
    }
}

fn contact(id: &str, number: &str, kind: ContactKind) -> Contact {
    Contact { id: id.into(), name: format!("contact {id}"), kind, identifiers: vec![number.into()], from: None, to: None }
}

fn decision(number: u64, contact: &str, class: Class) -> Decision {
    Decision {
        number,
        contact: Some(contact.into()),
        group: None,
        phone: None,
        class,
        from: None,
        to: None,
        decider: "archivaris".into(),
        second: Some("secretaris".into()),
        reason: "gezin".into(),
        date: date(2026, 3, 1),
    }
}

fn put(store: &Store, second: i64, entries: Vec<Entry>) -> Result<uitlezen_register::Applied, RegisterError> {
    store.change(&stamp(second), Mode::Write, |_| Ok(entries.into_iter().map(Edit::put).collect()))
}

/// A folder with one official, one phone, two contacts and a decision.
fn filled() -> (TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = at(dir.path());
    let entries = vec![
        Entry::Decision(decision(1, "thuis", Class::Prive)),
        Entry::Phone(phone("R5CT", "w1", Some("+31 6 1111 1111"))),
        Entry::Official(official("w1")),
        Entry::Contact(contact("thuis", "+31622222222", ContactKind::Onbekend)),
        Entry::Contact(contact("raad", "+31633333333", ContactKind::Raadslid)),
    ];
    put(&store, 0, entries).unwrap();
    (dir, store)
}

/// What is refused, as `field word`; the file is as it was.
#[track_caller]
fn refused(dir: &TempDir, store: &Store, entries: Vec<Entry>) -> Vec<String> {
    let before = fs::read(dir.path().join(FILE)).unwrap();
    let Err(RegisterError::Refused(refused)) = put(store, 1, entries) else { panic!("taken") };
    assert_eq!(fs::read(dir.path().join(FILE)).unwrap(), before);
    refused.iter().map(|r| format!("{} {}", r.fault.field, r.fault.what.word())).collect()
}

#[test]
fn nothing_of_it_is_readable_on_disk_and_only_its_owner_may_try() {
    let (dir, _) = filled();
    for entry in fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        for canary in ["Kanarie", "31611111111", "SQLite", "archivaris"] {
            assert!(!bytes.windows(canary.len()).any(|w| w == canary.as_bytes()), "{canary} in {}", path.display());
        }
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn every_form_of_an_entry_stays_with_who_when_and_why() {
    let (_dir, store) = filled();
    let mut changed = official("w1");
    changed.to = None;
    let later = Stamp { who: "DIV".into(), why: "herbenoemd".into(), ..stamp(60) };
    store.change(&later, Mode::Write, |_| Ok(vec![Edit::put(Entry::Official(changed.clone()))])).unwrap();
    store.change(&stamp(120), Mode::Write, |_| Ok(vec![Edit::end(Kind::Decision, "1")])).unwrap();
    let register = store.open().unwrap();
    let view = register.view();
    let history = view.history(Kind::Official, "w1").unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!(history[0].entry, Entry::Official(official("w1")));
    assert_eq!((history[1].who.as_str(), history[1].why.as_str(), history[1].change), ("DIV", "herbenoemd", 2));
    assert_eq!(history[1].entry, Entry::Official(changed));
    // Ended, and still there.
    assert_eq!(view.get(Kind::Decision, "1").unwrap(), None);
    assert!(view.history(Kind::Decision, "1").unwrap()[1].ended);
    assert_eq!(view.changes().unwrap().iter().map(|c| c.entries).collect::<Vec<_>>(), [5, 1, 1]);
    assert_eq!(view.since(2).unwrap().len(), 1);
    assert!(view.history_holds().unwrap());
    assert_eq!(view.state().unwrap().unwrap().change, 3);
}

#[test]
fn what_changes_nothing_is_no_change_and_a_preview_writes_nothing() {
    let (dir, store) = filled();
    let before = fs::read(dir.path().join(FILE)).unwrap();
    let applied = put(&store, 5, vec![Entry::Official(official("w1"))]).unwrap();
    assert_eq!((applied.is_change(), applied.unchanged, applied.state.unwrap().change), (false, 1, 1));
    let more = || Ok(vec![Edit::put(Entry::Official(official("w2")))]);
    let applied = store.change(&stamp(6), Mode::Preview, |_| more()).unwrap();
    assert_eq!(applied.added[&Kind::Official], 1);
    assert_eq!(fs::read(dir.path().join(FILE)).unwrap(), before);
}

#[test]
fn a_change_without_who_or_why_is_refused() {
    let (_dir, store) = filled();
    let nobody = Stamp { who: " ".into(), why: String::new(), ..stamp(1) };
    let Err(RegisterError::Refused(refused)) = store.change(&nobody, Mode::Write, |_| Ok(Vec::new())) else { panic!() };
    assert_eq!(refused.iter().map(|r| r.fault.field).collect::<Vec<_>>(), ["by", "why"]);
}

#[test]
fn a_clock_that_went_back_is_told_and_recorded() {
    let (_dir, store) = filled();
    let applied = put(&store, -3600, vec![Entry::Official(official("w2"))]).unwrap();
    assert_eq!(applied.clock_back, Some(stamp(0).at));
    assert!(store.open().unwrap().view().changes().unwrap()[1].clock_back);
}

#[test]
fn a_council_members_phone_cannot_be_registered_from_either_side() {
    let (dir, store) = filled();
    let of_raad = || Entry::Phone(phone("RAAD1", "w1", Some("+31633333333")));
    assert_eq!(refused(&dir, &store, vec![of_raad()]), ["number councillor"]);
    // A contact who becomes a council member while their phone is registered.
    let mut member = contact("c9", "+31611111111", ContactKind::Raadslid);
    assert_eq!(refused(&dir, &store, vec![Entry::Contact(member.clone())]), ["identifiers councillor"]);
    // An official who is registered as a council member, by name, and by function.
    let mut namesake = official("w2");
    namesake.name = "CONTACT  raad".into();
    assert_eq!(refused(&dir, &store, vec![Entry::Official(namesake)]), ["name councillor"]);
    let mut of_council = official("w3");
    of_council.function = "Raadslid, fractie A".into();
    assert_eq!(refused(&dir, &store, vec![Entry::Official(of_council)]), ["function councillor"]);
    // Who left the council before the term began is none any more.
    member.to = Some(date(2025, 12, 31));
    put(&store, 2, vec![Entry::Contact(member)]).unwrap();
}

#[test]
fn entries_name_only_what_is_there_and_numbers_are_of_one() {
    let (dir, store) = filled();
    assert_eq!(refused(&dir, &store, vec![Entry::Phone(phone("X", "nobody", None))]), ["official unknown"]);
    assert_eq!(refused(&dir, &store, vec![Entry::Phone(phone("X", "w1", Some("+31611111111")))]), ["number taken"]);
    let twin = contact("c2", "+31622222222", ContactKind::Intern);
    assert_eq!(refused(&dir, &store, vec![Entry::Contact(twin)]), ["identifiers taken"]);
    assert_eq!(refused(&dir, &store, vec![Entry::Decision(decision(2, "niemand", Class::Prive))]), ["contact unknown"]);
    let mut alone = decision(2, "thuis", Class::Partijpolitiek);
    alone.second = None;
    assert_eq!(refused(&dir, &store, vec![Entry::Decision(alone.clone())]), ["second second-person"]);
    alone.second = Some("ARCHIVARIS".into());
    assert_eq!(refused(&dir, &store, vec![Entry::Decision(alone)]), ["second same-person"]);
    let group = Group {
        id: "g".into(),
        name: "g".into(),
        kind: GroupKind::Fractie,
        identifiers: vec!["+31612345678".into()],
        from: None,
        to: None,
    };
    assert_eq!(refused(&dir, &store, vec![Entry::Group(group)]), ["identifiers number-of-group"]);
    let twice = || Entry::Official(official("w5"));
    assert_eq!(refused(&dir, &store, vec![twice(), twice()]), ["id twice"]);
    // Whoever is still named cannot end.
    for (kind, id) in [(Kind::Official, "w1"), (Kind::Contact, "thuis")] {
        let ended = store.change(&stamp(3), Mode::Write, |_| Ok(vec![Edit::end(kind, id)]));
        let Err(RegisterError::Refused(refused)) = ended else { panic!("{id} ended") };
        assert!(matches!(refused[0].fault.what, What::InUse { .. }), "{refused:?}");
    }
}

#[test]
fn two_who_change_at_once_lose_nothing_of_each_other() {
    let (dir, store) = filled();
    std::thread::scope(|scope| {
        for desk in 0..4 {
            let folder = dir.path();
            scope.spawn(move || {
                for n in 0..8 {
                    let entry = Entry::Official(official(&format!("d{desk}-{n}")));
                    put(&at(folder), 10 + n, vec![entry]).unwrap();
                }
            });
        }
    });
    let register = store.open().unwrap();
    assert_eq!(register.view().count(Kind::Official).unwrap(), 1 + 32);
    assert_eq!(register.view().changes().unwrap().len(), 1 + 32);
    assert!(register.view().history_holds().unwrap());
}

#[test]
fn a_newer_register_another_vaults_and_a_damaged_one_are_three_answers_and_none_is_touched() {
    let (dir, store) = filled();
    let path = dir.path().join(FILE);
    let good = fs::read(&path).unwrap();
    let change = || put(&store, 9, vec![Entry::Official(official("w9"))]).map(|_| ());
    let mut newer = good.clone();
    newer[11] = 2;
    let digest = Sha256::digest(&newer[..64]);
    newer[64..96].copy_from_slice(&digest);
    fs::write(&path, &newer).unwrap();
    assert!(matches!(store.open(), Err(RegisterError::Newer(2))));
    assert!(matches!(change(), Err(RegisterError::Newer(2))));
    assert_eq!(fs::read(&path).unwrap(), newer);

    fs::write(&path, &good).unwrap();
    let other = Store::at(dir.path(), RegisterKey::new(SecretBox::new(Box::new([8; 32]))));
    assert!(matches!(other.open(), Err(RegisterError::OtherKey)));

    for cut in [0, 5, 95, 96, 160, good.len() / 2, good.len() - 1] {
        fs::write(&path, &good[..cut]).unwrap();
        assert!(matches!(store.open(), Err(RegisterError::Damaged(_))), "{cut}");
        assert!(matches!(change(), Err(RegisterError::Damaged(_))), "{cut}");
        assert_eq!(fs::read(&path).unwrap(), &good[..cut]);
    }
    fs::remove_file(&path).unwrap();
    assert!(matches!(store.open(), Err(RegisterError::Absent)));
}

#[test]
fn rules_are_the_decisions_of_the_register_in_the_days_of_the_netherlands() {
    let (_dir, store) = filled();
    let mut business = decision(2, "thuis", Class::Zakelijk);
    (business.from, business.to, business.second) = (Some(date(2026, 3, 29)), Some(date(2026, 10, 25)), None);
    business.phone = Some("R5CT".into());
    let mut elsewhere = decision(3, "raad", Class::Partijpolitiek);
    elsewhere.phone = Some("P1".into());
    let organisation = Organisation {
        name: "Gemeente".into(),
        code: "gm0000".into(),
        policy: Policy::AlleenZakelijk,
        full_run_weeks: 13,
        ..Organisation::default()
    };
    let more = vec![
        Entry::Phone(phone("P1", "w1", None)),
        Entry::Organisation(organisation),
        Entry::Decision(business),
        Entry::Decision(elsewhere),
    ];
    put(&store, 1, more).unwrap();
    let register = store.open().unwrap();
    let rules = register.view().rules("R5CT").unwrap();
    assert_eq!((rules.policy, rules.phone_of_official, rules.decided.len()), (Policy::AlleenZakelijk, true, 1));
    let decided = &rules.decided[0];
    assert_eq!(decided.identifiers, ["+31622222222"]);
    assert_eq!(decided.decisions.iter().map(|d| d.rule).collect::<Vec<_>>(), [1, 2]);
    // Both nights on which the clock changes: the last day is whole.
    let span = decided.decisions[1].span;
    assert_eq!(span.from.unwrap().to_string(), "2026-03-28T23:00:00Z");
    assert_eq!(span.to.unwrap().to_string(), "2026-10-25T23:00:00Z");
    // Of a phone that nobody registered, who is a council member and who an official matters.
    let rules = register.view().rules("VREEMD").unwrap();
    assert!(!rules.phone_of_official);
    assert_eq!(rules.councillors[0].identifiers, ["+31633333333"]);
    assert_eq!(rules.officials[0].identifiers, ["+31611111111"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever byte is changed: what is read is what was written, or nothing.
    #[test]
    fn a_byte_that_was_changed_opens_to_nothing_else(place in 0.0..1.0_f64, bit in 0..8_u32) {
        let (dir, store) = filled();
        let path = dir.path().join(FILE);
        let mut bytes = fs::read(&path).unwrap();
        let index = ((bytes.len() - 1) as f64 * place) as usize;
        bytes[index] ^= 1 << bit;
        fs::write(&path, &bytes).unwrap();
        let whole = || -> Result<bool, RegisterError> {
            let register = store.open()?;
            let view = register.view();
            Ok(view.history_holds()? && view.count(Kind::Official)? == 1 && view.get(Kind::Official, "w1")?.is_some())
        };
        match whole() {
            Ok(holds) => prop_assert!(holds),
            Err(error) => prop_assert!(matches!(error, RegisterError::Damaged(_)), "{error:?}"),
        }
        // Changing reads all of it, and so finds any change.
        prop_assert!(put(&store, 1, vec![Entry::Official(official("w2"))]).is_err());
        prop_assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}
