//! A folder or zip in place of a phone, or one backup that its holder made: the same questions, answered from files.

use super::{
    holder_backup::Look,
    iphone_backup::{Found, IphoneBackup},
    message::{Blind, FROM_FILES, Identity, LinkFailure, Outcome, Preflight, Reply, Said, Secret},
};
use crate::pipe::{self, Kind, PipeError};
use sha2::{Digest, Sha256};
use std::{
    io::{Read, Write},
    path::Path,
    sync::Arc,
};
use uitlezen_apps::{App, holder_backup};
use uitlezen_evidence::{Evidence, EvidenceError, FolderEvidence, Item, OneFile, Pattern, Reader, ZipError, ZipEvidence};
use zeroize::Zeroizing;

/// One read of a file, one frame of the pipe.
const READ_BYTES: usize = 256 * 1024;

/// What was found of what was asked.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) items: Vec<Item>,
    /// Named by a backup and not in it.
    pub(super) not_here: Vec<Item>,
    pub(super) blind: Blind,
}

/// The files of a phone, in a folder or a zip, or a single one.
#[derive(Debug)]
pub(super) struct Files {
    /// What `pull` opens.
    evidence: Arc<dyn Evidence>,
    skipped: u64,
    /// Set when they are an iPhone's backup.
    iphone: Option<IphoneBackup>,
}

impl Files {
    pub(super) fn open(path: &Path, password: Option<Secret>) -> Result<Self, LinkFailure> {
        let (evidence, skipped) = found(path)?;
        let iphone = IphoneBackup::find(&evidence, password)?;
        Ok(Self { evidence, skipped, iphone })
    }

    /// A backup that was granted out of the work store.
    pub(super) fn granted(evidence: Arc<dyn Evidence>, password: Option<Secret>) -> Result<Self, LinkFailure> {
        let iphone = IphoneBackup::find(&evidence, password)?.ok_or(LinkFailure::BackupDamaged)?;
        Ok(Self { evidence, skipped: 0, iphone: Some(iphone) })
    }

    pub(super) fn identity(&self) -> Identity {
        let of_files = Identity {
            serial: Said::NotAsked,
            maker: Said::NotAsked,
            model: Said::NotAsked,
            android: Said::NotAsked,
            ios: Said::NotAsked,
            patch_level: Said::NotAsked,
            clock_offset_ms: Said::NotAsked,
            time_zone: Said::NotAsked,
            other_users: Said::NotAsked,
            wireless_debugging_open: Said::NotAsked,
            backup_made: None,
            route: FROM_FILES.to_owned(),
        };
        self.iphone.as_ref().map_or(of_files.clone(), |backup| backup.identity(of_files))
    }

    pub(super) fn preflight(&self, packages: &[String]) -> Preflight {
        let packages = self.iphone.as_ref().map_or(Said::NotAsked, |backup| backup.installed(packages));
        Preflight { battery_percent: Said::NotAsked, free_bytes: Said::NotAsked, packages, profiles: Vec::new(), iphone: None }
    }

    /// Of an Android phone every item: a folder that somebody made may begin anywhere below the phone's own root, so which of
    /// them are wanted is decided by `apps`, which knows what an app's folder looks like. Of a backup what matches.
    pub(super) fn list(&mut self, patterns: Vec<Pattern>) -> Result<Listed, LinkFailure> {
        let Some(backup) = &mut self.iphone else {
            let blind = Blind { hostile_names: self.skipped, ..Blind::default() };
            return Ok(Listed { items: self.evidence.items().to_vec(), not_here: Vec::new(), blind });
        };
        let Found { evidence, not_here, blind } = backup.list(&patterns)?;
        let matches = |item: &&Item| patterns.iter().any(|pattern| pattern.matches(&item.name));
        let items = evidence.items().iter().filter(matches).cloned().collect();
        self.evidence = evidence;
        Ok(Listed { items, not_here, blind })
    }

    /// Backups that the holder made in these apps among the files. In the backup of an iPhone there are none.
    pub(super) fn find_holder_backups(&self, of: &[App]) -> Look {
        match self.iphone {
            Some(_) => Look::default(),
            None => Look::among(of, &*self.evidence, Blind { hostile_names: self.skipped, ..Blind::default() }),
        }
    }

    /// At most `most` bytes of each.
    pub(super) fn pull(&self, items: &[Item], most: u64, to: &mut impl Write) -> Result<(), PipeError> {
        let mut buffer = Zeroizing::new(vec![0; READ_BYTES]);
        for item in items {
            pipe::write_message(to, &Reply::Begin { name: item.name.clone() })?;
            let outcome = self.send(item, most, &mut buffer, to)?;
            pipe::write_message(to, &Reply::End { name: item.name.clone(), outcome })?;
        }
        pipe::write_message(to, &Reply::Pulled)
    }

    fn send(&self, item: &Item, most: u64, buffer: &mut [u8], to: &mut impl Write) -> Result<Outcome, PipeError> {
        let source = match self.evidence.open(&item.name) {
            Ok(source) => source,
            Err(EvidenceError::Absent) => return Ok(Outcome::Absent),
            Err(EvidenceError::Io(e)) if e.kind() == std::io::ErrorKind::PermissionDenied => return Ok(Outcome::Refused),
            Err(EvidenceError::Io(_) | EvidenceError::Damaged(_)) => return Ok(Outcome::Broken),
        };
        let mut digest = Sha256::new();
        let mut reader = Reader::new(source).take(most);
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

/// The files themselves, and how many of them have names that are refused.
fn found(path: &Path) -> Result<(Arc<dyn Evidence>, u64), LinkFailure> {
    if path.is_dir() {
        let folder = FolderEvidence::open(path).map_err(|_| LinkFailure::Files)?;
        let skipped = folder.skipped().total();
        return Ok((Arc::new(folder), skipped));
    }
    // A backup of an app may be a zip itself, and what is in it is nobody's business here.
    if let Ok(one) = OneFile::open(path)
        && holder_backup::begins_as_one(&one, one.item())
    {
        return Ok((Arc::new(one), 0));
    }
    match ZipEvidence::open(path) {
        Ok(zip) => {
            let skipped = zip.skipped().total();
            Ok((Arc::new(zip), skipped))
        }
        Err(ZipError::Io(_) | ZipError::NotAZip) => Err(LinkFailure::Files),
        Err(_) => Err(LinkFailure::HostileFiles),
    }
}
