//! The lines at the beginning.

use crate::{BackupError, cipher::Master, tar::Entries};
use std::io::BufRead;

const MAGIC: &[u8] = b"ANDROID BACKUP";
const AES: &[u8] = b"AES-256";
/// The lines are never longer than this together: four short ones, and five of bytes that are bounded below.
pub const LONGEST_HEADER: u32 = 8192;
/// Longest line: the wrapped master key takes 192 digits.
const LONGEST_LINE: u64 = 1024;
/// Rounds of PBKDF2 that are done; phones ask for 10,000.
const MOST_ROUNDS: u32 = 10_000_000;
const VERSIONS: std::ops::RangeInclusive<u32> = 1..=5;

/// How the content is encrypted.
#[derive(Clone, PartialEq, Eq)]
pub struct Encryption {
    pub(crate) user_salt: Vec<u8>,
    pub(crate) checksum_salt: Vec<u8>,
    pub(crate) rounds: u32,
    pub(crate) user_vector: [u8; 16],
    pub(crate) master_key: Vec<u8>,
}

impl std::fmt::Debug for Encryption {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encryption").field("rounds", &self.rounds).finish_non_exhaustive()
    }
}

/// What opens the content of one file: nothing at all, or the master key that a password gave.
#[derive(Clone)]
pub struct Key(Option<Master>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

/// By how a file begins: `None` if it is none of adb backup, else whether it asks for a password. Whether it can be read shows
/// [`Header::read`].
#[must_use]
pub fn recognise(head: &[u8]) -> Option<bool> {
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = lines.next() == Some(MAGIC);
    // Version, and whether it is deflated.
    let encryption = lines.nth(2);
    (first && head.len() > MAGIC.len()).then_some(encryption == Some(AES))
}

/// What the file says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    pub version: u32,
    pub compressed: bool,
    pub encryption: Option<Encryption>,
}

impl Header {
    /// Reads the lines and leaves `from` where the content begins.
    ///
    /// # Errors
    /// Another file, an unknown version, or lines that no backup has.
    pub fn read(from: &mut impl BufRead) -> Result<Self, BackupError> {
        let mut magic = [0; MAGIC.len() + 1];
        match from.read_exact(&mut magic) {
            Ok(()) if magic.starts_with(MAGIC) && magic.ends_with(b"\n") => {}
            Ok(()) => return Err(BackupError::NotABackup),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Err(BackupError::NotABackup),
            Err(error) => return Err(error.into()),
        }
        let version: u32 = number(&line(from)?)?;
        if !VERSIONS.contains(&version) {
            return Err(BackupError::Version(version));
        }
        let compressed = match line(from)?.as_str() {
            "0" => false,
            "1" => true,
            _ => return Err(BackupError::Header),
        };
        let encryption = match line(from)?.as_bytes() {
            b"none" => None,
            AES => Some(Encryption {
                user_salt: bytes(&line(from)?, 1..=256)?,
                checksum_salt: bytes(&line(from)?, 1..=256)?,
                rounds: Some(number(&line(from)?)?).filter(|r| (1..=MOST_ROUNDS).contains(r)).ok_or(BackupError::Header)?,
                user_vector: bytes(&line(from)?, 16..=16)?.try_into().map_err(|_| BackupError::Header)?,
                master_key: Some(bytes(&line(from)?, 16..=256)?).filter(|key| key.len() % 16 == 0).ok_or(BackupError::Header)?,
            }),
            _ => return Err(BackupError::Header),
        };
        Ok(Self { version, compressed, encryption })
    }

    /// What opens the content: slow on purpose where there is a password, so it is made once. The header is enough for it.
    ///
    /// # Errors
    /// A password that is missing or wrong, or damage.
    pub fn unlock(&self, password: Option<&str>) -> Result<Key, BackupError> {
        match (&self.encryption, password) {
            (None, _) => Ok(Key(None)),
            (Some(_), None) => Err(BackupError::PasswordMissing),
            (Some(encryption), Some(password)) => encryption.unlock(self.version, password).map(|master| Key(Some(master))),
        }
    }

    /// The content behind the header, from its beginning.
    pub fn entries<'r, R: BufRead + 'r>(&self, key: &Key, from: R) -> Entries<'r> {
        let plain: Box<dyn std::io::Read + 'r> = match &key.0 {
            None => Box::new(from),
            Some(master) => Box::new(master.decrypt(from)),
        };
        Entries::new(if self.compressed { Box::new(flate2::read::ZlibDecoder::new(plain)) } else { plain })
    }

    /// Both in one, for a file that is gone through once.
    ///
    /// # Errors
    /// A password that is missing or wrong, or damage.
    pub fn open<'r, R: BufRead + 'r>(&self, from: R, password: Option<&str>) -> Result<Entries<'r>, BackupError> {
        Ok(self.entries(&self.unlock(password)?, from))
    }
}

fn line(from: &mut impl BufRead) -> Result<String, BackupError> {
    let mut line = Vec::new();
    std::io::Read::take(from, LONGEST_LINE).read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        return Err(BackupError::Header);
    }
    String::from_utf8(line).map_err(|_| BackupError::Header)
}

fn number(line: &str) -> Result<u32, BackupError> {
    line.parse().map_err(|_| BackupError::Header)
}

fn bytes(line: &str, lengths: std::ops::RangeInclusive<usize>) -> Result<Vec<u8>, BackupError> {
    hex::decode(line).ok().filter(|bytes| lengths.contains(&bytes.len())).ok_or(BackupError::Header)
}
