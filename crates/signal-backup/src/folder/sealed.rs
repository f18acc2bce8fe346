//! The box that `main` and every media file are in: a vector, AES-256-CBC with padding, and a tag over both.

use crate::hash::{Keyed, TAG};
use aes::{Aes256Dec, Block, cipher::KeyInit};
use cbc::{
    Decryptor,
    cipher::{BlockModeDecrypt, InnerIvInit},
};
use std::{fmt, io};
use uitlezen_evidence::{Bytes, Hint, ReadAt};
use zeroize::Zeroizing;

const BLOCK: u64 = 16;
/// Vector and tag.
const AROUND: u64 = BLOCK + TAG as u64;

/// The two keys of a box.
#[derive(Clone)]
pub(crate) struct SealedKeys {
    tag: Keyed,
    cipher: Aes256Dec,
    #[cfg(test)]
    pub(super) raw: ([u8; 32], [u8; 32]),
}

impl SealedKeys {
    pub(super) fn new(hmac: &[u8; 32], aes: &[u8; 32]) -> Self {
        Self {
            tag: Keyed::new(hmac),
            cipher: Aes256Dec::new(aes.into()),
            #[cfg(test)]
            raw: (*hmac, *aes),
        }
    }
}

/// The content of a box of which the tag was right. Its padding is not part of it.
pub(crate) struct Sealed {
    source: Bytes,
    cipher: Aes256Dec,
    len: u64,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").field("bytes", &self.len).finish_non_exhaustive()
    }
}

/// Bytes of ciphertext in a box of this size, if it can be one.
fn ciphertext(bytes: u64) -> Option<u64> {
    bytes.checked_sub(AROUND).filter(|n| *n > 0 && n.is_multiple_of(BLOCK))
}

impl Sealed {
    /// Reads all of it once. `None` when the tag is not right, or it cannot be a box.
    pub(super) fn verify(source: Bytes, keys: &SealedKeys) -> io::Result<Option<Self>> {
        let Some(stored) = ciphertext(source.len()) else { return Ok(None) };
        let (mut tag, mut hint, mut written) = (keys.tag.clone(), Hint::default(), [0; TAG]);
        tag.update_from(&source, 0, BLOCK + stored, &mut hint)?;
        source.read_at(BLOCK + stored, &mut written, &mut hint)?;
        if !tag.is(&written) {
            return Ok(None);
        }
        let mut sealed = Self { source, cipher: keys.cipher.clone(), len: stored };
        let mut last = Zeroizing::new([0; BLOCK as usize]);
        sealed.read_at(stored - BLOCK, last.as_mut_slice(), &mut Hint::default())?;
        let padding = last.last().copied().unwrap_or_default();
        let padded = last.iter().rev().take(usize::from(padding)).all(|byte| *byte == padding);
        if padding == 0 || u64::from(padding) > BLOCK || !padded {
            return Ok(None);
        }
        sealed.len = stored - u64::from(padding);
        Ok(Some(sealed))
    }

    /// The first block, whatever the tag says: to tell a wrong key from damage.
    pub(super) fn first_block(source: &Bytes, keys: &SealedKeys) -> io::Result<Option<[u8; 16]>> {
        let Some(stored) = ciphertext(source.len()) else { return Ok(None) };
        let sealed = Self { source: source.clone(), cipher: keys.cipher.clone(), len: stored };
        let mut block = [0; 16];
        sealed.read_at(0, &mut block, &mut Hint::default())?;
        Ok(Some(block))
    }

    /// Decrypts whole blocks of the content from `pos` on.
    fn blocks(&self, pos: u64, buf: &mut [u8], hint: &mut Hint) -> io::Result<()> {
        let mut before = Block::default();
        // What stands before the first block is the vector, so the source is one block ahead of the content.
        self.source.read_at(pos, &mut before, hint)?;
        self.source.read_at(pos + BLOCK, buf, hint)?;
        Decryptor::inner_iv_init(&self.cipher, &before).decrypt_blocks(Block::slice_as_chunks_mut(buf).0);
        Ok(())
    }
}

impl ReadAt for Sealed {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], hint: &mut Hint) -> io::Result<()> {
        let end = pos.checked_add(buf.len() as u64).filter(|end| *end <= self.len).ok_or(io::ErrorKind::UnexpectedEof)?;
        if buf.is_empty() {
            return Ok(());
        }
        let (start, stop) = (pos / BLOCK * BLOCK, end.next_multiple_of(BLOCK));
        if (start, stop) == (pos, end) {
            return self.blocks(pos, buf, hint);
        }
        let bytes = usize::try_from(stop - start).map_err(|_| io::ErrorKind::OutOfMemory)?;
        let mut whole = Zeroizing::new(vec![0; bytes]);
        self.blocks(start, &mut whole, hint)?;
        let skip = usize::try_from(pos - start).unwrap_or_default();
        let part = whole.get(skip..skip + buf.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        buf.copy_from_slice(part);
        Ok(())
    }
}
