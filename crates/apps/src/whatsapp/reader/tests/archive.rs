//! What an archive may not lose: rows nobody understands, marks and answers, who the holder is, and holes in the row ids.

use super::{
    kinds::{CAST, TABLES},
    *,
};

/// A reading without being told who the holder is.
fn untold(rows: &str) -> (Kept, Summary) {
    let database = built(&format!("{TABLES}{CAST}{rows}"));
    read_all(&reading(&database, None))
}

const GROUP: &str = "whatsapp:120363000000000001@g.us";

#[test]
fn newest_and_oldest_are_instants_whatever_the_unit() {
    let mut summary = Summary::default();
    let mut message =
        untold("INSERT INTO message(_id,chat_row_id,from_me,key_id,timestamp,message_type) VALUES (100,10,0,'K',1,0);")
            .0
            .messages
            .remove(0)
            .1;
    // Milliseconds of 2025, then seconds of an hour later and of an hour before.
    for sent in [Moment::from_millis(1_763_802_000_007), Moment::from_seconds(1_763_805_600), Moment::from_seconds(1_763_798_400)]
    {
        message.sent = sent;
        crate::reading::count::count(&mut summary, &message);
    }
    assert_eq!(summary.newest, Some(Moment::from_seconds(1_763_805_600)));
    assert_eq!(summary.oldest, Some(Moment::from_seconds(1_763_798_400)));
}

#[test]
fn rows_of_unknown_tables_stand_raw_with_their_message_and_only_the_others_make_the_reading_incomplete() {
    let rows = "
        CREATE TABLE message_system_device_change(message_row_id INTEGER PRIMARY KEY, device_added_count INTEGER, device_removed_count INTEGER);
        CREATE TABLE message_of_2031(_id INTEGER PRIMARY KEY, message_row_id INTEGER, \"order\" TEXT, by_jid_row_id INTEGER, empty TEXT);
        CREATE TABLE message_add_on_question_response(message_add_on_row_id INTEGER PRIMARY KEY, response TEXT);
        CREATE TABLE message_blob(message_row_id INTEGER PRIMARY KEY, data BLOB);
        CREATE TABLE loose_2031(_id INTEGER PRIMARY KEY, what TEXT);
        INSERT INTO message(_id,chat_row_id,from_me,key_id,timestamp,message_type,status,text_data) VALUES (100,10,0,'K',1700000001000,7,6,NULL),(101,10,0,'L',1700000002000,0,0,'vraag'),(102,14,0,'S',1700000002000,0,0,'status');
        INSERT INTO message_system VALUES (100,71);
        INSERT INTO message_system_device_change VALUES (100,1,0);
        INSERT INTO message_of_2031 VALUES (1,101,'een',4,NULL),(2,101,'twee',2,NULL),(3,102,'elders',NULL,NULL),(4,999,'nergens',NULL,NULL);
        INSERT INTO message_add_on(_id,chat_row_id,from_me,key_id,sender_jid_row_id,parent_message_row_id,timestamp,message_add_on_type) VALUES (7,10,0,'a',1,101,5,110);
        INSERT INTO message_add_on_question_response VALUES (7,'mijn antwoord');
        INSERT INTO message_blob VALUES (101,x'0102');
        INSERT INTO loose_2031 VALUES (1,'x');";
    let (kept, summary) = untold(rows);
    let notice = kept.message("K");
    assert_eq!(notice.uninterpreted.get("message_system_device_change.device_added_count").map(String::as_str), Some("1"));
    let question = kept.message("L");
    let raw = |name: &str| question.uninterpreted.get(name).map(String::as_str);
    assert_eq!((raw("message_of_2031.order"), raw("message_of_2031[2].order")), (Some("een"), Some("twee")));
    assert_eq!(raw("message_of_2031.by_jid_row_id"), Some("777000@lid"), "a row of an address is written as the address");
    assert_eq!(raw("message_of_2031.empty"), None);
    assert_eq!(raw("message_blob.data"), Some("blob of 2 bytes"));
    let [answer] = question.additions.as_slice() else { panic!("{:?}", question.additions) };
    assert_eq!((answer.kind_raw, &answer.by), (Some(110), &person("31611111111")));
    assert_eq!(answer.raw.get("message_add_on_question_response.response").map(String::as_str), Some("mijn antwoord"));
    assert_eq!(summary.unknown_additions.get(&110), Some(&1));

    let of = |table: &str| summary.tables_unread.iter().find(|t| t.table == table).map(|t| (t.nature, t.rows));
    assert_eq!(of("message_system_device_change"), Some((TableNature::KeptRaw, 1)));
    assert_eq!(of("message_add_on_question_response"), Some((TableNature::KeptRaw, 1)));
    assert_eq!(of("message_of_2031"), Some((TableNature::NotInterpreted, 1)), "the row without a message is in no record");
    assert_eq!(of("message_blob"), Some((TableNature::NotInterpreted, 1)), "a blob is not kept");
    assert_eq!(of("loose_2031"), Some((TableNature::NotInterpreted, 1)));
    let missing: Vec<&str> = summary.uninterpreted_tables().map(|t| t.table.as_str()).collect();
    assert_eq!(missing, ["loose_2031", "message_blob", "message_of_2031"]);
    assert!(summary.tables_unread.iter().all(|t| !t.reason.is_empty()));
}

#[test]
fn pins_keeps_and_answers_tell_who_and_when() {
    let (kept, summary) = untold(
        "CREATE TABLE message_add_on_event_response(message_add_on_row_id INTEGER PRIMARY KEY, response INTEGER, sender_timestamp INTEGER NOT NULL, extra_guest_count INTEGER);
         ALTER TABLE message_add_on ADD COLUMN expiry_timestamp INTEGER; ALTER TABLE message_add_on_pin_in_chat ADD COLUMN sender_timestamp INTEGER;
         INSERT INTO message(_id,chat_row_id,from_me,key_id,sender_jid_row_id,timestamp,message_type,text_data) VALUES (100,11,0,'E',1,1700000001000,92,NULL),(101,11,0,'T',1,1700000001000,15,NULL);
         INSERT INTO message_event(message_row_id,name,start_time) VALUES (100,'Overleg',1763802000000);
         INSERT INTO message_add_on(_id,chat_row_id,from_me,key_id,sender_jid_row_id,parent_message_row_id,timestamp,message_add_on_type,expiry_timestamp) VALUES
          (1,11,0,'a',1,100,1700000005000,93,NULL),(2,11,1,'b',0,100,1700000006000,79,1700600000000),(3,11,0,'c',1,100,1700000007000,79,NULL),(4,11,0,'d',1,100,1700000008000,68,NULL),(5,11,0,'e',1,101,9,93,NULL);
         INSERT INTO message_add_on_event_response VALUES (1,1,1700000004000,2),(5,3,1,NULL);
         INSERT INTO message_add_on_pin_in_chat VALUES (2,1,1700000005500),(3,0,NULL); INSERT INTO message_add_on_keep_in_chat VALUES (4,1);",
    );
    let event = kept.message("E");
    let Body::Event { answers, .. } = &event.body else { panic!() };
    let [answer] = answers.as_slice() else { panic!() };
    assert_eq!(
        (&answer.by, answer.code, answer.extra_guests, answer.at.as_ref().unwrap().raw),
        (&person("31611111111"), 1, Some(2), 1_700_000_004_000)
    );
    let pins: Vec<(&Sender, Option<bool>, i64)> = event.pins.iter().map(|p| (&p.by, p.on, p.at.as_ref().unwrap().raw)).collect();
    let jan = person("31611111111");
    assert_eq!(pins, [(&Sender::Holder, Some(true), 1_700_000_005_500), (&jan, Some(false), 1_700_000_007_000)]);
    assert_eq!(event.pins[0].expires.as_ref().unwrap().raw, 1_700_600_000_000);
    assert_eq!((event.kept.len(), &event.kept[0].by, event.kept[0].on), (1, &jan, Some(true)));
    assert_eq!((summary.pins, summary.keeps), (2, 1));
    assert_eq!(kept.message("T").additions.len(), 1, "an answer to an event that was revoked is not lost");
}

#[test]
fn quotations_carry_their_file_place_and_cards_and_live_places_their_end() {
    let (kept, _) = untold(
        "CREATE TABLE message_quoted_location(message_row_id INTEGER PRIMARY KEY, latitude REAL, longitude REAL, place_name TEXT, place_address TEXT, url TEXT);
         CREATE TABLE message_quoted_vcard(_id INTEGER PRIMARY KEY, message_row_id INTEGER, vcard TEXT);
         ALTER TABLE message_quoted_media ADD COLUMN media_name TEXT; ALTER TABLE message_quoted_media ADD COLUMN mime_type TEXT;
         ALTER TABLE message_location ADD COLUMN live_location_final_latitude REAL; ALTER TABLE message_location ADD COLUMN live_location_final_longitude REAL; ALTER TABLE message_location ADD COLUMN live_location_final_timestamp INTEGER;
         INSERT INTO message(_id,chat_row_id,from_me,key_id,timestamp,message_type,text_data) VALUES (100,10,0,'D',1700000001000,0,'zie bijlage'),(101,10,0,'P',1700000002000,0,'daar'),(102,10,0,'L',1700000003000,16,NULL);
         INSERT INTO message_quoted VALUES (100,10,10,1,NULL,'A',1,9,NULL),(101,10,10,1,NULL,'B',1,5,NULL);
         INSERT INTO message_quoted_media VALUES (100,'het besluit','besluit.pdf','application/pdf');
         INSERT INTO message_quoted_location VALUES (101,52.1,5.2,'Stadhuis',NULL,NULL); INSERT INTO message_quoted_vcard VALUES (1,101,'BEGIN:VCARD');
         INSERT INTO message_location VALUES (102,52.1,5.2,NULL,NULL,NULL,900,52.3,5.4,1700000900000);",
    );
    let file = kept.message("D").quote.as_ref().unwrap();
    assert_eq!(
        (file.text.as_deref(), file.media_name.as_deref(), file.media_type.as_deref()),
        (Some("het besluit"), Some("besluit.pdf"), Some("application/pdf"))
    );
    let place = kept.message("P").quote.as_ref().unwrap();
    assert_eq!((place.place.as_ref().unwrap().name.as_deref(), place.cards.len()), (Some("Stadhuis"), 1));
    let Body::Place(live) = &kept.message("L").body else { panic!() };
    let last = live.last.as_ref().unwrap();
    assert_eq!((last.latitude, last.longitude, last.at.as_ref().unwrap().raw), (52.3, 5.4, 1_700_000_900_000));
}

#[test]
fn a_former_question_a_comment_and_a_label() {
    let (kept, summary) = untold(
        "CREATE TABLE poll_edit_snapshot(_id INTEGER PRIMARY KEY, parent_message_row_id INTEGER, previous_poll_name TEXT);
         CREATE TABLE labels(_id INTEGER PRIMARY KEY, label_name TEXT); CREATE TABLE labeled_jid(_id INTEGER PRIMARY KEY, label_id INTEGER, jid_row_id INTEGER);
         INSERT INTO labels VALUES (1,'Nieuwe klant'); INSERT INTO labeled_jid VALUES (1,1,1),(2,9,1);
         INSERT INTO message(_id,chat_row_id,from_me,key_id,timestamp,message_type,text_data) VALUES (100,10,0,'P',1700000001000,66,'Dinsdag?'),(101,10,0,'C',1700000002000,0,'reactie');
         INSERT INTO poll_edit_snapshot VALUES (4,100,'Maandag?'); INSERT INTO message_comment(parent_message_row_id,message_row_id) VALUES (100,101);",
    );
    let poll = kept.message("P");
    let [former] = poll.earlier.as_slice() else { panic!() };
    assert_eq!(former.body, Body::Poll(Poll { question: "Maandag?".into(), selectable: None, options: vec![] }));
    assert_eq!((former.source.table.as_ref(), former.source.row), ("poll_edit_snapshot", 4));
    assert_eq!(kept.message("C").comment_on.as_ref().map(|id| id.0.as_str()), Some("P"));
    assert_eq!(kept.conversations[0].labels, ["Nieuwe klant"]);
    assert_eq!(summary.uninterpreted_tables().count(), 0);
}

#[test]
fn the_app_s_own_mark_says_that_the_holder_came_into_a_group() {
    let (kept, summary) = untold(
        "CREATE TABLE message_system_group(message_row_id INTEGER PRIMARY KEY, is_me_joined INTEGER);
         INSERT INTO message(_id,chat_row_id,from_me,key_id,sender_jid_row_id,status,timestamp,message_type) VALUES (100,11,1,'a',1,6,1700000001000,7),(101,11,1,'b',1,6,1700000002000,7);
         INSERT INTO message_system VALUES (100,12),(101,12); INSERT INTO message_system_group VALUES (100,1),(101,0); INSERT INTO message_system_chat_participant VALUES (101,4);",
    );
    let event = |id: &str| match &kept.message(id).body {
        Body::System(event) => event.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!((event("me:a").holder_joined, event("me:a").affected), (Some(true), vec![Sender::Holder]));
    assert_eq!((event("me:b").holder_joined, event("me:b").affected), (Some(false), vec![person("31622222222")]));
    let holder = kept.conversation(GROUP).membership.iter().find(|m| m.participant.0 == HOLDER).unwrap();
    assert_eq!((holder.changes.len(), holder.changes[0].joined, &holder.changes[0].by), (1, true, &Some(person("31611111111"))));
    assert_eq!(summary.uninterpreted_tables().count(), 0);
}

#[test]
fn the_holder_is_known_by_the_author_of_own_rows_and_stays_unknown_when_these_disagree() {
    let own = "CREATE TABLE message_details(message_row_id INTEGER PRIMARY KEY, author_device_jid INTEGER);
         INSERT INTO jid VALUES (20,'31600000000','s.whatsapp.net',0,3,17,'31600000000:3@s.whatsapp.net');
         INSERT INTO message(_id,chat_row_id,from_me,key_id,sender_jid_row_id,status,timestamp,message_type,text_data) VALUES
          (100,11,1,'a',0,13,1700000001000,0,'van mij'),(101,11,1,'s',1,6,1700000002000,7,NULL),(102,10,1,'q',0,13,1700000002000,0,'zie boven');
         INSERT INTO message_quoted VALUES (102,10,10,1,8,'a',1,0,'van mij');";
    let (kept, summary) = untold(&format!("{own} INSERT INTO message_details VALUES (100,20),(101,1);"));
    let HolderKnown::ByOwnRows { rows } = &summary.holder else { panic!("{:?}", summary.holder) };
    assert_eq!(rows.iter().map(|(t, n)| (t.as_str(), *n)).collect::<Vec<_>>(), [("message_details", 1), ("message_quoted", 1)]);
    let group = kept.conversation(GROUP);
    let holder = group.participants.iter().find(|p| p.is_holder).unwrap();
    assert_eq!(holder.number.as_deref(), Some("+31600000000"));
    assert!(group.membership.iter().any(|m| m.participant.0 == HOLDER && m.current && m.role == Some(Role::Owner)));
    assert!(group.participants.iter().filter(|p| p.number.as_deref() == Some("+31600000000")).count() == 1);
    let direct = kept.conversation("whatsapp:31611111111@s.whatsapp.net");
    assert_eq!(direct.participants.len(), 2, "two people and no third: {:?}", direct.participants);

    let (kept, summary) = untold(&format!("{own} INSERT INTO message_details VALUES (100,2);"));
    assert_eq!(summary.holder, HolderKnown::Contradictory { addresses: 2 });
    assert_eq!(kept.conversation(GROUP).participants.iter().find(|p| p.is_holder).unwrap().number, None);
    assert_eq!(untold("").1.holder, HolderKnown::No);
}

#[test]
fn a_former_number_is_the_same_person_and_not_a_third() {
    let (kept, _) = untold(
        "INSERT INTO jid VALUES (30,'31699999999','s.whatsapp.net',0,0,0,NULL);
         INSERT INTO message(_id,chat_row_id,from_me,key_id,sender_jid_row_id,status,timestamp,message_type) VALUES (100,10,0,'n',1,6,1700000001000,7);
         INSERT INTO message_system VALUES (100,28); INSERT INTO message_system_number_change VALUES (100,30,1);",
    );
    let direct = kept.conversation("whatsapp:31611111111@s.whatsapp.net");
    let ids: Vec<&str> = direct.participants.iter().map(|p| p.id.0.as_str()).collect();
    assert_eq!(ids, ["31611111111@s.whatsapp.net", "holder"]);
    let former = NativeId { kind: "former phone-number jid".into(), value: "31699999999@s.whatsapp.net".into() };
    assert!(direct.participants[0].native.contains(&former));
}

#[test]
fn a_timer_that_starts_at_reading_is_not_off_wherever_it_stands() {
    let (kept, _) = untold(
        "CREATE TABLE chat_ephemeral(chat_row_id INTEGER PRIMARY KEY, ephemeral_trigger INTEGER, ephemeral_initiated_by_me BOOLEAN, after_read_duration INTEGER);
         INSERT INTO chat_ephemeral VALUES (10,1,0,86400); ALTER TABLE message_ephemeral_setting ADD COLUMN after_read_duration INTEGER;
         INSERT INTO message(_id,chat_row_id,from_me,key_id,sender_jid_row_id,status,timestamp,message_type) VALUES (100,10,0,'t',1,6,1700000001000,7);
         INSERT INTO message_ephemeral_setting VALUES (100,0,NULL,NULL,86400);",
    );
    let timer = &kept.conversation("whatsapp:31611111111@s.whatsapp.net").timer;
    assert_eq!(timer.state, TimerState::NotDeterminable { reason: "after-read-timer-not-interpreted".into() });
    assert_eq!(timer.changes[0].to_seconds, None);
}

#[test]
fn holes_in_the_row_ids_are_counted_and_not_judged() {
    let (_, summary) = untold(
        "CREATE TABLE deleted_chat_job(_id INTEGER PRIMARY KEY, chat_row_id INTEGER); INSERT INTO deleted_chat_job VALUES (1,10);
         INSERT INTO message(_id,chat_row_id,from_me,key_id,timestamp,message_type) VALUES (2,10,0,'A',1,0),(3,10,0,'B',1,0),(6,10,0,'C',1,0),(20,10,0,'D',1,0),(30,10,0,'X',1,0);
         DELETE FROM message WHERE _id = 30;",
    );
    let expected =
        crate::RowGaps { gaps: 2, absent: 15, longest: 13, before_first: 0, after_last: Some(10), deletions_pending: 1 };
    assert_eq!(summary.row_gaps, expected);
    assert!(summary.is_whole());
}

#[test]
fn a_group_has_its_description_and_the_rest_of_the_contacts_is_not_asked() {
    let msgstore = built(&format!("{TABLES}{CAST}"));
    let wa = built(
        "CREATE TABLE wa_contacts(_id INTEGER PRIMARY KEY, jid TEXT); CREATE TABLE wa_block_list(jid TEXT); INSERT INTO wa_block_list VALUES ('x');
         CREATE TABLE wa_group_descriptions(jid TEXT, description TEXT); INSERT INTO wa_group_descriptions VALUES ('120363000000000001@g.us','Afspraken over de haven'),('9@g.us','elders');",
    );
    let (kept, summary) = read_all(&reading(&msgstore, Some(&wa)));
    assert_eq!(kept.conversation(GROUP).description.as_deref(), Some("Afspraken over de haven"));
    let blocked = summary.tables_unread.iter().find(|t| t.table == "wa.wa_block_list").unwrap();
    assert_eq!((blocked.nature, blocked.rows), (TableNature::NotAsked, 1));
}

#[test]
fn people_in_a_missed_group_call() {
    let (kept, summary) = untold(
        "CREATE TABLE missed_call_log_participant(_id INTEGER PRIMARY KEY, call_logs_row_id INTEGER, jid TEXT, call_result INTEGER);
         INSERT INTO message(_id,chat_row_id,from_me,key_id,sender_jid_row_id,timestamp,message_type) VALUES (100,11,0,'m',1,1700000001000,10);
         INSERT INTO missed_call_logs(_id,message_row_id,timestamp,video_call,group_jid_row_id) VALUES (5,100,1,1,3);
         INSERT INTO missed_call_log_participant VALUES (1,5,'31611111111@s.whatsapp.net',2),(2,5,'777000@lid',2);",
    );
    let Body::Call(call) = &kept.message("m").body else { panic!() };
    assert_eq!((call.group, &call.participants), (true, &vec![person("31611111111"), person("31622222222")]));
    assert_eq!(summary.uninterpreted_tables().count(), 0);
}
