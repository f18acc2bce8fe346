//! The encrypted backup files, byte for byte as `reference/android.md` §2.3 and §2.5 describe them.
//!
//! ```text
//! varint L | BackupPrefix, L bytes | AES-256-GCM(zlib level 1 | ZIP) | tag 16 | MD5 of all before 16
//! ```
//! An increment has no MD5 and holds a ZIP.

use super::ContentError;
use super::dice::Dice;
use aes_gcm::aead::consts::U16;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, Nonce};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use hmac::{Hmac, Mac};
use md5::{Digest, Md5};
use prost::encoding::{bool, bytes, int32, string};
use sha2::Sha256;
use std::io::Write;

/// WhatsApp's version in headers and package lists. A plausible one, not any particular release.
pub const APP_VERSION: &str = "2.26.31.76";

/// What opens the backups of one app.
#[derive(Clone, PartialEq, Eq)]
pub struct TwinSecrets {
    /// The 32 bytes behind the 64-digit key. For [`super::BackupKind::Crypt14Only`] no file is under it.
    pub root_key: [u8; 32],
    /// The key as the app shows it to the holder: 64 lower-case hexadecimal digits.
    pub hex64: String,
    /// Whether the holder has that key at the desk; not with a password, nor when end-to-end backup is off.
    pub holder_has_key: bool,
    /// The `key` file of crypt14 (158 bytes), where crypt14 files lie on the phone. On a real phone it is out of reach.
    pub crypt14_key_file: Option<Vec<u8>>,
}

impl std::fmt::Debug for TwinSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TwinSecrets").field("holder_has_key", &self.holder_has_key).finish_non_exhaustive()
    }
}

impl TwinSecrets {
    pub(super) fn new(seed: u64, package: &str, holder_has_key: bool, crypt14: Option<&Crypt14Key>) -> Self {
        let root_key = Dice::new(seed, &format!("root key {package}")).bytes::<32>();
        Self { hex64: hex::encode(root_key), root_key, holder_has_key, crypt14_key_file: crypt14.map(Crypt14Key::file) }
    }

    /// The `encrypted_backup.key` form of the root key, 59 bytes: what other people's programs take as a key file.
    #[must_use]
    pub fn encrypted_backup_key_file(&self) -> Vec<u8> {
        [&java_byte_array(32)[..], &self.root_key].concat()
    }
}

/// Head of a serialised Java `byte[]` of `len` bytes (§2.2).
fn java_byte_array(len: u8) -> [u8; 27] {
    let mut head = *b"\xac\xed\x00\x05ur\x00\x02[B\xac\xf3\x17\xf8\x06\x08T\xe0\x02\x00\x00xp\x00\x00\x00\x00";
    head[26] = len;
    head
}

/// Key material of crypt14 (§2.2): all but the key itself stands in each file's header too.
#[derive(Clone)]
pub(super) struct Crypt14Key {
    server_salt: [u8; 32],
    google_id_salt: [u8; 16],
    key: [u8; 32],
}

impl Crypt14Key {
    /// ASCII "2".
    const KEY_VERSION: u8 = 0x32;

    pub(super) fn new(seed: u64, package: &str) -> Self {
        let mut dice = Dice::new(seed, &format!("crypt14 key {package}"));
        Self { server_salt: dice.bytes(), google_id_salt: dice.bytes(), key: dice.bytes() }
    }

    /// 158 bytes: cipher version 2, key version 1, salt 32, id salt 16, SHA-256 of that 32, zeros 16, key 32.
    fn file(&self) -> Vec<u8> {
        let hash: [u8; 32] = Sha256::digest(self.google_id_salt).into();
        [&java_byte_array(131)[..], &[0, 1, 2], &self.server_salt, &self.google_id_salt, &hash, &[0; 16], &self.key].concat()
    }
}

/// Under which key a file goes.
#[derive(Clone, Copy)]
pub(super) enum Lock<'a> {
    Crypt15(&'a [u8; 32]),
    Crypt14(&'a Crypt14Key),
}

/// What the file holds: decides the header's length and whether an MD5 follows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// msgstore.db: zlib, and the table of features in the header.
    Messages,
    /// wa.db and the like: zlib and a short header.
    Other,
    /// A ZIP, no MD5, no field 39.
    Increment,
}

/// Encrypt `plain` as the app would write it.
pub(super) fn seal(lock: Lock<'_>, holds: Holds, jid_suffix: &str, iv: [u8; 16], plain: &[u8]) -> Result<Vec<u8>, ContentError> {
    let prefix = header(lock, holds, jid_suffix, iv);
    let mut file = Vec::with_capacity(plain.len() / 3 + 512);
    prost::encoding::encode_varint(prefix.len() as u64, &mut file);
    file.extend(prefix);
    let start = file.len();
    if holds == Holds::Increment {
        file.extend(plain);
    } else {
        let mut zlib = ZlibEncoder::new(file, Compression::new(1));
        zlib.write_all(plain)?;
        file = zlib.finish()?;
    }
    let key = match lock {
        Lock::Crypt15(root) => message_key(root),
        Lock::Crypt14(key) => key.key,
    };
    let cipher = AesGcm::<Aes256, U16>::new(&key.into());
    let body = file.get_mut(start..).unwrap_or_default();
    let tag = cipher.encrypt_inout_detached(&Nonce::<U16>::from(iv), &[], body.into()).map_err(|_| ContentError::Cipher)?;
    file.extend(tag);
    if holds != Holds::Increment {
        file.extend(Md5::digest(&file));
    }
    Ok(file)
}

/// The key of the files from the root key: one round of an HKDF-like expansion (§2.3).
fn message_key(root: &[u8; 32]) -> [u8; 32] {
    hmac(&hmac(&[0; 32], root), b"backup encryption\x01")
}

fn hmac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    // A key of 32 bytes is shorter than the block of 64, so it is padded with zeros: written out, no error can occur.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block.into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// `BackupPrefix` (§2.3). The features that a real file of 2022 had switched on; which are on today is not known.
fn header(lock: Lock<'_>, holds: Holds, jid_suffix: &str, iv: [u8; 16]) -> Vec<u8> {
    const FEATURES_ON: [u32; 14] = [5, 7, 8, 13, 14, 19, 22, 25, 28, 30, 31, 32, 36, 37];
    let mut out = Vec::new();
    match lock {
        Lock::Crypt15(_) => {
            int32::encode(1, &1, &mut out);
            let mut cipher = Vec::new();
            bytes::encode(1, &iv.to_vec(), &mut cipher);
            bytes::encode(3, &cipher, &mut out);
        }
        Lock::Crypt14(key) => {
            int32::encode(1, &0, &mut out);
            let mut cipher = Vec::new();
            bytes::encode(1, &vec![0, 1], &mut cipher);
            bytes::encode(2, &vec![Crypt14Key::KEY_VERSION], &mut cipher);
            bytes::encode(3, &key.server_salt.to_vec(), &mut cipher);
            bytes::encode(4, &key.google_id_salt.to_vec(), &mut cipher);
            bytes::encode(5, &iv.to_vec(), &mut cipher);
            bytes::encode(2, &cipher, &mut out);
        }
    }
    let mut info = Vec::new();
    string::encode(1, &APP_VERSION.to_owned(), &mut info);
    string::encode(3, &jid_suffix.to_owned(), &mut info);
    if holds != Holds::Other {
        for feature in 5..=37 {
            bool::encode(feature, &FEATURES_ON.contains(&feature), &mut info);
        }
    }
    if holds == Holds::Messages {
        bool::encode(39, &true, &mut info);
    }
    bytes::encode(4, &info, &mut out);
    out
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    /// `reference/android.md` §2.3, the synthetic vector that wa-crypt-tools opened.
    #[test]
    fn the_published_key_derivation() {
        let root: [u8; 32] = std::array::from_fn(|i| u8::try_from(i).unwrap());
        assert_eq!(hex::encode(message_key(&root)), "4e54c0777a7214dfdf0af5b6e153acfa2fbdac603fea6fd1630b824e5c29eef5");
    }

    #[test]
    fn the_header_of_messages_has_a_length_of_two_bytes_and_others_of_one() {
        let lock = Lock::Crypt15(&[0; 32]);
        // Other people's programs find the IV at fixed places that follow from this (§2.3).
        assert_eq!(&seal(lock, Holds::Messages, "67", [7; 16], b"x").unwrap()[1..8], [1, 8, 1, 0x1a, 0x12, 0x0a, 0x10]);
        let other = seal(lock, Holds::Other, "67", [7; 16], b"x").unwrap();
        assert!(other[0] < 0x80);
        assert_eq!(&other[1..7], [8, 1, 0x1a, 0x12, 0x0a, 0x10]);
    }

    #[test]
    fn key_files_have_their_known_sizes() {
        let key = Crypt14Key::new(1, "x");
        let secrets = TwinSecrets::new(1, "x", true, Some(&key));
        assert_eq!(secrets.crypt14_key_file.as_ref().unwrap().len(), 158);
        assert_eq!(secrets.encrypted_backup_key_file().len(), 59);
        assert_eq!(
            hex::encode(&secrets.encrypted_backup_key_file()[..27]),
            "aced0005757200025b42acf317f8060854e0020000787000000020"
        );
    }

    #[test]
    fn debug_shows_no_key() {
        let secrets = TwinSecrets::new(1, "x", true, None);
        assert!(!format!("{secrets:?}").contains(&secrets.hex64[..8]));
    }
}
