//! Who may open what.

use super::{
    desk::Desk,
    phone::{Phone, plain},
};
use std::fs;
use uitlezen_twin::content::Options;

fn a_seal() -> (Desk, Phone, std::path::PathBuf) {
    let (desk, phone) = (Desk::ready(), Phone::with(&Options { increments: false, ..plain() }));
    desk.plan_says("keep_sources = false", "keep_sources = true");
    desk.reads(&phone).go().ends_with(3);
    let seal = desk.seal();
    (desk, phone, seal)
}

#[test]
fn each_role_opens_with_its_key_and_with_the_recovery_key_and_with_no_other() {
    let (desk, phone, seal) = a_seal();
    for role in ["verantwoording", "gesprekken", "bronnen"] {
        for key in ["div.txt", "herstel.txt"] {
            desk.unseals(&seal, role, key, &format!("{role}-{key}")).go().ends_with(0);
        }
        let a = super::files_below(&desk.at(&format!("{role}-div.txt")));
        let b = super::files_below(&desk.at(&format!("{role}-herstel.txt")));
        assert!(!a.is_empty() && a.len() == b.len());
        assert!(a.iter().zip(&b).all(|(a, b)| fs::read(a).unwrap() == fs::read(b).unwrap()));
        let into = format!("{role}-vreemd");
        desk.unseals(&seal, role, "vreemd.txt", &into)
            .go()
            .ends_with(2)
            .says(&format!("Deze sleutel opent rol {role} niet"))
            .says("Nu doen:");
        assert!(!desk.at(&into).exists(), "nothing is written for a wrong key");
    }
    let source = desk.at("bronnen-div.txt/bronnen").join(super::phone::BACKUP);
    let source = if source.exists() { source } else { desk.at("bronnen-div.txt/bronnen/sdcard").join(super::phone::BACKUP) };
    assert!(
        super::files_below(&desk.at("bronnen-div.txt"))
            .iter()
            .any(|p| fs::read(p).unwrap() == phone.content.files[super::phone::BACKUP].to_vec()),
        "the backup itself is a source ({})",
        source.display()
    );
    desk.unseals(&seal, "scheiding", "div.txt", "x").go().ends_with(2).says("Het zegel heeft geen rol scheiding");
    desk.unseals(&seal, "alles", "div.txt", "x").go().ends_with(2).says("Kies een van");
}

#[test]
fn a_signer_that_nobody_named_ends_with_5_and_is_never_opened_blindly() {
    let (desk, _, seal) = a_seal();
    desk.says(["verify"]).with(&seal).go().ends_with(5).says("Zegel: ongeschonden").says("hier niet bekend");
    let blind = desk.says(["unseal"]).with(&seal).with("--role").with("gesprekken");
    blind.with("--identity").with(desk.at("div.txt")).with("--out").with(desk.at("x")).go().ends_with(5);
    assert!(!desk.at("x").exists());
    // Another station's certificate is not this one's.
    let other = Desk::empty();
    let vault = other.secret("vault", "een ander wachtwoord");
    let recovery = other.says(["keys", "new", "recovery", "--json", "--out"]).with(other.at("r")).go().ends_with(0);
    let recovery = recovery.event("key")["recipient"].as_str().unwrap().to_owned();
    let station = other.says(["keys", "new", "station", "--organisation", "X", "--code", "gm0001", "--name", "Y", "--recovery"]);
    station.with(recovery).with("--secret").with(vault).go().ends_with(0);
    desk.says(["verify"]).with(&seal).with("--signer").with(other.at("state/station.pem")).go().ends_with(5);
}

#[test]
fn nothing_is_ever_overwritten_by_an_opening() {
    let (desk, _, seal) = a_seal();
    fs::create_dir(desk.at("vol")).unwrap();
    fs::write(desk.at("vol/brief.txt"), "van mij").unwrap();
    desk.unseals(&seal, "gesprekken", "div.txt", "vol").go().ends_with(2).says("is niet leeg");
    assert_eq!(fs::read(desk.at("vol/brief.txt")).unwrap(), b"van mij");
}

#[test]
fn a_key_file_under_a_passphrase_opens_with_it_and_only_with_it() {
    let desk = Desk::ready();
    let secret = desk.secret("key", "een lang wachtwoord");
    let made =
        desk.says(["keys", "new", "role", "--json", "--out"]).with(desk.at("dicht.txt")).with("--secret").with(&secret).go();
    let recipient = made.ends_with(0).event("key")["recipient"].as_str().unwrap().to_owned();
    let plan = fs::read_to_string(desk.at("plan.toml")).unwrap();
    let div = plan.lines().find(|line| line.starts_with("key = ")).unwrap();
    desk.plan_says(div, &format!("key = \"{recipient}\""));
    let phone = Phone::with(&Options { increments: false, ..plain() });
    desk.reads(&phone).go().ends_with(3);
    let seal = desk.seal();
    desk.unseals(&seal, "verantwoording", "dicht.txt", "a").go().ends_with(2).says("Het geheim key is nodig");
    desk.unseals(&seal, "verantwoording", "dicht.txt", "b").with("--secret").with(secret).go().ends_with(0);
    let wrong = desk.secret("key", "een ander wachtwoord");
    desk.unseals(&seal, "verantwoording", "dicht.txt", "c").with("--secret").with(wrong).go().ends_with(2);
    desk.says(["keys", "new", "role", "--out"]).with(desk.at("dicht.txt")).go().ends_with(2).says("bestaat al");
}
