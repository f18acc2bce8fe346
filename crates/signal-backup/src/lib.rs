//! Signal's own backups, as the holder makes them (`reference/android.md §3`, `exports.md §7`).
//!
//! | | the file ([`legacy`]) | the folder ([`folder`]) |
//! |---|---|---|
//! | name | `signal-….backup` | `SignalBackups/signal-backup-…/{metadata,main,files}` |
//! | secret | passphrase of 30 digits | recovery key of 64 characters |
//! | inside | SQL statements and settings, frame by frame | protobuf messages, frame by frame |
//! | media | behind the frame that announces it | files of their own, each under a key of its own |
//!
//! Formats only: nothing here knows a conversation. Everything is checked before a byte of it is given out, read in a stream
//! or by random access, and bounded before it is allocated. What secrets a backup holds beside its messages (profile keys,
//! keys of groups, a PIN) can be told from the rest by type: see [`uitlezen_protobuf::Record::secret`].

pub mod folder;
mod hash;
pub mod legacy;
mod schema;
