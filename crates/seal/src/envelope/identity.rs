//! Identities: the secret side of a recipient, from an age identity file or a passphrase.

use secrecy::{ExposeSecret, SecretString};
use std::{
    fmt,
    io::{Read, Write},
};
use zeroize::Zeroizing;

/// Largest scrypt work factor that is tried: 2^20 costs 1 GiB of memory.
pub(super) const MOST_WORK: u8 = 20;
const LARGEST_FILE: u64 = 1 << 20;

/// Why an identity file could not be used. No line of it is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    #[error("the identity file is protected by a passphrase")]
    PassphraseNeeded,
    #[error("the passphrase does not open the identity file")]
    WrongPassphrase,
    #[error("line {0} is not an identity that is known here (AGE-SECRET-KEY-1…)")]
    Line(usize),
    #[error("the file holds no identity")]
    Empty,
    #[error("the identity file is too large or is damaged")]
    Damaged,
}

/// What the person at the desk has to open with.
#[derive(Default)]
pub struct Identities(Vec<Box<dyn age::Identity + Send + Sync>>);

impl Identities {
    /// Reads an age identity file: lines `AGE-SECRET-KEY-1…`, comments with `#`; or the same encrypted with a passphrase
    /// (binary or armoured), for which `passphrase` must be given.
    pub fn from_file(bytes: &[u8], passphrase: Option<&SecretString>) -> Result<Self, IdentityError> {
        if bytes.len() as u64 > LARGEST_FILE {
            return Err(IdentityError::Damaged);
        }
        let encrypted = bytes.starts_with(b"age-encryption.org/") || bytes.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----");
        if !encrypted {
            return Self::from_lines(bytes);
        }
        let passphrase = passphrase.ok_or(IdentityError::PassphraseNeeded)?;
        let decryptor = age::Decryptor::new(age::armor::ArmoredReader::new(bytes)).map_err(|_| IdentityError::Damaged)?;
        let mut identity = age::scrypt::Identity::new(passphrase.expose_secret().to_owned().into());
        identity.set_max_work_factor(MOST_WORK);
        let reader = match decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)) {
            Ok(reader) => reader,
            Err(age::DecryptError::DecryptionFailed | age::DecryptError::KeyDecryptionFailed) => {
                return Err(IdentityError::WrongPassphrase);
            }
            Err(_) => return Err(IdentityError::Damaged),
        };
        let mut plain = Zeroizing::new(Vec::with_capacity(bytes.len()));
        reader.take(LARGEST_FILE).read_to_end(&mut plain).map_err(|_| IdentityError::Damaged)?;
        Self::from_lines(&plain)
    }

    fn from_lines(text: &[u8]) -> Result<Self, IdentityError> {
        let text = std::str::from_utf8(text).map_err(|_| IdentityError::Damaged)?;
        let mut found = Self::default();
        for (n, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let identity: age::x25519::Identity = line.parse().map_err(|_| IdentityError::Line(n + 1))?;
            found.0.push(Box::new(identity));
        }
        if found.0.is_empty() { Err(IdentityError::Empty) } else { Ok(found) }
    }

    /// A passphrase that was itself a recipient.
    #[must_use]
    pub fn from_passphrase(secret: &SecretString) -> Self {
        let mut identity = age::scrypt::Identity::new(secret.expose_secret().to_owned().into());
        identity.set_max_work_factor(MOST_WORK);
        Self(vec![Box::new(identity)])
    }

    /// Adds the identities of another person or file.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &dyn age::Identity> {
        self.0.iter().map(|identity| &**identity as &dyn age::Identity)
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identities({} secret)", self.0.len())
    }
}

/// A fresh X25519 identity, for `keys new` and the demo.
pub struct GeneratedIdentity {
    /// `age1…`: may be told to everyone.
    pub recipient: String,
    /// The identity file.
    pub file: SecretString,
}

impl GeneratedIdentity {
    #[must_use]
    pub fn new() -> Self {
        let identity = age::x25519::Identity::generate();
        let recipient = identity.to_public().to_string();
        let secret = identity.to_string();
        let mut file = String::with_capacity(256);
        file.push_str("# public key: ");
        file.push_str(&recipient);
        file.push('\n');
        file.push_str(secret.expose_secret());
        file.push('\n');
        Self { recipient, file: file.into() }
    }
}

impl Default for GeneratedIdentity {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for GeneratedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GeneratedIdentity({})", self.recipient)
    }
}

/// The identity file under a passphrase, armoured, as `age -p -a` makes it. `log_n` as for
/// [`super::Recipient::passphrase_with_work`]; none lets age choose about a second.
pub fn protect_identity(
    file: &SecretString,
    passphrase: &SecretString,
    log_n: Option<u8>,
) -> Result<Vec<u8>, super::EnvelopeError> {
    let wrap = |e: &dyn fmt::Display| super::EnvelopeError::Wrap(e.to_string());
    let mut recipient = age::scrypt::Recipient::new(passphrase.expose_secret().to_owned().into());
    if let Some(log_n) = log_n {
        recipient.set_work_factor(log_n.clamp(1, MOST_WORK));
    }
    let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient)).map_err(|e| wrap(&e))?;
    let armour = age::armor::ArmoredWriter::wrap_output(Vec::new(), age::armor::Format::AsciiArmor).map_err(|e| wrap(&e))?;
    let mut writer = encryptor.wrap_output(armour).map_err(|e| wrap(&e))?;
    writer.write_all(file.expose_secret().as_bytes()).map_err(|e| wrap(&e))?;
    writer.finish().and_then(age::armor::ArmoredWriter::finish).map_err(|e| wrap(&e))
}
