//! Conversations: one with each contact that wrote or was written to, the groups, the distribution lists.

use super::{
    backup::Backup,
    entries::Entry,
    people::{People, Who},
    row::csv,
};
use crate::{ReadError, Summary, note, threema::Edition};
use foldhash::{HashMap, HashSet};
use std::collections::BTreeMap;
use uitlezen_chat::{
    Conversation, ConversationId, ConversationKind, ConversationNumber, EvidenceId, Membership, MembershipChange, Moment,
    NativeId, Source, Timer, TimerState,
};

/// Far more than an account has.
const MOST: usize = 1_000_000;
/// People met in all conversations together, and changes of members.
const MOST_MET: usize = 4_000_000;

/// A conversation, and the table that holds its messages.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) kind: ConversationKind,
    /// The entry with its messages; none when the backup has none.
    pub(super) entry: Option<String>,
    id: String,
    native: Vec<NativeId>,
    title: Option<String>,
    description: Option<String>,
    created: Option<Moment>,
    archived: bool,
    uninterpreted: BTreeMap<String, String>,
    /// The other one of a conversation between two.
    pub(super) partner: Option<Who>,
    members: Vec<Who>,
    people: Vec<Who>,
    changes: Vec<(Who, MembershipChange)>,
    pub(super) rows: u64,
    pub(super) damaged: bool,
    source: Source,
}

/// All of them, in the order of their tables.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) rooms: Vec<Room>,
    by_partner: HashMap<Who, u32>,
    by_group: HashMap<String, u32>,
    met: HashSet<(u32, Who)>,
    changes: usize,
    contacts: Option<u64>,
    pub(super) refused: u64,
}

/// The name of a group that stays equal from backup to backup.
pub(super) fn group_key(id: &str, creator: &str) -> String {
    format!("{}-{}", creator.trim(), id.trim().to_ascii_lowercase())
}

/// What tables of the three kinds have in common.
struct Known {
    table: &'static str,
    item: EvidenceId,
}

impl Known {
    fn source(&self, row: u64) -> Source {
        Source { item: self.item, table: self.table.into(), row: i64::try_from(row).unwrap_or(i64::MAX) }
    }
}

impl Book {
    /// Reads who and what there is. A table that is damaged ends there; the others are read all the same.
    pub(super) fn read(backup: &Backup, item: EvidenceId, people: &mut People, summary: &mut Summary) -> Result<Self, ReadError> {
        let mut book = Self::default();
        let contacts = book.contacts(backup, item, people, summary);
        note(summary, Entry::Contacts.table(), contacts)?;
        let groups = book.groups(backup, item, people, summary);
        note(summary, Entry::Groups.table(), groups)?;
        let lists = book.lists(backup, item, people);
        note(summary, Entry::Lists.table(), lists)?;
        book.strays(backup, item);
        summary.contacts_read = book.contacts;
        Ok(book)
    }

    fn contacts(
        &mut self,
        backup: &Backup,
        item: EvidenceId,
        people: &mut People,
        summary: &mut Summary,
    ) -> Result<(), ReadError> {
        let known = Known { table: Entry::Contacts.table(), item };
        let mut csv = csv(backup, "contacts.csv")?;
        let names = ["identity", "firstname", "lastname", "nick_name", "archived", "identity_id"];
        let [identity, first, last, nickname, archived, file] = csv.columns(names);
        if identity.is_none() {
            return Err(ReadError::NotAMessageStore);
        }
        // Until version 19 files are called by the Threema id itself.
        if file.is_none() && backup.version().is_some_and(|version| version >= 19) {
            summary.columns_missing.push("contacts.csv.identity_id".to_owned());
        }
        while let Some(row) = csv.next()? {
            self.contacts = Some(self.contacts.unwrap_or(0) + 1);
            let Some(who) = row.text(identity).and_then(|identity| people.of(identity)) else { continue };
            let full = [row.text(first), row.text(last)].into_iter().flatten().collect::<Vec<_>>().join(" ");
            people.name(who, &full, row.text(nickname).unwrap_or_default());
            let id = row.text(file).unwrap_or_else(|| people.identity(who));
            let entry = format!("message_{id}.csv");
            if !backup.has(&entry) || self.by_partner.contains_key(&who) {
                continue;
            }
            let room = Room {
                entry: Some(entry),
                native: vec![people.native(who)],
                archived: row.flag(archived),
                partner: Some(who),
                ..room(ConversationKind::Direct, people.identity(who).to_owned(), known.source(row.number))
            };
            if let Some(at) = self.add(room) {
                self.by_partner.insert(who, at);
                self.meet(at, who);
            }
        }
        Ok(())
    }

    fn groups(&mut self, backup: &Backup, item: EvidenceId, people: &mut People, summary: &mut Summary) -> Result<(), ReadError> {
        if !backup.has("groups.csv") {
            summary.tables_missing.push(Entry::Groups.table().to_owned());
            return Ok(());
        }
        let known = Known { table: Entry::Groups.table(), item };
        let mut csv = csv(backup, "groups.csv")?;
        let names = [
            "id",
            "creator",
            "groupname",
            "created_at",
            "members",
            "archived",
            "groupDesc",
            "group_uid",
            "user_state",
            "deleted",
        ];
        let [id, creator, title, created, members, archived, description, uid, state, deleted] = csv.columns(names);
        while let Some(row) = csv.next()? {
            let (api, made_by) = (row.text(id).unwrap_or_default(), row.text(creator).unwrap_or_default());
            let key = group_key(api, made_by);
            let uid = row.text(uid).map_or_else(|| format!("{api}-{made_by}"), str::to_owned);
            let entry = format!("group_message_{uid}.csv");
            let mut room = Room {
                entry: Some(entry).filter(|entry| backup.has(entry)),
                native: vec![NativeId { kind: "threema group".to_owned(), value: key.clone() }],
                title: row.text(title).map(str::to_owned),
                description: row.text(description).map(str::to_owned),
                created: row.number(created).filter(|at| *at > 0).map(Moment::from_millis),
                archived: row.flag(archived),
                ..room(ConversationKind::Group, format!("group:{key}"), known.source(row.number))
            };
            for (name, column) in [("groups.user_state", state), ("groups.deleted", deleted)] {
                let said = row.text(column).filter(|said| *said != "0");
                room.uninterpreted.extend(said.map(|said| (name.to_owned(), said.to_owned())));
            }
            let mut there: HashSet<Who> = HashSet::default();
            for member in row.list(members).chain([made_by]) {
                let Some(who) = people.of(member) else { continue };
                // Whoever made a group takes part in it as long as the list says so.
                if row.list(members).any(|named| named.trim() == member.trim()) && there.insert(who) {
                    room.members.push(who);
                }
            }
            let members = room.members.clone();
            let Some(at) = self.add(room) else { continue };
            self.by_group.entry(key).or_insert(at);
            members.into_iter().for_each(|who| self.meet(at, who));
        }
        Ok(())
    }

    fn lists(&mut self, backup: &Backup, item: EvidenceId, people: &mut People) -> Result<(), ReadError> {
        if !backup.has("distribution_list.csv") {
            return Ok(());
        }
        let known = Known { table: Entry::Lists.table(), item };
        let mut csv = csv(backup, "distribution_list.csv")?;
        let names = ["id", "distribution_list_name", "created_at", "distribution_members", "archived"];
        let [id, title, created, members, archived] = csv.columns(names);
        while let Some(row) = csv.next()? {
            let id = row.text(id).unwrap_or_default();
            let entry = format!("distribution_list_message_{id}.csv");
            let room = Room {
                entry: Some(entry).filter(|entry| backup.has(entry)),
                native: vec![NativeId { kind: "distribution list".to_owned(), value: id.to_owned() }],
                title: row.text(title).map(str::to_owned),
                created: row.number(created).filter(|at| *at > 0).map(Moment::from_millis),
                archived: row.flag(archived),
                members: row.list(members).filter_map(|member| people.of(member)).collect(),
                ..room(ConversationKind::Broadcast, format!("list:{id}"), known.source(row.number))
            };
            let members = room.members.clone();
            let Some(at) = self.add(room) else { continue };
            members.into_iter().for_each(|who| self.meet(at, who));
        }
        Ok(())
    }

    /// Tables of messages that no row names: their messages stand in a conversation of their own.
    fn strays(&mut self, backup: &Backup, item: EvidenceId) {
        let claimed: HashSet<&str> = self.rooms.iter().filter_map(|room| room.entry.as_deref()).collect();
        let mut strays = Vec::new();
        for name in backup.names().filter(|name| !claimed.contains(name)) {
            let entry = Entry::of(name);
            let (Entry::Messages(id) | Entry::GroupMessages(id) | Entry::ListMessages(id)) = entry else { continue };
            let table = name.trim_end_matches(".csv").trim_end_matches(id).trim_end_matches('_');
            let source = Source { item, table: entry.table().into(), row: 0 };
            let entry = Some(name.to_owned());
            strays.push(Room { entry, ..room(ConversationKind::Other, format!("table:{table}:{id}"), source) });
        }
        strays.into_iter().for_each(|room| {
            self.add(room);
        });
    }

    fn add(&mut self, room: Room) -> Option<u32> {
        let at = u32::try_from(self.rooms.len()).ok().filter(|_| self.rooms.len() < MOST);
        match at {
            Some(_) => self.rooms.push(room),
            None => self.refused += 1,
        }
        at
    }

    pub(super) fn meet(&mut self, at: u32, who: Who) {
        if self.met.len() >= MOST_MET && !self.met.contains(&(at, who)) {
            self.refused += 1;
        } else if self.met.insert((at, who))
            && let Some(room) = self.rooms.get_mut(at as usize)
        {
            room.people.push(who);
        }
    }

    pub(super) fn member_changed(&mut self, at: u32, who: Who, change: MembershipChange) {
        match self.rooms.get_mut(at as usize) {
            Some(room) if self.changes < MOST_MET => {
                room.changes.push((who, change));
                self.changes += 1;
            }
            _ => self.refused += 1,
        }
    }

    pub(super) fn with(&self, partner: Who) -> Option<u32> {
        self.by_partner.get(&partner).copied()
    }

    pub(super) fn group(&self, id: &str, creator: &str) -> Option<u32> {
        self.by_group.get(&group_key(id, creator)).copied()
    }

    /// When all rows were counted: a contact of whom nothing is there has no conversation.
    pub(super) fn settle(&mut self) -> Vec<Option<ConversationNumber>> {
        let mut next = 1;
        let numbers = self.rooms.iter().map(|room| {
            let there = room.kind == ConversationKind::Group || room.kind == ConversationKind::Broadcast;
            (there || room.rows > 0 || room.damaged).then(|| {
                next += 1;
                ConversationNumber(next - 1)
            })
        });
        numbers.collect()
    }

    /// The records of all conversations that have a number.
    pub(super) fn records(
        &self,
        numbers: &[Option<ConversationNumber>],
        people: &People,
        edition: Edition,
        summary: &mut Summary,
    ) -> Vec<Conversation> {
        let there = self.rooms.iter().zip(numbers).filter_map(|(room, number)| Some((room, (*number)?)));
        let records: Vec<_> = there.map(|(room, number)| room.record(number, people, edition)).collect();
        summary.conversations = records.len() as u64;
        records
    }
}

fn room(kind: ConversationKind, id: String, source: Source) -> Room {
    Room {
        kind,
        entry: None,
        id,
        native: Vec::new(),
        title: None,
        description: None,
        created: None,
        archived: false,
        uninterpreted: BTreeMap::new(),
        partner: None,
        members: Vec::new(),
        people: Vec::new(),
        changes: Vec::new(),
        rows: 0,
        damaged: false,
        source,
    }
}

impl Room {
    fn record(&self, number: ConversationNumber, people: &People, edition: Edition) -> Conversation {
        let others = self.people.iter().filter(|who| !people.is_holder(**who));
        let mut participants: Vec<_> = others.map(|who| people.participant(*who)).collect();
        participants.push(people.holder());
        let mut uninterpreted = self.uninterpreted.clone();
        if self.damaged {
            uninterpreted.insert("messages".to_owned(), "damaged".to_owned());
        }
        let native = match self.native.is_empty() {
            true => vec![NativeId { kind: "table".to_owned(), value: self.id.clone() }],
            false => self.native.clone(),
        };
        Conversation {
            id: ConversationId(format!("{}:{}", edition.app(), self.id)),
            number,
            app: edition.app().to_owned(),
            kind: self.kind,
            kind_raw: None,
            title: self.title.clone(),
            description: self.description.clone(),
            labels: Vec::new(),
            created: self.created.clone(),
            archived: self.archived,
            locked: false,
            uninterpreted,
            native,
            participants,
            membership: self.membership(people),
            timer: Timer {
                state: TimerState::OfAccount,
                since: None,
                basis: None,
                initiator_raw: None,
                changes: Vec::new(),
                source: None,
            },
            separation: Vec::new(),
            source: self.source.clone(),
        }
    }

    /// Who is in the group, and who came and went as far as notices say.
    fn membership(&self, people: &People) -> Vec<Membership> {
        let mut all: Vec<(Who, Membership)> = Vec::new();
        let entry =
            |who: Who, current| (who, Membership { participant: people.id(who), current, role: None, changes: Vec::new() });
        all.extend(self.members.iter().map(|who| entry(*who, true)));
        let mut places: HashMap<Who, usize> = all.iter().enumerate().map(|(at, (who, _))| (*who, at)).collect();
        for (who, change) in &self.changes {
            let at = *places.entry(*who).or_insert_with(|| {
                all.push(entry(*who, false));
                all.len() - 1
            });
            if let Some((_, membership)) = all.get_mut(at) {
                membership.changes.push(change.clone());
            }
        }
        all.into_iter().map(|(_, membership)| membership).collect()
    }
}
