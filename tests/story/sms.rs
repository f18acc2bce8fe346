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
