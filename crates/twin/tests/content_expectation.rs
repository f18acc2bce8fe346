//! The generator against SQL of its own databases: every number in the expectation is counted again from the rows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use rusqlite::Connection;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use uitlezen_twin::content::{AppExpected, MediaScale, Options, PhoneContent, WHATSAPP, WHATSAPP_BUSINESS, generate};

const CANARY: &str = "KANARIE-7f3a";

fn options() -> Options {
    Options {
        messages: 1_500,
        canary: Some(CANARY.to_owned()),
        with_business: true,
        cards_in_lid_chats: true,
        keep_plain: true,
        ..Options::default()
    }
}

fn open(bytes: &[u8]) -> Connection {
    let mut db = Connection::open_in_memory().unwrap();
    db.deserialize_read_exact("main", bytes, bytes.len(), true).unwrap();
    db
}

struct Phone {
    content: PhoneContent,
    msgstore: Connection,
    wa: Connection,
    expected: AppExpected,
}

fn phone(options: &Options, package: &str) -> Phone {
    let content = generate(options).unwrap();
    let plain = &content.plain[package];
    let expected =
        if package == WHATSAPP { content.expected.whatsapp.clone() } else { content.expected.business.clone().unwrap() };
    Phone { msgstore: open(&plain.msgstore), wa: open(&plain.wa), expected, content }
}

impl Phone {
    fn count(&self, sql: &str) -> u64 {
        self.msgstore.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap_or_else(|e| panic!("{sql}: {e}")).try_into().unwrap()
    }
}

/// Rows of `message` in chats that a readout includes.
const SCOPE: &str = "message m JOIN chat c ON c._id = m.chat_row_id JOIN jid j ON j._id = c.jid_row_id AND j.type NOT IN (5, 21)";

#[test]
fn both_databases_are_sound() {
    for package in [WHATSAPP, WHATSAPP_BUSINESS] {
        let phone = phone(&options(), package);
        for db in [&phone.msgstore, &phone.wa] {
            let answer: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
            assert_eq!(answer, "ok");
            for (pragma, value) in [("page_size", 4096), ("user_version", 1), ("auto_vacuum", 1)] {
                assert_eq!(db.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).unwrap(), value, "{pragma}");
            }
        }
    }
}

#[test]
fn every_expected_number_is_what_the_rows_say() {
    for package in [WHATSAPP, WHATSAPP_BUSINESS] {
        let phone = phone(&options(), package);
        let e = &phone.expected;
        let scoped = |more: &str| phone.count(&format!("SELECT count(*) FROM {SCOPE} {more}"));
        let of_type = |types: &str| scoped(&format!("WHERE m.message_type IN ({types})"));
        let rows = [
            ("conversations", e.conversations, phone.count("SELECT count(*) FROM chat c JOIN jid j ON j._id = c.jid_row_id AND j.type NOT IN (5, 21)")),
            ("messages", e.messages, scoped("")),
            ("out of scope", e.messages_out_of_scope, phone.count("SELECT count(*) FROM message WHERE chat_row_id <> -1") - scoped("")),
            ("status", e.status_messages, phone.count("SELECT count(*) FROM message m JOIN chat c ON c._id = m.chat_row_id JOIN jid j ON j._id = c.jid_row_id AND j.raw_string = 'status@broadcast'")),
            ("system", e.system, scoped("WHERE m.status = 6")),
            ("system rows", e.system, phone.count("SELECT count(*) FROM message_system")),
            ("quoted", e.quoted, phone.count("SELECT count(*) FROM message_quoted")),
            ("quotes of revoked", e.quotes_of_revoked, phone.count("SELECT count(*) FROM message_quoted q JOIN message_revoked r ON r.revoked_key_id = q.key_id")),
            ("edited", e.edited, phone.count("SELECT count(*) FROM message_edit_info")),
            ("revoked", e.revoked_by_sender, of_type("15")),
            ("revoked by admin", e.revoked_by_admin, of_type("64")),
            ("revoked rows", e.revoked_by_admin + e.revoked_by_sender, phone.count("SELECT count(*) FROM message_revoked r JOIN message m ON m._id = r.message_row_id WHERE m.text_data IS NULL")),
            ("reactions", e.reactions, phone.count("SELECT count(*) FROM message_add_on_reaction WHERE reaction <> ''")),
            ("withdrawn", e.reactions_withdrawn, phone.count("SELECT count(*) FROM message_add_on_reaction WHERE reaction = ''")),
            ("polls", e.polls, of_type("66")),
            ("votes", e.poll_votes, phone.count("SELECT count(*) FROM message_add_on_poll_vote_selected_option")),
            ("vote totals", e.poll_votes, phone.count("SELECT coalesce(sum(vote_total), 0) FROM message_poll_option")),
            ("forwarded", e.forwarded, scoped("WHERE m.origination_flags & 1")),
            ("mentions", e.mentions, phone.count("SELECT count(*) FROM message_mentions")),
            ("starred", e.starred, scoped("WHERE m.starred = 1")),
            ("links", e.links, phone.count("SELECT count(*) FROM message_text")),
            ("captions", e.captions, scoped("JOIN message_media d ON d.message_row_id = m._id WHERE m.text_data IS NOT NULL")),
            ("media rows", e.attachments.rows, scoped("JOIN message_media d ON d.message_row_id = m._id")),
            ("not downloaded", e.attachments.not_downloaded, scoped("JOIN message_media d ON d.message_row_id = m._id WHERE d.file_path IS NULL")),
            ("view once", e.view_once, of_type("42, 43, 82")),
            ("albums", e.albums, of_type("99")),
            ("album items", e.album_items, phone.count("SELECT count(*) FROM message_association")),
            ("places", e.places, of_type("5")),
            ("live places", e.live_places, of_type("16")),
            ("card messages", e.card_messages, of_type("4, 14")),
            ("cards", e.cards, phone.count("SELECT count(*) FROM message_vcard")),
            ("calls inside", e.calls_in_conversation, of_type("10, 90")),
            ("call log", e.call_log_rows, phone.count("SELECT count(*) FROM call_log")),
            ("events", e.events, of_type("92")),
            ("invites", e.group_invites, phone.count("SELECT count(*) FROM message_group_invite")),
            ("unknown", e.unknown_types, of_type("96")),
            ("future", e.future, phone.count("SELECT count(*) FROM message_future")),
            ("expiring", e.expiring, phone.count("SELECT count(*) FROM message_ephemeral")),
            ("drafts", e.drafts, phone.count("SELECT count(*) FROM composition")),
            ("receipts", e.receipts, phone.count("SELECT count(*) FROM receipt_user")),
            ("joins", e.joins, phone.count("SELECT count(*) FROM message_system WHERE action_type = 12")),
            ("leaves", e.leaves, phone.count("SELECT count(*) FROM message_system WHERE action_type IN (13, 14)")),
            ("mapped", e.lids_mapped, phone.count("SELECT count(*) FROM jid_map")),
            ("unresolved", e.lids_unresolved, phone.count("SELECT count(*) FROM jid WHERE type = 18 AND _id NOT IN (SELECT lid_row_id FROM jid_map)")),
            ("vanished", e.vanished, phone.count("SELECT max(_id) - count(*) FROM message")),
        ];
        for (what, said, found) in rows {
            assert_eq!(said, found, "{what} of {package}");
        }
        let mut types = phone.msgstore.prepare(&format!("SELECT m.message_type, count(*) FROM {SCOPE} GROUP BY 1")).unwrap();
        let found: BTreeMap<i64, u64> =
            types.query_map([], |r| Ok((r.get(0)?, r.get::<_, i64>(1)?.unsigned_abs()))).unwrap().map(Result::unwrap).collect();
        assert_eq!(e.by_type, found);
    }
}

#[test]
fn every_trait_of_the_format_occurs() {
    let e = phone(&options(), WHATSAPP).expected;
    for (what, n) in [
        ("quoted", e.quoted),
        ("of revoked", e.quotes_of_revoked),
        ("edited", e.edited),
        ("revoked", e.revoked_by_sender),
        ("by admin", e.revoked_by_admin),
        ("reactions", e.reactions),
        ("withdrawn", e.reactions_withdrawn),
        ("polls", e.polls),
        ("votes", e.poll_votes),
        ("forwarded", e.forwarded),
        ("mentions", e.mentions),
        ("starred", e.starred),
        ("links", e.links),
        ("captions", e.captions),
        ("present", e.attachments.present),
        ("missing", e.attachments.missing),
        ("not downloaded", e.attachments.not_downloaded),
        ("view once", e.view_once),
        ("albums", e.albums),
        ("items", e.album_items),
        ("places", e.places),
        ("live", e.live_places),
        ("cards", e.cards),
        ("calls", e.calls_in_conversation),
        ("events", e.events),
        ("invites", e.group_invites),
        ("unknown", e.unknown_types),
        ("future", e.future),
        ("expiring", e.expiring),
        ("vanished", e.vanished),
        ("drafts", e.drafts),
        ("receipts", e.receipts),
        ("joins", e.joins),
        ("leaves", e.leaves),
        ("mapped", e.lids_mapped),
        ("unresolved", e.lids_unresolved),
        ("status", e.status_messages),
        ("newsletter", e.newsletter_messages),
        ("communities", e.communities),
        ("groups", e.groups),
        ("direct", e.direct),
    ] {
        assert!(n > 0, "{what} does not occur");
    }
    let origins: std::collections::BTreeSet<_> = e.names.iter().map(|n| n.origin.clone()).collect();
    assert_eq!(origins.len(), 6, "names of every origin, and somebody without: {origins:?}");
}

#[test]
fn conversations_and_timers_are_as_the_chats_say() {
    let phone = phone(&options(), WHATSAPP);
    let sql = "SELECT coalesce(p.raw_string, j.raw_string), j.raw_string, c.subject, coalesce(c.ephemeral_expiration, 0),
        (SELECT count(*) FROM message m WHERE m.chat_row_id = c._id),
        (SELECT count(*) FROM message m JOIN message_ephemeral_setting s ON s.message_row_id = m._id WHERE m.chat_row_id = c._id),
        (SELECT count(*) FROM group_participant_user g WHERE g.group_jid_row_id = c.jid_row_id),
        (SELECT count(*) FROM group_past_participant_user g WHERE g.group_jid_row_id = c.jid_row_id)
        FROM chat c JOIN jid j ON j._id = c.jid_row_id AND j.type NOT IN (5, 21)
        LEFT JOIN jid_map x ON x.lid_row_id = j._id LEFT JOIN jid p ON p._id = x.jid_row_id";
    let mut statement = phone.msgstore.prepare(sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut seen = 0;
    while let Some(row) = rows.next().unwrap() {
        let jid: String = row.get(0).unwrap();
        let e = phone.expected.per_conversation.get(&jid).unwrap_or_else(|| panic!("nothing expected of {jid}"));
        assert_eq!(row.get::<_, String>(1).unwrap(), e.stored_jid);
        assert_eq!(row.get::<_, Option<String>>(2).unwrap(), e.subject);
        let numbers: Vec<u64> = (3..8).map(|i| row.get::<_, i64>(i).unwrap().unsigned_abs()).collect();
        assert_eq!(numbers, [u64::from(e.timer_seconds), e.messages, e.timer_changes, e.members, e.past_members], "{jid}");
        seen += 1;
    }
    assert_eq!(seen, phone.expected.per_conversation.len());
    let timers: Vec<(u32, u64)> = phone
        .expected
        .per_conversation
        .values()
        .filter(|c| c.timer_changes > 0)
        .map(|c| (c.timer_seconds, c.timer_changes))
        .collect();
    assert_eq!(timers.len(), 4, "{timers:?}");
    assert!(timers.contains(&(0, 2)), "one was on and is off: {timers:?}");
    assert_eq!(timers.iter().filter(|t| t.0 > 0).count(), 3);
}

#[test]
fn without_timers_none_ever_was() {
    let phone = phone(&Options { timers: false, ..options() }, WHATSAPP);
    assert_eq!(phone.count("SELECT count(*) FROM message_ephemeral_setting"), 0);
    assert_eq!(phone.count("SELECT count(*) FROM chat WHERE ephemeral_expiration > 0"), 0);
    assert_eq!(phone.expected.vanished, 0);
}

#[test]
fn files_named_in_the_database_are_there_with_that_digest_or_are_missing_as_said() {
    use base64::Engine;
    let phone = phone(&options(), WHATSAPP);
    let sql = format!(
        "SELECT d.file_path, d.file_hash, d.file_size FROM {SCOPE} JOIN message_media d ON d.message_row_id = m._id WHERE d.file_path IS NOT NULL"
    );
    let mut statement = phone.msgstore.prepare(&sql).unwrap();
    let mut rows = statement.query([]).unwrap();
    let (mut present, mut bytes, mut missing) = (0, 0, 0);
    while let Some(row) = rows.next().unwrap() {
        let path = format!("Android/media/com.whatsapp/WhatsApp/{}", row.get::<_, String>(0).unwrap());
        let Some(file) = phone.content.files.get(&path) else {
            missing += 1;
            continue;
        };
        present += 1;
        bytes += file.len();
        assert_eq!(file.len(), row.get::<_, i64>(2).unwrap().unsigned_abs());
        let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(file.to_vec()));
        assert_eq!(digest, row.get::<_, String>(1).unwrap(), "{path}");
    }
    let e = &phone.expected.attachments;
    assert_eq!((present, bytes, missing), (e.present, e.present_bytes, e.missing));
    assert_eq!(e.rows, e.present + e.missing + e.not_downloaded);
}

#[test]
fn a_damaged_file_is_one() {
    let e = phone(&Options { damaged_media: true, ..options() }, WHATSAPP).expected;
    assert_eq!(e.attachments.mismatched, 1);
}

#[test]
fn the_canary_is_where_it_is_said_to_be() {
    let phone = phone(&options(), WHATSAPP);
    let e = &phone.expected.canary;
    let texts = phone.count(&format!("SELECT count(*) FROM {SCOPE} WHERE m.message_type = 0 AND m.text_data LIKE '%{CANARY}%'"));
    assert_eq!(texts, e.texts);
    let captions = phone.count(&format!(
        "SELECT count(*) FROM {SCOPE} JOIN message_media d ON d.message_row_id = m._id WHERE m.text_data LIKE '%{CANARY}%'"
    ));
    assert_eq!(captions, e.captions);
    let below = "Android/media/com.whatsapp/WhatsApp/Media";
    let named = phone.content.files.keys().filter(|p| p.starts_with(below) && p.contains(CANARY)).count();
    assert_eq!(named as u64, e.file_names);
    let holding = phone
        .content
        .files
        .iter()
        .filter(|(path, file)| path.starts_with(below) && file.to_vec().windows(CANARY.len()).any(|w| w == CANARY.as_bytes()))
        .count();
    assert_eq!(holding as u64, e.media_files);
    for (what, n) in [
        ("texts", e.texts),
        ("names", e.names),
        ("captions", e.captions),
        ("file names", e.file_names),
        ("media", e.media_files),
        ("subjects", e.subjects),
        ("drafts", e.drafts),
    ] {
        assert!(n > 0, "no canary in {what}");
    }
}

#[test]
fn exactly_as_many_messages_as_asked() {
    for messages in [1, 2, 5, 30, 31, 200, 777] {
        let options = Options { messages, media: MediaScale::None, increments: false, ..Options::default() };
        assert_eq!(generate(&options).unwrap().expected.whatsapp.messages, messages);
    }
    // Keys and numbers are drawn by chance and must be unique: no seed may stumble over that.
    for seed in 0..12 {
        let options = Options { seed, messages: 1_000, with_business: true, media: MediaScale::None, ..Options::default() };
        assert_eq!(generate(&options).unwrap().expected.whatsapp.messages, 1_000);
    }
    let options = Options { messages: 300, conversations: Some(20), ..Options::default() };
    assert_eq!(generate(&options).unwrap().expected.whatsapp.conversations, 20);
}

#[test]
fn the_expectation_survives_json() {
    let expected = generate(&Options { messages: 300, ..options() }).unwrap().expected;
    let json = serde_json::to_string(&expected).unwrap();
    assert_eq!(serde_json::from_str::<uitlezen_twin::content::Expected>(&json).unwrap(), expected);
}

#[test]
fn a_week_later_everything_is_still_there_and_what_came_is_counted() {
    let earlier = Options { timers: false, keep_plain: true, ..Options::default() };
    let later = Options { later_days: 7, later_messages: 60, ..earlier.clone() };
    let (before, after) = (phone(&earlier, WHATSAPP), phone(&later, WHATSAPP));
    assert_eq!(after.expected.messages, before.expected.messages + 60);
    assert_eq!(after.count(&format!("SELECT count(*) FROM {SCOPE}")), after.expected.messages);
    assert_eq!(after.content.now, before.content.now + 7 * 86_400);
    let media = |phone: &Phone| -> BTreeMap<String, (u64, i64)> {
        let named =
            phone.content.files.iter().filter(|(path, _)| path.contains("/Media/WhatsApp ") && !path.contains(".Statuses"));
        named.map(|(path, file)| (path.clone(), (file.len(), file.mtime()))).collect()
    };
    let (then, now) = (media(&before), media(&after));
    let changed: Vec<_> = then
        .iter()
        .filter(|(path, file)| now.get(*path) != Some(file) && !path.contains("Profile Photos") && !path.contains(".nomedia"))
        .collect();
    assert!(changed.is_empty(), "{changed:?}");
    assert!(now.len() > then.len(), "{} media files, and {} then", now.len(), then.len());
    let newest = before.content.now;
    assert!(now.iter().filter(|(path, _)| !then.contains_key(*path)).all(|(_, (_, at))| *at > newest - 14 * 86_400));
    // Rows that were there keep their ids, keys and times.
    let rows = |phone: &Phone| -> BTreeMap<i64, (String, i64)> {
        let sql = format!("SELECT m._id, m.key_id, m.timestamp FROM {SCOPE}");
        let mut found = phone.msgstore.prepare(&sql).unwrap();
        found.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))).unwrap().map(Result::unwrap).collect()
    };
    let (then, now) = (rows(&before), rows(&after));
    assert!(!then.is_empty() && then.iter().all(|(id, row)| now.get(id) == Some(row)));
}
