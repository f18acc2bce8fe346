//! Who is in a group, who was, and who came and went when.

use super::{MessageTable, ReadError, survey::Survey, value};
use crate::whatsapp::parties::book::source;
use std::collections::HashSet;
use uitlezen_chat::{MembershipChange, Moment, Role, Sender};

impl Survey<'_, '_> {
    /// Present members, past members, and the joins and leaves that notices tell of.
    pub(crate) fn members(&mut self, table: MessageTable) -> Result<(), ReadError> {
        let wanted = ["group_jid_row_id", "user_jid_row_id", "rank", "pending", "add_timestamp", "rowid"];
        if let Some(columns) = self.schema.columns("group_participant_user", "g", &wanted) {
            let mut all = self.schema.prepare(&format!("SELECT {columns} FROM group_participant_user g"))?;
            let mut rows = self.schema.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                let (Some(group), Some(user)) = (value::int(row, 0), value::int(row, 1)) else { continue };
                let Some(index) = self.book.of_jid(self.jids, group) else { continue };
                self.book.meet(self.jids, index, user);
                let Some(who) = self.people.sender(self.jids, user) else { continue };
                self.book.member_now(index, &who, !value::flag(row, 3), role(value::int(row, 2)));
                if let Some(at) = value::positive(row, 4) {
                    let from = source(self.item, "group_participant_user", value::int(row, 5).unwrap_or_default());
                    let change = MembershipChange { joined: true, at: Some(Moment::from_millis(at)), by: None, source: from };
                    self.book.member_changed(index, &who, change);
                }
            }
        }
        if let Some(columns) = self.schema.columns(
            "group_past_participant_user",
            "g",
            &["group_jid_row_id", "user_jid_row_id", "timestamp", "rowid"],
        ) {
            let mut all = self.schema.prepare(&format!("SELECT {columns} FROM group_past_participant_user g"))?;
            let mut rows = self.schema.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                let (Some(group), Some(user)) = (value::int(row, 0), value::int(row, 1)) else { continue };
                let Some(index) = self.book.of_jid(self.jids, group) else { continue };
                self.book.meet(self.jids, index, user);
                let Some(who) = self.people.sender(self.jids, user) else { continue };
                let from = source(self.item, "group_past_participant_user", value::int(row, 3).unwrap_or_default());
                let change = MembershipChange {
                    joined: false,
                    at: value::positive(row, 2).map(Moment::from_millis),
                    by: None,
                    source: from,
                };
                self.book.member_now(index, &who, false, None);
                self.book.member_changed(index, &who, change);
            }
        }
        if table == MessageTable::Legacy
            && let Some(columns) = self.schema.columns("group_participants", "g", &["gjid", "jid", "admin", "pending"])
        {
            let mut all = self.schema.prepare(&format!("SELECT {columns} FROM group_participants g"))?;
            let mut rows = self.schema.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                let (Some(group), user) = (self.repairs.text(row, 0), self.repairs.any_text(row, 1).unwrap_or_default()) else {
                    continue;
                };
                let Some(index) = self.jids.find(&group).and_then(|g| self.book.of_jid(self.jids, g)) else { continue };
                let user = self.jids.row_of(&user);
                self.book.meet(self.jids, index, user);
                if let Some(who) = self.people.sender(self.jids, user) {
                    self.book.member_now(index, &who, !value::flag(row, 3), role(value::int(row, 2)));
                }
            }
        }
        self.membership_notices(table)
    }

    fn membership_notices(&mut self, table: MessageTable) -> Result<(), ReadError> {
        if !self.schema.has_column("message_system", "action_type") {
            return Ok(());
        }
        let Some(message) = self.schema.columns(table.name(), "m", &[table.chat(), "timestamp", table.sender()]) else {
            return Ok(());
        };
        let mut named: HashSet<i64> = HashSet::new();
        if self.schema.has_column("message_system_chat_participant", "user_jid_row_id") {
            let sql = format!(
                "SELECT s.message_row_id, s.action_type, p.user_jid_row_id, {message} FROM message_system_chat_participant p \
                 CROSS JOIN message_system s ON s.message_row_id = p.message_row_id \
                 CROSS JOIN {} m ON m._id = p.message_row_id",
                table.name()
            );
            let mut all = self.schema.prepare(&sql)?;
            let mut rows = self.schema.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                let (Some(id), Some(joined)) = (value::int(row, 0), value::int(row, 1).and_then(joins)) else { continue };
                let Some(who) = value::int(row, 2).and_then(|jid| self.people.sender(self.jids, jid)) else { continue };
                let Some(index) = self.entry_at(table, row, 3) else { continue };
                let by = self.jid_at(table, row, 5).and_then(|jid| self.people.sender(self.jids, jid)).filter(|by| *by != who);
                let change = MembershipChange {
                    joined,
                    at: value::positive(row, 4).map(Moment::from_millis),
                    by,
                    source: source(self.item, "message_system", id),
                };
                self.book.member_changed(index, &who, change);
                named.insert(id);
            }
        }
        self.holder_joined(table, &message)?;
        // Notices that name nobody else are about the one who caused them; "you were added" is about the holder.
        let sql = format!(
            "SELECT s.message_row_id, s.action_type, {message} FROM message_system s CROSS JOIN {} m ON m._id = s.message_row_id \
             WHERE s.action_type IN (4, 5, 13, 20)",
            table.name()
        );
        let mut all = self.schema.prepare(&sql)?;
        let mut rows = self.schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let (Some(id), Some(code)) = (value::int(row, 0), value::int(row, 1)) else { continue };
            let Some(joined) = joins(code).filter(|_| !named.contains(&id)) else { continue };
            let Some(index) = self.entry_at(table, row, 2) else { continue };
            let sender = self.jid_at(table, row, 4).and_then(|jid| self.people.sender(self.jids, jid));
            let (who, by) = if code == 4 { (Some(Sender::Holder), sender) } else { (sender, None) };
            let Some(who) = who else { continue };
            let change = MembershipChange {
                joined,
                at: value::positive(row, 3).map(Moment::from_millis),
                by,
                source: source(self.item, "message_system", id),
            };
            self.book.member_changed(index, &who, change);
        }
        Ok(())
    }
}

impl Survey<'_, '_> {
    /// Groups that the holder came into, by the app's own mark beside the notice. `message` are the columns of its message.
    fn holder_joined(&mut self, table: MessageTable, message: &str) -> Result<(), ReadError> {
        if !self.schema.has_column("message_system_group", "is_me_joined") {
            return Ok(());
        }
        let sql = format!(
            "SELECT s.message_row_id, s.action_type, {message} FROM message_system_group g \
             CROSS JOIN message_system s ON s.message_row_id = g.message_row_id \
             CROSS JOIN {} m ON m._id = g.message_row_id WHERE g.is_me_joined = 1",
            table.name()
        );
        let mut all = self.schema.prepare(&sql)?;
        let mut rows = self.schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let (Some(id), Some(code)) = (value::int(row, 0), value::int(row, 1)) else { continue };
            // 11: the group was made, with the holder in it.
            if joins(code) != Some(true) && code != 11 {
                continue;
            }
            let Some(index) = self.entry_at(table, row, 2) else { continue };
            let by =
                self.jid_at(table, row, 4).and_then(|jid| self.people.sender(self.jids, jid)).filter(|by| *by != Sender::Holder);
            let at = value::positive(row, 3).map(Moment::from_millis);
            let change = MembershipChange { joined: true, at, by, source: source(self.item, "message_system_group", id) };
            self.book.member_changed(index, &Sender::Holder, change);
        }
        Ok(())
    }
}

pub(super) fn role(rank: Option<i64>) -> Option<Role> {
    match rank {
        Some(0) => Some(Role::Member),
        Some(1) => Some(Role::Admin),
        Some(2) => Some(Role::Owner),
        _ => None,
    }
}

/// Whether a notice tells of somebody who came or went (`reference/android.md §2.6`).
fn joins(action: i64) -> Option<bool> {
    match action {
        4 | 12 | 20 | 120 => Some(true),
        5 | 13 | 14 => Some(false),
        _ => None,
    }
}
