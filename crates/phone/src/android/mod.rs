//! Android over adb: a session of our own over USB or TCP, or through an adb server that already holds the phone.
//!
//! Everything above a link ([`identity`], [`preflight`], [`list`], [`acquire`], [`contacts`], [`probe`]) works on
//! `&mut dyn AndroidLink` and so on either kind. The phone is only read: no command here writes, installs or removes.

mod acquisition;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr)]
mod captured;
mod contacts;
mod content;
mod direct;
mod discovery;
mod handshake;
mod identity;
mod key;
mod link;
mod listing;
mod message;
mod patience;
mod preflight;
mod probe;
mod server;
mod session;
mod shell;
mod shell_files;
mod sync;
mod transport;
mod usb;
mod users;

pub use acquisition::{Acquire, Acquired, HashRule, Outcome, Sink, acquire, head};
pub use contacts::{Contact, Contacts, contacts};
pub use direct::DirectLink;
pub use discovery::{Found, Reach, UDEV_RULE, UsbState, connect, glance_usb, list_usb, wait_for};
pub use handshake::{AuthEvent, Banner};
pub use identity::{Clock, Identity, Warning, identity};
pub use key::{AdbKey, KeyError};
pub use link::{AndroidLink, Listed};
pub use listing::{Anywhere, Listing, ListingLimits, RefusedFolder, Skipped, Wanted, list, list_anywhere, path_of};
pub use patience::{Cancel, Patience};
pub use preflight::{AppInstall, Battery, Preflight, PreflightQuery, preflight};
pub use probe::{ProbeOptions, probe};
pub use server::{ServerDevice, ServerLink, adb_server_running, server_devices};
pub use shell::{Channel, OnOutput, Output, quote};
pub use sync::{Entry, Kind, Stat};
pub use transport::{TcpTransport, Transport, Via};
pub use usb::UsbTransport;
pub use users::{User, users};
