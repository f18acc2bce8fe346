//! Plans and secrets that are refused before anything is touched.

use super::desk::{Desk, VAULT_PASSPHRASE};
use std::{fs, os::unix::fs::PermissionsExt};

/// A plan with this change is refused with 2, and these words; nothing was made.
#[track_caller]
fn refused(instead_of: &str, now: &str, words: &[&str]) {
    let desk = Desk::ready();
    desk.plan_says(instead_of, now);
    let told = desk.readout().with("--from").with(desk.at("")).go().ends_with(2).says("Nu doen:");
    for word in words {
        assert!(told.err.contains(word), "`{word}` is not in\n{}", told.err);
    }
    assert!(!desk.out().exists(), "an out-tray was made for a plan that was refused");
}

fn line_of(text: &str) -> String {
    let plan = fs::read_to_string(Desk::ready().at("plan.toml")).unwrap();
    let line = plan.lines().position(|line| line.contains(text)).unwrap() + 1;
    format!("regel {line}:")
}

#[test]
fn an_unknown_key_in_a_plan_is_refused_with_its_line() {
    refused("function = ", "functie = ", &[&line_of("function = "), "functie"]);
    refused("recovery = true", "recovry = true", &["recovry"]);
    refused("call_log = false", "call_logs = false", &[&line_of("call_log"), "call_logs"]);
}

#[test]
fn a_bad_value_in_a_plan_is_refused_with_its_line() {
    refused("purpose = \"periodiek\"", "purpose = \"zomaar\"", &[&line_of("purpose"), "zomaar"]);
    refused("media = true", "media = \"ja\"", &[&line_of("media = true")]);
    refused("serial = \"TWIN0001\"", "serial = \"\"", &[&line_of("serial"), "serial"]);
    refused("key = \"age1", "key = \"ag1", &[&line_of("key = "), "age1"]);
    refused("\"bronnen\"]", "\"brommen\"]", &[&line_of("bronnen"), "brommen"]);
    refused("operator = \"secretariaat\"", "operator = \"x\"\nwait_for_allow = \"straks\"", &["straks"]);
    refused("format = 1", "format = 2", &["2"]);
    refused("[person]", "[person", &["regel 3:"]);
}

#[test]
fn a_plan_with_one_recipient_or_without_recovery_is_refused() {
    let second = "[[recipients]]";
    let desk = Desk::ready();
    let plan = fs::read_to_string(desk.at("plan.toml")).unwrap();
    let cut = plan.rfind(second).unwrap();
    fs::write(desk.at("plan.toml"), &plan[..cut]).unwrap();
    desk.readout().with("--from").with(desk.at("")).go().ends_with(2).says("niet genoeg ontvangers").says("recovery = true");
    refused("recovery = true\n", "", &["niet genoeg ontvangers", "recovery = true"]);
    refused("[\"verantwoording\", \"gesprekken\", \"bronnen\"]", "[\"gesprekken\", \"bronnen\"]", &["verantwoording"]);
    refused("whatsapp = true", "whatsapp = false", &["geen enkele app"]);
}

#[test]
fn a_plan_that_gives_one_key_twice_is_refused_before_the_phone_is_read() {
    let desk = Desk::ready();
    let plan = fs::read_to_string(desk.at("plan.toml")).unwrap();
    let keys: Vec<&str> = plan.lines().filter(|line| line.starts_with("key = ")).collect();
    desk.plan_says(keys[1], keys[0]);
    desk.readout().with("--from").with(desk.at("")).go().ends_with(2).says("staat al bij rol");
}

#[test]
fn the_published_example_is_a_plan_that_this_version_reads() {
    let desk = Desk::ready();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/plan.voorbeeld.toml");
    fs::copy(example, desk.at("plan.toml")).unwrap();
    // The example of a register belongs to the example of a plan.
    let register = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/register.voorbeeld.toml");
    desk.registers(["import", register]).go().ends_with(0);
    fs::create_dir(desk.at("leeg")).unwrap();
    desk.readout().with("--from").with(desk.at("leeg")).go().ends_with(7).says("geen reservekopie");
}

#[test]
fn a_secret_as_a_bare_argument_is_refused_and_not_repeated() {
    let desk = Desk::ready();
    for argument in ["vault=hunter2hunter2", "hunter2hunter2", "whatsapp=hunter2hunter2"] {
        let told = desk.readout().with("--from").with(desk.at("")).with("--secret").with(argument).go().ends_with(2);
        told.never_says("hunter2hunter2").says("Nu doen:");
    }
}

#[test]
fn a_secret_from_the_environment_is_not_looked_at() {
    let desk = Desk::ready();
    fs::create_dir(desk.at("leeg")).unwrap();
    let call = desk.says(["readout", "--plan"]).with(desk.at("plan.toml")).with("--out").with(desk.out());
    let told =
        call.with("--from").with(desk.at("leeg")).go_with(&[("VAULT", VAULT_PASSPHRASE), ("UITLEZEN_VAULT", VAULT_PASSPHRASE)]);
    told.ends_with(2).says("Het geheim vault is nodig").never_says(VAULT_PASSPHRASE);
}

#[test]
fn a_secret_in_a_file_that_others_may_read_is_refused() {
    let desk = Desk::ready();
    let call = desk.readout().with("--from").with(desk.at(""));
    fs::set_permissions(desk.at("geheim-vault"), fs::Permissions::from_mode(0o644)).unwrap();
    call.go().ends_with(2).says("chmod 600").never_says(VAULT_PASSPHRASE);
}

#[test]
fn a_wrong_passphrase_opens_no_vault() {
    let desk = Desk::ready();
    let call = desk.readout().with("--from").with(desk.at(""));
    desk.secret("vault", "iets anders");
    call.go().ends_with(2).says("Het wachtwoord van de kluis klopt niet");
    fs::write(desk.at("state/vault.json"), "{\"format\":1").unwrap();
    desk.readout().with("--from").with(desk.at("")).go().ends_with(2).says("De kluis is beschadigd");
    fs::remove_file(desk.at("state/vault.json")).unwrap();
    desk.readout().with("--from").with(desk.at("")).go().ends_with(2).says("nog geen kluis").says("keys new station");
}

#[test]
fn what_the_holder_showed_must_be_understood() {
    let desk = Desk::ready();
    desk.readout().with("--from").with(desk.at("")).with("--shown").with("whatsapp-standaardtimer=misschien").go().ends_with(2);
}
