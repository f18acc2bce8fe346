//! The virtual iPhone before other people's programs: Debian's libimobiledevice tools, PyPI's pymobiledevice3, and
//! iphone-backup-decrypt on what they wrote.
//!
//! Where a program is not there its stories say SKIPPED; with UITLEZEN_REQUIRE_INTEROP=1 that is a failure. Python's programs are
//! looked for in UITLEZEN_PEERS_VENV.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::print_stderr)]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;
use uitlezen_evidence::ReadAtExt;
use uitlezen_twin::{
    backup::{BackupFile, Kind, file_id},
    device::Times,
    iphone::{
        App, Fault, How, Iphone, Lock, Moment, Passcode, Supervision, Trust,
        usbmuxd::{self, Running},
    },
};

const HOME: &str = "HomeDomain";
const WHATSAPP: &str = "AppDomainGroup-group.net.whatsapp.WhatsApp.shared";

fn required() -> bool {
    std::env::var("UITLEZEN_REQUIRE_INTEROP").is_ok_and(|v| v == "1")
}

/// Whether a program answers; said loudly where it does not.
fn there(program: &Path) -> bool {
    let found = Command::new(program).arg("--help").stdin(Stdio::null()).output().is_ok_and(|out| out.status.success());
    assert!(found || !required(), "{} is not installed, and UITLEZEN_REQUIRE_INTEROP=1", program.display());
    if !found {
        eprintln!("SKIPPED: no {} on this machine", program.display());
    }
    found
}

fn idevice() -> bool {
    there(Path::new("idevicebackup2")) && there(Path::new("ideviceinfo"))
}

/// A program of the virtual environment with other people's Python programs.
fn python(program: &str) -> Option<PathBuf> {
    let path = match std::env::var_os("UITLEZEN_PEERS_VENV") {
        Some(venv) => PathBuf::from(venv).join("bin").join(program),
        None => PathBuf::from(program),
    };
    there(&path).then_some(path)
}

fn files() -> Vec<BackupFile> {
    let big: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    vec![
        BackupFile::of(HOME, "Library/SMS/sms.db", b"SQLite format 3\0 made up".to_vec(), 1_760_000_000),
        BackupFile::of(HOME, "Library/Empty", Vec::new(), 1_760_000_001).class(4),
        BackupFile::of(WHATSAPP, "ChatStorage.sqlite", big, 1_760_000_002).class(1),
        BackupFile::of(WHATSAPP, "Message/Media/31600000001@s.whatsapp.net/a/b/één.jpg", vec![7; 40_000], 1_760_000_003).class(2),
        BackupFile::of("CameraRollDomain", "Media/DCIM/100APPLE/IMG_0001.HEIC", vec![9; 65_536], 1_760_000_004),
        BackupFile {
            domain: HOME.into(),
            path: "Library/Link".into(),
            kind: Kind::Symlink("SMS/sms.db".into()),
            mode: 0o755,
            modified: 1_760_000_005,
            class: 3,
        },
    ]
}

fn phone() -> uitlezen_twin::iphone::Builder {
    Iphone::builder().files(files()).app(App::new("net.whatsapp.WhatsApp", "WhatsApp", "25.30.70")).app(App::new(
        "ch.threema.iapp",
        "Threema",
        "6.9",
    ))
}

/// A phone behind a usbmuxd, and a host with its own folders.
struct Desk {
    phone: Arc<Iphone>,
    mux: Running,
    home: TempDir,
}

impl Desk {
    /// On a unix socket, as libimobiledevice's own daemon has one.
    fn with(phone: Arc<Iphone>) -> Desk {
        let home = TempDir::new().unwrap();
        let mux = usbmuxd::spawn_at(home.path().join("usbmuxd"), std::slice::from_ref(&phone)).unwrap();
        Desk { phone, mux, home }
    }

    fn over_tcp(phone: Arc<Iphone>) -> Desk {
        Desk { mux: usbmuxd::spawn(std::slice::from_ref(&phone)).unwrap(), phone, home: TempDir::new().unwrap() }
    }

    /// One that trusts this host already.
    fn paired(phone: Arc<Iphone>) -> Desk {
        let desk = Desk::with(phone);
        let out = desk.run("idevicepair", &["pair"]);
        assert!(out.status.success(), "{out:?}");
        desk
    }

    fn run(&self, program: impl AsRef<Path>, args: &[&str]) -> Output {
        let mut command = Command::new("timeout");
        command.arg("120").arg(program.as_ref()).args(args);
        command.env("USBMUXD_SOCKET_ADDRESS", self.mux.address()).env("HOME", self.home.path()).env("TMPDIR", self.home.path());
        command.env("NO_COLOR", "1").stdin(Stdio::null()).output().unwrap()
    }

    fn backup(&self, args: &[&str]) -> (bool, String) {
        let to = self.folder();
        let to = to.to_str().unwrap();
        let out = self.run("idevicebackup2", &[args, &[to]].concat());
        (out.status.success(), String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr))
    }

    fn folder(&self) -> PathBuf {
        let to = self.home.path().join("backup");
        fs::create_dir_all(&to).unwrap();
        to
    }

    fn kept(&self, name: &str) -> PathBuf {
        self.folder().join(&self.phone.identity().udid).join(name)
    }
}

/// What a folder must hold: every file of the phone under its id, byte for byte, and no other.
fn assert_holds(desk: &Desk, expected: &[BackupFile]) {
    let expected: BTreeMap<String, Vec<u8>> = expected
        .iter()
        .filter_map(|file| match &file.kind {
            Kind::File(bytes) => Some((file_id(&file.domain, &file.path), bytes.read_all(u64::MAX).unwrap())),
            _ => None,
        })
        .collect();
    let mut found = BTreeMap::new();
    for shelf in fs::read_dir(desk.kept("")).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for file in fs::read_dir(shelf).unwrap().map(|entry| entry.unwrap().path()) {
            found.insert(file.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&file).unwrap());
        }
    }
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    assert!(found == expected, "the bytes of a file differ");
}

#[test]
fn libimobiledevice_finds_pairs_and_asks() {
    if !idevice() {
        return;
    }
    let desk = Desk::with(phone().trust(Trust::Waits).build());
    let udid = desk.phone.identity().udid.clone();
    assert_eq!(String::from_utf8_lossy(&desk.run("idevice_id", &["-l"]).stdout).trim(), udid);
    let refused = desk.run("idevicepair", &["pair"]);
    assert!(String::from_utf8_lossy(&refused.stdout).contains("accept the trust dialog"), "{refused:?}");
    desk.phone.tap_trust();
    let paired = desk.run("idevicepair", &["pair"]);
    assert!(String::from_utf8_lossy(&paired.stdout).contains("SUCCESS: Paired"), "{paired:?}");
    let valid = desk.run("idevicepair", &["validate"]);
    assert!(String::from_utf8_lossy(&valid.stdout).contains("SUCCESS: Validated"), "{valid:?}");
    let info = String::from_utf8_lossy(&desk.run("ideviceinfo", &[]).stdout).into_owned();
    assert!(info.contains("DeviceName: Twin iPhone") && info.contains("SerialNumber: TWIN0IPHONE1"), "{info}");
    let backup = desk.run("ideviceinfo", &["-q", "com.apple.mobile.backup"]);
    assert!(String::from_utf8_lossy(&backup.stdout).contains("RequiresEncryption: 0"), "{backup:?}");
    let gone = desk.run("idevicepair", &["unpair"]);
    assert!(String::from_utf8_lossy(&gone.stdout).contains("SUCCESS: Unpaired"), "{gone:?}");
    assert_eq!(desk.phone.trusted_hosts(), 0);
    assert_eq!(desk.phone.asked().private_keys_seen, 0);
}

#[test]
fn libimobiledevice_is_told_why_it_may_not_pair() {
    if !idevice() {
        return;
    }
    let forbidden = Supervision { pairing_forbidden: true, ..Supervision::default() };
    for (phone, words) in [
        (phone().lock(Lock::Locked), "passcode is set"),
        (phone().trust(Trust::Refuses), "denied the trust dialog"),
        (phone().supervision(forbidden), "-38"),
    ] {
        let desk = Desk::with(phone.build());
        let first = desk.run("idevicepair", &["pair"]);
        let last = if words.starts_with("denied") { desk.run("idevicepair", &["pair"]) } else { first };
        let said = String::from_utf8_lossy(&last.stdout).into_owned();
        assert!(said.contains(words), "{said}");
        assert_eq!(desk.phone.trusted_hosts(), 0);
    }
}

#[test]
fn idevicebackup2_takes_a_full_backup_and_then_what_changed() {
    if !idevice() {
        return;
    }
    let desk = Desk::paired(phone().build());
    let (done, said) = desk.backup(&["backup", "--full"]);
    assert!(done && said.contains("Backup Successful"), "{said}");
    let asked = desk.phone.asked();
    assert_eq!((asked.last_full, asked.files_sent), (Some(true), 5));
    assert!(asked.services.iter().any(|service| service.name == "com.apple.mobilebackup2" && service.escrow), "{asked:?}");
    assert_eq!((asked.forbidden, asked.refusals), (Vec::new(), vec![("DLMessageDownloadFiles".to_owned(), -13)]));
    assert_holds(&desk, &files());
    let info = fs::read_to_string(desk.kept("Info.plist")).unwrap();
    assert!(info.contains("ch.threema.iapp"));

    let mut changed = files();
    changed.remove(4);
    changed[0] = BackupFile::of(HOME, "Library/SMS/sms.db", b"SQLite format 3\0 longer than it was".to_vec(), 1_760_500_000);
    changed.push(BackupFile::of(HOME, "Library/Voicemail/1.amr", vec![1; 100], 1_760_500_000));
    desk.phone.change_files(|files| *files = changed.clone());
    let (done, said) = desk.backup(&["backup"]);
    assert!(done, "{said}");
    let asked = desk.phone.asked();
    assert_eq!((asked.last_full, asked.files_sent, asked.files_unchanged), (Some(false), 2, 3));
    assert_holds(&desk, &changed);

    // nothing new: nothing is sent
    let (done, said) = desk.backup(&["backup"]);
    assert!(done, "{said}");
    assert_eq!((desk.phone.asked().files_sent, desk.phone.asked().last_full), (0, Some(false)));
}

#[test]
fn idevicebackup2_sets_changes_and_removes_the_password() {
    if !idevice() {
        return;
    }
    let desk = Desk::paired(phone().passcode(Passcode::Typed(Duration::from_millis(50))).build());
    let (done, said) = desk.backup(&["encryption", "on", "Geheim-1"]);
    assert!(done, "{said}");
    assert_eq!(desk.phone.backup_password().as_deref(), Some("Geheim-1"));
    let (_, said) = desk.backup(&["changepw", "verkeerd", "Geheim-2"]);
    assert!(said.contains("ErrorCode 207"), "{said}");
    assert_eq!(desk.phone.backup_password().as_deref(), Some("Geheim-1"));
    let (done, said) = desk.backup(&["changepw", "Geheim-1", "Geheim-2"]);
    assert!(done, "{said}");
    assert_eq!(desk.phone.backup_password().as_deref(), Some("Geheim-2"));
    let (done, said) = desk.backup(&["encryption", "off", "Geheim-2"]);
    assert!(done, "{said}");
    assert_eq!(desk.phone.backup_password(), None);
}

#[test]
fn idevicebackup2_says_what_the_phone_said() {
    if !idevice() {
        return;
    }
    let desk = Desk::paired(phone().patience(Duration::from_millis(50)).build());
    // the others differ in the number only, and are told to our own program
    for (code, moment) in [(1, Moment::Requested), (105, Moment::Space), (104, Moment::Uploading(1))] {
        desk.phone.inject(Fault::At(moment, How::fails(code, "made up")), Times::Only(1));
        let (_, said) = desk.backup(&["backup", "--full"]);
        assert!(said.contains(&format!("ErrorCode {code}: made up")), "{code}: {said}");
    }
    desk.phone.set_passcode(Passcode::Waits);
    let (_, said) = desk.backup(&["backup", "--full"]);
    assert!(said.contains("ErrorCode 208"), "{said}");
}

#[test]
fn an_encrypted_backup_opens_in_iphone_backup_decrypt() {
    let Some(python) = python("python") else { return };
    if !idevice() {
        return;
    }
    let desk = Desk::paired(phone().backup_password("Geheim één").build());
    let (done, said) = desk.backup(&["backup", "--full"]);
    assert!(done, "{said}");
    assert_opens(&desk, &python, &files());
}

/// Every file of an encrypted backup as iphone-backup-decrypt reads it.
fn assert_opens(desk: &Desk, python: &Path, expected: &[BackupFile]) {
    const SCRIPT: &str = "import sys, json
try:
    from iphone_backup_decrypt import EncryptedBackup
except ImportError:
    sys.exit(77)
backup = EncryptedBackup(backup_directory=sys.argv[1], passphrase=sys.argv[2])
for domain, path, out in json.load(open(sys.argv[3])):
    data = backup.extract_file_as_bytes(path, domain_like=domain)
    open(out, 'wb').write(data or b'')
";
    let work = desk.home.path().join("opened");
    fs::create_dir_all(&work).unwrap();
    let mut wanted = Vec::new();
    let mut bytes_of = Vec::new();
    for (number, file) in expected.iter().enumerate() {
        let Kind::File(bytes) = &file.kind else { continue };
        let out = work.join(number.to_string());
        wanted.push((file.domain.clone(), file.path.clone(), out.to_str().unwrap().to_owned()));
        bytes_of.push((out, bytes.read_all(u64::MAX).unwrap()));
    }
    let list = work.join("wanted.json");
    fs::write(&list, serde_json::to_vec(&wanted).unwrap()).unwrap();
    let password = desk.phone.backup_password().unwrap();
    let out = desk.run(python, &["-c", SCRIPT, desk.kept("").to_str().unwrap(), &password, list.to_str().unwrap()]);
    if out.status.code() == Some(77) {
        assert!(!required(), "iphone-backup-decrypt is not installed, and UITLEZEN_REQUIRE_INTEROP=1");
        eprintln!("SKIPPED: no iphone-backup-decrypt on this machine");
        return;
    }
    assert!(out.status.success(), "{out:?}");
    for (path, bytes) in bytes_of {
        assert!(fs::read(&path).unwrap() == bytes, "{} differs", path.display());
    }
}

#[test]
fn pymobiledevice3_pairs_and_takes_a_full_backup_and_then_what_changed() {
    let (Some(python), Some(program)) = (python("python"), python("pymobiledevice3")) else { return };
    let desk = Desk::over_tcp(phone().trust(Trust::After(Duration::from_millis(100))).backup_password("Geheim-3").build());
    let to = desk.folder();
    let to = to.to_str().unwrap();
    let paired = desk.run(&program, &["lockdown", "pair"]);
    assert!(paired.status.success(), "{paired:?}");
    let full = desk.run(&program, &["backup2", "backup", "--full", to]);
    assert!(full.status.success(), "{full:?}");
    assert_eq!((desk.phone.asked().last_full, desk.phone.asked().files_sent), (Some(true), 5));
    assert_opens(&desk, &python, &files());

    let mut changed = files();
    changed[0] = BackupFile::of(HOME, "Library/SMS/sms.db", b"SQLite format 3\0 longer than it was".to_vec(), 1_760_500_000);
    desk.phone.change_files(|files| *files = changed.clone());
    let more = desk.run(&program, &["backup2", "backup", to]);
    assert!(more.status.success(), "{more:?}");
    let asked = desk.phone.asked();
    assert_eq!((asked.last_full, asked.files_sent, asked.files_unchanged), (Some(false), 1, 4));
    assert!(asked.longest_block <= 32 * 1024 + 1);
    assert_opens(&desk, &python, &changed);
}

#[test]
fn pymobiledevice3_pairs_with_a_supervision_identity_where_no_other_host_may() {
    let (Some(python), Some(program)) = (python("python"), python("pymobiledevice3")) else { return };
    let work = TempDir::new().unwrap();
    let (pem, der) = (work.path().join("identity.pem"), work.path().join("identity.der"));
    const SCRIPT: &str = "import sys, datetime
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization as s
from cryptography.hazmat.primitives.asymmetric import rsa
key = rsa.generate_private_key(65537, 2048)
name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, 'Gemeente Voorbeeld')])
now = datetime.datetime(2026, 1, 1)
cert = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
    .not_valid_before(now).not_valid_after(now + datetime.timedelta(days=3650)).sign(key, hashes.SHA256()))
open(sys.argv[1], 'wb').write(key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()) + cert.public_bytes(s.Encoding.PEM))
open(sys.argv[2], 'wb').write(cert.public_bytes(s.Encoding.DER))
";
    let made = Command::new(&python).args(["-c", SCRIPT]).arg(&pem).arg(&der).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let supervision = |supervisors| Supervision {
        organisation: "Gemeente Voorbeeld".into(),
        supervisors,
        pairing_forbidden: true,
        ..Supervision::default()
    };
    let pair = |desk: &Desk| desk.run(&program, &["lockdown", "pair-supervised", pem.to_str().unwrap()]);

    let other = Desk::over_tcp(phone().supervision(supervision(vec![b"another certificate".to_vec()])).build());
    pair(&other);
    assert_eq!(other.phone.trusted_hosts(), 0);

    let desk = Desk::over_tcp(phone().lock(Lock::Locked).supervision(supervision(vec![fs::read(&der).unwrap()])).build());
    let paired = pair(&desk);
    assert!(paired.status.success(), "{paired:?}");
    assert_eq!((desk.phone.trusted_hosts(), desk.phone.asked().dialogs), (1, 0));
}
