//! The frames one after the other, each checked before a byte of it is understood.

use super::{
    Blob, Frame, LegacyError, Unlocked,
    frame::{self, Parsed},
    head::Version,
    keys::{Nonce, TAG},
};
use std::io;
use uitlezen_evidence::{Bytes, Hint};

/// Longest frame that is read. One row of a database on Android is at most some megabytes.
const LONGEST: u64 = 32 << 20;
/// Bytes read from the source at once: few behind a blob, where mostly another begins, and more as long as there are frames.
const FIRST_AHEAD: usize = 16 << 10;
const MOST_AHEAD: usize = 1 << 20;
/// What every backup begins with: a version of the database, in a frame of some bytes.
const BEGINS: u8 = 0x2a;
const LONGEST_FIRST: usize = 32;

/// A source read forward.
struct Forward {
    source: Bytes,
    hint: Hint,
    /// Where `buffer` begins in the source, and how far it is used.
    at: u64,
    buffer: Vec<u8>,
    used: usize,
    ahead: usize,
}

impl Forward {
    fn new(source: Bytes, at: u64) -> Self {
        Self { source, hint: Hint::default(), at, buffer: Vec::new(), used: 0, ahead: FIRST_AHEAD }
    }

    fn pos(&self) -> u64 {
        self.at + self.used as u64
    }

    fn jump(&mut self, to: u64) {
        let within = to.checked_sub(self.at).and_then(|by| usize::try_from(by).ok()).filter(|by| *by <= self.buffer.len());
        match within {
            Some(used) => self.used = used,
            None => {
                self.at = to;
                self.buffer.clear();
                self.used = 0;
                self.ahead = FIRST_AHEAD;
            }
        }
    }

    /// Fills `to`, or says that the source ends.
    fn fill(&mut self, mut to: &mut [u8]) -> io::Result<()> {
        while !to.is_empty() {
            if self.used >= self.buffer.len() {
                self.more()?;
            }
            let ready = self.buffer.get(self.used..).unwrap_or_default();
            let n = ready.len().min(to.len());
            let (now, later) = to.split_at_mut(n);
            now.copy_from_slice(ready.get(..n).unwrap_or_default());
            self.used += n;
            to = later;
        }
        Ok(())
    }

    fn more(&mut self) -> io::Result<()> {
        self.at = self.pos();
        self.used = 0;
        let left = self.source.len().saturating_sub(self.at);
        let n = usize::try_from(left).unwrap_or(usize::MAX).min(self.ahead);
        self.ahead = self.ahead.saturating_mul(2).min(MOST_AHEAD);
        self.buffer.resize(n, 0);
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let read = self.source.read_at(self.at, &mut self.buffer, &mut self.hint);
        if read.is_err() {
            self.buffer.clear();
        }
        read
    }
}

/// What a look at a frame that does not verify tells.
pub(super) struct Looked {
    pub(super) verifies: bool,
    /// It decrypts to how the first frame of every backup begins.
    pub(super) begins_well: bool,
}

/// The frames from the first on. After an error there are no more.
pub struct Frames {
    unlocked: Unlocked,
    forward: Forward,
    counter: u32,
    number: u64,
    frame: Vec<u8>,
    unknown: u64,
    over: bool,
}

impl std::fmt::Debug for Frames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frames").field("number", &self.number).finish_non_exhaustive()
    }
}

/// Frames and blobs are counted in the first bytes of the vector, which wrap.
fn next_nonce(unlocked: &Unlocked, counter: &mut u32) -> Nonce {
    let mut nonce = unlocked.backup.head.iv;
    if let Some(first) = nonce.first_chunk_mut() {
        *first = counter.to_be_bytes();
    }
    *counter = counter.wrapping_add(1);
    nonce
}

impl Frames {
    pub(super) fn new(unlocked: Unlocked) -> Self {
        let (source, head) = (unlocked.backup.source.clone(), &unlocked.backup.head);
        let counter = head.iv.first_chunk().copied().map_or(0, u32::from_be_bytes);
        let forward = Forward::new(source, head.end);
        Self { unlocked, forward, counter, number: 0, frame: Vec::new(), unknown: 0, over: false }
    }

    /// Frames read so far.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Where the next frame begins.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.forward.pos()
    }

    /// Fields of frames that nobody described, so far.
    #[must_use]
    pub fn unknown_fields(&self) -> u64 {
        self.unknown
    }

    /// Takes the next frame into `self.frame`, still encrypted, without its tag. Gives whether the tag is right, the nonce, and
    /// how far the stream is used by the length.
    fn take(&mut self) -> Result<(bool, Nonce, u64), LegacyError> {
        self.number += 1;
        let frame = self.number;
        let nonce = next_nonce(&self.unlocked, &mut self.counter);
        let mut length = [0; 4];
        self.forward.fill(&mut length).map_err(|error| LegacyError::reading(error, frame))?;
        let mut tag = self.unlocked.keys.tag();
        let encrypted = self.unlocked.backup.version == Version::Encrypted;
        if encrypted {
            tag.update(&length);
            self.unlocked.keys.decrypt(&nonce, 0, &mut length);
        }
        let bytes = u64::from(u32::from_be_bytes(length));
        let content = bytes.checked_sub(TAG as u64).filter(|n| (1..=LONGEST).contains(n));
        let content = content.ok_or(LegacyError::Length { frame, bytes })?;
        if content + TAG as u64 > self.forward.source.len().saturating_sub(self.forward.pos()) {
            return Err(LegacyError::Truncated { frame });
        }
        self.frame.resize(usize::try_from(content).unwrap_or_default(), 0);
        let mut written = [0; TAG];
        let filled = self.forward.fill(&mut self.frame).and_then(|()| self.forward.fill(&mut written));
        filled.map_err(|error| LegacyError::reading(error, frame))?;
        tag.update(&self.frame);
        Ok((tag.is(&written), nonce, if encrypted { 4 } else { 0 }))
    }

    /// Looks at the next frame whatever its tag says. For telling errors apart only: nothing of it is given out.
    pub(super) fn look(&mut self) -> Option<Looked> {
        let (verifies, nonce, used) = self.take().ok()?;
        let short = self.frame.len() <= LONGEST_FIRST;
        self.unlocked.keys.decrypt(&nonce, used, &mut self.frame);
        let begins_well = short
            && self.frame.first() == Some(&BEGINS)
            && matches!(frame::parse(&self.frame, &mut 0), Ok(Parsed::Whole(Frame::Version(1..))));
        Some(Looked { verifies, begins_well })
    }

    /// The next frame; none behind the last one.
    ///
    /// # Errors
    /// What ended the reading. What was read before stays true.
    #[allow(clippy::should_implement_trait)] // what it gives borrows from it
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, LegacyError> {
        if self.over {
            return Ok(None);
        }
        self.over = true;
        let (verifies, nonce, used) = self.take()?;
        let number = self.number;
        if !verifies {
            return Err(LegacyError::Damaged { frame: number });
        }
        self.unlocked.keys.decrypt(&nonce, used, &mut self.frame);
        let parsed = frame::parse(&self.frame, &mut self.unknown).map_err(|_| LegacyError::Malformed { frame: number })?;
        let len = match &parsed {
            Parsed::Attachment { len, .. } | Parsed::Avatar { len } | Parsed::Sticker { len, .. } => Some(*len),
            Parsed::Whole(_) | Parsed::End => None,
        };
        let blob = match len {
            None => None,
            Some(len) => {
                let nonce = next_nonce(&self.unlocked, &mut self.counter);
                let pos = self.forward.pos();
                let end = pos.checked_add(len).and_then(|end| end.checked_add(TAG as u64));
                let end = end.filter(|end| *end <= self.forward.source.len());
                let end = end.ok_or(LegacyError::Truncated { frame: number })?;
                self.forward.jump(end);
                Some(Blob { pos, len, nonce })
            }
        };
        self.over = matches!(parsed, Parsed::End);
        Ok(match (parsed, blob) {
            (Parsed::Whole(frame), _) => Some(frame),
            (Parsed::Attachment { row, .. }, Some(blob)) => Some(Frame::Attachment { row, blob }),
            (Parsed::Avatar { .. }, Some(blob)) => Some(Frame::Avatar(blob)),
            (Parsed::Sticker { row, .. }, Some(blob)) => Some(Frame::Sticker { row, blob }),
            (_, _) => None,
        })
    }
}
