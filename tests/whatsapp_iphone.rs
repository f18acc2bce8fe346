//! WhatsApp of a virtual iPhone: what the reader finds is what the generator made, what another program finds, and how fast.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};
use uitlezen_apps::{
    Evidenced, HolderKnown, RecordSink, RunSink, Summary, TableNature,
    whatsapp_ios::{Edition, Owner, Reading, Scope, read, wanted},
};
use uitlezen_chat::{
    AttachmentState, Body, Conversation, ConversationKind, ConversationNumber, EvidenceId, Message, SystemEventKind, TimerState,
};
use uitlezen_evidence::Database;
use uitlezen_twin::{
    backup::BackupFile,
    content::{
        MediaScale,
        iphone::whatsapp::{WhatsApp, WhatsAppOptions, generate},
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

struct Opened {
    chat_storage: Database,
    contacts: Database,
    lids: Database,
    calls: Database,
    owner: Owner,
}

impl Opened {
    fn new(made: &WhatsApp) -> Self {
        let open = |bytes: &[u8]| Database::open(Arc::new(bytes.to_vec()), None, None).unwrap();
        Self {
            chat_storage: open(&made.chat_storage),
            contacts: open(&made.contacts),
            lids: open(&made.lids),
            calls: open(&made.calls),
            owner: Owner::read(&made.settings).unwrap(),
        }
    }

    fn reading(&self) -> Reading<'_> {
        let of = |database, item| Evidenced { database, item: EvidenceId(item) };
        Reading {
            edition: Edition::WhatsApp,
            chat_storage: of(&self.chat_storage, 1),
            contacts: Some(of(&self.contacts, 2)),
            lid: Some(of(&self.lids, 3)),
            calls: Some(of(&self.calls, 4)),
            phone_contacts: None,
            owner: Some(&self.owner),
            holder_number: None,
            made_at: None,
            scope: Scope::default(),
            separation: None,
        }
    }
}

fn read_all(reading: &Reading<'_>) -> (Kept, Summary) {
    let mut kept = Kept::default();
    let summary = read(reading, &mut kept).unwrap();
    (kept, summary)
}

fn kind(body: &Body) -> String {
    serde_json::to_value(body).unwrap()["kind"].as_str().unwrap().to_owned()
}

fn text(body: &Body) -> Option<&str> {
    match body {
        Body::Text { text, .. } => Some(text),
        Body::Image { caption } | Body::Video { caption } => caption.as_deref(),
        _ => None,
    }
}

fn whole(file: &BackupFile) -> String {
    format!("{}/{}", file.domain, file.path)
}

fn timer(conversation: &Conversation) -> String {
    let state = match &conversation.timer.state {
        TimerState::Off => "off".to_owned(),
        TimerState::On { seconds } => format!("on {seconds}"),
        TimerState::OfAccount | TimerState::NotDeterminable { .. } => "none".to_owned(),
    };
    conversation.timer.basis.as_ref().map_or(state.clone(), |basis| format!("{state} {basis}"))
}

#[test]
fn everything_that_was_made_is_found_and_nothing_else() {
    let made = generate(&WhatsAppOptions { messages: 4_000, ..WhatsAppOptions::default() }).unwrap();
    let opened = Opened::new(&made);
    let (kept, summary) = read_all(&opened.reading());
    let e = &made.expected;
    assert_eq!((summary.messages, summary.conversations), (e.messages, e.conversations));
    assert_eq!(e.messages, 4_000);
    let of = |k| kept.conversations.iter().filter(|c| c.kind == k).count() as u64;
    let kinds = (of(ConversationKind::Direct), of(ConversationKind::Group), of(ConversationKind::Broadcast));
    assert_eq!(kinds, (e.direct, e.groups, e.broadcasts));
    assert_eq!(summary.by_kind, e.by_kind);
    let all = || kept.messages.iter().map(|(_, m)| m);
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    all().for_each(|m| *kinds.entry(kind(&m.body)).or_default() += 1);
    assert_eq!(kinds, e.by_kind);
    assert!(kinds.len() >= 18, "{kinds:?}");
    // Every text, letter by letter.
    let texts: BTreeMap<i64, String> = all().filter_map(|m| Some((m.source.row, text(&m.body)?.to_owned()))).collect();
    assert!(texts == e.texts, "a text is not what was written");
    let sum = |of: fn(&Message) -> u64| all().map(of).sum::<u64>();
    assert_eq!(sum(|m| u64::from(m.starred)), e.starred);
    assert_eq!(sum(|m| u64::from(m.forwarded.is_some())), e.forwarded);
    assert_eq!(sum(|m| u64::from(m.delivery.is_some())), e.failed);
    assert_eq!(sum(|m| u64::from(matches!(&m.body, Body::Text { link: Some(_), link_title: Some(_), .. }))), e.links);
    assert_eq!(sum(|m| m.reactions.len() as u64), e.reactions);
    assert_eq!(sum(|m| u64::from(m.album.is_some())), e.album_members);
    let options = all().map(|m| if let Body::Poll(poll) = &m.body { poll.options.len() } else { 0 }).sum::<usize>();
    assert_eq!(options as u64, e.poll_options);
    let cards = all().map(|m| if let Body::Cards { cards } = &m.body { cards.len() } else { 0 }).sum::<usize>();
    assert_eq!(cards as u64, e.cards);
    assert_eq!(summary.unknown_types, e.unknown_types);
    assert_eq!(summary.fields_not_interpreted["ZWAMEDIAITEM.ZMETADATA.240"], e.forwarded);
    // An answer leads to the message that it answers.
    let rows: BTreeMap<(u32, &str), i64> = kept.messages.iter().map(|(n, m)| ((n.0, m.id.0.as_str()), m.source.row)).collect();
    assert_eq!(rows.len() as u64, e.messages, "an id occurs twice in a conversation");
    let answers = kept.messages.iter().filter_map(|(n, m)| {
        let quote = m.quote.as_ref()?;
        assert_eq!(quote.text, e.texts.get(&e.answered[&m.source.row]).cloned());
        Some((m.source.row, rows[&(n.0, quote.id.as_ref()?.0.as_str())]))
    });
    assert_eq!(answers.collect::<BTreeMap<_, _>>(), e.answered);
    assert_eq!(e.answered.len() as u64, e.replies);
    // Files: what is named and in the backup is there under the name that the message gives.
    let names: BTreeSet<String> = made.files.iter().map(whole).collect();
    let files = || all().flat_map(|m| &m.attachments);
    let here = files()
        .filter_map(|a| wanted::media(Edition::WhatsApp, a.path.as_deref()?).ok())
        .filter(|name| names.contains(name.as_str()));
    assert_eq!(here.count() as u64, e.files_present);
    assert!(e.files_present < e.files_named);
    assert_eq!((summary.attachments_wanted, summary.attachments_not_on_phone), (e.files_named, e.files_not_named));
    assert_eq!(files().filter(|a| a.state == AttachmentState::Wanted).count() as u64, e.files_named);
    // Timers, by the rule.
    let timers: BTreeMap<String, String> =
        kept.conversations.iter().map(|c| (c.id.0.trim_start_matches("whatsapp:").to_owned(), timer(c))).collect();
    assert_eq!(timers, e.timers);
    let said: BTreeSet<&str> = timers.values().map(String::as_str).collect();
    assert!(said.contains("off") && said.contains("on 604800") && said.contains("on 86400 contact-record"), "{said:?}");
    let changes: usize = kept.conversations.iter().map(|c| c.timer.changes.len()).sum();
    assert_eq!(changes as u64, e.timer_notices);
    // Who came and went.
    let events = |wanted: SystemEventKind| {
        all().filter(|m| matches!(&m.body, Body::System(event) if event.event == wanted)).count() as u64
    };
    assert_eq!((events(SystemEventKind::JoinedByLink), events(SystemEventKind::Left)), (e.joins, e.leaves));
    let moved = kept.conversations.iter().flat_map(|c| &c.membership).flat_map(|m| &m.changes);
    assert_eq!(moved.count() as u64, e.joins + e.leaves);
    // Names, of people of conversations only, and hidden ids.
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for person in kept.conversations.iter().flat_map(|c| &c.participants).filter(|p| !p.is_holder) {
        if let Some(name) = person.names.first() {
            found.insert(person.id.0.clone(), name.name.clone());
        }
    }
    assert_eq!(found, e.names);
    assert_eq!(summary.oddities.unresolved_lids, e.lids_unresolved);
    assert!(e.lids_unresolved > 0);
    assert_eq!(summary.lid_pairs["LID.ZWAPHONENUMBERLIDPAIR"], e.lid_pairs);
    assert_eq!(summary.oddities.contradictory_lids, 0);
    assert_eq!(summary.holder, HolderKnown::Told);
    assert_eq!((summary.row_gaps.absent, summary.row_gaps.after_last), (e.absent, Some(e.absent_after)));
    let not_asked = summary.not_asked;
    assert_eq!((not_asked.status_messages, not_asked.newsletter_messages), (e.status_messages, e.newsletter_messages));
    assert_eq!((not_asked.drafts, not_asked.calls), (e.drafts, e.calls));
    assert!(summary.is_whole(), "{summary:?}");
    assert!(summary.tables_unread.iter().all(|t| t.nature != TableNature::NotInterpreted), "{:?}", summary.tables_unread);
}

#[test]
fn calls_and_what_else_was_asked_for_come_too() {
    let made = generate(&WhatsAppOptions { messages: 800, ..WhatsAppOptions::default() }).unwrap();
    let opened = Opened::new(&made);
    let scope = Scope { status_broadcast: true, newsletters: true, call_log: true, drafts: false };
    let (kept, summary) = read_all(&Reading { scope, ..opened.reading() });
    let e = &made.expected;
    let calls: Vec<&Message> = kept.messages.iter().map(|(_, m)| m).filter(|m| m.source.table == "ZWACDCALLEVENT").collect();
    assert_eq!(calls.len() as u64, e.calls);
    assert_eq!(summary.messages, e.messages + e.calls + e.status_messages + e.newsletter_messages);
    assert!(calls.iter().all(|c| matches!(&c.body, Body::Call(call) if !call.participants.is_empty())));
    assert_eq!(summary.not_asked, uitlezen_apps::NotAsked { drafts: e.drafts, ..Default::default() });
}

/// Without settings the holder is known by what own rows say.
#[test]
fn the_holder_is_known_without_the_settings() {
    let made = generate(&WhatsAppOptions { messages: 300, ..WhatsAppOptions::default() }).unwrap();
    let opened = Opened::new(&made);
    let (kept, summary) = read_all(&Reading { owner: None, ..opened.reading() });
    assert!(matches!(summary.holder, HolderKnown::ByOwnRows { .. }), "{:?}", summary.holder);
    let number = format!("+{}", made.expected.holder.trim_end_matches("@s.whatsapp.net"));
    let holders = kept.conversations.iter().flat_map(|c| &c.participants).filter(|p| p.is_holder);
    assert!(holders.clone().count() > 0 && holders.clone().all(|p| p.number.as_deref() == Some(number.as_str())));
}

#[test]
fn an_end_to_end_backup_leaves_no_messages_in_the_backup() {
    let of = |options: &WhatsAppOptions| generate(options).unwrap().files.iter().map(whole).collect::<BTreeSet<_>>();
    let on = WhatsAppOptions { messages: 60, end_to_end_backup: true, ..WhatsAppOptions::default() };
    assert!(
        !of(&on).contains(&wanted::chat_storage(Edition::WhatsApp)) && of(&on).contains(&wanted::contacts(Edition::WhatsApp))
    );
    let off = WhatsAppOptions { end_to_end_backup: false, business: true, ..on };
    assert!(
        of(&off).contains(&wanted::chat_storage(Edition::Business)) && of(&off).contains(&wanted::settings(Edition::Business))
    );
}

#[test]
fn equal_options_give_equal_bytes_and_a_few_messages_are_exactly_few() {
    for messages in [1, 2, 7, 50] {
        let options = WhatsAppOptions { messages, media: MediaScale::None, ..WhatsAppOptions::default() };
        let (one, two) = (generate(&options).unwrap(), generate(&options).unwrap());
        assert!(one.chat_storage == two.chat_storage && one.contacts == two.contacts && one.expected == two.expected);
        let (_, summary) = read_all(&Opened::new(&one).reading());
        assert_eq!(summary.messages, messages);
        let other = generate(&WhatsAppOptions { seed: 2, ..options }).unwrap();
        assert!(one.chat_storage != other.chat_storage);
    }
}

// Another program.

fn make_venv() -> Result<PathBuf, String> {
    if let Some(named) = std::env::var_os("UITLEZEN_PEERS_VENV") {
        return Ok(PathBuf::from(named).join("bin"));
    }
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers-venv");
    let run = |command: &mut Command| match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(error) => Err(error.to_string()),
    };
    if !venv.join("bin/wtsexporter").exists() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        run(Command::new(venv.join("bin/pip")).args(["install", "-q", "whatsapp-chat-exporter[crypt15]==0.13.1"]))?;
    }
    Ok(venv.join("bin"))
}

/// Where `wtsexporter` is; `None` when it is to be skipped.
fn peer() -> Option<PathBuf> {
    static BIN: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match BIN.get_or_init(make_venv) {
        Ok(bin) if bin.join("wtsexporter").exists() => Some(bin.join("wtsexporter")),
        answer => {
            let why = answer.as_ref().err().map_or("not in that environment", String::as_str);
            assert!(std::env::var_os("UITLEZEN_REQUIRE_INTEROP").is_none(), "whatsapp-chat-exporter is absent: {why}");
            eprintln!("SKIPPED: whatsapp-chat-exporter is absent ({why})");
            None
        }
    }
}

/// Lets `wtsexporter` read the messages: what it wrote, and how long it took.
fn exported(peer: &Path, made: &WhatsApp) -> (serde_json::Value, Duration) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("ChatStorage.sqlite"), &made.chat_storage).unwrap();
    std::fs::write(dir.path().join("ContactsV2.sqlite"), &made.contacts).unwrap();
    std::fs::create_dir_all(dir.path().join("AppDomainGroup-group.net.whatsapp.WhatsApp.shared")).unwrap();
    let start = Instant::now();
    let output = Command::new(peer)
        .current_dir(dir.path())
        .args(["-i", "--no-html", "--no-banner", "-j", "result.json", "-d", "ChatStorage.sqlite", "-w", "ContactsV2.sqlite"])
        .output()
        .unwrap();
    let took = start.elapsed();
    let said = format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && !said.contains("Traceback"), "{said}");
    let json = std::fs::read(dir.path().join("result.json")).unwrap();
    (serde_json::from_slice(&json).unwrap(), took)
}

/// What wtsexporter counts: every row with a conversation, statuses and channels too; of notices in groups it leaves out those
/// whose text is a number (a timer that was set).
#[test]
fn wtsexporter_finds_the_same_messages() {
    let Some(peer) = peer() else { return };
    let made = generate(&WhatsAppOptions { messages: 2_000, ..WhatsAppOptions::default() }).unwrap();
    let (chats, _) = exported(&peer, &made);
    let opened = Opened::new(&made);
    let scope = Scope { status_broadcast: true, newsletters: true, ..Scope::default() };
    let (kept, _) = read_all(&Reading { scope, ..opened.reading() });
    let mut theirs: BTreeMap<String, u64> = BTreeMap::new();
    let mut texts: BTreeMap<i64, String> = BTreeMap::new();
    for (address, chat) in chats.as_object().unwrap() {
        let messages = chat["messages"].as_object().unwrap();
        if !messages.is_empty() {
            theirs.insert(address.clone(), messages.len() as u64);
        }
        for (row, message) in messages {
            if let Some(text) = message["data"].as_str() {
                texts.insert(row.parse().unwrap(), text.to_owned());
            }
        }
    }
    let mut ours: BTreeMap<String, u64> = BTreeMap::new();
    for (number, message) in &kept.messages {
        let left_out = matches!(&message.body, Body::System(e) if e.event == SystemEventKind::TimerChanged && e.code == 26
            && e.new.as_deref() != Some("0"));
        if !left_out {
            let conversation = &kept.conversations[usize::try_from(number.0).unwrap() - 1];
            // It goes by the address in the row, which may be a hidden id.
            let native: Vec<&str> = conversation.native.iter().map(|n| n.value.as_str()).collect();
            let address = native.iter().find(|address| theirs.contains_key(**address)).unwrap_or(&native[0]);
            *ours.entry((*address).to_owned()).or_default() += 1;
        }
    }
    assert_eq!(ours, theirs);
    for (row, text) in &made.expected.texts {
        let message = kept.messages.iter().find(|(_, m)| m.source.row == *row).unwrap();
        if matches!(message.1.body, Body::Text { .. }) {
            assert_eq!(texts[row], text.replace('\n', "<br>"));
        }
    }
}

/// Takes messages as the extraction does, but writes them nowhere.
#[derive(Default)]
struct Json(Vec<u8>);

impl RunSink for Json {
    fn message(&mut self, _: ConversationNumber, message: Box<Message>) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, &message).map_err(io::Error::other)
    }

    fn is_full(&self) -> bool {
        self.0.len() >= 1 << 20
    }
}

struct Counted(u64);

impl RecordSink for Counted {
    type Run = Json;

    fn conversation(&mut self, _: &Conversation) -> io::Result<()> {
        Ok(())
    }

    fn hand_over(&mut self, run: &mut Json) -> io::Result<()> {
        self.0 += run.0.len() as u64;
        run.0.clear();
        Ok(())
    }
}

/// Run with `cargo test --release --test whatsapp_iphone how_fast -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn how_fast_two_hundred_thousand_messages_are_read() {
    let options = WhatsAppOptions { messages: 200_000, media: MediaScale::None, ..WhatsAppOptions::default() };
    let made = generate(&options).unwrap();
    let opened = Opened::new(&made);
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        let mut sink = Counted(0);
        let summary = read(&opened.reading(), &mut sink).unwrap();
        best = best.min(start.elapsed());
        assert_eq!(summary.messages, 200_000);
        eprintln!("{:.2} s, {} bytes of JSON", start.elapsed().as_secs_f64(), sink.0);
    }
    let Some(peer) = peer() else { return };
    let (_, theirs) = exported(&peer, &made);
    let times = theirs.as_secs_f64() / best.as_secs_f64();
    eprintln!("ours {:.2} s, wtsexporter {:.2} s: {times:.1} times", best.as_secs_f64(), theirs.as_secs_f64());
    assert!(times >= 15.0, "{times:.1} times as fast as wtsexporter");
}
