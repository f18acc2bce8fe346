//! What was deleted, and what nobody understands.

use super::{
    story::{Cells, Story, cell, ns_of},
    typedstream,
};
use crate::content::ContentError;

impl Story<'_> {
    /// A message that the holder deleted and that is not wiped yet, with a reaction to it. Now and then one that is: a gap.
    pub(super) fn deleted(&mut self, room: usize) -> Result<(), ContentError> {
        let (from, text) = (self.speaker(room), self.text(room));
        let written = self.row(room, from, vec![cell("attributedBody", typedstream::plain(&text))])?;
        let at = ns_of(self.options.now * 1000 - self.dice.between(1_000, 25 * 86_400_000));
        self.db
            .prepare_cached("INSERT INTO chat_recoverable_message_join (chat_id, message_id, delete_date) VALUES (?, ?, ?)")?
            .execute([self.rooms[room].row, written.row, at])?;
        self.expected.recently_deleted += 1;
        if self.dice.per_mille(300) {
            let from = self.speaker(room);
            let cells = vec![
                cell("associated_message_type", 2000_i64),
                cell("associated_message_guid", format!("p:0/{}", written.guid)),
                cell("text", format!("Vond “{text}” leuk")),
            ];
            let reaction = self.row(room, from, cells)?;
            self.join(room, &reaction)?;
            self.expected.recently_deleted_reactions += 1;
        }
        self.next_row += i64::from(self.dice.per_mille(300));
        Ok(())
    }

    /// A part of a message that is still there.
    pub(super) fn deleted_part(&mut self, room: usize) -> Result<(), ContentError> {
        let (of, text) = (self.a_recent(room), self.text(room));
        let at = ns_of(self.options.now * 1000 - self.dice.between(1_000, 25 * 86_400_000));
        let made = self.db.execute(
            "INSERT OR IGNORE INTO recoverable_message_part (chat_id, message_id, part_index, delete_date, part_text)
             SELECT ?1, ROWID, 1, ?2, ?3 FROM message WHERE guid = ?4",
            rusqlite::params![self.rooms[room].row, at, typedstream::plain(&text), of.guid],
        )?;
        self.expected.recently_deleted_parts += made as u64;
        Ok(())
    }

    fn not_understood(&mut self, room: usize, code: i64, cells: Cells) -> Result<(), ContentError> {
        let from = self.speaker(room);
        self.record(room, from, "unknown", cells)?;
        *self.expected.unknown_types.entry(code).or_default() += 1;
        Ok(())
    }

    /// The content of some app.
    pub(super) fn balloon(&mut self, room: usize) -> Result<(), ContentError> {
        let cells = vec![
            cell(
                "balloon_bundle_id",
                "com.apple.messages.MSMessageExtensionBalloonPlugin:0000000000:nl.voorbeeld.app".to_owned(),
            ),
            cell("payload_data", self.dice.bytes::<96>().to_vec()),
            cell("attributedBody", typedstream::plain("\u{fffd}")),
        ];
        self.not_understood(room, 0, cells)
    }

    pub(super) fn unknown_item(&mut self, room: usize) -> Result<(), ContentError> {
        self.not_understood(room, 9, vec![cell("item_type", 9_i64)])
    }

    /// A text that was cut off.
    pub(super) fn undecodable(&mut self, room: usize) -> Result<(), ContentError> {
        let mut archived = typedstream::plain(&self.text(room));
        archived.truncate(archived.len() / 2);
        self.expected.undecodable += 1;
        self.not_understood(room, 0, vec![cell("attributedBody", archived)])
    }
}
