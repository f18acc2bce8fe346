//! Week after week: what an earlier seal holds is not transferred again, and never silently missed.

use super::{
    counting::messages,
    desk::Desk,
    phone::{Phone, ROOT, SERIAL, folder, quiet},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use uitlezen_chat::{AttachmentState, ConversationFile};
use uitlezen_check::{EarlierSealFault, EarlierUnknown, Finding};
use uitlezen_readout::{Report, earlier::WhyFull};
use uitlezen_twin::content::{MediaScale, Options};

const DAYS: u32 = 7;

fn first_week() -> Options {
    let options = quiet();
    let now = options.now - i64::from(DAYS) * 86_400;
    Options { increments: false, messages: 400, now, ..options }
}

fn weeks_later(weeks: u32, messages: u64) -> Options {
    let first = first_week();
    Options { now: first.now, later_days: weeks * DAYS, later_messages: messages, ..first }
}

/// A desk that sealed the first week.
fn after_a_week() -> (Desk, PathBuf) {
    let desk = Desk::ready();
    let seal = read(&desk, &Phone::with(&first_week()));
    (desk, seal)
}

/// Reads a phone out and gives the new seal.
#[track_caller]
fn read(desk: &Desk, phone: &Phone) -> PathBuf {
    read_with(desk, phone, &[])
}

#[track_caller]
fn read_with(desk: &Desk, phone: &Phone, more: &[&str]) -> PathBuf {
    let before = desk.seals();
    let call = more.iter().fold(desk.reads(phone).shown_off(), |call, word| call.with(word));
    let ended = call.go();
    assert!(matches!(ended.code, Some(0 | 3)), "{:?}\n{}\n{}", ended.code, ended.out, ended.err);
    let mut new: Vec<PathBuf> = desk.seals().into_iter().filter(|seal| !before.contains(seal)).collect();
    assert_eq!(new.len(), 1, "{new:?}");
    new.remove(0)
}

#[track_caller]
fn report(desk: &Desk, seal: &Path, into: &str) -> Report {
    desk.unseals(seal, "verantwoording", "div.txt", into).go().ends_with(0);
    serde_json::from_slice(&fs::read(desk.at(into).join("verantwoording/verslag.json")).unwrap()).unwrap()
}

fn opened(desk: &Desk, into: &str) -> Vec<ConversationFile> {
    let files = super::files_below(&desk.at(into).join("whatsapp"));
    let conversations = files.iter().filter(|p| p.file_name().unwrap().to_string_lossy().starts_with("gesprek-"));
    conversations.map(|path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap()).collect()
}

/// By path as the app wrote it.
fn states(files: &[ConversationFile]) -> BTreeMap<String, AttachmentState> {
    messages(files).flat_map(|m| &m.attachments).filter_map(|a| Some((a.path.clone()?, a.state.clone()))).collect()
}

/// Every attachment's bytes beside the conversations, by path, held against their digest.
#[track_caller]
fn contents(desk: &Desk, into: &str) -> BTreeMap<String, Vec<u8>> {
    use sha2::{Digest, Sha256};
    let mut all = BTreeMap::new();
    for (path, state) in states(&opened(desk, into)) {
        let (file, sha256) = match state {
            AttachmentState::Present { file, sha256, .. } | AttachmentState::Differs { file, sha256, .. } => (file, sha256),
            AttachmentState::HeldIn { file, sha256, .. } => (file.expect("fetched"), sha256),
            _ => continue,
        };
        let bytes = fs::read(desk.at(into).join("whatsapp").join(file)).unwrap();
        assert_eq!(hex::encode(Sha256::digest(&bytes)), sha256);
        all.insert(path, bytes);
    }
    all
}

fn run_of(seal: &Path) -> String {
    seal.file_stem().unwrap().to_string_lossy().into_owned()
}

#[test]
fn a_second_week_leaves_the_first_weeks_media_where_it_lies_and_opens_whole() {
    let (desk, first) = after_a_week();
    let phone = Phone::with(&weeks_later(1, 60));
    let second = read(&desk, &phone);
    let told = report(&desk, &second, "verslag-2");
    let counts = told.apps[0].attachments;
    assert!(counts.held > 0 && counts.present > 0, "{counts:?}");
    let expected = &phone.content.expected.whatsapp.attachments;
    assert_eq!(counts.held + counts.present, expected.present);
    assert_eq!(told.status, Some(uitlezen_check::Status::Volledig));
    let earlier = told.earlier.unwrap();
    assert_eq!((earlier.full, earlier.relied_on.len(), earlier.unusable.len()), (None, 1, 0));
    assert_eq!(earlier.relied_on[0].attachments, counts.held);
    // Nothing that the first seal holds was asked of the phone.
    let opened: BTreeSet<Vec<u8>> = phone.device.asked().opened.into_iter().collect();
    let pulled = opened.iter().filter(|path| String::from_utf8_lossy(path).contains("/Media/")).count();
    assert_eq!(pulled as u64, counts.present);
    // Anyone can say without a key what it relies on.
    let digest = earlier.relied_on[0].seal.clone();
    desk.verifies(&second).ends_with(0).says("steunt op 1 eerder zegel").says(&digest).says(&run_of(&first));
    let both = desk.says(["verify"]).with(&first).with(&second).with("--signer").with(desk.at("state/station.pem"));
    both.go().ends_with(0).never_says("Niet erbij");
    // Opened with the first at hand it is what a phone that was never read before gives.
    desk.unseals(&second, "gesprekken", "div.txt", "open-2").go().ends_with(0);
    let other = Desk::ready();
    let whole = read(&other, &Phone::with(&weeks_later(1, 60)));
    other.unseals(&whole, "gesprekken", "div.txt", "open").go().ends_with(0);
    let (weekly, full) = (contents(&desk, "open-2"), contents(&other, "open"));
    assert!(weekly == full, "{} and {} attachments", weekly.len(), full.len());
    assert_eq!(weekly.len() as u64, expected.present);
}

#[test]
fn a_missing_earlier_seal_is_named_and_its_attachments_are_said_not_to_be_here() {
    let (desk, first) = after_a_week();
    let second = read(&desk, &Phone::with(&weeks_later(1, 60)));
    let away = desk.at("elders");
    fs::create_dir(&away).unwrap();
    let moved = away.join(first.file_name().unwrap());
    fs::rename(&first, &moved).unwrap();
    let opening = desk.unseals(&second, "gesprekken", "div.txt", "zonder").json().go().ends_with(6);
    let lacking = opening.event("seal-lacking");
    assert_eq!(lacking["file"], first.file_name().unwrap().to_string_lossy().as_ref());
    let digest = lacking["digest"].as_str().unwrap().to_owned();
    assert!(opening.err.contains(&digest), "{}", opening.err);
    let without: Vec<AttachmentState> =
        states(&opened(&desk, "zonder")).into_values().filter(|s| matches!(s, AttachmentState::HeldIn { .. })).collect();
    assert!(without.iter().all(|s| matches!(s, AttachmentState::HeldIn { seal, file: None, .. } if *seal == digest)));
    assert!(!without.is_empty());
    desk.says(["verify"]).with(&second).with(&second).with("--signer").with(desk.at("state/station.pem")).go().ends_with(6);
    // With its folder it is found again; and as a file among several.
    desk.unseals(&second, "gesprekken", "div.txt", "met").with("--earlier").with(&away).go().ends_with(0);
    assert!(!contents(&desk, "met").is_empty());
    desk.unseals(&second, "gesprekken", "div.txt", "samen").with(&moved).go().ends_with(0);
    // A wrong key opens neither the one nor the other.
    desk.unseals(&second, "gesprekken", "vreemd.txt", "vreemd").with("--earlier").with(&away).go().ends_with(2);
}

#[test]
fn the_third_week_points_at_the_seal_that_really_holds_the_bytes() {
    let (desk, first) = after_a_week();
    let second = read(&desk, &Phone::with(&weeks_later(1, 60)));
    let third = read(&desk, &Phone::with(&weeks_later(2, 120)));
    let told = report(&desk, &third, "verslag-3");
    let relied: Vec<String> = told.earlier.unwrap().relied_on.into_iter().map(|seal| seal.file).collect();
    let mut both = [&first, &second].map(|seal| seal.file_name().unwrap().to_string_lossy().into_owned());
    both.sort();
    let mut sorted = relied;
    sorted.sort();
    assert_eq!(sorted, both);
    // The second is not needed for what the first holds.
    desk.unseals(&third, "gesprekken", "div.txt", "open-3").go().ends_with(0);
    fs::remove_file(&second).unwrap();
    let opening = desk.unseals(&third, "gesprekken", "div.txt", "zonder-2").json().go().ends_with(6);
    assert_eq!(opening.event("seal-lacking")["file"], second.file_name().unwrap().to_string_lossy().as_ref());
}

#[test]
fn a_changed_file_is_transferred_again_and_one_that_is_gone_is_found_in_the_earlier_seal() {
    let (desk, _) = after_a_week();
    let phone = Phone::with(&weeks_later(1, 0));
    let media = phone.media();
    let (changed, gone) = (&media[0], &media[1]);
    let file = &phone.content.files[changed];
    let later = file.mtime() + 5;
    phone.device.change(|tree| {
        tree.file(format!("{ROOT}/{changed}"), std::sync::Arc::new(file.to_vec()), later);
        assert!(tree.remove(format!("{ROOT}/{gone}")));
    });
    let second = read(&desk, &phone);
    let told = report(&desk, &second, "verslag-2");
    let counts = told.apps[0].attachments;
    assert_eq!((counts.present, counts.held_gone), (1, 1), "{counts:?}");
    assert!(told.findings.contains(&Finding::AttachmentGone { count: 1 }), "{:?}", told.findings);
    assert_eq!(told.status, Some(uitlezen_check::Status::Volledig));
    assert!(phone.device.asked().opened.contains(&Phone::on_phone(changed)));
}

#[test]
fn an_earlier_seal_that_is_gone_or_tampered_with_is_a_finding_and_its_media_is_transferred_again() {
    let tampered = |seal: &Path| {
        let mut bytes = fs::read(seal).unwrap();
        bytes[5000] ^= 1;
        fs::write(seal, bytes).unwrap();
    };
    let gone = |seal: &Path| fs::remove_file(seal).unwrap();
    let exchanged = |seal: &Path| {
        let (other, theirs) = after_a_week();
        fs::copy(theirs, seal).unwrap();
        drop(other);
    };
    type Way<'a> = (&'a dyn Fn(&Path), EarlierSealFault);
    let ways: [Way<'_>; 3] =
        [(&tampered, EarlierSealFault::Damaged), (&gone, EarlierSealFault::Missing), (&exchanged, EarlierSealFault::Changed)];
    for (spoil, why) in ways {
        let (desk, first) = after_a_week();
        let held = report(&desk, &first, "verslag-1").apps[0].attachments.present;
        spoil(&first);
        let second = read(&desk, &Phone::with(&weeks_later(1, 0)));
        let told = report(&desk, &second, "verslag-2");
        assert_eq!((told.apps[0].attachments.held, told.apps[0].attachments.present), (0, held), "{why:?}");
        let finding = told.findings.iter().find(|f| matches!(f, Finding::EarlierSeal { .. }));
        assert!(
            matches!(finding, Some(Finding::EarlierSeal { why: found, seals: 1, attachments }) if *found == why && *attachments > 0),
            "{why:?}: {finding:?}"
        );
        assert_eq!(told.earlier.unwrap().unusable[0].why, why);
        desk.unseals(&second, "gesprekken", "div.txt", "open").go().ends_with(0);
    }
}

/// The list of the phone in the state folder.
fn list(desk: &Desk) -> PathBuf {
    let files = super::files_below(&desk.state().join("gehouden"));
    files.into_iter().find(|path| path.extension().is_some_and(|e| e == "held")).unwrap()
}

/// A desk of the same station that read another phone's files.
fn of_another_phone() -> Desk {
    let desk = Desk::ready();
    desk.plan_says(SERIAL, "TWIN0002");
    let (content, path) = folder(&first_week(), desk.at("bestanden"));
    let ended = desk.reads_files(&content, &path).shown_off().go();
    assert!(matches!(ended.code, Some(0 | 3)), "{}", ended.err);
    desk
}

#[test]
fn a_list_that_was_cut_or_exchanged_is_never_relied_on() {
    let (desk, _) = after_a_week();
    let path = list(&desk);
    let good = fs::read(&path).unwrap();
    let flipped = [&good[..200], &[good[200] ^ 1], &good[201..]].concat();
    let other = fs::read(list(&of_another_phone())).unwrap();
    for (bytes, why) in [
        (good[..good.len() - 1].to_vec(), EarlierUnknown::Damaged),
        (flipped, EarlierUnknown::Damaged),
        (other, EarlierUnknown::OtherKey),
    ] {
        fs::write(&path, bytes).unwrap();
        let into = format!("verslag-{}", desk.seals().len());
        let seal = read(&desk, &Phone::with(&weeks_later(1, 0)));
        let told = report(&desk, &seal, &into);
        assert!(told.findings.contains(&Finding::EarlierUnknown { why }), "{:?}", told.findings);
        assert_eq!((told.earlier.unwrap().full, told.apps[0].attachments.held), (Some(WhyFull::Unknown), 0));
        // Made anew, it is relied on again.
        let seal = read(&desk, &Phone::with(&weeks_later(1, 0)));
        assert!(report(&desk, &seal, &format!("{into}-weer")).apps[0].attachments.held > 0);
    }
}

#[test]
fn a_seal_that_others_need_is_destroyed_only_after_a_full_run() {
    let (desk, first) = after_a_week();
    let second = read(&desk, &Phone::with(&weeks_later(1, 60)));
    let vault = || desk.secret("vault", super::desk::VAULT_PASSPHRASE);
    let destroy = |seal: &Path| desk.says(["seals", "destroy", "--yes"]).with(seal).with("--secret").with(vault());
    let listed = desk.says(["zegels", "list", "--json"]).with("--secret").with(vault()).go().ends_with(0).events_called("seal");
    assert_eq!(listed.len(), 2);
    assert_eq!((&listed[0]["needed_by"], &listed[0]["full"], &listed[0]["serial"]), (&1.into(), &true.into(), &SERIAL.into()));
    destroy(&first).go().ends_with(2).says(&run_of(&second)).says("--full");
    assert!(first.exists());
    desk.says(["seals", "destroy", "--json"]).with(&second).with("--secret").with(vault()).go().ends_with(2);
    assert!(second.exists(), "nobody agreed");
    let full = read_with(&desk, &Phone::with(&weeks_later(2, 60)), &["--full"]);
    let told = report(&desk, &full, "verslag-3");
    assert_eq!((told.earlier.unwrap().full, told.apps[0].attachments.held), (Some(WhyFull::Asked), 0));
    let destroyed = destroy(&first).go().ends_with(0).says(&run_of(&second));
    assert!(!first.exists() && destroyed.says("sleutels").code == Some(0));
    let ledger = fs::read_to_string(desk.state().join("ledger.jsonl")).unwrap();
    assert!(ledger.lines().last().unwrap().contains("\"destroy\""), "{ledger}");
    // The next week relies on the full one only, which now may not go.
    let fourth = read(&desk, &Phone::with(&weeks_later(3, 60)));
    let relied = report(&desk, &fourth, "verslag-4").earlier.unwrap();
    assert_eq!((relied.relied_on.len(), relied.unusable.len()), (1, 0));
    destroy(&full).go().ends_with(2);
    destroy(&desk.at("plan.toml")).go().ends_with(2);
}

#[test]
fn a_second_readout_with_one_percent_new_media_moves_at_most_three_percent() {
    let first = Options { media: MediaScale::Realistic, messages: 4_000, ..first_week() };
    let desk = Desk::ready();
    let first_seal = read(&desk, &Phone::with(&first));
    let second_seal = read(&desk, &Phone::with(&Options { later_days: DAYS, later_messages: 40, ..first }));
    // What came over the link: backups and media.
    let moved = |seal: &Path, into: &str| {
        let app = report(&desk, seal, into).apps.remove(0);
        (app.backups.iter().map(|backup| backup.bytes).sum::<u64>() + app.attachments.bytes, app.attachments)
    };
    let ((then, all), (now, counts)) = (moved(&first_seal, "verslag-1"), moved(&second_seal, "verslag-2"));
    eprintln!("{then} bytes, then {now}: {:.2} %; media {} and {}", now as f64 * 100.0 / then as f64, all.bytes, counts.bytes);
    // At least one in a hundred is new, by bytes.
    assert!(counts.bytes * 100 >= all.bytes && counts.held == all.present, "{all:?} {counts:?}");
    assert!(now * 100 <= then * 3, "{now} of {then}");
}

#[test]
fn an_app_that_is_asked_and_not_on_the_phone_does_not_make_every_readout_a_full_one() {
    let desk = Desk::ready();
    desk.plan_says("whatsapp_business = false", "whatsapp_business = true");
    let mut held = Vec::new();
    for (phone, into) in [(Phone::with(&first_week()), "eerste"), (Phone::with(&weeks_later(1, 4)), "tweede")] {
        let before = desk.seals();
        desk.reads(&phone).shown_off().go();
        let seal = desk.seals().into_iter().find(|seal| !before.contains(seal)).unwrap();
        held.push(report(&desk, &seal, into).apps.iter().map(|app| app.attachments.held).sum::<u64>());
    }
    assert!(held[0] == 0 && held[1] > 0, "{held:?}");
}
