//! Key files that persons bring to open something with, each perhaps under a passphrase of its own.

use crate::{
    Context,
    problem::Problem,
    secret::{self, Secrets},
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};
use uitlezen_check::ExitCode;
use uitlezen_seal::envelope::{Identities, IdentityError, reveal_identity};
use zeroize::Zeroizing;

/// Name of the secret that opens a passphrase-protected key file.
pub(crate) const KEY_SECRET: &str = "key";
/// A key file is a page of text.
const LARGEST: u64 = 1 << 20;

/// All of them together: two persons each bring their own.
pub(crate) fn read_all(context: &Context, paths: &[PathBuf], secrets: &Secrets) -> Result<Identities, Problem> {
    let mut all = Identities::default();
    for (n, path) in paths.iter().enumerate() {
        all = all.and(read(context, path, n, secrets)?);
    }
    Ok(all)
}

/// The `n`th key file, from 0. Its passphrase is the secret `key-<n+1>`, else `key`, else it is asked for by the file's name.
pub(crate) fn read(context: &Context, path: &Path, n: usize, secrets: &Secrets) -> Result<Identities, Problem> {
    let text = text(context, path, n, secrets)?;
    Identities::from_file(text.expose_secret().as_bytes(), None).map_err(|e| refused(path, &e))
}

/// As [`read`], the text of the file.
pub(crate) fn text(context: &Context, path: &Path, n: usize, secrets: &Secrets) -> Result<SecretString, Problem> {
    let bytes = file(path)?;
    match reveal_identity(&bytes, None) {
        Err(IdentityError::PassphraseNeeded) => {
            let passphrase = passphrase(context, path, n, secrets)?;
            reveal_identity(&bytes, Some(&passphrase)).map_err(|e| refused(path, &e))
        }
        read => read.map_err(|e| refused(path, &e)),
    }
}

fn refused(path: &Path, why: &IdentityError) -> Problem {
    Problem::new("error-key-file", ExitCode::Usage).with("file", path.display()).with("why", why)
}

fn file(path: &Path) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let absent = |e: &io::Error| Problem::new("error-key-file", ExitCode::Usage).with("file", path.display()).because(e);
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    let file = std::fs::File::open(path).map_err(|e| absent(&e))?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|e| absent(&e))?;
    Ok(bytes)
}

fn passphrase(context: &Context, path: &Path, n: usize, secrets: &Secrets) -> Result<SecretString, Problem> {
    for name in [format!("{KEY_SECRET}-{}", n + 1), KEY_SECRET.to_owned()] {
        if let Some(given) = secrets.given_text(&name)? {
            return Ok(given);
        }
    }
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    secret::ask(KEY_SECRET, &context.screen.texts.get("key-file-passphrase", &[("file", file.into())]))
}
