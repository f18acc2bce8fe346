//! One adb session: messages on a watched wire, streams multiplexed over them.
//!
//! Frames of streams we do not have (an earlier session's, or ones we gave up) are ignored. Flow control is adb's: one
//! unacknowledged write at a time, or, where both sides offer `delayed_ack`, a window of [`WINDOW`] bytes.

use super::{
    handshake::Banner,
    message::{AUTH, CLSE, CNXN, HEADER, Header, MAX_PAYLOAD, OKAY, OPEN, STLS, VERSION, WRTE, checksum, le32},
    patience::{Cancel, Patience, SLICE},
    transport::{Transport, Via},
};
use crate::error::{Fault, PhoneError};
use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

/// Bytes the phone may send ahead of our acknowledgement with `delayed_ack`; also the bound of what a stream may have
/// waiting here while another is read. Large enough to keep USB 3 busy, small against our memory budget.
pub(super) const WINDOW: usize = 8 << 20;
/// With `delayed_ack`, acknowledge each time this much was taken.
const ACK_EVERY: usize = 1 << 20;
/// Frames in a row that bring no byte to the stream being read, before we call it a flood.
const IDLE_FRAMES: usize = 100_000;

/// Messages in and out, with watchdog and cancel switch. Holds one payload at a time.
#[derive(Debug)]
pub(crate) struct Wire {
    transport: Box<dyn Transport>,
    pub(crate) patience: Patience,
    cancel: Cancel,
    payload: Vec<u8>,
    length: usize,
}

impl Wire {
    pub(crate) fn new(transport: Box<dyn Transport>, patience: Patience, cancel: Cancel) -> Self {
        Self { transport, patience, cancel, payload: Vec::new(), length: 0 }
    }

    pub(crate) fn send(&mut self, header: &Header, payload: &[u8]) -> Result<(), PhoneError> {
        self.check_cancel()?;
        self.transport.send(&header.encode(), payload, self.patience.silence)
    }

    /// The next message; its payload is then in [`Self::payload`]. Fails with [`PhoneError::Silent`] when not one byte came for
    /// `limit`; `tick` is called after each slice of waiting.
    pub(crate) fn receive(&mut self, limit: Duration, tick: &mut dyn FnMut(Duration)) -> Result<Header, PhoneError> {
        let mut bytes = [0; HEADER];
        self.length = 0;
        fill(&mut *self.transport, &mut bytes, limit, &self.cancel, tick)?;
        let header = Header::decode(&bytes)?;
        let length = header.length as usize;
        if self.payload.len() < length {
            self.payload.resize(length, 0); // bounded by `Header::decode`; grown once, then kept
        }
        let payload = self.payload.get_mut(..length).unwrap_or_default();
        fill(&mut *self.transport, payload, limit.min(self.patience.silence), &self.cancel, tick)?;
        self.length = length;
        Ok(header)
    }

    pub(crate) fn payload(&self) -> &[u8] {
        self.payload.get(..self.length).unwrap_or_default()
    }

    pub(crate) fn resynchronise(&mut self) -> bool {
        self.transport.resynchronise()
    }

    fn check_cancel(&self) -> Result<(), PhoneError> {
        if self.cancel.is_cancelled() { Err(PhoneError::Cancelled) } else { Ok(()) }
    }
}

fn fill(
    transport: &mut dyn Transport,
    buf: &mut [u8],
    limit: Duration,
    cancel: &Cancel,
    tick: &mut dyn FnMut(Duration),
) -> Result<(), PhoneError> {
    let mut filled = 0;
    let mut since = Instant::now();
    loop {
        if cancel.is_cancelled() {
            return Err(PhoneError::Cancelled);
        }
        let before = filled;
        if transport.fill(buf, &mut filled, SLICE.min(limit.saturating_sub(since.elapsed())))? {
            return Ok(());
        }
        if filled > before {
            since = Instant::now();
        } else if since.elapsed() >= limit {
            return Err(PhoneError::Silent { waited: since.elapsed() });
        }
        tick(since.elapsed());
    }
}

/// A stream of this session. Numbers start at random, so that a stale frame of an earlier session fits none of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StreamId(u32);

#[derive(Debug, Default)]
struct Stream {
    /// The phone's number for it; 0 until the open was accepted.
    remote: u32,
    closed: bool,
    /// Bytes we may send before the next acknowledgement (with `delayed_ack`), else 0 or 1 for "may send one message".
    credit: i64,
    /// Taken but not yet acknowledged (with `delayed_ack`).
    unacknowledged: usize,
    /// Arrived while another stream was being read.
    waiting: VecDeque<Vec<u8>>,
    waiting_bytes: usize,
}

/// An authorised connection.
#[derive(Debug)]
pub(super) struct Session {
    wire: Wire,
    banner: Banner,
    max_out: usize,
    checksums: bool,
    delayed_ack: bool,
    next_id: u32,
    streams: HashMap<u32, Stream>,
}

impl Session {
    pub(crate) fn begin(wire: Wire, connected: &Header, banner: Banner) -> Result<Self, PhoneError> {
        // Below 256 bytes no request fits; adb's own least is 4096.
        if connected.arg1 < 256 {
            return Err(Fault::SmallestPayload(connected.arg1).into());
        }
        let mut seed = [0; 4];
        getrandom::fill(&mut seed).map_err(|e| PhoneError::Sink(std::io::Error::other(e.to_string())))?;
        Ok(Self {
            max_out: (connected.arg1 as usize).min(MAX_PAYLOAD),
            checksums: connected.arg0 < VERSION,
            delayed_ack: banner.has("delayed_ack"),
            next_id: u32::from_le_bytes(seed) & 0x3fff_ffff | 0x1000,
            streams: HashMap::new(),
            wire,
            banner,
        })
    }

    #[must_use]
    pub(super) fn banner(&self) -> &Banner {
        &self.banner
    }

    #[must_use]
    pub(super) fn via(&self) -> Via {
        self.wire.transport.via()
    }

    #[must_use]
    pub(super) fn patience(&self) -> &Patience {
        &self.wire.patience
    }

    fn send(&mut self, command: u32, arg0: u32, arg1: u32, payload: &[u8]) -> Result<(), PhoneError> {
        let check = if self.checksums { checksum(payload) } else { 0 };
        self.wire.send(&Header { command, arg0, arg1, length: payload.len() as u32, check }, payload)
    }

    /// Opens a service. [`PhoneError::ServiceRefused`] when the phone closes it at once.
    pub(crate) fn open(&mut self, service: &str) -> Result<StreamId, PhoneError> {
        let id = self.next_id;
        self.next_id = id.checked_add(1).unwrap_or(0x1000);
        let mut request = Vec::with_capacity(service.len() + 1);
        request.extend_from_slice(service.as_bytes());
        request.push(0);
        if request.len() > self.max_out {
            return Err(Fault::TooLong { length: request.len() as u64, bound: self.max_out as u64 }.into());
        }
        self.streams.insert(id, Stream::default());
        self.send(OPEN, id, if self.delayed_ack { WINDOW as u32 } else { 0 }, &request)?;
        for _ in 0..IDLE_FRAMES {
            match self.streams.get(&id) {
                Some(stream) if stream.closed => {
                    self.streams.remove(&id);
                    return Err(PhoneError::ServiceRefused);
                }
                Some(stream) if stream.remote != 0 => return Ok(StreamId(id)),
                _ => self.pump_aside(self.wire.patience.silence)?,
            }
        }
        Err(Fault::Flood.into())
    }

    /// Sends all of `bytes` on the stream.
    pub(crate) fn write(&mut self, id: StreamId, bytes: &[u8]) -> Result<(), PhoneError> {
        for chunk in bytes.chunks(self.max_out.max(1)) {
            let mut idle = 0;
            let remote = loop {
                match self.streams.get_mut(&id.0) {
                    None => return Err(PhoneError::ServiceRefused),
                    Some(stream) if stream.closed => return Err(PhoneError::ServiceRefused),
                    Some(stream) if stream.credit > 0 => {
                        stream.credit -= if self.delayed_ack { chunk.len() as i64 } else { 1 };
                        break stream.remote;
                    }
                    Some(_) => {}
                }
                idle += 1;
                if idle > IDLE_FRAMES {
                    return Err(Fault::Flood.into());
                }
                self.pump_aside(self.wire.patience.silence)?;
            };
            self.send(WRTE, id.0, remote, chunk)?;
        }
        Ok(())
    }

    /// The next payload of the stream, never empty; `None` when the phone closed it. Waits at most `silence` without a byte.
    pub(crate) fn next(&mut self, id: StreamId, silence: Duration) -> Result<Option<&[u8]>, PhoneError> {
        for _ in 0..IDLE_FRAMES {
            let Some(stream) = self.streams.get_mut(&id.0) else { return Ok(None) };
            if let Some(kept) = stream.waiting.pop_front() {
                stream.waiting_bytes -= kept.len();
                self.wire.length = kept.len();
                self.wire.payload.truncate(0);
                self.wire.payload.extend_from_slice(&kept);
                self.acknowledge(id.0, kept.len())?;
                return Ok(Some(self.wire.payload()));
            }
            if stream.closed {
                return Ok(None);
            }
            match self.pump(silence)? {
                Some(got) if got == id.0 => {
                    if self.wire.length > 0 {
                        self.acknowledge(id.0, self.wire.length)?;
                        return Ok(Some(self.wire.payload()));
                    }
                    self.acknowledge(id.0, 0)?;
                }
                Some(other) => self.put_aside(other)?,
                None => {}
            }
        }
        Err(Fault::Flood.into())
    }

    /// Ends a stream, wherever it is; what is still under way for it will be ignored.
    pub(crate) fn close(&mut self, id: StreamId) -> Result<(), PhoneError> {
        match self.streams.remove(&id.0) {
            Some(stream) if !stream.closed => self.send(CLSE, id.0, stream.remote, &[]),
            _ => Ok(()),
        }
    }

    pub(crate) fn is_open(&self, id: StreamId) -> bool {
        self.streams.get(&id.0).is_some_and(|stream| !stream.closed)
    }

    /// Reads one message and keeps what it brings for whichever stream it is.
    fn pump_aside(&mut self, silence: Duration) -> Result<(), PhoneError> {
        match self.pump(silence)? {
            Some(id) => self.put_aside(id),
            None => Ok(()),
        }
    }

    /// Keeps the payload in hand for later. Not acknowledged before it is taken, so the phone stops by itself.
    fn put_aside(&mut self, id: u32) -> Result<(), PhoneError> {
        let payload = self.wire.payload().to_vec();
        if let Some(stream) = self.streams.get_mut(&id) {
            stream.waiting_bytes += payload.len();
            if stream.waiting_bytes > WINDOW || stream.waiting.len() > IDLE_FRAMES {
                return Err(Fault::Acknowledgement.into());
            }
            stream.waiting.push_back(payload);
        }
        Ok(())
    }

    fn acknowledge(&mut self, id: u32, taken: usize) -> Result<(), PhoneError> {
        let Some(stream) = self.streams.get_mut(&id) else { return Ok(()) };
        if stream.closed {
            return Ok(());
        }
        let remote = stream.remote;
        if !self.delayed_ack {
            return self.send(OKAY, id, remote, &[]);
        }
        stream.unacknowledged += taken;
        if stream.unacknowledged < ACK_EVERY {
            return Ok(());
        }
        let bytes = std::mem::take(&mut stream.unacknowledged) as u32;
        self.send(OKAY, id, remote, &bytes.to_le_bytes())
    }

    /// Reads one message. `Some(id)`: its payload belongs to that stream of ours.
    fn pump(&mut self, silence: Duration) -> Result<Option<u32>, PhoneError> {
        let header = self.wire.receive(silence, &mut |_| {})?;
        if self.checksums && header.check != checksum(self.wire.payload()) {
            return Err(Fault::Checksum.into());
        }
        let (remote, local) = (header.arg0, header.arg1);
        match header.command {
            OKAY => {
                let credit = le32(self.wire.payload(), 0).cast_signed();
                let length = self.wire.length;
                let Some(stream) = self.streams.get_mut(&local) else { return Ok(None) };
                if remote == 0 || (stream.remote != 0 && stream.remote != remote) {
                    return Ok(None); // of an earlier session
                }
                stream.remote = remote;
                if !self.delayed_ack {
                    stream.credit = 1;
                } else if length == 4 && credit >= 0 {
                    stream.credit = stream.credit.saturating_add(credit.into());
                } else {
                    return Err(Fault::Acknowledgement.into());
                }
                Ok(None)
            }
            WRTE => match self.streams.get(&local) {
                Some(stream) if stream.remote == remote && remote != 0 && !stream.closed => Ok(Some(local)),
                _ => Ok(None),
            },
            CLSE => {
                let Some(stream) = self.streams.get_mut(&local) else { return Ok(None) };
                // An open that is refused is closed with 0 in the place of the phone's number.
                if stream.remote != remote && remote != 0 {
                    return Ok(None);
                }
                if !std::mem::replace(&mut stream.closed, true) && remote != 0 {
                    self.send(CLSE, local, remote, &[])?;
                }
                Ok(None)
            }
            // The phone wants to open something on this machine: never.
            OPEN => {
                self.send(CLSE, 0, remote, &[])?;
                Ok(None)
            }
            command @ (CNXN | AUTH | STLS) => Err(Fault::OutOfTurn(command).into()),
            _ => Ok(None),
        }
    }
}
