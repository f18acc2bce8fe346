//! Databases that lie: wrong types, links that lead nowhere or in circles, texts beyond measure, damaged pages.

use super::{
    kinds::{INDEXES, TABLES},
    *,
};

const JAN: &str =
    "INSERT INTO jid VALUES (1,'31611111111','s.whatsapp.net',0,0,0,NULL); INSERT INTO chat(_id,jid_row_id) VALUES (10,1);";

fn hostile(rows: &str) -> (Kept, Summary) {
    let database = built(&format!("{TABLES}{INDEXES}{JAN}{rows}"));
    read_all(&reading(&database, None))
}

#[test]
fn columns_of_the_wrong_type_give_records_and_no_panic() {
    let (kept, summary) = hostile(
        "INSERT INTO chat(_id,jid_row_id,subject,ephemeral_expiration) VALUES (11,'x',x'ff00','soon'),(12,NULL,9,-5);
         INSERT INTO message VALUES (100,10,'ja',x'c328','x','y','z','morgen',-1,'0',x'80',NULL),(101,10,0,'',1e300,NULL,NULL,-9223372036854775808,9223372036854775807,NULL,NULL,NULL),
          (102,10,0,'K',0,0,0,9223372036854775807,0,1,NULL,0);
         INSERT INTO message_media VALUES (102,x'ff',7,NULL,-1,'groot',x'00','eeuwig',99999999999,-3,NULL,NULL);
         INSERT INTO message_location VALUES (102,'noord',9e999,NULL,NULL,NULL,NULL);
         INSERT INTO message_quoted VALUES (102,999,999,7,-1,'',-1,-1,NULL);
         INSERT INTO message_add_on VALUES (1,10,0,'a','wie',102,'nu',0,'x');",
    );
    assert_eq!((kept.messages.len(), summary.messages), (3, 3));
    assert_eq!(summary.oddities.bad_times, 3);
    assert!(summary.oddities.invalid_utf8_texts >= 3, "{summary:?}");
    assert_eq!(kept.messages[1].1.id.0, "row:101");
    assert_eq!(summary.unknown_types.get(&-1), Some(&1));
    let a = &kept.messages[2].1.attachments[0];
    assert_eq!((a.bytes, a.width, a.height, a.duration_seconds), (None, None, None, None));
}

#[test]
fn a_timer_that_is_not_understood_is_never_off() {
    let (kept, _) = hostile(
        "INSERT INTO jid(_id,user,server) VALUES (2,'31622222222','s.whatsapp.net'),(3,'31633333333','s.whatsapp.net'),(4,'31644444444','s.whatsapp.net');
         INSERT INTO chat(_id,jid_row_id,ephemeral_expiration,ephemeral_after_read_duration) VALUES (11,2,'soon',NULL),(12,3,-1,NULL),(13,4,0,86400);",
    );
    let states: Vec<bool> =
        kept.conversations.iter().map(|c| matches!(c.timer.state, TimerState::NotDeterminable { .. })).collect();
    assert_eq!(states, [false, true, true, true]);
    let old = built(
        "CREATE TABLE jid(_id INTEGER PRIMARY KEY, user TEXT, server TEXT); CREATE TABLE chat(_id INTEGER PRIMARY KEY, jid_row_id INTEGER);
         CREATE TABLE message(_id INTEGER PRIMARY KEY, chat_row_id INTEGER, from_me INTEGER, key_id TEXT);
         INSERT INTO jid VALUES (1,'31611111111','s.whatsapp.net'); INSERT INTO chat VALUES (1,1); INSERT INTO message VALUES (5,1,0,'K');",
    );
    let (kept, summary) = read_all(&reading(&old, None));
    assert_eq!(kept.conversations[0].timer.state, TimerState::NotDeterminable { reason: "column-missing".into() });
    assert!(summary.columns_missing.contains(&"message.text_data".to_owned()), "{:?}", summary.columns_missing);
    assert!(summary.tables_missing.contains(&"message_media".to_owned()));
    assert_eq!(kept.messages.len(), 1);
}

#[test]
fn rows_that_point_nowhere_are_placed_or_counted() {
    let (kept, summary) = hostile(
        "INSERT INTO message(_id,chat_row_id,from_me,key_id,sender_jid_row_id,timestamp,message_type,text_data) VALUES (100,77,0,'A',99,1700000000000,0,'verweesd'),(101,-1,0,'B',0,1700000000000,0,'ook'),(102,10,0,'C',12345,1700000000000,0,'afzender weg');
         INSERT INTO message_system_chat_participant VALUES (9999,1),(102,9999); INSERT INTO message_add_on(chat_row_id,key_id,parent_message_row_id) VALUES (55,'x',9999);
         INSERT INTO message_ephemeral_setting VALUES (9999,1,2,3); INSERT INTO group_participant_user(group_jid_row_id,user_jid_row_id) VALUES (1234,1);
         INSERT INTO message_parent_association VALUES (100,100,1),(101,102,1),(102,101,1);",
    );
    assert_eq!((kept.messages.len(), summary.oddities.without_conversation), (3, 2));
    let ids: Vec<&str> = kept.conversations.iter().map(|c| c.id.0.as_str()).collect();
    assert_eq!(ids, ["whatsapp:31611111111@s.whatsapp.net", "whatsapp:chat-row--1", "whatsapp:chat-row-77"]);
    assert_eq!(kept.message("C").sender, person("31611111111"), "in a conversation between two the other one sent it");
    assert_eq!(kept.message("A").sender, Sender::Unknown);
    assert_eq!(summary.oddities.unresolved_senders, 2);
}

#[test]
fn a_reaction_that_names_another_conversation_stands_with_its_message() {
    let (kept, summary) = hostile(
        "INSERT INTO jid(_id,user,server) VALUES (2,'31622222222','s.whatsapp.net'),(3,'9','g.us'); INSERT INTO chat(_id,jid_row_id) VALUES (11,3);
         INSERT INTO message(_id,chat_row_id,from_me,key_id,timestamp,message_type) VALUES (100,11,1,'K',1,0);
         INSERT INTO message_add_on(_id,chat_row_id,from_me,key_id,sender_jid_row_id,parent_message_row_id,message_add_on_type) VALUES (1,10,0,'R',2,100,56);
         INSERT INTO message_add_on_reaction VALUES (1,'x',1);",
    );
    assert_eq!((kept.message("me:K").reactions.len(), summary.messages), (1, 1));
}

#[test]
fn a_conversation_under_an_address_of_no_known_kind_has_its_sender_among_its_people() {
    let (kept, _) = hostile(
        "INSERT INTO jid(_id,user,server) VALUES (2,'x','y'); INSERT INTO chat(_id,jid_row_id) VALUES (11,2);
         INSERT INTO message(_id,chat_row_id,from_me,key_id,sender_jid_row_id,timestamp,message_type) VALUES (100,11,0,'K',2,1,0);",
    );
    assert_eq!(kept.message("K").sender, Sender::Participant(ParticipantId("x@y".into())));
}

#[test]
fn a_key_used_by_two_senders_gives_two_ids() {
    let (kept, summary) = hostile(
        "INSERT INTO jid(_id,user,server) VALUES (2,'31622222222','s.whatsapp.net'),(3,'9','g.us'); INSERT INTO chat(_id,jid_row_id) VALUES (11,3);
         INSERT INTO message(_id,chat_row_id,from_me,key_id,sender_jid_row_id,timestamp,message_type) VALUES (100,11,0,'K',1,1,0),(101,11,0,'K',2,1,0),(102,11,1,'K',0,1,0);",
    );
    let ids: Vec<&str> = kept.messages.iter().map(|(_, m)| m.id.0.as_str()).collect();
    assert_eq!(ids, ["K@31611111111@s.whatsapp.net", "K@31622222222@s.whatsapp.net", "me:K"]);
    assert_eq!(summary.oddities.duplicate_keys, 1);
}

#[test]
fn more_additions_than_a_message_can_have_are_bounded_and_counted() {
    let (kept, summary) = hostile(
        "INSERT INTO message(_id,chat_row_id,from_me,key_id,timestamp,message_type) VALUES (100,10,0,'K',1,0);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) INSERT INTO message_add_on(chat_row_id,from_me,key_id,parent_message_row_id,message_add_on_type) SELECT 10,0,i,100,56 FROM n;",
    );
    assert_eq!(kept.messages.len(), 1);
    assert!(summary.oddities.dropped_side_rows > 0 && !summary.is_whole());
}

#[test]
fn giant_texts_shorten_the_run_and_are_cut() {
    let (kept, summary) = hostile(
        "WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 119) INSERT INTO message(_id,chat_row_id,from_me,key_id,timestamp,message_type,text_data) SELECT i,10,0,i,1700000000000,0,hex(zeroblob(1000000)) FROM n;",
    );
    assert_eq!((kept.messages.len(), summary.oddities.cut_texts), (20, 20));
    assert!(!summary.is_whole());
}

#[test]
fn a_damaged_page_ends_the_pass_and_what_was_read_stays() {
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(&format!(
        "{TABLES}{JAN} WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 40000) INSERT INTO message(_id,chat_row_id,from_me,key_id,timestamp,message_type,text_data) SELECT i,10,0,i,1700000000000,0,'een tekst van enige lengte zodat er bladzijden vol raken' FROM n;"
    ))
    .unwrap();
    let mut image = conn.serialize("main").unwrap().to_vec();
    // Somewhere past the middle lie leaves of the message table: spoil one's header.
    let page = image.len() / 4096 * 3 / 4;
    image[page * 4096..page * 4096 + 8].fill(0x3c);
    let database = Database::open(Arc::new(image), None, None).unwrap();
    let mut kept = Kept::default();
    let summary = read(&reading(&database, None), &mut kept).unwrap();
    assert!(kept.messages.len() > 1000 && kept.messages.len() < 39_901, "{}", kept.messages.len());
    assert_eq!(summary.stopped.first().map(|s| (s.table.as_str(), s.code & 0xff)), Some(("message", 11)));
    assert!(!summary.is_whole());
}

#[test]
fn what_is_no_message_store_is_said_to_be_none() {
    let other = built("CREATE TABLE chats(_id INTEGER PRIMARY KEY);");
    assert!(matches!(read(&reading(&other, None), &mut Kept::default()), Err(ReadError::NotAMessageStore)));
    let view = built("CREATE TABLE jid(_id INTEGER PRIMARY KEY); CREATE VIEW message AS SELECT * FROM jid;");
    assert!(matches!(read(&reading(&view, None), &mut Kept::default()), Err(ReadError::NotAMessageStore)));
    let odd = built("CREATE TABLE message(\"a\"\"b\" TEXT); CREATE TABLE \"jid\"(x); INSERT INTO message VALUES ('x');");
    let summary = read(&reading(&odd, None), &mut Kept::default()).unwrap();
    assert!(!summary.is_whole(), "{summary:?}");
}

#[test]
fn the_old_table_of_messages_is_read_with_its_quotes_and_deletions() {
    let old = built(
        "CREATE TABLE jid(_id INTEGER PRIMARY KEY, user TEXT, server TEXT, raw_string TEXT);
         CREATE TABLE chat_list(_id INTEGER PRIMARY KEY, key_remote_jid TEXT, subject TEXT, creation INTEGER, archived INTEGER, ephemeral_expiration INTEGER, ephemeral_setting_timestamp INTEGER);
         CREATE TABLE messages(_id INTEGER PRIMARY KEY, key_remote_jid TEXT, key_from_me INTEGER, key_id TEXT, status INTEGER, data TEXT, timestamp INTEGER, media_mime_type TEXT, media_wa_type TEXT, media_size INTEGER, media_name TEXT, media_caption TEXT, media_hash TEXT, media_duration INTEGER, latitude REAL, longitude REAL, remote_resource TEXT, received_timestamp INTEGER, starred INTEGER, quoted_row_id INTEGER, mentioned_jids TEXT, edit_version INTEGER, forwarded INTEGER);
         CREATE TABLE messages_quotes(_id INTEGER PRIMARY KEY, key_remote_jid TEXT, key_from_me INTEGER, key_id TEXT, data TEXT, timestamp INTEGER, media_wa_type TEXT, media_caption TEXT, remote_resource TEXT);
         CREATE TABLE group_participants(_id INTEGER PRIMARY KEY, gjid TEXT, jid TEXT, admin INTEGER, pending INTEGER);
         CREATE TABLE message_system(message_row_id INTEGER PRIMARY KEY, action_type INTEGER);
         INSERT INTO chat_list VALUES (1,'1-2@g.us','Oude groep',1500000000000,0,0,NULL),(2,'31611111111@s.whatsapp.net',NULL,NULL,1,86400,1500000000001);
         INSERT INTO group_participants VALUES (1,'1-2@g.us','31611111111@s.whatsapp.net',2,0),(2,'1-2@g.us','',0,0);
         INSERT INTO messages(_id,key_remote_jid,key_from_me,key_id,status,media_wa_type) VALUES (1,'-1',0,'-1',-1,'-1');
         INSERT INTO messages(_id,key_remote_jid,key_from_me,key_id,status,data,timestamp,media_wa_type,remote_resource,quoted_row_id,mentioned_jids,edit_version,forwarded,latitude,longitude,media_caption,media_size) VALUES
          (2,'1-2@g.us',0,'A',0,'hallo @31622222222',1500000001000,'0','31611111111@s.whatsapp.net',3,'31622222222@s.whatsapp.net',0,1,0,0,NULL,0),
          (3,'1-2@g.us',1,'B',5,NULL,1500000002000,'0',NULL,NULL,NULL,7,0,0,0,NULL,0),
          (4,'31611111111@s.whatsapp.net',0,'C',0,NULL,1500000003000,'1',NULL,NULL,NULL,0,0,0,0,'een foto',99),
          (5,'31611111111@s.whatsapp.net',0,'D',0,NULL,1500000004000,'5',NULL,NULL,NULL,0,0,52.5,5.5,NULL,0),
          (6,'1-2@g.us',1,'E',6,'Oude groep',1500000005000,'0','31611111111@s.whatsapp.net',NULL,NULL,0,0,0,0,NULL,1),
          (7,'31699999999@s.whatsapp.net',0,'F',0,'zonder gesprek',1500000006000,'0',NULL,NULL,NULL,0,0,0,0,NULL,0);
         INSERT INTO messages_quotes VALUES (3,'1-2@g.us',0,'Q','eerder',1400000000000,'0',NULL,'31611111111@s.whatsapp.net');
         INSERT INTO message_system VALUES (6,1);",
    );
    let (kept, summary) = read_all(&reading(&old, None));
    assert_eq!(
        (summary.table, summary.messages, summary.conversations, summary.oddities.dummies),
        (MessageTable::Legacy, 6, 3, 1)
    );
    let group = kept.conversation("whatsapp:1-2@g.us");
    assert_eq!((group.title.as_deref(), group.membership.len(), &group.timer.state), (Some("Oude groep"), 2, &TimerState::Off));
    assert_eq!((group.membership[1].participant.0.as_str(), group.membership[0].role), ("holder", Some(Role::Owner)));
    assert_eq!(kept.conversation("whatsapp:31611111111@s.whatsapp.net").timer.state, TimerState::On { seconds: 86_400 });
    let a = kept.message("A");
    assert_eq!((&a.sender, a.forwarded.is_some(), a.mentions.len()), (&person("31611111111"), true, 1));
    let quote = a.quote.as_ref().unwrap();
    assert_eq!(
        (quote.text.as_deref(), &quote.sender, quote.source.table.as_ref()),
        (Some("eerder"), &person("31611111111"), "messages_quotes")
    );
    assert!(matches!(kept.message("me:B").body, Body::Revoked(_)));
    let c = kept.message("C");
    assert_eq!((&c.body, c.attachments[0].bytes), (&Body::Image { caption: Some("een foto".into()) }, Some(99)));
    assert!(matches!(&kept.message("D").body, Body::Place(p) if p.latitude == 52.5));
    assert!(matches!(&kept.message("me:E").body, Body::System(e) if e.event == SystemEventKind::SubjectChanged));
    assert_eq!(summary.oddities.without_conversation, 1);
}

/// The survey may walk the index over the keys. A row that only the table holds is read all the same, and said not to be whole.
#[test]
fn an_index_that_lacks_rows_of_its_table_is_no_silent_loss() {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(&format!(
        "{TABLES}{INDEXES}{JAN}
         INSERT INTO message(_id,chat_row_id,from_me,key_id,timestamp,message_type,text_data) VALUES (100,10,0,'A',1700000000000,0,'een');
         PRAGMA writable_schema=ON;
         CREATE TEMP TABLE put_by AS SELECT * FROM main.sqlite_schema WHERE name='message_key_index';
         DELETE FROM main.sqlite_schema WHERE name='message_key_index';
         PRAGMA writable_schema=RESET;
         INSERT INTO message(_id,chat_row_id,from_me,key_id,timestamp,message_type,text_data) VALUES (101,10,0,'B',1700000001000,0,'twee');
         PRAGMA writable_schema=ON;
         INSERT INTO main.sqlite_schema SELECT * FROM put_by;
         DROP TABLE put_by;"
    ))
    .unwrap();
    let (kept, summary) = read_all(&reading(&database(conn), None));
    assert_eq!(kept.messages.len(), 2);
    assert!(!summary.is_whole());
    assert_eq!(summary.stopped, [Stopped { table: "message".into(), code: 11 }]);
}
