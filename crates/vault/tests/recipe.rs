//! A vault opens with a recovery identity, the program `age` and twenty lines of Python written from the README.
//!
//! Where one is missing the test says SKIPPED, or fails when `UITLEZEN_REQUIRE_INTEROP=1`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr)]

use secrecy::SecretString;
use std::{
    fs,
    path::Path,
    process::{Command, Output},
};
use uitlezen_seal::envelope::GeneratedIdentity;
use uitlezen_vault::{AppSecret, AppSecretId, BackupPassword, PairRecord, Recovery, Unlock, Vault};

fn has(program: &str, probe: &[&str]) -> bool {
    let there = Command::new(program).args(probe).output().is_ok_and(|out| out.status.success());
    if !there {
        assert!(std::env::var("UITLEZEN_REQUIRE_INTEROP").as_deref() != Ok("1"), "{program} {probe:?} is missing");
        eprintln!("SKIPPED: {program} {probe:?} is missing; the vault was not opened without this program");
    }
    there
}

#[test]
fn every_secret_opens_with_age_alone_by_the_recipe_of_the_readme() {
    if !has("age", &["--version"]) || !has("python3", &["-c", "import cryptography"]) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("vault.json");
    let (safe, other, stranger) = (GeneratedIdentity::new(), GeneratedIdentity::new(), GeneratedIdentity::new());
    let recovery = [&safe, &other].map(|identity| Recovery::parse(&identity.recipient).unwrap());
    let unlock = Unlock::Credential(SecretString::from("0123456789abcdef".to_owned()));
    let mut vault = Vault::create(&path, &unlock, &recovery).unwrap();
    vault
        .change(|c| {
            let id = AppSecretId { phone: "R5CT".into(), app: "whatsapp".into() };
            c.app_secrets.insert(id, AppSecret::new("geheim van de app".to_owned().into(), "houder", 1_794_000_000));
            c.backup_passwords.insert("U1".into(), BackupPassword::new("wachtwoord".to_owned().into(), "houder", 1));
            c.pair_records.insert("U1".into(), PairRecord::new(b"<plist/>", 1).unwrap());
        })
        .unwrap();
    vault.register_key().unwrap();
    vault.fingerprint_key("R5CT").unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/open_vault.py");
    let open = |identity: &GeneratedIdentity| -> Output {
        let file = dir.path().join("identity");
        fs::write(&file, secrecy::ExposeSecret::expose_secret(&identity.file)).unwrap();
        Command::new("python3").args([&script, &path, &file]).output().unwrap()
    };
    let all = serde_json::to_value(vault.contents()).unwrap();
    assert_eq!(all["app_secrets"][0][1]["secret"], "geheim van de app");
    for identity in [&safe, &other] {
        let out = open(identity);
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&out.stdout).unwrap(), all);
    }
    assert!(!open(&stranger).status.success());
    let mut text = fs::read(&path).unwrap();
    let middle = text.len() / 2;
    text[middle] ^= 1;
    fs::write(&path, text).unwrap();
    assert!(!open(&safe).status.success());
}
