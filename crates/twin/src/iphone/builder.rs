//! Sets up an [`Iphone`].

use super::{App, Asked, Facts, Fault, Identity, Iphone, Lock, Passcode, Supervision, Trust, backup::Store, state::State};
use crate::{
    backup::{BackupFile, Rounds},
    device::{Battery, Clock, Faults, Storage, Times},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Condvar, Mutex, atomic::AtomicU64},
    time::Duration,
};

/// Ports of started services begin here, as they do on a phone that has just been switched on.
pub(super) const FIRST_PORT: u16 = 49152;

#[derive(Debug)]
pub struct Builder {
    facts: Facts,
    state: State,
    store: Store,
    faults: Faults<Fault>,
}

impl Default for Builder {
    fn default() -> Builder {
        let facts = Facts {
            identity: Identity::default(),
            clock: Clock::Ahead(jiff::SignedDuration::ZERO),
            storage: Storage { total: 127_933_894_656, free: 61_335_755_776 },
            apps: Vec::new(),
            supervision: None,
            patience: Duration::from_secs(180),
            block: 32 * 1024,
            moves: 1000,
            seed: 1,
        };
        let state = State {
            plugged: true,
            cuts: 0,
            lock: Lock::Unlocked,
            battery: Battery { level: 80, usb_powered: true },
            trust: Trust::AtOnce,
            hosts: BTreeMap::new(),
            dialog: None,
            tapped: false,
            denied: false,
            challenges: BTreeMap::new(),
            passcode: Passcode::NotAsked,
            typed: false,
            openings: BTreeMap::new(),
            next_port: FIRST_PORT,
            sessions: 0,
            sync_lock: None,
            password: None,
            password_age: 0,
            last_backup: None,
            wifi_connections: false,
        };
        Builder { facts, state, store: Store::default(), faults: Faults::default() }
    }
}

impl Builder {
    pub fn identity(mut self, identity: Identity) -> Builder {
        self.facts.identity = identity;
        self
    }

    pub fn clock(mut self, clock: Clock) -> Builder {
        self.facts.clock = clock;
        self
    }

    pub fn storage(mut self, storage: Storage) -> Builder {
        self.facts.storage = storage;
        self
    }

    pub fn battery(mut self, battery: Battery) -> Builder {
        self.state.battery = battery;
        self
    }

    pub fn app(mut self, app: App) -> Builder {
        self.facts.apps.push(app);
        self
    }

    pub fn supervision(mut self, supervision: Supervision) -> Builder {
        self.facts.supervision = Some(supervision);
        self
    }

    pub fn trust(mut self, trust: Trust) -> Builder {
        self.state.trust = trust;
        self
    }

    pub fn lock(mut self, lock: Lock) -> Builder {
        self.state.lock = lock;
        self
    }

    pub fn passcode(mut self, passcode: Passcode) -> Builder {
        self.state.passcode = passcode;
        self
    }

    /// How long the phone waits for its passcode; about three minutes on a real one (`reference/ios.md §1.6`).
    pub fn patience(mut self, patience: Duration) -> Builder {
        self.facts.patience = patience;
        self
    }

    /// Backups are encrypted with this password from the start.
    pub fn backup_password(mut self, password: impl Into<String>) -> Builder {
        self.state.password = Some(password.into());
        self
    }

    /// What a backup holds.
    pub fn files(mut self, files: impl IntoIterator<Item = BackupFile>) -> Builder {
        self.store.files.extend(files);
        self
    }

    /// Rounds of the key derivation of encrypted backups; cheap unless set.
    pub fn rounds(mut self, rounds: Rounds) -> Builder {
        self.store.rounds = rounds;
        self
    }

    /// Everything random in the backup follows from it.
    pub fn seed(mut self, seed: u64) -> Builder {
        self.facts.seed = seed;
        self
    }

    /// Longest block of a file that the phone sends. 32 KiB, as Apple's own DeviceLink (`reference/ios.md §2.4`).
    pub fn block(mut self, bytes: usize) -> Builder {
        self.facts.block = bytes.clamp(1, 64 * 1024 * 1024);
        self
    }

    /// Most files moved by one message.
    pub fn moves_per_message(mut self, files: usize) -> Builder {
        self.facts.moves = files.max(1);
        self
    }

    pub fn fault(mut self, fault: Fault, times: Times) -> Builder {
        self.faults.add(fault, times);
        self
    }

    pub fn build(self) -> Arc<Iphone> {
        Arc::new(Iphone {
            facts: self.facts,
            state: Mutex::new(self.state),
            changed: Condvar::new(),
            asked: Mutex::new(Asked::default()),
            faults: Mutex::new(self.faults),
            store: Mutex::new(self.store),
            lines: Mutex::default(),
            observers: Mutex::default(),
            watchers: Mutex::default(),
            next_line: AtomicU64::new(0),
        })
    }
}
