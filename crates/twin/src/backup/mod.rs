//! Backups as an iPhone makes them, encrypted or not: what the virtual iPhone sends, and folders for readers and tests.
//!
//! Layout and keys are those of `reference/ios.md` §3; the key bag has the form of a published real one (eleven classes, two
//! rounds of PBKDF2). All keys follow from the seed, so two builds agree byte for byte. Nothing here shares code with the
//! reader in `uitlezen-backup`: one is the other's test.
//!
//! What it does not supply, since no reference knows it: the meaning of `Properties` rows, extended attributes, and the
//! volume numbers in the file names of the device (`/.b/<n>/`), which are counted up here.

mod archive;
mod database;
mod entry;
mod facts;
mod file;
mod image;
mod keybag;
mod lists;
mod rows;

pub use entry::{Entry, EntryReader};
pub use facts::{App, BackupFacts, Rounds};
pub use file::{BackupFile, Kind, file_id};
pub use image::{BackupImage, Layout};

/// Why no backup could be built.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("two files have one domain and path")]
    TwoOfOneName,
    #[error("the manifest could not be built: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("a property list could not be written: {0}")]
    List(#[from] uitlezen_property_list::WriteError),
    /// Classes of a backup are 1 to 11.
    #[error("the key bag has no class {0}")]
    Class(u8),
    #[error("the cipher refused its input")]
    Cipher,
    #[error("{0}")]
    Io(#[from] std::io::Error),
}
