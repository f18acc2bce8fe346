//! Doors for the fuzzer (`fuzz/targets`): any bytes in the place of what a daemon or a phone says. Each comes back, and panics
//! when something was taken that must not be.

use super::{
    backup::{BackupPath, Catalogue, Change, FileEnd, Host, Incoming, Take, run_alone},
    line::{Line, Socket},
    lockdown::Lockdown,
    patience::Patience,
    usbmux::{HEADER, Reply, body_length, is_udid, reply},
};
use crate::cancel::Cancel;
use std::{
    io::{self, Read, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    path::{Component, Path},
    time::Duration,
};
use uitlezen_property_list::Value;

/// More than this does not fit a socket at once.
const MOST: usize = 64 * 1024;

/// A line on which these bytes come, and then nothing: the other side has closed its half.
fn line(bytes: &[u8]) -> Option<(Line, UnixStream)> {
    let (ours, mut theirs) = UnixStream::pair().ok()?;
    theirs.write_all(bytes.get(..bytes.len().min(MOST))?).ok()?;
    theirs.shutdown(Shutdown::Write).ok()?;
    let moment = Duration::from_millis(50);
    let patience = Patience { connect: moment, silence: moment, trust: moment, passcode: moment, thinking: moment };
    Some((Line::new(Socket::Unix(ours), patience, Cancel::default()).ok()?, theirs))
}

/// A frame of the daemon: header and list.
pub fn usbmux(bytes: &[u8]) {
    let Some((head, body)) = bytes.split_first_chunk::<HEADER>() else { return };
    if let Ok(length) = body_length(head) {
        assert!(length <= 1 << 20);
    }
    if let Ok(Reply::Devices(phones)) = reply(body) {
        assert!(phones.iter().all(|phone| is_udid(&phone.udid)));
    }
}

/// Answers of lockdownd to the questions of a read-out, one after the other.
pub fn lockdown(bytes: &[u8]) {
    let Some((line, _theirs)) = line(bytes) else { return };
    let mut lockdown = Lockdown::over(line);
    let _ = lockdown.ask("QueryType", Value::dictionary());
    let _ = lockdown.value(None, "DevicePublicKey");
    if let Ok(started) = lockdown.start_service("com.apple.mobilebackup2", None) {
        assert!(started.port != 0);
    }
    let _ = lockdown.answer_to("Pair", Value::dictionary());
}

/// What a phone says while a backup runs.
pub fn device_link(bytes: &[u8]) {
    let Some((line, mut theirs)) = line(bytes) else { return };
    // Somebody must take our answers, or the loop ends for want of room.
    let taking = std::thread::spawn(move || io::copy(&mut theirs, &mut io::sink()));
    let mut host = Careful::default();
    let (counts, result) = run_alone(line, UDID, previous(), &mut host);
    if result.is_ok() {
        assert!(counts.names_refused == 0, "a run with names outside ended well");
    }
    assert!(host.bytes <= bytes.len() as u64 && counts.kept_bytes + counts.drained_bytes <= bytes.len() as u64);
    let _ = taking.join();
}

/// Sees to it that nothing leads outside.
#[derive(Default)]
struct Careful {
    bytes: u64,
}

fn check(path: &BackupPath) {
    assert!(Path::new(path.as_str()).components().all(|part| matches!(part, Component::Normal(_))), "a path leaves");
}

impl Host for Careful {
    fn free_bytes(&mut self) -> io::Result<u64> {
        Ok(1 << 40)
    }

    fn begin(&mut self, file: &Incoming<'_>) -> io::Result<Take> {
        check(file.path);
        Ok(if file.device_name.len().is_multiple_of(2) { Take::Keep } else { Take::Drain })
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    fn end(&mut self, file: &Incoming<'_>, _: &FileEnd) -> io::Result<()> {
        check(file.path);
        Ok(())
    }

    fn open(&mut self, path: &BackupPath) -> io::Result<Option<Box<dyn Read + '_>>> {
        check(path);
        Ok(path.as_str().len().is_multiple_of(2).then(|| Box::new(io::repeat(7).take(100)) as Box<dyn Read>))
    }

    fn change(&mut self, change: &Change) -> io::Result<()> {
        match change {
            Change::Moved { from, to } | Change::Copied { from, to } => {
                check(from);
                check(to);
            }
            Change::Removed(path) => check(path),
        }
        Ok(())
    }
}

/// The phone's name in [`device_link`].
pub const UDID: &str = "00008030-0011223344556677";

/// What a previous run left.
fn previous() -> Catalogue {
    let mut previous = Catalogue::default();
    for name in ["Manifest.db", "3d/3d0d7e5fb2ce288813306e4d4636395e047a3d28"] {
        if let Some(path) = BackupPath::new(&format!("{UDID}/{name}")) {
            previous.put(&path, 10);
        }
    }
    previous
}
