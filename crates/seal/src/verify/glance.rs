//! A look at a seal without reading its parts.
//!
//! It sees which seal a file claims to be and that a station signed exactly that list of entries. That the parts are what was
//! listed it does not see: whoever relies on them verifies the whole ([`super::verify`]).

use super::{VerifyError, content, role_entries_agree};
use crate::{
    cades::CadesSignature,
    container::{
        EntryName,
        reader::{Container, OpenError},
    },
    header::{Header, Sha256Digest},
    manifest,
    role::Role,
    station::Certificate,
};
use sha2::{Digest, Sha256};
use std::path::Path;

/// What stands in the small entries of a seal.
#[derive(Clone, Debug)]
pub struct Glance {
    pub header: Header,
    /// The seal digest.
    pub digest: Sha256Digest,
    /// Whose signature it is. Nobody was asked whether to believe them.
    pub signer: Certificate,
    /// Length of the file.
    pub bytes: u64,
}

/// Looks at a file; `None` if it is no seal, or one whose small entries are not as they were signed.
pub fn glance(path: &Path) -> Result<Option<Glance>, VerifyError> {
    let container = match Container::open(path) {
        Ok(container) => container,
        Err(OpenError::Io(e)) => return Err(e.into()),
        Err(OpenError::Layout(_)) => return Ok(None),
    };
    let manifest = content(&container, EntryName::Manifest)?;
    let signature = content(&container, EntryName::Signature)?;
    let header = content(&container, EntryName::Header)?;
    let seen = || {
        let listed = manifest::read(&manifest).ok()?;
        let signature = CadesSignature::read(&signature).ok()?;
        signature.covers(&manifest).ok()?;
        let entries = container.entries().iter().map(|entry| entry.name).filter(|name| name.is_listed());
        let said = listed.iter().find(|(name, _)| *name == EntryName::Header).map(|(_, digest)| digest)?;
        let as_signed = entries.eq(listed.iter().map(|(name, _)| *name)) && Sha256::digest(&header).as_slice() == said;
        let header = Header::from_bytes(&header).ok().filter(|_| as_signed)?;
        let signer = signature.signer().clone();
        let roles_agree = Role::ALL.into_iter().all(|role| {
            let of_role = header.roles.iter().filter(|entry| entry.role == role);
            let said: Vec<u8> = of_role.flat_map(|entry| entry.key_files.clone()).collect();
            role_entries_agree(role, &said, &container)
        });
        (roles_agree && header.station.0 == signer.fingerprint()).then(|| Glance {
            digest: Sha256Digest(Sha256::digest(&manifest).into()),
            header,
            signer,
            bytes: container.bytes(),
        })
    };
    Ok(seen())
}
