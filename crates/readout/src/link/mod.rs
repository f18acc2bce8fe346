//! The link: a phone, or a folder that holds a phone's files, behind a child process.

mod client;
mod files;
mod iphone_backup;
mod message;
mod serve;

pub use client::{Link, LinkError, Receiver};
pub use message::{AddressBook, Blind, Identity, LinkFailure, Outcome, Package, Preflight, Reach, Said};
pub(crate) use message::{FROM_FILES, Secret, VIA_SERVER};
pub(crate) use serve::serve;

/// What the link child may say: a reply of the closed type, written again. For the fuzzer.
#[doc(hidden)]
#[must_use]
pub fn reply_for_tests(payload: &[u8]) -> Option<Vec<u8>> {
    let reply: message::Reply = crate::pipe::parse(payload).ok()?;
    serde_json::to_vec(&reply).ok()
}
