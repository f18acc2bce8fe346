//! What goes on while bytes are waited for: the limits, and what the phone's screen shows.

use super::{
    super::{
        error::IphoneError,
        notification::{Notice, Notifications},
        patience::Patience,
    },
    run::BackupEvent,
};
use std::time::{Duration, Instant};

/// Time between two looks at the notifications while bytes flow.
const LOOK: Duration = Duration::from_millis(250);

pub(crate) struct Watch<'a> {
    patience: Patience,
    notifications: Option<&'a mut Notifications>,
    on: &'a mut dyn FnMut(BackupEvent),
    passcode_since: Option<Instant>,
    looked: Instant,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(patience: Patience, notifications: &'a mut Notifications, on: &'a mut dyn FnMut(BackupEvent)) -> Self {
        Self { patience, notifications: Some(notifications), on, passcode_since: None, looked: Instant::now() }
    }

    /// Without notifications.
    pub(crate) fn alone(patience: Patience, on: &'a mut dyn FnMut(BackupEvent)) -> Self {
        Self { patience, notifications: None, on, passcode_since: None, looked: Instant::now() }
    }

    /// The phone goes on: it has its passcode, or does without.
    pub(crate) fn heard(&mut self) {
        if self.passcode_since.take().is_some() {
            (self.on)(BackupEvent::PasscodeGone);
        }
    }

    pub(crate) fn tell(&mut self, event: BackupEvent) {
        (self.on)(event);
    }

    /// Between two messages: the phone thinks, or waits for its passcode.
    pub(crate) fn between(&mut self) -> impl FnMut(Duration) -> Result<(), IphoneError> {
        move |waited| self.look(waited, self.patience.thinking)
    }

    /// Within a message or a file.
    pub(crate) fn within(&mut self) -> impl FnMut(Duration) -> Result<(), IphoneError> {
        move |waited| self.look(waited, self.patience.silence)
    }

    fn look(&mut self, waited: Duration, most: Duration) -> Result<(), IphoneError> {
        if !waited.is_zero() || self.looked.elapsed() >= LOOK {
            self.looked = Instant::now();
            while let Some(notice) = self.notifications.as_mut().map_or(Ok(None), |n| n.glance())? {
                match notice {
                    Notice::Cancel => return Err(IphoneError::CancelledOnPhone),
                    Notice::PasscodeShown => {
                        self.passcode_since = Some(Instant::now());
                        (self.on)(BackupEvent::PasscodeAsked);
                    }
                    Notice::PasscodeGone => {
                        if self.passcode_since.take().is_some() {
                            (self.on)(BackupEvent::PasscodeGone);
                        }
                    }
                }
            }
        }
        match self.passcode_since.map(|since| since.elapsed()) {
            Some(asked) if asked >= self.patience.passcode && !waited.is_zero() => Err(IphoneError::Silent { waited: asked }),
            Some(_) => Ok(()),
            None if waited >= most => Err(IphoneError::Silent { waited }),
            None => Ok(()),
        }
    }
}
