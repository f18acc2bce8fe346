//! The recovery key: 64 characters, and the keys made of it.

use hkdf::Hkdf;
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

/// Characters that Signal shows, in sixteen groups of four.
const CHARACTERS: usize = 64;
/// Longer input is refused unread.
const LONGEST_INPUT: usize = 4096;
const BACKUP_KEY: &[u8] = b"20240801_SIGNAL_BACKUP_KEY";

/// Why an input is not a recovery key. Holds no character of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("nothing was entered")]
    Empty,
    #[error("the key holds a character that is no letter, digit, # or =")]
    OtherCharacter,
    /// The passphrase of the older kind of backup, most likely.
    #[error("these are {digits} digits: a passphrase, and no recovery key")]
    Passphrase { digits: usize },
    #[error("the key has {characters} characters, it should have {CHARACTERS}")]
    WrongCount { characters: usize },
}

/// A key of 32 bytes.
pub(super) type Key = Zeroizing<[u8; 32]>;

/// What HKDF makes of a key, for one purpose.
pub(super) fn expand<const N: usize>(key: &[u8], info: &[&[u8]]) -> Zeroizing<[u8; N]> {
    let mut out = Zeroizing::new([0; N]);
    // N is far below what this function gives at most.
    let _ = Hkdf::<Sha256>::new(None, key).expand_multi_info(info, out.as_mut());
    out
}

/// The key of an account's backups. It opens more than backups: wiped when dropped, never shown.
pub struct RecoveryKey(Zeroizing<[u8; CHARACTERS]>);

impl RecoveryKey {
    /// As the holder typed it. The screen shows capitals, `#` for the letter o and `=` for the digit 0.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(input: &[u8]) -> Result<Self, KeyError> {
        if input.len() > LONGEST_INPUT {
            return Err(KeyError::WrongCount { characters: input.len() });
        }
        let (mut key, mut n, mut digits) = (Zeroizing::new([0; CHARACTERS]), 0, true);
        for c in input.iter().copied().filter(|c| !c.is_ascii_whitespace() && *c != b'-') {
            let c = match c {
                b'#' => b'o',
                b'=' => b'0',
                c if c.is_ascii_alphanumeric() => c.to_ascii_lowercase(),
                _ => return Err(KeyError::OtherCharacter),
            };
            digits &= c.is_ascii_digit();
            if let Some(to) = key.get_mut(n) {
                *to = c;
            }
            n += 1;
        }
        match n {
            0 => Err(KeyError::Empty),
            CHARACTERS => Ok(Self(key)),
            digits_only if digits => Err(KeyError::Passphrase { digits: digits_only }),
            characters => Err(KeyError::WrongCount { characters }),
        }
    }

    /// The key that all others of an account's backups are made of.
    pub(super) fn backup_key(&self) -> Key {
        expand(self.0.as_slice(), &[BACKUP_KEY])
    }
}

impl fmt::Debug for RecoveryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryKey(..)")
    }
}
