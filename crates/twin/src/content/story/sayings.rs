//! Messages of words: plain, quoted, edited, taken back, forwarded, with a mention or a link.

use super::{Row, Story, Written, flag};
use crate::content::ContentError;
use crate::content::room::Recent;
use crate::content::texts::{self, SCENES, Speaker, TOPICS};
use rusqlite::params;

/// `message_type` of words.
const TEXT: i64 = 0;
/// Taken back by the sender, and by an admin.
const REVOKED: i64 = 15;
const REVOKED_BY_ADMIN: i64 = 64;

impl Story<'_> {
    /// A sentence on the room's topic; every 37th carries the canary.
    fn words(&mut self, room: usize) -> String {
        self.texts_made += 1;
        self.planted(room, self.texts_made % 37 == 1)
    }

    /// As [`Story::words`], but every fourth carries it.
    pub(super) fn caption(&mut self, room: usize) -> String {
        self.captions_made += 1;
        self.planted(room, self.captions_made % 4 == 1)
    }

    fn planted(&mut self, room: usize, here: bool) -> String {
        let talk = &mut self.rooms[room];
        let text = texts::sentence(TOPICS[talk.topic], &mut talk.line, &mut self.dice);
        match &self.options.canary {
            Some(canary) if here => format!("{text} {canary}"),
            _ => text,
        }
    }

    /// Write words, and count the canary when it is in what stays readable.
    fn write_words(
        &mut self,
        room: usize,
        person: Option<usize>,
        text: &str,
        flags: i64,
        starred: bool,
    ) -> Result<Option<Written>, ContentError> {
        let written = self.write(&Row { room, person, kind: TEXT, text: Some(text), flags, starred })?;
        if let Some(written) = &written {
            if self.options.canary.as_ref().is_some_and(|canary| text.contains(canary.as_str())) {
                self.expected.canary.texts += 1;
            }
            self.remember(room, person, TEXT, text, written);
            self.react(room, written)?;
        }
        Ok(written)
    }

    pub(super) fn say(&mut self, room: usize) -> Result<(), ContentError> {
        let person = self.speaker(room);
        let text = self.words(room);
        self.write_words(room, person, &text, 0, false)?;
        Ok(())
    }

    pub(super) fn say_starred(&mut self, room: usize) -> Result<(), ContentError> {
        let person = self.speaker(room);
        let text = self.words(room);
        self.write_words(room, person, &text, 0, true)?;
        Ok(())
    }

    pub(super) fn reply(&mut self, room: usize) -> Result<(), ContentError> {
        let recents = self.rooms[room].recent.len();
        if recents == 0 {
            return self.say(room);
        }
        let quoted = self.rooms[room].recent[self.dice.index(recents)].clone();
        let person = self.speaker(room);
        let text = self.words(room);
        let Some(written) = self.write_words(room, person, &text, 0, false)? else { return Ok(()) };
        let chat = self.rooms[room].row;
        self.db
            .prepare_cached(
                "INSERT INTO message_quoted (message_row_id, chat_row_id, parent_message_chat_row_id, from_me, sender_jid_row_id,
                 key_id, timestamp, message_type, origin, text_data, lookup_tables)
                 VALUES (?, ?2, ?2, ?, ?, ?, ?, ?, 0, ?, 0)",
            )?
            .execute(params![
                written.row,
                chat,
                quoted.from_me,
                quoted.sender,
                quoted.key,
                quoted.ms,
                quoted.kind,
                quoted.text
            ])?;
        self.expected.quoted += 1;
        self.expected.quotes_of_revoked += u64::from(quoted.revoked);
        Ok(())
    }

    /// Only the last text is kept; the id of the first stands beside it.
    pub(super) fn say_edited(&mut self, room: usize) -> Result<(), ContentError> {
        let person = self.speaker(room);
        let text = self.words(room);
        let Some(written) = self.write_words(room, person, &text, flag::EDITED, false)? else { return Ok(()) };
        let edited = written.ms + self.dice.between(5_000, 800_000);
        let original = format!("3A{}", self.dice.hex(18));
        self.db.execute(
            "INSERT INTO message_edit_info (message_row_id, original_key_id, edited_timestamp, sender_timestamp) VALUES (?, ?, ?, ?)",
            params![written.row, original, edited, edited - 90],
        )?;
        self.expected.edited += 1;
        Ok(())
    }

    /// The row stays without its text. A reply may quote it all the same, and the quote keeps the words.
    pub(super) fn say_revoked(&mut self, room: usize, by_admin: bool) -> Result<(), ContentError> {
        let person = self.speaker(room);
        let kind = if by_admin { REVOKED_BY_ADMIN } else { REVOKED };
        let Some(written) = self.write(&Row { room, person, kind, text: None, flags: 0, starred: false })? else { return Ok(()) };
        let original = format!("3A{}", self.dice.hex(18));
        let members = &self.rooms[room].members;
        let admin = members.first().filter(|_| by_admin).map(|p| self.rooms[room].member_row(&self.people[*p]));
        let revoked_at = written.ms + self.dice.between(3_000, 900_000);
        self.db.execute(
            "INSERT INTO message_revoked (message_row_id, revoked_key_id, admin_jid_row_id, revoke_timestamp) VALUES (?, ?, ?, ?)",
            params![written.row, original, admin, revoked_at],
        )?;
        // Words without a canary: what was taken back stands nowhere but, by chance, in a quote.
        let here = &mut self.rooms[room];
        let gone = texts::sentence(TOPICS[here.topic], &mut here.line, &mut self.dice);
        let from_me = person.is_none();
        let Written { ms, sender, .. } = written;
        let recent = Recent { key: original, from_me, sender, person, ms, kind: TEXT, text: gone, revoked: true };
        self.rooms[room].remember(recent);
        if by_admin {
            self.expected.revoked_by_admin += 1;
        } else {
            self.expected.revoked_by_sender += 1;
        }
        Ok(())
    }

    pub(super) fn say_forwarded(&mut self, room: usize) -> Result<(), ContentError> {
        let person = self.speaker(room);
        let text = self.words(room);
        let Some(written) = self.write_words(room, person, &text, flag::FORWARDED, false)? else { return Ok(()) };
        let score = if self.dice.per_mille(100) { 6 } else { 1 };
        self.db.execute(
            "INSERT INTO message_forwarded (message_row_id, forward_score) VALUES (?, ?)",
            params![written.row, score],
        )?;
        self.expected.forwarded += 1;
        Ok(())
    }

    /// In the text a mention is "@" and the digits of the id, which may be a hidden one.
    pub(super) fn say_mention(&mut self, room: usize) -> Result<(), ContentError> {
        let members = self.rooms[room].members.len();
        let mentioned = self.rooms[room].members[self.dice.index(members)];
        let target = &self.people[mentioned];
        let row = self.rooms[room].member_row(target);
        let digits = if row == target.lid_row { target.lid.clone().unwrap_or_default() } else { target.number.clone() };
        let person = self.speaker(room);
        let text = format!("@{digits} {}", self.words(room));
        let Some(written) = self.write_words(room, person, &text, 0, false)? else { return Ok(()) };
        self.db.execute(
            "INSERT INTO message_mentions (message_row_id, jid_row_id, display_name, mention_type) VALUES (?, ?, ?, 0)",
            params![written.row, row, self.people[mentioned].given],
        )?;
        self.expected.mentions += 1;
        Ok(())
    }

    pub(super) fn say_link(&mut self, room: usize) -> Result<(), ContentError> {
        let person = self.speaker(room);
        let url = format!("https://www.vlietmonde.example/raad/stuk/{}", self.dice.between(1_000, 99_999));
        let text = format!("{} {url}", self.words(room));
        let Some(written) = self.write_words(room, person, &text, 0, false)? else { return Ok(()) };
        self.db.execute(
            "INSERT INTO message_text (message_row_id, description, page_title, url) VALUES (?, ?, ?, ?)",
            params![written.row, "Vergaderstukken van de gemeenteraad", texts::dossier(&mut self.dice), url],
        )?;
        self.db.execute(
            "INSERT INTO message_link (chat_row_id, message_row_id, link_index) VALUES (?, ?, 0)",
            params![self.rooms[room].row, written.row],
        )?;
        self.expected.links += 1;
        Ok(())
    }

    pub(super) fn play_scene(&mut self, room: usize) -> Result<(), ContentError> {
        let scene = SCENES[self.dice.index(SCENES.len())];
        let other = self.rooms[room].members.first().copied();
        for (speaker, line) in scene {
            let person = if *speaker == Speaker::Holder { None } else { other };
            self.write_words(room, person, line, 0, false)?;
        }
        Ok(())
    }
}
