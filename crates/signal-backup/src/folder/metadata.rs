//! `metadata`: which backup it is, and with the recovery key the keys of `main`.

use super::{
    FolderError, Frames, Limits, RecoveryKey,
    recovery_key::{Key, expand},
    sealed::{Sealed, SealedKeys},
};
use aes::{
    Aes256,
    cipher::{KeyIvInit, StreamCipher},
};
use ctr::Ctr128BE;
use std::{fmt, sync::Arc};
use uitlezen_evidence::Bytes;
use uitlezen_protobuf::{Fields, Value};
use zeroize::Zeroizing;

const METADATA_KEY: &[u8] = b"20241011_SIGNAL_LOCAL_BACKUP_METADATA_KEY";
const MESSAGE_KEYS: &[u8] = b"20241007_SIGNAL_BACKUP_ENCRYPT_MESSAGE_BACKUP:";
/// The only version there is.
const VERSION: u64 = 1;
/// It holds a version, a vector and an id.
pub(super) const LONGEST: usize = 4096;
/// How a backup from Signal's servers begins.
const FROM_SERVER: &[u8] = b"SBACKUP";

/// What `metadata` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata {
    iv: [u8; 12],
    id: [u8; 16],
}

impl Metadata {
    /// Reads it.
    ///
    /// # Errors
    /// When it is something else, or of another version.
    pub fn read(bytes: &[u8]) -> Result<Self, FolderError> {
        if bytes.len() > LONGEST {
            return Err(FolderError::NotABackup);
        }
        let (mut version, mut inner) = (None, None);
        for field in Fields::of(bytes) {
            match field.map_err(|_| FolderError::NotABackup)? {
                uitlezen_protobuf::Field { number: 1, value: Value::Varint(number) } => version = Some(number),
                uitlezen_protobuf::Field { number: 2, value: Value::Bytes(bytes) } => inner = Some(bytes),
                uitlezen_protobuf::Field { number: 1 | 2, .. } => return Err(FolderError::NotABackup),
                _ => {}
            }
        }
        match version {
            Some(VERSION) => {}
            Some(version) if inner.is_some() => return Err(FolderError::Version { version }),
            _ => return Err(FolderError::NotABackup),
        }
        let (mut iv, mut id) = (None, None);
        for field in Fields::of(inner.ok_or(FolderError::NotABackup)?) {
            match field.map_err(|_| FolderError::NotABackup)? {
                uitlezen_protobuf::Field { number: 1, value: Value::Bytes(bytes) } => iv = bytes.try_into().ok(),
                uitlezen_protobuf::Field { number: 2, value: Value::Bytes(bytes) } => id = bytes.try_into().ok(),
                _ => {}
            }
        }
        let (iv, id) = iv.zip(id).ok_or(FolderError::NotABackup)?;
        Ok(Self { iv, id })
    }

    /// The keys of `main` beside it. Whether they are the right ones shows there.
    #[must_use]
    pub fn keys(&self, recovery: &RecoveryKey) -> Keys {
        let backup_key = recovery.backup_key();
        let metadata_key: Key = expand(backup_key.as_slice(), &[METADATA_KEY]);
        let mut block = [0; 16];
        block.iter_mut().zip(self.iv).for_each(|(to, from)| *to = from);
        let mut id = Zeroizing::new(self.id);
        Ctr128BE::<Aes256>::new(&(*metadata_key).into(), &block.into()).apply_keystream(id.as_mut());
        Keys::of(&backup_key, &id)
    }
}

/// The keys of one `main`.
pub struct Keys(SealedKeys);

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

impl Keys {
    pub(super) fn of(backup_key: &Key, id: &[u8; 16]) -> Self {
        let keys: Zeroizing<[u8; 64]> = expand(backup_key.as_slice(), &[MESSAGE_KEYS, id]);
        let (hmac, aes) = keys.split_first_chunk::<32>().unwrap_or((&[0; 32], &[]));
        Self(SealedKeys::new(hmac, aes.first_chunk().unwrap_or(&[0; 32])))
    }

    #[cfg(test)]
    pub(super) fn sealed(&self) -> &SealedKeys {
        &self.0
    }

    /// Whether `main` begins as it does under its own keys: tells a wrong key at once, and proves nothing.
    ///
    /// # Errors
    /// When it could not be read, or is another kind of file.
    pub fn fits(&self, main: &Bytes) -> Result<bool, FolderError> {
        refuse_from_server(main)?;
        let first = Sealed::first_block(main, &self.0).map_err(FolderError::Io)?;
        Ok(first.is_some_and(|block| block.starts_with(&super::frames::COMPRESSED)))
    }

    /// Checks all of `main`.
    ///
    /// # Errors
    /// [`FolderError::WrongKey`] and [`FolderError::Damaged`] are told apart by how it begins.
    pub fn main(&self, main: Bytes) -> Result<Main, FolderError> {
        let sealed = Sealed::verify(main.clone(), &self.0).map_err(FolderError::Io)?;
        match sealed {
            Some(sealed) => Ok(Main(Arc::new(sealed))),
            None if self.fits(&main)? => Err(FolderError::Damaged),
            None => Err(FolderError::WrongKey),
        }
    }
}

/// A `main` of which the tag was right. It may be read any number of times.
#[derive(Clone, Debug)]
pub struct Main(Arc<Sealed>);

impl Main {
    /// Its frames from the first on.
    #[must_use]
    pub fn frames(&self, limits: Limits) -> Frames {
        Frames::new(Arc::clone(&self.0), limits)
    }
}

fn refuse_from_server(main: &Bytes) -> Result<(), FolderError> {
    let mut start = [0; FROM_SERVER.len()];
    if main.len() < start.len() as u64 {
        return Ok(());
    }
    main.read_at(0, &mut start, &mut uitlezen_evidence::Hint::default()).map_err(FolderError::Io)?;
    if start == FROM_SERVER { Err(FolderError::FromServer) } else { Ok(()) }
}
