//! The key bag: tags of four letters, big-endian lengths, values. A header, then a group for every protection class, each
//! begun by another UUID; within a group the order is free (`reference/ios.md` §3.4).

use std::fmt;
use zeroize::Zeroizing;

/// A real bag takes some 1,300 bytes.
const LONGEST: usize = 64 << 10;
const MOST_CLASSES: usize = 64;
/// Salts of a phone have 20 bytes.
const LONGEST_SALT: usize = 64;
/// A key of 32 bytes, wrapped.
pub(crate) const WRAPPED: usize = 40;
/// Wrapped with what the password gives.
const WITH_PASSCODE: u32 = 2;
const BACKUP: u32 = 1;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyBagError {
    #[error("the key bag is larger than any")]
    TooLarge,
    #[error("the key bag is cut off or damaged")]
    Structure,
    /// Not the bag of a backup but, for instance, one that a computer keeps for a phone.
    #[error("the key bag is of another kind ({0})")]
    Kind(u32),
    /// Made before iOS 10.2, with one derivation only.
    #[error("the key bag is of a version of iOS that is not read")]
    TooOld,
    /// Zero or negative, or more than the caller allows: no phone asks for that, and the work would not end.
    #[error("the key bag asks for {0} rounds, which is refused")]
    Rounds(u32),
}

/// A key bag as read; nothing is known of the password yet.
#[derive(Clone)]
pub struct KeyBag {
    pub(crate) first_salt: Vec<u8>,
    pub(crate) first_rounds: u32,
    pub(crate) salt: Vec<u8>,
    pub(crate) rounds: u32,
    pub(crate) classes: Vec<WrappedClass>,
}

/// A class key that a password opens.
#[derive(Clone)]
pub(crate) struct WrappedClass {
    pub(crate) class: u32,
    pub(crate) key: [u8; WRAPPED],
}

impl KeyBag {
    /// # Errors
    /// See [`KeyBagError`]; rounds are judged in [`Self::unlock`].
    ///
    /// [`Self::unlock`]: crate::KeyBag::unlock
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyBagError> {
        if bytes.len() > LONGEST {
            return Err(KeyBagError::TooLarge);
        }
        let mut header = Header::default();
        let mut group: Option<Group> = None;
        let mut classes = Vec::new();
        let mut uuids = 0_u32;
        let mut rest = bytes;
        while !rest.is_empty() {
            let (tag, value, after) = tagged(rest).ok_or(KeyBagError::Structure)?;
            rest = after;
            if tag == b"UUID" {
                uuids += 1;
                if uuids > 1 {
                    close(group.replace(Group::default()), &mut classes)?;
                }
                continue;
            }
            match &mut group {
                None => header.take(tag, value)?,
                Some(group) => group.take(tag, value)?,
            }
        }
        close(group, &mut classes)?;
        header.into_bag(classes)
    }

    /// How many classes a password can open.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes.len()
    }
}

impl fmt::Debug for KeyBag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyBag").field("classes", &self.classes.len()).field("rounds", &self.first_rounds).finish_non_exhaustive()
    }
}

fn tagged(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (value, rest) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    Some((tag, value, rest))
}

fn number(value: &[u8]) -> Result<u32, KeyBagError> {
    value.try_into().map(u32::from_be_bytes).map_err(|_| KeyBagError::Structure)
}

/// Takes a value that may stand once.
fn once<T>(place: &mut Option<T>, value: T) -> Result<(), KeyBagError> {
    if place.replace(value).is_some() { Err(KeyBagError::Structure) } else { Ok(()) }
}

#[derive(Default)]
struct Header {
    kind: Option<u32>,
    salt: Option<Vec<u8>>,
    rounds: Option<u32>,
    first_salt: Option<Vec<u8>>,
    first_rounds: Option<u32>,
}

impl Header {
    fn take(&mut self, tag: &[u8; 4], value: &[u8]) -> Result<(), KeyBagError> {
        match tag {
            b"TYPE" => once(&mut self.kind, number(value)?),
            b"ITER" => once(&mut self.rounds, number(value)?),
            b"DPIC" => once(&mut self.first_rounds, number(value)?),
            b"SALT" => once(&mut self.salt, salt(value)?),
            b"DPSL" => once(&mut self.first_salt, salt(value)?),
            // VERS, HMCK, WRAP, DPWT, and what later versions may add: nothing here depends on them.
            _ => Ok(()),
        }
    }

    fn into_bag(self, classes: Vec<WrappedClass>) -> Result<KeyBag, KeyBagError> {
        match self.kind {
            Some(BACKUP) => {}
            Some(kind) => return Err(KeyBagError::Kind(kind)),
            None => return Err(KeyBagError::Structure),
        }
        let (Some(salt), Some(rounds)) = (self.salt, self.rounds) else { return Err(KeyBagError::Structure) };
        let (Some(first_salt), Some(first_rounds)) = (self.first_salt, self.first_rounds) else {
            return Err(KeyBagError::TooOld);
        };
        if classes.is_empty() {
            return Err(KeyBagError::Structure);
        }
        Ok(KeyBag { first_salt, first_rounds, salt, rounds, classes })
    }
}

fn salt(value: &[u8]) -> Result<Vec<u8>, KeyBagError> {
    if value.is_empty() || value.len() > LONGEST_SALT { Err(KeyBagError::Structure) } else { Ok(value.to_vec()) }
}

#[derive(Default)]
struct Group {
    class: Option<u32>,
    wrap: Option<u32>,
    key: Option<Zeroizing<Vec<u8>>>,
}

impl Group {
    fn take(&mut self, tag: &[u8; 4], value: &[u8]) -> Result<(), KeyBagError> {
        match tag {
            b"CLAS" => once(&mut self.class, number(value)?),
            b"WRAP" => once(&mut self.wrap, number(value)?),
            b"WPKY" => once(&mut self.key, Zeroizing::new(value.to_vec())),
            _ => Ok(()),
        }
    }
}

/// Keeps a class that a password opens. One that only the phone itself opens is left out: its files are then locked, and
/// counted as such.
fn close(group: Option<Group>, classes: &mut Vec<WrappedClass>) -> Result<(), KeyBagError> {
    let Some(group) = group else { return Ok(()) };
    let (Some(class), Some(wrap)) = (group.class, group.wrap) else { return Err(KeyBagError::Structure) };
    if wrap & WITH_PASSCODE == 0 {
        return Ok(());
    }
    let key = group.key.ok_or(KeyBagError::Structure)?;
    let key = key.as_slice().try_into().map_err(|_| KeyBagError::Structure)?;
    if classes.len() >= MOST_CLASSES || classes.iter().any(|other| other.class == class) {
        return Err(KeyBagError::Structure);
    }
    classes.push(WrappedClass { class, key });
    Ok(())
}
