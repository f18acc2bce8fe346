//! An iPhone over usbmuxd: discovery, pairing, preflight (`reference/ios.md` §1), and the [`backup`] itself.
//!
//! # Why no library
//!
//! Crate `idevice` was looked at for all of this and is used for nothing: it allocates every length that the phone claims, waits
//! without limit, writes pair records and passwords to its log at `debug`, sends the root's private key to the phone, panics on a
//! malformed device key, knows no supervision, and its backups lose the phone's file names and errors (`reference/crates.md` §3).
//! What would be left of it is framing. So this room speaks on plain sockets, with TLS by rustls and every list through
//! `uitlezen_property_list` under limits.
//!
//! # Layout
//!
//! `line` bytes with a watchdog, `list` framed property lists; [`Mux`] the phones on USB; [`Lockdown`] values and sessions;
//! `record` and `certificate` what a pairing is made of, [`pair`] and [`Supervisor`] how it comes about; [`preflight`].
//!
//! # What it never does
//!
//! Write a pair record to disk or to usbmuxd's folder, take a phone over Wi-Fi, switch Wi-Fi sync on, restore, erase, install.

pub mod backup;
mod certificate;
mod discovery;
mod error;
mod line;
mod list;
mod lockdown;
mod pairing;
mod patience;
mod preflight;
mod record;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
mod scripted;
mod supervision;
mod tls;

pub use discovery::{Address, Found, Mux};
pub use error::{Breach, IphoneError, LockdownRefusal, MuxRefusal};
pub use line::Line;
pub use lockdown::{Lockdown, Session};
pub use pairing::{PairEvent, pair, unpair};
pub use patience::Patience;
pub use preflight::{App, Policy, Preflight, preflight};
pub use record::{HostIdentity, PairRecord};
pub use supervision::Supervisor;
