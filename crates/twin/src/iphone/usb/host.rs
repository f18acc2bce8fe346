//! A scripted host before the phone's end of usbmux: everything but the cable.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use super::{
    MuxError, Outlet,
    packet::{self, ACK, Packet, PacketError, RST, SYN, Segment},
    serial, serve,
};
use crate::iphone::{Iphone, LOCKDOWN};
use std::{
    collections::VecDeque,
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};

/// Packets go over a socket: their ends do not show there, and need not.
struct Wire(UnixStream);

impl Outlet for Wire {
    fn send(&mut self, packet: &[u8]) -> io::Result<()> {
        assert!(packet.len() <= packet::LONGEST_SENT);
        self.0.write_all(packet)
    }
}

struct Host {
    wire: UnixStream,
    phone: Arc<Iphone>,
    session: JoinHandle<Result<(), MuxError>>,
    sent: u16,
    /// What came for other streams than the one that is looked at.
    later: VecDeque<Segment>,
}

/// One stream as this host counts it.
struct Line {
    port: u16,
    to: u16,
    next: u32,
    /// Everything from the phone before this number is here.
    have: u32,
    window: u32,
    /// The phone has everything of ours before this number.
    acked: u32,
}

impl Host {
    fn new() -> Host {
        let phone = Iphone::builder().build();
        let (wire, theirs) = UnixStream::pair().unwrap();
        wire.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let (served, output) = (phone.clone(), Box::new(Wire(theirs.try_clone().unwrap())));
        let session = std::thread::spawn(move || serve(&served, theirs, output));
        Host { wire, phone, session, sent: 0, later: VecDeque::new() }
    }

    /// With the version agreed and numbering settled, as Debian's daemon does it.
    fn agreed() -> Host {
        let mut host = Host::new();
        host.agrees();
        host
    }

    fn agrees(&mut self) {
        self.wire.write_all(&packet::version()).unwrap();
        assert_eq!(Packet::read(&mut self.wire).unwrap(), Some(Packet::Version { major: 2, minor: 0 }));
        self.wire.write_all(&[0, 0, 0, 2, 0, 0, 0, 17, 0xfe, 0xed, 0xfa, 0xce, 0, 0, 0xff, 0xff, 7]).unwrap();
        self.sent = 1;
    }

    fn says(&mut self, segment: &Segment) {
        self.wire.write_all(&packet::segment(self.sent, 0, segment)).unwrap();
        self.sent += 1;
    }

    fn hears(&mut self, line: &Line) -> Segment {
        let is_for = |segment: &Segment| (segment.from, segment.to) == (line.to, line.port);
        if let Some(at) = self.later.iter().position(is_for) {
            return self.later.remove(at).unwrap();
        }
        loop {
            match Packet::read(&mut self.wire).unwrap() {
                Some(Packet::Segment { segment, .. }) if is_for(&segment) => return segment,
                Some(Packet::Segment { segment, .. }) => self.later.push_back(segment),
                other => panic!("{other:?}"),
            }
        }
    }

    fn line(port: u16, to: u16, window: u32) -> Line {
        Line { port, to, next: 0, have: 0, window, acked: 0 }
    }

    fn opens(&mut self, port: u16, window: u32) -> Line {
        let mut line = Host::line(port, LOCKDOWN, window);
        self.says(&line.segment(SYN, &[]));
        let greeting = self.hears(&line);
        assert_eq!((greeting.flags, greeting.seq, greeting.ack), (SYN | ACK, 0, 1));
        (line.next, line.have, line.acked) = (1, 1, 1);
        self.says(&line.segment(ACK, &[]));
        line
    }

    /// Sends as much as the phone has room for and takes what it says, until this much has come.
    fn converses(&mut self, line: &mut Line, mut to_say: &[u8], until: usize) -> Vec<u8> {
        let mut heard = Vec::new();
        let mut room = 128 * 1024;
        while heard.len() < until || !to_say.is_empty() {
            let under_way = line.next - line.acked;
            let now = to_say.len().min((room - under_way) as usize).min(48 * 1024 - 36);
            if now > 0 {
                let (piece, rest) = to_say.split_at(now);
                self.says(&line.segment(ACK, piece));
                line.next += now as u32;
                to_say = rest;
                continue;
            }
            let came = self.hears(line);
            assert_eq!((came.flags, came.seq), (ACK, line.have));
            assert!(came.data.len() <= line.window as usize, "more than there is room for");
            (room, line.acked) = (came.window, came.ack);
            line.have += came.data.len() as u32;
            heard.extend(&came.data);
            if !came.data.is_empty() {
                self.says(&line.segment(ACK, &[]));
            }
        }
        heard
    }

    /// No more is said; what the phone was still saying is not thrown back at it, as closing at once would do.
    fn ends(mut self) -> Result<(), MuxError> {
        self.wire.shutdown(std::net::Shutdown::Write).unwrap();
        io::copy(&mut self.wire, &mut io::sink()).unwrap();
        self.session.join().unwrap()
    }
}

impl Line {
    fn segment(&self, flags: u8, data: &[u8]) -> Segment {
        let (from, to, window) = (self.port, self.to, self.window);
        Segment { from, to, seq: self.next, ack: self.have, flags, window, data: data.to_vec() }
    }
}

/// A request that comes back in its answer.
fn question(name: &str) -> Vec<u8> {
    let list = format!(r#"<plist version="1.0"><dict><key>Request</key><string>{name}</string></dict></plist>"#);
    [&(list.len() as u32).to_be_bytes()[..], list.as_bytes()].concat()
}

fn asks(host: &mut Host, line: &mut Line, name: &str) -> String {
    let mut answer = host.converses(line, &question(name), 4);
    let length = u32::from_be_bytes(*answer.first_chunk().unwrap()) as usize;
    if answer.len() < 4 + length {
        answer.extend(host.converses(line, &[], 4 + length - answer.len()));
    }
    assert_eq!(answer.len(), 4 + length);
    String::from_utf8(answer.split_off(4)).unwrap()
}

#[test]
fn streams_reach_the_phone_and_do_not_mix() {
    let mut host = Host::agreed();
    let mut first = host.opens(1, 128 * 1024);
    let mut second = host.opens(2, 128 * 1024);
    assert!(asks(&mut host, &mut second, "QueryType").contains("com.apple.mobile.lockdown"));
    assert!(asks(&mut host, &mut first, "Nonsense").contains("InvalidRequest"));
    assert!(asks(&mut host, &mut second, "QueryType").contains("com.apple.mobile.lockdown"));
    assert_eq!(host.phone.asked().connections, 2);
    host.ends().unwrap();
}

#[test]
fn more_than_a_window_goes_over_whole_both_ways_also_through_a_narrow_one() {
    for (window, len) in [(128 * 1024, 700_000), (512, 40_000)] {
        let mut host = Host::agreed();
        let mut line = host.opens(1, window);
        let name: String = (0..len).map(|n| char::from(b'a' + (n % 23) as u8)).collect();
        assert!(asks(&mut host, &mut line, &name).contains(&name));
        host.ends().unwrap();
    }
}

#[test]
fn what_nobody_listens_to_is_refused_and_the_others_go_on() {
    let mut host = Host::agreed();
    let mut line = host.opens(1, 128 * 1024);
    let other = Host::line(2, 9999, 4096);
    host.says(&other.segment(SYN, &[]));
    let refused = host.hears(&other);
    assert_eq!((refused.flags, refused.ack), (RST, 1));
    // news of a stream that never was
    host.says(&other.segment(ACK, b"x"));
    assert_eq!(host.hears(&other).flags, RST);
    assert!(asks(&mut host, &mut line, "QueryType").contains("com.apple.mobile.lockdown"));
    // one that is left behind
    host.says(&line.segment(RST, &[]));
    host.says(&line.segment(ACK, b"x"));
    assert_eq!(host.hears(&line).flags, RST);
    let mut again = host.opens(1, 4096);
    assert!(asks(&mut host, &mut again, "QueryType").contains("com.apple.mobile.lockdown"));
    host.ends().unwrap();
}

#[test]
fn a_host_that_breaks_the_rules_of_a_stream_loses_that_stream() {
    let bent: [fn(&Line) -> Segment; 3] = [
        |line| Segment { seq: line.next + 1, ..line.segment(ACK, b"x") },
        |line| Segment { ack: line.have + 1, ..line.segment(ACK, b"x") },
        |line| line.segment(SYN, &[]),
    ];
    for (at, bend) in bent.into_iter().enumerate() {
        let mut host = Host::agreed();
        let line = host.opens(1, 4096);
        host.says(&bend(&line));
        assert_eq!(host.hears(&line).flags, RST, "{at}");
        let mut other = host.opens(2, 4096);
        assert!(asks(&mut host, &mut other, "QueryType").contains("com.apple.mobile.lockdown"));
        host.ends().unwrap();
    }
}

#[test]
fn a_service_that_ends_is_told_and_a_daemon_that_begins_anew_is_taken() {
    let mut host = Host::agreed();
    let mut line = host.opens(1, 4096);
    asks(&mut host, &mut line, "QueryType");
    host.phone.unplug();
    host.phone.plug_in();
    let farewell = host.hears(&line);
    assert_eq!((farewell.flags, farewell.seq), (RST, line.have));
    host.opens(2, 4096);
    host.agrees();
    let mut line = host.opens(1, 4096);
    assert!(asks(&mut host, &mut line, "QueryType").contains("com.apple.mobile.lockdown"));
    host.ends().unwrap();
}

#[test]
fn what_no_host_says_ends_the_session() {
    let segment = packet::segment(0, 0, &Host::line(1, LOCKDOWN, 0).segment(SYN, &[]));
    let old = [0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0];
    let say = |bytes: &[u8]| {
        let mut host = Host::new();
        host.wire.write_all(bytes).unwrap();
        let mut rest = Vec::new();
        host.wire.shutdown(std::net::Shutdown::Write).unwrap();
        host.session.join().unwrap().map(|()| host.wire.read_to_end(&mut rest).unwrap())
    };
    assert!(matches!(say(&segment), Err(MuxError::NoVersion)));
    assert!(matches!(say(&old), Err(MuxError::Version(1))));
    assert!(matches!(say(&[0xff; 64]), Err(MuxError::Packet(PacketError::Protocol(u32::MAX)))));
    assert!(say(&[0xff; 64]).unwrap_err().is_breach());
    assert!(!say(&[0; 5]).unwrap_err().is_breach());
}

#[test]
fn the_serial_number_is_the_udid_without_its_hyphen() {
    assert_eq!(serial(&Iphone::builder().build()), "000081100007116A0E01401E");
}
