//! SHA-256 and CRC-32 of every entry, on all cores.
//!
//! One entry is one stretch of work: SHA-256 cannot be cut. The largest entries are taken first, so that the last thread is
//! not left alone with a big one.

use crate::container::{
    EntryName,
    reader::{Container, Entry},
};
use sha2::{Digest, Sha256};
use std::{
    io,
    os::unix::fs::FileExt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// Bytes a read: small enough for the second-level cache, where both digests find it, large enough to make few calls.
const READ: usize = 256 << 10;

/// What an entry's content amounts to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Computed {
    pub(super) name: EntryName,
    pub(super) sha256: [u8; 32],
    pub(super) crc32: u32,
}

/// In the order of the entries. `threads` 0 takes all cores.
pub(super) fn compute(container: &Container, threads: usize) -> io::Result<Vec<Computed>> {
    let mut order: Vec<&Entry> = container.entries().iter().collect();
    order.sort_by_key(|entry| std::cmp::Reverse(entry.size));
    let wanted = if threads == 0 { thread::available_parallelism().map_or(1, usize::from) } else { threads };
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Ok(Vec::with_capacity(order.len())));
    let work = || {
        let mut buffer = vec![0; READ];
        while let Some(entry) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            let one = digest(container, entry, &mut buffer);
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            match (one, done.as_mut()) {
                (Ok(one), Ok(all)) => all.push(one),
                (Err(e), Ok(_)) => *done = Err(e),
                (_, Err(_)) => {}
            }
            if done.is_err() {
                return;
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..wanted.min(order.len()) {
            // Where the system gives no more threads, those that run do the work.
            let _ = thread::Builder::new().name("verify".to_owned()).spawn_scoped(scope, work);
        }
        work();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner)?;
    done.sort_by_key(|one| one.name);
    Ok(done)
}

fn digest(container: &Container, entry: &Entry, buffer: &mut [u8]) -> io::Result<Computed> {
    let (mut sha256, mut crc32) = (Sha256::new(), crc32fast::Hasher::new());
    let mut pos = 0;
    while pos < entry.size {
        let n = usize::try_from(entry.size - pos).unwrap_or(usize::MAX).min(buffer.len());
        let Some(piece) = buffer.get_mut(..n) else { break };
        container.file().read_exact_at(piece, entry.data_offset + pos)?;
        sha256.update(&*piece);
        crc32.update(piece);
        pos += n as u64;
    }
    Ok(Computed { name: entry.name, sha256: sha256.finalize().into(), crc32: crc32.finalize() })
}
