//! Virtual phones that speak the real protocols, and the generator of what is on them.
//!
//! Why: without a phone on the desk, everything above the wire can still be tried against something that answers like one,
//! byte by byte, and that can be told to misbehave. Called only by the `demo` and `twin` commands, tests and benches.
//!
//! * [`device`]: the phone itself (identity, files, packages, address book, shell, faults, and a record of what was asked)
//! * [`adb`]: the phone's half of the adb protocol over any pair of byte streams
//! * [`front`]: ways to reach it: TCP on loopback, and FunctionFS (the kernel's USB device side)
//! * [`backup`]: backups as an iPhone makes them, encrypted or not
//! * [`iphone`]: a virtual iPhone, behind a usbmuxd of its own
//! * [`content`]: the generator that fills a phone with realistic files
//!
//! What it does not do: it is no oracle. What the references call unverified is not supplied here as if it were known.

pub mod adb;
pub mod backup;
pub mod content;
pub mod device;
pub mod front;
pub mod iphone;

mod bytes;

pub use bytes::{Digested, FileBytes, OnDisk, Patterned, SpellsDone};
