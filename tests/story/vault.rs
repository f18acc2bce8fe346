//! The vault at the desk: its passphrase, its locks, recovery, and a vault that is not this station's.

use super::{
    desk::{Call, Desk, VAULT_PASSPHRASE},
    has,
    outcome::Outcome,
    phone::{Phone, plain},
    search::{Word, find},
};
use secrecy::ExposeSecret;
use std::{fs, path::Path, process::Command};
use uitlezen_twin::content::Options;
use uitlezen_vault::Vault;

/// A command on the vault with what opens it.
fn vault<const N: usize>(desk: &Desk, words: [&str; N], opens: &str) -> Call {
    desk.says(words).with("--secret").with(desk.secret("vault", opens))
}

fn status(desk: &Desk, opens: &str) -> Outcome {
    vault(desk, ["vault", "status", "--json"], opens).go()
}

#[test]
fn status_counts_and_names_nobody() {
    let desk = Desk::ready();
    let key = desk.secret("whatsapp", "00".repeat(32));
    let keep = vault(&desk, ["keys", "keep"], VAULT_PASSPHRASE).with("--plan").with(desk.at("plan.toml"));
    keep.with("--chosen-by").with("de heer Kanarie").with("--secret").with(key).go().ends_with(0);
    let told = status(&desk, VAULT_PASSPHRASE).ends_with(0).says("sleutels van apps, naar keuze van de houder: 1");
    let told = told.never_says("Kanarie").never_says("TWIN0001");
    let event = told.event("vault");
    assert_eq!(event["locks"], serde_json::json!(["passphrase"]));
    assert_eq!(event["kept"]["app-secrets"], 1);
    assert_eq!(event["recovery"].as_array().unwrap().len(), 1);
    desk.says(["vault", "--help"]).go().ends_with(0);
    assert_eq!(desk.says(["kluis", "--help"]).go().out, desk.says(["vault", "--help"]).go().out);
}

#[test]
fn a_new_passphrase_opens_and_the_old_one_no_longer_does() {
    let desk = Desk::ready();
    let weak = vault(&desk, ["vault", "passphrase"], VAULT_PASSPHRASE).with("--secret").with(desk.secret("vault-new", "kort"));
    weak.go().ends_with(2).says("te zwak").never_says("kort,");
    let new = desk.secret("vault-new", "een heel ander wachtwoord");
    vault(&desk, ["vault", "passphrase"], "verkeerd wachtwoord").with("--secret").with(&new).go().ends_with(2);
    vault(&desk, ["kluis", "wachtwoord"], VAULT_PASSPHRASE).with("--secret").with(new).go().ends_with(0).says("oude kopieën");
    status(&desk, VAULT_PASSPHRASE).ends_with(2).says("klopt niet");
    status(&desk, "een heel ander wachtwoord").ends_with(0);
    let ledger = fs::read_to_string(desk.at("state/ledger.jsonl")).unwrap();
    assert!(ledger.contains("vault-passphrase") && !ledger.contains("heel ander"), "{ledger}");
    // Making a station with a weak one is refused, and nothing is made.
    let bare = Desk::empty();
    let recovery = bare.says(["keys", "new", "recovery", "--json", "--out"]).with(bare.at("r")).go().ends_with(0);
    let recovery = recovery.event("key")["recipient"].as_str().unwrap().to_owned();
    let station = bare.says(["keys", "new", "station", "--organisation", "X", "--code", "gm0001", "--name", "Y", "--recovery"]);
    station.with(recovery).with("--secret").with(bare.secret("vault", "x")).go().ends_with(2).says("te zwak");
    assert!(!bare.at("state/vault.json").exists());
}

#[test]
fn a_lost_passphrase_is_recovered_and_recovery_goes_to_new_hands() {
    let desk = Desk::ready();
    let new = desk.secret("vault-new", "na het vergeten gekozen");
    let recover = |key: &str| desk.says(["vault", "recover", "--identity"]).with(desk.at(key)).with("--secret").with(&new);
    recover("div.txt").go().ends_with(2).says("opent deze kluis niet");
    recover("herstel.txt").go().ends_with(0).says("onvoltooide uitlezingen");
    status(&desk, VAULT_PASSPHRASE).ends_with(2);
    status(&desk, "na het vergeten gekozen").ends_with(0);
    // The recovery key was lent out: another takes its place.
    let made = desk.says(["keys", "new", "recovery", "--json", "--out"]).with(desk.at("nieuw-herstel.txt")).go().ends_with(0);
    let recipient = made.event("key")["recipient"].as_str().unwrap().to_owned();
    let set = desk.says(["vault", "recipients", "--recovery"]).with(recipient);
    set.with("--secret").with(desk.secret("vault", "na het vergeten gekozen")).go().ends_with(0);
    recover("herstel.txt").go().ends_with(2).says("opent deze kluis niet");
    recover("nieuw-herstel.txt").go().ends_with(0);
}

#[test]
fn a_credential_opens_beside_the_passphrase_and_the_last_lock_stays() {
    let desk = Desk::ready();
    let folder = desk.at("credentials");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("kluis"), "5f".repeat(32)).unwrap();
    let there = [("CREDENTIALS_DIRECTORY", folder.to_str().unwrap())];
    let add = vault(&desk, ["vault", "lock", "add"], VAULT_PASSPHRASE).with("--secret").with("vault-new=cred:kluis");
    add.go_with(&there).ends_with(0);
    let by_credential = |words: [&str; 2]| desk.says(words).with("--secret").with("vault=cred:kluis").with("--json");
    let told = by_credential(["vault", "status"]).go_with(&there).ends_with(0);
    assert_eq!(told.event("vault")["locks"], serde_json::json!(["passphrase", "credential"]));
    status(&desk, VAULT_PASSPHRASE).ends_with(0);
    vault(&desk, ["vault", "lock", "remove", "9"], VAULT_PASSPHRASE).go().ends_with(2).says("geen slot met dat nummer");
    vault(&desk, ["vault", "lock", "remove", "1"], VAULT_PASSPHRASE).go().ends_with(0);
    status(&desk, VAULT_PASSPHRASE).ends_with(2).says("geen slot van deze soort");
    let last = desk.says(["vault", "lock", "remove", "1", "--secret", "vault=cred:kluis"]);
    last.go_with(&there).ends_with(2).says("ten minste één slot");
    by_credential(["vault", "status"]).go_with(&there).ends_with(0);
}

#[test]
fn another_stations_vault_a_damaged_one_and_a_wrong_passphrase_are_three_answers() {
    let (desk, other) = (Desk::ready(), Desk::empty());
    let recovery = other.says(["keys", "new", "recovery", "--json", "--out"]).with(other.at("r")).go().ends_with(0);
    let recovery = recovery.event("key")["recipient"].as_str().unwrap().to_owned();
    let station = other.says(["keys", "new", "station", "--organisation", "X", "--code", "gm0001", "--name", "Y", "--recovery"]);
    station.with(recovery).with("--secret").with(other.secret("vault", "van het andere station")).go().ends_with(0);
    let own = fs::read(desk.at("state/vault.json")).unwrap();
    fs::copy(other.at("state/vault.json"), desk.at("state/vault.json")).unwrap();
    status(&desk, VAULT_PASSPHRASE).ends_with(2).says("de kluis van een ander station").never_says("klopt niet");
    // Also to a run, before anything is asked or read.
    desk.readout().with("--from").with(desk.at("")).go().ends_with(2).says("de kluis van een ander station");
    vault(&desk, ["vault", "adopt"], VAULT_PASSPHRASE).go().ends_with(2).says("klopt niet");
    vault(&desk, ["vault", "adopt"], "van het andere station").go().ends_with(0).says("oude machine");
    status(&desk, "van het andere station").ends_with(0);
    fs::write(desk.at("state/vault.json"), &own).unwrap();
    status(&desk, "iets anders dan het was").ends_with(2).says("Het wachtwoord van de kluis klopt niet");
    fs::write(desk.at("state/vault.json"), &own[..own.len() / 2]).unwrap();
    status(&desk, VAULT_PASSPHRASE).ends_with(2).says("beschadigd").never_says("klopt niet");
    let mut flipped = own.clone();
    flipped[own.len() / 2] ^= 1;
    fs::write(desk.at("state/vault.json"), flipped).unwrap();
    status(&desk, VAULT_PASSPHRASE).ends_with(2).says("beschadigd");
    // It is told what is wrong, and nothing was written over what is left.
    assert_ne!(fs::read(desk.at("state/vault.json")).unwrap(), own);
}

/// Where Debian puts it.
const MODULE: &str = "/usr/lib/softhsm/libsofthsm2.so";

/// A token made by other people's programs, with an RSA key of openssl's.
fn token(folder: &Path, name: &str, bits: u32) {
    let script = format!(
        "openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:{bits} -out {name}.pem 2>/dev/null || \
         openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:{bits} -out {name}.pem
         softhsm2-util --init-token --free --label {name} --so-pin 8765 --pin 1234
         softhsm2-util --import {name}.pem --token {name} --label kluis --id 01 --pin 1234"
    );
    let made = Command::new("sh").args(["-ec", &script]).current_dir(folder).env("SOFTHSM2_CONF", folder.join("conf")).output();
    let made = made.unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

#[test]
fn a_key_on_a_token_opens_the_vault_when_it_is_there() {
    if !has("softhsm2-util", &["--version"]) || !has("openssl", &["version"]) {
        return;
    }
    let desk = Desk::ready();
    let folder = desk.at("hsm");
    fs::create_dir_all(folder.join("tokens")).unwrap();
    fs::write(folder.join("conf"), format!("directories.tokendir = {}\n", folder.join("tokens").display())).unwrap();
    token(&folder, "kiosk", 2048);
    token(&folder, "zwak", 1024);
    let conf = folder.join("conf");
    let there = [("SOFTHSM2_CONF", conf.to_str().unwrap())];
    let at = |token: &str| format!("pkcs11:token={token};object=kluis?module-path={MODULE}");
    let add = |token: &str, pin: &str| {
        let call = vault(&desk, ["vault", "lock", "add"], VAULT_PASSPHRASE).with("--secret");
        call.with(format!("vault-new={}", at(token))).with("--secret").with(desk.secret("vault-new-pin", pin))
    };
    add("kiosk", "9999").go_with(&there).ends_with(2).says("pincode van het token klopt niet").never_says("9999");
    add("zwak", "1234").go_with(&there).ends_with(2).says("2048 bits");
    add("nergens", "1234").go_with(&there).ends_with(2).says("Het token is niet gevonden");
    let told = status(&desk, VAULT_PASSPHRASE).ends_with(0);
    assert_eq!(told.event("vault")["locks"], serde_json::json!(["passphrase"]), "nothing was added");
    add("kiosk", "1234").go_with(&there).ends_with(0);
    let open = |token: &str, pin: &str| {
        let call = desk.says(["vault", "status", "--json", "--secret"]).with(format!("vault={}", at(token)));
        call.with("--secret").with(desk.secret("vault-pin", pin))
    };
    let told = open("kiosk", "1234").go_with(&there).ends_with(0).says("token kiosk");
    assert_eq!(told.event("vault")["locks"], serde_json::json!(["passphrase", "pkcs11"]));
    open("kiosk", "4321").go_with(&there).ends_with(2).says("pincode van het token klopt niet");
    open("zwak", "1234").go_with(&there).ends_with(2).says("geen slot van deze soort");
    // Named in the station's settings it is used when it is plugged in, and the PIN is all that is asked for.
    let settings = |text: String| fs::write(desk.at("state/uitlezen.toml"), text).unwrap();
    settings(format!("token = \"{}\"\n", at("kiosk")));
    let plugged = desk.says(["vault", "status", "--secret"]).with(desk.secret("vault-pin", "1234"));
    plugged.go_with(&there).ends_with(0);
    let unplugged = desk.says(["vault", "status", "--secret"]).with(desk.secret("vault-pin", "1234"));
    unplugged.go().ends_with(2).says("Het geheim vault is nodig");
    // Another token by the same name holds another key.
    fs::remove_dir_all(folder.join("tokens")).unwrap();
    fs::create_dir(folder.join("tokens")).unwrap();
    token(&folder, "kiosk", 2048);
    open("kiosk", "1234").go_with(&there).ends_with(2).says("Het token is niet gevonden");
    status(&desk, VAULT_PASSPHRASE).ends_with(0);
    // The token is lost: its lock goes, the passphrase stays.
    vault(&desk, ["vault", "lock", "remove", "2"], VAULT_PASSPHRASE).go().ends_with(0);
    let wrong = desk.says(["vault", "status", "--secret", "vault=pkcs11:token=kiosk;pin-value=1234?module-path=/x.so"]);
    wrong.go().ends_with(2).never_says("1234");
}

/// The secrets of a vault, as text and as the bytes that they stand for.
fn secrets_of(desk: &Desk) -> Vec<Word> {
    let file = fs::read_to_string(desk.at("herstel.txt")).unwrap();
    let identity = file.lines().find(|line| line.starts_with("AGE-SECRET-KEY-")).unwrap().to_owned();
    let mut vault = Vault::open_with_recovery(&desk.at("state/vault.json"), &identity.into()).unwrap();
    let mut texts = vec![VAULT_PASSPHRASE.to_owned()];
    texts.push(vault.contents().station.as_ref().unwrap().key().expose_secret().to_owned());
    let adb = vault.contents().adb_key.as_ref().unwrap().key().expose_secret().to_owned();
    texts.extend(adb.lines().filter(|line| !line.starts_with("-----") && line.len() > 20).map(str::to_owned));
    texts.extend(vault.contents().app_secrets.values().map(|kept| kept.expose().to_owned()));
    for key in [vault.register_key().unwrap(), vault.fingerprint_key("TWIN0001").unwrap()] {
        texts.push(hex::encode(key.expose_secret()));
    }
    assert!(texts.len() > 10, "{} secrets", texts.len());
    let mut words: Vec<Word> = texts.iter().map(|text| Word::new(text)).collect();
    words.extend(texts.iter().filter(|text| hex::decode(text).is_ok()).map(|text| Word::raw(&hex::decode(text).unwrap())));
    words
}

#[test]
fn nothing_of_the_vault_is_in_a_seal_and_no_process_keeps_it() {
    let desk = Desk::ready();
    desk.plan_says("keep_sources = false", "keep_sources = true");
    let phone = Phone::with(&Options { increments: false, ..plain() });
    let keep = desk.reads(&phone).with("--keep-secret").with("whatsapp").with("--chosen-by").with("houder");
    let told = keep.go().ends_with(3);
    let words = secrets_of(&desk);
    let seal = desk.seal();
    for role in ["verantwoording", "gesprekken", "bronnen"] {
        desk.unseals(&seal, role, "herstel.txt", role).go().ends_with(0);
        for file in super::files_below(&desk.at(role)) {
            assert_eq!(find(&words, &fs::read(&file).unwrap()), None, "{role}: {}", file.display());
        }
    }
    assert_eq!(find(&words, &fs::read(&seal).unwrap()), None, "in the container");
    assert_eq!(find(&words, &fs::read(desk.at("state/ledger.jsonl")).unwrap()), None, "in the ledger");
    assert_eq!(find(&words, [told.out, told.err].concat().as_bytes()), None, "on the screen");
    // Nobody is left who could answer for the vault, and the next command must unlock it anew.
    let state = desk.state().to_string_lossy().into_owned();
    for process in fs::read_dir("/proc").unwrap().flatten() {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&line).contains(&state), "{} is still there", process.path().display());
    }
    desk.says(["vault", "status"]).go().ends_with(2).says("Het geheim vault is nodig");
}

/// Real processes, all at once.
#[test]
fn no_key_is_lost_when_several_commands_write_the_vault_at_once() {
    let desk = Desk::ready();
    let plan = fs::read_to_string(desk.at("plan.toml")).unwrap();
    let vault = desk.secret("vault", VAULT_PASSPHRASE);
    let key = desk.secret("whatsapp", "00".repeat(32));
    let begun: Vec<_> = (0..6)
        .map(|n| {
            let file = desk.at(&format!("plan-{n}.toml"));
            fs::write(&file, plan.replace("TWIN0001", &format!("TWIN000{n}X"))).unwrap();
            let call = desk.says(["keys", "keep", "--chosen-by", "houder", "--plan"]).with(file);
            call.with("--secret").with(&vault).with("--secret").with(&key).start()
        })
        .collect();
    for mut child in begun {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(status(&desk, VAULT_PASSPHRASE).ends_with(0).event("vault")["kept"]["app-secrets"], 6);
}
