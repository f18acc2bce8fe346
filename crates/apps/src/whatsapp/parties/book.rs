//! The conversations: every chat of the phone with its people, its timer and its place in the numbering.
//!
//! Chats come first and messages refer to them. A chat under a LID and the chat of the number behind it are one conversation.
//! A conversation that only occurs in messages (its row in `chat` is gone) gets an entry too, so that no message falls between.

use super::{
    OthersDefaultTimer, Scope, Summary,
    jids::{JidKind, Jids},
    people::{HOLDER, People, PhoneContacts},
};
use crate::whatsapp::Edition;
use foldhash::{HashMap, HashSet, quality::FixedState};
use std::{borrow::Cow, collections::BTreeMap, hash::BuildHasher};
use uitlezen_chat::{
    Conversation, ConversationId, ConversationKind, ConversationNumber, EvidenceId, Membership, MembershipChange, MessageId,
    Moment, NativeId, ParticipantId, Role, Sender, Source, Timer, TimerChange, TimerState,
};

/// Conversations that occur in messages only; a sound database has none.
const MOST_INVENTED: usize = 10_000;
/// Members, past members and senders over all conversations together.
const MOST_PEOPLE: usize = 4_000_000;

/// Whether a conversation is read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Yes,
    NoStatus,
    NoNewsletter,
}

/// One conversation while it is being put together.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Resolved jid row; absent when the chat's own row points nowhere.
    pub jid: Option<i64>,
    pub kind: ConversationKind,
    pub kind_raw: Option<i64>,
    pub title: Option<String>,
    pub created: Option<Moment>,
    pub archived: bool,
    pub locked: bool,
    pub native: Vec<NativeId>,
    pub timer: Timer,
    pub source: Source,
    pub asked: Asked,
    pub messages: u64,
    pub number: Option<ConversationNumber>,
    id: String,
    /// Known from messages only; the row of the chat that is missing.
    invented: Option<i64>,
    pub labels: Vec<String>,
    pub uninterpreted: BTreeMap<String, String>,
    people: Vec<i64>,
    members: Vec<Membership>,
}

impl Entry {
    /// The other side of a conversation between two.
    pub(crate) fn partner(&self) -> Option<i64> {
        (self.kind == ConversationKind::Direct).then_some(self.jid).flatten()
    }
}

/// All conversations, found by chat row or by address.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub entries: Vec<Entry>,
    by_chat: HashMap<i64, usize>,
    by_jid: HashMap<i64, usize>,
    /// Who already stands in which conversation.
    present: HashSet<(usize, i64)>,
    /// Which person already has a [`Membership`] where.
    member_at: HashMap<(usize, ParticipantId), usize>,
    /// Hashes of message keys that occur under more than one sender in a conversation.
    pub repeated_keys: HashSet<u64>,
    invented: usize,
    pub refused_people: u64,
    /// Rows that the survey's pass over the messages met, if it came to its end.
    pub rows_surveyed: Option<u64>,
}

/// What the tables `chat` and `chat_list` say about one conversation.
#[derive(Debug)]
pub(crate) struct ChatRow {
    pub chat: Option<i64>,
    pub jid: Option<i64>,
    pub subject: Option<String>,
    pub created: Option<Moment>,
    pub archived: bool,
    pub locked: bool,
    pub group_type: Option<i64>,
    /// Whether the group unites other groups.
    pub community: bool,
    pub uninterpreted: BTreeMap<String, String>,
    pub timer: Timer,
    pub source: Source,
}

/// Two rows of one conversation may differ: what is on is never hidden by what is not.
fn rank(state: &TimerState) -> u8 {
    match state {
        TimerState::Off | TimerState::OfAccount => 0,
        TimerState::NotDeterminable { .. } => 1,
        TimerState::On { .. } => 2,
    }
}

/// The hash under which a message key is compared: conversation, direction and key, not the sender.
pub(crate) fn key_hash(entry: usize, from_me: bool, key: &str) -> u64 {
    // The same in every run: ids hang on it.
    FixedState::default().hash_one((entry, from_me, key))
}

/// The id of a message within its conversation: the app's own key, marked when the holder sent it, since a key is unique only
/// together with its direction. Where senders reused a key, the sender is added.
pub(crate) fn message_id<'k>(
    book: &Book,
    entry: usize,
    from_me: bool,
    key: impl Into<Cow<'k, str>>,
    row: i64,
    sender: &Sender,
) -> MessageId {
    let key = key.into();
    let repeats = !book.repeated_keys.is_empty() && book.repeated_keys.contains(&key_hash(entry, from_me, &key));
    let mut id = match (key.is_empty(), from_me) {
        (true, _) => format!("row:{row}"),
        (false, true) => ["me:", &key].concat(),
        (false, false) => key.into_owned(),
    };
    if repeats {
        if let Sender::Participant(who) = sender {
            id.push('@');
            id.push_str(&who.0);
        } else {
            id.push_str("@row:");
            id.push_str(&row.to_string());
        }
    }
    MessageId(id)
}

impl Book {
    /// Messages of all conversations together, as far as the survey counted them.
    pub(crate) fn messages(&self) -> u64 {
        self.entries.iter().map(|entry| entry.messages).fold(0, u64::saturating_add)
    }

    /// Adds a chat, or joins it to the conversation that it turns out to be.
    pub(crate) fn add_chat(&mut self, jids: &Jids, scope: &Scope, row: ChatRow) -> usize {
        let resolved = row.jid.and_then(|jid| jids.resolved_row(jid));
        let raw_native =
            row.jid.and_then(|jid| jids.get(jid)).map(|j| NativeId { kind: j.kind_name().to_owned(), value: j.address.clone() });
        if let Some(&known) = resolved.and_then(|jid| self.by_jid.get(&jid)) {
            if let Some(entry) = self.entries.get_mut(known) {
                entry.title = entry.title.take().or(row.subject);
                entry.locked |= row.locked;
                entry.archived &= row.archived;
                // Two rows for one conversation: a timer that is on is never hidden by one that is off.
                if rank(&row.timer.state) > rank(&entry.timer.state) {
                    entry.timer = row.timer;
                }
                if let Some(native) = raw_native.filter(|n| !entry.native.contains(n)) {
                    entry.native.push(native);
                }
            }
            if let Some(chat) = row.chat {
                self.by_chat.insert(chat, known);
            }
            return known;
        }
        let jid = resolved.and_then(|jid| jids.get(jid));
        let (kind, asked) = match jid.map(|j| j.kind()) {
            Some(JidKind::Person | JidKind::Lid) => (ConversationKind::Direct, Asked::Yes),
            Some(JidKind::Group) => {
                (if row.community { ConversationKind::Community } else { ConversationKind::Group }, Asked::Yes)
            }
            Some(JidKind::Broadcast) => (ConversationKind::Broadcast, Asked::Yes),
            Some(JidKind::Status) => (ConversationKind::Other, if scope.status_broadcast { Asked::Yes } else { Asked::NoStatus }),
            Some(JidKind::Newsletter) => {
                (ConversationKind::Other, if scope.newsletters { Asked::Yes } else { Asked::NoNewsletter })
            }
            Some(JidKind::Other) | None => (ConversationKind::Other, Asked::Yes),
        };
        let id = jid.map_or_else(|| format!("chat-row-{}", row.chat.unwrap_or_default()), |j| j.address.clone());
        let mut native: Vec<NativeId> =
            jid.iter().map(|j| NativeId { kind: j.kind_name().to_owned(), value: j.address.clone() }).collect();
        native.extend(raw_native.filter(|n| !native.contains(n)).into_iter().collect::<Vec<_>>());
        if let Some(lid) = resolved.and_then(|r| jids.lid_of(r)) {
            let lid = NativeId { kind: lid.kind_name().to_owned(), value: lid.address.clone() };
            if !native.contains(&lid) {
                native.push(lid);
            }
        }
        let index = self.entries.len();
        self.entries.push(Entry {
            jid: resolved,
            kind,
            kind_raw: matches!(kind, ConversationKind::Group | ConversationKind::Community).then_some(row.group_type).flatten(),
            title: row.subject,
            created: row.created.filter(|at| at.raw > 0),
            archived: row.archived,
            locked: row.locked,
            native,
            timer: row.timer,
            source: row.source,
            asked,
            messages: 0,
            number: None,
            id,
            invented: None,
            labels: Vec::new(),
            uninterpreted: row.uninterpreted,
            people: Vec::new(),
            members: Vec::new(),
        });
        if let Some(chat) = row.chat {
            self.by_chat.insert(chat, index);
        }
        if let Some(jid) = resolved {
            self.by_jid.insert(jid, index);
        }
        index
    }

    pub(crate) fn of_chat(&self, chat: i64) -> Option<usize> {
        self.by_chat.get(&chat).copied()
    }

    pub(crate) fn of_jid(&self, jids: &Jids, jid: i64) -> Option<usize> {
        self.by_jid.get(&jids.resolved_row(jid)?).copied()
    }

    pub(crate) fn get(&self, index: usize) -> Option<&Entry> {
        self.entries.get(index)
    }

    /// An entry for messages whose chat has no row. `None` when there are more of those than is believable.
    pub(crate) fn invent(
        &mut self,
        jids: &Jids,
        scope: &Scope,
        chat: Option<i64>,
        jid: Option<i64>,
        source: Source,
    ) -> Option<usize> {
        if self.invented >= MOST_INVENTED {
            return None;
        }
        self.invented += 1;
        let timer = Timer {
            state: TimerState::NotDeterminable { reason: "conversation-row-missing".to_owned() },
            since: None,
            basis: None,
            initiator_raw: None,
            changes: Vec::new(),
            source: None,
        };
        let row = ChatRow {
            chat,
            jid,
            subject: None,
            created: None,
            archived: false,
            locked: false,
            group_type: None,
            community: false,
            uninterpreted: BTreeMap::new(),
            timer,
            source,
        };
        let index = self.add_chat(jids, scope, row);
        if let Some(entry) = self.entries.get_mut(index) {
            entry.invented = Some(chat.unwrap_or_default());
        }
        Some(index)
    }

    /// The conversations in the order in which they are numbered: by their rows, then those without a row, whatever way the
    /// pass met them.
    pub(crate) fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_by_cached_key(|&at| self.entries.get(at).and_then(|e| e.invented.map(|chat| (chat, e.id.clone()))));
        order
    }

    /// Notes that somebody occurs in a conversation.
    pub(crate) fn meet(&mut self, jids: &Jids, index: usize, jid: i64) {
        let Some(person) = jids.resolved_row(jid) else { return };
        if self.present.len() >= MOST_PEOPLE {
            self.refused_people += 1;
            return;
        }
        if self.present.insert((index, person))
            && let Some(entry) = self.entries.get_mut(index)
        {
            entry.people.push(person);
        }
    }

    /// The membership of one person, made when it is not there.
    fn member(&mut self, index: usize, participant: ParticipantId) -> Option<&mut Membership> {
        let entry = self.entries.get_mut(index)?;
        let at = *self.member_at.entry((index, participant.clone())).or_insert_with(|| {
            entry.members.push(Membership { participant, current: false, role: None, changes: Vec::new() });
            entry.members.len().saturating_sub(1)
        });
        entry.members.get_mut(at)
    }

    /// A row of the table of present members.
    pub(crate) fn member_now(&mut self, index: usize, who: &Sender, current: bool, role: Option<Role>) {
        if let Some(member) = participant_id(who).and_then(|id| self.member(index, id)) {
            member.current |= current;
            member.role = role.or(member.role);
        }
    }

    /// Somebody of whom a later list says that they went.
    pub(crate) fn member_gone(&mut self, index: usize, who: &Sender) {
        if let Some(member) = participant_id(who).and_then(|id| self.member(index, id)) {
            member.current = false;
        }
    }

    /// A join or a leave.
    pub(crate) fn member_changed(&mut self, index: usize, who: &Sender, change: MembershipChange) {
        if let Some(member) = participant_id(who).and_then(|id| self.member(index, id)) {
            let same = member
                .changes
                .iter()
                .any(|c| c.joined == change.joined && c.at.as_ref().map(|m| m.utc) == change.at.as_ref().map(|m| m.utc));
            if !same && member.changes.len() < 1000 {
                member.changes.push(change);
            }
        }
    }

    pub(crate) fn timer_changed(&mut self, index: usize, change: TimerChange) {
        if let Some(entry) = self.entries.get_mut(index) {
            entry.timer.changes.push(change);
        }
    }

    /// Gives the conversations their numbers, in the order of their rows, and counts what is left out.
    pub(crate) fn number(&mut self, summary: &mut Summary) {
        let mut next = 1u32;
        for index in self.order() {
            let Some(entry) = self.entries.get_mut(index) else { continue };
            match entry.asked {
                Asked::NoStatus => summary.not_asked.status_messages += entry.messages,
                Asked::NoNewsletter => summary.not_asked.newsletter_messages += entry.messages,
                // A row without an address and without a message says nothing about anybody.
                Asked::Yes if entry.jid.is_none() && entry.messages == 0 => {
                    summary.oddities.empty_conversations_without_address += 1
                }
                Asked::Yes => {
                    entry.number = Some(ConversationNumber(next));
                    next = next.saturating_add(1);
                }
            }
        }
        summary.conversations = u64::from(next.saturating_sub(1));
    }

    /// The record of one conversation.
    pub(crate) fn conversation(
        &mut self,
        index: usize,
        edition: Edition,
        jids: &Jids,
        people: &People,
        contacts: Option<&dyn PhoneContacts>,
        summary: &mut Summary,
    ) -> Option<Conversation> {
        let entry = self.entries.get_mut(index)?;
        let number = entry.number?;
        let mut participants = Vec::with_capacity(entry.people.len() + 2);
        let partner = entry.partner();
        let mut order: Vec<i64> = partner.into_iter().collect();
        // The address of any other conversation may be a sender in it too.
        order.extend(entry.people.iter().copied().filter(|row| Some(*row) != partner));
        for row in order {
            if matches!(people.sender(jids, row), Some(Sender::Participant(_)))
                && let Some(participant) = people.participant(jids, row, contacts)
            {
                if participant.number.is_none() && jids.get(row).is_some_and(|j| j.kind() == JidKind::Lid) {
                    summary.oddities.unresolved_lids += 1;
                }
                participants.push(participant);
            }
        }
        participants.push(people.holder(jids));
        if let Some(seconds) = entry.partner().and_then(|row| people.default_timers.get(&row)) {
            summary.others_default_timers.push(OthersDefaultTimer { conversation: number, seconds: *seconds });
        }
        let mut membership = std::mem::take(&mut entry.members);
        for member in &mut membership {
            member.changes.sort_by_key(|c| c.at.as_ref().and_then(|at| at.utc));
        }
        let mut timer = entry.timer.clone();
        // By instant: the database writes milliseconds, an increment seconds.
        timer.changes.sort_by_key(|c| c.at.utc);
        // Nobody who is only in the conversation by a table is lost between the two lists.
        Some(Conversation {
            id: ConversationId(format!("{}:{}", edition.app(), entry.id)),
            number,
            app: edition.app().to_owned(),
            kind: entry.kind,
            kind_raw: entry.kind_raw,
            title: entry.title.clone(),
            description: entry.jid.and_then(|jid| people.descriptions.get(&jid)).cloned(),
            labels: entry.labels.clone(),
            created: entry.created.clone(),
            archived: entry.archived,
            locked: entry.locked,
            uninterpreted: std::mem::take(&mut entry.uninterpreted),
            native: entry.native.clone(),
            participants,
            membership,
            timer,
            separation: Vec::new(),
            source: entry.source.clone(),
        })
    }
}

fn participant_id(who: &Sender) -> Option<ParticipantId> {
    match who {
        Sender::Holder => Some(ParticipantId(HOLDER.to_owned())),
        Sender::Participant(id) => Some(id.clone()),
        Sender::App | Sender::Unknown => None,
    }
}

/// Where a record stands in the evidence.
pub(crate) fn source(item: EvidenceId, table: &'static str, row: i64) -> Source {
    Source { item, table: table.into(), row }
}
