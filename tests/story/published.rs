//! Published databases of other people, through the whole readout.

use super::{desk::Desk, skip};
use std::{fs, path::PathBuf};

/// Beside the checkout; see its INDEX.md.
const FOLDER: &str = "../shared/testdata/whatsapp-android/ElDavoo+wa-crypt-tools/tests/res";

fn published(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(FOLDER).join(name);
    if !path.exists() {
        skip("UITLEZEN_REQUIRE_TESTDATA", &format!("{name} of the published fixtures is not here"));
        return None;
    }
    Some(path)
}

/// One published backup, alone in a folder, with its published key file.
fn read(backup: &str, key: &str) {
    let (Some(backup_file), Some(key_file), Some(plain)) = (published(backup), published(key), published("msgstore.db")) else {
        return;
    };
    let desk = Desk::ready();
    let from = desk.at("telefoon");
    fs::create_dir(&from).unwrap();
    fs::copy(backup_file, from.join(backup)).unwrap();
    let secret = desk.secret("whatsapp-key-file", fs::read(key_file).unwrap());
    let told = desk.readout().with("--from").with(&from).with("--secret").with(secret).shown_off().json().go();
    assert!(matches!(told.code, Some(0 | 3 | 6 | 8)), "{:?}\n{}\n{}", told.code, told.out, told.err);
    desk.verifies(&desk.seal()).ends_with(0);
    let report = desk.report();
    let backup = &report.apps[0].backups[0];
    assert!(backup.unlocked);
    assert_eq!(told.event("backup")["kind"], backup.kind);
    // The same database, never encrypted, gives the same records.
    let open = Desk::ready();
    let from = open.at("telefoon");
    fs::create_dir(&from).unwrap();
    fs::copy(plain, from.join("msgstore.db")).unwrap();
    let told_open = open.readout().with("--from").with(&from).shown_off().json().go();
    assert_eq!(told_open.code, told.code, "{}", told_open.err);
    assert_eq!(told.event("counts"), told_open.event("counts"));
    assert_eq!(report.apps[0].records.as_ref().unwrap().table, open.report().apps[0].records.as_ref().unwrap().table);
}

#[test]
fn a_published_crypt15_opens_with_its_published_key_file() {
    read("msgstore.db.crypt15", "encrypted_backup.key");
}

#[test]
fn a_published_crypt14_opens_with_its_published_key_file() {
    read("msgstore.db.crypt14", "key");
}

#[test]
fn a_published_crypt15_stays_shut_with_another_key() {
    let Some(backup) = published("msgstore.db.crypt15") else { return };
    let desk = Desk::ready();
    fs::create_dir(desk.at("telefoon")).unwrap();
    fs::copy(backup, desk.at("telefoon/msgstore.db.crypt15")).unwrap();
    let secret = desk.secret("whatsapp", "1".repeat(64));
    let told = desk.readout().with("--from").with(desk.at("telefoon")).with("--secret").with(secret).go().ends_with(7);
    told.says("opent de reservekopie van whatsapp niet");
    desk.nothing_sealed();
}
