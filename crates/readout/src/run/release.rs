//! Letting go of an iPhone, when its holder asks or leaves office without a last readout: the password that this station set
//! goes off its backups, the phone forgets the station, and the station what it keeps of the phone.
//!
//! A password of the holder's own is never touched. One of ours stays in the vault until the phone has said that it is gone.

use super::{PasswordState, RunError, RunKeeper, same_phone};
use crate::{
    Cancel, Event, HolderTask, Listener,
    child::Program,
    link::{Connecting, Credentials, Link, LinkFailure, PasswordSaid, Reach, Said},
};
use std::time::Duration;
use uitlezen_phone::iphone::backup::BackupCode;

/// What became of the password of the phone's backups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Released {
    /// It was ours and is gone.
    PasswordRemoved,
    /// The backups have none.
    NoPassword,
    /// There is one, and it is the holder's.
    HoldersOwn,
}

/// The phone, how it is reached, and how long its holder is waited for.
#[derive(Debug)]
pub struct Releasing<'a> {
    pub phone: &'a str,
    pub reach: &'a Reach,
    pub program: &'a Program,
    pub wait: Duration,
}

impl Releasing<'_> {
    /// The phone must be on the cable and its holder beside it.
    pub fn go(&self, keeper: &mut dyn RunKeeper, listener: &mut dyn Listener, cancel: &Cancel) -> Result<Released, RunError> {
        let _claim = keeper.claim(self.phone)?;
        let mut on = |task| listener.event(Event::HolderNeeded { task });
        let mut link = Link::start(self.program, self.reach, None, cancel)?;
        let credentials = Credentials { iphone: Some(keeper.iphone_host(self.phone)?), ..Credentials::default() };
        link.connect::<RunError>(self.reach, &credentials, self.wait, |said| match said {
            Connecting::Holder(task) => {
                on(task);
                Ok(())
            }
            Connecting::Paired(record) => keeper.keep_pair_record(self.phone, &record),
        })?;
        let named = link.identify()?.serial;
        if !named.known().is_some_and(|serial| same_phone(true, serial, self.phone)) {
            return Err(RunError::OtherPhone);
        }
        let released = self.password(&mut link, keeper, &mut on)?;
        link.unpair()?;
        keeper.forget_iphone(self.phone)?;
        Ok(released)
    }

    fn password(
        &self,
        link: &mut Link,
        keeper: &mut dyn RunKeeper,
        on: &mut dyn FnMut(HolderTask),
    ) -> Result<Released, RunError> {
        let kept = keeper.backup_password(self.phone)?;
        let ours = kept.filter(|kept| kept.state != PasswordState::Given);
        let released = match (link.encryption()?, ours) {
            (Said::Known(false), _) => Released::NoPassword,
            (Said::Known(true), None) => return Ok(Released::HoldersOwn),
            (Said::Known(true), Some(kept)) => {
                on(HolderTask::PasscodeForPassword);
                match link.change_password(&kept.password, true, &mut *on)? {
                    PasswordSaid::Done => Released::PasswordRemoved,
                    // An unanswered request of ours had not set it, or the holder has changed it since.
                    PasswordSaid::AsItWas(LinkFailure::Code(BackupCode::WrongPassword)) => Released::HoldersOwn,
                    PasswordSaid::AsItWas(failure) | PasswordSaid::Unknown(failure) => return Err(RunError::Phone(failure)),
                }
            }
            _ => return Err(RunError::EncryptionUnknown),
        };
        keeper.forget_backup_password(self.phone)?;
        Ok(released)
    }
}

/// For a phone that is gone: lost, broken, or wiped. What the station keeps of it is destroyed, its password too.
pub fn forget(phone: &str, keeper: &mut dyn RunKeeper) -> Result<(), RunError> {
    let _claim = keeper.claim(phone)?;
    keeper.forget_backup_password(phone)?;
    keeper.forget_iphone(phone)
}
