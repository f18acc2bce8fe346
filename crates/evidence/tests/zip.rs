//! Zips from outside: what is read, and what is refused before it costs anything.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::{
    io::{Cursor, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use uitlezen_evidence::{
    Bytes, ChunkCache, Database, Evidence, EvidenceError, Hint, ItemName, ReadAt, ReadAtExt, SkipReason, ZipError, ZipEvidence,
    ZipLimits,
};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

fn name(of: &str) -> ItemName {
    ItemName::new(of).unwrap()
}

fn stored() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Stored)
}

fn deflated() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)
}

fn zipped(fill: impl FnOnce(&mut ZipWriter<Cursor<Vec<u8>>>)) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    fill(&mut zip);
    zip.finish().unwrap().into_inner()
}

fn one(name: &str, options: SimpleFileOptions, bytes: &[u8]) -> Vec<u8> {
    zipped(|zip| {
        zip.start_file(name, options).unwrap();
        zip.write_all(bytes).unwrap();
    })
}

fn over(zip: Vec<u8>) -> Result<ZipEvidence, ZipError> {
    ZipEvidence::over(Arc::new(zip), ZipLimits::default(), Arc::new(ChunkCache::new(1 << 20)))
}

/// Text-like bytes that compress some four times, no two stretches alike.
fn text(len: usize) -> Vec<u8> {
    let mut state = 12_345_u64;
    let mut out = Vec::with_capacity(len + 64);
    while out.len() < len {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        out.extend_from_slice(format!("message {} says {}; ", out.len(), state >> 50).as_bytes());
    }
    out.truncate(len);
    out
}

#[test]
fn stored_and_deflated_entries_read_alike_at_random() {
    let body = text(5 << 20);
    let zip = zipped(|zip| {
        zip.add_directory("Media/", stored()).unwrap();
        for (name, options) in
            [("Media/stored.bin", stored()), ("deflated.bin", deflated()), ("zip64.bin", deflated().large_file(true))]
        {
            zip.start_file(name, options).unwrap();
            zip.write_all(&body).unwrap();
        }
        zip.start_file("empty", deflated()).unwrap();
    });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &zip).unwrap();
    let evidence = ZipEvidence::open(file.path()).unwrap();
    let names: Vec<&str> = evidence.items().iter().map(|i| i.name.as_str()).collect();
    assert_eq!(names, ["Media/stored.bin", "deflated.bin", "empty", "zip64.bin"]);
    assert_eq!(evidence.skipped().total(), 0);
    for item in ["Media/stored.bin", "deflated.bin", "zip64.bin"] {
        evidence.verify(&name(item)).unwrap();
        let source = evidence.open(&name(item)).unwrap();
        assert_eq!(source.len(), body.len() as u64);
        let mut hint = Hint::default();
        let mut at = 7_u64;
        for n in 0..400_usize {
            at = at.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(3_037_000_493);
            let len = 1 + n * 173 % 70_000;
            let from = (at % (body.len() - len) as u64) as usize;
            let mut buf = vec![0; len];
            source.read_at(from as u64, &mut buf, &mut hint).unwrap();
            assert_eq!(buf, body[from..from + len], "{item} {from} {len}");
        }
        let mut last = [0; 10];
        source.read_at(body.len() as u64 - 10, &mut last, &mut hint).unwrap();
        assert_eq!(last, body[body.len() - 10..]);
        assert!(source.read_at(body.len() as u64 - 9, &mut last, &mut hint).is_err());
    }
    assert!(evidence.open(&name("empty")).unwrap().is_empty());
    evidence.verify(&name("empty")).unwrap();
    assert!(matches!(evidence.open(&name("Media")), Err(EvidenceError::Absent)));
}

/// Counts the bytes that are asked of it.
#[derive(Debug)]
struct Counting(Vec<u8>, AtomicU64);

impl ReadAt for Counting {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], hint: &mut Hint) -> std::io::Result<()> {
        self.1.fetch_add(buf.len() as u64, Ordering::Relaxed);
        self.0.read_at(pos, buf, hint)
    }
}

#[test]
fn a_read_far_back_costs_one_spacing_and_not_all_before_it() {
    let body = text(16 << 20);
    let cache = Arc::new(ChunkCache::new(1 << 20));
    let zip = Arc::new(Counting(one("big", deflated(), &body), AtomicU64::new(0)));
    let bytes = zip.0.len() as u64;
    let evidence = ZipEvidence::over(zip.clone(), ZipLimits::default(), Arc::clone(&cache)).unwrap();
    let source = evidence.open(&name("big")).unwrap();
    assert_eq!(source.read_all(u64::MAX).unwrap(), body);
    assert_eq!(cache.filled(), 16 * 16, "a scan fills each chunk once");
    let mut buf = [0; 100];
    for mib in (0..16_u64).rev() {
        let at = (mib << 20) + 900_000;
        let before = zip.1.load(Ordering::Relaxed);
        source.read_at(at, &mut buf, &mut Hint::default()).unwrap();
        assert_eq!(buf, body[at as usize..at as usize + 100]);
        let cost = zip.1.load(Ordering::Relaxed) - before;
        assert!(cost < bytes / 16 * 2, "{cost} of {bytes} compressed bytes for one read");
    }
    drop(source);
    assert_eq!(cache.bytes(), 0, "what is closed leaves nothing");
}

#[test]
fn a_database_is_read_straight_out_of_a_zip() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.db");
    let c = rusqlite::Connection::open(&path).unwrap();
    c.execute_batch("CREATE TABLE message (_id INTEGER PRIMARY KEY, body TEXT);").unwrap();
    let tx = c.unchecked_transaction().unwrap();
    for n in 0..20_000 {
        tx.execute("INSERT INTO message VALUES (?1, ?2)", (n, format!("message {n}"))).unwrap();
    }
    tx.commit().unwrap();
    drop(c);
    let evidence = over(one("Databases/m.db", deflated(), &std::fs::read(path).unwrap())).unwrap();
    let db = Database::open(evidence.open(&name("Databases/m.db")).unwrap(), None, None).unwrap();
    let sum: i64 = db.connection().query_row("SELECT sum(_id) FROM message", [], |r| r.get(0)).unwrap();
    assert_eq!(sum, 199_990_000);
}

#[test]
fn what_does_not_inflate_to_what_is_stated_is_damaged() {
    let body = text(200_000);
    let whole = one("a", deflated(), &body);
    let directory = whole.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    // The directory's own length, one shorter and one longer; its checksum; a byte in the middle of the data.
    type Spoil = fn(&mut [u8], usize);
    let spoils: [Spoil; 4] = [
        |z, d| z[d + 24..d + 28].copy_from_slice(&199_999_u32.to_le_bytes()),
        |z, d| z[d + 24..d + 28].copy_from_slice(&200_001_u32.to_le_bytes()),
        |z, d| z[d + 16] ^= 1,
        |z, d| z[d / 2] ^= 0x10,
    ];
    for (n, spoil) in spoils.into_iter().enumerate() {
        let mut zip = whole.clone();
        spoil(&mut zip, directory);
        let evidence = over(zip).unwrap();
        let error = evidence.open(&name("a")).unwrap().read_all(u64::MAX).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData, "{n}");
        assert!(evidence.verify(&name("a")).is_err());
    }
    let mut stored_zip = one("a", stored(), &body);
    stored_zip[1000] ^= 1;
    let evidence = over(stored_zip).unwrap();
    assert!(matches!(evidence.verify(&name("a")), Err(EvidenceError::Damaged(_))));
}

#[test]
fn bombs_are_refused_by_what_they_claim() {
    let zeros = one("zeros", deflated(), &vec![0; 50 << 20]);
    let small = ZipLimits { total: 1 << 20, total_ratio: 20, ..ZipLimits::default() };
    let cache = || Arc::new(ChunkCache::new(1 << 20));
    let refused = ZipEvidence::over(Arc::new(zeros.clone()), small, cache());
    assert!(matches!(refused, Err(ZipError::Bomb)), "too much in all");
    over(zeros.clone()).unwrap().verify(&name("zeros")).unwrap();

    // A ratio that deflate cannot reach.
    let directory = zeros.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    let mut lying = zeros.clone();
    lying[directory + 24..directory + 28].copy_from_slice(&u32::MAX.wrapping_sub(1).to_le_bytes());
    assert!(matches!(over(lying), Err(ZipError::Bomb)));

    // Two entries over the same bytes.
    let two = zipped(|zip| {
        for n in ["a", "b"] {
            zip.start_file(n, stored()).unwrap();
            zip.write_all(&[7; 1000]).unwrap();
        }
    });
    let directory = two.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    let mut overlapping = two;
    overlapping[directory + 42..directory + 46].copy_from_slice(&10_u32.to_le_bytes());
    assert!(matches!(over(overlapping), Err(ZipError::Overlap)));

    let many = zipped(|zip| {
        for n in 0..50 {
            zip.start_file(format!("f{n}"), stored()).unwrap();
        }
    });
    let few = ZipLimits { entries: 49, ..ZipLimits::default() };
    assert!(matches!(ZipEvidence::over(Arc::new(many), few, cache()), Err(ZipError::TooManyEntries)));
}

/// Replaces `from` by `to`, of the same length, wherever it stands: in the local header and in the directory.
fn renamed(mut zip: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let places: Vec<usize> = zip.windows(from.len()).enumerate().filter(|(_, w)| *w == from).map(|(at, _)| at).collect();
    assert!(places.len() >= 2);
    for at in places {
        zip[at..at + to.len()].copy_from_slice(to);
    }
    zip
}

#[test]
fn names_that_climb_are_skipped_and_doubles_refuse_the_zip() {
    for bad in [&b"../etc/pw"[..], b"/etc/pass", b"a/../../b", b"C:\\x\\y\\zz", b"a\0bcdefgh", b"a//bcdefg"] {
        let evidence = over(renamed(one("ninechars", stored(), b"x"), b"ninechars", bad)).unwrap();
        assert_eq!((evidence.items().len(), evidence.skipped().count(SkipReason::Name)), (0, 1), "{bad:?}");
    }
    let two = zipped(|zip| {
        zip.start_file("aaaa", stored()).unwrap();
        zip.start_file("bbbb", stored()).unwrap();
    });
    assert!(matches!(over(renamed(two, b"bbbb", b"aaaa")), Err(ZipError::DuplicateNames)));
    // Not UTF-8 and not said to be: code page 437.
    let old = over(renamed(one("caf_.txt", stored(), b"x"), b"caf_.txt", b"caf\x82.txt")).unwrap();
    assert_eq!(old.items()[0].name.as_str(), "café.txt");
}

#[test]
fn encrypted_entries_links_and_other_methods_are_counted_by_reason() {
    let zip = zipped(|zip| {
        zip.start_file("fine", stored()).unwrap();
        zip.add_symlink("link", "/etc/passwd", stored()).unwrap();
        zip.start_file("locked", stored()).unwrap();
        zip.start_file("other", stored()).unwrap();
    });
    let mut zip = zip;
    let entries: Vec<usize> = zip.windows(4).enumerate().filter(|(_, w)| *w == b"PK\x01\x02").map(|(at, _)| at).collect();
    zip[entries[2] + 8] |= 1;
    zip[entries[3] + 10] = 12;
    let evidence = over(zip).unwrap();
    assert_eq!(evidence.items().len(), 1);
    for reason in [SkipReason::Symlink, SkipReason::Encrypted, SkipReason::Method] {
        assert_eq!(evidence.skipped().count(reason), 1, "{reason:?}");
    }
}

#[test]
fn a_cut_or_padded_or_lying_directory_is_refused_and_nothing_panics() {
    let zip = zipped(|zip| {
        for n in 0..20 {
            zip.start_file(format!("folder/file {n}"), deflated()).unwrap();
            zip.write_all(&text(300)).unwrap();
        }
    });
    assert!(matches!(over(Vec::new()), Err(ZipError::NotAZip)));
    for cut in 0..zip.len() {
        assert!(over(zip[..cut].to_vec()).is_err(), "cut at {cut}");
    }
    let mut behind = zip.clone();
    behind.push(0);
    assert!(matches!(over(behind), Err(ZipError::NotAZip)));
    let before = [&b"MZ padding"[..], &zip].concat();
    assert!(matches!(over(before), Err(ZipError::Structure)));
    let end = zip.len() - 22;
    for (at, to) in [(8, 21_u16), (8, 0xffff), (4, 1)] {
        let mut lying = zip.clone();
        lying[end + at..end + at + 2].copy_from_slice(&to.to_le_bytes());
        lying[end + 10..end + 12].copy_from_slice(&to.to_le_bytes());
        assert!(matches!(over(lying), Err(ZipError::Structure)), "{at} {to}");
    }
    let directory = zip.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    for at in directory..zip.len() {
        for bit in [0x01, 0x80] {
            let mut flipped = zip.clone();
            flipped[at] ^= bit;
            let source: Bytes = Arc::new(flipped);
            if let Ok(evidence) = ZipEvidence::over(source, ZipLimits::default(), Arc::new(ChunkCache::new(1 << 20))) {
                for item in evidence.items() {
                    if item.bytes < 1 << 20 {
                        let _ = evidence.verify(&item.name);
                    }
                }
            }
        }
    }
}
