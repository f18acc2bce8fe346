//! A database of the evidence, and how the extraction calls it.

use uitlezen_chat::EvidenceId;
use uitlezen_evidence::Database;

/// A database and the number under which the extraction lists it.
#[derive(Clone, Copy, Debug)]
pub struct Evidenced<'a> {
    pub database: &'a Database,
    pub item: EvidenceId,
}
