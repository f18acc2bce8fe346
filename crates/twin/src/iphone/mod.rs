//! A virtual iPhone: lockdownd with pairing and TLS, and the services a backup takes (`reference/ios.md §1, §2`).
//!
//! An [`Iphone`] is shared by every front and every connection. What a phone keeps over sessions (who is trusted, the backup
//! password, what the last backup held) is in it, and tests can look. A front hands it pipes by [`Iphone::connect`].
//!
//! Layout of the room: `facts` who the phone and its holder are, [`fault`] what can go wrong, `asked` the record; `pipe`, `wire`
//! and `tls` the bytes; `lockdown`, `values`, `pairing` and `supervision` the daemon at port 62078; `service` the small services;
//! `backup` mobilebackup2; [`usbmuxd`] the front that hosts reach over a socket, `usb` the one that a real usbmuxd reaches over a
//! cable.
//!
//! What it does not claim: where the reference says "unverified", a choice was needed all the same; each says so where it is made.

mod asked;
mod backup;
mod builder;
mod facts;
mod fault;
mod lockdown;
mod pairing;
mod pipe;
mod service;
mod state;
mod supervision;
mod tls;
#[cfg(unix)]
pub mod usb;
pub mod usbmuxd;
mod values;
mod wire;

pub use asked::{Asked, Service};
pub use builder::Builder;
pub use facts::{App, Identity, Link, Lock, Passcode, Profile, Supervision, Trust};
pub use fault::{Fault, Hostile, How, Moment};
pub use pipe::Pipe;

use crate::{
    backup::{BackupError, BackupFile},
    device::{Battery, Clock, Faults, Storage, Times, lock},
};
use backup::Store;
use state::{Opening, State};
use std::{
    collections::BTreeMap,
    io,
    sync::{
        Condvar, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

/// Port of lockdownd.
pub const LOCKDOWN: u16 = 62078;

/// Why a connection ended, from the phone's point of view.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IphoneError {
    /// The other side went away, or the wire broke.
    #[error("the wire broke: {0}")]
    Wire(#[from] io::Error),
    #[error(transparent)]
    List(#[from] plist::Error),
    #[error(transparent)]
    Tls(#[from] rustls::Error),
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error("a frame of {0} bytes")]
    TooLong(u32),
    /// The host sent something that is no message here.
    #[error("not expected: {0}")]
    Unexpected(&'static str),
    /// A fault ended it.
    #[error("ended by a fault")]
    Fault,
}

/// A virtual iPhone.
#[derive(Debug)]
pub struct Iphone {
    facts: Facts,
    state: Mutex<State>,
    /// Told whenever something in the state changes that somebody may wait for.
    changed: Condvar,
    asked: Mutex<Asked>,
    faults: Mutex<Faults<Fault>>,
    store: Mutex<Store>,
    lines: Mutex<BTreeMap<u64, Pipe>>,
    observers: Mutex<Vec<(String, mpsc::Sender<String>)>>,
    watchers: Mutex<Vec<Watcher>>,
    next_line: AtomicU64,
}

/// What does not change while the phone runs.
#[derive(Debug)]
pub(crate) struct Facts {
    identity: Identity,
    clock: Clock,
    storage: Storage,
    apps: Vec<App>,
    supervision: Option<Supervision>,
    /// How long the phone waits for its passcode before it gives up.
    patience: Duration,
    /// Longest block of a file that the phone sends.
    block: usize,
    /// Most files moved by one message.
    moves: usize,
    seed: u64,
}

/// Told when the phone is plugged in or out.
pub(crate) struct Watcher(pub(crate) Box<dyn Fn(bool) + Send>);

impl std::fmt::Debug for Watcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watcher")
    }
}

impl Iphone {
    /// A phone that is unlocked, trusts every host and asks for no passcode.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub fn identity(&self) -> &Identity {
        &self.facts.identity
    }

    /// Runs one connection to `port` on this thread until it ends. `false` when nothing listens there; the front asks
    /// [`Iphone::listens`] first, as a refusal must come before the pipe is handed over.
    pub fn connect(&self, port: u16, pipe: Pipe, link: Link) -> bool {
        let Some(opening) = self.opening(port) else { return false };
        self.record(|asked| asked.connections += 1);
        let id = self.next_line.fetch_add(1, Ordering::Relaxed);
        let Ok(own) = pipe.try_clone() else { return true };
        lock(&self.lines).insert(id, own);
        if !self.is_plugged_in() {
            pipe.cut();
        }
        let ended = match opening {
            None => lockdown::serve(self, pipe, link),
            Some(opening) => service::serve(self, pipe, &opening, id),
        };
        lock(&self.lines).remove(&id);
        self.release_sync_lock(id);
        if let Err(error) = ended {
            tracing::debug!(%error, port, "a connection ended");
        }
        true
    }

    /// Whether something listens on a port of the phone now.
    pub fn listens(&self, port: u16) -> bool {
        port == LOCKDOWN || self.state().openings.contains_key(&port)
    }

    /// Takes the service that waits on a port; a port serves one connection. `Some(None)` is lockdownd.
    #[allow(clippy::option_option)]
    fn opening(&self, port: u16) -> Option<Option<Opening>> {
        if port == LOCKDOWN {
            return Some(None);
        }
        self.state().openings.remove(&port).map(Some)
    }

    pub fn is_plugged_in(&self) -> bool {
        self.state().plugged
    }

    /// Pulls the cable: every connection is cut, and hosts do not see the phone until it is plugged in again.
    pub fn unplug(&self) {
        {
            let mut state = self.state();
            state.plugged = false;
            state.openings.clear();
            state.dialog = None;
        }
        // gone from the list first: who sees the cut finds no phone
        self.tell_watchers(false);
        self.cut_all();
    }

    /// Plugs it in again. A "Don't trust" is forgotten, as on a phone (`reference/ios.md §1.3`).
    pub fn plug_in(&self) {
        {
            let mut state = self.state();
            state.plugged = true;
            state.denied = false;
        }
        self.tell_watchers(true);
    }

    /// Cuts every connection and wakes whoever waits for something on one.
    fn cut_all(&self) {
        self.state().cuts += 1;
        for pipe in lock(&self.lines).values() {
            pipe.cut();
        }
        self.changed.notify_all();
    }

    fn tell_watchers(&self, plugged: bool) {
        for watcher in lock(&self.watchers).iter() {
            (watcher.0)(plugged);
        }
    }

    pub(crate) fn watch(&self, watcher: Watcher) {
        lock(&self.watchers).push(watcher);
    }

    /// Sets a fault.
    pub fn inject(&self, fault: Fault, times: Times) {
        lock(&self.faults).add(fault, times);
    }

    /// Takes all faults away.
    pub fn mend(&self) {
        lock(&self.faults).clear();
    }

    /// What was asked so far.
    pub fn asked(&self) -> Asked {
        lock(&self.asked).clone()
    }

    /// Starts the record anew.
    pub fn forget_asked(&self) {
        *lock(&self.asked) = Asked::default();
    }

    /// The holder taps Trust and types the passcode, on the dialog that is shown now or on the next.
    pub fn tap_trust(&self) {
        self.state().tapped = true;
        self.changed.notify_all();
    }

    /// The holder types the passcode that is asked for now.
    pub fn type_passcode(&self) {
        self.state().typed = true;
        self.changed.notify_all();
    }

    /// Puts files on the phone, takes them off, changes them.
    pub fn change_files(&self, change: impl FnOnce(&mut Vec<BackupFile>)) {
        change(&mut lock(&self.store).files);
    }

    pub fn set_trust(&self, trust: Trust) {
        self.state().trust = trust;
    }

    pub fn set_lock(&self, lock: Lock) {
        self.state().lock = lock;
    }

    pub fn set_passcode(&self, passcode: Passcode) {
        self.state().passcode = passcode;
    }

    pub fn set_battery(&self, battery: Battery) {
        self.state().battery = battery;
    }

    /// Forgets every host, as "Reset Location & Privacy" does.
    pub fn forget_hosts(&self) {
        self.state().hosts.clear();
    }

    /// How many hosts are trusted.
    pub fn trusted_hosts(&self) -> usize {
        self.state().hosts.len()
    }

    /// The backup password as the phone knows it; `None` when backups are not encrypted.
    pub fn backup_password(&self) -> Option<String> {
        self.state().password.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn record<T>(&self, note: impl FnOnce(&mut Asked) -> T) -> T {
        note(&mut lock(&self.asked))
    }

    fn fire<T>(&self, pick: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        lock(&self.faults).fire(pick)
    }

    /// Lets the faults of this moment happen. `Ok(Some)` is an ErrorCode that the request must end with.
    fn reach(&self, moment: Moment) -> Result<Option<(u64, String)>, IphoneError> {
        self.reach_where(|at| *at == moment)
    }

    fn reach_where(&self, is_now: impl Fn(&Moment) -> bool) -> Result<Option<(u64, String)>, IphoneError> {
        let fired = self.fire(|fault| match fault {
            Fault::At(moment, how) if is_now(moment) => Some(how.clone()),
            _ => None,
        });
        match fired {
            None => Ok(None),
            Some(How::Fails { code, text }) => Ok(Some((code, text))),
            Some(How::Drops) => Err(IphoneError::Fault),
            Some(How::Unplugged) => {
                self.unplug();
                Err(IphoneError::Fault)
            }
            Some(How::Sleeps(time)) => self.rest(Some(time)).map(|()| None),
            Some(How::Hangs) => self.rest(None).map(|()| None),
        }
    }

    /// Whether a fault is set for such a moment.
    fn expects(&self, is_now: impl Fn(&Moment) -> bool) -> bool {
        lock(&self.faults).has(|fault| matches!(fault, Fault::At(moment, _) if is_now(moment)))
    }

    /// Does nothing for a while, or until the cable is pulled.
    fn rest(&self, time: Option<Duration>) -> Result<(), IphoneError> {
        let until = time.and_then(|time| Instant::now().checked_add(time));
        self.wait_until(until, |_| false).map(|_| ())
    }

    /// Waits until `done` holds; `false` when the time came first. Connections that are cut end it.
    fn wait_until(&self, until: Option<Instant>, done: impl Fn(&State) -> bool) -> Result<bool, IphoneError> {
        let mut state = self.state();
        let cuts = state.cuts;
        loop {
            if state.cuts != cuts || !state.plugged {
                return Err(IphoneError::Fault);
            }
            if done(&state) {
                return Ok(true);
            }
            let left = match until {
                None => Duration::from_secs(3600),
                Some(until) => until.saturating_duration_since(Instant::now()),
            };
            if left.is_zero() {
                return Ok(false);
            }
            state = match self.changed.wait_timeout(state, left) {
                Ok((state, _)) => state,
                Err(poisoned) => poisoned.into_inner().0,
            };
        }
    }

    /// Relays a notification to every host that observes it.
    fn notify(&self, name: &str) {
        lock(&self.observers).retain(|(observed, to)| observed != name || to.send(name.to_owned()).is_ok());
    }

    fn observe(&self, name: String, to: mpsc::Sender<String>) {
        lock(&self.observers).push((name, to));
    }

    fn release_sync_lock(&self, line: u64) {
        let mut state = self.state();
        if state.sync_lock == Some(line) {
            state.sync_lock = None;
        }
    }
}
