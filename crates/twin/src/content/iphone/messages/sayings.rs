//! What is said: texts, answers, mentions, links, edits, and what is taken back.

use super::{
    room::Recent,
    story::{Cells, Story, cell, ns_of},
    summary::{self, Version},
    typedstream::{self, Attribute, Run},
};
use crate::content::{ContentError, texts};

/// Stands in a text where a file is.
pub(super) const MARK: &str = "\u{fffc}";

impl Story<'_> {
    /// Half of the texts stand only in the attributed form.
    pub(super) fn text_cells(&mut self, text: &str, archived: Vec<u8>) -> Cells {
        if self.next_row % 2 == 0 {
            self.expected.typed_only += 1;
            vec![cell("attributedBody", archived)]
        } else {
            vec![cell("text", text.to_owned())]
        }
    }

    pub(super) fn say(&mut self, room: usize) -> Result<(), ContentError> {
        let (from, text) = (self.speaker(room), self.text(room));
        let cells = self.text_cells(&text, typedstream::plain(&text));
        let written = self.record(room, from, "text", cells)?;
        self.said(room, &written, &text);
        Ok(())
    }

    pub(super) fn a_recent(&mut self, room: usize) -> Recent {
        let recent = &self.rooms[room].recent;
        recent[self.dice.index(recent.len())].clone()
    }

    pub(super) fn reply(&mut self, room: usize) -> Result<(), ContentError> {
        let (from, text, to) = (self.speaker(room), self.text(room), self.a_recent(room));
        let mut cells = self.text_cells(&text, typedstream::plain(&text));
        cells.push(cell("thread_originator_guid", to.guid));
        cells.push(cell("thread_originator_part", format!("0:0:{}", to.text.encode_utf16().count())));
        let written = self.record(room, from, "text", cells)?;
        self.said(room, &written, &text);
        self.expected.replies += 1;
        Ok(())
    }

    pub(super) fn failed(&mut self, room: usize) -> Result<(), ContentError> {
        let text = self.text(room);
        let cells = vec![cell("text", text.clone()), cell("error", 22_i64), cell("is_sent", 0_i64)];
        let written = self.record(room, None, "text", cells)?;
        self.said(room, &written, &text);
        Ok(())
    }

    pub(super) fn mention(&mut self, room: usize) -> Result<(), ContentError> {
        let (from, text) = (self.speaker(room), self.text(room));
        let members = &self.rooms[room].members;
        let who = members[self.dice.index(members.len())];
        let person = self.people[who].clone();
        let runs = [
            Run::new(person.given.clone(), [Attribute::Part(0), Attribute::Mention(person.address)]),
            Run::new(format!(" {text}"), [Attribute::Part(0)]),
        ];
        let whole = format!("{} {text}", person.given);
        let cells = vec![cell("text", whole.clone()), cell("attributedBody", typedstream::archive(&runs, true))];
        let written = self.record(room, from, "text", cells)?;
        self.said(room, &written, &whole);
        self.expected.mentions += 1;
        Ok(())
    }

    pub(super) fn link(&mut self, room: usize) -> Result<(), ContentError> {
        let from = self.speaker(room);
        let number = self.dice.between(100, 99_999);
        let link = format!("https://gemeente.example/{}/{number}", texts::dossier(&mut self.dice).replace(' ', "-"));
        let runs = [Run::new(link.clone(), [Attribute::Part(0), Attribute::Link(link.clone())])];
        let cells = vec![
            cell("attributedBody", typedstream::archive(&runs, false)),
            cell("balloon_bundle_id", "com.apple.messages.URLBalloonProvider".to_owned()),
            cell("payload_data", self.dice.bytes::<64>().to_vec()),
        ];
        let written = self.record(room, from, "text", cells)?;
        self.expected.typed_only += 1;
        self.said(room, &written, &link);
        // What it shows of the page lies in a file that is hidden.
        self.attach(&written, &super::files::PREVIEW, true, true)?;
        Ok(())
    }

    /// Versions of a text, oldest first, with their times.
    fn versions(&mut self, room: usize, ms: i64) -> Vec<Version> {
        let count = 2 + self.dice.index(3);
        let mut at = ms;
        (0..count)
            .map(|number| {
                if number > 0 {
                    at += self.dice.between(2_000, 80_000);
                }
                (at, self.text(room))
            })
            .collect()
    }

    pub(super) fn edited(&mut self, room: usize) -> Result<(), ContentError> {
        let from = self.speaker(room);
        let written = self.record(room, from, "text", Cells::new())?;
        let versions = self.versions(room, written.ms);
        let (first, now) = (versions[0].1.clone(), versions[versions.len() - 1].clone());
        let info = summary::info(&[&first], &[(0, versions.clone())], &[])?;
        self.db
            .prepare_cached(
                "UPDATE message SET attributedBody = ?2, message_summary_info = ?3, date_edited = ?4 WHERE ROWID = ?1",
            )?
            .execute(rusqlite::params![written.row, typedstream::plain(&now.1), info, ns_of(now.0)])?;
        self.expected.typed_only += 1;
        self.said(room, &written, &now.1);
        let earlier: Vec<String> = versions.iter().rev().skip(1).map(|(_, text)| text.clone()).collect();
        self.expected.edited += 1;
        self.expected.earlier += earlier.len() as u64;
        self.expected.histories.insert(written.guid, earlier);
        Ok(())
    }

    /// A text, a photo and a text, of which the last was edited once.
    pub(super) fn edited_parts(&mut self, room: usize) -> Result<(), ContentError> {
        let from = self.speaker(room);
        let (head, old, new) = (self.text(room), self.text(room), self.text(room));
        let written = self.record(room, from, "image", Cells::new())?;
        let file = self.attach(&written, &super::files::JPEG, true, false)?;
        let runs = [
            Run::new(head.clone(), [Attribute::Part(0)]),
            Run::new(MARK, [Attribute::Part(1), Attribute::File(file)]),
            Run::new(new.clone(), [Attribute::Part(2)]),
        ];
        let at = written.ms + self.dice.between(2_000, 80_000);
        let versions = vec![(written.ms, old.clone()), (at, new.clone())];
        let info = summary::info(&[&head, MARK, &old], &[(2, versions)], &[])?;
        self.db
            .prepare_cached(
                "UPDATE message SET attributedBody = ?2, message_summary_info = ?3, date_edited = ?4 WHERE ROWID = ?1",
            )?
            .execute(rusqlite::params![written.row, typedstream::archive(&runs, true), info, ns_of(at)])?;
        self.expected.typed_only += 1;
        self.said(room, &written, &format!("{head}{MARK}{new}"));
        self.expected.edited += 1;
        self.expected.earlier += 1;
        self.expected.histories.insert(written.guid, vec![format!("{head}{MARK}{old}")]);
        Ok(())
    }

    pub(super) fn unsent(&mut self, room: usize) -> Result<(), ContentError> {
        let (from, text) = (self.speaker(room), self.text(room));
        let written = self.record(room, from, "revoked", Cells::new())?;
        let info = summary::info(&[&text], &[], &[0])?;
        let at = written.ms + self.dice.between(2_000, 80_000);
        self.db
            .prepare_cached("UPDATE message SET message_summary_info = ?2, date_edited = ?3 WHERE ROWID = ?1")?
            .execute(rusqlite::params![written.row, info, ns_of(at)])?;
        Ok(())
    }

    /// Two texts of which the second was taken back.
    pub(super) fn unsent_part(&mut self, room: usize) -> Result<(), ContentError> {
        let from = self.speaker(room);
        let (stays, goes) = (self.text(room), self.text(room));
        let cells = vec![cell("attributedBody", typedstream::archive(&[Run::new(stays.clone(), [Attribute::Part(0)])], true))];
        let written = self.record(room, from, "text", cells)?;
        let info = summary::info(&[&stays, &goes], &[], &[1])?;
        let at = written.ms + self.dice.between(2_000, 80_000);
        self.db
            .prepare_cached("UPDATE message SET message_summary_info = ?2, date_edited = ?3 WHERE ROWID = ?1")?
            .execute(rusqlite::params![written.row, info, ns_of(at)])?;
        self.expected.typed_only += 1;
        self.said(room, &written, &stays);
        self.expected.edited += 1;
        self.expected.unsent_parts += 1;
        Ok(())
    }
}
