//! The phone on USB: the kernel's FunctionFS (`reference/rig.md`, `Documentation/usb/functionfs.rst` for the descriptors).
//!
//! Whoever sets up the gadget (identifiers, serial, configuration) mounts a FunctionFS instance and hands its folder to
//! [`run`]; the cable is plugged in by writing the controller's name to the gadget's `UDC` once [`run`] has said it is ready.

use super::FrontError;
use crate::{
    adb,
    device::{Device, lock},
};
use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

/// `FUNCTIONFS_DESCRIPTORS_MAGIC_V2`.
const DESCRIPTORS: u32 = 3;
/// `FUNCTIONFS_STRINGS_MAGIC`.
const STRINGS: u32 = 2;
/// `FUNCTIONFS_HAS_FS_DESC | FUNCTIONFS_HAS_HS_DESC`.
const FULL_AND_HIGH_SPEED: u32 = 1 | 2;
/// `reference/android.md §1.1`.
const ADB: Interface = Interface { class: [0xff, 0x42, 0x01], name: "ADB Interface" };
/// Packet of a high-speed bulk endpoint. A read that is no multiple of it makes the controller report an overflow.
const PACKET: usize = 512;
/// Largest transfer asked of the kernel at once; it is one allocation there.
pub(crate) const TRANSFER: usize = 16 * 1024;
/// Bytes of an event on ep0: a setup packet, the kind, padding.
const EVENT: usize = 12;
const ENABLE: u8 = 2;
/// Of open(2): an endpoint that is switched off answers at once, and does not wait to be taken for the next session's.
const O_NONBLOCK: i32 = 0o4000;
const SETUP: u8 = 4;

/// What a host finds: one interface with a bulk endpoint each way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Interface {
    /// Class, subclass and protocol.
    pub(crate) class: [u8; 3],
    pub(crate) name: &'static str,
}

/// A phone on a FunctionFS instance.
#[derive(Debug, Clone)]
pub struct Function {
    dir: PathBuf,
    cable: Cable,
}

/// Serves `device` on the FunctionFS instance mounted at `dir`, until the kernel takes it away.
pub fn run(dir: &Path, device: &Arc<Device>) -> Result<(), FrontError> {
    Function::new(dir).run(device, || {})
}

impl Function {
    pub fn new(dir: impl Into<PathBuf>) -> Function {
        Function { dir: dir.into(), cable: Cable::default() }
    }

    /// The gadget's `UDC` file: a phone that vanishes ([`crate::device::Pull::Vanishes`]) writes a newline there, which is
    /// the cable being pulled.
    pub fn unplug_by(mut self, udc: impl Into<PathBuf>) -> Function {
        self.cable = Cable { udc: Some(udc.into()), controller: Arc::default() };
        self
    }

    /// As [`run`]; `ready` is called when the descriptors are in and the gadget may be bound.
    pub fn run(self, device: &Arc<Device>, ready: impl FnOnce()) -> Result<(), FrontError> {
        let (device, cable) = (device.clone(), self.cable());
        self.serve(ADB, ready, move |input, output| {
            let cable = cable.clone();
            let ended = adb::serve(&device, input, output, move || cable.pull());
            tracing::debug!(?ended, "the USB session ended");
        })
    }

    pub(crate) fn cable(&self) -> Cable {
        self.cable.clone()
    }

    /// Hands the endpoints to `session`, on a thread of its own, every time that a host configures the phone.
    pub(crate) fn serve(
        self,
        interface: Interface,
        ready: impl FnOnce(),
        session: impl Fn(BulkOut, BulkIn) + Send + Sync + 'static,
    ) -> Result<(), FrontError> {
        let mut ep0 = OpenOptions::new().read(true).write(true).open(self.dir.join("ep0"))?;
        ep0.write_all(&descriptors(interface))?;
        ep0.write_all(&strings(interface))?;
        ready();
        let session = Arc::new(session);
        loop {
            let mut events = [0u8; EVENT * 4];
            let n = match ep0.read(&mut events) {
                // a child's exit interrupts it
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            for event in events.get(..n).unwrap_or_default().chunks_exact(EVENT) {
                let (request, kind) = (event.first().copied().unwrap_or(0), event.get(8).copied());
                match kind {
                    // one session until the phone is taken off again
                    Some(ENABLE) => {
                        let output = OpenOptions::new().write(true).custom_flags(O_NONBLOCK).open(self.dir.join("ep1"))?;
                        let input = OpenOptions::new().read(true).custom_flags(O_NONBLOCK).open(self.dir.join("ep2"))?;
                        let session = session.clone();
                        std::thread::spawn(move || session(BulkOut::new(input), BulkIn(output)));
                    }
                    // no class request is known: stall, which is done by moving bytes the wrong way
                    Some(SETUP) => stall(&mut ep0, request),
                    _ => {}
                }
            }
        }
    }
}

/// The cable between gadget and controller, where the gadget's `UDC` file is known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cable {
    udc: Option<PathBuf>,
    /// What stood in the file before the cable was pulled.
    controller: Arc<Mutex<String>>,
}

impl Cable {
    pub(crate) fn pull(&self) {
        let Some(udc) = &self.udc else { return };
        let mut controller = lock(&self.controller);
        let now = std::fs::read_to_string(udc).unwrap_or_default();
        if !now.trim().is_empty() {
            *controller = now;
        }
        if let Err(error) = std::fs::write(udc, "\n") {
            tracing::warn!(%error, "the gadget could not be unplugged");
        }
    }

    /// Plugs in again what was pulled.
    pub(crate) fn plug(&self) {
        let controller = lock(&self.controller);
        if let Some(udc) = &self.udc
            && !controller.is_empty()
            && let Err(error) = std::fs::write(udc, controller.as_str())
        {
            tracing::warn!(%error, "the gadget could not be plugged in");
        }
    }
}

fn stall(ep0: &mut File, request: u8) {
    // direction bit of bmRequestType; the kernel answers either with EL2HLT or nothing, and both are as good
    let _ = if request & 0x80 != 0 { ep0.read(&mut []).map(drop) } else { ep0.write(&[]).map(drop) };
}

/// Bytes from the host: whole packets are asked for, what is too much is kept for the next read.
pub(crate) struct BulkOut {
    endpoint: File,
    buffer: Vec<u8>,
    at: usize,
}

impl BulkOut {
    fn new(endpoint: File) -> BulkOut {
        BulkOut { endpoint, buffer: Vec::new(), at: 0 }
    }
}

impl Read for BulkOut {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        while self.at >= self.buffer.len() {
            // no more than this message needs: a longer transfer would wait for bytes that do not come
            self.buffer.resize(buf.len().next_multiple_of(PACKET).min(TRANSFER), 0);
            match self.endpoint.read(&mut self.buffer) {
                // a zero-length packet adds nothing and ends nothing
                Ok(n) => self.buffer.truncate(n),
                Err(e) => {
                    self.buffer.clear();
                    if e.kind() != io::ErrorKind::Interrupted {
                        return Err(e);
                    }
                }
            }
            self.at = 0;
        }
        let ready = self.buffer.get(self.at..).unwrap_or_default();
        let n = ready.len().min(buf.len());
        for (to, from) in buf.iter_mut().zip(ready) {
            *to = *from;
        }
        self.at += n;
        Ok(n)
    }
}

/// Bytes to the host: each write is a transfer of its own, without a zero-length packet after it, as adb's daemon does.
pub(crate) struct BulkIn(File);

impl BulkIn {
    /// One transfer that the host sees the end of: an empty packet follows one that fills its last packet.
    pub(crate) fn transfer(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)?;
        if bytes.len().is_multiple_of(PACKET) {
            let _nothing = self.0.write(&[])?;
        }
        Ok(())
    }
}

impl Write for BulkIn {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes.get(..TRANSFER).unwrap_or(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn descriptors(interface: Interface) -> Vec<u8> {
    let interface = |packet: u16| {
        let [class, subclass, protocol] = interface.class;
        let [low, high] = packet.to_le_bytes();
        // interface with two endpoints and string 1; bulk IN 1; bulk OUT 2
        let mut d = vec![9, 4, 0, 0, 2, class, subclass, protocol, 1];
        d.extend([7, 5, 0x81, 2, low, high, 0]);
        d.extend([7, 5, 0x02, 2, low, high, 0]);
        d
    };
    let (full, high) = (interface(64), interface(PACKET as u16));
    let length = 5 * 4 + full.len() + high.len();
    let mut bytes = Vec::with_capacity(length);
    // magic, length, which speeds, and how many descriptors of each
    for word in [DESCRIPTORS, length as u32, FULL_AND_HIGH_SPEED, 3, 3] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(full);
    bytes.extend(high);
    bytes
}

fn strings(interface: Interface) -> Vec<u8> {
    let length = 4 * 4 + 2 + interface.name.len() + 1;
    let mut bytes = Vec::with_capacity(length);
    for word in [STRINGS, length as u32, 1, 1] {
        bytes.extend(word.to_le_bytes());
    }
    // English (United States)
    bytes.extend(0x0409u16.to_le_bytes());
    bytes.extend(interface.name.bytes());
    bytes.push(0);
    bytes
}
