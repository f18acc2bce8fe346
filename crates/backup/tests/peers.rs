//! Another program on what the builder makes, and on what we make of it: PyPI `iphone-backup-decrypt`, byte for byte.
//!
//! It is looked for in the virtual environment that `UITLEZEN_PEERS_VENV` names, else in one under the target folder, which
//! is made when `python3` and the package index can be reached. Absent: the test says SKIPPED and passes, or fails where
//! `UITLEZEN_REQUIRE_INTEROP=1`.

#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::panic)]

mod support;

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};
use support::*;
use uitlezen_evidence::{Evidence, ReadAtExt};

/// Decrypts the manifest, then every file, to `out/<domain>/<path>`; prints the number of files.
const PROGRAM: &str = r#"
import os, sys
from iphone_backup_decrypt import EncryptedBackup
folder, password, out = sys.argv[1:]
backup = EncryptedBackup(backup_directory=folder, passphrase=password)
assert backup.test_decryption()
backup.save_manifest_file(os.path.join(out, "Manifest.db"))
import sqlite3
rows = sqlite3.connect(os.path.join(out, "Manifest.db")).execute("SELECT domain, relativePath FROM Files WHERE flags = 1").fetchall()
for domain, path in rows:
    target = os.path.join(out, domain, path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    data = backup.extract_file_as_bytes(relative_path=path, domain_like=domain)
    with open(target, "wb") as file: file.write(data or b"")
print(len(rows))
"#;

fn make_venv() -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os("UITLEZEN_PEERS_VENV") {
        return Ok(PathBuf::from(named).join("bin"));
    }
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers-venv");
    let run = |command: &mut Command| match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(error) => Err(error.to_string()),
    };
    if !venv.join("made").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        run(Command::new(venv.join("bin/pip")).args(["install", "-q", "iphone-backup-decrypt==0.11.2"]))?;
        std::fs::write(venv.join("made"), "").map_err(|error| error.to_string())?;
    }
    Ok(venv.join("bin"))
}

/// The interpreter that has the program; `None` when it is to be skipped.
fn python() -> Option<PathBuf> {
    static BIN: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let python = BIN.get_or_init(make_venv).as_ref().map(|bin| bin.join("python"));
    let has = |python: &PathBuf| {
        Command::new(python).args(["-c", "import iphone_backup_decrypt"]).output().is_ok_and(|o| o.status.success())
    };
    match python {
        Ok(python) if has(&python) => Some(python),
        answer => {
            let why = answer.as_ref().err().map_or("not in that environment", |why| why.as_str());
            assert!(std::env::var_os("UITLEZEN_REQUIRE_INTEROP").is_none(), "iphone-backup-decrypt is absent: {why}");
            eprintln!("SKIPPED: iphone-backup-decrypt is absent ({why})");
            None
        }
    }
}

#[test]
fn iphone_backup_decrypt_gives_the_same_bytes() {
    let Some(python) = python() else { return };
    let disk = OnDisk::new(Some(PASSWORD));
    let out = tempfile::tempdir().unwrap();
    let output = Command::new(python).arg("-c").arg(PROGRAM).arg(&disk.root).arg(PASSWORD).arg(out.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "24");
    let evidence = disk.evidence(Some(PASSWORD));
    assert_eq!(evidence.items().len(), 24);
    for item in evidence.items() {
        let theirs = std::fs::read(out.path().join(item.name.as_str())).unwrap();
        let ours = evidence.open(&item.name).unwrap().read_all(1 << 20).unwrap();
        assert!(ours == theirs, "{} bytes and {}", ours.len(), theirs.len());
    }
    // And the manifest: theirs is the builder's own before encryption, but for the keys in it.
    let db = rusqlite::Connection::open(out.path().join("Manifest.db")).unwrap();
    let rows: i64 = db.query_row("SELECT count(*) FROM Files", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, i64::try_from(evidence.counts().rows).unwrap());
}
