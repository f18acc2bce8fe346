//! This station's adb key. The vault keeps it and hands it in; nothing is read from or written to `~/.android`.

use base64::{Engine, engine::general_purpose::STANDARD};
use rsa::{
    BigUint, Pkcs1v15Sign, RsaPrivateKey,
    pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding},
    traits::PublicKeyParts,
};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::fmt;

/// Bytes of an RSA-2048 modulus; adb knows no other size.
const MODULUS: usize = 256;
/// ASN.1 DigestInfo of SHA-1, before the 20 bytes of the digest. adb takes the token *as* the digest
/// (reference/android.md §1.1, confirmed by a captured signature).
const SHA1_DIGEST_INFO: [u8; 15] = [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];

/// Stands after the key, `user@host` by custom. The phone keeps and shows it: no person's or machine's name.
const LABEL: &[u8] = b"uitlezen@station";

#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("not an RSA private key in PKCS#8 PEM")]
    NotPkcs8,
    #[error("the key has {bits} bits; adb takes 2048 with exponent 65537")]
    NotRsa2048 { bits: usize },
    #[error("the key could not be made or used")]
    Unusable,
}

/// An RSA-2048 key pair; the private half is wiped when dropped.
pub struct AdbKey {
    private: RsaPrivateKey,
}

impl fmt::Debug for AdbKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AdbKey({})", self.fingerprint())
    }
}

impl AdbKey {
    /// A fresh key; takes a second or so.
    pub fn generate() -> Result<Self, KeyError> {
        let private = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, MODULUS * 8).map_err(|_| KeyError::Unusable)?;
        Self::checked(private)
    }

    /// From PKCS#8 PEM, the form of adb's own `adbkey`.
    pub fn from_pem(pem: &SecretString) -> Result<Self, KeyError> {
        Self::checked(RsaPrivateKey::from_pkcs8_pem(pem.expose_secret()).map_err(|_| KeyError::NotPkcs8)?)
    }

    fn checked(private: RsaPrivateKey) -> Result<Self, KeyError> {
        if private.size() != MODULUS || private.n().bits() != MODULUS * 8 || *private.e() != BigUint::from(65537u32) {
            return Err(KeyError::NotRsa2048 { bits: private.n().bits() });
        }
        Ok(Self { private })
    }

    /// PKCS#8 PEM, for the vault.
    pub fn to_pem(&self) -> Result<SecretString, KeyError> {
        let pem = self.private.to_pkcs8_pem(LineEnding::LF).map_err(|_| KeyError::Unusable)?;
        Ok(SecretString::from(pem.as_str()))
    }

    /// The signature over a token: PKCS#1 v1.5 with the token in the place of a SHA-1 digest. 256 bytes.
    pub fn sign(&self, token: &[u8; 20]) -> Result<Vec<u8>, KeyError> {
        let mut info = [0; 35];
        for (to, from) in info.iter_mut().zip(SHA1_DIGEST_INFO.iter().chain(token)) {
            *to = *from;
        }
        self.private.sign(Pkcs1v15Sign::new_unprefixed(), &info).map_err(|_| KeyError::Unusable)
    }

    /// The 524-byte structure in which Android keeps a public key: words of the modulus, -1/N mod 2^32, modulus,
    /// R² mod N with R = 2^2048, exponent; all little endian.
    #[must_use]
    pub fn android_public_key(&self) -> Vec<u8> {
        public_structure(self.private.n())
    }

    /// The payload of AUTH RSAPUBLICKEY: base64 of the structure, a label, a zero byte.
    #[must_use]
    pub fn auth_payload(&self) -> Vec<u8> {
        let mut out = STANDARD.encode(self.android_public_key()).into_bytes();
        out.push(b' ');
        out.extend_from_slice(LABEL);
        out.push(0);
        out
    }

    /// SHA-256 of the public structure, first 16 bytes in hex: to recognise the key in a vault or a log.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.android_public_key());
        hex::encode(digest.iter().take(16).copied().collect::<Vec<_>>())
    }
}

/// See [`AdbKey::android_public_key`].
pub(crate) fn public_structure(n: &BigUint) -> Vec<u8> {
    let mut out = Vec::with_capacity(MODULUS * 2 + 12);
    out.extend_from_slice(&(MODULUS as u32 / 4).to_le_bytes());
    out.extend_from_slice(&negative_inverse(n).to_le_bytes());
    push_number(&mut out, n);
    push_number(&mut out, &((BigUint::from(1u32) << (MODULUS * 16)) % n));
    out.extend_from_slice(&65537u32.to_le_bytes());
    out
}

/// -1/N mod 2^32 by Newton's iteration; N is odd, and each of five rounds doubles the number of right bits (3 to 96).
fn negative_inverse(n: &BigUint) -> u32 {
    let low = crate::android::message::le32(&n.to_bytes_le(), 0);
    let mut inverse = low; // right in its lowest 3 bits for any odd number
    for _ in 0..5 {
        inverse = inverse.wrapping_mul(2u32.wrapping_sub(low.wrapping_mul(inverse)));
    }
    inverse.wrapping_neg()
}

fn push_number(out: &mut Vec<u8>, number: &BigUint) {
    let mut bytes = number.to_bytes_le();
    bytes.resize(MODULUS, 0);
    out.extend_from_slice(&bytes);
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::android::message::le32;
    use rsa::RsaPublicKey;

    #[test]
    fn a_key_survives_the_vault_and_its_public_form_is_consistent() {
        let key = AdbKey::generate().unwrap();
        let again = AdbKey::from_pem(&key.to_pem().unwrap()).unwrap();
        assert_eq!(key.fingerprint(), again.fingerprint());

        let public = key.android_public_key();
        assert_eq!(public.len(), 524);
        assert_eq!(le32(&public, 0), 64);
        let n = BigUint::from_bytes_le(&public[8..264]);
        assert_eq!(le32(&public, 4).wrapping_neg().wrapping_mul(le32(&public, 8)), 1, "n0inv");
        assert_eq!(BigUint::from_bytes_le(&public[264..520]), BigUint::from(2u32).modpow(&BigUint::from(4096u32), &n));

        let token = [7; 20];
        let signature = key.sign(&token).unwrap();
        let mut info = SHA1_DIGEST_INFO.to_vec();
        info.extend_from_slice(&token);
        RsaPublicKey::new(n, BigUint::from(65537u32)).unwrap().verify(Pkcs1v15Sign::new_unprefixed(), &info, &signature).unwrap();
        assert!(!format!("{key:?}").contains("PRIVATE"));
    }

    #[test]
    fn keys_of_another_kind_are_refused() {
        assert!(matches!(AdbKey::from_pem(&SecretString::from("not a key")), Err(KeyError::NotPkcs8)));
        let small = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 1024).unwrap();
        let pem = SecretString::from(small.to_pkcs8_pem(LineEnding::LF).unwrap().as_str());
        assert!(matches!(AdbKey::from_pem(&pem), Err(KeyError::NotRsa2048 { bits: 1024 })));
    }
}
