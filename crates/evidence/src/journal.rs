//! A hot rollback journal, undone as SQLite undoes it. Byte for byte: `reference/sqlite-vfs.md §4`.

use crate::{
    Bytes, Hint,
    overlay::{MOST_RECORDS, OverlayError, Pages, is_page_size, page_size_of, word},
};
use serde::{Deserialize, Serialize};
use std::{fmt, io};
use zeroize::Zeroizing;

const MAGIC: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
/// Where SQLite finds the first header it wants this much of the file, whatever sector the header then states: its own
/// default sector (`readJournalHdr`, `setSectorSize`).
const FIRST_HEADER: u64 = 512;
/// Bytes of a header that mean something.
const HEADER: usize = 28;
/// SQLite reads no longer super-journal name than its `mxPathname` on Unix.
const LONGEST_SUPER: u32 = 512;
/// `SQLITE_DEFAULT_PAGE_SIZE`: assumed where neither journal nor database states one.
const DEFAULT_PAGE: u32 = 4096;
/// The byte on which SQLite takes its locks; the page that holds it is never written.
const LOCK_BYTE: u32 = 1 << 30;
/// Records start at multiples of this: pages, sectors and the 8 bytes around a page all are. So a record's place fits in
/// 32 bits for journals up to 32 GiB.
const GRAIN: u64 = 8;

/// What became of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalEnd {
    /// The database was being written when it was read; the transaction was rolled back in memory.
    RolledBack,
    /// Not hot: empty, or its header is zeroed.
    NotHot,
    /// A journal beside an empty database counts for nothing.
    EmptyDatabase,
    /// Not hot: it names a super-journal, which is not among the evidence. The database counts as it lies there.
    SuperJournalAbsent,
    /// Hot, but its header is not that of a journal: nothing is undone.
    Header,
}

/// The name of a super-journal: a path on the phone. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuperJournal(pub String);

impl fmt::Debug for SuperJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SuperJournal({} bytes)", self.0.len())
    }
}

/// What a rollback journal held, and what was done with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalReport {
    pub bytes: u64,
    pub end: JournalEnd,
    /// In bytes; 0 if nothing was undone.
    pub page_size: u32,
    /// Different pages whose old content counts again.
    pub pages_rolled_back: u64,
    pub super_journal: Option<SuperJournal>,
}

/// The pages of `journal` that count over `db`; `None`: the database counts as it lies there.
pub(crate) fn undo(db: &Bytes, journal: &Bytes) -> Result<(Option<Pages>, JournalReport), OverlayError> {
    let mut report =
        JournalReport { bytes: journal.len(), end: JournalEnd::NotHot, page_size: 0, pages_rolled_back: 0, super_journal: None };
    if db.is_empty() {
        report.end = JournalEnd::EmptyDatabase;
        return Ok((None, report));
    }
    let mut log = Log { journal, hint: Hint::default() };
    if !matches!(log.bytes::<1>(0)?, Some([first]) if first != 0) {
        return Ok((None, report));
    }
    report.super_journal = log.super_journal()?;
    if report.super_journal.is_some() {
        report.end = JournalEnd::SuperJournalAbsent;
        return Ok((None, report));
    }
    report.end = JournalEnd::Header;
    let Some((first, shape)) = log.first_header(db)? else { return Ok((None, report)) };
    let records = log.records(first, &shape)?;
    let len = u64::from(shape.pages_before) * u64::from(shape.page_size);
    let pages = Pages::new(records, 4, GRAIN, shape.page_size, len);
    report.end = JournalEnd::RolledBack;
    report.page_size = shape.page_size;
    report.pages_rolled_back = pages.count();
    Ok((Some(pages), report))
}

/// What the first header says of the whole journal.
struct Shape {
    page_size: u32,
    sector: u64,
    pages_before: u32,
}

/// What each header says of the records behind it.
struct Part {
    records: u64,
    seed: u32,
}

struct Log<'a> {
    journal: &'a Bytes,
    hint: Hint,
}

impl Log<'_> {
    /// `N` bytes at `at`, or `None` beyond the end.
    fn bytes<const N: usize>(&mut self, at: u64) -> io::Result<Option<[u8; N]>> {
        if at.checked_add(N as u64).is_none_or(|end| end > self.journal.len()) {
            return Ok(None);
        }
        let mut bytes = [0; N];
        self.journal.read_at(at, &mut bytes, &mut self.hint)?;
        Ok(Some(bytes))
    }

    /// The name in the tail, if it passes every test; a name that fails one counts as none.
    fn super_journal(&mut self) -> io::Result<Option<SuperJournal>> {
        let Some(before_tail) = self.journal.len().checked_sub(16) else { return Ok(None) };
        let Some(tail) = self.bytes::<16>(before_tail)? else { return Ok(None) };
        let (len, sum) = (word(&tail, 0), word(&tail, 4));
        if tail.get(8..) != Some(&MAGIC) || len == 0 || len > LONGEST_SUPER || u64::from(len) > before_tail {
            return Ok(None);
        }
        let mut name = Zeroizing::new(vec![0; len as usize]);
        self.journal.read_at(before_tail - u64::from(len), &mut name, &mut self.hint)?;
        // The bytes count as signed characters.
        let summed = name.iter().fold(0_u32, |sum, &b| sum.wrapping_add_signed(i32::from(b.cast_signed())));
        let until_nul = name.split(|&b| b == 0).next().unwrap_or_default();
        if summed != sum || !ends_as_super_journal(until_nul) {
            return Ok(None);
        }
        Ok(Some(SuperJournal(String::from_utf8_lossy(until_nul).into_owned())))
    }

    fn first_header(&mut self, db: &Bytes) -> Result<Option<(Part, Shape)>, OverlayError> {
        if self.journal.len() < FIRST_HEADER {
            return Ok(None);
        }
        let Some(header) = self.bytes::<HEADER>(0)? else { return Ok(None) };
        let Some(mut part) = part(&header) else { return Ok(None) };
        let sector = word(&header, 20);
        let page_size = match word(&header, 24) {
            // Before SQLite 3.5.8: the database's.
            0 => page_size_of(db)?.unwrap_or(DEFAULT_PAGE),
            stated => stated,
        };
        if !is_page_size(page_size) || !sector.is_power_of_two() || !(32..=65_536).contains(&sector) {
            return Ok(None);
        }
        let shape = Shape { page_size, sector: u64::from(sector), pages_before: word(&header, 16) };
        if part.records == u64::from(u32::MAX) {
            // Written without syncing: records to the end of the file.
            part.records = self.journal.len().saturating_sub(shape.sector) / (u64::from(page_size) + 8);
        }
        Ok(Some((part, shape)))
    }

    /// (page number, place / [`GRAIN`]) of every record that counts, in the journal's order.
    fn records(&mut self, first: Part, shape: &Shape) -> Result<Vec<(u32, u32)>, OverlayError> {
        let mut records = Vec::new();
        let mut page = Zeroizing::new(vec![0; shape.page_size as usize]);
        let lock_page = LOCK_BYTE / shape.page_size + 1;
        let record = u64::from(shape.page_size) + 8;
        let (mut part, mut at) = (first, shape.sector);
        loop {
            for _ in 0..part.records {
                let Some(number) = self.bytes::<4>(at)?.map(u32::from_be_bytes) else { return Ok(records) };
                if at + 4 + u64::from(shape.page_size) > self.journal.len() || number == 0 || number == lock_page {
                    return Ok(records);
                }
                if number <= shape.pages_before {
                    let Some(sum) = self.bytes::<4>(at + record - 4)?.map(u32::from_be_bytes) else { return Ok(records) };
                    self.journal.read_at(at + 4, &mut page, &mut self.hint)?;
                    if checksum(part.seed, &page) != sum {
                        return Ok(records);
                    }
                    let place = u32::try_from(at / GRAIN).map_err(|_| OverlayError::TooManyPages)?;
                    if records.len() >= MOST_RECORDS {
                        return Err(OverlayError::TooManyPages);
                    }
                    records.push((number, place));
                }
                at += record;
            }
            at = at.next_multiple_of(shape.sector);
            if at.saturating_add(shape.sector) > self.journal.len() {
                return Ok(records);
            }
            let Some(header) = self.bytes::<HEADER>(at)? else { return Ok(records) };
            let Some(next) = self::part(&header) else { return Ok(records) };
            part = next;
            at += shape.sector;
        }
    }
}

fn part(header: &[u8; HEADER]) -> Option<Part> {
    (header.get(..8) == Some(&MAGIC)).then(|| Part { records: u64::from(word(header, 8)), seed: word(header, 12) })
}

/// `-mj`, 6 hex digits, `9`, 2 hex digits: SQLite 3.54.1 insists on it (`pagerIsSuperJrnlName`).
fn ends_as_super_journal(name: &[u8]) -> bool {
    let Some(end) = name.last_chunk::<12>() else { return false };
    let [b'-', b'm', b'j', digits @ ..] = end else { return false };
    digits.iter().all(u8::is_ascii_hexdigit) && digits.get(6) == Some(&b'9')
}

/// The seed plus every 200th byte, counted from the end of the page.
fn checksum(seed: u32, page: &[u8]) -> u32 {
    let mut sum = seed;
    let mut at = page.len().saturating_sub(200);
    while at > 0 {
        sum = sum.wrapping_add(page.get(at).copied().map_or(0, u32::from));
        at = at.saturating_sub(200);
    }
    sum
}
