//! Nothing is called whole that is not: every refusal has its code, says what to do, and seals nothing.

use super::{
    desk::Desk,
    outcome::Outcome,
    phone::{BACKUP, Phone, ROOT, plain},
};
use std::time::Duration;
use uitlezen_twin::{
    adb::{Accept, Answer},
    content::{BackupKind, Options},
    device::{Fault, Pull, Times},
};

fn phone() -> Phone {
    Phone::with(&Options { increments: false, ..plain() })
}

/// Ends with 7, says `what` and what to do now, and leaves no seal.
#[track_caller]
fn refused(desk: &Desk, told: Outcome, what: &str) -> Outcome {
    let told = told.ends_with(7).says(what).says("Nu doen:").never_says("panicked").never_says("child stopped");
    desk.nothing_sealed();
    told
}

/// … and no work store either: trying again with the same bytes would not help.
#[track_caller]
fn settled(desk: &Desk, told: Outcome, what: &str) -> Outcome {
    let told = refused(desk, told, what);
    assert!(desk.unfinished().is_empty());
    told
}

#[test]
fn of_another_phone_than_the_plan_names_nothing_is_pulled() {
    let (desk, phone) = (Desk::ready(), phone());
    desk.plan_says("serial = \"TWIN0001\"", "serial = \"TWIN0002\"");
    phone.device.forget_asked();
    settled(&desk, desk.reads(&phone).go(), "andere telefoon");
    let asked = phone.device.asked();
    assert!(asked.opened.is_empty() && asked.bytes_served == 0 && asked.listed.is_empty(), "{asked:?}");
}

#[test]
fn a_holder_who_never_taps_is_waited_for_as_long_as_the_plan_says_and_no_longer() {
    let (desk, phone) = (Desk::ready(), phone());
    phone.device.set_accept(Accept::Ask(Answer::Never));
    desk.plan_says("operator = \"secretariaat\"", "operator = \"secretariaat\"\nwait_for_allow = \"1s\"");
    let began = std::time::Instant::now();
    let told = settled(&desk, desk.reads(&phone).go(), "niet op tijd op Toestaan");
    told.says("Houder: tik op Toestaan");
    assert!(began.elapsed() < Duration::from_secs(45));
    assert!(phone.device.asked().dialogs > 0 && phone.device.asked().opened.is_empty());
}

#[test]
fn a_holder_who_taps_in_time_lets_the_readout_go_on() {
    let (desk, phone) = (Desk::ready(), phone());
    phone.device.set_accept(Accept::Ask(Answer::Allow(Duration::from_millis(300))));
    let told = desk.reads(&phone).json().go().ends_with(3);
    assert_eq!(told.event("holder-needed")["task"], "allow");
    // The phone remembers this station: the second time nobody is asked.
    let again = desk.reads(&phone).json().go().ends_with(3);
    assert!(again.events_called("holder-needed").is_empty());
    assert_eq!(phone.device.asked().dialogs, 1);
}

#[test]
fn a_holder_who_refuses_gets_nothing_read() {
    let (desk, phone) = (Desk::ready(), phone());
    phone.device.set_accept(Accept::Ask(Answer::Refuse));
    desk.plan_says("operator = \"secretariaat\"", "operator = \"secretariaat\"\nwait_for_allow = \"1s\"");
    settled(&desk, desk.reads(&phone).go(), "Fout:");
    assert!(phone.device.asked().opened.is_empty());
}

#[test]
fn a_wrong_a_missing_and_a_malformed_key_are_three_answers() {
    let phone = phone();
    let with_key = |key: &str| {
        let desk = Desk::ready();
        let key = desk.secret("whatsapp", key);
        let told = desk.readout().over(&phone).with("--secret").with(key).go();
        (desk, told)
    };
    let right = &phone.content.secrets.hex64;
    let (desk, told) = with_key(&right.chars().rev().collect::<String>());
    settled(&desk, told, "opent de reservekopie van whatsapp niet").never_says(right);
    let (desk, told) = with_key("0123456789abcdef");
    settled(&desk, told, "Dit is geen 64-cijferige sleutel").never_says("0123456789abcdef");
    let desk = Desk::ready();
    settled(&desk, desk.readout().over(&phone).go(), "is de 64-cijferige sleutel nodig");
}

#[test]
fn a_key_as_the_holder_reads_it_from_the_screen_opens_the_backup() {
    let (desk, phone) = (Desk::ready(), phone());
    let digits = phone.content.secrets.hex64.to_uppercase();
    let groups: Vec<&str> = (0..16).map(|n| &digits[n * 4..n * 4 + 4]).collect();
    let key = desk.secret("whatsapp", groups.join(" ") + "\n");
    desk.readout().over(&phone).with("--secret").with(key).go().ends_with(3);
}

#[test]
fn a_truncated_backup_and_one_with_a_flipped_byte_are_two_answers() {
    let truncated = phone();
    truncated.rewrite(BACKUP, |bytes| bytes.truncate(bytes.len() / 2));
    let desk = Desk::ready();
    let told = desk.reads(&truncated).go().ends_with(7);
    desk.nothing_sealed();
    let flipped = phone();
    flipped.rewrite(BACKUP, |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    });
    let desk = Desk::ready();
    let other = settled(&desk, desk.reads(&flipped).go(), "beschadigd of veranderd");
    assert_ne!(told.err, other.err);
    let emptied = phone();
    emptied.rewrite(BACKUP, Vec::clear);
    let desk = Desk::ready();
    refused(&desk, desk.reads(&emptied).go(), "Fout:");
    let noise = phone();
    noise.rewrite(BACKUP, |bytes| bytes.iter_mut().for_each(|b| *b = b.wrapping_mul(31).wrapping_add(7)));
    let desk = Desk::ready();
    refused(&desk, desk.reads(&noise).go(), "Fout:");
}

#[test]
fn a_backup_under_a_password_is_not_read_and_the_holder_is_told_each_step() {
    let phone = Phone::with(&Options { kind: BackupKind::PasswordMode, increments: false, ..plain() });
    let desk = Desk::ready();
    let told = desk.readout().over(&phone).go().ends_with(7);
    desk.nothing_sealed();
    for step in [
        "Houder:",
        "Instellingen → Chats → Chatback-up → End-to-end versleutelde back-up",
        "64-cijferige sleutel",
        "nieuwe back-up",
    ] {
        assert!(told.err.contains(step), "{step}: {}", told.err);
    }
    let told = desk.readout().over(&phone).in_english().go().ends_with(7);
    for step in ["Holder:", "Settings → Chats → Chat backup → End-to-end encrypted backup", "64-digit key", "new backup"] {
        assert!(told.err.contains(step), "{step}: {}", told.err);
    }
}

#[test]
fn a_phone_that_never_switched_the_64_digits_on_has_only_crypt14_and_the_holder_is_told_each_step() {
    let phone = Phone::with(&Options { kind: BackupKind::Crypt14Only, increments: false, ..plain() });
    let desk = Desk::ready();
    settled(&desk, desk.readout().over(&phone).go(), "crypt14").says("64-cijferige sleutel aan en maak een nieuwe back-up");
    let told = desk.readout().over(&phone).in_english().go().ends_with(7);
    assert!(told.err.contains("64-digit key") && told.err.contains("new backup"), "{}", told.err);
    // Where the owner does have the key file, it opens.
    let desk = Desk::ready();
    let file = desk.secret("whatsapp-key-file", phone.content.secrets.crypt14_key_file.as_ref().unwrap());
    desk.readout().over(&phone).with("--secret").with(file).go().ends_with(3);
}

#[test]
fn a_stale_crypt14_beside_a_crypt15_is_not_taken_for_the_newest() {
    let phone = Phone::with(&Options { kind: BackupKind::Crypt15BesideStale14, increments: false, ..plain() });
    let desk = Desk::ready();
    let told = desk.reads(&phone).json().go().ends_with(3);
    assert_eq!(told.event("backup")["kind"], "crypt15");
    assert_eq!(told.event("counts")["messages"], phone.content.expected.whatsapp.messages);
}

#[test]
fn a_phone_without_any_backup_tells_the_holder_to_make_one() {
    let phone = phone();
    phone.device.change(|tree| assert!(tree.remove(format!("{ROOT}/Android/media/com.whatsapp/WhatsApp/Databases"))));
    let desk = Desk::ready();
    settled(&desk, desk.reads(&phone).go(), "geen reservekopie van whatsapp").says("Back-up maken");
}

#[test]
fn a_backup_that_the_phone_refuses_to_give_is_no_empty_phone() {
    let phone = phone();
    let how = Pull::Refused { text: "Permission denied".into() };
    phone.device.inject(Fault::Pull { file: Phone::on_phone(BACKUP), how }, Times::Always);
    let desk = Desk::ready();
    refused(&desk, desk.reads(&phone).go(), "geweigerd");
}

#[test]
fn folders_that_the_phone_refuses_are_told_from_empty_ones() {
    let phone = phone();
    phone.device.change(|tree| {
        tree.deny(format!("{ROOT}/Android/media/com.whatsapp/WhatsApp/Databases"));
    });
    let desk = Desk::ready();
    refused(&desk, desk.reads(&phone).go(), "geweigerd");
}

#[test]
fn a_phone_that_answers_garbage_ends_the_run() {
    for how in [Pull::BadMagic { after: 1000 }, Pull::HugeBlock { after: 1000 }, Pull::HugeMessage { after: 1000 }] {
        let phone = phone();
        phone.device.inject(Fault::Pull { file: Phone::on_phone(BACKUP), how }, Times::Always);
        let desk = Desk::ready();
        refused(&desk, desk.reads(&phone).go(), "Fout:");
    }
}

#[test]
fn a_phone_that_vanishes_mid_file_ends_the_run_and_the_work_store_is_kept() {
    let phone = phone();
    phone.device.inject(Fault::Pull { file: Phone::on_phone(BACKUP), how: Pull::Vanishes { after: 3000 } }, Times::Always);
    let desk = Desk::ready();
    refused(&desk, desk.reads(&phone).go(), "De verbinding met de telefoon is weg");
    assert_eq!(desk.unfinished().len(), 1, "kept for resuming");
}

#[test]
fn a_stream_that_is_cut_off_without_an_end_is_never_taken_for_the_whole_file() {
    for how in [Pull::DoneEarly { after: 3000 }, Pull::ClosesEarly { after: 3000 }] {
        let phone = phone();
        phone.device.inject(Fault::Pull { file: Phone::on_phone(BACKUP), how }, Times::Always);
        let desk = Desk::ready();
        refused(&desk, desk.reads(&phone).go(), "Fout:");
    }
}

#[test]
fn a_backup_that_is_written_while_it_is_read_is_read_again() {
    let phone = phone();
    let file = &phone.content.files[BACKUP];
    let again = Pull::Changes { after: 3000, bytes: std::sync::Arc::new(file.to_vec()), modified: file.mtime() + 60 };
    phone.device.inject(Fault::Pull { file: Phone::on_phone(BACKUP), how: again }, Times::Only(1));
    let desk = Desk::ready();
    let told = desk.reads(&phone).json().go().ends_with(3);
    assert_eq!(told.event("counts")["messages"], phone.content.expected.whatsapp.messages);
    let opened = phone.device.asked().opened;
    assert!(opened.iter().filter(|p| **p == Phone::on_phone(BACKUP)).count() >= 2, "{opened:?}");
}

#[test]
fn there_is_no_phone_at_an_address_where_nobody_listens() {
    let desk = Desk::ready();
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    refused(&desk, desk.readout().with("--adb").with(address).go(), "niet gevonden");
}

#[test]
fn an_address_elsewhere_is_refused_without_lab() {
    let desk = Desk::ready();
    desk.readout().with("--adb").with("192.0.2.1:5600").go().ends_with(2).says("is niet deze machine").says("--lab");
    desk.nothing_sealed();
}

/// Waits for the phone link's own patience, 30 seconds.
#[test]
#[ignore = "waits half a minute"]
fn a_phone_that_hangs_mid_file_is_not_waited_for_for_ever() {
    let phone = phone();
    phone.device.inject(Fault::Pull { file: Phone::on_phone(BACKUP), how: Pull::Hangs { after: 3000 } }, Times::Always);
    let desk = Desk::ready();
    let began = std::time::Instant::now();
    refused(&desk, desk.reads(&phone).go(), "Fout:");
    assert!(began.elapsed() < Duration::from_secs(180));
}
