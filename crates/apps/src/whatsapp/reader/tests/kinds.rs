//! Every kind of record, in a small database with the tables of 2026: once with the app's indexes and once without any.

use super::*;

/// The tables and the columns that the reader knows, as WhatsApp of 2026 names them.
pub(super) const TABLES: &str = "
CREATE TABLE jid(_id INTEGER PRIMARY KEY AUTOINCREMENT, user TEXT NOT NULL, server TEXT NOT NULL, agent INTEGER, device INTEGER, type INTEGER, raw_string TEXT);
CREATE TABLE jid_map(lid_row_id INTEGER PRIMARY KEY NOT NULL, jid_row_id INTEGER NOT NULL, sort_id INTEGER);
CREATE TABLE lid_display_name(lid_row_id INTEGER PRIMARY KEY NOT NULL, display_name TEXT NOT NULL, username TEXT);
CREATE TABLE props(_id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE, value TEXT);
CREATE TABLE chat(_id INTEGER PRIMARY KEY AUTOINCREMENT, jid_row_id INTEGER UNIQUE, hidden INTEGER, subject TEXT, created_timestamp INTEGER, archived INTEGER, ephemeral_expiration INTEGER, ephemeral_setting_timestamp INTEGER, ephemeral_disappearing_messages_initiator INTEGER, group_type INTEGER NOT NULL DEFAULT 0, chat_lock INTEGER, account_jid_row_id INTEGER, ephemeral_after_read_duration INTEGER);
CREATE TABLE message(_id INTEGER PRIMARY KEY AUTOINCREMENT, chat_row_id INTEGER NOT NULL, from_me INTEGER NOT NULL, key_id TEXT NOT NULL, sender_jid_row_id INTEGER, status INTEGER, origination_flags INTEGER, timestamp INTEGER, received_timestamp INTEGER, message_type INTEGER, text_data TEXT, starred INTEGER);
CREATE TABLE message_media(message_row_id INTEGER PRIMARY KEY, file_path TEXT, media_name TEXT, mime_type TEXT, file_size INTEGER, file_length INTEGER, file_hash TEXT, media_duration INTEGER, width INTEGER, height INTEGER, media_caption TEXT, raw_transcription_text TEXT);
CREATE TABLE message_text(message_row_id INTEGER PRIMARY KEY, description TEXT, page_title TEXT, url TEXT);
CREATE TABLE message_location(message_row_id INTEGER PRIMARY KEY, latitude REAL, longitude REAL, place_name TEXT, place_address TEXT, url TEXT, live_location_share_duration INTEGER);
CREATE TABLE message_vcard(_id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, vcard TEXT);
CREATE TABLE message_quoted(message_row_id INTEGER PRIMARY KEY AUTOINCREMENT, chat_row_id INTEGER NOT NULL, parent_message_chat_row_id INTEGER NOT NULL, from_me INTEGER NOT NULL, sender_jid_row_id INTEGER, key_id TEXT NOT NULL, timestamp INTEGER, message_type INTEGER, text_data TEXT);
CREATE TABLE message_quoted_media(message_row_id INTEGER PRIMARY KEY, media_caption TEXT);
CREATE TABLE message_mentions(_id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, jid_row_id INTEGER, display_name STRING, mention_type INTEGER);
CREATE TABLE message_forwarded(message_row_id INTEGER PRIMARY KEY, forward_score INTEGER, forward_origin INTEGER);
CREATE TABLE message_edit_info(message_row_id INTEGER PRIMARY KEY, original_key_id TEXT NOT NULL, edited_timestamp INTEGER NOT NULL, sender_timestamp INTEGER NOT NULL);
CREATE TABLE message_ftsv2_content(docid INTEGER PRIMARY KEY, c0content, c1fts_jid, c2fts_namespace);
CREATE TABLE message_revoked(message_row_id INTEGER PRIMARY KEY, revoked_key_id TEXT NOT NULL, admin_jid_row_id INTEGER, revoke_timestamp INTEGER);
CREATE TABLE message_ephemeral(message_row_id INTEGER PRIMARY KEY, duration INTEGER NOT NULL, expire_timestamp INTEGER NOT NULL, keep_in_chat INTEGER NOT NULL DEFAULT 0);
CREATE TABLE message_ephemeral_setting(message_row_id INTEGER PRIMARY KEY, setting_duration INTEGER, pre_setting_duration INTEGER, ephemeral_initiated_by_me INTEGER);
CREATE TABLE message_view_once_media(message_row_id INTEGER PRIMARY KEY, state INTEGER NOT NULL);
CREATE TABLE message_album(message_row_id INTEGER PRIMARY KEY, image_count INTEGER NOT NULL DEFAULT 0, video_count INTEGER NOT NULL DEFAULT 0, expected_image_count INTEGER, expected_video_count INTEGER);
CREATE TABLE message_parent_association(message_row_id INTEGER PRIMARY KEY, parent_message_row_id INTEGER NOT NULL, association_type INTEGER NOT NULL);
CREATE TABLE message_system(message_row_id INTEGER PRIMARY KEY, action_type INTEGER NOT NULL);
CREATE TABLE message_system_value_change(message_row_id INTEGER PRIMARY KEY, old_data TEXT);
CREATE TABLE message_system_chat_participant(message_row_id INTEGER, user_jid_row_id INTEGER);
CREATE TABLE message_system_number_change(message_row_id INTEGER PRIMARY KEY, old_jid_row_id INTEGER, new_jid_row_id INTEGER);
CREATE TABLE message_system_photo_change(message_row_id INTEGER PRIMARY KEY, new_photo_id TEXT);
CREATE TABLE message_system_block_contact(message_row_id INTEGER PRIMARY KEY, is_blocked INTEGER);
CREATE TABLE call_log(_id INTEGER PRIMARY KEY AUTOINCREMENT, jid_row_id INTEGER, from_me INTEGER, call_id TEXT, timestamp INTEGER, video_call INTEGER, duration INTEGER, call_result INTEGER, group_jid_row_id INTEGER NOT NULL DEFAULT 0);
CREATE TABLE call_log_participant_v2(_id INTEGER PRIMARY KEY AUTOINCREMENT, call_log_row_id INTEGER, jid_row_id INTEGER, call_result INTEGER);
CREATE TABLE message_call_log(message_row_id INTEGER PRIMARY KEY, call_log_row_id INTEGER);
CREATE TABLE missed_call_logs(_id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, timestamp INTEGER, video_call INTEGER, group_jid_row_id INTEGER NOT NULL DEFAULT 0);
CREATE TABLE message_poll(message_row_id INTEGER PRIMARY KEY, selectable_options_count INTEGER);
CREATE TABLE message_poll_option(_id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, option_name TEXT, vote_total INTEGER);
CREATE TABLE message_add_on(_id INTEGER PRIMARY KEY AUTOINCREMENT, chat_row_id INTEGER, from_me INTEGER, key_id TEXT NOT NULL, sender_jid_row_id INTEGER, parent_message_row_id INTEGER, timestamp INTEGER, status INTEGER, message_add_on_type INTEGER);
CREATE TABLE message_add_on_reaction(message_add_on_row_id INTEGER PRIMARY KEY, reaction TEXT, sender_timestamp INTEGER);
CREATE TABLE message_add_on_poll_vote(message_add_on_row_id INTEGER PRIMARY KEY, sender_timestamp INTEGER);
CREATE TABLE message_add_on_poll_vote_selected_option(_id INTEGER PRIMARY KEY AUTOINCREMENT, message_add_on_row_id INTEGER, message_poll_option_id INTEGER);
CREATE TABLE message_add_on_pin_in_chat(message_add_on_row_id INTEGER PRIMARY KEY, pin_in_chat_state INTEGER NOT NULL DEFAULT 0);
CREATE TABLE message_add_on_keep_in_chat(message_add_on_row_id INTEGER PRIMARY KEY, keep_in_chat_state INTEGER NOT NULL DEFAULT 0);
CREATE TABLE message_group_invite(message_row_id INTEGER PRIMARY KEY, group_jid_row_id INTEGER NOT NULL, admin_jid_row_id INTEGER NOT NULL, group_name TEXT, invite_code TEXT, expiration INTEGER);
CREATE TABLE message_event(message_row_id INTEGER PRIMARY KEY, is_canceled INTEGER DEFAULT 0, name TEXT NOT NULL, description TEXT, location_latitude REAL, location_longitude REAL, location_name TEXT, location_address TEXT, join_link TEXT, start_time DATETIME NOT NULL, end_time DATETIME);
CREATE TABLE message_ui_elements(_id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, message_row_id INTEGER NOT NULL, element_type INTEGER, element_content TEXT);
CREATE TABLE message_template(message_row_id INTEGER PRIMARY KEY, content_text_data TEXT NOT NULL, footer_text_data TEXT);
CREATE TABLE message_template_button(_id INTEGER PRIMARY KEY AUTOINCREMENT, message_row_id INTEGER, text_data TEXT NOT NULL);
CREATE TABLE message_future(message_row_id INTEGER PRIMARY KEY, version INTEGER, data BLOB);
CREATE TABLE group_participant_user(_id INTEGER PRIMARY KEY AUTOINCREMENT, group_jid_row_id INTEGER NOT NULL, user_jid_row_id INTEGER NOT NULL, rank INTEGER, pending INTEGER, add_timestamp INTEGER);
CREATE TABLE group_past_participant_user(_id INTEGER PRIMARY KEY AUTOINCREMENT, group_jid_row_id INTEGER NOT NULL, user_jid_row_id INTEGER NOT NULL, is_leave INTEGER NOT NULL, timestamp INTEGER);
CREATE TABLE composition(_id INTEGER PRIMARY KEY AUTOINCREMENT, chat_row_id INTEGER NOT NULL, text TEXT);
CREATE TABLE message_secret(message_row_id INTEGER PRIMARY KEY, message_secret BLOB);
CREATE TABLE message_comment(_id INTEGER PRIMARY KEY AUTOINCREMENT, parent_message_row_id INTEGER, message_row_id INTEGER);
INSERT INTO message(_id, chat_row_id, from_me, key_id) VALUES (1, -1, 0, '-1');
";

pub(super) const INDEXES: &str = "
CREATE UNIQUE INDEX message_key_index ON message(chat_row_id, from_me, key_id, sender_jid_row_id);
CREATE INDEX message_type_index ON message(message_type);
CREATE UNIQUE INDEX message_vcard_index ON message_vcard(message_row_id, vcard);
CREATE UNIQUE INDEX mentions_index ON message_mentions(message_row_id, jid_row_id);
CREATE INDEX message_system_chat_participant_index ON message_system_chat_participant(message_row_id);
CREATE INDEX message_add_on_parent_message_row_id_index ON message_add_on(parent_message_row_id);
CREATE INDEX message_poll_option_index ON message_poll_option(message_row_id);
CREATE INDEX votes_index ON message_add_on_poll_vote_selected_option(message_add_on_row_id);
CREATE INDEX message_row_id_index ON message_ui_elements(message_row_id);
CREATE INDEX template_button_index ON message_template_button(message_row_id);
CREATE UNIQUE INDEX missed_call_logs_key_index ON missed_call_logs(message_row_id);
CREATE UNIQUE INDEX call_log_participant_key_index ON call_log_participant_v2(call_log_row_id, jid_row_id);
";

/// Jids 1 Jan, 2 Piet, 3 the group, 4 Piet's LID, 5 a LID without a number, 6 status, 7 a channel, 8 the holder.
pub(super) const CAST: &str = "
INSERT INTO jid VALUES (1,'31611111111','s.whatsapp.net',0,0,0,'31611111111@s.whatsapp.net'),(2,'31622222222','s.whatsapp.net',0,0,0,NULL),
 (3,'120363000000000001','g.us',0,0,1,NULL),(4,'777000','lid',0,0,18,'777000@lid'),(5,'888000','lid',0,0,18,'888000@lid'),
 (6,'status','broadcast',0,0,5,'status@broadcast'),(7,'120','newsletter',0,0,21,NULL),(8,'31600000000','s.whatsapp.net',0,0,0,NULL);
INSERT INTO jid_map VALUES (4,2,1);
INSERT INTO lid_display_name VALUES (5,'Kees de Vries','kees'),(4,'+31\u{2219}\u{2219}22',NULL);
INSERT INTO props(key,value) VALUES ('user_push_name','De Houder');
INSERT INTO chat(_id,jid_row_id,subject,created_timestamp,ephemeral_expiration,ephemeral_setting_timestamp,ephemeral_disappearing_messages_initiator,group_type) VALUES
 (10,1,NULL,1700000000000,NULL,NULL,NULL,0),(11,3,'Team Haven',1700000000000,604800,1700000500000,1,0),(12,4,NULL,NULL,0,NULL,NULL,0),
 (13,2,NULL,NULL,86400,NULL,NULL,0),(14,6,NULL,NULL,NULL,NULL,NULL,0),(15,7,NULL,NULL,NULL,NULL,NULL,4);
INSERT INTO group_participant_user(group_jid_row_id,user_jid_row_id,rank,pending,add_timestamp) VALUES (3,8,2,0,NULL),(3,1,1,0,1700000001000),(3,5,0,0,NULL);
INSERT INTO group_past_participant_user(group_jid_row_id,user_jid_row_id,is_leave,timestamp) VALUES (3,4,1,1700000900000);
";

/// A database of these rows, with and without the app's indexes; both readings must be equal.
fn scene(rows: &str) -> (Kept, Summary) {
    let mut answers = Vec::new();
    for indexes in [INDEXES, ""] {
        let database = built(&format!("{TABLES}{indexes}{CAST}{rows}"));
        answers.push(read_all(&Reading { holder_number: Some("+31600000000"), ..reading(&database, None) }));
    }
    let (without, with) = (answers.remove(1), answers.remove(0));
    assert_eq!(with.0.messages, without.0.messages, "indexes change what is read");
    assert_eq!(with.0.conversations, without.0.conversations);
    assert_eq!(with.1, without.1);
    assert!(with.1.stopped.is_empty() && with.1.is_whole(), "{:?}", with.1);
    with
}

/// One received message of a type in Jan's conversation, row id 100.
fn one(code: i64, text: &str, rows: &str) -> (Message, Summary) {
    let text = if text.is_empty() { "NULL".to_owned() } else { format!("'{text}'") };
    let insert = format!(
        "INSERT INTO message(_id,chat_row_id,from_me,key_id,sender_jid_row_id,status,origination_flags,timestamp,received_timestamp,message_type,text_data) \
         VALUES (100,10,0,'K1',0,0,0,1763802000007,1763802001000,{code},{text});{rows}"
    );
    let (kept, summary) = scene(&insert);
    assert_eq!(kept.messages.len(), 1);
    (kept.messages[0].1.clone(), summary)
}

#[test]
fn conversations_have_their_people_their_timers_and_a_stable_order() {
    let (kept, summary) = scene("");
    let ids: Vec<(&str, u32)> = kept.conversations.iter().map(|c| (c.id.0.as_str(), c.number.0)).collect();
    assert_eq!(
        ids,
        [
            ("whatsapp:31611111111@s.whatsapp.net", 1),
            ("whatsapp:120363000000000001@g.us", 2),
            ("whatsapp:31622222222@s.whatsapp.net", 3)
        ],
        "the chat under a LID and the chat of its number are one"
    );
    let [jan, group, piet] = kept.conversations.as_slice() else { panic!() };
    assert_eq!((jan.kind, &jan.timer.state), (ConversationKind::Direct, &TimerState::Off));
    assert_eq!(jan.participants[0].number.as_deref(), Some("+31611111111"));
    assert_eq!((piet.timer.state.clone(), piet.native.len()), (TimerState::On { seconds: 86_400 }, 2), "on is not hidden by off");
    assert_eq!(group.timer.state, TimerState::On { seconds: 604_800 });
    assert_eq!(group.timer.since.as_ref().unwrap().raw, 1_700_000_500_000);
    assert_eq!((group.timer.initiator_raw, group.kind_raw), (Some(1), Some(0)));
    let roles: Vec<(&str, bool, Option<Role>)> =
        group.membership.iter().map(|m| (m.participant.0.as_str(), m.current, m.role)).collect();
    assert_eq!(
        roles,
        [
            ("holder", true, Some(Role::Owner)),
            ("31611111111@s.whatsapp.net", true, Some(Role::Admin)),
            ("888000@lid", true, Some(Role::Member)),
            ("31622222222@s.whatsapp.net", false, None)
        ]
    );
    assert_eq!(group.membership[3].changes[0].at.as_ref().unwrap().raw, 1_700_000_900_000);
    let kees = group.participants.iter().find(|p| p.id.0 == "888000@lid").unwrap();
    assert_eq!(
        (kees.number.as_deref(), kees.display_name(), kees.names[0].origin),
        (None, "Kees de Vries", NameOrigin::AppDirectory)
    );
    let piet = group.participants.iter().find(|p| p.id.0 == "31622222222@s.whatsapp.net").unwrap();
    assert_eq!(
        (piet.names.len(), piet.native.len(), piet.native[1].value.as_str()),
        (0, 2, "777000@lid"),
        "a masked name is no name"
    );
    let holder = group.participants.last().unwrap();
    assert_eq!((holder.is_holder, holder.display_name()), (true, "De Houder"));
    assert_eq!((summary.oddities.dummies, summary.not_asked.status_messages), (1, 0));
}

#[test]
fn names_come_from_the_apps_contacts_the_phone_and_push_names_each_with_its_origin() {
    let msgstore = built(&format!("{TABLES}{CAST}"));
    let wa = built(
        "CREATE TABLE wa_contacts(_id INTEGER PRIMARY KEY, jid TEXT, display_name TEXT, given_name TEXT, family_name TEXT, wa_name TEXT, nickname TEXT, disappearing_mode_duration INTEGER);
         INSERT INTO wa_contacts VALUES (1,'31611111111@s.whatsapp.net','Jan Jansen','Jan','Jansen','jantje','JJ',604800),(2,'777000@lid',NULL,NULL,NULL,'piet p',NULL,0),(3,NULL,x'ff',NULL,NULL,NULL,NULL,NULL);",
    );
    let book: HashMap<String, String> = HashMap::from([("+31622222222".to_owned(), "Piet Pieters".to_owned())]);
    let (kept, summary) = read_all(&Reading { phone_contacts: Some(&book), ..reading(&msgstore, Some(&wa)) });
    let name = |n: &str, origin| ParticipantName { name: n.to_owned(), origin };
    assert_eq!(
        kept.conversations[0].participants[0].names,
        [name("Jan Jansen", NameOrigin::AppContacts), name("JJ", NameOrigin::AppContacts), name("jantje", NameOrigin::PushName)]
    );
    assert_eq!(
        kept.conversations[2].participants[0].names,
        [name("Piet Pieters", NameOrigin::PhoneContacts), name("piet p", NameOrigin::PushName)]
    );
    assert_eq!(summary.contacts_read, Some(3));
    assert_eq!(
        summary.others_default_timers,
        [crate::OthersDefaultTimer { conversation: ConversationNumber(1), seconds: 604_800 }]
    );
    assert_eq!(read_all(&reading(&msgstore, None)).1.contacts_read, None, "no wa.db is another answer than no contacts");
}

#[test]
fn a_text_with_a_link_preview() {
    let (m, _) = one(0, "zie https://x.nl", "INSERT INTO message_text VALUES (100,'besluit','Gemeente X','https://x.nl');");
    assert_eq!(
        m.body,
        Body::Text { text: "zie https://x.nl".into(), link: Some("https://x.nl".into()), link_title: Some("Gemeente X".into()) }
    );
    assert_eq!((m.direction, &m.sender, m.id.0.as_str()), (Direction::Received, &person("31611111111"), "K1"));
    assert_eq!(m.sent.local.as_deref(), Some("2025-11-22T10:00:00.007+01:00"));
    assert_eq!((m.received.unwrap().raw, m.status_raw), (1_763_802_001_000, Some(0)));
    assert_eq!(m.source, Source { item: MSGSTORE, table: "message".into(), row: 100 });
}

#[test]
fn media_of_every_kind_with_its_digest_and_state() {
    // 32 zero bytes in base64.
    let media = |extra: &str| {
        format!(
            "INSERT INTO message_media VALUES (100,'Media/WhatsApp Images/IMG.jpg','IMG.jpg','image/jpeg',5,6,'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',7,640,480,{extra});"
        )
    };
    let (m, summary) = one(1, "", &media("'bijschrift',NULL"));
    assert_eq!(m.body, Body::Image { caption: Some("bijschrift".into()) });
    let a = &m.attachments[0];
    assert_eq!(
        (a.path.as_deref(), a.bytes, a.sha256.as_deref()),
        (Some("Media/WhatsApp Images/IMG.jpg"), Some(5), Some("0".repeat(64).as_str()))
    );
    assert_eq!(
        (a.width, a.duration_seconds, &a.state, summary.attachments_wanted),
        (Some(640), Some(7), &AttachmentState::Wanted, 1)
    );
    let caption = || Some("tekst".to_owned());
    for (code, body) in [
        (2, Body::Audio),
        (3, Body::Video { caption: caption() }),
        (9, Body::Document { caption: caption() }),
        (13, Body::Gif { caption: caption() }),
        (20, Body::Sticker),
        (81, Body::VideoNote),
    ] {
        assert_eq!(one(code, "tekst", &media("NULL,NULL")).0.body, body, "{code}");
    }
    let voice =
        one(2, "", &(media("NULL,'gesproken tekst'") + "UPDATE message SET origination_flags = 32768 WHERE _id = 100;")).0;
    assert_eq!((voice.body, voice.attachments[0].transcription.as_deref()), (Body::VoiceNote, Some("gesproken tekst")));
    let (never, summary) = one(1, "", "INSERT INTO message_media(message_row_id,file_hash) VALUES (100,'geen base64');");
    assert_eq!(never.attachments[0].state, AttachmentState::NotOnPhone { reason: "never-downloaded".into() });
    assert_eq!((never.attachments[0].sha256.clone(), summary.attachments_wanted, summary.attachments_not_on_phone), (None, 0, 1));
}

#[test]
fn view_once_is_counted_by_what_became_of_it() {
    let (m, summary) = one(
        42,
        "",
        "INSERT INTO message_view_once_media VALUES (100,1); INSERT INTO message_media(message_row_id,file_path) VALUES (100,'x.jpg');",
    );
    assert_eq!(m.body, Body::ViewOnce { media: "image".into(), state: Some(ViewOnceState::Seen) });
    assert_eq!(m.attachments[0].state, AttachmentState::NotOnPhone { reason: "view-once".into() });
    assert_eq!(summary.view_once, ViewOnceCounts { seen: 1, ..ViewOnceCounts::default() });
    assert_eq!(one(82, "", "").0.body, Body::ViewOnce { media: "voice".into(), state: None });
}

#[test]
fn replies_edits_and_the_first_text_that_the_search_index_kept() {
    let (kept, summary) = scene(
        "INSERT INTO message(_id,chat_row_id,from_me,key_id,timestamp,message_type,text_data) VALUES (100,10,1,'A',1700000001000,0,'vraag'),(101,10,0,'B',1700000002000,0,'het antwoord'),(102,11,0,'C',1700000003000,0,'elders');
         UPDATE message SET sender_jid_row_id = 5 WHERE _id = 102;
         INSERT INTO message_quoted VALUES (101,10,10,1,NULL,'A',1700000001000,0,'vraag'),(102,10,11,0,0,'B',1700000002000,1,NULL);
         INSERT INTO message_quoted_media VALUES (102,'bij de foto');
         INSERT INTO message_edit_info VALUES (101,'B0',1700000009000,1700000008000),(102,'C0',1700000009000,0);
         INSERT INTO message_ftsv2_content VALUES (101,'een eerste versie',NULL,NULL),(102,'ELDERS.',NULL,NULL),(100,'iets anders',NULL,NULL);",
    );
    let b = kept.message("B");
    let quote = b.quote.as_ref().unwrap();
    assert_eq!(
        (quote.id.as_ref().unwrap().0.as_str(), &quote.sender, quote.text.as_deref()),
        ("me:A", &Sender::Holder, Some("vraag"))
    );
    assert_eq!(kept.message("me:A").direction, Direction::Sent);
    assert_eq!(b.edited.as_ref().unwrap().at.as_ref().unwrap().raw, 1_700_000_009_000);
    let [first] = b.earlier.as_slice() else { panic!() };
    assert_eq!(first.body, Body::Text { text: "een eerste versie".into(), link: None, link_title: None });
    assert_eq!(first.source.table, "message_ftsv2_content");
    let c = kept.message("C");
    let quote = c.quote.as_ref().unwrap();
    assert_eq!(
        (quote.conversation, &quote.sender, quote.text.as_deref()),
        (Some(ConversationNumber(1)), &person("31611111111"), Some("bij de foto"))
    );
    assert!(c.earlier.is_empty(), "the same words in another form are no earlier text");
    assert!(kept.message("me:A").earlier.is_empty(), "the index of a message that was not edited says nothing");
    assert_eq!(summary.edited, 2);
}

#[test]
fn a_deleted_message_has_no_text_but_says_by_whom_and_when() {
    let (m, summary) = one(64, "", "INSERT INTO message_revoked VALUES (100,'OLD',2,1763802005000);");
    let Body::Revoked(r) = &m.body else { panic!() };
    assert_eq!(
        (r.original_id.as_deref(), &r.by_admin, r.at.as_ref().unwrap().raw),
        (Some("OLD"), &Some(person("31622222222")), 1_763_802_005_000)
    );
    assert_eq!((summary.revoked, m.earlier.len()), (1, 0));
    assert_eq!(one(15, "stond er nog", "").0.earlier.len(), 1, "a text that should be gone is kept apart");
}

#[test]
fn reactions_votes_keeps_and_pins() {
    let add = "INSERT INTO message_add_on(_id,chat_row_id,from_me,key_id,sender_jid_row_id,parent_message_row_id,timestamp,message_add_on_type)";
    let (m, summary) = one(
        66,
        "Wanneer?",
        &format!(
            "INSERT INTO message_poll VALUES (100,2); INSERT INTO message_poll_option(_id,message_row_id,option_name,vote_total) VALUES (7,100,'ma',2),(8,100,'di',0),(9,101,'elders',0);
             {add} VALUES (1,10,1,'r1',-1,100,5,56),(2,10,0,'r2',-1,100,6,56),(3,10,0,'v1',4,100,7,67),(4,10,1,'v2',NULL,100,8,67),(5,10,0,'p',-1,100,9,68),(6,10,0,'k',-1,100,9,69),(900,10,0,'z',1,100,9,12);
             INSERT INTO message_add_on_reaction VALUES (1,'👍',50),(2,'',60);
             INSERT INTO message_add_on_poll_vote VALUES (3,70),(4,80);
             INSERT INTO message_add_on_poll_vote_selected_option(message_add_on_row_id,message_poll_option_id) VALUES (3,7),(4,7),(4,9),(3,7);
             INSERT INTO message_add_on_pin_in_chat VALUES (5,1); INSERT INTO message_add_on_keep_in_chat VALUES (6,1);
             INSERT INTO message_ephemeral VALUES (100,86400,1763888400000,0);"
        ),
    );
    let Body::Poll(poll) = &m.body else { panic!() };
    assert_eq!((poll.question.as_str(), poll.selectable, poll.options.len()), ("Wanneer?", Some(2), 2));
    assert_eq!((&poll.options[0].voters, poll.options[0].total), (&vec![person("31622222222"), Sender::Holder], Some(2)));
    let [mine, removed] = m.reactions.as_slice() else { panic!() };
    assert_eq!((&mine.by, mine.emoji.as_str(), mine.removed, mine.at.as_ref().unwrap().raw), (&Sender::Holder, "👍", false, 50));
    assert_eq!((&removed.by, removed.emoji.as_str(), removed.removed), (&person("31611111111"), "", true));
    assert_eq!(
        m.expiry.as_deref(),
        Some(&ExpiryMark { seconds: 86_400, expires: Some(Moment::from_millis(1_763_888_400_000)), kept: true })
    );
    assert_eq!((summary.pins, summary.keeps), (1, 1));
    assert_eq!(summary.unknown_additions.into_iter().collect::<Vec<_>>(), [(12, 1)]);
}

#[test]
fn places_cards_events_invites_and_albums() {
    let Body::Place(place) =
        one(5, "", "INSERT INTO message_location VALUES (100,52.1,5.2,'Stadhuis','Markt 1','https://x',NULL);").0.body
    else {
        panic!()
    };
    assert_eq!((place.latitude, place.name.as_deref(), place.live_seconds), (52.1, Some("Stadhuis"), None));
    let cards = "INSERT INTO message_vcard(message_row_id,vcard) VALUES (100,'BEGIN:VCARD a'),(100,'BEGIN:VCARD b');";
    let Body::Cards { cards } = one(14, "", cards).0.body else { panic!() };
    assert_eq!(cards.iter().map(|c| c.vcard.as_str()).collect::<Vec<_>>(), ["BEGIN:VCARD a", "BEGIN:VCARD b"]);
    let event = "INSERT INTO message_event(message_row_id,is_canceled,name,description,location_name,start_time,end_time) VALUES (100,1,'Overleg','over de haven','Kamer 2',1763802000000,1763805600);";
    let Body::Event { name, description, starts, ends, place, cancelled, .. } = one(92, "", event).0.body else { panic!() };
    assert_eq!(
        (name.as_str(), description.as_deref(), place, cancelled),
        ("Overleg", Some("over de haven\nKamer 2"), None, true)
    );
    assert_eq!((starts.unwrap().unit, ends.unwrap().unit), (TimeUnit::Milliseconds, TimeUnit::Seconds));
    let Body::GroupInvite(invite) =
        one(24, "", "INSERT INTO message_group_invite VALUES (100,3,1,'Team Haven','x',1763802000);").0.body
    else {
        panic!()
    };
    assert_eq!((invite.group.as_deref(), invite.expires.unwrap().utc.is_some()), (Some("Team Haven"), true));
    let (kept, _) = scene(
        "INSERT INTO message(_id,chat_row_id,from_me,key_id,timestamp,message_type) VALUES (100,10,1,'ALB',1,99),(101,10,1,'F1',2,1),(102,10,1,'F2',3,1);
         INSERT INTO message_album(message_row_id,image_count,expected_image_count) VALUES (100,0,2);
         INSERT INTO message_parent_association VALUES (101,100,1),(102,101,7);",
    );
    assert_eq!(kept.message("me:ALB").body, Body::Album { images: 2, videos: 0 });
    assert_eq!(kept.message("me:F1").album.as_ref().unwrap().0, "me:ALB");
    assert_eq!(kept.message("me:F2").album, None, "another kind of association is no album");
}

#[test]
fn calls_inside_a_conversation_and_the_rest_of_the_log_only_counted() {
    let log = "INSERT INTO call_log(_id,jid_row_id,from_me,call_id,timestamp,video_call,duration,call_result,group_jid_row_id) VALUES (5,1,0,'c',1,1,61,5,0),(6,1,0,'d',1,0,0,2,0);
               INSERT INTO call_log_participant_v2(call_log_row_id,jid_row_id,call_result) VALUES (5,1,5),(5,4,2),(6,1,2); INSERT INTO message_call_log VALUES (100,5);";
    let (m, summary) = one(90, "", log);
    assert_eq!(
        m.body,
        Body::Call(Call {
            video: true,
            group: false,
            duration_seconds: 61,
            outcome: CallOutcome::Answered,
            participants: vec![person("31611111111"), person("31622222222")]
        })
    );
    assert_eq!(summary.not_asked.calls, 1);
    let Body::Call(missed) =
        one(10, "", "INSERT INTO missed_call_logs(message_row_id,timestamp,video_call) VALUES (100,1,0);").0.body
    else {
        panic!()
    };
    assert_eq!((missed.outcome, missed.video), (CallOutcome::Missed, false));
}

#[test]
fn notices_take_their_meaning_from_their_table_before_their_code() {
    let (kept, summary) = scene(
        "INSERT INTO message(_id,chat_row_id,from_me,key_id,sender_jid_row_id,status,timestamp,message_type,text_data) VALUES
          (100,11,1,'s1',1,6,1700000001000,7,'Nieuwe naam'),(101,11,1,'s2',1,6,1700000002000,7,NULL),(102,11,1,'s3',5,6,1700000003000,7,NULL),
          (103,10,0,'s4',0,6,1700000004000,7,NULL),(104,11,1,'s5',0,6,1700000005000,7,NULL),(105,11,1,'s6',1,6,1700000006000,7,NULL),(106,11,1,'s7',4,6,1700000007000,7,NULL);
         INSERT INTO message_system VALUES (100,1),(101,12),(102,57),(103,59),(104,7777),(105,10),(106,13);
         INSERT INTO message_system_value_change VALUES (100,'Oude naam');
         INSERT INTO message_system_chat_participant VALUES (101,4),(101,8);
         INSERT INTO message_system_photo_change VALUES (102,'x');
         INSERT INTO message_ephemeral_setting VALUES (103,0,86400,NULL);
         INSERT INTO message_system_number_change VALUES (105,1,2);",
    );
    let event = |id: &str| match &kept.message(id).body {
        Body::System(event) => event.clone(),
        other => panic!("{other:?}"),
    };
    let subject = event("me:s1");
    assert_eq!(
        (subject.event, subject.old.as_deref(), subject.new.as_deref()),
        (SystemEventKind::SubjectChanged, Some("Oude naam"), Some("Nieuwe naam"))
    );
    let added = event("me:s2");
    assert_eq!(
        (added.event, added.affected, added.actor),
        (SystemEventKind::Added, vec![person("31622222222"), Sender::Holder], Some(person("31611111111")))
    );
    assert_eq!((event("me:s3").event, event("me:s3").code), (SystemEventKind::PictureChanged, 57));
    let timer = event("s4");
    assert_eq!(
        (timer.event, timer.old.as_deref(), timer.new.as_deref(), timer.actor),
        (SystemEventKind::TimerChanged, Some("86400"), Some("0"), Some(person("31611111111")))
    );
    assert_eq!((event("me:s5").event, event("me:s5").code), (SystemEventKind::Other, 7777));
    assert_eq!(event("me:s6").event, SystemEventKind::NumberChanged);
    assert_eq!(summary.unknown_actions.into_iter().collect::<Vec<_>>(), [(7777, 1)]);
    let changes = &kept.conversation("whatsapp:31611111111@s.whatsapp.net").timer.changes;
    let [change] = changes.as_slice() else { panic!() };
    assert_eq!(
        (&change.by, change.from_seconds, change.to_seconds, change.at.raw),
        (&person("31611111111"), Some(86_400), Some(0), 1_700_000_004_000)
    );
    let group = kept.conversation("whatsapp:120363000000000001@g.us");
    let piet = group.membership.iter().find(|m| m.participant.0 == "31622222222@s.whatsapp.net").unwrap();
    let moves: Vec<(bool, i64)> = piet.changes.iter().map(|c| (c.joined, c.at.as_ref().unwrap().raw)).collect();
    assert_eq!(
        moves,
        [(false, 1_700_000_900_000), (true, 1_700_000_002_000), (false, 1_700_000_007_000)]
            .into_iter()
            .collect::<std::collections::BTreeSet<_>>()
            .into_iter()
            .fold(Vec::new(), |mut v, m| {
                v.push(m);
                v.sort_by_key(|m| m.1);
                v
            })
    );
}

#[test]
fn mentions_and_forwards() {
    let (m, _) = one(
        0,
        "@777000 kijk",
        "INSERT INTO message_mentions(message_row_id,jid_row_id,display_name,mention_type) VALUES (100,4,'Pietje',0),(100,NULL,NULL,2); INSERT INTO message_forwarded VALUES (100,127,0);",
    );
    let [piet, everyone] = m.mentions.as_slice() else { panic!() };
    assert_eq!(
        (piet.participant.as_ref().unwrap().0.as_str(), piet.shown.as_deref()),
        ("31622222222@s.whatsapp.net", Some("Pietje"))
    );
    assert_eq!((&everyone.participant, everyone.kind_raw), (&None, Some(2)));
    assert_eq!(m.forwarded, Some(Forward { score: Some(127) }));
    assert_eq!(
        one(0, "x", "UPDATE message SET origination_flags = 257 WHERE _id = 100;").0.forwarded,
        Some(Forward { score: None })
    );
}

#[test]
fn business_texts_and_messages_of_unknown_types() {
    let template = "INSERT INTO message_template VALUES (100,'Uw afspraak','Gemeente'); INSERT INTO message_template_button(message_row_id,text_data) VALUES (100,'Bevestig');";
    assert_eq!(
        one(27, "", template).0.body,
        Body::Text { text: "Uw afspraak\nGemeente\nBevestig".into(), link: None, link_title: None }
    );
    let (m, summary) = one(
        4711,
        "nieuw soort",
        "INSERT INTO message_future VALUES (100,3,x'00'); INSERT INTO message_comment(message_row_id) VALUES (100); INSERT INTO message_secret VALUES (100,x'01'); INSERT INTO composition(chat_row_id,text) VALUES (10,'concept');",
    );
    let Body::Unknown { code, text, raw } = &m.body else { panic!() };
    assert_eq!((*code, text.as_deref(), raw.get("key_id").map(String::as_str)), (4711, Some("nieuw soort"), Some("K1")));
    assert_eq!(summary.unknown_types.clone().into_iter().collect::<Vec<_>>(), [(4711, 1)]);
    assert_eq!((summary.undecoded_by_app, summary.not_asked.drafts), (1, 1));
    let unread: Vec<(&str, u64, TableNature)> =
        summary.tables_unread.iter().map(|t| (t.table.as_str(), t.rows, t.nature)).collect();
    assert_eq!(
        unread.into_iter().filter(|t| t.0 != "sqlite_sequence").collect::<Vec<_>>(),
        [("composition", 1, TableNature::NotAsked), ("message_secret", 1, TableNature::Technical)]
    );
    assert_eq!(one(11, "", "").0.body, Body::Waiting);
}

#[test]
fn statuses_and_channels_are_counted_and_not_read_unless_asked() {
    let rows = "INSERT INTO message(_id,chat_row_id,from_me,key_id,sender_jid_row_id,timestamp,message_type,text_data) VALUES (100,14,0,'S',1,1700000001000,0,'status'),(101,15,0,'N',0,1700000001000,0,'kanaal'),(102,10,0,'M',0,1700000001000,0,'gewoon');";
    let (kept, summary) = scene(rows);
    assert_eq!((kept.messages.len(), summary.not_asked.status_messages, summary.not_asked.newsletter_messages), (1, 1, 1));
    let database = built(&format!("{TABLES}{CAST}{rows}"));
    let scope = Scope { status_broadcast: true, newsletters: true, ..Scope::default() };
    let (kept, _) = read_all(&Reading { scope, ..reading(&database, None) });
    assert_eq!((kept.messages.len(), kept.conversations.len()), (3, 5));
}
