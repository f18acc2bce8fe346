//! Backups: unlocking them, the increments beside them, and which of the files in a folder is which.
//!
//! The reader of `msgstore.db` sees only content; that content came out of an encrypted container in an app folder. This
//! room is everything between: [`survey`] tells the files apart, [`unlock`] turns one into a database, JSON or ZIP, and
//! [`IncrementSet`] makes the ZIPs of increments readable beside the database they follow. It is called by `readout`
//! (preflight, reader child) and by the reader of this app. It writes nothing, asks nobody for a key and merges nothing:
//! which version of a message is shown is the reader's decision.
//!
//! | file | what |
//! |---|---|
//! | `key` | what an owner can supply, and the AES keys made of it |
//! | `prefix` | the head of a file |
//! | `gcm`, `container`, `diagnosis` | verified decryption in two passes; why it failed |
//! | `payload` | decrypted bytes to content |
//! | `increment`, `increment_set` | the ZIPs of increments, one and all |
//! | `history_sync`, `message_kinds`, `content`, `notice`, `message` | their protobufs, and what they say |
//! | `survey` | which file in an app folder is which |

mod container;
mod content;
mod diagnosis;
mod error;
mod gcm;
mod history_sync;
mod increment;
mod increment_report;
mod increment_set;
mod key;
mod message;
mod message_kinds;
mod notice;
mod payload;
mod prefix;
mod survey;

pub use container::Trailer;
pub use error::{AlteredPart, ContentError, KeyMismatch, NotABackup, TooLarge, UnlockError, Unsupported};
pub use increment::{IncrementError, IncrementLimits, IncrementRecord, read_increment};
pub use increment_report::{EntryCount, EntryKind, IncrementReport, NotRead};
pub use increment_set::{AddedIncrement, Found, FromIncrement, IncrementReading, IncrementSet, SetLimits};
pub use key::{BackupKey, KEY_DIGITS, KeyError, KeyFingerprint, KeyPurpose, Keys, LegacyKey};
pub use message::{
    Content, ConversationFacts, DefaultTimer, Departure, Expiry, IncrementMessage, IncrementReaction, MessageKey, Position,
    QuotedMessage, Said, Stub,
};
pub use payload::{Limits, Payload, Unlocked, inspect, unlock, unlock_within};
pub use prefix::{Facts, KeyMode, Kind};
pub use survey::{Backup, Survey, Use, survey};
