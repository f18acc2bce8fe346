//! `uitlezen.toml` in the state folder: what this station does without being told.

use crate::state::State;
use serde::Deserialize;
use std::path::PathBuf;

/// Everything may be left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Configuration {
    /// `nl` or `en`.
    pub lang: Option<String>,
    /// Where guided runs put their seals; else `zegels` in the state folder.
    pub out: Option<PathBuf>,
    /// A key on a token that opens the vault when it is plugged in: `pkcs11:token=…;object=…?module-path=/…`.
    pub token: Option<String>,
}

impl Configuration {
    /// An absent file is an empty one. The error is the reader's own, with its line.
    pub(crate) fn read(state: &State) -> Result<Self, String> {
        match std::fs::read_to_string(state.configuration()) {
            Ok(text) => toml::from_str(&text).map_err(|e| e.to_string().trim_end().to_owned()),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(e) => Err(e.to_string()),
        }
    }
}
