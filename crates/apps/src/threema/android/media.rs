//! The files that records name, out of the backup: verified as a whole before a byte is given.

use super::{Backup, entries::Entry};
use crate::MediaRefused;
use uitlezen_evidence::{Bytes, EvidenceError};

/// The content of the file that a record names so.
///
/// # Errors
/// Why there is none.
pub fn open(backup: &Backup, path: &str) -> Result<Bytes, MediaRefused> {
    let Entry::Media(_) = Entry::of(path) else { return Err(MediaRefused::Unknown) };
    backup.content(path).map_err(|error| match error {
        EvidenceError::Absent => MediaRefused::Missing,
        EvidenceError::Damaged(_) => MediaRefused::Damaged,
        EvidenceError::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => MediaRefused::Damaged,
        EvidenceError::Io(_) => MediaRefused::Unreadable,
    })
}
