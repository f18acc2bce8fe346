//! Conversations: between two, groups, a list, statuses and a channel.

use super::{
    WhatsAppOptions,
    apple::{entity, time},
    cast::{chose_name, is_contact, shown, written},
};
use crate::content::{
    ContentError,
    dice::Dice,
    people::Person,
    texts::{GROUPS, TOPICS},
};
use rusqlite::{Connection, params};
use std::collections::VecDeque;

/// A message that may still be answered.
#[derive(Clone, Debug)]
pub(super) struct Recent {
    pub(super) row: i64,
    pub(super) key: String,
    /// Who wrote it; none: the holder.
    pub(super) by: Option<usize>,
    pub(super) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RoomKind {
    Direct,
    Group,
    Broadcast,
}

#[derive(Clone, Debug)]
pub(super) struct Room {
    pub(super) row: i64,
    /// As the database has it, and as a reader should give it.
    pub(super) address: String,
    pub(super) resolved: String,
    pub(super) kind: RoomKind,
    /// Indexes of people with their row of `ZWAGROUPMEMBER` (0 between two).
    pub(super) members: Vec<(usize, i64)>,
    pub(super) past: Vec<(usize, i64)>,
    pub(super) topic: usize,
    pub(super) line: usize,
    pub(super) recent: VecDeque<Recent>,
    /// Seconds that the newest notice says.
    pub(super) timer: Option<u32>,
    pub(super) sort: i64,
}

impl Room {
    pub(super) fn is_group(&self) -> bool {
        self.kind == RoomKind::Group
    }

    pub(super) fn remember(&mut self, recent: Recent) {
        if self.recent.len() == 12 {
            self.recent.pop_front();
        }
        self.recent.push_back(recent);
    }
}

/// Whether a conversation with this person stands under the hidden id, and whether its row names the number beside it.
fn under_lid(person: &Person, at: usize) -> (bool, bool) {
    (person.lid.is_some() && (at % 2 == 1 || !person.has_number()), at % 4 == 1 && person.has_number())
}

pub(super) fn build(db: &Connection, options: &WhatsAppOptions, people: &[Person]) -> Result<Vec<Room>, ContentError> {
    let mut dice = Dice::new(options.seed, &format!("rooms {}", options.package()));
    let count = usize::try_from(options.messages / 60).unwrap_or(0).clamp(12, 300);
    let created = options.now * 1000 - 700 * 86_400_000;
    let mut rooms = Vec::with_capacity(count);
    let (mut groups, mut next) = (0, 1);
    for i in 0..count {
        let kind = match i {
            7 => RoomKind::Broadcast,
            _ if i % 3 == 1 => RoomKind::Group,
            _ => RoomKind::Direct,
        };
        let mut members: Vec<(usize, i64)> = Vec::new();
        let (address, resolved, name, number) = match kind {
            RoomKind::Direct => {
                let person = &people[next];
                members.push((next, 0));
                let (by_lid, beside) = under_lid(person, next);
                next = if next + 1 < people.len() { next + 1 } else { 1 };
                let stored = if by_lid { person.lid_jid().unwrap_or_default() } else { person.pn_jid() };
                let name = shown(person).map_or_else(|| written(person), str::to_owned);
                (stored, person.resolved_jid(), name, (by_lid && beside).then(|| person.pn_jid()))
            }
            RoomKind::Group => {
                groups += 1;
                let base = GROUPS[(groups - 1) % GROUPS.len()];
                let name = if groups > GROUPS.len() { format!("{base} {groups}") } else { base.to_owned() };
                let size = usize::try_from(dice.between(3, 14)).unwrap_or(3);
                while members.len() < size {
                    let person = 1 + dice.index(people.len() - 1);
                    if members.iter().all(|(known, _)| *known != person) {
                        members.push((person, 0));
                    }
                }
                let address = format!("120363{:012}@g.us", dice.below(1_000_000_000_000));
                (address.clone(), address, name, None)
            }
            RoomKind::Broadcast => {
                members.extend([(1, 0), (2, 0)]);
                let address = format!("{}@broadcast", 1_600_000_000 + dice.below(100_000_000));
                (address.clone(), address, "Alle wethouders".to_owned(), None)
            }
        };
        let group_info = if kind == RoomKind::Group {
            let by = if dice.per_mille(500) { 0 } else { members[0].0 };
            db.execute(
                "INSERT INTO ZWAGROUPINFO (Z_ENT, Z_OPT, ZSTATE, ZCREATIONDATE, ZCREATORJID, ZOWNERJID)
                 VALUES (?1, 1, 0, ?2, ?3, ?3)",
                params![entity("ZWAGROUPINFO"), time(created, false), people[by].pn_jid()],
            )?;
            Some(db.last_insert_rowid())
        } else {
            None
        };
        let session = match kind {
            RoomKind::Direct => 0,
            RoomKind::Group => 1,
            RoomKind::Broadcast => 2,
        };
        db.execute(
            "INSERT INTO ZWACHATSESSION (Z_ENT, Z_OPT, ZARCHIVED, ZFLAGS, ZHIDDEN, ZMESSAGECOUNTER, ZREMOVED, ZSESSIONTYPE,
               ZUNREADCOUNT, ZGROUPINFO, ZCONTACTIDENTIFIER, ZCONTACTJID, ZPARTNERNAME, ZSAVEDINPUT)
             VALUES (?, 1, ?, 0, 0, 0, ?, ?, 0, ?, ?, ?, ?, ?)",
            params![
                entity("ZWACHATSESSION"),
                i == 5,
                i == 6,
                session,
                group_info,
                number,
                address,
                name,
                (i == 2).then_some("nog niet af, "),
            ],
        )?;
        let row = db.last_insert_rowid();
        if let Some(info) = group_info {
            db.execute("UPDATE ZWAGROUPINFO SET ZCHATSESSION = ? WHERE Z_PK = ?", [row, info])?;
            for (n, (person, member)) in members.iter_mut().enumerate() {
                *member = add_member(db, row, &people[*person], n == 0, true, n)?;
            }
            add_member(db, row, &people[0], i == 1, true, 0)?;
        }
        rooms.push(Room {
            row,
            address,
            resolved,
            kind,
            members,
            past: Vec::new(),
            topic: dice.index(TOPICS.len()),
            line: 0,
            recent: VecDeque::new(),
            timer: None,
            sort: 0,
        });
    }
    for person in people.iter().filter(|p| chose_name(p)) {
        db.execute(
            "INSERT INTO ZWAPROFILEPUSHNAME (Z_ENT, Z_OPT, ZJID, ZPUSHNAME) VALUES (?, 1, ?, ?)",
            params![entity("ZWAPROFILEPUSHNAME"), person.resolved_jid(), person.name],
        )?;
    }
    Ok(rooms)
}

/// Puts somebody in a group; gives their row.
pub(super) fn add_member(
    db: &Connection,
    chat: i64,
    person: &Person,
    admin: bool,
    active: bool,
    at: usize,
) -> Result<i64, ContentError> {
    // New groups write members under their hidden ids.
    let address = match person.lid_jid() {
        Some(lid) if !person.has_number() || at % 2 == 1 => lid,
        _ => person.pn_jid(),
    };
    db.prepare_cached(
        "INSERT INTO ZWAGROUPMEMBER (Z_ENT, Z_OPT, ZISACTIVE, ZISADMIN, ZSENDERKEYSENT, ZCHATSESSION, ZCONTACTNAME, ZFIRSTNAME,
           ZMEMBERJID) VALUES (?, 1, ?, ?, 1, ?, ?, ?, ?)",
    )?
    .execute(params![
        entity("ZWAGROUPMEMBER"),
        active,
        admin,
        chat,
        is_contact(person).then_some(&person.name),
        is_contact(person).then_some(&person.given),
        address,
    ])?;
    Ok(db.last_insert_rowid())
}
