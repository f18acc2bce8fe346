//! A file of an encrypted backup as a source with random access: AES-256-CBC from a zero vector.
//!
//! A block needs the ciphertext of the block before it and nothing else, so any stretch is decrypted by reading 16 bytes
//! more. Nothing authenticates the content: what can be checked is the padding at the end, once, when a file is opened.

use crate::FileKey;
use aes::{Aes256Dec, Block, cipher::KeyInit};
use cbc::{
    Decryptor,
    cipher::{BlockModeDecrypt, InnerIvInit},
};
use std::{fmt, io};
use uitlezen_evidence::{Bytes, Hint, ReadAt};
use zeroize::Zeroizing;

pub(crate) const BLOCK: u64 = 16;

/// How long a file of this length is when stored encrypted.
#[must_use]
pub(crate) fn stored(len: u64) -> Option<u64> {
    (len / BLOCK * BLOCK).checked_add(BLOCK)
}

/// Decrypts on demand.
pub struct Decrypted {
    ciphertext: Bytes,
    cipher: Aes256Dec,
    len: u64,
}

impl Decrypted {
    /// Checks the padding; the length is what it leaves.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] when the ciphertext has a length or an end that none has; and what the source says.
    pub fn open(ciphertext: Bytes, key: &FileKey) -> io::Result<Self> {
        let stored = ciphertext.len();
        if stored == 0 || !stored.is_multiple_of(BLOCK) {
            return Err(damaged("the stored file has no whole number of blocks"));
        }
        let mut source = Self { ciphertext, cipher: Aes256Dec::new(&(*key.0).into()), len: stored };
        let mut last = Zeroizing::new([0; BLOCK as usize]);
        source.read_at(stored - BLOCK, last.as_mut_slice(), &mut Hint::default())?;
        let padding = last.last().copied().unwrap_or_default();
        let padded = last.iter().rev().take(usize::from(padding)).all(|&byte| byte == padding);
        if padding == 0 || u64::from(padding) > BLOCK || !padded {
            return Err(damaged("the end of the stored file does not decrypt to padding"));
        }
        source.len = stored - u64::from(padding);
        Ok(source)
    }

    /// Decrypts whole blocks into `buf`.
    fn blocks(&self, pos: u64, buf: &mut [u8], hint: &mut Last) -> io::Result<()> {
        let mut before = Block::default();
        if pos == hint.end {
            before = hint.block;
        } else if let Some(at) = pos.checked_sub(BLOCK) {
            self.ciphertext.read_at(at, &mut before, &mut hint.below)?;
        }
        hint.end = u64::MAX;
        self.ciphertext.read_at(pos, buf, &mut hint.below)?;
        let blocks = Block::slice_as_chunks_mut(buf).0;
        if let Some(last) = blocks.last() {
            hint.block = *last;
            hint.end = pos + buf_len(blocks);
        }
        Decryptor::inner_iv_init(&self.cipher, &before).decrypt_blocks(blocks);
        Ok(())
    }

    /// A stretch within one block.
    fn part(&self, pos: u64, buf: &mut [u8], hint: &mut Last) -> io::Result<()> {
        let mut block = Zeroizing::new([0; BLOCK as usize]);
        let start = pos / BLOCK * BLOCK;
        self.blocks(start, block.as_mut_slice(), hint)?;
        buf.iter_mut().zip(block.iter().skip(low(pos))).for_each(|(to, from)| *to = *from);
        Ok(())
    }
}

fn buf_len(blocks: &[Block]) -> u64 {
    blocks.len() as u64 * BLOCK
}

/// The place of a byte within its block.
fn low(pos: u64) -> usize {
    usize::try_from(pos % BLOCK).unwrap_or_default()
}

fn damaged(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Remembered between two reads: the last block of ciphertext, which the next stretch begins with.
struct Last {
    below: Hint,
    end: u64,
    block: Block,
}

impl Default for Last {
    /// At the beginning, where the vector is zero.
    fn default() -> Self {
        Self { below: Hint::default(), end: 0, block: Block::default() }
    }
}

impl ReadAt for Decrypted {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, pos: u64, buf: &mut [u8], hint: &mut Hint) -> io::Result<()> {
        if pos.checked_add(buf.len() as u64).is_none_or(|end| end > self.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut last = hint.take::<Last>().unwrap_or_default();
        let to_block = (BLOCK as usize - low(pos)) % BLOCK as usize;
        let (head, rest) = buf.split_at_mut(to_block.min(buf.len()));
        let whole = rest.len() / BLOCK as usize * BLOCK as usize;
        let (middle, tail) = rest.split_at_mut(whole);
        let (at_middle, at_tail) = (pos + head.len() as u64, pos + head.len() as u64 + middle.len() as u64);
        let mut read = Ok(());
        if !head.is_empty() {
            read = self.part(pos, head, &mut last);
        }
        if !middle.is_empty() {
            read = read.and_then(|()| self.blocks(at_middle, middle, &mut last));
        }
        if !tail.is_empty() {
            read = read.and_then(|()| self.part(at_tail, tail, &mut last));
        }
        hint.put(last);
        read
    }
}

impl fmt::Debug for Decrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decrypted").field("len", &self.len).finish_non_exhaustive()
    }
}
