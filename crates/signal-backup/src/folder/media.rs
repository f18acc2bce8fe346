//! Files of the shared folder `files`: each under a key that stands in the message, named after content and key.

use super::sealed::{Sealed, SealedKeys};
use sha2::{Digest, Sha256};
use std::{fmt, io, sync::Arc};
use uitlezen_evidence::{Bytes, Hint, ReadAt};
use uitlezen_protobuf::{Fields, Record, Value};
use zeroize::Zeroizing;

/// Longest list of names that is read, and most of one name.
const LONGEST_NAME: usize = 256;
const PIECE: usize = 1 << 18;

/// What a message says of a file, enough to find and open it. Holds the key: wiped when dropped, never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Locator {
    key: Zeroizing<[u8; 64]>,
    /// SHA-256 of the content.
    pub plaintext_hash: [u8; 32],
    pub bytes: u64,
}

impl fmt::Debug for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Locator").field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

/// Why a media file is not given.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The tag is not right.
    #[error("the bytes are damaged")]
    Damaged,
    /// It verifies, and is shorter than the message says.
    #[error("the file is shorter than its message says")]
    Short,
    /// Behind the content stands something else than zeros.
    #[error("something stands behind the content of the file")]
    Behind,
    /// It verifies, and its content has another hash than the message says.
    #[error("the content is not that of the message")]
    OtherContent,
    #[error("the bytes could not be read")]
    Io(#[from] io::Error),
}

impl Locator {
    /// Of a `FilePointer`. `None` where the media is not in the backup.
    #[must_use]
    pub fn of(pointer: &Record<'_>) -> Option<Self> {
        let info = pointer.message("locatorInfo")?;
        let key = Zeroizing::new(<[u8; 64]>::try_from(info.secret("localKey")?).ok()?);
        let plaintext_hash = info.blob("plaintextHash")?.try_into().ok()?;
        Some(Self { key, plaintext_hash, bytes: info.uint("size") })
    }

    /// The name of its file.
    #[must_use]
    pub fn name(&self) -> String {
        hex::encode(Sha256::new().chain_update(self.plaintext_hash).chain_update(self.key.as_slice()).finalize())
    }

    /// Checks the file as a whole, tag, size and hash, and then gives its content.
    ///
    /// # Errors
    /// When it is not what the message speaks of.
    pub fn open(&self, file: Bytes) -> Result<Media, MediaError> {
        let (aes, hmac) = self.key.split_first_chunk::<32>().unwrap_or((&[0; 32], &[]));
        let keys = SealedKeys::new(hmac.first_chunk().unwrap_or(&[0; 32]), aes);
        let sealed = Sealed::verify(file, &keys)?.ok_or(MediaError::Damaged)?;
        if sealed.len() < self.bytes {
            return Err(MediaError::Short);
        }
        let (mut hash, mut hint, mut piece) = (Sha256::new(), Hint::default(), Zeroizing::new(vec![0; PIECE]));
        let mut pos = 0;
        while pos < sealed.len() {
            let content = pos < self.bytes;
            let stop = if content { self.bytes } else { sealed.len() };
            let n = piece.len().min(usize::try_from(stop - pos).unwrap_or(PIECE));
            let Some(now) = piece.get_mut(..n) else { break };
            sealed.read_at(pos, now, &mut hint)?;
            if content {
                hash.update(&*now);
            } else if now.iter().any(|byte| *byte != 0) {
                return Err(MediaError::Behind);
            }
            pos += n as u64;
        }
        if <[u8; 32]>::from(hash.finalize()) != self.plaintext_hash {
            return Err(MediaError::OtherContent);
        }
        Ok(Media { sealed: Arc::new(sealed), bytes: self.bytes })
    }
}

/// The content of a file that is what its message speaks of.
#[derive(Clone, Debug)]
pub struct Media {
    sealed: Arc<Sealed>,
    bytes: u64,
}

impl ReadAt for Media {
    fn len(&self) -> u64 {
        self.bytes
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], hint: &mut Hint) -> io::Result<()> {
        let end = pos.checked_add(buf.len() as u64).filter(|end| *end <= self.bytes);
        end.ok_or(io::ErrorKind::UnexpectedEof)?;
        self.sealed.read_at(pos, buf, hint)
    }
}

/// The names in the list `files` of a snapshot. The second is how many entries were no name.
#[must_use]
pub fn names(list: &[u8]) -> (Vec<String>, u64) {
    let (mut names, mut odd, mut rest) = (Vec::new(), 0, list);
    while !rest.is_empty() {
        let entry = uitlezen_protobuf::varint(rest).and_then(|(length, used)| {
            let length = usize::try_from(length).ok()?;
            rest.get(used..)?.split_at_checked(length)
        });
        let Some((entry, behind)) = entry else {
            odd += 1;
            break;
        };
        rest = behind;
        let name = Fields::of(entry).map_while(Result::ok).find_map(|field| match (field.number, field.value) {
            (1, Value::Bytes(name)) if name.len() <= LONGEST_NAME => str::from_utf8(name).ok(),
            _ => None,
        });
        match name.filter(|name| name.len() == 64 && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))) {
            Some(name) => names.push(name.to_owned()),
            None => odd += 1,
        }
    }
    (names, odd)
}
