//! Where a vault is at home: this state folder on this machine.
//!
//! A vault that was copied to another station would sign there too, with two chains of seals that know nothing of each
//! other. So the vault carries a digest of the folder's own number (`station.id`, made at random once) and of the machine's,
//! and says so before it asks for a passphrase. Whoever moves a station on purpose takes the vault over there.

use crate::{VaultError, lock::random};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs::{File, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

const NUMBER: &str = "station.id";
/// As systemd makes it, one for each installation; without one only the folder's number counts.
const MACHINE: &str = "/etc/machine-id";

/// A digest that tells nothing about the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Home(#[serde(with = "hex::serde")] [u8; 32]);

impl Home {
    /// Of the folder in which this vault stands; the folder gets its number when it has none.
    pub(crate) fn make(vault: &Path) -> Result<Self, VaultError> {
        let folder = vault.parent().ok_or(VaultError::Damaged("a vault needs a folder"))?;
        let path = folder.join(NUMBER);
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(mut file) => {
                file.write_all(hex::encode(random::<16>()?).as_bytes())?;
                file.sync_all()?;
            }
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e.into()),
        }
        Self::find(vault)?.ok_or(VaultError::Damaged("a vault needs a folder"))
    }

    /// `None`: the folder has no number, so no vault was ever made here.
    pub(crate) fn find(vault: &Path) -> Result<Option<Self>, VaultError> {
        let Some(folder) = vault.parent() else { return Ok(None) };
        let number = match small_text(&folder.join(NUMBER)) {
            Ok(number) => number,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(e.into()),
        };
        Ok(Some(Self::of(&number, &small_text(Path::new(MACHINE)).unwrap_or_default())))
    }

    fn of(number: &str, machine: &str) -> Self {
        let mut digest = Sha256::new();
        digest.update(b"uitlezen home 1\n");
        digest.update(number.trim());
        digest.update(b"\n");
        digest.update(machine.trim());
        Self(digest.finalize().into())
    }
}

fn small_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(256).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn another_folder_and_another_machine_are_another_home() {
        let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let vault = a.path().join("vault.json");
        assert_eq!(Home::find(&vault).unwrap(), None);
        let home = Home::make(&vault).unwrap();
        assert_eq!(Home::make(&vault).unwrap(), home);
        assert_eq!(Home::find(&vault).unwrap(), Some(home.clone()));
        assert_ne!(Home::make(&b.path().join("vault.json")).unwrap(), home);
        assert_ne!(Home::of("1", "here\n"), Home::of("1", "there\n"));
        assert_eq!(Home::of("1\n", "here"), Home::of("1", "here\n"));
    }
}
