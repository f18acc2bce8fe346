//! Zips under a password: which password it is, and what is refused before a byte of it counts.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::{io, sync::Arc};
use uitlezen_evidence::{
    ChunkCache, Evidence, EvidenceError, Hint, ItemName, ReadAtExt, SkipReason, ZipError, ZipEvidence, ZipLimits, ZipUnlockError,
};
use uitlezen_twin::content::threema::{Ae, AesZip};

const PASSWORD: &str = "Stadhuis é 2026";

fn name(of: &str) -> ItemName {
    ItemName::new(of).unwrap()
}

fn text(len: usize) -> Vec<u8> {
    let mut out = Vec::new();
    while out.len() < len {
        out.extend_from_slice(format!("regel {} van de tabel; ", out.len()).as_bytes());
    }
    out.truncate(len);
    out
}

fn zipped(fill: impl FnOnce(&mut AesZip)) -> Vec<u8> {
    let mut zip = AesZip::new(PASSWORD, 3);
    fill(&mut zip);
    zip.finish()
}

fn unlock(zip: Vec<u8>, password: &str) -> Result<ZipEvidence, ZipUnlockError> {
    ZipEvidence::unlock(Arc::new(zip), password.as_bytes(), ZipLimits::default(), Arc::new(ChunkCache::new(1 << 20)))
}

#[test]
fn entries_of_both_versions_read_alike_at_random_under_the_right_password() {
    let body = text(700_000);
    for ae in [Ae::One, Ae::Two] {
        let zip = zipped(|zip| {
            zip.ae = ae;
            zip.add("settings", b"\"version\",\"27\"\n", true).unwrap();
            zip.add("deflated", &body, true).unwrap();
            zip.add("stored", &body, false).unwrap();
            zip.add("leeg", b"", false).unwrap();
        });
        let evidence = unlock(zip, PASSWORD).unwrap();
        assert_eq!(evidence.items().len(), 4);
        assert_eq!(evidence.skipped().total(), 0);
        for item in ["deflated", "stored"] {
            let source = evidence.open(&name(item)).unwrap();
            assert_eq!(source.read_all(u64::MAX).unwrap(), body, "{item}");
            for from in [0, 1, 15, 16, 17, 4_095, 65_535, 65_537, 699_900] {
                let mut part = [0; 100];
                source.read_at(from as u64, &mut part, &mut Hint::default()).unwrap();
                assert_eq!(part, body[from..from + 100], "{item} {from}");
            }
            evidence.verify(&name(item)).unwrap();
        }
        assert!(evidence.open(&name("leeg")).unwrap().is_empty());
    }
}

#[test]
fn a_wrong_password_is_told_from_damage() {
    let whole = zipped(|zip| {
        for n in 0..8 {
            zip.add(&format!("tabel {n}"), &text(3000 + n), true).unwrap();
        }
    });
    for wrong in ["", "stadhuis é 2026", "Stadhuis e 2026"] {
        assert!(matches!(unlock(whole.clone(), wrong), Err(ZipUnlockError::WrongPassword)), "{wrong}");
    }
    // One entry is damaged: the others open, and that one gives nothing.
    let mut one = whole.clone();
    one[200] ^= 1;
    let evidence = unlock(one, PASSWORD).unwrap();
    assert!(matches!(evidence.open(&name("tabel 0")), Err(EvidenceError::Damaged(_))));
    for n in 1..8 {
        assert_eq!(evidence.open(&name(&format!("tabel {n}"))).unwrap().read_all(u64::MAX).unwrap(), text(3000 + n));
    }
    // All are: the password still fits.
    let mut all = whole.clone();
    let heads: Vec<usize> = whole.windows(4).enumerate().filter(|(_, w)| *w == b"PK\x03\x04").map(|(at, _)| at).collect();
    heads.iter().for_each(|at| all[at + 120] ^= 1);
    assert!(matches!(unlock(all, PASSWORD), Err(ZipUnlockError::Damaged)));
    for cut in [0, 10, 200, whole.len() / 2, whole.len() - 1] {
        assert!(matches!(unlock(whole[..cut].to_vec(), PASSWORD), Err(ZipUnlockError::Zip(ZipError::NotAZip))), "{cut}");
    }
}

#[test]
fn every_bit_of_the_stored_bytes_is_under_the_tag() {
    let whole = zipped(|zip| zip.add("a", &text(60), false).unwrap());
    let evidence = unlock(whole.clone(), PASSWORD).unwrap();
    assert_eq!(evidence.open(&name("a")).unwrap().read_all(100).unwrap(), text(60));
    let begin = 30 + 1 + 11;
    for at in begin..begin + 16 + 2 + 60 + 10 {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x20;
        assert!(unlock(flipped, PASSWORD).is_err(), "{at}");
    }
}

#[test]
fn what_is_not_under_the_password_is_no_item() {
    let mixed = zipped(|zip| {
        zip.add("contacts.csv", b"de echte", true).unwrap();
        zip.add_in_the_clear("message_1.csv", b"ondergeschoven", true).unwrap();
        zip.add_in_the_clear("settings", b"\"version\",\"1\"", false).unwrap();
    });
    let evidence = unlock(mixed.clone(), PASSWORD).unwrap();
    let names: Vec<&str> = evidence.items().iter().map(|item| item.name.as_str()).collect();
    assert_eq!((names, evidence.skipped().count(SkipReason::InTheClear)), (vec!["contacts.csv"], 2));
    assert!(matches!(evidence.open(&name("settings")), Err(EvidenceError::Absent)));
    // Without the password it is the other way about.
    let clear = ZipEvidence::over(Arc::new(mixed), ZipLimits::default(), Arc::new(ChunkCache::new(1 << 20))).unwrap();
    assert_eq!((clear.items().len(), clear.skipped().count(SkipReason::Encrypted)), (2, 1));
    // An entry in the clear and one under the password of the same name.
    let doubled = zipped(|zip| {
        zip.add("settings", b"x", false).unwrap();
        zip.add("settings", b"y", false).unwrap();
    });
    assert!(matches!(unlock(doubled, PASSWORD), Err(ZipUnlockError::Zip(ZipError::DuplicateNames))));
    let none = zipped(|zip| zip.add_in_the_clear("a", b"x", false).unwrap());
    assert!(matches!(unlock(none, PASSWORD), Err(ZipUnlockError::NothingEncrypted)));
}

#[test]
fn lengths_that_lie_are_refused_or_found_out() {
    let whole = zipped(|zip| zip.add("bom", &vec![0; 5 << 20], true).unwrap());
    let directory = whole.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    let limits = ZipLimits { total: 1 << 20, total_ratio: 2, ..ZipLimits::default() };
    let bounded = ZipEvidence::unlock(Arc::new(whole.clone()), PASSWORD.as_bytes(), limits, Arc::new(ChunkCache::new(1 << 20)));
    assert!(matches!(bounded, Err(ZipUnlockError::Zip(ZipError::Bomb))));
    let stated = |length: u32| {
        let mut lying = whole.clone();
        lying[directory + 24..directory + 28].copy_from_slice(&length.to_le_bytes());
        unlock(lying, PASSWORD)
    };
    assert!(matches!(stated(u32::MAX - 1), Err(ZipUnlockError::Zip(ZipError::Bomb))), "beyond what deflate can");
    // The tag does not cover the directory, so the length is found out when it is read.
    for length in [(5 << 20) - 1, (5 << 20) + 1] {
        let source = stated(length).unwrap().open(&name("bom")).unwrap();
        assert_eq!(source.read_all(u64::MAX).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
    // Shorter than what encrypts it.
    let mut short = whole.clone();
    short[directory + 20..directory + 24].copy_from_slice(&27_u32.to_le_bytes());
    assert!(matches!(unlock(short, PASSWORD), Err(ZipUnlockError::Zip(ZipError::Structure))));
    // A method that is none beneath the encryption.
    let mut method = whole;
    let extra = method.windows(4).rposition(|w| w == [0x01, 0x99, 7, 0]).unwrap();
    method[extra + 9] = 12;
    assert!(matches!(unlock(method, PASSWORD), Err(ZipUnlockError::NothingEncrypted)));
}
