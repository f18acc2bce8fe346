//! 2,000 phones and 200,000 contacts: what a run looks up, opening included. Printed by
//! `cargo test --release -p uitlezen-register --test scale -- --ignored --nocapture`.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing)]

use secrecy::SecretBox;
use std::time::{Duration, Instant};
use uitlezen_register::{
    Edit, Kind, Mode, RegisterKey, Stamp, Store,
    table::{self, Format},
};

const PHONES: u32 = 2_000;
const CONTACTS: u32 = 200_000;
const COUNCILLORS: u32 = 400;
/// On one phone each.
const DECISIONS: u32 = 40_000;
/// About every phone.
const OF_ALL: u32 = 200;

fn office() -> String {
    let mut toml = String::from(
        "format = 1\n[organisation]\nname = \"G\"\ncode = \"gm0000\"\ndoel = \"d\"\ngrondslag = \"g\"\ndpia = \"k\"\nfg_advice = 2026-01-01\n",
    );
    for n in 0..PHONES {
        toml += &format!(
            "[[officials]]\nid = \"o{n}\"\nname = \"Naam {n}\"\nfunction = \"functie\"\nfrom = 2026-01-01\nset_by = \"DT\"\ndecision = \"b\"\ndecided = 2026-01-01\nappraisal = \"B\"\n[[phones]]\nserial = \"S{n}\"\nofficial = \"o{n}\"\nnumber = \"+3161{n:07}\"\nplatform = \"android\"\n[[accounts]]\nid = \"a{n}\"\nphone = \"S{n}\"\napp = \"whatsapp\"\nhandle = \"+3163{n:07}\"\nkind = \"zakelijk\"\n"
        );
    }
    for n in 0..CONTACTS {
        let kind = if n < COUNCILLORS { "raadslid" } else { "inwoner" };
        toml += &format!(
            "[[contacts]]\nid = \"c{n}\"\nname = \"Contact {n}\"\nkind = \"{kind}\"\nidentifiers = [\"+3162{n:07}\", \"3162{n:07}@s.whatsapp.net\"]\n"
        );
    }
    for n in 0..DECISIONS + OF_ALL {
        let phone = if n < DECISIONS { format!("phone = \"S{}\"\n", n % PHONES) } else { String::new() };
        toml += &format!(
            "[[decisions]]\nnumber = {}\ncontact = \"c{n}\"\n{phone}class = \"prive\"\ndecider = \"a\"\nsecond = \"b\"\nreason = \"r\"\ndate = 2026-01-02\n",
            n + 1
        );
    }
    toml
}

/// Median and longest of 25.
fn measured(what: &str, look: impl Fn(u32)) {
    let mut times: Vec<Duration> = (0..25)
        .map(|round| {
            let began = Instant::now();
            look(round);
            began.elapsed()
        })
        .collect();
    times.sort();
    println!("{what}: {:?}, at most {:?}", times[12], times[24]);
}

#[test]
#[ignore = "a measurement"]
fn lookups_of_a_run_in_a_large_office() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path(), RegisterKey::new(SecretBox::new(Box::new([7; 32]))));
    let edits = table::read(office().as_bytes(), Format::Toml).unwrap();
    let began = Instant::now();
    let stamp = Stamp { who: "a".into(), why: "b".into(), at: jiff::Timestamp::now() };
    store.change(&stamp, Mode::Write, |_| Ok(edits)).unwrap();
    let bytes = std::fs::metadata(dir.path().join(uitlezen_register::FILE)).unwrap().len();
    println!("importing {} entries: {:?}, {} MiB", 3 * PHONES + CONTACTS + DECISIONS + OF_ALL, began.elapsed(), bytes >> 20);

    measured("a phone with its official, number, name and state", |round| {
        let register = store.open().unwrap();
        let view = register.view();
        let n = round * 79 % PHONES;
        assert!(view.get(Kind::Phone, &format!("S{n}")).unwrap().is_some());
        assert!(view.get(Kind::Official, &format!("o{n}")).unwrap().is_some());
        assert_eq!(view.with_identifier(&format!("+3161{n:07}")).unwrap().len(), 1);
        assert!(view.councillors_named(&format!("Naam {n}")).unwrap().is_empty());
        assert!(view.organisation().unwrap().is_some() && view.state().unwrap().is_some());
    });
    measured("the rules of a registered phone (220 decisions)", |round| {
        let rules = store.open().unwrap().view().rules(&format!("S{}", round * 79 % PHONES)).unwrap();
        assert_eq!(rules.decided.len() as u32, DECISIONS / PHONES + OF_ALL);
    });
    measured("the rules of an unregistered phone (400 council members, 2,000 officials with two numbers)", |_| {
        let rules = store.open().unwrap().view().rules("VREEMD").unwrap();
        assert_eq!((rules.councillors.len() as u32, rules.officials.len() as u32), (COUNCILLORS, PHONES));
        assert!(rules.officials.iter().all(|known| known.identifiers.len() == 2));
    });
    let began = Instant::now();
    store.change(&stamp, Mode::Write, |_| Ok(vec![Edit::end(Kind::Decision, "40001")])).unwrap();
    println!("one change: {:?}", began.elapsed());
}
