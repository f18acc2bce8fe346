//! The directory of a zip, read strictly (APPNOTE.TXT 6.3.10, §4.3).
//!
//! Written here and not taken from the crate `zip`: that one sizes its tables by the number of entries that the file claims
//! before it has seen one (a zip64 record of 56 bytes can claim as many as the file has bytes), tolerates bytes before and
//! behind the archive, and tries one candidate for the end record after the other. Two readers of one hostile file must not
//! see two things, so what is not plain is refused.

use crate::{Bytes, Hint, Reader, ZipError, zip_aes::Aes};
use std::io::{BufReader, Read, Seek, SeekFrom};

const END: [u8; 4] = *b"PK\x05\x06";
const END64: [u8; 4] = *b"PK\x06\x06";
const LOCATOR64: [u8; 4] = *b"PK\x06\x07";
const ENTRY: [u8; 4] = *b"PK\x01\x02";
const LOCAL: [u8; 4] = *b"PK\x03\x04";
const END_BYTES: u64 = 22;
const LOCATOR_BYTES: u64 = 20;
const END64_BYTES: u64 = 56;
const ENTRY_BYTES: u64 = 46;
const LOCAL_BYTES: u64 = 30;
/// Longest comment behind the end record.
const COMMENT: u64 = 0xffff;
/// Longest directory: the names of all entries are held in memory, and they are most of it.
const LONGEST_DIRECTORY: u64 = 256 << 20;

/// Where the directory lies and how many entries it claims.
pub(crate) struct Directory {
    pub(crate) start: u64,
    bytes: u64,
    entries: u64,
    /// Old writers let the 16-bit count wrap round.
    wraps: bool,
}

/// One entry of the directory, as it stands there.
pub(crate) struct Entry {
    pub(crate) raw_name: Vec<u8>,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) crc32: u32,
    pub(crate) deflated: u64,
    pub(crate) bytes: u64,
    pub(crate) header: u64,
    /// Of a Unix maker, else 0.
    pub(crate) unix_mode: u32,
    /// Unix seconds from the extended timestamp. The plain one has no time zone and so is no point in time.
    pub(crate) modified: Option<i64>,
    /// Encrypted as WinZip does.
    pub(crate) aes: Option<Aes>,
}

impl Entry {
    /// The least that its header and its data take from `header` on.
    pub(crate) fn least_end(&self) -> Option<u64> {
        self.header.checked_add(LOCAL_BYTES)?.checked_add(self.deflated)
    }
}

/// Finds the directory. The end record must be the last thing in the file and the directory must end where it (or the zip64
/// record) starts.
pub(crate) fn find(zip: &Bytes) -> Result<Directory, ZipError> {
    let len = zip.len();
    let from = len.saturating_sub(END_BYTES + COMMENT);
    // Fits: at most END_BYTES + COMMENT.
    let mut tail = vec![0; (len - from) as usize];
    zip.read_at(from, &mut tail, &mut Hint::default())?;
    let at = tail
        .windows(END_BYTES as usize)
        .enumerate()
        .rev()
        .find(|(at, w)| w.starts_with(&END) && *at as u64 + END_BYTES + u64::from(u16_at(w, 20)) == tail.len() as u64)
        .map(|(at, _)| at)
        .ok_or(ZipError::NotAZip)?;
    let end = tail.get(at..).unwrap_or_default();
    let end_at = from + at as u64;
    let plain = Directory {
        start: u64::from(u32_at(end, 16)),
        bytes: u64::from(u32_at(end, 12)),
        entries: u64::from(u16_at(end, 10)),
        wraps: true,
    };
    let (directory, directory_end) = match end64(zip, end_at)? {
        Some(found) => found,
        None => {
            if u16_at(end, 4) != 0 || u16_at(end, 6) != 0 || u16_at(end, 8) != u16_at(end, 10) {
                return Err(ZipError::Structure);
            }
            (plain, end_at)
        }
    };
    if directory.start.checked_add(directory.bytes) != Some(directory_end) {
        return Err(ZipError::Structure);
    }
    if directory.bytes > LONGEST_DIRECTORY {
        return Err(ZipError::TooManyEntries);
    }
    Ok(directory)
}

/// The zip64 end record, if a locator stands before the end record, and where it starts.
fn end64(zip: &Bytes, end_at: u64) -> Result<Option<(Directory, u64)>, ZipError> {
    let Some(locator_at) = end_at.checked_sub(LOCATOR_BYTES) else { return Ok(None) };
    let mut locator = [0; LOCATOR_BYTES as usize];
    zip.read_at(locator_at, &mut locator, &mut Hint::default())?;
    if !locator.starts_with(&LOCATOR64) {
        return Ok(None);
    }
    let at = u64_at(&locator, 8);
    if at.checked_add(END64_BYTES).is_none_or(|end| end > locator_at) {
        return Err(ZipError::Structure);
    }
    let mut end = [0; END64_BYTES as usize];
    zip.read_at(at, &mut end, &mut Hint::default())?;
    let whole = u64_at(&end, 4).checked_add(12).and_then(|bytes| at.checked_add(bytes)) == Some(locator_at);
    let one_disk = u32_at(&end, 16) == 0 && u32_at(&end, 20) == 0 && u64_at(&end, 24) == u64_at(&end, 32);
    if !end.starts_with(&END64) || !whole || !one_disk {
        return Err(ZipError::Structure);
    }
    let directory = Directory { start: u64_at(&end, 48), bytes: u64_at(&end, 40), entries: u64_at(&end, 32), wraps: false };
    Ok(Some((directory, at)))
}

impl Directory {
    /// Hands every entry to `each`, one at a time.
    pub(crate) fn read(&self, zip: &Bytes, mut each: impl FnMut(Entry) -> Result<(), ZipError>) -> Result<(), ZipError> {
        let mut reader = BufReader::with_capacity(64 << 10, Reader::new(zip.clone()));
        reader.seek(SeekFrom::Start(self.start))?;
        let mut reader = reader.take(self.bytes);
        let mut seen: u64 = 0;
        while reader.limit() > 0 {
            each(entry(&mut reader)?)?;
            seen += 1;
        }
        let agrees = if self.wraps { seen & 0xffff == self.entries } else { seen == self.entries };
        if agrees { Ok(()) } else { Err(ZipError::Structure) }
    }
}

fn entry(reader: &mut impl Read) -> Result<Entry, ZipError> {
    let mut fixed = [0; ENTRY_BYTES as usize];
    fill(reader, &mut fixed)?;
    if !fixed.starts_with(&ENTRY) || u16_at(&fixed, 34) != 0 {
        return Err(ZipError::Structure);
    }
    let mut raw_name = vec![0; usize::from(u16_at(&fixed, 28))];
    let mut extra = vec![0; usize::from(u16_at(&fixed, 30))];
    let mut comment = vec![0; usize::from(u16_at(&fixed, 32))];
    fill(reader, &mut raw_name)?;
    fill(reader, &mut extra)?;
    fill(reader, &mut comment)?;
    const UNIX: u16 = 3;
    let mut entry = Entry {
        raw_name,
        flags: u16_at(&fixed, 8),
        method: u16_at(&fixed, 10),
        crc32: u32_at(&fixed, 16),
        deflated: u64::from(u32_at(&fixed, 20)),
        bytes: u64::from(u32_at(&fixed, 24)),
        header: u64::from(u32_at(&fixed, 42)),
        unix_mode: if u16_at(&fixed, 4) >> 8 == UNIX { u32_at(&fixed, 38) >> 16 } else { 0 },
        modified: None,
        aes: None,
    };
    extras(&mut entry, &extra)?;
    Ok(entry)
}

/// §4.5.3 (zip64), Info-ZIP's extended timestamp, WinZip's encryption; others are of no use here.
fn extras(entry: &mut Entry, mut extra: &[u8]) -> Result<(), ZipError> {
    const ZIP64: u16 = 0x0001;
    const TIMESTAMP: u16 = 0x5455;
    const AES: u16 = 0x9901;
    let all_ones = u64::from(u32::MAX);
    let mut wanted: Vec<&mut u64> =
        [&mut entry.bytes, &mut entry.deflated, &mut entry.header].into_iter().filter(|field| **field == all_ones).collect();
    while let Some((head, rest)) = extra.split_at_checked(4) {
        let (kind, len) = (u16_at(head, 0), usize::from(u16_at(head, 2)));
        // Some writers pad with what is no field.
        let Some((field, rest)) = rest.split_at_checked(len) else { break };
        match kind {
            ZIP64 => {
                for (at, wanted) in wanted.drain(..).enumerate() {
                    let value = field.get(at * 8..).and_then(|b| b.first_chunk()).ok_or(ZipError::Structure)?;
                    *wanted = u64::from_le_bytes(*value);
                }
            }
            TIMESTAMP if field.first().is_some_and(|flags| flags & 1 == 1) && field.len() >= 5 => {
                entry.modified = Some(i64::from(u32_at(field, 1).cast_signed()));
            }
            AES => entry.aes = Aes::read(field),
            _ => {}
        }
        extra = rest;
    }
    Ok(())
}

/// Where the data of an entry starts: its local header has names and extras of its own length.
pub(crate) fn data_start(zip: &Bytes, header: u64, method: u16) -> Result<Option<u64>, std::io::Error> {
    if header.checked_add(LOCAL_BYTES).is_none_or(|end| end > zip.len()) {
        return Ok(None);
    }
    let mut local = [0; LOCAL_BYTES as usize];
    zip.read_at(header, &mut local, &mut Hint::default())?;
    if !local.starts_with(&LOCAL) || u16_at(&local, 8) != method {
        return Ok(None);
    }
    Ok(header.checked_add(LOCAL_BYTES + u64::from(u16_at(&local, 26)) + u64::from(u16_at(&local, 28))))
}

/// An entry that ends before its length is a damaged directory, not a failing disk.
fn fill(reader: &mut impl Read, buf: &mut [u8]) -> Result<(), ZipError> {
    reader.read_exact(buf).map_err(|error| match error.kind() {
        std::io::ErrorKind::UnexpectedEof => ZipError::Structure,
        _ => ZipError::Io(error),
    })
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u16::from_le_bytes(*b))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u32::from_le_bytes(*b))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u64::from_le_bytes(*b))
}
