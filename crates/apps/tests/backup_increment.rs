//! Increments as a phone would write them, as far as reference/android.md §2.5 read them, and as an attacker would.
//!
//! The records are written field by field with prost's encoding primitives, not with the structs under test.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod backup_support;

use backup_support::{bytes, crypt15, keys, noise};
use proptest::prelude::*;
use prost::encoding::{WireType, encode_key, encode_varint};
use std::io::{Cursor, Write};
use uitlezen_apps::whatsapp::backup::{
    Content, ConversationFacts, EntryKind, IncrementError, IncrementLimits, IncrementMessage, IncrementRecord, IncrementReport,
    IncrementSet, NotRead, Payload, Said, SetLimits, Trailer, read_increment, unlock,
};
use uitlezen_chat::{AttachmentState, Body, CallOutcome, EvidenceId, SystemEventKind};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// A protobuf message under construction.
#[derive(Clone, Default)]
struct Pb(Vec<u8>);

impl Pb {
    fn int(mut self, number: u32, value: u64) -> Self {
        encode_key(number, WireType::Varint, &mut self.0);
        encode_varint(value, &mut self.0);
        self
    }

    fn bytes(mut self, number: u32, value: impl AsRef<[u8]>) -> Self {
        encode_key(number, WireType::LengthDelimited, &mut self.0);
        encode_varint(value.as_ref().len() as u64, &mut self.0);
        self.0.extend_from_slice(value.as_ref());
        self
    }

    fn double(mut self, number: u32, value: f64) -> Self {
        encode_key(number, WireType::SixtyFourBit, &mut self.0);
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }
}

impl AsRef<[u8]> for Pb {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

fn pb() -> Pb {
    Pb::default()
}

const ANJA: &str = "31612345678@s.whatsapp.net";
const GROUP: &str = "120363000000000001@g.us";

fn key(from_me: bool, id: &str) -> Pb {
    pb().bytes(1, ANJA).int(2, from_me.into()).bytes(3, id)
}

fn web(id: &str, content: &Pb) -> Pb {
    pb().bytes(1, key(false, id)).bytes(2, content).int(3, 1_763_800_000).int(4, 4)
}

fn text(text: &str) -> Pb {
    pb().bytes(1, text)
}

fn conversation(jid: &str, messages: &[Pb]) -> Pb {
    messages.iter().zip(1..).fold(pb().bytes(1, jid), |c, (m, order)| c.bytes(2, pb().bytes(1, m).int(2, order)))
}

fn sync(conversations: &[Pb]) -> Pb {
    conversations.iter().fold(pb().int(1, 3), |s, c| s.bytes(2, c))
}

fn delimited(records: &[Pb]) -> Vec<u8> {
    let mut out = Vec::new();
    for record in records {
        encode_varint(record.0.len() as u64, &mut out);
        out.extend_from_slice(&record.0);
    }
    out
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn increment(records: &[Pb]) -> Vec<u8> {
    zip(&[("messages.bin", &delimited(records))])
}

fn read(zip: Vec<u8>) -> (IncrementReport, Vec<IncrementRecord>) {
    let mut records = Vec::new();
    let report = read_increment(bytes(zip), &IncrementLimits::default(), &mut |r| records.push(r)).unwrap();
    (report, records)
}

fn messages(records: Vec<IncrementRecord>) -> Vec<IncrementMessage> {
    records.into_iter().filter_map(|r| if let IncrementRecord::Message(m) = r { Some(*m) } else { None }).collect()
}

/// Reads one content in one message of one conversation.
fn one(content: &Pb) -> IncrementMessage {
    let (report, records) = read(increment(&[sync(&[conversation(ANJA, &[web("K1", content)])])]));
    assert_eq!((report.messages, report.malformed, report.unknown_fields), (1, 0, 0), "{report:?}");
    messages(records).remove(0)
}

fn said(content: &Pb) -> Said {
    match one(content).content {
        Content::Said(said) => *said,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_increment_comes_through_its_container_whole() {
    let content = increment(&[sync(&[conversation(ANJA, &[web("K1", &text("tot morgen"))])])]);
    let mut out = Vec::new();
    let unlocked = unlock(bytes(crypt15(&content, [8; 16], false)), &keys(), &mut out, &mut |_| {}).unwrap();
    assert_eq!((unlocked.payload, unlocked.trailer), (Payload::Zip, Trailer::Bare));
    let (report, records) = read(out);
    assert!(report.is_complete(), "{report:?}");
    let found = messages(records);
    assert_eq!((found[0].chat.as_str(), found[0].key.id.as_str(), found[0].key.from_me), (ANJA, "K1", false));
    assert_eq!(found[0].sent.as_ref().unwrap().raw, 1_763_800_000);
    assert_eq!(found[0].status, Some(4));
    let Content::Said(said) = &found[0].content else { panic!("{found:?}") };
    assert_eq!(said.body, Body::Text { text: "tot morgen".into(), link: None, link_title: None });
}

#[test]
fn what_stands_around_messages_is_read_too() {
    let chat = conversation(GROUP, &[])
        .int(5, 1_763_800_001)
        .int(9, 604_800)
        .int(10, 1_763_000_000)
        .bytes(13, "Begroting 2027")
        .bytes(17, pb().int(1, 1).int(2, 2).int(4, 1))
        .bytes(20, pb().bytes(1, ANJA).int(2, 1))
        .int(31, 1_700_000_000)
        .bytes(33, "over de begroting");
    let record = sync(&[chat, conversation(ANJA, &[]).int(9, 0).bytes(42, "999@lid").bytes(39, ANJA)])
        .bytes(7, pb().bytes(1, ANJA).bytes(2, "Anja"))
        .bytes(8, pb().int(9, 86_400).int(10, 1_763_100_000))
        .bytes(15, pb().bytes(1, ANJA).bytes(2, "999@lid"))
        .bytes(13, pb().int(1, 1))
        .bytes(12, pb().bytes(1, GROUP).bytes(2, pb().bytes(1, ANJA).int(2, 1).int(3, 1_763_000_500)))
        .bytes(99, "new");
    let (report, records) = read(increment(&[record]));
    assert_eq!((report.conversations, report.unknown_fields), (2, 1));
    assert_eq!(report.not_read, NotRead { calls: 1, ..NotRead::default() });
    let Some(IncrementRecord::Departure(gone)) = records.iter().find(|r| matches!(r, IncrementRecord::Departure(_))) else {
        panic!("the past participant is missing")
    };
    assert_eq!((gone.group.as_str(), gone.person.as_str(), gone.removed), (GROUP, ANJA, Some(true)));
    assert_eq!(gone.at.as_ref().unwrap().raw, 1_763_000_500);
    let chats: Vec<&ConversationFacts> =
        records.iter().filter_map(|r| if let IncrementRecord::Conversation(c) = r { Some(&**c) } else { None }).collect();
    assert_eq!(chats[0].timer_seconds, Some(604_800));
    assert_eq!(chats[0].timer_set.as_ref().unwrap().raw, 1_763_000_000);
    assert_eq!((chats[0].timer_initiator_raw, chats[0].timer_trigger_raw), (Some(1), Some(2)));
    assert_eq!(chats[0].name.as_deref(), Some("Begroting 2027"));
    assert_eq!(chats[0].participants, [(ANJA.to_owned(), 1)]);
    assert_eq!((chats[1].timer_seconds, chats[1].lid_jid.as_deref()), (Some(0), Some("999@lid")), "off is said, not absent");
    assert!(records.iter().any(|r| matches!(r, IncrementRecord::PushName { name, .. } if name == "Anja")));
    assert!(records.iter().any(|r| matches!(r, IncrementRecord::Lid { lid_jid, .. } if lid_jid == "999@lid")));
    assert!(records.iter().any(|r| matches!(r, IncrementRecord::DefaultTimer(t) if t.seconds == Some(86_400))));
}

#[test]
fn each_kind_of_message_becomes_its_body() {
    let context = pb().bytes(1, "Q1").bytes(2, ANJA).bytes(3, text("oud")).bytes(15, ANJA).int(21, 5).int(22, 1).int(25, 86_400);
    let reply =
        said(&pb().bytes(6, pb().bytes(1, "zie https://x.nl").bytes(2, "https://x.nl").bytes(6, "X").bytes(17, &context)));
    assert_eq!(
        reply.body,
        Body::Text { text: "zie https://x.nl".into(), link: Some("https://x.nl".into()), link_title: Some("X".into()) }
    );
    let quote = reply.quote.unwrap();
    assert_eq!((quote.id.as_deref(), quote.text.as_deref(), quote.kind_raw), (Some("Q1"), Some("oud"), Some(1)));
    assert_eq!((reply.mentions.len(), reply.forwarded.unwrap().score, reply.timer_seconds), (1, Some(5), Some(86_400)));

    let image = said(
        &pb().bytes(3, pb().bytes(2, "image/jpeg").bytes(3, "plattegrond").bytes(4, [7; 32]).int(5, 1234).int(6, 10).int(7, 20)),
    );
    assert_eq!(image.body, Body::Image { caption: Some("plattegrond".into()) });
    let file = &image.attachments[0];
    assert_eq!((file.bytes, file.height, file.width, &file.state), (Some(1234), Some(10), Some(20), &AttachmentState::Wanted));
    assert_eq!(file.sha256.as_deref(), Some("07".repeat(32).as_str()));

    assert_eq!(said(&pb().bytes(8, pb().int(5, 12).int(6, 1))).body, Body::VoiceNote);
    assert_eq!(said(&pb().bytes(8, pb().int(5, 12))).body, Body::Audio);
    assert_eq!(said(&pb().bytes(9, pb().int(8, 1))).body, Body::Gif { caption: None });
    assert_eq!(said(&pb().bytes(66, pb().int(5, 3))).body, Body::VideoNote);
    assert_eq!(said(&pb().bytes(26, pb().bytes(5, "image/webp"))).body, Body::Sticker);
    let document = said(&pb().bytes(53, pb().bytes(1, pb().bytes(7, pb().bytes(8, "nota.pdf").bytes(20, "concept")))));
    assert_eq!(document.body, Body::Document { caption: Some("concept".into()) });
    assert_eq!(document.attachments[0].name.as_deref(), Some("nota.pdf"));

    let place = said(&pb().bytes(5, pb().double(1, 52.5).double(2, 4.75).bytes(3, "Stadhuis")));
    assert!(
        matches!(place.body, Body::Place(p) if p.latitude == 52.5 && p.longitude == 4.75 && p.name.as_deref() == Some("Stadhuis"))
    );
    assert!(matches!(said(&pb().bytes(4, pb().bytes(16, "BEGIN:VCARD"))).body, Body::Cards { cards } if cards.len() == 1));
    for poll in [49, 60, 64, 111, 119] {
        let options = pb().bytes(2, "Wanneer?").bytes(3, pb().bytes(1, "ma")).bytes(3, pb().bytes(1, "di")).int(4, 1);
        assert!(
            matches!(said(&pb().bytes(poll, options)).body, Body::Poll(p) if p.options.len() == 2 && p.selectable == Some(1))
        );
    }
    let wrapped_poll = pb().bytes(93, pb().bytes(1, pb().bytes(64, pb().bytes(2, "Wie?"))));
    assert!(matches!(said(&wrapped_poll).body, Body::Poll(p) if p.question == "Wie?"));
    let call = said(&pb().bytes(69, pb().int(1, 1).int(2, 1).bytes(5, pb().bytes(1, ANJA))));
    assert!(matches!(call.body, Body::Call(c) if c.video && c.outcome == CallOutcome::Missed));
    assert_eq!(call.call_participants, [ANJA]);
    assert!(matches!(
        said(&pb().bytes(75, pb().bytes(3, "Borrel").int(7, 1_763_900_000))).body,
        Body::Event { starts: Some(_), .. }
    ));
    assert_eq!(said(&pb().bytes(83, pb().int(2, 3).int(3, 1))).body, Body::Album { images: 3, videos: 1 });
    let in_album = said(&pb().bytes(3, pb()).bytes(35, pb().bytes(10, pb().int(1, 1).bytes(2, key(true, "ALBUM")))));
    assert_eq!(in_album.album.as_deref(), Some("ALBUM"));

    for wrapper in [37, 55, 59] {
        let once = said(&pb().bytes(wrapper, pb().bytes(1, pb().bytes(3, pb().bytes(3, "kijk")))));
        assert_eq!(once.body, Body::ViewOnce { media: "image".into(), state: None });
        assert_eq!(once.view_once_caption.as_deref(), Some("kijk"));
        assert!(matches!(once.attachments[0].state, AttachmentState::NotOnPhone { .. }));
    }
    let buttons = said(&pb().bytes(42, pb().bytes(6, "Kies een optie")));
    assert!(matches!(buttons.body, Body::Unknown { code: 42, text: Some(t), .. } if t == "Kies een optie"));
    assert!(matches!(said(&pb().bytes(124, pb())).body, Body::Unknown { code: 124, .. }));
    assert_eq!(one(&pb().bytes(2, pb())).content, Content::Nothing);
}

#[test]
fn acts_upon_other_messages_keep_their_target() {
    let edit = pb().bytes(1, key(true, "OLD")).int(2, 14).bytes(14, text("verbeterd")).int(15, 1_763_800_000_123);
    for content in [pb().bytes(12, &edit), pb().bytes(58, pb().bytes(1, pb().bytes(12, &edit)))] {
        let message = one(&content);
        assert_eq!(message.content.target().unwrap().id, "OLD");
        let Content::Edits { said, at, .. } = message.content else { panic!() };
        assert_eq!(said.body, Body::Text { text: "verbeterd".into(), link: None, link_title: None });
        assert_eq!(at.unwrap().raw, 1_763_800_000_123);
    }
    let revoke = one(&pb().bytes(12, pb().bytes(1, key(true, "OLD")).int(2, 0)));
    assert!(matches!(revoke.content, Content::Revokes { target, .. } if target.id == "OLD" && target.from_me));
    let reaction = one(&pb().bytes(46, pb().bytes(1, key(false, "OLD")).bytes(2, "👍").int(4, 1)));
    assert!(matches!(reaction.content, Content::Reacts { emoji, .. } if emoji == "👍"));
    let timer = one(&pb().bytes(12, pb().int(2, 3).int(4, 0).int(5, 1_763_000_000)));
    assert!(matches!(timer.content, Content::SetsTimer { seconds: Some(0), .. }));
    assert!(matches!(
        one(&pb().bytes(51, pb().bytes(1, key(false, "OLD")).int(2, 1))).content,
        Content::Keeps { on: Some(true), .. }
    ));
    assert!(matches!(one(&pb().bytes(50, pb().bytes(1, key(false, "OLD")))).content, Content::Votes { .. }));
    let sync_of_lids = said(&pb().bytes(12, pb().int(2, 22)));
    assert!(matches!(sync_of_lids.body, Body::Unknown { code: 12, raw, .. } if raw["type"] == "22"));
}

#[test]
fn notices_and_expiry_stand_beside_the_content() {
    let stub = |code: u64, parameters: &[&str]| {
        let web = parameters.iter().fold(pb().bytes(1, key(false, "N1")).int(3, 1).int(24, code), |w, p| w.bytes(26, p));
        let (report, records) = read(increment(&[sync(&[conversation(GROUP, &[web.int(52, 1_763_800_009)])])]));
        assert_eq!(report.malformed, 0);
        let message = messages(records).remove(0);
        assert_eq!(message.stub.as_ref().unwrap().code, i64::try_from(code).unwrap());
        let Content::Said(said) = message.content else { panic!() };
        said.body
    };
    assert!(matches!(stub(1, &[]), Body::Revoked(r) if r.at.as_ref().unwrap().raw == 1_763_800_009));
    assert!(matches!(stub(132, &[]), Body::Revoked(_)));
    assert_eq!(stub(2, &[]), Body::Waiting);
    assert!(matches!(stub(41, &[]), Body::Call(c) if c.video && c.outcome == CallOutcome::Missed));
    assert!(
        matches!(stub(72, &["604800"]), Body::System(e) if e.event == SystemEventKind::TimerChanged && e.new.as_deref() == Some("604800"))
    );
    assert!(matches!(stub(21, &["Nieuw"]), Body::System(e) if e.event == SystemEventKind::SubjectChanged && e.code == 21));
    assert!(matches!(stub(199, &[]), Body::System(e) if e.event == SystemEventKind::Other && e.code == 199));

    let web = web("E1", &text("weg"))
        .int(17, 1)
        .bytes(19, "Anja")
        .int(32, 1_763_800_000)
        .int(33, 86_400)
        .bytes(41, pb().bytes(1, pb().bytes(1, GROUP).int(2, 0).bytes(3, "R").bytes(4, ANJA)).bytes(2, "👍").int(4, 5))
        .bytes(45, pb())
        .bytes(50, pb().int(1, 1))
        .int(80, 1_763_886_400)
        .bytes(99, "?");
    let (report, records) = read(increment(&[sync(&[conversation(GROUP, &[web])])]));
    let message = messages(records).remove(0);
    let expiry = message.expiry.unwrap();
    assert_eq!((expiry.seconds, expiry.kept, expiry.expires.unwrap().raw), (Some(86_400), true, 1_763_886_400));
    assert_eq!((message.starred, message.push_name.as_deref(), message.poll_votes), (true, Some("Anja"), 1));
    assert_eq!((message.reactions[0].by.as_deref(), message.reactions[0].emoji.as_str()), (Some(ANJA), "👍"));
    assert_eq!((message.unknown_fields, report.unknown_fields), (1, 1));
}

#[test]
fn other_entries_make_the_increment_incomplete() {
    let messages = delimited(&[sync(&[])]);
    let (report, _) = read(zip(&[("messages.bin", &messages), ("deleted.bin", b"xyz"), ("info.json", b"{}"), ("a/b", b"1")]));
    assert!(!report.is_complete());
    assert_eq!(report.other_entries[&EntryKind::Binary].entries, 1);
    assert_eq!(report.other_entries[&EntryKind::Binary].bytes, 3);
    assert_eq!((report.other_entries[&EntryKind::Json].entries, report.other_entries[&EntryKind::Other].entries), (1, 1));
    let (report, _) = read(zip(&[("other.bin", b"")]));
    assert!(!report.is_complete() && report.message_entries == 0);
}

#[test]
fn damage_is_counted_and_the_rest_is_read() {
    let good = web("K2", &text("goed"));
    let bad = pb().bytes(1, b"\xff\xff\xff");
    let nested_bad = web("K3", &pb().bytes(3, b"\x0a\xff"));
    let (report, records) = read(increment(&[
        sync(&[conversation(ANJA, &[bad, nested_bad, good.clone(), web("", &text("zonder id"))])]),
        pb().bytes(2, b"\xff").bytes(2, pb().bytes(13, "no id")).bytes(2, conversation(ANJA, std::slice::from_ref(&good))),
    ]));
    assert_eq!((report.records, report.conversations, report.messages), (2, 4, 5));
    assert_eq!(report.malformed, 5);
    assert!(!report.is_complete());
    let found = messages(records);
    assert_eq!(found.len(), 3);
    assert!(
        found[0].malformed && matches!(&found[0].content, Content::Said(s) if matches!(s.body, Body::Unknown { code: 3, .. }))
    );
    assert_eq!(found.iter().map(|m| m.position.row).collect::<Vec<_>>(), [1, 2, 4], "the lost ones keep their places");
    assert_eq!(found[2].position.record, 1);

    // Cut within a record; a length that lies; a length that is none.
    let whole = delimited(&[sync(&[conversation(ANJA, &[good])])]);
    for broken in [&whole[..whole.len() - 3], &[whole.as_slice(), &[0xff, 0xff, 0xff, 0x7f, 1]].concat(), &[0xff; 12], &[0x80]] {
        let (report, _) = read(zip(&[("messages.bin", broken)]));
        assert!(report.unread_tail && !report.is_complete(), "{report:?}");
    }
}

#[test]
fn limits_hold_and_are_told() {
    let long = web("LONG", &text(&"x".repeat(5000)));
    let short = web("SHORT", &text("x"));
    let file = increment(&[
        sync(&[conversation(ANJA, &[long.clone(), short.clone()])]),
        sync(&[conversation(ANJA, &[web("R", &text(&"y".repeat(9000)))])]),
        sync(&[conversation(ANJA, &[short])]),
    ]);
    let limits = IncrementLimits { record_bytes: 8000, message_bytes: 1000, ..IncrementLimits::default() };
    let mut found = Vec::new();
    let report = read_increment(bytes(file.clone()), &limits, &mut |r| found.push(r)).unwrap();
    assert_eq!((report.records, report.too_large, messages(found).len()), (3, 2, 2));
    assert!(!report.is_complete());
    let limits = IncrementLimits { bytes: 6000, ..IncrementLimits::default() };
    let report = read_increment(bytes(file), &limits, &mut |_| {}).unwrap();
    assert!(report.unread_tail);

    // Wrappers within wrappers, and quotes within quotes.
    let mut deep = text("diep");
    let mut quoted = text("diep");
    for _ in 0..5000 {
        deep = pb().bytes(40, pb().bytes(1, deep));
        quoted = pb().bytes(6, pb().bytes(1, "t").bytes(17, pb().bytes(3, quoted)));
        if deep.0.len() > 100_000 {
            break;
        }
    }
    let (report, records) = read(increment(&[sync(&[conversation(ANJA, &[web("D", &deep), web("Q", &quoted)])])]));
    assert_eq!(report.malformed, 2);
    assert_eq!(messages(records).len(), 2);
    let mut within = text("ondiep");
    for _ in 0..8 {
        within = pb().bytes(40, pb().bytes(1, within));
    }
    assert!(matches!(said(&within).body, Body::Text { text, .. } if text == "ondiep"));

    // A message of nothing but empty fields would cost a hundred times its length if it were decoded.
    let many = (0..20_000).fold(web("M", &text("x")), |m, _| m.bytes(41, pb()));
    let (report, records) = read(increment(&[sync(&[conversation(ANJA, &[many])])]));
    assert_eq!((report.malformed, messages(records).len()), (1, 0));
}

#[test]
fn what_is_no_zip_is_refused() {
    let refuse = |file: Vec<u8>| read_increment(bytes(file), &IncrementLimits::default(), &mut |_| panic!()).unwrap_err();
    assert!(matches!(refuse(Vec::new()), IncrementError::NotAZip));
    assert!(matches!(refuse(noise(10_000, 1)), IncrementError::NotAZip));
    let entries: Vec<(String, &[u8])> = (0..60_000).map(|i| (format!("{i:060}"), &b""[..])).collect();
    let entries: Vec<(&str, &[u8])> = entries.iter().map(|(n, c)| (n.as_str(), *c)).collect();
    assert!(matches!(refuse(zip(&entries)), IncrementError::TooManyEntries));
}

#[test]
fn a_set_answers_with_the_newest_first_and_keeps_what_nobody_took() {
    let first = increment(&[sync(&[
        conversation(ANJA, &[web("A", &text("een")), web("B", &text("los"))]).int(9, 0),
        conversation(GROUP, &[web("A", &text("ander gesprek"))]),
    ])]);
    let edit = pb().bytes(12, pb().bytes(1, key(true, "A")).int(2, 14).bytes(14, text("drie")));
    let second =
        increment(&[sync(&[conversation("999@lid", &[web("A", &text("twee")), web("EDIT", &edit)]).int(9, 86_400)])
            .bytes(8, pb().int(9, 0))]);
    let mut set = IncrementSet::new();
    set.add(bytes(first), EvidenceId(4));
    set.add(bytes(second), EvidenceId(5));
    assert!(set.is_complete(), "{:?}", set.added());

    let mut reading = set.reading();
    let found = reading.take(&[ANJA, "999@lid"], false, "A");
    let texts: Vec<&str> = found
        .iter()
        .map(|f| match &f.message.content {
            Content::Said(s) | Content::Edits { said: s, .. } => match &s.body {
                Body::Text { text, .. } => text.as_str(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(texts, ["drie", "twee", "een"]);
    assert_eq!(found.iter().map(|f| (f.increment, f.item.0)).collect::<Vec<_>>(), [(1, 5), (1, 5), (0, 4)]);
    assert!(reading.take(&[GROUP], true, "A").is_empty(), "the direction is part of the key");
    let rest: Vec<_> = reading.rest().map(|f| (f.message.chat.clone(), f.message.key.id.clone())).collect();
    assert_eq!(rest, [(ANJA.to_owned(), "B".to_owned()), (GROUP.to_owned(), "A".to_owned())]);
    assert_eq!(reading.chats_of_rest().len(), 2);
    assert_eq!(set.conversations()[ANJA][0].what.timer_seconds, Some(0));
    assert_eq!(set.conversations()["999@lid"][0].increment, 1);
    assert_eq!(set.default_timers()[0].what.seconds, Some(0));
    assert!(!format!("{set:?}").contains("een"));
}

#[test]
fn a_set_that_is_full_says_so() {
    let many: Vec<Pb> = (0..500).map(|i| web(&format!("K{i}"), &text(&"x".repeat(500)))).collect();
    let file = increment(&[sync(&[conversation(ANJA, &many)])]);
    let mut set = IncrementSet::with_limits(SetLimits { memory: 200_000, ..SetLimits::default() });
    set.add(bytes(file), EvidenceId(4));
    let added = &set.added()[0];
    assert!(added.not_kept > 0 && !set.is_complete());
    assert_eq!(added.not_kept + set.messages().count() as u64, 500);
    set.add_unread(EvidenceId(5), IncrementError::NotAZip);
    assert_eq!(set.added().len(), 2);

    let same: Vec<Pb> = (0..1100).map(|_| web("SAME", &text("x"))).collect();
    let mut set = IncrementSet::new();
    set.add(bytes(increment(&[sync(&[conversation(ANJA, &same)])])), EvidenceId(4));
    assert_eq!(set.added()[0].not_kept, 1100 - 1024);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_records_never_panic_and_never_vanish(record in proptest::collection::vec(any::<u8>(), 0..300), raw: bool) {
        let content = if raw { record.clone() } else { delimited(&[Pb(record.clone())]) };
        let (report, _) = read(zip(&[("messages.bin", &content)]));
        if !raw {
            prop_assert_eq!(report.records, 1);
        }
    }

    #[test]
    fn random_contents_are_kept_as_a_message(content in proptest::collection::vec(any::<u8>(), 0..200), number in 1_u32..130) {
        for content in [Pb(content.clone()), pb().bytes(number, &content)] {
            let (report, records) = read(increment(&[sync(&[conversation(ANJA, &[web("K", &content)])])]));
            prop_assert_eq!((report.messages, messages(records).len()), (1, 1));
        }
    }

    #[test]
    fn a_bit_flipped_in_the_zip_is_never_a_whole_increment_with_other_words(at in 0_usize..1000, bit in 0_u8..8) {
        let good = increment(&[sync(&[conversation(ANJA, &[web("K1", &text("de wethouder heeft ja gezegd"))])])]);
        let mut file = good.clone();
        let at = at % file.len();
        file[at] ^= 1 << bit;
        let mut found = Vec::new();
        if let Ok(report) = read_increment(bytes(file), &IncrementLimits::default(), &mut |r| found.push(r)) {
            let (_, expected) = read(good);
            prop_assert!(!report.is_complete() || found == expected, "byte {}", at);
        }
    }
}
