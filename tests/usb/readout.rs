//! From the cable to the seal.

use crate::{
    counting::{added, assert_same, found, made, messages},
    desk::{Call, Desk},
    gadget::{TwinProcess, UsbPhone},
    in_the_guest,
    outcome::Outcome,
    phone::SERIAL,
    wait_until,
};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeSet,
    fs,
    process::{Command, Output},
};
use uitlezen_chat::AttachmentState;
use uitlezen_twin::content::Expected;

/// The readout of the plan's phone, whose holder showed that the default timer is off.
pub fn reads(desk: &Desk, phone: &UsbPhone) -> Call {
    desk.readout().with("--secret").with(desk.key_of(&phone.content)).shown_off().json()
}

/// The run ended with a seal, and nothing went wrong on the wire. What was found in the records is for other stories.
#[track_caller]
pub fn sealed(told: Outcome) -> Outcome {
    assert!(matches!(told.code, Some(0 | 3 | 6)), "\n--- out\n{}\n--- err\n{}", told.out, told.err);
    assert_eq!(told.events_called("sealed").len(), 1);
    let gaps = told.events_called("gap");
    assert!(gaps.iter().all(|gap| gap["reason"] == "not-interpreted"), "{gaps:?}");
    told
}

/// What the sealed header says of where the bytes came from.
#[track_caller]
fn origin(desk: &Desk) -> String {
    let told =
        desk.says(["verify", "--json"]).with(desk.seal()).with("--signer").with(desk.at("state/station.pem")).go().ends_with(0);
    told.event("verified")["header"]["origin"].as_str().unwrap().to_owned()
}

#[test]
fn a_phone_is_found_by_serial_its_holder_taps_allow_it_is_read_sealed_and_opened() {
    let Some(_told) = in_the_guest() else { return };
    let desk = Desk::ready();
    let arguments = ["--messages", "240", "--accept", "after", "--key-out"].map(Into::into).into_iter();
    let arguments = arguments.chain([desk.at("sleutel").into(), "--expected-out".into(), desk.at("verwacht.json").into()]);
    let twin = TwinProcess::plugged(SERIAL, &arguments.collect::<Vec<_>>());
    // Of the same make and model, and nobody's plan.
    let other = UsbPhone::plugged("TWIN0002");

    let key = desk.secret("whatsapp", fs::read(desk.at("sleutel")).unwrap());
    let told = sealed(desk.readout().with("--secret").with(key).json().go());
    assert_eq!(told.event("holder-needed")["task"], "allow");
    assert_eq!((&told.event("phone")["serial"], &told.event("phone")["route"]), (&SERIAL.into(), &"usb".into()));
    assert_eq!(told.events_called("may-unplug").len(), 1);
    drop(twin);
    assert_eq!(other.device.asked().connections, 1, "only what the kernel's plugging in begins");
    other.gave_nothing();

    assert_eq!(origin(&desk), "usb");
    desk.verifies(&desk.seal()).ends_with(0).says("Zegel: ongeschonden").never_says("DEMO").never_says("LAB");
    let expected: Expected = serde_json::from_slice(&fs::read(desk.at("verwacht.json")).unwrap()).unwrap();
    let expected = expected.whatsapp;
    let files = desk.conversations("whatsapp");
    assert_eq!(files.len() as u64, expected.conversations);
    assert_eq!(messages(&files).count() as u64, expected.messages + added(&expected.increments, |i| i.new));
    let present = messages(&files).flat_map(|m| &m.attachments).filter(|a| matches!(a.state, AttachmentState::Present { .. }));
    assert_eq!(present.count() as u64, expected.attachments.present);
}

#[test]
fn every_record_and_every_attachment_byte_arrives_as_the_phone_has_it() {
    let Some(_told) = in_the_guest() else { return };
    let (desk, phone) = (Desk::ready(), UsbPhone::plugged(SERIAL));
    desk.plan_says("keep_sources = false", "keep_sources = true");
    sealed(reads(&desk, &phone).go());
    let files = desk.conversations("whatsapp");
    assert_same(&found(&files), &made(&phone.content.expected.whatsapp));

    let digest = |bytes: &[u8]| hex::encode(Sha256::digest(bytes));
    let on_phone: BTreeSet<String> = phone.content.files.values().map(|file| digest(&file.to_vec())).collect();
    let below = |folder: &str| crate::files_below(&desk.at(folder));
    let opened: Vec<_> = below("open-whatsapp").into_iter().filter(|p| p.extension().is_none_or(|e| e != "json")).collect();
    assert!(!opened.is_empty());
    desk.unseals(&desk.seal(), "bronnen", "div.txt", "bronnen").go().ends_with(0);
    for path in opened.into_iter().chain(below("bronnen")) {
        assert!(on_phone.contains(&digest(&fs::read(&path).unwrap())), "{} is not as on the phone", path.display());
    }
    // A phone that knows this station asks nothing.
    let again = Desk::ready();
    let told = sealed(reads(&again, &phone).go());
    assert!(told.events_called("holder-needed").is_empty());
    assert_eq!(phone.device.asked().dialogs, 1);
}

#[test]
fn another_phone_than_the_plan_names_gives_nothing_away() {
    let Some(_told) = in_the_guest() else { return };
    let desk = Desk::ready();
    let phone = UsbPhone::plugged("TWIN0003");
    let told = reads(&desk, &phone).go().ends_with(7);
    assert_eq!(told.event("error")["error"], "phone-none");
    phone.gave_nothing();
    drop(phone);
    // One that says on the cable that it is the plan's, and is another.
    let phone = UsbPhone::built(SERIAL, "TWIN0004", |phone| phone);
    let told = reads(&desk, &phone).go().ends_with(7);
    assert_eq!(told.event("error")["error"], "phone-other");
    phone.gave_nothing();
    desk.nothing_sealed();
    assert!(desk.unfinished().is_empty());
}

fn adb(arguments: &[&str]) -> Output {
    let home = "/run/adb";
    fs::create_dir_all(home).unwrap();
    Command::new("timeout")
        .arg("60")
        .arg("adb")
        .args(arguments)
        .env("HOME", home)
        .env("ANDROID_USER_HOME", home)
        .output()
        .unwrap()
}

/// An adb server that ends with the story.
struct AdbServer;

impl Drop for AdbServer {
    fn drop(&mut self) {
        adb(&["kill-server"]);
    }
}

#[test]
fn a_phone_that_an_adb_server_holds_is_read_through_it_and_the_seal_says_so() {
    let Some(_told) = in_the_guest() else { return };
    let (desk, phone) = (Desk::ready(), UsbPhone::plugged(SERIAL));
    let server = AdbServer;
    assert!(adb(&["start-server"]).status.success());
    let held = format!("{SERIAL}\tdevice");
    wait_until("the adb server holds the phone", || String::from_utf8_lossy(&adb(&["devices"]).stdout).contains(&held));

    let told = desk.says(["phones", "--json"]).go().ends_with(0);
    assert_eq!((&told.event("phone")["serial"], &told.event("phone")["state"]), (&SERIAL.into(), &"server".into()));
    let key = desk.key_of(&phone.content);
    let told = desk.readout().with("--secret").with(key).shown_off().go();
    told.says("Een adb-server op deze machine heeft de telefoon in handen");
    assert_eq!(origin(&desk), "adb-server");
    assert_eq!(desk.report().phone.unwrap().route, "adb-server");
    assert_same(&found(&desk.conversations("whatsapp")), &made(&phone.content.expected.whatsapp));
    // With the server gone the phone is free again, and its holder is asked for this station.
    drop(server);
    let direct = Desk::ready();
    sealed(reads(&direct, &phone).go());
    assert_eq!(origin(&direct), "usb");
}
