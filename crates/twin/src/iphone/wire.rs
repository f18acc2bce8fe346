//! A pipe with or without TLS around it, and the frames on it: a big-endian length and a property list
//! (`reference/ios.md §1.2`).

use super::{IphoneError, pipe::Pipe};
use plist::{Dictionary, Value};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::{
    io::{self, Read, Write},
    sync::Arc,
    time::Duration,
};

/// Longest frame taken from a host: a listing of a very full backup folder fits.
const LONGEST: u32 = 256 * 1024 * 1024;

/// One connection of a host, on the phone's side.
#[derive(Debug)]
pub(crate) struct Wire {
    layer: Layer,
    /// Bytes of a frame that is not whole yet.
    begun: Vec<u8>,
}

#[derive(Debug)]
enum Layer {
    Plain(Pipe),
    Secure(Box<StreamOwned<ServerConnection, Pipe>>),
    /// A layer change failed half way.
    Broken,
}

/// How a property list is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Xml,
    Binary,
}

impl Wire {
    pub(crate) fn new(pipe: Pipe) -> Wire {
        Wire { layer: Layer::Plain(pipe), begun: Vec::new() }
    }

    pub(crate) fn is_secure(&self) -> bool {
        matches!(self.layer, Layer::Secure(_))
    }

    /// Puts TLS on; the phone is the server.
    pub(crate) fn secure(&mut self, config: Arc<ServerConfig>) -> Result<(), IphoneError> {
        let Layer::Plain(mut pipe) = std::mem::replace(&mut self.layer, Layer::Broken) else {
            return Err(IphoneError::Unexpected("TLS inside TLS"));
        };
        let mut session = ServerConnection::new(config)?;
        while session.is_handshaking() {
            session.complete_io(&mut pipe)?;
        }
        self.layer = Layer::Secure(Box::new(StreamOwned::new(session, pipe)));
        Ok(())
    }

    /// Takes TLS off again after the host has said that it is done with it.
    pub(crate) fn plain(&mut self) -> Result<(), IphoneError> {
        match std::mem::replace(&mut self.layer, Layer::Broken) {
            Layer::Secure(mut stream) => {
                stream.conn.send_close_notify();
                // a host that has gone needs no goodbye
                let _ = stream.flush();
                self.layer = Layer::Plain(stream.sock);
            }
            other => self.layer = other,
        }
        Ok(())
    }

    /// From now on a read gives up after this long; `None` waits for ever.
    pub(crate) fn patience(&self, at_most: Option<Duration>) -> Result<(), IphoneError> {
        match &self.layer {
            Layer::Plain(pipe) => pipe.patience(at_most)?,
            Layer::Secure(stream) => stream.sock.patience(at_most)?,
            Layer::Broken => return Err(broken().into()),
        }
        Ok(())
    }

    /// The next frame; `None` when the host has closed.
    pub(crate) fn frame(&mut self) -> Result<Option<Vec<u8>>, IphoneError> {
        loop {
            if let Some(frame) = self.poll_frame()? {
                return Ok(frame);
            }
        }
    }

    /// A frame if one is whole: outer `None` for "not yet", inner `None` when the host has closed.
    #[allow(clippy::option_option)]
    pub(crate) fn poll_frame(&mut self) -> Result<Option<Option<Vec<u8>>>, IphoneError> {
        loop {
            let wanted = match self.begun.first_chunk::<4>() {
                None => 4,
                Some(head) => {
                    let length = u32::from_be_bytes(*head);
                    if length > LONGEST {
                        return Err(IphoneError::TooLong(length));
                    }
                    4 + length as usize
                }
            };
            let missing = wanted.saturating_sub(self.begun.len());
            if missing == 0 {
                let frame = self.begun.split_off(4);
                self.begun.clear();
                return Ok(Some(Some(frame)));
            }
            // grows with what arrives, not with what was announced
            let mut piece = [0; 16 * 1024];
            let part = piece.len().min(missing);
            let Some(room) = piece.get_mut(..part) else { return Err(broken().into()) };
            match self.read(room) {
                Ok(0) if self.begun.is_empty() => return Ok(Some(None)),
                Ok(0) => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
                Ok(n) => self.begun.extend_from_slice(room.get(..n).unwrap_or_default()),
                Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => return Ok(None),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                // a host that hangs up without TLS's goodbye has hung up all the same
                Err(e) if e.kind() == io::ErrorKind::UnexpectedEof && self.begun.is_empty() => return Ok(Some(None)),
                Err(e) => return Err(e.into()),
            }
        }
    }

    /// The next property list, XML or binary; `None` when the host has closed.
    pub(crate) fn receive(&mut self) -> Result<Option<Value>, IphoneError> {
        self.frame()?.map(|frame| decode(&frame)).transpose()
    }

    /// The next dictionary; anything else is no request.
    pub(crate) fn request(&mut self) -> Result<Option<Dictionary>, IphoneError> {
        match self.receive()? {
            None => Ok(None),
            Some(Value::Dictionary(request)) => Ok(Some(request)),
            Some(_) => Err(IphoneError::Unexpected("a request that is no dictionary")),
        }
    }

    pub(crate) fn send(&mut self, value: &Value, form: Form) -> Result<(), IphoneError> {
        let body = encode(value, form)?;
        self.send_frame(&body)
    }

    pub(crate) fn send_frame(&mut self, body: &[u8]) -> Result<(), IphoneError> {
        let length = u32::try_from(body.len()).map_err(|_| IphoneError::Unexpected("a message over 4 GiB"))?;
        let mut frame = Vec::with_capacity(4 + body.len());
        frame.extend_from_slice(&length.to_be_bytes());
        frame.extend_from_slice(body);
        self.write_all(&frame)?;
        self.flush()?;
        Ok(())
    }
}

impl Read for Wire {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match &mut self.layer {
            Layer::Plain(pipe) => pipe.read(buf),
            Layer::Secure(stream) => stream.read(buf),
            Layer::Broken => Err(broken()),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match &mut self.layer {
            Layer::Plain(pipe) => pipe.write(buf),
            Layer::Secure(stream) => stream.write(buf),
            Layer::Broken => Err(broken()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.layer {
            Layer::Plain(pipe) => pipe.flush(),
            Layer::Secure(stream) => stream.flush(),
            Layer::Broken => Err(broken()),
        }
    }
}

fn broken() -> io::Error {
    io::ErrorKind::NotConnected.into()
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Value, IphoneError> {
    Ok(Value::from_reader(io::Cursor::new(bytes))?)
}

pub(crate) fn encode(value: &Value, form: Form) -> Result<Vec<u8>, IphoneError> {
    let mut body = Vec::new();
    match form {
        Form::Xml => value.to_writer_xml(&mut body)?,
        Form::Binary => value.to_writer_binary(&mut body)?,
    }
    Ok(body)
}

/// A dictionary in one breath.
pub(crate) fn dictionary<const N: usize>(pairs: [(&str, Value); N]) -> Dictionary {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}
