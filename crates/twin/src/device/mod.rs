//! The phone itself: what it holds, what it answers, how it fails, and what it was asked.
//!
//! A [`Device`] is shared by every front and every connection. Its files, battery and faults may change while it runs, as a
//! phone's do; its identity does not.

mod facts;
mod fault;
mod providers;
mod record;
pub mod shell;
pub mod tree;

pub use facts::{Battery, Clock, Contact, Identity, Package, Phone, Storage, User};
pub use fault::{Fault, Pull, Times};
pub use providers::{Happening, Provider, Value};
pub use record::Asked;
pub use tree::{Errno, Tree};

pub(crate) use facts::zone;
pub(crate) use fault::{Faults, hostile_names};

use crate::{
    FileBytes,
    adb::{Accept, PublicKey, message},
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// What fills a phone: the generator implements this, and so can a test.
pub trait Content {
    /// Puts files, apps and people onto the phone.
    fn place(&self, phone: Builder) -> Builder;
}

/// A virtual Android phone.
#[derive(Debug)]
pub struct Device {
    pub(crate) facts: Facts,
    tree: RwLock<Tree>,
    moving: Mutex<Moving>,
    asked: Mutex<Asked>,
    faults: Mutex<Faults<Fault>>,
    /// Tables of content providers, by URI, once they were asked for.
    pub(crate) tables: Mutex<BTreeMap<String, providers::Opened>>,
    sent: AtomicU64,
}

/// What does not change while the phone runs.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) identity: Identity,
    pub(crate) users: Vec<User>,
    pub(crate) packages: Vec<Package>,
    pub(crate) providers: Vec<Provider>,
    pub(crate) storage: Storage,
    pub(crate) clock: Clock,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) settings: BTreeMap<(String, String), String>,
    pub(crate) refusal_exit: i32,
    pub(crate) link: Link,
}

/// How the phone speaks adb.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    pub(crate) version: u32,
    pub(crate) max_payload: u32,
    pub(crate) checksums: bool,
    pub(crate) delayed_ack: bool,
    pub(crate) features: Vec<&'static str>,
}

/// What changes while it runs.
#[derive(Debug)]
struct Moving {
    battery: Battery,
    accept: Accept,
    remembered: Vec<PublicKey>,
    taps: u64,
}

impl Device {
    /// A phone with an owner, the usual empty folders, and nothing else.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub fn identity(&self) -> &Identity {
        &self.facts.identity
    }

    /// The files, to look at.
    pub fn tree(&self) -> RwLockReadGuard<'_, Tree> {
        self.tree.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the files while the phone runs.
    pub fn change<T>(&self, change: impl FnOnce(&mut Tree) -> T) -> T {
        change(&mut self.tree.write().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn battery(&self) -> Battery {
        self.moving().battery
    }

    pub fn set_battery(&self, battery: Battery) {
        self.moving().battery = battery;
    }

    /// From now on hosts are treated so; open connections stay.
    pub fn set_accept(&self, accept: Accept) {
        self.moving().accept = accept;
    }

    /// The owner taps Allow on the dialog that is shown now, if one is.
    pub fn tap_allow(&self) {
        self.moving().taps += 1;
    }

    /// Sets a fault.
    pub fn inject(&self, fault: Fault, times: Times) {
        lock(&self.faults).add(fault, times);
    }

    /// Takes all faults away.
    pub fn mend(&self) {
        lock(&self.faults).clear();
    }

    /// Bytes that went to hosts so far.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    pub(crate) fn count_sent(&self, bytes: usize) {
        self.sent.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// What was asked so far.
    pub fn asked(&self) -> Asked {
        lock(&self.asked).clone()
    }

    /// Starts the record anew.
    pub fn forget_asked(&self) {
        *lock(&self.asked) = Asked::default();
    }

    pub(crate) fn record<T>(&self, note: impl FnOnce(&mut Asked) -> T) -> T {
        note(&mut lock(&self.asked))
    }

    pub(crate) fn fire<T>(&self, pick: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        lock(&self.faults).fire(pick)
    }

    /// The first fault of the shell that `command` begins with.
    pub(crate) fn fires_for(&self, command: &str) -> Option<Fault> {
        self.fire(|fault| match fault {
            Fault::EndlessShell { command: start } | Fault::SilentShell { command: start }
                if command.starts_with(start.as_str()) =>
            {
                Some(fault.clone())
            }
            _ => None,
        })
    }

    pub(crate) fn accept(&self) -> Accept {
        self.moving().accept.clone()
    }

    pub(crate) fn taps(&self) -> u64 {
        self.moving().taps
    }

    pub(crate) fn remember(&self, key: PublicKey) {
        let mut moving = self.moving();
        if !moving.remembered.contains(&key) {
            moving.remembered.push(key);
        }
    }

    /// Keys that may come in without a dialog.
    pub(crate) fn known_keys(&self) -> Vec<PublicKey> {
        let moving = self.moving();
        let listed = match &moving.accept {
            Accept::Known(keys) => keys.as_slice(),
            _ => &[],
        };
        listed.iter().chain(&moving.remembered).cloned().collect()
    }

    fn moving(&self) -> MutexGuard<'_, Moving> {
        lock(&self.moving)
    }
}

/// A lock of the twin: a test that panicked while it held one must not take the others with it.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sets up a [`Device`].
#[derive(Debug)]
pub struct Builder {
    facts: Facts,
    tree: Tree,
    contacts: Vec<Contact>,
    battery: Battery,
    accept: Accept,
    faults: Faults<Fault>,
}

impl Default for Builder {
    fn default() -> Builder {
        let link = Link {
            version: message::VERSION_SKIP_CHECKSUM,
            max_payload: message::MAX_PAYLOAD,
            checksums: true,
            delayed_ack: true,
            features: vec!["shell_v2", "cmd", "stat_v2", "ls_v2", "sendrecv_v2"],
        };
        let facts = Facts {
            identity: Identity::default(),
            users: vec![User::owner()],
            packages: Vec::new(),
            providers: Vec::new(),
            storage: Storage { total: 118_015_217_664, free: 71_335_755_776 },
            clock: Clock::Ahead(jiff::SignedDuration::ZERO),
            properties: BTreeMap::new(),
            settings: BTreeMap::new(),
            refusal_exit: 0,
            link,
        };
        Builder {
            facts,
            tree: Tree::new(1_714_521_600),
            contacts: Vec::new(),
            battery: Battery { level: 80, usb_powered: true },
            accept: Accept::Everyone,
            faults: Faults::default(),
        }
    }
}

impl Builder {
    pub fn identity(mut self, identity: Identity) -> Builder {
        self.facts.identity = identity;
        self
    }

    /// Another user or profile beside the owner.
    pub fn user(mut self, user: User) -> Builder {
        self.facts.users.retain(|known| known.id != user.id);
        self.facts.users.push(user);
        self.facts.users.sort_by_key(|user| user.id);
        self
    }

    pub fn battery(mut self, battery: Battery) -> Builder {
        self.battery = battery;
        self
    }

    pub fn storage(mut self, storage: Storage) -> Builder {
        self.facts.storage = storage;
        self
    }

    pub fn clock(mut self, clock: Clock) -> Builder {
        self.facts.clock = clock;
        self
    }

    pub fn package(mut self, package: Package) -> Builder {
        self.facts.packages.push(package);
        self
    }

    pub fn contact(mut self, contact: Contact) -> Builder {
        self.contacts.push(contact);
        self
    }

    /// Another content provider, for instance `content://sms`.
    pub fn provider(mut self, provider: Provider) -> Builder {
        self.facts.providers.retain(|known| known.uri != provider.uri);
        self.facts.providers.push(provider);
        self
    }

    /// Sets a property over the one that follows from the identity.
    pub fn property(mut self, name: impl Into<String>, value: impl Into<String>) -> Builder {
        self.facts.properties.insert(name.into(), value.into());
        self
    }

    /// A setting of the `system`, `secure` or `global` table.
    pub fn setting(mut self, table: impl Into<String>, name: impl Into<String>, value: impl Into<String>) -> Builder {
        self.facts.settings.insert((table.into(), name.into()), value.into());
        self
    }

    /// A file, with its time in seconds since 1970.
    pub fn file(mut self, path: impl AsRef<[u8]>, bytes: Arc<dyn FileBytes>, modified: i64) -> Builder {
        self.tree.file(path, bytes, modified);
        self
    }

    /// Works on the files directly.
    pub fn tree(mut self, change: impl FnOnce(&mut Tree)) -> Builder {
        change(&mut self.tree);
        self
    }

    /// Everything a generator made.
    pub fn content(self, content: &dyn Content) -> Builder {
        content.place(self)
    }

    pub fn accept(mut self, accept: Accept) -> Builder {
        self.accept = accept;
        self
    }

    pub fn fault(mut self, fault: Fault, times: Times) -> Builder {
        self.faults.add(fault, times);
        self
    }

    /// Exit code of a shell command that ends in a SecurityException: 0 as seen on one phone, 255 on others
    /// (`reference/android.md §1.2`).
    pub fn refusal_exit(mut self, code: i32) -> Builder {
        self.facts.refusal_exit = code;
        self
    }

    /// Largest payload the phone takes, 4 KiB to 1 MiB.
    pub fn max_payload(mut self, bytes: u32) -> Builder {
        self.facts.link.max_payload = bytes.clamp(message::MAX_PAYLOAD_V1, message::MAX_PAYLOAD);
        self
    }

    /// Whether payloads carry their sum although the version allows to leave it out. On, because some hosts look.
    pub fn checksums(mut self, on: bool) -> Builder {
        self.facts.link.checksums = on;
        self
    }

    /// Whether delayed acknowledgements are offered. On.
    pub fn delayed_ack(mut self, on: bool) -> Builder {
        self.facts.link.delayed_ack = on;
        self
    }

    /// An old phone: protocol version 0x01000000, 4 KiB payloads, sync v1 and shell v1 only.
    pub fn old_protocol(mut self) -> Builder {
        self.facts.link = Link {
            version: message::VERSION_MIN,
            max_payload: message::MAX_PAYLOAD_V1,
            checksums: true,
            delayed_ack: false,
            features: Vec::new(),
        };
        self
    }

    pub fn build(mut self) -> Arc<Device> {
        for provider in providers::address_book(&self.contacts) {
            if !self.facts.providers.iter().any(|known| known.uri == provider.uri) {
                self.facts.providers.push(provider);
            }
        }
        let moving = Moving { battery: self.battery, accept: self.accept, remembered: Vec::new(), taps: 0 };
        Arc::new(Device {
            facts: self.facts,
            tree: RwLock::new(self.tree),
            moving: Mutex::new(moving),
            asked: Mutex::default(),
            faults: Mutex::new(self.faults),
            tables: Mutex::default(),
            sent: AtomicU64::new(0),
        })
    }
}

/// A file that a service has open: reads go to what the file was when it was opened, until a fault changes it.
#[derive(Debug)]
pub(crate) struct OpenFile {
    pub(crate) path: Vec<u8>,
    pub(crate) bytes: Arc<dyn FileBytes>,
}

impl Device {
    /// Opens a file for a service and notes it.
    pub(crate) fn open(&self, path: &[u8]) -> Result<OpenFile, Errno> {
        let (path, bytes) = self.tree().open(path).map(|(path, file)| (path, file.bytes.clone()))?;
        self.record(|asked| record::note(&mut asked.opened, path.clone()));
        Ok(OpenFile { path, bytes })
    }

    pub(crate) fn note_service(&self, name: &str) {
        self.record(|asked| record::note(&mut asked.services, name.to_string()));
    }

    pub(crate) fn note_command(&self, line: &str) {
        self.record(|asked| record::note(&mut asked.commands, line.to_string()));
    }

    pub(crate) fn note_listed(&self, path: &[u8]) {
        self.record(|asked| record::note(&mut asked.listed, path.to_vec()));
    }

    pub(crate) fn note_statted(&self, path: &[u8]) {
        self.record(|asked| record::note(&mut asked.statted, path.to_vec()));
    }

    pub(crate) fn pause(&self) -> Option<Duration> {
        self.fire(|fault| match fault {
            Fault::Slow { pause } => Some(*pause),
            _ => None,
        })
    }
}
