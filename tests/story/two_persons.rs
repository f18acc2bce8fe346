//! A role that only two persons together open: the plan, the opening, and the recipe of FORMAT.md with `age` alone.

use super::{
    desk::Desk,
    has,
    phone::{Phone, plain, usual},
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use uitlezen_chat::{AttachmentState, ConversationFile};
use uitlezen_twin::content::Options;

/// A key of the real command; a file that ends in `.dicht` stands under a passphrase, which is the secret.
fn key(desk: &Desk, kind: &str, file: &str) -> String {
    let mut call = desk.says(["keys", "new", kind, "--json", "--out"]).with(desk.at(file));
    if file.ends_with(".dicht") {
        call = call.with("--secret").with(desk.secret("key", format!("wachtwoord van {file}")));
    }
    call.go().ends_with(0).event("key")["recipient"].as_str().unwrap().to_owned()
}

fn sealed() -> (Desk, PathBuf) {
    sealed_from(&Options { increments: false, ..plain() })
}

/// Archivist and council clerk each hold half of *gesprekken*; verantwoording stays for one.
fn sealed_from(options: &Options) -> (Desk, PathBuf) {
    let desk = Desk::ready();
    let one = |kind: &str, file: &str, half: char| {
        let recovery = if kind == "recovery" { "recovery = true\n" } else { "" };
        let key = key(&desk, kind, file);
        format!("\n[[recipients]]\nroles = [\"gesprekken\"]\nkey = \"{key}\"\nhalf = \"{half}\"\n{recovery}")
    };
    let four = [
        one("role", "archief.dicht", 'a'),
        one("recovery", "herstel-a.txt", 'a'),
        one("role", "griffie.dicht", 'b'),
        one("recovery", "herstel-b.txt", 'b'),
    ];
    let plan = fs::read_to_string(desk.at("plan.toml")).unwrap().replace("\"gesprekken\", ", "");
    // One half without recovery is refused before anything is read.
    fs::write(desk.at("plan.toml"), format!("{plan}{}", four[..3].concat())).unwrap();
    let phone = Phone::with(options);
    desk.reads(&phone).go().ends_with(2).says("helft b van rol gesprekken");
    desk.nothing_sealed();
    fs::write(desk.at("plan.toml"), format!("{plan}{}", four.concat())).unwrap();
    desk.reads(&phone).go().ends_with(3);
    let seal = desk.seal();
    (desk, seal)
}

#[test]
fn one_alone_is_told_which_half_is_missing_and_two_open() {
    let (desk, seal) = sealed();
    desk.verifies(&seal).ends_with(0);
    let own = |n: u8, file: &str| desk.secret(&format!("key-{n}"), format!("wachtwoord van {file}"));
    let open = |first: &str, into: &str| desk.unseals(&seal, "gesprekken", first, into);
    let alone = open("archief.dicht", "a").with("--secret").with(own(1, "archief.dicht")).go();
    alone.ends_with(2).says("alleen met twee personen samen").says("helft b ontbreekt");
    assert!(!desk.at("a").exists());
    open("herstel-b.txt", "b").go().ends_with(2).says("helft a ontbreekt");
    // Two who hold the same half are not two persons.
    let same = open("archief.dicht", "c").with("--identity").with(desk.at("herstel-a.txt"));
    same.with("--secret").with(own(1, "archief.dicht")).go().ends_with(2).says("helft b ontbreekt");
    open("div.txt", "d").go().ends_with(2).says("Deze sleutel opent rol gesprekken niet");
    // Each under a passphrase of their own; in any order; and where one is lost, that half's recovery key.
    let both = || open("archief.dicht", "e").with("--identity").with(desk.at("griffie.dicht"));
    let first = || both().with("--secret").with(own(1, "archief.dicht"));
    first().go().ends_with(2).says("Het geheim key is nodig");
    first().with("--secret").with(own(2, "archief.dicht")).go().ends_with(2).says("griffie.dicht");
    first().with("--secret").with(own(2, "griffie.dicht")).go().ends_with(0);
    assert!(desk.at("e/whatsapp").is_dir());
    let rescue = open("herstel-b.txt", "f").with("--identity").with(desk.at("archief.dicht"));
    rescue.with("--secret").with(own(2, "archief.dicht")).go().ends_with(0);
    // Practised with both recovery keys the role opens; with one it stays shut, and that is told.
    let drill = |keys: &[&str]| {
        let call = desk.says(["keys", "drill", "--signer"]).with(desk.at("state/station.pem")).with(&seal);
        keys.iter().fold(call, |call, key| call.with("--identity").with(desk.at(key)))
    };
    let keys = ["herstel.txt", "herstel-a.txt", "herstel-b.txt"];
    drill(&keys).go().ends_with(0).says("Rol gesprekken opent met de sleutels samen").says("geslaagd");
    drill(&keys[..2]).go().ends_with(3).says("Rol gesprekken bleef dicht").says("niet geslaagd");
    // What is for one person stays so.
    desk.unseals(&seal, "verantwoording", "div.txt", "g").go().ends_with(0);
}

/// Nothing but `unzip`, `age`, and the XOR of two numbers; then the script that was written from the page.
#[test]
fn two_persons_open_with_age_alone_by_the_recipe_of_the_format() {
    if !has("age", &["--version"]) || !has("unzip", &["-v"]) || !has("python3", &["-c", "import cryptography"]) {
        return;
    }
    let (desk, seal) = sealed();
    let recipe = r#"
        unzip -q "$1" 'sleutels/*' zegel.json -d x
        a=$(age -d -i herstel-a.txt x/sleutels/gesprekken.a.1.age); b=$(age -d -i herstel-b.txt x/sleutels/gesprekken.b.1.age)
        ! age -d -i herstel-a.txt x/sleutels/gesprekken.b.1.age 2>/dev/null
        case "$a" in "uitlezing/1 role-key-half a "*) ;; *) exit 1; esac
        case "$b" in "uitlezing/1 role-key-half b "*) ;; *) exit 1; esac
        python3 -c '
import hashlib, hmac, json, sys
key = bytes(x ^ y for x, y in zip(*(bytes.fromhex(line.split()[3]) for line in sys.argv[1:])))
said = next(r for r in json.load(open("x/zegel.json"))["roles"] if r["role"] == "gesprekken")
assert said["key_files"] == [1, 1], said
prk = hmac.digest(bytes(32), key, "sha256")
assert hmac.digest(prk, b"uitlezing/1 role key commitment\x01", "sha256").hex() == said["commitment"]' "$a" "$b"
    "#;
    let out = Command::new("sh").args(["-euc", recipe, "sh"]).arg(&seal).current_dir(desk.at("")).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/seal/tests/open_from_format.py");
    let open = |identities: [&str; 2]| {
        let mut python = Command::new("python3");
        python.arg(script).arg(&seal).arg(desk.at(identities[0])).args(["gesprekken", "gesprekken/whatsapp/messages.jsonl"]);
        python.arg(desk.at(identities[1])).output().unwrap()
    };
    let out = open(["herstel-a.txt", "herstel-b.txt"]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let lines = out.stdout.split(|b| *b == b'\n').filter(|line| !line.is_empty()).count();
    assert_eq!(lines, messages(&desk, &seal));
    assert!(!open(["herstel-a.txt", "herstel-a.txt"]).status.success());
}

/// As many messages as our own opening finds.
fn messages(desk: &Desk, seal: &Path) -> usize {
    desk.unseals(seal, "gesprekken", "herstel-a.txt", "eigen")
        .with("--identity")
        .with(desk.at("herstel-b.txt"))
        .go()
        .ends_with(0);
    let files = super::files_below(&desk.at("eigen/whatsapp"));
    let conversations = files.iter().filter(|f| f.file_name().is_some_and(|n| n.to_string_lossy().starts_with("gesprek-")));
    conversations.map(|f| serde_json::from_slice::<ConversationFile>(&fs::read(f).unwrap()).unwrap().messages.len()).sum()
}

/// What the second week's seal leaves in the first one's is under two keys as well.
#[test]
fn what_an_earlier_seal_holds_is_opened_by_the_same_two() {
    let first = Options { increments: false, now: usual().now - 7 * 86_400, ..usual() };
    let (desk, earlier) = sealed_from(&first);
    desk.reads(&Phone::with(&Options { later_days: 7, later_messages: 30, ..first })).go().ends_with(3);
    let seal = desk.seals().into_iter().find(|seal| *seal != earlier).unwrap();
    let open = |keys: &[&str], into: &str| {
        let call = desk.unseals(&seal, "gesprekken", "herstel-a.txt", into);
        keys.iter().fold(call, |call, key| call.with("--identity").with(desk.at(key)))
    };
    open(&[], "alleen").go().ends_with(2).says("helft b ontbreekt");
    assert!(!desk.at("alleen").exists());
    open(&["herstel-b.txt"], "samen").go().ends_with(0);
    let fetched = held(&desk, "samen");
    assert!(!fetched.is_empty() && fetched.iter().all(Option::is_some), "{} held", fetched.len());
    // Without the first week's file its attachments are named as lacking.
    fs::rename(&earlier, desk.at("weg")).unwrap();
    open(&["herstel-b.txt"], "zonder").go().ends_with(6);
    assert!(held(&desk, "zonder").iter().all(Option::is_none));
}

/// Of every attachment that lies in another seal: the file that was fetched from there.
fn held(desk: &Desk, into: &str) -> Vec<Option<String>> {
    let files = super::files_below(&desk.at(into).join("whatsapp"));
    let conversations = files.iter().filter(|p| p.file_name().unwrap().to_string_lossy().starts_with("gesprek-"));
    let read = |path: &PathBuf| serde_json::from_slice::<ConversationFile>(&fs::read(path).unwrap()).unwrap();
    conversations
        .flat_map(|path| read(path).messages)
        .flat_map(|message| message.attachments)
        .filter_map(|attachment| match attachment.state {
            AttachmentState::HeldIn { file, .. } => Some(file),
            _ => None,
        })
        .collect()
}
