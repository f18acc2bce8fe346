//! The 24-byte message header of adb and its rules (reference/android.md §1.1). Every message in either direction passes here.

use crate::error::Fault;

pub(super) const HEADER: usize = 24;
/// Largest payload either side may send: 1 MiB, what adb itself announces.
pub(super) const MAX_PAYLOAD: usize = 1 << 20;
/// "Checksums may be skipped."
pub(super) const VERSION: u32 = 0x0100_0001;

pub(super) const CNXN: u32 = 0x4E58_4E43;
pub(super) const AUTH: u32 = 0x4854_5541;
pub(super) const OPEN: u32 = 0x4E45_504F;
pub(super) const OKAY: u32 = 0x5941_4B4F;
pub(super) const WRTE: u32 = 0x4554_5257;
pub(super) const CLSE: u32 = 0x4553_4C43;
pub(super) const STLS: u32 = 0x534C_5453;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub command: u32,
    pub arg0: u32,
    pub arg1: u32,
    /// Payload bytes that follow.
    pub length: u32,
    /// Plain sum of the payload's bytes, 0 where skipped.
    pub check: u32,
}

impl Header {
    #[must_use]
    pub(super) fn encode(self) -> [u8; HEADER] {
        let mut out = [0; HEADER];
        let words = [self.command, self.arg0, self.arg1, self.length, self.check, !self.command];
        for (to, word) in out.chunks_exact_mut(4).zip(words) {
            to.copy_from_slice(&word.to_le_bytes());
        }
        out
    }

    /// Refuses a magic that does not fit and a length above [`MAX_PAYLOAD`], before anything is allocated.
    pub(super) fn decode(bytes: &[u8; HEADER]) -> Result<Self, Fault> {
        let command = le32(bytes, 0);
        if le32(bytes, 20) != !command {
            return Err(Fault::BadMagic);
        }
        let length = le32(bytes, 12);
        if length as usize > MAX_PAYLOAD {
            return Err(Fault::TooLong { length: length.into(), bound: MAX_PAYLOAD as u64 });
        }
        Ok(Self { command, arg0: le32(bytes, 4), arg1: le32(bytes, 8), length, check: le32(bytes, 16) })
    }
}

/// "crc32" in adb's own words; a plain sum.
#[must_use]
pub(super) fn checksum(payload: &[u8]) -> u32 {
    payload.iter().fold(0, |sum, &b| sum.wrapping_add(b.into()))
}

/// Little-endian word at `at`; 0 where the bytes end (callers have checked the length).
#[must_use]
pub(super) fn le32(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u32::from_le_bytes(*b))
}

/// Little-endian double word at `at`; 0 where the bytes end.
#[must_use]
pub(super) fn le64(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|b| b.first_chunk()).map_or(0, |b| u64::from_le_bytes(*b))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn headers_round_trip(command: u32, arg0: u32, arg1: u32, length in 0..=(MAX_PAYLOAD as u32), check: u32) {
            let header = Header { command, arg0, arg1, length, check };
            prop_assert_eq!(Header::decode(&header.encode()).unwrap(), header);
        }

        #[test]
        fn any_24_bytes_are_taken_or_refused_without_harm(bytes: [u8; HEADER]) {
            let _ = Header::decode(&bytes);
        }
    }

    #[test]
    fn a_length_that_lies_and_a_wrong_magic_are_refused() {
        let good = Header { command: WRTE, arg0: 1, arg1: 2, length: 5, check: 0 };
        let mut bytes = good.encode();
        bytes[20] ^= 1;
        assert_eq!(Header::decode(&bytes), Err(Fault::BadMagic));
        let long = Header { length: u32::MAX, ..good };
        assert!(matches!(Header::decode(&long.encode()), Err(Fault::TooLong { .. })));
    }
}
