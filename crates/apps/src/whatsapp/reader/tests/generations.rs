//! Every published schema: its tables are all known by name, and the databases of 2021 and 2022 are read.

use super::*;
use crate::whatsapp::reader::tables;
use std::path::Path;

/// A published schema as its statements; `None`, said aloud, when it is not here.
fn schema(name: &str) -> Option<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata/schemas").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        assert!(std::env::var_os("UITLEZEN_REQUIRE_TESTDATA").is_none(), "published schemas are required and absent: {name}");
        eprintln!("SKIPPED: a published schema is absent: {name}");
        return None;
    };
    Some(statements(&text))
}

fn statements(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in text.lines().filter(|l| !l.starts_with("--")) {
        if line.starts_with("CREATE ") {
            found.push(String::new());
        }
        if let Some(last) = found.last_mut() {
            last.push_str(line);
            last.push('\n');
        }
    }
    found
}

/// A database with the tables and indexes of a schema, and `rows`.
fn of_schema(statements: &[String], rows: &str) -> Database {
    let conn = Connection::open_in_memory().unwrap();
    for sql in statements.iter().filter(|s| s.starts_with("CREATE TABLE ")) {
        // SQLite makes its own table when the first AUTOINCREMENT comes.
        if !sql.starts_with("CREATE TABLE sqlite_") {
            conn.execute_batch(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
        }
    }
    for sql in statements.iter().filter(|s| s.starts_with("CREATE INDEX ") || s.starts_with("CREATE UNIQUE INDEX ")) {
        conn.execute_batch(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    }
    conn.execute_batch(rows).unwrap();
    database(conn)
}

fn table_names(statements: &[String]) -> impl Iterator<Item = String> {
    statements.iter().filter_map(|sql| {
        let rest = sql.strip_prefix("CREATE TABLE ")?;
        let name = rest.strip_prefix("IF NOT EXISTS ").unwrap_or(rest).split(['(', ' ', '\n']).next()?;
        Some(name.trim_matches(['\'', '"', '`']).to_owned())
    })
}

#[test]
fn every_table_of_every_published_schema_has_a_class_and_a_reason() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../twin/src/content/schema_msgstore.sql");
    let mut all: Vec<String> = table_names(&statements(&std::fs::read_to_string(own).unwrap())).collect();
    assert!(all.len() > 90, "{}", all.len());
    for name in [
        "msgstore.db-2021-06.iped.sql",
        "msgstore.db-2021-08.whatsapp-viewer.sql",
        "msgstore.db-2022.wa-crypt-tools.sql",
        "msgstore.db-2023-10-subset.frozenspider.sql",
        "msgstore.db-2026-05-subset.frozenspider.sql",
        "msgstore.db-2026-curated.sql",
    ] {
        let Some(statements) = schema(name) else { continue };
        all.extend(table_names(&statements));
    }
    all.sort();
    all.dedup();
    let unknown: Vec<&String> = all.iter().filter(|table| tables::class(table).is_none()).collect();
    assert!(unknown.is_empty(), "tables without a class: {unknown:?}");
}

/// Jan, a group with Jan and the holder (an empty address), and what the app of 2021 wrote.
const LEGACY: &str = "
    INSERT INTO jid(_id,user,server,raw_string) VALUES (1,'31611111111','s.whatsapp.net','31611111111@s.whatsapp.net'),(2,'31600000000-1500000000','g.us','31600000000-1500000000@g.us');
    INSERT INTO chat(_id,jid_row_id,subject,ephemeral_expiration) VALUES (1,1,NULL,0),(2,2,'Team Haven',604800);
    INSERT INTO group_participants(gjid,jid,admin,pending) VALUES ('31600000000-1500000000@g.us','31611111111@s.whatsapp.net',1,0),('31600000000-1500000000@g.us','',0,0);
    INSERT INTO messages(_id,key_remote_jid,key_from_me,key_id,status,timestamp,media_wa_type) VALUES (1,'-1',0,'-1',0,0,'0');
    INSERT INTO messages_quotes(_id,key_remote_jid,key_from_me,key_id,data,media_wa_type,timestamp) VALUES (1,'31611111111@s.whatsapp.net',0,'A','goedemorgen','0',1600000000000);
    INSERT INTO messages(_id,key_remote_jid,key_from_me,key_id,status,data,timestamp,media_wa_type,remote_resource,edit_version,quoted_row_id,latitude,longitude) VALUES
     (2,'31611111111@s.whatsapp.net',0,'A',0,'goedemorgen',1600000000000,'0',NULL,0,0,0.0,0.0),
     (3,'31611111111@s.whatsapp.net',1,'B',13,'ook goedemorgen',1600000060000,'0',NULL,0,1,0.0,0.0),
     (4,'31600000000-1500000000@g.us',0,'C',0,'in de groep',1600000120000,'0','31611111111@s.whatsapp.net',0,0,0.0,0.0),
     (5,'31600000000-1500000000@g.us',1,'D',6,'Team Haven',1600000180000,'0','31611111111@s.whatsapp.net',0,0,0.0,0.0),
     (6,'31611111111@s.whatsapp.net',0,'E',0,NULL,1600000240000,'0',NULL,7,0,0.0,0.0),
     (7,'31611111111@s.whatsapp.net',0,'F',0,NULL,1600000300000,'5',NULL,0,0,52.1,5.2);
    INSERT INTO messages(_id,key_remote_jid,key_from_me,key_id,status,timestamp,media_wa_type,media_name,media_mime_type,media_size,media_caption,media_hash) VALUES
     (9,'31611111111@s.whatsapp.net',0,'G',0,1600000360000,'1','foto.jpg','image/jpeg',5,'de haven','AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=');
";

#[test]
fn databases_of_2021_are_read_from_the_old_table() {
    for name in ["msgstore.db-2021-06.iped.sql", "msgstore.db-2021-08.whatsapp-viewer.sql"] {
        let Some(statements) = schema(name) else { continue };
        let database = of_schema(&statements, LEGACY);
        let (kept, summary) = read_all(&reading(&database, None));
        assert_eq!((summary.table, summary.conversations, summary.messages), (MessageTable::Legacy, 2, 7), "{name}");
        assert!(summary.stopped.is_empty() && summary.is_whole(), "{name}: {summary:?}");
        assert_eq!((summary.oddities.dummies, summary.uninterpreted_tables().count()), (1, 0), "{name}");
        let jan = person("31611111111");
        let a = kept.message("A");
        assert_eq!((&a.sender, a.sent.raw), (&jan, 1_600_000_000_000));
        let b = kept.message("me:B");
        let quote = b.quote.as_ref().unwrap();
        assert_eq!(
            (quote.text.as_deref(), quote.id.as_ref().map(|i| i.0.as_str()), &quote.sender),
            (Some("goedemorgen"), Some("A"), &jan)
        );
        assert_eq!((&b.sender, &kept.message("C").sender), (&Sender::Holder, &jan));
        assert!(matches!(kept.message("me:D").body, Body::System(_)), "type 0 with status 6 is a notice");
        assert!(matches!(kept.message("E").body, Body::Revoked(_)), "edit version 7 is a deletion");
        let Body::Place(place) = &kept.message("F").body else { panic!("{name}") };
        assert_eq!((place.latitude, place.longitude), (52.1, 5.2));
        let photo = kept.message("G");
        assert_eq!(photo.body, Body::Image { caption: Some("de haven".into()) });
        assert_eq!((photo.attachments[0].name.as_deref(), photo.attachments[0].bytes), (Some("foto.jpg"), Some(5)));
        let group = kept.conversation("whatsapp:31600000000-1500000000@g.us");
        assert_eq!((group.title.as_deref(), &group.timer.state), (Some("Team Haven"), &TimerState::On { seconds: 604_800 }));
        let members: Vec<(&str, Option<Role>)> = group.membership.iter().map(|m| (m.participant.0.as_str(), m.role)).collect();
        assert_eq!(members, [("31611111111@s.whatsapp.net", Some(Role::Admin)), (HOLDER, Some(Role::Member))]);
        assert_eq!((summary.row_gaps.gaps, summary.row_gaps.absent), (1, 1));
        assert_eq!(summary.holder, HolderKnown::No);
    }
}

#[test]
fn a_database_of_2022_has_both_tables_and_the_full_one_is_read() {
    let Some(statements) = schema("msgstore.db-2022.wa-crypt-tools.sql") else { return };
    let database = of_schema(
        &statements,
        "INSERT INTO jid(_id,user,server,raw_string) VALUES (1,'31611111111','s.whatsapp.net','31611111111@s.whatsapp.net');
         INSERT INTO chat(_id,jid_row_id,ephemeral_expiration) VALUES (1,1,NULL);
         INSERT INTO messages(_id,key_remote_jid,key_from_me,key_id,status,timestamp) VALUES (1,'-1',0,'-1',0,0);
         INSERT INTO message(_id,chat_row_id,from_me,key_id,sender_jid_row_id,status,timestamp,message_type,text_data) VALUES (1,-1,0,'-1',NULL,0,0,0,NULL),(2,1,0,'A',0,0,1640000000000,0,'hallo'),(3,1,1,'B',0,13,1640000060000,0,'dag');
         INSERT INTO message_add_on(_id,chat_row_id,from_me,key_id,sender_jid_row_id,parent_message_row_id,timestamp,message_add_on_type) VALUES (1,1,1,'r',-1,2,1640000070000,56);
         INSERT INTO message_add_on_reaction(message_add_on_row_id,reaction,sender_timestamp) VALUES (1,'x',1640000069000);",
    );
    let (kept, summary) = read_all(&reading(&database, None));
    assert_eq!((summary.table, summary.messages), (MessageTable::Modern, 2));
    assert!(summary.stopped.is_empty() && summary.is_whole(), "{summary:?}");
    assert_eq!(kept.message("A").reactions[0].by, Sender::Holder);
    assert_eq!(summary.uninterpreted_tables().count(), 0, "{:?}", summary.tables_unread);
    assert!(summary.columns_missing.contains(&"chat.chat_lock".to_owned()));
}
