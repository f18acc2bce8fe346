//! A table of messages that others published.

use super::*;
use std::{collections::BTreeMap, path::PathBuf};

/// Days (UTC) as INDEX.md gives them, with how many came in and went out. The first is not in it: that row was sent in 2022, by
/// its own account.
const DAYS: [(&str, usize, usize); 8] = [
    ("2022-12-09", 1, 0),
    ("2024-07-07", 2, 1),
    ("2024-07-09", 1, 0),
    ("2024-07-10", 1, 0),
    ("2024-09-09", 0, 2),
    ("2024-09-10", 0, 2),
    ("2024-09-11", 2, 0),
    ("2024-09-13", 2, 0),
];

#[test]
fn a_published_table_gives_the_days_of_its_index() {
    let name = "threema/Lechindianer+threema-history-checker/data/test.csv";
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata").join(name);
    if !path.exists() {
        assert!(std::env::var_os("UITLEZEN_REQUIRE_TESTDATA").is_none(), "{name} of the published fixtures is not here");
        eprintln!("SKIPPED: {name} of the published fixtures is not here");
        return;
    }
    let table = std::fs::read(path).unwrap();
    let mut zip = AesZip::new("x", 1);
    zip.add("settings", b"\"version\",\"24\"\n", true).unwrap();
    zip.add("contacts.csv", b"identity,identity_id\nABCD1234,1\n", true).unwrap();
    zip.add("message_1.csv", &table, true).unwrap();
    let (kept, summary) = read_of(&Backup::open(Arc::new(zip.finish()), "x").unwrap(), None);
    let mut days: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for (_, message) in &kept.messages {
        let day = days.entry(message.sent.utc.unwrap().to_string()[..10].to_owned()).or_default();
        match message.direction {
            Direction::Received => day.0 += 1,
            Direction::Sent => day.1 += 1,
            Direction::Notice => panic!("a notice"),
        }
    }
    let days: Vec<(&str, usize, usize)> = days.iter().map(|(day, (came, went))| (day.as_str(), *came, *went)).collect();
    assert_eq!(days, DAYS);
    // One body of a file is text, which nobody interprets; ids occur more than once in the published table.
    assert_eq!((summary.messages, summary.unknown_types.values().sum::<u64>()), (14, 1));
    assert_eq!(
        (kept.messages[1].1.sender.clone(), summary.oddities.unresolved_senders),
        (Sender::Participant(ParticipantId("ABCD1234".to_owned())), 0)
    );
}
