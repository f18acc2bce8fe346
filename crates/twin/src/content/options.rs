//! What may be asked of the generator.

use serde::{Deserialize, Serialize};

/// The phone's own clock when nothing else is asked: 2026-11-16 08:30 UTC, a Monday morning.
pub const DEFAULT_NOW: i64 = 1_794_817_800;

/// What kind of backup the holder made; decides whether a reader can open it (`reference/android.md` §2.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BackupKind {
    /// End-to-end backup with the 64-digit key, which the holder has.
    #[default]
    Crypt15,
    /// As `Crypt15`, and an older `msgstore.db.crypt14` left beside it from before the switch.
    Crypt15BesideStale14,
    /// Never switched on: the key is in the app's private folder, so an owner without root cannot have it.
    Crypt14Only,
    /// End-to-end backup with a password or passkey: the files look like crypt15, but nobody at the desk has a key.
    PasswordMode,
}

/// How large media files are. Their bytes exist only while somebody reads them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MediaScale {
    /// No media file on the phone: every attachment is missing.
    None,
    /// 1 to 60 KB a file, so that tests stay fast.
    #[default]
    Small,
    /// Sizes as on a real phone: photos of 100 to 400 KB, videos of 2 to 15 MB. Hashing them all takes time:
    /// some 400 KB per attachment, and one message in eleven has one.
    Realistic,
}

/// What the virtual phone holds. Equal options give equal bytes, on every machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    pub seed: u64,
    /// Rows of `message` in conversations in scope, notices included: exactly this many (at least 1).
    pub messages: u64,
    /// Conversations in scope; `None` lets the number follow from `messages` (12 to 400).
    pub conversations: Option<u32>,
    /// WhatsApp Business beside WhatsApp, with a tenth of the messages and a key of its own.
    pub with_business: bool,
    /// A marker planted in texts, names, captions, file names and media bytes; the expectation says how often.
    pub canary: Option<String>,
    /// The phone's clock, Unix seconds.
    pub now: i64,
    /// The same phone so many days after `now`: its clock and its backups moved on, and `later_messages` rows of `message` came
    /// behind the ones that were there, which stay as they were with their media. With `timers` some that would have expired
    /// in those days are still there.
    pub later_days: u32,
    pub later_messages: u64,
    /// How old the newest backup file is.
    pub backup_age_hours: u32,
    /// Some conversations delete their messages; without it none ever did.
    pub timers: bool,
    /// Incremental backups of the last days over an older full one.
    pub increments: bool,
    /// Beside `messages.bin` put one entry of random bytes in the newest increment. It stands for whatever real
    /// increments carry about deletions, whose layout nobody has read: a reader can only count it.
    pub unread_entry: bool,
    pub kind: BackupKind,
    pub media: MediaScale,
    /// One attachment's file differs from the digest in the database.
    pub damaged_media: bool,
    /// Contact cards also in conversations under a hidden id. whatsapp-chat-exporter 0.13.1 stops with an exception on
    /// those, so they are off where it is to run.
    pub cards_in_lid_chats: bool,
    /// Keep the databases in the clear in [`super::PhoneContent::plain`]; for tests of readers.
    pub keep_plain: bool,
    /// Conversations made for separation beside the others, with words that begin with this one. No other number counts them.
    pub apart: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            messages: 2_000,
            conversations: None,
            with_business: false,
            canary: None,
            now: DEFAULT_NOW,
            later_days: 0,
            later_messages: 0,
            backup_age_hours: 6,
            timers: true,
            increments: true,
            unread_entry: false,
            kind: BackupKind::default(),
            media: MediaScale::default(),
            damaged_media: false,
            cards_in_lid_chats: false,
            keep_plain: false,
            apart: None,
        }
    }
}

impl Options {
    /// What the phone's clock says, Unix seconds.
    #[must_use]
    pub fn clock(&self) -> i64 {
        self.now + self.later_seconds()
    }

    pub(super) fn later_seconds(&self) -> i64 {
        i64::from(self.later_days) * 86_400
    }

    pub(super) fn conversation_count(&self) -> usize {
        let asked = self.conversations.map_or_else(|| (self.messages / 250).clamp(12, 400), u64::from);
        // Every conversation opens with two notices, so more of them than messages / 3 would say nothing else.
        usize::try_from(asked.min(self.messages / 3).max(1)).unwrap_or(1)
    }
}
