//! Secrets from outside: at a prompt without echo, or from a file descriptor, a systemd credential or a private file. Never
//! as a bare argument or environment variable: those stand in process lists.

use crate::{problem::Problem, prompt};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use secrecy::SecretString;
use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs::File,
    io::{self, IsTerminal, Read, Write},
    os::unix::fs::MetadataExt,
    path::PathBuf,
};
use uitlezen_check::ExitCode;
use uitlezen_vault::TokenKey;
use zeroize::Zeroizing;

/// No secret is longer: a key file has 158 bytes, a PEM key some thousands.
const LONGEST: u64 = 64 * 1024;
/// A typed one.
const LONGEST_LINE: usize = 4096;

/// Where a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    /// An inherited file descriptor.
    Descriptor(u32),
    /// `$CREDENTIALS_DIRECTORY/<id>`, as systemd hands it over.
    Credential(String),
    File(PathBuf),
    /// A key on a token, which hands out no secret but opens a lock; RFC 7512.
    Token(TokenKey),
}

/// The secrets named on the command line, and the person at the keyboard.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    sources: BTreeMap<String, Source>,
    /// What was typed for this command.
    typed: RefCell<BTreeMap<String, SecretString>>,
}

impl Secrets {
    /// Reads `NAME=fd:N`, `NAME=cred:ID`, `NAME=@FILE` and `NAME=pkcs11:…`. Anything else, a bare secret above all, is refused unread.
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
            } else if source.starts_with("pkcs11:") {
                Source::Token(TokenKey::parse(source).map_err(|_| unreadable(name, "pkcs11:token=…;object=…?module-path=/…"))?)
            } else {
                return Err(unreadable(name, "fd:N, cred:ID, @FILE, pkcs11:…"));
            };
            sources.insert(name.to_owned(), source);
        }
        Ok(Self { sources, typed: RefCell::default() })
    }

    /// Whether the named secret comes from systemd.
    #[must_use]
    pub(crate) fn is_credential(&self, name: &str) -> bool {
        matches!(self.sources.get(name), Some(Source::Credential(_)))
    }

    /// The token that opens the named lock.
    #[must_use]
    pub(crate) fn token(&self, name: &str) -> Option<&TokenKey> {
        match self.sources.get(name) {
            Some(Source::Token(key)) => Some(key),
            _ => None,
        }
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

    /// Keeps what somebody typed for the rest of this command, as if it had been given.
    pub(crate) fn remember(&self, name: &str, typed: &SecretString) {
        self.typed.borrow_mut().insert(name.to_owned(), typed.clone());
    }

    /// The secret as text, without the line end that editors and `echo` leave.
    pub(crate) fn given_text(&self, name: &str) -> Result<Option<SecretString>, Problem> {
        if let Some(typed) = self.typed.borrow().get(name) {
            return Ok(Some(typed.clone()));
        }
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
    let typed = hidden(prompt).map_err(|e| prompt::unanswered(&e.into()))?;
    let text = std::str::from_utf8(&typed).map_err(|_| unreadable(name, "UTF-8"))?;
    Ok(SecretString::from(text.to_owned()))
}

/// A line from the terminal that it does not show. The terminal's own line reading is not used: a Ctrl-C there would only be
/// noticed at the next Enter, and what was typed between would be taken for the secret.
fn hidden(prompt: &str) -> io::Result<Zeroizing<Vec<u8>>> {
    let stdin = io::stdin();
    let mut err = io::stderr();
    // Quiet before anything is asked: what is typed fast is not shown either.
    let quiet = Quiet::on()?;
    write!(err, "{prompt}: ")?;
    err.flush()?;
    let mut line = Line::default();
    let mut bytes = Zeroizing::new([0; 256]);
    let ended = loop {
        let read = match rustix::io::read(&stdin, &mut *bytes) {
            Ok(n) => bytes.get(..n).unwrap_or_default(),
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => break Err(error.into()),
        };
        match read.iter().find_map(|byte| line.key(*byte)) {
            Some(Key::Enter) => break Ok(line.0),
            Some(Key::Stop) => break Err(io::ErrorKind::Interrupted.into()),
            None if read.is_empty() => break Err(io::ErrorKind::UnexpectedEof.into()),
            None => {}
        }
    };
    drop(quiet);
    writeln!(err)?;
    ended
}

/// A terminal that hands over every key as it is typed and shows none, for as long as this lives.
struct Quiet(Termios);

impl Quiet {
    fn on() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut quiet = before.clone();
        quiet.local_modes -= LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG;
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(io::stdin(), OptionalActions::Drain, &quiet)?;
        Ok(Self(before))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Drain, &self.0);
    }
}

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Enter,
    /// Ctrl-C, or Ctrl-D with nothing typed.
    Stop,
}

/// What was typed so far. Made with all the room it may need: growing would leave pieces in memory.
struct Line(Zeroizing<Vec<u8>>);

impl Default for Line {
    fn default() -> Self {
        Self(Zeroizing::new(Vec::with_capacity(LONGEST_LINE)))
    }
}

impl Line {
    fn key(&mut self, byte: u8) -> Option<Key> {
        match byte {
            b'\r' | b'\n' => return Some(Key::Enter),
            3 => return Some(Key::Stop),
            4 if self.0.is_empty() => return Some(Key::Stop),
            // Backspace: a whole character. Ctrl-U: everything.
            8 | 127 => while self.0.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {},
            21 => self.0.clear(),
            // Other control keys are no part of a secret; nor is what no secret is as long as.
            0..32 => {}
            _ if self.0.len() == LONGEST_LINE => {}
            _ => self.0.push(byte),
        }
        None
    }
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
        Source::Token(_) => return Err(io::ErrorKind::Unsupported.into()),
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

    /// What a line holds after these keys, and what ended it.
    fn after(keys: &str) -> (String, Option<Key>) {
        let mut line = Line::default();
        let ended = keys.bytes().find_map(|byte| line.key(byte));
        (String::from_utf8(line.0.to_vec()).unwrap(), ended)
    }

    #[test]
    fn a_hidden_line_is_typed_mended_and_broken_off() {
        assert_eq!(after("geheim\r"), ("geheim".into(), Some(Key::Enter)));
        assert_eq!(after("caf\u{e9}\u{7f}e\tje\n"), ("cafeje".into(), Some(Key::Enter)));
        assert_eq!(after("fout\u{15}goed\n"), ("goed".into(), Some(Key::Enter)));
        assert_eq!(after("half\u{3}"), ("half".into(), Some(Key::Stop)));
        assert_eq!(after("half\u{4}"), ("half".into(), None));
        assert_eq!(after("\u{7f}\u{4}"), (String::new(), Some(Key::Stop)));
        assert_eq!(after(&"x".repeat(LONGEST_LINE + 9)).0.len(), LONGEST_LINE);
    }

    #[test]
    fn a_descriptor_can_be_read() {
        use std::os::fd::AsRawFd;
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"x").unwrap();
        let secrets = Secrets::new(&[format!("vault=fd:{}", file.as_raw_fd())]).unwrap();
        assert_eq!(secrets.given_text("vault").unwrap().unwrap().expose_secret(), "x");
    }
}
