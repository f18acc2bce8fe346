//! A conversation while it is being written: who is in it, what was said last, what its timer is.

use super::address::{self, JidKind};
use super::dice::Dice;
use super::options::Options;
use super::people::Person;
use super::texts::{GROUPS, Speaker};
use super::{ContentError, people};
use rusqlite::{Connection, params};
use std::collections::VecDeque;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RoomKind {
    Direct,
    Group,
    /// The announcement group of a community (`chat.group_type` 1).
    Community,
}

/// A message that may still be answered, quoted or changed by an increment.
#[derive(Clone, Debug)]
pub(super) struct Recent {
    pub key: String,
    pub from_me: bool,
    /// `message.sender_jid_row_id`.
    pub sender: i64,
    /// Index of the person, for messages of others.
    pub person: Option<usize>,
    pub ms: i64,
    pub kind: i64,
    pub text: String,
    /// Taken back since: `key` is the first one, and only a quote still has the words.
    pub revoked: bool,
}

/// A switch of the timer that is still to come: after this share of the messages.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimerPlan {
    pub at_per_mille: u64,
    pub seconds: u32,
    pub by: Speaker,
}

#[derive(Clone, Debug)]
pub(super) struct Room {
    pub row: i64,
    pub jid_row: i64,
    pub stored_jid: String,
    pub resolved_jid: String,
    pub kind: RoomKind,
    pub subject: Option<String>,
    /// Others are written under their hidden id.
    pub by_lid: bool,
    /// Indexes of people; one for a direct conversation.
    pub members: Vec<usize>,
    /// (person, left by themselves, ms).
    pub past: Vec<(usize, bool, i64)>,
    pub holder_left: bool,
    pub topic: usize,
    /// How far the talk on this topic is.
    pub line: usize,
    pub recent: VecDeque<Recent>,
    pub timers: VecDeque<TimerPlan>,
    pub timer: u32,
    pub timer_set_ms: i64,
    pub timer_by_me: bool,
    pub created_ms: i64,
    pub first_row: i64,
    pub last: (i64, i64),
}

impl Room {
    pub(super) fn is_group(&self) -> bool {
        self.kind != RoomKind::Direct
    }

    /// The row under which this person writes here: 0 in a direct conversation.
    pub(super) fn sender_row(&self, person: &Person) -> i64 {
        if self.kind == RoomKind::Direct { 0 } else { self.member_row(person) }
    }

    /// The row under which this person is a member or actor here.
    pub(super) fn member_row(&self, person: &Person) -> i64 {
        if person.pn_row == 0 || self.by_lid && person.lid_row != 0 { person.lid_row } else { person.pn_row }
    }

    pub(super) fn remember(&mut self, recent: Recent) {
        if self.recent.len() == 12 {
            self.recent.pop_front();
        }
        self.recent.push_back(recent);
    }
}

/// What the first conversations are, so that every trait of the format occurs in small databases too.
#[derive(Clone, Copy)]
enum Shape {
    Direct { lid: Lid },
    Group { by_lid: bool, community: bool },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Lid {
    No,
    Mapped,
    Unresolved,
}

fn shape(i: usize) -> Shape {
    match i {
        0 | 4 | 5 | 10 | 11 => Shape::Direct { lid: Lid::No },
        1 | 6 | 8 => Shape::Group { by_lid: false, community: false },
        2 => Shape::Direct { lid: Lid::Mapped },
        3 => Shape::Group { by_lid: true, community: false },
        7 => Shape::Direct { lid: Lid::Unresolved },
        9 => Shape::Group { by_lid: false, community: true },
        i if i % 3 == 0 => Shape::Group { by_lid: i % 2 == 0, community: false },
        i if i % 5 == 0 => Shape::Direct { lid: Lid::Mapped },
        _ => Shape::Direct { lid: Lid::No },
    }
}

fn timers(i: usize) -> VecDeque<TimerPlan> {
    let plan = |at_per_mille, seconds, by| TimerPlan { at_per_mille, seconds, by };
    match i {
        // On for a while, off now.
        4 => [plan(200, 604_800, Speaker::Other), plan(450, 0, Speaker::Holder)].into(),
        // On now.
        5 => [plan(700, 604_800, Speaker::Holder)].into(),
        6 => [plan(600, 7_776_000, Speaker::Other)].into(),
        // Changed from one value to another.
        7 => [plan(300, 86_400, Speaker::Other), plan(800, 7_776_000, Speaker::Other)].into(),
        _ => VecDeque::new(),
    }
}

/// Make the conversations and their rows in `jid` and `chat`.
pub(super) fn build(
    db: &Connection,
    options: &Options,
    cast: &[Person],
    count: usize,
    start_ms: i64,
) -> Result<Vec<Room>, ContentError> {
    let mut dice = Dice::new(options.seed, "rooms");
    let mut free: VecDeque<usize> = (1..cast.len()).collect();
    let mut rooms: Vec<Room> = Vec::with_capacity(count);
    let mut groups = 0;
    for i in 0..count {
        let created_ms = start_ms + i64::try_from(i).unwrap_or(0) * 1_000;
        let mut room = match shape(i) {
            Shape::Direct { lid } => direct(cast, &mut free, lid, &mut dice),
            Shape::Group { by_lid, community } => {
                groups += 1;
                group(db, options, cast, groups, by_lid, community, &mut dice)?
            }
        };
        room.created_ms = created_ms;
        room.holder_left = i == 8;
        if options.timers {
            room.timers = timers(i);
        }
        let group_type = i64::from(room.kind == RoomKind::Community);
        let participation = match (room.is_group(), room.holder_left) {
            (false, _) => None,
            (true, true) => Some(1),
            (true, false) => Some(2),
        };
        let account = room.members.first().filter(|_| !room.is_group()).map(|p| cast[*p].lid_row).filter(|row| *row != 0);
        db.execute(
            "INSERT INTO chat (jid_row_id, hidden, subject, created_timestamp, archived, sort_timestamp, group_type, chat_lock,
             participation_status, account_jid_row_id, group_member_count, is_contact) VALUES (?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                room.jid_row,
                room.subject,
                created_ms,
                i == 10,
                created_ms,
                group_type,
                i64::from(i == 11),
                participation,
                account,
                if room.is_group() { room.members.len() as i64 + 1 } else { 0 },
                !room.is_group() && room.members.first().is_some_and(|p| cast[*p].in_address_book()),
            ],
        )?;
        room.row = db.last_insert_rowid();
        rooms.push(room);
    }
    Ok(rooms)
}

fn empty(kind: RoomKind, dice: &mut Dice) -> Room {
    Room {
        row: 0,
        jid_row: 0,
        stored_jid: String::new(),
        resolved_jid: String::new(),
        kind,
        subject: None,
        by_lid: false,
        members: Vec::new(),
        past: Vec::new(),
        holder_left: false,
        topic: dice.index(super::texts::TOPICS.len()),
        line: 0,
        recent: VecDeque::new(),
        timers: VecDeque::new(),
        timer: 0,
        timer_set_ms: 0,
        timer_by_me: false,
        created_ms: 0,
        first_row: 0,
        last: (0, 0),
    }
}

fn direct(cast: &[Person], free: &mut VecDeque<usize>, lid: Lid, dice: &mut Dice) -> Room {
    let fits = |p: &Person| match lid {
        Lid::No => p.has_number(),
        Lid::Mapped => p.has_number() && p.lid_row != 0,
        Lid::Unresolved => p.known == people::Known::LidDirectory,
    };
    let at = free.iter().position(|p| fits(&cast[*p])).unwrap_or(0);
    let partner = free.remove(at).unwrap_or(1);
    let person = &cast[partner];
    let mut room = empty(RoomKind::Direct, dice);
    room.by_lid = lid != Lid::No;
    room.members = vec![partner];
    room.jid_row = room.member_row(person);
    room.resolved_jid = person.resolved_jid();
    room.stored_jid = if room.jid_row == person.lid_row { person.lid_jid().unwrap_or_default() } else { person.pn_jid() };
    room
}

fn group(
    db: &Connection,
    options: &Options,
    cast: &[Person],
    number: usize,
    by_lid: bool,
    community: bool,
    dice: &mut Dice,
) -> Result<Room, ContentError> {
    let mut room = empty(if community { RoomKind::Community } else { RoomKind::Group }, dice);
    let base = GROUPS[(number - 1) % GROUPS.len()];
    let mut subject = if number > GROUPS.len() { format!("{base} {number}") } else { base.to_owned() };
    if let (Some(canary), 1) = (&options.canary, number) {
        subject = format!("{subject} {canary}");
    }
    room.subject = Some(subject);
    room.by_lid = by_lid;
    let size = (3 + dice.index(10)).min(cast.len() - 1);
    let mut others: Vec<usize> = (1..cast.len()).collect();
    // Members come from the front of the cast, whose names are of every kind.
    others.truncate(40.max(size));
    dice.shuffle(&mut others);
    // A group by number can hold nobody who is known by hidden id alone.
    others.retain(|p| by_lid || cast[*p].has_number());
    if by_lid && let Some(hidden) = (1..cast.len()).find(|p| !cast[*p].has_number()) {
        others.retain(|p| *p != hidden);
        others.insert(0, hidden);
    }
    others.truncate(size);
    room.members = others;
    let user = format!("1203630{:011}", 10_000_000_000 + dice.below(80_000_000_000));
    room.jid_row = address::add(db, &user, JidKind::Group)?;
    room.stored_jid = format!("{user}@g.us");
    room.resolved_jid.clone_from(&room.stored_jid);
    Ok(room)
}
