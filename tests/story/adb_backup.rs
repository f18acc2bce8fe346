//! SMS and MMS out of a file that `adb backup` wrote, given with `--from`.

use super::{
    desk::{Call, Desk, REGISTER},
    phone::{folder, plain},
};
use std::{fs, path::PathBuf};
use uitlezen_chat::{Body, ConversationFile, ConversationKind, Direction};
use uitlezen_check::{AccountDefault, GapReason, Status, Subject};
use uitlezen_readout::statement::{Answer, Statement};
use uitlezen_twin::content::{
    Options,
    sms::{SmsBackup, SmsContent, SmsOptions, backup_of_another_app, generate},
};

const PASSWORD: &str = "Zomer op het Binnenhof 9";

fn content() -> SmsContent {
    let now = jiff::Timestamp::now().as_second();
    generate(&SmsOptions { sms: 1_400, mms: 60, now, ..SmsOptions::default() }).unwrap()
}

/// Quick ones, but for the password: that is derived as a phone does it.
fn written(content: &SmsContent, password: Option<&str>, compressed: bool) -> Vec<u8> {
    let how = SmsBackup { password: password.map(str::to_owned), compressed, ..SmsBackup::default() };
    content.backup(&how, 1).unwrap()
}

fn desk() -> Desk {
    let desk = Desk::ready();
    desk.plan_says("whatsapp = true", "whatsapp = false\nsms = true");
    desk
}

fn file(desk: &Desk, name: &str, bytes: &[u8]) -> PathBuf {
    let path = desk.at(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    path
}

fn from(desk: &Desk, path: &std::path::Path) -> Call {
    desk.readout().with("--from").with(path)
}

fn with_password(call: Call, desk: &Desk, password: &str) -> Call {
    call.with("--secret").with(desk.secret("adb-backup-password", password))
}

fn statement(desk: &Desk) -> Statement {
    desk.report();
    let file = desk.at("open-verantwoording/verantwoording/volledigheidsverklaring.json");
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

fn text(body: &Body) -> Option<&str> {
    if let Body::Text { text, .. } = body { Some(text) } else { None }
}

/// Everything with text is there as the phone had it, and nothing else.
fn check(files: &[ConversationFile], content: &SmsContent) {
    let (sms, mms) = content.backed_up();
    let messages = || files.iter().flat_map(|file| &file.messages);
    let of = |table: &str| messages().filter(|m| m.source.table == table).count() as u64;
    assert_eq!((of("sms_backup"), of("mms_backup"), messages().count() as u64), (sms, mms, sms + mms));
    let seen = content.sms.iter().filter(|row| matches!(row.kind, 1 | 2));
    let mut made: Vec<_> = seen.map(|row| (row.date, row.kind == 2, row.body.clone())).collect();
    let one = |m: &uitlezen_chat::Message| {
        let came = m.received.as_ref().unwrap_or(&m.sent).raw;
        (came, m.direction == Direction::Sent, text(&m.body).map(str::to_owned))
    };
    let mut read: Vec<_> = messages().filter(|m| m.source.table == "sms_backup").map(one).collect();
    made.sort();
    read.sort();
    assert_eq!(read, made);
    assert!(messages().all(|message| message.attachments.is_empty()));
    assert!(files.iter().any(|file| file.conversation.kind == ConversationKind::Group));
    // No address book is asked: numbers stay numbers.
    assert!(files.iter().flat_map(|f| &f.conversation.participants).all(|person| person.names.is_empty()));
}

#[test]
fn a_file_of_adb_backup_reaches_a_verified_seal_that_says_what_such_a_file_leaves_out() {
    let (content, desk) = (content(), desk());
    let told = from(&desk, &file(&desk, "backup.ab", &written(&content, None, true))).json().go().ends_with(6);
    let (sms, mms) = content.backed_up();
    assert_eq!(told.event("counts")["messages"], sms + mms);
    assert_eq!(told.event("backup")["kind"], "adb-backup");
    assert_eq!(told.event("sealed")["status"], "onderdelen-geweigerd");
    desk.verifies(&desk.seal()).ends_with(0).says("Zegel: ongeschonden");
    check(&desk.conversations("sms"), &content);
    let report = desk.report();
    let gaps: Vec<_> = report.gaps.iter().map(|gap| (&gap.subject, gap.reason, gap.detail.as_str())).collect();
    assert_eq!(gaps, [(&Subject::App("sms".into()), GapReason::Refused, "left-out-of-adb-backup")]);
    let verdict = &report.verdicts[0];
    assert_eq!(verdict.account_default, AccountDefault::HolderMustShow);
    assert!(verdict.others.contains_key("one-time-codes") && verdict.others.contains_key("bin"));
    let statement = statement(&desk);
    assert_eq!(statement.apps[0].answer, Answer::Read);
    let spots: Vec<&str> = statement.blind_spots.spots.iter().map(|spot| spot.id.as_str()).collect();
    assert!(spots.contains(&"adb-backup-attachments") && spots.contains(&"adb-backup-oldest"), "{spots:?}");
    assert!(!spots.contains(&"sms-not-shown-to-the-cable"), "no phone was asked: {spots:?}");
    let page = fs::read_to_string(desk.seal().with_extension("verklaring.html")).unwrap();
    assert!(page.contains("bijlagen van mms"));
}

#[test]
fn an_encrypted_one_is_known_by_how_it_begins_and_opened_with_its_password() {
    let (content, open, desk) = (content(), desk(), desk());
    from(&open, &file(&open, "los/kopie", &written(&content, None, true))).go().ends_with(6);
    let bytes = written(&content, Some(PASSWORD), true);
    let path = file(&desk, "map/Van mij/vakantie.dat", &bytes);
    let folder = desk.at("map");
    for call in [from(&desk, &folder), from(&desk, &path)] {
        call.go().ends_with(7).says("is versleuteld").says("--secret adb-backup-password=@");
    }
    for call in [from(&desk, &folder), from(&desk, &path)] {
        let wrong = with_password(call, &desk, "Winter op het Binnenhof 9").go().ends_with(7);
        wrong.says("Het wachtwoord opent het bestand van adb backup niet").says("Nu doen:");
    }
    desk.nothing_sealed();
    assert!(desk.unfinished().is_empty());
    with_password(from(&desk, &folder), &desk, PASSWORD).go().ends_with(6);
    check(&desk.conversations("sms"), &content);
    let records = |desk: &Desk| -> Vec<_> {
        desk.conversations("sms").into_iter().map(|file| (file.conversation, file.messages)).collect()
    };
    assert!(records(&open) == records(&desk), "they are not the records of the same file in the clear");
}

#[test]
fn a_damaged_header_is_not_a_wrong_password_and_an_unknown_version_is_neither() {
    let (content, desk) = (content(), desk());
    let mut bytes = written(&content, Some(PASSWORD), true);
    // The salt of the checksum over the master key.
    let line = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(4).unwrap().0 + 1;
    bytes[line] = if bytes[line] == b'0' { b'1' } else { b'0' };
    let told = with_password(from(&desk, &file(&desk, "a.ab", &bytes)), &desk, PASSWORD).go().ends_with(7);
    told.says("is beschadigd").never_says("Het wachtwoord opent").says("Nu doen:");
    let newer = written(&content, None, true);
    let newer = [b"ANDROID BACKUP\n9\n", &newer[b"ANDROID BACKUP\n5\n".len()..]].concat();
    let told = from(&desk, &file(&desk, "b.ab", &newer)).go().ends_with(7);
    told.says("een vorm die deze versie niet kent").says("over de kabel");
    desk.nothing_sealed();
}

/// Where the bytes of a list begin in a tar that lies open.
fn list(bytes: &[u8], number: u32) -> usize {
    let name = format!("apps/com.android.providers.telephony/d_f/{number:06}_");
    bytes.windows(name.len()).position(|window| window == name.as_bytes()).unwrap() + 512
}

#[test]
fn of_one_that_is_damaged_in_the_middle_what_was_read_stays_and_the_seal_says_that_it_is_not_whole() {
    let (content, desk) = (content(), desk());
    let mut bytes = written(&content, None, false);
    let second = list(&bytes, 1);
    bytes[second] ^= 1;
    let told = from(&desk, &file(&desk, "backup.ab", &bytes)).json().go().ends_with(6);
    assert_eq!(told.event("sealed")["status"], "onvolledig");
    desk.verifies(&desk.seal()).ends_with(0).says("Uitlezing: ONVOLLEDIG");
    let mms = content.backed_up().1;
    let messages = desk.conversations("sms").iter().map(|file| file.messages.len() as u64).sum::<u64>();
    assert_eq!(messages, 1_000 + mms, "the first list and those behind the second");
    let report = desk.report();
    assert!(report.gaps.iter().any(|gap| gap.reason == GapReason::Broken && gap.detail == "sms_backup"), "{:?}", report.gaps);
}

#[test]
fn one_that_was_cut_where_a_list_ends_is_not_whole_and_one_cut_in_an_encrypted_stream_keeps_what_came() {
    let (content, cut, broken) = (content(), desk(), desk());
    let bytes = written(&content, None, false);
    let before_mms = list(&bytes, 2) - 512;
    from(&cut, &file(&cut, "backup.ab", &bytes[..before_mms])).go().ends_with(6);
    let report = cut.report();
    assert_eq!(report.status, Some(Status::Onvolledig));
    assert_eq!(report.apps[0].records.as_ref().unwrap().messages, 1_400);
    let bytes = written(&content, Some(PASSWORD), true);
    with_password(from(&broken, &file(&broken, "backup.ab", &bytes[..bytes.len() / 2])), &broken, PASSWORD).go().ends_with(6);
    let report = broken.report();
    assert_eq!(report.status, Some(Status::Onvolledig));
    let messages = report.apps[0].records.as_ref().unwrap().messages;
    assert!((100..1_400).contains(&messages), "{messages}");
}

#[test]
fn one_without_messages_says_so_and_is_never_whole() {
    let (empty, of_another) =
        (b"ANDROID BACKUP\n5\n0\nnone\n".to_vec(), backup_of_another_app(&SmsBackup::default(), 1).unwrap());
    let nothing = [empty, vec![0; 1024]].concat();
    for bytes in [&nothing, &of_another] {
        let desk = desk();
        let told = from(&desk, &file(&desk, "backup.ab", bytes)).go().ends_with(7);
        told.says("staat geen enkele sms of mms").says("over de kabel");
        desk.nothing_sealed();
        assert!(desk.unfinished().is_empty());
    }
    // Beside an app that is read it is a gap.
    let desk = Desk::ready();
    desk.plan_says("whatsapp = true", "whatsapp = true\nsms = true");
    let (content, from) = folder(&Options { increments: false, ..plain() }, desk.at("telefoon"));
    fs::write(from.join("backup.ab"), &of_another).unwrap();
    let told = desk.reads_files(&content, &from).shown_off().json().go().ends_with(6);
    assert_eq!(told.event("sealed")["status"], "onvolledig");
    let report = desk.report();
    let gap = report.gaps.iter().find(|gap| gap.detail == "no-messages-in-the-backup").unwrap();
    assert_eq!((&gap.subject, gap.reason), (&Subject::Evidence("msgstore".into()), GapReason::NotInterpreted));
    let statement = statement(&desk);
    let answer = |app: &str| statement.apps.iter().find(|one| one.app == app).unwrap().answer;
    assert_eq!((answer("whatsapp"), answer("sms")), (Answer::Read, Answer::NotRead { why: GapReason::NotInterpreted }));
}

#[test]
fn of_several_the_newest_is_read_and_the_others_are_told() {
    let (content, desk) = (content(), desk());
    let mut older = content.clone();
    older.sms.truncate(200);
    let old = file(&desk, "map/nieuw.ab", &written(&older, None, true));
    file(&desk, "map/oud.ab", &written(&content, None, true));
    let year_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(365 * 86_400);
    fs::File::options().write(true).open(old).unwrap().set_modified(year_ago).unwrap();
    from(&desk, &desk.at("map")).go().ends_with(6).says("er ligt nog 1 andere reservekopie");
    check(&desk.conversations("sms"), &content);
    assert_eq!(desk.report().apps[0].others.unwrap().files, 1);
}

#[test]
fn without_one_nothing_is_sealed_and_the_cable_is_pointed_at() {
    let desk = desk();
    file(&desk, "map/backup.ab", b"ANDROID BACKUP of toch niet\n");
    from(&desk, &desk.at("map")).go().ends_with(7).says("een bestand van adb backup nodig").says("over de kabel");
    desk.nothing_sealed();
}

#[test]
fn a_conversation_that_was_decided_to_be_private_is_nowhere() {
    let content = content();
    for password in [None, Some(PASSWORD)] {
        let (all, apart) = (desk(), desk());
        let bytes = written(&content, password, true);
        let read =
            |desk: &Desk| with_password(from(desk, &file(desk, "backup.ab", &bytes)), desk, PASSWORD).json().go().ends_with(6);
        read(&all);
        let files = all.conversations("sms");
        let is_private = |file: &&ConversationFile| {
            let conversation = &file.conversation;
            let number = conversation.participants.iter().find(|p| !p.is_holder).is_some_and(|p| p.number.is_some());
            // Somebody who is in no group beside it.
            let person =
                |p: &uitlezen_chat::Participant| conversation.participants.iter().any(|own| own.id == p.id && !own.is_holder);
            let elsewhere = files.iter().filter(|other| other.conversation.participants.iter().any(person)).count();
            conversation.kind == ConversationKind::Direct && number && elsewhere == 1 && file.messages.len() > 5
        };
        let private = files.iter().find(is_private).unwrap();
        let number = private.conversation.participants.iter().find_map(|p| p.number.clone().filter(|_| !p.is_holder)).unwrap();
        let decided = format!(
            "{REGISTER}\n[[contacts]]\nid = \"prive-1\"\nname = \"x\"\nidentifiers = [\"{number}\"]\n\n[[decisions]]\nnumber = 1\n\
             contact = \"prive-1\"\nclass = \"prive\"\ndecider = \"archivaris\"\nsecond = \"secretaris\"\nreason = \"gezin\"\n\
             date = 2026-03-09\n"
        );
        fs::write(apart.at("apart.toml"), decided).unwrap();
        apart.registers(["import", "apart.toml"]).go().ends_with(0);
        fs::remove_file(apart.at("apart.toml")).unwrap();
        let told = read(&apart);
        assert_eq!(apart.conversations("sms").len() + 1, files.len());
        let left_out = apart.report().apps[0].separation.clone().unwrap().left_out;
        assert_eq!(left_out.len(), 1);
        assert_eq!(left_out[0].amount.messages, private.messages.len() as u64);
        let mut everything = vec![told.out.into_bytes(), told.err.into_bytes()];
        for place in ["open-sms", "open-verantwoording", "state", "out"] {
            everything.extend(super::files_below(&apart.at(place)).iter().map(|file| fs::read(file).unwrap()));
        }
        // Texts that stand in no other conversation, the ids, and the number as it is and as the phone writes it.
        let elsewhere: Vec<&str> = files
            .iter()
            .filter(|file| file.conversation.id != private.conversation.id)
            .flat_map(|file| file.messages.iter().filter_map(|message| text(&message.body)))
            .collect();
        let own = private
            .messages
            .iter()
            .filter_map(|m| text(&m.body))
            .filter(|t| t.len() > 12 && !elsewhere.iter().any(|e| e.contains(t)));
        let own: Vec<&str> = own.collect();
        assert!(!own.is_empty());
        let ids = private.messages.iter().map(|message| message.id.0.as_str());
        let words = own.into_iter().chain(ids).chain([number.as_str(), private.conversation.id.0.as_str()]);
        for word in words {
            let json = serde_json::to_string(word).unwrap();
            let forms = [word.as_bytes(), json.trim_matches('"').as_bytes()];
            assert!(!everything.iter().any(|bytes| forms.iter().any(|w| bytes.windows(w.len()).any(|window| window == *w))));
        }
    }
}
