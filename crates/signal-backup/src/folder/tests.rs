#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

use super::*;
use media::{Locator, MediaError};
use proptest::prelude::*;
use recovery_key::expand;
use std::sync::Arc;
use uitlezen_evidence::{Bytes, ReadAtExt};
use uitlezen_protobuf::Record;
use uitlezen_twin::content::signal::{Fields, FolderKeys, media_name, seal_media};

mod published;

const RECOVERY: &str = "dtjs858asj6tv0jzsqrsmj0ubp335pisj98e9ssnss8myoc08drhtcktyawvx45l";

fn bytes(of: Vec<u8>) -> Bytes {
    Arc::new(of)
}

fn id_of(recovery: &RecoveryKey, aci: &[u8; 16]) -> [u8; 16] {
    *expand(recovery.backup_key().as_slice(), &[b"20241024_SIGNAL_BACKUP_ID:", aci])
}

#[test]
fn the_published_keys_come_out() {
    let recovery = RecoveryKey::parse(RECOVERY.as_bytes()).unwrap();
    let backup_key = recovery.backup_key();
    assert_eq!(hex::encode(*backup_key), "ea26a2ddb5dba5ef9e34e1b8dea1f5ae7f255306a6d2d883e542306eaa9fe985");
    let metadata: recovery_key::Key = expand(backup_key.as_slice(), &[b"20241011_SIGNAL_LOCAL_BACKUP_METADATA_KEY"]);
    assert_eq!(hex::encode(*metadata), "68a14417a1167e55fdb17b24fb223b34752ba4d2bb6294c991acaebf4ec90472");
    let aci = hex::decode("659aa5f4a28dfcc11ea1b997537a3d95").unwrap().try_into().unwrap();
    let id = id_of(&recovery, &aci);
    assert_eq!(hex::encode(id), "8a624fbc45379043f39f1391cddc5fe8");
    // By the way of `metadata`, as our own generator writes it.
    let keys = Metadata::read(&FolderKeys::new(RECOVERY, id).metadata([3; 12])).unwrap().keys(&recovery);
    let (hmac, aes) = keys.sealed().raw;
    assert_eq!(hex::encode(hmac), "f425e22a607c529717e1e1b29f9fe139f9d1c7e7d01e371c7753c544a3026649");
    assert_eq!(hex::encode(aes), "e143f4ad5668d8bfed2f88562f0693f53bda2c0e55c9d71730f30e24695fd6df");
}

#[test]
fn a_key_is_taken_as_the_screen_shows_it_and_nothing_else_is() {
    let shown: String = RECOVERY.to_uppercase().replace('O', "#").replace('0', "=");
    let grouped: Vec<&str> = shown.as_bytes().chunks(4).map(|four| str::from_utf8(four).unwrap()).collect();
    let keys = [RECOVERY.to_owned(), shown.clone(), grouped.join(" "), format!(" {}\n", grouped.join("-"))];
    let first = *RecoveryKey::parse(keys[0].as_bytes()).unwrap().backup_key();
    for key in keys {
        assert_eq!(*RecoveryKey::parse(key.as_bytes()).unwrap().backup_key(), first);
    }
    let refused = |text: &str| RecoveryKey::parse(text.as_bytes()).unwrap_err();
    assert_eq!(refused("  "), KeyError::Empty);
    assert_eq!(refused("01234 56789 01234 56789 01234 56789"), KeyError::Passphrase { digits: 30 });
    assert_eq!(refused(&RECOVERY[1..]), KeyError::WrongCount { characters: 63 });
    assert_eq!(refused(&format!("{RECOVERY}a")), KeyError::WrongCount { characters: 65 });
    assert_eq!(refused(&RECOVERY.replace('d', "é")), KeyError::OtherCharacter);
    assert_eq!(refused(&"m".repeat(5000)), KeyError::WrongCount { characters: 5000 });
    assert_eq!(format!("{:?}", RecoveryKey::parse(RECOVERY.as_bytes()).unwrap()), "RecoveryKey(..)");
}

fn snapshot() -> (FolderKeys, Keys) {
    let made = FolderKeys::new(RECOVERY, [7; 16]);
    let keys = Metadata::read(&made.metadata([1; 12])).unwrap().keys(&RecoveryKey::parse(RECOVERY.as_bytes()).unwrap());
    (made, keys)
}

/// Info, one recipient, one chat item with an unknown field.
fn content() -> Vec<u8> {
    let mut file = Vec::new();
    Fields::new().number(1, 1).number(2, 1_700_000_000_000).append_to(&mut file);
    Fields::new().message(2, &Fields::new().number(1, 5).message(5, &Fields::new())).append_to(&mut file);
    let item = Fields::new().number(1, 3).number(3, 12).message(14, &Fields::new()).number(99, 1);
    Fields::new().message(4, &item).append_to(&mut file);
    file
}

fn read(keys: &Keys, main: Vec<u8>) -> Result<(Vec<String>, u64), FolderError> {
    let mut frames = keys.main(bytes(main))?.frames(Limits::default());
    let mut said = vec![format!("made {}", frames.info()?.uint("backupTimeMs"))];
    while let Some(frame) = frames.next()? {
        let (name, inner) = frame.one_of(&["recipient", "chatItem"]).unwrap();
        said.push(format!("{name} {inner:?}"));
    }
    assert!(frames.next()?.is_none());
    Ok((said, frames.census().total()))
}

#[test]
fn a_snapshot_gives_its_frames_and_counts_what_nobody_described() {
    let (made, keys) = snapshot();
    let main = made.main(&content(), [9; 16]).unwrap();
    assert!(keys.fits(&bytes(main.clone())).unwrap());
    let (said, unknown) = read(&keys, main).unwrap();
    assert_eq!(said, ["made 1700000000000", "recipient Recipient of 4 bytes", "chatItem ChatItem of 9 bytes"]);
    assert_eq!(unknown, 1);
}

#[test]
fn a_wrong_key_is_told_from_damage_and_a_servers_backup_from_both() {
    let (made, keys) = snapshot();
    let main = made.main(&content(), [9; 16]).unwrap();
    let other = FolderKeys::new(&"m".repeat(64), [7; 16]).main(&content(), [9; 16]).unwrap();
    assert!(!keys.fits(&bytes(other.clone())).unwrap());
    assert!(matches!(read(&keys, other), Err(FolderError::WrongKey)));
    for at in 0..main.len() {
        let mut bad = main.clone();
        bad[at] ^= 4;
        let answer = read(&keys, bad);
        // Vector and first block make up the beginning, which is all that speaks for the key.
        let beginning = at < 3 || (16..32).contains(&at);
        let told =
            if beginning { matches!(answer, Err(FolderError::WrongKey)) } else { matches!(answer, Err(FolderError::Damaged)) };
        assert!(told, "{at} {answer:?}");
    }
    for cut in [0, 1, 47, 48, 63, 64, main.len() - 1] {
        assert!(matches!(read(&keys, main[..cut].to_vec()), Err(FolderError::WrongKey | FolderError::Damaged)));
    }
    let server = [b"SBACKUP\x01".to_vec(), main].concat();
    assert!(matches!(read(&keys, server.clone()), Err(FolderError::FromServer)));
    assert!(matches!(keys.fits(&bytes(server)), Err(FolderError::FromServer)));
}

#[test]
fn what_verifies_and_is_no_backup_is_refused() {
    let (made, keys) = snapshot();
    let refused = |frames: &[u8]| read(&keys, made.main(frames, [1; 16]).unwrap()).unwrap_err();
    assert!(matches!(refused(&[]), FolderError::Truncated { frame: 1 }));
    let mut cut = content();
    cut.pop();
    assert!(matches!(refused(&cut), FolderError::Truncated { frame: 3 }));
    let long = [content(), vec![0xff, 0xff, 0xff, 0xff, 0x0f]].concat();
    assert!(matches!(refused(&long), FolderError::Length { frame: 4, bytes: 0xffff_ffff }));
    assert!(matches!(refused(&[content(), vec![0x80]].concat()), FolderError::Truncated { .. }));
    assert!(matches!(refused(&[content(), vec![0xff; 12]].concat()), FolderError::Malformed { .. }));
    let mut deep = Fields::new().number(3, 1);
    for _ in 0..40 {
        deep = Fields::new().message(6, &deep);
    }
    let mut bomb = content();
    Fields::new().message(4, &deep).append_to(&mut bomb);
    assert!(matches!(refused(&bomb), FolderError::Malformed { frame: 4 }));
    let mut wide = content();
    Fields::new().bytes(4, &[0x08, 1].repeat(1_000_001)).append_to(&mut wide);
    assert!(matches!(refused(&wide), FolderError::Malformed { frame: 4 }));
    // Not compressed, cut within, and something behind.
    assert!(matches!(read(&keys, made.seal(b"no gzip at all, but well sealed", [1; 16])), Err(FolderError::Compression { .. })));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(1));
    std::io::Write::write_all(&mut gzip, &content()).unwrap();
    let gzip = gzip.finish().unwrap();
    assert!(matches!(read(&keys, made.seal(&gzip[..gzip.len() - 9], [1; 16])), Err(FolderError::Truncated { .. })));
    assert!(matches!(read(&keys, made.seal(&[&gzip[..], &[0, 0, 1]].concat(), [1; 16])), Err(FolderError::Behind)));
    assert!(read(&keys, made.seal(&[&gzip[..], &[0; 300_000]].concat(), [1; 16])).is_ok());
    let limits = Limits { bytes: 30, ..Limits::default() };
    let mut frames = keys.main(bytes(made.main(&content(), [1; 16]).unwrap())).unwrap().frames(limits);
    frames.info().unwrap();
    while !matches!(frames.next(), Err(FolderError::Length { .. }) | Ok(None)) {}
}

#[test]
fn metadata_that_is_none_is_refused() {
    let good = FolderKeys::new(RECOVERY, [7; 16]).metadata([1; 12]);
    assert!(Metadata::read(&good).is_ok());
    let inner = Fields::new().bytes(1, &[1; 12]).bytes(2, &[1; 16]);
    let of = |version| Fields::new().number(1, version).message(2, &inner).0;
    assert!(matches!(Metadata::read(&of(2)), Err(FolderError::Version { version: 2 })));
    let short = Fields::new().number(1, 1).message(2, &Fields::new().bytes(1, &[1; 11]).bytes(2, &[1; 16])).0;
    for bad in [vec![], vec![8, 1], b"{\"version\":1}".to_vec(), vec![0; 5000], short, good[..good.len() - 1].to_vec()] {
        assert!(matches!(Metadata::read(&bad), Err(FolderError::NotABackup)), "{bad:?}");
    }
}

fn locator(content: &[u8], key: &[u8; 64], size: u64) -> Locator {
    let hash = <sha2::Sha256 as sha2::Digest>::digest(content);
    let info = Fields::new().number(3, size).bytes(9, key).bytes(10, &hash);
    let item = Fields::new().message(5, &Fields::new().message(13, &info));
    let item = Fields::new().message(11, &item).0;
    let record = Record::new(&crate::schema::CHAT_ITEM, &item);
    Locator::of(&record.message("standardMessage").unwrap().message("longText").unwrap()).unwrap()
}

#[test]
fn media_are_checked_by_tag_size_and_hash_before_they_are_given() {
    let (content, key) = (b"a picture".repeat(200), std::array::from_fn(|i| i as u8));
    let file = seal_media(&content, &key, [4; 16]);
    let good = locator(&content, &key, content.len() as u64);
    assert_eq!(good.name(), media_name(&content, &key));
    let media = good.open(bytes(file.clone())).unwrap();
    assert_eq!(media.read_all(1 << 20).unwrap(), content);
    assert!(uitlezen_evidence::ReadAt::read_at(&media, content.len() as u64, &mut [0], &mut Default::default()).is_err());
    let refused = |locator: Locator, file: Vec<u8>| locator.open(bytes(file)).unwrap_err();
    let mut bad = file.clone();
    bad[40] ^= 1;
    assert!(matches!(refused(good.clone(), bad), MediaError::Damaged));
    assert!(matches!(refused(locator(&content, &[9; 64], 1800), file.clone()), MediaError::Damaged));
    assert!(matches!(refused(locator(&content, &key, 90_000), file.clone()), MediaError::Short));
    assert!(matches!(refused(locator(&content, &key, 1_799), file.clone()), MediaError::Behind));
    assert!(matches!(refused(locator(b"another", &key, 1_800), file.clone()), MediaError::OtherContent));
    assert!(matches!(refused(good.clone(), vec![]), MediaError::Damaged));
    assert_eq!(format!("{good:?}"), "Locator { bytes: 1800, .. }");
}

#[test]
fn the_list_of_media_gives_names_and_nothing_that_leaves_the_folder() {
    let (name, mut list) = ("ab".repeat(32), Vec::new());
    for entry in [name.as_str(), "../../etc/passwd", "", &"AB".repeat(32)] {
        Fields::new().text(1, entry).append_to(&mut list);
    }
    list.push(0x20);
    assert_eq!(media::names(&list), (vec![name], 4));
}

proptest! {
    #[test]
    fn any_main_comes_back(content in prop::collection::vec(any::<u8>(), 0..400)) {
        let (made, keys) = snapshot();
        let _ = read(&keys, content.clone());
        let mut frames = keys.main(bytes(made.main(&content, [1; 16]).unwrap())).unwrap().frames(Limits::default());
        if frames.info().is_ok() {
            while matches!(frames.next(), Ok(Some(_))) {}
        }
        let _ = (Metadata::read(&content), media::names(&content));
    }
}
