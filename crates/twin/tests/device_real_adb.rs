//! The virtual phone before other people's program: Debian's `adb`, with a server of its own.
//!
//! Where there is no `adb` every story says SKIPPED; with UITLEZEN_REQUIRE_INTEROP=1 that is a failure.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr)]

use sha2::{Digest, Sha256};
use std::{
    fs,
    io::Read,
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
    process::{Command, ExitStatus, Output, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use uitlezen_twin::{
    FileBytes, Patterned, SpellsDone,
    adb::{Accept, Answer, PublicKey},
    content::sms,
    device::{Device, Fault, Happening, Pull, Times},
    front::tcp::{self, Running},
};

/// An adb server with its own port, home and key; gone when dropped.
struct Adb {
    home: TempDir,
    port: u16,
}

impl Adb {
    /// `None`, said loudly, where no adb is installed.
    fn start() -> Option<Adb> {
        if Command::new("adb").arg("version").output().is_err() {
            let required = std::env::var("UITLEZEN_REQUIRE_INTEROP").is_ok_and(|v| v == "1");
            assert!(!required, "adb is not installed, and UITLEZEN_REQUIRE_INTEROP=1");
            eprintln!("SKIPPED: no adb on this machine");
            return None;
        }
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let adb = Adb { home: TempDir::new().unwrap(), port };
        let started = adb.command(&["start-server"]).output().unwrap();
        assert!(started.status.success(), "{started:?}");
        Some(adb)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("adb");
        command.args(args).env("ADB_SERVER_PORT", self.port.to_string()).env("ANDROID_ADB_SERVER_PORT", self.port.to_string());
        command.env("HOME", self.home.path()).env("ANDROID_USER_HOME", self.home.path()).env("TMPDIR", self.home.path());
        command.env_remove("ADB_VENDOR_KEYS").stdin(Stdio::null());
        command
    }

    /// Connects, and waits until the phone has let the host in.
    fn connect<'a>(&'a self, phone: &'a Running) -> Host<'a> {
        let host = self.knock(phone);
        host.wait_for("device");
        host
    }

    fn knock<'a>(&'a self, phone: &'a Running) -> Host<'a> {
        let host = Host { adb: self, serial: phone.addr().to_string(), patience: Duration::from_secs(60) };
        let said = self.command(&["connect", &host.serial]).output().unwrap();
        assert!(said.status.success(), "{said:?}");
        host
    }
}

impl Drop for Adb {
    fn drop(&mut self) {
        let _ = self.command(&["kill-server"]).output();
    }
}

/// One phone as that server knows it.
struct Host<'a> {
    adb: &'a Adb,
    serial: String,
    patience: Duration,
}

impl Host<'_> {
    /// Runs adb on this phone. One that does not end by itself is ended, and then has no exit code: a phone that breaks off
    /// in the middle of a file leaves adb waiting for ever.
    fn run(&self, args: &[&str]) -> Output {
        let mut command = self.adb.command(&[&["-s", &self.serial], args].concat());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let mut output = Output { status: ExitStatus::default(), stdout: Vec::new(), stderr: Vec::new() };
        std::thread::scope(|scope| {
            scope.spawn(|| out.read_to_end(&mut output.stdout).unwrap());
            scope.spawn(|| err.read_to_end(&mut output.stderr).unwrap());
            let start = Instant::now();
            output.status = loop {
                if let Some(status) = child.try_wait().unwrap() {
                    break status;
                }
                if start.elapsed() > self.patience {
                    child.kill().unwrap();
                }
                std::thread::sleep(Duration::from_millis(5));
            };
        });
        output
    }

    fn state(&self) -> String {
        String::from_utf8_lossy(&self.run(&["get-state"]).stdout).trim().to_string()
    }

    fn wait_for(&self, state: &str) {
        let end = Instant::now() + Duration::from_secs(15);
        while self.state() != state {
            assert!(Instant::now() < end, "never became {state}: {:?}", self.run(&["get-state"]));
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn shell(&self, line: &str) -> (Option<i32>, String, String) {
        let out = self.run(&["shell", line]);
        (out.status.code(), String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap())
    }

    fn pull(&self, path: &str) -> (Output, PathBuf) {
        let to = self.adb.home.path().join("pulled");
        let _ = fs::remove_file(&to);
        (self.run(&["pull", path, to.to_str().unwrap()]), to)
    }
}

fn sha(bytes: &dyn FileBytes) -> String {
    let mut hash = Sha256::new();
    let mut piece = vec![0; 1 << 20];
    let mut pos = 0;
    while pos < bytes.len() {
        let n = (bytes.len() - pos).min(piece.len() as u64) as usize;
        bytes.read_at(pos, &mut piece[..n]).unwrap();
        hash.update(&piece[..n]);
        pos += n as u64;
    }
    hex::encode(hash.finalize())
}

fn sha_of_file(path: &PathBuf) -> String {
    let mut file = fs::File::open(path).unwrap();
    let mut hash = Sha256::new();
    let mut piece = vec![0; 1 << 20];
    loop {
        let n = file.read(&mut piece).unwrap();
        if n == 0 {
            return hex::encode(hash.finalize());
        }
        hash.update(&piece[..n]);
    }
}

#[test]
fn adb_finds_reads_and_pulls_byte_for_byte() {
    let Some(adb) = Adb::start() else { return };
    let lengths = [0u64, 1, 7, 8, 9, 504, 65_535, 65_536, 65_537, 1 << 20, (1 << 20) + 1, 9_999_999];
    let mut builder = Device::builder();
    for length in lengths {
        builder = builder.file(
            format!("/sdcard/Download/{length}.bin"),
            Arc::new(Patterned { len: length, seed: length }),
            1_700_000_000,
        );
    }
    builder = builder.file("/sdcard/Download/done.bin", Arc::new(SpellsDone { len: 131_072 }), 1_700_000_000);
    builder = builder.file("/sdcard/Download/lead in ' and é.txt", Arc::new(b"x".to_vec()), 1_700_000_000);
    let phone = tcp::spawn(&builder.build()).unwrap();
    let host = adb.connect(&phone);

    assert_eq!(host.shell("getprop ro.product.model; echo oops >&2; exit 42"), (Some(42), "Twin One\n".into(), "oops\n".into()));
    assert_eq!(host.shell("nothere").0, Some(127));
    assert_eq!(host.shell("echo \"a b\" 'c  d'").1, "a b c  d\n");
    assert_eq!(host.shell("head -c 1000000 /dev/zero | wc -c").1, "1000000\n");
    assert_eq!(host.run(&["exec-out", "head -c 300000 /dev/zero"]).stdout, vec![0; 300_000]);

    let listed = String::from_utf8(host.run(&["ls", "/sdcard/Download"]).stdout).unwrap();
    // mode, size, time in hexadecimal, and the name
    assert!(listed.contains("000081b0 0098967f 6553f100 9999999.bin\n"), "{listed}");
    assert!(listed.contains(" lead in ' and é.txt\n"));

    for length in lengths {
        let (out, file) = host.pull(&format!("/sdcard/Download/{length}.bin"));
        assert!(out.status.success(), "{length}: {out:?}");
        assert_eq!(fs::metadata(&file).unwrap().len(), length);
        assert_eq!(sha_of_file(&file), sha(&Patterned { len: length, seed: length }), "{length}");
    }
    let (out, file) = host.pull("/sdcard/Download/done.bin");
    assert!(out.status.success());
    assert_eq!(sha_of_file(&file), sha(&SpellsDone { len: 131_072 }));

    for (path, says) in [("/sdcard/none", "No such file or directory"), ("/data/data/com.whatsapp/x", "Permission denied")] {
        let (out, _) = host.pull(path);
        let said = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).to_string();
        assert!(!out.status.success() && said.contains(says), "{said}");
    }
    let note = adb.home.path().join("note");
    fs::write(&note, "x").unwrap();
    let out = host.run(&["push", note.to_str().unwrap(), "/sdcard/note"]);
    let said = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).to_string();
    assert!(!out.status.success() && said.contains("Read-only file system"), "{said}");
    assert_eq!(phone.device().asked().writes_refused, 1);
    assert!(phone.device().tree().stat(b"/sdcard/note", true).is_err());
}

#[test]
fn a_whole_folder_is_pulled_in_one_go() {
    let Some(adb) = Adb::start() else { return };
    let mut builder = Device::builder();
    for at in 0..150u64 {
        builder = builder.file(
            format!("/sdcard/DCIM/{}/{at}.jpg", at % 7),
            Arc::new(Patterned { len: at * 37, seed: at }),
            1_700_000_000,
        );
    }
    let phone = tcp::spawn(&builder.build()).unwrap();
    let host = adb.connect(&phone);
    let (out, folder) = host.pull("/sdcard/DCIM");
    assert!(out.status.success(), "{out:?}");
    for at in 0..150u64 {
        assert_eq!(sha_of_file(&folder.join(format!("{}/{at}.jpg", at % 7))), sha(&Patterned { len: at * 37, seed: at }));
    }
    assert_eq!(phone.device().asked().opened.len(), 150);
}

#[test]
fn a_host_is_let_in_only_after_the_owner_taps_allow_and_then_remembered() {
    let Some(adb) = Adb::start() else { return };
    let device = Device::builder().accept(Accept::Ask(Answer::Never)).build();
    let phone = tcp::spawn(&device).unwrap();
    let host = adb.knock(&phone);
    let end = Instant::now() + Duration::from_secs(15);
    while device.asked().dialogs == 0 {
        assert!(Instant::now() < end, "the key was never offered");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_ne!(host.state(), "device");
    device.tap_allow();
    host.wait_for("device");
    assert_eq!(host.shell("echo in").1, "in\n");

    // the key in the host's file is the one that was allowed, and needs no dialog the next time
    phone.unplug();
    host.run(&["disconnect", &host.serial]);
    let again = adb.connect(&phone);
    assert_eq!(again.shell("echo back").1, "back\n");
    assert_eq!(device.asked().dialogs, 1);
    let text =
        fs::read(adb.home.path().join(".android/adbkey.pub")).or_else(|_| fs::read(adb.home.path().join("adbkey.pub"))).unwrap();
    let key = PublicKey::parse(&text).unwrap();

    let known = tcp::spawn(&Device::builder().accept(Accept::Known(vec![key])).build()).unwrap();
    assert_eq!(adb.connect(&known).shell("echo known").1, "known\n");
    assert_eq!(known.device().asked().dialogs, 0);
}

#[test]
fn a_refusing_phone_stays_shut() {
    let Some(adb) = Adb::start() else { return };
    for accept in [Accept::Ask(Answer::Refuse), Accept::Forever] {
        let phone = tcp::spawn(&Device::builder().accept(accept).build()).unwrap();
        let host = adb.knock(&phone);
        std::thread::sleep(Duration::from_millis(300));
        assert_ne!(host.state(), "device");
        assert!(phone.device().asked().services.is_empty());
        host.run(&["disconnect", &host.serial]);
    }
}

#[test]
fn a_phone_of_the_first_protocol_works_too() {
    let Some(adb) = Adb::start() else { return };
    let device =
        Device::builder().old_protocol().file("/sdcard/a", Arc::new(Patterned { len: 200_000, seed: 3 }), 1_700_000_000).build();
    let phone = tcp::spawn(&device).unwrap();
    let host = adb.connect(&phone);
    let (out, file) = host.pull("/sdcard/a");
    assert!(out.status.success(), "{out:?}");
    assert_eq!(sha_of_file(&file), sha(&Patterned { len: 200_000, seed: 3 }));
    // shell v1 knows no exit code
    assert_eq!(host.shell("echo x; exit 3"), (Some(0), "x\n".into(), String::new()));
}

#[test]
fn adb_sees_the_faults() {
    let Some(adb) = Adb::start() else { return };
    let file = b"/storage/emulated/0/Download/f".to_vec();
    let device = Device::builder().file(&file, Arc::new(Patterned { len: 300_000, seed: 1 }), 1_700_000_000).build();
    let phone = tcp::spawn(&device).unwrap();
    let mut host = adb.connect(&phone);
    let whole = sha(&Patterned { len: 300_000, seed: 1 });
    // odd cuts are within the protocol
    for how in [Pull::SplitHeaders, Pull::Crumbs { bytes: 700 }] {
        device.inject(Fault::Pull { file: file.clone(), how }, Times::Only(1));
        let (out, to) = host.pull("/sdcard/Download/f");
        assert!(out.status.success(), "{out:?}");
        assert_eq!(sha_of_file(&to), whole);
    }
    for (how, says) in [
        (Pull::Refused { text: "Permission denied".into() }, "Permission denied"),
        (Pull::FailsAfter { after: 100_000, text: "I/O error".into() }, "I/O error"),
        (Pull::HugeBlock { after: 70_000 }, ""),
        (Pull::UnknownBlock { after: 70_000 }, ""),
        (Pull::ClosesEarly { after: 70_000 }, ""),
        (Pull::Vanishes { after: 100_000 }, ""),
        (Pull::BadMagic { after: 100_000 }, ""),
        (Pull::HugeMessage { after: 100_000 }, ""),
    ] {
        let named = format!("{how:?}");
        device.inject(Fault::Pull { file: file.clone(), how }, Times::Only(1));
        host.patience = Duration::from_secs(2);
        let start = Instant::now();
        let (out, _) = host.pull("/sdcard/Download/f");
        eprintln!("{named}: {:?} after {:?}", out.status, start.elapsed());
        let said = String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).to_string();
        assert!(!out.status.success() && said.contains(says), "{named}: {said}");
        host.run(&["disconnect", &host.serial]);
        host = adb.connect(&phone);
    }
    let (out, to) = host.pull("/sdcard/Download/f");
    assert!(out.status.success(), "{out:?}");
    assert_eq!(sha_of_file(&to), whole);

    device.inject(Fault::ShellRefused, Times::Only(1));
    assert_ne!(host.run(&["shell", "id"]).status.code(), Some(0));
    device.inject(Fault::SyncRefused, Times::Only(1));
    assert!(!host.pull("/sdcard/Download/f").0.status.success());
    device.inject(Fault::Crowd { folder: b"/storage/emulated/0/Download".to_vec(), entries: 100_000 }, Times::Always);
    let listed = host.run(&["ls", "/sdcard/Download"]).stdout;
    assert_eq!(listed.iter().filter(|b| **b == b'\n').count(), 100_000 + 3, "with . and ..");
}

#[test]
fn five_gibibytes() {
    if std::env::var("UITLEZEN_LONG").is_ok_and(|v| v == "1") {
        let Some(adb) = Adb::start() else { return };
        let bytes = Patterned { len: 5 << 30, seed: 5 };
        let phone = tcp::spawn(&Device::builder().file("/sdcard/five", Arc::new(bytes), 1_700_000_000).build()).unwrap();
        let mut host = adb.connect(&phone);
        host.patience = Duration::from_secs(1800);
        let start = Instant::now();
        let (out, file) = host.pull("/sdcard/five");
        eprintln!("5 GiB in {:?}", start.elapsed());
        assert!(out.status.success(), "{out:?}");
        assert_eq!(fs::metadata(&file).unwrap().len(), 5 << 30);
        assert_eq!(sha_of_file(&file), sha(&bytes));
    } else {
        eprintln!("SKIPPED: 5 GiB are pulled only with UITLEZEN_LONG=1");
    }
}

#[test]
fn adb_asks_content_providers_as_a_readout_does() {
    let Some(adb) = Adb::start() else { return };
    let content = sms::generate(&sms::SmsOptions { sms: 300, mms: 20, ..sms::SmsOptions::default() }).unwrap();
    let refuses = Happening::Refuses("Permission Denial".into());
    let refused = Fault::Provider { uri: "content://mms/part".into(), query: 1, what: refuses };
    let phone = tcp::spawn(&Device::builder().content(&content).fault(refused, Times::Always).build()).unwrap();
    let host = adb.connect(&phone);
    let (code, out, err) = host.shell("content query --user 0 --uri content://sms --projection _id --sort _id");
    let seen = content.sms.iter().filter(|row| matches!(row.kind, 1 | 2));
    let ids: String = seen.enumerate().map(|(n, row)| format!("Row: {n} _id={}\n", row.id)).collect();
    assert_eq!((code, out, err.as_str()), (Some(0), ids, ""));
    // Line breaks, quotes and every sign come through as they are.
    let odd = content.sms.iter().find(|row| row.body.as_deref().is_some_and(|body| body.contains("$HOME"))).unwrap();
    let line = format!("content query --user 0 --uri content://sms --projection 'body' --where '_id={}'", odd.id);
    assert_eq!(host.shell(&line).1, format!("Row: 0 body={}\n", odd.body.as_deref().unwrap()));
    // Several questions in one line, with a mark behind each.
    let (one, two) = (&content.mms[0], &content.mms[1]);
    let ask = |id| format!("content query --user 0 --uri content://mms/{id}/addr --projection type:address 2>&1;echo ={id}=$?;");
    let out = host.shell(&format!("{}{}", ask(one.id), ask(two.id))).1;
    let rows = |row: &sms::MmsRow| {
        let rows: String =
            row.addresses.iter().enumerate().map(|(n, (kind, who))| format!("Row: {n} type={kind}, address={who}\n")).collect();
        format!("{rows}={}=0\n", row.id)
    };
    assert_eq!(out, rows(one) + &rows(two));
    let part = content.mms.iter().flat_map(|row| &row.parts).find(|part| part.bytes.is_some()).unwrap();
    let read = host.run(&["exec-out", &format!("content read --user 0 --uri content://mms/part/{}", part.id)]).stdout;
    assert!(read == part.bytes.as_ref().unwrap().to_vec());
    // What is not there, and what the provider does not like, end with exit code 0.
    let (code, out, err) = host.shell("content query --user 0 --uri content://im/chat");
    assert_eq!((code, out.as_str()), (Some(0), ""));
    assert!(err.starts_with("Error while accessing provider:im\n") && err.contains("Could not find provider"), "{err}");
    let (code, out, err) = host.shell("content query --user 0 --uri content://mms/part");
    assert_eq!((code, out.as_str()), (Some(0), ""));
    assert!(err.contains("java.lang.SecurityException: Permission Denial"), "{err}");
    let (code, out, _) = host.shell("content query --user 0 --uri content://sms --where '_id IN (SELECT 1)'");
    assert_eq!((code, out.as_str()), (Some(0), "No result found.\n"));
    let (code, _, err) = host.shell("content query --user 0 --uri content://mms --where '_id IN (SELECT 1)'");
    assert!(code == Some(0) && err.contains("Invalid token select"), "{err}");
}
