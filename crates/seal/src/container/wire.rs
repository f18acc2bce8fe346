//! The bytes of local headers, central directory and end record: rendered only, never parsed field by field. A reader
//! renders what must stand there and compares.

use super::{EntryName, EntryRecord, reader::Entry};

/// `PK\x03\x04`
pub(super) const LOCAL_SIGNATURE: [u8; 4] = *b"PK\x03\x04";
/// `PK\x01\x02`
pub(super) const CENTRAL_SIGNATURE: [u8; 4] = *b"PK\x01\x02";
/// Fixed part of a local header in bytes (APPNOTE 4.3.7).
pub(super) const LOCAL_FIXED: usize = 30;
/// Fixed part of a directory header in bytes (APPNOTE 4.3.12).
pub(super) const CENTRAL_FIXED: usize = 46;

/// Stored content needs version 1.0; a ZIP64 field needs 4.5 (APPNOTE 4.4.3.2).
const PLAIN: u16 = 10;
const ZIP64: u16 = 45;
/// Written by "unix, 4.5", whatever the entry needs.
const MADE_BY: u16 = 3 << 8 | ZIP64;
/// 1980-01-01, the earliest date that a ZIP can say.
const DOS_DATE: u16 = 0x0021;
/// A read-only plain file, `0100444`, in the upper half.
const ATTRIBUTES: u32 = 0o100_444 << 16;
const ESCAPE: u32 = u32::MAX;

pub(super) fn local_len(name: EntryName) -> u64 {
    LOCAL_FIXED as u64 + name.to_string().len() as u64
}

/// `sizes` is none while the entry is open: CRC 0 and both sizes `FFFFFFFF`, which no finished entry has.
pub(super) fn local_header(name: EntryName, finished: Option<(u32, u32)>) -> Vec<u8> {
    let name = name.to_string();
    let (crc32, size) = finished.unwrap_or((0, ESCAPE));
    let mut out = Vec::with_capacity(LOCAL_FIXED + name.len());
    out.extend(LOCAL_SIGNATURE);
    // version, flags, method, time, date
    for field in [PLAIN, 0, 0, 0, DOS_DATE] {
        out.extend(field.to_le_bytes());
    }
    for field in [crc32, size, size] {
        out.extend(field.to_le_bytes());
    }
    out.extend(length(&name).to_le_bytes());
    out.extend(0u16.to_le_bytes());
    out.extend(name.as_bytes());
    out
}

/// The three fields of a local header that a reader cannot know beforehand.
pub(super) struct LocalFields {
    pub(super) crc32: u32,
    pub(super) size: u32,
    pub(super) name_len: u16,
}

impl LocalFields {
    pub(super) fn read(header: &[u8]) -> Option<Self> {
        let u32_at = |at: usize| header.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes);
        Some(Self {
            crc32: u32_at(14)?,
            size: u32_at(18)?,
            name_len: header.get(26..28)?.try_into().ok().map(u16::from_le_bytes)?,
        })
    }
}

/// What the directory needs to know of an entry.
pub(super) trait Described {
    fn described(&self) -> Entry;
}

impl Described for Entry {
    fn described(&self) -> Entry {
        *self
    }
}

impl Described for EntryRecord {
    fn described(&self) -> Entry {
        Entry { name: self.name, offset: self.offset, data_offset: self.data_offset(), size: self.size, crc32: self.crc32 }
    }
}

/// Everything after the last entry: the central directory, the ZIP64 end record and locator when the directory begins at
/// or beyond `FFFFFFFF`, and the end record.
pub(super) fn directory(entries: &[impl Described]) -> Vec<u8> {
    let begin = entries.last().map(Described::described).map_or(0, |last| last.data_offset + last.size);
    let mut out = Vec::with_capacity(entries.len() * 96);
    for entry in entries {
        central_header(&mut out, &entry.described());
    }
    // At most 899 entries of under 128 bytes: neither count nor size can overflow, only the offset.
    let size = u32::try_from(out.len()).unwrap_or(ESCAPE);
    let count = u16::try_from(entries.len()).unwrap_or(u16::MAX);
    if begin >= u64::from(ESCAPE) {
        let record = begin.saturating_add(out.len() as u64);
        out.extend(b"PK\x06\x06");
        out.extend(44u64.to_le_bytes());
        out.extend(MADE_BY.to_le_bytes());
        out.extend(ZIP64.to_le_bytes());
        out.extend([0; 8]);
        for field in [u64::from(count), u64::from(count), u64::from(size), begin] {
            out.extend(field.to_le_bytes());
        }
        out.extend(b"PK\x06\x07");
        out.extend(0u32.to_le_bytes());
        out.extend(record.to_le_bytes());
        out.extend(1u32.to_le_bytes());
    }
    out.extend(b"PK\x05\x06");
    for field in [0, 0, count, count] {
        out.extend(field.to_le_bytes());
    }
    out.extend(size.to_le_bytes());
    out.extend(u32::try_from(begin).unwrap_or(ESCAPE).to_le_bytes());
    out.extend(0u16.to_le_bytes());
    out
}

/// Length of the directory header that [`directory`] writes for this entry.
pub(super) fn central_len(entry: &Entry) -> usize {
    CENTRAL_FIXED + entry.name.to_string().len() + if is_far(entry) { 12 } else { 0 }
}

fn is_far(entry: &Entry) -> bool {
    entry.offset >= u64::from(ESCAPE)
}

fn central_header(out: &mut Vec<u8>, entry: &Entry) {
    let name = entry.name.to_string();
    let far = is_far(entry);
    let size = u32::try_from(entry.size).unwrap_or(ESCAPE);
    out.extend(CENTRAL_SIGNATURE);
    for field in [MADE_BY, if far { ZIP64 } else { PLAIN }, 0, 0, 0, DOS_DATE] {
        out.extend(field.to_le_bytes());
    }
    for field in [entry.crc32, size, size] {
        out.extend(field.to_le_bytes());
    }
    // name, extra, comment, disk, internal attributes
    for field in [length(&name), if far { 12 } else { 0 }, 0, 0, 0] {
        out.extend(field.to_le_bytes());
    }
    out.extend(ATTRIBUTES.to_le_bytes());
    out.extend(if far { ESCAPE } else { u32::try_from(entry.offset).unwrap_or(ESCAPE) }.to_le_bytes());
    out.extend(name.as_bytes());
    if far {
        out.extend(1u16.to_le_bytes());
        out.extend(8u16.to_le_bytes());
        out.extend(entry.offset.to_le_bytes());
    }
}

/// Entry names are under 64 bytes.
fn length(name: &str) -> u16 {
    u16::try_from(name.len()).unwrap_or(u16::MAX)
}
