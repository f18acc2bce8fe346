//! Secrets from outside: at a prompt without echo, or from a file descriptor, a systemd credential or a private file. Never
//! as a bare argument or environment variable: those stand in process lists.

use crate::{problem::Problem, prompt};
use secrecy::SecretString;
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, IsTerminal, Read},
    os::unix::fs::MetadataExt,
    path::PathBuf,
};
use uitlezen_check::ExitCode;
use zeroize::Zeroizing;

/// No secret is longer: a key file has 158 bytes, a PEM key some thousands.
const LONGEST: u64 = 64 * 1024;

/// Where a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    /// An inherited file descriptor.
    Descriptor(u32),
    /// `$CREDENTIALS_DIRECTORY/<id>`, as systemd hands it over.
    Credential(String),
    File(PathBuf),
}

/// The secrets named on the command line, and the person at the keyboard.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    sources: BTreeMap<String, Source>,
}

impl Secrets {
    /// Reads `NAME=fd:N`, `NAME=cred:ID` and `NAME=@FILE`. Anything else, a bare secret above all, is refused unread.
    pub(crate) fn new(given: &[String]) -> Result<Self, Problem> {
        let mut sources = BTreeMap::new();
        for text in given {
            let Some((name, source)) = text.split_once('=') else {
                return Err(unreadable("?", "NAME=SOURCE"));
            };
            let source = if let Some(fd) = source.strip_prefix("fd:").and_then(|n| n.parse().ok()) {
                Source::Descriptor(fd)
            } else if let Some(id) = source.strip_prefix("cred:").filter(|id| plain_id(id)) {
                Source::Credential(id.to_owned())
            } else if let Some(path) = source.strip_prefix('@') {
                Source::File(path.into())
            } else {
                return Err(unreadable(name, "fd:N, cred:ID, @FILE"));
            };
            sources.insert(name.to_owned(), source);
        }
        Ok(Self { sources })
    }

    /// Whether the named secret comes from systemd.
    #[must_use]
    pub(crate) fn is_credential(&self, name: &str) -> bool {
        matches!(self.sources.get(name), Some(Source::Credential(_)))
    }

    #[must_use]
    pub(crate) fn is_given(&self, name: &str) -> bool {
        self.sources.contains_key(name)
    }

    /// The secret if it was named on the command line.
    pub(crate) fn given(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, Problem> {
        let Some(source) = self.sources.get(name) else { return Ok(None) };
        read(source).map(Some).map_err(|e| match e.kind() {
            // Its own words say what to do.
            io::ErrorKind::PermissionDenied => unreadable(name, &e.to_string()),
            _ => Problem::new("error-secret", ExitCode::Usage).with("name", name).because(&e),
        })
    }

    /// The secret as text, without the line end that editors and `echo` leave.
    pub(crate) fn given_text(&self, name: &str) -> Result<Option<SecretString>, Problem> {
        let Some(bytes) = self.given(name)? else { return Ok(None) };
        let text = std::str::from_utf8(&bytes).map_err(|_| unreadable(name, "UTF-8"))?;
        Ok(Some(SecretString::from(text.trim_end_matches(['\r', '\n']).to_owned())))
    }

    /// The secret from the command line, else from the person at the keyboard; a script without either is told.
    pub(crate) fn text(&self, name: &str, prompt: &str) -> Result<SecretString, Problem> {
        match self.given_text(name)? {
            Some(secret) => Ok(secret),
            None => ask(name, prompt),
        }
    }
}

/// Asks without echo.
pub(crate) fn ask(name: &str, prompt: &str) -> Result<SecretString, Problem> {
    if !can_ask() {
        return Err(Problem::new("error-secret-needed", ExitCode::Usage).with("name", name));
    }
    let typed = dialoguer::Password::new().with_prompt(prompt).allow_empty_password(true).report(false).interact();
    typed.map(SecretString::from).map_err(|e| prompt::unanswered(&e))
}

/// Whether somebody can be asked.
#[must_use]
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

fn plain_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) && !id.starts_with('.')
}

fn read(source: &Source) -> io::Result<Zeroizing<Vec<u8>>> {
    let file = match source {
        // Opening the descriptor's own path duplicates it without taking it over.
        Source::Descriptor(fd) => File::open(format!("/proc/self/fd/{fd}"))?,
        Source::Credential(id) => {
            let folder = std::env::var_os("CREDENTIALS_DIRECTORY").ok_or(io::ErrorKind::NotFound)?;
            File::open(PathBuf::from(folder).join(id))?
        }
        Source::File(path) => {
            let file = File::open(path)?;
            if file.metadata()?.mode() & 0o077 != 0 {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, "chmod 600"));
            }
            file
        }
    };
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    file.take(LONGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LONGEST {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

fn unreadable(name: &str, why: &str) -> Problem {
    Problem::new("error-secret", ExitCode::Usage).with("name", name).with("why", why)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_bare_secret_is_refused_without_repeating_it() {
        let problem = Secrets::new(&["vault=hunter2".to_owned()]).unwrap_err();
        assert!(!format!("{problem:?}").contains("hunter2"));
        assert!(Secrets::new(&["hunter2".to_owned()]).is_err());
        assert!(Secrets::new(&["vault=cred:../etc".to_owned()]).is_err());
    }

    #[test]
    fn a_file_must_be_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("geheim");
        std::fs::write(&path, "wachtwoord\n").unwrap();
        let secrets = Secrets::new(&[format!("vault=@{}", path.display())]).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(secrets.given_text("vault").is_err());
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(secrets.given_text("vault").unwrap().unwrap().expose_secret(), "wachtwoord");
        assert!(secrets.given_text("other").unwrap().is_none());
    }

    #[test]
    fn a_descriptor_can_be_read() {
        use std::{io::Write, os::fd::AsRawFd};
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"x").unwrap();
        let secrets = Secrets::new(&[format!("vault=fd:{}", file.as_raw_fd())]).unwrap();
        assert_eq!(secrets.given_text("vault").unwrap().unwrap().expose_secret(), "x");
    }
}
