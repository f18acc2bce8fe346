//! From an encrypted backup to its content: a database, JSON, or a ZIP, streamed to whoever keeps it.
//!
//! Called by the reader child for every backup file; `out` is a part of the work store or memory, never a file.

use super::{
    container::{self, Container, Trailer},
    error::{ContentError, TooLarge, UnlockError},
    key::{KeyFingerprint, Keys},
    prefix::Facts,
};
use flate2::{Decompress, FlushDecompress, Status};
use serde::{Deserialize, Serialize};
use std::io::Write;
use uitlezen_evidence::Bytes;

/// What a backup holds, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Payload {
    Sqlite,
    /// Increments and other multi-file containers.
    Zip,
    Json,
    /// Not interpreted.
    Other,
}

/// How much a backup may unpack to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of content.
    pub bytes: u64,
    /// Most bytes of content per byte of ciphertext, once the content exceeds [`Limits::free`]. zlib itself reaches 1030;
    /// databases of messages 3 to 8, nearly empty ones 50.
    pub ratio: u64,
    /// Content up to this size is not measured by its ratio.
    pub free: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 256 << 30, ratio: 200, free: 64 << 20 }
    }
}

/// A backup that was unlocked whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unlocked {
    pub facts: Facts,
    /// The key that opened it.
    pub key: KeyFingerprint,
    pub trailer: Trailer,
    pub payload: Payload,
    /// Bytes of ciphertext and of content.
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// Bytes behind the end of the packed content: genuine, but of no known meaning, and not passed on.
    pub surplus_bytes: u64,
}

/// What the head of a backup says; needs no key. Unauthenticated.
///
/// # Errors
/// Every error that the head alone can show.
pub fn inspect(source: &Bytes) -> Result<Facts, UnlockError> {
    container::read_head(source).map(|head| head.facts)
}

/// Decrypts and unpacks `source` into `out`, with memory that does not depend on its size.
///
/// The source is read twice: the tag is verified over all of it before the first byte is written. `progress` is called with
/// the bytes read so far, over both passes: it ends near twice the length of the source.
///
/// # Errors
/// See [`UnlockError`]. When an error is returned, what `out` received is to be discarded.
pub fn unlock(source: Bytes, keys: &Keys, out: &mut dyn Write, progress: &mut dyn FnMut(u64)) -> Result<Unlocked, UnlockError> {
    unlock_within(source, keys, &Limits::default(), out, progress)
}

/// [`unlock`] with limits of one's own.
///
/// # Errors
/// As [`unlock`].
pub fn unlock_within(
    source: Bytes,
    keys: &Keys,
    limits: &Limits,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(u64),
) -> Result<Unlocked, UnlockError> {
    let container = Container::open(source, keys)?;
    let mut read = 0;
    let mut progress = |more: u64| {
        read += more;
        progress(read);
    };
    let verified = container.verify(&mut progress)?;
    let bytes_in = verified.ciphertext.end - verified.ciphertext.start;
    let most = limits.bytes.min(limits.free.max(bytes_in.saturating_mul(limits.ratio)));
    let too_large =
        if most == limits.bytes { TooLarge::Bytes { limit: limits.bytes } } else { TooLarge::Ratio { limit: limits.ratio } };
    let mut content = Content { out, first: Vec::with_capacity(16), written: 0, most, too_large };
    let mut unpacker: Option<Unpacker> = None;
    container.decrypt(&verified, &mut progress, &mut |piece| {
        unpacker.get_or_insert_with(|| Unpacker::of(piece)).push(piece, &mut content)
    })?;
    let surplus_bytes = unpacker.map_or(Ok(0), Unpacker::finish)?;
    content.out.flush().map_err(UnlockError::Output)?;
    Ok(Unlocked {
        facts: container.head.facts,
        key: container.key,
        trailer: verified.trailer,
        payload: content.payload(),
        bytes_in,
        bytes_out: content.written,
        surplus_bytes,
    })
}

/// How decrypted bytes begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Zlib,
    Zip,
    Database,
    Json,
    Other,
}

impl Packing {
    pub(super) fn of(first: &[u8]) -> Self {
        match first {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Self::Zip,
            _ if first.starts_with(b"SQLite format 3\0") => Self::Database,
            [b'{' | b'[', ..] => Self::Json,
            // RFC 1950: method 8, window of at most 32 KiB, and a check that makes the two bytes a multiple of 31.
            &[cmf, flags, ..] if cmf & 0x0f == 8 && cmf >> 4 <= 7 && (u16::from(cmf) << 8 | u16::from(flags)) % 31 == 0 => {
                Self::Zlib
            }
            _ => Self::Other,
        }
    }
}

/// The far end: counts, limits, and remembers how the content begins.
struct Content<'a> {
    out: &'a mut dyn Write,
    first: Vec<u8>,
    written: u64,
    most: u64,
    too_large: TooLarge,
}

impl Content<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), UnlockError> {
        self.written += bytes.len() as u64;
        if self.written > self.most {
            return Err(UnlockError::TooLarge(self.too_large));
        }
        let wanted = 16_usize.saturating_sub(self.first.len()).min(bytes.len());
        self.first.extend_from_slice(bytes.get(..wanted).unwrap_or_default());
        self.out.write_all(bytes).map_err(UnlockError::Output)
    }

    fn payload(&self) -> Payload {
        match Packing::of(self.first.trim_ascii_start()) {
            Packing::Json => Payload::Json,
            _ => match Packing::of(&self.first) {
                Packing::Database => Payload::Sqlite,
                Packing::Zip => Payload::Zip,
                _ => Payload::Other,
            },
        }
    }
}

enum Unpacker {
    Raw,
    Zlib { inflate: Box<Decompress>, buffer: Vec<u8>, ended: bool, surplus: u64 },
}

impl Unpacker {
    fn of(first: &[u8]) -> Self {
        if Packing::of(first) == Packing::Zlib {
            Self::Zlib { inflate: Box::new(Decompress::new(true)), buffer: vec![0; 256 * 1024], ended: false, surplus: 0 }
        } else {
            Self::Raw
        }
    }

    fn push(&mut self, mut piece: &[u8], content: &mut Content<'_>) -> Result<(), UnlockError> {
        let Self::Zlib { inflate, buffer, ended, surplus } = self else { return content.write(piece) };
        while !*ended {
            let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
            let status = inflate
                .decompress(piece, buffer, FlushDecompress::None)
                .map_err(|_| UnlockError::Content(ContentError::Broken))?;
            let used = usize::try_from(inflate.total_in() - before_in).unwrap_or_default();
            let made = usize::try_from(inflate.total_out() - before_out).unwrap_or_default();
            content.write(buffer.get(..made).unwrap_or_default())?;
            piece = piece.get(used..).unwrap_or_default();
            *ended = status == Status::StreamEnd;
            if !*ended && (piece.is_empty() && made < buffer.len() || used == 0 && made == 0) {
                return Ok(());
            }
        }
        *surplus += piece.len() as u64;
        Ok(())
    }

    fn finish(self) -> Result<u64, UnlockError> {
        match self {
            Self::Raw => Ok(0),
            Self::Zlib { ended: true, surplus, .. } => Ok(surplus),
            Self::Zlib { .. } => Err(UnlockError::Content(ContentError::Incomplete)),
        }
    }
}
