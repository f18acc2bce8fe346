use super::*;
use sha2::{Digest, Sha256};
use uitlezen_twin::content::signal::{media_name, seal_media};

/// Media by name.
#[derive(Debug, Default)]
pub(super) struct Shelf(BTreeMap<String, Vec<u8>>);

impl Files for Shelf {
    fn file(&self, name: &str) -> Option<Bytes> {
        self.0.get(name).map(|bytes| -> Bytes { Arc::new(bytes.clone()) })
    }
}

fn pointer(content: &[u8], key: u8, media_type: &str, shelf: &mut Shelf) -> Fields {
    let key = [key; 64];
    shelf.0.insert(media_name(content, &key), seal_media(content, &key, [7; 16]));
    let info = Fields::new().bytes(1, &[0xe9; 64]).number(3, content.len() as u64).bytes(9, &key);
    let info = info.bytes(10, &Sha256::digest(content));
    Fields::new().text(4, media_type).text(7, "stuk.jpg").number(8, 640).number(9, 480).message(13, &info)
}

const HOLDER_ID: u64 = 1;
const ANNA: u64 = 2;
const BRAM: u64 = 3;
const GROUP: u64 = 4;
const T: u64 = 1_750_000_000_000;

fn reaction(emoji: &str, by: u64, order: u64) -> Fields {
    Fields::new().text(1, emoji).number(2, by).number(3, T + 99_000).number(4, order)
}

fn update(field: u32, inner: &Fields) -> Fields {
    Fields::new().message(1, &Fields::new().message(field, inner))
}

/// One chat with everything, one group with everything that can happen to it.
#[allow(clippy::too_many_lines)]
pub(super) fn everything() -> (Frames, Shelf) {
    let (mut f, mut shelf) = (Frames::begin(604_800), Shelf::default());
    f.recipient(HOLDER_ID, 5, &Fields::new());
    let anna = Fields::new().bytes(1, &aci(0xa1)).bytes(2, &aci(0xb1)).number(4, 31_612_345_678).bytes(9, &[0xe3; 32]);
    let anna = anna.text(11, "Anna").text(12, "van Dijk").text(18, "Anna").text(19, "Gemeente");
    f.recipient(ANNA, 2, &anna.message(16, &Fields::new().text(1, "An")));
    f.recipient(BRAM, 2, &Fields::new().bytes(1, &aci(0xa2)).text(11, "Bram"));
    let member = |n, role| Fields::new().bytes(1, &aci(n)).number(2, role);
    let snapshot = Fields::new()
        .message(2, &Fields::new().text(1, "Bouwoverleg"))
        .message(11, &Fields::new().text(4, "Over de bouw"))
        .message(4, &Fields::new().number(3, 86_400))
        .message(7, &member(0xa1, 2))
        .message(7, &member(0xf0, 1))
        .bytes(10, &[0xe4; 16]);
    f.recipient(GROUP, 3, &Fields::new().bytes(1, &[0xe5; 32]).message(5, &snapshot));
    f.recipient(9, 7, &Fields::new().bytes(1, &[0xe6; 16]).bytes(2, &[0xe7; 16]).text(3, "Overleglink"));
    f.chat(10, ANNA, 0);
    f.chat(11, GROUP, 86_400_000);
    f.frame(5, &Fields::new().bytes(1, &[1; 16]).bytes(2, &[0xe8; 32]));

    // In the chat with Anna.
    let received = incoming(T + 1);
    let first = text("Kunnen we bellen?").message(6, &reaction("👍", HOLDER_ID, 2)).message(6, &reaction("🎉", BRAM, 1));
    f.item(head(10, ANNA, T).message(8, &received).message(11, &first));
    let quote = Fields::new().number(1, T).number(2, ANNA).message(3, &Fields::new().text(1, "Kunnen we"));
    let answer = text("Ja, om drie uur").message(1, &quote);
    let read = Fields::new().number(1, ANNA).number(2, T + 5_000).message(6, &Fields::new());
    f.item(head(10, HOLDER_ID, T + 1000).message(9, &Fields::new().message(1, &read)).message(11, &answer));
    // Edited twice, with a timer that runs.
    let version = |at: u64, body: &str| head(10, ANNA, at).message(8, &received).message(11, &text(body));
    let newest = head(10, ANNA, T + 4000).number(4, T + 6000).number(5, 604_800_000);
    let newest = newest.message(6, &version(T + 2000, "eerst")).message(6, &version(T + 3000, "toen"));
    f.item(newest.message(8, &received).message(11, &text("nu")));
    // Answers the second version.
    let quote = Fields::new().number(1, T + 3000).number(2, ANNA);
    f.item(head(10, BRAM, T + 4500).message(8, &received).message(11, &text("oké").message(1, &quote)));
    let file = |pointer: &Fields, flag| Fields::new().message(1, pointer).number(2, flag).number(3, 1);
    let picture = file(&pointer(b"een foto", 0xd1, "image/jpeg", &mut shelf), 0);
    f.item(head(10, ANNA, T + 5000).message(8, &received).message(11, &text("Zie bijlage").message(3, &picture)));
    let voice = file(&pointer(b"geluid", 0xd2, "audio/aac", &mut shelf), 1);
    f.item(head(10, ANNA, T + 6000).message(8, &received).message(11, &Fields::new().message(3, &voice)));
    let long: String = "Lang verhaal. ".repeat(300);
    let long_text = pointer(long.as_bytes(), 0xd3, "text/x-signal-plain", &mut shelf);
    f.item(head(10, ANNA, T + 7000).message(8, &received).message(11, &text(&long[..2000]).message(5, &long_text)));
    let once = file(&pointer(b"een keer", 0xd4, "image/png", &mut shelf), 0);
    f.item(head(10, ANNA, T + 8000).message(8, &received).message(18, &Fields::new().message(1, &once)));
    f.item(head(10, ANNA, T + 9000).message(8, &received).message(18, &Fields::new()));
    f.item(head(10, ANNA, T + 10_000).message(8, &received).message(14, &Fields::new()));
    let phone = Fields::new().text(1, "+31201234567").number(2, 3);
    let card = Fields::new().message(1, &Fields::new().text(1, "Jan").text(2, "Smit; zn")).message(3, &phone).text(7, "Gemeente");
    f.item(head(10, ANNA, T + 11_000).message(8, &received).message(12, &Fields::new().message(1, &card)));
    let call = Fields::new().number(2, 2).number(3, 2).number(4, 1).number(5, T + 12_000);
    f.item(head(10, HOLDER_ID, T + 12_000).message(10, &Fields::new()).message(15, &Fields::new().message(7, &call)));
    let timer = |ms| Fields::new().message(3, &Fields::new().number(1, ms));
    f.item(head(10, ANNA, T + 13_000).message(10, &Fields::new()).message(15, &timer(3_600_000)));
    f.item(head(10, HOLDER_ID, T + 14_000).message(10, &Fields::new()).message(15, &timer(0)));
    f.item(head(10, ANNA, T + 15_000).number(7, 1).message(8, &received).message(11, &text("per sms")));
    let gift = Fields::new().bytes(1, &[0xea; 20]).number(2, 1);
    f.item(head(10, ANNA, T + 16_000).message(8, &received).message(17, &gift));
    let sticker = Fields::new().bytes(1, &[2; 16]).bytes(2, &[0xeb; 32]).number(3, 4).text(4, "🙂");
    f.item(head(10, ANNA, T + 17_000).message(8, &received).message(13, &Fields::new().message(1, &sticker)));
    let preview = Fields::new().text(1, "https://gemeente.example").text(2, "Raad");
    f.item(head(10, ANNA, T + 18_000).message(8, &received).message(11, &text("kijk").message(4, &preview)));

    // In the group.
    let mention = Fields::new().number(1, 4).number(2, 1).bytes(3, &aci(0xa2));
    let said = Fields::new().message(2, &Fields::new().text(1, "Dag \u{fffc}").message(2, &mention));
    f.item(head(11, ANNA, T + 20_000).message(8, &received).message(11, &said));
    let vote = |who| Fields::new().number(1, who).number(2, 1);
    let option =
        |name: &str, votes: &[u64]| votes.iter().fold(Fields::new().text(1, name), |option, who| option.message(2, &vote(*who)));
    let poll = Fields::new().text(1, "Wanneer?").number(2, 0).message(3, &option("ma", &[ANNA, HOLDER_ID]));
    f.item(head(11, ANNA, T + 21_000).message(8, &received).message(20, &poll.message(3, &option("di", &[]))));
    let change = |f: &mut Frames, at: u64, update: &Fields| {
        f.item(head(11, GROUP, T + at).message(10, &Fields::new()).message(15, &Fields::new().message(2, update)));
    };
    change(&mut f, 22_000, &update(18, &Fields::new().bytes(1, &aci(0xa1)).bytes(2, &aci(0xa2))));
    change(&mut f, 23_000, &update(34, &Fields::new().number(1, 86_400_000).bytes(2, &aci(0xa2))));
    change(&mut f, 24_000, &update(10, &Fields::new().bytes(1, &aci(0xa2))));
    let two = update(3, &Fields::new().bytes(1, &aci(0xa1)).text(2, "Bouwoverleg"))
        .message(1, &Fields::new().message(9, &Fields::new().bytes(1, &aci(0xf0)).bytes(2, &aci(0xa1)).number(3, 1)));
    change(&mut f, 25_000, &two);
    f.item(head(11, ANNA, T + 26_000).message(8, &received).message(22, &Fields::new().number(1, HOLDER_ID)));
    let ring = Fields::new().number(2, 6).number(3, ANNA).number(5, T + 27_000).number(6, T + 87_000);
    f.item(head(11, ANNA, T + 27_000).message(10, &Fields::new()).message(15, &Fields::new().message(8, &ring)));
    let pinned = Fields::new().number(1, T + 20_000).number(2, ANNA);
    f.item(head(11, HOLDER_ID, T + 28_000).message(10, &Fields::new()).message(15, &Fields::new().message(11, &pinned)));
    // Twice the same author and time.
    for body in ["een", "twee"] {
        f.item(head(11, BRAM, T + 29_000).message(8, &received).message(11, &text(body)));
    }
    // A chat that is not there.
    f.item(head(77, BRAM, T + 30_000).message(8, &received).message(11, &text("waar ben ik")));
    (f, shelf)
}

#[test]
#[allow(clippy::too_many_lines)]
fn a_backup_with_everything_in_it_becomes_records() {
    let (frames, files) = everything();
    let (kept, read) = read_all(&main_of(&frames.0), &files);
    let summary = &read.summary;
    assert_eq!(read.settings.universal_timer, Known::Set { value: 604_800 });
    assert_eq!((read.settings.keep, read.settings.trim), (Known::NotCarried, Known::NotCarried));
    assert_eq!(read.made.unwrap().raw, 1_760_000_000_000);
    assert_eq!((summary.conversations, summary.messages), (3, 31));
    assert!(summary.is_whole(), "{summary:?}");
    assert_eq!((summary.revoked, summary.edited, summary.view_once.seen, summary.view_once.unseen), (2, 1, 1, 1));
    assert_eq!(summary.unknown_types, BTreeMap::from([(17, 1)]));
    assert_eq!(summary.oddities.duplicate_keys, 1);

    let anna_id = aci_id(0xa1);
    let anna = Sender::Participant(ParticipantId(anna_id.clone()));
    let bram = Sender::Participant(ParticipantId(aci_id(0xa2)));
    let at = |offset: u64, who: &str| kept.message(&format!("{}:{who}", T + offset));
    let by_anna = |offset| at(offset, &anna_id);

    let chat = kept.conversation(&anna_id);
    assert_eq!((chat.kind, &chat.timer.state), (ConversationKind::Direct, &TimerState::Off));
    let changes: Vec<_> = chat.timer.changes.iter().map(|c| (c.by.clone(), c.from_seconds, c.to_seconds)).collect();
    assert_eq!(changes, [(anna.clone(), None, Some(3600)), (Sender::Holder, Some(3600), Some(0))]);
    assert_eq!(chat.timer.since.as_ref().unwrap().raw, (T + 14_000) as i64);
    let person = chat.participants.iter().find(|p| p.id.0 == anna_id).unwrap();
    assert_eq!(person.number.as_deref(), Some("+31612345678"));
    let names: Vec<_> = person.names.iter().map(|n| (n.origin, n.name.as_str())).collect();
    assert_eq!(
        names,
        [(NameOrigin::AppContacts, "An"), (NameOrigin::PhoneContacts, "Anna Gemeente"), (NameOrigin::PushName, "Anna van Dijk")]
    );
    assert!(chat.native.iter().any(|n| n.value == "+31612345678"), "the register knows people by number");
    let holder = chat.participants.iter().find(|p| p.is_holder).unwrap();
    assert_eq!(holder.display_name(), "Wil Houder");

    let first = by_anna(0);
    assert_eq!(first.received.as_ref().unwrap().raw, (T + 1) as i64);
    let reactions: Vec<_> = first.reactions.iter().map(|r| (r.emoji.as_str(), r.by.clone())).collect();
    assert_eq!(reactions, [("🎉", bram.clone()), ("👍", Sender::Holder)]);
    let answer = at(1000, "holder");
    assert_eq!((answer.direction, &answer.sender), (Direction::Sent, &Sender::Holder));
    assert_eq!(answer.quote.as_ref().unwrap().id.as_ref(), Some(&first.id));
    assert_eq!(answer.delivery.as_ref().unwrap().read.as_ref().unwrap().raw, (T + 5_000) as i64);
    // Named, and dated, by its first version.
    let edited = by_anna(2000);
    assert!(matches!(&edited.body, Body::Text { text, .. } if text == "nu"));
    assert_eq!(edited.sent.raw, (T + 2000) as i64);
    assert_eq!(edited.edited.as_ref().unwrap().at.as_ref().unwrap().raw, (T + 4000) as i64);
    let versions: Vec<_> = edited.earlier.iter().map(|v| v.body.clone()).collect();
    let plain = |text: &str| Body::Text { text: text.into(), link: None, link_title: None };
    assert_eq!(versions, [plain("toen"), plain("eerst")]);
    let expiry = edited.expiry.as_ref().unwrap();
    assert_eq!((expiry.seconds, expiry.expires.as_ref().unwrap().raw), (604_800, (T + 6000 + 604_800_000) as i64));
    assert_eq!(at(4500, &aci_id(0xa2)).quote.as_ref().unwrap().id.as_ref(), Some(&edited.id));
    let picture = by_anna(5000);
    assert_eq!(picture.body, Body::Image { caption: Some("Zie bijlage".into()) });
    let file = &picture.attachments[0];
    let name = media_name(b"een foto", &[0xd1; 64]);
    assert_eq!(file.path.as_deref(), Some(&*format!("files/{}/{name}", &name[..2])));
    assert_eq!((file.bytes, &file.state, file.width), (Some(8), &AttachmentState::Wanted, Some(640)));
    assert_eq!(file.sha256.as_deref(), Some(&*hex::encode(Sha256::digest(b"een foto"))));
    assert_eq!(by_anna(6000).body, Body::VoiceNote);
    assert!(matches!(&by_anna(7000).body, Body::Text { text, .. } if text.len() == 4200), "the whole text");
    assert_eq!(by_anna(8000).body, Body::ViewOnce { media: "image".into(), state: Some(ViewOnceState::Unseen) });
    assert_eq!(by_anna(8000).attachments[0].state, AttachmentState::NotOnPhone { reason: "view-once".into() });
    assert!(matches!(by_anna(10_000).body, Body::Revoked(_)));
    let Body::Cards { cards } = &by_anna(11_000).body else { panic!() };
    assert!(cards[0].vcard.contains("N:Smit\\; zn;Jan;;;\r\n") && cards[0].vcard.contains("TEL;TYPE=WORK:+31201234567"));
    let Body::Call(call) = &at(12_000, "holder").body else { panic!() };
    assert_eq!((call.video, call.group, call.outcome.clone()), (true, false, CallOutcome::Answered));
    assert_eq!(by_anna(15_000).delivery.as_ref().unwrap().service.as_deref(), Some("SMS"));
    let link = Body::Text { text: "kijk".into(), link: Some("https://gemeente.example".into()), link_title: Some("Raad".into()) };
    assert_eq!(by_anna(18_000).body, link);

    let mark = crate::signal::person::group_mark(&[0xe5; 32]);
    let group = kept.conversation(&format!("group:{mark}"));
    assert_eq!((group.title.as_deref(), group.description.as_deref()), (Some("Bouwoverleg"), Some("Over de bouw")));
    assert_eq!(group.timer.state, TimerState::On { seconds: 86_400 });
    assert_eq!(group.timer.changes[0].by, bram);
    assert_eq!(group.timer.since.as_ref().unwrap().raw, (T + 23_000) as i64);
    let member = |id: &str| group.membership.iter().find(|m| m.participant.0 == id).unwrap();
    assert_eq!((member(&anna_id).current, member(&anna_id).role), (true, Some(Role::Admin)));
    // The one member that is no contact is the holder.
    assert!(member("holder").current);
    let gone = member(&aci_id(0xa2));
    let changes: Vec<_> = gone.changes.iter().map(|c| (c.joined, c.by.clone())).collect();
    assert_eq!((gone.current, changes), (false, vec![(true, Some(anna.clone())), (false, None)]));
    assert_eq!(by_anna(20_000).mentions[0].participant, Some(ParticipantId(aci_id(0xa2))));
    let Body::Poll(poll) = &by_anna(21_000).body else { panic!() };
    assert_eq!((poll.question.as_str(), poll.selectable, poll.options[0].voters.len()), ("Wanneer?", Some(1), 2));
    let second = kept.message(&format!("{}:unknown/2", T + 25_000));
    let Body::System(event) = &second.body else { panic!() };
    assert_eq!((event.event, &event.actor), (SystemEventKind::BecameAdmin, &Some(Sender::Holder)));
    let Body::Revoked(revoked) = &by_anna(26_000).body else { panic!() };
    assert_eq!(revoked.by_admin, Some(Sender::Holder));
    let Body::Call(call) = &by_anna(27_000).body else { panic!() };
    assert_eq!((call.group, call.duration_seconds, call.outcome.clone()), (true, 60, CallOutcome::Missed));
    let Body::System(pin) = &at(28_000, "holder").body else { panic!() };
    assert_eq!((pin.event, pin.about.as_ref()), (SystemEventKind::Pinned, Some(&by_anna(20_000).id)));
    assert!(kept.messages.iter().any(|(_, m)| m.id.0.ends_with("#2")));
    let lost = kept.conversation("unknown:3");
    assert!(matches!(lost.timer.state, TimerState::NotDeterminable { .. }));
}

#[test]
fn without_its_file_a_long_text_is_the_beginning_and_the_reading_is_not_whole() {
    let (frames, _) = everything();
    let (kept, read) = read_all(&main_of(&frames.0), &NoFiles);
    let long = kept.message(&format!("{}:{}", T + 7000, aci_id(0xa1)));
    assert!(matches!(&long.body, Body::Document { .. } | Body::Text { .. }));
    assert_eq!(long.attachments[0].media_type.as_deref(), Some("text/x-signal-plain"));
    assert_eq!((read.summary.oddities.cut_texts, read.summary.is_whole()), (1, false));
}

#[test]
fn a_backup_that_ends_within_keeps_what_came_before_and_says_so() {
    let (frames, files) = everything();
    let whole = read_all(&main_of(&frames.0), &files).1.summary.messages;
    let mut cut = frames.0.clone();
    cut.truncate(cut.len() - 3);
    let (kept, read) = read_all(&main_of(&cut), &files);
    assert_eq!(kept.messages.len() as u64, whole - 1);
    assert_eq!(read.summary.stopped, [crate::Stopped { table: "main".into(), code: 11 }]);
    let mut none = Kept::default();
    let refused = super::super::read(&reading(&main_of(&[]), &files), &mut none);
    assert!(matches!(refused, Err(ReadError::NotAMessageStore)));
}

#[test]
fn every_file_that_a_record_wants_is_given_by_its_name_and_no_other() {
    use crate::{MediaRefused, signal::media::FolderMedia};
    use uitlezen_evidence::ReadAtExt;
    let (frames, mut shelf) = everything();
    let main = main_of(&frames.0);
    let (kept, _) = read_all(&main, &NoFiles);
    let (media, gone) = FolderMedia::collect(&main);
    assert!(gone.is_ok());
    let wanted: Vec<&Attachment> =
        kept.messages.iter().flat_map(|(_, m)| &m.attachments).filter(|file| file.state == AttachmentState::Wanted).collect();
    assert_eq!((wanted.len(), media.len()), (3, 3), "not the one that was to be seen once");
    for file in &wanted {
        let content = media.open(file.path.as_ref().unwrap(), &shelf).unwrap().read_all(1 << 20).unwrap();
        assert_eq!(Some(hex::encode(Sha256::digest(&content))), file.sha256);
    }
    let path = wanted[0].path.clone().unwrap();
    let refused = |path: &str, shelf: &Shelf| media.open(path, shelf).unwrap_err();
    assert_eq!(refused("files/../../x", &shelf), MediaRefused::Unknown);
    shelf.0.get_mut(&path[9..]).unwrap()[20] ^= 1;
    assert_eq!(refused(&path, &shelf), MediaRefused::Damaged);
    shelf.0.remove(&path[9..]);
    assert_eq!(refused(&path, &shelf), MediaRefused::Missing);
    assert!(!format!("{media:?}").contains(&hex::encode([0xd1; 64])));
}
