//! The phone's half of the adb protocol, over any pair of byte streams (`reference/android.md §1.1`).
//!
//! A connection has one thread that reads messages and one per open stream; the fronts call [`serve`] and nothing else.
//! Layout of the room: [`message`] frames, [`auth`] who may come in, `connection` what a message leads to, `stream` one
//! flow-controlled stream, `shell_service` and `sync` what runs on it.

pub mod auth;
pub mod message;

mod connection;
mod shell_service;
mod stream;
mod sync;
mod wire;

pub use auth::{Accept, Answer, PublicKey};
pub use connection::serve;
pub use wire::Hangup;

use std::io;

/// Why a connection ended, from the phone's point of view.
#[derive(Debug, thiserror::Error)]
pub enum AdbError {
    /// The other side went away, or the wire broke.
    #[error("the wire broke: {0}")]
    Wire(#[from] io::Error),
    /// The host sent something that is no message of this protocol.
    #[error(transparent)]
    Message(#[from] message::MessageError),
    /// The host sent more than the window it was given.
    #[error("the host overran the window of a stream")]
    Overrun,
}
