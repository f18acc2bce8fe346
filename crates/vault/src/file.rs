//! The vault file: JSON with the locks and the recovery envelope in the clear, and the contents as one AES-256-GCM box. The
//! README has the form and how to open it without this program.
//!
//! A file is replaced whole: written beside the old one, synced, renamed.

use crate::{
    Contents, VaultError,
    home::Home,
    lock::{Lock, VaultKey, random},
};
use aes_gcm::{
    Nonce,
    aead::{Aead, Payload},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};
use zeroize::Zeroizing;

/// A vault holds keys, not content; anything larger is not a vault.
const LARGEST: u64 = 16 * 1024 * 1024;
/// No station has more ways in.
const MOST_LOCKS: usize = 16;
/// What this program writes. Whenever contents get a field that an older program does not know, this goes up by one: the
/// older program then says "newer" and leaves the vault as it is, where it would otherwise call it damaged.
const VERSION: u32 = 2;
/// Without `home` and `check`; the body bound to nothing. Read, and written as [`VERSION`] at the next change.
const FIRST: u32 = 1;
const AAD_FIRST: &[u8] = b"uitlezen vault body 1";
const AAD: &[u8] = b"uitlezen vault body 2";
/// Every version since the second ends so; the digest is of the file without it.
const CHECK: &[u8] = b",\"check\":\"";

/// What is not encrypted.
#[derive(Debug, Serialize)]
struct Head<'a> {
    vault: u32,
    home: &'a Home,
    locks: &'a [Lock],
    #[serde(with = "hex::serde")]
    recovery: &'a [u8],
}

/// The file without its check.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sealed {
    vault: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) home: Option<Home>,
    pub(crate) locks: Vec<Lock>,
    #[serde(with = "hex::serde")]
    pub(crate) recovery: Vec<u8>,
    #[serde(with = "hex::serde")]
    nonce: [u8; 12],
    #[serde(with = "hex::serde")]
    body: Vec<u8>,
}

impl Sealed {
    pub(crate) fn new(home: Home, locks: Vec<Lock>, recovery: Vec<u8>) -> Self {
        Self { vault: VERSION, home: Some(home), locks, recovery, nonce: [0; 12], body: Vec::new() }
    }

    pub(crate) fn read(path: &Path) -> Result<Self, VaultError> {
        let file = File::open(path).map_err(|e| if e.kind() == ErrorKind::NotFound { VaultError::Absent } else { e.into() })?;
        if file.metadata()?.len() > LARGEST {
            return Err(VaultError::Damaged("larger than a vault can be"));
        }
        let mut text = Vec::new();
        file.take(LARGEST).read_to_end(&mut text)?;
        Self::parse(&text)
    }

    /// Damage is found before anything is believed, the version included: a damaged vault is not a newer one.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, VaultError> {
        let not_one = VaultError::Damaged("not a vault");
        let checked = checked(text);
        let json = checked.as_deref().unwrap_or(text);
        let version = serde_json::from_slice::<serde_json::Value>(json).ok().and_then(|v| v.get("vault")?.as_u64());
        match (version, &checked) {
            (Some(v), Some(_)) if v > u64::from(VERSION) => return Err(VaultError::Newer(u32::try_from(v).unwrap_or(u32::MAX))),
            (Some(v), Some(_)) if v == u64::from(VERSION) => {}
            (Some(v), None) if v == u64::from(FIRST) => {}
            (Some(_), None) => return Err(VaultError::Damaged("it was cut off or changed")),
            _ => return Err(not_one),
        }
        let sealed: Self = serde_json::from_slice(json).map_err(|_| VaultError::Damaged("not a vault"))?;
        if sealed.locks.len() > MOST_LOCKS {
            return Err(VaultError::Damaged("more locks than a vault can have"));
        }
        // One spelling: what this program would write is what stands there.
        let same = || serde_json::to_vec(&sealed).is_ok_and(|again| again == json);
        if sealed.vault == VERSION && (sealed.home.is_none() || !same()) || sealed.vault == FIRST && sealed.home.is_some() {
            return Err(not_one);
        }
        Ok(sealed)
    }

    fn aad(&self) -> Result<Vec<u8>, VaultError> {
        let Some(home) = &self.home else { return Ok(AAD_FIRST.to_vec()) };
        let head = Head { vault: self.vault, home, locks: &self.locks, recovery: &self.recovery };
        let head = serde_json::to_vec(&head).map_err(|_| VaultError::Damaged("contents"))?;
        Ok([AAD, &Sha256::digest(head)].concat())
    }

    /// Under a fresh nonce. Locks, recovery envelope and home are bound to the contents: changed behind the vault's back,
    /// they are found out by whoever opens it next.
    pub(crate) fn close_contents(&mut self, home: Home, key: &VaultKey, contents: &Contents) -> Result<(), VaultError> {
        if self.locks.len() > MOST_LOCKS {
            return Err(VaultError::Full);
        }
        let json = Zeroizing::new(serde_json::to_vec(contents).map_err(|_| VaultError::Damaged("contents"))?);
        self.vault = VERSION;
        self.home = Some(home);
        self.nonce = random()?;
        let payload = Payload { msg: &json, aad: &self.aad()? };
        self.body = key.cipher().encrypt(&Nonce::from(self.nonce), payload).map_err(|_| VaultError::Damaged("contents"))?;
        Ok(())
    }

    pub(crate) fn open_contents(&self, key: &VaultKey) -> Result<Contents, VaultError> {
        let payload = Payload { msg: &self.body, aad: &self.aad()? };
        let json = key
            .cipher()
            .decrypt(&Nonce::from(self.nonce), payload)
            .map_err(|_| VaultError::Damaged("the contents do not match their key"))?;
        serde_json::from_slice(&Zeroizing::new(json)).map_err(|_| VaultError::Damaged("the contents are not readable"))
    }

    pub(crate) fn write(&self, path: &Path) -> Result<(), VaultError> {
        let folder = path.parent().ok_or(VaultError::Damaged("a vault needs a folder"))?;
        let beside = path.with_extension("new");
        let json = with_check(serde_json::to_vec(self).map_err(|_| VaultError::Damaged("contents"))?);
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

fn with_check(mut json: Vec<u8>) -> Vec<u8> {
    let digest = hex::encode(Sha256::digest(&json));
    json.pop();
    json.extend_from_slice(CHECK);
    json.extend_from_slice(digest.as_bytes());
    json.extend_from_slice(b"\"}");
    json
}

/// The file without its check, if the check is there and right.
fn checked(text: &[u8]) -> Option<Vec<u8>> {
    let (head, digest) = text.strip_suffix(b"\"}")?.split_last_chunk::<64>()?;
    let json = [head.strip_suffix(CHECK)?, b"}"].concat();
    (hex::encode(Sha256::digest(&json)).as_bytes() == digest).then_some(json)
}
