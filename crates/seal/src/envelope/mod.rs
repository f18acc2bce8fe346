//! Role keys and the age files that hold them (FORMAT.md, "Envelope").
//!
//! Each role has one random 32-byte key. It is wrapped, whole or in two halves, in standard age files, so that any `age`
//! program opens it. AES-GCM and age do not commit to a key, so the signed header carries a commitment that is checked
//! before anything is decrypted with the key.
//!
//! Called at closing (wrap), at opening (unwrap) and by `cli` for `keys new`.

mod identity;
mod recipient;

pub use identity::{GeneratedIdentity, Identities, IdentityError, protect_identity, reveal_identity};
pub use recipient::{Recipient, RecipientError};

use crate::{
    container::Half,
    part::{PartKey, random_secret},
};
use hkdf::Hkdf;
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;
use std::{
    fmt,
    io::{self, Read, Write},
};
use zeroize::Zeroizing;

const COMMITMENT_INFO: &[u8] = b"uitlezing/1 role key commitment";
const INDEX_INFO: &[u8] = b"uitlezing/1 index";
const LINE: &str = "uitlezing/1 role-key ";
const HALF_LINE: [&str; 2] = ["uitlezing/1 role-key-half a ", "uitlezing/1 role-key-half b "];
/// Longest plaintext of a key file: the longest line and its end.
const LONGEST_LINE: u64 = 128;

/// Why a role key could not be wrapped or unwrapped.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    #[error("a role needs at least two recipients, this has {found}")]
    TooFewRecipients { found: usize },
    #[error("a role needs at least one recovery recipient")]
    NoRecovery,
    #[error("the same recipient stands in the list twice")]
    RecipientTwice,
    #[error("a role has at most 99 key files")]
    TooManyKeyFiles,
    #[error("the key file could not be made: {0}")]
    Wrap(String),
    #[error("none of the given identities opens this role")]
    NoMatchingIdentity,
    /// One half of a two-person key opened; the other needs the other person's identity.
    #[error("the identities of both persons are needed: half {0} stays closed")]
    HalfMissing(Half),
    #[error("key file {0} is damaged or was not made by this format")]
    KeyFile(usize),
    #[error("key file {0} asks for more work than this machine should spend")]
    ExcessiveWork(usize),
    #[error("two key files of one role hold different keys")]
    KeyFilesDisagree,
    #[error("the key is not the one to which the signed header commits")]
    WrongCommitment,
    #[error("the role's key files are not the number that the signed header says")]
    KeyFileCount,
    #[error("no random bytes from the system: {0}")]
    Random(io::Error),
}

/// The key of one role of one seal.
pub struct RoleKey(SecretBox<[u8; 32]>);

impl RoleKey {
    pub fn random() -> Result<Self, EnvelopeError> {
        random_secret().map(Self).map_err(EnvelopeError::Random)
    }

    /// For the engine, which keeps the keys of an open run in the vault; the caller's copy is wiped.
    #[must_use]
    pub fn from_bytes(bytes: &mut [u8; 32]) -> Self {
        let key = SecretBox::init_with_mut(|k: &mut [u8; 32]| k.copy_from_slice(bytes));
        zeroize::Zeroize::zeroize(bytes);
        Self(key)
    }

    /// What the signed header says of this key: it tells nothing about it and fits no other key.
    #[must_use]
    pub fn commitment(&self) -> [u8; 32] {
        *self.derive(COMMITMENT_INFO)
    }

    /// The part key of the role's index.
    #[must_use]
    pub fn index_key(&self) -> PartKey {
        PartKey::from_bytes(&mut self.derive(INDEX_INFO))
    }

    fn derive(&self, info: &[u8]) -> Zeroizing<[u8; 32]> {
        let mut out = Zeroizing::new([0; 32]);
        // 32 bytes are within HKDF's limit of 255 blocks; were it otherwise, an all-zero key must not be used in silence.
        if Hkdf::<Sha256>::new(None, self.0.expose_secret()).expand(info, out.as_mut()).is_err() {
            unreachable!("HKDF gives 32 bytes")
        }
        out
    }

    /// Two halves, each as good as random alone: their XOR is the key.
    fn split(&self) -> Result<[SecretBox<[u8; 32]>; 2], EnvelopeError> {
        let a = random_secret().map_err(EnvelopeError::Random)?;
        let b = xor(&a, &self.0);
        Ok([a, b])
    }
}

impl fmt::Debug for RoleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RoleKey(secret)")
    }
}

fn xor(a: &SecretBox<[u8; 32]>, b: &SecretBox<[u8; 32]>) -> SecretBox<[u8; 32]> {
    SecretBox::init_with_mut(|out: &mut [u8; 32]| {
        for ((to, a), b) in out.iter_mut().zip(a.expose_secret()).zip(b.expose_secret()) {
            *to = a ^ b;
        }
    })
}

/// Who may open a role.
#[derive(Clone, Debug)]
pub enum RoleRecipients {
    /// Each of them alone.
    Each(Vec<Recipient>),
    /// One of `a` together with one of `b`.
    TwoPersons { a: Vec<Recipient>, b: Vec<Recipient> },
}

impl RoleRecipients {
    /// At least two a role (a half), one of them recovery, none twice, not even over both halves.
    pub fn check(&self) -> Result<(), EnvelopeError> {
        match self {
            Self::Each(list) => recipient::check(list),
            Self::TwoPersons { a, b } => {
                recipient::check(a).and_then(|()| recipient::check(b)).and_then(|()| recipient::apart(a, b))
            }
        }
    }
}

/// One age file of a role.
#[derive(Clone, Debug)]
pub struct KeyFile {
    pub half: Option<Half>,
    /// 1..=99, counted within the half.
    pub number: u8,
    pub bytes: Vec<u8>,
}

/// Wraps the key into as many age files as its recipients need: classic keys share one, post-quantum keys share one, each
/// passphrase has its own (age refuses to mix them; `reference/seal.md` §1).
pub fn wrap(key: &RoleKey, recipients: &RoleRecipients) -> Result<Vec<KeyFile>, EnvelopeError> {
    recipients.check()?;
    match recipients {
        RoleRecipients::Each(list) => wrap_secret(LINE, &key.0, None, list),
        RoleRecipients::TwoPersons { a, b } => {
            let [half_a, half_b] = key.split()?;
            let mut files = wrap_secret(HALF_LINE[0], &half_a, Some(Half::A), a)?;
            files.extend(wrap_secret(HALF_LINE[1], &half_b, Some(Half::B), b)?);
            Ok(files)
        }
    }
}

fn wrap_secret(
    line: &str,
    secret: &SecretBox<[u8; 32]>,
    half: Option<Half>,
    to: &[Recipient],
) -> Result<Vec<KeyFile>, EnvelopeError> {
    let mut text = Zeroizing::new(Vec::with_capacity(128));
    text.extend_from_slice(line.as_bytes());
    let mut digits = Zeroizing::new([0; 64]);
    hex::encode_to_slice(secret.expose_secret(), digits.as_mut()).map_err(|e| EnvelopeError::Wrap(e.to_string()))?;
    text.extend_from_slice(digits.as_ref());
    text.push(b'\n');
    let wrap = |e: &dyn fmt::Display| EnvelopeError::Wrap(e.to_string());
    let mut files = Vec::new();
    for group in recipient::groups(to) {
        let encryptor =
            age::Encryptor::with_recipients(group.iter().map(|r| &**r as &dyn age::Recipient)).map_err(|e| wrap(&e))?;
        let mut writer = encryptor.wrap_output(Vec::new()).map_err(|e| wrap(&e))?;
        writer.write_all(&text).map_err(|e| wrap(&e))?;
        let bytes = writer.finish().map_err(|e| wrap(&e))?;
        let number = u8::try_from(files.len() + 1).ok().filter(|n| *n <= 99).ok_or(EnvelopeError::TooManyKeyFiles)?;
        files.push(KeyFile { half, number, bytes });
    }
    Ok(files)
}

/// Opens a role's key with whatever fits, and holds it against the commitment before anyone uses it.
pub fn unwrap(files: &[KeyFile], identities: &Identities, commitment: &[u8; 32]) -> Result<RoleKey, EnvelopeError> {
    let key = if files.iter().any(|file| file.half.is_some()) {
        let half = |half| unwrap_half(files, identities, Some(half));
        match (half(Half::A)?, half(Half::B)?) {
            (Some(a), Some(b)) => xor(&a, &b),
            (None, Some(_)) => return Err(EnvelopeError::HalfMissing(Half::A)),
            (Some(_), None) => return Err(EnvelopeError::HalfMissing(Half::B)),
            (None, None) => return Err(EnvelopeError::NoMatchingIdentity),
        }
    } else {
        unwrap_half(files, identities, None)?.ok_or(EnvelopeError::NoMatchingIdentity)?
    };
    let key = RoleKey(key);
    if key.commitment() == *commitment { Ok(key) } else { Err(EnvelopeError::WrongCommitment) }
}

fn unwrap_half(
    files: &[KeyFile],
    identities: &Identities,
    half: Option<Half>,
) -> Result<Option<SecretBox<[u8; 32]>>, EnvelopeError> {
    let mut found: Option<SecretBox<[u8; 32]>> = None;
    for (n, file) in files.iter().enumerate().filter(|(_, file)| file.half == half) {
        let Some(secret) = unwrap_file(n + 1, file, identities)? else { continue };
        match &found {
            Some(first) if first.expose_secret() != secret.expose_secret() => return Err(EnvelopeError::KeyFilesDisagree),
            _ => found = Some(secret),
        }
    }
    Ok(found)
}

fn unwrap_file(number: usize, file: &KeyFile, identities: &Identities) -> Result<Option<SecretBox<[u8; 32]>>, EnvelopeError> {
    let damaged = EnvelopeError::KeyFile(number);
    let Ok(decryptor) = age::Decryptor::new(file.bytes.as_slice()) else { return Err(damaged) };
    let passphrase = decryptor.is_scrypt();
    let reader = match decryptor.decrypt(identities.iter()) {
        Ok(reader) => reader,
        // Of a passphrase age cannot tell a wrong one from a damaged file.
        Err(age::DecryptError::DecryptionFailed) if passphrase => return Ok(None),
        Err(age::DecryptError::NoMatchingKeys | age::DecryptError::KeyDecryptionFailed) => return Ok(None),
        Err(age::DecryptError::ExcessiveWork { .. }) => return Err(EnvelopeError::ExcessiveWork(number)),
        Err(_) => return Err(damaged),
    };
    let mut text = Zeroizing::new(Vec::with_capacity(256));
    if reader.take(LONGEST_LINE + 1).read_to_end(&mut text).is_err() {
        return Err(damaged);
    }
    let line = match file.half {
        None => LINE,
        Some(Half::A) => HALF_LINE[0],
        Some(Half::B) => HALF_LINE[1],
    };
    let digits = text.strip_prefix(line.as_bytes()).and_then(|rest| rest.strip_suffix(b"\n"));
    let Some(digits) = digits.filter(|d| d.len() == 64 && !d.iter().any(u8::is_ascii_uppercase)) else { return Err(damaged) };
    let mut outcome = Ok(());
    let secret = SecretBox::init_with_mut(|to: &mut [u8; 32]| outcome = hex::decode_to_slice(digits, to));
    if outcome.is_ok() { Ok(Some(secret)) } else { Err(damaged) }
}

#[cfg(test)]
mod tests;
