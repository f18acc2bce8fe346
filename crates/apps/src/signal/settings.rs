//! What the account says of deleting messages.
//!
//! | | in the folder backup | in the backup file |
//! |---|---|---|
//! | timer of new chats | `universalExpireTimerSeconds` | `settings.universal.expire.timer` |
//! | how long messages are kept | not carried | `settings.keep_messages_duration` |
//! | how many messages a chat keeps | not carried | `pref_trim_threads`, `pref_trim_length` |

use serde::{Deserialize, Serialize};

/// A setting that may not be in the backup at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "known", rename_all = "kebab-case")]
pub enum Known<T> {
    /// This kind of backup carries it, and here it is.
    Set { value: T },
    /// This kind of backup carries it, and it stands nowhere: the app's default holds, which is off.
    NeverSet,
    /// This kind of backup does not carry it: the holder must show the screen.
    #[default]
    NotCarried,
    /// It is there and is not understood.
    NotUnderstood,
}

/// How long messages are kept, whatever their timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "keeps", rename_all = "kebab-case")]
pub enum Keep {
    Forever,
    For { seconds: u64 },
}

/// What one backup says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Seconds of the timer that new chats begin with; 0 is off.
    pub universal_timer: Known<u64>,
    pub keep: Known<Keep>,
    /// Messages that a chat keeps at most; none when it is off.
    pub trim: Known<Option<u64>>,
}
