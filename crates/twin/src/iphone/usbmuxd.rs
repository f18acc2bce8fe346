//! A usbmuxd with virtual phones behind it, on a TCP port of loopback or a unix socket: what `USBMUXD_SOCKET_ADDRESS` points at
//! (`reference/ios.md §1.1`).

use super::{
    Iphone, IphoneError, Link, Pipe, Watcher,
    wire::{Form, decode, dictionary, encode},
};
use crate::{device::lock, front::FrontError};
use plist::{Dictionary, Value};
use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::JoinHandle,
};

/// The one version and type of message in use: property lists.
const VERSION: u32 = 1;
const PLIST: u32 = 8;
const HEADER: u32 = 16;
/// Longest request taken; a pair record is some kilobytes.
const LONGEST: u32 = 1024 * 1024;

/// Result numbers.
const OK: u64 = 0;
const BAD_COMMAND: u64 = 1;
const BAD_DEVICE: u64 = 2;
const REFUSED: u64 = 3;
const BAD_VERSION: u64 = 6;

/// Where hosts find it.
#[derive(Debug, Clone)]
pub enum Address {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// A usbmuxd that is being served on a thread of its own, until it is dropped.
#[derive(Debug)]
pub struct Running {
    address: Address,
    hub: Arc<Hub>,
    thread: Option<JoinHandle<()>>,
}

/// What all connections share.
#[derive(Debug)]
struct Hub {
    inner: Mutex<Inner>,
    closed: AtomicBool,
    buid: String,
}

#[derive(Debug, Default)]
struct Inner {
    phones: Vec<Attached>,
    next_id: u32,
    next_socket: u64,
    listeners: Vec<mpsc::Sender<Value>>,
    records: BTreeMap<String, Vec<u8>>,
    sockets: BTreeMap<u64, Pipe>,
}

#[derive(Debug)]
struct Attached {
    /// `None` while it is unplugged; a phone gets a new number every time.
    id: Option<u32>,
    phone: Arc<Iphone>,
    link: Link,
}

#[derive(Debug)]
enum Listener {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(std::os::unix::net::UnixListener),
}

impl Listener {
    fn accept(&self) -> io::Result<Pipe> {
        match self {
            Listener::Tcp(listener) => {
                let (socket, _) = listener.accept()?;
                socket.set_nodelay(true)?;
                Ok(Pipe::Tcp(socket))
            }
            #[cfg(unix)]
            Listener::Unix(listener) => Ok(Pipe::Unix(listener.accept()?.0)),
        }
    }
}

/// Serves these phones on a free port of loopback.
pub fn spawn(phones: &[Arc<Iphone>]) -> Result<Running, FrontError> {
    spawn_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?, phones)
}

/// Serves these phones on a listener of loopback.
pub fn spawn_on(listener: TcpListener, phones: &[Arc<Iphone>]) -> Result<Running, FrontError> {
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        return Err(FrontError::NotLoopback(address));
    }
    start(Listener::Tcp(listener), Address::Tcp(address), phones)
}

/// Serves these phones on a unix socket, which must not exist yet and is removed at the end.
#[cfg(unix)]
pub fn spawn_at(path: impl Into<PathBuf>, phones: &[Arc<Iphone>]) -> Result<Running, FrontError> {
    let path = path.into();
    let listener = std::os::unix::net::UnixListener::bind(&path)?;
    start(Listener::Unix(listener), Address::Unix(path), phones)
}

fn start(listener: Listener, address: Address, phones: &[Arc<Iphone>]) -> Result<Running, FrontError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| io::Error::from(io::ErrorKind::Other))?;
    let hex = hex::encode_upper(random);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    let buid = format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32));
    let hub = Arc::new(Hub { inner: Mutex::default(), closed: AtomicBool::new(false), buid });
    for phone in phones {
        hub.attach(phone, Link::Usb);
    }
    let serving = hub.clone();
    let thread = std::thread::spawn(move || accept(&listener, &serving));
    Ok(Running { address, hub, thread: Some(thread) })
}

fn accept(listener: &Listener, hub: &Arc<Hub>) {
    let mut hosts: Vec<JoinHandle<()>> = Vec::new();
    while !hub.closed.load(Ordering::SeqCst) {
        let Ok(pipe) = listener.accept() else { continue };
        if hub.closed.load(Ordering::SeqCst) {
            break;
        }
        let hub = hub.clone();
        hosts.retain(|host| !host.is_finished());
        hosts.push(std::thread::spawn(move || {
            let Ok(own) = pipe.try_clone() else { return };
            let number = hub.enter(own);
            if let Err(error) = converse(&hub, pipe) {
                tracing::debug!(%error, "a host's connection ended");
            }
            lock(&hub.inner).sockets.remove(&number);
        }));
    }
    hub.cut();
    for host in hosts {
        // a panic in a connection has been printed by the runtime already
        let _ = host.join();
    }
}

impl Hub {
    fn enter(&self, pipe: Pipe) -> u64 {
        let mut inner = lock(&self.inner);
        let number = inner.next_socket;
        inner.next_socket += 1;
        if self.closed.load(Ordering::SeqCst) {
            pipe.cut();
        }
        inner.sockets.insert(number, pipe);
        number
    }

    fn cut(&self) {
        let mut inner = lock(&self.inner);
        inner.listeners.clear();
        for pipe in inner.sockets.values() {
            pipe.cut();
        }
    }

    fn attach(self: &Arc<Self>, phone: &Arc<Iphone>, link: Link) {
        let at = {
            let mut inner = lock(&self.inner);
            inner.phones.push(Attached { id: None, phone: phone.clone(), link });
            inner.phones.len() - 1
        };
        // the phone holds no hub alive, nor the other way round for longer than the hub lives
        let hub: Weak<Hub> = Arc::downgrade(self);
        phone.watch(Watcher(Box::new(move |plugged| {
            if let Some(hub) = hub.upgrade() {
                hub.plugged(at, plugged);
            }
        })));
        if phone.is_plugged_in() {
            self.plugged(at, true);
        }
    }

    fn plugged(&self, at: usize, plugged: bool) {
        let mut inner = lock(&self.inner);
        inner.next_id += 1;
        let new = inner.next_id;
        let Some(attached) = inner.phones.get_mut(at) else { return };
        let event = match (attached.id, plugged) {
            (None, true) => {
                attached.id = Some(new);
                described(attached, new)
            }
            (Some(old), false) => {
                attached.id = None;
                dictionary([("MessageType", "Detached".into()), ("DeviceID", u64::from(old).into())])
            }
            _ => return,
        };
        inner.tell(&Value::Dictionary(event));
    }
}

impl Inner {
    fn tell(&mut self, event: &Value) {
        self.listeners.retain(|listener| listener.send(event.clone()).is_ok());
    }

    fn present(&self) -> Vec<Value> {
        self.phones.iter().filter_map(|attached| Some(Value::Dictionary(described(attached, attached.id?)))).collect()
    }
}

fn described(attached: &Attached, id: u32) -> Dictionary {
    let mut properties = dictionary([
        ("ConnectionType", attached.link.name().into()),
        ("DeviceID", u64::from(id).into()),
        ("SerialNumber", attached.phone.identity().udid.as_str().into()),
    ]);
    if attached.link == Link::Usb {
        properties.insert("ConnectionSpeed".into(), 480_000_000.into());
        properties.insert("LocationID".into(), (0x0011_0000 + u64::from(id)).into());
        properties.insert("ProductID".into(), 0x12a8.into());
    }
    dictionary([("MessageType", "Attached".into()), ("DeviceID", u64::from(id).into()), ("Properties", properties.into())])
}

/// Answers one host until it connects to a phone or leaves.
fn converse(hub: &Arc<Hub>, mut pipe: Pipe) -> Result<(), IphoneError> {
    loop {
        let Some((tag, request)) = receive(&mut pipe)? else { return Ok(()) };
        let text = |key: &str| request.get(key).and_then(Value::as_string).unwrap_or_default();
        let answer = match text("MessageType") {
            "ListDevices" => dictionary([("DeviceList", Value::Array(lock(&hub.inner).present()))]),
            "ReadBUID" => dictionary([("BUID", hub.buid.as_str().into())]),
            "ReadPairRecord" => match lock(&hub.inner).records.get(text("PairRecordID")) {
                Some(record) => dictionary([("PairRecordData", Value::Data(record.clone()))]),
                None => result(BAD_DEVICE),
            },
            "SavePairRecord" => save(hub, &request),
            "DeletePairRecord" => {
                let known = lock(&hub.inner).records.remove(text("PairRecordID")).is_some();
                result(if known { OK } else { BAD_DEVICE })
            }
            "Listen" => return listen(hub, &mut pipe, tag),
            "Connect" => match target(hub, &request) {
                Ok((phone, link, port)) => {
                    send(&mut pipe, tag, &result(OK))?;
                    phone.connect(port, pipe, link);
                    return Ok(());
                }
                Err(number) => result(number),
            },
            _ => result(BAD_COMMAND),
        };
        send(&mut pipe, tag, &answer)?;
    }
}

fn result(number: u64) -> Dictionary {
    dictionary([("MessageType", "Result".into()), ("Number", number.into())])
}

fn save(hub: &Hub, request: &Dictionary) -> Dictionary {
    let id = request.get("PairRecordID").and_then(Value::as_string);
    let data = request.get("PairRecordData").and_then(Value::as_data);
    let (Some(id), Some(data)) = (id, data) else { return result(BAD_COMMAND) };
    let mut inner = lock(&hub.inner);
    inner.records.insert(id.to_owned(), data.to_vec());
    if let Some(device) = request.get("DeviceID") {
        inner.tell(&dictionary([("MessageType", "Paired".into()), ("DeviceID", device.clone())]).into());
    }
    result(OK)
}

/// The phone and port that a host wants, or the number of the refusal. The port travels with its bytes swapped.
fn target(hub: &Hub, request: &Dictionary) -> Result<(Arc<Iphone>, Link, u16), u64> {
    let number = |key: &str| request.get(key).and_then(Value::as_unsigned_integer);
    let id = number("DeviceID").and_then(|id| u32::try_from(id).ok()).ok_or(BAD_COMMAND)?;
    let port = number("PortNumber").and_then(|port| u16::try_from(port).ok()).ok_or(BAD_COMMAND)?.swap_bytes();
    let inner = lock(&hub.inner);
    let attached = inner.phones.iter().find(|attached| attached.id == Some(id)).ok_or(BAD_DEVICE)?;
    if !attached.phone.listens(port) {
        return Err(REFUSED);
    }
    Ok((attached.phone.clone(), attached.link, port))
}

fn listen(hub: &Hub, pipe: &mut Pipe, tag: u32) -> Result<(), IphoneError> {
    let (to, events) = mpsc::channel();
    let present = {
        let mut inner = lock(&hub.inner);
        if !hub.closed.load(Ordering::SeqCst) {
            inner.listeners.push(to);
        }
        inner.present()
    };
    send(pipe, tag, &result(OK))?;
    for event in present.into_iter().chain(events) {
        let event = event.into_dictionary().unwrap_or_default();
        send(pipe, 0, &event)?;
    }
    Ok(())
}

fn receive(pipe: &mut Pipe) -> Result<Option<(u32, Dictionary)>, IphoneError> {
    loop {
        let mut head = [0; HEADER as usize];
        let first = pipe.read(&mut head)?;
        if first == 0 {
            return Ok(None);
        }
        pipe.read_exact(head.get_mut(first..).unwrap_or_default())?;
        let mut words = head.chunks_exact(4).map(|word| word.first_chunk::<4>().map_or(0, |word| u32::from_le_bytes(*word)));
        let mut word = || words.next().unwrap_or(0);
        let (length, version, kind, tag) = (word(), word(), word(), word());
        if !(HEADER..=LONGEST).contains(&length) {
            return Err(IphoneError::TooLong(length));
        }
        let mut body = vec![0; (length - HEADER) as usize];
        pipe.read_exact(&mut body)?;
        if (version, kind) != (VERSION, PLIST) {
            send(pipe, tag, &result(BAD_VERSION))?;
            continue;
        }
        let request = decode(&body)?.into_dictionary().ok_or(IphoneError::Unexpected("a request that is no dictionary"))?;
        return Ok(Some((tag, request)));
    }
}

fn send(pipe: &mut Pipe, tag: u32, answer: &Dictionary) -> Result<(), IphoneError> {
    let body = encode(&Value::Dictionary(answer.clone()), Form::Xml)?;
    let mut message = Vec::with_capacity(HEADER as usize + body.len());
    for word in [HEADER + body.len() as u32, VERSION, PLIST, tag] {
        message.extend_from_slice(&word.to_le_bytes());
    }
    message.extend_from_slice(&body);
    pipe.write_all(&message)?;
    Ok(())
}

impl Running {
    /// What to put in `USBMUXD_SOCKET_ADDRESS`; the form for a unix socket is that of libusbmuxd.
    pub fn address(&self) -> String {
        match &self.address {
            Address::Tcp(address) => address.to_string(),
            Address::Unix(path) => format!("UNIX:{}", path.display()),
        }
    }

    /// Shows a phone to hosts, over this link.
    pub fn attach(&self, phone: &Arc<Iphone>, link: Link) {
        self.hub.attach(phone, link);
    }

    /// The pair record kept for a phone.
    pub fn pair_record(&self, udid: &str) -> Option<Vec<u8>> {
        lock(&self.hub.inner).records.get(udid).cloned()
    }

    /// Ends it and waits for every connection to be gone.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        self.hub.closed.store(true, Ordering::SeqCst);
        self.hub.cut();
        for attached in &lock(&self.hub.inner).phones {
            attached.phone.cut_all();
        }
        // wakes the one who waits for a caller; when it fails the listener is gone, which is the point
        match &self.address {
            Address::Tcp(address) => drop(TcpStream::connect(address)),
            #[cfg(unix)]
            Address::Unix(path) => {
                drop(std::os::unix::net::UnixStream::connect(path));
                let _ = std::fs::remove_file(path);
            }
            #[cfg(not(unix))]
            Address::Unix(_) => {}
        }
        let _ = thread.join();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}
