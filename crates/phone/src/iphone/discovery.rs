//! Which iPhones are plugged in, from usbmuxd (`reference/ios.md` §1.1).
//!
//! Phones on USB only. usbmuxd shows the same phone a second time when it is also on Wi-Fi; that way is never taken.

use super::{
    error::{Breach, IphoneError, MuxRefusal},
    line::{Line, idle},
    patience::Patience,
};
use crate::Cancel;
use std::{
    env,
    ffi::OsStr,
    net::{TcpStream, ToSocketAddrs},
    os::unix::net::UnixStream,
    path::PathBuf,
    time::{Duration, Instant},
};
use uitlezen_property_list::{Limits, Value, parse, to_xml};

/// Where usbmuxd listens unless the environment says otherwise.
const SOCKET: &str = "/var/run/usbmuxd";
const VARIABLE: &str = "USBMUXD_SOCKET_ADDRESS";
const HEADER: u32 = 16;
const LONGEST: u32 = 1 << 20;
const VERSION: u32 = 1;
const PLIST: u32 = 8;

/// Where usbmuxd is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    Unix(PathBuf),
    /// A host of this machine, and a port.
    Tcp(String, u16),
}

impl Address {
    /// As libusbmuxd takes it: `USBMUXD_SOCKET_ADDRESS` is `UNIX:/path` or `HOST:PORT`; a bare absolute path, which only
    /// other programs take, is taken too.
    pub fn from_environment() -> Result<Self, IphoneError> {
        env::var_os(VARIABLE).map_or_else(|| Ok(Self::Unix(SOCKET.into())), |value| Self::parse(&value))
    }

    pub fn parse(value: &OsStr) -> Result<Self, IphoneError> {
        let text = value.to_str().ok_or(IphoneError::Address)?;
        if let Some(path) = text.strip_prefix("UNIX:").or_else(|| text.starts_with('/').then_some(text)) {
            return if path.is_empty() { Err(IphoneError::Address) } else { Ok(Self::Unix(path.into())) };
        }
        let (host, port) = text.rsplit_once(':').ok_or(IphoneError::Address)?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let port = port.parse().ok().filter(|&port| port != 0).ok_or(IphoneError::Address)?;
        if host.is_empty() { Err(IphoneError::Address) } else { Ok(Self::Tcp(host.to_owned(), port)) }
    }

    fn open(&self, cancel: &Cancel, patience: &Patience) -> Result<Line, IphoneError> {
        match self {
            Self::Unix(path) => {
                let stream = UnixStream::connect(path).map_err(|e| IphoneError::NoUsbmuxd(e.kind()))?;
                Line::over_unix(stream, cancel.clone())
            }
            Self::Tcp(host, port) => {
                let found = (host.as_str(), *port).to_socket_addrs().map_err(|e| IphoneError::NoUsbmuxd(e.kind()))?;
                let mut failed = IphoneError::NotLoopback;
                for address in found.filter(|address| address.ip().is_loopback()) {
                    match TcpStream::connect_timeout(&address, patience.silence) {
                        Ok(stream) => return Line::over_tcp(stream, cancel.clone()),
                        Err(e) => failed = IphoneError::NoUsbmuxd(e.kind()),
                    }
                }
                Err(failed)
            }
        }
    }
}

/// One iPhone on USB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub udid: String,
    pub(crate) device: u64,
    pub product_id: Option<u64>,
}

/// A way to usbmuxd with its limits; makes connections to phones.
#[derive(Clone, Debug)]
pub struct Mux {
    pub address: Address,
    pub patience: Patience,
    pub cancel: Cancel,
}

impl Mux {
    /// All iPhones on USB.
    pub fn phones(&self) -> Result<Vec<Found>, IphoneError> {
        let mut line = self.address.open(&self.cancel, &self.patience)?;
        let answer = self.ask(&mut line, Value::of([("MessageType", "ListDevices")]))?;
        let devices = match answer.get("DeviceList").and_then(Value::array) {
            Some(devices) => devices,
            None => return Err(refusal(&answer)),
        };
        Ok(devices.iter().filter_map(attached).collect())
    }

    /// Waits for a phone, this one or any; `None` when `wait` ran out.
    pub fn wait_for(&self, udid: Option<&str>, wait: Duration) -> Result<Option<Found>, IphoneError> {
        let mut line = self.address.open(&self.cancel, &self.patience)?;
        let answer = self.ask(&mut line, Value::of([("MessageType", "Listen")]))?;
        done(&answer)?;
        let start = Instant::now();
        loop {
            let left = wait.saturating_sub(start.elapsed());
            let event = match receive(&mut line, left, self.patience.silence) {
                Err(IphoneError::Silent { .. }) => return Ok(None),
                other => other?,
            };
            if let Some(found) = attached(&event).filter(|found| udid.is_none_or(|udid| same(udid, &found.udid))) {
                return Ok(Some(found));
            }
            if start.elapsed() >= wait {
                return Ok(None);
            }
        }
    }

    /// The phone with this number.
    pub fn phone(&self, udid: &str) -> Result<Found, IphoneError> {
        self.phones()?.into_iter().find(|found| same(udid, &found.udid)).ok_or(IphoneError::NotFound)
    }

    /// A connection to a port of the phone.
    pub fn connect(&self, phone: &Found, port: u16) -> Result<Line, IphoneError> {
        let mut line = self.address.open(&self.cancel, &self.patience)?;
        let mut request = Value::of([("MessageType", "Connect")]);
        // The number as it stands in network order in memory, read as a little-endian one.
        request.set("DeviceID", phone.device).set("PortNumber", port.swap_bytes());
        match done(&self.ask(&mut line, request)?) {
            Err(IphoneError::Usbmuxd(MuxRefusal::BadDevice)) => Err(IphoneError::NotFound),
            other => other.map(|()| line),
        }
    }

    fn ask(&self, line: &mut Line, mut request: Value) -> Result<Value, IphoneError> {
        request.set("ClientVersionString", "uitlezen").set("ProgName", "uitlezen").set("kLibUSBMuxVersion", 3_u32);
        let body = to_xml(&request).map_err(|_| Breach::Unexpected("a list that cannot be written"))?;
        let length = u32::try_from(body.len()).ok().and_then(|n| n.checked_add(HEADER)).ok_or(Breach::TooShort)?;
        let mut whole: Vec<u8> = [length, VERSION, PLIST, 1].iter().flat_map(|word| word.to_le_bytes()).collect();
        whole.extend_from_slice(&body);
        line.write_all(&whole, self.patience.silence)?;
        receive(line, self.patience.silence, self.patience.silence)
    }
}

/// One frame: `wait` for its first byte, `silence` within it.
fn receive(line: &mut Line, wait: Duration, silence: Duration) -> Result<Value, IphoneError> {
    let mut header = [0; HEADER as usize];
    let (first, rest) = header.split_at_mut(1);
    line.read_exact(first, wait, &mut idle)?;
    line.read_exact(rest, silence, &mut idle).map_err(broken)?;
    let word = |at: usize| header.get(at..).and_then(|h| h.first_chunk()).map_or(0, |word| u32::from_le_bytes(*word));
    let (length, version, kind) = (word(0), word(4), word(8));
    if length > LONGEST {
        return Err(Breach::TooLong { length: length.into(), bound: LONGEST.into() }.into());
    }
    let length = length.checked_sub(HEADER).ok_or(Breach::TooShort)?;
    if version != VERSION || kind != PLIST {
        return Err(Breach::Unexpected("not a message of usbmuxd's list protocol").into());
    }
    let body = line.read_block(length as usize, silence, &mut idle).map_err(broken)?;
    Ok(parse(&body, &Limits { input: LONGEST as usize, nodes: 100_000, bytes: LONGEST as usize, ..Limits::default() })?)
}

/// A frame that stops in its middle is no "nothing came".
fn broken(error: IphoneError) -> IphoneError {
    if matches!(error, IphoneError::Silent { .. }) { IphoneError::Vanished } else { error }
}

fn done(answer: &Value) -> Result<(), IphoneError> {
    if answer.get("Number").and_then(Value::unsigned) == Some(0) { Ok(()) } else { Err(refusal(answer)) }
}

fn refusal(answer: &Value) -> IphoneError {
    match answer.get("Number").and_then(Value::unsigned) {
        Some(number) => MuxRefusal::of(number).into(),
        None => Breach::Unexpected("an answer without a result").into(),
    }
}

/// `None` for a phone on Wi-Fi, an event of another kind, and a number that cannot be one.
fn attached(event: &Value) -> Option<Found> {
    if event.get("MessageType").and_then(Value::str).is_some_and(|kind| kind != "Attached") {
        return None;
    }
    let properties = event.get("Properties")?;
    if properties.get("ConnectionType").and_then(Value::str) != Some("USB") {
        return None;
    }
    let udid = properties.get("SerialNumber").and_then(Value::str).filter(|udid| is_udid(udid))?;
    let device = event.get("DeviceID").or_else(|| properties.get("DeviceID")).and_then(Value::unsigned)?;
    Some(Found { udid: udid.to_owned(), device, product_id: properties.get("ProductID").and_then(Value::unsigned) })
}

/// 40 hexadecimal digits, or 24 with or without a hyphen after the eighth. It becomes the name of a folder.
pub(crate) fn is_udid(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_hexdigit).count();
    match text.len() {
        40 | 24 => digits == text.len(),
        25 => digits == 24 && text.as_bytes().get(8) == Some(&b'-'),
        _ => false,
    }
}

/// With or without its hyphen, in either case.
fn same(a: &str, b: &str) -> bool {
    let plain = |text: &str| text.replace('-', "").to_ascii_lowercase();
    plain(a) == plain(b)
}
