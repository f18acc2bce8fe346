//! A look at a seal without its parts: which seal it is, and whether its small entries are as they were signed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod sealing;

use sealing::*;
use std::sync::LazyLock;
use uitlezen_seal::{
    header::Origin,
    station::Kind,
    verify::{Glance, glance},
};

static GOOD: LazyLock<Sealed> = LazyLock::new(|| seal(Kind::Normal, Origin::Usb));

fn look(bytes: &[u8]) -> Option<Glance> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.uitlezing");
    std::fs::write(&path, bytes).unwrap();
    glance(&path).unwrap()
}

fn changed(name: &str) -> Option<Glance> {
    let mut forged = Forged { entries: GOOD.entries(), ..Default::default() };
    let mut content = forged.get(name).to_vec();
    let last = content.len() - 1;
    content[last] ^= 1;
    forged.set(name, content);
    look(&forged.bytes())
}

#[test]
fn it_sees_what_verifying_sees_of_the_small_entries() {
    let (seen, whole) = (look(&GOOD.bytes()).unwrap(), GOOD.verify());
    assert_eq!(Some(seen.digest), whole.digest);
    assert_eq!(Some(&seen.header), whole.header.as_ref());
    assert_eq!((seen.bytes, &seen.signer), (whole.bytes, GOOD.station.certificate()));
}

#[test]
fn what_was_changed_or_cut_is_no_seal_but_parts_are_not_read() {
    for name in ["zegel.json", "META-INF/ASiCManifest001.xml", "META-INF/signature001.p7s"] {
        assert!(changed(name).is_none(), "{name}");
    }
    // Why whoever relies on the parts verifies the whole.
    assert_eq!(changed("deel/000001").unwrap().digest, GOOD.verify().digest.unwrap());
    let good = GOOD.bytes();
    for len in (0..good.len()).step_by(41) {
        assert!(look(&good[..len]).is_none(), "{len}");
    }
    assert!(look(b"no zip at all").is_none());
    // An entry less than was signed, and one more.
    let mut less = Forged { entries: GOOD.entries(), ..Default::default() };
    let at = less.position("deel/000001");
    less.entries.remove(at);
    assert!(look(&less.bytes()).is_none());
}
