//! The register at the desk: brought in, taken out, changed by two at once, asked at a terminal, and what of it is never shown.

use super::{
    desk::{Desk, REGISTER},
    terminal::{Terminal, can},
};
use std::fs;

const CONTACTS: &str = "\u{feff}id;name;kind;identifiers;from;to\r\n\
    c1;Kanarie-1;inwoner;'+31611110001;;\r\n\
    c2;\"Kanarie-2; van Dam\";onbekend;+31 6 1111 0002|31611110002@s.whatsapp.net;2026-01-01;\r\n";

fn ledger(desk: &Desk) -> String {
    fs::read_to_string(desk.at("state/ledger.jsonl")).unwrap_or_default()
}

#[test]
fn a_table_goes_in_and_out_and_neither_screen_nor_ledger_names_anybody() {
    let desk = Desk::ready();
    fs::write(desk.at("contacts.csv"), CONTACTS).unwrap();
    let before = desk.asks_register(["show", "--json"]).go().ends_with(0).event("register")["change"].as_u64().unwrap();
    let told = desk.registers(["import", "contacts.csv", "--preview", "--json"]).go().ends_with(0);
    assert_eq!((&told.event("register")["written"], &told.event("register")["change"]), (&false.into(), &(before + 1).into()));
    assert!(ledger(&desk).is_empty());
    let told = desk.registers(["import", "contacts.csv", "--json"]).go().ends_with(0);
    assert_eq!(told.event("register")["counts"]["contact-added"], 2);
    let all = format!("{}{}{}", told.out, told.err, ledger(&desk));
    assert!(all.contains("contact-added") && !all.contains("Kanarie") && !all.contains("31611110"), "{all}");
    // The same again is no change.
    let told = desk.registers(["import", "contacts.csv", "--json"]).go().ends_with(0);
    assert_eq!((&told.event("register")["written"], &told.event("register")["unchanged"]), (&false.into(), &2.into()));

    desk.asks_register(["export", "--out", "uit.csv", "--of", "contacts"]).go().ends_with(0).never_says("Kanarie");
    let out = fs::read_to_string(desk.at("uit.csv")).unwrap();
    assert!(out.contains("'+31611110001") && out.contains("\"Kanarie-2; van Dam\""), "{out}");
    desk.asks_register(["export", "--out", "uit.csv", "--of", "contacts"]).go().ends_with(2).says("nog niet bestaan");
    // All of it, into another station.
    desk.asks_register(["export", "--out", "alles.toml"]).go().ends_with(0);
    let other = Desk::ready();
    fs::copy(desk.at("alles.toml"), other.at("alles.toml")).unwrap();
    other.registers(["import", "alles.toml"]).go().ends_with(0);
    other.asks_register(["export", "--out", "weer.toml"]).go().ends_with(0);
    assert_eq!(fs::read(desk.at("alles.toml")).unwrap(), fs::read(other.at("weer.toml")).unwrap());

    // Names of contacts only to who asks for them.
    desk.asks_register(["show"]).go().ends_with(0).says("Contacten: 2").never_says("Kanarie");
    desk.asks_register(["show", "contacts"]).go().ends_with(0).says("Kanarie-1");
}

#[test]
fn a_faulty_table_changes_nothing_and_every_line_is_named_in_both_languages() {
    let desk = Desk::ready();
    let before = fs::read(desk.at("state/register.uitlezen")).unwrap();
    fs::write(desk.at("contacts.csv"), "id,name,identifiers\nc1,a,0612345678\nc2,b,+31612345678\nc2,c,+31612345679\n").unwrap();
    let told = desk.registers(["import", "contacts.csv"]).go().ends_with(2);
    told.says("regel 2, contact c1, identifiers: is een nummer zonder +").says("regel 4").says("Nu doen:");
    desk.registers(["import", "contacts.csv"]).in_english().go().ends_with(2).says("line 2").says("without +");
    fs::write(desk.at("contacts.csv"), b"id;name;identifiers\nc1;Andr\xe9;+31612345678\n").unwrap();
    desk.registers(["import", "contacts.csv"]).go().ends_with(2).says("regel 2: geen UTF-8").says("CSV UTF-8");
    fs::write(desk.at("contacts.csv"), [0xff, 0xfe, b'i', 0, b'd', 0]).unwrap();
    desk.registers(["import", "contacts.csv"]).go().ends_with(2).says("UTF-16");
    desk.registers(["import", "plan.toml"]).go().ends_with(2).says("regel");
    fs::write(desk.at("iets.csv"), "id\n").unwrap();
    desk.registers(["import", "iets.csv"]).go().ends_with(2).says("--of");
    assert_eq!(fs::read(desk.at("state/register.uitlezen")).unwrap(), before);
}

#[test]
fn two_processes_that_change_at_once_lose_nothing_of_each_other() {
    let desk = Desk::ready();
    let ids: Vec<String> = (0..5).map(|n| format!("c{n}")).collect();
    let before = desk.asks_register(["show", "--json"]).go().ends_with(0).event("register")["change"].as_u64().unwrap();
    let call = |(n, id): (usize, &String)| {
        let identifiers = format!("identifiers=+3161111000{n}");
        desk.registers(["set", "contact", id, "name=iemand", &identifiers])
    };
    // All of them are put together before the first begins: each writes the file with the passphrase anew.
    let calls: Vec<_> = ids.iter().enumerate().map(call).collect();
    let running: Vec<_> = calls.into_iter().map(super::desk::Call::start).collect();
    for one in running {
        super::outcome::Outcome::new(&one.wait_with_output().unwrap()).ends_with(0);
    }
    let told = desk.asks_register(["show", "--json"]).go().ends_with(0);
    let counts = told.event("register");
    assert_eq!((&counts["counts"]["contacts"], &counts["change"]), (&5.into(), &(before + 5).into()));
    desk.asks_register(["history", "--json"]).go().ends_with(0).says("zoals zij geschreven werd");
}

#[test]
fn the_history_keeps_who_why_and_the_old_value() {
    let desk = Desk::ready();
    desk.registers(["set", "official", "wethouder-1", "to=2030-05-31"]).go().ends_with(0);
    desk.registers(["end", "phone", "TWIN0002"]).go().ends_with(0);
    let told = desk.asks_register(["history", "official", "wethouder-1"]).go().ends_with(0);
    told.says("archivaris: inrichting").says("to: (niets) -> 2030-05-31");
    desk.asks_register(["history", "phone", "TWIN0002"]).go().ends_with(0).says("ended: nee -> ja");
    desk.asks_register(["history", "phone", "nergens"]).go().ends_with(2).says("staat niet in het register");
    desk.registers(["end", "official", "wethouder-1"]).go().ends_with(2).says("wordt nog genoemd door telefoon TWIN0001");
    let by = ["--by", "", "--why", "x"];
    let call = by.into_iter().fold(desk.asks_register(["end", "phone", "TWIN0001"]), |call, word| call.with(word));
    call.go().ends_with(2).says("by: ontbreekt");
}

#[test]
fn a_council_members_phone_cannot_be_registered() {
    let desk = Desk::ready();
    desk.registers(["set", "contact", "r1", "name=J. de Raad", "kind=raadslid", "identifiers=+31633333333"]).go().ends_with(0);
    let words = ["set", "phone", "RAAD01", "official=wethouder-1", "platform=android", "number=+31633333333"];
    desk.registers(words).go().ends_with(2).says("raadslid");
    desk.registers(words).in_english().go().ends_with(2).says("council member");
}

#[test]
fn the_dpia_sheet_and_doctor_say_what_is_set_and_what_is_missing() {
    let desk = Desk::ready();
    desk.registers(["set", "contact", "c1", "name=Kanarie", "identifiers=+31611110001"]).go().ends_with(0);
    let separate = ["separate", "--contact", "c1", "--class", "prive", "--decider", "DIV", "--second", "secretaris"];
    desk.registers(separate).go().ends_with(0);
    let told = desk.asks_register(["dpia", "--plan", "plan.toml"]).go().ends_with(0);
    let told = told.says("Archiefwet 1995, artikel 3").says("DPIA-2026-014").says("2026-03-02").says("tenzij-uitgesloten");
    let told = told.says("prive: 1").says("blijvend te bewaren (B): 1").says("Belgeschiedenis: nee").says("Rol gesprekken: 1");
    told.says("artikel 17 lid 3")
        .never_says("Kanarie")
        .never_says("Voorbeeld")
        .never_says("oestemming")
        .never_says("**ontbreekt**");
    let told = desk.asks_register(["dpia"]).in_english().go().ends_with(0).says("article 17(3)").says("Legal basis");
    told.never_says("onsent");

    desk.asks_register(["dpia", "--out", "blad.md"]).go().ends_with(0);
    assert!(fs::read_to_string(desk.at("blad.md")).unwrap().starts_with("# Feitenblad"));
    let doctor = || desk.says(["doctor", "--json", "--secret"]).with(desk.secret("vault", super::desk::VAULT_PASSPHRASE)).go();
    let answer = |told: &super::outcome::Outcome| {
        told.events_called("doctor").into_iter().find(|event| event["what"] == "register").unwrap()["stops"].clone()
    };
    let told = doctor();
    assert_eq!(answer(&told), false);
    desk.registers(["set", "organisation", "organisatie", "dpia="]).go().ends_with(0);
    desk.asks_register(["dpia"]).go().ends_with(0).says("**ontbreekt**");
    let told = doctor().says("kenmerk van de DPIA ontbreekt");
    assert_eq!(answer(&told), true);
    fs::remove_file(desk.at("state/register.uitlezen")).unwrap();
    desk.asks_register(["dpia"]).go().ends_with(2).says("uitlezen register init");
    assert_eq!(answer(&doctor()), true);
}

#[test]
fn a_file_sets_it_up_where_nobody_can_be_asked() {
    let desk = Desk::ready();
    fs::remove_file(desk.at("state/register.uitlezen")).unwrap();
    desk.asks_register(["init"]).go().ends_with(2).says("--with");
    assert!(REGISTER.contains("TWIN0001"));
    desk.registers(["init", "--with", "register.toml"]).go().ends_with(0).says("Telefoons: 2 erbij");
}

#[test]
fn the_assistant_asks_again_what_is_wrong_and_writes_only_at_the_end() {
    if !can() {
        return;
    }
    let desk = Desk::ready();
    let register = desk.at("state/register.uitlezen");
    fs::remove_file(&register).unwrap();
    let mut terminal = Terminal::with(&desk.asks_register(["init", "--by", "archivaris"]));
    let mut answers = |pairs: &[(&str, &str)]| {
        for (question, answer) in pairs {
            terminal.shows(question);
            terminal.types(&format!("{answer}\r"));
        }
    };
    answers(&[
        ("Naam van de organisatie", "Gemeente Vlietmonde"),
        ("Code van de organisatie", "gm0000"),
        ("Doel van het uitlezen", "bewaren"),
        ("Wettelijke grondslag", "Archiefwet"),
        ("Kenmerk van de DPIA", "D-1"),
        ("Datum van het advies", "gisteren"),
        ("Wat gebeurt er", ""),
        ("Wie te bellen", "CISO"),
        // The date was none: that once more, and nothing else.
        ("Datum van het advies", "2026-03-02"),
        ("sleutelfunctionaris toevoegen", ""),
    ]);
    assert!(!register.exists(), "written before the last question was answered");
    terminal.shows("in het register schrijven");
    terminal.types("\u{1b}[B\r");
    let all = terminal.ends_with(0);
    assert!(all.contains("is geen datum") && all.contains("wijziging 1"), "{all}");
    desk.asks_register(["show", "organisation"]).go().ends_with(0).says("fg_advice: 2026-03-02").says("dpia: D-1");
}
