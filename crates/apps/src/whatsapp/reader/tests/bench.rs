//! How fast: run by hand with `cargo test --release -p uitlezen-apps a_million -- --ignored --nocapture`.

use super::{
    scale::{Tally, big},
    *,
};
use std::time::Instant;

#[test]
#[ignore = "a measurement, not a test"]
fn a_million_messages_to_records() {
    let database = big(1_000_000, true);
    let start = Instant::now();
    let mut tally = Tally::default();
    let summary = read(&reading(&database, None), &mut tally).unwrap();
    assert_eq!(summary.messages, 1_000_000);
    eprintln!("1,000,000 messages to records in {:.2} s", start.elapsed().as_secs_f64());
}
