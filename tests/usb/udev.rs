//! udev's daemon, for one story: libraries that listen to it hear of phones that come and go.

use crate::skip;
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

const RULE: &str = "/etc/udev/rules.d/51-uitlezen-android.rules";

pub struct Udev;

impl Udev {
    pub fn start() -> Option<Self> {
        let daemon = ["/usr/lib/systemd/systemd-udevd", "/lib/systemd/systemd-udevd"].into_iter().find(|p| Path::new(p).exists());
        let Some(daemon) = daemon else {
            skip("no udev on this machine (tests/usb/setup.sh installs it)");
            return None;
        };
        assert!(Command::new(daemon).arg("--daemon").stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success());
        Some(Self)
    }

    /// With our rule for Android phones.
    pub fn with_rule(rule: &str) -> Option<Self> {
        fs::create_dir_all("/etc/udev/rules.d").unwrap();
        fs::write(RULE, rule).unwrap();
        Self::start()
    }
}

impl Drop for Udev {
    fn drop(&mut self) {
        let _ = Command::new("udevadm").args(["control", "--exit"]).env("SYSTEMD_IGNORE_CHROOT", "1").status();
        let _ = fs::remove_file(RULE);
    }
}
