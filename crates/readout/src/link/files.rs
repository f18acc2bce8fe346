//! A folder or zip in place of a phone: the same questions, answered from files.

use super::message::{Blind, Identity, LinkFailure, Outcome, Preflight, Reply, Said};
use crate::pipe::{self, Kind, PipeError};
use sha2::{Digest, Sha256};
use std::{
    io::{Read, Write},
    path::Path,
};
use uitlezen_evidence::{Evidence, EvidenceError, FolderEvidence, Item, Reader, ZipError, ZipEvidence};
use zeroize::Zeroizing;

/// One read of a file, one frame of the pipe.
const READ_BYTES: usize = 256 * 1024;

/// The files of a phone, in a folder or a zip.
#[derive(Debug)]
pub(super) struct Files {
    evidence: Box<dyn Evidence>,
    skipped: u64,
}

impl Files {
    pub(super) fn open(path: &Path) -> Result<Self, LinkFailure> {
        if path.is_dir() {
            let folder = FolderEvidence::open(path).map_err(|_| LinkFailure::Files)?;
            let skipped = folder.skipped().total();
            return Ok(Self { evidence: Box::new(folder), skipped });
        }
        match ZipEvidence::open(path) {
            Ok(zip) => {
                let skipped = zip.skipped().total();
                Ok(Self { evidence: Box::new(zip), skipped })
            }
            Err(ZipError::Io(_) | ZipError::NotAZip) => Err(LinkFailure::Files),
            Err(_) => Err(LinkFailure::HostileFiles),
        }
    }

    pub(super) fn identity() -> Identity {
        Identity {
            serial: Said::NotAsked,
            maker: Said::NotAsked,
            model: Said::NotAsked,
            android: Said::NotAsked,
            patch_level: Said::NotAsked,
            clock_offset_ms: Said::NotAsked,
            time_zone: Said::NotAsked,
            other_users: Said::NotAsked,
            wireless_debugging_open: Said::NotAsked,
            route: super::message::FROM_FILES.to_owned(),
        }
    }

    pub(super) fn preflight() -> Preflight {
        Preflight { battery_percent: Said::NotAsked, free_bytes: Said::NotAsked, packages: Said::NotAsked }
    }

    /// Every item: a folder that somebody made may begin anywhere below the phone's own root, so which of them are wanted
    /// is decided by `apps`, which knows what an app's folder looks like.
    pub(super) fn list(&self) -> (&[Item], Blind) {
        (self.evidence.items(), Blind { hostile_names: self.skipped, ..Blind::default() })
    }

    pub(super) fn pull(&self, items: &[Item], to: &mut impl Write) -> Result<(), PipeError> {
        let mut buffer = Zeroizing::new(vec![0; READ_BYTES]);
        for item in items {
            pipe::write_message(to, &Reply::Begin { name: item.name.clone() })?;
            let outcome = self.send(item, &mut buffer, to)?;
            pipe::write_message(to, &Reply::End { name: item.name.clone(), outcome })?;
        }
        pipe::write_message(to, &Reply::Pulled)
    }

    fn send(&self, item: &Item, buffer: &mut [u8], to: &mut impl Write) -> Result<Outcome, PipeError> {
        let source = match self.evidence.open(&item.name) {
            Ok(source) => source,
            Err(EvidenceError::Absent) => return Ok(Outcome::Absent),
            Err(EvidenceError::Io(e)) if e.kind() == std::io::ErrorKind::PermissionDenied => return Ok(Outcome::Refused),
            Err(EvidenceError::Io(_) | EvidenceError::Damaged(_)) => return Ok(Outcome::Broken),
        };
        let mut digest = Sha256::new();
        let mut reader = Reader::new(source);
        loop {
            match reader.read(buffer) {
                Ok(0) => return Ok(Outcome::Whole { sha256: hex::encode(digest.finalize()), digest_on_phone: false }),
                Ok(n) => {
                    let read = buffer.get(..n).unwrap_or_default();
                    digest.update(read);
                    pipe::write_bytes(to, Kind::Bytes, read)?;
                }
                Err(_) => return Ok(Outcome::Broken),
            }
        }
    }
}
