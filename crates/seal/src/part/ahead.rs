//! Reading ahead: a part that is read in order has its next chunks decrypted by a thread beside the reading one.
//!
//! One thread a process, started when it is first of use. It fills the cache and nothing else, so it may lag, fail or not
//! exist at all: then the reading thread decrypts for itself.

use super::read::Chunks;
use std::{
    sync::{
        Arc, OnceLock, Weak,
        mpsc::{SyncSender, sync_channel},
    },
    thread,
};

/// Plaintext bytes that are prepared at once: waking a thread costs as much as decrypting a chunk of a database.
pub(super) const BYTES: usize = 128 << 10;
/// Requests that may wait; more are passed over.
const WAITING: usize = 4;

struct Wanted {
    chunks: Weak<Chunks>,
    from: u64,
    count: u64,
}

/// Has chunks prepared, if the thread has time.
pub(super) fn ask(chunks: &Arc<Chunks>, from: u64, count: u64) {
    static THREAD: OnceLock<Option<SyncSender<Wanted>>> = OnceLock::new();
    if let Some(thread) = THREAD.get_or_init(start) {
        // Full: the thread is behind, and what it would prepare now comes too late.
        let _ = thread.try_send(Wanted { chunks: Arc::downgrade(chunks), from, count });
    }
}

fn start() -> Option<SyncSender<Wanted>> {
    let (ask, asked) = sync_channel::<Wanted>(WAITING);
    // On one core it would only get in the way.
    if thread::available_parallelism().is_ok_and(|cores| cores.get() < 2) {
        return None;
    }
    let work = move || {
        for wanted in asked {
            if let Some(chunks) = wanted.chunks.upgrade() {
                chunks.prepare(wanted.from, wanted.count);
            }
        }
    };
    thread::Builder::new().name("read ahead".to_owned()).spawn(work).ok().map(|_| ask)
}
