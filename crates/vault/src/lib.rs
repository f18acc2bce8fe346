//! The station's one encrypted state file.
//!
//! A station is the laptop or kiosk that reads phones out. What it must remember between two runs and nobody else may know
//! stands here: its signing key, its adb key, the app secrets whose keeping the holder chose, and the keys of open runs.
//! `cli` unlocks it, `readout` reads and writes it. Nothing of it is ever in a seal.
//!
//! One random 32-byte key encrypts the contents. That key is wrapped for every way to unlock (a passphrase through Argon2id,
//! or a systemd credential) and, in a standard age file, for the recovery recipients of the organisation, so that a lost
//! passphrase or a lost station does not lose what only the station knew. See [`file`] for the bytes.

mod contents;
mod error;
pub mod file;
mod lock;
mod turn;

pub use contents::{AdbKeySecret, AppSecret, AppSecretId, Contents, Key32, OpenRun, StationSecret};
pub use error::VaultError;
pub use lock::{Recovery, Unlock};

use file::Sealed;
use lock::VaultKey;
use secrecy::SecretBox;
use std::path::{Path, PathBuf};
use turn::Turn;

/// An unlocked vault. Dropping it forgets the key and every secret read from it.
pub struct Vault {
    path: PathBuf,
    key: VaultKey,
    contents: Contents,
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
        let mut sealed = Sealed::new(vec![lock::Lock::close(&key, unlock)?], lock::wrap_for_recovery(&key, recovery)?);
        let contents = Contents::default();
        sealed.close_contents(&key, &contents)?;
        let _turn = Turn::take(path)?;
        if path.exists() {
            return Err(VaultError::Exists);
        }
        sealed.write(path)?;
        Ok(Self { path: path.to_owned(), key, contents })
    }

    /// Opens the vault with the passphrase or credential it was made with.
    pub fn open(path: &Path, unlock: &Unlock) -> Result<Self, VaultError> {
        let sealed = Sealed::read(path)?;
        let key = sealed.locks.iter().find_map(|lock| lock.open(unlock).transpose()).ok_or(VaultError::NoSuchLock)??;
        Self::with_key(path, &sealed, key)
    }

    /// Opens the vault with a recovery identity (`AGE-SECRET-KEY-1…`), for instance on another station.
    pub fn open_with_recovery(path: &Path, identity: &secrecy::SecretString) -> Result<Self, VaultError> {
        let sealed = Sealed::read(path)?;
        let key = lock::unwrap_by_recovery(&sealed.recovery, identity)?;
        Self::with_key(path, &sealed, key)
    }

    fn with_key(path: &Path, sealed: &Sealed, key: VaultKey) -> Result<Self, VaultError> {
        let contents = sealed.open_contents(&key)?;
        Ok(Self { path: path.to_owned(), key, contents })
    }

    #[must_use]
    pub fn contents(&self) -> &Contents {
        &self.contents
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

    fn rewrite<T>(
        &mut self,
        change: impl FnOnce(&mut Sealed, &VaultKey, &mut Contents) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        let _turn = Turn::take(&self.path)?;
        let mut sealed = Sealed::read(&self.path)?;
        let mut contents = sealed.open_contents(&self.key)?;
        let out = change(&mut sealed, &self.key, &mut contents)?;
        sealed.close_contents(&self.key, &contents)?;
        sealed.write(&self.path)?;
        self.contents = contents;
        Ok(out)
    }

    /// Replaces every lock by one for `unlock`. The contents key stays, so open runs and recovery envelopes stay valid.
    pub fn relock(&mut self, unlock: &Unlock) -> Result<(), VaultError> {
        // Stretching takes a second: not while others wait.
        let lock = lock::Lock::close(&self.key, unlock)?;
        self.rewrite(|sealed, _, _| {
            sealed.locks = vec![lock];
            Ok(())
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use age::secrecy::ExposeSecret;
    use secrecy::SecretString;

    fn recovery() -> (SecretString, Recovery) {
        let identity = age::x25519::Identity::generate();
        let recipient = Recovery::parse(&identity.to_public().to_string()).unwrap();
        (SecretString::from(identity.to_string().expose_secret().to_owned()), recipient)
    }

    fn passphrase(p: &str) -> Unlock {
        Unlock::Passphrase(SecretString::from(p.to_owned()))
    }

    #[test]
    fn a_secret_survives_closing_and_is_nowhere_in_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault");
        let (identity, recipient) = recovery();
        let mut vault = Vault::create(&path, &passphrase("een goed wachtwoord"), std::slice::from_ref(&recipient)).unwrap();
        let id = AppSecretId { phone: "R5CT".into(), app: "whatsapp".into() };
        let secret = AppSecret::new("kanarie-geheim".to_owned().into(), "houder", 1_700_000_000);
        vault.change(|c| c.app_secrets.insert(id.clone(), secret)).unwrap();
        drop(vault);
        assert!(!String::from_utf8_lossy(&std::fs::read(&path).unwrap()).contains("kanarie"));
        let again = Vault::open(&path, &passphrase("een goed wachtwoord")).unwrap();
        assert_eq!(again.contents().app_secrets[&id].expose(), "kanarie-geheim");
        let rescued = Vault::open_with_recovery(&path, &identity).unwrap();
        assert_eq!(rescued.contents().app_secrets[&id].expose(), "kanarie-geheim");
    }

    #[test]
    fn a_wrong_passphrase_and_a_stranger_and_a_damaged_file_are_three_answers() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault");
        Vault::create(&path, &passphrase("goed"), &[recovery().1]).unwrap();
        assert!(matches!(Vault::open(&path, &passphrase("fout")), Err(VaultError::WrongSecret)));
        assert!(matches!(Vault::open_with_recovery(&path, &recovery().0), Err(VaultError::NotForThisIdentity)));
        assert!(matches!(
            Vault::open(&path, &Unlock::Credential(SecretString::from("x".repeat(64)))),
            Err(VaultError::NoSuchLock)
        ));
        let mut file: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let mut body: Vec<char> = file["body"].as_str().unwrap().chars().collect();
        body[10] = if body[10] == '0' { '1' } else { '0' };
        file["body"] = body.into_iter().collect::<String>().into();
        std::fs::write(&path, file.to_string()).unwrap();
        assert!(matches!(Vault::open(&path, &passphrase("goed")), Err(VaultError::Damaged(_))));
    }

    #[test]
    fn a_vault_without_recovery_or_over_another_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault");
        assert!(matches!(Vault::create(&path, &passphrase("x"), &[]), Err(VaultError::NoRecovery)));
        Vault::create(&path, &passphrase("x"), &[recovery().1]).unwrap();
        assert!(matches!(Vault::create(&path, &passphrase("x"), &[recovery().1]), Err(VaultError::Exists)));
    }

    #[test]
    fn a_new_passphrase_replaces_the_old_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault");
        let mut vault = Vault::create(&path, &passphrase("oud"), &[recovery().1]).unwrap();
        vault.change(|c| c.adb_key = Some(AdbKeySecret::new("PEM".to_owned().into()))).unwrap();
        vault.relock(&passphrase("nieuw")).unwrap();
        assert!(matches!(Vault::open(&path, &passphrase("oud")), Err(VaultError::WrongSecret)));
        assert!(Vault::open(&path, &passphrase("nieuw")).unwrap().contents().adb_key.is_some());
    }

    #[test]
    fn no_change_is_lost_between_handles_that_write_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.json");
        let (identity, recipient) = recovery();
        drop(Vault::create(&path, &passphrase("x"), &[recipient]).unwrap());
        let keys: Vec<_> = std::thread::scope(|scope| {
            let desks: Vec<_> = (0..4)
                .map(|desk| {
                    let (path, identity) = (&path, &identity);
                    scope.spawn(move || {
                        let mut vault = Vault::open_with_recovery(path, identity).unwrap();
                        for n in 0..10 {
                            let id = AppSecretId { phone: format!("{desk}"), app: format!("{n}") };
                            vault.change(|c| c.app_secrets.insert(id, AppSecret::new("s".to_owned().into(), "h", 1))).unwrap();
                        }
                        // A handle that read the vault before anybody made a key gets the one that was made first.
                        (
                            vault.register_key().unwrap(),
                            vault.fingerprint_key("R5CT").unwrap(),
                            vault.fingerprint_key("P1X").unwrap(),
                        )
                    })
                })
                .collect();
            desks.into_iter().map(|desk| desk.join().unwrap()).collect()
        });
        let again = Vault::open_with_recovery(&path, &identity).unwrap();
        assert_eq!(again.contents().app_secrets.len(), 40);
        use secrecy::ExposeSecret as _;
        let (register, of_phone, of_other) = &keys[0];
        for (r, p, o) in &keys {
            assert_eq!(r.expose_secret(), register.expose_secret());
            assert_eq!(p.expose_secret(), of_phone.expose_secret());
            assert_eq!(o.expose_secret(), of_other.expose_secret());
        }
        assert_ne!(register.expose_secret(), of_phone.expose_secret());
        assert_ne!(of_phone.expose_secret(), of_other.expose_secret());
    }

    #[test]
    fn a_change_that_does_not_fit_changes_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.json");
        let (identity, recipient) = recovery();
        let mut vault = Vault::create(&path, &passphrase("x"), &[recipient]).unwrap();
        let before = std::fs::read(&path).unwrap();
        let large = vault.change(|c| c.adb_key = Some(AdbKeySecret::new("x".repeat(9 << 20).into())));
        assert!(matches!(large, Err(VaultError::Full)), "{large:?}");
        assert!(vault.contents().adb_key.is_none());
        assert_eq!(std::fs::read(&path).unwrap(), before);
        vault.change(|c| c.adb_key = Some(AdbKeySecret::new("x".repeat(7 << 20).into()))).unwrap();
        assert!(Vault::open_with_recovery(&path, &identity).unwrap().contents().adb_key.is_some());
    }

    #[test]
    fn a_vault_of_a_newer_program_is_left_as_it_is_and_an_older_one_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.json");
        let (identity, recipient) = recovery();
        let mut vault = Vault::create(&path, &passphrase("x"), &[recipient]).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let newer = text.replacen("{\"vault\":2,", "{\"vault\":3,\"more\":{},", 1);
        assert_ne!(newer, text);
        std::fs::write(&path, &newer).unwrap();
        assert!(matches!(Vault::open_with_recovery(&path, &identity), Err(VaultError::Newer(3))));
        assert!(matches!(vault.change(|c| c.last_seals.clear()), Err(VaultError::Newer(3))));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), newer);
        std::fs::write(&path, text.replacen("\"vault\":2", "\"vault\":1", 1)).unwrap();
        let mut older = Vault::open_with_recovery(&path, &identity).unwrap();
        older.register_key().unwrap();
        assert!(std::fs::read_to_string(&path).unwrap().starts_with("{\"vault\":2,"));
    }

    #[test]
    fn the_file_is_only_for_its_owner() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault");
        Vault::create(&path, &passphrase("x"), &[recovery().1]).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
