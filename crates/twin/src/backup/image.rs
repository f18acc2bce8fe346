//! A whole backup.

use super::{
    BackupError, BackupFacts, BackupFile, Entry, Kind,
    archive::Row,
    database::Manifest,
    entry::{encrypted, stored},
    file::file_id,
    keybag::{CLASSES, KeyBag, MANIFEST_CLASS},
    lists,
};
use crate::content::Dice;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

/// Files above this have no `Digest`, as most rows of a real manifest have none: it is taken of the bytes as stored, so it
/// would mean encrypting them twice.
const DIGESTED: u64 = 64 << 10;

/// How files lie in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `ab/abcd…`, today's.
    Split,
    /// All in one folder.
    Flat,
}

/// A backup, its small parts in memory and its files encrypted when they are read.
#[derive(Debug)]
pub struct BackupImage {
    udid: String,
    manifest_plist: Vec<u8>,
    manifest_db: Vec<u8>,
    status_plist: Vec<u8>,
    info_plist: Vec<u8>,
    entries: Vec<Entry>,
    pub(super) manifest_key: Option<[u8; 32]>,
}

impl BackupImage {
    /// Folders above a file that are not given are added, down from the root of its domain. With a password (an empty one
    /// too) the backup is encrypted.
    ///
    /// # Errors
    /// Two files of one name, a class that no key bag has, and what SQLite and the bytes of a file say.
    pub fn build(files: Vec<BackupFile>, facts: &BackupFacts, password: Option<&str>, seed: u64) -> Result<Self, BackupError> {
        let bag = KeyBag::new(password.unwrap_or_default(), facts.rounds, seed)?;
        let manifest = Manifest::new()?;
        let mut volumes = BTreeMap::new();
        let mut entries = Vec::new();
        for (id, file) in with_folders(files)? {
            // a file keeps its number when others come and go
            let inode = id.get(..8).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or(1);
            let mut row = Row { file: &file, size: 0, inode, key: None, digest: None };
            let mut carried = None;
            if let Kind::File(content) = &file.kind {
                if !CLASSES.contains(&file.class) {
                    return Err(BackupError::Class(file.class));
                }
                let key = password.map(|_| Dice::new(seed, &format!("file {id}")).bytes::<32>());
                carried = key.map(|key| bag.carry(file.class, &key)).transpose()?;
                let volumes_so_far = volumes.len();
                let volume = *volumes.entry(file.domain.clone()).or_insert(volumes_so_far);
                let entry = Entry {
                    device_name: format!("/.b/{volume}/{}", file.path),
                    size: stored(content.len(), key.is_some()),
                    content: content.clone(),
                    key,
                    file_id: id.clone(),
                };
                row.size = content.len();
                row.digest = (entry.size <= DIGESTED).then(|| entry.digest()).transpose()?;
                entries.push(entry);
            }
            row.key = carried.as_deref();
            manifest.add(&id, &file.domain, &file.path, file.flags(), &row.archive()?)?;
        }
        let mut manifest_db = manifest.bytes()?;
        let mut carried = None;
        let manifest_key = password.map(|_| Dice::new(seed, "manifest").bytes::<32>());
        if let Some(key) = manifest_key {
            carried = Some(bag.carry(MANIFEST_CLASS, &key)?);
            manifest_db = encrypted(manifest_db, key)?;
        }
        Ok(Self {
            udid: facts.udid.clone(),
            manifest_plist: lists::manifest(facts, bag.bytes(), carried.as_deref())?,
            status_plist: lists::status(facts, seed)?,
            info_plist: lists::info(facts, seed)?,
            manifest_db,
            entries,
            manifest_key,
        })
    }

    #[must_use]
    pub fn udid(&self) -> &str {
        &self.udid
    }

    #[must_use]
    pub fn manifest_plist(&self) -> &[u8] {
        &self.manifest_plist
    }

    /// As stored: ciphertext where the backup is encrypted.
    #[must_use]
    pub fn manifest_db(&self) -> &[u8] {
        &self.manifest_db
    }

    #[must_use]
    pub fn status_plist(&self) -> &[u8] {
        &self.status_plist
    }

    /// What a host writes, not the phone.
    #[must_use]
    pub fn info_plist(&self) -> &[u8] {
        &self.info_plist
    }

    /// The stored files, in the order of their ids.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Writes `dir/<UDID>/…` as a host keeps it.
    ///
    /// # Errors
    /// What the system says.
    pub fn write_folder(&self, dir: &Path, layout: Layout) -> io::Result<()> {
        let root = dir.join(&self.udid);
        fs::create_dir_all(&root)?;
        for (name, bytes) in [
            ("Manifest.plist", &self.manifest_plist),
            ("Manifest.db", &self.manifest_db),
            ("Status.plist", &self.status_plist),
            ("Info.plist", &self.info_plist),
        ] {
            fs::write(root.join(name), bytes)?;
        }
        for entry in &self.entries {
            let path = root.join(match layout {
                Layout::Split => entry.place(),
                Layout::Flat => entry.file_id.clone(),
            });
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            io::copy(&mut entry.open(), &mut fs::File::create(path)?)?;
        }
        Ok(())
    }
}

/// By id, with the folders that a phone would list.
fn with_folders(files: Vec<BackupFile>) -> Result<BTreeMap<String, BackupFile>, BackupError> {
    let mut all = BTreeMap::new();
    let mut folders = BTreeSet::new();
    for file in files {
        folders.insert((file.domain.clone(), String::new(), file.modified));
        for (at, _) in file.path.match_indices('/') {
            folders.insert((file.domain.clone(), file.path.get(..at).unwrap_or_default().to_owned(), file.modified));
        }
        if all.insert(file_id(&file.domain, &file.path), file).is_some() {
            return Err(BackupError::TwoOfOneName);
        }
    }
    for (domain, path, modified) in folders {
        all.entry(file_id(&domain, &path)).or_insert(BackupFile {
            domain,
            path,
            kind: Kind::Folder,
            mode: 0o755,
            modified,
            class: 1,
        });
    }
    Ok(all)
}
