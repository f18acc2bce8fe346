//! Broken copies of good inputs, the same for the same seed.
//!
//! A case depends on the seed of the run, the target's name and the case's number only: any one can be made again alone.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use sha2::{Digest, Sha256};

/// Inputs do not grow beyond this; a parser's bounds are tried with lengths that lie, not with gigabytes.
const LONGEST: usize = 2 << 20;
/// Values at which lengths and counts go wrong.
const EDGES: [u64; 14] = [
    0,
    1,
    2,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0xffff,
    0x0001_0000,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    u64::MAX,
];

/// Case `number` of a target: one of `seeds`, broken in one to eight places. The first cases are the seeds themselves.
#[must_use]
pub fn case(seed: u64, target: &str, number: u64, seeds: &[Vec<u8>]) -> Vec<u8> {
    if let Some(whole) = usize::try_from(number).ok().and_then(|n| seeds.get(n)) {
        return whole.clone();
    }
    let mut key = Sha256::new();
    key.update(seed.to_le_bytes());
    key.update(number.to_le_bytes());
    key.update(target.as_bytes());
    let mut chance = Chance(ChaCha8Rng::from_seed(key.finalize().into()));
    let mut data = chance.one_of(seeds).cloned().unwrap_or_default();
    // Half of the cases have one wound only: a parser that survives eight may have refused at the first.
    let wounds = if chance.below(2) == 0 { 1 } else { 2 + chance.below(7) };
    for _ in 0..wounds {
        wound(&mut data, seeds, &mut chance);
        data.truncate(LONGEST);
    }
    data
}

struct Chance(ChaCha8Rng);

impl Chance {
    /// Uniform in `0..n`; 0 when `n` is 0.
    fn below(&mut self, n: usize) -> usize {
        let product = u128::from(self.0.next_u64()) * n as u128;
        usize::try_from(product >> 64).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        self.0.next_u64() as u8
    }

    fn one_of<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }

    /// A place in `len` bytes: often near the beginning or the end, where heads and directories stand.
    fn place(&mut self, len: usize) -> usize {
        match self.below(8) {
            0 | 1 => self.below(len.min(128)),
            2 => len - self.below(len.min(128)).min(len),
            _ => self.below(len),
        }
    }

    /// A stretch: mostly short, seldom of any length.
    fn stretch(&mut self, len: usize) -> std::ops::Range<usize> {
        let from = self.place(len);
        let most = match self.below(8) {
            0 => len,
            1 | 2 => 4096,
            _ => 32,
        };
        from..from + self.below(most.min(len - from) + 1)
    }
}

fn wound(data: &mut Vec<u8>, seeds: &[Vec<u8>], chance: &mut Chance) {
    if data.is_empty() {
        let fresh = chance.below(64);
        data.extend((0..fresh).map(|_| chance.byte()));
        return;
    }
    match chance.below(14) {
        0..=2 => {
            let (at, bit) = (chance.place(data.len()), chance.below(8));
            if let Some(byte) = data.get_mut(at) {
                *byte ^= 1 << bit;
            }
        }
        3 => {
            let (at, to) = (chance.place(data.len()), chance.byte());
            if let Some(byte) = data.get_mut(at) {
                *byte = to;
            }
        }
        4..=6 => {
            let value = chance.one_of(&EDGES).copied().unwrap_or(0);
            write_number(data, value, chance);
        }
        7 => {
            // A number that stands there, a little off: counts and lengths that are wrong by one.
            let at = chance.place(data.len());
            let by = chance.below(17) as u8;
            if let Some(byte) = data.get_mut(at) {
                *byte = byte.wrapping_add(by).wrapping_sub(8);
            }
        }
        8 => {
            let at = chance.place(data.len());
            data.truncate(at);
        }
        9 => {
            let stretch = chance.stretch(data.len());
            data.drain(stretch);
        }
        10 => {
            let stretch = chance.stretch(data.len());
            let copy = data.get(stretch).unwrap_or_default().to_vec();
            let at = chance.place(data.len()).min(data.len());
            data.splice(at..at, copy);
        }
        11 => {
            let at = chance.place(data.len()).min(data.len());
            let (count, fill) = (chance.below(64), chance.byte());
            let random = chance.below(2) == 0;
            let new: Vec<u8> = (0..count).map(|_| if random { chance.byte() } else { fill }).collect();
            data.splice(at..at, new);
        }
        12 => {
            // The tail of another input, or a stretch of it, in place of ours.
            let Some(other) = chance.one_of(seeds).filter(|other| !other.is_empty()) else { return };
            let (from, to) = (chance.stretch(other.len()), chance.stretch(data.len()));
            let from = if chance.below(2) == 0 { from.start..other.len() } else { from };
            let new = other.get(from).unwrap_or_default().to_vec();
            data.splice(to, new);
        }
        _ => digits(data, chance),
    }
}

/// Overwrites 1, 2, 4 or 8 bytes, in either order of bytes.
fn write_number(data: &mut [u8], value: u64, chance: &mut Chance) {
    let width = 1 << chance.below(4);
    let little = value.to_le_bytes();
    let mut bytes = little.get(..width).unwrap_or_default().to_vec();
    if chance.below(2) == 0 {
        bytes.reverse();
    }
    let at = chance.place(data.len());
    for (to, from) in data.iter_mut().skip(at).zip(bytes) {
        *to = from;
    }
}

/// A number in a text becomes another one; where there is none, a separator is put in.
fn digits(data: &mut Vec<u8>, chance: &mut Chance) {
    let from = chance.place(data.len());
    let run = data.iter().enumerate().skip(from).find(|(_, b)| b.is_ascii_digit()).map(|(at, _)| at);
    let at = run.unwrap_or(from).min(data.len());
    let end = data.iter().enumerate().skip(at).find(|(_, b)| !b.is_ascii_digit()).map_or(data.len(), |(end, _)| end);
    let new: &[u8] = chance
        .one_of(&[
            b"0".as_slice(),
            b"-1",
            b"4294967296",
            b"9223372036854775807",
            b"18446744073709551616",
            b"1e308",
            b"\xc3\xa9",
            b"\xff",
            b"\n",
            b"\r\n",
            b"=",
            b", ",
            b"{",
            b"}",
            b":",
            b"/../",
            b"\0",
            b"\xe2\x80\xae",
        ])
        .copied()
        .unwrap_or_default();
    data.splice(at..end, new.iter().copied());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_can_be_made_again_and_most_cases_differ_from_their_seed() {
        let seeds = vec![b"een goede invoer met 12 cijfers".to_vec(), vec![7; 4000]];
        let made: Vec<Vec<u8>> = (0..500).map(|n| case(1, "x", n, &seeds)).collect();
        assert_eq!(made, (0..500).map(|n| case(1, "x", n, &seeds)).collect::<Vec<_>>());
        assert_eq!(made.first(), seeds.first());
        assert!(made.iter().filter(|data| seeds.contains(data)).count() < 50);
        assert_ne!(case(2, "x", 3, &seeds), case(1, "x", 3, &seeds));
        assert_ne!(case(1, "y", 3, &seeds), case(1, "x", 3, &seeds));
    }

    #[test]
    fn nothing_is_made_without_seeds_but_small_noise() {
        assert!((0..200).all(|n| case(1, "x", n, &[]).len() < 10_000));
    }
}
