//! A phone on USB: discovery, identity, preflight, acquisition.
//!
//! # Before the first line of code: permissions, drivers, udev
//!
//! * **Linux.** A plain user may not open a USB device. Install `udev/51-uitlezen-android.rules` (in the root of this
//!   repository) and plug the phone in again; without it [`android::Found::state`] says
//!   [`android::UsbState::NoPermission`] and carries the rule. Without usbfs (most containers) there is no USB at all:
//!   [`PhoneError::NoUsbOnThisHost`].
//! * **An adb server** (Android Studio, `adb devices`) holds the phone's interface: [`PhoneError::Busy`]. Go through it with
//!   [`android::Reach::Server`], or `adb kill-server`. We never start one.
//! * **On the phone**: developer options on, USB debugging on; some phones also want USB mode "File transfer". When the
//!   phone does not know this station it asks "Allow USB debugging?", on the unlocked screen only.
//! * **iPhone**: the daemon `usbmuxd` must run ([`iphone::IphoneError::NoUsbmuxd`]; Debian package of that name). No udev rule
//!   of ours is needed: the daemon holds the device. On the phone: unlock, tap Trust, type the passcode.
//! * macOS and Windows: libusb works on both (Windows with the WinUSB driver); not tried.
//!
//! # How it fits
//!
//! `readout` runs this crate in a child process, the *link child*, which may do nothing else: a hostile phone then takes
//! down that child at worst. What a phone says is bounded before it is believed, and the four answers "refused", "absent",
//! "empty" and "could not tell" stay apart ([`Fact`], [`android::Outcome`]). This crate knows bytes and names; what an app
//! keeps where is the business of `apps`, which hands in patterns.
//!
//! [`android`] speaks adb. [`iphone`] speaks to the `usbmuxd` daemon, and through it to lockdownd and the backup service.

pub mod android;
mod cancel;
mod error;
mod fact;
pub mod iphone;

pub use cancel::Cancel;
pub use error::{Fault, PhoneError, Refusal, Remedy};
pub use fact::Fact;
