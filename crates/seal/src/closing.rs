//! Closing a seal: everything after the parts (FORMAT.md, "Order of writing").
//!
//! The work store calls [`close`] with its staging file, in which all kept parts stand finished, and renames the result
//! into place.

use crate::{
    cades::{self, SigningError},
    container::{
        EntryName,
        writer::{Staging, StagingError},
    },
    envelope::{self, EnvelopeError, RoleKey, RoleRecipients},
    header::{EarlierSeal, FORMAT, Header, HeaderFault, Mark, Moment, Origin, RoleEntry, Sha256Digest, Status},
    index::{IndexError, RoleIndex, seal_index},
    leesmij, manifest,
    role::Role,
    station::Station,
};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// Why a seal could not be closed. The staging file still holds its parts: it can be reopened and closed again.
#[derive(Debug, thiserror::Error)]
pub enum ClosingError {
    #[error(transparent)]
    Staging(#[from] StagingError),
    #[error("role {role}: {why}")]
    Envelope { role: Role, why: EnvelopeError },
    #[error("role {role}: {why}")]
    Index { role: Role, why: IndexError },
    #[error("the index of role {role} names a part that does not stand in the container as it says")]
    PartElsewhere { role: Role },
    #[error("the header: {0}")]
    Header(#[from] HeaderFault),
    #[error(transparent)]
    Signing(#[from] SigningError),
}

/// What the header says beside what closing finds out itself.
#[derive(Clone, Debug)]
pub struct Facts {
    pub run: String,
    pub started: Moment,
    /// Also the time of signing.
    pub created: Moment,
    pub organisation: String,
    pub status: Status,
    pub origin: Origin,
    /// Phone clock minus station clock in seconds.
    pub clock_offset: Option<i64>,
    pub previous_of_phone: Option<Sha256Digest>,
    pub previous_of_station: Option<Sha256Digest>,
    /// Earlier seals that hold attachments of this one, in any order; each counts once.
    pub relies_on: Vec<EarlierSeal>,
    pub mark: Option<Mark>,
    pub tool: String,
}

/// One role of the seal.
#[derive(Debug)]
pub struct RoleContent {
    pub index: RoleIndex,
    pub key: RoleKey,
    pub recipients: RoleRecipients,
}

/// A closed container, not yet renamed into place.
#[derive(Clone, Debug)]
pub struct Closed {
    /// Length in bytes.
    pub bytes: u64,
    /// The seal digest: SHA-256 of the manifest. The next seal of this phone and of this station refers to it.
    pub digest: Sha256Digest,
    pub header: Header,
}

/// Writes indexes, key files, header, reading help, manifest, signature and directory, and syncs the file. Recipients and
/// indexes are checked before the first byte is written.
pub fn close(mut staging: Staging, station: &Station, facts: Facts, mut roles: Vec<RoleContent>) -> Result<Closed, ClosingError> {
    roles.sort_by_key(|content| content.index.role);
    let mut header = Header {
        format: FORMAT,
        run: facts.run,
        started: facts.started,
        created: facts.created,
        organisation: facts.organisation,
        station: Sha256Digest(station.certificate().fingerprint()),
        status: facts.status,
        origin: facts.origin,
        clock_offset: facts.clock_offset,
        roles: Vec::new(),
        previous_of_phone: facts.previous_of_phone,
        previous_of_station: facts.previous_of_station,
        relies_on: BTreeSet::from_iter(facts.relies_on).into_iter().collect(),
        mark: facts.mark,
        tool: facts.tool,
    };
    if station.certificate().is_demo() && header.origin != Origin::Demo {
        return Err(HeaderFault::DemoStation.into());
    }
    let mut key_files = Vec::new();
    for content in &roles {
        let role = content.index.role;
        if !content.index.parts.iter().all(|part| stands(&staging, part)) {
            return Err(ClosingError::PartElsewhere { role });
        }
        let files = envelope::wrap(&content.key, &content.recipients).map_err(|why| ClosingError::Envelope { role, why })?;
        header.roles.push(RoleEntry { role, commitment: Sha256Digest(content.key.commitment()), key_files: count(&files) });
        key_files.extend(files.into_iter().map(|file| (role, file)));
    }
    let header_bytes = header.to_bytes()?;
    for content in &roles {
        let role = content.index.role;
        let sealed = seal_index(&content.index, &content.key).map_err(|why| ClosingError::Index { role, why })?;
        staging.append_whole(EntryName::Index(role), &sealed)?;
    }
    for (role, file) in key_files {
        staging.append_whole(EntryName::Key { role, half: file.half, number: file.number }, &file.bytes)?;
    }
    staging.append_whole(EntryName::Header, &header_bytes)?;
    staging.append_whole(EntryName::ReadMe, leesmij::text(&header).as_bytes())?;
    let listed: Vec<_> = staging.entries().iter().map(|entry| (entry.name, entry.sha256)).collect();
    let manifest = manifest::render(&listed);
    let signature = cades::sign(station, &manifest, header.created.timestamp())?;
    staging.append_whole(EntryName::Manifest, &manifest)?;
    staging.append_whole(EntryName::Signature, &signature)?;
    let bytes = staging.close()?;
    Ok(Closed { bytes, digest: Sha256Digest(Sha256::digest(&manifest).into()), header })
}

fn stands(staging: &Staging, part: &crate::index::IndexPart) -> bool {
    let name = EntryName::Part(part.number);
    staging.entries().iter().any(|entry| entry.name == name && entry.sha256 == part.sha256.0)
}

/// Key files of each half in turn, or of the whole.
fn count(files: &[envelope::KeyFile]) -> Vec<u8> {
    let mut counts: Vec<(Option<crate::container::Half>, u8)> = Vec::new();
    for file in files {
        match counts.last_mut() {
            Some((half, count)) if *half == file.half => *count = file.number.max(*count),
            _ => counts.push((file.half, file.number)),
        }
    }
    counts.into_iter().map(|(_, count)| count).collect()
}
