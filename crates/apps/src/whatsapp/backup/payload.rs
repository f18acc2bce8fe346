//! From an encrypted backup to its content: a database, JSON, or a ZIP, streamed to whoever keeps it.
//!
//! Called by the reader child for every backup file; `out` is a part of the work store or memory, never a file.

use super::{
    container::{self, Container, Trailer, Verified},
    error::{ContentError, TooLarge, UnlockError},
    key::{KeyFingerprint, Keys},
    prefix::Facts,
};
use flate2::{Decompress, FlushDecompress, Status};
use serde::{Deserialize, Serialize};
use std::{
    io::Write,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};
use uitlezen_evidence::Bytes;
use zeroize::Zeroizing;

/// Pieces of decrypted content that may wait to be unpacked, and of unpacked content that may wait to be given out.
const WAITING: usize = 4;
/// Bytes of one piece of unpacked content.
const PIECE: usize = 256 * 1024;

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

/// Decrypts and unpacks `source` into `out`, with memory that does not depend on its size. Unpacking happens on a thread of its
/// own, and every write to `out` on another, since unpacking takes longest and waits for nobody; `progress` is called on this
/// one.
///
/// Only when this returns is what `out` received known to be genuine: the tag that vouches for it stands at the end. `progress`
/// is called with the bytes read so far; it ends near the length of the source.
///
/// # Errors
/// See [`UnlockError`]. When an error is returned, what `out` received is to be discarded.
pub fn unlock(
    source: Bytes,
    keys: &Keys,
    out: &mut (dyn Write + Send),
    progress: &mut dyn FnMut(u64),
) -> Result<Unlocked, UnlockError> {
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
    out: &mut (dyn Write + Send),
    progress: &mut dyn FnMut(u64),
) -> Result<Unlocked, UnlockError> {
    let container = Container::open(source, keys)?;
    let mut read = 0;
    let mut progress = |more: u64| {
        read += more;
        progress(read);
    };
    // What stands behind the ciphertext is some 30 bytes, which no bound depends on.
    let packed = container.source.len().saturating_sub(container.head.bytes as u64);
    let most = limits.bytes.min(limits.free.max(packed.saturating_mul(limits.ratio)));
    let too_large =
        if most == limits.bytes { TooLarge::Bytes { limit: limits.bytes } } else { TooLarge::Ratio { limit: limits.ratio } };
    let unpacked = unpacked_beside(out, (most, too_large), |sink| container.decrypt(&mut progress, sink));
    let (verified, content) = match unpacked {
        // Whoever has the wrong key, or an altered file, must not be told that the content is bad.
        Err(error @ (UnlockError::Content(_) | UnlockError::TooLarge(_))) => {
            container.verify(&mut progress)?;
            return Err(error);
        }
        unpacked => unpacked?,
    };
    out.flush().map_err(UnlockError::Output)?;
    Ok(Unlocked {
        facts: container.head.facts,
        key: container.key,
        trailer: verified.trailer,
        payload: content.payload,
        bytes_in: verified.bytes,
        bytes_out: content.bytes,
        surplus_bytes: content.surplus,
    })
}

/// Has what `decrypt` gives unpacked on a second thread, and that given to `out` on a third; says what it was.
fn unpacked_beside(
    out: &mut (dyn Write + Send),
    (most, too_large): (u64, TooLarge),
    decrypt: impl FnOnce(&mut dyn FnMut(&[u8]) -> Result<(), UnlockError>) -> Result<Verified, UnlockError>,
) -> Result<(Verified, Unpacked), UnlockError> {
    let (give, pieces) = sync_channel::<Zeroizing<Vec<u8>>>(WAITING);
    let (back, spare) = sync_channel(WAITING + 2);
    let (give_out, unpacked) = sync_channel::<Piece>(WAITING);
    let (empty, emptied) = sync_channel(WAITING + 2);
    let content = Content { to: give_out, emptied, first: Vec::with_capacity(16), written: 0, most, too_large };
    thread::scope(|scope| {
        let thread = |name: &str| thread::Builder::new().name(name.to_owned());
        let giving = thread("give").spawn_scoped(scope, move || given(&unpacked, &empty, out)).map_err(UnlockError::Output)?;
        let unpacking =
            thread("unpack").spawn_scoped(scope, move || unpack(&pieces, &back, content)).map_err(UnlockError::Output)?;
        let decrypted = decrypt(&mut |piece| {
            let mut buffer = spare.try_recv().unwrap_or_default();
            buffer.clear();
            buffer.extend_from_slice(piece);
            give.send(buffer).map_err(|_| ended())
        });
        drop(give);
        let stopped = |_| Err(UnlockError::Output(std::io::Error::other("unpacking stopped")));
        let unpacked = unpacking.join().unwrap_or_else(stopped);
        let given = giving.join().unwrap_or_else(|_| Err(std::io::Error::other("giving out stopped")));
        // Each breaks off when the one behind it has, and that one tells why.
        let unpacked = given.map_err(UnlockError::Output).and(unpacked);
        match (unpacked, decrypted) {
            (Ok(content), Ok(verified)) => Ok((verified, content)),
            (Err(error), Err(UnlockError::Output(_)) | Ok(_)) => Err(error),
            // Not genuine, or not to be read: what came of it says nothing.
            (_, Err(error)) => Err(error),
        }
    })
}

/// The thread behind this one has ended early, and tells why.
fn ended() -> UnlockError {
    UnlockError::Output(std::io::ErrorKind::BrokenPipe.into())
}

fn unpack(
    pieces: &Receiver<Zeroizing<Vec<u8>>>,
    back: &SyncSender<Zeroizing<Vec<u8>>>,
    mut content: Content,
) -> Result<Unpacked, UnlockError> {
    let mut unpacker: Option<Unpacker> = None;
    for piece in pieces {
        unpacker.get_or_insert_with(|| Unpacker::of(&piece)).push(&piece, &mut content)?;
        let _ = back.try_send(piece);
    }
    let surplus = unpacker.map_or(Ok(0), Unpacker::finish)?;
    Ok(Unpacked { payload: content.payload(), bytes: content.written, surplus })
}

/// What there was to unpack.
struct Unpacked {
    payload: Payload,
    bytes: u64,
    surplus: u64,
}

/// Unpacked content in the first bytes of a buffer.
struct Piece {
    buffer: Zeroizing<Vec<u8>>,
    bytes: usize,
}

fn given(pieces: &Receiver<Piece>, empty: &SyncSender<Zeroizing<Vec<u8>>>, out: &mut (dyn Write + Send)) -> std::io::Result<()> {
    for Piece { buffer, bytes } in pieces {
        out.write_all(buffer.get(..bytes).unwrap_or_default())?;
        let _ = empty.try_send(buffer);
    }
    Ok(())
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

/// The near end of giving out: counts, limits, and remembers how the content begins. While it is there, more may come.
struct Content {
    to: SyncSender<Piece>,
    emptied: Receiver<Zeroizing<Vec<u8>>>,
    first: Vec<u8>,
    written: u64,
    most: u64,
    too_large: TooLarge,
}

impl Content {
    /// A buffer of [`PIECE`] bytes.
    fn buffer(&self) -> Zeroizing<Vec<u8>> {
        self.emptied.try_recv().unwrap_or_else(|_| Zeroizing::new(vec![0; PIECE]))
    }

    /// Gives out the first `bytes` of a buffer.
    fn give(&mut self, buffer: Zeroizing<Vec<u8>>, bytes: usize) -> Result<(), UnlockError> {
        if bytes == 0 {
            return Ok(());
        }
        self.written += bytes as u64;
        if self.written > self.most {
            return Err(UnlockError::TooLarge(self.too_large));
        }
        let wanted = 16_usize.saturating_sub(self.first.len()).min(bytes);
        self.first.extend_from_slice(buffer.get(..wanted).unwrap_or_default());
        self.to.send(Piece { buffer, bytes }).map_err(|_| ended())
    }

    /// Gives out what was not packed.
    fn copy(&mut self, bytes: &[u8]) -> Result<(), UnlockError> {
        for part in bytes.chunks(PIECE) {
            let mut buffer = self.buffer();
            if let Some(place) = buffer.get_mut(..part.len()) {
                place.copy_from_slice(part);
            }
            self.give(buffer, part.len())?;
        }
        Ok(())
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
    Zlib { inflate: Box<Decompress>, ended: bool, surplus: u64 },
}

impl Unpacker {
    fn of(first: &[u8]) -> Self {
        if Packing::of(first) == Packing::Zlib {
            Self::Zlib { inflate: Box::new(Decompress::new(true)), ended: false, surplus: 0 }
        } else {
            Self::Raw
        }
    }

    fn push(&mut self, mut piece: &[u8], content: &mut Content) -> Result<(), UnlockError> {
        let Self::Zlib { inflate, ended, surplus } = self else { return content.copy(piece) };
        while !*ended {
            let mut buffer = content.buffer();
            let (before_in, before_out) = (inflate.total_in(), inflate.total_out());
            let status = inflate
                .decompress(piece, &mut buffer, FlushDecompress::None)
                .map_err(|_| UnlockError::Content(ContentError::Broken))?;
            let used = usize::try_from(inflate.total_in() - before_in).unwrap_or_default();
            let made = usize::try_from(inflate.total_out() - before_out).unwrap_or_default();
            let full = made == buffer.len();
            content.give(buffer, made)?;
            piece = piece.get(used..).unwrap_or_default();
            *ended = status == Status::StreamEnd;
            if !*ended && (piece.is_empty() && !full || used == 0 && made == 0) {
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
