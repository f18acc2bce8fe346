//! Size: flat windows, and statements that never sort.

use super::{
    kinds::{INDEXES, TABLES},
    *,
};
use crate::whatsapp::reader::{row, scan::RUN, sides::Sides};

/// `messages` messages over 40 conversations, every tenth with media, every fifth with a reaction, every twentieth quoted.
pub(super) fn big(messages: u32, indexes: bool) -> Database {
    let indexes = if indexes { INDEXES } else { "" };
    built(&format!(
        "{TABLES}{indexes}
         CREATE TEMP TABLE n(i INTEGER PRIMARY KEY);
         WITH RECURSIVE c(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM c WHERE i < {messages} + 99) INSERT INTO n SELECT i FROM c;
         INSERT INTO jid(_id,user,server) SELECT i, 31600000000 + i, 's.whatsapp.net' FROM n WHERE i < 140;
         INSERT INTO chat(_id,jid_row_id) SELECT i - 99, i FROM n WHERE i < 140;
         INSERT INTO message(_id,chat_row_id,from_me,key_id,sender_jid_row_id,status,origination_flags,timestamp,received_timestamp,message_type,text_data)
          SELECT i, 1 + i % 40, i % 3 = 0, '3EB0' || (i * 7919), 0, 13, 0, 1700000000000 + i * 60000, 1700000000500 + i * 60000, i % 10 = 0, 'Bericht over de haven nummer ' || i FROM n;
         INSERT INTO message_media(message_row_id,file_path,mime_type,file_size) SELECT i, 'Media/WhatsApp Images/IMG-' || i || '.jpg', 'image/jpeg', i FROM n WHERE i % 10 = 0;
         INSERT INTO message_add_on(_id,chat_row_id,from_me,key_id,sender_jid_row_id,parent_message_row_id,timestamp,message_add_on_type) SELECT i, 1 + i % 40, 1, i, NULL, i, 1700000000000, 56 FROM n WHERE i % 5 = 0;
         INSERT INTO message_add_on_reaction SELECT i, '👍', 1700000000000 FROM n WHERE i % 5 = 0;
         INSERT INTO message_quoted SELECT i, 1 + i % 40, 1 + i % 40, 1, NULL, '3EB0' || ((i - 3) * 7919), 1700000000000, 0, 'eerder' FROM n WHERE i % 20 = 0;
         DROP TABLE n;"
    ))
}

/// Counts and forgets.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub messages: u64,
    last: i64,
    pub in_order: bool,
    pub reactions: u64,
    pub attachments: u64,
}

impl RecordSink for Tally {
    type Run = Vec<(ConversationNumber, Message)>;

    fn conversation(&mut self, _: &Conversation) -> io::Result<()> {
        self.in_order = true;
        Ok(())
    }

    fn hand_over(&mut self, run: &mut Self::Run) -> io::Result<()> {
        for (_, message) in run.drain(..) {
            self.messages += 1;
            self.in_order &= message.source.row > self.last;
            self.last = message.source.row;
            self.reactions += message.reactions.len() as u64;
            self.attachments += message.attachments.len() as u64;
        }
        Ok(())
    }
}

#[test]
fn fifty_thousand_messages_pass_in_row_order_through_runs_of_bounded_size() {
    const MANY: u32 = 50_000;
    assert!(MANY as usize > 3 * RUN, "several runs");
    for indexes in [true, false] {
        let database = big(MANY, indexes);
        let mut tally = Tally::default();
        let summary = read(&reading(&database, None), &mut tally).unwrap();
        assert!(summary.is_whole() && tally.in_order, "{summary:?}");
        assert_eq!((tally.messages, tally.reactions, tally.attachments), (50_000, 10_000, 5_000));
        assert_eq!((summary.conversations, summary.attachments_wanted), (40, 5_000));
        assert_eq!(summary.by_month.values().sum::<u64>(), 50_000);
        assert_eq!(database.temp_opens_refused(), 0, "a statement wanted a temporary file");
    }
}

/// Memory of a run is that of its rows, not of the file: a window holds the rows of its messages and nothing else.
#[test]
fn a_window_holds_only_the_rows_of_its_run() {
    let database = big(40_000, true);
    let schema = Schema::probe(database.connection(), database.most_rows()).unwrap();
    let sides = Sides::prepare(&schema, MessageTable::Modern, &Scope::default()).unwrap();
    let repairs = Repairs::default();
    let held = |from: i64, to: i64| {
        let window = window::Window::load(&sides, schema.conn, &repairs, (from, to), &[]);
        (window.media.iter().count(), window.add_ons.iter().count(), window.quoted.iter().count())
    };
    assert_eq!(held(1_000, 1_999), (100, 200, 50));
    assert_eq!(held(30_000, 30_999), (100, 200, 50));
    assert_eq!(held(1_000_000, 2_000_000), (0, 0, 0));
}

#[test]
fn no_statement_over_messages_sorts_or_builds_a_temporary_tree() {
    for indexes in [INDEXES, ""] {
        let database = built(&format!("{TABLES}{indexes}"));
        let schema = Schema::probe(database.connection(), database.most_rows()).unwrap();
        let mut statements = Sides::prepare(&schema, MessageTable::Modern, &Scope::default()).unwrap().statements();
        assert!(statements.len() > 25, "{}", statements.len());
        statements.push(row::statement(&schema, MessageTable::Modern).unwrap());
        for sql in &statements {
            assert!(!database.explain_uses_temp_btree(sql).unwrap(), "{sql}");
            let plan = schema.plan(sql);
            assert!(plan.iter().all(|step| step.starts_with("SEARCH")), "{sql}: {plan:?}");
        }
    }
}

/// The passes before the messages may walk whole tables, but never sort either: every statement that a reading prepares is asked
/// for its plan.
#[test]
fn no_statement_of_a_whole_reading_sorts() {
    let database = built(&format!("{TABLES}{INDEXES}"));
    schema::PREPARED.with_borrow_mut(Vec::clear);
    read(&reading(&database, Some(&database)), &mut Tally::default()).unwrap();
    let seen = schema::PREPARED.take();
    assert!(seen.len() > 15, "{seen:?}");
    for sql in &seen {
        assert!(!database.explain_uses_temp_btree(sql).unwrap(), "{sql}");
    }
}
