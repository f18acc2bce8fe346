//! Packets of usbmux on the cable: a header, and for streams a header like TCP's with what it carries
//! (`reference/rig.md`, "How much an emulated iPhone needs").
//!
//! Version 2, big-endian. Until the version is agreed, and for the packet that agrees it, the header is 8 bytes; then 16.

use std::io::{self, Read};

/// Longest packet taken. Debian's daemon sends at most 48 KiB.
pub const LONGEST: usize = 64 * 1024;
/// Longest packet sent: the daemon reads that much at once.
pub const LONGEST_SENT: usize = 16 * 1024;
/// The version spoken.
pub const VERSION: u32 = 2;

const SHORT: usize = 8;
const HEADER: usize = 16;
const SEGMENT: usize = 20;
const MAGIC: u32 = 0xfeed_face;
/// A window travels in units of 256 bytes.
const UNIT: u32 = 8;
/// Most bytes of a stream that one packet of ours carries.
pub const MOST_DATA: usize = LONGEST_SENT - HEADER - SEGMENT;

const PROTOCOL_VERSION: u32 = 0;
const PROTOCOL_SETUP: u32 = 2;
const PROTOCOL_STREAM: u32 = 6;

pub const SYN: u8 = 2;
pub const RST: u8 = 4;
pub const ACK: u8 = 16;

/// Why bytes of a host are no packet.
#[derive(Debug, thiserror::Error)]
pub enum PacketError {
    #[error("the wire broke: {0}")]
    Wire(#[from] io::Error),
    #[error("a packet of {0} bytes")]
    Length(u32),
    #[error("an unknown protocol: {0}")]
    Protocol(u32),
    #[error("the magic number is {0:#x}")]
    Magic(u32),
    #[error("a header of {0} words")]
    Words(u8),
}

/// What came from a host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    /// The host begins, or begins anew.
    Version {
        major: u32,
        minor: u32,
    },
    /// Settles numbering after the version; its content is not interpreted.
    Setup,
    Segment {
        number: u16,
        segment: Segment,
    },
}

/// A piece of a stream, or news about one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub from: u16,
    pub to: u16,
    pub seq: u32,
    pub ack: u32,
    pub flags: u8,
    /// Bytes that may be under way to the sender of this; a multiple of 256.
    pub window: u32,
    pub data: Vec<u8>,
}

impl Packet {
    /// The next packet; `None` where the bytes end between two.
    pub fn read(from: &mut impl Read) -> Result<Option<Packet>, PacketError> {
        let mut head = [0; SHORT];
        let first = loop {
            match from.read(&mut head) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        if first == 0 {
            return Ok(None);
        }
        from.read_exact(head.get_mut(first..).unwrap_or_default())?;
        let mut fields = Fields(&head);
        let (protocol, length) = (fields.word(), fields.word());
        let least = match protocol {
            PROTOCOL_VERSION => SHORT + 8,
            PROTOCOL_SETUP => HEADER,
            PROTOCOL_STREAM => HEADER + SEGMENT,
            other => return Err(PacketError::Protocol(other)),
        };
        let whole = length as usize;
        if !(least..=LONGEST).contains(&whole) {
            return Err(PacketError::Length(length));
        }
        let mut rest = vec![0; whole - SHORT];
        from.read_exact(&mut rest)?;
        let mut fields = Fields(&rest);
        if protocol == PROTOCOL_VERSION {
            return Ok(Some(Packet::Version { major: fields.word(), minor: fields.word() }));
        }
        let magic = fields.word();
        if magic != MAGIC {
            return Err(PacketError::Magic(magic));
        }
        let (number, _heard) = (fields.half(), fields.half());
        if protocol == PROTOCOL_SETUP {
            return Ok(Some(Packet::Setup));
        }
        let (source, target, seq, ack) = (fields.half(), fields.half(), fields.word(), fields.word());
        let [words, flags] = fields.half().to_be_bytes();
        if words != (SEGMENT as u8 / 4) << 4 {
            return Err(PacketError::Words(words >> 4));
        }
        let window = u32::from(fields.half()) << UNIT;
        // checksum and urgent pointer: no sender fills them
        let _ = fields.word();
        let segment = Segment { from: source, to: target, seq, ack, flags, window, data: fields.0.to_vec() };
        Ok(Some(Packet::Segment { number, segment }))
    }
}

/// The phone's answer to a version.
pub fn version() -> Vec<u8> {
    [PROTOCOL_VERSION, (SHORT + 12) as u32, VERSION, 0, 0].map(u32::to_be_bytes).concat()
}

/// A segment under its header: `number` of this packet, `heard` that of the last one that came.
pub fn segment(number: u16, heard: u16, segment: &Segment) -> Vec<u8> {
    let length = HEADER + SEGMENT + segment.data.len();
    let mut bytes = Vec::with_capacity(length);
    for word in [PROTOCOL_STREAM, length as u32, MAGIC] {
        bytes.extend(word.to_be_bytes());
    }
    for half in [number, heard, segment.from, segment.to] {
        bytes.extend(half.to_be_bytes());
    }
    bytes.extend(segment.seq.to_be_bytes());
    bytes.extend(segment.ack.to_be_bytes());
    bytes.extend([(SEGMENT as u8 / 4) << 4, segment.flags]);
    bytes.extend(((segment.window >> UNIT) as u16).to_be_bytes());
    bytes.extend([0; 4]);
    bytes.extend(&segment.data);
    bytes
}

/// Big-endian fields from the front of some bytes; zero where there are none left.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn word(&mut self) -> u32 {
        let Some((word, rest)) = self.0.split_first_chunk() else { return 0 };
        self.0 = rest;
        u32::from_be_bytes(*word)
    }

    fn half(&mut self) -> u16 {
        let Some((half, rest)) = self.0.split_first_chunk() else { return 0 };
        self.0 = rest;
        u16::from_be_bytes(*half)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Result<Option<Packet>, PacketError> {
        Packet::read(&mut &*bytes)
    }

    /// As Debian's daemon begins: version 2.0 under a short header, then the setup packet with one byte.
    #[test]
    fn what_a_daemon_begins_with_is_read() {
        let begins = [0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(read(&begins).unwrap(), Some(Packet::Version { major: 2, minor: 0 }));
        assert_eq!(version(), begins);
        let setup = [0, 0, 0, 2, 0, 0, 0, 17, 0xfe, 0xed, 0xfa, 0xce, 0, 0, 0xff, 0xff, 7];
        assert_eq!(read(&setup).unwrap(), Some(Packet::Setup));
        assert_eq!(read(&[]).unwrap(), None);
    }

    #[test]
    fn what_is_no_packet_is_refused_before_anything_is_made_for_it() {
        let head = |protocol: u32, length: u32| [protocol.to_be_bytes(), length.to_be_bytes()].concat();
        for (protocol, length) in [(0, 15), (2, 15), (6, 35), (6, LONGEST as u32 + 1), (6, u32::MAX)] {
            assert!(matches!(read(&head(protocol, length)), Err(PacketError::Length(l)) if l == length));
        }
        assert!(matches!(read(&head(1, 20)), Err(PacketError::Protocol(1))));
        // cut off anywhere
        let whole = segment(1, 2, &Segment { from: 1, to: 2, seq: 3, ack: 4, flags: ACK, window: 512, data: vec![5; 9] });
        for cut in 1..whole.len() {
            assert!(matches!(read(&whole[..cut]), Err(PacketError::Wire(_))), "{cut}");
        }
        let bent = |at: usize, to: u8| {
            let mut bent = whole.clone();
            bent[at] = to;
            read(&bent)
        };
        assert!(matches!(bent(8, 0), Err(PacketError::Magic(0x00ed_face))));
        assert!(matches!(bent(28, 0x60), Err(PacketError::Words(6))));
    }

    proptest! {
        #[test]
        fn a_segment_is_itself_after_writing_and_reading(
            ends in any::<(u16, u16, u16, u16)>(), counts in any::<(u32, u32)>(), flags: u8, window: u16,
            data in prop::collection::vec(any::<u8>(), 0..2000),
        ) {
            let (number, heard, from, to) = ends;
            let window = u32::from(window) << UNIT;
            let sent = Segment { from, to, seq: counts.0, ack: counts.1, flags, window, data };
            let read = read(&segment(number, heard, &sent)).unwrap();
            prop_assert_eq!(read, Some(Packet::Segment { number, segment: sent }));
        }
    }
}
