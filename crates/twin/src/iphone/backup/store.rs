//! What there is to back up, and the image of it that a backup sends.

use crate::{
    FileBytes,
    iphone::{
        Identity, IphoneError,
        wire::{Form, decode, dictionary, encode},
    },
};
use plist::Value;
use rusqlite::Connection;
use sha1::{Digest, Sha1};
use std::{collections::BTreeMap, sync::Arc};

/// A file, folder or link of the phone.
#[derive(Debug, Clone)]
pub struct BackupFile {
    pub domain: String,
    pub path: String,
    pub kind: Kind,
    pub mode: u16,
    pub modified: i64,
    pub class: u8,
}

#[derive(Debug, Clone)]
pub enum Kind {
    File(Arc<dyn FileBytes>),
    Folder,
    Symlink(String),
}

#[derive(Debug)]
pub(in crate::iphone) struct Store {
    pub(in crate::iphone) files: Vec<BackupFile>,
}

impl Store {
    pub(in crate::iphone) fn new(files: Vec<BackupFile>) -> Store {
        Store { files }
    }
}

#[derive(Debug)]
pub(super) struct Stored {
    pub(super) id: String,
    pub(super) device_name: String,
    pub(super) size: u64,
    pub(super) row: Vec<u8>,
    bytes: Arc<dyn FileBytes>,
}

impl Stored {
    pub(super) fn read_at(&self, pos: u64, buf: &mut [u8]) -> std::io::Result<()> {
        self.bytes.read_at(pos, buf)
    }
}

#[derive(Debug)]
pub(in crate::iphone) struct Image {
    pub(super) files: Vec<Stored>,
    pub(super) manifest_plist: Vec<u8>,
    pub(super) manifest_db: Vec<u8>,
}

impl Image {
    pub(in crate::iphone) fn build(files: &[BackupFile], who: &Identity) -> Result<Image, IphoneError> {
        let bad = |_| IphoneError::Unexpected("sqlite");
        let mut db = Connection::open_in_memory().map_err(bad)?;
        db.execute_batch("CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, flags INTEGER, file BLOB);
            CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB); BEGIN").map_err(bad)?;
        let mut stored = Vec::new();
        for file in files {
            let id = hex::encode(Sha1::digest(format!("{}-{}", file.domain, file.path)));
            let (flags, size) = match &file.kind { Kind::File(b) => (1, b.len()), Kind::Folder => (2, 0), Kind::Symlink(_) => (4, 0) };
            let row = encode(&dictionary([("Size", size.into()), ("LastModified", file.modified.into())]).into(), Form::Binary)?;
            db.execute("INSERT INTO Files VALUES (?,?,?,?,?)", (&id, &file.domain, &file.path, flags, &row)).map_err(bad)?;
            if let Kind::File(bytes) = &file.kind {
                stored.push(Stored { id, device_name: format!("/.b/6/{}", file.path), size, row, bytes: bytes.clone() });
            }
        }
        db.execute_batch("COMMIT").map_err(bad)?;
        let manifest_db = db.serialize("main").map_err(bad)?.to_vec();
        let lockdown = dictionary([("UniqueDeviceID", who.udid.as_str().into()), ("SerialNumber", who.serial.as_str().into()),
            ("ProductVersion", who.ios.as_str().into()), ("ProductType", who.product.as_str().into()), ("DeviceName", who.name.as_str().into()), ("BuildVersion", who.build.as_str().into())]);
        let manifest = dictionary([("IsEncrypted", false.into()), ("Version", "10.0".into()), ("Lockdown", lockdown.into())]);
        Ok(Image { files: stored, manifest_plist: encode(&manifest.into(), Form::Binary)?, manifest_db })
    }

    pub(super) fn rows_of(&self, plist: &[u8], database: &[u8]) -> Option<BTreeMap<String, Vec<u8>>> {
        decode(plist).ok()?.into_dictionary()?.get("IsEncrypted").and_then(Value::as_boolean).filter(|is| !is)?;
        let mut db = Connection::open_in_memory().ok()?;
        db.deserialize_read_exact("main", database, database.len(), true).ok()?;
        let mut query = db.prepare("SELECT fileID, file FROM Files WHERE flags = 1").ok()?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).ok()?;
        rows.collect::<Result<_, _>>().ok()
    }
}
