//! The folder `SignalBackups`: snapshots that share a folder of media.
//!
//! A [`RecoveryKey`] and the `metadata` of a snapshot give [`Keys`]; [`Keys::main`] checks `main` as a whole, and [`Main::frames`]
//! streams it; [`media`] opens one file of the shared folder, by the names that frames give. The backup that Signal keeps on its
//! servers looks alike and cannot be opened with the recovery key alone: it is told apart and refused.

mod error;
mod frames;
pub mod media;
mod metadata;
mod recovery_key;
mod sealed;

pub use error::FolderError;
pub use frames::{BOUNDS, Frames, Limits};
pub use metadata::{Keys, Main, Metadata};
pub use recovery_key::{KeyError, RecoveryKey};

#[cfg(test)]
mod tests;
