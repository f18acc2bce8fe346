//! A zip as evidence: a chat export, or a set of files that another tool handed over. Nothing of it is unpacked to disk.
//!
//! A stored entry is a stretch of the file; a deflated one is inflated on demand ([`crate::inflated`]: what that costs stands
//! there). What the directory claims is bounded before anything is taken from it.

use crate::{
    Bytes, ChunkCache, Evidence, EvidenceError, FileSource, Hint, Item, ItemName,
    inflated::{Inflated, Stated},
    skipped::{SkipReason, Skipped},
    window::Window,
    zip_directory::{self, Entry},
};
use std::{collections::BTreeMap, fmt, io, path::Path, sync::Arc};
use zeroize::Zeroizing;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;
const ENCRYPTED_FLAGS: u16 = 1 | 1 << 6 | 1 << 13;
const UTF8_FLAG: u16 = 1 << 11;
/// Deflate cannot do better than 1,032 to 1; a directory that claims more lies.
const BEST_RATIO: u64 = 1032;

/// Why a zip cannot be evidence.
#[derive(Debug, thiserror::Error)]
pub enum ZipError {
    #[error("not a zip, or one that was cut")]
    NotAZip,
    #[error("the directory of the zip is damaged, or says more than one thing")]
    Structure,
    #[error("the zip holds too many entries")]
    TooManyEntries,
    /// Two entries of one name: which one counts would be a guess.
    #[error("the zip holds two entries of one name")]
    DuplicateNames,
    /// Two entries share bytes: what a zip bomb does, and nothing else.
    #[error("entries of the zip overlap")]
    Overlap,
    #[error("the zip would unpack to more than it reasonably can")]
    Bomb,
    /// [`io::ErrorKind::InvalidData`]: the bytes of the zip are damaged; else: they could not be had.
    #[error("the zip could not be read: {0}")]
    Io(#[from] io::Error),
}

/// What a zip may claim.
#[derive(Clone, Copy, Debug)]
pub struct ZipLimits {
    pub entries: usize,
    /// Bytes that all entries together may unpack to, whatever the size of the zip.
    pub total: u64,
    /// Beyond `total`: this many times the size of the zip.
    pub total_ratio: u64,
}

impl Default for ZipLimits {
    fn default() -> Self {
        // Media do not compress and databases compress some three to ten times; a phone holds up to 1 TB, most of it media.
        Self { entries: 1_000_000, total: 64 << 30, total_ratio: 20 }
    }
}

#[derive(Clone, Copy)]
struct Place {
    header: u64,
    deflated: u64,
    bytes: u64,
    crc32: u32,
    method: u16,
}

/// The entries of one zip.
pub struct ZipEvidence {
    zip: Bytes,
    directory_start: u64,
    items: Vec<Item>,
    places: BTreeMap<ItemName, Place>,
    skipped: Skipped,
    cache: Arc<ChunkCache>,
}

impl ZipEvidence {
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ZipError> {
        Self::over(Arc::new(FileSource::open(path)?), ZipLimits::default(), ChunkCache::of_this_process())
    }

    /// A zip in any source, also in a zip.
    pub fn over(zip: Bytes, limits: ZipLimits, cache: Arc<ChunkCache>) -> Result<Self, ZipError> {
        let directory = zip_directory::find(&zip)?;
        let mut found = Found::default();
        directory.read(&zip, |entry| found.take(entry, limits))?;
        let most = limits.total.max(limits.total_ratio.saturating_mul(zip.len()));
        if found.total > most {
            return Err(ZipError::Bomb);
        }
        found.refuse_overlap(directory.start)?;
        let Found { items: places, modified, skipped, .. } = found;
        let items = places
            .iter()
            .zip(modified.into_values())
            .map(|((name, place), modified)| Item { name: name.clone(), bytes: place.bytes, modified })
            .collect();
        Ok(Self { zip, directory_start: directory.start, items, places, skipped, cache })
    }

    /// What the zip holds and is not among the items.
    #[must_use]
    pub fn skipped(&self) -> &Skipped {
        &self.skipped
    }

    /// Reads an entry from end to end against its checksum. A stored entry that is read at random is not checked otherwise; a
    /// deflated one is when its end is reached. The checksum finds accidents, not forgeries.
    pub fn verify(&self, name: &ItemName) -> Result<(), EvidenceError> {
        let stated = self.places.get(name).ok_or(EvidenceError::Absent)?.crc32;
        let source = self.open(name)?;
        let mut hint = Hint::default();
        let mut crc = crc32fast::Hasher::new();
        let mut buf = Zeroizing::new(vec![0; 64 << 10]);
        let mut at = 0;
        while at < source.len() {
            let n = usize::try_from(source.len() - at).unwrap_or(usize::MAX).min(buf.len());
            let Some(part) = buf.get_mut(..n) else { break };
            source.read_at(at, part, &mut hint)?;
            crc.update(part);
            at += n as u64;
        }
        if crc.finalize() == stated { Ok(()) } else { Err(damaged("fails its checksum")) }
    }
}

/// The directory while it is read.
#[derive(Default)]
struct Found {
    items: BTreeMap<ItemName, Place>,
    modified: BTreeMap<ItemName, Option<i64>>,
    skipped: Skipped,
    /// (header, least end) of every entry, also of the skipped.
    stretches: Vec<(u64, u64)>,
    total: u64,
}

impl Found {
    fn take(&mut self, entry: Entry, limits: ZipLimits) -> Result<(), ZipError> {
        if self.stretches.len() >= limits.entries {
            return Err(ZipError::TooManyEntries);
        }
        self.stretches.push((entry.header, entry.least_end().ok_or(ZipError::Structure)?));
        let is_folder = entry.raw_name.ends_with(b"/");
        let name = decode(&entry.raw_name, entry.flags).and_then(|name| ItemName::new(name.trim_end_matches('/')).ok());
        let Some(name) = name else {
            self.skipped.note(SkipReason::Name, None);
            return Ok(());
        };
        if is_folder {
            return Ok(());
        }
        if let Some(reason) = refused(&entry) {
            self.skipped.note(reason, Some(name));
            return Ok(());
        }
        let lies = match entry.method {
            STORED => entry.bytes != entry.deflated,
            _ => entry.bytes > entry.deflated.saturating_mul(BEST_RATIO),
        };
        if lies {
            return Err(ZipError::Bomb);
        }
        self.total = self.total.saturating_add(entry.bytes);
        let Entry { header, deflated, bytes, crc32, method, .. } = entry;
        self.modified.insert(name.clone(), entry.modified);
        match self.items.insert(name, Place { header, deflated, bytes, crc32, method }) {
            None => Ok(()),
            Some(_) => Err(ZipError::DuplicateNames),
        }
    }

    fn refuse_overlap(&mut self, directory_start: u64) -> Result<(), ZipError> {
        self.stretches.sort_unstable();
        let next = self.stretches.iter().skip(1).map(|(header, _)| *header).chain([directory_start]);
        if self.stretches.iter().zip(next).any(|((_, end), next)| *end > next) {
            return Err(ZipError::Overlap);
        }
        Ok(())
    }
}

fn refused(entry: &Entry) -> Option<SkipReason> {
    const KIND: u32 = 0o170_000;
    match entry.unix_mode & KIND {
        0o120_000 => return Some(SkipReason::Symlink),
        0 | 0o100_000 => {}
        _ => return Some(SkipReason::Special),
    }
    if entry.flags & ENCRYPTED_FLAGS != 0 {
        return Some(SkipReason::Encrypted);
    }
    (!matches!(entry.method, STORED | DEFLATED)).then_some(SkipReason::Method)
}

/// UTF-8 where it is said or where it fits (many writers do not say it), else code page 437 (§4.4.4, appendix D).
fn decode(raw: &[u8], flags: u16) -> Option<String> {
    match str::from_utf8(raw) {
        Ok(name) => Some(name.to_owned()),
        Err(_) if flags & UTF8_FLAG != 0 => None,
        Err(_) => Some(raw.iter().map(|&b| code_page_437(b)).collect()),
    }
}

fn code_page_437(byte: u8) -> char {
    const UPPER: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
    match byte {
        0..=127 => char::from(byte),
        _ => UPPER.chars().nth(usize::from(byte) - 128).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

fn damaged(why: &str) -> EvidenceError {
    EvidenceError::Damaged(format!("a zip entry {why}"))
}

impl Evidence for ZipEvidence {
    fn items(&self) -> &[Item] {
        &self.items
    }

    fn open(&self, name: &ItemName) -> Result<Bytes, EvidenceError> {
        let place = *self.places.get(name).ok_or(EvidenceError::Absent)?;
        let start = zip_directory::data_start(&self.zip, place.header, place.method)?;
        let within = start.filter(|start| start.checked_add(place.deflated).is_some_and(|end| end <= self.directory_start));
        let window = within.and_then(|start| Window::new(Arc::clone(&self.zip), start, place.deflated));
        let window: Bytes = Arc::new(window.ok_or_else(|| damaged("is not where the directory says"))?);
        Ok(match place.method {
            STORED => window,
            _ => {
                let stated = Stated { len: place.bytes, crc32: place.crc32 };
                Arc::new(Inflated::new(window, stated, Arc::clone(&self.cache)))
            }
        })
    }
}

impl fmt::Debug for ZipEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZipEvidence").field("items", &self.items.len()).finish_non_exhaustive()
    }
}
