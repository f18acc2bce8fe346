//! The phone at the end of a cable: the device's side of usbmux, before the host's own daemon (`reference/rig.md`).
//!
//! Whoever sets up the gadget gives it what the daemon looks for: vendor 05ac, a product of its range ([`PRODUCT`]), and as
//! serial number the UDID without its hyphen ([`serial`]). The daemon sets the highest configuration up to the fourth and takes
//! the interface of class 255/254/2 there.
//!
//! [`packet`] the bytes; `stream` one stream's numbers; `mux` a session and its relays; `function` the kernel's endpoints.

#[cfg(target_os = "linux")]
mod function;
#[cfg(test)]
mod host;
mod mux;
pub mod packet;
mod stream;

use super::Iphone;
use std::{
    io::{self, Read},
    sync::Arc,
};

#[cfg(target_os = "linux")]
pub use function::run;
pub use mux::MuxError;

/// Apple's.
pub const VENDOR: u16 = 0x05ac;
/// One of the daemon's range (1290 to 12af).
pub const PRODUCT: u16 = 0x12a8;

/// The serial number that a phone gives over USB.
pub fn serial(phone: &Iphone) -> String {
    phone.identity().udid.replace('-', "")
}

/// Where packets to the host go, each as one transfer.
pub trait Outlet: Send {
    fn send(&mut self, packet: &[u8]) -> io::Result<()>;
}

/// Serves one host over any pipe, until the pipe ends or the host says something that no host says.
pub fn serve(phone: &Arc<Iphone>, input: impl Read, output: Box<dyn Outlet>) -> Result<(), MuxError> {
    mux::serve(phone, input, output)
}
