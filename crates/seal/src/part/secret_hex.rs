//! Part keys in the encrypted journal, in grants and in role indexes: as 64 hex digits, without a copy in between that
//! nobody wipes.

use super::PartKey;
use serde::{Deserializer, Serializer, de};
use std::fmt;
use zeroize::Zeroizing;

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

pub(crate) fn serialize<S: Serializer>(key: &PartKey, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&Hex(key.expose()))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PartKey, D::Error> {
    struct KeyVisitor;
    impl de::Visitor<'_> for KeyVisitor {
        type Value = PartKey;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("64 hex digits")
        }
        fn visit_str<E: de::Error>(self, text: &str) -> Result<PartKey, E> {
            let mut bytes = Zeroizing::new([0; 32]);
            // The error of `hex` would show a digit of the key.
            hex::decode_to_slice(text, bytes.as_mut()).map_err(|_| E::custom("not a key"))?;
            Ok(PartKey::from_bytes(&mut bytes))
        }
    }
    from.deserialize_str(KeyVisitor)
}
