//! SMS and MMS of a phone, asked of its content providers.

use super::{
    desk::Desk,
    phone::{Phone, nothing_to_find},
    resumed::{killed_at, opened, same},
};
use std::{collections::BTreeMap, fs};
use uitlezen_chat::{AttachmentState, Body, ConversationFile, Direction, NameOrigin};
use uitlezen_check::{AccountDefault, GapReason, Subject};
use uitlezen_twin::{
    content::sms::{SmsContent, SmsOptions, generate},
    device::{Builder, Fault, Happening, Provider, Times, User},
};

fn content(oddities: bool) -> SmsContent {
    let now = jiff::Timestamp::now().as_second();
    generate(&SmsOptions { sms: 700, mms: 60, samsung: 15, oddities, now, ..SmsOptions::default() }).unwrap()
}

fn desk(asked: &str) -> Desk {
    let desk = Desk::ready();
    desk.plan_says("whatsapp = true", asked);
    desk
}

fn only() -> Desk {
    desk("whatsapp = false\nsms = true")
}

fn phone(content: &SmsContent, change: impl FnOnce(Builder) -> Builder) -> Phone {
    Phone::built(&nothing_to_find(), |phone| change(phone.content(content)))
}

fn text(body: &Body) -> Option<&str> {
    match body {
        Body::Text { text, .. } => Some(text),
        Body::Image { caption } | Body::Document { caption } => caption.as_deref(),
        _ => None,
    }
}

fn check(files: &[ConversationFile], content: &SmsContent) {
    let expected = &content.expected;
    let messages = || files.iter().flat_map(|file| &file.messages);
    assert_eq!(messages().count() as u64, expected.messages);
    let read: BTreeMap<(&str, i64), _> = messages().map(|m| ((m.source.table.as_ref(), m.source.row), m)).collect();
    for row in content.sms.iter().filter(|row| matches!(row.kind, 1 | 2)) {
        let message = read[&("sms", row.id)];
        assert_eq!(text(&message.body), row.body.as_deref(), "row {}", row.id);
        assert_eq!(message.direction, if row.kind == 1 { Direction::Received } else { Direction::Sent });
        // Of a message that says nothing all that its row has stands in its body.
        let kept = if let Body::Unknown { raw, .. } = &message.body { raw } else { &message.uninterpreted };
        assert_eq!(kept["sms.sub_id"], row.sim.to_string());
    }
    for row in content.mms.iter().filter(|row| row.message_type != 130) {
        let message = read[&("mms", row.id)];
        let said: String = row.parts.iter().filter(|p| p.media_type == "text/plain").filter_map(|p| p.text.as_deref()).collect();
        assert_eq!(text(&message.body).unwrap_or_default(), said, "message {}", row.id);
        assert_eq!(message.sent.raw, row.date, "seconds stay seconds");
    }
    let known: Vec<&str> = content.contacts.iter().map(|(number, _)| number.as_str()).collect();
    for person in files.iter().flat_map(|file| &file.conversation.participants) {
        let is_known = person.number.as_deref().is_some_and(|number| known.contains(&number));
        assert_eq!(!person.names.is_empty(), is_known);
        assert!(person.names.iter().all(|name| name.origin == NameOrigin::PhoneContacts));
    }
}

/// Every attachment lies beside its conversation, as the phone has it.
fn attachments_are_there(desk: &Desk, files: &[ConversationFile], content: &SmsContent) {
    let parts: Vec<_> = content.mms.iter().flat_map(|row| &row.parts).filter_map(|part| part.bytes.as_ref()).collect();
    let mut seen = 0;
    for attachment in files.iter().flat_map(|f| &f.messages).flat_map(|m| &m.attachments) {
        let AttachmentState::Present { file, .. } = &attachment.state else { panic!("{:?}", attachment.state) };
        assert!(file.ends_with(".jpg"), "{file}");
        let held = fs::read(desk.at("open-sms/sms").join(file)).unwrap();
        assert!(parts.iter().any(|part| part.to_vec() == held));
        seen += 1;
    }
    assert_eq!(seen, content.expected.attachments);
}

#[test]
fn sms_and_mms_over_the_cable_reach_a_verified_seal() {
    let (content, desk) = (content(true), only());
    let phone = phone(&content, |phone| phone);
    // A message without any text is in the records as it is, and is a finding.
    let told = desk.readout().over(&phone).json().go().ends_with(3);
    assert_eq!(told.event("counts")["messages"], content.expected.messages);
    desk.verifies(&desk.seal()).ends_with(0).says("Zegel: ongeschonden").says("Uitlezing: volledig volgens plan");
    let files = desk.conversations("sms");
    check(&files, &content);
    attachments_are_there(&desk, &files, &content);
    let report = desk.report();
    assert!(report.gaps.is_empty(), "{:?}", report.gaps);
    let verdict = &report.verdicts[0];
    assert_eq!(verdict.account_default, AccountDefault::HolderMustShow);
    assert!(verdict.holder_must_show() && verdict.others.contains_key("one-time-codes") && verdict.others.contains_key("bin"));
    for number in content.contacts.iter().map(|(number, _)| number) {
        assert!(!told.out.contains(number.as_str()) && !told.err.contains(number.as_str()), "a number on the screen");
    }
}

#[test]
fn a_phone_that_refuses_with_exit_0_is_refused_and_whatsapp_beside_it_is_read() {
    let (content, desk) = (content(false), desk("whatsapp = true\nsms = true"));
    let refuse = |mut provider: Provider| {
        provider.refused = Some("Permission Denial: reading com.android.providers.telephony".into());
        provider
    };
    let phone = phone(&content, |phone| content.providers().into_iter().map(refuse).fold(phone, Builder::provider));
    desk.reads(&phone).shown_off().go().ends_with(6);
    let report = desk.report();
    let refused = report.gaps.iter().find(|gap| gap.subject == Subject::Evidence("msgstore".into())).unwrap();
    assert_eq!((refused.reason, refused.detail.as_str()), (GapReason::Refused, "sms"));
    assert!(report.apps.iter().any(|app| app.app == "whatsapp" && app.records.is_some()));
    assert!(report.apps.iter().any(|app| app.app == "sms" && app.records.is_none()));
}

#[test]
fn messages_that_come_and_go_while_it_reads_and_a_closed_profile_are_told() {
    let (content, desk) = (content(false), only());
    let row = content.sms.iter().filter(|row| matches!(row.kind, 1 | 2)).nth(300).unwrap().id;
    let phone = phone(&content, |phone| {
        let gone = Fault::Provider {
            uri: "content://sms".into(),
            // The only page of the pull.
            query: 9,
            what: Happening::Sql(format!("DELETE FROM t WHERE _id = {row}")),
        };
        phone.user(User::work_profile(true)).fault(gone, Times::Only(1))
    });
    desk.readout().over(&phone).go().ends_with(6);
    let report = desk.report();
    assert!(report.gaps.iter().any(|gap| gap.reason == GapReason::Refused && gap.detail == "sms"), "{:?}", report.gaps);
    let records = report.apps[0].records.as_ref().unwrap();
    assert_eq!(records.messages, content.expected.messages - 1);
}

#[test]
fn a_run_that_was_killed_goes_on_and_holds_the_same() {
    let content = content(false);
    let phone = phone(&content, |phone| phone);
    let whole = only();
    whole.readout().over(&phone).go().ends_with(8);
    let desk = only();
    killed_at(desk.readout().over(&phone).json().start(), "stage\",\"stage\":\"media");
    desk.runs(["resume"]).over(&phone).go().ends_with(8);
    same(&opened(&whole), &opened(&desk));
}

/// The bytes of every part that a phone holds, by the number of its message.
fn parts(content: &SmsContent) -> BTreeMap<i64, Vec<u8>> {
    let parts = content.mms.iter().flat_map(|row| row.parts.iter().map(move |part| (row.id, part)));
    parts.filter_map(|(id, part)| Some((id, part.bytes.as_ref()?.to_vec()))).collect()
}

/// What was asked of a phone by the number of a part.
fn asked_for_parts(phone: &Phone) -> usize {
    phone.device.asked().commands.iter().filter(|line| line.contains("content read ")).count()
}

#[test]
fn parts_that_an_earlier_seal_holds_are_not_asked_again_unless_their_number_is_given_to_another() {
    let (all, desk) = (content(false), only());
    let mut first_week = all.clone();
    let at = first_week.mms.len() - 12;
    first_week.mms.truncate(at);
    let (before, now) = (parts(&first_week), parts(&all));
    assert!(before.len() > 20 && before.len() < now.len());
    let read = |content: &SmsContent, into: &str| {
        let phone = phone(content, |phone| phone);
        let seals = desk.seals();
        desk.readout().over(&phone).go().ends_with(8);
        let seal = desk.seals().into_iter().find(|seal| !seals.contains(seal)).unwrap();
        desk.unseals(&seal, "verantwoording", "div.txt", &format!("verslag-{into}")).go().ends_with(0);
        let report = fs::read(desk.at(&format!("verslag-{into}")).join("verantwoording/verslag.json")).unwrap();
        let report: uitlezen_readout::Report = serde_json::from_slice(&report).unwrap();
        desk.unseals(&seal, "gesprekken", "div.txt", into).go().ends_with(0);
        let files = super::files_below(&desk.at(into).join("sms"));
        let files = files.iter().filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("gesprek-"));
        let mut opened = BTreeMap::new();
        for file in files.map(|path| serde_json::from_slice::<ConversationFile>(&fs::read(path).unwrap()).unwrap()) {
            for (message, attachment) in file.messages.iter().flat_map(|m| m.attachments.iter().map(move |a| (m, a))) {
                let here = match &attachment.state {
                    AttachmentState::Present { file, .. } => file,
                    AttachmentState::HeldIn { file, .. } => file.as_ref().unwrap(),
                    other => panic!("{other:?}"),
                };
                assert!(here.ends_with(".jpg"), "{here}");
                opened.insert(message.source.row, fs::read(desk.at(into).join("sms").join(here)).unwrap());
            }
        }
        (report.apps[0].attachments, asked_for_parts(&phone), opened)
    };
    let (counts, asked, opened) = read(&first_week, "week-1");
    assert_eq!((counts.present, counts.held, asked), (before.len() as u64, 0, before.len()));
    assert!(opened == before);
    let (counts, asked, opened) = read(&all, "week-2");
    let new = now.len() - before.len();
    assert_eq!((counts.present, counts.held, asked), (new as u64, before.len() as u64, new));
    assert_eq!(counts.held_bytes, before.values().map(|bytes| bytes.len() as u64).sum::<u64>());
    assert!(opened == now, "opened with the first at hand it is all there");
    // The phone's messages were restored, say: the same numbers, and other files under them.
    let mut restored = all.clone();
    let with_file = |row: &&mut uitlezen_twin::content::sms::MmsRow| row.parts.iter().any(|part| part.bytes.is_some());
    let other = now.values().last().unwrap().clone();
    let row = restored.mms.iter_mut().find(with_file).unwrap();
    row.date += 1;
    let id = row.id;
    let part = row.parts.iter_mut().find(|part| part.bytes.is_some()).unwrap();
    part.bytes = Some(uitlezen_twin::content::VirtualFile::from_bytes(other.clone(), 0));
    let (counts, asked, opened) = read(&restored, "week-3");
    assert_eq!((counts.present, counts.held, asked), (1, now.len() as u64 - 1, 1));
    assert_eq!(opened[&id], other);
}
