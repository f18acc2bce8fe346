//! A container beyond 4 GiB: ZIP64 in the directory, read by others, and how long verifying takes beside `openssl dgst`.
//! Run with `--ignored --nocapture`; it reads some ten gigabytes of zeros and writes none (the parts are holes).
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

mod sealing;

use sealing::*;
use sha2::{Digest, Sha256};
use std::{process::Command, time::Instant};
use uitlezen_seal::{
    closing::{RoleContent, close},
    container::{EntryName, writer::Staging},
    envelope::{GeneratedIdentity, Recipient, RoleKey, RoleRecipients},
    header::Origin,
    index::RoleIndex,
    role::Role,
    station::Kind,
    verify::{VerifyOptions, verify},
};

#[test]
#[ignore = "reads some ten gigabytes"]
fn beyond_four_gibibytes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("zegel");
    let (parts, size) = (70_u32, 64_u64 << 20);
    let zeros = vec![0; 1 << 20];
    let (mut sha256, mut crc32) = (Sha256::new(), crc32fast::Hasher::new());
    for _ in 0..size >> 20 {
        sha256.update(&zeros);
        crc32.update(&zeros);
    }
    let (sha256, crc32) = (sha256.finalize(), crc32.finalize());
    let mut staging = Staging::create(&path).unwrap();
    for number in 1..=parts {
        let at = staging.begin(EntryName::Part(number)).unwrap();
        staging.file().set_len(at + size).unwrap();
        staging.finish_entry(size, crc32, sha256.into()).unwrap();
    }
    let recipients = [false, true].map(|recovery| Recipient::parse(&GeneratedIdentity::new().recipient, recovery).unwrap());
    let content = RoleContent {
        index: RoleIndex::new(Role::Bronnen, vec![], vec![]).unwrap(),
        key: RoleKey::random().unwrap(),
        recipients: RoleRecipients::Each(recipients.to_vec()),
    };
    let closed = close(staging, &station(Kind::Normal), facts(Origin::Lab), vec![content]).unwrap();
    assert!(closed.bytes > u64::from(u32::MAX));
    for threads in [1, 2, 1, 2] {
        let begin = Instant::now();
        let verdict = verify(&path, &VerifyOptions { threads, ..Default::default() }).unwrap();
        eprintln!("verify, {threads} thread(s): {:.2} s for {} MiB", begin.elapsed().as_secs_f64(), closed.bytes >> 20);
        assert!(verdict.is_intact(), "{:?}", verdict.seal);
    }
    let begin = Instant::now();
    if Command::new("openssl").args(["dgst", "-sha256"]).arg(&path).output().is_ok() {
        eprintln!("openssl dgst -sha256: {:.2} s", begin.elapsed().as_secs_f64());
    }
    if let Ok(out) = Command::new("unzip").arg("-tq").arg(&path).output() {
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
    }
    let script = "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(len(z.namelist()))";
    if let Ok(out) = Command::new("python3").args(["-c", script]).arg(&path).output() {
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }
}
