//! The secrets an owner can supply for a backup (reference/android.md §2.2) and the AES keys made of them.
//!
//! Called by whoever asks the holder for a key (`readout`, `cli`) and by the container reader. A key is never printed: the
//! report names it by its [`KeyFingerprint`], because the key changes each time end-to-end backup is switched off and on.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

/// Digits of the key that WhatsApp shows to its owner.
pub const KEY_DIGITS: usize = 64;
/// Java serialisation header of `encrypted_backup.key`: a `byte[32]`. 27 bytes (reference/android.md §2.2).
const ROOT_FILE_HEAD: [u8; 27] = *b"\xac\xed\x00\x05ur\x00\x02[B\xac\xf3\x17\xf8\x06\x08T\xe0\x02\x00\x00xp\x00\x00\x00\x20";
/// The same header before a `byte[131]`: the `key` file of crypt12 and crypt14.
const LEGACY_FILE_HEAD: [u8; 27] = *b"\xac\xed\x00\x05ur\x00\x02[B\xac\xf3\x17\xf8\x06\x08T\xe0\x02\x00\x00xp\x00\x00\x00\x83";
/// Every Java serialisation stream starts so (magic and version 5).
const JAVA_MAGIC: &[u8] = b"\xac\xed\x00\x05";
/// Length of `encrypted_backup.key` and of `key`.
const ROOT_FILE_BYTES: usize = 59;
const LEGACY_FILE_BYTES: usize = 158;
/// More than any key or key file; longer input is refused unread.
const LONGEST_INPUT: usize = 4096;

/// Why an input is not a key. Holds no digit of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error("nothing was entered")]
    Empty,
    /// A character that is no hexadecimal digit: most often the backup *password* was entered, which opens no local file.
    #[error("the key holds a character that is not 0-9 or a-f")]
    NotHexDigits,
    #[error("the key has {digits} digits, it should have {KEY_DIGITS}")]
    WrongDigitCount { digits: usize },
    /// The bytes (or digits) of a key file where 64 digits were asked.
    #[error("this is a key file of {bytes} bytes, not the 64-digit key")]
    KeyFileGivenAsDigits { bytes: usize },
    /// The `key` file of crypt12/14 where `encrypted_backup.key` was expected, or the other way round.
    #[error("this is the other kind of key file")]
    OtherKeyFile,
    /// A serialisation that is not the known one (a 159-byte `key` file is one such).
    #[error("the key file has {bytes} bytes in a form that is not supported")]
    UnsupportedKeyFile { bytes: usize },
    /// The known form, but its own checksum or constant part does not hold.
    #[error("the key file is damaged")]
    DamagedKeyFile,
}

/// First 8 bytes of the SHA-256 of a key, as 16 lower-case hex digits: tells key generations apart without telling the key.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Debug)]
#[serde(transparent)]
pub struct KeyFingerprint(String);

impl KeyFingerprint {
    fn of(secret: &[u8; 32]) -> Self {
        let digest = Sha256::digest(secret);
        Self(hex::encode(digest.get(..8).unwrap_or_default()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The 32-byte root key of end-to-end encrypted backups (`.crypt15`).
pub struct BackupKey(SecretBox<[u8; 32]>);

impl BackupKey {
    #[must_use]
    pub fn from_root(mut root: [u8; 32]) -> Self {
        let key = Self(boxed(&root));
        root.zeroize();
        key
    }

    /// The 64-digit key as the holder typed it: spaces, line breaks and any case are accepted, nothing else is.
    ///
    /// Takes bytes, because a key *file* that is given by mistake is no text.
    pub fn from_digits(input: &[u8]) -> Result<Self, KeyError> {
        if input.starts_with(JAVA_MAGIC) {
            return Err(KeyError::KeyFileGivenAsDigits { bytes: input.len() });
        }
        if input.len() > LONGEST_INPUT {
            return Err(KeyError::WrongDigitCount { digits: input.len() });
        }
        let mut digits: Zeroizing<Vec<u8>> = Zeroizing::new(Vec::with_capacity(input.len()));
        digits.extend(input.iter().filter(|c| !c.is_ascii_whitespace()));
        if digits.is_empty() {
            return Err(KeyError::Empty);
        }
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(KeyError::NotHexDigits);
        }
        if digits.len() > 8 && digits.get(..8).is_some_and(|d| d.eq_ignore_ascii_case(b"aced0005")) {
            return Err(KeyError::KeyFileGivenAsDigits { bytes: digits.len() / 2 });
        }
        let mut root = Zeroizing::new([0; 32]);
        if digits.len() != KEY_DIGITS || hex::decode_to_slice(digits.as_slice(), root.as_mut_slice()).is_err() {
            return Err(KeyError::WrongDigitCount { digits: digits.len() });
        }
        Ok(Self(boxed(&root)))
    }

    /// The file `encrypted_backup.key`: 59 bytes.
    pub fn from_key_file(file: &[u8]) -> Result<Self, KeyError> {
        if file.is_empty() {
            return Err(KeyError::Empty);
        }
        if file.len() == LEGACY_FILE_BYTES && file.starts_with(&LEGACY_FILE_HEAD) {
            return Err(KeyError::OtherKeyFile);
        }
        if file.len() != ROOT_FILE_BYTES {
            return Err(KeyError::UnsupportedKeyFile { bytes: file.len() });
        }
        let root = file.strip_prefix(&ROOT_FILE_HEAD).and_then(|rest| <&[u8; 32]>::try_from(rest).ok());
        root.map(|root| Self(boxed(root))).ok_or(KeyError::UnsupportedKeyFile { bytes: file.len() })
    }

    #[must_use]
    pub fn fingerprint(&self) -> KeyFingerprint {
        KeyFingerprint::of(self.0.expose_secret())
    }

    /// The root key itself, for whoever keeps it (the vault, the pipe to the reader child).
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }

    /// The key of one purpose: one round of an HKDF-like expansion (reference/android.md §2.3).
    #[must_use]
    pub fn derive(&self, purpose: KeyPurpose) -> Zeroizing<[u8; 32]> {
        let prk = hmac(&[0; 32], &[self.0.expose_secret()]);
        hmac(&prk, &[purpose.label(), &[1]])
    }
}

/// What a derived key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPurpose {
    /// The AES key of local `.crypt15` files.
    Backup,
    /// Google Drive metadata only.
    MetadataEncryption,
    /// Google Drive metadata only.
    MetadataAuthentication,
}

impl KeyPurpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Backup => b"backup encryption",
            Self::MetadataEncryption => b"metadata encryption",
            Self::MetadataAuthentication => b"metadata authentication",
        }
    }
}

fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&padded(key).into());
    for part in parts {
        mac.update(part);
    }
    Zeroizing::new(mac.finalize().into_bytes().into())
}

/// An HMAC key of one SHA-256 block: shorter keys are padded with zero bytes (RFC 2104).
fn padded(key: &[u8; 32]) -> [u8; 64] {
    let mut block = [0; 64];
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    block
}

fn boxed(secret: &[u8; 32]) -> SecretBox<[u8; 32]> {
    SecretBox::init_with_mut(|inner: &mut [u8; 32]| inner.copy_from_slice(secret))
}

impl fmt::Debug for BackupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BackupKey(..)")
    }
}

/// The `key` file of crypt12 and crypt14. Only the owner of a rooted phone has one; old archives may come with it.
pub struct LegacyKey {
    key: SecretBox<[u8; 32]>,
    /// 1, 2 or 3.
    version: u8,
    server_salt: [u8; 32],
    google_id: [u8; 16],
}

impl LegacyKey {
    /// The file `key`: 158 bytes. Other serialisations are refused, also those that other programs try to mend.
    pub fn from_key_file(file: &[u8]) -> Result<Self, KeyError> {
        if file.is_empty() {
            return Err(KeyError::Empty);
        }
        if file.len() == ROOT_FILE_BYTES && file.starts_with(&ROOT_FILE_HEAD) {
            return Err(KeyError::OtherKeyFile);
        }
        let unsupported = KeyError::UnsupportedKeyFile { bytes: file.len() };
        if file.len() != LEGACY_FILE_BYTES {
            return Err(unsupported);
        }
        let rest = file.strip_prefix(&LEGACY_FILE_HEAD).ok_or(unsupported)?;
        // cipher version 2, key version 1, server salt 32, google id salt 16, its SHA-256 32, zeros 16, AES key 32.
        let (cipher, rest) = rest.split_first_chunk::<2>().ok_or(unsupported)?;
        let ([version], rest) = rest.split_first_chunk::<1>().ok_or(unsupported)?;
        let (server_salt, rest) = rest.split_first_chunk::<32>().ok_or(unsupported)?;
        let (google_id, rest) = rest.split_first_chunk::<16>().ok_or(unsupported)?;
        let (google_hash, rest) = rest.split_first_chunk::<32>().ok_or(unsupported)?;
        let (zeros, rest) = rest.split_first_chunk::<16>().ok_or(unsupported)?;
        let key = <&[u8; 32]>::try_from(rest).map_err(|_| unsupported)?;
        if *cipher != [0, 1] || !(1..=3).contains(version) {
            return Err(unsupported);
        }
        if Sha256::digest(google_id).as_slice() != google_hash.as_slice() || *zeros != [0; 16] {
            return Err(KeyError::DamagedKeyFile);
        }
        Ok(Self { key: boxed(key), version: *version, server_salt: *server_salt, google_id: *google_id })
    }

    #[must_use]
    pub fn fingerprint(&self) -> KeyFingerprint {
        KeyFingerprint::of(self.key.expose_secret())
    }

    pub(super) fn aes_key(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(*self.key.expose_secret())
    }

    /// Whether a header names this key. The version stands there as a number or as an ASCII digit.
    pub(super) fn is_named_by(&self, version: u8, server_salt: &[u8], google_id: &[u8]) -> bool {
        let version = if version.is_ascii_digit() { version - b'0' } else { version };
        version == self.version && server_salt == self.server_salt && google_id == self.google_id
    }
}

impl fmt::Debug for LegacyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LegacyKey(..)")
    }
}

/// What the owner gave: either, both or none.
#[derive(Debug, Default)]
pub struct Keys {
    /// Opens crypt15.
    pub backup: Option<BackupKey>,
    /// Opens crypt12 and crypt14.
    pub legacy: Option<LegacyKey>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    const REAL: &str = "6730a595a1484d0c39c101dc0ac82ec5e401bb6f0e1b8ee2dc104a6b3687f017";

    fn derived(root: &str, purpose: KeyPurpose) -> String {
        hex::encode(BackupKey::from_digits(root.as_bytes()).unwrap().derive(purpose).as_slice())
    }

    #[test]
    fn the_published_vectors_come_out() {
        // reference/android.md §2.3, one real key and one made by counting.
        for (root, purpose, key) in [
            (REAL, KeyPurpose::Backup, "17ec312152f6f84fd13a3ec6b9c9279aac60bb84405f0685d1fae27293757bc7"),
            (REAL, KeyPurpose::MetadataEncryption, "7cbf5f4dbaf010dffc38d760b98900b5ee5086a40308f28abdfa775c52fabe69"),
            (REAL, KeyPurpose::MetadataAuthentication, "9225f36527dd531ecfa5fc1f2795382f6765308bfc9b31affd222844d7b45bad"),
            (
                "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
                KeyPurpose::Backup,
                "4e54c0777a7214dfdf0af5b6e153acfa2fbdac603fea6fd1630b824e5c29eef5",
            ),
        ] {
            assert_eq!(derived(root, purpose), key);
        }
        let prk = |root: &str| hex::encode(hmac(&[0; 32], &[&hex::decode(root).unwrap()]).as_slice());
        assert_eq!(prk(REAL), "32e4c4a3b8d962c4718b4d8fd83f5a71e949849ce6afd4543828bc6ab3fd5caa");
        assert_eq!(
            prk("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"),
            "46bd320605c5a6b6163ab70bc6345b92a5f908e79fe58979c23ebb47d1a5e307"
        );
    }

    #[test]
    fn digits_are_taken_as_the_screen_shows_them() {
        let spaced: String =
            REAL.to_uppercase().as_bytes().chunks(4).map(|c| format!("{} ", str::from_utf8(c).unwrap())).collect();
        let typed = BackupKey::from_digits(format!("\t{}\r\n", spaced.replacen(' ', "\n", 3)).as_bytes()).unwrap();
        assert_eq!(hex::encode(typed.expose()), REAL);
        let fingerprint = hex::encode(&Sha256::digest(hex::decode(REAL).unwrap())[..8]);
        assert_eq!(typed.fingerprint().as_str(), fingerprint);
    }

    #[test]
    fn what_is_not_a_key_is_told_apart() {
        let refuse = |input: &[u8]| BackupKey::from_digits(input).map(|_| ()).unwrap_err();
        assert_eq!(refuse(b""), KeyError::Empty);
        assert_eq!(refuse(b" \n"), KeyError::Empty);
        assert_eq!(refuse(b"correct horse battery"), KeyError::NotHexDigits);
        assert_eq!(refuse(REAL.replace('6', "O").as_bytes()), KeyError::NotHexDigits);
        assert_eq!(refuse(&REAL.as_bytes()[1..]), KeyError::WrongDigitCount { digits: 63 });
        assert_eq!(refuse(format!("{REAL}0").as_bytes()), KeyError::WrongDigitCount { digits: 65 });
        assert_eq!(refuse(&vec![b'a'; 1 << 20]), KeyError::WrongDigitCount { digits: 1 << 20 });
        let root_file = [&ROOT_FILE_HEAD[..], &[7; 32]].concat();
        assert_eq!(refuse(&root_file), KeyError::KeyFileGivenAsDigits { bytes: 59 });
        assert_eq!(refuse(hex::encode_upper(&root_file).as_bytes()), KeyError::KeyFileGivenAsDigits { bytes: 59 });
        let legacy_file = [&LEGACY_FILE_HEAD[..], &[7; 131]].concat();
        assert_eq!(refuse(&legacy_file), KeyError::KeyFileGivenAsDigits { bytes: 158 });
        assert_eq!(BackupKey::from_key_file(&legacy_file).unwrap_err(), KeyError::OtherKeyFile);
        assert_eq!(LegacyKey::from_key_file(&root_file).unwrap_err(), KeyError::OtherKeyFile);
        assert_eq!(BackupKey::from_key_file(&[0; 59]).unwrap_err(), KeyError::UnsupportedKeyFile { bytes: 59 });
        assert_eq!(BackupKey::from_key_file(&root_file).unwrap().expose(), &[7; 32]);
    }

    fn legacy_file(google_hash: &[u8]) -> Vec<u8> {
        [&LEGACY_FILE_HEAD[..], &[0, 1], &[2], &[3; 32], &[4; 16], google_hash, &[0; 16], &[5; 32]].concat()
    }

    #[test]
    fn a_legacy_key_file_is_checked_against_its_own_hash() {
        let good = legacy_file(&Sha256::digest([4; 16]));
        let key = LegacyKey::from_key_file(&good).unwrap();
        assert!(key.is_named_by(b'2', &[3; 32], &[4; 16]) && key.is_named_by(2, &[3; 32], &[4; 16]));
        assert!(!key.is_named_by(b'1', &[3; 32], &[4; 16]) && !key.is_named_by(2, &[0; 32], &[4; 16]));
        assert_eq!(*key.aes_key(), [5; 32]);
        assert_eq!(LegacyKey::from_key_file(&legacy_file(&[9; 32])).unwrap_err(), KeyError::DamagedKeyFile);
        let longer = [&good[..], &[0]].concat();
        assert_eq!(LegacyKey::from_key_file(&longer).unwrap_err(), KeyError::UnsupportedKeyFile { bytes: 159 });
    }

    #[test]
    fn debug_tells_no_key() {
        let keys = Keys {
            backup: Some(BackupKey::from_digits(REAL.as_bytes()).unwrap()),
            legacy: Some(LegacyKey::from_key_file(&legacy_file(&Sha256::digest([4; 16]))).unwrap()),
        };
        assert_eq!(format!("{keys:?}"), "Keys { backup: Some(BackupKey(..)), legacy: Some(LegacyKey(..)) }");
    }
}
