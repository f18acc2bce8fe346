//! The phone's end of usbmux: one session with a host, and the streams in it, each relayed to a service of the phone.
//!
//! A stream has two threads beside the service's own, one each way, so that no stream waits for another and the thread that
//! reads packets waits for nobody.

use super::{
    Outlet,
    packet::{self, Packet, PacketError, RST, SYN, Segment},
    stream::{Ends, Stream},
};
use crate::{
    device::lock,
    iphone::{Iphone, Link, Pipe},
};
use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::Shutdown,
    os::unix::net::UnixStream,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU16, Ordering},
    },
    time::{Duration, Instant},
};

/// Most streams at once; a read-out needs four, the daemon one of its own.
const MOST_STREAMS: usize = 32;
/// How long a service that has ended waits for the host to have its last bytes.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// Why a session with a host ended.
#[derive(Debug, thiserror::Error)]
pub enum MuxError {
    #[error(transparent)]
    Packet(#[from] PacketError),
    #[error("the wire broke: {0}")]
    Wire(#[from] io::Error),
    #[error("the host speaks version {0}")]
    Version(u32),
    #[error("a packet before the version was agreed")]
    NoVersion,
}

impl MuxError {
    /// Whether the host said something that no host says, where otherwise the cable was pulled.
    pub(super) fn is_breach(&self) -> bool {
        !matches!(self, MuxError::Wire(_) | MuxError::Packet(PacketError::Wire(_)))
    }
}

/// What the threads of a session share.
struct Session {
    phone: Arc<Iphone>,
    out: Mutex<Out>,
    /// Number of the last packet that came.
    heard: AtomicU16,
    lanes: Mutex<BTreeMap<Ends, Arc<Lane>>>,
}

struct Out {
    outlet: Box<dyn Outlet>,
    /// Number of the next packet.
    next: u16,
}

/// A stream, and the pipe to its service.
struct Lane {
    ends: Ends,
    stream: Mutex<Stream>,
    turn: Condvar,
    pipe: UnixStream,
}

/// Serves one host until the cable is pulled or the host says something that no host says.
pub(super) fn serve(phone: &Arc<Iphone>, mut input: impl Read, outlet: Box<dyn Outlet>) -> Result<(), MuxError> {
    let session = Arc::new(Session {
        phone: phone.clone(),
        out: Mutex::new(Out { outlet, next: 0 }),
        heard: AtomicU16::new(0),
        lanes: Mutex::default(),
    });
    let ended = session.listen(&mut input);
    session.forget_all();
    ended
}

impl Session {
    fn listen(self: &Arc<Self>, input: &mut impl Read) -> Result<(), MuxError> {
        let mut agreed = false;
        while let Some(packet) = Packet::read(input)? {
            match packet {
                // also a daemon that was started anew
                Packet::Version { major, .. } => {
                    if major < packet::VERSION {
                        return Err(MuxError::Version(major));
                    }
                    self.forget_all();
                    agreed = true;
                    let mut out = lock(&self.out);
                    out.next = 0;
                    out.outlet.send(&packet::version())?;
                }
                _ if !agreed => return Err(MuxError::NoVersion),
                Packet::Setup => {}
                Packet::Segment { number, segment } => {
                    self.heard.store(number, Ordering::Relaxed);
                    self.segment(segment)?;
                }
            }
        }
        Ok(())
    }

    fn segment(self: &Arc<Self>, segment: Segment) -> Result<(), MuxError> {
        let ends = Ends::of(&segment);
        let known = lock(&self.lanes).get(&ends).cloned();
        match (known, segment.flags) {
            (Some(lane), flags) if flags & RST != 0 => {
                self.forget(&lane);
                lane.end();
            }
            (None, flags) if flags & RST != 0 => {}
            (None, SYN) => self.open(ends, &segment)?,
            (None, _) => self.refuse(ends, segment.ack, "no such stream")?,
            (Some(lane), flags) if flags & SYN != 0 => self.breach(&lane, "the stream is open already")?,
            (Some(lane), _) => {
                let heard = lane.stream().hear(segment);
                lane.turn.notify_all();
                match heard {
                    Ok(()) => {}
                    Err(why) => self.breach(&lane, &why.to_string())?,
                }
            }
        }
        Ok(())
    }

    fn open(self: &Arc<Self>, ends: Ends, syn: &Segment) -> Result<(), MuxError> {
        let full = lock(&self.lanes).len() >= MOST_STREAMS;
        if full || !self.phone.listens(ends.phone) {
            return self.refuse(ends, syn.seq.wrapping_add(1), "connection refused");
        }
        let (ours, theirs) = UnixStream::pair()?;
        let mut stream = Stream::begun(syn);
        let greeting = stream.greeting();
        let lane = Arc::new(Lane { ends, stream: Mutex::new(stream), turn: Condvar::new(), pipe: ours });
        lock(&self.lanes).insert(ends, lane.clone());
        self.send(&greeting)?;
        let phone = self.phone.clone();
        std::thread::spawn(move || phone.connect(ends.phone, Pipe::Unix(theirs), Link::Usb));
        let (session, to_host) = (self.clone(), lane.clone());
        std::thread::spawn(move || {
            if let Err(error) = session.to_host(&to_host) {
                tracing::debug!(%error, "nothing goes to the host any more");
            }
        });
        let session = self.clone();
        std::thread::spawn(move || {
            if let Err(error) = session.to_phone(&lane) {
                tracing::debug!(%error, "nothing goes to the service any more");
            }
        });
        Ok(())
    }

    fn send(&self, segment: &Segment) -> io::Result<()> {
        let mut out = lock(&self.out);
        self.send_by(&mut out, segment)
    }

    fn send_by(&self, out: &mut Out, segment: &Segment) -> io::Result<()> {
        let bytes = packet::segment(out.next, self.heard.load(Ordering::Relaxed), segment);
        out.next = out.next.wrapping_add(1);
        out.outlet.send(&bytes)
    }

    /// A segment made and sent in one go: what leaves, leaves in the order of its numbers. `false` when the stream is over.
    fn say(&self, lane: &Lane, make: impl FnOnce(&mut Stream) -> Segment) -> io::Result<bool> {
        let mut out = lock(&self.out);
        let segment = {
            let mut stream = lane.stream();
            if stream.gone || stream.ended {
                return Ok(false);
            }
            make(&mut stream)
        };
        self.send_by(&mut out, &segment).map(|()| true)
    }

    fn refuse(&self, ends: Ends, ack: u32, why: &str) -> Result<(), MuxError> {
        Ok(self.send(&ends.refusal(ack, why))?)
    }

    /// The host broke the rules of this stream: the phone ends it.
    fn breach(&self, lane: &Arc<Lane>, why: &str) -> Result<(), MuxError> {
        tracing::debug!(why, "a stream is broken off");
        self.forget(lane);
        lane.cut();
        self.refuse(lane.ends, 0, why)
    }

    /// What the service says, until it ends.
    fn to_host(&self, lane: &Arc<Lane>) -> io::Result<()> {
        let mut bytes = vec![0; packet::MOST_DATA];
        let mut pipe = &lane.pipe;
        loop {
            let count = pipe.read(&mut bytes)?;
            let mut rest = bytes.get(..count).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            while !rest.is_empty() {
                lane.wait_for(None, |stream| (stream.ended || stream.sendable() > 0).then_some(()));
                // the host may have changed its mind since, and then less goes or nothing
                let said = self.say(lane, |stream| {
                    let (now, later) = rest.split_at(rest.len().min(stream.sendable()));
                    rest = later;
                    stream.say(now)
                })?;
                if !said {
                    return Ok(());
                }
            }
        }
        // the host's daemon throws away what it has not handed on yet when it hears of the end
        lane.wait_for(Instant::now().checked_add(LAST_WORDS), |stream| (stream.ended || stream.is_heard()).then_some(()));
        if self.say(lane, Stream::farewell)? {
            self.forget(lane);
            lane.cut();
        }
        Ok(())
    }

    /// What the host says, until it ends.
    fn to_phone(&self, lane: &Arc<Lane>) -> io::Result<()> {
        let mut pipe = &lane.pipe;
        loop {
            let came = lane.wait_for(None, |stream| match (stream.has_waiting(), stream.ended) {
                (true, _) => Some(Some(stream.take_waiting())),
                (false, ended) => ended.then_some(None),
            });
            let Some(Some(came)) = came else { break };
            pipe.write_all(&came)?;
            self.say(lane, |stream| stream.pass(came.len()))?;
        }
        // a service that has gone needs no goodbye
        let _ = lane.pipe.shutdown(Shutdown::Both);
        Ok(())
    }

    fn forget(&self, lane: &Arc<Lane>) {
        let mut lanes = lock(&self.lanes);
        // its ports may have a stream of their own again
        if lanes.get(&lane.ends).is_some_and(|known| Arc::ptr_eq(known, lane)) {
            lanes.remove(&lane.ends);
        }
    }

    fn forget_all(&self) {
        let all = std::mem::take(&mut *lock(&self.lanes));
        for lane in all.into_values() {
            lane.cut();
        }
    }
}

impl Lane {
    fn stream(&self) -> MutexGuard<'_, Stream> {
        lock(&self.stream)
    }

    /// Waits until there is something; `None` when the stream is gone, or the time is over.
    fn wait_for<T>(&self, until: Option<Instant>, mut ready: impl FnMut(&mut Stream) -> Option<T>) -> Option<T> {
        let mut stream = self.stream();
        loop {
            if stream.gone {
                return None;
            }
            if let Some(found) = ready(&mut stream) {
                return Some(found);
            }
            stream = match until {
                None => self.turn.wait(stream).unwrap_or_else(PoisonError::into_inner),
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return None;
                    }
                    self.turn.wait_timeout(stream, left).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// The host has ended it: the service still gets what came before, and can say nothing more.
    fn end(&self) {
        self.stream().ended = true;
        // one that has closed already is as good
        let _ = self.pipe.shutdown(Shutdown::Read);
        self.turn.notify_all();
    }

    /// Nothing goes either way any more.
    fn cut(&self) {
        self.stream().gone = true;
        let _ = self.pipe.shutdown(Shutdown::Both);
        self.turn.notify_all();
    }
}
