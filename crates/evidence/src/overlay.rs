//! A database as its write-ahead log or its hot rollback journal says it should be, as one byte source.
//!
//! SQLite is shown one immutable file that already *is* the recovered database, so it never sees a `-wal` or a `-journal`,
//! never needs shared memory, never locks and never writes (`reference/sqlite-vfs.md §1, §3, §4`). [`crate::Database`] calls.

use crate::{
    Bytes, Hint, ReadAt,
    journal::{self, JournalReport},
    wal::{self, WalReport},
};
use serde::{Deserialize, Serialize};
use std::{io, sync::Arc};

/// Bounds the page index of one log in memory: 8 bytes a record, so 32 MiB. At the usual page of 4 KiB a log of 16 GiB.
pub(crate) const MOST_RECORDS: usize = 4 << 20;

/// First 16 bytes of every plain SQLite database.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Why log and database do not go together.
#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    /// SQLite refuses the database as well.
    #[error("the write-ahead log is of version {0}, which is unknown")]
    LogVersion(u32),
    /// The log brings pages of another size than the database has: it belongs to another database.
    #[error("the write-ahead log has pages of {log} bytes, the database of {database}: they do not belong together")]
    ForeignLog { log: u32, database: u32 },
    #[error("the log holds more than {MOST_RECORDS} pages")]
    TooManyPages,
    /// [`io::ErrorKind::InvalidData`]: the bytes are damaged; else: they could not be had.
    #[error("the database or its log could not be read: {0}")]
    Io(#[from] io::Error),
}

/// What the logs beside a database did to it: for the completeness statement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverlayReport {
    /// `None`: no rollback journal was given.
    pub journal: Option<JournalReport>,
    /// `None`: no write-ahead log was given.
    pub wal: Option<WalReport>,
    /// Bytes of the database file as it lies there.
    pub bytes_in_file: u64,
    /// Bytes of the database with its logs applied.
    pub bytes: u64,
}

/// Lays `journal`, then `wal` over `db`: SQLite's own order. Reads each log once from end to end.
///
/// A log that counts for nothing leaves the database as it is; the report says why.
pub fn overlay(db: Bytes, wal: Option<Bytes>, journal: Option<Bytes>) -> Result<(Bytes, OverlayReport), OverlayError> {
    let mut report = OverlayReport { bytes_in_file: db.len(), ..OverlayReport::default() };
    let mut image = db;
    if let Some(journal) = journal {
        let (pages, told) = journal::undo(&image, &journal)?;
        report.journal = Some(told);
        image = lay(image, journal, pages);
    }
    if let Some(wal) = wal {
        let (pages, told) = wal::replay(&image, &wal)?;
        report.wal = Some(told);
        image = lay(image, wal, pages);
    }
    report.bytes = image.len();
    Ok((image, report))
}

fn lay(db: Bytes, log: Bytes, pages: Option<Pages>) -> Bytes {
    match pages {
        Some(pages) => Arc::new(Overlay { db, log, pages }),
        None => db,
    }
}

/// The pages that a log holds: where each lies in it.
#[derive(Debug)]
pub(crate) struct Pages {
    /// (page number from 1, record), sorted by page, one record a page.
    records: Vec<(u32, u32)>,
    /// The page of record `r` starts at byte `start + r * stride` of the log.
    start: u64,
    stride: u64,
    page_size: u32,
    /// Length of the database that results, in bytes; may be virtual (far beyond both files), then zeros.
    len: u64,
}

impl Pages {
    /// `records` in the order of the log: where a page occurs twice the later record counts.
    pub(crate) fn new(mut records: Vec<(u32, u32)>, start: u64, stride: u64, page_size: u32, len: u64) -> Self {
        // Records only ever grow along the log, so the highest record of a page is its latest.
        records.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
        records.dedup_by_key(|(page, _)| *page);
        records.shrink_to_fit();
        Self { records, start, stride, page_size, len }
    }

    pub(crate) fn count(&self) -> u64 {
        self.records.len() as u64
    }

    /// Where the page stands in the log.
    fn place(&self, page: u64) -> Option<u64> {
        let page = u32::try_from(page).ok()?;
        let at = self.records.binary_search_by_key(&page, |(page, _)| *page).ok()?;
        let (_, record) = self.records.get(at)?;
        Some(self.start + u64::from(*record) * self.stride)
    }

    /// Reads `buf` at `pos` of the database that results.
    fn read(&self, db: &Bytes, log: &Bytes, pos: u64, buf: &mut [u8], hints: &mut Hints) -> io::Result<()> {
        if pos.checked_add(buf.len() as u64).is_none_or(|end| end > self.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let page_size = u64::from(self.page_size);
        let (mut at, mut rest) = (pos, buf);
        while !rest.is_empty() {
            let within = at % page_size;
            // Fits: a page is at most 65,536 bytes.
            let take = rest.len().min((page_size - within) as usize);
            let (part, behind) = rest.split_at_mut(take);
            match self.place(at / page_size + 1) {
                Some(place) => log.read_at(place + within, part, &mut hints.log)?,
                None => {
                    let held = usize::try_from(db.len().saturating_sub(at)).unwrap_or(usize::MAX).min(take);
                    let (in_file, beyond) = part.split_at_mut(held);
                    if !in_file.is_empty() {
                        db.read_at(at, in_file, &mut hints.db)?;
                    }
                    beyond.fill(0);
                }
            }
            at += take as u64;
            rest = behind;
        }
        Ok(())
    }

    /// The first bytes of the database that results, to judge its header.
    pub(crate) fn header(&self, db: &Bytes, log: &Bytes) -> io::Result<Option<u32>> {
        let mut header = [0; 100];
        if self.len < header.len() as u64 {
            return Ok(None);
        }
        self.read(db, log, 0, &mut header, &mut Hints::default())?;
        Ok(page_size(&header))
    }
}

/// Page size in bytes that a plain database's header states; `None` for no plain header (an SQLCipher database, damage).
pub(crate) fn page_size(header: &[u8]) -> Option<u32> {
    if header.get(..16)? != MAGIC {
        return None;
    }
    let size = match u32::from(u16::from_be_bytes(header.get(16..18)?.try_into().ok()?)) {
        1 => 65_536,
        plain => plain,
    };
    is_page_size(size).then_some(size)
}

/// The page size in the header of a whole source; `None` as for [`page_size`].
pub(crate) fn page_size_of(db: &Bytes) -> io::Result<Option<u32>> {
    let mut header = [0; 100];
    if db.len() < header.len() as u64 {
        return Ok(None);
    }
    db.read_at(0, &mut header, &mut Hint::default())?;
    Ok(page_size(&header))
}

/// A power of two from 512 to 65,536.
pub(crate) fn is_page_size(size: u32) -> bool {
    size.is_power_of_two() && (512..=65_536).contains(&size)
}

/// The big-endian word at `at`, or 0 where there are no four bytes; callers read within a buffer of known length.
pub(crate) fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u32::from_be_bytes(*b))
}

#[derive(Debug)]
struct Overlay {
    db: Bytes,
    log: Bytes,
    pages: Pages,
}

/// One hint for each source below: database and log alternate, and one hint for both would be of no use to either.
#[derive(Default)]
struct Hints {
    db: Hint,
    log: Hint,
}

impl ReadAt for Overlay {
    fn len(&self) -> u64 {
        self.pages.len
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], hint: &mut Hint) -> io::Result<()> {
        let mut hints = hint.take::<Hints>().unwrap_or_default();
        let done = self.pages.read(&self.db, &self.log, pos, buf, &mut hints);
        hint.put(hints);
        done
    }
}
