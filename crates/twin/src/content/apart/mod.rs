//! Conversations made for separation (`Options::apart`): private ones, one that was private for a while, one of council
//! members, and one that repeats in every way we know what the private ones hold. Every place has a word of its own that must,
//! or must not, be found again.
//!
//! They stand behind everything else in the database, and no other number of the expectation counts them.

mod writer;

use super::{ContentError, app::Edition, file::VirtualFile};
use rusqlite::{Connection, params};
use writer::{FORWARDED, File, Said, Writer};

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

/// Writes them behind row `next` of `message`. `end` is the time of the backup in Unix milliseconds.
pub(super) fn add(db: &Connection, edition: &Edition, word: &str, next: i64, end: i64) -> Result<Apart, ContentError> {
    let mut w = Writer::new(db, edition, next, word);
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
