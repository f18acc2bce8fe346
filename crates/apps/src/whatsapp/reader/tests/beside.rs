//! The survey on several threads tells the same as on one.

use super::{
    kinds::{INDEXES, TABLES},
    *,
};

/// 3,000 messages in 30 conversations, one of them a group with half of all; with keys that senders reuse, a placeholder, and
/// a holder who is named as a sender.
fn rows(more: &str) -> String {
    format!(
        "{TABLES}{INDEXES}
         CREATE TEMP TABLE n(i INTEGER PRIMARY KEY);
         WITH RECURSIVE c(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM c WHERE i < 3099) INSERT INTO n SELECT i FROM c;
         INSERT INTO jid(_id,user,server) SELECT i, 31600000000 + i, CASE WHEN i % 11 = 2 THEN 'g.us' ELSE 's.whatsapp.net' END FROM n WHERE i < 130;
         INSERT INTO chat(_id,jid_row_id) SELECT i - 90, i FROM n WHERE i < 130;
         INSERT INTO message(_id,chat_row_id,from_me,key_id,sender_jid_row_id,timestamp,message_type,text_data)
          SELECT i, CASE WHEN i % 2 THEN 22 ELSE 10 + i % 30 END, i % 3 = 0, CASE WHEN i % 50 = 7 THEN 'DUBBEL' || (i % 4) ELSE '3EB0' || (i * 7919) END,
           CASE WHEN i % 2 THEN 100 + i / 2 % 29 ELSE 0 END, 1700000000000 + i * 60000, 0, 'Bericht ' || i FROM n WHERE i % 50 <> 7 OR i < 700;
         {more}
         DROP TABLE n;"
    )
}

/// What readings with these numbers of helpers give, each with whether one thread made the whole pass.
fn readings(database: &Database) -> Vec<(Kept, Summary, bool)> {
    let one = |helpers| {
        runs::FORCED.set(Some(helpers));
        schema::PREPARED.with_borrow_mut(Vec::clear);
        let (kept, summary) = read_all(&reading(database, None));
        runs::FORCED.set(None);
        let alone = |sql: &String| sql.contains("key_id") && sql.ends_with(" FROM message m");
        (kept, summary, schema::PREPARED.take().iter().any(alone))
    };
    [0, 1, 3].into_iter().map(one).collect()
}

fn same(all: &[(Kept, Summary, bool)]) {
    let (first, rest) = all.split_first().unwrap();
    for (kept, summary, _) in rest {
        assert_eq!(*summary, first.1);
        assert!(kept.conversations == first.0.conversations && kept.messages == first.0.messages);
    }
}

#[test]
fn several_threads_meet_what_one_meets() {
    let all = readings(&built(&rows("")));
    same(&all);
    assert_eq!(all.iter().map(|(.., alone)| *alone).collect::<Vec<_>>(), [true, false, false], "who made the pass");
    let summary = &all[0].1;
    assert!(summary.is_whole(), "{summary:?}");
    assert_eq!(summary.oddities.dummies, 1);
    assert!(summary.oddities.duplicate_keys > 0 && summary.messages > 2_900, "{summary:?}");
}

/// A conversation that only its messages name is found in the order of the file: by one thread, from the beginning.
#[test]
fn what_is_odd_is_left_to_one_thread() {
    for odd in [
        "INSERT INTO message(_id,chat_row_id,from_me,key_id,timestamp,message_type,text_data) VALUES (9000,777,0,'X',1700000000000,0,'los'),(9001,555,0,'Y',1700000000000,0,'los');",
        "DROP INDEX message_key_index;",
        "DROP INDEX message_key_index; CREATE INDEX message_key_index ON message(from_me, chat_row_id, key_id, sender_jid_row_id);",
        "DROP INDEX message_key_index; CREATE INDEX message_key_index ON message(chat_row_id);",
    ] {
        let all = readings(&built(&rows(odd)));
        same(&all);
        assert!(all.iter().all(|(.., alone)| *alone), "{odd}");
    }
}

/// Numbers that stand there as texts and fractions lie in one stretch each, and only in one.
#[test]
fn every_row_lies_in_one_stretch() {
    let odd = "INSERT INTO chat(_id,jid_row_id) VALUES (-5,NULL),(9000000000,NULL),(0,NULL);
         INSERT INTO message(_id,chat_row_id,from_me,key_id,timestamp,message_type,text_data) VALUES (9000,'22',0,'X',1700000000000,0,'a'),
          (9001,22.5,0,'Y',1700000000000,0,'b'),(9002,-5,0,'Z',1700000000000,0,'c'),(9003,9000000000,0,'Q',1700000000000,0,'d'),(9004,0,1,'R',1700000000000,0,'e');";
    let all = readings(&built(&rows(odd)));
    same(&all);
    assert_eq!(all.iter().map(|(.., alone)| *alone).collect::<Vec<_>>(), [true, false, false], "who made the pass");
    assert!(all[0].1.is_whole(), "{:?}", all[0].1);
}

/// Has `change` done to the tables while the index over the keys is out of their sight.
fn behind_the_index(change: &str, put_back: &str) -> Database {
    built(&rows(&format!(
        "PRAGMA writable_schema=ON;
         CREATE TEMP TABLE put_by AS SELECT * FROM main.sqlite_schema WHERE name='message_key_index';
         DELETE FROM main.sqlite_schema WHERE name='message_key_index';
         PRAGMA writable_schema=RESET;
         {change}
         PRAGMA writable_schema=ON;
         UPDATE temp.put_by SET sql={put_back};
         INSERT INTO main.sqlite_schema SELECT * FROM put_by;
         DROP TABLE put_by;"
    )))
}

/// The index says that these messages stand in a conversation with an address, the table in one without: it has no number.
#[test]
fn messages_that_the_index_puts_elsewhere_are_no_silent_loss() {
    let database = behind_the_index(
        "INSERT INTO chat(_id,jid_row_id) VALUES (7777,NULL); UPDATE message SET chat_row_id=7777 WHERE _id BETWEEN 200 AND 299;",
        "sql",
    );
    for (kept, summary, _) in readings(&database) {
        let moved = kept.messages.iter().filter(|(_, message)| (200..300).contains(&message.source.row)).count();
        assert_eq!((moved, summary.oddities.dropped_messages), (0, 100));
        assert!(!summary.is_whole());
    }
}

/// To walk such a tree gives every row, to seek in it hardly any.
#[test]
fn an_index_that_is_out_of_order_is_walked_by_one_thread() {
    let index = "CREATE UNIQUE INDEX message_key_index ON message(chat_row_id DESC, from_me, key_id, sender_jid_row_id)";
    let database = built(&rows(&format!(
        "DROP INDEX message_key_index; {index}; PRAGMA writable_schema=ON;
         UPDATE main.sqlite_schema SET sql=replace(sql,' DESC','') WHERE name='message_key_index';"
    )));
    let all = readings(&database);
    same(&all);
    assert!(all.iter().all(|(.., alone)| *alone), "who made the pass");
    assert!(all[0].0.messages.len() > 2_900);
}
