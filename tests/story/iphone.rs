//! An iPhone's backup that was made to a folder: whose it is, opened with its password, read and sealed.

use super::{
    counting::messages,
    desk::{Call, Desk},
    outcome::Outcome,
    search::{Word, find},
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use uitlezen_chat::{AttachmentState, Body};
use uitlezen_check::{AccountDefault, GapReason, Subject};
use uitlezen_twin::{
    backup::{App, BackupFacts, BackupFile, BackupImage, Layout, Rounds},
    content::iphone::{
        messages::{Keep, Messages, MessagesOptions, generate},
        threema::{self, ThreemaKind, ThreemaOptions},
        whatsapp::{self, WhatsAppOptions},
    },
};

const UDID: &str = "00008140-001A2B3C4D5E6F70";
const PASSWORD: &str = "Zeven-groene-fietsen";
const CANARY: &str = "KANARIE-4b81d2e6";

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

fn options() -> MessagesOptions {
    MessagesOptions { messages: 400, now: now() - 3600, oddities: false, ..MessagesOptions::default() }
}

fn facts() -> BackupFacts {
    BackupFacts {
        udid: UDID.into(),
        name: "iPhone van de wethouder".into(),
        product: "iPhone17,1".into(),
        ios: "26.1".into(),
        build: "23B85".into(),
        serial: "TWINPHONE01".into(),
        date: now() - 1800,
        apps: Vec::new(),
        rounds: Rounds { first: 1000, second: 1000 },
        full: true,
        snapshot_state: "finished".into(),
    }
}

/// A desk whose official has an iPhone, with a plan for its messages.
fn desk() -> Desk {
    let desk = Desk::ready();
    desk.registers(["set", "phone", UDID, "official=wethouder-1", "platform=iphone"]).go().ends_with(0);
    desk.plan_says("serial = \"TWIN0001\"\nplatform = \"android\"", &format!("serial = \"{UDID}\"\nplatform = \"iphone\""));
    desk.plan_says("whatsapp = true\nwhatsapp_business = false", "imessage = true");
    desk
}

fn backed_up(desk: &Desk, made: &Messages, facts: &BackupFacts, password: Option<&str>) -> PathBuf {
    let folder = desk.at("reservekopie");
    fs::create_dir(&folder).unwrap();
    let image = BackupImage::build(made.files.clone(), facts, password, 7).unwrap();
    image.write_folder(&folder, Layout::Split).unwrap();
    folder
}

fn from(desk: &Desk, folder: &PathBuf) -> Call {
    desk.readout().with("--from").with(folder)
}

fn with_password(desk: &Desk, folder: &PathBuf, password: &str) -> Outcome {
    from(desk, folder).with("--secret").with(desk.secret("iphone-backup", password)).go()
}

#[test]
fn the_messages_of_an_encrypted_backup_are_sealed_whole() {
    let desk = desk();
    let made = generate(&options()).unwrap();
    let folder = backed_up(&desk, &made, &facts(), Some(PASSWORD));
    // Voice messages go after two minutes unless the phone is told otherwise, and no backup says which.
    let told = with_password(&desk, &folder, PASSWORD);
    assert!(matches!(told.code, Some(3 | 8)), "{:?}\n{}", told.code, told.err);
    desk.verifies(&desk.seal()).ends_with(0).says("Zegel: ongeschonden");
    let conversations = desk.conversations("imessage");
    let expected = &made.expected;
    assert_eq!(conversations.len() as u64, expected.conversations);
    let all: Vec<_> = messages(&conversations).collect();
    assert_eq!(all.len() as u64, expected.messages);
    let texts: BTreeMap<String, String> = all
        .iter()
        .filter_map(|message| match &message.body {
            Body::Text { text, .. } => Some((message.id.0.clone(), text.clone())),
            _ => None,
        })
        .collect();
    let (mut same, mut other) = (0, 0);
    for (id, text) in &expected.texts {
        match texts.get(id) {
            Some(found) if found == text => same += 1,
            Some(_) => other += 1,
            None => {}
        }
    }
    assert_eq!(other, 0, "of {same} texts");
    assert!(same > 200, "{same}");
    let present = all.iter().flat_map(|m| &m.attachments).filter(|a| matches!(a.state, AttachmentState::Present { .. })).count();
    assert_eq!(present as u64, expected.files_present);
    let report = desk.report();
    let phone = report.phone.unwrap();
    assert_eq!((phone.ios.known().unwrap().as_str(), phone.serial.known().unwrap().as_str()), ("26.1", UDID));
    let verdict = &report.verdicts[0];
    assert_eq!(verdict.account_default, AccountDefault::Set { seconds: 0 });
    assert!(verdict.holder_must_show(), "voice messages");
    let records = report.apps[0].records.as_ref().unwrap();
    assert_eq!(records.recently_deleted.messages, expected.recently_deleted);
}

#[test]
fn a_backup_that_is_not_encrypted_gives_the_same_and_one_that_keeps_for_a_month_is_a_finding() {
    let desk = desk();
    let made = generate(&MessagesOptions { keep: Keep::Days(30), ..options() }).unwrap();
    let folder = backed_up(&desk, &made, &facts(), None);
    from(&desk, &folder).go().ends_with(3);
    let conversations = desk.conversations("imessage");
    assert_eq!(messages(&conversations).count() as u64, made.expected.messages);
    let verdict = desk.report().verdicts.remove(0);
    assert_eq!(verdict.account_default, AccountDefault::Set { seconds: 30 * 86_400 });
    assert!(verdict.is_on());
}

#[test]
fn the_settings_of_a_backup_are_looked_at_without_a_seal_and_those_of_a_phone_by_a_readout() {
    let desk = desk();
    let made = generate(&MessagesOptions { keep: Keep::Days(30), messages: 20, ..options() }).unwrap();
    let folder = backed_up(&desk, &made, &facts(), Some(PASSWORD));
    let settings = || desk.settings().with("--secret").with(desk.secret("iphone-backup", PASSWORD));
    settings().with("--from").with(&folder).go().ends_with(3).says("30 dagen");
    settings().go().ends_with(2).says("in zijn reservekopie");
    desk.nothing_sealed();
}

#[test]
fn another_phones_backup_a_wrong_password_none_and_damage_are_four_answers_and_seal_nothing() {
    let desk = desk();
    let made = generate(&MessagesOptions { messages: 20, ..options() }).unwrap();
    let other = BackupFacts { udid: "00008140-0000000000000001".into(), ..facts() };
    let folder = backed_up(&desk, &made, &other, None);
    from(&desk, &folder).go().ends_with(7).says("andere telefoon");
    fs::remove_dir_all(&folder).unwrap();
    let folder = backed_up(&desk, &made, &facts(), Some(PASSWORD));
    from(&desk, &folder).go().ends_with(7).says("versleuteld, en er is geen wachtwoord gegeven").says("Vraag de houder");
    with_password(&desk, &folder, "Zes-groene-fietsen").ends_with(7).says("niet het wachtwoord van deze reservekopie");
    let manifest = folder.join(UDID).join("Manifest.db");
    let whole = fs::read(&manifest).unwrap();
    fs::write(&manifest, &whole[..whole.len() / 2 + 5]).unwrap();
    with_password(&desk, &folder, PASSWORD).ends_with(7).says("beschadigd of niet compleet");
    desk.nothing_sealed();
    assert!(desk.unfinished().is_empty());
    fs::write(&manifest, whole).unwrap();
    with_password(&desk, &folder, PASSWORD);
    desk.seal();
}

#[test]
fn a_backup_that_was_not_finished_or_lacks_files_is_not_whole() {
    let desk = desk();
    let made = generate(&options()).unwrap();
    let folder = backed_up(&desk, &made, &BackupFacts { snapshot_state: "uploading".into(), ..facts() }, None);
    from(&desk, &folder).go().ends_with(6).says("ONVOLLEDIG");
    let sealed = desk.seal();
    fs::remove_file(&sealed).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    let folder = backed_up(&desk, &made, &facts(), None);
    let of_media = made.files.iter().find(|file| file.domain == "MediaDomain" && file.path.contains("Attachments/")).unwrap();
    let id = uitlezen_twin::backup::file_id(&of_media.domain, &of_media.path);
    fs::remove_file(folder.join(UDID).join(&id[..2]).join(&id)).unwrap();
    from(&desk, &folder).go().ends_with(6).says("ONVOLLEDIG");
}

#[test]
fn nothing_of_an_iphone_sings_outside_its_role() {
    let desk = desk();
    let made = generate(&MessagesOptions { canary: Some(CANARY.into()), ..options() }).unwrap();
    assert!(made.expected.canary_texts > 0);
    let folder = backed_up(&desk, &made, &facts(), Some(PASSWORD));
    let told = with_password(&desk, &folder, PASSWORD);
    let words = [Word::new(CANARY), Word::new(PASSWORD), Word::new("iPhone van de wethouder")];
    assert_eq!(find(&words, told.out.as_bytes()), None);
    assert_eq!(find(&words, told.err.as_bytes()), None);
    desk.unseals(&desk.seal(), "verantwoording", "div.txt", "v").go().ends_with(0);
    desk.unseals(&desk.seal(), "gesprekken", "div.txt", "g").go().ends_with(0);
    for place in [desk.out(), desk.state(), desk.at("v")] {
        for file in super::files_below(&place) {
            assert_eq!(find(&words, &fs::read(&file).unwrap()), None, "in {}", file.display());
        }
    }
    assert!(super::files_below(&desk.at("g")).iter().any(|f| find(&words[..1], &fs::read(f).unwrap()).is_some()));
}

#[test]
fn a_whatsapp_that_is_installed_and_not_in_the_backup_is_told_from_one_that_is_not_there() {
    let desk = desk();
    desk.plan_says("imessage = true", "imessage = true\nwhatsapp = true\nwhatsapp_business = true");
    let made = generate(&MessagesOptions { messages: 20, ..options() }).unwrap();
    let installed = App { bundle: "net.whatsapp.WhatsApp".into(), version: "25.1".into() };
    let folder = backed_up(&desk, &made, &BackupFacts { apps: vec![installed], ..facts() }, None);
    from(&desk, &folder).go().ends_with(6);
    let gaps = desk.report().gaps;
    let of = |app: &str| gaps.iter().find(|gap| gap.subject == Subject::App(app.into())).map(|gap| gap.reason);
    assert_eq!(of("whatsapp"), Some(GapReason::Locked), "its own end-to-end encrypted backup is on");
    assert_eq!(of("whatsapp-business"), Some(GapReason::Absent));
}

fn with_files(made: &Messages, more: &[BackupFile]) -> Messages {
    Messages { files: made.files.iter().chain(more).cloned().collect(), ..made.clone() }
}

#[test]
fn whatsapp_of_a_backup_is_read_beside_the_messages_with_its_timers_by_the_rule() {
    let desk = desk();
    desk.plan_says("imessage = true", "imessage = true\nwhatsapp = true");
    let messages_made = generate(&MessagesOptions { messages: 20, ..options() }).unwrap();
    let made = whatsapp::generate(&WhatsAppOptions { messages: 2_000, now: now() - 3600, ..WhatsAppOptions::default() }).unwrap();
    let folder = backed_up(&desk, &with_files(&messages_made, &made.files), &facts(), Some(PASSWORD));
    let told = with_password(&desk, &folder, PASSWORD);
    assert!(matches!(told.code, Some(3 | 6 | 8)), "{:?}\n{}", told.code, told.err);
    let conversations = desk.conversations("whatsapp");
    let expected = &made.expected;
    assert_eq!(conversations.len() as u64, expected.conversations);
    assert_eq!(messages(&conversations).count() as u64, expected.messages);
    let present = messages(&conversations).flat_map(|m| &m.attachments);
    let present = present.filter(|a| matches!(a.state, AttachmentState::Present { .. })).count();
    assert_eq!(present as u64, expected.files_present);
    let verdict = desk.report().verdicts.into_iter().find(|v| v.app == "whatsapp").unwrap();
    let weaker = expected.timers.values().filter(|timer| *timer == "off contact-record").count();
    assert_eq!(verdict.off_by_contact_only().count(), weaker);
    assert!(weaker > 0, "{:?}", expected.timers);
    assert!(verdict.is_on() && verdict.holder_must_show());
    told.says("notitie bij het contact");
}

#[test]
fn threema_of_a_backup_is_read_with_how_long_it_keeps_its_messages() {
    // What a holder set, what an administrator forces, and what must still be shown.
    let set = |days: u64| AccountDefault::Set { seconds: days * 86_400 };
    for (kind, app, keep, forced, expected, unseen) in [
        (ThreemaKind::Threema, "threema", Some(-1), None, set(0), false),
        (ThreemaKind::Work, "threema-work", Some(-1), Some(30), set(30), false),
        (ThreemaKind::Work, "threema-work", None, None, AccountDefault::NeverSet, true),
    ] {
        let desk = desk();
        desk.plan_says("imessage = true", &format!("{} = true", app.replace('-', "_")));
        let made = threema::generate(&ThreemaOptions {
            messages: 300,
            now: now() - 3600,
            kind,
            keep_days: keep,
            forced_days: forced,
            oddities: false,
            ..ThreemaOptions::default()
        })
        .unwrap();
        let none = generate(&MessagesOptions { messages: 1, ..options() }).unwrap();
        let installed = App { bundle: kind.bundle().into(), version: "6.8".into() };
        let facts = BackupFacts { apps: vec![installed], ..facts() };
        let folder = backed_up(&desk, &with_files(&none, &made.files), &facts, Some(PASSWORD));
        let told = with_password(&desk, &folder, PASSWORD);
        // Some of the files that messages name are not in the backup.
        assert!(made.expected.files_present < made.expected.files_named);
        // And others lie in the database, from where they are not taken.
        assert_eq!(told.code, Some(6), "{app}\n{}\n{}", told.out, told.err);
        assert!(desk.report().gaps.iter().any(|gap| gap.detail == "attachments-inside-the-database"));
        let conversations = desk.conversations(app);
        assert_eq!(conversations.len() as u64, made.expected.conversations);
        let all: Vec<_> = messages(&conversations).collect();
        assert_eq!(all.len() as u64, made.expected.messages);
        let texts = all.iter().filter(|m| matches!(m.body, Body::Text { .. })).count();
        assert_eq!(texts as u64, made.expected.by_kind["text"]);
        let present = all.iter().flat_map(|m| &m.attachments).filter(|a| matches!(a.state, AttachmentState::Present { .. }));
        assert_eq!(present.count() as u64, made.expected.files_present);
        let report = desk.report();
        let verdict = &report.verdicts[0];
        assert_eq!((verdict.app.as_str(), &verdict.account_default), (app, &expected));
        assert_eq!(verdict.others.contains_key("administrator"), unseen);
        if unseen {
            told.says("of de beheerder berichten na een tijd laat wissen");
        }
    }
}

#[test]
fn a_threema_that_is_installed_and_not_in_the_backup_is_told_from_one_that_is_not_there() {
    let desk = desk();
    desk.plan_says("imessage = true", "imessage = true\nthreema = true\nthreema_work = true");
    let made = generate(&MessagesOptions { messages: 20, ..options() }).unwrap();
    let installed = App { bundle: ThreemaKind::Work.bundle().into(), version: "6.8".into() };
    let folder = backed_up(&desk, &made, &BackupFacts { apps: vec![installed], ..facts() }, None);
    from(&desk, &folder).go().ends_with(6);
    let gaps = desk.report().gaps;
    let of = |app: &str| gaps.iter().find(|gap| gap.subject == Subject::App(app.into())).map(|gap| gap.reason);
    assert_eq!(of("threema-work"), Some(GapReason::Refused), "an administrator can keep it out of every backup");
    assert_eq!(of("threema"), Some(GapReason::Absent));
    desk.unseals(&desk.seal(), "verantwoording", "div.txt", "v").go().ends_with(0);
    let page = super::files_below(&desk.at("v")).into_iter().find(|f| f.extension().is_some_and(|e| e == "html")).unwrap();
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("Threema Work"), "the statement names it");
}

/// Somebody else's backup of a real phone, with databases that its publisher made up.
#[test]
fn a_published_backup_is_read_with_what_it_lacks_named() {
    let published =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/testdata/ios-backup/mvt-project+mvt/tests/artifacts/ios_backup");
    if !Path::new(published).exists() {
        return super::skip("UITLEZEN_REQUIRE_TESTDATA", "the published backup of an iPhone is not here");
    }
    let desk = Desk::ready();
    let udid = "1cb128eafa77c5be74283e9a3a2130af36a3c059";
    desk.registers(["set", "phone", udid, "official=wethouder-1", "platform=iphone"]).go().ends_with(0);
    desk.plan_says("serial = \"TWIN0001\"\nplatform = \"android\"", &format!("serial = \"{udid}\"\nplatform = \"iphone\""));
    desk.plan_says("whatsapp_business = false", "imessage = true");
    // Eleven files of more than a thousand were published.
    from(&desk, &published.into()).go().ends_with(6).says("ONVOLLEDIG");
    let report = desk.report();
    assert!(report.blind.broken_files > 0);
    let records = |app: &str| report.apps.iter().find(|a| a.app == app).unwrap().records.as_ref().unwrap();
    assert_eq!((records("whatsapp").conversations, records("whatsapp").messages), (2, 3));
    assert!(records("imessage").messages > 0);
    assert_eq!(report.phone.unwrap().ios.known().unwrap(), "14.3");
    assert_eq!(desk.conversations("whatsapp").len(), 2);
}
