//! The messages, one after another as time goes by.
//!
//! [`Story::tell`] writes exactly as many rows as were asked: first every kind of message once in each of the first
//! conversations, then by weight. Rows of different conversations stand mixed, as they arrived.

mod calendar;
mod closing;
mod marks;
mod media_rows;
mod notices;
mod sayings;
mod things;

pub(super) use calendar::Calendar;

use super::ContentError;
use super::app::Edition;
use super::dice::Dice;
use super::file::VirtualFile;
use super::options::Options;
use super::people::Person;
use super::record::{AppExpected, ConversationExpected};
use super::room::{Recent, Room, RoomKind};
use super::texts::TOPICS;
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, VecDeque};

/// `message.status` of a notice.
pub(super) const STATUS_NOTICE: i64 = 6;
/// `message.origination_flags`.
pub(super) mod flag {
    pub(crate) const FORWARDED: i64 = 1;
    pub(crate) const EPHEMERAL: i64 = 256;
    pub(crate) const SYSTEM: i64 = 512;
    pub(crate) const VOICE_NOTE: i64 = 32_768;
    pub(crate) const EDITED: i64 = 131_072;
    pub(crate) const ALBUM: i64 = 67_108_864;
    pub(crate) const EVENT: i64 = 536_870_912;
}

/// A kind of thing that happens, its weight, and whether it needs a group or a direct conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Reply,
    Edited,
    RevokedBySender,
    RevokedByAdmin,
    Forwarded,
    Mention,
    Link,
    Starred,
    Image,
    Voice,
    Audio,
    Video,
    VideoNote,
    Gif,
    Sticker,
    Document,
    ViewOnce,
    Album,
    Place,
    LivePlace,
    Card,
    Cards,
    Poll,
    Call,
    MissedCall,
    Event,
    GroupInvite,
    Unknown,
    Future,
    Waiting,
    Scene,
    Join,
    Leave,
    SubjectChange,
    SecurityCode,
    NumberChange,
}

#[rustfmt::skip]
const WEIGHTS: [(Kind, u64); 37] = [
    (Kind::Text, 7_000), (Kind::Reply, 600), (Kind::Edited, 150), (Kind::RevokedBySender, 100), (Kind::RevokedByAdmin, 15),
    (Kind::Forwarded, 150), (Kind::Mention, 150), (Kind::Link, 100), (Kind::Starred, 60), (Kind::Image, 350), (Kind::Voice, 220),
    (Kind::Audio, 15), (Kind::Video, 50), (Kind::VideoNote, 10), (Kind::Gif, 30), (Kind::Sticker, 60), (Kind::Document, 170),
    (Kind::ViewOnce, 20), (Kind::Album, 12), (Kind::Place, 25), (Kind::LivePlace, 8), (Kind::Card, 25), (Kind::Cards, 5),
    (Kind::Poll, 20), (Kind::Call, 60), (Kind::MissedCall, 20), (Kind::Event, 10), (Kind::GroupInvite, 8), (Kind::Unknown, 6),
    (Kind::Future, 4), (Kind::Waiting, 4), (Kind::Scene, 10), (Kind::Join, 12), (Kind::Leave, 10), (Kind::SubjectChange, 5),
    (Kind::SecurityCode, 10), (Kind::NumberChange, 4),
];

impl Kind {
    fn fits(self, room: &Room, options: &Options) -> bool {
        match self {
            Self::Join | Self::SubjectChange => room.kind == RoomKind::Group,
            Self::Leave => room.kind == RoomKind::Group && room.members.len() > 2,
            Self::Mention | Self::RevokedByAdmin => room.is_group(),
            Self::SecurityCode | Self::Scene => room.kind == RoomKind::Direct,
            Self::NumberChange => room.kind == RoomKind::Direct && !room.by_lid,
            Self::Card | Self::Cards => options.cards_in_lid_chats || room.stored_jid == room.resolved_jid,
            _ => true,
        }
    }
}

pub(super) struct Story<'a> {
    pub(super) db: &'a Connection,
    pub(super) options: &'a Options,
    pub(super) edition: &'a Edition,
    pub(super) people: &'a [Person],
    pub(super) rooms: Vec<Room>,
    pub(super) expected: AppExpected,
    pub(super) files: BTreeMap<String, VirtualFile>,
    pub(super) dice: Dice,
    pub(super) calendar: Calendar,
    /// The id of the next row of `message`; 1 is the sentinel's.
    pub(super) next_row: i64,
    pub(super) media_made: u64,
    /// Texts made so far; decides which carry the canary.
    pub(super) texts_made: u64,
    pub(super) captions_made: u64,
    pub(super) renumbered: u64,
}

/// A row of `message` about to be written.
pub(super) struct Row<'t> {
    pub(super) room: usize,
    /// Index of the person who sends; `None` is the holder.
    pub(super) person: Option<usize>,
    pub(super) kind: i64,
    pub(super) text: Option<&'t str>,
    pub(super) flags: i64,
    pub(super) starred: bool,
}

/// What was written.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) row: i64,
    pub(super) key: String,
    pub(super) ms: i64,
    pub(super) sender: i64,
}

impl Story<'_> {
    pub(super) fn tell(&mut self) -> Result<(), ContentError> {
        let target = self.options.messages.max(1);
        for room in 0..self.rooms.len() {
            self.open_room(room)?;
        }
        let shows = self.shows();
        self.tell_until(target, shows)
    }

    /// What happened since, up to a backup that was made at `end` (Unix seconds).
    pub(super) fn go_on(&mut self, end: i64) -> Result<(), ContentError> {
        if self.options.later_days == 0 {
            return Ok(());
        }
        let (told, later) = (self.expected.messages, self.options.later_messages);
        self.calendar.go_on(end, u64::from(self.options.later_days), told, later);
        self.tell_until(told + later, VecDeque::new())
    }

    fn tell_until(&mut self, target: u64, mut shows: VecDeque<(usize, Kind)>) -> Result<(), ContentError> {
        let mut room = 0;
        let total: u64 = WEIGHTS.iter().map(|(_, w)| w).sum();
        while self.expected.messages < target {
            if self.switch_due_timer(self.expected.messages * 1000 / target)? {
                continue;
            }
            let (at, kind) = match shows.pop_front() {
                Some(show) => show,
                None => {
                    room = self.next_room(room);
                    let mut drawn = self.dice.below(total);
                    let kind = WEIGHTS.iter().find(|(_, w)| {
                        let hit = drawn < *w;
                        drawn = drawn.saturating_sub(*w);
                        hit
                    });
                    (room, kind.map_or(Kind::Text, |(kind, _)| *kind))
                }
            };
            let left = target - self.expected.messages;
            // Albums and scenes take up to five rows.
            let roomy = left >= 5 || !matches!(kind, Kind::Album | Kind::Scene);
            self.happen(at, if roomy && kind.fits(&self.rooms[at], self.options) { kind } else { Kind::Text })?;
        }
        Ok(())
    }

    /// Every kind once in each of the first four conversations.
    fn shows(&self) -> VecDeque<(usize, Kind)> {
        let first = self.rooms.len().min(4);
        WEIGHTS
            .iter()
            .flat_map(|(kind, _)| (0..first).map(move |room| (room, *kind)))
            .filter(|(room, kind)| kind.fits(&self.rooms[*room], self.options))
            .collect()
    }

    /// People stay in a conversation for a while; some conversations are far busier than others.
    fn next_room(&mut self, current: usize) -> usize {
        if self.dice.per_mille(800) {
            return current;
        }
        let n = self.rooms.len() as u64;
        // The square of a uniform draw: the first tenth of the conversations gets a third of the messages.
        let draw = self.dice.below(n * n);
        let next = usize::try_from(draw.isqrt()).unwrap_or(0);
        let next = self.rooms.len() - 1 - next.min(self.rooms.len() - 1);
        if self.dice.per_mille(600) {
            self.rooms[next].topic = self.dice.index(TOPICS.len());
        }
        next
    }

    fn happen(&mut self, room: usize, kind: Kind) -> Result<(), ContentError> {
        match kind {
            Kind::Text => self.say(room),
            Kind::Reply => self.reply(room),
            Kind::Edited => self.say_edited(room),
            Kind::RevokedBySender => self.say_revoked(room, false),
            Kind::RevokedByAdmin => self.say_revoked(room, true),
            Kind::Forwarded => self.say_forwarded(room),
            Kind::Mention => self.say_mention(room),
            Kind::Link => self.say_link(room),
            Kind::Starred => self.say_starred(room),
            Kind::Scene => self.play_scene(room),
            Kind::Image => self.show(room, media_rows::IMAGE),
            Kind::Voice => self.show(room, media_rows::VOICE),
            Kind::Audio => self.show(room, media_rows::AUDIO),
            Kind::Video => self.show(room, media_rows::VIDEO),
            Kind::VideoNote => self.show(room, media_rows::VIDEO_NOTE),
            Kind::Gif => self.show(room, media_rows::GIF),
            Kind::Sticker => self.show(room, media_rows::STICKER),
            Kind::Document => self.show(room, media_rows::DOCUMENT),
            Kind::ViewOnce => self.show_once(room),
            Kind::Album => self.show_album(room),
            Kind::Place => self.share_place(room, false),
            Kind::LivePlace => self.share_place(room, true),
            Kind::Card => self.share_cards(room, 1),
            Kind::Cards => self.share_cards(room, 3),
            Kind::Poll => self.ask_poll(room),
            Kind::Call => self.call(room),
            Kind::MissedCall => self.miss_call(room),
            Kind::Event => self.plan_event(room),
            Kind::GroupInvite => self.invite(room),
            Kind::Unknown => self.write_unknown(room),
            Kind::Future => self.write_future(room),
            Kind::Waiting => self.write_waiting(room),
            Kind::Join => self.join(room),
            Kind::Leave => self.leave(room),
            Kind::SubjectChange => self.change_subject(room),
            Kind::SecurityCode => self.change_security_code(room),
            Kind::NumberChange => self.change_number(room),
        }
    }

    /// Who speaks: the holder in two of five, else somebody in the room.
    pub(super) fn speaker(&mut self, room: usize) -> Option<usize> {
        let members = self.rooms[room].members.len();
        if members == 0 || self.dice.per_mille(400) { None } else { Some(self.rooms[room].members[self.dice.index(members)]) }
    }

    /// One row of `message` with what hangs on every row: the counts, the expiry mark, receipts. `None` when the
    /// message would have expired before the backup was made: then only its row id is used up.
    pub(super) fn write(&mut self, row: &Row<'_>) -> Result<Option<Written>, ContentError> {
        let ms = self.calendar.tick(self.expected.messages, &mut self.dice);
        let id = self.next_row;
        self.next_row += 1;
        let room = &self.rooms[row.room];
        let notice = row.flags & flag::SYSTEM != 0;
        let timer = if notice { 0 } else { i64::from(room.timer) };
        let expires = ms + timer * 1000;
        let kept = timer > 0 && self.dice.per_mille(30);
        if timer > 0 && expires <= self.calendar.end_ms && !kept {
            self.expected.vanished += 1;
            return Ok(None);
        }
        let from_me = row.person.is_none() && !notice;
        let sender =
            row.person.map_or(0, |p| if notice { room.member_row(&self.people[p]) } else { room.sender_row(&self.people[p]) });
        let key = format!("{}{}", if from_me { "3EB0" } else { "AC" }, self.dice.hex(if from_me { 18 } else { 30 }));
        let status = match (notice, from_me) {
            (true, _) => STATUS_NOTICE,
            (false, false) => 0,
            // 13 is read, 5 delivered, 4 at the server.
            (false, true) => [13, 13, 13, 5, 4][self.dice.index(5)],
        };
        let received = ms + self.dice.between(80, 3_000);
        self.db
            .prepare_cached(
                "INSERT INTO message (_id, chat_row_id, from_me, key_id, sender_jid_row_id, status, broadcast, recipient_count,
                 origination_flags, origin, timestamp, received_timestamp, receipt_server_timestamp, message_type, text_data, starred,
                 lookup_tables, message_add_on_flags, view_mode, sort_id)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7, ?8, 0, ?9, ?10, ?11, ?12, ?13, ?14, 0, 0, 0, ?1)",
            )?
            .execute(params![
                id,
                room.row,
                from_me,
                key,
                sender,
                status,
                if room.is_group() { room.members.len() as i64 } else { 0 },
                row.flags | if timer > 0 { flag::EPHEMERAL } else { 0 },
                ms,
                received,
                if from_me { received } else { -1 },
                row.kind,
                row.text,
                row.starred,
            ])?;
        if timer > 0 {
            self.db
                .prepare_cached(
                    "INSERT INTO message_ephemeral (message_row_id, duration, expire_timestamp, keep_in_chat, ephemeral_trigger,
                     ephemeral_initiated_by_me) VALUES (?, ?, ?, ?, 1, ?)",
                )?
                .execute(params![id, timer, expires, kept, room.timer_by_me])?;
            self.expected.expiring += 1;
        }
        self.count(row);
        let room = &mut self.rooms[row.room];
        if room.first_row == 0 {
            room.first_row = id;
        }
        room.last = (id, ms);
        let written = Written { row: id, key, ms, sender };
        if from_me {
            self.acknowledge(row.room, &written)?;
        }
        Ok(Some(written))
    }

    fn count(&mut self, row: &Row<'_>) {
        let room = &self.rooms[row.room];
        let expected = &mut self.expected;
        expected.messages += 1;
        *expected.by_type.entry(row.kind).or_default() += 1;
        if row.flags & flag::SYSTEM != 0 {
            expected.system += 1;
        }
        if row.starred {
            expected.starred += 1;
        }
        let conversation = expected
            .per_conversation
            .entry(room.resolved_jid.clone())
            .or_insert_with(|| ConversationExpected { stored_jid: room.stored_jid.clone(), ..ConversationExpected::default() });
        conversation.messages += 1;
    }

    pub(super) fn remember(&mut self, room: usize, person: Option<usize>, kind: i64, text: &str, written: &Written) {
        self.rooms[room].remember(Recent {
            key: written.key.clone(),
            from_me: person.is_none(),
            sender: written.sender,
            person,
            ms: written.ms,
            kind,
            text: text.to_owned(),
            revoked: false,
        });
    }
}
