//! A million messages: time and memory of the generator. Run by hand, in release:
//! `cargo test --release -p uitlezen-twin --test content_scale -- --ignored --nocapture`.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::time::Instant;
use uitlezen_twin::content::{Options, generate};

#[test]
#[ignore = "some 20 seconds and 1 GiB"]
fn a_million_messages() {
    let start = Instant::now();
    let content = generate(&Options { messages: 1_000_000, ..Options::default() }).unwrap();
    let expected = &content.expected.whatsapp;
    assert_eq!(expected.messages, 1_000_000);
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM: unknown");
    eprintln!(
        "{:.1} s, {peak}, msgstore {} MB, crypt15 {} MB, {} files, {} MB of media",
        start.elapsed().as_secs_f64(),
        expected.msgstore_bytes / 1_000_000,
        content.files.iter().find(|(p, _)| p.ends_with("/msgstore.db.crypt15")).unwrap().1.len() / 1_000_000,
        content.files.len(),
        expected.attachments.present_bytes / 1_000_000,
    );
    // In release it must stay under a minute; the dev profile is about twice as slow.
    if !cfg!(debug_assertions) {
        assert!(start.elapsed().as_secs() < 60);
    }
}
