//! The name under which a backup stores a file.

use sha1::{Digest, Sha1};
use std::fmt;

/// SHA-1 of `domain-path`; on disk 40 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId([u8; 20]);

impl FileId {
    /// From its digits. Nothing else is taken: the digits become part of a path.
    #[must_use]
    pub fn from_digits(digits: &str) -> Option<Self> {
        if digits.bytes().any(|digit| digit.is_ascii_uppercase()) {
            return None;
        }
        let mut id = [0; 20];
        hex::decode_to_slice(digits, &mut id).ok()?;
        Some(Self(id))
    }

    #[must_use]
    pub fn digits(&self) -> String {
        hex::encode(self.0)
    }
}

/// The id of a file by its name.
#[must_use]
pub fn file_id(domain: &str, path: &str) -> FileId {
    let mut hash = Sha1::new();
    hash.update(domain.as_bytes());
    hash.update(b"-");
    hash.update(path.as_bytes());
    FileId(hash.finalize().into())
}

/// An id tells the name to whoever guesses it, so it is not shown.
impl fmt::Debug for FileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileId(..)")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_forty_lower_case_digits_are_an_id() {
        let good = "3d0d7e5fb2ce288813306e4d4636395e047a3d28";
        assert_eq!(FileId::from_digits(good).unwrap().digits(), good);
        assert_eq!(file_id("HomeDomain", "Library/SMS/sms.db").digits(), good);
        let upper = good.to_uppercase();
        let longer = format!("{good}0");
        for bad in [
            "",
            "..",
            "../../../../etc/passwd",
            &upper,
            &longer,
            good.get(1..).unwrap(),
            "/d0d7e5fb2ce288813306e4d4636395e047a3d28",
        ] {
            assert_eq!(FileId::from_digits(bad), None, "{bad}");
        }
    }
}
