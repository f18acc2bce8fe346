//! The link: a phone, or a folder that holds a phone's files, behind a child process.
//!
//! An iPhone takes two of them. The first speaks to the phone and hands on its backup as it comes, encrypted; the second reads
//! that backup out of the work store, as it reads one in a folder, and never sees a phone.

mod chooser;
mod client;
mod files;
mod granted;
mod holder_backup;
mod iphone;
mod iphone_backup;
mod message;
mod serve;

pub(crate) use chooser::stored_id;
pub use client::{Connecting, Link, LinkError, Listed, Receiver};
pub use granted::{BackupReceiver, Previous};
pub(crate) use iphone::CATALOGUE;
pub use message::{
    AddressBook, BackedUp, Blind, Credentials, Identity, IphoneFacts, IphoneHost, LinkFailure, OtherProfile, Outcome, Package,
    PasswordSaid, Preflight, Reach, Said, Secret, Supervision,
};
pub(crate) use message::{FROM_FILES, VIA_SERVER};
pub(crate) use serve::serve;

/// What the link child may say: a reply of the closed type, written again. For the fuzzer.
#[doc(hidden)]
#[must_use]
pub fn reply_for_tests(payload: &[u8]) -> Option<Vec<u8>> {
    let reply: message::Reply = crate::pipe::parse(payload).ok()?;
    serde_json::to_vec(&reply).ok()
}
