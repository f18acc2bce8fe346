//! Signal, out of the backups that its holder makes: the file of the older app and the folder of the newer one.

use super::{
    desk::{Call, Desk, REGISTER},
    phone::{Phone, ROOT, nothing_to_find, plain, usual},
    resumed::{killed_at, opened, same},
};
use std::{collections::BTreeMap, fs, sync::Arc};
use uitlezen_chat::{AttachmentState, ConversationFile, ConversationKind};
use uitlezen_check::{AccountDefault, GapReason, Subject};
use uitlezen_evidence::Bytes;
use uitlezen_signal_backup::legacy::{Backup, Frame, Passphrase};
use uitlezen_twin::content::{
    Options,
    signal::{SignalContent, SignalOptions, generate},
};

/// Seven hours ago.
fn made() -> i64 {
    jiff::Timestamp::now().as_second() - 7 * 3600
}

fn content(messages: u64) -> SignalContent {
    generate(&SignalOptions::made_at(made(), messages)).unwrap()
}

fn desk() -> Desk {
    let desk = Desk::ready();
    desk.plan_says("whatsapp = true", "whatsapp = false\nsignal = true");
    desk
}

fn reads(desk: &Desk, phone: &Phone, secret: &str, value: &str) -> Call {
    desk.readout().over(phone).with("--secret").with(desk.secret(secret, value))
}

fn check(files: &[ConversationFile], content: &SignalContent) {
    let expected = &content.expected;
    let messages = || files.iter().flat_map(|file| &file.messages);
    assert_eq!(files.len() as u64, expected.conversations);
    let mut by_kind = BTreeMap::new();
    for message in messages() {
        let body = serde_json::to_value(&message.body).unwrap();
        *by_kind.entry(body["kind"].as_str().unwrap().to_owned()).or_insert(0_u64) += 1;
    }
    assert_eq!(by_kind, expected.by_kind);
    assert_eq!(messages().filter(|m| m.edited.is_some()).count() as u64, expected.edited);
    assert_eq!(messages().map(|m| m.reactions.len() as u64).sum::<u64>(), expected.reactions);
    let present = messages().flat_map(|m| &m.attachments).filter(|a| matches!(a.state, AttachmentState::Present { .. }));
    assert_eq!(present.count() as u64, expected.attachments);
}

/// Every attachment lies beside its conversation with the digest that the record has.
fn attachments_are_there(desk: &Desk, files: &[ConversationFile]) {
    use sha2::Digest;
    let mut seen = 0;
    for attachment in files.iter().flat_map(|f| &f.messages).flat_map(|m| &m.attachments) {
        let AttachmentState::Present { file, bytes, sha256 } = &attachment.state else { continue };
        assert!(file.ends_with(".jpg"), "{file}");
        let held = fs::read(desk.at("open-signal/signal").join(file)).unwrap();
        assert_eq!((held.len() as u64, hex::encode(sha2::Sha256::digest(&held))), (*bytes, sha256.clone()));
        seen += 1;
    }
    assert!(seen > 0);
}

/// No secret of the account, and no key of a file, in anything that was opened.
fn no_secret_came_out(desk: &Desk, content: &SignalContent) {
    for file in super::files_below(&desk.at("open-signal")) {
        let bytes = fs::read(&file).unwrap();
        for secret in &content.expected.secrets {
            for form in [secret.clone(), hex::encode(secret).into_bytes()] {
                assert!(!bytes.windows(form.len()).any(|window| window == form), "{}", file.display());
            }
        }
    }
}

#[test]
fn a_backup_file_is_found_by_what_it_is_and_read_into_a_seal() {
    let (content, desk) = (content(400), desk());
    let phone = Phone::with_signal(&nothing_to_find(), content.clone(), true);
    let told = reads(&desk, &phone, "signal-passphrase", &content.passphrase).json().go().ends_with(3);
    assert_eq!(told.event("counts")["messages"], content.expected.messages);
    let backup = told.event("backup");
    assert_eq!((backup["kind"].as_str(), backup["age_hours"].as_u64()), (Some("signal-file"), Some(7)));
    desk.verifies(&desk.seal()).ends_with(0).says("Zegel: ongeschonden").says("Uitlezing: volledig volgens plan");
    let files = desk.conversations("signal");
    check(&files, &content);
    attachments_are_there(&desk, &files);
    no_secret_came_out(&desk, &content);
    let report = desk.report();
    assert!(report.gaps.is_empty(), "{:?}", report.gaps);
    let verdict = &report.verdicts[0];
    let on = content.expected.timers.iter().filter(|timer| **timer > 0).count();
    assert_eq!(verdict.on().count(), on);
    assert_eq!(verdict.without_evidence().count(), 0);
}

#[test]
fn a_backup_folder_is_found_wherever_it_was_put_and_read_into_a_seal() {
    let (content, desk) = (content(400), desk());
    let phone = Phone::with_signal(&nothing_to_find(), content.clone(), false);
    let told = reads(&desk, &phone, "signal-recovery-key", &content.recovery_key).json().go().ends_with(3);
    assert_eq!(told.event("counts")["messages"], content.expected.messages);
    assert_eq!(told.event("backup")["kind"], "signal-folder");
    desk.verifies(&desk.seal()).ends_with(0).says("Uitlezing: volledig volgens plan");
    let files = desk.conversations("signal");
    check(&files, &content);
    attachments_are_there(&desk, &files);
    no_secret_came_out(&desk, &content);
    let report = desk.report();
    assert!(report.gaps.is_empty(), "{:?}", report.gaps);
    // How long messages are kept is not in this kind of backup.
    let others = &report.verdicts[0].others;
    assert_eq!(others.len(), 2);
    assert!(others.values().all(|other| *other == AccountDefault::HolderMustShow), "{others:?}");
}

#[test]
fn a_passphrase_that_does_not_open_it_is_told_before_anything_is_fetched() {
    let (content, desk) = (content(2_000), desk());
    let phone = Phone::with_signal(&nothing_to_find(), content.clone(), true);
    let wrong = reads(&desk, &phone, "signal-passphrase", &"7".repeat(30)).go().ends_with(7);
    wrong.says("De wachtwoordzin opent de reservekopie van Signal niet").says("Nu doen:");
    let none = desk.readout().over(&phone).go().ends_with(7);
    none.says("daarvoor is de wachtwoordzin van 30 cijfers nodig");
    let other = reads(&desk, &phone, "signal-recovery-key", &content.recovery_key).go().ends_with(7);
    other.says("daarvoor is de wachtwoordzin van 30 cijfers nodig");
    desk.nothing_sealed();
    assert!(desk.unfinished().is_empty());
    // Three times how it begins.
    assert!(phone.device.asked().bytes_served < content.file.1.len() as u64);
}

#[test]
fn a_recovery_key_that_does_not_open_it_is_told_and_the_other_app_is_read() {
    let (content, desk) = (content(60), Desk::ready());
    desk.plan_says("whatsapp = true", "whatsapp = true\nsignal = true");
    let phone = Phone::with_signal(&nothing_to_find(), content.clone(), false);
    let wrong = SignalContent { recovery_key: "m".repeat(64), ..content };
    desk.reads(&phone.whose_holder_says(wrong)).shown_off().go().ends_with(6).says("de herstelsleutel past niet");
    let report = desk.report();
    let gap = report.gaps.iter().find(|gap| gap.subject == Subject::App("signal".into())).unwrap();
    assert_eq!((gap.reason, gap.detail.as_str()), (GapReason::Locked, "wrong-recovery-key"));
    assert!(report.apps.iter().any(|app| app.app == "whatsapp" && app.records.is_some()));
}

/// Where a frame begins that holds a statement, about in the middle.
fn frame_in_the_middle(content: &SignalContent) -> usize {
    let bytes: Bytes = Arc::new(content.file.1.clone());
    let backup = Backup::open(bytes).unwrap();
    let keys = backup.keys(&Passphrase::parse(content.passphrase.as_bytes()).unwrap());
    let mut frames = backup.unlock(&keys).unwrap().frames();
    loop {
        let at = frames.position();
        let frame = frames.next().unwrap().expect("it ends behind its middle");
        if at > content.file.1.len() as u64 / 2 && matches!(frame, Frame::Statement(_)) {
            return usize::try_from(at).unwrap();
        }
    }
}

#[test]
fn of_a_file_that_is_damaged_in_the_middle_what_was_read_stays_and_the_seal_says_that_it_is_not_whole() {
    let (mut content, desk) = (content(400), desk());
    let at = frame_in_the_middle(&content);
    content.file.1[at + 10] ^= 1;
    let phone = Phone::with_signal(&nothing_to_find(), content.clone(), true);
    let told = reads(&desk, &phone, "signal-passphrase", &content.passphrase).json().go().ends_with(6);
    assert_eq!(told.event("sealed")["status"], "onvolledig");
    desk.verifies(&desk.seal()).ends_with(0).says("Uitlezing: ONVOLLEDIG");
    let files = desk.conversations("signal");
    let messages = files.iter().map(|file| file.messages.len() as u64).sum::<u64>();
    assert!((100..content.expected.messages).contains(&messages), "{messages}");
    let report = desk.report();
    assert!(
        report.gaps.iter().any(|gap| gap.reason == GapReason::Broken && gap.detail.starts_with("frame ")),
        "{:?}",
        report.gaps
    );
    // Settings stand at its end.
    assert_eq!(report.verdicts[0].account_default, AccountDefault::HolderMustShow);
}

#[test]
fn a_folder_that_was_made_on_an_iphone_is_read_from_where_it_was_copied() {
    const UDID: &str = "00008140-001A2B3C4D5E6F70";
    let (content, desk) = (content(400), Desk::ready());
    desk.registers(["set", "phone", UDID, "official=wethouder-1", "platform=iphone"]).go().ends_with(0);
    desk.plan_says("serial = \"TWIN0001\"\nplatform = \"android\"", &format!("serial = \"{UDID}\"\nplatform = \"iphone\""));
    desk.plan_says("whatsapp = true\nwhatsapp_business = false", "signal = true");
    let from = desk.at("stick");
    for (path, bytes) in &content.folder {
        let path = from.join("Van de iPhone").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let call = || desk.readout().with("--from").with(&from).with("--secret");
    call()
        .with(desk.secret("signal-recovery-key", "m".repeat(64)))
        .go()
        .ends_with(7)
        .says("De herstelsleutel opent de reservekopie");
    // As the app shows it: capitals, four by four, with a sign of its own for two letters.
    let shown: String = content.recovery_key.to_uppercase().replace('O', "#").replace('0', "=");
    let shown: Vec<&str> = (0..16).map(|n| &shown[n * 4..n * 4 + 4]).collect();
    call().with(desk.secret("signal-recovery-key", shown.join(" "))).go().ends_with(3);
    let files = desk.conversations("signal");
    check(&files, &content);
    attachments_are_there(&desk, &files);
    assert_eq!(desk.report().phone.unwrap().route, "files");
}

#[test]
fn a_folder_of_files_may_be_nothing_but_one_backup_file() {
    let (content, desk) = (content(60), desk());
    fs::create_dir(desk.at("los")).unwrap();
    fs::write(desk.at("los").join("kopie"), &content.file.1).unwrap();
    let call = desk.readout().with("--from").with(desk.at("los")).with("--secret");
    call.with(desk.secret("signal-passphrase", &content.passphrase)).go();
    check(&desk.conversations("signal"), &content);
}

#[test]
fn a_readable_export_is_never_taken_for_a_backup() {
    let desk = desk();
    fs::create_dir(desk.at("export")).unwrap();
    let line = "{\"version\":\"1\",\"backupTimeMs\":\"1780000000000\"}\n";
    fs::write(desk.at("export/main.jsonl"), format!("{line}{}", "{\"chat\":{}}\n".repeat(20))).unwrap();
    let told = desk.readout().with("--from").with(desk.at("export")).go().ends_with(7);
    told.says("ontbreekt elk bericht met een timer");
    desk.nothing_sealed();
}

#[test]
fn a_run_that_is_killed_while_media_is_brought_out_goes_on_and_ends_as_an_unbroken_one() {
    for file in [true, false] {
        let content = content(400);
        let phone = Phone::with_signal(&usual(), content.clone(), file);
        let wants = |desk: &Desk| {
            desk.plan_says("whatsapp = true", "whatsapp = true\nsignal = true");
        };
        let (usual, desk) = (Desk::ready(), Desk::ready());
        wants(&usual);
        wants(&desk);
        let code = usual.reads(&phone).go().code;
        killed_at(desk.reads(&phone).json().start(), "stage\",\"stage\":\"media");
        // Who mistypes it now loses nothing of what was fetched.
        let wrong = SignalContent { passphrase: "7".repeat(30), recovery_key: "m".repeat(64), ..content.clone() };
        let phone = phone.whose_holder_says(wrong);
        desk.resumes(&phone).go().ends_with(7);
        assert_eq!(desk.unfinished().len(), 1);
        let phone = phone.whose_holder_says(content);
        let resumed = desk.resumes(&phone).go();
        assert_eq!(resumed.code, code, "{}", resumed.err);
        same(&opened(&usual), &opened(&desk));
    }
}

#[test]
fn a_secret_that_opened_a_backup_is_kept_by_choice_and_opens_the_next() {
    let (content, desk) = (content(60), desk());
    let phone = Phone::with_signal(&Options { increments: false, ..plain() }, content.clone(), true);
    let keep = |call: Call, what: &str| call.with("--keep-secret").with(what).with("--chosen-by").with("A. Voorbeeld");
    let call = || reads(&desk, &phone, "signal-passphrase", &content.passphrase);
    keep(call(), "signal-recovery-key").go().says("is niet bewaard");
    keep(call(), "signal-passphrase").go().says("Bewaard in de kluis");
    // Nothing is given now.
    let told = desk.readout().over(&phone).json().go();
    assert_eq!(told.event("counts")["messages"], content.expected.messages);
    desk.says(["keys", "forget", "--app", "signal-passphrase", "--phone", "TWIN0001", "--secret"])
        .with(desk.secret("vault", super::desk::VAULT_PASSPHRASE))
        .go()
        .ends_with(0);
    desk.readout().over(&phone).go().ends_with(7).says("daarvoor is de wachtwoordzin van 30 cijfers nodig");
}

#[test]
fn of_several_backups_the_newest_is_read_and_the_others_are_told() {
    let (older, newer, desk) = (content(60), content(120), desk());
    let phone = Phone::with_signal(&nothing_to_find(), newer.clone(), true);
    let day = 24 * 3600;
    phone.device.change(|tree| {
        tree.file(format!("{ROOT}/Signal/signal-2020-01-02-03-04-05.backup"), Arc::new(older.file.1.clone()), older.made - day);
        for (path, bytes) in &older.folder {
            let path = path.replace("SignalBackups/", "Kopie/");
            tree.file(format!("{ROOT}/{path}"), Arc::new(bytes.clone()), older.made - day);
        }
    });
    let told = reads(&desk, &phone, "signal-passphrase", &newer.passphrase).go();
    told.says("er liggen nog 2 andere reservekopieën");
    check(&desk.conversations("signal"), &newer);
    let others = desk.report().apps[0].others.unwrap();
    assert_eq!((others.files, others.snapshots), (1, 1));
    let page = fs::read_to_string(desk.seal().with_extension("verklaring.html")).unwrap();
    assert!(page.contains("2 oudere of van de andere soort, niet gelezen"));
}

#[test]
fn a_conversation_that_was_decided_to_be_private_is_nowhere() {
    for file in [true, false] {
        let (content, all, apart) = (content(300), desk(), desk());
        let phone = Phone::with_signal(&nothing_to_find(), content, file);
        all.reads(&phone).go();
        let files = all.conversations("signal");
        let private = files.iter().find(|file| file.conversation.kind == ConversationKind::Direct).unwrap();
        let number = private.conversation.participants.iter().find_map(|p| p.number.as_ref().filter(|_| !p.is_holder)).unwrap();
        let decided = format!(
            "{REGISTER}\n[[contacts]]\nid = \"prive-1\"\nname = \"x\"\nidentifiers = [\"{number}\"]\n\n[[decisions]]\nnumber = 1\n\
             contact = \"prive-1\"\nclass = \"prive\"\ndecider = \"archivaris\"\nsecond = \"secretaris\"\nreason = \"gezin\"\n\
             date = 2026-03-09\n"
        );
        fs::write(apart.at("apart.toml"), decided).unwrap();
        apart.registers(["import", "apart.toml"]).go().ends_with(0);
        let told = apart.reads(&phone).json().go();
        assert_eq!(apart.conversations("signal").len() + 1, files.len());
        let left_out = apart.report().apps[0].separation.clone().unwrap().left_out;
        assert_eq!(left_out.len(), 1);
        assert_eq!(left_out[0].amount.messages, private.messages.len() as u64);
        let mut opened = vec![told.out.into_bytes(), told.err.into_bytes()];
        for folder in ["open-signal", "open-verantwoording", "state"] {
            opened.extend(super::files_below(&apart.at(folder)).iter().map(|file| fs::read(file).unwrap()));
        }
        let (one, others) = (&private.conversation.id.0, private.messages.iter().map(|message| &message.id.0));
        for word in others.chain([one]).map(|word| word.as_bytes()) {
            assert!(!opened.iter().any(|bytes| bytes.windows(word.len()).any(|window| window == word)));
        }
    }
}
