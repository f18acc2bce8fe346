//! A zip as evidence: a chat export, or a set of files that another tool handed over. Nothing of it is unpacked to disk.
//!
//! A stored entry is a stretch of the file; a deflated one is inflated on demand ([`crate::inflated`]: what that costs stands
//! there). What the directory claims is bounded before anything is taken from it.

use crate::{
    Bytes, ChunkCache, Evidence, EvidenceError, FileSource, Hint, Item, ItemName,
    inflated::{Inflated, Stated},
    skipped::{SkipReason, Skipped},
    window::Window,
    zip_aes::{self, Aes},
    zip_directory::{self, Entry},
};
use std::{collections::BTreeMap, fmt, io, path::Path, sync::Arc};
use zeroize::Zeroizing;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;
const ENCRYPTED: u16 = 1;
const ENCRYPTED_FLAGS: u16 = ENCRYPTED | 1 << 6 | 1 << 13;
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
    /// As it stands in the zip, with what encrypts it.
    stored: u64,
    bytes: u64,
    crc32: Option<u32>,
    method: u16,
    encrypted: bool,
}

/// Which entries of a zip are its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    InTheClear,
    Encrypted,
}

/// The entries of one zip.
pub struct ZipEvidence {
    zip: Bytes,
    directory_start: u64,
    items: Vec<Item>,
    places: BTreeMap<ItemName, Place>,
    skipped: Skipped,
    cache: Arc<ChunkCache>,
    pub(crate) password: Zeroizing<Vec<u8>>,
}

impl ZipEvidence {
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ZipError> {
        Self::over(Arc::new(FileSource::open(path)?), ZipLimits::default(), ChunkCache::of_this_process())
    }

    /// A zip in any source, also in a zip.
    pub fn over(zip: Bytes, limits: ZipLimits, cache: Arc<ChunkCache>) -> Result<Self, ZipError> {
        Self::of(Of::InTheClear, zip, limits, cache)
    }

    pub(crate) fn of(of: Of, zip: Bytes, limits: ZipLimits, cache: Arc<ChunkCache>) -> Result<Self, ZipError> {
        let directory = zip_directory::find(&zip)?;
        let mut found = Found::default();
        directory.read(&zip, |entry| found.take(entry, of, limits))?;
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
        let password = Zeroizing::default();
        Ok(Self { zip, directory_start: directory.start, items, places, skipped, cache, password })
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
        if stated.is_none_or(|stated| crc.finalize() == stated) { Ok(()) } else { Err(damaged("fails its checksum")) }
    }

    /// The stretch of the zip in which an entry lies, as it stands there.
    fn stretch(&self, place: Place) -> Result<Bytes, EvidenceError> {
        let method = if place.encrypted { zip_aes::METHOD } else { place.method };
        let start = zip_directory::data_start(&self.zip, place.header, method)?;
        let within = start.filter(|start| start.checked_add(place.stored).is_some_and(|end| end <= self.directory_start));
        let window = within.and_then(|start| Window::new(Arc::clone(&self.zip), start, place.stored));
        Ok(Arc::new(window.ok_or_else(|| damaged("is not where the directory says"))?))
    }

    /// Whether the password is that of this entry, as far as two bytes can tell.
    pub(crate) fn password_fits(&self, name: &ItemName) -> Result<bool, EvidenceError> {
        let place = *self.places.get(name).ok_or(EvidenceError::Absent)?;
        Ok(zip_aes::password_fits(&self.stretch(place)?, &self.password)?)
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
    fn take(&mut self, entry: Entry, of: Of, limits: ZipLimits) -> Result<(), ZipError> {
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
        let place = match place(&entry, of) {
            Ok(place) => place,
            Err(reason) => {
                self.skipped.note(reason, Some(name));
                return Ok(());
            }
        };
        let deflated = if place.encrypted { zip_aes::content_bytes(place.stored) } else { Some(place.stored) };
        let deflated = deflated.ok_or(ZipError::Structure)?;
        let lies = match place.method {
            STORED => place.bytes != deflated,
            _ => place.bytes > deflated.saturating_mul(BEST_RATIO),
        };
        if lies {
            return Err(ZipError::Bomb);
        }
        self.total = self.total.saturating_add(place.bytes);
        self.modified.insert(name.clone(), entry.modified);
        match self.items.insert(name, place) {
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

/// Where the entry lies, if it is one of those that are wanted.
fn place(entry: &Entry, of: Of) -> Result<Place, SkipReason> {
    const KIND: u32 = 0o170_000;
    match entry.unix_mode & KIND {
        0o120_000 => return Err(SkipReason::Symlink),
        0 | 0o100_000 => {}
        _ => return Err(SkipReason::Special),
    }
    let encrypted = entry.flags & ENCRYPTED_FLAGS;
    let (method, crc32) = match (of, entry.aes.filter(|_| entry.method == zip_aes::METHOD)) {
        (Of::InTheClear, _) if encrypted != 0 => return Err(SkipReason::Encrypted),
        (Of::InTheClear, _) => (entry.method, Some(entry.crc32)),
        (Of::Encrypted, _) if encrypted == 0 => return Err(SkipReason::InTheClear),
        (Of::Encrypted, Some(Aes { method, checksum })) if encrypted == ENCRYPTED => (method, checksum.then_some(entry.crc32)),
        (Of::Encrypted, _) => return Err(SkipReason::Encrypted),
    };
    if !matches!(method, STORED | DEFLATED) {
        return Err(SkipReason::Method);
    }
    let encrypted = of == Of::Encrypted;
    Ok(Place { header: entry.header, stored: entry.deflated, bytes: entry.bytes, crc32, method, encrypted })
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

pub(crate) fn damaged(why: &str) -> EvidenceError {
    EvidenceError::Damaged(format!("a zip entry {why}"))
}

impl Evidence for ZipEvidence {
    fn items(&self) -> &[Item] {
        &self.items
    }

    fn open(&self, name: &ItemName) -> Result<Bytes, EvidenceError> {
        let place = *self.places.get(name).ok_or(EvidenceError::Absent)?;
        let stretch = self.stretch(place)?;
        let content: Bytes = if place.encrypted { Arc::new(self.decrypted(stretch)?) } else { stretch };
        Ok(match place.method {
            STORED => content,
            _ => {
                let stated = Stated { len: place.bytes, crc32: place.crc32 };
                Arc::new(Inflated::new(content, stated, Arc::clone(&self.cache)))
            }
        })
    }
}

impl fmt::Debug for ZipEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZipEvidence").field("items", &self.items.len()).finish_non_exhaustive()
    }
}
