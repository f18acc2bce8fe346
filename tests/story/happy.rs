//! A phone is found, read, sealed; the seal is checked and opened, and everything that was on the phone is in it.

use super::{
    counting::{self, added, assert_same, found, made, messages},
    desk::Desk,
    phone::{Phone, nothing_to_find, plain, quiet, usual},
};
use uitlezen_chat::Participant;
use uitlezen_twin::content::Options;

#[test]
fn a_phone_with_nothing_to_find_is_read_whole_and_ends_with_0() {
    let (desk, phone) = (Desk::ready(), Phone::with(&nothing_to_find()));
    desk.reads(&phone).shown_off().go().ends_with(0).says("Uitlezing: volledig volgens plan");
    let told = desk.verifies(&desk.seal()).ends_with(0);
    let lines: Vec<&str> = told.out.lines().collect();
    assert!(lines[0].starts_with("LAB: "), "{lines:?}");
    assert_eq!(lines[1..], ["Zegel: ongeschonden", "Uitlezing: volledig volgens plan"]);
    assert!(told.err.is_empty(), "{}", told.err);
    let report = desk.report();
    assert!(report.gaps.is_empty(), "{:?}", report.gaps);
}

#[test]
fn a_default_timer_that_nobody_showed_ends_with_8() {
    let (desk, phone) = (Desk::ready(), Phone::with(&nothing_to_find()));
    let told = desk.reads(&phone).json().go().ends_with(8);
    assert_eq!(told.event("finished")["codes"], serde_json::json!(["holder-must-show"]));
    assert_eq!(told.event("sealed")["status"], "volledig");
}

#[test]
fn a_default_timer_that_the_holder_showed_to_be_on_ends_with_3() {
    let (desk, phone) = (Desk::ready(), Phone::with(&nothing_to_find()));
    desk.reads(&phone).with("--shown").with("whatsapp-default-timer=on").go().ends_with(3);
}

#[test]
fn automatic_deletion_that_is_on_ends_with_3_and_is_counted_without_names() {
    let (desk, phone) = (Desk::ready(), Phone::with(&Options { increments: false, ..plain() }));
    let told = desk.reads(&phone).shown_off().json().go().ends_with(3);
    let expected = &phone.content.expected.whatsapp;
    let on = expected.per_conversation.values().filter(|c| c.timer_seconds > 0).count();
    assert!(on > 0);
    let verdict = told.event("verdict");
    let conversations = verdict["conversations"].as_array().unwrap();
    assert_eq!(conversations.iter().filter(|c| c["verdict"] == "on").count(), on);
    assert_eq!(conversations.len() as u64, expected.conversations);
    for name in expected.names.iter().filter_map(|n| n.name.as_ref()) {
        assert!(!told.out.contains(name.as_str()) && !told.err.contains(name.as_str()), "{name} on the screen");
    }
}

#[test]
fn an_increment_with_something_unread_in_it_ends_with_6_and_the_seal_says_so() {
    let (desk, phone) = (Desk::ready(), Phone::with(&Options { unread_entry: true, ..plain() }));
    let told = desk.reads(&phone).json().go().ends_with(6);
    let codes = told.event("finished")["codes"].clone();
    assert_eq!(codes, serde_json::json!(["not-everything", "finding", "holder-must-show"]));
    desk.verifies(&desk.seal()).ends_with(0).says("Zegel: ongeschonden").says("Uitlezing: ONVOLLEDIG");
    let gaps = desk.report().gaps;
    assert!(gaps.iter().any(|g| g.detail == "entries" && g.count == 1), "{gaps:?}");
}

#[test]
fn everything_that_was_on_the_phone_is_in_the_seal() {
    let options = Options { messages: 1_500, increments: false, damaged_media: true, cards_in_lid_chats: true, ..usual() };
    let (desk, phone) = (Desk::ready(), Phone::with(&options));
    let told = desk.reads(&phone).shown_off().json().go().ends_with(3);
    let expected = &phone.content.expected.whatsapp;
    let files = desk.conversations("whatsapp");
    assert_same(&found(&files), &made(expected));
    assert_eq!(told.event("counts")["messages"], expected.messages);
    for (jid, about) in &expected.per_conversation {
        let file =
            files.iter().find(|f| counting::is_under(&f.conversation, jid)).unwrap_or_else(|| panic!("no conversation {jid}"));
        assert_eq!(file.messages.len() as u64, about.messages, "messages of {jid}");
        assert_eq!(counting::timer_seconds(&file.conversation), Some(about.timer_seconds.into()), "timer of {jid}");
        assert_eq!(file.conversation.timer.changes.len() as u64, about.timer_changes, "timer changes of {jid}");
        assert_eq!(file.conversation.title, about.subject, "subject of {jid}");
        let now = file.conversation.membership.iter().filter(|m| m.current).count() as u64;
        if about.kind != "direct" {
            assert_eq!(now, about.members, "members of {jid}");
        }
    }
    let (mut met, mut misnamed) = (0, Vec::new());
    for person in &expected.names {
        let is = |p: &&Participant| p.native.iter().any(|n| n.value == person.jid) && !p.is_holder;
        for participant in files.iter().flat_map(|f| &f.conversation.participants).filter(is) {
            let first = participant.names.first().map(|n| (n.name.clone(), counting::origin(n.origin)));
            if first != person.name.clone().zip(person.origin.clone()) {
                misnamed.push(format!("{}: {first:?}, not {:?} ({:?})", person.jid, person.name, person.origin));
            }
            met += 1;
        }
    }
    assert!(misnamed.is_empty(), "{misnamed:#?}");
    assert!(met as u64 >= expected.direct, "only {met} people of {} were met", expected.names.len());
}

#[test]
fn increments_add_what_is_new_and_keep_both_versions_of_what_changed() {
    let (desk, phone) = (Desk::ready(), Phone::with(&usual()));
    desk.reads(&phone).shown_off().go().ends_with(3);
    let expected = &phone.content.expected.whatsapp;
    let increments = &expected.increments;
    let (new, changed) = (added(increments, |i| i.new), added(increments, |i| i.changed));
    assert!(new > 0 && changed > 0);
    let files = desk.conversations("whatsapp");
    let versions: usize = messages(&files).map(|m| m.earlier.len()).sum();
    assert_eq!((found(&files)["messages"], versions as u64), (expected.messages + new, changed));
    let records = desk.report().apps.remove(0).records.unwrap();
    assert_eq!((records.increments.files, records.increments.new, records.increments.changed), (3, new, changed));
    assert_eq!(records.increments.not_interpreted, 0);
}

#[test]
fn attachments_lie_beside_the_conversation_with_the_bytes_that_the_phone_had() {
    use sha2::Digest;
    let (desk, phone) = (Desk::ready(), Phone::with(&quiet()));
    desk.reads(&phone).go().ends_with(3);
    let files = desk.conversations("whatsapp");
    let mut seen = 0;
    for attachment in messages(&files).flat_map(|m| &m.attachments) {
        if let uitlezen_chat::AttachmentState::Present { file, bytes, sha256 } = &attachment.state {
            let held = std::fs::read(desk.at("open-whatsapp/whatsapp").join(file)).unwrap();
            let path = format!("Android/media/com.whatsapp/WhatsApp/{}", attachment.path.as_ref().unwrap());
            assert_eq!(held, phone.content.files[&path].to_vec());
            assert_eq!((held.len() as u64, hex::encode(sha2::Sha256::digest(&held))), (*bytes, sha256.clone()));
            seen += 1;
        }
    }
    assert_eq!(seen, phone.content.expected.whatsapp.attachments.present);
}

#[test]
fn what_comes_out_obeys_the_shipped_schema() {
    let (desk, phone) = (Desk::ready(), Phone::with(&usual()));
    desk.reads(&phone).go().ends_with(3);
    assert!(!desk.conversations("whatsapp").is_empty());
    if !super::has("python3", &["-c", "import jsonschema"]) {
        return;
    }
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/chat/schema/conversation.schema.json");
    let script = "import json, sys, jsonschema, pathlib
schema = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
files = sorted(pathlib.Path(sys.argv[2]).glob('gesprek-*.json'))
for file in files: schema.validate(json.load(open(file)))
print(len(files))";
    let out = std::process::Command::new("python3")
        .args(["-c", script, schema])
        .arg(desk.at("open-whatsapp/whatsapp"))
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let checked: u64 = String::from_utf8_lossy(&out.stdout).trim().parse().unwrap();
    assert_eq!(checked, phone.content.expected.whatsapp.conversations);
}

#[test]
fn every_conversation_has_a_line_of_context_for_the_whole_and_for_each_day() {
    let (desk, phone) = (Desk::ready(), Phone::with(&Options { increments: false, ..plain() }));
    desk.reads(&phone).go().ends_with(3);
    for file in desk.conversations("whatsapp") {
        let (whole, days) = file.context.split_first().unwrap();
        assert!(whole.day.is_none() && days.iter().all(|line| line.day.is_some()));
        assert_eq!(whole.messages, file.messages.len() as u64);
        assert_eq!(days.iter().map(|line| line.messages).sum::<u64>(), whole.messages);
        assert!(whole.text.starts_with("conversatie "), "{}", whole.text);
        if file.conversation.title.is_none() {
            assert!(whole.text.contains("onderwerp onbekend"), "{}", whole.text);
        }
    }
    let overview = std::fs::read(desk.at("open-whatsapp/whatsapp/overzicht.json")).unwrap();
    let overview: serde_json::Value = serde_json::from_slice(&overview).unwrap();
    assert!(!overview.as_array().unwrap().is_empty());
}

#[test]
fn whatsapp_business_is_read_beside_whatsapp_with_a_key_of_its_own() {
    let (desk, phone) = (Desk::ready(), Phone::with(&Options { with_business: true, ..plain() }));
    desk.plan_says("whatsapp_business = false", "whatsapp_business = true");
    let key = desk.secret("whatsapp-business", &phone.content.business_secrets.as_ref().unwrap().hex64);
    let told = desk.reads(&phone).with("--secret").with(key).json().go().ends_with(3);
    assert_eq!(told.events_called("verdict").len(), 2);
    let expected = &phone.content.expected;
    let business = desk.conversations("whatsapp-business");
    assert_same(&found(&business), &made(expected.business.as_ref().unwrap()));
    assert_eq!(business[0].conversation.app, "whatsapp-business");
    assert_eq!(desk.report().apps.len(), 2);
}

#[test]
fn progress_goes_on_where_the_first_app_left_it() {
    let (desk, phone) = (Desk::ready(), Phone::with(&Options { with_business: true, ..usual() }));
    desk.plan_says("whatsapp_business = false", "whatsapp_business = true");
    let key = desk.secret("whatsapp-business", &phone.content.business_secrets.as_ref().unwrap().hex64);
    let told = desk.reads(&phone).with("--secret").with(key).json().go();
    for stage in ["databases", "media"] {
        let of = |name: &str, what: &str| -> Vec<u64> {
            let events = told.events_called(name);
            events.iter().filter(|e| e["stage"] == stage).map(|e| e[what].as_u64().unwrap()).collect()
        };
        let (totals, done) = (of("expect", "total"), of("progress", "done"));
        assert!(totals.is_sorted() && done.is_sorted(), "{stage}: {totals:?} {done:?}");
        assert_eq!(done.last(), totals.last(), "{stage}: {totals:?} {done:?}");
    }
}

#[test]
fn the_ledger_gets_a_line_for_the_readout_and_one_for_the_opening() {
    let (desk, phone) = (Desk::ready(), Phone::with(&plain()));
    desk.reads(&phone).go().ends_with(3);
    assert!(!desk.conversations("whatsapp").is_empty());
    let ledger = uitlezen_readout::ledger::Ledger::at(&desk.state());
    assert_eq!(ledger.check().unwrap(), uitlezen_readout::ledger::Chain::Whole { lines: 2 });
    let text = std::fs::read_to_string(desk.state().join("ledger.jsonl")).unwrap();
    let seal = desk.seal();
    assert!(text.lines().all(|line| line.contains(seal.file_name().unwrap().to_str().unwrap())), "{text}");
    assert!(!text.contains("Voorbeeld"), "the ledger names the person");
}

#[test]
fn a_second_seal_names_the_one_before_it() {
    let (desk, phone) = (Desk::ready(), Phone::with(&Options { increments: false, ..plain() }));
    let first = desk.reads(&phone).json().go().ends_with(3).event("sealed");
    let second = desk.reads(&phone).json().go().ends_with(3).event("sealed");
    let header = |sealed: &serde_json::Value| {
        let path = desk.out().join(sealed["file"].as_str().unwrap());
        let told =
            desk.says(["verify", "--json"]).with(path).with("--signer").with(desk.at("state/station.pem")).go().ends_with(0);
        told.event("verified")["header"].clone()
    };
    let (a, b) = (header(&first), header(&second));
    assert!(a["previous_of_phone"].is_null() && a["previous_of_station"].is_null(), "{a}");
    assert_eq!(b["previous_of_phone"], first["digest"]);
    assert_eq!(b["previous_of_station"], first["digest"]);
}
