//! What others add to a message: reactions, votes, receipts.

use super::{Story, Written};
use crate::content::ContentError;
use rusqlite::params;

const REACTION: i64 = 56;
/// Our choice: no reference says which type votes have; the child table says what they are.
const VOTE: i64 = 67;

impl Story<'_> {
    /// A row of `message_add_on`; its number.
    fn add_on(&mut self, room: usize, parent: &Written, person: Option<usize>, kind: i64) -> Result<i64, ContentError> {
        let here = &self.rooms[room];
        // In a direct conversation the sender is written as -1 (reference/android.md §2.6).
        let sender = match person {
            Some(p) if here.is_group() => here.member_row(&self.people[p]),
            _ => -1,
        };
        let ms = parent.ms + self.dice.between(2_000, 3_600_000);
        self.db
            .prepare_cached(
                "INSERT INTO message_add_on (chat_row_id, from_me, key_id, sender_jid_row_id, parent_message_row_id, timestamp, status,
                 message_add_on_type, received_timestamp) VALUES (?, ?, ?, ?, ?, ?, 13, ?, ?)",
            )?
            .execute(params![
                self.rooms[room].row,
                person.is_none(),
                self.dice.hex(32),
                sender,
                parent.row,
                ms,
                kind,
                ms + 120
            ])?;
        Ok(self.db.last_insert_rowid())
    }

    /// Now and then somebody answers with a symbol; one in ten takes it back, which leaves an empty one.
    pub(super) fn react(&mut self, room: usize, parent: &Written) -> Result<(), ContentError> {
        if !self.dice.per_mille(70) {
            return Ok(());
        }
        let members = self.rooms[room].members.len();
        let mut from: Vec<Option<usize>> = vec![None];
        for _ in 0..self.dice.index(3).min(members) {
            from.push(Some(self.rooms[room].members[self.dice.index(members)]));
        }
        from.dedup();
        if from.len() > 1 && self.dice.per_mille(500) {
            from.remove(0);
        }
        for (i, person) in from.iter().enumerate() {
            if from[..i].contains(person) {
                continue;
            }
            let withdrawn = self.dice.per_mille(100);
            let reaction = if withdrawn { "" } else { self.dice.pick(&["👍", "❤️", "😂", "🙏", "😮", "👏🏽"]) };
            let add_on = self.add_on(room, parent, *person, REACTION)?;
            self.db
                .prepare_cached(
                    "INSERT INTO message_add_on_reaction (message_add_on_row_id, reaction, sender_timestamp) VALUES (?, ?, ?)",
                )?
                .execute(params![add_on, reaction, parent.ms + 5_000])?;
            if withdrawn {
                self.expected.reactions_withdrawn += 1;
            } else {
                self.expected.reactions += 1;
            }
        }
        Ok(())
    }

    pub(super) fn vote(
        &mut self,
        room: usize,
        poll: &Written,
        person: Option<usize>,
        options: &[i64],
    ) -> Result<(), ContentError> {
        let add_on = self.add_on(room, poll, person, VOTE)?;
        self.db.execute(
            "INSERT INTO message_add_on_poll_vote (message_add_on_row_id, sender_timestamp) VALUES (?, ?)",
            params![add_on, poll.ms + 9_000],
        )?;
        for option in options {
            self.db.execute(
                "INSERT INTO message_add_on_poll_vote_selected_option (message_add_on_row_id, message_poll_option_id) VALUES (?, ?)",
                params![add_on, option],
            )?;
            self.db.execute("UPDATE message_poll_option SET vote_total = vote_total + 1 WHERE _id = ?", [option])?;
            self.expected.poll_votes += 1;
        }
        Ok(())
    }

    /// Receipts for one in four of the holder's messages, so that the table is not larger than the messages.
    pub(super) fn acknowledge(&mut self, room: usize, written: &Written) -> Result<(), ContentError> {
        if !self.dice.per_mille(250) {
            return Ok(());
        }
        let here = &self.rooms[room];
        for person in here.members.iter().take(3) {
            let at = written.ms + self.dice.between(200, 9_000);
            self.db
                .prepare_cached(
                    "INSERT INTO receipt_user (message_row_id, receipt_user_jid_row_id, receipt_timestamp, read_timestamp, played_timestamp)
                     VALUES (?, ?, ?, ?, 0)",
                )?
                .execute(params![written.row, here.member_row(&self.people[*person]), at, at + 60_000])?;
            self.expected.receipts += 1;
        }
        Ok(())
    }
}
