//! Which phones are plugged in, what state they are in, and the way to one of them.

use super::{
    direct::DirectLink,
    handshake::AuthEvent,
    key::AdbKey,
    link::AndroidLink,
    patience::{Cancel, Patience, SLICE},
    server::{ServerLink, adb_server_running},
    transport::TcpTransport,
    usb::{AdbInterface, UsbTransport, adb_devices, context, usb_error},
};
use crate::error::PhoneError;
use rusb::{Context, Device};
use std::{net::SocketAddr, time::Instant};

/// The udev rule that [`UsbState::NoPermission`] asks for; the file to install.
pub const UDEV_RULE: &str = include_str!("../../../../udev/51-uitlezen-android.rules");

/// What keeps a plugged phone from being read, if anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UsbState {
    /// The interface could be claimed (and was let go again). Whether the holder allows us shows at connecting.
    Ready,
    /// This user may not open the device: install [`UDEV_RULE`], plug in again.
    NoPermission,
    /// Another program holds it. With `adb_server`, go through the server.
    Busy { adb_server: bool },
    /// It was there a moment ago, or does not answer.
    NotAnswering,
}

/// One device with an adb interface. Strings come from the device: show them, trust none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub bus: u8,
    pub address: u8,
    pub vendor_id: u16,
    pub product_id: u16,
    /// `None` without permission, or where the device has none.
    pub serial: Option<String>,
    pub maker: Option<String>,
    pub product: Option<String>,
    pub state: UsbState,
}

/// Every plugged phone with USB debugging on. [`PhoneError::NoUsbOnThisHost`] where there is no USB at all; an empty list
/// where there is USB and no such phone. A phone with USB debugging off cannot be told from any other device.
pub fn list_usb() -> Result<Vec<Found>, PhoneError> {
    seen(true)
}

/// As [`list_usb`], without claiming any interface for a look: for whoever looks again and again while other programs may use
/// a phone. [`UsbState::Busy`] is never told.
pub fn glance_usb() -> Result<Vec<Found>, PhoneError> {
    seen(false)
}

fn seen(claim: bool) -> Result<Vec<Found>, PhoneError> {
    let context = context()?;
    Ok(adb_devices(&context)?.iter().map(|device| look(device, claim)).collect())
}

/// Whether another program holds the device shows only by claiming it; without `claim` that stays untold.
fn look(device: &Device<Context>, claim: bool) -> Found {
    let descriptor = device.device_descriptor();
    let (vendor_id, product_id) = descriptor.as_ref().map_or((0, 0), |d| (d.vendor_id(), d.product_id()));
    let mut found = Found {
        bus: device.bus_number(),
        address: device.address(),
        vendor_id,
        product_id,
        serial: None,
        maker: None,
        product: None,
        state: UsbState::NotAnswering,
    };
    let handle = match device.open() {
        Ok(handle) => handle,
        Err(error) => {
            found.state = state_of(&usb_error(error));
            return found;
        }
    };
    if let Ok(descriptor) = &descriptor {
        let clean = |text: Result<String, rusb::Error>| {
            let text: String = text.ok()?.chars().filter(|c| !c.is_control()).take(126).collect();
            Some(text.trim().to_owned()).filter(|text| !text.is_empty())
        };
        found.serial = clean(handle.read_serial_number_string_ascii(descriptor));
        found.maker = clean(handle.read_manufacturer_string_ascii(descriptor));
        found.product = clean(handle.read_product_string_ascii(descriptor));
    }
    found.state = match AdbInterface::of(device) {
        Some(interface) if claim => match handle.claim_interface(interface.number) {
            Ok(()) => {
                let _ = handle.release_interface(interface.number); // closed right below in any case
                UsbState::Ready
            }
            Err(error) => state_of(&usb_error(error)),
        },
        Some(_) => UsbState::Ready,
        None => UsbState::NotAnswering,
    };
    found
}

fn state_of(error: &PhoneError) -> UsbState {
    match error {
        PhoneError::NoPermission => UsbState::NoPermission,
        PhoneError::Busy { adb_server } => UsbState::Busy { adb_server: *adb_server },
        _ => UsbState::NotAnswering,
    }
}

/// Waits until the phone with this serial is plugged in, looking five times a second (also where no udev daemon tells of hotplug).
/// Another phone's interface is never claimed for a look. [`PhoneError::NoPermission`] when at the end there is a phone whose
/// serial may not be read.
pub fn wait_for(serial: &str, deadline: Instant, cancel: &Cancel) -> Result<Found, PhoneError> {
    loop {
        if cancel.is_cancelled() {
            return Err(PhoneError::Cancelled);
        }
        let found = seen(false)?;
        let blind = found.iter().any(|f| f.state == UsbState::NoPermission);
        if let Some(phone) = found.into_iter().find(|f| f.serial.as_deref() == Some(serial)) {
            return Ok(phone);
        }
        if Instant::now() >= deadline {
            return Err(if blind { PhoneError::NoPermission } else { PhoneError::NotFound });
        }
        std::thread::sleep(SLICE);
    }
}

/// The way to a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// On this machine's USB, by serial number: the plan names it, also among several of one model.
    Usb { serial: String },
    /// adb over TCP: loopback only, unless `lab`.
    Tcp { address: SocketAddr, lab: bool },
    /// Through the adb server that holds it.
    Server { serial: String },
}

/// Opens the way and gets the phone's permission.
pub fn connect(
    reach: &Reach,
    key: &AdbKey,
    patience: Patience,
    cancel: Cancel,
    on: &mut dyn FnMut(AuthEvent),
) -> Result<Box<dyn AndroidLink>, PhoneError> {
    match reach {
        Reach::Usb { serial } => {
            let transport = open_usb(serial)?;
            Ok(Box::new(DirectLink::connect(Box::new(transport), key, patience, cancel, on)?))
        }
        Reach::Tcp { address, lab } => {
            let transport = TcpTransport::connect(*address, *lab, patience.connect)?;
            Ok(Box::new(DirectLink::connect(Box::new(transport), key, patience, cancel, on)?))
        }
        Reach::Server { serial } => {
            adb_server_running().ok_or(PhoneError::NoServer)?;
            Ok(Box::new(ServerLink::connect(serial, patience, cancel)?))
        }
    }
}

fn open_usb(serial: &str) -> Result<UsbTransport, PhoneError> {
    let context = context()?;
    let devices = adb_devices(&context)?;
    let seen: Vec<(Found, &Device<Context>)> = devices.iter().map(|device| (look(device, false), device)).collect();
    let mut fitting = seen.iter().filter(|(found, _)| found.serial.as_deref() == Some(serial));
    match (fitting.next(), fitting.count()) {
        (Some((_, device)), 0) => UsbTransport::claim(device),
        (Some(_), more) => Err(PhoneError::SeveralAlike(more + 1)),
        (None, _) if seen.iter().any(|(found, _)| found.state == UsbState::NoPermission) => Err(PhoneError::NoPermission),
        (None, _) => Err(PhoneError::NotFound),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_usb_is_an_answer_and_not_a_panic() {
        match list_usb() {
            Ok(found) => assert!(found.iter().all(|f| f.bus > 0)),
            Err(error) => assert!(matches!(error, PhoneError::NoUsbOnThisHost), "{error}"),
        }
    }

    #[test]
    fn only_loopback_is_spoken_to_outside_the_lab() {
        let reach = Reach::Tcp { address: "192.0.2.1:5555".parse().unwrap(), lab: false };
        let key = AdbKey::generate().unwrap();
        let error = connect(&reach, &key, Patience::default(), Cancel::default(), &mut |_| {}).unwrap_err();
        assert!(matches!(error, PhoneError::NotLoopback));
    }
}
