//! Messages (`sms.db`), the address book and their settings, of a Dutch key official who does not exist.
//!
//! From [`MessagesOptions`] come the files of a backup and a [`MessagesExpected`] with what a reader must arrive at. Equal
//! options give equal bytes. Meanings: `reference/ios.md §6`; columns: `schema_*.sql` beside this file. What the reference calls
//! unverified or does not read is left out or is a filler that says nothing: contents of apps (`payload_data`), votes, unknown
//! item types, `properties`. Our choice, on which no reader may rely: which columns beside those of the reference are filled.
//!
//! | file | what |
//! |---|---|
//! | `typedstream`, `summary` | attributed texts; edits and parts taken back |
//! | `room`, `story`, `sayings`, `files`, `notices`, `oddities` | conversations and what happens in them |
//! | `address_book`, `record` | names; what was made |

mod address_book;
mod files;
mod notices;
mod oddities;
mod record;
mod room;
mod sayings;
mod story;
mod summary;
mod typedstream;

pub use record::MessagesExpected;

use super::super::{ContentError, MediaScale, database, options::DEFAULT_NOW};
use crate::backup::BackupFile;
use uitlezen_property_list::{Value, to_binary};

/// How long Messages is told to keep what it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    #[default]
    Forever,
    /// For so many days; the app offers 30 and 365.
    Days(u32),
    /// Never touched: the settings say nothing.
    NeverSet,
}

/// What is asked of the generator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessagesOptions {
    pub seed: u64,
    /// Records, exactly this many (at least 1): messages and notices. Reactions stand on them and do not count.
    pub messages: u64,
    /// The phone's clock, Unix seconds.
    pub now: i64,
    /// Version of the phone: decides which key says how long messages are kept.
    pub ios_major: u32,
    pub keep: Keep,
    pub media: MediaScale,
    /// A marker planted in texts and in a name.
    pub canary: Option<String>,
    /// Rows that nobody understands, and a text that cannot be decoded.
    pub oddities: bool,
}

impl Default for MessagesOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            messages: 1_000,
            now: DEFAULT_NOW,
            ios_major: 26,
            keep: Keep::default(),
            media: MediaScale::default(),
            canary: None,
            oddities: true,
        }
    }
}

/// The files and what must be found in them.
#[derive(Clone, Debug)]
pub struct Messages {
    pub files: Vec<BackupFile>,
    pub expected: MessagesExpected,
    /// `sms.db` and `AddressBook.sqlitedb` in the clear; they stand among the files too.
    pub sms: Vec<u8>,
    pub address_book: Vec<u8>,
}

pub(super) const HOME: &str = "HomeDomain";

/// Make the messages of a phone.
///
/// # Errors
/// Only when SQLite fails, or its clock lies outside the calendar.
pub fn generate(options: &MessagesOptions) -> Result<Messages, ContentError> {
    jiff::Timestamp::from_second(options.now)?;
    let db = database::create(include_str!("schema_sms.sql"))?;
    let mut people = room::cast(options);
    let rooms = room::build(&db, options, &mut people)?;
    let mut story = story::Story::new(&db, options, &mut people, rooms);
    story.tell()?;
    let (mut expected, mut files) = story.finish();
    db.execute(
        "INSERT INTO _SqliteDatabaseProperties (key, value) VALUES ('_ClientVersion', '18001'), ('counter_in_all', '0')",
        [],
    )?;
    let sms = database::finish(db)?.to_vec();
    let address_book = address_book::build(options, &people, &mut expected)?;
    files.push(BackupFile::of(HOME, "Library/SMS/sms.db", sms.clone(), options.now));
    files.push(BackupFile::of(HOME, "Library/AddressBook/AddressBook.sqlitedb", address_book.clone(), options.now));
    files.push(BackupFile::of(HOME, "Library/Preferences/com.apple.MobileSMS.plist", settings(options)?, options.now));
    // The twin of another case holds something else.
    let twin = to_binary(&Value::of([("IMDCKBackupControllerLastSync", 1)])).map_err(list)?;
    files.push(BackupFile::of(HOME, "Library/Preferences/com.apple.mobileSMS.plist", twin, options.now));
    Ok(Messages { files, expected, sms, address_book })
}

fn list(error: uitlezen_property_list::WriteError) -> ContentError {
    ContentError::Io(std::io::Error::other(error))
}

/// From iOS 17 on a value of the older key may be left over, and says nothing.
fn settings(options: &MessagesOptions) -> Result<Vec<u8>, ContentError> {
    let mut list_of = Value::of([("MMSShowSubject", 0)]);
    let days = match options.keep {
        Keep::Forever => Some(0),
        Keep::Days(days) => Some(days),
        Keep::NeverSet => None,
    };
    if options.ios_major >= 17 {
        list_of.set("KeepMessageForDays", 30);
    }
    if let Some(days) = days {
        list_of.set(if options.ios_major >= 17 { "SSKeepMessages" } else { "KeepMessageForDays" }, days);
    }
    to_binary(&list_of).map_err(list)
}
