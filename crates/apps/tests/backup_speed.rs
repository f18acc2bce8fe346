//! How fast a backup is unlocked beside inflating the same bytes alone. A measurement, so not part of the ordinary run:
//! `cargo test --release -p uitlezen-apps --test backup_speed -- --ignored --nocapture`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr)]

mod backup_support;

use backup_support::{bytes, crypt15, database, keys, zlib};
use flate2::{Decompress, FlushDecompress, Status};
use std::time::{Duration, Instant};
use uitlezen_apps::whatsapp::backup::unlock;

const CONTENT: usize = 256 << 20;
const ROUNDS: usize = 9;

fn timed(run: &mut dyn FnMut()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

#[test]
#[ignore = "a measurement; run it in release"]
fn unlocking_takes_at_most_1_3_times_inflating() {
    let packed = zlib(&database(CONTENT, 1));
    let ratio = CONTENT as f64 / packed.len() as f64;
    let mut inflate_alone = || {
        let (mut inflate, mut out, mut rest) = (Decompress::new(true), vec![0; 256 * 1024], packed.as_slice());
        loop {
            let before = inflate.total_in();
            if inflate.decompress(rest, &mut out, FlushDecompress::None).unwrap() == Status::StreamEnd {
                break;
            }
            rest = &rest[usize::try_from(inflate.total_in() - before).unwrap()..];
        }
        assert_eq!(inflate.total_out(), CONTENT as u64);
    };
    let file = bytes(crypt15(&packed, [3; 16], true));
    let mut unlock_it = || {
        let unlocked = unlock(file.clone(), &keys(), &mut std::io::sink(), &mut |_| {}).unwrap();
        assert_eq!(unlocked.bytes_out, CONTENT as u64);
    };
    // In turns, so that what else the machine does falls on both; the best of each is what the code can do.
    let (mut inflating, mut unlocking) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        inflating = inflating.min(timed(&mut inflate_alone));
        unlocking = unlocking.min(timed(&mut unlock_it));
    }
    let rate = |took: Duration| CONTENT as f64 / 1e6 / took.as_secs_f64();
    let times = unlocking.as_secs_f64() / inflating.as_secs_f64();
    eprintln!(
        "256 MiB of content packed {ratio:.2}:1; inflating {:.0} MB/s, unlocking {:.0} MB/s of content: {times:.2} times",
        rate(inflating),
        rate(unlocking)
    );
    assert!(times <= 1.3, "{times:.2}");
}
