//! The way bytes travel to one phone: a TCP connection here, USB bulk transfers in `usb`. The session above knows neither.

use super::message::HEADER;
use crate::error::PhoneError;
use std::{
    fmt,
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// How a phone is reached; goes into the sealed header's origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    Usb,
    Tcp,
    AdbServer,
}

/// Carries whole messages. Dropping it ends the connection; that is how a run is cancelled.
pub trait Transport: Send + fmt::Debug {
    /// Reads towards a full `buf`, from `filled` on, for at most about `slice`. `Ok(true)` when `buf` is full;
    /// `Ok(false)` when the slice ran out, with `filled` telling how far it got.
    fn fill(&mut self, buf: &mut [u8], filled: &mut usize, slice: Duration) -> Result<bool, PhoneError>;

    /// Sends one message whole, or fails within about `patience`.
    fn send(&mut self, header: &[u8; HEADER], payload: &[u8], patience: Duration) -> Result<(), PhoneError>;

    /// Throws away what is left of the transfer in hand, if this transport has such a thing: a session cut short by another
    /// program leaves frames, also half ones, in a USB pipe. `false`: bytes cannot be skipped here.
    fn resynchronise(&mut self) -> bool {
        false
    }

    fn via(&self) -> Via;
}

/// adb over TCP: the twin, and a phone in the lab.
#[derive(Debug)]
pub struct TcpTransport {
    stream: TcpStream,
    read_slice: Duration,
}

impl TcpTransport {
    /// `lab` lifts the loopback rule.
    pub fn connect(address: SocketAddr, lab: bool, patience: Duration) -> Result<Self, PhoneError> {
        if !lab && !address.ip().is_loopback() {
            return Err(PhoneError::NotLoopback);
        }
        let stream = TcpStream::connect_timeout(&address, patience).map_err(|e| PhoneError::Unreachable(e.kind()))?;
        stream.set_nodelay(true).map_err(|e| lost(&e))?;
        Ok(Self { stream, read_slice: Duration::ZERO })
    }
}

impl Transport for TcpTransport {
    fn fill(&mut self, buf: &mut [u8], filled: &mut usize, slice: Duration) -> Result<bool, PhoneError> {
        let slice = slice.max(Duration::from_millis(1));
        if slice != self.read_slice {
            self.stream.set_read_timeout(Some(slice)).map_err(|e| lost(&e))?;
            self.read_slice = slice;
        }
        loop {
            let Some(rest) = buf.get_mut(*filled..).filter(|rest| !rest.is_empty()) else { return Ok(true) };
            match self.stream.read(rest) {
                Ok(0) => return Err(PhoneError::Vanished),
                Ok(n) => *filled += n,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Ok(false),
                Err(e) => return Err(lost(&e)),
            }
        }
    }

    fn send(&mut self, header: &[u8; HEADER], payload: &[u8], patience: Duration) -> Result<(), PhoneError> {
        self.stream.set_write_timeout(Some(patience.max(Duration::from_millis(1)))).map_err(|e| lost(&e))?;
        // What we send is small (requests, acknowledgements): one buffer, one segment.
        let mut whole = Vec::with_capacity(HEADER + payload.len());
        whole.extend_from_slice(header);
        whole.extend_from_slice(payload);
        self.stream.write_all(&whole).map_err(|e| match e.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => PhoneError::Silent { waited: patience },
            _ => lost(&e),
        })
    }

    fn via(&self) -> Via {
        Via::Tcp
    }
}

fn lost(error: &std::io::Error) -> PhoneError {
    tracing::debug!(kind = ?error.kind(), "tcp connection lost");
    PhoneError::Vanished
}
