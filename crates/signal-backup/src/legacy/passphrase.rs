//! The passphrase of 30 digits, and the keys made of it.

use hkdf::Hkdf;
use sha2::{Digest, Sha256, Sha512};
use std::fmt;
use zeroize::Zeroizing;

/// Digits that Signal shows, in six groups of five.
const DIGITS: usize = 30;
/// Longer input is refused unread.
const LONGEST_INPUT: usize = 4096;
const ROUNDS: u32 = 250_000;
const INFO: &[u8] = b"Backup Export";

/// Why an input is not a passphrase. Holds no digit of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    #[error("nothing was entered")]
    Empty,
    /// The recovery key of the newer kind of backup, most likely.
    #[error("the passphrase holds something other than digits")]
    NotDigits,
    #[error("the passphrase has {digits} digits, it should have {DIGITS}")]
    WrongDigitCount { digits: usize },
}

/// The digits. Wiped when dropped, never shown.
pub struct Passphrase(Zeroizing<[u8; DIGITS]>);

impl Passphrase {
    /// As the holder typed it: spaces, line breaks and dashes are passed over.
    ///
    /// # Errors
    /// When it is something else.
    pub fn parse(input: &[u8]) -> Result<Self, PassphraseError> {
        if input.len() > LONGEST_INPUT {
            return Err(PassphraseError::WrongDigitCount { digits: input.len() });
        }
        let said = || input.iter().copied().filter(|c| !c.is_ascii_whitespace() && *c != b'-');
        let (mut digits, mut n) = (Zeroizing::new([0; DIGITS]), 0);
        for (place, c) in said().enumerate() {
            if !c.is_ascii_digit() {
                return Err(PassphraseError::NotDigits);
            }
            if let Some(to) = digits.get_mut(place) {
                *to = c;
            }
            n += 1;
        }
        match n {
            0 => Err(PassphraseError::Empty),
            DIGITS => Ok(Self(digits)),
            digits => Err(PassphraseError::WrongDigitCount { digits }),
        }
    }

    /// Cipher key and key of the tags: a quarter of a million rounds.
    pub(super) fn keys(&self, salt: &[u8]) -> FileKeys {
        let pass = self.0.as_slice();
        let mut hash = Zeroizing::new([0; 64]);
        hash.copy_from_slice(&Sha512::new().chain_update(salt).chain_update(pass).chain_update(pass).finalize());
        for _ in 1..ROUNDS {
            let next = Sha512::new().chain_update(hash.as_slice()).chain_update(pass).finalize();
            hash.copy_from_slice(&next);
        }
        let mut keys = Zeroizing::new([0; 64]);
        // 64 bytes are no more than this function gives.
        let _ = Hkdf::<Sha256>::new(None, hash.get(..32).unwrap_or_default()).expand(INFO, keys.as_mut());
        FileKeys(keys)
    }
}

/// What a passphrase gives for one file. Wiped when dropped, never shown.
#[derive(Clone)]
pub struct FileKeys(pub(super) Zeroizing<[u8; 64]>);

impl fmt::Debug for FileKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKeys(..)")
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_taken_as_they_are_written_down_and_nothing_else_is() {
        let same = ["012345678901234567890123456789", " 01234 56789-01234\n56789 01234 56789 "];
        let keys = same.map(|text| *Passphrase::parse(text.as_bytes()).unwrap().0);
        assert_eq!(keys[0], keys[1]);
        assert_eq!(Passphrase::parse(b" \n").unwrap_err(), PassphraseError::Empty);
        assert_eq!(Passphrase::parse(b"01234 5678").unwrap_err(), PassphraseError::WrongDigitCount { digits: 9 });
        assert_eq!(Passphrase::parse(&[b'1'; 40]).unwrap_err(), PassphraseError::WrongDigitCount { digits: 40 });
        assert_eq!(Passphrase::parse(&[b'1'; 5000]).unwrap_err(), PassphraseError::WrongDigitCount { digits: 5000 });
        assert_eq!(Passphrase::parse(&[b'm'; 64]).unwrap_err(), PassphraseError::NotDigits);
        assert_eq!(format!("{:?}", Passphrase::parse(&[b'7'; 30]).unwrap()), "Passphrase(..)");
    }
}
