//! WhatsApp on an iPhone (`ChatStorage.sqlite` and what lies beside it) of a Dutch key official who does not exist.
//!
//! From [`WhatsAppOptions`] come the files of a backup and a [`WhatsAppExpected`] with what a reader must arrive at. Equal options
//! give equal bytes. Meanings: `reference/ios.md §5`; columns: `schema_*.sql` beside this file. What the reference calls
//! unverified or does not read is left out: marks of edits, who was added by whom, receipts, votes, the settings of the default
//! timer, the pages of `Z_METADATA`. Our choice, on which no reader may rely: numbers of entities, which columns beside those of
//! the reference are filled, fields of blobs that no reference explains (one is there so that a reader can count it).
//!
//! | file | what |
//! |---|---|
//! | `wire`, `apple` | blobs within rows; entities and times |
//! | `cast`, `room` | people and conversations |
//! | `story`, `sayings`, `files`, `notices`, `timers` | what happens in them |
//! | `beside` | contacts, hidden ids, the call log, the settings |
//! | `record` | what was made |

mod apple;
mod beside;
mod cast;
mod files;
mod notices;
mod record;
mod room;
mod sayings;
mod story;
mod timers;
mod wire;

pub use record::WhatsAppExpected;

use super::super::{ContentError, MediaScale, database, options::DEFAULT_NOW};
use crate::backup::BackupFile;

/// What is asked of the generator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhatsAppOptions {
    pub seed: u64,
    /// Records, exactly this many (at least 1): messages and notices in conversations in scope.
    pub messages: u64,
    /// The phone's clock, Unix seconds.
    pub now: i64,
    /// WhatsApp Business in place of WhatsApp.
    pub business: bool,
    pub media: MediaScale,
    /// A marker planted in texts and in a name.
    pub canary: Option<String>,
    /// Some conversations delete their messages; without it none ever did.
    pub timers: bool,
    /// Messages and notices that nobody understands.
    pub oddities: bool,
    /// The app's own end-to-end backup is on: then no messages are in the phone's backup.
    pub end_to_end_backup: bool,
}

impl Default for WhatsAppOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            messages: 1_000,
            now: DEFAULT_NOW,
            business: false,
            media: MediaScale::default(),
            canary: None,
            timers: true,
            oddities: true,
            end_to_end_backup: false,
        }
    }
}

impl WhatsAppOptions {
    fn domain(&self) -> &'static str {
        if self.business {
            "AppDomainGroup-group.net.whatsapp.WhatsAppSMB.shared"
        } else {
            "AppDomainGroup-group.net.whatsapp.WhatsApp.shared"
        }
    }

    fn package(&self) -> &'static str {
        if self.business { "net.whatsapp.WhatsAppSMB" } else { "net.whatsapp.WhatsApp" }
    }
}

/// The files and what must be found in them.
#[derive(Clone, Debug)]
pub struct WhatsApp {
    pub files: Vec<BackupFile>,
    pub expected: WhatsAppExpected,
    /// The databases in the clear; they stand among the files too, but for the messages under an end-to-end backup.
    pub chat_storage: Vec<u8>,
    pub contacts: Vec<u8>,
    pub lids: Vec<u8>,
    pub calls: Vec<u8>,
    /// The settings, in which the app names the holder.
    pub settings: Vec<u8>,
}

/// Make the WhatsApp of a phone.
///
/// # Errors
/// Only when SQLite fails, or its clock lies outside the calendar.
pub fn generate(options: &WhatsAppOptions) -> Result<WhatsApp, ContentError> {
    jiff::Timestamp::from_second(options.now)?;
    let db = database::create(include_str!("schema_chat_storage.sql"))?;
    let people = cast::cast(options);
    let rooms = room::build(&db, options, &people)?;
    let mut story = story::Story::new(&db, options, &people, rooms);
    story.tell()?;
    story.left_out()?;
    let (rooms, mut expected, media, next_row) = story.finish();
    for (entity, name, table) in apple::ENTITIES {
        let most: Option<i64> = db.query_row(&format!("SELECT max(Z_PK) FROM {table}"), [], |row| row.get(0))?;
        // Rows of messages that are gone were given out all the same.
        let given = if *table == "ZWAMESSAGE" { next_row - 1 } else { most.unwrap_or(0) };
        db.execute("INSERT INTO Z_PRIMARYKEY VALUES (?, ?, 0, ?)", rusqlite::params![entity, name, given])?;
    }
    let chat_storage = database::finish(db)?.to_vec();
    let contacts = beside::contacts(options, &people, &rooms, &mut expected)?;
    let lids = beside::lids(options, &people)?;
    expected.lid_pairs = people.iter().filter(|p| p.has_number() && p.lid.is_some()).count() as u64;
    let calls = beside::calls(options, &people, &rooms, &mut expected)?;
    let settings = beside::settings(&people)?;
    let mut files = Vec::new();
    let domain = options.domain();
    let mut put = |name: &str, bytes: &[u8]| files.push(BackupFile::of(domain, name, bytes.to_vec(), options.now));
    if !options.end_to_end_backup {
        put("ChatStorage.sqlite", &chat_storage);
    }
    put("ContactsV2.sqlite", &contacts);
    put("LID.sqlite", &lids);
    put("CallHistory.sqlite", &calls);
    let group = domain.trim_start_matches("AppDomainGroup-");
    put(&format!("Library/Preferences/{group}.plist"), &settings);
    if !options.end_to_end_backup {
        files.extend(media);
    }
    Ok(WhatsApp { files, expected, chat_storage, contacts, lids, calls, settings })
}
