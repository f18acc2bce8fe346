//! Threema of Android, out of the data backup that its holder makes: a zip under a password.

use super::{
    desk::{Call, Desk, REGISTER},
    outcome::Outcome,
    phone::{Phone, ROOT, nothing_to_find, usual},
    resumed::{killed_at, opened, same},
};
use std::{collections::BTreeMap, fs, path::Path, sync::Arc};
use uitlezen_chat::{AttachmentState, Body, ConversationFile};
use uitlezen_check::{AccountDefault, GapReason, Subject};
use uitlezen_readout::Report;
use uitlezen_twin::{
    content::{
        signal::{self, SignalOptions},
        threema::{AesZip, THREEMA, THREEMA_VERSION, THREEMA_WORK, ThreemaBackup, ThreemaBackupOptions, generate},
    },
    device::Package,
};

/// What every text of the conversation holds that is left out.
const CANARY: &str = "KANARIE-7d0b95";
/// What stands before the content of an entry, behind its name: a field about the encryption, salt and verifier.
const BEFORE_CONTENT: usize = 11 + 18;

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

/// A backup of seven hours ago in which there is nothing to find.
fn options(messages: u64) -> ThreemaBackupOptions {
    ThreemaBackupOptions { messages, now: now(), age_hours: 7, oddities: false, ..ThreemaBackupOptions::default() }
}

fn content(messages: u64) -> ThreemaBackup {
    generate(&options(messages)).unwrap()
}

/// Puts these entries under the password of a backup, in place of its own.
fn packed(made: &ThreemaBackup, entries: BTreeMap<String, Vec<u8>>) -> ThreemaBackup {
    let mut zip = AesZip::new(&made.password, 9);
    zip.add("settings", &entries["settings"], true).unwrap();
    for (name, content) in entries.iter().filter(|(name, _)| name.as_str() != "settings") {
        zip.add(name, content, name.ends_with(".csv")).unwrap();
    }
    ThreemaBackup { bytes: zip.finish(), entries, ..made.clone() }
}

fn desk() -> Desk {
    desk_for("threema = true")
}

fn desk_for(asked: &str) -> Desk {
    let desk = Desk::ready();
    desk.plan_says("whatsapp = true", &format!("whatsapp = false\n{asked}"));
    desk
}

fn on_phone(content: &ThreemaBackup) -> Phone {
    Phone::with_threema(&nothing_to_find(), content.clone(), THREEMA)
}

fn reads(desk: &Desk, phone: &Phone, password: &str) -> Call {
    desk.readout().over(phone).with("--secret").with(desk.secret("threema-password", password))
}

fn reads_files(desk: &Desk, path: &Path, content: &ThreemaBackup) -> Outcome {
    desk.readout().with("--from").with(path).with("--secret").with(desk.secret("threema-password", &content.password)).go()
}

fn count(files: &[ConversationFile]) -> u64 {
    files.iter().map(|file| file.messages.len() as u64).sum()
}

fn present(files: &[ConversationFile]) -> u64 {
    let all = files.iter().flat_map(|file| &file.messages).flat_map(|message| &message.attachments);
    all.filter(|file| matches!(file.state, AttachmentState::Present { .. })).count() as u64
}

/// Everything that was made is there, and nothing else.
fn check(files: &[ConversationFile], content: &ThreemaBackup) {
    let expected = &content.expected;
    let messages = || files.iter().flat_map(|file| &file.messages);
    assert_eq!((files.len() as u64, count(files)), (expected.conversations, expected.messages));
    let mut by_kind = BTreeMap::new();
    for message in messages() {
        let body = serde_json::to_value(&message.body).unwrap();
        *by_kind.entry(body["kind"].as_str().unwrap().to_owned()).or_insert(0_u64) += 1;
    }
    assert_eq!(by_kind, expected.by_kind);
    for message in messages() {
        let said = match &message.body {
            Body::Text { text, .. } => Some(text),
            Body::Image { caption } => caption.as_ref(),
            _ => None,
        };
        assert_eq!(said, expected.texts.get(message.id.0.trim_start_matches("api:")), "{}", message.id.0);
    }
    assert_eq!(messages().filter(|m| m.edited.is_some()).count() as u64, expected.edited);
    assert_eq!(messages().map(|m| m.reactions.len() as u64).sum::<u64>(), expected.reactions);
    assert_eq!(present(files), expected.files_present);
    let files = messages().flat_map(|message| &message.attachments).count() as u64;
    assert_eq!(files, expected.files_present + expected.files_absent);
}

/// Every attachment lies beside its conversation, as it was put under the password.
fn attachments_are_there(desk: &Desk, app: &str, files: &[ConversationFile], content: &ThreemaBackup) {
    let mut endings = std::collections::BTreeSet::new();
    for attachment in files.iter().flat_map(|file| &file.messages).flat_map(|message| &message.attachments) {
        let AttachmentState::Present { file, bytes, .. } = &attachment.state else { continue };
        let held = fs::read(desk.at(&format!("open-{app}")).join(app).join(file)).unwrap();
        assert_eq!((held.len() as u64, &held), (*bytes, &content.entries[attachment.path.as_ref().unwrap()]));
        endings.extend(file.rsplit_once('.').map(|(_, ending)| ending.to_owned()));
    }
    assert!(["jpg", "pdf"].iter().all(|ending| endings.contains(*ending)), "{endings:?}");
}

/// No key of a file on the app's server, and not the holder's private key, in anything that was opened.
fn no_secret_came_out(desk: &Desk, app: &str, content: &ThreemaBackup) {
    assert!(content.expected.secrets.len() > 1);
    for file in super::files_below(&desk.at(&format!("open-{app}"))) {
        let bytes = fs::read(&file).unwrap();
        for secret in content.expected.secrets.iter().chain([&content.password]) {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{}", file.display());
        }
    }
}

fn gap_of(report: &Report, app: &str) -> Option<(GapReason, String)> {
    let mut gaps = report.gaps.iter().filter(|gap| gap.subject == Subject::App(app.into()));
    gaps.next().map(|gap| (gap.reason, gap.detail.clone()))
}

#[test]
fn a_data_backup_is_found_by_what_it_is_and_read_into_a_seal() {
    let (content, desk) = (content(400), desk());
    let phone = on_phone(&content);
    let told = reads(&desk, &phone, &content.password).json().go().ends_with(8);
    assert_eq!(told.event("counts")["messages"], content.expected.messages);
    let backup = told.event("backup");
    assert_eq!((backup["kind"].as_str(), backup["age_hours"].as_u64()), (Some("threema-backup"), Some(7)));
    desk.verifies(&desk.seal()).ends_with(0).says("Zegel: ongeschonden").says("Uitlezing: volledig volgens plan");
    let files = desk.conversations("threema");
    check(&files, &content);
    attachments_are_there(&desk, "threema", &files, &content);
    no_secret_came_out(&desk, "threema", &content);
    let report = desk.report();
    assert!(report.gaps.is_empty() && report.findings.is_empty(), "{:?} {:?}", report.gaps, report.findings);
    // Nothing in the backup says how long the app keeps messages.
    let verdict = &report.verdicts[0];
    assert_eq!((verdict.app.as_str(), &verdict.account_default), ("threema", &AccountDefault::HolderMustShow));
    assert!(verdict.conversations.is_empty() && verdict.others.is_empty());
    let page = fs::read_to_string(desk.seal().with_extension("verklaring.html")).unwrap();
    for said in ["verwijderde contacten", "hoe lang de app berichten bewaart staat niet in de reservekopie"] {
        assert!(page.contains(said), "{said}");
    }
    let receipt = fs::read_to_string(desk.seal().with_extension("ontvangstbewijs.html")).unwrap();
    assert!(receipt.contains("toon in de instellingen van de app hoe lang berichten bewaard blijven"));
}

#[test]
fn a_password_that_does_not_open_it_is_told_before_anything_is_fetched() {
    let (content, desk) = (content(3_000), desk());
    let phone = on_phone(&content);
    let wrong = reads(&desk, &phone, "Stadhuis-2025").go().ends_with(7);
    wrong.says("Het wachtwoord opent de reservekopie van Threema niet").says("Nu doen:");
    desk.readout().over(&phone).go().ends_with(7).says("heeft een wachtwoord, en dat is niet gegeven");
    desk.nothing_sealed();
    assert!(desk.unfinished().is_empty());
    // Twice how it begins.
    assert!(phone.device.asked().bytes_served < content.bytes.len() as u64 / 2);
}

#[test]
fn a_password_that_does_not_open_it_is_told_and_the_other_app_is_read() {
    let (content, desk) = (content(60), Desk::ready());
    desk.plan_says("whatsapp = true", "whatsapp = true\nthreema = true");
    let phone = on_phone(&content).whose_threema_password_is("Stadhuis-2025");
    let told = desk.reads(&phone).shown_off().go().ends_with(6);
    told.says("het wachtwoord van de reservekopie past niet");
    let report = desk.report();
    assert_eq!(gap_of(&report, "threema"), Some((GapReason::Locked, "wrong-backup-password".into())));
    assert!(report.apps.iter().any(|app| app.app == "whatsapp" && app.records.is_some()));
    assert!(report.apps.iter().all(|app| app.app != "threema" || app.records.is_none()));
}

#[test]
fn a_wrong_password_that_fits_the_head_by_chance_ends_as_a_wrong_one() {
    let (mut content, desk) = (content(120), desk());
    // Two bytes tell a wrong password at once; one in 65,536 has the same two. Here they are made to be those of this one.
    let wrong = "Stadhuis-2025";
    let other = {
        let mut zip = AesZip::new(wrong, options(1).seed);
        zip.add("settings", b"x", true).unwrap();
        zip.finish()
    };
    let at = 30 + "settings".len() + BEFORE_CONTENT - 2;
    assert_eq!(other[at - 16..at], content.bytes[at - 16..at], "another salt");
    content.bytes[at..at + 2].copy_from_slice(&other[at..at + 2]);
    let phone = on_phone(&content);
    reads(&desk, &phone, wrong).go().ends_with(7).says("Het wachtwoord opent de reservekopie van Threema niet");
    desk.nothing_sealed();
    // It was fetched by then, and stays for who has the right one.
    assert_eq!(desk.unfinished().len(), 1);
    desk.resumes(&phone.whose_threema_password_is(&content.password)).go();
    check(&desk.conversations("threema"), &content);
}

/// Where the content of an entry begins in the zip.
fn content_of(made: &ThreemaBackup, name: &str) -> usize {
    let at = made.bytes.windows(name.len()).position(|window| window == name.as_bytes()).unwrap();
    at + name.len() + BEFORE_CONTENT
}

/// The largest entry of which the name begins and ends so.
fn largest<'m>(made: &'m ThreemaBackup, begins: &str, ends: &str) -> &'m str {
    let named = made.entries.iter().filter(|(name, _)| name.starts_with(begins) && name.ends_with(ends));
    named.max_by_key(|(_, content)| content.len()).unwrap().0
}

#[test]
fn of_a_backup_that_is_damaged_in_the_middle_what_was_read_stays_and_the_seal_says_that_it_is_not_whole() {
    let (mut content, whole, desk) = (content(400), desk(), desk());
    reads(&whole, &on_phone(&content), &content.password).go().ends_with(8);
    let before = whole.conversations("threema");
    let table = largest(&content, "message_", ".csv").to_owned();
    let picture = largest(&content, "group_message_media_", "").to_owned();
    for name in [&table, &picture] {
        let at = content_of(&content, name);
        content.bytes[at + 20] ^= 1;
    }
    let told = reads(&desk, &on_phone(&content), &content.password).json().go().ends_with(6);
    assert_eq!(told.event("sealed")["status"], "onvolledig");
    desk.verifies(&desk.seal()).ends_with(0).says("Uitlezing: ONVOLLEDIG");
    let after = desk.conversations("threema");
    // One conversation has nothing now, and says so; the others have everything.
    let of = |files: &[ConversationFile]| {
        let by_id = files.iter().map(|file| (file.conversation.id.0.clone(), file.messages.len()));
        by_id.collect::<BTreeMap<_, _>>()
    };
    let (before, after_counts) = (of(&before), of(&after));
    let lost: Vec<_> = before.iter().filter(|(id, messages)| after_counts[*id] != **messages).collect();
    assert_eq!((before.len(), lost.len()), (after_counts.len(), 1));
    let (id, messages) = lost[0];
    assert!(*messages > 0 && after_counts[id] == 0);
    assert_eq!(count(&after), content.expected.messages - *messages as u64);
    let damaged = after.iter().find(|file| file.conversation.id.0 == *id).unwrap();
    assert_eq!(damaged.conversation.uninterpreted["messages"], "damaged");
    let report = desk.report();
    assert!(report.gaps.iter().any(|gap| gap.reason == GapReason::Broken && gap.detail == "message_*.csv"), "{:?}", report.gaps);
    assert_eq!(report.apps[0].attachments.broken, 1, "the picture that fails its tag");
}

#[test]
fn a_backup_that_was_cut_off_is_damaged_and_no_wrong_password() {
    let (mut content, desk) = (content(120), desk());
    content.bytes.truncate(content.bytes.len() / 2);
    let told = reads(&desk, &on_phone(&content), &content.password).go().ends_with(7);
    let told = told.says("beschadigd");
    assert!(!told.err.contains("wachtwoord opent"), "{}", told.err);
    desk.nothing_sealed();
}

#[test]
fn of_several_backups_the_newest_is_read_and_the_others_are_told() {
    let (older, newer, desk) = (content(60), content(120), desk());
    let phone = on_phone(&newer);
    let day = 24 * 3600;
    phone.device.change(|tree| {
        let mut put = |name: String, bytes: &[u8]| {
            tree.file(format!("{ROOT}/{name}"), Arc::new(bytes.to_vec()), older.made - day);
        };
        put(format!("Threema/threema-backup_{}_1.zip", (older.made - day) * 1000), &older.bytes);
        put(format!("Download/INCOMPLETE-{}", newer.name), &newer.bytes[..5_000]);
        // Other zips are no backups, whatever they are called.
        put("Download/threema-backup_99999999999999_1.zip".into(), &b"not a zip at all ".repeat(9));
        let mut zip = AesZip::new(&newer.password, 1);
        zip.add("messages.txt", b"[1-1-2026] een gesprek", true).unwrap();
        put("Download/gesprek.zip".into(), &zip.finish());
    });
    reads(&desk, &phone, &newer.password).go().ends_with(8).says("er ligt nog 1 andere reservekopie");
    check(&desk.conversations("threema"), &newer);
    let others = desk.report().apps[0].others.unwrap();
    assert_eq!((others.files, others.unfinished, others.snapshots, others.exports), (1, 1, 0, 0));
    let page = fs::read_to_string(desk.seal().with_extension("verklaring.html")).unwrap();
    assert!(page.contains("1 oudere of van de andere soort, niet gelezen; 1 onvoltooid"));
}

#[test]
fn a_backup_that_the_app_never_finished_is_not_taken_for_one() {
    let (content, desk) = (content(60), Desk::ready());
    desk.plan_says("whatsapp = true", "whatsapp = true\nthreema = true");
    let phone = on_phone(&content);
    phone.device.change(|tree| {
        tree.remove(format!("{ROOT}/Documents/Van mij/vakantie 2025.dat"));
        tree.file(format!("{ROOT}/Documents/INCOMPLETE-{}", content.name), Arc::new(content.bytes.clone()), content.made);
    });
    desk.reads(&phone).shown_off().go().ends_with(6);
    assert_eq!(gap_of(&desk.report(), "threema"), Some((GapReason::Broken, "only-an-unfinished-backup".into())));
    // And one that is installed and has no backup at all is not whole either.
    let none = Desk::ready();
    none.plan_says("whatsapp = true", "whatsapp = true\nthreema = true");
    phone.device.change(|tree| tree.remove(format!("{ROOT}/Documents/INCOMPLETE-{}", content.name)));
    none.reads(&phone).shown_off().go().ends_with(6);
    assert_eq!(gap_of(&none.report(), "threema"), Some((GapReason::Locked, "no-backup".into())));
}

/// What cannot be read of one app costs only that app.
#[test]
fn an_app_that_cannot_be_read_does_not_take_the_others_along() {
    let made = content(120);
    let mut entries = made.entries.clone();
    // Opened it is a backup; without this column nobody knows who takes part.
    let contacts = String::from_utf8(entries["contacts.csv"].clone()).unwrap();
    entries.insert("contacts.csv".to_owned(), contacts.replacen("\"identity\"", "\"wie\"", 1).into_bytes());
    let of_conversations =
        |name: &&String| name.contains("message") || ["groups.csv", "distribution_list.csv"].contains(&name.as_str());
    for name in made.entries.keys().filter(of_conversations) {
        entries.remove(name);
    }
    let made = packed(&made, entries);
    let (alone, desk) = (desk_for("threema = true"), Desk::ready());
    reads(&alone, &on_phone(&made), &made.password).go().ends_with(7);
    desk.plan_says("whatsapp = true", "whatsapp = true\nthreema = true");
    desk.reads(&on_phone(&made)).go().ends_with(6);
    let report = desk.report();
    assert!(report.apps.iter().any(|app| app.app == "whatsapp" && app.records.is_some()));
    assert!(report.apps.iter().any(|app| app.app == "threema" && app.records.is_none()));
    assert!(gap_of(&report, "threema").is_some());
    assert!(!desk.conversations("whatsapp").is_empty());
}

/// The holder chose to leave media out: they may be on the phone.
#[test]
fn media_that_the_holder_left_out_leave_the_readout_incomplete() {
    let made = generate(&ThreemaBackupOptions { media: false, ..options(300) }).unwrap();
    let desk = desk();
    reads(&desk, &on_phone(&made), &made.password).go().ends_with(6);
    assert_eq!(gap_of(&desk.report(), "threema"), Some((GapReason::Refused, "attachments-not-in-the-backup".into())));
}

#[test]
fn whatsapp_without_a_backup_beside_an_app_that_has_one_is_not_whole() {
    let (content, desk) = (content(60), Desk::ready());
    desk.plan_says("whatsapp = true", "whatsapp = true\nthreema = true");
    let phone = on_phone(&content);
    phone.device.change(|tree| assert!(tree.remove(format!("{ROOT}/Android/media/com.whatsapp/WhatsApp/Databases"))));
    reads(&desk, &phone, &content.password).shown_off().go().ends_with(6);
    check(&desk.conversations("threema"), &content);
    assert_eq!(gap_of(&desk.report(), "whatsapp"), Some((GapReason::Locked, "no-backup".into())));
}

#[test]
fn a_backup_is_read_from_the_file_itself_from_a_folder_and_from_a_zip_with_files() {
    let content = content(120);
    let place = Desk::empty();
    let (folder, zip) = (place.at("stick/Van de houder"), place.at("toestel.zip"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("kopie"), &content.bytes).unwrap();
    let mut files = AesZip::new("", 1);
    files.add_in_the_clear("Documents/kopie.zip", &content.bytes, true).unwrap();
    files.add_in_the_clear("DCIM/foto.jpg", &[7; 500], false).unwrap();
    fs::write(&zip, files.finish()).unwrap();
    for from in [folder.join("kopie"), place.at("stick"), zip] {
        let desk = desk();
        reads_files(&desk, &from, &content).ends_with(8);
        let files = desk.conversations("threema");
        check(&files, &content);
        attachments_are_there(&desk, "threema", &files, &content);
        assert_eq!(desk.report().phone.unwrap().route, "files");
    }
}

#[test]
fn what_stands_in_the_clear_beside_it_is_no_part_of_it_and_is_told() {
    let (content, desk) = (content(120), desk());
    let mut zip = AesZip::new(&content.password, 9);
    zip.add("settings", &content.entries["settings"], true).unwrap();
    for (name, bytes) in content.entries.iter().filter(|(name, _)| name.as_str() != "settings") {
        zip.add(name, bytes, name.ends_with(".csv")).unwrap();
    }
    let forged = String::from_utf8(content.entries[largest(&content, "message_", ".csv")].clone()).unwrap();
    let forged = forged.replace("\"TEXT\",\"", &format!("\"TEXT\",\"{CANARY} "));
    assert!(forged.contains(CANARY));
    zip.add_in_the_clear("message_nooitgezegd.csv", forged.as_bytes(), true).unwrap();
    zip.add_in_the_clear("message_media_nooitgezegd", b"x", false).unwrap();
    let mixed = ThreemaBackup { bytes: zip.finish(), ..content };
    reads(&desk, &on_phone(&mixed), &mixed.password).go().ends_with(6);
    check(&desk.conversations("threema"), &mixed);
    let report = desk.report();
    let told = report.gaps.iter().find(|gap| gap.detail == "entries in the clear").unwrap();
    assert_eq!((told.reason, told.count), (GapReason::NotInterpreted, 2));
    assert!(super::files_below(&desk.at("open-threema")).iter().all(|file| !holds(&fs::read(file).unwrap(), CANARY)));
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

#[test]
fn a_conversation_that_was_decided_to_be_private_is_nowhere() {
    let made = content(400);
    // Of one conversation with one person every text is marked, and so is the person's name.
    let table = largest(&made, "message_", ".csv").to_owned();
    let file = table.trim_start_matches("message_").trim_end_matches(".csv").to_owned();
    let contacts = String::from_utf8(made.entries["contacts.csv"].clone()).unwrap();
    let contact = contacts.lines().find(|line| line.ends_with(&format!("\"{file}\""))).unwrap();
    let identity = contact.split('"').nth(1).unwrap().to_owned();
    let mut entries = made.entries.clone();
    let said = String::from_utf8(entries[&table].clone()).unwrap();
    let marked = said.replace("\"TEXT\",\"", &format!("\"TEXT\",\"{CANARY} "));
    assert!(marked.matches(CANARY).count() > 20);
    entries.insert(table.clone(), marked.into_bytes());
    let made = packed(&made, entries);
    let phone = on_phone(&made);
    let (all, apart) = (desk(), desk());
    all.reads(&phone).go().ends_with(8);
    let files = all.conversations("threema");
    assert!(super::files_below(&all.at("open-threema")).iter().any(|file| holds(&fs::read(file).unwrap(), CANARY)));
    let one = |file: &&ConversationFile| file.messages.iter().any(|m| serde_json::to_string(m).unwrap().contains(CANARY));
    let private: Vec<&ConversationFile> = files.iter().filter(one).collect();
    assert_eq!(private.len(), 1);
    let private = private[0];
    let decided = format!(
        "{REGISTER}\n[[contacts]]\nid = \"prive-1\"\nname = \"x\"\nidentifiers = [\"{identity}\"]\n\n[[decisions]]\nnumber = 1\n\
         contact = \"prive-1\"\nclass = \"prive\"\ndecider = \"archivaris\"\nsecond = \"secretaris\"\nreason = \"gezin\"\n\
         date = 2026-03-09\n"
    );
    fs::write(apart.at("apart.toml"), decided).unwrap();
    apart.registers(["import", "apart.toml"]).go().ends_with(0);
    fs::remove_file(apart.at("apart.toml")).unwrap();
    let told = apart.reads(&phone).json().go().ends_with(8);
    let rest = apart.conversations("threema");
    assert_eq!((rest.len() + 1, count(&rest)), (files.len(), count(&files) - private.messages.len() as u64));
    assert_eq!(present(&rest), present(&files) - present(std::slice::from_ref(private)));
    let left_out = apart.report().apps[0].separation.clone().unwrap().left_out;
    assert_eq!(left_out.len(), 1);
    assert_eq!(left_out[0].amount.messages, private.messages.len() as u64);
    let mut seen = vec![told.out.into_bytes(), told.err.into_bytes()];
    for folder in ["open-threema", "open-verantwoording", "state"] {
        seen.extend(super::files_below(&apart.at(folder)).iter().map(|file| fs::read(file).unwrap()));
    }
    seen.extend(super::files_below(&apart.out()).iter().map(|file| fs::read(file).unwrap()));
    let ids = private.messages.iter().map(|message| message.id.0.as_str());
    for word in ids.chain([CANARY, private.conversation.id.0.as_str()]) {
        assert!(!seen.iter().any(|bytes| holds(bytes, word)), "{word}");
    }
}

#[test]
fn what_an_administrator_enforces_is_taken_from_the_plan_and_else_the_holder_must_show_it() {
    let content = content(60);
    let days = |days: u64| AccountDefault::Administered { seconds: days * 86_400 };
    for (said, expected, code, text) in [
        ("threema_keep_days = 0", days(0), 0, "worden altijd bewaard, want de beheerder legt dat op"),
        ("threema_keep_days = 30", days(30), 3, "GEWIST na 30 dagen, want de beheerder legt dat op"),
        ("", AccountDefault::HolderMustShow, 8, "of de beheerder berichten na een tijd laat wissen"),
    ] {
        let desk = desk_for(&format!("threema_work = true\n{said}"));
        let phone = Phone::with_threema(&nothing_to_find(), content.clone(), THREEMA_WORK);
        reads(&desk, &phone, &content.password).go().ends_with(code).says(text);
        check(&desk.conversations("threema-work"), &content);
        let report = desk.report();
        assert_eq!((report.verdicts[0].app.as_str(), &report.verdicts[0].account_default), ("threema-work", &expected));
        assert_eq!(report.verdicts[0].others.contains_key("administrator"), said.is_empty());
    }
}

#[test]
fn where_more_than_one_threema_may_have_made_it_the_seal_says_that_it_is_not_known() {
    let (content, desk) = (content(60), desk_for("threema_work = true"));
    let phone = Phone::built(&nothing_to_find(), |phone| {
        let placed =
            uitlezen_twin::content::threema::OnPhone { content: &content, package: THREEMA, folder: "Documents", name: None };
        phone.content(&placed).package(Package::new(THREEMA_WORK, THREEMA_VERSION, 1, 10_311))
    });
    reads(&desk, &phone, &content.password).go().ends_with(6).says("van welke Threema de reservekopie is");
    check(&desk.conversations("threema-work"), &content);
    assert_eq!(gap_of(&desk.report(), "threema-work"), Some((GapReason::NotInterpreted, "which-threema".into())));
}

#[test]
fn a_run_that_is_killed_while_media_is_brought_out_goes_on_and_ends_as_an_unbroken_one() {
    let signal = signal::generate(&SignalOptions::made_at(now() - 7 * 3600, 120)).unwrap();
    let content = content(400);
    let phone = Phone::with_both(&usual(), signal, content.clone());
    let wants = |desk: &Desk| {
        desk.plan_says("whatsapp = true", "whatsapp = true\nsignal = true\nthreema = true");
    };
    let (usual, desk) = (Desk::ready(), Desk::ready());
    wants(&usual);
    wants(&desk);
    let code = usual.reads(&phone).go().code;
    killed_at(desk.reads(&phone).json().start(), "stage\",\"stage\":\"media");
    // Who mistypes it now loses nothing of what was fetched.
    let phone = phone.whose_threema_password_is("Stadhuis-2025");
    desk.resumes(&phone).go().ends_with(7).says("Het wachtwoord opent de reservekopie van Threema niet");
    assert_eq!(desk.unfinished().len(), 1);
    let phone = phone.whose_threema_password_is(&content.password);
    let resumed = desk.resumes(&phone).go();
    assert_eq!(resumed.code, code, "{}", resumed.err);
    same(&opened(&usual), &opened(&desk));
    check(&desk.conversations("threema"), &content);
}

#[test]
fn a_password_that_opened_a_backup_is_kept_by_choice_and_opens_the_next() {
    let (content, desk) = (content(60), desk());
    let phone = on_phone(&content);
    let keep = |call: Call, what: &str| call.with("--keep-secret").with(what).with("--chosen-by").with("A. Voorbeeld");
    keep(reads(&desk, &phone, &content.password), "signal-passphrase").go().says("is niet bewaard");
    keep(reads(&desk, &phone, &content.password), "threema-password").go().says("Bewaard in de kluis");
    // Nothing is given now.
    let told = desk.readout().over(&phone).json().go().ends_with(8);
    assert_eq!(told.event("counts")["messages"], content.expected.messages);
    desk.says(["keys", "forget", "--app", "threema-password", "--phone", "TWIN0001", "--secret"])
        .with(desk.secret("vault", super::desk::VAULT_PASSPHRASE))
        .go()
        .ends_with(0);
    desk.readout().over(&phone).go().ends_with(7).says("heeft een wachtwoord, en dat is niet gegeven");
}
