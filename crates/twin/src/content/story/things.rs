//! Messages that are neither words nor files: places, cards, polls, calls, events, and what nobody can read.

use super::calendar::dutch;
use super::{Row, Story, flag};
use crate::content::ContentError;
use crate::content::texts;
use rusqlite::params;
use sha2::{Digest, Sha256};

/// A number that no reference explains.
const UNEXPLAINED: i64 = 96;
/// Where rows of `message_future` get their type: our choice, since no reference says which one they have.
const FUTURE: i64 = 12;
const WAITING: i64 = 11;

impl Story<'_> {
    fn plain(&self, room: usize, person: Option<usize>, kind: i64) -> Row<'static> {
        let _ = self;
        Row { room, person, kind, text: None, flags: 0, starred: false }
    }

    pub(super) fn share_place(&mut self, room: usize, live: bool) -> Result<(), ContentError> {
        let person = self.speaker(room);
        let Some(written) = self.write(&self.plain(room, person, if live { 16 } else { 5 }))? else { return Ok(()) };
        // Somewhere in the IJsselmeer, where no municipality is.
        let latitude = 52.7 + self.dice.between(0, 9_999) as f64 / 100_000.0;
        let longitude = 5.3 + self.dice.between(0, 9_999) as f64 / 100_000.0;
        let name = texts::place(&mut self.dice);
        self.db.execute(
            "INSERT INTO message_location (message_row_id, chat_row_id, latitude, longitude, place_name, place_address, url,
             live_location_share_duration, live_location_final_latitude, live_location_final_longitude,
             live_location_final_timestamp, map_download_status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 2)",
            params![
                written.row,
                self.rooms[room].row,
                latitude,
                longitude,
                (!live).then_some(name),
                (!live).then(|| format!("{name} 1, Vlietmonde")),
                (!live).then_some("https://www.vlietmonde.example/kaart"),
                live.then_some(3_600),
                live.then_some(latitude + 0.01),
                live.then_some(longitude + 0.01),
                live.then_some(written.ms + 3_600_000),
            ],
        )?;
        if live {
            self.expected.live_places += 1;
        } else {
            self.expected.places += 1;
        }
        self.react(room, &written)
    }

    /// Cards of people of the cast; several go under type 14.
    pub(super) fn share_cards(&mut self, room: usize, n: usize) -> Result<(), ContentError> {
        let person = self.speaker(room);
        let first = 1 + self.dice.index(self.people.len().saturating_sub(n).max(1));
        let cards: Vec<usize> = (first..first + n).map(|p| p.min(self.people.len() - 1)).collect();
        let title = if n == 1 { self.people[cards[0]].name.clone() } else { format!("{n} contacten") };
        let kind = if n == 1 { 4 } else { 14 };
        let row = Row { text: Some(&title), ..self.plain(room, person, kind) };
        let Some(written) = self.write(&row)? else { return Ok(()) };
        self.expected.card_messages += 1;
        for (i, card) in cards.iter().enumerate() {
            let who = &self.people[*card];
            let vcard = format!(
                "BEGIN:VCARD\nVERSION:3.0\nN:{};{};;;\nFN:{}\nTEL;type=CELL;waid={}:+{}\nX-WA-ORDER:{i}\nEND:VCARD",
                who.family, who.given, who.name, who.number, who.number
            );
            self.db.execute("INSERT INTO message_vcard (message_row_id, vcard) VALUES (?, ?)", params![written.row, vcard])?;
            let vcard_row = self.db.last_insert_rowid();
            if who.pn_row != 0 {
                self.db.execute(
                    "INSERT INTO message_vcard_jid (vcard_jid_row_id, vcard_row_id, message_row_id) VALUES (?, ?, ?)",
                    params![who.pn_row, vcard_row, written.row],
                )?;
            }
            self.expected.cards += 1;
        }
        Ok(())
    }

    pub(super) fn ask_poll(&mut self, room: usize) -> Result<(), ContentError> {
        let person = self.speaker(room);
        let question = format!("Wanneer bespreken we {}?", texts::dossier(&mut self.dice));
        let row = Row { text: Some(&question), ..self.plain(room, person, 66) };
        let Some(written) = self.write(&row)? else { return Ok(()) };
        let single = self.dice.per_mille(600);
        self.db.execute(
            "INSERT INTO message_poll (message_row_id, enc_key, selectable_options_count, poll_type) VALUES (?, ?, ?, 0)",
            params![written.row, self.dice.bytes::<32>(), i64::from(single)],
        )?;
        let mut options = Vec::new();
        for name in ["maandag 9.00 uur", "dinsdag 13.30 uur", "liever per mail"] {
            let digest = hex::encode(Sha256::digest(name));
            self.db.execute(
                "INSERT INTO message_poll_option (message_row_id, option_sha256, option_name, vote_total, option_hash)
                 VALUES (?1, ?2, ?3, 0, ?2)",
                params![written.row, digest, name],
            )?;
            options.push(self.db.last_insert_rowid());
        }
        let voters: Vec<Option<usize>> =
            std::iter::once(None).chain(self.rooms[room].members.iter().take(5).copied().map(Some)).collect();
        for voter in voters {
            if self.dice.per_mille(250) {
                continue;
            }
            let mut chosen = vec![options[self.dice.index(3)]];
            if !single && self.dice.per_mille(400) {
                chosen.extend(options.iter().copied().find(|o| !chosen.contains(o)));
            }
            self.vote(room, &written, voter, &chosen)?;
        }
        self.expected.polls += 1;
        Ok(())
    }

    /// A call that stands in the conversation, with its row in the call log.
    pub(super) fn call(&mut self, room: usize) -> Result<(), ContentError> {
        let person = self.speaker(room);
        let Some(written) = self.write(&self.plain(room, person, 90))? else { return Ok(()) };
        let (result, seconds) = match self.dice.below(10) {
            0 => (2, 0),
            1 => (4, 0),
            2 => (7, 0),
            _ => (5, self.dice.between(12, 3_600)),
        };
        let row = self.log_call(room, person.is_none(), written.ms, result, seconds)?;
        self.db
            .execute("INSERT INTO message_call_log (message_row_id, call_log_row_id) VALUES (?, ?)", params![written.row, row])?;
        self.expected.calls_in_conversation += 1;
        Ok(())
    }

    /// A row of `call_log`; its number.
    pub(super) fn log_call(
        &mut self,
        room: usize,
        from_me: bool,
        ms: i64,
        result: i64,
        seconds: i64,
    ) -> Result<i64, ContentError> {
        let here = &self.rooms[room];
        let group = if here.is_group() { here.jid_row } else { 0 };
        self.db.execute(
            "INSERT INTO call_log (jid_row_id, from_me, call_id, transaction_id, timestamp, video_call, duration, call_result,
             bytes_transferred, group_jid_row_id, is_joinable_group_call, call_type) VALUES (?, ?, ?, -1, ?, ?, ?, ?, ?, ?, ?, 0)",
            params![
                here.jid_row,
                from_me,
                format!("call:{}", self.dice.hex(32)),
                ms,
                self.dice.per_mille(250),
                seconds,
                result,
                seconds * 4_000,
                group,
                group != 0,
            ],
        )?;
        let call = self.db.last_insert_rowid();
        self.expected.call_log_rows += 1;
        let here = &self.rooms[room];
        if here.is_group() {
            for person in here.members.iter().take(3) {
                self.db.execute(
                    "INSERT INTO call_log_participant_v2 (call_log_row_id, jid_row_id, call_result) VALUES (?, ?, ?)",
                    params![call, here.member_row(&self.people[*person]), result],
                )?;
            }
        }
        Ok(call)
    }

    pub(super) fn miss_call(&mut self, room: usize) -> Result<(), ContentError> {
        let person = self.rooms[room].members.first().copied();
        let Some(written) = self.write(&self.plain(room, person, 10))? else { return Ok(()) };
        self.db.execute(
            "INSERT INTO missed_call_logs (message_row_id, timestamp, video_call) VALUES (?, ?, ?)",
            params![written.row, written.ms, self.dice.per_mille(250)],
        )?;
        self.expected.calls_in_conversation += 1;
        Ok(())
    }

    pub(super) fn plan_event(&mut self, room: usize) -> Result<(), ContentError> {
        let person = self.speaker(room);
        let name = format!("Werkbezoek {}", texts::place(&mut self.dice));
        let row = Row { text: Some(&name), flags: flag::EVENT, ..self.plain(room, person, 92) };
        let Some(written) = self.write(&row)? else { return Ok(()) };
        let starts = written.ms + self.dice.between(1, 20) * 86_400_000;
        self.db.execute(
            "INSERT INTO message_event (message_row_id, is_canceled, name, description, location_name, start_time, end_time, chat_row_id)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                written.row,
                self.dice.per_mille(100),
                name,
                format!("Verzamelen om {}", dutch(starts)?.strftime("%H.%M uur")),
                texts::place(&mut self.dice),
                starts,
                starts + 7_200_000,
                self.rooms[room].row,
            ],
        )?;
        self.expected.events += 1;
        Ok(())
    }

    pub(super) fn invite(&mut self, room: usize) -> Result<(), ContentError> {
        let Some(group) = self.rooms.iter().find(|r| r.is_group()).map(|r| (r.jid_row, r.subject.clone())) else {
            return self.say(room);
        };
        let person = self.speaker(room);
        let admin = person.map_or(self.people[0].pn_row, |p| self.rooms[room].member_row(&self.people[p]));
        let Some(written) = self.write(&self.plain(room, person, 24))? else { return Ok(()) };
        self.db.execute(
            "INSERT INTO message_group_invite (message_row_id, group_jid_row_id, admin_jid_row_id, group_name, invite_code, expiration,
             invite_time, expired) VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
            params![
                written.row,
                group.0,
                admin,
                group.1,
                self.dice.hex(16),
                written.ms / 1000 + 259_200,
                written.ms / 1000
            ],
        )?;
        self.expected.group_invites += 1;
        Ok(())
    }

    pub(super) fn write_unknown(&mut self, room: usize) -> Result<(), ContentError> {
        let person = self.speaker(room);
        let row = Row { text: Some("onbekende inhoud"), ..self.plain(room, person, UNEXPLAINED) };
        if self.write(&row)?.is_some() {
            self.expected.unknown_types += 1;
        }
        Ok(())
    }

    pub(super) fn write_future(&mut self, room: usize) -> Result<(), ContentError> {
        let person = self.speaker(room);
        let Some(written) = self.write(&self.plain(room, person, FUTURE))? else { return Ok(()) };
        self.db.execute(
            "INSERT INTO message_future (message_row_id, version, data, future_message_type) VALUES (?, 3, ?, ?)",
            params![written.row, self.dice.bytes::<48>().to_vec(), 120],
        )?;
        self.expected.future += 1;
        Ok(())
    }

    pub(super) fn write_waiting(&mut self, room: usize) -> Result<(), ContentError> {
        let person = self.rooms[room].members.first().copied();
        self.write(&self.plain(room, person, WAITING))?;
        Ok(())
    }
}
