//! Signal, out of the backups that its holder makes (`reference/android.md §3`, `exports.md §7`).
//!
//! [`folder`] reads the backup folder of the newer app, on Android and on an iPhone; [`legacy`] the backup file of the older
//! one. A message has the same id in both. What is encrypted in which way: `uitlezen-signal-backup`. The keys that a backup
//! holds beside its messages never reach a record: of a group's master key only a one-way mark does, so that a group has the
//! same id in every readout.
//!
//! | file | what |
//! |---|---|
//! | `find` | which items are backups, and which is the newest |
//! | `media` | the files that records name |
//! | `person` | people by the ids that Signal has for them, and their names |
//! | `keys` | which message is which |
//! | `settings` | what the account says of deleting messages |
//! | `vcard` | contact cards, written out |

pub mod find;
pub mod folder;
mod keys;
pub mod legacy;
pub mod media;
mod person;
pub mod settings;
mod vcard;

pub use uitlezen_signal_backup::{folder::RecoveryKey, legacy::Passphrase};

/// The name of the app in records.
pub const APP: &str = "signal";
/// The holder's [`uitlezen_chat::ParticipantId`] in every conversation.
pub const HOLDER: &str = "holder";

#[cfg(test)]
mod tests;
