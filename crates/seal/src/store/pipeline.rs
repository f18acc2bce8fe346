//! Bytes on their way to the disk: the caller's thread fills batches, one thread encrypts and writes them, one digests what
//! was written. Bounded channels between them push back on the caller, so memory is flat (`reference/seal.md §6`).
//!
//! A batch is encrypted where it lies: what goes round in the pool afterwards is ciphertext, and a batch that never got
//! that far is wiped when it is dropped.

use super::error::{Doing, Fault, StoreError};
use crate::part::{ChunkSealer, ChunkSize, TAG_BYTES};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    fs::File,
    os::unix::fs::FileExt,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};
use zeroize::Zeroizing;

/// Plaintext bytes in a batch, or one chunk where that is larger. Small enough to stay in a core's cache from one step to
/// the next, large enough that handing over costs nothing.
const BATCH: usize = 256 << 10;
/// Batches that may wait between two threads.
const WAITING: usize = 4;
/// Batches that the pool keeps: all that can wait, one in each thread's hands, one at the caller.
const POOLED: usize = 2 * WAITING + 3;

/// Consecutive chunks of one part, each with room for its tag.
pub(super) struct Batch {
    slots: Zeroizing<Vec<u8>>,
    chunk: ChunkSize,
    plain: usize,
}

impl Batch {
    fn capacity(chunk: ChunkSize) -> usize {
        BATCH.max(chunk.bytes())
    }

    fn slots_len(chunk: ChunkSize) -> usize {
        Self::capacity(chunk) / chunk.bytes() * (chunk.bytes() + TAG_BYTES)
    }

    pub(super) fn is_full(&self) -> bool {
        self.plain == Self::capacity(self.chunk)
    }

    /// Takes what fits; says how much that was.
    pub(super) fn fill(&mut self, mut bytes: &[u8]) -> usize {
        let before = self.plain;
        while !bytes.is_empty() && !self.is_full() {
            let (slot, within) = (self.plain / self.chunk.bytes(), self.plain % self.chunk.bytes());
            let n = bytes.len().min(self.chunk.bytes() - within);
            let at = slot * (self.chunk.bytes() + TAG_BYTES) + within;
            let (now, later) = bytes.split_at(n);
            match self.slots.get_mut(at..at + n) {
                Some(to) => to.copy_from_slice(now),
                None => break,
            }
            self.plain += n;
            bytes = later;
        }
        self.plain - before
    }

    /// Encrypts the chunks in place; with `last` the final one is the part's last. The ciphertext is the returned slice.
    fn seal(&mut self, with: &mut ChunkSealer, last: bool) -> Result<&[u8], StoreError> {
        let (mut left, mut end) = (self.plain, 0);
        while left > 0 {
            let n = left.min(self.chunk.bytes());
            left -= n;
            let slot = self.slots.get_mut(end..end + n + TAG_BYTES).ok_or(StoreError::ThreadGone)?;
            with.seal(slot, last && left == 0).map_err(|e| StoreError::part(Doing::Writing, e))?;
            end += n + TAG_BYTES;
        }
        Ok(self.slots.get(..end).unwrap_or_default())
    }
}

/// A part that is written.
#[derive(Debug)]
pub(super) struct Made {
    pub plain: u64,
    pub sealed: u64,
    /// None for a part that no container will hold.
    pub sha256: Option<[u8; 32]>,
    pub crc32: u32,
}

/// A part that begins.
pub(super) struct Begin {
    pub number: u32,
    pub sealer: ChunkSealer,
    pub file: Arc<File>,
    /// Its place in `file`.
    pub at: u64,
    /// Whether a container may come to hold it, which lists its SHA-256.
    pub kept: bool,
}

enum Job {
    Begin(Box<Begin>),
    Batch { part: u32, batch: Batch, last: Option<SyncSender<Made>> },
}

/// To the digesting thread: a piece of the part as it stands on the disk.
enum Written {
    Header { part: u32, bytes: [u8; 64], kept: bool },
    Batch { part: u32, batch: Batch, sealed: usize, last: Option<SyncSender<Made>> },
}

/// The two threads and the pool. Dropping it ends them when what was handed over is done.
#[derive(Debug)]
pub(super) struct Pipeline {
    jobs: Option<SyncSender<Job>>,
    pool: Pool,
    fault: Fault,
    threads: Vec<JoinHandle<()>>,
}

impl Pipeline {
    pub(super) fn start(fault: &Fault) -> Result<Self, StoreError> {
        let (jobs, to_seal) = sync_channel(WAITING);
        let (written, to_digest) = sync_channel(WAITING);
        let pool = Pool::default();
        let spawn = |name: &str, body: Box<dyn FnOnce() + Send>| {
            thread::Builder::new().name(name.to_owned()).spawn(body).map_err(|e| StoreError::disk(Doing::Making, &e))
        };
        let (f, p) = (fault.clone(), pool.clone());
        let sealing = spawn("store-seal", Box::new(move || seal_and_write(&to_seal, &written, &f, &p)))?;
        let p = pool.clone();
        let digesting = spawn("store-digest", Box::new(move || digest(&to_digest, &p)))?;
        Ok(Self { jobs: Some(jobs), pool, fault: fault.clone(), threads: vec![sealing, digesting] })
    }

    /// Begins a part.
    pub(super) fn begin(&self, part: Begin) -> Result<(), StoreError> {
        self.send(Job::Begin(Box::new(part)))
    }

    /// An empty batch.
    pub(super) fn batch(&self, chunk: ChunkSize) -> Batch {
        Batch { slots: self.pool.take(Batch::slots_len(chunk)), chunk, plain: 0 }
    }

    /// Hands over a full batch that another follows.
    pub(super) fn put(&self, part: u32, batch: Batch) -> Result<(), StoreError> {
        self.send(Job::Batch { part, batch, last: None })
    }

    /// Hands over the last batch of a part and waits until all of the part is written and digested (not synced).
    pub(super) fn finish(&self, part: u32, batch: Batch) -> Result<Made, StoreError> {
        let (done, wait) = sync_channel(1);
        self.send(Job::Batch { part, batch, last: Some(done) })?;
        let summary = wait.recv().map_err(|_| self.fault.why_gone())?;
        self.fault.check()?;
        Ok(summary)
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        self.fault.check()?;
        let jobs = self.jobs.as_ref().ok_or_else(|| self.fault.why_gone())?;
        jobs.send(job).map_err(|_| self.fault.why_gone())
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        drop(self.jobs.take());
        for thread in self.threads.drain(..) {
            // A panic in it has been reported to whoever waited; there is nobody left to tell.
            let _ = thread.join();
        }
    }
}

fn seal_and_write(jobs: &Receiver<Job>, written: &SyncSender<Written>, fault: &Fault, pool: &Pool) {
    let mut open: HashMap<u32, Box<Begin>> = HashMap::new();
    for job in jobs {
        // After a fault nothing more is written; the senders of `last` are dropped, which wakes whoever waits.
        if fault.check().is_err() {
            continue;
        }
        let outcome = match job {
            Job::Begin(part) => begin_part(part, &mut open, written),
            Job::Batch { part, batch, last } => one_batch(part, batch, last, &mut open, written, pool),
        };
        if let Err(e) = outcome {
            fault.fatal(e);
        }
    }
}

fn begin_part(
    mut part: Box<Begin>,
    open: &mut HashMap<u32, Box<Begin>>,
    written: &SyncSender<Written>,
) -> Result<(), StoreError> {
    let (number, kept, bytes) = (part.number, part.kept, *part.sealer.header());
    part.file.write_all_at(&bytes, part.at).map_err(|e| StoreError::disk(Doing::Writing, &e))?;
    part.at += bytes.len() as u64;
    open.insert(number, part);
    written.send(Written::Header { part: number, bytes, kept }).map_err(|_| StoreError::ThreadGone)
}

fn one_batch(
    part: u32,
    mut batch: Batch,
    last: Option<SyncSender<Made>>,
    open: &mut HashMap<u32, Box<Begin>>,
    written: &SyncSender<Written>,
    pool: &Pool,
) -> Result<(), StoreError> {
    let Some(target) = open.get_mut(&part) else {
        pool.give(batch.slots);
        return Ok(());
    };
    let sealed = batch.seal(&mut target.sealer, last.is_some())?;
    target.file.write_all_at(sealed, target.at).map_err(|e| StoreError::disk(Doing::Writing, &e))?;
    let sealed = sealed.len();
    target.at += sealed as u64;
    if last.is_some() {
        open.remove(&part);
    }
    written.send(Written::Batch { part, batch, sealed, last }).map_err(|_| StoreError::ThreadGone)
}

struct Running {
    sha256: Option<Sha256>,
    crc32: crc32fast::Hasher,
    plain: u64,
    sealed: u64,
}

fn digest(written: &Receiver<Written>, pool: &Pool) {
    let mut open: HashMap<u32, Running> = HashMap::new();
    let update = |running: &mut Running, bytes: &[u8]| {
        if let Some(sha256) = &mut running.sha256 {
            sha256.update(bytes);
        }
        running.crc32.update(bytes);
        running.sealed += bytes.len() as u64;
    };
    for piece in written {
        match piece {
            Written::Header { part, bytes, kept } => {
                let sha256 = kept.then(Sha256::new);
                let mut running = Running { sha256, crc32: crc32fast::Hasher::new(), plain: 0, sealed: 0 };
                update(&mut running, &bytes);
                open.insert(part, running);
            }
            Written::Batch { part, batch, sealed, last } => {
                let Some(running) = open.get_mut(&part) else { continue };
                update(running, batch.slots.get(..sealed).unwrap_or_default());
                running.plain += batch.plain as u64;
                pool.give(batch.slots);
                let Some(done) = last else { continue };
                if let Some(Running { sha256, crc32, plain, sealed }) = open.remove(&part) {
                    // Nobody waits any more: then nobody needs to know.
                    let sha256 = sha256.map(|sha256| sha256.finalize().into());
                    let _ = done.send(Made { plain, sealed, sha256, crc32: crc32.finalize() });
                }
            }
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Pool(Arc<Mutex<Vec<Zeroizing<Vec<u8>>>>>);

impl Pool {
    fn take(&self, len: usize) -> Zeroizing<Vec<u8>> {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match free.iter().position(|slots| slots.len() == len) {
            Some(at) => free.swap_remove(at),
            None => Zeroizing::new(vec![0; len]),
        }
    }

    fn give(&self, slots: Zeroizing<Vec<u8>>) {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The oldest goes when chunk sizes change, so that the pool does not fill with sizes nobody asks for.
        if free.len() >= POOLED {
            free.swap_remove(0);
        }
        free.push(slots);
    }
}
