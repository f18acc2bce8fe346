//! What the app itself writes into a conversation: beginnings, joins and leaves, changes of name, number, key and timer.

use super::{Row, Story, Written, flag};
use crate::content::ContentError;
use crate::content::address::{self, JidKind};
use crate::content::texts::Speaker;
use rusqlite::params;

/// `message_type` of a notice, and the older one of a timer change.
const NOTICE: i64 = 7;
const TIMER_NOTICE: i64 = 36;

/// `message_system.action_type` (`reference/android.md` §2.6; codes drift between versions).
mod action {
    pub(super) const SUBJECT: i64 = 1;
    pub(super) const LEFT: i64 = 13;
    pub(super) const NUMBER_CHANGE: i64 = 28;
    pub(super) const CREATED: i64 = 11;
    pub(super) const ADDED: i64 = 12;
    pub(super) const REMOVED: i64 = 14;
    pub(super) const SECURITY_CODE: i64 = 18;
    pub(super) const TIMER_GROUP: i64 = 56;
    pub(super) const TIMER_DIRECT: i64 = 59;
    pub(super) const END_TO_END: i64 = 67;
}

impl Story<'_> {
    fn notice(
        &mut self,
        room: usize,
        person: Option<usize>,
        kind: i64,
        text: Option<&str>,
        action: i64,
    ) -> Result<Option<Written>, ContentError> {
        let row = Row { room, person, kind, text, flags: flag::SYSTEM, starred: false };
        let written = self.write(&row)?;
        if let Some(written) = &written {
            self.db
                .prepare_cached("INSERT INTO message_system (message_row_id, action_type) VALUES (?, ?)")?
                .execute(params![written.row, action])?;
        }
        Ok(written)
    }

    fn concerns(&mut self, room: usize, written: &Written, person: usize) -> Result<(), ContentError> {
        let row = self.rooms[room].member_row(&self.people[person]);
        self.db.execute(
            "INSERT INTO message_system_chat_participant (message_row_id, user_jid_row_id) VALUES (?, ?)",
            params![written.row, row],
        )?;
        Ok(())
    }

    /// The first rows of a conversation.
    pub(super) fn open_room(&mut self, room: usize) -> Result<(), ContentError> {
        if self.expected.messages >= self.options.messages.max(1) {
            return Ok(());
        }
        self.notice(room, None, NOTICE, None, action::END_TO_END)?;
        let here = &self.rooms[room];
        if !here.is_group() || self.expected.messages >= self.options.messages {
            return Ok(());
        }
        let subject = here.subject.clone();
        let creator = here.members.first().copied();
        if let Some(written) = self.notice(room, creator, NOTICE, subject.as_deref(), action::CREATED)? {
            self.db.execute("INSERT INTO message_system_group (message_row_id, is_me_joined) VALUES (?, 1)", [written.row])?;
        }
        Ok(())
    }

    /// Somebody who is not in the group is added by a member.
    pub(super) fn join(&mut self, room: usize) -> Result<(), ContentError> {
        let here = &self.rooms[room];
        let newcomer = (1..self.people.len().min(60))
            .find(|p| !here.members.contains(p) && !here.past.iter().any(|(q, ..)| q == p) && self.people[*p].has_number());
        let (Some(newcomer), Some(by)) = (newcomer, here.members.first().copied()) else { return self.say(room) };
        let Some(written) = self.notice(room, Some(by), NOTICE, None, action::ADDED)? else { return Ok(()) };
        self.concerns(room, &written, newcomer)?;
        self.db.execute("INSERT INTO message_system_group (message_row_id, is_me_joined) VALUES (?, 0)", [written.row])?;
        self.rooms[room].members.push(newcomer);
        self.expected.joins += 1;
        Ok(())
    }

    /// A member leaves, or is removed by another.
    pub(super) fn leave(&mut self, room: usize) -> Result<(), ContentError> {
        let at = 1 + self.dice.index(self.rooms[room].members.len() - 1);
        let person = self.rooms[room].members[at];
        let by_themselves = self.dice.per_mille(700);
        let actor = if by_themselves { person } else { self.rooms[room].members[0] };
        let what = if by_themselves { action::LEFT } else { action::REMOVED };
        let Some(written) = self.notice(room, Some(actor), NOTICE, None, what)? else { return Ok(()) };
        self.concerns(room, &written, person)?;
        let here = &mut self.rooms[room];
        here.members.remove(at);
        here.past.push((person, by_themselves, written.ms));
        self.expected.leaves += 1;
        Ok(())
    }

    pub(super) fn change_subject(&mut self, room: usize) -> Result<(), ContentError> {
        let old = self.rooms[room].subject.clone().unwrap_or_default();
        // Only a mark is added and removed, so that the name stays the one that the chat row holds at the end.
        let new = old.strip_suffix(" (actueel)").map_or_else(|| format!("{old} (actueel)"), str::to_owned);
        let by = self.rooms[room].members.first().copied();
        let Some(written) = self.notice(room, by, NOTICE, Some(&new), action::SUBJECT)? else { return Ok(()) };
        self.db.execute(
            "INSERT INTO message_system_value_change (message_row_id, old_data) VALUES (?, ?)",
            params![written.row, old],
        )?;
        self.rooms[room].subject = Some(new);
        Ok(())
    }

    pub(super) fn change_security_code(&mut self, room: usize) -> Result<(), ContentError> {
        let person = self.rooms[room].members.first().copied();
        self.notice(room, person, NOTICE, None, action::SECURITY_CODE)?;
        Ok(())
    }

    /// The partner had another number before; that number has no other trace on the phone.
    pub(super) fn change_number(&mut self, room: usize) -> Result<(), ContentError> {
        let Some(person) = self.rooms[room].members.first().copied() else { return self.say(room) };
        let Some(written) = self.notice(room, Some(person), NOTICE, None, action::NUMBER_CHANGE)? else { return Ok(()) };
        // Everybody in the cast has a number from 3160 1000000 on.
        self.renumbered += 1;
        let old = address::add(self.db, &format!("3160{:07}", self.renumbered), JidKind::User)?;
        self.db.execute(
            "INSERT INTO message_system_number_change (message_row_id, old_jid_row_id, new_jid_row_id) VALUES (?, ?, ?)",
            params![written.row, old, self.people[person].pn_row],
        )?;
        Ok(())
    }

    /// Switch the first timer whose time has come; whether there was one.
    pub(super) fn switch_due_timer(&mut self, per_mille: u64) -> Result<bool, ContentError> {
        let due = self.rooms.iter().position(|r| r.timers.front().is_some_and(|plan| plan.at_per_mille <= per_mille));
        let Some(room) = due else { return Ok(false) };
        let Some(plan) = self.rooms[room].timers.pop_front() else { return Ok(false) };
        let by_me = plan.by == Speaker::Holder;
        let person = if by_me { None } else { self.rooms[room].members.first().copied() };
        let group = self.rooms[room].is_group();
        // The first switch of a direct conversation is written in the older way, with a type of its own.
        let kind = if !group && self.rooms[room].timer_set_ms == 0 { TIMER_NOTICE } else { NOTICE };
        let what = if group { action::TIMER_GROUP } else { action::TIMER_DIRECT };
        let Some(written) = self.notice(room, person, kind, None, what)? else { return Ok(true) };
        self.db.execute(
            "INSERT INTO message_ephemeral_setting (message_row_id, setting_duration, ephemeral_trigger, ephemeral_initiated_by_me,
             pre_setting_duration) VALUES (?, ?, 1, ?, ?)",
            params![written.row, plan.seconds, by_me, self.rooms[room].timer],
        )?;
        let here = &mut self.rooms[room];
        here.timer = plan.seconds;
        here.timer_set_ms = written.ms;
        here.timer_by_me = by_me;
        if let Some(conversation) = self.expected.per_conversation.get_mut(&here.resolved_jid) {
            conversation.timer_seconds = plan.seconds;
            conversation.timer_changes += 1;
        }
        Ok(true)
    }
}
