//! Recipients: who can open a key file.

use super::EnvelopeError;
use secrecy::{ExposeSecret, SecretString};
use std::{fmt, sync::Arc};

/// A text that is no recipient. It is not repeated: somebody may have put a secret key there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecipientError {
    #[error("this is a secret key (AGE-SECRET-KEY-1…); the recipient is the line that begins with age1")]
    SecretKey,
    #[error("this is no recipient that is known here (age1…, age1tag1…, age1tagpq1…)")]
    Unknown,
}

#[derive(Clone)]
enum Kind {
    X25519(age::x25519::Recipient),
    /// A hardware key, P-256.
    Tag(age::tag::Recipient),
    /// A hardware key, post-quantum hybrid. Boxed: it is over a kilobyte.
    TagPq(Arc<age::tagpq::Recipient>),
    Passphrase {
        secret: SecretString,
        work: Option<u8>,
    },
}

/// Someone who can open a role, or a passphrase in a safe.
#[derive(Clone)]
pub struct Recipient {
    kind: Kind,
    recovery: bool,
}

impl Recipient {
    /// `age1…` (X25519), `age1tag1…` or `age1tagpq1…` (hardware keys).
    pub fn parse(text: &str, recovery: bool) -> Result<Self, RecipientError> {
        let text = text.trim();
        if text.get(..16).is_some_and(|head| head.eq_ignore_ascii_case("AGE-SECRET-KEY-1")) {
            return Err(RecipientError::SecretKey);
        }
        let kind = if let Ok(key) = text.parse() {
            Kind::X25519(key)
        } else if let Ok(key) = text.parse() {
            Kind::Tag(key)
        } else if let Ok(key) = text.parse() {
            Kind::TagPq(Arc::new(key))
        } else {
            return Err(RecipientError::Unknown);
        };
        Ok(Self { kind, recovery })
    }

    /// A passphrase; opening takes about a second on this machine. Use it for a sealed envelope in a safe.
    #[must_use]
    pub fn passphrase(secret: SecretString, recovery: bool) -> Self {
        Self { kind: Kind::Passphrase { secret, work: None }, recovery }
    }

    /// As [`Recipient::passphrase`], with scrypt's N = 2^`log_n` (1..=20), for tests and slow machines.
    #[must_use]
    pub fn passphrase_with_work(secret: SecretString, log_n: u8, recovery: bool) -> Self {
        Self { kind: Kind::Passphrase { secret, work: Some(log_n.clamp(1, super::identity::MOST_WORK)) }, recovery }
    }

    #[must_use]
    pub fn is_recovery(&self) -> bool {
        self.recovery
    }

    fn same_key(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::X25519(a), Kind::X25519(b)) => a == b,
            (Kind::Tag(a), Kind::Tag(b)) => a == b,
            (Kind::TagPq(a), Kind::TagPq(b)) => a.to_string() == b.to_string(),
            (Kind::Passphrase { secret: a, .. }, Kind::Passphrase { secret: b, .. }) => a.expose_secret() == b.expose_secret(),
            _ => false,
        }
    }

    fn to_age(&self) -> Box<dyn age::Recipient> {
        match &self.kind {
            Kind::X25519(key) => Box::new(key.clone()),
            Kind::Tag(key) => Box::new(key.clone()),
            Kind::TagPq(key) => Box::new(age::tagpq::Recipient::clone(key)),
            Kind::Passphrase { secret, work } => {
                let mut recipient = age::scrypt::Recipient::new(secret.expose_secret().to_owned().into());
                if let Some(log_n) = work {
                    recipient.set_work_factor(*log_n);
                }
                Box::new(recipient)
            }
        }
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::X25519(_) => "x25519",
            Kind::Tag(_) => "tag",
            Kind::TagPq(_) => "tagpq",
            Kind::Passphrase { .. } => "passphrase",
        };
        f.debug_struct("Recipient").field("kind", &kind).field("recovery", &self.recovery).finish()
    }
}

pub(super) fn check(list: &[Recipient]) -> Result<(), EnvelopeError> {
    if list.iter().enumerate().any(|(n, one)| list.iter().skip(n + 1).any(|other| one.same_key(other))) {
        return Err(EnvelopeError::RecipientTwice);
    }
    if list.len() < 2 {
        return Err(EnvelopeError::TooFewRecipients { found: list.len() });
    }
    if list.iter().any(Recipient::is_recovery) { Ok(()) } else { Err(EnvelopeError::NoRecovery) }
}

/// Nobody holds both halves.
pub(super) fn apart(a: &[Recipient], b: &[Recipient]) -> Result<(), EnvelopeError> {
    if a.iter().any(|one| b.iter().any(|other| one.same_key(other))) { Err(EnvelopeError::RecipientTwice) } else { Ok(()) }
}

/// The recipients file by file: classic keys, post-quantum keys, then each passphrase.
pub(super) fn groups(list: &[Recipient]) -> Vec<Vec<Box<dyn age::Recipient>>> {
    let (mut classic, mut quantum, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    for one in list {
        match one.kind {
            Kind::X25519(_) | Kind::Tag(_) => classic.push(one.to_age()),
            Kind::TagPq(_) => quantum.push(one.to_age()),
            Kind::Passphrase { .. } => rest.push(vec![one.to_age()]),
        }
    }
    [classic, quantum].into_iter().filter(|group| !group.is_empty()).chain(rest).collect()
}
