//! Separation: which conversations are left out, and from when to when. The rules come from the office's register; they are
//! decided beforehand, for whole conversations and never for single messages.
//!
//! `readout` makes [`Rules`] of the register and gives them to the reader child, which applies them before a record leaves it:
//! a [`Judge`] says what becomes of each conversation at each moment ([`Ruling`]), and a [`Separator`] takes out of the records
//! what is left out and what repeats it.
//!
//! | file | what |
//! |---|---|
//! | `identifier`, `timeline`, `presence` | names in one form; what holds when; who was in a conversation when |
//! | `ruling` | the judgement |
//! | `separator`, `settle`, `trim` | the work; one message of a part; the head of a part |
//! | `heard`, `repeats` | what is remembered of what is left out; what repeats it |
//! | `tally`, `past` | counts and keyed hashes; classes that were changed afterwards |

mod heard;
mod identifier;
mod past;
mod presence;
mod repeats;
mod ruling;
mod separator;
mod settle;
mod tally;
mod timeline;
mod trim;

pub use identifier::normal;
pub use past::{Classes, Past};
pub use repeats::Repeats;
pub use ruling::{Judge, Placing, Ruling};
pub use separator::{Goes, Separator};
pub use tally::{Amount, LeftOut, Tally, Thread, ThreadKey};
pub use timeline::Timeline;
pub use trim::LEFT_OUT;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a conversation is, as decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    Zakelijk,
    Prive,
    Partijpolitiek,
    /// Business and other things in one conversation: read out, and marked for the records department.
    Gemengd,
    /// Not decided.
    Onbekend,
}

impl Class {
    /// The word of the glossary, as records and registers write it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Zakelijk => "zakelijk",
            Self::Prive => "prive",
            Self::Partijpolitiek => "partijpolitiek",
            Self::Gemengd => "gemengd",
            Self::Onbekend => "onbekend",
        }
    }
}

/// What is done with a conversation about which nothing was decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// Everything is read out but what was decided to be private or party-political.
    #[default]
    TenzijUitgesloten,
    /// Only what was decided to be business (or mixed); of the undecided only title and participants, in role *scheiding*.
    AlleenZakelijk,
}

/// From `from` (included) to `to` (not included); open where absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

/// One decision about a conversation, for a time. Who decided, why and when stands in the register under `rule`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The register's number of the decision: stands in counts and reports in place of a name.
    pub rule: u64,
    pub class: Class,
    pub span: Span,
}

/// A conversation that the register knows: a direct one by its partner, a group by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// Phone numbers in international form (`+31612345678`) or native ids of an app (`…@g.us`): any of them names it. A
    /// number names the direct conversation with whoever has it, in every app; never the groups that they are in.
    pub identifiers: Vec<String>,
    /// Where two decisions hold at one time, the later in this list wins.
    pub decisions: Vec<Decision>,
}

/// Somebody whom the register knows, under all their numbers and ids, and when they were what they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    pub identifiers: Vec<String>,
    pub span: Span,
}

/// Everything that decides what of a phone is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    pub policy: Policy,
    pub decided: Vec<Decided>,
    /// Council members (R27): a conversation of nobody but council members is out of scope on a phone that is not a key
    /// official's, except at the times at which a key official is in it (R28).
    pub councillors: Vec<Known>,
    pub officials: Vec<Known>,
    /// The phone is of a key official: councillors-only does not arise, since the holder is in every conversation.
    pub phone_of_official: bool,
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests;
