//! Writes rows of conversations one by one, with the words that are to be found, or not.

use super::{Apart, ApartExpected};
use crate::content::{
    ContentError,
    address::{self, JidKind},
    app::Edition,
    file::VirtualFile,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

/// A message that is being written.
#[derive(Clone, Copy, Default)]
pub(super) struct Said<'t> {
    pub(super) kind: i64,
    /// Row of the sender's jid; 0 is the holder in a group, and the partner between two.
    pub(super) by: i64,
    pub(super) text: Option<&'t str>,
    pub(super) flags: i64,
    pub(super) from_me: bool,
}

pub(super) const FORWARDED: i64 = 1;
const NOTICE_FLAG: i64 = 512;

pub(super) struct Writer<'w> {
    pub(super) db: &'w Connection,
    edition: &'w Edition,
    next: i64,
    word: &'w str,
    pub(super) made: Apart,
}

/// A private file: its bytes, and what the database says of it.
pub(super) struct File<'f> {
    pub(super) folder: &'f str,
    pub(super) name: &'f str,
    pub(super) bytes: &'f [u8],
}

impl<'w> Writer<'w> {
    /// Writes behind row `next` of `message`; every word begins with `word`.
    pub(super) fn new(db: &'w Connection, edition: &'w Edition, next: i64, word: &'w str) -> Self {
        let made = Apart { expected: ApartExpected::default(), names: Vec::new(), files: Vec::new() };
        Self { db, edition, next, word, made }
    }

    pub(super) fn word(&self, place: &str) -> String {
        format!("{}-{place}", self.word)
    }

    /// A word that must not be found.
    pub(super) fn private(&mut self, place: &str) -> String {
        let word = self.word(place);
        self.made.expected.private.push(word.clone());
        word
    }

    pub(super) fn business(&mut self, place: &str) -> String {
        let word = self.word(place);
        self.made.expected.business.push(word.clone());
        word
    }

    pub(super) fn person(&mut self, number: &str, name: &str) -> Result<i64, ContentError> {
        self.made.names.push((format!("{number}@s.whatsapp.net"), name.to_owned()));
        address::add(self.db, number, JidKind::User)
    }

    pub(super) fn chat(&self, jid: i64, subject: Option<&str>, at: i64) -> Result<i64, ContentError> {
        self.db.execute(
            "INSERT INTO chat (jid_row_id, hidden, subject, created_timestamp, archived, sort_timestamp, group_type,
             ephemeral_expiration) VALUES (?, 0, ?, ?, 0, ?, 0, 0)",
            params![jid, subject, at, at],
        )?;
        Ok(self.db.last_insert_rowid())
    }

    /// A group with its members: row of the group's jid and of the chat.
    pub(super) fn group(&mut self, user: &str, subject: &str, members: &[i64], at: i64) -> Result<(i64, i64), ContentError> {
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

    pub(super) fn say(&mut self, chat: i64, at: i64, said: Said<'_>) -> Result<i64, ContentError> {
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

    pub(super) fn attach(&mut self, message: i64, chat: i64, file: &File<'_>, mime: &str, at: i64) -> Result<(), ContentError> {
        let path = format!("Media/{} {}/{}", self.edition.folder, file.folder, file.name);
        self.db.execute(
            "INSERT INTO message_media (message_row_id, chat_row_id, transferred, file_path, file_size, mime_type, file_length,
             media_name, file_hash) VALUES (?, ?, 1, ?, ?, ?, ?5, ?, ?)",
            params![message, chat, path, file.bytes.len() as i64, mime, file.name, STANDARD.encode(Sha256::digest(file.bytes))],
        )?;
        self.made.files.push((format!("{}/{path}", self.edition.root), VirtualFile::from_bytes(file.bytes.to_vec(), at / 1000)));
        Ok(())
    }

    pub(super) fn card(&self, message: i64, vcard: &str) -> Result<(), ContentError> {
        self.db.execute("INSERT INTO message_vcard (message_row_id, vcard) VALUES (?, ?)", params![message, vcard])?;
        Ok(())
    }

    pub(super) fn poll(&self, message: i64, options: [&str; 2]) -> Result<(), ContentError> {
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

    pub(super) fn place(&self, message: i64, chat: i64, name: &str) -> Result<(), ContentError> {
        self.db.execute(
            "INSERT INTO message_location (message_row_id, chat_row_id, latitude, longitude, place_name, map_download_status)
             VALUES (?, ?, 52.71234, 5.31234, ?, 2)",
            params![message, chat, name],
        )?;
        Ok(())
    }

    pub(super) fn react(&self, message: i64, chat: i64, by: i64, at: i64) -> Result<(), ContentError> {
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
    pub(super) fn quote(&self, message: i64, home: i64, original: i64, text: &str, at: i64, by: i64) -> Result<(), ContentError> {
        self.db.execute(
            "INSERT INTO message_quoted (message_row_id, chat_row_id, parent_message_chat_row_id, from_me, sender_jid_row_id,
             key_id, timestamp, message_type, origin, text_data, lookup_tables) VALUES (?, ?2, ?2, 0, ?, ?, ?, 0, 0, ?, 0)",
            params![message, home, by, format!("APART{original:08}"), at, text],
        )?;
        Ok(())
    }

    pub(super) fn notice(&mut self, chat: i64, at: i64, action: i64, by: i64, text: Option<&str>) -> Result<i64, ContentError> {
        let id = self.say(chat, at, Said { kind: 7, by, text, flags: NOTICE_FLAG, ..Said::default() })?;
        self.db.execute("INSERT INTO message_system (message_row_id, action_type) VALUES (?, ?)", [id, action])?;
        Ok(id)
    }

    pub(super) fn retitle(&mut self, chat: i64, at: i64, by: i64, titles: (&str, &str)) -> Result<(), ContentError> {
        let id = self.notice(chat, at, 1, by, Some(titles.1))?;
        self.db
            .execute("INSERT INTO message_system_value_change (message_row_id, old_data) VALUES (?, ?)", params![id, titles.0])?;
        Ok(())
    }

    /// Somebody is added (12) or leaves (13).
    pub(super) fn moves(&mut self, chat: i64, at: i64, action: i64, by: i64, who: i64) -> Result<(), ContentError> {
        let id = self.notice(chat, at, action, by, None)?;
        self.db
            .execute("INSERT INTO message_system_chat_participant (message_row_id, user_jid_row_id) VALUES (?, ?)", [id, who])?;
        Ok(())
    }
}
