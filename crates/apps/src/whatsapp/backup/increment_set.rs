//! All increments beside one full backup, ready to be asked: "is there a newer version of this message?"
//!
//! The reader of the database goes through its messages in order, takes what the increments say about each, and at the end
//! asks for what nobody took: the messages that are newer than the database. What is older or newer, and what is shown, is
//! the reader's decision; here nothing is merged and nothing is dropped except what the limit forbids, and that is counted.

use super::{
    increment::{IncrementError, IncrementLimits, IncrementRecord, read_increment},
    increment_report::IncrementReport,
    message::{Content, ConversationFacts, DefaultTimer, Departure, IncrementMessage, Said},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uitlezen_chat::{Body, EvidenceId, Place};
use uitlezen_evidence::Bytes;

/// Versions of one message that are kept, acts upon it included; more is no conversation.
const MOST_VERSIONS: usize = 1024;

/// How much the set keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetLimits {
    pub increment: IncrementLimits,
    /// Bytes of memory for what is kept, roughly. Messages beyond it are counted as not interpreted: too large.
    pub memory: usize,
}

impl Default for SetLimits {
    fn default() -> Self {
        Self { increment: IncrementLimits::default(), memory: 96 << 20 }
    }
}

/// What became of one increment.
#[derive(Debug)]
pub struct AddedIncrement {
    /// The evidence it came from.
    pub item: EvidenceId,
    pub outcome: Result<IncrementReport, IncrementError>,
    /// Records that were read and did not fit in memory.
    pub not_kept: u64,
}

impl AddedIncrement {
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.not_kept == 0 && self.outcome.as_ref().is_ok_and(IncrementReport::is_complete)
    }
}

/// One message with the increment that holds it.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// Index into [`IncrementSet::added`]; higher is newer.
    pub increment: usize,
    /// The evidence it came from.
    pub item: EvidenceId,
    pub message: &'a IncrementMessage,
}

/// A fact that is not a message, with the increment (index into [`IncrementSet::added`]) that says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FromIncrement<T> {
    pub increment: usize,
    pub what: T,
}

struct Kept {
    increment: usize,
    item: EvidenceId,
    message: IncrementMessage,
}

/// See the head of this module.
#[derive(Default)]
pub struct IncrementSet {
    limits: SetLimits,
    memory: usize,
    added: Vec<AddedIncrement>,
    kept: Vec<Kept>,
    /// Key id of the message that a kept one is, or acts upon, to places in `kept`, oldest first.
    index: HashMap<String, Vec<usize>>,
    conversations: BTreeMap<String, Vec<FromIncrement<ConversationFacts>>>,
    push_names: BTreeMap<String, FromIncrement<String>>,
    lids: BTreeMap<String, FromIncrement<String>>,
    default_timers: Vec<FromIncrement<DefaultTimer>>,
    departures: Vec<FromIncrement<Departure>>,
}

impl std::fmt::Debug for IncrementSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IncrementSet").field("increments", &self.added.len()).field("messages", &self.kept.len()).finish()
    }
}

impl IncrementSet {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn with_limits(limits: SetLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Reads one increment: the decrypted ZIP and the number of its evidence item. Call in the order that
    /// [`super::Survey::increments`] gives: what is added later counts as newer.
    ///
    /// An increment that cannot be read is remembered as such; it makes the set incomplete and fails nothing else. Returns its
    /// index in [`IncrementSet::added`].
    pub fn add(&mut self, zip: Bytes, item: EvidenceId) -> usize {
        let increment = self.added.len();
        let limits = self.limits.increment;
        let mut not_kept = 0;
        let outcome = read_increment(zip, &limits, &mut |record| {
            if !self.keep(increment, item, record) {
                not_kept += 1;
            }
        });
        self.added.push(AddedIncrement { item, outcome, not_kept });
        increment
    }

    /// Remembers an increment whose container could not even be unlocked, so that the set is not called complete.
    pub fn add_unread(&mut self, item: EvidenceId, error: IncrementError) {
        self.added.push(AddedIncrement { item, outcome: Err(error), not_kept: 0 });
    }

    /// Starts a reading of the set: remembers which messages the reader took.
    #[must_use]
    pub fn reading(&self) -> IncrementReading<'_> {
        IncrementReading { set: self, taken: vec![false; self.kept.len()] }
    }

    /// Whether [`IncrementReading::take`] could find anything under this key id.
    #[must_use]
    pub fn has(&self, key_id: &str) -> bool {
        self.index.contains_key(key_id)
    }

    /// Every message, in the order of the increments.
    pub fn messages(&self) -> impl Iterator<Item = Found<'_>> {
        self.kept.iter().map(Kept::found)
    }

    /// By the JID of the conversation, oldest first.
    #[must_use]
    pub fn conversations(&self) -> &BTreeMap<String, Vec<FromIncrement<ConversationFacts>>> {
        &self.conversations
    }

    /// By JID; the newest name.
    #[must_use]
    pub fn push_names(&self) -> &BTreeMap<String, FromIncrement<String>> {
        &self.push_names
    }

    /// LID to the number's JID; the newest pair.
    #[must_use]
    pub fn lids(&self) -> &BTreeMap<String, FromIncrement<String>> {
        &self.lids
    }

    /// What the increments say about the account's default timer, oldest first.
    #[must_use]
    pub fn default_timers(&self) -> &[FromIncrement<DefaultTimer>] {
        &self.default_timers
    }

    /// Who left or was removed from which group, in the order of the increments.
    #[must_use]
    pub fn departures(&self) -> &[FromIncrement<Departure>] {
        &self.departures
    }

    /// Every increment that was added, with what became of it.
    #[must_use]
    pub fn added(&self) -> &[AddedIncrement] {
        &self.added
    }

    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.added.iter().all(AddedIncrement::is_complete)
    }

    fn keep(&mut self, increment: usize, item: EvidenceId, record: IncrementRecord) -> bool {
        let cost = cost(&record);
        if self.memory.saturating_add(cost) > self.limits.memory {
            return false;
        }
        match record {
            IncrementRecord::Message(message) => {
                let about = message.content.target().map_or(&message.key.id, |target| &target.id).clone();
                let places = self.index.entry(about).or_default();
                if places.len() == MOST_VERSIONS {
                    return false;
                }
                places.push(self.kept.len());
                self.kept.push(Kept { increment, item, message: *message });
            }
            IncrementRecord::Conversation(facts) => {
                self.conversations.entry(facts.jid.clone()).or_default().push(FromIncrement { increment, what: *facts });
            }
            IncrementRecord::PushName { jid, name } => {
                self.push_names.insert(jid, FromIncrement { increment, what: name });
            }
            IncrementRecord::Lid { pn_jid, lid_jid } => {
                self.lids.insert(lid_jid, FromIncrement { increment, what: pn_jid });
            }
            IncrementRecord::Departure(departure) => self.departures.push(FromIncrement { increment, what: departure }),
            IncrementRecord::DefaultTimer(timer) => self.default_timers.push(FromIncrement { increment, what: timer }),
        }
        self.memory += cost;
        true
    }
}

impl Kept {
    fn found(&self) -> Found<'_> {
        Found { increment: self.increment, item: self.item, message: &self.message }
    }
}

/// One pass of a reader over a set.
#[derive(Debug)]
pub struct IncrementReading<'a> {
    set: &'a IncrementSet,
    taken: Vec<bool>,
}

impl<'a> IncrementReading<'a> {
    /// What the increments say about the message `key_id` of a chat, newest first, and marks it as taken.
    ///
    /// `chats` are the JIDs under which the chat may stand (its number's and its LID). Versions of the message itself must
    /// agree in `from_me`; acts upon it (edits, deletions, reactions) need not, since their key is written from the acting
    /// device's view.
    pub fn take(&mut self, chats: &[&str], from_me: bool, key_id: &str) -> Vec<Found<'a>> {
        let places = self.set.index.get(key_id).map(Vec::as_slice).unwrap_or_default();
        let mut found = Vec::new();
        for &place in places.iter().rev() {
            let Some(kept) = self.set.kept.get(place) else { continue };
            let acts = kept.message.content.target().is_some();
            if chats.contains(&kept.message.chat.as_str()) && (acts || kept.message.key.from_me == from_me) {
                found.push(kept.found());
                if let Some(taken) = self.taken.get_mut(place) {
                    *taken = true;
                }
            }
        }
        found
    }

    /// What nobody took, in the order of the increments: messages that the database does not have, and acts upon messages
    /// that neither has.
    pub fn rest(&self) -> impl Iterator<Item = Found<'a>> {
        self.set.kept.iter().zip(&self.taken).filter(|(_, taken)| !**taken).map(|(kept, _)| kept.found())
    }

    /// Chats of the messages that nobody took.
    #[must_use]
    pub fn chats_of_rest(&self) -> BTreeSet<&'a str> {
        self.rest().map(|f| f.message.chat.as_str()).collect()
    }
}

/// Rough memory of a record: its struct, its texts, and its places in the maps.
fn cost(record: &IncrementRecord) -> usize {
    const PLACES: usize = 128;
    let len = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    PLACES
        + match record {
            IncrementRecord::Message(m) => {
                let content = match &m.content {
                    Content::Said(said) | Content::Edits { said, .. } => said_cost(said),
                    Content::Reacts { emoji, .. } => emoji.len(),
                    _ => 0,
                };
                let target = m.content.target().map_or(0, |t| t.id.len() + len(&t.chat) + len(&t.participant));
                let stub = m.stub.iter().flat_map(|s| &s.parameters).map(|p| p.len() + 24).sum::<usize>();
                let reactions = m.reactions.iter().map(|r| 160 + r.emoji.len() + len(&r.by)).sum::<usize>();
                size_of::<IncrementMessage>()
                    + m.chat.len()
                    + 2 * m.key.id.len()
                    + len(&m.key.chat)
                    + 2 * len(&m.sender)
                    + len(&m.push_name)
                    + content
                    + target
                    + stub
                    + reactions
            }
            IncrementRecord::Conversation(c) => {
                size_of::<ConversationFacts>()
                    + 2 * c.jid.len()
                    + [&c.name, &c.display_name, &c.description, &c.pn_jid, &c.lid_jid].into_iter().map(len).sum::<usize>()
                    + c.participants.iter().map(|(jid, _)| 40 + jid.len()).sum::<usize>()
            }
            IncrementRecord::PushName { jid, name } => jid.len() + name.len(),
            IncrementRecord::Lid { pn_jid, lid_jid } => pn_jid.len() + lid_jid.len(),
            IncrementRecord::Departure(d) => size_of::<Departure>() + d.group.len() + d.person.len(),
            IncrementRecord::DefaultTimer(_) => size_of::<DefaultTimer>(),
        }
}

fn said_cost(said: &Said) -> usize {
    let len = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let body = match &said.body {
        Body::Text { text, link, link_title } => text.len() + len(link) + len(link_title),
        Body::Image { caption } | Body::Video { caption } | Body::Gif { caption } | Body::Document { caption } => len(caption),
        Body::Cards { cards } => cards.iter().map(|c| 24 + c.vcard.len()).sum(),
        Body::Poll(poll) => poll.question.len() + poll.options.iter().map(|o| 64 + o.text.len()).sum::<usize>(),
        Body::Place(p) => [&p.name, &p.address, &p.url, &p.text].into_iter().map(len).sum(),
        Body::Event { name, description, .. } => name.len() + len(description) + size_of::<Place>(),
        Body::Unknown { text, raw, .. } => len(text) + raw.iter().map(|(k, v)| 64 + k.len() + v.len()).sum::<usize>(),
        Body::System(event) => len(&event.old) + len(&event.new),
        _ => 0,
    };
    let quote = said.quote.as_ref().map_or(0, |q| [&q.id, &q.participant, &q.chat, &q.text].into_iter().map(len).sum::<usize>());
    size_of::<Said>()
        + body
        + quote
        + said.attachments.iter().map(|a| size_of_val(a) + 64 + len(&a.path) + len(&a.name) + len(&a.media_type)).sum::<usize>()
        + said.mentions.iter().chain(&said.call_participants).map(|m| 24 + m.len()).sum::<usize>()
        + len(&said.view_once_caption)
        + len(&said.album)
}
