//! The stories that need a cable: the real binary and the virtual phone on the kernel's own USB stack (`dummy_hcd`,
//! FunctionFS, usbfs, libusb), in the guest of this folder's README. Elsewhere each says SKIPPED;
//! `UITLEZEN_REQUIRE_USB=1` turns that into a failure. `tests/usb/stories` tells them all.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    unreachable_pub
)]

mod cable;
mod gadget;
mod iphone;
mod permission;
mod readout;
mod udev;
mod usbmuxd;
mod wire;

// The same desk and the same counting as in the stories over TCP.
#[allow(dead_code)]
#[path = "../story/counting.rs"]
mod counting;
#[allow(dead_code)]
#[path = "../story/desk.rs"]
mod desk;
#[allow(dead_code)]
#[path = "../story/outcome.rs"]
mod outcome;
#[allow(dead_code)]
#[path = "../story/phone.rs"]
mod phone;

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Every file below a folder.
fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files_below(&path));
        } else {
            all.push(path);
        }
    }
    all.sort();
    all
}

/// A story that is being told; at its end it says how long it took.
struct Told(Instant);

impl Drop for Told {
    fn drop(&mut self) {
        eprint!("{:.1} s ... ", self.0.elapsed().as_secs_f32());
    }
}

/// `None`, and a loud word, where there is no virtual USB controller.
#[track_caller]
fn in_the_guest() -> Option<Told> {
    if Path::new("/sys/class/udc").join(gadget::CONTROLLERS[0]).exists() {
        return Some(Told(Instant::now()));
    }
    skip("no virtual USB controller here; tests/usb/stories tells this in the USB guest");
    None
}

#[track_caller]
fn skip(why: &str) {
    let required = std::env::var("UITLEZEN_REQUIRE_USB").is_ok_and(|v| v == "1");
    assert!(!required, "UITLEZEN_REQUIRE_USB=1, and {why}");
    eprintln!("SKIPPED: {why}");
}

#[track_caller]
fn wait_until(what: &str, done: impl FnMut() -> bool) {
    wait_longer(what, Duration::from_millis(50), Duration::from_secs(60), done);
}

/// Looks every `turn`, `most` long.
#[track_caller]
fn wait_longer(what: &str, turn: Duration, most: Duration, mut done: impl FnMut() -> bool) {
    let end = Instant::now() + most;
    while !done() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(turn);
    }
}

/// The desk's usual command with these words, through a program that takes it behind its own.
fn words<const N: usize>(words: [&str; N]) -> [std::ffi::OsString; N] {
    words.map(Into::into)
}
