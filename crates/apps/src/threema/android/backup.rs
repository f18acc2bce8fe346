//! A data backup and the password that opens it.

use super::entries::Entry;
use std::sync::Arc;
use uitlezen_evidence::{
    Bytes, ChunkCache, Evidence, EvidenceError, ItemName, LockedHead, ReadAtExt, Reader, SkipReason, ZipError, ZipEvidence,
    ZipLimits, ZipUnlockError,
};
use zeroize::Zeroizing;

/// `settings` is some tens of bytes.
const LONGEST_SETTINGS: u64 = 64 << 10;
/// The app writes this entry before all others.
const FIRST: &[u8] = b"settings";

/// Why a backup did not open. Three different answers, and no word of what is in it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the password does not open the backup")]
    WrongPassword,
    /// Cut off, or its entries are not what the app wrote.
    #[error("the backup is damaged or was never finished")]
    Damaged,
    #[error("this is no data backup of Threema")]
    NotABackup,
    #[error("the backup could not be read: {0}")]
    Io(std::io::Error),
}

impl From<ZipError> for OpenError {
    fn from(error: ZipError) -> Self {
        match error {
            ZipError::Io(error) if error.kind() != std::io::ErrorKind::InvalidData => Self::Io(error),
            _ => Self::Damaged,
        }
    }
}

impl From<ZipUnlockError> for OpenError {
    fn from(error: ZipUnlockError) -> Self {
        match error {
            ZipUnlockError::Zip(error) => error.into(),
            ZipUnlockError::NothingEncrypted => Self::NotABackup,
            ZipUnlockError::WrongPassword => Self::WrongPassword,
            ZipUnlockError::Damaged => Self::Damaged,
        }
    }
}

/// A backup under a password that is right.
#[derive(Debug)]
pub struct Backup {
    zip: ZipEvidence,
    version: Option<u32>,
    /// Whether files of messages are in it: the holder can leave them out.
    holds_media: bool,
}

impl Backup {
    /// # Errors
    /// When the password is wrong, or the bytes are damaged, or something else.
    pub fn open(bytes: Bytes, password: &str) -> Result<Self, OpenError> {
        let unlock = |form: &Zeroizing<Vec<u8>>| {
            ZipEvidence::unlock(Arc::clone(&bytes), form, ZipLimits::default(), ChunkCache::of_this_process())
        };
        let (usual, narrow) = forms(password);
        let zip = match (unlock(&usual), narrow) {
            (Err(ZipUnlockError::WrongPassword), Some(narrow)) => unlock(&narrow)?,
            (other, _) => other?,
        };
        let mut backup = Self { zip, version: None, holds_media: false };
        if backup.entry("settings").is_none() || backup.entry("contacts.csv").is_none() {
            return Err(OpenError::NotABackup);
        }
        backup.version = backup.stated_version();
        let holds_media = backup.names().any(|name| matches!(Entry::of(name), Entry::Media(_)));
        backup.holds_media = holds_media;
        Ok(backup)
    }

    /// The version of the form, as the app counts; none when it does not say.
    #[must_use]
    pub fn version(&self) -> Option<u32> {
        self.version
    }

    pub(super) fn holds_media(&self) -> bool {
        self.holds_media
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.zip.items().iter().map(|item| item.name.as_str())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    pub(super) fn bytes_of(&self, name: &str) -> Option<u64> {
        let at = self.zip.items().binary_search_by(|item| item.name.as_str().cmp(name)).ok()?;
        self.zip.items().get(at).map(|item| item.bytes)
    }

    fn entry(&self, name: &str) -> Option<ItemName> {
        self.bytes_of(name).and_then(|_| ItemName::new(name).ok())
    }

    /// A table, from its beginning; its tag was verified over all of it.
    pub(super) fn table(&self, name: &str) -> Result<Reader, EvidenceError> {
        self.content(name).map(Reader::new)
    }

    /// Never of the holder's identity: its private key leaves the app in no other way than this.
    pub(super) fn content(&self, name: &str) -> Result<Bytes, EvidenceError> {
        if Entry::of(name) == Entry::Identity {
            return Err(EvidenceError::Absent);
        }
        self.zip.open(&self.entry(name).ok_or(EvidenceError::Absent)?)
    }

    /// Entries that are not under the password, and others that cannot be read.
    pub(super) fn skipped(&self) -> (u64, u64) {
        let skipped = self.zip.skipped();
        let clear = skipped.count(SkipReason::InTheClear);
        (clear, skipped.total() - clear)
    }

    /// The row `version,27`. This table has no row of names.
    fn stated_version(&self) -> Option<u32> {
        let bytes = self.content("settings").ok()?.read_all(LONGEST_SETTINGS).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let plain = |field: &str| field.trim().trim_matches('"').to_owned();
        let rows = text.lines().filter_map(|line| line.split_once(','));
        rows.map(|(name, value)| (plain(name), plain(value))).find(|(name, _)| name == "version")?.1.parse().ok()
    }
}

/// A password as the app's library takes it; and as older versions of it do, with one byte of each character, where that differs.
fn forms(password: &str) -> (Zeroizing<Vec<u8>>, Option<Zeroizing<Vec<u8>>>) {
    let narrow = || Zeroizing::new(password.encode_utf16().map(|unit| unit.to_le_bytes()[0]).collect());
    (Zeroizing::new(password.as_bytes().to_vec()), (!password.is_ascii()).then(narrow))
}

fn begins(head: &[u8]) -> Option<LockedHead<'_>> {
    LockedHead::read(head).filter(|head| head.name() == FIRST)
}

/// Whether a file begins as the app begins its backups: a zip with an encrypted `settings` at its head.
#[must_use]
pub fn recognise(head: &[u8]) -> bool {
    begins(head).is_some()
}

/// Whether the password may open the backup that begins so: of 65,536 wrong ones one may, too. None where it is no such beginning.
#[must_use]
pub fn may_open(head: &[u8], password: &str) -> Option<bool> {
    let head = begins(head)?;
    let (usual, narrow) = forms(password);
    Some(head.fits(&usual) || narrow.is_some_and(|narrow| head.fits(&narrow)))
}
