//! mobilebackup2: a loop of our own (`reference/ios.md` §2). The phone sends everything; what is not wanted is drained here.
//!
//! Requests that exist in the service and not in this room: restore, erase, switching iCloud backup.

mod code;
mod host;
mod message;
mod notices;
mod path;
mod run;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]
mod scripted;
mod sync_lock;

use super::{
    error::IphoneError,
    lockdown::{Escrow, Session},
};
pub use code::Code;
pub use host::{BackupEvent, Ended, Host, HostError, Listed, Take};
use notices::Notices;
pub use run::{Kind, Outcome};
use secrecy::SecretString;
use sync_lock::SyncLock;

const SERVICE: &str = "com.apple.mobilebackup2";

/// Makes a backup, holding the synchronisation lock. An outcome whose code is not [`Code::Done`] is no error here.
pub fn backup(session: &mut Session<'_>, kind: Kind, host: &mut dyn Host) -> Result<Outcome, IphoneError> {
    let mut notices = Notices::open(session)?;
    notices.post("com.apple.itunes-mobdev.syncWillStart")?;
    let mut lock = SyncLock::open(session)?;
    notices.post("com.apple.itunes-mobdev.syncLockRequest")?;
    lock.lock()?;
    let outcome = locked(session, &mut notices, kind, host);
    lock.release();
    let _ = notices.post("com.apple.itunes-mobdev.syncDidFinish");
    outcome
}

fn locked(session: &mut Session<'_>, notices: &mut Notices, kind: Kind, host: &mut dyn Host) -> Result<Outcome, IphoneError> {
    notices.post("com.apple.itunes-mobdev.syncDidStart")?;
    let mut line = session.service(SERVICE, Escrow::With)?;
    let patience = session.patience();
    run::run(&mut line, session.udid(), kind, patience, &mut || notices.look(), host)
}

/// Sets the backup password of a phone that has none; its holder types the passcode. The password must be in the vault already:
/// a line that breaks here leaves open whether the phone took it.
pub fn set_password(session: &mut Session<'_>, new: &SecretString, host: &mut dyn Host) -> Result<Code, IphoneError> {
    change(session, None, Some(new), host)
}

/// Takes the backup password off, at the holder's request.
pub fn remove_password(session: &mut Session<'_>, old: &SecretString, host: &mut dyn Host) -> Result<Code, IphoneError> {
    change(session, Some(old), None, host)
}

fn change(
    session: &mut Session<'_>,
    old: Option<&SecretString>,
    new: Option<&SecretString>,
    host: &mut dyn Host,
) -> Result<Code, IphoneError> {
    let mut notices = Notices::open(session)?;
    let mut line = session.service(SERVICE, Escrow::With)?;
    let patience = session.patience();
    run::password(&mut line, session.udid(), old, new, patience, &mut || notices.look(), host)
}
