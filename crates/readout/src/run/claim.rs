//! Two runs on one phone exclude each other; two phones are read side by side.

use super::RunError;
use sha2::{Digest, Sha256};
use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

/// A phone that belongs to one run. The kernel gives it free when the process ends, however that comes.
#[derive(Debug)]
pub struct Claim(#[allow(dead_code, reason = "held for its lock")] Option<File>);

impl Claim {
    /// Claims a phone for all processes that share this state folder. The file's name is a digest of the serial number; it
    /// holds nothing.
    pub fn on(state: &Path, phone: &str) -> Result<Self, RunError> {
        let failed = |e: io::Error| RunError::State(e.kind());
        let folder = state.join("bezig");
        DirBuilder::new().recursive(true).mode(0o700).create(&folder).map_err(failed)?;
        let digest = hex::encode(Sha256::digest(phone.as_bytes()));
        let name = digest.get(..32).unwrap_or_default();
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(folder.join(name))
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(Some(file))),
            Err(TryLockError::WouldBlock) => Err(RunError::PhoneInUse),
            Err(TryLockError::Error(e)) => Err(failed(e)),
        }
    }

    /// For a look that seals nothing and may stand beside a run.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn one_phone_has_one_run_and_two_phones_have_two() {
        let dir = tempfile::tempdir().unwrap();
        let first = Claim::on(dir.path(), "R5CT").unwrap();
        assert!(matches!(Claim::on(dir.path(), "R5CT"), Err(RunError::PhoneInUse)));
        let _other = Claim::on(dir.path(), "R5CX").unwrap();
        drop(first);
        Claim::on(dir.path(), "R5CT").unwrap();
        let names = std::fs::read_dir(dir.path().join("bezig")).unwrap();
        assert!(names.map(|n| n.unwrap().file_name()).all(|name| !name.to_string_lossy().contains("R5C")));
    }
}
