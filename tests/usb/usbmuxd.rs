//! Debian's usbmuxd, for one story: an iPhone is reached through it, at `/var/run/usbmuxd`.

use crate::{skip, wait_longer, wait_until};
use std::{
    fs::{self, File},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

const SOCKET: &str = "/var/run/usbmuxd";
const LOG: &str = "/run/usbmuxd.log";
/// What it remembers of phones.
const RECORDS: &str = "/var/lib/lockdown";

pub struct Usbmuxd(Child);

impl Usbmuxd {
    /// As Debian starts it: it asks a phone whose trust it has not, before it shows the phone.
    pub fn start() -> Option<Self> {
        Self::with(&[])
    }

    /// One that shows every phone at once.
    pub fn without_preflight() -> Option<Self> {
        Self::with(&["--no-preflight"])
    }

    /// One that has never seen a phone.
    fn with(arguments: &[&str]) -> Option<Self> {
        let _ = fs::remove_dir_all(RECORDS);
        fs::create_dir_all(RECORDS).unwrap();
        let log = File::create(LOG).unwrap();
        let mut daemon = Command::new("usbmuxd");
        daemon.args(["--foreground", "--verbose"]).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let Ok(daemon) = daemon.spawn() else {
            skip("no usbmuxd on this machine (tests/usb/setup.sh installs it)");
            return None;
        };
        let daemon = Self(daemon);
        wait_until("usbmuxd listens", || Path::new(SOCKET).exists());
        Some(daemon)
    }
}

impl Drop for Usbmuxd {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- usbmuxd\n{}", fs::read_to_string(LOG).unwrap_or_default());
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
        // killed, it leaves its socket and the file with its number
        for left in [SOCKET, "/var/run/usbmuxd.pid"] {
            let _ = fs::remove_file(left);
        }
    }
}

/// A tool of libimobiledevice.
pub fn tool(program: &str, arguments: &[&str]) -> Output {
    Command::new("timeout").args(["60", program]).args(arguments).stdin(Stdio::null()).output().unwrap()
}

/// Whether `idevice_id` lists a phone.
fn lists(udid: &str) -> bool {
    let told = tool("idevice_id", &["-l"]);
    String::from_utf8_lossy(&told.stdout).lines().any(|line| line == udid)
}

/// The daemon makes keys for every phone that does not trust it, which takes an emulated processor a while.
#[track_caller]
pub fn wait_until_listed(udid: &str, is: bool) {
    let what = if is { "the daemon shows the phone" } else { "the daemon misses the phone" };
    wait_longer(what, Duration::from_millis(500), Duration::from_secs(180), || lists(udid) == is);
}
