//! Reactions, and notices of who came and went.

use super::story::{Cells, Kind, Story, cell};
use crate::content::{ContentError, texts};

impl Story<'_> {
    /// One or more people react to a message; some take it back, and some do it again in another way.
    pub(super) fn react(&mut self, room: usize) -> Result<(), ContentError> {
        let on = self.a_recent(room);
        for _ in 0..=self.dice.index(3) {
            let from = self.speaker(room);
            let code = 2000 + self.dice.between(0, 6);
            self.reaction(room, from, code, &on.guid, &on.text)?;
            if self.dice.per_mille(150) {
                self.reaction(room, from, code + 1000, &on.guid, &on.text)?;
                self.expected.reactions_removed += 1;
            }
        }
        Ok(())
    }

    fn reaction(&mut self, room: usize, from: Option<usize>, code: i64, on: &str, text: &str) -> Result<(), ContentError> {
        let mut cells: Cells = vec![
            cell("associated_message_type", code),
            cell("associated_message_guid", format!("p:0/{on}")),
            cell("text", format!("Reageerde op “{text}”")),
        ];
        if code % 1000 == 6 {
            cells.push(cell("associated_message_emoji", "🎉".to_owned()));
        }
        let written = self.row(room, from, cells)?;
        self.join(room, &written)?;
        self.expected.reactions += 1;
        Ok(())
    }

    /// A reaction to a message that was deleted for good.
    pub(super) fn react_to_nothing(&mut self, room: usize) -> Result<(), ContentError> {
        let (from, on) = (self.speaker(room), self.guid());
        let cells = vec![
            cell("associated_message_type", 2001_i64),
            cell("associated_message_guid", format!("p:0/{on}")),
            cell("text", "Vond een bericht leuk".to_owned()),
        ];
        self.record(room, from, "unknown", cells)?;
        Ok(())
    }

    /// A vote: that there is one is known, and nothing more.
    pub(super) fn vote(&mut self, room: usize) -> Result<(), ContentError> {
        let (from, on) = (self.speaker(room), self.a_recent(room));
        let cells = vec![
            cell("associated_message_type", 4000_i64),
            cell("associated_message_guid", on.guid),
            cell("payload_data", self.dice.bytes::<48>().to_vec()),
        ];
        let written = self.row(room, from, cells)?;
        self.join(room, &written)?;
        self.expected.additions += 1;
        Ok(())
    }

    pub(super) fn notice(&mut self, room: usize, kind: Kind) -> Result<(), ContentError> {
        let service = self.rooms[room].service;
        let mut from = self.speaker(room);
        let mut cells: Cells = Vec::new();
        match kind {
            Kind::Joined => {
                let free =
                    (1..self.people.len()).find(|p| !self.rooms[room].members.contains(p) && !self.rooms[room].past.contains(p));
                let Some(who) = free else { return self.say(room) };
                let handle = self.handle(who, service)?;
                self.rooms[room].members.push(who);
                self.db
                    .execute("INSERT INTO chat_handle_join (chat_id, handle_id) VALUES (?, ?)", [self.rooms[room].row, handle])?;
                cells.extend([cell("item_type", 1_i64), cell("group_action_type", 0_i64), cell("other_handle", handle)]);
                self.expected.joins += 1;
            }
            Kind::Removed | Kind::Left => {
                let at = self.dice.index(self.rooms[room].members.len());
                let who = self.rooms[room].members.remove(at);
                self.rooms[room].past.push(who);
                let handle = self.handle(who, service)?;
                self.db.execute(
                    "DELETE FROM chat_handle_join WHERE chat_id = ? AND handle_id = ?",
                    [self.rooms[room].row, handle],
                )?;
                if kind == Kind::Left {
                    from = Some(who);
                    cells.extend([cell("item_type", 3_i64), cell("group_action_type", 0_i64)]);
                } else {
                    from = from.filter(|from| *from != who);
                    cells.extend([cell("item_type", 1_i64), cell("group_action_type", 1_i64), cell("other_handle", handle)]);
                }
                self.expected.leaves += 1;
            }
            Kind::Renamed => {
                let title = format!("{} {}", texts::dossier(&mut self.dice), self.dice.between(1, 99));
                self.db.execute(
                    "UPDATE chat SET display_name = ? WHERE ROWID = ?",
                    rusqlite::params![title, self.rooms[room].row],
                )?;
                cells.extend([cell("item_type", 2_i64), cell("group_title", title)]);
            }
            Kind::Picture => {
                let action = [1_i64, 2, 4, 6][self.dice.index(4)];
                cells.extend([cell("item_type", 3_i64), cell("group_action_type", action)]);
            }
            _ => cells.push(cell("item_type", self.dice.between(4, 6))),
        }
        self.record(room, from, "system", cells)?;
        Ok(())
    }
}
