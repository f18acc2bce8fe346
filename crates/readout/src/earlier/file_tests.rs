#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr)]

use super::*;
use crate::earlier::{HeldAttachment, KnownSeal, Stamp};
use jiff::Timestamp;
use proptest::prelude::*;
use uitlezen_evidence::ItemName;
use uitlezen_seal::header::Sha256Digest;

fn key(n: u8) -> SecretBox<[u8; 32]> {
    SecretBox::new(Box::new([n; 32]))
}

fn seal(n: u8) -> KnownSeal {
    KnownSeal {
        digest: Sha256Digest([n; 32]),
        file: format!("2026112{n}T030000Z-abcd.uitlezing"),
        folder: "/zegels".into(),
        closed: Timestamp::UNIX_EPOCH,
        full: n == 0,
        apps: vec!["whatsapp".into()],
        relies_on: (0..n).map(|m| Sha256Digest([m; 32])).collect(),
        attachments: 2,
        verified: Some(Timestamp::UNIX_EPOCH),
        stamp: Stamp { bytes: 9, modified: (1, 2), changed: (3, 4) },
        destroyed: None,
    }
}

fn held(seal: u32, n: usize) -> HeldAttachment {
    HeldAttachment {
        bytes: n as u64,
        modified: -3,
        sha256: [7; 32],
        seal,
        item: ItemName::new(format!("gesprekken/whatsapp/bijlagen/{n:06}.jpg")).unwrap(),
        parts: vec![3, 4],
    }
}

fn listed(n: usize) -> ItemName {
    ItemName::new(format!("Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images/Jan {n}.jpg")).unwrap()
}

fn filled(file: &EarlierFile, attachments: usize) -> Known {
    file.change(|known| {
        let place = known.add_seal(seal(0))?;
        for n in 0..attachments {
            known.hold(file.paths().of(&listed(n)), held(place, n))?;
        }
        Ok(())
    })
    .unwrap();
    file.read().unwrap()
}

#[test]
fn a_list_comes_back_and_neither_its_name_nor_its_bytes_say_whose_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let file = EarlierFile::new(dir.path(), &key(1));
    assert_eq!(file.read().unwrap(), Known::default());
    let known = filled(&file, 40);
    assert_eq!(known.attachments().count(), 40);
    assert_eq!(known.attachment(&file.paths().of(&listed(7))), Some(&held(0, 7)));
    assert_eq!(known.attachment(&file.paths().of(&listed(99))), None);
    let bytes = fs::read(file.path()).unwrap();
    let seen = String::from_utf8_lossy(&bytes).into_owned() + &file.path().to_string_lossy();
    for word in ["Jan", "whatsapp", "zegels", "TWIN0001"] {
        assert!(!seen.contains(word), "{word}");
    }
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(fs::metadata(file.path()).unwrap().permissions().mode() & 0o777, 0o600);
    // The same paths are other hashes for another phone.
    assert_ne!(file.paths().of(&listed(1)), EarlierFile::new(dir.path(), &key(2)).paths().of(&listed(1)));
}

#[test]
fn another_phones_list_a_newer_one_and_a_damaged_one_are_three_answers() {
    let dir = tempfile::tempdir().unwrap();
    let (file, other) = (EarlierFile::new(dir.path(), &key(1)), EarlierFile::new(dir.path(), &key(2)));
    filled(&file, 40);
    let whole = fs::read(file.path()).unwrap();
    // Swapped with another phone's.
    fs::copy(file.path(), other.path()).unwrap();
    assert!(matches!(other.read(), Err(EarlierError::OtherKey)));
    let refused = |bytes: &[u8]| {
        fs::write(file.path(), bytes).unwrap();
        file.read().unwrap_err()
    };
    assert!(matches!(refused(&[&head(&file.id, 2), &whole[HEAD..]].concat()), EarlierError::Newer(2)));
    for cut in [0, 5, HEAD, HEAD + 63, HEAD + 64, whole.len() / 2, whole.len() - 1] {
        assert!(matches!(refused(&whole[..cut]), EarlierError::Damaged(_)), "cut at {cut}");
    }
    assert!(matches!(refused(&[&whole[..], b"x"].concat()), EarlierError::Damaged(_)));
    for at in (0..whole.len()).step_by(97) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        assert!(matches!(refused(&bytes), EarlierError::Damaged(_)), "byte {at}");
    }
    // A damaged list is replaced at the next change, a newer one is left alone.
    let place = file.change(|known| known.add_seal(seal(3))).unwrap();
    assert_eq!((place, file.read().unwrap().state.seals.len()), (0, 1));
    let newer = [&head(&file.id, 2)[..], &whole[HEAD..]].concat();
    refused(&newer);
    assert!(matches!(file.change(|_| Ok(())), Err(EarlierError::Newer(2))));
    assert_eq!(fs::read(file.path()).unwrap(), newer);
}

#[test]
fn two_writers_take_turns_and_a_change_that_fails_leaves_the_list() {
    let dir = tempfile::tempdir().unwrap();
    let file = EarlierFile::new(dir.path(), &key(1));
    thread::scope(|scope| {
        for n in 0..4 {
            let (dir, file) = (dir.path(), &file);
            scope.spawn(move || {
                let mine = EarlierFile::new(dir, &key(1));
                for m in 0..5 {
                    mine.change(|known| known.add_seal(seal(m)).map(|_| ())).unwrap();
                    file.change(|known| Ok(known.state.rulings.insert(format!("{n}-{m}"), "x".into()))).unwrap();
                }
            });
        }
    });
    let known = file.read().unwrap();
    assert_eq!((known.state.seals.len(), known.state.rulings.len()), (20, 20));
    file.change::<()>(|known| {
        known.state.seals.clear();
        Err(EarlierError::TooMuch("seals"))
    })
    .unwrap_err();
    assert_eq!(file.read().unwrap(), known);
    let _turn = turn(&file.path().with_extension("lock"), Duration::ZERO).unwrap();
    assert!(matches!(turn(&file.path().with_extension("lock"), Duration::from_millis(30)), Err(EarlierError::Busy)));
}

#[test]
fn a_list_that_names_seals_it_does_not_have_or_paths_for_files_is_refused() {
    let wild = |change: fn(&mut KnownSeal)| {
        let mut one = seal(1);
        change(&mut one);
        Known::new(PhoneState { seals: vec![one], ..PhoneState::default() })
    };
    assert!(wild(|_| ()).is_ok());
    assert!(matches!(wild(|s| s.file = "../vault.json".into()), Err(EarlierError::Damaged(_))));
    assert!(matches!(wild(|s| s.file = String::new()), Err(EarlierError::Damaged(_))));
    assert!(matches!(wild(|s| s.relies_on = vec![Sha256Digest([0; 32]); 257]), Err(EarlierError::Damaged(_))));
    let mut known = wild(|_| ()).unwrap();
    let paths = PathKeys::new(Zeroizing::new([1; 32]));
    assert!(matches!(known.hold(paths.of(&listed(1)), held(1, 1)), Err(EarlierError::Damaged(_))));
    assert!(known.hold(paths.of(&listed(1)), held(0, 1)).is_ok());
}

/// A form of today that a program of yesterday wrote: fields that came later have a default.
#[test]
fn fields_that_came_later_may_be_absent() {
    let state: PhoneState = serde_json::from_str("{\"seals\":[]}").unwrap();
    assert_eq!(state, PhoneState::default());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn any_list_comes_back_as_it_was(
        attachments in proptest::collection::vec(("[a-z]{1,30}", any::<u64>(), any::<i64>(), any::<[u8; 32]>(), 0_u8..4, proptest::collection::vec(1_u32..999_999, 0..5)), 0..60),
        rulings in proptest::collection::btree_map("[0-9a-f]{8}", "[0-9a-f]{8}", 0..5),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let file = EarlierFile::new(dir.path(), &key(9));
        let mut made = Known::new(PhoneState { seals: (0..4).map(seal).collect(), rulings }).unwrap();
        for (name, bytes, modified, sha256, place, parts) in attachments {
            let item = ItemName::new(format!("gesprekken/whatsapp/bijlagen/{name}")).unwrap();
            let held = HeldAttachment { bytes, modified, sha256, seal: place.into(), item, parts };
            made.hold(file.paths().of(&ItemName::new(name).unwrap()), held).unwrap();
        }
        file.change(|known| {
            known.clone_from(&made);
            Ok(())
        }).unwrap();
        prop_assert_eq!(file.read().unwrap(), made);
    }
}

/// `cargo test -p uitlezen-readout --lib -- --ignored --nocapture two_hundred_thousand`
#[test]
#[ignore = "a measurement"]
fn two_hundred_thousand_attachments() {
    let dir = tempfile::tempdir().unwrap();
    let file = EarlierFile::new(dir.path(), &key(1));
    let began = Instant::now();
    filled(&file, 200_000);
    let bytes = fs::metadata(file.path()).unwrap().len();
    let made = began.elapsed();
    let began = Instant::now();
    let known = file.read().unwrap();
    let read = began.elapsed();
    let memory = fs::read_to_string("/proc/self/status").unwrap();
    let peak = memory.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default().to_owned();
    let began = Instant::now();
    let hits = (0..200_000).filter(|n| known.attachment(&file.paths().of(&listed(*n))).is_some()).count();
    eprintln!("{bytes} bytes; made, written and read {made:?}; read {read:?}; {hits} look-ups {:?}; {peak}", began.elapsed());
}
