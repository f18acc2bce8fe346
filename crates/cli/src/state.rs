//! Where this station keeps its state: `--state`, else `/var/lib/uitlezen` when it exists and is ours, else the XDG state folder.

use std::{
    fs::DirBuilder,
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

const SYSTEM: &str = "/var/lib/uitlezen";

/// The state folder of this station.
#[derive(Clone, Debug)]
pub(crate) struct State(PathBuf);

impl State {
    /// Chooses the folder; nothing is created.
    #[must_use]
    pub(crate) fn choose(asked: Option<&Path>) -> Self {
        if let Some(path) = asked {
            return Self(path.to_owned());
        }
        let ours = std::fs::metadata(SYSTEM).is_ok_and(|m| m.is_dir() && m.uid() == rustix::process::geteuid().as_raw());
        if ours {
            return Self(SYSTEM.into());
        }
        let home = std::env::var_os("XDG_STATE_HOME")
            .map(PathBuf::from)
            .filter(|p| p.is_absolute())
            .or_else(|| etcetera::home_dir().ok().map(|h| h.join(".local/state")));
        Self(home.map_or_else(|| SYSTEM.into(), |h| h.join("uitlezen")))
    }

    /// Makes the folder, for its owner only.
    pub(crate) fn make(&self) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0)
    }

    #[must_use]
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    #[must_use]
    pub(crate) fn vault(&self) -> PathBuf {
        self.0.join("vault.json")
    }

    /// Plans for guided runs.
    #[must_use]
    pub(crate) fn plans(&self) -> PathBuf {
        self.0.join("plannen")
    }

    /// Certificates of stations whose seals are accepted here.
    #[must_use]
    pub(crate) fn stations(&self) -> PathBuf {
        self.0.join("stations")
    }

    /// The station's own settings.
    #[must_use]
    pub(crate) fn configuration(&self) -> PathBuf {
        self.0.join("uitlezen.toml")
    }
}
