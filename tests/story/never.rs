//! What may never be: content, names or numbers of a phone anywhere but in the role that may see them.

use super::{
    desk::{Desk, VAULT_PASSPHRASE},
    phone::{Phone, folder, usual},
    search::{Word, find},
};
use std::{fs, path::Path, time::Duration};
use uitlezen_twin::{
    content::{AppExpected, Options},
    device::{Fault, Times},
};

const CANARY: &str = "KANARIE-7f3a9c51";

fn with_canaries() -> Options {
    Options { canary: Some(CANARY.into()), messages: 900, with_business: true, ..usual() }
}

fn planted(expected: &AppExpected) {
    let c = &expected.canary;
    let places = [c.texts, c.names, c.captions, c.file_names, c.media_files, c.subjects];
    assert!(places.iter().all(|n| *n > 0), "{c:?}");
}

/// Nothing of the phone stands in any file below these folders.
fn assert_clean(words: &[Word], folders: &[&Path]) {
    for folder in folders {
        let files = super::files_below(folder);
        assert!(!files.is_empty(), "{}", folder.display());
        for file in files {
            let name = file.to_string_lossy().into_owned();
            assert_eq!(find(words, name.as_bytes()), None, "in a file name");
            assert_eq!(find(words, &fs::read(&file).unwrap()), None, "in {name}");
        }
    }
}

#[test]
fn a_canary_in_texts_names_captions_and_files_sings_nowhere_but_in_its_role() {
    for json in [false, true] {
        let (desk, phone) = (Desk::ready(), Phone::with(&with_canaries()));
        planted(&phone.content.expected.whatsapp);
        desk.plan_says("whatsapp_business = false", "whatsapp_business = true");
        let key = desk.secret("whatsapp-business", &phone.content.business_secrets.as_ref().unwrap().hex64);
        let call = desk.reads(&phone).with("--secret").with(key);
        let told = if json { call.json() } else { call }.go().ends_with(3);
        let words = [Word::new(CANARY), Word::new(&phone.content.secrets.hex64), Word::new(VAULT_PASSPHRASE)];
        assert_eq!(find(&words, told.out.as_bytes()), None, "on standard output");
        assert_eq!(find(&words, told.err.as_bytes()), None, "on standard error");
        assert_clean(&words, &[&desk.out(), &desk.state()]);
        // The search is no empty gesture: what the role gesprekken gives does hold it.
        let seal = desk.seal();
        desk.unseals(&seal, "gesprekken", "div.txt", "g").go().ends_with(0);
        desk.unseals(&seal, "verantwoording", "div.txt", "v").go().ends_with(0);
        let held = super::files_below(&desk.at("g")).iter().any(|f| find(&words[..1], &fs::read(f).unwrap()).is_some());
        assert!(held);
        assert_clean(&words, &[&desk.at("v"), &desk.state()]);
    }
}

#[test]
fn role_verantwoording_and_the_screen_hold_no_names_numbers_or_texts() {
    let (desk, phone) = (Desk::ready(), Phone::with(&usual()));
    let told = desk.reads(&phone).json().go().ends_with(3);
    desk.unseals(&desk.seal(), "verantwoording", "div.txt", "v").go().ends_with(0);
    let expected = &phone.content.expected.whatsapp;
    let mut words: Vec<Word> = Vec::new();
    for person in &expected.names {
        words.extend(person.name.iter().filter(|n| n.len() > 7).map(|n| Word::new(n)));
        words.push(Word::new(person.jid.split('@').next().unwrap()));
    }
    words.extend(expected.per_conversation.values().filter_map(|c| c.subject.as_deref()).filter(|s| s.len() > 7).map(Word::new));
    words.extend(phone.media().iter().map(|path| Word::new(path.rsplit('/').next().unwrap())));
    assert!(words.len() > 40);
    assert_clean(&words, &[&desk.at("v"), &desk.state(), &desk.out()]);
    for said in [&told.out, &told.err] {
        assert_eq!(find(&words, said.as_bytes()), None);
    }
}

#[test]
fn a_run_over_a_folder_keeps_as_silent() {
    let desk = Desk::ready();
    let (content, from) = folder(&Options { with_business: false, ..with_canaries() }, desk.at("telefoon"));
    let told = desk.reads_files(&content, &from).go().ends_with(3);
    let words = [Word::new(CANARY), Word::new(&content.secrets.hex64)];
    assert_eq!(find(&words, told.out.as_bytes()), None);
    assert_eq!(find(&words, told.err.as_bytes()), None);
    assert_clean(&words, &[&desk.out(), &desk.state()]);
}

#[test]
fn a_run_that_fails_keeps_as_silent_and_its_work_store_is_unreadable() {
    use uitlezen_twin::device::Pull;
    let (desk, phone) = (Desk::ready(), Phone::with(&with_canaries()));
    let media = phone.media();
    let how = Pull::Vanishes { after: 1000 };
    phone.device.inject(Fault::Pull { file: Phone::on_phone(media.last().unwrap()), how }, Times::Always);
    let told = desk.reads(&phone).go().ends_with(7);
    assert_eq!(desk.unfinished().len(), 1);
    let words = [Word::new(CANARY), Word::new(&phone.content.secrets.hex64), Word::new(VAULT_PASSPHRASE)];
    assert_eq!(find(&words, told.out.as_bytes()), None);
    assert_eq!(find(&words, told.err.as_bytes()), None);
    assert_clean(&words, &[&desk.out(), &desk.state()]);
}

#[test]
fn no_secret_and_nothing_of_the_phone_stands_in_a_process_list() {
    let (desk, phone) = (Desk::ready(), Phone::with(&Options { with_business: false, ..with_canaries() }));
    phone.device.inject(Fault::Slow { pause: Duration::from_millis(4) }, Times::Always);
    let mut child = desk.reads(&phone).start();
    let (mut seen, mut looks) = (Vec::new(), 0);
    while child.try_wait().unwrap().is_none() {
        for pid in super::interrupted::family(child.id()) {
            for what in ["cmdline", "environ"] {
                let bytes = fs::read(format!("/proc/{pid}/{what}")).unwrap_or_default();
                if !seen.contains(&bytes) {
                    seen.push(bytes);
                }
            }
        }
        looks += 1;
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(child.wait().unwrap().code(), Some(3));
    let text: Vec<String> = seen.iter().map(|b| String::from_utf8_lossy(b).replace('\0', " ")).collect();
    assert!(
        looks > 5 && text.iter().any(|t| t.contains("__child link")) && text.iter().any(|t| t.contains("__child reader")),
        "{text:?}"
    );
    let words = [Word::new(CANARY), Word::new(&phone.content.secrets.hex64), Word::new(VAULT_PASSPHRASE)];
    for line in &text {
        assert_eq!(find(&words, line.as_bytes()), None, "{line}");
    }
}
