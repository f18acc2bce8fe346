//! The frames of `main`: decompressed and cut in a stream, each checked against the table of fields.

use super::{FolderError, sealed::Sealed};
use crate::schema::{BACKUP_INFO, FRAME};
use flate2::bufread::GzDecoder;
use std::{
    io::{BufRead, BufReader, Read},
    sync::Arc,
};
use uitlezen_evidence::Reader;
use uitlezen_protobuf::{Bounds, Census, Record, Schema, check};

/// How compressed content begins: gzip, deflate.
pub(super) const COMPRESSED: [u8; 3] = [0x1f, 0x8b, 8];
const BUFFER: usize = 1 << 17;

/// Messages within messages, and fields in one frame: an edited message holds its versions, a group its members.
pub const BOUNDS: Bounds = Bounds { depth: 16, fields: 1_000_000 };

/// How much is read.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest frame.
    pub frame: u64,
    /// Most bytes of all frames together.
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { frame: 16 << 20, bytes: 64 << 30 }
    }
}

/// The frames in their order. The first is about the backup itself, see [`Frames::info`].
pub struct Frames {
    content: GzDecoder<BufReader<Reader>>,
    limits: Limits,
    frame: Vec<u8>,
    number: u64,
    bytes: u64,
    over: bool,
    census: Census,
}

impl std::fmt::Debug for Frames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frames").field("number", &self.number).finish_non_exhaustive()
    }
}

impl Frames {
    pub(super) fn new(sealed: Arc<Sealed>, limits: Limits) -> Self {
        let content = GzDecoder::new(BufReader::with_capacity(BUFFER, Reader::new(sealed)));
        let (frame, census) = (Vec::new(), Census::default());
        Self { content, limits, frame, number: 0, bytes: 0, over: false, census }
    }

    /// Fields that the table does not name, so far.
    #[must_use]
    pub fn census(&self) -> &Census {
        &self.census
    }

    /// Frames read so far.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    fn failed(&self, error: &std::io::Error) -> FolderError {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => FolderError::Truncated { frame: self.number },
            _ => FolderError::Compression { frame: self.number },
        }
    }

    fn byte(&mut self) -> Result<Option<u8>, FolderError> {
        let mut byte = [0];
        loop {
            match self.content.read(&mut byte) {
                Ok(0) => return Ok(None),
                Ok(_) => return Ok(Some(byte[0])),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(&error)),
            }
        }
    }

    /// The length of the next frame; none at the end.
    fn length(&mut self) -> Result<Option<u64>, FolderError> {
        let (mut digits, mut n) = ([0; 10], 0);
        while let Some(to) = digits.get_mut(n) {
            match self.byte()? {
                None if n == 0 => return Ok(None),
                None => return Err(FolderError::Truncated { frame: self.number }),
                Some(byte) => *to = byte,
            }
            n += 1;
            if digits.get(n - 1).is_some_and(|byte| byte & 0x80 == 0) {
                break;
            }
        }
        let length = digits.get(..n).and_then(uitlezen_protobuf::varint);
        length.map(|(length, _)| Some(length)).ok_or(FolderError::Malformed { frame: self.number })
    }

    /// Takes the next message into `self.frame`.
    fn take(&mut self, schema: &'static Schema) -> Result<bool, FolderError> {
        if self.over {
            return Ok(false);
        }
        self.over = true;
        self.number += 1;
        let Some(length) = self.length()? else {
            self.number -= 1;
            self.end()?;
            return Ok(false);
        };
        let frame = self.number;
        self.bytes = self.bytes.saturating_add(length);
        if length > self.limits.frame || self.bytes > self.limits.bytes {
            return Err(FolderError::Length { frame, bytes: length });
        }
        self.frame.clear();
        // Grows with what arrives, and not with what is announced.
        let got = (&mut self.content).take(length).read_to_end(&mut self.frame);
        if got.map_err(|error| self.failed(&error))? as u64 != length {
            return Err(FolderError::Truncated { frame });
        }
        check(&self.frame, schema, BOUNDS, &mut self.census).map_err(|_| FolderError::Malformed { frame })?;
        self.over = false;
        Ok(true)
    }

    /// Behind the compressed content stand zeros, so that its length says little.
    fn end(&mut self) -> Result<(), FolderError> {
        let behind = self.content.get_mut();
        loop {
            let padding = behind.fill_buf().map_err(FolderError::Io)?;
            if padding.is_empty() {
                return Ok(());
            }
            if padding.iter().any(|byte| *byte != 0) {
                return Err(FolderError::Behind);
            }
            let n = padding.len();
            behind.consume(n);
        }
    }

    /// What the backup says of itself: before anything else.
    ///
    /// # Errors
    /// What ended the reading.
    pub fn info(&mut self) -> Result<Record<'_>, FolderError> {
        if self.number == 0 && self.take(&BACKUP_INFO)? {
            return Ok(Record::new(&BACKUP_INFO, &self.frame));
        }
        self.over = true;
        Err(FolderError::Truncated { frame: 1 })
    }

    /// The next frame; none behind the last one.
    ///
    /// # Errors
    /// What ended the reading. What was read before stays true.
    #[allow(clippy::should_implement_trait)] // what it gives borrows from it
    pub fn next(&mut self) -> Result<Option<Record<'_>>, FolderError> {
        Ok(if self.take(&FRAME)? { Some(Record::new(&FRAME, &self.frame)) } else { None })
    }
}
