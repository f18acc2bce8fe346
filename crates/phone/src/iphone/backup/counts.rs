//! What a backup came to, in numbers: goes into the report.

use super::host::{FileEnd, Take};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub kept_files: u64,
    pub kept_bytes: u64,
    pub drained_files: u64,
    pub drained_bytes: u64,
    /// Files with a remark of the phone ([`FileEnd::remark`]).
    pub remarked_files: u64,
    /// Bytes given to the phone.
    pub given: u64,
    pub moved: u64,
    pub removed: u64,
    /// Names that led outside the backup; none of them did anything.
    pub names_refused: u64,
    /// Messages of a kind nobody knows; each was answered with "not supported".
    pub unknown_messages: u64,
    /// The phone asked to make room, which is answered with "not supported".
    pub asked_for_room: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, end: &FileEnd) {
        let (files, bytes) = match end.taken {
            Take::Keep => (&mut self.kept_files, &mut self.kept_bytes),
            Take::Drain => (&mut self.drained_files, &mut self.drained_bytes),
        };
        *files += 1;
        *bytes += end.bytes;
        self.remarked_files += u64::from(end.remark.is_some());
    }
}
