//! One stream between a host and the phone, whatever it runs over.

use std::{
    io::{self, IoSlice, Read, Write},
    net::{Shutdown, TcpStream},
    time::Duration,
};

/// A connected socket. Fronts that have no socket of their own (a USB pipe) relay over a pair of them.
#[derive(Debug)]
pub enum Pipe {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixStream),
}

impl Pipe {
    pub fn try_clone(&self) -> io::Result<Pipe> {
        match self {
            Pipe::Tcp(socket) => socket.try_clone().map(Pipe::Tcp),
            #[cfg(unix)]
            Pipe::Unix(socket) => socket.try_clone().map(Pipe::Unix),
        }
    }

    /// Cuts it in both directions; whoever waits on it wakes up.
    pub fn cut(&self) {
        // a socket the other side has closed already is as good
        let _ = match self {
            Pipe::Tcp(socket) => socket.shutdown(Shutdown::Both),
            #[cfg(unix)]
            Pipe::Unix(socket) => socket.shutdown(Shutdown::Both),
        };
    }

    pub(crate) fn patience(&self, at_most: Option<Duration>) -> io::Result<()> {
        match self {
            Pipe::Tcp(socket) => socket.set_read_timeout(at_most),
            #[cfg(unix)]
            Pipe::Unix(socket) => socket.set_read_timeout(at_most),
        }
    }
}

impl Read for Pipe {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Pipe::Tcp(socket) => socket.read(buf),
            #[cfg(unix)]
            Pipe::Unix(socket) => socket.read(buf),
        }
    }
}

impl Write for Pipe {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Pipe::Tcp(socket) => socket.write(buf),
            #[cfg(unix)]
            Pipe::Unix(socket) => socket.write(buf),
        }
    }

    // TLS hands over several records at once
    fn write_vectored(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Pipe::Tcp(socket) => socket.write_vectored(bufs),
            #[cfg(unix)]
            Pipe::Unix(socket) => socket.write_vectored(bufs),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
