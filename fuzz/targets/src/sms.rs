//! SMS of an Android phone: pages as a hostile provider prints them, items of answers that were changed, and files of adb backup.

use crate::whatsapp::Counting;
use std::{
    io::{self, BufReader, Read},
    sync::Arc,
};
use uitlezen_android_backup::{BackupError, Header};
use uitlezen_apps::sms::{AdbBackup, Backup, Item, Reading, read};
use uitlezen_chat::EvidenceId;
use uitlezen_evidence::Bytes;
use uitlezen_provider::{Asked, Cut, End, Held, Question, SMS, Writer, addresses, cut, ids, names, one_value, segments};
use uitlezen_twin::content::sms::{SmsBackup, SmsOptions, backup_of_lists, generate};

const COLUMNS: [&str; 8] = ["_id", "thread_id", "date", "type", "sub_id", "address", "subject", "body"];

fn page() -> String {
    let bodies = ["Hoi", "regel\nRow: 1 _id=2, thread_id=1", "x, body=y, _id=4", "NULL", ""];
    let row = |(n, body): (usize, &&str)| {
        format!(
            "Row: {n} _id={n}, thread_id=1, date=1700000000000, type=1, sub_id=1, address=+31612345678, subject=NULL, body={body}\n"
        )
    };
    bodies.iter().enumerate().map(row).collect()
}

/// A page, ids, a first row, a value, addresses: what is cut is printed again as it was.
pub fn provider_page(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let all = [0, 1, 2, 3, 4];
    for count in [0, 1, 5] {
        let Some(rows) = cut(&text, &COLUMNS, &all[..count]) else { continue };
        assert_eq!(rows.len(), count);
        let line = |(n, row): (usize, &Cut)| match row {
            Cut::Row(values) => {
                let cells: Vec<String> = COLUMNS.iter().zip(values).map(|(column, value)| format!("{column}={value}")).collect();
                Some(format!("Row: {n} {}\n", cells.join(", ")))
            }
            Cut::Unclear => None,
        };
        let lines: Vec<Option<String>> = rows.iter().enumerate().map(line).collect();
        if count > 0 && lines.iter().all(Option::is_some) {
            assert_eq!(lines.into_iter().flatten().collect::<String>(), text, "cut and put together it is another page");
        }
    }
    if let Some(found) = ids(&text, "mid") {
        assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
    }
    let _ = (names(&text, &SMS), one_value(&text, "body"));
    for segment in segments(&text, &all).into_iter().flatten() {
        let _ = addresses(segment);
    }
}

pub fn page_seeds() -> Vec<Vec<u8>> {
    let addresses = "Row: 0 _id=1, type=137, charset=106, address=+316\n=0=0\nNo result found.\n=1=0\n";
    let ids = "Row: 0 _id=1, mid=1\nRow: 1 _id=2, mid=1\n";
    vec![page().into_bytes(), addresses.into(), ids.into(), b"No result found.\n".to_vec()]
}

fn answers() -> Vec<u8> {
    let owned = |columns: &[&str]| columns.iter().map(|column| (*column).to_owned()).collect::<Vec<String>>();
    let mut writer = Writer::new(Vec::new()).expect("memory");
    let id_rows: String = (0..5).map(|n| format!("Row: {n} _id={n}\n")).collect();
    let mut put = |question: Question, output: &str| writer.answer(&question, Some(0), output.as_bytes(), b"").expect("memory");
    put(Question::new(Asked::Ids, owned(&["_id"])), &id_rows);
    put(Question { about: Some("body".into()), ..Question::new(Asked::WordNull, owned(&["_id"])) }, "Row: 0 _id=3\n");
    put(Question { range: Some((0, 4)), ..Question::new(Asked::Page, owned(&COLUMNS)) }, &page());
    for column in &COLUMNS[5..] {
        put(Question { of: vec![2], ..Question::new(Asked::Value, owned(&[column])) }, &format!("Row: 0 {column}=x, body=y\n"));
    }
    writer.end(End { rows: 5, ..End::default() }).expect("memory")
}

/// An item of answers, read into records.
pub fn sms_answers(data: &[u8]) {
    let bytes: Bytes = Arc::new(data.to_vec());
    let items = [Item { user: 0, held: Held::Table(SMS), bytes, item: EvidenceId(1) }];
    let mut sink = Counting::none_within(None);
    let reading =
        Reading { items: &items, backups: &[], holder_number: Some("+31600000001"), phone_contacts: None, separation: None };
    let summary = read(&reading, &mut sink).expect("an item is a store, whatever is in it");
    assert_eq!((summary.conversations, summary.messages), (sink.conversations, sink.messages), "counted and not given");
    assert_eq!(summary.by_kind.values().sum::<u64>(), summary.messages);
    assert_eq!(sink.strangers, 0, "people who are no participants");
}

pub fn answers_seeds() -> Vec<Vec<u8>> {
    vec![answers(), Writer::new(Vec::new()).and_then(|writer| writer.end(End::default())).expect("memory")]
}

/// A file of adb backup, with a password that opens the good ones.
pub fn android_backup(data: &[u8]) {
    let all = || -> Result<u64, BackupError> {
        let mut from = BufReader::new(data);
        let header = Header::read(&mut from)?;
        // The work is bounded; what a fuzzer does a million times is bounded lower.
        if data.len() > 1 << 16 || header_rounds(data) > 1_000 {
            return Ok(0);
        }
        let mut entries = header.open(from, Some("goed"))?;
        let mut bytes = 0;
        while let Some(entry) = entries.next_entry()? {
            let read = io::copy(&mut entries.by_ref().take(1 << 20), &mut io::sink())?;
            assert!(read <= entry.bytes, "more than the entry has");
            bytes += read;
        }
        Ok(bytes)
    };
    let _ = all();
}

/// A list of messages in a file of adb backup that is whole otherwise, read into records.
pub fn sms_backup_list(data: &[u8]) {
    let text = String::from_utf8_lossy(data).into_owned();
    let how = SmsBackup { compressed: false, ..SmsBackup::default() };
    let made = backup_of_lists(&[("sms", text.clone()), ("mms", text)], &how, 1).expect("memory");
    let file = AdbBackup::open(Arc::new(made), None).expect("the header is whole");
    assert!(file.holds_messages().expect("the tar is whole"));
    let backups = [Backup { file, item: EvidenceId(1) }];
    let mut sink = Counting::none_within(None);
    let reading =
        Reading { items: &[], backups: &backups, holder_number: Some("+31600000001"), phone_contacts: None, separation: None };
    let summary = read(&reading, &mut sink).expect("lists are there, whatever is in them");
    assert_eq!((summary.conversations, summary.messages), (sink.conversations, sink.messages), "counted and not given");
    assert_eq!(summary.by_kind.values().sum::<u64>(), summary.messages);
    assert_eq!(sink.strangers, 0, "people who are no participants");
}

pub fn list_seeds() -> Vec<Vec<u8>> {
    [
        r#"[{"self_phone":"+31600000001","address":"+31612345678","date":"1700000000000","date_sent":"0","type":"1","recipients":["+31612345678"],"body":"Hoi \"}],["}]"#,
        r#"[{"date":"1700000000","msg_box":"1","m_type":"132","recipients":["+31612345678","+31687654321"],"mms_addresses":[{"type":"137","address":"+31612345678","charset":"106"}],"mms_body":"Hoi","sub":"x"}, {}]"#,
        "[]",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

fn header_rounds(data: &[u8]) -> u64 {
    let line = data.split(|b| *b == b'\n').nth(6).unwrap_or_default();
    std::str::from_utf8(line).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

pub fn android_backup_seeds() -> Vec<Vec<u8>> {
    let content = generate(&SmsOptions { sms: 12, mms: 3, ..SmsOptions::default() }).expect("the generator");
    let made = |version, compressed, password: Option<&str>| {
        let how = SmsBackup { version, compressed, password: password.map(str::to_owned), rounds: 3 };
        content.backup(&how, 1).expect("the generator")
    };
    vec![made(5, true, None), made(1, false, None), made(3, true, Some("goed"))]
}
