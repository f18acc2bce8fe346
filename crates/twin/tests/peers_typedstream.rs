//! Another reader of typedstreams on those that the generator writes: PyPI `pytypedstream`.
//!
//! It is looked for in the virtual environment that `UITLEZEN_PEERS_VENV` names, else in one under the target folder, which
//! is made when `python3` and the package index can be reached. Absent: the test says SKIPPED and passes, or fails where
//! `UITLEZEN_REQUIRE_INTEROP=1`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr)]

use std::{
    path::{Path, PathBuf},
    process::Command,
};
use uitlezen_twin::content::iphone::messages::{MessagesOptions, generate};

/// Reads every attributed text of the database and prints guid, text in hex, the attributes of its runs, and how many units.
const READER: &str = r#"
import sqlite3, sys, typedstream
failed = 0
for guid, blob in sqlite3.connect(sys.argv[1]).execute("SELECT guid, attributedBody FROM message WHERE attributedBody IS NOT NULL"):
    try:
        root = typedstream.unarchive_from_data(blob)
    except Exception:
        failed += 1
        continue
    values = [v for group in root.contents for v in group.values]
    text = values[0].value
    seen, units, keys, at = 0, 0, [], 1
    while at < len(values):
        number, length = values[at], values[at + 1]
        units += length
        at += 2
        if number > seen:
            seen = number
            keys.append("+".join(sorted(str(k.value) for k in values[at].contents)))
            at += 1
    assert units == len(text.encode("utf-16-le")) // 2, guid
    print(guid, text.encode().hex(), ",".join(keys))
print("failed", failed)
"#;

fn python() -> Option<PathBuf> {
    let found = || -> Result<PathBuf, String> {
        let run = |command: &mut Command| match command.output() {
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
            Err(error) => Err(error.to_string()),
        };
        let venv = match std::env::var_os("UITLEZEN_PEERS_VENV") {
            Some(named) => PathBuf::from(named),
            None => Path::new(env!("CARGO_TARGET_TMPDIR")).join("typedstream-venv"),
        };
        let python = venv.join("bin/python");
        if !python.exists() {
            run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
            run(Command::new(venv.join("bin/pip")).args(["install", "-q", "pytypedstream==0.1.0"]))?;
        }
        run(Command::new(&python).args(["-c", "import typedstream"]))?;
        Ok(python)
    };
    match found() {
        Ok(python) => Some(python),
        Err(why) => {
            assert!(std::env::var_os("UITLEZEN_REQUIRE_INTEROP").is_none(), "pytypedstream is absent: {why}");
            eprintln!("SKIPPED: pytypedstream is absent ({why})");
            None
        }
    }
}

#[test]
fn pytypedstream_reads_every_text_that_was_archived() {
    let Some(python) = python() else { return };
    let made = generate(&MessagesOptions { messages: 1_500, ..MessagesOptions::default() }).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("sms.db");
    std::fs::write(&file, &made.sms).unwrap();
    let output = Command::new(python).args(["-c", READER]).arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    let (lines, failed) = said.trim_end().rsplit_once("\nfailed ").unwrap();
    assert_eq!(failed.parse::<u64>().unwrap(), made.expected.undecodable, "only what was cut off cannot be read");
    let (mut texts, mut keys) = (0, std::collections::BTreeSet::new());
    for line in lines.lines() {
        let mut parts = line.split(' ');
        let (guid, hex_of) = (parts.next().unwrap(), parts.next().unwrap());
        parts.next().unwrap().split([',', '+']).for_each(|key| {
            keys.insert(key.to_owned());
        });
        let text = String::from_utf8(hex::decode(hex_of).unwrap()).unwrap();
        let Some(expected) = made.expected.texts.get(guid) else { continue };
        assert_eq!(text.trim_matches('\u{fffc}'), expected.as_str(), "{guid}");
        texts += 1;
    }
    assert!(texts > 500, "{texts}");
    let all = [
        "IMAudioTranscription",
        "__kIMFileTransferGUIDAttributeName",
        "__kIMLinkAttributeName",
        "__kIMMentionConfirmedMention",
        "__kIMMessagePartAttributeName",
    ];
    assert_eq!(keys.iter().map(String::as_str).collect::<Vec<_>>(), all);
}
