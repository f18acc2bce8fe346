//! The passes before the messages: in which conversation each stands, who occurs where, who came and went, what was recently
//! deleted. None of them reads a text.

use super::{
    book::{Book, source},
    people::People,
    places::Places,
    time,
};
use crate::{
    ReadError, Summary,
    reading::{schema::Schema, value},
};
use uitlezen_chat::{EvidenceId, MembershipChange, Moment, Sender};

/// Recently deleted messages that are remembered.
const MOST_DELETED: usize = 1_000_000;

/// Everything the passes need and fill.
#[derive(Debug)]
pub(super) struct Survey<'s, 'a> {
    pub(super) schema: &'s Schema<'a>,
    pub(super) item: EvidenceId,
    pub(super) people: &'s mut People,
    pub(super) book: &'s mut Book,
    pub(super) places: &'s mut Places,
    pub(super) summary: &'s mut Summary,
    /// Rows that the pass over the messages must meet.
    pub(super) rows: Option<u64>,
}

impl Survey<'_, '_> {
    /// What was recently deleted: how many, and when.
    pub(super) fn deleted(&mut self) -> Result<(), ReadError> {
        if let Some(columns) = self.schema.columns("chat_recoverable_message_join", "j", &["message_id", "delete_date"]) {
            let mut all = self.schema.prepare(&format!("SELECT {columns} FROM chat_recoverable_message_join j"))?;
            let mut rows = self.schema.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                let Some(message) = value::int(row, 0) else { continue };
                if self.places.deleted.len() < MOST_DELETED {
                    self.places.deleted.insert(message);
                } else {
                    self.summary.oddities.dropped_side_rows += 1;
                }
                self.deleted_at(time::known(value::int(row, 1)));
            }
        }
        self.summary.recently_deleted.messages =
            self.places.deleted.iter().filter(|row| self.places.first(**row).is_none()).count() as u64;
        if let Some(columns) = self.schema.columns("recoverable_message_part", "p", &["delete_date"]) {
            let mut all = self.schema.prepare(&format!("SELECT {columns} FROM recoverable_message_part p"))?;
            let mut rows = self.schema.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                self.summary.recently_deleted.parts += 1;
                self.deleted_at(time::known(value::int(row, 0)));
            }
        }
        Ok(())
    }

    fn deleted_at(&mut self, at: Option<Moment>) {
        let Some(at) = at.filter(|at| at.utc.is_some()) else { return };
        let deleted = &mut self.summary.recently_deleted;
        if deleted.first_deleted.as_ref().is_none_or(|first| first.utc > at.utc) {
            deleted.first_deleted = Some(at.clone());
        }
        if deleted.last_deleted.as_ref().is_none_or(|last| last.utc < at.utc) {
            deleted.last_deleted = Some(at);
        }
    }

    /// In which conversation each message stands.
    pub(super) fn places(&mut self) -> Result<(), ReadError> {
        let Some(columns) = self.schema.columns("chat_message_join", "j", &["message_id", "chat_id"]) else { return Ok(()) };
        let mut all = self.schema.prepare(&format!("SELECT {columns} FROM chat_message_join j"))?;
        let mut rows = self.schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let (Some(message), Some(chat)) = (value::int(row, 0), value::int(row, 1)) else { continue };
            let index = match self.book.of_chat(chat) {
                Some(index) => Some(index),
                None => self.book.invent(&format!("chat-row:{chat}"), source(self.item, "chat_message_join", message)),
            };
            match index {
                Some(index) => self.places.put(message, index),
                None => self.summary.oddities.dropped_side_rows += 1,
            }
        }
        Ok(())
    }

    /// Who wrote where. Messages that stand in no conversation get one, by whom they are from or to.
    pub(super) fn senders(&mut self) -> Result<(), ReadError> {
        let Some(columns) = self.schema.columns("message", "m", &["rowid", "handle_id"]) else { return Ok(()) };
        // An index over the two columns is walked in place of the table.
        let mut all = self.schema.prepare(&format!("SELECT {columns} FROM message m"))?;
        let mut rows = self.schema.bounded(all.query([])?);
        let (mut passed, mut near) = (0, None);
        while let Some(row) = rows.next()? {
            passed += 1;
            let Some(message) = value::int(row, 0) else { continue };
            let person = value::int(row, 1).and_then(|handle| self.people.of_handle(handle));
            let known = self.places.first(message);
            if known.is_none() && self.places.deleted.contains(&message) {
                continue;
            }
            let index = match known {
                Some(index) => index,
                None => {
                    let name = person.and_then(|p| self.people.address(p)).unwrap_or("without-chat").to_owned();
                    self.summary.oddities.without_conversation += 1;
                    // Counted as dropped when the pass over the messages meets it.
                    let Some(index) = self.book.invent(&name, source(self.item, "message", message)) else { continue };
                    self.places.put(message, index);
                    index
                }
            };
            if let Some(entry) = self.book.entries.get_mut(usize::try_from(index).unwrap_or(usize::MAX)) {
                entry.messages += 1;
            }
            let Some(person) = person else { continue };
            if near != Some((index, person)) {
                near = Some((index, person));
                for index in self.places.all(message) {
                    self.book.meet(index, person);
                }
            }
        }
        self.rows = Some(passed);
        Ok(())
    }

    /// Who was added, removed, or left.
    pub(super) fn changes(&mut self) -> Result<(), ReadError> {
        if !self.schema.has_column("message", "item_type") {
            return Ok(());
        }
        let mut ids: Vec<i64> = Vec::new();
        {
            // An index that holds the column is walked in place of the table.
            let mut all = self.schema.prepare("SELECT m.rowid FROM message m WHERE m.item_type IN (1, 3)")?;
            let mut rows = self.schema.bounded(all.query([])?);
            while let Some(row) = rows.next()? {
                ids.extend(value::int(row, 0));
            }
        }
        ids.sort_unstable();
        let wanted = ["item_type", "group_action_type", "handle_id", "other_handle", "is_from_me", "date"];
        let Some(columns) = self.schema.columns("message", "m", &wanted) else { return Ok(()) };
        let mut one = self.schema.prepare(&format!("SELECT {columns} FROM message m WHERE m.rowid = ?1"))?;
        for id in ids {
            let Some(index) = self.places.first(id) else { continue };
            let mut rows = one.query([id])?;
            let Some(row) = rows.next()? else { continue };
            let person = |column: usize| value::int(row, column).and_then(|handle| self.people.of_handle(handle));
            let from_me = value::flag(row, 4);
            let actor = if from_me { None } else { person(2) };
            let (who, joined) = match (value::int(row, 0), value::int(row, 1).unwrap_or(0)) {
                (Some(1), 0) => (person(3), true),
                (Some(1), 1) => (person(3), false),
                (Some(3), 0) => (actor, false),
                _ => (None, false),
            };
            let by = if from_me { Some(Sender::Holder) } else { actor.and_then(|a| self.people.sender(a)) };
            if let Some(actor) = actor {
                self.book.meet(index, actor);
            }
            if let Some(who) = who {
                let change = MembershipChange {
                    joined,
                    at: time::known(value::int(row, 5)),
                    by,
                    source: source(self.item, "message", id),
                };
                self.book.changed(index, who, change);
            }
        }
        Ok(())
    }

    /// Whoever a notice names besides the one who caused it.
    pub(super) fn others(&mut self) -> Result<(), ReadError> {
        if !self.schema.has_column("message", "other_handle") {
            return Ok(());
        }
        let mut all = self.schema.prepare("SELECT m.rowid, m.other_handle FROM message m WHERE m.other_handle > 0")?;
        let mut rows = self.schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let place = value::int(row, 0).and_then(|message| self.places.first(message));
            let person = value::int(row, 1).and_then(|handle| self.people.of_handle(handle));
            if let (Some(index), Some(person)) = (place, person) {
                self.book.meet(index, person);
            }
        }
        Ok(())
    }
}
