//! One stream with its flow control.
//!
//! Plain: one WRTE may be under way in each direction, the next waits for OKAY. With delayed acknowledgement each side grants
//! a window in bytes (OPEN arg1 and the first OKAY's payload); a WRTE takes from it, an OKAY's payload gives back.

use super::{
    AdbError,
    message::{CLSE, Message, OKAY, WRTE},
    wire::Wire,
};
use crate::device::{Device, lock};
use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

/// Bytes a host may have under way to one stream of ours when acknowledgements are delayed. A phone grants 32 MiB; nothing
/// that is sent to a read-only phone is large.
pub(super) const GRANT: u32 = 4 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Stream {
    pub(super) local: u32,
    pub(super) remote: u32,
    pub(super) max_payload: usize,
    pub(super) device: Arc<Device>,
    wire: Arc<Wire>,
    delayed: bool,
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug)]
struct State {
    inbound: VecDeque<Vec<u8>>,
    inbound_bytes: u64,
    /// Plain: 1 when a WRTE may go, else 0. Delayed: bytes left of the host's window.
    credit: i64,
    gone: bool,
}

impl Stream {
    /// `window` is the host's grant when acknowledgements are delayed.
    pub(super) fn new(device: Arc<Device>, wire: Arc<Wire>, ids: (u32, u32), max_payload: u32, window: Option<u32>) -> Stream {
        let credit = window.map_or(1, i64::from);
        Stream {
            local: ids.0,
            remote: ids.1,
            max_payload: max_payload as usize,
            device,
            wire,
            delayed: window.is_some(),
            state: Mutex::new(State { inbound: VecDeque::new(), inbound_bytes: 0, credit, gone: false }),
            wake: Condvar::new(),
        }
    }

    /// Says that the stream is open.
    pub(super) fn accept(&self) -> io::Result<()> {
        self.okay(GRANT)
    }

    fn okay(&self, bytes: u32) -> io::Result<()> {
        let payload = bytes.to_le_bytes();
        self.wire.send(OKAY, self.local, self.remote, if self.delayed { &payload } else { &[] })
    }

    /// The host acknowledged something.
    pub(super) fn acknowledged(&self, message: &Message) {
        let mut state = lock(&self.state);
        match <[u8; 4]>::try_from(message.payload.as_slice()) {
            Ok(bytes) if self.delayed => {
                state.credit = state.credit.saturating_add(i64::from(i32::from_le_bytes(bytes))).min(i64::from(u32::MAX));
            }
            _ if self.delayed => {}
            _ => state.credit = 1,
        }
        self.wake.notify_all();
    }

    /// The host sent something.
    pub(super) fn received(&self, payload: Vec<u8>) -> Result<(), AdbError> {
        let mut state = lock(&self.state);
        let bytes = state.inbound_bytes + payload.len() as u64;
        let over = if self.delayed { bytes > u64::from(GRANT) } else { !state.inbound.is_empty() };
        if over {
            return Err(AdbError::Overrun);
        }
        state.inbound_bytes = bytes;
        state.inbound.push_back(payload);
        self.wake.notify_all();
        Ok(())
    }

    /// The host closed the stream, or the connection is gone.
    pub(super) fn end(&self) {
        lock(&self.state).gone = true;
        self.wake.notify_all();
    }

    pub(super) fn is_gone(&self) -> bool {
        lock(&self.state).gone
    }

    /// The next bytes from the host, acknowledged as they are taken; `None` when no more can come.
    pub(super) fn take(&self) -> io::Result<Option<Vec<u8>>> {
        let mut state = lock(&self.state);
        loop {
            if let Some(chunk) = state.inbound.pop_front() {
                state.inbound_bytes -= chunk.len() as u64;
                drop(state);
                self.okay(chunk.len() as u32)?;
                return Ok(Some(chunk));
            }
            if state.gone {
                return Ok(None);
            }
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Sends everything, in payloads as large as both sides allow. [`io::ErrorKind::BrokenPipe`] when the host has closed.
    pub(super) fn send(&self, bytes: &[u8]) -> io::Result<()> {
        self.send_in(bytes, self.max_payload)
    }

    /// As [`Stream::send`], in payloads of at most `most` bytes.
    pub(super) fn send_in(&self, bytes: &[u8], most: usize) -> io::Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            if let Some(pause) = self.device.pause() {
                super::wire::sleep_unless(pause, || self.is_gone());
            }
            let most = most.min(self.max_payload).max(1).min(rest.len());
            let now = self.claim(most)?;
            let (payload, later) = rest.split_at(now);
            self.wire.send(WRTE, self.local, self.remote, payload)?;
            rest = later;
        }
        Ok(())
    }

    /// Waits until something may be sent, and takes it off the credit: between 1 and `most` bytes.
    fn claim(&self, most: usize) -> io::Result<usize> {
        let mut state = lock(&self.state);
        loop {
            if state.gone {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            if state.credit > 0 {
                if !self.delayed {
                    state.credit = 0;
                    return Ok(most);
                }
                let now = most.min(usize::try_from(state.credit).unwrap_or(usize::MAX));
                state.credit -= now as i64;
                return Ok(now);
            }
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until the host has acknowledged what was sent (plain mode), as the kernel pipe behind a real stream does.
    pub(super) fn settle(&self) {
        let mut state = lock(&self.state);
        while !self.delayed && !state.gone && state.credit == 0 {
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Says nothing more, until the host closes or goes away.
    pub(super) fn hang(&self) {
        let mut state = lock(&self.state);
        while !state.gone {
            state = self.wake.wait_timeout(state, Duration::from_secs(1)).unwrap_or_else(PoisonError::into_inner).0;
            state.inbound.clear();
        }
    }

    /// Says CLSE.
    pub(super) fn close(&self) -> io::Result<()> {
        self.wire.send(CLSE, self.local, self.remote, &[])
    }

    /// Bytes that are no frame, between frames.
    pub(super) fn send_raw(&self, bytes: &[u8]) -> io::Result<()> {
        self.wire.send_raw(bytes, &[])
    }

    /// Cuts the whole connection.
    pub(super) fn hang_up(&self) {
        self.wire.hang_up();
    }
}
