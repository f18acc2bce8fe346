//! Whose turn it is to write: one process at a time changes a vault.
//!
//! The lock stands on a file of its own beside the vault, since the vault itself is replaced at every writing. The system
//! lets go of it when a process ends, however it ends.

use crate::VaultError;
use rustix::{
    fs::{FlockOperation, flock},
    io::Errno,
};
use std::{
    fs::{File, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    thread,
    time::{Duration, Instant},
};

/// A change takes milliseconds; who holds the vault this long hangs.
const LONGEST: Duration = Duration::from_secs(20);
const BETWEEN: Duration = Duration::from_millis(5);

/// Held until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    _lock: File,
}

impl Turn {
    pub(crate) fn take(vault: &Path) -> Result<Self, VaultError> {
        Self::within(vault, LONGEST)
    }

    fn within(vault: &Path, longest: Duration) -> Result<Self, VaultError> {
        let path = vault.with_extension("lock");
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
        let end = Instant::now() + longest;
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Self { _lock: file }),
                Err(Errno::WOULDBLOCK | Errno::INTR) if Instant::now() < end => thread::sleep(BETWEEN),
                Err(Errno::WOULDBLOCK | Errno::INTR) => return Err(VaultError::Busy),
                Err(error) => return Err(VaultError::Io(error.into())),
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_too_long_is_told_and_a_turn_ends_with_its_holder() {
        let dir = tempfile::tempdir().unwrap();
        let vault = dir.path().join("vault.json");
        let turn = Turn::take(&vault).unwrap();
        assert!(matches!(Turn::within(&vault, Duration::from_millis(20)), Err(VaultError::Busy)));
        drop(turn);
        Turn::within(&vault, Duration::ZERO).unwrap();
    }
}
