//! A seal that was changed after it was made.

use super::{
    desk::Desk,
    phone::{Phone, plain},
};
use std::fs;
use uitlezen_seal::verify::{Damage, Seal, VerifyOptions, verify};
use uitlezen_twin::content::Options;

/// Positions that are tried, spread over the whole file by a fixed rule.
const POSITIONS: u64 = 200;

#[test]
fn a_flipped_byte_anywhere_in_a_real_seal_is_found_and_its_place_is_named() {
    let (desk, phone) = (Desk::ready(), Phone::with(&Options { increments: false, messages: 60, ..plain() }));
    desk.reads(&phone).go();
    let seal = desk.seal();
    let whole = fs::read(&seal).unwrap();
    let broken = desk.at("beschadigd.uitlezing");
    let options = VerifyOptions { threads: 1, ..VerifyOptions::default() };
    let len = whole.len() as u64;
    for n in 0..POSITIONS {
        // The first and last bytes, and a stride that shares no divisor with powers of two.
        let at = match n {
            0..20 => n,
            20..60 => len - 1 - (n - 20),
            _ => n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) % len,
        };
        let mut bytes = whole.clone();
        bytes[usize::try_from(at).unwrap()] ^= 1 << (n % 8);
        fs::write(&broken, &bytes).unwrap();
        let verdict = verify(&broken, &options).unwrap();
        let Seal::Damaged(all) = &verdict.seal else { panic!("byte {at} of {len} was changed unseen") };
        assert!(!all.is_empty() && all.iter().all(|damage| !damage.to_string().is_empty()), "byte {at}");
        // The command says the same, every so often: it is a process a time.
        if n % 10 == 0 {
            let told = desk
                .verifies(&broken)
                .ends_with(4)
                .says("Zegel: beschadigd")
                .never_says("volledig volgens plan")
                .says("Nu doen:");
            let line = told.out.lines().find(|line| line.starts_with("Zegel: beschadigd")).unwrap().to_owned();
            let (_, what_and_where) = line.split_once('(').unwrap();
            assert!(
                what_and_where
                    .trim_end_matches(')')
                    .split_once(", ")
                    .is_some_and(|(what, place)| !what.is_empty() && !place.is_empty()),
                "{line}"
            );
        }
    }
    let places = |bytes: &[u8]| {
        fs::write(&broken, bytes).unwrap();
        desk.verifies(&broken).ends_with(4);
        match verify(&broken, &options).unwrap().seal {
            Seal::Damaged(all) => all,
            Seal::Intact => panic!("intact"),
        }
    };
    assert!(!places(&whole[..whole.len() - 1]).is_empty());
    assert!(!places(&whole[..whole.len() / 2]).is_empty());
    assert!(!places(&[]).is_empty());
    assert!(!places(&[&whole[..], b"en nog iets"].concat()).is_empty());
    assert!(!places(&[b"vooraf", &whole[..]].concat()).is_empty());
    // A byte of the encrypted content itself: the entry is named.
    let part = whole.windows(8).position(|w| w == b"UITLSEG1").unwrap() + 200;
    let mut bytes = whole.clone();
    bytes[part] ^= 0x40;
    let named = places(&bytes)
        .iter()
        .any(|d| matches!(d, Damage::Content { entry } | Damage::Checksum { entry } if entry.to_string().contains("deel/")));
    assert!(named);
}

#[test]
fn what_is_no_seal_is_told_and_a_damaged_one_is_never_opened() {
    let (desk, phone) = (Desk::ready(), Phone::with(&Options { increments: false, messages: 60, ..plain() }));
    desk.reads(&phone).go();
    let seal = desk.seal();
    let mut bytes = fs::read(&seal).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let broken = desk.at("beschadigd.uitlezing");
    fs::write(&broken, bytes).unwrap();
    desk.unseals(&broken, "gesprekken", "div.txt", "x").go().ends_with(4);
    assert!(!desk.at("x").exists());
    fs::write(desk.at("brief.txt"), "Geachte heer, mevrouw").unwrap();
    let told = desk.verifies(&desk.at("brief.txt"));
    assert!(matches!(told.code, Some(2 | 4)), "{:?}", told.code);
    desk.verifies(&desk.at("nergens.uitlezing")).ends_with(2).says("kan niet worden gelezen");
}
