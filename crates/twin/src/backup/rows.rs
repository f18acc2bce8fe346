//! Reading a manifest back: how a phone finds out what a host already has (`reference/ios.md` §2.6).

use super::BackupImage;
use aes::{Aes256, Block};
use cbc::{
    Decryptor,
    cipher::{BlockModeDecrypt, KeyIvInit},
};
use rusqlite::Connection;
use std::collections::BTreeMap;
use uitlezen_property_list::{Limits, Value, parse};

impl BackupImage {
    /// The `file` of every file in this image's own manifest, by file id.
    #[must_use]
    pub fn rows(&self) -> BTreeMap<String, Vec<u8>> {
        self.rows_of(self.manifest_plist(), self.manifest_db()).unwrap_or_default()
    }

    /// The same of a manifest that a host has kept; `None` when it is not of this image's keys, or damaged.
    #[must_use]
    pub fn rows_of(&self, manifest_plist: &[u8], manifest_db: &[u8]) -> Option<BTreeMap<String, Vec<u8>>> {
        if keys(manifest_plist)? != keys(self.manifest_plist())? {
            return None;
        }
        let plain = match self.manifest_key {
            None => manifest_db.to_vec(),
            Some(key) => decrypted(manifest_db.to_vec(), key)?,
        };
        let mut db = Connection::open_in_memory().ok()?;
        db.deserialize_read_exact("main", plain.as_slice(), plain.len(), true).ok()?;
        let mut query = db.prepare("SELECT fileID, file FROM Files WHERE flags = 1").ok()?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).ok()?;
        rows.collect::<Result<_, _>>().ok()
    }
}

/// Whether it is encrypted, and the key bag.
fn keys(manifest_plist: &[u8]) -> Option<(bool, Vec<u8>)> {
    let list = parse(manifest_plist, &Limits::default()).ok()?;
    let encrypted = list.get("IsEncrypted").and_then(Value::bool).unwrap_or(false);
    Some((encrypted, list.get("BackupKeyBag").and_then(Value::data)?.to_vec()))
}

fn decrypted(mut bytes: Vec<u8>, key: [u8; 32]) -> Option<Vec<u8>> {
    let (blocks, []) = Block::slice_as_chunks_mut(&mut bytes) else { return None };
    Decryptor::<Aes256>::new(&key.into(), &[0; 16].into()).decrypt_blocks(blocks);
    let padding = usize::from(*bytes.last()?);
    let plain = bytes.len().checked_sub(padding).filter(|_| (1..=16).contains(&padding))?;
    bytes.truncate(plain);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::backup::{BackupFacts, BackupFile};

    fn image(files: Vec<BackupFile>, password: Option<&str>, seed: u64) -> BackupImage {
        BackupImage::build(files, &BackupFacts::default(), password, seed).unwrap()
    }

    fn file(path: &str, text: &str, modified: i64) -> BackupFile {
        BackupFile::of("HomeDomain", path, text.into(), modified)
    }

    #[test]
    fn a_manifest_is_read_back_and_a_changed_file_shows_in_its_row_only() {
        for password in [None, Some("geheim 1")] {
            let first = image(vec![file("a", "1", 10), file("b", "2", 10)], password, 1);
            let second = image(vec![file("a", "1", 10), file("b", "22", 20), file("0/c", "3", 10)], password, 1);
            let had = second.rows_of(first.manifest_plist(), first.manifest_db()).unwrap();
            let now = second.rows();
            let a = crate::backup::file_id("HomeDomain", "a");
            let b = crate::backup::file_id("HomeDomain", "b");
            assert_eq!((had.len(), now.len()), (2, 3));
            assert_eq!(had.get(&a), now.get(&a));
            assert_ne!(had.get(&b), now.get(&b));
        }
    }

    #[test]
    fn a_manifest_of_other_keys_is_not_read() {
        let files = || vec![file("a", "1", 10)];
        let own = image(files(), Some("geheim 1"), 1);
        for other in [image(files(), Some("geheim 1"), 2), image(files(), None, 1)] {
            assert_eq!(own.rows_of(other.manifest_plist(), other.manifest_db()), None);
        }
        assert_eq!(own.rows_of(own.manifest_plist(), b"not sixteen"), None);
    }
}
