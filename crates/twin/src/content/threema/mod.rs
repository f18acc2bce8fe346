//! Threema on Android: the data backup of a Dutch key official who does not exist, a zip under a password.
//!
//! From [`ThreemaBackupOptions`] come the file and a [`ThreemaBackupExpected`] with what a reader must arrive at. Equal options give
//! equal bytes. Names of entries and columns, and which version has which: `reference/exports.md §6.1`. Not known, and so our
//! choice: names of the entries with nonces, the order of entries, which of the quotes are needed, the layout of `IMAGE`'s body (empty
//! here). Whether a group's members name the holder, and whether own messages in a group name their author, is not known either:
//! they do not, unless [`ThreemaBackupOptions::own_identity`] asks for the latter.

mod phone;
mod room;
mod story;
mod table;
mod zip;

pub use phone::OnPhone;
pub use zip::{Ae, AesZip};

use super::{ContentError, options::DEFAULT_NOW};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub const THREEMA: &str = "ch.threema.app";
pub const THREEMA_WORK: &str = "ch.threema.app.work";
/// The version of the app that a phone lists.
pub const THREEMA_VERSION: &str = "6.4.2";

/// What is asked of the generator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreemaBackupOptions {
    pub seed: u64,
    /// Rows of messages in all conversations together, exactly this many (at least 1).
    pub messages: u64,
    /// The phone's clock, Unix seconds.
    pub now: i64,
    /// How old the backup is.
    pub age_hours: u32,
    /// Version of the form: 27 is the newest, 16 lacks what came since.
    pub version: u32,
    /// The holder left the files in.
    pub media: bool,
    /// Own messages in a group name their author.
    pub own_identity: bool,
    /// Messages of kinds that nobody interprets, and files that the app had and that are gone.
    pub oddities: bool,
    /// A marker planted in texts, names and captions; the expectation says how often in texts.
    pub canary: Option<String>,
}

impl Default for ThreemaBackupOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            messages: 400,
            now: DEFAULT_NOW,
            age_hours: 20,
            version: 27,
            media: true,
            own_identity: false,
            oddities: true,
            canary: None,
        }
    }
}

/// What a reader must find.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreemaBackupExpected {
    pub messages: u64,
    pub conversations: u64,
    pub direct: u64,
    pub groups: u64,
    pub lists: u64,
    /// By kind of body, as JSON names it.
    pub by_kind: BTreeMap<String, u64>,
    /// Texts and captions by the id that their sender gave the message, in lower case.
    pub texts: BTreeMap<String, String>,
    /// Files that messages name: those in the backup, and the others.
    pub files_present: u64,
    pub files_absent: u64,
    pub reactions: u64,
    pub quotes: u64,
    pub edited: u64,
    pub revoked: u64,
    pub votes: u64,
    /// Messages that are not interpreted.
    pub unknown: u64,
    /// Texts that hold the marker.
    pub canaries: u64,
    /// What must never reach a record, a log or a screen.
    pub secrets: Vec<String>,
}

/// The file and what must be found in it.
#[derive(Clone, Debug)]
pub struct ThreemaBackup {
    /// As the app calls it.
    pub name: String,
    /// Unix seconds.
    pub made: i64,
    pub bytes: Vec<u8>,
    pub password: String,
    /// The holder's Threema id.
    pub identity: String,
    /// What is in the zip, by name.
    pub entries: BTreeMap<String, Vec<u8>>,
    pub expected: ThreemaBackupExpected,
}

/// Makes the backup.
///
/// # Errors
/// When its clock lies outside the calendar, or the whole is too long for a zip without long fields.
pub fn generate(options: &ThreemaBackupOptions) -> Result<ThreemaBackup, ContentError> {
    jiff::Timestamp::from_second(options.now)?;
    let made = options.now - i64::from(options.age_hours) * 3600;
    let mut story = story::Story::new(options, made);
    story.tell();
    let password = story.password();
    let identity = story.holder.clone();
    let (entries, expected) = story.finish();
    let mut zip = AesZip::new(&password, options.seed);
    // The app writes its settings first.
    let (first, others): (Vec<_>, Vec<_>) = entries.iter().partition(|(name, _)| name.as_str() == "settings");
    for (name, content) in first.into_iter().chain(others) {
        let text = name.ends_with(".csv") || name == "settings";
        zip.add(name, content, text)?;
    }
    let name = format!("threema-backup_{}_1.zip", made * 1000);
    Ok(ThreemaBackup { name, made, bytes: zip.finish(), password, identity, entries, expected })
}
