//! Whole backups: one with everything, one of the oldest form, hostile statements, secrets, what stays behind, damage.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]

mod hostile;
mod speed;

use super::*;
use crate::{
    Goes, MediaRefused,
    signal::{
        person::{group_mark, uuid},
        settings::{Keep, Known},
    },
};
use std::{
    collections::BTreeSet,
    io,
    sync::{Arc, Mutex, OnceLock},
};
use uitlezen_chat::*;
use uitlezen_evidence::ReadAtExt;
use uitlezen_signal_backup::legacy::{Backup, FileKeys, Passphrase};
use uitlezen_twin::content::signal::{LegacyKeys, LegacyWriter, Value as V};

const PASS: &str = "998877665544332211009988776655";
const T: i64 = 1_750_000_000_000;

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
    fn conversation(&self, id: &str) -> &Conversation {
        self.conversations.iter().find(|c| c.id.0 == format!("signal:{id}")).unwrap_or_else(|| panic!("no conversation {id}"))
    }

    fn message(&self, id: &str) -> &Message {
        &self.messages.iter().find(|(_, m)| m.id.0 == id).unwrap_or_else(|| panic!("no message {id}")).1
    }
}

pub(super) type File = LegacyWriter<Vec<u8>>;

fn begin() -> File {
    static KEYS: OnceLock<LegacyKeys> = OnceLock::new();
    let keys = KEYS.get_or_init(|| LegacyKeys::new(PASS, [4; 32]));
    LegacyWriter::new(Vec::new(), keys, [9; 16], true).unwrap()
}

fn store(file: Vec<u8>) -> Store {
    static KEYS: OnceLock<FileKeys> = OnceLock::new();
    let backup = Backup::open(Arc::new(file)).unwrap();
    let keys = KEYS.get_or_init(|| backup.keys(&Passphrase::parse(PASS.as_bytes()).unwrap()));
    take_in(backup.unlock(keys).unwrap(), &mut |_| {}).unwrap()
}

fn reading(store: &Store) -> Reading<'_> {
    Reading { store, item: EvidenceId(1), holder_number: None, separation: None }
}

fn holds(kept: &Kept, read: &Read) {
    assert_eq!(read.summary.messages, kept.messages.len() as u64);
    assert_eq!(read.summary.conversations, kept.conversations.len() as u64);
    let mut ids = BTreeSet::new();
    for (number, message) in &kept.messages {
        let conversation = kept.conversations.iter().find(|c| c.number == *number).unwrap();
        assert!(ids.insert((*number, message.id.clone())), "{} twice", message.id.0);
        let mut named: Vec<&Sender> = vec![&message.sender];
        named.extend(message.reactions.iter().map(|r| &r.by));
        named.extend(message.quote.iter().map(|q| &q.sender));
        for who in named {
            if let Sender::Participant(id) = who {
                assert!(conversation.participants.iter().any(|p| p.id == *id), "{} is no participant", id.0);
            }
        }
    }
    for conversation in &kept.conversations {
        assert!(!conversation.native.is_empty());
        for member in &conversation.membership {
            assert!(conversation.participants.iter().any(|p| p.id == member.participant));
        }
    }
}

fn read_all(store: &Store) -> (Kept, Read) {
    let mut kept = Kept::default();
    let read = read(&reading(store), &mut kept).unwrap();
    holds(&kept, &read);
    (kept, read)
}

/// The statements of the published schema of 2026, or none where it is not here.
fn published_tables() -> Option<Vec<String>> {
    let name = "schemas/signal-android-2026.signalbackup-tools.sql";
    let path = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/testdata").join(name);
    if !path.exists() {
        assert!(std::env::var_os("UITLEZEN_REQUIRE_TESTDATA").is_none(), "{name} of the published fixtures is not here");
        eprintln!("SKIPPED: {name} of the published fixtures is not here");
        return None;
    }
    let text = std::fs::read_to_string(path).unwrap();
    Some(text.lines().filter(|line| line.starts_with("CREATE")).map(|line| line.trim_end_matches(';').to_owned()).collect())
}

/// A row by the names of its columns; all others are NULL.
fn row(file: &mut File, tables: &[String], table: &str, values: &[(&str, V<'_>)]) {
    let layout = tables.iter().find_map(|sql| match sql::parse(sql) {
        sql::Sql::Table { table: name, columns } if name == table => Some(columns),
        _ => None,
    });
    let layout = layout.unwrap_or_else(|| panic!("no table {table}"));
    for (column, _) in values {
        assert!(layout.iter().any(|there| there == column), "{table} has no {column}");
    }
    let all: Vec<V<'_>> =
        layout.iter().map(|column| values.iter().find(|(name, _)| name == column).map_or(V::Null, |(_, value)| *value)).collect();
    let holders = vec!["?"; all.len()].join(",");
    file.statement(&format!("INSERT INTO {table} VALUES ({holders})"), &all).unwrap();
}

fn aci(n: u8) -> String {
    uuid(&[n; 16])
}

const SECRET_KEY: [u8; 32] = [0xc1; 32];
const SECRETS: [&str; 4] =
    ["geheim-profielsleutel-aaaa", "geheime-externe-sleutel-bb", "geheime-tekst-van-groep-cc", "geheime-pin-4411"];

/// A backup of a current app.
#[allow(clippy::too_many_lines)]
fn everything(tables: &[String]) -> Vec<u8> {
    use V::{Blob, Integer as N, Text as S};
    let mut f = begin();
    f.version(309).unwrap();
    for sql in tables {
        f.statement(sql, &[]).unwrap();
    }
    f.statement("CREATE TABLE kyber_prekey (_id INTEGER PRIMARY KEY, x BLOB)", &[]).unwrap();
    f.statement("CREATE TABLE nieuw (_id INTEGER PRIMARY KEY, body TEXT)", &[]).unwrap();
    f.statement("CREATE INDEX message_thread ON message (thread_id)", &[]).unwrap();
    f.statement("CREATE TRIGGER x AFTER INSERT ON message BEGIN DELETE FROM message; END", &[]).unwrap();
    let r = |f: &mut File, id: i64, values: &[(&str, V<'_>)]| {
        let mut all = vec![("_id", N(id)), ("profile_key", S(SECRETS[0]))];
        all.extend_from_slice(values);
        row(f, tables, "recipient", &all);
    };
    let (own, anna, bram) = (aci(0xf0), aci(0xa1), aci(0xa2));
    r(&mut f, 1, &[("aci", S(&own)), ("e164", S("+31600000001")), ("profile_joined_name", S("Wil Houder"))]);
    let named = [("aci", S(&anna)), ("e164", S("+31612345678")), ("system_joined_name", S("Anna Gemeente"))];
    r(&mut f, 2, &[&named[..], &[("profile_joined_name", S("Anna")), ("message_expiration_time", N(604_800))]].concat());
    r(&mut f, 3, &[("aci", S(&bram)), ("profile_given_name", S("Bram"))]);
    r(&mut f, 4, &[("group_id", S("__signal_group__v2__!ab"))]);
    for (id, recipient) in [(10, 2), (11, 4)] {
        row(&mut f, tables, "thread", &[("_id", N(id)), ("recipient_id", N(recipient)), ("archived", N(0))]);
    }
    let group = [("group_id", S("__signal_group__v2__!ab")), ("title", S("Bouwoverleg")), ("master_key", Blob(&SECRET_KEY))];
    row(
        &mut f,
        tables,
        "groups",
        &[
            &group[..],
            &[("_id", N(1)), ("recipient_id", N(4)), ("active", N(1)), ("decrypted_group", Blob(SECRETS[2].as_bytes()))],
        ]
        .concat(),
    );
    for (id, member) in [(1, 1), (2, 2)] {
        row(
            &mut f,
            tables,
            "group_membership",
            &[("_id", N(id)), ("group_id", S("__signal_group__v2__!ab")), ("recipient_id", N(member))],
        );
    }
    const IN: i64 = 20 | 0x20_0000 | 0x80_0000;
    const OUT: i64 = 23 | 0x20_0000 | 0x80_0000;
    let m = |f: &mut File, id: i64, at: i64, thread: i64, from: i64, kind: i64, more: &[(&str, V<'_>)]| {
        let mut all = vec![("_id", N(id)), ("date_sent", N(T + at)), ("date_received", N(T + at + 1)), ("thread_id", N(thread))];
        all.extend([("from_recipient_id", N(from)), ("to_recipient_id", N(2)), ("type", N(kind)), ("read", N(1))]);
        all.extend_from_slice(more);
        row(f, tables, "message", &all);
    };
    m(&mut f, 1, 0, 10, 2, IN, &[("body", S("Kunnen we bellen?"))]);
    let quote = [("quote_id", N(T)), ("quote_author", N(2)), ("quote_body", S("Kunnen we"))];
    m(
        &mut f,
        2,
        1000,
        10,
        1,
        OUT,
        &[&quote[..], &[("body", S("Ja")), ("has_read_receipt", N(1)), ("receipt_timestamp", N(T + 5000))]].concat(),
    );
    // Edited: the newest row is 5.
    m(&mut f, 3, 2000, 10, 2, IN, &[("body", S("eerst")), ("latest_revision_id", N(5)), ("revision_number", N(0))]);
    m(
        &mut f,
        4,
        3000,
        10,
        2,
        IN,
        &[("body", S("toen")), ("latest_revision_id", N(5)), ("revision_number", N(1)), ("original_message_id", N(3))],
    );
    m(
        &mut f,
        5,
        4000,
        10,
        2,
        IN,
        &[("body", S("nu")), ("revision_number", N(2)), ("expires_in", N(604_800_000)), ("expire_started", N(T + 6000))],
    );
    m(&mut f, 6, 5000, 10, 2, IN, &[("body", S("Zie bijlage"))]);
    let a = |f: &mut File, id: i64, message: i64, kind: &str, more: &[(&str, V<'_>)], content: &[u8]| {
        let mut all = vec![("_id", N(id)), ("message_id", N(message)), ("content_type", S(kind)), ("remote_key", S(SECRETS[1]))];
        all.extend([("sticker_id", N(-1)), ("data_size", N(i64::try_from(content.len()).unwrap()))]);
        all.extend_from_slice(more);
        row(f, tables, "attachment", &all);
        f.attachment(id, None, content).unwrap();
    };
    a(&mut f, 70, 6, "image/jpeg", &[("file_name", S("stuk.jpg")), ("width", N(640))], b"een foto");
    m(&mut f, 7, 6000, 10, 2, IN, &[]);
    a(&mut f, 71, 7, "audio/aac", &[("voice_note", N(1))], b"geluid");
    m(&mut f, 8, 7000, 10, 2, IN, &[("body", S("Lang"))]);
    a(&mut f, 72, 8, "text/x-signal-plain", &[], &"Lang verhaal. ".repeat(300).into_bytes());
    m(&mut f, 9, 8000, 10, 2, IN, &[("view_once", N(1)), ("viewed", N(1))]);
    m(&mut f, 10, 9000, 10, 2, IN, &[("deleted_by", N(2))]);
    m(&mut f, 11, 10_000, 10, 1, 11, &[]);
    m(&mut f, 12, 11_000, 10, 2, 3, &[]);
    m(&mut f, 13, 12_000, 10, 2, 20 | 0x4_0000, &[("expires_in", N(604_800_000))]);
    m(&mut f, 14, 13_000, 10, 2, IN | 3 << 32, &[]);
    m(
        &mut f,
        15,
        14_000,
        10,
        2,
        IN,
        &[("body", S("kijk")), ("link_previews", S(r#"[{"url":"https://gemeente.example","title":"Raad"}]"#))],
    );
    m(&mut f, 16, 20_000, 11, 2, IN, &[("body", S("Dag \u{fffc}"))]);
    row(
        &mut f,
        tables,
        "mention",
        &[
            ("_id", N(1)),
            ("thread_id", N(11)),
            ("message_id", N(16)),
            ("recipient_id", N(3)),
            ("range_start", N(4)),
            ("range_length", N(1)),
        ],
    );
    for (id, author, emoji) in [(1, 1, "👍"), (2, 3, "🎉")] {
        row(
            &mut f,
            tables,
            "reaction",
            &[
                ("_id", N(id)),
                ("message_id", N(16)),
                ("author_id", N(author)),
                ("emoji", S(emoji)),
                ("date_sent", N(T + 1)),
                ("date_received", N(T + 2)),
            ],
        );
    }
    m(&mut f, 17, 21_000, 11, 2, IN, &[]);
    row(
        &mut f,
        tables,
        "poll",
        &[("_id", N(1)), ("author_id", N(2)), ("message_id", N(17)), ("question", S("Wanneer?")), ("allow_multiple_votes", N(0))],
    );
    for (id, text, order) in [(1, "di", 2), (2, "ma", 1)] {
        row(
            &mut f,
            tables,
            "poll_option",
            &[("_id", N(id)), ("poll_id", N(1)), ("option_text", S(text)), ("option_order", N(order))],
        );
    }
    row(
        &mut f,
        tables,
        "poll_vote",
        &[("_id", N(1)), ("poll_id", N(1)), ("poll_option_id", N(2)), ("voter_id", N(1)), ("vote_count", N(1))],
    );
    m(
        &mut f,
        18,
        22_000,
        11,
        2,
        20 | 0x1_0000 | 0x8_0000,
        &[("body", S(SECRETS[2])), ("message_extras", Blob(SECRETS[2].as_bytes()))],
    );
    m(&mut f, 19, 23_000, 11, 3, 20 | 0x2_0000, &[]);
    m(&mut f, 20, 24_000, 11, 2, IN, &[("deleted_by", N(1))]);
    m(&mut f, 21, 25_000, 11, 2, IN, &[("story_type", N(1)), ("body", S("verhaal"))]);
    m(&mut f, 22, 26_000, 99, 3, IN, &[("body", S("waar ben ik"))]);
    for body in ["een", "twee"] {
        m(&mut f, if body == "een" { 23 } else { 24 }, 27_000, 11, 3, IN, &[("body", S(body))]);
    }
    f.statement("INSERT INTO kyber_prekey VALUES (?,?)", &[N(1), Blob(b"x")]).unwrap();
    f.statement("INSERT INTO nieuw VALUES (?,?)", &[N(1), S("iets")]).unwrap();
    f.setting("settings.universal.expire.timer", |s| s.number(5, 3600)).unwrap();
    f.setting("settings.keep_messages_duration", |s| s.number(5, 3)).unwrap();
    f.setting("pref_trim_threads", |s| s.number(3, 1)).unwrap();
    f.setting("pref_trim_length", |s| s.number(5, 200)).unwrap();
    f.setting("svr.pin", |s| s.text(7, SECRETS[3])).unwrap();
    f.avatar("2", b"gezicht").unwrap();
    f.end().unwrap()
}

#[test]
#[allow(clippy::too_many_lines)]
fn a_backup_with_everything_in_it_becomes_records() {
    let Some(tables) = published_tables() else { return };
    let store = store(everything(&tables));
    let intake = store.intake();
    assert_eq!((intake.version, intake.attachments, intake.damaged, intake.ended), (Some(309), 3, 0, None));
    assert_eq!(intake.refused, Refused { objects: 2, statements: 0, rows: 0 });
    let (kept, read) = read_all(&store);
    let summary = &read.summary;
    assert_eq!(read.settings.universal_timer, Known::Set { value: 3600 });
    assert_eq!(read.settings.keep, Known::Set { value: Keep::For { seconds: 30 * 86_400 } });
    assert_eq!(read.settings.trim, Known::Set { value: Some(200) });
    assert_eq!((summary.conversations, summary.messages, summary.not_asked.status_messages), (3, 21, 1));
    assert!(summary.is_whole(), "{summary:?}");
    assert_eq!((summary.revoked, summary.edited, summary.view_once.seen, summary.oddities.duplicate_keys), (2, 1, 1, 1));
    assert_eq!(summary.unknown_types, std::collections::BTreeMap::from([(3, 1)]));
    assert!(matches!(summary.holder, crate::HolderKnown::ByOwnRows { .. }));
    let unread: Vec<_> = summary.uninterpreted_tables().map(|table| table.table.as_str()).collect();
    assert_eq!(unread, ["nieuw"]);

    let (anna_id, bram_id) = (format!("aci:{}", aci(0xa1)), format!("aci:{}", aci(0xa2)));
    let anna = Sender::Participant(ParticipantId(anna_id.clone()));
    let by_anna = |offset: i64| kept.message(&format!("{}:{anna_id}", T + offset));
    let chat = kept.conversation(&anna_id);
    assert_eq!((chat.kind, &chat.timer.state), (ConversationKind::Direct, &TimerState::On { seconds: 604_800 }));
    assert_eq!((&chat.timer.changes[0].by, chat.timer.changes[0].to_seconds), (&anna, Some(604_800)));
    assert_eq!(chat.timer.since.as_ref().unwrap().raw, T + 12_000);
    assert_eq!(chat.participants[0].display_name(), "Anna Gemeente");
    assert!(chat.participants.iter().any(|p| p.is_holder && p.number.as_deref() == Some("+31600000001")));
    let answer = kept.message(&format!("{}:holder", T + 1000));
    assert_eq!(answer.quote.as_ref().unwrap().id.as_ref(), Some(&by_anna(0).id));
    assert_eq!(answer.delivery.as_ref().unwrap().read.as_ref().unwrap().raw, T + 5000);
    let edited = by_anna(2000);
    let text = |m: &Message| match &m.body {
        Body::Text { text, .. } => text.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (text(edited), edited.earlier.iter().map(text).collect::<Vec<_>>()),
        ("nu".into(), vec!["toen".into(), "eerst".into()])
    );
    let expiry = edited.expiry.as_ref().unwrap();
    assert_eq!((expiry.seconds, expiry.expires.as_ref().unwrap().raw), (604_800, T + 6000 + 604_800_000));
    let picture = by_anna(5000);
    assert_eq!(picture.body, Body::Image { caption: Some("Zie bijlage".into()) });
    assert_eq!((picture.attachments[0].path.as_deref(), picture.attachments[0].bytes), (Some("attachment/70"), Some(8)));
    let given = |path: &str| crate::signal::media::of_file(&store, path).map(|file| file.read_all(1 << 20).unwrap());
    assert_eq!(given("attachment/70"), Ok(b"een foto".to_vec()));
    for (path, why) in
        [("attachment/5", MediaRefused::Missing), ("attachment/x", MediaRefused::Unknown), ("../70", MediaRefused::Unknown)]
    {
        assert_eq!(given(path), Err(why));
    }
    assert_eq!(by_anna(6000).body, Body::VoiceNote);
    assert_eq!(text(by_anna(7000)).len(), 4200);
    assert!(matches!(by_anna(8000).body, Body::ViewOnce { state: Some(ViewOnceState::Seen), .. }));
    assert!(matches!(&by_anna(9000).body, Body::Revoked(r) if r.by_admin.is_none()));
    let Body::Call(call) = &kept.message(&format!("{}:holder", T + 10_000)).body else { panic!() };
    assert!(call.video && call.outcome == CallOutcome::Unknown(11));
    assert!(matches!(&by_anna(11_000).body, Body::Call(c) if c.outcome == CallOutcome::Missed));
    assert!(matches!(&by_anna(14_000).body, Body::Text { link: Some(_), link_title: Some(title), .. } if title == "Raad"));

    let group = kept.conversation(&format!("group:{}", group_mark(&SECRET_KEY)));
    assert_eq!((group.title.as_deref(), &group.timer.state), (Some("Bouwoverleg"), &TimerState::Off));
    let current: Vec<_> = group.membership.iter().filter(|m| m.current).map(|m| m.participant.0.as_str()).collect();
    assert_eq!(current, ["holder", &*anna_id]);
    let gone = group.membership.iter().find(|m| m.participant.0 == bram_id).unwrap();
    assert!(!gone.current && !gone.changes[0].joined);
    let said = by_anna(20_000);
    assert_eq!(said.mentions[0].participant.as_ref().unwrap().0, bram_id);
    assert_eq!(said.reactions.iter().map(|r| r.emoji.as_str()).collect::<Vec<_>>(), ["👍", "🎉"]);
    let Body::Poll(poll) = &by_anna(21_000).body else { panic!() };
    assert_eq!((poll.options[0].text.as_str(), &poll.options[0].voters), ("ma", &vec![Sender::Holder]));
    assert!(matches!(&by_anna(24_000).body, Body::Revoked(r) if r.by_admin == Some(Sender::Holder)));
    assert!(matches!(kept.conversation("unknown:3").timer.state, TimerState::NotDeterminable { .. }));
}

#[test]
fn no_secret_of_a_backup_reaches_a_record_an_answer_or_the_tables_in_memory() {
    let Some(tables) = published_tables() else { return };
    let mut store = store(everything(&tables));
    let (kept, read) = read_all(&store);
    let image = store.image();
    let said = serde_json::to_string(&(&kept.conversations, &kept.messages)).unwrap() + &format!("{read:?}{store:?}{kept:?}");
    let holds = |bytes: &[u8], secret: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
    // The text of a notice is taken in and not given out; all else does not even come in.
    for secret in [&SECRET_KEY[..], SECRETS[0].as_bytes(), SECRETS[1].as_bytes(), SECRETS[3].as_bytes()] {
        assert!(!holds(&image, secret), "a secret lies in memory");
    }
    for secret in SECRETS.map(str::as_bytes).into_iter().chain([&SECRET_KEY[..]]) {
        assert!(!holds(said.as_bytes(), secret) && !said.contains(&hex::encode(secret)), "a secret is told");
    }
}

#[test]
fn the_oldest_tables_are_read_in_the_order_of_arrival() {
    use V::{Integer as N, Text as S};
    let mut f = begin();
    f.version(80).unwrap();
    for sql in [
        "CREATE TABLE sms (_id integer PRIMARY KEY, thread_id INTEGER, address INTEGER, date INTEGER, date_sent INTEGER, read INTEGER DEFAULT 0, type INTEGER, body TEXT, expires_in INTEGER DEFAULT 0)",
        "CREATE TABLE mms (_id INTEGER PRIMARY KEY, thread_id INTEGER, address INTEGER, date INTEGER, date_received INTEGER, msg_box INTEGER, body TEXT, reveal_duration INTEGER DEFAULT 0)",
        "CREATE TABLE part (_id INTEGER PRIMARY KEY, mid INTEGER, ct TEXT, unique_id INTEGER, data_size INTEGER, file_name TEXT)",
        "CREATE TABLE thread (_id INTEGER PRIMARY KEY, recipient_ids TEXT)",
        "CREATE TABLE recipient (_id INTEGER PRIMARY KEY, uuid TEXT, phone TEXT, system_display_name TEXT, signal_profile_name TEXT, message_expiration_time INTEGER DEFAULT 0)",
    ] {
        f.statement(sql, &[]).unwrap();
    }
    let id = aci(0xa1);
    f.statement("INSERT INTO recipient VALUES (?,?,?,?,?,?)", &[N(2), S(&id), S("+31612345678"), S("Anna"), S("A"), N(0)])
        .unwrap();
    f.statement("INSERT INTO thread VALUES (?,?)", &[N(10), S("2")]).unwrap();
    const IN: i64 = 20 | 0x20_0000;
    for (n, at, kind, body) in [(1, 0, IN, "eerste"), (2, 2000, 23 | 0x20_0000, "derde"), (3, 9000, 20 | 0x4_0000, "")] {
        let values = [N(n), N(10), N(2), N(T + at + 5), N(T + at), N(1), N(kind), S(body), N(0)];
        f.statement("INSERT INTO sms VALUES (?,?,?,?,?,?,?,?,?)", &values).unwrap();
    }
    f.statement(
        "INSERT INTO mms VALUES (?,?,?,?,?,?,?,?)",
        &[N(1), N(10), N(2), N(T + 1000), N(T + 1005), N(IN), S("tweede"), N(0)],
    )
    .unwrap();
    f.statement("INSERT INTO part VALUES (?,?,?,?,?,?)", &[N(7), N(1), S("image/png"), N(99), N(3), S("a.png")]).unwrap();
    f.attachment(7, Some(99), b"png").unwrap();
    let (kept, read) = read_all(&store(f.end().unwrap()));
    let said: Vec<_> = kept
        .messages
        .iter()
        .map(|(_, m)| match &m.body {
            Body::Text { text, .. } => text.clone(),
            Body::Image { caption } => caption.clone().unwrap(),
            other => crate::reading::count::kind_of(other).to_owned(),
        })
        .collect();
    assert_eq!(said, ["eerste", "tweede", "derde", "system"]);
    assert_eq!(kept.messages[1].1.attachments[0].path.as_deref(), Some("part/7"));
    assert_eq!(kept.messages[2].1.sender, Sender::Holder);
    assert_eq!(kept.conversations[0].timer.changes[0].to_seconds, Some(0));
    assert_eq!((read.settings.keep, read.settings.universal_timer), (Known::NeverSet, Known::NeverSet));
    assert!(read.summary.is_whole());
}

#[derive(Default)]
struct Rules {
    out: String,
    heard: Mutex<u64>,
}

impl Separation for Rules {
    fn judge(&self, conversation: &Conversation) -> Goes {
        if conversation.id.0 == self.out { Goes::Not } else { Goes::Whole }
    }

    fn hear(&self, _: ConversationNumber, _: &Message) {
        *self.heard.lock().unwrap() += 1;
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
fn what_stays_behind_is_heard_and_counted_nowhere() {
    let Some(tables) = published_tables() else { return };
    let store = store(everything(&tables));
    let (all, _) = read_all(&store);
    let group = all.conversations.iter().find(|c| c.kind == ConversationKind::Group).unwrap();
    let rules = Rules { out: group.id.0.clone(), ..Rules::default() };
    let mut kept = Kept::default();
    let read = read(&Reading { separation: Some(&rules), ..reading(&store) }, &mut kept).unwrap();
    holds(&kept, &read);
    let of_group = all.messages.iter().filter(|(n, _)| *n == group.number).count() as u64;
    assert_eq!((*rules.heard.lock().unwrap(), read.summary.messages + of_group), (of_group, all.messages.len() as u64));
}
