//! Databases with the schemas of iOS 6 to today, as they were published.

use super::*;

/// The statements of a published schema that a plain SQLite can run: no triggers (they call Apple's functions), nothing of
/// SQLite's own.
fn with_schema(sql: &str) -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    let mut statement = String::new();
    let mut trigger = false;
    for line in sql.lines().filter(|line| !line.trim_start().starts_with("--")) {
        let upper = line.trim_start().to_uppercase();
        if statement.is_empty() {
            trigger = upper.starts_with("CREATE TRIGGER");
        }
        statement.push_str(line);
        statement.push('\n');
        let ends = if trigger { line.trim_end().to_uppercase().ends_with("END;") } else { line.trim_end().ends_with(';') };
        if ends {
            let name = statement.to_lowercase();
            if !trigger && name.trim_start().starts_with("create") && !name.contains("sqlite_s") {
                conn.execute_batch(&statement).unwrap_or_else(|error| panic!("{error}: {statement}"));
            }
            statement.clear();
        }
    }
    conn
}

#[test]
fn every_published_schema_gives_the_same_two_messages() {
    for (name, nanoseconds) in [
        ("sms.db-iOS6.1.6.iphonebackuptools.sql", false),
        ("sms.db-iOS9.2.1.iphonebackuptools.sql", false),
        ("sms.db-iOS10.2.iphonebackuptools.sql", false),
        ("sms.db-iOS11.2.iphonebackuptools.sql", true),
        ("sms.db-ios14-subset.mvt.sql", true),
        ("chat.db-2015.plaso.sql", false),
        ("chat.db-recent.imessage-database-4.0.0.sql", true),
    ] {
        let Some(path) = published(&format!("schemas/{name}")) else { return };
        let conn = with_schema(&std::fs::read_to_string(path).unwrap());
        let unit = if nanoseconds { 1_000_000_000 } else { 1 };
        conn.execute_batch(&format!(
            "INSERT INTO handle(ROWID, id, service) VALUES (1, '+31611111111', 'SMS');
             INSERT INTO message(ROWID, guid, text, handle_id, date, is_from_me, service) VALUES
               (1, 'A', 'Hoi', 1, 785494800 * {unit}, 0, 'SMS'), (3, 'B', 'Dag', 1, 785494801 * {unit}, 1, 'iMessage');"
        ))
        .unwrap();
        let chats = conn.prepare("SELECT 1 FROM chat").is_ok();
        if chats {
            conn.execute_batch(
                "INSERT INTO chat(ROWID, guid, style, chat_identifier, service_name) VALUES (1, 'SMS;-;+31611111111', 45,
                   '+31611111111', 'SMS');
                 INSERT INTO chat_handle_join(chat_id, handle_id) VALUES (1, 1);
                 INSERT INTO chat_message_join(chat_id, message_id) VALUES (1, 1), (1, 3);",
            )
            .unwrap();
        }
        let sms = database(conn);
        let (kept, summary) = read_all(&reading(&sms, None));
        let said: Vec<_> =
            kept.messages.iter().map(|(_, m)| (text(&m.body), m.sent.local.as_deref().unwrap().get(..19))).collect();
        assert_eq!(said, [("Hoi", Some("2025-11-22T10:00:00")), ("Dag", Some("2025-11-22T10:00:01"))], "{name}");
        assert_eq!(kept.message("B").sender, Sender::Holder);
        assert_eq!(kept.message("A").sender, person("+31611111111"));
        assert_eq!(kept.conversations[0].kind, if chats { ConversationKind::Direct } else { ConversationKind::Other }, "{name}");
        assert_eq!((summary.row_gaps.gaps, summary.row_gaps.absent), (1, 1));
        assert!(summary.is_whole() && summary.uninterpreted_tables().next().is_none(), "{name}: {summary:?}");
    }
}

#[test]
fn the_published_database_gives_its_messages_and_their_texts() {
    let Some(path) = published("imessage/ReagentX+imessage-exporter/crate-imessage-database-4.0.0/test_data/db/test.db") else {
        return;
    };
    let sms = Database::open(Arc::new(std::fs::read(path).unwrap()), None, None).unwrap();
    let (kept, summary) = read_all(&reading(&sms, None));
    assert_eq!((kept.messages.len(), summary.undecoded.texts), (3, 0));
    assert!(!text(&kept.message("0355C6E1-D0C8-4212-AA87-DD8AE4FD1203").body).is_empty());
}
