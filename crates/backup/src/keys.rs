//! Keys: of the classes, and of single files.

use crate::{KeyBag, Progress, Rounds, UnlockError, keybag::WRAPPED};
use aes::cipher::KeyInit;
use aes_kw::KwAes256;
use std::{fmt, ops::ControlFlow};
use zeroize::Zeroizing;

type Key = Zeroizing<[u8; 32]>;

/// The key of a file as its row carries it: under which class, and wrapped by that class's key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CarriedKey {
    pub(crate) class: u32,
    pub(crate) wrapped: [u8; WRAPPED],
}

impl CarriedKey {
    /// Four bytes of the class, little-endian, and 40 of the wrapped key. `None` for anything else.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (class, wrapped) = bytes.split_first_chunk::<4>()?;
        Some(Self { class: u32::from_le_bytes(*class), wrapped: wrapped.try_into().ok()? })
    }

    /// The protection class whose key wraps this one.
    #[must_use]
    pub fn class(&self) -> u32 {
        self.class
    }
}

impl fmt::Debug for CarriedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CarriedKey").field("class", &self.class).finish_non_exhaustive()
    }
}

/// The key of one file; wiped when dropped.
pub struct FileKey(pub(crate) Key);

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKey(..)")
    }
}

/// The class keys that the password opened; wiped when dropped.
#[derive(Clone)]
pub struct Keys(Vec<(u32, Key)>);

impl Keys {
    /// Opens the bag with a password, as typed, in UTF-8. `progress` is called every some milliseconds and can stop the work.
    ///
    /// # Errors
    /// See [`UnlockError`].
    pub fn open(
        bag: &KeyBag,
        password: &[u8],
        most: Rounds,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Self, UnlockError> {
        let passcode = bag.passcode_key(password, most, progress)?;
        let opened = bag.classes.iter().filter_map(|class| Some((class.class, unwrapped(&passcode, &class.key)?)));
        let keys: Vec<(u32, Key)> = opened.collect();
        // One class that opens proves the password; another that does not is damage, and its files are locked.
        if keys.is_empty() { Err(UnlockError::WrongPassword) } else { Ok(Self(keys)) }
    }

    /// `None` if the class is not among those that were opened.
    fn class(&self, class: u32) -> Option<&Key> {
        self.0.iter().find(|(of, _)| *of == class).map(|(_, key)| key)
    }

    /// Whether the password opened this class.
    #[must_use]
    pub fn has(&self, carried: &CarriedKey) -> bool {
        self.class(carried.class).is_some()
    }

    /// `None` if the class is not open or the key is damaged.
    #[must_use]
    pub fn file(&self, carried: &CarriedKey) -> Option<FileKey> {
        unwrapped(self.class(carried.class)?, &carried.wrapped).map(FileKey)
    }

    #[must_use]
    pub fn classes(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keys({} classes)", self.0.len())
    }
}

/// RFC 3394; `None` if its integrity value is not there.
fn unwrapped(under: &Key, wrapped: &[u8; WRAPPED]) -> Option<Key> {
    let mut key = Key::default();
    KwAes256::new(&(**under).into()).unwrap_key(wrapped, key.as_mut_slice()).ok()?;
    Some(key)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::print_stderr, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn published() -> Option<Value> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/testdata/ios-backup/keybag-vectors/keybag_vectors.json");
        let Ok(bytes) = std::fs::read(path) else {
            assert!(std::env::var_os("UITLEZEN_REQUIRE_TESTDATA").is_none(), "required test data is absent: {path}");
            eprintln!("SKIPPED: test data is absent: the published key bags");
            return None;
        };
        serde_json::from_slice(&bytes).unwrap()
    }

    fn bytes(value: &Value) -> Vec<u8> {
        hex::decode(value.as_str().unwrap()).unwrap()
    }

    /// Real bags, with their ten million rounds.
    #[test]
    fn published_bags_open_to_the_published_keys() {
        let Some(bags) = published() else { return };
        for published in bags.as_array().unwrap() {
            let bag = KeyBag::parse(&bytes(&published["backup_keybag_hex"])).unwrap();
            let expected = &published["expected"];
            let password = published["password"].as_str().unwrap().as_bytes();
            let mut told = Vec::new();
            let mut progress = |progress: Progress| {
                told.push(progress);
                ControlFlow::Continue(())
            };
            let passcode = bag.passcode_key(password, Rounds::default(), &mut progress).unwrap();
            assert_eq!(hex::encode(*passcode), expected["passcode_key_pbkdf2_sha1"].as_str().unwrap());
            assert!(told.len() > 100 && told.last().unwrap().done == told.last().unwrap().total);
            let classes = expected["class_keys"].as_object().unwrap();
            assert_eq!(bag.classes.len(), classes.len());
            for class in &bag.classes {
                let key = unwrapped(&passcode, &class.key).unwrap();
                assert_eq!(hex::encode(*key), classes[&class.class.to_string()].as_str().unwrap());
            }
            let opened = bag.classes.iter().map(|class| (class.class, unwrapped(&passcode, &class.key).unwrap()));
            let keys = Keys(opened.collect());
            let manifest = CarriedKey::parse(&bytes(&published["manifest_key_hex"])).unwrap();
            assert_eq!(u64::from(manifest.class), expected["manifest_key_class"].as_u64().unwrap());
            let answer = expected["manifest_key_unwrapped"].as_str().unwrap();
            assert_eq!(hex::encode(*keys.file(&manifest).unwrap().0), answer);
        }
    }

    #[test]
    fn the_known_answers_come_out() {
        // reference/ios.md §3.4
        let key = |hex: &str| Zeroizing::new(<[u8; 32]>::try_from(hex::decode(hex).unwrap()).unwrap());
        let passcode = key("5d0f37a79be22c74fa85f80586779756931e5be20c76419e61d0fe172c904107");
        let wrapped = "27473a17c4406fec943140b38096bfca53f894322dbc98e1b5e0019cd9b61cb68ea9180c8cb0bd6b";
        let class = unwrapped(&passcode, &hex::decode(wrapped).unwrap().try_into().unwrap()).unwrap();
        assert_eq!(class.to_vec(), (0x40..0x60).collect::<Vec<u8>>());
        let carried = "03000000dae69b6f38b9b81892fe29a323dabe48205d1949a0c4a74ef937ef83e96f1b64eb8dda2208fba5a6";
        let carried = CarriedKey::parse(&hex::decode(carried).unwrap()).unwrap();
        assert_eq!(carried.class, 3);
        let keys = Keys(vec![(3, class)]);
        let file = keys.file(&carried).unwrap();
        assert_eq!(file.0.to_vec(), (0x80..0xa0).collect::<Vec<u8>>());
        let ciphertext = hex::decode("fba7a685f748c6d0ffcceff7a21e9e85cc35eb3e7dffa9d00c44a6b8d53bea2a").unwrap();
        let plain = crate::Decrypted::open(std::sync::Arc::new(ciphertext), &file).unwrap();
        let read = uitlezen_evidence::ReadAtExt::read_all(&plain, 100).unwrap();
        assert_eq!(read, b"SQLite format 3\0hello");
        assert!(keys.file(&CarriedKey { class: 4, ..carried }).is_none(), "another class");
        let mut altered = carried;
        altered.wrapped[7] ^= 1;
        assert!(keys.file(&altered).is_none());
    }

    #[test]
    fn a_carried_key_has_one_length() {
        for length in [0, 4, 40, 43, 45, 48] {
            assert!(CarriedKey::parse(&vec![0; length]).is_none(), "{length}");
        }
        assert!(CarriedKey::parse(&[0; 44]).is_some());
    }
}
