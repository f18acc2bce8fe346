//! Attachments that are there, are not there, are refused, or are not asked: four different answers.

use super::{
    counting::{found, messages},
    desk::Desk,
    phone::{Phone, ROOT, quiet},
};
use std::collections::BTreeMap;
use uitlezen_chat::AttachmentState;
use uitlezen_check::{Finding, GapReason};
use uitlezen_twin::{
    content::Options,
    device::{Fault, Pull, Times},
};

fn phone() -> Phone {
    Phone::with(&Options { increments: false, messages: 600, ..quiet() })
}

fn word(state: &AttachmentState) -> String {
    serde_json::to_value(state).unwrap()["state"].as_str().unwrap().to_owned()
}

/// By path as the app wrote it.
fn states(desk: &Desk) -> BTreeMap<String, AttachmentState> {
    let files = desk.conversations("whatsapp");
    messages(&files).flat_map(|m| &m.attachments).filter_map(|a| Some((a.path.clone()?, a.state.clone()))).collect()
}

fn in_the_app(path: &str) -> &str {
    path.strip_prefix("Android/media/com.whatsapp/WhatsApp/").unwrap()
}

#[test]
fn a_refused_a_missing_and_a_present_attachment_are_three_answers() {
    let (desk, phone) = (Desk::ready(), phone());
    let media = phone.media();
    let [refused, gone, broken, changing] = [0, 1, 2, 3].map(|n| media[n].clone());
    let on_phone = |path: &str| format!("{ROOT}/{path}");
    phone.device.inject(
        Fault::Pull { file: Phone::on_phone(&refused), how: Pull::Refused { text: "Permission denied".into() } },
        Times::Always,
    );
    phone.device.change(|tree| assert!(tree.remove(on_phone(&gone))));
    phone.device.inject(
        Fault::Pull { file: Phone::on_phone(&broken), how: Pull::FailsAfter { after: 100, text: "I/O error".into() } },
        Times::Always,
    );
    let other = std::sync::Arc::new(vec![7_u8; 70_000]);
    phone.device.inject(
        Fault::Pull {
            file: Phone::on_phone(&changing),
            how: Pull::Changes { after: 100, bytes: other, modified: phone.content.now - 5 },
        },
        Times::Only(1),
    );
    desk.reads(&phone).shown_off().go().ends_with(6).says("geweigerd");
    let states = states(&desk);
    let state = |path: &str| word(&states[in_the_app(path)]);
    assert_eq!(state(&refused), "refused");
    assert_eq!(state(&gone), "missing");
    assert_eq!(state(&broken), "not-read");
    // Written while it was read once, and whole the second time: with other bytes than the app had recorded.
    assert_eq!(state(&changing), "differs");
    let report = desk.report();
    let counts = report.apps[0].attachments;
    assert_eq!((counts.refused, counts.broken, counts.differs), (1, 1, 1));
    assert_eq!(counts.missing, phone.content.expected.whatsapp.attachments.missing + 1);
    assert!(report.gaps.iter().any(|g| g.reason == GapReason::Refused && g.count == 1), "{:?}", report.gaps);
    assert!(report.gaps.iter().any(|g| g.reason == GapReason::Broken && g.count == 1), "{:?}", report.gaps);
    assert!(report.findings.contains(&Finding::AttachmentMissing { count: counts.missing }), "{:?}", report.findings);
    desk.verifies(&desk.seal()).ends_with(0).says("Uitlezing: ONVOLLEDIG");
}

#[test]
fn only_refusals_make_a_seal_with_parts_refused() {
    let (desk, phone) = (Desk::ready(), phone());
    let how = Pull::Refused { text: "Permission denied".into() };
    phone.device.inject(Fault::Pull { file: Phone::on_phone(&phone.media()[0]), how }, Times::Always);
    desk.reads(&phone).shown_off().go().ends_with(6);
    desk.verifies(&desk.seal()).ends_with(0).says("Uitlezing: onderdelen geweigerd");
}

#[test]
fn of_files_in_a_folder_that_the_phone_will_not_list_nothing_is_said_to_be_missing() {
    let (desk, phone) = (Desk::ready(), phone());
    let refused = "Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images";
    phone.device.change(|tree| {
        tree.deny(format!("{ROOT}/{refused}"));
    });
    desk.reads(&phone).shown_off().go().ends_with(6);
    for (path, state) in states(&desk) {
        if path.starts_with("Media/WhatsApp Images/") {
            assert_eq!(word(&state), "not-read", "{path}");
        }
    }
    let gaps = desk.report().gaps;
    assert!(gaps.iter().any(|g| g.reason == GapReason::Refused && g.detail == "refused-folders"), "{gaps:?}");
}

#[test]
fn attachments_that_the_plan_leaves_out_are_not_asked_and_the_report_still_counts_the_messages() {
    let (desk, phone) = (Desk::ready(), phone());
    desk.plan_says("media = true", "media = false");
    phone.device.forget_asked();
    desk.reads(&phone).shown_off().go().ends_with(3);
    let opened = phone.device.asked().opened;
    assert!(!opened.iter().any(|path| String::from_utf8_lossy(path).contains("/Media/")), "media were pulled");
    let states = states(&desk);
    assert!(!states.is_empty());
    assert!(states.values().all(|s| *s == AttachmentState::NotAsked), "{states:?}");
    let report = desk.report();
    assert_eq!(report.apps.len(), 1);
    assert_eq!(report.apps[0].records.as_ref().unwrap().messages, phone.content.expected.whatsapp.messages);
}

#[test]
fn names_that_no_kernel_allows_are_refused_and_counted_and_nothing_is_written_outside() {
    let (desk, phone) = (Desk::ready(), phone());
    let folder = format!("{ROOT}/Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images").into_bytes();
    phone.device.inject(Fault::HostileNames { folder: folder.clone() }, Times::Always);
    let databases = format!("{ROOT}/Android/media/com.whatsapp/WhatsApp/Databases").into_bytes();
    phone.device.inject(Fault::HostileNames { folder: databases }, Times::Always);
    let told = desk.reads(&phone).shown_off().go().ends_with(6);
    assert!(!told.out.contains("passwd") && !told.err.contains("passwd") && !told.out.contains('\u{202e}'));
    let report = desk.report();
    assert!(report.blind.hostile_names > 0, "{:?}", report.blind);
    let made = &phone.content.expected.whatsapp;
    let found = found(&desk.conversations("whatsapp"));
    assert_eq!((found["messages"], found["attachments present"]), (made.messages, made.attachments.present));
    assert!(super::files_below(&desk.at("open-whatsapp")).iter().all(|p| !p.to_string_lossy().contains("passwd")));
}
