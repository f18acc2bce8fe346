//! The `file` column: an `MBFile` as `NSKeyedArchiver` writes it. Fields are those of real rows (`testdata/ios-backup`, the
//! manifest of MVT).

use super::{BackupError, BackupFile, Kind};
use uitlezen_property_list::{Value, to_binary};

pub(super) struct Row<'a> {
    pub(super) file: &'a BackupFile,
    pub(super) size: u64,
    pub(super) inode: u64,
    /// The key as it is carried, in an encrypted backup.
    pub(super) key: Option<&'a [u8]>,
    /// SHA-1 of the bytes as they are stored.
    pub(super) digest: Option<[u8; 20]>,
}

impl Row<'_> {
    pub(super) fn archive(&self) -> Result<Vec<u8>, BackupError> {
        let class = |name: &str, over: &[&str]| {
            let all = std::iter::once(&name).chain(over).map(|class| Value::from(*class)).collect::<Vec<_>>();
            Value::of([("$classname", Value::from(name)), ("$classes", all.into())])
        };
        let mut objects = vec![Value::from("$null"), Value::dictionary(), Value::from(self.file.path.as_str())];
        let mut refer = |value: Value| {
            objects.push(value);
            Value::Uid(objects.len() as u64 - 1)
        };
        let mut root = Value::of([
            ("LastModified", Value::from(self.file.modified)),
            ("LastStatusChange", self.file.modified.into()),
            ("Birth", self.file.modified.into()),
            ("Flags", 0_u8.into()),
            ("GroupID", 501_u16.into()),
            ("UserID", 501_u16.into()),
            ("InodeNumber", self.inode.into()),
            ("Mode", self.file.whole_mode().into()),
            ("Size", self.size.into()),
            ("ProtectionClass", if matches!(self.file.kind, Kind::File(_)) { self.file.class } else { 0 }.into()),
            ("RelativePath", Value::Uid(2)),
        ]);
        if let Kind::Symlink(target) = &self.file.kind {
            root.set("Target", refer(target.as_str().into()));
        }
        if let Some(digest) = &self.digest {
            root.set("Digest", refer(digest.as_slice().into()));
        }
        if let Some(key) = self.key {
            let data = refer(class("NSMutableData", &["NSData", "NSObject"]));
            root.set("EncryptionKey", refer(Value::of([("NS.data", Value::from(key)), ("$class", data)])));
        }
        root.set("$class", refer(class("MBFile", &["NSObject"])));
        if let Some(place) = objects.get_mut(1) {
            *place = root;
        }
        let archive = Value::of([
            ("$version", Value::from(100_000_u32)),
            ("$archiver", "NSKeyedArchiver".into()),
            ("$top", Value::of([("root", Value::Uid(1))])),
            ("$objects", objects.into()),
        ]);
        Ok(to_binary(&archive)?)
    }
}
