//! How fast a backup is decrypted beside `iphone-backup-decrypt`, how long ten million rounds take beside Python's `hashlib`
//! (which is OpenSSL's), and what 1.3 million rows cost. Measurements, so not part of the ordinary run:
//! `cargo test --release -p uitlezen-backup --test speed -- --ignored --nocapture --test-threads 1`.

#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::cast_precision_loss)]

mod support;

use rusqlite::{Connection, params};
use std::{
    io::Read,
    ops::ControlFlow,
    path::PathBuf,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};
use support::*;
use uitlezen_backup::{Backup, Place, Rounds, file_id};
use uitlezen_evidence::{Evidence, FolderEvidence, Reader};
use uitlezen_twin::{
    Patterned,
    backup::{BackupFacts, BackupFile, BackupImage, Layout, Rounds as Asked},
};

const FILES: u64 = 3000;
const BYTES: u64 = 1 << 30;

/// Named by `UITLEZEN_PEERS_VENV`.
fn python() -> PathBuf {
    PathBuf::from(std::env::var_os("UITLEZEN_PEERS_VENV").unwrap()).join("bin/python")
}

fn said(program: &str, arguments: &[&str]) -> f64 {
    let output = Command::new(python()).args(["-c", program]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

/// Opens, lists and decrypts everything into nothing.
fn decrypted(disk: &OnDisk, files: u64) -> Duration {
    let begun = Instant::now();
    let evidence = disk.evidence(Some("x"));
    let mut buffer = vec![0; 256 << 10];
    let mut all = 0;
    for item in evidence.items() {
        let mut reader = Reader::new(evidence.open(&item.name).unwrap());
        loop {
            let n = reader.read(&mut buffer).unwrap();
            if n == 0 {
                break;
            }
            all += n as u64;
        }
    }
    assert_eq!((all, evidence.items().len() as u64), (evidence.counts().wanted_bytes, files));
    begun.elapsed()
}

#[test]
#[ignore = "a measurement; run it in release, with the peers at hand"]
fn decrypting_is_five_times_as_fast_as_iphone_backup_decrypt() {
    // Most files small, most bytes in a few, as on a phone.
    let small = (0..FILES - 30).map(|n| (n, 4000 + n * 37 % 90_000));
    let rest = BYTES - small.clone().map(|(_, len)| len).sum::<u64>();
    let large = (FILES - 30..FILES).map(|n| (n, rest / 30));
    let files = small.chain(large).map(|(n, len)| {
        let bytes = Arc::new(Patterned { len, seed: n });
        BackupFile::new("MediaDomain", format!("Media/{n}.bin"), bytes, 1_700_000_000).class(u8::try_from(n % 4).unwrap() + 1)
    });
    let facts = BackupFacts { rounds: Asked { first: 10, second: 10 }, ..BackupFacts::default() };
    let disk = OnDisk::of(&BackupImage::build(files.collect(), &facts, Some("x"), 1).unwrap(), Layout::Split);
    // Into memory, file after file: it has no way to stream.
    let program = r#"
import sys, time, sqlite3, os, tempfile
from iphone_backup_decrypt import EncryptedBackup
begun = time.perf_counter()
backup = EncryptedBackup(backup_directory=sys.argv[1], passphrase="x")
with tempfile.TemporaryDirectory() as out:
    manifest = os.path.join(out, "m.db")
    backup.save_manifest_file(manifest)
    rows = sqlite3.connect(manifest).execute("SELECT domain, relativePath FROM Files WHERE flags = 1").fetchall()
    for domain, path in rows:
        backup.extract_file_as_bytes(relative_path=path, domain_like=domain)
print(time.perf_counter() - begun)
"#;
    let root = disk.root.to_str().unwrap();
    forget_peak();
    let (mut ours, mut theirs) = (f64::MAX, f64::MAX);
    for _ in 0..3 {
        ours = ours.min(decrypted(&disk, FILES).as_secs_f64());
        theirs = theirs.min(said(program, &[root]));
    }
    let rate = |took: f64| BYTES as f64 / 1e6 / took;
    let times = theirs / ours;
    eprintln!("1 GiB in {FILES} files: {ours:.2} s ({:.0} MB/s), theirs {theirs:.2} s: {times:.1} times", rate(ours));
    eprintln!("most memory: {} MiB", peak());
    assert!(times >= 5.0 && peak() < 128);
}

#[test]
#[ignore = "a measurement; run it in release, with the peers at hand"]
fn ten_million_rounds_take_less_than_openssl() {
    let facts = BackupFacts { rounds: Asked { first: 10_000_000, second: 10_000 }, ..BackupFacts::default() };
    let disk = OnDisk::of(&BackupImage::build(vec![], &facts, Some("x"), 1).unwrap(), Layout::Split);
    let backup = disk.backup();
    let program = "
import hashlib, time
begun = time.perf_counter()
first = hashlib.pbkdf2_hmac('sha256', b'x', b'y' * 20, 10_000_000, 32)
hashlib.pbkdf2_hmac('sha1', first, b'y' * 20, 10_000, 32)
print(time.perf_counter() - begun)
";
    let (mut ours, mut theirs) = (f64::MAX, f64::MAX);
    for _ in 0..3 {
        let begun = Instant::now();
        backup.unlock(b"x", Rounds::default(), &mut |_| ControlFlow::Continue(())).unwrap();
        ours = ours.min(begun.elapsed().as_secs_f64());
        theirs = theirs.min(said(program, &[]));
    }
    eprintln!("10,000,000 rounds: {ours:.2} s, OpenSSL's {theirs:.2} s: {:.2} times", theirs / ours);
    assert!(ours < theirs);
}

/// Forgets what the tests before this one held.
fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// Most memory that this process held since then, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

#[test]
#[ignore = "a measurement; run it in release, on its own"]
fn a_manifest_of_1_300_000_rows_costs_time_and_no_memory() {
    const ROWS: u32 = 1_300_000;
    let image = BackupImage::build(vec![BackupFile::of("D", "f", vec![1; 40], 0)], &BackupFacts::default(), None, 1).unwrap();
    let dir = tempfile::tempdir().unwrap();
    image.write_folder(dir.path(), Layout::Split).unwrap();
    let root = dir.path().join(image.udid());
    {
        let db = Connection::open(root.join("Manifest.db")).unwrap();
        let archive: Vec<u8> = db.query_row("SELECT file FROM Files WHERE flags = 1", [], |row| row.get(0)).unwrap();
        db.execute_batch("DROP INDEX FilesDomainIdx; DROP INDEX FilesRelativePathIdx; DROP INDEX FilesFlagsIdx; BEGIN").unwrap();
        for n in 0..ROWS {
            let path = format!("Library/Caches/een heel lange naam van een map/{n}/bestand van de telefoon {n}.dat");
            let id = file_id("CameraRollDomain", &path).digits();
            let mut insert = db.prepare_cached("INSERT INTO Files VALUES (?, 'CameraRollDomain', ?, 1, ?)").unwrap();
            insert.execute(params![id, path, archive]).unwrap();
        }
        db.execute_batch("COMMIT").unwrap();
    }
    forget_peak();
    let before = peak();
    for (what, all) in [("a thousandth", false), ("all", true)] {
        let inner: Arc<dyn Evidence> = Arc::new(FolderEvidence::open(&root).unwrap());
        let begun = Instant::now();
        let evidence = Backup::at(inner, Place::top()).unwrap();
        let evidence = evidence.evidence(None, &|_, path| all || path.ends_with("000.dat")).unwrap();
        let took = begun.elapsed().as_secs_f64();
        eprintln!("{} rows, {what} wanted: {took:.1} s, peak {} MiB (before: {before})", evidence.counts().rows, peak());
        assert_eq!(evidence.counts().wanted, if all { u64::from(ROWS) + 1 } else { 1299 });
        assert!(all || peak() < before + 32);
    }
}
