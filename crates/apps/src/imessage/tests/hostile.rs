//! Databases that lie.

use super::*;

#[test]
fn another_file_is_told_from_an_empty_one() {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch("CREATE TABLE note(x);").unwrap();
    let other = database(conn);
    assert!(matches!(read(&reading(&other, None), &mut Kept::default()), Err(ReadError::NotAMessageStore)));
    let conn = today();
    conn.execute_batch("DELETE FROM chat; DELETE FROM handle; DELETE FROM chat_handle_join;").unwrap();
    let empty = database(conn);
    let (kept, summary) = read_all(&reading(&empty, None));
    assert_eq!((kept.messages.len(), summary.is_whole()), (0, true));
}

#[test]
fn a_text_that_cannot_be_decoded_is_never_an_empty_text() {
    let conn = today();
    say(&conn, 1, 1, "A", 1, None, "attributedBody = x'040b73747265616d747970656481e80384014084'");
    say(&conn, 1, 2, "B", 1, Some("leesbaar"), "attributedBody = x'00'");
    say(&conn, 1, 3, "C", 1, None, "");
    say(&conn, 1, 4, "D", 1, None, "balloon_bundle_id = 'com.apple.x', payload_data = x'00112233'");
    let sms = database(conn);
    let (kept, summary) = read_all(&reading(&sms, None));
    let Body::Unknown { code: 0, text: None, raw } = &kept.message("A").body else { panic!("not decoded") };
    assert_eq!(raw["message.attributedBody (base64)"], "BAtzdHJlYW10eXBlZIHoA4QBQIQ=");
    assert_eq!(text(&kept.message("B").body), "leesbaar");
    assert!(matches!(&kept.message("C").body, Body::Unknown { code: 0, text: None, .. }));
    let Body::Unknown { raw, .. } = &kept.message("D").body else { panic!("an app's own") };
    assert_eq!((raw["balloon_bundle_id"].as_str(), raw["payload_data"].as_str()), ("com.apple.x", "blob of 4 bytes"));
    assert_eq!(summary.undecoded, crate::Undecoded { texts: 1, attributes: 1, histories: 0 });
    assert_eq!(summary.unknown_types, [(0, 3)].into());
    assert!(!summary.is_whole());
}

#[test]
fn values_of_any_type_in_any_column_come_back() {
    let values = ["NULL", "-9223372036854775808", "9e999", "x'ff00ff'", "'p:0/'", "''", "'\u{fffc}'", "randomblob(3000)", "1"];
    for (n, value) in values.iter().enumerate() {
        let conn = today();
        for row in 1..=6 {
            say(&conn, 1 + row % 3, row, &format!("M{row}"), row % 4, Some("x"), "");
        }
        conn.execute_batch(
            "INSERT INTO attachment(ROWID, guid) VALUES (1, 'F'); INSERT INTO message_attachment_join VALUES (2, 1);",
        )
        .unwrap();
        for (table, keep) in
            [("message", "guid"), ("chat", "guid"), ("attachment", "guid"), ("chat_handle_join", ""), ("chat_message_join", "")]
        {
            let columns: Vec<String> = {
                let all = conn.prepare(&format!("SELECT * FROM {table}")).unwrap();
                all.column_names().map(str::to_owned).collect()
            };
            for column in columns.iter().filter(|c| *c != keep && *c != "ROWID") {
                let _ = conn.execute(&format!("UPDATE OR IGNORE {table} SET {column} = {value} WHERE rowid % 2 = {}", n % 2), []);
            }
        }
        let sms = database(conn);
        let (kept, _) = read_all(&reading(&sms, None));
        let json = serde_json::to_string(&kept.messages).unwrap();
        assert!(!json.is_empty());
    }
}

#[test]
fn equal_guids_stay_apart_where_nothing_forbids_them() {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(
        "CREATE TABLE handle(id, service); CREATE TABLE message(guid, text, handle_id, date);
         INSERT INTO message VALUES ('A', 'een', 0, 1), ('A', 'twee', 0, 2);",
    )
    .unwrap();
    let sms = database(conn);
    let (kept, _) = read_all(&reading(&sms, None));
    let ids: Vec<_> = kept.messages.iter().map(|(_, m)| m.id.0.as_str()).collect();
    assert_eq!(ids, ["A@row:1", "A@row:2"]);
}

#[test]
fn no_statement_over_messages_wants_a_b_tree_of_its_own() {
    let sms = database(today());
    let schema = Schema::probe(sms.connection(), sms.most_rows()).unwrap();
    let (run, one) = row::statements(&schema).unwrap();
    let mut all = sides::Sides::prepare(&schema).unwrap().statements();
    assert_eq!(all.len(), 2);
    all.extend([run, one]);
    all.extend([
        "SELECT m.rowid, m.handle_id FROM message m".to_owned(),
        "SELECT m.rowid FROM message m WHERE m.item_type IN (1, 3)".to_owned(),
        "SELECT m.rowid FROM message m WHERE m.associated_message_guid > ''".to_owned(),
    ]);
    for sql in all {
        assert!(!sms.explain_uses_temp_btree(&sql).unwrap(), "{sql}");
    }
    let plan = schema.plan("SELECT m.rowid FROM message m WHERE m.associated_message_guid > ''");
    assert!(plan.iter().all(|step| step.contains("message_idx_associated_message")), "{plan:?}");
}

/// Leaves conversation 1 behind.
#[derive(Debug, Default)]
struct Leaving {
    heard: std::sync::Mutex<Vec<String>>,
}

impl Separation for Leaving {
    fn judge(&self, conversation: &Conversation) -> crate::Goes {
        if conversation.number.0 == 1 { crate::Goes::Not } else { crate::Goes::Whole }
    }

    fn hear(&self, number: ConversationNumber, message: &Message) {
        assert_eq!(number.0, 1);
        self.heard.lock().unwrap().push(message.id.0.clone());
    }

    fn heard(&self) {}

    fn conversation(&self, conversation: Conversation) -> Conversation {
        conversation
    }

    fn message(&self, _: ConversationNumber, message: Box<Message>) -> Option<Box<Message>> {
        Some(message)
    }
}

#[test]
fn what_stays_behind_is_heard_once_and_is_in_no_record_and_no_count() {
    let conn = today();
    say(&conn, 1, 1, "KANARIE", 1, Some("kanarie"), "");
    say(&conn, 3, 2, "B", 3, Some("blijft"), "");
    say(&conn, 1, 3, "R", 0, Some("kanarie leuk"), "associated_message_type = 2001, associated_message_guid = 'p:0/KANARIE'");
    say(&conn, 1, 4, "R2", 0, Some("kanarie leuk"), "associated_message_type = 2001, associated_message_guid = 'p:0/NIETS'");
    conn.execute_batch(
        "INSERT INTO attachment(ROWID, guid, filename) VALUES (1, 'F', '~/Library/SMS/Attachments/k/kanarie.jpg');
         INSERT INTO message_attachment_join VALUES (1, 1);",
    )
    .unwrap();
    let sms = database(conn);
    let leaving = Leaving::default();
    let (kept, summary) = read_all(&Reading { separation: Some(&leaving), ..reading(&sms, None) });
    assert_eq!(*leaving.heard.lock().unwrap(), ["KANARIE", "R2"]);
    assert_eq!(kept.messages.iter().map(|(n, m)| (n.0, m.id.0.as_str())).collect::<Vec<_>>(), [(2, "B")]);
    assert_eq!((summary.messages, summary.conversations, summary.attachments_wanted), (1, 2, 0));
    assert!(!serde_json::to_string(&(&kept.conversations, &kept.messages)).unwrap().contains("kanarie"));
}

#[test]
fn many_messages_come_out_the_same_on_any_number_of_threads() {
    use crate::reading::runs::FORCED;
    let conn = today();
    conn.execute_batch(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
         INSERT INTO message(ROWID, guid, text, handle_id, date, is_from_me) SELECT i, 'M' || i, 'tekst ' || i, 1 + i % 3,
           {} + i * 1000000000, 0 FROM n;
         INSERT INTO chat_message_join(chat_id, message_id) SELECT 1 + ROWID % 3, ROWID FROM message;
         UPDATE message SET associated_message_guid = 'p:0/M' || (ROWID - 3), associated_message_type = 2001 WHERE ROWID % 10 = 0;",
        at(0)
    ))
    .unwrap();
    let sms = database(conn);
    let mut answers = Vec::new();
    for helpers in [0, 1, 3] {
        FORCED.set(Some(helpers));
        let (kept, summary) = read_all(&reading(&sms, None));
        FORCED.set(None);
        assert_eq!((kept.messages.len(), summary.by_kind["text"]), (18_000, 18_000));
        answers.push((kept.messages, summary));
    }
    assert_eq!(answers[0].0, answers[1].0);
    assert_eq!(answers[0], answers[2]);
    let reacted = answers[0].0.iter().filter(|(_, m)| !m.reactions.is_empty()).count();
    assert_eq!(reacted, 2_000);
}
