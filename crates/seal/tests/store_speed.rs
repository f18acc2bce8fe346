//! How fast items go into a store. Run with `--release -- --ignored --nocapture`; the bench suite compares with peers.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

mod store_support;

use std::{env, io::Write, time::Instant};
use store_support::*;
use uitlezen_evidence::{Evidence, Hint};
use uitlezen_seal::{
    part::ChunkSize,
    store::{Digest, ItemSpec, RunKey, StoreOptions, WorkStore},
};

#[test]
#[ignore = "a measurement"]
fn one_gibibyte_into_the_store() {
    let dir = match env::var_os("SPEED_DIR") {
        Some(dir) => tempfile::tempdir_in(dir).unwrap(),
        None => tempfile::tempdir().unwrap(),
    };
    let block = content(1, 1 << 20);
    for digest in [Digest::None, Digest::Compute, Digest::None] {
        let at = dir.path().join("speed.partial");
        let store = WorkStore::create(&at, "speed", &RunKey::random().unwrap(), StoreOptions::default()).unwrap();
        let begun = Instant::now();
        let mut writer = store.begin(ItemSpec { chunk: ChunkSize::MEDIA, digest, ..spec("big", kept()) }).unwrap();
        for _ in 0..1_024 {
            writer.write_all(&block).unwrap();
        }
        writer.finish().unwrap();
        store.checkpoint().unwrap();
        let seconds = begun.elapsed().as_secs_f64();
        println!("{digest:?}: {seconds:.2} s, {:.0} MB/s", 1_073.741_824 / seconds);
        let begun = Instant::now();
        let view = store.evidence(|_| true).unwrap();
        let mut page = vec![0; 4_096];
        let source = view.open(&view.items()[0].name).unwrap();
        let mut hint = Hint::default();
        for n in 0..20_000_u64 {
            source.read_at(n * 7_919 % 262_144 * 4_096, &mut page, &mut hint).unwrap();
        }
        println!("  20,000 pages at random, 256 KiB chunks: {:.2} s", begun.elapsed().as_secs_f64());
        drop((source, view));
        store.discard().unwrap();
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    println!("{}", status.lines().find(|line| line.starts_with("VmHWM")).unwrap());
}
