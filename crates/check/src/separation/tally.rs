//! How much was left out, by rule and class, and of which conversations: counts and keyed hashes, for role *verantwoording*.

use super::{Class, Placing, Policy, Repeats, Ruling, past::Classes};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::collections::{BTreeMap, BTreeSet};
use uitlezen_chat::ConversationId;

/// An amount of what was left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// Conversations on the phone that it concerns, in whole or in part.
    pub conversations: u64,
    pub messages: u64,
    /// Files that those messages name.
    pub attachments: u64,
}

/// What one rule left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    pub rule: u64,
    pub class: Class,
    #[serde(flatten)]
    pub amount: Amount,
}

/// A conversation of which something was left out. The hash is HMAC-SHA-256, in hex, over the conversation's id
/// (`whatsapp:31612345678@s.whatsapp.net`) under the key that the station keeps for the phone: whoever has that key and the
/// register can check the list again, and nobody else learns anything from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    pub thread: String,
    /// Rules that left something of it out; none where only its being one of council members did.
    pub rules: Vec<u64>,
}

/// What separation did to the conversations of one app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub policy: Policy,
    /// Conversations that were read out, in whole or in part, by class: *onbekend* and *gemengd* are work for the records
    /// department.
    pub read_out: BTreeMap<Class, u64>,
    pub left_out: Vec<LeftOut>,
    pub undecided: Amount,
    pub councillors_only: Amount,
    pub repeats: Repeats,
    pub threads: Vec<Thread>,
    /// What was decided, by keyed hash of the conversation: the next readout compares.
    pub classes: Classes,
}

impl Tally {
    /// Whether anything at all was left out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.left_out.is_empty() && self.undecided == Amount::default() && self.councillors_only == Amount::default()
    }

    pub(super) fn conversation(&mut self, id: &ConversationId, ruling: &Ruling, key: Option<&ThreadKey>) {
        let placings: BTreeSet<Placing> = ruling.placings().values().copied().collect();
        let mut rules = Vec::new();
        for placing in &placings {
            match placing {
                Placing::In { class } => *self.read_out.entry(*class).or_default() += 1,
                _ => self.amount(*placing).conversations += 1,
            }
            if let Placing::Out { rule, .. } = placing {
                rules.push(*rule);
            }
        }
        let excluded = placings.iter().any(|p| matches!(p, Placing::Out { .. } | Placing::CouncillorsOnly));
        let Some(key) = key else { return };
        if excluded {
            self.threads.push(Thread { thread: key.hash(id), rules });
        }
        if ruling.classes().values().any(Option::is_some) {
            self.classes.insert(key.hash(id), ruling.classes().clone());
        }
    }

    pub(super) fn message(&mut self, placing: Placing, attachments: usize) {
        let amount = self.amount(placing);
        amount.messages += 1;
        amount.attachments += attachments as u64;
    }

    fn amount(&mut self, placing: Placing) -> &mut Amount {
        match placing {
            Placing::Out { rule, class } => {
                let at = self.left_out.partition_point(|l| (l.rule, l.class) < (rule, class));
                if self.left_out.get(at).is_none_or(|l| (l.rule, l.class) != (rule, class)) {
                    self.left_out.insert(at, LeftOut { rule, class, amount: Amount::default() });
                }
                // It was put there just now.
                #[allow(clippy::indexing_slicing, reason = "at is the place of what is there")]
                &mut self.left_out[at].amount
            }
            Placing::CouncillorsOnly => &mut self.councillors_only,
            Placing::Undecided | Placing::In { .. } => &mut self.undecided,
        }
    }
}

/// Makes the keyed hashes of conversations of one phone.
#[derive(Clone)]
pub struct ThreadKey(Hmac<Sha256>);

impl std::fmt::Debug for ThreadKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ThreadKey")
    }
}

impl ThreadKey {
    /// The key for this purpose alone out of the key that the station keeps for a phone.
    #[must_use]
    pub fn derive(of_phone: &[u8; 32]) -> [u8; 32] {
        let Self(mut mac) = Self::new(of_phone);
        mac.update(b"uitlezen/scheiding/1");
        mac.finalize().into_bytes().into()
    }

    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        // A key shorter than the block of the hash is filled up with zeros: so says HMAC itself.
        let mut block = [0; 64];
        block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
        Self(Hmac::new(&block.into()))
    }

    #[must_use]
    pub fn hash(&self, id: &ConversationId) -> String {
        let mut mac = self.0.clone();
        mac.update(b"uitlezen/gesprek/1\0");
        mac.update(id.0.as_bytes());
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
