//! The lock that keeps two programs from synchronising one phone: a lock on a file over AFC (`reference/ios.md` §2.7).
//! The file itself is empty; nothing else is done over AFC.

use crate::iphone::{
    error::{Breach, IphoneError},
    line::{Line, idle},
    lockdown::{Escrow, Session},
};
use std::{thread, time::Duration};

const MAGIC: &[u8; 8] = b"CFA6LPAA";
const HEADER: u64 = 40;
const STATUS: u64 = 1;
const OPEN: u64 = 0x0d;
const OPENED: u64 = 0x0e;
const CLOSE: u64 = 0x14;
const LOCK: u64 = 0x1b;
const READ_WRITE: u64 = 2;
const EXCLUSIVE: u64 = 6;
const UNLOCK: u64 = 12;
const WOULD_BLOCK: u64 = 19;
const TRIES: u32 = 50;
const BETWEEN: Duration = Duration::from_millis(200);
const FILE: &[u8] = b"/com.apple.itunes.lock_sync\0";

/// The lock, held until dropped: the phone lets go when the line closes.
#[derive(Debug)]
pub(crate) struct SyncLock {
    line: Line,
    wait: Duration,
    packet: u64,
    handle: u64,
}

impl SyncLock {
    /// Opens the file; [`SyncLock::lock`] takes the lock.
    pub(crate) fn open(session: &mut Session<'_>) -> Result<Self, IphoneError> {
        let wait = session.patience().silence;
        Self::over(session.service("com.apple.afc", Escrow::Without)?, wait)
    }

    pub(crate) fn over(line: Line, wait: Duration) -> Result<Self, IphoneError> {
        let mut lock = Self { line, wait, packet: 0, handle: 0 };
        let (kind, handle) = lock.ask(OPEN, &[&READ_WRITE.to_le_bytes(), FILE].concat())?;
        if kind != OPENED {
            return Err(Breach::Unexpected("the synchronisation file could not be opened").into());
        }
        lock.handle = handle;
        Ok(lock)
    }

    pub(crate) fn lock(&mut self) -> Result<(), IphoneError> {
        for _ in 0..TRIES {
            match self.operate(LOCK, Some(EXCLUSIVE))? {
                0 => return Ok(()),
                WOULD_BLOCK if !self.line.cancel().is_cancelled() => thread::sleep(BETWEEN.min(self.wait)),
                WOULD_BLOCK => return Err(IphoneError::Cancelled),
                _ => return Err(Breach::Unexpected("the synchronisation file could not be locked").into()),
            }
        }
        Err(IphoneError::SyncLocked)
    }

    /// Lets go; also after an error, when the phone may be gone.
    pub(crate) fn release(mut self) {
        let _ = self.operate(LOCK, Some(UNLOCK)).and_then(|_| self.operate(CLOSE, None));
    }

    fn operate(&mut self, operation: u64, argument: Option<u64>) -> Result<u64, IphoneError> {
        let words = [Some(self.handle), argument];
        let body: Vec<u8> = words.into_iter().flatten().flat_map(u64::to_le_bytes).collect();
        match self.ask(operation, &body)? {
            (STATUS, status) => Ok(status),
            _ => Err(Breach::Unexpected("no status of the file service").into()),
        }
    }

    /// Kind of the answer and the first word of its body.
    fn ask(&mut self, operation: u64, body: &[u8]) -> Result<(u64, u64), IphoneError> {
        self.packet += 1;
        let length = HEADER.saturating_add(body.len() as u64);
        let mut whole = MAGIC.to_vec();
        whole.extend([length, length, self.packet, operation].into_iter().flat_map(u64::to_le_bytes));
        whole.extend_from_slice(body);
        self.line.write_all(&whole, self.wait)?;
        let mut header = [0; HEADER as usize];
        self.line.read_exact(&mut header, self.wait, &mut idle)?;
        let word = |bytes: &[u8], at: usize| bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |w| u64::from_le_bytes(*w));
        let (length, kind) = (word(&header, 8), word(&header, 32));
        if !header.starts_with(MAGIC) || !(HEADER + 8..=HEADER + 4096).contains(&length) {
            return Err(Breach::Unexpected("no answer of the file service").into());
        }
        let length = usize::try_from(length - HEADER).map_err(|_| Breach::TooShort)?;
        let answer = self.line.read_block(length, self.wait, &mut idle)?;
        Ok((kind, word(&answer, 0)))
    }
}
