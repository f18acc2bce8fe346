//! Backups of an iPhone as evidence, encrypted or not: of Finder, iTunes, idevicebackup2, pymobiledevice3, or our own run.
//!
//! A backup is a folder of files named after a digest, a database that says which file of the phone each one is, and some
//! property lists (`reference/ios.md` §3). From here it looks like any other evidence: items `<domain>/<path>`, decrypted
//! while they are read, never on disk.
//!
//! ```text
//! find(evidence) -> Place -> Backup::at -> unlock(password) -> Keys -> Backup::evidence -> BackupEvidence
//! ```
//!
//! `readout` calls; the bytes come through any [`uitlezen_evidence::Evidence`]. All of it is hostile: rows that point outside
//! are refused, lengths are bounded, rounds of a derivation have a cap, and what is missing, damaged or locked is counted by
//! kind and named. Whether the password is wrong is known before a single file is touched.
//!
//! What it does not do: ask for a password, write anything, or tell what an app's files mean. Backups of iOS before 10.2
//! (`Manifest.mbdb`, key bags with one derivation) are refused.

mod archive;
mod backup;
mod cbc;
mod counts;
mod derive;
mod error;
mod evidence;
mod facts;
mod file_id;
mod keybag;
mod keys;
mod manifest;
mod place;

pub use archive::{ArchiveError, MbFile};
pub use backup::Backup;
pub use cbc::Decrypted;
pub use counts::{Counts, Trouble};
pub use derive::{Progress, Rounds};
pub use error::{BackupError, UnlockError};
pub use evidence::{BackupEvidence, Missing};
pub use facts::{Facts, Snapshot};
pub use file_id::{FileId, file_id};
pub use keybag::{KeyBag, KeyBagError};
pub use keys::{CarriedKey, FileKey, Keys};
pub use manifest::{Manifest, Refusal, Row, RowKind};
pub use place::{Place, find};
