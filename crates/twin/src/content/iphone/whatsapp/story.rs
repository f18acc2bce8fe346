//! The messages, one after another as time goes by: first every kind in each of the first conversations, then by weight.

use super::{
    WhatsAppExpected, WhatsAppOptions,
    apple::{entity, time},
    room::{Recent, Room},
    timers,
    wire::Wire,
};
use crate::{
    backup::BackupFile,
    content::{
        ContentError,
        dice::Dice,
        people::Person,
        story::Calendar,
        texts::{TOPICS, sentence},
    },
};
use base64::{Engine, prelude::BASE64_STANDARD};
use rusqlite::{Connection, params, types::Value};
use std::collections::VecDeque;

/// A kind of thing that happens, and its weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Reply,
    Link,
    Forward,
    Starred,
    Failed,
    Reactions,
    Revoked,
    Waiting,
    Image,
    Video,
    Sound,
    Document,
    Gif,
    Sticker,
    VideoNote,
    NotFetched,
    Offloaded,
    ViewOnce,
    Album,
    Place,
    Cards,
    Poll,
    MissedCall,
    Template,
    Subject,
    Joined,
    Left,
    Picture,
    Described,
    Added,
    Code,
    Deleted,
    UnknownType,
    UnknownEvent,
}

#[rustfmt::skip]
const WEIGHTS: [(Kind, u64); 35] = [
    (Kind::Text, 7_400), (Kind::Reply, 450), (Kind::Link, 120), (Kind::Forward, 90), (Kind::Starred, 30), (Kind::Failed, 10),
    (Kind::Reactions, 500), (Kind::Revoked, 60), (Kind::Waiting, 4), (Kind::Image, 380), (Kind::Video, 50), (Kind::Sound, 120),
    (Kind::Document, 120), (Kind::Gif, 15), (Kind::Sticker, 40), (Kind::VideoNote, 8), (Kind::NotFetched, 30), (Kind::Offloaded, 20),
    (Kind::ViewOnce, 10), (Kind::Album, 12), (Kind::Place, 25), (Kind::Cards, 20), (Kind::Poll, 20), (Kind::MissedCall, 30),
    (Kind::Template, 10), (Kind::Subject, 6), (Kind::Joined, 6), (Kind::Left, 6), (Kind::Picture, 6), (Kind::Described, 5),
    (Kind::Added, 8), (Kind::Code, 12), (Kind::Deleted, 25), (Kind::UnknownType, 4), (Kind::UnknownEvent, 3),
];

impl Kind {
    fn fits(self, room: &Room, oddities: bool, left: u64) -> bool {
        match self {
            Self::Subject | Self::Joined | Self::Picture | Self::Described | Self::Added => room.is_group(),
            Self::Left => room.is_group() && room.members.len() > 3,
            Self::MissedCall | Self::Code => room.kind == super::room::RoomKind::Direct,
            Self::Reply => !room.recent.is_empty(),
            Self::Album => left > 4,
            Self::UnknownType | Self::UnknownEvent | Self::Template => oddities,
            _ => true,
        }
    }
}

pub(super) struct Story<'a> {
    pub(super) db: &'a Connection,
    pub(super) options: &'a WhatsAppOptions,
    pub(super) people: &'a [Person],
    pub(super) rooms: Vec<Room>,
    pub(super) expected: WhatsAppExpected,
    pub(super) files: Vec<BackupFile>,
    pub(super) dice: Dice,
    calendar: Calendar,
    /// Ids of messages that are given out and then not used leave a gap.
    next_row: i64,
    pending_gap: u64,
    pub(super) files_made: u64,
    texts_made: u64,
}

/// Cells of a row beside those that every row has.
pub(super) type Cells = Vec<(&'static str, Value)>;

/// What was written.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) row: i64,
    pub(super) key: String,
    /// Unix milliseconds.
    pub(super) ms: i64,
}

pub(super) fn cell(name: &'static str, value: impl Into<Value>) -> (&'static str, Value) {
    (name, value.into())
}

impl<'a> Story<'a> {
    pub(super) fn new(db: &'a Connection, options: &'a WhatsAppOptions, people: &'a [Person], rooms: Vec<Room>) -> Self {
        let of = |kind| rooms.iter().filter(|room: &&Room| room.kind == kind).count() as u64;
        let expected = WhatsAppExpected {
            conversations: rooms.len() as u64,
            direct: of(super::room::RoomKind::Direct),
            groups: of(super::room::RoomKind::Group),
            broadcasts: of(super::room::RoomKind::Broadcast),
            drafts: 1,
            holder: people[0].pn_jid(),
            ..WhatsAppExpected::default()
        };
        Self {
            db,
            options,
            people,
            rooms,
            expected,
            files: Vec::new(),
            dice: Dice::new(options.seed, &format!("story {}", options.package())),
            calendar: Calendar::new(options.now, options.messages),
            next_row: 1,
            pending_gap: 0,
            files_made: 0,
            texts_made: 0,
        }
    }

    fn left(&self) -> u64 {
        self.options.messages.max(1).saturating_sub(self.expected.messages)
    }

    pub(super) fn tell(&mut self) -> Result<(), ContentError> {
        let total: u64 = WEIGHTS.iter().map(|(_, weight)| weight).sum();
        let first = self.rooms.len().min(3);
        let mut shows: VecDeque<(usize, Kind)> =
            WEIGHTS.iter().flat_map(|(kind, _)| (0..first).map(move |room| (room, *kind))).collect();
        // Something must have been said before it can be answered.
        (0..first).for_each(|room| shows.push_front((room, Kind::Text)));
        let mut plans = timers::plans(self.options);
        let mut room = 0;
        while self.left() > 0 {
            let reached = self.expected.messages * 1000 / self.options.messages.max(1);
            if let Some(plan) = plans.pop_if(|plan| plan.at_per_mille <= reached) {
                self.set_timer(plan)?;
                continue;
            }
            let (at, kind) = shows.pop_front().unwrap_or_else(|| {
                // A conversation goes on for a while.
                if self.dice.per_mille(300) {
                    room = self.dice.index(self.rooms.len());
                }
                let mut drawn = self.dice.below(total);
                let kind = WEIGHTS.iter().find(|(_, weight)| {
                    let hit = drawn < *weight;
                    drawn = drawn.saturating_sub(*weight);
                    hit
                });
                (room, kind.map_or(Kind::Text, |(kind, _)| *kind))
            });
            // A conversation begins with the app's own notice.
            if self.rooms[at].sort == 0 && self.left() > 1 {
                self.encrypted(at)?;
            }
            let kind = if kind.fits(&self.rooms[at], self.options.oddities, self.left()) { kind } else { Kind::Text };
            self.happen(at, kind)?;
        }
        // The newest message was taken away by its owner.
        self.skip(2);
        Ok(())
    }

    fn happen(&mut self, room: usize, kind: Kind) -> Result<(), ContentError> {
        match kind {
            Kind::Text | Kind::Starred | Kind::Failed | Kind::Reactions => self.say(room, kind),
            Kind::Reply => self.reply(room),
            Kind::Link => self.link(room),
            Kind::Forward => self.forward(room),
            Kind::Revoked => self.revoked(room),
            Kind::Waiting => self.plain(room, 12, "waiting"),
            Kind::Image
            | Kind::Video
            | Kind::Sound
            | Kind::Document
            | Kind::Gif
            | Kind::Sticker
            | Kind::VideoNote
            | Kind::NotFetched
            | Kind::Offloaded => self.show(room, kind),
            Kind::ViewOnce => self.view_once(room),
            Kind::Album => self.album(room),
            Kind::Place => self.place(room),
            Kind::Cards => self.cards(room),
            Kind::Poll => self.poll(room),
            Kind::Template => self.template(room),
            Kind::UnknownType => self.unknown_type(room),
            Kind::MissedCall
            | Kind::Subject
            | Kind::Joined
            | Kind::Left
            | Kind::Picture
            | Kind::Described
            | Kind::Added
            | Kind::Code
            | Kind::UnknownEvent => self.notice(room, kind),
            Kind::Deleted => {
                let gone = self.dice.between(1, 3);
                self.skip(gone);
                self.say(room, Kind::Text)
            }
        }
    }

    fn skip(&mut self, rows: i64) {
        self.next_row += rows;
        self.pending_gap += rows.unsigned_abs();
    }

    /// Who speaks: the holder (none), or one of the others.
    pub(super) fn speaker(&mut self, room: usize) -> Option<usize> {
        let members = &self.rooms[room].members;
        // In a list only the holder speaks.
        if self.rooms[room].kind == super::room::RoomKind::Broadcast || self.dice.per_mille(420) {
            return None;
        }
        Some(self.dice.index(members.len()))
    }

    /// The next thing that is said here.
    pub(super) fn text(&mut self, room: usize) -> String {
        let of = &mut self.rooms[room];
        let mut text = sentence(TOPICS[of.topic], &mut of.line, &mut self.dice);
        if self.dice.per_mille(40) {
            of.topic = self.dice.index(TOPICS.len());
        }
        self.texts_made += 1;
        if let Some(canary) = &self.options.canary
            && self.texts_made % 10 == 1
        {
            text.push(' ');
            text.push_str(canary);
            self.expected.canary_texts += 1;
        }
        text
    }

    /// The address under which a member writes here.
    pub(super) fn address(&self, room: usize, member: Option<usize>) -> String {
        match member {
            None => self.people[0].pn_jid(),
            Some(at) if self.rooms[room].is_group() => {
                let person = &self.people[self.rooms[room].members[at].0];
                if person.has_number() { person.pn_jid() } else { person.resolved_jid() }
            }
            Some(_) => self.rooms[room].address.clone(),
        }
    }

    /// Writes a row that becomes a record of this kind. `from` is a place among the members of the conversation.
    pub(super) fn record(
        &mut self,
        room: usize,
        from: Option<usize>,
        code: i64,
        word: &str,
        more: Cells,
    ) -> Result<Written, ContentError> {
        let ms = self.calendar.tick(self.expected.messages, &mut self.dice);
        let of = &mut self.rooms[room];
        of.sort += 1;
        let (chat, sort, group, address) = (of.row, of.sort, of.is_group(), of.address.clone());
        let member = from.and_then(|at| of.members.get(at)).map(|(_, row)| *row).filter(|row| *row > 0);
        let written = self.row(chat, sort, from.is_none(), code, ms, more, (group, member, address))?;
        self.expected.messages += 1;
        *self.expected.by_kind.entry(word.to_owned()).or_default() += 1;
        Ok(written)
    }

    #[allow(clippy::too_many_arguments, reason = "a row has many columns")]
    fn row(
        &mut self,
        chat: i64,
        sort: i64,
        own: bool,
        code: i64,
        ms: i64,
        more: Cells,
        (group, member, address): (bool, Option<i64>, String),
    ) -> Result<Written, ContentError> {
        let key = format!("3EB0{}", self.dice.hex(16));
        let mut pushed = Wire::default().number(1, ms.unsigned_abs() / 1000);
        if own {
            pushed = pushed.text(3, &self.people[0].pn_jid());
        }
        let notice = matches!(code, 6 | 10 | 28);
        let at = time(ms, own && !notice);
        let mut cells: Cells = vec![
            cell("Z_PK", self.next_row),
            cell("Z_ENT", entity("ZWAMESSAGE")),
            cell("Z_OPT", 1_i64),
            cell("ZCHATSESSION", chat),
            cell("ZSORT", sort),
            cell("ZISFROMME", i64::from(own && !notice)),
            cell("ZMESSAGETYPE", code),
            // Ordinary messages that came in carry a 2 there, as measured.
            cell("ZGROUPEVENTTYPE", if own || notice { 0_i64 } else { 2 }),
            cell("ZMESSAGESTATUS", if notice { 0_i64 } else { 8 }),
            cell("ZMESSAGEDATE", at),
            cell("ZSTANZAID", key.clone()),
            cell("ZPUSHNAME", BASE64_STANDARD.encode(pushed.number(4, 1).done())),
            cell("ZSTARRED", 0_i64),
        ];
        if !notice {
            cells.push(cell("ZSENTDATE", at));
        }
        if let Some(member) = member {
            cells.push(cell("ZGROUPMEMBER", member));
        }
        if own && !notice {
            cells.push(cell("ZTOJID", address));
        } else if group || !own {
            cells.push(cell("ZFROMJID", address));
        }
        for (name, value) in more {
            match cells.iter_mut().find(|(known, _)| *known == name) {
                Some(known) => known.1 = value,
                None => cells.push((name, value)),
            }
        }
        let names: Vec<&str> = cells.iter().map(|(name, _)| *name).collect();
        let marks = vec!["?"; names.len()].join(", ");
        let sql = format!("INSERT INTO ZWAMESSAGE ({}) VALUES ({marks})", names.join(", "));
        self.db.prepare_cached(&sql)?.execute(rusqlite::params_from_iter(cells.iter().map(|(_, value)| value)))?;
        self.expected.absent += std::mem::take(&mut self.pending_gap);
        let row = self.next_row;
        self.next_row += 1;
        Ok(Written { row, key, ms })
    }

    /// A media row for a message.
    pub(super) fn media(&mut self, to: &Written, mut cells: Cells, metadata: Option<Wire>) -> Result<(), ContentError> {
        cells.push(cell("Z_ENT", entity("ZWAMEDIAITEM")));
        cells.push(cell("Z_OPT", 1_i64));
        cells.push(cell("ZMESSAGE", to.row));
        if let Some(metadata) = metadata {
            cells.push(cell("ZMETADATA", metadata.done()));
        }
        let names: Vec<&str> = cells.iter().map(|(name, _)| *name).collect();
        let marks = vec!["?"; names.len()].join(", ");
        let sql = format!("INSERT INTO ZWAMEDIAITEM ({}) VALUES ({marks})", names.join(", "));
        self.db.prepare_cached(&sql)?.execute(rusqlite::params_from_iter(cells.iter().map(|(_, value)| value)))?;
        let media = self.db.last_insert_rowid();
        self.db.prepare_cached("UPDATE ZWAMESSAGE SET ZMEDIAITEM = ? WHERE Z_PK = ?")?.execute([media, to.row])?;
        Ok(())
    }

    pub(super) fn info(&mut self, to: &Written, receipts: Wire) -> Result<(), ContentError> {
        self.db
            .prepare_cached("INSERT INTO ZWAMESSAGEINFO (Z_ENT, Z_OPT, ZMESSAGE, ZRECEIPTINFO) VALUES (?, 1, ?, ?)")?
            .execute(params![entity("ZWAMESSAGEINFO"), to.row, receipts.done()])?;
        let info = self.db.last_insert_rowid();
        self.db.prepare_cached("UPDATE ZWAMESSAGE SET ZMESSAGEINFO = ? WHERE Z_PK = ?")?.execute([info, to.row])?;
        Ok(())
    }

    /// Notes what a record must say.
    pub(super) fn said(&mut self, room: usize, by: Option<usize>, written: &Written, text: &str) {
        let recent = Recent { row: written.row, key: written.key.clone(), by, text: text.to_owned() };
        self.rooms[room].remember(recent);
        self.expected.texts.insert(written.row, text.to_owned());
    }

    /// Statuses and a channel: rows that nobody asks for.
    pub(super) fn left_out(&mut self) -> Result<(), ContentError> {
        for (session, address, name, rows) in
            [(3, "status@broadcast", "Status", 7), (5, "120363999999999999@newsletter", "Gemeentenieuws", 5)]
        {
            self.db.execute(
                "INSERT INTO ZWACHATSESSION (Z_ENT, Z_OPT, ZARCHIVED, ZHIDDEN, ZREMOVED, ZSESSIONTYPE, ZCONTACTJID, ZPARTNERNAME)
                 VALUES (?, 1, 0, 0, 0, ?, ?, ?)",
                params![entity("ZWACHATSESSION"), session, address, name],
            )?;
            let chat = self.db.last_insert_rowid();
            for sort in 1..=rows {
                let ms = self.calendar.tick(self.expected.messages, &mut self.dice);
                let cells = vec![cell("ZTEXT", "hier leest niemand mee".to_owned())];
                self.row(chat, sort, false, 0, ms, cells, (false, None, address.to_owned()))?;
            }
        }
        self.expected.status_messages = 7;
        self.expected.newsletter_messages = 5;
        self.skip(3);
        Ok(())
    }

    pub(super) fn finish(mut self) -> (Vec<Room>, WhatsAppExpected, Vec<BackupFile>, i64) {
        self.expected.absent_after = self.pending_gap;
        for room in &self.rooms {
            for (person, _) in room.members.iter().chain(&room.past) {
                let person = &self.people[*person];
                self.expected.lids_unresolved += u64::from(!person.has_number());
                if let Some(name) = super::cast::shown(person).filter(|_| room.kind != super::room::RoomKind::Broadcast) {
                    self.expected.names.insert(person.resolved_jid(), name.to_owned());
                }
            }
        }
        (self.rooms, self.expected, self.files, self.next_row)
    }
}
