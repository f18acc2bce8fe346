//! The story as a backup folder and as a backup file.

use super::{
    Fields, FolderKeys, LegacyKeys, LegacyWriter, Value as V, media_name, seal_media,
    story::{Line, Person, SignalExpected, SignalOptions, Story, What},
};
use crate::content::dice::{Dice, key};
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, io};

/// Both kinds of backup of one account.
#[derive(Clone, Debug)]
pub struct SignalContent {
    /// By path below the place that the holder chose.
    pub folder: BTreeMap<String, Vec<u8>>,
    /// 64 characters.
    pub recovery_key: String,
    /// Its name and its bytes.
    pub file: (String, Vec<u8>),
    /// 30 digits.
    pub passphrase: String,
    pub expected: SignalExpected,
    /// Unix seconds.
    pub made: i64,
}

/// Makes both.
///
/// # Errors
/// When it does not compress.
pub fn generate(options: &SignalOptions) -> io::Result<SignalContent> {
    let story = Story::new(options);
    let mut dice = Dice::new(options.seed, "signal secrets");
    let passphrase: String = (0..30).map(|_| char::from(b'0' + dice.below(10) as u8)).collect();
    const LETTERS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let recovery_key: String = (0..64).map(|_| char::from(LETTERS[dice.index(36)])).collect();
    let keys = FolderKeys::new(&recovery_key, dice.bytes());
    let mut folder = BTreeMap::new();
    let frames = frames(&story, &mut folder);
    let snapshot = format!("SignalBackups/signal-backup-{}", stamp(options.made, TimeZone::UTC)?);
    folder.insert("SignalBackups/.nomedia".to_owned(), Vec::new());
    folder.insert(format!("{snapshot}/metadata"), keys.metadata(dice.bytes()));
    folder.insert(format!("{snapshot}/main"), keys.main(&frames, dice.bytes())?);
    let mut list = Vec::new();
    for name in folder.keys().filter_map(|path| path.strip_prefix("SignalBackups/files/")?.split('/').nth(1)) {
        Fields::new().text(1, name).append_to(&mut list);
    }
    folder.insert(format!("{snapshot}/files"), list);
    let to = LegacyWriter::new(Vec::new(), &LegacyKeys::new(&passphrase, dice.bytes()), dice.bytes(), true)?;
    let here = TimeZone::get("Europe/Amsterdam").map_err(io::Error::other)?;
    let file = (format!("signal-{}.backup", stamp(options.made, here)?), tables(&story, to)?);
    Ok(SignalContent { folder, recovery_key, file, passphrase, expected: story.expected(), made: options.made })
}

/// As the app writes a time into a name.
fn stamp(at: i64, zone: TimeZone) -> io::Result<String> {
    let at = jiff::Timestamp::from_second(at).map_err(io::Error::other)?;
    Ok(at.to_zoned(zone).strftime("%Y-%m-%d-%H-%M-%S").to_string())
}

/// Numbers of recipients in both: the holder is 1, people follow, then groups.
fn recipient(who: Option<usize>) -> u64 {
    who.map_or(1, |n| n as u64 + 2)
}

fn group_recipient(story: &Story, chat: usize) -> u64 {
    (story.people.len() + 2 + chat) as u64
}

fn chat_recipient(story: &Story, chat: usize) -> u64 {
    match story.chats[chat].group {
        Some(_) => group_recipient(story, chat),
        None => recipient(story.chats[chat].members.first().copied()),
    }
}

fn contact(story: &Story, person: &Person) -> Fields {
    let contact = Fields::new().bytes(1, &person.aci).number(4, person.number).bytes(9, &story.profile_key());
    let contact = contact.text(11, person.given).text(12, person.family);
    if person.known { contact.text(18, person.given).text(19, person.family) } else { contact }
}

fn frames(story: &Story, folder: &mut BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut out = Vec::new();
    let root_key = key(story.seed, "signal media root");
    Fields::new().number(1, 1).number(2, story.made.cast_unsigned() * 1000).bytes(3, &root_key).append_to(&mut out);
    let mut frame = |kind: u32, inner: &Fields| Fields::new().message(kind, inner).append_to(&mut out);
    let settings = Fields::new().number(1, 1).number(7, story.universal_timer);
    let account = Fields::new().bytes(1, &story.profile_key()).text(4, story.holder.given).text(5, story.holder.family);
    frame(1, &account.message(9, &settings).text(11, &story.pin()));
    frame(2, &Fields::new().number(1, 1).message(5, &Fields::new()));
    for (n, person) in story.people.iter().enumerate() {
        frame(2, &Fields::new().number(1, recipient(Some(n))).message(2, &contact(story, person)));
    }
    for (n, chat) in story.chats.iter().enumerate() {
        let Some(group) = &chat.group else { continue };
        let member = |aci: &[u8; 16], role| Fields::new().bytes(1, aci).number(2, role);
        let mut state = Fields::new().message(2, &Fields::new().text(1, group.title)).message(7, &member(&story.holder.aci, 1));
        for (place, who) in chat.members.iter().enumerate() {
            state = state.message(7, &member(&story.people[*who].aci, if place == 0 { 2 } else { 1 }));
        }
        let group = Fields::new().bytes(1, &group.master_key).message(5, &state);
        frame(2, &Fields::new().number(1, group_recipient(story, n)).message(3, &group));
    }
    for (n, chat) in story.chats.iter().enumerate() {
        let record = Fields::new().number(1, n as u64 + 1).number(2, chat_recipient(story, n));
        frame(3, &if chat.timer > 0 { record.number(5, chat.timer * 1000) } else { record });
    }
    for (n, line) in story.lines.iter().enumerate() {
        frame(4, &item(story, n, line, folder));
    }
    out
}

fn said(text: &str) -> Fields {
    Fields::new().message(2, &Fields::new().text(1, text))
}

fn head(line: &Line, at: i64) -> Fields {
    let head = Fields::new().number(1, line.chat as u64 + 1).number(2, recipient(line.from)).number(3, at.cast_unsigned());
    if line.timer > 0 { head.number(5, line.timer * 1000) } else { head }
}

fn way(line: &Line, head: Fields) -> Fields {
    match line.from {
        Some(_) => head.message(8, &Fields::new().number(1, line.at.cast_unsigned() + 700).number(3, 1)),
        None => head.message(9, &Fields::new()),
    }
}

fn item(story: &Story, n: usize, line: &Line, folder: &mut BTreeMap<String, Vec<u8>>) -> Fields {
    let mut item = head(line, line.at);
    let react = |mut of: Fields, field: u32| {
        for (order, (who, emoji)) in line.reactions.iter().enumerate() {
            let reaction = Fields::new().text(1, emoji).number(2, recipient(*who)).number(3, line.at.cast_unsigned() + 5000);
            of = of.message(field, &reaction.number(4, order as u64 + 1));
        }
        of
    };
    let update =
        |head: Fields, kind, inner: &Fields| head.message(10, &Fields::new()).message(15, &Fields::new().message(kind, inner));
    match &line.what {
        What::Text(text) => way(line, item).message(11, &react(said(text), 6)),
        What::Edited { earlier, text } => {
            for (at, text) in earlier {
                item = item.message(6, &way(line, head(line, *at)).message(11, &said(text)));
            }
            way(line, item).message(11, &said(text))
        }
        What::Answer { to, text } => {
            let to = &story.lines[*to];
            let quote = Fields::new().number(1, to.at.cast_unsigned()).number(2, recipient(to.from));
            way(line, item).message(11, &said(text).message(1, &quote))
        }
        What::Mention { who, text } => {
            let range = Fields::new().number(1, 0).number(2, 1).bytes(3, &story.people[*who].aci);
            let text = Fields::new().text(1, &format!("\u{fffc} {text}")).message(2, &range);
            way(line, item).message(11, &Fields::new().message(2, &text))
        }
        What::Photo { content, caption } => {
            let local = story.local_key(n);
            let name = media_name(content, &local);
            let file = seal_media(content, &local, Dice::new(story.seed, &format!("signal vector {n}")).bytes());
            folder.insert(format!("SignalBackups/files/{}/{name}", &name[..2]), file);
            let info = Fields::new().number(3, content.len() as u64).bytes(9, &local).bytes(10, &Sha256::digest(content));
            let pointer = Fields::new().text(4, "image/jpeg").number(8, 1280).number(9, 960).message(13, &info);
            let attachment = Fields::new().message(1, &pointer).number(3, 1);
            way(line, item).message(11, &react(said(caption).message(3, &attachment), 6))
        }
        What::ViewOnceSeen => way(line, item).message(18, &Fields::new()),
        What::Deleted => way(line, item).message(14, &Fields::new()),
        What::Poll { question, options } => {
            let mut poll = Fields::new().text(1, question);
            for (option, votes) in options {
                let vote = |who: &Option<usize>| Fields::new().number(1, recipient(*who)).number(2, 1);
                let option = votes.iter().fold(Fields::new().text(1, option), |option, who| option.message(2, &vote(who)));
                poll = poll.message(3, &option);
            }
            way(line, item).message(20, &poll)
        }
        What::MissedCall => {
            let call = Fields::new().number(2, 1).number(3, 1).number(4, 3).number(5, line.at.cast_unsigned());
            update(item, 7, &call)
        }
        What::Timer { seconds } => update(item, 3, &Fields::new().number(1, seconds * 1000)),
        What::Left => {
            let who = line.from.map_or(&story.holder, |n| &story.people[n]);
            let left = Fields::new().message(10, &Fields::new().bytes(1, &who.aci));
            update(item, 2, &Fields::new().message(1, &left))
        }
    }
}

/// The tables of a current database, as far as the story fills them.
const TABLES: [&str; 11] = [
    "CREATE TABLE recipient (_id INTEGER PRIMARY KEY AUTOINCREMENT, e164 TEXT UNIQUE DEFAULT NULL, aci TEXT UNIQUE DEFAULT NULL, pni TEXT UNIQUE DEFAULT NULL CHECK (pni LIKE 'PNI:%'), group_id TEXT UNIQUE DEFAULT NULL, profile_key TEXT DEFAULT NULL, profile_joined_name TEXT DEFAULT NULL, system_joined_name TEXT DEFAULT NULL, message_expiration_time INTEGER DEFAULT 0)",
    "CREATE TABLE groups (_id INTEGER PRIMARY KEY, group_id TEXT NOT NULL UNIQUE, recipient_id INTEGER NOT NULL UNIQUE REFERENCES recipient (_id) ON DELETE CASCADE, title TEXT DEFAULT NULL, active INTEGER DEFAULT 1, master_key BLOB DEFAULT NULL)",
    "CREATE TABLE group_membership (_id INTEGER PRIMARY KEY, group_id TEXT NOT NULL REFERENCES groups (group_id) ON DELETE CASCADE, recipient_id INTEGER NOT NULL, UNIQUE(group_id, recipient_id))",
    "CREATE TABLE thread (_id INTEGER PRIMARY KEY AUTOINCREMENT, recipient_id INTEGER NOT NULL UNIQUE REFERENCES recipient (_id) ON DELETE CASCADE, archived INTEGER DEFAULT 0)",
    "CREATE TABLE message (_id INTEGER PRIMARY KEY AUTOINCREMENT, date_sent INTEGER NOT NULL, date_received INTEGER NOT NULL, thread_id INTEGER NOT NULL REFERENCES thread (_id) ON DELETE CASCADE, from_recipient_id INTEGER NOT NULL, type INTEGER NOT NULL, body TEXT, read INTEGER DEFAULT 0, expires_in INTEGER DEFAULT 0, quote_id INTEGER DEFAULT 0, quote_author INTEGER DEFAULT 0, view_once INTEGER DEFAULT 0, viewed INTEGER DEFAULT 0, deleted_by INTEGER DEFAULT 0, latest_revision_id INTEGER DEFAULT NULL REFERENCES message (_id) ON DELETE CASCADE, revision_number INTEGER DEFAULT 0)",
    "CREATE TABLE attachment (_id INTEGER PRIMARY KEY AUTOINCREMENT, message_id INTEGER, content_type TEXT, remote_key TEXT, data_size INTEGER, width INTEGER DEFAULT 0, height INTEGER DEFAULT 0, sticker_id INTEGER DEFAULT -1)",
    "CREATE TABLE reaction (_id INTEGER PRIMARY KEY, message_id INTEGER NOT NULL REFERENCES message (_id) ON DELETE CASCADE, author_id INTEGER NOT NULL, emoji TEXT NOT NULL, date_sent INTEGER NOT NULL)",
    "CREATE TABLE mention (_id INTEGER PRIMARY KEY AUTOINCREMENT, thread_id INTEGER, message_id INTEGER, recipient_id INTEGER, range_start INTEGER, range_length INTEGER)",
    "CREATE TABLE poll (_id INTEGER PRIMARY KEY AUTOINCREMENT, message_id INTEGER NOT NULL, question TEXT, allow_multiple_votes INTEGER DEFAULT 0)",
    "CREATE TABLE poll_option (_id INTEGER PRIMARY KEY AUTOINCREMENT, poll_id INTEGER NOT NULL, option_text TEXT, option_order INTEGER)",
    "CREATE TABLE poll_vote (_id INTEGER PRIMARY KEY AUTOINCREMENT, poll_id INTEGER NOT NULL, poll_option_id INTEGER DEFAULT NULL, voter_id INTEGER NOT NULL)",
];

fn uuid(aci: &[u8; 16]) -> String {
    let hex = hex::encode(aci);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Rows get their numbers as they come.
struct Rows<W> {
    to: LegacyWriter<W>,
    next: BTreeMap<&'static str, i64>,
}

impl<W: io::Write> Rows<W> {
    /// Adds a row, all values behind its number.
    fn add(&mut self, table: &'static str, values: &[V<'_>]) -> io::Result<i64> {
        let next = self.next.entry(table).or_default();
        *next += 1;
        let all: Vec<V<'_>> = [V::Integer(*next)].into_iter().chain(values.iter().copied()).collect();
        let row = *next;
        self.to.statement(&format!("INSERT INTO {table} VALUES ({})", vec!["?"; all.len()].join(",")), &all)?;
        Ok(row)
    }
}

fn tables<W: io::Write>(story: &Story, mut to: LegacyWriter<W>) -> io::Result<W> {
    use V::{Blob, Integer as N, Null, Text as S};
    to.version(309)?;
    for sql in TABLES {
        to.statement(sql, &[])?;
    }
    to.statement("CREATE INDEX message_thread ON message (thread_id)", &[])?;
    let mut rows = Rows { to, next: BTreeMap::new() };
    let profile_key = hex::encode(story.profile_key());
    let number = |person: &Person| format!("+{}", person.number);
    let name = |person: &Person| format!("{} {}", person.given, person.family);
    for (n, person) in std::iter::once(&story.holder).chain(&story.people).enumerate() {
        let timer = story.chats.iter().find(|chat| chat.group.is_none() && n > 0 && chat.members == [n - 1]);
        let timer = timer.map_or(0, |chat| chat.timer.cast_signed());
        let (number, name, aci) = (number(person), name(person), uuid(&person.aci));
        let system = if person.known { S(&name) } else { Null };
        rows.add("recipient", &[S(&number), S(&aci), Null, Null, S(&profile_key), S(&name), system, N(timer)])?;
    }
    let mut group_rows = BTreeMap::new();
    for (n, chat) in story.chats.iter().enumerate() {
        let Some(group) = &chat.group else { continue };
        let id = format!("__signal_group__v2__!{}", hex::encode(key(story.seed, &format!("signal group id {n}"))));
        let recipient = rows.add("recipient", &[Null, Null, Null, S(&id), Null, Null, Null, N(chat.timer.cast_signed())])?;
        group_rows.insert(n, recipient);
        rows.add("groups", &[S(&id), N(recipient), S(group.title), N(1), Blob(&group.master_key)])?;
        for who in std::iter::once(None).chain(chat.members.iter().copied().map(Some)) {
            rows.add("group_membership", &[S(&id), N(self::recipient(who).cast_signed())])?;
        }
    }
    for n in 0..story.chats.len() {
        let recipient = group_rows.get(&n).copied().unwrap_or(chat_recipient(story, n).cast_signed());
        rows.add("thread", &[N(recipient), N(0)])?;
    }
    for (n, line) in story.lines.iter().enumerate() {
        message(story, n, line, &mut rows)?;
    }
    rows.to.setting("settings.universal.expire.timer", |s| s.number(5, story.universal_timer))?;
    rows.to.setting("pref_trim_threads", |s| s.number(3, 0))?;
    rows.to.setting("kbs.pin", |s| s.text(7, &story.pin()))?;
    rows.to.end()
}

fn message<W: io::Write>(story: &Story, n: usize, line: &Line, rows: &mut Rows<W>) -> io::Result<()> {
    use V::{Integer as N, Null, Text as S};
    let thread = N(line.chat as i64 + 1);
    let from = N(recipient(line.from).cast_signed());
    let plain = if line.from.is_some() { 20 } else { 23 } | 0x20_0000 | 0x80_0000;
    let timer = N((line.timer * 1000).cast_signed());
    let (mut kind, mut body, mut expires, mut quote) = (plain, None, timer, (N(0), N(0)));
    let (mut once, mut deleted) = (N(0), N(0));
    let mut revisions: &[(i64, String)] = &[];
    match &line.what {
        What::Text(text) => body = Some(text.clone()),
        What::Edited { earlier, text } => {
            revisions = earlier;
            body = Some(text.clone());
        }
        What::Answer { to, text } => {
            let to = &story.lines[*to];
            quote = (N(to.at), N(recipient(to.from).cast_signed()));
            body = Some(text.clone());
        }
        What::Mention { text, .. } => body = Some(format!("\u{fffc} {text}")),
        What::Photo { caption, .. } => body = Some(caption.clone()),
        What::ViewOnceSeen => once = N(1),
        What::Deleted => deleted = from,
        What::Poll { .. } => {}
        What::MissedCall => kind = 3,
        What::Timer { seconds } => {
            kind = plain | 0x4_0000;
            expires = N((seconds * 1000).cast_signed());
        }
        What::Left => kind = 20 | 0x2_0000,
    }
    let row = rows.next.get("message").copied().unwrap_or(0) + 1;
    let newest = row + revisions.len() as i64;
    let put = |rows: &mut Rows<W>, at: i64, body: Option<&str>, latest: V<'_>, number: i64| {
        let body = body.map_or(Null, S);
        let head = [N(at), N(line.at + 700 + number), thread, from, N(kind), body, N(1), expires, quote.0, quote.1];
        rows.add("message", &[&head[..], &[once, once, deleted, latest, N(number)]].concat())
    };
    for (number, (at, text)) in revisions.iter().enumerate() {
        put(rows, *at, Some(text), N(newest), number as i64)?;
    }
    let row = put(rows, line.at, body.as_deref(), Null, revisions.len() as i64)?;
    match &line.what {
        What::Photo { content, .. } => {
            let secret = hex::encode(&story.local_key(n)[..32]);
            let values = [N(row), S("image/jpeg"), S(&secret), N(content.len() as i64), N(1280), N(960), N(-1)];
            let file = rows.add("attachment", &values)?;
            rows.to.attachment(file, None, content)?;
        }
        What::Mention { who, .. } => {
            rows.add("mention", &[thread, N(row), N(recipient(Some(*who)).cast_signed()), N(0), N(1)])?;
        }
        What::Poll { question, options } => {
            let poll = rows.add("poll", &[N(row), S(question), N(0)])?;
            for (order, (option, votes)) in options.iter().enumerate() {
                let option = rows.add("poll_option", &[N(poll), S(option), N(order as i64)])?;
                for who in votes {
                    rows.add("poll_vote", &[N(poll), N(option), N(recipient(*who).cast_signed())])?;
                }
            }
        }
        _ => {}
    }
    for (who, emoji) in &line.reactions {
        rows.add("reaction", &[N(row), N(recipient(*who).cast_signed()), S(emoji), N(line.at + 5000)])?;
    }
    Ok(())
}
