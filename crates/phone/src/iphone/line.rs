//! One connection to one port of the phone: bytes with a watchdog, under TLS once that is agreed.

use super::{
    error::{Breach, IphoneError},
    patience::SLICE,
};
use crate::Cancel;
use rustls::{ClientConfig, ClientConnection, pki_types::ServerName};
use std::{
    fmt,
    io::{self, ErrorKind, Read, Write},
    net::TcpStream,
    os::unix::net::UnixStream,
    sync::Arc,
    time::{Duration, Instant},
};

/// The way to usbmuxd.
#[derive(Debug)]
enum Socket {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl Socket {
    fn slices(&self) -> io::Result<()> {
        match self {
            Self::Unix(s) => s.set_read_timeout(Some(SLICE)).and_then(|()| s.set_write_timeout(Some(SLICE))),
            Self::Tcp(s) => {
                s.set_nodelay(true)?;
                s.set_read_timeout(Some(SLICE)).and_then(|()| s.set_write_timeout(Some(SLICE)))
            }
        }
    }

    fn set_nonblocking(&self, on: bool) -> io::Result<()> {
        match self {
            Self::Unix(s) => s.set_nonblocking(on),
            Self::Tcp(s) => s.set_nonblocking(on),
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Unix(s) => s.read(buf),
            Self::Tcp(s) => s.read(buf),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Self::Unix(s) => s.write(buf),
            Self::Tcp(s) => s.write(buf),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What is looked at between two slices of a wait.
pub(crate) type Idle<'a> = &'a mut dyn FnMut() -> Result<(), IphoneError>;

/// Nothing to look at.
pub(crate) fn idle() -> Result<(), IphoneError> {
    Ok(())
}

/// A connection. Dropping it closes it; no wait on it outlives its limit or the switch.
pub struct Line {
    socket: Socket,
    tls: Option<Box<ClientConnection>>,
    cancel: Cancel,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("secure", &self.tls.is_some()).finish_non_exhaustive()
    }
}

impl Line {
    pub fn over_unix(stream: UnixStream, cancel: Cancel) -> Result<Self, IphoneError> {
        Self::over(Socket::Unix(stream), cancel)
    }

    pub fn over_tcp(stream: TcpStream, cancel: Cancel) -> Result<Self, IphoneError> {
        Self::over(Socket::Tcp(stream), cancel)
    }

    fn over(socket: Socket, cancel: Cancel) -> Result<Self, IphoneError> {
        socket.slices().map_err(|_| IphoneError::Vanished)?;
        Ok(Self { socket, tls: None, cancel })
    }

    pub(crate) fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// Goes on under TLS on the same socket.
    pub(crate) fn secure(&mut self, config: Arc<ClientConfig>, wait: Duration) -> Result<(), IphoneError> {
        // Never sent: the configuration has no server name indication.
        let name = ServerName::try_from("phone").map_err(|_| IphoneError::Tls)?;
        self.tls = Some(Box::new(ClientConnection::new(config, name).map_err(|_| IphoneError::Tls)?));
        let start = Instant::now();
        while self.tls.as_ref().is_some_and(|tls| tls.is_handshaking()) {
            self.check(start, wait)?;
            match self.step() {
                Ok(true) => {}
                Ok(false) => return Err(IphoneError::Vanished),
                Err(e) => again(&e)?,
            }
        }
        self.flush(start, wait)
    }

    fn check(&self, start: Instant, wait: Duration) -> Result<(), IphoneError> {
        if self.cancel.is_cancelled() {
            return Err(IphoneError::Cancelled);
        }
        if start.elapsed() >= wait { Err(IphoneError::Silent { waited: wait }) } else { Ok(()) }
    }

    /// Sends what TLS has ready, and takes in what there is. `Ok(false)` at the end.
    fn step(&mut self) -> io::Result<bool> {
        let Some(tls) = &mut self.tls else { return Ok(true) };
        while tls.wants_write() {
            tls.write_tls(&mut self.socket)?;
        }
        if !tls.wants_read() {
            return Ok(true);
        }
        if tls.read_tls(&mut self.socket)? == 0 {
            return Ok(false);
        }
        let taken = tls.process_new_packets();
        if let Err(error) = taken {
            // The alert that tells the phone; whether it arrives is no matter.
            let _ = tls.write_tls(&mut self.socket);
            return Err(io::Error::new(ErrorKind::InvalidData, error));
        }
        Ok(true)
    }

    fn once(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(tls) = &mut self.tls else { return self.socket.read(buf) };
            match tls.reader().read(buf) {
                Err(e) if e.kind() == ErrorKind::WouldBlock => {}
                other => return other,
            }
            if !self.step()? {
                return Ok(0);
            }
        }
    }

    /// Some bytes, at least one. `look` is called in every slice without any.
    pub(crate) fn read_some(&mut self, buf: &mut [u8], wait: Duration, look: Idle<'_>) -> Result<usize, IphoneError> {
        let start = Instant::now();
        loop {
            if self.cancel.is_cancelled() {
                return Err(IphoneError::Cancelled);
            }
            match self.once(buf) {
                Ok(0) => return Err(IphoneError::Vanished),
                Ok(n) => return Ok(n),
                Err(e) => again(&e)?,
            }
            look()?;
            self.check(start, wait)?;
        }
    }

    pub(crate) fn read_exact(&mut self, buf: &mut [u8], wait: Duration, look: Idle<'_>) -> Result<(), IphoneError> {
        let mut filled = 0;
        while let Some(rest) = buf.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            filled += self.read_some(rest, wait, look)?;
        }
        Ok(())
    }

    /// What is there already, without waiting; `None` when nothing is.
    pub(crate) fn read_now(&mut self, buf: &mut [u8]) -> Result<Option<usize>, IphoneError> {
        self.socket.set_nonblocking(true).map_err(|_| IphoneError::Vanished)?;
        let got = self.once(buf);
        self.socket.set_nonblocking(false).map_err(|_| IphoneError::Vanished)?;
        match got {
            Ok(0) => Err(IphoneError::Vanished),
            Ok(n) => Ok(Some(n)),
            Err(e) => again(&e).map(|()| None),
        }
    }

    pub(crate) fn write_all(&mut self, mut bytes: &[u8], wait: Duration) -> Result<(), IphoneError> {
        let mut start = Instant::now();
        while !bytes.is_empty() {
            self.check(start, wait)?;
            let sent = match &mut self.tls {
                Some(tls) => tls.writer().write(bytes),
                None => self.socket.write(bytes),
            };
            match sent {
                Ok(0) if self.tls.is_none() => return Err(IphoneError::Vanished),
                Ok(n) => {
                    bytes = bytes.get(n..).unwrap_or_default();
                    start = Instant::now();
                    self.flush(start, wait)?;
                }
                Err(e) => again(&e)?,
            }
        }
        Ok(())
    }

    fn flush(&mut self, start: Instant, wait: Duration) -> Result<(), IphoneError> {
        while let Some(tls) = self.tls.as_mut().filter(|tls| tls.wants_write()) {
            if let Err(e) = tls.write_tls(&mut self.socket) {
                again(&e)?;
                self.check(start, wait)?;
            }
        }
        Ok(())
    }

    /// `length` bytes, taken as they arrive: a claimed length allocates nothing.
    pub(crate) fn read_block(&mut self, length: usize, wait: Duration, look: Idle<'_>) -> Result<Vec<u8>, IphoneError> {
        const STEP: usize = 64 << 10;
        let mut block = Vec::with_capacity(length.min(STEP));
        while block.len() < length {
            let filled = block.len();
            block.resize(filled.saturating_add(STEP).min(length), 0);
            let got = self.read_some(block.get_mut(filled..).unwrap_or_default(), wait, look)?;
            block.truncate(filled.saturating_add(got));
        }
        Ok(block)
    }

    /// A big-endian length of at most `bound`.
    pub(crate) fn read_length(&mut self, bound: u32, wait: Duration, look: Idle<'_>) -> Result<u32, IphoneError> {
        let mut word = [0; 4];
        self.read_exact(&mut word, wait, look)?;
        let length = u32::from_be_bytes(word);
        if length > bound {
            return Err(Breach::TooLong { length: length.into(), bound: bound.into() }.into());
        }
        Ok(length)
    }
}

/// `Ok` for an error that only says "not yet".
fn again(error: &io::Error) -> Result<(), IphoneError> {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => Ok(()),
        ErrorKind::InvalidData => {
            let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
            Err(match inner {
                Some(rustls::Error::InvalidCertificate(_)) => IphoneError::NotTheSamePhone,
                _ => IphoneError::Tls,
            })
        }
        _ => Err(IphoneError::Vanished),
    }
}
