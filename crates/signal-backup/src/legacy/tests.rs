#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use super::*;
use std::sync::{Arc, OnceLock};
use uitlezen_evidence::{ReadAt, ReadAtExt};
use uitlezen_twin::content::signal::{Fields, LegacyKeys, LegacyWriter, Value};
use zeroize::Zeroizing;

const PASS: &str = "012345678901234567890123456789";
/// `reference/android.md §3.1`: version 1, decrypted by an independent reader.
const VECTOR: &str = "\
000000380a360a10fffffffe0405060708090a0b0c0d0e0f1220000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f1801bd7425dd\
ba0ccfc8573474547ce55aed42ae10f90a07f0d79e901218109cdbe1043fb2565b196c2adadaf50182ccd9a65f89567a899bb4e9b39bc7459904ff298c40e9f3\
e88ad13a72e03d7bf31d5bb5c9dc1e2a7bccc8a4b537481448372eca68348d04bffd08b0a00e17a660699e873bc706b6a0986a9c78d0b19cf21e425de49fc0b4\
745251860da1dbdbb0e38191ef952e8039d5170f329703797c45c205dcea5f7486ee21a39c3be5bfde8924d9bd32d75fb0fe6e736a85cf56f475eb96133bb283\
9b41fcfc491a3148e34882e3d3c8ffe8c7dcd312db5e48299788cf8564da71fc27cd2f05f328531a496d8c7bda1ec6555339375fa11724d11e20ca6b6757393a\
58";

fn counted<const N: usize>() -> [u8; N] {
    std::array::from_fn(|i| u8::try_from(i).unwrap())
}

/// The derivation is slow on purpose; one result serves every test of one salt.
fn unlock(file: Vec<u8>) -> Result<Unlocked, LegacyError> {
    static KEYS: OnceLock<FileKeys> = OnceLock::new();
    let keys = KEYS.get_or_init(|| Passphrase::parse(PASS.as_bytes()).unwrap().keys(&counted::<32>()));
    Backup::open(Arc::new(file)).unwrap().unlock(keys)
}

fn iv() -> [u8; 16] {
    let mut iv = counted();
    iv[..4].copy_from_slice(&[0xff, 0xff, 0xff, 0xfe]);
    iv
}

fn writer(encrypted: bool) -> LegacyWriter<Vec<u8>> {
    static KEYS: OnceLock<LegacyKeys> = OnceLock::new();
    let keys = KEYS.get_or_init(|| LegacyKeys::new(PASS, counted()));
    LegacyWriter::new(Vec::new(), keys, iv(), encrypted).unwrap()
}

/// The content of the published vector, by our own writer.
fn same_content(encrypted: bool) -> Vec<u8> {
    let mut file = writer(encrypted);
    file.version(313).unwrap();
    file.statement("CREATE TABLE message (_id INTEGER PRIMARY KEY, body TEXT)", &[]).unwrap();
    file.statement("INSERT INTO message VALUES (?,?)", &[Value::Integer(1), Value::Text("hallo")]).unwrap();
    file.attachment(7, Some(9), b"BLOB!").unwrap();
    file.setting("settings.universal.expire.timer", |f| f.number(5, 0)).unwrap();
    file.end().unwrap()
}

fn read(unlocked: &Unlocked) -> (Vec<String>, Result<(), LegacyError>) {
    let (mut frames, mut said) = (unlocked.frames(), Vec::new());
    loop {
        let frame = match frames.next() {
            Ok(Some(frame)) => frame,
            Ok(None) => return (said, Ok(())),
            Err(error) => return (said, Err(error)),
        };
        said.push(match frame {
            Frame::Version(version) => format!("version {version}"),
            Frame::Statement(s) => format!("{} {:?}", s.sql.unwrap(), s.parameters().collect::<Vec<_>>()),
            Frame::Attachment { row, blob } => {
                let bytes = unlocked.blob(&blob).unwrap().read_all(1 << 20).unwrap();
                format!("attachment {row} {}", String::from_utf8(bytes).unwrap())
            }
            Frame::Setting(setting) => format!("{} {:?}", setting.key, setting.value),
            other => format!("{other:?}"),
        });
    }
}

const SAID: [&str; 5] = [
    "version 313",
    "CREATE TABLE message (_id INTEGER PRIMARY KEY, body TEXT) []",
    "INSERT INTO message VALUES (?,?) [Integer(1), Text([104, 97, 108, 108, 111])]",
    "attachment 7 BLOB!",
    "settings.universal.expire.timer Integer(0)",
];

#[test]
fn the_published_keys_come_out() {
    let keys = Passphrase::parse(PASS.as_bytes()).unwrap().keys(&counted::<32>());
    assert_eq!(
        hex::encode(*keys.0),
        "f333b390820e3aecb4ef72f78804c911b75fe4dc46623437d845cb04648a695a\
         4733f7ef1cc66ebe5b6fff70373953170cabd273695947bedfead82019d98ebc"
    );
}

#[test]
fn the_published_file_and_our_own_of_both_versions_say_the_same() {
    let vector = hex::decode(VECTOR).unwrap();
    assert_eq!(vector.len(), 321);
    assert_eq!(same_content(true), vector, "our writer writes the published bytes");
    let plain = same_content(false);
    let first = hex::decode("0000000f97772d6b92439ab741c909ad7f69b7").unwrap();
    assert!(plain.windows(first.len()).any(|w| w == first), "the published first frame of version 0");
    for file in [vector, plain] {
        let unlocked = unlock(file).unwrap();
        let (said, end) = read(&unlocked);
        assert_eq!(said, SAID);
        assert!(end.is_ok());
    }
}

#[test]
fn a_wrong_passphrase_is_told_from_a_damaged_first_frame() {
    let wrong = FileKeys(Zeroizing::new([9; 64]));
    for encrypted in [false, true] {
        let file = same_content(encrypted);
        let first = Backup::open(Arc::new(file.clone())).unwrap().head.end as usize;
        let answer = Backup::open(Arc::new(file.clone())).unwrap().unlock(&wrong);
        assert!(matches!(answer, Err(LegacyError::WrongPassphrase)), "{answer:?}");
        // Every byte of the first frame: content, tag, and of the length those that leave it a length.
        for at in first + 3..first + 19 {
            let mut bad = file.clone();
            bad[at] ^= 1;
            let answer = unlock(bad);
            if at >= first + 4 {
                assert!(matches!(answer, Err(LegacyError::Damaged { frame: 1 })), "{encrypted} {at} {answer:?}");
            } else {
                assert!(answer.is_err());
            }
        }
    }
}

#[test]
fn what_verified_before_the_damage_stays_and_nothing_behind_it_is_given() {
    for encrypted in [false, true] {
        let file = same_content(encrypted);
        for at in 0..file.len() {
            let mut bad = file.clone();
            bad[at] ^= 0x10;
            let Ok(backup) = Backup::open(Arc::new(bad.clone())) else { continue };
            if backup.head.end as usize > at {
                continue;
            }
            let Ok(unlocked) = unlock(bad) else { continue };
            let (mut frames, mut n, mut damaged) = (unlocked.frames(), 0, false);
            while let Ok(Some(frame)) = frames.next() {
                n += 1;
                if let Frame::Attachment { blob, .. } = frame {
                    damaged |= matches!(unlocked.blob(&blob), Err(BlobError::Damaged));
                }
            }
            assert!(damaged || frames.next().is_ok_and(|f| f.is_none()));
            assert!(n < SAID.len() || damaged || at >= file.len() - 20, "{at} changed nothing");
        }
        for cut in 0..file.len() {
            let Ok(backup) = Backup::open(Arc::new(file[..cut].to_vec())) else { continue };
            assert!(backup.head.end as usize <= cut);
            let Ok(unlocked) = unlock(file[..cut].to_vec()) else { continue };
            let (_, end) = read(&unlocked);
            assert!(matches!(end, Err(LegacyError::Truncated { .. })), "{cut} {end:?}");
        }
    }
}

#[test]
fn lengths_and_frames_that_cannot_be_are_refused() {
    let end = |file: LegacyWriter<Vec<u8>>| {
        let (said, end) = read(&unlock(file.end().unwrap()).unwrap());
        (said.len(), end)
    };
    let begun = |encrypted| {
        let mut file = writer(encrypted);
        file.version(1).unwrap();
        file
    };
    let mut file = begun(true);
    file.frame(&Fields::new()).unwrap();
    assert!(matches!(end(file), (1, Err(LegacyError::Length { frame: 2, bytes: 10 }))));
    let mut file = begun(false);
    file.frame(&Fields::new().number(6, 1).number(2, 1)).unwrap();
    assert!(matches!(end(file), (1, Err(LegacyError::Malformed { frame: 2 }))));
    let mut file = begun(true);
    file.frame(&Fields::new().message(4, &Fields::new().number(1, 1).number(3, u64::MAX))).unwrap();
    assert!(matches!(end(file), (1, Err(LegacyError::Truncated { frame: 2 }))));
    let mut file = begun(true);
    file.frame(&Fields::new().number(77, 1)).unwrap();
    let unlocked = unlock(file.end().unwrap()).unwrap();
    let mut frames = unlocked.frames();
    assert!(matches!((frames.next(), ()), (Ok(Some(Frame::Version(1))), ())));
    assert!(matches!(frames.next(), Ok(Some(Frame::Unknown))));
    assert_eq!((frames.unknown_fields(), frames.number()), (1, 2));
    // A length in the clear beyond all bounds, under a file that is long enough for none.
    let mut long = begun(false).cut();
    long.extend([0x7f, 0xff, 0xff, 0xff, 1, 2, 3]);
    assert!(matches!(read(&unlock(long).unwrap()).1, Err(LegacyError::Length { frame: 2, bytes: 0x7fff_ffff })));
}

#[test]
fn a_version_that_nobody_described_is_refused_by_name() {
    let head = Fields::new().message(1, &Fields::new().bytes(1, &iv()).bytes(2, &[1; 32]).number(3, 2)).0;
    let file = [&u32::try_from(head.len()).unwrap().to_be_bytes()[..], &head].concat();
    assert!(recognise(&file));
    assert!(matches!(Backup::open(Arc::new(file)), Err(LegacyError::Version { version: 2 })));
    assert!(matches!(Backup::open(Arc::new(vec![])), Err(LegacyError::NotABackup)));
}

#[test]
fn any_stretch_of_a_blob_is_given() {
    let content: Vec<u8> = (0..100_000_u32).map(|i| (i * 7 % 251) as u8).collect();
    let mut file = writer(true);
    file.version(1).unwrap();
    file.attachment(3, None, &content).unwrap();
    file.avatar("12", b"").unwrap();
    file.statement("INSERT INTO t VALUES (?)", &[Value::Real(0.5)]).unwrap();
    let unlocked = unlock(file.end().unwrap()).unwrap();
    let mut frames = unlocked.frames();
    frames.next().unwrap();
    let Ok(Some(Frame::Attachment { row: 3, blob })) = frames.next() else { panic!() };
    let source = unlocked.blob(&blob).unwrap();
    for (pos, len) in [(0, 100_000), (1, 15), (15, 2), (16, 16), (99_999, 1), (50_001, 333), (100_000, 0)] {
        let mut got = vec![0; len];
        source.read_at(pos as u64, &mut got, &mut Default::default()).unwrap();
        assert_eq!(got, content[pos..pos + len]);
    }
    assert!(source.read_at(99_999, &mut [0; 2], &mut Default::default()).is_err());
    assert!(matches!(frames.next(), Ok(Some(Frame::Avatar(blob))) if blob.is_empty()));
    let Ok(Some(Frame::Statement(statement))) = frames.next() else { panic!() };
    assert_eq!(statement.parameters().collect::<Vec<_>>(), [Parameter::Real(0.5)]);
}
