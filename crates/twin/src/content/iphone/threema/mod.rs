//! Threema on an iPhone (`ThreemaData.sqlite` and the files beside it) of a Dutch key official who does not exist.
//!
//! From [`ThreemaOptions`] come the files of a backup and a [`ThreemaExpected`] with what a reader must arrive at. Equal options
//! give equal bytes. Meanings: `reference/ios.md §6b, §7`; columns: `schema.sql` beside this file. What the reference does not
//! explain is left out: ids of messages and groups, members, quotes, reactions, the content of notices and polls.

mod files;
mod room;
mod story;

use super::super::{ContentError, MediaScale, database, dice::Dice, options::DEFAULT_NOW};
use crate::backup::BackupFile;
use rusqlite::params;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uitlezen_property_list::{Value, to_binary};

/// Which of the three apps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThreemaKind {
    #[default]
    Threema,
    Work,
    OnPrem,
}

impl ThreemaKind {
    fn group(self) -> &'static str {
        match self {
            Self::Threema => "group.ch.threema",
            Self::Work => "group.ch.threema.work",
            Self::OnPrem => "group.ch.threema.onprem",
        }
    }

    /// The bundle identifier.
    #[must_use]
    pub fn bundle(self) -> &'static str {
        match self {
            Self::Threema => "ch.threema.iapp",
            Self::Work => "ch.threema.work.iapp",
            Self::OnPrem => "ch.threema.onprem.iapp",
        }
    }
}

/// What is asked of the generator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreemaOptions {
    pub seed: u64,
    /// Records, exactly this many (at least 1).
    pub messages: u64,
    /// The phone's clock, Unix seconds.
    pub now: i64,
    pub kind: ThreemaKind,
    pub media: MediaScale,
    /// Days that the holder set; none: never touched.
    pub keep_days: Option<i64>,
    /// Days that an administrator forces, in the business apps.
    pub forced_days: Option<i64>,
    /// Texts and names are encrypted ("remote secret").
    pub encrypted: bool,
    /// Messages that nobody understands.
    pub oddities: bool,
}

impl Default for ThreemaOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            messages: 500,
            now: DEFAULT_NOW,
            kind: ThreemaKind::default(),
            media: MediaScale::default(),
            keep_days: None,
            forced_days: None,
            encrypted: false,
            oddities: true,
        }
    }
}

/// What a reader must find.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThreemaExpected {
    pub messages: u64,
    pub conversations: u64,
    pub direct: u64,
    pub groups: u64,
    /// By kind of body, as JSON names it.
    pub by_kind: BTreeMap<String, u64>,
    /// Texts and captions by row of `ZMESSAGE`.
    pub texts: BTreeMap<i64, String>,
    /// Files in files of their own: all that messages name, and those in the backup.
    pub files_named: u64,
    pub files_present: u64,
    /// Files within the database.
    pub files_inline: u64,
    /// Messages of which something is there and cannot be read.
    pub unreadable: u64,
    pub unknown_types: u64,
    pub absent: u64,
}

/// The files and what must be found in them.
#[derive(Clone, Debug)]
pub struct Threema {
    pub files: Vec<BackupFile>,
    pub expected: ThreemaExpected,
    /// The database and the settings in the clear; they stand among the files too.
    pub data: Vec<u8>,
    pub settings: Vec<u8>,
    /// The app's own settings, where an administrator forces something.
    pub managed: Option<Vec<u8>>,
}

/// Names of the entities of messages. Their numbers follow from the seed: a reader takes none for granted.
const ENTITIES: [&str; 8] = [
    "TextMessage",
    "ImageMessage",
    "FileMessage",
    "AudioMessage",
    "VideoMessage",
    "LocationMessage",
    "SystemMessage",
    "BallotMessage",
];

/// Make the Threema of a phone.
///
/// # Errors
/// Only when SQLite fails, or its clock lies outside the calendar.
pub fn generate(options: &ThreemaOptions) -> Result<Threema, ContentError> {
    jiff::Timestamp::from_second(options.now)?;
    let db = database::create(include_str!("schema.sql"))?;
    let first = Dice::new(options.seed, "threema entities").between(3, 60);
    let mut story = story::Story::new(&db, options, first)?;
    story.tell()?;
    let (expected, media, next_row) = story.finish();
    for (at, name) in (0..).zip(ENTITIES) {
        db.execute("INSERT INTO Z_PRIMARYKEY VALUES (?, ?, ?, 0)", params![first + at, name, first - 1])?;
    }
    db.execute("INSERT INTO Z_PRIMARYKEY VALUES (?, 'Message', 0, ?)", params![first - 1, next_row - 1])?;
    let data = database::finish(db)?.to_vec();
    let list = |error| ContentError::Io(std::io::Error::other(error));
    let mut settings = Value::of([("DarkTheme", 0)]);
    if let Some(days) = options.keep_days {
        settings.set("KeepMessagesDays", days);
    }
    let settings = to_binary(&settings).map_err(list)?;
    let forced = options.forced_days.map(|days| Value::of([("th_keep_messages_days", days)]));
    let managed = forced.map(|forced| to_binary(&Value::of([("com.apple.configuration.managed", forced)])));
    let managed = managed.transpose().map_err(list)?;
    let group = options.kind.group();
    let (shared, bundle) = (format!("AppDomainGroup-{group}"), options.kind.bundle());
    let mut files = vec![
        BackupFile::of(&shared, "ThreemaData.sqlite", data.clone(), options.now),
        BackupFile::of(&shared, format!("Library/Preferences/{group}.plist"), settings.clone(), options.now),
    ];
    if let Some(managed) = &managed {
        let path = format!("Library/Preferences/{bundle}.plist");
        files.push(BackupFile::of(format!("AppDomain-{bundle}"), path, managed.clone(), options.now));
    }
    files.extend(media);
    Ok(Threema { files, expected, data, settings, managed })
}
