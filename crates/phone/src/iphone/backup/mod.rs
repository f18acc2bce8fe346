//! The backup service (`com.apple.mobilebackup2`), spoken by a loop of our own (reference/ios.md §2). The phone drives: it asks
//! for folders, free space, files of the previous run, and sends what is new; there is no filter on its side, so what is not
//! wanted is drained here, counted and never handed on.
//!
//! Only two requests exist here, `Backup` and `ChangePassword`. The service also erases and restores; no code for that.
//!
//! Layout: `device_link` the bytes, `message` what they say, `path` names below the root, `exchange` files in both directions,
//! `catalogue` what is there, `run` the loop, `watch` its limits, `host` the caller's side.

mod catalogue;
mod code;
mod counts;
mod device_link;
mod exchange;
mod host;
mod message;
mod password;
mod path;
mod run;
mod status;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stderr)]
mod tests;
mod watch;

pub use catalogue::Catalogue;
pub use code::BackupCode;
pub use counts::Counts;
pub use host::{Change, FileEnd, Host, Incoming, Take};
pub use password::{PasswordChange, PasswordError, change_password};
pub use path::BackupPath;
pub(crate) use run::run_alone;
pub use run::{BackupEvent, BackupRequest, Ended, backup};
pub use status::Status;

const SERVICE: &str = "com.apple.mobilebackup2";
