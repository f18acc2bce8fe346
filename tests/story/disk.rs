//! A disk that is too small, or that fills up on the way.

use super::{
    desk::Desk,
    phone::{Phone, quiet},
    skip,
};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};
use uitlezen_twin::{
    content::Options,
    device::{Fault, Times},
};

/// A small disk of its own, gone with the story.
struct Disk(PathBuf);

impl Disk {
    fn of(bytes: u64, at: &Path) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let options = format!("size={bytes}");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(at).output();
        if !mounted.is_ok_and(|out| out.status.success()) {
            skip("UITLEZEN_REQUIRE_ROOT", "a small disk cannot be mounted by this account");
            return None;
        }
        Some(Self(at.to_owned()))
    }

    fn fill(&self) {
        let mut file = fs::File::create(self.0.join("vulling")).unwrap();
        while file.write_all(&[1; 4096]).is_ok() {}
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_disk_that_is_too_small_is_told_before_anything_is_read() {
    let (desk, phone) = (Desk::ready(), Phone::with(&quiet()));
    let Some(_disk) = Disk::of(256 * 1024, &desk.out()) else { return };
    phone.device.forget_asked();
    let told = desk.reads(&phone).json().go().ends_with(7);
    let why = told.event("error")["error"].as_str().unwrap().to_owned();
    assert!(why == "no-space" || why == "disk-full", "{why}");
    desk.nothing_sealed();
}

#[test]
fn a_disk_that_fills_up_on_the_way_leaves_no_seal_and_keeps_the_work_store() {
    let (desk, phone) = (Desk::ready(), Phone::with(&Options { messages: 600, ..quiet() }));
    let Some(disk) = Disk::of(64 * 1024 * 1024, &desk.out()) else { return };
    phone.device.inject(Fault::Slow { pause: Duration::from_millis(15) }, Times::Always);
    let run = desk.reads(&phone).json().start();
    let began = std::time::Instant::now();
    let media = |path: &Vec<u8>| String::from_utf8_lossy(path).contains("/Media/");
    while !phone.device.asked().opened.iter().any(media) {
        assert!(began.elapsed() < Duration::from_secs(60), "no media were asked");
        std::thread::sleep(Duration::from_millis(5));
    }
    disk.fill();
    let told = super::outcome::Outcome::new(&run.wait_with_output().unwrap()).ends_with(7);
    assert_eq!(told.event("error")["error"], "disk-full", "{}", told.err);
    assert!(told.err.contains("De schijf is vol"), "{}", told.err);
    desk.nothing_sealed();
    assert_eq!(desk.unfinished().len(), 1, "kept for resuming");
}
