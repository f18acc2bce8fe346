//! Whole readings: a published backup, every kind of record under the published schema, hostile databases.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

use super::*;
use crate::Goes;
use rusqlite::{Connection, params};
use std::{io, path::PathBuf, sync::Arc};
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

impl Kept {
    fn message(&self, id: &str) -> &Message {
        &self.messages.iter().find(|(_, m)| m.id.0 == id).unwrap_or_else(|| panic!("no message {id}")).1
    }

    fn conversation(&self, id: &str) -> &Conversation {
        self.conversations.iter().find(|c| c.id.0 == format!("whatsapp:{id}")).unwrap_or_else(|| panic!("no conversation {id}"))
    }
}

fn database(mut conn: Connection) -> Database {
    let image = conn.serialize("main").unwrap().to_vec();
    Database::open(Arc::new(image), None, None).unwrap()
}

fn reading<'a>(chats: &'a Database, contacts: Option<&'a Database>, lid: Option<&'a Database>) -> Reading<'a> {
    let beside = |database, number| Evidenced { database, item: EvidenceId(number) };
    Reading {
        edition: Edition::WhatsApp,
        chat_storage: beside(chats, 1),
        contacts: contacts.map(|database| beside(database, 2)),
        lid: lid.map(|database| beside(database, 3)),
        calls: None,
        holder_number: None,
        scope: Scope::default(),
        separation: None,
    }
}

fn read_all(reading: &Reading<'_>) -> (Kept, Summary) {
    let mut kept = Kept::default();
    let summary = read(reading, &mut kept).unwrap();
    assert_eq!(summary.messages, kept.messages.len() as u64);
    assert_eq!(summary.conversations, kept.conversations.len() as u64);
    for (number, message) in &kept.messages {
        let conversation = kept.conversations.iter().find(|c| c.number == *number).unwrap();
        let mut named: Vec<&Sender> = vec![&message.sender];
        named.extend(message.reactions.iter().map(|r| &r.by).chain(message.quote.iter().map(|q| &q.sender)));
        if let Body::System(event) = &message.body {
            named.extend(event.affected.iter().chain(&event.actor));
        }
        for who in named {
            if let Sender::Participant(id) = who {
                assert!(conversation.participants.iter().any(|p| p.id == *id), "a sender is no participant");
            }
        }
    }
    (kept, summary)
}

/// Beside the checkout; see its INDEX.md.
fn published(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata").join(name);
    if !path.exists() {
        assert!(std::env::var_os("UITLEZEN_REQUIRE_TESTDATA").is_none(), "{name} of the published fixtures is not here");
        eprintln!("SKIPPED: {name} of the published fixtures is not here");
        return None;
    }
    Some(path)
}

fn person(number: &str) -> Sender {
    Sender::Participant(ParticipantId(format!("{number}@s.whatsapp.net")))
}

#[test]
fn a_published_backup_gives_its_messages_and_the_number_behind_a_hidden_id() {
    let file = |id: &str| {
        let path = published(&format!("ios-backup/mvt-project+mvt/tests/artifacts/ios_backup/{}/{id}", &id[..2]))?;
        Some(Database::open(Arc::new(std::fs::read(path).unwrap()), None, None).unwrap())
    };
    let Some(chats) = file("7c7fba66680ef796b916b067077cc246adacf01d") else { return };
    let contacts = file("b8548dc30aa1030df0ce18ef08b882cf7ab5212f").unwrap();
    let lid = file("e794f6ffcc3c222535f47684a63d5178da3c4500").unwrap();
    let (kept, summary) = read_all(&reading(&chats, Some(&contacts), Some(&lid)));
    assert_eq!((summary.conversations, summary.messages, summary.contacts_read), (2, 3, Some(2)));
    let alice = kept.conversation("100000000000001@lid");
    assert_eq!(alice.kind, ConversationKind::Direct);
    assert_eq!(alice.participants[0].number.as_deref(), Some("+14155550100"));
    assert_eq!(alice.participants[0].display_name(), "Alice Example");
    assert!(alice.participants[0].native.iter().any(|id| id.kind == "lid" && id.value == "100000000000001@lid"));
    assert_eq!(alice.timer.state, TimerState::On { seconds: 86_400 });
    let group = kept.conversation("120000000000000001@g.us");
    assert_eq!((group.kind, group.title.as_deref()), (ConversationKind::Group, Some("Example Group")));
    assert!(matches!(group.timer.state, TimerState::NotDeterminable { .. }));
    let texts: Vec<&str> = kept
        .messages
        .iter()
        .map(|(_, m)| match &m.body {
            Body::Text { text, .. } => text.as_str(),
            other => panic!("no text: {other:?}"),
        })
        .collect();
    assert_eq!(texts, ["Hi", "Check https://example.org/news", "Welcome"]);
    let senders: Vec<&Sender> = kept.messages.iter().map(|(_, m)| &m.sender).collect();
    assert_eq!(senders, [&person("14155550100"), &Sender::Holder, &person("14155550101")]);
    assert_eq!(kept.messages[0].1.sent.utc.unwrap().to_string(), "2025-08-27T15:06:40Z");
    // Without the list of hidden ids and the contacts it stays a hidden id, and is counted.
    let (kept, summary) = read_all(&reading(&chats, None, None));
    assert_eq!(summary.oddities.unresolved_lids, 1);
    assert!(kept.conversation("100000000000001@lid").participants[0].number.is_none());
}

/// The published schema, with a conversation between two and a group.
fn today() -> Option<Connection> {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(&std::fs::read_to_string(published("schemas/ChatStorage.sqlite-ios15.ileapp.sql")?).unwrap()).unwrap();
    conn.execute_batch(
        "INSERT INTO Z_PRIMARYKEY(Z_ENT, Z_NAME, Z_SUPER, Z_MAX) VALUES (9, 'WAMessage', 0, 99);
         INSERT INTO ZWACHATSESSION(Z_PK, ZCONTACTJID, ZSESSIONTYPE, ZPARTNERNAME, ZSAVEDINPUT) VALUES
           (1, '31611111111@s.whatsapp.net', 0, 'Anja', 'nog niet'), (2, '120363000000000001@g.us', 1, 'Team Haven', NULL),
           (3, 'status@broadcast', 3, NULL, NULL), (4, '120363000000000009@newsletter', 5, 'Nieuws', NULL);
         INSERT INTO ZWAGROUPMEMBER(Z_PK, ZCHATSESSION, ZMEMBERJID, ZCONTACTNAME, ZISACTIVE, ZISADMIN) VALUES
           (1, 2, '31611111111@s.whatsapp.net', 'Anja', 1, 1), (2, 2, '31622222222@s.whatsapp.net', 'Bram', 0, 0),
           (3, 2, '777@lid', NULL, 1, 0);",
    )
    .unwrap();
    Some(conn)
}

/// A message; `more` are assignments of further columns.
fn say(conn: &Connection, session: i64, row: i64, kind: i64, text: Option<&str>, more: &str) {
    conn.execute(
        "INSERT INTO ZWAMESSAGE(Z_PK, ZCHATSESSION, ZMESSAGETYPE, ZTEXT, ZSTANZAID, ZMESSAGEDATE, ZISFROMME, ZGROUPEVENTTYPE)
         VALUES (?1, ?2, ?3, ?4, 'S' || ?1, ?5, 0, 0)",
        params![row, session, kind, text, 785_494_800 + row],
    )
    .unwrap();
    if !more.is_empty() {
        conn.execute(&format!("UPDATE ZWAMESSAGE SET {more} WHERE Z_PK = ?1"), [row]).unwrap();
    }
}

#[test]
fn every_kind_of_record() {
    let Some(conn) = today() else { return };
    say(&conn, 1, 1, 0, Some("hoi"), "ZGROUPEVENTTYPE = 2, ZSTARRED = 1, ZMESSAGESTATUS = 8");
    say(&conn, 1, 2, 0, Some("ja"), "ZISFROMME = 1, ZMESSAGEDATE = 785494802.25, ZMEDIAITEM = 1, ZMESSAGEINFO = 1");
    say(&conn, 2, 3, 1, None, "ZGROUPMEMBER = 2, ZFROMJID = '120363000000000001@g.us', ZMEDIAITEM = 2");
    say(&conn, 2, 4, 14, None, "ZGROUPMEMBER = 1");
    say(&conn, 2, 5, 6, Some("604800"), "ZGROUPEVENTTYPE = 26, ZGROUPMEMBER = 1");
    say(&conn, 2, 6, 6, None, "ZGROUPEVENTTYPE = 3, ZGROUPMEMBER = 2");
    say(&conn, 2, 7, 6, Some("?"), "ZGROUPEVENTTYPE = 64");
    say(&conn, 1, 8, 10, None, "ZGROUPEVENTTYPE = 46");
    say(&conn, 1, 9, 59, Some("bel"), "");
    say(&conn, 3, 10, 1, None, "");
    say(&conn, 4, 11, 0, Some("kanaal"), "");
    say(&conn, 2, 12, 38, None, "ZGROUPMEMBER = 3");
    say(&conn, 99, 13, 0, Some("los"), "ZSTANZAID = NULL");
    say(&conn, 1, 14, 0, Some("dubbel"), "ZSTANZAID = 'S1'");
    say(&conn, 1, 15, 7, Some("zie https://x.nl"), "");
    conn.execute_batch(
        "INSERT INTO ZWAMESSAGEDATAITEM(Z_PK, ZMESSAGE, ZMATCHEDTEXT, ZTITLE) VALUES (1, 15, 'https://x.nl', 'X');",
    )
    .unwrap();
    let mut quote = vec![0x2a, 2, b'S', b'1', 0x32, 26];
    quote.extend(b"31611111111@s.whatsapp.net");
    quote.extend([0x9a, 0x01, 5, 0x0a, 3, b'h', b'o', b'i', 0x88, 0x01, 3]);
    let mut reaction = vec![0x12, 26];
    reaction.extend(b"31611111111@s.whatsapp.net");
    reaction.extend([0x1a, 1, b'!', 0x20, 0x88, 0x27]);
    let mut info = vec![0x3a, u8::try_from(reaction.len() + 2).unwrap(), 0x0a, u8::try_from(reaction.len()).unwrap()];
    info.extend(&reaction);
    conn.execute("INSERT INTO ZWAMEDIAITEM(Z_PK, ZMESSAGE, ZMETADATA) VALUES (1, 2, ?1)", [quote]).unwrap();
    conn.execute("INSERT INTO ZWAMESSAGEINFO(Z_PK, ZMESSAGE, ZRECEIPTINFO) VALUES (1, 2, ?1)", [info]).unwrap();
    conn.execute_batch(
        "INSERT INTO ZWAMEDIAITEM(Z_PK, ZMESSAGE, ZMEDIALOCALPATH, ZTITLE, ZVCARDSTRING, ZFILESIZE, ZMETADATA)
         VALUES (2, 3, 'Media/1@g.us/a/b/x.jpg', 'De kade', 'image/jpeg', 1234, x'2aff');",
    )
    .unwrap();
    let chats = database(conn);
    let (kept, summary) = read_all(&reading(&chats, None, None));

    let first = kept.messages.iter().find(|(_, m)| m.id.0 == "S1@row:1").map(|(_, m)| m).unwrap();
    assert_eq!((&first.sender, first.starred, first.status_raw), (&person("31611111111"), true, Some(8)));
    assert!(kept.messages.iter().any(|(_, m)| m.id.0 == "S1@row:14"), "an id that stands twice is made unique");
    let reply = kept.message("S2");
    assert_eq!((&reply.sender, reply.direction), (&Sender::Holder, Direction::Sent));
    assert_eq!(reply.sent.local.as_deref(), Some("2025-11-22T10:00:02.250+01:00"));
    let quote = reply.quote.as_ref().unwrap();
    assert_eq!((quote.text.as_deref(), &quote.sender), (Some("hoi"), &person("31611111111")));
    assert_eq!(reply.forwarded.as_ref().unwrap().score, Some(3));
    assert_eq!((reply.reactions[0].emoji.as_str(), &reply.reactions[0].by), ("!", &person("31611111111")));
    let photo = kept.message("S3");
    assert_eq!(photo.body, Body::Image { caption: Some("De kade".to_owned()) });
    assert_eq!(photo.sender, person("31622222222"));
    let file = &photo.attachments[0];
    assert_eq!((file.media_type.as_deref(), file.bytes, &file.state), (Some("image/jpeg"), Some(1234), &AttachmentState::Wanted));
    assert!(photo.uninterpreted.contains_key("ZWAMEDIAITEM.ZMETADATA (hex)"), "a blob that lies stays raw");
    assert!(matches!(kept.message("S4").body, Body::Revoked(_)));
    let Body::System(timer) = &kept.message("S5").body else { panic!("no notice") };
    assert_eq!((timer.event, timer.new.as_deref()), (SystemEventKind::TimerChanged, Some("604800")));
    assert_eq!(timer.actor, Some(person("31611111111")));
    let Body::System(left) = &kept.message("S6").body else { panic!("no notice") };
    assert_eq!((left.event, &left.affected[..]), (SystemEventKind::Left, &[person("31622222222")][..]));
    let Body::System(other) = &kept.message("S7").body else { panic!("no notice") };
    assert_eq!((other.event, other.code, other.actor.as_ref()), (SystemEventKind::Other, 64, None));
    assert!(matches!(&kept.message("S8").body, Body::Call(call) if call.video && call.outcome == CallOutcome::Missed));
    assert!(matches!(&kept.message("S9").body, Body::Unknown { code: 59, text: Some(text), .. } if text == "bel"));
    assert!(matches!(kept.message("S12").body, Body::ViewOnce { .. }));
    assert!(matches!(&kept.message("S15").body, Body::Text { link: Some(link), .. } if link == "https://x.nl"));
    assert!(matches!(kept.message("row:13").body, Body::Text { .. }));

    let group = kept.conversation("120363000000000001@g.us");
    assert_eq!(group.timer.state, TimerState::On { seconds: 604_800 });
    let bram = group.membership.iter().find(|m| m.participant.0.starts_with("31622222222")).unwrap();
    assert_eq!((bram.current, bram.role, bram.changes.len(), bram.changes[0].joined), (false, Some(Role::Member), 1, false));
    assert_eq!(group.membership.iter().find(|m| m.participant.0.starts_with("31611111111")).unwrap().role, Some(Role::Admin));
    assert!(matches!(kept.conversation("31611111111@s.whatsapp.net").timer.state, TimerState::NotDeterminable { .. }));

    let not_asked = summary.not_asked;
    assert_eq!((not_asked.status_messages, not_asked.newsletter_messages, not_asked.drafts), (1, 1, 1));
    assert_eq!((summary.messages, summary.revoked, summary.attachments_wanted), (13, 1, 1));
    assert_eq!((summary.unknown_types.get(&59), summary.unknown_actions.get(&6064)), (Some(&1), Some(&1)));
    assert_eq!((summary.oddities.without_conversation, summary.oddities.duplicate_keys), (1, 1));
    assert_eq!((summary.undecoded.attributes, summary.row_gaps.after_last), (1, Some(84)));
    assert!(summary.stopped.is_empty());
    let asked = Scope { newsletters: true, status_broadcast: true, ..Scope::default() };
    let (_, summary) = read_all(&Reading { scope: asked, ..reading(&chats, None, None) });
    assert_eq!((summary.messages, summary.not_asked.status_messages), (15, 0));
}

/// Keeps back the group, and hears it.
#[derive(Debug, Default)]
struct WithoutGroups(std::sync::Mutex<u64>);

impl Separation for WithoutGroups {
    fn judge(&self, conversation: &Conversation) -> Goes {
        if conversation.kind == ConversationKind::Group { Goes::Not } else { Goes::Whole }
    }
    fn hear(&self, _: ConversationNumber, _: &Message) {
        *self.0.lock().unwrap() += 1;
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
fn what_stays_behind_is_heard_and_neither_given_out_nor_counted() {
    let Some(conn) = today() else { return };
    say(&conn, 2, 1, 0, Some("in de groep"), "ZGROUPMEMBER = 1");
    say(&conn, 1, 2, 0, Some("hoi"), "");
    say(&conn, 2, 3, 999, Some("in de groep"), "ZGROUPMEMBER = 1");
    let chats = database(conn);
    let separation = WithoutGroups::default();
    let (kept, summary) = read_all(&Reading { separation: Some(&separation), ..reading(&chats, None, None) });
    assert_eq!(*separation.0.lock().unwrap(), 2);
    assert_eq!((summary.conversations, summary.messages, summary.unknown_types.len()), (1, 1, 0));
    assert_eq!(kept.messages[0].0, kept.conversations[0].number);
}

#[test]
fn another_file_under_that_name_and_columns_of_any_type_are_survived() {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch("CREATE TABLE x(y);").unwrap();
    let other = database(conn);
    let answer = read(&reading(&other, None, None), &mut Kept::default());
    assert!(matches!(answer, Err(ReadError::NotAMessageStore)));

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
    let (_, summary) = read_all(&reading(&hostile, None, None));
    assert_eq!((summary.messages, summary.oddities.bad_times), (4, 4));
    assert!(summary.oddities.invalid_utf8_texts > 0);
}

#[test]
fn a_damaged_file_gives_what_lies_before_the_damage() {
    let Some(mut conn) = today() else { return };
    let transaction = conn.transaction().unwrap();
    for row in 1..=3_000 {
        say(&transaction, 1, row, 0, Some(&"tekst ".repeat(20)), "");
    }
    transaction.commit().unwrap();
    let whole = conn.serialize("main").unwrap().to_vec();
    for part in [3, 5, 8] {
        let mut image = whole.clone();
        let from = image.len() / 10 * part;
        image[from..from + 20_000].fill(0xa5);
        let Ok(damaged) = Database::open(Arc::new(image), None, None) else { continue };
        let mut kept = Kept::default();
        match read(&reading(&damaged, None, None), &mut kept) {
            Ok(summary) => {
                assert_eq!(summary.messages, kept.messages.len() as u64);
                assert!(summary.messages == 3_000 || !summary.stopped.is_empty(), "lost messages are not told");
            }
            Err(error) => assert!(matches!(error, ReadError::Database { .. } | ReadError::NotAMessageStore), "{error:?}"),
        }
    }
}
