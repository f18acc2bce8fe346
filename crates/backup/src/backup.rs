//! One backup: found, its lists read, not yet unlocked.

use crate::{
    BackupError, BackupEvidence, CarriedKey, Decrypted, Facts, KeyBag, Keys, Manifest, Place, Progress, Rounds, UnlockError,
    facts::list,
};
use std::{ops::ControlFlow, sync::Arc};
use uitlezen_evidence::{Bytes, Evidence, Hint};
use uitlezen_property_list::Value;

/// How every database begins.
const DATABASE: [u8; 16] = *b"SQLite format 3\0";

/// A backup in the evidence that holds its files.
#[derive(Debug)]
pub struct Backup {
    inner: Arc<dyn Evidence>,
    place: Place,
    facts: Facts,
    lock: Option<Lock>,
}

#[derive(Debug)]
struct Lock {
    bag: KeyBag,
    manifest: CarriedKey,
}

impl Backup {
    /// Reads the lists; of Manifest.db only its first bytes.
    ///
    /// # Errors
    /// See [`BackupError`].
    pub fn at(inner: Arc<dyn Evidence>, place: Place) -> Result<Self, BackupError> {
        if place.is_old(&*inner) {
            return Err(BackupError::TooOld);
        }
        let manifest = list(&*inner, &place, "Manifest.plist")?;
        let facts = Facts::gather(&*inner, &place, manifest.as_ref());
        let lock = match &manifest {
            Some(list) if facts.encrypted => Some(Lock::read(list)?),
            _ => None,
        };
        let backup = Self { inner, place, facts, lock };
        if backup.lock.is_none() && !is_database(&backup.stored_manifest()?)? {
            return Err(if manifest.is_none() { BackupError::NoKeyBag } else { BackupError::DamagedManifest });
        }
        Ok(backup)
    }

    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Tries a password, in UTF-8 as typed. Ten million rounds: some seconds, told by `progress`, which may stop it.
    ///
    /// # Errors
    /// See [`UnlockError`]; a wrong password is told from damage.
    pub fn unlock(
        &self,
        password: &[u8],
        most: Rounds,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Keys, UnlockError> {
        let lock = self.lock.as_ref().ok_or(UnlockError::NotEncrypted)?;
        let keys = Keys::open(&lock.bag, password, most, progress)?;
        keys.file(&lock.manifest).ok_or(UnlockError::Damaged)?;
        Ok(keys)
    }

    /// The list of everything; `keys` where the backup is encrypted.
    ///
    /// # Errors
    /// See [`BackupError`].
    pub fn manifest(&self, keys: Option<&Keys>) -> Result<Manifest, BackupError> {
        let stored = self.stored_manifest()?;
        // Some programs leave a decrypted list in an encrypted backup.
        if is_database(&stored)? {
            let wal = self.place.own(&*self.inner, "Manifest.db-wal").map(|item| self.inner.open(&item.name)).transpose()?;
            return Manifest::open(stored, wal);
        }
        let lock = self.lock.as_ref().ok_or(BackupError::DamagedManifest)?;
        let key = keys.ok_or(BackupError::Locked)?.file(&lock.manifest).ok_or(BackupError::DamagedManifest)?;
        let plain = Decrypted::open(stored, &key).map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidData => BackupError::DamagedManifest,
            _ => BackupError::Io(error),
        })?;
        let plain: Bytes = Arc::new(plain);
        if is_database(&plain)? { Manifest::open(plain, None) } else { Err(BackupError::DamagedManifest) }
    }

    /// The files of the backup that `wanted` takes, by domain and path. What it does not take is counted only, so memory goes
    /// with what is wanted.
    ///
    /// # Errors
    /// See [`BackupError`]. Files that are missing or damaged are no error here: see [`BackupEvidence::counts`].
    pub fn evidence(self, keys: Option<Keys>, wanted: &dyn Fn(&str, &str) -> bool) -> Result<BackupEvidence, BackupError> {
        let manifest = self.manifest(keys.as_ref())?;
        if self.lock.is_some() && keys.is_none() {
            return Err(BackupError::Locked);
        }
        let keys = keys.filter(|_| self.lock.is_some());
        BackupEvidence::list(self.inner, self.place, self.facts, keys, &manifest, wanted)
    }

    fn stored_manifest(&self) -> Result<Bytes, BackupError> {
        let item = self.place.own(&*self.inner, "Manifest.db").ok_or(BackupError::NoManifest)?;
        Ok(self.inner.open(&item.name)?)
    }
}

impl Lock {
    fn read(list: &Value) -> Result<Self, BackupError> {
        let data = |key: &str| list.get(key).and_then(Value::data).ok_or(BackupError::Incomplete);
        Ok(Self {
            bag: KeyBag::parse(data("BackupKeyBag")?)?,
            manifest: CarriedKey::parse(data("ManifestKey")?).ok_or(BackupError::Incomplete)?,
        })
    }
}

fn is_database(bytes: &Bytes) -> Result<bool, BackupError> {
    let mut first = [0; DATABASE.len()];
    if bytes.len() < first.len() as u64 {
        return Ok(false);
    }
    bytes.read_at(0, &mut first, &mut Hint::default())?;
    Ok(first == DATABASE)
}
