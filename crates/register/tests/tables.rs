//! Tables in and out: what goes out comes back, and what is wrong is named by its line.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use jiff::civil::{Date, date};
use proptest::{option, prelude::*};
use uitlezen_check::separation::Class;
use uitlezen_register::{
    Action, Appraisal, Contact, ContactKind, Decision, Entry, Kind, Official, Standing,
    table::{self, Format, TableError, Writer},
};

/// Texts that hurt: formulas, quotes, separators, other scripts.
fn text() -> impl Strategy<Value = String> {
    let hard = prop::sample::select(vec!["=1+1", "+31", "-x", "@a", "'", "'=", "\"", ";", ",", "é", "漢", "a b", "sep=", "\\"]);
    prop::collection::vec(prop_oneof![hard.prop_map(str::to_owned), "[a-zA-Z0-9 .:/&]{1,8}"], 1..5)
        .prop_map(|parts| parts.concat().trim().to_owned())
        .prop_filter("not blank", |text| !text.is_empty())
}

fn day() -> impl Strategy<Value = Date> {
    (2000_i16..2040, 1_i8..13, 1_i8..29).prop_map(|(y, m, d)| date(y, m, d))
}

fn identifiers() -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set(prop_oneof!["\\+[1-9][0-9]{7,14}", "[0-9]{10,18}@g\\.us"], 1..4)
        .prop_map(|set| set.into_iter().collect())
}

prop_compose! {
    fn contact()(id in "[a-z][a-z0-9._-]{0,10}", name in text(), identifiers in identifiers(), kind in 0..5_usize, from in option::of(day()))
        -> Contact {
        let kinds = [
            ContactKind::Intern, ContactKind::AndereOrganisatie, ContactKind::Inwoner, ContactKind::Raadslid, ContactKind::Onbekend,
        ];
        Contact { id, name, kind: kinds[kind], identifiers, from, to: from }
    }
}

prop_compose! {
    fn official()(
        id in "[a-z][a-z0-9._-]{0,10}", name in text(), function in text(), from in day(), set_by in text(), decision in text(),
        decided in day(), retention in option::of(text()), hotspots in prop::collection::vec(text(), 0..3),
    ) -> Official {
        Official {
            id, name, function, from, to: None, set_by, decision, decided, appraisal: Appraisal::N, retention,
            selection_list: None, category_code: None, category_title: None, hotspots,
        }
    }
}

prop_compose! {
    fn decision()(number in 1_u64..1_000_000, reason in text(), decider in text(), day in day(), phone in option::of("[A-Z0-9]{4,12}"))
        -> Decision {
        Decision {
            number, contact: Some("c".into()), group: None, phone, class: Class::Gemengd, from: Some(day), to: None, decider,
            second: None, reason, date: day,
        }
    }
}

fn through(format: Format, standing: &[Standing]) -> Vec<(Entry, bool)> {
    let mut writer = Writer::new(format);
    standing.iter().for_each(|one| writer.add(one));
    let out = writer.finish();
    let edits = table::read(out.as_bytes(), format).unwrap_or_else(|e| panic!("{e:?}\n{out}"));
    edits
        .into_iter()
        .map(|edit| match edit.action {
            Action::Put(entry) => (*entry, false),
            Action::PutEnded(entry) => (*entry, true),
            Action::End(..) => panic!(),
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn what_goes_out_comes_back(contacts in prop::collection::vec((contact(), any::<bool>()), 0..6)) {
        let all: Vec<Standing> =
            contacts.iter().map(|(c, ended)| Standing { entry: Entry::Contact(c.clone()), ended: *ended }).collect();
        let expected: Vec<(Entry, bool)> = all.iter().map(|s| (s.entry.clone(), s.ended)).collect();
        prop_assert_eq!(through(Format::Csv(Kind::Contact), &all), expected.clone());
        prop_assert_eq!(through(Format::Toml, &all), expected);
    }

    #[test]
    fn officials_and_decisions_too(official in official(), decision in decision()) {
        for (kind, entry) in [(Kind::Official, Entry::Official(official)), (Kind::Decision, Entry::Decision(decision))] {
            let all = [Standing { entry: entry.clone(), ended: false }];
            prop_assert_eq!(through(Format::Csv(kind), &all), [(entry.clone(), false)]);
            prop_assert_eq!(through(Format::Toml, &all), [(entry, false)]);
        }
    }

    #[test]
    fn no_bytes_make_it_stumble(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = table::read(&bytes, Format::Csv(Kind::Contact));
        let _ = table::read(&bytes, Format::Toml);
    }
}

fn csv(text: &[u8]) -> Result<Vec<uitlezen_register::Edit>, TableError> {
    table::read(text, Format::Csv(Kind::Contact))
}

#[test]
fn encodings_that_are_not_utf_8_are_named() {
    let utf16: Vec<u8> = "id;name".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(csv(&[&[0xff, 0xfe], &utf16[..]].concat()).err(), Some(TableError::Utf16));
    assert_eq!(csv(&utf16).err(), Some(TableError::Utf16));
    assert_eq!(csv(b"id;name;identifiers\nc1;Andr\xe9;+31612345678\n").err(), Some(TableError::NotUtf8 { line: 2 }));
    // The mark that Excel puts before UTF-8 is welcome.
    assert_eq!(csv(b"\xef\xbb\xbfid;name;identifiers\r\nc1;x;'+31612345678\r\n").unwrap().len(), 1);
}

#[test]
fn every_faulty_line_is_named() {
    let text = "id;name;kind;identifiers;from\n\
                c1;a;intern;31612345678;\n\
                c2;;intern;+31612345679;\n\
                c3;b;vriend;+31612345670;gisteren\n\
                c4;d;intern;+31612345671;2026-01-01\n";
    let Err(TableError::Refused(refused)) = csv(text.as_bytes()) else { panic!() };
    let told: Vec<String> =
        refused.iter().map(|r| format!("{} {} {}", r.line.unwrap(), r.fault.field, r.fault.what.word())).collect();
    assert_eq!(told, ["2 identifiers no-plus", "3 name empty", "4 kind not-one-of", "4 from not-a-date"]);
    let toml = "format = 1\n\n[[contacts]]\nid = \"c1\"\nname = \"a\"\nidentifiers = [\"x@y\"]\n\n[[contacts]]\nid = \"c2\"\nnaam = \"b\"\n";
    let Err(TableError::Refused(refused)) = table::read(toml.as_bytes(), Format::Toml) else { panic!() };
    assert!(refused.iter().all(|r| r.line == Some(8)), "{refused:?}");
    assert!(matches!(table::read(b"format = 2\n", Format::Toml), Err(TableError::Format(2))));
    assert!(matches!(table::read(b"format = 1\n[[contact]]\n", Format::Toml), Err(TableError::Toml { line: 2, .. })));
}
