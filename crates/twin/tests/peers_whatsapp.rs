//! Other people's programs on what the generator made: `wadecrypt` of wa-crypt-tools and `wtsexporter` of
//! whatsapp-chat-exporter, both from PyPI.
//!
//! They are looked for in the virtual environment that `UITLEZEN_PEERS_VENV` names, else in one under the target folder,
//! which is made when `python3` and the package index can be reached. Absent: the test says SKIPPED and passes, or fails
//! where `UITLEZEN_REQUIRE_INTEROP=1`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use uitlezen_twin::content::{BackupKind, Options, generate, write_folder};

const WHATSAPP_FOLDER: &str = "Android/media/com.whatsapp/WhatsApp";

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
    if !venv.join("bin/wtsexporter").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        run(Command::new(venv.join("bin/pip")).args([
            "install",
            "-q",
            "wa-crypt-tools==0.1.0",
            "whatsapp-chat-exporter[crypt15]==0.13.1",
        ]))?;
    }
    Ok(venv.join("bin"))
}

/// Where the programs are; `None` when they are to be skipped.
fn peers() -> Option<&'static Path> {
    static BIN: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match BIN.get_or_init(make_venv) {
        Ok(bin) if bin.join("wadecrypt").exists() && bin.join("wtsexporter").exists() => Some(bin),
        answer => {
            let why = answer.as_ref().err().map_or("not in that environment", String::as_str);
            assert!(std::env::var_os("UITLEZEN_REQUIRE_INTEROP").is_none(), "the Python peers are absent: {why}");
            eprintln!("SKIPPED: wa-crypt-tools and whatsapp-chat-exporter are absent ({why})");
            None
        }
    }
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let text = format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {text}");
    // wa-crypt-tools only warns when the tag is wrong, so its words count too.
    assert!(!text.contains("tag mismatch") && !text.contains("Traceback"), "{text}");
    output
}

fn sha(path: &Path) -> String {
    hex::encode(Sha256::digest(std::fs::read(path).unwrap()))
}

#[test]
fn wadecrypt_opens_what_was_encrypted() {
    let Some(bin) = peers() else { return };
    let content = generate(&Options { messages: 600, ..Options::default() }).unwrap();
    let dir = tempfile::tempdir().unwrap();
    write_folder(&content, dir.path()).unwrap();
    let folder = dir.path().join(WHATSAPP_FOLDER);
    let key_file = dir.path().join("encrypted_backup.key");
    std::fs::write(&key_file, content.secrets.encrypted_backup_key_file()).unwrap();
    let out = dir.path().join("out");
    let e = &content.expected.whatsapp;
    for key in [content.secrets.hex64.clone(), key_file.display().to_string()] {
        for (file, expected) in [("Databases/msgstore.db.crypt15", &e.msgstore_sha256), ("Backups/wa.db.crypt15", &e.wa_sha256)] {
            run(Command::new(bin.join("wadecrypt")).arg(&key).arg(folder.join(file)).arg(&out));
            assert_eq!(sha(&out), *expected, "{file}");
        }
    }
    // Increments are ZIPs without an MD5; the program knows such files and leaves the ZIP as it is.
    for increment in &e.increments {
        run(Command::new(bin.join("wadecrypt")).arg(&content.secrets.hex64).arg(dir.path().join(&increment.path)).arg(&out));
        assert_eq!(sha(&out), increment.zip_sha256, "{}", increment.path);
    }
}

#[test]
fn wadecrypt_opens_crypt14_with_the_key_file() {
    let Some(bin) = peers() else { return };
    let content = generate(&Options { messages: 200, kind: BackupKind::Crypt14Only, ..Options::default() }).unwrap();
    let dir = tempfile::tempdir().unwrap();
    write_folder(&content, dir.path()).unwrap();
    let (key, out) = (dir.path().join("key"), dir.path().join("out"));
    std::fs::write(&key, content.secrets.crypt14_key_file.as_ref().unwrap()).unwrap();
    let file = dir.path().join(WHATSAPP_FOLDER).join("Databases/msgstore.db.crypt14");
    run(Command::new(bin.join("wadecrypt")).arg(&key).arg(file).arg(&out));
    assert_eq!(sha(&out), content.expected.whatsapp.msgstore_sha256);
}

/// What wtsexporter counts: every row of `message` whose chat has a jid. So notices, rows of unknown types and the chats
/// that we leave out (`status@broadcast`, `@newsletter`) are in, and the sentinel row without a chat is not. Hidden ids
/// are joined with their numbers. All rows of `call_log` go to a chat of its own, `000000000000000`. It reads the full
/// backup alone: increments fail with it.
#[test]
fn wtsexporter_finds_the_same_messages() {
    let Some(bin) = peers() else { return };
    let content = generate(&Options { messages: 2_000, ..Options::default() }).unwrap();
    let dir = tempfile::tempdir().unwrap();
    write_folder(&content, dir.path()).unwrap();
    let folder = dir.path().join(WHATSAPP_FOLDER);
    run(Command::new(bin.join("wtsexporter"))
        .current_dir(dir.path())
        .args(["-a", "--no-html", "--no-banner", "-j", "result.json", "-m", "media", "-d", "msgstore.db", "-w", "wa.db"])
        .args(["-k", &content.secrets.hex64])
        .arg("-b")
        .arg(folder.join("Databases/msgstore.db.crypt15"))
        .arg("--wab")
        .arg(folder.join("Backups/wa.db.crypt15")));
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(dir.path().join("result.json")).unwrap()).unwrap();
    let chats = json.as_object().unwrap();
    let count = |jid: &str| chats.get(jid).map_or(0, |c| c["messages"].as_object().unwrap().len() as u64);

    let e = &content.expected.whatsapp;
    for (jid, conversation) in &e.per_conversation {
        assert_eq!(count(jid), conversation.messages, "{jid}");
    }
    assert_eq!(count("status@broadcast"), e.status_messages);
    assert_eq!(count("000000000000000"), e.call_log_rows);
    let all: u64 = chats.keys().map(|jid| count(jid)).sum();
    assert_eq!(all, e.messages + e.messages_out_of_scope + e.call_log_rows);

    // Names: those of wa.db, by contact.
    for name in e.names.iter().filter(|n| n.origin.as_deref() == Some("app-contacts")) {
        assert_eq!(chats[&name.jid]["name"].as_str(), name.name.as_deref());
    }
    // Reactions: it drops those in chats under a hidden id, and keeps one per person and message.
    let reactions: usize = chats
        .values()
        .flat_map(|c| c["messages"].as_object().unwrap().values())
        .map(|m| m["reactions"].as_object().map_or(0, serde_json::Map::len))
        .sum();
    assert!(reactions as u64 > e.reactions / 2 && reactions as u64 <= e.reactions + e.reactions_withdrawn);
}
