//! Identities: the secret side of a recipient, from an age identity file or a passphrase.

use secrecy::{ExposeSecret, SecretString};
use std::{
    fmt,
    io::{Read, Write},
    sync::Arc,
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
#[derive(Clone, Default)]
pub struct Identities {
    each: Vec<Arc<dyn age::Identity + Send + Sync>>,
    recipients: Vec<String>,
}

/// The text of an identity file: lines `AGE-SECRET-KEY-1…`, comments with `#`; or the same encrypted with a passphrase (binary
/// or armoured), for which `passphrase` must be given.
pub fn reveal_identity(bytes: &[u8], passphrase: Option<&SecretString>) -> Result<SecretString, IdentityError> {
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(IdentityError::Damaged);
    }
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).map(SecretString::from).map_err(|_| IdentityError::Damaged);
    let encrypted = bytes.starts_with(b"age-encryption.org/") || bytes.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----");
    if !encrypted {
        return text(bytes);
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
    text(&plain)
}

impl Identities {
    /// Reads an age identity file as [`reveal_identity`] does.
    pub fn from_file(bytes: &[u8], passphrase: Option<&SecretString>) -> Result<Self, IdentityError> {
        let text = reveal_identity(bytes, passphrase)?;
        let mut found = Self::default();
        for (n, line) in text.expose_secret().lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let identity: age::x25519::Identity = line.parse().map_err(|_| IdentityError::Line(n + 1))?;
            found.recipients.push(identity.to_public().to_string());
            found.each.push(Arc::new(identity));
        }
        if found.each.is_empty() { Err(IdentityError::Empty) } else { Ok(found) }
    }

    /// The public halves (`age1…`) of those that have one.
    #[must_use]
    pub fn recipients(&self) -> &[String] {
        &self.recipients
    }

    /// A passphrase that was itself a recipient.
    #[must_use]
    pub fn from_passphrase(secret: &SecretString) -> Self {
        let mut identity = age::scrypt::Identity::new(secret.expose_secret().to_owned().into());
        identity.set_max_work_factor(MOST_WORK);
        Self { each: vec![Arc::new(identity)], recipients: Vec::new() }
    }

    /// Adds the identities of another person or file.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.each.extend(other.each);
        self.recipients.extend(other.recipients);
        self
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &dyn age::Identity> {
        self.each.iter().map(|identity| &**identity as &dyn age::Identity)
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identities({} secret)", self.each.len())
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
