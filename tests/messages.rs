//! Messages of a virtual iPhone: what the reader finds is what the generator made, and how fast.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::Arc,
    time::Instant,
};
use uitlezen_apps::{
    Evidenced, RecordSink, RunSink, Summary,
    imessage::{
        Reading, read,
        settings::{KeepMessages, Settings},
        wanted,
    },
};
use uitlezen_chat::{
    AttachmentState, Body, Conversation, ConversationKind, ConversationNumber, EvidenceId, Message, SystemEventKind, TimerState,
};
use uitlezen_evidence::Database;
use uitlezen_twin::{
    backup::BackupFile,
    content::{
        MediaScale,
        iphone::messages::{Keep, Messages, MessagesOptions, generate},
    },
};

#[derive(Default)]
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

fn open(bytes: &[u8]) -> Database {
    Database::open(Arc::new(bytes.to_vec()), None, None).unwrap()
}

fn reading<'a>(sms: &'a Database, address_book: &'a Database) -> Reading<'a> {
    Reading {
        sms: Evidenced { database: sms, item: EvidenceId(1) },
        address_book: Some(Evidenced { database: address_book, item: EvidenceId(2) }),
        holder_number: None,
        separation: None,
    }
}

fn read_all(made: &Messages) -> (Kept, Summary) {
    let (sms, address_book) = (open(&made.sms), open(&made.address_book));
    let mut kept = Kept::default();
    let summary = read(&reading(&sms, &address_book), &mut kept).unwrap();
    (kept, summary)
}

fn kind(body: &Body) -> String {
    serde_json::to_value(body).unwrap()["kind"].as_str().unwrap().to_owned()
}

fn text(body: &Body) -> Option<&str> {
    match body {
        Body::Text { text, .. } => Some(text),
        Body::Image { caption } | Body::Video { caption } | Body::Document { caption } => caption.as_deref(),
        _ => None,
    }
}

fn whole(file: &BackupFile) -> String {
    format!("{}/{}", file.domain, file.path)
}

#[test]
fn everything_that_was_made_is_found_and_nothing_else() {
    let made = generate(&MessagesOptions { messages: 3_000, ..MessagesOptions::default() }).unwrap();
    let (kept, summary) = read_all(&made);
    let e = &made.expected;
    assert_eq!((summary.messages, summary.conversations), (e.messages, e.conversations));
    assert_eq!(e.messages, 3_000);
    let of = |k| kept.conversations.iter().filter(|c| c.kind == k).count() as u64;
    assert_eq!((of(ConversationKind::Direct), of(ConversationKind::Group)), (e.direct, e.groups));
    assert_eq!(summary.by_kind, e.by_kind);
    let all = || kept.messages.iter().map(|(_, m)| m);
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    all().for_each(|m| *kinds.entry(kind(&m.body)).or_default() += 1);
    assert_eq!(kinds, e.by_kind);
    // Every text, letter by letter, and every one that it was before.
    let texts: BTreeMap<String, String> = all().filter_map(|m| Some((m.id.0.clone(), text(&m.body)?.to_owned()))).collect();
    assert_eq!(texts.len(), e.texts.len());
    assert!(texts == e.texts, "a text is not what was written");
    assert!(e.typed_only * 5 > e.messages * 2, "about half of the texts stand only in the attributed form");
    let histories: BTreeMap<String, Vec<String>> = all()
        .filter(|m| !m.earlier.is_empty())
        .map(|m| (m.id.0.clone(), m.earlier.iter().map(|v| text(&v.body).unwrap().to_owned()).collect()))
        .collect();
    assert!(histories == e.histories, "an earlier text is not what was written");
    let sum = |of: fn(&Message) -> usize| all().map(of).sum::<usize>() as u64;
    assert_eq!(sum(|m| m.earlier.len()), e.earlier);
    assert_eq!(sum(|m| m.reactions.len()), e.reactions);
    assert_eq!(sum(|m| m.reactions.iter().filter(|r| r.removed).count()), e.reactions_removed);
    assert_eq!(sum(|m| m.additions.len()), e.additions);
    assert_eq!(sum(|m| m.mentions.iter().filter(|m| m.participant.is_some()).count()), e.mentions);
    assert_eq!(sum(|m| usize::from(m.edited.is_some())), e.edited);
    assert_eq!(sum(|m| m.edited.as_ref().map_or(0, |e| e.unsent_parts.len())), e.unsent_parts);
    assert_eq!(sum(|m| usize::from(m.expiry.is_some())), e.expiring);
    assert_eq!(sum(|m| m.attachments.iter().filter(|a| a.transcription.is_some()).count()), e.transcriptions);
    let replies = all().filter(|m| m.quote.is_some() && m.uninterpreted.contains_key("message.thread_originator_part")).count();
    assert_eq!(replies as u64, e.replies);
    for reply in all().filter_map(|m| m.quote.as_ref()).filter(|q| q.sent.is_some()) {
        assert!(texts.contains_key(&reply.id.as_ref().unwrap().0) && reply.text.is_none());
    }
    let mut services: BTreeMap<String, u64> = BTreeMap::new();
    all().for_each(|m| *services.entry(m.delivery.as_ref().unwrap().service.clone().unwrap().into_owned()).or_default() += 1);
    assert_eq!(services, e.services);
    assert_eq!(services.len(), 3);
    // Files: what is named and in the backup is there under the name that the message gives.
    let names: BTreeSet<String> = made.files.iter().map(whole).collect();
    let files = || all().flat_map(|m| &m.attachments);
    let here = files().filter_map(|a| wanted::attachment(a.path.as_deref()?).ok()).filter(|name| names.contains(name.as_str()));
    assert_eq!(here.count() as u64, e.files_present);
    assert!(e.files_present < e.files_named);
    assert_eq!((summary.attachments_wanted, summary.attachments_not_on_phone), (e.files_named, e.files_not_named));
    assert_eq!(files().filter(|a| a.state == AttachmentState::Wanted).count() as u64, e.files_named);
    let media = wanted::wanted_media().unwrap();
    assert!(here_all(&made, &media));
    // Who came and went.
    let events = |wanted: &[SystemEventKind]| {
        all().filter(|m| matches!(&m.body, Body::System(event) if wanted.contains(&event.event))).count() as u64
    };
    assert_eq!(events(&[SystemEventKind::Added]), e.joins);
    assert_eq!(events(&[SystemEventKind::Removed, SystemEventKind::Left]), e.leaves);
    let changes = kept.conversations.iter().flat_map(|c| &c.membership).flat_map(|m| &m.changes);
    assert_eq!(changes.count() as u64, e.joins + e.leaves);
    // Names, of people of conversations only.
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for person in kept.conversations.iter().flat_map(|c| &c.participants).filter(|p| !p.is_holder) {
        if let Some(name) = person.names.first() {
            found.insert(person.id.0.clone(), name.name.clone());
        }
    }
    assert_eq!(found, e.names);
    assert!(e.contacts > e.names.len() as u64 && summary.contacts_read == Some(e.contacts));
    // What was deleted is counted and in no record.
    let deleted = &summary.recently_deleted;
    assert_eq!(
        (deleted.messages, deleted.parts, deleted.reactions),
        (e.recently_deleted, e.recently_deleted_parts, e.recently_deleted_reactions)
    );
    assert!(deleted.messages > 0 && deleted.first_deleted.is_some() && deleted.last_deleted.is_some());
    assert_eq!((summary.undecoded.texts, &summary.unknown_types), (e.undecodable, &e.unknown_types));
    assert!(summary.undecoded.texts > 0 && !summary.is_whole());
    assert!(summary.stopped.is_empty() && summary.uninterpreted_tables().next().is_none());
    assert!(summary.row_gaps.gaps > 0);
    assert!(kept.conversations.iter().all(|c| c.timer.state == TimerState::OfAccount));
}

fn here_all(made: &Messages, media: &[uitlezen_evidence::Pattern]) -> bool {
    let name = |file: &BackupFile| uitlezen_evidence::ItemName::new(whole(file)).unwrap();
    made.files.iter().filter(|f| f.domain == "MediaDomain").all(|file| media.iter().any(|p| p.matches(&name(file))))
}

#[test]
fn a_reading_without_oddities_is_whole_and_equal_options_give_equal_bytes() {
    let options = MessagesOptions { messages: 700, oddities: false, media: MediaScale::None, ..MessagesOptions::default() };
    let (one, two) = (generate(&options).unwrap(), generate(&options).unwrap());
    assert!(one.sms == two.sms && one.address_book == two.address_book);
    assert_eq!(one.expected, two.expected);
    let (_, summary) = read_all(&one);
    assert!(summary.is_whole() && summary.unknown_types.is_empty(), "{summary:?}");
    assert_eq!(one.expected.files_present, 0);
    let other = generate(&MessagesOptions { seed: 2, ..options }).unwrap();
    assert!(other.sms != one.sms);
}

#[test]
fn the_settings_say_how_long_messages_are_kept_by_the_version_of_the_phone() {
    let month = KeepMessages::For { seconds: 30 * 86_400 };
    for (ios_major, keep, expected) in [
        (26, Keep::Forever, KeepMessages::Forever),
        (26, Keep::Days(30), month),
        (26, Keep::NeverSet, KeepMessages::NeverSet),
        (16, Keep::Forever, KeepMessages::Forever),
        (16, Keep::Days(30), month),
        (16, Keep::NeverSet, KeepMessages::NeverSet),
    ] {
        let options = MessagesOptions { messages: 20, ios_major, keep, ..MessagesOptions::default() };
        let made = generate(&options).unwrap();
        let file = made.files.iter().find(|f| whole(f) == wanted::SETTINGS).unwrap();
        let uitlezen_twin::backup::Kind::File(bytes) = &file.kind else { panic!("no file") };
        let list = uitlezen_evidence::ReadAtExt::read_all(bytes.as_ref(), 1 << 20).unwrap();
        let settings = Settings::read(&list, Some(&format!("{ios_major}.1"))).unwrap();
        assert_eq!(settings.messages, expected, "iOS {ios_major}, {keep:?}");
    }
}

/// Counts and keeps nothing.
#[derive(Default)]
struct Counting {
    messages: u64,
    bytes: usize,
}

#[derive(Default)]
struct Run {
    messages: u64,
    bytes: usize,
}

impl RunSink for Run {
    fn message(&mut self, _: ConversationNumber, message: Box<Message>) -> io::Result<()> {
        self.messages += 1;
        self.bytes += text(&message.body).map_or(0, str::len);
        Ok(())
    }
}

impl RecordSink for Counting {
    type Run = Run;

    fn conversation(&mut self, _: &Conversation) -> io::Result<()> {
        Ok(())
    }

    fn hand_over(&mut self, run: &mut Run) -> io::Result<()> {
        self.messages += std::mem::take(&mut run.messages);
        self.bytes += std::mem::take(&mut run.bytes);
        Ok(())
    }
}

/// `cargo test --release --test messages half_a_million -- --ignored --nocapture`
#[test]
#[ignore = "a measurement; run it in release"]
fn half_a_million_messages_to_records() {
    let options = MessagesOptions { messages: 500_000, media: MediaScale::None, ..MessagesOptions::default() };
    let start = Instant::now();
    let made = generate(&options).unwrap();
    eprintln!(
        "made in {:.1} s: {} MB, {} texts only typed",
        start.elapsed().as_secs_f64(),
        made.sms.len() >> 20,
        made.expected.typed_only
    );
    if let Some(path) = std::env::var_os("UITLEZEN_KEEP_SMS_DB") {
        std::fs::write(path, &made.sms).unwrap();
    }
    let (sms, address_book) = (open(&made.sms), open(&made.address_book));
    for _ in 0..5 {
        let (start, mut sink) = (Instant::now(), Counting::default());
        let summary = read(&reading(&sms, &address_book), &mut sink).unwrap();
        let took = start.elapsed().as_secs_f64();
        #[allow(clippy::cast_precision_loss)]
        let rate = sink.messages as f64 / took;
        eprintln!("{} messages in {took:.2} s: {rate:.0} a second ({} MB of text)", summary.messages, sink.bytes >> 20);
    }
}
