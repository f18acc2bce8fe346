//! Conversations, and the people in them as far as they wrote or are the other side.
//!
//! Who is in a group without ever having written is in a table that the reference does not explain.

use super::row::{self, Said};
use crate::{
    ReadError, Summary,
    reading::{
        schema::Schema,
        value::{self, Repairs},
    },
    threema::{Edition, HOLDER},
};
use foldhash::{HashMap, HashSet};
use std::collections::BTreeMap;
use uitlezen_chat::{
    Conversation, ConversationId, ConversationKind, ConversationNumber, EvidenceId, NameOrigin, NativeId, Participant,
    ParticipantId, ParticipantName, Sender, Source, Timer, TimerState,
};

const MOST_PEOPLE: usize = 1_000_000;
const MOST_MET: usize = 4_000_000;
const MOST_INVENTED: usize = 10_000;

/// A row of `ZCONTACT`.
#[derive(Debug)]
struct Person {
    id: String,
    identity: Option<String>,
    names: Vec<ParticipantName>,
}

/// One conversation.
#[derive(Debug)]
struct Entry {
    row: i64,
    title: Option<String>,
    kind: ConversationKind,
    /// Row of the contact on the other side.
    partner: Option<i64>,
    people: Vec<i64>,
    unreadable: bool,
    /// As it stands, in hex.
    group_id: Option<String>,
    source: Source,
}

/// Everybody and every conversation.
#[derive(Debug)]
pub(super) struct Parties {
    item: EvidenceId,
    edition: Edition,
    identity: Option<String>,
    people: HashMap<i64, Person>,
    entries: Vec<Entry>,
    by_row: HashMap<i64, usize>,
    met: HashSet<(usize, i64)>,
    invented: usize,
    pub(super) contacts: Option<u64>,
    /// Rows of the table of messages, when the pass came to its end.
    pub(super) rows: Option<u64>,
    pub(super) refused: u64,
}

/// Where a record stands in the evidence.
pub(super) fn source(item: EvidenceId, table: &'static str, row: i64) -> Source {
    Source { item, table: table.into(), row }
}

impl Parties {
    pub(super) fn new(item: EvidenceId, edition: Edition, identity: Option<&str>) -> Self {
        Self {
            item,
            edition,
            identity: identity.map(str::to_owned),
            people: HashMap::default(),
            entries: Vec::new(),
            by_row: HashMap::default(),
            met: HashSet::default(),
            invented: 0,
            contacts: None,
            rows: None,
            refused: 0,
        }
    }

    pub(super) fn contacts(&mut self, schema: &Schema<'_>, repairs: &Repairs, summary: &mut Summary) -> Result<(), ReadError> {
        let wanted = ["rowid", "zidentity", "zfirstname", "zlastname", "zpublicnickname"];
        let Some(columns) = schema.columns("zcontact", "c", &wanted) else { return Ok(()) };
        let mut all = schema.prepare(&format!("SELECT {columns} FROM zcontact c"))?;
        let mut rows = schema.bounded(all.query([])?);
        let mut count = 0;
        while let Some(row) = rows.next()? {
            count += 1;
            let Some(contact) = value::int(row, 0) else { continue };
            if self.people.len() >= MOST_PEOPLE {
                self.refused += 1;
                continue;
            }
            let said = [1, 2, 3, 4].map(|column| Said::of(row, column, repairs));
            summary.undecoded.attributes += u64::from(said.contains(&Said::Unreadable));
            let [identity, first, last, nickname] = said.map(Said::text);
            let full: Vec<String> = [first, last].into_iter().flatten().collect();
            let mut names = Vec::new();
            for (name, origin) in
                [(full.join(" "), NameOrigin::AppContacts), (nickname.unwrap_or_default(), NameOrigin::PushName)]
            {
                let name = name.trim().to_owned();
                if !name.is_empty() {
                    names.push(ParticipantName { name, origin });
                }
            }
            let id = identity.clone().unwrap_or_else(|| format!("contact-row:{contact}"));
            self.people.insert(contact, Person { id, identity, names });
        }
        self.contacts = Some(count);
        Ok(())
    }

    pub(super) fn conversations(
        &mut self,
        schema: &Schema<'_>,
        repairs: &Repairs,
        summary: &mut Summary,
    ) -> Result<(), ReadError> {
        let Some(columns) = schema.columns("zconversation", "c", &["rowid", "zcontact", "zgroupname"]) else { return Ok(()) };
        // Of a group the contact is whoever made it, so without this a group that has no name would be taken for the two of them.
        let group_id = if schema.has_column("zconversation", "zgroupid") { "c.zgroupid" } else { "NULL" };
        let mut all = schema.prepare(&format!("SELECT {columns}, {group_id} FROM zconversation c ORDER BY c.rowid"))?;
        let mut rows = schema.bounded(all.query([])?);
        while let Some(row) = rows.next()? {
            let Some(conversation) = value::int(row, 0) else { continue };
            let partner = value::positive(row, 1);
            let title = Said::of(row, 2, repairs);
            let unreadable = title == Said::Unreadable;
            summary.undecoded.attributes += u64::from(unreadable);
            let group_id = row::opaque(row, 3);
            // Only groups have an id or a name.
            let kind = match (&title, partner) {
                _ if group_id.is_some() => ConversationKind::Group,
                (Said::Text(_) | Said::Unreadable, _) => ConversationKind::Group,
                (Said::Nothing, Some(_)) => ConversationKind::Direct,
                (Said::Nothing, None) => ConversationKind::Other,
            };
            // Whoever made a group takes part in it as long as it is theirs.
            let contact = partner;
            let partner = partner.filter(|_| kind == ConversationKind::Direct);
            let index = self.add(Entry {
                row: conversation,
                title: title.text(),
                kind,
                partner,
                people: Vec::new(),
                unreadable,
                group_id,
                source: source(self.item, "ZCONVERSATION", conversation),
            });
            if let Some(contact) = contact {
                self.meet(index, contact);
            }
        }
        Ok(())
    }

    fn add(&mut self, entry: Entry) -> usize {
        let index = self.entries.len();
        self.by_row.insert(entry.row, index);
        self.entries.push(entry);
        index
    }

    fn meet(&mut self, index: usize, contact: i64) {
        if self.met.len() >= MOST_MET && !self.met.contains(&(index, contact)) {
            self.refused += 1;
        } else if self.people.contains_key(&contact)
            && self.met.insert((index, contact))
            && let Some(entry) = self.entries.get_mut(index)
        {
            entry.people.push(contact);
        }
    }

    /// Who wrote where. No text is read.
    pub(super) fn senders(&mut self, schema: &Schema<'_>, _: &Repairs, summary: &mut Summary) -> Result<(), ReadError> {
        let Some(columns) = schema.columns("zmessage", "m", &["rowid", "zconversation", "zsender"]) else { return Ok(()) };
        let mut all = schema.prepare(&format!("SELECT {columns} FROM zmessage m"))?;
        let mut rows = schema.bounded(all.query([])?);
        let mut passed = 0;
        while let Some(row) = rows.next()? {
            let Some(message) = value::int(row, 0) else { continue };
            passed += 1;
            let conversation = row::conversation(row, 1);
            let index = match self.by_row.get(&conversation) {
                Some(index) => *index,
                // Counted as dropped when the pass over the messages meets it.
                None if self.invented >= MOST_INVENTED => continue,
                None => {
                    self.invented += 1;
                    self.add(Entry {
                        row: conversation,
                        title: None,
                        kind: ConversationKind::Other,
                        partner: None,
                        people: Vec::new(),
                        unreadable: false,
                        group_id: None,
                        source: source(self.item, "ZMESSAGE", message),
                    })
                }
            };
            if let Some(sender) = value::positive(row, 2) {
                self.meet(index, sender);
            }
            let invented = self.entries.get(index).is_some_and(|entry| entry.source.table == "ZMESSAGE");
            summary.oddities.without_conversation += u64::from(invented);
        }
        self.rows = Some(passed);
        Ok(())
    }

    /// The number of the conversation of this row.
    pub(super) fn number(&self, conversation: i64) -> Option<ConversationNumber> {
        let index = self.by_row.get(&conversation)?;
        u32::try_from(index + 1).ok().map(ConversationNumber)
    }

    /// Who wrote a message that is not the holder's.
    pub(super) fn sender(&self, conversation: i64, contact: Option<i64>) -> Sender {
        let entry = self.by_row.get(&conversation).and_then(|index| self.entries.get(*index));
        let contact = contact.or_else(|| entry?.partner);
        let person = contact.and_then(|contact| self.people.get(&contact));
        person.map_or(Sender::Unknown, |person| Sender::Participant(ParticipantId(person.id.clone())))
    }

    /// The records of all conversations, in the order of their rows.
    pub(super) fn records(&self, summary: &mut Summary) -> Vec<Conversation> {
        let mut records = Vec::with_capacity(self.entries.len());
        for (index, entry) in self.entries.iter().enumerate() {
            let Ok(number) = u32::try_from(index + 1) else { break };
            records.push(self.record(entry, ConversationNumber(number)));
        }
        summary.conversations = records.len() as u64;
        records
    }

    fn record(&self, entry: &Entry, number: ConversationNumber) -> Conversation {
        let people = entry.people.iter().filter_map(|contact| self.people.get(contact));
        let mut participants: Vec<Participant> = people.map(Person::participant).collect();
        participants.push(self.holder());
        let partner = entry.partner.and_then(|contact| self.people.get(&contact));
        let native = match partner {
            Some(Person { identity: Some(identity), .. }) => NativeId { kind: "threema id".to_owned(), value: identity.clone() },
            _ => NativeId { kind: "conversation row".to_owned(), value: entry.row.to_string() },
        };
        let id = partner.map_or_else(|| format!("conversation-row:{}", entry.row), |person| person.id.clone());
        let mut uninterpreted = BTreeMap::new();
        if entry.unreadable {
            uninterpreted.insert("ZCONVERSATION.ZGROUPNAME".to_owned(), "present and unreadable".to_owned());
        }
        if let Some(group) = &entry.group_id {
            uninterpreted.insert("ZCONVERSATION.ZGROUPID".to_owned(), group.clone());
        }
        Conversation {
            id: ConversationId(format!("{}:{id}", self.edition.app())),
            number,
            app: self.edition.app().to_owned(),
            kind: entry.kind,
            kind_raw: None,
            title: entry.title.clone(),
            description: None,
            labels: Vec::new(),
            created: None,
            archived: false,
            locked: false,
            uninterpreted,
            native: vec![native],
            participants,
            membership: Vec::new(),
            timer: Timer {
                state: TimerState::OfAccount,
                since: None,
                basis: None,
                initiator_raw: None,
                changes: Vec::new(),
                source: None,
            },
            separation: Vec::new(),
            source: entry.source.clone(),
        }
    }

    fn holder(&self) -> Participant {
        let native = self.identity.iter().map(|id| NativeId { kind: "threema id".to_owned(), value: id.clone() }).collect();
        Participant { id: ParticipantId(HOLDER.to_owned()), is_holder: true, number: None, names: Vec::new(), native }
    }
}

impl Person {
    fn participant(&self) -> Participant {
        let native = match &self.identity {
            Some(identity) => NativeId { kind: "threema id".to_owned(), value: identity.clone() },
            None => NativeId { kind: "contact row".to_owned(), value: self.id.clone() },
        };
        let id = ParticipantId(self.id.clone());
        Participant { id, is_holder: false, number: None, names: self.names.clone(), native: vec![native] }
    }
}
