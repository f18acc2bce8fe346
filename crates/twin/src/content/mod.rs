//! The generator: what a Dutch municipal key official's Android phone holds.
//!
//! Called by the `demo` and `twin` commands, tests and benches. From [`Options`] it makes the WhatsApp folders of a
//! phone: encrypted databases in memory, media as recipes whose bytes exist only while read ([`VirtualFile`]), the
//! address book, the keys, and an [`Expected`] with the numbers that a reader must arrive at. Equal options give equal
//! bytes. Nobody in it exists.
//!
//! It is a maker, no oracle: what `reference/android.md` marks "unverified" or "not read" is either left out or named
//! here as our choice:
//!
//! * indexes of the 2026 database (taken from 2022), add-on type 67 for votes, association type 1 for albums, contents
//!   of `lookup_tables` and flags other than those listed: our choice, so a reader must not rely on them;
//! * `backup_settings.json`, chat settings and other files in `Backups/`: contents not known, not made;
//! * how increments describe media and deletions: not known, not made (`Options::unread_entry` puts random bytes there).
//!
//! Numbers, row shapes and meanings: `reference/android.md` §2; column layouts: `schema_*.sql` beside this file.

// Tables of this crate are indexed with numbers made in this crate; nothing here comes from outside.
#![allow(clippy::indexing_slicing)]

mod address;
mod apart;
mod app;
mod backup;
mod database;
mod dice;
mod file;
mod folder;
mod increment;
mod increments;
pub mod iphone;
mod media;
mod options;
mod people;
mod phone;
mod record;
mod room;
pub mod signal;
pub mod sms;
mod story;
mod texts;
pub mod threema;
mod wa;

pub(crate) use dice::Dice;

pub use apart::ApartExpected;
pub use backup::{APP_VERSION, TwinSecrets};
pub use file::VirtualFile;
pub use folder::write_folder;
pub use options::{BackupKind, DEFAULT_NOW, MediaScale, Options};
pub use record::{
    AppExpected, AttachmentsExpected, CanaryExpected, ConversationExpected, Expected, IncrementExpected, NameExpected,
};

use std::collections::BTreeMap;

pub const WHATSAPP: &str = "com.whatsapp";
pub const WHATSAPP_BUSINESS: &str = "com.whatsapp.w4b";

/// Why nothing could be generated.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    #[error("the database could not be built: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("the increment could not be packed: {0}")]
    Zip(#[from] zip::result::ZipError),
    #[error("the increment could not be encoded: {0}")]
    Protobuf(#[from] prost::EncodeError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
    #[error("the cipher refused its input")]
    Cipher,
    #[error("the time asked for is outside the calendar")]
    Time(#[from] jiff::Error),
}

/// A phone's files and what must be found in them.
#[derive(Clone, Debug)]
pub struct PhoneContent {
    /// By path below the shared storage (`/sdcard`), for instance
    /// `Android/media/com.whatsapp/WhatsApp/Databases/msgstore.db.crypt15`.
    pub files: BTreeMap<String, VirtualFile>,
    pub expected: Expected,
    /// Keys of WhatsApp.
    pub secrets: TwinSecrets,
    /// Keys of WhatsApp Business, where the phone has it.
    pub business_secrets: Option<TwinSecrets>,
    /// The holder's own number for WhatsApp, international form with "+".
    pub number: String,
    /// The phone's clock, Unix seconds.
    pub now: i64,
    /// (package, version) of what the phone lists.
    pub packages: Vec<(String, String)>,
    /// The phone's address book: (number in international form with "+", name). Holds people who are in no conversation.
    pub contacts: Vec<(String, String)>,
    /// The databases in the clear, by package, when `Options::keep_plain` asks for them.
    pub plain: BTreeMap<String, PlainDatabases>,
    /// Conversations made for separation, when `Options::apart` asks for them.
    pub apart: Option<ApartExpected>,
}

/// Databases before encryption; for tests of readers.
#[derive(Clone, Debug)]
pub struct PlainDatabases {
    pub msgstore: Vec<u8>,
    pub wa: Vec<u8>,
}

/// Make a phone.
///
/// # Errors
/// Only when SQLite or the packer fails, or its clock lies outside the calendar.
pub fn generate(options: &Options) -> Result<PhoneContent, ContentError> {
    // A time that no calendar has is refused before anything is made.
    jiff::Timestamp::from_second(options.clock())?;
    let mut content = PhoneContent {
        files: BTreeMap::new(),
        expected: Expected::default(),
        secrets: TwinSecrets::new(options.seed, WHATSAPP, false, None),
        business_secrets: None,
        number: String::new(),
        now: options.clock(),
        packages: Vec::new(),
        contacts: Vec::new(),
        plain: BTreeMap::new(),
        apart: None,
    };
    let (expected, secrets) = app::build(options, &app::Edition::WHATSAPP, &mut content)?;
    content.expected.whatsapp = expected;
    content.secrets = secrets;
    if options.with_business {
        let fewer = Options {
            messages: (options.messages / 10).max(60).min(options.messages),
            later_messages: options.later_messages / 10,
            conversations: None,
            increments: false,
            seed: options.seed.wrapping_add(1),
            apart: None,
            ..options.clone()
        };
        let (expected, secrets) = app::build(&fewer, &app::Edition::BUSINESS, &mut content)?;
        content.expected.business = Some(expected);
        content.business_secrets = Some(secrets);
    }
    content.contacts.sort();
    content.contacts.dedup();
    Ok(content)
}
