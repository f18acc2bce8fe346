//! adb over USB bulk transfers with rusb: whole payloads a transfer, watchdogs from libusb's own time-outs.

use super::{
    message::{HEADER, MAX_PAYLOAD},
    session::WINDOW,
    transport::{Transport, Via},
};
use crate::error::{Fault, PhoneError};
use rusb::{Context, Device, DeviceHandle, Direction, TransferType, UsbContext};
use std::{
    fmt,
    time::{Duration, Instant},
};

/// The adb interface of one device: class ff, subclass 42, protocol 01, on some phones class dc, subclass 02
/// (reference/android.md §1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AdbInterface {
    pub number: u8,
    setting: u8,
    input: u8,
    output: u8,
    /// Largest packet of the input endpoint: what is asked of it is a whole number of these.
    packet_in: usize,
    /// Largest packet of the output endpoint, for the zero-length packet rule.
    packet_out: usize,
}

/// `wMaxPacketSize` without the bits that stand for something else (bits 11 and 12: further transactions a microframe).
fn packet(descriptor: u16) -> usize {
    match usize::from(descriptor & 0x7ff) {
        0 => 512, // nonsense from a device; the size of high speed, where nearly every phone is
        size => size,
    }
}

impl AdbInterface {
    /// The first adb interface in the active configuration, or in the first one when none is set. Needs no permission.
    pub(crate) fn of(device: &Device<Context>) -> Option<Self> {
        let config = device.active_config_descriptor().or_else(|_| device.config_descriptor(0)).ok()?;
        for interface in config.interfaces() {
            for setting in interface.descriptors() {
                let class = (setting.class_code(), setting.sub_class_code(), setting.protocol_code());
                if !matches!(class, (0xff, 0x42, 0x01) | (0xdc, 0x02, 0x01)) {
                    continue;
                }
                let (mut input, mut output) = (None, None);
                for endpoint in setting.endpoint_descriptors() {
                    if endpoint.transfer_type() != TransferType::Bulk {
                        continue;
                    }
                    let found = Some((endpoint.address(), packet(endpoint.max_packet_size())));
                    match endpoint.direction() {
                        Direction::In => input = input.or(found),
                        Direction::Out => output = output.or(found),
                    }
                }
                if let (Some((input, packet_in)), Some((output, packet_out))) = (input, output) {
                    return Some(Self {
                        number: setting.interface_number(),
                        setting: setting.setting_number(),
                        input,
                        output,
                        packet_in,
                        packet_out,
                    });
                }
            }
        }
        None
    }
}

/// Room for the largest payload rounded up to whole packets (at most 1,024 bytes, at SuperSpeed): an IN transfer whose buffer
/// is no whole number of packets may overflow.
const INBOX: usize = MAX_PAYLOAD + 1024;

/// What an earlier session can have left in the pipe: a phone may be a whole window ahead of the acknowledgements, in each of
/// a few streams. Somebody who sends more than that talks for ever.
const STALE_BYTES: usize = 4 * WINDOW;
const STALE_TIME: Duration = Duration::from_secs(10);
/// The pipe is empty when nothing came for so long.
const STALE_QUIET: Duration = Duration::from_millis(20);

/// One claimed adb interface.
pub struct UsbTransport {
    handle: DeviceHandle<Context>,
    interface: AdbInterface,
    /// What one IN transfer brought, and the part of it not yet handed on.
    inbox: Vec<u8>,
    next: usize,
    have: usize,
}

impl fmt::Debug for UsbTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UsbTransport").field("interface", &self.interface).finish_non_exhaustive()
    }
}

impl UsbTransport {
    /// Opens and claims. [`PhoneError::Busy`] when another program holds the interface.
    pub(crate) fn claim(device: &Device<Context>) -> Result<Self, PhoneError> {
        let interface = AdbInterface::of(device).ok_or(PhoneError::NotFound)?;
        let handle = device.open().map_err(usb_error)?;
        handle.claim_interface(interface.number).map_err(usb_error)?;
        if interface.setting != 0 {
            handle.set_alternate_setting(interface.number, interface.setting).map_err(usb_error)?;
        }
        let mut this = Self { handle, interface, inbox: vec![0; INBOX], next: 0, have: 0 };
        this.drain_stale();
        Ok(this)
    }

    /// A session that was cut off leaves frames in the IN pipe, whole and half ones, among them a token that is no longer
    /// valid. Read them away until the pipe is quiet.
    fn drain_stale(&mut self) {
        let until = Instant::now() + STALE_TIME;
        let mut drained = 0;
        while drained < STALE_BYTES && Instant::now() < until {
            match self.handle.read_bulk(self.interface.input, &mut self.inbox, STALE_QUIET) {
                Ok(n) => drained += n.max(1),
                Err(rusb::Error::Interrupted) => {}
                Err(rusb::Error::Pipe) => {
                    drained += 1;
                    let _ = self.handle.clear_halt(self.interface.input); // or the next read says why not
                }
                Err(_) => break, // quiet; or gone, which the first message will tell
            }
        }
        if drained > 0 {
            tracing::debug!(drained, "left over from an earlier session");
        }
        (self.next, self.have) = (0, 0);
    }
}

impl Transport for UsbTransport {
    fn fill(&mut self, buf: &mut [u8], filled: &mut usize, slice: Duration) -> Result<bool, PhoneError> {
        let until = Instant::now() + slice;
        loop {
            let Some(rest) = buf.get_mut(*filled..).filter(|rest| !rest.is_empty()) else { return Ok(true) };
            let ready = self.inbox.get(self.next..self.have).unwrap_or_default();
            if !ready.is_empty() {
                let n = ready.len().min(rest.len());
                if let (Some(to), Some(from)) = (rest.get_mut(..n), ready.get(..n)) {
                    to.copy_from_slice(from);
                }
                self.next += n;
                *filled += n;
                continue;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left < Duration::from_millis(1) {
                return Ok(false); // 0 ms would mean "for ever" to libusb
            }
            // What is due, rounded up to packets and no further: a phone closes a payload of whole packets with nothing, so a
            // transfer that has room for one packet more would wait for it until the slice ran out.
            let want = rest.len().next_multiple_of(self.interface.packet_in).min(INBOX);
            let room = self.inbox.get_mut(..want).unwrap_or_default();
            match self.handle.read_bulk(self.interface.input, room, left) {
                Ok(n) => (self.next, self.have) = (0, n), // 0: a zero-length packet, go on
                Err(rusb::Error::Timeout) => return Ok(false),
                Err(rusb::Error::Interrupted) => {}
                // A halted endpoint is started again; what that lost shows in the frames. Bounded by the slice.
                Err(rusb::Error::Pipe) => self.handle.clear_halt(self.interface.input).map_err(usb_error)?,
                Err(e) => return Err(usb_error(e)),
            }
        }
    }

    fn send(&mut self, header: &[u8; HEADER], payload: &[u8], patience: Duration) -> Result<(), PhoneError> {
        let patience = patience.max(Duration::from_millis(1));
        self.write_all(header, patience)?;
        if payload.is_empty() {
            return Ok(());
        }
        self.write_all(payload, patience)?;
        // As adb's own host does: a payload of whole packets is closed by an empty one.
        if payload.len().is_multiple_of(self.interface.packet_out) {
            self.handle.write_bulk(self.interface.output, &[], patience).map_err(usb_error)?;
        }
        Ok(())
    }

    fn resynchronise(&mut self) -> bool {
        (self.next, self.have) = (0, 0);
        true
    }

    fn via(&self) -> Via {
        Via::Usb
    }
}

impl UsbTransport {
    fn write_all(&mut self, mut bytes: &[u8], patience: Duration) -> Result<(), PhoneError> {
        let until = Instant::now() + patience;
        while !bytes.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left < Duration::from_millis(1) {
                return Err(PhoneError::Silent { waited: patience });
            }
            match self.handle.write_bulk(self.interface.output, bytes, left) {
                Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
                Err(rusb::Error::Timeout) => return Err(PhoneError::Silent { waited: patience }),
                Err(rusb::Error::Interrupted) => {}
                Err(e) => return Err(usb_error(e)),
            }
        }
        Ok(())
    }
}

/// A context of our own. rusb's global functions panic on a machine without usbfs (reference/rig.md, "rusb and libusb").
pub(crate) fn context() -> Result<Context, PhoneError> {
    Context::new().map_err(|error| {
        tracing::debug!(?error, "libusb did not start");
        PhoneError::NoUsbOnThisHost
    })
}

/// Every device that shows an adb interface.
pub(crate) fn adb_devices(context: &Context) -> Result<Vec<Device<Context>>, PhoneError> {
    let devices = context.devices().map_err(|_| PhoneError::NoUsbOnThisHost)?;
    Ok(devices.iter().filter(|device| AdbInterface::of(device).is_some()).collect())
}

pub(crate) fn usb_error(error: rusb::Error) -> PhoneError {
    tracing::debug!(?error, "usb");
    match error {
        rusb::Error::Access => PhoneError::NoPermission,
        rusb::Error::Busy => PhoneError::Busy { adb_server: super::server::adb_server_running().is_some() },
        rusb::Error::NotFound => PhoneError::NotFound,
        rusb::Error::Overflow => PhoneError::Protocol(Fault::Trailing),
        rusb::Error::NotSupported | rusb::Error::NoMem => PhoneError::NoUsbOnThisHost,
        // NoDevice, Io, Pipe and the rest: the cable is out, or as good as out.
        _ => PhoneError::Vanished,
    }
}
