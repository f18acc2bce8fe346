//! The link: a phone, or a folder that holds a phone's files, behind a child process.

mod client;
mod files;
mod message;
mod serve;

pub use client::{Link, LinkError, Receiver};
pub use message::{AddressBook, Blind, Identity, LinkFailure, Outcome, Package, Preflight, Reach, Said};
pub(crate) use message::{Secret, VIA_SERVER};
pub(crate) use serve::serve;
