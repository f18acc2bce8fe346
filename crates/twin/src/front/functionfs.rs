//! The phone on USB: the kernel's FunctionFS (`reference/rig.md`, `Documentation/usb/functionfs.rst` for the descriptors).
//!
//! Whoever sets up the gadget (identifiers, serial, configuration) mounts a FunctionFS instance and hands its folder to
//! [`run`]; the cable is plugged in by writing the controller's name to the gadget's `UDC` once [`run`] has said it is ready.

use super::FrontError;
use crate::{adb, device::Device};
use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

/// `FUNCTIONFS_DESCRIPTORS_MAGIC_V2`.
const DESCRIPTORS: u32 = 3;
/// `FUNCTIONFS_STRINGS_MAGIC`.
const STRINGS: u32 = 2;
/// `FUNCTIONFS_HAS_FS_DESC | FUNCTIONFS_HAS_HS_DESC`.
const FULL_AND_HIGH_SPEED: u32 = 1 | 2;
/// Class, subclass and protocol of adb (`reference/android.md §1.1`).
const ADB_CLASS: [u8; 3] = [0xff, 0x42, 0x01];
const INTERFACE_NAME: &str = "ADB Interface";
/// Packet of a high-speed bulk endpoint. A read that is no multiple of it makes the controller report an overflow.
const PACKET: usize = 512;
/// Largest transfer asked of the kernel at once; it is one allocation there.
const TRANSFER: usize = 16 * 1024;
/// Bytes of an event on ep0: a setup packet, the kind, padding.
const EVENT: usize = 12;
const ENABLE: u8 = 2;
const SETUP: u8 = 4;

/// A phone on a FunctionFS instance.
#[derive(Debug, Clone)]
pub struct Function {
    dir: PathBuf,
    udc: Option<PathBuf>,
}

/// Serves `device` on the FunctionFS instance mounted at `dir`, until the kernel takes it away.
pub fn run(dir: &Path, device: &Arc<Device>) -> Result<(), FrontError> {
    Function::new(dir).run(device, || {})
}

impl Function {
    pub fn new(dir: impl Into<PathBuf>) -> Function {
        Function { dir: dir.into(), udc: None }
    }

    /// The gadget's `UDC` file: a phone that vanishes ([`crate::device::Pull::Vanishes`]) writes a newline there, which is
    /// the cable being pulled.
    pub fn unplug_by(mut self, udc: impl Into<PathBuf>) -> Function {
        self.udc = Some(udc.into());
        self
    }

    /// As [`run`]; `ready` is called when the descriptors are in and the gadget may be bound.
    pub fn run(self, device: &Arc<Device>, ready: impl FnOnce()) -> Result<(), FrontError> {
        let mut ep0 = OpenOptions::new().read(true).write(true).open(self.dir.join("ep0"))?;
        ep0.write_all(&descriptors())?;
        ep0.write_all(&strings())?;
        ready();
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
                    Some(ENABLE) => self.enable(device)?,
                    // no class request is known: stall, which is done by moving bytes the wrong way
                    Some(SETUP) => stall(&mut ep0, request),
                    _ => {}
                }
            }
        }
    }

    /// The host has configured the phone: one session until it is taken off again.
    fn enable(&self, device: &Arc<Device>) -> io::Result<()> {
        let output = OpenOptions::new().write(true).open(self.dir.join("ep1"))?;
        let input = OpenOptions::new().read(true).open(self.dir.join("ep2"))?;
        let (device, udc) = (device.clone(), self.udc.clone());
        std::thread::spawn(move || {
            let hang_up = move || {
                if let Some(udc) = &udc
                    && let Err(error) = std::fs::write(udc, "\n")
                {
                    tracing::warn!(%error, "the gadget could not be unplugged");
                }
            };
            let ended = adb::serve(&device, BulkOut::new(input), BulkIn(output), hang_up);
            tracing::debug!(?ended, "the USB session ended");
        });
        Ok(())
    }
}

fn stall(ep0: &mut File, request: u8) {
    // direction bit of bmRequestType; the kernel answers either with EL2HLT or nothing, and both are as good
    let _ = if request & 0x80 != 0 { ep0.read(&mut []).map(drop) } else { ep0.write(&[]).map(drop) };
}

/// Bytes from the host: whole packets are asked for, what is too much is kept for the next read.
struct BulkOut {
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

/// Bytes to the host: each write is a transfer of its own, without a zero-length packet after it, as a phone does.
struct BulkIn(File);

impl Write for BulkIn {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes.get(..TRANSFER).unwrap_or(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn descriptors() -> Vec<u8> {
    let interface = |packet: u16| {
        let [class, subclass, protocol] = ADB_CLASS;
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

fn strings() -> Vec<u8> {
    let length = 4 * 4 + 2 + INTERFACE_NAME.len() + 1;
    let mut bytes = Vec::with_capacity(length);
    for word in [STRINGS, length as u32, 1, 1] {
        bytes.extend(word.to_le_bytes());
    }
    // English (United States)
    bytes.extend(0x0409u16.to_le_bytes());
    bytes.extend(INTERFACE_NAME.bytes());
    bytes.push(0);
    bytes
}
