//! Other people's programs over the seal of a real run: openssl, a SHA-256 tool, and a script written from FORMAT.md.

use super::{
    desk::Desk,
    has,
    phone::{Phone, plain},
};
use base64::Engine;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};
use uitlezen_twin::content::Options;

fn sealed() -> (Desk, PathBuf) {
    let (desk, phone) = (Desk::ready(), Phone::with(&Options { increments: false, ..plain() }));
    desk.reads(&phone).go().ends_with(3);
    let seal = desk.seal();
    (desk, seal)
}

fn unpacked(seal: &Path, into: &Path) {
    let mut zip = zip::ZipArchive::new(fs::File::open(seal).unwrap()).unwrap();
    zip.extract(into).unwrap();
}

fn says(out: &Output) -> String {
    String::from_utf8_lossy(&out.stderr).into_owned()
}

#[test]
fn openssl_accepts_the_signature_of_a_real_seal_and_sha256_agrees_with_every_entry() {
    if !has("openssl", &["version"]) || !has("sha256sum", &["--version"]) {
        return;
    }
    let (desk, seal) = sealed();
    let dir = desk.at("uitgepakt");
    unpacked(&seal, &dir);
    let signature = ["-inform", "DER", "-in", "META-INF/signature001.p7s", "-content", "META-INF/ASiCManifest001.xml"];
    let verify = |certificate: &Path| {
        let mut command = Command::new("openssl");
        command.current_dir(&dir).args(["cms", "-verify", "-cades", "-binary"]).args(signature).args([
            "-out",
            "/dev/null",
            "-CAfile",
        ]);
        command.arg(certificate).output().unwrap()
    };
    let good = verify(&desk.at("state/station.pem"));
    assert!(good.status.success() && says(&good).contains("CAdES Verification successful"), "{}", says(&good));
    let manifest = fs::read_to_string(dir.join("META-INF/ASiCManifest001.xml")).unwrap();
    let mut listed = Vec::new();
    for reference in manifest.split("<asic:DataObjectReference").skip(1) {
        let between = |from: &str, to: &str| reference.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned();
        let (name, digest) = (between("URI=\"", "\""), between("<ds:DigestValue>", "<"));
        let out = Command::new("sha256sum").arg(dir.join(&name)).output().unwrap();
        let hex = String::from_utf8_lossy(&out.stdout).split_whitespace().next().unwrap().to_owned();
        assert_eq!(base64::engine::general_purpose::STANDARD.decode(digest).unwrap(), hex::decode(hex).unwrap(), "{name}");
        listed.push(dir.join(name));
    }
    for file in super::files_below(&dir) {
        let name = file.strip_prefix(&dir).unwrap().to_string_lossy().into_owned();
        assert!(listed.contains(&file) || name == "mimetype" || name.starts_with("META-INF/"), "{name} is not signed for");
    }
    fs::write(dir.join("META-INF/ASiCManifest001.xml"), manifest.replacen("deel/", "deeI/", 1)).unwrap();
    assert!(!verify(&desk.at("state/station.pem")).status.success());
}

#[test]
fn a_script_written_from_the_format_opens_the_conversations_of_a_real_seal() {
    if !has("age", &["--version"]) || !has("python3", &["-c", "import cryptography"]) {
        return;
    }
    let (desk, seal) = sealed();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/seal/tests/open_from_format.py");
    let item = |name: &str, role: &str| {
        let mut python = Command::new("python3");
        let out = python.arg(script).arg(&seal).arg(desk.at("div.txt")).args([role, name]).output().unwrap();
        assert!(out.status.success(), "{name}: {}", says(&out));
        out.stdout
    };
    let lines = item("gesprekken/whatsapp/messages.jsonl", "gesprekken");
    let files = desk.conversations("whatsapp");
    let messages: usize = files.iter().map(|f| f.messages.len()).sum();
    assert_eq!(lines.split(|b| *b == b'\n').filter(|line| !line.is_empty()).count(), messages);
    for line in lines.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
        let parsed: uitlezen_readout::records::MessageLine = serde_json::from_slice(line).unwrap();
        let file = files.iter().find(|f| f.conversation.number == parsed.c).unwrap();
        assert!(file.messages.iter().any(|m| m.id == parsed.m.id && m.body == parsed.m.body));
    }
    let conversations = item("gesprekken/whatsapp/conversations.jsonl", "gesprekken");
    assert_eq!(conversations.split(|b| *b == b'\n').filter(|line| !line.is_empty()).count(), files.len());
    let report = item("verantwoording/verslag.json", "verantwoording");
    assert_eq!(serde_json::from_slice::<uitlezen_readout::Report>(&report).unwrap().run, desk.report().run);
}
