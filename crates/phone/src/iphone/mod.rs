//! An iPhone, through the `usbmuxd` daemon: who it is, what its administrator allows, and its own backup, taken by a loop of
//! our own (`reference/ios.md`).
//!
//! All of it is written on plain sockets with rustls. Crate `idevice`, which knows the same services, allocates whatever length
//! a phone claims, has no time-outs, prints requests with passwords and private keys at debug level, sends the root's private
//! key to the phone, panics on a malformed key and knows no supervised pairing (`reference/crates.md` §3).
//!
//! The order of things: [`Muxer`] finds the phone, [`pair`] makes a [`PairRecord`] (which the caller keeps: nothing here knows
//! a file), an [`Iphone`] asks ([`Iphone::identity`], [`Iphone::preflight`]), [`backup::backup`] makes the backup and hands each
//! file to a [`backup::Host`]. The phone is only read, apart from pairing, the lock file of the synchronising tools, the backup
//! service's own session, and [`backup::change_password`].

mod apps;
pub mod backup;
mod certificate;
mod discovery;
mod error;
#[doc(hidden)]
#[allow(clippy::panic)] // a panic is how it reports
pub mod fuzzing;
mod identity;
mod line;
mod lockdown;
mod lockdown_error;
mod management;
mod message;
mod notification;
mod pairing;
mod patience;
mod phone;
mod preflight;
mod record;
mod supervision;
mod sync_lock;
mod tls;
mod usbmux;

pub use apps::AppInstall;
pub use discovery::{Attached, MuxAddress, Muxer};
pub use error::{Fault, IphoneError, KeyFault};
pub use identity::{Identity, info_plist};
pub use lockdown_error::LockdownError;
pub use management::Management;
pub use pairing::{PairEvent, is_paired, pair, unpair};
pub use patience::Patience;
pub use phone::Iphone;
pub use preflight::{Battery, Preflight};
pub use record::{PairRecord, StationId};
pub use supervision::SupervisionIdentity;
