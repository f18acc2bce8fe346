//! Separation at work in one reading, in three steps: every conversation is judged; what is said in those of which something
//! is left out is heard once; then conversations and messages are given out without what is left out and what repeats it.
//!
//! Conversations go by the numbers that they have within the reading. Several threads may ask at once.

use super::{
    Judge, Placing, Rules, Ruling,
    heard::Heard,
    repeats::{self, Known},
    settle::{people, settle},
    tally::{Tally, ThreadKey},
    trim::{Window, separated, titles},
};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};
use uitlezen_chat::{Conversation, ConversationKind, ConversationNumber, Message, ParticipantId, Undecided};

/// What goes out of one conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goes {
    Whole,
    InPart,
    Not,
}

/// One conversation, judged.
#[derive(Debug)]
struct Judged {
    ruling: Ruling,
    goes: Goes,
    title: Option<String>,
    /// Addresses of a group. Those of people may be members elsewhere.
    addresses: Vec<String>,
    /// Who stands among the participants that go out.
    kept: HashSet<ParticipantId>,
    /// Kept until what is undecided has been heard.
    undecided: Option<Box<Conversation>>,
    undecided_messages: u64,
}

#[derive(Debug, Default)]
struct State {
    conversations: BTreeMap<ConversationNumber, Judged>,
    heard: Heard,
}

/// Applies the rules to one reading.
#[derive(Debug)]
pub struct Separator {
    judge: Judge,
    key: Option<ThreadKey>,
    now: Timestamp,
    state: RwLock<State>,
    tally: Mutex<Tally>,
}

impl Separator {
    /// `key` makes the hashes of conversations, and without it there are none; `now` is the moment of the readout.
    #[must_use]
    pub fn new(rules: &Rules, key: Option<ThreadKey>, now: Timestamp) -> Self {
        let judge = Judge::new(rules);
        let tally = Mutex::new(Tally { policy: rules.policy, ..Tally::default() });
        Self { judge, key, now, state: RwLock::default(), tally }
    }

    /// Whether anything could be left out at all. If not, [`Self::judge`] alone counts what there is.
    #[must_use]
    pub fn excludes(&self) -> bool {
        self.judge.excludes()
    }

    /// Every conversation, before anything else.
    pub fn judge(&self, conversation: &Conversation) -> Goes {
        let ruling = self.judge.rule(conversation);
        self.tally().conversation(&conversation.id, &ruling, self.key.as_ref());
        let goes = match (ruling.is_whole(), ruling.is_none()) {
            (true, _) => Goes::Whole,
            (_, true) => Goes::Not,
            (false, false) => Goes::InPart,
        };
        let mut state = self.write();
        let waits = ruling.placings().values().any(|placing| *placing == Placing::Undecided);
        let of_group = conversation.kind != ConversationKind::Direct;
        let judged = Judged {
            title: conversation.title.clone().filter(|_| goes != Goes::Whole),
            addresses: conversation.native.iter().filter(|_| of_group).map(|n| n.value.clone()).collect(),
            kept: HashSet::new(),
            undecided: waits.then(|| Box::new(conversation.clone())),
            undecided_messages: 0,
            ruling,
            goes,
        };
        state.conversations.insert(conversation.number, judged);
        goes
    }

    /// Every message of a conversation that does not go whole, before any is given out.
    pub fn hear(&self, number: ConversationNumber, message: &Message) {
        let mut state = self.write();
        let State { conversations, heard, .. } = &mut *state;
        let Some(judged) = conversations.get_mut(&number) else { return };
        heard.title_changed(number, message);
        let placing = judged.ruling.of(&message.sent);
        if placing.is_in() {
            if let Some(settled) = settle(&judged.ruling, message.clone()) {
                people(&settled, heard.people.entry(number).or_default());
            }
        } else {
            self.tally().message(placing, message.attachments.len());
            judged.undecided_messages += u64::from(placing == Placing::Undecided);
        }
        // Versions that were written outside are what must not come back elsewhere, wherever the message itself stands.
        for version in std::iter::once(message).chain(&message.earlier) {
            if judged.ruling.of(super::settle::written(version).unwrap_or(&version.sent)).is_apart() {
                heard.message(number, version);
            }
        }
        if placing.is_apart() {
            heard.message(number, message);
        }
    }

    /// Everything was heard.
    pub fn heard(&self) {
        let mut state = self.write();
        let State { conversations, heard, .. } = &mut *state;
        let (mut apart, mut told) = (HashSet::new(), HashSet::new());
        for (number, judged) in conversations.iter().filter(|(_, judged)| judged.goes != Goes::Whole) {
            let history = heard.retitled.get(number).map_or(&[][..], Vec::as_slice);
            let called = judged.ruling.placings().with(&titles(judged.title.as_ref(), history), |placing, title| {
                (placing.is_apart(), placing.is_in(), title.clone())
            });
            for (is_apart, is_in, title) in called.values() {
                if let (true, Some(title)) = (*is_apart, title) {
                    apart.insert(title.clone());
                }
                if let (true, Some(title)) = (*is_in, title) {
                    told.insert(title.clone());
                }
            }
            if judged.ruling.at(None).is_apart() && judged.goes == Goes::Not {
                judged.addresses.iter().for_each(|address| heard.address(address));
            }
        }
        for title in apart.difference(&told) {
            heard.title(title);
        }
    }

    /// A conversation on its way out.
    pub fn conversation(&self, conversation: Conversation) -> Conversation {
        let mut state = self.write();
        let State { conversations, heard, .. } = &mut *state;
        let Some(judged) = conversations.get_mut(&conversation.number) else { return conversation };
        let mut conversation = conversation;
        if judged.goes == Goes::InPart {
            let number = conversation.number;
            let window = Window { ruling: &judged.ruling, tells: Placing::is_in, now: self.now };
            let history = heard.retitled.get(&number).map_or(&[][..], Vec::as_slice);
            let nobody = HashSet::new();
            conversation = window.trim(conversation, history, heard.people.get(&number).unwrap_or(&nobody));
        }
        judged.kept = conversation.participants.iter().map(|p| p.id.clone()).collect();
        conversation.separation = separated(&judged.ruling);
        conversation
    }

    /// A message on its way out; nothing when it is left out.
    pub fn message(&self, number: ConversationNumber, message: Box<Message>) -> Option<Box<Message>> {
        let state = self.read();
        let judged = state.conversations.get(&number)?;
        let mut message = match judged.goes {
            Goes::Not => return None,
            Goes::Whole => message,
            Goes::InPart => Box::new(settle(&judged.ruling, *message)?),
        };
        let known = Known {
            heard: &state.heard,
            here: number,
            ruling: &|number| state.conversations.get(&number).map(|judged| &judged.ruling),
            participant: &|id| judged.kept.contains(id),
        };
        let repeats = repeats::withhold(&known, &mut message);
        if repeats != repeats::Repeats::default() {
            self.tally().repeats.add(repeats);
        }
        Some(message)
    }

    /// Conversations that wait for a decision, and whose names may be told to whoever decides.
    #[must_use]
    pub fn undecided(&self) -> Vec<Undecided> {
        let state = self.read();
        let waiting =
            state.conversations.iter().filter_map(|(number, judged)| Some((number, judged, judged.undecided.as_deref()?)));
        let told = |placing: Placing| !matches!(placing, Placing::Out { .. });
        let one = |(number, judged, conversation): (&ConversationNumber, &Judged, &Conversation)| {
            let window = Window { ruling: &judged.ruling, tells: told, now: self.now };
            let history = state.heard.retitled.get(number).map_or(&[][..], Vec::as_slice);
            let nobody = HashSet::new();
            let occurs = state.heard.people.get(number).unwrap_or(&nobody);
            let trimmed = window.trim(conversation.clone(), history, occurs);
            Undecided {
                id: trimmed.id,
                app: trimmed.app,
                kind: trimmed.kind,
                title: trimmed.title,
                native: trimmed.native,
                participants: trimmed.participants,
                separation: separated(&judged.ruling),
                messages: judged.undecided_messages,
            }
        };
        waiting.map(one).collect()
    }

    /// The counts.
    #[must_use]
    pub fn finish(self) -> Tally {
        self.tally.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
