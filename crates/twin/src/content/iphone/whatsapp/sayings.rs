//! What is said: texts, answers, links, what was passed on or taken back, places, cards and polls.

use super::{
    apple::entity,
    story::{Kind, Story, Written, cell},
    wire::Wire,
};
use crate::content::{ContentError, texts};
use rusqlite::params;

const EMOJI: [&str; 6] = ["👍", "❤️", "😂", "🙏", "😮", "✅"];

impl Story<'_> {
    fn spoken(&mut self, room: usize, code: i64) -> Result<(Option<usize>, Written, String), ContentError> {
        let (from, text) = (self.speaker(room), self.text(room));
        let written = self.record(room, from, code, "text", vec![cell("ZTEXT", text.clone())])?;
        self.said(room, from, &written, &text);
        Ok((from, written, text))
    }

    pub(super) fn say(&mut self, room: usize, kind: Kind) -> Result<(), ContentError> {
        let (from, written, _) = self.spoken(room, 0)?;
        let set = |column: &str, value: i64| -> Result<(), ContentError> {
            self.db.execute(&format!("UPDATE ZWAMESSAGE SET {column} = ? WHERE Z_PK = ?"), [value, written.row])?;
            Ok(())
        };
        match kind {
            Kind::Starred => {
                set("ZSTARRED", 1)?;
                self.expected.starred += 1;
            }
            Kind::Failed => {
                set("ZMESSAGEERRORSTATUS", 4)?;
                self.expected.failed += 1;
            }
            Kind::Reactions => self.react(room, &written)?,
            // Who received it when: nobody reads that.
            _ if from.is_none() && self.dice.per_mille(300) => {
                let receipt =
                    Wire::default().bytes(1, &[0x80, 0x31, 0x60]).number(3, written.ms.unsigned_abs() / 1000).number(4, 8);
                self.info(&written, Wire::default().inner(2, receipt))?;
            }
            _ => {}
        }
        Ok(())
    }

    fn react(&mut self, room: usize, to: &Written) -> Result<(), ContentError> {
        let mut all = Wire::default();
        let others = self.rooms[room].members.len();
        let many = self.dice.index(others.min(4)) + 1;
        for member in 0..many.min(others) {
            let by = self.address(room, Some(member));
            let reaction = Wire::default()
                .text(1, &format!("3A{}", self.dice.hex(16)))
                .text(2, &by)
                .text(3, self.dice.pick(&EMOJI))
                .number(4, to.ms.unsigned_abs() + 60_000);
            all = all.inner(1, reaction);
            self.expected.reactions += 1;
        }
        if self.dice.per_mille(300) {
            let own = Wire::default()
                .text(1, &format!("3A{}", self.dice.hex(16)))
                .text(2, self.dice.pick(&EMOJI))
                .number(3, to.ms.unsigned_abs() + 61_000)
                .number(4, 1);
            all = all.inner(2, own);
            self.expected.reactions += 1;
            self.expected.own_reactions += 1;
        }
        self.info(to, Wire::default().inner(7, all))
    }

    pub(super) fn reply(&mut self, room: usize) -> Result<(), ContentError> {
        let recent = &self.rooms[room].recent;
        let to = recent[self.dice.index(recent.len())].clone();
        let by = self.address(room, to.by);
        let (_, written, _) = self.spoken(room, 0)?;
        let metadata = Wire::default().text(5, &to.key).text(6, &by).inner(19, Wire::default().text(1, &to.text));
        self.media(&written, Vec::new(), Some(metadata))?;
        self.expected.replies += 1;
        self.expected.answered.insert(written.row, to.row);
        Ok(())
    }

    pub(super) fn forward(&mut self, room: usize) -> Result<(), ContentError> {
        let (_, written, _) = self.spoken(room, 0)?;
        let count = self.dice.between(1, 6).unsigned_abs();
        // 240 stands for the fields that nobody explains.
        let metadata = Wire::default().number(17, count).number(240, 1);
        self.media(&written, Vec::new(), Some(metadata))?;
        self.expected.forwarded += 1;
        Ok(())
    }

    pub(super) fn link(&mut self, room: usize) -> Result<(), ContentError> {
        let (from, said) = (self.speaker(room), self.text(room));
        let link = format!("https://vlietmonde.example/{}", self.dice.hex(8).to_lowercase());
        let text = format!("{said} {link}");
        let written = self.record(room, from, 7, "text", vec![cell("ZTEXT", text.clone())])?;
        self.said(room, from, &written, &text);
        let title = format!("Raadsstuk over {}", texts::dossier(&mut self.dice));
        self.db
            .prepare_cached(
                "INSERT INTO ZWAMESSAGEDATAITEM (Z_ENT, Z_OPT, ZINDEX, ZTYPE, ZMESSAGE, ZMATCHEDTEXT, ZTITLE, ZSUMMARY)
                 VALUES (?, 1, 0, 1, ?, ?, ?, 'Gemeente Vlietmonde')",
            )?
            .execute(params![entity("ZWAMESSAGEDATAITEM"), written.row, link, title])?;
        self.expected.links += 1;
        Ok(())
    }

    pub(super) fn plain(&mut self, room: usize, code: i64, word: &str) -> Result<(), ContentError> {
        let from = self.speaker(room);
        self.record(room, from, code, word, Vec::new()).map(drop)
    }

    pub(super) fn revoked(&mut self, room: usize) -> Result<(), ContentError> {
        self.plain(room, 14, "revoked")
    }

    pub(super) fn place(&mut self, room: usize) -> Result<(), ContentError> {
        let from = self.speaker(room);
        let name = texts::place(&mut self.dice).to_owned();
        let written = self.record(room, from, 5, "place", Vec::new())?;
        let offset =
            |dice: &mut crate::content::dice::Dice| f64::from(i32::try_from(dice.between(0, 9_999)).unwrap_or(0)) / 100_000.0;
        let cells = vec![
            cell("ZLATITUDE", 52.0 + offset(&mut self.dice)),
            cell("ZLONGITUDE", 4.4 + offset(&mut self.dice)),
            cell("ZTITLE", name),
        ];
        self.media(&written, cells, None)
    }

    pub(super) fn cards(&mut self, room: usize) -> Result<(), ContentError> {
        let from = self.speaker(room);
        let written = self.record(room, from, 4, "cards", Vec::new())?;
        let person = &self.people[self.dice.index(self.people.len())];
        let card = format!(
            "BEGIN:VCARD\nVERSION:3.0\nN:{};{};;;\nFN:{}\nTEL;type=CELL;waid={}:+{}\nEND:VCARD",
            person.family, person.given, person.name, person.number, person.number
        );
        let cells = vec![cell("ZVCARDNAME", person.name.clone()), cell("ZVCARDSTRING", card)];
        let address = person.pn_jid();
        self.media(&written, cells, None)?;
        let media =
            self.db.query_row("SELECT ZMEDIAITEM FROM ZWAMESSAGE WHERE Z_PK = ?", [written.row], |row| row.get::<_, i64>(0))?;
        self.db.execute(
            "INSERT INTO ZWAVCARDMENTION (Z_ENT, Z_OPT, ZISFROMME, ZTRUSTEDWHENINDEXED, ZMEDIAITEM, ZWHATSAPPID)
             VALUES (?, 1, ?, 1, ?, ?)",
            params![entity("ZWAVCARDMENTION"), from.is_none(), media, address],
        )?;
        self.expected.cards += 1;
        Ok(())
    }

    pub(super) fn poll(&mut self, room: usize) -> Result<(), ContentError> {
        let from = self.speaker(room);
        let written = self.record(room, from, 46, "poll", Vec::new())?;
        let question = format!("Wanneer spreken we over {}?", texts::dossier(&mut self.dice));
        let days = ["maandag", "dinsdag", "woensdag", "donderdag"];
        let many = 2 + self.dice.index(3);
        let mut poll = Wire::default().text(2, &question);
        for day in days.iter().take(many) {
            poll = poll.inner(3, Wire::default().text(1, day));
            self.expected.poll_options += 1;
        }
        self.info(&written, Wire::default().inner(8, poll))
    }

    pub(super) fn template(&mut self, room: usize) -> Result<(), ContentError> {
        let from = self.speaker(room);
        let text = self.text(room);
        self.record(room, from, 20, "unknown", vec![cell("ZTEXT", text)])?;
        *self.expected.unknown_types.entry(20).or_default() += 1;
        Ok(())
    }

    pub(super) fn unknown_type(&mut self, room: usize) -> Result<(), ContentError> {
        let from = self.speaker(room);
        let text = self.text(room);
        self.record(room, from, 96, "unknown", vec![cell("ZTEXT", text)])?;
        *self.expected.unknown_types.entry(96).or_default() += 1;
        Ok(())
    }
}
