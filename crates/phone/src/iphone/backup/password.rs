//! Setting the backup password, and taking it away again at the holder's request (reference/ios.md §2.8). The phone asks its
//! passcode for either.

use super::{
    super::{
        error::{Fault, IphoneError},
        phone::{Escrow, Iphone},
        sync_lock::SyncLock,
    },
    SERVICE,
    code::BackupCode,
    device_link::DeviceLink,
    message::Message,
    run::BackupEvent,
    watch::Watch,
};
use secrecy::{ExposeSecret, SecretString};
use uitlezen_property_list::Value;

/// What is to become of the password. One that exists is never replaced.
#[derive(Debug)]
pub enum PasswordChange<'a> {
    /// Where there is none.
    Set(&'a SecretString),
    /// With the password that is on the phone.
    Remove(&'a SecretString),
}

/// Why it is not known to be done.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The request never went out: the phone is as it was.
    #[error("the phone was not asked: {0}")]
    NotAsked(#[source] IphoneError),
    /// The phone answered: it is as it was.
    #[error("the phone refused: {0}")]
    Refused(#[source] BackupCode),
    /// It was asked and no answer came. Whether there is a password now, the phone's `WillEncrypt` says later.
    #[error("the phone was asked and did not answer: {0}")]
    Unknown(#[source] IphoneError),
}

/// An empty password is refused here: to the phone it would mean "none".
pub fn change_password(
    phone: &Iphone<'_>,
    change: &PasswordChange<'_>,
    on: &mut dyn FnMut(BackupEvent),
) -> Result<(), PasswordError> {
    let (key, password) = match change {
        PasswordChange::Set(password) => ("NewPassword", password),
        PasswordChange::Remove(password) => ("OldPassword", password),
    };
    if password.expose_secret().is_empty() {
        return Err(PasswordError::NotAsked(IphoneError::Backup(BackupCode::WrongPassword)));
    }
    let mut lock = SyncLock::take(phone).map_err(PasswordError::NotAsked)?;
    let result = match phone.service(SERVICE, Escrow::With).and_then(DeviceLink::open) {
        Ok(mut link) => {
            let mut request = Value::of([("MessageName", "ChangePassword"), ("TargetIdentifier", phone.udid())]);
            request.set(key, password.expose_secret());
            let watch = Watch::new(link.patience(), &mut lock.notifications, on);
            let result = ask(&mut link, request, watch);
            link.end();
            result
        }
        Err(error) => Err(PasswordError::NotAsked(error)),
    };
    lock.release();
    result
}

pub(super) fn ask(link: &mut DeviceLink, request: Value, mut watch: Watch<'_>) -> Result<(), PasswordError> {
    // Part of it may have gone out when sending fails.
    link.process(request).map_err(PasswordError::Unknown)?;
    let mut tick = watch.between();
    let (message, _) = link.next(&mut tick).map_err(PasswordError::Unknown)?;
    let Message::Process(content) = message else { return Err(PasswordError::Unknown(Fault::Message.into())) };
    match content.get("ErrorCode").and_then(Value::int).map(BackupCode::from_number) {
        Some(None) => Ok(()),
        Some(Some(code)) => Err(PasswordError::Refused(code)),
        None => Err(PasswordError::Unknown(Fault::Answer.into())),
    }
}
