//! Another program on files that the virtual phone makes: MVT (PyPI `mvt`), its parser of Android backups.
//!
//! It is looked for in the virtual environment `mvt` below the one that `UITLEZEN_PEERS_VENV` names (it wants a version of a
//! package that another peer cannot have), else in one under the target folder, which is made when `python3` and the package
//! index can be reached. Absent: the test says SKIPPED and passes, or fails where
//! `UITLEZEN_REQUIRE_INTEROP=1`.

#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::panic)]

use flate2::read::ZlibDecoder;
use std::{
    collections::BTreeMap,
    io::{BufReader, Read},
    path::{Path, PathBuf},
    process::Command,
};
use uitlezen_android_backup::Header;
use uitlezen_twin::content::sms::{SmsBackup, SmsOptions, generate};

/// Prints the SHA-256 of the tar, and each message as JSON; a wrong password must be told.
const PROGRAM: &str = r#"
import hashlib, json, sys
from mvt.android.parsers.backup import InvalidBackupPassword, parse_backup_file, parse_tar_for_sms
data = open(sys.argv[1], "rb").read()
password = sys.argv[2] or None
if password:
    try:
        parse_backup_file(data, "nee")
        sys.exit("a wrong password opens it")
    except InvalidBackupPassword:
        pass
tar = parse_backup_file(data, password)
print(hashlib.sha256(tar).hexdigest())
for message in parse_tar_for_sms(tar):
    print(json.dumps([message.get("address"), message.get("body")]))
"#;

fn make_venv() -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os("UITLEZEN_PEERS_VENV") {
        return Ok(PathBuf::from(named).join("mvt/bin"));
    }
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers-venv");
    let run = |command: &mut Command| match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(error) => Err(error.to_string()),
    };
    if !venv.join("made").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        run(Command::new(venv.join("bin/pip")).args(["install", "-q", "mvt==2026.10.26"]))?;
        std::fs::write(venv.join("made"), "").map_err(|error| error.to_string())?;
    }
    Ok(venv.join("bin"))
}

/// The interpreter that has the program; `None` when it is to be skipped.
fn python() -> Option<PathBuf> {
    let made = make_venv().map(|bin| bin.join("python"));
    let has = |python: &PathBuf| Command::new(python).args(["-c", "import mvt"]).output().is_ok_and(|o| o.status.success());
    match made {
        Ok(python) if has(&python) => Some(python),
        answer => {
            let why = answer.err().unwrap_or_else(|| "not in that environment".to_owned());
            assert!(std::env::var_os("UITLEZEN_REQUIRE_INTEROP").is_none(), "mvt is absent: {why}");
            eprintln!("SKIPPED: mvt is absent ({why})");
            None
        }
    }
}

/// The tar of a file, and the messages in it, as we read them.
fn ours(bytes: &[u8], password: Option<&str>) -> BTreeMap<String, Vec<serde_json::Value>> {
    let mut from = BufReader::new(bytes);
    let header = Header::read(&mut from).unwrap();
    let mut entries = header.open(from, password).unwrap();
    let mut all = BTreeMap::new();
    while let Some(entry) = entries.next_entry().unwrap() {
        let mut bytes = Vec::new();
        entries.read_to_end(&mut bytes).unwrap();
        if entry.path.ends_with("_backup") {
            all.insert(entry.path, serde_json::from_reader(ZlibDecoder::new(bytes.as_slice())).unwrap());
        }
    }
    all
}

#[test]
fn mvt_reads_the_same_messages() {
    let Some(python) = python() else { return };
    // It stumbles over a message without a text.
    let content = generate(&SmsOptions { sms: 1_200, mms: 30, oddities: false, ..SmsOptions::default() }).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (version, compressed, password) in
        [(5, true, None), (1, false, None), (5, true, Some("wachtwoord")), (2, false, Some("é€"))]
    {
        let how = SmsBackup { version, compressed, password: password.map(str::to_owned), ..SmsBackup::default() };
        let bytes = content.backup(&how, 3).unwrap();
        let file = folder.path().join("backup.ab");
        std::fs::write(&file, &bytes).unwrap();
        let output = Command::new(&python).arg("-c").arg(PROGRAM).arg(&file).arg(password.unwrap_or_default()).output().unwrap();
        assert!(output.status.success(), "{version}: {}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8(output.stdout).unwrap();
        let mut theirs: Vec<[Option<String>; 2]> = said.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let all = ours(&bytes, password);
        let mut ours: Vec<[Option<String>; 2]> = all
            .iter()
            .flat_map(|(path, messages)| messages.iter().map(move |message| (path.ends_with("_mms_backup"), message)))
            .map(
                |(mms, message)| {
                    if mms { [None, text(&message["mms_body"])] } else { [text(&message["address"]), text(&message["body"])] }
                },
            )
            .collect();
        // Theirs names the sender of an MMS as its address; here that is looked at by its own reader.
        theirs.iter_mut().skip(usize::try_from(content.backed_up().0).unwrap()).for_each(|message| message[0] = None);
        theirs.sort();
        ours.sort();
        assert_eq!(theirs.len() as u64, content.backed_up().0 + content.backed_up().1);
        assert!(theirs == ours, "{version}");
    }
}
