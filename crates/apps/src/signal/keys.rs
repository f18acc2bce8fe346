//! Which message is which. Signal names a message by its author and the time at which it was first sent.

use super::HOLDER;
use foldhash::{HashMap, HashSet, fast::RandomState};
use std::hash::BuildHasher;
use uitlezen_chat::{Message, MessageId, Moment, ParticipantId, Sender};

/// Messages by what names them. They are named by author and time, and there may be a million: one number each.
#[derive(Debug)]
pub(super) struct Keys {
    seed: RandomState,
    there: HashSet<u64>,
    /// Versions of an edited message to what the message is called.
    versions: HashMap<u64, u64>,
    /// Names that occur more than once in a chat.
    twice: HashSet<u64>,
}

/// More messages than are told apart.
const MOST: usize = 50_000_000;

impl Keys {
    pub(super) fn new() -> Self {
        Self { seed: RandomState::default(), there: HashSet::default(), versions: HashMap::default(), twice: HashSet::default() }
    }

    /// One number for a message of a chat, by its author and the time that names it.
    pub(super) fn of(&self, chat: u32, author: &Sender, sent: u64) -> u64 {
        self.seed.hash_one((chat, author, sent))
    }

    /// Notes a message by its first version, and the times of all its versions. Whether one of its name was there already.
    pub(super) fn add(&mut self, chat: u32, author: &Sender, named: u64, versions: &[u64]) -> bool {
        let key = self.of(chat, author, named);
        let twice = self.there.len() < MOST && !self.there.insert(key);
        if twice {
            self.twice.insert(key);
        }
        for version in versions {
            let version = self.of(chat, author, *version);
            if version != key && self.versions.len() < MOST {
                self.versions.insert(version, named);
            }
        }
        twice
    }

    /// What the message of this author and time is called: by its first version. `None` when there is no such message.
    pub(super) fn named(&self, chat: u32, author: &Sender, sent: u64) -> Option<u64> {
        let key = self.of(chat, author, sent);
        match self.versions.get(&key) {
            Some(first) => Some(*first),
            None => self.there.contains(&key).then_some(sent),
        }
    }
}

/// Names that occur more than once in a chat get a number behind them.
#[derive(Debug, Default)]
pub(super) struct Twice(HashMap<u64, u32>);

impl Twice {
    /// Numbers the messages of one name, from the second on.
    pub(super) fn name(&mut self, messages: &mut [Message], chat: u32, author: &Sender, named: u64, keys: &Keys) {
        let key = keys.of(chat, author, named);
        if !keys.twice.contains(&key) {
            return;
        }
        let times = self.0.entry(key).or_default();
        *times += 1;
        if *times > 1 {
            messages.iter_mut().for_each(|message| rename(message, *times));
        }
    }
}

fn rename(message: &mut Message, times: u32) {
    message.id = MessageId(format!("{}#{times}", message.id.0));
    message.earlier.iter_mut().for_each(|version| rename(version, times));
}

/// Milliseconds since 1970. A number that is none stays what it was.
pub(super) fn moment(milliseconds: u64) -> Moment {
    Moment::from_millis(i64::try_from(milliseconds).unwrap_or(i64::MAX))
}

/// A time that is recorded only where it is not 0.
pub(super) fn some_moment(milliseconds: Option<u64>) -> Option<Moment> {
    milliseconds.filter(|at| *at > 0).map(moment)
}

/// The name of a message among those of its chat.
pub(super) fn id(author: &Sender, named: u64) -> MessageId {
    let who = participant(author).map_or_else(|| "unknown".to_owned(), |id| id.0);
    MessageId(format!("{named}:{who}"))
}

/// The participant that a sender is.
pub(super) fn participant(who: &Sender) -> Option<ParticipantId> {
    match who {
        Sender::Holder => Some(ParticipantId(HOLDER.to_owned())),
        Sender::Participant(id) => Some(id.clone()),
        Sender::App | Sender::Unknown => None,
    }
}
