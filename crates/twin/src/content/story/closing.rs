//! What is written when all messages stand: the state of each chat, its members, drafts, calls elsewhere, and the chats
//! that a readout leaves out (`status@broadcast`, `@newsletter`).

use super::{Story, Written};
use crate::content::ContentError;
use crate::content::address::{self, JidKind};
use crate::content::room::RoomKind;
use crate::content::texts::{self, TOPICS};
use rusqlite::params;

impl Story<'_> {
    pub(in crate::content) fn close(&mut self) -> Result<(), ContentError> {
        self.close_chats()?;
        self.write_drafts()?;
        self.log_calls_elsewhere()?;
        self.write_status()?;
        self.write_newsletter()?;
        // The sentinel row that real databases begin with.
        self.db.execute("INSERT INTO message (_id, chat_row_id, from_me, key_id, sort_id) VALUES (1, -1, 0, '-1', 0)", [])?;
        Ok(())
    }

    fn close_chats(&mut self) -> Result<(), ContentError> {
        for room in &self.rooms {
            let initiator = i64::from(room.timer_by_me);
            self.db.execute(
                "UPDATE chat SET subject = ?, display_message_row_id = ?4, last_message_row_id = ?4, last_read_message_row_id = ?4,
                 last_important_message_row_id = ?4, sort_timestamp = ?5, last_message_sort_id = ?4, display_message_sort_id = ?4,
                 last_read_message_sort_id = ?4, ephemeral_expiration = ?2, ephemeral_setting_timestamp = ?3,
                 ephemeral_disappearing_messages_initiator = ?6, group_member_count = ?7 WHERE _id = ?8",
                params![
                    room.subject,
                    room.timer,
                    (room.timer_set_ms != 0).then_some(room.timer_set_ms),
                    room.last.0,
                    room.last.1.max(room.created_ms),
                    initiator,
                    if room.is_group() { room.members.len() as i64 + 1 } else { 0 },
                    room.row,
                ],
            )?;
            if room.timer_set_ms != 0 {
                self.db.execute(
                    "INSERT INTO chat_ephemeral (chat_row_id, ephemeral_trigger, ephemeral_initiated_by_me) VALUES (?, 1, ?)",
                    params![room.row, room.timer_by_me],
                )?;
            }
            let kind = match room.kind {
                RoomKind::Direct => "direct",
                RoomKind::Group => "group",
                RoomKind::Community => "community",
            };
            if let Some(conversation) = self.expected.per_conversation.get_mut(&room.resolved_jid) {
                kind.clone_into(&mut conversation.kind);
                conversation.subject.clone_from(&room.subject);
            }
            if !room.is_group() {
                continue;
            }
            let mut members: Vec<(i64, i64)> = room
                .members
                .iter()
                .enumerate()
                .map(|(i, p)| (room.member_row(&self.people[*p]), if i == 0 { 2 } else { i64::from(i == 1) }))
                .collect();
            if !room.holder_left {
                members.push((room.member_row(&self.people[0]), 0));
            }
            for (row, rank) in &members {
                self.db.execute(
                    "INSERT INTO group_participant_user (group_jid_row_id, user_jid_row_id, rank, pending, add_timestamp)
                     VALUES (?, ?, ?, 0, ?)",
                    params![room.jid_row, row, rank, room.created_ms / 1000],
                )?;
            }
            for (person, left, ms) in &room.past {
                self.db.execute(
                    "INSERT INTO group_past_participant_user (group_jid_row_id, user_jid_row_id, is_leave, timestamp)
                     VALUES (?, ?, ?, ?)",
                    params![room.jid_row, room.member_row(&self.people[*person]), left, ms],
                )?;
            }
            if room.holder_left {
                self.db.execute(
                    "INSERT INTO group_past_participant_user (group_jid_row_id, user_jid_row_id, is_leave, timestamp)
                     VALUES (?, ?, 1, ?)",
                    params![room.jid_row, room.member_row(&self.people[0]), room.last.1],
                )?;
            }
            if let Some(conversation) = self.expected.per_conversation.get_mut(&room.resolved_jid) {
                conversation.members = members.len() as u64;
                conversation.past_members = room.past.len() as u64 + u64::from(room.holder_left);
            }
        }
        Ok(())
    }

    fn write_drafts(&mut self) -> Result<(), ContentError> {
        for room in 0..self.rooms.len().min(2) {
            let here = &mut self.rooms[room];
            let mut text = texts::sentence(TOPICS[here.topic], &mut here.line, &mut self.dice);
            if let (0, Some(canary)) = (room, &self.options.canary) {
                text = format!("{text} {canary}");
                self.expected.canary.drafts += 1;
            }
            self.db.execute(
                "INSERT INTO composition (chat_row_id, timestamp, message_type, composition_type, text) VALUES (?, ?, 0, 0, ?)",
                params![self.rooms[room].row, self.calendar.end_ms - 60_000, text],
            )?;
            self.expected.drafts += 1;
        }
        Ok(())
    }

    /// Calls that stand in the log alone.
    fn log_calls_elsewhere(&mut self) -> Result<(), ContentError> {
        for i in 0..8 {
            let room = self.dice.index(self.rooms.len());
            self.log_call(room, i % 2 == 0, self.calendar.end_ms - 86_400_000 * (i + 1), 5, 30 * (i + 1))?;
        }
        Ok(())
    }

    fn outside(&mut self, chat: i64, sender: i64, ms: i64, kind: i64, text: Option<&str>) -> Result<Written, ContentError> {
        let row = self.next_row;
        self.next_row += 1;
        let key = self.dice.hex(32);
        self.db.execute(
            "INSERT INTO message (_id, chat_row_id, from_me, key_id, sender_jid_row_id, status, broadcast, recipient_count,
             origination_flags, origin, timestamp, received_timestamp, receipt_server_timestamp, message_type, text_data, starred,
             lookup_tables, message_add_on_flags, view_mode, sort_id)
             VALUES (?1, ?2, 0, ?3, ?4, 0, 0, 0, 0, 0, ?5, ?5, -1, ?6, ?7, 0, 0, 0, 0, ?1)",
            params![row, chat, key, sender, ms, kind, text],
        )?;
        self.expected.messages_out_of_scope += 1;
        Ok(Written { row, key, ms, sender })
    }

    fn outside_chat(&mut self, user: &str, kind: JidKind, group_type: i64, subject: Option<&str>) -> Result<i64, ContentError> {
        let jid = address::add(self.db, user, kind)?;
        self.db.execute(
            "INSERT INTO chat (jid_row_id, hidden, subject, created_timestamp, archived, sort_timestamp, group_type) VALUES (?, 0, ?, ?, 0, ?, ?)",
            params![jid, subject, self.calendar.start_ms(), self.calendar.end_ms, group_type],
        )?;
        Ok(self.db.last_insert_rowid())
    }

    /// Statuses of the last day: words, and pictures in `.Statuses`.
    fn write_status(&mut self) -> Result<(), ContentError> {
        let chat = self.outside_chat("status", JidKind::Status, 0, None)?;
        let n = (self.options.messages / 500).clamp(3, 40);
        for i in 0..n {
            let person = 1 + self.dice.index((self.people.len() - 1).min(12));
            let sender = if self.people[person].pn_row != 0 { self.people[person].pn_row } else { self.people[person].lid_row };
            let ms = self.calendar.end_ms - 80_000_000 + i64::try_from(i).unwrap_or(0) * 1_000_000;
            if i % 3 == 2 {
                let written = self.outside(chat, sender, ms, 1, None)?;
                self.put_status_picture(chat, &written, i)?;
            } else {
                self.outside(chat, sender, ms, 0, Some("Mooie dag in Vlietmonde"))?;
            }
            self.expected.status_messages += 1;
        }
        Ok(())
    }

    fn write_newsletter(&mut self) -> Result<(), ContentError> {
        let chat = self.outside_chat("120363400000000001", JidKind::Newsletter, 4, Some("Nieuws uit Vlietmonde"))?;
        let n = (self.options.messages / 400).clamp(3, 60);
        for i in 0..n {
            let ms = self.calendar.end_ms - 82_000_000 + i64::try_from(i).unwrap_or(0) * 1_000_000;
            let written = self.outside(chat, 0, ms, 0, Some("De markt is verplaatst naar het Raadhuisplein"))?;
            self.db.execute(
                "INSERT INTO newsletter_message (message_row_id, chat_row_id, server_message_id) VALUES (?, ?, ?)",
                params![written.row, chat, 100 + i64::try_from(i).unwrap_or(0)],
            )?;
            self.expected.newsletter_messages += 1;
        }
        Ok(())
    }
}
