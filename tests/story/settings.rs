//! `settings`: is automatic deletion off? Nothing is sealed and nothing is kept.

use super::{
    desk::Desk,
    phone::{Phone, folder, nothing_to_find, plain},
    search::{Word, find},
};
use uitlezen_twin::content::Options;

#[test]
fn automatic_deletion_that_is_on_is_told_with_the_steps_to_switch_it_off_in_both_languages() {
    let (desk, phone) = (Desk::ready(), Phone::with(&Options { increments: false, ..plain() }));
    let check = || desk.settings().over(&phone).with("--secret").with(desk.key_of(&phone.content));
    check().go().ends_with(3).says("automatisch verwijderen staat AAN in gesprek").says("Uitzetten:");
    let told = check().in_english().go().ends_with(3);
    assert!(
        told.out.contains("ON") && told.out.contains("Privacy") && told.out.contains("Default message timer"),
        "{}",
        told.out
    );
}

#[test]
fn off_is_told_as_off_and_the_default_timer_must_still_be_shown() {
    let (desk, phone) = (Desk::ready(), Phone::with(&nothing_to_find()));
    let check = desk.settings().over(&phone).with("--secret").with(desk.key_of(&phone.content));
    let told = check.json().go().ends_with(8);
    let verdict = told.event("verdict");
    assert!(verdict["conversations"].as_array().unwrap().iter().all(|c| c["verdict"] == "off"), "{verdict}");
    assert_eq!(told.event("finished")["codes"], serde_json::json!(["holder-must-show"]));
}

#[test]
fn a_check_pulls_no_media_keeps_nothing_and_writes_no_names() {
    let desk = Desk::ready();
    let phone = Phone::with(&Options { canary: Some("KANARIE-7f3a9c51".into()), messages: 300, ..super::phone::usual() });
    let before = super::files_below(&desk.state());
    phone.device.forget_asked();
    let check = desk.settings().over(&phone).with("--secret").with(desk.key_of(&phone.content));
    let told = check.go().ends_with(3);
    assert!(!phone.device.asked().opened.iter().any(|p| String::from_utf8_lossy(p).contains("/Media/")));
    let after = super::files_below(&desk.state());
    let left: Vec<_> = after.iter().filter(|f| !before.contains(f) && !f.ends_with("ledger.jsonl")).collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(desk.seals().is_empty() && desk.unfinished().is_empty());
    let mut words = vec![Word::new("KANARIE-7f3a9c51"), Word::new(&phone.content.secrets.hex64)];
    let names = phone.content.expected.whatsapp.names.iter().filter_map(|n| n.name.as_deref());
    words.extend(names.filter(|n| n.len() > 7).map(Word::new));
    assert_eq!(find(&words, told.out.as_bytes()), None);
    for file in after {
        assert_eq!(find(&words, &std::fs::read(file).unwrap()), None);
    }
}

#[test]
fn names_for_the_holder_are_refused_where_they_could_be_kept() {
    let desk = Desk::ready();
    desk.settings().with("--to-holder").json().go().ends_with(2).says("gaan niet samen");
    // No terminal, so nobody can say that the holder looks along.
    desk.settings().with("--to-holder").go().ends_with(2).says("scherm met een toetsenbord");
}

#[test]
fn a_backup_that_cannot_be_opened_is_no_verdict_of_off() {
    let desk = Desk::ready();
    let (content, from) = folder(&Options { timers: false, ..plain() }, desk.at("telefoon"));
    let wrong = desk.secret("whatsapp", "0".repeat(64));
    let told = desk.settings().with("--from").with(&from).with("--secret").with(wrong).go();
    assert!(!matches!(told.code, Some(0 | 3 | 8)), "{:?}", told.code);
    told.never_says("staat uit").never_says(&content.secrets.hex64);
}
