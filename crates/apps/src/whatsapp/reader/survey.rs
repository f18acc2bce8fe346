//! The first passes over the file: chats, then who occurs in which conversation, then timers and memberships.
//!
//! Conversations are given out before their messages, so everything that a conversation says about itself is gathered here.
//! Every statement walks one table in row order and looks up its partners by primary key (`CROSS JOIN` holds SQLite to that
//! order), so there is no sorting and no temporary b-tree (`reference/sqlite-vfs.md §1`).

use super::{
    MessageTable, ReadError, Scope, Summary,
    holder::{OwnRows, is_notice},
    places::Places,
    schema::Schema,
    timer,
    value::{self, Repairs},
};
use crate::whatsapp::parties::{
    book::{Asked, Book, ChatRow, source},
    jids::{JidKind, Jids},
    people::People,
};
use foldhash::HashMap;
use uitlezen_chat::{EvidenceId, Moment, NameOrigin, Sender, TimerChange};
use uitlezen_evidence::Database;

/// Everything the passes need and fill.
#[derive(Debug)]
pub(crate) struct Survey<'s, 'a> {
    pub database: &'s Database,
    pub schema: &'s Schema<'a>,
    pub item: EvidenceId,
    pub scope: &'s Scope,
    pub repairs: &'s Repairs,
    pub jids: &'s mut Jids,
    pub people: &'s mut People,
    pub book: &'s mut Book,
    pub summary: &'s mut Summary,
    /// What rows of the holder say about who that is.
    pub own: OwnRows,
    pub places: Places,
    /// Something may stay behind: nobody is taken in who was only quoted or mentioned, nor a name from a mention.
    pub sparing: bool,
}

impl Survey<'_, '_> {
    /// Which table holds the messages: the one with more real rows (`reference/android.md §2.6`: both may exist).
    pub(crate) fn choose(&self) -> Result<Option<MessageTable>, ReadError> {
        let real = |table: MessageTable, dummy: &str| -> Result<Option<u64>, ReadError> {
            if !self.schema.has(table.name()) || !self.schema.has_column(table.name(), "key_id") {
                return Ok(None);
            }
            let sql = format!("SELECT count(*) FROM {} WHERE NOT ({dummy})", table.name());
            Ok(Some(self.schema.conn.query_row(&sql, [], |r| r.get::<_, i64>(0)).map(i64::unsigned_abs)?))
        };
        if !self.schema.has(MessageTable::Legacy.name()) {
            return Ok(self.schema.has(MessageTable::Modern.name()).then_some(MessageTable::Modern));
        }
        Ok(match (real(MessageTable::Modern, "key_id = '-1'")?, real(MessageTable::Legacy, "key_id = '-1'")?) {
            (Some(modern), Some(legacy)) if legacy > modern => Some(MessageTable::Legacy),
            (Some(_), _) => Some(MessageTable::Modern),
            (None, Some(_)) => Some(MessageTable::Legacy),
            (None, None) => None,
        })
    }

    pub(crate) fn chats(&mut self) -> Result<(), ReadError> {
        let wanted = [
            "_id",
            "jid_row_id",
            "subject",
            "created_timestamp",
            "archived",
            "ephemeral_expiration",
            "ephemeral_setting_timestamp",
            "ephemeral_disappearing_messages_initiator",
            "group_type",
            "chat_lock",
            "account_jid_row_id",
            "ephemeral_after_read_duration",
        ];
        if let Some(columns) = self.schema.columns("chat", "c", &wanted) {
            let known = self.schema.has_column("chat", "ephemeral_expiration");
            // The timer that starts at reading stands in either of two tables.
            let (after_read, join) = if self.schema.has_column("chat_ephemeral", "chat_row_id") {
                (
                    self.schema.joined("chat_ephemeral", "e", &["after_read_duration"]),
                    "LEFT JOIN chat_ephemeral e ON e.chat_row_id = c._id",
                )
            } else {
                ("NULL".to_owned(), "")
            };
            let mut all = self.schema.prepare(&format!("SELECT {columns}, {after_read} FROM chat c {join} ORDER BY c._id"))?;
            let mut rows = self.schema.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                let chat = value::int(row, 0);
                let jid = value::nonzero(row, 1);
                let from = source(self.item, "chat", chat.unwrap_or_default());
                // A chat under the number may name the LID of the same person: another way to resolve it.
                if let (Some(number), Some(lid)) = (jid, value::nonzero(row, 10)) {
                    let pair = self.jids.get(lid).zip(self.jids.get(number)).map(|(l, n)| (l.address.clone(), n.address.clone()));
                    if let Some((lid, number)) = pair {
                        self.jids.map_addresses(&lid, &number);
                    }
                }
                let timer = timer::timer(
                    known.then(|| expiration(row, 5)),
                    value::nonzero(row, 11).or_else(|| value::nonzero(row, 12)),
                    value::int(row, 6),
                    value::int(row, 7),
                    from.clone(),
                );
                let row = ChatRow {
                    chat,
                    jid,
                    subject: self.repairs.text(row, 2),
                    created: value::int(row, 3).map(Moment::from_millis),
                    archived: value::flag(row, 4),
                    locked: value::flag(row, 9),
                    group_type: value::int(row, 8),
                    community: matches!(value::int(row, 8), Some(1 | 3)),
                    uninterpreted: Default::default(),
                    timer,
                    source: from,
                };
                self.book.add_chat(self.jids, self.scope, row);
            }
        }
        Ok(())
    }

    /// The older table of chats, keyed by address. Only what `chat` does not know is taken from it.
    pub(crate) fn legacy_chats(&mut self) -> Result<(), ReadError> {
        let wanted =
            ["_id", "key_remote_jid", "subject", "creation", "archived", "ephemeral_expiration", "ephemeral_setting_timestamp"];
        let Some(columns) = self.schema.columns("chat_list", "c", &wanted) else { return Ok(()) };
        let known = self.schema.has_column("chat_list", "ephemeral_expiration");
        let mut all = self.schema.prepare(&format!("SELECT {columns} FROM chat_list c ORDER BY c._id"))?;
        let mut rows = self.schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let Some(address) = self.repairs.text(row, 1).filter(|a| a != "-1") else { continue };
            let jid = self.jids.row_of(&address);
            if self.book.of_jid(self.jids, jid).is_some() {
                continue;
            }
            let from = source(self.item, "chat_list", value::int(row, 0).unwrap_or_default());
            let timer = timer::timer(known.then(|| expiration(row, 5)), None, value::int(row, 6), None, from.clone());
            let row = ChatRow {
                chat: None,
                jid: Some(jid),
                subject: self.repairs.text(row, 2),
                created: value::int(row, 3).map(Moment::from_millis),
                archived: value::flag(row, 4),
                locked: false,
                group_type: None,
                community: false,
                uninterpreted: Default::default(),
                timer,
                source: from,
            };
            self.book.add_chat(self.jids, self.scope, row);
        }
        Ok(())
    }

    /// Which of these messages of the holder name their author: row ids with the author. Notices name whom they are about.
    pub(super) fn own_messages(&mut self, table: MessageTable, own: &[(i64, i64)]) -> Result<(), ReadError> {
        let kind = if table == MessageTable::Modern { "message_type" } else { "media_wa_type" };
        let Some(columns) = self.schema.columns(table.name(), "m", &[kind, "status"]) else { return Ok(()) };
        let mut one = self.schema.prepare(&format!("SELECT {columns} FROM {} m WHERE m._id = ?1", table.name()))?;
        for &(id, author) in own {
            let mut rows = one.query([id])?;
            if let Some(row) = rows.next()?
                && !is_notice(value::int(row, 0), value::int(row, 1))
            {
                self.own.author(self.jids, table.name(), author);
            }
        }
        Ok(())
    }

    /// The conversation of the message whose row id stands in `column`.
    fn entry_of_message(&self, table: MessageTable, row: &rusqlite::Row<'_>, column: usize) -> Option<usize> {
        let message = value::int(row, column)?;
        if let Some(known) = self.places.get(message) {
            return known;
        }
        let sql = format!("SELECT m.{} FROM {} m WHERE m._id = ?1", table.chat(), table.name());
        let mut one = self.schema.conn.prepare_cached(&sql).ok()?;
        let mut rows = one.query([message]).ok()?;
        let row = rows.next().ok()??;
        self.entry_at(table, row, 0)
    }

    pub(super) fn entry_at(&self, table: MessageTable, row: &rusqlite::Row<'_>, column: usize) -> Option<usize> {
        match table {
            MessageTable::Modern => self.book.of_chat(value::int(row, column)?),
            MessageTable::Legacy => self.book.of_jid(self.jids, self.jids.find(&self.repairs.text(row, column)?)?),
        }
    }

    pub(super) fn jid_at(&self, table: MessageTable, row: &rusqlite::Row<'_>, column: usize) -> Option<i64> {
        match table {
            MessageTable::Modern => value::int(row, column).filter(|&s| s > 0),
            MessageTable::Legacy => self.jids.find(&self.repairs.text(row, column)?),
        }
    }

    /// People who occur in a conversation without having sent: reactors, mentioned ones, voters, callers, quoted ones.
    pub(crate) fn others(&mut self, table: MessageTable) -> Result<(), ReadError> {
        if !self.schema.has_column(table.name(), table.chat()) {
            return Ok(());
        }
        let by_message = [
            ("message_system_chat_participant", "user_jid_row_id", None),
            ("message_mentions", "jid_row_id", Some("display_name")),
            ("message_revoked", "admin_jid_row_id", None),
            ("message_quoted", "sender_jid_row_id", None),
        ];
        for (side, person, name) in by_message {
            // Whoever is only quoted or mentioned may be so in a repetition of what stays behind.
            if self.sparing && matches!(side, "message_mentions" | "message_quoted") {
                continue;
            }
            if !self.schema.has_column(side, "message_row_id") || !self.schema.has_column(side, person) {
                continue;
            }
            let columns = self.schema.joined(side, "s", &[person, name.unwrap_or(person)]);
            let sql = format!("SELECT s.message_row_id, {columns} FROM {side} s");
            let mut all = self.schema.prepare(&sql)?;
            let mut rows = self.schema.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                let Some(jid) = value::int(row, 1).filter(|&j| j > 0) else { continue };
                let Some(index) = self.entry_of_message(table, row, 0) else { continue };
                self.book.meet(self.jids, index, jid);
                if name.is_some()
                    && let (Some(person), Some(shown)) = (self.jids.resolved_row(jid), self.repairs.text(row, 2))
                {
                    self.people.add(person, &shown, NameOrigin::InConversation);
                }
            }
        }
        if let Some(columns) = self.schema.columns("message_add_on", "a", &["chat_row_id", "sender_jid_row_id"]) {
            // It stands with the message that it belongs to, whatever conversation its own row names.
            let parent = self.schema.joined("message_add_on", "a", &["parent_message_row_id"]);
            let sql = format!("SELECT {columns}, {parent} FROM message_add_on a");
            let mut all = self.schema.prepare(&sql)?;
            let mut rows = self.schema.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                let index =
                    self.entry_of_message(table, row, 2).or_else(|| value::int(row, 0).and_then(|c| self.book.of_chat(c)));
                if let (Some(index), Some(jid)) = (index, value::int(row, 1).filter(|&j| j > 0)) {
                    self.book.meet(self.jids, index, jid);
                }
            }
        }
        self.former_numbers()?;
        self.missed_callers(table)?;
        self.callers(table)
    }

    /// Who had another number before: the same person, not one more.
    fn former_numbers(&mut self) -> Result<(), ReadError> {
        let wanted = ["old_jid_row_id", "new_jid_row_id"];
        let Some(columns) = self.schema.columns("message_system_number_change", "n", &wanted) else { return Ok(()) };
        let mut all = self.schema.prepare(&format!("SELECT {columns} FROM message_system_number_change n"))?;
        let mut rows = self.schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            if let (Some(old), Some(new)) = (value::positive(row, 0), value::positive(row, 1)) {
                self.people.had(self.jids, old, new);
            }
        }
        Ok(())
    }

    fn missed_callers(&mut self, table: MessageTable) -> Result<(), ReadError> {
        if !self.schema.has_column("missed_call_log_participant", "call_logs_row_id")
            || !self.schema.has_column("missed_call_log_participant", "jid")
            || !self.schema.has_column("missed_call_logs", "message_row_id")
        {
            return Ok(());
        }
        let sql = "SELECT c.message_row_id, p.jid FROM missed_call_log_participant p \
                   CROSS JOIN missed_call_logs c ON c._id = p.call_logs_row_id";
        let mut all = self.schema.prepare(sql)?;
        let mut rows = self.schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            if let (Some(index), Some(address)) = (self.entry_of_message(table, row, 0), self.repairs.text(row, 1)) {
                let jid = self.jids.row_of(&address);
                self.book.meet(self.jids, index, jid);
            }
        }
        Ok(())
    }

    /// The labels that a business account gave its conversations.
    pub(crate) fn labels(&mut self) -> Result<(), ReadError> {
        if !self.schema.has_column("labels", "label_name") || !self.schema.has_column("labeled_jid", "jid_row_id") {
            return Ok(());
        }
        let sql = "SELECT j.jid_row_id, l.label_name FROM labeled_jid j CROSS JOIN labels l ON l._id = j.label_id";
        let mut all = self.schema.prepare(sql)?;
        let mut rows = self.schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let (Some(jid), Some(label)) = (value::int(row, 0), self.repairs.text(row, 1)) else { continue };
            if let Some(entry) = self.book.of_jid(self.jids, jid).and_then(|at| self.book.entries.get_mut(at))
                && entry.labels.len() < 64
                && !entry.labels.contains(&label)
            {
                entry.labels.push(label);
            }
        }
        Ok(())
    }

    fn callers(&mut self, table: MessageTable) -> Result<(), ReadError> {
        if !self.schema.has_column("message_call_log", "call_log_row_id") {
            return Ok(());
        }
        let sql = "SELECT c.message_row_id, c.call_log_row_id FROM message_call_log c";
        let mut where_is: HashMap<i64, usize> = HashMap::default();
        let mut all = self.schema.prepare(sql)?;
        let mut rows = self.schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            if let (Some(index), Some(call)) = (self.entry_of_message(table, row, 0), value::int(row, 1)) {
                where_is.insert(call, index);
            }
        }
        if let Some(columns) = self.schema.columns("call_log_participant_v2", "p", &["call_log_row_id", "jid_row_id"]) {
            let mut all = self.schema.prepare(&format!("SELECT {columns} FROM call_log_participant_v2 p"))?;
            let mut rows = self.schema.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                if let (Some(&index), Some(jid)) = (value::int(row, 0).and_then(|c| where_is.get(&c)), value::int(row, 1)) {
                    self.book.meet(self.jids, index, jid);
                }
            }
        }
        Ok(())
    }

    /// The audit trail of timers: `message_ephemeral_setting` (`reference/android.md §2.6`).
    pub(crate) fn timer_history(&mut self, table: MessageTable) -> Result<(), ReadError> {
        let wanted =
            ["message_row_id", "setting_duration", "pre_setting_duration", "ephemeral_initiated_by_me", "after_read_duration"];
        let Some(columns) = self.schema.columns("message_ephemeral_setting", "s", &wanted) else { return Ok(()) };
        let Some(message) =
            self.schema.columns(table.name(), "m", &[table.chat(), table.sent_by_holder(), table.sender(), "timestamp"])
        else {
            return Ok(());
        };
        let sql = format!(
            "SELECT {columns}, {message} FROM message_ephemeral_setting s CROSS JOIN {} m ON m._id = s.message_row_id",
            table.name()
        );
        let mut all = self.schema.prepare(&sql)?;
        let mut rows = self.schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let Some(index) = self.entry_at(table, row, 5) else { continue };
            let partner = self.book.get(index).and_then(|e| e.partner());
            let sender = self.jid_at(table, row, 7).and_then(|jid| self.people.sender(self.jids, jid));
            let other = partner.and_then(|jid| self.people.sender(self.jids, jid));
            let by = timer_setter(value::int(row, 3), value::flag(row, 6), sender, other);
            let change = TimerChange {
                at: Moment::from_millis(value::int(row, 8).unwrap_or_default()),
                by,
                from_seconds: seconds(row, 2),
                // Beside a timer that starts at reading, 0 is not "off".
                to_seconds: seconds(row, 1).filter(|&s| s != 0 || value::nonzero(row, 4).is_none()),
                source: source(self.item, "message_ephemeral_setting", value::int(row, 0).unwrap_or_default()),
            };
            self.book.timer_changed(index, change);
        }
        Ok(())
    }

    /// Counts what lies outside the scope of this reading.
    pub(crate) fn count_not_asked(&mut self) -> Result<(), ReadError> {
        if self.schema.has("call_log") && !self.scope.call_log {
            let all = self.count("call_log")?;
            let placed = if self.schema.has("message_call_log") { self.count("message_call_log")? } else { 0 };
            self.summary.not_asked.calls += all.saturating_sub(placed);
        }
        if self.schema.has("composition") && !self.scope.drafts {
            self.summary.not_asked.drafts = self.count("composition")?;
        }
        Ok(())
    }

    fn count(&self, table: &str) -> Result<u64, ReadError> {
        Ok(self
            .schema
            .conn
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |r| r.get::<_, i64>(0))
            .map(i64::unsigned_abs)?)
    }

    /// Directs conversations are with somebody: the partner stands first among the people.
    pub(crate) fn partners(&mut self) {
        for index in 0..self.book.entries.len() {
            let partner = self.book.get(index).filter(|e| e.asked == Asked::Yes).and_then(|e| e.partner());
            if let Some(jid) = partner.filter(|&jid| self.jids.get(jid).is_some_and(|j| j.kind() != JidKind::Other)) {
                self.book.meet(self.jids, index, jid);
            }
        }
    }
}

/// Who set a timer. WhatsApp writes notices of a group as its own (`from_me`), so the sender and the flag come first.
pub(crate) fn timer_setter(
    initiated_by_me: Option<i64>,
    from_me: bool,
    sender: Option<Sender>,
    partner: Option<Sender>,
) -> Sender {
    match (initiated_by_me, sender, from_me, partner) {
        (Some(flag), _, _, _) if flag != 0 => Sender::Holder,
        (_, Some(sender), _, _) => sender,
        (Some(_), None, _, Some(partner)) | (None, None, false, Some(partner)) => partner,
        (None, None, true, Some(_)) => Sender::Holder,
        _ => Sender::Unknown,
    }
}

fn seconds(row: &rusqlite::Row<'_>, column: usize) -> Option<u64> {
    value::int(row, column).and_then(|s| u64::try_from(s).ok())
}

fn expiration(row: &rusqlite::Row<'_>, column: usize) -> Option<Result<i64, ()>> {
    match row.get_ref(column) {
        Ok(rusqlite::types::ValueRef::Null) => None,
        _ => Some(value::int(row, column).ok_or(())),
    }
}
