//! Notices: of groups, of the app, and calls that nobody answered.

use super::{
    room::add_member,
    story::{Cells, Kind, Story, cell},
};
use crate::content::{ContentError, texts};

impl Story<'_> {
    fn noticed(
        &mut self,
        room: usize,
        code: i64,
        event: i64,
        member: Option<usize>,
        mut cells: Cells,
    ) -> Result<(), ContentError> {
        cells.push(cell("ZGROUPEVENTTYPE", event));
        self.record(room, member, code, "system", cells).map(drop)
    }

    /// "Messages are end-to-end encrypted."
    pub(super) fn encrypted(&mut self, room: usize) -> Result<(), ContentError> {
        self.noticed(room, 10, 2, None, Vec::new())
    }

    pub(super) fn notice(&mut self, room: usize, kind: Kind) -> Result<(), ContentError> {
        let somebody = (!self.rooms[room].members.is_empty()).then(|| self.dice.index(self.rooms[room].members.len()));
        match kind {
            Kind::Subject => {
                let name = format!("Overleg {}", texts::dossier(&mut self.dice));
                self.noticed(room, 6, 1, somebody, vec![cell("ZTEXT", name)])
            }
            Kind::Picture => self.noticed(room, 6, 4, somebody, Vec::new()),
            Kind::Described => {
                let text = format!("Werkgroep {}", texts::dossier(&mut self.dice));
                self.noticed(room, 6, 17, somebody, vec![cell("ZTEXT", text)])
            }
            Kind::Added => self.noticed(room, 6, 2, somebody, Vec::new()),
            Kind::Joined => {
                let person = 1 + self.dice.index(self.people.len() - 1);
                let known = self.rooms[room].members.iter().chain(&self.rooms[room].past).any(|(known, _)| *known == person);
                if known {
                    return self.noticed(room, 6, 4, somebody, Vec::new());
                }
                let at = self.rooms[room].members.len();
                let member = add_member(self.db, self.rooms[room].row, &self.people[person], false, true, at)?;
                self.rooms[room].members.push((person, member));
                self.expected.joins += 1;
                self.noticed(room, 6, 15, Some(at), Vec::new())
            }
            Kind::Left => {
                let at = somebody.unwrap_or(0);
                self.noticed(room, 6, 3, Some(at), Vec::new())?;
                let (person, member) = self.rooms[room].members.remove(at);
                self.db.execute("UPDATE ZWAGROUPMEMBER SET ZISACTIVE = 0 WHERE Z_PK = ?", [member])?;
                self.rooms[room].past.push((person, member));
                // Places of those behind have moved.
                self.rooms[room].recent.clear();
                self.expected.leaves += 1;
                Ok(())
            }
            Kind::Code => self.noticed(room, 10, 3, Some(0), Vec::new()),
            Kind::MissedCall => {
                let event = if self.dice.per_mille(500) { 1_i64 } else { 4 };
                self.record(room, Some(0), 10, "call", vec![cell("ZGROUPEVENTTYPE", event)]).map(drop)
            }
            _ => self.noticed(room, 6, 64, somebody, Vec::new()),
        }
    }
}
