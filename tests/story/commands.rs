//! The commands themselves: words in two languages, aliases, events.

use super::desk::Desk;

#[test]
fn help_is_dutch_unless_english_is_asked_or_spoken() {
    let desk = Desk::empty();
    desk.says(["--help"]).go().ends_with(0).says("Leest een telefoon uit").says("Opdrachten");
    desk.says(["--lang", "en", "--help"]).go().ends_with(0).says("Commands").never_says("Opdrachten");
    desk.says(["--help"]).go_with(&[("LANG", "en_GB.UTF-8")]).ends_with(0).says("Commands");
    desk.says(["--help"]).go_with(&[("LANG", "de_DE.UTF-8")]).ends_with(0).says("Opdrachten");
    desk.says(["--lang", "nl", "--help"]).go_with(&[("LANG", "en_GB.UTF-8")]).ends_with(0).says("Opdrachten");
}

#[test]
fn every_command_has_its_dutch_name() {
    let desk = Desk::empty();
    for (english, dutch) in [
        ("phones", "telefoons"),
        ("settings", "instellingen"),
        ("readout", "lees-uit"),
        ("verify", "controleer-zegel"),
        ("unseal", "ontzegel"),
        ("keys", "sleutels"),
        ("vault", "kluis"),
        ("probe", "verken"),
        ("doctor", "diagnose"),
    ] {
        let help = |name: &str| desk.says([name, "--help"]).go().ends_with(0).out;
        assert_eq!(help(english), help(dutch), "{english}");
    }
    for command in ["demo", "twin"] {
        desk.says([command, "--help"]).go().ends_with(0);
    }
}

#[test]
fn what_is_not_understood_ends_with_2_and_does_nothing() {
    let desk = Desk::empty();
    desk.says(["frobnicate"]).go().ends_with(2);
    desk.says(["readout"]).go().ends_with(2);
    desk.says(["readout", "--plan", "x", "--out", "y", "--adb", "niet-een-adres"]).go().ends_with(2);
    desk.says(["readout", "--plan", "x", "--out", "y", "--adb", "127.0.0.1:1", "--from", "z"]).go().ends_with(2);
    // No arguments and no terminal: there is nobody to guide.
    desk.says([]).go().ends_with(2).says("Nu doen:");
    assert!(super::files_below(&desk.at("")).is_empty());
}

#[test]
fn doctor_and_phones_answer_on_a_machine_without_a_phone() {
    let desk = Desk::empty();
    // No vault yet, so no readout: the station is not set up. That is no finding about a phone.
    let told = desk.says(["doctor", "--json"]).go().ends_with(2).says("kan nog geen telefoon uitlezen");
    assert!(told.events_called("doctor").iter().any(|e| e["what"] == "vault" && e["stops"] == true), "{}", told.out);
    desk.says(["doctor", "--help"]).go().ends_with(0).says("met 2");
    let asked: Vec<String> = told.events_called("doctor").iter().map(|e| e["what"].as_str().unwrap().to_owned()).collect();
    for what in ["usb", "adb-server", "usbmuxd", "sandbox", "swap", "space", "vault"] {
        assert!(asked.iter().any(|a| a == what), "{what} in {asked:?}");
    }
    let told = desk.says(["phones"]).go();
    assert!(matches!(told.code, Some(0 | 7)), "{:?}\n{}{}", told.code, told.out, told.err);
    assert!(!told.err.contains("panicked"));
}

#[test]
fn the_twin_command_gives_a_phone_that_can_be_read_out() {
    use std::io::BufRead;
    let desk = Desk::ready();
    let twin =
        desk.says(["twin", "android", "--listen", "127.0.0.1:0", "--json", "--messages", "60", "--accept", "open", "--key-out"]);
    let twin = twin.with(desk.at("sleutel")).with("--expected-out").with(desk.at("verwacht.json"));
    let mut twin = twin.start();
    let mut line = String::new();
    std::io::BufReader::new(twin.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let event: serde_json::Value = serde_json::from_str(&line).unwrap();
    let mut key = std::ffi::OsString::from("whatsapp=@");
    key.push(desk.at("sleutel"));
    let call = desk.readout().with("--adb").with(event["address"].as_str().unwrap()).with("--secret").with(key);
    let told = call.json().go();
    twin.kill().unwrap();
    twin.wait().unwrap();
    assert!(matches!(told.code, Some(0 | 3 | 8)), "{:?}\n{}\n{}", told.code, told.out, told.err);
    let expected: serde_json::Value = serde_json::from_slice(&std::fs::read(desk.at("verwacht.json")).unwrap()).unwrap();
    let whatsapp = &expected["whatsapp"];
    let new: u64 = whatsapp["increments"].as_array().unwrap().iter().map(|i| i["new"].as_u64().unwrap()).sum();
    assert_eq!(told.event("counts")["messages"].as_u64(), Some(whatsapp["messages"].as_u64().unwrap() + new));
}

#[test]
fn the_demonstration_shows_the_whole_chain_once_in_a_folder_of_its_own() {
    let desk = Desk::empty();
    let demo = |folder: &str| desk.says(["demo", "--messages", "120", "--dir"]).with(desk.at(folder));
    let told = demo("proef").go().ends_with(0);
    let told = told.says("DEMO").says("Zegel: ongeschonden").says("Kijk nu zelf");
    // The gate, the register, an exclusion, a run that broke off and went on, and a second week.
    let told = told.says("Er is nog geen register").says("Functionarissen: 1 erbij").says("uitgesloten door besluit 1");
    let told = told.says("De verbinding met de telefoon is weg").says("De afgebroken uitlezing gaat verder");
    let told = told.says("liggen al in een eerder zegel").says("steunt op 1 eerder zegel");
    for line in told.out.lines().filter(|l| l.contains(desk.at("proef").to_str().unwrap())) {
        let path = line.split_whitespace().find(|w| w.starts_with('/')).unwrap();
        assert!(std::path::Path::new(path).exists(), "{path} is pointed at and is not there");
    }
    for app in ["signal", "sms", "threema"] {
        assert!(desk.at("proef/geopend/gesprekken").join(app).join("gesprek-0001.json").exists(), "{app}");
    }
    // The screen is the operator's, also in a demonstration: who takes part stands in the files only.
    let conversation = std::fs::read(desk.at("proef/geopend/gesprekken/whatsapp/gesprek-0001.json")).unwrap();
    let conversation: serde_json::Value = serde_json::from_slice(&conversation).unwrap();
    let participants = conversation["conversation"]["participants"].as_array().unwrap();
    let names: Vec<&str> =
        participants.iter().flat_map(|p| p["names"].as_array().unwrap()).map(|n| n["name"].as_str().unwrap()).collect();
    assert!(!names.is_empty() && !names.iter().any(|name| told.out.contains(name)), "{names:?}");
    demo("proef").go().ends_with(2).says("is niet leeg");
    let seal =
        super::files_below(&desk.at("proef")).into_iter().find(|p| p.extension().is_some_and(|e| e == "uitlezing")).unwrap();
    desk.says(["verify"]).with(&seal).go().ends_with(5).says("DEMO").says("--allow-demo");
    desk.says(["verify", "--allow-demo"]).with(&seal).go().ends_with(0).says("DEMO");
    // Its own certificate does not make a demonstration real.
    let pem = desk.at("proef/station.pem");
    desk.says(["verify"]).with(&seal).with("--signer").with(pem).go().ends_with(5);
    demo("engels").in_english().json().go().ends_with(0).events();
}

#[test]
fn a_station_is_made_once_and_shows_its_certificate() {
    let desk = Desk::ready();
    let vault = desk.secret("vault", super::desk::VAULT_PASSPHRASE);
    let told = desk.says(["keys", "certificate"]).with("--secret").with(&vault).go().ends_with(0);
    assert_eq!(told.out.trim(), std::fs::read_to_string(desk.at("state/station.pem")).unwrap().trim());
    let again = desk.says(["keys", "new", "station", "--organisation", "X", "--code", "x", "--name", "x", "--recovery", "age1x"]);
    again.with("--secret").with(vault).go().ends_with(2).says("heeft al een kluis");
    let bare = Desk::empty();
    let secret = bare.secret("vault", "x");
    let none = bare.says(["keys", "new", "station", "--organisation", "X", "--code", "x", "--name", "x", "--recovery", "niets"]);
    none.with("--secret").with(secret).go().ends_with(2);
    assert!(!bare.at("state/vault.json").exists());
}

#[test]
fn a_probe_answers_with_one_json_and_no_content() {
    use super::{
        phone::{Phone, usual},
        search::{Word, find},
    };
    use uitlezen_twin::content::Options;
    let (desk, phone) =
        (Desk::ready(), Phone::with(&Options { canary: Some("KANARIE-7f3a9c51".into()), messages: 300, ..usual() }));
    let vault = desk.secret("vault", super::desk::VAULT_PASSPHRASE);
    let _ = vault;
    desk.says(["probe"]).over(&phone).with("--out").with(desk.at("verken.json")).go().ends_with(0);
    let text = std::fs::read(desk.at("verken.json")).unwrap();
    serde_json::from_slice::<serde_json::Value>(&text).unwrap();
    let mut words = vec![Word::new("KANARIE-7f3a9c51")];
    words.extend(
        phone.content.expected.whatsapp.names.iter().filter_map(|n| n.name.as_deref()).filter(|n| n.len() > 7).map(Word::new),
    );
    assert_eq!(find(&words, &text), None);
}
