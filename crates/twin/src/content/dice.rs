//! Chance that comes out the same for the same seed, whatever version of a library is below it.
//!
//! ChaCha8 is a fixed keystream; ranges are drawn by our own arithmetic, because a library may change how it maps words
//! to ranges between versions and every expectation would shift.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

/// A key for one purpose, from the seed of the whole.
pub(crate) fn key(seed: u64, purpose: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"uitlezen twin 1\0");
    hash.update(seed.to_le_bytes());
    hash.update(purpose.as_bytes());
    hash.finalize().into()
}

#[derive(Debug)]
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        Self(ChaCha8Rng::from_seed(key(seed, purpose)))
    }

    /// Uniform in `0..n` but for a bias of at most n / 2^64; 0 when `n` is 0.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        let product = u128::from(self.0.next_u64()) * u128::from(n);
        u64::try_from(product >> 64).unwrap_or(0)
    }

    /// Both ends included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high.saturating_sub(low)).unwrap_or(0).saturating_add(1);
        low.saturating_add(i64::try_from(self.below(width)).unwrap_or(0))
    }

    pub(crate) fn per_mille(&mut self, chance: u64) -> bool {
        self.below(1000) < chance
    }

    pub(crate) fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.below(len as u64)).unwrap_or(0)
    }

    /// The lists are tables of this crate and never empty.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.index(list.len())]
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        self.0.fill_bytes(&mut out);
        out
    }

    /// `n` upper-case hexadecimal digits, at most 32.
    pub(crate) fn hex(&mut self, n: usize) -> String {
        let mut text = hex::encode_upper(self.bytes::<16>());
        text.truncate(n);
        text
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, self.index(i + 1));
        }
    }
}

/// Fill `out` with the keystream of `key` from byte `pos` on: noise that needs no memory and any offset.
pub(crate) fn noise_at(key: [u8; 32], pos: u64, out: &mut [u8]) {
    let mut stream = ChaCha8Rng::from_seed(key);
    stream.set_word_pos(u128::from(pos / 4));
    let skip = usize::try_from(pos % 4).unwrap_or(0);
    if skip == 0 {
        stream.fill_bytes(out);
        return;
    }
    let first = stream.next_u32().to_le_bytes();
    let head = out.len().min(4 - skip);
    out[..head].copy_from_slice(&first[skip..skip + head]);
    stream.fill_bytes(&mut out[head..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_the_same_from_any_offset() {
        let mut whole = vec![0; 1000];
        noise_at([7; 32], 0, &mut whole);
        for start in [0, 1, 2, 3, 4, 5, 63, 64, 65, 255, 256, 257, 999] {
            for len in [0, 1, 3, 5, 700] {
                let len = len.min(1000 - start);
                let mut part = vec![0; len];
                noise_at([7; 32], start as u64, &mut part);
                assert_eq!(part, whole[start..start + len], "{start}+{len}");
            }
        }
    }

    #[test]
    fn noise_beyond_four_gib_differs_from_the_start() {
        let (mut low, mut high) = ([0; 64], [0; 64]);
        noise_at([7; 32], 0, &mut low);
        noise_at([7; 32], 1 << 33, &mut high);
        assert_ne!(low, high);
    }

    #[test]
    fn purposes_do_not_share_a_stream() {
        assert_ne!(Dice::new(1, "a").bytes::<16>(), Dice::new(1, "b").bytes::<16>());
        assert_eq!(Dice::new(1, "a").bytes::<16>(), Dice::new(1, "a").bytes::<16>());
    }
}
