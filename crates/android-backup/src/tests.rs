use crate::{BackupError, Entry, Header};
use flate2::read::ZlibDecoder;
use sha2::{Digest, Sha256};
use std::{
    io::{BufReader, Read},
    path::PathBuf,
};
use uitlezen_twin::content::sms::{SmsBackup, SmsOptions, generate};

fn entries(bytes: &[u8], password: Option<&str>) -> Result<Vec<(Entry, Vec<u8>)>, BackupError> {
    let mut from = BufReader::new(bytes);
    let header = Header::read(&mut from)?;
    let mut entries = header.open(from, password)?;
    let mut all = Vec::new();
    while let Some(entry) = entries.next_entry()? {
        let mut bytes = Vec::new();
        entries.read_to_end(&mut bytes)?;
        all.push((entry, bytes));
    }
    Ok(all)
}

fn made(how: &SmsBackup) -> Vec<u8> {
    let content = generate(&SmsOptions { sms: 1_200, mms: 30, ..SmsOptions::default() }).unwrap();
    content.backup(how, 7).unwrap()
}

fn quick(version: u32, compressed: bool, password: Option<&str>) -> SmsBackup {
    SmsBackup { version, compressed, password: password.map(str::to_owned), rounds: 50 }
}

#[test]
fn every_version_plain_and_encrypted_gives_the_same_files() {
    let plain = entries(&made(&quick(5, false, None)), None).unwrap();
    assert_eq!(plain.len(), 4);
    for version in 1..=5 {
        for compressed in [false, true] {
            for password in [None, Some("wachtwoord é")] {
                assert!(entries(&made(&quick(version, compressed, password)), password).unwrap() == plain, "{version}");
            }
        }
    }
}

#[test]
fn a_wrong_password_is_told_from_damage() {
    let good = made(&quick(3, true, Some("goed")));
    assert!(matches!(entries(&good, Some("fout")), Err(BackupError::WrongPassword)));
    assert!(matches!(entries(&good, None), Err(BackupError::PasswordMissing)));
    // The salt of the checksum: the master key opens, and its checksum does not fit.
    let line = good.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(4).unwrap().0 + 1;
    let mut damaged = good.clone();
    damaged[line] = if damaged[line] == b'0' { b'1' } else { b'0' };
    assert!(matches!(entries(&damaged, Some("goed")), Err(BackupError::Damaged)));
    for cut in [good.len() - 1, good.len() - 16, good.len() / 2] {
        assert!(matches!(entries(&good[..cut], Some("goed")), Err(BackupError::Damaged)), "{cut}");
    }
    // What came before the cut is given out all the same, however small the file.
    let cut = &good[..good.len() * 3 / 4 / 16 * 16 + 5];
    let mut from = BufReader::new(cut);
    let header = Header::read(&mut from).unwrap();
    let mut entries_before = header.open(from, Some("goed")).unwrap();
    assert_eq!(entries_before.next_entry().unwrap().unwrap().path, "apps/com.android.providers.telephony/_manifest");
    assert!(entries_before.next_entry().unwrap().is_some());
    let mut forged = good.clone();
    let end = forged.len();
    forged[end - 2_000..].fill(7);
    assert!(matches!(entries(&forged, Some("goed")), Err(BackupError::Damaged)));
}

#[test]
fn headers_that_no_backup_has_are_refused_before_any_work() {
    for (text, kind) in [
        ("", "NotABackup"),
        ("ANDROID BACKUP", "NotABackup"),
        ("ANDROID BACKUP\n6\n1\nnone\n", "Version"),
        ("ANDROID BACKUP\n1\n2\nnone\n", "Header"),
        ("ANDROID BACKUP\n1\n1\nAES-256", "Header"),
        ("ANDROID BACKUP\n1\n1\nDES\n", "Header"),
        (
            "ANDROID BACKUP\n1\n1\nAES-256\n00\n00\n4294967295\n00000000000000000000000000000000\n00000000000000000000000000000000\n",
            "Header",
        ),
        ("ANDROID BACKUP\n1\n1\nAES-256\n00\n00\n1\n00\n00\n", "Header"),
    ] {
        let said = entries(text.as_bytes(), Some("x")).unwrap_err();
        assert!(format!("{said:?}").starts_with(kind), "{text}: {said:?}");
    }
    let endless = [b"ANDROID BACKUP\n".as_slice(), &[b'1'; 4096]].concat();
    assert!(matches!(entries(&endless, None), Err(BackupError::Header)));
}

#[test]
fn a_hostile_tar_is_refused() {
    let body = made(&quick(1, false, None));
    let start = b"ANDROID BACKUP\n1\n0\nnone\n".len();
    let mut sum = body.clone();
    sum[start] ^= 1;
    assert!(matches!(entries(&sum, None), Err(BackupError::Damaged)));
    assert!(matches!(entries(&body[..start + 700], None), Err(BackupError::Damaged)));
    // Nothing but a header: the phone gave nothing (`reference/android.md §7` 16).
    assert_eq!(entries(&body[..start], None).unwrap(), []);
    let empty = [&body[..start], &[0; 1024]].concat();
    assert_eq!(entries(&empty, None).unwrap(), []);
}

/// Cut exactly between two files it looks like one that has fewer.
#[test]
fn a_file_that_ends_without_the_mark_of_its_end_says_so() {
    let ended = |bytes: &[u8]| {
        let mut from = BufReader::new(bytes);
        let header = Header::read(&mut from).unwrap();
        let mut entries = header.open(from, None).unwrap();
        let mut files = 0;
        while entries.next_entry().unwrap().is_some() {
            assert!(!entries.has_ended());
            files += 1;
        }
        (files, entries.has_ended())
    };
    let body = made(&quick(1, false, None));
    assert_eq!(ended(&body), (4, true));
    assert_eq!(ended(&body[..body.len() - 1024]), (4, false));
    let start = b"ANDROID BACKUP\n1\n0\nnone\n".len();
    assert_eq!(ended(&body[..start + 1024]), (1, false));
    assert_eq!(ended(&body[..start]), (0, false));
}

/// A change that happens to inflate into something shows in the sum behind the end.
#[test]
fn the_sum_over_everything_is_looked_at() {
    let mut body = made(&quick(5, true, None));
    let last = body.len() - 1;
    body[last] ^= 1;
    assert!(matches!(entries(&body, None), Err(BackupError::Damaged)));
}

#[test]
fn the_header_alone_says_whether_a_password_opens_the_rest() {
    let good = made(&quick(4, true, Some("goed")));
    let body = good.iter().enumerate().filter(|(_, b)| **b == b'\n').nth(8).unwrap().0 + 1;
    assert!(body <= crate::LONGEST_HEADER as usize);
    assert_eq!((crate::recognise(&good), crate::recognise(&made(&quick(4, true, None)))), (Some(true), Some(false)));
    let header = Header::read(&mut &good[..body]).unwrap();
    assert!(matches!(header.unlock(Some("fout")), Err(BackupError::WrongPassword)));
    assert!(matches!(header.unlock(None), Err(BackupError::PasswordMissing)));
    let key = header.unlock(Some("goed")).unwrap();
    for _ in 0..2 {
        let mut entries = header.entries(&key, &good[body..]);
        assert_eq!(entries.next_entry().unwrap().unwrap().path, "apps/com.android.providers.telephony/_manifest");
    }
    for other in ["ANDROID BACKUP", "ANDROID BACKUPS\n5\n1\nnone\n", "", "PK"] {
        assert_eq!(crate::recognise(other.as_bytes()), None);
    }
}

/// Files that others published; without them this says SKIPPED.
#[test]
fn published_backups_decode_to_the_bytes_that_their_makers_tell() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/testdata/android-backup/mvt-project+mvt/tests/artifacts/android_backup");
    if !folder.is_dir() {
        assert!(std::env::var_os("UITLEZEN_REQUIRE_TESTDATA").is_none(), "no testdata, and UITLEZEN_REQUIRE_TESTDATA is set");
        eprintln!("SKIPPED: the published backups are not at hand");
        return;
    }
    for (name, password, tar, members) in [
        ("backup.ab", None, "ce1ac5009fea5187a9f546b51e1446ba450243ae91d31dc779233ec0937b5d18", 2),
        ("backup2.ab", Some("123456"), "f365ace1effbc4902c6aeba241ca61544f8a96ad456c1861808ea87b7dd03896", 2),
    ] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let mut from = BufReader::new(bytes.as_slice());
        let header = Header::read(&mut from).unwrap();
        let mut all = Vec::new();
        header.open(from, password).unwrap().into_tar().read_to_end(&mut all).unwrap();
        assert_eq!(hex::encode(Sha256::digest(&all)), tar, "{name}");
        let files = entries(&bytes, password).unwrap();
        assert_eq!(files.len(), members, "{name}");
        let (_, messages) = files.iter().find(|(entry, _)| entry.path.ends_with("_sms_backup")).unwrap();
        let list: serde_json::Value = serde_json::from_reader(ZlibDecoder::new(messages.as_slice())).unwrap();
        assert_eq!(list[0]["body"], "Hi this is a test message to https://google.com/");
        assert!(password.is_none() || matches!(entries(&bytes, Some("654321")), Err(BackupError::WrongPassword)));
    }
}
