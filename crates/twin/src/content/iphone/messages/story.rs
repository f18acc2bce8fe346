//! The messages, one after another as time goes by: first every kind in each of the first conversations, then by weight.

use super::{
    MessagesExpected, MessagesOptions,
    room::{self, Contact, Room},
};
use crate::{
    backup::BackupFile,
    content::{
        ContentError,
        dice::Dice,
        story::Calendar,
        texts::{TOPICS, sentence},
    },
};
use rusqlite::{Connection, types::Value};
use std::collections::VecDeque;

/// A kind of thing that happens, and its weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Reply,
    Mention,
    Link,
    Edited,
    EditedParts,
    Unsent,
    UnsentPart,
    Image,
    Video,
    Voice,
    Document,
    Offloaded,
    NotNamed,
    Sticker,
    Vote,
    Reactions,
    ReactionGone,
    Failed,
    Joined,
    Removed,
    Renamed,
    Left,
    Picture,
    Sharing,
    Deleted,
    DeletedPart,
    Balloon,
    UnknownItem,
    Undecodable,
}

#[rustfmt::skip]
const WEIGHTS: [(Kind, u64); 30] = [
    (Kind::Text, 7_600), (Kind::Reply, 350), (Kind::Mention, 60), (Kind::Link, 120), (Kind::Edited, 120), (Kind::EditedParts, 15),
    (Kind::Unsent, 40), (Kind::UnsentPart, 10), (Kind::Image, 350), (Kind::Video, 40), (Kind::Voice, 120), (Kind::Document, 120),
    (Kind::Offloaded, 20), (Kind::NotNamed, 8), (Kind::Sticker, 25), (Kind::Vote, 6), (Kind::Reactions, 700), (Kind::ReactionGone, 8),
    (Kind::Failed, 15), (Kind::Joined, 10), (Kind::Removed, 5), (Kind::Renamed, 6), (Kind::Left, 6), (Kind::Picture, 5),
    (Kind::Sharing, 8), (Kind::Deleted, 15), (Kind::DeletedPart, 4), (Kind::Balloon, 10), (Kind::UnknownItem, 3), (Kind::Undecodable, 1),
];

impl Kind {
    fn fits(self, room: &Room, oddities: bool) -> bool {
        match self {
            Self::Joined | Self::Renamed | Self::Mention | Self::Picture => room.group,
            Self::Removed | Self::Left => room.group && room.members.len() > 3,
            Self::Reply | Self::Sticker | Self::Vote | Self::Reactions | Self::DeletedPart => !room.recent.is_empty(),
            Self::UnknownItem | Self::Undecodable | Self::Balloon => oddities,
            _ => true,
        }
    }
}

/// Nanoseconds since 2001 of a Unix time in milliseconds.
pub(super) fn ns_of(ms: i64) -> i64 {
    (ms - 978_307_200_000) * 1_000_000
}

pub(super) struct Story<'a> {
    pub(super) db: &'a Connection,
    pub(super) options: &'a MessagesOptions,
    pub(super) people: &'a mut Vec<Contact>,
    pub(super) rooms: Vec<Room>,
    pub(super) expected: MessagesExpected,
    pub(super) files: Vec<BackupFile>,
    pub(super) dice: Dice,
    calendar: Calendar,
    /// Ids of messages that are given out and then not used leave a gap.
    pub(super) next_row: i64,
    pub(super) files_made: u64,
    texts_made: u64,
}

/// Cells of a row beside those that every row has.
pub(super) type Cells = Vec<(&'static str, Value)>;

/// What was written.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) row: i64,
    pub(super) guid: String,
    /// Unix milliseconds.
    pub(super) ms: i64,
}

pub(super) fn cell(name: &'static str, value: impl Into<Value>) -> (&'static str, Value) {
    (name, value.into())
}

impl<'a> Story<'a> {
    pub(super) fn new(db: &'a Connection, options: &'a MessagesOptions, people: &'a mut Vec<Contact>, rooms: Vec<Room>) -> Self {
        let expected = MessagesExpected {
            conversations: rooms.len() as u64,
            groups: rooms.iter().filter(|room| room.group).count() as u64,
            direct: rooms.iter().filter(|room| !room.group).count() as u64,
            ..MessagesExpected::default()
        };
        Self {
            db,
            options,
            people,
            rooms,
            expected,
            files: Vec::new(),
            dice: Dice::new(options.seed, "imessage story"),
            calendar: Calendar::new(options.now, options.messages),
            next_row: 1,
            files_made: 0,
            texts_made: 0,
        }
    }

    pub(super) fn tell(&mut self) -> Result<(), ContentError> {
        let target = self.options.messages.max(1);
        let total: u64 = WEIGHTS.iter().map(|(_, weight)| weight).sum();
        let first = self.rooms.len().min(3);
        let mut shows: VecDeque<(usize, Kind)> =
            WEIGHTS.iter().flat_map(|(kind, _)| (0..first).map(move |room| (room, *kind))).collect();
        // Something must have been said before it can be answered.
        (0..first).for_each(|room| shows.push_front((room, Kind::Text)));
        let mut room = 0;
        while self.expected.messages < target {
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
            let kind = if kind.fits(&self.rooms[at], self.options.oddities) { kind } else { Kind::Text };
            self.happen(at, kind)?;
        }
        Ok(())
    }

    fn happen(&mut self, room: usize, kind: Kind) -> Result<(), ContentError> {
        match kind {
            Kind::Text => self.say(room),
            Kind::Reply => self.reply(room),
            Kind::Mention => self.mention(room),
            Kind::Link => self.link(room),
            Kind::Edited => self.edited(room),
            Kind::EditedParts => self.edited_parts(room),
            Kind::Unsent => self.unsent(room),
            Kind::UnsentPart => self.unsent_part(room),
            Kind::Failed => self.failed(room),
            Kind::Image | Kind::Video | Kind::Voice | Kind::Document | Kind::Offloaded | Kind::NotNamed => self.show(room, kind),
            Kind::Sticker => self.sticker(room),
            Kind::Vote => self.vote(room),
            Kind::Reactions => self.react(room),
            Kind::ReactionGone => self.react_to_nothing(room),
            Kind::Joined | Kind::Removed | Kind::Renamed | Kind::Left | Kind::Picture | Kind::Sharing => self.notice(room, kind),
            Kind::Deleted => self.deleted(room),
            Kind::DeletedPart => self.deleted_part(room),
            Kind::Balloon => self.balloon(room),
            Kind::UnknownItem => self.unknown_item(room),
            Kind::Undecodable => self.undecodable(room),
        }
    }

    /// Who speaks: the holder (none), or one of the others.
    pub(super) fn speaker(&mut self, room: usize) -> Option<usize> {
        if self.dice.per_mille(420) {
            return None;
        }
        let members = &self.rooms[room].members;
        Some(members[self.dice.index(members.len())])
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

    pub(super) fn guid(&mut self) -> String {
        let hex = self.dice.hex(32);
        [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
    }

    pub(super) fn handle(&mut self, person: usize, service: &str) -> Result<i64, ContentError> {
        room::handle(self.db, &mut self.people[person], service)
    }

    /// Writes a row, in no conversation yet.
    pub(super) fn row(&mut self, room: usize, from: Option<usize>, more: Cells) -> Result<Written, ContentError> {
        let (service, group) = (self.rooms[room].service, self.rooms[room].group);
        let ms = self.calendar.tick(self.expected.messages, &mut self.dice);
        let guid = self.guid();
        // In a conversation between two the holder's rows name the other; in a group nobody.
        let handle = match from {
            Some(person) => self.handle(person, service)?,
            None if group => 0,
            None => {
                let partner = self.rooms[room].members[0];
                self.handle(partner, service)?
            }
        };
        let later = ns_of(ms + self.dice.between(800, 90_000));
        let mut cells: Cells = vec![
            cell("ROWID", self.next_row),
            cell("guid", guid.clone()),
            cell("handle_id", handle),
            cell("service", service.to_owned()),
            cell("date", ns_of(ms)),
            cell("is_from_me", i64::from(from.is_none())),
            cell("is_finished", 1_i64),
            cell("is_sent", i64::from(from.is_none())),
            cell("destination_caller_id", self.people[0].address.clone()),
        ];
        match from {
            Some(_) => cells.push(cell("date_read", later)),
            None if service != "SMS" => cells.push(cell("date_delivered", later)),
            None => {}
        }
        for (name, value) in more {
            match cells.iter_mut().find(|(known, _)| *known == name) {
                Some(known) => known.1 = value,
                None => cells.push((name, value)),
            }
        }
        let names: Vec<&str> = cells.iter().map(|(name, _)| *name).collect();
        let marks = vec!["?"; names.len()].join(", ");
        let sql = format!("INSERT INTO message ({}) VALUES ({marks})", names.join(", "));
        self.db.prepare_cached(&sql)?.execute(rusqlite::params_from_iter(cells.iter().map(|(_, value)| value)))?;
        let row = self.next_row;
        self.next_row += 1;
        Ok(Written { row, guid, ms })
    }

    /// Puts a row in its conversation.
    pub(super) fn join(&mut self, room: usize, written: &Written) -> Result<(), ContentError> {
        self.db
            .prepare_cached("INSERT INTO chat_message_join (chat_id, message_id, message_date) VALUES (?, ?, ?)")?
            .execute([self.rooms[room].row, written.row, ns_of(written.ms)])?;
        Ok(())
    }

    /// Writes a row that becomes a record of this kind.
    pub(super) fn record(&mut self, room: usize, from: Option<usize>, kind: &str, more: Cells) -> Result<Written, ContentError> {
        let written = self.row(room, from, more)?;
        self.join(room, &written)?;
        self.expected.messages += 1;
        *self.expected.by_kind.entry(kind.to_owned()).or_default() += 1;
        *self.expected.services.entry(self.rooms[room].service.to_owned()).or_default() += 1;
        Ok(written)
    }

    /// Notes what a record must say.
    pub(super) fn said(&mut self, room: usize, written: &Written, text: &str) {
        self.rooms[room].remember(&written.guid, text);
        self.expected.texts.insert(written.guid.clone(), text.to_owned());
    }

    pub(super) fn finish(self) -> (MessagesExpected, Vec<BackupFile>) {
        (self.expected, self.files)
    }
}
