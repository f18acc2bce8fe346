//! How a zip under a password begins: its first entry, by the header that stands before it. A zip's directory stands at its end,
//! so this is all that shows before the whole is here; and it is enough to try a password on.
//!
//! Nothing of it is under a tag: that a password fits says that it may be right, one wrong one in 65,536 fits too.

use crate::{
    Bytes,
    zip_aes::{self, Aes},
};
use std::sync::Arc;

const SIGNATURE: &[u8] = b"PK\x03\x04";
const HEADER: usize = 30;
const ENCRYPTED: u16 = 1;
/// Other ways to encrypt: of the whole zip, and of its directory.
const OTHERWISE: u16 = 1 << 6 | 1 << 13;
const AES_FIELD: u16 = 0x9901;

/// The first entry of a zip, which is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockedHead<'h> {
    name: &'h [u8],
    /// What makes the keys of the entry, and what tells whether they are its keys.
    begins: [u8; zip_aes::BEGINS],
}

impl<'h> LockedHead<'h> {
    /// None where the first entry is not encrypted as WinZip does it with 256 bits, or where `head` ends before it is known.
    #[must_use]
    pub fn read(head: &'h [u8]) -> Option<Self> {
        let number = |at: usize| Some(u16::from_le_bytes(*head.get(at..)?.first_chunk()?));
        let encrypted = number(6)? & (ENCRYPTED | OTHERWISE) == ENCRYPTED && number(8)? == zip_aes::METHOD;
        if !head.starts_with(SIGNATURE) || !encrypted {
            return None;
        }
        let (name, extra) = (usize::from(number(26)?), usize::from(number(28)?));
        let rest = head.get(HEADER..)?;
        let (name, rest) = rest.split_at_checked(name)?;
        let (extra, content) = rest.split_at_checked(extra)?;
        aes(extra)?;
        Some(Self { name, begins: *content.first_chunk()? })
    }

    /// As it stands there.
    #[must_use]
    pub fn name(&self) -> &'h [u8] {
        self.name
    }

    /// Whether the password may be that of the entry.
    #[must_use]
    pub fn fits(&self, password: &[u8]) -> bool {
        let begins: Bytes = Arc::new(self.begins.to_vec());
        zip_aes::password_fits(&begins, password).unwrap_or(false)
    }
}

/// What the extra fields say of the encryption.
fn aes(mut fields: &[u8]) -> Option<Aes> {
    loop {
        let (&[kind_low, kind_high, low, high], rest) = fields.split_first_chunk()?;
        let (field, rest) = rest.split_at_checked(u16::from_le_bytes([low, high]).into())?;
        if u16::from_le_bytes([kind_low, kind_high]) == AES_FIELD {
            return Aes::read(field);
        }
        fields = rest;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use uitlezen_twin::content::threema::AesZip;

    fn zip() -> Vec<u8> {
        let mut zip = AesZip::new("Wachtwoord-1", 3);
        zip.add("settings", b"x", true).unwrap();
        zip.add("contacts.csv", b"y", true).unwrap();
        zip.finish()
    }

    #[test]
    fn a_password_is_tried_on_the_first_entry_alone() {
        let zip = zip();
        let head = LockedHead::read(&zip[..80]).unwrap();
        assert_eq!(head.name(), b"settings");
        assert!(head.fits(b"Wachtwoord-1"));
        for wrong in ["wachtwoord-1", "Wachtwoord-1 ", ""] {
            assert!(!head.fits(wrong.as_bytes()), "{wrong}");
        }
    }

    #[test]
    fn what_is_not_encrypted_so_or_ends_too_early_is_no_such_head() {
        let zip = zip();
        let whole = HEADER + 8 + 11 + zip_aes::BEGINS;
        assert!(LockedHead::read(&zip[..whole]).is_some());
        assert!((0..whole).all(|end| LockedHead::read(&zip[..end]).is_none()));
        // No zip, not encrypted, encrypted otherwise, another method, another vendor, another strength.
        for (at, byte) in [(0, b'Q'), (6, 0), (6, 1 | 1 << 6), (8, 8), (38, 2), (46, 1)] {
            let mut other = zip.clone();
            other[at] = byte;
            assert!(LockedHead::read(&other).is_none(), "{at}");
        }
        let mut clear = AesZip::new("x", 1);
        clear.add_in_the_clear("settings", b"x", false).unwrap();
        assert!(LockedHead::read(&clear.finish()).is_none());
        // Other fields may stand before it.
        let before = [&zip[..28], &17_u16.to_le_bytes(), &zip[30..38], &[9, 9, 2, 0, 0, 0], &zip[38..]].concat();
        assert_eq!(LockedHead::read(&before), LockedHead::read(&zip));
    }
}
