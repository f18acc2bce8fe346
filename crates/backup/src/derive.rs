//! From a password to the key that wraps the class keys: PBKDF2 twice, once with ten million rounds.
//!
//! A round is two compressions of SHA-256, and nothing else should be in it: the states after the keyed blocks are worked
//! out once, and every round compresses one prepared block twice. The compression is `sha2`'s, which takes the processor's
//! own instructions where it has them. (OpenSSL, and crate `pbkdf2`, copy a whole context a round.)

use crate::{KeyBag, KeyBagError, UnlockError};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256, block_api::compress256};
use std::ops::ControlFlow;
use zeroize::Zeroizing;

/// Rounds between two looks at the caller: some 10 ms.
const TICK: u32 = 1 << 16;

/// How many rounds a key bag may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounds {
    /// Of the first derivation; phones take 10,000,000.
    pub first: u32,
    /// Of the second; phones take 10,000.
    pub second: u32,
}

impl Default for Rounds {
    /// A hundred times the second and ten times the first: a minute or two of work.
    fn default() -> Self {
        Self { first: 100_000_000, second: 1_000_000 }
    }
}

/// How far a derivation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub done: u32,
    pub total: u32,
}

impl KeyBag {
    /// Refuses absurd numbers of rounds, before any work.
    pub(crate) fn check(&self, most: Rounds) -> Result<(), KeyBagError> {
        for (asked, most) in [(self.first_rounds, most.first), (self.rounds, most.second)] {
            if asked == 0 || asked > most {
                return Err(KeyBagError::Rounds(asked));
            }
        }
        Ok(())
    }

    /// The key that wraps the class keys, if the password is right; whether it is shows when a class key is unwrapped.
    pub(crate) fn passcode_key(
        &self,
        password: &[u8],
        most: Rounds,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Zeroizing<[u8; 32]>, UnlockError> {
        self.check(most)?;
        let total = self.first_rounds;
        let mut tick = |done| progress(Progress { done, total }).is_continue();
        let first = first(password, &self.first_salt, self.first_rounds, &mut tick).ok_or(UnlockError::Cancelled)?;
        second(&first, &self.salt, self.rounds)
    }
}

type State = [u32; 8];
/// A message of 32 bytes behind one block: a single bit, zeros, and the length of both in bits.
const PADDED: [u8; 64] = {
    let mut block = [0; 64];
    block[32] = 0x80;
    let [high, low] = (8 * (64_u16 + 32)).to_be_bytes();
    block[62] = high;
    block[63] = low;
    block
};
type Key = Zeroizing<[u8; 32]>;

const START: State = [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// PBKDF2-HMAC-SHA256 to 32 bytes, which is one block of it. `None` when `tick` says stop.
fn first(password: &[u8], salt: &[u8], rounds: u32, tick: &mut dyn FnMut(u32) -> bool) -> Option<Key> {
    let mut keyed = Zeroizing::new([0_u8; 64]);
    let hashed = Zeroizing::new(<[u8; 32]>::from(Sha256::digest(password)));
    let key = if password.len() > keyed.len() { hashed.as_slice() } else { password };
    keyed.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let state = |pad: u8| {
        let mut state = Zeroizing::new(START);
        compress256(&mut state, &[keyed.map(|byte| byte ^ pad)]);
        state
    };
    let (inner, outer) = (state(0x36), state(0x5c));
    // Every message from here on is the 32 bytes before it.
    let mut block = Zeroizing::new(PADDED);

    // The first round takes the salt, of any length, through the library.
    let mut last = Zeroizing::new(mac::<Hmac<Sha256>>(password, &[salt, &1_u32.to_be_bytes()])?);
    let mut sum = Zeroizing::new(words(&last));
    let mut value = Zeroizing::new(*sum);
    last.fill(0);
    for round in 1..rounds {
        if round % TICK == 0 && !tick(round) {
            return None;
        }
        put(&mut block, &value);
        *value = *inner;
        compress256(&mut value, std::slice::from_ref(&*block));
        put(&mut block, &value);
        *value = *outer;
        compress256(&mut value, std::slice::from_ref(&*block));
        sum.iter_mut().zip(value.iter()).for_each(|(sum, word)| *sum ^= word);
    }
    if !tick(rounds) {
        return None;
    }
    let mut key = Key::default();
    key.as_chunks_mut::<4>().0.iter_mut().zip(sum.iter()).for_each(|(to, word)| *to = word.to_be_bytes());
    Some(key)
}

fn words(bytes: &[u8]) -> State {
    let mut words = State::default();
    words.iter_mut().zip(bytes.as_chunks::<4>().0).for_each(|(word, bytes)| *word = u32::from_be_bytes(*bytes));
    words
}

fn put(block: &mut [u8; 64], state: &State) {
    block.as_chunks_mut::<4>().0.iter_mut().zip(state).for_each(|(to, word)| *to = word.to_be_bytes());
}

/// `None` cannot occur: a MAC of this family takes a key of any length.
fn mac<M: Mac + KeyInit>(key: &[u8], message: &[&[u8]]) -> Option<Vec<u8>> {
    let mut mac = <M as KeyInit>::new_from_slice(key).ok()?;
    message.iter().for_each(|part| mac.update(part));
    Some(mac.finalize().into_bytes().to_vec())
}

/// PBKDF2-HMAC-SHA1 to 32 bytes: two blocks of 20, the second cut.
fn second(key: &[u8; 32], salt: &[u8], rounds: u32) -> Result<Key, UnlockError> {
    let keyed = Hmac::<Sha1>::new_from_slice(key).map_err(|_| UnlockError::Damaged)?;
    let mut out = Key::default();
    for (block, number) in out.chunks_mut(20).zip(1_u32..) {
        let mut mac = keyed.clone();
        mac.update(salt);
        mac.update(&number.to_be_bytes());
        let mut last = mac.finalize().into_bytes();
        let mut sum = Zeroizing::new(<[u8; 20]>::from(last));
        for _ in 1..rounds {
            let mut mac = keyed.clone();
            mac.update(&last);
            last = mac.finalize().into_bytes();
            sum.iter_mut().zip(&last).for_each(|(sum, byte)| *sum ^= byte);
        }
        block.iter_mut().zip(sum.iter()).for_each(|(to, byte)| *to = *byte);
    }
    Ok(out)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn whole(password: &[u8], salt: &[u8], rounds: u32) -> Key {
        first(password, salt, rounds, &mut |_| true).unwrap()
    }

    /// RFC 8018 with the library's MAC, word for word.
    fn slowly(password: &[u8], salt: &[u8], rounds: u32) -> Vec<u8> {
        let mut last = mac::<Hmac<Sha256>>(password, &[salt, &[0, 0, 0, 1]]).unwrap();
        let mut sum = last.clone();
        for _ in 1..rounds {
            last = mac::<Hmac<Sha256>>(password, &[&last]).unwrap();
            sum.iter_mut().zip(&last).for_each(|(sum, byte)| *sum ^= byte);
        }
        sum
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn it_agrees_with_the_library(
            password in proptest::collection::vec(any::<u8>(), 0..140),
            salt in proptest::collection::vec(any::<u8>(), 1..80),
            rounds in 1_u32..40,
        ) {
            prop_assert_eq!(whole(&password, &salt, rounds).to_vec(), slowly(&password, &salt, rounds));
        }
    }

    #[test]
    fn the_known_answers_come_out() {
        // reference/ios.md §3.4, made with Python's hashlib.
        let salt: Vec<u8> = (0..20).collect();
        let one = whole(b"Proef-wachtwoord 1", &salt, 1000);
        assert_eq!(hex::encode(*one), "d45860d1cd75633b06acc07300663698620729697cd1b980e55ecbffeccbb2ab");
        let salt: Vec<u8> = (0x14..0x28).collect();
        let two = second(&one, &salt, 100).unwrap();
        assert_eq!(hex::encode(*two), "5d0f37a79be22c74fa85f80586779756931e5be20c76419e61d0fe172c904107");
    }

    #[test]
    fn it_stops_when_it_is_told_to() {
        let mut asked = Vec::new();
        let stopped = first(b"x", b"y", 10 * TICK, &mut |done| {
            asked.push(done);
            done < 3 * TICK
        });
        assert!(stopped.is_none());
        assert_eq!(asked, [TICK, 2 * TICK, 3 * TICK]);
    }
}
