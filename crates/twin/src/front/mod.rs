//! Ways to reach a virtual phone.
//!
//! [`tcp`] for `adb connect` and everything that speaks adb over a socket; [`functionfs`] for a real USB bus, as seen from the
//! kernel's device side.

#[cfg(target_os = "linux")]
pub mod functionfs;
pub mod tcp;

use std::{io, net::SocketAddr};

/// Why a front could not be opened or kept.
#[derive(Debug, thiserror::Error)]
pub enum FrontError {
    /// A virtual phone is for this machine only.
    #[error("{0} is not a loopback address")]
    NotLoopback(SocketAddr),
    /// An adb server looks for emulators there by itself, and would take the phone for one.
    #[error("port {0} is one of 5555 to 5585, which an adb server scans for emulators")]
    EmulatorPort(u16),
    #[error(transparent)]
    Io(#[from] io::Error),
}
