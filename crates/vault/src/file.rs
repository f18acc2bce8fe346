//! The vault file: JSON with the locks and the recovery envelope in the clear, and the contents as one AES-256-GCM box.
//!
//! `{"vault":1,"locks":[…],"recovery":"<hex of an age file>","nonce":"…","body":"<hex>"}`. The body is the JSON of
//! [`crate::Contents`] under the vault key, with a fresh random nonce at every writing. A file is replaced whole: written
//! beside the old one, synced, renamed.

use crate::{
    Contents, VaultError,
    lock::{Lock, VaultKey, random},
};
use aes_gcm::{
    Nonce,
    aead::{Aead, Payload},
};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};
use zeroize::Zeroizing;

/// A vault holds keys, not content; anything larger is not a vault.
const LARGEST: u64 = 16 * 1024 * 1024;
/// What this program writes. Whenever contents get a field that an older program does not know, this goes up by one: the
/// older program then says "newer" and leaves the vault as it is, where it would otherwise call it damaged.
const VERSION: u32 = 2;
/// The oldest that this program reads.
const OLDEST: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sealed {
    vault: u32,
    pub(crate) locks: Vec<Lock>,
    #[serde(with = "hex::serde")]
    pub(crate) recovery: Vec<u8>,
    #[serde(with = "hex::serde")]
    nonce: [u8; 12],
    #[serde(with = "hex::serde")]
    body: Vec<u8>,
}

impl Sealed {
    pub(crate) fn new(locks: Vec<Lock>, recovery: Vec<u8>) -> Self {
        Self { vault: VERSION, locks, recovery, nonce: [0; 12], body: Vec::new() }
    }

    pub(crate) fn read(path: &Path) -> Result<Self, VaultError> {
        let file =
            File::open(path).map_err(|e| if e.kind() == std::io::ErrorKind::NotFound { VaultError::Absent } else { e.into() })?;
        if file.metadata()?.len() > LARGEST {
            return Err(VaultError::Damaged("larger than a vault can be"));
        }
        let mut text = Vec::new();
        file.take(LARGEST).read_to_end(&mut text)?;
        let version = serde_json::from_slice::<serde_json::Value>(&text)
            .ok()
            .and_then(|v| v.get("vault")?.as_u64())
            .ok_or(VaultError::Damaged("not a vault"))?;
        if version > u64::from(VERSION) {
            return Err(VaultError::Newer(u32::try_from(version).unwrap_or(u32::MAX)));
        }
        if version < u64::from(OLDEST) {
            return Err(VaultError::Damaged("not a vault"));
        }
        serde_json::from_slice(&text).map_err(|_| VaultError::Damaged("not a vault"))
    }

    pub(crate) fn close_contents(&mut self, key: &VaultKey, contents: &Contents) -> Result<(), VaultError> {
        let json = Zeroizing::new(serde_json::to_vec(contents).map_err(|_| VaultError::Damaged("contents"))?);
        self.vault = VERSION;
        self.nonce = random()?;
        let payload = Payload { msg: &json, aad: b"uitlezen vault body 1" };
        self.body = key.cipher().encrypt(&Nonce::from(self.nonce), payload).map_err(|_| VaultError::Damaged("contents"))?;
        Ok(())
    }

    pub(crate) fn open_contents(&self, key: &VaultKey) -> Result<Contents, VaultError> {
        let payload = Payload { msg: &self.body, aad: b"uitlezen vault body 1" };
        let json = key
            .cipher()
            .decrypt(&Nonce::from(self.nonce), payload)
            .map_err(|_| VaultError::Damaged("the contents do not match their key"))?;
        serde_json::from_slice(&Zeroizing::new(json)).map_err(|_| VaultError::Damaged("the contents are not readable"))
    }

    pub(crate) fn write(&self, path: &Path) -> Result<(), VaultError> {
        let folder = path.parent().ok_or(VaultError::Damaged("a vault needs a folder"))?;
        let beside = path.with_extension("new");
        let json = serde_json::to_vec(self).map_err(|_| VaultError::Damaged("contents"))?;
        if json.len() as u64 > LARGEST {
            return Err(VaultError::Full);
        }
        let _ = fs::remove_file(&beside);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        file.write_all(&json)?;
        file.sync_all()?;
        fs::rename(&beside, path)?;
        File::open(folder)?.sync_all()?;
        Ok(())
    }
}
