//! The key bag, in the form of a real one of iOS 10.2 (`testdata/ios-backup/keybag-vectors`): a header, then the classes from
//! 11 down to 1, of which 5, 9, 10 and 11 carry another mark (3) but are wrapped no differently.

use super::{BackupError, Rounds};
use crate::content::Dice;
use aes_kw::KwAes256;
use hmac::{Hmac, KeyInit, Mac, digest::Update};
use sha1::Sha1;
use sha2::Sha256;

pub(super) const CLASSES: std::ops::RangeInclusive<u8> = 1..=11;
/// The manifest's own class in the published bag.
pub(super) const MANIFEST_CLASS: u8 = 4;

pub(super) struct KeyBag {
    bytes: Vec<u8>,
    keys: Vec<(u8, [u8; 32])>,
}

impl KeyBag {
    pub(super) fn new(password: &str, rounds: Rounds, seed: u64) -> Result<Self, BackupError> {
        let mut dice = Dice::new(seed, "key bag");
        let (salt, first_salt) = (dice.bytes::<20>(), dice.bytes::<20>());
        let first = pbkdf2::<Hmac<Sha256>, 32>(password.as_bytes(), &first_salt, rounds.first)?;
        let passcode = pbkdf2::<Hmac<Sha1>, 20>(&first, &salt, rounds.second)?;
        let mut bytes = Vec::new();
        let mut put = |tag: &[u8; 4], value: &[u8]| {
            bytes.extend(tag);
            bytes.extend(u32::try_from(value.len()).unwrap_or(0).to_be_bytes());
            bytes.extend(value);
        };
        put(b"VERS", &3_u32.to_be_bytes());
        put(b"TYPE", &1_u32.to_be_bytes());
        put(b"UUID", &dice.bytes::<16>());
        put(b"HMCK", &[0; 40]);
        put(b"WRAP", &0_u32.to_be_bytes());
        put(b"SALT", &salt);
        put(b"ITER", &rounds.second.to_be_bytes());
        put(b"DPWT", &1_u32.to_be_bytes());
        put(b"DPIC", &rounds.first.to_be_bytes());
        put(b"DPSL", &first_salt);
        let mut keys = Vec::new();
        for class in CLASSES.rev() {
            let key = dice.bytes::<32>();
            put(b"UUID", &dice.bytes::<16>());
            put(b"CLAS", &u32::from(class).to_be_bytes());
            put(b"WRAP", &if matches!(class, 5 | 9..=11) { 3_u32 } else { 2 }.to_be_bytes());
            put(b"KTYP", &0_u32.to_be_bytes());
            put(b"WPKY", &wrapped(&passcode, &key)?);
            keys.push((class, key));
        }
        Ok(Self { bytes, keys })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A key as a row or the manifest carries it: the class, little-endian, and the key under that class's.
    pub(super) fn carry(&self, class: u8, key: &[u8; 32]) -> Result<Vec<u8>, BackupError> {
        let (_, class_key) = self.keys.iter().find(|(of, _)| *of == class).ok_or(BackupError::Class(class))?;
        Ok([&u32::from(class).to_le_bytes()[..], &wrapped(class_key, key)?].concat())
    }
}

fn wrapped(under: &[u8; 32], key: &[u8; 32]) -> Result<[u8; 40], BackupError> {
    let mut out = [0; 40];
    KwAes256::new(&(*under).into()).wrap_key(key, &mut out).map_err(|_| BackupError::Cipher)?;
    Ok(out)
}

/// PBKDF2 as RFC 8018 writes it down, to 32 bytes, over a MAC of `N` bytes.
fn pbkdf2<M: Mac + KeyInit + Update + Clone, const N: usize>(
    password: &[u8],
    salt: &[u8],
    rounds: u32,
) -> Result<[u8; 32], BackupError> {
    let keyed = <M as KeyInit>::new_from_slice(password).map_err(|_| BackupError::Cipher)?;
    let mut out = [0; 32];
    for (block, number) in out.chunks_mut(N).zip(1_u32..) {
        let mut mac = keyed.clone();
        Mac::update(&mut mac, salt);
        Mac::update(&mut mac, &number.to_be_bytes());
        let mut last = mac.finalize().into_bytes();
        let mut sum = last.clone();
        for _ in 1..rounds {
            let mut mac = keyed.clone();
            Mac::update(&mut mac, &last);
            last = mac.finalize().into_bytes();
            sum.iter_mut().zip(&last).for_each(|(sum, byte)| *sum ^= byte);
        }
        block.iter_mut().zip(&sum).for_each(|(to, from)| *to = *from);
    }
    Ok(out)
}
