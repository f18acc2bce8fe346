//! Conversations (`ZWACHATSESSION`), who is in them, and their timers.

use super::{
    people::People,
    row::MessageRow,
    time,
    timer::{self, Seen},
};
use crate::{
    ReadError, Summary,
    reading::{
        schema::Schema,
        value::{self, Repairs},
    },
    whatsapp::{Edition, reader::Scope},
};
use foldhash::{HashMap, HashSet};
use std::collections::BTreeMap;
use uitlezen_chat::{
    Conversation, ConversationId, ConversationKind, ConversationNumber, EvidenceId, Membership, MembershipChange, Moment,
    NameOrigin, NativeId, Role, Sender, Source,
};

/// Conversations made for messages that stand in none.
const MOST_INVENTED: usize = 10_000;
const MOST_MET: usize = 4_000_000;
const MOST_CHANGES: usize = 1_000;

/// What a message's conversation is to this reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Yes,
    Status,
    Newsletter,
}

#[derive(Debug)]
pub(super) struct Entry {
    jid: Option<String>,
    kind_raw: Option<i64>,
    title: Option<String>,
    archived: bool,
    created: Option<Moment>,
    uninterpreted: BTreeMap<String, String>,
    pub(super) kind: ConversationKind,
    pub(super) asked: Asked,
    pub(super) partner: Option<u32>,
    people: Vec<u32>,
    /// Whom the list of members names: still there, and an administrator.
    members: HashMap<u32, (bool, bool)>,
    changes: BTreeMap<u32, Vec<MembershipChange>>,
    seen: Seen,
    pub(super) messages: u64,
    pub(super) number: Option<ConversationNumber>,
    source: Source,
}

/// All conversations.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) entries: Vec<Entry>,
    by_session: HashMap<i64, usize>,
    /// Rows of `ZWAGROUPMEMBER`.
    by_member: HashMap<i64, u32>,
    met: HashSet<(usize, u32)>,
    invented: usize,
    pub(super) refused: u64,
}

/// Where a record stands in the evidence.
pub(super) fn source(item: EvidenceId, table: &'static str, row: i64) -> Source {
    Source { item, table: table.into(), row }
}

fn kind_of(jid: &str, code: Option<i64>) -> (ConversationKind, Asked) {
    match (jid.rsplit_once('@').map(|(_, server)| server), code) {
        _ if jid == "status@broadcast" || code == Some(3) => (ConversationKind::Other, Asked::Status),
        (Some("newsletter"), _) | (_, Some(5)) => (ConversationKind::Other, Asked::Newsletter),
        (Some("broadcast"), _) | (_, Some(2)) => (ConversationKind::Broadcast, Asked::Yes),
        (Some("g.us"), _) | (_, Some(1)) => (ConversationKind::Group, Asked::Yes),
        (Some("s.whatsapp.net" | "lid"), _) => (ConversationKind::Direct, Asked::Yes),
        _ => (ConversationKind::Other, Asked::Yes),
    }
}

impl Book {
    pub(super) fn load(
        schema: &Schema<'_>,
        repairs: &Repairs,
        item: EvidenceId,
        people: &mut People,
        summary: &mut Summary,
    ) -> Result<Self, ReadError> {
        let mut book = Self::default();
        let wanted = [
            "rowid",
            "zcontactjid",
            "zsessiontype",
            "zpartnername",
            "zarchived",
            "zremoved",
            "zhidden",
            "zflags",
            "zsavedinput",
            "zgroupinfo",
        ];
        let Some(columns) = schema.columns("zwachatsession", "c", &wanted) else { return Ok(book) };
        let info = schema.has_column("zwachatsession", "zgroupinfo") && schema.is_keyed("zwagroupinfo", "z_pk");
        let columns_of_info = schema.joined("zwagroupinfo", "g", &["zcreationdate", "zsourcejid", "zstate"]);
        let (columns_of_info, join) = if info {
            (columns_of_info, " LEFT JOIN zwagroupinfo g ON g.z_pk = c.zgroupinfo")
        } else {
            ("NULL, NULL, NULL".to_owned(), "")
        };
        let sql = format!("SELECT {columns}, {columns_of_info} FROM zwachatsession c{join} ORDER BY c.rowid");
        let mut all = schema.prepare(&sql)?;
        let mut rows = schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let Some(session) = value::int(row, 0) else { continue };
            let jid = repairs.text(row, 1);
            let kind_raw = value::int(row, 2);
            let (kind, asked) = kind_of(jid.as_deref().unwrap_or_default(), kind_raw);
            let title = repairs.text(row, 3);
            let mut uninterpreted = BTreeMap::new();
            for (column, name) in [
                (5, "ZWACHATSESSION.ZREMOVED"),
                (6, "ZWACHATSESSION.ZHIDDEN"),
                (7, "ZWACHATSESSION.ZFLAGS"),
                (11, "ZWAGROUPINFO.ZSOURCEJID"),
                (12, "ZWAGROUPINFO.ZSTATE"),
            ] {
                if let Some(raw) = value::raw(repairs, row, column).filter(|raw| raw != "0") {
                    uninterpreted.insert(name.to_owned(), raw);
                }
            }
            summary.not_asked.drafts += u64::from(repairs.text(row, 8).is_some());
            let partner = (kind == ConversationKind::Direct).then(|| people.person(jid.as_deref()?)).flatten();
            if let Some(partner) = partner {
                people.name(partner, title.clone(), NameOrigin::AppDirectory);
            }
            let entry = Entry {
                title: title.filter(|_| partner.is_none()),
                jid,
                kind_raw,
                archived: value::flag(row, 4),
                created: value::real(row, 10).and_then(time::moment),
                uninterpreted,
                kind,
                asked,
                partner,
                ..Entry::empty(source(item, "ZWACHATSESSION", session))
            };
            let index = book.add(entry);
            book.by_session.insert(session, index);
            if let Some(partner) = partner {
                book.meet(index, partner);
            }
        }
        Ok(book)
    }

    pub(super) fn members(&mut self, schema: &Schema<'_>, repairs: &Repairs, people: &mut People) -> Result<(), ReadError> {
        let wanted = ["rowid", "zchatsession", "zmemberjid", "zcontactname", "zisactive", "zisadmin"];
        let Some(columns) = schema.columns("zwagroupmember", "g", &wanted) else { return Ok(()) };
        let tells = schema.has_column("zwagroupmember", "zisactive");
        let mut all = schema.prepare(&format!("SELECT {columns} FROM zwagroupmember g ORDER BY g.rowid"))?;
        let mut rows = schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let Some(person) = repairs.text(row, 2).and_then(|jid| people.person(&jid)) else { continue };
            people.name(person, repairs.text(row, 3), NameOrigin::AppDirectory);
            if self.by_member.len() >= MOST_MET {
                self.refused += 1;
                continue;
            }
            self.by_member.extend(value::int(row, 0).map(|member| (member, person)));
            let Some(index) = value::int(row, 1).and_then(|session| self.by_session.get(&session).copied()) else { continue };
            self.meet(index, person);
            if let Some(entry) = self.entries.get_mut(index) {
                entry.members.insert(person, (tells && value::flag(row, 4), value::flag(row, 5)));
            }
        }
        Ok(())
    }

    fn add(&mut self, entry: Entry) -> usize {
        self.entries.push(entry);
        self.entries.len() - 1
    }

    /// Where a message stands; a conversation is made for one whose own has no row.
    pub(super) fn place(&mut self, row: &MessageRow, item: EvidenceId, summary: &mut Summary) -> Option<usize> {
        let session = row.session.unwrap_or(i64::MIN);
        if let Some(known) = self.by_session.get(&session) {
            return Some(*known);
        }
        if self.invented >= MOST_INVENTED {
            return None;
        }
        self.invented += 1;
        summary.oddities.without_conversation += 1;
        let index = self.add(Entry::empty(source(item, "ZWAMESSAGE", row.id)));
        self.by_session.insert(session, index);
        Some(index)
    }

    pub(super) fn find(&self, row: &MessageRow) -> Option<usize> {
        self.by_session.get(&row.session.unwrap_or(i64::MIN)).copied()
    }

    pub(super) fn of_member(&self, member: i64) -> Option<u32> {
        self.by_member.get(&member).copied()
    }

    /// Notes that somebody occurs in a conversation.
    pub(super) fn meet(&mut self, index: usize, person: u32) {
        if self.met.len() >= MOST_MET && !self.met.contains(&(index, person)) {
            self.refused += 1;
        } else if self.met.insert((index, person))
            && let Some(entry) = self.entries.get_mut(index)
        {
            entry.people.push(person);
        }
    }

    pub(super) fn occurs(&self, index: usize, person: u32) -> bool {
        self.met.contains(&(index, person))
    }

    /// A join or a leave.
    pub(super) fn changed(&mut self, index: usize, person: u32, change: MembershipChange) {
        let Some(entry) = self.entries.get_mut(index) else { return };
        let changes = entry.changes.entry(person).or_default();
        if changes.len() < MOST_CHANGES {
            changes.push(change);
        } else {
            self.refused += 1;
        }
    }

    /// A notice about the timer.
    pub(super) fn timer(&mut self, index: usize, at: Option<Moment>, by: Sender, seconds: Option<u64>, source: Source) {
        let Some(entry) = self.entries.get_mut(index) else { return };
        if !entry.seen.add(at, by, seconds, source) {
            self.refused += 1;
        }
    }

    /// The records of all conversations that are asked for, in the order of their rows.
    pub(super) fn records(
        &mut self,
        edition: Edition,
        scope: Scope,
        people: &People,
        summary: &mut Summary,
    ) -> Vec<Conversation> {
        let mut records = Vec::new();
        for entry in &mut self.entries {
            let asked = match entry.asked {
                Asked::Yes => true,
                Asked::Status => scope.status_broadcast,
                Asked::Newsletter => scope.newsletters,
            };
            if !asked {
                match entry.asked {
                    Asked::Status => summary.not_asked.status_messages += entry.messages,
                    _ => summary.not_asked.newsletter_messages += entry.messages,
                }
                continue;
            }
            if entry.jid.is_none() && entry.messages == 0 {
                summary.oddities.empty_conversations_without_address += 1;
                continue;
            }
            let Ok(number) = u32::try_from(records.len() + 1) else { break };
            let number = ConversationNumber(number);
            entry.number = Some(number);
            records.push(entry.record(edition, number, people, summary));
        }
        summary.conversations = records.len() as u64;
        records
    }
}

impl Entry {
    fn empty(source: Source) -> Self {
        Self {
            jid: None,
            kind_raw: None,
            title: None,
            archived: false,
            created: None,
            uninterpreted: BTreeMap::new(),
            kind: ConversationKind::Other,
            asked: Asked::Yes,
            partner: None,
            people: Vec::new(),
            members: HashMap::default(),
            changes: BTreeMap::new(),
            seen: Seen::default(),
            messages: 0,
            number: None,
            source,
        }
    }

    fn record(&mut self, edition: Edition, number: ConversationNumber, people: &People, summary: &mut Summary) -> Conversation {
        let others = || self.people.iter().copied().filter(|person| !people.is_holder(*person));
        let mut participants: Vec<_> = others().filter_map(|person| people.participant(person)).collect();
        summary.oddities.unresolved_lids += others().filter(|person| people.is_unresolved(*person)).count() as u64;
        participants.push(people.holder());
        let group = self.kind == ConversationKind::Group;
        let mut membership = Vec::new();
        if group {
            membership.extend(self.people.iter().filter_map(|person| self.membership(*person, people)));
        }
        let contact = self.partner.and_then(|partner| people.timer(partner));
        let timer = timer::of(self.kind, std::mem::take(&mut self.seen), contact, &mut self.uninterpreted);
        let native_kind = match self.kind {
            ConversationKind::Direct => "jid",
            ConversationKind::Group => "group jid",
            _ => "conversation jid",
        };
        let id = self.jid.clone().unwrap_or_else(|| format!("row:{}", self.source.row));
        Conversation {
            id: ConversationId(format!("{}:{id}", edition.app())),
            number,
            app: edition.app().to_owned(),
            kind: self.kind,
            kind_raw: self.kind_raw,
            title: self.title.take(),
            description: None,
            labels: Vec::new(),
            created: self.created.take(),
            archived: self.archived,
            locked: false,
            uninterpreted: std::mem::take(&mut self.uninterpreted),
            native: vec![NativeId { kind: native_kind.to_owned(), value: id }],
            participants,
            membership,
            timer,
            separation: Vec::new(),
            source: self.source.clone(),
        }
    }

    /// Somebody who wrote and is in no list was a member once: nobody knows when.
    fn membership(&self, person: u32, people: &People) -> Option<Membership> {
        let (current, admin) = self.members.get(&person).copied().unwrap_or_default();
        let role = self.members.contains_key(&person).then_some(if admin { Role::Admin } else { Role::Member });
        let changes = self.changes.get(&person).cloned().unwrap_or_default();
        Some(Membership { participant: people.id(person)?, current, role, changes })
    }
}
