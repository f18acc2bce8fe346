use super::*;
use V::{Integer as N, Text as S};

const TABLES: [&str; 3] = [
    "CREATE TABLE message (_id INTEGER PRIMARY KEY, date_sent INTEGER, date_received INTEGER, thread_id INTEGER, from_recipient_id INTEGER, type INTEGER, body TEXT)",
    "CREATE TABLE thread (_id INTEGER PRIMARY KEY, recipient_id INTEGER)",
    "CREATE TABLE recipient (_id INTEGER PRIMARY KEY, aci TEXT, message_expiration_time INTEGER)",
];

fn good() -> File {
    let mut f = begin();
    f.version(300).unwrap();
    for sql in TABLES {
        f.statement(sql, &[]).unwrap();
    }
    f.statement("INSERT INTO recipient VALUES (?,?,?)", &[N(2), S(&aci(7)), N(0)]).unwrap();
    f.statement("INSERT INTO thread VALUES (?,?)", &[N(10), N(2)]).unwrap();
    f
}

fn message(f: &mut File, id: i64) {
    let values = [N(id), N(T + id), N(T + id), N(10), N(2), N(20), S("dag")];
    f.statement("INSERT INTO message VALUES (?,?,?,?,?,?,?)", &values).unwrap();
}

#[test]
fn statements_that_do_something_else_are_counted_and_not_run() {
    let folder = tempfile::tempdir().unwrap();
    let stolen = folder.path().join("stolen");
    let mut f = good();
    message(&mut f, 1);
    let attach = format!("ATTACH DATABASE '{}' AS y", stolen.display());
    let into = format!("VACUUM INTO '{}'", stolen.display());
    let bad = [
        attach.as_str(),
        &into,
        "PRAGMA writable_schema = ON",
        "SELECT load_extension('x')",
        "DELETE FROM message",
        "DROP TABLE message",
        "UPDATE message SET body = 'x'",
        "INSERT INTO message SELECT * FROM message",
        "INSERT INTO message VALUES (?,?,?,?,?,?,?); DELETE FROM message",
        "CREATE TABLE x AS SELECT * FROM message",
        "REPLACE INTO message VALUES (?,?,?,?,?,?,?)",
    ];
    for sql in bad {
        f.statement(sql, &[N(1)]).unwrap();
    }
    let objects = [
        "CREATE TRIGGER t AFTER INSERT ON message BEGIN DELETE FROM message; END",
        "CREATE VIEW thread2 AS SELECT * FROM message",
        "CREATE VIRTUAL TABLE f USING fts5(x)",
    ];
    for sql in objects {
        f.statement(sql, &[]).unwrap();
    }
    message(&mut f, 2);
    let store = store(f.end().unwrap());
    assert_eq!(store.intake().refused, Refused { objects: 3, statements: bad.len() as u64, rows: 0 });
    let (kept, _) = read_all(&store);
    assert_eq!(kept.messages.len(), 2);
    assert!(!stolen.exists());
    let made: Vec<String> = {
        let mut all = store.connection().prepare("SELECT name FROM sqlite_schema WHERE type <> 'index' ORDER BY name").unwrap();
        all.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(made, ["message", "recipient", "thread"]);
}

#[test]
fn rows_that_do_not_fit_are_counted_and_the_reading_is_not_whole() {
    let mut f = good();
    message(&mut f, 1);
    message(&mut f, 1);
    f.statement("INSERT INTO message VALUES (?,?)", &[N(1), N(2)]).unwrap();
    f.statement("INSERT INTO message (_id, geheim) VALUES (?,?)", &[N(5), N(2)]).unwrap();
    f.statement("INSERT INTO message VALUES (?,?,?,?,?,?,?)", &[N(9)]).unwrap();
    f.statement("INSERT INTO reaction VALUES (?)", &[N(9)]).unwrap();
    let values = [S("geen getal"), N(T), N(T), N(10), N(2), N(20), S("x")];
    f.statement("INSERT INTO message VALUES (?,?,?,?,?,?,?)", &values).unwrap();
    // A second table of one name changes nothing.
    f.statement("CREATE TABLE message (body TEXT, _id INTEGER)", &[]).unwrap();
    message(&mut f, 2);
    let store = store(f.end().unwrap());
    assert_eq!(store.intake().refused.rows, 6);
    let (kept, read) = read_all(&store);
    assert_eq!((kept.messages.len(), read.summary.is_whole()), (2, false));
}

#[test]
fn what_is_cut_or_damaged_keeps_what_came_before_and_is_not_whole() {
    let build = |end: bool| {
        let mut f = good();
        (1..=50).for_each(|id| message(&mut f, id));
        f.setting("settings.universal.expire.timer", |s| s.number(5, 0)).unwrap();
        if end { f.end().unwrap() } else { f.cut() }
    };
    let whole = build(true);
    let (kept, read) = read_all(&store(whole.clone()));
    assert_eq!((kept.messages.len(), read.summary.is_whole()), (50, true));
    assert_eq!(read.settings.universal_timer, Known::Set { value: 0 });
    assert_eq!(read.settings.keep, Known::NeverSet);
    // Without its last frame: nothing that is absent is called off.
    let (kept, read) = read_all(&store(build(false)));
    assert_eq!((kept.messages.len(), read.summary.is_whole()), (50, false));
    assert_eq!((read.settings.universal_timer, read.settings.keep), (Known::Set { value: 0 }, Known::NotUnderstood));
    assert_eq!(read.summary.stopped.len(), 1);
    let mut bad = whole.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 1;
    let (kept, read) = read_all(&store(bad));
    assert!(!kept.messages.is_empty() && kept.messages.len() < 50);
    assert!(!read.summary.is_whole());
    assert_eq!(read.settings.universal_timer, Known::NotUnderstood);
}

#[test]
fn a_damaged_attachment_is_named_and_the_rest_is_read() {
    let mut f = good();
    f.statement(
        "CREATE TABLE attachment (_id INTEGER PRIMARY KEY, message_id INTEGER, content_type TEXT, sticker_id INTEGER)",
        &[],
    )
    .unwrap();
    message(&mut f, 1);
    for id in [7, 8] {
        f.statement("INSERT INTO attachment VALUES (?,?,?,?)", &[N(id), N(1), S("image/png"), N(-1)]).unwrap();
        f.attachment(id, None, b"inhoud van een plaatje").unwrap();
    }
    let mut file = f.end().unwrap();
    // The second blob lies behind everything but its tag and the last frame.
    let at = file.len() - (4 + 2 + 10) - 10 - 5;
    file[at] ^= 1;
    let store = store(file);
    assert_eq!((store.intake().attachments, store.intake().damaged), (2, 1));
    let (kept, read) = read_all(&store);
    let states: Vec<_> = kept.messages[0].1.attachments.iter().map(|a| a.state.clone()).collect();
    assert_eq!(states, [AttachmentState::Wanted, AttachmentState::NotRead { reason: "damaged".into() }]);
    assert_eq!(read.summary.attachments_not_read, [("damaged".to_owned(), 1)].into());
    assert!(!read.summary.is_whole());
}

#[test]
fn a_backup_of_something_else_is_none() {
    let mut f = begin();
    f.version(3).unwrap();
    f.statement("CREATE TABLE notes (_id INTEGER PRIMARY KEY)", &[]).unwrap();
    let store = store(f.end().unwrap());
    assert!(matches!(read(&reading(&store), &mut Kept::default()), Err(ReadError::NotAMessageStore)));
}
