//! Opening one role of a verified seal.
//!
//! Only a [`Verified`] can be opened: whoever has one had the whole file checked. The role key is held against the signed
//! commitment before anything is decrypted with it, and the index against the container before any of its numbers is used.

use crate::{
    container::EntryName,
    envelope::{self, EnvelopeError, Identities, KeyFile},
    index::{IndexError, IndexItem, RoleIndex, open_index},
    role::Role,
    store::{Grant, GrantedExtent, StoreError, StoredEvidence},
    verify::Verified,
};
use sha2::{Digest, Sha256};
use std::{
    io::{self, Read, Write},
    sync::Arc,
};
use uitlezen_evidence::{Bytes, ChunkCache, Evidence, EvidenceError, Item, ItemName, Reader};
use zeroize::Zeroizing;

/// Why a role could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenSealError {
    #[error("the seal has no role {0}")]
    NoSuchRole(Role),
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error("the file changed after it was verified")]
    Changed,
    #[error("the index names part {0}, which is not in the container as it says")]
    PartElsewhere(u32),
    #[error("the file could not be read: {0}")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Items(#[from] StoreError),
}

/// Why an item could not be copied out.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    #[error("the item could not be read: {0}")]
    Read(io::Error),
    #[error("the copy could not be written: {0}")]
    Write(io::Error),
    #[error("the item's bytes are not those whose digest the index holds")]
    Digest,
}

/// One open role. As [`Evidence`] its items are read at random, decrypted in memory a chunk at a time.
#[derive(Debug)]
pub struct Opened {
    role: Role,
    index: RoleIndex,
    grants: Vec<Grant>,
    evidence: StoredEvidence,
}

impl Opened {
    /// Opens `role` with what `identities` hold.
    pub fn open(verified: &Verified, role: Role, identities: &Identities) -> Result<Self, OpenSealError> {
        Self::open_with_cache(verified, role, identities, ChunkCache::of_this_process())
    }

    /// As [`Opened::open`], with a cache of the caller's.
    pub fn open_with_cache(
        verified: &Verified,
        role: Role,
        identities: &Identities,
        cache: Arc<ChunkCache>,
    ) -> Result<Self, OpenSealError> {
        let said = verified.header.roles.iter().find(|entry| entry.role == role).ok_or(OpenSealError::NoSuchRole(role))?;
        let files = key_files(verified, role)?;
        if files.len() != said.key_files.iter().map(|n| usize::from(*n)).sum::<usize>() {
            return Err(EnvelopeError::KeyFileCount.into());
        }
        let key = envelope::unwrap(&files, identities, &said.commitment.0)?;
        let entry = verified.container.entry(EntryName::Index(role)).ok_or(OpenSealError::Changed)?;
        let index = open_index(Arc::new(verified.container.source(entry)), &key, role)?;
        for part in &index.parts {
            if verified.digest(EntryName::Part(part.number)) != Some(&part.sha256.0) {
                return Err(OpenSealError::PartElsewhere(part.number));
            }
        }
        let grants = index.items.iter().map(|item| grant(verified, &index, item)).collect::<Result<Vec<_>, _>>()?;
        let evidence = StoredEvidence::from_grants(grants.clone(), cache)?;
        Ok(Self { role, index, grants, evidence })
    }

    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// The items with their digests, by name.
    #[must_use]
    pub fn index(&self) -> &[IndexItem] {
        &self.index.items
    }

    /// What a child process needs to read the items that `filter` chooses.
    pub fn grants(&self, filter: impl Fn(&IndexItem) -> bool) -> Vec<Grant> {
        self.index.items.iter().zip(&self.grants).filter(|(item, _)| filter(item)).map(|(_, grant)| grant.clone()).collect()
    }

    /// Copies an item in order and holds it against its digest, where the index has one. Returns its bytes. After an error
    /// what was written is worth nothing.
    pub fn copy(&self, name: &ItemName, to: &mut impl Write) -> Result<u64, CopyError> {
        let found = self.index.items.binary_search_by(|item| item.name.cmp(name)).ok().and_then(|n| self.index.items.get(n));
        let item = found.ok_or(EvidenceError::Absent)?;
        let mut from = Reader::new(self.evidence.open(name)?);
        let mut sha256 = item.sha256.map(|_| Sha256::new());
        let mut buffer = Zeroizing::new(vec![0; 256 << 10]);
        let mut copied = 0;
        loop {
            let n = from.read(&mut buffer).map_err(CopyError::Read)?;
            let Some(piece) = buffer.get(..n).filter(|piece| !piece.is_empty()) else { break };
            if let Some(sha256) = &mut sha256 {
                sha256.update(piece);
            }
            to.write_all(piece).map_err(CopyError::Write)?;
            copied += n as u64;
        }
        let found = sha256.map(|sha256| <[u8; 32]>::from(sha256.finalize()));
        if found == item.sha256.map(|wanted| wanted.0) { Ok(copied) } else { Err(CopyError::Digest) }
    }
}

impl Evidence for Opened {
    fn items(&self) -> &[Item] {
        self.evidence.items()
    }

    fn open(&self, name: &ItemName) -> Result<Bytes, EvidenceError> {
        self.evidence.open(name)
    }
}

/// The role's key files, read again and held against the signed digests.
fn key_files(verified: &Verified, role: Role) -> Result<Vec<KeyFile>, OpenSealError> {
    let mut files = Vec::new();
    for entry in verified.container.entries() {
        let EntryName::Key { role: of, half, number } = entry.name else { continue };
        if of != role {
            continue;
        }
        let bytes = verified.container.content(entry)?;
        if verified.digest(entry.name).is_none_or(|digest| Sha256::digest(&bytes).as_slice() != digest) {
            return Err(OpenSealError::Changed);
        }
        files.push(KeyFile { half, number, bytes });
    }
    Ok(files)
}

fn grant(verified: &Verified, index: &RoleIndex, item: &IndexItem) -> Result<Grant, OpenSealError> {
    let extent = |extent: &crate::index::IndexExtent| {
        let elsewhere = OpenSealError::PartElsewhere(extent.part);
        let found = index.parts.binary_search_by_key(&extent.part, |part| part.number).ok().and_then(|n| index.parts.get(n));
        let (Some(part), Some(entry)) = (found, verified.container.entry(EntryName::Part(extent.part))) else {
            return Err(elsewhere);
        };
        Ok(GrantedExtent {
            file: verified.container.path().to_owned(),
            at: entry.data_offset,
            sealed: entry.size,
            number: part.number,
            key: part.key.clone(),
            offset: extent.offset,
            bytes: extent.bytes,
        })
    };
    let extents = item.extents.iter().map(extent).collect::<Result<_, _>>()?;
    Ok(Grant { name: item.name.clone(), bytes: item.bytes, modified: item.modified, extents })
}
