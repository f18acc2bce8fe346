//! What a key official says in Signal: one story, written in both kinds of backup.

use super::super::{
    dice::{Dice, key},
    texts,
};
use std::collections::BTreeMap;

/// What is to be made.
#[derive(Clone, Debug)]
pub struct SignalOptions {
    pub seed: u64,
    /// Messages and notices of all chats together, at least 40.
    pub messages: u64,
    /// People beside the holder, at least 3 and at most 60.
    pub people: usize,
    /// Unix milliseconds of the first message.
    pub begins: i64,
    /// Seconds of the timer that new chats begin with.
    pub universal_timer: u64,
    /// Unix seconds of the backups.
    pub made: i64,
}

impl SignalOptions {
    /// Of a backup that was made then: its last message is of shortly before.
    #[must_use]
    pub fn made_at(made: i64, messages: u64) -> Self {
        // No two messages are further apart.
        let longest = (messages.max(FEWEST).cast_signed() + 1) * LONGEST_SILENCE;
        Self { messages, made, begins: made * 1000 - longest, ..Self::default() }
    }
}

/// Messages of the shortest story, and milliseconds between two of them.
const FEWEST: u64 = 40;
const LONGEST_SILENCE: i64 = 3_000_000;

impl Default for SignalOptions {
    fn default() -> Self {
        Self { seed: 1, messages: 400, people: 8, begins: 1_757_000_000_000, universal_timer: 0, made: 1_763_631_000 }
    }
}

/// Somebody. None exists; numbers begin with +31 60.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) aci: [u8; 16],
    pub(super) number: u64,
    pub(super) given: &'static str,
    pub(super) family: &'static str,
    /// In the phone's address book.
    pub(super) known: bool,
}

/// A chat with one, or a group.
#[derive(Clone, Debug)]
pub(super) struct Chat {
    /// The other one, or all members beside the holder.
    pub(super) members: Vec<usize>,
    pub(super) group: Option<Group>,
    /// Seconds, as it stands at the end.
    pub(super) timer: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) master_key: [u8; 32],
}

/// Something in a chat.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) chat: usize,
    /// None is the holder.
    pub(super) from: Option<usize>,
    pub(super) at: i64,
    pub(super) what: What,
    /// Of the chat when it was said; 0 is none.
    pub(super) timer: u64,
    /// Who put what on it.
    pub(super) reactions: Vec<(Option<usize>, &'static str)>,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Text(String),
    /// Earlier texts, oldest first, and the last.
    Edited {
        earlier: Vec<(i64, String)>,
        text: String,
    },
    /// Answers the line of this place.
    Answer {
        to: usize,
        text: String,
    },
    Mention {
        who: usize,
        text: String,
    },
    Photo {
        content: Vec<u8>,
        caption: String,
    },
    ViewOnceSeen,
    Deleted,
    Poll {
        question: String,
        options: Vec<(String, Vec<Option<usize>>)>,
    },
    MissedCall,
    Timer {
        seconds: u64,
    },
    Left,
}

/// What a reader must arrive at, in both kinds of backup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignalExpected {
    pub conversations: u64,
    pub messages: u64,
    /// By the word that records have for a kind.
    pub by_kind: BTreeMap<String, u64>,
    pub edited: u64,
    pub revoked: u64,
    pub attachments: u64,
    pub reactions: u64,
    /// Seconds by chat, in the order of the backup.
    pub timers: Vec<u64>,
    /// Texts that must never reach a record, a log or a screen.
    pub secrets: Vec<Vec<u8>>,
}

/// The whole story.
#[derive(Clone, Debug)]
pub(super) struct Story {
    pub(super) holder: Person,
    pub(super) people: Vec<Person>,
    pub(super) chats: Vec<Chat>,
    pub(super) lines: Vec<Line>,
    pub(super) universal_timer: u64,
    pub(super) made: i64,
    pub(super) seed: u64,
}

const GIVEN: [&str; 12] = ["Anna", "Bram", "Carla", "Daan", "Eva", "Fatima", "Gijs", "Hanna", "Ibrahim", "Joke", "Kees", "Lotte"];
const FAMILY: [&str; 10] = ["de Vries", "Bakker", "Yilmaz", "Jansen", "El Amrani", "Visser", "Mulder", "van Dijk", "Smit", "Bos"];

fn person(seed: u64, n: usize) -> Person {
    let mut dice = Dice::new(seed, &format!("signal person {n}"));
    let number = 31_600_000_000 + (seed % 1000) * 10_000 + n as u64;
    Person { aci: dice.bytes(), number, given: GIVEN[n % GIVEN.len()], family: dice.pick(&FAMILY), known: !n.is_multiple_of(3) }
}

impl Story {
    pub(super) fn new(options: &SignalOptions) -> Self {
        let mut dice = Dice::new(options.seed, "signal story");
        let count = options.people.clamp(3, 60);
        let people: Vec<Person> = (1..=count).map(|n| person(options.seed, n)).collect();
        let mut chats: Vec<Chat> = (0..count).map(|n| Chat { members: vec![n], group: None, timer: 0 }).collect();
        for (n, title) in texts::GROUPS.iter().copied().take(2).enumerate() {
            let members: Vec<usize> = (0..count).filter(|m| (m + n) % 2 == 0 || *m < 2).collect();
            let master_key = key(options.seed, &format!("signal group {n}"));
            chats.push(Chat { members, group: Some(Group { title, master_key }), timer: 0 });
        }
        let mut story = Self {
            holder: person(options.seed, 0),
            people,
            chats,
            lines: Vec::new(),
            universal_timer: options.universal_timer,
            made: options.made,
            seed: options.seed,
        };
        let mut at = options.begins;
        let mut places = vec![0; story.chats.len()];
        for n in 0..options.messages.max(FEWEST) {
            at += dice.between(20_000, LONGEST_SILENCE);
            let chat = dice.index(story.chats.len());
            let line = story.line(n, chat, at, &mut places[chat], &mut dice);
            story.lines.push(line);
        }
        story
    }

    fn line(&mut self, n: u64, chat: usize, at: i64, place: &mut usize, dice: &mut Dice) -> Line {
        let members = self.chats[chat].members.clone();
        let group = self.chats[chat].group.is_some();
        let somebody = members[dice.index(members.len())];
        let mut from = (!dice.per_mille(450)).then_some(somebody);
        let topic = texts::TOPICS[dice.index(texts::TOPICS.len())];
        let text = texts::sentence(topic, place, dice);
        let before = self.lines.iter().rposition(|line| line.chat == chat && matches!(line.what, What::Text(_)));
        let what = match (n % 20, before) {
            (3, Some(to)) => What::Answer { to, text },
            (5, _) => What::Edited { earlier: vec![(at - 9_000, format!("{text} (concept)"))], text },
            (7, _) => {
                let bytes: [u8; 32] = dice.bytes();
                What::Photo { content: bytes.repeat(16 + dice.index(64)), caption: text }
            }
            (9, _) => What::Deleted,
            (11, _) if group => What::Mention { who: somebody, text },
            (13, _) if group => {
                let votes = vec![("dinsdag".to_owned(), vec![None, Some(members[0])]), ("donderdag".to_owned(), vec![])];
                What::Poll { question: "Wanneer vergaderen we?".to_owned(), options: votes }
            }
            (13, _) => {
                from = Some(somebody);
                What::MissedCall
            }
            (15, _) => {
                let seconds = [0, 86_400, 604_800][dice.index(3)];
                // Of a group only the end is known in a backup file; there it stays off.
                if group {
                    What::Text(text)
                } else {
                    self.chats[chat].timer = seconds;
                    What::Timer { seconds }
                }
            }
            (17, _) => {
                from = Some(somebody);
                What::ViewOnceSeen
            }
            (19, _) if group && n > 100 && members.len() > 3 => {
                from = members.last().copied();
                self.chats[chat].members.pop();
                What::Left
            }
            _ => What::Text(text),
        };
        let mut reactions = Vec::new();
        if n.is_multiple_of(6) && matches!(what, What::Text(_) | What::Photo { .. }) {
            reactions.push((None, "👍"));
            if group {
                reactions.push((Some(members[0]), "🎉"));
            }
        }
        let timer = if matches!(what, What::Timer { .. } | What::Left | What::MissedCall) { 0 } else { self.chats[chat].timer };
        Line { chat, from, at, what, timer, reactions }
    }

    pub(super) fn expected(&self) -> SignalExpected {
        let mut expected = SignalExpected {
            conversations: self.chats.len() as u64,
            messages: self.lines.len() as u64,
            timers: self.chats.iter().map(|chat| chat.timer).collect(),
            ..SignalExpected::default()
        };
        for line in &self.lines {
            let kind = match &line.what {
                What::Text(_) | What::Answer { .. } | What::Mention { .. } => "text",
                What::Edited { .. } => {
                    expected.edited += 1;
                    "text"
                }
                What::Photo { .. } => {
                    expected.attachments += 1;
                    "image"
                }
                What::ViewOnceSeen => "view-once",
                What::Deleted => {
                    expected.revoked += 1;
                    "revoked"
                }
                What::Poll { .. } => "poll",
                What::MissedCall => "call",
                What::Timer { .. } | What::Left => "system",
            };
            *expected.by_kind.entry(kind.to_owned()).or_default() += 1;
            expected.reactions += line.reactions.len() as u64;
        }
        expected.secrets.push(self.pin().into_bytes());
        expected.secrets.extend(self.chats.iter().filter_map(|chat| Some(chat.group.as_ref()?.master_key.to_vec())));
        expected.secrets.push(self.profile_key().to_vec());
        expected
    }

    pub(super) fn pin(&self) -> String {
        let key = key(self.seed, "signal pin");
        format!("pin-{}", hex::encode(&key[..5]))
    }

    pub(super) fn profile_key(&self) -> [u8; 32] {
        key(self.seed, "signal profile key")
    }

    /// The key of the file of a line.
    pub(super) fn local_key(&self, line: usize) -> [u8; 64] {
        let mut both = [0; 64];
        both[..32].copy_from_slice(&key(self.seed, &format!("signal file {line}")));
        both[32..].copy_from_slice(&key(self.seed, &format!("signal file tag {line}")));
        both
    }
}
