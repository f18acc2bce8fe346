//! Signal's backups, made: the file with a passphrase and the folder with a recovery key.
//!
//! [`generate`] tells one story in both, so that a reader of both must arrive at the same.
//!
//! Written from `reference/android.md §3`. Of the file, version 1 of the header beyond the published vector is our own
//! reading of it.

mod field;
mod folder;
mod legacy;
mod phone;
mod story;
mod written;

pub use field::Fields;
pub use folder::{FolderKeys, media_name, padded, seal_media};
pub use legacy::{LegacyKeys, LegacyWriter, Value};
pub use phone::{OnPhone, VERSION};
pub use story::{SignalExpected, SignalOptions};
pub use written::{SignalContent, generate};
