//! The content, decrypted as it comes.

use aes::{Aes256Dec, Block, cipher::KeyInit};
use cbc::{
    Decryptor,
    cipher::{BlockModeDecrypt, InnerIvInit},
};
use std::io::{self, Read};
use zeroize::Zeroizing;

const CHUNK: usize = 64 * 1024;
const BLOCK: usize = 16;

/// Opens the content.
#[derive(Clone)]
pub(crate) struct Master {
    pub(crate) key: Zeroizing<[u8; 32]>,
    pub(crate) vector: [u8; 16],
}

impl Master {
    pub(crate) fn decrypt<R: Read>(&self, from: R) -> Decrypted<R> {
        let cipher = Decryptor::inner_iv_init(Aes256Dec::new(&(*self.key).into()), &Block::from(self.vector));
        Decrypted { from, cipher, plain: Zeroizing::new(Vec::new()), at: 0, coming: Vec::new(), over: false, broken: None }
    }
}

/// AES-256-CBC with padding at its end. The last block of each chunk is held back until it is known not to be the last of all. What
/// came before it broke off is given out before that is said.
pub(crate) struct Decrypted<R> {
    from: R,
    cipher: Decryptor<Aes256Dec>,
    plain: Zeroizing<Vec<u8>>,
    at: usize,
    coming: Vec<u8>,
    over: bool,
    broken: Option<io::ErrorKind>,
}

impl<R: Read> Decrypted<R> {
    fn more(&mut self) -> io::Result<()> {
        let room = CHUNK + BLOCK - self.coming.len();
        let got = (&mut self.from).take(room as u64).read_to_end(&mut self.coming)?;
        self.over = got < room;
        let now = if self.over { self.coming.len() / BLOCK * BLOCK } else { CHUNK };
        if self.over && (now == 0 || now < self.coming.len()) {
            self.broken = Some(io::ErrorKind::UnexpectedEof);
        }
        self.plain.clear();
        self.plain.extend(self.coming.drain(..now));
        self.cipher.decrypt_blocks(Block::slice_as_chunks_mut(&mut self.plain).0);
        self.at = 0;
        if self.over && self.broken.is_none() {
            let padding = usize::from(self.plain.last().copied().unwrap_or(0));
            let length = self.plain.len().saturating_sub(padding);
            let padded = self.plain.iter().skip(length).all(|byte| usize::from(*byte) == padding);
            if (1..=BLOCK).contains(&padding) && padded {
                self.plain.truncate(length);
            } else {
                self.broken = Some(io::ErrorKind::InvalidData);
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Decrypted<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.at == self.plain.len() {
            if self.over {
                return self.broken.map_or(Ok(0), |kind| Err(kind.into()));
            }
            self.more()?;
        }
        let mut left = self.plain.get(self.at..).unwrap_or_default();
        let n = left.read(buf)?;
        self.at += n;
        Ok(n)
    }
}
