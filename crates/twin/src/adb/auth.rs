//! Who may come in: the token, its signature, and the dialog on the phone's screen (`reference/android.md §1.1`).

use base64::prelude::{BASE64_STANDARD, Engine};
use rsa::{BigUint, Pkcs1v15Sign, RsaPublicKey, traits::PublicKeyParts};
use std::time::Duration;

/// Bytes of a token.
pub const TOKEN: usize = 20;
/// AUTH arg0: the phone's token.
pub const TYPE_TOKEN: u32 = 1;
/// AUTH arg0: the host's signature over the token.
pub const TYPE_SIGNATURE: u32 = 2;
/// AUTH arg0: the host's public key, for the person at the phone.
pub const TYPE_PUBLIC_KEY: u32 = 3;

/// Bytes of a 2048-bit modulus.
const MODULUS: usize = 256;
/// Bytes of Android's key layout: words, n0inv, modulus, rr, exponent.
const LAYOUT: usize = 4 + 4 + MODULUS + MODULUS + 4;
/// The DER in front of a SHA-1 digest in PKCS#1 v1.5 (RFC 8017, section 9.2, note 1).
const SHA1_PREFIX: [u8; 15] = [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];

/// How the phone treats a host.
#[derive(Debug, Clone, Default)]
pub enum Accept {
    /// No AUTH at all, as on a development build.
    #[default]
    Everyone,
    /// Only hosts whose key is in the phone's list; every other host is shown the dialog, and nobody answers it.
    Known(Vec<PublicKey>),
    /// The dialog is shown for a key not seen before. An allowed key is remembered, as with "always allow" ticked.
    Ask(Answer),
    /// A token in answer to everything, also to a public key.
    Forever,
}

/// What the person at the phone does with the dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Taps Allow after this long.
    Allow(Duration),
    /// Taps Cancel: the host gets no answer, and the phone hangs up nothing.
    Refuse,
    /// Does not look. [`crate::device::Device::tap_allow`] still can.
    Never,
}

/// A host's RSA-2048 key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(RsaPublicKey);

/// What makes a payload no host key.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KeyError {
    #[error("not base64")]
    NotBase64,
    #[error("{0} bytes where the layout has 524")]
    Length(usize),
    #[error("the key's words do not fit together: {0}")]
    Inconsistent(&'static str),
}

impl PublicKey {
    /// From the text of `adbkey.pub` or of an AUTH message: base64, then perhaps ` user@host`, then perhaps a zero byte.
    pub fn parse(text: &[u8]) -> Result<PublicKey, KeyError> {
        let end = text.iter().position(|byte| matches!(byte, 0 | b' ' | b'\n' | b'\r')).unwrap_or(text.len());
        let (blob, _) = text.split_at_checked(end).ok_or(KeyError::NotBase64)?;
        let bytes = BASE64_STANDARD.decode(blob).map_err(|_| KeyError::NotBase64)?;
        PublicKey::from_layout(&bytes)
    }

    fn from_layout(bytes: &[u8]) -> Result<PublicKey, KeyError> {
        if bytes.len() != LAYOUT {
            return Err(KeyError::Length(bytes.len()));
        }
        let word = |at: usize| bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes);
        let number = |at: usize| BigUint::from_bytes_le(bytes.get(at..at + MODULUS).unwrap_or_default());
        let (n, rr, e) = (number(8), number(8 + MODULUS), word(8 + 2 * MODULUS));
        if word(0) as usize * 4 != MODULUS {
            return Err(KeyError::Inconsistent("modulus words"));
        }
        if n.bits() != 2048 || word(8) % 2 == 0 {
            return Err(KeyError::Inconsistent("modulus"));
        }
        // n0inv is -1/N mod 2^32, so N's lowest word times it is -1
        if word(8).wrapping_mul(word(4)) != u32::MAX {
            return Err(KeyError::Inconsistent("n0inv"));
        }
        if rr != (BigUint::from(1u8) << (2 * 2048)) % &n {
            return Err(KeyError::Inconsistent("rr"));
        }
        RsaPublicKey::new(n, BigUint::from(e)).map(PublicKey).map_err(|_| KeyError::Inconsistent("exponent"))
    }

    /// The key in Android's layout, base64 without a comment: what `adbkey.pub` begins with.
    pub fn to_base64(&self) -> String {
        let (n, e) = (self.0.n(), self.0.e());
        let low = n.to_bytes_le().iter().take(4).rev().fold(0u32, |sum, byte| sum << 8 | u32::from(*byte));
        // Newton's step doubles the right bits of an inverse; an odd number is its own inverse in 3 bits
        let inverse = (0..5).fold(low, |x, _| x.wrapping_mul(2u32.wrapping_sub(low.wrapping_mul(x))));
        let mut bytes = Vec::with_capacity(LAYOUT);
        bytes.extend((MODULUS as u32 / 4).to_le_bytes());
        bytes.extend(inverse.wrapping_neg().to_le_bytes());
        for number in [n.clone(), (BigUint::from(1u8) << (2 * 2048)) % n] {
            let mut wide = number.to_bytes_le();
            wide.resize(MODULUS, 0);
            bytes.extend(wide);
        }
        let mut exponent = e.to_bytes_le();
        exponent.resize(4, 0);
        bytes.extend(exponent);
        BASE64_STANDARD.encode(bytes)
    }

    /// Whether `signature` was made over `token` with this key. The token stands where a SHA-1 digest would: it is not
    /// hashed again.
    pub fn signed(&self, token: &[u8; TOKEN], signature: &[u8]) -> bool {
        let scheme = Pkcs1v15Sign { hash_len: Some(TOKEN), prefix: SHA1_PREFIX.into() };
        self.0.verify(scheme, token, signature).is_ok()
    }
}

impl From<RsaPublicKey> for PublicKey {
    fn from(key: RsaPublicKey) -> PublicKey {
        PublicKey(key)
    }
}

/// A token nobody can foresee.
pub fn fresh_token() -> std::io::Result<[u8; TOKEN]> {
    let mut token = [0; TOKEN];
    getrandom::fill(&mut token).map_err(|_| std::io::ErrorKind::Other)?;
    Ok(token)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rsa::{RsaPrivateKey, rand_core::OsRng};

    #[test]
    fn a_key_reads_back_and_only_its_own_signature_over_this_token_counts() {
        let private = RsaPrivateKey::new(&mut OsRng, 2048).unwrap();
        let key = PublicKey::from(private.to_public_key());
        let text = format!("{} someone@desk\0", key.to_base64());
        assert_eq!(PublicKey::parse(text.as_bytes()).unwrap(), key);

        let token = fresh_token().unwrap();
        let scheme = || Pkcs1v15Sign { hash_len: Some(TOKEN), prefix: SHA1_PREFIX.into() };
        let mut signature = private.sign(scheme(), &token).unwrap();
        assert!(key.signed(&token, &signature));
        assert!(!key.signed(&fresh_token().unwrap(), &signature));
        *signature.first_mut().unwrap() ^= 1;
        assert!(!key.signed(&token, &signature));
        assert!(!key.signed(&token, b"short"));

        let mut bytes = BASE64_STANDARD.decode(key.to_base64()).unwrap();
        *bytes.get_mut(4).unwrap() ^= 1;
        assert_eq!(PublicKey::from_layout(&bytes).unwrap_err(), KeyError::Inconsistent("n0inv"));
        assert_eq!(PublicKey::from_layout(bytes.split_first().unwrap().1).unwrap_err(), KeyError::Length(523));
        assert_eq!(PublicKey::parse(b"%%%").unwrap_err(), KeyError::NotBase64);
        // a bent word gives another key, or none
        for at in [0, 8, 8 + 256, 8 + 512] {
            let mut bent = BASE64_STANDARD.decode(key.to_base64()).unwrap();
            *bent.get_mut(at).unwrap() ^= 2;
            assert!(PublicKey::from_layout(&bent).map_or(true, |other| other != key), "{at}");
        }
    }
}
