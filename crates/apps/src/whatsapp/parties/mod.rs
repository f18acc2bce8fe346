//! Who is who and which conversations there are, on any kind of phone: addresses and hidden ids, names with their origin, and
//! the conversations with their members. The readers of the databases fill it and ask it.

pub(crate) mod book;
pub(crate) mod jids;
pub(crate) mod people;

use crate::{OthersDefaultTimer, ReadError, Summary};
use serde::{Deserialize, Serialize};

/// What is read beyond conversations and their messages. All off: the plan must ask for it (requirement of data minimisation).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// Messages of `status@broadcast`.
    pub status_broadcast: bool,
    /// Channels (`@newsletter`).
    pub newsletters: bool,
    /// Calls that do not stand in a conversation. Read on an iPhone; on Android only counted.
    pub call_log: bool,
    /// Unsent texts. Not read yet: only counted.
    pub drafts: bool,
}
