//! The one cache of decrypted or inflated chunks.
//!
//! Sealed parts (`seal`) and deflated zip entries (this crate) can only be opened a chunk at a time; SQLite asks for pages.
//! A byte budget for the whole process keeps memory flat however many databases are open: a scan is as fast with 1 MiB as
//! with 128 MiB (`reference/sqlite-vfs.md §5`), so the budget is small. Evicted bytes are wiped with their last holder.

use crate::{Hint, wipe};
use std::{
    collections::HashMap,
    fmt, io,
    ops::Deref,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};
use zeroize::Zeroizing;

/// Budget of [`ChunkCache::of_this_process`] in bytes: 8 to 32 MiB is plenty (`reference/sqlite-vfs.md §2`).
pub const DEFAULT_BUDGET: usize = 8 << 20;

/// A number for a byte source in the cache, never given twice in a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(u64);

impl SourceId {
    #[must_use]
    pub fn fresh() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }
}

/// Plaintext of one chunk, wiped when dropped.
///
/// Build the vector at its full length (for sealed chunks: body and tag at once, then truncate): a vector that grows leaves
/// an unwiped copy behind.
pub struct Chunk(Vec<u8>);

impl Chunk {
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// What it costs: the whole allocation, since the spare bytes are held and wiped too.
    fn cost(&self) -> usize {
        self.0.capacity()
    }
}

impl From<Zeroizing<Vec<u8>>> for Chunk {
    fn from(mut bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(std::mem::take(&mut *bytes))
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

impl Deref for Chunk {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Chunk({} bytes)", self.0.len())
    }
}

/// Which chunk: its source and its number there.
pub type ChunkKey = (SourceId, u64);

struct Slot {
    key: ChunkKey,
    chunk: Arc<Chunk>,
    /// Touched since the clock's hand went by.
    used: bool,
}

/// Buffers of evicted chunks that are kept for the next ones.
const SPARE: usize = 8;

#[derive(Default)]
struct Clock {
    place: HashMap<ChunkKey, usize>,
    slots: Vec<Slot>,
    hand: usize,
    bytes: usize,
    /// Wiped buffers, zeros to their full length: to give one back to the system and ask for another costs as much as
    /// decrypting into it.
    spare: Vec<Vec<u8>>,
}

impl Clock {
    fn touch(&mut self, key: ChunkKey) -> Option<Arc<Chunk>> {
        let slot = self.slots.get_mut(*self.place.get(&key)?)?;
        slot.used = true;
        Some(Arc::clone(&slot.chunk))
    }

    /// Removes the slot at `at`; the last slot takes its place.
    fn remove(&mut self, at: usize) -> Option<Slot> {
        if at >= self.slots.len() {
            return None;
        }
        let gone = self.slots.swap_remove(at);
        self.place.remove(&gone.key);
        self.bytes = self.bytes.saturating_sub(gone.chunk.cost());
        if let Some(moved) = self.slots.get(at) {
            self.place.insert(moved.key, at);
        }
        Some(gone)
    }

    /// Turns the hand until `wanted` bytes fit in `budget`. The evicted are handed out, so that they are wiped outside the lock.
    fn make_room(&mut self, wanted: usize, budget: usize) -> Vec<Slot> {
        let mut gone = Vec::new();
        while !self.slots.is_empty() && self.bytes.saturating_add(wanted) > budget {
            if self.hand >= self.slots.len() {
                self.hand = 0;
            }
            match self.slots.get_mut(self.hand) {
                Some(slot) if slot.used => {
                    slot.used = false;
                    self.hand += 1;
                }
                _ => gone.extend(self.remove(self.hand)),
            }
        }
        gone
    }
}

/// A byte-budget cache of [`Chunk`]s with CLOCK eviction. Share one (`Arc`) among all sources of a process.
///
/// No lock is held while a chunk is filled: two threads may fill the same chunk once each, which is harmless.
pub struct ChunkCache {
    budget: usize,
    clock: Mutex<Clock>,
    filled: AtomicU64,
}

impl ChunkCache {
    /// `budget` in bytes of chunk memory. A chunk larger than the budget is served but not kept.
    #[must_use]
    pub fn new(budget: usize) -> Self {
        Self { budget, clock: Mutex::default(), filled: AtomicU64::new(0) }
    }

    /// The cache that all sources of this process share unless they are given another: [`DEFAULT_BUDGET`] bytes.
    #[must_use]
    pub fn of_this_process() -> Arc<Self> {
        static CACHE: OnceLock<Arc<ChunkCache>> = OnceLock::new();
        Arc::clone(CACHE.get_or_init(|| Arc::new(Self::new(DEFAULT_BUDGET))))
    }

    /// Bytes of chunk memory at most.
    #[must_use]
    pub fn budget(&self) -> usize {
        self.budget
    }

    /// The chunk under `key`, filled by `fill` if it is not held. An error of `fill` is handed on; nothing is kept of it.
    pub fn get_or_fill(&self, key: ChunkKey, fill: impl FnOnce() -> io::Result<Chunk>) -> io::Result<Arc<Chunk>> {
        if let Some(held) = self.lock().touch(key) {
            return Ok(held);
        }
        let chunk = Arc::new(fill()?);
        self.filled.fetch_add(1, Ordering::Relaxed);
        let cost = chunk.cost();
        if cost > self.budget {
            return Ok(chunk);
        }
        let mut clock = self.lock();
        if let Some(other_thread_was_first) = clock.touch(key) {
            return Ok(other_thread_was_first);
        }
        let evicted = clock.make_room(cost, self.budget);
        let wanted = SPARE.saturating_sub(clock.spare.len()).min(evicted.len());
        let at = clock.slots.len();
        clock.slots.push(Slot { key, chunk: Arc::clone(&chunk), used: false });
        clock.place.insert(key, at);
        clock.bytes = clock.bytes.saturating_add(cost);
        drop(clock);
        self.keep_buffers(evicted, wanted);
        Ok(chunk)
    }

    /// A buffer of this length, all zeros, for the bytes of a chunk to be.
    pub fn buffer(&self, len: usize) -> Zeroizing<Vec<u8>> {
        let mut clock = self.lock();
        // Chunks of one source are of one size; a buffer that is much too large is left for those it fits.
        let fits = |buffer: &Vec<u8>| (len..=len.saturating_mul(2)).contains(&buffer.capacity());
        let found = clock.spare.iter().rposition(fits).map(|at| clock.spare.swap_remove(at));
        drop(clock);
        let mut buffer = found.unwrap_or_default();
        buffer.truncate(len);
        buffer.resize(len, 0);
        Zeroizing::new(buffer)
    }

    /// Wipes the buffers of evicted chunks and keeps some of them.
    fn keep_buffers(&self, evicted: Vec<Slot>, wanted: usize) {
        let mut free = Vec::with_capacity(wanted);
        for slot in evicted {
            // Whoever still reads a chunk wipes it in the end.
            if let Some(mut chunk) = Arc::into_inner(slot.chunk).filter(|_| free.len() < wanted) {
                wipe(&mut chunk.0);
                free.push(std::mem::take(&mut chunk.0));
            }
        }
        if !free.is_empty() {
            let mut clock = self.lock();
            let room = SPARE.saturating_sub(clock.spare.len());
            clock.spare.extend(free.into_iter().take(room));
        }
    }

    /// As [`Self::get_or_fill`], first asking the opener's [`Hint`]: the next page of the same chunk needs no lock.
    pub fn get_or_fill_with_hint(
        &self,
        key: ChunkKey,
        hint: &mut Hint,
        fill: impl FnOnce() -> io::Result<Chunk>,
    ) -> io::Result<Arc<Chunk>> {
        if let Some(LastChunk { key: last, chunk }) = hint.get()
            && *last == key
        {
            return Ok(Arc::clone(chunk));
        }
        let chunk = self.get_or_fill(key, fill)?;
        hint.set(LastChunk { key, chunk: Arc::clone(&chunk) });
        Ok(chunk)
    }

    /// Drops every chunk of a source that will not be read again.
    pub fn forget(&self, source: SourceId) {
        let mut clock = self.lock();
        let mut gone = Vec::new();
        let mut at = 0;
        while let Some(slot) = clock.slots.get(at) {
            if slot.key.0 == source {
                gone.extend(clock.remove(at));
            } else {
                at += 1;
            }
        }
        drop(clock);
        drop(gone);
    }

    /// Bytes held now.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.lock().bytes
    }

    /// Chunks filled so far: what the cache could not answer.
    #[must_use]
    pub fn filled(&self) -> u64 {
        self.filled.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, Clock> {
        // The clock is whole after every step, so a panic elsewhere does not spoil it.
        self.clock.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl fmt::Debug for ChunkCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkCache").field("budget", &self.budget).field("bytes", &self.bytes()).finish()
    }
}

/// What a chunked source puts in a [`Hint`].
struct LastChunk {
    key: ChunkKey,
    chunk: Arc<Chunk>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::thread;

    fn chunk(of: u8) -> io::Result<Chunk> {
        Ok(Chunk::new(vec![of; 100]))
    }

    #[test]
    fn a_buffer_of_an_evicted_chunk_is_given_again_and_holds_nothing_of_it() {
        let cache = ChunkCache::new(300);
        let id = SourceId::fresh();
        let mut held = None;
        for n in 0..6 {
            held = Some(cache.get_or_fill((id, n), || chunk(7)).unwrap());
        }
        assert_eq!(cache.lock().spare.len(), 3, "those that nobody reads any more");
        let buffer = cache.buffer(90);
        assert_eq!((buffer.as_slice(), buffer.capacity()), ([0; 90].as_slice(), 100));
        assert_eq!(cache.buffer(10).capacity(), 10, "one that fits is not wasted on a few bytes");
        assert_eq!(held.unwrap().first(), Some(&7), "a chunk that is being read is left alone");
    }

    #[test]
    fn the_budget_holds_and_a_touched_chunk_outlives_an_untouched_one() {
        let cache = ChunkCache::new(300);
        let id = SourceId::fresh();
        for n in 0..3 {
            cache.get_or_fill((id, n), || chunk(n as u8)).unwrap();
        }
        cache.get_or_fill((id, 0), || unreachable!("held")).unwrap();
        cache.get_or_fill((id, 3), || chunk(3)).unwrap();
        assert_eq!(cache.bytes(), 300);
        assert_eq!(cache.get_or_fill((id, 0), || unreachable!("touched, so kept")).unwrap().first(), Some(&0));
        assert_eq!(cache.filled(), 4);
        cache.get_or_fill((id, 1), || chunk(9)).unwrap();
        assert_eq!(cache.filled(), 5, "chunk 1 went when 3 came");
    }

    #[test]
    fn two_sources_do_not_mix_and_a_forgotten_one_leaves_nothing() {
        let cache = ChunkCache::new(10_000);
        let (a, b) = (SourceId::fresh(), SourceId::fresh());
        for n in 0..5 {
            cache.get_or_fill((a, n), || chunk(1)).unwrap();
            assert_eq!(cache.get_or_fill((b, n), || chunk(2)).unwrap().first(), Some(&2));
        }
        cache.forget(a);
        assert_eq!(cache.bytes(), 500);
        for n in 0..5 {
            cache.get_or_fill((b, n), || unreachable!("b stays")).unwrap();
        }
    }

    #[test]
    fn a_failed_fill_is_asked_again_and_a_giant_is_not_kept() {
        let cache = ChunkCache::new(50);
        let key = (SourceId::fresh(), 0);
        assert!(cache.get_or_fill(key, || Err(io::ErrorKind::InvalidData.into())).is_err());
        assert_eq!(cache.get_or_fill(key, || chunk(7)).unwrap().len(), 100);
        assert_eq!(cache.bytes(), 0);
    }

    #[test]
    fn the_hint_answers_without_the_cache() {
        let cache = ChunkCache::new(0);
        let id = SourceId::fresh();
        let mut hint = Hint::default();
        cache.get_or_fill_with_hint((id, 4), &mut hint, || chunk(4)).unwrap();
        let again = cache.get_or_fill_with_hint((id, 4), &mut hint, || unreachable!("in the hint")).unwrap();
        assert_eq!(again.first(), Some(&4));
        cache.get_or_fill_with_hint((id, 5), &mut hint, || chunk(5)).unwrap();
        assert_eq!(cache.filled(), 2);
    }

    #[test]
    fn threads_over_a_tiny_cache_get_right_answers() {
        let cache = ChunkCache::new(1_000);
        let id = SourceId::fresh();
        thread::scope(|scope| {
            for t in 0..8_u64 {
                let cache = &cache;
                scope.spawn(move || {
                    for i in 0..500 {
                        let n = (i * (t + 3)) % 40;
                        let got = cache.get_or_fill((id, n), || chunk(n as u8)).unwrap();
                        assert!(got.iter().all(|&b| u64::from(b) == n));
                    }
                });
            }
        });
        assert!(cache.bytes() <= 1_000);
    }
}
