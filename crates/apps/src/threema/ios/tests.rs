//! What a whole reading gives: every kind of message, what cannot be read, hostile databases.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use super::*;
use crate::threema::HOLDER;
use rusqlite::Connection;
use std::{io, sync::Arc};
use uitlezen_chat::*;
use uitlezen_evidence::Database;

#[derive(Debug, Default)]
struct Kept {
    conversations: Vec<Conversation>,
    messages: Vec<(ConversationNumber, Message)>,
}

impl RecordSink for Kept {
    type Run = Vec<(ConversationNumber, Message)>;

    fn conversation(&mut self, conversation: &Conversation) -> io::Result<()> {
        self.conversations.push(conversation.clone());
        Ok(())
    }

    fn hand_over(&mut self, run: &mut Self::Run) -> io::Result<()> {
        self.messages.append(run);
        Ok(())
    }
}

fn database(mut conn: Connection) -> Database {
    let image = conn.serialize("main").unwrap().to_vec();
    Database::open(Arc::new(image), None, None).unwrap()
}

fn reading(threema: &Database) -> Reading<'_> {
    let threema = Evidenced { database: threema, item: EvidenceId(1) };
    Reading { edition: Edition::Threema, threema, holder_identity: None, separation: None }
}

fn read_all(reading: &Reading<'_>) -> (Kept, Summary) {
    let mut kept = Kept::default();
    let summary = read(reading, &mut kept).unwrap();
    assert_eq!((summary.messages, summary.conversations), (kept.messages.len() as u64, kept.conversations.len() as u64));
    for (number, message) in &kept.messages {
        let conversation = &kept.conversations[usize::try_from(number.0).unwrap() - 1];
        if let Sender::Participant(id) = &message.sender {
            assert!(conversation.participants.iter().any(|p| p.id == *id), "a sender is no participant");
        }
    }
    (kept, summary)
}

/// The columns of the reference; entities are numbered as no reader may expect.
fn today() -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(
        "CREATE TABLE Z_PRIMARYKEY (Z_ENT INTEGER PRIMARY KEY, Z_NAME VARCHAR, Z_SUPER INTEGER, Z_MAX INTEGER);
         INSERT INTO Z_PRIMARYKEY VALUES (31, 'TextMessage', 40, 0), (32, 'ImageMessage', 40, 0), (33, 'FileMessage', 40, 0),
           (34, 'SystemMessage', 40, 0), (35, 'AudioMessage', 40, 0), (36, 'VideoMessage', 40, 0), (37, 'LocationMessage', 40, 0),
           (38, 'BallotMessage', 40, 0), (40, 'Message', 0, 30);
         CREATE TABLE ZCONTACT (Z_PK INTEGER PRIMARY KEY, ZIDENTITY VARCHAR, ZFIRSTNAME VARCHAR, ZLASTNAME VARCHAR,
           ZPUBLICNICKNAME VARCHAR, ZCNCONTACTID VARCHAR);
         CREATE TABLE ZCONVERSATION (Z_PK INTEGER PRIMARY KEY, ZCONTACT INTEGER, ZGROUPNAME VARCHAR, ZGROUPID BLOB);
         CREATE TABLE ZMESSAGE (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, ZISOWN INTEGER, ZREAD INTEGER, ZCONVERSATION INTEGER,
           ZSENDER INTEGER, ZAUDIO INTEGER, ZIMAGE INTEGER, ZTHUMBNAIL INTEGER, ZVIDEO INTEGER, ZDATE TIMESTAMP, ZACCURACY FLOAT,
           ZLATITUDE FLOAT, ZLONGITUDE FLOAT, ZCAPTION VARCHAR, ZFILENAME VARCHAR, ZMIMETYPE VARCHAR, ZTEXT VARCHAR);
         CREATE TABLE ZAUDIODATA (Z_PK INTEGER PRIMARY KEY, ZDATA BLOB);
         CREATE TABLE ZIMAGEDATA (Z_PK INTEGER PRIMARY KEY, ZDATA BLOB);
         CREATE TABLE ZVIDEODATA (Z_PK INTEGER PRIMARY KEY, ZDATA BLOB);
         CREATE TABLE ZFILEDATA (Z_PK INTEGER PRIMARY KEY, ZMESSAGE INTEGER, ZDATA BLOB);
         CREATE INDEX ZFILEDATA_ZMESSAGE_INDEX ON ZFILEDATA (ZMESSAGE);
         INSERT INTO ZCONTACT VALUES (1, 'ABCD1234', 'Anja', 'de Boer', 'anja', NULL), (2, 'EFGH5678', NULL, NULL, 'bas', NULL);
         INSERT INTO ZCONVERSATION VALUES (1, 1, NULL, NULL), (2, NULL, 'Overleg', NULL), (3, NULL, NULL, NULL);",
    )
    .unwrap();
    conn
}

fn say(conn: &Connection, row: i64, conversation: i64, entity: i64, more: &str) {
    let sql = "INSERT INTO ZMESSAGE(Z_PK, Z_ENT, ZISOWN, ZCONVERSATION, ZDATE) VALUES (?1, ?2, 0, ?3, 785494800.5 + ?1)";
    conn.execute(sql, [row, entity, conversation]).unwrap();
    if !more.is_empty() {
        conn.execute_batch(&format!("UPDATE ZMESSAGE SET {more} WHERE Z_PK = {row}")).unwrap();
    }
}

fn person(id: &str) -> Sender {
    Sender::Participant(ParticipantId(id.to_owned()))
}

const UUID: &str = "01234567-89AB-CDEF-0123-456789ABCDEF";

#[test]
fn messages_of_every_kind_by_the_name_of_their_entity() {
    let conn = today();
    say(&conn, 1, 1, 31, "ZTEXT = 'Hoi'");
    say(&conn, 2, 1, 31, "ZTEXT = 'Dag', ZISOWN = 1");
    say(&conn, 3, 2, 31, "ZTEXT = 'In de groep', ZSENDER = 2");
    say(&conn, 8, 1, 37, "ZLATITUDE = 52.07, ZLONGITUDE = 4.3, ZACCURACY = 8.5");
    say(&conn, 9, 1, 34, "");
    say(&conn, 10, 1, 38, "ZTEXT = 'Wanneer?'");
    say(&conn, 12, 1, 99, "ZTEXT = 'iets'");
    let threema = database(conn);
    let (kept, summary) = read_all(&reading(&threema));
    let message = |row: i64| &kept.messages.iter().find(|(_, m)| m.source.row == row).unwrap().1;
    for (row, said, sender) in
        [(1, "Hoi", person("ABCD1234")), (2, "Dag", Sender::Holder), (3, "In de groep", person("EFGH5678"))]
    {
        assert_eq!(message(row).body, Body::Text { text: said.into(), link: None, link_title: None });
        assert_eq!(message(row).sender, sender);
    }
    assert_eq!(message(1).sent.local.as_deref(), Some("2025-11-22T10:00:01.500+01:00"));
    let Body::Place(place) = &message(8).body else { panic!("no place") };
    assert_eq!((place.latitude, place.longitude), (52.07, 4.3));
    assert_eq!(message(8).uninterpreted["ZMESSAGE.ZACCURACY"], "8.5");
    for (row, name) in [(9, Some("SystemMessage")), (10, Some("BallotMessage")), (12, None)] {
        let Body::Unknown { raw, .. } = &message(row).body else { panic!("known") };
        assert_eq!(raw.get("Z_PRIMARYKEY.Z_NAME").map(String::as_str), name);
    }
    assert_eq!((message(9).direction, &message(9).sender), (Direction::Notice, &Sender::App));
    assert_eq!(summary.unknown_types, [(34, 1), (38, 1), (99, 1)].into());
    assert_eq!((summary.row_gaps.absent, summary.row_gaps.after_last), (5, Some(18)));
    let kinds: Vec<_> = kept.conversations.iter().map(|c| (c.id.0.as_str(), c.kind, c.title.as_deref())).collect();
    assert_eq!(
        kinds,
        [
            ("threema:ABCD1234", ConversationKind::Direct, None),
            ("threema:conversation-row:2", ConversationKind::Group, Some("Overleg")),
            ("threema:conversation-row:3", ConversationKind::Other, None),
        ]
    );
    assert_eq!(kept.conversations[0].participants[0].display_name(), "Anja de Boer");
    assert!(kept.conversations.iter().all(|c| c.timer.state == TimerState::OfAccount));
    assert!(summary.is_whole());
}

/// Of a group the contact is whoever made it.
#[test]
fn a_group_without_a_name_is_no_conversation_between_two() {
    let conn = today();
    conn.execute_batch(
        "INSERT INTO ZCONVERSATION VALUES (4, 1, NULL, x'0102030405060708');
         ALTER TABLE ZMESSAGE ADD COLUMN ZID BLOB; ALTER TABLE ZMESSAGE ADD COLUMN ZQUOTEDMESSAGEID BLOB;",
    )
    .unwrap();
    say(&conn, 1, 4, 31, "ZTEXT = 'In de groep', ZSENDER = 2, ZID = x'aabb'");
    say(&conn, 2, 4, 31, "ZTEXT = 'Van wie?', ZQUOTEDMESSAGEID = x'aabb'");
    say(&conn, 3, 1, 31, "ZTEXT = 'Tussen ons'");
    let threema = database(conn);
    let (kept, summary) = read_all(&reading(&threema));
    let group = &kept.conversations[3];
    assert_eq!((group.kind, group.id.0.as_str()), (ConversationKind::Group, "threema:conversation-row:4"));
    assert_eq!(group.uninterpreted["ZCONVERSATION.ZGROUPID"], "0102030405060708");
    let people: Vec<&str> = group.participants.iter().map(|p| p.id.0.as_str()).collect();
    assert_eq!(people, ["ABCD1234", "EFGH5678", HOLDER]);
    assert_eq!(kept.messages[0].1.uninterpreted["ZMESSAGE.ZID"], "aabb");
    assert_eq!(kept.messages[1].1.uninterpreted["ZMESSAGE.ZQUOTEDMESSAGEID"], "aabb");
    // A message of a group that names no sender is nobody's, not its maker's.
    assert_eq!((&kept.messages[1].1.sender, summary.oddities.unresolved_senders), (&Sender::Unknown, 1));
    assert_eq!(kept.messages[2].1.sender, person("ABCD1234"));
}

#[test]
fn files_lie_in_the_database_beside_it_or_nowhere() {
    let conn = today();
    say(&conn, 4, 1, 32, "ZIMAGE = 7, ZCAPTION = 'De kade'");
    say(&conn, 5, 1, 33, "ZFILENAME = 'Notitie.pdf', ZMIMETYPE = 'application/pdf'");
    say(&conn, 6, 1, 33, "ZMIMETYPE = 'image/jpeg'");
    say(&conn, 7, 1, 35, "ZAUDIO = 9");
    conn.execute("INSERT INTO ZIMAGEDATA VALUES (7, ?1)", [[&[2][..], UUID.as_bytes(), &[0]].concat()]).unwrap();
    conn.execute("INSERT INTO ZFILEDATA VALUES (1, 5, ?1)", [[&[1][..], &[9; 500]].concat()]).unwrap();
    conn.execute("INSERT INTO ZAUDIODATA VALUES (9, ?1)", [b"\x02../../etc\0".as_slice()]).unwrap();
    let threema = database(conn);
    let (kept, summary) = read_all(&reading(&threema));
    let message = |row: i64| &kept.messages.iter().find(|(_, m)| m.source.row == row).unwrap().1;
    let file = |row| &message(row).attachments[0];
    assert_eq!(message(4).body, Body::Image { caption: Some("De kade".into()) });
    assert_eq!(file(4).state, AttachmentState::Wanted);
    let item = wanted::media(Edition::Work, file(4).path.as_deref().unwrap()).unwrap();
    let folder = "AppDomainGroup-group.ch.threema.work/.ThreemaData_SUPPORT/";
    assert!(item.as_str().starts_with(folder) && item.as_str().ends_with(UUID));
    assert_eq!((file(5).name.as_deref(), file(5).bytes), (Some("Notitie.pdf"), Some(500)));
    assert_eq!(file(5).state, AttachmentState::NotRead { reason: "inside-the-database".into() });
    assert_eq!((&message(5).body, &message(6).body), (&Body::Document { caption: None }, &Body::Image { caption: None }));
    assert_eq!(file(6).state, AttachmentState::NotOnPhone { reason: "never-downloaded".into() });
    assert_eq!(file(7).state, AttachmentState::NotRead { reason: "attribute-not-understood".into() });
    assert_eq!((summary.attachments_wanted, summary.attachments_not_on_phone), (1, 1));
    assert_eq!(summary.attachments_not_read.values().sum::<u64>(), 2);
}

#[test]
fn what_the_app_encrypted_is_present_and_unreadable_and_never_empty() {
    let conn = today();
    conn.execute_batch(
        "UPDATE ZCONTACT SET ZFIRSTNAME = x'00ff01', ZLASTNAME = x'01', ZPUBLICNICKNAME = x'02' WHERE Z_PK = 1;
         UPDATE ZCONVERSATION SET ZGROUPNAME = x'0099' WHERE Z_PK = 2;",
    )
    .unwrap();
    say(&conn, 1, 1, 31, "ZTEXT = x'00ff0102'");
    say(&conn, 2, 2, 33, "ZFILENAME = x'aa', ZMIMETYPE = x'bb', ZCAPTION = x'cc', ZSENDER = 2");
    let threema = database(conn);
    let (kept, summary) = read_all(&reading(&threema));
    let Body::Unknown { code: 31, text: None, .. } = &kept.messages[0].1.body else { panic!("{:?}", kept.messages[0].1.body) };
    assert_eq!(kept.messages[0].1.uninterpreted["ZMESSAGE.ZTEXT"], "present and unreadable");
    assert_eq!(kept.messages[1].1.body, Body::Document { caption: None });
    assert_eq!(kept.messages[1].1.uninterpreted.len(), 3);
    assert_eq!((kept.conversations[1].kind, kept.conversations[1].title.as_deref()), (ConversationKind::Group, None));
    assert_eq!(kept.conversations[1].uninterpreted["ZCONVERSATION.ZGROUPNAME"], "present and unreadable");
    assert!(kept.conversations[0].participants[0].names.is_empty());
    assert_eq!((summary.undecoded.texts, summary.undecoded.attributes, summary.is_whole()), (2, 2, false));
}

#[test]
fn hostile_databases_come_back_and_no_statement_sorts() {
    let other = Connection::open_in_memory().unwrap();
    other.execute_batch("CREATE TABLE x(y);").unwrap();
    assert!(matches!(read(&reading(&database(other)), &mut Kept::default()), Err(ReadError::NotAMessageStore)));
    let values = ["NULL", "-9223372036854775808", "9e999", "x'02ff00'", "''", "randomblob(3000)", "1", "'x'"];
    for (n, value) in values.iter().enumerate() {
        let conn = today();
        for row in 1..=8 {
            say(&conn, row, row % 4, 30 + row, "ZTEXT = 'x', ZIMAGE = 1, ZAUDIO = 1, ZVIDEO = 1");
        }
        conn.execute_batch("INSERT INTO ZIMAGEDATA VALUES (1, x'01'); INSERT INTO ZFILEDATA VALUES (1, 3, x'0241');").unwrap();
        for table in ["ZMESSAGE", "ZCONTACT", "ZCONVERSATION", "ZIMAGEDATA", "ZFILEDATA", "Z_PRIMARYKEY"] {
            let columns: Vec<String> = {
                let all = conn.prepare(&format!("SELECT * FROM {table}")).unwrap();
                all.column_names().map(str::to_owned).collect()
            };
            for column in columns.iter().filter(|c| *c != "Z_PK") {
                let _ = conn.execute(&format!("UPDATE OR IGNORE {table} SET {column} = {value} WHERE rowid % 2 = {}", n % 2), []);
            }
        }
        let threema = database(conn);
        let (kept, _) = read_all(&reading(&threema));
        assert_eq!(kept.messages.len(), 8);
    }
    let threema = database(today());
    let schema = Schema::probe(threema.connection(), threema.most_rows()).unwrap();
    let mut all = compose::Files::prepare(&schema, &mut Summary::default()).unwrap().statements();
    all.push(row::statement(&schema).unwrap());
    assert_eq!(all.len(), 5);
    for sql in all {
        assert!(!threema.explain_uses_temp_btree(&sql).unwrap(), "{sql}");
        assert!(schema.plan(&sql).iter().all(|step| step.starts_with("SEARCH")), "{sql}");
    }
}
