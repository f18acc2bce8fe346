//! AFC as far as a backup goes: the sync lock, and a media partition that holds nothing (`reference/ios.md §2.7`).

use crate::iphone::{Fault, Iphone, IphoneError, pairing::forbidden, wire::Wire};
use std::{
    collections::BTreeMap,
    io::{Read, Write},
};

const MAGIC: &[u8; 8] = b"CFA6LPAA";
const HEADER: u64 = 40;
/// Longest packet taken.
const LONGEST: u64 = 1024 * 1024;
/// The one file that a host may make.
const SYNC_LOCK: &str = "/com.apple.itunes.lock_sync";

mod op {
    pub(super) const STATUS: u64 = 0x01;
    pub(super) const DATA: u64 = 0x02;
    pub(super) const READ_DIR: u64 = 0x03;
    pub(super) const FILE_INFO: u64 = 0x0a;
    pub(super) const DEVICE_INFO: u64 = 0x0b;
    pub(super) const OPEN: u64 = 0x0d;
    pub(super) const OPENED: u64 = 0x0e;
    pub(super) const READ: u64 = 0x0f;
    pub(super) const CLOSE: u64 = 0x14;
    pub(super) const LOCK: u64 = 0x1b;
}

mod status {
    pub(super) const SUCCESS: u64 = 0;
    pub(super) const INVALID: u64 = 7;
    pub(super) const NOT_FOUND: u64 = 8;
    pub(super) const PERMISSION: u64 = 10;
    pub(super) const WOULD_BLOCK: u64 = 19;
}

/// Lock words of FileLock.
const EXCLUSIVE: u64 = 2 | 4;
const SHARED: u64 = 1 | 4;
const UNLOCK: u64 = 8 | 4;

struct Packet {
    number: u64,
    op: u64,
    body: Vec<u8>,
}

/// What an operation answers.
enum Reply {
    Status(u64),
    Opened(u64),
    Data(Vec<u8>),
}

pub(super) fn serve(phone: &Iphone, mut wire: Wire, line: u64) -> Result<(), IphoneError> {
    let mut open: BTreeMap<u64, String> = BTreeMap::new();
    while let Some(packet) = receive(&mut wire)? {
        let reply = match packet.op {
            op::OPEN => opened(&packet.body, &mut open),
            op::CLOSE => match word(&packet.body, 0).and_then(|handle| open.remove(&handle)) {
                Some(_) => {
                    phone.release_sync_lock(line);
                    Reply::Status(status::SUCCESS)
                }
                None => Reply::Status(status::INVALID),
            },
            op::LOCK => locked(phone, &packet.body, &open, line),
            op::READ => Reply::Data(Vec::new()),
            op::FILE_INFO => info(&packet.body),
            op::READ_DIR => listing(&packet.body),
            op::DEVICE_INFO => device(phone),
            _ => {
                forbidden(phone, "AFC");
                Reply::Status(status::PERMISSION)
            }
        };
        send(&mut wire, packet.number, reply)?;
    }
    Ok(())
}

fn opened(body: &[u8], open: &mut BTreeMap<u64, String>) -> Reply {
    // mode, then the path with a zero at its end
    let Some(path) = body.get(8..).map(text) else { return Reply::Status(status::INVALID) };
    if path != SYNC_LOCK {
        return Reply::Status(status::NOT_FOUND);
    }
    let handle = open.keys().next_back().map_or(1, |last| last + 1);
    open.insert(handle, path);
    Reply::Opened(handle)
}

fn locked(phone: &Iphone, body: &[u8], open: &BTreeMap<u64, String>, line: u64) -> Reply {
    let (Some(handle), Some(how)) = (word(body, 0), word(body, 8)) else { return Reply::Status(status::INVALID) };
    if !open.contains_key(&handle) {
        return Reply::Status(status::INVALID);
    }
    if how == UNLOCK {
        phone.release_sync_lock(line);
        return Reply::Status(status::SUCCESS);
    }
    if !matches!(how, EXCLUSIVE | SHARED) {
        return Reply::Status(status::INVALID);
    }
    let busy = phone.fire(|fault| matches!(fault, Fault::SyncLockBusy).then_some(())).is_some();
    let mut state = phone.state();
    if busy || state.sync_lock.is_some_and(|holder| holder != line) {
        return Reply::Status(status::WOULD_BLOCK);
    }
    state.sync_lock = Some(line);
    Reply::Status(status::SUCCESS)
}

fn info(body: &[u8]) -> Reply {
    match text(body).as_str() {
        "/" | "" | "." => Reply::Data(pairs(&["st_size", "64", "st_blocks", "0", "st_nlink", "2", "st_ifmt", "S_IFDIR"])),
        SYNC_LOCK => Reply::Data(pairs(&["st_size", "0", "st_blocks", "0", "st_nlink", "1", "st_ifmt", "S_IFREG"])),
        _ => Reply::Status(status::NOT_FOUND),
    }
}

fn listing(body: &[u8]) -> Reply {
    match text(body).as_str() {
        "/" | "" | "." => Reply::Data(pairs(&[".", "..", "com.apple.itunes.lock_sync"])),
        _ => Reply::Status(status::NOT_FOUND),
    }
}

fn device(phone: &Iphone) -> Reply {
    let storage = phone.facts.storage;
    let (total, free) = (storage.total.to_string(), storage.free.to_string());
    Reply::Data(pairs(&[
        "Model",
        &phone.facts.identity.product,
        "FSTotalBytes",
        &total,
        "FSFreeBytes",
        &free,
        "FSBlockSize",
        "4096",
    ]))
}

fn pairs(words: &[&str]) -> Vec<u8> {
    words.iter().flat_map(|word| word.bytes().chain([0])).collect()
}

fn word(body: &[u8], at: usize) -> Option<u64> {
    body.get(at..)?.first_chunk::<8>().map(|word| u64::from_le_bytes(*word))
}

fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}

fn receive(wire: &mut Wire) -> Result<Option<Packet>, IphoneError> {
    let mut head = [0; HEADER as usize];
    let first = loop {
        match wire.read(&mut head) {
            Ok(0) => return Ok(None),
            Ok(n) => break n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(e) => return Err(e.into()),
        }
    };
    wire.read_exact(head.get_mut(first..).unwrap_or_default())?;
    let (Some(entire), Some(number), Some(op)) = (word(&head, 8), word(&head, 24), word(&head, 32)) else {
        return Err(IphoneError::Unexpected("a header of AFC"));
    };
    if !head.starts_with(MAGIC) || !(HEADER..=LONGEST).contains(&entire) {
        return Err(IphoneError::Unexpected("a header of AFC"));
    }
    let mut body = vec![0; (entire - HEADER) as usize];
    wire.read_exact(&mut body)?;
    Ok(Some(Packet { number, op, body }))
}

fn send(wire: &mut Wire, number: u64, reply: Reply) -> Result<(), IphoneError> {
    let (op, arguments, data) = match reply {
        Reply::Status(code) => (op::STATUS, code.to_le_bytes().to_vec(), Vec::new()),
        Reply::Opened(handle) => (op::OPENED, handle.to_le_bytes().to_vec(), Vec::new()),
        Reply::Data(data) => (op::DATA, Vec::new(), data),
    };
    let this = HEADER + arguments.len() as u64;
    let mut packet = MAGIC.to_vec();
    for word in [this + data.len() as u64, this, number, op] {
        packet.extend_from_slice(&word.to_le_bytes());
    }
    packet.extend_from_slice(&arguments);
    packet.extend_from_slice(&data);
    wire.write_all(&packet)?;
    wire.flush()?;
    Ok(())
}
