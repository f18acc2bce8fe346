//! The refusal table: every way in which a seal may depart from FORMAT.md, and the finding that names it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod sealing;

use sealing::*;
use std::sync::LazyLock;
use uitlezen_seal::{
    cades::SignatureFault,
    container::{EntryName, MOST_ENTRIES, reader::LayoutFault},
    envelope::EnvelopeError,
    header::{HeaderFault, Origin},
    manifest::ManifestFault,
    open::{OpenSealError, Opened},
    role::Role,
    station::Kind,
    verify::{Damage, verify},
};

static GOOD: LazyLock<Sealed> = LazyLock::new(|| seal(Kind::Normal, Origin::Usb));

fn forged() -> Forged {
    Forged { entries: GOOD.entries(), ..Default::default() }
}

fn damage(forged: &Forged) -> Vec<Damage> {
    GOOD.damage(&forged.bytes())
}

fn layout(forged: &Forged) -> LayoutFault {
    match damage(forged).as_slice() {
        [Damage::Layout(fault)] => fault.clone(),
        other => panic!("not a layout fault: {other:?}"),
    }
}

const MANIFEST: &str = "META-INF/ASiCManifest001.xml";
const SIGNATURE: &str = "META-INF/signature001.p7s";

#[test]
fn the_forger_of_these_tests_writes_good_seals_too() {
    assert_eq!(forged().bytes(), GOOD.bytes());
    assert_eq!(damage(&forged().sign(&GOOD.station)), []);
}

#[test]
fn each_flipped_byte_is_caught() {
    let good = GOOD.bytes();
    let mut bad = good.clone();
    for n in 0..good.len() {
        bad[n] ^= 1 << (n % 8);
        assert_ne!(GOOD.damage(&bad), [], "byte {n} of {}", good.len());
        bad[n] = good[n];
    }
}

#[test]
fn each_truncation_is_caught() {
    let good = GOOD.bytes();
    for len in 0..good.len() {
        assert!(matches!(GOOD.damage(&good[..len])[..], [Damage::Layout(_)]), "{len} of {}", good.len());
    }
}

#[test]
fn bytes_before_between_and_behind() {
    let good = GOOD.bytes();
    let found = |bytes: &[u8]| GOOD.damage(bytes);
    assert_eq!(found(&[b"hello", &good[..]].concat()), [Damage::Layout(LayoutFault::Prepended { count: 5 })]);
    let offset = good.len() as u64;
    assert_eq!(found(&[&good[..], b"!"].concat()), [Damage::Layout(LayoutFault::Appended { offset })]);
    assert_eq!(found(b"not a zip at all"), [Damage::Layout(LayoutFault::NotAContainer)]);
    assert_eq!(found(b""), [Damage::Layout(LayoutFault::NotAContainer)]);
    let gap = Forged { gap: Some((1, b"hidden".to_vec())), ..forged() };
    assert!(matches!(layout(&gap), LayoutFault::NoEntryAt { .. }));
    let comment = Forged { comment: b"look here".to_vec(), ..forged() };
    assert!(matches!(layout(&comment), LayoutFault::EndDiffers { .. }));
}

#[test]
fn directory_and_entries_that_disagree() {
    let omitted = Forged { hidden_from_directory: vec!["deel/000002".to_owned()], ..forged() };
    assert_eq!(layout(&omitted), LayoutFault::DirectoryOmits { name: EntryName::Part(2) });
    let more = Forged { only_in_directory: vec!["deel/000009".to_owned()], ..forged() };
    assert!(matches!(layout(&more), LayoutFault::DirectoryNamesMore { .. }));
    let size = Forged { central_size: Some(("deel/000002".to_owned(), 1)), ..forged() };
    assert!(matches!(layout(&size), LayoutFault::DirectoryDiffers { name: EntryName::Part(2), .. }));
    // The same wrong checksum in both headers: every digest is right, and yet a byte is not as it should be.
    let crc = Forged { crc: Some(("deel/000002".to_owned(), 1)), ..forged() };
    assert_eq!(damage(&crc), [Damage::Checksum { entry: EntryName::Part(2) }]);
}

#[test]
fn names_that_are_doubled_strange_or_out_of_order() {
    let with = |at: usize, name: &str| {
        let mut forged = forged();
        forged.entries.insert(at, (name.to_owned(), b"x".to_vec()));
        forged
    };
    assert!(matches!(layout(&with(2, "deel/000001")), LayoutFault::NameTwice { name: EntryName::Part(1), .. }));
    assert!(matches!(layout(&with(2, "../x")), LayoutFault::UnknownName { .. }));
    assert!(matches!(layout(&with(2, "deel/../../x")), LayoutFault::UnknownName { .. }));
    assert!(matches!(layout(&with(2, &"x".repeat(500))), LayoutFault::UnknownName { .. }));
    assert!(matches!(layout(&with(2, "META-INF/manifest.xml")), LayoutFault::UnknownName { .. }));
    let mut swapped = forged();
    swapped.entries.swap(1, 2);
    assert!(matches!(layout(&swapped), LayoutFault::OutOfOrder { name: EntryName::Part(1), .. }));
    for name in ["zegel.json", "LEESMIJ.txt", MANIFEST, SIGNATURE] {
        let mut without = forged();
        without.entries.remove(without.position(name));
        assert_eq!(layout(&without), LayoutFault::Missing { name: EntryName::parse(name).unwrap() });
    }
}

#[test]
fn mimetype_second_with_line_end_or_with_extra() {
    let mut second = forged();
    second.entries.swap(0, 1);
    assert_eq!(layout(&second), LayoutFault::Mimetype);
    let mut line_end = forged();
    line_end.set("mimetype", b"application/vnd.etsi.asic-e+zip\n".to_vec());
    assert_eq!(layout(&line_end), LayoutFault::Mimetype);
    let extra = Forged { extra: b"\x5a\x55\x02\x00xx".to_vec(), ..forged() };
    assert_eq!(layout(&extra), LayoutFault::Mimetype);
    let mut absent = forged();
    absent.entries.remove(0);
    assert_eq!(layout(&absent), LayoutFault::Mimetype);
}

#[test]
fn one_entry_too_many() {
    let mut many = forged();
    let fill = MOST_ENTRIES + 1 - many.entries.len();
    let parts = (0..fill).map(|n| (format!("deel/{:06}", n + 10), Vec::new()));
    many.entries.splice(4..4, parts);
    assert!(matches!(layout(&many), LayoutFault::TooManyEntries { .. }));
    many.entries.remove(4);
    assert_eq!(damage(&many.sign(&GOOD.station)), [], "the most that may be");
}

#[test]
fn small_entries_that_are_not_small() {
    for (name, limit) in [("zegel.json", 1 << 16), (SIGNATURE, 64 << 10), (MANIFEST, 1 << 20), ("LEESMIJ.txt", 64 << 10)] {
        let mut large = forged();
        large.set(name, vec![b' '; limit + 1]);
        assert!(matches!(layout(&large), LayoutFault::TooLarge { .. }), "{name}");
    }
}

#[test]
fn changed_content_is_named_by_entry() {
    for (name, content) in GOOD.entries() {
        let entry = EntryName::parse(&name).unwrap();
        if !entry.is_listed() {
            continue;
        }
        let mut changed = forged();
        let mut other = content.clone();
        *other.last_mut().unwrap() ^= 1;
        changed.set(&name, other);
        assert_eq!(damage(&changed), [Damage::Content { entry }]);
    }
}

#[test]
fn manifest_and_entries_that_disagree() {
    let mut unlisted = forged();
    unlisted.entries.insert(4, ("deel/000004".to_owned(), b"smuggled".to_vec()));
    assert_eq!(damage(&unlisted), [Damage::NotListed { entry: EntryName::Part(4) }]);
    let mut absent = forged();
    absent.entries.remove(2);
    assert_eq!(damage(&absent), [Damage::Absent { entry: EntryName::Part(2) }]);
}

#[test]
fn a_manifest_that_somebody_changed() {
    let with = |from: &str, to: &str| {
        let mut changed = forged();
        let text = String::from_utf8(changed.get(MANIFEST).to_vec()).unwrap();
        assert!(text.contains(from));
        changed.set(MANIFEST, text.replacen(from, to, 1).into_bytes());
        changed
    };
    // Not signed again: everything listed is as it was, only the list changed.
    assert_eq!(damage(&with("?>", "?><!DOCTYPE x>")), [Damage::ManifestChanged]);
    let resigned = |forged: Forged| damage(&forged.sign_manifest(&GOOD.station));
    let form = |found: Vec<Damage>| matches!(found[..], [Damage::Manifest(ManifestFault::Form { .. })]);
    assert!(form(resigned(with("?>", "?><!DOCTYPE x [<!ENTITY a \"b\">]>"))));
    assert!(form(resigned(with("?>", "?>\n"))));
    assert!(form(resigned(with("02918", "2918"))));
    assert!(form(resigned(with("<asic:SigReference", "<!-- --><asic:SigReference"))));
    let sha1 = resigned(with("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1"));
    assert!(matches!(sha1[..], [Damage::Manifest(ManifestFault::UnknownDigest { .. })]), "{sha1:?}");
    let name = resigned(with("deel/000002", "../00000002"));
    assert!(matches!(name[..], [Damage::Manifest(ManifestFault::UnknownName { .. })]), "{name:?}");
    let twice = {
        let mut changed = forged();
        let text = String::from_utf8(changed.get(MANIFEST).to_vec()).unwrap();
        let at = text.find("<asic:DataObjectReference").unwrap();
        let end = text[at..].find("</asic:DataObjectReference>").unwrap() + at + "</asic:DataObjectReference>".len();
        changed.set(MANIFEST, [&text[..end], &text[at..]].concat().into_bytes());
        changed
    };
    assert!(form(resigned(twice)));
}

#[test]
fn signatures_of_another_seal_or_station() {
    let other = seal(Kind::Normal, Origin::Usb);
    let mut foreign = forged();
    foreign.set(SIGNATURE, Forged { entries: other.entries(), ..Default::default() }.get(SIGNATURE).to_vec());
    assert_eq!(damage(&foreign), [Damage::Signature(SignatureFault::OtherManifest)]);
    let mut garbage = forged();
    garbage.set(SIGNATURE, b"0\x03\x02\x01\x01".to_vec());
    assert_eq!(damage(&garbage), [Damage::Signature(SignatureFault::NotSignedData)]);
    // Signed again by somebody else: the signature holds, the header still names the station.
    assert_eq!(damage(&forged().sign(&other.station)), [Damage::Header(HeaderFault::OtherStation)]);
}

#[test]
fn a_header_that_does_not_fit_its_seal() {
    let with = |from: &str, to: &str| {
        let mut changed = forged();
        let text = String::from_utf8(changed.get("zegel.json").to_vec()).unwrap();
        assert!(text.contains(from), "{text}");
        changed.set("zegel.json", text.replacen(from, to, 1).into_bytes());
        damage(&changed.sign(&GOOD.station))
    };
    assert_eq!(with("\"key_files\":[1]", "\"key_files\":[2]"), [Damage::Header(HeaderFault::RoleEntries(Role::Verantwoording))]);
    assert_eq!(with("\"format\":1", "\"format\":7"), [Damage::Header(HeaderFault::Format(7))]);
    assert_eq!(with("{", "{ "), [Damage::Header(HeaderFault::NotCanonical)]);
    assert!(matches!(with("\"status\":\"volledig\"", "\"status\":\"prima\"")[..], [Damage::Header(HeaderFault::Json { .. })]));
    let mut index_gone = forged();
    index_gone.entries.remove(index_gone.position("index/gesprekken"));
    assert_eq!(damage(&index_gone.sign(&GOOD.station)), [Damage::Header(HeaderFault::RoleEntries(Role::Gesprekken))]);
    let demo = station(Kind::Demo);
    let found = damage(&forged().sign(&demo));
    assert!(found.contains(&Damage::Header(HeaderFault::DemoStation)), "{found:?}");
}

#[test]
fn a_key_that_the_signed_header_does_not_commit_to() {
    // A forger with a station of his own swaps the key files of the two roles and signs that: intact, and not opened.
    let mut swapped = forged();
    let (a, b) = ("sleutels/verantwoording.1.age", "sleutels/gesprekken.1.age");
    let (of_a, of_b) = (swapped.get(a).to_vec(), swapped.get(b).to_vec());
    swapped.set(a, of_b);
    swapped.set(b, of_a);
    let path = GOOD.dir.path().join("swapped.uitlezing");
    std::fs::write(&path, swapped.sign(&GOOD.station).bytes()).unwrap();
    let verdict = verify(&path, &GOOD.options()).unwrap();
    let refused = Opened::open(verdict.verified().unwrap(), Role::Gesprekken, &GOOD.identities());
    assert!(matches!(refused, Err(OpenSealError::Envelope(EnvelopeError::WrongCommitment))), "{refused:?}");
}

#[test]
fn a_damaged_seal_cannot_be_opened_at_all() {
    let mut bad = GOOD.bytes();
    bad[200] ^= 1;
    let path = GOOD.dir.path().join("damaged.uitlezing");
    std::fs::write(&path, bad).unwrap();
    assert!(verify(&path, &GOOD.options()).unwrap().verified().is_none());
    assert!(verify(&GOOD.dir.path().join("absent"), &GOOD.options()).is_err());
}

#[test]
fn a_part_changed_after_verifying_is_refused_when_read() {
    use uitlezen_evidence::{ChunkCache, Evidence, ReadAtExt};
    let sealed = seal(Kind::Normal, Origin::Usb);
    let verdict = sealed.verify();
    let mut bytes = sealed.bytes();
    let at = bytes.windows(8).rposition(|window| window == b"UITLSEG1").unwrap();
    bytes[at - 40] ^= 1;
    let third = bytes.windows(11).position(|window| window == b"deel/000003").unwrap() + 11;
    bytes[third + 100] ^= 1;
    std::fs::write(&sealed.path, bytes).unwrap();
    let cache = std::sync::Arc::new(ChunkCache::new(1 << 20));
    match Opened::open_with_cache(verdict.verified().unwrap(), Role::Gesprekken, &sealed.identities(), cache) {
        Err(_) => {}
        Ok(opened) => {
            let read = |item: &uitlezen_evidence::Item| Evidence::open(&opened, &item.name).ok()?.read_all(1 << 20).ok();
            assert!(opened.items().iter().any(|item| read(item).is_none()));
        }
    }
}
