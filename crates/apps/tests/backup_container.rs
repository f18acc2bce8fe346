//! Containers as a user meets them: whole, with the wrong key, cut short, altered.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod backup_support;

use backup_support::*;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use uitlezen_apps::whatsapp::backup::{
    AlteredPart, BackupKey, ContentError, KeyMismatch, Keys, Kind, LegacyKey, Limits, NotABackup, Payload, TooLarge, Trailer,
    UnlockError, Unlocked, inspect, unlock, unlock_within,
};

const SYNTHETIC: &str = "2608011a120a10a0a1a2a3a4a5a6a7a8a9aaabacadaeaf220e0a08322e32362e312e311a0234328e4110affd040988576f2172216eb7dbb64520549b0038a3ded44645084bdd7290229d8b67a607c7909ea183356b02e8c20df271b17487fb24b976ee8f";

fn synthetic_keys() -> Keys {
    let root: [u8; 32] = std::array::from_fn(|i| u8::try_from(i).unwrap());
    Keys { backup: Some(BackupKey::from_root(root)), legacy: None }
}

fn open(file: &[u8], keys: &Keys) -> Result<(Unlocked, Vec<u8>), UnlockError> {
    let mut out = Vec::new();
    let mut told = Vec::new();
    let result = unlock(bytes(file), keys, &mut out, &mut |at| told.push(at));
    assert!(told.is_sorted());
    match result {
        Ok(unlocked) => {
            assert_eq!(unlocked.bytes_out, out.len() as u64);
            Ok((unlocked, out))
        }
        Err(error) => Err(error),
    }
}

#[test]
fn the_synthetic_file_opens() {
    let (unlocked, content) = open(&hex::decode(SYNTHETIC).unwrap(), &synthetic_keys()).unwrap();
    assert_eq!(content, b"SQLite format 3\0hello");
    assert_eq!((unlocked.payload, unlocked.trailer), (Payload::Sqlite, Trailer::Checksum));
    assert_eq!(unlocked.facts.app_version.as_deref(), Some("2.26.1.1"));
}

#[test]
fn each_flipped_byte_of_the_synthetic_file_is_told_for_what_it_is() {
    let whole = hex::decode(SYNTHETIC).unwrap();
    for at in 0..whole.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut file = whole.clone();
            file[at] ^= change;
            let result = open(&file, &synthetic_keys());
            let what = format!("byte {at} ^ {change:#x}: {result:?}");
            match at {
                // Key type, version and suffix are not covered by the cipher, and the checksum is only read after a
                // failure: where the head can still be read, the content is genuine and opens.
                0..=6 | 23..=38 => match result {
                    Ok((_, content)) => assert_eq!(content, b"SQLite format 3\0hello"),
                    Err(error) => assert!(
                        matches!(
                            error,
                            UnlockError::NotABackup(_)
                                | UnlockError::Altered { part: AlteredPart::Head }
                                | UnlockError::Unsupported(_)
                                | UnlockError::Truncated { .. }
                                | UnlockError::NotForThisKey { .. }
                        ),
                        "{what}"
                    ),
                },
                7..=22 => assert!(matches!(result, Err(UnlockError::Altered { part: AlteredPart::Head })), "{what}"),
                39..=83 => assert!(matches!(result, Err(UnlockError::Altered { part: AlteredPart::Content })), "{what}"),
                84.. => assert_eq!(result.unwrap().1, b"SQLite format 3\0hello"),
            }
        }
    }
}

#[test]
fn each_length_of_the_synthetic_file_is_told_as_cut_short() {
    let whole = hex::decode(SYNTHETIC).unwrap();
    assert!(matches!(open(&[], &synthetic_keys()), Err(UnlockError::NotABackup(NotABackup::Empty))));
    for len in 1..whole.len() {
        let result = open(&whole[..len], &synthetic_keys());
        if len == whole.len() - 16 {
            // Without its checksum it is what a multi-file container is: the tag still proves it whole.
            let (unlocked, content) = result.unwrap();
            assert_eq!((unlocked.trailer, content.as_slice()), (Trailer::Bare, &b"SQLite format 3\0hello"[..]));
        } else {
            assert!(matches!(result, Err(UnlockError::Truncated { bytes }) if bytes == len as u64), "{len}: {result:?}");
        }
    }
}

#[test]
fn a_wrong_key_is_certain_where_the_checksum_holds() {
    let content = zlib(&database(100_000, 1));
    let wrong = open(&crypt15(&content, [9; 16], true), &other_keys());
    assert!(matches!(wrong, Err(UnlockError::WrongKey { kind: Kind::Crypt15, certain: true, .. })), "{wrong:?}");
    let wrong = open(&crypt15(&content, [9; 16], false), &other_keys());
    assert!(matches!(wrong, Err(UnlockError::WrongKey { certain: false, .. })), "{wrong:?}");
}

#[test]
fn cuts_and_alterations_of_a_larger_file_are_told_apart() {
    for checksum in [true, false] {
        let whole = crypt15(&zlib(&database(600_000, 2)), [9; 16], checksum);
        for len in (40..whole.len()).step_by(whole.len() / 60).chain(whole.len() - 50..whole.len()) {
            let result = open(&whole[..len], &keys());
            if checksum && len == whole.len() - 16 {
                assert!(result.is_ok());
            } else {
                assert!(matches!(result, Err(UnlockError::Truncated { .. })), "{len} of {}: {result:?}", whole.len());
            }
        }
        let end = whole.len() - if checksum { 16 } else { 0 };
        for at in (39..end).step_by(end / 60).chain(39..60).chain(end - 40..end) {
            let mut file = whole.clone();
            file[at] ^= 0x10;
            let result = open(&file, &keys());
            assert!(matches!(result, Err(UnlockError::Altered { part: AlteredPart::Content })), "byte {at}: {result:?}");
        }
        // A whole sector lost in the middle.
        let mut file = whole.clone();
        file[80_000..80_512].fill(0);
        assert!(matches!(open(&file, &keys()), Err(UnlockError::Altered { .. })));
        // Something hung behind it.
        let longer = [&whole[..], &[0; 512]].concat();
        assert!(matches!(open(&longer, &keys()), Err(UnlockError::Altered { .. })));
    }
}

#[test]
fn zips_and_unpacked_databases_come_out_as_they_are() {
    let zip = [&b"PK\x03\x04"[..], &noise(5000, 3), b"PK\x05\x06", &[0; 18]].concat();
    let file = crypt15(&zip, [1; 16], false);
    let (unlocked, content) = open(&file, &keys()).unwrap();
    assert_eq!((unlocked.payload, unlocked.trailer, content == zip), (Payload::Zip, Trailer::Bare, true));
    assert!(matches!(open(&file[..file.len() - 100], &keys()), Err(UnlockError::Truncated { .. })));
    assert!(matches!(open(&file[..file.len() - 3], &keys()), Err(UnlockError::Truncated { .. })));
    let mut altered = file.clone();
    altered[3000..3100].fill(0);
    assert!(matches!(open(&altered, &keys()), Err(UnlockError::Altered { .. })));

    let plain = database(4096, 4);
    let (unlocked, content) = open(&crypt15(&plain, [1; 16], true), &keys()).unwrap();
    assert_eq!((unlocked.payload, content == plain), (Payload::Sqlite, true));
    assert_eq!(open(&crypt15(b"{\"localSettings\":{}}", [1; 16], true), &keys()).unwrap().0.payload, Payload::Json);
    assert_eq!(open(&crypt15(&zlib(b"\n{}"), [1; 16], true), &keys()).unwrap().0.payload, Payload::Json);
    assert_eq!(open(&crypt15(b"something", [1; 16], true), &keys()).unwrap().0.payload, Payload::Other);
}

#[test]
fn genuine_but_broken_content_is_not_passed_on_as_whole() {
    let packed = zlib(&database(50_000, 5));
    let cut = open(&crypt15(&packed[..packed.len() / 2], [1; 16], true), &keys());
    assert!(matches!(cut, Err(UnlockError::Content(ContentError::Incomplete))), "{cut:?}");
    let mut broken = packed.clone();
    let end = broken.len();
    broken[end - 2] ^= 1;
    assert!(matches!(open(&crypt15(&broken, [1; 16], true), &keys()), Err(UnlockError::Content(ContentError::Broken))));
    let surplus = [&packed[..], b"tail"].concat();
    assert_eq!(open(&crypt15(&surplus, [1; 16], true), &keys()).unwrap().0.surplus_bytes, 4);
}

#[test]
fn a_bomb_stops_at_its_limit() {
    let file = crypt15(&zlib(&vec![0; 4 << 20]), [1; 16], true);
    let mut out = Vec::new();
    let ratio = Limits { ratio: 100, free: 1 << 20, ..Limits::default() };
    let result = unlock_within(bytes(&file[..]), &keys(), &ratio, &mut out, &mut |_| {});
    assert!(matches!(result, Err(UnlockError::TooLarge(TooLarge::Ratio { limit: 100 }))), "{result:?}");
    assert!(out.len() < 4 << 20);
    let bytes_limit = Limits { bytes: 1 << 20, ..Limits::default() };
    let result = unlock_within(bytes(&file[..]), &keys(), &bytes_limit, &mut Vec::new(), &mut |_| {});
    assert!(matches!(result, Err(UnlockError::TooLarge(TooLarge::Bytes { limit: 1_048_576 }))), "{result:?}");
    assert!(open(&file, &keys()).is_ok(), "4 MiB of zeros are no danger by default");
}

/// Takes so many bytes and no more.
struct Full(Vec<u8>, usize);

impl std::io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        // A little at a time, as a pipe may take it.
        let some = bytes.len().min(10_000).min(self.1 - self.0.len());
        if some == 0 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.0.extend_from_slice(&bytes[..some]);
        Ok(some)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn whoever_takes_the_content_may_fail_at_any_byte_and_that_is_told() {
    let content = database(5 << 20, 8);
    for packed in [zlib(&content), content.clone()] {
        let file = crypt15(&packed, [3; 16], true);
        for room in [0, 1, 300_000, content.len() - 1] {
            let mut out = Full(Vec::new(), room);
            let told = unlock(bytes(file.clone()), &keys(), &mut out, &mut |_| {}).unwrap_err();
            assert!(matches!(&told, UnlockError::Output(e) if e.kind() == std::io::ErrorKind::StorageFull), "{told:?}");
            assert_eq!((out.0.len(), &out.0[..]), (room, &content[..room]));
        }
        let mut out = Full(Vec::new(), content.len());
        let unlocked = unlock(bytes(file), &keys(), &mut out, &mut |_| {}).unwrap();
        assert!(out.0 == content && unlocked.bytes_out == content.len() as u64);
    }
}

#[test]
fn older_kinds_need_their_key_file() {
    let content = zlib(&database(20_000, 6));
    for (kind, file) in [(Kind::Crypt14, crypt14(&content, [2; 16])), (Kind::Crypt12, crypt12(&content, [2; 16]))] {
        let (unlocked, plain) = open(&file, &legacy_keys()).unwrap();
        assert_eq!((unlocked.facts.kind, unlocked.facts.key_version, plain.len()), (kind, Some(2), 20_000));
        let refused = open(&file, &keys());
        assert!(
            matches!(refused, Err(UnlockError::NotForThisKey { kind: k, mismatch: KeyMismatch::NotGiven }) if k == kind),
            "{refused:?}"
        );
        assert!(matches!(open(&file[..file.len() / 2], &legacy_keys()), Err(UnlockError::Truncated { .. })));
        let mut altered = file.clone();
        altered[file.len() / 2] ^= 4;
        assert!(matches!(open(&altered, &legacy_keys()), Err(UnlockError::Altered { .. })));
    }
    let mut other_salt = crypt12(&content, [2; 16]);
    other_salt[10] ^= 1;
    let refused = open(&other_salt, &legacy_keys());
    assert!(matches!(refused, Err(UnlockError::NotForThisKey { mismatch: KeyMismatch::OtherKeyFile, .. })), "{refused:?}");
    let refused = open(&crypt15(&content, [2; 16], true), &legacy_keys());
    assert!(matches!(refused, Err(UnlockError::NotForThisKey { kind: Kind::Crypt15, mismatch: KeyMismatch::NotGiven })));
}

#[test]
fn what_is_no_backup_is_said_to_be_none() {
    let told = |file: &[u8]| match open(file, &keys()) {
        Err(UnlockError::NotABackup(what)) => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(told(b"SQLite format 3\0abc"), NotABackup::PlainDatabase);
    assert_eq!(told(b"PK\x03\x04abc"), NotABackup::PlainZip);
    assert_eq!(told(b"hello world, this is text"), NotABackup::Unknown);
    assert_eq!(told(&[0; 4096]), NotABackup::Unknown);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_was_encrypted_comes_back(
        len in prop_oneof![0_usize..80, 4090_usize..4110, 262_100_usize..262_200, 524_200_usize..524_330],
        seed: u64,
        iv: [u8; 16],
        checksum: bool,
        packed: bool,
    ) {
        let content = if packed { database(len, seed) } else { noise(len, seed) };
        let inner = if packed { zlib(&content) } else { content.clone() };
        // One byte of content is the least a container can hold.
        prop_assume!(!inner.is_empty());
        // Noise that looks packed is not what this test is about.
        prop_assume!(packed || inner[0] & 0x0f != 8);
        let (unlocked, out) = open(&crypt15(&inner, iv, checksum), &keys()).unwrap();
        prop_assert_eq!(unlocked.bytes_in, inner.len() as u64);
        prop_assert_eq!(unlocked.trailer == Trailer::Checksum, checksum);
        prop_assert!(out == content);
    }

    #[test]
    fn no_bytes_at_all_make_it_panic(file in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = open(&file, &keys());
        let headed = [head15(&[1; 16]), file].concat();
        prop_assert!(open(&headed, &keys()).is_err());
    }
}

const PUBLISHED: &str = "whatsapp-android/ElDavoo+wa-crypt-tools/tests/res/";
const PUBLISHED_SHA256: &str = "1425b944a2e3885fc936a7bb82f6548c5cc09523a2f61f02aa836c4ed8bbd16e";

#[test]
fn the_published_set_opens() {
    let files = ["msgstore.db.crypt15", "msgstore.db.crypt14", "encrypted_backup.key", "key"];
    let [Some(c15), Some(c14), Some(root_file), Some(key_file)] = files.map(|name| fixture(&format!("{PUBLISHED}{name}"))) else {
        return;
    };
    let keys = Keys {
        backup: Some(BackupKey::from_key_file(&root_file).unwrap()),
        legacy: Some(LegacyKey::from_key_file(&key_file).unwrap()),
    };
    let features = vec![5, 7, 8, 13, 14, 19, 22, 25, 28, 30, 31, 32, 36, 37];
    for (file, kind, iv) in
        [(&c15, Kind::Crypt15, "c395ee009cf8b68ac0ea760550f6559c"), (&c14, Kind::Crypt14, "ea53ceae36ecab50bc331aeb62491625")]
    {
        let (unlocked, content) = open(file, &keys).unwrap();
        assert_eq!(hex::encode(Sha256::digest(&content)), PUBLISHED_SHA256);
        let facts = &unlocked.facts;
        assert_eq!((facts.kind, hex::encode(facts.iv).as_str()), (kind, iv));
        assert_eq!(facts.app_version.as_deref(), Some("2.22.5.13"));
        assert_eq!(facts.jid_suffix.as_deref(), Some("67"));
        assert_eq!(facts.features, features);
        assert_eq!((unlocked.payload, unlocked.surplus_bytes, facts.unknown_fields), (Payload::Sqlite, 0, 0));
        assert_eq!(inspect(&bytes(file.clone())).unwrap(), *facts);

        let mut altered = file.clone();
        let middle = altered.len() / 2;
        altered[middle] ^= 1;
        assert!(matches!(open(&altered, &keys), Err(UnlockError::Altered { .. })));
        for len in [200, 1000, file.len() / 2, file.len() - 33, file.len() - 1] {
            assert!(matches!(open(&file[..len], &keys), Err(UnlockError::Truncated { .. })), "{len}");
        }
    }
    let wrong = open(&c15, &other_keys());
    assert!(matches!(wrong, Err(UnlockError::WrongKey { certain: true, .. })), "{wrong:?}");
    let needs_key_file = open(&c14, &other_keys());
    assert!(matches!(needs_key_file, Err(UnlockError::NotForThisKey { kind: Kind::Crypt14, .. })), "{needs_key_file:?}");
}
