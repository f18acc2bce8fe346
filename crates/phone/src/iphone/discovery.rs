//! Which iPhones are plugged in, and the way to a port of one of them: the `usbmuxd` daemon (reference/ios.md §1.1).
//!
//! The daemon is found where `libusbmuxd` finds it: `USBMUXD_SOCKET_ADDRESS` as `HOST:PORT` or `UNIX:/path`, else
//! `/var/run/usbmuxd`. Phones that it knows over the network are left out: the session's TLS does not prove who answers.

use super::{
    error::{Fault, IphoneError},
    line::{Line, Socket, limit},
    patience::Patience,
    record::PairRecord,
    usbmux::{self, Reply},
};
use crate::cancel::{Cancel, SLICE};
use std::{
    env, fmt, io,
    net::{SocketAddr, TcpStream, ToSocketAddrs},
    os::unix::net::UnixStream,
    path::PathBuf,
    time::Instant,
};
use uitlezen_property_list::Value;
use zeroize::Zeroizing;

const VARIABLE: &str = "USBMUXD_SOCKET_ADDRESS";
const SOCKET: &str = "/var/run/usbmuxd";

/// Where the daemon listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MuxAddress {
    Unix(PathBuf),
    Tcp(SocketAddr),
}

impl MuxAddress {
    /// As `libusbmuxd` reads the environment. A name is resolved here, and only an address of this machine is taken.
    pub fn from_environment() -> Result<Self, IphoneError> {
        match env::var(VARIABLE) {
            Ok(text) if !text.is_empty() => Self::parse(&text),
            Err(env::VarError::NotUnicode(_)) => Err(IphoneError::SocketAddress),
            _ => Ok(Self::Unix(SOCKET.into())),
        }
    }

    /// `HOST:PORT` or `UNIX:/path`.
    pub fn parse(text: &str) -> Result<Self, IphoneError> {
        if let Some(path) = text.strip_prefix("UNIX:") {
            return if path.is_empty() { Err(IphoneError::SocketAddress) } else { Ok(Self::Unix(path.into())) };
        }
        let (host, port) = text.rsplit_once(':').ok_or(IphoneError::SocketAddress)?;
        let port: u16 = port.parse().map_err(|_| IphoneError::SocketAddress)?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if host.is_empty() || port == 0 {
            return Err(IphoneError::SocketAddress);
        }
        let all: Vec<SocketAddr> = (host, port).to_socket_addrs().map_err(|_| IphoneError::SocketAddress)?.collect();
        let loopback = all.iter().find(|address| address.ip().is_loopback()).copied();
        loopback.map(Self::Tcp).ok_or(if all.is_empty() { IphoneError::SocketAddress } else { IphoneError::NotLoopback })
    }
}

/// As [`MuxAddress::parse`] reads it.
impl fmt::Display for MuxAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "UNIX:{}", path.display()),
            Self::Tcp(address) => write!(f, "{address}"),
        }
    }
}

/// An iPhone on this machine's USB.
#[derive(Clone, PartialEq, Eq)]
pub struct Attached {
    /// The UDID, as the daemon writes it.
    pub udid: String,
    /// The daemon's number for it; another one each time it is plugged in.
    pub(crate) device: u64,
}

impl Attached {
    /// Whether it has this UDID. Upper and lower case and the hyphen make no difference.
    #[must_use]
    pub fn is(&self, udid: &str) -> bool {
        same_udid(&self.udid, udid)
    }
}

impl fmt::Debug for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attached").field("device", &self.device).finish_non_exhaustive()
    }
}

/// The daemon, with the limits and the switch under which everything behind it works.
#[derive(Clone, Debug)]
pub struct Muxer {
    address: MuxAddress,
    pub(crate) patience: Patience,
    pub(crate) cancel: Cancel,
}

impl Muxer {
    #[must_use]
    pub fn new(address: MuxAddress, patience: Patience, cancel: Cancel) -> Self {
        Self { address, patience, cancel }
    }

    fn line(&self) -> Result<Line, IphoneError> {
        let socket = match &self.address {
            MuxAddress::Unix(path) => UnixStream::connect(path).map(Socket::Unix),
            MuxAddress::Tcp(address) if !address.ip().is_loopback() => return Err(IphoneError::NotLoopback),
            MuxAddress::Tcp(address) => TcpStream::connect_timeout(address, self.patience.connect)
                .and_then(|stream| stream.set_nodelay(true).map(|()| Socket::Tcp(stream))),
        };
        let socket = socket.map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => IphoneError::NoPermission,
            kind => IphoneError::NoUsbmuxd(kind),
        })?;
        Line::new(socket, self.patience, self.cancel.clone())
    }

    fn ask(&self, line: &mut Line, kind: &str, more: &[(&str, Value)]) -> Result<Reply, IphoneError> {
        line.write_all(&usbmux::request(kind, more)?)?;
        let mut tick = limit(self.patience.connect);
        let mut head = [0; usbmux::HEADER];
        line.read_exact(&mut head, &mut tick)?;
        let length = usbmux::body_length(&head)?;
        // It may be a pair record.
        let body = Zeroizing::new(line.read_vec(length, &mut tick)?);
        usbmux::reply(&body)
    }

    /// Every iPhone on USB, each once. An empty list where the daemon runs and no iPhone is plugged in.
    pub fn list(&self) -> Result<Vec<Attached>, IphoneError> {
        let mut line = self.line()?;
        match self.ask(&mut line, "ListDevices", &[])? {
            Reply::Devices(devices) => Ok(devices),
            Reply::Result(number) => Err(IphoneError::Usbmuxd(number)),
            Reply::Buid(_) | Reply::Record(_) | Reply::Other => Err(Fault::Answer.into()),
        }
    }

    /// The phone with this UDID, if it is plugged in now. Upper and lower case and the hyphen make no difference.
    pub fn find(&self, udid: &str) -> Result<Attached, IphoneError> {
        self.list()?.into_iter().find(|phone| phone.is(udid)).ok_or(IphoneError::NotFound)
    }

    /// Waits until the phone with this UDID is plugged in, looking five times a second. A daemon that is not there yet is
    /// waited for too: some machines start it when a phone is plugged in.
    pub fn wait_for(&self, udid: &str, deadline: Instant) -> Result<Attached, IphoneError> {
        loop {
            if self.cancel.is_cancelled() {
                return Err(IphoneError::Cancelled);
            }
            let answer = self.find(udid);
            match answer {
                Err(IphoneError::NotFound | IphoneError::NoUsbmuxd(_)) if Instant::now() < deadline => {}
                answer => return answer,
            }
            std::thread::sleep(SLICE);
        }
    }

    /// The name under which the daemon pairs, a phone's `SystemBUID`; of one that has none, none.
    pub(crate) fn system_buid(&self) -> Result<Option<String>, IphoneError> {
        Ok(if let Some(Reply::Buid(buid)) = self.ask_if_known("ReadBUID", &[])? { Some(buid) } else { None })
    }

    /// The pair record that the daemon keeps of a phone, if it has one that can be used here.
    pub(crate) fn pair_record(&self, phone: &Attached) -> Result<Option<PairRecord>, IphoneError> {
        let answer = self.ask_if_known("ReadPairRecord", &[("PairRecordID", phone.udid.as_str().into())])?;
        Ok(if let Some(Reply::Record(list)) = answer { PairRecord::from_list(&list).ok() } else { None })
    }

    /// What a daemon may not know: some hang up on such a question.
    fn ask_if_known(&self, kind: &str, more: &[(&str, Value)]) -> Result<Option<Reply>, IphoneError> {
        match self.ask(&mut self.line()?, kind, more) {
            Ok(reply) => Ok(Some(reply)),
            Err(IphoneError::Vanished) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A connection to a port of the phone.
    pub(crate) fn connect(&self, phone: &Attached, port: u16) -> Result<Line, IphoneError> {
        let mut line = self.line()?;
        let more = [("DeviceID", phone.device.into()), ("PortNumber", port.swap_bytes().into())];
        match self.ask(&mut line, "Connect", &more)? {
            Reply::Result(0) => Ok(line),
            Reply::Result(2) => Err(IphoneError::NotFound),
            Reply::Result(3) => Err(IphoneError::PortRefused),
            Reply::Result(number) => Err(IphoneError::Usbmuxd(number)),
            _ => Err(Fault::Answer.into()),
        }
    }
}

fn same_udid(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect::<String>();
    plain(one) == plain(other)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn the_address_is_read_as_libusbmuxd_reads_it() {
        let tcp = |text: &str| MuxAddress::parse(text).unwrap();
        assert_eq!(tcp("127.0.0.1:27015"), MuxAddress::Tcp("127.0.0.1:27015".parse().unwrap()));
        assert_eq!(tcp("[::1]:27015"), MuxAddress::Tcp("[::1]:27015".parse().unwrap()));
        assert!(matches!(tcp("localhost:27015"), MuxAddress::Tcp(address) if address.ip().is_loopback()));
        assert_eq!(tcp("UNIX:/run/x"), MuxAddress::Unix("/run/x".into()));
        for bad in ["", "UNIX:", "/run/x", "localhost", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:99999", ":27015"] {
            assert!(matches!(MuxAddress::parse(bad), Err(IphoneError::SocketAddress)), "{bad}");
        }
        assert!(matches!(MuxAddress::parse("192.0.2.1:27015"), Err(IphoneError::NotLoopback)));
    }

    #[test]
    fn a_daemon_that_hangs_up_on_a_question_does_not_know_it() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let daemon = std::thread::spawn(move || {
            for _ in 0..2 {
                let (mut host, _) = listener.accept().unwrap();
                let mut head = [0; usbmux::HEADER];
                host.read_exact(&mut head).unwrap();
            }
        });
        let muxer = Muxer::new(MuxAddress::Tcp(address), Patience::default(), Cancel::default());
        assert!(muxer.system_buid().unwrap().is_none());
        assert!(muxer.pair_record(&Attached { udid: "00008030-0011223344556677".to_owned(), device: 1 }).unwrap().is_none());
        daemon.join().unwrap();
    }

    #[test]
    fn no_daemon_is_an_answer() {
        let folder = tempfile::tempdir().unwrap();
        let muxer = Muxer::new(MuxAddress::Unix(folder.path().join("none")), Patience::default(), Cancel::default());
        assert!(matches!(muxer.list(), Err(IphoneError::NoUsbmuxd(io::ErrorKind::NotFound))));
        assert!(matches!(muxer.wait_for("x", Instant::now()), Err(IphoneError::NoUsbmuxd(_))));
        muxer.cancel.cancel();
        let later = Instant::now() + std::time::Duration::from_secs(60);
        assert!(matches!(muxer.wait_for("x", later), Err(IphoneError::Cancelled)));
        let far = Muxer::new(MuxAddress::Tcp("192.0.2.1:1".parse().unwrap()), Patience::default(), Cancel::default());
        assert!(matches!(far.list(), Err(IphoneError::NotLoopback)));
    }

    #[test]
    fn a_udid_is_the_same_with_and_without_its_hyphen() {
        assert!(same_udid("00008030-0011223344556677", "000080300011223344556677"));
        assert!(same_udid("ABCD", "abcd") && !same_udid("ABCD", "abce"));
    }
}
