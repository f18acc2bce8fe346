//! The phone's end of a socket pair, and a host that remembers.

use super::super::{
    BackupEvent, BackupPath, Catalogue, Change, Counts, FileEnd, Host, Incoming, Status, Take, device_link::DeviceLink, run::Run,
    watch::Watch,
};
use crate::{
    cancel::Cancel,
    iphone::{
        IphoneError, Patience,
        line::{Line, Socket},
        notification::Notifications,
    },
};
use std::{
    collections::BTreeMap,
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    thread,
    time::Duration,
};
use uitlezen_property_list::{Limits, Value, parse, to_binary};

pub(super) const UDID: &str = "00008030-0011223344556677";

pub(super) fn patience() -> Patience {
    let one = Duration::from_millis(400);
    Patience { connect: one, silence: one, trust: one, passcode: one, thinking: one }
}

pub(super) fn line(socket: UnixStream, cancel: &Cancel) -> Line {
    Line::new(Socket::Unix(socket), patience(), cancel.clone()).unwrap()
}

pub(super) struct Peer(pub(super) UnixStream);

pub(super) fn array(items: &[Value]) -> Value {
    Value::Array(items.to_vec())
}

pub(super) fn framed(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes(), bytes].concat()
}

pub(super) fn message(items: &[Value]) -> Vec<u8> {
    framed(&to_binary(&array(items)).unwrap())
}

pub(super) fn block(kind: u8, bytes: &[u8]) -> Vec<u8> {
    framed(&[&[kind], bytes].concat())
}

/// A file as the phone sends it, its bytes in blocks of this many.
pub(super) fn file(device: &str, host: &str, bytes: &[u8], size: usize) -> Vec<u8> {
    let mut out = [framed(device.as_bytes()), framed(host.as_bytes())].concat();
    bytes.chunks(size).for_each(|part| out.extend(block(0x0c, part)));
    out.extend(block(0, &[]));
    out
}

pub(super) fn upload(files: &[Vec<u8>]) -> Vec<u8> {
    let begin = message(&["DLMessageUploadFiles".into(), Value::dictionary(), 1.0.into(), 100_u8.into()]);
    [begin, files.concat(), vec![0; 4]].concat()
}

pub(super) fn status(state: &str) -> Vec<u8> {
    let list = Value::of([
        ("SnapshotState", Value::from(state)),
        ("IsFullBackup", true.into()),
        ("Date", Value::Date(800_000_000.0)),
        ("BackupState", "new".into()),
    ]);
    file("/var/tmp/tmp.1", &format!("{UDID}/Status.plist"), &to_binary(&list).unwrap(), 64)
}

pub(super) fn response(code: i64) -> Vec<u8> {
    let content =
        Value::of([("MessageName", Value::from("Response")), ("ErrorCode", code.into()), ("ErrorDescription", "/x".into())]);
    message(&["DLMessageProcessMessage".into(), content])
}

impl Peer {
    pub(super) fn send(&mut self, bytes: &[u8]) {
        let _ = self.0.write_all(bytes); // the other side may have had enough
    }

    pub(super) fn bytes(&mut self, n: usize) -> Vec<u8> {
        let mut bytes = vec![0; n];
        self.0.read_exact(&mut bytes).unwrap();
        bytes
    }

    pub(super) fn frame(&mut self) -> Vec<u8> {
        let length = u32::from_be_bytes(self.bytes(4).try_into().unwrap());
        self.bytes(length as usize)
    }

    pub(super) fn list(&mut self) -> Value {
        parse(&self.frame(), &Limits::default()).unwrap()
    }

    /// Sends a message and gives code and payload of the answer.
    pub(super) fn ask(&mut self, bytes: &[u8]) -> (i64, Value) {
        self.send(bytes);
        let answer = self.list();
        let items = answer.array().unwrap();
        assert_eq!(items[0].str(), Some("DLMessageStatusResponse"));
        (items[1].int().unwrap(), items[3].clone())
    }

    /// Takes the request for a backup.
    pub(super) fn request(&mut self) -> Value {
        let request = self.list();
        let items = request.array().unwrap();
        assert_eq!(items[0].str(), Some("DLMessageProcessMessage"));
        items[1].clone()
    }

    pub(super) fn end_well(&mut self) {
        assert_eq!(self.ask(&upload(&[status("finished")])).0, 0);
        self.send(&response(0));
    }
}

/// Keeps what ends in `.keep` and what lies in `Snapshot`, drains the rest.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) files: BTreeMap<String, Vec<u8>>,
    pub(super) ends: Vec<(String, FileEnd)>,
    pub(super) changes: Vec<Change>,
    pub(super) drain: bool,
    pub(super) full_disk: bool,
    pub(super) now: Vec<u8>,
}

impl Host for Memory {
    fn free_bytes(&mut self) -> io::Result<u64> {
        Ok(123_456_789_000)
    }

    fn begin(&mut self, file: &Incoming<'_>) -> io::Result<Take> {
        self.now.clear();
        let wanted = !self.drain || file.device_name.ends_with(".keep");
        Ok(if wanted { Take::Keep } else { Take::Drain })
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.full_disk {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.now.extend_from_slice(bytes);
        Ok(())
    }

    fn end(&mut self, file: &Incoming<'_>, end: &FileEnd) -> io::Result<()> {
        if end.taken == Take::Keep {
            self.files.insert(file.path.as_str().to_owned(), std::mem::take(&mut self.now));
        }
        self.ends.push((file.device_name.to_owned(), end.clone()));
        Ok(())
    }

    fn open(&mut self, path: &BackupPath) -> io::Result<Option<Box<dyn Read + '_>>> {
        Ok(self.files.get(path.as_str()).map(|bytes| Box::new(bytes.as_slice()) as Box<dyn Read>))
    }

    fn change(&mut self, change: &Change) -> io::Result<()> {
        self.changes.push(change.clone());
        Ok(())
    }
}

/// How a scripted run went.
pub(super) struct Went {
    pub(super) result: Result<Status, IphoneError>,
    pub(super) counts: Counts,
    pub(super) events: Vec<BackupEvent>,
    pub(super) host: Memory,
}

/// Runs the loop, the versions agreed, against this phone. The phone may also be the screen.
pub(super) fn run_with(
    mut host: Memory,
    previous: Catalogue,
    cancel: &Cancel,
    phone: impl FnOnce(&mut Peer, &mut Peer) + Send + 'static,
) -> Went {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (screen, their_screen) = UnixStream::pair().unwrap();
    let thread = thread::spawn(move || {
        let mut peer = Peer(theirs);
        let mut screen = Peer(their_screen);
        phone(&mut peer, &mut screen);
    });
    let mut link = DeviceLink::agreed(line(ours, cancel));
    let mut notifications = Notifications::observe(line(screen, cancel)).unwrap();
    let (mut counts, mut events) = (Counts::default(), Vec::new());
    let mut on = |event| events.push(event);
    let watch = Watch::new(patience(), &mut notifications, &mut on);
    let run = Run { udid: UDID, catalogue: previous, host: &mut host, counts: &mut counts, watch, status: None };
    let result = run.go(&mut link, true);
    drop((link, notifications));
    thread.join().unwrap();
    Went { result, counts, events, host }
}

pub(super) fn run(phone: impl FnOnce(&mut Peer) + Send + 'static) -> Went {
    run_with(Memory::default(), Catalogue::default(), &Cancel::default(), move |peer, _| {
        peer.request();
        phone(peer);
    })
}

/// A phone that says all this at once and listens to nothing. It stays until we hang up, unless it hangs up itself.
pub(super) fn run_bytes(bytes: Vec<u8>, hangs_up: bool) -> Went {
    run_with(Memory::default(), Catalogue::default(), &Cancel::default(), move |peer, _| {
        let mut reader = peer.0.try_clone().unwrap();
        let listening = thread::spawn(move || io::copy(&mut reader, &mut io::sink()));
        peer.send(&bytes);
        if hangs_up {
            peer.0.shutdown(std::net::Shutdown::Write).unwrap();
        }
        let _ = listening.join();
    })
}
