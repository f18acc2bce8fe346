//! One stream as the phone counts it: what went, what the host has of it, what came and lies here.

use super::packet::{ACK, MOST_DATA, RST, SYN, Segment};

/// Bytes of the host that may lie here; it is told so with every segment.
pub(super) const WINDOW: u32 = 128 * 1024;

/// The ports at both ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ends {
    pub(super) host: u16,
    pub(super) phone: u16,
}

impl Ends {
    pub(super) fn of(segment: &Segment) -> Ends {
        Ends { host: segment.from, phone: segment.to }
    }

    /// A segment to the host that belongs to no stream of ours.
    pub(super) fn refusal(self, ack: u32, why: &str) -> Segment {
        Segment { from: self.phone, to: self.host, seq: 0, ack, flags: RST, window: 0, data: why.as_bytes().to_vec() }
    }
}

/// What a host did that no host does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Breach {
    #[error("bytes are missing or came twice")]
    Sequence,
    #[error("more came than the window holds")]
    Window,
    #[error("more is acknowledged than was sent")]
    Acknowledged,
}

#[derive(Debug)]
pub(super) struct Stream {
    ends: Ends,
    /// Number of the next byte to the host.
    next: u32,
    /// The host has everything before this number.
    acked: u32,
    /// How much may be under way to the host.
    room: u32,
    /// Number of the next byte from the host.
    expected: u32,
    /// Bytes from the host before this number have been passed on.
    passed: u32,
    waiting: Vec<u8>,
    /// The host has ended it.
    pub(super) ended: bool,
    /// The cable is out, the host began anew, or we ended it: nothing goes or comes any more.
    pub(super) gone: bool,
}

impl Stream {
    /// As the host's SYN begins it.
    pub(super) fn begun(syn: &Segment) -> Stream {
        let expected = syn.seq.wrapping_add(1);
        Stream {
            ends: Ends::of(syn),
            next: 0,
            acked: 0,
            room: syn.window,
            expected,
            passed: expected,
            waiting: Vec::new(),
            ended: false,
            gone: false,
        }
    }

    fn segment(&self, seq: u32, flags: u8, data: Vec<u8>) -> Segment {
        let Ends { host, phone } = self.ends;
        Segment { from: phone, to: host, seq, ack: self.passed, flags, window: WINDOW, data }
    }

    /// The answer to the SYN; it counts for one byte.
    pub(super) fn greeting(&mut self) -> Segment {
        self.next = 1;
        self.segment(0, SYN | ACK, Vec::new())
    }

    /// Takes what came, and the news about what went.
    pub(super) fn hear(&mut self, segment: Segment) -> Result<(), Breach> {
        if segment.ack.wrapping_sub(self.acked) > self.next.wrapping_sub(self.acked) {
            return Err(Breach::Acknowledged);
        }
        if segment.seq != self.expected {
            return Err(Breach::Sequence);
        }
        let lies_here = self.expected.wrapping_sub(self.passed) as usize;
        if lies_here + segment.data.len() > WINDOW as usize {
            return Err(Breach::Window);
        }
        self.acked = segment.ack;
        self.room = segment.window;
        self.expected = self.expected.wrapping_add(segment.data.len() as u32);
        self.waiting.extend(segment.data);
        Ok(())
    }

    /// How many bytes the next segment may carry.
    pub(super) fn sendable(&self) -> usize {
        let under_way = self.next.wrapping_sub(self.acked);
        (self.room.saturating_sub(under_way) as usize).min(MOST_DATA)
    }

    /// A segment with these bytes, of which the caller has checked that they may go.
    pub(super) fn say(&mut self, data: &[u8]) -> Segment {
        let segment = self.segment(self.next, ACK, data.to_vec());
        self.next = self.next.wrapping_add(data.len() as u32);
        segment
    }

    /// Whether the host has everything that went.
    pub(super) fn is_heard(&self) -> bool {
        self.acked == self.next
    }

    pub(super) fn take_waiting(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.waiting)
    }

    pub(super) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// This many bytes have been passed on: there is room for as many.
    pub(super) fn pass(&mut self, count: usize) -> Segment {
        self.passed = self.passed.wrapping_add(count as u32);
        self.segment(self.next, ACK, Vec::new())
    }

    /// The end, said by the phone.
    pub(super) fn farewell(&mut self) -> Segment {
        self.gone = true;
        self.segment(self.next, RST, Vec::new())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn from_host(seq: u32, ack: u32, window: u32, data: &[u8]) -> Segment {
        Segment { from: 7, to: 62078, seq, ack, flags: ACK, window, data: data.to_vec() }
    }

    fn open(seq: u32) -> Stream {
        let mut stream = Stream::begun(&Segment { flags: SYN, ..from_host(seq, 0, 4096, &[]) });
        let greeting = stream.greeting();
        assert_eq!((greeting.from, greeting.to, greeting.flags), (62078, 7, SYN | ACK));
        assert_eq!((greeting.seq, greeting.ack, greeting.window), (0, seq.wrapping_add(1), WINDOW));
        stream
    }

    #[test]
    fn both_ways_are_counted_also_round_the_end_of_the_numbers() {
        for seq in [0, u32::MAX - 2] {
            let mut stream = open(seq);
            stream.hear(from_host(seq.wrapping_add(1), 1, 4096, b"hello")).unwrap();
            let said = stream.say(b"who");
            assert_eq!((said.seq, said.ack), (1, seq.wrapping_add(1)), "nothing is acknowledged that was not passed on");
            assert_eq!(stream.take_waiting(), b"hello");
            assert_eq!(stream.pass(5).ack, seq.wrapping_add(6));
            assert!(!stream.is_heard());
            stream.hear(from_host(seq.wrapping_add(6), 4, 4096, &[])).unwrap();
            assert!(stream.is_heard());
            assert_eq!((stream.farewell().seq, stream.gone), (4, true));
        }
    }

    #[test]
    fn no_more_goes_than_the_host_has_room_for() {
        let mut stream = open(0);
        stream.hear(from_host(1, 1, 1024, &[])).unwrap();
        assert_eq!(stream.sendable(), 1024);
        stream.say(&[0; 1000]);
        assert_eq!(stream.sendable(), 24);
        stream.hear(from_host(1, 501, 512, &[])).unwrap();
        assert_eq!(stream.sendable(), 12);
        stream.hear(from_host(1, 1001, 256 << 8, &[])).unwrap();
        assert_eq!(stream.sendable(), MOST_DATA);
        stream.hear(from_host(1, 1001, 0, &[])).unwrap();
        assert_eq!(stream.sendable(), 0);
    }

    #[test]
    fn a_host_that_counts_otherwise_is_told() {
        let mut stream = open(0);
        assert_eq!(stream.hear(from_host(2, 1, 0, b"x")), Err(Breach::Sequence));
        assert_eq!(stream.hear(from_host(1, 2, 0, b"x")), Err(Breach::Acknowledged));
        let full = vec![0; WINDOW as usize];
        stream.hear(from_host(1, 1, 0, &full)).unwrap();
        assert_eq!(stream.hear(from_host(1 + WINDOW, 1, 0, b"x")), Err(Breach::Window));
        assert_eq!(stream.hear(from_host(1 + WINDOW, 0, 0, &[])), Err(Breach::Acknowledged));
        assert_eq!(stream.take_waiting().len(), full.len());
        // what is being passed on still lies here
        assert_eq!(stream.hear(from_host(1 + WINDOW, 1, 0, b"x")), Err(Breach::Window));
        stream.pass(1);
        stream.hear(from_host(1 + WINDOW, 1, 0, b"x")).unwrap();
    }
}
