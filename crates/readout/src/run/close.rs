//! Closing: the report goes in, the keys are wrapped, the container is signed and renamed, the work store is destroyed.

use super::{RunError, app::put_whole, header_status};
use crate::{Plan, Report, report};
use jiff::Timestamp;
use std::path::PathBuf;
use uitlezen_evidence::ItemName;
use uitlezen_seal::{
    header::Origin,
    part::ChunkSize,
    role::{Role, RoleSet},
    station::Station,
    store::{Digest, Home, ItemSpec, WipeReport, WorkStore},
};

/// Who closes the seal, and what its header says of where it came from.
#[derive(Debug)]
pub struct SealedBy<'a> {
    pub station: &'a Station,
    pub origin: Origin,
}

/// A closed seal.
#[derive(Debug)]
pub struct Sealed {
    pub path: PathBuf,
    pub bytes: u64,
    /// SHA-256 over the whole file, lower-case hex.
    pub sha256: String,
    pub wiped: WipeReport,
}

impl Sealed {
    /// The file's own name.
    #[must_use]
    pub fn file_name(&self) -> String {
        self.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
    }
}
