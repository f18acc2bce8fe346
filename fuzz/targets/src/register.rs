//! The register's file, on a disk that somebody else may write to, and the tables that people bring.

use crate::made;
use jiff::Timestamp;
use secrecy::SecretBox;
use std::{path::Path, sync::OnceLock};
use uitlezen_register::{
    Action, Edit, FILE, Kind, Mode, RegisterKey, Stamp, Standing, Store,
    table::{self, Format, Writer},
};

const EXAMPLE: &str = include_str!("../../../fixtures/register.voorbeeld.toml");

fn at(folder: &Path) -> Store {
    Store::at(folder, RegisterKey::new(SecretBox::new(Box::new([7; 32]))))
}

fn stamp() -> Stamp {
    Stamp { who: "a".into(), why: "b".into(), at: Timestamp::UNIX_EPOCH }
}

/// The example as a register of its own.
fn file() -> &'static Vec<u8> {
    static MADE: OnceLock<Vec<u8>> = OnceLock::new();
    MADE.get_or_init(|| {
        let dir = made::folder();
        let edits = table::read(EXAMPLE.as_bytes(), Format::Toml).unwrap();
        at(dir.path()).change(&stamp(), Mode::Write, |_| Ok(edits)).unwrap();
        std::fs::read(dir.path().join(FILE)).unwrap()
    })
}

/// Whatever the file says, it opens to what was put in, or not at all, and stays as it is.
pub fn register_file(data: &[u8]) {
    let dir = made::folder();
    let path = dir.path().join(FILE);
    std::fs::write(&path, data).unwrap();
    let store = at(dir.path());
    if let Ok(register) = store.open()
        && register.view().history_holds().is_ok_and(|holds| holds)
    {
        assert_eq!(register.view().count(Kind::Official).unwrap(), 1, "entries that nobody put in");
    }
    let _ = store.change(&stamp(), Mode::Preview, |_| Ok(vec![Edit::end(Kind::Decision, "1")]));
    assert_eq!(std::fs::read(&path).unwrap(), data, "looking changed the file");
}

pub fn file_seeds() -> Vec<Vec<u8>> {
    vec![file().clone()]
}

/// A table that was taken goes out and comes back as it was.
pub fn register_table(data: &[u8]) {
    for format in Kind::ALL.map(Format::Csv).into_iter().chain([Format::Toml]) {
        let Ok(edits) = table::read(data, format) else { continue };
        let mut all = Vec::new();
        for edit in edits {
            let (mut entry, ended) = match edit.action {
                Action::Put(entry) => (*entry, false),
                Action::PutEnded(entry) => (*entry, true),
                Action::End(..) => continue,
            };
            entry.normalise();
            // What the register would refuse is never written to a table.
            if entry.faults().is_empty() {
                all.push(Standing { entry, ended });
            }
        }
        let organisation = all.iter().filter(|one| one.entry.kind() == Kind::Organisation).count();
        if format == Format::Toml && organisation > 1 {
            continue;
        }
        let mut writer = Writer::new(format);
        all.iter().for_each(|one| writer.add(one));
        let again = table::read(writer.finish().as_bytes(), format).expect("what was written is a table");
        let again: Vec<Standing> = again
            .into_iter()
            .filter_map(|edit| match edit.action {
                Action::Put(entry) => Some(Standing { entry: *entry, ended: false }),
                Action::PutEnded(entry) => Some(Standing { entry: *entry, ended: true }),
                Action::End(..) => None,
            })
            .collect();
        all.sort_by_key(|one| one.entry.kind());
        assert_eq!(again, all);
    }
}

pub fn table_seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![EXAMPLE.as_bytes().to_vec()];
    for kind in Kind::ALL {
        let mut writer = Writer::new(Format::Csv(kind));
        for edit in table::read(EXAMPLE.as_bytes(), Format::Toml).unwrap() {
            if let Action::Put(entry) = edit.action {
                writer.add(&Standing { entry: *entry, ended: false });
            }
        }
        seeds.push(writer.finish().into_bytes());
    }
    seeds
}
