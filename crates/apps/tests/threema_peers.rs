//! Other people's programs on Threema's backup: what our generator made they open to the same bytes, and what they made our
//! reader opens. Debian's `7zz` and PyPI `pyzipper`.
//!
//! `pyzipper` is looked for in the virtual environment that `UITLEZEN_PEERS_VENV` names, else in one under the target folder,
//! which is made when `python3` and the package index can be reached. Absent: the test says SKIPPED and passes, or fails where
//! `UITLEZEN_REQUIRE_INTEROP=1`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr)]

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};
use uitlezen_apps::{
    RecordSink,
    threema::{
        Edition,
        android::{Backup, OpenError, Reading, read},
    },
};
use uitlezen_chat::{Conversation, ConversationNumber, EvidenceId, Message};
use uitlezen_twin::content::threema::{Ae, AesZip, ThreemaBackup, ThreemaBackupOptions, generate};

/// Writes every entry under the password into a folder, and packs a folder anew.
const PYZIPPER: &str = r#"
import os, sys, pyzipper
what, file, folder, password = sys.argv[1:5]
if what == "unpack":
    with pyzipper.AESZipFile(file) as zip:
        zip.setpassword(password.encode())
        assert zip.testzip() is None
        zip.extractall(folder)
else:
    with pyzipper.AESZipFile(file, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as zip:
        zip.setencryption(pyzipper.WZ_AES, nbits=256)
        zip.setpassword(password.encode())
        for name in sorted(os.listdir(folder)):
            zip.write(os.path.join(folder, name), name)
"#;

fn skipped(what: &str, why: &str) {
    assert!(std::env::var_os("UITLEZEN_REQUIRE_INTEROP").is_none(), "{what} is absent: {why}");
    eprintln!("SKIPPED: {what} is absent ({why})");
}

fn run(command: &mut Command) -> Result<(), String> {
    match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn python() -> Option<PathBuf> {
    let found = || -> Result<PathBuf, String> {
        let venv = match std::env::var_os("UITLEZEN_PEERS_VENV") {
            Some(named) => PathBuf::from(named),
            None => Path::new(env!("CARGO_TARGET_TMPDIR")).join("pyzipper-venv"),
        };
        let python = venv.join("bin/python");
        if !python.exists() {
            run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
            run(Command::new(venv.join("bin/pip")).args(["install", "-q", "pyzipper==0.4.0"]))?;
        }
        run(Command::new(&python).args(["-c", "import pyzipper"]))?;
        Ok(python)
    };
    found().map_err(|why| skipped("pyzipper", &why)).ok()
}

fn seven_zip() -> Option<&'static str> {
    let found = ["7zz", "7z"].into_iter().find(|program| Command::new(program).arg("i").output().is_ok());
    if found.is_none() {
        skipped("7zip", "neither 7zz nor 7z");
    }
    found
}

fn made(version: u32) -> ThreemaBackup {
    generate(&ThreemaBackupOptions { messages: 300, version, ..ThreemaBackupOptions::default() }).unwrap()
}

fn unpacked(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    files.map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())).collect()
}

/// Counts what comes.
#[derive(Default)]
struct Counted(u64);

impl RecordSink for Counted {
    type Run = Vec<(ConversationNumber, Message)>;

    fn conversation(&mut self, _: &Conversation) -> io::Result<()> {
        Ok(())
    }

    fn hand_over(&mut self, run: &mut Self::Run) -> io::Result<()> {
        self.0 += run.len() as u64;
        run.clear();
        Ok(())
    }
}

fn reads_as_made(file: &Path, made: &ThreemaBackup) {
    let bytes = Arc::new(fs::read(file).unwrap());
    let bytes_again: Arc<Vec<u8>> = Arc::clone(&bytes);
    assert!(matches!(Backup::open(bytes_again, "iets anders"), Err(OpenError::WrongPassword)));
    let backup = Backup::open(bytes, &made.password).unwrap();
    let mut counted = Counted::default();
    let reading =
        Reading { edition: Edition::Threema, backup: &backup, item: EvidenceId(1), holder_identity: None, separation: None };
    let summary = read(&reading, &mut counted).unwrap();
    assert_eq!((counted.0, summary.conversations), (made.expected.messages, made.expected.conversations));
    assert_eq!(summary.by_kind, made.expected.by_kind);
    assert_eq!(summary.attachments_wanted, made.expected.files_present);
    assert!(summary.is_whole());
}

#[test]
fn pyzipper_opens_ours_and_we_open_its() {
    let Some(python) = python() else { return };
    for version in [27, 16] {
        let made = made(version);
        let dir = tempfile::tempdir().unwrap();
        let (file, folder, again) = (dir.path().join("a.zip"), dir.path().join("uit"), dir.path().join("b.zip"));
        fs::write(&file, &made.bytes).unwrap();
        let call = |what: &str, file: &Path| {
            run(Command::new(&python).args(["-c", PYZIPPER, what]).arg(file).arg(&folder).arg(&made.password)).unwrap();
        };
        call("unpack", &file);
        assert!(unpacked(&folder) == made.entries, "another content, version {version}");
        call("pack", &again);
        reads_as_made(&again, &made);
    }
}

#[test]
fn seven_zip_opens_ours_and_we_open_its() {
    let Some(program) = seven_zip() else { return };
    let made = made(27);
    let dir = tempfile::tempdir().unwrap();
    let (file, folder, again) = (dir.path().join("a.zip"), dir.path().join("uit"), dir.path().join("b.zip"));
    fs::write(&file, &made.bytes).unwrap();
    let password = format!("-p{}", made.password);
    let out = format!("-o{}", folder.display());
    run(Command::new(program).args(["x", "-bso0", &password, &out]).arg(&file)).unwrap();
    assert!(unpacked(&folder) == made.entries, "another content");
    run(Command::new(program).current_dir(&folder).args(["a", "-tzip", "-mem=AES256", "-bso0", &password]).arg(&again).arg("."))
        .unwrap();
    reads_as_made(&again, &made);
    // Both versions of the encryption, and both answers about the checksum.
    for ae in [Ae::One, Ae::Two] {
        let mut zip = AesZip::new("geheim", 9);
        zip.ae = ae;
        zip.add("settings", &b"een regel\n".repeat(50), true).unwrap();
        fs::write(&file, zip.finish()).unwrap();
        run(Command::new(program).args(["t", "-bso0", "-pgeheim"]).arg(&file)).unwrap();
        assert!(run(Command::new(program).args(["t", "-bso0", "-pfout"]).arg(&file)).is_err());
    }
}
