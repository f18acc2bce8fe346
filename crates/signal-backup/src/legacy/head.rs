//! The head of the file: in the clear, and the one thing to recognise it by.

use super::{FileKeys, LegacyError, Passphrase, Unlocked};
use uitlezen_evidence::{Bytes, Hint};
use uitlezen_protobuf::{Fields, Malformed, Value};

/// A head holds a vector, a salt and a number.
const LONGEST_HEAD: usize = 512;
const IV: usize = 16;
const LONGEST_SALT: usize = 64;

/// How the lengths of frames are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// In the clear.
    Plain,
    /// Encrypted, and part of what is checked.
    Encrypted,
}

/// What the head says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) iv: [u8; IV],
    salt: Vec<u8>,
    version: u64,
    /// Where the frames begin.
    pub(super) end: u64,
}

/// A backup file of which the head was read.
#[derive(Clone, Debug)]
pub struct Backup {
    pub(super) source: Bytes,
    pub(super) head: Head,
    pub(super) version: Version,
}

/// Reads a head; `start` is how the file begins.
fn head(start: &[u8]) -> Option<Head> {
    let (length, rest) = start.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok().filter(|n| (IV..=LONGEST_HEAD).contains(n))?;
    let frame = rest.get(..length)?;
    let mut only = None;
    for field in Fields::of(frame) {
        match field {
            Ok(field) if field.number == 1 && only.is_none() => only = Some(field.value),
            _ => return None,
        }
    }
    let Some(Value::Bytes(header)) = only else { return None };
    let (mut iv, mut salt, mut version) = (None, &[][..], 0);
    let parts: Result<Vec<_>, Malformed> = Fields::of(header).take(16).collect();
    for part in parts.ok()? {
        match (part.number, part.value) {
            (1, Value::Bytes(bytes)) => iv = bytes.try_into().ok(),
            (2, Value::Bytes(bytes)) if bytes.len() <= LONGEST_SALT => salt = bytes,
            (3, Value::Varint(number)) => version = number,
            (4.., _) => {}
            _ => return None,
        }
    }
    Some(Head { iv: iv?, salt: salt.to_vec(), version, end: 4 + length as u64 })
}

/// Whether a file that begins so is a backup of this kind, of whatever version. A head fits into the first 516 bytes.
#[must_use]
pub fn recognise(start: &[u8]) -> bool {
    head(start).is_some()
}

impl Backup {
    /// Reads the head.
    ///
    /// # Errors
    /// When it is no such file, or of a version that nobody described.
    pub fn open(source: Bytes) -> Result<Self, LegacyError> {
        let mut start = vec![0; usize::try_from(source.len()).unwrap_or(usize::MAX).min(4 + LONGEST_HEAD)];
        source.read_at(0, &mut start, &mut Hint::default()).map_err(LegacyError::Io)?;
        let head = head(&start).ok_or(LegacyError::NotABackup)?;
        let version = match head.version {
            0 => Version::Plain,
            1 => Version::Encrypted,
            version => return Err(LegacyError::Version { version }),
        };
        Ok(Self { source, head, version })
    }

    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// What the passphrase gives for this file. Slow on purpose: that is what makes guessing slow.
    #[must_use]
    pub fn keys(&self, passphrase: &Passphrase) -> FileKeys {
        passphrase.keys(&self.head.salt)
    }

    /// Tries the keys on the first frame.
    ///
    /// # Errors
    /// [`LegacyError::WrongPassphrase`], or what is wrong with the first frame although the passphrase is right.
    pub fn unlock(&self, keys: &FileKeys) -> Result<Unlocked, LegacyError> {
        Unlocked::new(self.clone(), &keys.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_head_is_recognised() {
        let mut good = vec![0, 0, 0, 22, 0x0a, 20, 0x0a, 16];
        good.extend([7; 16]);
        good.extend([0x18, 1]);
        assert!(recognise(&good));
        assert!(!recognise(good.get(..20).unwrap_or_default()), "it ends within the head");
        for (at, odd) in [(0, 1), (3, 200), (4, 0x12), (5, 19), (7, 15)] {
            let mut bad = good.clone();
            if let Some(byte) = bad.get_mut(at) {
                *byte = odd;
            }
            assert!(!recognise(&bad), "byte {at}");
        }
        assert!(!recognise(b"SQLite format 3\0") && !recognise(&[]) && !recognise(&[0; 600]));
    }
}
