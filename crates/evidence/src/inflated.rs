//! A deflated stretch as a source with random access, without its plaintext ever on disk.
//!
//! Deflate can only be read from its start. So while it is read for the first time the whole state of the decompressor (44
//! KB, with its window) is put aside every [`Inflated::spacing`] bytes; a later read starts at the nearest of these. Cost of
//! a read that no cache answers: at most one spacing of inflating (1 MiB, or 1/128 of a longer entry: some milliseconds a
//! MiB); and once, for the first read near the end, inflating all before it. A scan in order inflates once. Memory: at most
//! 128 states, below 6 MiB an open entry, beside the shared cache of chunks.

use crate::{Bytes, Chunk, ChunkCache, Hint, ReadAt, SourceId};
use miniz_oxide::{
    DataFormat, MZFlush, MZStatus,
    inflate::stream::{InflateState, ZeroReset, inflate},
};
use std::{
    fmt, hint, io,
    sync::{Arc, Mutex, PoisonError},
};
use zeroize::Zeroizing;

/// Bytes of a chunk in the cache.
const CHUNK: u64 = 64 << 10;
/// Compressed bytes taken at a time.
const INPUT: usize = 16 << 10;
const MOST_STATES: u64 = 128;
const LEAST_SPACING: u64 = 1 << 20;

/// What the compressed bytes must come out as, by their keeper.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stated {
    pub(crate) len: u64,
    /// None where something stronger vouches for the bytes.
    pub(crate) crc32: Option<u32>,
}

/// Inflates on demand. The length and the checksum are tested when the end is inflated; until then bytes are handed out as
/// they come. What fails is [`io::ErrorKind::InvalidData`].
pub(crate) struct Inflated {
    deflated: Bytes,
    stated: Stated,
    id: SourceId,
    cache: Arc<ChunkCache>,
    states: Mutex<States>,
}

impl Inflated {
    pub(crate) fn new(deflated: Bytes, stated: Stated, cache: Arc<ChunkCache>) -> Self {
        let states = States { running: Cursor::start(), kept: Vec::new() };
        Self { deflated, stated, id: SourceId::fresh(), cache, states: Mutex::new(states) }
    }

    /// Chunks between two states put aside.
    fn spacing(&self) -> u64 {
        self.stated.len.div_ceil(MOST_STATES).max(LEAST_SPACING).div_ceil(CHUNK)
    }

    fn chunk(&self, wanted: u64) -> io::Result<Chunk> {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        let states = &mut *states;
        let nearest = states.kept.iter().rev().find(|kept| kept.next <= wanted);
        let near = nearest.map_or(0, |kept| kept.next);
        if states.running.next > wanted || states.running.next < near {
            states.running = nearest.map_or_else(Cursor::start, Cursor::clone);
        }
        loop {
            let cursor = &mut states.running;
            let n = cursor.next;
            let reached = states.kept.last().map_or(0, |kept| kept.next);
            if n >= reached.saturating_add(self.spacing()) {
                states.kept.push(cursor.clone());
            }
            let made = match cursor.step(&self.deflated, self.stated) {
                Ok(made) => made,
                Err(error) => {
                    // A decompressor that failed stays failed; the next try starts from a good state.
                    states.running = Cursor::start();
                    return Err(error);
                }
            };
            if n == wanted {
                return Ok(made);
            }
        }
    }
}

struct States {
    running: Cursor,
    /// By place.
    kept: Vec<Cursor>,
}

/// A decompressor at the start of a chunk.
#[derive(Clone)]
struct Cursor {
    state: Box<InflateState>,
    /// Compressed bytes taken.
    taken: u64,
    /// The chunk that comes out next.
    next: u64,
    crc: crc32fast::Hasher,
}

impl Cursor {
    fn start() -> Self {
        Self { state: InflateState::new_boxed(DataFormat::Raw), taken: 0, next: 0, crc: crc32fast::Hasher::new() }
    }

    /// Inflates the next chunk; with the last one, makes sure that nothing follows and that the checksum holds.
    fn step(&mut self, deflated: &Bytes, stated: Stated) -> io::Result<Chunk> {
        let left = stated.len.saturating_sub(self.next.saturating_mul(CHUNK));
        // Fits: at most CHUNK.
        let mut made = Zeroizing::new(vec![0; left.min(CHUNK) as usize]);
        let mut written = 0;
        while let Some(room) = made.get_mut(written..).filter(|room| !room.is_empty()) {
            let (wrote, ended) = self.inflate(deflated, room)?;
            written += wrote;
            if ended && written < made.len() {
                return Err(damaged("a compressed entry is shorter than stated"));
            }
        }
        self.crc.update(&made);
        self.next += 1;
        if left <= CHUNK {
            self.end(deflated)?;
            if stated.crc32.is_some_and(|crc32| self.crc.clone().finalize() != crc32) {
                return Err(damaged("a compressed entry fails its checksum"));
            }
        }
        Ok(Chunk::from(made))
    }

    /// Bytes written to `room`, and whether the stream has ended.
    fn inflate(&mut self, deflated: &Bytes, room: &mut [u8]) -> io::Result<(usize, bool)> {
        let held = usize::try_from(deflated.len().saturating_sub(self.taken)).unwrap_or(usize::MAX).min(INPUT);
        let mut input = Zeroizing::new(vec![0; held]);
        if held > 0 {
            deflated.read_at(self.taken, &mut input, &mut Hint::default())?;
        }
        let done = inflate(&mut self.state, &input, room, MZFlush::None);
        self.taken = self.taken.saturating_add(done.bytes_consumed as u64);
        match done.status {
            Ok(MZStatus::StreamEnd) => Ok((done.bytes_written, true)),
            Ok(_) if done.bytes_consumed > 0 || done.bytes_written > 0 => Ok((done.bytes_written, false)),
            _ => Err(damaged("a compressed entry is damaged or cut")),
        }
    }

    fn end(&mut self, deflated: &Bytes) -> io::Result<()> {
        let mut beyond = [0];
        loop {
            match self.inflate(deflated, &mut beyond)? {
                (0, true) => return Ok(()),
                (0, false) => {}
                _ => return Err(damaged("a compressed entry is longer than stated")),
            }
        }
    }
}

impl Drop for Cursor {
    fn drop(&mut self) {
        // The window holds plaintext.
        self.state.reset_as(ZeroReset);
        hint::black_box(&mut self.state);
    }
}

fn damaged(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

impl ReadAt for Inflated {
    fn len(&self) -> u64 {
        self.stated.len
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], hint: &mut Hint) -> io::Result<()> {
        if pos.checked_add(buf.len() as u64).is_none_or(|end| end > self.stated.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (mut at, mut rest) = (pos, buf);
        while !rest.is_empty() {
            let n = at / CHUNK;
            let chunk = self.cache.get_or_fill_with_hint((self.id, n), hint, || self.chunk(n))?;
            // Fits: below CHUNK.
            let from = chunk.get((at % CHUNK) as usize..).unwrap_or_default();
            let take = from.len().min(rest.len());
            let (part, behind) = rest.split_at_mut(take);
            match from.get(..take) {
                Some(from) if take > 0 => part.copy_from_slice(from),
                _ => return Err(damaged("a compressed entry is shorter than stated")),
            }
            at += take as u64;
            rest = behind;
        }
        Ok(())
    }
}

impl Drop for Inflated {
    fn drop(&mut self) {
        self.cache.forget(self.id);
    }
}

impl fmt::Debug for Inflated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inflated").field("stated", &self.stated).finish_non_exhaustive()
    }
}
