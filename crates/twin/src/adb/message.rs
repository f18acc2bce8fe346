//! One frame of the protocol: a 24-byte header and its payload (`reference/android.md §1.1`).

use std::io::{self, Read};

/// `CNXN`: hello, with version, largest payload and banner.
pub const CNXN: u32 = u32::from_le_bytes(*b"CNXN");
/// `AUTH`: token, signature or public key.
pub const AUTH: u32 = u32::from_le_bytes(*b"AUTH");
/// `OPEN`: a stream to a service.
pub const OPEN: u32 = u32::from_le_bytes(*b"OPEN");
/// `OKAY`: ready, or acknowledged.
pub const OKAY: u32 = u32::from_le_bytes(*b"OKAY");
/// `WRTE`: bytes of a stream.
pub const WRTE: u32 = u32::from_le_bytes(*b"WRTE");
/// `CLSE`: end of a stream.
pub const CLSE: u32 = u32::from_le_bytes(*b"CLSE");
/// `STLS`: TLS, which wireless debugging uses and a cable does not.
pub const STLS: u32 = u32::from_le_bytes(*b"STLS");

/// First version of the protocol: every payload carries its sum.
pub const VERSION_MIN: u32 = 0x0100_0000;
/// From here on sums may be left out.
pub const VERSION_SKIP_CHECKSUM: u32 = 0x0100_0001;
/// Largest payload before a host has said what it takes.
pub const MAX_PAYLOAD_V1: u32 = 4096;
/// Largest payload of today's phones: 1 MiB.
pub const MAX_PAYLOAD: u32 = 1024 * 1024;
/// Bytes of a header.
pub const HEADER: usize = 24;

/// The six words of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub command: u32,
    pub arg0: u32,
    pub arg1: u32,
    /// Payload length in bytes.
    pub length: u32,
    /// Plain sum of the payload's bytes; zero where sums are left out.
    pub check: u32,
    /// The command with every bit turned.
    pub magic: u32,
}

/// A frame as it came or as it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub command: u32,
    pub arg0: u32,
    pub arg1: u32,
    pub payload: Vec<u8>,
}

/// What makes bytes no message.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MessageError {
    #[error("a header whose magic does not belong to its command")]
    Magic,
    #[error("a payload of {length} bytes where {most} are the most")]
    TooLong { length: u32, most: u32 },
    #[error("a payload whose sum is not the announced one")]
    Sum,
}

impl Header {
    /// A header for `payload`; `sum` says whether its check is worked out or left zero.
    pub fn new(command: u32, arg0: u32, arg1: u32, payload: &[u8], sum: bool) -> Header {
        let check = if sum { checksum(payload) } else { 0 };
        Header { command, arg0, arg1, length: payload.len() as u32, check, magic: !command }
    }

    /// Little endian, in the order of the fields.
    pub fn encode(&self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        let words = [self.command, self.arg0, self.arg1, self.length, self.check, self.magic];
        for (to, word) in bytes.chunks_exact_mut(4).zip(words) {
            to.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// Reads the words; says nothing yet about whether they make sense.
    pub fn decode(bytes: &[u8; HEADER]) -> Header {
        let mut words = [0u32; 6];
        for (word, from) in words.iter_mut().zip(bytes.chunks_exact(4)) {
            *word = from.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
        }
        let [command, arg0, arg1, length, check, magic] = words;
        Header { command, arg0, arg1, length, check, magic }
    }
}

/// Plain sum of the bytes, which the protocol's own sources call a CRC.
pub fn checksum(payload: &[u8]) -> u32 {
    payload.iter().fold(0u32, |sum, byte| sum.wrapping_add(u32::from(*byte)))
}

/// Reads the next message. `most` bounds the payload before anything is set aside for it; with `sums` a wrong sum is refused.
///
/// `Ok(None)` at a clean end between two messages.
pub fn read(wire: &mut impl Read, most: u32, sums: bool) -> Result<Option<Message>, super::AdbError> {
    let mut head = [0; HEADER];
    let mut have = 0;
    while let Some(rest) = head.get_mut(have..).filter(|rest| !rest.is_empty()) {
        match wire.read(rest) {
            Ok(0) if have == 0 => return Ok(None),
            Ok(0) => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            Ok(n) => have += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e.into()),
        }
    }
    let Header { command, arg0, arg1, length, check, magic } = Header::decode(&head);
    if magic != !command {
        return Err(MessageError::Magic.into());
    }
    if length > most {
        return Err(MessageError::TooLong { length, most }.into());
    }
    let mut payload = vec![0; length as usize];
    wire.read_exact(&mut payload)?;
    if sums && checksum(&payload) != check {
        return Err(MessageError::Sum.into());
    }
    Ok(Some(Message { command, arg0, arg1, payload }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::adb::AdbError;

    #[test]
    fn a_real_header_reads_and_writes_back() {
        // the OPEN a real host sends for "sync:"; between two hosts of today's version the sum is left out
        let bytes: [u8; HEADER] = hex::decode("4f50454e09000000000000000600000000000000b0afbab1").unwrap().try_into().unwrap();
        let header = Header::decode(&bytes);
        assert_eq!((header.command, header.arg0, header.arg1, header.length), (OPEN, 9, 0, 6));
        assert_eq!(header.magic, !OPEN);
        assert_eq!(header.encode(), bytes);
        assert_eq!(Header::new(OPEN, 9, 0, b"sync:\0", true).check, 0x1f7);
    }

    #[test]
    fn a_lie_about_the_length_is_refused_before_any_memory_is_set_aside() {
        let mut lie = Header::new(WRTE, 1, 1, b"", true);
        lie.length = u32::MAX;
        let error = read(&mut lie.encode().as_slice(), 4096, true).unwrap_err();
        assert!(matches!(error, AdbError::Message(MessageError::TooLong { length: u32::MAX, most: 4096 })));
    }

    #[test]
    fn wrong_magic_wrong_sum_and_a_torn_message_are_three_answers() {
        let mut bytes = Header::new(WRTE, 1, 1, b"ab", true).encode().to_vec();
        bytes.extend(b"ac");
        assert!(matches!(read(&mut bytes.as_slice(), 9, true), Err(AdbError::Message(MessageError::Sum))));
        assert_eq!(read(&mut bytes.as_slice(), 9, false).unwrap().unwrap().payload, b"ac");
        assert!(matches!(read(&mut bytes.split_last().unwrap().1, 9, false), Err(AdbError::Wire(_))));
        assert_eq!(read(&mut [].as_slice(), 9, false).unwrap(), None);
        *bytes.get_mut(20).unwrap() ^= 1;
        assert!(matches!(read(&mut bytes.as_slice(), 9, false), Err(AdbError::Message(MessageError::Magic))));
    }
}
