//! The head of a backup file: a length, then WhatsApp's `BackupPrefix` protobuf (reference/android.md §2.3); for crypt12 a
//! fixed layout (§2.4).
//!
//! The kind is decided by what the head holds, never by the file's extension. **Nothing here is authenticated**: the cipher
//! covers the content only, so the facts are what the file says about itself, and are reported as such.

use crate::reading::wire::{self, Fields, Value};
use prost::Message;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// Longest head that is read: a varint of at most 3 bytes and its protobuf. Real ones are 38 to 188 bytes; passkey metadata
/// may make them longer.
pub(super) const LONGEST_HEAD: usize = 16 * 1024;
/// Offset of the IV and of the ciphertext in crypt12 (reference/android.md §2.4).
const CRYPT12_IV: usize = 51;
const CRYPT12_HEAD: usize = 67;
/// Field numbers of the features in the info part (reference/android.md §2.3).
const FEATURES: RangeInclusive<u32> = 5..=37;
const CLEANED_DB: u32 = 39;

/// The generation of a backup file, as its content shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Crypt12,
    /// WhatsApp holds the key: a key file from the phone's private storage is needed.
    Crypt14,
    /// End-to-end encrypted: the owner holds the 64-digit key.
    Crypt15,
}

/// How the owner keeps the key of an end-to-end backup, as the head says.
///
/// From `key_type.proto` of wa-crypt-tools @7c9c69f (field 6 of the head), newer than reference/android.md and not yet seen
/// on a real phone by this project. Older heads say only "end-to-end".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyMode {
    /// End-to-end, without saying how the key is kept.
    EndToEnd,
    /// A password: the key is on WhatsApp's servers and opens no local file until the owner switches to the 64-digit key.
    Password,
    /// The 64-digit key.
    Digits,
    /// A passkey: as with a password.
    Passkey,
    /// Not interpreted.
    Other(i32),
}

/// What a head says, unauthenticated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub kind: Kind,
    pub key_mode: Option<KeyMode>,
    pub app_version: Option<String>,
    /// Last two digits of the account's phone number: tells whether file and phone belong together.
    pub jid_suffix: Option<String>,
    pub backup_version: Option<i32>,
    /// Numbers of the features that are on; only in message databases.
    pub features: Vec<u32>,
    /// "Cleaned database" (field 39); absent in increments.
    pub cleaned: Option<bool>,
    /// Export size that the head names (field 38), in bytes.
    pub export_bytes: Option<u64>,
    #[serde(with = "hex::serde")]
    pub iv: [u8; 16],
    /// crypt12 and crypt14: `0001`.
    pub cipher_version: Option<String>,
    /// crypt12 and crypt14: 1, 2 or 3.
    pub key_version: Option<u8>,
    /// Fields of the head that no schema here names.
    pub unknown_fields: u32,
}

/// Why a head could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeadError {
    NotABackup,
    /// It begins as a head does, but cannot be read to its end.
    Damaged,
    /// The file ends within the head.
    Truncated,
    /// A head that names a cipher version which is not known.
    UnknownCipher,
    /// A head of a form that is not known: neither cipher part, or both.
    UnknownForm,
}

/// A head and where the ciphertext starts.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub facts: Facts,
    /// Bytes before the ciphertext.
    pub bytes: usize,
    /// Key version, server salt and Google id salt that a crypt12/14 head names.
    pub legacy: Option<LegacyNames>,
}

#[derive(Clone, Debug)]
pub(super) struct LegacyNames {
    pub version: u8,
    pub server_salt: Vec<u8>,
    pub google_id: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct BackupPrefix {
    #[prost(int32, optional, tag = "1")]
    key_type: Option<i32>,
    #[prost(message, optional, tag = "2")]
    c14: Option<C14>,
    #[prost(message, optional, tag = "3")]
    c15: Option<C15>,
    #[prost(message, optional, tag = "4")]
    info: Option<Info>,
    #[prost(bytes = "vec", optional, tag = "5")]
    passkey: Option<Vec<u8>>,
    #[prost(int32, optional, tag = "6")]
    key_type_new: Option<i32>,
}

#[derive(Clone, PartialEq, Message)]
struct C14 {
    #[prost(bytes = "vec", tag = "1")]
    cipher_version: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    key_version: Vec<u8>,
    #[prost(bytes = "vec", tag = "3")]
    server_salt: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    google_id_salt: Vec<u8>,
    #[prost(bytes = "vec", tag = "5")]
    iv: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct C15 {
    #[prost(bytes = "vec", tag = "1")]
    iv: Vec<u8>,
}

/// The feature booleans (5 to 37 and 39) are read with the field walker: 34 struct fields would say less.
#[derive(Clone, PartialEq, Message)]
struct Info {
    #[prost(bytes = "vec", optional, tag = "1")]
    app_version: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "3")]
    jid_suffix: Option<Vec<u8>>,
    #[prost(int32, optional, tag = "4")]
    backup_version: Option<i32>,
    #[prost(uint64, optional, tag = "38")]
    export_bytes: Option<u64>,
}

impl Head {
    /// Reads the head from the first bytes of a file: `start` is the file's beginning, at most [`LONGEST_HEAD`] bytes of it,
    /// and `file_bytes` the length of the whole.
    pub(super) fn read(start: &[u8], file_bytes: u64) -> Result<Self, HeadError> {
        if let Some(head) = crypt12(start) {
            return Ok(head);
        }
        let Some((len, before)) = wire::varint(start).filter(|&(len, _)| len > 0) else {
            return Err(if start.len() < 3 && start.iter().all(|b| b & 0x80 != 0) {
                HeadError::Truncated
            } else {
                HeadError::NotABackup
            });
        };
        // The first field of every head is its key type or one of the two cipher parts.
        if start.get(before).is_some_and(|first| !matches!(first, 0x08 | 0x12 | 0x1a)) {
            return Err(HeadError::NotABackup);
        }
        let len = usize::try_from(len).ok().filter(|&len| len <= LONGEST_HEAD - 10).ok_or(HeadError::NotABackup)?;
        let bytes = before + len;
        if bytes as u64 >= file_bytes {
            return Err(HeadError::Truncated);
        }
        let prefix = start.get(before..bytes).ok_or(HeadError::Truncated)?;
        let decoded = BackupPrefix::decode(prefix).map_err(|_| HeadError::Damaged)?;
        let (kind, iv) = match (&decoded.c15, &decoded.c14) {
            (Some(c15), None) => (Kind::Crypt15, &c15.iv),
            (None, Some(c14)) => (Kind::Crypt14, &c14.iv),
            _ => return Err(HeadError::UnknownForm),
        };
        let iv = <[u8; 16]>::try_from(iv.as_slice()).map_err(|_| HeadError::Damaged)?;
        let legacy = decoded.c14.as_ref().map(legacy_names).transpose()?;
        let facts = facts(prefix, &decoded, kind, iv, legacy.as_ref());
        Ok(Self { facts, bytes, legacy })
    }
}

fn legacy_names(c14: &C14) -> Result<LegacyNames, HeadError> {
    if c14.cipher_version != [0, 1] {
        return Err(HeadError::UnknownCipher);
    }
    let &[version] = c14.key_version.as_slice() else { return Err(HeadError::Damaged) };
    Ok(LegacyNames { version, server_salt: c14.server_salt.clone(), google_id: c14.google_id_salt.clone() })
}

fn facts(prefix: &[u8], decoded: &BackupPrefix, kind: Kind, iv: [u8; 16], legacy: Option<&LegacyNames>) -> Facts {
    let part = |number| {
        Fields::of(prefix).map_while(Result::ok).find_map(move |f| match f.value {
            Value::Bytes(bytes) if f.number == number => Some(bytes),
            _ => None,
        })
    };
    let info = part(4).unwrap_or_default();
    let on = |number: u32| {
        Fields::of(info).map_while(Result::ok).filter(|f| f.number == number).last().map(|f| f.value != Value::Varint(0))
    };
    let unknown_fields = wire::count_unknown(prefix, |n| (1..=6).contains(&n))
        + wire::count_unknown(part(2).unwrap_or_default(), |n| (1..=5).contains(&n))
        + wire::count_unknown(part(3).unwrap_or_default(), |n| n == 1)
        + wire::count_unknown(info, |n| (1..=39).contains(&n));
    let text = |bytes: &Vec<u8>| short_text(bytes);
    Facts {
        kind,
        key_mode: key_mode(decoded),
        app_version: decoded.info.as_ref().and_then(|i| i.app_version.as_ref()).and_then(text),
        jid_suffix: decoded.info.as_ref().and_then(|i| i.jid_suffix.as_ref()).and_then(text),
        backup_version: decoded.info.as_ref().and_then(|i| i.backup_version),
        features: FEATURES.filter(|&n| on(n) == Some(true)).collect(),
        cleaned: on(CLEANED_DB),
        export_bytes: decoded.info.as_ref().and_then(|i| i.export_bytes),
        iv,
        cipher_version: decoded.c14.as_ref().map(|c| hex::encode(&c.cipher_version)),
        key_version: legacy.map(|l| if l.version.is_ascii_digit() { l.version - b'0' } else { l.version }),
        unknown_fields,
    }
}

fn key_mode(prefix: &BackupPrefix) -> Option<KeyMode> {
    let mode = |raw| match raw {
        0 => None,
        1 => Some(KeyMode::EndToEnd),
        2 => Some(KeyMode::Password),
        3 => Some(KeyMode::Digits),
        4 => Some(KeyMode::Passkey),
        other => Some(KeyMode::Other(other)),
    };
    let named = prefix.key_type_new.and_then(mode).or_else(|| prefix.key_type.and_then(mode));
    if prefix.passkey.is_some() && matches!(named, None | Some(KeyMode::EndToEnd)) { Some(KeyMode::Passkey) } else { named }
}

/// A short printable text of the head; anything else is no version and no suffix.
fn short_text(bytes: &[u8]) -> Option<String> {
    let text = str::from_utf8(bytes).ok()?;
    (text.len() <= 64 && text.chars().all(|c| c.is_ascii_graphic())).then(|| text.to_owned())
}

/// cipher version 2, key version 1, server salt 32, Google id 16, IV 16 (reference/android.md §2.4).
fn crypt12(start: &[u8]) -> Option<Head> {
    let (&[c0, c1, version], rest) = start.split_first_chunk::<3>()?;
    if (c0, c1) != (0, 1) || !matches!(version, 1..=3 | b'1'..=b'3') {
        return None;
    }
    let (server_salt, rest) = rest.split_first_chunk::<32>()?;
    let (google_id, _) = rest.split_first_chunk::<16>()?;
    let iv = <[u8; 16]>::try_from(start.get(CRYPT12_IV..CRYPT12_HEAD)?).ok()?;
    let facts = Facts {
        kind: Kind::Crypt12,
        key_mode: None,
        app_version: None,
        jid_suffix: None,
        backup_version: None,
        features: Vec::new(),
        cleaned: None,
        export_bytes: None,
        iv,
        cipher_version: Some("0001".to_owned()),
        key_version: Some(version & 0x0f),
        unknown_fields: 0,
    };
    let legacy = LegacyNames { version, server_salt: server_salt.to_vec(), google_id: google_id.to_vec() };
    Some(Head { facts, bytes: CRYPT12_HEAD, legacy: Some(legacy) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn head(prefix: &[u8]) -> Result<Head, HeadError> {
        let mut file = Vec::new();
        prost::encoding::encode_varint(prefix.len() as u64, &mut file);
        file.extend_from_slice(prefix);
        Head::read(&file, file.len() as u64 + 100)
    }

    fn crypt15_prefix() -> BackupPrefix {
        BackupPrefix { key_type: Some(1), c15: Some(C15 { iv: vec![7; 16] }), ..BackupPrefix::default() }
    }

    #[test]
    fn the_synthetic_head_says_what_it_should() {
        let start = hex::decode("2608011a120a10a0a1a2a3a4a5a6a7a8a9aaabacadaeaf220e0a08322e32362e312e311a0234328e41").unwrap();
        let head = Head::read(&start, 100).unwrap();
        assert_eq!(head.bytes, 39);
        assert_eq!(head.facts.kind, Kind::Crypt15);
        assert_eq!(head.facts.app_version.as_deref(), Some("2.26.1.1"));
        assert_eq!(head.facts.jid_suffix.as_deref(), Some("42"));
        assert_eq!(head.facts.key_mode, Some(KeyMode::EndToEnd));
        assert_eq!(head.facts.unknown_fields, 0);
        assert_eq!(hex::encode(head.facts.iv), "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
    }

    #[test]
    fn a_head_of_two_length_bytes_is_no_special_case() {
        // Field 16, a string of 150 bytes: unknown, so the head is long and its length takes two bytes.
        let mut prefix = crypt15_prefix().encode_to_vec();
        prefix.extend_from_slice(&[0x82, 0x01, 0x96, 0x01]);
        prefix.extend_from_slice(&[b'x'; 150]);
        let head = head(&prefix).unwrap();
        assert_eq!(head.bytes, 2 + prefix.len());
        assert_eq!(head.facts.unknown_fields, 1);
    }

    #[test]
    fn the_key_mode_is_reported_as_the_head_says_it() {
        for (new, mode) in [(2, KeyMode::Password), (3, KeyMode::Digits), (4, KeyMode::Passkey), (9, KeyMode::Other(9))] {
            let prefix = BackupPrefix { key_type_new: Some(new), ..crypt15_prefix() };
            assert_eq!(head(&prefix.encode_to_vec()).unwrap().facts.key_mode, Some(mode));
        }
        let passkey = BackupPrefix { passkey: Some(vec![]), ..crypt15_prefix() };
        assert_eq!(head(&passkey.encode_to_vec()).unwrap().facts.key_mode, Some(KeyMode::Passkey));
    }

    #[test]
    fn the_content_decides_and_contradictions_are_refused() {
        let c14 = C14 {
            cipher_version: vec![0, 1],
            key_version: b"2".to_vec(),
            server_salt: vec![1; 32],
            google_id_salt: vec![2; 16],
            iv: vec![3; 16],
        };
        // A key type that says "end-to-end" beside a crypt14 part: the part decides.
        let prefix = BackupPrefix { key_type: Some(1), c14: Some(c14.clone()), ..BackupPrefix::default() };
        let read = head(&prefix.encode_to_vec()).unwrap();
        assert_eq!((read.facts.kind, read.facts.key_version), (Kind::Crypt14, Some(2)));
        let both = BackupPrefix { c14: Some(c14.clone()), ..crypt15_prefix() };
        assert_eq!(head(&both.encode_to_vec()).unwrap_err(), HeadError::UnknownForm);
        let neither = BackupPrefix { key_type: Some(1), ..BackupPrefix::default() };
        assert_eq!(head(&neither.encode_to_vec()).unwrap_err(), HeadError::UnknownForm);
        let newer = BackupPrefix { c14: Some(C14 { cipher_version: vec![0, 9], ..c14 }), ..BackupPrefix::default() };
        assert_eq!(head(&newer.encode_to_vec()).unwrap_err(), HeadError::UnknownCipher);
        let short_iv = BackupPrefix { c15: Some(C15 { iv: vec![1; 12] }), ..BackupPrefix::default() };
        assert_eq!(head(&short_iv.encode_to_vec()).unwrap_err(), HeadError::Damaged);
    }

    #[test]
    fn what_is_no_head_is_not_taken_for_one() {
        for file in [&b"SQLite format 3\0"[..], b"PK\x03\x04aaaaaaaaaaaaaaaa", b"{\"a\":1}", b"hello", &[0; 64], &[0xff; 64]] {
            assert_eq!(Head::read(file, 1000).unwrap_err(), HeadError::NotABackup, "{file:?}");
        }
        assert_eq!(Head::read(&[0x26, 0x08], 2).unwrap_err(), HeadError::Truncated);
        assert_eq!(Head::read(&[0x81], 1).unwrap_err(), HeadError::Truncated);
        assert_eq!(Head::read(&[0xff, 0xff, 0xff, 0x7f, 0x08], 5).unwrap_err(), HeadError::NotABackup, "a length of 256 MiB");
    }
}
