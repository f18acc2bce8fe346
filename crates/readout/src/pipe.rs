//! Frames on the pipe (or pair of sockets) between the closing process and a child: one tag byte, a length, the payload.
//!
//! A child is hostile as soon as a phone or a file has turned it. So the length is bounded before anything is allocated, a
//! message is JSON of a closed type of at most [`LARGEST_MESSAGE`], and everything else is opaque bytes.

use serde::{Serialize, de::DeserializeOwned};
use std::io::{self, IoSlice, Read, Write};
use uitlezen_evidence::wipe;
use zeroize::Zeroize;

/// Largest run of opaque bytes in one frame.
pub const LARGEST_BYTES: usize = 1024 * 1024;
/// Largest JSON message in one frame.
pub const LARGEST_MESSAGE: usize = 4 * 1024 * 1024;

const MESSAGE: u8 = 1;
const BYTES: u8 = 2;
/// Bytes of a second stream, for a child that writes two kinds of record in turn.
const MORE_BYTES: u8 = 3;

/// One frame, as it stands in the buffer it was read into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Message,
    Bytes,
    MoreBytes,
}

impl Kind {
    fn tag(self) -> u8 {
        match self {
            Self::Message => MESSAGE,
            Self::Bytes => BYTES,
            Self::MoreBytes => MORE_BYTES,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum PipeError {
    /// The other side is gone; for a child: it ended or was killed.
    #[error("the other side of the pipe is gone")]
    Gone,
    #[error("the other side of the pipe broke the rules: {0}")]
    Rules(&'static str),
    #[error("the pipe failed: {0}")]
    Io(io::Error),
}

impl From<io::Error> for PipeError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::BrokenPipe => Self::Gone,
            _ => Self::Io(error),
        }
    }
}

/// Writes one frame of opaque bytes; longer input is split.
pub fn write_bytes(to: &mut impl Write, kind: Kind, bytes: &[u8]) -> Result<(), PipeError> {
    for chunk in bytes.chunks(LARGEST_BYTES) {
        frame(to, kind.tag(), chunk)?;
    }
    Ok(())
}

/// Writes one message and flushes.
pub fn write_message<T: Serialize>(to: &mut impl Write, message: &T) -> Result<(), PipeError> {
    let mut json = serde_json::to_vec(message).map_err(|_| PipeError::Rules("a message that cannot be written"))?;
    if json.len() > LARGEST_MESSAGE {
        return Err(PipeError::Rules("a message larger than the bound"));
    }
    let sent = frame(to, MESSAGE, &json);
    json.zeroize(); // may hold a key
    sent?;
    Ok(to.flush()?)
}

fn frame(to: &mut impl Write, tag: u8, payload: &[u8]) -> Result<(), PipeError> {
    let [a, b, c, d] = u32::try_from(payload.len()).map_err(|_| PipeError::Rules("too long"))?.to_le_bytes();
    let head = [tag, a, b, c, d];
    // Together where the other side takes that: one call a frame.
    let written = loop {
        match to.write_vectored(&[IoSlice::new(&head), IoSlice::new(payload)]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            written => break written?,
        }
    };
    if let Some(rest) = head.get(written..) {
        to.write_all(rest)?;
    }
    let rest = payload.get(written.saturating_sub(head.len())..).unwrap_or_default();
    Ok(to.write_all(rest)?)
}

/// Reads one frame into `buffer`, which is resized to the payload. What stood in it before is overwritten or wiped, but for
/// what lies behind the payload.
pub fn read_frame(from: &mut impl Read, buffer: &mut Vec<u8>) -> Result<Kind, PipeError> {
    let mut head = [0; 5];
    from.read_exact(&mut head)?;
    let [tag, a, b, c, d] = head;
    let (kind, bound) = match tag {
        MESSAGE => (Kind::Message, LARGEST_MESSAGE),
        BYTES => (Kind::Bytes, LARGEST_BYTES),
        MORE_BYTES => (Kind::MoreBytes, LARGEST_BYTES),
        _ => return Err(PipeError::Rules("an unknown tag")),
    };
    let len = u32::from_le_bytes([a, b, c, d]) as usize;
    if len > bound {
        return Err(PipeError::Rules("a length over the bound"));
    }
    if buffer.capacity() < len {
        wipe(buffer); // growing moves the bytes and leaves the old place as it was
    }
    buffer.resize(len, 0);
    from.read_exact(buffer)?;
    Ok(kind)
}

/// Reads a frame that must be a message.
pub fn read_message<T: DeserializeOwned>(from: &mut impl Read) -> Result<T, PipeError> {
    let mut buffer = Vec::new();
    let out = match read_frame(from, &mut buffer)? {
        Kind::Message => parse(&buffer),
        Kind::Bytes | Kind::MoreBytes => Err(PipeError::Rules("bytes where a message was due")),
    };
    buffer.zeroize();
    out
}

/// A message out of a frame.
pub fn parse<T: DeserializeOwned>(payload: &[u8]) -> Result<T, PipeError> {
    serde_json::from_slice(payload).map_err(|_| PipeError::Rules("a message that cannot be read"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_and_long_bytes_are_split() {
        let mut wire = Vec::new();
        write_message(&mut wire, &("hallo", 3)).unwrap();
        write_bytes(&mut wire, Kind::Bytes, &vec![7; LARGEST_BYTES + 1]).unwrap();
        let mut from = wire.as_slice();
        let mut buffer = Vec::new();
        assert_eq!(read_message::<(String, u32)>(&mut from).unwrap(), ("hallo".to_owned(), 3));
        assert_eq!((read_frame(&mut from, &mut buffer).unwrap(), buffer.len()), (Kind::Bytes, LARGEST_BYTES));
        assert_eq!((read_frame(&mut from, &mut buffer).unwrap(), buffer.len()), (Kind::Bytes, 1));
        assert!(matches!(read_frame(&mut from, &mut buffer), Err(PipeError::Gone)));
    }

    /// A writer that takes a few bytes at a time, and is interrupted.
    struct Slow(Vec<u8>, usize);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1 += 1;
            if self.1.is_multiple_of(3) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let n = bytes.len().min(self.1 % 7 + 1);
            self.0.extend(bytes.iter().take(n));
            Ok(n)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_frame_written_in_bits_is_the_same_frame() {
        for start in 0..20 {
            let (mut slow, mut whole) = (Slow(Vec::new(), start), Vec::new());
            write_bytes(&mut slow, Kind::Bytes, b"haventerrein").unwrap();
            write_bytes(&mut whole, Kind::Bytes, b"haventerrein").unwrap();
            assert_eq!(slow.0, whole);
        }
    }

    #[test]
    fn a_length_that_lies_allocates_nothing() {
        let mut buffer = Vec::new();
        for wire in [&[BYTES, 255, 255, 255, 255][..], &[MESSAGE, 1, 0, 64, 0], &[9, 1, 0, 0, 0]] {
            assert!(matches!(read_frame(&mut &*wire, &mut buffer), Err(PipeError::Rules(_))));
        }
        assert_eq!(buffer.capacity(), 0);
        assert!(matches!(read_frame(&mut &[BYTES, 4, 0, 0, 0, 1][..], &mut buffer), Err(PipeError::Gone)));
    }
}
