//! One connection to a port of the phone: plain or under TLS, under a watchdog, and ended by the cancel switch.

use super::{
    error::{Fault, IphoneError},
    patience::Patience,
};
use crate::cancel::{Cancel, SLICE};
use rustls::{ClientConfig, ClientConnection, pki_types::ServerName};
use std::{
    fmt,
    io::{self, BufReader, ErrorKind, Read, Write},
    net::TcpStream,
    os::unix::net::UnixStream,
    sync::Arc,
    time::{Duration, Instant},
};

/// Read ahead of the TLS layer, which itself takes 4 KiB at a time. It may swallow no byte of the next layer: a phone speaks
/// only when spoken to, so nothing lies behind an answer when TLS begins.
const READ_AHEAD: usize = 128 * 1024;
/// Written in one go.
const WRITE_PIECE: usize = 32 * 1024;

pub(crate) enum Socket {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl Socket {
    fn timeouts(&self, time: Duration) -> io::Result<()> {
        match self {
            Self::Unix(stream) => stream.set_read_timeout(Some(time)).and_then(|()| stream.set_write_timeout(Some(time))),
            Self::Tcp(stream) => stream.set_read_timeout(Some(time)).and_then(|()| stream.set_write_timeout(Some(time))),
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.read(buf),
            Self::Tcp(stream) => stream.read(buf),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.write(buf),
            Self::Tcp(stream) => stream.write(buf),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a wait does between two slices: looks elsewhere, or gives up. It is told how long nothing came.
pub(crate) type Tick<'a> = dyn FnMut(Duration) -> Result<(), IphoneError> + 'a;

/// Gives up after this long without a byte.
pub(crate) fn limit(most: Duration) -> impl FnMut(Duration) -> Result<(), IphoneError> {
    move |waited| if waited >= most { Err(IphoneError::Silent { waited }) } else { Ok(()) }
}

pub(crate) struct Line {
    socket: BufReader<Socket>,
    tls: Option<Box<ClientConnection>>,
    slice: Duration,
    cancel: Cancel,
    patience: Patience,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("tls", &self.tls.is_some()).finish_non_exhaustive()
    }
}

impl Line {
    pub(crate) fn new(socket: Socket, patience: Patience, cancel: Cancel) -> Result<Self, IphoneError> {
        socket.timeouts(SLICE).map_err(|e| lost(&e))?;
        Ok(Self { socket: BufReader::with_capacity(READ_AHEAD, socket), tls: None, slice: SLICE, cancel, patience })
    }

    pub(crate) fn patience(&self) -> &Patience {
        &self.patience
    }

    /// From here on the switch does nothing to this line: what must be said at the end is said also after a cancel.
    pub(crate) fn finish_in_any_case(&mut self) {
        self.cancel = Cancel::default();
    }

    /// Encrypts the rest of the connection.
    pub(crate) fn secure(&mut self, config: Arc<ClientConfig>) -> Result<(), IphoneError> {
        let name = ServerName::try_from("iphone.invalid").map_err(|_| Fault::Tls)?;
        self.tls = Some(Box::new(ClientConnection::new(config, name).map_err(|_| Fault::Tls)?));
        let mut tick = limit(self.patience.connect);
        let mut since = Instant::now();
        loop {
            self.flush()?;
            let Some(tls) = self.tls.as_mut().filter(|tls| tls.is_handshaking()) else { return Ok(()) };
            if read_tls(tls, &mut self.socket)? {
                since = Instant::now();
            } else {
                self.look(&mut tick, since)?;
            }
        }
    }

    fn look(&self, tick: &mut Tick<'_>, since: Instant) -> Result<(), IphoneError> {
        if self.cancel.is_cancelled() {
            return Err(IphoneError::Cancelled);
        }
        tick(since.elapsed())
    }

    /// What is there, at most a slice from now. `None`: nothing came.
    pub(crate) fn fill(&mut self, buf: &mut [u8], slice: Duration) -> Result<Option<usize>, IphoneError> {
        if self.cancel.is_cancelled() {
            return Err(IphoneError::Cancelled);
        }
        if slice != self.slice {
            self.socket.get_ref().timeouts(slice.max(Duration::from_millis(1))).map_err(|e| lost(&e))?;
            self.slice = slice;
        }
        let Some(tls) = &mut self.tls else { return read_some(&mut self.socket, buf) };
        loop {
            match tls.reader().read(buf) {
                Ok(0) => return Err(IphoneError::Vanished),
                Ok(n) => return Ok(Some(n)),
                Err(e) if e.kind() == ErrorKind::WouldBlock => {}
                Err(e) => return Err(lost(&e)),
            }
            if !read_tls(tls, &mut self.socket)? {
                return Ok(None);
            }
        }
    }

    /// Up to a full `buf`, waiting as `tick` allows. Never nothing.
    pub(crate) fn read(&mut self, buf: &mut [u8], tick: &mut Tick<'_>) -> Result<usize, IphoneError> {
        let since = Instant::now();
        loop {
            match self.fill(buf, SLICE)? {
                Some(n) => return Ok(n),
                None => self.look(tick, since)?,
            }
        }
    }

    pub(crate) fn read_exact(&mut self, buf: &mut [u8], tick: &mut Tick<'_>) -> Result<(), IphoneError> {
        let mut filled = 0;
        while let Some(rest) = buf.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            filled += self.read(rest, tick)?;
        }
        Ok(())
    }

    /// So many bytes as a vector that grows as they arrive; the caller has bounded `length`.
    pub(crate) fn read_vec(&mut self, length: usize, tick: &mut Tick<'_>) -> Result<Vec<u8>, IphoneError> {
        const PIECE: usize = 64 * 1024;
        let mut bytes = Vec::new();
        while bytes.len() < length {
            let from = bytes.len();
            bytes.resize(from + PIECE.min(length - from), 0);
            if let Some(part) = bytes.get_mut(from..) {
                self.read_exact(part, tick)?;
            }
        }
        Ok(bytes)
    }

    pub(crate) fn write_all(&mut self, mut bytes: &[u8]) -> Result<(), IphoneError> {
        if self.tls.is_none() {
            return self.write_plain(bytes);
        }
        while !bytes.is_empty() {
            let (piece, rest) = bytes.split_at(bytes.len().min(WRITE_PIECE));
            if let Some(tls) = &mut self.tls {
                tls.writer().write_all(piece).map_err(|e| lost(&e))?;
            }
            bytes = rest;
            self.flush()?;
        }
        Ok(())
    }

    fn write_plain(&mut self, mut bytes: &[u8]) -> Result<(), IphoneError> {
        let mut since = Instant::now();
        let mut tick = limit(self.patience.silence);
        while !bytes.is_empty() {
            match self.socket.get_mut().write(bytes) {
                Ok(0) => return Err(IphoneError::Vanished),
                Ok(n) => {
                    bytes = bytes.get(n..).unwrap_or_default();
                    since = Instant::now();
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if is_slice(&e) => self.look(&mut tick, since)?,
                Err(e) => return Err(lost(&e)),
            }
        }
        Ok(())
    }

    /// Sends what the TLS layer holds.
    fn flush(&mut self) -> Result<(), IphoneError> {
        let mut since = Instant::now();
        let mut tick = limit(self.patience.silence);
        while let Some(tls) = self.tls.as_mut().filter(|tls| tls.wants_write()) {
            match tls.write_tls(self.socket.get_mut()) {
                Ok(0) => return Err(IphoneError::Vanished),
                Ok(_) => since = Instant::now(),
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) if is_slice(&e) => self.look(&mut tick, since)?,
                Err(e) => return Err(lost(&e)),
            }
        }
        Ok(())
    }
}

fn is_slice(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

fn read_some(socket: &mut BufReader<Socket>, buf: &mut [u8]) -> Result<Option<usize>, IphoneError> {
    loop {
        match socket.read(buf) {
            Ok(0) if buf.is_empty() => return Ok(Some(0)),
            Ok(0) => return Err(IphoneError::Vanished),
            Ok(n) => return Ok(Some(n)),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) if is_slice(&e) => return Ok(None),
            Err(e) => return Err(lost(&e)),
        }
    }
}

/// Takes what has arrived into the TLS layer. `false`: nothing came in this slice.
fn read_tls(tls: &mut ClientConnection, socket: &mut BufReader<Socket>) -> Result<bool, IphoneError> {
    loop {
        match tls.read_tls(socket) {
            Ok(0) => return Err(IphoneError::Vanished),
            Ok(_) => break,
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) if is_slice(&e) => return Ok(false),
            Err(e) => return Err(lost(&e)),
        }
    }
    match tls.process_new_packets() {
        Ok(_) => {}
        Err(error) => {
            let _ = tls.write_tls(socket.get_mut()); // the alert; the connection ends either way
            tracing::debug!(alert = matches!(error, rustls::Error::AlertReceived(_)), "TLS with the phone failed");
            return Err(Fault::Tls.into());
        }
    }
    if tls.wants_write() {
        let _ = tls.write_tls(socket.get_mut()); // a key update or so; what is left goes with the next flush
    }
    Ok(true)
}

fn lost(error: &io::Error) -> IphoneError {
    tracing::debug!(kind = ?error.kind(), "connection to the phone lost");
    IphoneError::Vanished
}
