//! Increments over a full backup: both versions kept where they differ, the rest appended, nothing counted twice.

use super::{
    kinds::{INDEXES, TABLES},
    *,
};
use crate::whatsapp::backup::IncrementSet;
use std::io::Write;

/// A protobuf field of wire type 2.
fn field(number: u32, bytes: &[u8]) -> Vec<u8> {
    let mut out = varint(u64::from(number) << 3 | 2);
    out.extend(varint(bytes.len() as u64));
    out.extend(bytes);
    out
}

fn number(field: u32, value: u64) -> Vec<u8> {
    [varint(u64::from(field) << 3), varint(value)].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn key(from_me: bool, id: &str) -> Vec<u8> {
    [number(2, u64::from(from_me)), field(3, id.as_bytes())].concat()
}

/// A WebMessageInfo in the frame of a conversation (reference/android.md §2.5).
fn message(from_me: bool, id: &str, seconds: u64, content: &[u8]) -> Vec<u8> {
    let info = [field(1, &key(from_me, id)), field(2, content), number(3, seconds)].concat();
    field(2, &field(1, &info))
}

fn text(text: &str) -> Vec<u8> {
    field(1, text.as_bytes())
}

fn protocol(kind: u64, from_me: bool, id: &str, more: &[u8]) -> Vec<u8> {
    field(12, &[field(1, &key(from_me, id)), number(2, kind), more.to_vec()].concat())
}

fn conversation(jid: &str, parts: &[Vec<u8>]) -> Vec<u8> {
    field(2, &[field(1, jid.as_bytes()), parts.concat()].concat())
}

fn set(records: &[Vec<u8>], extra_entry: bool) -> IncrementSet {
    let sync: Vec<u8> = records.concat();
    let messages = [varint(sync.len() as u64), sync].concat();
    let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    zip.start_file("messages.bin", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(&messages).unwrap();
    if extra_entry {
        zip.start_file("deletions.bin", zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(b"?").unwrap();
    }
    let mut set = IncrementSet::new();
    set.add(Arc::new(zip.finish().unwrap().into_inner()), EvidenceId(9));
    set
}

const BASE: &str = "
INSERT INTO jid VALUES (1,'31611111111','s.whatsapp.net',0,0,0,NULL),(2,'777','lid',0,0,18,NULL);
INSERT INTO chat(_id,jid_row_id,ephemeral_expiration,ephemeral_setting_timestamp) VALUES (10,1,0,1700000000000);
INSERT INTO message(_id,chat_row_id,from_me,key_id,sender_jid_row_id,timestamp,message_type,text_data) VALUES
 (100,10,0,'A',0,1700000001000,0,'blijft'),(101,10,1,'B',0,1700000002000,0,'eerst zo'),(102,10,0,'C',0,1700000003000,0,'wordt gewist'),(103,10,0,'D',0,1700000004000,0,'mooi');
";

const JAN: &str = "31611111111@s.whatsapp.net";

#[test]
fn newer_versions_are_shown_and_older_ones_kept_with_their_own_source() {
    let edited = [field(14, &text("nu anders")), number(15, 1_700_000_500_000)].concat();
    let reaction = field(46, &[field(1, &key(false, "D")), field(2, "👍".as_bytes())].concat());
    let increments = set(
        &[
            conversation(
                JAN,
                &[
                    number(9, 86_400),
                    number(10, 1_700_000_600),
                    message(false, "A", 1_700_000_001, &text("blijft")),
                    message(true, "E1", 1_700_000_500, &protocol(14, true, "B", &edited)),
                    message(false, "R1", 1_700_000_501, &protocol(0, false, "C", &[])),
                    message(true, "X1", 1_700_000_502, &reaction),
                    message(false, "N", 1_700_000_503, &text("nieuw")),
                    message(false, "N2", 1_700_000_504, &text("nieuw in een latere minuut")),
                ],
            ),
            conversation("555@lid", &[message(false, "L", 1_700_000_700, &text("van een verborgen nummer"))]),
            field(7, &[field(1, JAN.as_bytes()), field(2, b"jantje")].concat()),
            field(8, &[number(9, 604_800), number(10, 1_700_000_650)].concat()),
            field(15, &[field(1, JAN.as_bytes()), field(2, b"777@lid")].concat()),
        ],
        false,
    );
    let database = built(&format!("{TABLES}{INDEXES}{BASE}"));
    let (kept, summary) = read_all(&Reading { increments: Some(&increments), ..reading(&database, None) });
    let ids: Vec<&str> = kept.messages.iter().map(|(_, m)| m.id.0.as_str()).collect();
    assert_eq!(ids, ["A", "me:B", "C", "D", "N", "N2", "L"]);
    assert_eq!(kept.message("A").source.item, MSGSTORE, "what both hold alike stays as the database has it");
    let b = kept.message("me:B");
    assert_eq!(b.body, Body::Text { text: "nu anders".into(), link: None, link_title: None });
    assert_eq!(
        (b.source.item, b.source.table.as_ref(), b.sent.raw),
        (EvidenceId(9), "HistorySync.conversations.messages", 1_700_000_002_000)
    );
    assert!(b.edited.is_some());
    let [first] = b.earlier.as_slice() else { panic!() };
    assert_eq!(
        (&first.body, first.source.item),
        (&Body::Text { text: "eerst zo".into(), link: None, link_title: None }, MSGSTORE)
    );
    let c = kept.message("C");
    assert!(matches!(c.body, Body::Revoked(_)));
    assert_eq!(c.earlier[0].body, Body::Text { text: "wordt gewist".into(), link: None, link_title: None });
    let d = kept.message("D");
    assert_eq!(
        (d.reactions.len(), d.reactions[0].emoji.as_str(), &d.reactions[0].by, d.earlier.len()),
        (1, "👍", &Sender::Holder, 0)
    );
    assert_eq!((kept.message("N").sent.unit, &kept.message("N").sender), (TimeUnit::Seconds, &person("31611111111")));
    let i = &summary.increments;
    assert_eq!((i.files, i.new, i.changed, i.same, i.not_interpreted, i.conversations_new), (1, 3, 3, 1, 0, 1));
    assert!(summary.is_whole());

    let jan = &kept.conversations[0];
    assert_eq!(jan.participants[0].names, [ParticipantName { name: "jantje".into(), origin: NameOrigin::PushName }]);
    assert!(jan.native.iter().any(|n| n.value == "777@lid"), "a pair from an increment resolves a hidden id");
    assert_eq!(jan.timer.state, TimerState::On { seconds: 86_400 });
    let [change] = jan.timer.changes.as_slice() else { panic!() };
    assert_eq!((change.from_seconds, change.to_seconds, change.source.item), (Some(0), Some(86_400), EvidenceId(9)));
    assert_eq!(kept.conversations[1].id.0, "whatsapp:555@lid");
    assert!(
        matches!(kept.conversations[1].timer.state, TimerState::NotDeterminable { .. }),
        "an increment without the field says nothing"
    );
    assert_eq!(summary.default_timer_hint.as_ref().unwrap().seconds, 604_800);
}

#[test]
fn departures_are_read_and_what_was_not_asked_is_no_gap() {
    let group = "120363000000000001@g.us";
    let past = |who: &str, at: u64| field(2, &[field(1, who.as_bytes()), number(2, 0), number(3, at)].concat());
    let records = [
        conversation(
            group,
            &[
                field(13, b"Team"),
                field(33, "over de haven".as_bytes()),
                field(20, &[field(1, b"31622222222@s.whatsapp.net"), number(2, 1)].concat()),
            ],
        ),
        field(
            12,
            &[field(1, group.as_bytes()), past(JAN, 1_700_000_900), past("31622222222@s.whatsapp.net", 1_700_000_100)].concat(),
        ),
        field(3, b""),
        field(13, &number(1, 1)),
        field(20, &field(3, b"Iemand Anders")),
    ];
    let increments = set(&records, false);
    let database = built(&format!("{TABLES}{BASE}INSERT INTO jid VALUES (3,'120363000000000001','g.us',0,0,1,NULL); INSERT INTO chat(_id,jid_row_id) VALUES (11,3);
        INSERT INTO group_participant_user(group_jid_row_id,user_jid_row_id,rank,pending) VALUES (3,1,0,0);"));
    let with = |scope: Scope| read_all(&Reading { increments: Some(&increments), scope, ..reading(&database, None) });
    let (kept, summary) = with(Scope::default());
    let group = kept.conversation("whatsapp:120363000000000001@g.us");
    assert_eq!(group.description.as_deref(), Some("over de haven"));
    let of = |id: &str| group.membership.iter().find(|m| m.participant.0 == id).unwrap();
    let jan = of(JAN);
    assert_eq!((jan.current, jan.changes.len(), jan.changes[0].joined), (false, 1, false));
    assert_eq!((jan.changes[0].at.as_ref().unwrap().raw, jan.changes[0].source.item), (1_700_000_900, EvidenceId(9)));
    let piet = of("31622222222@s.whatsapp.net");
    assert_eq!((piet.current, piet.role, piet.changes.len()), (true, Some(Role::Admin), 1), "who is in a later list came back");
    assert!(summary.is_whole(), "{:?}", summary.increments);
    assert_eq!((summary.not_asked.status_messages, summary.not_asked.calls, summary.not_asked.contacts), (1, 1, 1));
    let (_, asked) = with(Scope { status_broadcast: true, call_log: true, ..Scope::default() });
    assert_eq!((asked.increments.not_interpreted, asked.is_whole()), (2, false));
}

#[test]
fn a_pin_and_a_keep_of_an_increment_tell_who_and_when() {
    let act =
        |kind: u32, on: u64| field(kind, &[field(1, &key(false, "A")), number(2, on), number(3, 1_700_000_400_000)].concat());
    let increments = set(
        &[conversation(JAN, &[message(true, "P", 1_700_000_400, &act(63, 1)), message(false, "Q", 1_700_000_401, &act(51, 1))])],
        false,
    );
    let database = built(&format!("{TABLES}{BASE}"));
    let (kept, summary) = read_all(&Reading { increments: Some(&increments), ..reading(&database, None) });
    let a = kept.message("A");
    assert_eq!((summary.pins, summary.keeps, a.pins.len(), a.kept.len()), (1, 1, 1, 1));
    assert_eq!((&a.pins[0].by, a.pins[0].on, a.pins[0].source.item), (&Sender::Holder, Some(true), EvidenceId(9)));
    assert_eq!((&a.kept[0].by, a.kept[0].on), (&person("31611111111"), Some(true)));
}

#[test]
fn entries_that_are_not_interpreted_make_the_reading_incomplete() {
    let increments = set(&[conversation(JAN, &[message(false, "A", 1, &text("blijft"))])], true);
    let database = built(&format!("{TABLES}{BASE}"));
    let (_, summary) = read_all(&Reading { increments: Some(&increments), ..reading(&database, None) });
    assert_eq!(summary.increments.not_interpreted, 1);
    assert!(!summary.is_whole());
}

#[test]
fn an_edit_of_a_new_message_is_laid_over_it_and_one_of_an_unknown_message_is_counted() {
    let edit = |id: &str| protocol(14, false, id, &field(14, &text("verbeterd")));
    let increments = set(
        &[conversation(
            JAN,
            &[
                message(false, "N", 1_700_000_503, &text("nieuw")),
                message(false, "E", 1_700_000_504, &edit("N")),
                message(false, "F", 1_700_000_505, &edit("onbekend")),
            ],
        )],
        false,
    );
    let database = built(&format!("{TABLES}{BASE}"));
    let (kept, summary) = read_all(&Reading { increments: Some(&increments), ..reading(&database, None) });
    let n = kept.message("N");
    assert_eq!((&n.body, n.earlier.len()), (&Body::Text { text: "verbeterd".into(), link: None, link_title: None }, 1));
    assert_eq!((summary.increments.new, summary.increments.not_interpreted), (1, 1));
}

/// Messages that increments touch are merged in the order of the messages, and counts add up, however many threads there are.
#[test]
fn one_thread_and_four_give_the_same_records() {
    let database = scale::big(40_000, true);
    let touched = [101, 102, 103, 8_300, 8_301, 17_000, 24_680, 39_999, 40_098];
    let records: Vec<Vec<u8>> = touched
        .iter()
        .map(|i| {
            let jid = format!("{}@s.whatsapp.net", 31_600_000_100_u64 + i % 40);
            conversation(&jid, &[message(i % 3 == 0, &format!("3EB0{}", i * 7919), 1_700_100_000, &text("later zo"))])
        })
        .chain([conversation("31600000101@s.whatsapp.net", &[message(false, "NIEUW", 1_700_200_000, &text("nieuw"))])])
        .collect();
    let set = set(&records, false);
    let with = |helpers| {
        runs::FORCED.set(Some(helpers));
        let read = read_all(&Reading { increments: Some(&set), ..reading(&database, None) });
        runs::FORCED.set(None);
        read
    };
    let (one, counted) = with(0);
    assert_eq!((one.messages.len(), counted.increments.changed, counted.increments.new), (40_001, 9, 1));
    for helpers in [1, 3] {
        let (several, summary) = with(helpers);
        assert_eq!(summary, counted);
        assert!(several.conversations == one.conversations && several.messages == one.messages, "{helpers} helpers");
    }
}
