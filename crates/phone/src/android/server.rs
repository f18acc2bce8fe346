//! Through an adb server that already runs and holds the phone, with adb_client: shell v2, and everything else by shell.
//!
//! adb_client's calls block without time-outs and its `ADBServer` starts `adb` from PATH; so each shell command runs on a
//! thread of its own behind a bounded channel (back-pressure reaches the phone, a watchdog stands before the channel), and
//! only `ADBServerDevice` is used, after a probe found a server: we never start one.
//!
//! adb_client 3.2.3 reads the exit code of a shell v2 command and then returns `None` at the end of the stream all the same
//! (`shell_command_v2`; found against Debian's adb server). So the phone's shell is asked to write its status on stderr as
//! well, and [`ExitNote`] takes it out again.

use super::{
    handshake::Banner,
    link::{AndroidLink, Listed},
    patience::{Cancel, Patience, SLICE},
    shell::{Channel, OnOutput},
    shell_files,
    sync::{Entry, Stat},
    transport::Via,
};
use crate::error::{Fault, PhoneError};
use adb_client::{ADBDeviceExt, RustADBError, server_device::ADBServerDevice};
use std::{
    io::{self, ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddrV4, TcpStream},
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    time::{Duration, Instant},
};

/// Where the server listens: loopback, port 5037 or `ANDROID_ADB_SERVER_PORT`.
fn address() -> SocketAddrV4 {
    let port = std::env::var("ANDROID_ADB_SERVER_PORT").ok().and_then(|p| p.trim().parse().ok()).filter(|&p| p != 0);
    SocketAddrV4::new(Ipv4Addr::LOCALHOST, port.unwrap_or(5037))
}

/// The version of the adb server on this machine (41 and the like), if one runs. Never starts one.
#[must_use]
pub fn adb_server_running() -> Option<u32> {
    let answer = ask(address(), "host:version").ok()?;
    u32::from_str_radix(std::str::from_utf8(&answer).ok()?, 16).ok()
}

/// A phone as the server sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerDevice {
    pub serial: String,
    /// `device`, `unauthorized`, `offline`, `no permissions`, ...
    pub state: String,
    /// On this machine's USB rather than a network.
    pub usb: bool,
}

/// The phones that the running adb server knows.
pub fn server_devices() -> Result<Vec<ServerDevice>, PhoneError> {
    devices_at(address())
}

fn devices_at(address: SocketAddrV4) -> Result<Vec<ServerDevice>, PhoneError> {
    let answer = ask(address, "host:devices-l")?;
    Ok(parse_devices(&String::from_utf8_lossy(&answer)))
}

fn parse_devices(text: &str) -> Vec<ServerDevice> {
    let one = |line: &str| {
        let mut words = line.split_whitespace();
        let serial = words.next()?.to_owned();
        let mut state = words.next()?.to_owned();
        let rest: Vec<&str> = words.collect();
        if state == "no" {
            state = "no permissions".into();
        }
        Some(ServerDevice { serial, state, usb: rest.iter().any(|word| word.starts_with("usb:")) })
    };
    text.lines().filter_map(one).collect()
}

/// One question to the server: four hex digits of length, text; `OKAY` or `FAIL`, four hex digits, text.
fn ask(address: SocketAddrV4, question: &str) -> Result<Vec<u8>, PhoneError> {
    let patience = Duration::from_secs(2);
    let gone = |_: io::Error| PhoneError::NoServer;
    let mut stream = TcpStream::connect_timeout(&address.into(), patience).map_err(gone)?;
    stream.set_read_timeout(Some(patience)).map_err(gone)?;
    stream.write_all(format!("{:04x}{question}", question.len()).as_bytes()).map_err(gone)?;
    let mut status = [0; 4];
    stream.read_exact(&mut status).map_err(gone)?;
    let mut length = [0; 4];
    stream.read_exact(&mut length).map_err(gone)?;
    let length = std::str::from_utf8(&length).ok().and_then(|l| usize::from_str_radix(l, 16).ok()).ok_or(PhoneError::Server)?;
    let mut body = vec![0; length]; // four hex digits: at most 65,535
    stream.read_exact(&mut body).map_err(gone)?;
    if &status == b"OKAY" { Ok(body) } else { Err(PhoneError::Server) }
}

/// A phone behind the adb server.
#[derive(Debug)]
pub struct ServerLink {
    serial: String,
    address: SocketAddrV4,
    patience: Patience,
    cancel: Cancel,
}

impl ServerLink {
    /// Checks that a server runs and that it may speak with this phone.
    pub fn connect(serial: &str, patience: Patience, cancel: Cancel) -> Result<Self, PhoneError> {
        Self::connect_at(address(), serial, patience, cancel)
    }

    /// The same with a server elsewhere than [`adb_server_running`] looks.
    pub fn connect_at(address: SocketAddrV4, serial: &str, patience: Patience, cancel: Cancel) -> Result<Self, PhoneError> {
        if !address.ip().is_loopback() {
            return Err(PhoneError::NotLoopback);
        }
        let device = devices_at(address)?.into_iter().find(|device| device.serial == serial).ok_or(PhoneError::NotFound)?;
        match device.state.as_str() {
            "device" => {}
            "unauthorized" | "authorizing" => return Err(PhoneError::ServerNotAllowed),
            "no permissions" => return Err(PhoneError::NoPermission),
            _ => return Err(PhoneError::Vanished),
        }
        Ok(Self { serial: serial.to_owned(), address, patience, cancel })
    }
}

enum Piece {
    Bytes(Channel, Vec<u8>),
    End(Result<Option<u8>, PhoneError>),
}

/// Hands pieces to the channel; fails, and so ends the thread, when nobody listens any more.
struct Pieces(Channel, SyncSender<Piece>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1.send(Piece::Bytes(self.0, bytes.to_vec())).map_err(|_| io::Error::from(ErrorKind::BrokenPipe))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn server_error(error: RustADBError) -> PhoneError {
    match error {
        RustADBError::ADBRequestFailed(text) if text.contains("unauthorized") => PhoneError::ServerNotAllowed,
        RustADBError::ADBRequestFailed(text) if text.contains("not found") => PhoneError::Vanished,
        RustADBError::ADBRequestFailed(text) if text.contains("offline") => PhoneError::Vanished,
        RustADBError::IOError(e) if e.kind() == ErrorKind::ConnectionRefused => PhoneError::NoServer,
        RustADBError::IOError(_) => PhoneError::Vanished,
        RustADBError::ADBShellV2ParseError(_) => Fault::ShellChannel(0).into(),
        _ => PhoneError::Server,
    }
}

impl ServerLink {
    fn start(&self, command: &str) -> Receiver<Piece> {
        let (send, receive) = sync_channel(16); // of at most 64 KiB
        let (serial, address, command) = (self.serial.clone(), self.address, command.to_owned());
        std::thread::spawn(move || {
            let mut device = ADBServerDevice::new(serial, Some(address));
            let (mut out, mut err) = (Pieces(Channel::Stdout, send.clone()), Pieces(Channel::Stderr, send.clone()));
            let result = device.shell_command(&command, Some(&mut out), Some(&mut err)).map_err(server_error);
            let _ = send.send(Piece::End(result)); // nobody listening: the caller gave up
        });
        receive
    }
}

impl AndroidLink for ServerLink {
    fn via(&self) -> Via {
        Via::AdbServer
    }

    fn banner(&self) -> Option<&Banner> {
        None
    }

    fn patience(&self) -> &Patience {
        &self.patience
    }

    fn shell(&mut self, command: &str, silence: Duration, out: &mut OnOutput<'_>) -> Result<Option<u8>, PhoneError> {
        let pieces = self.start(&format!("{command}; echo {EXIT}$? >&2"));
        let mut note = ExitNote::default();
        let mut since = Instant::now();
        loop {
            if self.cancel.is_cancelled() {
                return Err(PhoneError::Cancelled);
            }
            match pieces.recv_timeout(SLICE) {
                Ok(Piece::Bytes(channel, bytes)) => {
                    since = Instant::now();
                    match channel {
                        Channel::Stdout => out(channel, &bytes)?,
                        Channel::Stderr => note.feed(&bytes, out)?,
                    }
                }
                Ok(Piece::End(result)) => {
                    let told = result?;
                    let noted = note.finish(out)?;
                    return Ok(told.or(noted));
                }
                Err(RecvTimeoutError::Disconnected) => return Err(PhoneError::Server),
                Err(RecvTimeoutError::Timeout) if since.elapsed() >= silence => {
                    return Err(PhoneError::Silent { waited: since.elapsed() });
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn stat(&mut self, path: &str) -> Result<Stat, PhoneError> {
        shell_files::stat(self, path)
    }

    fn list(&mut self, path: &str, each: &mut dyn FnMut(Entry<'_>) -> Result<(), PhoneError>) -> Result<Listed, PhoneError> {
        shell_files::list(self, path, each)
    }

    fn pull(&mut self, path: &str, sink: &mut dyn FnMut(&[u8]) -> Result<(), PhoneError>) -> Result<u64, PhoneError> {
        shell_files::pull(self, path, sink)
    }
}

const EXIT: &str = "uitlezen-exit:";

/// Keeps the end of stderr back until it is known to be the exit note or not.
#[derive(Debug, Default)]
struct ExitNote(Vec<u8>);

impl ExitNote {
    fn feed(&mut self, bytes: &[u8], out: &mut OnOutput<'_>) -> Result<(), PhoneError> {
        self.0.extend_from_slice(bytes);
        let sure = self.0.len().saturating_sub(EXIT.len() + 8);
        let sure: Vec<u8> = self.0.drain(..sure).collect();
        if sure.is_empty() { Ok(()) } else { out(Channel::Stderr, &sure) }
    }

    /// The code, if the last line is the note; hands over what stood before it.
    fn finish(self, out: &mut OnOutput<'_>) -> Result<Option<u8>, PhoneError> {
        let at = self.0.windows(EXIT.len()).rposition(|w| w == EXIT.as_bytes());
        let (before, note) = self.0.split_at(at.unwrap_or(self.0.len()));
        if !before.is_empty() {
            out(Channel::Stderr, before)?;
        }
        Ok(std::str::from_utf8(note).ok().and_then(|note| note.strip_prefix(EXIT)?.trim_end().parse().ok()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    #[test]
    fn the_server_s_list_is_read() {
        let devices = parse_devices(
            "RIG0001                device usb:1-1 product:x model:y device:z transport_id:1\n127.0.0.1:15555 unauthorized transport_id:2\n????????????  no permissions (user in plugdev group?); see [http://x] usb:1-2\n",
        );
        assert_eq!(devices.len(), 3);
        assert!(devices[0].usb && devices[0].state == "device" && devices[0].serial == "RIG0001");
        assert_eq!(devices[1].state, "unauthorized");
        assert_eq!(devices[2].state, "no permissions");
    }

    #[test]
    fn the_exit_note_is_taken_out_of_stderr_however_it_is_cut() {
        let wire = b"ls: no such thing at all, and quite a long complaint\nuitlezen-exit:12\n";
        for cut in 1..wire.len() {
            let mut note = ExitNote::default();
            let mut got = Vec::new();
            let mut out = |_: Channel, b: &[u8]| {
                got.extend_from_slice(b);
                Ok(())
            };
            wire.chunks(cut).for_each(|piece| note.feed(piece, &mut out).unwrap());
            assert_eq!(note.finish(&mut out).unwrap(), Some(12));
            assert_eq!(got, &wire[..wire.len() - 17]);
        }
        let mut note = ExitNote::default();
        note.feed(b"cut off", &mut |_, _| Ok(())).unwrap();
        assert_eq!(note.finish(&mut |_, _| Ok(())).unwrap(), None, "an end that was not seen is no success");
    }
}
