//! Every kind of record.

use super::*;

#[test]
fn a_conversation_has_its_kind_its_people_and_their_names() {
    let conn = today();
    say(&conn, 1, 1, "A", 1, Some("Hoi"), "date_read = 785494900000000000, destination_caller_id = '+31699999999', error = 22");
    say(&conn, 2, 2, "B", 2, Some("sms"), "service = 'SMS'");
    say(&conn, 3, 3, "C", 0, Some("aan allen"), "date_delivered = 785494802000000000");
    say(&conn, 3, 4, "D", 4, Some("ik ging weg"), "");
    let book = Connection::open_in_memory().unwrap();
    book.execute_batch(
        "CREATE TABLE ABPerson (ROWID INTEGER PRIMARY KEY, First TEXT, Last TEXT, Middle TEXT, Organization TEXT, Nickname TEXT);
         CREATE TABLE ABMultiValue (UID INTEGER PRIMARY KEY, record_id INTEGER, property INTEGER, label INTEGER, value TEXT);
         INSERT INTO ABPerson(ROWID, First, Middle, Last, Organization) VALUES (1, 'Jan', 'van', 'Dam', NULL),
           (2, NULL, NULL, NULL, 'Gemeente'), (3, 'Wie', NULL, 'Niet', NULL);
         INSERT INTO ABMultiValue(record_id, property, value) VALUES (1, 3, '06 1111 1111'), (2, 4, 'Piet@Example.nl'),
           (3, 3, '+31687654321'), (3, 5, 'straat 1');",
    )
    .unwrap();
    let (sms, book) = (database(conn), database(book));
    let reading = Reading { holder_number: Some("+31699999999"), ..reading(&sms, Some(&book)) };
    let (kept, summary) = read_all(&reading);
    let direct = kept.conversation("iMessage;-;+31611111111");
    assert_eq!((direct.kind, direct.kind_raw, direct.app.as_str()), (ConversationKind::Direct, Some(45), "imessage"));
    assert_eq!(direct.timer.state, TimerState::OfAccount);
    let jan = &direct.participants[0];
    assert_eq!((jan.number.as_deref(), jan.display_name()), (Some("+31611111111"), "Jan van Dam"));
    assert_eq!(jan.names[0].origin, NameOrigin::PhoneContacts);
    assert_eq!(jan.native.iter().map(|n| n.value.as_str()).collect::<Vec<_>>(), ["+31611111111", "06-11111111"]);
    let holder = direct.participants.last().unwrap();
    assert!(holder.is_holder && holder.number.as_deref() == Some("+31699999999"));
    assert!(direct.native.iter().any(|n| n.value == "+31611111111"), "the partner is known by the address");
    let sms_chat = kept.conversation("SMS;-;+31611111111");
    assert_eq!(sms_chat.uninterpreted.get("chat.is_filtered").map(String::as_str), Some("1"));
    let group = kept.conversation("iMessage;+;chat7");
    assert_eq!((group.kind, group.title.as_deref()), (ConversationKind::Group, Some("Team Haven")));
    let members: Vec<_> = group.membership.iter().map(|m| (m.participant.0.as_str(), m.current)).collect();
    assert_eq!(members, [("+31611111111", true), ("piet@example.nl", true), ("+31622222222", false)]);
    assert_eq!(group.participants[1].display_name(), "Gemeente");
    let hoi = kept.message("A");
    assert_eq!((text(&hoi.body), &hoi.sender, hoi.direction), ("Hoi", &person("+31611111111"), Direction::Received));
    assert_eq!(hoi.sent.local.as_deref(), Some("2025-11-22T10:00:01.000+01:00"));
    let delivery = hoi.delivery.as_ref().unwrap();
    assert_eq!((delivery.service.as_deref(), delivery.error_raw), (Some("iMessage"), Some(22)));
    assert_eq!(delivery.own_address.as_deref(), Some("+31699999999"));
    assert_eq!(delivery.read.as_ref().unwrap().raw, 785_494_900_000_000_000);
    assert_eq!(kept.message("B").delivery.as_ref().unwrap().service.as_deref(), Some("SMS"));
    let mine = kept.message("C");
    assert_eq!((&mine.sender, mine.direction), (&Sender::Holder, Direction::Sent));
    assert!(mine.delivery.as_ref().unwrap().delivered.is_some());
    assert_eq!((summary.contacts_read, summary.holder.clone()), (Some(3), HolderKnown::Told));
    let all = serde_json::to_string(&kept.conversations).unwrap();
    assert!(!all.contains("Niet") && !all.contains("straat"), "nobody beside the people of conversations");
    assert!(summary.is_whole(), "{summary:?}");
}

#[test]
fn reactions_stand_with_their_message_and_those_without_one_for_themselves() {
    let conn = today();
    say(&conn, 3, 1, "11111111-0000-0000-0000-00000000000A", 0, Some("Wie komt?"), "");
    let on = |row: i64, handle: i64, code: i64, more: &str| {
        let more = format!(
            "associated_message_type = {code}, associated_message_guid = 'p:0/11111111-0000-0000-0000-00000000000A'{more}"
        );
        say(&conn, 3, row, &format!("T{row}"), handle, Some("Vond “Wie komt?” leuk"), &more);
    };
    on(2, 1, 2001, "");
    on(3, 1, 3001, "");
    on(4, 3, 2006, ", associated_message_emoji = '🎉'");
    on(5, 0, 2000, "");
    on(6, 3, 4000, ", payload_data = x'0102'");
    on(7, 3, 2, "");
    say(&conn, 3, 8, "T8", 3, Some("Vond “weg” leuk"), "associated_message_type = 2001, associated_message_guid = 'bp:GONE'");
    say(
        &conn,
        3,
        9,
        "T9",
        3,
        None,
        "associated_message_type = 1000, associated_message_guid = 'p:0/11111111-0000-0000-0000-00000000000A'",
    );
    conn.execute_batch(
        "INSERT INTO attachment(ROWID, guid, filename, mime_type, is_sticker) VALUES
           (1, 'S', '~/Library/SMS/Attachments/aa/S/sticker.heic', 'image/heic', 1);
         INSERT INTO message_attachment_join VALUES (9, 1);",
    )
    .unwrap();
    let sms = database(conn);
    let (kept, summary) = read_all(&reading(&sms, None));
    let asked = kept.message("11111111-0000-0000-0000-00000000000A");
    let reactions: Vec<_> = asked.reactions.iter().map(|r| (r.emoji.as_str(), r.removed, r.kind_raw, r.part)).collect();
    assert_eq!(
        reactions,
        [
            ("👍", false, Some(2001), Some(0)),
            ("👍", true, Some(3001), Some(0)),
            ("🎉", false, Some(2006), Some(0)),
            ("❤️", false, Some(2000), Some(0))
        ]
    );
    assert_eq!((&asked.reactions[0].by, &asked.reactions[3].by), (&person("+31611111111"), &Sender::Holder));
    assert_eq!(asked.reactions[0].at.as_ref().unwrap().raw, at(2));
    assert_eq!(asked.additions.len(), 1);
    assert_eq!(asked.additions[0].raw["message.payload_data"], "blob of 2 bytes");
    // A code that is no reaction is a message.
    assert_eq!(kept.message("T7").uninterpreted["message.associated_message_type"], "2");
    assert_eq!(summary.unknown_additions, [(2, 1), (4000, 1)].into());
    let alone = kept.message("T8");
    assert!(matches!(&alone.body, Body::Unknown { code: 2001, text: Some(t), .. } if t == "Vond “weg” leuk"));
    assert_eq!(alone.quote.as_ref().unwrap().id.as_ref().unwrap().0, "GONE");
    assert!(!kept.has("T2") && !kept.has("T5"), "they stand with their message");
    let sticker = kept.message("T9");
    assert_eq!((&sticker.body, sticker.attachments.len()), (&Body::Sticker, 1));
    assert_eq!(sticker.quote.as_ref().unwrap().id.as_ref().unwrap().0, "11111111-0000-0000-0000-00000000000A");
    assert_eq!((kept.messages.len(), summary.attachments_wanted), (4, 1));
}

#[test]
fn answers_name_what_they_answer_and_notices_who_did_what() {
    let conn = today();
    say(&conn, 3, 1, "A", 1, Some("vraag"), "");
    say(&conn, 3, 2, "B", 0, Some("antwoord"), "thread_originator_guid = 'A', thread_originator_part = '0:0:5'");
    say(&conn, 1, 3, "C", 1, Some("elders"), "thread_originator_guid = 'B'");
    say(&conn, 3, 4, "N1", 1, None, "item_type = 1, group_action_type = 0, other_handle = 4");
    say(&conn, 3, 5, "N2", 0, None, "item_type = 1, group_action_type = 1, other_handle = 4");
    say(&conn, 3, 6, "N3", 3, None, "item_type = 2, group_title = 'Team Kade'");
    say(&conn, 3, 7, "N4", 5, None, "item_type = 3, group_action_type = 0");
    say(&conn, 3, 8, "N5", 1, None, "item_type = 3, group_action_type = 1");
    say(&conn, 3, 9, "N6", 1, None, "item_type = 3, group_action_type = 9");
    say(&conn, 1, 10, "N7", 1, None, "item_type = 4, share_status = 1");
    say(&conn, 1, 11, "N8", 0, None, "item_type = 5");
    say(&conn, 1, 12, "N9", 1, None, "item_type = 6");
    say(&conn, 1, 13, "N10", 1, Some("iets nieuws"), "item_type = 7, group_title = 'x'");
    let sms = database(conn);
    let (kept, summary) = read_all(&reading(&sms, None));
    let quote = kept.message("B").quote.clone().unwrap();
    assert_eq!((quote.id.unwrap().0.as_str(), &quote.sender, quote.conversation), ("A", &person("+31611111111"), None));
    assert_eq!((quote.sent.unwrap().raw, quote.text), (at(1), None));
    assert_eq!(kept.message("B").uninterpreted["message.thread_originator_part"], "0:0:5");
    let elsewhere = kept.message("C").quote.clone().unwrap();
    assert_eq!(elsewhere.conversation, Some(kept.conversation("iMessage;+;chat7").number));
    let event = |id: &str| match &kept.message(id).body {
        Body::System(event) => event.clone(),
        other => panic!("no notice: {other:?}"),
    };
    let added = event("N1");
    assert_eq!((added.event, added.code, added.actor), (SystemEventKind::Added, 1, Some(person("+31611111111"))));
    assert_eq!(added.affected, [person("+31622222222")]);
    let removed = event("N2");
    assert_eq!((removed.event, removed.actor), (SystemEventKind::Removed, Some(Sender::Holder)));
    assert_eq!((event("N3").event, event("N3").new.as_deref()), (SystemEventKind::SubjectChanged, Some("Team Kade")));
    assert_eq!((event("N4").event, event("N4").affected), (SystemEventKind::Left, vec![person("+31633333333")]));
    assert_eq!((event("N5").event, event("N6").event), (SystemEventKind::PictureChanged, SystemEventKind::Other));
    assert_eq!(kept.message("N6").uninterpreted["message.group_action_type"], "9");
    let kinds = [event("N7").event, event("N8").event, event("N9").event];
    assert_eq!(kinds, [SystemEventKind::LocationSharing, SystemEventKind::AudioKept, SystemEventKind::SharePlay]);
    let Body::Unknown { code: 7, text: Some(said), raw } = &kept.message("N10").body else { panic!("an unknown type") };
    assert_eq!((said.as_str(), raw["group_title"].as_str()), ("iets nieuws", "x"));
    assert_eq!((summary.unknown_types.clone(), summary.unknown_actions.clone()), ([(7, 1)].into(), [(3, 1)].into()));
    let members = &kept.conversation("iMessage;+;chat7").membership;
    let changes = |address: &str| {
        let member = members.iter().find(|m| m.participant.0 == address).unwrap();
        (member.current, member.changes.iter().map(|c| (c.joined, c.at.as_ref().unwrap().raw)).collect::<Vec<_>>())
    };
    assert_eq!(changes("+31622222222"), (false, vec![(true, at(4)), (false, at(5))]));
    assert_eq!(changes("+31633333333"), (false, vec![(false, at(7))]));
    assert!(summary.is_whole());
}

#[test]
fn files_make_the_kind_and_keep_their_place_name_and_fate() {
    let conn = today();
    for (row, guid, said) in [
        (1, "IMG", None),
        (2, "CAP", Some("\u{fffc}Kijk")),
        (3, "VOICE", Some("\u{fffc}")),
        (4, "VID", None),
        (5, "GIF", None),
        (6, "PDF", None),
        (7, "LINK", Some("https://example.nl")),
        (8, "GONE", None),
        (9, "STICKER", None),
        (10, "TWO", Some("\u{fffc}een\u{fffc}twee")),
        (11, "SONG", None),
        (12, "EVIL", None),
    ] {
        let more = if guid == "VOICE" { "is_audio_message = 1, is_expirable = 1, expire_state = 1" } else { "" };
        say(&conn, 1, row, guid, 1, said, more);
    }
    let mut number = 0;
    let mut file = |message: i64, path: Option<&str>, mime: Option<&str>, sticker: bool, hidden: bool| {
        number += 1;
        conn.execute(
            "INSERT INTO attachment(ROWID, guid, filename, mime_type, transfer_name, total_bytes, is_sticker, hide_attachment,
               transfer_state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 5)",
            rusqlite::params![
                number,
                format!("at_{number}"),
                path.map(|p| format!("~/Library/SMS/Attachments/{p}")),
                mime,
                format!("naam {number}"),
                1000 + number,
                sticker,
                hidden
            ],
        )
        .unwrap();
        conn.execute("INSERT INTO message_attachment_join VALUES (?1, ?2)", [message, number]).unwrap();
    };
    file(1, Some("1a/IMG.heic"), Some("image/heic"), false, false);
    file(2, Some("1b/IMG.jpg"), Some("image/jpeg"), false, false);
    file(3, Some("1c/Audio.caf"), Some("audio/x-caf"), false, false);
    file(4, Some("1d/V.mov"), Some("video/quicktime"), false, false);
    file(5, Some("1e/g.gif"), Some("image/gif"), false, false);
    file(6, Some("1f/n.pdf"), Some("application/pdf"), false, false);
    file(7, Some("2a/p.pluginPayloadAttachment"), None, false, true);
    file(8, None, Some("image/jpeg"), false, false);
    file(9, Some("2b/s.png"), Some("image/png"), true, false);
    file(10, Some("2c/a.jpg"), Some("image/jpeg"), false, false);
    file(10, Some("2c/b.jpg"), Some("image/jpeg"), false, false);
    file(11, Some("2d/s.m4a"), Some("audio/mp4"), false, false);
    file(12, Some("../../../etc/passwd"), Some("image/jpeg"), false, false);
    conn.execute("INSERT INTO message_attachment_join VALUES (1, 999)", []).unwrap();
    let sms = database(conn);
    let (kept, summary) = read_all(&reading(&sms, None));
    let body = |id: &str| kept.message(id).body.clone();
    assert_eq!(body("IMG"), Body::Image { caption: None });
    assert_eq!(body("CAP"), Body::Image { caption: Some("Kijk".into()) });
    assert_eq!((body("VOICE"), body("SONG"), body("STICKER")), (Body::VoiceNote, Body::Audio, Body::Sticker));
    assert_eq!((body("VID"), body("GIF")), (Body::Video { caption: None }, Body::Gif { caption: None }));
    assert_eq!(body("PDF"), Body::Document { caption: None });
    assert_eq!(text(&body("LINK")), "https://example.nl", "what is hidden decides nothing");
    assert_eq!(body("TWO"), Body::Image { caption: Some("een\u{fffc}twee".into()) });
    assert_eq!(kept.message("TWO").attachments.len(), 2);
    let image = &kept.message("IMG").attachments;
    assert_eq!((image[0].state.clone(), image[0].bytes), (AttachmentState::Wanted, Some(1001)));
    assert_eq!(wanted::attachment(image[0].path.as_deref().unwrap()).unwrap().file_name(), "IMG.heic");
    assert_eq!(image[1].state, AttachmentState::NotOnPhone { reason: "attachment-row-missing".into() });
    assert_eq!(
        kept.message("GONE").attachments[0].state,
        AttachmentState::NotOnPhone { reason: "no-file-named, transfer-state 5".into() }
    );
    assert!(matches!(kept.message("EVIL").attachments[0].state, AttachmentState::NotRead { .. }));
    assert_eq!(kept.message("VOICE").expiry, Some(Box::new(ExpiryMark { seconds: 0, expires: None, kept: false })));
    assert_eq!(kept.message("VOICE").uninterpreted["message.expire_state"], "1");
    assert_eq!((summary.attachments_wanted, summary.attachments_not_on_phone), (11, 2));
    assert_eq!(summary.attachments_not_read, [("path-outside-attachments".to_owned(), 1)].into());
}

#[test]
fn what_was_recently_deleted_is_counted_and_nothing_of_it_is_told() {
    let conn = today();
    say(&conn, 1, 1, "A", 1, Some("blijft"), "");
    say(&conn, 0, 2, "KANARIE", 4, Some("kanarie weg"), "");
    say(&conn, 0, 3, "KANARIE2", 0, Some("kanarie ook weg"), "");
    say(
        &conn,
        1,
        4,
        "R",
        0,
        Some("Vond “kanarie weg” leuk"),
        "associated_message_type = 2000, associated_message_guid = 'p:0/KANARIE'",
    );
    say(&conn, 1, 5, "B", 0, Some("antwoord"), "thread_originator_guid = 'KANARIE'");
    say(&conn, 1, 6, "C", 1, Some("toch niet weg"), "");
    conn.execute_batch(&format!(
        "INSERT INTO chat_recoverable_message_join VALUES (1, 2, {}), (1, 3, {}), (1, 6, {});
         INSERT INTO recoverable_message_part VALUES (1, 1, 1, {}, x'6b616e61726965');",
        at(50),
        at(90),
        at(60),
        at(70)
    ))
    .unwrap();
    let sms = database(conn);
    let (kept, summary) = read_all(&reading(&sms, None));
    let deleted = &summary.recently_deleted;
    assert_eq!((deleted.messages, deleted.parts, deleted.reactions), (2, 1, 1));
    assert_eq!(deleted.first_deleted.as_ref().unwrap().raw, at(50));
    assert_eq!(deleted.last_deleted.as_ref().unwrap().raw, at(90));
    let mut ids: Vec<_> = kept.messages.iter().map(|(_, m)| m.id.0.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["A", "B", "C"]);
    let told = serde_json::to_string(&(&kept.conversations, &kept.messages)).unwrap();
    assert!(!told.contains("kanarie") && !told.contains("+31622222222"), "{told}");
    let quote = kept.message("B").quote.clone().unwrap();
    assert_eq!((quote.sender, quote.sent), (Sender::Unknown, None));
    assert!(summary.is_whole());
}

#[test]
fn messages_without_a_conversation_or_in_several_are_all_there() {
    let conn = today();
    say(&conn, 0, 1, "LOST", 4, Some("nergens"), "");
    say(&conn, 0, 2, "NOBODY", 0, Some("van mij, nergens"), "");
    say(&conn, 1, 3, "TWICE", 1, Some("in twee"), "");
    conn.execute_batch("INSERT INTO chat_message_join(chat_id, message_id) VALUES (3, 3), (77, 1);").unwrap();
    say(&conn, 0, 4, "LOST2", 5, Some("nergens"), "");
    let sms = database(conn);
    let (kept, summary) = read_all(&reading(&sms, None));
    let of = |id: &str| kept.messages.iter().filter(|(_, m)| m.id.0 == id).count();
    assert_eq!((of("LOST"), of("NOBODY"), of("TWICE"), of("LOST2")), (1, 1, 2, 1));
    assert_eq!(summary.oddities.without_conversation, 2);
    assert_eq!(kept.conversation("chat-row:77").kind, ConversationKind::Other);
    assert_eq!(kept.conversation("+31633333333").participants.len(), 2);
    assert_eq!(kept.conversation("without-chat").participants.len(), 1);
}
