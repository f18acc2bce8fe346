//! AES-256-GCM with WhatsApp's 16-byte nonce, in two separate halves: the tag over the ciphertext, and the keystream.
//!
//! A library's one-shot GCM wants the whole message in memory. A backup has several GB, so the container reader first runs
//! the tag over the file and only then, when it is right, decrypts in a second pass: memory stays flat and not one byte is
//! released before it is known to be genuine.

use aes::{
    Aes256,
    cipher::{BlockCipherEncrypt, KeyInit, KeyIvInit},
};
use ctr::Ctr32BE;
use ghash::{GHash, universal_hash::UniversalHash};
use zeroize::Zeroizing;

/// Bytes of one block, of a tag and of the nonce.
pub(super) const BLOCK: usize = 16;
/// Longest ciphertext that a 32-bit block counter covers: 2^32 - 2 blocks (NIST SP 800-38D §5.2.1.1).
pub(super) const LONGEST: u64 = ((1 << 32) - 2) * BLOCK as u64;

pub(super) type Block = [u8; BLOCK];

/// One key with one nonce.
pub(super) struct Gcm {
    key: Zeroizing<[u8; 32]>,
    cipher: Aes256,
    /// The hash key H.
    h: Zeroizing<Block>,
    /// The pre-counter block J0.
    j0: Zeroizing<Block>,
}

impl Gcm {
    pub(super) fn new(key: Zeroizing<[u8; 32]>, nonce: &Block) -> Self {
        let cipher = Aes256::new(&(*key).into());
        let h = Zeroizing::new(encrypt(&cipher, [0; BLOCK]));
        let j0 = Zeroizing::new(pre_counter(&h, nonce));
        Self { key, cipher, h, j0 }
    }

    /// The same key under another nonce.
    pub(super) fn with_nonce(&self, nonce: &Block) -> Self {
        Self::new(self.key.clone(), nonce)
    }

    pub(super) fn hasher(&self) -> Hasher {
        Hasher { hash: GHash::new(&(*self.h).into()), partial: [0; BLOCK], filled: 0, bytes: 0 }
    }

    /// The tag for a finished hash.
    pub(super) fn tag(&self, hash: &Block) -> Block {
        xor(hash, &encrypt(&self.cipher, *self.j0))
    }

    /// The keystream from the first byte of the ciphertext on.
    pub(super) fn keystream(&self) -> Ctr32BE<Aes256> {
        let mut first = Zeroizing::new(*self.j0);
        if let Some(counter) = first.last_chunk_mut::<4>() {
            *counter = u32::from_be_bytes(*counter).wrapping_add(1).to_be_bytes();
        }
        Ctr32BE::new(&(*self.key).into(), &(*first).into())
    }

    /// The hash key, for the arithmetic that explains a wrong tag.
    pub(super) fn hash_key(&self) -> &Block {
        &self.h
    }
}

fn encrypt(cipher: &Aes256, block: Block) -> Block {
    let mut block = block.into();
    cipher.encrypt_block(&mut block);
    block.into()
}

/// J0 for a nonce that is not 96 bits long: GHASH over the nonce, padding and its length in bits. A nonce of 16 bytes needs
/// no padding before the 64 zero bits.
fn pre_counter(h: &Block, nonce: &Block) -> Block {
    let mut hash = GHash::new(&(*h).into());
    hash.update(&[(*nonce).into(), ((BLOCK as u128) * 8).to_be_bytes().into()]);
    hash.finalize().into()
}

pub(super) fn xor(a: &Block, b: &Block) -> Block {
    (u128::from_be_bytes(*a) ^ u128::from_be_bytes(*b)).to_be_bytes()
}

/// `a * b` in GHASH's field.
pub(super) fn multiply(a: &Block, b: &Block) -> Block {
    let mut hash = GHash::new(&(*b).into());
    hash.update(&[(*a).into()]);
    hash.finalize().into()
}

/// GHASH over a ciphertext that comes in pieces of any length, without associated data.
#[derive(Clone)]
pub(super) struct Hasher {
    hash: GHash,
    partial: Block,
    filled: usize,
    bytes: u64,
}

impl Hasher {
    pub(super) fn update(&mut self, mut piece: &[u8]) {
        self.bytes += piece.len() as u64;
        if self.filled > 0 {
            let take = piece.len().min(BLOCK - self.filled);
            let (now, later) = piece.split_at(take);
            for (to, from) in self.partial.iter_mut().skip(self.filled).zip(now) {
                *to = *from;
            }
            self.filled += take;
            piece = later;
            if self.filled < BLOCK {
                return;
            }
            self.hash.update(&[self.partial.into()]);
            self.filled = 0;
        }
        let (blocks, tail) = ghash::Block::slice_as_chunks(piece);
        self.hash.update(blocks);
        for (to, from) in self.partial.iter_mut().zip(tail) {
            *to = *from;
        }
        self.filled = tail.len();
    }

    pub(super) fn finish(mut self) -> Block {
        if let Some(tail) = self.partial.get(..self.filled).filter(|t| !t.is_empty()) {
            self.hash.update_padded(tail);
        }
        // 64 bits: length of the associated data (none); 64 bits: length of the ciphertext, in bits.
        self.hash.update(&[(u128::from(self.bytes) * 8).to_be_bytes().into()]);
        self.hash.finalize().into()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use aes::cipher::StreamCipher;
    use aes_gcm::{
        AesGcm,
        aead::{Aead, consts::U16},
    };
    use proptest::prelude::*;

    fn with_library(key: [u8; 32], nonce: Block, plain: &[u8]) -> (Vec<u8>, Block) {
        let cipher = AesGcm::<Aes256, U16>::new(&key.into());
        let mut sealed = cipher.encrypt(&nonce.into(), plain).unwrap();
        let tag = sealed.split_off(plain.len());
        (sealed, tag.try_into().unwrap())
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_library_for_every_split(
            key: [u8; 32],
            nonce: Block,
            plain in proptest::collection::vec(any::<u8>(), 0..300),
            cuts in proptest::collection::vec(0_usize..40, 0..20),
        ) {
            let (mut sealed, tag) = with_library(key, nonce, &plain);
            let gcm = Gcm::new(Zeroizing::new(key), &nonce);
            let mut hasher = gcm.hasher();
            let mut rest = sealed.as_slice();
            for cut in cuts {
                let (now, later) = rest.split_at(cut.min(rest.len()));
                hasher.update(now);
                rest = later;
            }
            hasher.update(rest);
            prop_assert_eq!(gcm.tag(&hasher.finish()), tag);
            gcm.keystream().apply_keystream(&mut sealed);
            prop_assert_eq!(sealed, plain);
        }
    }

    #[test]
    fn field_arithmetic_is_ghash_arithmetic() {
        let (a, b, c) = ([3; 16], [0x81; 16], [0x5a; 16]);
        assert_eq!(multiply(&a, &b), multiply(&b, &a));
        assert_eq!(multiply(&multiply(&a, &b), &c), multiply(&a, &multiply(&b, &c)));
        let mut one = [0; 16];
        one[0] = 0x80;
        assert_eq!(multiply(&a, &one), a, "x^0 stands in the first bit");
    }
}
