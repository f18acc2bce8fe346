//! Threema's data backup of Android: the zip under a known password, one table of it, and tables when whoever wrote them had
//! the password.

use crate::{
    framing::{joined, pieces},
    whatsapp::Counting,
};
use std::sync::{Arc, OnceLock};
use uitlezen_apps::{
    ReadError,
    threema::{
        Edition,
        android::{
            Backup, Reading,
            csv::{Csv, LONGEST_ROW, MOST_COLUMNS},
            may_open, media, read, recognise,
        },
    },
};
use uitlezen_chat::EvidenceId;
use uitlezen_evidence::{Bytes, ChunkCache, Evidence, LockedHead, ReadAtExt, ZipEvidence, ZipLimits};
use uitlezen_twin::content::threema::{AesZip, ThreemaBackup, ThreemaBackupOptions, generate};

/// Bytes of one entry that are read whole.
const WHOLE: u64 = 1 << 20;
/// Tables in the order in which an input gives them.
const TABLES: [&str; 9] = [
    "contacts.csv",
    "message_a.csv",
    "groups.csv",
    "group_message_b.csv",
    "ballot.csv",
    "ballot_choice.csv",
    "ballot_vote.csv",
    "group_reactions.csv",
    "contact_reactions.csv",
];

fn phone() -> &'static ThreemaBackup {
    static PHONE: OnceLock<ThreemaBackup> = OnceLock::new();
    PHONE.get_or_init(|| {
        let options = ThreemaBackupOptions { seed: 7, messages: 60, media: false, ..ThreemaBackupOptions::default() };
        generate(&options).expect("the generator")
    })
}

/// The input is a zip under the password of the phone. What opens has the length that it says.
pub fn zip_locked(data: &[u8]) {
    let limits = ZipLimits { entries: 200, total: 16 << 20, total_ratio: 20 };
    let source: Bytes = Arc::new(data.to_vec());
    let password = phone().password.as_bytes();
    let Ok(unlocked) = ZipEvidence::unlock(source, password, limits, Arc::new(ChunkCache::new(4 << 20))) else { return };
    assert!(unlocked.items().len() <= limits.entries);
    for item in unlocked.items().iter().take(6) {
        let Ok(content) = unlocked.open(&item.name) else { continue };
        assert_eq!(content.len(), item.bytes);
        if let Ok(all) = content.read_all(WHOLE) {
            assert_eq!(all.len() as u64, item.bytes);
        }
    }
}

pub fn zip_locked_seeds() -> Vec<Vec<u8>> {
    let mut zip = AesZip::new(&phone().password, 3);
    let words = ["settings", "contacts.csv", "identity"];
    words.iter().for_each(|name| zip.add(name, name.repeat(20).as_bytes(), true).expect("a small entry"));
    zip.add("message_media_1", &[7; 300], false).expect("a small entry");
    zip.add_in_the_clear("message_1.csv", b"x", false).expect("a small entry");
    vec![zip.finish()]
}

/// The input is how a zip begins. What is known of it does not change with what follows, and a password is tried on nothing else.
pub fn zip_head(data: &[u8]) {
    let Some(head) = LockedHead::read(data) else {
        assert!(!recognise(data) && may_open(data, "x").is_none());
        return;
    };
    let whole = data.len();
    assert!(head.name().len() < whole);
    assert_eq!(LockedHead::read(&[data, b"more"].concat()).as_ref(), Some(&head));
    assert_eq!(recognise(data), head.name() == b"settings");
    assert_eq!(may_open(data, "x"), recognise(data).then(|| head.fits(b"x")));
}

pub fn zip_head_seeds() -> Vec<Vec<u8>> {
    let heads = |zip: Vec<u8>| zip.iter().copied().take(120).collect();
    let clear = {
        let mut zip = AesZip::new("x", 3);
        zip.add_in_the_clear("settings", b"version,27", true).expect("a small entry");
        zip.finish()
    };
    vec![heads(phone().bytes.clone()), heads(zip_locked_seeds().remove(0)), heads(clear)]
}

/// The input is one table. No row is wider or heavier than it may be, and none holds more than came in.
pub fn threema_csv(data: &[u8]) {
    let Ok(mut csv) = Csv::open(data) else { return };
    let (mut rows, mut bytes) = (0, 0);
    while let Ok(Some(row)) = csv.next() {
        assert_eq!(row.number, rows, "rows are counted one by one");
        rows += 1;
        bytes += row.text(Some(0)).map_or(0, str::len);
        assert!(row.weight() <= 3 * LONGEST_ROW + MOST_COLUMNS * size_of::<String>());
    }
    // What is no UTF-8 takes three bytes for one.
    assert!(rows <= data.len() as u64 && bytes <= 3 * data.len());
}

pub fn threema_csv_seeds() -> Vec<Vec<u8>> {
    let tables = phone().entries.iter().filter(|(name, _)| name.ends_with(".csv"));
    let mut seeds: Vec<Vec<u8>> = tables.map(|(_, table)| table.clone()).collect();
    seeds.sort_by_key(Vec::len);
    seeds.dedup();
    seeds.drain(..seeds.len().saturating_sub(6));
    seeds.push(b"a,b\r\n\"1\\\\2\",\"\"\"\"\n\n3".to_vec());
    seeds
}

/// The input is tables, put under the password.
pub fn threema_tables(data: &[u8]) {
    let mut zip = AesZip::new("x", 1);
    zip.add("settings", b"version,27\n", false).expect("a small entry");
    for (name, table) in TABLES.into_iter().zip(pieces(data)) {
        zip.add(name, table, false).expect("a small entry");
    }
    let Ok(backup) = Backup::open(Arc::new(zip.finish()), "x") else { return };
    let mut sink = Counting::none_within(None);
    let reading =
        Reading { edition: Edition::Threema, backup: &backup, item: EvidenceId(1), holder_identity: None, separation: None };
    match read(&reading, &mut sink) {
        Ok(summary) => {
            assert_eq!((summary.conversations, summary.messages), (sink.conversations, sink.messages), "counted and not given");
            assert_eq!(summary.by_kind.values().sum::<u64>(), summary.messages);
            assert_eq!(sink.strangers, 0, "people who are no participants");
            serde_json::to_writer(std::io::sink(), &summary).expect("a summary that cannot be written");
        }
        Err(ReadError::Sink(error)) => panic!("the sink never fails: {error}"),
        Err(_) => {}
    }
    assert!(media::open(&backup, "identity").is_err());
}

pub fn threema_table_seeds() -> Vec<Vec<u8>> {
    let entries = &phone().entries;
    let longest = |prefix: &str| {
        let tables = entries.iter().filter(|(name, _)| name.starts_with(prefix) && name.ends_with(".csv"));
        tables.max_by_key(|(_, table)| table.len()).map(|(name, table)| (name.clone(), table.clone())).expect("a table")
    };
    let (messages, groups) = (longest("message_"), longest("group_message_"));
    // The ids by which rows name the tables are the ones that the input has.
    let named = |table: &str, from: &str, prefix: &str, to: &str| {
        let id = from.trim_start_matches(prefix).trim_end_matches(".csv");
        String::from_utf8_lossy(&entries[table]).replace(id, to).into_bytes()
    };
    let tables = TABLES.map(|table| match table {
        "contacts.csv" => named(table, &messages.0, "message_", "a"),
        "groups.csv" => named(table, &groups.0, "group_message_", "b"),
        "message_a.csv" => messages.1.clone(),
        "group_message_b.csv" => groups.1.clone(),
        other => entries[other].clone(),
    });
    vec![joined(tables)]
}
