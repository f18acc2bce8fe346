//! Zip entries that are encrypted as WinZip does (its specification of AE-1 and AE-2), with a key of 256 bits: AES in counter
//! mode, ten bytes of HMAC-SHA1 over what is encrypted, and keys that a thousand rounds of PBKDF2 make of the password and a salt
//! of the entry's own.
//!
//! The tag is verified over the whole entry before a byte of it is decrypted. Two bytes that tell a wrong password at once
//! stand before it; one wrong password in 65,536 passes them.

use crate::{Bytes, Hint, ReadAt, window::Window};
use aes::{Aes256, cipher::KeyInit};
use ctr::{
    Ctr128LE,
    cipher::{InnerIvInit, StreamCipher, StreamCipherSeek},
};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use std::{fmt, io};
use zeroize::Zeroizing;

/// The method that stands where the real one would.
pub(crate) const METHOD: u16 = 99;
const KEY: usize = 32;
const SALT: usize = 16;
const VERIFIER: usize = 2;
/// What stands before the content of an entry.
pub(crate) const BEGINS: usize = SALT + VERIFIER;
const TAG: usize = 10;
const ROUNDS: u32 = 1000;
/// Salt, verifier and tag.
const OVERHEAD: u64 = (SALT + VERIFIER + TAG) as u64;
/// Bytes that go through the tag at a time.
const PIECE: usize = 64 << 10;

/// What the extra field says of the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Aes {
    pub(crate) method: u16,
    /// AE-1 keeps the checksum of the content, AE-2 does not.
    pub(crate) checksum: bool,
}

impl Aes {
    /// None for another key length, another vendor, another version.
    pub(crate) fn read(field: &[u8]) -> Option<Self> {
        const STRENGTH_256: u8 = 3;
        let [version, 0, b'A', b'E', STRENGTH_256, low, high] = *field else { return None };
        matches!(version, 1 | 2).then_some(Self { method: u16::from_le_bytes([low, high]), checksum: version == 1 })
    }
}

/// What is left of an entry of `stored` bytes when what encrypts it is taken off.
pub(crate) fn content_bytes(stored: u64) -> Option<u64> {
    stored.checked_sub(OVERHEAD)
}

/// Why an entry was not decrypted.
#[derive(Debug)]
pub(crate) enum Refused {
    Password,
    Tag,
    Io(io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The keys of one entry.
struct Keys {
    cipher: Aes256,
    tag: Hmac<Sha1>,
    verifier: [u8; VERIFIER],
}

impl Keys {
    fn derive(password: &[u8], salt: &[u8; SALT]) -> Option<Self> {
        let mut made = Zeroizing::new([0; 2 * KEY + VERIFIER]);
        pbkdf2(password, salt, made.as_mut_slice())?;
        let (cipher, rest) = made.split_first_chunk::<KEY>()?;
        let (tag, verifier) = rest.split_first_chunk::<KEY>()?;
        Some(Self {
            cipher: Aes256::new(cipher.into()),
            tag: Hmac::new_from_slice(tag).ok()?,
            verifier: *verifier.first_chunk()?,
        })
    }
}

/// RFC 8018 over HMAC-SHA1. `None` cannot occur: this MAC takes a key of any length.
fn pbkdf2(password: &[u8], salt: &[u8], out: &mut [u8]) -> Option<()> {
    let keyed = Hmac::<Sha1>::new_from_slice(password).ok()?;
    for (block, number) in out.chunks_mut(20).zip(1_u32..) {
        let mut mac = keyed.clone();
        mac.update(salt);
        mac.update(&number.to_be_bytes());
        let mut last = mac.finalize().into_bytes();
        let mut sum = Zeroizing::new(<[u8; 20]>::from(last));
        for _ in 1..ROUNDS {
            let mut mac = keyed.clone();
            mac.update(&last);
            last = mac.finalize().into_bytes();
            sum.iter_mut().zip(&last).for_each(|(sum, byte)| *sum ^= byte);
        }
        block.iter_mut().zip(sum.iter()).for_each(|(to, byte)| *to = *byte);
    }
    Some(())
}

/// Whether the two bytes before the content are those of this password.
pub(crate) fn password_fits(stored: &Bytes, password: &[u8]) -> io::Result<bool> {
    let (keys, verifier) = head(stored, password)?;
    Ok(keys.verifier == verifier)
}

fn head(stored: &Bytes, password: &[u8]) -> io::Result<(Keys, [u8; VERIFIER])> {
    let (mut salt, mut verifier) = ([0; SALT], [0; VERIFIER]);
    let mut hint = Hint::default();
    stored.read_at(0, &mut salt, &mut hint)?;
    stored.read_at(SALT as u64, &mut verifier, &mut hint)?;
    let keys = Keys::derive(password, &salt).ok_or(io::ErrorKind::InvalidInput)?;
    Ok((keys, verifier))
}

/// The content of an entry whose tag verified.
pub(crate) fn open(stored: Bytes, password: &[u8]) -> Result<Decrypted, Refused> {
    let (keys, verifier) = head(&stored, password)?;
    if keys.verifier != verifier {
        return Err(Refused::Password);
    }
    let len = content_bytes(stored.len()).ok_or(Refused::Tag)?;
    let begin = BEGINS as u64;
    let (mut mac, mut hint) = (keys.tag, Hint::default());
    let mut piece = vec![0; PIECE];
    let mut at = 0;
    while at < len {
        let n = usize::try_from(len - at).unwrap_or(usize::MAX).min(PIECE);
        let Some(part) = piece.get_mut(..n) else { break };
        stored.read_at(begin + at, part, &mut hint)?;
        mac.update(part);
        at += n as u64;
    }
    let mut tag = [0; TAG];
    stored.read_at(begin + len, &mut tag, &mut hint)?;
    mac.verify_truncated_left(&tag).map_err(|_| Refused::Tag)?;
    let content = Window::new(stored, begin, len).ok_or(Refused::Tag)?;
    Ok(Decrypted { content, cipher: keys.cipher })
}

/// Decrypts on demand, from any place.
pub(crate) struct Decrypted {
    content: Window,
    cipher: Aes256,
}

impl ReadAt for Decrypted {
    fn len(&self) -> u64 {
        self.content.len()
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], hint: &mut Hint) -> io::Result<()> {
        self.content.read_at(pos, buf, hint)?;
        let first = 1_u128.to_le_bytes();
        let mut stream: Ctr128LE<&Aes256> = Ctr128LE::from_core(ctr::CtrCore::inner_iv_init(&self.cipher, (&first).into()));
        stream.try_seek(pos).map_err(|_| io::ErrorKind::InvalidInput)?;
        stream.try_apply_keystream(buf).map_err(|_| io::ErrorKind::InvalidInput.into())
    }
}

impl fmt::Debug for Decrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decrypted").field("bytes", &self.content.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_the_standard() {
        // Python: hashlib.pbkdf2_hmac("sha1", b"Wachtwoord!", bytes(range(16)), 1000, 66).
        let salt: [u8; SALT] = std::array::from_fn(|n| n as u8);
        let mut made = [0; 2 * KEY + VERIFIER];
        pbkdf2(b"Wachtwoord!", &salt, &mut made).unwrap();
        let hex: String = made.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, KNOWN);
    }

    const KNOWN: &str = "6c99f544248eac0ed9a8f80c524fc30645f8783cc394766c213e3e3dd17c732241f8fd22677888d635ee7115e03f5c2d8a4e11fb8e1f05ee14aee9d9c2ee0defe853";

    #[test]
    fn only_the_field_of_the_specification_is_taken() {
        assert_eq!(Aes::read(&[2, 0, b'A', b'E', 3, 8, 0]), Some(Aes { method: 8, checksum: false }));
        assert_eq!(Aes::read(&[1, 0, b'A', b'E', 3, 0, 0]), Some(Aes { method: 0, checksum: true }));
        for field in [&[3, 0, b'A', b'E', 3, 8, 0][..], &[2, 0, b'A', b'E', 1, 8, 0], &[2, 0, b'A', b'E', 3, 8], &[]] {
            assert_eq!(Aes::read(field), None);
        }
        assert_eq!((content_bytes(27), content_bytes(28)), (None, Some(0)));
    }
}
