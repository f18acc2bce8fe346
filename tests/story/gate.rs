//! The gate: what keeps a phone from being read, each with its code and its words, in both languages; and what marks a seal.

use super::{
    desk::Desk,
    outcome::Outcome,
    phone::{Phone, plain},
};
use uitlezen_readout::How;
use uitlezen_twin::content::Options;

fn phone() -> Phone {
    Phone::with(&Options { increments: false, messages: 40, ..plain() })
}

/// Nothing is asked of the phone; 7; the words in Dutch and in English, each with what to do.
#[track_caller]
fn refused(desk: &Desk, more: &[&str], words: &[&str], dutch: &[&str], english: &[&str]) -> Outcome {
    let call = || more.iter().fold(desk.readout().with("--from").with(desk.at("leeg")), |call, one| call.with(*one));
    std::fs::create_dir_all(desk.at("leeg")).unwrap();
    let told = call().json().go().ends_with(7);
    let event = told.event("gate-refused");
    let said: Vec<&str> = event["objections"].as_array().unwrap().iter().map(|w| w.as_str().unwrap()).collect();
    assert_eq!(said, words);
    let told = dutch.iter().fold(call().go().ends_with(7).says("Nu doen:"), |told, word| told.says(word));
    english.iter().fold(call().in_english().go().ends_with(7).says("What to do now:"), |told, word| told.says(word));
    desk.nothing_sealed();
    assert!(!desk.out().exists(), "an out-tray was made for a run that was not let in");
    let ledger = std::fs::read_to_string(desk.at("state/ledger.jsonl")).unwrap();
    assert!(ledger.contains("\"gate\"") && ledger.contains("refused") && !ledger.contains("Voorbeeld"), "{ledger}");
    told
}

#[test]
fn without_a_register_only_the_demonstration_runs() {
    let desk = Desk::ready();
    std::fs::remove_file(desk.at("state/register.uitlezen")).unwrap();
    refused(
        &desk,
        &[],
        &["no-register"],
        &["Er is nog geen register.", "uitlezen register init"],
        &["There is no register yet.", "only the demonstration runs"],
    );
}

#[test]
fn everything_that_is_missing_is_told_at_once() {
    let desk = Desk::ready();
    let cleared = ["set", "organisation", "organisatie", "doel=", "grondslag=", "dpia=", "fg_advice="];
    desk.registers(cleared).go().ends_with(0);
    desk.registers(["set", "official", "wethouder-1", "to=2026-01-31"]).go().ends_with(0);
    refused(
        &desk,
        &[],
        &["no-doel", "no-grondslag", "no-dpia", "no-fg-advice", "no-term"],
        &["doel", "grondslag", "DPIA", "FG", "2022-06-01 tot en met 2026-01-31"],
        &["aim", "legal basis", "DPIA", "data protection officer", "2022-06-01 up to 2026-01-31"],
    );
    desk.registers(["set", "organisation", "organisatie", "doel=d", "grondslag=g", "dpia=k", "fg_advice=2999-01-01"])
        .go()
        .ends_with(0);
    refused(&desk, &[], &["fg-advice-to-come", "no-term"], &["2999-01-01"], &["2999-01-01"]);
}

#[test]
fn every_contradiction_between_plan_and_register_is_named() {
    let desk = Desk::ready();
    desk.registers(["set", "phone", "TWIN0001", "number=+31 6 1111 1111", "platform=iphone"]).go().ends_with(0);
    desk.registers(["set", "phone", "TWIN0002", "number=+31622222222"]).go().ends_with(0);
    desk.registers(["set", "organisation", "organisatie", "code=gm9999"]).go().ends_with(0);
    desk.plan_says("drs. A. Voorbeeld", "mr. B. Ander").plan_says("\"wethouder\"", "\"burgemeester\"");
    desk.plan_says("platform = ", "number = \"+31622222222\"\nplatform = ");
    refused(
        &desk,
        &[],
        &["other-code", "other-person", "other-function", "other-number", "number-of-other", "other-platform"],
        &["gm9999", "mr. B. Ander", "drs. A. Voorbeeld", "burgemeester", "+31611111111", "TWIN0002"],
        &["The plan names mr. B. Ander, the register drs. A. Voorbeeld."],
    );
}

#[test]
fn an_unregistered_phone_needs_purpose_reason_and_approval_and_marks_the_seal() {
    let (desk, phone) = (Desk::ready(), phone());
    desk.registers(["end", "phone", "TWIN0001"]).go().ends_with(0);
    refused(&desk, &[], &["not-registered"], &["--purpose incidenteel"], &["--approved-by"]);
    refused(
        &desk,
        &["--purpose", "incidenteel"],
        &["not-registered", "no-reason", "no-approval"],
        &["Geef --reason."],
        &["Give --approved-by."],
    );
    refused(
        &desk,
        &["--reason", "vergaderapp", "--approved-by", "DIV"],
        &["not-registered", "not-for-purpose"],
        &["incidenteel of crisis"],
        &["incidenteel or crisis"],
    );
    let exception = ["--reason", "rampnacht", "--approved-by", "hoofd DIV", "--purpose", "crisis"];
    refused(&desk, &exception, &["no-hotspot"], &["--hotspot"], &["--hotspot"]);

    let call = exception.iter().fold(desk.reads(&phone), |call, one| call.with(*one));
    call.with("--hotspot").with("Brand Lindeplein").with("--holder-present").with("yes").go().ends_with(3);
    let told = desk.says(["verify", "--json"]).with(desk.seal()).with("--signer").with(desk.at("state/station.pem")).go();
    assert_eq!(told.ends_with(0).event("verified")["header"]["mark"], "niet-geregistreerd");
    let admitted = desk.report().admission.unwrap();
    assert_eq!((admitted.how, admitted.holder_present), (How::Unregistered, Some(true)));
    let mark = admitted.mark.unwrap();
    assert_eq!((mark.reason.as_str(), mark.approved_by.as_str()), ("rampnacht", "hoofd DIV"));
    assert_eq!(admitted.hotspots, ["Brand Lindeplein"]);
}

#[test]
fn the_report_says_what_let_the_run_in_and_an_ordinary_seal_has_no_mark() {
    let (desk, phone) = (Desk::ready(), phone());
    desk.reads(&phone).with("--holder-present").with("no").go().ends_with(3);
    let told = desk.says(["verify", "--json"]).with(desk.seal()).with("--signer").with(desk.at("state/station.pem")).go();
    assert!(told.ends_with(0).event("verified")["header"].get("mark").is_none());
    let admitted = desk.report().admission.unwrap();
    assert_eq!((admitted.how, admitted.holder_present), (How::Register, Some(false)));
    let basis = admitted.basis.unwrap();
    assert_eq!((basis.dpia.as_str(), basis.fg_advice.to_string().as_str()), ("DPIA-2026-014", "2026-03-02"));
    assert_eq!(admitted.register.unwrap().change, 1);
    assert_eq!(admitted.term.unwrap().from.to_string(), "2022-06-01");
    assert_eq!(admitted.retention.unwrap().category_code.as_deref(), Some("7.1"));
    assert!(admitted.mark.is_none());
}

#[test]
fn a_state_secret_is_refused_with_the_stop_procedure_wherever_it_is_said() {
    for place in ["plan", "phone", "organisation"] {
        let desk = Desk::ready();
        match place {
            "plan" => {
                desk.plan_says("purpose = ", "rubricering = \"staatsgeheim\"\npurpose = ");
            }
            "phone" => {
                desk.registers(["set", "phone", "TWIN0001", "rubricering=staatsgeheim"]).go().ends_with(0);
            }
            _ => {
                let words = ["set", "organisation", "organisatie", "rubricering=staatsgeheim"];
                desk.registers(words).go().ends_with(0);
            }
        }
        // Whatever else there would be to say, this is all that is said.
        desk.plan_says("drs. A. Voorbeeld", "mr. B. Ander");
        let (dutch, english) = (["Stop.", "houd zegels dicht", "de CISO, toestel 112"], ["Stop.", "keep seals closed"]);
        refused(&desk, &[], &["state-secret"], &dutch, &english);
    }
}

#[test]
fn a_council_members_phone_is_refused_also_when_nobody_registered_it() {
    let desk = Desk::ready();
    let member = ["set", "contact", "r1", "name=J. de Raad", "kind=raadslid", "identifiers=+31633333333", "from=2022-03-30"];
    desk.registers(member).go().ends_with(0);
    // By number.
    desk.plan_says("serial = \"TWIN0001\"", "serial = \"VREEMD01\"\nnumber = \"+31 6 3333 3333\"");
    let exception = ["--purpose", "incidenteel", "--reason", "r", "--approved-by", "a"];
    refused(
        &desk,
        &exception,
        &["councillor"],
        &["raadslid", "Geef de telefoon terug"],
        &["council member", "Give the phone back"],
    );
    // By name.
    desk.plan_says("number = \"+31 6 3333 3333\"\n", "").plan_says("drs. A. Voorbeeld", "J.  DE RAAD");
    refused(&desk, &exception, &["councillor"], &["raadslid"], &["council member"]);
    // By function.
    desk.plan_says("J.  DE RAAD", "iemand").plan_says("\"wethouder\"", "\"raadslid (fractie A)\"");
    refused(&desk, &exception, &["councillor"], &["raadslid"], &["council member"]);
}

#[test]
fn raw_databases_and_exclusions_go_together_only_by_a_decision() {
    let (desk, phone) = (Desk::ready(), phone());
    desk.plan_says("keep_sources = false", "keep_sources = true");
    desk.registers(["set", "contact", "thuis", "name=thuis", "identifiers=+31600000002"]).go().ends_with(0);
    let separate = ["separate", "--contact", "thuis", "--class", "prive", "--decider", "DIV", "--second", "secretaris"];
    desk.registers(separate).go().ends_with(0);
    desk.reads(&phone).go().ends_with(2).says("keep_sources").says("sources_decision");
    desk.reads(&phone).in_english().go().ends_with(2).says("Turn keep_sources off");
    desk.nothing_sealed();
    desk.plan_says("keep_sources = true", "keep_sources = true\nsources_decision = \"DT-2026-8\"");
    desk.reads(&phone).go().ends_with(3);
    assert_eq!(desk.report().admission.unwrap().sources_decision.as_deref(), Some("DT-2026-8"));
}

#[test]
fn what_is_wrong_with_the_register_file_is_told_apart_and_nothing_is_read() {
    let desk = Desk::ready();
    let path = desk.at("state/register.uitlezen");
    let good = std::fs::read(&path).unwrap();
    let asks = |word: &str, dutch: &str| {
        refused(&desk, &[], &[word], &[dutch], &[]);
    };
    std::fs::write(&path, &good[..good.len() / 2]).unwrap();
    asks("damaged", "beschadigd");
    let mut flipped = good.clone();
    flipped[50] ^= 1;
    std::fs::write(&path, &flipped).unwrap();
    asks("damaged", "beschadigd");
    // Another station's.
    let other = Desk::empty();
    let recovery = desk.says(["keys", "new", "recovery", "--json", "--out"]).with(other.at("h.txt")).go().ends_with(0);
    let recovery = recovery.event("key")["recipient"].as_str().unwrap().to_owned();
    let vault = other.secret("vault", super::desk::VAULT_PASSPHRASE);
    let station = ["keys", "new", "station", "--organisation", "X", "--code", "gm1", "--name", "k", "--recovery"];
    other.says(station).with(recovery).with("--secret").with(vault).go().ends_with(0);
    std::fs::copy(desk.at("register.toml"), other.at("register.toml")).unwrap();
    other.registers(["import", "register.toml"]).go().ends_with(0);
    std::fs::copy(other.at("state/register.uitlezen"), &path).unwrap();
    asks("other-key", "andere kluis");
}
