//! The keeper: syncs finished parts and journals them, while the next part is already under way.
//!
//! The order is the promise: a part stands in the journal only after its bytes were synced, and a record counts only after
//! the journal was synced.

use super::{
    book::{Entry, PartRecord},
    error::{Doing, Fault, StoreError},
    journal::Journal,
};
use std::{
    fs::File,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};

/// Parts that may wait to be synced. Few, so that a slow disk is felt by whoever fills it.
const WAITING: usize = 2;

enum Job {
    Part {
        file: Arc<File>,
        /// The file is new: its name must last too.
        named: bool,
        record: Box<PartRecord>,
    },
    /// Everything before this is durable when it is answered.
    Barrier(SyncSender<()>),
}

#[derive(Debug)]
pub(super) struct Keeper {
    jobs: Option<SyncSender<Job>>,
    fault: Fault,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    pub(super) fn start(dir: PathBuf, journal: Arc<Mutex<Journal>>, fault: &Fault) -> Result<Self, StoreError> {
        let (jobs, work) = sync_channel(WAITING);
        let told = fault.clone();
        let thread = thread::Builder::new()
            .name("store-keep".to_owned())
            .spawn(move || keep(&dir, &journal, &work, &told))
            .map_err(|e| StoreError::disk(Doing::Making, &e))?;
        Ok(Self { jobs: Some(jobs), fault: fault.clone(), thread: Some(thread) })
    }

    pub(super) fn part(&self, file: Arc<File>, named: bool, record: PartRecord) -> Result<(), StoreError> {
        self.send(Job::Part { file, named, record: Box::new(record) })
    }

    /// Waits until every part handed over is synced and journaled, and every record before it too.
    pub(super) fn barrier(&self) -> Result<(), StoreError> {
        let (done, wait) = sync_channel(1);
        self.send(Job::Barrier(done))?;
        wait.recv().map_err(|_| self.fault.why_gone())?;
        self.fault.check()
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        self.fault.check()?;
        let jobs = self.jobs.as_ref().ok_or_else(|| self.fault.why_gone())?;
        jobs.send(job).map_err(|_| self.fault.why_gone())
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn keep(dir: &PathBuf, journal: &Mutex<Journal>, work: &Receiver<Job>, fault: &Fault) {
    for job in work {
        if fault.check().is_err() {
            continue;
        }
        let outcome = match job {
            Job::Part { file, named, record } => keep_part(dir, journal, &file, named, &record),
            Job::Barrier(done) => lock(journal).sync().map(|()| {
                // Whoever asked may have given up waiting.
                let _ = done.send(());
            }),
        };
        if let Err(e) = outcome {
            fault.fatal(e);
        }
    }
}

fn keep_part(dir: &PathBuf, journal: &Mutex<Journal>, file: &File, named: bool, record: &PartRecord) -> Result<(), StoreError> {
    let syncing = |e: std::io::Error| StoreError::disk(Doing::Syncing, &e);
    file.sync_data().map_err(syncing)?;
    if named {
        File::open(dir).and_then(|folder| folder.sync_all()).map_err(syncing)?;
    }
    let mut journal = lock(journal);
    journal.append(&Entry::Part(record))?;
    journal.sync()
}

/// A panic elsewhere leaves the journal whole: a frame is written in one call.
pub(super) fn lock(journal: &Mutex<Journal>) -> std::sync::MutexGuard<'_, Journal> {
    journal.lock().unwrap_or_else(PoisonError::into_inner)
}
