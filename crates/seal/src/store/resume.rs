//! Taking up a run again after a crash.

use super::{
    JOURNAL, KLAD, STAGING, Shared, WorkStore,
    book::{Begun, Book, Entry, OwnedEntry, PartRecord, Place},
    error::{Doing, StoreError},
    item::StoredItem,
    journal::{Journal, RunKey},
};
use crate::container::{
    EntryRecord, MIMETYPE,
    writer::{Staging, StagingError},
};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};
use zeroize::Zeroizing;

/// How closely a resume looks at the journaled parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// They are there at their full length. Enough after a crash of our own, since they were synced before they were
    /// journaled.
    Sizes,
    /// Their CRC-32 is the journaled one too: finds parts that were exchanged, cut or hurt, at the speed of reading them.
    Checksums,
    /// Their SHA-256 is the journaled one too: for when the disk is in doubt.
    Digests,
}

/// What a resume found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resumed {
    pub run_id: String,
    /// Whole items, in the order in which they were begun.
    pub items: Vec<StoredItem>,
    /// Items that had been finished but whose last part was not closed before the crash; they must be fetched again.
    pub items_lost: u64,
    /// Parts that were under way at the crash.
    pub parts_torn: u64,
    /// Parts that the journal holds and the disk does not, or not as they were: never after a mere crash.
    pub parts_damaged: u64,
    /// Bytes cut from the end of the journal.
    pub journal_cut: u64,
    /// The engine's notes, in order.
    pub notes: Vec<Vec<u8>>,
}

impl WorkStore {
    /// Takes the store in `dir` up again, throwing away what was torn.
    ///
    /// [`StoreError::NotThisStore`] for another key, [`StoreError::NoStaging`] for a store whose seal was closed already (or
    /// whose destruction broke off, or that is not there at all),
    /// [`StoreError::InUse`] while another process has it, [`StoreError::NeverBegun`] for one whose making broke off.
    pub fn resume(dir: &Path, key: &RunKey, check: Check) -> Result<(Self, Resumed), StoreError> {
        let (mut book, mut begun, mut notes) = (Book::default(), None::<Begun>, Vec::new());
        let opened = Journal::open(&dir.join(JOURNAL), key, |entry| {
            match (entry, &begun) {
                (OwnedEntry::Begun(first), None) => begun = Some(first),
                (OwnedEntry::Begun(_), Some(_)) | (_, None) => return Err(StoreError::NotThisStore),
                (OwnedEntry::Part(part), _) => book.add_part(part),
                (OwnedEntry::Item(item), _) => book.add_item(item),
                (OwnedEntry::Dropped(id), _) => drop(book.drop_item(id)),
                (OwnedEntry::Lost(number), _) => drop(book.parts.remove(&number)),
                (OwnedEntry::Note(text), _) => {
                    notes.push(hex::decode(Zeroizing::new(text).as_bytes()).map_err(|_| StoreError::NotThisStore)?)
                }
            }
            Ok(())
        });
        let (mut journal, journal_cut) = match opened {
            // Whoever destroys a store begins with the journal, and whoever seals one took the staging file away before.
            Err(StoreError::Disk { kind: io::ErrorKind::NotFound, .. }) if !dir.join(STAGING).exists() => {
                return Err(StoreError::NoStaging);
            }
            Err(StoreError::NotThisStore | StoreError::Disk { kind: io::ErrorKind::NotFound, .. }) if is_empty(dir)? => {
                return Err(StoreError::NeverBegun);
            }
            opened => opened?,
        };
        let begun = begun.ok_or(StoreError::NotThisStore)?;
        // Scratch without a listed item was dropped or never finished; its file is gone or goes below, and is no damage.
        let mut dead = book.forget_dead_klads(|_| true);
        let before: Vec<u32> = book.parts.keys().copied().collect();
        let (staging, staged_torn) = reopen_staging(dir, &mut book, check)?;
        drop_damaged_klads(dir, &mut book, check)?;
        let damaged: Vec<u32> = before.into_iter().filter(|number| !book.parts.contains_key(number)).collect();
        let lost = book.drop_torn_items();
        dead.extend(book.forget_dead_klads(|_| true));
        let parts_torn = staged_torn + remove_unknown_klads(dir, &book, &dead)?;
        // Journaled before anything new is written: new parts will stand where these stood.
        damaged
            .iter()
            .map(|number| Entry::Lost(*number))
            .chain(lost.iter().map(|id| Entry::Dropped(*id)))
            .try_for_each(|entry| journal.append(&entry))?;
        journal.sync()?;
        let (parts_damaged, items_lost) = (damaged.len() as u64, lost.len() as u64);
        let items = book.items.values().map(super::item::ItemRecord::stored).collect();
        let found = Resumed { run_id: begun.run.clone(), items, items_lost, parts_torn, parts_damaged, journal_cut, notes };
        Ok((Self::assemble(dir, begun, staging, journal, book)?, found))
    }
}

/// Where the entry `mimetype` ends: its header of 30 bytes and its name, then its content.
const MIMETYPE_END: u64 = (30 + "mimetype".len() + MIMETYPE.len()) as u64;

/// Whether the store in `dir` holds no part: its making broke off, or nothing arrived before the crash.
fn is_empty(dir: &Path) -> Result<bool, StoreError> {
    let reading = |e: io::Error| StoreError::disk(Doing::Reading, &e);
    for entry in fs::read_dir(dir).map_err(reading)? {
        let entry = entry.map_err(reading)?;
        let name = entry.file_name();
        let staged = name == STAGING && entry.metadata().map_err(reading)?.len() > MIMETYPE_END;
        if staged || name.to_str().is_some_and(|name| name.starts_with(KLAD)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Opens the staging file with as many of the journaled entries as stand in it; the parts of the others leave the book.
/// Says whether a torn part was cut off.
fn reopen_staging(dir: &Path, book: &mut Book, check: Check) -> Result<(Staging, u64), StoreError> {
    let path = dir.join(STAGING);
    let reading = |e: io::Error| match e.kind() {
        io::ErrorKind::NotFound => StoreError::NoStaging,
        _ => StoreError::disk(Doing::Reading, &e),
    };
    let file = File::open(&path).map_err(reading)?;
    let len = file.metadata().map_err(reading)?.len();
    let mut entries: Vec<EntryRecord> = book.parts.values().filter_map(entry_of).cloned().collect();
    entries.sort_by_key(|entry| entry.offset);
    let mut whole = entries.iter().take_while(|entry| entry.end() <= len).count();
    let hurt = first_that_fails(entries.get(..whole).unwrap_or_default(), |entry| match check {
        Check::Sizes => true,
        Check::Checksums => checksum_of(&file, entry.data_offset(), entry.size).is_ok_and(|crc32| crc32 == entry.crc32),
        Check::Digests => digest_of(&file, entry.data_offset(), entry.size).is_ok_and(|digest| digest == entry.sha256),
    });
    whole = hurt.unwrap_or(whole);
    loop {
        entries.truncate(whole);
        let end = entries.last().map_or(MIMETYPE_END, EntryRecord::end);
        match Staging::reopen(&path, end, entries.clone()) {
            Ok(staging) => {
                let kept = |part: &PartRecord| entry_of(part).is_none_or(|entry| entries.contains(entry));
                book.parts.retain(|_, part| kept(part));
                staging.sync_data().map_err(|e| StoreError::staging(Doing::Syncing, e))?;
                return Ok((staging, u64::from(len > end)));
            }
            Err(StagingError::JournalDiffers(at)) if whole > 0 => {
                whole = entries.iter().take(whole - 1).take_while(|entry| entry.offset < at).count();
            }
            Err(e) => return Err(StoreError::staging(Doing::Reading, e)),
        }
    }
}

fn entry_of(part: &PartRecord) -> Option<&EntryRecord> {
    match &part.place {
        Place::Entry(entry) => Some(entry),
        Place::Klad => None,
    }
}

fn drop_damaged_klads(dir: &Path, book: &mut Book, check: Check) -> Result<(), StoreError> {
    let mut damaged = Vec::new();
    for part in book.parts.values().filter(|part| part.place == Place::Klad) {
        let whole = match File::open(super::klad_path(dir, part.number)) {
            Ok(file) => {
                let len = file.metadata().map_err(|e| StoreError::disk(Doing::Reading, &e))?.len();
                len == part.sealed && same_content(&file, part, check)
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => false,
            Err(e) => return Err(StoreError::disk(Doing::Reading, &e)),
        };
        if !whole {
            damaged.push(part.number);
        }
    }
    damaged.iter().for_each(|number| drop(book.parts.remove(number)));
    Ok(())
}

/// Removes part files that the book does not hold, and says how many of them were torn rather than `dead`. Only names that
/// we make ourselves are touched.
fn remove_unknown_klads(dir: &Path, book: &Book, dead: &[u32]) -> Result<u64, StoreError> {
    let mut torn = 0;
    for entry in fs::read_dir(dir).map_err(|e| StoreError::disk(Doing::Reading, &e))? {
        let entry = entry.map_err(|e| StoreError::disk(Doing::Reading, &e))?;
        let name = entry.file_name();
        let Some(number) = name.to_str().and_then(|name| name.strip_prefix(KLAD)).and_then(|digits| digits.parse().ok()) else {
            continue;
        };
        if !book.parts.get(&number).is_some_and(|part| part.place == Place::Klad) {
            fs::remove_file(entry.path()).map_err(|e| StoreError::disk(Doing::Wiping, &e))?;
            torn += u64::from(!dead.contains(&number));
        }
    }
    Ok(torn)
}

/// A scratch part is never listed anywhere, so its checksum will do to find what a disk lost.
fn same_content(file: &File, part: &PartRecord, check: Check) -> bool {
    match (check, part.sha256) {
        (Check::Sizes, _) => true,
        (Check::Digests, Some(sha256)) => digest_of(file, 0, part.sealed).is_ok_and(|digest| digest == sha256),
        (Check::Digests | Check::Checksums, _) => checksum_of(file, 0, part.sealed).is_ok_and(|crc32| crc32 == part.crc32),
    }
}

/// The first of these for which `holds` is false. Several are looked at side by side.
fn first_that_fails<T: Sync>(these: &[T], holds: impl Fn(&T) -> bool + Sync) -> Option<usize> {
    let (next, failed) = (AtomicUsize::new(0), AtomicUsize::new(usize::MAX));
    let look = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            match these.get(at) {
                Some(_) if at > failed.load(Ordering::Relaxed) => return,
                Some(this) if holds(this) => {}
                Some(_) => drop(failed.fetch_min(at, Ordering::Relaxed)),
                None => return,
            }
        }
    };
    std::thread::scope(|scope| {
        let others = std::thread::available_parallelism().map_or(1, usize::from).min(these.len()).saturating_sub(1);
        (0..others).for_each(|_| drop(scope.spawn(look)));
        look();
    });
    Some(failed.into_inner()).filter(|at| *at != usize::MAX)
}

fn checksum_of(file: &File, at: u64, len: u64) -> io::Result<u32> {
    let mut crc32 = crc32fast::Hasher::new();
    read_through(file, at, len, |piece| crc32.update(piece))?;
    Ok(crc32.finalize())
}

pub(super) fn digest_of(file: &File, at: u64, len: u64) -> io::Result<[u8; 32]> {
    let mut sha256 = Sha256::new();
    read_through(file, at, len, |piece| sha256.update(piece))?;
    Ok(sha256.finalize().into())
}

fn read_through(file: &File, at: u64, len: u64, mut each: impl FnMut(&[u8])) -> io::Result<()> {
    let (mut buffer, mut done) = (vec![0; 1 << 18], 0_u64);
    while done < len {
        let n = usize::try_from(len - done).unwrap_or(usize::MAX).min(buffer.len());
        let Some(piece) = buffer.get_mut(..n) else { break };
        file.read_exact_at(piece, at + done)?;
        each(piece);
        done += n as u64;
    }
    Ok(())
}

impl Shared {
    /// Removes the part files among these in which no listed item has a byte.
    pub(super) fn remove_dead_klads(&self, parts: &[u32]) -> Result<(), StoreError> {
        let dead = super::lock(&self.book).forget_dead_klads(|number| parts.contains(&number));
        for number in dead {
            match fs::remove_file(self.klad_path(number)) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(StoreError::disk(Doing::Wiping, &e)),
                _ => {}
            }
        }
        Ok(())
    }
}
