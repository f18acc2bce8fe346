//! Conversations made for separation (`Options::apart`): private ones, one that was private for a while, one of council
//! members, and one that repeats in every way we know what the private ones hold. Every place has a word of its own that must,
//! or must not, be found again.
//!
//! They stand behind everything else in the database, and no other number of the expectation counts them.

use super::{
    ContentError,
    address::{self, JidKind},
    app::Edition,
    file::VirtualFile,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

const DAY_MS: i64 = 86_400_000;

/// What is in those conversations, and how the register would name them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApartExpected {
    /// A private group and a private number.
    pub private_group: String,
    pub private_number: String,
    /// A group that was private from one moment up to another (Unix milliseconds).
    pub part_group: String,
    pub part_from_ms: i64,
    pub part_to_ms: i64,
    /// A business group, in which everything private is repeated.
    pub business_group: String,
    /// A group of two council members and the holder; an alderman joins halfway.
    pub council_group: String,
    pub councillors: Vec<String>,
    pub alderman: String,
    /// Words of the private conversations and of the private time: when those are left out they are nowhere.
    pub private: Vec<String>,
    /// Words that council members exchanged before the alderman came.
    pub council: Vec<String>,
    /// Words that are read out whatever is left out.
    pub business: Vec<String>,
}

/// What was made, for the files beside the database.
pub(super) struct Apart {
    pub(super) expected: ApartExpected,
    /// Address and name, for wa.db and the address book.
    pub(super) names: Vec<(String, String)>,
    /// Path below the shared storage.
    pub(super) files: Vec<(String, VirtualFile)>,
}

/// A message that is being written.
#[derive(Clone, Copy, Default)]
struct Said<'t> {
    kind: i64,
    /// Row of the sender's jid; 0 is the holder in a group, and the partner between two.
    by: i64,
    text: Option<&'t str>,
    flags: i64,
    from_me: bool,
}

const FORWARDED: i64 = 1;
const NOTICE_FLAG: i64 = 512;

struct Writer<'w> {
    db: &'w Connection,
    edition: &'w Edition,
    next: i64,
    word: &'w str,
    made: Apart,
}

/// A private file: its bytes, and what the database says of it.
struct File<'f> {
    folder: &'f str,
    name: &'f str,
    bytes: &'f [u8],
}

impl Writer<'_> {
    fn word(&self, place: &str) -> String {
        format!("{}-{place}", self.word)
    }

    /// A word that must not be found.
    fn private(&mut self, place: &str) -> String {
        let word = self.word(place);
        self.made.expected.private.push(word.clone());
        word
    }

    fn business(&mut self, place: &str) -> String {
        let word = self.word(place);
        self.made.expected.business.push(word.clone());
        word
    }

    fn person(&mut self, number: &str, name: &str) -> Result<i64, ContentError> {
        self.made.names.push((format!("{number}@s.whatsapp.net"), name.to_owned()));
        address::add(self.db, number, JidKind::User)
    }

    fn chat(&self, jid: i64, subject: Option<&str>, at: i64) -> Result<i64, ContentError> {
        self.db.execute(
            "INSERT INTO chat (jid_row_id, hidden, subject, created_timestamp, archived, sort_timestamp, group_type,
             ephemeral_expiration) VALUES (?, 0, ?, ?, 0, ?, 0, 0)",
            params![jid, subject, at, at],
        )?;
        Ok(self.db.last_insert_rowid())
    }

    /// A group with its members: row of the group's jid and of the chat.
    fn group(&mut self, user: &str, subject: &str, members: &[i64], at: i64) -> Result<(i64, i64), ContentError> {
        let jid = address::add(self.db, user, JidKind::Group)?;
        self.made.names.push((format!("{user}@g.us"), subject.to_owned()));
        for member in members {
            self.db.execute(
                "INSERT INTO group_participant_user (group_jid_row_id, user_jid_row_id, rank, pending) VALUES (?, ?, 0, 0)",
                [jid, *member],
            )?;
        }
        Ok((jid, self.chat(jid, Some(subject), at)?))
    }

    fn say(&mut self, chat: i64, at: i64, said: Said<'_>) -> Result<i64, ContentError> {
        let id = self.next;
        self.next += 1;
        self.db.execute(
            "INSERT INTO message (_id, chat_row_id, from_me, key_id, sender_jid_row_id, status, broadcast, recipient_count,
             origination_flags, origin, timestamp, received_timestamp, receipt_server_timestamp, message_type, text_data, starred,
             lookup_tables, message_add_on_flags, view_mode, sort_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, ?7, 0, ?8, ?8, -1, ?9, ?10, 0, 0, 0, 0, ?1)",
            params![
                id,
                chat,
                said.from_me,
                format!("APART{id:08}"),
                said.by,
                if said.flags & NOTICE_FLAG != 0 { 6 } else { 0 },
                said.flags,
                at,
                said.kind,
                said.text
            ],
        )?;
        if said.flags & FORWARDED != 0 {
            self.db.execute("INSERT INTO message_forwarded (message_row_id, forward_score) VALUES (?, 1)", [id])?;
        }
        Ok(id)
    }

    fn attach(&mut self, message: i64, chat: i64, file: &File<'_>, mime: &str, at: i64) -> Result<(), ContentError> {
        let path = format!("Media/{} {}/{}", self.edition.folder, file.folder, file.name);
        self.db.execute(
            "INSERT INTO message_media (message_row_id, chat_row_id, transferred, file_path, file_size, mime_type, file_length,
             media_name, file_hash) VALUES (?, ?, 1, ?, ?, ?, ?5, ?, ?)",
            params![message, chat, path, file.bytes.len() as i64, mime, file.name, STANDARD.encode(Sha256::digest(file.bytes))],
        )?;
        self.made.files.push((format!("{}/{path}", self.edition.root), VirtualFile::from_bytes(file.bytes.to_vec(), at / 1000)));
        Ok(())
    }

    fn card(&self, message: i64, vcard: &str) -> Result<(), ContentError> {
        self.db.execute("INSERT INTO message_vcard (message_row_id, vcard) VALUES (?, ?)", params![message, vcard])?;
        Ok(())
    }

    fn poll(&self, message: i64, options: [&str; 2]) -> Result<(), ContentError> {
        self.db.execute(
            "INSERT INTO message_poll (message_row_id, enc_key, selectable_options_count, poll_type) VALUES (?, x'00', 1, 0)",
            [message],
        )?;
        for name in options {
            self.db.execute(
                "INSERT INTO message_poll_option (message_row_id, option_sha256, option_name, vote_total, option_hash)
                 VALUES (?1, ?2, ?3, 0, ?2)",
                params![message, hex::encode(Sha256::digest(name)), name],
            )?;
        }
        Ok(())
    }

    fn place(&self, message: i64, chat: i64, name: &str) -> Result<(), ContentError> {
        self.db.execute(
            "INSERT INTO message_location (message_row_id, chat_row_id, latitude, longitude, place_name, map_download_status)
             VALUES (?, ?, 52.71234, 5.31234, ?, 2)",
            params![message, chat, name],
        )?;
        Ok(())
    }

    fn react(&self, message: i64, chat: i64, by: i64, at: i64) -> Result<(), ContentError> {
        self.db.execute(
            "INSERT INTO message_add_on (chat_row_id, from_me, key_id, sender_jid_row_id, parent_message_row_id, timestamp, status,
             message_add_on_type, received_timestamp) VALUES (?, 0, ?, ?, ?, ?, 13, 56, ?5)",
            params![chat, format!("R{message}-{by}"), by, message, at],
        )?;
        self.db.execute(
            "INSERT INTO message_add_on_reaction (message_add_on_row_id, reaction, sender_timestamp) VALUES (?, '👍', ?)",
            params![self.db.last_insert_rowid(), at],
        )?;
        Ok(())
    }

    /// `message` quotes what was said in `home` under row `original`.
    fn quote(&self, message: i64, home: i64, original: i64, text: &str, at: i64, by: i64) -> Result<(), ContentError> {
        self.db.execute(
            "INSERT INTO message_quoted (message_row_id, chat_row_id, parent_message_chat_row_id, from_me, sender_jid_row_id,
             key_id, timestamp, message_type, origin, text_data, lookup_tables) VALUES (?, ?2, ?2, 0, ?, ?, ?, 0, 0, ?, 0)",
            params![message, home, by, format!("APART{original:08}"), at, text],
        )?;
        Ok(())
    }

    fn notice(&mut self, chat: i64, at: i64, action: i64, by: i64, text: Option<&str>) -> Result<i64, ContentError> {
        let id = self.say(chat, at, Said { kind: 7, by, text, flags: NOTICE_FLAG, ..Said::default() })?;
        self.db.execute("INSERT INTO message_system (message_row_id, action_type) VALUES (?, ?)", [id, action])?;
        Ok(id)
    }

    fn retitle(&mut self, chat: i64, at: i64, by: i64, titles: (&str, &str)) -> Result<(), ContentError> {
        let id = self.notice(chat, at, 1, by, Some(titles.1))?;
        self.db
            .execute("INSERT INTO message_system_value_change (message_row_id, old_data) VALUES (?, ?)", params![id, titles.0])?;
        Ok(())
    }

    /// Somebody is added (12) or leaves (13).
    fn moves(&mut self, chat: i64, at: i64, action: i64, by: i64, who: i64) -> Result<(), ContentError> {
        let id = self.notice(chat, at, action, by, None)?;
        self.db
            .execute("INSERT INTO message_system_chat_participant (message_row_id, user_jid_row_id) VALUES (?, ?)", [id, who])?;
        Ok(())
    }
}

/// Writes them behind row `next` of `message`. `end` is the time of the backup in Unix milliseconds.
pub(super) fn add(db: &Connection, edition: &Edition, word: &str, next: i64, end: i64) -> Result<Apart, ContentError> {
    let made = Apart { expected: ApartExpected::default(), names: Vec::new(), files: Vec::new() };
    let mut w = Writer { db, edition, next, word, made };
    let colleague = w.person("31609900001", "Collega Zakelijk")?;
    private_and_its_repeats(&mut w, colleague, end - 30 * DAY_MS)?;
    private_for_a_while(&mut w, colleague, end - 20 * DAY_MS)?;
    council(&mut w, end - 10 * DAY_MS)?;
    Ok(w.made)
}

fn private_and_its_repeats(w: &mut Writer<'_>, colleague: i64, at: i64) -> Result<(), ContentError> {
    w.made.expected.private_group = "120363990000000001@g.us".to_owned();
    w.made.expected.business_group = "120363990000000002@g.us".to_owned();
    w.made.expected.private_number = "+31609900003".to_owned();
    let (friend_name, reactor_name) = (w.private("vriend"), w.private("reageerder"));
    let friend = w.person("31609900002", &friend_name)?;
    let reactor = w.person("31609900004", &reactor_name)?;
    let title = w.private("titel");
    let former = w.private("vroegere-titel");
    let (_, home) = w.group("120363990000000001", &title, &[friend, reactor], at)?;

    let text = w.private("tekst");
    let caption = w.private("bijschrift");
    let file_name = format!("{}.pdf", w.private("bestandsnaam"));
    let bytes = format!("%PDF-1.4 {}", w.private("bestandsbytes"));
    let vcard = format!("BEGIN:VCARD\nVERSION:3.0\nFN:{}\nEND:VCARD", w.private("kaart"));
    let (question, option) = (w.private("peiling"), w.private("peiloptie"));
    let place = w.private("plaats");
    let hour = 3_600_000;
    w.retitle(home, at, friend, (&former, &title))?;
    let said = Said { by: friend, ..Said::default() };
    let first = w.say(home, at + hour, Said { text: Some(&text), ..said })?;
    w.react(first, home, reactor, at + hour + 60_000)?;
    w.say(home, at + hour, Said { text: Some("ok"), ..said })?;
    let sent = w.say(home, at + 2 * hour, Said { kind: 9, text: Some(&caption), ..said })?;
    let file = File { folder: "Documents", name: &file_name, bytes: bytes.as_bytes() };
    w.attach(sent, home, &file, "application/pdf", at)?;
    let id = w.say(home, at + 3 * hour, Said { kind: 4, ..said })?;
    w.card(id, &vcard)?;
    let id = w.say(home, at + 4 * hour, Said { kind: 66, text: Some(&question), ..said })?;
    w.poll(id, [&option, "nee"])?;
    let id = w.say(home, at + 5 * hour, Said { kind: 5, ..said })?;
    w.place(id, home, &place)?;

    // Between two, under the number that the register has.
    let partner_name = w.private("partner");
    let partner = w.person("31609900003", &partner_name)?;
    let between = w.chat(partner, None, at)?;
    let intimate = w.private("tussen-twee");
    w.say(between, at + hour, Said { text: Some(&intimate), ..Said::default() })?;

    // All of it once more, in a group that is read out.
    let (_, business) = w.group("120363990000000002", "Project Lindeplein", &[colleague], at)?;
    let later = at + DAY_MS;
    let by = Said { by: colleague, ..Said::default() };
    let plain = w.business("gewoon");
    w.say(business, later, Said { text: Some(&plain), ..by })?;
    w.say(business, later, Said { text: Some("ok"), ..by })?;
    let answer = w.business("antwoord");
    let id = w.say(business, later + hour, Said { text: Some(&answer), ..by })?;
    w.quote(id, home, first, &text, at + hour, friend)?;
    let forward = Said { flags: FORWARDED, ..by };
    for text in [&text, &intimate] {
        w.say(business, later + 2 * hour, Said { text: Some(text), ..forward })?;
    }
    let id = w.say(business, later + 3 * hour, Said { kind: 4, ..forward })?;
    w.card(id, &vcard)?;
    let id = w.say(business, later + 4 * hour, Said { kind: 66, text: Some(&question), ..forward })?;
    w.poll(id, [&option, "nee"])?;
    let id = w.say(business, later + 5 * hour, Said { kind: 5, ..forward })?;
    w.place(id, business, &place)?;
    // The same bytes under another name; not marked as a forward.
    let id = w.say(business, later + 6 * hour, Said { kind: 9, ..by })?;
    let same = File { folder: "Documents", name: &format!("Kopie {file_name}"), bytes: bytes.as_bytes() };
    w.attach(id, business, &same, "application/pdf", at)?;
    // An invitation, a notice and a preview that name the private group.
    let id = w.say(business, later + 7 * hour, Said { kind: 24, ..by })?;
    w.db.execute(
        "INSERT INTO message_group_invite (message_row_id, group_jid_row_id, admin_jid_row_id, group_name, invite_code, expiration,
         invite_time, expired) VALUES (?, 0, ?, ?, 'abc', 0, 0, 0)",
        params![id, colleague, title],
    )?;
    w.notice(business, later + 8 * hour, 110, colleague, Some(&format!("{title} is nu deel van de community")))?;
    w.notice(business, later + 8 * hour, 110, colleague, Some(&former))?;
    let id = w.say(business, later + 9 * hour, Said { text: Some("https://chat.whatsapp.com/AbCdEf"), ..by })?;
    w.db.execute(
        "INSERT INTO message_text (message_row_id, description, page_title, url) VALUES (?, 'WhatsApp Group Invite', ?, ?)",
        params![id, title, "https://chat.whatsapp.com/AbCdEf"],
    )?;
    Ok(())
}

fn private_for_a_while(w: &mut Writer<'_>, colleague: i64, at: i64) -> Result<(), ContentError> {
    let (from, to) = (at + 2 * DAY_MS, at + 5 * DAY_MS);
    w.made.expected.part_group = "120363990000000003@g.us".to_owned();
    (w.made.expected.part_from_ms, w.made.expected.part_to_ms) = (from, to);
    let guest_name = w.private("gast");
    let guest = w.person("31609900005", &guest_name)?;
    let (before, between) = (w.business("groepsnaam"), w.private("tussentitel"));
    let (_, chat) = w.group("120363990000000003", &before, &[colleague], at)?;
    let by = Said { by: colleague, ..Said::default() };
    let text = w.business("voor");
    let first = w.say(chat, at + DAY_MS, Said { text: Some(&text), ..by })?;
    let last = w.business("laatste-voor");
    w.say(chat, from - 1, Said { text: Some(&last), ..by })?;
    // From the first moment on.
    let text = w.private("eerste-tijdens");
    w.say(chat, from, Said { text: Some(&text), ..by })?;
    w.retitle(chat, from + 1_000, colleague, (&before, &between))?;
    w.moves(chat, from + 2_000, 12, colleague, guest)?;
    let during = w.private("tijdens");
    let inside = w.say(chat, from + DAY_MS, Said { text: Some(&during), by: guest, ..Said::default() })?;
    w.react(first, chat, guest, from + DAY_MS + 1_000)?;
    // Written in the private time over a message from before.
    let edited = w.private("gewijzigd-tijdens");
    let id = w.say(chat, from - 60_000, Said { text: Some(&edited), ..by })?;
    w.db.execute(
        "INSERT INTO message_edit_info (message_row_id, original_key_id, edited_timestamp, sender_timestamp) VALUES (?, 'X', ?, ?2)",
        params![id, from + DAY_MS],
    )?;
    w.moves(chat, to - 3_000, 13, guest, guest)?;
    w.retitle(chat, to - 2_000, colleague, (&between, &before))?;
    let text = w.business("eerste-na");
    w.say(chat, to, Said { text: Some(&text), ..by })?;
    let text = w.business("na");
    let id = w.say(chat, to + DAY_MS, Said { text: Some(&text), ..by })?;
    w.quote(id, chat, inside, &during, from + DAY_MS, guest)?;
    Ok(())
}

fn council(w: &mut Writer<'_>, at: i64) -> Result<(), ContentError> {
    w.made.expected.council_group = "120363990000000004@g.us".to_owned();
    w.made.expected.councillors = vec!["+31609900006".to_owned(), "+31609900007".to_owned()];
    w.made.expected.alderman = "+31609900008".to_owned();
    let one = w.person("31609900006", "Raadslid Een")?;
    let two = w.person("31609900007", "Raadslid Twee")?;
    let alderman = w.person("31609900008", "Wethouder Bakker")?;
    let (_, chat) = w.group("120363990000000004", "Fractieoverleg", &[one, two, alderman], at)?;
    let text = w.word("raad-voor");
    w.made.expected.council.push(text.clone());
    w.say(chat, at + DAY_MS, Said { text: Some(&text), by: one, ..Said::default() })?;
    w.moves(chat, at + 2 * DAY_MS, 12, one, alderman)?;
    let text = w.business("raad-na");
    w.say(chat, at + 3 * DAY_MS, Said { text: Some(&text), by: two, ..Said::default() })?;
    Ok(())
}
