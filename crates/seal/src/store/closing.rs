//! Closing: the work store becomes a sealed extraction, and everything else of it is destroyed.

use super::{
    STAGING, Shared, WorkStore,
    error::{Doing, StoreError},
    gather::Gathered,
    item::{Home, ItemRecord},
    lane::lock,
    wipe::{self, Tally, WipeReport},
};
use crate::{
    closing::{self, Closed, ClosingError, Facts, RoleContent},
    container::{
        EntryName,
        writer::{Staging, StagingError},
    },
    envelope::{EnvelopeError, RoleKey, RoleRecipients},
    header::{Header, Sha256Digest},
    index::{IndexError, IndexExtent, IndexItem, IndexPart, RoleIndex},
    role::Role,
    station::Station,
};
use std::{
    collections::{BTreeMap, HashSet},
    fs::File,
    io,
    path::{Path, PathBuf},
};
use uitlezen_evidence::ItemName;

/// All that closing needs beyond the store.
#[derive(Clone, Debug)]
pub struct Closing<'a> {
    /// Their `run` must be the store's.
    pub facts: Facts,
    /// Who may open which role. A role that holds no item gets an empty index; a kept item of another role is refused.
    pub recipients: BTreeMap<Role, RoleRecipients>,
    pub station: &'a Station,
}

/// Why a store could not be sealed. Unless the disk failed ([`SealError::Store`]), the store can be used on.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a seal of this name stands there already")]
    Exists,
    #[error("the facts are of another run than the store")]
    OtherRun,
    #[error("kept items are meant for role {0}, which has no recipients")]
    NoRecipients(Role),
    #[error("role {role}: {why}")]
    Envelope { role: Role, why: EnvelopeError },
    #[error("role {role}: {why}")]
    Index { role: Role, why: IndexError },
    #[error(transparent)]
    Closing(ClosingError),
}

/// A closed seal.
#[derive(Debug)]
pub struct Sealed {
    pub path: PathBuf,
    /// Length of the container.
    pub bytes: u64,
    /// The seal digest, to which the next seal of this phone and of this station refers.
    pub digest: Sha256Digest,
    pub header: Header,
    /// Items and plaintext bytes that each role can open.
    pub roles: BTreeMap<Role, Tally>,
    /// Every kept item, by name: in which parts it lies.
    pub placed: BTreeMap<ItemName, Vec<u32>>,
    /// Parts in the container, and those among them that hold nothing listed: ciphertext whose key nobody has.
    pub parts: usize,
    pub parts_without_key: usize,
    /// What was destroyed. The seal stands also where this failed; then [`WorkStore::discard_at`] can be tried again.
    pub wiped: Result<WipeReport, StoreError>,
}

impl WorkStore {
    /// Closes the seal: `<run id>.uitlezing` beside the store's folder, synced. Then the store is destroyed, and every
    /// handle and writer of it answers [`StoreError::NoStaging`]; the caller destroys the run key. Items that are still
    /// being written stop it ([`StoreError::ItemsOpen`]).
    ///
    /// A crash before the seal has its name leaves a store that can be resumed and sealed again.
    pub fn seal(&self, closing: Closing<'_>) -> Result<Sealed, SealError> {
        let Closing { facts, recipients, station } = closing;
        let path = self.0.dir.with_file_name(format!("{}.uitlezing", self.0.run));
        if path.try_exists().map_err(|e| StoreError::disk(Doing::Closing, &e))? {
            return Err(SealError::Exists);
        }
        if facts.run != self.0.run {
            return Err(SealError::OtherRun);
        }
        self.check(&recipients)?;
        let made = self.0.gather()?;
        let placed =
            made.items.iter().filter(|item| item.home.is_kept()).map(|item| (item.name.clone(), parts_of(item))).collect();
        let tallies = recipients.keys().map(|role| (*role, tally(*role, &made.items))).collect();
        let roles = recipients.into_iter().map(|(role, who)| content(role, who, &made)).collect::<Result<Vec<_>, _>>()?;
        let (closed, parts) = self.0.close_staging(station, facts, roles)?;
        move_out(&self.0.dir.join(STAGING), &path).map_err(|e| self.0.fault.fatal(e))?;
        let report = WipeReport::of(&lock(&self.0.book), true);
        let _ = self.0.fault.fatal(StoreError::NoStaging);
        let wiped = wipe::remove_store(&self.0.dir).map(|files| WipeReport { files, ..report });
        let Closed { bytes, digest, header } = closed;
        let parts_without_key = parts.saturating_sub(made.parts.len());
        Ok(Sealed { path, bytes, digest, header, roles: tallies, placed, parts, parts_without_key, wiped })
    }

    /// Whether every kept item has somebody who may open it, and every role enough of them.
    fn check(&self, recipients: &BTreeMap<Role, RoleRecipients>) -> Result<(), SealError> {
        for item in self.items() {
            let Home::Kept(roles) = item.home else { continue };
            if let Some(role) = roles.iter().find(|role| !recipients.contains_key(role)) {
                return Err(SealError::NoRecipients(role));
            }
        }
        let mut each = recipients.iter();
        each.try_for_each(|(role, who)| who.check().map_err(|why| SealError::Envelope { role: *role, why }))
    }
}

impl Shared {
    /// Closes the staging file; also says how many parts stand in it. What was refused leaves it as it was.
    fn close_staging(&self, station: &Station, facts: Facts, roles: Vec<RoleContent>) -> Result<(Closed, usize), SealError> {
        let mut desk = lock(&self.desk);
        let staging = desk.staging.take().ok_or(StoreError::NoStaging)?;
        let (entries, end) = (staging.entries().to_vec(), staging.end());
        let parts = entries.iter().filter(|entry| matches!(entry.name, EntryName::Part(_))).count();
        match closing::close(staging, station, facts, roles) {
            Ok(closed) => Ok((closed, parts)),
            Err(ClosingError::Staging(StagingError::Io(e))) => Err(self.fault.fatal(StoreError::disk(Doing::Closing, &e)).into()),
            Err(refused) => {
                let again = Staging::reopen(&self.dir.join(STAGING), end, entries);
                desk.staging = Some(again.map_err(|e| self.fault.fatal(StoreError::staging(Doing::Closing, e)))?);
                Err(SealError::Closing(refused))
            }
        }
    }
}

/// In the order of the item's bytes, each once.
fn parts_of(item: &ItemRecord) -> Vec<u32> {
    let mut parts: Vec<u32> = item.extents.iter().map(|extent| extent.part).collect();
    parts.dedup();
    parts
}

fn of_role(role: Role, items: &[ItemRecord]) -> impl Iterator<Item = &ItemRecord> {
    items.iter().filter(move |item| matches!(item.home, Home::Kept(roles) if roles.contains(role)))
}

fn tally(role: Role, items: &[ItemRecord]) -> Tally {
    of_role(role, items).fold(Tally::default(), |sum, item| Tally { items: sum.items + 1, bytes: sum.bytes + item.bytes })
}

/// The role's items, and the keys of the parts that hold them and of no others; under a fresh role key.
fn content(role: Role, recipients: RoleRecipients, made: &Gathered) -> Result<RoleContent, SealError> {
    let items: Vec<&ItemRecord> = of_role(role, &made.items).collect();
    let wanted: HashSet<u32> = items.iter().flat_map(|item| &item.extents).map(|extent| extent.part).collect();
    let parts = made.parts.iter().filter(|part| wanted.contains(&part.number)).map(|part| {
        let sha256 = Sha256Digest(part.listed_digest()?);
        Ok(IndexPart { number: part.number, key: part.key.clone(), sha256, plain: part.plain })
    });
    let parts = parts.collect::<Result<_, StoreError>>()?;
    let items = items.into_iter().map(|item| IndexItem {
        name: item.name.clone(),
        bytes: item.bytes,
        sha256: item.sha256.map(Sha256Digest),
        modified: item.modified,
        extents: item.extents.iter().map(|e| IndexExtent { part: e.part, offset: e.offset, bytes: e.bytes }).collect(),
    });
    let index = RoleIndex::new(role, parts, items.collect()).map_err(|why| SealError::Index { role, why })?;
    let key = RoleKey::random().map_err(|why| SealError::Envelope { role, why })?;
    Ok(RoleContent { index, key, recipients })
}

/// Gives the container its name, which nothing else may have got meanwhile, and makes that last.
fn move_out(staging: &Path, path: &Path) -> Result<(), StoreError> {
    let closing = |e: io::Error| match e.kind() {
        io::ErrorKind::AlreadyExists => StoreError::Exists,
        _ => StoreError::disk(Doing::Closing, &e),
    };
    rename_to_new(staging, path).map_err(closing)?;
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent).and_then(|folder| folder.sync_all()).map_err(closing)
}

/// Renames without replacing; where the file system cannot promise that, looks first.
fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
            if to.try_exists()? {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            std::fs::rename(from, to)
        }
        outcome => Ok(outcome?),
    }
}
