//! Backups that lie, are damaged, or hold what nobody put under the password.

use super::*;
use uitlezen_twin::content::threema::Ae;

const PASSWORD: &str = "Stadhuis-2026";
const CONTACTS: &str = "\"identity\",\"firstname\",\"lastname\",\"nick_name\",\"identity_id\"\n\"ABCD1234\",\"Anja\",\"de Boer\",\"\",\"aa\"\n\"EFGH5678\",\"\",\"\",\"ef\",\"bb\"\n";
const NAMES: &str = "\"apiid\",\"uid\",\"isoutbox\",\"posted_at\",\"created_at\",\"type\",\"body\",\"isstatusmessage\"\n";

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = AesZip::new(PASSWORD, 5);
    for (name, content) in entries {
        zip.add(name, content, true).unwrap();
    }
    zip.finish()
}

fn messages(rows: &str) -> String {
    format!("{NAMES}{rows}")
}

fn row(api: &str, kind: &str, body: &str) -> String {
    let body = body.replace('"', "\"\"");
    format!("\"{api}\",\"u{api}\",\"0\",\"1763802000000\",\"1763802001000\",\"{kind}\",\"{body}\",\"0\"\n")
}

fn open(zip: Vec<u8>) -> Backup {
    Backup::open(Arc::new(zip), PASSWORD).unwrap()
}

#[test]
fn a_wrong_password_damage_and_another_file_are_different_answers() {
    let made = generate(&ThreemaBackupOptions { messages: 60, ..ThreemaBackupOptions::default() }).unwrap();
    let of = |bytes: Vec<u8>, password: &str| Backup::open(Arc::new(bytes), password);
    assert!(matches!(of(made.bytes.clone(), "iets anders"), Err(OpenError::WrongPassword)));
    assert!(matches!(of(made.bytes[..made.bytes.len() / 2].to_vec(), &made.password), Err(OpenError::Damaged)));
    let other = zipped(&[("messages.txt", b"[1-1-2026] x")]);
    assert!(matches!(of(other, PASSWORD), Err(OpenError::NotABackup)));
    for error in [OpenError::WrongPassword, OpenError::Damaged, OpenError::NotABackup] {
        assert!(!error.to_string().contains(&made.password));
    }
    assert!(!format!("{:?}", of(made.bytes, &made.password)).contains(&made.password));
}

#[test]
fn a_wrong_password_that_fits_the_head_by_chance_opens_nothing() {
    let made = generate(&ThreemaBackupOptions { messages: 60, ..ThreemaBackupOptions::default() }).unwrap();
    assert_eq!(may_open(&made.bytes[..100], &made.password), Some(true));
    assert_eq!(may_open(&made.bytes[..100], "iets anders"), Some(false));
    assert_eq!(may_open(b"PK\x03\x04", &made.password), None);
    // One in 65,536 fits. This one is made to: behind the salt stand the two bytes that it would have, which no tag protects.
    let wrong = "iets anders";
    let mut zip = AesZip::new(wrong, ThreemaBackupOptions::default().seed);
    zip.add("settings", b"x", true).unwrap();
    let (other, mut bytes) = (zip.finish(), made.bytes.clone());
    let (salt, verifier) = (30 + 8 + 11..30 + 8 + 11 + 16, 30 + 8 + 11 + 16..30 + 8 + 11 + 18);
    assert_eq!(other[salt.clone()], bytes[salt]);
    bytes[verifier.clone()].copy_from_slice(&other[verifier]);
    assert_eq!(may_open(&bytes[..100], wrong), Some(true));
    assert!(matches!(Backup::open(Arc::new(bytes), wrong), Err(OpenError::WrongPassword)));
}

#[test]
fn a_password_with_accents_opens_what_either_version_of_the_library_wrote() {
    let narrow = {
        // One byte of each character, as old versions of the library take it; bytes here, because it is no UTF-8.
        let mut zip = AesZip::of_bytes(&[b'S', 0xe9, b'p'], 5);
        zip.add("settings", b"\"version\",\"16\"\n", true).unwrap();
        zip.add("contacts.csv", CONTACTS.as_bytes(), true).unwrap();
        zip.finish()
    };
    assert_eq!(may_open(&narrow, "Sép"), Some(true));
    assert_eq!(Backup::open(Arc::new(narrow), "Sép").unwrap().version(), Some(16));
}

#[test]
fn what_came_before_damage_stays_and_the_reading_is_not_whole() {
    let good = messages(&(row("01", "TEXT", "een") + &row("02", "TEXT", "twee")));
    let entries: [(&str, &[u8]); 4] = [
        ("settings", b"\"version\",\"27\"\n"),
        ("contacts.csv", CONTACTS.as_bytes()),
        ("message_aa.csv", good.as_bytes()),
        ("message_bb.csv", good.as_bytes()),
    ];
    let whole = zipped(&entries);
    let (kept, summary) = read_of(&open(whole.clone()), None);
    assert_eq!((kept.messages.len(), summary.is_whole()), (4, true));
    // A byte of the second table is another: it has no tag that fits, so nothing of it is taken.
    let at = whole.windows(14).position(|w| w == b"message_bb.csv").unwrap() + 14 + 11 + 40;
    let mut damaged = whole;
    damaged[at] ^= 1;
    let (kept, summary) = read_of(&open(damaged), None);
    assert_eq!((kept.messages.len(), kept.conversations.len()), (2, 2));
    assert_eq!(kept.conversations[1].uninterpreted["messages"], "damaged");
    assert_eq!(summary.stopped.iter().map(|s| s.table.as_str()).collect::<Vec<_>>(), ["message_*.csv"]);
    assert!(!summary.is_whole());
    // The table is what was encrypted, and ends within a row.
    let cut = messages(&(row("01", "TEXT", "een") + "\"02\",\"u02\",\"0\",\"17638"));
    let (kept, summary) = read_of(
        &open(zipped(&[("settings", b"x"), ("contacts.csv", CONTACTS.as_bytes()), ("message_aa.csv", cut.as_bytes())])),
        None,
    );
    assert_eq!((kept.messages.len(), summary.is_whole()), (1, false));
}

#[test]
fn entries_in_the_clear_are_no_part_of_it_and_are_told() {
    let forged = messages(&row("09", "TEXT", "nooit gezegd"));
    let mut zip = AesZip::new(PASSWORD, 5);
    zip.ae = Ae::One;
    zip.add("settings", b"\"version\",\"27\"\n", true).unwrap();
    zip.add("contacts.csv", CONTACTS.as_bytes(), true).unwrap();
    zip.add("message_aa.csv", messages(&row("01", "TEXT", "gezegd")).as_bytes(), true).unwrap();
    zip.add_in_the_clear("message_bb.csv", forged.as_bytes(), true).unwrap();
    zip.add_in_the_clear("message_media_u01", b"x", false).unwrap();
    let (kept, summary) = read_of(&open(zip.finish()), None);
    assert_eq!(kept.messages.len(), 1);
    let told: Vec<(&str, u64)> = summary.uninterpreted_tables().map(|t| (t.table.as_str(), t.rows)).collect();
    assert_eq!(told, [("entries in the clear", 2)]);
}

#[test]
fn bodies_that_hold_keys_or_nonsense_are_not_kept_and_counted() {
    let key = "0123456789abcdef0123456789abcdef";
    let odd = [
        ("FILE", format!("{{\"k\":\"{key}\"}}")),
        ("VIDEO", format!("[\"{key}\"")),
        ("LOCATION", "[\"x\"]".to_owned()),
        ("BALLOT", "[1]".to_owned()),
        ("VOIP_STATUS", "[9,{}]".to_owned()),
        ("GROUP_STATUS", "niets".to_owned()),
        ("IETS_NIEUWS", format!("[\"{key}\"]")),
        ("IETS_NIEUWS", "platte tekst".to_owned()),
        ("", String::new()),
    ];
    let rows: String = odd.iter().enumerate().map(|(n, (kind, body))| row(&format!("{n:02}"), kind, body)).collect();
    let (kept, summary) = read_of(
        &open(zipped(&[
            ("settings", b"x"),
            ("contacts.csv", CONTACTS.as_bytes()),
            ("message_aa.csv", messages(&rows).as_bytes()),
        ])),
        None,
    );
    assert_eq!(kept.messages.len(), odd.len());
    let said = serde_json::to_string(&kept.messages.iter().map(|(_, m)| m).collect::<Vec<_>>()).unwrap();
    assert!(!said.contains(key), "a key stands in a record");
    let unknown = kept.messages.iter().filter(|(_, m)| matches!(m.body, Body::Unknown { .. })).count() as u64;
    assert_eq!((unknown, summary.unknown_types.values().sum::<u64>()), (8, 8));
    let Body::Unknown { code: -1, text: Some(text), .. } = &kept.messages[7].1.body else { panic!("{:?}", kept.messages[7]) };
    assert_eq!(text, "platte tekst");
}

#[test]
fn tables_that_nobody_names_and_doubled_ids_are_all_there() {
    let rows = row("01", "TEXT", "een") + &row("01", "TEXT", "weer een") + &row("", "TEXT", "zonder naam");
    let strays = messages(&rows);
    let (kept, summary) = read_of(
        &open(zipped(&[
            ("settings", b"x"),
            ("contacts.csv", CONTACTS.as_bytes()),
            ("group_message_zz.csv", strays.as_bytes()),
            ("vreemd", b"x"),
        ])),
        None,
    );
    assert_eq!((kept.conversations.len(), kept.conversations[0].kind), (1, ConversationKind::Other));
    let ids: Vec<&str> = kept.messages.iter().map(|(_, message)| message.id.0.as_str()).collect();
    assert_eq!(ids, ["api:01", "api:01#2", "uid:u"]);
    assert_eq!((summary.oddities.duplicate_keys, summary.oddities.unresolved_senders), (1, 3));
    assert!(summary.uninterpreted_tables().any(|table| table.table == "other entries"));
}

#[test]
fn fields_beyond_their_bound_are_cut_and_told() {
    let long = "x".repeat(csv::LONGEST_FIELD + 10);
    let (kept, summary) = read_of(
        &open(zipped(&[
            ("settings", b"x"),
            ("contacts.csv", CONTACTS.as_bytes()),
            ("message_aa.csv", messages(&row("01", "TEXT", &long)).as_bytes()),
        ])),
        None,
    );
    assert_eq!(text(&kept.messages[0].1).unwrap().len(), csv::LONGEST_FIELD);
    assert_eq!((summary.oddities.cut_texts, summary.is_whole()), (1, false));
}

#[test]
fn the_holders_identity_is_never_given() {
    let made = generate(&ThreemaBackupOptions { messages: 30, ..ThreemaBackupOptions::default() }).unwrap();
    let backup = opened(&made);
    assert!(backup.has("identity") && backup.content("identity").is_err());
    assert_eq!(media::open(&backup, "identity").unwrap_err(), crate::MediaRefused::Unknown);
    assert_eq!(media::open(&backup, "message_media_x").unwrap_err(), crate::MediaRefused::Missing);
    assert_eq!(media::open(&backup, "contacts.csv").unwrap_err(), crate::MediaRefused::Unknown);
}
