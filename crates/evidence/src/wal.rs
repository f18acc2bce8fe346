//! The write-ahead log, read as SQLite reads it in recovery. Byte for byte: `reference/sqlite-vfs.md §3`.

use crate::{
    Bytes, Hint,
    overlay::{MOST_RECORDS, OverlayError, Pages, is_page_size, page_size_of, word},
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Bytes of the log's header.
const HEADER: usize = 32;
/// Bytes before the page in a frame.
const FRAME_HEADER: usize = 24;
/// The lowest bit says how checksum words are read.
const MAGIC: u32 = 0x377f_0682;
const VERSION: u32 = 3_007_000;
/// SQLite's own allowance before it calls a committed size impossible (`walCheckpoint`).
const SLACK: u64 = 65_536;

/// Why a log stopped counting where it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WalEnd {
    /// Every whole frame is valid.
    EndOfLog,
    /// A frame of an older generation of the log: normal, a log is restarted and not truncated.
    OtherSalt,
    /// A frame that fails its checksum.
    Checksum,
    /// A frame for page 0.
    PageZero,
    /// No frame was looked at: 32 bytes or less.
    TooShort,
    /// No frame was looked at: the header is not that of a log, or its own checksum fails.
    Header,
    /// No frame was looked at: a log beside an empty database counts for nothing.
    EmptyDatabase,
}

/// What a write-ahead log held, and what of it counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalReport {
    pub bytes: u64,
    /// In bytes; 0 if the header was not taken.
    pub page_size: u32,
    /// Whole frames by the size of the log alone.
    pub frames_seen: u64,
    /// Frames up to the first invalid one.
    pub frames_valid: u64,
    /// Frames up to the last commit: these count. The valid ones behind them are an uncommitted transaction.
    pub frames_used: u64,
    pub commits: u64,
    /// Different pages that the used frames hold.
    pub pages: u64,
    /// Bytes behind the last valid frame: leftovers of older generations, not part of the database. Deleted messages may
    /// lie there.
    pub bytes_after: u64,
    pub end: WalEnd,
    /// The committed size is more than database and log can hold: the log was cut. SQLite reads such a database but refuses
    /// to checkpoint it.
    pub cut: bool,
}

/// The pages of `wal` that count over `db`; `None`: the database alone counts.
pub(crate) fn replay(db: &Bytes, wal: &Bytes) -> Result<(Option<Pages>, WalReport), OverlayError> {
    let mut report = WalReport {
        bytes: wal.len(),
        page_size: 0,
        frames_seen: 0,
        frames_valid: 0,
        frames_used: 0,
        commits: 0,
        pages: 0,
        bytes_after: wal.len(),
        end: WalEnd::TooShort,
        cut: false,
    };
    if db.is_empty() {
        report.end = WalEnd::EmptyDatabase;
        return Ok((None, report));
    }
    if wal.len() <= HEADER as u64 {
        return Ok((None, report));
    }
    let mut hint = Hint::default();
    let mut header = [0; HEADER];
    wal.read_at(0, &mut header, &mut hint)?;
    let Some(mut walk) = Walk::begin(&header)? else {
        report.end = WalEnd::Header;
        return Ok((None, report));
    };
    let stride = FRAME_HEADER as u64 + u64::from(walk.page_size);
    report.page_size = walk.page_size;
    report.frames_seen = (wal.len() - HEADER as u64) / stride;

    let mut frames: Vec<(u32, u32)> = Vec::new();
    let (mut used, mut pages_after) = (0_usize, 0_u32);
    // Fits: a frame is at most 65,560 bytes.
    let mut frame = Zeroizing::new(vec![0; stride as usize]);
    report.end = WalEnd::EndOfLog;
    for n in 0..report.frames_seen {
        wal.read_at(HEADER as u64 + n * stride, &mut frame, &mut hint)?;
        match walk.step(&frame) {
            Err(end) => {
                report.end = end;
                break;
            }
            Ok((page, committed)) => {
                if frames.len() >= MOST_RECORDS {
                    return Err(OverlayError::TooManyPages);
                }
                // Fits: below MOST_RECORDS.
                frames.push((page, n as u32));
                if committed != 0 {
                    report.commits += 1;
                    used = frames.len();
                    pages_after = committed;
                }
            }
        }
    }
    report.frames_valid = frames.len() as u64;
    report.frames_used = used as u64;
    report.bytes_after = wal.len() - (HEADER as u64 + report.frames_valid * stride);
    if used == 0 {
        return Ok((None, report));
    }
    frames.truncate(used);
    let len = u64::from(pages_after) * u64::from(walk.page_size);
    let pages = Pages::new(frames, HEADER as u64 + FRAME_HEADER as u64, stride, walk.page_size, len);
    report.pages = pages.count();
    report.cut = len > db.len().saturating_add(report.frames_used * u64::from(walk.page_size)).saturating_add(SLACK);
    same_database(db, wal, &pages, walk.page_size)?;
    Ok((Some(pages), report))
}

/// A log is tied to its database by name only; SQLite would silently show the other database's pages.
fn same_database(db: &Bytes, wal: &Bytes, pages: &Pages, log: u32) -> Result<(), OverlayError> {
    for told in [page_size_of(db)?, pages.header(db, wal)?] {
        match told {
            Some(database) if database != log => return Err(OverlayError::ForeignLog { log, database }),
            // No plain header: damaged, or SQLCipher, whose page 1 as stored has none.
            _ => {}
        }
    }
    Ok(())
}

/// The running state of a walk over the frames.
struct Walk {
    page_size: u32,
    salts: [u8; 8],
    big_endian: bool,
    sum: (u32, u32),
}

impl Walk {
    /// Takes the header, or `None` if the log is to be ignored. The order of the tests matters: a wrong version refuses the
    /// database only if all else is right.
    fn begin(header: &[u8; HEADER]) -> Result<Option<Self>, OverlayError> {
        let (magic, page_size) = (word(header, 0), word(header, 8));
        if magic & !1 != MAGIC || !is_page_size(page_size) {
            return Ok(None);
        }
        let big_endian = magic & 1 == 1;
        let (summed, stated) = header.split_at(24);
        let sum = checksum((0, 0), summed, big_endian);
        if sum != (word(stated, 0), word(stated, 4)) {
            return Ok(None);
        }
        match word(header, 4) {
            VERSION => {}
            other => return Err(OverlayError::LogVersion(other)),
        }
        let mut salts = [0; 8];
        salts.copy_from_slice(header.get(16..24).unwrap_or(&[0; 8]));
        Ok(Some(Self { page_size, salts, big_endian, sum }))
    }

    /// Page number and, on a commit, the size of the database in pages (else 0) of a valid frame.
    fn step(&mut self, frame: &[u8]) -> Result<(u32, u32), WalEnd> {
        let (header, page) = frame.split_at_checked(FRAME_HEADER).ok_or(WalEnd::EndOfLog)?;
        if header.get(8..16) != Some(self.salts.as_slice()) {
            return Err(WalEnd::OtherSalt);
        }
        let number = word(header, 0);
        if number == 0 {
            return Err(WalEnd::PageZero);
        }
        let sum = checksum(self.sum, header.get(..8).unwrap_or_default(), self.big_endian);
        let sum = checksum(sum, page, self.big_endian);
        if sum != (word(header, 16), word(header, 20)) {
            return Err(WalEnd::Checksum);
        }
        self.sum = sum;
        Ok((number, word(header, 4)))
    }
}

/// SQLite's checksum over pairs of words; `bytes` is a multiple of 8 long.
fn checksum((mut s0, mut s1): (u32, u32), bytes: &[u8], big_endian: bool) -> (u32, u32) {
    let read = if big_endian { u32::from_be_bytes } else { u32::from_le_bytes };
    let (words, _) = bytes.as_chunks::<4>();
    let (pairs, _) = words.as_chunks::<2>();
    for [x, y] in pairs {
        s0 = s0.wrapping_add(read(*x)).wrapping_add(s1);
        s1 = s1.wrapping_add(read(*y)).wrapping_add(s0);
    }
    (s0, s1)
}
