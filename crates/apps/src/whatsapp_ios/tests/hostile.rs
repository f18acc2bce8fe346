//! Databases that lie, and readings of which something stays behind.

use super::*;

#[test]
fn another_file_is_told_from_an_empty_one() {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch("CREATE TABLE note(x);").unwrap();
    let other = database(conn);
    assert!(matches!(read(&reading(&other), &mut Kept::default()), Err(ReadError::NotAMessageStore)));
    let conn = today();
    conn.execute_batch("DELETE FROM ZWACHATSESSION; DELETE FROM ZWAGROUPMEMBER;").unwrap();
    let empty = database(conn);
    let (kept, summary) = read_all(&reading(&empty));
    assert_eq!((kept.conversations.len(), summary.is_whole()), (0, true));
    // A file beside it that is another one is told, and takes nothing away.
    let (_, summary) =
        read_all(&Reading { contacts: Some(evidenced(&other, 2)), lid: Some(evidenced(&other, 3)), ..reading(&empty) });
    assert_eq!(summary.contacts_read, None);
    assert!(summary.tables_missing.iter().any(|t| t == "ContactsV2.zwaaddressbookcontact"), "{:?}", summary.tables_missing);
}

#[test]
fn values_of_any_type_in_any_column_come_back() {
    let values =
        ["NULL", "-9223372036854775808", "9e999", "x'ff00ff'", "'@'", "''", "randomblob(3000)", "1", "'120363000000000001@g.us'"];
    for (n, value) in values.iter().enumerate() {
        let conn = today();
        for row in 1..=6 {
            say(
                &conn,
                row,
                1 + row % 2,
                [0, 1, 6, 28, 46, 66][usize::try_from(row - 1).unwrap()],
                Some("x"),
                "ZGROUPEVENTTYPE = 26",
            );
            media(&conn, row, "ZMEDIALOCALPATH = 'Media/x'", Some(bytes(5, b"K1")));
        }
        conn.execute_batch("INSERT INTO ZWAMESSAGEINFO VALUES (1, 1, x'3a00'), (2, 5, x'4200');").unwrap();
        for table in ["ZWAMESSAGE", "ZWACHATSESSION", "ZWAMEDIAITEM", "ZWAGROUPMEMBER", "ZWAMESSAGEINFO", "ZWAGROUPINFO"] {
            let columns: Vec<String> = {
                let all = conn.prepare(&format!("SELECT * FROM {table}")).unwrap();
                all.column_names().map(str::to_owned).collect()
            };
            for column in columns.iter().filter(|c| *c != "Z_PK") {
                let _ = conn.execute(&format!("UPDATE OR IGNORE {table} SET {column} = {value} WHERE Z_PK % 2 = {}", n % 2), []);
            }
        }
        let storage = database(conn);
        let (kept, _) = read_all(&reading(&storage));
        assert!(!serde_json::to_string(&kept.messages).unwrap().is_empty());
    }
}

#[test]
fn keys_that_occur_twice_stay_apart() {
    let conn = today();
    say(&conn, 1, 2, 0, Some("een"), "ZGROUPMEMBER = 1, ZSTANZAID = 'K'");
    say(&conn, 2, 2, 0, Some("twee"), "ZGROUPMEMBER = 2, ZSTANZAID = 'K'");
    say(&conn, 3, 1, 0, Some("drie"), "ZSTANZAID = 'K'");
    say(&conn, 4, 1, 0, Some("vier"), "ZSTANZAID = NULL");
    let storage = database(conn);
    let (kept, summary) = read_all(&reading(&storage));
    let ids: Vec<_> = kept.messages.iter().map(|(_, m)| m.id.0.as_str()).collect();
    assert_eq!(ids, ["K@31611111111@s.whatsapp.net", "K@31622222222@s.whatsapp.net", "K", "row:4"]);
    assert_eq!(summary.oddities.duplicate_keys, 1);
}

#[test]
fn no_statement_over_messages_sorts_or_walks_a_table() {
    let storage = database(today());
    let schema = Schema::probe(storage.connection(), storage.most_rows()).unwrap();
    let mut summary = Summary::default();
    let mut all = sides::Sides::prepare(&schema, &mut summary).unwrap().statements();
    assert_eq!(all.len(), 5);
    all.push(row::statement(&schema).unwrap());
    for sql in &all {
        assert!(!storage.explain_uses_temp_btree(sql).unwrap(), "{sql}");
        let plan = schema.plan(sql);
        assert!(plan.iter().all(|step| step.starts_with("SEARCH")), "{sql}: {plan:?}");
    }
    crate::reading::schema::PREPARED.with_borrow_mut(Vec::clear);
    read_all(&reading(&storage));
    let seen = crate::reading::schema::PREPARED.take();
    assert!(seen.len() >= 6, "{seen:?}");
    for sql in &seen {
        assert!(!storage.explain_uses_temp_btree(sql).unwrap(), "{sql}");
    }
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
    say(&conn, 1, 1, 0, Some("kanarie"), "");
    say(&conn, 2, 1, 1, None, "");
    media(&conn, 2, "ZMEDIALOCALPATH = 'Media/kanarie.jpg'", Some(bytes(251, b"x")));
    say(&conn, 3, 2, 0, Some("blijft"), "ZGROUPMEMBER = 2");
    media(&conn, 3, "", Some([bytes(5, b"K1"), bytes(6, b"31699999999@s.whatsapp.net")].concat()));
    let storage = database(conn);
    let leaving = Leaving::default();
    let mut kept = Kept::default();
    let summary = read(&Reading { separation: Some(&leaving), ..reading(&storage) }, &mut kept).unwrap();
    assert_eq!(*leaving.heard.lock().unwrap(), ["K1", "K2"]);
    assert_eq!(kept.messages.iter().map(|(n, m)| (n.0, m.id.0.as_str())).collect::<Vec<_>>(), [(1, "K3")]);
    assert_eq!((summary.messages, summary.conversations, summary.attachments_wanted), (1, 2, 0));
    assert!(summary.fields_not_interpreted.is_empty());
    let json = serde_json::to_string(&(&kept.conversations, &kept.messages)).unwrap();
    assert!(!json.contains("kanarie"));
    // Whoever is only quoted may be so in a repetition of what stays behind.
    assert!(kept.conversations.iter().all(|c| c.participants.iter().all(|p| !p.id.0.starts_with("31699999999"))));
}

#[test]
fn many_messages_come_out_the_same_on_any_number_of_threads() {
    use crate::reading::runs::FORCED;
    let conn = today();
    conn.execute_batch(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
         INSERT INTO ZWAMESSAGE(Z_PK, ZCHATSESSION, ZMESSAGETYPE, ZISFROMME, ZGROUPMEMBER, ZSTANZAID, ZTEXT, ZMESSAGEDATE, ZFROMJID)
           SELECT i, 1 + i % 2, i % 5 = 0, i % 3 = 0, CASE WHEN i % 2 = 1 AND i % 3 > 0 THEN 1 + i % 2 END, 'K' || i, 'tekst ' || i,
             {TEN} + i, '31611111111@s.whatsapp.net' FROM n;
         INSERT INTO ZWAMEDIAITEM(Z_PK, ZMESSAGE, ZMEDIALOCALPATH) SELECT Z_PK, Z_PK, 'Media/' || Z_PK FROM ZWAMESSAGE WHERE Z_PK % 5 = 0;"
    ))
    .unwrap();
    let storage = database(conn);
    let mut answers = Vec::new();
    for helpers in [0, 1, 3] {
        FORCED.set(Some(helpers));
        let (kept, summary) = read_all(&reading(&storage));
        FORCED.set(None);
        assert_eq!((kept.messages.len(), summary.by_kind["text"], summary.attachments_wanted), (20_000, 16_000, 4_000));
        answers.push((kept.messages, summary));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
    assert_eq!(storage.temp_opens_refused(), 0, "a statement wanted a file");
}

#[test]
fn tables_without_keys_are_read_row_by_row_all_the_same() {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(
        "CREATE TABLE ZWACHATSESSION(Z_PK, ZCONTACTJID, ZSESSIONTYPE, ZGROUPINFO); CREATE TABLE ZWAGROUPINFO(Z_PK);
         CREATE TABLE ZWAMESSAGE(Z_PK, ZCHATSESSION, ZTEXT, ZMESSAGEDATE, ZMESSAGETYPE, ZMEDIAITEM, ZSTANZAID);
         CREATE TABLE ZWAMEDIAITEM(Z_PK, ZMETADATA);
         INSERT INTO ZWACHATSESSION VALUES (x'ff', x'ff40', 'x', 1e300), (NULL, NULL, NULL, NULL);
         INSERT INTO ZWAMESSAGE VALUES ('x', x'00', x'ff41', 1e300, 'y', 'z', x'ff'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL),
           (3, 9e18, 17, -1, 5, 1, ''), (4, 1, 'x', 'x', 9223372036854775807, 1, 7);",
    )
    .unwrap();
    let hostile = database(conn);
    let (_, summary) = read_all(&reading(&hostile));
    assert_eq!((summary.messages, summary.oddities.bad_times), (4, 4));
    assert!(summary.oddities.invalid_utf8_texts > 0);
}

#[test]
fn a_damaged_file_gives_what_lies_before_the_damage() {
    let mut conn = today();
    let transaction = conn.transaction().unwrap();
    for row in 1..=3_000 {
        say(&transaction, row, 1, 0, Some(&"tekst ".repeat(20)), "");
    }
    transaction.commit().unwrap();
    let whole = conn.serialize("main").unwrap().to_vec();
    let mut told = 0;
    for part in [3, 5, 8] {
        let mut image = whole.clone();
        let from = image.len() / 10 * part;
        image[from..from + 20_000].fill(0xa5);
        let Ok(damaged) = Database::open(Arc::new(image), None, None) else { continue };
        let mut kept = Kept::default();
        if let Ok(summary) = read(&reading(&damaged), &mut kept) {
            assert_eq!(summary.messages, kept.messages.len() as u64);
            assert!(summary.messages == 3_000 || !summary.stopped.is_empty(), "lost messages are not told");
            told += u64::from(!summary.stopped.is_empty());
        }
    }
    assert!(told > 0);
}
