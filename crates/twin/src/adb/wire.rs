//! The sending half of a connection, shared by all its streams.

use super::message::{Header, MAX_PAYLOAD};
use crate::device::{Device, lock};
use std::{
    fmt, io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Cuts the wire under a connection: a socket is shut, a cable pulled.
pub trait Hangup: Send + Sync {
    fn hang_up(&self);
}

/// Where frames go out, one at a time and whole.
pub(super) struct Wire {
    device: Arc<Device>,
    out: Mutex<Box<dyn io::Write + Send>>,
    sums: AtomicBool,
    hangup: Box<dyn Hangup>,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

impl Wire {
    pub(super) fn new(device: Arc<Device>, out: Box<dyn io::Write + Send>, hangup: Box<dyn Hangup>) -> Wire {
        Wire { device, out: Mutex::new(out), sums: AtomicBool::new(true), hangup }
    }

    /// Whether payloads carry their sum from here on.
    pub(super) fn set_sums(&self, on: bool) {
        self.sums.store(on, Ordering::Relaxed);
    }

    /// One frame. The header and the payload are two writes, as they are two transfers on USB.
    pub(super) fn send(&self, command: u32, arg0: u32, arg1: u32, payload: &[u8]) -> io::Result<()> {
        debug_assert!(payload.len() <= MAX_PAYLOAD as usize);
        let head = Header::new(command, arg0, arg1, payload, self.sums.load(Ordering::Relaxed));
        self.send_raw(&head.encode(), payload)
    }

    /// Bytes that need not be a frame.
    pub(super) fn send_raw(&self, head: &[u8], payload: &[u8]) -> io::Result<()> {
        let mut out = lock(&self.out);
        out.write_all(head)?;
        if !payload.is_empty() {
            out.write_all(payload)?;
        }
        self.device.count_sent(head.len() + payload.len());
        out.flush()
    }

    pub(super) fn hang_up(&self) {
        self.hangup.hang_up();
    }
}

/// Sleeps in small steps, so that a connection that ends does not wait; false when `stop` said so.
pub(super) fn sleep_unless(time: Duration, stop: impl Fn() -> bool) -> bool {
    let step = Duration::from_millis(10);
    let mut left = time;
    while !left.is_zero() {
        if stop() {
            return false;
        }
        let now = left.min(step);
        std::thread::sleep(now);
        left -= now;
    }
    !stop()
}
