//! The `file` column of the manifest: an object `MBFile` in the form of `NSKeyedArchiver`.
//!
//! An archive is a flat list of objects that refer to each other by number. Only the root and what it refers to directly is
//! looked at, so an object that refers to itself goes nowhere.

use crate::CarriedKey;
use std::fmt;
use uitlezen_property_list::{Limits, PlistError, Value, parse};

/// Real archives take up to 2 KB; extended attributes may be longer.
const LIMITS: Limits = Limits { input: 1 << 20, depth: 16, nodes: 10_000, bytes: 1 << 20 };
/// An object that is a reference to a reference: none is known; a few are followed.
const MOST_STEPS: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    #[error("{0}")]
    List(#[from] PlistError),
    #[error("not an archive of objects")]
    NotAnArchive,
    #[error("the archive holds another object than a file")]
    Class,
    #[error("the archive lacks a field, or has it in another kind")]
    Field,
    #[error("the archive refers to an object that it does not have")]
    Reference,
}

/// What the phone says of one file.
#[derive(Clone, PartialEq, Eq)]
pub struct MbFile {
    /// Bytes of content.
    pub size: u64,
    /// Kind and permissions.
    pub mode: u16,
    pub protection_class: u32,
    /// Unix seconds.
    pub modified: Option<i64>,
    pub born: Option<i64>,
    /// Only in an encrypted backup.
    pub key: Option<CarriedKey>,
    /// SHA-1 of the bytes as stored, for some files.
    pub digest: Option<[u8; 20]>,
}

impl MbFile {
    /// # Errors
    /// See [`ArchiveError`]. Fields of which nothing depends may be absent; a key or a digest that is there must be one.
    pub fn parse(bytes: &[u8]) -> Result<Self, ArchiveError> {
        let list = parse(bytes, &LIMITS)?;
        let archiver = list.get("$archiver").and_then(Value::str);
        let objects = list.get("$objects").and_then(Value::array).filter(|_| archiver == Some("NSKeyedArchiver"));
        let objects = Objects(objects.ok_or(ArchiveError::NotAnArchive)?);
        let root = list.get("$top").and_then(|top| top.get("root")).ok_or(ArchiveError::NotAnArchive)?;
        let file = objects.follow(root)?;
        let class = objects.follow(file.get("$class").ok_or(ArchiveError::Class)?)?;
        if class.get("$classname").and_then(Value::str) != Some("MBFile") {
            return Err(ArchiveError::Class);
        }
        let number = |key: &str| file.get(key).and_then(Value::unsigned);
        let key = objects.bytes(file, "EncryptionKey")?.map(|key| CarriedKey::parse(key).ok_or(ArchiveError::Field));
        let digest = objects.bytes(file, "Digest")?.map(|digest| digest.try_into().map_err(|_| ArchiveError::Field));
        Ok(Self {
            size: number("Size").ok_or(ArchiveError::Field)?,
            mode: u16::try_from(number("Mode").unwrap_or_default()).map_err(|_| ArchiveError::Field)?,
            protection_class: u32::try_from(number("ProtectionClass").unwrap_or_default()).map_err(|_| ArchiveError::Field)?,
            modified: file.get("LastModified").and_then(Value::int),
            born: file.get("Birth").and_then(Value::int),
            key: key.transpose()?,
            digest: digest.transpose()?,
        })
    }
}

impl fmt::Debug for MbFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MbFile").field("size", &self.size).field("class", &self.protection_class).finish_non_exhaustive()
    }
}

struct Objects<'a>(&'a [Value]);

impl<'a> Objects<'a> {
    /// The object that a value refers to, or the value itself.
    fn follow(&self, value: &'a Value) -> Result<&'a Value, ArchiveError> {
        let mut value = value;
        for _ in 0..MOST_STEPS {
            let Some(uid) = value.uid() else { return Ok(value) };
            let at = usize::try_from(uid).map_err(|_| ArchiveError::Reference)?;
            value = self.0.get(at).ok_or(ArchiveError::Reference)?;
        }
        Err(ArchiveError::Reference)
    }

    /// Bytes under a key: as they are, or in an object of `NSData`. The null object counts as absent.
    fn bytes(&self, file: &'a Value, key: &str) -> Result<Option<&'a [u8]>, ArchiveError> {
        let Some(value) = file.get(key) else { return Ok(None) };
        let value = self.follow(value)?;
        if value.str() == Some("$null") {
            return Ok(None);
        }
        let data = match value.get("NS.data") {
            Some(data) => self.follow(data)?,
            None => value,
        };
        data.data().map(Some).ok_or(ArchiveError::Field)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use uitlezen_property_list::to_binary;

    /// Objects: null, the file, its path, its class.
    fn archive(change: impl FnOnce(&mut Value, &mut Vec<Value>)) -> Result<MbFile, ArchiveError> {
        let mut file = Value::of([
            ("Size", Value::from(40_u8)),
            ("Mode", 0o100_644_u16.into()),
            ("ProtectionClass", 3_u8.into()),
            ("LastModified", 1_700_000_000_i64.into()),
            ("RelativePath", Value::Uid(2)),
            ("$class", Value::Uid(3)),
        ]);
        let class = Value::of([("$classname", Value::from("MBFile"))]);
        let mut objects = vec!["$null".into(), Value::dictionary(), "pad".into(), class];
        change(&mut file, &mut objects);
        objects[1] = file;
        let list = Value::of([
            ("$archiver", Value::from("NSKeyedArchiver")),
            ("$top", Value::of([("root", Value::Uid(1))])),
            ("$objects", objects.into()),
        ]);
        MbFile::parse(&to_binary(&list).unwrap())
    }

    #[test]
    fn fields_come_out() {
        let file = archive(|_, _| {}).unwrap();
        assert_eq!((file.size, file.mode, file.protection_class, file.modified), (40, 0o100_644, 3, Some(1_700_000_000)));
        assert!(file.key.is_none() && file.digest.is_none() && file.born.is_none());
    }

    #[test]
    fn bytes_lie_in_place_or_in_an_object_far_away() {
        let carried = [&3_u32.to_le_bytes()[..], &[9; 40]].concat();
        let direct = archive(|file, _| {
            file.set("EncryptionKey", carried.clone()).set("Digest", vec![1_u8; 20]);
        });
        let apart = archive(|file, objects| {
            // Beyond 255, where some readers take one byte of the number.
            objects.resize(300, Value::Boolean(false));
            objects.push(Value::of([("NS.data", Value::Uid(301))]));
            objects.push(carried.clone().into());
            objects.push(vec![1_u8; 20].into());
            file.set("EncryptionKey", Value::Uid(300)).set("Digest", Value::Uid(302));
        });
        assert_eq!(direct, apart);
        assert_eq!(direct.unwrap().key.unwrap().class(), 3);
        let none = archive(|file, _| {
            file.set("EncryptionKey", Value::Uid(0));
        });
        assert!(none.unwrap().key.is_none(), "the null object");
    }

    #[test]
    fn objects_that_refer_to_themselves_end() {
        for key in ["EncryptionKey", "Digest"] {
            let to_itself = archive(|file, objects| {
                objects.push(Value::Uid(4));
                file.set(key, Value::Uid(4));
            });
            assert_eq!(to_itself, Err(ArchiveError::Reference));
            let round = archive(|file, objects| {
                objects.push(Value::of([("NS.data", Value::Uid(4))]));
                file.set(key, Value::Uid(4));
            });
            assert_eq!(round, Err(ArchiveError::Field));
        }
        assert_eq!(
            archive(|file, _| {
                file.set("$class", Value::Uid(u64::MAX));
            }),
            Err(ArchiveError::Reference)
        );
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let changed = |key: &'static str, value: Value| {
            archive(move |file, _| {
                file.set(key, value);
            })
        };
        for (key, value) in [
            ("Size", Value::from(-1_i64)),
            ("Size", "40".into()),
            ("Mode", 70_000_u32.into()),
            ("ProtectionClass", u64::MAX.into()),
            ("EncryptionKey", vec![0_u8; 43].into()),
            ("EncryptionKey", "sleutel".into()),
            ("Digest", vec![0_u8; 21].into()),
        ] {
            assert_eq!(changed(key, value), Err(ArchiveError::Field), "{key}");
        }
        assert_eq!(changed("$class", Value::Uid(0)), Err(ArchiveError::Class));
        assert_eq!(archive(|_, objects| objects[3] = Value::of([("$classname", "NSObject")])), Err(ArchiveError::Class));
        assert_eq!(MbFile::parse(&to_binary(&Value::dictionary()).unwrap()), Err(ArchiveError::NotAnArchive));
        assert!(matches!(MbFile::parse(b""), Err(ArchiveError::List(_))));
        assert!(matches!(MbFile::parse(&vec![b' '; 2 << 20]), Err(ArchiveError::List(PlistError::TooLarge(_)))));
    }
}
