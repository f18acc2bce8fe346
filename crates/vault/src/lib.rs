//! The station's one encrypted state file.
//!
//! A station is the laptop or kiosk that reads phones out. What it must remember between two runs and nobody else may know
//! stands here: its signing key, what phones know it by, the secrets whose keeping a holder chose, the keys of open runs, of
//! the register and of fingerprints. `cli` unlocks it, `readout` reads and writes it. Nothing of it is ever in a seal.
//!
//! One random 32-byte key encrypts the contents. That key is wrapped for every way to unlock (a passphrase through Argon2id,
//! a systemd credential, a key on a token) and, in a standard age file, for the recovery recipients of the organisation, so
//! that each secret in the vault opens with a recovery identity: a lost passphrase or a lost station does not lose what only
//! the station knew. See [`file`] and the README for the bytes.
//!
//! Nothing stays unlocked: each command opens the vault anew, and there is no agent that keeps its key.

mod contents;
mod error;
pub mod file;
mod home;
mod lock;
mod turn;

pub use contents::{
    AdbKeySecret, AppSecret, AppSecretId, BackupPassword, Contents, FormerCertificate, IphoneHost, Key32, OpenRun, PairRecord,
    PasswordOrigin, StationSecret, Supervision,
};
pub use error::VaultError;
pub use lock::{LockKind, Recovery, TokenKey, TokenTrouble, Unlock};

use file::Sealed;
use home::Home;
use lock::{Lock, VaultKey, recovery};
use secrecy::{SecretBox, SecretString};
use std::path::{Path, PathBuf};
use turn::Turn;

/// A clock that is this much behind was set back; less is what clocks do.
const CLOCK_PLAY: i64 = 120;

/// An unlocked vault. Dropping it forgets the key and every secret read from it.
pub struct Vault {
    path: PathBuf,
    key: VaultKey,
    contents: Contents,
    locks: Vec<LockKind>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").finish_non_exhaustive()
    }
}

impl Vault {
    /// Makes a new vault at `path`, which must not exist yet. At least one recovery recipient is demanded: a vault that
    /// only the station can open loses open runs with the station.
    pub fn create(path: &Path, unlock: &Unlock, recovery: &[Recovery]) -> Result<Self, VaultError> {
        if path.exists() {
            return Err(VaultError::Exists);
        }
        if recovery.is_empty() {
            return Err(VaultError::NoRecovery);
        }
        let key = VaultKey::random()?;
        let home = Home::make(path)?;
        let mut sealed = Sealed::new(home.clone(), vec![Lock::close(&key, unlock)?], recovery::wrap(&key, recovery)?);
        let contents = Contents { recovery: names(recovery), changed: now(), ..Contents::default() };
        sealed.close_contents(home, &key, &contents)?;
        let _turn = Turn::take(path)?;
        if path.exists() {
            return Err(VaultError::Exists);
        }
        sealed.write(path)?;
        Ok(Self::with(path, &sealed, key, contents))
    }

    /// Opens the vault with the passphrase, credential or token that it was made with.
    ///
    /// [`VaultError::Elsewhere`] before anything is tried when it is another station's, [`VaultError::Damaged`] when the file
    /// is not what was written, [`VaultError::WrongSecret`] only when the file is whole.
    pub fn open(path: &Path, unlock: &Unlock) -> Result<Self, VaultError> {
        let sealed = at_home(path)?;
        Self::with_key(path, &sealed, lock::open(&sealed.locks, unlock)?)
    }

    /// What stands in the way of opening the vault before any secret is asked for: absent, damaged, newer, another station's.
    pub fn examine(path: &Path) -> Result<Vec<LockKind>, VaultError> {
        Ok(at_home(path)?.locks.iter().map(Lock::kind).collect())
    }

    /// Opens the vault with a recovery identity (`AGE-SECRET-KEY-1…`), wherever it stands.
    pub fn open_with_recovery(path: &Path, identity: &SecretString) -> Result<Self, VaultError> {
        let sealed = Sealed::read(path)?;
        let key = recovery::unwrap(&sealed.recovery, identity)?;
        Self::with_key(path, &sealed, key)
    }

    /// Opens the vault of a station that was moved here on purpose, and makes this its home.
    pub fn adopt(path: &Path, unlock: &Unlock) -> Result<Self, VaultError> {
        let sealed = Sealed::read(path)?;
        let mut vault = Self::with_key(path, &sealed, lock::open(&sealed.locks, unlock)?)?;
        vault.settle()?;
        Ok(vault)
    }

    /// Makes where the vault stands its home.
    pub fn settle(&mut self) -> Result<(), VaultError> {
        let home = Home::make(&self.path)?;
        self.rewrite(|sealed, _, _| {
            sealed.home = Some(home);
            Ok(())
        })
    }

    fn with_key(path: &Path, sealed: &Sealed, key: VaultKey) -> Result<Self, VaultError> {
        let contents = sealed.open_contents(&key)?;
        Ok(Self::with(path, sealed, key, contents))
    }

    fn with(path: &Path, sealed: &Sealed, key: VaultKey, contents: Contents) -> Self {
        Self { path: path.to_owned(), key, contents, locks: sealed.locks.iter().map(Lock::kind).collect() }
    }

    /// As they stood when the vault was opened, or at this handle's last change.
    #[must_use]
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// How many seconds this machine's clock is behind the vault's last change, if it was set back since.
    #[must_use]
    pub fn clock_behind(&self) -> Option<u64> {
        behind(self.contents.changed, now())
    }

    /// The ways to unlock it, in their order.
    #[must_use]
    pub fn locks(&self) -> &[LockKind] {
        &self.locks
    }

    /// Changes the contents as they stand in the file now and writes them before returning, so that nothing is lost of what
    /// another process wrote meanwhile. When it fails, file and memory stay as they were.
    ///
    /// The change is asked for at most once. [`VaultError::Busy`]: another process holds the vault.
    pub fn change<T>(&mut self, change: impl FnOnce(&mut Contents) -> T) -> Result<T, VaultError> {
        self.rewrite(|_, _, contents| Ok(change(contents)))
    }

    /// The key under which the register stands; made at first use.
    pub fn register_key(&mut self) -> Result<SecretBox<[u8; 32]>, VaultError> {
        if let Some(key) = &self.contents.register_key {
            return key.open();
        }
        let fresh = Key32::random()?;
        self.change(|c| c.register_key.get_or_insert(fresh).clone())?.open()
    }

    /// The key under which the fingerprints of this phone's attachments stand; made at first use. `phone` is a serial number
    /// or UDID.
    pub fn fingerprint_key(&mut self, phone: &str) -> Result<SecretBox<[u8; 32]>, VaultError> {
        if let Some(key) = self.contents.fingerprint_keys.get(phone) {
            return key.open();
        }
        let fresh = Key32::random()?;
        self.change(|c| c.fingerprint_keys.entry(phone.to_owned()).or_insert(fresh).clone())?.open()
    }

    /// Replaces every lock by one for `unlock`: whatever opened the vault before no longer does. The vault's key stays, as it
    /// does in other disk encryption: who has an old copy of the file and its old passphrase still has that key.
    pub fn relock(&mut self, unlock: &Unlock) -> Result<(), VaultError> {
        // Stretching takes a second: not while others wait.
        let lock = Lock::close(&self.key, unlock)?;
        self.relocked(|locks| {
            *locks = vec![lock];
            Ok(())
        })
    }

    /// Adds a way to unlock the vault. One of the same kind, for a token of the same token, is replaced.
    pub fn add_lock(&mut self, unlock: &Unlock) -> Result<(), VaultError> {
        let lock = Lock::close(&self.key, unlock)?;
        self.relocked(|locks| {
            match locks.iter_mut().find(|one| one.kind() == lock.kind()) {
                Some(one) => *one = lock,
                None => locks.push(lock),
            }
            Ok(())
        })
    }

    /// Removes the lock of this place in [`Vault::locks`]; `kind` is what the caller saw there. The last one stays.
    pub fn remove_lock(&mut self, place: usize, kind: &LockKind) -> Result<(), VaultError> {
        self.relocked(|locks| match locks.get(place) {
            Some(lock) if lock.kind() == *kind && locks.len() > 1 => {
                locks.remove(place);
                Ok(())
            }
            Some(lock) if lock.kind() == *kind => Err(VaultError::LastLock),
            _ => Err(VaultError::NoLockOfThatNumber),
        })
    }

    fn relocked(&mut self, change: impl FnOnce(&mut Vec<Lock>) -> Result<(), VaultError>) -> Result<(), VaultError> {
        self.rewrite(|sealed, _, _| change(&mut sealed.locks))
    }

    /// Wraps the vault's key for these recovery recipients and no others. At least one.
    pub fn set_recovery(&mut self, recovery: &[Recovery]) -> Result<(), VaultError> {
        if recovery.is_empty() {
            return Err(VaultError::NoRecovery);
        }
        self.rewrite(|sealed, key, contents| {
            sealed.recovery = recovery::wrap(key, recovery)?;
            contents.recovery = names(recovery);
            Ok(())
        })
    }

    fn rewrite<T>(
        &mut self,
        change: impl FnOnce(&mut Sealed, &VaultKey, &mut Contents) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        let _turn = Turn::take(&self.path)?;
        let mut sealed = Sealed::read(&self.path)?;
        let mut contents = sealed.open_contents(&self.key)?;
        let out = change(&mut sealed, &self.key, &mut contents)?;
        contents.changed = now();
        let home = sealed.home.take().map_or_else(|| Home::make(&self.path), Ok)?;
        sealed.close_contents(home, &self.key, &contents)?;
        sealed.write(&self.path)?;
        self.locks = sealed.locks.iter().map(Lock::kind).collect();
        self.contents = contents;
        Ok(out)
    }
}

/// A vault of version 1 names no home; it gets one at its next change.
fn at_home(path: &Path) -> Result<Sealed, VaultError> {
    let sealed = Sealed::read(path)?;
    if sealed.home.is_some() && sealed.home != Home::find(path)? { Err(VaultError::Elsewhere) } else { Ok(sealed) }
}

fn names(recovery: &[Recovery]) -> Vec<String> {
    recovery.iter().map(Recovery::to_string).collect()
}

/// Unix seconds.
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

fn behind(changed: i64, now: i64) -> Option<u64> {
    u64::try_from(changed.saturating_sub(now)).ok().filter(|by| *by > CLOCK_PLAY.unsigned_abs())
}

#[cfg(test)]
mod tests;
