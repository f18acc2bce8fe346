//! Recovery that is practised, keys that are replaced, and a holder's choice to have a key kept.

use super::{
    desk::{Call, Desk, VAULT_PASSPHRASE},
    has,
    phone::{Phone, plain},
};
use std::{fs, process::Command};
use uitlezen_twin::content::Options;

fn a_phone() -> Phone {
    Phone::with(&Options { increments: false, ..plain() })
}

fn ledger(desk: &Desk) -> String {
    fs::read_to_string(desk.at("state/ledger.jsonl")).unwrap()
}

fn new_key(desk: &Desk, kind: &str, file: &str) -> String {
    let made = desk.says(["keys", "new", kind, "--json", "--out"]).with(desk.at(file)).go().ends_with(0);
    made.event("key")["recipient"].as_str().unwrap().to_owned()
}

/// The public half, as the key file says it.
fn public(desk: &Desk, file: &str) -> String {
    let text = fs::read_to_string(desk.at(file)).unwrap();
    text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap().to_owned()
}

#[test]
fn keys_are_practised_on_a_sample_and_on_a_real_seal_and_the_result_stands_in_the_ledger() {
    let desk = Desk::ready();
    desk.says(["doctor"]).go().says("herstel geoefend: nog niet");
    let sample = |keys: &[&str]| {
        let call = desk.says(["keys", "drill", "--json", "--plan"]).with(desk.at("plan.toml"));
        keys.iter().fold(call, |call, key| call.with("--identity").with(desk.at(key)))
    };
    let told = sample(&["vreemd.txt", "herstel.txt"]).go().ends_with(3).says("opent hier niets");
    assert_eq!(told.event("drill")["passed"], false);
    desk.says(["doctor"]).go().says("herstel geoefend: nog niet");
    let told = sample(&["herstel.txt", "div.txt"]).go().ends_with(0).says("geslaagd");
    assert_eq!(told.event("drill")["passed"], true);
    let doctor = desk.says(["doctor"]).go();
    assert!(doctor.out.contains("ok  herstel geoefend: voor het laatst 20"), "{}", doctor.out);
    // The sample is gone, and what is left tells of no person.
    assert!(fs::read_dir(desk.state()).unwrap().all(|e| !e.unwrap().file_name().to_string_lossy().starts_with("proef")));
    let lines = ledger(&desk);
    assert!(lines.contains("\"action\":\"drill\"") && lines.contains("\"passed\"") && lines.contains("opens-nothing"), "{lines}");
    for word in ["Voorbeeld", "TWIN0001", "age1", "herstel.txt"] {
        assert!(!lines.contains(word), "{word} in {lines}");
    }
    desk.reads(&a_phone()).go().ends_with(3);
    let real = |key: &str| {
        let call = desk.says(["sleutels", "oefen", "--identity"]).with(desk.at(key));
        call.with("--signer").with(desk.at("state/station.pem")).with(desk.seal())
    };
    real("herstel.txt").go().ends_with(0).says("opent: verantwoording, gesprekken").says("geslaagd");
    real("vreemd.txt").go().ends_with(3).says("Rol gesprekken bleef dicht");
    let name = desk.seal().file_name().unwrap().to_string_lossy().into_owned();
    assert!(ledger(&desk).contains(&name));
}

#[test]
fn a_recipient_is_replaced_in_every_plan_or_in_none_and_new_seals_are_for_the_new_one() {
    let desk = Desk::ready();
    let (old, div) = (public(&desk, "herstel.txt"), public(&desk, "div.txt"));
    let new = new_key(&desk, "recovery", "nieuw-herstel.txt");
    let plan = fs::read_to_string(desk.at("plan.toml")).unwrap();
    fs::write(desk.at("ander.toml"), plan.replace(&old, &new_key(&desk, "recovery", "derde.txt"))).unwrap();
    let rotate = |from: &str, to: &str, plans: &[&str]| {
        let call = desk.says(["keys", "rotate", "recipient", "--old", from, "--new", to]);
        plans.iter().fold(call, |call, plan| call.with(desk.at(plan))).go()
    };
    rotate(&old, &new, &["plan.toml", "ander.toml"]).ends_with(2).says("geen plan gewijzigd");
    // One person for two would leave one recipient.
    rotate(&old, &div, &["plan.toml"]).ends_with(2).says("staat al bij rol");
    rotate(&old, "age1niets", &["plan.toml"]).ends_with(2);
    assert_eq!(fs::read_to_string(desk.at("plan.toml")).unwrap(), plan);
    rotate(&old, &new, &["plan.toml"]).ends_with(0).says("1 plan");
    assert_eq!(fs::read_to_string(desk.at("plan.toml")).unwrap(), plan.replace(&old, &new));
    assert!(ledger(&desk).contains("rotate-recipient") && !ledger(&desk).contains("age1"));
    desk.reads(&a_phone()).go().ends_with(3);
    desk.unseals(&desk.seal(), "gesprekken", "herstel.txt", "a").go().ends_with(2);
    desk.unseals(&desk.seal(), "gesprekken", "nieuw-herstel.txt", "b").go().ends_with(0);
}

#[test]
fn a_station_signs_with_a_new_key_that_the_old_one_vouches_for() {
    let desk = Desk::ready();
    desk.reads(&a_phone()).go().ends_with(3);
    let first = desk.seal();
    let old = fs::read(desk.at("state/station.pem")).unwrap();
    fs::write(desk.at("oud.pem"), &old).unwrap();
    let vault = || desk.secret("vault", VAULT_PASSPHRASE);
    desk.says(["keys", "rotate", "station", "--secret"]).with(vault()).go().ends_with(0);
    assert_ne!(fs::read(desk.at("state/station.pem")).unwrap(), old);
    let shown = desk.says(["keys", "certificate", "--secret"]).with(vault()).go().ends_with(0);
    assert_eq!(shown.out.trim(), fs::read_to_string(desk.at("state/station.pem")).unwrap().trim());
    desk.reads(&a_phone()).go().ends_with(3);
    let second = desk.seals().into_iter().find(|seal| *seal != first).unwrap();
    // The earlier seal under the certificate that this station keeps of itself, the new one under the new certificate only.
    desk.says(["verify"]).with(&first).go().ends_with(0);
    desk.says(["verify"]).with(&second).go().ends_with(5);
    desk.verifies(&second).ends_with(0);
    assert!(ledger(&desk).contains("rotate-station"));
    if !has("openssl", &["version"]) {
        return;
    }
    let state = fs::read_dir(desk.state()).unwrap().map(|e| e.unwrap().path());
    let [certificate, proof] = {
        let mut both: Vec<_> = state.filter(|p| p.file_name().unwrap().to_string_lossy().starts_with("opvolger-")).collect();
        both.sort_by_key(|p| p.extension().map(|e| e == "p7s"));
        <[_; 2]>::try_from(both).unwrap()
    };
    let verify = |signer: &str| {
        let mut command = Command::new("openssl");
        command.args(["cms", "-verify", "-cades", "-binary", "-inform", "DER", "-out", "/dev/null", "-in"]).arg(&proof);
        command.arg("-content").arg(&certificate).arg("-CAfile").arg(desk.at(signer)).output().unwrap()
    };
    let good = verify("oud.pem");
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
    assert!(!verify("state/station.pem").status.success());
}

/// Where this vault names the app's key as kept.
fn kept(desk: &Desk) -> u64 {
    let told =
        desk.says(["vault", "status", "--json", "--secret"]).with(desk.secret("vault", VAULT_PASSPHRASE)).go().ends_with(0);
    told.event("vault")["kept"]["app-secrets"].as_u64().unwrap()
}

#[test]
fn a_key_is_kept_when_it_opened_something_and_the_holder_chose_so_and_no_longer_when_they_withdraw() {
    let desk = Desk::ready();
    let phone = a_phone();
    let keep = |call: Call| call.with("--keep-secret").with("whatsapp").with("--chosen-by").with("de houder");
    // A key that opens nothing is not kept, and nobody's choice is half a choice.
    let wrong = desk.secret("whatsapp", "11".repeat(32));
    keep(desk.readout().over(&phone).with("--secret").with(wrong)).go();
    assert_eq!(kept(&desk), 0);
    desk.reads(&phone).with("--keep-secret").with("whatsapp").go().ends_with(2);
    keep(desk.reads(&phone)).go().ends_with(3).says("op keuze van de houder");
    assert_eq!(kept(&desk), 1);
    // Without giving it again.
    let seals = desk.seals().len();
    desk.readout().over(&phone).go().ends_with(3);
    assert_eq!(desk.seals().len(), seals + 1);
    let forget = || {
        desk.says(["keys", "forget", "--phone", super::phone::SERIAL, "--secret"]).with(desk.secret("vault", VAULT_PASSPHRASE))
    };
    forget().go().ends_with(0).says("Gewist");
    assert_eq!(kept(&desk), 0);
    forget().go().ends_with(2).says("bewaart geen sleutel");
    let lines = ledger(&desk);
    assert!(lines.contains("keep-secret") && lines.contains("forget-secret") && !lines.contains("de houder"), "{lines}");
}
